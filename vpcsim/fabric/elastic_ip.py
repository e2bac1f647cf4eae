"""An Elastic IP address: a public IPv4 address of the account, associated with an interface or a NAT gateway.

It takes the place of a public address that AWS assigned on its own. Where its network border group is a Wavelength Zone it is a
carrier IP address, for interfaces there; drawn from a customer-owned pool it is known at the site of an Outpost.

Sources: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/elastic-ip-addresses-eip.html,
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Address.html.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from vpcsim.errors import Problem
from vpcsim.fabric.edges import CARRIER, CUSTOMER_OWNED, choose_carrier_address, is_wavelength
from vpcsim.fabric.interface_parts import PUBLIC_SCOPE, choose_public_address
from vpcsim.fabric.network_interface import NetworkInterface
from vpcsim.fabric.route_targets import interfaces_by_target
from vpcsim.fabric.subnet import Subnet
from vpcsim.prefixes import CARRIER_GRADE, PRIVATE, address_text, family
from vpcsim.resource import (
    Address,
    Declaration,
    Declared,
    Draft,
    Link,
    Patch,
    Resource,
    TerraformSpelling,
    later,
    refers_to,
    refuse,
)
from vpcsim.shape import field

if TYPE_CHECKING:
    from vpcsim.network import Index, Network
    from vpcsim.topology import Topology


class ElasticIp(Resource):
    """See the module."""

    kind: ClassVar[str] = "elastic_ip"
    section: ClassVar[str] = "Addresses"
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::EC2::EIP", "AWS::EC2::EIPAssociation")
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={"aws_eip": "AWS::EC2::EIP", "aws_eip_association": "AWS::EC2::EIPAssociation", "data.aws_eip": "AWS::EC2::EIP"},
        names={
            "instance": "InstanceId",
            "network_interface": "NetworkInterfaceId",
            "associate_with_private_ip": "PrivateIpAddress",
        },
        ids={"allocation_id": "{id}"},
        refers={
            "allocation_id": ("aws_eip", "aws_eip_association"),
            "instance": ("aws_instance",),
            "network_interface": ("aws_network_interface",),
            "network_interface_id": ("aws_network_interface",),
        },
    )
    native_names: ClassVar[Mapping[str, str]] = {
        "instance": "InstanceId",
        "interface": "NetworkInterfaceId",
        "ip": "PublicIp",
        "carrier_ip": "CarrierIp",
        "border_group": "NetworkBorderGroup",
        "customer_owned_ip": "CustomerOwnedIp",
        "customer_owned_pool": "CustomerOwnedIpv4Pool",
    }

    id: str = field(api="AllocationId")
    public_ip: Address | None = None
    carrier_ip: Address | None = None
    customer_owned_ip: Address | None = None
    customer_owned_ipv4_pool: Annotated[str | None, refers_to("coip_pool")] = None
    network_border_group: str = ""
    """The zones in which it is announced; empty: those of the Region."""
    instance_id: Annotated[str | None, refers_to("instance")] = None
    network_interface_id: Annotated[str | None, refers_to("network_interface")] = None
    private_ip_address: Address | None = None
    wanted: bool = field(default=False, dumped=False)
    """Whether it is the carrier IP address that an interface asks for."""
    position: int = field(default=0, dumped=False)
    """Which private address of the interface it stands for, where none is named."""

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        if declaration.type == "AWS::EC2::EIP":
            yield Draft(cls, declaration.id, fields, declaration.origin)
            return
        address = fields.pop("EIP", "") or fields.pop("AllocationId", "")
        target = str(address).removeprefix("${").removesuffix(".PublicIp}")
        yield Patch(target, {k: v for k, v in fields.items() if k != "AllocationId"}, declaration.origin)

    @classmethod
    def terraform(cls, declaration: Declaration) -> Declared:
        """An interface that the model does not hold belongs to what holds the address: an instance, a NAT gateway.

        Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/eip
        """
        fields = dict(declaration.fields)
        if str(fields.get("NetworkInterfaceId", "")).startswith("eni-"):
            del fields["NetworkInterfaceId"]
        elif "NetworkInterfaceId" in fields:
            fields.pop("InstanceId", None)
        if declaration.type == "AWS::EC2::EIP":
            fields.pop("PrivateIp", None)
            yield Draft(cls, declaration.id, fields, declaration.origin)
        else:
            part = {k: v for k, v in fields.items() if k in ("InstanceId", "NetworkInterfaceId", "PrivateIpAddress")}
            yield Patch(fields.get("AllocationId", ""), part, declaration.origin, key="allocation_id")

    @classmethod
    def cloudformation_ref(cls, declaration: Declaration) -> str:
        return later(declaration.id, "PublicIp")

    @classmethod
    def cloudformation_attribute(cls, declaration: Declaration, attribute: str) -> Any:
        return later(declaration.id, attribute) if attribute in ("PublicIp", "CarrierIp") else None

    def late_attribute(self, attribute: str, topology: "Topology") -> str | None:
        number = {"PublicIp": self.number, "CarrierIp": self.carrier_ip}.get(attribute)
        return None if number is None else address_text(number)

    @classmethod
    def complete(cls, topology: "Topology") -> None:
        for interface in topology.of(NetworkInterface):
            if interface.wants_carrier_address or interface.carrier_ip is not None:
                topology.put(cls._assigned(interface))
        addresses = topology.of(cls)
        for address in addresses:
            if (given := address.public_ip or address.carrier_ip) is not None:
                topology.claim(PUBLIC_SCOPE, given, address.id)
        for address in sorted(addresses, key=lambda a: a.id):
            if address.edge == CARRIER and address.carrier_ip is None:
                topology.put(address.but(carrier_ip=choose_carrier_address(address.id, topology)))
            elif not address.edge and address.public_ip is None:
                topology.put(address.but(public_ip=choose_public_address(address.id, topology)))

    @classmethod
    def _assigned(cls, interface: NetworkInterface) -> "ElasticIp":
        """The carrier IP address that an interface gets when it is made."""
        id = f"{interface.id}/carrier-address"
        made = cls(id=id, name=id, network_interface_id=interface.id, carrier_ip=interface.carrier_ip, origin=interface.origin)
        return made.replaced(wanted=interface.wants_carrier_address)

    @property
    def edge(self) -> str:
        """`carrier` or `customer-owned` for an address that is none of the Region's."""
        if self.customer_owned_ipv4_pool or self.customer_owned_ip is not None:
            return CUSTOMER_OWNED
        return CARRIER if self.wanted or self.carrier_ip is not None or is_wavelength(self.network_border_group) else ""

    @property
    def number(self) -> int | None:
        return {CARRIER: self.carrier_ip, CUSTOMER_OWNED: self.customer_owned_ip}.get(self.edge, self.public_ip)

    @classmethod
    def check(cls, topology: "Topology") -> Iterable[Problem]:
        yield from super().check(topology)
        holders: dict[tuple[str, int | None, int, str], ElasticIp] = {}
        for address in topology.of(cls):
            target = address.network_interface_id or address.instance_id
            key = (target or "", address.private_ip_address, address.position, address.edge)
            if target and (first := holders.setdefault(key, address)) is not address:
                yield refuse(f"{address.id}: {target} already has {first.id}", "Resource.AlreadyAssociated", address)

    def refusals(self, topology: "Topology") -> Iterable[Problem]:
        yield from self._zone_refusals(topology)
        yield from self._service_refusals(topology)
        number = self.public_ip if not self.edge else None
        if number is None:
            return
        if family(number) == 6 or any(block.holds(number) for block in (*PRIVATE, CARRIER_GRADE)):
            message = f"{self.id}: {address_text(number)} is not a public IPv4 address"
            yield refuse(message, "InvalidParameterValue", self)
        elif (holder := topology.holder(PUBLIC_SCOPE, number)) not in (self.id, None):
            yield refuse(f"{self.id}: {address_text(number)} belongs to {holder}", "InvalidIPAddress.InUse", self)

    def _zone_refusals(self, topology: "Topology") -> Iterable[Problem]:
        """An address is for one network border group, and a carrier address for a Wavelength Zone.

        Sources: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/elastic-ip-addresses-eip.html,
        https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceNetworkInterfaceSpecification.html
        """
        holders = interfaces_by_target(topology).get(self.network_interface_id or self.instance_id or "", ())
        for interface in holders[:1] if self.edge != CUSTOMER_OWNED else ():
            zone = topology.need(Subnet, interface.subnet_id).availability_zone
            if is_wavelength(zone) != (self.edge == CARRIER):
                kind = "a carrier IP address" if self.edge == CARRIER else "an address of the Region"
                yield refuse(f"{self.id}: {kind} is not for an interface in {zone}", "InvalidParameterValue", self)

    def _service_refusals(self, topology: "Topology") -> Iterable[Problem]:
        """An interface that a service manages takes none; the code is that for what the account may not do with an address.

        Sources: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/requester-managed-eni.html,
        https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html (AuthFailure)
        """
        interface = topology.get(NetworkInterface, self.network_interface_id)
        owner = topology.resources.get(interface.attached_to or "") if interface else None
        if owner is not None and not owner.takes_public_addresses:
            message = f"{self.id}: {owner.id} manages {self.network_interface_id}, which takes no public address"
            yield refuse(message, "AuthFailure", self)

    def register(self, index: "Index") -> None:
        number = self.number
        if number is None:
            return
        index.public_target[self.id] = number
        interface = index.topology.get(NetworkInterface, self._interface(index))
        private = self.private_ip_address or (
            interface.addresses[self.position] if interface and interface.private_ip_address else None
        )
        if interface is None or private is None:
            return
        if self.edge:
            index.publish_at_the_edge(self.edge, number, interface.id, private)
        else:
            index.publish(number, interface.id, private)

    def _interface(self, index: "Index") -> str | None:
        if self.network_interface_id or not self.instance_id:
            return self.network_interface_id
        return next(iter(index.interfaces_of.get(self.instance_id, ())), None)

    def links(self, net: "Network") -> Iterable[Link]:
        target = self.network_interface_id or self.instance_id
        if target:
            yield Link(self.id, target, "associated with")
