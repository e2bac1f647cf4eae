"""Proxies of databases: one port by the family, two zones, private; what it asks of the database is another question."""

from __future__ import annotations

import pytest
from networks import Refusal, Row, changed, check, names, refused

from vpcsim.prefixes import address_text, family

PROXY = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy.html"
PREREQUISITES = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy-network-prereqs.html"
BASE = """
vpcs: {vpc: {cidr: 10.0.0.0/16, dns_hostnames: true}}
subnets: {a: {cidr: 10.0.0.0/24, az: us-east-1a}, b: {cidr: 10.0.1.0/24, az: us-east-1b}}
internet_gateways: {igw: vpc}
route_tables: {table: {subnets: [a, b], routes: {0.0.0.0/0: igw}}}
security_groups: {app-sg: {}, proxy-sg: {ingress: tcp 5432 from app-sg}, data-sg: {ingress: tcp 6000 from proxy-sg}}
instances: {app: {subnet: a, ip: 10.0.0.10, security_groups: app-sg}}
db_subnet_groups: {group: [a, b]}
db_instances: {db: {engine: postgres, port: 6000, subnet_group: group, security_groups: data-sg, public: false}}
db_proxies: {proxy: {family: POSTGRESQL, subnets: [a, b], security_groups: proxy-sg}}
"""
ROWS = [
    Row("the family's port", PROXY, "", "app -> proxy 5432/tcp", "app app/a a proxy/a proxy", "proxy proxy/a a app/a app"),
    Row("whatever the database's port", PROXY, "security_groups: {proxy-sg: {ingress: all from app-sg}}",
        "app -> proxy 6000/tcp", "app app/a a proxy/a proxy", "", "denied VPCSIM_NO_SERVICE proxy"),
    Row("then the database", PREREQUISITES, "", "proxy -> db 6000/tcp", "proxy proxy/a a db/a db", "db db/a a proxy/a proxy"),
    Row("which the client does not reach itself", PREREQUISITES, "", "app -> db 6000/tcp",
        "app app/a a db/a", "", "denied ENI_SG_RULES_MISMATCH data-sg"),
    Row("not from outside", PROXY, "", "internet -> proxy 5432/tcp",
        "internet", "", "no_route IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS internet"),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=names(ROWS))
def test_proxies(row: Row) -> None:
    check(BASE, row)


@pytest.mark.parametrize(("family", "port"), [("MYSQL", 3306), ("POSTGRESQL", 5432), ("SQLSERVER", 1433)])
def test_every_family_has_its_port(family: str, port: int) -> None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy.html"""
    net = changed(BASE, f"db_proxies: {{proxy: {{family: {family}}}}}")
    assert net.index.port_of["proxy"] == port


SIX = """
vpcs: {vpc: {ipv6: "2001:db8:a::/56"}}
subnets: {a: {ipv6_cidr: "2001:db8:a:1::/64"}, b: {ipv6_cidr: "2001:db8:a:2::/64"}}
db_proxies: {proxy: {network_type: %s}}
"""


@pytest.mark.parametrize(("type", "four", "six"), [("IPV4", 2, 0), ("IPV6", 0, 2), ("DUAL", 2, 2)])
def test_the_network_type_of_its_endpoint(type: str, four: int, six: int) -> None:
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBProxy.html"""
    net = changed(BASE, SIX % type)
    name = net.index.host_of["proxy"]
    assert (len(net.resolve("app", name).addresses), len(net.resolve("app", name, "AAAA").addresses)) == (four, six)


def test_one_of_ipv6_takes_nothing_by_ipv4() -> None:
    net = changed(BASE, SIX % "IPV6")
    four = next(number for number in net.index.addresses_of["proxy/a"] if family(number) == 4)
    assert net.trace("app", address_text(four), port=5432).because == "proxy: speaks IPv6 only"


REFUSALS = [Refusal("one zone", PREREQUISITES, "db_proxies: {proxy: {subnets: [a]}}", "InvalidSubnet", "proxy")]


@pytest.mark.parametrize("row", REFUSALS, ids=names(REFUSALS))
def test_what_aws_refuses(row: Refusal) -> None:
    refused(BASE, row)
