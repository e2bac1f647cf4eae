"""The compiled network: plain indexes over a topology, closed under reference, read by every room.

`Index` is what resources enter themselves into; `Network` is what rooms read. Neither names an AWS construct of the
gateways; the fabric that every VPC has (interfaces, subnets, tables, ACLs, groups, public addresses) is indexed here.
Rules and routes are compiled on first use and kept. A Network is not changed by questions; what a stateful thing
remembers of a way there stands in `sessions`, of a network `during` the way back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from vpcsim import services
from vpcsim.errors import Problem
from vpcsim.holding import Holders
from vpcsim.packet import Packet
from vpcsim.prefixes import UNIQUE_LOCAL, Prefix, PrefixTable, address_text, family

if TYPE_CHECKING:
    import networkx

    from vpcsim.calling import Call
    from vpcsim.fabric import NetworkAcl, RouteTable, SecurityGroup
    from vpcsim.reachability import Reachability
    from vpcsim.resolution import Resolution
    from vpcsim.resource import Resource
    from vpcsim.topology import Topology

Sessions = Mapping[tuple[str, Packet], Packet]
"""By the id that remembers and the reply that it expects: the packet as it had come."""
NO_SESSIONS: Sessions = {}


class PublicHolder(NamedTuple):
    """Who has a public address: an interface, for one of its own addresses."""

    interface: str
    private: int


class FabricIndex:
    """What every VPC has: places, blocks, interfaces, addresses, tables and ACLs."""

    def __init__(self, topology: Topology) -> None:
        self.topology = topology
        self.places: dict[str, Resource] = {}
        self.blocks: dict[str, tuple[Prefix, ...]] = {}
        self.vpc_of: dict[str, str] = {}
        self.subnet_of: dict[str, str] = {}
        self.subnets: list[str] = []
        self.groups_of: dict[str, tuple[str, ...]] = {}
        self.addresses_of: dict[str, tuple[int, ...]] = {}
        self.interfaces_of: dict[str, tuple[str, ...]] = {}
        self.interface_at: dict[tuple[str | None, int], str] = {}
        self.delegated: list[tuple[str, Prefix, str]] = []
        """IPv6 prefixes that an interface in a VPC holds as a whole: VPC, prefix, interface."""
        self.holder_of_public: dict[int, PublicHolder] = {}
        self.public_of: dict[tuple[str, int], int] = {}
        self.table_of: dict[str, str] = {}
        self.main_table: dict[str, str] = {}
        self.acl_of: dict[str, str] = {}
        self.default_acl: dict[str, str] = {}
        self.prefixes: dict[str, tuple[Prefix, ...]] = {}
        self.added_routes: dict[str, list[Any]] = {}
        self.host_services_of: dict[str, dict[int, str]] = {}
        self.edges: dict[str, tuple[str, str]] = {}
        """By subnet: that it is in a Wavelength Zone or on an Outpost, and which one."""
        self.local_interfaces: set[str] = set()
        """The interfaces that are in the network of a site and not in their VPC."""
        self.multicast_of: dict[str, str] = {}
        """By subnet: the place that takes what it sends to multicast addresses."""
        self.tunnels: dict[tuple[str, int, int], str] = {}
        """By gateway, its end and the other end: the tunnel whose outer packets have these addresses."""
        self.edge_holder: dict[tuple[str, int], PublicHolder] = {}
        """By kind and address: who has a carrier or a customer-owned address."""
        self.edge_address: dict[tuple[str, PublicHolder], int] = {}
        self.carrier_gateway_of: dict[str, str] = {}
        """By VPC: the gateway behind which its carrier addresses are."""
        self.sees_public: set[str] = set()
        """Places outside of the model's VPCs that see the public or carrier addresses inside, and not the private ones."""


