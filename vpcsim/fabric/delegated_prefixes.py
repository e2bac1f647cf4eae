"""Prefixes delegated to a network interface: blocks of /28 and /80, each address of which the interface has as well.

Pods and containers get their addresses from them.

Sources: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-prefix-eni.html,
https://docs.aws.amazon.com/eks/latest/userguide/cni-increase-ip-addresses.html
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

from vpcsim.errors import Problem
from vpcsim.fabric.interface_parts import written
from vpcsim.fabric.subnet import Subnet
from vpcsim.prefixes import Prefix
from vpcsim.resource import Cidr, refuse
from vpcsim.shape import Shape

if TYPE_CHECKING:
    from vpcsim.fabric.network_interface import NetworkInterface
    from vpcsim.topology import Topology


class Ipv4Prefix(Shape):
    """A block of IPv4 addresses that the interface holds."""

    ipv4_prefix: Cidr


class Ipv6Prefix(Shape):
    """A block of IPv6 addresses that the interface holds."""

    ipv6_prefix: Cidr


DelegatedIpv4 = Annotated[Ipv4Prefix, written("Ipv4Prefix")]
DelegatedIpv6 = Annotated[Ipv6Prefix, written("Ipv6Prefix")]
DELEGATED = {4: 1 << 4, 6: 1 << 48}
"""By IP version: how many addresses a delegated prefix has, /28 and /80.

Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-prefix-eni.html
"""


def choose_prefixes(count: int, block: Prefix | None, subnet: str, seed: str, topology: "Topology") -> list[Prefix]:
    """Free prefixes of a subnet's block to delegate; fewer than `count` if it has no more. None has a reserved address."""
    if block is None:
        return []
    size = DELEGATED[block.family]
    inner = Prefix(block.first + size, block.last - size)
    found = [topology.choose_block(subnet, inner, size, seed) for _ in range(count if inner.size > 0 else 0)]
    return [prefix for prefix in found if prefix is not None]


def prefix_refusals(interface: "NetworkInterface", subnet: Subnet) -> Iterable[Problem]:
    """Why AWS would not delegate the prefixes of an interface."""
    for prefix in interface.delegated_prefixes:
        if prefix.size != DELEGATED[prefix.family]:
            length = "/28" if prefix.family == 4 else "/80"
            yield refuse(f"{interface.id}: {prefix} has not the length of a prefix, {length}", "InvalidParameterValue", interface)
        elif not any(block.covers(prefix) for block in subnet.blocks):
            yield refuse(f"{interface.id}: {prefix} is not in {subnet.id}", "InvalidParameterValue", interface)
    few = len(interface.ipv4_prefixes) < interface.ipv4_prefix_count or len(interface.ipv6_prefixes) < interface.ipv6_prefix_count
    if few:
        yield refuse(f"{interface.id}: {subnet.id} has not enough free prefixes", "InsufficientCidrBlocks", interface)
