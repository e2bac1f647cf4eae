"""A core network of Cloud WAN: joins VPCs, VPNs and other networks of many Regions in segments.

A route leads to it from a VPC that has an attachment. Which segment the attachment is in, and what that segment may reach,
is decided by the policy of the core network, and policies are not modelled: it is undecided.

Sources: https://docs.aws.amazon.com/network-manager/latest/cloudwan/cloudwan-route-evaluation.html,
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-networkmanager-corenetwork.html.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from vpcsim.codes import Code
from vpcsim.packet import Packet
from vpcsim.resource import Declaration, Declared, Draft, Patch, Resource, TerraformSpelling, as_list
from vpcsim.shape import field
from vpcsim.trace import Disposition, Step

if TYPE_CHECKING:
    from vpcsim.network import Network


class CoreNetwork(Resource):
    """See the module."""

    kind: ClassVar[str] = "core_network"
    section: ClassVar[str] = "CoreNetworks"
    described_as: ClassVar[tuple[str, ...]] = ("Attachments",)
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::NetworkManager::CoreNetwork", "AWS::NetworkManager::VpcAttachment")
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={
            "aws_networkmanager_core_network": "AWS::NetworkManager::CoreNetwork",
            "aws_networkmanager_vpc_attachment": "AWS::NetworkManager::VpcAttachment",
        },
    )
    native_names: ClassVar[Mapping[str, str]] = {"vpcs": "Vpcs"}
    native_scalar: ClassVar[str] = "Vpcs"
    route_target: ClassVar[str] = "CoreNetworkArn"

    id: str = field(api="CoreNetworkId")
    vpcs: tuple[str, ...] = ()
    """The VPCs with an attachment: ids, or ARNs that end with one."""

    @classmethod
    def described(cls, declaration: Declaration) -> Declared:
        """Routes name a core network by its ARN; its VPCs come with `list-attachments`."""
        fields = dict(declaration.fields)
        arn = fields.pop("CoreNetworkArn", None) or fields.get("CoreNetworkId")
        if declaration.type == cls.section:
            yield Draft(cls, str(arn or ""), fields, declaration.origin)
        elif fields.get("AttachmentType") == "VPC":
            yield Patch(str(arn), {"Vpcs": [fields["ResourceArn"]]}, declaration.origin)

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        if declaration.type == "AWS::NetworkManager::CoreNetwork":
            yield Draft(cls, declaration.id, {}, declaration.origin)
        else:
            yield Patch(
                fields.get("CoreNetworkId", ""), {"Vpcs": [fields.get("VpcArn", "")]}, declaration.origin, key="CoreNetworkId"
            )

    @classmethod
    def cloudformation_attribute(cls, declaration: Declaration, attribute: str) -> Any:
        return declaration.id if attribute in ("CoreNetworkId", "CoreNetworkArn") else None

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        if "Vpcs" in fields:
            fields["Vpcs"] = as_list(fields["Vpcs"])
        yield Draft(cls, declaration.id, fields, declaration.origin)

    def takes_from(self, vpc_id: str) -> bool:
        return any(vpc == vpc_id or vpc.endswith(f"/{vpc_id}") for vpc in self.vpcs)

    def receive(self, packet: Packet, came_from: str | None, net: "Network") -> Iterator[Step]:
        because = "{at}: the segments and the policy of a core network are not modelled"
        yield Step(self.id, because, packet, disposition=Disposition.UNDECIDED, code=Code.VPCSIM_NOT_MODELLED)
