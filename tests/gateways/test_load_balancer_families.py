"""Load balancers with addresses of both families, and their targets of one or the other."""

from __future__ import annotations

import pytest
from networks import Refusal, Row, ask, changed, check, names, refused

from vpcsim.prefixes import address_text

ELB = "https://docs.aws.amazon.com/elasticloadbalancing/latest/"
HOW = f"{ELB}userguide/how-elastic-load-balancing-works.html"
ALB = f"{ELB}application/load-balancer-ip-address-type.html"
LISTENERS = f"{ELB}network/load-balancer-listeners.html"
GROUPS = f"{ELB}network/load-balancer-target-groups.html"
NLB = f"{ELB}network/network-load-balancers.html"
REGISTER = f"{ELB}network/target-group-register-targets.html"
RULES = f"{ELB}APIReference/API_SourceIpConditionConfig.html"
CREATE = f"{ELB}APIReference/API_CreateLoadBalancer.html"
ATTRIBUTE = f"{ELB}APIReference/API_LoadBalancerAttribute.html"

BASE = """
vpcs: {vpc: {cidr: 10.0.0.0/16, ipv6: "2001:db8::/56", dns_hostnames: true}}
subnets:
  lb-a: {cidr: 10.0.0.0/24, ipv6_cidr: "2001:db8::/64", az: us-east-1a}
  lb-b: {cidr: 10.0.1.0/24, ipv6_cidr: "2001:db8:0:1::/64", az: us-east-1b}
  app-a: {cidr: 10.0.10.0/24, ipv6_cidr: "2001:db8:0:10::/64", az: us-east-1a}
  four: {cidr: 10.0.30.0/24, az: us-east-1b}
internet_gateways: {igw: vpc}
route_tables: {public: {subnets: [lb-a, lb-b], routes: {0.0.0.0/0: igw, "::/0": igw}}}
security_groups:
  lb-sg:
    ingress: [tcp 80 from 0.0.0.0/0, "tcp 80 from ::/0", udp 53 from 0.0.0.0/0, "udp 53 from ::/0"]
    egress: [all to 0.0.0.0/0, "all to ::/0"]
  web-sg: {ingress: [tcp 8080 from lb-sg, udp 53 from lb-sg], egress: [all to 0.0.0.0/0, "all to ::/0"]}
  client-sg: {egress: [all to 0.0.0.0/0, "all to ::/0"]}
instances:
  web: {subnet: app-a, ip: 10.0.10.10, ipv6: "2001:db8:0:10::10", security_groups: web-sg}
  client: {subnet: app-a, ip: 10.0.10.20, ipv6: "2001:db8:0:10::20", security_groups: client-sg}
load_balancers:
  alb: {subnets: [lb-a, lb-b], security_groups: lb-sg, scheme: internal, ip_type: dualstack, listeners: {80: webs}}
  nlb: {type: network, subnets: [lb-a], security_groups: lb-sg, scheme: internal, ip_type: dualstack, listeners: {80: flows}}
target_groups:
  webs: {vpc: vpc, protocol: HTTP, port: 8080, targets: web}
  flows: {vpc: vpc, protocol: TCP, port: 8080, targets: web}
"""

PUBLIC = "load_balancers: {alb: {scheme: internet-facing}}"
WITHOUT = "load_balancers: {alb: {scheme: internet-facing, ip_type: dualstack-without-public-ipv4}}"
SIX = "target_groups: {webs: {ip_type: ipv6}, flows: {ip_type: ipv6}}"
UDP = """
load_balancers: {nlb: {source_nat_prefix: true, listeners: {80: null, 53/tcp_udp: flows}}}
target_groups: {flows: {protocol: TCP_UDP, port: 53, ip_type: TYPE}}
"""
UDP_ONLY = UDP.replace("tcp_udp", "udp").replace("TCP_UDP", "UDP")
BY_FAMILY = """
listeners: {fam: {load_balancer: nlb, port: 81, protocol: TCP, forward: flows, rules: [{source: ipv6, forward: six}]}}
security_groups: {lb-sg: {ingress: [tcp 81 from 0.0.0.0/0, "tcp 81 from ::/0"]}, web-sg: {ingress: all from lb-sg}}
target_groups: {six: {vpc: vpc, protocol: TCP, port: 8081, targets: web, ip_type: ipv6}}
"""


