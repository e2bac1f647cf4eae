"""What AWS refuses about the policy of a core network.

Source: https://docs.aws.amazon.com/network-manager/latest/cloudwan/cloudwan-policies-json.html
"""

from collections.abc import Iterable, Iterator

from vpcsim.errors import nearest
from vpcsim.gateways.core_network import routing_policy as routing
from vpcsim.gateways.core_network.policy import (
    BLACKHOLE,
    CREATE_ROUTE,
    EVERY,
    SEND_TO,
    SEND_VIA,
    SHARE,
    AttachmentPolicy,
    Policy,
    Segment,
    SegmentAction,
)
from vpcsim.gateways.core_network.propagation import ASSOCIATE
from vpcsim.gateways.core_network.routing_policy import MatchCondition, RoutingPolicy, RuleDefinition
from vpcsim.prefixes import Prefix
from vpcsim.resource import as_list

ACTIONS = (SHARE, CREATE_ROUTE, SEND_VIA, SEND_TO, ASSOCIATE)
WITH_ROUTING_POLICIES = "2025.11"


def faults_of(policy: Policy) -> Iterator[str]:
    """A sentence for each rule that the document breaks."""
    if not policy.edges:
        yield "core-network-configuration needs an edge location"
    if not policy.segments:
        yield "a policy needs a segment"
    yield from _twice("segment", (segment.name for segment in policy.segments))
    yield from _twice("rule number", (str(rule.rule_number) for rule in policy.attachment_policies))
    for segment in policy.segments:
        yield from _of_segment(segment, policy)
    for action in policy.segment_actions:
        yield from _of_action(action, policy)
    for rule in policy.attachment_policies:
        yield from _of_rule(rule, policy)
    yield from _of_routing(policy)


def _of_segment(segment: Segment, policy: Policy) -> Iterator[str]:
    if segment.allow_filter and segment.deny_filter:
        yield f"segment {segment.name} has an allow-filter and a deny-filter; it takes one of them"
    for name in (*segment.allow_filter, *segment.deny_filter):
        yield from _no_segment(name, f"a filter of {segment.name}", policy)
    for edge in segment.edge_locations:
        if edge not in policy.edges:
            yield f"segment {segment.name} is in {edge}, where the core network has no edge"


def _of_action(action: SegmentAction, policy: Policy) -> Iterator[str]:
    if action.action not in ACTIONS:
        close = nearest(action.action, ACTIONS)
        yield f"`{action.action}` is not an action of a segment" + (f"; did you mean `{close}`?" if close else "")
        return
    who = f"the action {action.action}"
    yield from _no_segment(action.segment, who, policy)
    others = (*action.named, *action.excepted) if action.action == SHARE else ()
    others += action.sent_to if action.action == SEND_VIA else ()
    for name in others:
        if name != EVERY:
            yield from _no_segment(name, who, policy)
    if action.action == CREATE_ROUTE:
        yield from _of_route(action)
    pair = action.edge_location_association
    if action.action == ASSOCIATE and pair is None:
        yield f"{who} of {action.segment} needs an edge-location-association"
    for edge in (pair.edge_location, pair.peer_edge_location) if pair else ():
        if edge not in policy.edges_of(action.segment):
            yield f"{who} names {edge}, where {action.segment} is not"
    known = [group.name for group in policy.network_function_groups]
    for group in action.groups:
        yield from _unknown("network function group", group, known)
    if action.action in (SEND_VIA, SEND_TO) and not action.groups:
        yield f"{who} of {action.segment} needs a network function group"


def _of_route(action: SegmentAction) -> Iterator[str]:
    if not (action.destination_cidr_blocks and action.destinations):
        yield f"a route of {action.segment} needs destination-cidr-blocks, and destinations or `{BLACKHOLE}`"
    elif BLACKHOLE in action.destinations and not action.is_blackhole:
        yield f"a route of {action.segment} leads to attachments or to `{BLACKHOLE}`, not to both"


