"""Resolver rules: FORWARD sends the queries for a domain to DNS servers, SYSTEM keeps them with the VPC resolver.

A rule counts in the VPCs that it is associated with. Of all that match a name, rules, private zones and what AWS defines
itself, the most specific domain wins; between equals a rule wins. So a rule for a parent, even for `.`, leaves more
specific private zones and AWS's own rules alone, and one for exactly their domain replaces them. The targets of FORWARD
are reached through an outbound endpoint; if none answers the reply is SERVFAIL. DELEGATE rules redirect no name, see
`vpcsim.delegation`.

Sources: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-overview-forward-vpc-to-network-domain-name-matches.html,
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-overview-forward-vpc-to-network-using-rules.html,
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-forwarding-outbound-queries-rule-values.html,
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zone-private-considerations.html.
"""

from collections.abc import Iterable, Iterator, Mapping, Set
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from vpcsim.errors import Problem
from vpcsim.network import Network
from vpcsim.resolution import (
    NO_REPLY,
    NOERROR,
    NXDOMAIN,
    SERVFAIL,
    UNDECIDED,
    Answer,
    Lookup,
    Query,
    Vantage,
    Zone,
    domains_of,
)
from vpcsim.resource import (
    Address,
    Declaration,
    Declared,
    Draft,
    Link,
    Patch,
    Resource,
    TerraformSpelling,
    as_list,
    refers_to,
    refuse,
)
from vpcsim.shape import Read, Shape, field

if TYPE_CHECKING:
    from vpcsim.topology import Topology

DomainName = Annotated[str, Read(lambda v: str(v).rstrip(".").lower())]


class TargetAddress(Shape):
    """A DNS server that queries are forwarded to."""

    ip: Address | None = None
    ipv6: Address | None = None
    port: int = 53

    @classmethod
    def read_text(cls, text: str) -> Mapping[str, Any]:
        if text.count(":") > 1:
            return {"Ipv6": text}
        ip, _, port = text.partition(":")
        return {"Ip": ip, "Port": int(port) if port else 53}

    @property
    def address(self) -> int | None:
        return self.ip if self.ip is not None else self.ipv6


class RuleVpc(Shape):
    """A VPC that the rule is associated with."""

    vpc_id: Annotated[str, refers_to("vpc")] = field(api="VPCId")