def over(version: int, to: str, service: str, changes: str = "") -> tuple[str, str, str]:
    """Ask the first node's address of a family; the verdict, and who the target sees."""
    net = changed(BASE, changes)
    number = net.address_of(f"{to}/lb-a", version)
    answer = ask(net, f"client -> {address_text(number)} {service}")
    trip = answer.trips[0]
    return answer.verdict, trip.there.arrived.source, trip.there.arrived.destination


def node(to: str, version: int, changes: str = "") -> str:
    return address_text(changed(BASE, changes).address_of(f"{to}/lb-a", version))


CLIENT = {4: "10.0.10.20", 6: "2001:db8:0:10::20"}
WEB = {4: "10.0.10.10", 6: "2001:db8:0:10::10"}
SEEN = [
    ("ALB: IPv6 clients reach IPv4 targets in the node's name", HOW, 6, "alb", "80/tcp", "", ("node", 4)),
    ("ALB: and IPv6 targets", HOW, 6, "alb", "80/tcp", SIX, ("node", 6)),
    ("ALB: IPv4 clients reach IPv6 targets", HOW, 4, "alb", "80/tcp", SIX, ("node", 6)),
    ("NLB: keeps the client's address within a family", REGISTER, 6, "nlb", "80/tcp", SIX, ("client", 6)),
    ("NLB: within IPv4 too", REGISTER, 4, "nlb", "80/tcp", "", ("client", 4)),
    ("NLB: not where it translates 6 to 4", REGISTER, 6, "nlb", "80/tcp", "", ("node", 4)),
    ("NLB: not where it translates 4 to 6", REGISTER, 4, "nlb", "80/tcp", SIX, ("node", 6)),
    ("NLB: UDP over IPv6 keeps the client's address", NLB, 6, "nlb", "53/udp", UDP_ONLY.replace("TYPE", "ipv6"), ("client", 6)),
    ("NLB: UDP over IPv4 too", NLB, 4, "nlb", "53/udp", UDP.replace("TYPE", "ipv4"), ("client", 4)),
    ("NLB: a rule for IPv6 clients", RULES, 6, "nlb", "81/tcp", BY_FAMILY, ("client", 6)),
    ("NLB: and the default for the others", RULES, 4, "nlb", "81/tcp", BY_FAMILY, ("client", 4)),
]


@pytest.mark.parametrize("row", SEEN, ids=[row[0] for row in SEEN])
def test_whom_a_target_sees(row: tuple[str, str, int, str, str, str, tuple[str, int]]) -> None:
    _, _, version, to, service, changes, (who, wanted) = row
    seen = CLIENT[wanted] if who == "client" else node(to, wanted, changes)
    assert over(version, to, service, changes) == ("reachable", seen, WEB[wanted])


@pytest.mark.parametrize(("version", "held"), [(6, "ipv4"), (4, "ipv6")])
def test_udp_between_the_families_is_undecided(version: int, held: str) -> None:
    assert over(version, "nlb", "53/udp", UDP.replace("TYPE", held))[0] == "undecided"


def test_udp_to_an_address_outside_the_vpc_is_undecided() -> None:
    """Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/network/target-group-register-targets.html"""
    changes = UDP.replace("TYPE", "ipv4").replace("port: 53,", "port: 53, type: ip, targets: {id: 192.168.0.9, az: all},")
    answer = ask(changed(BASE, changes), f"client -> {node('nlb', 4, changes)} 53/udp")
    assert (answer.verdict, answer.at) == ("undecided", "nlb")


