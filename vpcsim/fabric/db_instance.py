"""A database instance of RDS: an interface in one subnet of its subnet group, an endpoint name and one port.

The name answers with the private address inside the VPC, and outside with the public one if the instance is publicly
accessible, otherwise with the private one too. A publicly accessible instance still needs a public subnet and a group
that lets the client in.

Not modelled here: the standby of a Multi-AZ instance (AWS moves the name to
it), where a read replica gets its data, connections that a database opens itself.

Sources: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html,
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html (ports, PubliclyAccessible),
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-rds-dbinstance.html.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from vpcsim.errors import Problem
from vpcsim.fabric.interface_parts import Group
from vpcsim.fabric.requester_managed import RequesterManaged
from vpcsim.fabric.subnet import Subnet
from vpcsim.packet import TCP
from vpcsim.prefixes import family
from vpcsim.resource import Declaration, Declared, Draft, Resource, TerraformSpelling, as_list, refers_to, refuse
from vpcsim.shape import field
from vpcsim.stable import stable_hex

if TYPE_CHECKING:
    from vpcsim.network import Index, Network
    from vpcsim.resolution import Vantage
    from vpcsim.topology import Topology

PORTS = {"mysql": 3306, "mariadb": 3306, "postgres": 5432, "postgresql": 5432, "oracle": 1521, "sqlserver": 1433, "db2": 50000}
"""The default port by the first part of the engine's name."""
FAMILIES = {"": (4,), "IPV4": (4,), "DUAL": (4, 6)}
"""The IP versions by the network type."""