def _of_rule(rule: AttachmentPolicy, policy: Policy) -> Iterator[str]:
    who, action = f"rule {rule.rule_number}", rule.action
    if len(rule.conditions) > 1 and not rule.condition_logic:
        yield f"{who} has several conditions and needs condition-logic, `and` or `or`"
    if action.add_to_network_function_group:
        known = [group.name for group in policy.network_function_groups]
        yield from _unknown("network function group", action.add_to_network_function_group, known)
    elif action.association_method == "constant":
        yield from _no_segment(action.segment, who, policy)
    elif not action.tag_value_of_key:
        yield f"{who} takes the segment from a tag and needs tag-value-of-key"


def _of_routing(policy: Policy) -> Iterator[str]:
    """What is wrong with routing policies, and with what names them."""
    rules, names = policy.attachment_routing_policy_rules, [known.name for known in policy.routing_policies]
    if (rules or names) and policy.version != WITH_ROUTING_POLICIES:
        yield f"routing policies need version {WITH_ROUTING_POLICIES}, and the policy has {policy.version}"
    yield from _twice("routing policy", names)
    yield from _twice("routing-policy-number", (str(known.number) for known in policy.routing_policies))
    yield from _twice("number of an attachment routing policy rule", (str(rule.rule_number) for rule in rules))
    wanted = [*(name for rule in rules for name in rule.action.policies)]
    for action in policy.segment_actions:
        pair = action.edge_location_association
        wanted += (*action.routing_policy_names, *(pair.policies if pair else ()))
    for name in dict.fromkeys(wanted):
        yield from _unknown("routing policy", name, names)
    for known in policy.routing_policies:
        yield from (f"routing policy {known.name}: {fault}" for fault in _of_routing_policy(known))


def _of_routing_policy(known: RoutingPolicy) -> Iterator[str]:
    yield from _twice("rule number", (str(rule.rule_number) for rule in known.rules))
    for rule in known.rules:
        definition = rule.rule_definition
        if len(definition.match_conditions) > 1 and not definition.condition_logic:
            yield f"rule {rule.rule_number} has several conditions and needs condition-logic, `and` or `or`"
        for condition in definition.match_conditions:
            yield from (f"rule {rule.rule_number}: {fault}" for fault in _of_match(condition))
        yield from (f"rule {rule.rule_number}: {fault}" for fault in _of_routing_action(definition, known.direction))


def _of_match(condition: MatchCondition) -> Iterator[str]:
    yield from _no_word("condition", condition.type, routing.CONDITIONS)
    if condition.type in (routing.EQUALS, routing.IN_CIDR):
        yield from _no_block(condition.value)


def _of_routing_action(definition: RuleDefinition, direction: str) -> Iterator[str]:
    action = definition.action
    yield from _no_word("action", action.type, routing.ACTIONS)
    if action.type == routing.SUMMARIZE:
        yield from _no_block(action.value)
        if direction != routing.OUTBOUND:
            yield "summarize is for outbound policies"


def _no_word(what: str, word: str, known: tuple[str, ...]) -> Iterator[str]:
    if word not in known:
        close = nearest(word, known)
        yield f"`{word}` is no {what} of a routing policy" + (f"; did you mean `{close}`?" if close else "")


def _no_block(value: object) -> Iterator[str]:
    for text in as_list(value) or [""]:
        try:
            Prefix.parse(str(text))
        except ValueError as fault:
            yield str(fault)


def _no_segment(name: str, who: str, policy: Policy) -> Iterator[str]:
    yield from (f"{who}: {fault}" for fault in _unknown("segment", name, [segment.name for segment in policy.segments]))


def _twice(what: str, names: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            yield f"the {what} {name} is there twice"
        seen.add(name)


def _unknown(what: str, name: str, known: list[str]) -> Iterator[str]:
    if name not in known:
        close = nearest(name, known)
        yield f"no {what} is called `{name}`" + (f"; did you mean `{close}`?" if close else "")
