"""On-premises networks behind a transit gateway: VPN connections and Direct Connect, there and back."""

from __future__ import annotations

import pytest
from networks import VPC, Row, ask, changed, check, names, way

HOW = "https://docs.aws.amazon.com/vpc/latest/tgw/how-transit-gateways-work.html"
VPNS = "https://docs.aws.amazon.com/vpc/latest/tgw/tgw-vpn-attachments.html"
STATIC = "https://docs.aws.amazon.com/vpn/latest/s2svpn/vpn-edit-static-routes.html"
DIRECT = "https://docs.aws.amazon.com/directconnect/latest/UserGuide/direct-connect-transit-gateways.html"
ALLOWED = "https://docs.aws.amazon.com/directconnect/latest/UserGuide/allowed-to-prefixes.html"
FAMILIES = "https://docs.aws.amazon.com/vpn/latest/s2svpn/ipv4-ipv6.html"
NAT = f"{VPC}nat-gateway-basics.html"

BASE = """
vpcs: {vpc: 10.0.0.0/16, other: 10.1.0.0/16}
subnets:
  net: {vpc: vpc, cidr: 10.0.1.0/24}
  public: {vpc: vpc, cidr: 10.0.0.0/24}
  other-net: {vpc: other, cidr: 10.1.1.0/24}
internet_gateways: {igw: vpc}
nat_gateways: {nat: {subnet: public, ip: 10.0.0.5}}
on_premises: {office: {prefixes: 192.168.0.0/16, ip: 192.168.1.5}}
customer_gateways: {router: office}
vpn_connections: {vpn: {transit_gateway: tgw, customer_gateway: router}}
transit_gateways: {tgw: {}}
transit_gateway_attachments:
  att: {transit_gateway: tgw, vpc: vpc, subnets: net}
  other-att: {transit_gateway: tgw, vpc: other, subnets: other-net}
route_tables:
  table: {vpc: vpc, subnets: net, routes: {192.168.0.0/16: tgw, 10.1.0.0/16: tgw, 0.0.0.0/0: nat}}
  public-table: {vpc: vpc, subnets: public, routes: {0.0.0.0/0: igw, 192.168.0.0/16: tgw}}
  other-table: {vpc: other, subnets: other-net, routes: {0.0.0.0/0: tgw}}
security_groups: {open: {vpc: vpc, ingress: all from 0.0.0.0/0}, other-open: {vpc: other, ingress: all from 0.0.0.0/0}}
instances:
  app: {subnet: net, ip: 10.0.1.10, security_groups: open}
  other-app: {subnet: other-net, ip: 10.1.1.10, security_groups: other-open}
"""
ASK = "app -> office 443/tcp"
APP = "app app/net net tgw"
OUT, IN = f"{APP} vpn/attachment vpn office", "office vpn vpn/attachment tgw net app/net app"
TABLE = "tgw/default-route-table"
DEFAULTS = "transit_gateway: tgw, default_association: true, default_propagation: true"
NOT_BY_VPN = "vpn_connections: {vpn: null}\ncustomer_gateways: {router: null}"
BY_DIRECT_CONNECT = f"""{NOT_BY_VPN}
direct_connect_gateways: {{dxgw: tgw 10.0.0.0/16}}
virtual_interfaces: {{vif: {{type: transit, direct_connect_gateway: dxgw, network: office}}}}
"""
DX_OUT = f"{APP} dxgw/tgw/attachment dxgw vif office"
DX_IN = "office vif dxgw dxgw/tgw/attachment tgw net app/net app"
STATIC_VPN = "vpn_connections: {vpn: {static_routes: 192.168.0.0/16}}"
TWO_VPNS = "vpn_connections: {more: {transit_gateway: tgw, customer_gateway: router}}"


def routes(text: str) -> str:
    return f"transit_gateway_route_tables: {{{TABLE}: {{{DEFAULTS}, routes: {{{text}}}}}}}"


