"""A Resolver query logging configuration: whose queries are logged, and where the records go.

A configuration logs the queries of the VPCs that it is associated with, or whose Profile brings it. It changes no answer;
what it writes of a query is in `renderers.query_log`.

Sources: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-query-logs.html,
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-route53resolver-resolverqueryloggingconfig.html,
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-route53resolver-resolverqueryloggingconfigassociation.html.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from vpcsim.errors import Problem
from vpcsim.resource import Declaration, Declared, Draft, Link, Patch, Resource, as_list, refers_to, refuse
from vpcsim.shape import Shape, field

if TYPE_CHECKING:
    from vpcsim.network import Index, Network
    from vpcsim.topology import Topology

DESTINATIONS = ("s3", "logs", "firehose")


class LoggedVpc(Shape):
    """A VPC whose queries are logged."""

    resource_id: Annotated[str, refers_to("vpc")]


class QueryLogConfig(Resource):
    """See the module."""

    kind: ClassVar[str] = "query_log_config"
    section: ClassVar[str] = "ResolverQueryLogConfigs"
    cloudformation_types: ClassVar[tuple[str, ...]] = (
        "AWS::Route53Resolver::ResolverQueryLoggingConfig",
        "AWS::Route53Resolver::ResolverQueryLoggingConfigAssociation",
    )
    native_names: ClassVar[Mapping[str, str]] = {"vpcs": "Associations", "destination": "DestinationArn"}

    id: str = field(api="Id")
    destination_arn: str = ""
    associations: tuple[LoggedVpc, ...] = ()

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        fields = declaration.fields
        if declaration.type == "AWS::Route53Resolver::ResolverQueryLoggingConfig":
            yield Draft(cls, declaration.id, dict(fields), declaration.origin)
        else:
            made = {"Associations": [{"ResourceId": fields.get("ResourceId")}]}
            yield Patch(fields.get("ResolverQueryLogConfigId", ""), made, declaration.origin, key="ResolverQueryLogConfigId")

    @classmethod
    def cloudformation_attribute(cls, declaration: Declaration, attribute: str) -> Any:
        arn = f"arn:aws:route53resolver:{declaration.region}:{declaration.account}:resolver-query-log-config/{declaration.id}"
        return {"Id": declaration.id, "Arn": arn}.get(attribute) or declaration.fields.get(attribute)

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        if "Associations" in fields:
            vpcs = as_list(fields["Associations"])
            fields["Associations"] = [vpc if isinstance(vpc, Mapping) else {"ResourceId": vpc} for vpc in vpcs]
        yield Draft(cls, declaration.id, fields, declaration.origin)

    def refusals(self, topology: "Topology") -> Iterable[Problem]:
        """Source: https://docs.aws.amazon.com/Route53/latest/APIReference/API_route53resolver_CreateResolverQueryLogConfig.html"""
        parts = self.destination_arn.split(":")
        if self.destination_arn.startswith("arn:") and (len(parts) < 3 or parts[2] not in DESTINATIONS):
            message = f"{self.id}: `{self.destination_arn}` is no S3 bucket, log group or Firehose stream"
            yield refuse(message, "InvalidParameterException", self)

    def register(self, index: "Index") -> None:
        """A configuration is not on the way of packets."""

    def links(self, net: "Network") -> Iterator[Link]:
        for association in self.associations:
            yield Link(association.resource_id, self.id, "logged by")


def logged_by(vpc: str, net: "Network") -> Iterator[str]:
    """The configurations that log the queries of a VPC."""
    profile: Any = net.topology.resources.get(net.index.profile_of.get(vpc, ""))
    brought = {association.resource_id for association in profile.profile_resource_associations} if profile else set()
    for config in net.topology.of(QueryLogConfig):
        if config.id in brought or any(association.resource_id == vpc for association in config.associations):
            yield config.id
