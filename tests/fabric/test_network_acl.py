"""Network ACLs: numbered entries at the edge of a subnet, without memory."""

from __future__ import annotations

import pytest
from networks import API, ERRORS, VPC, Refusal, Row, changed, check, names, refused

from vpcsim import InputError

ACL = f"{VPC}vpc-network-acls.html"
CUSTOM = f"{VPC}custom-network-acl.html"
DEFAULT = f"{VPC}default-network-acl.html"
ENTRY = f"{API}API_NetworkAclEntry.html"
CREATE = f"{API}API_CreateNetworkAclEntry.html"

BASE = """
vpcs: {vpc: {cidr: 10.0.0.0/16, Ipv6CidrBlockAssociationSet: [{Ipv6CidrBlock: "2001:db8:1:a00::/56"}]}}
subnets:
  app-net: {cidr: 10.0.1.0/24, ipv6_cidr: "2001:db8:1:a01::/64"}
  db-net: {cidr: 10.0.2.0/24, ipv6_cidr: "2001:db8:1:a02::/64"}
security_groups: {open: {ingress: [all from 0.0.0.0/0, "all from ::/0"], egress: [all to 0.0.0.0/0, "all to ::/0"]}}
network_acls:
  app-acl: {subnets: app-net, ingress: 100 allow all from 0.0.0.0/0, egress: 100 allow all to 0.0.0.0/0}
  db-acl: {subnets: db-net, ingress: 100 allow all from 0.0.0.0/0, egress: 100 allow all to 0.0.0.0/0}
network_interfaces:
  app-eni:
    {subnet: app-net, ip: 10.0.1.10, Ipv6Addresses: [{Ipv6Address: "2001:db8:1:a01::10"}], security_groups: open, instance: app}
  db-eni:
    {subnet: db-net, ip: 10.0.2.10, Ipv6Addresses: [{Ipv6Address: "2001:db8:1:a02::10"}], security_groups: open, instance: db}
  two-eni: {subnet: app-net, ip: 10.0.1.11, security_groups: open, instance: two}
instances: {app: {}, db: {}, two: {}}
"""
TO, BACK = "app app-eni app-net db-eni db", "db db-eni db-net app-eni app"
OUT, IN = "app app-eni app-net", "app app-eni app-net db-eni"
BACK_OUT, BACK_IN = "db db-eni db-net", "db db-eni db-net app-eni"
HTTPS, HTTPS6 = "app -> 10.0.2.10 443/tcp", "app -> 2001:db8:1:a02::10 443/tcp"
PING, PING6 = "app -> 10.0.2.10 icmp", "app -> 2001:db8:1:a02::10 icmp"
NO, NO_DB = "denied SUBNET_ACL_RESTRICTION app-acl", "denied SUBNET_ACL_RESTRICTION db-acl"


def acl(name: str, **ways: str) -> str:
    entries = ", ".join(f"{way}: [{lines}]" for way, lines in ways.items())
    return f"network_acls: {{{name}: {{{entries}}}}}"


def into(*entries: str) -> str:
    return acl("db-acl", ingress=", ".join(entries))


def out(*entries: str) -> str:
    return acl("db-acl", egress=", ".join(entries))


def six(ingress: str, egress: str) -> str:
    """Entries of db-acl for IPv6."""
    ways = f"{{ingress: '10 allow {ingress} from ::/0', egress: '10 allow {egress} to ::/0'}}"
    return f"network_acls: {{app-acl: {ALL_SIX}, db-acl: {ways}}}"


WINDOWS = "\ninstances: {app: {platform: windows}}"
OLD_ENTRY = "{{RuleNumber: 100, Protocol: '{0}', RuleAction: allow, CidrBlock: 0.0.0.0/0, PortRange: {{From: 1, To: 2}}}}"
TIGHT = (
    "network_acls: {app-acl: {egress: 10 allow tcp 443 to 10.0.2.0/24, ingress: 10 allow tcp 32768-60999 from 10.0.2.0/24}, "
    "db-acl: {ingress: 10 allow tcp 443 from 10.0.1.0/24, egress: 10 allow tcp 32768-60999 to 10.0.1.0/24}}"
)
ALL_SIX = "{ingress: '100 allow all from ::/0', egress: '100 allow all to ::/0'}"
SIX = f"network_acls: {{app-acl: {ALL_SIX}, db-acl: {ALL_SIX}}}"

