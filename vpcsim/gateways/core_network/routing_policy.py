"""Routing policies: which routes go on where they cross a border of the core network, and as what.

A policy looks at routes that arrive or at routes that leave. Its rules are tried by their numbers, and those of several policies
by the policies' numbers. `drop` and `allow` end it, everything else goes on to the next rule, and what no rule drops passes.
`summarize` puts a block in the place of what it contains; `prepend-asn-list` makes the AS path longer.

AS paths, communities and MED are not in a model, so that a condition on them is neither true nor false. Whether `prefix-in-cidr`
is about the block itself, and `prefix-in-prefix-list` about what is inside of an entry, AWS does not say.

Sources: https://docs.aws.amazon.com/network-manager/latest/cloudwan/cloudwan-routing-policies.html,
https://docs.aws.amazon.com/network-manager/latest/cloudwan/cloudwan-policies-json.html (routing-policies),
https://docs.aws.amazon.com/network-manager/latest/cloudwan/cloudwan-policy-examples-routing-policies.html.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar, NamedTuple

from vpcsim.gateways.core_network.part import Part, Plain
from vpcsim.prefixes import Prefix
from vpcsim.resource import as_list
from vpcsim.shape import Read, field

INBOUND, OUTBOUND = "inbound", "outbound"
DROP, ALLOW, SUMMARIZE, PREPEND = "drop", "allow", "summarize", "prepend-asn-list"
CHANGES = ("remove-asn-list", "replace-asn-list", "add-community", "remove-community", "set-med", "set-local-preference")
ACTIONS = (DROP, ALLOW, SUMMARIZE, PREPEND, *CHANGES)
EQUALS, IN_CIDR, IN_LIST = "prefix-equals", "prefix-in-cidr", "prefix-in-prefix-list"
CONDITIONS = (EQUALS, IN_CIDR, IN_LIST, "asn-in-as-path", "community-in-list", "med-equals")
_ASN = re.compile(r"\d+")
LOGIC = "^(and|or|)$"
Lists = Mapping[str, tuple[Prefix, ...]]
"""The prefix lists of a core network, by their alias."""


class Outcome(NamedTuple):
    """What becomes of a route. `passes` is None where that is not known."""

    prefix: Prefix
    passes: bool | None = True
    by: str = ""
    """The policy that decides."""
    longer: int = 0
    """By how much its AS path grows."""
    is_changed: bool = False
    """Whether what is compared beside the length of the path changes."""

    @property
    def doubt(self) -> str:
        return f"whether the routing policy {self.by} drops it is not known" if self.passes is None else ""


class MatchCondition(Part):
    """What a route must have."""

    type: str = field(api="type")
    value: Plain = field(default=None, api="value")

    @classmethod
    def title(cls) -> str:
        return "a match condition"

    def holds_for(self, prefix: Prefix, lists: Lists) -> bool | None:
        """Whether it holds for a route; None: that is not known."""
        if self.type == EQUALS:
            return prefix in self.blocks
        if self.type == IN_CIDR:
            return _inside(prefix, self.blocks, itself=None, within=True)
        if self.type == IN_LIST:
            known = [lists.get(str(alias)) for alias in as_list(self.value)]
            entries = [entry for listed in known if listed for entry in listed]
            found = _inside(prefix, entries, itself=True, within=None)
            return None if found is False and None in known else found
        return None

    @property
    def blocks(self) -> list[Prefix]:
        return [Prefix.parse(str(text)) for text in as_list(self.value)]


def _inside(prefix: Prefix, blocks: Iterable[Prefix], itself: bool | None, within: bool | None) -> bool | None:
    """The best that holds of a prefix and any of the blocks: that it is the block itself, or a part of it."""
    found = [itself if block == prefix else within for block in blocks if block.covers(prefix)]
    return True if True in found else None if found else False


class RoutingAction(Part):
    """What is done with a route."""

    type: str = field(api="type")
    value: Plain = field(default=None, api="value")

    @classmethod
    def title(cls) -> str:
        return "an action of a routing policy"


class RuleDefinition(Part):
    """Conditions, and what is done where they hold."""

    parts: ClassVar[Mapping[str, type[Part]]] = {"match-conditions": MatchCondition, "action": RoutingAction}

    condition_logic: str = field(default="", api="condition-logic", pattern=LOGIC)
    match_conditions: tuple[MatchCondition, ...] = field(default=(), api="match-conditions")
    action: RoutingAction = field(api="action")

    @classmethod
    def title(cls) -> str:
        return "a rule definition"

    def holds_for(self, prefix: Prefix, lists: Lists) -> bool | None:
        found = [condition.holds_for(prefix, lists) for condition in self.match_conditions]
        if self.condition_logic == "or":
            return True if True in found else None if None in found else False
        return False if False in found else None if None in found else True


class RoutingRule(Part):
    """One rule."""

    parts: ClassVar[Mapping[str, type[Part]]] = {"rule-definition": RuleDefinition}

    rule_number: int = field(api="rule-number", ge=1, le=9999)
    rule_definition: RuleDefinition = field(api="rule-definition")

    @classmethod
    def title(cls) -> str:
        return "a rule of a routing policy"


class RoutingPolicy(Part):
    """Rules for the routes of one direction."""

    ignored: ClassVar[tuple[str, ...]] = ("routing-policy-description",)
    parts: ClassVar[Mapping[str, type[Part]]] = {"routing-policy-rules": RoutingRule}

    name: str = field(api="routing-policy-name", pattern="^[A-Za-z0-9]+$")
    direction: str = field(api="routing-policy-direction", pattern=f"^({INBOUND}|{OUTBOUND})$")
    number: int = field(api="routing-policy-number", ge=1, le=9999)
    rules: tuple[RoutingRule, ...] = field(default=(), api="routing-policy-rules")

    @classmethod
    def title(cls) -> str:
        return "a routing policy"


class LabelCondition(Part):
    """The label that an attachment must have."""

    type: str = field(default="routing-policy-label", api="type", pattern="^routing-policy-label$")
    value: str = field(default="", api="value")

    @classmethod
    def title(cls) -> str:
        return "a condition on labels"


class LabelAction(Part):
    """Which policies an attachment gets."""

    policies: Annotated[tuple[str, ...], Read(as_list)] = field(default=(), api="associate-routing-policies")

    @classmethod
    def title(cls) -> str:
        return "an action on labels"


class LabelRule(Part):
    """An attachment routing policy rule: the policies of the attachments with one of these labels."""

    parts: ClassVar[Mapping[str, type[Part]]] = {"conditions": LabelCondition, "action": LabelAction}

    rule_number: int = field(api="rule-number", ge=1, le=65535)
    edge_locations: Annotated[tuple[str, ...], Read(as_list)] = field(default=(), api="edge-locations")
    conditions: tuple[LabelCondition, ...] = field(default=(), api="conditions")
    action: LabelAction = field(api="action")

    @classmethod
    def title(cls) -> str:
        return "an attachment routing policy rule"

    def is_about(self, label: str) -> bool:
        return any(condition.value == label for condition in self.conditions)


class EdgeAssociation(Part):
    """The policies of what one Region tells another one. Their direction is that of the first Region."""

    edge_location: str = field(api="edge-location")
    peer_edge_location: str = field(api="peer-edge-location")
    policies: Annotated[tuple[str, ...], Read(as_list)] = field(default=(), api="routing-policy-names")

    @classmethod
    def title(cls) -> str:
        return "an edge-location-association"


def judged(policies: Iterable[RoutingPolicy], prefix: Prefix, lists: Lists) -> Outcome:
    """What becomes of a route at one border."""
    ordered = sorted(policies, key=lambda policy: policy.number)
    rules = [(p.name, rule.rule_definition) for p in ordered for rule in sorted(p.rules, key=lambda rule: rule.rule_number)]
    return _judged(rules, Outcome(prefix), lists)


def _judged(rules: list[tuple[str, RuleDefinition]], route: Outcome, lists: Lists) -> Outcome:
    for position, (name, rule) in enumerate(rules):
        holds = rule.holds_for(route.prefix, lists)
        if holds is False:
            continue
        taken = _after(rule.action, route, name)
        is_last = rule.action.type in (DROP, ALLOW)
        if holds is None:
            left = rules[position + 1 :]
            return _either(taken if is_last else _judged(left, taken, lists), _judged(left, route, lists), name)
        if is_last:
            return taken
        route = taken
    return route


def _either(one: Outcome, other: Outcome, by: str) -> Outcome:
    """What is known of a route that is the one or the other."""
    if (one.passes, one.prefix) != (other.passes, other.prefix):
        return one._replace(passes=None, by=by)
    differs = (one.longer, one.is_changed) != (other.longer, other.is_changed)
    return one._replace(longer=min(one.longer, other.longer), is_changed=one.is_changed or differs)


def _after(action: RoutingAction, route: Outcome, by: str) -> Outcome:
    value: Any = action.value
    if action.type in (DROP, ALLOW):
        return route._replace(passes=action.type == ALLOW, by=by)
    if action.type == SUMMARIZE:
        return route._replace(prefix=Prefix.parse(str(next(iter(as_list(value)), ""))), by=by)
    if action.type == PREPEND:
        return route._replace(longer=route.longer + len(_ASN.findall(str(as_list(value)))))
    return route._replace(is_changed=True)
