"""An AWS Glue connection: the interfaces of the jobs that use it, in one subnet.

They never have a public address, so that an internet gateway carries nothing of them, and they only start connections.
Glue refuses a job if the table of the subnet leads neither to an S3 endpoint nor to a NAT gateway: a finding, since the
connection itself is accepted.

Not modelled here: that one of the groups has to let in everything from itself, how many workers a job has (one stands for
all), Glue's view of routes that lead elsewhere than to a NAT gateway or an internet gateway.

Sources: https://docs.aws.amazon.com/glue/latest/dg/start-connecting.html (interfaces without public addresses),
https://docs.aws.amazon.com/glue/latest/dg/glue-troubleshooting-errors.html,
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-glue-connection-physicalconnectionrequirements.html.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from vpcsim import services
from vpcsim.fabric.interface_parts import Group
from vpcsim.fabric.requester_managed import RequesterManaged
from vpcsim.prefixes import Prefix
from vpcsim.resource import Declaration, Declared, Draft, Finding, as_list, refers_to
from vpcsim.shape import field

if TYPE_CHECKING:
    from vpcsim.network import Network
    from vpcsim.topology import Topology

PAGE = "https://docs.aws.amazon.com/glue/latest/dg/glue-troubleshooting-errors.html"
WITHOUT_PUBLIC_ADDRESS = "internet_gateway"


class GlueConnection(RequesterManaged):
    """See the module."""

    kind: ClassVar[str] = "glue_connection"
    section: ClassVar[str] = "ConnectionList"
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::Glue::Connection",)
    native_section: ClassVar[str] = "glue_connections"
    native_names: ClassVar[Mapping[str, str]] = {"subnet": "SubnetId", "security_groups": "Groups"}
    native_scalar: ClassVar[str] = "SubnetId"

    id: str = field(api="ConnectionName")
    subnet_id: Annotated[str, refers_to("subnet")] | None = None
    groups: tuple[Group, ...] | None = None

    @classmethod
    def described(cls, declaration: Declaration) -> Declared:
        yield from cls.cloudformation(declaration)

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        """A connection that has no subnet, such as one to a catalog, has no interface."""
        given = declaration.fields.get("ConnectionInput")
        fields: Mapping[str, Any] = given if isinstance(given, Mapping) else declaration.fields
        needed = fields.get("PhysicalConnectionRequirements")
        needed = needed if isinstance(needed, Mapping) else {}
        told = {"SubnetId": needed.get("SubnetId"), "Groups": needed.get("SecurityGroupIdList"), "Name": fields.get("Name")}
        id = declaration.id or str(fields.get("Name", ""))
        yield Draft(cls, id, {name: value for name, value in told.items() if value is not None}, declaration.origin)

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        if "Groups" in fields:
            fields["Groups"] = as_list(fields["Groups"])
        yield Draft(cls, declaration.id, fields, declaration.origin)

    def families(self) -> None:
        """As the subnet says: the pages of Glue do not."""

    def chosen_subnets(self, topology: "Topology") -> tuple[str, ...]:
        return (self.subnet_id,) if self.subnet_id else ()

    def findings(self, net: "Network") -> Iterable[Finding]:
        """A subnet whose table leads to S3 neither by an endpoint nor by a NAT gateway."""
        if self.subnet_id is None:
            return
        table, region = net.route_table_of(self.subnet_id), net.topology.region_of(self.subnet_id)
        listed = Prefix.parse(services.prefix_list(region, "s3").cidrs[0])
        _, target = table.lookup(listed.first, net)
        way = getattr(net.places.get(target), "kind", "") if target else WITHOUT_PUBLIC_ADDRESS
        if way == WITHOUT_PUBLIC_ADDRESS and not self._has_interface_endpoint(net):
            because = f"its jobs are refused: {table.id} leads to S3 neither by an endpoint nor by a NAT gateway"
            yield Finding("glue-connection-without-s3", self.id, because, PAGE, self.origin)

    def _has_interface_endpoint(self, net: "Network") -> bool:
        """Whether S3 may be reached without a route."""
        endpoints: list[Any] = net.topology.of_kind("interface_endpoint")
        vpc = net.vpc_of(self.subnet_id or "")
        return any(e.vpc_id == vpc and e.service_name.endswith(".s3") for e in endpoints)
