"""What an answer tells beside its verdict: notes, and what was assumed.

Nothing here decides anything, so that it is found out when somebody reads it: a verdict alone costs nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vpcsim.network import Network
from vpcsim.prefixes import address_text, family, first_of_each_family
from vpcsim.resolution import Resolution
from vpcsim.trace import RoundTrip, Trace


def assumptions(net: Network, sender: str, resolution: Resolution | None, trips: Sequence[RoundTrip]) -> Iterator[str]:
    """What was taken for granted: by the resolver, by the reader about a place on the way, and addresses of the ends."""
    if resolution is not None:
        yield from resolution.assumptions
    yield from _assumed_of(net, trips)
    ends = {sender, *(trip.there.at for trip in trips)}
    asked = {family(trip.flow.packet.dst) for trip in trips} or {4}
    for interface in dict.fromkeys(i for end in sorted(ends) for i in (end, *net.interfaces_of(end))):
        resource = net.places.get(interface)
        for number in first_of_each_family(net.index.addresses_of.get(interface, ())):
            chosen = "private_ip_address" if family(number) == 4 else "ipv6_addresses"
            if resource is not None and chosen in resource.assumed and family(number) in asked:
                yield f"the address {address_text(number)} of {resource.known_as} is assumed"


def _assumed_of(net: Network, trips: Sequence[RoundTrip]) -> Iterator[str]:
    """What the reader had to assume about a place on the way: its lines name the places."""
    lines = net.topology.settings.assumptions
    hops = (
        [hop for trip in trips for trace in (trip.there, trip.back) if trace is not None for hop in trace.hops] if lines else []
    )
    places = {place for hop in hops for place in (hop.at, *(step.at for step in hop.steps))}
    for line in lines:
        if places & {word.strip(",;:") for word in line.split()}:
            yield line


def notes(net: Network, resolution: Resolution | None, trips: Sequence[RoundTrip]) -> Iterator[str]:
    """What is worth knowing beside the verdict: who was not asked for the name, and what differs between the ways."""
    if resolution is not None:
        yield from (step.because for step in resolution.steps if step.at != resolution.owner)
    reachable = [trip for trip in trips if trip.verdict == "reachable"]
    asked = [(trip.flow.packet.src, trip.flow.packet.dst) for trip in trips]
    for trip in trips if reachable and len(reachable) < len(trips) else ():
        if trip in reachable:
            continue
        packet = trip.flow.packet
        if asked.count((packet.src, packet.dst)) > 1:
            yield f"{_way_to(trip)}: {trip.end.sentence}; a connection that is handed there fails"
        elif any(other.flow.packet.src == packet.src for other in reachable):
            yield f"{_way_to(trip)}: {trip.end.sentence}; a client that tries it first waits for a timeout"
        else:
            yield f"{trip.flow.source} from {address_text(packet.src)}: {trip.end.sentence}"
    yield from _asymmetries(net, trips)


def _asymmetries(net: Network, trips: Sequence[RoundTrip]) -> Iterator[str]:
    """What lies on one way of a round trip only: what remembers connections there sees half of each."""
    told = {note: None for trip in trips if trip.verdict == "reachable" for note in _one_sided(net, trip)}
    yield from told


def _one_sided(net: Network, trip: RoundTrip) -> Iterator[str]:
    there, back = (_gateways(net, trace) for trace in (trip.there, trip.back or trip.there))
    only_there, only_back = (", ".join(id for id in way if id not in other) for way, other in ((there, back), (back, there)))
    if only_there or only_back:
        ways = [f"{way} by {ids}" for way, ids in (("there", only_there), ("back", only_back)) if ids]
        told = ", ".join(ways) + (" only" if len(ways) == 1 else "")
        yield f"asymmetric: {told}; an appliance that remembers connections drops those of which it sees one way"


def _gateways(net: Network, trace: Trace) -> tuple[str, ...]:
    """The places on a way that are neither subnets nor interfaces, whose subnets may well differ."""
    return tuple(dict.fromkeys(hop.at for hop in trace.hops if net.vpc_of(hop.at) is None))


def _way_to(trip: RoundTrip) -> str:
    asked, arrived = trip.flow.packet.destination, trip.there.arrived.destination
    return asked if asked == arrived else f"{asked}, then {arrived}"