ROWS = [
    Row("default ACL", DEFAULT, "network_acls: null", HTTPS, TO, BACK),
    Row("default ACL and IPv6", DEFAULT, "network_acls: null", HTTPS6, TO, BACK),
    Row(
        "an unassociated subnet has the default ACL", ACL, "network_acls: {app-acl: {subnets: [], ingress: [], egress: []}}",
        HTTPS, TO, BACK,
    ),
    Row("a custom ACL without entries denies", CUSTOM, into(), HTTPS, IN, "", NO_DB),
    Row("a custom ACL without entries, out", CUSTOM, acl("app-acl", egress=""), HTTPS, OUT, "", NO),
    Row(
        "a custom ACL without a word on entries", CUSTOM, "network_acls: {db-acl: {ingress: null, egress: null}}", HTTPS, IN, "",
        NO_DB,
    ),
    Row("deny before allow", ACL, into("100 deny tcp 443 from 0.0.0.0/0", "200 allow all from 0.0.0.0/0"), HTTPS, IN, "", NO_DB),
    Row("allow before deny", ACL, into("100 allow tcp 443 from 0.0.0.0/0", "200 deny all from 0.0.0.0/0"), HTTPS, TO, BACK),
    Row(
        "the number decides, not the place", ACL, into("200 allow all from 0.0.0.0/0", "100 deny tcp 443 from 0.0.0.0/0"), HTTPS,
        IN, "", NO_DB,
    ),
    Row("a number is no text", ACL, into("1000 deny all from 0.0.0.0/0", "99 allow all from 0.0.0.0/0"), HTTPS, TO, BACK),
    Row(
        "the first that matches: port", ACL, into("100 deny tcp 80 from 0.0.0.0/0", "200 allow all from 0.0.0.0/0"), HTTPS, TO,
        BACK,
    ),
    Row(
        "the first that matches: source", ACL, into("100 deny all from 10.0.1.11/32", "200 allow all from 0.0.0.0/0"), HTTPS, TO,
        BACK,
    ),
    Row(
        "the first that matches: protocol", ACL, into("100 deny udp from 0.0.0.0/0", "200 allow all from 0.0.0.0/0"), HTTPS, TO,
        BACK,
    ),
    Row(
        "the longer block does not win", ACL, into("100 allow all from 0.0.0.0/0", "200 deny all from 10.0.1.10/32"), HTTPS, TO,
        BACK,
    ),
    Row("* for the rest", ACL, into("100 allow tcp 80 from 0.0.0.0/0"), HTTPS, IN, "", NO_DB),
    Row("the highest number", CUSTOM, into("32766 allow all from 0.0.0.0/0"), HTTPS, TO, BACK),
    Row(
        "in and out are apart", ACL, acl("db-acl", ingress="100 allow all from 0.0.0.0/0", egress="100 deny all to 0.0.0.0/0"),
        HTTPS, TO, BACK_OUT, NO_DB,
    ),
    Row("no memory: the reply out", ACL, out("100 allow tcp 443 to 0.0.0.0/0"), HTTPS, TO, BACK_OUT, NO_DB),
    Row("no memory: the reply in", ACL, acl("app-acl", ingress="100 allow tcp 443 from 0.0.0.0/0"), HTTPS, TO, BACK_IN, NO),
    Row("ephemeral ports of Linux", CUSTOM, out("100 allow tcp 32768-60999 to 10.0.1.0/24"), HTTPS, TO, BACK),
    Row("ephemeral ports as AWS writes them", CUSTOM, out("100 allow tcp 32768-61000 to 10.0.1.0/24"), HTTPS, TO, BACK),
    Row("ephemeral ports of everybody", CUSTOM, out("100 allow tcp 1024-65535 to 10.0.1.0/24"), HTTPS, TO, BACK),
    Row("ephemeral ports, one short below", CUSTOM, out("100 allow tcp 32769-61000 to 10.0.1.0/24"), HTTPS, TO, BACK_OUT, NO_DB),
    Row("ephemeral ports, one short above", CUSTOM, out("100 allow tcp 32768-60998 to 10.0.1.0/24"), HTTPS, TO, BACK_OUT, NO_DB),
    Row(
        "ephemeral ports, the range of Windows only", CUSTOM, out("100 allow tcp 49152-65535 to 10.0.1.0/24"), HTTPS, TO,
        BACK_OUT, NO_DB,
    ),
    Row(
        "ephemeral ports, in two entries", CUSTOM,
        out("100 allow tcp 32768-50000 to 10.0.1.0/24", "110 allow tcp 50001-61000 to 0.0.0.0/0"), HTTPS, TO, BACK,
    ),
    Row(
        "ephemeral ports, one denied among them", CUSTOM, out("100 deny tcp 50000 to 0.0.0.0/0", "110 allow all to 0.0.0.0/0"),
        HTTPS, TO, BACK_OUT, NO_DB,
    ),
    Row("ephemeral ports of Windows", CUSTOM, out("100 allow tcp 49152-65535 to 10.0.1.0/24") + WINDOWS, HTTPS, TO, BACK),
    Row(
        "ephemeral ports of Windows, not those of Linux", CUSTOM, out("100 allow tcp 32768-61000 to 10.0.1.0/24") + WINDOWS,
        HTTPS, TO, BACK_OUT, NO_DB,
    ),
    Row(
        "ephemeral ports in at the client's", CUSTOM, acl("app-acl", ingress="100 allow tcp 32768-60999 from 10.0.2.0/24"), HTTPS,
        TO, BACK,
    ),
    Row("only what is needed", CUSTOM, TIGHT, HTTPS, TO, BACK),
    Row("only what is needed: no other port", CUSTOM, TIGHT, "app -> 10.0.2.10 80/tcp", OUT, "", NO),
    Row("only what is needed: nobody else", CUSTOM, TIGHT.replace("from 10.0.1.0/24", "from 10.0.1.11/32"), HTTPS, IN, "", NO_DB),
    Row(
        "not inside a subnet", ACL, acl("app-acl", ingress="", egress=""), "app -> two 443/tcp",
        "app app-eni app-net two-eni two", "two two-eni app-net app-eni app",
    ),
    Row(
        "a range of ports, one denied", ACL, into("100 deny tcp 8050 from 0.0.0.0/0", "200 allow all from 0.0.0.0/0"),
        "app -> 10.0.2.10 8000-8100/tcp", IN, "", NO_DB,
    ),
    Row("udp", ENTRY, into("100 allow udp 53 from 0.0.0.0/0"), "app -> 10.0.2.10 53/udp", TO, BACK),
    Row("udp is not tcp", ENTRY, into("100 allow udp 443 from 0.0.0.0/0"), HTTPS, IN, "", NO_DB),
    Row("tcp without ports", ENTRY, into("100 allow tcp from 0.0.0.0/0"), HTTPS, TO, BACK),
    Row("protocol by number", ENTRY, into("100 allow 6 443 from 0.0.0.0/0"), HTTPS, TO, BACK),
    Row("protocol -1", ENTRY, into("100 allow -1 from 0.0.0.0/0"), HTTPS, TO, BACK),
    Row("protocol -1 has no ports", ENTRY, into(OLD_ENTRY.format(-1)), HTTPS, TO, BACK),
    Row("protocol 47 has no ports", ENTRY, into(OLD_ENTRY.format(47)), "app -> 10.0.2.10 47", TO, BACK),
    Row("protocol 6 has ports", ENTRY, into(OLD_ENTRY.format(6)), HTTPS, IN, "", NO_DB),
    Row("protocol 47 is not 50", ENTRY, into("100 allow 47 from 0.0.0.0/0"), "app -> 10.0.2.10 50", IN, "", NO_DB),
    Row("icmp, every type", ENTRY, into("100 allow icmp from 0.0.0.0/0"), PING, TO, BACK),
    Row(
        "icmp, echo in and its reply out", ENTRY,
        acl("db-acl", ingress="100 allow icmp 8 from 0.0.0.0/0", egress="100 allow icmp 0 to 0.0.0.0/0"), PING, TO, BACK,
    ),
    Row(
        "icmp, with codes", ENTRY,
        acl("db-acl", ingress="100 allow icmp 8/0 from 0.0.0.0/0", egress="100 allow icmp 0/0 to 0.0.0.0/0"), PING, TO, BACK,
    ),
    Row(
        "icmp, with every code", ENTRY,
        acl("db-acl", ingress="100 allow icmp 8/-1 from 0.0.0.0/0", egress="100 allow icmp 0/* to 0.0.0.0/0"), PING, TO, BACK,
    ),
    Row("icmp, the reply is no echo", ENTRY, out("100 allow icmp 8 to 0.0.0.0/0"), PING, TO, BACK_OUT, NO_DB),
    Row("icmp, echo is no reply", ENTRY, into("100 allow icmp 0 from 0.0.0.0/0"), PING, IN, "", NO_DB),
    Row("icmp, another code", ENTRY, into("100 allow icmp 8/1 from 0.0.0.0/0"), PING, IN, "", NO_DB),
    Row("icmp is not tcp", ENTRY, into("100 allow icmp from 0.0.0.0/0"), HTTPS, IN, "", NO_DB),
    Row("tcp is not icmp", ENTRY, into("100 allow tcp from 0.0.0.0/0"), PING, IN, "", NO_DB),
    Row("IPv4 entries leave IPv6 out", ACL, "", HTTPS6, OUT, "", NO),
    Row(
        "IPv6 entries", ACL,
        SIX,
        HTTPS6, TO, BACK,
    ),
    Row("icmpv6, echo in and its reply out", ACL, six("icmpv6 128/0", "icmpv6 129/0"), PING6, TO, BACK),
    Row("icmpv6, echo with every code", ENTRY, six("icmpv6 128", "icmpv6 129"), PING6, TO, BACK),
    Row("icmpv6, the reply is no echo", ACL, six("icmpv6 128", "icmpv6 128"), PING6, TO, BACK_OUT, NO_DB),
    Row("icmpv6, echo is no reply", ACL, six("icmpv6 129", "icmpv6 129"), PING6, IN, "", NO_DB),
    Row("icmpv6 is not icmp", ACL, six("icmp 8", "icmp 0"), PING6, IN, "", NO_DB),
    Row("IPv6 entries leave IPv4 out", ACL, "network_acls: {app-acl: {egress: '100 allow all to ::/0'}}", HTTPS, OUT, "", NO),
    Row(
        "an IPv4 deny before an IPv6 allow", ACL,
        "network_acls: {app-acl: {egress: [100 deny all to 0.0.0.0/0, '110 allow all to ::/0'], "
        "ingress: '100 allow all from ::/0'}, db-acl: null}", HTTPS6, TO, BACK,
    ),
]  # fmt: skip

