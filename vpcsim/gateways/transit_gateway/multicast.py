"""A multicast domain of a transit gateway: takes packets for a group from associated subnets to the members of the group.

Everything that a subnet of the domain sends to a multicast address goes to the gateway. Where static sources are supported only
registered sources may send, else every instance in the domain. A packet reaches the registered members; the network ACLs and the
security groups of both ends apply, and rules that name groups do not match. Nobody answers. Who joins by IGMP is not
configuration, so with IGMP the members, and whether others may send, are undecided. IGMP is for IPv4 only.

Sources: https://docs.aws.amazon.com/vpc/latest/tgw/tgw-multicast-overview.html,
https://docs.aws.amazon.com/vpc/latest/tgw/multicast-configurations-no-igmp.html (static sources),
https://docs.aws.amazon.com/vpc/latest/tgw/multicast-configurations-no-igmp-source.html (static members),
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TransitGatewayMulticastDomainOptions.html.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from vpcsim.codes import Code
from vpcsim.errors import Problem
from vpcsim.fabric.network_interface import NetworkInterface
from vpcsim.fabric.subnet import Subnet
from vpcsim.gateways.transit_gateway.attachment import SWITCH, Switch, TransitGatewayAttachment
from vpcsim.packet import Packet
from vpcsim.prefixes import address_text, family
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
        "sources": "Sources",
        "igmp": "Igmpv2Support",
        "static_sources": "StaticSourcesSupport",
    }
    native_text: ClassVar[tuple[str, ...]] = ("Members", "Sources")

    id: str = field(api="TransitGatewayMulticastDomainId")
    transit_gateway_id: Annotated[str, refers_to("transit_gateway")]
    options: TransitGatewayMulticastDomainOptions = field(default_factory=TransitGatewayMulticastDomainOptions)
    subnet_ids: tuple[Annotated[str, refers_to("subnet")], ...] = ()
    members: tuple[MulticastGroup, ...] = ()
    sources: tuple[MulticastGroup, ...] = ()

    @classmethod
    def described(cls, declaration: Declaration) -> Declared:
        """A domain, or what an answer about one tells: its subnets, its static members and sources."""
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
            for name, flag, kind in (("Members", "GroupMember", "MemberType"), ("Sources", "GroupSource", "SourceType")):
                if fields.get(flag) and fields.get(kind, "static") == "static":
                    yield Patch(str(domain), {name: [group]}, declaration.origin)

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
        for name in ("SubnetIds", "Members", "Sources"):
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
        for group in (*self.members, *self.sources):
            where = group if group.origin else self
            text = address_text(group.group_ip_address)
            if not Packet(0, group.group_ip_address, 17, (0, 0), (0, 0)).is_multicast:
                yield refuse(f"{self.id}: {text} is not a multicast address", "InvalidParameterValue", where)
            if topology.need(NetworkInterface, group.network_interface_id).subnet_id not in self.subnet_ids:
                message = f"{self.id}: {group.network_interface_id} is in no subnet of the domain"
                yield refuse(message, "InvalidParameterValue", where)

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
        return tuple(m.network_interface_id for m in self.members if m.group_ip_address == packet.dst)

    def receive(self, packet: Packet, came_from: str | None, net: "Network") -> Iterator[Step]:
        sender = net.interface_at(net.vpc_of(came_from or ""), packet.src)
        if (step := self._held_back(packet, sender, net)) is not None:
            yield step
        members = self._members(packet)
        if not members or (self.uses_igmp and family(packet.dst) == 4):
            yield self._without_members(packet)
            return
        chosen = net.chosen.get(self.id)
        member = chosen if chosen in members else members[0]
        interface: Any = net.places[member]
        seen = packet.passed_on()
        yield net.acl_of(interface.subnet_id).filter(seen, False, net)
        if interface.groups:
            yield interface.filtered(seen, self.id, None, net)
        yield accepted(self.id, "{at}: to {about}, a member of {packet.destination}", packet, None, interface.known_as)

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
        if self.uses_igmp and family(packet.dst) == 4:
            because = "{at}: who has joined {packet.destination} by IGMP is not in the model"
            return Step(self.id, because, packet, disposition=Disposition.UNDECIDED, code=Code.VPCSIM_NOT_MODELLED)
        because, fix = "{at}: {packet.destination} has no members", "{at}: a member of {packet.destination}"
        no_route = Disposition.NO_ROUTE
        return Step(self.id, because, packet, None, None, no_route, Code.NO_POSSIBLE_DESTINATION, None, None, fix)

    def links(self, net: "Network") -> Iterable[Link]:
        yield Link(self.transit_gateway_id, self.id, "contains")
        yield from (Link(subnet, self.id, "sends multicast to") for subnet in self.subnet_ids)
        yield from (Link(self.id, member.network_interface_id, line) for member in self.members if (line := member.line("")))


def _with_options(fields: dict[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    told = {name: fields.pop(name) for name in ("Igmpv2Support", "StaticSourcesSupport") if name in fields}
    return {**fields, "Options": {**known, **(fields.get("Options") or {}), **told}}
