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
        encloser = next(parent for parent in domains_of(name) if parent in self._existing)
        return f"*.{encloser}" if f"*.{encloser}" in self._names else None

    def delegation(self, query: Query) -> str | None:
        """The highest name on the way to the asked one that has NS records of its own; DS records stay above it."""
        cuts = [domain for domain in domains_of(query.name) if (domain, "NS") in self._sets and len(domain) > len(self.domain)]
        return next((cut for cut in reversed(cuts) if (cut, "DS") != query), None)
