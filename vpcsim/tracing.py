"""Drives a packet from place to place, there and back, and records what each place decides.

A place is asked once for its steps; the walk takes them in order, moves on to the place that the last one names, and
stops at the first step with a disposition. To find every blocker, it notes a denial and goes on as if it had passed.
"""

from __future__ import annotations

from vpcsim.codes import Code
from vpcsim.network import NO_SESSIONS, Network, Sessions
from vpcsim.packet import Packet
from vpcsim.trace import Disposition, Flow, Hop, RoundTrip, Step, Trace

MAX_HOPS = 128


def trace(net: Network, flow: Flow, every: bool = False) -> RoundTrip:
    """The way of a flow's packet and, if it arrives, of the answer.

    With `every`, all blockers of both ways are found, not only the first one.
    """
    there, sessions = walk(net, flow.source, flow.packet, NO_SESSIONS, every)
    if there.hops[-1].steps[-1].disposition is not Disposition.ACCEPTED:
        return RoundTrip(flow, there, None)
    back, _ = walk(net, there.at, there.arrived.reversed(), sessions, every)
    return RoundTrip(flow, there, _checked(back, flow, net))


def reaches(net: Network, flow: Flow) -> bool:
    """The verdict alone: whether the packet arrives and its answer comes back."""
    trip = trace(net, flow)
    return trip.back is not None and trip.back.disposition is Disposition.ACCEPTED


def walk(net: Network, start: str, packet: Packet, sessions: Sessions, every: bool) -> tuple[Trace, Sessions]:
    """One direction. Returns the trace, and what the stateful places on the way now remember."""
    net = net.during(sessions)
    left = packet
    hops: list[Hop] = []
    blockers: list[Step] = []
    remembered: dict[tuple[str, Packet], Packet] = {}
    seen: set[tuple[str, str | None, Packet]] = set()
    place: str | None = start
    came_from: str | None = None
    while place is not None:
        visit = (place, came_from, packet)
        if visit in seen or len(hops) == MAX_HOPS:
            blockers.append(_stopped(place, packet, hops, net, looped=visit in seen))
            hops.append(Hop(place, (blockers[-1],)))
            break
        seen.add(visit)
        steps: list[Step] = []
        onward: str | None = None
        for step in net.places[place].receive(packet, came_from, net):
            steps.append(step)
            packet, onward = step.packet, step.to
            if step.session is not None:
                remembered[step.session.by, step.session.packet.reversed()] = step.session.original
            if step.disposition is not None and step.disposition is not Disposition.ACCEPTED:
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


def _checked(back: Trace, flow: Flow, net: Network) -> Trace:
    """The way back, denied if the answer arrived elsewhere than at the sender or not as the sender expects it."""
    source = net.places[flow.source].known_as
    if back.blockers or (net.places[back.at].known_as == source and back.arrived == flow.packet.reversed()):
        return back
    because = "{at}: an answer arrives here as {packet}, but {about} waits for another"
    step = Step(back.at, because, back.arrived, disposition=Disposition.DENIED, code=Code.VPCSIM_EXPIRED_SESSION, about=source)
    return Trace.of(back.packet, (*back.hops, Hop(back.at, (step,))), (step,))
