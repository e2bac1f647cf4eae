"""Subnets: what stays inside one, what leaves it in which order, and blocks that AWS does not take."""

from __future__ import annotations

import pytest
from networks import ERRORS, VPC, Refusal, Row, ask, changed, check, names, refused

ACL = f"{VPC}vpc-network-acls.html"
GATEWAY_TABLES = f"{VPC}gateway-route-tables.html"
TABLES = f"{VPC}subnet-route-tables.html"
BASICS = f"{VPC}configure-subnets.html"

BASE = """
vpcs: {vpc: {cidr: 10.0.0.0/16, Ipv6CidrBlockAssociationSet: [{Ipv6CidrBlock: "2001:db8:1:a00::/56"}]}}
subnets: {left: 10.0.1.0/24, right: 10.0.2.0/24}
security_groups: {open: {ingress: all from 0.0.0.0/0}}
instances:
  a: {subnet: left, ip: 10.0.1.10, security_groups: open}
  b: {subnet: left, ip: 10.0.1.11, security_groups: open}
  c: {subnet: right, ip: 10.0.2.10, security_groups: open}
"""
SHUT = "network_acls: {shut: {subnets: left, ingress: [], egress: []}}"
ROUTED = "\nroute_tables: {left-table: {subnets: left, routes: {10.0.0.0/16: c}}}"

ROWS = [
    Row("neighbours", BASICS, "", "a -> b 22/tcp", "a a/left left b/left b", "b b/left left a/left a"),
    Row("neighbours pass no ACL", ACL, SHUT, "a -> b 22/tcp", "a a/left left b/left b", "b b/left left a/left a"),
    Row("neighbours pass no table", GATEWAY_TABLES, ROUTED, "a -> b 22/tcp", "a a/left left b/left b", "b b/left left a/left a"),
    Row("another subnet passes the ACL", ACL, SHUT, "a -> c 22/tcp", "a a/left left", "", "denied SUBNET_ACL_RESTRICTION shut"),
    Row(
        "another subnet passes the ACL in", ACL, SHUT, "c -> a 22/tcp", "c c/right right a/left", "",
        "denied SUBNET_ACL_RESTRICTION shut",
    ),
    Row(
        "the ACL out comes before the table", ACL, SHUT, "a -> 192.0.2.9 443/tcp", "a a/left left", "",
        "denied SUBNET_ACL_RESTRICTION shut",
    ),
    Row("an interface to itself", BASICS, "", "a -> 10.0.1.10 22/tcp", "a a/left left a/left a", "a a/left left a/left a"),
]  # fmt: skip

OTHER = (
    "vpcs: {vpc: {}, other: 10.0.0.0/16}\nsecurity_groups: {open: {vpc: vpc}}\nsubnets: {left: {vpc: vpc, cidr: 10.0.1.0/24}, "
    "right: {vpc: vpc, cidr: 10.0.2.0/24}, theirs: {vpc: other, cidr: 10.0.1.0/24}}"
)

REFUSALS = [
    Refusal("smaller than /28", ERRORS, "subnets: {tiny: 10.0.9.0/29}", "InvalidSubnet.Range", "tiny"),
    Refusal(
        "larger than /16", ERRORS,
        "vpcs: {vpc: {cidr: 10.0.0.0/15}}\nsubnets: {huge: 10.0.0.0/15, left: null, right: null}\ninstances: null",
        "InvalidSubnet.Range InvalidVpcRange", "",
    ),
    Refusal("outside of the VPC", ERRORS, "subnets: {far: 10.1.0.0/24}", "InvalidSubnet.Range", "far"),
    Refusal(
        "partly outside of the VPC", ERRORS,
        "vpcs: {vpc: {cidr: 10.0.0.0/20}}\nsubnets: {far: 10.0.0.0/19, left: null, right: null}\ninstances: null",
        "InvalidSubnet.Range", "far",
    ),
    Refusal("the same block twice", ERRORS, "subnets: {twin: 10.0.1.0/24}", "InvalidSubnet.Conflict", ""),
    Refusal("inside another subnet", ERRORS, "subnets: {inner: 10.0.1.128/25}", "InvalidSubnet.Conflict", ""),
    Refusal("around two subnets", ERRORS, "subnets: {outer: 10.0.0.0/22}", "InvalidSubnet.Conflict InvalidSubnet.Conflict", ""),
    Refusal(
        "two inside one, side by side", ERRORS, "subnets: {one: 10.0.1.0/26, two: 10.0.1.128/26}",
        "InvalidSubnet.Conflict InvalidSubnet.Conflict", "",
    ),
    Refusal(
        "IPv6 outside of the VPC", ERRORS, "subnets: {six: {cidr: 10.0.9.0/24, ipv6_cidr: '2001:db8:2::/64'}}",
        "InvalidSubnet.Range", "six",
    ),
    Refusal(
        "the same IPv6 block twice", ERRORS,
        "subnets: {six: {cidr: 10.0.9.0/24, ipv6_cidr: '2001:db8:1:a01::/64'}, nine: {cidr: 10.0.10.0/24, "
        "ipv6_cidr: '2001:db8:1:a01::/64'}}", "InvalidSubnet.Conflict", "",
    ),
    Refusal(
        "a zone of another Region", ERRORS, "subnets: {far: {cidr: 10.0.9.0/24, az: eu-west-1a}}", "InvalidParameterValue", "far",
    ),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=names(ROWS))
def test_what_leaves_a_subnet(row: Row) -> None:
    check(BASE, row)


@pytest.mark.parametrize("row", REFUSALS, ids=names(REFUSALS))
def test_what_aws_refuses(row: Refusal) -> None:
    refused(BASE, row)


def test_two_vpcs_may_have_the_same_block() -> None:
    """https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html"""
    changed(BASE, OTHER)


@pytest.mark.parametrize("cidr", ["10.0.9.0/28", "10.0.128.0/17"])
def test_the_smallest_and_a_large_block(cidr: str) -> None:
    """https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html: from /28 to /16."""
    changed(BASE, f"subnets: {{more: {cidr}}}")


def test_every_blocker_of_a_way_is_told() -> None:
    locks = (
        "network_acls: {shut: {subnets: [left, right], ingress: [], egress: []}}\nsecurity_groups: {open: {ingress: [], "
        "egress: []}}"
    )
    answer = ask(changed(BASE, locks), "a -> c 22/tcp", every=True)
    assert answer.codes == ("SG_HAS_NO_RULES", "SUBNET_ACL_RESTRICTION")
    assert answer.trip is not None
    assert [step.at for step in answer.trip.there.blockers] == ["open", "shut", "shut", "open"]
    assert answer.trip.end is answer.trip.there.blockers[0]
