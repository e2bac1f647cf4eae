"""The network of a telecommunication carrier: the devices that reach interfaces in Wavelength Zones by carrier IP addresses.

It accepts every packet for its prefixes, which only the native format can tell. What is inside, and its own way to the internet,
are not facts of AWS and not in the model.

Source: https://docs.aws.amazon.com/wavelength/latest/developerguide/how-wavelengths-work.html
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, ClassVar

from vpcsim.codes import Code
from vpcsim.errors import Problem
from vpcsim.packet import Packet
from vpcsim.prefixes import PRIVATE
from vpcsim.resource import Address, Cidr, Declaration, Declared, Draft, Link, Resource, as_list
from vpcsim.shape import field
from vpcsim.trace import Disposition, Step, accepted, onward

if TYPE_CHECKING:
    from vpcsim.network import Index, Network
    from vpcsim.topology import Topology


class CarrierNetwork(Resource):
    """See the module."""

    kind: ClassVar[str] = "carrier_network"
    section: ClassVar[str] = "CarrierNetworks"
    native_names: ClassVar[Mapping[str, str]] = {"prefixes": "Prefixes", "ip": "DeviceIpAddress"}
    native_scalar: ClassVar[str] = "Prefixes"

    id: str = field(api="CarrierNetworkId")
    prefixes: tuple[Cidr, ...] = ()
    device_ip_address: Address | None = None
    """The device that asks, and is asked for, when a question names the network only."""

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        fields["Prefixes"] = as_list(fields.get("Prefixes"))
        yield Draft(cls, declaration.id, fields, declaration.origin)

    @classmethod
    def complete(cls, topology: "Topology") -> None:
        for network in topology.of(cls):
            if network.device_ip_address is None and network.prefixes:
                first = network.prefixes[0]
                topology.put(network.but(device_ip_address=min(first.first + 10, first.last)))

    def refusals(self, topology: "Topology") -> Iterable[Problem]:
        if not self.prefixes:
            yield Problem(f"{self.id}: a carrier's network needs its prefixes", self.origin)
        elif self.device_ip_address is not None and not self._holds(self.device_ip_address):
            yield Problem(f"{self.id}: the device is not inside its prefixes", self.origin)

    def _holds(self, number: int) -> bool:
        return any(prefix.holds(number) for prefix in self.prefixes)

    def register(self, index: "Index") -> None:
        index.places[self.id] = self
        index.sees_public.add(self.id)
        index.outside += [(prefix, self.id) for prefix in self.prefixes]
        if self.device_ip_address is not None:
            index.addresses_of[self.id] = (self.device_ip_address,)

    def receive(self, packet: Packet, came_from: str | None, net: "Network") -> Iterator[Step]:
        if came_from is None:
            yield self._send(packet, net)
        else:
            yield accepted(self.id, "{at}: {packet.destination} is a device here: the traffic leaves AWS", packet)

    def _send(self, packet: Packet, net: "Network") -> Step:
        gateway = net.gateway_to(packet.dst)
        if gateway in net.index.neighbours.get(self.id, ()):
            return onward(self.id, "{at}: sends {packet}", packet, None, gateway)
        if any(block.holds(packet.dst) for block in PRIVATE) and not self._holds(packet.dst):
            because = "{at}: {packet.destination} is a private address, so nothing out here can send to it"
            fix, no_route = "{packet.destination}: a carrier IP address for its interface", Disposition.NO_ROUTE
            return Step(self.id, because, packet, None, None, no_route, Code.VPCSIM_NO_EDGE_ADDRESS, None, None, fix)
        because = "{at}: the carrier's own way to {packet.destination} is not in the model"
        return Step(self.id, because, packet, disposition=Disposition.UNDECIDED, code=Code.VPCSIM_NOT_MODELLED)

    def links(self, net: "Network") -> Iterable[Link]:
        return (Link(self.id, gateway, "sends by") for gateway in net.index.neighbours.get(self.id, ()))
