"""Resource endpoints and service-network endpoints of VPC Lattice: interfaces in a VPC for what somebody shares.

The interfaces behave as those of an interface endpoint: groups and ACLs apply, TCP passes, and connections start on the
consumer's side only. What is behind - a resource configuration with its gateway, services with their policies - is not
in the model, so a packet that arrives ends undecided.

Sources: https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-resources.html,
https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-service-networks.html,
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpcEndpoint.html.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from vpcsim.codes import Code
from vpcsim.errors import Problem
from vpcsim.fabric.interface_parts import Group
from vpcsim.fabric.network_interface import NetworkInterface
from vpcsim.fabric.subnet import Subnet
from vpcsim.gateways.vpc_endpoint import VpcEndpoint, spelled
from vpcsim.packet import TCP, Packet
from vpcsim.resource import Declaration, Declared, Draft, Link, Resource, TerraformSpelling, as_list, refers_to, refuse
from vpcsim.shape import Read, field
from vpcsim.trace import Disposition, Step

if TYPE_CHECKING:
    from vpcsim.network import Network
    from vpcsim.topology import Topology

TYPES = {"resource": "Resource", "servicenetwork": "ServiceNetwork"}


class LatticeEndpoint(VpcEndpoint):
    """See the module. `service_name` holds what the endpoint leads to: the ARN of a resource or a service network."""

    kind: ClassVar[str] = "lattice_endpoint"
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::EC2::VPCEndpoint",)
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={"aws_vpc_endpoint": "AWS::EC2::VPCEndpoint", "data.aws_vpc_endpoint": "AWS::EC2::VPCEndpoint"},
    )
    native_names: ClassVar[Mapping[str, str]] = {
        "vpc": "VpcId",
        "type": "VpcEndpointType",
        "subnets": "SubnetIds",
        "security_groups": "Groups",
        "resource": "ResourceConfigurationArn",
        "service_network": "ServiceNetworkArn",
        "ip_type": "IpAddressType",
        "state": "State",
    }

    subnet_ids: tuple[Annotated[str, refers_to("subnet")], ...] = ()
    groups: tuple[Group, ...] | None = None
    ip_address_type: Annotated[str, Read(spelled)] = field(default="", pattern="^(ipv4|ipv6|dualstack|)$")
    resource_configuration_arn: str | None = None
    service_network_arn: str | None = None

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        if fields.get("VpcEndpointType") not in TYPES.values():
            return
        if "SecurityGroupIds" in fields:
            fields["Groups"] = fields.pop("SecurityGroupIds")
        fields["ServiceName"] = fields.get("ResourceConfigurationArn") or fields.get("ServiceNetworkArn") or ""
        yield Draft(cls, declaration.id, fields, declaration.origin)

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        fields["VpcEndpointType"] = TYPES.get(str(fields.get("VpcEndpointType", "")).lower().replace("_", ""), "")
        for name in ("SubnetIds", "Groups"):
            if name in fields:
                fields[name] = as_list(fields[name])
        yield from cls.cloudformation(declaration._replace(fields=fields))

    def implied(self, topology: "Topology") -> Iterable[Resource]:
        """The internet does not reach its addresses of IPv6."""
        groups = None if not self.groups else [group.group_id for group in self.groups]
        wants = self.ip_address_type == "dualstack"
        for subnet in self.subnet_ids:
            yield NetworkInterface.behind(
                self, subnet, groups, interface_type="vpc_endpoint", deny_all_igw_traffic=True, wants_ipv6_address=wants
            )

    def refusals(self, topology: "Topology") -> Iterable[Problem]:
        wanted = self.resource_configuration_arn if self.vpc_endpoint_type == "Resource" else self.service_network_arn
        if not wanted:
            name = "ResourceConfigurationArn" if self.vpc_endpoint_type == "Resource" else "ServiceNetworkArn"
            yield refuse(f"{self.id}: a {self.vpc_endpoint_type} endpoint needs {name}", "MissingParameter", self)
        for id in self.subnet_ids:
            if topology.need(Subnet, id).vpc_id != self.vpc_id:
                yield refuse(f"{self.id}: subnet {id} is not in {self.vpc_id}", "InvalidParameter", self)
        yield from self.subnet_refusals(self.subnet_ids, topology)

    def entrance(self, net: "Network") -> str | None:
        return None

    def receive(self, packet: Packet, came_from: str | None, net: "Network") -> Iterator[Step]:
        if came_from is None:
            yield self._deny("{at}: an endpoint starts no connections", packet, Code.VPCE_INTRA_VPC_TRAFFIC)
            return
        if not self.carries:
            because = "{at}: the endpoint is in state {about} and carries no traffic"
            yield self._deny(because, packet, Code.BAD_STATE, self.state)
        if packet.protocol != TCP:
            because = "{at}: the endpoint takes TCP only, not {packet.service}"
            yield self._deny(because, packet, Code.PROTOCOL_RESTRICTION)
        because = "{at}: what {about} does with it is not in the model"
        code = Code.VPCSIM_NOT_MODELLED
        yield Step(self.id, because, packet, None, None, Disposition.UNDECIDED, code, None, self.service_name)

    def _deny(self, because: str, packet: Packet, code: Code, about: Any = None) -> Step:
        return Step(self.id, because, packet, None, None, Disposition.DENIED, code, None, about)

    def links(self, net: "Network") -> Iterable[Link]:
        yield Link(self.vpc_id, self.id, "contains")
        yield Link(self.id, self.service_name, "serves")
