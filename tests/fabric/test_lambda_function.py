"""Lambda functions: out by the interfaces of their subnets, never with a public address, and nothing comes in."""

from __future__ import annotations

from pathlib import Path

import pytest
from networks import EC2, Refusal, Row, ask, changed, check, names, refused

import vpcsim

LAMBDA = "https://docs.aws.amazon.com/lambda/latest/dg/"
VPC_CONFIG = f"{LAMBDA}configuration-vpc.html"
INTERNET = f"{LAMBDA}configuration-vpc-internet.html"
FAQ = "https://aws.amazon.com/lambda/faqs/"
ACL = "https://docs.aws.amazon.com/vpc/latest/userguide/custom-network-acl.html"

BASE = """
vpcs: {vpc: {cidr: 10.0.0.0/16, dns_hostnames: true}}
subnets: {a: {cidr: 10.0.0.0/24, az: us-east-1a}, b: {cidr: 10.0.1.0/24, az: us-east-1b}}
internet_gateways: {igw: vpc}
route_tables: {table: {subnets: [a, b], routes: {0.0.0.0/0: igw}}}
security_groups: {open: {ingress: all from 0.0.0.0/0}, shut: {egress: []}}
instances: {app: {subnet: a, ip: 10.0.0.10, security_groups: open, public_address: true}}
functions: {fn: {subnets: a, security_groups: open}}
"""
ROWS = [
    Row("to a neighbour", VPC_CONFIG, "", "fn -> app 5432/tcp", "fn fn/a a app/a app", "app app/a a fn/a fn"),
    Row(
        "its group",
        VPC_CONFIG,
        "functions: {fn: {security_groups: shut}}",
        "fn -> app 5432/tcp",
        "fn fn/a",
        "",
        "denied SG_HAS_NO_RULES shut",
    ),
    Row(
        "no public address in a public subnet",
        INTERNET,
        "subnets: {a: {public_addresses: true}}",
        "fn -> 192.0.2.9 443/tcp",
        "fn fn/a a igw",
        "",
        "denied IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS igw",
    ),
    Row(
        "a NAT gateway helps",
        INTERNET,
        "nat_gateways: {nat: {subnet: b}}\nroute_tables: {table: {subnets: b}, private: {subnets: a, routes: {0.0.0.0/0: nat}}}",
        "fn -> 192.0.2.9 443/tcp",
        "fn fn/a a nat/b nat b igw internet",
        "internet igw nat/b nat b fn/a fn",
    ),
    Row("takes no connections", FAQ, "", "app -> fn 443/tcp", "app app/a a fn/a fn", "", "denied VPCSIM_NO_SERVICE fn"),
    Row("does not ping", FAQ, "", "fn -> app icmp", "fn", "", "denied PROTOCOL_RESTRICTION fn"),
    Row(
        "client ports from 1024: an ACL for Linux's range is too narrow",
        ACL,
        "network_acls: {acl: {subnets: b, ingress: [100 allow all from 0.0.0.0/0], "
        "egress: [100 allow tcp 32768-65535 to 0.0.0.0/0]}}\ninstances: {far: {subnet: b, security_groups: open}}",
        "fn -> far 443/tcp",
        "fn fn/a a far/b far",
        "far far/b b",
        "denied SUBNET_ACL_RESTRICTION acl",
    ),
    Row(
        "outside a VPC: a private address is out of reach",
        VPC_CONFIG,
        "functions: {fn: {subnets: []}}",
        "fn -> 10.0.0.10 443/tcp",
        "aws",
        "",
        "no_route IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS aws",
    ),
    Row(
        "outside a VPC: public addresses by the AWS network",
        VPC_CONFIG,
        "functions: {fn: {subnets: []}}",
        "fn -> app 443/tcp",
        "aws igw app/a app",
        "app app/a a igw aws",
    ),
]


def test_no_elastic_ip_address_goes_with_its_interface() -> None:
    """Nor with that of anything else that a service manages and that has no public address."""
    page = f"{EC2}requester-managed-eni.html"
    given = "elastic_ips: {ip: {interface: fn/a}}"
    refused(BASE, Refusal("an address for a function", page, given, "AuthFailure", "ip"))
    queue = "endpoints: {queue: {service: sqs, subnets: b}}\nelastic_ips: {ip: {interface: queue/b}}"
    refused(BASE, Refusal("an address for an endpoint", page, queue, "AuthFailure", "ip"))


@pytest.mark.parametrize("row", ROWS, ids=names(ROWS))
def test_functions(row: Row) -> None:
    check(BASE, row)


def test_a_function_in_two_subnets_is_as_good_as_the_worse_one() -> None:
    changes = (
        "functions: {fn: {subnets: [a, b]}}\n"
        "network_acls: {acl: {subnets: b, ingress: [100 allow all from 0.0.0.0/0], egress: []}}"
    )
    answer = ask(changed(BASE, changes), "fn -> app 5432/tcp")
    assert [trip.verdict for trip in answer.trips] == ["reachable", "blocked"]
    assert (answer.verdict, answer.at) == ("blocked", "acl")
    assert ask(changed(BASE, changes), "fn/a -> app 5432/tcp").reachable


def test_the_template(tmp_path: Path) -> None:
    file = tmp_path / "template.yaml"
    file.write_text(
        """
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  A: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.1.0/24}}
  Group: {Type: AWS::EC2::SecurityGroup, Properties: {VpcId: !Ref Vpc, GroupDescription: fn}}
  Fn:
    Type: AWS::Lambda::Function
    Properties: {Code: {ZipFile: x}, Role: r, VpcConfig: {SubnetIds: [!Ref A], SecurityGroupIds: [!Ref Group]}}
  Free: {Type: AWS::Lambda::Function, Properties: {Code: {ZipFile: x}, Role: r}}
"""
    )
    net = vpcsim.load(file)
    assert net.trace("Fn", "https://sqs.us-east-1.amazonaws.com").codes == ("NO_ROUTE_TO_DESTINATION",)
    assert net.trace("Free", "https://sqs.us-east-1.amazonaws.com").verdict == "undecided"


def test_what_helps_a_function_that_an_internet_gateway_drops() -> None:
    """Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc-internet.html"""
    net = changed(BASE, "route_tables: {table: {subnets: [a, b], routes: {0.0.0.0/0: igw}}}")
    fix = "fn: a subnet with a route to a NAT gateway; its interfaces never have a public address"
    assert ask(net, "fn -> 192.0.2.9 443/tcp").fixes == (fix,)
    assert ask(net, "app -> 192.0.2.9 443/tcp").reachable
