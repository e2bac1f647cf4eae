"""A network ACL: numbered allow and deny entries at the edge of a subnet, tried in order, without memory.

The first entry that matches decides; the entry `*` denies what is left. IPv4 and IPv6 entries do not mix. A protocol
other than TCP, UDP and ICMP has no ports to look at. A subnet that nobody associated uses the default ACL of its VPC.

Sources: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html,
https://docs.aws.amazon.com/vpc/latest/userguide/custom-network-acl.html,
https://docs.aws.amazon.com/vpc/latest/userguide/default-network-acl.html,
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkAclEntry.html.
"""

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from vpcsim.codes import Code
from vpcsim.errors import Doubt, Origin, Problem
from vpcsim.fabric.open_values import of_acl
from vpcsim.fabric.subnet import association_refusals
from vpcsim.packet import ANY_PROTOCOL, HAVE_PORTS, ICMP, ICMPV6, Packet, port_text, protocol_name, protocol_number
from vpcsim.prefixes import ANY_PORT, EVERYWHERE, Clause, Ports, Prefix, RuleTable
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
from vpcsim.trace import Disposition, Step, onward

if TYPE_CHECKING:
    from vpcsim.network import Index, Network
    from vpcsim.topology import Topology

Protocol = Annotated[int, Read(protocol_number, str)]

_ENTRY = re.compile(r"(\d+)\s+(allow|deny)\s+(\S+)(?:\s+(\d+(?:-\d+)?|-?\d+/(?:-?\d+|\*)))?\s+(?:from|to)\s+(\S+)", re.IGNORECASE)


LARGEST_NUMBER = 32766
RULES = "https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html"


class PortRange(Shape):
    """Ports, both ends included."""

    start: int = field(api="From", ge=0, le=65535)
    end: int = field(api="To", ge=0, le=65535)


class IcmpTypeCode(Shape):
    """An ICMP type and code; -1 means every one."""

    type: int = field(default=-1, ge=-1, le=255)
    code: int = field(default=-1, ge=-1, le=255)


class NetworkAclEntry(Shape):
    """One numbered entry. The native format writes it `100 allow tcp 443 from 10.0.0.0/16`."""

    rule_number: int = field(ge=1, le=32767)
    protocol: Protocol = ANY_PROTOCOL
    rule_action: Annotated[str, Read(lambda v: str(v).lower())] = field(pattern="^(allow|deny)$")
    egress: bool = False
    cidr_block: Cidr | None = None
    ipv6_cidr_block: Cidr | None = None
    port_range: PortRange | None = None
    icmp_type_code: IcmpTypeCode | None = None

    @classmethod
    def read_text(cls, text: str) -> Mapping[str, Any]:
        match = _ENTRY.fullmatch(text.strip())
        if match is None:
            raise ValueError(f"`{text}` is not an entry such as `100 allow tcp 443 from 10.0.0.0/16`")
        number, action, protocol, ports, block = match.groups()
        fields: dict[str, Any] = {"RuleNumber": number, "RuleAction": action, "Protocol": protocol}
        fields["Ipv6CidrBlock" if ":" in block else "CidrBlock"] = block
        if ports and protocol_number(protocol) in (ICMP, ICMPV6):
            kind, _, code = ports.partition("/")
            fields["IcmpTypeCode"] = {"Type": kind, "Code": -1 if code in ("", "*") else code}
        elif ports:
            first, _, last = ports.partition("-")
            fields["PortRange"] = {"From": first, "To": last or first}
        return fields

    def line(self, name: str) -> str:
        if self.cidr_block is None and self.ipv6_cidr_block is None:
            return ""
        protocol = "all" if self.protocol == ANY_PROTOCOL else protocol_name(self.protocol).removeprefix("protocol ")
        ports = ""
        if self.port_range:
            first, last = self.port_range.start, self.port_range.end
            ports = f" {first}" if first == last else f" {first}-{last}"
        elif self.icmp_type_code:
            ports = f" {self.icmp_type_code.type}/{'*' if self.icmp_type_code.code < 0 else self.icmp_type_code.code}"
        return f"{self.rule_number} {self.rule_action} {protocol}{ports} {'to' if self.egress else 'from'} {self.block}"

    @property
    def block(self) -> Prefix:
        block = self.cidr_block or self.ipv6_cidr_block
        assert block is not None, "an entry names a block"
        return block

    @property
    def ports(self) -> Ports:
        """The ports of the entry; for ICMP the numbers that stand for its type and code."""
        if self.protocol in (ICMP, ICMPV6) and self.icmp_type_code and self.icmp_type_code.type >= 0:
            kind, code = self.icmp_type_code.type, self.icmp_type_code.code
            return (kind << 8, kind << 8 | 255) if code < 0 else (kind << 8 | code,) * 2
        if self.port_range and self.protocol in HAVE_PORTS and self.protocol not in (ICMP, ICMPV6):
            return (self.port_range.start, self.port_range.end)
        return ANY_PORT

    def covers(self, other: "NetworkAclEntry") -> bool:
        """Whether everything that another entry matches is matched by this one."""
        ports, others = self.ports, other.ports
        all_ports = ports == ANY_PORT or (ports[0] <= others[0] and others[1] <= ports[1])
        protocols = (other.protocol, ANY_PROTOCOL)
        return self.egress is other.egress and self.protocol in protocols and self.block.covers(other.block) and all_ports

    def __str__(self) -> str:
        way = "to" if self.egress else "from"
        return f"rule {self.rule_number} {self.rule_action} {port_text(self.protocol, self.ports)} {way} {self.block}"


