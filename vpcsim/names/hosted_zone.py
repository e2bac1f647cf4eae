"""A Route 53 hosted zone: private to the VPCs that it is associated with, or public.

A private zone needs both DNS attributes of a VPC. Of overlapping zones the most specific one is searched, and only that
one: a name that it lacks does not fall through to the public zone. A wildcard answers for what its closest encloser lacks.

Not modelled here: routing policies other than simple, health checks, delegation inside private zones.

Sources: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zone-private-considerations.html,
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-choosing-alias-non-alias.html,
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html, RFC 4592, RFC 2308.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from vpcsim.errors import Problem
from vpcsim.network import Network
from vpcsim.resolution import NOERROR, NXDOMAIN, Answer, Query, Record, Vantage, Zone, domains_of, negative
from vpcsim.resource import Declaration, Declared, Draft, Link, Patch, Resource, as_list, refers_to, refuse
from vpcsim.shape import Read, Shape, field

if TYPE_CHECKING:
    from vpcsim.topology import Topology

DomainName = Annotated[str, Read(lambda v: str(v).rstrip(".").lower().replace("\\052", "*"))]


NAME_SERVERS = ("ns-1536.awsdns-00.co.uk.", "ns-0.awsdns-00.com.", "ns-1024.awsdns-00.org.", "ns-512.awsdns-00.net.")


class ResourceRecord(Shape):
    """One value."""

    value: str

    @classmethod
    def read_text(cls, text: str) -> Mapping[str, Any]:
        return {"Value": text}


class AliasTarget(Shape):
    """Another name whose addresses answer in this name's place."""

    dns_name: DomainName = field(api="DNSName")


class ResourceRecordSet(Shape):
    """All values of one name and type."""

    name: DomainName
    type: str = "A"
    ttl: int = field(default=300, api="TTL")
    resource_records: tuple[ResourceRecord, ...] = ()
    alias_target: AliasTarget | None = None
    set_identifier: str = ""


class ZoneVpc(Shape):
    """A VPC that the zone is associated with."""

    vpc_id: Annotated[str, refers_to("vpc")] = field(api="VPCId")


class HostedZone(Resource):
    """See the module."""

    kind: ClassVar[str] = "hosted_zone"
    section: ClassVar[str] = "HostedZones"
    cloudformation_types: ClassVar[tuple[str, ...]] = (
        "AWS::Route53::HostedZone",
        "AWS::Route53::RecordSet",
        "AWS::Route53::RecordSetGroup",
    )
    native_names: ClassVar[Mapping[str, str]] = {"domain": "Name", "vpcs": "VPCs", "records": "Records"}

    id: str = field(api="HostedZoneId")
    name: DomainName = ""
    vpcs: tuple[ZoneVpc, ...] = field(default=(), api="VPCs")
    resource_record_sets: tuple[ResourceRecordSet, ...] = ()

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        if declaration.type == "AWS::Route53::HostedZone":
            yield Draft(cls, declaration.id, {k: v for k, v in fields.items() if k != "HostedZoneTags"}, declaration.origin)
            return
        for record in as_list(fields.get("RecordSets")) or [fields]:
            zone = record.get("HostedZoneId") or fields.get("HostedZoneId")
            name = record.get("HostedZoneName") or fields.get("HostedZoneName")
            patch = {"ResourceRecordSets": [_record_set(record, declaration)]}
            if zone:
                yield Patch(str(zone), patch, declaration.origin)
            elif name:
                yield Patch(str(name).rstrip(".").lower(), patch, declaration.origin, named=cls)

    @classmethod
    def cloudformation_attribute(cls, declaration: Declaration, attribute: str) -> Any:
        return [server.rstrip(".") for server in NAME_SERVERS] if attribute == "NameServers" else None

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        domain = str(fields.setdefault("Name", declaration.existing.get("Name", declaration.id)))
        if "VPCs" in fields:
            fields["VPCs"] = [{"VPCId": vpc} for vpc in as_list(fields["VPCs"])]
        if "Records" in fields:
            fields["ResourceRecordSets"] = list(_native_records(fields.pop("Records"), domain))
        yield Draft(cls, declaration.id, fields, declaration.origin)

    @property
    def private(self) -> bool:
        return bool(self.vpcs)

    @classmethod
    def check(cls, topology: "Topology") -> Iterable[Problem]:
        owners: dict[tuple[str, str], str] = {}
        for endpoint in topology.of_kind("interface_endpoint"):
            for name in getattr(endpoint, "private_dns_names", ()):
                owners[getattr(endpoint, "vpc_id", ""), name] = f"private DNS of {endpoint.id}"
        for zone in topology.of(cls):
            for vpc in zone.vpcs:
                owner = owners.setdefault((vpc.vpc_id, zone.name), zone.id)
                if owner != zone.id:
                    message = f"{zone.id}: {vpc.vpc_id} already has {zone.name}, from {owner}"
                    yield refuse(message, "ConflictingDomainExists", zone)
            yield from zone._record_refusals()

    def _record_refusals(self) -> Iterable[Problem]:
        for record in self.resource_record_sets:
            if record.name != self.name and not record.name.endswith(f".{self.name}"):
                yield refuse(f"{self.id}: {record.name} is not in the zone {self.name}", "InvalidChangeBatch", record)
            if record.type == "CNAME" and record.name == self.name:
                yield refuse(f"{self.id}: a CNAME cannot stand at the zone's own name", "InvalidChangeBatch", record)

    def answer(self, query: Query, vantage: Vantage, net: Network) -> Answer:
        """The zone's records for a name and type, a CNAME of that name, or a negative answer."""
        owner = self._owner(query.name)
        if owner is None:
            return negative(self.name, NXDOMAIN)
        sets = [s for s in self.resource_record_sets if s.name == owner]
        chosen = next((s for s in sets if s.type == query.type), None) or next((s for s in sets if s.type == "CNAME"), None)
        if chosen is None:
            return self._apex(query) or negative(self.name, NOERROR)
        if chosen.alias_target:
            return self._alias(chosen.alias_target.dns_name, query, vantage, net)
        values = (r.value for r in chosen.resource_records)
        return Answer(NOERROR, tuple(Record(query.name, chosen.type, chosen.ttl, value) for value in values))

    def _owner(self, name: str) -> str | None:
        """The name in the zone that answers for `name`: itself, or the wildcard below its closest encloser."""
        names = {s.name for s in self.resource_record_sets} | {self.name}
        existing = {parent for owner in names for parent in domains_of(owner)}
        if name in existing:
            return name
        encloser = next(parent for parent in domains_of(name) if parent in existing)
        return f"*.{encloser}" if f"*.{encloser}" in names else None

    def _apex(self, query: Query) -> Answer | None:
        if query.name != self.name or query.type not in ("NS", "SOA"):
            return None
        if query.type == "SOA":
            return Answer(NOERROR, negative(self.name, NOERROR).authority)
        return Answer(NOERROR, tuple(Record(self.name, "NS", 172800, server) for server in NAME_SERVERS))

    def _alias(self, target: str, query: Query, vantage: Vantage, net: Network) -> Answer:
        from vpcsim.resolving import resolve

        found = resolve(net, vantage, Query(target, query.type))
        records = tuple(Record(query.name, r.type, r.ttl, r.data) for r in found.records if r.type == query.type)
        assumption = "; ".join(found.assumptions)
        return Answer(NOERROR, records, () if records else negative(self.name, NOERROR).authority, assumption)

    def links(self, net: Network) -> Iterable[Link]:
        for vpc in self.vpcs:
            yield Link(vpc.vpc_id, self.id, "resolves by")


