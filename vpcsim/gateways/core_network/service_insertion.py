"""Service insertion: traffic of a segment goes by way of a network function group, where appliances look at it.

`send-via` redirects what goes between its segment and others, or inside an isolated segment, both ways; `send-to` redirects
what leaves for anywhere else. The group's attachment in the Region of the sender takes it; with single-hop one in the Region
of either end, the only one or the one that an override names. A group without attachments drops the traffic. What comes back
from the appliance is routed by the table of the group, which has the routes of all these segments, without their static ones.

Which Region AWS prefers of two by its own list, and how a second hop is routed, is not told: it is undecided.

Source: https://docs.aws.amazon.com/network-manager/latest/cloudwan/cloudwan-policy-service-insertion.html
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from vpcsim.gateways.core_network.attachment import CoreNetworkAttachment
from vpcsim.gateways.core_network.policy import EVERY, SEND_TO, SEND_VIA, SINGLE_HOP, Policy, SegmentAction

PREFERRED = "AWS prefers one of the Regions of the network function group by a list that is not in the model"
ELSEWHERE = "the network function group is in other Regions only, and which of them AWS takes is not told; an override says it"
SECOND_HOP = "how AWS routes what has passed the network function group of one Region to that of the other is not told"


class Hop(NamedTuple):
    """The attachment of a group that takes redirected traffic, and its Region; without one it is dropped."""

    attachment: CoreNetworkAttachment | None = None
    edge: str = ""
    doubt: str = ""


class Inserted(NamedTuple):
    """What a network function group is for: traffic between a segment and another one, or to everywhere else."""

    action: SegmentAction
    other: str | None


def inserted(policy: Policy, name: str) -> Iterator[Inserted]:
    """The actions that redirect what the attachments of a segment send."""
    segment = policy.segment(name)
    if segment is None:
        return
    for action in policy.of(SEND_VIA):
        for other in (known.name for known in policy.segments):
            pairs = ((name, other), (other, name))
            meant = any(action.segment == one and {EVERY, two} & set(action.sent_to) for one, two in pairs)
            if meant and (other != name or segment.isolate_attachments):
                yield Inserted(action, other)
    yield from (Inserted(action, None) for action in policy.of(SEND_TO) if action.segment == name)


def segments_of(policy: Policy, group: str) -> tuple[str, ...]:
    """The segments whose traffic passes a group."""
    found: dict[str, None] = {}
    for segment in policy.segments:
        if any(group in use.action.groups for use in inserted(policy, segment.name)):
            found[segment.name] = None
    return tuple(found)


def needs_second_hop(policy: Policy, group: str) -> bool:
    """Whether what leaves a group for another Region passes the group there too."""
    return any(group in action.groups and action.mode != SINGLE_HOP for action in policy.of(SEND_VIA))


def hop(use: Inserted, here: str, there: str, attachments: Iterable[CoreNetworkAttachment]) -> Hop:
    """Where traffic from one Region to another one is redirected to."""
    action = use.action
    groups = [a for a in attachments if a.network_function_group_name in action.groups and a.carries]
    by_edge = {edge: attachment for attachment in groups for edge in attachment.edge_locations}
    wanted = action.edge_for(here) if use.other is None else action.edge_for(here, there)
    if action.action == SEND_VIA and action.mode != SINGLE_HOP:
        edges = [here]
    elif wanted:
        edges = [wanted]
    else:
        edges = [edge for edge in dict.fromkeys((here, there)) if edge in by_edge]
    if len(edges) > 1:
        return Hop(doubt=PREFERRED)
    if not edges and by_edge:
        return Hop(doubt=ELSEWHERE)
    return Hop(by_edge.get(edges[0]), edges[0]) if edges else Hop()
