"""The policy of a core network: its Regions and segments, what they share, and which attachment is in which segment.

The words are those of AWS's policy document. Attachment policies are tried by their numbers; the first one whose conditions
hold puts an attachment into a segment or a network function group, and none does if none holds. A segment gets the routes of
the attachments in segments that it shares with, either way round, and its own filters take some of them away again.

Not modelled here: conditions of the type tag-name.

Sources: https://docs.aws.amazon.com/network-manager/latest/cloudwan/cloudwan-policies-json.html,
https://docs.aws.amazon.com/network-manager/latest/cloudwan/cloudwan-policy-network-actions-routes.html (shares, filters).
"""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from typing import Annotated, Any, ClassVar, NamedTuple

from vpcsim.gateways.core_network.part import Part, Plain
from vpcsim.gateways.core_network.routing_policy import EdgeAssociation, LabelRule, RoutingPolicy
from vpcsim.prefixes import Prefix
from vpcsim.resource import Cidr, as_list, decoded
from vpcsim.shape import Read, field

BLACKHOLE = "blackhole"
SHARE, CREATE_ROUTE, SEND_VIA, SEND_TO = "share", "create-route", "send-via", "send-to"
SINGLE_HOP = "single-hop"
EVERY = "*"
OPERATORS: Mapping[str, Callable[[str, str], bool]] = {
    "equals": lambda found, wanted: found == wanted,
    "not-equals": lambda found, wanted: found != wanted,
    "contains": lambda found, wanted: wanted in found,
    "begins-with": lambda found, wanted: found.startswith(wanted),
}


class EdgeLocation(Part):
    """A Region with an edge of the core network."""

    ignored: ClassVar[tuple[str, ...]] = ("inside-cidr-blocks",)

    location: str = field(api="location")
    asn: int | None = field(default=None, api="asn")

    @classmethod
    def read_text(cls, text: str) -> Mapping[str, Any]:
        return {"location": text}

    @classmethod
    def title(cls) -> str:
        return "an edge location"


def _edges(value: Any) -> Any:
    return [{"location": item} if isinstance(item, str) else item for item in as_list(value)]


class Configuration(Part):
    """What holds for the whole core network."""

    ignored: ClassVar[tuple[str, ...]] = ("inside-cidr-blocks",)
    parts: ClassVar[Mapping[str, type[Part]]] = {"edge-locations": EdgeLocation}

    edge_locations: Annotated[tuple[EdgeLocation, ...], Read(_edges)] = field(default=(), api="edge-locations")
    asn_ranges: Plain = field(default=None, api="asn-ranges")
    vpn_ecmp_support: bool = field(default=True, api="vpn-ecmp-support")
    dns_support: bool = field(default=True, api="dns-support")
    security_group_referencing_support: bool = field(default=False, api="security-group-referencing-support")

    @classmethod
    def title(cls) -> str:
        return "core-network-configuration"


class Segment(Part):
    """A routing domain."""

    name: str = field(api="name", pattern="^[A-Za-z0-9]+$")
    edge_locations: Annotated[tuple[str, ...], Read(as_list)] = field(default=(), api="edge-locations")
    isolate_attachments: bool = field(default=False, api="isolate-attachments")
    require_attachment_acceptance: bool = field(default=True, api="require-attachment-acceptance")
    allow_filter: Annotated[tuple[str, ...], Read(as_list)] = field(default=(), api="allow-filter")
    deny_filter: Annotated[tuple[str, ...], Read(as_list)] = field(default=(), api="deny-filter")

    def lets_in(self, segment: str) -> bool:
        """Whether its filters let in what that segment shares with it. A filter is about the routes that come in.

        Source: https://docs.aws.amazon.com/network-manager/latest/cloudwan/cloudwan-policy-network-actions-routes.html
        """
        return segment in self.allow_filter if self.allow_filter else segment not in self.deny_filter

    @classmethod
    def title(cls) -> str:
        return "a segment"


class FunctionGroup(Part):
    """A network function group: where the attachments of appliances are, of which traffic goes by way."""

    name: str = field(api="name", pattern="^[A-Za-z0-9]+$")
    require_attachment_acceptance: bool = field(default=True, api="require-attachment-acceptance")

    @classmethod
    def title(cls) -> str:
        return "a network function group"


