"""Transit Gateway Connect: GRE tunnels to appliances, what propagates from them, and what AWS refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from networks import API, Refusal, Row, check, names, refused

from vpcsim import load

CONNECT = "https://docs.aws.amazon.com/vpc/latest/tgw/tgw-connect.html"
QUOTAS = "https://docs.aws.amazon.com/vpc/latest/tgw/transit-gateway-quotas.html"
PEER = f"{API}API_TransitGatewayConnectPeerConfiguration.html"

BASE = """
vpcs: {one: 10.0.0.0/16, hub: 10.2.0.0/16}
subnets:
  app-net: {vpc: one, cidr: 10.0.1.0/24}
  hub-net: {vpc: hub, cidr: 10.2.9.0/28}
  box-net: {vpc: hub, cidr: 10.2.1.0/24}
on_premises: {branch: {prefixes: 192.168.0.0/16, ip: 192.168.1.5}}
transit_gateways: {tgw: {}}
transit_gateway_attachments:
  att-one: {transit_gateway: tgw, vpc: one, subnets: app-net}
  att-hub: {transit_gateway: tgw, vpc: hub, subnets: hub-net}
transit_gateway_connects: {sdwan: att-hub}
transit_gateway_connect_peers:
  tunnel: {connect: sdwan, peer_ip: 10.2.1.5, gateway_ip: 192.0.2.1, inside: 169.254.6.0/29, network: branch}
route_tables:
  table-one: {vpc: one, subnets: app-net, routes: {10.0.0.0/8: tgw, 192.168.0.0/16: tgw}}
  box-table: {vpc: hub, subnets: [box-net, hub-net], routes: {192.0.2.0/24: tgw}}
security_groups:
  app-sg: {vpc: one, ingress: all from 192.168.0.0/16}
  box-sg: {vpc: hub, ingress: 47 from 192.0.2.0/24}
instances:
  app: {subnet: app-net, ip: 10.0.1.10, security_groups: app-sg}
  box: {subnet: box-net, ip: 10.2.1.5, security_groups: box-sg, source_dest_check: false}
