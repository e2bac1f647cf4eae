"""What answers an instance on its own host: the resolver, metadata, time, licences, DHCP. No group, ACL or route applies.

Not every sender has every service: a function and a Fargate task run on hosts of AWS's own, a pod behind its node.

Sources: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html,
https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html,
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2config-service.html (licences over IPv6),
https://docs.aws.amazon.com/eks/latest/userguide/pod-identities.html.
"""

from vpcsim.codes import Code
from vpcsim.packet import UDP, Packet
from vpcsim.prefixes import Prefix, address
from vpcsim.trace import Disposition, Step, accepted

RESOLVER = "the VPC resolver"
METADATA = "the instance metadata service"
TASK_METADATA = "the ECS task metadata service"
POD_IDENTITY = "the EKS Pod Identity Agent"
DHCP = "the DHCP server"
"""At the addresses to which clients send without knowing it, and at the first address of a subnet, that of its router."""
DHCP_PORTS = ((67, 67), (547, 547))
HOST_SERVICES = {
    address("169.254.169.253"): RESOLVER,
    address("fd00:ec2::253"): RESOLVER,
    address("169.254.169.254"): METADATA,
    address("fd00:ec2::254"): METADATA,
    address("169.254.169.123"): "the Amazon Time Sync Service",
    address("fd00:ec2::123"): "the Amazon Time Sync Service",
    address("169.254.170.2"): TASK_METADATA,
    address("169.254.170.23"): POD_IDENTITY,
    address("fd00:ec2::23"): POD_IDENTITY,
    address("169.254.169.250"): "the Windows licence activation service",
    address("169.254.169.251"): "the Windows licence activation service",
    address("fd00:ec2::250"): "the Windows licence activation service",
    address("255.255.255.255"): DHCP,
}
"""Reached on the host itself, before any group, ACL or route; the resolver's first address depends on the VPC."""
LATTICE = (Prefix.parse("169.254.171.0/24"), Prefix.parse("fd00:ec2:80::/64"))
"""Where the services of VPC Lattice are for clients in a VPC that is associated with a service network.

Source: https://docs.aws.amazon.com/vpc-lattice/latest/ug/security-groups.html
"""


def answered_on_the_host(at: str, packet: Packet, service: str) -> Step | None:
    """The step of a packet for a service on the host: one for the DHCP server's address is for it at its port only.

    Source: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html
    """
    if service == DHCP and (packet.protocol != UDP or packet.dst_port not in DHCP_PORTS):
        return None
    if service == POD_IDENTITY:
        return not_told(at, packet, service, "{at}: {packet.destination} is {about}, software that may run on the host")
    because = "{at}: {packet.destination} is {about}, which answers on the host: no group, no ACL and no route applies"
    return accepted(at, because, packet, None, service)


def not_told(at: str, packet: Packet, service: str, because: str) -> Step:
    """The step of a packet for a service of which nothing says whether it answers this sender."""
    return Step(at, because, packet, None, None, Disposition.UNDECIDED, Code.VPCSIM_NOT_MODELLED, None, service)


def never_forwarded(at: str, packet: Packet) -> Step:
    """The end of a packet for the reserved ranges that no service on the host took: VPC Lattice's part is not in the model.

    Source: https://docs.aws.amazon.com/vpc/latest/userguide/subnet-route-tables.html
    """
    if any(block.holds(packet.dst) for block in LATTICE):
        because = "{at}: {packet.destination} is VPC Lattice's; whether and what it answers here is not in the model"
        return Step(at, because, packet, None, None, Disposition.UNDECIDED, Code.VPCSIM_NOT_MODELLED)
    because = "{at}: {packet.destination} is reserved for services on the host and never forwarded"
    return Step(at, because, packet, None, None, Disposition.NO_ROUTE, Code.VPCSIM_RESERVED_DESTINATION)
