"""How the input formats write an attachment of a core network.

Sources: https://docs.aws.amazon.com/networkmanager/latest/APIReference/API_VpcAttachment.html and its like,
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/AWS_NetworkManager.html,
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/networkmanager_vpc_attachment
"""

import re
from collections.abc import Mapping
from typing import Any

from vpcsim.resource import Declaration, TerraformSpelling, as_list

VPC = "VPC"
TYPES = {
    "vpc": VPC,
    "site-to-site-vpn": "SITE_TO_SITE_VPN",
    "connect": "CONNECT",
    "direct-connect-gateway": "DIRECT_CONNECT_GATEWAY",
    "transit-gateway-route-table": "TRANSIT_GATEWAY_ROUTE_TABLE",
}
"""The types of attachments as policies write them, with the API's words."""
OPTIONS = {
    "ApplianceModeSupport": "appliance_mode",
    "DnsSupport": "dns_support",
    "Ipv6Support": "ipv6",
    "SecurityGroupReferencingSupport": "security_group_referencing",
}
BEHIND = {
    "VpnConnectionId": "SITE_TO_SITE_VPN",
    "DirectConnectGatewayId": "DIRECT_CONNECT_GATEWAY",
    "TransitGatewayRouteTableId": "TRANSIT_GATEWAY_ROUTE_TABLE",
}
"""Words of the native format for what is behind an attachment, with the type that they imply."""
NATIVE_NAMES = {
    "core_network": "CoreNetworkId",
    "vpc": "VpcId",
    "subnets": "SubnetIds",
    "vpn": "VpnConnectionId",
    "direct_connect_gateway": "DirectConnectGatewayId",
    "transit_gateway_route_table": "TransitGatewayRouteTableId",
    "peering": "PeeringId",
    "transport": "TransportAttachmentId",
    "type": "AttachmentType",
    "resource": "ResourceId",
    "state": "State",
    "accepted": "Accepted",
    "edges": "EdgeLocations",
    "segment": "SegmentName",
    "network_function_group": "NetworkFunctionGroupName",
    "as_path": "AsPathLength",
    "routing_policy_label": "RoutingPolicyLabel",
    **{word: name for name, word in OPTIONS.items()},
}
_PREFIX = "AWS::NetworkManager::"
TERRAFORM = TerraformSpelling(
    types={
        "aws_networkmanager_vpc_attachment": f"{_PREFIX}VpcAttachment",
        "aws_networkmanager_site_to_site_vpn_attachment": f"{_PREFIX}SiteToSiteVpnAttachment",
        "aws_networkmanager_connect_attachment": f"{_PREFIX}ConnectAttachment",
        "aws_networkmanager_dx_gateway_attachment": f"{_PREFIX}DirectConnectGatewayAttachment",
        "aws_networkmanager_transit_gateway_route_table_attachment": f"{_PREFIX}TransitGatewayRouteTableAttachment",
        "aws_networkmanager_attachment_accepter": "aws_networkmanager_attachment_accepter",
        "aws_networkmanager_attachment_routing_policy_label": "aws_networkmanager_attachment_routing_policy_label",
    },
    once=("options",),
    refers={
        "attachment_id": (
            "aws_networkmanager_vpc_attachment",
            "aws_networkmanager_site_to_site_vpn_attachment",
            "aws_networkmanager_connect_attachment",
            "aws_networkmanager_dx_gateway_attachment",
            "aws_networkmanager_transit_gateway_route_table_attachment",
        ),
        "core_network_id": ("aws_networkmanager_core_network", "aws_networkmanager_core_network_policy_attachment"),
        "vpc_arn": ("aws_vpc",),
        "vpn_connection_arn": ("aws_vpn_connection",),
        "direct_connect_gateway_arn": ("aws_dx_gateway",),
        "transit_gateway_route_table_arn": ("aws_ec2_transit_gateway_route_table",),
        "transport_attachment_id": ("aws_networkmanager_vpc_attachment",),
        "peering_id": ("aws_networkmanager_transit_gateway_peering",),
    },
)
_ARN = re.compile(r"arn:[^:]*:[^:]*:[^:]*:[^:]*:[a-z-]+/(.+)")


