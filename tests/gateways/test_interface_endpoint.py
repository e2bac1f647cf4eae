"""Interface endpoints: a service behind interfaces of the VPC."""

from __future__ import annotations

import pytest
from networks import API, ERRORS, PRIVATELINK, VPC, Refusal, Row, ask, changed, check, names, refused

CREATE = f"{PRIVATELINK}create-interface-endpoint.html"
ACCESS = f"{PRIVATELINK}privatelink-access-aws-services.html"
CONCEPTS = f"{PRIVATELINK}concepts.html"
ACL = f"{VPC}custom-network-acl.html"
RULES = f"{VPC}security-group-rules.html"
STATES = f"{API}API_VpcEndpoint.html"

BASE = """
vpcs: {vpc: {cidr: 10.0.0.0/16, dns_support: true, dns_hostnames: true}}
subnets:
  app-net: {cidr: 10.0.1.0/24, az: us-east-1a}
  ep-net: {cidr: 10.0.2.0/24, az: us-east-1a}
  ep-net-b: {cidr: 10.0.3.0/24, az: us-east-1b}
security_groups:
  app-sg: {}
  ep-sg: {ingress: tcp 443 from 0.0.0.0/0}
endpoints: {ep: {service: sqs, subnets: [ep-net], security_groups: ep-sg, private_dns: true}}
instances: {app: {subnet: app-net, ip: 10.0.1.10, security_groups: app-sg}}
"""
TO, BACK = "app app/app-net app-net ep/ep-net ep", "ep ep/ep-net ep-net app/app-net app"
AT_ENI, START = "app app/app-net app-net ep/ep-net", "app app/app-net app-net"
TO_B, BACK_B = "app app/app-net app-net ep/ep-net-b ep", "ep ep/ep-net-b ep-net-b app/app-net app"
HTTPS = "app -> ep 443/tcp"
OPEN = "security_groups: {ep-sg: {ingress: all from 0.0.0.0/0}}"
NO, NONE = "denied ENI_SG_RULES_MISMATCH ep-sg", "denied SG_HAS_NO_RULES ep-sg"
DEFAULT = "endpoints: {ep: {security_groups: null}}"
NO_ACL = "denied SUBNET_ACL_RESTRICTION acl"
SAME = "endpoints: {ep: {subnets: [app-net]}}"
BOTH = "endpoints: {ep: {subnets: [ep-net, ep-net-b]}}"
FAR = (
    "\nvpcs: {vpc: {}, far: 10.9.0.0/16}\nsubnets: {app-net: {vpc: vpc}, ep-net: {vpc: vpc}, ep-net-b: {vpc: vpc}, "
    "far-net: {vpc: far, cidr: 10.9.1.0/24}}\nsecurity_groups: {app-sg: {vpc: vpc}, ep-sg: {vpc: vpc}, far-sg: {vpc: far}}\n"
    "endpoints: {ep: {vpc: vpc}}\ninstances: {there: {subnet: far-net, ip: 10.9.1.10, security_groups: far-sg}}"
)


def acl(ingress: str, egress: str, subnet: str = "ep-net") -> str:
    return f"network_acls: {{acl: {{subnets: {subnet}, ingress: {ingress}, egress: {egress}}}}}"


def state(name: str) -> str:
    return f"endpoints: {{ep: {{state: {name}}}}}"


def in_state(name: str) -> Row:
    return Row(f"state {name}", STATES, state(name), HTTPS, TO, "", "denied BAD_STATE ep")


