"""A large made-up network: VPCs with subnets, interfaces, groups with many rules, and endpoints."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

from vpcsim.fabric import Instance, NetworkAcl, RouteTable, SecurityGroup, Subnet, Vpc
from vpcsim.gateways import InterfaceEndpoint, InternetGateway, NatGateway
from vpcsim.network import Network
from vpcsim.resource import Draft
from vpcsim.shapes import SHAPES
from vpcsim.topology import Settings, Topology

VPCS, SUBNETS, INSTANCES, GROUPS, RULES = 50, 20, 50, 4, 60


def network() -> Network:
    """50 VPCs with 20 subnets of 50 instances each, 4 groups of 60 rules per VPC, ACLs of 20 entries."""
    return Network.of(Topology.build(Settings(SHAPES), drafts()))


def drafts() -> Iterator[Draft]:
    for vpc in range(VPCS):
        yield from _vpc(f"vpc-{vpc}", int(IPv4Address("10.0.0.0")) + (vpc << 16))


def _vpc(vpc: str, base: int) -> Iterator[Draft]:
    cidr = f"{IPv4Address(base)}/16"
    yield Draft(Vpc, vpc, {"CidrBlock": cidr, "EnableDnsHostnames": True}, None)
    yield Draft(InternetGateway, f"{vpc}-igw", {"Attachments": [{"VpcId": vpc}]}, None)
    yield from NatGateway.native(_declared(f"{vpc}-nat", {"SubnetId": f"{vpc}-subnet-0"}))
    for number, target in enumerate(("GatewayId", "NatGatewayId")):
        route = {"DestinationCidrBlock": "0.0.0.0/0", target: f"{vpc}-igw" if number == 0 else f"{vpc}-nat"}
        subnets = [{"SubnetId": f"{vpc}-subnet-{s}"} for s in range(SUBNETS) if (s == 0) == (number == 0)]
        yield Draft(RouteTable, f"{vpc}-table-{number}", {"VpcId": vpc, "Routes": [route], "Associations": subnets}, None)
    for group in range(GROUPS):
        yield Draft(SecurityGroup, f"{vpc}-group-{group}", {"VpcId": vpc, "IpPermissions": _rules(cidr)}, None)
    entries = [
        {
            "RuleNumber": n * 10,
            "Protocol": "tcp",
            "RuleAction": "allow",
            "Egress": e,
            "CidrBlock": "0.0.0.0/0",
            "PortRange": ports,
        }
        for e in (False, True)
        for n, ports in enumerate([*({"From": p, "To": p} for p in range(20, 38, 2)), {"From": 443, "To": 65535}], 1)
    ]
    associations = [{"SubnetId": f"{vpc}-subnet-{s}"} for s in range(1, SUBNETS, 2)]
    yield Draft(NetworkAcl, f"{vpc}-acl", {"VpcId": vpc, "Entries": entries, "Associations": associations}, None)
    for subnet in range(SUBNETS):
        block = f"{IPv4Address(base + (subnet << 8))}/24"
        yield Draft(Subnet, f"{vpc}-subnet-{subnet}", {"VpcId": vpc, "CidrBlock": block, "AvailabilityZone": "us-east-1a"}, None)
        for instance in range(INSTANCES):
            fields = {"SubnetId": f"{vpc}-subnet-{subnet}", "SecurityGroups": [f"{vpc}-group-{instance % GROUPS}"]}
            yield Draft(Instance, f"{vpc}-i-{subnet}-{instance}", fields, None)
    endpoint = {"ServiceName": "com.amazonaws.us-east-1.sqs", "VpcId": vpc, "SubnetIds": [f"{vpc}-subnet-1"]}
    yield Draft(InterfaceEndpoint, f"{vpc}-sqs", {**endpoint, "Groups": [f"{vpc}-group-0"], "PrivateDnsEnabled": True}, None)


def _rules(cidr: str) -> list[dict[str, object]]:
    ports = [*range(8000, 8000 + RULES - 1), 443]
    return [{"IpProtocol": "tcp", "FromPort": p, "ToPort": p, "IpRanges": [{"CidrIp": cidr}]} for p in ports]


def _declared(id: str, fields: dict[str, object]):  # type: ignore[no-untyped-def]
    from vpcsim.resource import Declaration

    return Declaration(id, "", fields, None, "us-east-1", "123456789012")
