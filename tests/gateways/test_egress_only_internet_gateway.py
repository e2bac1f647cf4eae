"""Egress-only internet gateways: IPv6 out, and in again only what answers."""

from __future__ import annotations

import pytest
from networks import API, ERRORS, PRIVATELINK, VPC, Refusal, Row, check, names, refused

EIGW = f"{VPC}egress-only-internet-gateway.html"
BASICS = f"{VPC}vpc-igw-internet-access.html"
TABLES = f"{VPC}subnet-route-tables.html"
BPA = f"{VPC}security-vpc-bpa.html"
ADDRESSES = f"{VPC}vpc-ip-addressing.html"
ACL = f"{VPC}custom-network-acl.html"
GWLBE = f"{PRIVATELINK}gateway-load-balancer-endpoints.html"

BASE = """
vpcs:
  vpc: {cidr: 10.0.0.0/16, Ipv6CidrBlockAssociationSet: [{Ipv6CidrBlock: "2001:db8:a::/56"}]}
  far: {cidr: 10.9.0.0/16, Ipv6CidrBlockAssociationSet: [{Ipv6CidrBlock: "2001:db8:f::/56"}]}
subnets:
  net: {vpc: vpc, cidr: 10.0.0.0/24, ipv6_cidr: "2001:db8:a::/64"}
  six-net: {vpc: vpc, ipv6_cidr: "2001:db8:a:6::/64"}
  far-net: {vpc: far, cidr: 10.9.0.0/24, ipv6_cidr: "2001:db8:f::/64"}
internet_gateways: {far-igw: far}
egress_only_internet_gateways: {eigw: vpc}
route_tables:
  table: {vpc: vpc, subnets: [net, six-net], routes: {"::/0": eigw}}
  far-table: {vpc: far, subnets: far-net, routes: {"::/0": far-igw}}
security_groups:
  open: {vpc: vpc, ingress: [all from 0.0.0.0/0, "all from ::/0"], egress: [all to 0.0.0.0/0, "all to ::/0"]}
  far-sg: {vpc: far, ingress: "all from ::/0", egress: "all to ::/0"}
network_interfaces:
  app-eni: {subnet: net, ip: 10.0.0.10, Ipv6Addresses: [{Ipv6Address: "2001:db8:a::10"}], security_groups: open, instance: app}
  six-eni: {subnet: six-net, Ipv6Addresses: [{Ipv6Address: "2001:db8:a:6::10"}], security_groups: open, instance: six}
  far-eni:
    {subnet: far-net, ip: 10.9.0.10, Ipv6Addresses: [{Ipv6Address: "2001:db8:f::10"}], security_groups: far-sg, instance: far-app}
instances: {app: {}, six: {}, far-app: {}}
"""
HTTPS = "app -> 2001:db8:99::1 443/tcp"
OUT, IN = "app app-eni net eigw internet", "internet eigw app-eni app"
AWAY = "app app-eni net eigw far-igw far-eni far-app"
UNSOLICITED = "denied VPCSIM_UNSOLICITED eigw"
WITH_IGW = "internet_gateways: {igw: vpc}"
UNIQUE_LOCAL = """
vpcs: {vpc: {Ipv6CidrBlockAssociationSet: [{Ipv6CidrBlock: "2001:db8:a::/56"}, {Ipv6CidrBlock: "fd80:1::/56"}]}}
subnets: {own: {vpc: vpc, ipv6_cidr: "fd80:1::/64"}}
route_tables: {table: {subnets: [net, own]}}
network_interfaces: {app-eni: {subnet: own, ip: null, Ipv6Addresses: [{Ipv6Address: "fd80:1::10"}]}}
"""
BEHIND_ENDPOINT = """
subnets: {mid: {vpc: vpc, cidr: 10.0.5.0/24, ipv6_cidr: "2001:db8:a:5::/64"}}
endpoint_services: {inspection: {inspection: pass, acceptance_required: false, ip_types: [ipv4, ipv6]}}
endpoints: {wall: {vpc: vpc, type: GatewayLoadBalancer, service: inspection, subnets: mid, ip_type: dualstack}}
route_tables: {table: {routes: {"::/0": wall}}, mid-table: {vpc: vpc, subnets: mid, routes: {"::/0": eigw}}}
"""
BESIDE_ENDPOINT = BEHIND_ENDPOINT.replace("subnets: mid, ip_type", "subnets: net, ip_type").replace(
    '"::/0": wall', '"::/0": eigw'
)


