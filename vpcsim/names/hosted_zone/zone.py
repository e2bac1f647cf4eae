"""The hosted zone itself: how it is spelled, and how it answers.

Sources: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zone-private-considerations.html,
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-choosing-alias-non-alias.html,
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html, RFC 4592, RFC 2308.
"""

import re
from collections.abc import Iterable, Mapping, Set
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from vpcsim.errors import Origin, Problem
from vpcsim.names.hosted_zone import refusals
from vpcsim.names.hosted_zone.contents import Contents
from vpcsim.names.hosted_zone.health_check import HealthCheck
from vpcsim.names.hosted_zone.native import record_sets
from vpcsim.names.hosted_zone.record import DomainName, ResourceRecordSet
from vpcsim.names.hosted_zone.routing import Asked, choose
from vpcsim.network import Network
from vpcsim.resolution import NOERROR, NXDOMAIN, SERVFAIL, UNDECIDED, Answer, Query, Record, Vantage
from vpcsim.resource import (
    Declaration,
    Declared,
    Draft,
    Finding,
    Link,
    Patch,
    Resource,
    TerraformSpelling,
    as_list,
    refers_to,
    refuse,
)
from vpcsim.shape import Shape, field

if TYPE_CHECKING:
    from vpcsim.topology import Topology

NAME_SERVERS = ("ns-1536.awsdns-00.co.uk.", "ns-0.awsdns-00.com.", "ns-1024.awsdns-00.org.", "ns-512.awsdns-00.net.")
SOA = f"{NAME_SERVERS[0]} awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400"
SOA_TTL, NS_TTL = 900, 172800
MADE_UP = "the public name servers of a zone are made up"
ACME, ACM = "_acme-challenge.", ".acm-validations.aws"
"""How the names of records begin, or their values end, that prove to a certificate authority who owns a domain (RFC 8555)."""
VALIDATION = "https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html"


class ZoneVpc(Shape):
    """A VPC that the zone is associated with."""

    vpc_id: Annotated[str, refers_to("vpc")] = field(api="VPCId")


