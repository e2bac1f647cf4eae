"""DHCP option sets: which DNS servers the instances of a VPC ask, and what that does to private names."""

from __future__ import annotations

import pytest
from name_rows import NameRow, check_name, why
from networks import API, VPC, Refusal, changed, refused

CONCEPTS = f"{VPC}DHCPOptionSetConcepts.html"
SETS = f"{VPC}DHCPOptionSet.html"
CREATE = f"{API}API_CreateDhcpOptions.html"

BASE = """
vpcs: {vpc: {cidr: 10.0.0.0/16, dns_hostnames: true, dhcp_options: set}}
subnets: {net: {cidr: 10.0.1.0/24, az: us-east-1a}, dns-net: {cidr: 10.0.2.0/24, az: us-east-1b}}
security_groups: {dns-sg: {ingress: udp 53 from 10.0.1.0/24}}
instances: {app: {subnet: net, ip: 10.0.1.10}, host: {subnet: dns-net, ip: 10.0.2.53, security_groups: dns-sg}}
dhcp_options: {set: {servers: [10.0.2.53]}}
dns_servers: {corp: {address: 10.0.2.53, zones: {corp.example: {www: 192.0.2.1}}, recursive: true}}
hosted_zones: {zone: {domain: aws.example, vpcs: vpc, records: {www: 10.0.1.80}}}
"""
AMAZON = "dhcp_options: {set: {servers: AmazonProvidedDNS}}"

ROWS = [
    NameRow("a server of one's own", CONCEPTS, "", "app www.corp.example", "192.0.2.1", "corp"),
    NameRow("private zones are not asked", SETS, "", "app www.aws.example", "NXDOMAIN", "public DNS"),
    NameRow("unless the server hands them on", SETS, "dns_servers: {corp: {forwards: {aws.example: 169.254.169.253}}}",
            "app www.aws.example", "10.0.1.80", "zone"),
    NameRow("AmazonProvidedDNS", CONCEPTS, AMAZON, "app www.aws.example", "10.0.1.80", "zone"),
    NameRow("no set", CONCEPTS, "vpcs: {vpc: {dhcp_options: null}}", "app www.aws.example", "10.0.1.80", "zone"),
    NameRow("no server", CONCEPTS, "dhcp_options: {set: {servers: [], domain: corp.example}}", "app www.aws.example", "TIMEOUT",
            "set"),
    NameRow("the VPC resolver by its address", CONCEPTS, "dhcp_options: {set: {servers: 10.0.0.2}}", "app www.aws.example",
            "10.0.1.80", "zone"),
    NameRow("the VPC resolver by its link-local address", CONCEPTS, "dhcp_options: {set: {servers: 169.254.169.253}}",
            "app www.aws.example", "10.0.1.80", "zone"),
    NameRow("the next server", CONCEPTS, "dhcp_options: {set: {servers: [10.0.9.9, AmazonProvidedDNS]}}", "app www.aws.example",
            "10.0.1.80", "zone"),
    NameRow("the first one that answers is believed", CONCEPTS, "dhcp_options: {set: {servers: [10.0.2.53, AmazonProvidedDNS]}}",
            "app www.aws.example", "NXDOMAIN", "public DNS"),
    NameRow("the server's group", CONCEPTS, "security_groups: {dns-sg: {ingress: []}}", "app www.corp.example", "TIMEOUT",
            "dns-sg"),
    NameRow("no server there", CONCEPTS, "dhcp_options: {set: {servers: 192.168.0.53}}", "app www.corp.example", "TIMEOUT",
            "vpc/main-route-table"),
    NameRow("a server that the model does not describe", CONCEPTS, "dns_servers: null", "app www.corp.example", "UNDECIDED",
            "host"),
    NameRow("the VPC resolver itself", CONCEPTS, "", "vpc www.aws.example", "10.0.1.80", "zone"),
]  # fmt: skip

REFUSED = [
    Refusal("five servers", SETS, "dhcp_options: {set: {servers: [10.0.2.1, 10.0.2.2, 10.0.2.3, 10.0.2.4, 10.0.2.5]}}",
            "InvalidParameterValue", "set"),
    Refusal("four servers and Amazon's", SETS,
            "dhcp_options: {set: {servers: [10.0.2.1, 10.0.2.2, 10.0.2.3, 10.0.2.4, AmazonProvidedDNS]}}",
            "InvalidParameterValue", "set"),
    Refusal("no address", CREATE, "dhcp_options: {set: {servers: dns.example}}", "InvalidParameterValue", "set"),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.rule)
def test_who_is_asked(row: NameRow) -> None:
    check_name(BASE, row)


@pytest.mark.parametrize("row", REFUSED, ids=lambda row: row.rule)
def test_what_is_refused(row: Refusal) -> None:
    refused(BASE, row)


def test_the_reason_says_who_was_asked() -> None:
    assert why(BASE, "", "app www.aws.example").startswith("set: app asks 10.0.2.53, not the VPC resolver\ncorp: asks the public")


def test_private_dns_of_an_endpoint_is_passed_by() -> None:
    net = changed(BASE, "endpoints: {ep: {service: sqs, subnets: net, private_dns: true}}")
    answer = net.trace("app", "sqs.us-east-1.amazonaws.com")
    assert (answer.verdict, answer.codes) == ("blocked", ("NO_ROUTE_TO_DESTINATION",))
    assert "set: app asks 10.0.2.53, not the VPC resolver" in answer.notes
