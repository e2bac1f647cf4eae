"""The transit gateway itself: takes a packet in by one attachment and sends it out by another.

A packet enters by the attachment of its VPC if that has a subnet in the packet's zone. It leaves into a VPC in the same
zone, or in any that the attachment serves if that zone is not served; with appliance mode the zone is the sender's or the
receiver's, and the same one both ways. It knows the zone of what propagates to the table of the appliance's attachment;
if neither zone is served or known, it may be any. The network ACL of an attachment's subnet sees what enters the
gateway on its way in, and what leaves it on its way out. Groups of other attached VPCs count in inbound rules if the
gateway and both attachments say so.

Not modelled here: policy tables, gateways shared with other accounts, the zone of what comes from outside of VPCs, addresses of
the attachments' interfaces.

Sources: https://docs.aws.amazon.com/vpc/latest/tgw/how-transit-gateways-work.html,
https://docs.aws.amazon.com/vpc/latest/tgw/tgw-nacls.html,
https://docs.aws.amazon.com/vpc/latest/tgw/tgw-vpc-attachments.html (appliance mode, security group referencing),
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TransitGatewayOptions.html,
https://docs.aws.amazon.com/vpc/latest/reachability/explanation-codes.html (TGW_*).
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from vpcsim.codes import Code
from vpcsim.errors import Problem
from vpcsim.gateways.attaching import appliance_zones, join_vpcs, random_zones, zone_of, zones_of_ends
from vpcsim.gateways.transit_gateway.attachment import CORE_NETWORK, SWITCH, Switch, TransitGatewayAttachment
from vpcsim.gateways.transit_gateway.route_table import TransitGatewayRoute, TransitGatewayRouteTable
from vpcsim.packet import Packet
from vpcsim.resource import Declaration, Declared, Draft, Resource, TerraformSpelling, refuse
from vpcsim.shape import Shape, field
from vpcsim.trace import Disposition, Step, onward

if TYPE_CHECKING:
    from vpcsim.network import Index, Network
    from vpcsim.topology import Topology

OPTIONS = {
    "DefaultRouteTableAssociation": "default_association",
    "DefaultRouteTablePropagation": "default_propagation",
    "SecurityGroupReferencingSupport": "security_group_referencing",
    "DnsSupport": "dns_support",
}
DIRECT_CONNECT = "direct-connect-gateway"
GRE = 47
ATTACHED_UNASKED = {
    "vpn_connection": "vpn",
    "vpn_concentrator": "vpn-concentrator",
    "client_vpn_endpoint": "client-vpn",
    "network_firewall": "network-function",
}
"""By kind of resource: the type of the attachment that comes with it where it names a transit gateway."""
MORE_OPTIONS = (
    "AmazonSideAsn",
    "AssociationDefaultRouteTableId",
    "AutoAcceptSharedAttachments",
    "MulticastSupport",
    "PropagationDefaultRouteTableId",
    "TransitGatewayCidrBlocks",
    "VpnEcmpSupport",
)


class TransitGatewayOptions(Shape):
    """Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TransitGatewayOptions.html"""

    amazon_side_asn: int = 64512
    default_route_table_association: Switch = field(default="enable", pattern=SWITCH)
    default_route_table_propagation: Switch = field(default="enable", pattern=SWITCH)
    association_default_route_table_id: str | None = None
    propagation_default_route_table_id: str | None = None
    dns_support: Switch = field(default="enable", pattern=SWITCH)
    vpn_ecmp_support: Switch = field(default="enable", pattern=SWITCH)
    security_group_referencing_support: Switch = field(default="disable", pattern=SWITCH)


class Joined(NamedTuple):
    """What is attached to a gateway: attachments by id and by VPC, and the route table of each."""

    attachments: dict[str, TransitGatewayAttachment]
    of_vpc: dict[str, TransitGatewayAttachment]
    tables: dict[str, TransitGatewayRouteTable]


class TransitGateway(Resource):
    """See the module."""

    kind: ClassVar[str] = "transit_gateway"
    section: ClassVar[str] = "TransitGateways"
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::EC2::TransitGateway",)
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={"aws_ec2_transit_gateway": "AWS::EC2::TransitGateway", "data.aws_ec2_transit_gateway": "AWS::EC2::TransitGateway"},
        ids={
            "association_default_route_table_id": "{id}/default-route-table",
            "propagation_default_route_table_id": "{id}/default-route-table",
        },
    )
    native_names: ClassVar[Mapping[str, str]] = {"state": "State", **{word: name for name, word in OPTIONS.items()}}
    route_target: ClassVar[str] = "TransitGatewayId"

    id: str = field(api="TransitGatewayId")
    description: str = ""
    state: str = "available"
    options: TransitGatewayOptions = field(default_factory=TransitGatewayOptions)
    attached_vpcs: tuple[str, ...] = field(default=(), dumped=False)
    """The VPCs whose attachments carry traffic, once the topology is complete."""

    @classmethod
    def described(cls, declaration: Declaration) -> Declared:
        if declaration.fields.get("State") != "deleted":
            yield Draft(cls, declaration.id, dict(declaration.fields), declaration.origin)

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        told = {name: fields.pop(name) for name in (*OPTIONS, *MORE_OPTIONS) if name in fields}
        if told:
            fields["Options"] = {**declaration.existing.get("Options", {}), **fields.get("Options", {}), **told}
        yield Draft(cls, declaration.id, fields, declaration.origin)

    @classmethod
    def terraform(cls, declaration: Declaration) -> Declared:
        """The ids of its default table are known after apply; here that table is the one that comes with it.

        Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ec2_transit_gateway
        """
        tables = ("AssociationDefaultRouteTableId", "PropagationDefaultRouteTableId")
        fields = {k: v for k, v in declaration.fields.items() if k not in tables}
        yield from cls.cloudformation(declaration._replace(fields=fields))

    @classmethod
    def cloudformation_attribute(cls, declaration: Declaration, attribute: str) -> Any:
        return declaration.id if attribute in ("Id", "TransitGatewayArn") else declaration.fields.get(attribute)

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        yield from cls.cloudformation(declaration)

    @classmethod
    def complete(cls, topology: "Topology") -> None:
        """Add the default route table, and note which VPCs are attached."""
        for made in _attached_unasked(topology):
            topology.put(made)
        for gateway in topology.of(cls):
            attachments = [a for a in topology.of(TransitGatewayAttachment) if a.transit_gateway_id == gateway.id and a.carries]
            topology.put(gateway.replaced(attached_vpcs=tuple(a.vpc_id for a in attachments if a.vpc_id)))
            if table := gateway._default_table(topology):
                topology.put(table)
        for peered in _peered_with_core_networks(topology):
            topology.put(peered)

    def _default_table(self, topology: "Topology") -> TransitGatewayRouteTable | None:
        """The table that AWS makes with a gateway, unless the model has it already."""
        tables = [t for t in topology.of(TransitGatewayRouteTable) if t.transit_gateway_id == self.id]
        association = self.associates_by_default and not any(map(self.is_default_association, tables))
        propagation = self.propagates_by_default and not any(map(self.is_default_propagation, tables))
        if not (association or propagation):
            return None
        id = f"{self.id}/default-route-table"
        return TransitGatewayRouteTable(
            id=id,
            name=id,
            transit_gateway_id=self.id,
            default_association_route_table=association,
            default_propagation_route_table=propagation,
            origin=self.origin,
        )

    def is_default_association(self, table: TransitGatewayRouteTable) -> bool:
        """Whether attachments get this table without being told."""
        named = self.options.association_default_route_table_id
        return table.id == named if named else table.default_association_route_table

    def is_default_propagation(self, table: TransitGatewayRouteTable) -> bool:
        """Whether attachments propagate to this table without being told."""
        named = self.options.propagation_default_route_table_id
        return table.id == named if named else table.default_propagation_route_table

    @property
    def associates_by_default(self) -> bool:
        return self.options.default_route_table_association == "enable"

    @property
    def propagates_by_default(self) -> bool:
        return self.options.default_route_table_propagation == "enable"

    @property
    def keeps_groups(self) -> bool:
        return self.options.security_group_referencing_support == "enable"

    def refusals(self, topology: "Topology") -> Iterable[Problem]:
        if not self.associates_by_default:
            return
        for table in topology.of(TransitGatewayRouteTable):
            if table.transit_gateway_id != self.id or self.is_default_association(table):
                continue
            for part in table.associations:
                attachment = topology.get(TransitGatewayAttachment, part.transit_gateway_attachment_id)
                if part.requested and (attachment is None or attachment.in_default_table):
                    message = (
                        f"{table.id}: {part.transit_gateway_attachment_id} has the default table of {self.id} already; "
                        "disable its DefaultRouteTableAssociation"
                    )
                    yield refuse(message, "Resource.AlreadyAssociated", part if part.origin else table)

    def register(self, index: "Index") -> None:
        index.places[self.id] = self
        attachments = [a for a in index.topology.of(TransitGatewayAttachment) if a.vpc_id in self.attached_vpcs]
        joined = [a for a in attachments if a.transit_gateway_id == self.id and a.vpc_id]
        keeping = tuple(a.vpc_id for a in joined if a.vpc_id and a.keeps_groups and self.keeps_groups)
        join_vpcs(index, self.attached_vpcs, keeping)

    def shows_names_to(self, vpc: str | None, topology: "Topology") -> Iterator[str]:
        """The other VPCs here, if the gateway and both attachments have DNS support.

        Sources: https://docs.aws.amazon.com/vpc/latest/tgw/create-tgw.html,
        https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateTransitGatewayVpcAttachmentRequestOptions.html
        """
        attachments = topology.of(TransitGatewayAttachment) if self.options.dns_support == "enable" else ()
        supported = [a.vpc_id for a in attachments if a.transit_gateway_id == self.id and a.options.dns_support == "enable"]
        shown = [owner for owner in supported if owner and self.takes_from(owner)]
        yield from (owner for owner in shown if vpc in shown and owner != vpc)

    def takes_from(self, vpc_id: str) -> bool:
        return self.state in ("available", "modifying") and vpc_id in self.attached_vpcs

    def joined(self, net: "Network") -> Joined:
        """What is attached to this gateway."""
        known: Joined | None = net.compiled(("joined", self.id))
        if known is None:
            attachments = {a.id: a for a in net.topology.of(TransitGatewayAttachment) if self.id in a.gateways}
            of_vpc = {a.vpc_id: a for a in attachments.values() if a.vpc_id}
            known = net.compile(("joined", self.id), Joined(attachments, of_vpc, self._tables(attachments, net)))
        return known

    def _tables(self, attachments: Mapping[str, TransitGatewayAttachment], net: "Network") -> dict[str, TransitGatewayRouteTable]:
        tables = [t for t in net.topology.of(TransitGatewayRouteTable) if t.transit_gateway_id == self.id]
        default = next(filter(self.is_default_association, tables), None) if self.associates_by_default else None
        found = {id: default for id, attachment in attachments.items() if attachment.in_default_table} if default else {}
        return {**found, **{part.transit_gateway_attachment_id: table for table in tables for part in table.associations}}

    def receive(self, packet: Packet, came_from: str | None, net: "Network") -> Iterator[Step]:
        joined = self.joined(net)
        entered = joined.attachments.get(came_from or "") or joined.of_vpc.get(net.vpc_of(came_from or "") or "")
        if entered is None:
            because = "{at}: starts no connections of its own, and nothing is attached from where {packet} comes"
            yield _denied(self.id, because, packet, Code.VPCSIM_UNSOLICITED)
            return
        if packet.protocol == GRE and (tunnel := net.index.tunnels.get((self.id, packet.dst, packet.src))) is not None:
            because = "{at}: {packet} is the outside of a tunnel; ask for what it carries"
            yield Step(tunnel, because, packet, disposition=Disposition.UNDECIDED, code=Code.VPCSIM_NOT_MODELLED)
            return
        zone = zone_of(came_from, net)
        for step in entered.take_in(zone, self.id, packet, net):
            yield step
            if step.code is entered.zone_code:
                return
        table = joined.tables.get(entered.id)
        if table is None:
            because = "{at}: is associated with no route table of {about}"
            fix = "a route table of {about} that is associated with {at}"
            yield _denied(entered.id, because, packet, Code.TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION, self.id, fix)
            return
        route = self._chosen(table.lookup(packet.dst, net), net)
        leaves = joined.attachments.get((route.transit_gateway_attachment_id if route else None) or "")
        if route is None or leaves is None or self._is_in_doubt(table, packet, net):
            yield self._no_way(table, route, packet, net)
            return
        yield onward(table.id, "{at}: {rule}", packet, route, leaves.id)
        yield from leaves.send_out(zone, joined.of_vpc, self.id, packet, net)

    def _chosen(self, route: TransitGatewayRoute | None, net: "Network") -> TransitGatewayRoute | None:
        """The route, to the one of several attachments alike that the running walk takes."""
        chosen = net.chosen.get(self.id, "").rpartition(" ")[2]
        return route.replaced(transit_gateway_attachment_id=chosen) if route and chosen in route.ties else route

    def branches(self, packet: Packet, net: "Network") -> tuple[str, ...]:
        """The zones between which it chooses for a flow, and equal routes.

        Source: https://docs.aws.amazon.com/vpc/latest/tgw/how-transit-gateways-work.html (equal cost multipath routing)
        """
        zones = sorted(self._zones(packet, net))
        routes = (table.lookup(packet.dst, net) for table in set(self.joined(net).tables.values()))
        ties = sorted({tie for route in routes if route for tie in route.ties})
        return tuple(f"{zone} {tie}".strip() for zone in zones or [""] for tie in ties or [""] if zone or tie)

    def _zones(self, packet: Packet, net: "Network") -> set[str]:
        """The zones of which the one is taken that appliance mode holds on to, or any if the sender's is not served."""
        joined = self.joined(net)
        there, back = self._exits(packet.dst, net), self._exits(packet.src, net)
        between = [a for a in (*there, *back) if not any(net.interface_at(a.vpc_id, end) for end in (packet.dst, packet.src))]
        passed = {zone for attachment in between for zone in attachment.zones(net)}
        found: set[str] = set()
        for exits, sender in ((there, packet.src), (back, packet.dst)):
            senders = {*passed, *zones_of_ends(joined.of_vpc, packet.sent_to(sender).sent_by(sender), net)}
            for exit in exits:
                if exit.appliance_mode:
                    table = joined.tables.get(exit.id)
                    known = [a.vpc_id for a in table.propagating(net) if a.vpc_id] if table else []
                    found |= appliance_zones(exit, known, packet, net)
                else:
                    found |= random_zones(exit, senders, net)
        return found

    def _exits(self, number: int, net: "Network") -> list[TransitGatewayAttachment]:
        """The attachments of VPCs to which any of the tables leads an address."""
        joined = self.joined(net)
        routes = [route for table in set(joined.tables.values()) if (route := table.lookup(number, net))]
        ids = {id for route in routes for id in (route.transit_gateway_attachment_id, *route.ties) if id}
        return [a for id in sorted(ids) if (a := joined.attachments.get(id)) and a.is_of_a_vpc and a.subnet_ids]

    def _is_in_doubt(self, table: TransitGatewayRouteTable, packet: Packet, net: "Network") -> bool:
        """Whether an unknown prefix may be the longest one: no attached VPC has the address."""
        return not table.is_complete(net) and not any(a.leads_to(packet.dst, net) for a in self.joined(net).of_vpc.values())

    def _no_way(self, table: TransitGatewayRouteTable, route: TransitGatewayRoute | None, packet: Packet, net: "Network") -> Step:
        if self._is_in_doubt(table, packet, net):
            because = "{at}: what propagates from outside of the model decides where {packet.destination} is"
            return Step(table.id, because, packet, None, None, Disposition.UNDECIDED, Code.TGW_RTB_ROUTES_ARE_UNKNOWN)
        if route is not None:
            because = "{at}: {rule} drops {packet.destination}"
            null = Disposition.NULL_ROUTED
            return Step(table.id, because, packet, route, None, null, Code.TGW_RTB_BAD_STATE_ROUTE)
        no_route = Disposition.NO_ROUTE
        holder = next((a for a in self.joined(net).attachments.values() if a.leads_to(packet.dst, net)), None)
        if holder is not None:
            because = "{at}: no route for {packet.destination}, which {about} leads to"
            fix = "{at}: a route to {about}, or its propagation"
            code = Code.TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT
            return Step(table.id, because, packet, None, None, no_route, code, None, holder.id, fix)
        because, fix = "{at}: no route for {packet.destination}", "{at}: a route that covers {packet.destination}"
        return Step(table.id, because, packet, None, None, no_route, Code.TGW_RTB_CANNOT_ROUTE, None, None, fix)


