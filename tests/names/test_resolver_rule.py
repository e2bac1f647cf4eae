"""Resolver rules: which of rules, private zones and the resolver's own names wins, and what a target answers."""

from __future__ import annotations

import pytest
from name_rows import R53, R53_API, NameRow, check_name, why
from networks import Refusal, changed, refused

MATCH = f"{R53}resolver-overview-forward-vpc-to-network-domain-name-matches.html"
RULES = f"{R53}resolver-overview-forward-vpc-to-network-using-rules.html"
AUTO = f"{R53}resolver-overview-forward-vpc-to-network-autodefined-rules.html"
PRIVATE = f"{R53}hosted-zone-private-considerations.html"
FORWARDING = f"{R53}resolver-forwarding-outbound-queries.html"
VALUES = f"{R53}resolver-forwarding-outbound-queries-rule-values.html"
DELEGATION = f"{R53}outbound-delegation-tutorial.html"
ASSOCIATE = f"{R53_API}API_route53resolver_AssociateResolverRule.html"
CREATE = f"{R53_API}API_route53resolver_CreateResolverRule.html"

BASE = """
vpcs: {vpc: {cidr: 10.0.0.0/16, dns_hostnames: true}}
subnets:
  net-a: {cidr: 10.0.1.0/24, az: us-east-1a}
  net-b: {cidr: 10.0.2.0/24, az: us-east-1b}
security_groups:
  out-sg: {}
  dns-sg: {ingress: udp 53 from out-sg}
instances:
  app: {subnet: net-a, ip: 10.0.1.10}
  host: {subnet: net-b, ip: 10.0.2.53, security_groups: dns-sg}
  spare: {subnet: net-b, ip: 10.0.2.54, security_groups: dns-sg}
resolver_endpoints: {out: {direction: outbound, addresses: [net-a, net-b], security_groups: out-sg}}
dns_servers:
  corp: {address: 10.0.2.53, zones: {corp.example: {www: 192.0.2.1, dns: 192.0.2.2}, test: {x: 192.0.2.3}}, recursive: false}
hosted_zones: {zone: {domain: acme.corp.example, vpcs: vpc, records: {www: 10.0.1.80, www.deep: 10.0.1.81}}}
"""


def rule(domain: str, **more: str) -> str:
    fields = {"domain": f"'{domain}'", "endpoint": "out", "targets": "10.0.2.53", "vpcs": "vpc", **more}
    return "resolver_rules: {fwd: {" + ", ".join(f"{k}: {v}" for k, v in fields.items()) + "}}"


def delegate(
    server: str, glue: str = "", record: str = "acme.corp.example", vpcs: str = "vpc",
    rules: str = "", zones: str = "", served: str = "", servers: str = "",
) -> str:  # fmt: skip
    """A rule about the servers below `record`, a delegation of `sub` to one, and what else there is."""
    return (
        f"resolver_rules: {{del: {{type: delegate, endpoint: out, delegation: {record}, vpcs: {vpcs}}}, {rules}}}\n"
        f"hosted_zones: {{zone: {{records: {{sub: {{type: NS, values: [{server}.]}}, {glue}}}}}, {zones}}}\n"
        f"dns_servers: {{corp: {{zones: {{sub.acme.corp.example: {{www: 192.0.2.10, {served}}}, "
        f"corp.example: {{dns: 10.0.2.53}}}}}}, {servers}}}"
    )


def both(domain: str, system: str) -> str:
    kept = f"sys: {{domain: {system}, type: system, vpcs: vpc}}"
    return rule(domain).removesuffix("}") + f", {kept}}}"


ZONES = "\ndns_servers: {corp: {zones: {acme.corp.example: {www: 192.0.2.9, www.deep: 192.0.2.8}, ec2.internal: {x: 192.0.2.7}, \
sqs.us-east-1.amazonaws.com: {'@': 192.0.2.6}, 0.0.10.in-addr.arpa: {}, 10.in-addr.arpa: {10.1.0: PTR corp.test.}}}}"
REVERSE = "10.1.0.10.in-addr.arpa"

