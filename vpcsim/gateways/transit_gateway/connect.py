"""Transit Gateway Connect: GRE tunnels to appliances, over an attachment of a VPC or of Direct Connect.

A Connect attachment has peers, each a tunnel to one appliance which speaks BGP; what the network behind an appliance announces
propagates, and no static route leads there. Over a VPC the GRE packets take the way between the attachment of the VPC and the
appliance: its groups, ACLs and routes let protocol 47 through or not. What one end sends first lets the other one answer.

Sources: https://docs.aws.amazon.com/vpc/latest/tgw/tgw-connect.html,
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TransitGatewayConnect.html,
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TransitGatewayConnectPeerConfiguration.html.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from vpcsim.codes import Code
from vpcsim.errors import Problem
from vpcsim.gateways.announcing import Announcement, Announcing, CustomerSide, announcements, join, way_to
from vpcsim.gateways.encapsulation import carried
from vpcsim.gateways.transit_gateway.attachment import VPC, TransitGatewayAttachment
from vpcsim.gateways.transit_gateway.gateway import GRE
from vpcsim.packet import Packet
from vpcsim.prefixes import EVERYWHERE, Prefix, family
from vpcsim.resource import (
    Address,
    Cidr,
    Declaration,
    Declared,
    Draft,
    Link,
    Resource,
    TerraformSpelling,
    as_list,
    refers_to,
    refuse,
)
from vpcsim.shape import Shape, field
from vpcsim.trace import Disposition, Step, onward

if TYPE_CHECKING:
    from vpcsim.network import Index, Network
    from vpcsim.topology import Topology

CONNECT = "connect"
LINK_LOCAL, BGP6 = Prefix.parse("169.254.0.0/16"), Prefix.parse("fd00::/8")
RESERVED = tuple(Prefix.parse(f"169.254.{block}/29") for block in ("0.0", "1.0", "2.0", "3.0", "4.0", "5.0", "169.248"))
"""Blocks for BGP that cannot be used."""
MOST_PEERS = 4


class TransitGatewayConnect(Announcing):
    """The tunnels behind a Connect attachment; the attachment itself has the id without `/connect`."""

    kind: ClassVar[str] = "transit_gateway_connect"
    section: ClassVar[str] = "TransitGatewayConnects"
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::EC2::TransitGatewayConnect",)
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={"aws_ec2_transit_gateway_connect": "AWS::EC2::TransitGatewayConnect"},
        names={"transport_attachment_id": "TransportTransitGatewayAttachmentId"},
        refers={"transport_attachment_id": ("aws_ec2_transit_gateway_vpc_attachment", "aws_dx_gateway_association")},
    )
    native_names: ClassVar[Mapping[str, str]] = {"transport": "TransportTransitGatewayAttachmentId", "state": "State"}
    native_scalar: ClassVar[str] = "TransportTransitGatewayAttachmentId"

    id: str = field(api="TransitGatewayConnectId")
    transport_transit_gateway_attachment_id: Annotated[str, refers_to("transit_gateway_attachment")]
    state: str = "available"

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        yield Draft(cls, f"{declaration.id}/connect", dict(declaration.fields), declaration.origin)

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        yield Draft(cls, f"{declaration.id.removesuffix('/connect')}/connect", dict(declaration.fields), declaration.origin)

    @classmethod
    def described(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        if fields.get("State") not in ("deleted", "rejected", "failed"):
            id = str(fields.get("TransitGatewayAttachmentId") or declaration.id.removesuffix("/connect"))
            if gateway := fields.get("TransitGatewayId"):
                behind = {"TransitGatewayId": gateway, "ResourceType": CONNECT}
                yield Draft(TransitGatewayAttachment, id, behind, declaration.origin)
            yield Draft(cls, f"{id}/connect", fields, declaration.origin)

    @property
    def attachment(self) -> str:
        return self.id.removesuffix("/connect")

    def implied(self, topology: "Topology") -> Iterable[Resource]:
        transport = topology.get(TransitGatewayAttachment, self.transport_transit_gateway_attachment_id)
        told = topology.get(TransitGatewayAttachment, self.attachment)
        if transport is not None:
            made = told or TransitGatewayAttachment(
                id=self.attachment, name=self.attachment, transit_gateway_id=transport.transit_gateway_id, origin=self.origin
            )
            yield made.replaced(resource_type=CONNECT, resource_id=self.id, state=self.state, vpc_id=None)

    def refusals(self, topology: "Topology") -> Iterable[Problem]:
        transport = topology.need(TransitGatewayAttachment, self.transport_transit_gateway_attachment_id)
        if transport.resource_type not in (VPC, "direct-connect-gateway"):
            message = (
                f"{self.attachment}: {transport.id} is an attachment of the type {transport.resource_type}, and cannot carry it"
            )
            yield refuse(message, "InvalidParameterValue", self)

    def register(self, index: "Index") -> None:
        index.places[self.id] = self

    @property
    def known_as(self) -> str:
        return self.attachment

    def announced(self, net: "Network") -> tuple[Prefix, ...]:
        """What the appliances announce: it propagates to the tables of the gateway."""
        peers = net.index.neighbours.get(self.id, ())
        return tuple(dict.fromkeys(a.prefix for peer in peers for a in announcements(peer, self.id, net) if a.up))

    def receive(self, packet: Packet, came_from: str | None, net: "Network") -> Iterator[Step]:
        peers = net.index.neighbours.get(self.id, ())
        if came_from in peers:
            yield onward(self.attachment, "{at}: out of the tunnel of {about}", packet, None, self.attachment, None, came_from)
            return
        to = way_to(packet.dst, self.id, net)
        if to is not None:
            yield onward(self.attachment, "{at}: {packet.destination} is announced by {to}", packet, None, to)
        else:
            because = "{at}: none of its peers announces {packet.destination}"
            no_route = Disposition.NO_ROUTE
            yield Step(self.attachment, because, packet, None, None, no_route, Code.NO_ROUTE_TO_DESTINATION)

    def links(self, net: "Network") -> Iterable[Link]:
        yield Link(self.transport_transit_gateway_attachment_id, self.id, "carries")


class BgpConfiguration(Shape):
    """One of the two BGP sessions of a tunnel."""

    bgp_status: str = "up"


class ConnectPeerConfiguration(Shape):
    """The ends of a tunnel, and the addresses for BGP inside it."""

    transit_gateway_address: Address | None = None
    peer_address: Address
    inside_cidr_blocks: tuple[Cidr, ...] = ()
    bgp_configurations: tuple[BgpConfiguration, ...] = ()


class TransitGatewayConnectPeer(CustomerSide):
    """A GRE tunnel to one appliance."""

    kind: ClassVar[str] = "transit_gateway_connect_peer"
    section: ClassVar[str] = "TransitGatewayConnectPeers"
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::EC2::TransitGatewayConnectPeer",)
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={"aws_ec2_transit_gateway_connect_peer": "AWS::EC2::TransitGatewayConnectPeer"},
        refers={"transit_gateway_attachment_id": ("aws_ec2_transit_gateway_connect",)},
    )
    native_names: ClassVar[Mapping[str, str]] = {
        "connect": "TransitGatewayAttachmentId",
        "peer_ip": "PeerAddress",
        "gateway_ip": "TransitGatewayAddress",
        "inside": "InsideCidrBlocks",
        "network": "OnPremisesNetworkId",
        "announces": "AnnouncedPrefixes",
        "state": "State",
    }

    id: str = field(api="TransitGatewayConnectPeerId")
    transit_gateway_attachment_id: Annotated[str, refers_to("transit_gateway_attachment")]
    connect_peer_configuration: ConnectPeerConfiguration
    announced_prefixes: tuple[Cidr, ...] | None = None
    """What the appliance announces, where that is not everything that the network behind it has."""
    state: str = "available"

    @classmethod
    def terraform(cls, declaration: Declaration) -> Declared:
        """Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ec2_transit_gateway_connect_peer"""
        yield from cls.native(declaration)

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        told: dict[str, Any] = {}
        for name in ("PeerAddress", "TransitGatewayAddress"):
            if name in fields:
                told[name] = fields.pop(name)
        if "InsideCidrBlocks" in fields:
            told["InsideCidrBlocks"] = as_list(fields.pop("InsideCidrBlocks"))
        if "AnnouncedPrefixes" in fields:
            fields["AnnouncedPrefixes"] = as_list(fields["AnnouncedPrefixes"])
        if told:
            known = declaration.existing.get("ConnectPeerConfiguration", {})
            fields["ConnectPeerConfiguration"] = {**known, **fields.get("ConnectPeerConfiguration", {}), **told}
        yield Draft(cls, declaration.id, fields, declaration.origin)

    @property
    def connect(self) -> str:
        return f"{self.transit_gateway_attachment_id}/connect"

    @property
    def is_up(self) -> bool:
        sessions = [session.bgp_status == "up" for session in self.connect_peer_configuration.bgp_configurations]
        return self.state == "available" and (any(sessions) or not sessions)

    def refusals(self, topology: "Topology") -> Iterable[Problem]:
        ends = self.connect_peer_configuration
        if topology.get(TransitGatewayConnect, self.connect) is None:
            message = f"{self.id}: {self.transit_gateway_attachment_id} is not a Connect attachment"
            yield refuse(message, "InvalidTransitGatewayAttachmentID.NotFound", self)
        if ends.transit_gateway_address is not None and family(ends.transit_gateway_address) != family(ends.peer_address):
            yield refuse(f"{self.id}: both ends of the tunnel are of one address family", "InvalidParameterCombination", self)
        for block in ends.inside_cidr_blocks:
            fits = (LINK_LOCAL.covers(block) and block.size == 8) or (BGP6.covers(block) and block.size == 8)
            if not fits or block in RESERVED:
                message = f"{self.id}: {block}: a /29 of {LINK_LOCAL} that is not reserved, or a /125 of {BGP6}, is for BGP"
                yield refuse(message, "InvalidParameterValue", self)

    @classmethod
    def check(cls, topology: "Topology") -> Iterable[Problem]:
        """Sources: https://docs.aws.amazon.com/vpc/latest/tgw/tgw-connect.html (unique in the whole gateway),
        https://docs.aws.amazon.com/vpc/latest/tgw/transit-gateway-quotas.html (peers of an attachment)."""
        yield from super().check(topology)
        inside: dict[tuple[str, Prefix], str] = {}
        tunnels: dict[tuple[str, int, int], str] = {}
        peers: dict[str, int] = {}
        for peer in topology.of(cls):
            connect, ends = peer.transit_gateway_attachment_id, peer.connect_peer_configuration
            attachment = topology.get(TransitGatewayAttachment, connect)
            gateway = attachment.transit_gateway_id if attachment else connect
            for block in ends.inside_cidr_blocks:
                if (other := inside.setdefault((gateway, block), peer.id)) != peer.id:
                    yield refuse(f"{peer.id}: {block} is for BGP with {other} already", "InvalidParameterValue", peer)
            if (near := ends.transit_gateway_address) is not None:
                other = tunnels.setdefault((gateway, near, ends.peer_address), peer.id)
                if other != peer.id:
                    yield refuse(f"{peer.id}: its ends are those of the tunnel {other}", "InvalidParameterValue", peer)
            peers[connect] = peers.get(connect, 0) + 1
            if peers[connect] == MOST_PEERS + 1:
                message = f"{peer.id}: {connect} has {MOST_PEERS} peers already, as many as a Connect attachment can have"
                yield refuse(message, "ResourceLimitExceeded", peer)

    def register(self, index: "Index") -> None:
        index.places[self.id] = self
        join(index, self.id, self.connect)
        ends = self.connect_peer_configuration
        attachment = index.topology.get(TransitGatewayAttachment, self.transit_gateway_attachment_id)
        if attachment is not None and ends.transit_gateway_address is not None:
            index.tunnels[attachment.transit_gateway_id, ends.transit_gateway_address, ends.peer_address] = self.id
        join(index, self.id, self.network)

    def announces(self, to: str, net: "Network") -> Iterator[Announcement]:
        if to == self.network:
            prefixes: Iterable[Prefix] = EVERYWHERE.values()
        elif self.announced_prefixes is not None:
            prefixes = self.announced_prefixes
        else:
            prefixes = (a.prefix for a in announcements(self.network, self.id, net))
        yield from (Announcement(prefix, up=self.is_up) for prefix in prefixes)

    def receive(self, packet: Packet, came_from: str | None, net: "Network") -> Iterator[Step]:
        inward = came_from == self.network
        if not self.is_up:
            because = "{at}: no BGP session of the tunnel is up" if self.state == "available" else "{at}: is in state {about}"
            null, code = Disposition.NULL_ROUTED, Code.BAD_STATE
            yield Step(self.id, because, packet, None, None, null, code, None, self.state)
        ended = None
        for step in self._tunnel(packet, inward, net):
            yield step
            ended = step.disposition or ended
        if ended is None:
            to = self.connect if inward else self.network
            about = self.transit_gateway_attachment_id if inward else self.network
            yield onward(self.id, "{at}: through the tunnel to {about}", packet, None, to, None, about)

    def _tunnel(self, packet: Packet, inward: bool, net: "Network") -> Iterator[Step]:
        """The steps of the GRE packet between the attachment of a VPC and the appliance in it."""
        connect = net.topology.need(TransitGatewayConnect, self.connect)
        transport = net.topology.need(TransitGatewayAttachment, connect.transport_transit_gateway_attachment_id)
        if not transport.is_of_a_vpc:
            return
        ends = self.connect_peer_configuration
        interface = net.interface_at(transport.vpc_id, ends.peer_address)
        gateway = ends.transit_gateway_address
        if interface is None or gateway is None:
            because = "{at}: an end of the tunnel is not in the model: its appliance, or the address of the gateway"
            yield Step(self.id, because, packet, disposition=Disposition.UNDECIDED, code=Code.VPCSIM_NOT_MODELLED)
            return
        out = Packet(gateway, ends.peer_address, GRE, (0, 0), (0, 0))
        ways = [list(self._way(each, interface, transport, packet, net)) for each in (out, out.reversed())]
        mine, other = (ways[1], ways[0]) if inward else (ways[0], ways[1])
        if _fails(mine) and not _fails(other):
            sent = out.reversed() if inward else out
            remembering = net.during({(interface, sent): sent.reversed()})
            mine = list(self._way(sent, interface, transport, packet, remembering))
        yield from mine

    def _way(
        self, outer: Packet, interface: str, transport: TransitGatewayAttachment, packet: Packet, net: "Network"
    ) -> Iterator[Step]:
        gateway = transport.transit_gateway_id
        if outer.src == self.connect_peer_configuration.peer_address:
            owner = str(getattr(net.places[interface], "attached_to", None))
            yield from carried(outer, interface, owner, packet, net, gateway)
            return
        subnets = sorted(transport.subnet_ids, key=lambda subnet: subnet != net.subnet_of(interface))
        yield from carried(outer, subnets[0], gateway, packet, net)

    def links(self, net: "Network") -> Iterable[Link]:
        yield Link(self.connect, self.id, "has the tunnel")
        yield Link(self.id, self.network, "leads to")


def _fails(steps: list[Step]) -> bool:
    return any(step.disposition is not None for step in steps)
