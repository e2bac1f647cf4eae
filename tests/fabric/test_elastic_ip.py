"""Public addresses: Elastic IP addresses, and those that AWS assigns at launch."""

from __future__ import annotations

import pytest
from networks import EC2, VPC, Row, ask, changed, check, names

from vpcsim import InputError

EIP = f"{EC2}elastic-ip-addresses-eip.html"
LAUNCH = f"{EC2}using-instance-addressing.html"
IGW = f"{VPC}VPC_Internet_Gateway.html"

BASE = """
vpcs: {vpc: 10.0.0.0/16}
subnets: {net: {cidr: 10.0.1.0/24}}
internet_gateways: {igw: vpc}
route_tables: {table: {subnets: net, routes: {0.0.0.0/0: igw}}}
security_groups: {open: {ingress: all from 0.0.0.0/0}}
instances: {app: {subnet: net, ip: 10.0.1.10, security_groups: open}}
"""
OUT, IN = "app app/net net igw internet", "internet igw app/net app"
NONE = "denied IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS igw"
HTTPS = "app -> 192.0.2.9 443/tcp"
WITH = "elastic_ips: {ip: {instance: app, ip: 198.51.100.10}}"
ON_LAUNCH = "subnets: {net: {public_addresses: true}}"
ENI = (
    "\ninstances: {app: null, eve: {}}\nnetwork_interfaces: {eni: {subnet: net, ip: 10.0.1.20, "
    "PrivateIpAddresses: [{PrivateIpAddress: 10.0.1.21}], security_groups: open, instance: eve}}"
)

ROWS = [
    Row("no public address", IGW, "", HTTPS, "app app/net net igw", "", NONE),
    Row("an Elastic IP address", EIP, WITH, HTTPS, OUT, IN),
    Row("from the internet", EIP, WITH, "internet -> 198.51.100.10 22/tcp", IN, OUT),
    Row("from the internet, by the instance's id", EIP, WITH, "internet -> app 22/tcp", IN, OUT),
    Row(
        "an address without an association", EIP, "elastic_ips: {ip: {ip: 198.51.100.10}}", HTTPS, "app app/net net igw", "",
        NONE,
    ),
    Row(
        "an address without an association, from the internet", EIP, "elastic_ips: {ip: {ip: 198.51.100.10}}",
        "internet -> 198.51.100.10 22/tcp", "internet", "", "no_route NO_POSSIBLE_DESTINATION internet",
    ),
    Row("the subnet gives one", LAUNCH, ON_LAUNCH, HTTPS, OUT, IN),
    Row("the launch asks for one", LAUNCH, "instances: {app: {public_address: true}}", HTTPS, OUT, IN),
    Row(
        "the launch declines the subnet's", LAUNCH, ON_LAUNCH + "\ninstances: {app: {public_address: false}}", HTTPS,
        "app app/net net igw", "", NONE,
    ),
    Row(
        "an interface's Elastic IP address", EIP, "elastic_ips: {ip: {interface: eni, ip: 198.51.100.10}}" + ENI,
        "internet -> 198.51.100.10 22/tcp", "internet igw eni eve", "eve eni net igw internet",
    ),
    Row(
        "for a second address", EIP,
        "elastic_ips: {ip: {interface: eni, private_ip_address: 10.0.1.21, ip: 198.51.100.10}}" + ENI,
        "internet -> 198.51.100.10 22/tcp", "internet igw eni eve", "eve eni net igw internet",
    ),
    Row(
        "for a second address: the first has none", EIP,
        "elastic_ips: {ip: {interface: eni, private_ip_address: 10.0.1.21, ip: 198.51.100.10}}" + ENI, "eve -> 192.0.2.9 443/tcp",
        "eve eni net igw", "", NONE,
    ),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=names(ROWS))
def test_who_has_a_public_address(row: Row) -> None:
    check(BASE, row)


def test_an_address_of_an_instance_has_one_elastic_address() -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/elastic-ip-addresses-eip.html: not which comes last."""
    with pytest.raises(InputError):
        changed(BASE, "elastic_ips: {one: {instance: app, ip: 198.51.100.10}, two: {instance: app, ip: 198.51.100.11}}")


@pytest.mark.parametrize("address", ["10.0.0.9", "2001:db8::9", "somewhere"])
def test_what_is_no_public_address(address: str) -> None:
    with pytest.raises(InputError):
        changed(BASE, f"elastic_ips: {{ip: {{instance: app, ip: '{address}'}}}}")


@pytest.mark.parametrize("changes", [WITH, f"{WITH}\n{ON_LAUNCH}", f"{WITH}\ninstances: {{app: {{public_address: true}}}}"])
def test_the_elastic_address_takes_the_place_of_the_other(changes: str) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/elastic-ip-addresses-eip.html"""
    answer = ask(changed(BASE, changes), HTTPS)
    assert answer.trip is not None
    assert answer.trip.there.arrived.source == "198.51.100.10"
    assert answer.trip.there.packet.source == "10.0.1.10"


def test_the_address_that_was_replaced_is_gone() -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/elastic-ip-addresses-eip.html: it goes back to the pool."""
    before = ask(changed(BASE, ON_LAUNCH), HTTPS)
    assert before.trip is not None
    former = before.trip.there.arrived.source
    after = changed(BASE, f"{ON_LAUNCH}\n{WITH}")
    assert ask(changed(BASE, ON_LAUNCH), f"internet -> {former} 22/tcp").reachable
    assert not ask(after, f"internet -> {former} 22/tcp").reachable


def test_an_instance_never_sees_its_public_address() -> None:
    """https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html"""
    answer = ask(changed(BASE, WITH), "internet:192.0.2.7 -> app 22/tcp")
    assert answer.trip is not None
    assert answer.trip.there.arrived.destination == "10.0.1.10"
    assert answer.trip.there.arrived.source == "192.0.2.7"
    assert answer.trip.back is not None
    assert answer.trip.back.arrived.source == "198.51.100.10"