ROWS = [
    NameRow("the domain itself", MATCH, rule("www.corp.example"), "app www.corp.example", "192.0.2.1", "corp"),
    NameRow("a name below it", MATCH, rule("corp.example"), "app www.corp.example", "192.0.2.1", "corp"),
    NameRow("a label is not cut", MATCH, rule("rp.example"), "app www.corp.example", "NXDOMAIN", "public DNS"),
    NameRow("a child's rule is not the parent's", MATCH, rule("www.corp.example"), "app dns.corp.example", "NXDOMAIN",
            "public DNS"),
    NameRow("the most specific rule", MATCH,
            "resolver_rules: {fwd: {domain: example, endpoint: out, targets: 10.0.2.54, vpcs: vpc}, "
            "more: {domain: corp.example, endpoint: out, targets: 10.0.2.53, vpcs: vpc}}",
            "app www.corp.example", "192.0.2.1", "corp"),
    NameRow("a rule of no VPC", RULES, rule("corp.example", vpcs="[]"), "app www.corp.example", "NXDOMAIN", "public DNS"),
    NameRow("a rule beats the private zone of the same domain", PRIVATE, rule("acme.corp.example") + ZONES,
            "app www.acme.corp.example", "192.0.2.9", "corp"),
    NameRow("a rule for the parent leaves the private zone alone", AUTO, rule("corp.example") + ZONES,
            "app www.acme.corp.example", "10.0.1.80", "zone"),
    NameRow("a rule for everything leaves the private zone alone", AUTO, rule(".") + ZONES,
            "app www.acme.corp.example", "10.0.1.80", "zone"),
    NameRow("a rule below the private zone takes its part", MATCH, rule("deep.acme.corp.example") + ZONES,
            "app www.deep.acme.corp.example", "192.0.2.8", "corp"),
    NameRow("a rule for everything", RULES, rule("."), "app x.test", "192.0.2.3", "corp"),
    NameRow("everything but the instances' names", AUTO, rule("."), "app ip-10-0-1-10.ec2.internal", "10.0.1.10", "vpc"),
    NameRow("everything but private reverse names", AUTO, rule(".") + ZONES, f"app {REVERSE} PTR",
            "ip-10-0-1-10.ec2.internal.", "vpc"),
    NameRow("everything but localhost", AUTO, rule("."), "app localhost", "127.0.0.1", "vpc"),
    NameRow("without hostnames it is everything", RULES,
            "vpcs: {vpc: {dns_hostnames: false}}\n" + rule(".") + ZONES, "app x.ec2.internal", "192.0.2.7", "corp"),
    NameRow("exactly the domain of the instances' names", AUTO, rule("ec2.internal") + ZONES, "app x.ec2.internal",
            "192.0.2.7", "corp"),
    NameRow("the parent of the instances' names", AUTO, rule("internal") + ZONES, "app ip-10-0-1-10.ec2.internal",
            "10.0.1.10", "vpc"),
    NameRow("a private range's reverse zone leaves the VPC's own", AUTO, rule("10.in-addr.arpa") + ZONES,
            f"app {REVERSE} PTR", "ip-10-0-1-10.ec2.internal.", "vpc"),
    NameRow("the same domain as the private DNS of an endpoint", PRIVATE,
            rule("sqs.us-east-1.amazonaws.com") + ZONES
            + "\nendpoints: {ep: {service: sqs, subnets: net-a, private_dns: true}}",
            "app sqs.us-east-1.amazonaws.com", "192.0.2.6", "corp"),
    NameRow("the parent of the private DNS of an endpoint", AUTO,
            rule("amazonaws.com") + "\nendpoints: {ep: {service: sqs, subnets: net-a, private_dns: true}}",
            "app sqs.us-east-1.amazonaws.com", "10.0.1.185", "ep"),
    NameRow("a name of AWS without private DNS", RULES, rule("amazonaws.com"), "app sns.us-east-1.amazonaws.com", "SERVFAIL",
            "corp"),
    NameRow("SYSTEM keeps a part", RULES, both("corp.example", "dns.corp.example"), "app dns.corp.example", "NXDOMAIN",
            "public DNS"),
    NameRow("SYSTEM beside what is forwarded", RULES, both("corp.example", "dns.corp.example"), "app www.corp.example",
            "192.0.2.1", "corp"),
    NameRow("SYSTEM, and a private zone", RULES, both("corp.example", "acme.corp.example"), "app www.acme.corp.example",
            "10.0.1.80", "zone"),
    NameRow("SYSTEM below a rule that replaces a private zone", RULES,
            both("acme.corp.example", "deep.acme.corp.example") + ZONES, "app www.deep.acme.corp.example", "10.0.1.81", "zone"),
    NameRow("a target that says no", FORWARDING, rule("corp.example"), "app nothing.corp.example", "NXDOMAIN", "corp"),
    NameRow("a target with another type", FORWARDING, rule("corp.example"), "app www.corp.example AAAA", "NODATA", "corp"),
    NameRow("a target that refuses", FORWARDING, rule("other.example"), "app www.other.example", "SERVFAIL", "corp"),
    NameRow("the next target", FORWARDING, rule("corp.example", targets="[192.168.0.53, 10.0.2.53]"), "app www.corp.example",
            "192.0.2.1", "corp"),
    NameRow("no target is reached", FORWARDING, rule("corp.example", targets="192.168.0.53"), "app www.corp.example",
            "SERVFAIL", "fwd"),
    NameRow("the target's group", FORWARDING,
            rule("corp.example") + "\nsecurity_groups: {dns-sg: {ingress: udp 53 from 10.9.0.0/16}}", "app www.corp.example",
            "SERVFAIL", "fwd"),
    NameRow("the endpoint's group", FORWARDING, rule("corp.example") + "\nsecurity_groups: {out-sg: {egress: []}}",
            "app www.corp.example", "SERVFAIL", "fwd"),
    NameRow("by the interface beside the target, past an ACL", FORWARDING,
            rule("corp.example") + "\nnetwork_acls: {acl: {subnets: net-b, ingress: 1 allow all from 0.0.0.0/0, egress: []}}",
            "app www.corp.example", "192.0.2.1", "corp"),
    NameRow("a target on another port", VALUES,
            rule("corp.example", targets="10.0.2.53:5353"), "app www.corp.example", "SERVFAIL", "fwd"),
    NameRow("what a target answers is not known", FORWARDING, rule("corp.example", targets="10.0.2.54"), "app www.corp.example",
            "UNDECIDED", "spare"),
    NameRow("a chain goes on elsewhere", f"{R53}resolver-query-logs-format.html",
            rule("corp.example") + "\nhosted_zones: {zone: {records: {there: CNAME www.corp.example.}}}",
            "app there.acme.corp.example", "www.corp.example. 192.0.2.1", "corp"),
]  # fmt: skip

