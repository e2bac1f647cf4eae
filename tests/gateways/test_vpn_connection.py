"""VPN connections: what they announce, what they carry, and how templates spell them."""

from __future__ import annotations

from pathlib import Path

import pytest
from networks import ERRORS, Refusal, Row, changed, check, names, refused

import vpcsim

ROUTING = "https://docs.aws.amazon.com/vpn/latest/s2svpn/VPNRoutingTypes.html"
CUSTOMER = "https://docs.aws.amazon.com/vpn/latest/s2svpn/cgw-options.html"
SETUP = "https://docs.aws.amazon.com/vpn/latest/s2svpn/SetUpVPNConnections.html"
FAMILIES = "https://docs.aws.amazon.com/vpn/latest/s2svpn/ipv4-ipv6.html"
STATES = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpnConnection.html"
OPTIONS = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpnConnectionOptions.html"

BASE = """
vpcs: {vpc: {cidr: 10.0.0.0/16, Ipv6CidrBlockAssociationSet: [{Ipv6CidrBlock: "2001:db8:1:a00::/56"}]}}
subnets: {net: {cidr: 10.0.1.0/24, ipv6_cidr: "2001:db8:1:a00::/64", assign_ipv6_address_on_creation: true}}
on_premises: {office: {prefixes: [192.168.0.0/16, "2001:db8:ffff::/48"], ip: 192.168.1.5}}
customer_gateways: {router: office}
vpn_gateways: {vgw: {propagates_to: table}}
vpn_connections: {vpn: {vpn_gateway: vgw, customer_gateway: router}}
route_tables: {table: {subnets: net}}
security_groups: {open: {ingress: [all from 0.0.0.0/0, "all from ::/0"], egress: [all to 0.0.0.0/0, "all to ::/0"]}}
instances: {app: {subnet: net, ip: 10.0.1.10, security_groups: open}}
"""
OUT, IN = "app app/net net vgw vpn office", "office vpn vgw app/net app"
ASK = "office -> app 443/tcp"
HTTPS = "app -> 192.168.1.5 443/tcp"
DOWN = "denied BAD_STATE_VPN vpn"
STATIC = "vpn_connections: {vpn: {static_routes: 192.168.1.0/24}}"
ROUTE = "route_tables: {table: {routes: {192.168.0.0/16: vgw}}}"
NO_ROUTE = "no_route NO_ROUTE_TO_DESTINATION"


def vpn(text: str) -> str:
    return f"vpn_connections: {{vpn: {{{text}}}}}"


ROWS = [
    Row("BGP announces what the network has", ROUTING, "", HTTPS, OUT, IN),
    Row("BGP announces less", ROUTING, vpn("announces: 192.168.9.0/24"), HTTPS, "app app/net net", "", f"{NO_ROUTE} table"),
    Row("static routes announce themselves", ROUTING, STATIC, HTTPS, OUT, IN),
    Row("static routes announce nothing else", ROUTING, STATIC, "app -> 192.168.2.5 443/tcp", "app app/net net", "",
        f"{NO_ROUTE} table"),
    Row("beside the static routes, with a wider route", ROUTING, f"{STATIC}\n{ROUTE}", "app -> 192.168.2.5 443/tcp",
        "app app/net net vgw", "", f"{NO_ROUTE} vgw"),
    Row("the answer needs the static route", ROUTING, STATIC, "192.168.2.5 -> app 443/tcp", IN, "app app/net net",
        f"{NO_ROUTE} table"),
    Row("static routing without a route", ROUTING, vpn("Options: {StaticRoutesOnly: true}"), HTTPS, "app app/net net", "",
        f"{NO_ROUTE} table"),
    Row("pending", STATES, vpn("state: pending"), ASK, "office vpn", "", DOWN),
    Row("deleted", STATES, vpn("state: deleted"), ASK, "office vpn", "", DOWN),
    Row("both tunnels down", STATES, vpn("tunnels: [DOWN, DOWN]"), ASK, "office vpn", "", DOWN),
    Row("one tunnel down", STATES, vpn("tunnels: [DOWN, UP]"), ASK, IN, OUT),
    Row("no IPv6 with a virtual private gateway, out", FAMILIES, 'route_tables: {table: {routes: {"2001:db8:ffff::/48": vgw}}}',
        "app -> 2001:db8:ffff::5 443/tcp", "app app/net net vgw", "", f"{NO_ROUTE} vgw"),
    Row("no IPv6 propagates", FAMILIES, "", "app -> 2001:db8:ffff::5 443/tcp", "app app/net net", "", f"{NO_ROUTE} table"),
    Row("inside the networks of the options", OPTIONS,
        vpn("Options: {LocalIpv4NetworkCidr: 192.168.0.0/16, RemoteIpv4NetworkCidr: 10.0.0.0/16}"), ASK, IN, OUT),
    Row("outside the networks of the options", OPTIONS, vpn("Options: {LocalIpv4NetworkCidr: 192.168.9.0/24}"), ASK,
        "office vpn", "", "undecided VPCSIM_NOT_MODELLED vpn"),
    Row("to a transit gateway that the model does not hold", ROUTING,
        "vpn_connections: {vpn: {vpn_gateway: null, transit_gateway: tgw-0123456789abcdef0}}", ASK, "office vpn", "",
        "undecided VPCSIM_NOT_MODELLED vpn"),
    Row("to a gateway that the model does not tell", ROUTING, "vpn_connections: {vpn: {vpn_gateway: null}}", ASK, "office vpn",
        "", "undecided VPCSIM_NOT_MODELLED vpn"),
]  # fmt: skip