class HostedZone(Resource):
    """See the package."""

    kind: ClassVar[str] = "hosted_zone"
    section: ClassVar[str] = "HostedZones"
    described_as: ClassVar[tuple[str, ...]] = ("HostedZone", "VPCs", "HostedZoneSummaries", "ResourceRecordSets")
    cloudformation_types: ClassVar[tuple[str, ...]] = (
        "AWS::Route53::HostedZone",
        "AWS::Route53::RecordSet",
        "AWS::Route53::RecordSetGroup",
    )
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={
            "aws_route53_zone": "AWS::Route53::HostedZone",
            "aws_route53_record": "AWS::Route53::RecordSet",
            "aws_route53_zone_association": "aws_route53_zone_association",
        },
        names={
            "alias.name": "DNSName",
            "alias.zone_id": "HostedZoneId",
            "alias": "AliasTarget",
            "zone_id": "HostedZoneId",
            "ttl": "TTL",
            "records": "ResourceRecords",
            "vpc": "VPCs",
            "vpc_id": "VPCId",
            "multivalue_answer_routing_policy": "MultiValueAnswer",
            "failover_routing_policy": "Failover",
            "weighted_routing_policy": "Weight",
            "latency_routing_policy": "Region",
            "geolocation_routing_policy": "GeoLocation",
            "geolocation_routing_policy.continent": "ContinentCode",
            "geolocation_routing_policy.country": "CountryCode",
            "geolocation_routing_policy.subdivision": "SubdivisionCode",
            "geoproximity_routing_policy": "GeoProximityLocation",
            "aws_region": "AWSRegion",
            "cidr_routing_policy": "CidrRoutingConfig",
        },
        once=(
            "alias",
            "failover_routing_policy",
            "weighted_routing_policy",
            "latency_routing_policy",
            "geolocation_routing_policy",
            "geoproximity_routing_policy",
            "cidr_routing_policy",
            "coordinates",
        ),
        ids={"zone_id": "{id}"},
        refers={"zone_id": ("aws_route53_zone",)},
        owner="zone_id",
    )
    idle: ClassVar[tuple[str, ...]] = ("HostedZoneId",)
    native_names: ClassVar[Mapping[str, str]] = {"domain": "Name", "vpcs": "VPCs", "records": "Records", "seed": "Seed"}

    id: str = field(api="HostedZoneId")
    name: DomainName = ""
    vpcs: tuple[ZoneVpc, ...] = field(default=(), api="VPCs")
    resource_record_sets: tuple[ResourceRecordSet, ...] = ()
    seed: int = 0
    """Another number is another draw where Route 53 draws at random: not a fact of AWS."""

    @classmethod
    def described(cls, declaration: Declaration) -> Declared:
        """`list-hosted-zones` names a zone, `get-hosted-zone` its VPCs, `list-resource-record-sets` its records.

        Source: https://docs.aws.amazon.com/Route53/latest/APIReference/API_GetHostedZone.html
        """
        fields, page = dict(declaration.fields), declaration.page
        if declaration.type == "VPCs":
            return
        if declaration.type == "ResourceRecordSets":
            zone = _short(page.get("HostedZoneId")) or _in_path(declaration.origin)
            yield Patch(zone, {"ResourceRecordSets": [{**fields, "WrittenAt": declaration.origin}]}, declaration.origin)
            return
        if declaration.type == "HostedZone":
            fields["VPCs"] = page.get("VPCs") or []
        elif declaration.type == "HostedZoneSummaries":
            fields["Id"] = fields["HostedZoneId"]
            fields |= {"Config": {"PrivateZone": True}, "VPCs": [{"VPCId": page["VPCId"]}] if "VPCId" in page else []}
        yield Draft(cls, _short(fields.get("HostedZoneId") or fields.get("Id")), fields, declaration.origin)

    @classmethod
    def lacking(cls, fields: Mapping[str, Any]) -> str:
        private = (fields.get("Config") or {}).get("PrivateZone") and not fields.get("VPCs")
        return "the zone is private, and `get-hosted-zone` with its VPCs is not in the files" if private else ""

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
    def names_in_doubt(cls, declaration: Declaration, changed: Set[str]) -> Iterable[str]:
        name = declaration.fields.get("Name")
        return (name if isinstance(name, str) else "",)

    @classmethod
    def terraform(cls, declaration: Declaration) -> Declared:
        """Records and VPCs of a zone may be statements of their own. A record's name stands without the zone's, or with it.

        Sources: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/route53_record,
        https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/route53_zone_association
        """
        fields, origin = dict(declaration.fields), declaration.origin
        if declaration.type == "AWS::Route53::HostedZone":
            yield Draft(cls, declaration.id, fields, origin)
            return
        zone = fields.get("HostedZoneId", "")
        if declaration.type == "aws_route53_zone_association":
            yield Patch(zone, {"VPCs": [{"VPCId": fields.get("VPCId")}]}, origin, key="zone_id")
            return
        for policy, inside in (("Failover", "Type"), ("Weight", "Weight"), ("Region", "Region")):
            if isinstance(fields.get(policy), Mapping):
                fields[policy] = fields[policy].get(inside)
        fields["Name"] = _expanded(str(fields.get("Name", "")), str(declaration.existing.get("name", "")))
        fields["ResourceRecords"] = [{"Value": value} for value in as_list(fields.get("ResourceRecords"))]
        yield Patch(zone, {"ResourceRecordSets": [{**fields, "WrittenAt": origin}]}, origin, key="zone_id")

    @classmethod
    def cloudformation_attribute(cls, declaration: Declaration, attribute: str) -> Any:
        return [server.rstrip(".") for server in NAME_SERVERS] if attribute == "NameServers" else None

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        domain = str(fields.setdefault("Name", declaration.existing.get("Name", declaration.id)))
        if "VPCs" in fields:
            fields["VPCs"] = [vpc if isinstance(vpc, Mapping) else {"VPCId": vpc} for vpc in as_list(fields["VPCs"])]
        if "Records" in fields:
            fields["ResourceRecordSets"] = list(record_sets(fields.pop("Records"), domain))
        yield Draft(cls, declaration.id, fields, declaration.origin)

    @property
    def private(self) -> bool:
        return bool(self.vpcs)

    @classmethod
    def check(cls, topology: "Topology") -> Iterable[Problem]:
        owners: dict[tuple[str, str], str] = {}
        for endpoint in topology.of_kind("interface_endpoint"):
            for name in getattr(endpoint, "private_dns_names", ()):
                owners[getattr(endpoint, "vpc_id", ""), name.removeprefix("*.")] = f"private DNS of {endpoint.id}"
        for zone in topology.of(cls):
            for vpc in zone.vpcs:
                owner = owners.setdefault((vpc.vpc_id, zone.name), zone.id)
                if owner != zone.id:
                    message = f"{zone.id}: {vpc.vpc_id} already has {zone.name}, from {owner}"
                    yield refuse(message, "ConflictingDomainExists", zone)
            yield from refusals.of_zone(zone)

    def contents(self, net: Network) -> Contents:
        """The zone's records as tables."""
        known: Contents | None = net.compiled(("contents", self.id))
        return known or net.compile(("contents", self.id), Contents(self.name, self.resource_record_sets))

    def answer(self, query: Query, vantage: Vantage, net: Network) -> Answer:
        """The zone's records for a name and type, a CNAME of that name, or a negative answer.

        Below a delegation the answer is undecided, with the NS records of the delegation as `authority`.
        """
        contents = self.contents(net)
        if cut := contents.delegation(query):
            return self._referral(cut, contents)
        owner = contents.owner(query.name)
        if owner is None:
            return self.negative(NXDOMAIN, contents)
        if plain := contents.plain.get((owner, query.type)):
            return Answer(NOERROR, tuple([Record(query.name, query.type, ttl, value) for ttl, value in plain]))
        sets = contents.sets(owner, query.type) or contents.sets(owner, "CNAME")
        if not sets:
            return self._apex(query) or self.negative(NOERROR, contents)
        return self._routed(sets, query, vantage, net, ())

    def negative(self, rcode: str, contents: Contents) -> Answer:
        """No records, and the zone's SOA record, whose TTL is the smaller of its own and its minimum field.

        Sources: RFC 2308 section 5, https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/SOA-NSrecords.html
        """
        own = contents.sets(self.name, "SOA")
        data, ttl = (own[0].resource_records[0].value, own[0].ttl) if own else (SOA, SOA_TTL)
        soa = Record(self.name, "SOA", min(ttl, int(data.split()[-1])), data)
        return Answer(rcode, (), (soa,))

    def _referral(self, cut: str, contents: Contents) -> Answer:
        """Sources: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/outbound-delegation-tutorial.html"""
        servers = [Record(cut, "NS", s.ttl, v.value) for s in contents.sets(cut, "NS") for v in s.resource_records]
        because = f"delegates {cut} to {', '.join(server.data for server in servers)}, which nothing in the model answers for"
        names = [server.data.rstrip(".").lower() for server in servers]
        sets = [s for name in names for type in ("A", "AAAA") for s in contents.sets(name, type)]
        glue = tuple(Record(s.name, s.type, s.ttl, v.value) for s in sets for v in s.resource_records)
        return Answer(UNDECIDED, (), tuple(servers), because=because, glue=glue)

    def _routed(
        self, sets: list[ResourceRecordSet], query: Query, vantage: Vantage, net: Network, passed: tuple[str, ...]
    ) -> Answer:
        assumed: list[str] = []
        region = net.topology.region_of(vantage.vpc) if vantage.vpc else ""
        draw = f"{self.seed}/{query.name}/{vantage.asker}"
        choice = choose(sets, Asked(region, draw, lambda s: self._healthy(s, net, assumed, ())))
        if choice.undecided:
            return Answer(UNDECIDED, because=choice.undecided)
        records: list[Record] = []
        for chosen in choice.sets:
            if chosen.alias_target:
                return self._alias(chosen, query, vantage, net, passed)
            records += (Record(query.name, chosen.type, chosen.ttl, value.value) for value in chosen.resource_records)
        assumption = "; ".join(filter(None, (choice.assumption, *dict.fromkeys(assumed))))
        if not records:
            return self.negative(NOERROR, self.contents(net))
        return Answer(NOERROR, tuple(records), (), assumption)

    def _alias(self, alias: ResourceRecordSet, query: Query, vantage: Vantage, net: Network, passed: tuple[str, ...]) -> Answer:
        """What another name answers, under this name: a record of this zone, or a resource of AWS by its public name."""
        from vpcsim.resolving import resolve

        assert alias.alias_target is not None
        target, contents = alias.alias_target.dns_name, self.contents(net)
        if sets := contents.sets(target, alias.type):
            if target in passed:
                return Answer(SERVFAIL, because="its aliases go round in a circle")
            found = self._routed(sets, Query(target, query.type), vantage, net, (*passed, target))
            records = tuple(record._replace(name=query.name) for record in found.records)
            return found._replace(records=records)
        result = resolve(net, Vantage(None, "public"), Query(target, alias.type))
        records = tuple(Record(query.name, r.type, r.ttl, r.data) for r in result.records if r.type == alias.type)
        if result.rcode == UNDECIDED:
            return Answer(UNDECIDED, because=result.steps[-1].because)
        return Answer(
            NOERROR, records, () if records else self.negative(NOERROR, contents).authority, "; ".join(result.assumptions)
        )

    def _healthy(self, record: ResourceRecordSet, net: Network, assumed: list[str], passed: tuple[str, ...]) -> bool:
        """By its health check, and for an alias that evaluates its target by those of the target's records."""
        if record.health_check_id:
            check = net.topology.get(HealthCheck, record.health_check_id)
            if check is None:
                assumed.append(f"the health check {record.health_check_id} is not in the model and taken to be healthy")
            elif not check.healthy:
                return False
        alias = record.alias_target
        if alias is None or not alias.evaluate_target_health or alias.dns_name in passed:
            return True
        targets = self.contents(net).sets(alias.dns_name, record.type)
        if not targets:
            assumed.append(f"{alias.dns_name} is taken to be healthy")
        return not targets or any(self._healthy(target, net, assumed, (*passed, alias.dns_name)) for target in targets)

    def _apex(self, query: Query) -> Answer | None:
        """Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/SOA-NSrecords.html"""
        assumption = "" if self.private else MADE_UP
        if query.name != self.name or query.type not in ("NS", "SOA"):
            return None
        if query.type == "SOA":
            return Answer(NOERROR, (Record(self.name, "SOA", SOA_TTL, SOA),), (), assumption)
        return Answer(NOERROR, tuple(Record(self.name, "NS", NS_TTL, server) for server in NAME_SERVERS), (), assumption)

    def findings(self, net: Network) -> Iterable[Finding]:
        """Records of a private zone that certificate authorities look for, if a public zone of the same name lacks them."""
        twins = [zone for zone in net.topology.of(HostedZone) if zone.name == self.name and not zone.private]
        for record in self.resource_record_sets if self.private else ():
            targets = [value.value.rstrip(".").lower() for value in record.resource_records]
            if record.name.startswith(ACME) or (record.type == "CNAME" and any(t.endswith(ACM) for t in targets)):
                for twin in (zone for zone in twins if not zone.contents(net).sets(record.name, record.type)):
                    because = f"{record.name} {record.type} is looked for in the public DNS, and {twin.id} lacks it"
                    yield Finding("validation-record-in-private-zone", self.id, because, VALIDATION, self.origin)

    def links(self, net: Network) -> Iterable[Link]:
        for vpc in self.vpcs:
            yield Link(vpc.vpc_id, self.id, "resolves by")


def _record_set(record: Mapping[str, Any], declaration: Declaration) -> dict[str, Any]:
    values = [{"Value": str(value)} for value in record.get("ResourceRecords") or ()]
    return {**record, "ResourceRecords": values, "WrittenAt": getattr(record, "origin", None) or declaration.origin}


def _short(id: Any) -> str:
    """`/hostedzone/Z1` as `Z1`."""
    return str(id or "").rpartition("/")[2]


def _in_path(origin: Origin | None) -> str:
    """The id of a zone in the name of the file of its records, as people save them by hand."""
    found = re.findall(r"Z[A-Z0-9]{6,}", origin.file.rpartition("/")[2] if origin else "")
    return found[-1] if found else ""


def _expanded(name: str, zone: str) -> str:
    """A record's full name, as the provider makes it.

    Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/route53_record
    """
    name, zone = name.rstrip(".").lower(), zone.rstrip(".").lower()
    if not name or not zone or name == zone or name.endswith(f".{zone}"):
        return name or zone
    return f"{name}.{zone}"
