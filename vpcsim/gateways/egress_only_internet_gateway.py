"""An egress-only internet gateway: lets IPv6 out of a VPC, and in again only what answers.

It translates nothing and has no security group; the network ACL of the subnet applies. It remembers what it let out. What comes
out of a Gateway Load Balancer endpoint it drops.

Sources: https://docs.aws.amazon.com/vpc/latest/userguide/egress-only-internet-gateway.html,
https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-load-balancer-endpoints.html (what comes out of an endpoint),
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRoute.html (IPv6 destinations only).
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar

from vpcsim.codes import Code
from vpcsim.errors import Problem
from vpcsim.fabric.public_access import blocked, endpoint_subnets
from vpcsim.fabric.route_table import RouteTable
from vpcsim.packet import Packet
from vpcsim.prefixes import Prefix
from vpcsim.resource import Declaration, Declared, Draft, Link, Resource, TerraformSpelling, as_list, refers_to, refuse
from vpcsim.shape import Shape, field
from vpcsim.trace import Disposition, Step, onward

if TYPE_CHECKING:
    from vpcsim.network import Index, Network
    from vpcsim.topology import Topology


class EgressOnlyInternetGatewayAttachment(Shape):
    """The VPC of the gateway."""

    vpc_id: Annotated[str, refers_to("vpc")]
    state: str = "attached"


class EgressOnlyInternetGateway(Resource):
    """See the module."""

    kind: ClassVar[str] = "egress_only_internet_gateway"
    looks_at_zones: ClassVar[bool] = False
    of_vpc_owner: ClassVar[bool] = True
    section: ClassVar[str] = "EgressOnlyInternetGateways"
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::EC2::EgressOnlyInternetGateway",)
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={"aws_egress_only_internet_gateway": "AWS::EC2::EgressOnlyInternetGateway"},
    )
    native_names: ClassVar[Mapping[str, str]] = {"vpc": "VpcId"}
    native_scalar: ClassVar[str] = "VpcId"
    route_target: ClassVar[str] = "EgressOnlyInternetGatewayId"

    id: str = field(api="EgressOnlyInternetGatewayId")
    attachments: tuple[EgressOnlyInternetGatewayAttachment, ...] = ()

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        if "VpcId" in fields:
            fields["Attachments"] = [{"VpcId": vpc} for vpc in as_list(fields.pop("VpcId"))]
        yield Draft(cls, declaration.id, fields, declaration.origin)

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        yield from cls.cloudformation(declaration)

    @property
    def vpc_id(self) -> str | None:
        return next((a.vpc_id for a in self.attachments if a.state in ("attached", "available")), None)

    @classmethod
    def check(cls, topology: "Topology") -> Iterable[Problem]:
        yield from super().check(topology)
        first: dict[str, EgressOnlyInternetGateway] = {}
        for gateway in topology.of(cls):
            vpc = gateway.vpc_id
            if vpc and (other := first.setdefault(vpc, gateway)) is not gateway:
                message = f"{gateway.id}: {vpc} has an egress-only internet gateway already, {other.id}"
                yield refuse(message, "Resource.AlreadyAssociated", gateway)

    def refusals(self, topology: "Topology") -> Iterable[Problem]:
        for table in topology.of(RouteTable):
            for route in table.routes:
                destination = route.destination
                if route.target == self.id and isinstance(destination, Prefix) and destination.family == 4:
                    message = f"{table.id}: {destination} is IPv4, and {self.id} takes IPv6 only"
                    yield refuse(message, "InvalidParameterValue", route)

    def register(self, index: "Index") -> None:
        index.places[self.id] = self
        if self.vpc_id:
            index.public_gateway_of.setdefault((self.vpc_id, 6), self.id)
            index.takes_back.setdefault("internet", []).append(self.id)

    def takes_from(self, vpc_id: str) -> bool:
        return self.vpc_id == vpc_id

    def receive(self, packet: Packet, came_from: str | None, net: "Network") -> Iterator[Step]:
        if came_from is not None and net.vpc_of(came_from) == self.vpc_id:
            yield from self._send_out(packet, came_from, net)
        else:
            yield from self._take_in(packet, net)

    def _send_out(self, packet: Packet, subnet: str, net: "Network") -> Iterator[Step]:
        if (step := blocked(self.id, packet, subnet, self.id, False, net)) is not None:
            yield step
        if packet.is_passed_on and subnet in endpoint_subnets(net):
            because = "{at}: drops it, {packet} comes out of an endpoint in {about}, and answers would not come back by it"
            yield self._deny(because, packet, Code.VPCSIM_APPLIANCE, "an internet gateway in place of {at}", subnet)
        if net.public_address(self.vpc_id, packet.src) is None:
            because = "{at}: drops it, {packet.source} is not the public address of an interface in its VPC"
            yield self._deny(because, packet, Code.GATEWAY_REJECTS_SPOOFED_TRAFFIC)
        if net.answering:
            because = "{at}: drops {packet}, an answer to a connection that did not start here"
            yield self._deny(because, packet, Code.VPCSIM_EXPIRED_SESSION)
        yield onward(self.id, "{at}: lets out what {packet.source} starts", packet, None, net.outward(packet), packet)

    def _take_in(self, packet: Packet, net: "Network") -> Iterator[Step]:
        if net.session(self.id, packet) is None:
            because = "{at}: no connection from inside that {packet} would answer, and it takes none from outside"
            fix = "an internet gateway, and routes to it, instead of {at}"
            yield self._deny(because, packet, Code.VPCSIM_UNSOLICITED, fix)
            return
        yield onward(self.id, "{at}: an answer to what it let out", packet, None, net.interface_at(self.vpc_id, packet.dst))

    def _deny(self, because: str, packet: Packet, code: Code, fix: str = "", about: str | None = None) -> Step:
        return Step(self.id, because, packet, None, None, Disposition.DENIED, code, None, about, fix)

    def links(self, net: "Network") -> Iterable[Link]:
        if self.vpc_id:
            yield Link(self.vpc_id, self.id, "attached to")
            yield Link(self.id, "internet", "leads to")
            yield Link(self.id, "aws", "leads to")
