"""The hosted zones as sources of names: the private ones of a VPC, and the public ones as recursion finds them.

Sources: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zone-private-considerations.html,
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-routing-traffic-for-subdomains.html.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from vpcsim.names.hosted_zone.zone import HostedZone
from vpcsim.network import Network
from vpcsim.resolution import UNDECIDED, Answer, Lookup, Query, Vantage, Zone, domains_of


class HostedZones:
    """The private zones of a VPC as one source; public zones are asked by recursion, from `public_names`."""

    def zones(self, vantage: Vantage, net: Network) -> Iterator[Zone]:
        if vantage.vpc is not None and _usable(net, vantage.vpc):
            for zone in _private(net, vantage.vpc).values():
                yield Zone(zone.name, zone.id, "the private hosted zone", zone.answer)

    def passed_over(self, name: str, vantage: Vantage, net: Network) -> Iterator[Lookup]:
        domains = domains_of(name) if vantage.vpc is not None else ()
        for zone in net.topology.of(HostedZone):
            vpcs = [vpc.vpc_id for vpc in zone.vpcs]
            if zone.name not in domains or not vpcs:
                continue
            if vantage.vpc not in vpcs:
                because = f"{zone.id}: is a private zone for {zone.name}, but of {' and '.join(vpcs)}, not of {vantage.vpc}"
                yield Lookup(zone.id, because, f"{zone.id}: an association with {vantage.vpc}")
            elif not _usable(net, vantage.vpc or ""):
                because = f"is associated with {vantage.vpc} but cannot answer: both DNS attributes of the VPC must be on"
                yield Lookup(zone.id, f"{zone.id}: {because}", f"{vantage.vpc}: both DNS attributes on")


def public_answer(query: Query, vantage: Vantage, net: Network) -> tuple[str, Answer] | None:
    """What the public zones of the model say, with the zone's id, or None if none of them has to do with the name.

    Recursion comes from above: the highest zone is taken to be registered, and one below it is only found by a delegation.
    """
    zones = _public(net)
    above = [domain for domain in reversed(domains_of(query.name)) if domain in zones]
    if not above:
        return None
    domain = above[0]
    while True:
        twins = zones[domain]
        if len(twins) > 1:
            because = f"{' and '.join(z.id for z in twins)} are both {domain}, and which one is registered is not in the model"
            return twins[0].id, Answer(UNDECIDED, because=because)
        cut = twins[0].contents(net).delegation(query)
        if cut is None or cut not in zones:
            return twins[0].id, twins[0].answer(query, vantage, net)
        domain = cut


def _usable(net: Network, vpc: str) -> bool:
    resource: Any = net.topology.resources[vpc]
    without_hostnames = net.topology.settings.dns.private_zones_without_hostnames
    return bool(resource.enable_dns_support and (resource.enable_dns_hostnames or without_hostnames))


def _private(net: Network, vpc: str) -> dict[str, HostedZone]:
    known: dict[str, HostedZone] | None = net.compiled(("hosted zones", vpc))
    if known is None:
        zones = (z for z in net.topology.of(HostedZone) if any(v.vpc_id == vpc for v in z.vpcs))
        known = net.compile(("hosted zones", vpc), {zone.name: zone for zone in zones})
    return known


def _public(net: Network) -> dict[str, list[HostedZone]]:
    known: dict[str, list[HostedZone]] | None = net.compiled("public hosted zones")
    if known is None:
        known = net.compile("public hosted zones", {})
        for zone in net.topology.of(HostedZone):
            if not zone.private:
                known.setdefault(zone.name, []).append(zone)
    return known
