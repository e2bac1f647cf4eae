"""What the input leaves open: an answer that depends on it is undecided, and says on what.

A value that an input needs but does not hold (an import of another stack, a parameter without a value, an attribute that only
AWS knows) is left out of the resource that needs it, and a `Doubt` about that resource goes along with the model. The resource
says by `depends` whether a decision could be another one with the value. A filter that may or may not let a packet through
leaves its fate open only if nothing else stops it for certain; anything else that is open ends what can be known of a way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from vpcsim.codes import Code
from vpcsim.errors import Doubt, Skipped, UnknownName
from vpcsim.network import Network
from vpcsim.references import fields_naming, kinds_named
from vpcsim.resolution import UNDECIDED, Lookup, Resolution
from vpcsim.resource import Resource
from vpcsim.trace import Decided, Dependence, Disposition, Flow, Hop, RoundTrip, Step, Trace

NONE, PASSAGE, WHOLE = Dependence.NONE, Dependence.PASSAGE, Dependence.WHOLE
MAY_PASS = "{at}: may let it through or not: {about}"
BYSTANDERS = ("subnet", "vpc")
"""What stays as it is, whatever is inside it."""


class _Open(NamedTuple):
    """A doubt, the resource that it is about, and the kinds of filters that its fields name if that is all that they say."""

    doubt: Doubt
    resource: Resource | None
    filters: frozenset[str]


By = dict[str, list[_Open]]
"""What is open, by the resource that it is about."""


def with_doubts(trip: RoundTrip, net: Network, everything: Callable[[], RoundTrip], every: bool = False) -> RoundTrip:
    """The round trip as far as it is certain; `everything` walks it again as if no filter stopped it."""
    doubts = _by_resource(net)
    ends = _ends(trip.flow, net)
    if not _open(trip.there, doubts, net, ends) and not (trip.back and _open(trip.back, doubts, net, ends._replace(ids=()))):
        return trip
    whole = everything()
    there = _settled(whole.there, doubts, net, ends, every)
    back = _settled(whole.back, doubts, net, ends._replace(ids=()), every) if whole.back else None
    if there.blocked:
        return RoundTrip(trip.flow, there.trace, back.trace if back and every else None)
    if there.open is None:
        return RoundTrip(trip.flow, there.trace, back and (back.open or back.trace))
    blocked = back is not None and back.blocked and there.trace.disposition.success
    return RoundTrip(trip.flow, there.trace, back.trace) if blocked and back else RoundTrip(trip.flow, there.open, None)


def with_name_doubts(resolution: Resolution, net: Network) -> Resolution:
    """The resolution, or an undecided one if a resource that is not known well enough may answer for one of its names."""
    names = [resolution.query.name, *(r.data.rstrip(".").lower() for r in resolution.records if r.type == "CNAME")]
    for doubt in net.topology.settings.doubts:
        here = not doubt.vpcs or resolution.vantage.vpc in doubt.vpcs
        if here and any(_covers(domain, name) for domain in doubt.names for name in names):
            lookup = Lookup(doubt.about, f"{doubt.about}: may answer {resolution.query.name}, but {doubt.reason}")
            steps = (*resolution.steps, lookup)
            return resolution._replace(rcode=UNDECIDED, records=(), authority=(), steps=steps, owner=doubt.about)
    return resolution


def left_out(text: str, net: Network) -> Skipped | None:
    """The resource of this id that the model could not take in because a value of it is not known; `text` may name a port."""
    names = (text, text.rpartition(":")[0])
    skipped = (s for s in net.topology.settings.skipped if s.unknown and s.id not in net.topology.resources)
    return next((s for s in skipped if s.id in names or (s.name and s.name in names)), None)


class _Ends(NamedTuple):
    """Who sends and who is asked for, and the subnets that they are in."""

    ids: tuple[str, ...] = ()
    subnets: tuple[str, ...] = ()


def _ends(flow: Flow, net: Network) -> _Ends:
    """The target may be written with a port, and by its name."""
    texts = (flow.to, flow.to.rpartition(":")[0])
    named = [r.id for text in texts if text for r in _found(text, net)]
    ids = dict.fromkeys((*named, _known_as(net, flow.source)))
    interfaces = [interface for id in (flow.source, *ids) for interface in (id, *net.interfaces_of(id))]
    return _Ends(tuple(ids), tuple(dict.fromkeys(filter(None, map(net.subnet_of, interfaces)))))


def _found(text: str, net: Network) -> Iterator[Resource]:
    try:
        yield net.places.get(text) or net.topology.find(text)
    except UnknownName:
        return


class _Settled(NamedTuple):
    """One direction: what is certain of it, with `open` filters taken as passed, and the end where it is not."""

    trace: Trace
    open: Trace | None

    @property
    def blocked(self) -> bool:
        return bool(self.trace.blockers)


def _settled(trace: Trace, doubts: By, net: Network, ends: _Ends, every: bool) -> _Settled:
    """Judge a walk on which no filter stopped the packet: by certain blockers if it has some, or else by what is open."""
    hops: list[Hop] = []
    blockers: list[Step] = []
    first: Trace | None = None
    for hop, steps in _judged(trace, doubts, net, ends):
        kept: list[Step] = []
        for step, found, doubt in steps:
            if doubt is not None:
                cut = _cut(trace, [*hops, Hop(hop.at, tuple(kept))], step, doubt)
                first = first or cut
                if found is WHOLE:
                    return _Settled(Trace.of(trace.packet, [*hops, *_last(hop, kept)], blockers) if blockers else cut, first)
                step = Step(doubt.about, MAY_PASS, step.packet, None, step.to, None, None, step.original, doubt.reason)
            elif step.disposition is not None and not step.disposition.success:
                blockers.append(step)
            kept.append(step)
            if blockers and not every:
                break
        hops.append(Hop(hop.at, tuple(kept)))
        if blockers and not every:
            break
    return _Settled(Trace.of(trace.packet, hops, blockers), None if blockers else first)


def _last(hop: Hop, kept: list[Step]) -> list[Hop]:
    return [Hop(hop.at, tuple(kept))] if kept else []


Judged = tuple[Step, Dependence, Doubt | None]


def _judged(trace: Trace, doubts: By, net: Network, ends: _Ends) -> Iterator[tuple[Hop, list[Judged]]]:
    """Every hop, and of each of its steps how far it depends on a doubt, and on which."""
    came_from: str | None = None
    for number, hop in enumerate(trace.hops):
        judged: list[Judged] = []
        for step in hop.steps:
            decided = Decided(hop.at, came_from, step)
            found, doubt = _strongest(decided, doubts, net, ends if number == 0 else ends._replace(ids=()))
            last = step is hop.steps[-1] and step.to is None
            judged.append((step, WHOLE if doubt and last else found, doubt))
        yield hop, judged
        came_from = hop.at


def _open(trace: Trace, doubts: By, net: Network, ends: _Ends) -> bool:
    return any(doubt for _, steps in _judged(trace, doubts, net, ends) for _, _, doubt in steps)


def _strongest(decided: Decided, doubts: By, net: Network, ends: _Ends) -> tuple[Dependence, Doubt | None]:
    strongest: tuple[Dependence, Doubt | None] = (NONE, None)
    for found, doubt in _dependences(decided, doubts, net, ends):
        if found.value > strongest[0].value:
            strongest = found, doubt
    return strongest


def _dependences(decided: Decided, doubts: By, net: Network, ends: _Ends) -> Iterator[tuple[Dependence, Doubt]]:
    outside = net.vpc_of(decided.at) is None
    for id in dict.fromkeys((*ends.ids, *(ends.subnets if outside else ()))):
        for open in doubts.get(id, ()):
            if not open.filters and _depends(open, decided, net) is WHOLE:
                yield WHOLE, open.doubt
    for id in dict.fromkeys(_consulted(decided, net)):
        for open in doubts.get(id, ()):
            yield _depends(open, decided, net), open.doubt


def _depends(open: _Open, decided: Decided, net: Network) -> Dependence:
    if open.filters:
        return _guarded(open, decided, net)
    return open.resource.depends(open.doubt, decided, net) if open.resource is not None else WHOLE


def _guarded(open: _Open, decided: Decided, net: Network) -> Dependence:
    """A place with one filter more, or with others than AWS's default: what passes the known ones of several passes."""
    decider = net.places.get(decided.step.at)
    if net.index.groups_of.get(decided.at) == ():
        return WHOLE
    if decided.at not in net.index.groups_of or decider is None or decider.kind not in open.filters:
        return NONE
    reply = decided.passed and decided.step.rule is None
    return NONE if reply or (decided.passed and open.doubt.adds) else PASSAGE


