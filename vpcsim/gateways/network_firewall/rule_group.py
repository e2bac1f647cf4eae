"""A rule group of Network Firewall: stateless rules, stateful rules, a list of domains, or Suricata's own text.

The native format writes a stateful rule as Suricata writes its head, `pass tcp 10.0.0.0/16 any -> any 443`, and a
stateless one with its priority before it and the actions pass, drop and forward. Rules given as Suricata text, AWS's
managed groups and rules with options that look into the data are not evaluated: they make an answer undecided.

Sources: https://docs.aws.amazon.com/network-firewall/latest/APIReference/API_RuleGroup.html,
https://docs.aws.amazon.com/network-firewall/latest/APIReference/API_RulesSourceList.html (what a domain stands for),
https://docs.aws.amazon.com/network-firewall/latest/developerguide/stateful-rule-groups-domain-names.html.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from vpcsim.errors import Origin
from vpcsim.gateways.network_firewall.matching import (
    Match,
    Traffic,
    Variables,
    address_matches,
    all_of,
    any_of,
    covers,
    domain_matches,
    ports_match,
    protocol_matches,
)
from vpcsim.packet import HAVE_PORTS, protocol_number
from vpcsim.prefixes import Prefix
from vpcsim.resource import Declaration, Declared, Draft, Resource, TerraformSpelling, as_list
from vpcsim.shape import Shape, field

if TYPE_CHECKING:
    from vpcsim.network import Index

HARMLESS_OPTIONS = frozenset(("sid", "msg", "rev", "gid", "priority", "classtype", "reference", "metadata"))
STATELESS_ACTIONS = {"pass": "aws:pass", "drop": "aws:drop", "forward": "aws:forward_to_sfe"}
WHOLE = "0.0.0.0/0", "::/0"


class Header(Shape):
    """Whom a stateful rule is about."""

    protocol: str = "IP"
    source: str = "ANY"
    source_port: str = "ANY"
    direction: str = "FORWARD"
    destination: str = "ANY"
    destination_port: str = "ANY"


class RuleOption(Shape):
    """One of Suricata's options."""

    keyword: str
    settings: tuple[str, ...] = ()


class StatefulRule(Shape):
    """A rule of five values."""

    action: str = field(pattern="^(PASS|DROP|ALERT|REJECT)$")
    header: Header
    rule_options: tuple[RuleOption, ...] = ()

    @classmethod
    def read_text(cls, text: str) -> Mapping[str, Any]:
        words = text.split()
        if len(words) != 7 or words[4] not in ("->", "<>"):
            raise ValueError(f"`{text}` is not a rule such as `pass tcp 10.0.0.0/16 any -> any 443`")
        names = ("Protocol", "Source", "SourcePort", "Direction", "Destination", "DestinationPort")
        header = dict(zip(names, words[1:], strict=True))
        header |= {"Protocol": words[1].upper(), "Direction": "ANY" if words[4] == "<>" else "FORWARD"}
        return {"Action": words[0].upper(), "Header": header}

    def matches(self, traffic: Traffic, variables: Variables) -> Match:
        header, packet = self.header, traffic.packet
        ends = [self._way(packet.src, packet.src_port, packet.dst, packet.dst_port, variables)]
        if header.direction == "ANY":
            ends.append(self._way(packet.dst, packet.dst_port, packet.src, packet.src_port, variables))
        match = all_of([protocol_matches(header.protocol, traffic), any_of(ends)])
        looks_inside = any(option.keyword.partition(":")[0] not in HARMLESS_OPTIONS for option in self.rule_options)
        return None if match and looks_inside else match

    def _way(self, src: int, src_port: tuple[int, int], dst: int, dst_port: tuple[int, int], variables: Variables) -> Match:
        return all_of(
            [
                address_matches(self.header.source, src, variables),
                address_matches(self.header.destination, dst, variables),
                ports_match(self.header.source_port, src_port, variables),
                ports_match(self.header.destination_port, dst_port, variables),
            ]
        )

    def __str__(self) -> str:
        h = self.header
        arrow = "<>" if h.direction == "ANY" else "->"
        ends = f"{h.source} {h.source_port} {arrow} {h.destination} {h.destination_port}"
        return f"{self.action.lower()} {h.protocol.lower()} {ends}"