def acl(answers: str) -> str:
    ingress = f'"100 allow {answers} from ::/0"'
    return f'network_acls: {{acl: {{vpc: vpc, subnets: net, ingress: [{ingress}], egress: ["100 allow all to ::/0"]}}}}'


ROWS = [
    Row("out, and what answers", EIGW, "", HTTPS, OUT, IN),
    Row("udp", EIGW, "", "app -> 2001:db8:99::1 53/udp", OUT, IN),
    Row("ping", EIGW, "", "app -> 2001:db8:99::1 icmpv6", OUT, IN),
    Row(
        "out of an IPv6-only subnet", EIGW, "", "six -> 2001:db8:99::1 443/tcp", "six six-eni six-net eigw internet",
        "internet eigw six-eni six",
    ),
    Row("nobody comes in", EIGW, "", "internet -> 2001:db8:a::10 443/tcp", "internet eigw", "", UNSOLICITED),
    Row(
        "nobody comes in past it", EIGW, WITH_IGW, "internet -> 2001:db8:a::10 443/tcp", "internet igw app-eni app",
        "app app-eni net eigw", "denied VPCSIM_EXPIRED_SESSION eigw",
    ),
    Row("beside an internet gateway", EIGW, WITH_IGW, HTTPS, OUT, IN),
    Row("no IPv4", TABLES, "", "app -> 192.0.2.9 443/tcp", "app app-eni net", "", "no_route NO_ROUTE_TO_DESTINATION table"),
    Row(
        "an IPv4 default route is no IPv6 route", TABLES,
        f'{WITH_IGW}\nroute_tables: {{table: {{routes: {{"::/0": null, 0.0.0.0/0: igw}}}}}}', HTTPS, "app app-eni net", "",
        "no_route NO_ROUTE_TO_DESTINATION table",
    ),
    Row(
        "of another VPC", TABLES, 'route_tables: {far-table: {routes: {"::/0": eigw}}}', "far-app -> 2001:db8:99::1 443/tcp",
        "far-app far-eni far-net", "", "null_routed BAD_STATE_ROUTE far-table",
    ),
    Row(
        "detached", TABLES, "egress_only_internet_gateways: {eigw: {vpc: []}}", HTTPS, "app app-eni net", "",
        "null_routed BAD_STATE_ROUTE table",
    ),
    Row("to another VPC", EIGW, "", "app -> 2001:db8:f::10 443/tcp", AWAY, "far-app far-eni far-net far-igw eigw app-eni app"),
    Row(
        "not from another VPC", EIGW, "", "far-app -> 2001:db8:a::10 443/tcp", "far-app far-eni far-net far-igw eigw", "",
        UNSOLICITED,
    ),
    Row(
        "no unique local address", ADDRESSES, UNIQUE_LOCAL, HTTPS, "app app-eni own eigw", "",
        "denied GATEWAY_REJECTS_SPOOFED_TRAFFIC eigw",
    ),
    Row(
        "not behind a Gateway Load Balancer endpoint", GWLBE, BEHIND_ENDPOINT, HTTPS,
        "app app-eni net wall/mid wall mid eigw", "", "denied VPCSIM_APPLIANCE eigw",
    ),
    Row("beside a Gateway Load Balancer endpoint", GWLBE, BESIDE_ENDPOINT, HTTPS, OUT, IN),
    Row("the network ACL lets the answer in", ACL, acl("tcp 32768-60999"), HTTPS, OUT, IN),
    Row(
        "the network ACL stops the answer", ACL, acl("tcp 443"), HTTPS, OUT, "internet eigw app-eni",
        "denied SUBNET_ACL_RESTRICTION acl",
    ),
]  # fmt: skip

REFUSALS = [
    Refusal("a second one", ERRORS, "egress_only_internet_gateways: {more: vpc}", "Resource.AlreadyAssociated", "more"),
    Refusal(
        "a route for IPv4", f"{API}API_CreateRoute.html", "route_tables: {table: {routes: {0.0.0.0/0: eigw}}}",
        "InvalidParameterValue", "table",
    ),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=names(ROWS))
def test_what_passes_the_gateway(row: Row) -> None:
    check(BASE, row)


@pytest.mark.parametrize("row", REFUSALS, ids=names(REFUSALS))
def test_what_aws_refuses(row: Refusal) -> None:
    refused(BASE, row)