REFUSALS = [
    Refusal("two gateways", ERRORS, vpn("transit_gateway: tgw-0123456789abcdef0"), "InvalidParameterCombination", "vpn"),
    Refusal("IPv6 tunnels to a virtual private gateway", FAMILIES, vpn("ip_version: ipv6"), "InvalidParameterValue", "vpn"),
    Refusal(
        "static routes with BGP", ROUTING, vpn("static_routes: 192.168.0.0/16, Options: {StaticRoutesOnly: false}"),
        "InvalidVpnConnection.InvalidType", "vpn",
    ),
    Refusal("one ASN at both ends", SETUP, "customer_gateways: {router: {network: office, asn: 64512}}", "AsnConflict", "vpn"),
    Refusal("a router with an IPv6 address", CUSTOMER, 'customer_gateways: {router: {network: office, ip: "2001:db8::5"}}',
            "InvalidParameterValue", "vpn"),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=names(ROWS))
def test_through_the_tunnel(row: Row) -> None:
    check(BASE, row)


@pytest.mark.parametrize("row", REFUSALS, ids=names(REFUSALS))
def test_what_aws_refuses(row: Refusal) -> None:
    refused(BASE, row)


TEMPLATE = """
Resources:
  VPC: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  Net: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref VPC, CidrBlock: 10.0.1.0/24}}
  Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref VPC}}
  Association: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {SubnetId: !Ref Net, RouteTableId: !Ref Table}}
  Gateway: {Type: AWS::EC2::VPNGateway, Properties: {Type: ipsec.1}}
  Attachment: {Type: AWS::EC2::VPCGatewayAttachment, Properties: {VpcId: !Ref VPC, VpnGatewayId: !Ref Gateway}}
  Propagation:
    Type: AWS::EC2::VPNGatewayRoutePropagation
    DependsOn: Attachment
    Properties: {RouteTableIds: [!Ref Table], VpnGatewayId: !Ref Gateway}
  Router: {Type: AWS::EC2::CustomerGateway, Properties: {Type: ipsec.1, BgpAsn: 65000, IpAddress: 198.51.100.1}}
  VPN:
    Type: AWS::EC2::VPNConnection
    Properties:
      Type: ipsec.1
      CustomerGatewayId: !Ref Router
      VpnGatewayId: !GetAtt Gateway.VPNGatewayId
      StaticRoutesOnly: STATIC
  ROUTE
  App: {Type: AWS::EC2::Instance, Properties: {SubnetId: !Ref Net, PrivateIpAddress: 10.0.1.10, ImageId: ami-1}}
"""
ROUTE_PART = """VPNRoute:
    Type: AWS::EC2::VPNConnectionRoute
    Properties: {DestinationCidrBlock: 192.168.0.0/16, VpnConnectionId: !Ref VPN}"""


def load(folder: Path, static: bool) -> vpcsim.Network:
    path = folder / "template.yaml"
    path.write_text(TEMPLATE.replace("STATIC", str(static).lower()).replace("ROUTE", ROUTE_PART if static else ""))
    return vpcsim.load(path)


def test_a_template_with_static_routes(tmp_path: Path) -> None:
    """The routes tell what is behind the customer gateway, and nothing else is."""
    net = load(tmp_path, True)
    assert net.topology.settings.skipped == ()
    assert net.trace("App", "192.168.1.5").reachable
    assert net.trace("192.168.1.5", "App").verdict == "blocked", "the default group"
    assert net.trace("App", "172.16.1.5").verdict == "blocked"


def test_a_template_with_bgp(tmp_path: Path) -> None:
    """What the customer announces is not in a template, so what depends on it is undecided."""
    net = load(tmp_path, False)
    answer = net.trace("App", "192.168.1.5")
    assert answer.verdict == "undecided"
    assert answer.because == "Router/network: whether it announces 192.168.1.5 over BGP is not in the model"
    assert net.trace("App", "198.51.100.9").verdict == "undecided"
    assert net.trace("App", "10.0.1.10").reachable


def test_a_change_keeps_what_it_does_not_name() -> None:
    net = changed(BASE, STATIC).with_changes({"vpn_connections": {"vpn": {"state": "deleting"}}})
    assert net.trace("office", "app").at == "vpn"
    back = net.with_changes({"vpn_connections": {"vpn": {"state": "available"}}})
    assert back.trace("office", "app").reachable
    assert back.trace("app", "192.168.2.5").verdict == "blocked"
