"""Tasks of ECS services: an interface each, a public address only if asked for and only on Fargate."""

from __future__ import annotations

import pytest
from networks import Row, changed, check, names

BASE = """
vpcs: {vpc: {cidr: 10.0.0.0/16, dns_hostnames: true}}
subnets: {a: {cidr: 10.0.0.0/24, az: us-east-1a}}
internet_gateways: {igw: vpc}
route_tables: {table: {subnets: [a], routes: {0.0.0.0/0: igw}}}
security_groups: {open: {ingress: all from 0.0.0.0/0}, web: {ingress: tcp 80 from open}}
instances: {app: {subnet: a, ip: 10.0.0.10, security_groups: open}}
ecs_services: {svc: {subnets: a, security_groups: web, public_address: true}}
"""
FARGATE = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html"
AWSVPC = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-networking-awsvpc.html"
OUT = "svc -> 192.0.2.9 443/tcp"
NO_ADDRESS = "denied IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS igw"
SECURITY = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-security-considerations.html"
ROLES = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html"
SIX = """
vpcs: {vpc: {ipv6: "2001:db8:a::/56"}}
subnets: {a: {ipv6_cidr: "2001:db8:a:1::/64", AssignIpv6AddressOnCreation: true}}
route_tables: {table: {routes: {"::/0": igw}}}
security_groups: {web: {egress: ["all to ::/0"]}}
"""
ROWS = [
    Row("with a public address", FARGATE, "", OUT, "svc svc/a a igw internet", "internet igw svc/a svc"),
    Row("without one", FARGATE, "ecs_services: {svc: {public_address: false}}", OUT, "svc svc/a a igw", "", NO_ADDRESS),
    Row("off unless asked for", FARGATE, "ecs_services: {svc: {public_address: null}}", OUT, "svc svc/a a igw", "", NO_ADDRESS),
    Row("never on instances", AWSVPC, "ecs_services: {svc: {launch_type: EC2}}", OUT, "svc svc/a a igw", "", NO_ADDRESS),
    Row("takes what its group admits", AWSVPC, "", "app -> svc 80/tcp", "app app/a a svc/a svc", "svc svc/a a app/a app"),
    Row("and nothing else", AWSVPC, "", "app -> svc 81/tcp", "app app/a a svc/a", "", "denied ENI_SG_RULES_MISMATCH web"),
    Row("no host of its own on Fargate", SECURITY, "", "svc -> 169.254.169.254 80/tcp",
        "svc", "", "undecided VPCSIM_NOT_MODELLED svc"),
    Row("the instance's metadata on EC2", ROLES, "ecs_services: {svc: {launch_type: EC2}}",
        "svc -> 169.254.169.254 80/tcp", "svc svc/a", "svc/a svc"),
    Row("IPv6 in a dual-stack subnet", FARGATE, SIX, "svc -> 2001:db8:ffff::1 443/tcp",
        "svc svc/a a igw internet", "internet igw svc/a svc"),
    Row("the task metadata service", AWSVPC, "", "svc -> 169.254.170.2 80/tcp", "svc svc/a", "svc/a svc"),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=names(ROWS))
def test_tasks(row: Row) -> None:
    check(BASE, row)


def test_every_subnet_has_a_task() -> None:
    net = changed(BASE, "subnets: {b: {cidr: 10.0.1.0/24, az: us-east-1b}}\necs_services: {svc: {subnets: [a, b]}}")
    assert net.interfaces_of("svc") == ("svc/a", "svc/b")
