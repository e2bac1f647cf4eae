"""Drives the sources of names: the most specific domain wins, ties go by the order of `NAMES`, and a CNAME starts again.

Sources: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zone-private-considerations.html,
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-overview-forward-vpc-to-network-domain-name-matches.html,
https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html, RFC 1034 section 3.6.2, RFC 6604 section 3, RFC 8482.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from vpcsim.delegation import follow
from vpcsim.dns64 import subnet_with_dns64, synthesized
from vpcsim.doubts import with_name_doubts
from vpcsim.names import FILTERS, NAMES
from vpcsim.network import Network
from vpcsim.resolution import (
    NO_REPLY,
    NOERROR,
    NXDOMAIN,
    RECURSION,
    SERVFAIL,
    TYPES,
    UNDECIDED,
    Answer,
    Judgement,
    Lookup,
    Query,
    Record,
    Resolution,
    Vantage,
    Zone,
    domains_of,
)


def resolve(net: Network, vantage: Vantage, query: Query, told: bool = True) -> Resolution:
    """Answer a query as whoever is asked from the vantage point would: the VPC resolver, or servers that are set instead.

    ANY is answered with one of the name's record sets. Without `told` the steps, which cost more than the answer, are
    left out, but for those of an answer that came from elsewhere.
    """
    return with_name_doubts(_resolved(net, vantage, query, told), net)


def _resolved(net: Network, vantage: Vantage, query: Query, told: bool) -> Resolution:
    if query.type == "ANY":
        return _any(net, vantage, query)
    other = _asked_instead(net, vantage)
    if other is not None:
        return _by_server(net, vantage, query, other)
    silent = _silence(net, vantage)
    if silent is not None:
        return Resolution(vantage, query, NO_REPLY, (), (), (silent,), silent.at)
    found = _Chain(net, vantage, query, told).resolution()
    if query.type == "AAAA" and vantage.vpc is not None and (subnet := subnet_with_dns64(net, vantage)):
        return synthesized(found, subnet, lambda other: _Chain(net, vantage, other, told).resolution())
    return found


def _any(net: Network, vantage: Vantage, query: Query) -> Resolution:
    """Source: RFC 8482 section 4.1. A CNAME record is the only one of its name, so that it comes first."""
    for type in ("CNAME", *(t for t in TYPES if t not in ("CNAME", "ANY"))):
        found = resolve(net, vantage, Query(query.name, type))
        if found.records or found.rcode != NOERROR:
            break
    return found._replace(query=query)


class _Chain:
    """The names of one question, from CNAME to CNAME, and what was found on the way."""

    def __init__(self, net: Network, vantage: Vantage, query: Query, told: bool) -> None:
        self.net, self.vantage, self.query, self.told = net, vantage, query, told
        self.steps: list[Lookup] = []
        self.records: list[Record] = []
        self.assumptions: list[str] = []
        self.judgement: Judgement | None = None
        self.trusted = False
        self.ended = False

    def resolution(self) -> Resolution:
        for filter in FILTERS:
            self.assumptions += filter.assumptions(self.query, self.vantage, self.net)
        name, owner = self.query.name, ""
        visited: set[str] = set()
        while len(visited) <= self.net.topology.settings.dns.chain_limit and name not in visited:
            visited.add(name)
            owner, answer = self._ask(Query(name, self.query.type))
            self.records += answer.records
            if answer.assumption:
                self.assumptions.append(answer.assumption)
            name = "" if self.ended else _alias(answer, self.query.type)
            if not name:
                return self._ended(answer.rcode, answer.authority, owner)
        self.steps.append(Lookup(owner, f"{owner}: the chain of CNAME records from {self.query.name} does not end"))
        return self._ended(SERVFAIL, (), owner)

    def _ask(self, query: Query) -> tuple[str, Answer]:
        """Who owns a name, and the answer: that of the filter that blocks it, or of the zone that has it."""
        judgement = None if self.trusted else judge(self.net, self.vantage, query)
        if judgement is not None:
            self.steps.append(Lookup(judgement.by, judgement.because))
            self.judgement = judgement if judgement.action in ("ALERT", "BLOCK") else self.judgement
            self.trusted = judgement.trusts
            if judgement.answer is not None:
                self.records.clear()
                self.ended = not self.net.topology.settings.dns.firewall_override_resolved
                return judgement.by, _renamed(judgement.answer, query.name, self.query.name)
        zone = best_zone(self.net, self.vantage, query.name)
        answer = zone.answer(query, self.vantage, self.net)
        teller, answer = follow(zone, answer, query, self.vantage, self.net) if answer.is_referral else (zone, answer)
        if self.told:
            self.steps += not_asked(self.net, self.vantage, query.name, zone, answer)
        self.steps += answer.steps
        if self.told and (answer.rcode not in (SERVFAIL, UNDECIDED) or not answer.steps):
            self.steps.append(_found(teller, query.name, query.type, answer))
        return answer.owner or teller.by, answer

    def _ended(self, rcode: str, authority: tuple[Record, ...], owner: str) -> Resolution:
        authority = () if rcode == UNDECIDED else authority
        told = tuple(self.records), authority, tuple(self.steps), owner, tuple(self.assumptions), self.judgement
        return Resolution(self.vantage, self.query, rcode, *told)


def judge(net: Network, vantage: Vantage, query: Query) -> Judgement | None:
    """The first decision of a filter about a query."""
    judgements = (filter.judge(query, vantage, net) for filter in FILTERS)
    return next((judgement for judgement in judgements if judgement is not None), None)


def best_zone(net: Network, vantage: Vantage, name: str, custom: bool = True) -> Zone:
    """The zone that owns a name from here: that of the longest domain. Public names end in the root, so there is one.

    Without `custom`, sources of rules that people made are left out: what a rule means that says to resolve here.
    """
    zones = _zones(net, vantage, custom)
    while (found := zones.get(name)) is None:
        name = name.partition(".")[2]
    return found[0]


def _zones(net: Network, vantage: Vantage, custom: bool = True) -> dict[str, list[Zone]]:
    """By domain: the zones of all sources from here, in the order of precedence."""
    key = ("zones", vantage.vpc, vantage.came_in(net), custom)
    known: dict[str, list[Zone]] | None = net.compiled(key)
    if known is None:
        known = net.compile(key, {})
        for source in NAMES:
            if custom or not getattr(source, "custom", False):
                for zone in source.zones(vantage, net):
                    known.setdefault(zone.domain, []).append(zone)
    return known


def not_asked(net: Network, vantage: Vantage, name: str, winner: Zone, answer: Answer) -> Iterator[Lookup]:
    """Who might be expected to own a name and does not, each with the reason."""
    others = [zone for domain in domains_of(name) for zone in _zones(net, vantage).get(domain, ())]
    taking_part = {winner.by, RECURSION, *(step.at for step in answer.steps)}
    told = {*taking_part, *(zone.by for zone in others)}
    for source in NAMES:
        yield from (lookup for lookup in source.passed_over(name, vantage, net) if lookup.at not in told)
    for other in {zone.by: zone for zone in reversed(others) if zone.by not in taking_part}.values():
        why = "has the same domain and goes first" if other.domain == winner.domain else f"has the longer {winner.domain}"
        yield Lookup(other.by, f"{other.by}: {other.source}{_for(other)} is not asked, since {winner.by} {why}")
    if winner.by != RECURSION and not answer.records and answer.rcode in (NOERROR, NXDOMAIN):
        because = f"is not asked, since what {winner.by} says about {winner.domain or 'every name'} is final"
        yield Lookup(RECURSION, f"{RECURSION}: {because}")


def _asked_instead(net: Network, vantage: Vantage) -> Any:
    """Who is asked in place of the VPC resolver: the asker itself if it is a DNS server, or what is set for its VPC."""
    asker = net.topology.resources.get(vantage.asker)
    answers_itself = hasattr(asker, "answer_query")
    if vantage.vpc is None and answers_itself:
        return asker
    server = net.index.dns_servers_of.get(vantage.vpc or vantage.asker)
    if server is None or answers_itself or vantage.asker == vantage.vpc or server.id in vantage.passed:
        return None
    return server


def _by_server(net: Network, vantage: Vantage, query: Query, server: Any) -> Resolution:
    answer: Answer = server.answer(query, vantage, net)
    asked = (answer.assumption,) if answer.assumption else ()
    told = answer.records, answer.authority, answer.steps, answer.owner, asked
    return Resolution(vantage, query, answer.rcode, *told, server=answer.server)


def _renamed(answer: Answer, name: str, asked: str) -> Answer:
    """An answer that a filter gives in place of a whole chain: it is about the name that was asked."""
    return answer._replace(records=tuple(r._replace(name=asked) if r.name == name else r for r in answer.records))


def _silence(net: Network, vantage: Vantage) -> Lookup | None:
    if vantage.vpc is None:
        return None
    vpc = net.topology.resources[vantage.vpc]
    if getattr(vpc, "enable_dns_support", True):
        return None
    return Lookup(vpc.id, f"{vpc.id}: enable_dns_support is off, so the VPC resolver does not answer")


def _found(zone: Zone, name: str, type: str, answer: Answer) -> Lookup:
    by = zone.by if answer.steps else answer.owner or zone.by
    if answer.because:
        return Lookup(by, f"{by}: {answer.because}")
    data = ", ".join(record.data for record in answer.records)
    told = data or (f"no {type} record ({answer.rcode})")
    domain = _for(zone) if zone.domain != name else ""
    return Lookup(by, f"{by}: {zone.source}{domain} answers {name} {type}: {told}")


def _for(zone: Zone) -> str:
    return f" for {zone.domain}" if zone.domain else ""


def _alias(answer: Answer, type: str) -> str:
    """The name at which to go on: the target of a CNAME that ends the answer."""
    if not answer.records or type in ("CNAME", "ANY"):
        return ""
    last = answer.records[-1]
    return last.data.rstrip(".").lower() if last.type == "CNAME" else ""
