"""A VPC: its CIDR blocks, its two DNS attributes, and what AWS puts into every new one.

Sources: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html (blocks and sizes),
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html (the code for both),
https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html (DNS attributes and their defaults),
https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html,
https://docs.aws.amazon.com/vpc/latest/userguide/default-network-acl.html,
https://docs.aws.amazon.com/vpc/latest/userguide/subnet-route-tables.html (main route table).
"""

from collections.abc import Iterable, Mapping, Set
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from vpcsim.errors import Doubt, Problem
from vpcsim.fabric.host_services import HOST_SERVICES, RESOLVER
from vpcsim.fabric.network_acl import NetworkAcl
from vpcsim.fabric.route_table import RouteTable
from vpcsim.fabric.security_group import SecurityGroup
from vpcsim.prefixes import Prefix
from vpcsim.resource import (
    Cidr,
    Decided,
    Declaration,
    Declared,
    Dependence,
    Draft,
    Patch,
    Resource,
    TerraformSpelling,
    as_list,
    refers_to,
    refuse,
)
from vpcsim.shape import Shape, field
from vpcsim.stable import stable_hash

if TYPE_CHECKING:
    from vpcsim.network import Index, Network
    from vpcsim.topology import Topology

DNS_ATTRIBUTES = ("EnableDnsSupport", "EnableDnsHostnames")


class CidrBlockAssociation(Shape):
    """One more block of a VPC."""

    cidr_block: Cidr


class Ipv6CidrBlockAssociation(Shape):
    """One IPv6 block of a VPC."""

    ipv6_cidr_block: Cidr


