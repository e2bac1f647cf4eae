"""A pool of customer-owned addresses, which a local gateway gives out and announces at the site of an Outpost.

Sources: https://docs.aws.amazon.com/outposts/latest/userguide/routing.html (customer-owned IP addresses),
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CoipPool.html.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar

from vpcsim.errors import Problem
from vpcsim.fabric.edges import CUSTOMER_OWNED
from vpcsim.fabric.elastic_ip import ElasticIp
from vpcsim.fabric.network_interface import NetworkInterface
from vpcsim.fabric.subnet import Subnet
from vpcsim.gateways.local_gateway.route_table import COIP, LocalGatewayRouteTable
from vpcsim.prefixes import Prefix, address_text
from vpcsim.resource import Cidr, Declaration, Declared, Draft, Link, Resource, TerraformSpelling, as_list, refers_to, refuse
from vpcsim.shape import field

if TYPE_CHECKING:
    from vpcsim.network import Index, Network
    from vpcsim.topology import Topology


class CoipPool(Resource):
    """See the module."""

    kind: ClassVar[str] = "coip_pool"
    section: ClassVar[str] = "CoipPools"
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(types={"data.aws_ec2_coip_pool": "CoipPool"})
    native_names: ClassVar[Mapping[str, str]] = {"cidrs": "PoolCidrs", "route_table": "LocalGatewayRouteTableId"}

    id: str = field(api="PoolId")
    pool_cidrs: tuple[Cidr, ...] = ()
    local_gateway_route_table_id: Annotated[str, refers_to("local_gateway_route_table")]

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        fields["PoolCidrs"] = as_list(fields.get("PoolCidrs"))
        yield Draft(cls, declaration.id, fields, declaration.origin)

    @classmethod
    def complete(cls, topology: "Topology") -> None:
        """Give new interfaces an address where their subnet says so, and choose one for everybody who names none."""
        for interface in topology.of(NetworkInterface):
            subnet = topology.get(Subnet, interface.subnet_id)
            if subnet and subnet.map_customer_owned_ip_on_launch and interface.id.startswith(f"{interface.attached_to}/"):
                id = f"{interface.id}/customer-owned-address"
                made = ElasticIp(id=id, name=id, network_interface_id=interface.id, origin=interface.origin)
                topology.put(made.replaced(customer_owned_ipv4_pool=subnet.customer_owned_ipv4_pool))
        for address in sorted(topology.of(ElasticIp), key=lambda a: a.id):
            pool = topology.get(cls, address.customer_owned_ipv4_pool)
            if pool is not None and pool.pool_cidrs and address.customer_owned_ip is None:
                inner = Prefix(pool.pool_cidrs[0].first + 1, pool.pool_cidrs[0].last - 1)
                chosen = topology.choose(pool.id, inner, address.id)
                topology.put(address.but(customer_owned_ip=chosen))

    def refusals(self, topology: "Topology") -> Iterable[Problem]:
        table = topology.need(LocalGatewayRouteTable, self.local_gateway_route_table_id)
        if table.mode != COIP:
            message = f"{self.id}: {table.id} uses direct VPC routing, and only a table with customer-owned addresses has a pool"
            yield refuse(message, "InvalidParameterValue", self)
        for address in topology.of(ElasticIp):
            number = address.customer_owned_ip
            if address.customer_owned_ipv4_pool == self.id and number is not None and not self.holds(number):
                yield refuse(f"{address.id}: {address_text(number)} is not in {self.id}", "InvalidParameterValue", address)

    def holds(self, number: int) -> bool:
        """Whether an address is one of the pool."""
        return any(block.holds(number) for block in self.pool_cidrs)

    def register(self, index: "Index") -> None:
        """It stands for addresses, and is no place on the way of packets."""

    def links(self, net: "Network") -> Iterable[Link]:
        yield Link(self.id, self.local_gateway_route_table_id, "belongs to")
        for (kind, holder), number in net.index.edge_address.items():
            if kind == CUSTOMER_OWNED and self.holds(number):
                yield Link(self.id, holder.interface, "gives an address to")
