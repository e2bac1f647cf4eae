"""What would help a name that does not lead where it should: each change is the one that a page of AWS names."""

from __future__ import annotations

import pytest
from name_rows import R53
from networks import PRIVATELINK, VPC, changed

PEERING = VPC.replace("userguide", "peering")
WHITEPAPER = (
    "https://docs.aws.amazon.com/whitepapers/latest/building-scalable-secure-multi-vpc-network-infrastructure/"
    "centralized-access-to-vpc-private-endpoints.html"
)
DNS_NAMES = f"{PRIVATELINK}privatelink-access-aws-services.html"
SERVICES = f"{PRIVATELINK}aws-services-privatelink-support.html"
GATEWAYS = f"{PRIVATELINK}gateway-endpoints.html"
BUCKET = "app https://my-bucket.s3.us-east-1.amazonaws.com"
SQS = "app https://sqs.us-east-1.amazonaws.com"
ROUTE = "a route that covers"

BASE = """
vpcs: {v: {cidr: 10.0.0.0/16, dns_hostnames: true}, w: {cidr: 10.1.0.0/16, dns_hostnames: true}}
subnets: {net: {vpc: v, cidr: 10.0.1.0/24}, far: {vpc: w, cidr: 10.1.1.0/24}}
route_tables:
  table: {vpc: v, subnets: net, routes: {10.1.0.0/16: peering}}
  far-table: {vpc: w, subnets: far, routes: {10.0.0.0/16: peering}}
vpc_peering_connections: {peering: {requester: v, accepter: w}}
security_groups: {open: {vpc: w, ingress: all from 0.0.0.0/0}, here: {vpc: v, ingress: all from 0.0.0.0/0}}
instances: {app: {subnet: net, ip: 10.0.1.10}, db: {subnet: far, ip: 10.1.1.25, security_groups: open}}
elastic_ips: {public: {ip: 203.0.113.25, instance: db}}
internet_gateways: {igw: w}
"""
HERE = "endpoints: {sqs: {vpc: v, service: sqs, subnets: net, security_groups: here, private_dns: true}}"
HERE_OFF = HERE.replace("true", "false")
HUB = "endpoints: {sqs: {vpc: w, service: sqs, subnets: far, security_groups: open, private_dns: true}}"
NO_WAY_BACK = "route_tables: {far-table: {routes: {10.0.0.0/16: null}}}"
DNS = "\n".join([
    "vpcs: {v: {dhcp_options: options}}",
    "dhcp_options: {options: 10.0.1.53}",
    "instances: {server: {subnet: net, ip: 10.0.1.53, security_groups: here}}",
    "dns_servers: {corp: {address: 10.0.1.53, recursive: true}}",
])  # fmt: skip
TWINS = (
    "hosted_zones: {private: {domain: shop.example, vpcs: v, records: {db: 10.0.0.20}},"
    " outside: {domain: shop.example, records: {www: 198.51.100.10}}}"
)
OFFICE = "\n".join([
    "on_premises: {office: {prefixes: 192.168.0.0/16, ip: 192.168.1.5}}",
    "subnets: {other: {vpc: v, cidr: 10.0.2.0/24, az: us-east-1b}}",
    "resolver_endpoints: {inbound: {direction: inbound, addresses: [net 10.0.1.53, other 10.0.2.53], security_groups: here}}",
    "client_vpn_endpoints: {staff: {cidr: 172.16.0.0/22, subnets: net, authorize: 0.0.0.0/0}}",
])  # fmt: skip
PARTNER = "\n".join([
    "load_balancers: {nlb: {type: network, scheme: internal, subnets: far, listeners: {443: group}}}",
    "target_groups: {group: {vpc: w, protocol: TCP, port: 443, targets: db}}",
    "endpoint_services: {svc: {load_balancers: nlb, private_dns_name: api.partner.example, verified: true}}",
    "endpoints: {ep: {vpc: v, service: svc, subnets: net, security_groups: here, private_dns: true}}",
])  # fmt: skip

