"""The resolver's parts as CloudFormation spells them.

Sources: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/AWS_Route53Resolver.html,
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/AWS_Route53Profiles.html,
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-dhcpoptions.html.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import vpcsim
from vpcsim.names.query_log_config import logged_by
from vpcsim.resolution import resolver_setting

TEMPLATE = """
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16, EnableDnsSupport: true, EnableDnsHostnames: true}}
  Shared: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.9.0.0/16, EnableDnsSupport: true, EnableDnsHostnames: true}}
  NetA: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.1.0/24, AvailabilityZone: us-east-1a}}
  NetB:
    Type: AWS::EC2::Subnet
    Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.2.0/24, AvailabilityZone: us-east-1b, EnableDns64: true}
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      VpcId: !Ref Vpc
      GroupDescription: DNS
      SecurityGroupIngress: [{IpProtocol: udp, FromPort: 53, ToPort: 53, CidrIp: 10.0.0.0/16}]
  App: {Type: AWS::EC2::Instance, Properties: {SubnetId: !Ref NetA, PrivateIpAddress: 10.0.1.10}}
  Outbound:
    Type: AWS::Route53Resolver::ResolverEndpoint
    Properties:
      Direction: OUTBOUND
      IpAddresses: [{SubnetId: !Ref NetA}, {SubnetId: !Ref NetB, Ip: 10.0.2.63}]
      SecurityGroupIds: [!Ref Group]
  Inbound:
    Type: AWS::Route53Resolver::ResolverEndpoint
    Properties:
      Direction: INBOUND
      Protocols: [Do53]
      IpAddresses: [{SubnetId: !Ref NetA, Ip: 10.0.1.53}, {SubnetId: !Ref NetB}]
      SecurityGroupIds: [!GetAtt Group.GroupId]
  Rule:
    Type: AWS::Route53Resolver::ResolverRule
    Properties:
      DomainName: loop.example.
      RuleType: FORWARD
      ResolverEndpointId: !GetAtt Outbound.ResolverEndpointId
      TargetIps: [{Ip: 10.0.1.53, Port: '53'}]
  RuleAssociation:
    Type: AWS::Route53Resolver::ResolverRuleAssociation
    Properties: {ResolverRuleId: !GetAtt Rule.ResolverRuleId, VPCId: !Ref Vpc}
  System: {Type: AWS::Route53Resolver::ResolverRule, Properties: {DomainName: sys.loop.example, RuleType: SYSTEM}}
  Config: {Type: AWS::Route53Resolver::ResolverConfig, Properties: {ResourceId: !Ref Vpc, AutodefinedReverseFlag: DISABLE}}
  Dnssec: {Type: AWS::Route53Resolver::ResolverDNSSECConfig, Properties: {ResourceId: !Ref Vpc}}
  Log:
    Type: AWS::Route53Resolver::ResolverQueryLoggingConfig
    Properties: {Name: all, DestinationArn: 'arn:aws:s3:::my-logs'}
  LogAssociation:
    Type: AWS::Route53Resolver::ResolverQueryLoggingConfigAssociation
    Properties: {ResolverQueryLogConfigId: !GetAtt Log.Id, ResourceId: !Ref Vpc}
  List: {Type: AWS::Route53Resolver::FirewallDomainList, Properties: {Domains: ['*.bad.example.']}}
  Firewall:
    Type: AWS::Route53Resolver::FirewallRuleGroup
    Properties:
      FirewallRules:
        - {Action: BLOCK, BlockResponse: NXDOMAIN, FirewallDomainListId: !Ref List, Priority: 100}
        - Action: BLOCK
          BlockResponse: OVERRIDE
          BlockOverrideDnsType: CNAME
          BlockOverrideDomain: app.shared.example
          BlockOverrideTtl: 5
          FirewallDomainListId: !GetAtt More.Id
          Priority: 200
  More: {Type: AWS::Route53Resolver::FirewallDomainList, Properties: {Domains: [sink.example]}}
  FirewallAssociation:
    Type: AWS::Route53Resolver::FirewallRuleGroupAssociation
    Properties: {FirewallRuleGroupId: !Ref Firewall, VpcId: !Ref Vpc, Priority: 101}
  Zone:
    Type: AWS::Route53::HostedZone
    Properties: {Name: shared.example, VPCs: [{VPCId: !Ref Shared, VPCRegion: us-east-1}]}
  Record:
    Type: AWS::Route53::RecordSet
    Properties: {HostedZoneId: !Ref Zone, Name: app.shared.example, Type: A, TTL: '60', ResourceRecords: [10.0.1.80]}
  Profile: {Type: AWS::Route53Profiles::Profile, Properties: {Name: shared}}
  ProfileAssociation:
    Type: AWS::Route53Profiles::ProfileAssociation
    Properties: {Name: vpc, ProfileId: !Ref Profile, ResourceId: !Ref Vpc}
  ProfileZone:
    Type: AWS::Route53Profiles::ProfileResourceAssociation
    Properties: {Name: zone, ProfileId: !Ref Profile, ResourceArn: !Sub 'arn:aws:route53:::hostedzone/${Zone}'}
  ProfileRule:
    Type: AWS::Route53Profiles::ProfileResourceAssociation
    Properties: {Name: system, ProfileId: !GetAtt Profile.Id, ResourceArn: !GetAtt System.Arn}
  Options: {Type: AWS::EC2::DHCPOptions, Properties: {DomainNameServers: [192.168.0.53], DomainName: corp.example}}
  OptionsAssociation:
    Type: AWS::EC2::VPCDHCPOptionsAssociation
    Properties: {VpcId: !Ref Vpc, DhcpOptionsId: OPTIONS}
