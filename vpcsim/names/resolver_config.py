"""Settings of the VPC resolver of a VPC or a Profile: reverse rules, DNSSEC validation, what to do when DNS Firewall fails.

Without its reverse rules the resolver asks elsewhere about private addresses. DNSSEC validation changes no answer here:
the resolver never sets AD, sends no DNSSEC records, and nothing in the model is signed wrongly. Whether DNS Firewall
fails is a switch of the model. A setting of the VPC's Profile counts, unless it says USE_LOCAL_RESOURCE_SETTING; then
that of the VPC does.

Sources: https://docs.aws.amazon.com/Route53/latest/APIReference/API_route53resolver_UpdateResolverConfig.html,
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-dnssec-validation.html,
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-dns-firewall-vpc-configuration.html,
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/profiles.html,
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-route53resolver-firewallconfig.html.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from vpcsim.resource import Declaration, Declared, Draft, Resource, TerraformSpelling, refers_to
from vpcsim.shape import Read, field

if TYPE_CHECKING:
    from vpcsim.network import Index

LOCAL = "USE_LOCAL_RESOURCE_SETTING"
Flag = Annotated[str, Read(lambda v: "ENABLE" if v is True else "DISABLE" if v is False else str(v).upper().removesuffix("D"))]


class ResolverConfig(Resource):
    """See the module."""

    kind: ClassVar[str] = "resolver_config"
    section: ClassVar[str] = "ResolverConfigs"
    described_as: ClassVar[tuple[str, ...]] = ("ResolverDnssecConfigs", "FirewallConfigs")
    cloudformation_types: ClassVar[tuple[str, ...]] = (
        "AWS::Route53Resolver::ResolverConfig",
        "AWS::Route53Resolver::ResolverDNSSECConfig",
    )
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={
            "aws_route53_resolver_config": "AWS::Route53Resolver::ResolverConfig",
            "aws_route53_resolver_dnssec_config": "AWS::Route53Resolver::ResolverDNSSECConfig",
            "aws_route53_resolver_firewall_config": "aws_route53_resolver_firewall_config",
        },
        refers={"resource_id": ("aws_vpc", "aws_default_vpc")},
    )
    native_names: ClassVar[Mapping[str, str]] = {
        "vpc": "ResourceId",
        "autodefined_reverse": "AutodefinedReverse",
        "dnssec_validation": "Validation",
        "firewall_fail_open": "FirewallFailOpen",
    }

    id: str = field(api="Id")
    resource_id: Annotated[str, refers_to("vpc", "profile")]
    autodefined_reverse: Flag = ""
    validation: Flag = ""
    firewall_fail_open: Flag = ""

    @classmethod
    def described(cls, declaration: Declaration) -> Declared:
        """A setting of a VPC; those of DNSSEC and of DNS Firewall are lists of their own."""
        fields = dict(declaration.fields)
        if declaration.type == "ResolverDnssecConfigs":
            fields["Validation"] = fields.pop("ValidationStatus", "")
        for name in ("AutodefinedReverse", "Validation", "FirewallFailOpen"):
            if str(fields.get(name, "")).upper() in ("USE_LOCAL_RESOURCE_SETTING", "UPDATING_TO_USE_LOCAL_RESOURCE_SETTING"):
                del fields[name]
        yield Draft(cls, declaration.id, fields, declaration.origin)

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        if declaration.type == "AWS::Route53Resolver::ResolverConfig":
            fields["AutodefinedReverse"] = fields.pop("AutodefinedReverseFlag", "")
        elif declaration.type == "AWS::Route53Resolver::ResolverDNSSECConfig":
            fields["Validation"] = "ENABLE"
        yield Draft(cls, declaration.id, fields, declaration.origin)

    @classmethod
    def terraform(cls, declaration: Declaration) -> Declared:
        """Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/route53_resolver_firewall_config"""
        if declaration.type == "aws_route53_resolver_firewall_config":
            yield Draft(cls, declaration.id, dict(declaration.fields), declaration.origin)
        else:
            yield from cls.cloudformation(declaration)

    @classmethod
    def cloudformation_attribute(cls, declaration: Declaration, attribute: str) -> Any:
        return declaration.id if attribute == "Id" else declaration.fields.get(attribute)

    def register(self, index: "Index") -> None:
        for name in ("autodefined_reverse", "validation", "firewall_fail_open"):
            if (said := getattr(self, name)) not in ("", LOCAL):
                index.resolver_settings[self.resource_id, name] = said
