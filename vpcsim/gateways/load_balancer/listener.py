"""A listener: the port and protocol on which a load balancer takes connections, and what it does with them.

Its default action forwards to target groups, or answers itself with a redirect or a fixed response. Rules come before it, in
the order of their priority. A rule that asks for a host is judged by the name that the client asks for, one that asks for
a source by the client's address; one that asks for anything else of a request (path, header, method) may apply or not, so
that everything which may be done with the connection is tried.

Not modelled here: certificates, authentication, mutual TLS.

Sources: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-listeners.html,
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-rules.html,
https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-listeners.html,
https://docs.aws.amazon.com/elasticloadbalancing/latest/gateway/gateway-listeners.html.
"""

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, NamedTuple

from vpcsim.errors import Problem
from vpcsim.gateways.load_balancer.attributes import TRANSPORTS
from vpcsim.packet import Packet
from vpcsim.prefixes import Prefix, family
from vpcsim.resource import Declaration, Declared, Draft, Link, Patch, Resource, TerraformSpelling, as_list, refers_to, refuse
from vpcsim.shape import Shape, field

if TYPE_CHECKING:
    from vpcsim.network import Network
    from vpcsim.topology import Topology

CONDITIONS = {"host": "host-header", "path": "path-pattern", "source": "source-ip", "method": "http-request-method"}
"""The native format's words for what a rule asks."""
ANSWERS = ("redirect", "fixed-response")
"""Actions by which an Application Load Balancer answers itself."""


class WeightedGroup(Shape):
    """A target group among several."""

    target_group_arn: Annotated[str, refers_to("target_group")]
    weight: int = 1


class ForwardConfig(Shape):
    """Several target groups."""

    target_groups: tuple[WeightedGroup, ...] = ()


class Action(Shape):
    """What is done with a connection."""

    type: str = "forward"
    target_group_arn: Annotated[str | None, refers_to("target_group")] = None
    forward_config: ForwardConfig | None = None

    @property
    def groups(self) -> tuple[str, ...]:
        """The target groups that get something."""
        weighted = self.forward_config.target_groups if self.forward_config else ()
        return tuple(g.target_group_arn for g in weighted if g.weight) or (
            (self.target_group_arn,) if self.target_group_arn else ()
        )


class Values(Shape):
    """What one condition accepts."""

    values: tuple[str, ...] = ()
    ip_address_type: str = field(default="", pattern="^(ipv4|ipv6|)$")
    """What a Network Load Balancer's rule asks of a client: the family of its address."""


class Condition(Shape):
    """What a rule asks of a request."""

    field: str = ""
    values: tuple[str, ...] = ()
    host_header_config: Values | None = None
    source_ip_config: Values | None = None

    @property
    def accepted(self) -> tuple[str, ...]:
        return self.values or next((c.values for c in (self.host_header_config, self.source_ip_config) if c), ())

    @property
    def faults(self) -> list[str]:
        """The values that are no CIDR blocks where such are expected."""
        return [value for value in self.accepted if self.field == "source-ip" and not _is_block(value)]

    def holds(self, packet: Packet, host: str) -> bool | None:
        """None: the model does not tell."""
        accepted = self.accepted
        if self.field == "source-ip":
            if self.source_ip_config and self.source_ip_config.ip_address_type:
                return self.source_ip_config.ip_address_type == f"ipv{family(packet.src)}"
            return any(Prefix.parse(value).holds(packet.src) for value in accepted)
        if self.field == "host-header" and host:
            return any(fnmatchcase(host.lower(), value.lower().replace("[", "[[]")) for value in accepted)
        return None


class Rule(Shape):
    """A rule of a listener."""

    priority: int = 0
    conditions: tuple[Condition, ...] = ()
    actions: tuple[Action, ...] = ()

    def applies(self, packet: Packet, host: str) -> bool | None:
        """Whether every condition holds. None: the request decides."""
        held = [condition.holds(packet, host) for condition in self.conditions]
        return False if False in held else None if None in held else True


