"""A route table of a transit gateway: where a packet goes that enters by one of its associated attachments.

The longest prefix wins. Of equal prefixes a static route beats a referenced prefix list, and that beats what propagates:
VPCs first, then Direct Connect, Connect, VPN and Client VPN. A blackhole drops what it matches. Peering attachments have
static routes only. A VPC whose blocks overlap those of a VPC attached before it does not propagate. Several attachments of
one type may propagate the same prefix: their lengths of paths are not in the model, and equal ones share the traffic, so
any of them may be taken.

Sources: https://docs.aws.amazon.com/vpc/latest/tgw/how-transit-gateways-work.html (Routing),
https://docs.aws.amazon.com/vpc/latest/tgw/tgw-route-tables.html,
https://docs.aws.amazon.com/vpc/latest/tgw/create-prefix-list-reference.html,
https://docs.aws.amazon.com/vpc/latest/tgw/tgw-vpc-attachments.html (overlapping blocks),
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TransitGatewayRoute.html.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from vpcsim.codes import Code
from vpcsim.errors import Origin, Problem
from vpcsim.gateways.transit_gateway.attachment import CORE_NETWORK, PEERING, RANKS, TransitGatewayAttachment
from vpcsim.prefixes import PassedOver, Prefix, PrefixTable, passed_over
from vpcsim.resource import (
    Cidr,
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

if TYPE_CHECKING:
    from vpcsim.network import Network
    from vpcsim.packet import Packet
    from vpcsim.topology import Topology

BLACKHOLE = "blackhole"
STATIC = {PEERING: "a peering", "network-function": "one of a network function"}
"""The types of attachments from which nothing propagates.

