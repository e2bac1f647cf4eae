"""Names of instances, and both DNS attributes of a VPC in every combination."""

from __future__ import annotations

import pytest
from answers import R53, NameRow, asked, check
from networks import EC2, VPC, changed, names

from vpcsim.names.vpc_names import resource_name

ATTRIBUTES = f"{VPC}AmazonDNS-concepts.html"
HOSTNAMES = f"{EC2}hostname-types.html"
RULES = f"{R53}resolver-overview-forward-vpc-to-network-autodefined-rules.html"
PRIVATE = f"{R53}hosted-zone-private-considerations.html"
ID = "i-0123456789abcdef0"

BASE = f"""
region: us-east-1
vpcs:
  myVPC:
    cidr: 10.0.0.0/16
    more_cidrs: 100.64.0.0/23
    dns_hostnames: true
    Ipv6CidrBlockAssociationSet: [{{Ipv6CidrBlock: "2001:db8:1:a00::/56"}}]
  otherVPC: {{cidr: 10.1.0.0/16, dns_hostnames: true}}
internet_gateways: {{igw: myVPC}}
subnets:
  a: {{vpc: myVPC, cidr: 10.0.1.0/24, ipv6_cidr: "2001:db8:1:a01::/64", AssignIpv6AddressOnCreation: true}}
  six: {{vpc: myVPC, ipv6_cidr: "2001:db8:1:a06::/64"}}
  shared: {{vpc: myVPC, cidr: 100.64.1.0/24}}
  c: {{vpc: otherVPC, cidr: 10.1.1.0/24}}
elastic_ips: {{web-ip: {{instance: web, ip: 203.0.113.25}}}}
instances:
  {ID}: {{subnet: a, ip: 10.0.1.10}}
  web: {{subnet: a, ip: 10.0.1.20}}
  carrier: {{subnet: shared, ip: 100.64.1.20}}
  new: {{subnet: six}}
  other: {{subnet: c, ip: 10.1.1.10}}
endpoints: {{e: {{vpc: myVPC, service: sqs, subnets: [a], private_dns: false}}}}
hosted_zones: {{zone: {{domain: corp.example, vpcs: myVPC, records: {{db: 10.0.0.20}}}}}}
"""
PUBLIC = "ec2-203-0-113-25.compute-1.amazonaws.com"


def options(text: str, instance: str = ID) -> str:
    """The naming options of an instance, as changes."""
    return f"instances: {{{instance}: {{private_dns_name: {{{text}}}}}}}"


