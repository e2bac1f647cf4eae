"""An attachment of a core network: what packets enter it and leave it by, and in which segment.

The attachment of a VPC has one subnet in each zone that it serves, in the Region of the VPC. An attachment of any other type
names the place behind it: a VPN connection, a Direct Connect gateway, a route table of a peered transit gateway, or what is
at the end of Connect tunnels. The policy of the core network puts it into a segment or a network function group, and lets it
in at once or waits for somebody to accept it.

Sources: https://docs.aws.amazon.com/network-manager/latest/cloudwan/cloudwan-vpc-attachment.html,
https://docs.aws.amazon.com/network-manager/latest/cloudwan/cloudwan-s2s-vpn-attachment.html,
https://docs.aws.amazon.com/network-manager/latest/cloudwan/cloudwan-connect-attachment.html,
https://docs.aws.amazon.com/network-manager/latest/cloudwan/cloudwan-dxattach-about.html,
https://docs.aws.amazon.com/network-manager/latest/cloudwan/cloudwan-tgw-attachment.html,
https://docs.aws.amazon.com/network-manager/latest/cloudwan/cloudwan-attachments-acceptance.html,
https://docs.aws.amazon.com/networkmanager/latest/APIReference/API_Attachment.html.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from vpcsim.codes import Code
from vpcsim.errors import Problem, nearest
from vpcsim.fabric.route_targets import is_aws_id
from vpcsim.gateways.announcing import Announcement, attachment_of, join
from vpcsim.gateways.attaching import Attaching
from vpcsim.gateways.core_network.policy import Attached, Placement, Policy
from vpcsim.gateways.core_network.spellings import (
    NATIVE_NAMES,
    TERRAFORM,
    TYPES,
    VPC,
    cloudformation_attachment,
    described_attachment,
    native_attachment,
)
from vpcsim.packet import Packet
from vpcsim.prefixes import Prefix
from vpcsim.resource import Declaration, Declared, Draft, Link, Patch, Resource, TerraformSpelling, refers_to, refuse
from vpcsim.shape import Shape, field
from vpcsim.trace import Step

if TYPE_CHECKING:
    from vpcsim.network import Index, Network
    from vpcsim.topology import Topology

AVAILABLE, PENDING = "AVAILABLE", "PENDING_ATTACHMENT_ACCEPTANCE"
STATES_THAT_CARRY = (AVAILABLE, "UPDATING", "PENDING_NETWORK_UPDATE", "PENDING_TAG_ACCEPTANCE")
STATES = "^(REJECTED|PENDING_ATTACHMENT_ACCEPTANCE|CREATING|FAILED|DELETING|" + "|".join(STATES_THAT_CARRY) + ")$"
DIRECT_CONNECT, TRANSIT_GATEWAY = "DIRECT_CONNECT_GATEWAY", "TRANSIT_GATEWAY_ROUTE_TABLE"
STATEMENTS = {
    "aws_networkmanager_attachment_accepter": {"State": AVAILABLE},
    "aws_networkmanager_attachment_routing_policy_label": {"RoutingPolicyLabel": ""},
}
"""What Terraform says of an attachment elsewhere, by the type of the statement."""


class CoreNetworkAttachmentOptions(Shape):
    """Source: https://docs.aws.amazon.com/networkmanager/latest/APIReference/API_VpcOptions.html"""

    appliance_mode_support: bool = False
    dns_support: bool = True
    ipv6_support: bool = False
    security_group_referencing_support: bool = True


