"""What the VPC resolver defines itself: names of instances, reverse names, localhost; and the switches about them."""

from __future__ import annotations

import pytest
from name_rows import R53, R53_API, NameRow, check_name
from networks import EC2, VPC, changed

AUTO = f"{R53}resolver-overview-forward-vpc-to-network-autodefined-rules.html"
REVERSE = f"{R53_API}API_route53resolver_UpdateResolverConfig.html"
SUPPORT = f"{VPC}AmazonDNS-concepts.html"
TYPES = f"{EC2}hostname-types.html"

BASE = """
vpcs: {vpc: {cidr: 10.0.0.0/23, dns_hostnames: true, more_cidrs: 100.64.0.0/24}, other: {cidr: 10.9.0.0/16, dns_hostnames: true}}
subnets: {net: {vpc: vpc, cidr: 10.0.1.0/24}, odd: {vpc: vpc, cidr: 100.64.0.0/24}, far: {vpc: other, cidr: 10.9.1.0/24}}
internet_gateways: {igw: vpc, igw2: other}
instances:
  app: {subnet: net, ip: 10.0.1.10}
  web: {subnet: net, ip: 10.0.1.20}
  odd-app: {subnet: odd, ip: 100.64.0.10}
  away: {subnet: far, ip: 10.9.1.10}
elastic_ips: {eip: {ip: 203.0.113.25, instance: web}}
"""
OFF = "vpcs: {vpc: {dns_hostnames: false}}"
NO_REVERSE = "resolver_configs: {config: {vpc: vpc, autodefined_reverse: false}}"
LOOPBACK6 = "1" + ".0" * 31 + ".ip6.arpa"
PUBLIC = "ec2-203-0-113-25.compute-1.amazonaws.com"

ROWS = [
    NameRow("by its address", TYPES, "", "app ip-10-0-1-20.ec2.internal", "10.0.1.20", "vpc"),
    NameRow("by its address, AAAA", TYPES, "", "app ip-10-0-1-20.ec2.internal AAAA", "NODATA", "vpc"),
    NameRow("outside the private ranges", SUPPORT, "", "app ip-100-64-0-10.ec2.internal", "100.64.0.10", "vpc"),
    NameRow("without hostnames", SUPPORT, OFF, "app ip-10-0-1-20.ec2.internal", "NXDOMAIN", "public DNS"),
    NameRow("the public name inside", SUPPORT, "", f"app {PUBLIC}", "10.0.1.20", "vpc"),
    NameRow("the public name outside", SUPPORT, "", f"public {PUBLIC}", "203.0.113.25", "public DNS"),
    NameRow("the public name in another VPC", f"{VPC.replace('userguide', 'peering')}vpc-peering-dns.html", "", f"away {PUBLIC}",
            "203.0.113.25", "other"),
    NameRow("us-east-1's second domain", AUTO, "", "app x.compute-1.internal", "NXDOMAIN", "vpc"),
    NameRow("reverse", AUTO, "", "app 10.1.0.10.in-addr.arpa PTR", "ip-10-0-1-10.ec2.internal.", "vpc"),
    NameRow("reverse, another type", AUTO, "", "app 10.1.0.10.in-addr.arpa TXT", "NODATA", "vpc"),
    NameRow("reverse, nobody there", AUTO, "", "app 99.1.0.10.in-addr.arpa PTR", "NXDOMAIN", "vpc"),
    NameRow("reverse, a private range of nobody", AUTO, "", "app 1.1.20.172.in-addr.arpa PTR", "NXDOMAIN", "vpc"),
    NameRow("reverse, beside the private range", AUTO, "", "app 1.1.32.172.in-addr.arpa PTR", "UNDECIDED", "public DNS"),
    NameRow("reverse, a block of the VPC outside the private ranges", AUTO, "", "app 10.0.64.100.in-addr.arpa PTR",
            "ip-100-64-0-10.ec2.internal.", "vpc"),
    NameRow("reverse, beside that block", AUTO, "", "app 10.1.64.100.in-addr.arpa PTR", "UNDECIDED", "public DNS"),
    NameRow("reverse, switched off", REVERSE, NO_REVERSE, "app 10.1.0.10.in-addr.arpa PTR", "NXDOMAIN", "public DNS"),
    NameRow("reverse, switched off elsewhere", REVERSE, NO_REVERSE.replace("vpc: vpc", "vpc: other"),
            "app 10.1.0.10.in-addr.arpa PTR", "ip-10-0-1-10.ec2.internal.", "vpc"),
    NameRow("names stay when reverse is off", REVERSE, NO_REVERSE, "app ip-10-0-1-10.ec2.internal", "10.0.1.10", "vpc"),
    NameRow("localhost", AUTO, "", "app localhost", "127.0.0.1", "vpc"),
    NameRow("localhost, IPv6", AUTO, "", "app localhost AAAA", "::1", "vpc"),
    NameRow("localhost, reversed", AUTO, "", "app 1.0.0.127.in-addr.arpa PTR", "localhost.", "vpc"),
    NameRow("localhost, reversed, IPv6", AUTO, "", f"app {LOOPBACK6} PTR", "localhost.", "vpc"),
    NameRow("localhost stays when reverse is off", AUTO, NO_REVERSE, "app 1.0.0.127.in-addr.arpa PTR", "localhost.", "vpc"),
    NameRow("localhost without hostnames", AUTO, OFF, "app localhost", "NXDOMAIN", "public DNS"),
]  # fmt: skip

