"""Carrier gateways: a route leads there, and what happens then is undecided."""

from __future__ import annotations

from networks import Row, check

PAGE = "https://docs.aws.amazon.com/wavelength/latest/developerguide/how-wavelengths-work.html"
BASE = """
vpcs: {vpc: 10.0.0.0/16, other: 10.1.0.0/16}
subnets: {net: {vpc: vpc, cidr: 10.0.1.0/24}}
carrier_gateways: {gw: vpc}
route_tables: {table: {vpc: vpc, subnets: net, routes: {192.0.2.0/24: gw}}}
security_groups: {open: {vpc: vpc, ingress: all from 0.0.0.0/0}}
instances: {app: {subnet: net, ip: 10.0.1.10, security_groups: open}}
"""
ASK = "app -> 192.0.2.9 443/tcp"
APP = "app app/net net"


def test_what_it_does_is_undecided() -> None:
    check(BASE, Row("out", PAGE, "", ASK, f"{APP} gw", "", "undecided VPCSIM_NOT_MODELLED gw"))


def test_it_takes_nothing_from_a_vpc_without_it() -> None:
    row = Row("other VPC", PAGE, "carrier_gateways: {gw: other}", ASK, APP, "", "null_routed BAD_STATE_ROUTE table")
    check(BASE, row)


def test_what_another_route_takes_is_decided() -> None:
    check(BASE, Row("elsewhere", PAGE, "", "app -> 198.51.100.9 443/tcp", APP, "", "no_route NO_ROUTE_TO_DESTINATION table"))


BPA = "https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa-basics.html"
SIX = """
vpcs: {vpc: {Ipv6CidrBlockAssociationSet: [{Ipv6CidrBlock: "2001:db8:1:a00::/56"}]}}
subnets: {net: {ipv6_cidr: "2001:db8:1:a01::/64", assign_ipv6_address_on_creation: true}}
route_tables: {table: {routes: {"::/0": gw}}}
"""


def test_what_stops_before_it_is_decided() -> None:
    stopped = "denied VPC_BLOCK_PUBLIC_ACCESS_ENABLED gw"
    check(BASE, Row("Block Public Access", BPA, "block_public_access: {x: block-bidirectional}", ASK, f"{APP} gw", "", stopped))
    base = BASE.replace("vpc: 10.0.0.0/16", "vpc: {cidr: 10.0.0.0/16}")
    six = Row("IPv6", PAGE, SIX, "app -> 2001:db8:99::9 443/tcp", f"{APP} gw", "", "denied PROTOCOL_RESTRICTION gw")
    check(base, six)
