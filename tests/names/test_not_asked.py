"""The story of a resolution: which zone owned the name, and who was not asked and why, a line for each reason."""

from __future__ import annotations

import pytest
from name_rows import R53, why
from networks import VPC, changed

from vpcsim.asking import vantage_of
from vpcsim.resolution import Query
from vpcsim.resolving import resolve

PRIVATE = f"{R53}hosted-zone-private-considerations.html"
PRIVATELINK = f"{VPC.replace('userguide', 'privatelink')}privatelink-access-aws-services.html"

BASE = """
vpcs: {vpc: {cidr: 10.0.0.0/16, dns_hostnames: true}, hub: {cidr: 10.9.0.0/16, dns_hostnames: true}}
subnets:
  net-a: {vpc: vpc, cidr: 10.0.1.0/24, az: us-east-1a}
  net-b: {vpc: vpc, cidr: 10.0.2.0/24, az: us-east-1b}
  hub-net: {vpc: hub, cidr: 10.9.1.0/24}
instances: {app: {subnet: net-a, ip: 10.0.1.10}}
security_groups: {sg: {vpc: vpc}}
resolver_endpoints: {out: {direction: outbound, addresses: [net-a, net-b], security_groups: sg}}
resolver_rules: {sys: {domain: kept.example, type: system, vpcs: []}}
endpoints: {hub-sqs: {vpc: hub, service: sqs, subnets: hub-net, private_dns: true}}
hosted_zones:
  zone: {domain: corp.example, vpcs: vpc, records: {www: 10.0.1.80}}
  deep: {domain: lab.corp.example, vpcs: vpc, records: {www: 10.0.1.81}}
  hub-zone: {domain: hub.example, vpcs: hub, records: {www: 10.9.1.80}}
  public-zone: {domain: corp.example, records: {www: 192.0.2.80, only: 192.0.2.81}}
"""
WWW = "app www.corp.example"
RULE = "resolver_rules: {sys: {domain: corp.example, vpcs: vpc}}"

ROWS = [
    ("the owner alone", PRIVATE, "", WWW, [
        "zone: the private hosted zone for corp.example answers www.corp.example A: 10.0.1.80"]),
    ("the shorter domain", PRIVATE, "", "app www.lab.corp.example", [
        "zone: the private hosted zone for corp.example is not asked, since deep has the longer lab.corp.example",
        "deep: the private hosted zone for lab.corp.example answers www.lab.corp.example A: 10.0.1.81"]),
    ("no falling through", PRIVATE, "", "app only.corp.example", [
        "public DNS: is not asked, since what zone says about corp.example is final",
        "zone: the private hosted zone for corp.example answers only.corp.example A: no A record (NXDOMAIN)"]),
    ("a zone of another VPC", PRIVATE, "", "app www.hub.example", [
        "hub-zone: is a private zone for hub.example, but of hub, not of vpc",
        "public DNS: recursion answers www.hub.example A: no A record (NXDOMAIN)"]),
    ("private DNS of another VPC", PRIVATELINK, "", "app sqs.us-east-1.amazonaws.com", [
        "hub-sqs: its private DNS answers in hub only",
        "public DNS: recursion answers sqs.us-east-1.amazonaws.com A: 52.46.148.65"]),
    ("where it answers, nothing is said", PRIVATELINK, "", "hub sqs.us-east-1.amazonaws.com", [
        "hub-sqs: the private DNS of the endpoint answers sqs.us-east-1.amazonaws.com A: 10.9.1.69"]),
    ("a public API is not asked, where private DNS takes every API of the Region",
        "https://repost.aws/knowledge-center/api-gateway-vpc-connections",
        "endpoints: {api: {vpc: vpc, service: execute-api, subnets: net-a, private_dns: true}}",
        "app abc123.execute-api.us-east-1.amazonaws.com", [
        "public DNS: is not asked, so abc123.execute-api.us-east-1.amazonaws.com is taken for a private API: a public one "
        "answers 403 through an endpoint, and is reached by a custom domain name",
        "api: the private DNS of the endpoint for execute-api.us-east-1.amazonaws.com answers "
        "abc123.execute-api.us-east-1.amazonaws.com A: 10.0.1.174"]),
    ("what a SYSTEM rule asks is asked", f"{R53}resolver-overview-forward-vpc-to-network-using-rules.html", RULE, WWW, [
        "zone: the private hosted zone answers, since sys keeps corp.example with the VPC resolver",
        "sys: the SYSTEM rule for corp.example answers www.corp.example A: 10.0.1.80"]),
    ("from outside there is only the public DNS", PRIVATE, "", "public www.corp.example", [
        "public-zone: recursion answers www.corp.example A: 192.0.2.80"]),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "page", "changes", "query", "told"), ROWS, ids=[row[0] for row in ROWS])
def test_who_was_asked_and_who_was_not(rule: str, page: str, changes: str, query: str, told: list[str]) -> None:
    assert why(BASE, changes, query).splitlines() == told, page


def test_names_below_those_of_services_do_not_exist() -> None:
    """Source: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html"""
    net = changed(BASE, "db_subnet_groups: {group: {subnets: [net-a, net-b]}}\ndb_instances: {db: {subnet_group: group}}")
    name = next(iter(net.index.named))
    assert (net.resolve("app", name).rcode, net.resolve("app", f"x.{name}").rcode) == ("NOERROR", "NXDOMAIN")


@pytest.mark.parametrize(("rule", "page", "changes", "query", "told"), ROWS, ids=[row[0] for row in ROWS])
def test_an_answer_without_its_story_is_the_same_answer(rule: str, page: str, changes: str, query: str, told: list[str]) -> None:
    net, (source, name) = changed(BASE, changes), query.split()
    vantage = vantage_of(net, source)
    plain = resolve(net, vantage, Query(name), told=False)
    assert plain._replace(steps=()) == net.resolve(source, name)._replace(steps=()), page