class Index(FabricIndex):
    """Filled once, by every resource's `register`, when a network is compiled: the fabric, and what gateways and names add."""

    def __init__(self, topology: Topology) -> None:
        super().__init__(topology)
        self.public_gateway_of: dict[tuple[str, int], str] = {}
        """By VPC and IP version: the gateway behind which the internet finds its public addresses."""
        self.host_of: dict[str, str] = {}
        self.public_target: dict[str, int] = {}
        self.guards: dict[int, Any] = {}
        """By public address beyond the model: the resource that says whom it takes there."""
        self.port_of: dict[str, int] = {}
        """The port that a resource answers on, for questions that name none."""
        self.named: dict[str, Resource] = {}
        """By host name: the resource whose `answers` it is."""
        self.peers_of: dict[str, tuple[str, ...]] = {}
        """By VPC: the VPCs whose interfaces its security groups may name, over an active peering for example."""
        self.peers_apart: dict[str, tuple[str, ...]] = {}
        """By VPC: the VPCs in other Regions that a peering joins to it, whose groups it cannot name."""
        self.takes_back: dict[str, list[str]] = {}
        """By VPC, or for `internet`: the places that may take back an answer from there without being its route."""
        self.public_access: dict[str, str] = {}
        """What Block Public Access does: the mode of an account in a Region, the exclusion of a VPC or a subnet."""
        self.encrypted: set[str] = set()
        """The VPCs that enforce encryption in transit."""
        self.joined_to: dict[str, list[tuple[str, ...]]] = {}
        """By VPC: the VPCs from which a gateway brings packets into it; its NAT gateways serve those senders too."""
        self.senders_of: dict[str, list[tuple[str, ...]]] = {}
        """By VPC: the VPCs whose interfaces its security groups may name in inbound rules only."""
        self.dns_servers_of: dict[str, Any] = {}
        """By VPC: what says which DNS servers its instances ask, where that is not the VPC resolver."""
        self.search_domains_of: dict[str, tuple[str, ...]] = {}
        """By VPC: the domains that complete short names, where the VPC says which."""
        self.resolver_settings: dict[tuple[str, str], str] = {}
        """By VPC or Profile and setting of the VPC resolver: ENABLE or DISABLE, where one of both is said."""
        self.profile_of: dict[str, str] = {}
        """By VPC: its Route 53 Profile."""
        self.dns_server_at: dict[int, Any] = {}
        """By address: who answers DNS queries there."""
        self.outside: list[tuple[Prefix, str]] = []
        """Addresses beyond the model's VPCs, with the place that sends from them."""
        self.announced_to_aws: list[tuple[Prefix, str]] = []
        """Public addresses that AWS's own network reaches by a place of the model, not over the internet."""
        self.neighbours: dict[str, list[str]] = {}
        """By place: the places that announce prefixes to it."""
        self.provider_of: dict[str, str] = {}
        """By the name of an endpoint service: the place that stands for its provider."""

    def publish(self, public: int, interface: str, private: int) -> None:
        """Say that `public` stands for an address of the interface, instead of any other public address before it."""
        holder = PublicHolder(interface, private)
        if (former := self.public_of.get(holder)) is not None:
            del self.holder_of_public[former]
        self.public_of[holder] = public
        self.holder_of_public[public] = holder

    def publish_at_the_edge(self, kind: str, number: int, interface: str, private: int) -> None:
        """Say that a carrier or customer-owned address stands for an address of the interface."""
        holder = PublicHolder(interface, private)
        self.edge_address[kind, holder] = number
        self.edge_holder[kind, number] = holder

    def settle(self) -> None:
        """Give every subnet without an association the default ACL and the main route table of its VPC."""
        for subnet in self.subnets:
            self.acl_of.setdefault(subnet, self.default_acl.get(self.vpc_of[subnet], ""))
            self.table_of.setdefault(subnet, self.main_table.get(self.vpc_of[subnet], ""))
        if self.delegated:
            self._delegate()

    def _delegate(self) -> None:
        """Let the interfaces with delegated prefixes hold each address of them, public ones for the internet too."""
        held = {home: PrefixTable([(p, i) for vpc, p, i in self.delegated if vpc == home]) for home, _, _ in self.delegated}
        public = PrefixTable([(p, i) for _, p, i in self.delegated if not UNIQUE_LOCAL.covers(p)])

        def at_public(number: int) -> PublicHolder | None:
            interface = public.lookup(number)
            return None if interface is None else PublicHolder(interface, number)

        self.interface_at = Holders(self.interface_at, lambda key: held[key[0]].lookup(key[1]) if key[0] in held else None)
        self.holder_of_public = Holders(self.holder_of_public, at_public)
        self.public_of = Holders(self.public_of, lambda key: key[1] if public.lookup(key[1]) == key[0] else None)


