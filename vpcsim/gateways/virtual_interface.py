"""A virtual interface of Direct Connect: private to a VPC's gateway, transit to transit gateways, public to AWS itself.

A private one ends at a virtual private gateway or at a Direct Connect gateway, a transit one at a Direct Connect gateway.
Over a public one the network announces public prefixes, and reaches every public address of AWS, but not the internet; only
what is sent from an announced prefix is taken. AWS prefers it to the internet for those prefixes.

Not modelled here: connections and their state, BGP communities, AS paths, addresses of BGP peers.

Sources: https://docs.aws.amazon.com/directconnect/latest/UserGuide/WorkingWithVirtualInterfaces.html,
https://docs.aws.amazon.com/directconnect/latest/UserGuide/routing-and-bgp.html,
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-directconnect-privatevirtualinterface.html.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from vpcsim import services
from vpcsim.codes import Code
from vpcsim.errors import Problem
from vpcsim.gateways.announcing import DIRECT_CONNECT, Announcement, CustomerSide, announcements, join
from vpcsim.packet import Packet
from vpcsim.prefixes import CARRIER_GRADE, PRIVATE, Prefix, address_text
from vpcsim.resource import Cidr, Declaration, Declared, Draft, Link, TerraformSpelling, as_list, capitalized, refers_to, refuse
from vpcsim.shape import Read, field
from vpcsim.trace import Disposition, Step, onward

if TYPE_CHECKING:
    from vpcsim.network import Index, Network
    from vpcsim.topology import Topology

TYPE_OF = {
    "AWS::DirectConnect::PrivateVirtualInterface": "private",
    "AWS::DirectConnect::TransitVirtualInterface": "transit",
    "AWS::DirectConnect::PublicVirtualInterface": "public",
}
PUBLIC = "public"


def _filter(value: Any) -> Any:
    return value.get("Cidr") or value.get("cidr") if isinstance(value, Mapping) else value


class VirtualInterface(CustomerSide):
    """See the module."""

    kind: ClassVar[str] = "virtual_interface"
    section: ClassVar[str] = "VirtualInterfaces"
    described_as: ClassVar[tuple[str, ...]] = ("virtualInterfaces",)
    joins_hub: ClassVar[bool] = True
    cloudformation_types: ClassVar[tuple[str, ...]] = tuple(TYPE_OF)
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={
            "aws_dx_private_virtual_interface": "AWS::DirectConnect::PrivateVirtualInterface",
            "aws_dx_transit_virtual_interface": "AWS::DirectConnect::TransitVirtualInterface",
            "aws_dx_public_virtual_interface": "AWS::DirectConnect::PublicVirtualInterface",
        },
        names={
            "dx_gateway_id": "DirectConnectGatewayId",
            "vpn_gateway_id": "VirtualGatewayId",
            "sitelink_enabled": "EnableSiteLink",
        },
        refers={"dx_gateway_id": ("aws_dx_gateway",)},
    )
    native_names: ClassVar[Mapping[str, str]] = {
        "type": "VirtualInterfaceType",
        "vpn_gateway": "VirtualGatewayId",
        "direct_connect_gateway": "DirectConnectGatewayId",
        "network": "OnPremisesNetworkId",
        "prefixes": "RouteFilterPrefixes",
        "announces": "AnnouncedPrefixes",
        "sitelink": "EnableSiteLink",
        "state": "VirtualInterfaceState",
    }

    id: str = field(api="VirtualInterfaceId")
    virtual_interface_type: str = field(default="private", pattern="^(private|transit|public)$")
    virtual_gateway_id: Annotated[str | None, refers_to("vpn_gateway")] = None
    direct_connect_gateway_id: Annotated[str | None, refers_to("direct_connect_gateway")] = None
    route_filter_prefixes: tuple[Annotated[Prefix, Read(_filter), *Cidr.__metadata__], ...] = ()
    announced_prefixes: tuple[Cidr, ...] | None = None
    """What the network announces over a private or transit one, where that is not everything it has."""
    enable_site_link: bool = False
    virtual_interface_state: str = "available"

    @classmethod
    def described(cls, declaration: Declaration) -> Declared:
        fields = capitalized(declaration.fields)
        if declaration.type != cls.section:
            prefixes = [prefix["Cidr"] for prefix in fields.get("RouteFilterPrefixes") or ()]
            fields |= {"RouteFilterPrefixes": prefixes, "EnableSiteLink": bool(fields.get("SiteLinkEnabled"))}
            fields["Name"] = fields.get("VirtualInterfaceName")
            fields |= {name: fields.get(name) or None for name in ("VirtualGatewayId", "DirectConnectGatewayId")}
        if fields.get("VirtualInterfaceState") not in ("deleted", "rejected"):
            yield Draft(cls, fields["VirtualInterfaceId"], fields, declaration.origin)

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        fields = {**declaration.fields, "VirtualInterfaceType": TYPE_OF[declaration.type]}
        yield Draft(cls, declaration.id, fields, declaration.origin)

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        for name in fields.keys() & {"RouteFilterPrefixes", "AnnouncedPrefixes"}:
            fields[name] = as_list(fields[name])
        yield Draft(cls, declaration.id, fields, declaration.origin)

    @property
    def is_public(self) -> bool:
        return self.virtual_interface_type == PUBLIC

    @property
    def is_up(self) -> bool:
        return self.virtual_interface_state == "available"

    @property
    def gateway(self) -> str | None:
        """The gateway at the AWS end."""
        return self.virtual_gateway_id or self.direct_connect_gateway_id

    def refusals(self, topology: "Topology") -> Iterable[Problem]:
        given = [name for name in (self.virtual_gateway_id, self.direct_connect_gateway_id) if name]
        kind = self.virtual_interface_type
        if self.is_public and given:
            yield self._refuse(f"a public virtual interface leads to no gateway, and this one names {given[0]}")
        elif not self.is_public and len(given) != 1:
            yield self._refuse(f"a {kind} virtual interface leads to one gateway, and this one names {len(given)}")
        elif kind == "transit" and self.virtual_gateway_id:
            yield self._refuse("a transit virtual interface leads to a Direct Connect gateway")
        if self.enable_site_link and not self.direct_connect_gateway_id:
            yield self._refuse("SiteLink is for virtual interfaces of a Direct Connect gateway")
        for prefix in self.route_filter_prefixes:
            if not self.is_public:
                yield self._refuse("only a public virtual interface has prefixes of its own")
            elif any(block.overlaps(prefix) for block in (*PRIVATE, CARRIER_GRADE)):
                yield self._refuse(f"{prefix} is not public")

    def _refuse(self, message: str) -> Problem:
        return refuse(f"{self.id}: {message}", "DirectConnectClientException", self)

    def register(self, index: "Index") -> None:
        index.places[self.id] = self
        join(index, self.id, self.network)
        if self.gateway:
            join(index, self.id, self.gateway)
        if self.is_public and self.is_up:
            index.announced_to_aws += [(prefix, self.id) for prefix in self.route_filter_prefixes]

    def announces(self, to: str, net: "Network") -> Iterator[Announcement]:
        if to == self.network:
            learned = self._public_addresses(net) if self.is_public else announcements(self.gateway or "", self.id, net)
        elif self.announced_prefixes is not None:
            learned = map(Announcement, self.announced_prefixes)
        else:
            learned = announcements(self.network, self.id, net)
        yield from (Announcement(a.prefix, DIRECT_CONNECT, self.is_up) for a in learned)

    def _public_addresses(self, net: "Network") -> Iterator[Announcement]:
        """The model's own public addresses. AWS announces all of its prefixes; `takes` knows the others."""
        for number in (*net.index.holder_of_public, *net.index.public_target.values()):
            yield Announcement(Prefix(number, number))

    def takes(self, number: int) -> bool:
        """Whether it leads to this address of AWS's own."""
        return self.is_public and services.aws_region_of(address_text(number)) is not None

    def receive(self, packet: Packet, came_from: str | None, net: "Network") -> Iterator[Step]:
        if not self.is_up:
            because = "{at}: the virtual interface is {about}"
            about = self.virtual_interface_state
            yield Step(self.id, because, packet, None, None, Disposition.DENIED, Code.BAD_STATE, None, about)
        if came_from != self.network:
            yield onward(self.id, "{at}: over Direct Connect to {to}", packet, None, self.network)
        elif self.is_public:
            yield from self._to_aws(packet, net)
        else:
            yield onward(self.id, "{at}: over Direct Connect to {to}", packet, None, self.gateway)

    def _to_aws(self, packet: Packet, net: "Network") -> Iterator[Step]:
        if not any(prefix.holds(packet.src) for prefix in self.route_filter_prefixes):
            because = "{at}: takes what is sent from the public prefixes announced over it, and {packet.source} is in none"
            yield Step(self.id, because, packet, None, None, Disposition.DENIED, Code.GATEWAY_REJECTS_SPOOFED_TRAFFIC)
        yield onward(self.id, "{at}: over Direct Connect to {to}", packet, None, net.gateway_to(packet.dst) or "aws")

    def links(self, net: "Network") -> Iterable[Link]:
        yield Link(self.gateway or "aws", self.id, "leads to")
        yield Link(self.id, self.network, "leads to")