class CoreNetworkAttachment(Attaching):
    """See the module."""

    zone_code: ClassVar[Code] = Code.VPCSIM_ATTACHMENT_ZONE
    kind: ClassVar[str] = "core_network_attachment"
    section: ClassVar[str] = "CoreNetworkAttachments"
    described_as: ClassVar[tuple[str, ...]] = (
        "Attachments",
        "VpcAttachment",
        "SiteToSiteVpnAttachment",
        "ConnectAttachment",
        "DirectConnectGatewayAttachment",
        "TransitGatewayRouteTableAttachment",
        "AttachmentRoutingPolicyAssociations",
    )
    cloudformation_types: ClassVar[tuple[str, ...]] = tuple(f"AWS::NetworkManager::{name}" for name in described_as[1:-1])
    terraform_spelling: ClassVar[TerraformSpelling] = TERRAFORM
    native_names: ClassVar[Mapping[str, str]] = NATIVE_NAMES

    id: str = field(api="AttachmentId")
    core_network_id: Annotated[str | None, refers_to("core_network")] = None
    attachment_type: str = field(default=VPC, pattern=f"^({'|'.join(TYPES.values())})$")
    state: str = field(default="", pattern=f"{STATES[:-2]}|)$")
    vpc_id: Annotated[str | None, refers_to("vpc")] = None
    subnet_ids: tuple[Annotated[str, refers_to("subnet")], ...] = ()
    resource_id: str | None = None
    peering_id: Annotated[str | None, refers_to("core_network_peering")] = None
    transport_attachment_id: Annotated[str | None, refers_to("core_network_attachment")] = None
    edge_locations: tuple[str, ...] = ()
    segment_name: str | None = None
    network_function_group_name: str | None = None
    as_path_length: int | None = field(default=None, ge=1)
    """How many networks away what is behind it says to be, where that decides between several."""
    routing_policy_label: str | None = ""
    """What rules for routing policies know it by. None: that is not known."""
    options: CoreNetworkAttachmentOptions = field(default_factory=CoreNetworkAttachmentOptions)
    doubt: str = field(default="", dumped=False)
    """Why it is not known where the policy puts it."""

    @classmethod
    def described(cls, declaration: Declaration) -> Declared:
        """An attachment, or with `list-attachment-routing-policy-associations` its label.

        Source: https://docs.aws.amazon.com/networkmanager/latest/APIReference/API_ListAttachmentRoutingPolicyAssociations.html
        """
        if declaration.type == cls.described_as[-1]:
            label = {"RoutingPolicyLabel": declaration.fields.get("RoutingPolicyLabel") or ""}
            yield Patch(str(declaration.fields.get("AttachmentId")), label, declaration.origin)
        elif (fields := described_attachment(declaration)) is not None:
            yield Draft(cls, fields["AttachmentId"], fields, declaration.origin)

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        yield Draft(cls, declaration.id, cloudformation_attachment(declaration), declaration.origin)

    @classmethod
    def cloudformation_attribute(cls, declaration: Declaration, attribute: str) -> Any:
        return declaration.id if attribute == "AttachmentId" else declaration.fields.get(attribute)

    @classmethod
    def terraform(cls, declaration: Declaration) -> Declared:
        """An accepter is a statement about the attachment that it accepts, and a label one about that which it is for.

        Sources: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/networkmanager_attachment_accepter,
        https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/networkmanager_attachment_routing_policy_label
        """
        if declaration.type in STATEMENTS:
            said = {name: declaration.fields.get(name) or value for name, value in STATEMENTS[declaration.type].items()}
            yield Patch(declaration.fields.get("AttachmentId", ""), said, declaration.origin, key="attachment_id")
        else:
            yield from cls.cloudformation(declaration)

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        yield Draft(cls, declaration.id, native_attachment(declaration), declaration.origin)

    @property
    def carries(self) -> bool:
        return self.state in STATES_THAT_CARRY

    @property
    def is_of_a_vpc(self) -> bool:
        return self.attachment_type == VPC

    @property
    def appliance_mode(self) -> bool:
        return self.options.appliance_mode_support

    @property
    def propagates_ipv6(self) -> bool:
        return not self.is_of_a_vpc or self.options.ipv6_support

    @property
    def keeps_groups(self) -> bool:
        return self.options.security_group_referencing_support

    @property
    def takes_static_routes(self) -> bool:
        """Whether a static route may lead here.

        Sources: https://docs.aws.amazon.com/network-manager/latest/cloudwan/cloudwan-dxattach-about.html,
        https://docs.aws.amazon.com/network-manager/latest/cloudwan/cloudwan-peerings.html
        """
        return self.attachment_type not in (DIRECT_CONNECT, TRANSIT_GATEWAY)

    @property
    def belongs_to(self) -> str | None:
        """The segment or the network function group that it is in."""
        return self.segment_name or self.network_function_group_name

    def implied(self, topology: "Topology") -> Iterable[Resource]:
        """What follows from the policy: its Regions, its place, and whether it is let in."""
        peering: Any = topology.resources.get(self.peering_id or "")
        core: Any = topology.resources.get(self.core_network_id or getattr(peering, "core_network_id", "") or "")
        policy: Policy | None = getattr(core, "policy_document", None)
        edges = self.edge_locations or (topology.region_of(self._behind(topology)),)
        if not self.edge_locations and self.attachment_type == DIRECT_CONNECT and policy:
            edges = policy.edges
        placement = policy.placed(self._seen(edges, topology)) if policy else Placement()
        told = bool(self.belongs_to)
        usual = AVAILABLE if told or placement.accepted else PENDING
        if peering is not None and peering.state != AVAILABLE:
            usual = peering.state
        found = {
            "core_network_id": core.id if core else None,
            "edge_locations": edges,
            "segment_name": None if told else placement.segment,
            "network_function_group_name": None if told else placement.group,
            "state": usual,
        }
        made: CoreNetworkAttachment = self.but(**{name: value for name, value in found.items() if not getattr(self, name)})
        yield made.replaced(doubt="" if told else placement.doubt)

    def _behind(self, topology: "Topology") -> str | None:
        """What tells its Region: the VPC, or the place behind it."""
        transport = topology.get(CoreNetworkAttachment, self.transport_attachment_id)
        return self.vpc_id or self.resource_id or (transport.vpc_id if transport else None)

    def _seen(self, edges: tuple[str, ...], topology: "Topology") -> Attached:
        """What the conditions of the policy see. The tags are those of the attachment, not of the VPC."""
        type = next(word for word, name in TYPES.items() if name == self.attachment_type)
        resource = self.vpc_id or self.resource_id or ""
        tags = {tag.key: tag.value for tag in self.tags} | ({"Name": self.name} if self.name != self.id else {})
        region = edges[0] if edges else ""
        return Attached(
            type, resource, topology.account_of(self), region, tags, () if is_aws_id(resource) else topology.resources
        )

    def refusals(self, topology: "Topology") -> Iterable[Problem]:
        core: Any = topology.resources.get(self.core_network_id or "")
        if core is None:
            yield refuse(f"{self.id}: an attachment needs a core network, or a peering of one", "ValidationException", self)
            return
        if self.is_of_a_vpc:
            for message, _ in self.subnet_faults(self.id, topology.region_of(self.vpc_id), topology):
                yield refuse(message, "ValidationException", self)
        for message in self._faults_behind(topology):
            yield refuse(f"{self.id}: {message}", "ValidationException", self)
        known = core.policy_document.edges if core.policy_document else ()
        for edge in self.edge_locations if known else ():
            if edge not in known:
                message = f"{self.id}: {core.id} has no edge in {edge}; its policy has {', '.join(known)}"
                yield refuse(message, "ValidationException", self)
        yield from self._misspelled(topology)

    def _faults_behind(self, topology: "Topology") -> Iterator[str]:
        """What AWS refuses about the place behind it."""
        behind: Any = topology.resources.get(self.resource_id or "")
        if self.attachment_type == TRANSIT_GATEWAY:
            peering: Any = topology.resources.get(self.peering_id or "")
            gateway = getattr(behind, "transit_gateway_id", None)
            if peering is None:
                yield "a route table of a transit gateway is attached by a peering with the transit gateway"
            elif gateway and gateway != peering.transit_gateway_id:
                yield f"{self.resource_id} is a table of {gateway}, and {peering.id} a peering with {peering.transit_gateway_id}"
        elif self.attachment_type == "SITE_TO_SITE_VPN":
            if gateway := getattr(behind, "vpn_gateway_id", None) or getattr(behind, "transit_gateway_id", None):
                yield f"{self.resource_id} ends at {gateway}; a VPN connection without a gateway can be attached"
        elif self.attachment_type == DIRECT_CONNECT and behind is not None and getattr(behind, "associations", None):
            yield f"{self.resource_id} is associated with other gateways, and serves either them or a core network"
        elif self.attachment_type == "CONNECT" and not self.transport_attachment_id:
            yield "a Connect attachment needs the attachment of a VPC as its transport"

    def _misspelled(self, topology: "Topology") -> Iterator[Problem]:
        behind = self.resource_id or ""
        skipped = {known.id for known in topology.settings.skipped}
        if behind and behind not in {*topology.resources, *skipped} and (close := nearest(behind, topology.resources)):
            yield Problem(f"{self.id}: nothing is called `{behind}`; did you mean `{close}`?", self.origin)

    @classmethod
    def check(cls, topology: "Topology") -> Iterable[Problem]:
        yield from super().check(topology)
        first: dict[tuple[str | None, str | None], CoreNetworkAttachment] = {}
        for attachment in topology.of(cls):
            if behind := attachment.vpc_id or attachment.resource_id:
                known = first.setdefault((attachment.core_network_id, behind), attachment)
                if known is not attachment:
                    message = f"{attachment.id}: {known.id} attaches {behind} to {known.core_network_id} already"
                    yield refuse(message, "ConflictException", attachment)

    def register(self, index: "Index") -> None:
        index.places[self.id] = self
        if self.attachment_type == DIRECT_CONNECT and self.resource_id:
            join(index, self.id, self.resource_id)

    def place_behind(self, net: "Network") -> str | None:
        """A route table is no place: behind it is the transit gateway's end of the peering."""
        return attachment_of(self.id, net) if self.attachment_type == TRANSIT_GATEWAY else self.resource_id

    def announced(self, net: "Network") -> tuple[Prefix, ...]:
        """What the route table of a transit gateway learns: the routes of the segment but for those that it told itself."""
        tables = self.tables(net) if self.carries else ()
        found = (table.told_to(self, table.prefixes(net, self.id), net) for table in tables)
        return tuple(dict.fromkeys(prefix for prefixes in found for prefix in prefixes))

    def announces(self, to: str, net: "Network") -> Iterator[Announcement]:
        """To a Direct Connect gateway every edge tells what is attached to it, and not what other Regions have.

        Source: https://docs.aws.amazon.com/network-manager/latest/cloudwan/cloudwan-dxattach-about.html (Route propagation)
        """
        for table in self.tables(net) if self.carries and to == self.resource_id else ():
            yield from map(Announcement, table.told_to(self, table.local_prefixes(net, self.id), net))

    def tables(self, net: "Network") -> tuple[Any, ...]:
        """The route tables of its segment in its Regions."""
        ids = (f"{self.core_network_id}/{self.belongs_to}/{edge}" for edge in self.edge_locations)
        return tuple(net.places[id] for id in ids if id in net.places)

    def receive(self, packet: Packet, came_from: str | None, net: "Network") -> Iterator[Step]:
        yield from self.pass_on((self.core_network_id or "",), packet, came_from, net)

    def links(self, net: "Network") -> Iterable[Link]:
        yield Link(self.id, self.core_network_id or "", "attached to")
        if behind := self.vpc_id or self.resource_id:
            yield Link(behind, self.id, "attached by")
        for subnet in self.subnet_ids:
            yield Link(self.id, subnet, "leaves by")
        yield from (Link(self.id, table.id, "routed by") for table in self.tables(net))
