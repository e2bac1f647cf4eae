"""SAM templates, through AWS's own translator.

https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-function.html
"""

from __future__ import annotations

from pathlib import Path

import pytest

import vpcsim
from vpcsim.errors import InputError

pytest.importorskip("samtranslator", reason="needs the extra `sam`")

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Parameters: {Stage: {Type: String}}
Globals:
  Function:
    Runtime: python3.13
    VpcConfig: {SubnetIds: [!Ref mySubnet], SecurityGroupIds: [!Ref Group]}
Resources:
  myVPC: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  mySubnet:
    Type: AWS::EC2::Subnet
    Properties: {VpcId: !Ref myVPC, CidrBlock: 10.0.0.0/24}
  Group: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: x, VpcId: !Ref myVPC}}
  Hello:
    Type: AWS::Serverless::Function
    Properties:
      Handler: index.handler
      InlineCode: "def handler(event, context): pass"
      Policies: [{SQSSendMessagePolicy: {QueueName: !GetAtt Jobs.QueueName}}]
      Events: {Api: {Type: Api, Properties: {Path: /, Method: get}}}
  Outside:
    Type: AWS::Serverless::Function
    Properties: {Handler: i.h, InlineCode: x, VpcConfig: {SubnetIds: [], SecurityGroupIds: []}}
  Jobs: {Type: AWS::SQS::Queue}
  Shared:
    Type: AWS::Serverless::Application
    Properties: {Location: {ApplicationId: "arn:aws:serverlessrepo:us-east-1:123456789012:applications/x", SemanticVersion: 1.0}}
"""


def load(tmp_path: Path, text: str = TEMPLATE) -> vpcsim.Network:
    (tmp_path / "template.yaml").write_text(text)
    return vpcsim.load(tmp_path)


def test_a_function_of_sam_is_one_of_lambda(tmp_path: Path) -> None:
    net = load(tmp_path)
    assert {f.id for f in net.topology.of_kind("lambda_function")} == {"Hello", "Outside"}
    assert net.trace("Hello", "https://sqs.us-east-1.amazonaws.com").at == "myVPC/main-route-table"
    assert net.topology.resources["HelloRole"].kind == "role"


def test_places_of_the_source_are_kept(tmp_path: Path) -> None:
    resources = load(tmp_path).topology.resources
    places = {id: (o.line, o.column) for id in ("Hello", "HelloRole", "mySubnet") if (o := resources[id].origin)}
    assert places == {"Hello": (14, 3), "HelloRole": (14, 3), "mySubnet": (10, 3)}
    with pytest.raises(InputError, match=r"template\.yaml:10:3: mySubnet: CidrBlock: `10\.0\.0\.0/240` is not a CIDR block"):
        load(tmp_path, TEMPLATE.replace("10.0.0.0/24", "10.0.0.0/240"))
    with pytest.raises(InputError, match=r"template\.yaml:12:25: no parameter or resource `yourVPC`, did you mean `myVPC`"):
        load(tmp_path, TEMPLATE.replace("VpcId: !Ref myVPC, CidrBlock", "VpcId: !Ref yourVPC, CidrBlock"))


def test_applications_of_the_repository_are_not_looked_up(tmp_path: Path) -> None:
    skipped = {s.id: s.type for s in load(tmp_path).topology.settings.skipped}
    assert skipped["Shared"] == "AWS::Serverless::Application"
    assert skipped["HelloApiPermissionProd"] == "AWS::Lambda::Permission"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("Handler: index", "Handlr: index", r":14:3: resource with id \[Hello\] is invalid\. property Handlr not defined"),
        ("  Function:\n    Runtime", "  Functoin:\n    Runtime", r":2:1: 'Globals' section is invalid"),
        ("Type: AWS::Serverless::Function", "Type: [AWS]", "template.yaml"),
    ],
)
def test_what_sam_does_not_accept(old: str, new: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=said):
        load(tmp_path, TEMPLATE.replace(old, new, 1))
