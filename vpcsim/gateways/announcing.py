"""What the rooms of hybrid networks share: places that announce prefixes to each other, as routers with BGP do.

A place learns ways from its neighbours and hands a packet to the one that announced the longest prefix. Of equal
prefixes Direct Connect comes first, then a VPN with static routes, then a VPN with BGP; what is down announces nothing
while something else is up.

Source: https://docs.aws.amazon.com/vpn/latest/s2svpn/vpn-route-priority.html
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Annotated, ClassVar, NamedTuple

from vpcsim.prefixes import CARRIER_GRADE, EVERYWHERE, PRIVATE, Prefix, PrefixTable
from vpcsim.resource import Resource, refers_to

if TYPE_CHECKING:
    from vpcsim.network import Index, Network

DIRECT_CONNECT, VPN_STATIC, VPN_BGP = 0, 1, 2
"""The order of origins, the preferred one first."""
ANYTHING = (*PRIVATE, CARRIER_GRADE, *EVERYWHERE.values())
"""What a network may announce whose prefixes the model does not tell. The private blocks stand beside the default route,
because a shorter route of the model's own must not look like the answer for them."""


class Announcement(NamedTuple):
    """A prefix that a place says it can reach."""

    prefix: Prefix
    rank: int = DIRECT_CONNECT
    up: bool = True


class Announcing(Resource):
    """A place that announces prefixes to its neighbours."""

    joins_hub: ClassVar[bool] = False
    """Whether a virtual private gateway passes on to others what this place announces."""

    def announces(self, to: str, net: "Network") -> Iterator[Announcement]:
        """The prefixes that the place `to` learns from this one."""
        return iter(())


class CustomerSide(Announcing):
    """What stands at the edge of an on-premises network: without a network of its own it gets one that it alone leads to."""

    on_premises_network_id: Annotated[str | None, refers_to("on_premises_network")] = None

    @property
    def network(self) -> str:
        """The id of the on-premises network behind it."""
        return self.on_premises_network_id or f"{self.id}/network"


def join(index: "Index", one: str, other: str) -> None:
    """Make two places neighbours of each other."""
    for here, there in ((one, other), (other, one)):
        index.neighbours.setdefault(here, []).append(there)


def way_to(number: int, here: str, net: "Network", among: tuple[str, ...] | None = None) -> str | None:
    """The neighbour of `here` to which a packet for this address goes, or None if nobody announces it."""
    known = among if among is not None else tuple(net.index.neighbours.get(here, ()))
    key = ("ways", here, known)
    up, down = net.compiled(key) or net.compile(key, _tables(here, known, net))
    found: str | None = up.lookup(number) or down.lookup(number)
    return found


def _tables(here: str, known: Iterable[str], net: "Network") -> tuple[PrefixTable[str], PrefixTable[str]]:
    learned = [(a, place) for place in known for a in announcements(place, here, net)]
    learned.sort(key=lambda pair: pair[0].rank)
    return (
        PrefixTable((a.prefix, place) for a, place in learned if a.up),
        PrefixTable((a.prefix, place) for a, place in learned if not a.up),
    )


def announcements(place: str, to: str, net: "Network") -> Iterator[Announcement]:
    """What one place announces to another one."""
    resource = net.places.get(place)
    return resource.announces(to, net) if isinstance(resource, Announcing) else iter(())


def attachment_of(resource: str, net: "Network", gateway: str | None = None) -> str | None:
    """The attachment by which a place sends into a transit gateway, or None if the model has none."""
    for place in net.places.values():
        if getattr(place, "resource_id", None) == resource and gateway in (None, getattr(place, "transit_gateway_id", None)):
            return place.id
    return None
