"""The route table of an internet gateway: what comes in passes an appliance, and its answer must as well."""

from __future__ import annotations

import pytest
from networks import ANALYZER, API, VPC, Refusal, Row, changed, check, names, refused

from vpcsim import InputError, Topology
from vpcsim.readers import topology_of
from vpcsim.readers.document import parse

EDGE = f"{VPC}gateway-route-tables.html"
OPTIONS = f"{VPC}route-table-options.html"
ASSOCIATE = f"{API}API_AssociateRouteTable.html"
BPA = f"{VPC}security-vpc-bpa-basics.html"

BASE = """
vpcs: {vpc: {cidr: 10.0.0.0/16, Ipv6CidrBlockAssociationSet: [{Ipv6CidrBlock: "2001:db8:a::/56"}]}, far: 10.9.0.0/16}
subnets:
  app-net: {vpc: vpc, cidr: 10.0.0.0/24, ipv6_cidr: "2001:db8:a::/64"}
  fw-net: {vpc: vpc, cidr: 10.0.1.0/24, ipv6_cidr: "2001:db8:a:1::/64"}
  free-net: {vpc: vpc, cidr: 10.0.2.0/24}
internet_gateways: {igw: vpc, far-igw: far}
elastic_ips:
  app-ip: {instance: app, ip: 198.51.100.10}
  fw-ip: {instance: fw, ip: 198.51.100.20}
  free-ip: {instance: free, ip: 198.51.100.30}
route_tables:
  edge: {vpc: vpc, gateway: igw, routes: {10.0.0.0/24: fw-eni, "2001:db8:a::/64": fw-eni}}
  app-table: {vpc: vpc, subnets: app-net, routes: {0.0.0.0/0: fw-eni, "::/0": fw-eni}}
  fw-table: {vpc: vpc, subnets: [fw-net, free-net], routes: {0.0.0.0/0: igw, "::/0": igw}}
security_groups:
  open: {vpc: vpc, ingress: [all from 0.0.0.0/0, "all from ::/0"], egress: [all to 0.0.0.0/0, "all to ::/0"]}
  fw-sg: {vpc: vpc, ingress: [all from 0.0.0.0/0, "all from ::/0"], egress: [all to 0.0.0.0/0, "all to ::/0"]}
network_interfaces:
  app-eni:
    {subnet: app-net, ip: 10.0.0.10, Ipv6Addresses: [{Ipv6Address: "2001:db8:a::10"}], security_groups: open, instance: app}
  fw-eni:
    {subnet: fw-net, ip: 10.0.1.10, Ipv6Addresses: [{Ipv6Address: "2001:db8:a:1::10"}], security_groups: fw-sg, instance: fw}
instances:
  app: {}
  fw: {source_dest_check: false, forwards: pass, NetworkInterfaces: [{NetworkInterfaceId: fw-eni}]}
  free: {subnet: free-net, ip: 10.0.2.10, security_groups: open}
"""
IN, WEB = "internet -> 198.51.100.10 443/tcp", "app -> 192.0.2.9 443/tcp"
IN_THERE = "internet igw fw-eni fw fw-eni fw-net app-eni app"
IN_BACK = "app app-eni app-net fw-eni fw fw-eni fw-net igw internet"
OUT_THERE, OUT_BACK = IN_BACK, IN_THERE
AT_FW = "internet igw fw-eni"
DIRECT = "route_tables: {app-table: {routes: {0.0.0.0/0: igw}}}"
SPARE = """
network_interfaces: {spare: {subnet: fw-net, security_groups: open, source_dest_check: false}}
elastic_ips: {spare-ip: {interface: spare}}
"""
REDIRECTED = "denied INGRESS_RTB_TRAFFIC_REDIRECTION edge"


def edge(*routes: str) -> str:
    return f"route_tables: {{edge: {{routes: {{10.0.0.0/24: null, {', '.join(routes)}}}}}}}"