class Vpc(Resource):
    """See the module."""

    kind: ClassVar[str] = "vpc"
    section: ClassVar[str] = "Vpcs"
    described_as: ClassVar[tuple[str, ...]] = ("EnableDnsSupport", "EnableDnsHostnames")
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::EC2::VPC", "AWS::EC2::VPCCidrBlock")
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={
            "aws_vpc": "AWS::EC2::VPC",
            "aws_default_vpc": "AWS::EC2::VPC",
            "data.aws_vpc": "AWS::EC2::VPC",
            "aws_vpc_ipv4_cidr_block_association": "AWS::EC2::VPCCidrBlock",
            "aws_vpc_ipv6_cidr_block_association": "AWS::EC2::VPCCidrBlock",
        },
        names={"default": "IsDefault"},
        ids={
            "default_security_group_id": "{id}/default-security-group",
            "default_network_acl_id": "{id}/default-network-acl",
            "default_route_table_id": "{id}/main-route-table",
            "main_route_table_id": "{id}/main-route-table",
        },
    )
    native_names: ClassVar[Mapping[str, str]] = {
        "cidr": "CidrBlock",
        "dns_support": "EnableDnsSupport",
        "dns_hostnames": "EnableDnsHostnames",
        "more_cidrs": "CidrBlocks",
        "ipv6": "Ipv6",
        "dhcp_options": "DhcpOptionsId",
    }
    native_scalar: ClassVar[str] = "CidrBlock"

    id: str = field(api="VpcId")
    cidr_block: Cidr
    cidr_block_association_set: tuple[CidrBlockAssociation, ...] = ()
    ipv6_cidr_block_association_set: tuple[Ipv6CidrBlockAssociation, ...] = ()
    enable_dns_support: bool = True
    enable_dns_hostnames: bool = False
    is_default: bool = False
    dhcp_options_id: Annotated[str | None, refers_to("dhcp_options")] = None

    @classmethod
    def described(cls, declaration: Declaration) -> Declared:
        """`describe-vpc-attribute` tells the DNS attributes one by one: `{"VpcId": ..., "EnableDnsSupport": {"Value": true}}`."""
        fields = dict(declaration.fields)
        if declaration.type != cls.section:
            yield Patch(str(declaration.page.get("VpcId", "")), {declaration.type: fields["Value"]}, declaration.origin)
            return
        for name, state in (("CidrBlockAssociationSet", "CidrBlockState"), ("Ipv6CidrBlockAssociationSet", "Ipv6CidrBlockState")):
            blocks = fields.get(name) or ()
            fields[name] = [b for b in blocks if b.get(state, {}).get("State", "associated").startswith("associat")]
        yield Draft(cls, declaration.id, fields, declaration.origin)

    @classmethod
    def presumed(cls, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"EnableDnsSupport": True, "EnableDnsHostnames": bool(fields.get("IsDefault"))}

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        if declaration.type == "AWS::EC2::VPC":
            yield Draft(cls, declaration.id, fields, declaration.origin)
        elif "CidrBlock" in fields:
            block = [{"CidrBlock": fields["CidrBlock"]}]
            yield Patch(fields.get("VpcId", ""), {"CidrBlockAssociationSet": block}, declaration.origin, key="VpcId")
        else:
            block = [{"Ipv6CidrBlock": fields.get("Ipv6CidrBlock") or _amazon_block(str(fields.get("VpcId")))}]
            yield Patch(fields.get("VpcId", ""), {"Ipv6CidrBlockAssociationSet": block}, declaration.origin, key="VpcId")

    @classmethod
    def terraform(cls, declaration: Declaration) -> Declared:
        """Its DHCP options are named by their own association; those that the VPC shows are what it has from there, or AWS's.

        Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/vpc
        """
        fields = {k: v for k, v in declaration.fields.items() if k != "DhcpOptionsId"}
        if declaration.type == "AWS::EC2::VPC":
            block = fields.pop("Ipv6CidrBlock", None)
            if block or fields.pop("AssignGeneratedIpv6CidrBlock", False):
                fields["Ipv6CidrBlockAssociationSet"] = [{"Ipv6CidrBlock": block or _amazon_block(declaration.id)}]
        yield from cls.cloudformation(declaration._replace(fields=fields))

    @classmethod
    def cloudformation_attribute(cls, declaration: Declaration, attribute: str) -> Any:
        named = {
            "VpcId": declaration.id,
            "DefaultSecurityGroup": f"{declaration.id}/default-security-group",
            "DefaultNetworkAcl": f"{declaration.id}/default-network-acl",
            "CidrBlock": declaration.fields.get("CidrBlock"),
            "Ipv6CidrBlocks": [_amazon_block(declaration.id)],
        }
        return named.get(attribute)

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        if "CidrBlocks" in fields:
            fields["CidrBlockAssociationSet"] = [{"CidrBlock": block} for block in as_list(fields.pop("CidrBlocks"))]
        if block := fields.pop("Ipv6", False):
            fields["Ipv6CidrBlockAssociationSet"] = [{"Ipv6CidrBlock": _amazon_block(declaration.id) if block is True else block}]
        yield Draft(cls, declaration.id, fields, declaration.origin)

    @property
    def blocks(self) -> tuple[Prefix, ...]:
        """Every CIDR block of the VPC, the primary one first."""
        more = dict.fromkeys(a.cidr_block for a in self.cidr_block_association_set)
        more.pop(self.cidr_block, None)
        return (self.cidr_block, *more, *(a.ipv6_cidr_block for a in self.ipv6_cidr_block_association_set))

    @property
    def resolver(self) -> int:
        """The address of the VPC resolver inside the VPC: the base of the primary block plus two."""
        return self.cidr_block.first + 2

    def implied(self, topology: "Topology") -> Iterable[Resource]:
        given = topology.kept("what VPCs have", lambda: _given(topology))
        if (SecurityGroup.kind, self.id) not in given:
            yield SecurityGroup.default(self.id, self.origin)
        if (NetworkAcl.kind, self.id) not in given:
            yield NetworkAcl.default(self.id, self.origin)
        if (RouteTable.kind, self.id) not in given:
            yield RouteTable.main(self.id, self.origin)

    def refusals(self, topology: "Topology") -> Iterable[Problem]:
        if self.cidr_block.family == 6:
            yield Problem(f"{self.id}: `{self.cidr_block}`: the first block of a VPC is an IPv4 block", self.origin)
        for number, block in enumerate(self.blocks):
            if any(block.overlaps(other) for other in self.blocks[:number]):
                yield refuse(f"{self.id}: {block} overlaps another block of the VPC", "InvalidVpcRange", self)
            if block.family == 4 and not 1 << 4 <= block.size <= 1 << 16:
                yield refuse(f"{self.id}: {block}: a VPC block is between /16 and /28", "InvalidVpcRange", self)

    @classmethod
    def names_in_doubt(cls, declaration: Declaration, changed: Set[str]) -> Iterable[str]:
        return ("",) if not changed or changed & {*DNS_ATTRIBUTES, "DhcpOptionsId"} else ()

    def depends(self, doubt: Doubt, decided: Decided, net: "Network") -> Dependence:
        """Blocks do not overlap, so that one more makes no difference inside those that are known."""
        packet, open = decided.step.packet, doubt.properties
        if open and open <= {*DNS_ATTRIBUTES, "DhcpOptionsId"}:
            return Dependence.WHOLE if packet.dst in (self.resolver, *HOST_SERVICES) else Dependence.NONE
        if open and open <= {"CidrBlockAssociationSet", "Ipv6CidrBlockAssociationSet"}:
            inside = any(block.holds(packet.dst) for block in self.blocks)
            return Dependence.NONE if inside else Dependence.WHOLE
        return super().depends(doubt, decided, net)

    def register(self, index: "Index") -> None:
        index.blocks[self.id] = self.blocks
        services = {self.resolver: RESOLVER, **HOST_SERVICES}
        if not self.enable_dns_support:
            services = {number: service for number, service in services.items() if service != RESOLVER}
        index.host_services_of[self.id] = services


def _given(topology: "Topology") -> set[tuple[str, str]]:
    """Which VPCs have a default group, a default ACL and a main table of the input's own."""
    found = {(SecurityGroup.kind, g.vpc_id) for g in topology.of(SecurityGroup) if g.group_name == "default"}
    found |= {(NetworkAcl.kind, a.vpc_id) for a in topology.of(NetworkAcl) if a.is_default}
    return found | {(RouteTable.kind, t.vpc_id) for t in topology.of(RouteTable) if t.is_main}


def _amazon_block(vpc_id: str) -> str:
    """A made-up /56 of the documentation range, where Amazon would assign one of its own."""
    return f"2001:db8:{stable_hash(vpc_id) >> 16:x}:{stable_hash(vpc_id) & 0xFF00:x}::/56"
