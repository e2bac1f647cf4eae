"""Lambda functions: out by the interfaces of their subnets, never with a public address, and nothing comes in."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from networks import EC2, Refusal, Row, ask, changed, check, names, refused

import vpcsim
from vpcsim.prefixes import address
from vpcsim.services import public_addresses

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
OUTSIDE = "functions: {fn: {subnets: []}}"
HOST = "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html"
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
    Row(
        "the resolver of its VPC",
        HOST,
        "security_groups: {open: {egress: [], ingress: []}}",
        "fn -> 10.0.0.2 53/udp",
        "fn fn/a",
        "fn/a fn",
    ),
    Row("no host of its own: metadata", HOST, "", "fn -> 169.254.169.254 80/tcp", "fn", "", "undecided VPCSIM_NOT_MODELLED fn"),
    Row("nor tasks' metadata", HOST, "", "fn -> 169.254.170.2 80/tcp", "fn", "", "undecided VPCSIM_NOT_MODELLED fn"),
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
        "fn",
        "",
        "no_route NO_POSSIBLE_DESTINATION fn",
    ),
    Row(
        "outside a VPC: public addresses by the AWS network",
        VPC_CONFIG,
        "functions: {fn: {subnets: []}}",
        "fn -> app 443/tcp",
        "fn igw app/a app",
        "app app/a a igw fn",
    ),
    Row("outside a VPC: services of AWS", INTERNET, OUTSIDE, "fn -> 52.46.128.1 443/tcp", "fn aws", "aws fn"),
    Row("outside a VPC: the internet", INTERNET, OUTSIDE, "fn -> 198.51.100.10 443/tcp", "fn internet", "internet fn"),
    Row("outside a VPC: no ping", FAQ, OUTSIDE, "fn -> 198.51.100.10 icmp", "fn", "", "denied PROTOCOL_RESTRICTION fn"),
    Row(
        "outside a VPC: takes no connections",
        FAQ,
        OUTSIDE,
        "app -> fn 443/tcp",
        "app app/a a igw fn",
        "",
        "denied VPCSIM_NO_SERVICE fn",
    ),
]


SIX = """
vpcs: {vpc: {ipv6: "2001:db8:a::/56"}}
subnets: {a: {ipv6_cidr: "2001:db8:a:1::/64", AssignIpv6AddressOnCreation: true}}
route_tables: {table: {routes: {0.0.0.0/0: igw, "::/0": igw}}}
security_groups: {open: {egress: [all to 0.0.0.0/0, "all to ::/0"]}}
functions: {fn: {ipv6: %s}}
"""
OUT6, DUAL = "fn -> 2001:db8:ffff::1 443/tcp", f"{VPC_CONFIG}#configuration-vpc-ipv6"
ONLY = SIX.replace("ipv6_cidr", "cidr: null, ipv6_cidr") + "instances: {app: {ip: null, public_address: null}}\n"
IPV6 = [
    Row("IPv6 where it is allowed", DUAL, SIX % "true", OUT6, "fn fn/a a igw internet", "internet igw fn/a fn"),
    Row("none from an IPv6-only subnet", DUAL, ONLY % "false", OUT6, "fn", "", "denied PROTOCOL_RESTRICTION fn"),
]


@pytest.mark.parametrize("row", IPV6, ids=names(IPV6))
def test_functions_over_ipv6(row: Row) -> None:
    check(BASE, row)


def test_no_address_of_ipv6_unless_it_is_allowed() -> None:
    answer = ask(changed(BASE, SIX % "false"), OUT6)
    assert (answer.verdict, answer.codes, answer.at) == ("blocked", ("VPCSIM_NO_ADDRESS",), "fn")


def test_every_subnet_of_a_function_with_ipv6_is_dual_stack() -> None:
    only = (SIX % "true").replace("{fn: {", "{fn: {subnets: [a, b], ")
    refused(BASE, Refusal("one is not", VPC_CONFIG, only, "InvalidParameterValueException", "fn"))


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
    Properties:
      Code: {ZipFile: x}
      Role: r
      VpcConfig: {SubnetIds: [!Ref A], SecurityGroupIds: [!Ref Group], Ipv6AllowedForDualStack: false}
  Free: {Type: AWS::Lambda::Function, Properties: {Code: {ZipFile: x}, Role: r}}
"""
    )
    net = vpcsim.load(file)
    assert net.trace("Fn", "https://sqs.us-east-1.amazonaws.com").codes == ("NO_ROUTE_TO_DESTINATION",)
    assert net.trace("Free", "https://sqs.us-east-1.amazonaws.com").verdict == "reachable"


def test_what_helps_a_function_that_an_internet_gateway_drops() -> None:
    """Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc-internet.html"""
    net = changed(BASE, "route_tables: {table: {subnets: [a, b], routes: {0.0.0.0/0: igw}}}")
    fix = "fn: a subnet with a route to a NAT gateway; its interfaces never have a public address"
    assert ask(net, "fn -> 192.0.2.9 443/tcp").fixes == (fix,)
    assert ask(net, "app -> 192.0.2.9 443/tcp").reachable


def test_functions_outside_of_a_vpc_have_addresses_of_their_own() -> None:
    functions = {f"fn{number}": {} for number in range(300)}
    net = changed(BASE, yaml.safe_dump({"functions": functions | {"fn": None}}))
    addresses = [net.topology.resources[id].public_ip for id in functions]  # type: ignore[attr-defined]
    assert len({*addresses}) == len(addresses)
    assert address(public_addresses("ec2.us-east-1.amazonaws.com")[0]) not in addresses
    assert all(net.trace(id, "https://example.com").verdict == "reachable" for id in functions)


def test_a_function_in_a_vpc_goes_by_it_whatever_is_said_of_a_public_address() -> None:
    net = changed(BASE, "functions: {fn: {public_ip: 203.0.113.99}}")
    assert net.trace("fn", "10.0.0.10:443").trip.there.hops[1].at == "fn/a"  # type: ignore[union-attr]
