"""On-premises networks: sources and destinations by address, by their gateways only."""

from __future__ import annotations

import pytest
from networks import Row, ask, changed, check, names, network

from vpcsim import InputError

ROUTING = "https://docs.aws.amazon.com/vpn/latest/s2svpn/VPNRoutingTypes.html"
PRIORITY = "https://docs.aws.amazon.com/vpn/latest/s2svpn/vpn-route-priority.html"

BASE = """
vpcs: {vpc: 10.0.0.0/16, other: 10.1.0.0/16}
subnets: {net: {vpc: vpc, cidr: 10.0.1.0/24}, far: {vpc: other, cidr: 10.1.1.0/24}}
on_premises: {office: {prefixes: 192.168.0.0/16, ip: 192.168.1.5}, lab: 192.168.7.0/24}
customer_gateways: {router: office}
vpn_gateways: {vgw: {vpc: vpc, propagates_to: table}}
vpn_connections: {vpn: {vpn_gateway: vgw, customer_gateway: router}}
internet_gateways: {igw: vpc}
route_tables: {table: {vpc: vpc, subnets: net, routes: {0.0.0.0/0: igw}}}
security_groups: {open: {vpc: vpc, ingress: all from 0.0.0.0/0}, far-open: {vpc: other, ingress: all from 0.0.0.0/0}}
elastic_ips: {app-ip: {instance: app, ip: 198.51.100.10}}
instances:
  app: {subnet: net, ip: 10.0.1.10, security_groups: open}
  far-app: {subnet: far, ip: 10.1.1.10, security_groups: far-open}
"""
OUT, IN = "app app/net net vgw vpn office", "office vpn vgw app/net app"
UNKNOWN = "undecided VPCSIM_NOT_MODELLED"
NO_ROUTE = "no_route NO_ROUTE_TO_DESTINATION office"

ROWS = [
    Row("by name, to the private address", ROUTING, "", "office -> app 443/tcp", IN, OUT),
    Row("by address", ROUTING, "", "192.168.200.1 -> app 443/tcp", IN, OUT),
    Row("as a destination by name", ROUTING, "", "app -> office 22/tcp", OUT, IN),
    Row("a VPC that no gateway leads to", ROUTING, "", "office -> far-app 443/tcp", "office", "", NO_ROUTE),
    Row("an address of nobody", ROUTING, "", "office -> 172.16.1.1 443/tcp", "office", "", NO_ROUTE),
    Row("inside it", ROUTING, "", "office -> 192.168.1.6 443/tcp", "office", "", f"{UNKNOWN} office"),
    Row("its own way to the internet", ROUTING, "", "office -> 192.0.2.9 443/tcp", "office", "", f"{UNKNOWN} office"),
    Row("its own way to a public address of the VPC", ROUTING, "", "office -> 198.51.100.10 443/tcp", "office", "",
        f"{UNKNOWN} office"),
    Row("the narrowest network has the address", ROUTING, "", "192.168.7.7 -> app 443/tcp", "lab", "",
        "no_route NO_ROUTE_TO_DESTINATION lab"),
    Row("what it announces and does not have", ROUTING, "vpn_connections: {vpn: {announces: [192.168.0.0/16, 172.16.0.0/12]}}",
        "app -> 172.16.1.1 443/tcp", OUT, "", f"{UNKNOWN} office"),
    Row("addresses that the VPC has too", PRIORITY, "on_premises: {office: {prefixes: [192.168.0.0/16, 10.0.0.0/8]}}",
        "10.0.77.7 -> app 443/tcp", IN, "app app/net net", "no_route NO_POSSIBLE_DESTINATION table"),
    Row("an interface comes before a network with its address", PRIORITY,
        "on_premises: {office: {prefixes: [192.168.0.0/16, 10.0.0.0/8]}}", "10.1.1.10 -> app 443/tcp",
        "far-app far-app/far far", "", "no_route NO_ROUTE_TO_DESTINATION other/main-route-table"),
    Row("somebody else is still on the internet", ROUTING, "", "198.51.100.77 -> 198.51.100.10 443/tcp",
        "internet igw app/net app", "app app/net net igw internet"),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=names(ROWS))
def test_from_and_to_the_office(row: Row) -> None:
    check(BASE, row)


def test_a_host_that_nobody_named_is_assumed() -> None:
    answer = ask(changed(BASE, "on_premises: {office: {ip: null}}"), "office -> app 443/tcp")
    assert answer.reachable
    assert "the address 192.168.0.10 of office is assumed" in answer.assumptions


def test_its_host_is_inside() -> None:
    with pytest.raises(InputError, match="the host is not inside its prefixes"):
        changed(BASE, "on_premises: {office: {ip: 10.9.9.9}}")


def test_it_asks_public_names() -> None:
    """Behind AWS's resolvers only who asks through one of their endpoints sees private names."""
    net = network(BASE)
    assert net.resolve("office", "sqs.us-east-1.amazonaws.com").owner == "public DNS"
