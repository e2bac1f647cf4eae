"""What the API calls one resource, a VPC endpoint: the fields that its types share, each type being a room of its own."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from vpcsim import services
from vpcsim.errors import UnknownName
from vpcsim.packet import Packet
from vpcsim.resource import Declaration, Resource, refers_to
from vpcsim.shape import field

if TYPE_CHECKING:
    from vpcsim.network import Network

STATES_THAT_CARRY = ("available", "partial")


class VpcEndpoint(Resource):
    """A VPC endpoint of any type. Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcEndpoint.html"""

    section: ClassVar[str] = "VpcEndpoints"
    native_section: ClassVar[str] = "endpoints"
    endpoint_type: ClassVar[str] = ""

    id: str = field(api="VpcEndpointId")
    vpc_id: Annotated[str, refers_to("vpc")]
    vpc_endpoint_type: str = ""
    service_name: str
    state: str = "available"
    policy_document: Any = None
    awaits_acceptance: bool = field(default=False, dumped=False)
    """Whether nothing says what became of the request, so that it is pending if the provider has to accept it."""

    @classmethod
    def names_in_doubt(cls, declaration: Declaration) -> Iterable[str]:
        fields = with_service_name(declaration)
        if fields.get("VpcEndpointType", "Gateway") != "Interface" or fields.get("PrivateDnsEnabled") in (False, "false"):
            return ()
        name = fields.get("ServiceName")
        if not isinstance(name, str):
            return ("",)
        try:
            return services.private_dns_names(name)
        except UnknownName:
            return ("",)

    @property
    def carries(self) -> bool:
        """Whether the state lets traffic through."""
        return self.state.lower() in STATES_THAT_CARRY

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
            fields["ServiceName"] = services.full_service_name(name, declaration.region)
    return fields