class Association(Shape):
    """A subnet that uses this ACL."""

    subnet_id: Annotated[str, refers_to("subnet")]


class NetworkAcl(Resource):
    """See the module."""

    kind: ClassVar[str] = "network_acl"
    of_vpc_owner: ClassVar[bool] = True
    section: ClassVar[str] = "NetworkAcls"
    cloudformation_types: ClassVar[tuple[str, ...]] = (
        "AWS::EC2::NetworkAcl",
        "AWS::EC2::NetworkAclEntry",
        "AWS::EC2::SubnetNetworkAclAssociation",
    )
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={
            "aws_network_acl": "AWS::EC2::NetworkAcl",
            "aws_default_network_acl": "aws_default_network_acl",
            "aws_network_acl_rule": "AWS::EC2::NetworkAclEntry",
            "aws_network_acl_association": "AWS::EC2::SubnetNetworkAclAssociation",
        },
        names={"action": "RuleAction", "rule_no": "RuleNumber"},
        adopts={"aws_default_network_acl": ("default_network_acl_id", "{}")},
    )
    native_names: ClassVar[Mapping[str, str]] = {"vpc": "VpcId", "subnets": "Subnets", "ingress": "Ingress", "egress": "Egress"}
    native_text: ClassVar[tuple[str, ...]] = ("Ingress", "Egress")
    decides: ClassVar[bool] = True
    filters: ClassVar[bool] = True

    id: str = field(api="NetworkAclId")
    vpc_id: Annotated[str, refers_to("vpc")]
    is_default: bool = False
    entries: tuple[NetworkAclEntry, ...] = ()
    associations: tuple[Association, ...] = ()

    @classmethod
    def default(cls, vpc_id: str, origin: Origin | None) -> "NetworkAcl":
        """The ACL that AWS makes with a VPC: it allows everything, both ways, in both families."""
        entries = tuple(_allow_all(egress, family) for egress in (False, True) for family in (4, 6))
        return cls(
            id=f"{vpc_id}/default-network-acl", name="default", vpc_id=vpc_id, is_default=True, entries=entries, origin=origin
        )

    @classmethod
    def unspelled(cls, id: str) -> Draft | None:
        vpc, slash, name = id.rpartition("/")
        return Draft(cls, id, cls.default(vpc, None).dump(), None) if slash and name == "default-network-acl" else None

    @classmethod
    def described(cls, declaration: Declaration) -> Declared:
        """As it is, without the entries `*`, which are shown as 32767 and 32768."""
        fields = dict(declaration.fields)
        fields["Entries"] = [e for e in fields.get("Entries") or () if int(e["RuleNumber"]) <= LARGEST_NUMBER]
        yield Draft(cls, declaration.id, fields, declaration.origin)

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        if declaration.type == "AWS::EC2::NetworkAcl":
            yield Draft(cls, declaration.id, fields, declaration.origin)
        elif declaration.type == "AWS::EC2::NetworkAclEntry":
            entry = {**fields, "IcmpTypeCode": fields.get("Icmp"), "WrittenAt": declaration.origin}
            yield Patch(fields.get("NetworkAclId", ""), {"Entries": [entry]}, declaration.origin, key="NetworkAclId")
        else:
            association = {"SubnetId": fields.get("SubnetId"), "WrittenAt": declaration.origin}
            yield Patch(fields.get("NetworkAclId", ""), {"Associations": [association]}, declaration.origin, key="NetworkAclId")

    @classmethod
    def terraform(cls, declaration: Declaration) -> Declared:
        """A list of rules inside, or rules of their own. The default ACL loses the rules that AWS gives it.

        Sources: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/network_acl,
        https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/network_acl_rule,
        https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/default_network_acl
        """
        fields, origin = dict(declaration.fields), declaration.origin
        if declaration.type == "AWS::EC2::NetworkAclEntry":
            entry = _terraform_entry(fields, fields.get("Egress", False), origin)
            yield Patch(fields.get("NetworkAclId", ""), {"Entries": [entry]}, origin, key="network_acl_id")
        elif declaration.type == "AWS::EC2::SubnetNetworkAclAssociation":
            yield from cls.cloudformation(declaration)
        else:
            fields["IsDefault"] = declaration.type == "aws_default_network_acl"
            fields.setdefault("VpcId", str(fields.get("DefaultNetworkAclId", "")).removesuffix("/default-network-acl"))
            ways = (("Ingress", False), ("Egress", True))
            fields["Entries"] = [_terraform_entry(e, out, origin) for name, out in ways for e in as_list(fields.pop(name, None))]
            fields["Associations"] = [{"SubnetId": subnet} for subnet in as_list(fields.pop("SubnetIds", None))]
            yield Draft(cls, declaration.id, fields, origin)

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        entries = list(declaration.existing.get("Entries", ()))
        for way, egress in (("Ingress", False), ("Egress", True)):
            if way in fields:
                entries = [entry for entry in entries if entry["Egress"] is not egress]
                written = as_list(fields.pop(way))
                entries += [{"WrittenAt": getattr(entry, "origin", None), **entry, "Egress": egress} for entry in written]
        fields["Entries"] = entries
        if "Subnets" in fields:
            fields["Associations"] = [{"SubnetId": subnet} for subnet in as_list(fields.pop("Subnets"))]
        yield Draft(cls, declaration.id, fields, declaration.origin)

    def implied(self, topology: "Topology") -> Iterable[Resource]:
        """The entries in the order of their numbers: where they were written makes no difference."""
        yield self.replaced(entries=tuple(sorted(self.entries, key=lambda entry: (entry.egress, entry.rule_number))))

    def spelled(self, topology: "Topology") -> dict[str, Any]:
        fields = super().spelled(topology)
        listed = fields.pop("entries", [])
        for word, egress in (("ingress", False), ("egress", True)):
            pairs = [(e, told) for e, told in zip(self.entries, listed, strict=True) if e.egress is egress]
            if pairs:
                fields[word] = [self.line_of(e.replaced(egress=False), word, topology) or told for e, told in pairs]
                if egress:
                    fields[word] = [line.replace(" from ", " to ") if isinstance(line, str) else line for line in fields[word]]
        if self.associations:
            fields.pop("associations")
            fields["subnets"] = [association.subnet_id for association in self.associations]
        return fields

    @classmethod
    def check(cls, topology: "Topology") -> Iterable[Problem]:
        yield from super().check(topology)
        associated = [(acl, association.subnet_id, association) for acl in topology.of(cls) for association in acl.associations]
        yield from association_refusals(associated, topology)

    def refusals(self, topology: "Topology") -> Iterable[Problem]:
        seen: set[tuple[bool, int]] = set()
        for entry in self.entries:
            key = (entry.egress, entry.rule_number)
            if key in seen:
                yield refuse(f"{self.id}: rule {entry.rule_number} exists already", "NetworkAclEntryAlreadyExists", entry)
            seen.add(key)
            if entry.rule_number > LARGEST_NUMBER:
                message = f"{self.id}: rule {entry.rule_number} is kept by AWS; numbers go from 1 to {LARGEST_NUMBER}"
                yield refuse(message, "InvalidParameterValue", entry)
            if entry.ports[1] < entry.ports[0]:
                message = f"{self.id}: rule {entry.rule_number}: {entry.ports[0]}-{entry.ports[1]} is not a port range"
                yield refuse(message, "InvalidParameterValue", entry)
            if entry.cidr_block is None and entry.ipv6_cidr_block is None:
                yield refuse(f"{self.id}: rule {entry.rule_number} names no CIDR block", "MissingParameter", entry)

    def register(self, index: "Index") -> None:
        index.places[self.id] = self
        if self.is_default:
            index.default_acl[self.vpc_id] = self.id
        for association in self.associations:
            index.acl_of[association.subnet_id] = self.id

    def rules_looked_at(self, packet: Packet, net: "Network") -> Iterable[Any]:
        return sorted(self.entries, key=lambda entry: (entry.egress, entry.rule_number))

    def depends(self, doubt: Doubt, decided: Decided, net: "Network") -> Dependence:
        """What a subnet hands over leaves it; everything else enters, or else both ways count."""
        if decided.step.at != self.id or doubt.properties == {"Associations"}:
            return Dependence.NONE
        if doubt.properties != {"Entries"}:
            return super().depends(doubt, decided, net)
        ways = (True,) if decided.at in net.index.acl_of else (False,) if decided.at in net.index.addresses_of else (True, False)
        return max((of_acl(doubt.part, decided, outbound) for outbound in ways), key=lambda found: found.value)

    def filter(self, packet: Packet, egress: bool, net: "Network") -> Step:
        """The step that lets the packet through the edge of the subnet, or not."""
        protocol = packet.protocol
        table: RuleTable[NetworkAclEntry] = net.compiled((self.id, egress, protocol)) or net.compile(
            (self.id, egress, protocol), RuleTable(self._clauses(egress, protocol))
        )
        matches = table.match(packet.dst if egress else packet.src, packet.dst_port)
        for entry in matches:
            if entry is None or entry.rule_action != "allow":
                return self._denial(entry, packet, egress, partly=len(matches) > 1)
        return onward(self.id, "{at}: {rule} (outbound)" if egress else "{at}: {rule} (inbound)", packet, matches[0], None)

    def _clauses(self, egress: bool, protocol: int) -> list[Clause[NetworkAclEntry]]:
        entries = (
            e for e in self.entries if e.egress is egress and e.protocol in (protocol, ANY_PROTOCOL) and e.rule_number < 32767
        )
        return [Clause((e.block,), e.ports, e) for e in sorted(entries, key=lambda e: e.rule_number)]

    def _denial(self, entry: NetworkAclEntry | None, packet: Packet, egress: bool, partly: bool) -> Step:
        way = "outbound" if egress else "inbound"
        some = " for a part of the ports, so that some connections fail" if partly else ""
        if entry is None:
            because, fix = (
                f"{{at}}: no {way} rule matches {{packet}}, so rule * denies it{some}",
                f"{{at}}: an {way} allow rule for {{packet}}",
            )
        else:
            because, fix = (
                f"{{at}}: {{rule}} ({way}) denies {{packet}}{some}",
                f"{{at}}: an {way} allow with a lower number than {{rule}}",
            )
        return Step(self.id, because, packet, entry, None, Disposition.DENIED, Code.SUBNET_ACL_RESTRICTION, None, None, fix)

    def findings(self, net: "Network") -> Iterable[Finding]:
        """Rules that an earlier rule leaves nothing to, and an ACL that no subnet uses."""
        ordered = sorted(self.entries, key=lambda entry: entry.rule_number)
        for position, entry in enumerate(ordered):
            if first := next((earlier for earlier in ordered[:position] if earlier.covers(entry)), None):
                because = f"{entry} never decides: {first} comes first and matches all of it"
                yield Finding("shadowed-acl-rule", self.id, because, RULES, entry.origin or self.origin)
        if not self.associations and not self.is_default:
            yield Finding("unused-network-acl", self.id, "no subnet uses it", RULES, self.origin, "note")

    def links(self, net: "Network") -> Iterable[Link]:
        yield Link(self.vpc_id, self.id, "contains")


def _allow_all(egress: bool, family: int) -> NetworkAclEntry:
    return NetworkAclEntry(
        rule_number=100 if family == 4 else 101,
        rule_action="allow",
        egress=egress,
        cidr_block=EVERYWHERE[4] if family == 4 else None,
        ipv6_cidr_block=EVERYWHERE[6] if family == 6 else None,
    )


def _terraform_entry(rule: Any, egress: bool, origin: Origin | None) -> Any:
    if not isinstance(rule, Mapping):
        return rule
    fields: dict[str, Any] = {
        k: v for k, v in rule.items() if k in ("RuleNumber", "RuleAction", "Protocol", "CidrBlock", "Ipv6CidrBlock")
    }
    fields |= {"Egress": egress, "WrittenAt": origin}
    if str(fields.get("Protocol")).lower() in ("1", "58", "icmp", "icmpv6", "ipv6-icmp"):
        fields["IcmpTypeCode"] = {"Type": rule.get("IcmpType", -1), "Code": rule.get("IcmpCode", -1)}
    elif str(fields.get("Protocol")) not in ("-1", "all") and "FromPort" in rule:
        fields["PortRange"] = {"From": rule["FromPort"], "To": rule.get("ToPort", rule["FromPort"])}
    return fields