ROWS = [
    Row("VPN: out", VPNS, "", ASK, OUT, IN),
    Row("VPN: in", VPNS, "", "office -> app 22/tcp", IN, OUT),
    Row(
        "VPN: in to the other VPC", HOW, "", "office -> other-app 22/tcp",
        "office vpn vpn/attachment tgw other-net other-app/other-net other-app",
        "other-app other-app/other-net other-net tgw vpn/attachment vpn office",
    ),
    Row("VPN: icmp", VPNS, "", "app -> office icmp", OUT, IN),
    Row("VPN: static routes do not propagate", STATIC, STATIC_VPN, ASK, APP, "", f"no_route TGW_RTB_CANNOT_ROUTE {TABLE}"),
    Row(
        "VPN: a static route of the table", STATIC, f"{STATIC_VPN}\n{routes('192.168.0.0/16: vpn/attachment')}", ASK, OUT, IN,
    ),
    Row(
        "VPN: down, so nothing propagates", VPNS, "vpn_connections: {vpn: {tunnels: [DOWN, DOWN]}}", ASK, APP, "",
        f"no_route TGW_RTB_CANNOT_ROUTE {TABLE}",
    ),
    Row(
        "VPN: down, with a static route", VPNS,
        "vpn_connections: {vpn: {tunnels: [DOWN, DOWN]}}\n" + routes("192.168.0.0/16: vpn/attachment"), ASK,
        f"{APP} vpn/attachment vpn", "", "denied TGW_BAD_STATE_VPN vpn",
    ),
    Row(
        "VPN: no way back", HOW, "route_tables: {table: {routes: {192.168.0.0/16: null, 0.0.0.0/0: null}}}",
        "office -> app 22/tcp", IN, "app app/net net", "no_route NO_ROUTE_TO_DESTINATION table",
    ),
    Row(
        "VPN: to the internet by the NAT gateway of a VPC", NAT, routes("0.0.0.0/0: att"), "office -> 203.0.113.99 443/tcp",
        "office vpn vpn/attachment tgw net nat/public nat public igw internet",
        "internet igw nat/public nat public tgw vpn/attachment vpn office",
    ),
    Row("Direct Connect: out", DIRECT, BY_DIRECT_CONNECT, ASK, DX_OUT, DX_IN),
    Row("Direct Connect: in", DIRECT, BY_DIRECT_CONNECT, "office -> app 22/tcp", DX_IN, DX_OUT),
    Row(
        "Direct Connect: not an allowed prefix", ALLOWED, BY_DIRECT_CONNECT, "office -> other-app 22/tcp", "office", "",
        "no_route NO_ROUTE_TO_DESTINATION office",
    ),
    Row(
        "Direct Connect before VPN", HOW, BY_DIRECT_CONNECT.replace(NOT_BY_VPN, ""), ASK, DX_OUT, DX_IN,
    ),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=names(ROWS))
def test_between_a_vpc_and_an_office(row: Row) -> None:
    check(BASE, row)


def test_of_connections_that_announce_the_same_each_is_tried() -> None:
    """They share the traffic: https://docs.aws.amazon.com/vpc/latest/tgw/how-transit-gateways-work.html"""
    answer = ask(changed(BASE, TWO_VPNS), ASK)
    ways = [way(trip.there) for trip in answer.trips]
    assert ways == [f"{APP} {vpn}/attachment {vpn} office" for vpn in ("more", "vpn")]
    assert answer.verdict == "reachable"


def test_one_that_is_down_shares_nothing() -> None:
    """It announces nothing: https://docs.aws.amazon.com/vpn/latest/s2svpn/vpn-route-priority.html"""
    down = TWO_VPNS.replace("router}", "router, tunnels: [DOWN, DOWN]}")
    assert [way(trip.there) for trip in ask(changed(BASE, down), ASK).trips] == [OUT]


def test_the_attachment_of_an_association_is_not_made_twice() -> None:
    """https://docs.aws.amazon.com/directconnect/latest/UserGuide/direct-connect-transit-gateways.html"""
    spelled = "{transit_gateway: tgw, type: direct-connect-gateway, resource: dxgw}"
    net = changed(BASE, f"{BY_DIRECT_CONNECT}\ntransit_gateway_attachments: {{dx-att: {spelled}}}")
    found = [a.id for a in net.topology.of_kind("transit_gateway_attachment")]
    assert found == ["att", "other-att", "dx-att"]
    assert ask(net, ASK).reachable
