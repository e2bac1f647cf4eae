"""The parts of a network interface: its groups, its addresses, the public address that AWS assigns to it.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkInterface.html
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from vpcsim.prefixes import Prefix
from vpcsim.resource import Address, refers_to
from vpcsim.shape import Read, Shape

if TYPE_CHECKING:
    from vpcsim.network import Network
    from vpcsim.topology import Topology

ELASTIC_ADDRESSES = Prefix.parse("203.0.113.0/24")
MORE_ELASTIC_ADDRESSES = Prefix.parse("198.18.0.0/15")
PUBLIC_SCOPE = "public addresses"


class GroupIdentifier(Shape):
    """A group that the interface holds."""

    group_id: Annotated[str, refers_to("security_group")]

    @classmethod
    def read_text(cls, text: str) -> Mapping[str, Any]:
        return {"GroupId": text}


def written(name: str) -> Read:
    """A lone text as the one field of a part."""
    return Read(lambda value: {name: value} if isinstance(value, str) else value)


Group = Annotated[GroupIdentifier, written("GroupId")]


class PrivateAddress(Shape):
    """One IPv4 address of the interface."""

    private_ip_address: Address
    primary: bool = False


class Ipv6Address(Shape):
    """One IPv6 address of the interface."""

    ipv6_address: Address


Ipv6 = Annotated[Ipv6Address, written("Ipv6Address")]


class InterfaceAssociation(Shape):
    """The public address that AWS assigned on its own."""

    public_ip: Address


def choose_public_address(seed: str, topology: "Topology") -> int | None:
    """A free public address, where AWS would draw one: from the documentation range, then from the benchmark range."""
    for block in (ELASTIC_ADDRESSES, MORE_ELASTIC_ADDRESSES):
        inner = Prefix(block.first + 1, block.last - 1)
        if (number := topology.choose(PUBLIC_SCOPE, inner, seed)) is not None:
            return number
    return None


def choose_address(block: Prefix | None, subnet: str, seed: str, topology: "Topology") -> int | None:
    """A free address of a subnet's block, without those that AWS keeps for itself."""
    if block is None:
        return None
    return topology.choose(subnet, Prefix(block.first + 4, block.last - 1), seed)


def is_block(peer: Any, net: "Network") -> bool:
    """Whether a rule's peer is a block or a list of them, and so no group."""
    return isinstance(peer, Prefix) or net.prefixes_of(peer) is not None


def default_groups(topology: "Topology") -> dict[str, str]:
    """The default groups by VPC; the first one counts."""
    groups = [r for r in topology.of_kind("security_group") if getattr(r, "group_name", "") == "default"]
    return {getattr(group, "vpc_id", ""): group.id for group in reversed(groups)}


def to_list_of_aws(number: int, net: "Network") -> str:
    """The prefix list of AWS that holds an address, if the model has it: a rule for what goes to a gateway endpoint names it.

    Source: https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html
    """
    held = (id for id, blocks in net.index.prefixes.items() if any(block.holds(number) for block in blocks))
    lists = (net.topology.resources.get(id) for id in held)
    return next((f"to {r.id} ({r.name})" for r in lists if r is not None and r.owner_id == "AWS"), "")
