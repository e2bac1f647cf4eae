"""The network of the tests of code inside: an instance with a way out, one without, and one with endpoints.

`web` has a public address, `app` only a NAT gateway, `dark` no way out; `near` reaches SQS by an interface endpoint and S3
by a gateway endpoint. `db` takes connections of the others on port 5432.
"""

from __future__ import annotations

from typing import Any

import networks

from vpcsim import Network

REGION, ACCOUNT = "eu-west-1", "222222222222"
NETWORK = """
region: eu-west-1
account: "222222222222"
vpcs: {v: {cidr: 10.0.0.0/16, dns_hostnames: true}}
internet_gateways: {igw: {vpc: v}}
subnets:
  public: {cidr: 10.0.0.0/24, az: eu-west-1a}
  private: {cidr: 10.0.1.0/24, az: eu-west-1a}
  closed: {cidr: 10.0.2.0/24, az: eu-west-1a}
elastic_ips: {eip: {public_ip: 203.0.113.5}}
nat_gateways: {nat: {subnet: public, elastic_ip: eip}}
route_tables:
  rt-public: {subnets: public, routes: {0.0.0.0/0: igw}}
  rt-private: {subnets: private, routes: {0.0.0.0/0: nat}}
  rt-closed: {subnets: closed}
security_groups:
  all: {ingress: ["tcp 5432 from 10.0.0.0/16", "tcp 443 from 10.0.0.0/16", "tcp 8000-8999 from 10.0.0.0/16"]}
roles:
  Worker: {allow: ["sqs:*", "s3:*", "sns:*", "dynamodb:*", "ssm:*", "secretsmanager:*"]}
  Reader: {allow: ["sqs:ReceiveMessage", "sqs:GetQueueUrl"]}
instances:
  web: {subnet: public, ip: 10.0.0.10, public_address: true, security_groups: all, role: Worker, instance_type: t3.micro}
  app: {subnet: private, ip: 10.0.1.10, security_groups: all, role: Worker}
  reader: {subnet: private, ip: 10.0.1.11, security_groups: all, role: Reader}
  nobody: {subnet: private, ip: 10.0.1.12, security_groups: all}
  dark: {subnet: closed, ip: 10.0.2.10, security_groups: all, role: Worker}
  db: {subnet: closed, ip: 10.0.2.20, security_groups: all}
queues: {Orders: {}, Sealed: {}}
topics: {Placed: {subscriptions: "sqs arn:aws:sqs:eu-west-1:222222222222:Orders"}}
buckets: {order-files: {}}
tables: {Stock: item}
ssm_parameters: {/orders/mode: fast}
secrets: {database: '{"password": "made-up"}'}
"""
ENDPOINTS = """
route_tables: {rt-closed: {subnets: closed}}
endpoints:
  e-sqs: {service: sqs, subnets: closed, security_groups: all, private_dns: true}
  e-s3: {service: s3, route_tables: rt-closed, type: gateway}
"""
QUEUE = "https://sqs.eu-west-1.amazonaws.com/222222222222/Orders"


def network(changes: str = "") -> Network:
    """The network with changes laid over it; every call makes a new one, and so a new cloud."""
    net: Network = networks.changed(NETWORK, changes)
    return net.with_changes({})


def because(error: BaseException | None) -> str:
    """The reason that the model added to an exception, or to the one behind it."""
    while error is not None:
        if notes := getattr(error, "__notes__", None):
            return str(notes[0])
        error = error.__cause__ or error.__context__ or _argument(error)
    return ""


def _argument(error: Any) -> BaseException | None:
    return next((a for a in (*error.args, getattr(error, "reason", None)) if isinstance(a, BaseException)), None)
