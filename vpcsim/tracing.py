"""Drives a packet from place to place, there and back, and records what each place decides.

A place is asked once for its steps; the walk takes them in order, moves on to the place that the last one names, and
stops at the first step with a disposition. To find every blocker, it notes what a filter denies and goes on as if it
had passed; a place that cannot do its part (translate, deliver) yields nothing after its denial, and the walk ends there.
"""

from __future__ import annotations

from vpcsim.codes import Code
from vpcsim.doubts import with_doubts
from vpcsim.network import NO_SESSIONS, Network, Sessions
from vpcsim.packet import Packet
from vpcsim.trace import Disposition, Flow, Hop, RoundTrip, Step, Trace, Verdict, accepted

SUSPICIOUS_HOPS = 24
"""From here on a walk may be a loop: it is walked again with an eye on where it has been."""
MAX_HOPS = 128
ACCEPTED = Disposition.ACCEPTED


def trace(net: Network, flow: Flow, every: bool = False) -> RoundTrip:
    """The way of a flow's packet and, if it arrives, of the answer.

    With `every`, all blockers of both ways are found, not only the first one.
    """
    trip = _trip(net, flow, every)
    return with_doubts(trip, net, lambda: _trip(net, flow, True), every) if net.topology.settings.doubts else trip


def _trip(net: Network, flow: Flow, every: bool) -> RoundTrip:
    there, sessions = walk(net, flow.source, flow.packet, NO_SESSIONS, every)
    if there.hops[-1].steps[-1].disposition is not Disposition.ACCEPTED:
        return RoundTrip(flow, there, None)
    if there.arrived.is_multicast:
        return RoundTrip(flow, there, _unanswered(there))
    back, _ = walk(net, there.at, there.arrived.reversed(), sessions, every)
    return RoundTrip(flow, there, _checked(back, flow, net))


def reaches(net: Network, flow: Flow) -> bool:
    """The verdict alone: whether the packet arrives and its answer comes back as the sender expects it."""
    if net.topology.settings.doubts:
        return trace(net, flow).verdict is Verdict.REACHABLE
    there = _arrives(net, flow.source, flow.packet, NO_SESSIONS)
    if there is None:
        return False
    place, packet, sessions = there
    if packet.is_multicast:
        return True
    back = _arrives(net, place, packet.reversed(), sessions)
    return back is not None and _expected(back[0], back[1], flow)


Arrival = tuple[str, Packet, Sessions]


def _arrives(net: Network, start: str, packet: Packet, sessions: Sessions) -> Arrival | None:
    """One direction without a record: where the packet arrived, as what, and what is remembered; None if it did not."""
    net = net.during(sessions)
    places = net.places
    remembered: dict[tuple[str, Packet], Packet] = {}
    place, came_from, onward = start, None, None
    left, answer = packet, packet.reversed()
    for _ in range(MAX_HOPS):
        for step in places[place].receive(packet, came_from, net):
            _, _, packet, _, onward, disposition, _, original, _, _ = step
            if original is not None:
                if packet is not left:
                    left, answer = packet, packet.reversed()
                remembered[place, answer] = original
            if disposition is not None:
                return (place, packet, remembered) if disposition is ACCEPTED else None
        assert onward is not None, f"{place} neither decided nor named the next place"
        place, came_from = onward, place
    return None


def walk(
    net: Network, start: str, packet: Packet, sessions: Sessions, every: bool = False, watch: bool = False
) -> tuple[Trace, Sessions]:
    """One direction. Returns the trace, and what the stateful places on the way now remember.

    `watch` looks for a place that sees the same packet twice; a long walk is repeated with it.
    """
    left, net = packet, net.during(sessions)
    hops: list[Hop] = []
    blockers: list[Step] = []
    remembered: dict[tuple[str, Packet], Packet] = {}
    seen: set[tuple[str, str | None, Packet]] = set()
    place: str | None = start
    came_from: str | None = None
    while place is not None:
        if len(hops) == SUSPICIOUS_HOPS and not watch:
            return walk(net, start, left, sessions, every, watch=True)
        if watch and ((place, came_from, packet) in seen or len(hops) == MAX_HOPS):
            blockers.append(_stopped(place, packet, hops, net, len(hops) < MAX_HOPS))
            hops.append(Hop(place, (blockers[-1],)))
            break
        seen.add((place, came_from, packet)) if watch else None
        steps: list[Step] = []
        onward: str | None = None
        for step in net.places[place].receive(packet, came_from, net):
            steps.append(step)
            _, _, packet, _, onward, disposition, _, original, _, _ = step
            if original is not None:
                remembered[place, packet.reversed()] = original
            if disposition is not None and disposition is not Disposition.ACCEPTED:
                blockers.append(step)
                if not every:
                    break
        hops.append(Hop(place, tuple(steps)))
        place, came_from = onward, place
    return Trace.of(left, hops, blockers), remembered


def _stopped(place: str, packet: Packet, hops: list[Hop], net: Network, looped: bool) -> Step:
    known_as = net.places[place].known_as
    if not looped:
        because = f"{{at}}: stopped after {MAX_HOPS} hops"
        return Step(known_as, because, packet, disposition=Disposition.LOOP, code=Code.VPCSIM_TOO_MANY_HOPS)
    first = max(i for i, hop in enumerate(hops) if hop.at == place)
    circle = list(dict.fromkeys(net.places[hop.at].known_as for hop in hops[first:]))
    because = "{at}: a loop, the packet is here again by way of {about}"
    about = ", ".join(circle[1:]) or circle[0]
    return Step(known_as, because, packet, disposition=Disposition.LOOP, code=Code.VPCSIM_LOOP, about=about)


def _unanswered(there: Trace) -> Trace:
    """The way back of a packet to a multicast group: there is none."""
    answer = there.arrived.reversed()
    return Trace.of(answer, [Hop(there.at, (accepted(there.at, "{at}: nobody answers to multicast", answer),))], ())


def _expected(place: str, packet: Packet, flow: Flow) -> bool:
    """Whether an answer that arrived is the one that the sender waits for."""
    return place == flow.source and packet == flow.packet.reversed()


def _checked(back: Trace, flow: Flow, net: Network) -> Trace:
    """The way back, denied if the answer arrived elsewhere than at the sender or not as the sender expects it."""
    if back.blockers or _expected(back.at, back.arrived, flow):
        return back
    because = "{at}: an answer arrives here as {packet}, but {about} waits for another"
    about = net.places[flow.source].known_as
    step = Step(back.at, because, back.arrived, disposition=Disposition.DENIED, code=Code.VPCSIM_EXPIRED_SESSION, about=about)
    return Trace.of(back.packet, (*back.hops, Hop(back.at, (step,))), (step,))
