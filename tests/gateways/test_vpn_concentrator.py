"""VPN concentrators: many sites behind one attachment of a transit gateway, there and back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from networks import Refusal, Row, ask, changed, check, names, refused

import vpcsim

CONCENTRATOR = "https://docs.aws.amazon.com/vpn/latest/s2svpn/vpn-concentrator.html"
HOW = "https://docs.aws.amazon.com/vpc/latest/tgw/how-transit-gateways-work.html"
TABLES = "https://docs.aws.amazon.com/vpc/latest/tgw/tgw-route-tables.html"
PRIORITY = "https://docs.aws.amazon.com/vpn/latest/s2svpn/vpn-route-priority.html"

BASE = """
vpcs: {vpc: 10.0.0.0/16}
subnets: {net: {vpc: vpc, cidr: 10.0.1.0/24}}
on_premises: {shop: {prefixes: 192.168.1.0/24, ip: 192.168.1.5}, store: {prefixes: 192.168.2.0/24, ip: 192.168.2.5}}
customer_gateways: {shop-router: shop, store-router: store}
vpn_concentrators: {hub: tgw}
vpn_connections:
  shop-vpn: {vpn_concentrator: hub, customer_gateway: shop-router}
  store-vpn: {vpn_concentrator: hub, customer_gateway: store-router}
transit_gateways: {tgw: {}}
transit_gateway_attachments: {att: {transit_gateway: tgw, vpc: vpc, subnets: net}}
route_tables: {table: {subnets: net, routes: {192.168.0.0/16: tgw}}}
security_groups: {open: {ingress: all from 0.0.0.0/0}}
instances: {app: {subnet: net, ip: 10.0.1.10, security_groups: open}}
"""
TABLE = "tgw/default-route-table"
APP = "app app/net net tgw"
OUT, IN = f"{APP} hub/attachment hub store-vpn store", "store store-vpn hub hub/attachment tgw net app/net app"
NO_DEFAULTS = "transit_gateways: {tgw: {default_association: false, default_propagation: false}}"
OWN = "transit_gateway_route_tables: {own: {transit_gateway: tgw, associations: [att, hub/attachment], propagations: "
STATIC = (
    f"transit_gateway_route_tables: {{{TABLE}: {{transit_gateway: tgw, default_association: true, default_propagation: true, "
)
DOWN = "vpn_connections: {store-vpn: {tunnels: [DOWN, DOWN]}}"
TWO = "vpn_connections: {more: {transit_gateway: tgw, customer_gateway: store-router}}"

ROWS = [
    Row("to a site", CONCENTRATOR, "", "app -> store 443/tcp", OUT, IN),
    Row("from a site", CONCENTRATOR, "", "store -> app 443/tcp", IN, OUT),
    Row("from site to site", CONCENTRATOR, "", "shop -> store 443/tcp",
        "shop shop-vpn hub hub/attachment tgw hub/attachment hub store-vpn store",
        "store store-vpn hub hub/attachment tgw hub/attachment hub shop-vpn shop"),
    Row("what no site announces", HOW, "", "app -> 192.168.3.3 443/tcp", APP, "", f"no_route TGW_RTB_CANNOT_ROUTE {TABLE}"),
    Row("a static route to what no site announces", TABLES, f"{STATIC}routes: {{192.168.3.0/24: hub/attachment}}}}}}",
        "app -> 192.168.3.3 443/tcp", f"{APP} hub/attachment hub", "", "no_route NO_ROUTE_TO_DESTINATION hub"),
    Row("what is down announces nothing", PRIORITY, DOWN, "app -> store 443/tcp", APP, "",
        f"no_route TGW_RTB_CANNOT_ROUTE {TABLE}"),
    Row("what is down takes nothing", PRIORITY, DOWN, "store -> app 443/tcp", "store store-vpn", "",
        "denied TGW_BAD_STATE_VPN store-vpn"),
    Row("a VPN connection of its own comes first", HOW, TWO, "app -> store 443/tcp", f"{APP} more/attachment more store",
        "store store-vpn hub hub/attachment tgw net app/net app"),
    Row("two sites that announce the same", CONCENTRATOR, "on_premises: {shop: {prefixes: [192.168.1.0/24, 192.168.2.0/24]}}",
        "app -> 192.168.2.7 443/tcp", f"{APP} hub/attachment hub", "", "undecided VPCSIM_NOT_MODELLED hub"),
    Row("no association", TABLES, NO_DEFAULTS, "store -> app 443/tcp", "store store-vpn hub hub/attachment tgw", "",
        "denied TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION hub/attachment"),
    Row("a table of its own", TABLES, f"{NO_DEFAULTS}\n{OWN}[att, hub/attachment]}}}}", "app -> store 443/tcp", OUT, IN),
    Row("no propagation", TABLES, f"{NO_DEFAULTS}\n{OWN}[att]}}}}", "app -> store 443/tcp", APP, "",
        "no_route TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT own"),
    Row("without its transit gateway", CONCENTRATOR, "vpn_concentrators: {hub: tgw-0123456789abcdef0}", "store -> app 443/tcp",
        "store store-vpn hub", "", "undecided VPCSIM_NOT_MODELLED hub"),
]  # fmt: skip

REFUSALS = [
    Refusal("static routes", CONCENTRATOR, "vpn_connections: {shop-vpn: {static_routes: 192.168.1.0/24}}",
            "InvalidParameterCombination", "shop-vpn"),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=names(ROWS))
def test_sites_behind_a_concentrator(row: Row) -> None:
    check(BASE, row)


@pytest.mark.parametrize("row", REFUSALS, ids=names(REFUSALS))
def test_refused(row: Refusal) -> None:
    refused(BASE, row)


TEMPLATE = """
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  Net: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.1.0/24}}
  App: {Type: AWS::EC2::Instance, Properties: {SubnetId: !Ref Net}}
  Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Vpc}}
  Used: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {SubnetId: !Ref Net, RouteTableId: !Ref Table}}
  Tgw: {Type: AWS::EC2::TransitGateway}
  Att: {Type: AWS::EC2::TransitGatewayVpcAttachment,
    Properties: {TransitGatewayId: !Ref Tgw, VpcId: !Ref Vpc, SubnetIds: [!Ref Net]}}
  Way: {Type: AWS::EC2::Route, Properties: {RouteTableId: !Ref Table,
    DestinationCidrBlock: 192.168.0.0/16, TransitGatewayId: !Ref Tgw}}
  Hub: {Type: AWS::EC2::VPNConcentrator, Properties: {Type: ipsec.1, TransitGatewayId: !Ref Tgw}}
  Router: {Type: AWS::EC2::CustomerGateway, Properties: {Type: ipsec.1, BgpAsn: 65000, IpAddress: 198.51.100.1}}
  Site: {Type: AWS::EC2::VPNConnection, Properties: {Type: ipsec.1, CustomerGatewayId: !Ref Router, VpnConcentratorId: !Ref Hub}}
  Own: {Type: AWS::EC2::TransitGatewayRouteTable, Properties: {TransitGatewayId: !Ref Tgw}}
  Static: {Type: AWS::EC2::TransitGatewayRoute, Properties: {TransitGatewayRouteTableId: !Ref Own,
    DestinationCidrBlock: 192.168.9.0/24, TransitGatewayAttachmentId: !GetAtt Hub.TransitGatewayAttachmentId}}
