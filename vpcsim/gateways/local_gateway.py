"""A local gateway: connects subnets on an Outpost with the network of the site where the Outpost stands.

A route leads to it only from VPCs that are associated with its route table. What it does then depends on that table (direct
VPC routing, or customer-owned addresses) and on the site, and neither is in the model: it is undecided.

Sources: https://docs.aws.amazon.com/outposts/latest/userguide/routing.html,
https://docs.aws.amazon.com/outposts/latest/userguide/manage-lgw-routes.html.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar

from vpcsim.codes import Code
from vpcsim.packet import Packet
from vpcsim.resource import Declaration, Declared, Draft, Link, Patch, Resource, as_list, refers_to
from vpcsim.shape import field
from vpcsim.trace import Disposition, Step

if TYPE_CHECKING:
    from vpcsim.network import Network


class LocalGateway(Resource):
    """See the module. AWS makes it with the Outpost, so a template only refers to one by its id."""

    kind: ClassVar[str] = "local_gateway"
    section: ClassVar[str] = "LocalGateways"
    described_as: ClassVar[tuple[str, ...]] = ("LocalGatewayRouteTableVpcAssociations",)
    native_names: ClassVar[Mapping[str, str]] = {"vpcs": "VpcIds", "state": "State"}
    native_scalar: ClassVar[str] = "VpcIds"
    route_target: ClassVar[str] = "LocalGatewayId"

    id: str = field(api="LocalGatewayId")
    vpc_ids: tuple[Annotated[str, refers_to("vpc")], ...] = ()
    """The VPCs that are associated with its route table."""
    state: str = "available"

    @classmethod
    def described(cls, declaration: Declaration) -> Declared:
        """A gateway, and the VPCs whose tables it has: `{"LocalGatewayRouteTableVpcAssociations": [...]}`."""
        fields = dict(declaration.fields)
        if declaration.type == cls.section:
            yield Draft(cls, declaration.id, fields, declaration.origin)
        elif fields.get("State", "associated") == "associated":
            yield Patch(fields["LocalGatewayId"], {"VpcIds": [fields["VpcId"]]}, declaration.origin)

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        if "VpcIds" in fields:
            fields["VpcIds"] = as_list(fields["VpcIds"])
        yield Draft(cls, declaration.id, fields, declaration.origin)

    def takes_from(self, vpc_id: str) -> bool:
        return vpc_id in self.vpc_ids and self.state == "available"

    def receive(self, packet: Packet, came_from: str | None, net: "Network") -> Iterator[Step]:
        because = "{at}: the local gateway's own routes and the site's network are not modelled"
        yield Step(self.id, because, packet, disposition=Disposition.UNDECIDED, code=Code.VPCSIM_NOT_MODELLED)

    def links(self, net: "Network") -> Iterable[Link]:
        return (Link(vpc, self.id, "attached to") for vpc in self.vpc_ids)
