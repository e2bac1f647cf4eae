"""What would make a name lead where a packet gets: a change to what owns it, another resolver, or an endpoint of the service.

A change that would lead to a place in another VPC is named only if packets get there from here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from vpcsim import services
from vpcsim.fabric.host_services import RESOLVER
from vpcsim.network import Network
from vpcsim.packet import UDP, Packet
from vpcsim.prefixes import address, address_text, family
from vpcsim.resolution import RECURSION, Query, Resolution, Vantage
from vpcsim.resolving import resolve
from vpcsim.trace import Flow, RoundTrip, Verdict
from vpcsim.tracing import trace

TABLE = "route_table"


def advice(net: Network, vantage: Vantage, resolution: Resolution, trips: Sequence[RoundTrip]) -> Iterator[str]:
    """Changes that would help a name whose way is blocked, or that has no address from here."""
    known = [*_by_owners(net, vantage, resolution, trips), *_by_resolvers(net, vantage, resolution), *_by_twins(net, resolution)]
    yield from dict.fromkeys(known or _by_service(net, vantage, resolution.query, trips))


def _by_owners(net: Network, vantage: Vantage, resolution: Resolution, trips: Sequence[RoundTrip]) -> Iterator[str]:
    for step in resolution.steps:
        if step.fix and _is_reached(net, vantage, step.at, trips):
            yield step.fix


def _is_reached(net: Network, vantage: Vantage, place: str, trips: Sequence[RoundTrip]) -> bool:
    elsewhere = [interface for interface in net.interfaces_of(place) if net.vpc_of(interface) != vantage.vpc]
    numbers = [number for interface in elsewhere for number in net.index.addresses_of[interface]]
    flows = [Flow(trip.flow.source, _to(trip.flow.packet, n)) for trip in trips for n in numbers if _same_family(trip, n)]
    return not flows or any(trace(net, flow).verdict is Verdict.REACHABLE for flow in flows)


def _to(packet: Packet, number: int) -> Packet:
    return packet._replace(dst=number)


def _same_family(trip: RoundTrip, number: int) -> bool:
    return family(trip.flow.packet.dst) == family(number)


def _by_resolvers(net: Network, vantage: Vantage, resolution: Resolution) -> Iterator[str]:
    """Who answers with other addresses, if the resolver of a VPC is asked.

    Sources: https://docs.aws.amazon.com/vpc/latest/userguide/DHCPOptionSetConcepts.html,
    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-overview-forward-network-to-vpc.html
    """
    query = resolution.query
    for asked, change in _resolvers(net, vantage, resolution):
        found = resolve(net, asked, query)
        if found.addresses and found.owner != RECURSION and found.addresses != resolution.addresses:
            yield f"{change}, where {found.owner} answers"


def _resolvers(net: Network, vantage: Vantage, resolution: Resolution) -> Iterator[tuple[Vantage, str]]:
    name, server = resolution.query.name, resolution.server
    if vantage.vpc is None:
        entries: list[Any] = net.topology.of_kind("resolver_endpoint") if net.is_outside(vantage.asker) else []
        for entry in (entry for entry in entries if entry.inbound):
            numbers = [n for i in net.interfaces_of(entry.id) for n in net.index.addresses_of[i]]
            if any(_takes_queries(net, vantage.asker, number) for number in numbers):
                told = f"{_asked(net, server)}: forward {name} to {entry.id} ({', '.join(map(address_text, numbers))})"
                yield Vantage(net.vpc_of(entry.id), entry.id), told
        for vpc in dict.fromkeys(net.vpc_of(interface) for interface in net.interfaces_of(vantage.asker)):
            if vpc and (resolver := _resolver(net, vpc)):
                yield Vantage(vpc, vpc), f"{vantage.asker}: {resolver} as its DNS server"
    elif server and (resolver := _resolver(net, vantage.vpc)):
        yield Vantage(vantage.vpc, vantage.vpc), f"{_asked(net, server)}: forward {name} to {resolver}"
        yield Vantage(vantage.vpc, vantage.vpc), f"or {net.index.dns_servers_of[vantage.vpc].id}: AmazonProvidedDNS"


def _takes_queries(net: Network, place: str, number: int) -> bool:
    """Whether a query from a place gets to an address, and the answer comes back."""
    sources = (source for source in net.index.addresses_of.get(place, ()) if family(source) == family(number))
    ports = net.places[place].ephemeral_ports
    flows = (Flow(place, Packet(source, number, UDP, ports, (53, 53))) for source in sources)
    return any(trace(net, flow).verdict is Verdict.REACHABLE for flow in flows)


def _resolver(net: Network, vpc: str) -> str:
    """The address of a VPC's resolver, if it has one that answers."""
    found = (number for number, service in net.index.host_services_of[vpc].items() if service == RESOLVER)
    return next(map(address_text, found), "")


def _asked(net: Network, server: str) -> str:
    held = net.index.dns_server_at.get(address(server)) if server else None
    return held.id if held else server or "the DNS server there"


def _by_twins(net: Network, resolution: Resolution) -> Iterator[str]:
    """A record that the public DNS has, and the private zone that hides it has not.

    Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zone-private-considerations.html
    """
    owner = net.topology.resources.get(resolution.owner)
    if resolution.records or owner is None or owner.kind != "hosted_zone" or not getattr(owner, "private", False):
        return
    found = resolve(net, Vantage(None, "public"), resolution.query)
    if found.addresses and not found.assumptions:
        there = f"as in the public DNS ({', '.join(found.addresses)})"
        yield f"{owner.id}: a record for {resolution.query.name}, {there}, or a narrower domain"


def _by_service(net: Network, vantage: Vantage, query: Query, trips: Sequence[RoundTrip]) -> Iterator[str]:
    """The endpoint that would answer for the name of an AWS service.

    Source: https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html
    """
    service = services.service_of_host(query.name)
    if service is None:
        return
    if service.service_name is None:
        yield f"or a way to the internet: no endpoint service is known that answers {query.name}"
        return
    if "Gateway" in services.endpoint_types(service.service_name):
        yield from _by_gateway_endpoint(net, vantage, service.service_name, trips)
        return
    endpoint = f"an interface endpoint for {service.service_name}, with private DNS"
    names = services.private_dns_names(service.service_name)
    if service.private_dns or not names:
        yield f"or {endpoint}"
        return
    answering = resolve(net, vantage, Query(names[0])).owner
    known = net.interfaces_of(answering) and net.vpc_of(net.interfaces_of(answering)[0]) == vantage.vpc
    yield f"or {names[0]} in place of {query.name}" + (f": {answering} answers it" if known else f", and {endpoint}")


def _by_gateway_endpoint(net: Network, vantage: Vantage, service: str, trips: Sequence[RoundTrip]) -> Iterator[str]:
    """One more table of an endpoint that is there, or an endpoint: in its own Region only.

    Source: https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html
    """
    tables = [trip.end.at for trip in trips if getattr(net.places.get(trip.end.at), "kind", "") == TABLE]
    endpoints: list[Any] = net.topology.of_kind("gateway_endpoint")
    here = [e for e in endpoints if (e.vpc_id, e.service_name) == (vantage.vpc, service) and e.carries]
    if here:
        missing = [
            table for table in tables if table not in here[0].route_table_ids and net.topology.resources[table].kind == TABLE
        ]
        yield from (f"or {here[0].id}: associate it with {table}" for table in missing)
    elif net.topology.region_of(vantage.vpc) not in service.split("."):
        yield f"or a way to the internet: a gateway endpoint for {service} serves its own Region only"
    else:
        yield f"or a gateway endpoint for {service}"
