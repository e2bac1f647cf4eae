"""A private instance with an endpoint for SQS, and what a row says about a call from it."""

from __future__ import annotations

from typing import Any

import yaml
from networks import merged, network

from vpcsim import Network
from vpcsim.calling import Call

BASE = """
vpcs: {v: {cidr: 10.0.0.0/16, dns_hostnames: true}}
subnets: {a: 10.0.0.0/24, pub: 10.0.9.0/24}
internet_gateways: {igw: v}
elastic_ips: {eip: {ip: 203.0.113.9}}
nat_gateways: {nat: {subnet: pub, elastic_ip: eip}}
route_tables:
  priv: {subnets: a}
  public: {subnets: pub, routes: {0.0.0.0/0: igw}}
security_groups:
  web: {}
  ep: {ingress: tcp 443 from 10.0.0.0/16}
roles:
  app: {allow: ["sqs:*"]}
instances:
  i: {subnet: a, ip: 10.0.0.10, security_groups: web, role: app}
endpoints:
  vpce-sqs: {service: sqs, subnets: a, security_groups: ep, private_dns: true}
queues: {jobs: {}}
"""
NAT = "route_tables: {priv: {routes: {0.0.0.0/0: nat}}}"


def built(changes: str = "") -> Network:
    """The base network with YAML laid over it."""
    return network(yaml.safe_dump(merged(yaml.safe_load(BASE), yaml.safe_load(changes) or {}), sort_keys=False))


def end_of(answer: Call) -> str:
    """`reachable`, or the verdict and the layer."""
    return "reachable" if answer.reachable else f"{answer.verdict} {answer.layer}"


def sent(changes: str = "", **options: Any) -> Call:
    """A message sent to the queue."""
    return built(changes).call("i", "sqs:SendMessage", "jobs", **options)
