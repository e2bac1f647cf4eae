"""Local gateways: direct VPC routing and customer-owned addresses between an Outpost and its site, and what AWS refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from networks import ERRORS, VPC, Refusal, Row, check, names, network, refused

from vpcsim import load

GATEWAYS = "https://docs.aws.amazon.com/outposts/latest/userguide/outposts-local-gateways.html"
ROUTING = "https://docs.aws.amazon.com/outposts/latest/userguide/routing.html"
ROUTES = "https://docs.aws.amazon.com/outposts/latest/userguide/manage-lgw-routes.html"
INTRA_VPC = "https://docs.aws.amazon.com/whitepapers/latest/aws-outposts-high-availability-design/intra-vpc-routing.html"
LNI = "https://docs.aws.amazon.com/outposts/latest/server-userguide/local-network-interface.html"
OPTIONS = f"{VPC}route-table-options.html"

BASE = """
vpcs: {vpc: 10.0.0.0/16, other: 10.1.0.0/16}
subnets:
  net: {vpc: vpc, cidr: 10.0.1.0/24, outpost: rack}
  quiet: {vpc: vpc, cidr: 10.0.2.0/24, outpost: rack}
  home: {vpc: vpc, cidr: 10.0.3.0/24}
  far: {vpc: vpc, cidr: 10.0.4.0/24, outpost: second-rack}
on_premises: {site: {prefixes: 192.168.0.0/16, ip: 192.168.1.5}}
local_gateways: {gw: {outpost: rack}, second-gw: {outpost: second-rack}}
local_gateway_virtual_interface_groups:
  vifs: {local_gateway: gw, network: site}
  second-vifs: {local_gateway: second-gw, network: site}
local_gateway_route_tables:
  lgw-table: {local_gateway: gw, vpcs: vpc, groups: vifs, routes: {0.0.0.0/0: vifs}}
  second-table: {local_gateway: second-gw, vpcs: vpc, groups: second-vifs, routes: {0.0.0.0/0: second-vifs}}
route_tables:
  table: {vpc: vpc, subnets: [net, home], routes: {192.168.0.0/16: gw}}
  quiet-table: {vpc: vpc, subnets: quiet, routes: {}}
  far-table: {vpc: vpc, subnets: far, routes: {192.168.0.0/16: second-gw}}
security_groups: {open: {vpc: vpc, ingress: all from 0.0.0.0/0}}
instances:
  app: {subnet: net, ip: 10.0.1.10, security_groups: open}
  silent: {subnet: quiet, ip: 10.0.2.10, security_groups: open}
  server: {subnet: home, ip: 10.0.3.10, security_groups: open}
  distant: {subnet: far, ip: 10.0.4.10, security_groups: open}