"""
ASKED, FROM = "app -> branch 443/tcp", "branch -> app 443/tcp"
TO_TGW = "app app/app-net app-net tgw sdwan sdwan/connect"
OUT = f"{TO_TGW} tunnel branch"
IN = "branch tunnel sdwan/connect sdwan tgw app-net app/app-net app"
ACL = "network_acls: {acl: {vpc: hub, subnets: box-net, ingress: [%s], egress: [%s]}}"
ANY = "100 allow all from 0.0.0.0/0", "100 allow all to 0.0.0.0/0"
NO_GROUP = "security_groups: {box-sg: {ingress: [], egress: []}}"

ROWS = [
    Row("out through the tunnel", CONNECT, "", ASKED, OUT, IN),
    Row("in through the tunnel", CONNECT, "", FROM, IN, OUT),
    Row("what is announced propagates", CONNECT,
        "transit_gateway_connect_peers: {tunnel: {announces: 192.168.2.0/24}}", ASKED, "app app/app-net app-net tgw", "",
        "no_route TGW_RTB_CANNOT_ROUTE tgw/default-route-table"),
    Row("the group of the appliance lets GRE in", CONNECT, "security_groups: {box-sg: {ingress: [], egress: all to 0.0.0.0/0}}",
        ASKED, OUT, IN),
    Row("or what the gateway sent lets it answer", CONNECT, "security_groups: {box-sg: {egress: []}}", FROM, IN, OUT),
    Row("a group that lets neither through", CONNECT, NO_GROUP, ASKED, f"{TO_TGW} tunnel", "", "denied SG_HAS_NO_RULES box-sg"),
    Row("nor in", CONNECT, NO_GROUP, FROM, "branch tunnel", "", "denied SG_HAS_NO_RULES box-sg"),
    Row("the ACL of the appliance's subnet, in", CONNECT, ACL % ("100 allow tcp 443 from 0.0.0.0/0", ANY[1]), ASKED,
        f"{TO_TGW} tunnel", "", "denied SUBNET_ACL_RESTRICTION acl"),
    Row("the ACL of the appliance's subnet, out", CONNECT, ACL % (ANY[0], "100 allow tcp 443 to 0.0.0.0/0"), FROM,
        "branch tunnel", "", "denied SUBNET_ACL_RESTRICTION acl"),
    Row("no route to the gateway's own block", CONNECT, "route_tables: {box-table: {routes: null}}", FROM, "branch tunnel", "",
        "no_route NO_ROUTE_TO_DESTINATION box-table"),
    Row("an appliance that is not in the model", PEER, "transit_gateway_connect_peers: {tunnel: {peer_ip: 10.2.1.99}}", ASKED,
        f"{TO_TGW} tunnel", "", "undecided VPCSIM_NOT_MODELLED tunnel"),
    Row("no BGP session is up", PEER, "transit_gateway_connect_peers: {tunnel: {state: pending}}", ASKED,
        "app app/app-net app-net tgw", "", "no_route TGW_RTB_CANNOT_ROUTE tgw/default-route-table"),
    Row("a network of which nothing is known", CONNECT, "transit_gateway_connect_peers: {tunnel: {network: null}}", ASKED,
        f"{TO_TGW} tunnel tunnel/network", "", "undecided VPCSIM_NOT_MODELLED tunnel/network"),
    Row("the longer prefix of two peers", CONNECT, "on_premises: {other: {prefixes: 192.168.1.0/24}}\n"
        "transit_gateway_connect_peers: {second: {connect: sdwan, peer_ip: 10.2.1.5, gateway_ip: 192.0.2.2,"
        " inside: 169.254.7.0/29, network: other}}", "app -> 192.168.1.5 443/tcp", f"{TO_TGW} second other",
        "other second sdwan/connect sdwan tgw app-net app/app-net app"),
    Row("the outside of a tunnel", CONNECT, "", "box -> 192.0.2.1 47", "box box/box-net box-net tgw", "",
        "undecided VPCSIM_NOT_MODELLED tunnel"),
    Row("GRE of somebody else is of the VPC", CONNECT, "security_groups: {box-sg: {egress: all to 0.0.0.0/0}}\n"
        "instances: {other: {subnet: box-net, ip: 10.2.1.6, security_groups: box-sg}}", "other -> 192.0.2.1 47",
        "other other/box-net box-net tgw", "", "no_route TGW_RTB_CANNOT_ROUTE tgw/default-route-table"),
    Row("before a VPN", "https://docs.aws.amazon.com/vpc/latest/tgw/how-transit-gateways-work.html",
        "on_premises: {office: {prefixes: 192.168.0.0/16}}\ncustomer_gateways: {router: office}\n"
        "vpn_connections: {vpn: {transit_gateway: tgw, customer_gateway: router}}", ASKED, OUT, IN),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=names(ROWS))
def test_what_passes_a_tunnel(row: Row) -> None:
    check(BASE, row)


PEERS = "transit_gateway_connect_peers"
REFUSALS = [
    Refusal("a static route", CONNECT, "transit_gateway_route_tables: {rt: {transit_gateway: tgw, routes: {10.9.0.0/16: sdwan}}}",
            "", "rt"),
    Refusal("a block that is reserved", CONNECT, f"{PEERS}: {{tunnel: {{inside: 169.254.0.0/29}}}}", "InvalidParameterValue",
            "tunnel"),
    Refusal("a block of another size", CONNECT, f"{PEERS}: {{tunnel: {{inside: 169.254.6.0/28}}}}", "InvalidParameterValue",
            "tunnel"),
    Refusal("ends of two families", CONNECT, f'{PEERS}: {{tunnel: {{gateway_ip: "2001:db8::1"}}}}', "InvalidParameterCombination",
            "tunnel"),
    Refusal("one block for two tunnels", CONNECT,
            f"{PEERS}: {{second: {{connect: sdwan, peer_ip: 10.2.1.6, gateway_ip: 192.0.2.1, inside: 169.254.6.0/29}}}}",
            "InvalidParameterValue", "second"),
    Refusal("one block for two attachments of a gateway", CONNECT, f"transit_gateway_connects: {{more: att-hub}}\n{PEERS}:"
            " {second: {connect: more, peer_ip: 10.2.1.6, gateway_ip: 192.0.2.1, inside: 169.254.6.0/29}}",
            "InvalidParameterValue", "second"),
    Refusal("two tunnels with the same ends", CONNECT,
            f"{PEERS}: {{second: {{connect: sdwan, peer_ip: 10.2.1.5, gateway_ip: 192.0.2.1, inside: 169.254.7.0/29}}}}",
            "InvalidParameterValue", "second"),
    Refusal("five peers", QUOTAS, f"{PEERS}: {{" + ", ".join(
            f"p{n}: {{connect: sdwan, peer_ip: 10.2.1.{n}, gateway_ip: 192.0.2.1, inside: 169.254.{n}.0/29}}"
            for n in range(7, 11)) + "}", "ResourceLimitExceeded", ""),
    Refusal("a peer of another attachment", CONNECT, f"{PEERS}: {{tunnel: {{connect: att-hub}}}}",
            "InvalidTransitGatewayAttachmentID.NotFound", "tunnel"),
    Refusal("a transport that carries none", CONNECT, "transit_gateways: {far: {}}\ntransit_gateway_attachments: {peering:"
            " {transit_gateway: tgw, peer: far}}\ntransit_gateway_connects: {sdwan: peering}", "InvalidParameterValue", "sdwan"),
]  # fmt: skip


@pytest.mark.parametrize("row", REFUSALS, ids=names(REFUSALS))
def test_what_aws_refuses(row: Refusal) -> None:
    refused(BASE, row)


TEMPLATE = """
Resources:
  VPC: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.2.0.0/16}}
  Net: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref VPC, CidrBlock: 10.2.1.0/24}}
  Gateway: {Type: AWS::EC2::TransitGateway, Properties: {TransitGatewayCidrBlocks: [192.0.2.0/24]}}
  Transport:
    Type: AWS::EC2::TransitGatewayAttachment
    Properties: {TransitGatewayId: !Ref Gateway, VpcId: !Ref VPC, SubnetIds: [!Ref Net]}
  Connect:
    Type: AWS::EC2::TransitGatewayConnect
    Properties: {TransportTransitGatewayAttachmentId: !Ref Transport, Options: {Protocol: gre}}
  Peer:
    Type: AWS::EC2::TransitGatewayConnectPeer
    Properties:
      TransitGatewayAttachmentId: !Ref Connect
      ConnectPeerConfiguration: {PeerAddress: 10.2.1.5, TransitGatewayAddress: 192.0.2.1, InsideCidrBlocks: [169.254.6.0/29]}