class HostedZones:
    """The private zones of a VPC as one source; public zones are asked by recursion, from `public_names`."""

    def zone_for(self, name: str, vantage: Vantage, net: Network) -> Zone | None:
        if vantage.vpc is None or not _usable(net, vantage.vpc):
            return None
        zones = _by_domain(net, vantage.vpc)
        found = next((zones[domain] for domain in domains_of(name) if domain in zones), None)
        return Zone(found.name, found.id, "the private hosted zone", found.answer) if found else None

    def passed_over(self, name: str, vantage: Vantage, net: Network) -> Iterator[tuple[str, str]]:
        if vantage.vpc is None or _usable(net, vantage.vpc):
            return
        zones = _by_domain(net, vantage.vpc)
        for domain in domains_of(name):
            if zone := zones.get(domain):
                yield zone.id, f"is associated with {vantage.vpc} but cannot answer: both DNS attributes of the VPC must be on"


def _usable(net: Network, vpc: str) -> bool:
    resource: Any = net.topology.resources[vpc]
    without_hostnames = net.topology.settings.dns.private_zones_without_hostnames
    return bool(resource.enable_dns_support and (resource.enable_dns_hostnames or without_hostnames))


def _by_domain(net: Network, vpc: str) -> dict[str, HostedZone]:
    known: dict[str, HostedZone] | None = net.compiled(("hosted zones", vpc))
    if known is None:
        zones = (z for z in net.topology.of(HostedZone) if any(v.vpc_id == vpc for v in z.vpcs))
        known = net.compile(("hosted zones", vpc), {zone.name: zone for zone in zones})
    return known


def _record_set(record: Mapping[str, Any], declaration: Declaration) -> dict[str, Any]:
    values = [{"Value": str(value)} for value in record.get("ResourceRecords", ())]
    return {**record, "ResourceRecords": values, "WrittenAt": getattr(record, "origin", None) or declaration.origin}


def _native_records(records: Any, zone: str) -> Iterator[dict[str, Any]]:
    """`name: address`, `name: CNAME target`, or `name: {type: ..., values: [...]}`; names are relative to the zone."""
    for key, value in dict(records).items():
        name = zone if key == "@" else key if key.endswith(zone) else f"{key}.{zone}"
        entry = dict(value) if isinstance(value, Mapping) else {"values": value}
        values = entry.get("values", entry.get("value", ()))
        texts = [str(v) for v in ([values] if isinstance(values, str) else values)]
        record: dict[str, Any] = {"Name": name, "TTL": entry.get("ttl", 300)}
        if alias := entry.get("alias"):
            yield {**record, "Type": entry.get("type", "A"), "AliasTarget": {"DNSName": alias}}
            continue
        kind, _, rest = texts[0].partition(" ") if texts else ("", "", "")
        if kind.isupper() and rest and "type" not in entry:
            record["Type"], texts = kind, [rest, *(t.partition(" ")[2] for t in texts[1:])]
        record["Type"] = entry.get("type", record.get("Type", "AAAA" if texts and ":" in texts[0] else "A"))
        yield {**record, "ResourceRecords": [{"Value": text} for text in texts]}
