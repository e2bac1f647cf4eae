"""An EC2 Instance Connect Endpoint: SSH and RDP to instances without a public address, by an interface in one subnet.

Connections start at its interface, whose groups must let them out; the instance's groups must let them in, from the
endpoint's address or its group. It speaks TCP. If it preserves the client's address, the instance sees that address
instead, which a question does not name: the answer is undecided. Nothing connects to the endpoint from the VPC.

Not modelled here: who may open a tunnel (IAM), which ports may be asked for.

Sources: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/connect-with-ec2-instance-connect-endpoint.html,
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/eice-security-groups.html,
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateInstanceConnectEndpoint.html.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from vpcsim.codes import Code
from vpcsim.errors import Problem
from vpcsim.fabric.interface_parts import Group
from vpcsim.fabric.requester_managed import RequesterManaged
from vpcsim.fabric.subnet import Subnet
from vpcsim.packet import TCP, Packet
from vpcsim.resource import Declaration, Declared, Draft, Link, Patch, TerraformSpelling, as_list, refers_to, refuse
from vpcsim.shape import field
from vpcsim.trace import Disposition, Step

if TYPE_CHECKING:
    from vpcsim.network import Network
    from vpcsim.topology import Topology


class InstanceConnectEndpoint(RequesterManaged):
    """See the module."""

    kind: ClassVar[str] = "instance_connect_endpoint"
    section: ClassVar[str] = "InstanceConnectEndpoints"
    interface_type: ClassVar[str] = "ec2_instance_connect_endpoint"
    takes_public_addresses: ClassVar[bool] = False
    sends: ClassVar[tuple[int, ...]] = (TCP,)
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::EC2::InstanceConnectEndpoint",)
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={"aws_ec2_instance_connect_endpoint": "AWS::EC2::InstanceConnectEndpoint"},
    )
    native_names: ClassVar[Mapping[str, str]] = {
        "subnet": "SubnetId",
        "security_groups": "Groups",
        "preserve_client_ip": "PreserveClientIp",
        "ip_address_type": "IpAddressType",
    }

    id: str = field(api="InstanceConnectEndpointId")
    subnet_id: Annotated[str, refers_to("subnet")]
    groups: tuple[Group, ...] | None = None
    preserve_client_ip: bool = False
    ip_address_type: str = field(default="", pattern="^(ipv4|ipv6|dualstack|)$")
    """As its subnet is, if nothing is said."""

    @classmethod
    def described(cls, declaration: Declaration) -> Declared:
        if str(declaration.fields.get("State", "")).startswith("delete"):
            return
        for interface in declaration.fields.get("NetworkInterfaceIds", ()):
            yield Patch(interface, {"AttachedTo": declaration.id}, declaration.origin)
        yield from cls.cloudformation(declaration)

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        if "SecurityGroupIds" in fields:
            fields["Groups"] = fields.pop("SecurityGroupIds")
        yield Draft(cls, declaration.id, fields, declaration.origin)

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        if "Groups" in fields:
            fields["Groups"] = as_list(fields["Groups"])
        yield Draft(cls, declaration.id, fields, declaration.origin)

    def chosen_subnets(self, topology: "Topology") -> tuple[str, ...]:
        return (self.subnet_id,)

    def interface_fields(self, subnet: Subnet, topology: "Topology") -> Mapping[str, Any]:
        return {"wants_ipv6_address": 6 in self._families(subnet)}

    def families(self) -> None:
        """As its subnet is, unless it has an address type."""

    def _families(self, subnet: Subnet) -> set[int]:
        """Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateInstanceConnectEndpoint.html"""
        asked = {"ipv4": {4}, "ipv6": {6}, "dualstack": {4, 6}}.get(self.ip_address_type)
        return asked or {block.family for block in subnet.blocks}

    def refusals(self, topology: "Topology") -> Iterable[Problem]:
        yield from super().refusals(topology)
        subnet = topology.need(Subnet, self.subnet_id)
        if self.preserve_client_ip and self._families(subnet) != {4}:
            message = f"{self.id}: it preserves the client's address with the address type ipv4 only"
            yield refuse(message, "InvalidParameterCombination", self)
        elif missing := self._families(subnet) - {block.family for block in subnet.blocks}:
            yield refuse(f"{self.id}: {subnet.id} has no IPv{missing.pop()} block", "InvalidParameter", self)

    def _send(self, packet: Packet, net: "Network") -> Step:
        blocks = net.blocks_of(net.topology.need(Subnet, self.subnet_id).vpc_id)
        if self.preserve_client_ip and not any(block.holds(packet.dst) for block in blocks):
            because, fix = "{at}: preserves the client's address, so that it serves its VPC only", "{at}: PreserveClientIp off"
            return Step(self.id, because, packet, None, None, Disposition.DENIED, Code.CANNOT_ROUTE, None, None, fix)
        if self.preserve_client_ip and packet.protocol == TCP:
            because = "{at}: with PreserveClientIp the client's own address arrives, which is not in the model"
            return Step(self.id, because, packet, None, None, Disposition.UNDECIDED, Code.VPCSIM_NOT_MODELLED)
        return super()._send(packet, net)

    def links(self, net: "Network") -> Iterable[Link]:
        yield Link(self.subnet_id, self.id, "contains")
