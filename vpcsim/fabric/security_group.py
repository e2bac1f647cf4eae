"""A security group: allow rules only, at network interfaces, with memory.

All rules of all groups of an interface count together. A group as a rule's peer stands for the private addresses of the
interfaces that hold it. A new group lets nothing in and everything out; the default group lets its own members in.

Sources: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html,
https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html,
https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html,
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html,
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-securitygroup.html (egress default).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, NamedTuple

from vpcsim.errors import Doubt, InputError, Origin, Problem
from vpcsim.fabric.open_values import leaves, of_group
from vpcsim.fabric.rule_spellings import flat_permission, peer_of, terraform_permissions
from vpcsim.packet import ANY_PROTOCOL, HAVE_PORTS, ICMP, ICMPV6, Packet, port_text, protocol_name, protocol_number
from vpcsim.prefixes import ANY_PORT, EVERYWHERE, Clause, Ports, PortTable, Prefix, RuleTable
from vpcsim.resource import (
    Cidr,
    Decided,
    Declaration,
    Declared,
    Dependence,
    Draft,
    Finding,
    Link,
    Patch,
    Resource,
    TerraformSpelling,
    as_list,
    refers_to,
    refuse,
)
from vpcsim.shape import Read, Shape, field

if TYPE_CHECKING:
    from vpcsim.network import Network
    from vpcsim.topology import Topology

Protocol = Annotated[int, Read(protocol_number, lambda number: "-1" if number < 0 else str(number))]
_RULE = re.compile(r"(\S+?)(?:\s+(\d+(?:-\d+)?|-?\d+/(?:-?\d+|\*)))?\s+(?:from|to)\s+(\S.*)", re.IGNORECASE)


class IpRange(Shape):
    """An IPv4 block as a peer."""

    cidr_ip: Cidr


class Ipv6Range(Shape):
    """An IPv6 block as a peer."""

    cidr_ipv6: Cidr


class PrefixListId(Shape):
    """A prefix list as a peer."""

    prefix_list_id: Annotated[str, refers_to("prefix_list")]


class UserIdGroupPair(Shape):
    """Another group as a peer."""

    group_id: Annotated[str, refers_to("security_group")]


class IpPermission(Shape):
    """One rule as EC2 describes it. The native format writes it `tcp 443 from 10.0.0.0/16`."""

    ip_protocol: Protocol = ANY_PROTOCOL
    from_port: int | None = field(default=None, ge=-1, le=65535)
    to_port: int | None = field(default=None, ge=-1, le=65535)
    ip_ranges: tuple[IpRange, ...] = ()
    ipv6_ranges: tuple[Ipv6Range, ...] = ()
    prefix_list_ids: tuple[PrefixListId, ...] = ()
    user_id_group_pairs: tuple[UserIdGroupPair, ...] = ()

    @classmethod
    def read_text(cls, text: str) -> Mapping[str, Any]:
        match = _RULE.fullmatch(text.strip())
        if match is None:
            raise ValueError(f"`{text}` is not a rule such as `tcp 443 from 10.0.0.0/16`")
        protocol, ports, peer = match.groups()
        fields: dict[str, Any] = {"IpProtocol": protocol, **peer_of(peer.strip())}
        if ports and protocol_number(protocol) in (ICMP, ICMPV6):
            kind, _, code = ports.partition("/")
            fields |= {"FromPort": kind, "ToPort": -1 if code in ("", "*") else code}
        elif ports:
            first, _, last = ports.partition("-")
            fields |= {"FromPort": first, "ToPort": last or first}
        return fields

    def line(self, name: str) -> str:
        peers = [*map(str, self.blocks), *(f"prefix list {p.prefix_list_id}" for p in self.prefix_list_ids)]
        peers += [f"group {pair.group_id}" for pair in self.user_id_group_pairs]
        way = "to" if name.endswith("Egress") else "from"
        return f"{_word_of(self.ip_protocol)}{self._ports_word()} {way} {peers[0]}" if len(peers) == 1 else ""

    def _ports_word(self) -> str:
        first, last = self.from_port, self.to_port
        if first is None or (self.ip_protocol in (ICMP, ICMPV6) and first < 0):
            return ""
        if self.ip_protocol in (ICMP, ICMPV6):
            return f" {first}/{'*' if last in (None, -1) else last}"
        return f" {first}" if first == last else f" {first}-{last}"

    @property
    def ports(self) -> Ports:
        """The ports of the rule; for ICMP the numbers that stand for its type and code."""
        first, last = self.from_port, self.to_port
        if self.ip_protocol in (ICMP, ICMPV6):
            if first is None or first < 0:
                return ANY_PORT
            return (first << 8, first << 8 | 255) if last is None or last < 0 else (first << 8 | last,) * 2
        if self.ip_protocol not in HAVE_PORTS or first is None or first < 0:
            return ANY_PORT
        return (first, first if last is None else last)

    @property
    def blocks(self) -> Iterator[Prefix]:
        yield from (r.cidr_ip for r in self.ip_ranges)
        yield from (r.cidr_ipv6 for r in self.ipv6_ranges)


class Rule(NamedTuple):
    """One rule with one peer, as an answer names it."""

    number: int
    permission: IpPermission
    peer: Any
    egress: bool

    @property
    def origin(self) -> Origin | None:
        return self.permission.origin

    def covers(self, packet: Packet) -> bool:
        """Whether the protocol and the ports are the packet's, whatever the peer."""
        first, last = self.permission.ports
        return self.permission.ip_protocol in (packet.protocol, ANY_PROTOCOL) and first <= packet.dst_port[0] <= last

    def __str__(self) -> str:
        way = "to" if self.egress else "from"
        return f"rule {self.number} allow {port_text(self.permission.ip_protocol, self.permission.ports)} {way} {self.peer}"