OTHER = (
    "vpcs: {vpc: {}, other: 10.9.0.0/16}\nsubnets: {app-net: {vpc: vpc}, db-net: {vpc: vpc}}\n"
    "security_groups: {open: {vpc: vpc}}\nnetwork_acls: {app-acl: {vpc: vpc}, db-acl: {vpc: other}}"
)

REFUSALS = [
    Refusal(
        "a number twice", ERRORS, into("100 allow tcp 443 from 0.0.0.0/0", "100 deny all from 0.0.0.0/0"),
        "NetworkAclEntryAlreadyExists", "db-acl",
    ),
    Refusal(
        "an entry without a block", CREATE, into("{RuleNumber: 5, Protocol: '-1', RuleAction: allow}"), "MissingParameter",
        "db-acl",
    ),
    Refusal("a number that AWS keeps", CREATE, into("32767 allow all from 0.0.0.0/0"), "InvalidParameterValue", "db-acl"),
    Refusal("a subnet of another VPC", ACL, OTHER, "InvalidParameterValue", "db-acl"),
    Refusal("ports in the wrong order", CREATE, into("100 allow tcp 443-80 from 0.0.0.0/0"), "InvalidParameterValue", "db-acl"),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=names(ROWS))
def test_what_an_acl_lets_through(row: Row) -> None:
    check(BASE, row)


@pytest.mark.parametrize("row", REFUSALS, ids=names(REFUSALS))
def test_what_aws_refuses(row: Refusal) -> None:
    refused(BASE, row)


@pytest.mark.parametrize(
    "entry",
    [
        "allow all from 0.0.0.0/0",
        "0 allow all from 0.0.0.0/0",
        "40000 allow all from 0.0.0.0/0",
        "100 permit all from 0.0.0.0/0",
        "100 allow tcp 443 from pl-x",
        "100 allow tcp 70000 from 0.0.0.0/0",
        "100 allow tcp 80- from 0.0.0.0/0",
        "100 allow icmp 300 from 0.0.0.0/0",
        "100 allow icmp 8/999 from 0.0.0.0/0",
    ],
)
def test_what_is_no_entry(entry: str) -> None:
    with pytest.raises(InputError):
        changed(BASE, into(entry))


def test_a_subnet_has_one_acl() -> None:
    with pytest.raises(InputError):
        changed(BASE, "network_acls: {third-acl: {subnets: db-net, ingress: [], egress: []}}")
