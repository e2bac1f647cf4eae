"""A Gateway Load Balancer endpoint: a route's target that has packets inspected by appliances of an endpoint service.

It stands in one subnet, so in one zone. A packet that a route leads here goes to an appliance behind the service and, if
that lets it pass, comes out in the endpoint's subnet as it was, where that subnet's table leads it on. It holds no
security groups. The network ACL also filters what comes from the endpoint's own subnet. Answers must come back through
the same appliances, which only routes can achieve: what they do with an answer to something they never saw is undecided.

It takes packets of the families of its address type: one of type IPv4 drops IPv6.

Sources: https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-load-balancer-endpoints.html,
https://docs.aws.amazon.com/vpc/latest/privatelink/vpce-gateway-load-balancer.html (address types, routes),
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpcEndpoint.html.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from vpcsim import services
from vpcsim.codes import Code
from vpcsim.errors import Problem
from vpcsim.fabric.network_interface import NetworkInterface
from vpcsim.gateways.vpc_endpoint import VpcEndpoint, is_gateway_load_balancer, with_service_name
from vpcsim.packet import Packet
from vpcsim.prefixes import family
from vpcsim.resource import Declaration, Declared, Draft, Link, Resource, TerraformSpelling, as_list, refers_to, refuse
from vpcsim.shape import field
from vpcsim.trace import Disposition, Step

if TYPE_CHECKING:
    from vpcsim.network import Network
    from vpcsim.topology import Topology


class GatewayLoadBalancerEndpoint(VpcEndpoint):
    """See the module."""

    kind: ClassVar[str] = "gateway_load_balancer_endpoint"
    endpoint_type: ClassVar[str] = "GatewayLoadBalancer"
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::EC2::VPCEndpoint",)
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={"aws_vpc_endpoint": "AWS::EC2::VPCEndpoint", "data.aws_vpc_endpoint": "AWS::EC2::VPCEndpoint"},
    )
    native_names: ClassVar[Mapping[str, str]] = {}
    route_target: ClassVar[str] = "VpcEndpointId"

    vpc_endpoint_type: str = "GatewayLoadBalancer"
    subnet_ids: tuple[Annotated[str, refers_to("subnet")], ...] = ()
    ip_address_type: str = field(default="", pattern="^(ipv4|ipv6|dualstack|)$")

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        fields = with_service_name(declaration)
        if fields.get("VpcEndpointType", "Gateway") == cls.endpoint_type:
            fields["AwaitsAcceptance"] = "State" not in {**declaration.existing, **fields}
            yield Draft(cls, declaration.id, fields, declaration.origin)

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        if is_gateway_load_balancer({**declaration.existing, **fields}):
            fields["VpcEndpointType"] = cls.endpoint_type
            if "SubnetIds" in fields:
                fields["SubnetIds"] = as_list(fields["SubnetIds"])
            yield from cls.cloudformation(declaration._replace(fields=fields))

    @property
    def subnet_id(self) -> str:
        return self.subnet_ids[0]

    @property
    def behind_acl(self) -> bool:
        return True

    @property
    def needs_public_address(self) -> bool:
        return False

    def implied(self, topology: "Topology") -> Iterable[Resource]:
        for subnet in self.subnet_ids[:1]:
            yield NetworkInterface.behind(
                self,
                subnet,
                interface_type="gateway_load_balancer_endpoint",
                source_dest_check=False,
                default_group=False,
                deny_all_igw_traffic=True,
                wants_ipv6_address=self.ip_address_type == "dualstack",
            )

    def refusals(self, topology: "Topology") -> Iterable[Problem]:
        if len(self.subnet_ids) != 1:
            message = f"{self.id}: a Gateway Load Balancer endpoint stands in exactly one subnet"
            yield refuse(message, "InvalidParameter", self)
        for subnet in self.subnet_ids:
            known: Any = topology.resources[subnet]
            if not self.families(topology) <= {block.family for block in known.blocks}:
                message = f"{self.id}: the address type {self.ip_address_type} does not go with the blocks of {subnet}"
                yield refuse(message, "InvalidParameter", self)
            if known.vpc_id != self.vpc_id:
                yield refuse(f"{self.id}: subnet {subnet} is not in {self.vpc_id}", "InvalidParameter", self)
        if not services.is_customer_service(self.service_name):
            message = f"{self.id}: {self.service_name} is not an endpoint service of a Gateway Load Balancer"
            yield refuse(message, "InvalidServiceName", self)
        for table in topology.of_kind("route_table"):
            for route in (r for r in getattr(table, "routes", ()) if r.target == self.id and r.destination_prefix_list_id):
                message = (
                    f"{table.id}: a route to {self.id} has no prefix list as its destination, and {route.destination} is one"
                )
                yield refuse(message, "InvalidParameterValue", route if route.origin else table)

    def entrance(self, net: "Network") -> str | None:
        return next(iter(net.interfaces_of(self.id)), None)

    def branches(self, packet: Packet, net: "Network") -> tuple[str, ...]:
        provider = net.index.provider_of.get(self.service_name)
        return net.places[provider].branches_for(self.id, net) if provider else ()

    def receive(self, packet: Packet, came_from: str | None, net: "Network") -> Iterator[Step]:
        provider = net.index.provider_of.get(self.service_name)
        if came_from is None or net.holds(self.entrance(net), packet.dst):
            because = "{at}: takes what a route leads through it, nothing that is for itself"
            yield self._end(because, packet, Disposition.DENIED, Code.VPCE_INTRA_VPC_TRAFFIC)
            return
        if not self.carries:
            because = "{at}: the endpoint is in state {about} and carries no traffic until the provider accepts it"
            yield self._end(because, packet, Disposition.DENIED, Code.BAD_STATE, self.state)
        if family(packet.dst) not in self.families(net.topology):
            because = "{at}: the endpoint takes {about} only, and this is {packet}"
            yield self._end(because, packet, Disposition.DENIED, Code.PROTOCOL_RESTRICTION, self.chosen_ip_type(net.topology))
        if net.sessions and net.session(self.id, packet) is None:
            because = "{at}: {packet} answers what did not pass here, and what the appliances do with it is not known"
            yield self._end(because, packet, Disposition.UNDECIDED, Code.VPCSIM_NOT_MODELLED)
        if provider is None:
            because = "{at}: who inspects for {about} is not in the model (PATH_THROUGH_GWLB_NOT_CHECKED)"
            yield self._end(because, packet, Disposition.UNDECIDED, Code.VPCSIM_NOT_MODELLED, self.service_name)
            return
        ended = False
        for step in net.places[provider].receive(packet, self.id, net):
            yield step
            ended = step.disposition is not None
        if not ended:
            because = "{at}: comes out in {to} as it was"
            yield Step(self.id, because, packet.passed_on(), None, self.subnet_id, None, None, packet)

    def _end(self, because: str, packet: Packet, end: Disposition, code: Code, about: str = "") -> Step:
        return Step(self.id, because, packet, None, None, end, code, None, about)

    def links(self, net: "Network") -> Iterable[Link]:
        yield Link(self.vpc_id, self.id, "contains")
        yield from (Link(self.id, subnet, "leaves by") for subnet in self.subnet_ids[:1])
        yield Link(self.id, net.index.provider_of.get(self.service_name, self.service_name), "is inspected by")
