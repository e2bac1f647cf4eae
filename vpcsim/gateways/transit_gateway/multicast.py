"""A multicast domain of a transit gateway: takes packets for a group from associated subnets to the members of the group.

Everything that a subnet of the domain sends to a multicast address goes to the gateway. Where static sources are supported only
registered sources may send, else every instance in the domain. A packet reaches the registered members; the network ACLs and the
security groups of both ends apply, and rules that name groups do not match. Nobody answers.

With IGMP hosts join a group of IPv4 themselves, beside members that are registered. Who does is not configuration: `joins` tells
it, or the groups that AWS lists; without either it is undecided. A host that joins stays a member only if the gateway's queries
get in to it and its own messages out.

Sources: https://docs.aws.amazon.com/vpc/latest/tgw/tgw-multicast-overview.html,
https://docs.aws.amazon.com/vpc/latest/tgw/multicast-domains-about.html (IGMP, who may send),
https://docs.aws.amazon.com/vpc/latest/tgw/how-multicast-works.html (what IGMP needs of ACLs and groups),
https://docs.aws.amazon.com/vpc/latest/tgw/view-multicast-group.html (members by IGMP),
https://docs.aws.amazon.com/vpc/latest/tgw/multicast-configurations-no-igmp.html (static sources),
https://docs.aws.amazon.com/vpc/latest/tgw/multicast-configurations-no-igmp-source.html (static members),
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TransitGatewayMulticastDomainOptions.html.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from vpcsim.codes import Code
from vpcsim.errors import Problem
from vpcsim.fabric.network_interface import NetworkInterface
from vpcsim.fabric.subnet import Subnet
from vpcsim.gateways.transit_gateway.attachment import SWITCH, Switch, TransitGatewayAttachment
from vpcsim.packet import Packet
from vpcsim.prefixes import ANY_PORT, address_text, family
from vpcsim.resource import (
    Address,
    Declaration,
    Declared,
    Draft,
    Link,
    Patch,
    Resource,
    TerraformSpelling,
    as_list,
    refers_to,
    refuse,
)
from vpcsim.shape import Shape, field
from vpcsim.trace import Disposition, Step, accepted

if TYPE_CHECKING:
    from vpcsim.network import Index, Network
    from vpcsim.topology import Topology

DOMAIN = "AWS::EC2::TransitGatewayMulticastDomain"
ASSOCIATION = "AWS::EC2::TransitGatewayMulticastDomainAssociation"
IGMP, NOBODY, EVERY_HOST = 2, 0, 0xE0000001
"""The protocol, and the two ends of a query: from 0.0.0.0 to 224.0.0.1."""
MEMBER, SOURCE = "AWS::EC2::TransitGatewayMulticastGroupMember", "AWS::EC2::TransitGatewayMulticastGroupSource"


class TransitGatewayMulticastDomainOptions(Shape):
    """How sources and members are told."""

    igmpv2_support: Switch = field(default="disable", pattern=SWITCH, api="Igmpv2Support")
    static_sources_support: Switch = field(default="disable", pattern=SWITCH)


class MulticastGroup(Shape):
    """An interface that is a source or a member of a group."""

    group_ip_address: Address
    network_interface_id: Annotated[str, refers_to("network_interface")]

    @classmethod
    def read_text(cls, text: str) -> Mapping[str, Any]:
        group, arrow, interface = text.partition("->")
        if not arrow:
            raise ValueError(f"`{text}` is not a group and an interface such as `233.252.0.1 -> myInterface`")
        return {"GroupIpAddress": group.strip(), "NetworkInterfaceId": interface.strip()}

    def line(self, name: str) -> str:
        return f"{address_text(self.group_ip_address)} -> {self.network_interface_id}"


class TransitGatewayMulticastDomain(Resource):
    """See the module."""

    kind: ClassVar[str] = "transit_gateway_multicast_domain"
    section: ClassVar[str] = "TransitGatewayMulticastDomains"
    described_as: ClassVar[tuple[str, ...]] = ("MulticastDomainAssociations", "MulticastGroups")
    cloudformation_types: ClassVar[tuple[str, ...]] = (DOMAIN, ASSOCIATION, MEMBER, SOURCE)
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={
            "aws_ec2_transit_gateway_multicast_domain": DOMAIN,
            "aws_ec2_transit_gateway_multicast_domain_association": ASSOCIATION,
            "aws_ec2_transit_gateway_multicast_group_member": MEMBER,
            "aws_ec2_transit_gateway_multicast_group_source": SOURCE,
        },
    )
    native_names: ClassVar[Mapping[str, str]] = {
        "transit_gateway": "TransitGatewayId",
        "subnets": "SubnetIds",
        "members": "Members",
        "joins": "Joins",
        "sources": "Sources",
        "igmp": "Igmpv2Support",
        "static_sources": "StaticSourcesSupport",
    }
    native_text: ClassVar[tuple[str, ...]] = ("Members", "Joins", "Sources")

    id: str = field(api="TransitGatewayMulticastDomainId")
    transit_gateway_id: Annotated[str, refers_to("transit_gateway")]
    options: TransitGatewayMulticastDomainOptions = field(default_factory=TransitGatewayMulticastDomainOptions)
    subnet_ids: tuple[Annotated[str, refers_to("subnet")], ...] = ()
    members: tuple[MulticastGroup, ...] = ()
    joins: tuple[MulticastGroup, ...] | None = None
    """Who has joined by IGMP. None: that is not known."""
    sources: tuple[MulticastGroup, ...] = ()

    @classmethod
    def described(cls, declaration: Declaration) -> Declared:
        """A domain, or what an answer about one tells: its subnets, its members and sources."""
        fields, domain = dict(declaration.fields), declaration.page.get("TransitGatewayMulticastDomainId")
        if declaration.type == cls.section:
            if fields.get("State") != "deleted":
                yield Draft(cls, declaration.id, fields, declaration.origin)
        elif domain and declaration.type == "MulticastDomainAssociations":
            subnet = fields.get("Subnet") or {}
            if subnet.get("State", "associated") == "associated":
                yield Patch(str(domain), {"SubnetIds": [subnet["SubnetId"]]}, declaration.origin)
        elif domain:
            group = {name: fields[name] for name in ("GroupIpAddress", "NetworkInterfaceId")}
            if fields.get("MemberType") == "igmp":
                yield Patch(str(domain), {"Joins": [group]}, declaration.origin)
            elif fields.get("GroupMember"):
                yield Patch(str(domain), {"Members": [group]}, declaration.origin)
            if fields.get("GroupSource") and fields.get("SourceType", "static") == "static":
                yield Patch(str(domain), {"Sources": [group]}, declaration.origin)

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        fields, origin = dict(declaration.fields), declaration.origin
        if declaration.type == DOMAIN:
            yield Draft(cls, declaration.id, _with_options(fields, {}), origin)
            return
        part: dict[str, Any] = {"SubnetIds": [fields.get("SubnetId")]}
        if declaration.type != ASSOCIATION:
            group = {name: fields.get(name) for name in ("GroupIpAddress", "NetworkInterfaceId")}
            part = {"Members" if declaration.type == MEMBER else "Sources": [{**group, "WrittenAt": origin}]}
        yield Patch(fields.get("TransitGatewayMulticastDomainId", ""), part, origin, key="TransitGatewayMulticastDomainId")

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        for name in ("SubnetIds", "Members", "Joins", "Sources"):
            if name in fields:
                fields[name] = as_list(fields[name])
        known = declaration.existing.get("Options", {})
        yield Draft(cls, declaration.id, _with_options(fields, known), declaration.origin)

    @property
    def uses_igmp(self) -> bool:
        return self.options.igmpv2_support == "enable"

    @property
    def has_sources(self) -> bool:
        return self.options.static_sources_support == "enable"

    def refusals(self, topology: "Topology") -> Iterable[Problem]:
        if self.uses_igmp and self.has_sources:
            message = f"{self.id}: a domain has static sources or IGMP, not both"
            yield refuse(message, "InvalidParameterCombination", self)
        attachments = (a for a in topology.of(TransitGatewayAttachment) if self.transit_gateway_id in a.gateways and a.carries)
        attached = {attachment.vpc_id for attachment in attachments}
        for subnet in self.subnet_ids:
            if topology.need(Subnet, subnet).vpc_id not in attached:
                message = f"{self.id}: the VPC of {subnet} is not attached to {self.transit_gateway_id}"
                yield refuse(message, "InvalidParameterValue", self)
        if self.sources and not self.has_sources:
            yield refuse(f"{self.id}: sources need the domain's support of static sources", "InvalidParameterValue", self)
        for group in (*self.members, *(self.joins or ()), *self.sources):
            where = group if group.origin else self
            text = address_text(group.group_ip_address)
            if not Packet(0, group.group_ip_address, 17, (0, 0), (0, 0)).is_multicast:
                yield refuse(f"{self.id}: {text} is not a multicast address", "InvalidParameterValue", where)
            if topology.need(NetworkInterface, group.network_interface_id).subnet_id not in self.subnet_ids:
                message = f"{self.id}: {group.network_interface_id} is in no subnet of the domain"
                yield refuse(message, "InvalidParameterValue", where)
        yield from self._cannot_join()

    def _cannot_join(self) -> Iterator[Problem]:
        """What AWS has no error for, since no call of its API joins a group."""
        for join in self.joins or ():
            where = join.origin or self.origin
            if not self.uses_igmp:
                yield Problem(f"{self.id}: hosts join only in a domain with IGMP; `igmp: true` says that it has it", where)
            elif family(join.group_ip_address) == 6:
                yield Problem(f"{self.id}: {address_text(join.group_ip_address)}: IGMP is for IPv4 only", where)

    @classmethod
    def check(cls, topology: "Topology") -> Iterable[Problem]:
        """Source: https://docs.aws.amazon.com/vpc/latest/tgw/tgw-multicast-overview.html (one domain for a subnet)"""
        yield from super().check(topology)
        first: dict[str, str] = {}
        for domain in topology.of(cls):
            for subnet in domain.subnet_ids:
                if (known := first.setdefault(subnet, domain.id)) != domain.id:
                    message = f"{domain.id}: {subnet} is in the multicast domain {known} already"
                    yield refuse(message, "Resource.AlreadyAssociated", domain)

    def register(self, index: "Index") -> None:
        index.places[self.id] = self
        for subnet in self.subnet_ids:
            index.multicast_of[subnet] = self.id

    def branches(self, packet: Packet, net: "Network") -> tuple[str, ...]:
        """The members, each of which gets the packet."""
        return self._members(packet)

    def _members(self, packet: Packet) -> tuple[str, ...]:
        told = chain(self.members, self.joins or ())
        return tuple(dict.fromkeys(m.network_interface_id for m in told if m.group_ip_address == packet.dst))

    def _lacks_members(self, packet: Packet) -> bool:
        """Whether there may be members that the model does not tell."""
        return self.uses_igmp and self.joins is None and family(packet.dst) == 4

    def receive(self, packet: Packet, came_from: str | None, net: "Network") -> Iterator[Step]:
        sender = net.interface_at(net.vpc_of(came_from or ""), packet.src)
        if (step := self._held_back(packet, sender, net)) is not None:
            yield step
        members = self._members(packet)
        if not members or self._lacks_members(packet):
            yield self._without_members(packet)
            return
        chosen = net.chosen.get(self.id)
        member = chosen if chosen in members else members[0]
        interface: Any = net.places[member]
        seen = packet.passed_on()
        yield from self._kept_out(interface, packet, net)
        yield net.acl_of(interface.subnet_id).filter(seen, False, net)
        if interface.groups:
            yield interface.filtered(seen, self.id, None, net)
        yield accepted(self.id, "{at}: to {about}, a member of {packet.destination}", packet, None, interface.known_as)

    def _kept_out(self, interface: Any, packet: Packet, net: "Network") -> Iterator[Step]:
        """What keeps a host from being a member that joins. A registered member needs no IGMP.

        Source: https://docs.aws.amazon.com/vpc/latest/tgw/how-multicast-works.html
        """
        if any((m.network_interface_id, m.group_ip_address) == (interface.id, packet.dst) for m in self.members):
            return
        acl, address = net.acl_of(interface.subnet_id), net.index.addresses_of[interface.id][0]
        join = Packet(address, packet.dst, IGMP, ANY_PORT, ANY_PORT)
        query = Packet(NOBODY, EVERY_HOST, IGMP, ANY_PORT, ANY_PORT).passed_on()
        messages = [(acl.filter(join, True, net), join), (acl.filter(query, False, net), query)]
        if interface.groups:
            messages += [
                (interface.filtered(join, None, None, net), join),
                (interface.filtered(query, self.id, None, net), query),
            ]
        for step, message in messages:
            if step.disposition is not None:
                yield _no_igmp(step, packet, message, interface.known_as)

    def _held_back(self, packet: Packet, sender: str | None, net: "Network") -> Step | None:
        """Why this sender may not send to the group."""
        if not self.has_sources:
            return None
        if any(s.network_interface_id == sender and s.group_ip_address == packet.dst for s in self.sources):
            return None
        because = "{at}: {packet.source} is not a source of {packet.destination}"
        denied, fix = Disposition.DENIED, "{at}: {packet.source} as a source of {packet.destination}"
        return Step(self.id, because, packet, None, None, denied, Code.NO_POSSIBLE_DESTINATION, None, None, fix)

    def _without_members(self, packet: Packet) -> Step:
        if self._lacks_members(packet):
            because = "{at}: who has joined {packet.destination} by IGMP is not in the model; `joins` tells it"
            return Step(self.id, because, packet, disposition=Disposition.UNDECIDED, code=Code.VPCSIM_NOT_MODELLED)
        because, fix = "{at}: {packet.destination} has no members", "{at}: a member of {packet.destination}"
        no_route = Disposition.NO_ROUTE
        return Step(self.id, because, packet, None, None, no_route, Code.NO_POSSIBLE_DESTINATION, None, None, fix)

    def links(self, net: "Network") -> Iterable[Link]:
        yield Link(self.transit_gateway_id, self.id, "contains")
        yield from (Link(subnet, self.id, "sends multicast to") for subnet in self.subnet_ids)
        for member in chain(self.members, self.joins or ()):
            yield Link(self.id, member.network_interface_id, member.line(""))


def _no_igmp(step: Step, packet: Packet, message: Packet, host: str) -> Step:
    """A filter that a host's membership ends at, told by the packet that does not reach the host."""
    query = message.src == NOBODY
    what = "in IGMP from 0.0.0.0" if query else "out IGMP to {packet.destination}"
    because = f"{{at}}: does not let {what}, so that {{about}} is no member of {{packet.destination}}"
    fix = f"{{at}}: allow protocol 2 {'from 0.0.0.0/32' if query else 'to {packet.destination}/32'}"
    return Step(step.at, because, packet, step.rule, None, step.disposition, step.code, None, host, fix)


def _with_options(fields: dict[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    told = {name: fields.pop(name) for name in ("Igmpv2Support", "StaticSourcesSupport") if name in fields}
    return {**fields, "Options": {**known, **(fields.get("Options") or {}), **told}}
