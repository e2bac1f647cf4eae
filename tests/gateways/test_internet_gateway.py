"""Internet gateways: one to one between private and public addresses, and what they drop."""

from __future__ import annotations

import pytest
from networks import ANALYZER, EC2, ERRORS, VPC, Refusal, Row, ask, changed, check, names, refused

IGW = f"{VPC}VPC_Internet_Gateway.html"
TABLES = f"{VPC}subnet-route-tables.html"
RULES = f"{VPC}security-group-rules.html"
ACL = f"{VPC}custom-network-acl.html"
STAYS = "https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html"
INTERFACE = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkInterface.html"
ADDRESSING = f"{EC2}using-instance-addressing.html"

BASE = """
vpcs: {vpc: {cidr: 10.0.0.0/16, Ipv6CidrBlockAssociationSet: [{Ipv6CidrBlock: "2001:db8:1:a00::/56"}]}, far: 10.9.0.0/16}
subnets:
  public: {vpc: vpc, cidr: 10.0.0.0/24, ipv6_cidr: "2001:db8:1:a00::/64"}
  private: {vpc: vpc, cidr: 10.0.1.0/24, ipv6_cidr: "2001:db8:1:a01::/64"}
  far-net: {vpc: far, cidr: 10.9.0.0/24}
internet_gateways: {igw: vpc, far-igw: far}
route_tables:
  public-table: {vpc: vpc, subnets: public, routes: {0.0.0.0/0: igw, "::/0": igw}}
  private-table: {vpc: vpc, subnets: private}
  far-table: {vpc: far, subnets: far-net, routes: {0.0.0.0/0: far-igw}}
security_groups:
  open: {vpc: vpc, ingress: [all from 0.0.0.0/0, "all from ::/0"], egress: [all to 0.0.0.0/0, "all to ::/0"]}
  shop-sg: {vpc: vpc, ingress: all from 0.0.0.0/0}
  far-sg: {vpc: far, ingress: all from 0.0.0.0/0}
network_interfaces:
  six-eni:
    {subnet: public, ip: 10.0.0.60, Ipv6Addresses: [{Ipv6Address: "2001:db8:1:a00::60"}], security_groups: open, instance: six}
  hid-eni:
    {subnet: private, ip: 10.0.1.60, Ipv6Addresses: [{Ipv6Address: "2001:db8:1:a01::60"}], security_groups: open, instance: hid}
elastic_ips:
  web-ip: {instance: web, ip: 198.51.100.10}
  shop-ip: {instance: shop, ip: 198.51.100.11}
  app-ip: {instance: app, ip: 198.51.100.12}
  far-ip: {instance: there, ip: 198.51.100.20}
instances:
  web: {subnet: public, ip: 10.0.0.10, security_groups: open}
  shop: {subnet: public, ip: 10.0.0.11, security_groups: shop-sg}
  plain: {subnet: public, ip: 10.0.0.12, security_groups: open}
  app: {subnet: private, ip: 10.0.1.10, security_groups: open}
  there: {subnet: far-net, ip: 10.9.0.10, security_groups: far-sg}
  six: {}
  hid: {}
"""
START = "web web/public public"
OUT, IN = f"{START} igw internet", "internet igw web/public web"
AT_IGW = f"{START} igw"
HAIRPIN, HAIRPIN_BACK = f"{START} igw igw shop/public shop", "shop shop/public public igw igw web/public web"
HTTPS = "web -> 192.0.2.9 443/tcp"
PRIVATE = "denied IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS igw"
SHARED = "denied IGW_DESTINATION_ADDRESS_NOT_IN_RFC6598_EGRESS igw"
FROM_PRIVATE = "denied IGW_SOURCE_ADDRESS_NOT_IN_RFC1918_INGRESS igw"
FROM_SHARED = "denied IGW_SOURCE_ADDRESS_NOT_IN_RFC6598_INGRESS igw"
NO_PUBLIC = "denied IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS igw"
NOT_PUBLIC = "no_route IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS internet"
BLACKHOLE = "null_routed BAD_STATE_ROUTE public-table"
NO_ROUTE = "no_route NO_ROUTE_TO_DESTINATION private-table"
MISMATCH = "denied ENI_SG_RULES_MISMATCH shop-sg"
NO_ACL = "denied SUBNET_ACL_RESTRICTION acl"


