"""Route 53 Resolver DNS Firewall: rule groups that a VPC's queries pass before they are answered.

Groups go by their priority in the VPC, rules by theirs in the group, and the first rule that matches the name and type
decides: ALLOW lets the query pass, ALERT too and is logged, BLOCK answers with NODATA, NXDOMAIN or a CNAME of one's own
(OVERRIDE). The names to which an answer redirects are looked at as well, unless the rule trusts them.

What a rule does whose list is not in the model, one of AWS's managed lists for example or the advanced protection, is not
known: where it would make a difference the answer is undecided, unless a switch takes such lists to be empty. A model may
give a list's domains under its id. Whether DNS Firewall replies at all is a switch too; if not, queries of a VPC with
groups fail, or pass if the VPC fails open.

Sources: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-dns-firewall-overview.html,
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-dns-firewall-rule-settings.html,
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-dns-firewall-rule-actions.html,
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-dns-firewall-user-managed-domain-lists.html,
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-dns-firewall-managed-domain-lists.html,
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-dns-firewall-vpc-configuration.html.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Set
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from vpcsim.errors import Problem
from vpcsim.network import Network
from vpcsim.resolution import (
    NOERROR,
    NXDOMAIN,
    SERVFAIL,
    UNDECIDED,
    Answer,
    Judgement,
    Query,
    Record,
    Switches,
    Vantage,
    domains_of,
    negative,
    resolver_setting,
)
from vpcsim.resource import Declaration, Declared, Draft, Link, Patch, Resource, TerraformSpelling, as_list, refers_to, refuse
from vpcsim.shape import Read, Shape, field

if TYPE_CHECKING:
    from vpcsim.network import Index
    from vpcsim.topology import Topology

TRUST = "TRUST_REDIRECTION_DOMAIN"
GROUPS_OF_A_VPC = 5
Word = Annotated[str, Read(lambda v: str(v).upper())]
Domain = Annotated[str, Read(lambda v: str(v).rstrip(".").lower())]
_RULE = re.compile(
    r"(?P<Priority>\d+) +(?P<Action>allow|alert|block) +(?P<FirewallDomainListId>\S+)"
    r"(?: +(?P<BlockResponse>nodata|nxdomain|override) *(?P<BlockOverrideDomain>(?!type |trust$)\S+)?)?"
    r"(?: +type +(?P<Qtype>\S+))?(?P<trust> +trust)?",
    re.IGNORECASE,
)


class FirewallDomainList(Resource):
    """Domains, each with an optional `*` in front."""

    kind: ClassVar[str] = "dns_firewall_domain_list"
    section: ClassVar[str] = "FirewallDomainLists"
    described_as: ClassVar[tuple[str, ...]] = ("Domains",)
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::Route53Resolver::FirewallDomainList",)
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={"aws_route53_resolver_firewall_domain_list": "AWS::Route53Resolver::FirewallDomainList"},
    )
    native_names: ClassVar[Mapping[str, str]] = {"domains": "Domains"}
    native_scalar: ClassVar[str] = "Domains"

    id: str = field(api="Id")
    domains: tuple[Domain, ...] = ()

    @classmethod
    def described(cls, declaration: Declaration) -> Declared:
        """A list; its domains come in an answer that is about one list."""
        fields = declaration.fields
        if declaration.type == "Domains":
            yield Patch(str(declaration.page.get("FirewallDomainListId", "")), {"Domains": [fields["Value"]]}, declaration.origin)
        elif not fields.get("ManagedOwnerName"):
            yield Draft(cls, declaration.id, dict(fields), declaration.origin)

    @classmethod
    def lacking(cls, fields: Mapping[str, Any]) -> str:
        return "its domains are not in the files" if "Domains" not in fields and fields.get("DomainCount") != 0 else ""

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        fields = {**declaration.fields, "Domains": as_list(declaration.fields.get("Domains"))}
        yield Draft(cls, declaration.id, fields, declaration.origin)

    @classmethod
    def cloudformation_attribute(cls, declaration: Declaration, attribute: str) -> Any:
        return declaration.id if attribute == "Id" else declaration.fields.get(attribute)

    def register(self, index: "Index") -> None:
        """A list is not on the way of packets."""

    def holds(self, name: str, switches: Switches) -> bool:
        """Whether a name is in the list."""
        return any(_matches(domain, name, switches) for domain in self.domains)


def _matches(domain: str, name: str, switches: Switches) -> bool:
    if not domain.startswith("*"):
        return name == domain or (switches.firewall_domain_covers_subdomains and domain in domains_of(name))
    end = domain[1:]
    if end.startswith(".") and switches.firewall_wildcard_covers_domain and name == end[1:]:
        return True
    return name.endswith(end) and len(name) > len(end)


class FirewallRule(Shape):
    """What happens to queries for the domains of a list."""

    priority: int
    action: Word = field(pattern="^(ALLOW|ALERT|BLOCK)$")
    firewall_domain_list_id: str = ""
    block_response: Word = ""
    block_override_domain: Domain = ""
    block_override_ttl: int = 0
    firewall_domain_redirection_action: str = ""
    qtype: Word = ""

    @classmethod
    def read_text(cls, text: str) -> Mapping[str, Any]:
        """`100 block bad-list nxdomain`, `200 block bad-list override sinkhole.example type A`, `300 allow good-list trust`."""
        match = _RULE.fullmatch(" ".join(text.split()))
        if match is None:
            raise ValueError(
                f"`{text}` is not a rule; expected `PRIORITY allow|alert|block LIST [nodata|nxdomain|override NAME]`"
            )
        given = {key: value for key, value in match.groupdict().items() if value and key != "trust"}
        return {**given, "Priority": int(given["Priority"]), "FirewallDomainRedirectionAction": TRUST if match["trust"] else ""}


class GroupVpc(Shape):
    """A VPC whose queries pass the group."""

    vpc_id: Annotated[str, refers_to("vpc")]
    priority: int


class FirewallRuleGroup(Resource):
    """See the module."""

    kind: ClassVar[str] = "dns_firewall_rule_group"
    section: ClassVar[str] = "FirewallRuleGroups"
    described_as: ClassVar[tuple[str, ...]] = ("FirewallRules", "FirewallRuleGroupAssociations")
    cloudformation_types: ClassVar[tuple[str, ...]] = (
        "AWS::Route53Resolver::FirewallRuleGroup",
        "AWS::Route53Resolver::FirewallRuleGroupAssociation",
    )
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={
            "aws_route53_resolver_firewall_rule_group": "AWS::Route53Resolver::FirewallRuleGroup",
            "aws_route53_resolver_firewall_rule_group_association": "AWS::Route53Resolver::FirewallRuleGroupAssociation",
            "aws_route53_resolver_firewall_rule": "aws_route53_resolver_firewall_rule",
        },
        names={"q_type": "Qtype"},
        refers={
            "firewall_domain_list_id": ("aws_route53_resolver_firewall_domain_list",),
            "firewall_rule_group_id": ("aws_route53_resolver_firewall_rule_group",),
        },
    )
    native_names: ClassVar[Mapping[str, str]] = {"rules": "FirewallRules", "vpcs": "Associations"}
    native_text: ClassVar[tuple[str, ...]] = ("FirewallRules",)

    id: str = field(api="Id")
    firewall_rules: tuple[FirewallRule, ...] = ()
    associations: tuple[GroupVpc, ...] = ()

    @classmethod
    def described(cls, declaration: Declaration) -> Declared:
        """A group; its rules and its VPCs are lists of their own, each item naming the group."""
        fields = dict(declaration.fields)
        if declaration.type == cls.section:
            yield Draft(cls, declaration.id, fields, declaration.origin)
        else:
            name = "FirewallRules" if declaration.type == "FirewallRules" else "Associations"
            yield Patch(fields["FirewallRuleGroupId"], {name: [fields]}, declaration.origin)

    @classmethod
    def names_in_doubt(cls, declaration: Declaration, changed: Set[str]) -> Iterable[str]:
        return ("",)

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        fields = declaration.fields
        if declaration.type == "AWS::Route53Resolver::FirewallRuleGroup":
            yield Draft(cls, declaration.id, dict(fields), declaration.origin)
        else:
            made = {"Associations": [{"VpcId": fields.get("VpcId"), "Priority": fields.get("Priority")}]}
            yield Patch(fields.get("FirewallRuleGroupId", ""), made, declaration.origin, key="FirewallRuleGroupId")

    @classmethod
    def terraform(cls, declaration: Declaration) -> Declared:
        """Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/route53_resolver_firewall_rule"""
        fields, origin = dict(declaration.fields), declaration.origin
        if declaration.type == "aws_route53_resolver_firewall_rule":
            group = fields.pop("FirewallRuleGroupId", "")
            yield Patch(group, {"FirewallRules": [{**fields, "WrittenAt": origin}]}, origin, key="firewall_rule_group_id")
        else:
            yield from cls.cloudformation(declaration)

    @classmethod
    def cloudformation_attribute(cls, declaration: Declaration, attribute: str) -> Any:
        arn = f"arn:aws:route53resolver:{declaration.region}:{declaration.account}:firewall-rule-group/{declaration.id}"
        return {"Id": declaration.id, "Arn": arn}.get(attribute) or declaration.fields.get(attribute)

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        """`vpcs: {myVPC: 101}` gives each VPC the group's priority there."""
        fields = dict(declaration.fields)
        if isinstance(vpcs := fields.get("Associations"), Mapping):
            fields["Associations"] = [{"VpcId": vpc, "Priority": priority} for vpc, priority in vpcs.items()]
        yield Draft(cls, declaration.id, fields, declaration.origin)

    @classmethod
    def check(cls, topology: "Topology") -> Iterable[Problem]:
        yield from super().check(topology)
        taken: dict[tuple[str, int], str] = {}
        for group in topology.of(cls):
            for vpc in group.associations:
                if (first := taken.setdefault((vpc.vpc_id, vpc.priority), group.id)) != group.id:
                    message = f"{group.id}: {first} has the priority {vpc.priority} in {vpc.vpc_id}"
                    yield refuse(message, "ValidationException", group)
        for vpc_id in sorted({vpc for vpc, _ in taken}):
            groups = [g for g in topology.of(cls) if any(a.vpc_id == vpc_id for a in g.associations)]
            if len(groups) > GROUPS_OF_A_VPC:
                yield refuse(f"{groups[-1].id}: {vpc_id} has more than five groups", "LimitExceededException", groups[-1])

    def refusals(self, topology: "Topology") -> Iterable[Problem]:
        seen: set[int] = set()
        for rule in self.firewall_rules:
            if rule.priority in seen:
                yield refuse(f"{self.id}: two rules have the priority {rule.priority}", "ValidationException", rule)
            seen.add(rule.priority)
            if rule.action == "BLOCK" and rule.block_response not in ("NODATA", "NXDOMAIN", "OVERRIDE"):
                yield refuse(f"{self.id}: rule {rule.priority} blocks without a response", "ValidationException", rule)
            if rule.block_response == "OVERRIDE" and not rule.block_override_domain:
                yield refuse(f"{self.id}: rule {rule.priority} overrides without a domain", "ValidationException", rule)

    def register(self, index: "Index") -> None:
        """A group is not on the way of packets."""

    def links(self, net: Network) -> Iterable[Link]:
        for association in self.associations:
            yield Link(association.vpc_id, self.id, "filtered by")

    def judgements(self, query: Query, net: Network) -> Iterator[tuple[Judgement, bool]]:
        """What the rules that are about a query decide, by priority, and whether they certainly are."""
        switches = net.topology.settings.dns
        for rule in sorted(self.firewall_rules, key=lambda rule: rule.priority):
            if not rule.qtype or rule.qtype in (query.type, _number_of(query.type)):
                listed = net.topology.get(FirewallDomainList, rule.firewall_domain_list_id)
                if listed is not None and listed.holds(query.name, switches):
                    yield self._judgement(rule, query, net), True
                elif listed is None and not switches.firewall_unknown_lists_are_empty:
                    yield self._judgement(rule, query, net), False

    def _judgement(self, rule: FirewallRule, query: Query, net: Network) -> Judgement:
        what = f"{rule.action} {rule.block_response}".strip() if rule.action == "BLOCK" else rule.action
        because = f"{self.id}: rule {rule.priority} ({what}, {rule.firewall_domain_list_id}) matches {query.name}"
        answer = _blocked(rule, query, net.topology.settings.dns) if rule.action == "BLOCK" else None
        trusts = answer is not None or rule.firewall_domain_redirection_action == TRUST
        return Judgement(self.id, rule.action, rule.firewall_domain_list_id, because, answer, trusts)