def _consulted(decided: Decided, net: Network) -> Iterator[str]:
    """The ids of everything that a step may depend on."""
    at, step = decided.at, decided.step
    yield from (at, _known_as(net, at), step.at)
    groups = net.index.groups_of.get(at, ())
    yield from groups if step.at in groups else ()
    more = (net.subnet_of(at), net.vpc_of(at), step.to, step.about, getattr(step.rule, "target", None))
    yield from (id for id in more if isinstance(id, str))


def _known_as(net: Network, place: str) -> str:
    return net.places[place].known_as if place in net.places else place


def _cut(trace: Trace, hops: list[Hop], step: Step, doubt: Doubt) -> Trace:
    """The way up to a step that depends on a doubt, and a last step that says so."""
    undecided = Disposition.UNDECIDED, Code.VPCSIM_UNKNOWN_VALUE, None, doubt.reason
    packet = trace.packet if len(hops) == 1 else step.packet
    last = Step(doubt.about, "{at}: {about}", packet, doubt, None, *undecided)
    return Trace.of(trace.packet, [*hops[:-1], hops[-1]._replace(steps=(*hops[-1].steps, last))], (last,))


def _by_resource(net: Network) -> By:
    known: By | None = net.compiled("doubts")
    if known is None:
        known = {}
        filters = {shape.kind for shape in net.topology.settings.shapes if shape.filters}
        for doubt in _spread(net.topology.settings.doubts, net):
            resource = net.topology.resources.get(doubt.about)
            named = [kinds_named(type(resource), api) for api in doubt.properties] if resource is not None else []
            kinds = frozenset[str]().union(*named) if all(named) else frozenset[str]()
            known.setdefault(doubt.about, []).append(_Open(doubt, resource, kinds if kinds <= filters else frozenset()))
        net.compile("doubts", known)
    return known


