"""Types of the provider that no class takes and that act on others: what they are in CloudFormation, and by which properties.

Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs
"""

from __future__ import annotations

from typing import NamedTuple

from vpcsim.readers.other_types import REASONS

SCALING = "AWS::AutoScaling::AutoScalingGroup"


class Other(NamedTuple):
    """The type of CloudFormation that says the same, and the properties that name what it changes."""

    type: str
    acts_by: tuple[str, ...] = ()

    @property
    def reason(self) -> str:
        return REASONS.get(self.type, NOT_MODELLED)


NOT_MODELLED = "not modelled"
OTHERS = {
    "aws_autoscaling_attachment": Other(SCALING, ("LbTargetGroupArn", "AlbTargetGroupArn", "Elb")),
    "aws_autoscaling_group": Other(SCALING, ("TargetGroupArns", "LoadBalancers")),
    "aws_autoscaling_traffic_source_attachment": Other(SCALING, ("TrafficSource",)),
    "aws_ec2_fleet": Other("AWS::EC2::EC2Fleet"),
    "aws_ec2_transit_gateway_connect": Other("AWS::EC2::TransitGatewayConnect", ("TransportAttachmentId",)),
    "aws_ec2_transit_gateway_policy_table_association": Other(
        "AWS::EC2::TransitGatewayPolicyTableAssociation", ("TransitGatewayAttachmentId",)
    ),
    "aws_ecs_cluster": Other("AWS::ECS::Cluster"),
    "aws_ecs_task_set": Other("AWS::ECS::TaskSet", ("LoadBalancer",)),
    "aws_eks_addon": Other("AWS::EKS::Addon"),
    "aws_eks_fargate_profile": Other("AWS::EKS::FargateProfile"),
    "aws_flow_log": Other("AWS::EC2::FlowLog"),
    "aws_iam_group": Other("AWS::IAM::Group"),
    "aws_iam_user": Other("AWS::IAM::User"),
    "aws_key_pair": Other("AWS::EC2::KeyPair"),
    "aws_lambda_permission": Other("AWS::Lambda::Permission"),
    "aws_launch_configuration": Other("AWS::AutoScaling::LaunchConfiguration"),
    "aws_placement_group": Other("AWS::EC2::PlacementGroup"),
    "aws_spot_fleet_request": Other("AWS::EC2::SpotFleet"),
    "aws_vpc_ipam": Other("AWS::EC2::IPAM"),
    "aws_vpc_ipam_pool": Other("AWS::EC2::IPAMPool"),
    "aws_vpc_security_group_vpc_association": Other("AWS::EC2::SecurityGroupVpcAssociation", ("SecurityGroupId",)),
}
