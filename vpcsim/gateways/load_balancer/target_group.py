"""A target group: who takes what a load balancer forwards, on which port, and whether in the client's name.

Targets are instances (their primary private address), addresses, one Application Load Balancer, or one Lambda function.
The model says which targets are not healthy. With client IP preservation a target sees the client's address: by default
it is on for instances and Application Load Balancers, and for addresses with UDP; with UDP it cannot be turned off. The targets
of a group are all of one family; the primary IPv6 address of an instance stands for it in a group of IPv6.

Not modelled here: stickiness, slow start, thresholds of healthy targets other than one.

Sources: https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html,
https://docs.aws.amazon.com/elasticloadbalancing/latest/network/target-group-register-targets.html,
https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-target-groups.html,
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, NamedTuple

from vpcsim.errors import InputError, Problem, nearest
from vpcsim.gateways.load_balancer.attributes import CROSS_ZONE, PRESERVE_CLIENT_IP, TRANSPORTS, Attribute, attribute, with_switch
from vpcsim.packet import UDP
from vpcsim.prefixes import CARRIER_GRADE, PRIVATE, address, family
from vpcsim.resource import Declaration, Declared, Draft, Link, Patch, Resource, TerraformSpelling, as_list, refers_to, refuse
from vpcsim.shape import Shape, field

if TYPE_CHECKING:
    from vpcsim.network import Index, Network
    from vpcsim.topology import Topology

STATES = ("healthy", "unhealthy", "initial", "draining", "unused", "unavailable")
ALL_ZONES = "all"
"""What stands for the Availability Zone of a target that every node may send to.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetDescription.html
"""
NEVER = ("draining", "unused")
"""States of targets that get no new connection, not even when nobody is healthy."""


class Target(NamedTuple):
    """A target as a load balancer finds it; without an address it is a function. An empty zone stands for all zones."""

    id: str
    address: int | None
    port: int
    zone: str
    healthy: bool
    group: "TargetGroup | None" = None

    @property
    def label(self) -> str:
        """What tells it from the others: `web:80`."""
        return f"{self.id}:{self.port}" if self.address is not None else self.id


class TargetDescription(Shape):
    """A registered target. The native format writes it `web` or `web:8080`."""

    id: str
    port: int | None = field(default=None, ge=1, le=65535)
    availability_zone: str = ""
    state: str = field(default="healthy", pattern=f"^({'|'.join(STATES)})$")

    def line(self, name: str) -> str:
        id = f"[{self.id}]" if ":" in self.id else self.id
        return f"{id}:{self.port}" if self.port else id

    @classmethod
    def read_text(cls, text: str) -> Mapping[str, Any]:
        head, colon, tail = text.rpartition(":")
        if colon and tail.isdigit() and (":" not in head or head.endswith("]")):
            return {"Id": head.strip("[]"), "Port": int(tail)}
        return {"Id": text.strip("[]")}


class TargetGroup(Resource):
    """See the module."""

    kind: ClassVar[str] = "target_group"
    section: ClassVar[str] = "TargetGroups"
    described_as: ClassVar[tuple[str, ...]] = ("TargetHealthDescriptions", "Attributes")
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::ElasticLoadBalancingV2::TargetGroup",)
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={
            "aws_lb_target_group": "AWS::ElasticLoadBalancingV2::TargetGroup",
            "aws_alb_target_group": "AWS::ElasticLoadBalancingV2::TargetGroup",
            "aws_lb_target_group_attachment": "aws_lb_target_group_attachment",
            "aws_alb_target_group_attachment": "aws_lb_target_group_attachment",
        },
        refers={
            "target_group_arn": ("aws_lb_target_group", "aws_alb_target_group"),
            "target_id": ("aws_instance", "aws_lb", "aws_alb", "aws_lambda_function"),
        },
    )
    native_names: ClassVar[Mapping[str, str]] = {
        "vpc": "VpcId",
        "type": "TargetType",
        "protocol": "Protocol",
        "port": "Port",
        "targets": "Targets",
        "health": "Health",
        "cross_zone": "CrossZone",
        "preserve_client_ip": "PreserveClientIp",
        "ip_type": "IpAddressType",
    }
    native_text: ClassVar[tuple[str, ...]] = ("Targets",)

    id: str = field(api="TargetGroupArn")
    target_type: str = field(default="instance", pattern="^(instance|ip|alb|lambda)$")
    protocol: str = ""
    ip_address_type: str = field(default="ipv4", pattern="^(ipv4|ipv6)$")
    port: int | None = field(default=None, ge=1, le=65535)
    vpc_id: Annotated[str | None, refers_to("vpc")] = None
    targets: tuple[TargetDescription, ...] = ()
    target_group_attributes: tuple[Attribute, ...] = ()

    @classmethod
    def described(cls, declaration: Declaration) -> Declared:
        """A group; its targets and its attributes come in answers that are about one group."""
        fields, group = dict(declaration.fields), str(declaration.page.get("TargetGroupArn", ""))
        if declaration.type == "Attributes":
            yield Patch(group, {"TargetGroupAttributes": [fields]}, declaration.origin)
        elif declaration.type == "TargetHealthDescriptions":
            target = {**fields["Target"], "State": (fields.get("TargetHealth") or {}).get("State", "healthy")}
            if target["State"] != "unused" or target.get("Id"):
                yield Patch(group, {"Targets": [target]}, declaration.origin)
        else:
            fields.setdefault("Name", fields.get("TargetGroupName"))
            yield Draft(cls, declaration.id, fields, declaration.origin)

    @classmethod
    def terraform(cls, declaration: Declaration) -> Declared:
        """Sources: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/lb_target_group,
        https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/lb_target_group_attachment
        """
        fields, origin = dict(declaration.fields), declaration.origin
        if declaration.type == "aws_lb_target_group_attachment":
            names = {"TargetId": "Id", "Port": "Port", "AvailabilityZone": "AvailabilityZone"}
            target = {known: fields[name] for name, known in names.items() if name in fields}
            yield Patch(
                fields.get("TargetGroupArn", ""), {"Targets": [{**target, "WrittenAt": origin}]}, origin, key="target_group_arn"
            )
            return
        switches = ((CROSS_ZONE, "LoadBalancingCrossZoneEnabled"), (PRESERVE_CLIENT_IP, "PreserveClientIp"))
        told = [(key, str(fields.pop(name, "")).lower()) for key, name in switches]
        if given := [{"Key": key, "Value": value} for key, value in told if value in ("true", "false")]:
            fields["TargetGroupAttributes"] = given
        yield Draft(cls, declaration.id, fields, origin)

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        fields, existing = dict(declaration.fields), declaration.existing
        for word, key in (("CrossZone", CROSS_ZONE), ("PreserveClientIp", PRESERVE_CLIENT_IP)):
            if word in fields:
                known = fields.get("TargetGroupAttributes", existing.get("TargetGroupAttributes"))
                fields["TargetGroupAttributes"] = with_switch(known, key, fields.pop(word))
        if "Protocol" in fields:
            fields["Protocol"] = str(fields["Protocol"]).upper()
        targets = [_target(t) for t in as_list(fields.get("Targets", existing.get("Targets")))]
        if "Targets" in fields or "Health" in fields:
            fields["Targets"] = _with_health(targets, fields.pop("Health", None), declaration)
        if targets and "TargetType" not in {*fields, *existing} and all(_is_address(t.get("Id")) for t in targets):
            fields["TargetType"] = "ip"
        if targets and "IpAddressType" not in {*fields, *existing} and all(_is_address(t.get("Id"), 6) for t in targets):
            fields["IpAddressType"] = "ipv6"
        yield Draft(cls, declaration.id, fields, declaration.origin)

    @property
    def transports(self) -> tuple[int, ...]:
        """The IP protocols that it takes; every one of a listener where no protocol is said."""
        return TRANSPORTS.get(self.protocol, ())

    @property
    def cross_zone(self) -> bool | None:
        """On, off, or None: as the load balancer says."""
        return attribute(self.target_group_attributes, CROSS_ZONE)

    @property
    def family(self) -> int:
        """The IP version by which its targets are reached."""
        return 6 if self.ip_address_type == "ipv6" else 4

    def preserves(self, protocol: int) -> bool:
        """Whether a Network Load Balancer keeps the client's address towards these targets."""
        asked = attribute(self.target_group_attributes, PRESERVE_CLIENT_IP)
        if protocol == UDP or UDP in self.transports:
            return True
        return self.target_type != "ip" if asked is None else asked

    def found(self, net: "Network") -> Iterator[Target]:
        """The registered targets with their addresses and zones."""
        for target in self.targets:
            if target.state not in NEVER:
                yield from self._found(target, net)

    def _found(self, target: TargetDescription, net: "Network") -> Iterator[Target]:
        port, healthy = target.port or self.port or 0, target.state == "healthy"
        if self.target_type == "lambda":
            yield Target(target.id, None, 0, "", healthy, self)
        elif self.target_type == "ip":
            number = address(target.id)
            zone = "" if target.availability_zone == ALL_ZONES else target.availability_zone or self._zone_of(number, net)
            yield Target(target.id, number, port, zone, healthy, self)
        else:
            interfaces = net.interfaces_of(target.id)
            for interface in interfaces if self.target_type == "alb" else interfaces[:1]:
                number = net.address_of(interface, self.family)
                yield Target(target.id, number, port, zone_of(interface, net), healthy, self)

    def _zone_of(self, number: int, net: "Network") -> str:
        """The zone of the subnet that holds an address; empty for one outside of the VPC."""
        for subnet in net.topology.of_kind("subnet"):
            if getattr(subnet, "vpc_id", "") == self.vpc_id and any(b.holds(number) for b in getattr(subnet, "blocks", ())):
                return str(getattr(subnet, "availability_zone", ""))
        return ""

    def register(self, index: "Index") -> None:
        """A target group is looked up, not passed."""
        index.places[self.id] = self

    def refusals(self, topology: "Topology") -> Iterable[Problem]:
        if self.protocol not in ("", *TRANSPORTS) or self.protocol == "SSL":
            yield refuse(f"{self.id}: `{self.protocol}` is not a protocol of target groups", "ValidationError", self)
        if self.target_type != "lambda" and self.port is None and self.protocol != "GENEVE" and not self._ports_are_said():
            yield refuse(f"{self.id}: a port is needed", "ValidationError", self)
        if self.protocol == "GENEVE" and self.port not in (None, 6081):
            yield refuse(f"{self.id}: GENEVE uses port 6081, not {self.port}", "ValidationError", self)
        if UDP in self.transports and attribute(self.target_group_attributes, PRESERVE_CLIENT_IP) is False:
            message = f"{self.id}: client IP preservation cannot be off for {self.protocol}"
            yield refuse(message, "InvalidConfigurationRequest", self)
        if self.family == 6 and (self.target_type == "alb" or "QUIC" in self.protocol):
            message = f"{self.id}: no group of {_NAMES[6]} has {'QUIC' if 'QUIC' in self.protocol else 'a load balancer in it'}"
            yield refuse(message, "InvalidConfigurationRequest", self)
        if self.target_type in ("alb", "lambda") and len(self.targets) > 1:
            yield refuse(f"{self.id}: one target only, of type {self.target_type}", "TooManyTargets", self)
        for target in self.targets:
            yield from self._target_refusals(target, topology)

    def _ports_are_said(self) -> bool:
        return all(target.port for target in self.targets)

    def _target_refusals(self, target: TargetDescription, topology: "Topology") -> Iterable[Problem]:
        yield from self._zone_refusals(target)
        if self.target_type == "ip":
            yield from self._address_refusals(target, topology)
        elif self.target_type in ("instance", "alb"):
            kind = "instance" if self.target_type == "instance" else "load_balancer"
            known = topology.resources.get(target.id)
            if known is None or known.kind != kind:
                close = nearest(target.id, [r.id for r in topology.of_kind(kind)])
                hint = f"; did you mean `{close}`?" if close else ""
                what = kind.replace("_", " ")
                yield refuse(
                    f"{self.id}: `{target.id}` is not a {what} of this model{hint}", "InvalidTarget", _placed(target, self)
                )
            elif self.vpc_id and _vpcs_of(target.id, topology) - {self.vpc_id}:
                yield refuse(f"{self.id}: {target.id} is not in {self.vpc_id}", "InvalidTarget", _placed(target, self))
            elif not _has_address(target.id, self.family, topology):
                message = f"{self.id}: {target.id} has no {_primary(self.family)} address"
                yield refuse(message, "InvalidTarget", _placed(target, self))

    def _zone_refusals(self, target: TargetDescription) -> Iterable[Problem]:
        """The page names no error code; the API's common one stands for a wrong zone.

        Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetDescription.html
        """
        zone, where = target.availability_zone, _placed(target, self)
        if self.target_type in ("instance", "alb") and zone:
            message = f"{self.id}: {target.id} has a zone of its own, and a target of type {self.target_type} is given none"
            yield refuse(message, "ValidationError", where)
        elif self.target_type == "lambda" and zone not in ("", ALL_ZONES):
            yield refuse(
                f"{self.id}: {target.id} is a function, whose zone is `{ALL_ZONES}` or not told", "ValidationError", where
            )

    def _is_outside(self, number: int, topology: "Topology") -> bool:
        """Whether an address is in no subnet of the group's VPC."""
        subnets = topology.kept("subnets by VPC", lambda: _subnets(topology))
        return self.vpc_id is not None and not any(block.holds(number) for block in subnets.get(self.vpc_id, ()))

    def _address_refusals(self, target: TargetDescription, topology: "Topology") -> Iterable[Problem]:
        """Addresses of the group's family: of the VPC's subnets and of private ranges, or of its IPv6 blocks and its peers'."""
        if not _is_address(target.id):
            yield Problem(f"{self.id}: `{target.id}` is not an address", target.origin or self.origin)
            return
        number, vpcs = address(target.id), [self.vpc_id or ""]
        if family(number) != self.family:
            message = f"{self.id}: {target.id} is not an {_NAMES[self.family]} address, and the group holds such targets only"
            yield refuse(message, "ValidationError", _placed(target, self))
            return
        vpcs += _peers(self.vpc_id, topology) if self.family == 6 else ()
        blocks = (block for vpc in vpcs for block in getattr(topology.resources.get(vpc), "blocks", ()))
        allowed = (*blocks, *PRIVATE, CARRIER_GRADE)
        if not any(block.holds(number) for block in allowed):
            message = f"{self.id}: {target.id} is neither in {self.vpc_id} nor in a private range"
            yield refuse(message, "ValidationError", _placed(target, self))
        elif not target.availability_zone and self._is_outside(number, topology):
            message = (
                f"{self.id}: {target.id} is in no subnet of {self.vpc_id}, so it needs an Availability Zone, or `{ALL_ZONES}`"
            )
            yield refuse(message, "ValidationError", _placed(target, self))

    def links(self, net: "Network") -> Iterable[Link]:
        for target in self.targets:
            yield Link(self.id, target.id, "target")


