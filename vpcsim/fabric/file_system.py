"""An EFS file system and its mount targets: one interface in a subnet of each zone, NFS on port 2049, names per zone.

The file system's name answers with the mount target in the asker's own zone and not at all if that zone has none; the
name with a zone in front answers for that zone. Both only inside the VPC of the mount targets, with both DNS attributes.

Not modelled here: file system policies, access points, One Zone file systems, TLS of the mount helper (the same port).

Sources: https://docs.aws.amazon.com/efs/latest/ug/manage-fs-access.html (one mount target per zone, one VPC),
https://docs.aws.amazon.com/efs/latest/ug/mounting-fs-mount-cmd-dns-name.html,
https://docs.aws.amazon.com/efs/latest/ug/network-access.html (port 2049, groups),
https://docs.aws.amazon.com/efs/latest/ug/mount-fs-different-vpc.html (no names from another VPC).
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from vpcsim.errors import Problem
from vpcsim.fabric.interface_parts import Group, Ipv6Address
from vpcsim.fabric.requester_managed import RequesterManaged, has_private_names
from vpcsim.fabric.subnet import Subnet
from vpcsim.packet import TCP
from vpcsim.prefixes import family
from vpcsim.resource import Address, Declaration, Declared, Draft, Patch, Resource, TerraformSpelling, as_list, refers_to, refuse
from vpcsim.services import dns_suffix
from vpcsim.shape import field
from vpcsim.stable import stable_hex

if TYPE_CHECKING:
    from vpcsim.network import Index, Network
    from vpcsim.resolution import Vantage
    from vpcsim.topology import Topology

NFS = 2049
FAMILIES = {"IPV4_ONLY": (4,), "IPV6_ONLY": (6,), "DUAL_STACK": (4, 6)}
"""The IP versions by the address type of a mount target."""


class FileSystem(Resource):
    """See the module."""

    kind: ClassVar[str] = "file_system"
    section: ClassVar[str] = "FileSystems"
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::EFS::FileSystem",)
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={"aws_efs_file_system": "AWS::EFS::FileSystem"},
        names={"tags": "FileSystemTags"},
    )

    id: str = field(api="FileSystemId")

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        yield Draft(cls, declaration.id, {"Tags": declaration.fields.get("FileSystemTags") or ()}, declaration.origin)

    @classmethod
    def terraform(cls, declaration: Declaration) -> Declared:
        """Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/efs_file_system"""
        yield Draft(cls, declaration.id, {"Tags": declaration.fields.get("Tags") or ()}, declaration.origin)

    def domain(self, region: str) -> str:
        """Its name; the part that AWS chooses is made up."""
        id = self.id if self.id.startswith("fs-") else f"fs-{stable_hex(self.id)}"
        return f"{id}.efs.{region}.{dns_suffix(region)}"

    def region_in(self, topology: "Topology") -> str:
        """Its Region: that of its mount targets, unless it says otherwise."""
        targets = (target for target in topology.of(MountTarget) if target.file_system_id == self.id)
        return topology.region_of(self if self.region else next(targets, self))

    def register(self, index: "Index") -> None:
        region = self.region_in(index.topology)
        zones = {
            index.topology.need(Subnet, target.subnet_id).availability_zone
            for target in index.topology.of(MountTarget)
            if target.file_system_id == self.id
        }
        index.host_of[self.id] = self.domain(region)
        index.port_of[self.id] = NFS
        index.named[self.domain(region)] = self
        for zone in zones:
            index.named[f"{zone}.{self.domain(region)}"] = self

    def answers(self, name: str, vantage: "Vantage", net: "Network") -> Iterable[int]:
        if not has_private_names(vantage.vpc, net):
            return
        zone = name.removesuffix(self.domain(self.region_in(net.topology))).rstrip(".") or _zone_of(vantage, net)
        for target in net.topology.of(MountTarget):
            subnet = net.topology.need(Subnet, target.subnet_id)
            if target.file_system_id == self.id and subnet.vpc_id == vantage.vpc and subnet.availability_zone == zone:
                numbers = (number for i in net.interfaces_of(target.id) for number in net.index.addresses_of[i])
                yield from (number for number in numbers if family(number) in target.families())


class MountTarget(RequesterManaged):
    """See the module."""

    kind: ClassVar[str] = "mount_target"
    section: ClassVar[str] = "MountTargets"
    sends: ClassVar[tuple[int, ...]] = ()
    interface_type: ClassVar[str] = "efs"
    takes_public_addresses: ClassVar[bool] = False
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::EFS::MountTarget",)
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={"aws_efs_mount_target": "AWS::EFS::MountTarget"},
        refers={"file_system_id": ("aws_efs_file_system",)},
    )
    native_names: ClassVar[Mapping[str, str]] = {
        "file_system": "FileSystemId",
        "subnet": "SubnetId",
        "security_groups": "Groups",
        "ip": "IpAddress",
        "ipv6": "Ipv6Address",
        "ip_address_type": "IpAddressType",
    }

    id: str = field(api="MountTargetId")
    file_system_id: Annotated[str, refers_to("file_system")]
    subnet_id: Annotated[str, refers_to("subnet")]
    groups: tuple[Group, ...] | None = None
    ip_address: Address | None = None
    ipv6_address: Address | None = None
    ip_address_type: str = field(default="IPV4_ONLY", pattern="^(IPV4_ONLY|IPV6_ONLY|DUAL_STACK)$")

    @classmethod
    def described(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        interface = fields.pop("NetworkInterfaceId", None)
        if interface:
            yield Patch(interface, {"AttachedTo": declaration.id}, declaration.origin)
        yield Draft(cls, declaration.id, fields, declaration.origin)

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        fields["Groups"] = fields.pop("SecurityGroups", None)
        yield Draft(cls, declaration.id, fields, declaration.origin)

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        if "Groups" in fields:
            fields["Groups"] = as_list(fields["Groups"])
        yield Draft(cls, declaration.id, fields, declaration.origin)

    def chosen_subnets(self, topology: "Topology") -> tuple[str, ...]:
        return (self.subnet_id,)

    def refusals(self, topology: "Topology") -> Iterable[Problem]:
        yield from super().refusals(topology)
        subnet = topology.need(Subnet, self.subnet_id)
        held = {block.family for block in subnet.blocks}
        if not held >= {*self.families()} or (self.ip_address_type == "IPV6_ONLY" and 4 in held):
            message = f"{self.id}: the address type {self.ip_address_type} does not go with the blocks of {subnet.id}"
            yield refuse(message, "BadRequest", self)

    def interface_fields(self, subnet: Subnet, topology: "Topology") -> Mapping[str, Any]:
        six = {"ipv6_addresses": (Ipv6Address(ipv6_address=self.ipv6_address),)} if self.ipv6_address else {}
        return {"private_ip_address": self.ip_address, **six}

    def families(self) -> tuple[int, ...]:
        return FAMILIES[self.ip_address_type]

    def listens(self) -> tuple[int, int] | None:
        return (TCP, NFS)

    @classmethod
    def check(cls, topology: "Topology") -> Iterable[Problem]:
        yield from super().check(topology)
        places: dict[tuple[str, str], MountTarget] = {}
        vpcs: dict[str, tuple[str, MountTarget]] = {}
        for target in topology.of(cls):
            subnet = topology.need(Subnet, target.subnet_id)
            first = places.setdefault((target.file_system_id, subnet.availability_zone), target)
            vpc, other = vpcs.setdefault(target.file_system_id, (subnet.vpc_id, target))
            if first is not target:
                message = f"{target.id}: {target.file_system_id} already has {first.id} in {subnet.availability_zone}"
                yield refuse(message, "MountTargetConflict", target)
            elif vpc != subnet.vpc_id:
                message = f"{target.id}: {target.file_system_id} has {other.id} in another VPC, {vpc}"
                yield refuse(message, "MountTargetConflict", target)


def _zone_of(vantage: "Vantage", net: "Network") -> str:
    """The zone of whoever asks; empty for a VPC as a whole."""
    interfaces = net.interfaces_of(vantage.asker) or (vantage.asker,)
    subnet = net.topology.get(Subnet, net.subnet_of(interfaces[0]) or vantage.asker)
    return subnet.availability_zone if subnet else ""
