"""The edge: subnets in Wavelength Zones and on Outposts, and the addresses that stand for theirs where no public one does.

A carrier IP address is known in a telecommunication carrier's network and on the internet, a customer-owned one at the site of
an Outpost. Interfaces in two Wavelength Zones, or on two Outposts, do not reach each other inside their VPC. A local network
interface of an Outposts server is in the network of the site and not in the VPC.

Sources: https://docs.aws.amazon.com/wavelength/latest/developerguide/wavelength-quotas.html (several zones in a VPC),
https://docs.aws.amazon.com/whitepapers/latest/aws-outposts-high-availability-design/intra-vpc-routing.html,
https://docs.aws.amazon.com/outposts/latest/server-userguide/local-network-interface.html.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from vpcsim.codes import Code
from vpcsim.fabric.interface_parts import PUBLIC_SCOPE
from vpcsim.prefixes import Prefix
from vpcsim.trace import Disposition, Step

if TYPE_CHECKING:
    from vpcsim.network import Network
    from vpcsim.packet import Packet
    from vpcsim.topology import Topology

CARRIER, CUSTOMER_OWNED = "carrier", "customer-owned"
"""The two kinds of addresses."""
CARRIER_ADDRESSES = Prefix.parse("198.19.0.0/16")
"""Where carrier IP addresses are chosen from: the end of the benchmark range."""
_LOCAL_ZONE = re.compile(r"[a-z]+(?:-[a-z]+)+-[0-9]+-[a-z]{3}-[0-9]+[a-z]")
_WAVELENGTH = re.compile(r"[a-z]+(?:-[a-z]+)+-[0-9]+-wl[0-9]+-")


def is_wavelength(zone: str) -> bool:
    """Whether this is the name of a Wavelength Zone or of its network border group: `us-east-1-wl1-bos-wlz-1`.

    Source: https://docs.aws.amazon.com/wavelength/latest/developerguide/available-wavelength-zones.html
    """
    return _WAVELENGTH.match(zone) is not None


def zone_type(zone: str) -> str:
    """What sort of zone has this name: `us-west-2-lax-1a` is a Local Zone.

    Source: https://docs.aws.amazon.com/local-zones/latest/ug/available-local-zones.html
    """
    if is_wavelength(zone):
        return "Wavelength Zone"
    return "Local Zone" if _LOCAL_ZONE.fullmatch(zone) else "Availability Zone"


def wavelength_endpoints(subnet: str, zone: str, topology: Topology) -> list[Any]:
    """The VPC endpoints in a subnet, if that is in a Wavelength Zone, where none can be.

    Source: https://docs.aws.amazon.com/wavelength/latest/developerguide/wavelength-quotas.html
    """
    kinds = ("interface_endpoint", "gateway_load_balancer_endpoint") if is_wavelength(zone) else ()
    endpoints: list[Any] = [endpoint for kind in kinds for endpoint in topology.of_kind(kind)]
    return [endpoint for endpoint in endpoints if subnet in endpoint.subnet_ids]


def choose_carrier_address(seed: str, topology: Topology) -> int | None:
    """A free carrier IP address, where the carrier would give one."""
    return topology.choose(PUBLIC_SCOPE, CARRIER_ADDRESSES, seed)


def apart(subnet: str, interface: str, packet: Packet, route: Any, net: Network) -> Step | None:
    """A denial, if the subnet of a sender and that of the receiver are in two Wavelength Zones or on two Outposts."""
    here, there = net.index.edges.get(subnet), net.index.edges.get(net.subnet_of(interface) or "")
    if here is None or there is None or here == there or here[0] != there[0]:
        return None
    because = f"{{at}}: {{packet.destination}} is in {there[1]} and not in {here[1]}: two {here[0]}s have no way inside a VPC"
    denied, code = Disposition.DENIED, Code.VPCSIM_EDGE
    return Step(subnet, because, packet, route, None, denied, code, None, None, "a way outside of the VPC, or two VPCs")


def beside_the_vpc(interface: str, packet: Packet) -> Step:
    """What a local network interface does: neither groups nor routes of the VPC say."""
    because = "{at}: a local network interface is in the network of the site, which is not in the model"
    return Step(interface, because, packet, disposition=Disposition.UNDECIDED, code=Code.VPCSIM_NOT_MODELLED)