class SegmentAction(Part):
    """What is done with a segment: `share`, `create-route`, `send-via` or `send-to`."""

    parts: ClassVar[Mapping[str, type[Part]]] = {"edge-location-association": EdgeAssociation}

    action: str = field(default=SHARE, api="action")
    segment: str = field(default="", api="segment")
    mode: str = field(default="", api="mode")
    share_with: Plain = field(default=None, api="share-with")
    destination_cidr_blocks: Annotated[tuple[Cidr, ...], Read(as_list)] = field(default=(), api="destination-cidr-blocks")
    destinations: Annotated[tuple[str, ...], Read(as_list)] = field(default=(), api="destinations")
    when_sent_to: Plain = field(default=None, api="when-sent-to")
    via: Plain = field(default=None, api="via")
    routing_policy_names: Annotated[tuple[str, ...], Read(as_list)] = field(default=(), api="routing-policy-names")
    edge_location_association: EdgeAssociation | None = field(default=None, api="edge-location-association")

    @classmethod
    def title(cls) -> str:
        return "a segment action"

    @property
    def is_blackhole(self) -> bool:
        return self.destinations == (BLACKHOLE,)

    @property
    def excepted(self) -> tuple[str, ...]:
        return tuple(as_list(self.share_with.get("except"))) if isinstance(self.share_with, Mapping) else ()

    @property
    def named(self) -> tuple[str, ...]:
        """The segments that a share names, `*` for all."""
        return () if isinstance(self.share_with, Mapping) else tuple(map(str, as_list(self.share_with)))

    def shares_with(self, segment: str) -> bool:
        """Whether it shares its segment with another one."""
        if segment == self.segment:
            return False
        return segment not in self.excepted if self.excepted else bool({EVERY, segment} & set(self.named))

    @property
    def sent_to(self) -> tuple[str, ...]:
        """The segments of which traffic `send-via` is about: its own one unless it says more."""
        told = self.when_sent_to.get("segments") if isinstance(self.when_sent_to, Mapping) else self.when_sent_to
        return tuple(map(str, as_list(told))) or (self.segment,)

    @property
    def groups(self) -> tuple[str, ...]:
        """The network function groups by way of which traffic goes."""
        via = self.via if isinstance(self.via, Mapping) else {}
        return tuple(map(str, as_list(via.get("network-function-groups", via.get("network_function_groups")))))

    def edge_for(self, *edges: str) -> str | None:
        """The Region that an override chooses for traffic between these Regions, or inside the only one."""
        via = self.via if isinstance(self.via, Mapping) else {}
        for override in as_list(via.get("with-edge-overrides", via.get("with_edge_overrides"))):
            words = {str(key).replace("_", "-"): value for key, value in override.items()}
            if any(set(as_list(pair)) == set(edges) for pair in as_list(words.get("edge-sets"))):
                return str(words.get("use-edge-location") or words.get("use-edge") or "") or None
        return None


class Condition(Part):
    """What an attachment must have."""

    type: str = field(api="type")
    operator: str = field(default="equals", api="operator")
    key: str = field(default="", api="key")
    value: str = field(default="", api="value")

    @classmethod
    def title(cls) -> str:
        return "a condition"


class Action(Part):
    """Where an attachment belongs."""

    association_method: str = field(default="constant", api="association-method", pattern="^(constant|tag)$")
    segment: str = field(default="", api="segment")
    tag_value_of_key: str = field(default="", api="tag-value-of-key")
    require_acceptance: bool = field(default=False, api="require-acceptance")
    add_to_network_function_group: str = field(default="", api="add-to-network-function-group")

    @classmethod
    def title(cls) -> str:
        return "an action"


class AttachmentPolicy(Part):
    """One rule."""

    parts: ClassVar[Mapping[str, type[Part]]] = {"conditions": Condition, "action": Action}

    rule_number: int = field(api="rule-number", ge=1, le=65535)
    condition_logic: str = field(default="", api="condition-logic", pattern="^(and|or|)$")
    conditions: tuple[Condition, ...] = field(default=(), api="conditions")
    action: Action = field(api="action")

    @classmethod
    def title(cls) -> str:
        return "an attachment policy"

    def holds_for(self, of: "Attached") -> bool | None:
        """Whether its conditions hold; None: that is not known."""
        found = [of.meets(condition) for condition in self.conditions]
        if self.condition_logic == "or":
            return True if True in found else None if None in found else False
        return False if False in found else None if None in found else True


class Attached(NamedTuple):
    """What the conditions of a policy see of an attachment."""

    type: str
    resource_id: str
    account: str
    region: str
    tags: Mapping[str, str]
    ids: Container[str] = ()
    """The ids of the model, where they are not those that AWS knows."""

    def meets(self, condition: Condition) -> bool | None:
        """Whether a condition holds; None: that is not known."""
        kind, operator = condition.type, OPERATORS.get(condition.operator)
        if kind == "any":
            return True
        if kind == "tag-exists":
            return condition.key in self.tags
        if operator is None:
            return None
        if kind == "tag-value":
            return condition.key in self.tags and operator(self.tags[condition.key], condition.value)
        if kind == "resource-id" and self.ids and condition.value not in self.ids:
            return None
        seen = {"account-id": self.account, "account": self.account, "region": self.region, "resource-id": self.resource_id}
        found = {**seen, "attachment-type": self.type}.get(kind)
        if kind == "attachment-type" and condition.value == "vpn":
            return operator(self.type, "site-to-site-vpn")
        return operator(found, condition.value) if found is not None else None


