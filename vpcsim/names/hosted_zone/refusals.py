"""What Route 53 refuses of a hosted zone's records.

Sources: https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html,
https://docs.aws.amazon.com/Route53/latest/APIReference/API_ResourceRecordSet.html,
https://docs.aws.amazon.com/Route53/latest/APIReference/API_AliasTarget.html,
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/ResourceRecordTypes.html,
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html,
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from vpcsim import services
from vpcsim.errors import Problem
from vpcsim.names.hosted_zone import values
from vpcsim.names.hosted_zone.record import ResourceRecordSet
from vpcsim.names.hosted_zone.routing import POLICIES
from vpcsim.resource import refuse

if TYPE_CHECKING:
    from vpcsim.names.hosted_zone.zone import HostedZone

CHANGE, INPUT = "InvalidChangeBatch", "InvalidInput"
ALIAS_DOMAINS = (
    "amazonaws.com",
    "amazonaws.com.cn",
    "api.aws",
    "on.aws",
    "cloudfront.net",
    "elasticbeanstalk.com",
    "awsglobalaccelerator.com",
    "awsapprunner.com",
)
"""Where the resources of AWS that an alias may name have their names."""
MAX_VALUES = 400
MAX_ROUTED = 100
MAX_BY_PLACE = 30
NOT_ROUTED = ("NS", "SOA", "DS")
NO_MULTIVALUE = (*NOT_ROUTED, "CNAME")
ONE_VALUE = ("weighted", "latency")

Group = list[ResourceRecordSet]
Groups = Mapping[tuple[str, str], Group]


def of_zone(zone: HostedZone) -> Iterator[Problem]:
    """Every rule of Route 53 that the records of a zone break."""
    if not values.is_name(zone.name):
        yield refuse(f"{zone.id}: `{zone.name}` is not a domain name", "InvalidDomainName", zone)
    groups: dict[tuple[str, str], Group] = {}
    for record in zone.resource_record_sets:
        groups.setdefault((record.name, record.type), []).append(record)
    for record in zone.resource_record_sets:
        for message, code in (*_of_name(record, zone), *_of_values(record), *_of_policy(record, zone)):
            yield refuse(f"{zone.id}: {record.name} {record.type}: {message}", code, record)
        if record.alias_target and record.type in values.TYPES:
            for message in _of_alias(record, zone, groups):
                yield refuse(f"{zone.id}: {record.name} {record.type}: {message}", CHANGE, record)
    yield from _of_groups(zone, groups)


def _of_name(record: ResourceRecordSet, zone: HostedZone) -> Iterator[tuple[str, str]]:
    if record.name != zone.name and not record.name.endswith(f".{zone.name}"):
        yield f"it is not in the zone {zone.name}", CHANGE
    elif not values.is_name(record.name):
        yield "it is not a domain name: a label has at most 63 characters, a name 255", CHANGE
    if record.name.startswith("*.") and record.type == "NS":
        yield "a wildcard has no NS records", CHANGE
    if record.name == zone.name and record.type == "CNAME":
        yield "a CNAME cannot stand at the zone's own name", CHANGE
    if record.name != zone.name and record.type == "SOA":
        yield "an SOA record stands at the zone's own name only", CHANGE


def _of_values(record: ResourceRecordSet) -> Iterator[tuple[str, str]]:
    texts = [value.value for value in record.resource_records]
    if record.type not in values.TYPES:
        yield f"Route 53 has no records of type `{record.type}`: {', '.join(values.TYPES)}", INPUT
        return
    if bool(texts) == bool(record.alias_target):
        yield "it needs values, or an alias target, and not both", INPUT
    for text in texts:
        if fault := values.fault(record.type, text):
            yield fault, CHANGE
    if len(set(texts)) < len(texts):
        yield "it has the same value twice", CHANGE
    if len(texts) > MAX_VALUES:
        yield f"it has more than {MAX_VALUES} values", CHANGE
    if len(texts) > 1 and (record.type in ("CNAME", "SOA") or record.policy in ONE_VALUE):
        what = f"a {record.type}" if record.type in ("CNAME", "SOA") else f"a {record.policy} record"
        yield f"{what} has one value", CHANGE


def _of_policy(record: ResourceRecordSet, zone: HostedZone) -> Iterator[tuple[str, str]]:
    policy = record.policy
    if policy == "simple":
        if record.set_identifier:
            yield "a set identifier goes with a routing policy", INPUT
        return
    if policy not in POLICIES:
        yield f"{policy} are two routing policies", INPUT
    if not record.set_identifier:
        yield f"{policy} routing needs a set identifier", INPUT
    if record.type in (NO_MULTIVALUE if policy == "multivalue answer" else NOT_ROUTED):
        yield f"a {record.type} record has no {policy} routing", CHANGE
    if policy == "multivalue answer" and record.alias_target:
        yield "multivalue answer routing has no alias records", CHANGE
    if policy == "IP-based" and zone.private:
        yield "a private zone has no IP-based routing", CHANGE
    place = record.geo_proximity_location
    for region in filter(None, (record.region, place.aws_region if place else "")):
        if not services.is_region(region):
            yield f"`{region}` is not a Region", INPUT


def _of_alias(record: ResourceRecordSet, zone: HostedZone, groups: Groups) -> Iterator[str]:
    assert record.alias_target is not None
    target = record.alias_target.dns_name
    if record.type in ("NS", "SOA"):
        yield f"an alias is not of type {record.type}"
    if target == zone.name or target.endswith(f".{zone.name}"):
        if target == record.name:
            yield "an alias does not name itself"
        elif (target, record.type) not in groups:
            yield f"its alias target {target} has no record of type {record.type} in this zone"
    elif not any(target.endswith(f".{domain}") for domain in ALIAS_DOMAINS):
        yield f"its alias target {target} is neither in this zone nor a resource of AWS"
    elif record.type not in ("A", "AAAA", "HTTPS"):
        yield f"an alias to a resource of AWS is not of type {record.type}"
    elif zone.private and target.endswith(".cloudfront.net"):
        yield "an alias in a private zone cannot name a CloudFront distribution"


def _of_groups(zone: HostedZone, groups: Groups) -> Iterator[Problem]:
    kinds: dict[str, set[str]] = {}
    for (name, kind), records in groups.items():
        kinds.setdefault(name, set()).add(kind)
        for message in _of_group(records):
            yield refuse(f"{zone.id}: {name} {kind}: {message}", CHANGE, records[-1])
    for name, found in kinds.items():
        if "CNAME" in found and len(found) > 1:
            others = ", ".join(sorted(found - {"CNAME"}))
            message = f"{zone.id}: {name}: a CNAME stands alone at its name, and it also has {others}"
            yield refuse(message, CHANGE, groups[name, "CNAME"][0])


def _of_group(records: Group) -> Iterator[str]:
    policies = {record.policy for record in records}
    if policies == {"simple"} and len(records) > 1:
        yield "it is there already; put the values into one record set"
    elif len(policies) > 1:
        yield f"its record sets have different routing policies: {', '.join(sorted(policies))}"
    elif len(records) > 1:
        yield from _of_routed(records)


def _of_routed(records: Group) -> Iterator[str]:
    policy = records[0].policy
    if _twice(record.set_identifier for record in records):
        yield f"two of its record sets have the identifier {_twice(r.set_identifier for r in records)}"
    areas = {
        "failover": [record.failover for record in records],
        "latency": [record.region for record in records],
        "geolocation": [str(record.geo_location) for record in records],
    }
    if first := _twice(areas.get(policy, ())):
        yield f"two of its record sets are for {first}"
    if policy == "weighted" and len({record.ttl for record in records if not record.alias_target}) > 1:
        yield "weighted record sets of one name and type have the same TTL"
    limit = MAX_BY_PLACE if policy == "geoproximity" else MAX_ROUTED
    if len(records) > limit:
        yield f"it has more than {limit} record sets"


def _twice(texts: Iterable[str]) -> str:
    seen: set[str] = set()
    for text in texts:
        if text in seen:
            return text
        seen.add(text)
    return ""
