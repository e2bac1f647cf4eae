"""An unknown value matters only where the packet depends on it: to a rule that could admit it, a route that could be chosen.

Sources: https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html (rules only allow, and answers pass),
https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html (the lowest number that matches decides),
https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html (the longest prefix decides).
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

import vpcsim
from vpcsim.errors import InputError
from vpcsim.renderers import native

NETWORK = """
Parameters:
  Unknown: {Type: String}
Conditions:
  Maybe: !Equals [!Ref Unknown, "yes"]
Resources:
  myVPC: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  near: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref myVPC, CidrBlock: 10.0.0.0/24}}
  far: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref myVPC, CidrBlock: 10.0.1.0/24}}
  Web: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: web, VpcId: !Ref myVPC,
    SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 10.0.0.0/16}]}}
  Client: {Type: AWS::EC2::Instance, Properties: {SubnetId: !Ref near}}
  Server: {Type: AWS::EC2::Instance, Properties: {SubnetId: !Ref far, SecurityGroupIds: [!Ref Web]}}
  Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref myVPC}}
  OfNear: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {SubnetId: !Ref near, RouteTableId: !Ref Table}}
  Gateway: {Type: AWS::EC2::InternetGateway}
  Attached: {Type: AWS::EC2::VPCGatewayAttachment, Properties: {VpcId: !Ref myVPC, InternetGatewayId: !Ref Gateway}}
  Out: {Type: AWS::EC2::Route, Properties: {RouteTableId: !Ref Table, DestinationCidrBlock: 198.51.100.0/24,
    GatewayId: !Ref Gateway}}
  Acl: {Type: AWS::EC2::NetworkAcl, Properties: {VpcId: !Ref myVPC}}
  In100: {Type: AWS::EC2::NetworkAclEntry, Properties: {NetworkAclId: !Ref Acl, RuleNumber: 100, Protocol: 6, RuleAction: allow,
    CidrBlock: 10.0.0.0/16, PortRange: {From: 0, To: 65535}}}
  Out100: {Type: AWS::EC2::NetworkAclEntry, Properties: {NetworkAclId: !Ref Acl, RuleNumber: 100, Protocol: 6, RuleAction: allow,
    Egress: true, CidrBlock: 10.0.0.0/16, PortRange: {From: 0, To: 65535}}}
  Guarded: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref myVPC, CidrBlock: 10.0.2.0/24}}
  OfGuarded: {Type: AWS::EC2::SubnetNetworkAclAssociation, Properties: {SubnetId: !Ref Guarded, NetworkAclId: !Ref Acl}}
  Inner: {Type: AWS::EC2::Instance, Properties: {SubnetId: !Ref Guarded, SecurityGroupIds: [!Ref Web]}}