class DbSubnetGroup(Resource):
    """The subnets among which RDS chooses."""

    kind: ClassVar[str] = "db_subnet_group"
    section: ClassVar[str] = "DBSubnetGroups"
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::RDS::DBSubnetGroup",)
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={"aws_db_subnet_group": "AWS::RDS::DBSubnetGroup"},
        names={"name": "DBSubnetGroupName"},
    )
    native_names: ClassVar[Mapping[str, str]] = {"subnets": "SubnetIds"}
    native_scalar: ClassVar[str] = "SubnetIds"

    id: str = field(api="DBSubnetGroupName")
    subnet_ids: tuple[Annotated[str, refers_to("subnet")], ...] = ()

    @classmethod
    def described(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        if "Subnets" in fields:
            fields["SubnetIds"] = [subnet["SubnetIdentifier"] for subnet in fields.pop("Subnets")]
        yield Draft(cls, declaration.id, fields, declaration.origin)

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        fields = {k: v for k, v in declaration.fields.items() if k in ("SubnetIds", "Tags")}
        yield Draft(cls, declaration.id, {**fields, "Name": declaration.fields.get("DBSubnetGroupName")}, declaration.origin)

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        subnets = as_list(declaration.fields.get("SubnetIds"))
        yield Draft(cls, declaration.id, {**declaration.fields, "SubnetIds": subnets}, declaration.origin)

    def refusals(self, topology: "Topology") -> Iterable[Problem]:
        zones = {topology.need(Subnet, id).availability_zone for id in self.subnet_ids}
        if len(zones) < 2:
            message = f"{self.id}: a DB subnet group has subnets in at least two Availability Zones"
            yield refuse(message, "DBSubnetGroupDoesNotCoverEnoughAZs", self)

    def register(self, index: "Index") -> None:
        """It is not on the way of packets."""


class DbInstance(RequesterManaged):
    """See the module."""

    kind: ClassVar[str] = "db_instance"
    section: ClassVar[str] = "DBInstances"
    sends: ClassVar[tuple[int, ...]] = ()
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::RDS::DBInstance",)
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={"aws_db_instance": "AWS::RDS::DBInstance", "aws_rds_cluster_instance": "AWS::RDS::DBInstance"},
        names={
            "db_subnet_group_name": "DBSubnetGroupName",
            "vpc_security_group_ids": "VPCSecurityGroups",
            "identifier": "DBInstanceIdentifier",
            "cluster_identifier": "DBClusterIdentifier",
            "address": "Endpoint.Address",
            "endpoint": "Endpoint.Address",
        },
        refers={"db_subnet_group_name": ("aws_db_subnet_group",), "cluster_identifier": ("aws_rds_cluster",)},
        defaults={"PubliclyAccessible": False},
    )
    native_names: ClassVar[Mapping[str, str]] = {
        "engine": "Engine",
        "subnet_group": "DBSubnetGroupName",
        "cluster": "DBClusterIdentifier",
        "security_groups": "Groups",
        "public": "PubliclyAccessible",
        "port": "Port",
        "az": "AvailabilityZone",
        "network_type": "NetworkType",
    }

    id: str = field(api="DBInstanceIdentifier")
    engine: str = "mysql"
    db_subnet_group_name: Annotated[str, refers_to("db_subnet_group")] | None = field(default=None, api="DBSubnetGroupName")
    db_cluster_identifier: Annotated[str, refers_to("db_cluster")] | None = field(default=None, api="DBClusterIdentifier")
    """The cluster that it belongs to, whose subnet group, groups and port it has."""
    groups: tuple[Group, ...] | None = None
    publicly_accessible: bool | None = None
    port: int | None = field(default=None, ge=1, le=65535)
    availability_zone: str = ""
    network_type: str = field(default="", pattern="^(IPV4|DUAL|)$")

    @classmethod
    def described(cls, declaration: Declaration) -> Declared:
        """An instance, with the subnet group that stands inside it."""
        fields = dict(declaration.fields)
        group, endpoint = fields.get("DBSubnetGroup"), fields.pop("Endpoint", None) or {}
        if isinstance(group, Mapping):
            fields["DBSubnetGroupName"] = group["DBSubnetGroupName"]
            yield from DbSubnetGroup.described(declaration._replace(id=group["DBSubnetGroupName"], fields=group))
        if "VpcSecurityGroups" in fields:
            fields["Groups"] = [held["VpcSecurityGroupId"] for held in fields.pop("VpcSecurityGroups")]
        fields.setdefault("Port", endpoint.get("Port"))
        fields.setdefault("Tags", fields.pop("TagList", []))
        yield Draft(cls, declaration.id, fields, declaration.origin)

    @classmethod
    def lacking(cls, fields: Mapping[str, Any]) -> str:
        known = fields.get("DBSubnetGroupName") or fields.get("DBClusterIdentifier")
        return "" if known else "it has no DB subnet group"

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        if not fields.get("DBSubnetGroupName") and not fields.get("DBClusterIdentifier"):
            return
        fields["Groups"] = fields.pop("VPCSecurityGroups", None)
        fields["Name"] = fields.pop("DBInstanceIdentifier", None)
        yield Draft(cls, declaration.id, {k: v for k, v in fields.items() if v is not None}, declaration.origin)

    @classmethod
    def cloudformation_attribute(cls, declaration: Declaration, attribute: str) -> Any:
        fields = declaration.fields
        if attribute == "Endpoint.Address":
            return endpoint_name(str(fields.get("DBInstanceIdentifier") or declaration.id), declaration.id, declaration.region)
        if attribute == "Endpoint.Port":
            return str(fields.get("Port") or default_port(str(fields.get("Engine", ""))) or "")
        return fields.get(attribute)

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        if "Groups" in fields:
            fields["Groups"] = as_list(fields["Groups"])
        yield Draft(cls, declaration.id, fields, declaration.origin)

    def chosen_subnets(self, topology: "Topology") -> tuple[str, ...]:
        group = topology.get(DbSubnetGroup, self.db_subnet_group_name)
        subnets = [subnet for id in (group.subnet_ids if group else ()) if (subnet := topology.get(Subnet, id))]
        chosen = (s.id for s in subnets if self.availability_zone in ("", s.availability_zone))
        return tuple(chosen)[:1]

    def interface_fields(self, subnet: Subnet, topology: "Topology") -> Mapping[str, Any]:
        """A private one is not reached from the internet by IPv6 either.

        Source: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html
        """
        public = self.is_public(subnet.vpc_id, topology)
        return {"wants_public_address": public, "deny_all_igw_traffic": self.network_type == "DUAL" and not public}

    def families(self) -> tuple[int, ...]:
        return FAMILIES[self.network_type]

    def is_public(self, vpc: str, topology: "Topology") -> bool:
        """Whether it gets a public address: as asked, or else if its VPC has an internet gateway."""
        if self.publicly_accessible is not None:
            return self.publicly_accessible
        attached = (a for gateway in topology.of_kind("internet_gateway") for a in getattr(gateway, "attachments", ()))
        return any(getattr(attachment, "vpc_id", "") == vpc for attachment in attached)

    def refusals(self, topology: "Topology") -> Iterable[Problem]:
        yield from super().refusals(topology)
        if not (self.db_subnet_group_name or self.db_cluster_identifier):
            yield Problem(f"{self.id}: it has neither a DB subnet group nor a cluster", self.origin)
        elif not self.chosen_subnets(topology):
            message = f"{self.id}: {self.db_subnet_group_name} has no subnet in {self.availability_zone or 'any zone'}"
            yield refuse(message, "InvalidVPCNetworkStateFault", self)
        if self.listens() is None:
            yield Problem(f"{self.id}: the default port of `{self.engine}` is not known; give its port", self.origin)

    def listens(self) -> tuple[int, int] | None:
        port = self.port or default_port(self.engine)
        return (TCP, port) if port else None

    def register(self, index: "Index") -> None:
        super().register(index)
        name = endpoint_name(self.name, self.id, index.topology.region_of(self))
        index.host_of[self.id] = name
        index.named[name] = self

    def answers(self, name: str, vantage: "Vantage", net: "Network") -> Iterable[int]:
        interface = net.interfaces_of(self.id)[0]
        vpc, numbers = net.vpc_of(interface), net.index.addresses_of[interface]
        public = net.public_address(vpc, numbers[0])
        return numbers if vantage.vpc == vpc or public is None else (public, *(n for n in numbers if family(n) == 6))


def default_port(engine: str) -> int | None:
    """The port that RDS takes for an engine when none is given."""
    return 3306 if engine == "aurora" else PORTS.get(engine.removeprefix("aurora-").partition("-")[0])


def endpoint_name(identifier: str, id: str, region: str) -> str:
    """The endpoint's name. The part that AWS chooses for an account and Region is made up."""
    return f"{identifier.lower()}.{stable_hex(f'{id}/rds', 12)}.{region}.rds.amazonaws.com"
