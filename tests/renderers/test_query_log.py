"""Resolver query logging: the record of a query, field by field.

Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-query-logs-format.html
"""

from __future__ import annotations

import json
from typing import Any

from networks import changed

from vpcsim.renderers.query_log import query_log

BASE = """
account: '111122223333'
vpcs: {vpc: {cidr: 10.0.0.0/16, dns_hostnames: true}}
subnets: {net: {cidr: 10.0.1.0/24, az: us-east-1a}, net-b: {cidr: 10.0.2.0/24, az: us-east-1b}}
security_groups: {sg: {}}
instances: {app: {subnet: net, ip: 10.0.1.10}}
resolver_endpoints: {in: {direction: inbound, addresses: [net 10.0.1.53, net-b], security_groups: sg}}
hosted_zones: {zone: {domain: corp.example, vpcs: vpc, records: {www: 10.0.1.80, alias: CNAME www.corp.example.}}}
dns_firewall_domain_lists: {bad: [bad.example], odd: [www.corp.example], good: [good.example]}
dns_firewall_rule_groups: {fw: {vpcs: {vpc: 101}, rules: [1 block bad nodata, 2 alert odd, 3 allow good]}}
"""


def record(name: str, source: str = "app", changes: str = "") -> dict[str, Any] | None:
    net = changed(BASE, changes)
    return query_log(net.resolve(source, name), net, "2026-01-02T03:04:05Z", 40000)


def test_a_query_of_an_instance() -> None:
    made = record("alias.corp.example", changes="dns_firewall_rule_groups: null")
    assert made == {
        "version": "1.100000",
        "account_id": "111122223333",
        "region": "us-east-1",
        "vpc_id": "vpc",
        "query_timestamp": "2026-01-02T03:04:05Z",
        "query_name": "alias.corp.example.",
        "query_type": "A",
        "query_class": "IN",
        "rcode": "NOERROR",
        "answers": [
            {"Rdata": "www.corp.example.", "Type": "CNAME", "Class": "IN"},
            {"Rdata": "10.0.1.80", "Type": "A", "Class": "IN"},
        ],
        "srcaddr": "10.0.1.10",
        "srcport": "40000",
        "transport": "UDP",
        "srcids": {"instance": "app"},
    }
    assert json.loads(json.dumps(made)) == made


def test_the_firewall_stands_in_it_for_alerts_and_blocks_only() -> None:
    blocked, alerted, allowed = record("bad.example"), record("www.corp.example"), record("good.example")
    assert blocked
    assert alerted
    assert allowed
    assert (blocked["firewall_rule_action"], blocked["firewall_domain_list_id"]) == ("BLOCK", "bad")
    assert (alerted["firewall_rule_action"], alerted["firewall_rule_group_id"]) == ("ALERT", "fw")
    assert not [key for key in allowed if key.startswith("firewall")]


def test_a_query_through_an_inbound_endpoint() -> None:
    made = record("www.corp.example", source="in")
    assert made
    assert made["srcids"] == {"resolver_endpoint": "in", "resolver_network_interface": "in/net"}


def test_what_the_resolver_never_answers_is_not_logged() -> None:
    assert record("www.corp.example", source="public") is None
    assert record("www.corp.example", changes="vpcs: {vpc: {dns_support: false, dns_hostnames: false}}") is None
