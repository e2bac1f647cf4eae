"""What every load balancer is: a node with an address in each zone, which hands what it takes to one of several targets.

A node gets a public address if the scheme is internet-facing; targets are always reached by their private ones. Where it
rewrites the source, it sends from its own address and a port from 1024 to 65535. A healthy target is chosen; if nobody is
healthy, everybody is asked. What comes over AWS PrivateLink arrives at the load balancer without passing a subnet.

Sources: https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/how-elastic-load-balancing-works.html,
https://docs.aws.amazon.com/elasticloadbalancing/latest/network/target-group-health-checks.html,
https://docs.aws.amazon.com/vpc/latest/userguide/custom-network-acl.html (ephemeral ports).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from vpcsim import services
from vpcsim.codes import Code
from vpcsim.fabric.network_interface import NetworkInterface
from vpcsim.gateways.load_balancer.target_group import Target, zone_of
from vpcsim.packet import Packet
from vpcsim.prefixes import Ports, family
from vpcsim.resource import Link, Resource
from vpcsim.stable import stable_hex
from vpcsim.trace import Disposition, Step, accepted, onward

if TYPE_CHECKING:
    from vpcsim.network import Index, Network
    from vpcsim.topology import Topology

PORTS: Ports = (1024, 65535)
INTERNET_FACING = "internet-facing"


class Denial(NamedTuple):
    """Why a packet goes to no target."""

    because: str
    code: Code
    about: str = ""


class Led(NamedTuple):
    """Where a listener leads a packet: to one of these targets, or to an answer of the load balancer's own."""

    rule: Any
    targets: tuple[Target, ...]
    answer: str = ""
    denials: Mapping[str, Denial] = {}
    """By label, the targets that stand for a rule which leads nowhere."""


