"""Roles of functions, tasks and nodes, keys, and the policies of accounts and organizations, as templates write them."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import pytest

import vpcsim
from vpcsim import Network
from vpcsim.account import Key, OrganizationPolicy, Role
from vpcsim.calling.signing import role_named, signer_of

CFN = "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/"
TEMPLATE = """
Resources:
  V: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16, EnableDnsHostnames: true}}
  A: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref V, CidrBlock: 10.0.0.0/24, AvailabilityZone: us-east-1a}}
  B: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref V, CidrBlock: 10.0.1.0/24, AvailabilityZone: us-east-1b}}
  G:
    Type: AWS::EC2::SecurityGroup
    Properties: {VpcId: !Ref V, GroupDescription: g, SecurityGroupIngress: [{IpProtocol: "-1", CidrIp: 10.0.0.0/16}]}
  SQS:
    Type: AWS::EC2::VPCEndpoint
    Properties:
      VpcId: !Ref V
      VpcEndpointType: Interface
      ServiceName: !Sub com.amazonaws.${AWS::Region}.sqs
      SubnetIds: [!Ref A]
      SecurityGroupIds: [!Ref G]
      PrivateDnsEnabled: true
  FnRole:
    Type: AWS::IAM::Role
    Properties:
      Path: /team/
      Policies:
        - PolicyName: send
          PolicyDocument: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "sqs:*", Resource: !GetAtt Jobs.Arn}]}
  Fn:
    Type: AWS::Lambda::Function
    Properties: {Role: !GetAtt FnRole.Arn, VpcConfig: {SubnetIds: [!Ref A], SecurityGroupIds: [!Ref G]}}
  TaskRole: {Type: AWS::IAM::Role, Properties: {ManagedPolicyArns: [!Ref Send], PermissionsBoundary: !Ref Limit}}
  Execution:
    Type: AWS::IAM::Role
    Properties: {ManagedPolicyArns: ["arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"]}
  Send:
    Type: AWS::IAM::ManagedPolicy
    Properties: {PolicyDocument: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "*", Resource: "*"}]}}
  Limit:
    Type: AWS::IAM::ManagedPolicy
    Properties: {PolicyDocument: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "sqs:*", Resource: "*"}]}}
  Extra:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      Roles: [!Ref NodeRole]
      PolicyDocument: {Version: "2012-10-17", Statement: [{Effect: Allow, Action: "sqs:*", Resource: "*"}]}
  Task: {Type: AWS::ECS::TaskDefinition, Properties: {TaskRoleArn: !GetAtt TaskRole.Arn, ExecutionRoleArn: !GetAtt Execution.Arn}}
  Service:
    Type: AWS::ECS::Service
    Properties:
      TaskDefinition: !Ref Task
      NetworkConfiguration: {AwsvpcConfiguration: {Subnets: [!Ref A], SecurityGroups: [!Ref G]}}
  Cluster: {Type: AWS::EKS::Cluster, Properties: {ResourcesVpcConfig: {SubnetIds: [!Ref A, !Ref B]}}}
  NodeRole: {Type: AWS::IAM::Role, Properties: {}}
  Nodes: {Type: AWS::EKS::Nodegroup, Properties: {ClusterName: !Ref Cluster, NodeRole: !GetAtt NodeRole.Arn, Subnets: [!Ref A]}}
  K:
    Type: AWS::KMS::Key
    Properties:
      KeyPolicy:
        Version: "2012-10-17"
        Statement: [{Effect: Allow, Principal: {AWS: !Sub "arn:aws:iam::${AWS::AccountId}:root"}, Action: "kms:*", Resource: "*"}]
  Alias: {Type: AWS::KMS::Alias, Properties: {AliasName: alias/jobs, TargetKeyId: !Ref K}}
  Jobs: {Type: AWS::SQS::Queue, Properties: {QueueName: jobs}}
  Sealed: {Type: AWS::SQS::Queue, Properties: {QueueName: sealed, KmsMasterKeyId: !Ref Alias}}
"""
SCP = """
  NoSending:
    Type: AWS::Organizations::Policy
    Properties:
      Name: no-sending
      Type: SERVICE_CONTROL_POLICY
      TargetIds: [%s]
      Content: {Version: "2012-10-17", Statement: [{Effect: Deny, Action: "sqs:SendMessage", Resource: "*"}]}
"""
ORGANIZATION = """
  Org: {Type: AWS::Organizations::Organization, Properties: {FeatureSet: ALL}}
