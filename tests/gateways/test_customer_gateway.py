"""Customer gateways: which network stands behind a VPN connection."""

from __future__ import annotations

from networks import Row, changed, check, network

CGW = "https://docs.aws.amazon.com/vpn/latest/s2svpn/cgw-options.html"

BASE = """
vpcs: {vpc: 10.0.0.0/16}
subnets: {net: 10.0.1.0/24}
customer_gateways: {router: {ip: 198.51.100.1}}
vpn_gateways: {vgw: {propagates_to: table}}
vpn_connections: {vpn: {vpn_gateway: vgw, customer_gateway: router, static_routes: [192.168.0.0/16, 172.16.0.0/16]}}
route_tables: {table: {subnets: net}}
security_groups: {open: {ingress: all from 0.0.0.0/0}}
instances: {app: {subnet: net, ip: 10.0.1.10, security_groups: open}}
"""
OUT, IN = "app app/net net vgw vpn router/network", "router/network vpn vgw app/net app"


def test_static_routes_tell_what_is_behind_it() -> None:
    check(BASE, Row("out", CGW, "", "app -> 172.16.1.5 443/tcp", OUT, IN))
    check(BASE, Row("in", CGW, "", "192.168.1.5 -> app 443/tcp", IN, OUT))


def test_without_a_connection_it_leads_nowhere() -> None:
    row = Row("no VPN", CGW, "vpn_connections: {vpn: null}", "192.168.1.5 -> app 443/tcp", "router/network", "", "")
    check(BASE, row._replace(end="no_route NO_ROUTE_TO_DESTINATION router/network"))


def test_two_connections_of_one_gateway() -> None:
    """https://docs.aws.amazon.com/vpn/latest/s2svpn/vpn-route-priority.html"""
    more = "vpn_connections: {more: {vpn_gateway: vgw, customer_gateway: router, static_routes: 10.99.0.0/16}}"
    check(BASE, Row("more", CGW, more, "app -> 10.99.1.5 443/tcp", OUT.replace("vpn", "more"), IN))


def test_its_edges() -> None:
    net = network(BASE)
    assert [(link.source, link.target) for link in net.topology.resources["router"].links(net)] == [("router", "router/network")]


def test_a_network_of_two_gateways_is_one() -> None:
    twin = "customer_gateways: {router: {network: office}, twin: {network: office}}\non_premises: {office: 192.168.0.0/16}"
    net = changed(BASE, twin)
    assert [r.id for r in net.topology.of_kind("on_premises_network")] == ["office"]