def excluded(subnet: str) -> str:
    mode, free = "block_public_access: {x: block-bidirectional}", f"{{subnet: {subnet}, mode: allow-bidirectional}}"
    return f"{mode}\nblock_public_access_exclusions: {{excluded: {free}}}"


ROWS = [
    Row("in by the appliance, and out by it", EDGE, "", IN, IN_THERE, IN_BACK),
    Row("out by the appliance, and in by it", EDGE, "", "app -> 192.0.2.9 443/tcp", OUT_THERE, OUT_BACK),
    Row("IPv6 in", EDGE, "", "internet -> 2001:db8:a::10 443/tcp", IN_THERE, IN_BACK),
    Row("IPv6 out", EDGE, "", "app -> 2001:db8:99::1 443/tcp", OUT_THERE, OUT_BACK),
    Row(
        "another subnet stays local", EDGE, "", "internet -> 198.51.100.30 443/tcp", "internet igw free/free-net free",
        "free free/free-net free-net igw internet",
    ),
    Row(
        "another subnet stays local, out", EDGE, "", "free -> 192.0.2.9 443/tcp", "free free/free-net free-net igw internet",
        "internet igw free/free-net free",
    ),
    Row(
        "a route that says local", EDGE, edge("10.0.0.0/24: local"), IN, "internet igw app-eni app",
        "app app-eni app-net fw-eni fw fw-eni fw-net igw internet",
    ),
    Row("the answer past the appliance", EDGE, DIRECT, IN, IN_THERE, "app app-eni app-net igw", REDIRECTED),
    Row("out past the appliance", ANALYZER, DIRECT, "app -> 192.0.2.9 443/tcp", "app app-eni app-net igw", "", REDIRECTED),
    Row("instead of the local route", EDGE, edge("10.0.0.0/16: fw-eni"), IN, IN_THERE, IN_BACK),
    Row(
        "instead of the local route, the appliance itself", EDGE, edge("10.0.0.0/16: fw-eni"), "fw -> 192.0.2.9 443/tcp",
        "fw fw-eni fw-net igw internet", "internet igw fw-eni fw",
    ),
    Row(
        "instead of the local route, another subnet past it", ANALYZER, edge("10.0.0.0/16: fw-eni"),
        "free -> 192.0.2.9 443/tcp", "free free/free-net free-net igw", "", REDIRECTED,
    ),
    Row("the instance stands for its interface", OPTIONS, edge("10.0.0.0/24: fw"), IN, IN_THERE, IN_BACK),
    Row(
        "an appliance without a public address", ANALYZER, "elastic_ips: {fw-ip: null}", IN, "internet igw", "",
        "denied INGRESS_RTB_NO_PUBLIC_IP edge",
    ),
    Row(
        "an appliance that drops", OPTIONS, "instances: {fw: {forwards: drop}}", IN, f"{AT_FW} fw", "",
        "denied VPCSIM_APPLIANCE fw",
    ),
    Row(
        "an appliance of unknown software", OPTIONS, "instances: {fw: {forwards: null}}", IN, f"{AT_FW} fw", "",
        "undecided VPCSIM_NOT_MODELLED fw",
    ),
    Row(
        "the appliance's source/destination check", OPTIONS, "instances: {fw: {source_dest_check: true}}", IN, AT_FW, "",
        "denied ENI_SOURCE_DEST_CHECK_RESTRICTION fw-eni",
    ),
    Row(
        "the appliance's group", OPTIONS, "security_groups: {fw-sg: {ingress: tcp 22 from 0.0.0.0/0}}", IN, AT_FW, "",
        "denied ENI_SG_RULES_MISMATCH fw-sg",
    ),
    Row(
        "an interface that is attached to nothing", EDGE,
        f"{edge('10.0.0.0/24: spare')}\n{SPARE}", IN, "internet igw spare", "", "null_routed BAD_STATE spare",
    ),
    Row(
        "a target outside the model", OPTIONS,
        "route_tables: {edge: {routes: [{DestinationCidrBlock: 10.0.0.0/24, VpcEndpointId: vpce-0123456789abcdef0}]}}", IN,
        "internet igw", "", "undecided VPCSIM_NOT_MODELLED edge",
    ),
    Row(
        "Block Public Access asks for the workload's subnet behind an appliance", BPA, excluded("app-net"), IN, IN_THERE, IN_BACK
    ),
    Row("Block Public Access asks for it on the way out too", BPA, excluded("app-net"), WEB, OUT_THERE, OUT_BACK),
    Row(
        "Block Public Access does not ask for the appliance's subnet", BPA, excluded("fw-net"), IN, "internet igw", "",
        "denied VPC_BLOCK_PUBLIC_ACCESS_ENABLED igw",
    ),
    Row(
        "Block Public Access, out by an appliance of a free subnet", BPA, excluded("fw-net"), WEB,
        "app app-eni app-net fw-eni fw fw-eni fw-net igw", "", "denied VPC_BLOCK_PUBLIC_ACCESS_ENABLED igw",
    ),
]  # fmt: skip