"""


def loaded(folder: Path, more: str = "") -> Network:
    path = folder / "template.yaml"
    path.write_text(textwrap.dedent(TEMPLATE) + more)
    return vpcsim.load(str(path))


SENDERS = [
    ("Fn", "jobs", "reachable", f"{CFN}aws-resource-lambda-function.html"),
    ("Fn", "sealed", "blocked", f"{CFN}aws-resource-lambda-function.html"),
    ("Service", "jobs", "reachable", f"{CFN}aws-resource-ecs-taskdefinition.html"),
    ("Service", "sealed", "blocked", f"{CFN}aws-properties-iam-role.html"),
    ("Nodes", "jobs", "reachable", f"{CFN}aws-resource-eks-nodegroup.html"),
]


@pytest.mark.parametrize(("source", "queue", "verdict", "page"), SENDERS)
def test_who_signs(source: str, queue: str, verdict: str, page: str, tmp_path: Path) -> None:
    answer = loaded(tmp_path).call(source, "sqs:SendMessage", queue)
    assert (answer.verdict, answer.layer) == (verdict, "policy"), (page, answer.because)


def test_a_boundary_of_sqs_does_not_let_the_key_be_used(tmp_path: Path) -> None:
    answer = loaded(tmp_path).call("Service", "sqs:SendMessage", "sealed")
    assert answer.because == "kms:GenerateDataKey: no statement of the permissions boundary allows kms:GenerateDataKey"


def test_the_execution_role_is_not_the_task_s(tmp_path: Path) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html"""
    net = loaded(tmp_path)
    roles = {purpose: signer_of(net, "Service", purpose).role for purpose in ("calls", "execution")}
    assert {purpose: role.id if role else "" for purpose, role in roles.items()} == {
        "calls": "TaskRole",
        "execution": "Execution",
    }


def test_arns(tmp_path: Path) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html"""
    net = loaded(tmp_path)
    role = net.topology.need(Role, "FnRole")
    assert role.arn("us-east-1", "123456789012") == "arn:aws:iam::123456789012:role/team/FnRole"
    assert role.arn("cn-north-1", "123456789012") == "arn:aws-cn:iam::123456789012:role/team/FnRole"
    assert role.session_arn("us-east-1", "123456789012", "s") == "arn:aws:sts::123456789012:assumed-role/FnRole/s"
    assert role_named(net, "arn:aws:iam::123456789012:role/team/FnRole") == role
    key = net.topology.need(Key, "K")
    assert (key.aliases, key.arn("us-east-1", "1")) == (("alias/jobs",), "arn:aws:kms:us-east-1:1:key/K")


TARGETS = [("r-abcd", "blocked"), ("'123456789012'", "blocked"), ("'444455556666'", "reachable"), ("ou-abcd-1", "undecided")]


@pytest.mark.parametrize(("target", "verdict"), TARGETS)
def test_a_service_control_policy(target: str, verdict: str, tmp_path: Path) -> None:
    """A template does not tell whether the account that it is for is in a unit.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-organizations-policy.html
    """
    net = loaded(tmp_path, SCP % target)
    assert [policy.id for policy in net.topology.of(OrganizationPolicy)] == ["NoSending"]
    assert net.call("Fn", "sqs:SendMessage", "jobs").verdict == verdict


def test_who_makes_an_organization_is_not_limited_by_its_policies(tmp_path: Path) -> None:
    """https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html"""
    net = loaded(tmp_path, ORGANIZATION + SCP % "!GetAtt Org.RootId")
    assert net.call("Fn", "sqs:SendMessage", "jobs").reachable


def test_without_a_task_definition_nobody_knows_the_role(tmp_path: Path) -> None:
    path = tmp_path / "template.yaml"
    path.write_text(textwrap.dedent(TEMPLATE).replace("      TaskDefinition: !Ref Task\n", ""))
    answer = vpcsim.load(str(path)).call("Service", "sqs:SendMessage", "jobs")
    assert (answer.verdict, answer.layer) == ("undecided", "policy")


NATIVE = """
vpcs: {v: 10.0.0.0/16}
subnets: {a: 10.0.0.0/24}
instances: {i: {subnet: a}}
%s
"""
WRONG: list[tuple[str, str]] = [
    ("roles: {r: {permissions_boundry: x}}", "did you mean `permissions_boundary`?"),
    ("managed_policies: {p: {}}", "`PolicyDocument` is missing"),
    ("organization_policies: {p: {type: scp}}", "`Content` is missing"),
    ("organization_policies: {p: {type: spc, content: {}}}", "`spc` is not a type of policy: scp, rcp"),
]


@pytest.mark.parametrize(("text", "told"), WRONG)
def test_a_mistake_is_told(text: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "network.yaml"
    path.write_text(NATIVE % text)
    with pytest.raises(vpcsim.InputError) as caught:
        vpcsim.load(str(path))
    assert told in str(caught.value)
    assert f"{path}:" in str(caught.value)


def test_other_types_of_organization_policies_limit_nothing(tmp_path: Path) -> None:
    """https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_tag-policies.html"""
    tags: Any = (SCP % "'123456789012'").replace("SERVICE_CONTROL_POLICY", "TAG_POLICY")
    assert loaded(tmp_path, tags).call("Fn", "sqs:SendMessage", "jobs").reachable
