"""DNS Firewall: which rule decides, what a blocked query is answered, and which names of a chain are looked at."""

from __future__ import annotations

import pytest
from name_rows import R53, R53_API, NameRow, check_name, why
from networks import Refusal, changed, refused

OVERVIEW = f"{R53}resolver-dns-firewall-overview.html"
SETTINGS = f"{R53}resolver-dns-firewall-rule-settings.html"
ACTIONS = f"{R53}resolver-dns-firewall-rule-actions.html"
LISTS = f"{R53}resolver-dns-firewall-user-managed-domain-lists.html"
CREATE = f"{R53_API}API_route53resolver_CreateFirewallRule.html"
ASSOCIATE = f"{R53_API}API_route53resolver_AssociateFirewallRuleGroup.html"

BASE = """
vpcs: {vpc: {cidr: 10.0.0.0/16, dns_hostnames: true}}
subnets: {net: {cidr: 10.0.1.0/24, az: us-east-1a}, net-b: {cidr: 10.0.2.0/24, az: us-east-1b}}
instances: {app: {subnet: net, ip: 10.0.1.10}}
security_groups: {sg: {}}
hosted_zones:
  zone: {domain: corp.example, vpcs: vpc, records: {www: 10.0.1.80, cdn: CNAME www.bad.example.}}
  bad-zone: {domain: bad.example, vpcs: vpc, records: {www: 10.0.1.66, '@': 10.0.1.67}}
  hole: {domain: hole.example, vpcs: vpc, records: {sink: 10.0.1.99}}
dns_firewall_domain_lists:
  bad: [www.bad.example]
  all-bad: ['*.bad.example']
  good: [cdn.corp.example]
  all: ['*']
dns_firewall_rule_groups: {fw: {vpcs: {vpc: 101}, rules: [100 block bad nxdomain]}}
"""


def rules(*lines: str) -> str:
    return f"dns_firewall_rule_groups: {{fw: {{rules: [{', '.join(lines)}]}}}}"


WWW = "app www.bad.example"
ONE, TWO = "10.0.1.66", "www.bad.example. 10.0.1.66"

ROWS = [
    NameRow("NXDOMAIN", ACTIONS, "", WWW, "NXDOMAIN", "fw"),
    NameRow("NODATA", ACTIONS, rules("100 block bad nodata"), WWW, "NODATA", "fw"),
    NameRow("no rule matches", OVERVIEW, "", "app www.corp.example", "10.0.1.80", "zone"),
    NameRow("ALERT passes", ACTIONS, rules("100 alert bad"), WWW, ONE, "bad-zone"),
    NameRow("ALLOW passes", ACTIONS, rules("100 allow bad"), WWW, ONE, "bad-zone"),
    NameRow("the first rule by number", OVERVIEW, rules("200 block all nxdomain", "100 allow bad"), WWW, ONE, "bad-zone"),
    NameRow("an alert ends it too", ACTIONS, rules("100 alert bad", "200 block all nxdomain"), WWW, ONE, "bad-zone"),
    NameRow("another VPC's group", OVERVIEW, "dns_firewall_rule_groups: {fw: {vpcs: {vpc: null}}}", WWW, ONE, "bad-zone"),
    NameRow("a group of a lower number goes first", OVERVIEW,
            "dns_firewall_rule_groups: {first: {vpcs: {vpc: 100}, rules: 900 allow bad}}", WWW, ONE, "bad-zone"),
    NameRow("a group of a higher number goes later", OVERVIEW,
            "dns_firewall_rule_groups: {later: {vpcs: {vpc: 102}, rules: 1 allow bad}}", WWW, "NXDOMAIN", "fw"),
    NameRow("what no rule of the first group matches", OVERVIEW,
            "dns_firewall_rule_groups: {later: {vpcs: {vpc: 102}, rules: 1 block all nodata}}", "app www.corp.example", "NODATA",
            "later"),
    NameRow("a star before the dot", LISTS, rules("100 block all-bad nxdomain"), WWW, "NXDOMAIN", "fw"),
    NameRow("a star in front of any depth", LISTS, rules("100 block all-bad nxdomain"), "app a.b.bad.example", "NXDOMAIN", "fw"),
    NameRow("a star, and another domain", LISTS, rules("100 block all-bad nodata"), "app www.corp.example", "10.0.1.80", "zone"),
    NameRow("a lone star", LISTS, rules("100 block all nodata"), "app www.corp.example", "NODATA", "fw"),
    NameRow("capitals are the same", LISTS, "dns_firewall_domain_lists: {bad: WWW.Bad.Example}", WWW, "NXDOMAIN", "fw"),
    NameRow("the type of the query", SETTINGS, rules("100 block bad nxdomain type AAAA"), f"{WWW} AAAA", "NXDOMAIN", "fw"),
    NameRow("another type", SETTINGS, rules("100 block bad nxdomain type AAAA"), WWW, ONE, "bad-zone"),
    NameRow("names that an answer leads to", SETTINGS, "", "app cdn.corp.example", "NXDOMAIN", "fw"),
    NameRow("an allowed name leads to a blocked one", SETTINGS, rules("100 allow good", "200 block bad nxdomain"),
            "app cdn.corp.example", "NXDOMAIN", "fw"),
    NameRow("a rule that trusts what follows", SETTINGS, rules("100 allow good trust", "200 block bad nxdomain"),
            "app cdn.corp.example", TWO, "bad-zone"),
    NameRow("trust does not last", SETTINGS, rules("100 allow good trust", "200 block bad nxdomain"), WWW, "NXDOMAIN", "fw"),
    NameRow("without DNS support", OVERVIEW, "vpcs: {vpc: {dns_support: false, dns_hostnames: false}}", WWW, "TIMEOUT", "vpc"),
    NameRow("queries through an inbound endpoint", OVERVIEW,
            "resolver_endpoints: {in: {direction: inbound, addresses: [net, net-b], security_groups: sg}}",
            "in www.bad.example", "NXDOMAIN", "fw"),
    NameRow("the public has no firewall", OVERVIEW, "hosted_zones: {bad-zone: {vpcs: []}}", "public www.bad.example", ONE,
            "bad-zone"),
]  # fmt: skip