def _number_of(type: str) -> str:
    return type if type.startswith("TYPE") else ""


def _blocked(rule: FirewallRule, query: Query, switches: Switches) -> Answer:
    if rule.block_response == "OVERRIDE":
        record = Record(query.name, "CNAME", rule.block_override_ttl, f"{rule.block_override_domain}.")
        return Answer(NOERROR, (record,))
    rcode = NXDOMAIN if rule.block_response == "NXDOMAIN" else NOERROR
    return negative(query.name, rcode) if switches.firewall_soa else Answer(rcode)


class DnsFirewall:
    """The rule groups of a VPC as one filter: its own and those of its Profile, by priority."""

    def judge(self, query: Query, vantage: Vantage, net: Network) -> Judgement | None:
        groups = _groups(vantage.vpc, net) if vantage.vpc else ()
        if groups and net.topology.settings.dns.firewall_fails:
            return _failed(query, vantage.vpc or "", net)
        perhaps: list[Judgement] = []
        for group in groups:
            for judgement, certain in group.judgements(query, net):
                if certain:
                    return _undecided(perhaps, judgement, query) or judgement
                perhaps.append(judgement)
        return _undecided(perhaps, None, query)

    def assumptions(self, query: Query, vantage: Vantage, net: Network) -> Iterator[str]:
        """What has to be taken for granted where a list is not in the model."""
        groups = _groups(vantage.vpc, net) if vantage.vpc and net.topology.settings.dns.firewall_unknown_lists_are_empty else ()
        for group in groups:
            for rule in group.firewall_rules:
                if net.topology.get(FirewallDomainList, rule.firewall_domain_list_id) is None:
                    listed = rule.firewall_domain_list_id or "the advanced protection"
                    yield f"{query.name} is not in {listed} of {group.id}, whose domains are not in the model"


