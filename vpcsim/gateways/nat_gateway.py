"""A NAT gateway: lets TCP, UDP and ICMP out under its own address, and takes back what answers.

It rewrites the source to its private address and a port from 1024 to 65535; a public one gets its Elastic IP address at
the internet gateway of its VPC. It translates IPv6 packets for 64:ff9b::/96 to IPv4. It has no security group; the
network ACL and the route table of its subnet apply to what enters and leaves it. It serves interfaces of its own VPC, and
what a transit gateway brings into it; it takes no connection from outside and does not answer ping.

Not modelled here: several addresses, regional gateways, the limit of simultaneous connections.

Sources: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-nat-gateway.html,
https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-nat64-dns64.html,
https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html,
https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-troubleshooting.html.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar

from vpcsim.codes import Code
from vpcsim.errors import Problem
from vpcsim.fabric.elastic_ip import ElasticIp
from vpcsim.fabric.network_interface import NetworkInterface
from vpcsim.packet import ICMP, TCP, UDP, Packet
from vpcsim.prefixes import IPV6, Ports, Prefix
from vpcsim.resource import Address, Declaration, Declared, Draft, Link, Resource, TerraformSpelling, refers_to, refuse
from vpcsim.shape import Shape, field
from vpcsim.trace import Disposition, Step, onward

if TYPE_CHECKING:
    from vpcsim.network import Network
    from vpcsim.topology import Topology

PORTS: Ports = (1024, 65535)
NAT64 = Prefix.parse("64:ff9b::/96")
"""IPv6 destinations whose last four bytes are the IPv4 destination; every NAT gateway translates them."""
PROTOCOLS = (TCP, UDP, ICMP)


class NatGatewayAddress(Shape):
    """The addresses of the gateway."""

    allocation_id: Annotated[str | None, refers_to("elastic_ip")] = None
    private_ip: Address | None = None


class NatGateway(Resource):
    """See the module."""

    kind: ClassVar[str] = "nat_gateway"
    section: ClassVar[str] = "NatGateways"
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::EC2::NatGateway",)
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={"aws_nat_gateway": "AWS::EC2::NatGateway", "data.aws_nat_gateway": "AWS::EC2::NatGateway"},
        names={"private_ip": "PrivateIpAddress"},
        refers={"allocation_id": ("aws_eip",)},
    )
    native_names: ClassVar[Mapping[str, str]] = {
        "subnet": "SubnetId",
        "elastic_ip": "AllocationId",
        "ip": "PrivateIpAddress",
        "type": "ConnectivityType",
        "state": "State",
    }
    native_scalar: ClassVar[str] = "SubnetId"
    route_target: ClassVar[str] = "NatGatewayId"

    id: str = field(api="NatGatewayId")
    subnet_id: Annotated[str, refers_to("subnet")]
    connectivity_type: str = field(default="public", pattern="^(public|private)$")
    nat_gateway_addresses: tuple[NatGatewayAddress, ...] = ()
    state: str = "available"

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        address = {"AllocationId": fields.pop("AllocationId", None), "PrivateIp": fields.pop("PrivateIpAddress", None)}
        fields["NatGatewayAddresses"] = [address]
        yield Draft(cls, declaration.id, fields, declaration.origin)

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        if declaration.existing:
            yield Draft(cls, declaration.id, fields, declaration.origin)
            return
        if fields.get("ConnectivityType", "public") == "public" and "AllocationId" not in fields:
            fields["AllocationId"] = f"{declaration.id}/elastic-ip"
            yield Draft(ElasticIp, fields["AllocationId"], {}, declaration.origin)
        yield from cls.cloudformation(declaration._replace(fields=fields))

    @property
    def address(self) -> NatGatewayAddress:
        return self.nat_gateway_addresses[0] if self.nat_gateway_addresses else NatGatewayAddress()

    def implied(self, topology: "Topology") -> Iterable[Resource]:
        private = self.address.private_ip
        yield NetworkInterface.behind(
            self,
            self.subnet_id,
            interface_type=self.kind,
            source_dest_check=False,
            private_ip_address=private,
            default_group=False,
        )
        if elastic := topology.get(ElasticIp, self.address.allocation_id):
            yield elastic.replaced(network_interface_id=f"{self.id}/{self.subnet_id}")

    @classmethod
    def check(cls, topology: "Topology") -> Iterable[Problem]:
        yield from super().check(topology)
        owners: dict[str, NatGateway] = {}
        for gateway in topology.of(cls):
            allocation = gateway.address.allocation_id
            if allocation and (first := owners.setdefault(allocation, gateway)) is not gateway:
                yield refuse(f"{gateway.id}: {allocation} belongs to {first.id}", "Resource.AlreadyAssociated", gateway)

    def refusals(self, topology: "Topology") -> Iterable[Problem]:
        allocated = self.address.allocation_id is not None
        if self.connectivity_type == "public" and not allocated:
            yield refuse(f"{self.id}: a public NAT gateway needs an Elastic IP address (AllocationId)", "MissingParameter", self)
        if self.connectivity_type == "private" and allocated:
            yield refuse(f"{self.id}: a private NAT gateway has no Elastic IP address", "InvalidParameter", self)

    def entrance(self, net: "Network") -> str | None:
        return net.interfaces_of(self.id)[0]

    def takes_from(self, vpc_id: str) -> bool:
        return self.state in ("available", "deleting")

    def receive(self, packet: Packet, came_from: str | None, net: "Network") -> Iterator[Step]:
        if came_from is None:
            yield self._deny("{at}: starts no connections of its own", packet, Code.VPCSIM_UNSOLICITED)
            return
        entrance = net.index.interfaces_of[self.id][0]
        if packet.dst in net.index.addresses_of[entrance]:
            original = net.session(self.id, packet)
            if original is None:
                because = "{at}: no connection of its own that {packet} would answer, and it takes none from outside"
                yield self._deny(because, packet, Code.VPCSIM_UNSOLICITED)
                return
            packet = original.reversed()
            yield onward(self.id, "{at}: restores {packet.destination}", packet, None, self.subnet_id)
            return
        if packet.dst >= IPV6 and not NAT64.holds(packet.dst):
            because = "{at}: translates IPv6 for 64:ff9b::/96 only, not for {packet.destination}"
            yield self._deny(because, packet, Code.PROTOCOL_RESTRICTION)
            return
        if packet.protocol not in PROTOCOLS:
            because = "{at}: translates TCP, UDP and ICMP only, not {packet.service}"
            yield self._deny(because, packet, Code.PROTOCOL_RESTRICTION)
            return
        vpc = net.vpc_of(self.subnet_id)
        if net.interface_at(vpc, packet.src) is None and vpc not in net.index.joined_to:
            because = "{at}: serves interfaces of its own VPC, and {packet.source} is none"
            yield self._deny(because, packet, Code.NGW_REQUIRES_SOURCE_IN_VPC)
            return
        yield self._translate(packet, net.address_of(entrance))

    def _translate(self, packet: Packet, own: int) -> Step:
        translated = packet.sent_by(own, packet.src_port if packet.protocol == ICMP else PORTS)
        if packet.dst >= IPV6:
            translated = translated.sent_to(packet.dst - NAT64.first)
        because = "{at}: translates the source {about.source} to {packet.source}, port 1024-65535"
        return onward(self.id, because, translated, None, self.subnet_id, packet, packet)

    def _deny(self, because: str, packet: Packet, code: Code) -> Step:
        return Step(self.id, because, packet, None, None, Disposition.DENIED, code)

    def links(self, net: "Network") -> Iterable[Link]:
        yield Link(self.subnet_id, self.id, "contains")
        yield Link(self.id, self.subnet_id, "leaves by")
