"""An internet gateway: translates one to one between private and public IPv4 addresses, and passes IPv6 unchanged.

Outbound, the source must be an address of an attached interface of its VPC that has a public address, and the destination
must not be private. Inbound, the destination must be the public address of such an interface. An instance never sees its
own public address. A packet for a public address of the model comes back in by the gateway of that address.

Sources: https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html,
https://docs.aws.amazon.com/vpc/latest/reachability/explanation-codes.html (IGW_*).
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar, NamedTuple

from vpcsim.codes import Code
from vpcsim.errors import Problem
from vpcsim.packet import Packet
from vpcsim.prefixes import CARRIER_GRADE, PRIVATE, PrefixTable, address_text, family
from vpcsim.resource import Declaration, Declared, Draft, Link, Patch, Resource, as_list, refers_to, refuse
from vpcsim.shape import Shape, field
from vpcsim.trace import HAND_OVER, Disposition, Step, onward

if TYPE_CHECKING:
    from vpcsim.network import Index, Network
    from vpcsim.topology import Topology


class _Special(NamedTuple):
    """A range that has no place beyond the gateway, and the codes for it on the way out and in."""

    told: str
    outbound: Code
    inbound: Code


_RFC1918 = _Special(
    "a private address",
    Code.IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS,
    Code.IGW_SOURCE_ADDRESS_NOT_IN_RFC1918_INGRESS,
)
_RFC6598 = _Special(
    "in the carrier-grade NAT range",
    Code.IGW_DESTINATION_ADDRESS_NOT_IN_RFC6598_EGRESS,
    Code.IGW_SOURCE_ADDRESS_NOT_IN_RFC6598_INGRESS,
)
SPECIAL = PrefixTable([*((block, _RFC1918) for block in PRIVATE), (CARRIER_GRADE, _RFC6598)])


class InternetGatewayAttachment(Shape):
    """The VPC of the gateway."""

    vpc_id: Annotated[str, refers_to("vpc")]
    state: str = "available"


class InternetGateway(Resource):
    """See the module."""

    kind: ClassVar[str] = "internet_gateway"
    section: ClassVar[str] = "InternetGateways"
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::EC2::InternetGateway", "AWS::EC2::VPCGatewayAttachment")
    native_names: ClassVar[Mapping[str, str]] = {"vpc": "VpcId"}
    native_scalar: ClassVar[str] = "VpcId"
    route_target: ClassVar[str] = "GatewayId"

    id: str = field(api="InternetGatewayId")
    attachments: tuple[InternetGatewayAttachment, ...] = ()

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        if declaration.type == "AWS::EC2::InternetGateway":
            yield Draft(cls, declaration.id, fields, declaration.origin)
        elif "InternetGatewayId" in fields:
            attachment = {"VpcId": fields.get("VpcId"), "WrittenAt": declaration.origin}
            yield Patch(fields["InternetGatewayId"], {"Attachments": [attachment]}, declaration.origin)

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        if "VpcId" in fields:
            fields["Attachments"] = [{"VpcId": vpc} for vpc in as_list(fields.pop("VpcId"))]
        yield Draft(cls, declaration.id, fields, declaration.origin)

    @property
    def vpc_id(self) -> str | None:
        return next((a.vpc_id for a in self.attachments if a.state in ("available", "attached")), None)

    @classmethod
    def check(cls, topology: "Topology") -> Iterable[Problem]:
        first: dict[str, InternetGateway] = {}
        for gateway in topology.of(cls):
            if len(gateway.attachments) > 1:
                yield refuse(f"{gateway.id}: a gateway is attached to one VPC at a time", "Resource.AlreadyAssociated", gateway)
            vpc = gateway.vpc_id
            if vpc and (other := first.setdefault(vpc, gateway)) is not gateway:
                yield refuse(
                    f"{gateway.id}: {vpc} has an internet gateway already, {other.id}", "Resource.AlreadyAssociated", gateway
                )

    def register(self, index: "Index") -> None:
        index.places[self.id] = self
        if self.vpc_id:
            index.internet_gateway_of[self.vpc_id] = self.id

    def takes_from(self, vpc_id: str) -> bool:
        return self.vpc_id == vpc_id

    def receive(self, packet: Packet, came_from: str | None, net: "Network") -> Iterator[Step]:
        if came_from is not None and net.vpc_of(came_from) == self.vpc_id:
            yield from self._send_out(packet, net)
        else:
            yield from self._take_in(packet, net)

    def _send_out(self, packet: Packet, net: "Network") -> Iterator[Step]:
        if family(packet.src) == 4:
            step = self._translated(packet, net)
            yield step
            if step.disposition is not None:
                return
            packet = step.packet
        yield onward(self.id, HAND_OVER, packet, None, net.beyond(packet.dst))

    def _translated(self, packet: Packet, net: "Network") -> Step:
        special = SPECIAL.lookup(packet.dst)
        if special is not None:
            because = "{at}: drops it, {packet.destination} is {about}"
            return self._deny(because, packet, special.outbound, about=special.told)
        public = net.public_address(self.vpc_id, packet.src)
        if public is None:
            because = "{at}: drops it, {packet.source} has no public address"
            fix = "{packet.source}: a public address, or a route through a NAT gateway instead of {at}"
            return self._deny(because, packet, Code.IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS, fix)
        because = "{at}: translates the source {about} to {packet.source}"
        return Step(self.id, because, packet.sent_by(public), about=packet.source)

    def _take_in(self, packet: Packet, net: "Network") -> Iterator[Step]:
        special = SPECIAL.lookup(packet.src)
        if special is not None:
            yield self._deny("{at}: drops it, {packet.source} is {about}", packet, special.inbound, about=special.told)
            return
        holder = net.holder_of_public(packet.dst)
        if holder is None or net.vpc_of(holder[0]) != self.vpc_id:
            because = "{at}: drops it, {packet.destination} is not the public address of an interface in its VPC"
            yield self._deny(because, packet, Code.IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS)
            return
        interface, private = holder
        about = address_text(packet.dst)
        because = "{at}: translates the destination {about} to {packet.destination}" if private != packet.dst else HAND_OVER
        yield Step(self.id, because, packet.sent_to(private), to=interface, about=about)

    def _deny(self, because: str, packet: Packet, code: Code, fix: str = "", about: str = "") -> Step:
        return Step(self.id, because, packet, None, None, Disposition.DENIED, code, None, about, fix)

    def links(self, net: "Network") -> Iterable[Link]:
        if self.vpc_id:
            yield Link(self.vpc_id, self.id, "attached to")
            yield Link(self.id, "internet", "leads to")
            yield Link(self.id, "aws", "leads to")