NS, GLUE = "ns.sub.acme.corp.example", "ns.sub: 10.0.2.53"
OUTSIDE = "dns.corp.example"
FORWARD = "fwd: {domain: DOMAIN, endpoint: out, targets: 10.0.2.53, vpcs: vpc}"
SUB = "app www.sub.acme.corp.example"

DELEGATED = [
    NameRow("the servers of a delegation, by the address in the zone", DELEGATION, delegate(NS, GLUE), SUB, "192.0.2.10", "corp"),
    NameRow("a name that those servers lack", DELEGATION, delegate(NS, GLUE), "app no.sub.acme.corp.example", "NXDOMAIN", "corp"),
    NameRow("it redirects nothing else", DELEGATION, delegate(NS, GLUE), "app www.acme.corp.example", "10.0.1.80", "zone"),
    NameRow("the address is nowhere but behind the delegation", DELEGATION, delegate(NS), SUB, "SERVFAIL", "del"),
    NameRow("a server outside of the zone, found by a FORWARD rule", DELEGATION,
            delegate(OUTSIDE, record="corp.example", rules=FORWARD.replace("DOMAIN", "corp.example")), SUB, "192.0.2.10", "corp"),
    NameRow("a server outside of the zone whose name nobody knows", DELEGATION, delegate(OUTSIDE, record="corp.example"), SUB,
            "SERVFAIL", "del"),
    NameRow("the delegation record is not about the server", DELEGATION, delegate(OUTSIDE, record="other.example"), SUB,
            "UNDECIDED", "zone"),
    NameRow("a rule of no VPC", RULES, delegate(NS, GLUE, vpcs="[]"), SUB, "UNDECIDED", "zone"),
    NameRow("servers that are not reached", DELEGATION, delegate(NS, "ns.sub: 192.168.0.53"), SUB, "SERVFAIL", "del"),
    NameRow("a server that is not described", DELEGATION, delegate(NS, "ns.sub: 10.0.2.54"), SUB, "UNDECIDED", "spare"),
    NameRow("a private zone of the subdomain is more specific", PRIVATE,
            delegate(NS, GLUE, zones="own: {domain: sub.acme.corp.example, vpcs: vpc, records: {www: 10.0.1.99}}"),
            SUB, "10.0.1.99", "own"),
    NameRow("a FORWARD rule for the zone: its delegation is not seen", PRIVATE,
            delegate(NS, "ns.sub: 10.0.2.54", rules=FORWARD.replace("DOMAIN", "acme.corp.example")), SUB, "192.0.2.10", "corp"),
    NameRow("a SYSTEM rule looks into the same zone", RULES,
            delegate(NS, GLUE, rules="sys: {domain: acme.corp.example, type: system, vpcs: vpc}"), SUB, "192.0.2.10", "corp"),
    NameRow("a delegation from there to the next server", DELEGATION,
            delegate(NS, GLUE, served="deep: {type: NS, values: [ns.deep.sub.acme.corp.example.]}, ns.deep: 10.0.2.54",
                     servers="other: {address: 10.0.2.54, zones: {deep.sub.acme.corp.example: {www: 192.0.2.11}}}"),
            "app www.deep.sub.acme.corp.example", "192.0.2.11", "other"),
]  # fmt: skip

