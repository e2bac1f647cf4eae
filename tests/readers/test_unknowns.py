"""What a template needs and does not hold: answers that depend on it are undecided, and no other answer changes.

AWS gives ids at deployment, so that an id from outside is not one of the template's own resources:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resources-section-structure.html.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

import vpcsim
from vpcsim.calling import call
from vpcsim.errors import InputError

NETWORK = """
Parameters:
  Unknown: {Type: String}
Conditions:
  Maybe: !Equals [!Ref Unknown, "yes"]
Resources:
  myVPC: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16, EnableDnsHostnames: true}}
  mySubnet: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref myVPC, CidrBlock: 10.0.0.0/24}}
  farSubnet: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref myVPC, CidrBlock: 10.0.1.0/24}}
  Client: {Type: AWS::EC2::Instance, Properties: {SubnetId: !Ref mySubnet}}
  Near: {Type: AWS::EC2::Instance, Properties: {SubnetId: !Ref mySubnet}}
  Far: {Type: AWS::EC2::Instance, Properties: {SubnetId: !Ref farSubnet}}
  Group: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: servers, VpcId: !Ref myVPC,
    SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 10.0.0.0/16}]}}
  Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref myVPC}}
  Association: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {SubnetId: !Ref mySubnet, RouteTableId: !Ref Table}}
  Gateway: {Type: AWS::EC2::InternetGateway}
  Attachment: {Type: AWS::EC2::VPCGatewayAttachment, Properties: {VpcId: !Ref myVPC, InternetGatewayId: !Ref Gateway}}
