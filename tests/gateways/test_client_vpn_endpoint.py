"""Client VPN endpoints: authorized, routed, translated, and only from clients."""

from __future__ import annotations

from pathlib import Path

import pytest
from networks import ERRORS, Refusal, Row, ask, changed, check, names, refused

import vpcsim

ADMIN = "https://docs.aws.amazon.com/vpn/latest/clientvpn-admin/"
HOW, AUTHORIZATION = f"{ADMIN}how-it-works.html", f"{ADMIN}client-authorization.html"
NARROWEST = f"{ADMIN}cvpn-working-rules.html"
RULES, ROUTES = f"{ADMIN}what-is-best-practices.html", f"{ADMIN}cvpn-working-routes.html"

BASE = """
vpcs: {vpc: 10.0.0.0/16}
subnets: {entry: 10.0.9.0/24, net: 10.0.1.0/24, second: {cidr: 10.0.8.0/24, az: us-east-1b}, public: 10.0.0.0/24}
client_vpn_endpoints: {cvpn: {cidr: 172.20.0.0/22, subnets: entry, security_groups: clients, authorize: 10.0.0.0/16}}
on_premises: {office: {prefixes: 192.168.0.0/16, ip: 192.168.1.5}}
customer_gateways: {router: office}
vpn_gateways: {vgw: {propagates_to: entry-table}}
vpn_connections: {vpn: {vpn_gateway: vgw, customer_gateway: router}}
internet_gateways: {igw: vpc}
nat_gateways: {nat: {subnet: public}}
route_tables:
  entry-table: {subnets: entry, routes: {0.0.0.0/0: nat}}
  public-table: {subnets: public, routes: {0.0.0.0/0: igw}}
security_groups:
  clients: {egress: all to 0.0.0.0/0}
  app-sg: {ingress: tcp 443 from group clients}
instances: {app: {subnet: net, ip: 10.0.1.10, security_groups: app-sg}}
"""
ASK = "cvpn -> app 443/tcp"
START = "cvpn cvpn/entry"
IN = f"{START} entry app/net app"
BACK = "app app/net net cvpn/entry cvpn"
OFFICE = "cvpn -> 192.168.1.5 443/tcp"


def cvpn(text: str) -> str:
    return f"client_vpn_endpoints: {{cvpn: {{{text}}}}}"