class DomainList(Shape):
    """Domains that are allowed, all others of the same protocols being denied, or domains that are denied."""

    targets: tuple[str, ...]
    target_types: tuple[str, ...] = ("TLS_SNI", "HTTP_HOST")
    generated_rules_type: str = "ALLOWLIST"

    def matches(self, listed: bool, traffic: Traffic, variables: Variables) -> Match:
        """Whether the traffic is for a listed domain, or else for another one of the protocols that are looked at."""
        packet = traffic.packet
        outbound = all_of(
            [address_matches("$HOME_NET", packet.src, variables), address_matches("$EXTERNAL_NET", packet.dst, variables)]
        )
        if outbound is False or traffic.opening or traffic.application == "":
            return False
        if traffic.application is None:
            return None
        kind = {"TLS": "TLS_SNI", "HTTP": "HTTP_HOST"}[traffic.application]
        on_it = any(domain_matches(target, traffic.host) for target in self.targets)
        return all_of([outbound, kind in self.target_types, on_it is listed])

    def __str__(self) -> str:
        return f"{self.generated_rules_type.lower()} {', '.join(self.targets)}"


class AddressDefinition(Shape):
    """A block."""

    address_definition: str


class PortRange(Shape):
    """Ports from one to another."""

    from_port: int
    to_port: int


class MatchAttributes(Shape):
    """Whom a stateless rule is about; what is left out is not looked at."""

    sources: tuple[AddressDefinition, ...] = ()
    destinations: tuple[AddressDefinition, ...] = ()
    source_ports: tuple[PortRange, ...] = ()
    destination_ports: tuple[PortRange, ...] = ()
    protocols: tuple[int, ...] = ()
    tcp_flags: tuple[Any, ...] = field(default=(), api="TCPFlags")


class RuleDefinition(Shape):
    """What a stateless rule does about whom."""

    match_attributes: MatchAttributes
    actions: tuple[str, ...]


class StatelessRule(Shape):
    """One stateless rule."""

    priority: int
    rule_definition: RuleDefinition

    @classmethod
    def read_text(cls, text: str) -> Mapping[str, Any]:
        words = text.split()
        if len(words) != 8 or words[5] != "->" or not words[0].isdigit() or words[1] not in STATELESS_ACTIONS:
            raise ValueError(f"`{text}` is not a rule such as `10 forward tcp 10.0.0.0/16 any -> any 443`")
        priority, action, protocol, source, source_port, _, destination, destination_port = words
        attributes = {
            "Sources": _blocks(source),
            "Destinations": _blocks(destination),
            "SourcePorts": _ports(source_port),
            "DestinationPorts": _ports(destination_port),
            "Protocols": [] if protocol in ("ip", "all") else [protocol_number(protocol)],
        }
        return {
            "Priority": int(priority),
            "RuleDefinition": {"MatchAttributes": attributes, "Actions": [STATELESS_ACTIONS[action]]},
        }

    def matches(self, traffic: Traffic) -> Match:
        packet, about = traffic.packet, self.rule_definition.match_attributes
        found = [
            not about.protocols or packet.protocol in about.protocols,
            _holds(about.sources, packet.src),
            _holds(about.destinations, packet.dst),
        ]
        if packet.protocol in HAVE_PORTS:
            found += [_covered(about.source_ports, packet.src_port), _covered(about.destination_ports, packet.dst_port)]
        match = all_of(found)
        return None if match and about.tcp_flags else match

    @property
    def action(self) -> str:
        """pass, drop or forward."""
        known = {long: short for short, long in STATELESS_ACTIONS.items()}
        return next((known[action] for action in self.rule_definition.actions if action in known), "")

    def __str__(self) -> str:
        return f"stateless rule {self.priority} {self.action}"


class CustomActions(Shape):
    """The stateless rules of a group."""

    stateless_rules: tuple[StatelessRule, ...] = ()


class RulesSource(Shape):
    """The rules of a group, in one of four forms."""

    rules_string: str | None = None
    rules_source_list: DomainList | None = None
    stateful_rules: tuple[StatefulRule, ...] = ()
    stateless_rules_and_custom_actions: CustomActions | None = None


