"""An attachment of a transit gateway: what packets enter it and leave it by.

The attachment of a VPC has one subnet in each zone that it serves. A peering attachment belongs to two gateways. An
attachment of any other type names the place behind it: the gateway's packets go there, and what that place sends into
the gateway goes to the attachment first.

Sources: https://docs.aws.amazon.com/vpc/latest/tgw/tgw-vpc-attachments.html,
https://docs.aws.amazon.com/vpc/latest/tgw/tgw-peering.html,
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TransitGatewayAttachment.html,
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateTransitGatewayVpcAttachmentRequestOptions.html (defaults).
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from vpcsim.codes import Code
from vpcsim.errors import Problem, nearest
from vpcsim.gateways.attaching import Attaching
from vpcsim.packet import Packet
from vpcsim.prefixes import Prefix
from vpcsim.resource import Declaration, Declared, Draft, Link, Patch, TerraformSpelling, as_list, refers_to, refuse
from vpcsim.shape import Read, Shape, field
from vpcsim.trace import Step

if TYPE_CHECKING:
    from vpcsim.network import Network
    from vpcsim.topology import Topology

Switch = Annotated[str, Read(lambda value: ("enable" if value else "disable") if isinstance(value, bool) else value)]
"""`enable` or `disable`; the native format also takes true and false."""
SWITCH = "^(enable|disable)$"
STATES_THAT_CARRY = ("available", "modifying")
VPC, PEERING, CORE_NETWORK = "vpc", "peering", "core-network"
ALIASES = {"tgw-peering": PEERING}
"""Other words of EC2's API for a type."""
RANKS = (
    "vpc",
    "direct-connect-gateway",
    "connect",
    "vpn",
    "vpn-concentrator",
    "client-vpn",
    "network-function",
    PEERING,
    CORE_NETWORK,
)
"""The types of attachments, in the order in which routes of one prefix are preferred when they propagate.

The peering with a core network, to which AWS gives the type of other peerings, is one of its own here: its routes propagate.
"""
OPTIONS = {
    "ApplianceModeSupport": "appliance_mode",
    "DnsSupport": "dns_support",
    "Ipv6Support": "ipv6",
    "SecurityGroupReferencingSupport": "security_group_referencing",
    "DefaultRouteTableAssociation": "default_association",
    "DefaultRouteTablePropagation": "default_propagation",
}


class TransitGatewayAttachmentOptions(Shape):
    """Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_TransitGatewayVpcAttachmentOptions.html"""

    appliance_mode_support: Switch = field(default="disable", pattern=SWITCH)
    dns_support: Switch = field(default="enable", pattern=SWITCH)
    ipv6_support: Switch = field(default="disable", pattern=SWITCH)
    security_group_referencing_support: Switch = field(default="enable", pattern=SWITCH)
    default_route_table_association: Switch = field(default="enable", pattern=SWITCH)
    """Whether it is left in the default table, which Terraform's provider takes it out of if asked. Not an option of AWS's."""
    default_route_table_propagation: Switch = field(default="enable", pattern=SWITCH)


