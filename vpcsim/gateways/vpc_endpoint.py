"""What the API calls one resource, a VPC endpoint: the fields that its types share, each type being a room of its own."""

from collections.abc import Iterable, Mapping, Set
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from vpcsim import services
from vpcsim.errors import Problem, UnknownName
from vpcsim.fabric.subnet import Subnet
from vpcsim.packet import Packet
from vpcsim.resource import Declaration, Declared, Draft, Finding, Patch, Resource, as_list, decoded, refers_to, refuse
from vpcsim.shape import Read, Shape, field

if TYPE_CHECKING:
    from vpcsim.network import Network
    from vpcsim.topology import Topology

FAMILIES = {"ipv4": {4}, "ipv6": {6}, "dualstack": {4, 6}}
STATES_THAT_CARRY = ("available", "partial")
POLICIES = "https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html"


_SPELLINGS = {"onlyinboundresolver": True, "allresolvers": False, "notspecified": None, "not-specified": ""}


def spelled(value: Any) -> Any:
    """CloudFormation's words for the options.

    Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-ec2-vpcendpoint-dnsoptionsspecification.html
    """
    return _SPELLINGS.get(value.lower(), value) if isinstance(value, str) else value


class DnsOptions(Shape):
    """How the names of the endpoint answer."""

    dns_record_ip_type: Annotated[str, Read(spelled)] = field(default="", pattern="^(ipv4|ipv6|dualstack|service-defined|)$")
    private_dns_only_for_inbound_resolver_endpoint: Annotated[bool | None, Read(spelled)] = None


class VpcEndpoint(Resource):
    """A VPC endpoint of any type. Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcEndpoint.html"""

    section: ClassVar[str] = "VpcEndpoints"
    described_interfaces: ClassVar[str] = r"VPC Endpoint Interface (vpce-.+)"
    native_section: ClassVar[str] = "endpoints"
    endpoint_type: ClassVar[str] = ""
    of_vpc_owner: ClassVar[bool] = True
    takes_public_addresses: ClassVar[bool] = False

    id: str = field(api="VpcEndpointId")
    vpc_id: Annotated[str, refers_to("vpc")]
    vpc_endpoint_type: str = ""
    service_name: str
    service_region: str | None = None
    """Where the service is, if not in the endpoint's own Region."""
    state: str = "available"
    policy_document: Any = None
    awaits_acceptance: bool = field(default=False, dumped=False)
    """Whether nothing says what became of the request, so that it is pending if the provider has to accept it."""

    @classmethod
    def described(cls, declaration: Declaration) -> Declared:
        """An endpoint of this type: the API lists those of all types together."""
        fields = dict(declaration.fields)
        type, state = str(fields.get("VpcEndpointType", "Gateway")), str(fields.get("State", ""))
        if type.lower() not in cls.endpoint_type.lower().split("|") or state.lower() in ("deleted", "rejected", "expired"):
            return
        fields |= {"VpcEndpointType": type[:1].upper() + type[1:], "PolicyDocument": decoded(fields.get("PolicyDocument"))}
        for interface in fields.get("NetworkInterfaceIds") or ():
            yield Patch(interface, {"AttachedTo": declaration.id}, declaration.origin)
        yield Draft(cls, declaration.id, fields, declaration.origin)

    def spelled(self, topology: "Topology") -> dict[str, Any]:
        """With its type, which tells it from endpoints of another one, and its state where nothing is awaited."""
        fields = super().spelled(topology)
        fields.pop("awaits_acceptance", None)
        if self.endpoint_type != "Interface":
            fields["type" if "type" in self.native_names else "vpc_endpoint_type"] = self.vpc_endpoint_type
        if not self.awaits_acceptance:
            fields["state"] = self.state
        return fields

    @classmethod
    def names_in_doubt(cls, declaration: Declaration, changed: Set[str]) -> Iterable[str]:
        fields = with_service_name(declaration)
        if changed and changed <= {"Groups", *cls.permissions}:
            return ()
        if fields.get("VpcEndpointType", "Gateway") != "Interface" or fields.get("PrivateDnsEnabled") in (False, "false"):
            return ()
        name = fields.get("ServiceName")
        if not isinstance(name, str):
            return ("",)
        try:
            return services.private_dns_names(name)
        except UnknownName:
            return ("",)

    def chosen_ip_type(self, topology: "Topology") -> str:
        """The type of its addresses: as asked for, or else IPv4 where one of its subnets has that."""
        subnets: list[Any] = [topology.resources[id] for id in getattr(self, "subnet_ids", ())]
        asked: str = getattr(self, "ip_address_type", "")
        return asked or ("ipv4" if any(subnet.cidr_block for subnet in subnets) or not subnets else "ipv6")

    def families(self, topology: "Topology") -> set[int]:
        """The IP versions that it takes."""
        return FAMILIES[self.chosen_ip_type(topology)]

    def subnet_refusals(self, ids: Iterable[str], topology: "Topology") -> Iterable[Problem]:
        """Subnets whose blocks do not go with the type of its addresses.

        Sources: https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html,
        https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-resources.html
        """
        chosen = self.chosen_ip_type(topology)
        for subnet in (topology.need(Subnet, id) for id in ids):
            families = {block.family for block in subnet.blocks}
            if not FAMILIES[chosen] <= families or (chosen == "ipv6" and families != FAMILIES[chosen]):
                message = f"{self.id}: the address type {chosen} does not go with the blocks of {subnet.id}"
                yield refuse(message, "InvalidParameter", self)

    @property
    def carries(self) -> bool:
        """Whether the state lets traffic through."""
        return self.state.lower() in STATES_THAT_CARRY

    def findings(self, net: "Network") -> Iterable[Finding]:
        """A policy without an Allow: it takes the place of the default one, so that every request is denied.

        Source: https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html
        """
        policy = decoded(self.policy_document)
        statements = as_list(policy.get("Statement")) if isinstance(policy, Mapping) else []
        effects = [statement.get("Effect") for statement in statements if isinstance(statement, Mapping)]
        if effects and "Allow" not in effects:
            because = "its policy has no Allow, so that every request is denied here"
            yield Finding("endpoint-policy-allows-nothing", self.id, because, POLICIES, self.origin)

    def request_context(self, packet: Packet, net: "Network") -> Mapping[str, str]:
        return {"aws:SourceVpce": self.id, "aws:SourceVpc": self.vpc_id, "aws:VpcSourceIp": packet.source}


def is_gateway_load_balancer(fields: Mapping[str, Any]) -> bool:
    """Whether a native entry is an endpoint for appliances."""
    return str(fields.get("VpcEndpointType", "")).lower().replace("_", "").replace(" ", "") == "gatewayloadbalancer"


def with_service_name(declaration: Declaration) -> dict[str, Any]:
    """The fields, with the short name of an AWS service spelled out: `sqs` as `com.amazonaws.us-east-1.sqs`."""
    fields = dict(declaration.fields)
    name = fields.get("ServiceName")
    if isinstance(name, str) and not name.startswith(("com.", "cn.com.", "aws.")):
        with suppress(UnknownName):
            fields["ServiceName"] = services.full_service_name(name, str(fields.get("ServiceRegion") or declaration.region))
    return fields
