"""The route table of a segment, or of a network function group, at one edge of a core network.

It follows from the policy: every segment has one in each of its Regions. The longest prefix wins. Of equal prefixes a static
route comes first, then what a VPC of the same Region propagates, then what was learned over BGP, from other Regions too: the
shortest AS path, and of equal ones Direct Connect before Connect and VPN of the same Region before the rest. A segment with
isolated attachments has no routes to its own attachments, but for those of transit gateways. A static route is there in the
Regions of its attachments, which tell it to the others; it is not shared, and a blackhole is in every Region by itself. What
goes by way of a network function group has routes to the group's attachment instead (see `service_insertion`). What is learned
from attachments, other segments and other Regions passes the routing policies that stand there (see `propagation`).

What is behind an attachment and tells no AS path may be as near as any other such: then it is undecided which one AWS takes.

Sources: https://docs.aws.amazon.com/network-manager/latest/cloudwan/cloudwan-route-evaluation.html,
https://docs.aws.amazon.com/network-manager/latest/cloudwan/cloudwan-policies-json.html (isolate-attachments, create-route).
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, NamedTuple

from vpcsim.codes import Code
from vpcsim.gateways.core_network.attachment import DIRECT_CONNECT, TRANSIT_GATEWAY, CoreNetworkAttachment
from vpcsim.gateways.core_network.policy import BLACKHOLE, CREATE_ROUTE, Policy, covering
from vpcsim.gateways.core_network.propagation import between, crossing, learned, told
from vpcsim.gateways.core_network.routing_policy import Outcome
from vpcsim.gateways.core_network.service_insertion import SECOND_HOP, hop, inserted, needs_second_hop, segments_of
from vpcsim.prefixes import EVERYWHERE, PassedOver, Prefix, PrefixTable, passed_over
from vpcsim.resource import Cidr, Link, Resource, refers_to
from vpcsim.shape import Shape, field

if TYPE_CHECKING:
    from vpcsim.errors import Problem
    from vpcsim.network import Network
    from vpcsim.packet import Packet
    from vpcsim.topology import Topology

PASSED_OVER = {
    PassedOver.ELSEWHERE: Code.CANNOT_ROUTE,
    PassedOver.LONGER: Code.MORE_SPECIFIC_ROUTE,
    PassedOver.EARLIER: Code.HIGHER_PRIORITY_ROUTE,
}
STATIC, LOCAL_VPC, DYNAMIC = 0, 1, 2
"""The order of routes of one prefix."""
NEAR = {"CONNECT": 1, "SITE_TO_SITE_VPN": 2}
"""The order of routes of one prefix and AS path, of the same Region; Direct Connect comes before, the rest after them."""
UNSAID = "the lengths of their AS paths decide, and are not in the model"
UNTOLD = "AWS takes one of them, and does not say which"
BESIDES = "it is redirected to a network function group and has another route too, and AWS does not say which counts"
CHANGED = "routing policies change what AWS compares them by"
OVERLAP = "their blocks overlap, and AWS propagates those of the VPC that was attached first"


class CoreNetworkRoute(Shape):
    """One route. Without an attachment it is a blackhole; of several that are alike, `ties` has all and `doubt` why."""

    destination_cidr_block: Cidr
    attachment_id: str | None = None
    edge_location: str = ""
    """The Region in which it leaves the core network."""
    is_remote: bool = False
    type: str = "propagated"
    ties: tuple[str, ...] = field(default=(), dumped=False)
    doubt: str = field(default="", dumped=False)

    def __str__(self) -> str:
        if self.attachment_id is None:
            return f"{self.destination_cidr_block} -> {BLACKHOLE}"
        by = f" by {self.edge_location}" if self.is_remote else ""
        told = "" if self.type == "static" else f" ({self.type})"
        return f"{self.destination_cidr_block} -> {self.attachment_id}{by}{told}"


class Candidate(NamedTuple):
    """A way to a prefix: by an attachment, in a Region; a blackhole has none."""

    attachment: CoreNetworkAttachment | None
    edge: str
    rank: int
    is_remote: bool = False
    is_static: bool = False
    id: str = ""
    """What a static route names, whether it is in the model or not."""
    is_redirected: bool = False
    doubt: str = ""
    longer: int = 0
    """By how much routing policies make its AS path longer."""
    is_changed: bool = False

    @property
    def least(self) -> int:
        """The shortest AS path that it can have: one step for each Region that it comes through."""
        return (self.known_path if self.known_path is not None else 1) + self.is_remote + self.longer

    @property
    def known_path(self) -> int | None:
        """The length of the path that the attachment brings along; what AWS holds itself has none."""
        if self.is_static or self.attachment is None or self.attachment.is_of_a_vpc:
            return 0
        return self.attachment.as_path_length

    @property
    def is_certain(self) -> bool:
        return self.known_path is not None

    @property
    def kind(self) -> int:
        type = self.attachment.attachment_type if self.attachment else ""
        return 0 if type == DIRECT_CONNECT else 3 if self.is_remote else NEAR.get(type, 3)


Entries = tuple[tuple[Prefix, CoreNetworkRoute], ...]


class CoreNetworkRouteTable(Resource):
    """See the module."""

    kind: ClassVar[str] = "core_network_route_table"
    section: ClassVar[str] = "CoreNetworkRouteTables"

    id: str = field(api="CoreNetworkRouteTableId")
    core_network_id: Annotated[str, refers_to("core_network")]
    segment_name: str
    edge_location: str

    @classmethod
    def name_of(cls, core: str, segment: str, edge: str) -> str:
        """The id of a table."""
        return f"{core}/{segment}/{edge}"

    def refusals(self, topology: "Topology") -> "Iterable[Problem]":
        return ()

    def rules_looked_at(self, packet: "Packet", net: "Network") -> Iterable[Any]:
        """The routes, and of each that does not decide the code for why."""
        for prefix, route, why in passed_over(self._compiled(net)[0], packet.dst):
            yield f"{prefix} -> {str(route).partition(' -> ')[2]}" + (f" ({PASSED_OVER[why]})" if why else "")

    def lookup(self, number: int, net: "Network") -> CoreNetworkRoute | None:
        """The route for this destination address, or None."""
        return self._compiled(net)[1].lookup(number)

    def local_prefixes(self, net: "Network", besides: str = "") -> tuple[Prefix, ...]:
        """The prefixes that leave here by another attachment than `besides`: what the edge tells a Direct Connect gateway."""
        routes = self._compiled(net)[0]
        return tuple(prefix for prefix, route in routes if not route.is_remote and route.attachment_id not in (None, besides))

    def prefixes(self, net: "Network", besides: str) -> tuple[Prefix, ...]:
        """Every prefix that has a way out by another attachment."""
        return tuple(prefix for prefix, route in self._compiled(net)[0] if route.attachment_id not in (None, besides))

    def unknown(self, net: "Network") -> str:
        """An attachment of which it is not known what it propagates here; empty if there is none."""
        others = {use.other for use in inserted(self._policy(net), self.segment_name) if use.other}
        behind = (a for a in self._core(net).attachments(net) if a.segment_name in others and a.carries)
        found = (a.id for a in (*(a for a, _ in self._sources(net)), *behind) if a.propagated(net) is None)
        return next(found, "") or self._core(net).left_out(net)

    def _core(self, net: "Network") -> Any:
        return net.places[self.core_network_id]

    def _policy(self, net: "Network") -> Policy:
        policy: Policy = self._core(net).policy_document
        return policy

    def _lists(self, net: "Network") -> Any:
        return self._core(net).lists(net)

    def _compiled(self, net: "Network") -> tuple[Entries, PrefixTable[CoreNetworkRoute]]:
        known: tuple[Entries, PrefixTable[CoreNetworkRoute]] | None = net.compiled(("routes", self.id))
        if known is None:
            entries = tuple(self._entries(net))
            known = net.compile(("routes", self.id), (entries, PrefixTable(entries)))
        return known

    def _entries(self, net: "Network") -> Iterator[tuple[Prefix, CoreNetworkRoute]]:
        found: dict[Prefix, list[Candidate]] = {}
        for prefix, candidate in (*self._static(net), *self._learned(net), *self._redirected(net)):
            found.setdefault(prefix, []).append(candidate)
        near = [(p, c) for p, candidates in found.items() for c in candidates if c.rank == LOCAL_VPC]
        for prefix, candidates in found.items():
            if any(c.is_redirected for c in candidates):
                yield prefix, _redirecting(prefix, candidates)
                continue
            best = min(c.rank for c in candidates)
            yield prefix, _chosen(prefix, [c for c in candidates if c.rank == best], self._shares_load(net), near)

    def _shares_load(self, net: "Network") -> bool:
        return self._policy(net).core_network_configuration.vpn_ecmp_support

    def _static(self, net: "Network") -> Iterator[tuple[Prefix, Candidate]]:
        actions = [a for a in self._policy(net).of(CREATE_ROUTE) if a.segment == self.segment_name]
        for prefix, action in covering(actions):
            if action.is_blackhole:
                yield prefix, Candidate(None, self.edge_location, STATIC, is_static=True)
            for id in () if action.is_blackhole else action.destinations:
                attachment = net.topology.get(CoreNetworkAttachment, id)
                edges = attachment.edge_locations if attachment else (self.edge_location,)
                for edge in edges:
                    far = edge != self.edge_location
                    route = Candidate(attachment, edge, DYNAMIC if far else STATIC, far, True, id)
                    pair = (edge, self.edge_location)
                    passed = between(self._policy(net), Outcome(prefix), self.segment_name, pair, self._lists(net))
                    yield from ((prefix, made) for made in _kept(route, passed if far else None))

    def _learned(self, net: "Network") -> Iterator[tuple[Prefix, Candidate]]:
        policy = self._policy(net)
        for attachment, edge in self._sources(net):
            for prefix in attachment.propagated(net) or ():
                far = edge != self.edge_location
                rank = LOCAL_VPC if attachment.is_of_a_vpc and not far else DYNAMIC
                doubt = SECOND_HOP if far and needs_second_hop(policy, self.segment_name) else ""
                route = Candidate(attachment, edge, rank, far, id=attachment.id, doubt=doubt)
                yield from ((prefix, made) for made in _kept(route, self._arriving(attachment, edge, prefix, net)))

    def _arriving(self, attachment: CoreNetworkAttachment, edge: str, prefix: Prefix, net: "Network") -> Outcome:
        """What routing policies make of what an attachment brings, until it is here."""
        policy, lists, own = self._policy(net), self._lists(net), self.segment_name
        route = learned(policy, attachment, edge, prefix, lists)
        if policy.group(own) is not None:
            return route
        return crossing(policy, route, (attachment.segment_name or own, own), (edge, self.edge_location), lists)

    def dropped_by(self, attachment: CoreNetworkAttachment, number: int, net: "Network") -> str:
        """The routing policy that keeps what an attachment brings for an address out of this table, if one does."""
        sources = [(source, edge) for source, edge in self._sources(net) if source.id == attachment.id]
        prefixes = [prefix for prefix in attachment.propagated(net) or () if prefix.holds(number)]
        found = (self._arriving(source, edge, prefix, net) for source, edge in sources for prefix in prefixes)
        return next((outcome.by for outcome in found if outcome.passes is False), "")

    def told_to(self, attachment: CoreNetworkAttachment, prefixes: Iterable[Prefix], net: "Network") -> tuple[Prefix, ...]:
        """What is behind an attachment learns of these prefixes. What may be told is."""
        found = [told(self._policy(net), attachment, self.edge_location, prefix, self._lists(net)) for prefix in prefixes]
        return tuple(dict.fromkeys(outcome.prefix for outcome in found if outcome.passes is not False))

    def untold(self, attachment: CoreNetworkAttachment, number: int, net: "Network") -> Outcome | None:
        """Why what is behind an attachment does not learn of an address, or may not, though there is a route for it."""
        prefixes = [prefix for prefix in self.prefixes(net, attachment.id) if prefix.holds(number)]
        found = [told(self._policy(net), attachment, self.edge_location, prefix, self._lists(net)) for prefix in prefixes]
        learns = any(outcome.passes and outcome.prefix.holds(number) for outcome in found)
        return None if learns else next(iter(found), None)

    def _redirected(self, net: "Network") -> Iterator[tuple[Prefix, Candidate]]:
        """What goes to the attachment of a network function group, wherever it goes from there."""
        here = self.edge_location
        for use in inserted(self._policy(net), self.segment_name):
            if use.other is None:
                yield from ((prefix, self._by_group(use, here, net)) for prefix in EVERYWHERE.values())
                continue
            for attachment in self._core(net).attachments(net):
                if attachment.segment_name == use.other and attachment.carries:
                    there = here if here in attachment.edge_locations else attachment.edge_locations[0]
                    for prefix in attachment.propagated(net) or ():
                        passed = learned(self._policy(net), attachment, there, prefix, self._lists(net))
                        yield from ((prefix, made) for made in _kept(self._by_group(use, there, net), passed))

    def _by_group(self, use: Any, there: str, net: "Network") -> Candidate:
        here = self.edge_location
        found = hop(use, here, there, self._core(net).attachments(net))
        id = found.attachment.id if found.attachment else ""
        return Candidate(found.attachment, found.edge, STATIC, found.edge not in ("", here), False, id, True, found.doubt)

    def _of_group(self, policy: Policy, net: "Network") -> Iterator[tuple[CoreNetworkAttachment, str]]:
        """What the table of a network function group has: the attachments of every segment whose traffic passes it."""
        segments = segments_of(policy, self.segment_name)
        for attachment in self._core(net).attachments(net):
            if attachment.segment_name in segments and attachment.carries:
                yield from ((attachment, edge) for edge in attachment.edge_locations)

    def _sources(self, net: "Network") -> Iterator[tuple[CoreNetworkAttachment, str]]:
        """The attachments whose prefixes become routes here, each with its Regions."""
        policy = self._policy(net)
        if policy.group(self.segment_name) is not None:
            yield from self._of_group(policy, net)
            return
        segment = policy.segment(self.segment_name)
        for attachment in self._core(net).attachments(net):
            other = attachment.segment_name
            own = other == self.segment_name
            hidden = own and segment is not None and segment.isolate_attachments and attachment.attachment_type != TRANSIT_GATEWAY
            if other is not None and attachment.carries and not hidden and (own or policy.gets_from(self.segment_name, other)):
                yield from ((attachment, edge) for edge in attachment.edge_locations)

    def links(self, net: "Network") -> Iterable[Link]:
        yield Link(self.core_network_id, self.id, "contains")
        for _, route in self._compiled(net)[0]:
            if route.attachment_id:
                yield Link(self.id, route.attachment_id, str(route.destination_cidr_block))


def _kept(route: Candidate, passed: Outcome | None) -> Iterator[Candidate]:
    """A way to a prefix, unless routing policies drop it."""
    if passed is None:
        yield route
    elif passed.passes is not False:
        yield route._replace(doubt=route.doubt or passed.doubt, longer=passed.longer, is_changed=passed.is_changed)


def _chosen(prefix: Prefix, alike: list[Candidate], shares: bool, near: list[tuple[Prefix, Candidate]]) -> CoreNetworkRoute:
    """The route of one prefix, of candidates of one rank."""
    is_changed = alike[0].rank == DYNAMIC and len({c.id for c in alike}) > 1 and any(c.is_changed for c in alike)
    if alike[0].rank == DYNAMIC and not is_changed:
        alike = _nearest(alike)
    first = alike[0]
    uncertain = next((c.doubt for c in alike if c.doubt), "")
    ties = tuple(dict.fromkeys(c.id for c in alike))
    doubt = "" if len(ties) < 2 else UNTOLD if all(c.is_certain for c in alike) else UNSAID
    if uncertain:
        ties, doubt = (), uncertain
    elif is_changed:
        doubt = CHANGED
    elif first.rank == LOCAL_VPC:
        overlapping = [c.id for other, c in near if other.overlaps(prefix)]
        ties = tuple(dict.fromkeys((*ties, *overlapping)))
        doubt = OVERLAP if len(ties) > 1 else ""
    elif shares and doubt == UNTOLD and all(c.kind == NEAR["SITE_TO_SITE_VPN"] for c in alike):
        doubt = ""
    return CoreNetworkRoute(
        destination_cidr_block=prefix,
        attachment_id=first.id or None,
        edge_location=first.edge,
        is_remote=first.is_remote,
        type="static" if first.is_static and not first.is_remote else "propagated",
        ties=ties if len(ties) > 1 else (),
        doubt=doubt,
        origin=first.attachment.origin if first.attachment else None,
    )


def _redirecting(prefix: Prefix, candidates: list[Candidate]) -> CoreNetworkRoute:
    """The route of a prefix that goes by way of a network function group."""
    first = next(c for c in candidates if c.is_redirected)
    alone = all(c.is_redirected and c.id == first.id for c in candidates)
    return CoreNetworkRoute(
        destination_cidr_block=prefix,
        attachment_id=first.id or None,
        edge_location=first.edge,
        is_remote=first.is_remote,
        type="service insertion",
        doubt=first.doubt or ("" if alone else BESIDES),
        origin=first.attachment.origin if first.attachment else None,
    )


def _nearest(candidates: list[Candidate]) -> list[Candidate]:
    """Those that AWS may take: the nearest way by each attachment, without those that another one surely beats."""
    by_attachment: dict[str, Candidate] = {}
    for candidate in sorted(candidates, key=lambda c: c.is_remote):
        by_attachment.setdefault(candidate.id, candidate)
    shortest = min((c.least for c in by_attachment.values() if c.is_certain), default=None)
    left = [c for c in by_attachment.values() if shortest is None or c.least <= shortest]
    if all(c.is_certain for c in left):
        best = min(c.kind for c in left)
        left = [c for c in left if c.kind == best]
    return left