class Balancer(Resource):
    """See the module. Subclasses say what their listeners take and how a target is addressed."""

    interface_type: ClassVar[str] = "load_balancer"

    vpc_id: str = ""
    scheme: str = INTERNET_FACING
    dns_name: str = ""
    ip_address_type: str = "ipv4"

    @property
    def subnet_ids(self) -> tuple[str, ...]:
        """The subnets of its nodes."""
        raise NotImplementedError

    def led(self, packet: Packet, zone: str, net: "Network") -> Led | Denial:
        """What the listener for this packet does at the node of a zone."""
        raise NotImplementedError

    def sent(self, packet: Packet, target: Target, node: str, private: bool, net: "Network") -> Packet | Denial:
        """The packet as it leaves for a target."""
        return self.translated(packet, target, node, net)

    def admit(self, packet: Packet, net: "Network") -> Iterator[Step]:
        """The filters for what comes over AWS PrivateLink."""
        yield from ()

    def within(self, packet: Packet, target: int, node: str, net: "Network") -> Iterator[Step]:
        """Filters of its own between a node and a target."""
        yield from ()

    def node(self, subnet: str, groups: Sequence[str] | None, **fields: Any) -> NetworkInterface:
        """The interface of one zone."""
        return NetworkInterface.behind(
            self, subnet, groups, interface_type=self.interface_type, source_dest_check=False, **fields
        )

    def vpc_of_nodes(self, topology: "Topology") -> str:
        """The VPC of its subnets."""
        first: Any = topology.resources.get(next(iter(self.subnet_ids), ""))
        return str(getattr(first, "vpc_id", ""))

    def register(self, index: "Index") -> None:
        index.places[self.id] = self
        if self.dns_name:
            index.host_of[self.id] = self.dns_name

    def late_attribute(self, attribute: str, topology: "Topology") -> str | None:
        return self.dns_name if attribute == "DNSName" else None

    def entrance(self, net: "Network") -> str | None:
        return None

    def named_nodes(self, net: "Network") -> tuple[str, ...]:
        """The nodes whose addresses the load balancer's name answers with."""
        return net.interfaces_of(self.id)

    def branches(self, packet: Packet, net: "Network") -> tuple[str, ...]:
        node = net.interface_at(self.vpc_id, packet.dst)
        led = self.led(packet, zone_of(node, net), net) if node else None
        return tuple(dict.fromkeys(target.label for target in led.targets)) if isinstance(led, Led) else ()

    def receive(self, packet: Packet, came_from: str | None, net: "Network") -> Iterator[Step]:
        original = net.session(self.id, packet)
        node = net.interface_at(self.vpc_id, original.dst if original else packet.dst)
        if original is not None and node is not None:
            yield from self._reply(packet, original, node, net)
        elif came_from is None or node is None or node not in net.interfaces_of(self.id):
            yield self.deny(packet, Denial("{at}: starts no connections of its own", Code.NO_PATH))
        else:
            private = came_from not in net.interfaces_of(self.id)
            if private:
                yield from self.admit(packet, net)
            yield from self._take(packet, node, private, net)

    def _take(self, packet: Packet, node: str, private: bool, net: "Network") -> Iterator[Step]:
        led = self.led(packet, zone_of(node, net), net)
        if isinstance(led, Denial):
            yield self.deny(packet, led)
            return
        yield onward(self.id, "{at}: {rule} takes it", packet, led.rule, None)
        target = self._chosen(led.targets, net)
        if target is not None and target.label in led.denials:
            yield self.deny(packet, led.denials[target.label])
            return
        if target is None or target.address is None:
            function = target is not None and target.group is not None
            because = "{at}: invokes the function {about}" if function else "{at}: answers with a {about}"
            about = led.answer if target is None else target.id
            yield accepted(self.id, because, packet, packet, about)
            return
        sent = self.sent(packet, target, node, private, net)
        if isinstance(sent, Denial):
            yield self.deny(packet, sent)
            return
        yield from self.within(sent, target.address, node, net)
        yield self._forwarded(packet, sent, target, node)

    def _forwarded(self, packet: Packet, sent: Packet, target: Target, node: str) -> Step:
        whose = ", in the client's name" if sent.src == packet.src else ""
        state = "" if target.healthy else ", which is not healthy, as none is"
        because = f"{{at}}: forwards to {{about}} as {{packet}}{whose}{state}"
        return Step(self.id, because, sent, None, node, None, None, packet, target.label)

    def _chosen(self, targets: tuple[Target, ...], net: "Network") -> Target | None:
        chosen = net.chosen.get(self.id)
        return next((target for target in targets if target.label == chosen), targets[0] if targets else None)

    def _reply(self, packet: Packet, original: Packet, node: str, net: "Network") -> Iterator[Step]:
        yield from self.within(packet, packet.src, node, net)
        answer = original.reversed()
        provider = next((place for place in net.index.provider_of.values() if net.session(place, answer) is not None), node)
        yield Step(self.id, "{at}: answers {packet.destination} from {packet.source}", answer, None, provider)

    def translated(self, packet: Packet, target: Target, node: str, net: "Network", src: int | None = None) -> Packet:
        """The packet for a target, in the node's name unless another sender is given."""
        assert target.address is not None
        ports = packet.src_port if src is not None else PORTS
        if src is None:
            src = net.address_of(node, family(target.address))
        return Packet(src, target.address, packet.protocol, ports, (target.port, target.port))

    def deny(self, packet: Packet, denial: Denial) -> Step:
        end = Disposition.UNDECIDED if denial.code is Code.VPCSIM_NOT_MODELLED else Disposition.DENIED
        return Step(self.id, denial.because, packet, None, None, end, denial.code, None, denial.about)

    def links(self, net: "Network") -> Iterable[Link]:
        yield Link(self.vpc_id, self.id, "contains")


def best(targets: Iterable[Target]) -> tuple[Target, ...]:
    """The healthy ones, or all of them if nobody is healthy.

    Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
    """
    everybody = tuple(targets)
    return tuple(target for target in everybody if target.healthy) or everybody


def dns_name(id: str, name: str, type: str, scheme: str, region: str) -> str:
    """The name that AWS gives a load balancer; its random part is made up from the id.

    Sources: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html,
    https://docs.aws.amazon.com/elasticloadbalancing/latest/network/network-load-balancers.html.
    """
    label = (name or id).lower().replace("_", "-").replace("/", "-")
    if type in ("network", "gateway"):
        return f"{label}-{stable_hex(id, 16)}.elb.{region}.{services.dns_suffix(region)}"
    number = int(stable_hex(id, 8), 16) % 10**9 + 10**9
    internal = "" if scheme == INTERNET_FACING else "internal-"
    return f"{internal}{label}-{number}.{region}.elb.{services.dns_suffix(region)}"