ROWS = [
    Row("into the VPC", HOW, "", ASK, IN, BACK),
    Row("from a client's address", HOW, "", "172.20.1.7 -> app 443/tcp", IN, BACK),
    Row("a group sees the endpoint's group", AUTHORIZATION, "security_groups: {app-sg: {ingress: tcp 443 from 172.20.0.0/22}}",
        ASK, f"{START} entry app/net", "", "denied ENI_SG_RULES_MISMATCH app-sg"),
    Row("a group sees the address of the interface", RULES, "security_groups: {app-sg: {ingress: tcp 443 from 10.0.9.0/24}}",
        ASK, IN, BACK),
    Row("the endpoint's group applies", AUTHORIZATION, "security_groups: {clients: {egress: tcp 80 to 0.0.0.0/0}}", ASK, START,
        "", "denied ENI_SG_RULES_MISMATCH clients"),
    Row("nothing is authorized by itself", AUTHORIZATION, cvpn("authorize: []"), ASK, "cvpn", "",
        "denied NO_POSSIBLE_DESTINATION cvpn"),
    Row("another network is authorized", AUTHORIZATION, cvpn("authorize: 10.0.0.0/24"), ASK, "cvpn", "",
        "denied NO_POSSIBLE_DESTINATION cvpn"),
    Row("for a group of people only", AUTHORIZATION, cvpn("authorize: 10.0.0.0/16 for Engineers"), ASK, "cvpn", "",
        "undecided VPCSIM_NOT_MODELLED cvpn"),
    Row("the narrowest rule decides", NARROWEST, cvpn('authorize: [0.0.0.0/0, "10.0.1.0/24 for Engineers"]'), ASK, "cvpn",
        "", "undecided VPCSIM_NOT_MODELLED cvpn"),
    Row("the narrowest rule is for everybody", NARROWEST, cvpn('authorize: [10.0.1.0/24, "0.0.0.0/0 for Engineers"]'), ASK,
        IN, BACK),
    Row("authorized, without a route", ROUTES, cvpn("authorize: 0.0.0.0/0"), OFFICE, "cvpn", "",
        "no_route NO_ROUTE_TO_DESTINATION cvpn"),
    Row("on to the office", ROUTES, cvpn("authorize: 0.0.0.0/0, routes: 192.168.0.0/16 -> entry"), OFFICE,
        f"{START} entry vgw vpn office", "office vpn vgw cvpn/entry cvpn"),
    Row("on to the internet", ROUTES, cvpn("authorize: 0.0.0.0/0, routes: 0.0.0.0/0 -> entry"), "cvpn -> 192.0.2.9 443/tcp",
        f"{START} entry nat/public nat public igw internet", "internet igw nat/public nat public cvpn/entry cvpn"),
    Row("without a subnet", HOW, cvpn("subnets: []"), ASK, "cvpn", "", "no_route NO_ROUTE_TO_DESTINATION cvpn"),
    Row("between clients", ROUTES, "", "cvpn -> 172.20.2.2 443/tcp", "cvpn", "", "undecided VPCSIM_NOT_MODELLED cvpn"),
    Row("between clients, by their route", HOW, cvpn("routes: 172.20.0.0/22 -> local, authorize: 0.0.0.0/0"),
        "cvpn -> 172.20.2.2 443/tcp", "cvpn", "", "undecided VPCSIM_NOT_MODELLED cvpn"),
    Row("beside the route between clients", HOW, cvpn("routes: 172.20.0.0/22 -> local"), ASK, IN, BACK),
    Row("not towards clients", HOW, "security_groups: {app-sg: {egress: all to 0.0.0.0/0}}", "app -> 172.20.1.7 443/tcp",
        "app app/net net", "", "no_route NO_ROUTE_TO_DESTINATION vpc/main-route-table"),
]  # fmt: skip

TGW = f"{ADMIN}cvpn-tgw.html"
ATTACHED = "https://docs.aws.amazon.com/vpc/latest/tgw/tgw-client-vpn-attachments.html"
ON_A_TRANSIT_GATEWAY = """
vpcs: {vpc: 10.0.0.0/16}
subnets: {net: 10.0.1.0/24}
transit_gateways: {tgw: {}}
transit_gateway_attachments: {att: {transit_gateway: tgw, vpc: vpc, subnets: net}}
client_vpn_endpoints: {cvpn: {cidr: 172.20.0.0/22, transit_gateway: tgw, authorize: 10.0.0.0/16, routes: 10.0.0.0/8}}
on_premises: {office: {prefixes: 192.168.0.0/16, ip: 192.168.1.5}}
customer_gateways: {router: office}
vpn_connections: {vpn: {transit_gateway: tgw, customer_gateway: router}}
route_tables: {table: {subnets: net, routes: {172.20.0.0/22: tgw}}}
security_groups: {app-sg: {ingress: tcp 443 from 172.20.0.0/22}}
instances: {app: {subnet: net, ip: 10.0.1.10, security_groups: app-sg}}
"""
TGW_IN, TGW_BACK = "cvpn cvpn/attachment tgw net app/net app", "app app/net net tgw cvpn/attachment cvpn"
TGW_TABLE = "tgw/default-route-table"
ALL = "routes: [10.0.0.0/8, 192.168.0.0/16], authorize: 0.0.0.0/0"