"""
COIP = """
local_gateway_route_tables: {lgw-table: {mode: coip}}
coip_pools: {pool: {cidrs: 172.31.5.0/24, route_table: lgw-table}}
elastic_ips: {owned: {instance: app, customer_owned_pool: pool, customer_owned_ip: 172.31.5.9}}
"""
APPLIANCE = """
instances: {box: {subnet: net, ip: 10.0.1.20, security_groups: open, source_dest_check: false, forwards: pass}}
local_gateway_route_tables: {lgw-table: {routes: {10.0.9.0/24: box/net}}}
local_gateway_virtual_interface_groups: {vifs: {sent_here: 10.0.9.0/24}}
"""
APP = "app app/net net"
OUT, IN = f"{APP} gw vifs site", "site vifs gw app/net app"
ASK, FROM = "app -> site 443/tcp", "site -> app 443/tcp"
NOT_MODELLED = "undecided VPCSIM_NOT_MODELLED"
THROUGH = "route_tables: {table: {routes: {10.0.4.0/24: gw}}, far-table: {routes: {10.0.1.0/24: second-gw}}}"

LOCAL = """
subnets: {net: {local_interfaces_at: 1}}
network_interfaces: {second: {subnet: net, ip: 10.0.1.30, instance: app, DeviceIndex: 1, security_groups: open}}
"""

ROWS = [
    Row("out", ROUTING, "", ASK, OUT, IN),
    Row("in", ROUTING, "", FROM, IN, OUT),
    Row("its own address is seen at the site", ROUTING, "", "192.168.9.9 -> 10.0.1.10 443/tcp", IN, OUT),
    Row("only what is on the Outpost", ROUTES, "", "server -> site 443/tcp", "server server/home home gw", "",
        "denied VPCSIM_EDGE gw"),
    Row("a subnet without a route is not announced", ROUTES, "", "site -> silent 443/tcp", "site", "",
        "no_route NO_ROUTE_TO_DESTINATION site"),
    Row("what is sent there all the same finds no way back", ROUTES,
        "local_gateway_virtual_interface_groups: {vifs: {sent_here: 10.0.2.0/24}}", "site -> silent 443/tcp",
        "site vifs gw silent/quiet silent", "silent silent/quiet quiet", "no_route NO_ROUTE_TO_DESTINATION quiet-table"),
    Row("an address of nobody", ROUTING, "", "site -> 10.0.1.99 443/tcp", "site vifs gw", "",
        "no_route VPCSIM_ADDRESS_IN_USE_BY_NOBODY gw"),
    Row("without a route in its own table", GATEWAYS, "local_gateway_route_tables: {lgw-table: {routes: null}}", ASK, f"{APP} gw",
        "", "no_route NO_ROUTE_TO_DESTINATION lgw-table"),
    Row("the longest prefix wins", ROUTES, "local_gateway_route_tables: {lgw-table: {routes: {172.16.0.0/12: vifs,"
        " 0.0.0.0/0: null, 192.168.0.0/17: vifs}}}", "app -> 192.168.200.1 443/tcp", f"{APP} gw", "",
        "no_route NO_ROUTE_TO_DESTINATION lgw-table"),
    Row("a group that is not associated", GATEWAYS, "local_gateway_route_tables: {lgw-table: {groups: []}}", ASK, f"{APP} gw", "",
        "null_routed BAD_STATE_ROUTE lgw-table"),
    Row("a VPC that is not associated", GATEWAYS, "local_gateway_route_tables: {lgw-table: {vpcs: other}}", ASK, APP, "",
        "null_routed BAD_STATE_ROUTE table"),
    Row("a gateway that is not available", GATEWAYS, "local_gateways: {gw: {state: deleting}}", ASK, APP, "",
        "null_routed BAD_STATE_ROUTE table"),
    Row("a group that is down", GATEWAYS, "local_gateway_virtual_interface_groups: {vifs: {state: pending}}", ASK,
        f"{APP} gw vifs", "", "null_routed BAD_STATE vifs"),
    Row("no table in the model", GATEWAYS, "local_gateway_route_tables: {lgw-table: null}\nlocal_gateways: {gw: {vpcs: vpc}}",
        ASK, f"{APP} gw", "", f"{NOT_MODELLED} gw"),
    Row("a site without a word about it", GATEWAYS, "local_gateway_virtual_interface_groups: {vifs: {network: null}}", ASK,
        f"{APP} gw vifs vifs/network", "", f"{NOT_MODELLED} vifs/network"),
    Row("beyond the site", GATEWAYS, "route_tables: {table: {routes: {0.0.0.0/0: gw}}}", "app -> 192.0.2.9 443/tcp", OUT, "",
        f"{NOT_MODELLED} site"),
    Row("the groups apply", ROUTING, "security_groups: {open: {ingress: tcp 22 from 0.0.0.0/0}}", FROM, "site vifs gw app/net",
        "", "denied ENI_SG_RULES_MISMATCH open"),
    Row("Block Public Access does not look at it", f"{VPC}security-vpc-bpa-basics.html",
        "block_public_access: {x: block-bidirectional}", ASK, OUT, IN),
    Row("no way to the interface of an endpoint", ROUTES,
        "endpoints: {sqs: {vpc: vpc, service: sqs, subnets: net, security_groups: open}}", "site -> sqs 443/tcp", "site vifs gw",
        "", "denied VPCSIM_EDGE gw"),
    Row("a route to an interface keeps the address", ROUTES, APPLIANCE, "site -> 10.0.9.9 443/tcp",
        "site vifs gw box/net box box/net net", "", "no_route NO_POSSIBLE_DESTINATION table"),
    Row("its source/destination check drops that", ROUTES, APPLIANCE.replace("check: false", "check: true"),
        "site -> 10.0.9.9 443/tcp", "site vifs gw box/net", "", "denied ENI_SOURCE_DEST_CHECK_RESTRICTION box"),
    Row("a longer route to an interface", ROUTES, APPLIANCE.replace("10.0.9.0/24", "10.0.1.10/32"), FROM,
        "site vifs gw box/net box box/net net app/net app", OUT),
    Row("customer-owned, out", ROUTING, COIP, ASK, OUT, IN),
    Row("customer-owned, in", ROUTING, COIP, "site -> 172.31.5.9 443/tcp", IN, OUT),
    Row("customer-owned, by the address's name", ROUTING, COIP, "site -> owned 443/tcp", IN, OUT),
    Row("customer-owned, to a private address", ROUTING, COIP, "site -> 10.0.1.10 443/tcp", "site", "",
        "no_route NO_ROUTE_TO_DESTINATION site"),
    Row("customer-owned, and none", ROUTING, f"{COIP}\ninstances: {{app: {{subnet: quiet, ip: 10.0.2.20}}}}\n"
        "route_tables: {quiet-table: {routes: {192.168.0.0/16: gw}}}", "silent -> site 443/tcp", "silent silent/quiet quiet gw",
        "", "denied VPCSIM_NO_EDGE_ADDRESS gw"),
    Row("customer-owned, given to new interfaces", ROUTING,
        "local_gateway_route_tables: {lgw-table: {mode: coip}}\n"
        "coip_pools: {pool: {cidrs: 172.31.5.0/24, route_table: lgw-table}}\n"
        "subnets: {net: {customer_owned_pool: pool, customer_owned_addresses: true}}", ASK, OUT, IN),
    Row("two Outposts in a VPC, by the local route", INTRA_VPC, "", "app -> distant 443/tcp", APP, "", "denied VPCSIM_EDGE net"),
    Row("two Outposts in one VPC, through the site", INTRA_VPC, f"{THROUGH}\non_premises: {{site: {{forwards: true}}}}",
        "app -> distant 443/tcp", f"{APP} gw vifs site second-vifs second-gw distant/far distant",
        "distant distant/far far second-gw second-vifs site vifs gw app/net app"),
    Row("what the routers of the site do is not a fact of AWS", INTRA_VPC, THROUGH, "app -> distant 443/tcp", OUT, "",
        f"{NOT_MODELLED} site"),
    Row("an Outpost and its Region", ROUTING, "", "app -> server 443/tcp", f"{APP} server/home server",
        "server server/home home app/net app"),
    Row("a local network interface", LNI, LOCAL, "second -> server 443/tcp", "app second", "", f"{NOT_MODELLED} second"),
    Row("to a local network interface", LNI, LOCAL, "server -> second 443/tcp", "server server/home home second", "",
        f"{NOT_MODELLED} second"),
    Row("the primary one is as ever", LNI, LOCAL, "server -> app 443/tcp", "server server/home home app/net app",
        f"{APP} server/home server"),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=names(ROWS))
def test_what_passes(row: Row) -> None:
    check(BASE, row)


def test_the_translation_is_seen_at_both_ends() -> None:
    from networks import ask, changed

    there = ask(changed(BASE, COIP), ASK).trip
    assert there is not None
    assert there.there.arrived.source == "172.31.5.9"
    inward = ask(changed(BASE, COIP), "site -> 172.31.5.9 443/tcp").trip
    assert inward is not None
    assert inward.there.arrived.destination == "10.0.1.10"


TABLE = "local_gateway_route_tables"
REFUSALS = [
    Refusal("a pool in direct VPC routing", ROUTING, "coip_pools: {pool: {cidrs: 172.31.5.0/24, route_table: lgw-table}}",
            "InvalidParameterValue", "pool"),
    Refusal("an address beside the pool", ROUTING, COIP.replace("172.31.5.9", "172.31.6.9"), "InvalidParameterValue", "owned"),
    Refusal("an interface elsewhere", ROUTES, f"{TABLE}: {{lgw-table: {{routes: {{10.9.0.0/16: server/home}}}}}}",
            "InvalidParameterValue", "lgw-table"),
    Refusal("an interface of a VPC that is not associated", ROUTES,
            "subnets: {net2: {vpc: other, cidr: 10.1.1.0/24, outpost: rack}}\n"
            "security_groups: {theirs: {vpc: other, ingress: all from 0.0.0.0/0}}\n"
            "instances: {box: {subnet: net2, security_groups: theirs}}\n"
            f"{TABLE}: {{lgw-table: {{routes: {{10.9.0.0/16: box/net2}}}}}}", "InvalidParameterValue", "lgw-table"),
    Refusal("one destination twice", ERRORS,
            f'{TABLE}: {{lgw-table: {{routes: ["0.0.0.0/0 -> vifs", "0.0.0.0/0 -> vifs"]}}}}', "RouteAlreadyExists", "lgw-table"),
    Refusal("a VPC with two tables", ERRORS, f"{TABLE}: {{twin: {{local_gateway: gw, vpcs: vpc}}}}",
            "Resource.AlreadyAssociated", "twin"),
    Refusal("more routes to interfaces than there may be", ROUTES, f"{TABLE}: {{lgw-table: {{routes: {{"
            + ", ".join(f"10.{i // 250 + 9}.{i % 250}.0/24: app/net" for i in range(101)) + "}}}", "RouteLimitExceeded",
            "lgw-table"),
    Refusal("a route inside the VPC that is no subnet", OPTIONS, "route_tables: {table: {routes: {10.0.4.0/25: gw}}}",
            "InvalidParameterValue", "table"),
    Refusal("in place of the local route", OPTIONS, "route_tables: {table: {routes: {10.0.0.0/16: gw}}}", "InvalidParameterValue",
            "table"),
]  # fmt: skip


@pytest.mark.parametrize("row", REFUSALS, ids=names(REFUSALS))
def test_what_aws_refuses(row: Refusal) -> None:
    refused(BASE, row)


def test_what_is_no_target_is_told_with_the_nearest_name() -> None:
    from vpcsim import InputError

    with pytest.raises(InputError, match="`vif` is no group of virtual interfaces and no network interface; did you mean `vifs`"):
        network(BASE, local_gateway_route_tables={"lgw-table": {"routes": {"0.0.0.0/0": "vif"}}})


TEMPLATE = """
Resources:
  VPC: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  Net:
    Type: AWS::EC2::Subnet
    Properties: {VpcId: !Ref VPC, CidrBlock: 10.0.1.0/24, OutpostArn: "arn:aws:outposts:us-east-1:111122223333:outpost/op-0aa"}
  Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref VPC}}
  ToSite:
    Type: AWS::EC2::Route
    Properties: {RouteTableId: !Ref Table, DestinationCidrBlock: 192.168.0.0/16, LocalGatewayId: lgw-0aabbccdd}
  Uses: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {RouteTableId: !Ref Table, SubnetId: !Ref Net}}
  Local:
    Type: AWS::EC2::LocalGatewayRouteTable
    Properties: {LocalGatewayId: lgw-0aabbccdd, Mode: direct-vpc-routing}
  Vifs:
    Type: AWS::EC2::LocalGatewayVirtualInterfaceGroup
    Properties: {LocalGatewayId: lgw-0aabbccdd, LocalBgpAsn: 65001}
  Vif:
    Type: AWS::EC2::LocalGatewayVirtualInterface
    Properties: {LocalGatewayVirtualInterfaceGroupId: !Ref Vifs, LocalAddress: 169.254.1.1/30, PeerAddress: 169.254.1.2/30}
  Out:
    Type: AWS::EC2::LocalGatewayRoute
    Properties:
      DestinationCidrBlock: 0.0.0.0/0
      LocalGatewayRouteTableId: !Ref Local
      LocalGatewayVirtualInterfaceGroupId: !Ref Vifs
  Vpcs:
    Type: AWS::EC2::LocalGatewayRouteTableVPCAssociation
    Properties: {LocalGatewayRouteTableId: !Ref Local, VpcId: !Ref VPC}
  Groups:
    Type: AWS::EC2::LocalGatewayRouteTableVirtualInterfaceGroupAssociation
    Properties: {LocalGatewayRouteTableId: !Ref Local, LocalGatewayVirtualInterfaceGroupId: !Ref Vifs}
  App: {Type: AWS::EC2::Instance, Properties: {SubnetId: !Ref Net}}
