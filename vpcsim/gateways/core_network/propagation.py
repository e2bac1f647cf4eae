"""Where routing policies stand: at attachments, between segments that are shared, and between two Regions.

An attachment has a label, and the first rule for that label says which policies it has. A share may name policies, which look at
what enters its segment (inbound) or leaves it. So may the association of two Regions, from where the first of them stands. A
route that arrives passes its attachment first. Network function groups have no routing policies. Whether a third Region tells
what two of them do not tell each other is not known.

Sources: https://docs.aws.amazon.com/network-manager/latest/cloudwan/cloudwan-policies-json.html (labels, shares),
https://docs.aws.amazon.com/network-manager/latest/cloudwan/cloudwan-policy-network-actions-routes.html (edge locations),
https://docs.aws.amazon.com/network-manager/latest/cloudwan/cloudwan-policy-examples-routing-policies.html.
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from vpcsim.gateways.core_network.policy import SHARE, Policy
from vpcsim.gateways.core_network.routing_policy import INBOUND, OUTBOUND, Lists, Outcome, RoutingPolicy, judged
from vpcsim.prefixes import Prefix

if TYPE_CHECKING:
    from vpcsim.gateways.core_network.attachment import CoreNetworkAttachment

Policies = tuple[RoutingPolicy, ...]
ASSOCIATE = "associate-routing-policy"


def learned(policy: Policy, attachment: "CoreNetworkAttachment", edge: str, prefix: Prefix, lists: Lists) -> Outcome:
    """What becomes of a route that an attachment brings."""
    return _at_attachment(policy, attachment, edge, INBOUND, prefix, lists)


def told(policy: Policy, attachment: "CoreNetworkAttachment", edge: str, prefix: Prefix, lists: Lists) -> Outcome:
    """What becomes of a route that the core network tells what is behind an attachment."""
    return _at_attachment(policy, attachment, edge, OUTBOUND, prefix, lists)


def crossing(policy: Policy, route: Outcome, segments: tuple[str, str], edges: tuple[str, str], lists: Lists) -> Outcome:
    """What becomes of a route on its way from a segment to another one, and from a Region to another one."""
    if segments[0] != segments[1]:
        route = _through(_of_shares(policy, *segments), route, lists)
    return route if edges[0] == edges[1] else between(policy, route, segments[1], edges, lists)


def between(policy: Policy, route: Outcome, segment: str, edges: tuple[str, str], lists: Lists) -> Outcome:
    """What becomes of a route that one Region tells another one."""
    outcome = _through([tuple(_of_edges(policy, segment, *edges))], route, lists)
    third = [edge for edge in policy.edges_of(segment) if edge not in edges]
    return outcome._replace(passes=None) if outcome.passes is False and route.passes and third else outcome


def _at_attachment(
    policy: Policy, attachment: "CoreNetworkAttachment", edge: str, direction: str, prefix: Prefix, lists: Lists
) -> Outcome:
    label, rules = attachment.routing_policy_label, policy.attachment_routing_policy_rules
    if label is None and rules:
        ways = [_named(policy, rule.action.policies, direction) for rule in rules]
        return _through([(), *ways], Outcome(prefix), lists)
    about = [rule for rule in sorted(rules, key=lambda rule: rule.rule_number) if label and rule.is_about(label)]
    here = [rule for rule in about if not rule.edge_locations or edge in rule.edge_locations]
    ways = [_named(policy, rule.action.policies, direction) for rule in here[:1]] or [()]
    if here and here[0] is not about[0]:
        ways.append(())
    return _through(ways, Outcome(prefix), lists)


def _named(policy: Policy, names: Iterable[str], direction: str) -> Policies:
    wanted = set(names)
    return tuple(known for known in policy.routing_policies if known.name in wanted and known.direction == direction)


def _of_shares(policy: Policy, there: str, here: str) -> list[Policies]:
    """The policies of each share that joins two segments, for what comes from there."""
    ways = []
    for share in policy.of(SHARE):
        if share.segment == here and share.shares_with(there):
            ways.append(_named(policy, share.routing_policy_names, INBOUND))
        elif share.segment == there and share.shares_with(here):
            ways.append(_named(policy, share.routing_policy_names, OUTBOUND))
    return ways or [()]


def _of_edges(policy: Policy, segment: str, there: str, here: str) -> Iterator[RoutingPolicy]:
    for action in policy.of(ASSOCIATE):
        pair = action.edge_location_association
        if pair is None or action.segment != segment:
            continue
        if (pair.edge_location, pair.peer_edge_location) == (here, there):
            yield from _named(policy, pair.policies, INBOUND)
        elif (pair.edge_location, pair.peer_edge_location) == (there, here):
            yield from _named(policy, pair.policies, OUTBOUND)


def _through(ways: list[Policies], route: Outcome, lists: Lists) -> Outcome:
    """A route behind one of several sets of policies. Where they differ it is not known which counts."""
    if route.passes is False:
        return route
    found = [judged(way, route.prefix, lists) for way in ways]
    first = found[0]
    by = next((outcome.by for outcome in found if outcome.by), "")
    same = all((f.passes, f.prefix) == (first.passes, first.prefix) for f in found)
    passes = first.passes if same else None
    alike = all((f.longer, f.is_changed) == (first.longer, first.is_changed) for f in found)
    return Outcome(
        prefix=first.prefix,
        passes=None if route.passes is None and passes else passes,
        by=route.by if route.passes is None else by,
        longer=route.longer + min(f.longer for f in found),
        is_changed=route.is_changed or not alike or first.is_changed,
    )
