"""Core networks: a route leads there, and what happens then is undecided."""

from __future__ import annotations

from pathlib import Path

from networks import Row, check

import vpcsim

PAGE = "https://docs.aws.amazon.com/network-manager/latest/cloudwan/cloudwan-route-evaluation.html"
BASE = """
vpcs: {vpc: 10.0.0.0/16, other: 10.1.0.0/16}
subnets: {net: {vpc: vpc, cidr: 10.0.1.0/24}}
core_networks: {gw: vpc}
route_tables: {table: {vpc: vpc, subnets: net, routes: {192.0.2.0/24: gw}}}
security_groups: {open: {vpc: vpc, ingress: all from 0.0.0.0/0}}
instances: {app: {subnet: net, ip: 10.0.1.10, security_groups: open}}
"""
ASK = "app -> 192.0.2.9 443/tcp"
APP = "app app/net net"


def test_what_it_does_is_undecided() -> None:
    check(BASE, Row("out", PAGE, "", ASK, f"{APP} gw", "", "undecided VPCSIM_NOT_MODELLED gw"))


def test_it_takes_nothing_from_a_vpc_without_it() -> None:
    row = Row("other VPC", PAGE, "core_networks: {gw: other}", ASK, APP, "", "null_routed BAD_STATE_ROUTE table")
    check(BASE, row)


def test_what_another_route_takes_is_decided() -> None:
    check(BASE, Row("elsewhere", PAGE, "", "app -> 198.51.100.9 443/tcp", APP, "", "no_route NO_ROUTE_TO_DESTINATION table"))


TEMPLATE = """
Resources:
  VPC: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  Net: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref VPC, CidrBlock: 10.0.1.0/24}}
  Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref VPC}}
  Association: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {SubnetId: !Ref Net, RouteTableId: !Ref Table}}
  Core: {Type: AWS::NetworkManager::CoreNetwork, Properties: {GlobalNetworkId: global-network-1}}
  Attachment:
    Type: AWS::NetworkManager::VpcAttachment
    Properties:
      CoreNetworkId: !Ref Core
      VpcArn: !Sub "arn:aws:ec2:${AWS::Region}:${AWS::AccountId}:vpc/${VPC}"
      SubnetArns: [!Sub "arn:aws:ec2:${AWS::Region}:${AWS::AccountId}:subnet/${Net}"]
  Route:
    Type: AWS::EC2::Route
    Properties: {RouteTableId: !Ref Table, DestinationCidrBlock: 10.0.0.0/8, CoreNetworkArn: !GetAtt Core.CoreNetworkArn}
  App: {Type: AWS::EC2::Instance, Properties: {SubnetId: !Ref Net, PrivateIpAddress: 10.0.1.10, ImageId: ami-1}}
"""


def test_a_template(tmp_path: Path) -> None:
    path = tmp_path / "template.yaml"
    path.write_text(TEMPLATE)
    net = vpcsim.load(path)
    assert net.topology.settings.skipped == ()
    assert (net.trace("App", "10.9.9.9").at, net.trace("App", "10.9.9.9").verdict) == ("Core", "undecided")
