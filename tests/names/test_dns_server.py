"""Declared DNS servers: what they hold, what they hand on, and what is not known of them."""

from __future__ import annotations

import pytest
from name_rows import R53, NameRow, check_name, why
from networks import changed

INBOUND = f"{R53}resolver-overview-forward-network-to-vpc.html"
SUPPORT = "https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html"

BASE = """
vpcs: {vpc: {cidr: 10.0.0.0/16, dns_hostnames: true}}
subnets: {net-a: {cidr: 10.0.1.0/24, az: us-east-1a}, net-b: {cidr: 10.0.2.0/24, az: us-east-1b}}
security_groups: {dns-sg: {ingress: udp 53 from 10.0.0.0/16}}
instances: {host: {subnet: net-a, ip: 10.0.1.53, security_groups: dns-sg}, app: {subnet: net-a}}
resolver_endpoints: {in: {direction: inbound, addresses: [net-a 10.0.1.4, net-b], security_groups: dns-sg}}
hosted_zones: {zone: {domain: aws.example, vpcs: vpc, records: {www: 10.0.1.80}}}
dns_servers:
  corp:
    address: 10.0.1.53
    zones: {corp.example: {www: 192.0.2.1, alias: CNAME www.corp.example., away: CNAME www.aws.example., "*.any": 192.0.2.2}}
    forwards: {aws.example: 10.0.1.4, home.example: 10.0.1.53, gone.example: 10.0.9.9}
    recursive: false
"""
RESOLVER = "dns_servers: {corp: {forwards: {aws.example: 169.254.169.253}}}"
BEHIND_AN_APPLIANCE = """
dns_servers: {corp: {forwards: {aws.example: 192.0.2.53}}}
route_tables: {table: {subnets: [net-a], routes: {0.0.0.0/0: appliance-eni}}}
security_groups: {any: {ingress: all from 0.0.0.0/0}}
network_interfaces: {appliance-eni: {subnet: net-b, ip: 10.0.2.9, security_groups: any}}
instances: {appliance: {NetworkInterfaces: [{NetworkInterfaceId: appliance-eni}], source_dest_check: false}}
"""

ROWS = [
    NameRow("a name of its zone", INBOUND, "", "corp www.corp.example", "192.0.2.1", "corp"),
    NameRow("a name that its zone lacks", INBOUND, "", "corp no.corp.example", "NXDOMAIN", "corp"),
    NameRow("a wildcard", INBOUND, "", "corp a.any.corp.example", "192.0.2.2", "corp"),
    NameRow("a chain inside", INBOUND, "", "corp alias.corp.example", "www.corp.example. 192.0.2.1", "corp"),
    NameRow("a chain that goes on elsewhere", INBOUND, "", "corp away.corp.example", "www.aws.example. 10.0.1.80", "zone"),
    NameRow("handed on to an inbound endpoint", INBOUND, "", "corp www.aws.example", "10.0.1.80", "zone"),
    NameRow("handed on to the VPC resolver from an instance", SUPPORT, RESOLVER, "corp www.aws.example", "10.0.1.80", "zone"),
    NameRow("the endpoint's group", INBOUND, "security_groups: {dns-sg: {ingress: []}}", "corp www.aws.example", "TIMEOUT",
            "corp"),
    NameRow("a server that is not there", INBOUND, "", "corp www.gone.example", "TIMEOUT", "corp"),
    NameRow("a server of the other family", INBOUND, "dns_servers: {corp: {forwards: {aws.example: '2001:db8::53'}}}",
            "corp www.aws.example", "TIMEOUT", "corp"),
    NameRow("whether it is reached is not known", INBOUND, BEHIND_AN_APPLIANCE, "corp www.aws.example", "UNDECIDED", "corp"),
    NameRow("to itself", INBOUND, "", "corp www.home.example", "SERVFAIL", "corp"),
    NameRow("it asks nobody else", INBOUND, "", "corp example.com", "REFUSED", "corp"),
    NameRow("it asks the public DNS", INBOUND, "dns_servers: {corp: {recursive: true}}", "corp example.com", "198.51.100.10",
            "public DNS"),
    NameRow("public names only", INBOUND, "dns_servers: {corp: {recursive: true, forwards: null}}", "corp www.aws.example",
            "NXDOMAIN", "public DNS"),
    NameRow("nobody knows whether it asks others", INBOUND, "dns_servers: {corp: {recursive: null}}", "corp example.com",
            "UNDECIDED", "corp"),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.rule)
def test_what_it_answers(row: NameRow) -> None:
    check_name(BASE, row)


def test_its_fields_survive_a_dump() -> None:
    net = changed(BASE, "")
    again = net.with_changes({"dns_servers": {"corp": {"recursive": True}}})
    assert again.resolve("corp", "www.corp.example").addresses == ("192.0.2.1",)


def test_the_reason_names_the_family_that_the_server_lacks() -> None:
    told = why(BASE, "dns_servers: {corp: {forwards: {aws.example: '2001:db8::53'}}}", "corp www.aws.example")
    assert told.endswith("host: has no address of the family of 2001:db8::53")