class _Compiled(NamedTuple):
    by_address: RuleTable[Rule]
    by_group: dict[str, PortTable[Rule]]


class SecurityGroupVpcAssociation(Shape):
    """Another VPC whose interfaces may hold the group."""

    vpc_id: Annotated[str, refers_to("vpc")]

    @classmethod
    def read_text(cls, text: str) -> Mapping[str, Any]:
        return {"VpcId": text}


class SecurityGroup(Resource):
    """See the module."""

    kind: ClassVar[str] = "security_group"
    section: ClassVar[str] = "SecurityGroups"
    cloudformation_types: ClassVar[tuple[str, ...]] = (
        "AWS::EC2::SecurityGroup",
        "AWS::EC2::SecurityGroupIngress",
        "AWS::EC2::SecurityGroupEgress",
        "AWS::EC2::SecurityGroupVpcAssociation",
    )
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={
            "aws_security_group": "AWS::EC2::SecurityGroup",
            "aws_default_security_group": "aws_default_security_group",
            "aws_security_group_rule": "aws_security_group_rule",
            "aws_vpc_security_group_ingress_rule": "AWS::EC2::SecurityGroupIngress",
            "aws_vpc_security_group_egress_rule": "AWS::EC2::SecurityGroupEgress",
            "data.aws_security_group": "data.aws_security_group",
        },
        names={"protocol": "IpProtocol", "name": "GroupName"},
        adopts={"aws_default_security_group": ("vpc_id", "{}/default-security-group")},
    )
    native_names: ClassVar[Mapping[str, str]] = {
        "vpc": "VpcId",
        "ingress": "IpPermissions",
        "egress": "IpPermissionsEgress",
        "description": "Description",
        "more_vpcs": "VpcAssociations",
    }
    native_text: ClassVar[tuple[str, ...]] = ("IpPermissions", "IpPermissionsEgress", "VpcAssociations")
    decides: ClassVar[bool] = True
    filters: ClassVar[bool] = True

    id: str = field(api="GroupId")
    group_name: str = ""
    description: str = ""
    vpc_id: Annotated[str, refers_to("vpc")]
    vpc_associations: tuple[SecurityGroupVpcAssociation, ...] = ()
    ip_permissions: tuple[IpPermission, ...] = ()
    ip_permissions_egress: tuple[IpPermission, ...] = field(default_factory=lambda: (_everything_out(),))
    undescribed: bool = False
    """Whether the input only names the group, so that nobody knows its rules."""

    @classmethod
    def default(cls, vpc_id: str, origin: Origin | None) -> "SecurityGroup":
        """The group that AWS makes with a VPC."""
        group = f"{vpc_id}/default-security-group"
        members = IpPermission(user_id_group_pairs=(UserIdGroupPair(group_id=group),))
        return cls(id=group, name="default", group_name="default", vpc_id=vpc_id, ip_permissions=(members,), origin=origin)

    @classmethod
    def stand_in(cls, id: str, named_by: Draft, drafts: Mapping[str, Draft]) -> Draft | None:
        """A group without rules, in the VPC of what names it."""
        subnet = drafts.get(str(named_by.fields.get("SubnetId")))
        vpc = named_by.fields.get("VpcId") or (subnet.fields.get("VpcId") if subnet else None)
        if vpc not in drafts:
            return None
        rules: Mapping[str, Any] = {"IpPermissions": [], "IpPermissionsEgress": []}
        return Draft(cls, id, {"VpcId": vpc, "GroupName": id, "Undescribed": True, **rules}, named_by.origin)

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        if declaration.type == "AWS::EC2::SecurityGroupVpcAssociation":
            association = {"VpcId": fields.get("VpcId"), "WrittenAt": declaration.origin}
            yield Patch(fields.get("GroupId", ""), {"VpcAssociations": [association]}, declaration.origin, key="GroupId")
            return
        if declaration.type != "AWS::EC2::SecurityGroup":
            ingress = declaration.type == "AWS::EC2::SecurityGroupIngress"
            rule = flat_permission(fields, declaration.origin)
            yield Patch(
                fields.get("GroupId", ""), {"IpPermissions" if ingress else "IpPermissionsEgress": [rule]}, declaration.origin
            )
            return
        for known, written in (("IpPermissions", "SecurityGroupIngress"), ("IpPermissionsEgress", "SecurityGroupEgress")):
            rules = as_list(fields.pop(written, None))
            if rules:
                fields[known] = [flat_permission(rule, declaration.origin) for rule in rules if isinstance(rule, Mapping)]
        fields["Description"] = fields.pop("GroupDescription", "")
        fields.setdefault("GroupName", declaration.id)
        yield Draft(cls, declaration.id, fields, declaration.origin)

    @classmethod
    def terraform(cls, declaration: Declaration) -> Declared:
        """Lists of rules inside, or rules of their own. Without rules nothing goes out: the provider removes AWS's default rule.

        Sources: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/security_group,
        https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/security_group_rule,
        https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/vpc_security_group_ingress_rule,
        https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/default_security_group
        """
        fields, origin = dict(declaration.fields), declaration.origin
        group = fields.get("SecurityGroupId", "")
        if declaration.type in ("AWS::EC2::SecurityGroup", "aws_default_security_group"):
            for known, written in (("IpPermissions", "Ingress"), ("IpPermissionsEgress", "Egress")):
                rules = as_list(fields.pop(written, None))
                fields[known] = [made for rule in rules for made in terraform_permissions(rule, declaration.id, origin)]
            if declaration.type == "aws_default_security_group":
                fields["GroupName"] = "default"
            fields.setdefault("GroupName", declaration.id)
            yield Draft(cls, declaration.id, fields, origin)
        elif declaration.type == "data.aws_security_group":
            about: dict[str, Any] = {name: fields[name] for name in ("VpcId", "GroupName", "Tags") if name in fields}
            none: dict[str, Any] = {"IpPermissions": [], "IpPermissionsEgress": [], "Undescribed": True}
            yield Draft(cls, declaration.id, {**about, **none}, origin)
        elif declaration.type == "aws_security_group_rule":
            way = "IpPermissions" if fields.get("Type") == "ingress" else "IpPermissionsEgress"
            yield Patch(group, {way: list(terraform_permissions(fields, group, origin))}, origin, key="security_group_id")
        else:
            way = "IpPermissions" if declaration.type == "AWS::EC2::SecurityGroupIngress" else "IpPermissionsEgress"
            yield Patch(group, {way: list(terraform_permissions(fields, group, origin))}, origin, key="security_group_id")

    @classmethod
    def unspelled(cls, id: str) -> Draft | None:
        vpc, slash, name = id.rpartition("/")
        return Draft(cls, id, cls.default(vpc, None).dump(), None) if slash and name == "default-security-group" else None

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        for name, way, other in (("IpPermissions", "from", "to"), ("IpPermissionsEgress", "to", "from")):
            if name in fields:
                fields[name] = as_list(fields[name])
                for rule in fields[name]:
                    text = rule.get("Text", "") if isinstance(rule, Mapping) else ""
                    if f" {other} " in text and f" {way} " not in text:
                        message = f"{declaration.id}: `{text}` points the other way; here it is `{way}`"
                        raise InputError(Problem(message, rule.get("WrittenAt")))
        if "VpcAssociations" in fields:
            fields["VpcAssociations"] = as_list(fields["VpcAssociations"])
        fields.setdefault("GroupName", declaration.id)
        yield Draft(cls, declaration.id, fields, declaration.origin)

    @property
    def vpc_ids(self) -> tuple[str, ...]:
        """The VPCs whose interfaces may hold it."""
        return (self.vpc_id, *(association.vpc_id for association in self.vpc_associations))

    def _association_refusals(self, topology: "Topology") -> Iterable[Problem]:
        """Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateSecurityGroupVpc.html"""
        for association in self.vpc_associations:
            other, where = association.vpc_id, association if association.origin else self
            if self.group_name == "default":
                yield refuse(f"{self.id}: a default group belongs to one VPC", "InvalidParameter", where)
            elif any(getattr(topology.resources.get(vpc), "is_default", False) for vpc in self.vpc_ids):
                yield refuse(f"{self.id}: a default VPC shares no groups", "InvalidParameter", where)
            elif topology.region_of(other) != topology.region_of(self.vpc_id):
                yield refuse(f"{self.id}: {other} is in another Region", "InvalidParameter", where)

    def spelled(self, topology: "Topology") -> dict[str, Any]:
        fields = super().spelled(topology)
        if fields.get("group_name") == self.id:
            del fields["group_name"]
        return fields

    @classmethod
    def check(cls, topology: "Topology") -> Iterable[Problem]:
        yield from super().check(topology)
        named: dict[tuple[str, str], SecurityGroup] = {}
        for group in topology.of(cls):
            if group.group_name and (first := named.setdefault((group.vpc_id, group.group_name), group)) is not group:
                message = f"{group.id}: {first.id} has the same name, {group.group_name}, in {group.vpc_id}"
                yield refuse(message, "InvalidGroup.Duplicate", group)

    def refusals(self, topology: "Topology") -> Iterable[Problem]:
        yield from self._association_refusals(topology)
        for permission in (*self.ip_permissions, *self.ip_permissions_egress):
            first, last = permission.ports
            icmp = permission.ip_protocol in (ICMP, ICMPV6)
            if icmp and max(permission.from_port or 0, permission.to_port or 0) > 255:
                yield refuse(f"{self.id}: an ICMP type or code is at most 255", "InvalidParameterValue", permission)
            elif last < first:
                yield refuse(f"{self.id}: {first}-{last} is not a port range", "InvalidParameterValue", permission)

    def rules(self, egress: bool) -> Iterator[Rule]:
        """The rules of one direction, one for each peer, numbered from 1."""
        permissions = self.ip_permissions_egress if egress else self.ip_permissions
        number = 0
        for permission in permissions:
            peers = (
                *permission.blocks,
                *(p.prefix_list_id for p in permission.prefix_list_ids),
                *(p.group_id for p in permission.user_id_group_pairs),
            )
            for peer in peers:
                number += 1
                yield Rule(number, permission, peer, egress)

    def depends(self, doubt: Doubt, decided: Decided, net: "Network") -> Dependence:
        ways = ("IpPermissions", "IpPermissionsEgress")
        outbound = leaves(decided, net)
        if not doubt.properties & set(ways) or self.id not in net.index.groups_of.get(decided.at, ()):
            return super().depends(doubt, decided, net)
        adds = not outbound or self.ip_permissions_egress != (_everything_out(),)
        return of_group(doubt.part, adds, decided, outbound) if ways[outbound] in doubt.properties else Dependence.NONE

    def is_unknown(self, egress: bool, net: "Network") -> bool:
        """Whether the input names the group, or a prefix list of its rules, and does not describe it."""
        peers = (net.topology.resources.get(rule.peer) for rule in self.rules(egress) if isinstance(rule.peer, str))
        lists = (peer for peer in peers if peer is not None and peer.kind == "prefix_list")
        return self.undescribed or any(getattr(listed, "undescribed", False) for listed in lists)

    def match(
        self, packet: Packet, egress: bool, net: "Network", peers: tuple[str, ...] | None = None, vpc: str = ""
    ) -> Rule | None:
        """The rule that admits the packet at an interface of this group, or None.

        `peers`: the other end's groups, if known. `vpc`: that of the interface, if it may be another one than the group's.
        """
        key = (self.id, egress, packet.protocol)
        compiled: _Compiled = net.compiled(key) or net.compile(key, self._compile(egress, packet.protocol, net))
        peer = packet.dst if egress else packet.src
        rules = compiled.by_address.match(peer, packet.dst_port)
        if None not in rules:
            return rules[0]
        if compiled.by_group:
            receiver = None if egress else packet.dst
            for group in net.groups_at(vpc or self.vpc_id, peer, receiver) if peers is None else peers:
                table = compiled.by_group.get(group)
                if table is not None and None not in (rules := table.match(packet.dst_port)):
                    return rules[0]
        return None

    def rules_looked_at(self, packet: Packet, net: "Network") -> Iterable[Any]:
        return (*self.rules(False), *self.rules(True))

    def admitting(self, packet: Packet, egress: bool, net: "Network", vpc: str) -> Iterator[Rule]:
        """The rules whose protocol and peer are the packet's, whatever their ports."""
        peer = packet.dst if egress else packet.src
        groups = net.groups_at(vpc, peer, None if egress else packet.dst)
        for rule in self.rules(egress):
            if rule.permission.ip_protocol in (packet.protocol, ANY_PROTOCOL):
                prefixes = (rule.peer,) if isinstance(rule.peer, Prefix) else net.prefixes_of(rule.peer)
                if rule.peer in groups if prefixes is None else any(prefix.holds(peer) for prefix in prefixes):
                    yield rule

    def _compile(self, egress: bool, protocol: int, net: "Network") -> _Compiled:
        rules = [r for r in self.rules(egress) if r.permission.ip_protocol in (protocol, ANY_PROTOCOL)]
        clauses: list[Clause[Rule]] = []
        groups: dict[str, list[tuple[Ports, Rule]]] = {}
        for rule in rules:
            if isinstance(rule.peer, Prefix):
                clauses.append(Clause((rule.peer,), rule.permission.ports, rule))
            elif (prefixes := net.prefixes_of(rule.peer)) is not None:
                clauses.append(Clause(prefixes, rule.permission.ports, rule))
            else:
                groups.setdefault(rule.peer, []).append((rule.permission.ports, rule))
        return _Compiled(RuleTable(clauses), {group: PortTable(ports) for group, ports in groups.items()})

    def findings(self, net: "Network") -> Iterable[Finding]:
        """A group that no interface has and no rule names."""
        used = net.compiled("referred to") or net.compile("referred to", _referred_to(net.topology))
        if self.id not in used and self.group_name != "default":
            page = "https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html"
            yield Finding("unused-security-group", self.id, "nothing has it and no rule names it", page, self.origin, "note")

    def links(self, net: "Network") -> Iterable[Link]:
        yield Link(self.vpc_id, self.id, "contains")


def _referred_to(topology: "Topology") -> set[str]:
    """The ids that resources hold of others."""
    references = ((resource.id, reference.id) for resource in topology.resources.values() for reference in resource.references())
    return {id for holder, id in references if id != holder}


def _everything_out() -> IpPermission:
    return IpPermission(ip_ranges=(IpRange(cidr_ip=EVERYWHERE[4]),), ipv6_ranges=(Ipv6Range(cidr_ipv6=EVERYWHERE[6]),))


def _word_of(protocol: int) -> str:
    return "all" if protocol == ANY_PROTOCOL else protocol_name(protocol).removeprefix("protocol ")
