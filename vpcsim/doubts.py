"""What the input leaves open: an answer that depends on it is undecided, and says on what.

A value that an input needs but does not hold (an import of another stack, a parameter without a value, an attribute that only
AWS knows) is left out of the resource that needs it, and a `Doubt` about that resource goes along with the model. Whatever
passes the resource, or would get a name from it, cannot be known any more; everything else can.
"""

from __future__ import annotations

from collections.abc import Iterator

from vpcsim.codes import Code
from vpcsim.errors import Doubt, Skipped
from vpcsim.network import Network
from vpcsim.resolution import UNDECIDED, Lookup, Resolution
from vpcsim.trace import Disposition, Flow, Hop, RoundTrip, Step, Trace


def with_doubts(trip: RoundTrip, net: Network) -> RoundTrip:
    """The round trip as far as it is certain: undecided from the first decision on that depends on an open value."""
    doubts = _by_resource(net)
    if not doubts:
        return trip
    there = _cut(trip.there, doubts, net, _ends(trip.flow, net))
    if there is not trip.there:
        return RoundTrip(trip.flow, there, None)
    return trip._replace(back=_cut(trip.back, doubts, net, ())) if trip.back else trip


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


def _by_resource(net: Network) -> dict[str, list[Doubt]]:
    known: dict[str, list[Doubt]] | None = net.compiled("doubts")
    if known is None:
        known = {}
        for doubt in net.topology.settings.doubts:
            if doubt.packets:
                known.setdefault(doubt.about, []).append(doubt)
        net.compile("doubts", known)
    return known


def _covers(domain: str, name: str) -> bool:
    domain = domain.removeprefix("*.")
    return not domain or name == domain or name.endswith(f".{domain}")


def _ends(flow: Flow, net: Network) -> tuple[str, ...]:
    return (flow.to, *(_known_as(net, place) for place in (flow.source, flow.to)))


def _known_as(net: Network, place: str) -> str:
    return net.places[place].known_as if place in net.places else place


def _cut(trace: Trace, doubts: dict[str, list[Doubt]], net: Network, ends: tuple[str, ...]) -> Trace:
    """The trace up to the first step that depends on a doubt, and a last step that says so; the trace itself if none does."""
    for number, hop in enumerate(trace.hops):
        for position, step in enumerate(hop.steps):
            doubt = _doubt_at(hop, step, doubts, net, ends if number == 0 else ())
            if doubt is not None:
                because = "{at}: {about}"
                undecided = Disposition.UNDECIDED, Code.VPCSIM_UNKNOWN_VALUE, None, doubt.reason
                last = Step(doubt.about, because, trace.packet if not number else step.packet, doubt, None, *undecided)
                hops = (*trace.hops[:number], Hop(hop.at, (*hop.steps[:position], last)))
                blockers = [s for s in trace.blockers if any(s is kept for h in hops for kept in h.steps)]
                return Trace.of(trace.packet, hops, (*blockers, last))
    return trace


def _doubt_at(hop: Hop, step: Step, doubts: dict[str, list[Doubt]], net: Network, ends: tuple[str, ...]) -> Doubt | None:
    denied = step.disposition is not None and not step.disposition.success
    for id in (*ends, *_passed(hop, step, net)):
        for doubt in doubts.get(id, ()):
            if denied or not doubt.only_allows:
                return doubt
    return None


def _passed(hop: Hop, step: Step, net: Network) -> Iterator[str]:
    """The ids of everything that a step may depend on."""
    yield from (hop.at, _known_as(net, hop.at), step.at)
    yield from (id for id in (net.subnet_of(hop.at), net.vpc_of(hop.at), step.to, step.about) if isinstance(id, str))