"""
SQS, SNS = "https://sqs.us-east-1.amazonaws.com", "https://sns.us-east-1.amazonaws.com"
INTERFACE = "Type: AWS::EC2::VPCEndpoint, Properties: {VpcEndpointType: Interface, VpcId: !Ref myVPC"
SERVER = "{Type: AWS::EC2::Instance, Properties: {SubnetId: !Ref mySubnet, SecurityGroupIds: [!Ref Group]"


class Row(NamedTuple):
    """Resources beside the network, and what becomes of questions from Client."""

    id: str
    more: str
    undecided: tuple[str, ...]
    reachable: tuple[str, ...] = ()
    blocked: tuple[str, ...] = ()


ROWS = [
    Row("route target", "R: {Type: AWS::EC2::Route, Properties: {RouteTableId: !Ref Table, DestinationCidrBlock: 0.0.0.0/0,"
        " NatGatewayId: !ImportValue nat}}", ("192.0.2.50", SNS), ("Near", "Far")),
    Row("route destination", "R: {Type: AWS::EC2::Route, Properties: {RouteTableId: !Ref Table,"
        " DestinationCidrBlock: !Ref Unknown, GatewayId: !Ref Gateway}}", ("192.0.2.50", "Far"), ("Near",)),
    Row("route in a table elsewhere", "R: {Type: AWS::EC2::Route, Properties: {RouteTableId: !ImportValue table,"
        " DestinationCidrBlock: 0.0.0.0/0, GatewayId: !Ref Gateway}}", (), ("Far",), ("192.0.2.50",)),
    Row("table of a subnet", "A: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {SubnetId: !Ref farSubnet,"
        " RouteTableId: !ImportValue table}}", ("Far",), ("Near",)),
    Row("inbound rule", "Server: " + SERVER + "}}\n  I: {Type: AWS::EC2::SecurityGroupIngress, Properties: {GroupId: !Ref Group,"
        " IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: !Ref Unknown}}", ("Server:22",), ("Server:443", "Near"),
        ("Server:23",)),
    Row("outbound rule", "Server: " + SERVER + "}}\n  E: {Type: AWS::EC2::SecurityGroupEgress, Properties: {GroupId: !Ref Group,"
        " IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: !Ref Unknown}}", (), ("Server", "Near")),
    Row("group of an instance", "Server: {Type: AWS::EC2::Instance, Properties: {SubnetId: !Ref mySubnet,"
        " SecurityGroupIds: [!ImportValue group]}}", ("Server",), ("Near",)),
    Row("key pair", "Server: " + SERVER + ", KeyName: !Ref Unknown}}", (), ("Server:443",), ("Server:22",)),
    Row("subnet of an instance", "Server: {Type: AWS::EC2::Instance, Properties: {SubnetId: !Ref Unknown}}",
        ("Server", "Server:22"), ("Near",)),
    Row("block of a subnet", "lost: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref myVPC, CidrBlock: !Ref Unknown}}\n"
        "  Server: {Type: AWS::EC2::Instance, Properties: {SubnetId: !Ref lost}}", ("Server",), ("Near", "Far")),
    Row("attribute that nobody knows", "Server: {Type: AWS::EC2::Instance, Properties: {SubnetId: !GetAtt Maker.SubnetId}}\n"
        "  Maker: {Type: Custom::Maker, Properties: {ServiceToken: x}}", ("Server",), ("Near",)),
    Row("what a custom resource stands for", "Server: {Type: AWS::EC2::Instance, Properties: {SubnetId: !Ref Maker}}\n"
        "  Maker: {Type: Custom::Maker, Properties: {ServiceToken: x}}", ("Server",), ("Near",)),
    Row("private DNS", "Ep: {" + INTERFACE + ", SubnetIds: [!Ref mySubnet], ServiceName: com.amazonaws.us-east-1.sqs,"
        " PrivateDnsEnabled: !Ref Unknown}}", (SQS,), ("Near",), (SNS,)),
    Row("subnets of an endpoint", "Ep: {" + INTERFACE + ", SubnetIds: [!Ref Unknown], ServiceName: com.amazonaws.us-east-1.sqs,"
        " PrivateDnsEnabled: true}}", (SQS,), ("Near",), (SNS,)),
    Row("service of an endpoint", "Ep: {" + INTERFACE + ", SubnetIds: [!Ref mySubnet], ServiceName: !Ref Unknown,"
        " PrivateDnsEnabled: true}}", (SQS, SNS), ("Near",)),
    Row("tables of a gateway endpoint", "Ep: {Type: AWS::EC2::VPCEndpoint, Properties: {VpcId: !Ref myVPC,"
        " ServiceName: !Ref Unknown, RouteTableIds: [!Ref Table]}}", ("https://s3.us-east-1.amazonaws.com", "Far"), ("Near",)),
    Row("network ACL entry", "Acl: {Type: AWS::EC2::NetworkAcl, Properties: {VpcId: !Ref myVPC}}\n"
        "  In: {Type: AWS::EC2::NetworkAclEntry, Properties: {NetworkAclId: !Ref Acl, RuleNumber: 1, Protocol: -1, "
        " RuleAction: allow, CidrBlock: !Ref Unknown}}\n"
        "  Out: {Type: AWS::EC2::NetworkAclEntry, Properties: {NetworkAclId: !Ref Acl, RuleNumber: 1, Protocol: -1, Egress: true,"
        " RuleAction: allow, CidrBlock: 0.0.0.0/0}}\n"
        "  Of: {Type: AWS::EC2::SubnetNetworkAclAssociation, Properties: {SubnetId: !Ref farSubnet,"
        " NetworkAclId: !Ref Acl}}", ("Far",), ("Near",)),
    Row("record", "Zone: {Type: AWS::Route53::HostedZone, Properties: {Name: corp.example, VPCs: [{VPCId: !Ref myVPC,"
        " VPCRegion: us-east-1}]}}\n  Rec: {Type: AWS::Route53::RecordSet, Properties: {HostedZoneId: !Ref Zone, "
        " Name: db.corp.example, Type: A, TTL: 60, ResourceRecords: [!Ref Unknown]}}", ("db.corp.example",), ("Near",), (SNS,)),
    Row("condition of a route", "R: {Type: AWS::EC2::Route, Condition: Maybe, Properties: {RouteTableId: !Ref Table,"
        " DestinationCidrBlock: 0.0.0.0/0, GatewayId: !Ref Gateway}}", ("192.0.2.50",), ("Near", "Far")),
    Row("condition of an endpoint", "Ep: {Condition: Maybe, " + INTERFACE + ", SubnetIds: [!Ref mySubnet],"
        " ServiceName: com.amazonaws.us-east-1.sqs, PrivateDnsEnabled: true}}", (SQS,), ("Near",), (SNS,)),
    Row("choice by a condition", "Server: {Type: AWS::EC2::Instance, Properties: {SubnetId:"
        " !If [Maybe, !Ref mySubnet, !Ref farSubnet]}}",
        ("Server",), ("Near",)),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_what_depends_on_an_open_value_is_undecided(row: Row, tmp_path: Path) -> None:
    file = tmp_path / "template.yaml"
    file.write_text(f"{NETWORK}  {row.more}\n")
    net = vpcsim.load(file)
    for verdict, targets in (("undecided", row.undecided), ("reachable", row.reachable), ("blocked", row.blocked)):
        for target in targets:
            answer = net.trace("Client", target)
            assert answer.verdict == verdict, f"{target}: {answer}"


def test_the_answer_says_what_to_give(tmp_path: Path) -> None:
    file = tmp_path / "template.yaml"
    file.write_text(f"{NETWORK}  {ROWS[8].more}\n")
    answer = vpcsim.load(file).trace("Client", "Server:22")
    assert (answer.at, answer.codes) == ("Server", ("VPCSIM_UNKNOWN_VALUE",))
    assert "give one with `--param Unknown=VALUE`" in answer.because
    given = vpcsim.load(file, parameters={"Unknown": "mySubnet"})
    assert given.trace("Client", "Server:22").verdict == "reachable"


def test_a_rule_of_aws_that_cannot_be_judged_is_not_broken(tmp_path: Path) -> None:
    more = "R: {Type: AWS::EC2::Route, Properties: {RouteTableId: !Ref Table, DestinationCidrBlock: !Ref Unknown}}"
    (tmp_path / "template.yaml").write_text(f"{NETWORK}  {more}\n")
    assert vpcsim.load(tmp_path).trace("Client", "192.0.2.50").verdict == "undecided"


@pytest.mark.parametrize(
    ("policy", "verdict"),
    [("sqs:SendMessage", "reachable"), ("!Ref Unknown", "undecided"), ("sqs:ReceiveMessage", "blocked")],
)
def test_a_call_that_depends_on_an_open_policy_is_undecided(policy: str, verdict: str, tmp_path: Path) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html"""
    more = f"""
  Role: {{Type: AWS::IAM::Role, Properties: {{AssumeRolePolicyDocument: {{}}, Policies: [{{PolicyName: p, PolicyDocument:
    {{Version: "2012-10-17", Statement: [{{Effect: Allow, Action: [{policy}], Resource: "*"}}]}}}}]}}}}
  Profile: {{Type: AWS::IAM::InstanceProfile, Properties: {{Roles: [!Ref Role]}}}}
  Sender: {{Type: AWS::EC2::Instance, Properties: {{SubnetId: !Ref mySubnet, IamInstanceProfile: !Ref Profile}}}}
  Ep: {{{INTERFACE}, SubnetIds: [!Ref mySubnet], SecurityGroupIds: [!Ref Group],
    ServiceName: com.amazonaws.us-east-1.sqs, PrivateDnsEnabled: true}}}}
"""
    (tmp_path / "template.yaml").write_text(NETWORK + more)
    assert call(vpcsim.load(tmp_path), "Sender", "sqs:SendMessage").verdict == verdict


