"""Every type of CloudFormation that belongs to the network is taken by a class, or left out with a reason.

The lists stand in docs/templates.md.

Run `python tests/readers/test_types.py --write` to bring the page up to date.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from botocore.session import get_session

import vpcsim
from vpcsim.gateways.transit_gateway.attachment import ALIASES, CORE_NETWORK, RANKS
from vpcsim.readers.intrinsics.misspelt import misspelt_properties
from vpcsim.readers.other_types import ACTING, REASONS
from vpcsim.readers.stacks import shapes_of
from vpcsim.services import properties_of
from vpcsim.shapes import SHAPES

PAGE = Path(__file__).parent.parent.parent / "docs" / "templates.md"
SERVICES = (
    "EC2", "ElasticLoadBalancingV2", "ElasticLoadBalancing", "Lambda", "ECS", "RDS", "EFS", "EKS", "Route53", "Route53Resolver",
    "Route53Profiles", "NetworkFirewall", "VpcLattice", "SQS", "SNS", "S3", "IAM", "DirectConnect", "NetworkManager",
)  # fmt: skip
BEGIN, END = "<!-- types: begin -->\n", "<!-- types: end -->\n"


def tables() -> str:
    taken: dict[str, None] = {}
    for shape in SHAPES:
        if shape.cloudformation_types:
            types = ", ".join(f"`{type}`" for type in shape.cloudformation_types)
            taken[f"| {shape.kind.replace('_', ' ')} | {types} |"] = None
    reasons: dict[str, list[str]] = {}
    for type, reason in REASONS.items():
        if not shapes_of(type):
            reasons.setdefault(reason, []).append(f"`{type}`")
    left_out = [f"| {', '.join(sorted(types))} | {reason} |" for reason, types in reasons.items()]
    return "\n".join(["| resource | types |", "|--|--|", *taken, "", "| left out | why |", "|--|--|", *left_out, ""])


def test_the_page_has_every_type() -> None:
    assert PAGE.read_text().partition(BEGIN)[2].partition(END)[0] == tables(), "run this file with --write"


def test_every_type_of_the_network_is_taken_or_left_out_with_a_reason() -> None:
    """The list of types is that of cfn-lint's schemas, which are AWS's own."""
    manager = pytest.importorskip("cfnlint.schema.manager", reason="needs the extra `lint`").PROVIDER_SCHEMA_MANAGER
    types = {type for type in manager.get_resource_types("us-east-1") if type.split("::")[1] in SERVICES}
    assert {type for type in types if not shapes_of(type) and type not in REASONS} == set()
    known = {type for shape in SHAPES for type in shape.cloudformation_types}
    assert {type for type in known | set(REASONS) if type not in types and type.split("::")[1] in SERVICES} == set()


def test_the_table_of_properties_has_every_type_as_aws_describes_it() -> None:
    manager = pytest.importorskip("cfnlint.schema.manager", reason="needs the extra `lint`").PROVIDER_SCHEMA_MANAGER
    for type in {type for shape in SHAPES for type in shape.cloudformation_types}:
        known = manager.get_resource_schema("us-east-1", type).schema["properties"]
        assert set(properties_of(type)) == set(known), "run tools/build_service_data.py"


def test_every_type_of_attachment_of_a_transit_gateway_is_modelled() -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TransitGatewayAttachment.html"""
    described = get_session().get_service_model("ec2").shape_for("TransitGatewayAttachmentResourceType").enum
    assert {ALIASES.get(type, type) for type in described} == set(RANKS) - {CORE_NETWORK}


SLIPS = [
    ("AWS::EC2::Instance", "SecurityGroupId", [("SecurityGroupId", "SecurityGroupIds")]),
    ("AWS::EC2::Subnet", "VPCId", [("VPCId", "VpcId")]),
    ("AWS::EC2::VPC", "Ipv9NetmaskLength", []),
    ("AWS::EC2::VPC", "SomethingNew", []),
    ("AWS::EC2::Instance", "Fn::Transform", []),
    ("Custom::Thing", "CidrBlok", []),
]


