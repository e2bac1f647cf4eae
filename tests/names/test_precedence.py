"""The order of precedence on random sets of domains, against a plain reading of AWS's pages.

Sources: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-overview-forward-vpc-to-network-domain-name-matches.html,
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zone-private-considerations.html,
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/profiles.html.
"""

from __future__ import annotations

import random

import pytest
import yaml
from networks import changed

BASE = """
vpcs: {vpc: {cidr: 10.0.0.0/16, dns_hostnames: true}, shared: {cidr: 10.9.0.0/16, dns_hostnames: true}}
subnets: {net-a: {vpc: vpc, cidr: 10.0.1.0/24, az: us-east-1a}, net-b: {vpc: vpc, cidr: 10.0.2.0/24, az: us-east-1b}}
security_groups: {sg: {vpc: vpc, ingress: udp 53 from 10.0.0.0/16}}
instances: {app: {subnet: net-a, ip: 10.0.1.10}, host: {subnet: net-b, ip: 10.0.2.53, security_groups: sg}}
resolver_endpoints: {out: {direction: outbound, addresses: [net-a, net-b], security_groups: sg}}
dns_servers: {dns: {address: 10.0.2.53, recursive: false}}
"""
LABELS = ("a", "b", "internal", "ec2")
RANK = ("rule", "zone", "profile-rule", "profile-zone")
"""Between equals, first to last; then what AWS defines itself, then the public DNS."""


def domain(dice: random.Random) -> str:
    return ".".join(dice.choice(LABELS) for _ in range(dice.randint(1, 4)))


def holds(domain: str, name: str) -> bool:
    return not domain or name == domain or name.endswith(f".{domain}")


def expected(domains: dict[str, list[str]], name: str) -> str:
    """The kind and domain that own a name, read off one by one."""
    candidates = [(len(d), -RANK.index(kind), f"{kind}-{d}") for kind in RANK for d in domains[kind] if holds(d, name)]
    if holds("ec2.internal", name):
        candidates.append((len("ec2.internal"), -len(RANK), "vpc"))
    return max(candidates)[2] if candidates else "public DNS"


def document(domains: dict[str, list[str]]) -> str:
    def ids(kind: str) -> list[str]:
        return [f"{kind}-{d}" for d in domains[kind]]

    def rule(d: str, vpcs: list[str]) -> dict[str, object]:
        return {"domain": d or ".", "endpoint": "out", "targets": "10.0.2.53", "vpcs": vpcs}

    rules = {f"rule-{d}": rule(d, ["vpc"]) for d in domains["rule"]}
    rules |= {f"profile-rule-{d}": rule(d, []) for d in domains["profile-rule"]}
    zones = {f"zone-{d}": {"domain": d, "vpcs": "vpc"} for d in domains["zone"]}
    zones |= {f"profile-zone-{d}": {"domain": d, "vpcs": "shared"} for d in domains["profile-zone"]}
    profile = {"profile": {"vpcs": "vpc", "resources": ids("profile-rule") + ids("profile-zone")}}
    return yaml.safe_dump({"resolver_rules": rules, "hosted_zones": zones, "profiles": profile})


@pytest.mark.parametrize("seed", range(40))
def test_who_owns_a_name(seed: int) -> None:
    dice = random.Random(seed)
    domains = {kind: sorted({domain(dice) for _ in range(dice.randint(0, 5))}) for kind in RANK}
    if dice.random() < 0.3:
        domains["rule"].append("")
    net = changed(BASE, document(domains))
    for _ in range(12):
        name = domain(dice)
        found = net.resolve("app", name)
        owner = expected(domains, name)
        assert found.owner == ("dns" if "rule-" in owner else owner), (name, owner)
        if "rule-" in owner:
            assert (found.rcode, found.steps[-1].at) == ("SERVFAIL", owner)