def _attached_unasked(topology: "Topology") -> Iterator[TransitGatewayAttachment]:
    """The attachments that AWS makes along with what names a transit gateway, such as a VPN connection.

    Source: https://docs.aws.amazon.com/vpc/latest/tgw/tgw-vpn-attachments.html
    """
    attached = {(a.resource_id, a.transit_gateway_id) for a in topology.of(TransitGatewayAttachment)}
    for type, behind, gateway in _joining(topology):
        if topology.get(TransitGateway, gateway) is not None and (behind.id, gateway) not in attached:
            id = f"{behind.id}/attachment" if type != DIRECT_CONNECT else f"{behind.id}/{gateway}/attachment"
            made = TransitGatewayAttachment(id=id, name=id, transit_gateway_id=gateway, resource_type=type, origin=behind.origin)
            yield made.replaced(resource_id=behind.id)


def _peered_with_core_networks(topology: "Topology") -> Iterator[Resource]:
    """The end of a peering with a core network at every table that is attached by it, and the table with its routes.

    Source: https://docs.aws.amazon.com/network-manager/latest/cloudwan/cloudwan-peerings.html
    """
    for behind in topology.of_kind("core_network_attachment"):
        table = topology.get(TransitGatewayRouteTable, getattr(behind, "resource_id", None))
        if table is not None:
            id, gateway = f"{behind.id}/attachment", table.transit_gateway_id
            made = TransitGatewayAttachment(id=id, name=id, transit_gateway_id=gateway, resource_type=CORE_NETWORK)
            yield made.replaced(resource_id=behind.id, origin=behind.origin)
            yield table.with_core_network(id)


def _joining(topology: "Topology") -> Iterator[tuple[str, Resource, str]]:
    """What names a transit gateway, by the type of the attachment that comes of it.

    Source: https://docs.aws.amazon.com/directconnect/latest/UserGuide/direct-connect-transit-gateways.html
    """
    for kind, type in ATTACHED_UNASKED.items():
        for behind in topology.of_kind(kind):
            if not getattr(behind, "vpn_concentrator_id", None):
                yield type, behind, str(getattr(behind, "transit_gateway_id", None))
    for behind in topology.of_kind("direct_connect_gateway"):
        for association in getattr(behind, "associations", ()):
            yield DIRECT_CONNECT, behind, association.associated_gateway_id


def _denied(at: str, because: str, packet: Packet, code: Code, about: str = "", fix: str = "") -> Step:
    return Step(at, because, packet, None, None, Disposition.DENIED, code, None, about, fix)