NAMES = [
    NameRow("by address", HOSTNAMES, "", "web ip-10-0-1-10.ec2.internal", "10.0.1.10", "myVPC"),
    NameRow("A only, dual-stack or not", HOSTNAMES, "", "web ip-10-0-1-10.ec2.internal AAAA", "NODATA"),
    NameRow(
        "whatever the hostname type",
        HOSTNAMES,
        options("hostname_type: resource-name"),
        "web ip-10-0-1-10.ec2.internal",
        "10.0.1.10",
    ),
    NameRow("any address space", ATTRIBUTES, "", "web ip-100-64-1-20.ec2.internal", "100.64.1.20"),
    NameRow("no interface", HOSTNAMES, "", "web ip-10-0-1-99.ec2.internal", "NXDOMAIN"),
    NameRow("not an address", HOSTNAMES, "", "web ip-10-0-1-999.ec2.internal", "NXDOMAIN"),
    NameRow("not below another label", HOSTNAMES, "", "web x.ip-10-0-1-10.ec2.internal", "NXDOMAIN"),
    NameRow("the domain itself", HOSTNAMES, "", "web ec2.internal", "NODATA"),
    NameRow("not outside", HOSTNAMES, "", "public ip-10-0-1-10.ec2.internal", "NXDOMAIN", "public DNS"),
    NameRow("by id: off", HOSTNAMES, "", f"web {ID}.ec2.internal", "NODATA"),
    NameRow("by id: A on", HOSTNAMES, options("enable_resource_name_dns_a_record: true"), f"web {ID}.ec2.internal", "10.0.1.10"),
    NameRow(
        "which leaves AAAA off",
        HOSTNAMES,
        options("enable_resource_name_dns_a_record: true"),
        f"web {ID}.ec2.internal AAAA",
        "NODATA",
    ),
    NameRow(
        "the subnet's options",
        HOSTNAMES,
        "subnets: {a: {private_dns_name: {enable_resource_name_dns_a_record: true}}}",
        f"web {ID}.ec2.internal",
        "10.0.1.10",
    ),
    NameRow(
        "the instance's own win",
        HOSTNAMES,
        "subnets: {a: {private_dns_name: {enable_resource_name_dns_a_record: true}}}\n"
        + options("enable_resource_name_dns_a_record: false"),
        f"web {ID}.ec2.internal",
        "NODATA",
    ),
    NameRow(
        "by id: another type",
        HOSTNAMES,
        options("enable_resource_name_dns_a_record: true"),
        f"web {ID}.ec2.internal TXT",
        "NODATA",
    ),
    NameRow("an id that nobody has", HOSTNAMES, "", "web i-0123456789abcdeff.ec2.internal", "NXDOMAIN"),
    NameRow("from another vpc", HOSTNAMES, "", f"other {ID}.ec2.internal", "UNDECIDED"),
    NameRow(
        "a logical id",
        HOSTNAMES,
        options("enable_resource_name_dns_a_record: true", "web"),
        f"web {resource_name('web')}.ec2.internal",
        "10.0.1.20",
    ),
    NameRow(
        "IPv6 only: no A",
        HOSTNAMES,
        options("enable_resource_name_dns_a_record: true", "new"),
        f"web {resource_name('new')}.ec2.internal",
        "NODATA",
    ),
    NameRow(
        "IPv6 only: AAAA off",
        HOSTNAMES,
        options("enable_resource_name_dns_aaaa_record: false", "new"),
        f"web {resource_name('new')}.ec2.internal AAAA",
        "NODATA",
    ),
    NameRow("a public name inside", ATTRIBUTES, "", f"web {PUBLIC}", "10.0.1.20", "myVPC"),
    NameRow("from another vpc: public", ATTRIBUTES, "", f"other {PUBLIC}", "203.0.113.25", "otherVPC"),
    NameRow("a public name outside", ATTRIBUTES, "", f"public {PUBLIC}", "203.0.113.25", "public DNS"),
    NameRow("an address of somebody else", ATTRIBUTES, "", "web ec2-203-0-113-99.compute-1.amazonaws.com", "UNDECIDED"),
    NameRow("of another domain", ATTRIBUTES, "", "public ec2-203-0-113-25.us-west-2.compute.amazonaws.com", "NXDOMAIN"),
    NameRow("no hostnames: no public name", ATTRIBUTES, "vpcs: {myVPC: {dns_hostnames: false}}", f"public {PUBLIC}", "NXDOMAIN"),
    NameRow("reverse", RULES, "", "web 10.1.0.10.in-addr.arpa PTR", "ip-10-0-1-10.ec2.internal."),
    NameRow("reverse of a block of the vpc", RULES, "", "web 20.1.64.100.in-addr.arpa PTR", "ip-100-64-1-20.ec2.internal."),
    NameRow("reverse of nobody", RULES, "", "web 99.1.0.10.in-addr.arpa PTR", "NXDOMAIN", "myVPC"),
    NameRow("private reverse of another vpc", RULES, "", "web 10.1.1.10.in-addr.arpa PTR", "NXDOMAIN", "myVPC"),
    NameRow("another type of a reverse name", RULES, "", "web 10.1.0.10.in-addr.arpa", "NODATA"),
    NameRow("reverse of a whole network", RULES, "", "web 1.0.10.in-addr.arpa PTR", "NODATA"),
    NameRow("public reverse is not the vpc's", RULES, "", "web 25.113.0.203.in-addr.arpa PTR", f"{PUBLIC}.", "public DNS"),
    NameRow("what others are called", RULES, "", "web 8.8.8.8.in-addr.arpa PTR", "UNDECIDED", "public DNS"),
    NameRow(
        "reverse of IPv6",
        RULES,
        "",
        "web " + ".".join("1000000000000000" + "10a0" + "1000" + "8bd0" + "1002") + ".ip6.arpa PTR",
        "UNDECIDED",
    ),
    NameRow("localhost", RULES, "", "web localhost", "127.0.0.1", "myVPC"),
    NameRow("localhost over IPv6", RULES, "", "web localhost AAAA", "::1", "myVPC"),
    NameRow("reverse of localhost", RULES, "", "web 1.0.0.127.in-addr.arpa PTR", "localhost.", "myVPC"),
    NameRow(
        "an own zone of the domain goes first",
        RULES,
        "hosted_zones: {own: {domain: ec2.internal, vpcs: myVPC, records: {x: 10.0.0.9}}}",
        "web x.ec2.internal",
        "10.0.0.9",
        "own",
    ),
    NameRow(
        "and hides the instances",
        RULES,
        "hosted_zones: {own: {domain: ec2.internal, vpcs: myVPC}}",
        "web ip-10-0-1-10.ec2.internal",
        "NXDOMAIN",
        "own",
    ),
    NameRow(
        "an own reverse zone",
        RULES,
        "hosted_zones: {own: {domain: 1.0.10.in-addr.arpa, vpcs: myVPC, records: {'10': PTR app.corp.example}}}",
        "web 10.1.0.10.in-addr.arpa PTR",
        "app.corp.example",
        "own",
    ),
]


