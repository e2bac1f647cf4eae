"""A route table: where the router of a VPC sends what leaves a subnet.

The longest prefix wins. Of equal prefixes a static route beats the local one (which it replaces), that beats a prefix
list's, and that a propagated one; propagated routes inside the VPC's own blocks are ignored. A route whose target is
gone is a blackhole: it still wins, and drops. A subnet without an association uses the main table of its VPC. A table can
also be associated with an internet gateway, and then routes what enters the VPC there (see `route_targets`).

Sources: https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html,
https://docs.aws.amazon.com/vpc/latest/userguide/subnet-route-tables.html,
https://docs.aws.amazon.com/vpn/latest/s2svpn/vpn-route-priority.html (propagated routes inside the VPC),
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRoute.html.
"""

from collections.abc import Iterable, Iterator, Mapping, Set
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from vpcsim.codes import Code
from vpcsim.errors import Doubt, Origin, Problem, nearest
from vpcsim.fabric.host_services import never_forwarded
from vpcsim.fabric.open_values import of_table
from vpcsim.fabric.route_spellings import TARGETS, described_route, is_associated, native_route, native_routes, terraform_route
from vpcsim.fabric.route_targets import LOCAL, CoreNetworkId, gateway_refusals, may_lead_to, target_refusals
from vpcsim.fabric.subnet import association_refusals
from vpcsim.prefixes import PassedOver, Prefix, PrefixTable, passed_over
from vpcsim.resource import (
    Cidr,
    Decided,
    Declaration,
    Declared,
    Dependence,
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
from vpcsim.shape import Shape, field, field_name
from vpcsim.trace import Disposition, Step

if TYPE_CHECKING:
    from vpcsim.network import Index, Network
    from vpcsim.packet import Packet
    from vpcsim.topology import Topology

PRIORITY = "https://docs.aws.amazon.com/vpc/latest/userguide/subnet-route-tables.html"
STATES = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Route.html"
PASSED_OVER = {
    PassedOver.ELSEWHERE: Code.CANNOT_ROUTE,
    PassedOver.LONGER: Code.MORE_SPECIFIC_ROUTE,
    PassedOver.EARLIER: Code.HIGHER_PRIORITY_ROUTE,
}
ARBITRARY = "arbitrary"
"""The state of a route that stands where AWS chooses between two prefix lists."""
RESERVED = (Prefix.parse("169.254.168.0/22"), Prefix.parse("fd00:ec2::/32"))
"""Ranges that no route may name and no packet is forwarded to."""


class Route(Shape):
    """One route."""

    destination_cidr_block: Cidr | None = None
    destination_ipv6_cidr_block: Cidr | None = None
    destination_prefix_list_id: Annotated[str | None, refers_to("prefix_list")] = None
    gateway_id: str | None = None
    nat_gateway_id: str | None = None
    instance_id: str | None = None
    network_interface_id: str | None = None
    vpc_endpoint_id: str | None = None
    transit_gateway_id: str | None = None
    vpc_peering_connection_id: str | None = None
    egress_only_internet_gateway_id: str | None = None
    carrier_gateway_id: str | None = None
    local_gateway_id: str | None = None
    core_network_arn: CoreNetworkId = None
    state: str = "active"
    propagated: bool = False
    to: str | None = field(default=None, dumped=False)
    """The target of a native route, until its kind is known."""

    @classmethod
    def read_text(cls, text: str) -> Mapping[str, Any]:
        destination, arrow, target = text.partition("->")
        if not arrow:
            raise ValueError(f"`{text}` is not a route such as `0.0.0.0/0 -> myNatGateway`")
        return native_route(destination.strip(), target.strip())

    @classmethod
    def local(cls, block: Prefix, origin: Origin | None = None) -> "Route":
        """The route that every table has for every block of its VPC."""
        four = block.family == 4
        return cls(
            destination_cidr_block=block if four else None,
            destination_ipv6_cidr_block=None if four else block,
            gateway_id=LOCAL,
            origin=origin,
        )

    @classmethod
    def propagation(cls, block: Prefix, gateway: str, origin: Origin | None = None) -> "Route":
        """A route that a virtual private gateway announces to the table."""
        local = cls.local(block, origin)
        return local.replaced(gateway_id=gateway, propagated=True)

    def line(self, name: str) -> str:
        return "" if self.propagated or not self.destination else f"{self.destination} -> {self.target or self.to}"

    @property
    def target(self) -> str:
        """The id that the route leads to, or `local`."""
        return next((value for field in TARGETS if (value := getattr(self, field))), "")

    @property
    def destination(self) -> Prefix | str:
        """The block, or the id of the prefix list."""
        return self.destination_cidr_block or self.destination_ipv6_cidr_block or self.destination_prefix_list_id or ""

    def __str__(self) -> str:
        return f"{self.destination} -> {self.target or 'nowhere'}{' (propagated)' if self.propagated else ''}"


RESERVED_ROUTE = Route(state="reserved")
"""Stands in every table for what is never forwarded."""


_NOWHERE: tuple[None, str] = (None, "")


class RouteTableAssociation(Shape):
    """A subnet or a gateway that uses this table, or the mark of the main table."""

    subnet_id: Annotated[str | None, refers_to("subnet")] = None
    gateway_id: str | None = None
    main: bool = False


class PropagatingVgw(Shape):
    """A virtual private gateway whose routes the table takes in."""

    gateway_id: Annotated[str, refers_to("vpn_gateway")]


class RouteTable(Resource):
    """See the module."""

    kind: ClassVar[str] = "route_table"
    of_vpc_owner: ClassVar[bool] = True
    section: ClassVar[str] = "RouteTables"
    cloudformation_types: ClassVar[tuple[str, ...]] = (
        "AWS::EC2::RouteTable",
        "AWS::EC2::Route",
        "AWS::EC2::SubnetRouteTableAssociation",
        "AWS::EC2::GatewayRouteTableAssociation",
    )
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={
            "aws_route_table": "AWS::EC2::RouteTable",
            "aws_default_route_table": "aws_default_route_table",
            "aws_route": "AWS::EC2::Route",
            "aws_route_table_association": "AWS::EC2::SubnetRouteTableAssociation",
            "aws_main_route_table_association": "aws_main_route_table_association",
            "data.aws_route_table": "data.aws_route_table",
        },
        names={
            "egress_only_gateway_id": "EgressOnlyInternetGatewayId",
            "route.cidr_block": "DestinationCidrBlock",
            "route.ipv6_cidr_block": "DestinationIpv6CidrBlock",
            "routes.cidr_block": "DestinationCidrBlock",
            "routes.ipv6_cidr_block": "DestinationIpv6CidrBlock",
        },
        refers={
            "gateway_id": ("aws_internet_gateway", "aws_vpn_gateway"),
            "egress_only_gateway_id": ("aws_egress_only_internet_gateway",),
            "propagating_vgws": ("aws_vpn_gateway",),
            "vpc_endpoint_id": ("aws_vpc_endpoint", "aws_networkfirewall_firewall"),
        },
        adopts={"aws_default_route_table": ("default_route_table_id", "{}")},
    )
    native_names: ClassVar[Mapping[str, str]] = {
        "vpc": "VpcId",
        "subnets": "Subnets",
        "gateway": "Gateway",
        "main": "Main",
        "routes": "Routes",
    }
    native_text: ClassVar[tuple[str, ...]] = ("Routes",)
    decides: ClassVar[bool] = True

    id: str = field(api="RouteTableId")
    vpc_id: Annotated[str, refers_to("vpc")]
    routes: tuple[Route, ...] = ()
    associations: tuple[RouteTableAssociation, ...] = ()
    propagating_vgws: tuple[PropagatingVgw, ...] = ()

    @classmethod
    def main(cls, vpc_id: str, origin: Origin | None) -> "RouteTable":
        """The table that AWS makes with a VPC."""
        mark = RouteTableAssociation(main=True)
        return cls(id=f"{vpc_id}/main-route-table", name="main", vpc_id=vpc_id, associations=(mark,), origin=origin)

    @classmethod
    def unspelled(cls, id: str) -> Draft | None:
        vpc, slash, name = id.rpartition("/")
        return Draft(cls, id, cls.main(vpc, None).dump(), None) if slash and name == "main-route-table" else None

    @classmethod
    def described(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        fields["Routes"] = [described_route(route) for route in fields.get("Routes") or ()]
        fields["Associations"] = [a for a in fields.get("Associations") or () if is_associated(a)]
        yield Draft(cls, declaration.id, fields, declaration.origin)

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        table = fields.get("RouteTableId", "")
        if declaration.type == "AWS::EC2::RouteTable":
            yield Draft(cls, declaration.id, fields, declaration.origin)
        elif declaration.type == "AWS::EC2::Route":
            yield Patch(table, {"Routes": [{**fields, "WrittenAt": declaration.origin}]}, declaration.origin, key="RouteTableId")
        else:
            ends = {name: fields.get(name) for name in ("SubnetId", "GatewayId")}
            association = {**ends, "WrittenAt": declaration.origin}
            yield Patch(table, {"Associations": [association]}, declaration.origin, key="RouteTableId")

    @classmethod
    def terraform(cls, declaration: Declaration) -> Declared:
        """A list of routes inside, or routes of their own. The default table loses the routes that it is not told.

        Sources: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/route_table,
        https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/route,
        https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/default_route_table,
        https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/main_route_table_association
        """
        fields, origin = dict(declaration.fields), declaration.origin
        main = [{"Main": True, "WrittenAt": origin}]
        if declaration.type == "aws_main_route_table_association":
            yield Patch(fields.get("RouteTableId", ""), {"Associations": main}, origin, key="route_table_id")
        elif declaration.type in ("AWS::EC2::RouteTable", "aws_default_route_table"):
            routes = as_list(fields.pop("Route", None))
            fields["Routes"] = [terraform_route(route, origin) for route in routes if isinstance(route, Mapping)]
            fields["PropagatingVgws"] = [{"GatewayId": gateway} for gateway in as_list(fields.get("PropagatingVgws"))]
            if declaration.type == "aws_default_route_table":
                fields["Associations"] = main
                fields.setdefault("VpcId", str(fields.get("DefaultRouteTableId", "")).removesuffix("/main-route-table"))
            yield Draft(cls, declaration.id, fields, origin)
        elif declaration.type == "data.aws_route_table":
            shown = [route for route in as_list(fields.get("Routes")) if isinstance(route, Mapping)]
            fields["Routes"] = [terraform_route(route, origin) for route in shown if route.get("GatewayId") != "local"]
            fields["Associations"] = [a for a in as_list(fields.get("Associations")) if isinstance(a, Mapping)]
            yield Draft(cls, declaration.id, {k: v for k, v in fields.items() if k not in ("SubnetId", "GatewayId")}, origin)
        elif declaration.type == "AWS::EC2::Route":
            route = terraform_route(fields, origin)
            yield Patch(fields.get("RouteTableId", ""), {"Routes": [route]}, origin, key="route_table_id")
        else:
            yield from cls.cloudformation(declaration)

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        if {"Subnets", "Gateway", "Main"} & fields.keys():
            associations: list[dict[str, Any]] = [{"SubnetId": subnet} for subnet in as_list(fields.pop("Subnets", None))]
            associations += [{"GatewayId": gateway} for gateway in as_list(fields.pop("Gateway", None))]
            fields["Associations"] = [*associations, *([{"Main": True}] if fields.pop("Main", False) else [])]
        if isinstance(fields.get("Routes"), Mapping):
            fields["Routes"] = list(native_routes(fields["Routes"]))
        yield Draft(cls, declaration.id, fields, declaration.origin)

    def implied(self, topology: "Topology") -> Iterable[Resource]:
        if any(route.to for route in self.routes):
            yield self.replaced(routes=tuple(_by_kind(route, topology) for route in self.routes))

    def means(self, record: Shape, topology: "Topology") -> Shape:
        return _by_kind(record, topology) if isinstance(record, Route) else record

    def spelled(self, topology: "Topology") -> dict[str, Any]:
        fields = super().spelled(topology)
        if self.associations:
            fields.pop("associations")
            ends = (
                ("subnets", [a.subnet_id for a in self.associations if a.subnet_id]),
                ("gateway", [a.gateway_id for a in self.associations if a.gateway_id]),
                ("main", self.is_main),
            )
            fields |= {word: value for word, value in ends if value}
        return fields

    def without(self, removed: Set[str]) -> "RouteTable":
        """Routes outlive their target: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteNatGateway.html"""
        routes = (r.replaced(state="blackhole") if (r.target or r.to) in removed else r for r in self.routes)
        return self.replaced(routes=tuple(routes))

    @property
    def is_main(self) -> bool:
        return any(association.main for association in self.associations)

    def refusals(self, topology: "Topology") -> Iterable[Problem]:
        seen: dict[Any, Route] = {}
        for route in self.routes:
            destination = route.destination
            if route.to and route.to in topology.resources and not route.target:
                kind = topology.resources[route.to].kind.replace("_", " ")
                message = f"{self.id}: `{route.to}` is a {kind}, and a route cannot lead to one"
                yield Problem(message, route.origin or self.origin)
            elif not destination or not route.target:
                yield refuse(f"{self.id}: a route needs one destination and one target", "MissingParameter", route)
            elif not route.propagated and destination in seen:
                yield refuse(f"{self.id}: a route for {destination} exists already", "RouteAlreadyExists", route)
            elif isinstance(destination, Prefix) and any(reserved.covers(destination) for reserved in RESERVED):
                yield refuse(f"{self.id}: {destination} is reserved for services on the host", "InvalidParameterValue", route)
            elif route.target != LOCAL and route.state == "active" and not may_lead_to(route.target, topology):
                close = nearest(route.target, [r.id for r in topology.resources.values() if r.route_target])
                hint = f"; did you mean `{close}`?" if close else ""
                yield Problem(f"{self.id}: no target `{route.target}` for {destination}{hint}", route.origin or self.origin)
            elif not route.propagated:
                yield from target_refusals(self, route, topology)
            if not route.propagated:
                seen[destination] = route

    @classmethod
    def check(cls, topology: "Topology") -> Iterable[Problem]:
        yield from super().check(topology)
        tables = topology.of(cls)
        yield from association_refusals([(t, a.subnet_id, a) for t in tables for a in t.associations if a.subnet_id], topology)
        yield from gateway_refusals(tables, topology)
        mains: dict[str, RouteTable] = {}
        for table in tables:
            if table.is_main and (first := mains.setdefault(table.vpc_id, table)) is not table:
                yield Problem(f"{table.id}: {table.vpc_id} already has the main route table {first.id}", table.origin)

    def register(self, index: "Index") -> None:
        index.places[self.id] = self
        for association in self.associations:
            if association.subnet_id:
                index.table_of[association.subnet_id] = self.id
            if association.gateway_id:
                index.table_of[association.gateway_id] = self.id
            if association.main:
                index.main_table[self.vpc_id] = self.id

    def rules_looked_at(self, packet: "Packet", net: "Network") -> Iterable[Any]:
        """The routes, and of each that does not decide the analyzer's code for why.

        Source: https://docs.aws.amazon.com/vpc/latest/reachability/explanation-codes.html
        """
        for prefix, route, why in passed_over(self._entries(net), packet.dst):
            code = PASSED_OVER[why] if why else None
            if code is Code.CANNOT_ROUTE and route.target == LOCAL:
                code = Code.VPC_LOCAL_ROUTE_CIDR_RESTRICTION
            if route.target and route.state != ARBITRARY:
                yield f"{prefix} -> {route.target}" + (f" ({code})" if code else "")

    def depends(self, doubt: Doubt, decided: Decided, net: "Network") -> Dependence:
        if decided.step.at != self.id or doubt.properties == {"Associations"}:
            return Dependence.NONE
        return of_table(doubt.part, decided, net) if doubt.properties == {"Routes"} else super().depends(doubt, decided, net)

    def lookup(self, number: int, net: "Network") -> tuple[Route | None, str]:
        """The route for this destination address, or None, and its target."""
        table: PrefixTable[tuple[Route, str]] = net.compiled(self.id) or net.compile(
            self.id, PrefixTable((prefix, (route, route.target)) for prefix, route in self._entries(net))
        )
        return table.lookup(number) or _NOWHERE

    def dead_end(self, route: Route | None, entrance: str | None, packet: "Packet", net: "Network") -> Step:
        """Why a packet gets no further: what `lookup` gave leads to nothing that takes it."""
        if route is not None and route.state == "reserved":
            return never_forwarded(self.id, packet)
        if route is not None and route.state == ARBITRARY:
            because = "{at}: {about} hold {packet.destination} and lead apart; AWS takes one of them, and does not say which"
            undecided, code = Disposition.UNDECIDED, Code.VPCSIM_NOT_MODELLED
            return _end(self.id, because.replace("{about}", str(route.to)), packet, route, undecided, code)
        if route is None:
            because = "{at}: no route for {packet.destination}"
            fix = "{at}: a route that covers {packet.destination}"
            return _end(self.id, because, packet, None, Disposition.NO_ROUTE, Code.NO_ROUTE_TO_DESTINATION, fix)
        if route.target == LOCAL and entrance is None:
            because = "{at}: {rule}, but no interface in the VPC has {packet.destination}"
            return _end(self.id, because, packet, route, Disposition.NO_ROUTE, Code.NO_POSSIBLE_DESTINATION)
        if route.target != LOCAL and route.target not in net.topology.resources and route.state == "active":
            because = "{at}: {rule}, and what {rule.target} does with it is not in the model"
            return _end(self.id, because, packet, route, Disposition.UNDECIDED, Code.VPCSIM_NOT_MODELLED)
        because = "{at}: {rule} is a blackhole: its target does not take traffic, and no other route stands in"
        fix = "{at}: lead {rule.destination} to a target that works"
        return _end(self.id, because, packet, route, Disposition.NULL_ROUTED, Code.BAD_STATE_ROUTE, fix)

    def all_routes(self, net: "Network") -> tuple[Route, ...]:
        """The table's own routes, those that other resources put into it, and those that propagate to it."""
        propagated = (
            Route.propagation(prefix, vgw.gateway_id, net.places[vgw.gateway_id].origin)
            for vgw in dict.fromkeys(self.propagating_vgws)
            for prefix in net.places[vgw.gateway_id].announced(net)
        )
        return (*self.routes, *net.added_routes(self.id), *propagated)

    def _entries(self, net: "Network") -> Iterator[tuple[Prefix, Route]]:
        yield from ((block, RESERVED_ROUTE) for block in RESERVED)
        blocks = net.blocks_of(self.vpc_id)
        routes = self.all_routes(net)
        static = [r for r in routes if not r.propagated and isinstance(r.destination, Prefix)]
        yield from ((r.destination, r) for r in static if isinstance(r.destination, Prefix))
        yield from ((block, Route.local(block, self.origin)) for block in blocks)
        yield from _arbitrary([r for r in routes if r.destination_prefix_list_id], net)
        for route in routes:
            if route.destination_prefix_list_id:
                yield from ((prefix, route) for prefix in net.prefixes_of(route.destination_prefix_list_id) or ())
        for route in routes:
            destination = route.destination
            if route.propagated and isinstance(destination, Prefix) and not any(b.covers(destination) for b in blocks):
                yield destination, route

    def findings(self, net: "Network") -> Iterable[Finding]:
        """Blackholes, a table that nothing uses, and subnets that use a main table with routes because nobody chose one."""
        named = {association.subnet_id for association in self.associations}
        for route in self.all_routes(net):
            if route.state == "blackhole":
                yield Finding("blackhole-route", self.id, f"{route} leads nowhere and drops", STATES, route.origin or self.origin)
        owned = any(getattr(gateway, "route_table_id", None) == self.id for gateway in net.topology.of_kind("nat_gateway"))
        if not self.associations and not owned:
            yield Finding("unused-route-table", self.id, "no subnet and no gateway uses it", PRIORITY, self.origin, "note")
        for subnet, table in net.index.table_of.items():
            if table == self.id and self.is_main and self.routes and subnet in net.index.vpc_of and subnet not in named:
                because = f"has no route table of its own, so the main table {self.id} with its routes applies"
                yield Finding("subnet-on-main-table", subnet, because, PRIORITY, net.places[subnet].origin)

    def links(self, net: "Network") -> Iterable[Link]:
        yield Link(self.vpc_id, self.id, "contains")
        for route in self.all_routes(net):
            if route.target != LOCAL:
                yield Link(self.id, route.target, str(route.destination))


def _arbitrary(routes: list[Route], net: "Network") -> Iterator[tuple[Prefix, Route]]:
    """Where lists overlap whose routes have different targets.

    Source: https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html
    """
    for number, one in enumerate(routes):
        for other in routes[number + 1 :]:
            if one.target != other.target:
                lists = f"{one.destination_prefix_list_id} and {other.destination_prefix_list_id}"
                for mine in net.prefixes_of(one.destination_prefix_list_id) or ():
                    for theirs in net.prefixes_of(other.destination_prefix_list_id) or ():
                        if mine.overlaps(theirs):
                            yield min(mine, theirs, key=lambda p: p.size), one.replaced(state=ARBITRARY, to=lists)


def _end(at: str, because: str, packet: "Packet", rule: Any, disposition: Disposition, code: Code, fix: str = "") -> Step:
    return Step(at, because, packet, rule, None, disposition, code, None, None, fix)


def _by_kind(route: Route, topology: "Topology") -> Route:
    target = topology.resources.get(route.to or "")
    if route.to == LOCAL or (target is None and route.to):
        return route.replaced(gateway_id=route.to)
    return route.replaced(**{field_name(target.route_target): route.to}) if target and target.route_target else route
