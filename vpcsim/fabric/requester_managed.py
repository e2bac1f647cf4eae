"""What a service of AWS keeps in a VPC: interfaces that the service manages, with the user's subnets and security groups.

The interfaces behave as any other: groups, network ACLs and routes apply. What they take and send depends on the service:
a database answers on one port, a function takes no connection at all.

Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/requester-managed-eni.html
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from vpcsim import services
from vpcsim.codes import Code
from vpcsim.errors import Problem
from vpcsim.fabric.host_services import RESOLVER, not_told
from vpcsim.fabric.interface_parts import Group
from vpcsim.fabric.network_interface import NetworkInterface
from vpcsim.fabric.subnet import Subnet
from vpcsim.packet import TCP, UDP, Packet, port_text
from vpcsim.prefixes import Prefix, address, family
from vpcsim.resource import Link, Resource, refuse
from vpcsim.trace import Disposition, Step, accepted, onward

if TYPE_CHECKING:
    from vpcsim.network import Index, Network
    from vpcsim.topology import Topology


AWS_SCOPE = "addresses of AWS"


class RequesterManaged(Resource):
    """A resource that is present in a VPC through interfaces which its service manages."""

    spread: ClassVar[bool] = True
    interface_type: ClassVar[str] = "interface"
    sends: ClassVar[tuple[int, ...]] = (TCP, UDP)
    """Protocols of the connections that it may start; none if it starts no connection."""
    on_host: ClassVar[tuple[str, ...]] = (RESOLVER,)
    """The services on the host that are known to answer it."""

    groups: tuple[Group, ...] | None = None

    def chosen_subnets(self, topology: "Topology") -> tuple[str, ...]:
        """The subnets in which the service keeps an interface."""
        raise NotImplementedError

    def listens(self) -> tuple[int, int] | None:
        """The protocol and the port on which it takes connections; None: on none."""
        return None

    def families(self) -> tuple[int, ...] | None:
        """The IP versions of its interfaces; None: as their subnet says."""
        return (4,)

    def takes_ipv6(self) -> bool | None:
        """Whether its interfaces have IPv6 addresses; None: as their subnet says."""
        families = self.families()
        return None if families is None else 6 in families

    def interface_fields(self, subnet: Subnet, topology: "Topology") -> Mapping[str, Any]:
        """What is special about its interface in a subnet: an address of its own, a public one."""
        return {}

    def implied(self, topology: "Topology") -> Iterable[Resource]:
        groups = None if not self.groups else [group.group_id for group in self.groups]
        for id in self.chosen_subnets(topology):
            if subnet := topology.get(Subnet, id):
                fields = {"wants_ipv6_address": self.takes_ipv6(), **self.interface_fields(subnet, topology)}
                yield NetworkInterface.behind(self, id, groups, interface_type=self.interface_type, **fields)

    def refusals(self, topology: "Topology") -> Iterable[Problem]:
        vpcs = {topology.need(Subnet, id).vpc_id for id in self.chosen_subnets(topology)}
        if len(vpcs) > 1:
            yield refuse(f"{self.id}: its subnets belong to {', '.join(sorted(vpcs))}", "InvalidParameterValueException", self)

    def register(self, index: "Index") -> None:
        index.places[self.id] = self
        if port := self.listens():
            index.port_of[self.id] = port[1]

    def receive(self, packet: Packet, came_from: str | None, net: "Network") -> Iterator[Step]:
        if came_from is None:
            yield self._send(packet, net)
        elif net.session(self.id, packet) is not None:
            yield accepted(self.id, "{at}: takes the answer {packet}", packet)
        elif (refusal := self._refusal(packet)) is not None:
            yield refusal
        else:
            yield accepted(self.id, "{at}: takes {packet}", packet, packet)

    def _send(self, packet: Packet, net: "Network") -> Step:
        vpc = net.vpc_of(net.interfaces_of(self.id)[0]) or ""
        interface = net.interface_at(vpc, packet.src)
        if net.session(self.id, packet) is not None:
            return onward(self.id, "{at}: answers {packet}", packet, None, interface)
        if packet.protocol not in self.sends:
            because = "{at}: sends TCP and UDP only, not {packet.service}" if self.sends else "{at}: starts no connections"
            code = Code.PROTOCOL_RESTRICTION if self.sends else Code.NO_PATH
            return Step(self.id, because, packet, None, None, Disposition.DENIED, code)
        service = net.index.host_services_of[vpc].get(packet.dst)
        if service is not None and not self.answered_by(service, packet, net):
            because = "{at}: {packet.destination} is {about}, and nothing says that it answers {at}"
            return not_told(self.id, packet, service, because)
        return onward(self.id, "{at}: sends {packet}", packet, None, interface, packet)

    def answered_by(self, service: str, packet: Packet, net: "Network") -> bool:
        """Whether a service on the host is known to answer it."""
        return service in self.on_host

    def _refusal(self, packet: Packet) -> Step | None:
        port, families = self.listens(), self.families()
        if families and family(packet.dst) not in families:
            because, denied = "{at}: speaks IPv{about} only", Disposition.DENIED
            return Step(self.id, because, packet, None, None, denied, Code.VPCSIM_NO_ADDRESS, None, families[0])
        if port is None:
            because = "{at}: takes no connections, it only starts them"
            return Step(self.id, because, packet, None, None, Disposition.DENIED, Code.VPCSIM_NO_SERVICE)
        if packet.protocol == port[0] and packet.dst_port == (port[1], port[1]):
            return None
        because = "{at}: answers on {about} only, not on {packet.service}"
        about = port_text(port[0], (port[1], port[1]))
        return Step(self.id, because, packet, None, None, Disposition.DENIED, Code.VPCSIM_NO_SERVICE, None, about)

    def links(self, net: "Network") -> Iterable[Link]:
        yield from (Link(net.index.subnet_of[interface], self.id, "contains") for interface in net.interfaces_of(self.id))


def choose_aws_address(service: str, owner: Resource, topology: "Topology") -> int | None:
    """An invented address of its own near that of a service in the owner's Region; None if AWS's range there is full."""
    region = topology.region_of(owner)
    near = address(services.public_addresses(f"{service}.{region}.{services.dns_suffix(region)}")[0])
    topology.claim(AWS_SCOPE, near, service)
    for first in range(near & ~0xFF, (near & ~0xFF) + (1 << 16), 1 << 8):
        if (services.aws_region_of(first) or ("",))[0] == region:
            number = topology.choose(AWS_SCOPE, Prefix(first + 1, first + 254), owner.id)
            if number is not None:
                return number
    return None


def has_private_names(vpc: str | None, net: "Network") -> bool:
    """Whether names that services keep for a VPC answer in it: it has both DNS attributes.

    Source: https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html
    """
    asking: Any = net.topology.resources.get(vpc or "")
    return asking is not None and bool(asking.enable_dns_support and asking.enable_dns_hostnames)