class Way(NamedTuple):
    """What may be done with a connection, and by which rule."""

    actions: tuple[Action, ...]
    told: str

    @property
    def groups(self) -> tuple[str, ...]:
        """The target groups that may take it."""
        return tuple(dict.fromkeys(group for action in self.actions for group in action.groups))

    @property
    def answer(self) -> str:
        """`redirect` or `fixed-response`, if the load balancer answers itself."""
        return next((action.type for action in self.actions if action.type in ANSWERS), "")


class Listener(Resource):
    """See the module."""

    kind: ClassVar[str] = "listener"
    section: ClassVar[str] = "Listeners"
    described_as: ClassVar[tuple[str, ...]] = ("Rules",)
    cloudformation_types: ClassVar[tuple[str, ...]] = (
        "AWS::ElasticLoadBalancingV2::Listener",
        "AWS::ElasticLoadBalancingV2::ListenerRule",
    )
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={
            "aws_lb_listener": "AWS::ElasticLoadBalancingV2::Listener",
            "aws_alb_listener": "AWS::ElasticLoadBalancingV2::Listener",
            "aws_lb_listener_rule": "AWS::ElasticLoadBalancingV2::ListenerRule",
            "aws_alb_listener_rule": "AWS::ElasticLoadBalancingV2::ListenerRule",
        },
        names={
            "default_action": "DefaultActions",
            "forward": "ForwardConfig",
            "target_group": "TargetGroups",
            "arn": "TargetGroupArn",
        },
        once=("forward",),
        refers={
            "load_balancer_arn": ("aws_lb", "aws_alb"),
            "arn": ("aws_lb_target_group", "aws_alb_target_group"),
            "listener_arn": ("aws_lb_listener", "aws_alb_listener"),
            "target_group_arn": ("aws_lb_target_group", "aws_alb_target_group"),
        },
    )
    native_names: ClassVar[Mapping[str, str]] = {
        "load_balancer": "LoadBalancerArn",
        "port": "Port",
        "protocol": "Protocol",
        "forward": "Forward",
        "rules": "Rules",
    }

    id: str = field(api="ListenerArn")
    load_balancer_arn: Annotated[str, refers_to("load_balancer")]
    port: int | None = field(default=None, ge=1, le=65535)
    protocol: str = ""
    default_actions: tuple[Action, ...] = ()
    rules: tuple[Rule, ...] = ()

    @classmethod
    def described(cls, declaration: Declaration) -> Declared:
        """A listener, or a rule of one: its ARN ends in that of the listener and an id."""
        fields = dict(declaration.fields)
        if declaration.type == cls.section:
            yield Draft(cls, declaration.id, fields, declaration.origin)
        elif "RuleArn" in fields and not fields.get("IsDefault"):
            listener = fields["RuleArn"].rpartition("/")[0].replace(":listener-rule/", ":listener/")
            yield Patch(listener, {"Rules": [{"Priority": fields.get("Priority", "")}]}, declaration.origin)

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        if declaration.type == "AWS::ElasticLoadBalancingV2::ListenerRule":
            told = {
                name: declaration.fields[name] for name in ("Priority", "Conditions", "Actions") if name in declaration.fields
            }
            rule = {**told, "WrittenAt": declaration.origin}
            yield Patch(declaration.fields.get("ListenerArn", ""), {"Rules": [rule]}, declaration.origin, key="ListenerArn")
        else:
            yield Draft(cls, declaration.id, dict(declaration.fields), declaration.origin)

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        if "Forward" in fields:
            fields["DefaultActions"] = actions(fields.pop("Forward"))
        if "Rules" in fields:
            fields["Rules"] = [_rule(rule, number) for number, rule in enumerate(as_list(fields["Rules"]), 1)]
        yield Draft(cls, declaration.id, fields, declaration.origin)

    @property
    def groups(self) -> tuple[str, ...]:
        """The target groups of every action."""
        everything = (*self.default_actions, *(action for rule in self.rules for action in rule.actions))
        return tuple(dict.fromkeys(group for action in everything for group in action.groups))

    def ways(self, packet: Packet, host: str) -> list[Way]:
        """What may be done with a packet of a client that asks for a host: one thing, unless the request decides."""
        found = []
        for rule in sorted(self.rules, key=lambda rule: rule.priority):
            applies = rule.applies(packet, host)
            if applies is not False:
                found.append(Way(rule.actions, f"{self}, rule {rule.priority}"))
            if applies:
                return found
        return [*found, Way(self.default_actions, str(self))]

    @property
    def transports(self) -> tuple[int, ...]:
        return TRANSPORTS.get(self.protocol.upper(), ())

    def takes(self, packet: Packet) -> bool:
        return packet.protocol in self.transports and packet.dst_port == (self.port, self.port)

    def __str__(self) -> str:
        return f"listener {self.protocol} {self.port}" if self.port else f"listener {self.id}"

    def refusals(self, topology: "Topology") -> Iterable[Problem]:
        balancer: Any = topology.resources[self.load_balancer_arn]
        if balancer.type == "gateway":
            if self.port or self.protocol:
                yield refuse(
                    f"{self.id}: a listener of a Gateway Load Balancer has no port and no protocol", "ValidationError", self
                )
            return
        if self.port is None or not self.protocol:
            yield refuse(f"{self.id}: a listener needs a port and a protocol", "ValidationError", self)
        elif (self.protocol.upper() in ("HTTP", "HTTPS")) != (balancer.type == "application") or not self.transports:
            message = f"{self.id}: {self.protocol} is not a protocol of {balancer.type} load balancers"
            yield refuse(message, "UnsupportedProtocol", self)
        for value in (v for rule in self.rules for condition in rule.conditions for v in condition.faults):
            yield refuse(f"{self.id}: `{value}` is not a CIDR block for source-ip", "ValidationError", self)
        if not self.default_actions:
            yield refuse(f"{self.id}: a listener needs a default action", "ValidationError", self)

    @classmethod
    def check(cls, topology: "Topology") -> Iterable[Problem]:
        yield from super().check(topology)
        taken: dict[tuple[str, int | None, int], Listener] = {}
        for listener in topology.of(cls):
            for transport in listener.transports:
                first = taken.setdefault((listener.load_balancer_arn, listener.port, transport), listener)
                if first is not listener:
                    message = f"{listener.id}: {first.id} listens on port {listener.port} already"
                    yield refuse(message, "DuplicateListener", listener)

    def links(self, net: "Network") -> Iterable[Link]:
        yield Link(self.load_balancer_arn, self.id, "listens")
        for group in self.groups:
            yield Link(self.id, group, "forwards to")