@pytest.mark.parametrize("row", NAMES, ids=names(NAMES))
def test_names(row: NameRow) -> None:
    check(BASE, row)


def test_an_instance_without_ipv4_answers_aaaa_by_its_id() -> None:
    found = asked(BASE, "", f"web {resource_name('new')}.ec2.internal AAAA")
    assert [address.startswith("2001:db8:1:a06:") for address in found.addresses] == [True], HOSTNAMES


def test_an_instance_answers_both_families_by_its_id() -> None:
    changes = options("enable_resource_name_dns_a_record: true, enable_resource_name_dns_aaaa_record: true")
    assert asked(BASE, changes, f"web {ID}.ec2.internal AAAA").addresses[0].startswith("2001:db8:1:a01:"), HOSTNAMES
    assert asked(BASE, changes, f"web {ID}.ec2.internal").addresses == ("10.0.1.10",)


REGIONS = [
    ("us-west-2", "us-west-2.compute.internal", "us-west-2.compute.amazonaws.com"),
    ("cn-north-1", "cn-north-1.compute.internal", "cn-north-1.compute.amazonaws.com.cn"),
]


@pytest.mark.parametrize(("region", "private", "public"), REGIONS, ids=[row[0] for row in REGIONS])
def test_names_per_region(region: str, private: str, public: str) -> None:
    base = BASE.replace("region: us-east-1", f"region: {region}")
    assert asked(base, "", f"web ip-10-0-1-10.{private}").addresses == ("10.0.1.10",), HOSTNAMES
    assert asked(base, "", f"web ec2-203-0-113-25.{public}").addresses == ("10.0.1.20",), HOSTNAMES
    assert asked(base, "", f"public ec2-203-0-113-25.{public}").addresses == ("203.0.113.25",)
    assert asked(base, "", "web 10.1.0.10.in-addr.arpa PTR").records[0].data == f"ip-10-0-1-10.{private}."
    assert asked(base, "", "web ip-10-0-1-10.ec2.internal").rcode == "NXDOMAIN"


SUPPORT_AND_HOSTNAMES = [
    # what is asked, with both on, with hostnames off
    ("public internet names", "www.example.com", "198.51.100.10", "198.51.100.10"),
    ("private names", "ip-10-0-1-10.ec2.internal", "10.0.1.10", "NXDOMAIN"),
    ("a public name of an instance", PUBLIC, "10.0.1.20", "NXDOMAIN"),
    ("a private hosted zone", "db.corp.example", "10.0.0.20", "NXDOMAIN"),
    ("localhost", "localhost", "127.0.0.1", "NXDOMAIN"),
    ("endpoint-specific names", "ENDPOINT", "ENDPOINT", "ENDPOINT"),
]


@pytest.mark.parametrize("row", SUPPORT_AND_HOSTNAMES, ids=[row[0] for row in SUPPORT_AND_HOSTNAMES])
def test_both_attributes_in_every_combination(row: tuple[str, str, str, str]) -> None:
    _, name, on, off = row
    endpoint = changed(BASE, "").topology.resources["e"]
    name = name.replace("ENDPOINT", endpoint.regional_name)  # type: ignore[attr-defined]
    for support in (True, False):
        for hostnames in (True, False):
            text = f"{{dns_support: {str(support).lower()}, dns_hostnames: {str(hostnames).lower()}}}"
            found = asked(BASE, f"vpcs: {{myVPC: {text}}}", f"web {name}")
            expected = (on if hostnames else off) if support else "TIMEOUT"
            told = found.addresses[0] if found.addresses else found.rcode
            assert told == expected or (expected == "ENDPOINT" and told.startswith("10.0.1.")), (text, ATTRIBUTES, PRIVATE)
