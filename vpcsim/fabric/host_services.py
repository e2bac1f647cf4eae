"""What answers an instance on its own host: the resolver, metadata, time, licences, DHCP. No group, ACL or route applies.

Sources: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html,
https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html.
"""

from vpcsim.packet import UDP, Packet
from vpcsim.prefixes import address
from vpcsim.trace import Step, accepted

RESOLVER = "the VPC resolver"
DHCP = "the DHCP server"
"""At the addresses to which clients send without knowing it, and at the first address of a subnet, that of its router."""
DHCP_PORTS = ((67, 67), (547, 547))
HOST_SERVICES = {
    address("169.254.169.253"): RESOLVER,
    address("fd00:ec2::253"): RESOLVER,
    address("169.254.169.254"): "the instance metadata service",
    address("fd00:ec2::254"): "the instance metadata service",
    address("169.254.169.123"): "the Amazon Time Sync Service",
    address("fd00:ec2::123"): "the Amazon Time Sync Service",
    address("169.254.170.2"): "the ECS task metadata service",
    address("169.254.169.250"): "the Windows licence activation service",
    address("169.254.169.251"): "the Windows licence activation service",
    address("255.255.255.255"): DHCP,
}
"""Reached on the host itself, before any group, ACL or route; the resolver's first address depends on the VPC."""


def answered_on_the_host(at: str, packet: Packet, service: str) -> Step | None:
    """The step of a packet for a service on the host: one for the DHCP server's address is for it at its port only.

    Source: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html
    """
    if service == DHCP and (packet.protocol != UDP or packet.dst_port not in DHCP_PORTS):
        return None
    because = "{at}: {packet.destination} is {about}, which answers on the host: no group, no ACL and no route applies"
    return accepted(at, because, packet, None, service)
