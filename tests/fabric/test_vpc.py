"""VPCs: their blocks, and that two of them do not know each other."""

from __future__ import annotations

import pytest
from networks import ERRORS, VPC, Refusal, Row, changed, check, names, refused

from vpcsim import RefusedError

BLOCKS = f"{VPC}vpc-cidr-blocks.html"
TABLES = f"{VPC}subnet-route-tables.html"
IGW = f"{VPC}VPC_Internet_Gateway.html"

BASE = """
vpcs: {one: 10.0.0.0/16, two: 10.0.0.0/16}
subnets: {a-net: {vpc: one, cidr: 10.0.1.0/24}, b-net: {vpc: two, cidr: 10.0.2.0/24}}
security_groups: {a-sg: {vpc: one}, b-sg: {vpc: two, ingress: all from 0.0.0.0/0}}
instances: {a: {subnet: a-net, ip: 10.0.1.10, security_groups: a-sg}, b: {subnet: b-net, ip: 10.0.2.10, security_groups: b-sg}}
"""
APART = "vpcs: {two: 10.2.0.0/16}\nsubnets: {b-net: {cidr: 10.2.2.0/24}}\ninstances: {b: {ip: 10.2.2.10}}"
PUBLIC = (
    "\ninternet_gateways: {igw: one}\nroute_tables: {a-table: {vpc: one, subnets: a-net, routes: {0.0.0.0/0: igw}}}\n"
    "elastic_ips: {a-ip: {instance: a, ip: 198.51.100.10}}"
)

ROWS = [
    Row(
        "another VPC with the same block", BLOCKS, "", "a -> b 22/tcp", "a a/a-net a-net", "",
        "no_route NO_POSSIBLE_DESTINATION one/main-route-table",
    ),
    Row(
        "another VPC without a peering", TABLES, APART, "a -> b 22/tcp", "a a/a-net a-net", "",
        "no_route NO_ROUTE_TO_DESTINATION one/main-route-table",
    ),
    Row(
        "another VPC by an internet gateway", IGW, APART + PUBLIC, "a -> b 22/tcp", "a a/a-net a-net igw", "",
        "denied IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS igw",
    ),
]  # fmt: skip

REFUSALS = [
    Refusal("larger than /16", ERRORS, "vpcs: {big: 10.8.0.0/15}", "InvalidVpcRange", "big"),
    Refusal("smaller than /28", ERRORS, "vpcs: {tiny: 10.9.0.0/29}", "InvalidVpcRange", "tiny"),
    Refusal(
        "a second block that is too large", ERRORS, "vpcs: {more: {cidr: 10.8.0.0/16, more_cidrs: 10.16.0.0/12}}",
        "InvalidVpcRange", "more",
    ),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=names(ROWS))
def test_vpcs_are_apart(row: Row) -> None:
    check(BASE, row)


@pytest.mark.parametrize("row", REFUSALS, ids=names(REFUSALS))
def test_what_aws_refuses(row: Refusal) -> None:
    refused(BASE, row)


@pytest.mark.parametrize("more", ["10.0.0.0/17", "10.0.128.0/20"])
def test_the_blocks_of_a_vpc_do_not_overlap(more: str) -> None:
    """https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html"""
    with pytest.raises(RefusedError):
        changed(BASE, f"vpcs: {{one: {{cidr: 10.0.0.0/16, more_cidrs: {more}}}}}")


@pytest.mark.parametrize("cidr", ["10.8.0.0/16", "10.8.0.0/28"])
def test_the_largest_and_the_smallest_block(cidr: str) -> None:
    changed(BASE, f"vpcs: {{third: {cidr}}}")
