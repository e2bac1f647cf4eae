"""Resolver endpoints: who may ask an inbound one, what it answers, and how an outbound one sends."""

from __future__ import annotations

import pytest
from name_rows import R53, R53_API, NameRow, check_name
from networks import Refusal, Row, changed, check, refused

CHOOSE = f"{R53}resolver-choose-vpc.html"
INBOUND = f"{R53}resolver-overview-forward-network-to-vpc.html"
BETWEEN = f"{R53}resolver-overview-DSN-queries-to-vpc.html"
CREATE = f"{R53_API}API_route53resolver_CreateResolverEndpoint.html"
S3 = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/privatelink-interface-endpoints.html"

BASE = """
vpcs: {vpc: {cidr: 10.0.0.0/16, dns_hostnames: true}, other: {cidr: 10.9.0.0/16, dns_hostnames: true}}
subnets:
  net-a: {vpc: vpc, cidr: 10.0.1.0/24, az: us-east-1a}
  net-b: {vpc: vpc, cidr: 10.0.2.0/24, az: us-east-1b}
  far: {vpc: other, cidr: 10.9.1.0/24}
security_groups:
  in-sg: {vpc: vpc, ingress: [udp 53 from 10.0.0.0/16, tcp 53 from 10.0.0.0/16]}
  out-sg: {vpc: vpc}
instances: {app: {subnet: net-a, ip: 10.0.1.10}, host: {subnet: net-b, ip: 10.0.2.53}}
resolver_endpoints:
  in: {direction: inbound, addresses: [net-a 10.0.1.53, net-b 10.0.2.54], security_groups: in-sg}
  out: {direction: outbound, addresses: [net-a 10.0.1.63, net-b], security_groups: out-sg}
hosted_zones: {zone: {domain: corp.example, vpcs: vpc, records: {www: 10.0.1.80}}}
"""
TO, BACK = "app app/net-a net-a in/net-a in", "in in/net-a net-a app/app"

WAYS = [
    Row("DNS over UDP", INBOUND, "", "app -> 10.0.1.53 53/udp", "app app/net-a net-a in/net-a in",
        "in in/net-a net-a app/net-a app"),
    Row("DNS over TCP", INBOUND, "", "app -> 10.0.1.53 53/tcp", "app app/net-a net-a in/net-a in",
        "in in/net-a net-a app/net-a app"),
    Row("the group decides", INBOUND, "security_groups: {in-sg: {ingress: tcp 53 from 10.0.0.0/16}}", "app -> 10.0.1.53 53/udp",
        "app app/net-a net-a in/net-a", "", "denied ENI_SG_RULES_MISMATCH in-sg"),
    Row("nothing but DNS", INBOUND, "security_groups: {in-sg: {ingress: all from 0.0.0.0/0}}", "app -> 10.0.1.53 443/tcp",
        "app app/net-a net-a in/net-a in", "", "denied VPCSIM_NO_SERVICE in"),
    Row("it starts nothing", INBOUND, "", "in -> app 53/udp", "in", "", "denied VPCSIM_UNSOLICITED in"),
    Row("an outbound endpoint takes nothing", CHOOSE, "security_groups: {out-sg: {ingress: all from 0.0.0.0/0}}",
        "app -> 10.0.1.63 53/udp", "app app/net-a net-a out/net-a out", "", "denied VPCSIM_UNSOLICITED out"),
    Row("an outbound endpoint sends and takes the reply", CHOOSE,
        "security_groups: {host-sg: {vpc: vpc, ingress: udp 53 from 10.0.0.0/16}}\ninstances: {host: {security_groups: host-sg}}",
        "out -> host 53/udp", "out out/net-a net-a host/net-b host", "host host/net-b net-b out/net-a out"),
]  # fmt: skip

ASKED = [
    NameRow("it answers with the VPC's view", INBOUND, "", "in www.corp.example", "10.0.1.80", "zone"),
    NameRow("the zone has to be associated with its VPC", CHOOSE, "hosted_zones: {zone: {vpcs: other}}", "in www.corp.example",
            "NXDOMAIN", "public DNS"),
    NameRow("names of instances", INBOUND, "", "in ip-10-0-1-10.ec2.internal", "10.0.1.10", "vpc"),
    NameRow("no answer without DNS support", INBOUND, "vpcs: {vpc: {dns_support: false, dns_hostnames: false}}",
            "in www.corp.example", "TIMEOUT", "vpc"),
    NameRow("S3 for inbound endpoints only, asked through one", S3,
            "endpoints: {ep: {vpc: vpc, service: s3, type: interface, subnets: net-a, private_dns: true},"
            " gw: {vpc: vpc, service: s3, type: gateway}}", "in s3.us-east-1.amazonaws.com", "10.0.1.185", "ep"),
]  # fmt: skip

REFUSED = [
    Refusal("one address", CREATE, "resolver_endpoints: {in: {addresses: [net-a]}}", "InvalidRequestException", "in"),
    Refusal("no group", CREATE, "resolver_endpoints: {in: {security_groups: null}}", "InvalidParameterException", "in"),
    Refusal("subnets of two VPCs", CREATE, "resolver_endpoints: {out: {addresses: [net-a, far]}}",
            "InvalidParameter InvalidRequestException", "out"),
]  # fmt: skip


@pytest.mark.parametrize("row", WAYS, ids=lambda row: row.rule)
def test_the_way_of_a_query(row: Row) -> None:
    check(BASE, row)


@pytest.mark.parametrize("row", ASKED, ids=lambda row: row.rule)
def test_what_an_inbound_endpoint_answers(row: NameRow) -> None:
    check_name(BASE, row)


@pytest.mark.parametrize("row", REFUSED, ids=lambda row: row.rule)
def test_what_is_refused(row: Refusal) -> None:
    refused(BASE, row)


def test_s3_for_inbound_endpoints_only_stays_public_inside() -> None:
    found = changed(BASE, ASKED[-1].changes).resolve("app", "s3.us-east-1.amazonaws.com")
    assert found.owner == "public DNS"
    assert any("answers inbound resolver endpoints only" in step.because for step in found.steps)


def test_two_addresses_in_one_subnet() -> None:
    net = changed(BASE, "resolver_endpoints: {in: {addresses: [net-a 10.0.1.53, net-a 10.0.1.54]}}")
    assert net.interfaces_of("in") == ("in/net-a", "in/net-a/2")


def test_rules_in_a_circle() -> None:
    """Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-choose-vpc.html"""
    loop = "resolver_rules: {loop: {domain: loop.example, endpoint: out, targets: 10.0.1.53, vpcs: vpc}}"
    found = changed(BASE, loop).resolve("app", "www.loop.example")
    assert found.rcode == "SERVFAIL"
    told = [step.because for step in found.steps]
    assert "in: the query for www.loop.example is here again, so rules send it in a circle" in told


def test_another_vpc_s_view() -> None:
    """Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-overview-DSN-queries-to-vpc.html"""
    rule = (
        "resolver_rules: {fwd: {domain: corp.example, endpoint: out, targets: 10.0.1.53, vpcs: other}}\n"
        "instances: {away: {subnet: far, ip: 10.9.1.10}}"
    )
    found = changed(BASE, rule).resolve("away", "www.corp.example")
    assert (found.addresses, found.owner) == (("10.0.1.80",), "zone")
