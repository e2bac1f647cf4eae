"""Profiles: what they bring to a VPC, and who wins against what the VPC has itself."""

from __future__ import annotations

import pytest
from name_rows import R53, NameRow, check_name, why
from networks import Refusal, changed, refused

PROFILES = f"{R53}profiles.html"
FIREWALL = f"{R53}profile-associate-dns-firewall.html"
PRIVATE = f"{R53}hosted-zone-private-considerations.html"
QUOTAS = f"{R53}DNSLimitations.html"

BASE = """
vpcs: {vpc: {cidr: 10.0.0.0/16, dns_hostnames: true}, hub: {cidr: 10.9.0.0/16, dns_hostnames: true}}
subnets:
  net: {vpc: vpc, cidr: 10.0.1.0/24, az: us-east-1a}
  hub-a: {vpc: hub, cidr: 10.9.1.0/24, az: us-east-1a}
  hub-b: {vpc: hub, cidr: 10.9.2.0/24, az: us-east-1b}
security_groups: {sg: {vpc: hub, ingress: udp 53 from 10.9.0.0/16}}
instances: {app: {subnet: net, ip: 10.0.1.10}, host: {subnet: hub-a, ip: 10.9.1.53, security_groups: sg}}
resolver_endpoints: {out: {direction: outbound, addresses: [hub-a, hub-b], security_groups: sg}}
resolver_rules: {brought-rule: {domain: corp.example, endpoint: out, targets: 10.9.1.53, vpcs: []}}
dns_servers: {corp: {address: 10.9.1.53, zones: {corp.example: {www: 192.0.2.1}, test: {}}}}
hosted_zones:
  brought: {domain: example.com, vpcs: hub, records: {www: 10.9.1.80, www.test: 10.9.1.81}}
  own: {domain: example.com, vpcs: [], records: {www: 10.0.1.80}}
profiles: {profile: {vpcs: vpc, resources: [brought, brought-rule]}}
"""
SQS = "\nendpoints: {ep: {vpc: hub, service: sqs, subnets: hub-a, private_dns: true}}"


def own(domain: str) -> str:
    return f"hosted_zones: {{own: {{domain: {domain}, vpcs: vpc, records: {{www: 10.0.1.80}}}}}}"


ROWS = [
    NameRow("a zone of the Profile", PROFILES, "", "app www.example.com", "10.9.1.80", "brought"),
    NameRow("in its VPCs only", PROFILES, "profiles: {profile: {vpcs: []}}", "app www.test.example.com", "NXDOMAIN",
            "own"),
    NameRow("a rule of the Profile", PROFILES, "", "app www.corp.example", "192.0.2.1", "corp"),
    NameRow("the same domain: the VPC's own zone", PROFILES, own("example.com"), "app www.example.com", "10.0.1.80", "own"),
    NameRow("more specific in the Profile", PROFILES,
            "hosted_zones: {own: {vpcs: vpc}, brought: {domain: test.example.com, records: null}}", "app www.test.example.com",
            "NXDOMAIN", "brought"),
    NameRow("more specific in the VPC", PROFILES, own("test.example.com"), "app www.test.example.com", "10.0.1.80", "own"),
    NameRow("without hostnames no private zone", PRIVATE, "vpcs: {vpc: {dns_hostnames: false}}", "app www.test.example.com",
            "NXDOMAIN", "own"),
    NameRow("without hostnames the rules", PROFILES, "vpcs: {vpc: {dns_hostnames: false}}", "app www.corp.example", "192.0.2.1",
            "corp"),
    NameRow("less specific in the VPC", PROFILES, own("com"), "app www.example.com", "10.9.1.80", "brought"),
    NameRow("the same domain: the VPC's own rule", PROFILES,
            "resolver_rules: {own-rule: {domain: corp.example, type: system, vpcs: vpc}}", "app www.corp.example", "NXDOMAIN",
            "public DNS"),
    NameRow("the same domain: the VPC's own zone, not the Profile's rule", PROFILES, own("corp.example"), "app www.corp.example",
            "10.0.1.80", "own"),
    NameRow("in the Profile a rule beats a zone", PRIVATE, "hosted_zones: {brought: {domain: corp.example, records: null}}",
            "app www.corp.example", "192.0.2.1", "corp"),
    NameRow("a rule of the Profile beats the resolver's own", PROFILES,
            "resolver_rules: {brought-rule: {domain: ec2.internal}}\n"
            "dns_servers: {corp: {zones: {ec2.internal: {x: 192.0.2.5}}}}",
            "app x.ec2.internal", "192.0.2.5", "corp"),
    NameRow("a SYSTEM rule of the VPC keeps a part of the Profile's rule", PROFILES,
            "resolver_rules: {own-rule: {domain: aws.corp.example, type: system, vpcs: vpc}}", "app www.aws.corp.example",
            "NXDOMAIN", "public DNS"),
    NameRow("an endpoint of the Profile", PROFILES, "profiles: {profile: {resources: [ep]}}" + SQS,
            "app sqs.us-east-1.amazonaws.com", "10.9.1.224", "ep"),
    NameRow("an endpoint that it does not bring", PROFILES, SQS, "vpc sqs.us-east-1.amazonaws.com", "52.46.148.65", "public DNS"),
    NameRow("a firewall of the Profile", FIREWALL,
            "profiles: {profile: {resources: [brought, fw 101]}}\ndns_firewall_domain_lists: {bad: www.example.com}\n"
            "dns_firewall_rule_groups: {fw: {rules: 100 block bad nxdomain}}", "app www.example.com", "NXDOMAIN", "fw"),
]  # fmt: skip

REFUSED = [
    Refusal("two Profiles of a VPC", QUOTAS, "profiles: {second: {vpcs: vpc}}", "LimitExceededException", "second"),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.rule)
def test_who_answers(row: NameRow) -> None:
    check_name(BASE, row)


@pytest.mark.parametrize("row", REFUSED, ids=lambda row: row.rule)
def test_what_is_refused(row: Refusal) -> None:
    refused(BASE, row)


def test_the_answer_names_the_profile() -> None:
    told = why(BASE, "", "app www.example.com")
    assert told == "brought: the private hosted zone of the Profile profile for example.com answers www.example.com A: 10.9.1.80"


def test_what_it_brings_is_in_the_graph() -> None:
    edges = changed(BASE, "").graph().edges(keys=True)
    assert {("vpc", "profile", "resolves by"), ("profile", "brought", "brings")} <= set(edges)