ROWS = [
    Row("https", ACCESS, "", HTTPS, TO, BACK),
    Row("by the service's name", ACCESS, "", "app -> sqs.us-east-1.amazonaws.com 443/tcp", TO, BACK),
    Row("no route but the local one is needed", ACCESS, "route_tables: {table: {subnets: app-net}}", HTTPS, TO, BACK),
    Row("tcp on another port, if the group admits it", CONCEPTS, OPEN, "app -> ep 80/tcp", TO, BACK),
    Row("udp", CONCEPTS, OPEN, "app -> ep 443/udp", TO, BACK),
    Row("ping is not answered", CREATE, OPEN, "app -> ep icmp", TO, "", "denied PROTOCOL_RESTRICTION ep"),
    Row("ping meets the group first", CREATE, "", "app -> ep icmp", AT_ENI, "", NO),
    Row("no other protocol", CONCEPTS, OPEN, "app -> ep 47", TO, "", "denied PROTOCOL_RESTRICTION ep"),
    Row(
        "the group does not admit it", CREATE, "security_groups: {ep-sg: {ingress: tcp 443 from 10.0.9.0/24}}", HTTPS, AT_ENI, "",
        NO,
    ),
    Row("the group has no rules", CREATE, "security_groups: {ep-sg: {ingress: []}}", HTTPS, AT_ENI, "", NONE),
    Row(
        "the group admits the client's group", RULES, "security_groups: {ep-sg: {ingress: tcp 443 from app-sg}}", HTTPS, TO, BACK,
    ),
    Row("the group needs no rule for the reply", CREATE, "security_groups: {ep-sg: {egress: []}}", HTTPS, TO, BACK),
    Row(
        "no group: the default group", CREATE, DEFAULT, HTTPS, AT_ENI, "",
        "denied ENI_SG_RULES_MISMATCH vpc/default-security-group",
    ),
    Row(
        "no group: a member of the default group", CREATE, f"{DEFAULT}\ninstances: {{app: {{security_groups: null}}}}", HTTPS, TO,
        BACK,
    ),
    Row(
        "the client's group applies", CREATE, "security_groups: {app-sg: {egress: tcp 80 to 0.0.0.0/0}}", HTTPS,
        "app app/app-net", "", "denied ENI_SG_RULES_MISMATCH app-sg",
    ),
    Row(
        "two groups", CREATE,
        "security_groups: {ep-sg: {ingress: []}, more: {ingress: tcp 443 from 10.0.1.10/32}}\n"
        "endpoints: {ep: {security_groups: [ep-sg, more]}}", HTTPS, TO, BACK,
    ),
    Row("its interface in another zone", ACCESS, BOTH, "app -> ep/ep-net-b 443/tcp", TO_B, BACK_B),
    Row("only in another zone", ACCESS, "endpoints: {ep: {subnets: [ep-net-b]}}", HTTPS, TO_B, BACK_B),
    Row(
        "in the client's subnet", ACCESS, SAME, HTTPS, "app app/app-net app-net ep/app-net ep",
        "ep ep/app-net app-net app/app-net app",
    ),
    Row(
        "in the client's subnet, without the ACL", VPC + "vpc-network-acls.html", f"{SAME}\n{acl('[]', '[]', 'app-net')}", HTTPS,
        "app app/app-net app-net ep/app-net ep", "ep ep/app-net app-net app/app-net app",
    ),
    Row(
        "its subnet's ACL: what is needed", ACL,
        acl("100 allow tcp 443 from 10.0.1.0/24", "100 allow tcp 32768-60999 to 10.0.1.0/24"), HTTPS, TO, BACK,
    ),
    Row("its subnet's ACL, in", ACL, acl("[]", "100 allow all to 0.0.0.0/0"), HTTPS, AT_ENI, "", NO_ACL),
    Row(
        "its subnet's ACL, the reply out", ACL, acl("100 allow all from 0.0.0.0/0", "100 allow tcp 443 to 0.0.0.0/0"), HTTPS, TO,
        "ep ep/ep-net ep-net", NO_ACL,
    ),
    Row("the client's ACL, out", ACL, acl("100 allow all from 0.0.0.0/0", "[]", "app-net"), HTTPS, START, "", NO_ACL),
    Row(
        "the client's ACL, the reply in", ACL, acl("100 allow tcp 443 from 0.0.0.0/0", "100 allow all to 0.0.0.0/0", "app-net"),
        HTTPS, TO, "ep ep/ep-net ep-net app/app-net", NO_ACL,
    ),
    Row(
        "it starts no connection", ACCESS, "security_groups: {app-sg: {ingress: all from 0.0.0.0/0}}", "ep -> app 443/tcp", "ep",
        "", "denied VPCE_INTRA_VPC_TRAFFIC ep",
    ),
    Row(
        "another VPC has no way to it", ACCESS, FAR, "there -> ep 443/tcp", "there there/far-net far-net", "",
        "no_route NO_ROUTE_TO_DESTINATION far/main-route-table",
    ),
    Row(
        "the internet has no way to it", ACCESS, "", "internet -> ep 443/tcp", "internet", "",
        "no_route IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS internet",
    ),
    Row("state available", STATES, state("available"), HTTPS, TO, BACK),
    Row("state Available", STATES, state("Available"), HTTPS, TO, BACK),
    Row("state partial", STATES, state("partial"), HTTPS, TO, BACK),
    *map(in_state, ("pendingAcceptance", "pending", "rejected", "expired", "failed", "deleting", "deleted")),
]  # fmt: skip

