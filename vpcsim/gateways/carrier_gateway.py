"""A carrier gateway: connects subnets in Wavelength Zones with a telecommunication carrier's network and the internet.

A route leads to it only from its own VPC, and it carries IPv4 only. Block Public Access stops it. What it does otherwise
depends on carrier IP addresses, on the zone, and on the carrier's network, and none of them is in the model: it is undecided.

Sources: https://docs.aws.amazon.com/wavelength/latest/developerguide/how-wavelengths-work.html,
https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa-basics.html,
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-carriergateway.html.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar

from vpcsim.codes import Code
from vpcsim.fabric.public_access import blocked
from vpcsim.packet import Packet
from vpcsim.prefixes import family
from vpcsim.resource import Declaration, Declared, Draft, Link, Resource, TerraformSpelling, refers_to
from vpcsim.shape import field
from vpcsim.trace import Disposition, Step

if TYPE_CHECKING:
    from vpcsim.network import Network


class CarrierGateway(Resource):
    """See the module."""

    kind: ClassVar[str] = "carrier_gateway"
    section: ClassVar[str] = "CarrierGateways"
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::EC2::CarrierGateway",)
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={"aws_ec2_carrier_gateway": "AWS::EC2::CarrierGateway"},
    )
    native_names: ClassVar[Mapping[str, str]] = {"vpc": "VpcId", "state": "State"}
    native_scalar: ClassVar[str] = "VpcId"
    route_target: ClassVar[str] = "CarrierGatewayId"

    id: str = field(api="CarrierGatewayId")
    vpc_id: Annotated[str, refers_to("vpc")]
    state: str = "available"

    @classmethod
    def described(cls, declaration: Declaration) -> Declared:
        if declaration.fields.get("State") != "deleted":
            yield Draft(cls, declaration.id, dict(declaration.fields), declaration.origin)

    def takes_from(self, vpc_id: str) -> bool:
        return self.vpc_id == vpc_id and self.state == "available"

    def receive(self, packet: Packet, came_from: str | None, net: "Network") -> Iterator[Step]:
        if family(packet.dst) == 6:
            because, denied = "{at}: a carrier gateway carries IPv4 only", Disposition.DENIED
            yield Step(self.id, because, packet, disposition=denied, code=Code.PROTOCOL_RESTRICTION)
        sender = net.interface_at(self.vpc_id, packet.src)
        if (step := blocked(self.id, packet, came_from, sender, False, net)) is not None:
            yield step
        because = "{at}: carrier IP addresses and the carrier's network are not modelled"
        yield Step(self.id, because, packet, disposition=Disposition.UNDECIDED, code=Code.VPCSIM_NOT_MODELLED)

    def links(self, net: "Network") -> Iterable[Link]:
        yield Link(self.vpc_id, self.id, "attached to")