PEERED = "vpc_peering_connections: {pcx: {requester: other, accepter: vpc, accepter_dns: true}}"
PEERING = f"{VPC.replace('userguide', 'peering')}vpc-peering-dns.html"
PEERS = [
    NameRow("the side of the name allows it", PEERING, PEERED, f"away {PUBLIC}", "10.0.1.20", "other"),
    NameRow("only the other side allows it", PEERING, PEERED.replace("accepter_dns", "requester_dns"), f"away {PUBLIC}",
            "203.0.113.25", "other"),
    NameRow("by default nobody does", PEERING, PEERED.replace(", accepter_dns: true", ""), f"away {PUBLIC}", "203.0.113.25",
            "other"),
    NameRow("a peering that is not active", PEERING, PEERED.replace("requester:", "state: pending-acceptance, requester:"),
            f"away {PUBLIC}", "203.0.113.25", "other"),
    NameRow("reverse names of the peer", AUTO, PEERED, "away 10.1.0.10.in-addr.arpa PTR", "ip-10-0-1-10.ec2.internal.", "other"),
    NameRow("reverse names of the peer, by default", AUTO, "", "away 10.1.0.10.in-addr.arpa PTR", "NXDOMAIN", "other"),
]  # fmt: skip


@pytest.mark.parametrize("row", PEERS, ids=lambda row: row.rule)
def test_what_a_peering_shows(row: NameRow) -> None:
    check_name(BASE, row)


TGWS = "https://docs.aws.amazon.com/vpc/latest/tgw/create-tgw.html"
TGW = """
transit_gateways: {tgw: {dns_support: GATEWAY}}
transit_gateway_attachments:
  one: {transit_gateway: tgw, vpc: vpc, subnets: net, dns_support: ONE}
  two: {transit_gateway: tgw, vpc: other, subnets: far, dns_support: TWO}
"""
ELSEWHERE = f"vpcs: {{vpc: {{region: us-west-2}}}}\n{PEERED}"


def attached(gateway: str = "true", one: str = "true", two: str = "true") -> str:
    return TGW.replace("GATEWAY", gateway).replace("ONE", one).replace("TWO", two)


MORE = [
    NameRow("a transit gateway with DNS support", TGWS, attached(), f"away {PUBLIC}", "10.0.1.20", "other"),
    NameRow("reverse names behind it", AUTO, attached(), "away 10.1.0.10.in-addr.arpa PTR", "ip-10-0-1-10.ec2.internal.",
            "other"),
    NameRow("without DNS support of the gateway", TGWS, attached(gateway="false"), f"away {PUBLIC}", "203.0.113.25", "other"),
    NameRow("of the attachment of the name", TGWS, attached(one="false"), f"away {PUBLIC}", "203.0.113.25", "other"),
    NameRow("of the attachment of the asker", TGWS, attached(two="false"), "away 10.1.0.10.in-addr.arpa PTR", "NXDOMAIN",
            "other"),
    NameRow("without the attributes of the asking VPC", TGWS, "vpcs: {other: {dns_hostnames: false}}" + attached(),
            f"away {PUBLIC}", "203.0.113.25", "public DNS"),
    NameRow("the public name of somebody else's instance", SUPPORT, "", "app ec2-198-51-100-7.compute-1.amazonaws.com",
            "UNDECIDED", "vpc"),
    NameRow("asked outside", SUPPORT, "", "public ec2-198-51-100-7.compute-1.amazonaws.com", "UNDECIDED", "public DNS"),
    NameRow("in another Region", TYPES, "", "app ec2-198-51-100-7.us-west-2.compute.amazonaws.com", "UNDECIDED", "public DNS"),
    NameRow("a name of no public address", SUPPORT, "", "app ec2-10-0-1-20.compute-1.amazonaws.com", "NXDOMAIN", "vpc"),
    NameRow("a name under ip.aws", TYPES, "", "app 7h6w-9q3.us-east-1.ip.aws", "UNDECIDED", "public DNS"),
    NameRow("private names of another Region", TYPES, "", "app ip-10-8-0-1.us-west-2.compute.internal", "NXDOMAIN", "public DNS"),
    NameRow("with a peer there that shows its names", AUTO, ELSEWHERE, "away ip-10-8-0-1.us-west-2.compute.internal", "UNDECIDED",
            "other"),
    NameRow("with a peer there that the model holds", AUTO, ELSEWHERE, "away ip-10-0-1-20.us-west-2.compute.internal",
            "10.0.1.20", "other"),
]  # fmt: skip


