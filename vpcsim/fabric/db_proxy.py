"""A proxy of RDS: an interface in each of its subnets, one port by its family of engines, a name that answers privately.

It takes a client's connection and has others of its own to the database. They are two questions: from the client to the proxy,
and from the proxy to its target.

Not modelled here: endpoints of a proxy besides its own, what it authenticates with.

Sources: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy.html (ports, not reachable publicly),
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy-network-prereqs.html (two zones, the database's group),
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-rds-dbproxy.html.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from vpcsim.errors import Problem
from vpcsim.fabric.db_instance import endpoint_name
from vpcsim.fabric.interface_parts import Group
from vpcsim.fabric.requester_managed import RequesterManaged
from vpcsim.fabric.subnet import Subnet
from vpcsim.packet import TCP
from vpcsim.prefixes import family
from vpcsim.resource import Declaration, Declared, Draft, TerraformSpelling, as_list, refers_to, refuse
from vpcsim.shape import field

if TYPE_CHECKING:
    from vpcsim.network import Index, Network
    from vpcsim.resolution import Vantage
    from vpcsim.topology import Topology

PORTS = {"MYSQL": 3306, "POSTGRESQL": 5432, "SQLSERVER": 1433}
"""The port on which every proxy of a family listens."""
FAMILIES = {"IPV4": (4,), "IPV6": (6,), "DUAL": (4, 6)}
"""The IP versions by the network type of the endpoint."""


class DbProxy(RequesterManaged):
    """See the module."""

    kind: ClassVar[str] = "db_proxy"
    section: ClassVar[str] = "DBProxies"
    native_section: ClassVar[str] = "db_proxies"
    sends: ClassVar[tuple[int, ...]] = (TCP,)
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::RDS::DBProxy",)
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={"aws_db_proxy": "AWS::RDS::DBProxy", "aws_db_proxy_default_target_group": "", "aws_db_proxy_target": ""},
        names={"name": "DBProxyName", "endpoint": "Endpoint"},
    )
    native_names: ClassVar[Mapping[str, str]] = {
        "family": "EngineFamily",
        "subnets": "VpcSubnetIds",
        "security_groups": "Groups",
        "network_type": "EndpointNetworkType",
    }

    id: str = field(api="DBProxyName")
    engine_family: str = field(default="MYSQL", pattern="^(MYSQL|POSTGRESQL|SQLSERVER)$")
    vpc_subnet_ids: tuple[Annotated[str, refers_to("subnet")], ...] = ()
    groups: tuple[Group, ...] | None = None
    endpoint_network_type: str = field(default="IPV4", pattern="^(IPV4|IPV6|DUAL)$")

    @classmethod
    def described(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        fields["Groups"] = fields.pop("VpcSecurityGroupIds", None)
        yield Draft(cls, declaration.id, {k: v for k, v in fields.items() if v is not None}, declaration.origin)

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        fields["Groups"] = fields.pop("VpcSecurityGroupIds", None)
        fields["Name"] = fields.pop("DBProxyName", None)
        yield Draft(cls, declaration.id, {k: v for k, v in fields.items() if v is not None}, declaration.origin)

    @classmethod
    def cloudformation_attribute(cls, declaration: Declaration, attribute: str) -> Any:
        if attribute == "Endpoint":
            name = str(declaration.fields.get("DBProxyName") or declaration.id)
            return proxy_endpoint(name, declaration.id, declaration.region)
        return declaration.fields.get(attribute)

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        listed = {name: as_list(value) for name, value in declaration.fields.items() if name in ("VpcSubnetIds", "Groups")}
        yield Draft(cls, declaration.id, {**declaration.fields, **listed}, declaration.origin)

    def chosen_subnets(self, topology: "Topology") -> tuple[str, ...]:
        return self.vpc_subnet_ids

    def families(self) -> tuple[int, ...]:
        return FAMILIES[self.endpoint_network_type]

    def refusals(self, topology: "Topology") -> Iterable[Problem]:
        yield from super().refusals(topology)
        if len({topology.need(Subnet, id).availability_zone for id in self.vpc_subnet_ids}) < 2:
            yield refuse(f"{self.id}: a proxy needs subnets in at least two Availability Zones", "InvalidSubnet", self)

    def listens(self) -> tuple[int, int] | None:
        return (TCP, PORTS[self.engine_family])

    def register(self, index: "Index") -> None:
        super().register(index)
        name = proxy_endpoint(self.name, self.id, index.topology.region_of(self))
        index.host_of[self.id] = name
        index.named[name] = self

    def answers(self, name: str, vantage: "Vantage", net: "Network") -> Iterable[int]:
        numbers = (number for interface in net.interfaces_of(self.id) for number in net.index.addresses_of[interface])
        return [number for number in numbers if family(number) in self.families()]


def proxy_endpoint(identifier: str, id: str, region: str) -> str:
    """The name of a proxy. The part that AWS chooses is made up, as for instances."""
    head, _, tail = endpoint_name(identifier, id, region).partition(".")
    return f"{head}.proxy-{tail}"
