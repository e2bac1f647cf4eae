"""DNS64: for which subnets, names and answers an AAAA record is made from an A record."""

from __future__ import annotations

import pytest
from name_rows import R53, NameRow, check_name, why
from networks import VPC

DNS64 = f"{VPC}nat-gateway-nat64-dns64.html"
FIREWALL = f"{R53}resolver-dns-firewall-rule-settings.html"

BASE = """
vpcs: {vpc: {cidr: 10.0.0.0/16, dns_hostnames: true, ipv6: 2001:db8:1::/56}}
subnets:
  six: {cidr: 10.0.1.0/24, az: us-east-1a, ipv6_cidr: 2001:db8:1::/64, dns64: true}
  four: {cidr: 10.0.2.0/24, az: us-east-1b}
security_groups: {sg: {ingress: udp 53 from 10.0.0.0/16}}
instances: {app: {subnet: six, ip: 10.0.1.10}, other: {subnet: four, ip: 10.0.2.10}}
hosted_zones:
  zone:
    domain: corp.example
    vpcs: vpc
    records:
      www: 10.0.1.5
      both: [{value: 10.0.1.6}, {type: AAAA, value: '2001:db8::6'}]
      two: [10.0.1.7, 10.0.1.8]
      to: CNAME www.corp.example.
      text: TXT x
hosts: {partner.example.com: 203.0.113.9}
"""
LIST = "\ndns_firewall_domain_lists: {bad: www.corp.example}"
FORWARD = """
instances: {host: {subnet: four, ip: 10.0.2.53, security_groups: sg}}
resolver_endpoints: {out: {direction: outbound, addresses: [six, four], security_groups: sg}}
resolver_rules: {fwd: {domain: office.example, endpoint: out, targets: 10.0.2.53, vpcs: vpc}}
dns_servers: {corp: {address: 10.0.2.53, zones: {office.example: {www: 192.168.0.80}}}}
"""
DHCP = "\ndhcp_options: {set: {servers: [10.9.9.9, AmazonProvidedDNS]}}\nvpcs: {vpc: {dhcp_options: set}}"


def block(response: str) -> str:
    return f"dns_firewall_rule_groups: {{fw: {{vpcs: {{vpc: 101}}, rules: 1 block bad {response}}}}}" + LIST


WWW = "app www.corp.example AAAA"
MADE = "64:ff9b::a00:105"

ROWS = [
    NameRow("an A record alone", DNS64, "", WWW, MADE, "zone"),
    NameRow("the A record stays", DNS64, "", "app www.corp.example", "10.0.1.5", "zone"),
    NameRow("no other type is made", DNS64, "", "app www.corp.example TXT", "NODATA", "zone"),
    NameRow("every address", DNS64, "", "app two.corp.example AAAA", "64:ff9b::a00:107 64:ff9b::a00:108", "zone"),
    NameRow("an AAAA record is not touched", DNS64, "", "app both.corp.example AAAA", "2001:db8::6", "zone"),
    NameRow("behind a CNAME", DNS64, "", "app to.corp.example AAAA", f"www.corp.example. {MADE}", "zone"),
    NameRow("a public host", DNS64, "", "app partner.example.com AAAA", "64:ff9b::cb00:7109", "public DNS"),
    NameRow("an answer from a forwarding target", DNS64, FORWARD, "app www.office.example AAAA", "64:ff9b::c0a8:50", "corp"),
    NameRow("a name without addresses", DNS64, "", "app text.corp.example AAAA", "NODATA", "zone"),
    NameRow("a name that does not exist", DNS64, "", "app no.corp.example AAAA", "NXDOMAIN", "zone"),
    NameRow("a subnet without it", DNS64, "", "other www.corp.example AAAA", "NODATA", "zone"),
    NameRow("the VPC's view is of no subnet", DNS64, "", "vpc www.corp.example AAAA", "NODATA", "zone"),
    NameRow("the VPC resolver as the second server", DNS64, DHCP, WWW, MADE, "zone"),
    NameRow("a rule that blocks AAAA with NXDOMAIN", FIREWALL, block("nxdomain type AAAA"), WWW, MADE, "zone"),
    NameRow("a rule that blocks every type", FIREWALL, block("nxdomain"), WWW, "NXDOMAIN", "fw"),
    NameRow("a rule that blocks A", FIREWALL, block("nxdomain type A"), WWW, "NODATA", "zone"),
    NameRow("a rule that blocks AAAA with NODATA", FIREWALL, block("nodata type AAAA"), WWW, "UNDECIDED", "six"),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.rule)
def test_what_is_made(row: NameRow) -> None:
    check_name(BASE, row)


def test_the_subnet_is_the_reason() -> None:
    told = why(BASE, "", WWW).splitlines()
    assert told[-1] == "six: has DNS64, so the AAAA record of www.corp.example is made from its A record"
