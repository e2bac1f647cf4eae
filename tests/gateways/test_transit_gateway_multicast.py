"""Multicast domains of transit gateways: who may send to a group, who gets it, and what AWS refuses."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from networks import ERRORS, Refusal, Row, ask, changed, check, names, refused

from vpcsim import InputError, load
from vpcsim.tracing import reaches

TGW = "https://docs.aws.amazon.com/vpc/latest/tgw/"
OVERVIEW = f"{TGW}tgw-multicast-overview.html"
ABOUT, ROUTING, VIEW = f"{TGW}multicast-domains-about.html", f"{TGW}how-multicast-works.html", f"{TGW}view-multicast-group.html"
SOURCES, MEMBERS = f"{TGW}multicast-configurations-no-igmp.html", f"{TGW}multicast-configurations-no-igmp-source.html"

BASE = """
vpcs: {one: 10.0.0.0/16, two: 10.1.0.0/16}
subnets:
  here: {vpc: one, cidr: 10.0.1.0/24}
  aside: {vpc: one, cidr: 10.0.2.0/24}
  there: {vpc: two, cidr: 10.1.1.0/24}
transit_gateways: {tgw: {}}
transit_gateway_attachments:
  att-one: {transit_gateway: tgw, vpc: one, subnets: here}
  att-two: {transit_gateway: tgw, vpc: two, subnets: there}
transit_gateway_multicast_domains:
  domain: {transit_gateway: tgw, subnets: [here, there], members: 233.252.0.1 -> hears/there}
security_groups: {one-sg: {vpc: one}, two-sg: {vpc: two, ingress: udp 5000 from 10.0.1.10/32}}
instances:
  says: {subnet: here, ip: 10.0.1.10, security_groups: one-sg}
  silent: {subnet: aside, ip: 10.0.2.10, security_groups: one-sg}
  hears: {subnet: there, ip: 10.1.1.10, security_groups: two-sg}