ROWS = [
    ("an endpoint, where there is none", SERVICES, "", SQS, [
        ROUTE, "or an interface endpoint for com.amazonaws.us-east-1.sqs, with private DNS"]),
    ("private DNS, where it is off", DNS_NAMES, HERE_OFF, SQS, [
        ROUTE, "sqs: private DNS on, or vpce-"]),
    ("a zone that leads to the hub", WHITEPAPER, HUB, SQS, [
        ROUTE, "a private hosted zone sqs.us-east-1.amazonaws.com for w and v with an alias to sqs, in place of"]),
    ("no zone, if packets do not get there", WHITEPAPER, f"{HUB}\n{NO_WAY_BACK}", SQS, [
        ROUTE, "or an interface endpoint for com.amazonaws.us-east-1.sqs, with private DNS"]),
    ("the association of a zone", f"{R53}hosted-zone-private-considerations.html",
        "hosted_zones: {zone: {domain: corp.internal, vpcs: w, records: {db: 10.1.1.25}}}", "app db.corp.internal", [
        "zone: an association with v"]),
    ("forwarding to the VPC resolver", f"{VPC}DHCPOptionSetConcepts.html", f"{HERE}\n{DNS}", SQS, [
        ROUTE, "corp: forward sqs.us-east-1.amazonaws.com to 10.0.0.2, where sqs answers",
        "or options: AmazonProvidedDNS, where sqs answers"]),
    ("no forwarding, if the VPC resolver knows no better", f"{VPC}DHCPOptionSetConcepts.html", DNS, SQS, [
        ROUTE, "or an interface endpoint for com.amazonaws.us-east-1.sqs, with private DNS"]),
    ("forwarding to an inbound endpoint", f"{R53}resolver-overview-forward-network-to-vpc.html", f"{HERE}\n{OFFICE}",
        "staff https://sqs.us-east-1.amazonaws.com", [
        "the DNS server there: forward sqs.us-east-1.amazonaws.com to inbound (10.0.1.53, 10.0.2.53), where sqs answers",
        "staff: 10.0.0.2 as its DNS server, where sqs answers"]),
    ("no forwarding to one that lets no query in", f"{R53}resolver-overview-forward-network-to-vpc.html",
        f"{HERE}\n{OFFICE}\nsecurity_groups: {{here: {{ingress: tcp 443 from 10.0.0.0/8}}}}",
        "staff https://sqs.us-east-1.amazonaws.com", ["staff: 10.0.0.2 as its DNS server, where sqs answers"]),
    ("the record that the public zone has", f"{R53}hosted-zone-private-considerations.html", TWINS, "app www.shop.example", [
        "private: a record for www.shop.example, as in the public DNS (198.51.100.10), or a narrower domain"]),
    ("no record that is invented", f"{R53}hosted-zone-private-considerations.html",
        "hosted_zones: {private: {domain: shop.example, vpcs: v, records: {db: 10.0.0.20}}}", "app www.shop.example", []),
    ("DNS resolution of a peering", f"{PEERING}vpc-peering-dns.html", "",
        "app ec2-203-0-113-25.compute-1.amazonaws.com", [
        ROUTE, "peering: DNS resolution on for w, so that the name leads to 10.1.1.25"]),
    ("of one that is active only", f"{PEERING}vpc-peering-dns.html",
        "vpc_peering_connections: {peering: {state: pending-acceptance}}",
        "app ec2-203-0-113-25.compute-1.amazonaws.com", [ROUTE]),
    ("the name that an endpoint answers", SERVICES,
        "endpoints: {sts: {vpc: v, service: sts, subnets: net, security_groups: here, private_dns: true}}",
        "app https://sts.amazonaws.com", [
        ROUTE, "or sts.us-east-1.amazonaws.com in place of sts.amazonaws.com: sts answers it"]),
    ("that name, and the endpoint", SERVICES, "", "app https://sts.amazonaws.com", [
        ROUTE, "or sts.us-east-1.amazonaws.com in place of sts.amazonaws.com, and an interface endpoint for"]),
    ("a way out, where no endpoint is known", SERVICES, "", "app https://ec2-instance-connect.us-east-1.amazonaws.com", [
        ROUTE, "or a way to the internet: no endpoint service is known that answers ec2-instance-connect."]),
    ("the provider's consent", f"{PRIVATELINK}concepts.html", PARTNER, "app https://api.partner.example", [
        "com.amazonaws.vpce.us-east-1.vpce-svc-"]),
    ("a gateway endpoint", GATEWAYS, "", BUCKET, [ROUTE, "or a gateway endpoint for com.amazonaws.us-east-1.s3"]),
    ("one more table of that which is there", GATEWAYS, "endpoints: {s3: {type: gateway, vpc: v, service: s3}}", BUCKET, [
        ROUTE, "or s3: associate it with "]),
    ("not that of another VPC", GATEWAYS, "endpoints: {s3: {type: gateway, vpc: w, service: s3}}", BUCKET, [
        ROUTE, "or a gateway endpoint for com.amazonaws.us-east-1.s3"]),
    ("none for another Region", GATEWAYS, "", "app https://my-bucket.s3.us-west-2.amazonaws.com", [
        ROUTE, "or a way to the internet: a gateway endpoint for com.amazonaws.us-west-2.s3 serves its own Region only"]),
    ("nothing for a host on the internet", SERVICES, "", "app https://www.example.com", [ROUTE]),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "page", "changes", "asked", "fixes"), ROWS, ids=[row[0] for row in ROWS])
def test_what_would_help(rule: str, page: str, changes: str, asked: str, fixes: list[str]) -> None:
    source, to = asked.split()
    answer = changed(BASE, changes).trace(source, to)
    assert len(answer.fixes) == len(fixes), (page, answer.fixes)
    assert all(wanted in said for wanted, said in zip(fixes, answer.fixes, strict=True)), (page, answer.fixes)


def test_each_change_helps() -> None:
    """The change that the row names, made: the name leads there."""
    zone = 'hosted_zones: {zone: {domain: sqs.us-east-1.amazonaws.com, vpcs: [v, w], records: {"@": {alias: "${sqs.DnsName}"}}}}'
    made = [
        (HERE_OFF, "endpoints: {sqs: {private_dns: true}}", SQS),
        (HUB, f"endpoints: {{sqs: {{private_dns: false}}}}\n{zone}", SQS),
        (f"{HERE}\n{DNS}", "dhcp_options: {options: AmazonProvidedDNS}", SQS),
        ("", "vpc_peering_connections: {peering: {accepter_dns: true}}", "app ec2-203-0-113-25.compute-1.amazonaws.com"),
        (PARTNER, "endpoint_services: {svc: {accepted: ep}}", "app https://api.partner.example"),
    ]
    for broken, change, asked in made:
        import yaml

        net = changed(BASE, broken)
        source, to = asked.split()
        assert net.trace(source, to).verdict == "blocked"
        assert net.with_changes(yaml.safe_load(change)).trace(source, to).reachable, change
