"""Resolver query logging: the record of a query, field by field.

Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-query-logs-format.html
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from networks import Refusal, changed, refused

from vpcsim.cli import vpcsim_command
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


MODEL = """
vpcs: {vpc: {cidr: 10.0.0.0/16, dns_hostnames: true}}
subnets: {net: 10.0.1.0/24}
instances: {app: {subnet: net, ip: 10.0.1.10}}
hosted_zones: {zone: {domain: corp.example, vpcs: vpc, records: {www: 10.0.1.80}}}
"""
LOGGED = "query_log_configs: {log: {vpcs: vpc, destination: 'arn:aws:s3:::my-logs'}}\n"
BROUGHT = "query_log_configs: {log: {}}\nprofiles: {profile: {vpcs: vpc, resources: log}}\n"


@pytest.mark.parametrize(
    ("more", "source", "records", "said"),
    [
        (LOGGED, "app", 1, ""),
        (BROUGHT, "app", 1, ""),
        ("", "app", 1, "vpcsim: no query logging configuration of vpc is in the model; one would write\n"),
        (LOGGED, "public", 0, "vpcsim: nothing is logged of a query that no VPC resolver answers\n"),
    ],
)
def test_dig_prints_the_record(tmp_path: Path, more: str, source: str, records: int, said: str) -> None:
    (tmp_path / "network.yaml").write_text(MODEL + more)
    done = CliRunner().invoke(
        vpcsim_command, ["dig", str(tmp_path), source, "www.corp.example", "--query-log"], standalone_mode=False
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert (len(lines), done.stderr, done.exception) == (records, said, None)
    assert [(line["srcids"], line["query_name"], int(line["srcport"]) >= 1024) for line in lines] == (
        [({"instance": "app"}, "www.corp.example.", True)] * records
    )


def test_a_destination_that_is_none_is_refused() -> None:
    """Source: https://docs.aws.amazon.com/Route53/latest/APIReference/API_route53resolver_CreateResolverQueryLogConfig.html"""
    refusal = Refusal("a queue", "", "query_log_configs: {log: {destination: 'arn:aws:sqs:us-east-1:1:q'}}",
                      "InvalidParameterException", "log")  # fmt: skip
    refused(MODEL, refusal)