def shop(rule: str) -> str:
    return f"security_groups: {{shop-sg: {{ingress: '{rule}'}}}}"


def acl(ingress: str, egress: str) -> str:
    return f"network_acls: {{acl: {{vpc: vpc, subnets: public, ingress: {ingress}, egress: {egress}}}}}"


ROWS = [
    Row("out to the internet", IGW, "", HTTPS, OUT, IN),
    Row("out with udp", IGW, "", "web -> 192.0.2.9 53/udp", OUT, IN),
    Row("out with ping", IGW, "", "web -> 192.0.2.9 icmp", OUT, IN),
    Row("out with another protocol", IGW, "", "web -> 192.0.2.9 47", OUT, IN),
    Row("to AWS stays on the AWS network", STAYS, "", "web -> 52.94.0.1 443/tcp", f"{AT_IGW} aws", "aws igw web/public web"),
    Row(
        "to another VPC's public address", ADDRESSING, "", "web -> 198.51.100.20 443/tcp",
        f"{AT_IGW} far-igw there/far-net there", "there there/far-net far-net far-igw igw web/public web",
    ),
    Row("no public address", IGW, "", "plain -> 192.0.2.9 443/tcp", "plain plain/public public igw", "", NO_PUBLIC),
    Row("a public address without the route", IGW, "", "app -> 192.0.2.9 443/tcp", "app app/private private", "", NO_ROUTE),
    Row("out to 10/8", ANALYZER, "", "web -> 10.200.0.1 443/tcp", AT_IGW, "", PRIVATE),
    Row("out to 172.16/12, first", ANALYZER, "", "web -> 172.16.0.0 443/tcp", AT_IGW, "", PRIVATE),
    Row("out to 172.16/12, last", ANALYZER, "", "web -> 172.31.255.255 443/tcp", AT_IGW, "", PRIVATE),
    Row("out to 172.32", ANALYZER, "", "web -> 172.32.0.1 443/tcp", OUT, IN),
    Row("out to 192.168/16", ANALYZER, "", "web -> 192.168.255.255 443/tcp", AT_IGW, "", PRIVATE),
    Row("out to 192.167", ANALYZER, "", "web -> 192.167.255.255 443/tcp", OUT, IN),
    Row("out to 100.64/10, first", ANALYZER, "", "web -> 100.64.0.0 443/tcp", AT_IGW, "", SHARED),
    Row("out to 100.64/10, last", ANALYZER, "", "web -> 100.127.255.255 443/tcp", AT_IGW, "", SHARED),
    Row("in from the internet", IGW, "", "internet -> web 443/tcp", IN, OUT),
    Row("in from an address of the internet", IGW, "", "internet:192.0.2.9 -> 198.51.100.10 443/tcp", IN, OUT),
    Row("in from 10/8", ANALYZER, "", "internet:10.200.0.1 -> web 443/tcp", "internet igw", "", FROM_PRIVATE),
    Row("in from 172.16/12", ANALYZER, "", "internet:172.20.0.1 -> web 443/tcp", "internet igw", "", FROM_PRIVATE),
    Row("in from 192.168/16", ANALYZER, "", "internet:192.168.0.1 -> web 443/tcp", "internet igw", "", FROM_PRIVATE),
    Row("in from 100.64/10", ANALYZER, "", "internet:100.64.0.1 -> web 443/tcp", "internet igw", "", FROM_SHARED),
    Row("in to a private address", ANALYZER, "", "internet -> 10.0.0.10 443/tcp", "internet", "", NOT_PUBLIC),
    Row("in to an instance without a public address", ANALYZER, "", "internet -> plain 443/tcp", "internet", "", NOT_PUBLIC),
    Row(
        "in passes the groups", RULES, shop("tcp 443 from 192.0.2.0/24"), "internet -> shop 443/tcp", "internet igw shop/public",
        "", MISMATCH,
    ),
    Row(
        "in by the client's public address", RULES, shop("tcp 443 from 192.0.2.9/32"), "internet:192.0.2.9 -> shop 443/tcp",
        "internet igw shop/public shop", "shop shop/public public igw internet",
    ),
    Row(
        "in, and no route back", IGW, "", "internet -> app 443/tcp", "internet igw app/private app", "app app/private private",
        NO_ROUTE,
    ),
    Row(
        "the ACL of the subnet, in", ACL, acl("[]", "100 allow all to 0.0.0.0/0"), "internet -> web 443/tcp",
        "internet igw web/public", "", NO_ACL,
    ),
    Row(
        "the ACL of the subnet, in and out", ACL,
        acl("100 allow tcp 443 from 0.0.0.0/0", "100 allow tcp 1024-65535 to 0.0.0.0/0"), "internet -> web 443/tcp", IN, OUT,
    ),
    Row(
        "the ACL of the subnet, the reply", ACL, acl("100 allow tcp 443 from 0.0.0.0/0", "100 allow tcp 443 to 0.0.0.0/0"),
        "internet -> web 443/tcp", IN, START, NO_ACL,
    ),
    Row(
        "the ACL of the subnet, a client of Windows", ACL,
        acl("100 allow tcp 443 from 0.0.0.0/0", "100 allow tcp 32768-60999 to 0.0.0.0/0"), "internet -> web 443/tcp", IN, START,
        NO_ACL,
    ),
    Row(
        "the ACL sees private addresses of its own", ACL,
        acl("100 allow tcp 32768-60999 from 192.0.2.9/32", "100 allow tcp 443 to 192.0.2.9/32"), HTTPS, OUT, IN,
    ),
    Row(
        "the ACL, the reply from outside", ACL, acl("100 allow tcp 443 from 0.0.0.0/0", "100 allow all to 0.0.0.0/0"), HTTPS, OUT,
        "internet igw web/public", NO_ACL,
    ),
    Row("a neighbour by its public address", IGW, "", "web -> 198.51.100.11 443/tcp", HAIRPIN, HAIRPIN_BACK),
    Row(
        "a neighbour by its private address", IGW, "", "web -> 10.0.0.11 443/tcp", f"{START} shop/public shop",
        "shop shop/public public web/public web",
    ),
    Row(
        "by its public address, the group sees a public address", RULES, shop("tcp 443 from 198.51.100.10/32"),
        "web -> 198.51.100.11 443/tcp", HAIRPIN, HAIRPIN_BACK,
    ),
    Row(
        "by its public address, the group sees no private address", RULES, shop("tcp 443 from 10.0.0.10/32"),
        "web -> 198.51.100.11 443/tcp", f"{START} igw igw shop/public", "", MISMATCH,
    ),
    Row(
        "references match private addresses", RULES, shop("tcp 443 from open"), "web -> 10.0.0.11 443/tcp",
        f"{START} shop/public shop", "shop shop/public public web/public web",
    ),
    Row(
        "references do not match public addresses", RULES, shop("tcp 443 from open"), "web -> 198.51.100.11 443/tcp",
        f"{START} igw igw shop/public", "", MISMATCH,
    ),
    Row(
        "references out do not match public addresses", RULES, "security_groups: {open: {egress: tcp 443 to shop-sg}}",
        "web -> 198.51.100.11 443/tcp", "web web/public", "", "denied ENI_SG_RULES_MISMATCH open",
    ),
    Row(
        "a neighbour's public address passes the ACL", ACL,
        acl("100 deny all from 198.51.100.10/32", "100 allow all to 0.0.0.0/0"), "web -> 198.51.100.11 443/tcp",
        f"{START} igw igw shop/public", "", NO_ACL,
    ),
    Row("a detached gateway", TABLES, "internet_gateways: {igw: {}}", HTTPS, START, "", BLACKHOLE),
    Row(
        "a detached gateway, from the internet", TABLES, "internet_gateways: {igw: {}}", "internet -> 198.51.100.10 443/tcp",
        "internet", "", "no_route NO_POSSIBLE_DESTINATION internet",
    ),
    Row(
        "a gateway attached elsewhere", TABLES,
        "internet_gateways: {igw: {}}\nroute_tables: {public-table: {routes: {0.0.0.0/0: far-igw}}}", HTTPS, START, "", BLACKHOLE,
    ),
    Row(
        "a gateway that is gone", TABLES,
        "internet_gateways: {igw: null}\nroute_tables: {public-table: {routes: {0.0.0.0/0: {target: igw, state: blackhole}, "
        "'::/0': null}}}", HTTPS, START, "", BLACKHOLE,
    ),
    Row("IPv6 out", IGW, "", "six -> 2001:4860::8 443/tcp", "six six-eni public igw internet", "internet igw six-eni six"),
    Row(
        "IPv6 in", IGW, "", "internet:2001:4860::8 -> 2001:db8:1:a00::60 443/tcp", "internet igw six-eni six",
        "six six-eni public igw internet",
    ),
    Row(
        "IPv6 in, and the interface takes nothing from internet gateways", INTERFACE,
        "network_interfaces: {six-eni: {DenyAllIgwTraffic: true}}", "internet:2001:4860::8 -> 2001:db8:1:a00::60 443/tcp",
        "internet igw", "", "denied IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS igw",
    ),
    Row(
        "IPv6 out, and the interface takes no answer from internet gateways", INTERFACE,
        "network_interfaces: {six-eni: {DenyAllIgwTraffic: true}}", "six -> 2001:4860::8 443/tcp",
        "six six-eni public igw internet", "internet igw", "denied IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS igw",
    ),
    Row(
        "a public address of a VPC without a gateway", IGW, "internet_gateways: {far-igw: {vpc: []}}",
        "web -> 198.51.100.20 443/tcp", AT_IGW + " internet", "", "no_route NO_POSSIBLE_DESTINATION internet",
    ),
    Row("IPv6 without a route", IGW, "", "hid -> 2001:4860::8 443/tcp", "hid hid-eni private", "", NO_ROUTE),
    Row(
        "IPv6 in, and no route back", IGW, "", "internet:2001:4860::8 -> 2001:db8:1:a01::60 443/tcp", "internet igw hid-eni hid",
        "hid hid-eni private", NO_ROUTE,
    ),
    Row(
        "IPv6 in passes the groups", IGW, "network_interfaces: {six-eni: {security_groups: shop-sg}}",
        "internet:2001:4860::8 -> 2001:db8:1:a00::60 443/tcp", "internet igw six-eni", "", MISMATCH,
    ),
]  # fmt: skip

