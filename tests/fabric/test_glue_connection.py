"""Connections of AWS Glue: interfaces of jobs, which start connections and never have a public address."""

from __future__ import annotations

from pathlib import Path

import pytest
from networks import Row, check, names

import vpcsim

CONNECTING = "https://docs.aws.amazon.com/glue/latest/dg/start-connecting.html"
BASE = """
vpcs: {vpc: {cidr: 10.0.0.0/16, dns_hostnames: true}}
subnets: {a: 10.0.0.0/24, b: 10.0.1.0/24}
internet_gateways: {igw: vpc}
route_tables: {public: {subnets: a, routes: {0.0.0.0/0: igw}}, private: {subnets: b}}
security_groups: {jobs: {ingress: all from jobs}, data: {ingress: tcp 5432 from jobs}}
instances: {db: {subnet: b, ip: 10.0.1.10, security_groups: data}}
glue_connections: {lake: {subnet: a, security_groups: jobs}}
"""
ROWS = [
    Row("a data store in the VPC", CONNECTING, "", "lake -> db 5432/tcp", "lake lake/a a db/b db", "db db/b b lake/a lake"),
    Row("the store's group", CONNECTING, "security_groups: {data: {ingress: []}}", "lake -> db 5432/tcp",
        "lake lake/a a db/b", "", "denied SG_HAS_NO_RULES data"),
    Row("no public address", CONNECTING, "", "lake -> 198.51.100.10 443/tcp", "lake lake/a a igw", "",
        "denied IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS igw"),
    Row("an endpoint for S3", CONNECTING, "endpoints: {s3: {service: s3, route_tables: public}}",
        "lake -> s3.us-east-1.amazonaws.com 443/tcp", "lake lake/a a s3", "s3 lake/a lake"),
    Row("it takes no connections", CONNECTING, "instances: {db: {security_groups: jobs}}", "db -> lake 443/tcp",
        "db db/b b lake/a lake", "", "denied VPCSIM_NO_SERVICE lake"),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=names(ROWS))
def test_glue_connection(row: Row) -> None:
    check(BASE, row)


TEMPLATE = """
Resources:
  VPC: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  Subnet: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref VPC, CidrBlock: 10.0.0.0/24}}
  Group: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: jobs, VpcId: !Ref VPC}}
  Lake:
    Type: AWS::Glue::Connection
    Properties:
      CatalogId: !Ref AWS::AccountId
      ConnectionInput:
        Name: lake
        ConnectionType: NETWORK
        PhysicalConnectionRequirements: {SubnetId: !Ref Subnet, SecurityGroupIdList: [!Ref Group], AvailabilityZone: us-east-1a}
  Catalog:
    Type: AWS::Glue::Connection
    Properties: {CatalogId: !Ref AWS::AccountId, ConnectionInput: {Name: catalog, ConnectionType: MARKETPLACE}}
"""


def test_a_template(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    net = vpcsim.load(tmp_path / "template.yaml")
    assert net.topology.settings.skipped == ()
    assert net.interfaces_of("Lake") == ("Lake/Subnet",)
    assert net.interfaces_of("Catalog") == ()
    assert net.trace("lake", "10.0.0.10").at != "Lake"


def test_an_answer_of_the_api(tmp_path: Path) -> None:
    (tmp_path / "all.json").write_text(
        '{"Vpcs": [{"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16"}], "Subnets": [{"SubnetId": "subnet-1", "VpcId": "vpc-1", '
        '"CidrBlock": "10.0.0.0/24", "AvailabilityZone": "us-east-1a"}], "ConnectionList": [{"Name": "lake", "ConnectionType": '
        '"JDBC", "PhysicalConnectionRequirements": {"SubnetId": "subnet-1", "SecurityGroupIdList": []}}]}'
    )
    assert vpcsim.load(tmp_path / "all.json").interfaces_of("lake") == ("lake/subnet-1",)
