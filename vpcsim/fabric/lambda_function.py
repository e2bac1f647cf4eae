"""A Lambda function: inside a VPC by the interfaces of its VpcConfig, otherwise on AWS's own network.

A function attached to a VPC reaches everything through that VPC alone. Its interfaces never have a public address, so an
internet gateway carries nothing of it: it needs a NAT gateway or endpoints. It opens TCP and UDP connections and takes
none: invocations come by Lambda's API. A function without subnets is in a VPC of Lambda's: it asks the public DNS, reaches public
addresses of AWS and of the internet from an invented address of AWS, and nothing private.

It speaks IPv6 only if that is allowed (Ipv6AllowedForDualStack) and all its subnets are dual-stack.

Not modelled here: functions that share one Hyperplane interface (each has an address of its own here).

Sources: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html,
https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc-internet.html (no public address),
https://docs.aws.amazon.com/lambda/latest/dg/foundation-networking.html (Hyperplane interfaces, TCP and UDP),
https://aws.amazon.com/lambda/faqs/ (inbound connections),
https://docs.aws.amazon.com/vpc/latest/userguide/custom-network-acl.html (ephemeral ports of functions).
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar

from vpcsim.codes import Code
from vpcsim.errors import Problem
from vpcsim.fabric.interface_parts import Group
from vpcsim.fabric.requester_managed import RequesterManaged, choose_aws_address
from vpcsim.fabric.subnet import Subnet
from vpcsim.packet import Packet
from vpcsim.prefixes import NOT_PUBLIC, Ports, Prefix, family
from vpcsim.resource import Address, Declaration, Declared, Draft, TerraformSpelling, as_list, refers_to, refuse
from vpcsim.shape import field
from vpcsim.trace import Disposition, Step, onward

if TYPE_CHECKING:
    from vpcsim.network import Index, Network
    from vpcsim.topology import Topology


class LambdaFunction(RequesterManaged):
    """See the module."""

    kind: ClassVar[str] = "lambda_function"
    section: ClassVar[str] = "Functions"
    described_interfaces: ClassVar[str] = r"AWS Lambda VPC ENI-(.+)-[0-9a-f]{8}-[0-9a-f-]{27}"
    interface_type: ClassVar[str] = "lambda"
    takes_public_addresses: ClassVar[bool] = False
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::Lambda::Function",)
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={"aws_lambda_function": "AWS::Lambda::Function"},
        once=("vpc_config",),
    )
    native_section: ClassVar[str] = "functions"
    native_names: ClassVar[Mapping[str, str]] = {
        "subnets": "SubnetIds",
        "security_groups": "Groups",
        "ipv6": "Ipv6AllowedForDualStack",
        "role": "Role",
    }

    id: str = field(api="FunctionName")
    subnet_ids: tuple[Annotated[str, refers_to("subnet")], ...] = ()
    groups: tuple[Group, ...] | None = None
    ipv6_allowed_for_dual_stack: bool = False
    public_ip: Address | None = None
    """The address of AWS from which a function outside a VPC sends."""
    role: str = ""
    """The execution role, by id or ARN: it signs the calls of the function's code."""

    @classmethod
    def described(cls, declaration: Declaration) -> Declared:
        if "SubnetIds" in declaration.fields:
            yield Draft(cls, declaration.id, dict(declaration.fields), declaration.origin)
        else:
            yield from cls.cloudformation(declaration)

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        config = declaration.fields.get("VpcConfig")
        config = config if isinstance(config, Mapping) else {}
        fields = {
            "SubnetIds": config.get("SubnetIds") or (),
            "Groups": config.get("SecurityGroupIds"),
            "Ipv6AllowedForDualStack": config.get("Ipv6AllowedForDualStack"),
            "Tags": declaration.fields.get("Tags"),
            "Name": declaration.fields.get("FunctionName"),
            "Role": declaration.fields.get("Role"),
        }
        yield Draft(cls, declaration.id, {k: v for k, v in fields.items() if v is not None}, declaration.origin)

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        for name in ("SubnetIds", "Groups"):
            if name in fields:
                fields[name] = as_list(fields[name])
        yield Draft(cls, declaration.id, fields, declaration.origin)

    @property
    def ephemeral_ports(self) -> Ports:
        """The range from which a function takes a client's port."""
        return (1024, 65535)

    def families(self) -> tuple[int, ...]:
        return (4, 6) if self.ipv6_allowed_for_dual_stack else (4,)

    def refusals(self, topology: "Topology") -> Iterable[Problem]:
        yield from super().refusals(topology)
        for id in self.subnet_ids if self.ipv6_allowed_for_dual_stack else ():
            if {block.family for block in topology.need(Subnet, id).blocks} != {4, 6}:
                message = f"{self.id}: with IPv6 all its subnets are dual-stack, and {id} is not"
                yield refuse(message, "InvalidParameterValueException", self)

    @classmethod
    def complete(cls, topology: "Topology") -> None:
        super().complete(topology)
        for function in sorted(topology.of(cls), key=lambda function: function.id):
            if not function.subnet_ids and function.public_ip is None:
                topology.put(function.but(public_ip=choose_aws_address("ec2", function, topology)))

    def _send(self, packet: Packet, net: "Network") -> Step:
        if not self.subnet_ids:
            return self._send_outside(packet, net)
        if family(packet.dst) == 6 and not self.ipv6_allowed_for_dual_stack:
            because, fix = "{at}: sends no IPv6", "{at}: Ipv6AllowedForDualStack, and only dual-stack subnets"
            denied, code = Disposition.DENIED, Code.PROTOCOL_RESTRICTION
            return Step(self.id, because, packet, None, None, denied, code, None, None, fix)
        return super()._send(packet, net)

    def _send_outside(self, packet: Packet, net: "Network") -> Step:
        if packet.protocol in self.sends and not any(block.holds(packet.dst) for block in NOT_PUBLIC):
            return onward(self.id, "{at}: sends {packet}", packet, None, net.beyond(packet.dst), packet)
        because = "{at}: is in no VPC of the model, and reaches public addresses only, not {packet.destination}"
        fix = "{at}: subnets of the VPC of {packet.destination}, or of one that reaches it"
        code, denied = Code.NO_POSSIBLE_DESTINATION, Disposition.NO_ROUTE
        if packet.protocol not in self.sends:
            because, code, denied, fix = "{at}: sends TCP and UDP only", Code.PROTOCOL_RESTRICTION, Disposition.DENIED, ""
        return Step(self.id, because, packet, None, None, denied, code, None, None, fix)

    def chosen_subnets(self, topology: "Topology") -> tuple[str, ...]:
        return self.subnet_ids

    def role_for(self, purpose: str, topology: "Topology") -> str | None:
        """Every function has a role: https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html"""
        return self.role or None

    def register(self, index: "Index") -> None:
        super().register(index)
        if not self.subnet_ids and self.public_ip is not None:
            index.addresses_of[self.id] = (self.public_ip,)
            index.announced_to_aws.append((Prefix(self.public_ip, self.public_ip), self.id))