"""


class Row(NamedTuple):
    """Resources beside the network, and `from to verdict` of questions, with the resource that decides if it matters."""

    id: str
    more: str
    asked: tuple[str, ...]


def rule(fields: str, group: str = "Web", way: str = "Ingress") -> str:
    return f"R: {{Type: AWS::EC2::SecurityGroup{way}, Properties: {{GroupId: !Ref {group}, {fields}}}}}"


def entry(fields: str) -> str:
    return f"E: {{Type: AWS::EC2::NetworkAclEntry, Properties: {{NetworkAclId: !Ref Acl, {fields}}}}}"


def route(fields: str) -> str:
    return f"R: {{Type: AWS::EC2::Route, Properties: {{RouteTableId: !Ref Table, {fields}}}}}"


def instance(groups: str, subnet: str = "far") -> str:
    return f"{{Type: AWS::EC2::Instance, Properties: {{SubnetId: !Ref {subnet}, SecurityGroupIds: {groups}}}}}"


def group(fields: str) -> str:
    return f"More: {{Type: AWS::EC2::SecurityGroup, Properties: {{GroupDescription: more, VpcId: !Ref myVPC, {fields}}}}}\n  "


OUT = "SecurityGroupEgress: [{IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 0.0.0.0/0}"
ROWS = [
    Row("a rule for one port", rule("IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: !Ref Unknown"),
        ("Client Server:443 reachable", "Client Server:22 undecided Web", "Client Server:23 blocked Web")),
    Row("an image and a type", "Other: {Type: AWS::EC2::Instance, Properties: {SubnetId: !Ref near, ImageId: !Ref Unknown,\n"
        "    InstanceType: !Ref Unknown}}", ("Other Server:443 reachable", "Other Server:22 blocked Web")),
    Row("all interfaces", "Other: {Type: AWS::EC2::Instance, Properties: {SubnetId: !Ref near, NetworkInterfaces: !If [Maybe,\n"
        "    [{DeviceIndex: 0, SubnetId: !Ref far}], !Ref Unknown]}}", ("Other Server:443 undecided Other",)),
    Row("a rule for ports from", rule("IpProtocol: tcp, FromPort: !Ref Unknown, ToPort: 30, CidrIp: 10.0.0.0/24"),
        ("Client Server:30 undecided Web", "Client Server:31 blocked Web")),
    Row("a rule for one block", rule("IpProtocol: !Ref Unknown, CidrIp: 10.0.2.0/24"),
        ("Client Server:22 blocked Web", "Inner Server:22 undecided Web")),
    Row("a rule for an unknown group", rule("IpProtocol: tcp, FromPort: 22, ToPort: 22, SourceSecurityGroupId: !Ref Unknown"),
        ("Client Server:22 undecided Web", "Client Server:443 reachable")),
    Row("a rule for another protocol", rule("IpProtocol: udp, FromPort: 22, ToPort: 22, CidrIp: !Ref Unknown"),
        ("Client Server:22 blocked Web",)),
    Row("all rules of one group of two", group("SecurityGroupIngress: !Ref Unknown") + "S: " + instance("[!Ref Web, !Ref More]"),
        ("Client S:443 reachable", "Client S:22 undecided More")),
    Row("a group that is not known beside one that is", "S: " + instance("[!Ref Web, !Ref Unknown]"),
        ("Client S:443 reachable", "Client S:22 undecided S")),
    Row("groups that are not known", "S: " + instance("!Split [',', !Ref Unknown]"), ("Client S:443 undecided S",)),
    Row("outbound, beside known ones", group(OUT + ", {IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: !Ref Unknown}]")
        + "C: " + instance("[!Ref More]", "near"),
        ("C Server:443 reachable", "C Server:22 blocked Web", "C 198.51.100.9:23 blocked More")),
    Row("outbound, in place of all", rule("IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: !Ref Unknown", way="Egress"),
        ("Client Server:443 reachable", "Server Inner:443 undecided Web", "Server Inner:22 blocked Web")),
    Row("a prefix list", "List: {Type: AWS::EC2::PrefixList, Properties: {AddressFamily: IPv4, MaxEntries: 2,"
        " PrefixListName: l, Entries: [{Cidr: !Ref Unknown}]}}\n  "
        + rule("IpProtocol: tcp, FromPort: 22, ToPort: 22, SourcePrefixListId: !Ref List"),
        ("Client Server:443 reachable", "Client Server:22 undecided Web")),
    Row("a rule if a condition holds", rule("IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 10.0.0.0/16").replace(
        "Properties", "Condition: Maybe, Properties"), ("Client Server:22 undecided Web", "Client Server:23 blocked Web")),
    Row("a filter before a dead end", group("SecurityGroupEgress: [{IpProtocol: tcp, FromPort: 443, ToPort: 443,"
        " CidrIp: !Ref Unknown}, {IpProtocol: udp, FromPort: 9, ToPort: 9, CidrIp: 10.0.0.0/8}]") + "C: "
        + instance("[!Ref More]", "near"), ("C 192.0.2.9:443 blocked Table", "C Server:443 undecided More")),
    Row("a route for another place", route("DestinationCidrBlock: 203.0.113.0/24, NatGatewayId: !ImportValue nat"),
        ("Client Server:443 reachable", "Client 203.0.113.9 undecided Table", "Client 192.0.2.9 blocked Table")),
    Row("a wider route than the one that is chosen", route("DestinationCidrBlock: 0.0.0.0/0, NatGatewayId: !ImportValue nat"),
        ("Client Server:443 reachable", "Client 192.0.2.9 undecided Table")),
    Row("a route to somewhere", route("DestinationCidrBlock: !Ref Unknown, GatewayId: !Ref Gateway"),
        ("Client Server:443 undecided Table", "Server Inner:443 reachable")),
    Row("a route if a condition holds", route("DestinationCidrBlock: 10.0.1.0/25, GatewayId: !Ref Gateway").replace(
        "Properties", "Condition: Maybe, Properties"), ("Client Inner:443 reachable",)),
    Row("which table a subnet has", "A: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {SubnetId: !Ref far,"
        " RouteTableId: !ImportValue table}}", ("Server Inner:443 undecided far", "Client Inner:443 reachable")),
    Row("which ACL a subnet has", "A: {Type: AWS::EC2::SubnetNetworkAclAssociation, Properties: {SubnetId: !Ref far,"
        " NetworkAclId: !ImportValue acl}}", ("Client Server:443 undecided far", "Client Inner:443 reachable")),
    Row("an entry after the one that decides", entry("RuleNumber: 200, Protocol: 6, RuleAction: deny, CidrBlock: !Ref Unknown"),
        ("Client Inner:443 reachable",)),
    Row("an entry before it", entry("RuleNumber: 50, Protocol: 6, RuleAction: deny, CidrBlock: !Ref Unknown"),
        ("Client Inner:443 undecided Acl",)),
    Row("an entry before it that allows too", entry("RuleNumber: 50, Protocol: 6, RuleAction: allow, CidrBlock: !Ref Unknown"),
        ("Client Inner:443 reachable",)),
    Row("an entry for others", entry("RuleNumber: 50, Protocol: -1, RuleAction: !Ref Unknown, CidrBlock: 10.0.9.0/24"),
        ("Client Inner:443 reachable",)),
    Row("an entry of the other direction", entry("RuleNumber: 50, Protocol: -1, RuleAction: deny, Egress: true,"
        " CidrBlock: !Ref Unknown"), ("Client Inner:443 undecided Acl", "Client Inner:22 blocked Web")),
    Row("one more block of the VPC",
        "B: {Type: AWS::EC2::VPCCidrBlock, Properties: {VpcId: !Ref myVPC, CidrBlock: !Ref Unknown}}",
        ("Client Server:443 reachable", "Client 198.51.100.9 undecided myVPC")),
    Row("the zone of a subnet", "Z: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref myVPC, CidrBlock: 10.0.3.0/24,"
        " AvailabilityZone: !Ref Unknown}}\n  S: " + instance("[!Ref Web]", "Z"),
        ("Client S:443 reachable", "S 192.0.2.9 blocked")),
    Row("whether a subnet gives public addresses", "Z: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref myVPC,"
        " CidrBlock: 10.0.3.0/24, MapPublicIpOnLaunch: !Ref Unknown}}\n  S: " + instance("[!Ref Web]", "Z")
        + "\n  ZT: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {SubnetId: !Ref Z, RouteTableId: !Ref Table}}",
        ("Client S:443 reachable", "S 198.51.100.9 undecided Z", "internet S:443 undecided Z")),
    Row("a group of an interface of an instance",
        "S: {Type: AWS::EC2::Instance, Properties: {NetworkInterfaces: [{DeviceIndex: 0,"
        " SubnetId: !Ref far, GroupSet: [!Ref Web, !Ref Unknown]}]}}", ("Client S:443 reachable", "Client S:22 undecided S")),
    Row("an address, asked for by a name with a port", "S: {Type: AWS::EC2::Instance, Properties: {SubnetId: !Ref far,"
        " SecurityGroupIds: [!Ref Web], PrivateIpAddress: !Ref Unknown, Tags: [{Key: Name, Value: store}]}}",
        ("Client store:443 undecided S", "Client S:22 undecided S", "internet S:443 undecided S")),
    Row("what nothing here depends on",
        "S: {Type: AWS::EC2::Instance, Properties: {SubnetId: !Ref far, SecurityGroupIds: [!Ref Web],"
        " KeyName: !Ref Unknown, BlockDeviceMappings: [{DeviceName: !Ref Unknown}]}}", ("Client S:443 reachable",)),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_what_depends_on_it_and_what_does_not(row: Row, tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(f"{NETWORK}  {row.more}\n")
    net = vpcsim.load(tmp_path)
    for asked in row.asked:
        source, to, verdict, *at = asked.split()
        answer = net.trace(source, to)
        assert (str(answer.verdict), answer.at) == (verdict, at[0] if at else answer.at), f"{asked}\n{answer}"
        assert (answer.codes == ("VPCSIM_UNKNOWN_VALUE",)) is (verdict == "undecided")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_a_native_file_says_what_is_not_known(row: Row, tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(f"{NETWORK}  {row.more}\n")
    net = vpcsim.load(tmp_path / "template.yaml")
    (tmp_path / "network.yaml").write_text(native.text(net))
    again = vpcsim.load(tmp_path / "network.yaml")
    for asked in row.asked:
        source, to, *_ = asked.split()
        one, two = net.trace(source, to), again.trace(source, to)
        assert (two.verdict, two.at, two.because) == (one.verdict, one.at, one.because)


def test_an_end_that_is_left_out_stays_undecided_in_a_native_file(tmp_path: Path) -> None:
    more = "S: {Type: AWS::EC2::Instance, Properties: {SubnetId: !Ref Unknown}}"
    (tmp_path / "template.yaml").write_text(f"{NETWORK}  {more}\n")
    (tmp_path / "network.yaml").write_text(native.text(vpcsim.load(tmp_path / "template.yaml")))
    assert vpcsim.load(tmp_path / "network.yaml").trace("Client", "S:443").verdict == "undecided"


@pytest.mark.parametrize("text", ["x", "[x]", "[{about: a}]", "[{about: a, reason: b, abot: c}]"])
def test_an_entry_of_unknown_that_is_none(text: str, tmp_path: Path) -> None:
    (tmp_path / "network.yaml").write_text(f"vpcs: {{v: 10.0.0.0/16}}\nunknown: {text}\n")
    with pytest.raises(InputError, match=r"network.yaml:2:1: an entry of `unknown` has `about` and `reason`, and perhaps"):
        vpcsim.load(tmp_path)


def test_without_a_doubt_nothing_is_walked_again(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(NETWORK)
    net = vpcsim.load(tmp_path)
    net.trace("Client", "Server")
    assert net.topology.settings.doubts == ()
    assert net.compiled("doubts") is None


def test_all_that_certainly_blocks_is_told(tmp_path: Path) -> None:
    more = rule("IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: !Ref Unknown")
    (tmp_path / "template.yaml").write_text(f"{NETWORK}  {more}\n")
    net = vpcsim.load(tmp_path)
    every = net.trace("Client", "Server:22", every=True)
    assert (str(every.verdict), every.codes) == ("undecided", ("VPCSIM_UNKNOWN_VALUE",))
    blocked = net.trace("Client", "Server:23", every=True)
    assert blocked.codes == ("ENI_SG_RULES_MISMATCH",)


def test_names_depend_on_the_attributes_of_the_vpc(tmp_path: Path) -> None:
    """https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html"""
    text = NETWORK.replace("10.0.0.0/16}}", "10.0.0.0/16, EnableDnsSupport: !Ref Unknown}}", 1)
    (tmp_path / "template.yaml").write_text(text)
    net = vpcsim.load(tmp_path)
    assert net.trace("Client", "Server:443").verdict == "reachable"
    assert net.resolve("Client", "www.example.com").rcode == "UNDECIDED"