REFUSALS = [
    Refusal("two gateways at a VPC", ERRORS, "internet_gateways: {igw-b: vpc}", "Resource.AlreadyAssociated", "igw-b"),
    Refusal(
        "a gateway at two VPCs", ERRORS,
        "vpcs: {third: 10.8.0.0/16, fourth: 10.7.0.0/16}\ninternet_gateways: {igw-c: [third, fourth]}",
        "Resource.AlreadyAssociated", "igw-c",
    ),
]  # fmt: skip

SEEN = [
    ("IPv4 is translated", "web -> 192.0.2.9 443/tcp", "198.51.100.10"),
    ("IPv4 is translated on the way to AWS", "web -> 52.94.0.1 443/tcp", "198.51.100.10"),
    ("a neighbour sees the public address", "web -> 198.51.100.11 443/tcp", "198.51.100.10"),
    ("a neighbour sees the private address", "web -> 10.0.0.11 443/tcp", "10.0.0.10"),
    ("IPv6 is not translated", "six -> 2001:4860::8 443/tcp", "2001:db8:1:a00::60"),
]


@pytest.mark.parametrize("row", ROWS, ids=names(ROWS))
def test_what_passes_the_gateway(row: Row) -> None:
    check(BASE, row)


@pytest.mark.parametrize("row", REFUSALS, ids=names(REFUSALS))
def test_what_aws_refuses(row: Refusal) -> None:
    refused(BASE, row)


@pytest.mark.parametrize(("flow", "source"), [row[1:] for row in SEEN], ids=[row[0] for row in SEEN])
def test_the_source_that_the_other_end_sees(flow: str, source: str) -> None:
    answer = ask(changed(BASE, ""), flow)
    assert answer.trip is not None
    there, back = answer.trip.there, answer.trip.back
    assert there.arrived.source == source
    assert back is not None
    assert (back.arrived.source, back.arrived.destination) == (there.packet.destination, there.packet.source)
