"""Tasks of ECS services: an interface each, a public address only if asked for and only on Fargate."""

from __future__ import annotations

from pathlib import Path

import pytest
from networks import Row, changed, check, names

import vpcsim

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


TERRAFORM = """
resource "aws_vpc" "main" { cidr_block = "10.0.0.0/16" }
resource "aws_subnet" "a" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.0.1.0/24"
}
resource "aws_security_group" "open" {
  vpc_id = aws_vpc.main.id
  ingress {
    from_port   = 80
    to_port     = 80
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/16"]
  }
}
resource "aws_lb" "web" {
  internal           = true
  load_balancer_type = "network"
  subnets            = [aws_subnet.a.id]
}
resource "aws_lb_target_group" "web" {
  port        = 80
  protocol    = "TCP"
  vpc_id      = aws_vpc.main.id
  target_type = "%s"
}
resource "aws_lb_listener" "web" {
  load_balancer_arn = aws_lb.web.arn
  port              = 80
  protocol          = "TCP"
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.web.arn
  }
}
resource "aws_ecs_service" "web" {
  name        = "web"
  launch_type = "EC2"
  %s
  load_balancer {
    target_group_arn = aws_lb_target_group.web.arn
    container_name   = "web"
    container_port   = 80
  }
}
resource "aws_instance" "app" { subnet_id = aws_subnet.a.id }
"""
AWSVPC_MODE = "network_configuration {\n    subnets = [aws_subnet.a.id]\n    security_groups = [aws_security_group.open.id]\n  }"


@pytest.mark.parametrize(
    ("type", "network", "verdict"),
    [("ip", AWSVPC_MODE, "reachable"), ("instance", "", "undecided")],
    ids=["a task of its own", "in the bridge mode nobody knows which instances"],
)
def test_the_service_registers_its_tasks(tmp_path: Path, type: str, network: str, verdict: str) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-load-balancing.html"""
    file = tmp_path / "main.tf"
    file.write_text(TERRAFORM % (type, network))
    answer = vpcsim.load(file).trace("aws_instance.app", "aws_lb.web:80")
    assert answer.verdict == verdict, answer.because