def listeners_of(id: str, net: "Network") -> tuple[Listener, ...]:
    """The listeners of a load balancer, in the order of their ports."""
    known: tuple[Listener, ...] | None = net.compiled(("listeners", id))
    if known is None:
        found = (listener for listener in net.topology.of(Listener) if listener.load_balancer_arn == id)
        known = net.compile(("listeners", id), tuple(sorted(found, key=lambda each: (each.port or 0, each.protocol))))
    return known


def _is_block(text: str) -> bool:
    try:
        Prefix.parse(text)
    except ValueError:
        return False
    return True


def _rule(value: Mapping[str, Any], number: int) -> dict[str, Any]:
    """The rule that a native entry stands for: `{host: api.example.com, path: /v1/*, forward: webs}`."""
    rule = {key: item for key, item in value.items() if key not in (*CONDITIONS, "forward", "priority")}
    asked = [_condition(field, as_list(value[word])) for word, field in CONDITIONS.items() if word in value]
    if asked:
        rule["Conditions"] = asked
    if "forward" in value:
        rule["Actions"] = actions(value["forward"])
    return {**rule, "Priority": value.get("priority", value.get("Priority", number))}


def _condition(field: str, values: list[Any]) -> dict[str, Any]:
    if field == "source-ip" and values in (["ipv4"], ["ipv6"]):
        return {"Field": field, "SourceIpConfig": {"IpAddressType": values[0]}}
    return {"Field": field, "Values": values}


def actions(value: Any) -> list[dict[str, Any]]:
    """The default action that a native value stands for: a target group, several of them, or `redirect`."""
    names = [str(name) for name in as_list(value)]
    if len(names) == 1:
        return [{"Type": names[0]} if names[0] in ANSWERS else {"Type": "forward", "TargetGroupArn": names[0]}]
    return [{"Type": "forward", "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": name} for name in names]}}]
