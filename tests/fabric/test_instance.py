"""Instances: where they stand, and from which ports they speak."""

from __future__ import annotations

import pytest
from networks import API, ERRORS, VPC, Refusal, ask, changed, refused

from vpcsim import InputError
from vpcsim.prefixes import address_text, family

BASE = """
vpcs: {vpc: 10.0.0.0/16}
subnets: {net: 10.0.1.0/24}
security_groups: {open: {ingress: all from 0.0.0.0/0}}
instances:
  a: {subnet: net, ip: 10.0.1.10, security_groups: open}
  b: {subnet: net, ip: 10.0.1.11, security_groups: open}
"""
EPHEMERAL = f"{VPC}custom-network-acl.html"
RUN = f"{API}API_RunInstances.html"

PORTS = [
    ("Linux", "", (32768, 60999)),
    ("Linux, said", "instances: {a: {platform: linux}}", (32768, 60999)),
    ("Windows", "instances: {a: {platform: windows}}", (49152, 65535)),
    ("Windows, as the API writes it", "instances: {a: {platform: Windows}}", (49152, 65535)),
]


@pytest.mark.parametrize(("changes", "ports"), [row[1:] for row in PORTS], ids=[row[0] for row in PORTS])
def test_the_ports_of_a_client(changes: str, ports: tuple[int, int]) -> None:
    """https://docs.aws.amazon.com/vpc/latest/userguide/custom-network-acl.html"""
    answer = ask(changed(BASE, changes), "a -> b 22/tcp")
    assert answer.trip is not None
    assert answer.trip.there.packet.src_port == ports
    assert answer.trip.back is not None
    assert answer.trip.back.arrived.dst_port == ports


def test_a_port_that_the_client_chose() -> None:
    answer = ask(changed(BASE, ""), "a -> b 53/udp", source_port=53)
    assert answer.trip is not None
    assert answer.trip.there.packet.src_port == (53, 53)


def test_what_aws_refuses() -> None:
    refused(BASE, Refusal("no subnet", ERRORS, "instances: {lost: {security_groups: open}}", "VPCIdNotSpecified", "lost"))
    address = "instances: {a: {ip: 10.0.1.11}}"
    refused(BASE, Refusal("an address that another one has", ERRORS, address, "InvalidIPAddress.InUse", ""))


@pytest.mark.parametrize(
    "changes", ["instances: {a: {subnet: nowhere}}", "instances: {a: {security_groups: nobody}}", "instances: {a: {ip: here}}"]
)
def test_what_is_no_instance(changes: str) -> None:
    with pytest.raises(InputError):
        changed(BASE, changes)


def test_an_address_of_the_other_family() -> None:
    answer = ask(changed(BASE, ""), "a -> 2001:db8::1 443/tcp")
    assert (answer.verdict, answer.codes, answer.at) == ("blocked", ("VPCSIM_NO_ADDRESS",), "a")
    assert answer.because == "a: has no address of the family of 2001:db8::1"


FORWARDER = """
vpcs: {vpc: 10.0.0.0/16}
subnets: {public: 10.0.0.0/24, private: 10.0.1.0/24}
internet_gateways: {igw: vpc}
security_groups: {open: {ingress: all from 10.0.0.0/16}}
instances:
  app: {subnet: private, ip: 10.0.1.10, security_groups: open}
  router: {subnet: public, ip: 10.0.0.20, security_groups: open, public_address: true, source_dest_check: false, forwards: nat}
route_tables:
  public-table: {subnets: public, routes: {0.0.0.0/0: igw}}
  private-table: {subnets: private, routes: {0.0.0.0/0: router}}
"""
FORWARDED = [
    ("a NAT instance", "", "reachable", (), "internet"),
    ("with the check on", "source_dest_check: true", "blocked", ("ENI_SOURCE_DEST_CHECK_RESTRICTION",), "router"),
    ("an appliance that drops", "forwards: drop", "blocked", ("VPCSIM_APPLIANCE",), "router"),
    ("one that passes, unchanged", "forwards: pass", "blocked", ("IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS",), "igw"),
]


@pytest.mark.parametrize(("change", "verdict", "codes", "at"), [row[1:] for row in FORWARDED], ids=[row[0] for row in FORWARDED])
def test_what_an_instance_forwards(change: str, verdict: str, codes: tuple[str, ...], at: str) -> None:
    """https://docs.aws.amazon.com/vpc/latest/userguide/work-with-nat-instances.html"""
    answer = ask(changed(FORWARDER, f"instances: {{router: {{{change}}}}}"), "app -> 198.51.100.10 443/tcp")
    assert (answer.verdict, answer.codes, answer.at) == (verdict, codes, at)
    if answer.reachable:
        assert answer.trip is not None
        assert answer.trip.back is not None
        assert [hop.at for hop in answer.trip.back.hops if hop.at == "router"] == ["router"]


def test_what_an_instance_forwards_is_not_guessed() -> None:
    answer = ask(changed(FORWARDER.replace(", forwards: nat", ""), ""), "app -> 198.51.100.10 443/tcp")
    assert (answer.verdict, answer.codes, answer.at) == ("undecided", ("VPCSIM_NOT_MODELLED",), "router")


IPV6 = """
vpcs: {vpc: {cidr: 10.0.0.0/16, ipv6: "2001:db8:a::/56"}}
subnets: {net: {cidr: 10.0.1.0/24, ipv6_cidr: "2001:db8:a:1::/64"}}
instances: {a: {subnet: net, ip: 10.0.1.10}}
"""
GIVEN = [
    ("none", "", []),
    ("one", 'instances: {a: {ipv6: "2001:db8:a:1::10"}}', ["2001:db8:a:1::10"]),
    ("two", 'instances: {a: {ipv6: ["2001:db8:a:1::10", "2001:db8:a:1::11"]}}', ["2001:db8:a:1::10", "2001:db8:a:1::11"]),
    ("as the API writes them", 'instances: {a: {Ipv6Addresses: [{Ipv6Address: "2001:db8:a:1::10"}]}}', ["2001:db8:a:1::10"]),
]


@pytest.mark.parametrize(("changes", "held"), [row[1:] for row in GIVEN], ids=[row[0] for row in GIVEN])
def test_the_ipv6_addresses_of_the_primary_interface(changes: str, held: list[str]) -> None:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-instance.html"""
    addresses = changed(IPV6, changes).index.addresses_of["a/net"]
    assert [address_text(number) for number in addresses[1:]] == held


@pytest.mark.parametrize(
    ("changes", "count"),
    [
        ("instances: {a: {Ipv6AddressCount: 2}}", 2),
        ("instances: {a: {NetworkInterfaces: [{SubnetId: net, Ipv6AddressCount: 1}]}}", 1),
        ("subnets: {net: {AssignIpv6AddressOnCreation: true}}", 1),
        ("subnets: {net: {cidr: null}}\ninstances: {a: {ip: null}}", 1),
    ],
)
def test_ipv6_addresses_that_aws_chooses(changes: str, count: int) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-instance-addressing.html"""
    net = changed(IPV6, changes)
    six = [number for number in net.index.addresses_of["a/net"] if family(number) == 6]
    assert len(set(six)) == count
    assert "ipv6_addresses" in net.places["a/net"].assumed
