"""Database instances: one subnet of the group, one port, a name that answers inside and outside."""

from __future__ import annotations

import pytest
from networks import Refusal, Row, ask, changed, check, names, refused

RDS = "https://docs.aws.amazon.com/AmazonRDS/latest/"
VPC = f"{RDS}UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html"
CREATE = f"{RDS}APIReference/API_CreateDBInstance.html"
BASE = """
vpcs: {vpc: {cidr: 10.0.0.0/16, dns_hostnames: true}}
subnets: {a: {cidr: 10.0.0.0/24, az: us-east-1a}, b: {cidr: 10.0.1.0/24, az: us-east-1b}}
internet_gateways: {igw: vpc}
route_tables: {table: {subnets: [a, b], routes: {0.0.0.0/0: igw}}}
security_groups: {open: {ingress: all from 0.0.0.0/0}, data: {ingress: tcp 5432 from open}}
instances: {app: {subnet: a, ip: 10.0.0.10, security_groups: open}}
db_subnet_groups: {group: [a, b]}
db_instances: {db: {engine: postgres, subnet_group: group, security_groups: data, public: false}}
"""
TO, FROM = "app app/a a db/a db", "db db/a a app/a app"
ROWS = [
    Row("its port", CREATE, "", "app -> db 5432/tcp", TO, FROM),
    Row("its group", VPC, "", "app -> db 3306/tcp", "app app/a a db/a", "", "denied ENI_SG_RULES_MISMATCH data"),
    Row(
        "another port",
        CREATE,
        "db_instances: {db: {security_groups: open}}",
        "app -> db 3306/tcp",
        TO,
        "",
        "denied VPCSIM_NO_SERVICE db",
    ),
    Row("a port of its own", CREATE, "db_instances: {db: {security_groups: open, port: 6000}}", "app -> db 6000/tcp", TO, FROM),
    Row(
        "its zone",
        VPC,
        "db_instances: {db: {az: us-east-1b}}",
        "app -> db 5432/tcp",
        "app app/a a db/b db",
        "db db/b b app/a app",
    ),
    Row(
        "public, and open to it",
        VPC,
        "db_instances: {db: {security_groups: open, public: true}}",
        "internet -> db 5432/tcp",
        "internet igw db/a db",
        "db db/a a igw internet",
    ),
    Row(
        "public, but its group is not",
        VPC,
        "db_instances: {db: {public: true}}",
        "internet -> db 5432/tcp",
        "internet igw db/a",
        "",
        "denied ENI_SG_RULES_MISMATCH data",
    ),
    Row(
        "not public",
        VPC,
        "",
        "internet -> db 5432/tcp",
        "internet",
        "",
        "no_route IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS internet",
    ),
    Row("starts no connections", VPC, "", "db -> app 443/tcp", "db", "", "denied NO_PATH db"),
]


@pytest.mark.parametrize("row", ROWS, ids=names(ROWS))
def test_databases(row: Row) -> None:
    check(BASE, row)


@pytest.mark.parametrize(
    ("engine", "port"),
    [
        ("mysql", 3306),
        ("mariadb", 3306),
        ("postgres", 5432),
        ("aurora-postgresql", 5432),
        ("aurora-mysql", 3306),
        ("oracle-ee", 1521),
        ("sqlserver-ex", 1433),
        ("db2-se", 50000),
    ],
)
def test_without_a_port_the_engine_decides(engine: str, port: int) -> None:
    net = changed(BASE, f"db_instances: {{db: {{engine: {engine}, security_groups: open}}}}")
    assert net.trace("app", "db").service == f"{port}/tcp"
    assert net.trace("app", "db").reachable


def test_the_name_answers_privately_inside_and_publicly_outside() -> None:
    net = changed(BASE, "db_instances: {db: {public: true}}")
    name = net.index.host_of["db"]
    inside, outside = net.resolve("app", name).addresses, net.resolve("public", name).addresses
    assert inside[0].startswith("10.0.0.")
    assert outside[0].startswith("203.0.113.")
    private = changed(BASE, "")
    assert private.resolve("public", private.index.host_of["db"]).addresses[0].startswith("10.0.0.")
    assert net.resolve("app", name, "AAAA").rcode == "NOERROR"


@pytest.mark.parametrize(("gateways", "public"), [("{igw: vpc}", True), ("null", False)])
def test_unless_said_an_internet_gateway_makes_it_public(gateways: str, public: bool) -> None:
    tables = "" if public else "\nroute_tables: null"
    net = changed(BASE, f"internet_gateways: {gateways}{tables}\ndb_instances: {{db: {{public: null}}}}")
    assert (net.public_address("vpc", net.address_of("db/a")) is not None) is public


SIX = """
vpcs: {vpc: {ipv6: "2001:db8:a::/56"}}
subnets:
  a: {ipv6_cidr: "2001:db8:a:1::/64", AssignIpv6AddressOnCreation: true}
  b: {ipv6_cidr: "2001:db8:a:2::/64", AssignIpv6AddressOnCreation: true}
db_instances: {db: {network_type: %s, public: %s}}
"""


@pytest.mark.parametrize(
    ("type", "public", "asker", "count"),
    [("IPV4", "false", "app", 0), ("DUAL", "false", "app", 1), ("DUAL", "true", "app", 1), ("DUAL", "true", "public", 1)],
)
def test_ipv6_with_the_network_type_dual_only(type: str, public: str, asker: str, count: int) -> None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html"""
    net = changed(BASE, SIX % (type, public))
    assert len(net.resolve(asker, net.index.host_of["db"], "AAAA").addresses) == count
    assert net.places["db/a"].deny_all_igw_traffic is (type == "DUAL" and public == "false")


REFUSALS = [
    Refusal(
        "two zones",
        f"{RDS}APIReference/API_CreateDBSubnetGroup.html",
        "db_subnet_groups: {group: [a]}",
        "DBSubnetGroupDoesNotCoverEnoughAZs",
        "group",
    ),
    Refusal("no subnet in its zone", CREATE, "db_instances: {db: {az: us-east-1c}}", "InvalidVPCNetworkStateFault", "db"),
]


@pytest.mark.parametrize("row", REFUSALS, ids=names(REFUSALS))
def test_what_aws_refuses(row: Refusal) -> None:
    refused(BASE, row)


def test_a_question_by_name_finds_it() -> None:
    net = changed(BASE, "")
    assert ask(net, f"app -> {net.index.host_of['db']} 5432/tcp").reachable
