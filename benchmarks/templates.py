"""A CloudFormation template of 500 resources: reading, evaluating and compiling it, beyond what one resource takes."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from statistics import median

RESOURCES, ROUNDS, LIMIT = 500, 5, 1.0
HEAD = """Parameters: {Env: {Type: String, Default: prod}}
Conditions: {Prod: !Equals [!Ref Env, prod]}
Resources:
  myVPC: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16, EnableDnsHostnames: true}}
"""


def template() -> str:
    """Subnets with a route table, a group with rules and two instances each, written with the usual functions."""
    lines, count, number = [HEAD], 1, 0
    while count < RESOURCES:
        cidr = f"!Select [{number}, !Cidr [!GetAtt myVPC.CidrBlock, 200, 8]]"
        lines.append(f"""
  S{number}:
    Type: AWS::EC2::Subnet
    Properties: {{VpcId: !Ref myVPC, CidrBlock: {cidr}, Tags: [{{Key: Name, Value: !Sub "${{Env}}-{number}"}}]}}
  T{number}: {{Type: AWS::EC2::RouteTable, Properties: {{VpcId: !Ref myVPC}}}}
  A{number}:
    Type: AWS::EC2::SubnetRouteTableAssociation
    Properties: {{SubnetId: !Ref S{number}, RouteTableId: !Ref T{number}}}
  G{number}:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: !Sub "${{AWS::StackName}}"
      VpcId: !Ref myVPC
      SecurityGroupIngress: [{{IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: !GetAtt S{number}.CidrBlock}}]
  I{number}a:
    Type: AWS::EC2::Instance
    Condition: Prod
    Properties: {{SubnetId: !Ref S{number}, SecurityGroupIds: [!Ref G{number}]}}
  I{number}b:
    Type: AWS::EC2::Instance
    Properties: {{SubnetId: !Ref S{number}, SecurityGroupIds: [!If [Prod, !Ref G{number}, !Ref G0]]}}
""")
        count, number = count + 6, number + 1
    return "".join(lines)


def run() -> Iterator[str]:
    """Medians in seconds of loading a template, without the start of the process."""
    small, large = _seconds(HEAD), _seconds(template())
    yield f"one resource    {small:.3f} s"
    yield f"{RESOURCES} resources   {large:.3f} s, {large - small:.3f} s more  (wanted: at most {LIMIT:.0f} s)"


def _seconds(text: str) -> float:
    from vpcsim import load

    taken = []
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "template.yaml")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        for _ in range(ROUNDS + 1):
            started = time.perf_counter()
            load(path)
            taken.append(time.perf_counter() - started)
    return median(taken[1:])
