"""Clusters of databases: names for the writer and the readers, what instances have from them, three zones of their own."""

from __future__ import annotations

import json

import pytest
from networks import Refusal, Row, changed, check, names, refused

from vpcsim.errors import InputError
from vpcsim.fabric.db_cluster import cluster_endpoint
from vpcsim.readers import topology_of
from vpcsim.readers.document import Map, parse

AURORA = "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Overview.Endpoints.html"
READER = "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Endpoints.Reader.html"
MULTI = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/multi-az-db-clusters-concepts.html"
CREATE = "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBCluster.html"
BASE = """
vpcs: {vpc: {cidr: 10.0.0.0/16, dns_hostnames: true}}
subnets:
  a: {cidr: 10.0.0.0/24, az: us-east-1a}
  b: {cidr: 10.0.1.0/24, az: us-east-1b}
  c: {cidr: 10.0.2.0/24, az: us-east-1c}
security_groups: {open: {ingress: all from 0.0.0.0/0}, data: {ingress: tcp 5432 from open}}
instances: {app: {subnet: a, ip: 10.0.0.10, security_groups: open}}
db_subnet_groups: {group: [a, b, c]}
db_clusters:
  aurora: {engine: aurora-postgresql, subnet_group: group, security_groups: data}
  multi: {engine: postgres, instance_class: db.m5d.large, subnet_group: group, security_groups: open}
db_instances: {one: {cluster: aurora}, two: {cluster: aurora, az: us-east-1b}}
"""
ROWS = [
    Row("the writer", AURORA, "", "app -> aurora 5432/tcp", "app app/a a one/a one", "one one/a a app/a app"),
    Row("an instance by itself", AURORA, "", "app -> two 5432/tcp", "app app/a a two/b two", "two two/b b app/a app"),
    Row("the cluster's group", AURORA, "db_clusters: {aurora: {security_groups: [vpc/default-security-group]}}",
        "app -> aurora 5432/tcp", "app app/a a one/a", "", "denied ENI_SG_RULES_MISMATCH vpc/default-security-group"),
    Row("the cluster's port", CREATE, "db_clusters: {aurora: {port: 6000, security_groups: open}}",
        "app -> aurora 6000/tcp", "app app/a a one/a one", "one one/a a app/a app"),
    Row("another writer", AURORA, "db_clusters: {aurora: {writer: two}}",
        "app -> aurora 5432/tcp", "app app/a a two/b two", "two two/b b app/a app"),
    Row("three zones", MULTI, "", "app -> multi 5432/tcp", "app app/a a multi/a multi", "multi multi/a a app/a app"),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=names(ROWS))
def test_clusters(row: Row) -> None:
    check(BASE, row)


NAMES = [
    ("the readers", "aurora", "", ["two/b"]),
    ("the writer where there is no reader", "aurora", "db_instances: {two: null}", ["one/a"]),
    ("none without instances", "aurora", "db_instances: null", []),
    ("two of three zones", "multi", "", ["multi/b", "multi/c"]),
]


@pytest.mark.parametrize(("told", "cluster", "change", "wanted"), NAMES, ids=[row[0] for row in NAMES])
def test_the_name_of_the_readers(told: str, cluster: str, change: str, wanted: list[str]) -> None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Endpoints.Reader.html"""
    net = changed(BASE, change)
    found = net.resolve("app", cluster_endpoint(cluster, cluster, "us-east-1", reader=True))
    assert sorted(found.addresses) == sorted(net.index.topology.resources[id].dump()["PrivateIpAddress"] for id in wanted)


REFUSALS = [
    Refusal("two zones for three", MULTI, "db_subnet_groups: {group: [a, b]}", "DBSubnetGroupDoesNotCoverEnoughAZs", "multi"),
]


@pytest.mark.parametrize("row", REFUSALS, ids=names(REFUSALS))
def test_what_cannot_be(row: Refusal) -> None:
    refused(BASE, row)


WRONG = [
    ("db_clusters: {aurora: {engine: unheard-of}}", "aurora: the default port of `unheard-of` is not known; give its port"),
    ("db_instances: {one: {cluster: null}}", "one: it has neither a DB subnet group nor a cluster"),
]


@pytest.mark.parametrize(("change", "told"), WRONG)
def test_what_is_missing_is_told(change: str, told: str) -> None:
    with pytest.raises(InputError, match=told):
        changed(BASE, change)


@pytest.mark.parametrize(("type", "count"), [("IPV4", 0), ("DUAL", 1)])
def test_the_network_type_of_the_cluster(type: str, count: int) -> None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBCluster.html"""
    blocks = ", ".join(f'{id}: {{ipv6_cidr: "2001:db8:a:{n}::/64"}}' for n, id in enumerate("abc"))
    six = f'vpcs: {{vpc: {{ipv6: "2001:db8:a::/56"}}}}\nsubnets: {{{blocks}}}\n'
    net = changed(BASE, f"{six}db_clusters: {{aurora: {{network_type: {type}}}, multi: {{network_type: {type}}}}}")
    for cluster in ("aurora", "multi"):
        assert len(net.resolve("app", net.index.host_of[cluster], "AAAA").addresses) == count


