"""EFS: a mount target for each zone, NFS only, names that depend on the asker's zone."""

from __future__ import annotations

import pytest
from networks import Refusal, Row, changed, check, names, refused

EFS = "https://docs.aws.amazon.com/efs/latest/ug/"
BASE = """
vpcs: {vpc: {cidr: 10.0.0.0/16, dns_hostnames: true}}
subnets: {a: {cidr: 10.0.0.0/24, az: us-east-1a}, b: {cidr: 10.0.1.0/24, az: us-east-1b}, c: {cidr: 10.0.2.0/24, az: us-east-1c}}
security_groups: {open: {ingress: all from 0.0.0.0/0}, nfs: {ingress: tcp 2049 from open}}
instances:
  app: {subnet: a, ip: 10.0.0.10, security_groups: open}
  bob: {subnet: b, ip: 10.0.1.10, security_groups: open}
  cat: {subnet: c, ip: 10.0.2.10, security_groups: open}
file_systems: {fs-0123456789: {}}
mount_targets:
  in-a: {file_system: fs-0123456789, subnet: a, ip: 10.0.0.20, security_groups: nfs}
  in-b: {file_system: fs-0123456789, subnet: b, ip: 10.0.1.20, security_groups: nfs}
"""
NAME = "fs-0123456789.efs.us-east-1.amazonaws.com"
ROWS = [
    Row("NFS", f"{EFS}network-access.html", "", "app -> in-a 2049/tcp", "app app/a a in-a/a in-a", "in-a in-a/a a app/a app"),
    Row(
        "its group",
        f"{EFS}network-access.html",
        "mount_targets: {in-a: {security_groups: open}}",
        "app -> in-a 22/tcp",
        "app app/a a in-a/a in-a",
        "",
        "denied VPCSIM_NO_SERVICE in-a",
    ),
    Row(
        "another zone by its own address",
        f"{EFS}manage-fs-access.html",
        "",
        "app -> in-b 2049/tcp",
        "app app/a a in-b/b in-b",
        "in-b in-b/b b app/a app",
    ),
    Row(
        "a file system starts nothing", f"{EFS}network-access.html", "", "in-a -> app 443/tcp", "in-a", "", "denied NO_PATH in-a"
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=names(ROWS))
def test_mount_targets(row: Row) -> None:
    check(BASE, row)


@pytest.mark.parametrize(
    ("asker", "name", "addresses"),
    [
        ("app", NAME, ("10.0.0.20",)),
        ("bob", NAME, ("10.0.1.20",)),
        ("cat", NAME, ()),
        ("public", NAME, ()),
        ("app", f"us-east-1b.{NAME}", ("10.0.1.20",)),
        ("cat", f"us-east-1a.{NAME}", ("10.0.0.20",)),
    ],
)
def test_names_depend_on_the_zone(asker: str, name: str, addresses: tuple[str, ...]) -> None:
    assert changed(BASE, "").resolve(asker, name).addresses == addresses


def test_a_file_system_is_asked_for_by_its_id() -> None:
    answer = changed(BASE, "").trace("bob", "fs-0123456789")
    assert answer.reachable
    assert answer.passes("in-b")
    assert answer.service == "2049/tcp"


@pytest.mark.parametrize("attribute", ["dns_hostnames", "dns_support"])
def test_names_need_both_dns_attributes(attribute: str) -> None:
    """https://docs.aws.amazon.com/efs/latest/ug/mounting-fs-mount-cmd-dns-name.html"""
    net = changed(BASE, f"vpcs: {{vpc: {{{attribute}: false}}}}")
    assert net.resolve("app", NAME).addresses == ()


SIX = """
vpcs: {vpc: {ipv6: "2001:db8:a::/56"}}
subnets: {a: {ipv6_cidr: "2001:db8:a:1::/64", AssignIpv6AddressOnCreation: true}}
mount_targets: {in-a: {ip_address_type: %s}}
"""


@pytest.mark.parametrize(("type", "count"), [("IPV4_ONLY", 0), ("DUAL_STACK", 1)])
def test_ipv6_where_it_is_asked_for(type: str, count: int) -> None:
    """https://docs.aws.amazon.com/efs/latest/ug/API_CreateMountTarget.html"""
    assert len(changed(BASE, SIX % type).resolve("app", NAME, "AAAA").addresses) == count


def test_an_address_of_ipv6_that_is_given() -> None:
    net = changed(BASE, (SIX % "DUAL_STACK").replace("{in-a: {", '{in-a: {ipv6: "2001:db8:a:1::20", '))
    assert net.resolve("app", NAME, "AAAA").addresses == ("2001:db8:a:1::20",)


CREATE = f"{EFS}API_CreateMountTarget.html"
REFUSALS = [
    Refusal("dual-stack without IPv6", CREATE, "mount_targets: {in-a: {ip_address_type: DUAL_STACK}}", "BadRequest", "in-a"),
    Refusal("IPv6 only in a dual-stack subnet", CREATE, SIX % "IPV6_ONLY", "BadRequest", "in-a"),
    Refusal(
        "one for each zone",
        f"{EFS}manage-fs-access.html",
        "mount_targets: {in-a2: {file_system: fs-0123456789, subnet: a}}",
        "MountTargetConflict",
        "in-a2",
    ),
]


@pytest.mark.parametrize("row", REFUSALS, ids=names(REFUSALS))
def test_what_aws_refuses(row: Refusal) -> None:
    refused(BASE, row)