def _subnets(topology: "Topology") -> dict[str, list[Any]]:
    """The blocks of the subnets of each VPC."""
    found: dict[str, list[Any]] = {}
    for subnet in topology.of_kind("subnet"):
        found.setdefault(getattr(subnet, "vpc_id", ""), []).extend(getattr(subnet, "blocks", ()))
    return found


def zone_of(interface: str, net: "Network") -> str:
    """The Availability Zone of an interface."""
    subnet: Any = net.topology.resources.get(net.subnet_of(interface) or "")
    return str(subnet.availability_zone) if subnet is not None else ""


def _vpcs_of(owner: str, topology: "Topology") -> set[str]:
    interfaces = (i for i in topology.of_kind("network_interface") if getattr(i, "attached_to", None) == owner)
    return {str(getattr(interface, "vpc_id", "")) for interface in interfaces}


def _placed(target: TargetDescription, group: TargetGroup) -> Shape:
    return target if target.origin else group


def _is_address(text: Any, version: int | None = None) -> bool:
    try:
        return family(address(str(text))) in (version or 4, version or 6)
    except ValueError:
        return False


_NAMES = {4: "IPv4", 6: "IPv6"}


def _primary(version: int) -> str:
    return f"primary {_NAMES[version]}"


def _has_address(owner: str, version: int, topology: "Topology") -> bool:
    """Whether the interfaces of an owner have an address of an IP version."""
    interfaces: list[Any] = [i for i in topology.of_kind("network_interface") if getattr(i, "attached_to", None) == owner]
    return any(family(number) == version for interface in interfaces for number in interface.addresses)


