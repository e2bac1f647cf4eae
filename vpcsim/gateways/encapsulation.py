"""What the rooms share that carry a packet inside another one: the way of the outer packet is walked as well.

Its steps are told as steps of the packet inside.

Sources: https://docs.aws.amazon.com/elasticloadbalancing/latest/gateway/introduction.html (GENEVE),
https://docs.aws.amazon.com/vpc/latest/tgw/tgw-connect.html (GRE).
"""

from collections.abc import Generator
from typing import TYPE_CHECKING

from vpcsim.packet import Packet
from vpcsim.trace import HAND_OVER, Step

if TYPE_CHECKING:
    from vpcsim.network import Network

MAX_PLACES = 16


def carried(
    outer: Packet, place: str, came_from: str, packet: Packet, net: "Network", until: str = ""
) -> Generator[Step, None, str | None]:
    """The steps of an outer packet, up to the interface that has its destination or to the place `until`.

    Returns what is behind that interface, or that place; None if the packet does not get there.
    """
    for _ in range(MAX_PLACES):
        to: str | None = None
        for step in net.places[place].receive(outer, came_from, net):
            to = step.to
            yield about(packet, step)
            if step.disposition is not None:
                return None
        if to is None or to == until or net.holds(place, outer.dst):
            return to
        place, came_from = to, place
    return None


def about(packet: Packet, step: Step) -> Step:
    """A step of the outer packet as a step of the packet inside: its sentence is told, and stays."""
    because, fix = (text.replace("{", "{{").replace("}", "}}") for text in (step.sentence, step.remedy))
    return step._replace(because=because if step.because is not HAND_OVER else HAND_OVER, packet=packet, original=None, fix=fix)