"""


def test_a_template_names_the_attachment(tmp_path: Path) -> None:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-vpnconcentrator.html"""
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    net = vpcsim.load(tmp_path)
    assert net.places["Own"].routes[0].transit_gateway_attachment_id == "Hub/attachment"  # type: ignore[attr-defined]
    answer = ask(net, "App -> 192.168.9.9 443/tcp")
    assert (answer.verdict, answer.at) == ("undecided", "Router/network")


def test_its_description_names_the_attachment_that_aws_made() -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpnConcentrator.html"""
    net = changed(BASE, "transit_gateway_attachments: {made: {transit_gateway: tgw, type: vpn-concentrator, resource: hub}}")
    assert "hub/attachment" not in net.places
    assert ask(net, "app -> store 443/tcp").reachable


def test_what_aws_describes_is_read(tmp_path: Path) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeVpnConcentrators.html"""
    described = {
        "TransitGateways": [{"TransitGatewayId": "tgw-1", "State": "available"}],
        "VpnConcentrators": [
            {"VpnConcentratorId": "vcn-1", "State": "available", "TransitGatewayId": "tgw-1", "Type": "ipsec.1"},
            {"VpnConcentratorId": "vcn-2", "State": "deleted", "TransitGatewayId": "tgw-1", "Type": "ipsec.1"},
        ],
        "TransitGatewayAttachments": [
            {"TransitGatewayAttachmentId": "tgw-attach-1", "TransitGatewayId": "tgw-1", "State": "available",
             "ResourceType": "vpn-concentrator", "ResourceId": "vcn-1"},
        ],
        "CustomerGateways": [{"CustomerGatewayId": "cgw-1", "IpAddress": "198.51.100.1", "State": "available"}],
        "VpnConnections": [
            {"VpnConnectionId": "vpn-1", "CustomerGatewayId": "cgw-1", "TransitGatewayId": "tgw-1", "State": "available",
             "VpnConcentratorId": "vcn-1"},
        ],
    }  # fmt: skip
    (tmp_path / "all.json").write_text(json.dumps(described))
    net = vpcsim.load(tmp_path)
    assert {"vcn-1", "vpn-1", "tgw-attach-1"} <= net.places.keys()
    assert not {"vcn-2", "vpn-1/attachment", "vcn-1/attachment"} & net.places.keys()


def test_a_state_of_terraform_is_read(tmp_path: Path) -> None:
    """https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/vpn_concentrator"""
    tgw, vcn, cgw, vpn = (f"{prefix}-0a1b2c3d4e5f60718" for prefix in ("tgw", "vcn", "cgw", "vpn"))
    kept = {
        "aws_ec2_transit_gateway": {"id": tgw},
        "aws_vpn_concentrator": {"id": vcn, "type": "ipsec.1", "transit_gateway_id": tgw},
        "aws_customer_gateway": {
            "id": cgw,
            "bgp_asn": "65000",
            "ip_address": "198.51.100.1",
            "type": "ipsec.1",
        },
        "aws_vpn_connection": {
            "id": vpn,
            "customer_gateway_id": cgw,
            "vpn_concentrator_id": vcn,
            "type": "ipsec.1",
        },
    }
    resources = [
        {"mode": "managed", "type": type, "name": "it", "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
         "instances": [{"schema_version": 0, "attributes": attributes}]}
        for type, attributes in kept.items()
    ]  # fmt: skip
    state = {"version": 4, "terraform_version": "1.11.0", "serial": 1, "lineage": "it", "outputs": {}, "resources": resources}
    (tmp_path / "terraform.tfstate").write_text(json.dumps(state))
    net = vpcsim.load(tmp_path)
    assert net.index.neighbours["aws_vpn_concentrator.it"] == ["aws_vpn_connection.it"]
    assert "aws_vpn_concentrator.it/attachment" in net.places