"""
DESCRIBED = {
    "Vpcs": [{"VpcId": "vpc-0aa", "CidrBlock": "10.2.0.0/16"}],
    "Subnets": [{"SubnetId": "subnet-0aa", "VpcId": "vpc-0aa", "CidrBlock": "10.2.1.0/24"}],
    "TransitGateways": [{"TransitGatewayId": "tgw-0aa", "State": "available"}],
    "TransitGatewayVpcAttachments": [
        {"TransitGatewayAttachmentId": "tgw-attach-0aa", "TransitGatewayId": "tgw-0aa", "VpcId": "vpc-0aa",
         "SubnetIds": ["subnet-0aa"], "State": "available"}
    ],
    "TransitGatewayConnects": [
        {"TransitGatewayAttachmentId": "tgw-attach-0bb", "TransportTransitGatewayAttachmentId": "tgw-attach-0aa",
         "TransitGatewayId": "tgw-0aa", "State": "available", "Options": {"Protocol": "gre"}}
    ],
    "TransitGatewayConnectPeers": [
        {"TransitGatewayAttachmentId": "tgw-attach-0bb", "TransitGatewayConnectPeerId": "tgw-connect-peer-0aa",
         "State": "available", "ConnectPeerConfiguration": {
             "PeerAddress": "10.2.1.5", "TransitGatewayAddress": "192.0.2.1", "InsideCidrBlocks": ["169.254.6.0/29"],
             "Protocol": "gre", "BgpConfigurations": [{"BgpStatus": "up"}, {"BgpStatus": "down"}]}}
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "text", "attachment"),
    [("template.yaml", TEMPLATE, "Connect"), ("account.json", json.dumps(DESCRIBED), "tgw-attach-0bb")],
)
def test_the_spellings(name: str, text: str, attachment: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    net = load(tmp_path / name)
    told = net.topology.resources[attachment].dump()
    assert (told["ResourceType"], told["ResourceId"]) == ("connect", f"{attachment}/connect")
    assert net.topology.of_kind("transit_gateway_connect_peer")


def of_state(type: str, name: str, **values: object) -> dict[str, object]:
    """A resource of a Terraform state."""
    return {"mode": "managed", "type": type, "name": name, "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
            "instances": [{"attributes": {"id": name, **values}}]}  # fmt: skip


def test_the_spelling_in_terraform(tmp_path: Path) -> None:
    """Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ec2_transit_gateway_connect"""
    gateway, transport = {"transit_gateway_id": "tgw-0aabbccdd"}, "tgw-attach-0aabbccdd"
    resources = [
        of_state("aws_vpc", "vpc-0aabbccdd", cidr_block="10.2.0.0/16"),
        of_state("aws_subnet", "subnet-0aabbccdd", vpc_id="vpc-0aabbccdd", cidr_block="10.2.1.0/24",
                 availability_zone="us-east-1a"),
        of_state("aws_ec2_transit_gateway", "tgw-0aabbccdd"),
        of_state("aws_ec2_transit_gateway_vpc_attachment", transport, vpc_id="vpc-0aabbccdd", subnet_ids=["subnet-0aabbccdd"],
                 **gateway),
        of_state("aws_ec2_transit_gateway_connect", "tgw-attach-0bbccddee", transport_attachment_id=transport, protocol="gre",
                 **gateway),
        of_state("aws_ec2_transit_gateway_connect_peer", "tgw-connect-peer-0aabbccdd", peer_address="10.2.1.5",
                 transit_gateway_attachment_id="tgw-attach-0bbccddee", transit_gateway_address="192.0.2.1",
                 inside_cidr_blocks=["169.254.6.0/29"]),
    ]  # fmt: skip
    state = {"version": 4, "terraform_version": "1.9.0", "serial": 1, "lineage": "x", "resources": resources}
    (tmp_path / "terraform.tfstate").write_text(json.dumps(state))
    told = load(tmp_path / "terraform.tfstate").topology
    (peer,) = told.of_kind("transit_gateway_connect_peer")
    attachment = peer.dump()["TransitGatewayAttachmentId"]
    assert told.resources[attachment].dump()["ResourceType"] == "connect"
    assert peer.dump()["ConnectPeerConfiguration"]["PeerAddress"] == "10.2.1.5"
