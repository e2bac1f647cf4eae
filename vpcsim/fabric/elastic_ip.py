"""An Elastic IP address: a public IPv4 address of the account, associated with an interface or a NAT gateway.

It takes the place of a public address that AWS assigned on its own.

Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/elastic-ip-addresses-eip.html
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from vpcsim.errors import Problem
from vpcsim.fabric.interface_parts import PUBLIC_SCOPE, choose_public_address
from vpcsim.fabric.network_interface import NetworkInterface
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
    native_names: ClassVar[Mapping[str, str]] = {"instance": "InstanceId", "interface": "NetworkInterfaceId", "ip": "PublicIp"}

    id: str = field(api="AllocationId")
    public_ip: Address | None = None
    instance_id: Annotated[str | None, refers_to("instance")] = None
    network_interface_id: Annotated[str | None, refers_to("network_interface")] = None
    private_ip_address: Address | None = None
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
        return later(declaration.id, "PublicIp") if attribute == "PublicIp" else None

    def late_attribute(self, attribute: str, topology: "Topology") -> str | None:
        return address_text(self.public_ip) if attribute == "PublicIp" and self.public_ip is not None else None

    @classmethod
    def complete(cls, topology: "Topology") -> None:
        addresses = topology.of(cls)
        for address in addresses:
            if address.public_ip is not None:
                topology.claim(PUBLIC_SCOPE, address.public_ip, address.id)
        for address in sorted(addresses, key=lambda a: a.id):
            if address.public_ip is None:
                topology.put(address.but(public_ip=choose_public_address(address.id, topology)))

    @classmethod
    def check(cls, topology: "Topology") -> Iterable[Problem]:
        yield from super().check(topology)
        holders: dict[tuple[str, int | None, int], ElasticIp] = {}
        for address in topology.of(cls):
            target = address.network_interface_id or address.instance_id
            key = (target or "", address.private_ip_address, address.position)
            if target and (first := holders.setdefault(key, address)) is not address:
                yield refuse(f"{address.id}: {target} already has {first.id}", "Resource.AlreadyAssociated", address)

    def refusals(self, topology: "Topology") -> Iterable[Problem]:
        number = self.public_ip
        if number is None:
            return
        if family(number) == 6 or any(block.holds(number) for block in (*PRIVATE, CARRIER_GRADE)):
            message = f"{self.id}: {address_text(number)} is not a public IPv4 address"
            yield refuse(message, "InvalidParameterValue", self)
        elif (holder := topology.holder(PUBLIC_SCOPE, number)) not in (self.id, None):
            yield refuse(f"{self.id}: {address_text(number)} belongs to {holder}", "AddressInUse", self)

    def register(self, index: "Index") -> None:
        if self.public_ip is not None:
            index.public_target[self.id] = self.public_ip
        interface = index.topology.get(NetworkInterface, self._interface(index))
        private = self.private_ip_address or (
            interface.addresses[self.position] if interface and interface.private_ip_address else None
        )
        if interface is not None and private is not None and self.public_ip is not None:
            index.publish(self.public_ip, interface.id, private)

    def _interface(self, index: "Index") -> str | None:
        if self.network_interface_id or not self.instance_id:
            return self.network_interface_id
        return next(iter(index.interfaces_of.get(self.instance_id, ())), None)

    def links(self, net: "Network") -> Iterable[Link]:
        target = self.network_interface_id or self.instance_id
        if target:
            yield Link(self.id, target, "associated with")
