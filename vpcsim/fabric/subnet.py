"""A subnet: one Availability Zone's part of a VPC, with a network ACL at its edge and a route table for what leaves it.

Neighbours in a subnet reach each other without either. A packet for anybody else passes the ACL outbound, then the
longest prefix of the table decides.

Sources: https://docs.aws.amazon.com/vpc/latest/userguide/configure-subnets.html,
https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html (sizes, five reserved addresses),
https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html (not applied inside a subnet),
https://docs.aws.amazon.com/vpc/latest/userguide/gateway-route-tables.html (no routing inside a subnet),
https://docs.aws.amazon.com/vpc/latest/userguide/subnet-route-tables.html (ranges that are never forwarded).
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from vpcsim import services
from vpcsim.errors import Doubt, Problem
from vpcsim.fabric.edges import apart, is_wavelength, wavelength_endpoints
from vpcsim.fabric.host_services import DHCP
from vpcsim.fabric.private_dns_name import PrivateDnsNameOptions
from vpcsim.fabric.route_targets import LOCAL
from vpcsim.packet import Packet
from vpcsim.prefixes import Prefix
from vpcsim.resource import (
    Cidr,
    Decided,
    Declaration,
    Declared,
    Dependence,
    Draft,
    Link,
    Patch,
    Resource,
    TerraformSpelling,
    later,
    refers_to,
    refuse,
)
from vpcsim.shape import Shape, field
from vpcsim.trace import Step, onward

if TYPE_CHECKING:
    from vpcsim.network import Index, Network
    from vpcsim.topology import Topology


class Ipv6CidrBlockAssociation(Shape):
    """The IPv6 block of a subnet."""

    ipv6_cidr_block: Cidr


class Subnet(Resource):
    """See the module."""

    kind: ClassVar[str] = "subnet"
    looks_at_zones: ClassVar[bool] = False
    of_vpc_owner: ClassVar[bool] = True
    section: ClassVar[str] = "Subnets"
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::EC2::Subnet", "AWS::EC2::SubnetCidrBlock")
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={
            "aws_subnet": "AWS::EC2::Subnet",
            "aws_default_subnet": "AWS::EC2::Subnet",
            "data.aws_subnet": "AWS::EC2::Subnet",
        },
    )
    native_names: ClassVar[Mapping[str, str]] = {
        "vpc": "VpcId",
        "cidr": "CidrBlock",
        "ipv6_cidr": "Ipv6CidrBlock",
        "az": "AvailabilityZone",
        "public_addresses": "MapPublicIpOnLaunch",
        "private_dns_name": "PrivateDnsNameOptionsOnLaunch",
        "dns64": "EnableDns64",
        "outpost": "OutpostArn",
        "customer_owned_pool": "CustomerOwnedIpv4Pool",
        "customer_owned_addresses": "MapCustomerOwnedIpOnLaunch",
        "local_interfaces_at": "EnableLniAtDeviceIndex",
    }
    native_scalar: ClassVar[str] = "CidrBlock"

    id: str = field(api="SubnetId")
    vpc_id: Annotated[str, refers_to("vpc")]
    cidr_block: Cidr | None = None
    ipv6_cidr_block_association_set: tuple[Ipv6CidrBlockAssociation, ...] = ()
    availability_zone: str = ""
    map_public_ip_on_launch: bool = False
    assign_ipv6_address_on_creation: bool = False
    ipv6_native: bool = False
    """Whether the subnet is IPv6-only, and must not have an IPv4 block."""
    private_dns_name_options_on_launch: PrivateDnsNameOptions | None = None
    enable_dns64: bool = False
    outpost_arn: str = ""
    """The Outpost that it is on."""
    customer_owned_ipv4_pool: Annotated[str | None, refers_to("coip_pool")] = None
    map_customer_owned_ip_on_launch: bool = False
    """Whether new interfaces here get an address of the pool."""
    enable_lni_at_device_index: int = 0
    """Which interfaces of instances here are in the network of an Outposts server's site; never the primary ones."""

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        fields = _with_ipv6_block(dict(declaration.fields))
        if declaration.type == "AWS::EC2::Subnet":
            yield Draft(cls, declaration.id, fields, declaration.origin)
        else:
            block = {"Ipv6CidrBlockAssociationSet": fields.get("Ipv6CidrBlockAssociationSet", [])}
            yield Patch(fields.get("SubnetId", ""), block, declaration.origin, key="SubnetId")

    @classmethod
    def terraform(cls, declaration: Declaration) -> Declared:
        """Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/subnet"""
        fields = dict(declaration.fields)
        options = {
            "HostnameType": fields.get("PrivateDnsHostnameTypeOnLaunch"),
            "EnableResourceNameDnsARecord": fields.get("EnableResourceNameDnsARecordOnLaunch") or None,
            "EnableResourceNameDnsAAAARecord": fields.get("EnableResourceNameDnsAaaaRecordOnLaunch") or None,
        }
        if given := {name: value for name, value in options.items() if value is not None}:
            fields["PrivateDnsNameOptionsOnLaunch"] = given
        yield from cls.cloudformation(declaration._replace(fields=fields))

    @classmethod
    def cloudformation_attribute(cls, declaration: Declaration, attribute: str) -> Any:
        if attribute == "AvailabilityZone":
            return declaration.fields.get(attribute, later(declaration.id, attribute))
        return declaration.fields.get(attribute)

    def late_attribute(self, attribute: str, topology: "Topology") -> str | None:
        return self.availability_zone if attribute == "AvailabilityZone" else None

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        yield Draft(cls, declaration.id, _with_ipv6_block(dict(declaration.fields)), declaration.origin)

    @property
    def blocks(self) -> tuple[Prefix, ...]:
        """The IPv4 block, if the subnet has one, and the IPv6 block, if it has one."""
        first = (self.cidr_block,) if self.cidr_block else ()
        return (*first, *(a.ipv6_cidr_block for a in self.ipv6_cidr_block_association_set))

    def implied(self, topology: "Topology") -> Iterable[Resource]:
        if not self.availability_zone:
            yield self.but(availability_zone=services.availability_zones(topology.region_of(self))[0].name)

    def refusals(self, topology: "Topology") -> Iterable[Problem]:
        vpc = topology.resources[self.vpc_id]
        region = topology.region_of(self)
        if not self.blocks:
            yield refuse(f"{self.id}: a subnet needs a CIDR block", "MissingParameter", self)
        if not self.availability_zone.startswith(region):
            message = f"{self.id}: {self.availability_zone} is not an Availability Zone of {region}"
            yield refuse(message, "InvalidParameterValue", self)
        if self.ipv6_native and self.cidr_block is not None:
            yield refuse(f"{self.id}: an IPv6-only subnet (Ipv6Native) has no IPv4 block", "InvalidParameterCombination", self)
        if is_wavelength(self.availability_zone) and any(block.family == 6 for block in self.blocks):
            yield refuse(f"{self.id}: a subnet in a Wavelength Zone has no IPv6 block", "InvalidParameterValue", self)
        for endpoint in wavelength_endpoints(self.id, self.availability_zone, topology):
            yield refuse(
                f"{endpoint.id}: {self.id} is in a Wavelength Zone, which has no endpoints", "InvalidParameter", endpoint
            )
        for block in self.blocks:
            if block.family == 4 and not 1 << 4 <= block.size <= 1 << 16:
                yield refuse(f"{self.id}: {block}: a subnet block is between /16 and /28", "InvalidSubnet.Range", self)
            elif not any(outer.covers(block) for outer in getattr(vpc, "blocks", ())):
                yield refuse(f"{self.id}: {block} is not inside a block of {vpc.id}", "InvalidSubnet.Range", self)

    @classmethod
    def check(cls, topology: "Topology") -> Iterable[Problem]:
        yield from super().check(topology)
        ordered = sorted((s.vpc_id, block, s.id, s) for s in topology.of(cls) for block in s.blocks)
        widest = ordered[0] if ordered else None
        for vpc, block, _, subnet in ordered[1:]:
            assert widest is not None
            if vpc == widest[0] and block.overlaps(widest[1]):
                yield refuse(f"{subnet.id}: {block} overlaps {widest[1]} of {widest[2]}", "InvalidSubnet.Conflict", subnet)
            if vpc != widest[0] or block.last > widest[1].last:
                widest = (vpc, block, subnet.id, subnet)

    def register(self, index: "Index") -> None:
        index.places[self.id] = self
        index.vpc_of[self.id] = self.vpc_id
        index.subnets.append(self.id)
        for block in self.blocks:
            index.host_services_of[self.vpc_id].setdefault(block.first + 1, DHCP)
        if is_wavelength(self.availability_zone):
            index.edges[self.id] = ("Wavelength Zone", self.availability_zone)
        elif self.outpost_arn:
            index.edges[self.id] = ("Outpost", self.outpost_arn)
        if self.enable_lni_at_device_index:
            index.local_interfaces.update(self._local_interfaces(index.topology))

    def _local_interfaces(self, topology: "Topology") -> Iterator[str]:
        for interface in topology.of_kind("network_interface"):
            here = getattr(interface, "subnet_id", None) == self.id
            if here and getattr(interface, "device_index", None) == self.enable_lni_at_device_index:
                yield interface.id

    def depends(self, doubt: Doubt, decided: Decided, net: "Network") -> Dependence:
        """Which table or ACL goes with it makes a difference only where one of those decides, whether what is launched here has a
        public address only beyond the VPC, and the zone only to what looks at zones.
        """
        if doubt.properties == {"MapPublicIpOnLaunch"}:
            return Dependence.NONE if net.vpc_of(decided.at) or net.interfaces_of(decided.at) else Dependence.WHOLE
        if doubt.properties and doubt.properties <= {"AvailabilityZone", "AvailabilityZoneId"}:
            ids = (decided.at, decided.came_from, decided.step.to)
            around = (net.places.get(id) for id in ids if id and id not in net.index.addresses_of)
            looks = any(place is not None and getattr(place, "looks_at_zones", True) for place in around)
            return Dependence.WHOLE if looks else Dependence.NONE
        if doubt.properties and doubt.properties <= {"route_table", "network_acl"}:
            kind = getattr(net.places.get(decided.step.at), "kind", "")
            which = Dependence.WHOLE if kind == "route_table" else Dependence.PASSAGE
            return which if kind in doubt.properties else Dependence.NONE
        return super().depends(doubt, decided, net)

    def receive(self, packet: Packet, came_from: str | None, net: "Network") -> Iterator[Step]:
        if net.index.multicast_of and self.id in net.index.multicast_of and packet.is_multicast:
            yield net.acl_of(self.id).filter(packet, True, net)
            yield onward(self.id, "{at}: multicast goes to {to}", packet, None, net.index.multicast_of[self.id])
            return
        neighbour = net.index.interface_at.get((self.vpc_id, packet.dst))
        back = net.taken_back_by(self.vpc_id, packet) if net.sessions else None
        by_interface = None if back is None else net.subnet_of(back)
        if neighbour is not None and by_interface is None and net.subnet_of(neighbour) == self.id:
            because = "{at}: {packet.destination} is in the same subnet: no route, no network ACL"
            yield onward(self.id, because, packet, None, neighbour)
            return
        if back is not None:
            if by_interface != self.id:
                yield net.acl_of(self.id).filter(packet, True, net)
            because = "{at}: an answer to what {to} brought, which takes it back whatever the routes say"
            yield onward(self.id, because, packet, None, back)
            return
        table = net.route_table_of(self.id)
        route, to = table.lookup(packet.dst, net)
        entrance, filtered = (neighbour, True) if to == LOCAL else net.compiled((self.id, to)) or self._way(to, net)
        if filtered:
            yield net.acl_of(self.id).filter(packet, True, net)
        if net.index.edges and to == LOCAL and (step := apart(self.id, neighbour or "", packet, route, net)) is not None:
            yield step
        if route is not None and entrance is not None and route.state == "active":
            yield onward(table.id, "{at}: {rule}", packet, route, entrance)
        else:
            yield table.dead_end(route, entrance, packet, net)

    def _way(self, to: str, net: "Network") -> tuple[str | None, bool]:
        """The place that takes what a route leads to this target, if any does, and whether the ACL looks at it before."""
        target = net.places.get(to)
        entrance = target.entrance(net) if target is not None else None
        filtered = target is None or target.behind_acl or net.subnet_of(entrance or "") != self.id
        taken = target is not None and target.takes_from(self.vpc_id)
        way: tuple[str | None, bool] = net.compile((self.id, to), (entrance if taken else None, filtered))
        return way

    def links(self, net: "Network") -> Iterable[Link]:
        yield Link(self.vpc_id, self.id, "contains")
        yield Link(self.id, net.route_table_of(self.id).id, "routed by")
        yield Link(self.id, net.acl_of(self.id).id, "guarded by")


def _with_ipv6_block(fields: dict[str, Any]) -> dict[str, Any]:
    block = fields.pop("Ipv6CidrBlock", None)
    return {**fields, "Ipv6CidrBlockAssociationSet": [{"Ipv6CidrBlock": block}]} if block else fields


def association_refusals(associated: Iterable[tuple[Resource, str, Shape]], topology: "Topology") -> Iterable[Problem]:
    """What AWS refuses about subnets that are associated with a table or an ACL: two of a kind, or one of another VPC."""
    owners: dict[str, Resource] = {}
    for owner, subnet, association in associated:
        first = owners.setdefault(subnet, owner)
        if first is not owner:
            message = f"{owner.id}: {subnet} already has the {owner.kind.replace('_', ' ')} {first.id}"
            yield refuse(message, "Resource.AlreadyAssociated", association if association.origin else owner)
        elif getattr(topology.resources[subnet], "vpc_id", "") != getattr(owner, "vpc_id", ""):
            message = f"{owner.id}: {subnet} belongs to another VPC"
            yield refuse(message, "InvalidParameterValue", association if association.origin else owner)
