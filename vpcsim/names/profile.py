"""A Route 53 Profile: private zones, rules, endpoints and firewall rule groups that many VPCs share.

What a Profile brings counts in every VPC that it is associated with. The most specific domain wins, in the Profile or in
the VPC; for the same domain what the VPC has itself wins. A VPC has one Profile.
Its own settings for reverse rules and a failing firewall are resolver configurations whose resource it is.

Sources: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/profiles.html,
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-route53profiles-profileresourceassociation.html.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Set
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from vpcsim.errors import Problem
from vpcsim.network import Network
from vpcsim.resolution import Lookup, Vantage, Zone, domains_of
from vpcsim.resource import (
    Declaration,
    Declared,
    Draft,
    Link,
    Patch,
    Resource,
    TerraformSpelling,
    as_list,
    decoded,
    refers_to,
    refuse,
)
from vpcsim.shape import Shape, field

if TYPE_CHECKING:
    from vpcsim.network import Index
    from vpcsim.topology import Topology

CARRIED = ("hosted_zone", "resolver_rule", "interface_endpoint", "dns_firewall_rule_group", "query_log_config")


class ProfileResource(Shape):
    """Something that the Profile brings; a firewall rule group has a priority."""

    resource_id: Annotated[str, refers_to(*CARRIED)]
    priority: int = 0

    @classmethod
    def read_text(cls, text: str) -> Mapping[str, Any]:
        id, _, priority = text.partition(" ")
        return {"ResourceId": id, "Priority": int(priority or 0)}


class ProfileVpc(Shape):
    """A VPC that has the Profile."""

    resource_id: Annotated[str, refers_to("vpc")]


class Profile(Resource):
    """See the module."""

    kind: ClassVar[str] = "profile"
    section: ClassVar[str] = "Profiles"
    described_as: ClassVar[tuple[str, ...]] = ("ProfileSummaries", "ProfileAssociations", "ProfileResourceAssociations")
    cloudformation_types: ClassVar[tuple[str, ...]] = (
        "AWS::Route53Profiles::Profile",
        "AWS::Route53Profiles::ProfileAssociation",
        "AWS::Route53Profiles::ProfileResourceAssociation",
    )
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={
            "aws_route53profiles_profile": "AWS::Route53Profiles::Profile",
            "aws_route53profiles_association": "AWS::Route53Profiles::ProfileAssociation",
            "aws_route53profiles_resource_association": "AWS::Route53Profiles::ProfileResourceAssociation",
        },
        refers={
            "resource_id": ("aws_vpc", "aws_default_vpc"),
            "profile_id": ("aws_route53profiles_profile",),
            "resource_arn": (
                "aws_route53_zone",
                "aws_route53_resolver_rule",
                "aws_route53_resolver_firewall_rule_group",
                "aws_vpc_endpoint",
            ),
        },
    )
    native_names: ClassVar[Mapping[str, str]] = {"vpcs": "ProfileAssociations", "resources": "ProfileResourceAssociations"}
    native_text: ClassVar[tuple[str, ...]] = ("ProfileResourceAssociations",)

    id: str = field(api="Id")
    profile_associations: tuple[ProfileVpc, ...] = ()
    profile_resource_associations: tuple[ProfileResource, ...] = ()

    @classmethod
    def described(cls, declaration: Declaration) -> Declared:
        """A Profile, its VPCs and what it brings: three lists."""
        fields = dict(declaration.fields)
        if declaration.type in (cls.section, "ProfileSummaries"):
            yield Draft(cls, declaration.id, fields, declaration.origin)
        elif declaration.type == "ProfileAssociations":
            yield Patch(fields["ProfileId"], {declaration.type: [{"ResourceId": fields["ResourceId"]}]}, declaration.origin)
        else:
            again = {**fields, "ResourceProperties": decoded(fields.get("ResourceProperties") or "{}")}
            made = {"ResourceId": str(fields["ResourceArn"]).rpartition("/")[2], "Priority": _priority(again)}
            yield Patch(fields["ProfileId"], {declaration.type: [made]}, declaration.origin)

    @classmethod
    def names_in_doubt(cls, declaration: Declaration, changed: Set[str]) -> Iterable[str]:
        return ("",)

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        fields, kind = declaration.fields, declaration.type.rpartition("::")[2]
        if kind == "Profile":
            yield Draft(cls, declaration.id, dict(fields), declaration.origin)
        elif kind == "ProfileAssociation":
            patch = {"ProfileAssociations": [{"ResourceId": fields.get("ResourceId")}]}
            yield Patch(fields.get("ProfileId", ""), patch, declaration.origin, key="ProfileId")
        else:
            made = {"ResourceId": str(fields.get("ResourceArn")).rpartition("/")[2], "Priority": _priority(fields)}
            yield Patch(fields.get("ProfileId", ""), {"ProfileResourceAssociations": [made]}, declaration.origin, key="ProfileId")

    @classmethod
    def cloudformation_attribute(cls, declaration: Declaration, attribute: str) -> Any:
        return declaration.id if attribute == "Id" else declaration.fields.get(attribute)

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        if "ProfileAssociations" in fields:
            vpcs = as_list(fields["ProfileAssociations"])
            fields["ProfileAssociations"] = [v if isinstance(v, Mapping) else {"ResourceId": v} for v in vpcs]
        yield Draft(cls, declaration.id, fields, declaration.origin)

    @classmethod
    def check(cls, topology: "Topology") -> Iterable[Problem]:
        owners: dict[str, Profile] = {}
        for profile in topology.of(cls):
            for association in profile.profile_associations:
                first = owners.setdefault(association.resource_id, profile)
                if first is not profile:
                    message = f"{profile.id}: {association.resource_id} has the Profile {first.id}, and a VPC has one"
                    yield refuse(message, "LimitExceededException", profile)

    def register(self, index: "Index") -> None:
        index.profile_of.update((association.resource_id, self.id) for association in self.profile_associations)

    def links(self, net: Network) -> Iterable[Link]:
        for association in self.profile_associations:
            yield Link(association.resource_id, self.id, "resolves by")
        for brought in self.profile_resource_associations:
            yield Link(self.id, brought.resource_id, "brings")


class ProfileRules:
    """The Resolver rules of a Profile."""

    custom = True

    def zones(self, vantage: Vantage, net: Network) -> Iterator[Zone]:
        yield from _zones_brought(("resolver_rule",), vantage, net)

    def passed_over(self, name: str, vantage: Vantage, net: Network) -> Iterator[Lookup]:
        yield from ()


class ProfileZones:
    """The private zones of a Profile, and the hidden ones of its endpoints, for VPCs with both DNS attributes."""

    def zones(self, vantage: Vantage, net: Network) -> Iterator[Zone]:
        if vantage.vpc and _usable(net, vantage.vpc):
            yield from self._all(vantage, net)

    def passed_over(self, name: str, vantage: Vantage, net: Network) -> Iterator[Lookup]:
        if vantage.vpc and not _usable(net, vantage.vpc):
            found = {zone.domain: zone for zone in self._all(vantage, net)}
            zone = next((found[domain] for domain in domains_of(name) if domain in found), None)
            if zone is not None:
                because = f"{zone.by}: comes with a Profile but cannot answer: both DNS attributes of {vantage.vpc} must be on"
                yield Lookup(zone.by, because, f"{vantage.vpc}: both DNS attributes on")

    def _all(self, vantage: Vantage, net: Network) -> Iterator[Zone]:
        yield from _zones_brought(("hosted_zone", "interface_endpoint"), vantage, net)


def _zones_brought(kinds: Iterable[str], vantage: Vantage, net: Network) -> Iterator[Zone]:
    for kind in kinds if vantage.vpc else ():
        for profile, resource in _brought(vantage.vpc or "", kind, net):
            for zone in _zones_of(resource, net):
                yield zone._replace(source=f"{zone.source} of the Profile {profile.id}")


def _usable(net: Network, vpc: str) -> bool:
    resource: Any = net.topology.resources[vpc]
    without_hostnames = net.topology.settings.dns.private_zones_without_hostnames
    return bool(resource.enable_dns_support and (resource.enable_dns_hostnames or without_hostnames))


def _brought(vpc: str, kind: str, net: Network) -> Iterator[tuple[Profile, Any]]:
    for profile in net.topology.of(Profile):
        if any(association.resource_id == vpc for association in profile.profile_associations):
            for brought in profile.profile_resource_associations:
                resource = net.topology.resources[brought.resource_id]
                if resource.kind == kind:
                    yield profile, resource


def _zones_of(resource: Any, net: Network) -> Iterator[Zone]:
    from vpcsim.names.endpoint_names import private_zones

    if resource.kind == "interface_endpoint":
        yield from private_zones(resource, net)
    elif resource.kind == "hosted_zone":
        yield Zone(resource.name, resource.id, "the private hosted zone", resource.answer)
    elif resource.rule_type != "DELEGATE":
        yield resource.zone()


def _priority(fields: Mapping[str, Any]) -> int:
    given = fields.get("ResourceProperties") or "{}"
    properties = given if isinstance(given, Mapping) else json.loads(given)
    return int(properties.get("priority", 0))
