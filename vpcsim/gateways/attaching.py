"""What the attachments of VPCs to a router of a Region have in common: one subnet stands for each zone.

A packet enters by the attachment of its VPC if that has a subnet in the packet's zone. It leaves into a VPC in the same zone,
or in any that the attachment serves if that zone is not served; with appliance mode the zone is the sender's or the
receiver's, or any if neither is served or known, and the same one both ways. The network ACL of an attachment's subnet sees
what enters the router on its way in, and what leaves it on its way out. An attachment of another type leads to the place
behind it.

Sources: https://docs.aws.amazon.com/vpc/latest/tgw/tgw-vpc-attachments.html (appliance mode),
https://docs.aws.amazon.com/vpc/latest/tgw/how-transit-gateways-work.html (Availability Zones),
https://docs.aws.amazon.com/vpc/latest/tgw/tgw-nacls.html,
https://docs.aws.amazon.com/network-manager/latest/cloudwan/cloudwan-vpc-attachment.html (the same rules for Cloud WAN).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, ClassVar

from vpcsim.codes import Code
from vpcsim.fabric.subnet import Subnet
from vpcsim.gateways.announcing import Announcing
from vpcsim.packet import Packet
from vpcsim.prefixes import Prefix
from vpcsim.trace import HAND_OVER, Disposition, Step, onward

if TYPE_CHECKING:
    from vpcsim.network import Index, Network
    from vpcsim.topology import Topology


class Attaching(Announcing):
    """An attachment of a VPC, or of something else, to a router of a Region."""

    zone_code: ClassVar[Code]
    """Why a packet from a zone without a subnet is not taken in."""
    vpc_id: str | None
    resource_id: str | None
    subnet_ids: tuple[str, ...]
    state: str

    @property
    def carries(self) -> bool:
        """Whether the state lets traffic through."""
        raise NotImplementedError

    @property
    def is_of_a_vpc(self) -> bool:
        raise NotImplementedError

    @property
    def appliance_mode(self) -> bool:
        raise NotImplementedError

    @property
    def propagates_ipv6(self) -> bool:
        """Whether the IPv6 blocks of its VPC become routes."""
        raise NotImplementedError

    def zones(self, net: "Network") -> Mapping[str, str]:
        """The zones that it serves, each with its subnet."""
        known: dict[str, str] | None = net.compiled(("zones", self.id))
        if known is None:
            subnets = sorted((net.topology.need(Subnet, id).availability_zone, id) for id in self.subnet_ids)
            known = net.compile(("zones", self.id), dict(subnets))
        return known

    def propagated(self, net: "Network") -> tuple[Prefix, ...] | None:
        """The prefixes that routes are made of where it propagates. None: what is behind it is not in the model.

        Source: https://docs.aws.amazon.com/vpc/latest/tgw/how-transit-gateways-work.html (Route propagation)
        """
        if self.vpc_id:
            return tuple(block for block in net.blocks_of(self.vpc_id) if block.family == 4 or self.propagates_ipv6)
        behind = net.places.get(self.resource_id or "")
        return behind.announced(net) if behind is not None else None

    def place_behind(self, net: "Network") -> str | None:
        """Where it hands what leaves the router, if that is no VPC."""
        return self.resource_id

    def leads_to(self, number: int, net: "Network") -> bool:
        """Whether an address is known to be behind it."""
        return any(prefix.holds(number) for prefix in self.propagated(net) or ())

    def take_in(self, zone: str, hub: str, packet: Packet, net: "Network") -> Iterator[Step]:
        """What happens to a packet on its way from the VPC into the router `hub`; a denial with `zone_code` is final."""
        if not self.is_of_a_vpc:
            return
        if not self.subnet_ids:
            yield self._unknown_subnets(packet)
            return
        subnet = self.zones(net).get(zone)
        if subnet is None and zone:
            because, fix = "{at}: has no subnet in {about}, from where {packet.source} sends", "{at}: a subnet in {about}"
            yield Step(self.id, because, packet, None, None, Disposition.DENIED, self.zone_code, None, zone, fix)
            return
        yield net.acl_of(subnet or next(iter(self.zones(net).values()))).filter(packet, False, net)
        yield onward(self.id, "{at}: takes it in from {rule}", packet, self.vpc_id, hub)

    def send_out(self, zone: str, vpcs: Iterable[str], hub: str, packet: Packet, net: "Network") -> Iterator[Step]:
        """A packet's way out of the router `hub`, which joins these VPCs and took it in from this zone."""
        if not self.carries:
            because = "{at}: is in state {about} and carries no traffic"
            null = Disposition.NULL_ROUTED
            yield Step(self.id, because, packet, None, None, null, Code.BAD_STATE_ATTACHMENT, None, self.state)
        elif not self.is_of_a_vpc:
            yield onward(hub, HAND_OVER, packet, None, self.id)
        elif not self.subnet_ids:
            yield self._unknown_subnets(packet)
        else:
            subnet = self._exit(zone, zones_of_ends(vpcs, packet, net), hub, net)
            about = net.topology.need(Subnet, subnet).availability_zone
            yield Step(self.id, "{at}: into the VPC by {to} in {about}", packet, None, subnet, about=about)

    def _unknown_subnets(self, packet: Packet) -> Step:
        because = "{at}: which subnets it has is not in the model"
        return Step(self.id, because, packet, None, None, Disposition.UNDECIDED, Code.VPCSIM_NOT_MODELLED)

    def _exit(self, zone: str, ends: list[str], hub: str, net: "Network") -> str:
        """The subnet by which a packet leaves: in its own zone, or in the one that the running walk takes."""
        zones, chosen = self.zones(net), net.chosen.get(hub, "").partition(" ")[0]
        wanted = [zone, chosen, *ends] if zone else ends
        if self.appliance_mode:
            wanted = [chosen, *sorted(ends)]
        return next(zones[zone] for zone in (*wanted, *zones) if zone in zones)

    def pass_on(self, hubs: Collection[str], packet: Packet, came_from: str | None, net: "Network") -> Iterator[Step]:
        """A packet's way between a router and the place behind the attachment; of two routers, to the other one."""
        if came_from not in hubs:
            yield onward(self.id, "{at}: takes it in from {rule}", packet, came_from, next(iter(hubs)))
            return
        beyond = next((hub for hub in hubs if hub != came_from), self.place_behind(net))
        if beyond in net.places:
            yield onward(self.id, "{at}: carries it to {to}", packet, None, beyond)
        else:
            because = "{at}: {about} is not in the model, so what it does with {packet} is not known"
            undecided, code = Disposition.UNDECIDED, Code.NO_POSSIBLE_DESTINATION
            yield Step(self.id, because, packet, None, None, undecided, code, None, beyond or f"what is behind {self.id}")

    def subnet_faults(self, hub: str, hub_region: str, topology: "Topology") -> Iterator[tuple[str, str]]:
        """What AWS refuses about the VPC and the subnets, each with EC2's error code.

        Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateTransitGatewayVpcAttachment.html
        """
        if not self.vpc_id or not self.subnet_ids:
            yield f"{self.id}: an attachment of a VPC needs the VPC and a subnet", "MissingParameter"
            return
        if hub_region != (there := topology.region_of(self.vpc_id)):
            message = f"{self.id}: {self.vpc_id} is in {there}, and {hub} in {hub_region}; peer two gateways instead"
            yield message, "InvalidVpcID.NotFound"
        zones: dict[str, str] = {}
        for id in self.subnet_ids:
            subnet = topology.need(Subnet, id)
            if subnet.vpc_id != self.vpc_id:
                yield f"{self.id}: subnet {id} is not in {self.vpc_id}", "InvalidSubnetID.NotFound"
            if subnet.cidr_block is None:
                yield f"{self.id}: {id} is IPv6-only, and an attachment needs IPv4", "InvalidParameterValue"
            if (first := zones.setdefault(subnet.availability_zone, id)) != id:
                message = f"{self.id}: {first} and {id} are both in {subnet.availability_zone}; one subnet stands for a zone"
                yield message, "DuplicateSubnetsInSameZone"