REFUSED = [
    Refusal("DELEGATE without a record", CREATE, "resolver_rules: {del: {type: delegate, endpoint: out}}",
            "InvalidParameterException", "del"),
    Refusal("two rules of a domain in one VPC", ASSOCIATE,
            "resolver_rules: {one: {domain: a.example, type: system, vpcs: vpc}, two: {domain: a.example., type: system, "
            "vpcs: vpc}}", "InvalidRequestException", "two"),
    Refusal("FORWARD without targets", CREATE, "resolver_rules: {fwd: {domain: a.example, endpoint: out}}",
            "InvalidParameterException", "fwd"),
    Refusal("SYSTEM with targets", CREATE, "resolver_rules: {sys: {domain: a.example, type: system, targets: 10.0.2.53}}",
            "InvalidParameterException", "sys"),
    Refusal("an inbound endpoint", CREATE, rule("a.example") + "\nresolver_endpoints: {out: {direction: inbound}}",
            "InvalidRequestException", "fwd"),
    Refusal("seven targets", f"{R53}DNSLimitations.html",
            rule("a.example", targets="[10.9.0.1, 10.9.0.2, 10.9.0.3, 10.9.0.4, 10.9.0.5, 10.9.0.6, 10.9.0.7]"),
            "LimitExceededException", "fwd"),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.rule)
def test_who_answers(row: NameRow) -> None:
    check_name(BASE, row)


@pytest.mark.parametrize("row", DELEGATED, ids=lambda row: row.rule)
def test_who_answers_for_a_delegated_subdomain(row: NameRow) -> None:
    check_name(BASE, row)


def test_a_delegation_tells_its_story() -> None:
    told = why(BASE, delegate(NS, GLUE), SUB).splitlines()
    assert told == [
        "del: zone delegates sub.acme.corp.example to ns.sub.acme.corp.example, which del is about",
        "corp: answers www.sub.acme.corp.example from its zone sub.acme.corp.example",
        "del: the DELEGATE rule for sub.acme.corp.example answers www.sub.acme.corp.example A: 192.0.2.10",
    ]


@pytest.mark.parametrize("row", REFUSED, ids=lambda row: row.rule)
def test_what_is_refused(row: Refusal) -> None:
    refused(BASE, row)


def test_the_blocked_path_is_the_reason() -> None:
    told = why(BASE, rule("corp.example") + "\nsecurity_groups: {out-sg: {egress: []}}", "app www.corp.example")
    assert "out-sg: no outbound rule at all (the query for www.corp.example to 10.0.2.53)" in told
    assert told.endswith("fwd: no target of the rule answers www.corp.example")


def test_a_rule_without_a_vpc_is_named() -> None:
    told = why(BASE, rule("corp.example", vpcs="[]"), "app www.corp.example")
    assert "fwd: is a rule for corp.example, but is associated with no VPC" in told


def test_an_undecided_name_leaves_the_question_undecided() -> None:
    answer = changed(BASE, rule("corp.example", targets="10.0.2.54")).trace("app", "www.corp.example")
    assert (answer.verdict, answer.codes, answer.at) == ("undecided", ("VPCSIM_NOT_MODELLED",), "spare")
    assert answer.because == "spare: what the DNS server at 10.0.2.54 answers is not in the model"