def _peers(vpc: str | None, topology: "Topology") -> tuple[str, ...]:
    """The VPCs that peering connections join to this one."""
    pairs = ({ref.id for ref in peering.references()} for peering in topology.of_kind("vpc_peering_connection"))
    return tuple(sorted(other for pair in pairs if vpc in pair for other in pair - {vpc}))


def _target(item: Any) -> dict[str, Any]:
    fields = dict(item) if isinstance(item, Mapping) else {"Text": str(item)}
    text = fields.pop("Text", None)
    written = getattr(item, "origin", None)
    place = {"WrittenAt": written} if written and "WrittenAt" not in fields else {}
    words = {"id": "Id", "port": "Port", "az": "AvailabilityZone", "state": "State"}
    named = {words.get(str(key), str(key)): value for key, value in fields.items()}
    return {**(TargetDescription.read_text(text) if text is not None else {}), **named, **place}


def _with_health(targets: list[dict[str, Any]], health: Any, declaration: Declaration) -> list[dict[str, Any]]:
    states = {str(key): str(value) for key, value in (health or {}).items()}
    names = {str(t.get("Id")) for t in targets} | {f"{t.get('Id')}:{t.get('Port')}" for t in targets}
    if unknown := states.keys() - names:
        name = sorted(unknown)[0]
        close = nearest(name, sorted(names))
        hint = f"; did you mean `{close}`?" if close else ""
        raise InputError(Problem(f"{declaration.id}: health: `{name}` is not a target{hint}", declaration.origin))
    return [{**t, **_state(states.get(f"{t.get('Id')}:{t.get('Port')}") or states.get(str(t.get("Id"))))} for t in targets]


def _state(state: str | None) -> dict[str, str]:
    return {} if state is None else {"State": state}
