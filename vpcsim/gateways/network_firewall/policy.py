"""A firewall policy: which rule groups apply in which order, and what happens when no rule matches.

Stateless rules come first: each packet by itself, by priority of group and rule; pass and drop are final, forward hands
the packet to the stateful engine. That judges in strict order (by the priority of the groups, then as written) or in
action order (every pass rule before drop before reject). The first packet of a TCP connection carries no data, so what
looks for a domain or an application does not match it; a pass rule that matches it lets the whole flow through.

A policy for an inspection VPC sets HOME_NET to the networks behind it; by default that is the VPC of the firewall.

Where two rules may match and the model cannot tell which, the answer is undecided unless both end alike.

Sources: https://docs.aws.amazon.com/network-firewall/latest/developerguide/firewall-policy-processing.html,
https://docs.aws.amazon.com/network-firewall/latest/developerguide/suricata-rule-evaluation-order.html,
https://docs.aws.amazon.com/network-firewall/latest/developerguide/rule-action.html,
https://docs.aws.amazon.com/network-firewall/latest/APIReference/API_PolicyVariables.html,
https://docs.aws.amazon.com/network-firewall/latest/APIReference/API_FirewallPolicy.html.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from vpcsim.errors import Problem
from vpcsim.gateways.network_firewall.matching import Traffic
from vpcsim.gateways.network_firewall.rule_group import STATELESS_ACTIONS, Candidate, RuleGroup, definitions
from vpcsim.packet import TCP, Packet
from vpcsim.prefixes import Prefix
from vpcsim.resource import Declaration, Declared, Draft, Resource, TerraformSpelling, as_list, refuse
from vpcsim.shape import Shape, field

if TYPE_CHECKING:
    from vpcsim.network import Index
    from vpcsim.topology import Topology

ACTION_ORDER = {"pass": 0, "unknown": 1, "drop": 2, "reject": 3}
"""Suricata text stands behind the known pass rules: one that matches wins whatever the text says."""
APPLICATION_LAYER = ("aws:drop_established_app_layer", "aws:drop_established_app_layer_to_server")
DROPS_ESTABLISHED = ("aws:drop_established", *APPLICATION_LAYER)
"""Default actions that let the handshake of a connection through and drop its data."""
ALLOWED = {"pass": True, "drop": False, "reject": False, "unknown": None}


class GroupReference(Shape):
    """A rule group and its place."""

    resource_arn: str
    priority: int = 0


class EngineOptions(Shape):
    """How the stateful engine works."""

    rule_order: str = "DEFAULT_ACTION_ORDER"
    stream_exception_policy: str = "DROP"


class PolicyDefinition(Shape):
    """What a policy says."""

    stateless_default_actions: tuple[str, ...] = ("aws:forward_to_sfe",)
    stateless_rule_group_references: tuple[GroupReference, ...] = ()
    stateful_rule_group_references: tuple[GroupReference, ...] = ()
    stateful_default_actions: tuple[str, ...] = ()
    stateful_engine_options: EngineOptions = field(default_factory=EngineOptions)
    policy_variables: Any = None


class Outcome(NamedTuple):
    """What an engine does: an action, or `unknown`, and the rule or default that decided."""

    action: str
    rule: Any


class FirewallPolicy(Resource):
    """See the module."""

    kind: ClassVar[str] = "firewall_policy"
    section: ClassVar[str] = "FirewallPolicies"
    described_as: ClassVar[tuple[str, ...]] = ("FirewallPolicy",)
    native_section: ClassVar[str] = "firewall_policies"
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::NetworkFirewall::FirewallPolicy",)
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={"aws_networkfirewall_firewall_policy": "AWS::NetworkFirewall::FirewallPolicy"},
        names={
            "name": "FirewallPolicyName",
            "stateful_rule_group_reference": "StatefulRuleGroupReferences",
            "stateless_rule_group_reference": "StatelessRuleGroupReferences",
        },
        once=("firewall_policy", "stateful_engine_options", "policy_variables", "ip_set"),
        refers={"resource_arn": ("aws_networkfirewall_rule_group",)},
    )
    native_names: ClassVar[Mapping[str, str]] = {
        "stateless": "StatelessRuleGroups",
        "stateful": "StatefulRuleGroups",
        "stateless_default": "StatelessDefault",
        "stateful_default": "StatefulDefaultActions",
        "order": "RuleOrder",
        "stream_exceptions": "StreamExceptionPolicy",
        "home_net": "HomeNet",
    }

    id: str = field(api="FirewallPolicyName")
    firewall_policy: PolicyDefinition
    stateless_rule_groups: Any = field(default=None, dumped=False)
    stateful_rule_groups: Any = field(default=None, dumped=False)
    stateless_default: Any = field(default=None, dumped=False)
    stateful_default_actions: Any = field(default=None, dumped=False)
    rule_order: Any = field(default=None, dumped=False)
    stream_exception_policy: Any = field(default=None, dumped=False)
    home_net: Any = field(default=None, dumped=False)

    @classmethod
    def described(cls, declaration: Declaration) -> Declared:
        """`{"FirewallPolicyResponse": {"FirewallPolicyName": ...}, "FirewallPolicy": {...}}`."""
        about = declaration.page.get("FirewallPolicyResponse") or {}
        if declaration.type != cls.section:
            made = {"FirewallPolicy": dict(declaration.fields), "Tags": about.get("Tags") or []}
            yield Draft(cls, str(about.get("FirewallPolicyName", "")), made, declaration.origin)
        elif "FirewallPolicy" in declaration.fields:
            yield Draft(cls, declaration.id, dict(declaration.fields), declaration.origin)

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        fields = {**declaration.fields, "Name": declaration.fields.get("FirewallPolicyName")}
        yield Draft(cls, declaration.id, {k: v for k, v in fields.items() if v is not None}, declaration.origin)

    @classmethod
    def terraform(cls, declaration: Declaration) -> Declared:
        """The variables stand in a set of blocks.

        Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/networkfirewall_firewall_policy
        """
        fields = dict(declaration.fields)
        policy = fields.get("FirewallPolicy")
        variables = policy.get("PolicyVariables") if isinstance(policy, Mapping) else None
        if isinstance(policy, Mapping) and isinstance(variables, Mapping):
            sets = {each.get("Key"): each.get("IpSet") for each in as_list(variables.get("RuleVariables"))}
            fields["FirewallPolicy"] = {**policy, "PolicyVariables": {"RuleVariables": sets}}
        yield from cls.cloudformation(declaration._replace(fields=fields))

    @classmethod
    def cloudformation_attribute(cls, declaration: Declaration, attribute: str) -> Any:
        return declaration.id if attribute in ("FirewallPolicyArn", "FirewallPolicyId") else None

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        given = declaration.fields
        fields = {k: v for k, v in given.items() if k in ("FirewallPolicy", "Tags", "Name")}
        if "FirewallPolicy" not in fields:
            default = str(given.get("StatelessDefault", "forward"))
            order = (
                "STRICT_ORDER" if str(given.get("RuleOrder", "action")).lower().startswith("strict") else "DEFAULT_ACTION_ORDER"
            )
            fields["FirewallPolicy"] = {
                "StatelessDefaultActions": [STATELESS_ACTIONS.get(default, default)],
                "StatelessRuleGroupReferences": _references(given.get("StatelessRuleGroups")),
                "StatefulRuleGroupReferences": _references(given.get("StatefulRuleGroups")),
                "StatefulDefaultActions": [_default(str(action)) for action in as_list(given.get("StatefulDefaultActions"))],
                "StatefulEngineOptions": {
                    "RuleOrder": order,
                    "StreamExceptionPolicy": str(given.get("StreamExceptionPolicy", "DROP")).upper(),
                },
            }
            if "HomeNet" in given:
                sets = {"HOME_NET": {"Definition": as_list(given["HomeNet"])}}
                fields["FirewallPolicy"]["PolicyVariables"] = {"RuleVariables": sets}
        yield Draft(cls, declaration.id, fields, declaration.origin)

    def register(self, index: "Index") -> None:
        """It is not on the way of packets."""

    def refusals(self, topology: "Topology") -> Iterable[Problem]:
        actions = self.firewall_policy.stateful_default_actions
        if actions and not self.strict:
            yield refuse(f"{self.id}: stateful default actions go with strict order only", "InvalidRequestException", self)
        if sum(action.startswith("aws:drop_") for action in actions) > 1:
            yield refuse(f"{self.id}: one default action at most drops", "InvalidRequestException", self)
        established = [action for action in actions if "_established" in action]
        if len({"_app_layer" in action for action in established}) > 1:
            message = f"{self.id}: {' and '.join(established)} do not go together"
            yield refuse(message, "InvalidRequestException", self)

    def stateless(self, packet: Packet, topology: "Topology") -> Outcome:
        """What the stateless engine does with a packet: pass, drop, forward, or unknown."""
        traffic = Traffic(packet, "", False)
        rules = [
            candidate
            for group in self._groups(self.firewall_policy.stateless_rule_group_references, topology)
            for candidate in (group.stateless(traffic) if isinstance(group, RuleGroup) else [Candidate("unknown", group, None)])
        ]
        known = {long: short for short, long in STATELESS_ACTIONS.items()}
        default = next((known[a] for a in self.firewall_policy.stateless_default_actions if a in known), "unknown")
        possible = list(_possible(rules, Candidate(default, f"stateless default {default}", True)))
        alike = len({candidate.action for candidate in possible}) == 1
        return Outcome(possible[-1 if alike else 0].action if alike else "unknown", possible[-1 if alike else 0].rule)

    def stateful(self, packet: Packet, host: str, vpc: tuple[Prefix, ...] | None, topology: "Topology") -> Outcome:
        """What the stateful engine does with a flow: pass, drop, reject, or unknown. `vpc`: the blocks of the firewall's VPC."""
        home = self._home(vpc)
        opening = list(self._engine(Traffic(packet, host, True), home, topology))
        first = _agreed(opening)
        if first.action != "pass" or not isinstance(opening[-1].rule, str):
            return first
        data = _agreed(list(self._engine(Traffic(packet, host, False), home, topology)))
        return Outcome("unknown", opening[0].rule) if len(opening) > 1 and data.action != "pass" else data

    def _home(self, vpc: tuple[Prefix, ...] | None) -> tuple[str, ...] | None:
        variables = self.firewall_policy.policy_variables
        given = definitions(variables.get("RuleVariables") if isinstance(variables, Mapping) else None)
        return given.get("HOME_NET", None if vpc is None else tuple(map(str, vpc)))

    def _engine(self, traffic: Traffic, home: tuple[str, ...] | None, topology: "Topology") -> Iterator[Candidate]:
        rules: list[Candidate] = []
        for group in self._groups(self.firewall_policy.stateful_rule_group_references, topology):
            rules += group.stateful(traffic, home) if isinstance(group, RuleGroup) else [Candidate("unknown", group, None)]
        rules = [rule for rule in rules if rule.action in ACTION_ORDER]
        if not self.strict:
            rules.sort(key=lambda rule: ACTION_ORDER[rule.action])
        return _possible(rules, self._default(traffic))

    @property
    def strict(self) -> bool:
        return self.firewall_policy.stateful_engine_options.rule_order == "STRICT_ORDER"

    def _default(self, traffic: Traffic) -> Candidate:
        """What becomes of a packet that no rule matches.

        What is dropped of an established connection is what the client sends. Of connectionless protocols the plain action drops
        everything; what the ones for the application layer do with them, AWS does not say.
        """
        actions = self.firewall_policy.stateful_default_actions if self.strict else ()
        action = next((a for a in actions if not a.startswith("aws:alert_")), None)
        if action is None or (traffic.opening and action in DROPS_ESTABLISHED):
            return Candidate("pass", "stateful default pass", True)
        plain = action in ("aws:drop_strict", "aws:drop_established")
        known = plain or (action in DROPS_ESTABLISHED and traffic.packet.protocol == TCP)
        return Candidate("drop" if known else "unknown", f"stateful default {action}", True)

    def _groups(self, references: Iterable[GroupReference], topology: "Topology") -> Iterator[RuleGroup | str]:
        for reference in sorted(references, key=lambda r: r.priority):
            group = topology.get(RuleGroup, reference.resource_arn)
            yield group or f"{reference.resource_arn} (not in the model)"


def _possible(rules: Iterable[Candidate], default: Candidate) -> Iterator[Candidate]:
    """The rules that may be the first to match: those of which the model cannot tell, and the first that does."""
    for rule in rules:
        if rule.match is not False:
            yield rule
        if rule.match:
            return
    yield default


def _agreed(possible: list[Candidate]) -> Outcome:
    """What they all do, named after the one that surely matches, or else unknown, named after the first doubt."""
    alike = len({ALLOWED[candidate.action] for candidate in possible}) == 1 and possible[0].action != "unknown"
    return Outcome(possible[-1].action, possible[-1].rule) if alike else Outcome("unknown", possible[0].rule)


def _references(groups: Any) -> list[dict[str, Any]]:
    return [{"ResourceArn": group, "Priority": number} for number, group in enumerate(as_list(groups), 1)]


def _default(action: str) -> str:
    return action if ":" in action else f"aws:{action}"