class Network:
    """What rooms and questions read. Build one with `Network.compile`."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self.topology = index.topology
        self.places = index.places
        self._rooms: dict[str, Any] = index.places
        self.sessions: Sessions = NO_SESSIONS
        self.chosen: Mapping[str, str] = {}
        """By place: which of its `branches` the running walk takes; the first one where nothing is chosen."""
        self.host = ""
        """The host name that the running question is about: what a client tells the other end in clear."""
        self._compiled: dict[Any, Any] = {}
        self.compiled = self._compiled.get
        """What `compile` kept under this key, or None."""
        self.vpc_of = index.vpc_of.get
        """The VPC of a subnet or an interface, or None."""
        self.subnet_of = index.subnet_of.get
        """The subnet of an interface, or None."""

    @classmethod
    def of(cls, topology: Topology) -> Network:
        """Compile a topology: enter every resource, and the places that are always there."""
        index = Index(topology)
        for shape in topology.settings.shapes:
            for resource in (*topology.of(shape), *shape.always()):
                resource.register(index)
        index.settle()
        return cls(index)

    def during(self, sessions: Sessions) -> Network:
        """The same network, remembering these sessions."""
        if sessions is self.sessions:
            return self
        other = object.__new__(Network)
        other.__dict__.update(self.__dict__)
        other.sessions = sessions
        return other

    def choosing(self, chosen: Mapping[str, str]) -> Network:
        """The same network, taking these branches."""
        other = object.__new__(Network)
        other.__dict__.update(self.__dict__)
        other.chosen = chosen
        return other

    def asked_for(self, host: str) -> Network:
        """The same network, while a client looks for this host name."""
        if not host:
            return self
        other = object.__new__(Network)
        other.__dict__.update(self.__dict__)
        other.host = host
        return other

    def compile(self, key: Any, table: Any) -> Any:
        """Keep a compiled table under a key and give it back."""
        self._compiled[key] = table
        return table

    def session(self, by: str, packet: Packet) -> Packet | None:
        """If `packet` answers one that the place `by` let through: that one, as it had come to `by`."""
        return self.sessions.get((by, packet))

    @property
    def answering(self) -> bool:
        """Whether the running walk is an answer's way back."""
        return self.sessions is not NO_SESSIONS

    def taken_back_by(self, where: str, packet: Packet) -> str | None:
        """The place that let out what `packet`, now in a VPC or on the `internet`, answers, and that takes it back."""
        places = self.index.takes_back.get(where) if self.sessions else None
        if places is None:
            return None
        return next((p for p in places if (p, packet) in self.sessions and not self._is_for(p, packet)), None)

    def _is_for(self, place: str, packet: Packet) -> bool:
        """Whether a place is an end of a packet, so that routes lead to it or it has sent the packet itself."""
        return self.holds(place, packet.src) or self.holds(place, packet.dst)

    def interface_at(self, vpc: str | None, number: int) -> str | None:
        """The interface that holds an address inside a VPC."""
        return self.index.interface_at.get((vpc, number))

    def interfaces_at(self, number: int) -> tuple[str, ...]:
        """The interfaces that hold an address, one for each VPC that has it."""
        held: dict[int, tuple[str, ...]] | None = self.compiled("interfaces by address")
        if held is None:
            held = self.compile("interfaces by address", {})
            for (_, address), interface in self.index.interface_at.items():
                held[address] = (*held.get(address, ()), interface)
        return held.get(number) or tuple(interface for _, prefix, interface in self.index.delegated if prefix.holds(number))

    def interfaces_of(self, owner: str) -> tuple[str, ...]:
        """The interfaces of an instance, a gateway or an endpoint."""
        return self.index.interfaces_of.get(owner, ())

    def holds(self, interface: str | None, number: int) -> bool:
        """Whether the interface has this address."""
        return number in self.index.addresses_of.get(interface or "", ())

    def address_of(self, interface: str | None, version: int | None = None) -> int:
        """The primary address of an interface, or that of an IP version. Raises KeyError if it has none."""
        numbers = self.index.addresses_of[interface or ""]
        for number in numbers:
            if version is None or family(number) == version:
                return number
        raise KeyError(interface)

    def groups_at(self, vpc: str, number: int, receiver: int | None = None) -> tuple[str, ...]:
        """The security groups of the interface that holds an address inside a VPC, or else of those inside its peers.

        A group stands for the addresses of its members: of two peers with one address, both count. With a receiver, as
        seen by inbound rules at the interface that has that address: see `Index.senders_of`.
        Source: https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
        """
        index = self.index
        interface = index.interface_at.get((vpc, number))
        if interface is not None:
            return index.groups_of.get(interface, ())
        found = (index.interface_at.get((peer, number)) for peer in self._named_from(vpc, receiver))
        return tuple(group for interface in found if interface for group in index.groups_of.get(interface, ()))

    def _named_from(self, vpc: str, receiver: int | None) -> Iterable[str]:
        yield from self.index.peers_of.get(vpc, ())
        taker = self.places.get(self.index.interface_at.get((vpc, receiver), "")) if receiver is not None else None
        if taker is not None and not getattr(taker, "private_link", False):
            yield from (peer for peers in self.index.senders_of.get(vpc, ()) for peer in peers)

    def groups_lost(self, vpc: str, number: int) -> tuple[str, ...]:
        """The security groups of whoever has an address that rules in this VPC name in vain: one in a VPC that is joined by
        a transit gateway or by a peering with another Region, or a public one."""
        if (vpc, number) in self.index.interface_at:
            return ()
        joined = (peer for peers in self.index.joined_to.get(vpc, ()) for peer in peers)
        beyond = (self.index.interface_at.get((peer, number)) for peer in (*self.index.peers_apart.get(vpc, ()), *joined))
        holder = self.holder_of_public(number)
        found = next((interface for interface in beyond if interface), holder.interface if holder else "")
        return self.index.groups_of.get(found, ())

    def group(self, id: str) -> SecurityGroup:
        group: SecurityGroup = self._rooms[id]
        return group

    def acl_of(self, subnet: str) -> NetworkAcl:
        """The network ACL of a subnet."""
        acl: NetworkAcl = self._rooms[self.index.acl_of[subnet]]
        return acl

    def route_table_of(self, subnet: str) -> RouteTable:
        """The route table of a subnet."""
        table: RouteTable = self._rooms[self.index.table_of[subnet]]
        return table

    def edge_table_of(self, gateway: str) -> RouteTable | None:
        """The route table that a gateway has for what enters by it."""
        id = self.index.table_of.get(gateway)
        table: RouteTable | None = self._rooms[id] if id else None
        return table

    def blocks_of(self, vpc: str) -> tuple[Prefix, ...]:
        """The CIDR blocks of a VPC, the primary one first."""
        return self.index.blocks[vpc]

    def prefixes_of(self, prefix_list: Any) -> tuple[Prefix, ...] | None:
        """The blocks of a prefix list, or None if the id is not one of a prefix list."""
        return self.index.prefixes.get(prefix_list)

    def added_routes(self, table: str) -> Iterable[Any]:
        """Routes that other resources put into a table."""
        return self.index.added_routes.get(table, ())

    def public_address(self, vpc: str | None, number: int) -> int | None:
        """The public address that stands for an address of an interface in a VPC."""
        interface = self.index.interface_at.get((vpc, number))
        return self.index.public_of.get((interface, number)) if interface else None

    def edge_address(self, kind: str, vpc: str | None, number: int) -> int | None:
        """The carrier or customer-owned address that stands for an address of an interface in a VPC."""
        interface = self.index.interface_at.get((vpc, number))
        return self.index.edge_address.get((kind, PublicHolder(interface, number))) if interface else None

    def edge_holder(self, kind: str, number: int) -> PublicHolder | None:
        """The interface of the model that has a carrier or a customer-owned address."""
        return self.index.edge_holder.get((kind, number))

    def holder_of_public(self, number: int) -> PublicHolder | None:
        """The interface of the model that has a public address."""
        return self.index.holder_of_public.get(number)

    def belongs_here(self, number: int) -> bool:
        """Whether a public address belongs to the model, in use or not."""
        targets = self.compiled("public targets") or self.compile("public targets", {*self.index.public_target.values(), None})
        return number in self.index.holder_of_public or number in targets

    def gateway_to(self, number: int) -> str | None:
        """The gateway behind which the internet finds a public address of the model: it may turn away what comes."""
        holder = self.index.holder_of_public.get(number)
        if holder is None:
            edge = self.index.edge_holder.get(("carrier", number))
            return self.index.carrier_gateway_of.get(self.index.vpc_of[edge.interface]) if edge else None
        return self.index.public_gateway_of.get((self.index.vpc_of[holder.interface], family(number)))

    def outward(self, packet: Packet) -> str:
        """The place to which a gateway hands a packet for a public address."""
        return self.taken_back_by("internet", packet) or self.beyond(packet.dst)

    def beyond(self, number: int) -> str:
        """The place where a public address is, as the internet sees it."""
        place: str | None = self.compiled(("beyond", number))
        if place is None:
            place = self.gateway_to(number) or _holder(self.index.announced_to_aws, number)
            place = place or ("aws" if services.aws_region_of(address_text(number)) else "internet")
            self.compile(("beyond", number), place)
        return place

    def outside(self, number: int) -> str | None:
        """The place beyond the VPCs that has an address: an on-premises network, for example."""
        return _holder(self.index.outside, number)

    def is_outside(self, place: str) -> bool:
        """Whether a place beyond the VPCs has addresses of its own, and so sees the private addresses inside."""
        return place not in self.index.sees_public and any(holder == place for _, holder in self.index.outside)

    @property
    def notices(self) -> tuple[Problem, ...]:
        return self.topology.settings.notices

    def trace(self, source: str, to: str, **options: Any) -> Reachability:
        """Decide whether `source` reaches `to`. See `vpcsim.asking.trace`."""
        from vpcsim.asking import trace

        return trace(self, source, to, **options)

    def call(self, source: str, action: str, resource: str = "*", **options: Any) -> Call:
        """Decide a service call by name, path, certificate and policies. See `vpcsim.calling.call`."""
        from vpcsim.calling import call

        return call(self, source, action, resource, **options)

    def task(self, source: str, name: str, about: str = "", **options: Any) -> Call:
        """Decide a task of several calls, such as `session-manager`. See `vpcsim.calling.task`."""
        from vpcsim.calling import task

        return task(self, source, name, about, **options)

    def resolve(self, source: str, name: str, type: str = "A") -> Resolution:
        """What `source` learns when it asks for a name. See `vpcsim.asking.resolve`."""
        from vpcsim.asking import resolve

        return resolve(self, source, name, type)

    def with_changes(self, changes: Mapping[str, Any] | None = None, delete: Iterable[str] = ()) -> Network:
        """A network with resources added or replaced (in the native format's words) and others deleted.

        Raises as `vpcsim.load`; this network stays as it is.
        """
        from vpcsim.readers.native import declarations_of

        return Network.of(self.topology.changed(declarations_of(changes or {}, self.topology), delete))

    def graph(self) -> networkx.MultiDiGraph:
        """The network as a graph of typed nodes and edges, built from every resource's `links`."""
        from vpcsim.graph import graph

        return graph(self)

    def __repr__(self) -> str:
        kinds = {shape.kind: len(self.topology.of(shape)) for shape in self.topology.settings.shapes}
        return f"<Network {', '.join(f'{count} {kind}' for kind, count in kinds.items() if count)}>"


def _holder(held: Iterable[tuple[Prefix, str]], number: int) -> str | None:
    """Who has the narrowest prefix around an address; the first one of several."""
    found = [(prefix.size, place) for prefix, place in held if prefix.holds(number)]
    return min(found, key=lambda pair: pair[0])[1] if found else None