class Placement(NamedTuple):
    """Where a policy puts an attachment."""

    segment: str | None = None
    group: str | None = None
    rule: int | None = None
    accepted: bool = True
    """Whether it is let in without being asked for."""
    doubt: str = ""
    """Why that is not known."""


def _parts(value: Any) -> Any:
    """The document as a mapping, once its parameters are known ones. Raises ValueError with a sentence."""
    document = decoded(value)
    if not isinstance(document, Mapping):
        raise ValueError("a core network policy is a mapping, or the text of one")
    if faults := [*Policy.unknown(document)]:
        raise ValueError("; ".join(faults))
    return document


class Policy(Part):
    """The whole document."""

    parts: ClassVar[Mapping[str, type[Part]]] = {
        "core-network-configuration": Configuration,
        "segments": Segment,
        "network-function-groups": FunctionGroup,
        "segment-actions": SegmentAction,
        "attachment-policies": AttachmentPolicy,
        "routing-policies": RoutingPolicy,
        "attachment-routing-policy-rules": LabelRule,
    }

    version: str = field(default="2021.12", api="version")
    core_network_configuration: Configuration = field(api="core-network-configuration")
    segments: tuple[Segment, ...] = field(default=(), api="segments")
    network_function_groups: tuple[FunctionGroup, ...] = field(default=(), api="network-function-groups")
    segment_actions: tuple[SegmentAction, ...] = field(default=(), api="segment-actions")
    attachment_policies: tuple[AttachmentPolicy, ...] = field(default=(), api="attachment-policies")
    routing_policies: tuple[RoutingPolicy, ...] = field(default=(), api="routing-policies")
    attachment_routing_policy_rules: tuple[LabelRule, ...] = field(default=(), api="attachment-routing-policy-rules")

    @property
    def edges(self) -> tuple[str, ...]:
        """The Regions where the core network is."""
        return tuple(edge.location for edge in self.core_network_configuration.edge_locations)

    @property
    def domains(self) -> tuple[str, ...]:
        """What has route tables: the segments and the network function groups."""
        return (*(segment.name for segment in self.segments), *(group.name for group in self.network_function_groups))

    def segment(self, name: str | None) -> Segment | None:
        return next((segment for segment in self.segments if segment.name == name), None)

    def group(self, name: str | None) -> FunctionGroup | None:
        return next((group for group in self.network_function_groups if group.name == name), None)

    def edges_of(self, segment: str | None) -> tuple[str, ...]:
        """The Regions where a segment, or a network function group, is."""
        known = self.segment(segment)
        return tuple(edge for edge in self.edges if not (known and known.edge_locations) or edge in known.edge_locations)

    def of(self, action: str) -> tuple[SegmentAction, ...]:
        return tuple(known for known in self.segment_actions if known.action == action)

    def shares(self, one: str, other: str) -> bool:
        """Whether an action shares two segments, either way round."""
        pairs = ((one, other), (other, one))
        return any(share.segment == here and share.shares_with(there) for share in self.of(SHARE) for here, there in pairs)

    def gets_from(self, segment: str, other: str) -> bool:
        """Whether a segment gets the routes of the attachments in another one."""
        here = self.segment(segment)
        return here is not None and self.shares(segment, other) and here.lets_in(other)

    def placed(self, attached: Attached) -> Placement:
        """Where the attachment policies put an attachment."""
        for rule in sorted(self.attachment_policies, key=lambda rule: rule.rule_number):
            holds = rule.holds_for(attached)
            if holds is None:
                return Placement(doubt=f"whether rule {rule.rule_number} of the policy is about it is not known")
            if holds:
                return self._placed_by(rule, attached)
        return Placement()

    def _placed_by(self, rule: AttachmentPolicy, attached: Attached) -> Placement:
        action, number = rule.action, rule.rule_number
        if action.add_to_network_function_group:
            group = self.group(action.add_to_network_function_group)
            asks = action.require_acceptance or (group is not None and group.require_attachment_acceptance)
            return Placement(None, action.add_to_network_function_group, number, not asks)
        name = attached.tags.get(action.tag_value_of_key, "") if action.association_method == "tag" else action.segment
        segment = self.segment(name)
        if segment is None:
            return Placement(rule=number)
        return Placement(name, None, number, not (action.require_acceptance or segment.require_attachment_acceptance))


PolicyDocument = Annotated[Policy | None, Read(lambda value: None if value in (None, "") else _parts(value))]
"""The document as text or as a mapping."""


def covering(actions: Iterable[SegmentAction]) -> Iterator[tuple[Prefix, SegmentAction]]:
    """The static routes of actions."""
    yield from ((block, action) for action in actions for block in action.destination_cidr_blocks)
