"""A virtual private gateway: the VPC's end of VPN connections, private virtual interfaces and a Direct Connect gateway.

It carries packets between interfaces of its VPC and the prefixes that it learned, nothing else: who comes in cannot go on to
a NAT gateway, an internet gateway or a gateway endpoint. Of equal prefixes it takes Direct Connect, then a VPN with static
routes, then a VPN with BGP. It announces the VPC's blocks, and to sites with BGP what the other sites announce (VPN
CloudHub). Its routes propagate to the route tables that ask for them, while the connection is up.

Not modelled here: AS paths and MED, so sites of a VPN CloudHub with one ASN count as joined.

Sources: https://docs.aws.amazon.com/vpn/latest/s2svpn/vpn-route-priority.html,
https://docs.aws.amazon.com/vpn/latest/s2svpn/SetUpVPNConnections.html (propagation),
https://docs.aws.amazon.com/vpn/latest/s2svpn/VPN_CloudHub.html,
https://docs.aws.amazon.com/vpc/latest/userguide/gateway-route-tables.html (its own route table),
https://docs.aws.amazon.com/vpc/latest/reachability/explanation-codes.html (VGW_*),
https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html (no NAT gateway from a VPN or Direct Connect).
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from vpcsim.codes import Code
from vpcsim.errors import Problem
from vpcsim.fabric.route_table import RouteTable
from vpcsim.fabric.route_targets import LOCAL
from vpcsim.gateways.announcing import Announcement, Announcing, announcements, way_to
from vpcsim.packet import Packet
from vpcsim.prefixes import Prefix
from vpcsim.resource import Declaration, Declared, Draft, Link, Patch, TerraformSpelling, as_list, refers_to, refuse
from vpcsim.shape import Shape, field
from vpcsim.trace import Disposition, Step, onward

if TYPE_CHECKING:
    from vpcsim.network import Network
    from vpcsim.topology import Topology


class VpcAttachment(Shape):
    """The VPC of the gateway."""

    vpc_id: Annotated[str, refers_to("vpc")]
    state: str = "attached"


class VpnGateway(Announcing):
    """See the module."""

    kind: ClassVar[str] = "vpn_gateway"
    of_vpc_owner: ClassVar[bool] = True
    section: ClassVar[str] = "VpnGateways"
    cloudformation_types: ClassVar[tuple[str, ...]] = (
        "AWS::EC2::VPNGateway",
        "AWS::EC2::VPCGatewayAttachment",
        "AWS::EC2::VPNGatewayRoutePropagation",
    )
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={
            "aws_vpn_gateway": "AWS::EC2::VPNGateway",
            "data.aws_vpn_gateway": "AWS::EC2::VPNGateway",
            "aws_vpn_gateway_attachment": "AWS::EC2::VPCGatewayAttachment",
            "aws_vpn_gateway_route_propagation": "AWS::EC2::VPNGatewayRoutePropagation",
        },
        names={"route_table_id": "RouteTableIds"},
    )
    native_names: ClassVar[Mapping[str, str]] = {"vpc": "VpcId", "propagates_to": "RouteTableIds", "asn": "AmazonSideAsn"}
    native_scalar: ClassVar[str] = "VpcId"
    route_target: ClassVar[str] = "GatewayId"

    id: str = field(api="VpnGatewayId")
    vpc_attachments: tuple[VpcAttachment, ...] = ()
    type: str = "ipsec.1"
    amazon_side_asn: int = 64512
    state: str = "available"

    @classmethod
    def described(cls, declaration: Declaration) -> Declared:
        if declaration.fields.get("State") != "deleted":
            yield Draft(cls, declaration.id, dict(declaration.fields), declaration.origin)

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        gateway = fields.get("VpnGatewayId", "")
        if declaration.type == "AWS::EC2::VPNGateway":
            yield Draft(cls, declaration.id, fields, declaration.origin)
        elif declaration.type == "AWS::EC2::VPNGatewayRoutePropagation":
            yield from _propagations(gateway, fields.get("RouteTableIds"), declaration)
        elif "VpnGatewayId" in fields:
            attachment = {"VpcId": fields.get("VpcId"), "WrittenAt": declaration.origin}
            yield Patch(gateway, {"VpcAttachments": [attachment]}, declaration.origin, key="VpnGatewayId")

    @classmethod
    def terraform(cls, declaration: Declaration) -> Declared:
        """Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/vpn_gateway"""
        fields = dict(declaration.fields)
        if declaration.type == "AWS::EC2::VPNGateway" and "VpcId" in fields:
            fields["VpcAttachments"] = [{"VpcId": fields.pop("VpcId")}]
        yield from cls.cloudformation(declaration._replace(fields=fields))

    @classmethod
    def cloudformation_attribute(cls, declaration: Declaration, attribute: str) -> Any:
        return declaration.id if attribute == "VPNGatewayId" else declaration.fields.get(attribute)

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        if "VpcId" in fields:
            fields["VpcAttachments"] = [{"VpcId": vpc} for vpc in as_list(fields.pop("VpcId"))]
        yield from _propagations(declaration.id, fields.pop("RouteTableIds", None), declaration)
        yield Draft(cls, declaration.id, fields, declaration.origin)

    @property
    def vpc_id(self) -> str | None:
        return next((a.vpc_id for a in self.vpc_attachments if a.state == "attached"), None)

    @classmethod
    def check(cls, topology: "Topology") -> Iterable[Problem]:
        yield from super().check(topology)
        first: dict[str, VpnGateway] = {}
        for gateway in topology.of(cls):
            vpc = gateway.vpc_id
            if vpc and (other := first.setdefault(vpc, gateway)) is not gateway:
                message = f"{gateway.id}: {vpc} has a virtual private gateway already, {other.id}"
                yield refuse(message, "InvalidVpcState", gateway)

    def refusals(self, topology: "Topology") -> Iterable[Problem]:
        if len(self.vpc_attachments) > 1:
            message = f"{self.id}: a gateway is attached to one VPC at a time"
            yield refuse(message, "VpnGatewayAttachmentLimitExceeded", self)
        for table in topology.of(RouteTable):
            if any(p.gateway_id == self.id for p in table.propagating_vgws) and table.vpc_id != self.vpc_id:
                message = f"{self.id}: it is not attached to {table.vpc_id}, the VPC of {table.id}, and propagates nothing there"
                yield refuse(message, "Gateway.NotAttached", self)

    def takes_from(self, vpc_id: str) -> bool:
        return self.vpc_id == vpc_id and self.state == "available"

    def announces(self, to: str, net: "Network") -> Iterator[Announcement]:
        if self.vpc_id:
            yield from map(Announcement, net.blocks_of(self.vpc_id))
        for place in self._sites(to, net):
            yield from announcements(place, self.id, net)

    def _sites(self, asker: str, net: "Network") -> tuple[str, ...]:
        """The other sites whose prefixes one site learns."""
        hub = {p for p in net.index.neighbours.get(self.id, ()) if getattr(net.places[p], "joins_hub", False)}
        return tuple(sorted(hub - {asker})) if asker in hub else ()

    def announced(self, net: "Network") -> tuple[Prefix, ...]:
        """The prefixes that propagate to route tables of the VPC: those of what is up."""
        neighbours = net.index.neighbours.get(self.id, ())
        up = (a.prefix for place in neighbours for a in announcements(place, self.id, net) if a.up)
        return tuple(dict.fromkeys(up))

    def receive(self, packet: Packet, came_from: str | None, net: "Network") -> Iterator[Step]:
        if came_from in net.index.neighbours.get(self.id, ()):
            yield from self._take_in(packet, came_from or "", net)
        else:
            yield from self._send_out(packet, net)

    def _send_out(self, packet: Packet, net: "Network") -> Iterator[Step]:
        if net.interface_at(self.vpc_id, packet.src) is None:
            because = "{at}: carries what interfaces of {about} send, and {packet.source} is none of theirs"
            yield self._deny(because, packet, Code.VGW_PRIVATE_IP_ASSOCIATION_FOR_EGRESS)
        to = way_to(packet.dst, self.id, net)
        if to is None:
            because = "{at}: no VPN connection or virtual interface announces {packet.destination}"
            fix = "{at}: a static route, or BGP, for {packet.destination}"
            code = Code.NO_ROUTE_TO_DESTINATION
            yield Step(self.id, because, packet, None, None, Disposition.NO_ROUTE, code, None, None, fix)
        else:
            yield onward(self.id, "{at}: {packet.destination} is announced by {to}", packet, None, to)

    def _take_in(self, packet: Packet, came_from: str, net: "Network") -> Iterator[Step]:
        interface = net.interface_at(self.vpc_id, packet.dst)
        inside = self.vpc_id is not None and any(block.holds(packet.dst) for block in net.blocks_of(self.vpc_id))
        to = None if inside else way_to(packet.dst, self.id, net, self._sites(came_from, net))
        if interface is not None:
            yield self._bring_in(packet, interface, net)
        elif to is not None:
            yield onward(self.id, "{at}: {packet.destination} is announced by {to}", packet, None, to)
        elif self.vpc_id is None:
            because = "{at}: it is attached to no VPC"
            yield Step(self.id, because, packet, None, None, Disposition.NULL_ROUTED, Code.BAD_STATE_ATTACHMENT)
        else:
            because = "{at}: takes in what is for interfaces of {about}, and {packet.destination} is the private address of none"
            yield self._deny(because, packet, Code.VGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS)

    def _bring_in(self, packet: Packet, interface: str, net: "Network") -> Step:
        """To the interface, or to where the gateway's own route table leads what enters.

        Source: https://docs.aws.amazon.com/vpc/latest/userguide/gateway-route-tables.html
        """
        table = net.edge_table_of(self.id)
        route, to = table.lookup(packet.dst, net) if table else (None, LOCAL)
        if table is None or to == LOCAL:
            return Step(self.id, "{at}: into {about}", packet, None, interface, about=self.vpc_id)
        target = net.places.get(to)
        entrance = target.entrance(net) if target is not None and target.takes_from(self.vpc_id or "") else None
        if route is None or entrance is None or route.state != "active":
            return table.dead_end(route, entrance, packet, net)
        return onward(table.id, "{at}: {rule}", packet, route, entrance)

    def _deny(self, because: str, packet: Packet, code: Code) -> Step:
        return Step(self.id, because, packet, None, None, Disposition.DENIED, code, None, self.vpc_id)

    def links(self, net: "Network") -> Iterable[Link]:
        if (table := net.edge_table_of(self.id)) is not None:
            yield Link(self.id, table.id, "routed by")
        if self.vpc_id:
            yield Link(self.vpc_id, self.id, "attached to")


def _propagations(gateway: str, tables: object, declaration: Declaration) -> Iterator[Patch]:
    for table in as_list(tables):
        propagating = {"GatewayId": gateway, "WrittenAt": declaration.origin}
        yield Patch(table, {"PropagatingVgws": [propagating]}, declaration.origin, key="RouteTableIds")
