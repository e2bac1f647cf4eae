"""Drives the sources of names: the most specific domain wins, ties go by the order of `NAMES`, and a CNAME starts again.

Sources: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zone-private-considerations.html,
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-overview-forward-vpc-to-network-domain-name-matches.html,
https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html, RFC 1034 section 3.6.2, RFC 6604 section 3, RFC 8482.
"""

from __future__ import annotations

from typing import Any

from vpcsim.doubts import with_name_doubts
from vpcsim.names import FILTERS, NAMES
from vpcsim.network import Network
from vpcsim.resolution import (
    NO_REPLY,
    NOERROR,
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
)


def resolve(net: Network, vantage: Vantage, query: Query) -> Resolution:
    """Answer a query as whoever is asked from the vantage point would: the VPC resolver, or servers that are set instead.

    ANY is answered with one of the name's record sets.
    """
    return with_name_doubts(_resolved(net, vantage, query), net)


def _resolved(net: Network, vantage: Vantage, query: Query) -> Resolution:
    if query.type == "ANY":
        return _any(net, vantage, query)
    other = _asked_instead(net, vantage)
    if other is not None:
        return _by_server(net, vantage, query, other)
    silent = _silence(net, vantage)
    if silent is not None:
        return Resolution(vantage, query, NO_REPLY, (), (), (silent,), silent.at)
    return _Chain(net, vantage, query).resolution()


def _any(net: Network, vantage: Vantage, query: Query) -> Resolution:
    """Source: RFC 8482 section 4.1. A CNAME record is the only one of its name, so that it comes first."""
    for type in ("CNAME", *(t for t in TYPES if t not in ("CNAME", "ANY"))):
        found = resolve(net, vantage, Query(query.name, type))
        if found.records or found.rcode != NOERROR:
            break
    return found._replace(query=query)


class _Chain:
    """The names of one question, from CNAME to CNAME, and what was found on the way."""

    def __init__(self, net: Network, vantage: Vantage, query: Query) -> None:
        self.net, self.vantage, self.query = net, vantage, query
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
        zone = best_zone(self.net, self.vantage, query.name, self.steps)
        answer = zone.answer(query, self.vantage, self.net)
        self.steps += answer.steps
        if answer.rcode not in (SERVFAIL, UNDECIDED) or not answer.steps:
            self.steps.append(_found(zone, query.name, query.type, answer))
        return answer.owner or zone.by, answer

    def _ended(self, rcode: str, authority: tuple[Record, ...], owner: str) -> Resolution:
        told = tuple(self.records), authority, tuple(self.steps), owner, tuple(self.assumptions), self.judgement
        return Resolution(self.vantage, self.query, rcode, *told)


def judge(net: Network, vantage: Vantage, query: Query) -> Judgement | None:
    """The first decision of a filter about a query."""
    judgements = (filter.judge(query, vantage, net) for filter in FILTERS)
    return next((judgement for judgement in judgements if judgement is not None), None)


def best_zone(net: Network, vantage: Vantage, name: str, steps: list[Lookup], custom: bool = True) -> Zone:
    """The zone that owns a name from here, and the sentences of the sources that did not come into question.

    Without `custom`, sources of rules that people made are left out: what a rule means that says to resolve here.
    """
    best: Zone | None = None
    for source in NAMES if custom else [source for source in NAMES if not getattr(source, "custom", False)]:
        steps += [Lookup(by, f"{by}: {because}") for by, because in source.passed_over(name, vantage, net)]
        zone = source.zone_for(name, vantage, net)
        if zone is not None and (best is None or len(zone.domain) > len(best.domain)):
            best = zone
    assert best is not None, "public names end in the root"
    return best


def _asked_instead(net: Network, vantage: Vantage) -> Any:
    """Who is asked in place of the VPC resolver: the asker itself if it is a DNS server, or what is set for its VPC."""
    asker = net.topology.resources.get(vantage.asker)
    answers_itself = hasattr(asker, "answer_query")
    if vantage.vpc is None:
        return asker if answers_itself else None
    return None if answers_itself or vantage.asker == vantage.vpc else net.index.dns_servers_of.get(vantage.vpc)


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
    domain = f" for {zone.domain}" if zone.domain and zone.domain != name else ""
    return Lookup(by, f"{by}: {zone.source}{domain} answers {name} {type}: {told}")


def _alias(answer: Answer, type: str) -> str:
    """The name at which to go on: the target of a CNAME that ends the answer."""
    if not answer.records or type in ("CNAME", "ANY"):
        return ""
    last = answer.records[-1]
    return last.data.rstrip(".").lower() if last.type == "CNAME" else ""