TEMPLATE = """
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  A: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.0.0/24, AvailabilityZone: us-east-1a}}
  B: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.1.0/24, AvailabilityZone: us-east-1b}}
  Group: {Type: AWS::RDS::DBSubnetGroup, Properties: {SubnetIds: [!Ref A, !Ref B], DBSubnetGroupDescription: data}}
  Cluster:
    Type: AWS::RDS::DBCluster
    Properties: {Engine: aurora-mysql, DBSubnetGroupName: !Ref Group, DBClusterIdentifier: shop}
  One: {Type: AWS::RDS::DBInstance, Properties: {DBClusterIdentifier: !Ref Cluster, Engine: aurora-mysql}}
  Zone:
    Type: AWS::Route53::HostedZone
    Properties: {Name: corp.example, VPCs: [{VPCId: !Ref Vpc, VPCRegion: us-east-1}]}
  Record:
    Type: AWS::Route53::RecordSet
    Properties:
      {HostedZoneId: !Ref Zone, Name: db.corp.example, Type: CNAME, ResourceRecords: [!GetAtt Cluster.ReadEndpoint.Address]}
"""


def test_a_template_and_what_aws_describes() -> None:
    document = parse(TEMPLATE, "template.yaml")
    assert isinstance(document, Map)
    topology = topology_of([document])
    one, zone = topology.resources["One"].dump(), topology.resources["Zone"].dump()
    assert (one["DBSubnetGroupName"], one["Engine"]) == ("Group", "aurora-mysql")
    record = zone["ResourceRecordSets"][0]["ResourceRecords"][0]["Value"]
    assert record == cluster_endpoint("shop", "Cluster", "us-east-1", reader=True)
    assert topology.settings.skipped == ()


def test_aws_says_who_writes() -> None:
    described = {
        "Vpcs": [{"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16"}],
        "Subnets": [
            {"SubnetId": f"subnet-{z}", "VpcId": "vpc-1", "CidrBlock": f"10.0.{n}.0/24", "AvailabilityZone": f"us-east-1{z}"}
            for n, z in enumerate("ab")
        ],
        "DBClusters": [
            {
                "DBClusterIdentifier": "shop", "Engine": "aurora-mysql", "DBSubnetGroup": "group", "Port": 3307,
                "DBClusterMembers": [
                    {"DBInstanceIdentifier": "one", "IsClusterWriter": False},
                    {"DBInstanceIdentifier": "two", "IsClusterWriter": True},
                ],
            }
        ],
        "DBInstances": [
            {
                "DBInstanceIdentifier": name, "Engine": "aurora-mysql", "DBClusterIdentifier": "shop",
                "DBSubnetGroup": {
                    "DBSubnetGroupName": "group",
                    "Subnets": [{"SubnetIdentifier": "subnet-a"}, {"SubnetIdentifier": "subnet-b"}],
                },
            }
            for name in ("one", "two")
        ],
    }  # fmt: skip
    document = parse(json.dumps(described), "answers.json")
    assert isinstance(document, Map)
    topology = topology_of([document])
    assert topology.resources["shop"].dump()["Writer"] == "two"
    assert topology.resources["two"].dump()["Port"] == 3307