@pytest.mark.parametrize("row", MORE, ids=lambda row: row.rule)
def test_what_others_show_and_what_is_theirs(row: NameRow) -> None:
    check_name(BASE, row)


FREE = "app ip-10-0-1-99.ec2.internal"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.rule)
def test_what_the_resolver_defines(row: NameRow) -> None:
    check_name(BASE, row)


def test_a_zone_for_each_24_of_a_block() -> None:
    """Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-overview-forward-vpc-to-network-autodefined-rules.html"""
    from vpcsim.resolution import Vantage
    from vpcsim.resolving import best_zone

    net = changed(BASE, "")
    for name in ("5.0.0.10.in-addr.arpa", "5.1.0.10.in-addr.arpa", "5.2.0.10.in-addr.arpa"):
        zone = best_zone(net, Vantage("vpc", "vpc"), name)
        assert zone.domain == (name[2:] if name[2] in "01" else "10.in-addr.arpa")


def test_switched_off_reverse_names_are_told() -> None:
    steps = changed(BASE, NO_REVERSE).resolve("app", "10.1.0.10.in-addr.arpa", "PTR").steps
    assert steps[0].because == "vpc: its autodefined reverse rules are off, so reverse names are asked elsewhere"


@pytest.mark.parametrize(
    ("switch", "more", "question", "off", "on"),
    [
        ("synthesize_ip_names", "", FREE, "NXDOMAIN", "10.0.1.99"),
        ("private_zones_without_hostnames", OFF, "app www.corp.example", "NXDOMAIN", "10.0.1.80"),
        ("firewall_domain_covers_subdomains", "", "app a.one.example", "NXDOMAIN", "NODATA"),
        ("firewall_wildcard_covers_domain", "", "app two.example", "NXDOMAIN", "NODATA"),
    ],
)
def test_switches_change_what_aws_leaves_open(switch: str, more: str, question: str, off: str, on: str) -> None:
    zone = (
        "\nhosted_zones: {zone: {domain: corp.example, vpcs: vpc, records: {www: 10.0.1.80}}}\n"
        "dns_firewall_domain_lists: {listed: [one.example, '*.two.example']}\n"
        "dns_firewall_rule_groups: {fw: {vpcs: {vpc: 101}, rules: 1 block listed nodata}}"
    )
    for value, expected in ((False, off), (True, on)):
        found = changed(BASE, f"{more}{zone}\ndns: {{{switch}: {str(value).lower()}}}").resolve(*question.split())
        negative = "NODATA" if found.rcode == "NOERROR" else found.rcode
        assert (found.addresses[0] if found.addresses else negative) == expected


def test_a_wrong_switch_is_named() -> None:
    from vpcsim import InputError

    with pytest.raises(InputError, match="`synthesise_ip_names` is not a switch of `dns`; did you mean `synthesize_ip_names`"):
        changed(BASE, "dns: {synthesise_ip_names: true}")
    with pytest.raises(InputError, match="`maybe`: `synthesize_ip_names` is true or false"):
        changed(BASE, "dns: {synthesize_ip_names: maybe}")


def test_a_chain_has_an_end() -> None:
    zone = (
        "hosted_zones: {zone: {domain: corp.example, vpcs: vpc, records: {a: CNAME b.corp.example., b: CNAME a.corp.example.}}}"
    )
    assert changed(BASE, zone).resolve("app", "a.corp.example").rcode == "SERVFAIL"
    long = ", ".join(f"n{i}: CNAME n{i + 1}.corp.example." for i in range(6))
    zone = f"hosted_zones: {{zone: {{domain: corp.example, vpcs: vpc, records: {{{long}, n6: 10.0.1.80}}}}}}"
    assert changed(BASE, zone).resolve("app", "n0.corp.example").rcode == "NOERROR"
    assert changed(BASE, f"{zone}\ndns: {{chain_limit: 4}}").resolve("app", "n0.corp.example").rcode == "SERVFAIL"