"""
ASKED, OUT = "says -> 233.252.0.1 5000/udp", "says says/here here domain"
DOMAINS = "transit_gateway_multicast_domains"
ACL = "network_acls: {acl: {vpc: %s, subnets: %s, ingress: [%s], egress: [%s]}}"
STATIC = f"{DOMAINS}: {{domain: {{static_sources: true, sources: 233.252.0.1 -> %s}}}}"
JOINS = f"{DOMAINS}: {{{{domain: {{{{igmp: true, members: [], joins: [{{}}]}}}}}}}}\n"
HEARS = JOINS.format("233.252.0.1 -> hears/there")
GROUP = "security_groups: {{two-sg: {{ingress: [udp 5000 from {}, 2 from 0.0.0.0/32], egress: {}}}}}\n"
JOINED = HEARS + GROUP.format("10.0.1.10/32", "all to 0.0.0.0/0")
UNKNOWN, NO_MEMBER = "undecided VPCSIM_NOT_MODELLED domain", "no_route NO_POSSIBLE_DESTINATION domain"

ROWS = [
    Row("to a member, and nobody answers", MEMBERS, "", ASKED, OUT, "domain"),
    Row("from a subnet outside of the domain", OVERVIEW, "", "silent -> 233.252.0.1 5000/udp", "silent silent/aside aside", "",
        "no_route NO_ROUTE_TO_DESTINATION one/main-route-table"),
    Row("a group without members", MEMBERS, "", "says -> 233.252.0.2 5000/udp", OUT, "", NO_MEMBER),
    Row("a static source", SOURCES, STATIC % "says/here", ASKED, OUT, "domain"),
    Row("no static source", SOURCES, STATIC % "hears/there", ASKED, OUT, "", "denied NO_POSSIBLE_DESTINATION domain"),
    Row("who joins by IGMP is not configuration", OVERVIEW, f"{DOMAINS}: {{domain: {{igmp: true}}}}", ASKED, OUT, "", UNKNOWN),
    Row("one that has joined", VIEW, JOINED, ASKED, OUT, "domain"),
    Row("one has joined, and another group is asked for", VIEW, JOINED, "says -> 233.252.0.2 5000/udp", OUT, "", NO_MEMBER),
    Row("nobody has joined", VIEW, JOINS.format(""), ASKED, OUT, "", NO_MEMBER),
    Row("a host without IGMP is registered beside those that join", ABOUT, f"{DOMAINS}: {{domain: {{igmp: true, joins: []}}}}",
        ASKED, OUT, "domain"),
    Row("a registered member that joins too needs no IGMP", ABOUT,
        f"{DOMAINS}: {{domain: {{igmp: true, joins: 233.252.0.1 -> hears/there}}}}", ASKED, OUT, "domain"),
    Row("who is no member sends too", ABOUT, HEARS + GROUP.format("10.0.1.0/24", "all to 0.0.0.0/0")
        + "instances: {other: {subnet: here, ip: 10.0.1.11, security_groups: one-sg}}", "other -> 233.252.0.1 5000/udp",
        "other other/here here domain", "domain"),
    Row("a group that lets no query in", ROUTING, HEARS, ASKED, OUT, "", "denied ENI_SG_RULES_MISMATCH two-sg"),
    Row("a group that lets no join out", ROUTING, HEARS + GROUP.format("10.0.1.10/32", "all to 10.0.0.0/8"), ASKED, OUT, "",
        "denied ENI_SG_RULES_MISMATCH two-sg"),
    Row("a group that lets the join out", ROUTING, HEARS + GROUP.format("10.0.1.10/32", "2 to 233.252.0.1/32"), ASKED, OUT,
        "domain"),
    Row("an ACL that lets no query in", ROUTING,
        JOINED + ACL % ("two", "there", "100 allow udp 5000 from 10.0.1.10/32", "100 allow all to 0.0.0.0/0"), ASKED, OUT, "",
        "denied SUBNET_ACL_RESTRICTION acl"),
    Row("an ACL that lets no join out", ROUTING,
        JOINED + ACL % ("two", "there", "100 allow all from 0.0.0.0/0", "100 allow 2 to 224.0.0.2/32"), ASKED, OUT, "",
        "denied SUBNET_ACL_RESTRICTION acl"),
    Row("an ACL with the least that IGMP needs", ROUTING,
        JOINED + ACL % ("two", "there", "100 allow 2 from 0.0.0.0/32, 110 allow udp 5000 from 10.0.1.10/32",
                        "100 allow 2 to 233.252.0.1/32"), ASKED, OUT, "domain"),
    Row("the member's groups", OVERVIEW, "security_groups: {two-sg: {ingress: udp 5001 from 10.0.1.10/32}}", ASKED, OUT, "",
        "denied ENI_SG_RULES_MISMATCH two-sg"),
    Row("rules that name groups do not match", OVERVIEW, "instances: {echo: {subnet: here, security_groups: one-sg}}\n"
        f"{DOMAINS}: {{domain: {{members: 233.252.0.1 -> echo/here}}}}\n"
        "security_groups: {one-sg: {ingress: udp 5000 from one-sg}}", ASKED, OUT, "",
        "denied SG_REFERENCES_NOT_PRESERVED one-sg"),
    Row("the sender's groups", OVERVIEW, "security_groups: {one-sg: {egress: udp 5000 to 10.0.0.0/8}}", ASKED,
        "says says/here", "", "denied ENI_SG_RULES_MISMATCH one-sg"),
    Row("the ACL of the sender's subnet", OVERVIEW, ACL % ("one", "here", "100 allow all from 0.0.0.0/0", ""), ASKED,
        "says says/here here", "", "denied SUBNET_ACL_RESTRICTION acl"),
    Row("the ACL of the member's subnet", OVERVIEW, ACL % ("two", "there", "", "100 allow all to 0.0.0.0/0"), ASKED, OUT, "",
        "denied SUBNET_ACL_RESTRICTION acl"),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=names(ROWS))
def test_what_a_domain_passes(row: Row) -> None:
    check(BASE, row)


TWO = f"""
instances: {{also: {{subnet: there, ip: 10.1.1.20, security_groups: deaf}}}}
security_groups: {{deaf: {{vpc: two}}}}
{DOMAINS}: {{domain: {{members: [233.252.0.1 -> hears/there, 233.252.0.1 -> also/there]}}}}
"""


def test_every_member_is_asked_about() -> None:
    answer = ask(changed(BASE, TWO), ASKED)
    assert [str(trip.verdict) for trip in answer.trips] == ["reachable", "blocked"]


def test_the_verdict_alone_is_the_same() -> None:
    net = changed(BASE, "")
    trip = ask(net, ASKED).trip
    assert trip is not None
    assert reaches(net, trip.flow)


REFUSALS = [
    Refusal("a subnet of another VPC", OVERVIEW, "vpcs: {three: 10.2.0.0/16}\nsubnets: {far: {vpc: three, cidr: 10.2.1.0/24}}\n"
            f"{DOMAINS}: {{domain: {{subnets: [here, there, far]}}}}", "InvalidParameterValue", "domain"),
    Refusal("a subnet in two domains", OVERVIEW, f"{DOMAINS}: {{more: {{transit_gateway: tgw, subnets: here}}}}",
            "Resource.AlreadyAssociated", "more"),
    Refusal("a member outside of the domain", ERRORS, f"{DOMAINS}: {{domain: {{members: 233.252.0.1 -> silent/aside}}}}",
            "InvalidParameterValue", "domain"),
    Refusal("an address that is no group's", ERRORS, f"{DOMAINS}: {{domain: {{members: 10.9.9.9 -> hears/there}}}}",
            "InvalidParameterValue", "domain"),
    Refusal("sources without their support", SOURCES, f"{DOMAINS}: {{domain: {{sources: 233.252.0.1 -> says/here}}}}",
            "InvalidParameterValue", "domain"),
    Refusal("a join from outside of the domain", ERRORS,
            f"{DOMAINS}: {{domain: {{igmp: true, joins: 233.252.0.1 -> silent/aside}}}}", "InvalidParameterValue", "domain"),
    Refusal("static sources and IGMP", OVERVIEW, f"{DOMAINS}: {{domain: {{igmp: true, static_sources: true}}}}",
            "InvalidParameterCombination", "domain"),
]  # fmt: skip


@pytest.mark.parametrize("row", REFUSALS, ids=names(REFUSALS))
def test_what_aws_refuses(row: Refusal) -> None:
    refused(BASE, row)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ("joins: 233.252.0.1 -> hears/there", "domain: hosts join only in a domain with IGMP; `igmp: true` says that it has it"),
        ("igmp: true, joins: 'ff15::1 -> hears/there'", "domain: ff15::1: IGMP is for IPv4 only"),
        ("igmp: true, joins: 233.252.0.1", "`233.252.0.1` is not a group and an interface such as"),
    ],
)
def test_who_cannot_join(changes: str, told: str) -> None:
    with pytest.raises(InputError, match=re.escape(told)):
        changed(BASE, f"{DOMAINS}: {{domain: {{{changes}}}}}")


def test_it_says_why_a_host_has_not_joined() -> None:
    answer = ask(changed(BASE, HEARS), ASKED)
    assert answer.because == "two-sg: does not let in IGMP from 0.0.0.0, so that hears is no member of 233.252.0.1"
    assert "two-sg: allow protocol 2 from 0.0.0.0/32" in answer.fixes


TEMPLATE = """
Resources:
  VPC: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  Net: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref VPC, CidrBlock: 10.0.1.0/24}}
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      VpcId: !Ref VPC
      GroupDescription: members
      SecurityGroupIngress: [{IpProtocol: udp, FromPort: 5000, ToPort: 5000, CidrIp: 10.0.0.0/16}]
  Says: {Type: AWS::EC2::Instance, Properties: {SubnetId: !Ref Net}}
  Eni: {Type: AWS::EC2::NetworkInterface, Properties: {SubnetId: !Ref Net, GroupSet: [!Ref Group]}}
  Gateway: {Type: AWS::EC2::TransitGateway, Properties: {MulticastSupport: enable}}
  Attachment:
    Type: AWS::EC2::TransitGatewayAttachment
    Properties: {TransitGatewayId: !Ref Gateway, VpcId: !Ref VPC, SubnetIds: [!Ref Net]}
  Domain: {Type: AWS::EC2::TransitGatewayMulticastDomain, Properties: {TransitGatewayId: !Ref Gateway}}
  Uses:
    Type: AWS::EC2::TransitGatewayMulticastDomainAssociation
    Properties: {TransitGatewayMulticastDomainId: !Ref Domain, TransitGatewayAttachmentId: !Ref Attachment, SubnetId: !Ref Net}
  Member:
    Type: AWS::EC2::TransitGatewayMulticastGroupMember
    Properties: {TransitGatewayMulticastDomainId: !Ref Domain, GroupIpAddress: 233.252.0.1, NetworkInterfaceId: !Ref Eni}