Source: https://docs.aws.amazon.com/vpc/latest/tgw/how-transit-gateways-work.html (Route propagation)
"""
PASSED_OVER = {
    PassedOver.ELSEWHERE: Code.TGW_RTB_CANNOT_ROUTE,
    PassedOver.LONGER: Code.TGW_RTB_MORE_SPECIFIC_ROUTE,
    PassedOver.EARLIER: Code.TGW_RTB_HIGHER_PRIORITY_ROUTE,
}

Entries = tuple[tuple[Prefix, "TransitGatewayRoute"], ...]


class TransitGatewayRoute(Shape):
    """One route. Without an attachment it is a blackhole."""

    destination_cidr_block: Cidr | None = None
    prefix_list_id: Annotated[str | None, refers_to("prefix_list")] = None
    transit_gateway_attachment_id: Annotated[str | None, refers_to("transit_gateway_attachment")] = None
    type: str = "static"
    state: str = "active"
    ties: tuple[str, ...] = field(default=(), dumped=False)
    """The attachments that propagate it alike, if there are several."""

    @classmethod
    def read_text(cls, text: str) -> Mapping[str, Any]:
        destination, arrow, target = text.partition("->")
        if not arrow:
            raise ValueError(f"`{text}` is not a route such as `10.0.0.0/8 -> myAttachment`")
        return _native_route(destination.strip(), target.strip())

    def line(self, name: str) -> str:
        return str(self)

    @property
    def destination(self) -> Prefix | str:
        """The block, or the id of the prefix list."""
        return self.destination_cidr_block or self.prefix_list_id or ""

    def __str__(self) -> str:
        told = " (propagated)" if self.type == "propagated" else ""
        return f"{self.destination} -> {self.transit_gateway_attachment_id or BLACKHOLE}{told}"


class TransitGatewayAssociation(Shape):
    """An attachment that uses this table for what enters by it."""

    transit_gateway_attachment_id: Annotated[str, refers_to("transit_gateway_attachment")]
    requested: bool = field(default=False, dumped=False)
    """Whether a template asks for it, which AWS refuses while the attachment has another table."""

    def line(self, name: str) -> str:
        return self.transit_gateway_attachment_id

    @classmethod
    def read_text(cls, text: str) -> Mapping[str, Any]:
        return {"TransitGatewayAttachmentId": text}


class TransitGatewayPropagation(Shape):
    """An attachment whose prefixes become routes of this table."""

    transit_gateway_attachment_id: Annotated[str, refers_to("transit_gateway_attachment")]

    def line(self, name: str) -> str:
        return self.transit_gateway_attachment_id

    @classmethod
    def read_text(cls, text: str) -> Mapping[str, Any]:
        return {"TransitGatewayAttachmentId": text}


class TransitGatewayRouteTable(Resource):
    """See the module."""

    kind: ClassVar[str] = "transit_gateway_route_table"
    section: ClassVar[str] = "TransitGatewayRouteTables"
    described_as: ClassVar[tuple[str, ...]] = ("Routes", "Associations", "TransitGatewayRouteTablePropagations")
    cloudformation_types: ClassVar[tuple[str, ...]] = (
        "AWS::EC2::TransitGatewayRouteTable",
        "AWS::EC2::TransitGatewayRoute",
        "AWS::EC2::TransitGatewayRouteTableAssociation",
        "AWS::EC2::TransitGatewayRouteTablePropagation",
    )
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={
            "aws_ec2_transit_gateway_route_table": "AWS::EC2::TransitGatewayRouteTable",
            "aws_ec2_transit_gateway_route": "AWS::EC2::TransitGatewayRoute",
            "aws_ec2_transit_gateway_prefix_list_reference": "AWS::EC2::TransitGatewayRoute",
            "aws_ec2_transit_gateway_route_table_association": "AWS::EC2::TransitGatewayRouteTableAssociation",
            "aws_ec2_transit_gateway_route_table_propagation": "AWS::EC2::TransitGatewayRouteTablePropagation",
        },
        refers={
            "transit_gateway_attachment_id": (
                "aws_ec2_transit_gateway_vpc_attachment",
                "aws_ec2_transit_gateway_peering_attachment",
                "aws_vpn_connection",
                "aws_vpn_concentrator",
                "aws_dx_gateway_association",
            ),
        },
    )
    native_names: ClassVar[Mapping[str, str]] = {
        "transit_gateway": "TransitGatewayId",
        "routes": "Routes",
        "associations": "Associations",
        "propagations": "Propagations",
        "default_association": "DefaultAssociationRouteTable",
        "default_propagation": "DefaultPropagationRouteTable",
    }
    native_text: ClassVar[tuple[str, ...]] = ("Routes", "Associations", "Propagations")

    id: str = field(api="TransitGatewayRouteTableId")
    transit_gateway_id: Annotated[str, refers_to("transit_gateway")]
    default_association_route_table: bool = False
    default_propagation_route_table: bool = False
    routes: tuple[TransitGatewayRoute, ...] = ()
    associations: tuple[TransitGatewayAssociation, ...] = ()
    propagations: tuple[TransitGatewayPropagation, ...] = ()

    @classmethod
    def described(cls, declaration: Declaration) -> Declared:
        """A table, or a part of one from an answer that is about one table."""
        fields, page = dict(declaration.fields), declaration.page
        if declaration.type == cls.section:
            if fields.get("State") != "deleted":
                yield Draft(cls, declaration.id, fields, declaration.origin)
            return
        table = page.get("TransitGatewayRouteTableId")
        if not table:
            return
        if declaration.type == "Routes":
            attachments = fields.pop("TransitGatewayAttachments", None) or [{}]
            fields["TransitGatewayAttachmentId"] = attachments[0].get("TransitGatewayAttachmentId")
            part = {"Routes": [fields]}
        elif declaration.type == "Associations":
            part = {"Associations": [{"TransitGatewayAttachmentId": fields["TransitGatewayAttachmentId"]}]}
        else:
            part = {"Propagations": [{"TransitGatewayAttachmentId": fields["TransitGatewayAttachmentId"]}]}
        yield Patch(str(table), part, declaration.origin)

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        if declaration.type == "AWS::EC2::TransitGatewayRouteTable":
            yield Draft(cls, declaration.id, fields, declaration.origin)
            return
        table = fields.pop("TransitGatewayRouteTableId", "")
        part = {**fields, "WrittenAt": declaration.origin}
        if declaration.type == "AWS::EC2::TransitGatewayRoute":
            part["State"] = BLACKHOLE if fields.get("Blackhole") in (True, "true") else "active"
            patch = {"Routes": [part]}
        elif declaration.type == "AWS::EC2::TransitGatewayRouteTableAssociation":
            patch = {"Associations": [{**part, "Requested": True}]}
        else:
            patch = {"Propagations": [part]}
        yield Patch(table, patch, declaration.origin, key="TransitGatewayRouteTableId")

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        if isinstance(fields.get("Routes"), Mapping):
            fields["Routes"] = list(_native_routes(fields["Routes"]))
        for name in ("Associations", "Propagations"):
            if name in fields:
                fields[name] = as_list(fields[name])
        yield Draft(cls, declaration.id, fields, declaration.origin)

    def refusals(self, topology: "Topology") -> Iterable[Problem]:
        seen: set[Prefix | str] = set()
        for route in self.routes:
            where = route if route.origin else self
            if not route.destination:
                yield refuse(f"{self.id}: a route needs a destination", "MissingParameter", where)
            elif (route.transit_gateway_attachment_id is None) != (route.state == BLACKHOLE):
                yield refuse(f"{self.id}: {route.destination} needs an attachment or `{BLACKHOLE}`", "MissingParameter", where)
            elif route.destination in seen:
                yield refuse(f"{self.id}: a route for {route.destination} exists already", "RouteAlreadyExists", where)
            seen.add(route.destination)
        for part in (*self.routes, *self.associations, *self.propagations):
            yield from self._attachment_refusals(part, topology)

    def _attachment_refusals(self, part: Any, topology: "Topology") -> Iterable[Problem]:
        """The code for what is not found has the form that the page gives to all of them: `Invalid`, the resource, `NotFound`.

        Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html (Common causes of client errors)
        """
        attachment = topology.get(TransitGatewayAttachment, part.transit_gateway_attachment_id)
        where = part if part.origin else self
        if attachment is None:
            return
        if self.transit_gateway_id not in attachment.gateways:
            message = f"{self.id}: {attachment.id} is not an attachment of {self.transit_gateway_id}"
            yield refuse(message, "InvalidTransitGatewayAttachmentID.NotFound", where)
        elif attachment.resource_type == "connect" and isinstance(part, TransitGatewayRoute) and part.type == "static":
            yield refuse(f"{self.id}: {attachment.id} is a Connect attachment, which has no static routes", "", where)
        elif attachment.resource_type in STATIC and isinstance(part, TransitGatewayPropagation):
            kind = STATIC[attachment.resource_type]
            yield refuse(f"{self.id}: {attachment.id} is {kind}, which has static routes only", "", where)
        elif attachment.resource_type == CORE_NETWORK and isinstance(part, TransitGatewayRoute):
            message = f"{self.id}: {attachment.id} leads to a core network, which takes no static routes"
            yield refuse(message, "InvalidParameterValue", where)

    @classmethod
    def check(cls, topology: "Topology") -> Iterable[Problem]:
        yield from super().check(topology)
        owners: dict[tuple[str, str], str] = {}
        for table in topology.of(cls):
            for association in table.associations:
                key = (table.transit_gateway_id, association.transit_gateway_attachment_id)
                if (owner := owners.setdefault(key, table.id)) != table.id:
                    message = f"{table.id}: {association.transit_gateway_attachment_id} already has the table {owner}"
                    yield refuse(message, "Resource.AlreadyAssociated", association if association.origin else table)

    def rules_looked_at(self, packet: "Packet", net: "Network") -> Iterable[Any]:
        """The routes, and of each that does not decide the analyzer's code for why.

        Source: https://docs.aws.amazon.com/vpc/latest/reachability/explanation-codes.html
        """
        for prefix, route, why in passed_over(self._compiled(net)[0], packet.dst):
            yield f"{prefix} -> {str(route).partition(' -> ')[2]}" + (f" ({PASSED_OVER[why]})" if why else "")

    def lookup(self, number: int, net: "Network") -> TransitGatewayRoute | None:
        """The route for this destination address, or None."""
        return self._compiled(net)[1].lookup(number)

    def is_complete(self, net: "Network") -> bool:
        """Whether every route is known: a place outside of the model may announce anything."""
        return all(attachment.propagated(net) is not None for attachment in self.propagating(net))

    def propagating(self, net: "Network") -> tuple[TransitGatewayAttachment, ...]:
        """The attachments whose prefixes become routes here, in the order in which they count."""
        named = {part.transit_gateway_attachment_id for part in self.propagations}
        attachments = self._attachments(net)
        found = (a for a in attachments if a.id in named or (self.takes_all(net) and a.propagates_unasked))
        return tuple(sorted((a for a in found if a.carries), key=lambda a: RANKS.index(a.resource_type)))

    def announced(self, net: "Network") -> tuple[Prefix, ...]:
        """What a core network learns of this table: its routes but for those learned from a core network.

        Source: https://docs.aws.amazon.com/network-manager/latest/cloudwan/cloudwan-peerings.html
        """
        others = (a for a in self.propagating(net) if a.resource_type != CORE_NETWORK)
        entries = self._entries_of(tuple(others), net)
        return tuple(dict.fromkeys(prefix for prefix, route in entries if route.transit_gateway_attachment_id))

    def takes_all(self, net: "Network") -> bool:
        """Whether every attachment propagates here without being told."""
        gateway: Any = net.places[self.transit_gateway_id]
        return bool(gateway.propagates_by_default and gateway.is_default_propagation(self))

    def with_core_network(self, attachment: str) -> "TransitGatewayRouteTable":
        """The same table, exchanging its routes with the core network behind an attachment."""
        association = TransitGatewayAssociation(transit_gateway_attachment_id=attachment)
        propagation = TransitGatewayPropagation(transit_gateway_attachment_id=attachment)
        return self.replaced(associations=(*self.associations, association), propagations=(*self.propagations, propagation))

    def _attachments(self, net: "Network") -> list[TransitGatewayAttachment]:
        return [a for a in net.topology.of(TransitGatewayAttachment) if self.transit_gateway_id in a.gateways]

    def _compiled(self, net: "Network") -> "tuple[Entries, PrefixTable[TransitGatewayRoute]]":
        known: tuple[Entries, PrefixTable[TransitGatewayRoute]] | None = net.compiled(("routes", self.id))
        if known is None:
            entries = tuple(self._entries(net))
            known = net.compile(("routes", self.id), (entries, PrefixTable(entries)))
        return known

    def _entries(self, net: "Network") -> Iterator[tuple[Prefix, TransitGatewayRoute]]:
        yield from self._entries_of(self.propagating(net), net)

    def _entries_of(
        self, propagating: "tuple[TransitGatewayAttachment, ...]", net: "Network"
    ) -> Iterator[tuple[Prefix, TransitGatewayRoute]]:
        static = [r for r in self.routes if r.type != "propagated"]
        yield from ((r.destination_cidr_block, r) for r in static if r.destination_cidr_block)
        for route in static:
            yield from ((prefix, route) for prefix in net.prefixes_of(route.prefix_list_id) or ())
        late = self._overlapping(net)
        found: dict[tuple[Prefix, str], list[TransitGatewayAttachment]] = {}
        for attachment in propagating:
            for prefix in () if attachment.id in late else attachment.propagated(net) or ():
                found.setdefault((prefix, attachment.resource_type), []).append(attachment)
        for (prefix, _), attachments in found.items():
            ties = tuple(dict.fromkeys(attachment.id for attachment in attachments))
            yield prefix, _propagated(prefix, attachments[0]).replaced(ties=ties if len(ties) > 1 else ())

    def _overlapping(self, net: "Network") -> set[str]:
        """The attachments of VPCs whose blocks overlap those of a VPC that was attached before."""
        taken: list[Prefix] = []
        late: set[str] = set()
        for attachment in self._attachments(net):
            blocks = net.blocks_of(attachment.vpc_id) if attachment.vpc_id else ()
            if any(block.overlaps(other) for block in blocks for other in taken):
                late.add(attachment.id)
            taken += blocks
        return late

    def links(self, net: "Network") -> Iterable[Link]:
        yield Link(self.transit_gateway_id, self.id, "contains")
        for _, route in self._compiled(net)[0]:
            if route.transit_gateway_attachment_id:
                yield Link(self.id, route.transit_gateway_attachment_id, str(route.destination))


def _propagated(prefix: Prefix, attachment: TransitGatewayAttachment) -> TransitGatewayRoute:
    return TransitGatewayRoute(
        destination_cidr_block=prefix,
        transit_gateway_attachment_id=attachment.id,
        type="propagated",
        origin=attachment.origin,
    )


def _native_routes(routes: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """`destination: attachment`, or `destination: blackhole`."""
    places = getattr(routes, "places", {})
    for destination, target in routes.items():
        if destination != "WrittenAt":
            place = places.get(destination)
            origin = Origin(getattr(routes, "file", ""), place[0], place[1]) if place else None
            yield {**_native_route(destination, str(target or "")), "WrittenAt": origin}


def _native_route(destination: str, target: str) -> dict[str, Any]:
    try:
        named = {"DestinationCidrBlock": str(Prefix.parse(destination))}
    except ValueError:
        named = {"PrefixListId": destination}
    if target == BLACKHOLE:
        return {**named, "State": BLACKHOLE}
    return {**named, "TransitGatewayAttachmentId": target or None}