def id_of(arn: Any) -> Any:
    """The id at the end of an ARN, or the text itself if it is none."""
    match = _ARN.fullmatch(arn) if isinstance(arn, str) else None
    return match[1] if match else arn


def cloudformation_attachment(declaration: Declaration) -> dict[str, Any]:
    """A resource of a template: its type tells what is attached."""
    fields = dict(declaration.fields)
    name = declaration.type.removeprefix(_PREFIX)
    made: dict[str, Any] = {"AttachmentType": _type_of(name), "EdgeLocations": _edges(fields)}
    for key in (
        "CoreNetworkId",
        "PeeringId",
        "TransportAttachmentId",
        "Tags",
        "Options",
        "Region",
        "OwnerId",
        "RoutingPolicyLabel",
    ):
        if key in fields:
            made[key] = fields[key]
    made["CoreNetworkId"] = id_of(made.get("CoreNetworkId"))
    return made | _ends(fields)


def described_attachment(declaration: Declaration) -> dict[str, Any] | None:
    """An item of `list-attachments`, or the answer of `get-vpc-attachment` and its like; None for what is no more.

    Source: https://docs.aws.amazon.com/networkmanager/latest/APIReference/API_ListAttachments.html
    """
    fields = dict(declaration.fields)
    inner = fields.pop("Attachment", None)
    made = {**fields, **(inner if isinstance(inner, Mapping) else {})}
    if made.get("State") in ("REJECTED", "FAILED", "DELETED") or not made.get("AttachmentId"):
        return None
    kind = made.get("AttachmentType")
    made["EdgeLocations"] = _edges(made)
    end = id_of(made.get("ResourceArn"))
    if end:
        made.setdefault("VpcId" if kind == VPC else "ResourceId", end)
    made.pop("Value", None)
    made.setdefault("RoutingPolicyLabel", None)
    return made | _ends(fields)


def native_attachment(declaration: Declaration) -> dict[str, Any]:
    """An entry of the native format, or a change of one."""
    fields, existing = dict(declaration.fields), declaration.existing
    for name in ("SubnetIds", "EdgeLocations"):
        if name in fields:
            fields[name] = as_list(fields[name])
    told = {name: fields.pop(name) for name in OPTIONS if name in fields}
    if told:
        fields["Options"] = {**existing.get("Options", {}), **fields.get("Options", {}), **told}
    if "Accepted" in fields:
        fields["State"] = "AVAILABLE" if fields.pop("Accepted") else "PENDING_ATTACHMENT_ACCEPTANCE"
    for name, type in BEHIND.items():
        if name in fields:
            fields |= {"ResourceId": fields.pop(name), "AttachmentType": type}
    if "AttachmentType" in fields:
        fields["AttachmentType"] = TYPES.get(str(fields["AttachmentType"]), fields["AttachmentType"])
    elif fields.get("TransportAttachmentId"):
        fields["AttachmentType"] = "CONNECT"
    if fields.get("AttachmentType", existing.get("AttachmentType", VPC)) != VPC:
        fields["VpcId"] = None
    return fields


def _edges(fields: dict[str, Any]) -> list[Any]:
    edge = fields.pop("EdgeLocation", None)
    return [edge] if edge else as_list(fields.get("EdgeLocations"))


def _type_of(name: str) -> str:
    words = re.findall(r"[A-Z][a-z]*", name.removesuffix("Attachment"))
    return "_".join(words).upper()


def _ends(fields: Mapping[str, Any]) -> dict[str, Any]:
    """What is attached, by the ARNs that name it."""
    made: dict[str, Any] = {}
    if "VpcArn" in fields:
        made["VpcId"] = id_of(fields["VpcArn"])
    if "SubnetArns" in fields:
        made["SubnetIds"] = [id_of(arn) for arn in as_list(fields["SubnetArns"])]
    for name in ("VpnConnectionArn", "DirectConnectGatewayArn", "TransitGatewayRouteTableArn"):
        if fields.get(name):
            made["ResourceId"] = id_of(fields[name])
    return made
