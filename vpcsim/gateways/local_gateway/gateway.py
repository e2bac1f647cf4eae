"""A local gateway: connects subnets on an Outpost with the network of the site where the Outpost stands.

A route leads to it only from VPCs that are associated with one of its route tables, and only what is on the Outpost passes. In
direct VPC routing addresses stay as they are; else the gateway translates one to one between private and customer-owned
addresses. What enters goes to the interface that the table names for it, without translation, or to the holder of the address;
interfaces of endpoints are not reached. Security groups are not known across it. A gateway whose route tables the model does not
tell is undecided.

Sources: https://docs.aws.amazon.com/outposts/latest/userguide/outposts-local-gateways.html,
https://docs.aws.amazon.com/outposts/latest/userguide/routing.html,
https://docs.aws.amazon.com/outposts/latest/userguide/manage-lgw-routes.html.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar

from vpcsim.codes import Code
from vpcsim.errors import Problem
from vpcsim.fabric.edges import CUSTOMER_OWNED
from vpcsim.fabric.subnet import Subnet
from vpcsim.gateways.local_gateway.interface_group import LocalGatewayVirtualInterfaceGroup
from vpcsim.gateways.local_gateway.route_table import COIP, LocalGatewayRoute, LocalGatewayRouteTable
from vpcsim.packet import Packet
from vpcsim.prefixes import family
from vpcsim.resource import Declaration, Declared, Draft, Link, Patch, Resource, TerraformSpelling, as_list, refers_to
from vpcsim.shape import field
from vpcsim.trace import Disposition, Step, onward

if TYPE_CHECKING:
    from vpcsim.network import Network
    from vpcsim.topology import Topology


class LocalGateway(Resource):
    """See the module. AWS makes it with the Outpost, so a template only refers to one by its id."""

    kind: ClassVar[str] = "local_gateway"
    section: ClassVar[str] = "LocalGateways"
    described_as: ClassVar[tuple[str, ...]] = ("LocalGatewayRouteTableVpcAssociations",)
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(types={"data.aws_ec2_local_gateway": "LocalGateway"})
    native_names: ClassVar[Mapping[str, str]] = {"vpcs": "VpcIds", "outpost": "OutpostArn", "state": "State"}
    native_scalar: ClassVar[str] = "VpcIds"
    route_target: ClassVar[str] = "LocalGatewayId"

    id: str = field(api="LocalGatewayId")
    outpost_arn: str = ""
    vpc_ids: tuple[Annotated[str, refers_to("vpc")], ...] = ()
    """The VPCs that are associated with a route table of the gateway, in the model or not."""
    state: str = "available"

    @classmethod
    def unspelled(cls, id: str) -> Draft | None:
        """A gateway that a template names by the id that AWS gave."""
        return Draft(cls, id, {}, None) if id.startswith("lgw-") and not id.startswith("lgw-rtb") else None

    @classmethod
    def stand_in(cls, id: str, named_by: Draft, drafts: Mapping[str, Draft]) -> Draft | None:
        """The gateway of a described table: the table tells the Outpost as well."""
        table = named_by.shape is LocalGatewayRouteTable
        return Draft(cls, id, {"OutpostArn": named_by.fields.get("OutpostArn", "")}, named_by.origin) if table else None

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

    @classmethod
    def complete(cls, topology: "Topology") -> None:
        """Note which VPCs are associated with the tables of each gateway."""
        for gateway in topology.of(cls):
            tables = (t for t in topology.of(LocalGatewayRouteTable) if t.local_gateway_id == gateway.id)
            told = dict.fromkeys((*gateway.vpc_ids, *(vpc for table in tables for vpc in table.vpc_ids)))
            topology.put(gateway.replaced(vpc_ids=tuple(told)))

    def refusals(self, topology: "Topology") -> Iterable[Problem]:
        for table in topology.of(LocalGatewayRouteTable):
            groups = (topology.need(LocalGatewayVirtualInterfaceGroup, id) for id in table.group_ids)
            for group in groups if table.local_gateway_id == self.id else ():
                if group.local_gateway_id != self.id:
                    yield Problem(f"{table.id}: {group.id} belongs to {group.local_gateway_id}, not to {self.id}", table.origin)

    def takes_from(self, vpc_id: str) -> bool:
        return vpc_id in self.vpc_ids and self.state == "available"

    def _tables(self, net: "Network") -> list[LocalGatewayRouteTable]:
        return [table for table in net.topology.of(LocalGatewayRouteTable) if table.local_gateway_id == self.id]

    def receive(self, packet: Packet, came_from: str | None, net: "Network") -> Iterator[Step]:
        tables = self._tables(net)
        entered = [table for table in tables if came_from in table.group_ids]
        table = next((table for table in tables if net.vpc_of(came_from or "") in table.vpc_ids), None)
        if entered:
            yield from self._take_in(packet, entered, net)
        elif table is None:
            because = "{at}: the gateway's own route table for this packet is not in the model"
            yield self._undecided(self.id, because, packet)
        elif family(packet.dst) == 6:
            yield self._undecided(self.id, "{at}: whether a local gateway carries IPv6 is not documented", packet)
        else:
            yield from self._send_out(packet, came_from or "", table, net)

    def _send_out(self, packet: Packet, subnet: str, table: LocalGatewayRouteTable, net: "Network") -> Iterator[Step]:
        if not table.stands_on_it(net.topology.need(Subnet, subnet), net.topology):
            because = "{at}: takes only what is on its Outpost, and {about} is not"
            denied, code = Disposition.DENIED, Code.VPCSIM_EDGE
            yield Step(self.id, because, packet, None, None, denied, code, None, subnet, "{about}: a subnet on the Outpost")
            return
        if table.mode == COIP:
            owned = net.edge_address(CUSTOMER_OWNED, net.vpc_of(subnet), packet.src)
            if owned is None:
                because = "{at}: drops it, {packet.source} has no customer-owned address"
                denied, code = Disposition.DENIED, Code.VPCSIM_NO_EDGE_ADDRESS
                fix = "{packet.source}: an address of a customer-owned pool"
                yield Step(self.id, because, packet, None, None, denied, code, None, None, fix)
                return
            because, original = "{at}: translates the source {about.source} to {packet.source}", packet
            packet = packet.sent_by(owned)
            yield onward(self.id, because, packet, None, None, original, original)
        yield self._routed(packet, table, table.lookup(packet.dst, net))

    def _routed(self, packet: Packet, table: LocalGatewayRouteTable, route: LocalGatewayRoute | None) -> Step:
        if route is None:
            because, fix = "{at}: no route for {packet.destination}", "{at}: a route to a group of virtual interfaces"
            no_route, code = Disposition.NO_ROUTE, Code.NO_ROUTE_TO_DESTINATION
            return Step(table.id, because, packet, None, None, no_route, code, None, None, fix)
        if route.state != "active":
            because = "{at}: {rule} is a blackhole: its target does not take traffic"
            return Step(table.id, because, packet, route, None, Disposition.NULL_ROUTED, Code.BAD_STATE_ROUTE)
        if route.network_interface_id:
            because = "{at}: {rule} is for what comes from the site; what it does with {packet} is not documented"
            return self._undecided(table.id, because, packet)
        if route.target not in table.group_ids:
            because = "{at}: {rule}, and {rule.target} is not associated with the table"
            return Step(table.id, because, packet, route, None, Disposition.NULL_ROUTED, Code.BAD_STATE_ROUTE)
        return onward(table.id, "{at}: {rule}", packet, route, route.target)

    def _take_in(self, packet: Packet, tables: list[LocalGatewayRouteTable], net: "Network") -> Iterator[Step]:
        for table in tables:
            route = table.lookup(packet.dst, net)
            if route is not None and route.network_interface_id:
                if route.state == "active":
                    yield onward(table.id, "{at}: {rule}, as it is", packet.passed_on(), route, route.network_interface_id)
                else:
                    yield self._routed(packet, table, route)
                return
            if (step := self._to_holder(packet, table, net)) is not None:
                yield step
                return
        because = "{at}: {packet.destination} is the address of no interface on the Outpost in {about}"
        vpcs = ", ".join(vpc for table in tables for vpc in table.vpc_ids) or "a VPC"
        no_route, code = Disposition.NO_ROUTE, Code.VPCSIM_ADDRESS_IN_USE_BY_NOBODY
        yield Step(self.id, because, packet, None, None, no_route, code, None, vpcs)

    def _to_holder(self, packet: Packet, table: LocalGatewayRouteTable, net: "Network") -> Step | None:
        inside, because = packet.passed_on(), "{at}: into {about}"
        if table.mode == COIP:
            holder = net.edge_holder(CUSTOMER_OWNED, packet.dst)
            found = [holder.interface] if holder and net.vpc_of(holder.interface) in table.vpc_ids else []
            inside = packet.sent_to(holder.private) if holder else packet
            because = f"{{at}}: translates the destination {packet.destination} to {{packet.destination}}"
        else:
            held = (net.interface_at(vpc, packet.dst) for vpc in table.vpc_ids)
            found = [interface for interface in held if interface is not None]
        subnets = {subnet.id for subnet in table.subnets(net)}
        interface = next((interface for interface in found if net.subnet_of(interface) in subnets), None)
        if interface is None:
            return None
        if getattr(net.places[interface], "private_link", False):
            because = "{at}: the interface of {about} belongs to an endpoint, which the site does not reach through the gateway"
            denied, about = Disposition.DENIED, net.places[interface].known_as
            return Step(self.id, because, packet, None, None, denied, Code.VPCSIM_EDGE, None, about)
        return onward(self.id, because, inside, None, interface, packet, net.vpc_of(interface))

    def _undecided(self, at: str, because: str, packet: Packet) -> Step:
        return Step(at, because, packet, disposition=Disposition.UNDECIDED, code=Code.VPCSIM_NOT_MODELLED)

    def links(self, net: "Network") -> Iterable[Link]:
        return (Link(vpc, self.id, "attached to") for vpc in self.vpc_ids)
