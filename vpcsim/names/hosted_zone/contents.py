"""The records of a zone as tables: what stands at a name, which names exist, where the zone hands a part over.

Sources: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html (wildcards),
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-routing-traffic-for-subdomains.html (delegation),
RFC 4592, RFC 1034.
"""

from __future__ import annotations

from collections.abc import Iterable

from vpcsim.names.hosted_zone.record import ResourceRecordSet
from vpcsim.resolution import Query, domains_of


class Contents:
    """See the module."""

    def __init__(self, domain: str, records: Iterable[ResourceRecordSet]) -> None:
        self.domain = domain
        self._sets: dict[tuple[str, str], list[ResourceRecordSet]] = {}
        for record in records:
            self._sets.setdefault((record.name, record.type), []).append(record)
        self.plain = {key: _values(sets[0]) for key, sets in self._sets.items() if len(sets) == 1 and _is_plain(sets[0])}
        """By name and type: TTL and value of each record, where neither a routing policy nor an alias decides."""
        self._delegates = any(type == "NS" and name != domain for name, type in self._sets)
        self._names = {name for name, _ in self._sets} | {domain}
        self._existing = {parent for name in self._names for parent in domains_of(name)}

    def sets(self, name: str, type: str) -> list[ResourceRecordSet]:
        """The record sets of a name and a type; several if they have a routing policy."""
        return self._sets.get((name, type), [])

    def owner(self, name: str) -> str | None:
        """The name in the zone that answers for `name`: itself, even if it holds nothing, or a wildcard.

        That is the wildcard below the closest name that exists, so a name that exists hides the wildcards above it.
        """
        if name in self._existing:
            return name
        encloser = name
        while encloser not in self._existing:
            encloser = encloser.partition(".")[2]
        wildcard = f"*.{encloser}"
        return wildcard if wildcard in self._names else None

    def delegation(self, query: Query) -> str | None:
        """The highest name on the way to the asked one that has NS records of its own; DS records stay above it."""
        if not self._delegates:
            return None
        cuts = [domain for domain in domains_of(query.name) if (domain, "NS") in self._sets and len(domain) > len(self.domain)]
        return next((cut for cut in reversed(cuts) if (cut, "DS") != query), None)


def _is_plain(record: ResourceRecordSet) -> bool:
    return record.policy == "simple" and record.alias_target is None and bool(record.resource_records)


def _values(record: ResourceRecordSet) -> tuple[tuple[int, str], ...]:
    return tuple((record.ttl, value.value) for value in record.resource_records)
