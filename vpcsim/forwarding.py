"""Carries a query as a packet to the address of a DNS server, and lets whoever takes it there answer.

The packet is traced like any other, so groups, ACLs and routes decide whether a server is asked at all. What a server
outside of the model knows is only what the model declares; otherwise the answer is undecided.

Sources: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-forwarding-outbound-queries.html,
https://docs.aws.amazon.com/vpc/latest/userguide/DHCPOptionSetConcepts.html, RFC 1035 section 4.2.1.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from vpcsim.fabric.host_services import RESOLVER
from vpcsim.network import Network
from vpcsim.packet import UDP, Packet
from vpcsim.prefixes import address_text, family
from vpcsim.resolution import NO_REPLY, UNDECIDED, Answer, Lookup, Query, Resolution, Vantage
from vpcsim.resolving import resolve
from vpcsim.trace import Flow, RoundTrip, Verdict
from vpcsim.tracing import trace

PORT = 53

Sender = tuple[str, int]
"""A place, and one of its addresses."""


def ask_first(
    net: Network, senders: Sequence[Sender], targets: Iterable[tuple[int, int]], query: Query, vantage: Vantage
) -> Answer:
    """What the first of the targets (addresses with ports) answers that one of the senders reaches.

    Nobody reached: the rcode stands for silence, or for undecided where the path to one of them is.
    """
    steps: list[Lookup] = []
    silent = NO_REPLY
    for target, port in targets:
        trip = _best_trip(net, senders, target, port)
        if trip is None:
            at = senders[0][0] if senders else address_text(target)
            steps.append(Lookup(at, f"{at}: has no address of the family of {address_text(target)}"))
        elif trip.verdict is Verdict.REACHABLE:
            return _answered(net, trip, query, vantage, steps)
        else:
            silent = UNDECIDED if trip.verdict is Verdict.UNDECIDED else silent
            steps.append(Lookup(trip.end.at, f"{trip.end.sentence} (the query for {query.name} to {address_text(target)})"))
    return Answer(silent, steps=tuple(steps))


def ask_servers(
    net: Network, asker: str, senders: Sequence[Sender], servers: Iterable[int], query: Query, vantage: Vantage
) -> Answer:
    """What the DNS servers of a place beyond the VPCs answer: the first one that it holds itself, or that it reaches."""
    steps: list[Lookup] = []
    for server in servers:
        steps.append(Lookup(asker, f"{asker}: asks {address_text(server)}"))
        told = net.index.dns_server_at.get(server) if net.outside(server) == asker else None
        inside = vantage._replace(passed=(*vantage.passed, asker))
        found: Answer
        if told is not None:
            found = told.answer_query(query, inside, net, asker)
        elif net.outside(server) == asker:
            because = f"{asker}: what the DNS server at {address_text(server)} answers is not in the model"
            found = Answer(UNDECIDED, steps=(Lookup(asker, because),), owner=asker)
        else:
            found = ask_first(net, senders, [(server, PORT)], query, inside)
        steps += found.steps
        if found.rcode != NO_REPLY:
            return found._replace(steps=tuple(steps), server=address_text(server), owner=found.owner or steps[-1].at)
    return Answer(NO_REPLY, steps=tuple(steps), owner=steps[-1].at)


def _best_trip(net: Network, senders: Sequence[Sender], target: int, port: int) -> RoundTrip | None:
    best: RoundTrip | None = None
    for place, src in senders:
        if family(src) == family(target):
            packet = Packet(src, target, UDP, net.places[place].ephemeral_ports, (port, port))
            trip = trace(net, Flow(place, packet))
            if trip.verdict is Verdict.REACHABLE:
                return trip
            if best is None or (trip.verdict is Verdict.UNDECIDED and best.verdict is Verdict.BLOCKED):
                best = trip
    return best


def _answered(net: Network, trip: RoundTrip, query: Query, vantage: Vantage, before: Sequence[Lookup]) -> Answer:
    place, target = trip.there.at, trip.there.arrived.dst
    if trip.there.end.about == RESOLVER:
        found = answer_of(resolve(net, _beside(net, trip.flow.source, net.vpc_of(place), vantage), query))
    elif (server := net.index.dns_server_at.get(target)) is not None:
        found = server.answer_query(query, vantage, net, place)
    elif (answers := getattr(net.places[place], "answer_query", None)) is not None:
        found = answers(query, vantage, net, place)
    else:
        because = f"{place}: what the DNS server at {address_text(target)} answers is not in the model"
        found = Answer(UNDECIDED, steps=(Lookup(place, because),), owner=place)
    return found._replace(steps=(*before, *found.steps))


def _beside(net: Network, sender: str, vpc: str | None, vantage: Vantage) -> Vantage:
    """Who asks the VPC resolver itself, whatever DNS servers the VPC has else."""
    server = net.index.dns_servers_of.get(vpc or "")
    return Vantage(vpc, sender, (*vantage.passed, server.id) if server else vantage.passed)


def answer_of(found: Resolution) -> Answer:
    """A resolution as an answer to hand on."""
    assumption = "; ".join(found.assumptions)
    return Answer(found.rcode, found.records, found.authority, assumption, owner=found.owner, steps=found.steps)


def senders_of(net: Network, id: str) -> tuple[Sender, ...]:
    """The addresses from which a place sends its queries."""
    interfaces = (id,) if id in net.index.addresses_of else net.interfaces_of(id)
    place = getattr(net.places.get(id), "attached_to", None) or id
    start = place if place in net.places else id
    return tuple((start, number) for interface in interfaces for number in net.index.addresses_of[interface])
