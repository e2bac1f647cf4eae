"""DELEGATE rules: by which outbound endpoint the servers are reached to which a private zone delegates a subdomain.

Such a rule redirects no name. It acts when an answer is a referral whose NS records match its delegation record: then
those servers are asked through its endpoint. Their addresses are the ones that the zone holds itself, or else what the VPC
resolves their names to, for which a FORWARD rule may be needed. If none answers the reply is SERVFAIL. A referral that
matches no rule stays undecided, because AWS does not document it.

Sources: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/outbound-delegation-tutorial.html,
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-forwarding-outbound-queries-rule-values.html.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from vpcsim.network import Network
from vpcsim.prefixes import address
from vpcsim.resolution import NO_REPLY, NOERROR, NXDOMAIN, SERVFAIL, UNDECIDED, Answer, Lookup, Query, Vantage, Zone, domains_of

DEEPEST = 8
"""Referrals that follow one another."""


def follow(zone: Zone, referral: Answer, query: Query, vantage: Vantage, net: Network) -> tuple[Zone, Answer]:
    """Who answers in place of a referral, and what; the referral itself if no rule is about its servers."""
    for _ in range(DEEPEST):
        found = _followed(zone, referral, query, vantage, net)
        if found is None:
            return zone, referral
        zone, referral = found
        if not referral.is_referral:
            return found
    because = f"{zone.by}: the referrals for {query.name} do not end"
    return zone, Answer(SERVFAIL, steps=(*referral.steps, Lookup(zone.by, because)), owner=zone.by)


def _followed(zone: Zone, referral: Answer, query: Query, vantage: Vantage, net: Network) -> tuple[Zone, Answer] | None:
    cut = referral.authority[0].name
    names = [record.data.rstrip(".").lower() for record in referral.authority]
    for rule in _rules(vantage.vpc, net):
        servers = [name for name in names if rule.delegation_record in domains_of(name)]
        if servers:
            because = f"{referral.owner or zone.by} delegates {cut} to {', '.join(servers)}, which {rule.id} is about"
            before = (*referral.steps, Lookup(rule.id, f"{rule.id}: {because}"))
            answer = _asked(rule, servers, referral, query, vantage, net)
            return Zone(cut, rule.id, "the DELEGATE rule", zone.answer), answer._replace(steps=(*before, *answer.steps))
    return None


def _rules(vpc: str | None, net: Network) -> Iterator[Any]:
    rules: list[Any] = net.topology.of_kind("resolver_rule")
    for rule in rules:
        if rule.rule_type == "DELEGATE" and any(v.vpc_id == vpc for v in rule.vpcs):
            yield rule


def _asked(rule: Any, servers: list[str], referral: Answer, query: Query, vantage: Vantage, net: Network) -> Answer:
    from vpcsim.forwarding import PORT, ask_first, senders_of

    steps: list[Lookup] = []
    targets = [(number, PORT) for server in servers for number in _addresses(rule, server, referral, vantage, net, steps)]
    found = ask_first(net, senders_of(net, rule.resolver_endpoint_id or ""), targets, query, vantage)
    steps += found.steps
    if found.rcode in (NOERROR, NXDOMAIN, UNDECIDED):
        return found._replace(steps=tuple(steps))
    because = f"answers {found.rcode}" if found.rcode != NO_REPLY else "is reached"
    steps.append(Lookup(rule.id, f"{rule.id}: no server of the delegation {because}, for {query.name}"))
    return Answer(SERVFAIL, steps=tuple(steps), owner=found.owner or rule.id)


def _addresses(rule: Any, server: str, referral: Answer, vantage: Vantage, net: Network, steps: list[Lookup]) -> Iterator[int]:
    """The addresses of a server: those in the zone, or what the VPC resolves its name to."""
    from vpcsim.resolving import resolve

    glue = [address(record.data) for record in referral.glue if record.name == server]
    if glue:
        yield from glue
    elif referral.authority[0].name in domains_of(server) or server in vantage.passed:
        steps.append(Lookup(rule.id, f"{rule.id}: the address of {server} is only known behind the delegation itself"))
    else:
        asked = vantage._replace(passed=(*vantage.passed, server))
        for type in ("A", "AAAA"):
            found = resolve(net, asked, Query(server, type))
            if found.addresses:
                yield from map(address, found.addresses)
            else:
                steps += found.steps if found.rcode != NOERROR else ()
