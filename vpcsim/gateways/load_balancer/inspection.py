"""What a Gateway Load Balancer does: it carries a packet to an appliance and back, inside GENEVE on UDP port 6081.

The packet itself stays as it is. What the appliance does with it is not a fact of AWS: the model says it, by `forwards`
of the instance or `inspection` of the load balancer; otherwise it is undecided. The way from the node to the appliance and the
way back are walked with a GENEVE packet, so that groups, ACLs and routes are looked at.

An appliance answers the node that asked it. Whether it sends to port 6081, or from there as an answer in general does, AWS's
guide does not say: where groups or ACLs let only one of both through, it is undecided.

Sources: https://docs.aws.amazon.com/elasticloadbalancing/latest/gateway/introduction.html,
https://docs.aws.amazon.com/vpc/latest/privatelink/vpce-gateway-load-balancer.html,
https://docs.aws.amazon.com/elasticloadbalancing/latest/gateway/target-groups.html.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from vpcsim.codes import Code
from vpcsim.gateways.encapsulation import carried
from vpcsim.gateways.load_balancer.balancer import PORTS, Denial
from vpcsim.gateways.load_balancer.listener import listeners_of
from vpcsim.gateways.load_balancer.target_group import Target, zone_of
from vpcsim.packet import UDP, Packet
from vpcsim.trace import Disposition, Step, onward

if TYPE_CHECKING:
    from vpcsim.gateways.load_balancer.load_balancer import LoadBalancer
    from vpcsim.network import Network

GENEVE = (6081, 6081)


def inspect(balancer: "LoadBalancer", packet: Packet, endpoint: str, net: "Network") -> Iterator[Step]:
    """The steps of one inspection. Without a disposition at the end, the packet comes back as it was."""
    if balancer.inspection is not None:
        yield verdict(balancer.id, balancer.inspection, packet)
        return
    found = appliances(balancer, endpoint, net)
    if isinstance(found, Denial):
        yield balancer.deny(packet, found)
        return
    chosen = net.chosen.get(endpoint)
    target = next((each for each in found if each.label == chosen), found[0])
    yield onward(balancer.id, "{at}: carries {packet} to {about}", packet, None, None)._replace(about=target.label)
    outer, node = _encapsulated(balancer, target, endpoint, net)
    owner = yield from carried(outer, net.subnet_of(node) or "", node, packet, net)
    if owner is None:
        return
    judged = verdict(owner, getattr(net.places[owner], "forwards", None), packet)
    yield judged
    if judged.disposition is None:
        yield from _returned(balancer, outer, owner, packet, net)


def verdict(at: str, inspection: str | None, packet: Packet) -> Step:
    """What is declared of an appliance, or that nothing is."""
    if inspection == "pass":
        return onward(at, "{at}: lets {packet} pass and hands it back", packet, None, None)
    if inspection == "drop":
        return Step(at, "{at}: the appliance drops it", packet, None, None, Disposition.DENIED, Code.VPCSIM_APPLIANCE)
    because = "{at}: what the appliance does with {packet} is not in the model (PATH_THROUGH_GWLB_NOT_CHECKED)"
    return Step(at, because, packet, None, None, Disposition.UNDECIDED, Code.VPCSIM_NOT_MODELLED)


def appliances(balancer: "LoadBalancer", endpoint: str, net: "Network") -> tuple[Target, ...] | Denial:
    """The appliances among which the node of the endpoint's zone chooses."""
    listeners = listeners_of(balancer.id, net)
    if not listeners:
        return Denial("{at}: it has no listener", Code.ELBV2_LISTENERS_MISMATCH)
    led = balancer.targets(listeners[0], _zone(endpoint, net), net)
    return led if isinstance(led, Denial) else led.targets


def _zone(endpoint: str, net: "Network") -> str:
    return zone_of(next(iter(net.interfaces_of(endpoint)), ""), net)


def _encapsulated(balancer: "LoadBalancer", target: Target, endpoint: str, net: "Network") -> tuple[Packet, str]:
    """The GENEVE packet to an appliance, and the node that sends it."""
    zone, nodes = _zone(endpoint, net), net.interfaces_of(balancer.id)
    node = next((each for each in nodes if zone_of(each, net) == zone), nodes[0])
    assert target.address is not None
    return Packet(net.address_of(node), target.address, UDP, PORTS, GENEVE), node


def _returned(balancer: "LoadBalancer", outer: Packet, owner: str, packet: Packet, net: "Network") -> Iterator[Step]:
    """The steps from the appliance back to the node, if both ways to answer lead to the same end."""
    place = next(interface for interface in net.interfaces_of(owner) if net.holds(interface, outer.dst))
    to_port = Packet(outer.dst, outer.src, UDP, PORTS, GENEVE)
    remembering = net.during({(place, outer.reversed()): outer})
    found = [list(carried(answer, place, owner, packet, remembering)) for answer in (to_port, outer.reversed())]
    ends = {steps[-1].disposition for steps in found}
    if len(ends) > 1:
        because = "{at}: whether its answers go to or come from port 6081 decides, and is not documented"
        yield Step(owner, because, packet, disposition=Disposition.UNDECIDED, code=Code.VPCSIM_NOT_MODELLED)
    else:
        yield from found[0]
    if ends == {None}:
        yield onward(balancer.id, "{at}: takes {packet} back from {about}", packet, None, None)._replace(about=owner)
