"""VPC encryption controls: a VPC watches, or enforces, that everything in it is encrypted in transit.

In monitor mode nothing changes. In enforce mode AWS lets nothing stand in the VPC that may carry clear text: gateways to
elsewhere, peerings with VPCs that do not enforce it, functions, file systems and Lattice need an exclusion, and load
balancers for appliances, firewalls, TLS listeners of Network Load Balancers and subnets in Local Zones cannot be there
at all. Over PrivateLink only what is encrypted by the application passes; port 443 counts as that, and of other ports a
packet does not tell.

Not modelled here: instance types that do not encrypt, encryption support of transit gateways.

Sources: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-encryption-controls.html,
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcEncryptionControlConfiguration.html,
https://docs.aws.amazon.com/vpc/latest/tgw/tgw-encryption-support.html.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from vpcsim.errors import Problem
from vpcsim.fabric.edges import zone_type
from vpcsim.resource import Declaration, Declared, Draft, Link, Resource, as_list, refers_to, refuse
from vpcsim.shape import field

if TYPE_CHECKING:
    from vpcsim.network import Index, Network
    from vpcsim.topology import Topology

MONITOR, ENFORCE = "monitor", "enforce"
EXCLUSIONS = {
    "internet_gateway": "InternetGateway",
    "egress_only_internet_gateway": "EgressOnlyInternetGateway",
    "nat_gateway": "NatGateway",
    "vpn_gateway": "VirtualPrivateGateway",
    "vpc_peering_connection": "VpcPeering",
    "lambda_function": "Lambda",
    "lattice_endpoint": "VpcLattice",
    "mount_target": "ElasticFileSystem",
}
"""By kind of resource: the exclusion that lets it stand in a VPC that enforces encryption."""
NEVER = ("network_firewall", "firewall_endpoint", "gateway_load_balancer_endpoint")
"""Kinds that cannot be in such a VPC."""


class VpcEncryptionControl(Resource):
    """See the module."""

    kind: ClassVar[str] = "vpc_encryption_control"
    section: ClassVar[str] = "VpcEncryptionControls"
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::EC2::VPCEncryptionControl",)
    native_section: ClassVar[str] = "encryption_controls"
    native_names: ClassVar[Mapping[str, str]] = {"vpc": "VpcId", "mode": "Mode", "exclusions": "Exclusions"}

    id: str = field(api="VpcEncryptionControlId")
    vpc_id: Annotated[str, refers_to("vpc")]
    mode: str = field(default=MONITOR, pattern=f"^({MONITOR}|{ENFORCE})$")
    exclusions: tuple[str, ...] = ()
    """Kinds of resources that may carry clear text all the same, as the API spells them: `InternetGateway`."""

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        told = [name for name in EXCLUSIONS.values() if fields.get(f"{name}ExclusionInput") == "enable"]
        described = fields.get("ResourceExclusions")
        if isinstance(described, Mapping):
            states = {str(name).lower(): item.get("State") for name, item in described.items() if isinstance(item, Mapping)}
            told += [name for name in EXCLUSIONS.values() if states.get(name.lower()) in ("enabled", "enabling")]
        if told or "Exclusions" not in fields:
            fields["Exclusions"] = told
        yield Draft(cls, declaration.id, fields, declaration.origin)

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        if "Exclusions" in fields:
            names = (str(name) for name in as_list(fields["Exclusions"]))
            fields["Exclusions"] = [EXCLUSIONS.get(name, name) for name in names]
        yield Draft(cls, declaration.id, fields, declaration.origin)

    @property
    def enforced(self) -> bool:
        return self.mode == ENFORCE

    @classmethod
    def check(cls, topology: "Topology") -> Iterable[Problem]:
        yield from super().check(topology)
        first: dict[str, VpcEncryptionControl] = {}
        for control in topology.of(cls):
            if (known := first.setdefault(control.vpc_id, control)) is not control:
                yield refuse(f"{control.id}: {control.vpc_id} has {known.id} already", "", control)

    def refusals(self, topology: "Topology") -> Iterable[Problem]:
        for name in self.exclusions:
            if name not in EXCLUSIONS.values():
                known = ", ".join(f"`{kind}`" for kind in EXCLUSIONS)
                yield Problem(f"{self.id}: `{name}` is not an exclusion; there are {known}", self.origin)
        for resource in topology.resources.values() if self.enforced else ():
            if self.vpc_id in _vpcs_of(resource, topology) and (reason := self._against(resource, topology)):
                yield refuse(f"{self.id}: {self.vpc_id} enforces encryption, and {resource.id} {reason}", "", self)

    def _against(self, resource: Resource, topology: "Topology") -> str:
        """Why AWS does not let a resource be in the VPC; empty if it does."""
        excluded = EXCLUSIONS.get(resource.kind)
        if resource.kind in NEVER or getattr(resource, "type", "") == "gateway":
            return "cannot be there"
        if resource.kind == "subnet" and zone_type(str(getattr(resource, "availability_zone", ""))) == "Local Zone":
            return "is in a Local Zone"
        if resource.kind == "load_balancer" and _decrypts(resource, topology):
            return "has a TLS listener"
        if excluded is None or excluded in self.exclusions:
            return ""
        if resource.kind == "vpc_peering_connection" and self._both_enforce(resource, topology):
            return ""
        return f"needs the exclusion {excluded}"

    def _both_enforce(self, peering: Any, topology: "Topology") -> bool:
        """Whether a peering joins two VPCs of one Region that enforce encryption, both without exclusions."""
        controls = {c.vpc_id: c for c in topology.of(VpcEncryptionControl)}
        ends = [controls.get(vpc) for vpc in peering.vpc_ids]
        alike = len({topology.region_of(vpc) for vpc in peering.vpc_ids}) == 1
        return alike and all(end is not None and end.enforced and not end.exclusions for end in ends)

    def register(self, index: "Index") -> None:
        if self.enforced:
            index.encrypted.add(self.vpc_id)

    def links(self, net: "Network") -> Iterable[Link]:
        yield Link(self.vpc_id, self.id, "guarded by")


def _decrypts(balancer: Resource, topology: "Topology") -> bool:
    """Whether a Network Load Balancer has a listener of TLS, which no other type has."""
    listeners: list[Any] = [
        each for each in topology.of_kind("listener") if balancer.id == getattr(each, "load_balancer_arn", "")
    ]
    return any(listener.protocol.upper() == "TLS" for listener in listeners)


def _vpcs_of(resource: Any, topology: "Topology") -> set[str]:
    """The VPCs that a resource stands in or is attached to."""
    own = {*getattr(resource, "vpc_ids", ()), *resource.parts_of()}
    return own | {str(getattr(topology.resources.get(id), "vpc_id", "")) for id in own}
