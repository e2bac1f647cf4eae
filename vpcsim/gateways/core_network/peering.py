"""A peering of a core network with a transit gateway of one of its Regions.

By itself it carries nothing: a route table of the transit gateway that is attached by it exchanges its routes with a segment.

Source: https://docs.aws.amazon.com/network-manager/latest/cloudwan/cloudwan-peerings.html.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from vpcsim.errors import Problem
from vpcsim.gateways.core_network.spellings import id_of
from vpcsim.resource import Declaration, Declared, Draft, Link, Resource, TerraformSpelling, refers_to, refuse
from vpcsim.shape import field

if TYPE_CHECKING:
    from vpcsim.network import Network
    from vpcsim.topology import Topology


class CoreNetworkPeering(Resource):
    """See the module."""

    kind: ClassVar[str] = "core_network_peering"
    section: ClassVar[str] = "CoreNetworkPeerings"
    described_as: ClassVar[tuple[str, ...]] = ("Peerings", "TransitGatewayPeering")
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::NetworkManager::TransitGatewayPeering",)
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={"aws_networkmanager_transit_gateway_peering": "AWS::NetworkManager::TransitGatewayPeering"},
        refers={
            "core_network_id": ("aws_networkmanager_core_network", "aws_networkmanager_core_network_policy_attachment"),
            "transit_gateway_arn": ("aws_ec2_transit_gateway",),
        },
    )
    native_names: ClassVar[Mapping[str, str]] = {
        "core_network": "CoreNetworkId",
        "transit_gateway": "TransitGatewayId",
        "state": "State",
    }

    id: str = field(api="PeeringId")
    core_network_id: Annotated[str, refers_to("core_network")]
    transit_gateway_id: Annotated[str, refers_to("transit_gateway")]
    state: str = "AVAILABLE"

    @classmethod
    def described(cls, declaration: Declaration) -> Declared:
        """An item of `list-peerings`, or the answer of `get-transit-gateway-peering`."""
        fields = dict(declaration.fields)
        inner = fields.pop("Peering", None)
        made = {**fields, **(inner if isinstance(inner, Mapping) else {})}
        if made.get("State") in ("DELETING", "FAILED") or not made.get("PeeringId"):
            return
        made["TransitGatewayId"] = id_of(made.get("TransitGatewayArn") or made.get("ResourceArn"))
        yield Draft(cls, str(made["PeeringId"]), made, declaration.origin)

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        fields["TransitGatewayId"] = id_of(fields.pop("TransitGatewayArn", None))
        fields["CoreNetworkId"] = id_of(fields.get("CoreNetworkId"))
        yield Draft(cls, declaration.id, fields, declaration.origin)

    @classmethod
    def cloudformation_attribute(cls, declaration: Declaration, attribute: str) -> Any:
        return declaration.id if attribute == "PeeringId" else declaration.fields.get(attribute)

    def refusals(self, topology: "Topology") -> Iterable[Problem]:
        core: Any = topology.resources.get(self.core_network_id)
        configuration = core.policy_document.core_network_configuration if core is not None and core.policy_document else None
        locations = configuration.edge_locations if configuration else ()
        edges = {edge.location: edge.asn for edge in locations}
        region = topology.region_of(self.transit_gateway_id)
        gateway: Any = topology.resources.get(self.transit_gateway_id)
        if gateway is not None and edges.get(region) == gateway.options.amazon_side_asn:
            message = f"{self.id}: {self.transit_gateway_id} and the edge in {region} have the same ASN, {edges[region]}"
            yield refuse(message, "ValidationException", self)
        if edges and region not in edges:
            message = f"{self.id}: {self.transit_gateway_id} is in {region}, where {self.core_network_id} has no edge"
            yield refuse(message, "ValidationException", self)

    def links(self, net: "Network") -> Iterable[Link]:
        yield Link(self.transit_gateway_id, self.id, "peers by")
        yield Link(self.id, self.core_network_id, "peers with")
