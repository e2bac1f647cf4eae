"""A Classic Load Balancer: listeners that lead a port to a port of the registered instances.

It ends the client's connection, so instances see the node. The network ACL of a subnet applies between a node and its
instances even inside that subnet. Cross-zone balancing is off when it is made by the API, on when made in the console.

It has no IPv6 address in a VPC.

Not modelled here: policies of a Classic Load Balancer, back-end authentication.

Sources: https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/enable-disable-crosszone-lb.html,
https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/how-elastic-load-balancing-works.html (IP address types),
https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/elb-vpc-security-groups.html,
https://docs.aws.amazon.com/vpc/latest/reachability/explanation-codes.html (ELB_*),
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-elasticloadbalancing-loadbalancer.html.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from vpcsim.codes import Code
from vpcsim.errors import Problem
from vpcsim.gateways.load_balancer.balancer import INTERNET_FACING, Balancer, Denial, Led, best, dns_name
from vpcsim.gateways.load_balancer.target_group import Target, zone_of
from vpcsim.packet import TCP, Packet
from vpcsim.resource import Declaration, Declared, Draft, Link, Patch, Resource, TerraformSpelling, as_list, refers_to, refuse
from vpcsim.shape import Shape, field
from vpcsim.trace import Step

if TYPE_CHECKING:
    from vpcsim.network import Network
    from vpcsim.topology import Topology

PROTOCOLS = ("HTTP", "HTTPS", "TCP", "SSL")


class ClassicListener(Shape):
    """A listener: the port of the load balancer, and the port of the instances."""

    protocol: str = "TCP"
    load_balancer_port: int = field(ge=1, le=65535)
    instance_port: int = field(ge=1, le=65535)

    def __str__(self) -> str:
        return f"listener {self.protocol} {self.load_balancer_port} to {self.instance_port}"


class RegisteredInstance(Shape):
    """An instance that takes requests."""

    instance_id: Annotated[str, refers_to("instance")]
    state: str = "InService"


class ClassicLoadBalancer(Balancer):
    """See the module."""

    kind: ClassVar[str] = "classic_load_balancer"
    section: ClassVar[str] = "LoadBalancerDescriptions"
    described_as: ClassVar[tuple[str, ...]] = ("InstanceStates", "LoadBalancerAttributes")
    described_interfaces: ClassVar[str] = r"ELB ([^/]+)"
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::ElasticLoadBalancing::LoadBalancer",)
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={"aws_elb": "AWS::ElasticLoadBalancing::LoadBalancer", "aws_elb_attachment": "aws_elb_attachment"},
        names={
            "name": "LoadBalancerName",
            "dns_name": "DNSName",
            "listener": "Listeners",
            "lb_port": "LoadBalancerPort",
            "lb_protocol": "Protocol",
        },
        refers={"elb": ("aws_elb",), "instance": ("aws_instance",), "instances": ("aws_instance",)},
    )
    native_names: ClassVar[Mapping[str, str]] = {
        "scheme": "Scheme",
        "subnets": "Subnets",
        "security_groups": "SecurityGroups",
        "cross_zone": "CrossZone",
        "listeners": "Listeners",
        "instances": "Instances",
        "health": "Health",
    }

    id: str = field(api="LoadBalancerName")
    dns_name: str = field(default="", api="DNSName")
    scheme: str = field(default=INTERNET_FACING, pattern="^(internet-facing|internal)$")
    subnets: tuple[Annotated[str, refers_to("subnet")], ...] = ()
    security_groups: tuple[Annotated[str, refers_to("security_group")], ...] = ()
    cross_zone: bool = False
    listeners: tuple[ClassicListener, ...] = ()
    instances: tuple[RegisteredInstance, ...] = ()

    @classmethod
    def described(cls, declaration: Declaration) -> Declared:
        """A load balancer; the states of its instances and its attributes come in answers that are about one."""
        fields, about = dict(declaration.fields), str(declaration.page.get("LoadBalancerName", ""))
        if declaration.type == "InstanceStates":
            yield Patch(about, {"InstanceStates": [fields]}, declaration.origin)
        elif declaration.type == "LoadBalancerAttributes":
            on = (fields.get("CrossZoneLoadBalancing") or {}).get("Enabled", False)
            yield Patch(about, {"CrossZone": on}, declaration.origin)
        else:
            if "ListenerDescriptions" in fields:
                fields["Listeners"] = [listed["Listener"] for listed in fields.pop("ListenerDescriptions")]
            fields.setdefault("VpcId", fields.pop("VPCId", ""))
            yield Draft(cls, declaration.id, fields, declaration.origin)

    @classmethod
    def lacking(cls, fields: Mapping[str, Any]) -> str:
        """Nothing; here the states meet the instances."""
        states = {each["InstanceId"]: each.get("State", "InService") for each in fields.get("InstanceStates", ())}
        for instance in fields.get("Instances", ()) if states else ():
            instance["State"] = states.get(instance["InstanceId"], "InService")
        return ""

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        fields["Instances"] = [{"InstanceId": id} for id in as_list(fields.get("Instances"))]
        yield Draft(cls, declaration.id, fields, declaration.origin)

    @classmethod
    def terraform(cls, declaration: Declaration) -> Declared:
        """The provider turns cross-zone load balancing on unless it is told otherwise.

        Sources: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/elb, https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/elb_attachment
        """
        fields, origin = dict(declaration.fields), declaration.origin
        if declaration.type == "aws_elb_attachment":
            instance = {"InstanceId": fields.get("Instance")}
            yield Patch(fields.get("Elb", ""), {"Instances": [instance]}, origin, key="elb")
            return
        fields["Scheme"] = "internal" if fields.pop("Internal", False) is True else INTERNET_FACING
        fields["CrossZone"] = fields.pop("CrossZoneLoadBalancing", True)
        for listener in as_list(fields.get("Listeners")):
            if isinstance(listener, dict):
                listener["Protocol"] = str(listener.get("Protocol", "TCP")).upper()
        yield from cls.cloudformation(declaration._replace(fields=fields))

    @classmethod
    def cloudformation_attribute(cls, declaration: Declaration, attribute: str) -> Any:
        if attribute not in ("DNSName", "CanonicalHostedZoneName"):
            return None
        scheme = str(declaration.fields.get("Scheme", INTERNET_FACING))
        return dns_name(
            declaration.id, str(declaration.fields.get("LoadBalancerName", "")), "classic", scheme, declaration.region
        )

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        fields, existing = dict(declaration.fields), declaration.existing
        for name in ("SecurityGroups", "Subnets"):
            if name in fields:
                fields[name] = as_list(fields[name])
        if isinstance(fields.get("Listeners"), Mapping):
            fields["Listeners"] = list(_native_listeners(fields["Listeners"]))
        health = fields.pop("Health", None) or {}
        if "Instances" in fields or health:
            known = [i["InstanceId"] for i in existing.get("Instances", ())]
            ids = [str(id) for id in as_list(fields.get("Instances", known))]
            states = {str(id): _STATES.get(str(state), str(state)) for id, state in health.items()}
            fields["Instances"] = [{"InstanceId": id, "State": states.get(id, "InService")} for id in ids]
        yield Draft(cls, declaration.id, fields, declaration.origin)

    @property
    def subnet_ids(self) -> tuple[str, ...]:
        return self.subnets

    def implied(self, topology: "Topology") -> Iterable[Resource]:
        name = self.dns_name or dns_name(self.id, "", "classic", self.scheme, topology.region_of(self))
        yield self.replaced(vpc_id=self.vpc_of_nodes(topology), dns_name=name)
        for subnet in self.subnets:
            public = self.scheme == INTERNET_FACING
            yield self.node(subnet, self.security_groups or None, wants_public_address=public, wants_ipv6_address=False)

    def led(self, packet: Packet, zone: str, net: "Network") -> Led | Denial:
        ports = packet.dst_port
        listener = next(
            (each for each in self.listeners if packet.protocol == TCP and ports == (each.load_balancer_port,) * 2), None
        )
        if listener is None:
            pinned = len(self.listeners) == 1 and packet.protocol == TCP
            code = Code.ELB_LISTENER_PORT_RESTRICTION if pinned else Code.ELB_LISTENERS_MISMATCH
            known = ", ".join(f"{each.protocol} {each.load_balancer_port}" for each in self.listeners) or "none"
            return Denial("{at}: no listener takes {packet.service}; it has {about}", code, known)
        targets = [self._target(instance, listener.instance_port, net) for instance in self.instances]
        zones = {zone_of(node, net) for node in net.interfaces_of(self.id)}
        enabled = [target for target in targets if target.zone in zones]
        near = enabled if self.cross_zone else [target for target in enabled if target.zone == zone]
        if near:
            return Led(listener, best(near))
        if enabled:
            return Denial("{at}: no instance in {about}, and cross-zone balancing is off", Code.ELB_NOT_CROSSZONE, zone)
        about = ", ".join(sorted(zones))
        return Denial("{at}: no instance in its zones ({about})", Code.ELB_INSTALLED_AZ_RESTRICTION, about)

    def _target(self, instance: RegisteredInstance, port: int, net: "Network") -> Target:
        interface = net.interfaces_of(instance.instance_id)[0]
        healthy = instance.state == "InService"
        return Target(instance.instance_id, net.address_of(interface, 4), port, zone_of(interface, net), healthy)

    def within(self, packet: Packet, target: int, node: str, net: "Network") -> Iterator[Step]:
        """The ACL of a subnet, out of it and back in, where no other packet of the subnet would meet it."""
        subnet = net.subnet_of(node) or ""
        if net.subnet_of(net.interface_at(self.vpc_id, target) or "") != subnet:
            return
        for egress in (True, False):
            step = net.acl_of(subnet).filter(packet, egress, net)
            yield step if step.disposition is None else step._replace(code=Code.ELB_ACL_RESTRICTION)

    def refusals(self, topology: "Topology") -> Iterable[Problem]:
        subnets: list[Any] = [topology.resources[id] for id in self.subnets]
        zones = [subnet.availability_zone for subnet in subnets]
        if not zones:
            yield refuse(f"{self.id}: at least one subnet is needed", "ValidationError", self)
        if len(set(zones)) < len(zones):
            yield refuse(f"{self.id}: two subnets are in the same Availability Zone", "InvalidConfigurationRequest", self)
        if not self.listeners:
            yield refuse(f"{self.id}: a listener is needed", "ValidationError", self)
        ports: set[int] = set()
        for listener in self.listeners:
            if listener.load_balancer_port in ports:
                yield refuse(f"{self.id}: two listeners on port {listener.load_balancer_port}", "DuplicateListener", self)
            ports.add(listener.load_balancer_port)
            if listener.protocol.upper() not in PROTOCOLS:
                message = f"{self.id}: `{listener.protocol}` is not a protocol of Classic Load Balancers"
                yield refuse(message, "UnsupportedProtocol", self)

    def links(self, net: "Network") -> Iterable[Link]:
        yield from super().links(net)
        for instance in self.instances:
            yield Link(self.id, instance.instance_id, "forwards to")


_STATES = {"healthy": "InService", "unhealthy": "OutOfService"}


def _native_listeners(listeners: Mapping[Any, Any]) -> Iterator[dict[str, Any]]:
    """`{80: 8080}`, with a protocol if it matters: `{443/ssl: 8443}`."""
    for key, instance_port in listeners.items():
        if key == "WrittenAt":
            continue
        port, _, protocol = str(key).partition("/")
        yield {"LoadBalancerPort": port, "InstancePort": instance_port, "Protocol": protocol.upper() or "TCP"}
