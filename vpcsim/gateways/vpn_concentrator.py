"""A Site-to-Site VPN Concentrator: one attachment of a transit gateway for the VPN connections of many sites.

What the sites announce over BGP propagates from the one attachment. The transit gateway hands it what is for any of them, and
it takes the connection whose site announces the longest prefix. It speaks BGP only, and belongs to a transit gateway only.

Not modelled here: which of several sites takes a packet that announce the same prefix.

Sources: https://docs.aws.amazon.com/vpn/latest/s2svpn/vpn-concentrator.html,
https://docs.aws.amazon.com/vpc/latest/tgw/how-transit-gateways-work.html (its place in the order of routes),
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpnConcentrator.html.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from vpcsim.codes import Code
from vpcsim.gateways.announcing import announcements, attachment_of
from vpcsim.packet import Packet
from vpcsim.prefixes import Prefix
from vpcsim.resource import Declaration, Declared, Draft, Link, Resource, TerraformSpelling
from vpcsim.shape import field
from vpcsim.trace import Disposition, Step, onward

if TYPE_CHECKING:
    from vpcsim.network import Index, Network


class VpnConcentrator(Resource):
    """See the module."""

    kind: ClassVar[str] = "vpn_concentrator"
    section: ClassVar[str] = "VpnConcentrators"
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::EC2::VPNConcentrator",)
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={"aws_vpn_concentrator": "AWS::EC2::VPNConcentrator"}, ids={"transit_gateway_attachment_id": "{id}/attachment"}
    )
    native_names: ClassVar[Mapping[str, str]] = {"transit_gateway": "TransitGatewayId", "state": "State"}
    native_scalar: ClassVar[str] = "TransitGatewayId"

    id: str = field(api="VpnConcentratorId")
    transit_gateway_id: str | None = None
    type: str = "ipsec.1"
    state: str = "available"

    @classmethod
    def described(cls, declaration: Declaration) -> Declared:
        if declaration.fields.get("State") != "deleted":
            yield Draft(cls, declaration.id, dict(declaration.fields), declaration.origin)

    @classmethod
    def cloudformation_attribute(cls, declaration: Declaration, attribute: str) -> Any:
        if attribute == "TransitGatewayAttachmentId":
            return f"{declaration.id}/attachment"
        return declaration.id if attribute == "VpnConcentratorId" else declaration.fields.get(attribute)

    def register(self, index: "Index") -> None:
        index.places[self.id] = self

    def announced(self, net: "Network") -> tuple[Prefix, ...]:
        """What the sites announce whose connections are up."""
        return tuple(dict.fromkeys(a.prefix for site in self._sites(net) for a in announcements(site, self.id, net) if a.up))

    def receive(self, packet: Packet, came_from: str | None, net: "Network") -> Iterator[Step]:
        sites = self._sites(net)
        if came_from not in sites:
            yield self._to_a_site(sites, packet, net)
        elif (to := attachment_of(self.id, net)) is not None:
            yield onward(self.id, "{at}: takes it in from {rule}", packet, came_from, to)
        else:
            because = "{at}: what the gateway at its AWS end does is not in the model"
            yield Step(self.id, because, packet, None, None, Disposition.UNDECIDED, Code.VPCSIM_NOT_MODELLED)

    def _to_a_site(self, sites: tuple[str, ...], packet: Packet, net: "Network") -> Step:
        announced = [(a.prefix.size, site) for site in sites for a in announcements(site, self.id, net)
                     if a.up and a.prefix.holds(packet.dst)]  # fmt: skip
        narrowest = min(announced, default=(0, ""))[0]
        nearest = list(dict.fromkeys(site for size, site in announced if size == narrowest))
        if not nearest:
            because, fix = "{at}: no site announces {packet.destination}", "{at}: a site that announces {packet.destination}"
            code = Code.NO_ROUTE_TO_DESTINATION
            return Step(self.id, because, packet, None, None, Disposition.NO_ROUTE, code, None, None, fix)
        if len({net.index.neighbours[site][0] for site in nearest}) > 1:
            because = "{at}: {about} announce {packet.destination} alike, and which one takes it is not in the model"
            undecided, about = Disposition.UNDECIDED, " and ".join(nearest)
            return Step(self.id, because, packet, None, None, undecided, Code.VPCSIM_NOT_MODELLED, None, about)
        return onward(self.id, "{at}: {packet.destination} is announced by {to}", packet, None, nearest[0])

    def _sites(self, net: "Network") -> tuple[str, ...]:
        """Its VPN connections."""
        return tuple(net.index.neighbours.get(self.id, ()))

    def links(self, net: "Network") -> Iterable[Link]:
        return (Link(self.id, site, "leads to") for site in self._sites(net))
