"""A route table of a local gateway: between the VPCs that are associated with it and the groups of virtual interfaces.

Its routes lead out to a group, or in to an interface on the Outpost. The longest prefix wins, and of equal ones the static
route. Its mode says under which addresses the VPCs are known at the site: their own (direct VPC routing), or customer-owned ones.

Sources: https://docs.aws.amazon.com/outposts/latest/userguide/routing.html,
https://docs.aws.amazon.com/outposts/latest/userguide/manage-lgw-routes.html,
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_LocalGatewayRouteTable.html,
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_LocalGatewayRoute.html.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from vpcsim.errors import Problem, nearest
from vpcsim.fabric.network_interface import NetworkInterface
from vpcsim.fabric.subnet import Subnet
from vpcsim.prefixes import PassedOver, Prefix, PrefixTable, passed_over
from vpcsim.resource import (
    Cidr,
    Declaration,
    Declared,
    Draft,
    Link,
    Patch,
    Resource,
    TerraformSpelling,
    as_list,
    refers_to,
    refuse,
)
from vpcsim.shape import Shape, field

if TYPE_CHECKING:
    from vpcsim.network import Network
    from vpcsim.packet import Packet
    from vpcsim.topology import Topology

DIRECT, COIP = "direct-vpc-routing", "coip"
TABLE = "AWS::EC2::LocalGatewayRouteTable"
ROUTE = "AWS::EC2::LocalGatewayRoute"
VPC_ASSOCIATION = "AWS::EC2::LocalGatewayRouteTableVPCAssociation"
GROUP_ASSOCIATION = "AWS::EC2::LocalGatewayRouteTableVirtualInterfaceGroupAssociation"
MOST_INTERFACE_ROUTES = 100
TOLD = {PassedOver.ELSEWHERE: "another destination", PassedOver.LONGER: "a longer prefix wins", PassedOver.EARLIER: "a twin wins"}


class LocalGatewayRoute(Shape):
    """One route: to a group of virtual interfaces, or to an interface on the Outpost."""

    destination_cidr_block: Cidr | None = None
    destination_prefix_list_id: Annotated[str | None, refers_to("prefix_list")] = None
    local_gateway_virtual_interface_group_id: Annotated[str | None, refers_to("local_gateway_virtual_interface_group")] = None
    network_interface_id: Annotated[str | None, refers_to("network_interface")] = None
    type: str = "static"
    state: str = "active"
    to: str | None = field(default=None, dumped=False)
    """The target of a native route, until its kind is known."""

    @classmethod
    def read_text(cls, text: str) -> Mapping[str, Any]:
        destination, arrow, target = text.partition("->")
        if not arrow:
            raise ValueError(f"`{text}` is not a route such as `0.0.0.0/0 -> myInterfaceGroup`")
        return _native_route(destination.strip(), target.strip())

    def line(self, name: str) -> str:
        return str(self) if self.destination and self.state == "active" else ""

    @property
    def target(self) -> str:
        return self.local_gateway_virtual_interface_group_id or self.network_interface_id or self.to or ""

    @property
    def destination(self) -> Prefix | str:
        return self.destination_cidr_block or self.destination_prefix_list_id or ""

    def __str__(self) -> str:
        return f"{self.destination} -> {self.target or 'nowhere'}"


class LocalGatewayRouteTable(Resource):
    """See the module."""

    kind: ClassVar[str] = "local_gateway_route_table"
    section: ClassVar[str] = "LocalGatewayRouteTables"
    described_as: ClassVar[tuple[str, ...]] = (
        "Routes",
        "LocalGatewayRouteTableVpcAssociations",
        "LocalGatewayRouteTableVirtualInterfaceGroupAssociations",
    )
    cloudformation_types: ClassVar[tuple[str, ...]] = (TABLE, ROUTE, VPC_ASSOCIATION, GROUP_ASSOCIATION)
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={
            "aws_ec2_local_gateway_route": ROUTE,
            "aws_ec2_local_gateway_route_table_vpc_association": VPC_ASSOCIATION,
            "data.aws_ec2_local_gateway_route_table": TABLE,
        },
    )
    native_names: ClassVar[Mapping[str, str]] = {
        "local_gateway": "LocalGatewayId",
        "mode": "Mode",
        "vpcs": "VpcIds",
        "groups": "GroupIds",
        "routes": "Routes",
        "state": "State",
    }
    native_text: ClassVar[tuple[str, ...]] = ("Routes",)

    id: str = field(api="LocalGatewayRouteTableId")
    local_gateway_id: Annotated[str, refers_to("local_gateway")]
    mode: str = field(default=DIRECT, pattern=f"^({DIRECT}|{COIP})$")
    vpc_ids: tuple[Annotated[str, refers_to("vpc")], ...] = ()
    group_ids: tuple[Annotated[str, refers_to("local_gateway_virtual_interface_group")], ...] = ()
    routes: tuple[LocalGatewayRoute, ...] = ()
    state: str = "available"

    @classmethod
    def described(cls, declaration: Declaration) -> Declared:
        """A table, or what belongs to one: routes from `search-local-gateway-routes`, associations."""
        fields, table = dict(declaration.fields), declaration.fields.get("LocalGatewayRouteTableId")
        if declaration.type == cls.section:
            if fields.get("State") != "deleted":
                yield Draft(cls, declaration.id, fields, declaration.origin)
        elif table and declaration.type == "Routes":
            yield Patch(table, {"Routes": [fields]}, declaration.origin)
        elif table and fields.get("State", "associated") == "associated":
            name = "VpcIds" if "VpcId" in fields else "GroupIds"
            yield Patch(table, {name: [fields.get("VpcId") or fields["LocalGatewayVirtualInterfaceGroupId"]]}, declaration.origin)

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        fields, origin = dict(declaration.fields), declaration.origin
        if declaration.type == TABLE:
            yield Patch(fields.get("LocalGatewayId", ""), {}, origin, key="LocalGatewayId")
            yield Draft(cls, declaration.id, fields, origin)
            return
        table = fields.pop("LocalGatewayRouteTableId", "")
        part: dict[str, Any] = {"Routes": [{**fields, "WrittenAt": origin}]}
        if declaration.type == VPC_ASSOCIATION:
            part = {"VpcIds": [fields.get("VpcId")]}
        elif declaration.type == GROUP_ASSOCIATION:
            part = {"GroupIds": [fields.get("LocalGatewayVirtualInterfaceGroupId")]}
        yield Patch(table, part, origin, key="LocalGatewayRouteTableId")

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        for name in ("VpcIds", "GroupIds"):
            if name in fields:
                fields[name] = as_list(fields[name])
        if isinstance(routes := fields.get("Routes"), Mapping):
            fields["Routes"] = [_native_route(d, str(t)) for d, t in routes.items() if d != "WrittenAt"]
        yield Draft(cls, declaration.id, fields, declaration.origin)

    def implied(self, topology: "Topology") -> Iterable[Resource]:
        if any(route.to for route in self.routes):
            yield self.replaced(routes=tuple(_by_kind(route, topology) for route in self.routes))

    def means(self, record: Shape, topology: "Topology") -> Shape:
        return _by_kind(record, topology) if isinstance(record, LocalGatewayRoute) else record

    def refusals(self, topology: "Topology") -> Iterable[Problem]:
        seen: set[Any] = set()
        for route in self.routes:
            where = route if route.origin else self
            if route.to:
                close = nearest(route.to, [*self.group_ids, *(i.id for i in topology.of(NetworkInterface))])
                hint = f"; did you mean `{close}`?" if close else ""
                message = f"{self.id}: `{route.to}` is no group of virtual interfaces and no network interface{hint}"
                yield Problem(message, where.origin)
            elif not route.destination or not route.target:
                yield refuse(f"{self.id}: a route needs a destination and a target", "MissingParameter", where)
            elif route.destination in seen and route.type == "static":
                yield refuse(f"{self.id}: a route for {route.destination} exists already", "RouteAlreadyExists", where)
            elif route.network_interface_id:
                yield from self._interface_refusals(route, topology)
            seen.add(route.destination)
        if sum(1 for route in self.routes if route.network_interface_id) > MOST_INTERFACE_ROUTES:
            yield refuse(f"{self.id}: more than {MOST_INTERFACE_ROUTES} routes to interfaces", "RouteLimitExceeded", self)

    def _interface_refusals(self, route: LocalGatewayRoute, topology: "Topology") -> Iterable[Problem]:
        """Source: https://docs.aws.amazon.com/outposts/latest/userguide/manage-lgw-routes.html"""
        interface = topology.need(NetworkInterface, route.network_interface_id or "")
        subnet = topology.need(Subnet, interface.subnet_id)
        where = route if route.origin else self
        if not self.stands_on_it(subnet, topology):
            yield refuse(f"{self.id}: {interface.id} is not on the Outpost of the gateway", "InvalidParameterValue", where)
        elif subnet.vpc_id not in self.vpc_ids:
            message = f"{self.id}: {interface.id} is in {subnet.vpc_id}, which is not associated with the table"
            yield refuse(message, "InvalidParameterValue", where)

    @classmethod
    def check(cls, topology: "Topology") -> Iterable[Problem]:
        yield from super().check(topology)
        first: dict[tuple[str, str], LocalGatewayRouteTable] = {}
        for table in topology.of(cls):
            for vpc in table.vpc_ids:
                if (known := first.setdefault((table.local_gateway_id, vpc), table)) is not table:
                    message = f"{table.id}: {vpc} is associated with {known.id} of the same gateway already"
                    yield refuse(message, "Resource.AlreadyAssociated", table)

    def stands_on_it(self, subnet: Subnet, topology: "Topology") -> bool:
        """Whether a subnet is on the Outpost of the gateway; which one that is may not be told."""
        outpost = getattr(topology.resources[self.local_gateway_id], "outpost_arn", "")
        return bool(subnet.outpost_arn) and outpost in ("", subnet.outpost_arn)

    def announced(self, net: "Network") -> tuple[Prefix, ...]:
        """What the gateway announces to the site.

        Source: https://docs.aws.amazon.com/outposts/latest/userguide/manage-lgw-routes.html
        """
        if self.mode == COIP:
            pools = net.topology.of_kind("coip_pool")
            mine = (pool for pool in pools if getattr(pool, "local_gateway_route_table_id", "") == self.id)
            return tuple(block for pool in mine for block in getattr(pool, "pool_cidrs", ()))
        return tuple(block for subnet in self.subnets(net) for block in subnet.blocks if self._leads_here(subnet, net))

    def subnets(self, net: "Network") -> Iterator[Subnet]:
        """The subnets on the Outpost of the VPCs that are associated."""
        for subnet in net.topology.of(Subnet):
            if subnet.vpc_id in self.vpc_ids and self.stands_on_it(subnet, net.topology):
                yield subnet

    def _leads_here(self, subnet: Subnet, net: "Network") -> bool:
        return any(route.local_gateway_id == self.local_gateway_id for route in net.route_table_of(subnet.id).all_routes(net))

    def lookup(self, number: int, net: "Network") -> LocalGatewayRoute | None:
        """The route for this destination address, or None."""
        key = ("local routes", self.id)
        table: PrefixTable[LocalGatewayRoute] = net.compiled(key) or net.compile(key, PrefixTable(self._entries(net)))
        return table.lookup(number)

    def rules_looked_at(self, packet: "Packet", net: "Network") -> Iterable[Any]:
        for _, route, why in passed_over(list(self._entries(net)), packet.dst):
            yield f"{route}" + (f" ({TOLD[why]})" if why else "")

    def _entries(self, net: "Network") -> Iterator[tuple[Prefix, LocalGatewayRoute]]:
        for route in sorted(self.routes, key=lambda route: route.type != "static"):
            if route.destination_cidr_block:
                yield route.destination_cidr_block, route
            for prefix in net.prefixes_of(route.destination_prefix_list_id) or ():
                yield prefix, route

    def links(self, net: "Network") -> Iterable[Link]:
        yield Link(self.local_gateway_id, self.id, "routed by")
        yield from (Link(vpc, self.id, "associated with") for vpc in self.vpc_ids)
        for route in self.routes:
            yield Link(self.id, route.target, str(route.destination))


def _native_route(destination: str, target: str) -> dict[str, Any]:
    try:
        Prefix.parse(destination)
    except ValueError:
        return {"DestinationPrefixListId": destination, "To": target}
    return {"DestinationCidrBlock": destination, "To": target}


def _by_kind(route: LocalGatewayRoute, topology: "Topology") -> LocalGatewayRoute:
    target = topology.resources.get(route.to or "")
    if target is None or target.kind not in ("local_gateway_virtual_interface_group", "network_interface"):
        return route
    return route.replaced(**{f"{target.kind}_id": target.id, "to": None})