REFUSED = [
    Refusal("one priority twice", CREATE, rules("100 allow bad", "100 block bad nodata"), "ValidationException", "fw"),
    Refusal("BLOCK without a response", CREATE, rules("100 block bad"), "ValidationException", "fw"),
    Refusal("OVERRIDE without a domain", CREATE, rules("100 block bad override"), "ValidationException", "fw"),
    Refusal("two groups with one priority", ASSOCIATE, "dns_firewall_rule_groups: {two: {vpcs: {vpc: 101}, rules: []}}",
            "ValidationException", "two"),
    Refusal("six groups", f"{R53}DNSLimitations.html",
            "dns_firewall_rule_groups: {g2: {vpcs: {vpc: 102}}, g3: {vpcs: {vpc: 103}}, g4: {vpcs: {vpc: 104}}, "
            "g5: {vpcs: {vpc: 105}}, g6: {vpcs: {vpc: 106}}}", "LimitExceededException", "g6"),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.rule)
def test_what_a_query_is_answered(row: NameRow) -> None:
    check_name(BASE, row)


@pytest.mark.parametrize("row", REFUSED, ids=lambda row: row.rule)
def test_what_is_refused(row: Refusal) -> None:
    refused(BASE, row)


def test_override_answers_with_a_cname_and_no_time() -> None:
    """Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-dns-firewall-rule-actions.html"""
    found = changed(BASE, rules("100 block bad override sink.hole.example")).resolve("app", "www.bad.example")
    assert found.records[0] == ("www.bad.example", "CNAME", 0, "sink.hole.example.")
    assert found.judgement is not None
    assert (found.judgement.by, found.judgement.action) == ("fw", "BLOCK")


def test_whether_an_override_is_resolved_is_a_switch() -> None:
    override = rules("100 block bad override sink.hole.example")
    found = changed(BASE, f"{override}\ndns: {{firewall_override_resolved: false}}").resolve("app", "www.bad.example")
    assert [record.type for record in found.records] == ["CNAME"]
    assert changed(BASE, override).resolve("app", "www.bad.example").addresses == ("10.0.1.99",)


def test_whether_a_block_brings_an_soa_record_is_a_switch() -> None:
    assert changed(BASE, "").resolve("app", "www.bad.example").authority == ()
    found = changed(BASE, "dns: {firewall_soa: true}").resolve("app", "www.bad.example")
    assert [record.type for record in found.authority] == ["SOA"]


def test_the_rule_is_the_reason() -> None:
    assert why(BASE, "", WWW) == "fw: rule 100 (BLOCK NXDOMAIN, bad) matches www.bad.example"


MANAGED = f"{R53}resolver-dns-firewall-managed-domain-lists.html"
FAILS = f"{R53}resolver-dns-firewall-vpc-configuration.html"
UNKNOWN = "rslvr-fdl-0123"
EMPTY = "\ndns: {firewall_unknown_lists_are_empty: true}"
GIVEN = f"\ndns_firewall_domain_lists: {{{UNKNOWN}: www.bad.example}}"
FAIL = "\ndns: {firewall_fails: true}"
OPEN = "\nresolver_configs: {config: {vpc: vpc, firewall_fail_open: true}}"
PROFILE = (
    "\nprofiles: {profile: {vpcs: vpc}}\nresolver_configs: {config: {vpc: vpc, firewall_fail_open: OWN}, "
    "shared: {vpc: profile, firewall_fail_open: SHARED}}"
)