TRANSIT_GATEWAY_ROWS = [
    Row("under the client's own address", TGW, "", ASK, TGW_IN, TGW_BACK),
    Row("a group sees the client", TGW, "security_groups: {app-sg: {ingress: tcp 443 from 172.20.1.7/32}}",
        "172.20.1.7 -> app 443/tcp", TGW_IN, TGW_BACK),
    Row("a group admits another client", TGW, "security_groups: {app-sg: {ingress: tcp 443 from 172.20.1.8/32}}",
        "172.20.1.7 -> app 443/tcp", "cvpn cvpn/attachment tgw net app/net", "", "denied ENI_SG_RULES_MISMATCH app-sg"),
    Row("to an on-premises network", TGW, cvpn(ALL), OFFICE, "cvpn cvpn/attachment tgw vpn/attachment vpn office",
        "office vpn vpn/attachment tgw cvpn/attachment cvpn"),
    Row("no route of its own", TGW, cvpn("routes: 192.168.0.0/16"), ASK, "cvpn", "",
        "no_route NO_ROUTE_TO_DESTINATION cvpn"),
    Row("not authorized", TGW, cvpn("authorize: 10.1.0.0/16"), ASK, "cvpn", "", "denied NO_POSSIBLE_DESTINATION cvpn"),
    Row("no route back in the VPC", TGW, "route_tables: {table: {routes: {172.20.0.0/22: null}}}", ASK, TGW_IN,
        "app app/net net", "no_route NO_ROUTE_TO_DESTINATION table"),
    Row("the client range does not propagate", ATTACHED, "transit_gateways: {tgw: {default_propagation: false}}\n"
        f"transit_gateway_route_tables: {{{TGW_TABLE}: {{transit_gateway: tgw, default_association: true, propagations: att}}}}",
        ASK, TGW_IN, "app app/net net tgw", f"no_route TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT {TGW_TABLE}"),
    Row("no route in the gateway", ATTACHED, cvpn("routes: 10.0.0.0/8, authorize: 10.0.0.0/8"), "cvpn -> 10.9.9.9 443/tcp",
        "cvpn cvpn/attachment tgw", "", f"no_route TGW_RTB_CANNOT_ROUTE {TGW_TABLE}"),
    Row("without the gateway", TGW, cvpn("transit_gateway: tgw-0123456789abcdef0"), ASK, "cvpn", "",
        "undecided VPCSIM_NOT_MODELLED cvpn"),
    Row("towards clients", TGW, "security_groups: {app-sg: {egress: all to 0.0.0.0/0}}", "app -> 172.20.1.7 443/tcp", TGW_BACK,
        "", "undecided VPCSIM_NOT_MODELLED cvpn"),
    Row("between clients", TGW, cvpn(ALL), "cvpn -> 172.20.2.2 443/tcp", "cvpn", "", "undecided VPCSIM_NOT_MODELLED cvpn"),
]  # fmt: skip


@pytest.mark.parametrize("row", TRANSIT_GATEWAY_ROWS, ids=names(TRANSIT_GATEWAY_ROWS))
def test_an_endpoint_of_a_transit_gateway(row: Row) -> None:
    check(ON_A_TRANSIT_GATEWAY, row)


REFUSALS = [
    Refusal("a range that is too small", RULES, cvpn("cidr: 172.20.0.0/23"), "InvalidParameterValue", "cvpn"),
    Refusal("a range that is too large", RULES, cvpn("cidr: 172.0.0.0/11"), "InvalidParameterValue", "cvpn"),
    Refusal("a range of the VPC", RULES, cvpn("cidr: 10.0.0.0/20"), "InvalidClientVpnSubnetId.OverlappingCidr", "cvpn"),
    Refusal("subnets and a transit gateway", TGW, cvpn("transit_gateway: tgw-0123456789abcdef0"), "InvalidParameterCombination",
            "cvpn"),
    Refusal("two subnets in one zone", RULES, cvpn("subnets: [entry, net]"), "InvalidClientVpnSubnetId.DuplicateAz", "cvpn"),
    Refusal("a route through another subnet", ERRORS, cvpn("routes: 192.168.0.0/16 -> net"), "InvalidParameterValue", "cvpn"),
    Refusal("a route to anything else between clients", HOW, cvpn("routes: 192.168.0.0/16 -> local"), "InvalidParameterValue",
            "cvpn"),
    Refusal("a route around the range of the clients", RULES, cvpn("routes: 172.16.0.0/12 -> entry"), "InvalidParameterValue",
            "cvpn"),
    Refusal("a route within the range of the clients", RULES, cvpn("routes: 172.20.1.0/24 -> entry"), "InvalidParameterValue",
            "cvpn"),
]  # fmt: skip