class Rules(Shape):
    """What a rule group says."""

    rules_source: RulesSource
    rule_variables: Any = None


class Candidate(NamedTuple):
    """One rule in the order of evaluation: what it does, and whether it matches."""

    action: str
    rule: Any
    match: Match

    @property
    def origin(self) -> Origin | None:
        return getattr(self.rule, "origin", None)


class RuleGroup(Resource):
    """See the module."""

    kind: ClassVar[str] = "rule_group"
    section: ClassVar[str] = "RuleGroups"
    described_as: ClassVar[tuple[str, ...]] = ("RuleGroup",)
    native_section: ClassVar[str] = "firewall_rule_groups"
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::NetworkFirewall::RuleGroup",)
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={"aws_networkfirewall_rule_group": "AWS::NetworkFirewall::RuleGroup"},
        names={
            "name": "RuleGroupName",
            "stateful_rule": "StatefulRules",
            "rule_option": "RuleOptions",
            "stateless_rule": "StatelessRules",
            "match_attributes.source": "Sources",
            "match_attributes.destination": "Destinations",
            "match_attributes.source_port": "SourcePorts",
            "match_attributes.destination_port": "DestinationPorts",
            "tcp_flag": "TCPFlags",
            "ip_sets": "IPSets",
        },
        once=(
            "rule_group",
            "rule_variables",
            "rules_source",
            "rules_source_list",
            "header",
            "stateless_rules_and_custom_actions",
            "rule_definition",
            "match_attributes",
            "ip_set",
            "port_set",
        ),
    )
    native_names: ClassVar[Mapping[str, str]] = {
        "stateful": "StatefulRules",
        "stateless": "StatelessRules",
        "allow_domains": "AllowDomains",
        "deny_domains": "DenyDomains",
        "suricata": "RulesString",
        "home_net": "HomeNet",
    }
    native_text: ClassVar[tuple[str, ...]] = ("StatefulRules", "StatelessRules")

    id: str = field(api="RuleGroupName")
    type: str = field(default="STATEFUL", pattern="^(STATEFUL|STATELESS)$")
    rule_group: Rules
    stateful_rules: Any = field(default=None, dumped=False)
    stateless_rules: Any = field(default=None, dumped=False)
    allow_domains: Any = field(default=None, dumped=False)
    deny_domains: Any = field(default=None, dumped=False)
    rules_string: Any = field(default=None, dumped=False)
    home_net: Any = field(default=None, dumped=False)

    @classmethod
    def described(cls, declaration: Declaration) -> Declared:
        """`{"RuleGroupResponse": {"RuleGroupName": ..., "Type": ...}, "RuleGroup": {...}}`."""
        about = declaration.page.get("RuleGroupResponse") or {}
        if declaration.type != cls.section:
            made = {"RuleGroup": dict(declaration.fields), "Type": about.get("Type"), "Tags": about.get("Tags") or []}
            yield Draft(cls, str(about.get("RuleGroupName", "")), made, declaration.origin)
        elif "RuleGroup" in declaration.fields:
            yield Draft(cls, declaration.id, dict(declaration.fields), declaration.origin)

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        fields = {**declaration.fields, "Name": declaration.fields.get("RuleGroupName")}
        if "RuleGroup" in fields:
            yield Draft(cls, declaration.id, {k: v for k, v in fields.items() if v is not None}, declaration.origin)

    @classmethod
    def terraform(cls, declaration: Declaration) -> Declared:
        """The rules stand in a block, or as text of Suricata alone.

        Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/networkfirewall_rule_group
        """
        fields = dict(declaration.fields)
        if "RuleGroup" not in fields and "Rules" in fields:
            fields["RuleGroup"] = {"RulesSource": {"RulesString": fields.pop("Rules")}}
        group = fields.get("RuleGroup")
        variables = group.get("RuleVariables") if isinstance(group, Mapping) else None
        if isinstance(group, Mapping) and isinstance(variables, Mapping):
            kinds = (("IPSets", "IpSet"), ("PortSets", "PortSet"))
            sets = {name: {s.get("Key"): s.get(one) for s in as_list(variables.get(name))} for name, one in kinds}
            fields["RuleGroup"] = {**group, "RuleVariables": sets}
        yield from cls.cloudformation(declaration._replace(fields=fields))

    @classmethod
    def cloudformation_attribute(cls, declaration: Declaration, attribute: str) -> Any:
        return declaration.id if attribute in ("RuleGroupArn", "RuleGroupId") else None

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        given = declaration.fields
        fields = {k: v for k, v in given.items() if k in ("RuleGroup", "Type", "Tags", "Name")}
        source: dict[str, Any] = {k: given[k] for k in ("RulesString", "StatefulRules") if k in given}
        if "StatelessRules" in given:
            source["StatelessRulesAndCustomActions"] = {"StatelessRules": given["StatelessRules"]}
        for word, kind in (("AllowDomains", "ALLOWLIST"), ("DenyDomains", "DENYLIST")):
            if word in given:
                source["RulesSourceList"] = {"Targets": as_list(given[word]), "GeneratedRulesType": kind}
        if source:
            fields["Type"] = "STATELESS" if "StatelessRules" in given else "STATEFUL"
            fields["RuleGroup"] = {"RulesSource": source}
            if "HomeNet" in given:
                sets = {"HOME_NET": {"Definition": as_list(given["HomeNet"])}}
                fields["RuleGroup"]["RuleVariables"] = {"IPSets": sets}
        yield Draft(cls, declaration.id, fields, declaration.origin)

    def register(self, index: "Index") -> None:
        """It is not on the way of packets."""

    def variables(self, home: tuple[str, ...] | None) -> Variables:
        """Its own variables, and HOME_NET of the policy."""
        given = self.rule_group.rule_variables
        given = given if isinstance(given, Mapping) else {}
        return Variables(home, definitions(given.get("IPSets")), definitions(given.get("PortSets")))

    def stateless(self, traffic: Traffic) -> Iterator[Candidate]:
        """Its stateless rules in their order."""
        source = self.rule_group.rules_source.stateless_rules_and_custom_actions
        for rule in sorted(source.stateless_rules if source else (), key=lambda r: r.priority):
            yield Candidate(rule.action, rule, rule.matches(traffic))

    def stateful(self, traffic: Traffic, home: tuple[str, ...] | None) -> Iterator[Candidate]:
        """Its stateful rules in their order; Suricata's text as one rule that might do anything."""
        source, variables = self.rule_group.rules_source, self.variables(home)
        if source.rules_string is not None:
            yield Candidate("unknown", f"{self.id} (Suricata rules)", None)
        for rule in source.stateful_rules:
            yield Candidate(rule.action.lower(), rule, rule.matches(traffic, variables))
        if (domains := source.rules_source_list) is not None:
            kind = domains.generated_rules_type
            allowed = {"ALLOWLIST": "pass", "ALERTLIST": "alert", "REJECTLIST": "reject"}.get(kind, "drop")
            yield Candidate(allowed, domains, domains.matches(True, traffic, variables))
            if kind == "ALLOWLIST":
                yield Candidate("drop", domains, domains.matches(False, traffic, variables))


def definitions(sets: Any) -> Mapping[str, tuple[str, ...]]:
    """What sets of addresses or ports hold, by their names."""
    sets = sets if isinstance(sets, Mapping) else {}
    return {
        name: tuple(map(str, as_list(value["Definition"])))
        for name, value in sets.items()
        if isinstance(value, Mapping) and "Definition" in value
    }


def _holds(blocks: tuple[AddressDefinition, ...], number: int) -> Match:
    return not blocks or any(Prefix.parse(block.address_definition).holds(number) for block in blocks)


def _covered(ranges: tuple[PortRange, ...], ports: tuple[int, int]) -> Match:
    return not ranges or any_of(covers((r.from_port, r.to_port), ports) for r in ranges)


def _blocks(text: str) -> list[dict[str, str]]:
    return [] if text.lower() == "any" else [{"AddressDefinition": text}]


def _ports(text: str) -> list[dict[str, int]]:
    first, _, last = text.partition(":")
    return [] if text.lower() == "any" else [{"FromPort": int(first), "ToPort": int(last or first)}]
