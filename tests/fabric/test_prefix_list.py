"""Prefix lists: their own, and AWS's that are named by id."""

from __future__ import annotations

import pytest
from networks import VPC, Row, changed, check, names

from vpcsim import InputError

OWN = f"{VPC}managed-prefix-lists.html"
MANAGED = f"{VPC}working-with-aws-managed-prefix-lists.html"

BASE = """
vpcs: {vpc: 10.0.0.0/16}
subnets: {net: 10.0.1.0/24}
internet_gateways: {igw: vpc}
route_tables: {table: {subnets: net, routes: {0.0.0.0/0: igw}}}
prefix_lists: {pl-docs: {entries: [192.0.2.0/24, 198.51.100.0/25]}}
security_groups: {sg: {egress: tcp 443 to pl-docs}}
instances: {app: {subnet: net, ip: 10.0.1.10, public_address: true, security_groups: sg}}
"""
OUT, IN = "app app/net net igw", "igw app/net app"
NO = "denied ENI_SG_RULES_MISMATCH sg"
S3 = "security_groups: {sg: {egress: tcp 443 to pl-63a5400a}}"
IN_LISTS = "route_tables: {table: {routes: {0.0.0.0/0: null, pl-docs: igw}}}"

ROWS = [
    Row("first block", OWN, "", "app -> 192.0.2.9 443/tcp", f"{OUT} internet", f"internet {IN}"),
    Row("second block", OWN, "", "app -> 198.51.100.9 443/tcp", f"{OUT} internet", f"internet {IN}"),
    Row("beside the blocks", OWN, "", "app -> 198.51.100.129 443/tcp", "app app/net", "", NO),
    Row(
        "a list written as its blocks", OWN,
        "prefix_lists: {pl-docs: null, pl-other: [192.0.2.0/24]}\nsecurity_groups: {sg: {egress: tcp 443 to pl-other}}",
        "app -> 192.0.2.9 443/tcp", f"{OUT} internet", f"internet {IN}",
    ),
    Row(
        "a list of one block", OWN, "prefix_lists: {pl-docs: {entries: 192.0.2.0/24}}", "app -> 192.0.2.9 443/tcp",
        f"{OUT} internet", f"internet {IN}",
    ),
    Row("a route for a list", OWN, IN_LISTS, "app -> 198.51.100.9 443/tcp", f"{OUT} internet", f"internet {IN}"),
    Row("AWS's list of S3", MANAGED, S3, "app -> 52.216.8.1 443/tcp", f"{OUT} aws", f"aws {IN}"),
    Row("AWS's list of S3 holds nothing else", MANAGED, S3, "app -> 52.94.0.1 443/tcp", "app app/net", "", NO),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=names(ROWS))
def test_what_a_prefix_list_holds(row: Row) -> None:
    check(BASE, row)


def test_a_list_that_nobody_knows() -> None:
    with pytest.raises(InputError, match="pl-00000000"):
        changed(BASE, "security_groups: {sg: {egress: tcp 443 to pl-00000000}}")