def zone_of(place: str | None, net: "Network") -> str:
    """The zone of a subnet or an interface; empty for what is in none."""
    subnet = net.topology.get(Subnet, net.subnet_of(place or "") or place)
    return subnet.availability_zone if subnet else ""


def zones_of_ends(vpcs: Iterable[str], packet: Packet, net: "Network") -> list[str]:
    """The zones of the receiver and the sender, as far as they are in these VPCs."""
    joined = tuple(vpcs)
    found = (net.interface_at(vpc, number) for number in (packet.dst, packet.src) for vpc in joined)
    return [zone_of(interface, net) for interface in found if interface]


def appliance_zones(attachment: Attaching, vpcs: Iterable[str], packet: Packet, net: "Network") -> set[str]:
    """The zones between which appliance mode chooses for a flow, the same one both ways; the ends in `vpcs` have known ones.

    Source: https://docs.aws.amazon.com/vpc/latest/tgw/tgw-vpc-attachments.html (Appliance mode, scenarios 1 to 4)
    """
    served = set(attachment.zones(net))
    return served.intersection(zones_of_ends(vpcs, packet, net)) or served


def random_zones(attachment: Attaching, senders: Iterable[str], net: "Network") -> set[str]:
    """The zones into any of which goes what comes from these, if the attachment does not serve one of them.

    Source: https://docs.aws.amazon.com/vpc/latest/tgw/how-transit-gateways-work.html (Availability Zones)
    """
    served = attachment.zones(net)
    return set() if all(zone in served for zone in senders if zone) else set(served)


def join_vpcs(index: "Index", vpcs: tuple[str, ...], keeping: tuple[str, ...]) -> None:
    """Enter VPCs between which a router carries packets; groups of those in `keeping` count in each other's inbound rules."""
    for vpc in vpcs:
        index.joined_to.setdefault(vpc, []).append(vpcs)
        if vpc in keeping:
            index.senders_of.setdefault(vpc, []).append(keeping)
