"""An internet gateway: translates one to one between private and public IPv4 addresses, and passes IPv6 unchanged.

Outbound, the source must be an address of an attached interface of its VPC that has a public address, and the destination
must not be private. Inbound, the destination must be the public address of such an interface. An instance never sees its
own public address. A packet for a public address of the model comes back in by the gateway of that address.

The gateway can have a route table, which decides about what enters: it may send it to an appliance first. A subnet whose
packets it redirects must not answer past the appliance. Block Public Access stands before both ways.

Sources: https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Internet_Gateway.html,
https://docs.aws.amazon.com/vpc/latest/userguide/gateway-route-tables.html,
https://docs.aws.amazon.com/vpc/latest/reachability/explanation-codes.html (IGW_*, INGRESS_RTB_*).
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar, NamedTuple

from vpcsim.codes import Code
from vpcsim.errors import Problem
from vpcsim.fabric.public_access import blocked
from vpcsim.fabric.route_targets import LOCAL
from vpcsim.packet import Packet
from vpcsim.prefixes import CARRIER_GRADE, PRIVATE, PrefixTable, family
from vpcsim.resource import Declaration, Declared, Draft, Link, Patch, Resource, TerraformSpelling, as_list, refers_to, refuse
from vpcsim.shape import Shape, field
from vpcsim.trace import Disposition, Step, onward

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
    looks_at_zones: ClassVar[bool] = False
    of_vpc_owner: ClassVar[bool] = True
    section: ClassVar[str] = "InternetGateways"
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::EC2::InternetGateway", "AWS::EC2::VPCGatewayAttachment")
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={
            "aws_internet_gateway": "AWS::EC2::InternetGateway",
            "data.aws_internet_gateway": "AWS::EC2::InternetGateway",
            "aws_internet_gateway_attachment": "AWS::EC2::VPCGatewayAttachment",
        },
    )
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
    def terraform(cls, declaration: Declaration) -> Declared:
        """Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/internet_gateway"""
        fields = dict(declaration.fields)
        if declaration.type == "AWS::EC2::InternetGateway" and "VpcId" in fields:
            fields["Attachments"] = [{"VpcId": fields.pop("VpcId")}]
        yield from cls.cloudformation(declaration._replace(fields=fields))

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
            index.public_gateway_of[self.vpc_id, 4] = index.public_gateway_of[self.vpc_id, 6] = self.id

    def takes_from(self, vpc_id: str) -> bool:
        return self.vpc_id == vpc_id

    def receive(self, packet: Packet, came_from: str | None, net: "Network") -> Iterator[Step]:
        subnet = came_from or ""
        vpc = net.vpc_of(subnet)
        if vpc is not None and vpc == self.vpc_id:
            return self._send_out(packet, subnet, vpc, net)
        return self._take_in(packet, net)

    def _send_out(self, packet: Packet, subnet: str, vpc: str, net: "Network") -> Iterator[Step]:
        if net.index.public_access:
            step = blocked(self.id, packet, subnet, net.interface_at(vpc, packet.src), False, net)
            if step is not None:
                yield step
        if self.id in net.index.table_of and (step := self._bypassing(packet, subnet, net)) is not None:
            yield step
        yield self._translated(packet, vpc, net)

    def _bypassing(self, packet: Packet, subnet: str, net: "Network") -> Step | None:
        """A denial, if the gateway's table leads what comes for the sender to an appliance that the packet did not pass."""
        table = net.edge_table_of(self.id)
        route, to = table.lookup(packet.src, net) if table else (None, LOCAL)
        if table is None or route is None or to == LOCAL or _subnet_of(to, net) == subnet:
            return None
        because = "{at}: {rule} takes what comes in for {packet.source}, so it must go out by {rule.target} too"
        fix = "the route table of {packet.source}: lead {packet.destination} to {rule.target}"
        denied, code = Disposition.DENIED, Code.INGRESS_RTB_TRAFFIC_REDIRECTION
        return Step(table.id, because, packet, route, None, denied, code, None, None, fix)

    def _translated(self, packet: Packet, vpc: str, net: "Network") -> Step:
        special = SPECIAL.lookup(packet.dst)
        if special is not None:
            because = "{at}: drops it, {packet.destination} is {about}"
            return self._deny(because, packet, special.outbound, about=special.told)
        public = net.public_address(vpc, packet.src)
        if public is None:
            because = "{at}: drops it, {packet.source} has no public address"
            fix = "{packet.source}: a public address, or a route through a NAT gateway instead of {at}"
            sender = net.places.get(getattr(net.places.get(net.interface_at(vpc, packet.src) or ""), "attached_to", None) or "")
            if sender is not None and not sender.takes_public_addresses:
                fix = "{about}: a subnet with a route to a NAT gateway; its interfaces never have a public address"
            return self._deny(because, packet, Code.IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS, fix, sender.known_as if sender else "")
        if public == packet.src:
            return onward(self.id, "{at}: passes {packet.source} as it is", packet, None, net.outward(packet))
        because, translated = "{at}: translates the source {about.source} to {packet.source}", packet.sent_by(public)
        return onward(self.id, because, translated, None, net.outward(translated), None, packet)

    def _take_in(self, packet: Packet, net: "Network") -> Iterator[Step]:
        special = SPECIAL.lookup(packet.src)
        if special is not None:
            yield self._deny("{at}: drops it, {packet.source} is {about}", packet, special.inbound, about=special.told)
            return
        holder = net.index.holder_of_public.get(packet.dst)
        assert holder is not None, "who hands it over has asked for the gateway of its destination"
        yield from self._bring_in(packet, holder.interface, holder.private, net)

    def _bring_in(self, packet: Packet, interface: str, private: int, net: "Network") -> Iterator[Step]:
        table = net.edge_table_of(self.id)
        route, to = table.lookup(private, net) if table else (None, LOCAL)
        first = interface if to == LOCAL else _entrance(to, net)
        if net.index.public_access and first is not None:
            step = blocked(self.id, packet, net.subnet_of(first), interface, True, net)
            if step is not None:
                yield step
        if getattr(net.places[interface], "deny_all_igw_traffic", False):
            because = "{at}: drops it, the interface of {packet.destination} takes nothing from internet gateways"
            yield self._deny(
                because, packet, Code.IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS, "{packet.destination}: DenyAllIgwTraffic off"
            )
        inside, because = packet, "{at}: passes it to {packet.destination} as it is"
        if private != packet.dst:
            because = "{at}: translates the destination {about.destination} to {packet.destination}"
            inside = packet.sent_to(private)
        if table is None or to == LOCAL:
            yield onward(self.id, because, inside, None, interface, None, packet)
            return
        if inside is not packet:
            yield onward(self.id, because, inside, None, None, None, packet)
        if first is None or route is None:
            yield table.dead_end(route, first, inside, net)
        elif net.places[to].needs_public_address and not _has_public(first, packet.dst, net):
            because = "{at}: {rule}, and {rule.target} has no public address, which the way from an internet gateway needs"
            denied, code = Disposition.DENIED, Code.INGRESS_RTB_NO_PUBLIC_IP
            yield Step(table.id, because, inside, route, None, denied, code, None, None, "{rule.target}: a public address")
        else:
            yield onward(table.id, "{at}: {rule}", inside, route, first)

    def _deny(self, because: str, packet: Packet, code: Code, fix: str = "", about: str = "") -> Step:
        return Step(self.id, because, packet, None, None, Disposition.DENIED, code, None, about, fix)

    def links(self, net: "Network") -> Iterable[Link]:
        if (table := net.edge_table_of(self.id)) is not None:
            yield Link(self.id, table.id, "routed by")
        if self.vpc_id:
            yield Link(self.vpc_id, self.id, "attached to")
            yield Link(self.id, "internet", "leads to")
            yield Link(self.id, "aws", "leads to")


def _entrance(target: str, net: "Network") -> str | None:
    """The interface by which a route's target takes packets."""
    place = net.places.get(target)
    return place.entrance(net) if place is not None else None


def _subnet_of(target: str, net: "Network") -> str | None:
    return net.subnet_of(_entrance(target, net) or "")


def _has_public(interface: str, like: int, net: "Network") -> bool:
    """Whether the interface has a public address of the family of this one."""
    vpc, addresses = net.vpc_of(interface), net.index.addresses_of.get(interface, ())
    public = (net.public_address(vpc, number) for number in addresses)
    return any(number is not None and family(number) == family(like) for number in public)
