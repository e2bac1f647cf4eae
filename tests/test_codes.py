"""Every code of Reachability Analyzer is tested somewhere, or the limits say why it cannot come out.

Source: https://docs.aws.amazon.com/vpc/latest/reachability/explanation-codes.html
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from networks import network

from vpcsim.codes import Code
from vpcsim.packet import TCP, Packet
from vpcsim.prefixes import address

ROOT = Path(__file__).parent.parent
LIMITS = (ROOT / "docs" / "limits.md").read_text()
CODES = [code.name for code in Code if not code.name.startswith("VPCSIM_")]

TESTED = {
    "BAD_STATE": "tests/gateways/test_interface_endpoint.py",
    "BAD_STATE_ATTACHMENT": "tests/gateways/test_transit_gateway.py",
    "BAD_STATE_ROUTE": "tests/fabric/test_route_table.py",
    "BAD_STATE_VPN": "tests/gateways/test_vpn_connection.py",
    "CANNOT_ROUTE": "tests/fabric/test_route_table.py",
    "HIGHER_PRIORITY_ROUTE": "tests/fabric/test_route_table.py",
    "MORE_SPECIFIC_ROUTE": "tests/fabric/test_route_table.py",
    "VPC_LOCAL_ROUTE_CIDR_RESTRICTION": "tests/fabric/test_route_table.py",
    "TGW_RTB_HIGHER_PRIORITY_ROUTE": "tests/gateways/test_transit_gateway.py",
    "TGW_RTB_MORE_SPECIFIC_ROUTE": "tests/gateways/test_transit_gateway.py",
    "ELBV2_LISTENERS_MISMATCH": "tests/gateways/test_gateway_load_balancer_endpoint.py",
    "ELBV2_LISTENER_HAS_NO_TG": "tests/gateways/test_gateway_load_balancer_endpoint.py",
    "ELBV2_LISTENER_PORT_RESTRICTION": "tests/gateways/test_load_balancer.py",
    "ELBV2_NO_TARGETS_IN_AZ": "tests/gateways/test_gateway_load_balancer_endpoint.py",
    "ELBV2_SOURCE_ADDRESS_PRESERVATION": "tests/gateways/test_load_balancer.py",
    "ELB_ACL_RESTRICTION": "tests/gateways/test_load_balancer.py",
    "ELB_INSTALLED_AZ_RESTRICTION": "tests/gateways/test_load_balancer.py",
    "ELB_LISTENERS_MISMATCH": "tests/gateways/test_load_balancer.py",
    "ELB_LISTENER_PORT_RESTRICTION": "tests/gateways/test_load_balancer.py",
    "ELB_NOT_CROSSZONE": "tests/gateways/test_load_balancer.py",
    "ENI_SG_RULES_MISMATCH": "tests/fabric/test_security_group.py",
    "ENI_SOURCE_DEST_CHECK_RESTRICTION": "tests/fabric/test_network_interface.py",
    "FIREWALL_RULES_RESTRICTION": "tests/gateways/test_network_firewall.py",
    "GATEWAY_REJECTS_SPOOFED_TRAFFIC": "tests/test_codes.py",
    "IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS": "tests/gateways/test_internet_gateway.py",
    "IGW_DESTINATION_ADDRESS_NOT_IN_RFC6598_EGRESS": "tests/gateways/test_internet_gateway.py",
    "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS": "tests/gateways/test_internet_gateway.py",
    "IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS": "tests/gateways/test_internet_gateway.py",
    "IGW_SOURCE_ADDRESS_NOT_IN_RFC1918_INGRESS": "tests/gateways/test_internet_gateway.py",
    "IGW_SOURCE_ADDRESS_NOT_IN_RFC6598_INGRESS": "tests/gateways/test_internet_gateway.py",
    "INGRESS_RTB_NO_PUBLIC_IP": "tests/gateways/test_gateway_route_tables.py",
    "INGRESS_RTB_TRAFFIC_REDIRECTION": "tests/gateways/test_gateway_route_tables.py",
    "NGW_REQUIRES_SOURCE_IN_VPC": "tests/test_codes.py",
    "NO_PATH": "tests/fabric/test_db_instance.py",
    "NO_POSSIBLE_DESTINATION": "tests/fabric/test_route_table.py",
    "NO_ROUTE_TO_DESTINATION": "tests/fabric/test_route_table.py",
    "PCX_REQUIRES_ADDRESS_IN_VPC_CIDR": "tests/gateways/test_vpc_peering_connection.py",
    "PROTOCOL_RESTRICTION": "tests/gateways/test_nat_gateway.py",
    "REGIONAL_NGW_ROUTE_AZ_RESTRICTION": "tests/gateways/test_nat_gateway.py",
    "SG_HAS_NO_RULES": "tests/fabric/test_security_group.py",
    "SG_REFERENCES_NOT_PRESERVED": "tests/fabric/test_security_group.py",
    "SG_REFERENCING_SUPPORT": "tests/gateways/test_transit_gateway.py",
    "SUBNET_ACL_RESTRICTION": "tests/fabric/test_network_acl.py",
    "TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION": "tests/gateways/test_transit_gateway.py",
    "TGW_BAD_STATE_VPN": "tests/gateways/test_transit_gateway_hybrid.py",
    "TGW_ROUTE_AZ_RESTRICTION": "tests/gateways/test_transit_gateway.py",
    "TGW_RTB_BAD_STATE_ROUTE": "tests/gateways/test_transit_gateway.py",
    "TGW_RTB_CANNOT_ROUTE": "tests/gateways/test_transit_gateway.py",
    "TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT": "tests/gateways/test_transit_gateway.py",
    "TGW_RTB_ROUTES_ARE_UNKNOWN": "tests/gateways/test_transit_gateway.py",
    "VGW_PRIVATE_IP_ASSOCIATION_FOR_EGRESS": "tests/gateways/test_vpn_gateway.py",
    "VGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS": "tests/gateways/test_vpn_gateway.py",
    "VPCE_GATEWAY_EGRESS_SOURCE_ADDRESS_RESTRICTION": "tests/test_codes.py",
    "VPCE_GATEWAY_PROTOCOL_RESTRICTION": "tests/gateways/test_gateway_endpoint.py",
    "VPCE_INTRA_VPC_TRAFFIC": "tests/gateways/test_interface_endpoint.py",
    "VPCE_SERVICE_NOT_INSTALLED_IN_AZ": "tests/gateways/test_vpc_endpoint_service.py",
    "VPC_BLOCK_PUBLIC_ACCESS_ENABLED": "tests/fabric/test_public_access.py",
}
"""The file whose rows end with the code, or that tells it of the routes which do not decide."""

NOT_MODELLED = {
    "DISCONNECTED_VPCS": "a packet is traced until something drops it, with that code",
    "ENI_ADDRESS_RESTRICTION": "the same drop is ENI_SOURCE_DEST_CHECK_RESTRICTION here",
    "ELBV2_LISTENER_REQUIRES_TG_ACCEPT": "a file with such a listener is refused",
    "GWLB_DESTINATION_PORT_RESTRICTION": "a file with such a listener is refused",
    "GWLB_PROTOCOL_RESTRICTION": "a file with such a listener is refused",
    "IGW_DESTINATION_ADDRESS_IN_VPC_CIDRS": "an unknown public address is IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS here",
    "IGW_NAT_REFLECTION": "a limit of the analyzer: here the packet is traced through the gateway",
    "NGW_DEST_ADDRESS_PRESERVATION": "says what a NAT gateway leaves alone, not that it blocks",
    "NGW_SOURCE_ADDRESS_REASSIGN": "says what a NAT gateway changes, not that it blocks",
    "REMAP_EPHEMERAL_PORT": "says what a gateway changes, not that it blocks",
    "TARGET_ADDRESS_RESTRICTION": "no question names the target behind a load balancer",
    "TARGET_PORT_RESTRICTION": "no question names the target behind a load balancer",
    "TGW_ATTACH_VPC_AZ_RESTRICTION": "says why a way was not taken; the drop is TGW_ROUTE_AZ_RESTRICTION",
    "UNKNOWN_DESTINATION": "what the model does not hold is VPCSIM_NOT_MODELLED",
    "UNKNOWN_PEERED_SGS": "both ends of a peering are in the model, or the answer is undecided",
    "UNKNOWN_RESOURCE": "everything in a file may be read",
    "NO_SOURCE_OR_DESTINATION": "a name that the model does not hold is an error of the question",
    "UNASSOCIATED_COMPONENT": "an end without an interface is an error of the question",
    "UNSUPPORTED_COMPONENT": "what is not modelled is VPCSIM_NOT_MODELLED",
}
"""Codes that no answer carries, each with the reason; docs/limits.md names them."""


def test_every_code_has_exactly_one_line() -> None:
    assert sorted([*TESTED, *NOT_MODELLED]) == sorted(CODES)
    assert len(CODES) == 71 + 5


@pytest.mark.parametrize(("code", "file"), TESTED.items())
def test_a_tested_code_stands_in_its_file(code: str, file: str) -> None:
    text = (ROOT / file).read_text()
    text = text.replace(f'"{code}": "{file}"', "")
    assert re.search(rf"\b{code}\b", text), f"{file} has no row that ends with {code}"


@pytest.mark.parametrize("code", NOT_MODELLED)
def test_the_limits_name_what_cannot_come_out(code: str) -> None:
    assert f"`{code}`" in LIMITS
    sources = (path.read_text() for path in (ROOT / "vpcsim").rglob("*.py") if path.name != "codes.py")
    assert not any(f"Code.{code}" in source for source in sources), f"{code} can come out: test it"


SPOOFED = """
vpcs: {vpc: 10.0.0.0/16}
subnets: {a: 10.0.0.0/24}
internet_gateways: {igw: vpc}
nat_gateways: {nat: a}
endpoints: {s3: {service: s3}}
"""
STRANGER, HOST = address("192.168.9.9"), address("192.0.2.9")
FOREIGN = [
    ("s3", "a", "GATEWAY_REJECTS_SPOOFED_TRAFFIC"),
    ("nat", "nat/a", "NGW_REQUIRES_SOURCE_IN_VPC"),
    ("s3", None, "VPCE_GATEWAY_EGRESS_SOURCE_ADDRESS_RESTRICTION"),
]


@pytest.mark.parametrize(("place", "came_from", "code"), FOREIGN)
def test_a_foreign_source_is_turned_away(place: str, came_from: str | None, code: str) -> None:
    net = network(SPOOFED.replace("{service: s3}", "{service: s3, route_tables: vpc/main-route-table}"))
    step = next(net.places[place].receive(Packet(STRANGER, HOST, TCP, (40000, 40000), (443, 443)), came_from, net))
    assert step.code is Code[code]