def unknown(*more: str, action: str = "block", response: str = "nxdomain") -> str:
    return rules(f"100 {action} {UNKNOWN} {response}".strip(), *more)


UNDECIDED = [
    NameRow("a managed list may block", MANAGED, unknown(), WWW, "UNDECIDED", "fw"),
    NameRow("any name", MANAGED, unknown(), "app www.corp.example", "UNDECIDED", "fw"),
    NameRow("not for another type", SETTINGS, unknown(response="nxdomain type MX"), WWW, ONE, "bad-zone"),
    NameRow("an alert lets it pass anyway", ACTIONS, unknown(action="alert", response=""), WWW, ONE, "bad-zone"),
    NameRow("an alert may end it before a block", ACTIONS, unknown("200 block bad nodata", action="alert", response=""), WWW,
            "UNDECIDED", "fw"),
    NameRow("both block alike", ACTIONS, unknown("200 block bad nxdomain"), WWW, "NXDOMAIN", "fw"),
    NameRow("they block differently", ACTIONS, unknown("200 block bad nodata"), WWW, "UNDECIDED", "fw"),
    NameRow("an earlier rule decides", OVERVIEW, rules("50 allow bad", f"100 block {UNKNOWN} nxdomain"), WWW, ONE, "bad-zone"),
    NameRow("a later allowance does not", OVERVIEW, unknown("200 allow bad"), WWW, "UNDECIDED", "fw"),
    NameRow("the model gives its domains", MANAGED, unknown() + GIVEN, WWW, "NXDOMAIN", "fw"),
    NameRow("and what is not among them passes", MANAGED, unknown() + GIVEN, "app www.corp.example", "10.0.1.80", "zone"),
    NameRow("the switch takes it to be empty", MANAGED, unknown() + EMPTY, WWW, ONE, "bad-zone"),
    NameRow("the name that an answer leads to", SETTINGS, rules("50 allow good", f"100 block {UNKNOWN} nxdomain"),
            "app cdn.corp.example", "UNDECIDED", "fw"),
    NameRow("unless the rule trusts it", SETTINGS, rules("50 allow good trust", f"100 block {UNKNOWN} nxdomain"),
            "app cdn.corp.example", TWO, "bad-zone"),
    NameRow("DNS Firewall fails: closed by default", FAILS, FAIL, "app www.corp.example", "SERVFAIL", "vpc"),
    NameRow("open", FAILS, FAIL + OPEN, WWW, ONE, "bad-zone"),
    NameRow("a VPC without groups", FAILS, "dns_firewall_rule_groups: {fw: {vpcs: null}}" + FAIL, WWW, ONE, "bad-zone"),
    NameRow("the Profile's setting goes first", f"{R53}profiles.html",
            FAIL + PROFILE.replace("OWN", "false").replace("SHARED", "true"), WWW, ONE, "bad-zone"),
    NameRow("unless it leaves it to the VPC", f"{R53_API}API_route53resolver_FirewallConfig.html",
            FAIL + PROFILE.replace("OWN", "true").replace("SHARED", "use_local_resource_setting"), WWW, ONE, "bad-zone"),
    NameRow("and the VPC fails closed", f"{R53_API}API_route53resolver_FirewallConfig.html",
            FAIL + PROFILE.replace("OWN", "false").replace("SHARED", "use_local_resource_setting"), WWW, "SERVFAIL", "vpc"),
]  # fmt: skip


@pytest.mark.parametrize("row", UNDECIDED, ids=lambda row: row.rule)
def test_what_is_not_known_and_what_fails(row: NameRow) -> None:
    check_name(BASE, row)


def test_an_unknown_list_is_the_reason() -> None:
    because = f"fw: whether www.bad.example is in {UNKNOWN} is not in the model"
    assert why(BASE, unknown(), WWW) == because
    assert why(BASE, FAIL, WWW) == "vpc: DNS Firewall gives no reply for www.bad.example, and the VPC fails closed"


def test_a_list_that_is_taken_to_be_empty_is_an_assumption() -> None:
    found = changed(BASE, unknown() + EMPTY).resolve("app", "www.bad.example")
    assert found.assumptions == ("www.bad.example is not in rslvr-fdl-0123 of fw, whose domains are not in the model",)


def test_a_query_to_another_server_passes_no_firewall() -> None:
    more = (
        "vpcs: {vpc: {dhcp_options: set}}\ndhcp_options: {set: {servers: 10.0.2.53}}\n"
        "security_groups: {dns-sg: {ingress: udp 53 from 10.0.0.0/16}}\n"
        "instances: {host: {subnet: net-b, ip: 10.0.2.53, security_groups: dns-sg}}\n"
        "dns_servers: {dns: {address: 10.0.2.53, zones: {bad.example: {www: 192.0.2.66}}}}"
    )
    assert changed(BASE, more).resolve("app", "www.bad.example").addresses == ("192.0.2.66",)