def test_a_template_without_a_network_says_so(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text("Resources: {Topic: {Type: AWS::Logs::LogGroup}}\n")
    net = vpcsim.load(tmp_path)
    assert [notice.message for notice in net.notices] == ["the template describes no part of a network"]


def test_a_reference_to_something_undeclared_is_an_error(tmp_path: Path) -> None:
    more = "Server: {Type: AWS::EC2::Instance, Properties: {SubnetId: subnetX}}"
    (tmp_path / "template.yaml").write_text(f"{NETWORK}  {more}\n")
    with pytest.raises(InputError, match="`subnetX`"):
        vpcsim.load(tmp_path)


# ids that AWS gave, of something that no input holds


@pytest.mark.parametrize(
    ("more", "target", "verdict", "at"),
    [
        ("S: {Type: AWS::EC2::Instance, Properties: {SubnetId: subnet-0123456789abcdef0}}", "S", "undecided", "S"),
        ("S: {Type: AWS::EC2::Instance, Properties: {NetworkInterfaces: [{DeviceIndex: 0, SubnetId: subnet-01234567}]}}", "S",
         "undecided", "S"),
        ("sub: {Type: AWS::EC2::Subnet, Properties: {VpcId: vpc-01234567, CidrBlock: 10.9.0.0/24}}\n"
         "  S: {Type: AWS::EC2::Instance, Properties: {SubnetId: !Ref sub}}", "S:443", "undecided", "S"),
        ("S: {Type: AWS::EC2::Instance, Properties: {SubnetId: !Ref mySubnet, SecurityGroupIds: [sg-01234567]}}", "S",
         "undecided", "S"),
        ("S: {Type: AWS::EC2::Instance, Properties: {SubnetId: subnet-0123456789abcdef0}}", "Near", "reachable", ""),
        ("sub: {Type: AWS::EC2::Subnet, Properties: {VpcId: vpc-01234567, CidrBlock: 10.9.0.0/24}}\n"
         "  A: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {SubnetId: subnet-01234567, RouteTableId: !Ref Table}}",
         "Near", "reachable", ""),
    ],
)  # fmt: skip
def test_what_is_named_and_not_there(more: str, target: str, verdict: str, at: str, tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(f"{NETWORK}  {more}\n")
    answer = vpcsim.load(tmp_path).trace("Client", target)
    assert (answer.verdict, answer.at if at else "") == (verdict, at), str(answer)


def test_another_input_may_hold_it(tmp_path: Path) -> None:
    more = "S: {Type: AWS::EC2::Instance, Properties: {SubnetId: subnet-01234567}}"
    (tmp_path / "template.yaml").write_text(f"{NETWORK}  {more}\n")
    change = "subnets: {subnet-01234567: {vpc: myVPC, cidr: 10.0.7.0/24}}\ninstances: {S: {subnet: subnet-01234567}}\n"
    (tmp_path / "more.yaml").write_text(change)
    net = vpcsim.load(tmp_path / "template.yaml", tmp_path / "more.yaml")
    assert net.trace("Client", "S").verdict == "reachable"
