"""Drives the sources of names: the most specific domain wins, ties go by the order of `NAMES`, and a CNAME starts again.

Sources: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zone-private-considerations.html,
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-overview-forward-vpc-to-network-domain-name-matches.html,
https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html, RFC 1034 section 3.6.2, RFC 6604 section 3, RFC 8482.
"""

from __future__ import annotations

from vpcsim.names import NAMES
from vpcsim.network import Network
from vpcsim.resolution import NO_REPLY, NOERROR, SERVFAIL, TYPES, Answer, Lookup, Query, Record, Resolution, Vantage, Zone

MAX_CHAIN = 16
"""CNAMEs that are followed before the answer is SERVFAIL. AWS documents no number."""


def resolve(net: Network, vantage: Vantage, query: Query) -> Resolution:
    """Answer a query as the resolver of the vantage point would. ANY is answered with one of the name's record sets."""
    if query.type == "ANY":
        return _any(net, vantage, query)
    steps: list[Lookup] = []
    silent = _silence(net, vantage)
    if silent is not None:
        return Resolution(vantage, query, NO_REPLY, (), (), (silent,), silent.at)
    records: list[Record] = []
    assumptions: list[str] = []
    name = query.name
    visited: set[str] = set()
    while len(visited) <= MAX_CHAIN and name not in visited:
        visited.add(name)
        zone = best_zone(net, vantage, name, steps)
        answer = zone.answer(Query(name, query.type), vantage, net)
        steps.append(_found(zone, name, query.type, answer))
        records += answer.records
        if answer.assumption:
            assumptions.append(answer.assumption)
        name = _alias(answer, query.type)
        if not name:
            by = answer.owner or zone.by
            return Resolution(
                vantage, query, answer.rcode, tuple(records), answer.authority, tuple(steps), by, tuple(assumptions)
            )
    steps.append(Lookup(zone.by, f"{zone.by}: the chain of CNAME records from {query.name} does not end"))
    return Resolution(vantage, query, SERVFAIL, tuple(records), (), tuple(steps), zone.by, tuple(assumptions))


def _any(net: Network, vantage: Vantage, query: Query) -> Resolution:
    """Source: RFC 8482 section 4.1. A CNAME record is the only one of its name, so that it comes first."""
    for type in ("CNAME", *(t for t in TYPES if t not in ("CNAME", "ANY"))):
        found = resolve(net, vantage, Query(query.name, type))
        if found.records or found.rcode != NOERROR:
            break
    return found._replace(query=query)


def best_zone(net: Network, vantage: Vantage, name: str, steps: list[Lookup]) -> Zone:
    """The zone that owns a name from here, and the sentences of the sources that did not come into question."""
    best: Zone | None = None
    for source in NAMES:
        steps += [Lookup(by, f"{by}: {because}") for by, because in source.passed_over(name, vantage, net)]
        zone = source.zone_for(name, vantage, net)
        if zone is not None and (best is None or len(zone.domain) > len(best.domain)):
            best = zone
    assert best is not None, "public names end in the root"
    return best


def _silence(net: Network, vantage: Vantage) -> Lookup | None:
    if vantage.vpc is None:
        return None
    vpc = net.topology.resources[vantage.vpc]
    if getattr(vpc, "enable_dns_support", True):
        return None
    return Lookup(vpc.id, f"{vpc.id}: enable_dns_support is off, so the VPC resolver does not answer")


def _found(zone: Zone, name: str, type: str, answer: Answer) -> Lookup:
    by = answer.owner or zone.by
    if answer.because:
        return Lookup(by, f"{by}: {answer.because}")
    data = ", ".join(record.data for record in answer.records)
    told = data or (f"no {type} record ({answer.rcode})")
    domain = f" for {zone.domain}" if zone.domain and zone.domain != name else ""
    return Lookup(by, f"{by}: {zone.source}{domain} answers {name} {type}: {told}")


def _alias(answer: Answer, type: str) -> str:
    """The name at which to go on: the target of a CNAME that ends the answer."""
    if not answer.records or type in ("CNAME", "ANY"):
        return ""
    last = answer.records[-1]
    return last.data.rstrip(".").lower() if last.type == "CNAME" else ""
