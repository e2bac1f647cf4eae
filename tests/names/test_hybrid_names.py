"""Names between a VPC and an office: queries go through the VPN in both directions, or not at all."""

from __future__ import annotations

import pytest
from name_rows import R53, NameRow, check_name, why

OUT = f"{R53}resolver-forwarding-outbound-queries.html"
IN = f"{R53}resolver-overview-forward-network-to-vpc.html"

BASE = """
vpcs: {vpc: {cidr: 10.0.0.0/16, dns_hostnames: true}}
subnets: {net-a: {cidr: 10.0.1.0/24, az: us-east-1a}, net-b: {cidr: 10.0.2.0/24, az: us-east-1b}}
on_premises: {office: 192.168.0.0/16}
customer_gateways: {router: {ip: 198.51.100.1, network: office}}
vpn_gateways: {gateway: vpc}
vpn_connections: {vpn: {customer_gateway: router, vpn_gateway: gateway, static_routes: 192.168.0.0/16}}
route_tables: {table: {subnets: [net-a, net-b], routes: {192.168.0.0/16: gateway}}}
security_groups: {dns-sg: {ingress: udp 53 from 192.168.0.0/16}}
instances: {app: {subnet: net-a, ip: 10.0.1.10}}
endpoints: {ep: {service: sqs, subnets: net-a, private_dns: true}}
resolver_endpoints:
  out: {direction: outbound, addresses: [net-a, net-b], security_groups: dns-sg}
  in: {direction: inbound, addresses: [net-a 10.0.1.53, net-b], security_groups: dns-sg}
resolver_rules: {corp: {domain: corp.example, endpoint: out, targets: 192.168.0.53, vpcs: vpc}}
dns_servers:
  corp-dns:
    address: 192.168.0.53
    zones: {corp.example: {wiki: 192.168.0.80}}
    forwards: {us-east-1.amazonaws.com: 10.0.1.53}
    recursive: true
"""
VPN = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateClientVpnEndpoint.html"
CLIENTS = "client_vpn_endpoints: {staff: {cidr: 172.16.0.0/22, subnets: net-a, authorize: 0.0.0.0/0}}"
PUBLIC = "dns_servers: {corp-dns: {forwards: null}}"
SQS = "sqs.us-east-1.amazonaws.com"

ROWS = [
    NameRow("a rule to the office", OUT, "", "app wiki.corp.example", "192.168.0.80", "corp-dns"),
    NameRow("no route to the office", OUT, "route_tables: {table: {routes: {192.168.0.0/16: null}}}", "app wiki.corp.example",
            "SERVFAIL", "corp"),
    NameRow("a server of the office that the model does not describe", OUT, "dns_servers: null", "app wiki.corp.example",
            "UNDECIDED", "office"),
    NameRow("the office hands on to the inbound endpoint", IN, "", f"corp-dns {SQS}", "10.0.1.185", "ep"),
    NameRow("the office does not: the public address", IN, PUBLIC, f"corp-dns {SQS}", "52.46.148.65", "public DNS"),
    NameRow("the inbound endpoint's group", IN, "security_groups: {dns-sg: {ingress: []}}", f"corp-dns {SQS}", "TIMEOUT",
            "corp-dns"),
    NameRow("the endpoint itself", IN, "", f"in {SQS}", "10.0.1.185", "ep"),
    NameRow("instances that ask the office", IN,
            "vpcs: {vpc: {dhcp_options: set}}\ndhcp_options: {set: {servers: 192.168.0.53}}", f"app {SQS}", "10.0.1.185", "ep"),
    NameRow("instances that ask an office which asks the public", IN,
            "vpcs: {vpc: {dhcp_options: set}}\ndhcp_options: {set: {servers: 192.168.0.53}}\n" + PUBLIC, f"app {SQS}",
            "52.46.148.65", "public DNS"),
    NameRow("hosts of an office whose servers are not told ask the public DNS", IN, "", f"office {SQS}", "52.46.148.65",
            "public DNS"),
    NameRow("hosts of the office ask its server", IN,
            "on_premises: {office: {prefixes: 192.168.0.0/16, dns_servers: 192.168.0.53}}", f"office {SQS}", "10.0.1.185", "ep"),
    NameRow("or one of its servers that the model does not describe", IN,
            "on_premises: {office: {prefixes: 192.168.0.0/16, dns_servers: [192.168.0.54, 10.0.1.53]}}\ndns_servers: null",
            f"office {SQS}", "UNDECIDED", "office"),
    NameRow("or the inbound endpoint itself", IN,
            "on_premises: {office: {prefixes: 192.168.0.0/16, dns_servers: 10.0.1.53}}", f"office {SQS}", "10.0.1.185", "ep"),
    NameRow("which does not let them in", IN,
            "on_premises: {office: {prefixes: 192.168.0.0/16, dns_servers: 10.0.1.53}}\nsecurity_groups: {dns-sg: {ingress: []}}",
            f"office {SQS}", "TIMEOUT", "dns-sg"),
    NameRow("clients of a Client VPN endpoint ask their own", VPN, CLIENTS, f"staff {SQS}", "52.46.148.65", "public DNS"),
    NameRow("or the VPC resolver, if it is the endpoint's server", VPN, f"{CLIENTS[:-2]}, dns_servers: 10.0.0.2}}}}",
            f"staff {SQS}", "10.0.1.185", "ep"),
    NameRow("if they are authorized", VPN, f"{CLIENTS[:-2].replace('0.0.0.0/0', '10.9.0.0/16')}, dns_servers: 10.0.0.2}}}}",
            f"staff {SQS}", "TIMEOUT", "staff"),
    NameRow("the next one after silence", VPN, f"{CLIENTS[:-2]}, dns_servers: [10.0.1.99, 10.0.0.2]}}}}", f"staff {SQS}",
            "10.0.1.185", "ep"),
    NameRow("the DHCP options of the VPC are not for them", VPN,
            f"{CLIENTS[:-2]}, dns_servers: 10.0.0.2}}}}\nvpcs: {{vpc: {{dhcp_options: s}}}}\ndhcp_options: {{s: 192.168.0.53}}",
            f"staff {SQS}", "10.0.1.185", "ep"),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.rule)
def test_names_over_a_vpn(row: NameRow) -> None:
    check_name(BASE, row)


def test_the_missing_route_is_the_reason() -> None:
    told = why(BASE, "route_tables: {table: {routes: {192.168.0.0/16: null}}}", "app wiki.corp.example")
    assert told.startswith("table: no route for 192.168.0.53 (the query for wiki.corp.example to 192.168.0.53)")