REFUSALS = [
    Refusal("a destination outside the VPC", EDGE, edge("10.9.0.0/24: fw-eni"), "InvalidParameterValue", "edge"),
    Refusal("a default route", EDGE, edge("0.0.0.0/0: fw-eni"), "InvalidParameterValue", "edge"),
    Refusal("a part of a subnet", EDGE, edge("10.0.0.0/25: fw-eni"), "InvalidParameterValue", "edge"),
    Refusal(
        "a prefix list", EDGE, f"{edge('list: fw-eni')}\nprefix_lists: {{list: [10.0.0.0/24]}}", "InvalidParameterValue",
        "edge",
    ),
    Refusal("a NAT gateway", EDGE, f"{edge('10.0.0.0/24: nat')}\nnat_gateways: {{nat: fw-net}}", "InvalidParameterValue", "edge"),
    Refusal("the main table", EDGE, "route_tables: {edge: {main: true}}", "InvalidParameterValue", "edge"),
    Refusal("two tables", ASSOCIATE, "route_tables: {more: {vpc: vpc, gateway: igw}}", "Resource.AlreadyAssociated", "more"),
    Refusal("the gateway of another VPC", ASSOCIATE, "route_tables: {edge: {gateway: far-igw}}", "InvalidParameterValue", "edge"),
]  # fmt: skip

TEMPLATE = """
Resources:
  vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  igw: {Type: AWS::EC2::InternetGateway}
  attached: {Type: AWS::EC2::VPCGatewayAttachment, Properties: {VpcId: !Ref vpc, InternetGatewayId: !Ref igw}}
  edge: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref vpc}}
  associated: {Type: AWS::EC2::GatewayRouteTableAssociation, Properties: {GatewayId: !Ref igw, RouteTableId: !Ref edge}}
"""


@pytest.mark.parametrize("row", ROWS, ids=names(ROWS))
def test_what_enters_by_the_table(row: Row) -> None:
    check(BASE, row)


@pytest.mark.parametrize("row", REFUSALS, ids=names(REFUSALS))
def test_what_aws_refuses(row: Refusal) -> None:
    refused(BASE, row)


@pytest.mark.parametrize(("gateway", "told"), [("igv", "did you mean `igw`"), ("app-net", "is a subnet")])
def test_what_has_no_route_table(gateway: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        changed(BASE, f"route_tables: {{edge: {{gateway: {gateway}}}}}")


def test_the_template_says_the_same() -> None:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-gatewayroutetableassociation.html"""
    topology: Topology = topology_of([parse(TEMPLATE, "template.yaml")])
    native = changed("vpcs: {vpc: 10.0.0.0/16}\ninternet_gateways: {igw: vpc}\nroute_tables: {edge: {gateway: igw}}", "").topology
    assert topology == native
