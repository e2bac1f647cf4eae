"""A cluster of databases of RDS: a name for its writer, a name for its readers, and one port.

The instances of an Aurora cluster are database instances of their own, with the cluster's subnet group, groups and port. A
Multi-AZ DB cluster, which has an instance class itself, has a writer and two readers in three zones. The writer is taken to be
the first instance that is declared, unless AWS says which one it is. The reader's name answers with all readers, of which AWS
draws one each time, or with the writer if there is no other.

Not modelled here: custom endpoints, global clusters, Aurora Serverless v1, the Data API (it is a service of its own).

Sources: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Overview.Endpoints.html,
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Endpoints.Reader.html,
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/multi-az-db-clusters-concepts.html,
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBCluster.html (ports).
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from vpcsim.errors import Problem
from vpcsim.fabric.db_instance import FAMILIES, DbInstance, DbSubnetGroup, default_port, endpoint_name
from vpcsim.fabric.interface_parts import Group
from vpcsim.fabric.requester_managed import RequesterManaged
from vpcsim.fabric.subnet import Subnet
from vpcsim.packet import TCP
from vpcsim.resource import Declaration, Declared, Draft, TerraformSpelling, as_list, refers_to, refuse
from vpcsim.shape import field

if TYPE_CHECKING:
    from vpcsim.network import Index, Network
    from vpcsim.resolution import Vantage
    from vpcsim.topology import Topology

MEMBERS = 3
"""How many instances a Multi-AZ DB cluster has."""
HANDED_DOWN = ("db_subnet_group_name", "groups", "port", "network_type")
"""What the instances of a cluster have from it."""


class DbCluster(RequesterManaged):
    """See the module."""

    kind: ClassVar[str] = "db_cluster"
    section: ClassVar[str] = "DBClusters"
    sends: ClassVar[tuple[int, ...]] = ()
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::RDS::DBCluster",)
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={"aws_rds_cluster": "AWS::RDS::DBCluster"},
        names={
            "cluster_identifier": "DBClusterIdentifier",
            "db_subnet_group_name": "DBSubnetGroupName",
            "db_cluster_instance_class": "DBClusterInstanceClass",
            "endpoint": "Endpoint.Address",
            "reader_endpoint": "ReadEndpoint.Address",
        },
        ids={"cluster_identifier": "{id}"},
        refers={"db_subnet_group_name": ("aws_db_subnet_group",)},
    )
    native_names: ClassVar[Mapping[str, str]] = {
        "engine": "Engine",
        "subnet_group": "DBSubnetGroupName",
        "security_groups": "Groups",
        "port": "Port",
        "instance_class": "DBClusterInstanceClass",
        "writer": "Writer",
        "network_type": "NetworkType",
    }

    id: str = field(api="DBClusterIdentifier")
    engine: str = "aurora-mysql"
    db_subnet_group_name: Annotated[str, refers_to("db_subnet_group")] = field(api="DBSubnetGroupName")
    groups: tuple[Group, ...] | None = None
    port: int | None = field(default=None, ge=1, le=65535)
    db_cluster_instance_class: str = field(default="", api="DBClusterInstanceClass")
    writer: Annotated[str, refers_to("db_instance")] | None = None
    network_type: str = field(default="", pattern="^(IPV4|DUAL|)$")

    @classmethod
    def described(cls, declaration: Declaration) -> Declared:
        """A cluster as RDS shows it: its subnet group by name, and which of its members is the writer."""
        fields = dict(declaration.fields)
        if isinstance(group := fields.pop("DBSubnetGroup", None), str):
            fields["DBSubnetGroupName"] = group
        if "VpcSecurityGroups" in fields:
            fields["Groups"] = [held["VpcSecurityGroupId"] for held in fields.pop("VpcSecurityGroups")]
        members = as_list(fields.pop("DBClusterMembers", None))
        writers = [m["DBInstanceIdentifier"] for m in members if isinstance(m, Mapping) and m.get("IsClusterWriter")]
        if writers and not fields.get("DBClusterInstanceClass"):
            fields["Writer"] = writers[0]
        fields.setdefault("Tags", fields.pop("TagList", []))
        yield Draft(cls, declaration.id, fields, declaration.origin)

    @classmethod
    def lacking(cls, fields: Mapping[str, Any]) -> str:
        return "" if fields.get("DBSubnetGroupName") else "it has no DB subnet group"

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        if not fields.get("DBSubnetGroupName"):
            return
        fields["Groups"] = fields.pop("VpcSecurityGroupIds", None)
        fields["Name"] = fields.pop("DBClusterIdentifier", None)
        yield Draft(cls, declaration.id, {k: v for k, v in fields.items() if v is not None}, declaration.origin)

    @classmethod
    def cloudformation_attribute(cls, declaration: Declaration, attribute: str) -> Any:
        fields = declaration.fields
        name = str(fields.get("DBClusterIdentifier") or declaration.id)
        if attribute in ("Endpoint.Address", "ReadEndpoint.Address"):
            return cluster_endpoint(name, declaration.id, declaration.region, reader=attribute.startswith("Read"))
        if attribute == "Endpoint.Port":
            return str(fields.get("Port") or default_port(str(fields.get("Engine", ""))) or "")
        return fields.get(attribute)

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        if "Groups" in fields:
            fields["Groups"] = as_list(fields["Groups"])
        yield Draft(cls, declaration.id, fields, declaration.origin)

    @classmethod
    def complete(cls, topology: "Topology") -> None:
        """Hand down what a cluster decides for its instances."""
        for cluster in topology.of(cls):
            for instance in cluster.instances(topology):
                given = {name: value for name in HANDED_DOWN if (value := getattr(cluster, name)) is not None}
                missing = {name: value for name, value in given.items() if not getattr(instance, name)}
                topology.put(instance.replaced(engine=cluster.engine, **missing))
        super().complete(topology)

    def instances(self, topology: "Topology") -> list[DbInstance]:
        """Its instances, the writer first."""
        mine = [instance for instance in topology.of(DbInstance) if instance.db_cluster_identifier == self.id]
        return sorted(mine, key=lambda instance: instance.id != self.writer) if self.writer else mine

    def chosen_subnets(self, topology: "Topology") -> tuple[str, ...]:
        """A Multi-AZ DB cluster has instances of its own, in one subnet of each zone."""
        if not self.db_cluster_instance_class:
            return ()
        group = topology.get(DbSubnetGroup, self.db_subnet_group_name)
        found = [subnet for id in (group.subnet_ids if group else ()) if (subnet := topology.get(Subnet, id))]
        by_zone = {subnet.availability_zone: subnet.id for subnet in reversed(found)}
        return tuple(subnet.id for subnet in found if by_zone[subnet.availability_zone] == subnet.id)[:MEMBERS]

    def families(self) -> tuple[int, ...]:
        return FAMILIES[self.network_type]

    def refusals(self, topology: "Topology") -> Iterable[Problem]:
        yield from super().refusals(topology)
        if self.db_cluster_instance_class and len(self.chosen_subnets(topology)) < MEMBERS:
            message = f"{self.id}: a Multi-AZ DB cluster needs subnets in three Availability Zones"
            yield refuse(message, "DBSubnetGroupDoesNotCoverEnoughAZs", self)
        if self.listens() is None:
            yield Problem(f"{self.id}: the default port of `{self.engine}` is not known; give its port", self.origin)

    def listens(self) -> tuple[int, int] | None:
        port = self.port or default_port(self.engine)
        return (TCP, port) if port else None

    def register(self, index: "Index") -> None:
        super().register(index)
        region = index.topology.region_of(self)
        index.host_of[self.id] = cluster_endpoint(self.name, self.id, region)
        for reader in (False, True):
            index.named[cluster_endpoint(self.name, self.id, region, reader)] = self

    def answers(self, name: str, vantage: "Vantage", net: "Network") -> Iterable[int]:
        interfaces = net.interfaces_of(self.id)
        members = [list(net.index.addresses_of[i]) for i in interfaces] or [
            list(instance.answers(name, vantage, net)) for instance in self.instances(net.topology)
        ]
        reads = name == cluster_endpoint(self.name, self.id, net.topology.region_of(self), reader=True)
        chosen = (members[1:] or members[:1]) if reads else members[:1]
        return [address for member in chosen for address in member]


def cluster_endpoint(identifier: str, id: str, region: str, reader: bool = False) -> str:
    """The name of the writer or of the readers. The part that AWS chooses is made up, as for instances."""
    head, _, tail = endpoint_name(identifier, id, region).partition(".")
    return f"{head}.cluster-{'ro-' if reader else ''}{tail}"
