"""A network beyond AWS: an office or a data center, with the prefixes that it announces.

It sends by the gateways that lead to AWS, to whichever announces the longest prefix, over Direct Connect before a VPN. It
accepts every packet for its prefixes. Its hosts ask the DNS servers that the model names. What is inside (routers,
firewalls, who listens) is not a fact of AWS and not in the model, but a model may say that it forwards between its
gateways; neither is its own way to the internet.

A customer gateway or a virtual interface that names no such network gets one: its prefixes are the static routes of the VPN
connections. Where BGP is spoken, what else the network announces is not in the model, and what depends on it is undecided.

Sources: https://docs.aws.amazon.com/vpn/latest/s2svpn/VPNRoutingTypes.html,
https://docs.aws.amazon.com/vpn/latest/s2svpn/vpn-route-priority.html (Direct Connect comes before a VPN).
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, ClassVar

from vpcsim.codes import Code
from vpcsim.errors import Problem
from vpcsim.gateways.announcing import ANYTHING, Announcement, Announcing, CustomerSide, way_to
from vpcsim.packet import Packet
from vpcsim.prefixes import PRIVATE, Prefix, family
from vpcsim.resolution import Answer, Query, Vantage
from vpcsim.resource import Address, Cidr, Declaration, Declared, Draft, Link, as_list
from vpcsim.shape import field
from vpcsim.trace import Disposition, Step, accepted, onward

if TYPE_CHECKING:
    from vpcsim.network import Index, Network
    from vpcsim.topology import Topology


class OnPremisesNetwork(Announcing):
    """See the module."""

    kind: ClassVar[str] = "on_premises_network"
    section: ClassVar[str] = "OnPremisesNetworks"
    native_section: ClassVar[str] = "on_premises"
    native_names: ClassVar[Mapping[str, str]] = {
        "prefixes": "Prefixes",
        "ip": "PrivateIpAddress",
        "forwards": "Forwards",
        "dns_servers": "DnsServers",
    }
    native_scalar: ClassVar[str] = "Prefixes"

    id: str = field(api="OnPremisesNetworkId")
    prefixes: tuple[Cidr, ...] = ()
    private_ip_address: Address | None = None
    """The host that asks, and is asked for, when a question names the network only."""
    forwards: bool = False
    """Whether its routers pass on what one gateway brings to another one that announces the destination."""
    dns_servers: tuple[Address, ...] = ()
    """Whom its hosts ask for names; without any they are taken to ask the public DNS."""
    announces_more: bool = False
    """Whether it may announce prefixes over BGP that the model does not tell."""

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        fields |= {name: as_list(fields[name]) for name in ("Prefixes", "DnsServers") if name in fields}
        yield Draft(cls, declaration.id, fields, declaration.origin)

    @classmethod
    def complete(cls, topology: "Topology") -> None:
        """Give a network to every customer gateway and virtual interface that names none, and a host to every network."""
        for side in [r for r in topology.resources.values() if isinstance(r, CustomerSide)]:
            if side.on_premises_network_id is None:
                topology.put(side.replaced(on_premises_network_id=side.network))
                topology.put(cls._behind(side, topology))
        for network in topology.of(cls):
            if network.private_ip_address is None and network.prefixes:
                topology.put(network.but(private_ip_address=_host(network.prefixes[0])))

    @classmethod
    def _behind(cls, side: CustomerSide, topology: "Topology") -> "OnPremisesNetwork":
        """What VPN connections tell about the network behind a customer gateway; a virtual interface tells nothing."""
        connections = [c for c in topology.of_kind("vpn_connection") if getattr(c, "customer_gateway_id", "") == side.id]
        static = dict.fromkeys(prefix for c in connections for prefix in getattr(c, "static_prefixes", ()))
        speaks_bgp = not connections or any(not getattr(c, "is_static", False) for c in connections)
        id = side.network
        return cls(id=id, name=id, origin=side.origin, prefixes=tuple(static), announces_more=speaks_bgp)

    def refusals(self, topology: "Topology") -> Iterable[Problem]:
        number = self.private_ip_address
        if number is not None and not any(prefix.holds(number) for prefix in self.prefixes):
            yield Problem(f"{self.id}: the host is not inside its prefixes", self.origin)

    def register(self, index: "Index") -> None:
        index.places[self.id] = self
        if self.private_ip_address is not None:
            index.addresses_of[self.id] = (self.private_ip_address, *self._hosts_of_other_families())
        if self.dns_servers:
            index.dns_servers_of[self.id] = self
        index.outside += [(prefix, self.id) for prefix in self.prefixes]
        if self.announces_more:
            index.outside += [(prefix, self.id) for prefix in PRIVATE]

    def _hosts_of_other_families(self) -> Iterator[int]:
        told = family(self.private_ip_address or 0)
        yield from (_host(prefix) for prefix in self.prefixes if prefix.family != told)

    def answer(self, query: Query, vantage: Vantage, net: "Network") -> Answer:
        """What the first of its DNS servers answers: one that is inside, or one that its packets reach."""
        from vpcsim.forwarding import ask_servers, senders_of

        return ask_servers(net, self.id, senders_of(net, self.id), self.dns_servers, query, vantage)

    def announces(self, to: str, net: "Network") -> Iterator[Announcement]:
        for prefix in (*self.prefixes, *(ANYTHING if self.announces_more else ())):
            yield Announcement(prefix)

    def receive(self, packet: Packet, came_from: str | None, net: "Network") -> Iterator[Step]:
        if came_from is None:
            yield self._send(packet, net)
        elif any(prefix.holds(packet.dst) for prefix in self.prefixes):
            because = "{at}: {packet.destination} is here: the traffic leaves AWS"
            yield accepted(self.id, because, packet)
        elif self.forwards and (to := self._way_on(packet, came_from, net)) is not None:
            yield onward(self.id, "{at}: passes it on to {to}", packet, None, to)
        elif self.announces_more:
            yield self._undecided("{at}: whether it announces {packet.destination} over BGP is not in the model", packet)
        else:
            because = "{at}: {packet.destination} is beyond its prefixes: what it does with that is not in the model"
            yield self._undecided(because, packet)

    def _send(self, packet: Packet, net: "Network") -> Step:
        to = way_to(packet.dst, self.id, net) or self._way_to_aws(packet.dst, net)
        if to is not None and getattr(net.places[to], "is_public", False) and any(b.holds(packet.src) for b in PRIVATE):
            because = "{at}: whether it translates {packet.source} to a public address is not in the model"
            return self._undecided(because, packet)
        if to is not None:
            return onward(self.id, "{at}: sends {packet}", packet, None, to)
        if any(prefix.holds(packet.dst) for prefix in self.prefixes):
            return self._undecided("{at}: {packet.destination} is here as well: what is inside is not modelled", packet)
        if any(block.holds(packet.dst) for block in PRIVATE) or net.interfaces_at(packet.dst):
            because = "{at}: no gateway announces {packet.destination} to it"
            fix = "{at}: a VPN connection or a virtual interface to the VPC of {packet.destination}"
            code = Code.NO_ROUTE_TO_DESTINATION
            return Step(self.id, because, packet, None, None, Disposition.NO_ROUTE, code, None, None, fix)
        return self._undecided("{at}: its own way to {packet.destination} is not in the model", packet)

    def _way_on(self, packet: Packet, came_from: str, net: "Network") -> str | None:
        """The gateway that announces the destination, unless the packet has just come from there."""
        others = tuple(place for place in net.index.neighbours.get(self.id, ()) if place != came_from)
        return way_to(packet.dst, self.id, net, others)

    def _way_to_aws(self, number: int, net: "Network") -> str | None:
        """The neighbour that leads to AWS's own public addresses."""
        neighbours = net.index.neighbours.get(self.id, ())
        return next((n for n in neighbours if (takes := getattr(net.places[n], "takes", None)) and takes(number)), None)

    def _undecided(self, because: str, packet: Packet) -> Step:
        return Step(self.id, because, packet, disposition=Disposition.UNDECIDED, code=Code.VPCSIM_NOT_MODELLED)

    def links(self, net: "Network") -> Iterable[Link]:
        return (Link(self.id, gateway, "sends by") for gateway in net.index.neighbours.get(self.id, ()))


def _host(prefix: Prefix) -> int:
    """A host of a prefix: the tenth address, or the last one of a smaller prefix."""
    return min(prefix.first + 10, prefix.last)
