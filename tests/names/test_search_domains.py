"""Short names: which domain completes them, and that a full name is never completed.

Source: https://docs.aws.amazon.com/vpc/latest/userguide/DHCPOptionSetConcepts.html
"""

from __future__ import annotations

import pytest
from networks import changed

from vpcsim import UnknownName
from vpcsim.asking import search

BASE = """
vpcs: {vpc: {cidr: 10.0.0.0/16, dns_hostnames: true}}
subnets: {net: 10.0.1.0/24}
security_groups: {sg: {ingress: all from 10.0.0.0/16}}
instances: {app: {subnet: net, ip: 10.0.1.10}, other: {subnet: net, ip: 10.0.1.80, security_groups: sg}}
hosted_zones:
  corp: {domain: corp.example, vpcs: vpc, records: {wiki: 10.0.1.80, both: 10.0.1.80}}
  lab: {domain: lab.example, vpcs: vpc, records: {bench: 10.0.1.81, both: 10.0.1.81}}
"""
CORP = "vpcs: {vpc: {dhcp_options: set}}\ndhcp_options: {set: {servers: AmazonProvidedDNS, domain: DOMAIN}}"


@pytest.mark.parametrize(
    ("domain", "name", "answer"),
    [
        ("corp.example", "wiki", "10.0.1.80"),
        ("corp.example", "bench", "NXDOMAIN"),
        ("corp.example.", "WIKI", "10.0.1.80"),
        ("corp.example lab.example", "bench", "10.0.1.81"),
        ("lab.example corp.example", "both", "10.0.1.81"),
        ("corp.example", "wiki.corp.example", "10.0.1.80"),
        ("example", "wiki.corp", "NXDOMAIN"),
        ("corp.example", "ip-10-0-1-80", "NXDOMAIN"),
        ("", "ip-10-0-1-80", "10.0.1.80"),
        ("", "wiki", "NXDOMAIN"),
        ("corp.example", "localhost", "127.0.0.1"),
    ],
)
def test_a_short_name_is_completed(domain: str, name: str, answer: str) -> None:
    net = changed(BASE, CORP.replace("DOMAIN", domain) if domain else "")
    found = search(net, "app", name)
    assert (" ".join(found.addresses) or found.rcode) == answer


def test_a_set_without_a_domain_completes_nothing() -> None:
    net = changed(BASE, "vpcs: {vpc: {dhcp_options: set}}\ndhcp_options: {set: {servers: AmazonProvidedDNS}}")
    assert search(net, "app", "ip-10-0-1-80").rcode == "NXDOMAIN"


def test_a_short_name_is_a_target_of_a_trace() -> None:
    net = changed(BASE, CORP.replace("DOMAIN", "corp.example"))
    found = net.trace("app", "wiki")
    assert (found.verdict, found.resolution and found.resolution.query.name) == ("reachable", "wiki.corp.example")
    with pytest.raises(UnknownName, match="no resource `othr`, did you mean `other`"):
        net.trace("app", "othr")
    with pytest.raises(UnknownName):
        net.trace("internet", "wiki")