class TransitGatewayAttachment(Attaching):
    """See the module."""

    zone_code: ClassVar[Code] = Code.TGW_ROUTE_AZ_RESTRICTION
    kind: ClassVar[str] = "transit_gateway_attachment"
    of_vpc_owner: ClassVar[bool] = True
    section: ClassVar[str] = "TransitGatewayAttachments"
    described_as: ClassVar[tuple[str, ...]] = ("TransitGatewayVpcAttachments", "TransitGatewayPeeringAttachments")
    cloudformation_types: ClassVar[tuple[str, ...]] = (
        "AWS::EC2::TransitGatewayAttachment",
        "AWS::EC2::TransitGatewayVpcAttachment",
        "AWS::EC2::TransitGatewayPeeringAttachment",
    )
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={
            "aws_ec2_transit_gateway_vpc_attachment": "AWS::EC2::TransitGatewayVpcAttachment",
            "aws_ec2_transit_gateway_peering_attachment": "AWS::EC2::TransitGatewayPeeringAttachment",
            "aws_ec2_transit_gateway_vpc_attachment_accepter": "",
            "aws_ec2_transit_gateway_peering_attachment_accepter": "",
        },
        names={
            "transit_gateway_default_route_table_association": "DefaultRouteTableAssociation",
            "transit_gateway_default_route_table_propagation": "DefaultRouteTablePropagation",
        },
    )
    native_names: ClassVar[Mapping[str, str]] = {
        "transit_gateway": "TransitGatewayId",
        "vpc": "VpcId",
        "subnets": "SubnetIds",
        "peer": "PeerTransitGatewayId",
        "type": "ResourceType",
        "resource": "ResourceId",
        "state": "State",
        **{word: name for name, word in OPTIONS.items()},
    }

    id: str = field(api="TransitGatewayAttachmentId")
    transit_gateway_id: Annotated[str, refers_to("transit_gateway")]
    resource_type: str = field(default=VPC, pattern=f"^({'|'.join(RANKS)})$")
    resource_id: str | None = None
    vpc_id: Annotated[str | None, refers_to("vpc")] = None
    subnet_ids: tuple[Annotated[str, refers_to("subnet")], ...] = ()
    peer_transit_gateway_id: str | None = None
    state: str = "available"
    options: TransitGatewayAttachmentOptions = field(default_factory=TransitGatewayAttachmentOptions)

    @property
    def in_default_table(self) -> bool:
        """Whether it has the gateway's default table without being told."""
        return self.options.default_route_table_association == "enable"

    @classmethod
    def described(cls, declaration: Declaration) -> Declared:
        """An attachment: the list of all kinds tells its table, those of one kind its subnets, its options or its peer."""
        fields = dict(declaration.fields)
        if (alias := ALIASES.get(fields.get("ResourceType", ""))) is not None:
            fields["ResourceType"] = alias
        if fields.get("State") in ("deleted", "rejected", "failed"):
            return
        ends = [fields.pop(name, None) or {} for name in ("RequesterTgwInfo", "AccepterTgwInfo")]
        if any(ends):
            requester, accepter = (end.get("TransitGatewayId") for end in ends)
            fields |= {"TransitGatewayId": requester, "PeerTransitGatewayId": accepter, "ResourceType": PEERING}
        elif fields.get("ResourceType") == PEERING:
            fields["PeerTransitGatewayId"] = fields.get("PeerTransitGatewayId") or fields.get("ResourceId")
        elif fields.get("ResourceType", VPC) == VPC:
            fields.setdefault("VpcId", fields.get("ResourceId"))
        table = (fields.get("Association") or {}).get("TransitGatewayRouteTableId")
        if table:
            used = [{"TransitGatewayAttachmentId": declaration.id}]
            yield Patch(table, {"Associations": used}, declaration.origin)
        yield Draft(cls, declaration.id, fields, declaration.origin)

    @classmethod
    def lacking(cls, fields: Mapping[str, Any]) -> str:
        known = fields.get("ResourceType", VPC) in RANKS
        return "" if known else f"attachments of the type {fields.get('ResourceType')} are not modelled"

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        removed = as_list(fields.pop("RemoveSubnetIds", None))
        subnets = (*as_list(fields.get("SubnetIds")), *as_list(fields.pop("AddSubnetIds", None)))
        fields["SubnetIds"] = [subnet for subnet in subnets if subnet not in removed]
        if fields.get("PeerTransitGatewayId"):
            fields.pop("Options", None)
        yield Draft(cls, declaration.id, _typed(fields), declaration.origin)

    @classmethod
    def terraform(cls, declaration: Declaration) -> Declared:
        """The switches stand beside the ids.

        Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ec2_transit_gateway_vpc_attachment
        """
        fields = dict(declaration.fields)
        if "PeerTransitGatewayId" not in fields and (told := {name: fields[name] for name in OPTIONS if name in fields}):
            fields["Options"] = told
        yield from cls.cloudformation(declaration._replace(fields=fields))

    @classmethod
    def cloudformation_attribute(cls, declaration: Declaration, attribute: str) -> Any:
        return declaration.id if attribute in ("Id", "TransitGatewayAttachmentId") else declaration.fields.get(attribute)

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        fields, existing = dict(declaration.fields), declaration.existing
        if "SubnetIds" in fields:
            fields["SubnetIds"] = as_list(fields["SubnetIds"])
        told = {name: fields.pop(name) for name in OPTIONS if name in fields}
        if told:
            fields["Options"] = {**existing.get("Options", {}), **fields.get("Options", {}), **told}
        yield Draft(cls, declaration.id, fields if existing else _typed(fields), declaration.origin)

    @property
    def gateways(self) -> tuple[str, ...]:
        """The gateways that it is attached to: two for a peering, one otherwise."""
        peer = (self.peer_transit_gateway_id,) if self.peer_transit_gateway_id else ()
        return (self.transit_gateway_id, *peer)

    @property
    def carries(self) -> bool:
        """Whether the state lets traffic through."""
        return self.state in STATES_THAT_CARRY

    @property
    def is_of_a_vpc(self) -> bool:
        return self.resource_type == VPC

    @property
    def appliance_mode(self) -> bool:
        return self.options.appliance_mode_support == "enable"

    @property
    def propagates_ipv6(self) -> bool:
        """Whether its IPv6 blocks become routes. The setting does not filter packets.

        Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateTransitGatewayVpcAttachmentRequestOptions.html
        """
        return not self.is_of_a_vpc or self.options.ipv6_support == "enable"

    @property
    def keeps_groups(self) -> bool:
        return self.options.security_group_referencing_support == "enable"

    def refusals(self, topology: "Topology") -> Iterable[Problem]:
        if self.is_of_a_vpc:
            region = topology.region_of(self.transit_gateway_id)
            for message, code in self.subnet_faults(self.transit_gateway_id, region, topology):
                yield refuse(message, code, self)
        elif self.resource_type == PEERING and self.peer_transit_gateway_id in (None, self.transit_gateway_id):
            yield refuse(f"{self.id}: a peering needs another transit gateway as its peer", "InvalidParameterValue", self)
        behind = self.resource_id or ""
        skipped = {known.id for known in topology.settings.skipped}
        if behind and behind not in {*topology.resources, *skipped} and (close := nearest(behind, topology.resources)):
            yield Problem(f"{self.id}: nothing is called `{behind}`; did you mean `{close}`?", self.origin)

    @classmethod
    def check(cls, topology: "Topology") -> Iterable[Problem]:
        """The list of EC2's error codes has none for a second attachment; the API is known to give the one that stands here.

        Source: https://docs.aws.amazon.com/vpc/latest/tgw/tgw-vpc-attachments.html
        """
        yield from super().check(topology)
        first: dict[tuple[str, str], TransitGatewayAttachment] = {}
        for attachment in topology.of(cls):
            if attachment.vpc_id:
                known = first.setdefault((attachment.transit_gateway_id, attachment.vpc_id), attachment)
                if known is not attachment:
                    message = (
                        f"{attachment.id}: {known.id} attaches {attachment.vpc_id} to {attachment.transit_gateway_id} already"
                    )
                    yield refuse(message, "DuplicateTransitGatewayAttachment", attachment)

    def propagated(self, net: "Network") -> tuple[Prefix, ...] | None:
        """As every attachment, but a peering has static routes only."""
        return () if self.resource_type == PEERING else super().propagated(net)

    @property
    def propagates_unasked(self) -> bool:
        """Whether a table to which everything propagates gets its routes."""
        asked = self.options.default_route_table_propagation == "enable"
        return asked and self.resource_type not in (PEERING, CORE_NETWORK)

    def receive(self, packet: Packet, came_from: str | None, net: "Network") -> Iterator[Step]:
        yield from self.pass_on(self.gateways, packet, came_from, net)

    def links(self, net: "Network") -> Iterable[Link]:
        for gateway in self.gateways:
            yield Link(self.id, gateway, "attached to")
        if behind := self.vpc_id or self.resource_id:
            yield Link(behind, self.id, "attached by")
        for subnet in self.subnet_ids:
            yield Link(self.id, subnet, "leaves by")


def _typed(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields of a new attachment with its type, and with the VPC only where it is one of a VPC."""
    peer = fields.get("PeerTransitGatewayId")
    told = PEERING if peer else VPC
    fields["ResourceType"] = fields.get("ResourceType") or told
    if fields["ResourceType"] != VPC:
        fields["VpcId"] = None
    elif fields.get("VpcId") is None:
        fields["VpcId"] = fields.get("ResourceId")
    fields["ResourceId"] = fields.get("ResourceId") or peer or fields.get("VpcId")
    return fields
