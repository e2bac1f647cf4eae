"""A customer gateway: the router at the far end of a VPN connection, and which network is behind it.

AWS only keeps its address and its ASN; the device is the customer's, and its own rules are not modelled.

Sources: https://docs.aws.amazon.com/vpn/latest/s2svpn/cgw-options.html,
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-customergateway.html.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, ClassVar

from vpcsim.gateways.announcing import CustomerSide
from vpcsim.resource import Address, Declaration, Declared, Draft, Link, TerraformSpelling
from vpcsim.shape import field

if TYPE_CHECKING:
    from vpcsim.network import Index, Network


class CustomerGateway(CustomerSide):
    """See the module."""

    kind: ClassVar[str] = "customer_gateway"
    section: ClassVar[str] = "CustomerGateways"
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::EC2::CustomerGateway",)
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={"aws_customer_gateway": "AWS::EC2::CustomerGateway", "data.aws_customer_gateway": "AWS::EC2::CustomerGateway"},
    )
    native_names: ClassVar[Mapping[str, str]] = {"ip": "IpAddress", "network": "OnPremisesNetworkId", "asn": "BgpAsn"}
    native_scalar: ClassVar[str] = "OnPremisesNetworkId"

    id: str = field(api="CustomerGatewayId")
    ip_address: Address | None = None
    bgp_asn: str = "65000"
    type: str = "ipsec.1"
    state: str = "available"

    @classmethod
    def described(cls, declaration: Declaration) -> Declared:
        if declaration.fields.get("State") != "deleted":
            yield Draft(cls, declaration.id, dict(declaration.fields), declaration.origin)

    def register(self, index: "Index") -> None:
        """It is no place of its own: a VPN connection leads to the network."""

    def links(self, net: "Network") -> Iterable[Link]:
        yield Link(self.id, self.network, "edge of")