TWO_VPCS = """
vpcs: {vpc: 10.0.0.0/16, other: 10.8.0.0/16}
subnets: {entry: {vpc: vpc, cidr: 10.0.9.0/24}, far: {vpc: other, cidr: 10.8.1.0/24, az: us-east-1b}}
client_vpn_endpoints: {cvpn: {cidr: 172.20.0.0/22, subnets: [entry, far]}}
"""


def test_the_subnets_of_an_endpoint_are_in_one_vpc() -> None:
    refused(TWO_VPCS, Refusal("a subnet of another VPC", ERRORS, "", "InvalidClientVpnSubnetId.NotFound", "cvpn"))


@pytest.mark.parametrize("row", ROWS, ids=names(ROWS))
def test_from_clients(row: Row) -> None:
    check(BASE, row)


@pytest.mark.parametrize("row", REFUSALS, ids=names(REFUSALS))
def test_what_aws_refuses(row: Refusal) -> None:
    refused(BASE, row)


def test_every_subnet_that_clients_may_enter_by_is_tried() -> None:
    """https://docs.aws.amazon.com/vpn/latest/clientvpn-admin/how-it-works.html (target networks)"""
    acl = "\nnetwork_acls: {acl: {subnets: second, ingress: [100 allow all from 0.0.0.0/0], egress: []}}"
    answer = ask(changed(BASE, cvpn("subnets: [entry, second]") + acl), ASK)
    assert sorted(trip.verdict for trip in answer.trips) == ["blocked", "reachable"]


def test_nobody_reaches_an_interface_of_the_endpoint() -> None:
    opened = "security_groups: {clients: {ingress: all from 0.0.0.0/0}, app-sg: {egress: all to 0.0.0.0/0}}"
    net = changed(BASE, opened)
    answer = net.trace("app", str(net.topology.dump()["NetworkInterfaces"][1]["PrivateIpAddress"]))
    assert (answer.at, answer.verdict) == ("cvpn", "blocked")


TEMPLATE = """
Resources:
  VPC: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  Entry: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref VPC, CidrBlock: 10.0.9.0/24}}
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: open
      VpcId: !Ref VPC
      SecurityGroupIngress: [{IpProtocol: "-1", CidrIp: 0.0.0.0/0}]
  Endpoint:
    Type: AWS::EC2::ClientVpnEndpoint
    Properties: {ClientCidrBlock: 172.20.0.0/22, SecurityGroupIds: [!Ref Group], VpcId: !Ref VPC, DnsServers: [10.0.0.2]}
  Association:
    Type: AWS::EC2::ClientVpnTargetNetworkAssociation
    Properties: {ClientVpnEndpointId: !Ref Endpoint, SubnetId: !Ref Entry}
  Rule:
    Type: AWS::EC2::ClientVpnAuthorizationRule
    Properties: {ClientVpnEndpointId: !Ref Endpoint, TargetNetworkCidr: 10.0.0.0/16, AuthorizeAllGroups: true}
  Route:
    Type: AWS::EC2::ClientVpnRoute
    Properties: {ClientVpnEndpointId: !Ref Endpoint, DestinationCidrBlock: 192.168.0.0/16, TargetVpcSubnetId: !Ref Entry}
  App:
    Type: AWS::EC2::Instance
    Properties: {SubnetId: !Ref Entry, PrivateIpAddress: 10.0.9.10, ImageId: ami-1, SecurityGroupIds: [!Ref Group]}
"""


def test_a_template(tmp_path: Path) -> None:
    path = tmp_path / "template.yaml"
    path.write_text(TEMPLATE)
    net = vpcsim.load(path)
    assert net.topology.settings.skipped == ()
    assert net.trace("172.20.1.1", "App").reachable
    assert net.trace("172.20.1.1", "192.168.1.1").at == "Endpoint"
    assert net.resolve("Endpoint", "example.com").server == "10.0.0.2"
