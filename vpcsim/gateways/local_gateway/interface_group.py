"""A group of virtual interfaces: the links by which a local gateway and the routers of its site exchange packets.

The local gateway announces over BGP what its route tables let in: in direct VPC routing the blocks of subnets on the Outpost
whose own tables lead to the gateway, else the pools of customer-owned addresses. Prefixes that the routers of the site send here
for other reasons can be told in the native format.

Sources: https://docs.aws.amazon.com/outposts/latest/userguide/outposts-local-gateways.html,
https://docs.aws.amazon.com/outposts/latest/userguide/manage-lgw-routes.html (BGP advertisement),
https://docs.aws.amazon.com/outposts/latest/userguide/routing.html.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar

from vpcsim.codes import Code
from vpcsim.gateways.announcing import Announcement, CustomerSide, join
from vpcsim.gateways.local_gateway.route_table import LocalGatewayRouteTable
from vpcsim.packet import Packet
from vpcsim.resource import Cidr, Declaration, Declared, Draft, Link, Patch, TerraformSpelling, as_list, refers_to
from vpcsim.shape import field
from vpcsim.trace import Disposition, Step, onward

if TYPE_CHECKING:
    from vpcsim.network import Index, Network

GROUP, INTERFACE = "AWS::EC2::LocalGatewayVirtualInterfaceGroup", "AWS::EC2::LocalGatewayVirtualInterface"


class LocalGatewayVirtualInterfaceGroup(CustomerSide):
    """See the module."""

    kind: ClassVar[str] = "local_gateway_virtual_interface_group"
    section: ClassVar[str] = "LocalGatewayVirtualInterfaceGroups"
    cloudformation_types: ClassVar[tuple[str, ...]] = (GROUP, INTERFACE)
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={"data.aws_ec2_local_gateway_virtual_interface_group": GROUP},
    )
    native_names: ClassVar[Mapping[str, str]] = {
        "local_gateway": "LocalGatewayId",
        "network": "OnPremisesNetworkId",
        "sent_here": "SentHere",
        "state": "ConfigurationState",
    }

    id: str = field(api="LocalGatewayVirtualInterfaceGroupId")
    local_gateway_id: Annotated[str, refers_to("local_gateway")]
    sent_here: tuple[Cidr, ...] = ()
    """What the routers of the site send here beside what BGP announces to them."""
    configuration_state: str = "available"

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        """A group. Its single interfaces carry the same packets, so they add nothing."""
        if declaration.type == GROUP:
            fields = dict(declaration.fields)
            yield Patch(fields.get("LocalGatewayId", ""), {}, declaration.origin, key="LocalGatewayId")
            yield Draft(cls, declaration.id, fields, declaration.origin)

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        if "SentHere" in fields:
            fields["SentHere"] = as_list(fields["SentHere"])
        yield Draft(cls, declaration.id, fields, declaration.origin)

    @property
    def carries(self) -> bool:
        return self.configuration_state == "available"

    def register(self, index: "Index") -> None:
        index.places[self.id] = self
        join(index, self.id, self.network)

    def announces(self, to: str, net: "Network") -> Iterator[Announcement]:
        for table in net.topology.of(LocalGatewayRouteTable):
            if self.id in table.group_ids:
                yield from (Announcement(prefix, up=self.carries) for prefix in table.announced(net))
        yield from (Announcement(prefix, up=self.carries) for prefix in self.sent_here)

    def receive(self, packet: Packet, came_from: str | None, net: "Network") -> Iterator[Step]:
        if not self.carries:
            because = "{at}: is in state {about} and carries no traffic"
            null, code = Disposition.NULL_ROUTED, Code.BAD_STATE
            yield Step(self.id, because, packet, None, None, null, code, None, self.configuration_state)
        to = self.local_gateway_id if came_from == self.network else self.network
        yield onward(self.id, "{at}: carries it to {to}", packet, None, to)

    def links(self, net: "Network") -> Iterable[Link]:
        yield Link(self.local_gateway_id, self.id, "attached to")
        yield Link(self.id, self.network, "leads to")