"""
OUTPOST = {"OutpostArn": "arn:aws:outposts:us-east-1:111122223333:outpost/op-0aa", "OwnerId": "111122223333"}
OF_TABLE = {"LocalGatewayRouteTableId": "lgw-rtb-0aa", "LocalGatewayId": "lgw-0aa", **OUTPOST}
DESCRIBED = {
    "Vpcs": [{"VpcId": "vpc-0aa", "CidrBlock": "10.0.0.0/16"}],
    "Subnets": [{"SubnetId": "subnet-0aa", "VpcId": "vpc-0aa", "CidrBlock": "10.0.1.0/24", **OUTPOST}],
    "LocalGatewayRouteTables": [{**OF_TABLE, "Mode": "coip", "State": "available"}],
    "LocalGatewayVirtualInterfaceGroups": [{"LocalGatewayVirtualInterfaceGroupId": "lgw-vif-grp-0aa", **OF_TABLE}],
    "LocalGatewayRouteTableVpcAssociations": [{**OF_TABLE, "VpcId": "vpc-0aa", "State": "associated"}],
    "LocalGatewayRouteTableVirtualInterfaceGroupAssociations": [
        {**OF_TABLE, "LocalGatewayVirtualInterfaceGroupId": "lgw-vif-grp-0aa", "State": "associated"}
    ],
    "Routes": [
        {"DestinationCidrBlock": "0.0.0.0/0", "LocalGatewayVirtualInterfaceGroupId": "lgw-vif-grp-0aa", "State": "active",
         "Type": "static", **OF_TABLE}
    ],
    "CoipPools": [{"PoolId": "ipv4pool-coip-0aa", "PoolCidrs": ["172.31.5.0/24"], "LocalGatewayRouteTableId": "lgw-rtb-0aa"}],
    "RouteTables": [
        {"RouteTableId": "rtb-0aa", "VpcId": "vpc-0aa", "Associations": [{"SubnetId": "subnet-0aa"}],
         "Routes": [{"DestinationCidrBlock": "192.168.0.0/16", "LocalGatewayId": "lgw-0aa", "State": "active"}]}
    ],
    "SecurityGroups": [
        {"GroupId": "sg-0aa", "GroupName": "default", "VpcId": "vpc-0aa", "IpPermissions": [],
         "IpPermissionsEgress": [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]}
    ],
    "NetworkInterfaces": [
        {"NetworkInterfaceId": "eni-0aa", "SubnetId": "subnet-0aa", "VpcId": "vpc-0aa", "PrivateIpAddress": "10.0.1.10",
         "Groups": [{"GroupId": "sg-0aa"}], "Status": "in-use", "Attachment": {"InstanceId": "i-0aa", "DeviceIndex": 0},
         "Association": {"CustomerOwnedIp": "172.31.5.9", "AllocationId": "eipalloc-0aa"}}
    ],
    "Addresses": [
        {"AllocationId": "eipalloc-0aa", "CustomerOwnedIp": "172.31.5.9", "CustomerOwnedIpv4Pool": "ipv4pool-coip-0aa",
         "NetworkInterfaceId": "eni-0aa", "PrivateIpAddress": "10.0.1.10", "Domain": "vpc"}
    ],
    "Reservations": [{"Instances": [{"InstanceId": "i-0aa"}]}],
}  # fmt: skip


def test_the_spelling_in_templates(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    answer = load(tmp_path / "template.yaml").trace("App", "192.168.1.5")
    assert answer.verdict == "undecided"
    assert answer.at == "Vifs/network"


def test_the_spelling_of_an_account(tmp_path: Path) -> None:
    (tmp_path / "account.json").write_text(json.dumps(DESCRIBED))
    answer = load(tmp_path / "account.json").trace("i-0aa", "192.168.1.5")
    assert answer.at == "lgw-vif-grp-0aa/network"
    assert answer.trip is not None
    assert answer.trip.there.arrived.source == "172.31.5.9"


def of_state(type: str, name: str, mode: str = "managed", **values: object) -> dict[str, object]:
    """A resource of a Terraform state."""
    return {"mode": mode, "type": type, "name": name, "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
            "instances": [{"attributes": {"id": name, **values}}]}  # fmt: skip


def test_the_spelling_in_terraform(tmp_path: Path) -> None:
    """Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ec2_local_gateway_route"""
    table, group = {"local_gateway_route_table_id": "lgw-rtb-0aabbccdd"}, "lgw-vif-grp-0aabbccdd"
    routes = [{"cidr_block": "192.168.0.0/16", "local_gateway_id": "lgw-0aabbccdd"}]
    resources = [
        of_state("aws_vpc", "vpc-0aabbccdd", cidr_block="10.0.0.0/16"),
        of_state("aws_subnet", "subnet-0aabbccdd", vpc_id="vpc-0aabbccdd", cidr_block="10.0.1.0/24",
                 availability_zone="us-east-1a", outpost_arn=OUTPOST["OutpostArn"], enable_lni_at_device_index=0,
                 customer_owned_ipv4_pool=""),
        of_state("aws_route_table", "rtb-0aabbccdd", vpc_id="vpc-0aabbccdd", route=routes),
        of_state("aws_route_table_association", "assoc-0aabbccdd", subnet_id="subnet-0aabbccdd", route_table_id="rtb-0aabbccdd"),
        of_state("aws_ec2_local_gateway", "lgw-0aabbccdd", "data", outpost_arn=OUTPOST["OutpostArn"]),
        of_state("aws_ec2_local_gateway_virtual_interface_group", group, "data", local_gateway_id="lgw-0aabbccdd"),
        of_state("aws_ec2_local_gateway_route_table", "lgw-rtb-0aabbccdd", "data", local_gateway_id="lgw-0aabbccdd", **table),
        of_state("aws_ec2_local_gateway_route", "route", destination_cidr_block="0.0.0.0/0", **table,
                 local_gateway_virtual_interface_group_id=group),
        of_state("aws_ec2_local_gateway_route_table_vpc_association", "vpc", vpc_id="vpc-0aabbccdd", **table),
        of_state("aws_instance", "i-0aabbccdd", subnet_id="subnet-0aabbccdd", private_ip="10.0.1.10"),
    ]  # fmt: skip
    (tmp_path / "terraform.tfstate").write_text(
        json.dumps({"version": 4, "terraform_version": "1.9.0", "serial": 1, "lineage": "x", "resources": resources})
    )
    answer = load(tmp_path / "terraform.tfstate").trace("aws_instance.i-0aabbccdd", "192.168.1.5")
    assert answer.trip is not None, answer
    assert answer.trip.there.steps, answer
    assert answer.at == "data.aws_ec2_local_gateway_route_table.lgw-rtb-0aabbccdd", answer