class ResolverRule(Resource):
    """See the module."""

    kind: ClassVar[str] = "resolver_rule"
    section: ClassVar[str] = "ResolverRules"
    described_as: ClassVar[tuple[str, ...]] = ("ResolverRuleAssociations",)
    cloudformation_types: ClassVar[tuple[str, ...]] = (
        "AWS::Route53Resolver::ResolverRule",
        "AWS::Route53Resolver::ResolverRuleAssociation",
    )
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={
            "aws_route53_resolver_rule": "AWS::Route53Resolver::ResolverRule",
            "aws_route53_resolver_rule_association": "AWS::Route53Resolver::ResolverRuleAssociation",
        },
        names={"target_ip": "TargetIps", "vpc_id": "VPCId"},
        refers={"resolver_rule_id": ("aws_route53_resolver_rule",), "resolver_endpoint_id": ("aws_route53_resolver_endpoint",)},
    )
    native_names: ClassVar[Mapping[str, str]] = {
        "domain": "DomainName",
        "type": "RuleType",
        "endpoint": "ResolverEndpointId",
        "targets": "TargetIps",
        "delegation": "DelegationRecord",
        "vpcs": "VPCs",
    }
    native_text: ClassVar[tuple[str, ...]] = ("TargetIps",)

    id: str = field(api="Id")
    domain_name: DomainName = ""
    rule_type: Annotated[str, Read(lambda v: str(v).upper())] = field(default="FORWARD", pattern="^(FORWARD|SYSTEM|DELEGATE)$")
    resolver_endpoint_id: Annotated[str | None, refers_to("resolver_endpoint")] = None
    target_ips: tuple[TargetAddress, ...] = ()
    delegation_record: DomainName = ""
    vpcs: tuple[RuleVpc, ...] = field(default=(), api="VPCs")

    @classmethod
    def described(cls, declaration: Declaration) -> Declared:
        """A rule, or its association with a VPC. The rule that AWS has for everything else is not one of the user's."""
        fields = dict(declaration.fields)
        if declaration.type != cls.section:
            yield Patch(fields["ResolverRuleId"], {"VPCs": [{"VPCId": fields["VPCId"]}]}, declaration.origin)
        elif fields.get("RuleType") != "RECURSIVE":
            yield Draft(cls, declaration.id, fields, declaration.origin)

    @classmethod
    def names_in_doubt(cls, declaration: Declaration, changed: Set[str]) -> Iterable[str]:
        name = declaration.fields.get("DomainName")
        return (name if isinstance(name, str) else "",)

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        fields = declaration.fields
        if declaration.type == "AWS::Route53Resolver::ResolverRule":
            yield Draft(cls, declaration.id, dict(fields), declaration.origin)
        else:
            vpcs = {"VPCs": [{"VPCId": fields.get("VPCId")}]}
            yield Patch(fields.get("ResolverRuleId", ""), vpcs, declaration.origin, key="ResolverRuleId")

    @classmethod
    def cloudformation_attribute(cls, declaration: Declaration, attribute: str) -> Any:
        """Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-route53resolver-resolverrule.html"""
        arn = f"arn:aws:route53resolver:{declaration.region}:{declaration.account}:resolver-rule/{declaration.id}"
        named = {"ResolverRuleId": declaration.id, "Arn": arn}
        return named.get(attribute) or declaration.fields.get(attribute)

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        if "VPCs" in fields:
            fields["VPCs"] = [vpc if isinstance(vpc, Mapping) else {"VPCId": vpc} for vpc in as_list(fields["VPCs"])]
        yield Draft(cls, declaration.id, fields, declaration.origin)

    @classmethod
    def check(cls, topology: "Topology") -> Iterable[Problem]:
        yield from super().check(topology)
        owners: dict[tuple[str, str], ResolverRule] = {}
        for rule in topology.of(cls):
            for vpc in rule.vpcs if rule.rule_type != "DELEGATE" else ():
                first = owners.setdefault((vpc.vpc_id, rule.domain_name), rule)
                if first is not rule:
                    message = f"{rule.id}: {first.id} is associated with {vpc.vpc_id} for the same domain `{rule.shown}`"
                    yield refuse(message, "InvalidRequestException", rule)

    def refusals(self, topology: "Topology") -> Iterable[Problem]:
        if self.rule_type == "FORWARD" and not (self.target_ips and self.resolver_endpoint_id):
            yield refuse(f"{self.id}: a FORWARD rule needs an endpoint and targets", "InvalidParameterException", self)
        if self.rule_type == "DELEGATE" and not (self.delegation_record and self.resolver_endpoint_id):
            yield refuse(
                f"{self.id}: a DELEGATE rule needs an endpoint and a delegation record", "InvalidParameterException", self
            )
        if self.rule_type == "SYSTEM" and (self.target_ips or self.resolver_endpoint_id):
            yield refuse(f"{self.id}: a SYSTEM rule has no endpoint and no targets", "InvalidParameterException", self)
        endpoint: Any = topology.resources.get(self.resolver_endpoint_id or "")
        if endpoint is not None and endpoint.inbound:
            message = f"{self.id}: {endpoint.id} is an inbound endpoint, and rules need an outbound one"
            yield refuse(message, "InvalidRequestException", self)
        if len(self.target_ips) > 6:
            yield refuse(f"{self.id}: more than six targets", "LimitExceededException", self)

    @property
    def shown(self) -> str:
        """The domain as people write it."""
        return self.domain_name or "."

    def zone(self) -> Zone:
        """What the rule makes of the names below its domain."""
        source = "the FORWARD rule" if self.rule_type == "FORWARD" else "the SYSTEM rule"
        return Zone(self.domain_name, self.id, source, self.answer)

    def answer(self, query: Query, vantage: Vantage, net: Network) -> Answer:
        """What the targets answer, or what the VPC resolver knows itself."""
        return self._forward(query, vantage, net) if self.rule_type == "FORWARD" else self._here(query, vantage, net)

    def _forward(self, query: Query, vantage: Vantage, net: Network) -> Answer:
        from vpcsim.forwarding import ask_first, senders_of

        endpoint = self.resolver_endpoint_id or ""
        targets = [(t.address, t.port) for t in self.target_ips if t.address is not None]
        found = ask_first(net, senders_of(net, endpoint), targets, query, vantage)
        if found.rcode in (NOERROR, NXDOMAIN, UNDECIDED):
            return found
        because = f"a target answers {found.rcode} for {query.name}, so the VPC resolver answers {SERVFAIL}"
        if found.rcode == NO_REPLY:
            because = f"no target of the rule answers {query.name}"
        return Answer(SERVFAIL, steps=(*found.steps, Lookup(self.id, f"{self.id}: {because}")), owner=found.owner)

    def _here(self, query: Query, vantage: Vantage, net: Network) -> Answer:
        from vpcsim.resolving import best_zone

        zone = best_zone(net, vantage, query.name, custom=False)
        found = zone.answer(query, vantage, net)
        if found.is_referral:
            return found._replace(owner=found.owner or zone.by)
        by = found.owner or zone.by
        because = found.because or f"{zone.source} answers, since {self.id} keeps {self.shown} with the VPC resolver"
        return found._replace(steps=(*found.steps, Lookup(by, f"{by}: {because}")), owner=by, because="")

    def links(self, net: Network) -> Iterable[Link]:
        for vpc in self.vpcs:
            yield Link(vpc.vpc_id, self.id, "resolves by")
        if self.resolver_endpoint_id:
            yield Link(self.id, self.resolver_endpoint_id, "forwards by")


class ResolverRules:
    """The rules of a VPC as one source."""

    custom = True

    def zones(self, vantage: Vantage, net: Network) -> Iterator[Zone]:
        for rule in net.topology.of(ResolverRule):
            if rule.rule_type != "DELEGATE" and any(v.vpc_id == vantage.vpc for v in rule.vpcs):
                yield rule.zone()

    def passed_over(self, name: str, vantage: Vantage, net: Network) -> Iterator[Lookup]:
        for rule in net.topology.of(ResolverRule) if vantage.vpc else ():
            matches = rule.domain_name and rule.domain_name in domains_of(name) and rule.rule_type != "DELEGATE"
            if matches and not rule.vpcs:
                because = f"{rule.id}: is a rule for {rule.domain_name}, but is associated with no VPC"
                yield Lookup(rule.id, because, f"{rule.id}: an association with {vantage.vpc}")
