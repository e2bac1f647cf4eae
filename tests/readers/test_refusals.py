"""What AWS itself refuses is refused when a template is read, with AWS's error code.

Codes: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import vpcsim
from vpcsim.errors import RefusedError

PRIVATELINK = "https://docs.aws.amazon.com/vpc/latest/privatelink/"
NETWORK = """
Resources:
  myVPC: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16, EnableDnsHostnames: true}}
  subnetA: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref myVPC, CidrBlock: 10.0.0.0/24, AvailabilityZone: us-east-1a}}
  subnetA2: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref myVPC, CidrBlock: 10.0.2.0/24, AvailabilityZone: us-east-1a}}
  subnetB: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref myVPC, CidrBlock: 10.0.1.0/24, AvailabilityZone: us-east-1b}}
"""


def endpoint(id: str, service: str = "sqs", subnets: str = "!Ref subnetA", more: str = "PrivateDnsEnabled: true") -> str:
    return (
        f"  {id}: {{Type: AWS::EC2::VPCEndpoint, Properties: {{VpcEndpointType: Interface, VpcId: !Ref myVPC,"
        f" ServiceName: com.amazonaws.us-east-1.{service}, SubnetIds: [{subnets}], {more}}}}}\n"
    )


def groups(count: int) -> str:
    made = "".join(
        f"  G{n}: {{Type: AWS::EC2::SecurityGroup, Properties: {{GroupDescription: g, VpcId: !Ref myVPC}}}}\n"
        for n in range(count)
    )
    ids = ", ".join(f"!Ref G{n}" for n in range(count))
    return f"{made}  App: {{Type: AWS::EC2::Instance, Properties: {{SubnetId: !Ref subnetA, SecurityGroupIds: [{ids}]}}}}\n"


ZONE = "  Zone: {Type: AWS::Route53::HostedZone, Properties: {Name: sqs.us-east-1.amazonaws.com, VPCs: [{VPCId: !Ref myVPC}]}}\n"
PEER = """  other: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.128.0/17}}
  Peering: {Type: AWS::EC2::VPCPeeringConnection, Properties: {VpcId: !Ref myVPC, PeerVpcId: !Ref other}}
"""
OVERLAP = "  lap: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref myVPC, CidrBlock: 10.0.0.128/25}}\n"
NAT = """  Nat: {Type: AWS::EC2::NatGateway, Properties: {SubnetId: !Ref subnetA}}
  Gateway: {Type: AWS::EC2::InternetGateway}
  Attachment: {Type: AWS::EC2::VPCGatewayAttachment, Properties: {VpcId: !Ref myVPC, InternetGatewayId: !Ref Gateway}}
"""
TWICE = """  Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref myVPC}}
  R1: {Type: AWS::EC2::Route, Properties: {RouteTableId: !Ref Table, DestinationCidrBlock: 0.0.0.0/0, GatewayId: igw-0123456789}}
  R2: {Type: AWS::EC2::Route, Properties: {RouteTableId: !Ref Table, DestinationCidrBlock: 0.0.0.0/0, GatewayId: igw-0123456780}}
"""
ROWS = [
    ("second endpoint with private DNS", endpoint("One") + endpoint("Two", subnets="!Ref subnetB"), "InvalidParameter", "Two"),
    ("two subnets of one zone", endpoint("One", subnets="!Ref subnetA, !Ref subnetA2"), "DuplicateSubnetsInSameZone", "One"),
    ("private DNS of S3 alone", endpoint("S3", "s3"), "InvalidParameter", "S3"),
    ("a zone and private DNS", endpoint("One") + ZONE, "ConflictingDomainExists", "Zone"),
    ("a service without private DNS", endpoint("D", "dynamodb"), "InvalidParameter", "D"),
    ("a service that does not exist", endpoint("One", "sqss"), "InvalidServiceName", "One"),
    ("overlapping subnets", OVERLAP, "InvalidSubnet.Conflict", "lap"),
    ("overlapping peers, which AWS lets fail without a code", PEER, "", "Peering"),
    ("sixth group", groups(6), "SecurityGroupsPerInterfaceLimitExceeded", "App"),
    ("NAT gateway without an address", NAT, "MissingParameter", "Nat"),
    ("a route twice", TWICE, "RouteAlreadyExists", "Table"),
]


@pytest.mark.parametrize(("more", "code", "about"), [pytest.param(*row[1:], id=row[0]) for row in ROWS])
def test_refused_at_load(more: str, code: str, about: str, tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(NETWORK + more)
    with pytest.raises(RefusedError) as refused:
        vpcsim.load(tmp_path)
    (problem,) = refused.value.problems
    assert problem.code == code
    assert problem.message.startswith(about)
    assert problem.origin
    assert problem.origin.line > 6


@pytest.mark.parametrize("attribute", ["EnableDnsHostnames: false", "EnableDnsHostnames: true, EnableDnsSupport: false"])
def test_private_dns_needs_both_attributes(attribute: str, tmp_path: Path) -> None:
    text = NETWORK.replace("EnableDnsHostnames: true", attribute) + endpoint("One")
    (tmp_path / "template.yaml").write_text(text)
    with pytest.raises(
        RefusedError, match=r"One: private DNS needs EnableDnsSupport and EnableDnsHostnames of myVPC.*InvalidParameter"
    ):
        vpcsim.load(tmp_path)


@pytest.mark.parametrize(
    "more",
    [
        endpoint("One") + endpoint("Two", subnets="!Ref subnetB", more="PrivateDnsEnabled: false"),
        endpoint("One") + endpoint("Two", subnets="!Ref subnetB", more="Tags: []"),
        endpoint("One", subnets="!Ref subnetA, !Ref subnetB"),
        groups(5),
    ],
)
def test_what_is_next_to_it_is_accepted(more: str, tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(NETWORK + more)
    vpcsim.load(tmp_path)


def test_a_raised_quota_can_be_said(tmp_path: Path) -> None:
    """https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html: five groups, adjustable up to sixteen."""
    (tmp_path / "template.yaml").write_text(NETWORK + groups(6))
    assert vpcsim.load(tmp_path, parameters={"quota:SecurityGroupsPerInterface": "6"}).index.groups_of["App/subnetA"][5] == "G5"
