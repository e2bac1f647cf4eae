"""Routing policies: which record sets of one name and type answer a query.

A policy first looks at the healthy sets; if there are none, all count as healthy. What Route 53 draws at random follows
here from the zone's `seed`, the name and the asker, the same in every run. In a private zone a query comes from where the
Region of the VPC is; where one on the internet comes from is not in the model. The nearest Region stands for the fastest.

Not modelled here: measured latencies, Local Zone groups, IP-based routing.

Sources: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/routing-policy.html,
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-how-route-53-chooses-records.html,
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/routing-policy-latency-phz.html,
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/routing-policy-geo-phz.html,
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/routing-policy-geoproximity-phz.html.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from vpcsim.names.hosted_zone.record import GeoLocation, GeoProximityLocation, ResourceRecordSet
from vpcsim.services import geography
from vpcsim.stable import stable_hash

Sets = Sequence[ResourceRecordSet]
MULTIVALUE_LIMIT = 8


class Asked(NamedTuple):
    """What a choice depends on. `region` is that of the asker, empty where it is not known; `draw` stands for chance."""

    region: str
    draw: str
    healthy: Callable[[ResourceRecordSet], bool]


class Choice(NamedTuple):
    """The sets that answer; or why the model cannot tell."""

    sets: Sets
    assumption: str = ""
    undecided: str = ""


def choose(sets: Sets, asked: Asked) -> Choice:
    """The record sets of one name, type and policy that answer."""
    policy = sets[0].policy
    if policy in _BY_LOCATION and not asked.region:
        return Choice((), undecided=f"{policy} routing depends on where the query comes from, which is not in the model")
    return _POLICIES[policy](sets, asked)


def _simple(sets: Sets, asked: Asked) -> Choice:
    return Choice(sets)


def _healthy(sets: Sets, asked: Asked) -> Sets:
    return [s for s in sets if asked.healthy(s)] or sets


def _weighted(sets: Sets, asked: Asked) -> Choice:
    """A set in proportion to its weight. Sets of weight 0 stand in when every other one is unhealthy.

    Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/routing-policy-weighted.html
    """
    heavy = [s for s in sets if s.weight]
    pool = [s for s in heavy if asked.healthy(s)] or [s for s in sets if not s.weight and asked.healthy(s)] or heavy or sets
    point = stable_hash(asked.draw) % (sum(s.weight or 0 for s in pool) or len(pool))
    for chosen in pool:
        point -= chosen.weight or (0 if heavy and pool[0].weight else 1)
        if point < 0:
            break
    assumption = "weighted routing draws at random, here by name and asker" if len(pool) > 1 else ""
    return Choice([chosen], assumption)


def _failover(sets: Sets, asked: Asked) -> Choice:
    """The primary set, unless it alone is unhealthy.

    Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/routing-policy-failover.html
    """
    primary = next((s for s in sets if s.failover == "PRIMARY"), None)
    secondary = next((s for s in sets if s.failover == "SECONDARY"), None)
    if primary is None or (secondary is not None and not asked.healthy(primary) and asked.healthy(secondary)):
        return Choice([s for s in (secondary,) if s])
    return Choice([primary])


def _multivalue(sets: Sets, asked: Asked) -> Choice:
    """Up to eight sets.

    Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/routing-policy-multivalue.html
    """
    pool = _healthy(sets, asked)
    if len(pool) <= MULTIVALUE_LIMIT:
        return Choice(pool)
    drawn = sorted(pool, key=lambda s: stable_hash(f"{asked.draw}/{s.set_identifier}"))[:MULTIVALUE_LIMIT]
    return Choice(drawn, "multivalue answer routing draws eight records at random, here by name and asker")


def _latency(sets: Sets, asked: Asked) -> Choice:
    pool = _healthy(sets, asked)
    same = [s for s in pool if s.region == asked.region]
    if same or len(pool) == 1:
        return Choice(same or pool)
    if any(geography.place_of(region) is None for region in (asked.region, *(s.region for s in pool))):
        return Choice((), undecided="latency routing depends on where a Region is whose place is not known")
    nearest = min(pool, key=lambda s: geography.distance_of_regions(asked.region, s.region))
    return Choice([nearest], f"{nearest.region} is taken to be the nearest Region, by the distance of its city")


def _geolocation(sets: Sets, asked: Asked) -> Choice:
    """The smallest area around the asker whose set is healthy; no set if none matches.

    Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/routing-policy-geo.html
    """
    place = geography.place_of(asked.region)
    if place is None:
        return (
            Choice(sets) if len(sets) == 1 else Choice((), undecided=f"the country of {asked.region or 'the asker'} is not known")
        )
    areas = (("", place.country, place.state), ("", place.country, ""), (place.continent, "", ""), ("", "*", ""))
    matching = [s for area in dict.fromkeys(areas) for s in sets if s.geo_location and _area(s.geo_location) == area]
    return Choice(_healthy(matching, asked)[:1])


def _area(location: GeoLocation) -> tuple[str, str, str]:
    return location.continent_code, location.country_code, location.subdivision_code


def _geoproximity(sets: Sets, asked: Asked) -> Choice:
    """The nearest set, with distances shortened by a positive bias and stretched by a negative one.

    Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/routing-policy-geoproximity.html
    """
    pool = _healthy(sets, asked)
    if len(pool) == 1:
        return Choice(pool)
    here = geography.place_of(asked.region)
    distances = [_biased(here[3:], s.geo_proximity_location) if here and s.geo_proximity_location else None for s in pool]
    known = [(far, n) for n, far in enumerate(distances) if far is not None]
    if len(known) < len(pool):
        return Choice((), undecided="geoproximity routing depends on a place that is not known")
    return Choice([pool[min(known)[1]]], "distances for geoproximity routing are those of the Regions' cities")


def _biased(here: tuple[float, float], location: GeoProximityLocation) -> float | None:
    place = geography.place_of(location.aws_region)
    if location.coordinates:
        there = (float(location.coordinates.latitude), float(location.coordinates.longitude))
    elif place:
        there = place[3:]
    else:
        return None
    far, bias = geography.distance(here, there), location.bias / 100
    return far * (1 - bias) if bias > 0 else far / (1 + bias)


def _by_address(sets: Sets, asked: Asked) -> Choice:
    return Choice((), undecided="IP-based routing depends on CIDR collections, which are not in the model")


_POLICIES: dict[str, Callable[[Sets, Asked], Choice]] = {
    "simple": _simple,
    "weighted": _weighted,
    "failover": _failover,
    "multivalue answer": _multivalue,
    "latency": _latency,
    "geolocation": _geolocation,
    "geoproximity": _geoproximity,
    "IP-based": _by_address,
}
_BY_LOCATION = ("latency", "geolocation", "geoproximity")
POLICIES = tuple(_POLICIES)
