"""The internet and AWS's own network: who answers there, and who can be reached from there."""

from __future__ import annotations

import pytest
from networks import VPC, Row, ask, changed, check, names

from vpcsim import InputError

STAYS = "https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html"
RANGES = f"{VPC}aws-ip-ranges.html"
IGW = f"{VPC}VPC_Internet_Gateway.html"

BASE = """
vpcs: {vpc: 10.0.0.0/16}
subnets: {net: 10.0.1.0/24}
internet_gateways: {igw: vpc}
route_tables: {table: {subnets: net, routes: {0.0.0.0/0: igw}}}
security_groups: {open: {ingress: all from 0.0.0.0/0}}
elastic_ips: {ip: {instance: app, ip: 198.51.100.10}}
instances: {app: {subnet: net, ip: 10.0.1.10, security_groups: open}}
"""
SIX = """
vpcs: {vpc: {cidr: 10.0.0.0/16, Ipv6CidrBlockAssociationSet: [{Ipv6CidrBlock: "2001:db8:1:a00::/56"}]}}
subnets: {net: {cidr: 10.0.1.0/24, ipv6_cidr: "2001:db8:1:a00::/64", assign_ipv6_address_on_creation: true}}
route_tables: {table: {routes: {"::/0": igw}}}
security_groups: {open: {egress: [all to 0.0.0.0/0, "all to ::/0"]}}
"""
OUT, IN = "app app/net net igw", "igw app/net app"
UNKNOWN = "undecided VPCSIM_NOT_MODELLED internet"

ROWS = [
    Row("somebody on the internet", IGW, "", "app -> 192.0.2.9 443/tcp", f"{OUT} internet", f"internet {IN}"),
    Row("S3 of the same Region", STAYS, "", "app -> 52.216.8.1 443/tcp", f"{OUT} aws", f"aws {IN}"),
    Row("S3 of another Region", RANGES, "", "app -> 52.218.1.1 443/tcp", f"{OUT} aws", f"aws {IN}"),
    Row("DynamoDB", RANGES, "", "app -> 52.94.0.1 443/tcp", f"{OUT} aws", f"aws {IN}"),
    Row("any port answers there", STAYS, "", "app -> 52.94.0.1 80/tcp", f"{OUT} aws", f"aws {IN}"),
    Row("from the internet by name", IGW, "", "internet -> app 443/tcp", f"internet {IN}", f"{OUT} internet"),
    Row("a public address that the model does not know", IGW, "", "internet -> 198.51.100.77 443/tcp", "internet", "", UNKNOWN),
    Row(
        "a private address", IGW, "", "internet -> 10.0.1.10 443/tcp", "internet", "",
        "no_route IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS internet",
    ),
    Row(
        "a private address that nobody has", IGW, "", "internet -> 192.168.1.1 443/tcp", "internet", "",
        "no_route IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS internet",
    ),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=names(ROWS))
def test_who_is_out_there(row: Row) -> None:
    check(BASE, row)


@pytest.mark.parametrize("source", ["52.94.0.1", "internet:52.94.0.1"])
def test_from_an_address_of_aws(source: str) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-instance-addressing.html"""
    answer = ask(changed(BASE, ""), f"{source} -> app 443/tcp")
    assert answer.reachable, answer.because


@pytest.mark.parametrize(
    "address",
    ["0.0.0.0", "127.0.0.1", "169.254.1.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "::1", "ff02::1"],
)
def test_addresses_that_nobody_out_there_has(address: str) -> None:
    """RFC 6890; https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html: no broadcast in a VPC."""
    assert not ask(changed(BASE, SIX), f"app -> {address} 443/tcp").reachable


def test_the_ports_of_a_client_out_there() -> None:
    """https://docs.aws.amazon.com/vpc/latest/userguide/custom-network-acl.html: Linux from 32768, Windows up to 65535."""
    answer = ask(changed(BASE, ""), "internet -> app 443/tcp")
    assert answer.trip is not None
    assert answer.trip.there.packet.src_port == (32768, 65535)


def test_the_sentence_says_whether_the_traffic_leaves_aws() -> None:
    """https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html"""
    net = changed(BASE, "")
    assert "stays on the AWS network" in ask(net, "app -> 52.216.8.1 443/tcp").because
    assert "leaves the AWS network" in ask(net, "app -> 192.0.2.9 443/tcp").because


@pytest.mark.parametrize("source", ["internet:somewhere", "internet:10.0.0.256"])
def test_what_is_no_address_out_there(source: str) -> None:
    with pytest.raises(InputError, match="is not an address"):
        ask(changed(BASE, ""), f"{source} -> app 443/tcp")