"""


def load(tmp_path: Path, options: str = "default") -> vpcsim.Network:
    path = tmp_path / "template.yaml"
    path.write_text(TEMPLATE.replace("OPTIONS", options))
    net = vpcsim.load(path)
    assert not net.topology.settings.skipped
    return net


@pytest.mark.parametrize(
    ("name", "type", "answer", "owner"),
    [
        ("www.loop.example", "A", "SERVFAIL", "Inbound"),
        ("www.sys.loop.example", "A", "NXDOMAIN", "public DNS"),
        ("10.1.0.10.in-addr.arpa", "PTR", "NXDOMAIN", "public DNS"),
        ("x.bad.example", "A", "NXDOMAIN", "Firewall"),
        ("sink.example", "A", "app.shared.example. 10.0.1.80", "Zone"),
        ("app.shared.example", "A", "10.0.1.80", "Zone"),
    ],
)
def test_a_template_of_everything(tmp_path: Path, name: str, type: str, answer: str, owner: str) -> None:
    found = load(tmp_path).resolve("App", name, type)
    assert (" ".join(record.data for record in found.records) or found.rcode, found.owner) == (answer, owner)


def test_what_is_set_beside_the_answers(tmp_path: Path) -> None:
    net = load(tmp_path)
    assert resolver_setting("Vpc", "firewall_fail_open", net) == ""
    assert (list(logged_by("Vpc", net)), list(logged_by("Shared", net))) == (["Log"], [])
    assert net.resolve("Outbound", "app.shared.example", "AAAA").addresses == ()
    assert [getattr(net.topology.resources[subnet], "enable_dns64", None) for subnet in ("NetA", "NetB")] == [False, True]


def test_a_dhcp_option_set_of_a_template(tmp_path: Path) -> None:
    found = load(tmp_path, "!Ref Options").resolve("App", "app.shared.example")
    assert found.rcode == "TIMEOUT"
    assert found.steps[0].because == "Options: App asks 192.168.0.53, not the VPC resolver"


def test_describe_words_survive(tmp_path: Path) -> None:
    """What a topology dumps is read again as it was."""
    net = load(tmp_path, "!Ref Options")
    for resource in net.topology.resources.values():
        assert type(resource).read(resource.dump()).dump() == resource.dump()
