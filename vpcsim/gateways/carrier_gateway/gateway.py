"""A carrier gateway: connects subnets in Wavelength Zones with a telecommunication carrier's network and the internet.

It translates one to one between private addresses and carrier IP addresses, as an internet gateway does with public ones, and
carries IPv4 only. With devices in the carrier's network it passes TCP, UDP and ICMP both ways. With the internet it passes ICMP,
and TCP connections that start here; UDP, and TCP connections that start there, only in Wavelength Zones in Africa. Block Public
Access stops it. A packet for a public address is one for the internet, unless it is for a prefix of the carrier's network; where
the model does not say what those are, and that decides, the answer is undecided.

Sources: https://docs.aws.amazon.com/wavelength/latest/developerguide/how-wavelengths-work.html,
https://docs.aws.amazon.com/wavelength/latest/developerguide/wavelength-quotas.html (what passes),
https://docs.aws.amazon.com/vpc/latest/userguide/Carrier_Gateway.html,
https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa-basics.html,
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-carriergateway.html.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar

from vpcsim.codes import Code
from vpcsim.errors import Problem
from vpcsim.fabric.edges import CARRIER, is_wavelength
from vpcsim.fabric.public_access import blocked
from vpcsim.gateways.announcing import join
from vpcsim.packet import ICMP, TCP, UDP, Packet
from vpcsim.prefixes import CARRIER_GRADE, PRIVATE, family
from vpcsim.resource import Declaration, Declared, Draft, Link, Resource, TerraformSpelling, refers_to, refuse
from vpcsim.shape import field
from vpcsim.trace import Disposition, Step, onward

if TYPE_CHECKING:
    from vpcsim.network import Index, Network
    from vpcsim.topology import Topology

AFRICA = "eu-west-3-wl"
"""How the names of Wavelength Zones in Africa start: their parent Region is eu-west-3."""
KNOWN_PROTOCOLS = (TCP, UDP, ICMP)


class CarrierGateway(Resource):
    """See the module."""

    kind: ClassVar[str] = "carrier_gateway"
    section: ClassVar[str] = "CarrierGateways"
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::EC2::CarrierGateway",)
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={"aws_ec2_carrier_gateway": "AWS::EC2::CarrierGateway"},
    )
    native_names: ClassVar[Mapping[str, str]] = {"vpc": "VpcId", "network": "CarrierNetworkId", "state": "State"}
    native_scalar: ClassVar[str] = "VpcId"
    route_target: ClassVar[str] = "CarrierGatewayId"

    id: str = field(api="CarrierGatewayId")
    vpc_id: Annotated[str, refers_to("vpc")]
    carrier_network_id: Annotated[str | None, refers_to("carrier_network")] = None
    """The network of the carrier, which only the native format can tell."""
    state: str = "available"

    @classmethod
    def described(cls, declaration: Declaration) -> Declared:
        if declaration.fields.get("State") != "deleted":
            yield Draft(cls, declaration.id, dict(declaration.fields), declaration.origin)

    @classmethod
    def check(cls, topology: "Topology") -> Iterable[Problem]:
        """Source: https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html"""
        yield from super().check(topology)
        first: dict[str, CarrierGateway] = {}
        for gateway in topology.of(cls):
            if (known := first.setdefault(gateway.vpc_id, gateway)) is not gateway:
                yield refuse(f"{gateway.id}: {gateway.vpc_id} has a carrier gateway already, {known.id}", "", gateway)

    def register(self, index: "Index") -> None:
        index.places[self.id] = self
        index.carrier_gateway_of[self.vpc_id] = self.id
        if self.carrier_network_id:
            join(index, self.id, self.carrier_network_id)

    def takes_from(self, vpc_id: str) -> bool:
        return self.vpc_id == vpc_id and self.state == "available"

    def receive(self, packet: Packet, came_from: str | None, net: "Network") -> Iterator[Step]:
        if family(packet.dst) == 6:
            because = "{at}: a carrier gateway carries IPv4 only"
            yield self._deny(because, packet, Code.PROTOCOL_RESTRICTION)
        elif came_from is not None and net.vpc_of(came_from) == self.vpc_id:
            yield from self._send_out(packet, came_from, net)
        else:
            yield from self._take_in(packet, came_from, net)

    def _send_out(self, packet: Packet, subnet: str, net: "Network") -> Iterator[Step]:
        sender = net.interface_at(self.vpc_id, packet.src)
        if (step := blocked(self.id, packet, subnet, sender, False, net)) is not None:
            yield step
        carrier = net.edge_address(CARRIER, self.vpc_id, packet.src)
        if carrier is None:
            because, code = "{at}: drops it, {packet.source} has no carrier IP address", Code.VPCSIM_NO_EDGE_ADDRESS
            fix = "{packet.source}: a carrier IP address, which interfaces in Wavelength Zones can have"
            yield self._deny(because, packet, code, fix)
            return
        translated = packet.sent_by(carrier)
        to = self._beyond(translated, net)
        answers = net.session(self.id, packet) is not None
        step = self._unlisted(translated) if answers else self._held_back(translated, to, self._zone(sender, net), net)
        if step is not None:
            yield step
        because = "{at}: translates the source {about.source} to {packet.source}"
        yield onward(self.id, because, translated, None, to, packet, packet)

    def _beyond(self, packet: Packet, net: "Network") -> str:
        """The place where a packet goes: the carrier's network for its prefixes, or the internet."""
        network = self.carrier_network_id
        return network if network and net.outside(packet.dst) == network else net.outward(packet)

    def _held_back(self, packet: Packet, to: str, zone: str, net: "Network") -> Step | None:
        """Why a packet does not leave, or why that is not known."""
        if to == self.carrier_network_id:
            return self._unlisted(packet)
        if any(block.holds(packet.dst) for block in (*PRIVATE, CARRIER_GRADE)):
            return self._unknown("{at}: what the carrier's network does with {packet.destination} is not in the model", packet)
        if net.edge_holder(CARRIER, packet.dst) is not None:
            because = "{at}: whether the carrier takes it to another carrier IP address, {packet.destination}, is not documented"
            return self._unknown(because, packet)
        if packet.protocol == UDP and not zone.startswith(AFRICA):
            if self.carrier_network_id is None:
                because = (
                    "{at}: UDP passes to the carrier's network and not to the internet, and the model does not tell which has"
                )
                return self._unknown(f"{because} {{packet.destination}}", packet)
            return self._deny(
                "{at}: passes no UDP between {about} and the internet", packet, Code.PROTOCOL_RESTRICTION, about=zone
            )
        return self._unlisted(packet)

    def _unlisted(self, packet: Packet) -> Step | None:
        if packet.protocol in KNOWN_PROTOCOLS:
            return None
        return self._unknown("{at}: which protocols but TCP, UDP and ICMP pass is not documented", packet)

    def _take_in(self, packet: Packet, came_from: str | None, net: "Network") -> Iterator[Step]:
        holder = net.edge_holder(CARRIER, packet.dst)
        if holder is None or net.vpc_of(holder.interface) != self.vpc_id:
            because = "{at}: drops it, {packet.destination} is not the carrier IP address of an interface in its VPC"
            yield self._deny(because, packet, Code.VPCSIM_NO_EDGE_ADDRESS)
            return
        if (step := self._kept_out(packet, came_from, self._zone(holder.interface, net), net)) is not None:
            yield step
        step = blocked(self.id, packet, net.subnet_of(holder.interface), holder.interface, True, net)
        if step is not None:
            yield step
        because = "{at}: translates the destination {about.destination} to {packet.destination}"
        yield onward(self.id, because, packet.sent_to(holder.private), None, holder.interface, packet, packet)

    def _kept_out(self, packet: Packet, came_from: str | None, zone: str, net: "Network") -> Step | None:
        answer = net.session(self.id, packet) is not None
        if came_from == self.carrier_network_id or answer or zone.startswith(AFRICA) or packet.protocol not in (TCP, UDP):
            return self._unlisted(packet)
        if packet.protocol == UDP:
            return self._deny(
                "{at}: passes no UDP between {about} and the internet", packet, Code.PROTOCOL_RESTRICTION, about=zone
            )
        because = "{at}: takes no TCP connection from the internet into {about}, only from the carrier's network"
        return self._deny(because, packet, Code.VPCSIM_EDGE, about=zone)

    def _zone(self, interface: str | None, net: "Network") -> str:
        zone = net.index.edges.get(net.subnet_of(interface or "") or "", ("", ""))[1]
        return zone if is_wavelength(zone) else ""

    def _deny(self, because: str, packet: Packet, code: Code, fix: str = "", about: str = "") -> Step:
        return Step(self.id, because, packet, None, None, Disposition.DENIED, code, None, about, fix)

    def _unknown(self, because: str, packet: Packet) -> Step:
        return Step(self.id, because, packet, disposition=Disposition.UNDECIDED, code=Code.VPCSIM_NOT_MODELLED)

    def links(self, net: "Network") -> Iterable[Link]:
        yield Link(self.vpc_id, self.id, "attached to")
        yield Link(self.id, "internet", "leads to")
        if self.carrier_network_id:
            yield Link(self.id, self.carrier_network_id, "leads to")