def _spread(doubts: Iterable[Doubt], net: Network) -> Iterator[Doubt]:
    """The doubts, and those about whatever looks into resources that no packet passes, as rules do into a prefix list."""
    waiting, seen = list(doubts), set()
    while waiting:
        doubt = waiting.pop(0)
        yield doubt
        resource = net.topology.resources.get(doubt.about)
        if resource is None or _is_asked(resource, net) or resource.id in seen:
            continue
        seen.add(resource.id)
        reason = f"{resource.id} {doubt.reason}"
        for holder in net.topology.resources.values():
            if holder.id != resource.id and (fields := fields_naming(holder, resource.id)):
                waiting.append(Doubt(holder.id, reason, doubt.origin, fields))
        around = (net.topology.resources.get(id) for id in resource.parts_of())
        waiting += [Doubt(r.id, reason, doubt.origin) for r in around if r is not None and r.kind not in BYSTANDERS]


def _is_asked(resource: Resource, net: Network) -> bool:
    """Whether the steps of a walk show where this resource had a part in them."""
    passed = resource.decides or type(resource).receive is not Resource.receive
    return passed or resource.kind in BYSTANDERS or bool(net.interfaces_of(resource.id))


def _covers(domain: str, name: str) -> bool:
    domain = domain.removeprefix("*.")
    return not domain or name == domain or name.endswith(f".{domain}")