ROWS = [
    Row(
        "the internet reaches the IPv6 addresses of an internet-facing one", HOW, PUBLIC,
        "internet:2a00:1450::9 -> alb 80/tcp",
        "internet igw alb/lb-a alb alb/lb-a lb-a web/app-a web", "web web/app-a app-a alb/lb-a alb alb/lb-a lb-a igw internet",
    ),
    Row(
        "and IPv6 alone where it has no public IPv4", HOW, WITHOUT, "internet:2a00:1450::9 -> alb 80/tcp",
        "internet igw alb/lb-a alb alb/lb-a lb-a web/app-a web", "web web/app-a app-a alb/lb-a alb alb/lb-a lb-a igw internet",
    ),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=names(ROWS))
def test_every_rule_there_and_back(row: Row) -> None:
    check(BASE, row)


INBOUND = [
    ("an internal one: the internet gateway turns it away", NLB, "alb", "", "blocked"),
    ("unless the attribute allows it", ATTRIBUTE, "alb", "false", "reachable"),
    ("an internet-facing one may turn it away too", ATTRIBUTE, "public", "true", "blocked"),
]


@pytest.mark.parametrize("row", INBOUND, ids=[row[0] for row in INBOUND])
def test_what_the_internet_gateway_lets_in(row: tuple[str, str, str, str, str]) -> None:
    _, _, which, value, verdict = row
    told = f"load_balancer_attributes: [{{Key: ipv6.deny_all_igw_traffic, Value: '{value}'}}]" if value else ""
    scheme = "internet-facing" if which == "public" else "internal"
    changes = f"load_balancers: {{alb: {{scheme: {scheme}, {told}}}}}"
    answer = ask(changed(BASE, changes), f"internet:2a00:1450::9 -> {node('alb', 6, changes)} 80/tcp")
    assert answer.verdict == verdict
    if verdict == "blocked":
        assert answer.at == "igw"


NAMES = [
    ("internal", HOW, "", (2, 2)),
    ("internet-facing", HOW, PUBLIC, (2, 2)),
    ("without public IPv4", HOW, WITHOUT, (0, 2)),
    ("IPv4 only", HOW, "load_balancers: {alb: {ip_type: ipv4}}", (2, 0)),
]


@pytest.mark.parametrize("row", NAMES, ids=[row[0] for row in NAMES])
def test_the_records_of_its_name(row: tuple[str, str, str, tuple[int, int]]) -> None:
    net = changed(BASE, row[2])
    name = net.topology.resources["alb"].dns_name  # type: ignore[attr-defined]
    found = [net.resolve("client", name, kind) for kind in ("A", "AAAA")]
    assert tuple(len(answer.addresses) for answer in found) == row[3]
    assert {answer.rcode for answer in found} == {"NOERROR"}


def test_an_ipv4_load_balancer_takes_no_ipv6_address_of_its_subnets() -> None:
    changes = "subnets: {lb-a: {assign_ipv6_address_on_creation: true}}\nload_balancers: {alb: {ip_type: ipv4}}\n"
    classic = "classic_load_balancers: {elb: {subnets: [lb-a], security_groups: lb-sg, listeners: {80: 8080}, instances: web}}"
    net = changed(BASE, changes + classic)
    assert [len(net.index.addresses_of[f"{id}/lb-a"]) for id in ("alb", "elb")] == [1, 1]


