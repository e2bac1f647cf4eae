"""A NAT gateway: lets TCP, UDP and ICMP out under its own address, and takes back what answers.

It rewrites the source to its private address and a port from 1024 to 65535; a public one gets its Elastic IP address at
the internet gateway of its VPC. It translates IPv6 packets for 64:ff9b::/96 to IPv4. It has no security group; the
network ACL and the route table of its subnet apply to what enters and leaves it. It serves interfaces of its own VPC, and
what a transit gateway brings into it; it takes no connection from outside and does not answer ping.

It may have several addresses; for each connection it takes one of them. A regional gateway stands in no subnet: any zone
of its VPC reaches it, it has a route table of its own and addresses for every zone, which AWS keeps in automatic mode. A
zone without an address is turned away in manual mode.

Not modelled here: the limit of simultaneous connections.

Sources: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html,
https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateways-regional.html,
https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-nat64-dns64.html,
https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html,
https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from vpcsim import services
from vpcsim.codes import Code
from vpcsim.errors import Problem
from vpcsim.fabric.elastic_ip import ElasticIp
from vpcsim.fabric.interface_parts import PrivateAddress
from vpcsim.fabric.network_interface import NetworkInterface
from vpcsim.fabric.route_table import Route, RouteTable
from vpcsim.fabric.subnet import Subnet
from vpcsim.packet import ICMP, TCP, UDP, Packet
from vpcsim.prefixes import Ports, Prefix, address, address_text, family
from vpcsim.resource import (
    Address,
    Declaration,
    Declared,
    Draft,
    Finding,
    Link,
    Patch,
    Resource,
    TerraformSpelling,
    as_list,
    refers_to,
    refuse,
)
from vpcsim.shape import Shape, field
from vpcsim.trace import Disposition, Step, onward

if TYPE_CHECKING:
    from vpcsim.network import Index, Network
    from vpcsim.topology import Topology

PORTS: Ports = (1024, 65535)
NAT64 = Prefix.parse("64:ff9b::/96")
"""IPv6 destinations whose last four bytes are the IPv4 destination; every NAT gateway translates them."""
PROTOCOLS = (TCP, UDP, ICMP)
OUTSIDE = address("198.51.100.1")
"""Somewhere on the internet."""
PAGE = "https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html"
BILLED = "https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html"
BY_GATEWAY_ENDPOINT = {"s3": "bucket", "dynamodb": "table"}
"""Services that have such endpoints, and the kind of what is kept there."""
REGIONAL = "regional"
MOST_ADDRESSES = 8


class NatGatewayAddress(Shape):
    """One address of the gateway. Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NatGatewayAddress.html"""

    allocation_id: Annotated[str | None, refers_to("elastic_ip")] = None
    private_ip: Address | None = None
    availability_zone: str = ""
    """Of a regional gateway: for whom it is."""
    is_primary: bool = field(default=True, dumped=False)


class NatGateway(Resource):
    """See the module."""

    kind: ClassVar[str] = "nat_gateway"
    of_vpc_owner: ClassVar[bool] = True
    section: ClassVar[str] = "NatGateways"
    described_interfaces: ClassVar[str] = r"Interface for NAT Gateway (nat-.+)"
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::EC2::NatGateway",)
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={"aws_nat_gateway": "AWS::EC2::NatGateway", "data.aws_nat_gateway": "AWS::EC2::NatGateway"},
        names={"private_ip": "PrivateIpAddress"},
        refers={"allocation_id": ("aws_eip",), "secondary_allocation_ids": ("aws_eip",)},
    )
    native_names: ClassVar[Mapping[str, str]] = {
        "subnet": "SubnetId",
        "elastic_ip": "AllocationId",
        "elastic_ips": "AllocationId",
        "ip": "PrivateIpAddress",
        "ips": "PrivateIpAddress",
        "type": "ConnectivityType",
        "state": "State",
        "mode": "AvailabilityMode",
        "vpc": "VpcId",
        "zones": "Zones",
        "route_table": "RouteTableId",
    }
    native_scalar: ClassVar[str] = "SubnetId"
    route_target: ClassVar[str] = "NatGatewayId"

    id: str = field(api="NatGatewayId")
    subnet_id: Annotated[str | None, refers_to("subnet")] = None
    vpc_id: Annotated[str | None, refers_to("vpc")] = None
    connectivity_type: str = field(default="public", pattern="^(public|private)$")
    availability_mode: str = field(default="zonal", pattern="^(zonal|regional)$")
    auto_provision_zones: str = field(default="", pattern="^(|enabled|disabled)$")
    """Of a regional gateway: whether AWS chooses zones and addresses."""
    route_table_id: Annotated[str | None, refers_to("route_table")] = None
    """Of a regional gateway: its own table."""
    nat_gateway_addresses: tuple[NatGatewayAddress, ...] = ()
    state: str = "available"

    @classmethod
    def described(cls, declaration: Declaration) -> Declared:
        """A gateway, with the interface and the Elastic IP address that stand inside it."""
        fields = declaration.fields
        if fields.get("State") in ("deleted", "failed"):
            return
        for held in fields.get("NatGatewayAddresses") or ():
            interface, allocation = held.get("NetworkInterfaceId"), held.get("AllocationId")
            if interface:
                yield Patch(interface, {"AttachedTo": declaration.id}, declaration.origin)
            if allocation and "PublicIp" in held:
                known = {"PublicIp": held["PublicIp"], "NetworkInterfaceId": interface}
                yield Draft(ElasticIp, allocation, known, declaration.origin)
        yield Draft(cls, declaration.id, dict(fields), declaration.origin)

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        first = {"AllocationId": fields.pop("AllocationId", None), "PrivateIp": fields.pop("PrivateIpAddress", None)}
        allocations = as_list(fields.pop("SecondaryAllocationIds", None))
        privates = as_list(fields.pop("SecondaryPrivateIpAddresses", None))
        wanted = max(int(fields.pop("SecondaryPrivateIpAddressCount", 0)), len(allocations), len(privates))
        more = [{"AllocationId": a, "PrivateIp": p} for a, p, _ in zip_longest(allocations, privates, range(wanted))]
        if fields.get("AvailabilityMode") != REGIONAL:
            fields.setdefault("NatGatewayAddresses", [first, *more])
        elif (zones := as_list(fields.pop("AvailabilityZoneAddresses", None))) or "NatGatewayAddresses" not in fields:
            fields["NatGatewayAddresses"] = list(_zonal_addresses(zones, declaration.region))
            fields["AutoProvisionZones"] = "disabled" if zones else "enabled"
        yield Draft(cls, declaration.id, fields, declaration.origin)

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        zones = fields.pop("Zones", None)
        if declaration.existing or "NatGatewayAddresses" in fields:
            yield Draft(cls, declaration.id, fields, declaration.origin)
            return
        public = fields.get("AvailabilityMode") != REGIONAL and fields.get("ConnectivityType", "public") == "public"
        if public and "AllocationId" not in fields:
            fields["AllocationId"] = f"{declaration.id}/elastic-ip"
            yield Draft(ElasticIp, fields["AllocationId"], {}, declaration.origin)
        for single, several in (("AllocationId", "SecondaryAllocationIds"), ("PrivateIpAddress", "SecondaryPrivateIpAddresses")):
            if isinstance(fields.get(single), list | tuple):
                fields[single], *fields[several] = fields[single]
        if isinstance(zones, Mapping):
            pairs = ((zone, as_list(ids)) for zone, ids in zones.items() if zone != "WrittenAt")
            fields["AvailabilityZoneAddresses"] = [{"AvailabilityZone": zone, "AllocationIds": ids} for zone, ids in pairs]
        yield from cls.cloudformation(declaration._replace(fields=fields))

    def spelled(self, topology: "Topology") -> dict[str, Any]:
        fields = super().spelled(topology)
        words = {"AllocationId": "elastic_ip", "PrivateIp": "ip"}
        if self.regional or len(self.nat_gateway_addresses) != 1:
            return fields
        (only,) = self.nat_gateway_addresses
        if (only.allocation_id or self.connectivity_type == "private") and not only.availability_zone:
            (written,) = fields.pop("nat_gateway_addresses")
            fields |= {words[name]: value for name, value in written.items() if name in words}
        return fields

    @property
    def regional(self) -> bool:
        return self.availability_mode == REGIONAL

    def implied(self, topology: "Topology") -> Iterable[Resource]:
        if self.regional:
            yield from self._implied_in_a_region(topology)
            return
        if not isinstance(subnet := topology.resources.get(self.subnet_id or ""), Subnet):
            return
        first, *more = sorted(self.nat_gateway_addresses or (NatGatewayAddress(),), key=lambda a: not a.is_primary)
        told = [address for address in more if address.private_ip is not None]
        chosen = [address for address in more if address.private_ip is None]
        yield self.replaced(vpc_id=subnet.vpc_id, nat_gateway_addresses=(first, *told, *chosen))
        made = NetworkInterface.behind(
            self,
            subnet.id,
            interface_type=self.kind,
            source_dest_check=False,
            private_ip_address=first.private_ip,
            private_ip_addresses=tuple(PrivateAddress(private_ip_address=a.private_ip) for a in told if a.private_ip),
            secondary_private_ip_address_count=len(chosen),
            default_group=False,
        )
        yield made
        interface = made.as_given(topology).id
        for position, held in enumerate((first, *told, *chosen)):
            if elastic := topology.get(ElasticIp, held.allocation_id):
                yield elastic.replaced(network_interface_id=interface, position=position)

    def _implied_in_a_region(self, topology: "Topology") -> Iterable[Resource]:
        """Its table, and in automatic mode an address for every zone of the VPC."""
        addresses = self.nat_gateway_addresses
        if not addresses:
            zones = sorted({s.availability_zone for s in topology.of(Subnet) if s.vpc_id == self.vpc_id})
            made = [(zone, f"{self.id}/{zone}") for zone in zones]
            yield from (ElasticIp(id=id, name=id, region=self.region, origin=self.origin) for _, id in made)
            addresses = tuple(NatGatewayAddress(allocation_id=id, availability_zone=zone) for zone, id in made)
        table = self.route_table_id or f"{self.id}/route-table"
        yield self.replaced(nat_gateway_addresses=addresses, route_table_id=table)
        if table not in topology.resources:
            out = self._way_out(topology)
            everything = Prefix.parse("0.0.0.0/0")
            routes = (Route(destination_cidr_block=everything, gateway_id=out, origin=self.origin),) if out else ()
            yield RouteTable(id=table, name=table, vpc_id=self.vpc_id or "", routes=routes, origin=self.origin)

    def _way_out(self, topology: "Topology") -> str | None:
        """The internet gateway of its VPC."""
        subnet = topology.get(Subnet, self.subnet_id)
        vpc = subnet.vpc_id if subnet else self.vpc_id
        gateways = topology.of_kind("internet_gateway")
        return next((g.id for g in gateways for a in getattr(g, "attachments", ()) if a.vpc_id == vpc), None)

    @classmethod
    def check(cls, topology: "Topology") -> Iterable[Problem]:
        yield from super().check(topology)
        owners: dict[str, NatGateway] = {}
        for gateway in topology.of(cls):
            for allocation in filter(None, (held.allocation_id for held in gateway.nat_gateway_addresses)):
                if (first := owners.setdefault(allocation, gateway)) is not gateway:
                    yield refuse(f"{gateway.id}: {allocation} belongs to {first.id}", "Resource.AlreadyAssociated", gateway)

    def refusals(self, topology: "Topology") -> Iterable[Problem]:
        allocated = [address.allocation_id is not None for address in self.nat_gateway_addresses]
        private = self.connectivity_type == "private"
        if (self.subnet_id is None) != self.regional:
            wanted = "a VPC and no subnet" if self.regional else "a subnet"
            yield refuse(f"{self.id}: a {self.availability_mode} NAT gateway needs {wanted}", "InvalidParameter", self)
        elif self.regional and (private or self.vpc_id is None):
            wanted = "is public: there are private ones in a zone only" if private else "needs a VPC"
            yield refuse(f"{self.id}: a regional NAT gateway {wanted}", "InvalidParameter", self)
        elif not private and not (allocated and all(allocated)):
            yield refuse(f"{self.id}: a public NAT gateway needs an Elastic IP address (AllocationId)", "MissingParameter", self)
        elif private and any(allocated):
            yield refuse(f"{self.id}: a private NAT gateway has no Elastic IP address", "InvalidParameter", self)
        elif not self.regional and len(allocated) > MOST_ADDRESSES:
            message = f"{self.id}: a NAT gateway has at most {MOST_ADDRESSES} addresses"
            yield refuse(message, "ResourceLimitExceeded", self)
        if not private and self.state in ("pending", "available") and self._way_out(topology) is None:
            message = f"{self.id}: a public NAT gateway needs an internet gateway attached to its VPC"
            yield refuse(message, "Gateway.NotAttached", self)

    def register(self, index: "Index") -> None:
        index.places[self.id] = self
        if not self.regional or self.vpc_id is None:
            return
        elastic = (index.topology.get(ElasticIp, address.allocation_id) for address in self.nat_gateway_addresses)
        index.vpc_of[self.id] = self.vpc_id
        index.addresses_of[self.id] = tuple(e.public_ip for e in elastic if e and e.public_ip is not None)
        for public in index.addresses_of[self.id]:
            index.interface_at[self.vpc_id, public] = self.id
            index.publish(public, self.id, public)

    @property
    def interface_type(self) -> str:
        return f"regional_{self.kind}" if self.regional else self.kind

    def entrance(self, net: "Network") -> str | None:
        return self.id if self.regional else next(iter(net.interfaces_of(self.id)), None)

    def takes_from(self, vpc_id: str) -> bool:
        return self.state in ("available", "deleting") and vpc_id == self.vpc_id

    def branches(self, packet: Packet, net: "Network") -> tuple[str, ...]:
        """The addresses between which it chooses for a connection; AWS does not say how."""
        own = net.index.addresses_of[self.entrance(net) or ""]
        if packet.src not in own or len(own) == 1:
            return ()
        zone = self._zones(net).get(packet.src, "")
        return tuple(address_text(number) for number in own if self._zones(net).get(number, "") == zone)

    def _zones(self, net: "Network") -> Mapping[int, str]:
        """The zones of the addresses of a regional gateway."""
        if not self.regional:
            return {}
        pairs = zip(net.index.addresses_of[self.id], self.nat_gateway_addresses, strict=True)
        return {number: address.availability_zone for number, address in pairs}

    @property
    def looks_at_zones(self) -> bool:
        return self.regional

    def receive(self, packet: Packet, came_from: str | None, net: "Network") -> Iterator[Step]:
        if came_from is None:
            yield self._deny("{at}: starts no connections of its own", packet, Code.VPCSIM_UNSOLICITED)
            return
        if net.holds(self.entrance(net), packet.dst):
            original = net.session(self.id, packet)
            if original is None:
                because = "{at}: no connection of its own that {packet} would answer, and it takes none from outside"
                yield self._deny(because, packet, Code.VPCSIM_UNSOLICITED)
                return
            answer = original.reversed()
            yield onward(self.id, "{at}: restores {packet.destination}", answer, None, self.subnet_id)
            yield from self._by_its_table(answer, net)
            return
        if family(packet.dst) == 6 and not NAT64.holds(packet.dst):
            because = "{at}: translates IPv6 for 64:ff9b::/96 only, not for {packet.destination}"
            yield self._deny(because, packet, Code.PROTOCOL_RESTRICTION)
            return
        if packet.protocol not in PROTOCOLS:
            because = "{at}: translates TCP, UDP and ICMP only, not {packet.service}"
            yield self._deny(because, packet, Code.PROTOCOL_RESTRICTION)
            return
        vpc = self.vpc_id
        if net.holds(self.entrance(net), packet.src):
            yield self._led_back(packet, came_from)
            return
        if net.interface_at(vpc, packet.src) is None and vpc not in net.index.joined_to:
            because = "{at}: serves interfaces of its own VPC, and {packet.source} is none"
            yield self._deny(because, packet, Code.NGW_REQUIRES_SOURCE_IN_VPC)
            return
        yield from self._send(packet, came_from, net)

    def _send(self, packet: Packet, came_from: str, net: "Network") -> Iterator[Step]:
        own = self._own(came_from, net)
        if not own:
            because = "{at}: has no address in {about}, from where {packet.source} sends"
            code, about = Code.REGIONAL_NGW_ROUTE_AZ_RESTRICTION, _zone(came_from, net)
            fix = "{at}: an Elastic IP address for {about}"
            yield Step(self.id, because, packet, None, None, Disposition.DENIED, code, None, about, fix)
            return
        chosen = net.chosen.get(self.id)
        src = own[0] if chosen is None else next((number for number in own if address_text(number) == chosen), own[0])
        ports = packet.src_port if packet.protocol == ICMP else PORTS
        translated = packet.sent_by(src, ports)
        if NAT64.holds(packet.dst):
            translated = translated.sent_to(packet.dst - NAT64.first)
        because = "{at}: translates the source {about.source} to {packet.source}, port 1024-65535"
        yield Step(self.id, because, translated, None, self.subnet_id, None, None, packet, packet)
        yield from self._by_its_table(translated, net)

    def _led_back(self, packet: Packet, came_from: str) -> Step:
        """The end of what it has sent itself. Source: PAGE, on instances that cannot reach the internet."""
        because = "{at}: a loop, its own route in {about} leads {packet.destination} back to it"
        fix = "{at}: a subnet with a route to an internet gateway in place of {about}"
        loop, code = Disposition.LOOP, Code.VPCSIM_LOOP
        return Step(self.id, because, packet, None, None, loop, code, None, self.subnet_id or came_from, fix)

    def _own(self, came_from: str, net: "Network") -> Sequence[int]:
        """The addresses that serve what comes from a subnet: those of its zone, if the gateway is regional.

        In automatic mode another zone serves one that the gateway has not come to yet.
        """
        own = net.index.addresses_of[self.entrance(net) or ""]
        if not self.regional:
            return own
        zones, zone = self._zones(net), _zone(came_from, net)
        here = [number for number in own if zones[number] == zone]
        return here or (own if self.auto_provision_zones == "enabled" else [])

    def _by_its_table(self, packet: Packet, net: "Network") -> Iterator[Step]:
        """Where a regional gateway leads a packet, which stands in no subnet but has a table."""
        if not self.regional:
            return
        table: Any = net.places[self.route_table_id or ""]
        route, to = table.lookup(packet.dst, net)
        target = net.places.get(to)
        entrance = target.entrance(net) if target is not None else net.interface_at(self.vpc_id, packet.dst)
        if (
            route is None
            or entrance is None
            or route.state != "active"
            or not (target is None or target.takes_from(self.vpc_id or ""))
        ):
            yield table.dead_end(route, entrance, packet, net)
        elif self._is_translated(packet, net) and net.vpc_of(entrance) is None and route.target != self._gateway(net):
            because = "{at}: {rule}, and from which address a regional NAT gateway sends there is not documented"
            yield Step(table.id, because, packet, route, None, Disposition.UNDECIDED, Code.VPCSIM_NOT_MODELLED)
        else:
            yield onward(table.id, "{at}: {rule}", packet, route, entrance)

    def _is_translated(self, packet: Packet, net: "Network") -> bool:
        return packet.src in net.index.addresses_of[self.id]

    def _gateway(self, net: "Network") -> str | None:
        return net.index.public_gateway_of.get((self.vpc_id or "", 4))

    def _deny(self, because: str, packet: Packet, code: Code) -> Step:
        return Step(self.id, because, packet, None, None, Disposition.DENIED, code)

    def findings(self, net: "Network") -> Iterable[Finding]:
        """A public gateway in a subnet from which nothing leads to the internet but a NAT gateway, and services that it bills."""
        yield from self._billed(net)
        if self.subnet_id is None:
            return
        table = net.route_table_of(self.subnet_id)
        _, target = table.lookup(OUTSIDE, net)
        if self.connectivity_type == "public" and (not target or getattr(net.places.get(target), "kind", "") == self.kind):
            because = f"its subnet {self.subnet_id} has no route to an internet gateway: {table.id} is the table there"
            yield Finding("nat-gateway-in-private-subnet", self.id, because, PAGE, self.origin)

    def _billed(self, net: "Network") -> Iterator[Finding]:
        """Tables that lead to it what the model keeps in services for which a gateway endpoint would do.

        Sources: https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-pricing.html,
        https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html
        """
        used = [service for service, kept in BY_GATEWAY_ENDPOINT.items() if net.topology.of_kind(kept)]
        tables = [table for table in net.topology.of(RouteTable) if table.id in {*net.index.table_of.values()}]
        led: dict[str, list[str]] = {}
        for service in used:
            number = Prefix.parse(services.prefix_list(net.topology.region_of(self), service).cidrs[0]).first
            for table in tables:
                if table.lookup(number, net)[1] == self.id:
                    led.setdefault(service, []).append(table.id)
        if led:
            named = ", ".join(dict.fromkeys(table for found in led.values() for table in found))
            because = (
                f"what {named} sends to {' and '.join(led)} is billed by the gigabyte here; a gateway endpoint costs nothing"
            )
            yield Finding("gateway-service-by-nat-gateway", self.id, because, BILLED, self.origin, "note")

    def links(self, net: "Network") -> Iterable[Link]:
        if self.regional:
            yield Link(self.vpc_id or "", self.id, "contains")
            yield Link(self.id, self.route_table_id or "", "routed by")
        else:
            yield Link(self.subnet_id or "", self.id, "contains")
            yield Link(self.id, self.subnet_id or "", "leaves by")


def _zone(subnet: str, net: "Network") -> str:
    return str(getattr(net.topology.resources.get(subnet), "availability_zone", ""))


def _zonal_addresses(zones: Iterable[Mapping[str, Any]], region: str) -> Iterator[dict[str, str]]:
    """What the API calls the addresses of zones, which are named or known by their id, one for each address."""
    names = {zone.id: zone.name for zone in services.availability_zones(region)}
    for zone in zones:
        name = zone.get("AvailabilityZone") or names.get(str(zone.get("AvailabilityZoneId")), "")
        yield from ({"AllocationId": allocation, "AvailabilityZone": name} for allocation in as_list(zone.get("AllocationIds")))