@pytest.mark.parametrize(("type", "given", "meant"), SLIPS)
def test_a_property_written_almost_like_another_one_is_a_slip(type: str, given: str, meant: list[tuple[str, str]]) -> None:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/validate-template.html"""
    assert list(misspelt_properties(type, {given})) == meant
    assert list(misspelt_properties(type, {given, *properties_of(type)})) == []


def test_a_type_written_almost_like_another_one_is_told(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(f"{NETWORK}  X: {{Type: AWS::EC2::Subnett, Properties: {{VpcId: !Ref myVPC}}}}\n")
    [skipped] = vpcsim.load(tmp_path).topology.settings.skipped
    assert skipped.reason == "not modelled; did you mean `AWS::EC2::Subnet`?"


NETWORK = """
Resources:
  myVPC: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  mySubnet: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref myVPC, CidrBlock: 10.0.0.0/24}}
  other: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref myVPC, CidrBlock: 10.0.1.0/24}}
  Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref myVPC}}
  Association: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {SubnetId: !Ref mySubnet, RouteTableId: !Ref Table}}
  Client: {Type: AWS::EC2::Instance, Properties: {SubnetId: !Ref mySubnet}}
  Near: {Type: AWS::EC2::Instance, Properties: {SubnetId: !Ref mySubnet}}
  Lb: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {Type: network, Scheme: internal, Subnets: [!Ref other]}}
  Group: {Type: AWS::ElasticLoadBalancingV2::TargetGroup, Properties: {VpcId: !Ref myVPC, Protocol: TCP, Port: 80}}
  Listener: {Type: AWS::ElasticLoadBalancingV2::Listener, Properties: {LoadBalancerArn: !Ref Lb, Port: 80, Protocol: TCP,
    DefaultActions: [{Type: forward, TargetGroupArn: !Ref Group}]}}
"""


@pytest.mark.parametrize(
    ("more", "target"),
    [
        ("X: {Type: AWS::AutoScaling::AutoScalingGroup, Properties: {TargetGroupARNs: [!Ref Group]}}", "Lb:80"),
        (
            "X: {Type: AWS::EC2::RouteServerPropagation, Properties: {RouteTableId: !Ref Table, RouteServerId: s}}",
            "192.0.2.50",
        ),
    ],
)
def test_what_acts_on_the_network_and_is_left_out_leaves_a_doubt(more: str, target: str, tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(NETWORK)
    before = vpcsim.load(tmp_path).trace("Client", target)
    (tmp_path / "template.yaml").write_text(f"{NETWORK}  {more}\n")
    after = vpcsim.load(tmp_path).trace("Client", target)
    assert (before.verdict, after.verdict) in (("blocked", "undecided"), ("reachable", "undecided")), str(after)
    assert "X (AWS::" in after.because


def test_acting_types_have_a_reason() -> None:
    assert set(ACTING) <= set(REASONS)


LAUNCH = """
Resources:
  myVPC: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  mySubnet: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref myVPC, CidrBlock: 10.0.0.0/24}}
  Group: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: x, VpcId: !Ref myVPC}}
  Start:
    Type: AWS::EC2::LaunchTemplate
    Properties: {LaunchTemplateData: {NetworkInterfaces: [{DeviceIndex: 0, SubnetId: !Ref mySubnet, Groups: [!Ref Group]}]}}
  App: {Type: AWS::EC2::Instance, Properties: {LaunchTemplate: {LaunchTemplateId: !Ref Start, Version: "1"}}}
  Elsewhere: {Type: AWS::EC2::Instance, Properties: {LaunchTemplate: {LaunchTemplateId: lt-0123456789abcdef0, Version: "1"}}}
"""


def test_an_instance_takes_its_interfaces_from_its_launch_template(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(LAUNCH)
    net = vpcsim.load(tmp_path)
    assert net.index.subnet_of["App/mySubnet"] == "mySubnet"
    assert net.index.groups_of["App/mySubnet"] == ("Group",)
    answer = net.trace("App", "Elsewhere")
    assert (answer.verdict, answer.at) == ("undecided", "Elsewhere")
    assert "the launch template `lt-0123456789abcdef0` is not in this template" in answer.because


def test_a_block_from_a_pool_is_not_known(tmp_path: Path) -> None:
    more = "Drawn: {Type: AWS::EC2::VPC, Properties: {Ipv4IpamPoolId: ipam-pool-0123456789abcdef0, Ipv4NetmaskLength: 20}}"
    (tmp_path / "template.yaml").write_text(f"{NETWORK}  {more}\n")
    skipped = {s.id: s.reason for s in vpcsim.load(tmp_path).topology.settings.skipped}
    assert skipped["Drawn"] == "needs a value that is not known: AWS draws the block from an IPAM pool"


if __name__ == "__main__" and "--write" in sys.argv:
    before, _, rest = PAGE.read_text().partition(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}{tables()}{END}{rest.partition(END)[2]}")