REFUSALS = [
    Refusal(
        "dual-stack in a subnet without IPv6", HOW, "load_balancers: {alb: {subnets: [lb-a, four]}}", "ValidationError", "alb"
    ),
    Refusal(
        "no public IPv4 of an internal one", HOW, "load_balancers: {alb: {ip_type: dualstack-without-public-ipv4}}",
        "ValidationError", "alb",
    ),
    Refusal(
        "no public IPv4 of a Network Load Balancer", CREATE,
        "load_balancers: {nlb: {ip_type: dualstack-without-public-ipv4, scheme: internet-facing}}", "ValidationError", "nlb",
    ),
    Refusal(
        "UDP of a dual-stack one without the prefix", NLB,
        "load_balancers: {nlb: {listeners: {80: null, 53/udp: flows}}}\ntarget_groups: {flows: {protocol: UDP, ip_type: ipv6}}",
        "InvalidConfigurationRequest", "nlb/listener-53-udp",
    ),
    Refusal(
        "groups of both families by default", LISTENERS,
        "target_groups: {six: {vpc: vpc, protocol: TCP, port: 8081, targets: web, ip_type: ipv6}}\n"
        "load_balancers: {nlb: {listeners: {80: [flows, six]}}}", "InvalidConfigurationRequest", "nlb/listener-80",
    ),
    Refusal(
        "rules of a Network Load Balancer with IPv4 only", LISTENERS,
        BY_FAMILY.replace("\ntarget_groups: {six", "\nload_balancers: {nlb: {ip_type: ipv4}}\ntarget_groups: {six").replace(
            ", ip_type: ipv6}}", "}}"
        ),
        "InvalidConfigurationRequest", "fam",
    ),
    Refusal(
        "IPv4 targets of UDP of a dual-stack one", GROUPS, UDP_ONLY.replace("TYPE", "ipv4"), "InvalidConfigurationRequest",
        "nlb/listener-53-udp",
    ),
    Refusal(
        "a load balancer in a group of IPv6", GROUPS,
        "target_groups: {more: {vpc: vpc, type: alb, protocol: TCP, port: 80, ip_type: ipv6, targets: alb}}",
        "InvalidConfigurationRequest", "more",
    ),
    Refusal(
        "QUIC in a group of IPv6", GROUPS, "target_groups: {more: {vpc: vpc, protocol: QUIC, port: 443, ip_type: ipv6}}",
        "InvalidConfigurationRequest", "more",
    ),
    Refusal(
        "IPv6 targets behind an IPv4 load balancer", HOW, "load_balancers: {alb: {ip_type: ipv4}}\n" + SIX,
        "InvalidConfigurationRequest", "alb/listener-80",
    ),
    Refusal(
        "an IPv4 address in a group of IPv6", HOW,
        "target_groups: {webs: {type: ip, ip_type: ipv6, targets: 10.0.10.10}}", "ValidationError", "webs",
    ),
    Refusal(
        "an IPv6 address outside the VPC and its peers", REGISTER,
        "target_groups: {webs: {type: ip, ip_type: ipv6, targets: '[2001:db8:1::1]'}}", "ValidationError", "webs",
    ),
    Refusal(
        "an instance without an IPv6 address in a group of IPv6", REGISTER,
        "instances: {web: {subnet: four, ip: 10.0.30.10, ipv6: []}}\n" + SIX, "InvalidTarget InvalidTarget", "",
    ),
]  # fmt: skip


@pytest.mark.parametrize("row", REFUSALS, ids=names(REFUSALS))
def test_what_aws_refuses(row: Refusal) -> None:
    refused(BASE, row)


def test_an_address_of_a_peer_may_be_a_target_of_ipv6() -> None:
    base = BASE.replace("  lb-a: {cidr", "  lb-a: {vpc: vpc, cidr")
    for id in ("lb-b", "app-a", "four", "public", "lb-sg", "web-sg", "client-sg"):
        base = base.replace(f"{id}: {{", f"{id}: {{vpc: vpc, ", 1).replace(f"  {id}:\n", f"  {id}:\n    vpc: vpc\n", 1)
    changes = """
vpcs: {far: {cidr: 10.1.0.0/16, ipv6: "2001:db8:1::/56"}}
subnets: {far-a: {vpc: far, cidr: 10.1.0.0/24, ipv6_cidr: "2001:db8:1::/64"}}
vpc_peering_connections: {pcx: {requester: vpc, accepter: far}}
target_groups: {webs: {type: ip, targets: {id: "2001:db8:1::1", az: all}}}
"""
    assert changed(base, changes).topology.resources["webs"].family == 6  # type: ignore[attr-defined]