S3 = "endpoints: {s3: {service: s3, subnets: [ep-net], security_groups: ep-sg, private_dns: true}}"

REFUSALS = [
    Refusal(
        "two subnets in one zone", ERRORS, "endpoints: {ep: {subnets: [app-net, ep-net]}}", "DuplicateSubnetsInSameZone", "ep",
    ),
    Refusal(
        "a subnet of another VPC", ERRORS,
        FAR.replace("ep: {vpc: vpc}", "ep: {vpc: vpc, subnets: [far-net], security_groups: far-sg}"), "InvalidParameter", "ep",
    ),
    Refusal(
        "a group of another VPC", ERRORS, FAR.replace("ep: {vpc: vpc}", "ep: {vpc: vpc, security_groups: far-sg}"),
        "InvalidParameter", "ep",
    ),
    Refusal("private DNS without host names", ACCESS, "vpcs: {vpc: {dns_hostnames: false}}", "InvalidParameter", "ep"),
    Refusal("private DNS without DNS", ACCESS, "vpcs: {vpc: {dns_support: false}}", "InvalidParameter", "ep"),
    Refusal(
        "two endpoints with private DNS for one service", ACCESS,
        "endpoints: {twin: {service: sqs, subnets: [ep-net-b], private_dns: true}}", "InvalidParameter", "twin",
    ),
    Refusal("S3 with private DNS and without a gateway endpoint", CREATE, S3, "InvalidParameter", "s3"),
    Refusal(
        "a service that is none", ERRORS, "endpoints: {ep: {service: com.amazonaws.us-east-1.sqss}}", "InvalidServiceName", "ep",
    ),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=names(ROWS))
def test_what_reaches_the_service(row: Row) -> None:
    check(BASE, row)


@pytest.mark.parametrize("row", REFUSALS, ids=names(REFUSALS))
def test_what_aws_refuses(row: Refusal) -> None:
    refused(BASE, row)


def test_what_is_accepted() -> None:
    """https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html"""
    gateway = S3.replace("{s3:", "{s3-gateway: {service: s3, type: gateway, route_tables: table}, s3:")
    changed(BASE, f"{gateway}\nroute_tables: {{table: {{}}}}")
    changed(BASE, "endpoints: {twin: {service: sqs, subnets: [ep-net-b]}}")
    changed(BASE, "vpcs: {vpc: {dns_hostnames: false}}\nendpoints: {ep: {private_dns: false}}")


def test_an_address_for_every_zone() -> None:
    """https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html"""
    answer = ask(changed(BASE, BOTH), "app -> sqs.us-east-1.amazonaws.com 443/tcp")
    assert [trip.verdict for trip in answer.trips] == ["reachable", "reachable"]
    assert {trip.there.hops[-2].at for trip in answer.trips} == {"ep/ep-net", "ep/ep-net-b"}


def test_one_zone_out_of_two_is_a_note() -> None:
    answer = ask(changed(BASE, f"{BOTH}\n{acl('[]', '[]')}"), "app -> sqs.us-east-1.amazonaws.com 443/tcp")
    assert answer.reachable
    assert sorted(trip.verdict for trip in answer.trips) == ["blocked", "reachable"]
    assert any("acl" in note for note in answer.notes)