"""


def test_the_spelling_in_templates(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    net = load(tmp_path / "template.yaml")
    assert net.trace("Says", "233.252.0.1", protocol="udp", port=5000).reachable
    assert not net.trace("Says", "233.252.0.1", protocol="udp", port=5001).reachable


ID = {"TransitGatewayMulticastDomainId": "tgw-mcast-domain-0aa"}
GROUP = {"GroupIpAddress": "233.252.0.1", "NetworkInterfaceId": "eni-0aa", "SubnetId": "subnet-0aa"}
ANSWERS = [
    {
        "Vpcs": [{"VpcId": "vpc-0aa", "CidrBlock": "10.0.0.0/16"}],
        "Subnets": [{"SubnetId": "subnet-0aa", "VpcId": "vpc-0aa", "CidrBlock": "10.0.1.0/24"}],
        "TransitGateways": [{"TransitGatewayId": "tgw-0aa", "State": "available"}],
        "TransitGatewayVpcAttachments": [
            {"TransitGatewayAttachmentId": "tgw-attach-0aa", "TransitGatewayId": "tgw-0aa", "VpcId": "vpc-0aa",
             "SubnetIds": ["subnet-0aa"], "State": "available"}
        ],
        "NetworkInterfaces": [
            {"NetworkInterfaceId": "eni-0aa", "SubnetId": "subnet-0aa", "VpcId": "vpc-0aa", "PrivateIpAddress": "10.0.1.9"}
        ],
        "TransitGatewayMulticastDomains": [
            {**ID, "TransitGatewayId": "tgw-0aa", "State": "available", "Options": {"StaticSourcesSupport": "enable"}}
        ],
    },
    {**ID, "MulticastDomainAssociations": [{"Subnet": {"SubnetId": "subnet-0aa", "State": "associated"}}]},
    {**ID, "MulticastGroups": [
        {**GROUP, "GroupMember": True, "GroupSource": False, "MemberType": "static"},
        {**GROUP, "GroupMember": False, "GroupSource": True, "SourceType": "static"},
    ]},
]  # fmt: skip


def test_the_spelling_of_an_account(tmp_path: Path) -> None:
    for number, answer in enumerate(ANSWERS):
        (tmp_path / f"{number}.json").write_text(json.dumps(answer))
    domain = load(tmp_path).topology.resources["tgw-mcast-domain-0aa"].dump()
    told = [{"GroupIpAddress": "233.252.0.1", "NetworkInterfaceId": "eni-0aa"}]
    assert (domain["SubnetIds"], domain["Members"], domain["Sources"]) == (["subnet-0aa"], told, told)


def test_the_members_by_igmp_of_an_account(tmp_path: Path) -> None:
    """Source: https://docs.aws.amazon.com/vpc/latest/tgw/view-multicast-group.html"""
    about = {**ANSWERS[0], "TransitGatewayMulticastDomains": [
        {**ID, "TransitGatewayId": "tgw-0aa", "State": "available", "Options": {"Igmpv2Support": "enable"}}
    ]}  # fmt: skip
    group = {**GROUP, "ResourceId": "vpc-0aa", "ResourceType": "vpc", "MemberType": "igmp"}
    for number, answer in enumerate([about, ANSWERS[1], {**ID, "MulticastGroups": [group]}]):
        (tmp_path / f"{number}.json").write_text(json.dumps(answer))
    domain = load(tmp_path).topology.resources["tgw-mcast-domain-0aa"].dump()
    told = [{"GroupIpAddress": "233.252.0.1", "NetworkInterfaceId": "eni-0aa"}]
    assert (domain["Joins"], domain.get("Members", [])) == (told, [])
