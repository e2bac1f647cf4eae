"""What lies beyond the internet gateways: AWS's own public network, and the internet.

A packet that leaves through an internet gateway for an AWS service, or for a public address of another VPC, passes the
gateway but stays on the AWS network. Both places answer whatever reaches them: who listens there is not modelled.

Sources: https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html,
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-instance-addressing.html.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, ClassVar

from vpcsim import services
from vpcsim.codes import Code
from vpcsim.packet import Packet
from vpcsim.prefixes import NOT_PUBLIC, Ports, Prefix, PrefixTable
from vpcsim.resource import Resource
from vpcsim.trace import Disposition, Step, accepted, onward

if TYPE_CHECKING:
    from vpcsim.network import Network

CLIENT_PORTS: Ports = (32768, 65535)
"""The ports of a client somewhere: those of Linux and of Windows since 2008."""
NEVER_ROUTED = PrefixTable(
    (Prefix.parse(block), True)
    for block in "0.0.0.0/8 127.0.0.0/8 169.254.0.0/16 224.0.0.0/4 240.0.0.0/4 ::/127 fe80::/10 ff00::/8 fc00::/7".split()
)
"""Source: RFC 6890."""


class Internet(Resource):
    """The internet (`internet`), or AWS's public network (`aws`)."""

    kind: ClassVar[str] = "internet"
    looks_at_zones: ClassVar[bool] = False

    @classmethod
    def always(cls) -> Iterable[Resource]:
        return (cls(id="internet", name="the internet"), cls(id="aws", name="the AWS network"))

    @property
    def ephemeral_ports(self) -> Ports:
        """The range from which a client there takes its port."""
        return CLIENT_PORTS

    def request_context(self, packet: Packet, net: "Network") -> Mapping[str, str]:
        return {"aws:SourceIp": packet.source}

    def receive(self, packet: Packet, came_from: str | None, net: "Network") -> Iterator[Step]:
        guard = net.index.guards.get(packet.dst)
        if came_from is None:
            yield self._send(packet, net)
        elif net.belongs_here(packet.dst):
            because = "{at}: no internet gateway of the model announces {packet.destination}"
            yield Step(self.id, because, packet, None, None, Disposition.NO_ROUTE, Code.NO_POSSIBLE_DESTINATION)
        elif NEVER_ROUTED.lookup(packet.dst):
            because = "{at}: {packet.destination} is the address of no host on the internet"
            yield Step(self.id, because, packet, None, None, Disposition.NO_ROUTE, Code.VPCSIM_RESERVED_DESTINATION)
        elif guard is not None and (step := guard.turned_away(packet)) is not None:
            yield step
        elif self.id == "aws":
            about = " ".join(services.aws_region_of(packet.destination) or ())
            because = "{at}: {packet.destination} is an address of AWS ({about}): the traffic stays on the AWS network"
            yield accepted(self.id, because, packet, packet if guard else None, about)
        else:
            because = "{at}: {packet.destination} is on the internet: the traffic leaves the AWS network"
            yield accepted(self.id, because, packet)

    def _send(self, packet: Packet, net: "Network") -> Step:
        gateway = net.taken_back_by("internet", packet) or net.gateway_to(packet.dst)
        if gateway is not None:
            return onward(self.id, "{at}: sends {packet}", packet, None, gateway)
        if net.session(self.id, packet) is not None:
            return Step(self.id, "{at}: answers {packet}", packet, None, "internet")
        beyond = net.beyond(packet.dst)
        of_aws = beyond == "aws" or self.id == "aws" or services.aws_region_of(packet.destination)
        if of_aws and beyond not in (self.id, "internet"):
            return Step(self.id, "{at}: sends {packet}", packet, None, beyond)
        if any(block.holds(packet.dst) for block in NOT_PUBLIC):
            because = "{at}: {packet.destination} is a private address, so nothing out here can send to it"
            fix = "{packet.destination}: a public address for its interface"
            code = Code.IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS
        elif net.belongs_here(packet.dst):
            because = "{at}: no internet gateway of the model announces {packet.destination}"
            code, fix = Code.NO_POSSIBLE_DESTINATION, "an internet gateway for the VPC of {packet.destination}"
        else:
            because = "{at}: {packet.destination} is outside the model as well, so nothing here decides"
            return Step(self.id, because, packet, None, None, Disposition.UNDECIDED, Code.VPCSIM_NOT_MODELLED)
        return Step(self.id, because, packet, None, None, Disposition.NO_ROUTE, code, None, None, fix)