def _undecided(perhaps: list[Judgement], certain: Judgement | None, query: Query) -> Judgement | None:
    """That a query is undecided, if a rule with an unknown list would answer otherwise than what is certain."""
    answer, trusts = (certain.answer, certain.trusts) if certain else (None, False)
    other = next((j for j in perhaps if (j.answer, j.trusts) != (answer, trusts)), None)
    if other is None:
        return None
    because = f"{other.by}: whether {query.name} is in {other.domain_list or 'its protected domains'} is not in the model"
    return Judgement(other.by, "", other.domain_list, because, Answer(UNDECIDED, because=because))


def _failed(query: Query, vpc: str, net: Network) -> Judgement | None:
    """Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-dns-firewall-vpc-configuration.html"""
    if resolver_setting(vpc, "firewall_fail_open", net) == "ENABLE":
        return None
    because = f"{vpc}: DNS Firewall gives no reply for {query.name}, and the VPC fails closed"
    return Judgement(vpc, "", "", because, Answer(SERVFAIL))


def _groups(vpc: str | None, net: Network) -> list[FirewallRuleGroup]:
    known: list[FirewallRuleGroup] | None = net.compiled(("firewall", vpc))
    if known is None:
        found = [(a.priority, g) for g in net.topology.of(FirewallRuleGroup) for a in g.associations if a.vpc_id == vpc]
        profiles: list[Any] = net.topology.of_kind("profile")
        for profile in profiles:
            if any(association.resource_id == vpc for association in profile.profile_associations):
                for brought in profile.profile_resource_associations:
                    group = net.topology.get(FirewallRuleGroup, brought.resource_id)
                    found += [(brought.priority, group)] if group else []
        known = net.compile(("firewall", vpc), [group for _, group in sorted(found, key=lambda pair: pair[0])])
    return known
