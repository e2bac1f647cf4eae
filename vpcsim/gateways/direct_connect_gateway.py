"""A Direct Connect gateway: joins virtual interfaces with virtual private gateways or transit gateways, of any Region.

To the network it announces the blocks of the VPCs behind its virtual private gateways, if an allowed prefix is as wide, and
for a transit gateway exactly the allowed prefixes. To the gateways it announces what the network announces. It carries nothing
between its own associations, unless the network announces a prefix around both VPCs, and nothing between its virtual
interfaces, unless both have SiteLink.

A core network that attaches it tells what is attached to each of its edges, without allowed prefixes.

Not modelled here: addresses of BGP peers, gateways of other accounts.

Sources: https://docs.aws.amazon.com/directconnect/latest/UserGuide/direct-connect-gateways-intro.html,
https://docs.aws.amazon.com/directconnect/latest/UserGuide/allowed-to-prefixes.html,
https://docs.aws.amazon.com/directconnect/latest/UserGuide/direct-connect-transit-gateways.html.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from vpcsim.codes import Code
from vpcsim.errors import Problem, nearest
from vpcsim.fabric.vpc import Vpc
from vpcsim.gateways.announcing import Announcement, Announcing, announcements, attachment_of, join, way_to
from vpcsim.packet import Packet
from vpcsim.prefixes import Prefix
from vpcsim.resource import Cidr, Declaration, Declared, Draft, Link, Patch, TerraformSpelling, as_list, capitalized, refuse
from vpcsim.shape import Shape, field
from vpcsim.trace import Disposition, Step

if TYPE_CHECKING:
    from vpcsim.network import Index, Network
    from vpcsim.topology import Topology

KINDS = ("vpn_gateway", "transit_gateway")
_AWS_ID = re.compile(r"[vt]gw-[0-9a-f]{8,17}")


class GatewayAssociation(Shape):
    """A virtual private gateway or a transit gateway behind the gateway."""

    associated_gateway_id: str
    allowed_prefixes_to_direct_connect_gateway: tuple[Cidr, ...] = ()

    @classmethod
    def read_text(cls, text: str) -> Mapping[str, Any]:
        """`myVpnGateway`, or `myTransitGateway 10.0.0.0/8 172.16.0.0/12`."""
        gateway, *prefixes = text.replace(",", " ").split() or [""]
        return {"AssociatedGatewayId": gateway, "AllowedPrefixesToDirectConnectGateway": prefixes}

    @property
    def allowed(self) -> tuple[Prefix, ...]:
        return self.allowed_prefixes_to_direct_connect_gateway


class DirectConnectGateway(Announcing):
    """See the module."""

    kind: ClassVar[str] = "direct_connect_gateway"
    section: ClassVar[str] = "DirectConnectGateways"
    described_as: ClassVar[tuple[str, ...]] = ("directConnectGateways", "directConnectGatewayAssociations")
    cloudformation_types: ClassVar[tuple[str, ...]] = (
        "AWS::DirectConnect::DirectConnectGateway",
        "AWS::DirectConnect::DirectConnectGatewayAssociation",
    )
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={
            "aws_dx_gateway": "AWS::DirectConnect::DirectConnectGateway",
            "aws_dx_gateway_association": "AWS::DirectConnect::DirectConnectGatewayAssociation",
        },
        names={"dx_gateway_id": "DirectConnectGatewayId", "allowed_prefixes": "AllowedPrefixesToDirectConnectGateway"},
        refers={
            "dx_gateway_id": ("aws_dx_gateway",),
            "associated_gateway_id": ("aws_vpn_gateway", "aws_ec2_transit_gateway"),
        },
    )
    native_names: ClassVar[Mapping[str, str]] = {"gateways": "Associations"}
    native_text: ClassVar[tuple[str, ...]] = ("Associations",)
    native_scalar: ClassVar[str] = "Associations"

    id: str = field(api="DirectConnectGatewayId")
    associations: tuple[GatewayAssociation, ...] = ()
    direct_connect_gateway_state: str = "available"

    @classmethod
    def described(cls, declaration: Declaration) -> Declared:
        """`{"directConnectGateways": [...]}` and `{"directConnectGatewayAssociations": [...]}`."""
        fields = capitalized(declaration.fields)
        if declaration.type == cls.section:
            yield Draft(cls, declaration.id, fields, declaration.origin)
        elif declaration.type == "directConnectGateways":
            fields["Name"] = fields.get("DirectConnectGatewayName")
            yield Draft(cls, fields["DirectConnectGatewayId"], fields, declaration.origin)
        elif fields.get("AssociationState", "associated") == "associated":
            allowed = [prefix["Cidr"] for prefix in fields.get("AllowedPrefixesToDirectConnectGateway") or ()]
            gateway = (fields.get("AssociatedGateway") or {}).get("Id") or fields.get("VirtualGatewayId")
            part = {"AssociatedGatewayId": gateway, "AllowedPrefixesToDirectConnectGateway": allowed}
            yield Patch(fields["DirectConnectGatewayId"], {"Associations": [part]}, declaration.origin)

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        if declaration.type == "AWS::DirectConnect::DirectConnectGateway":
            yield Draft(cls, declaration.id, fields, declaration.origin)
            return
        gateway = fields.pop("DirectConnectGatewayId", "")
        association = {**fields, "WrittenAt": declaration.origin}
        yield Patch(gateway, {"Associations": [association]}, declaration.origin, key="DirectConnectGatewayId")

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        if "Associations" in fields:
            fields["Associations"] = as_list(fields["Associations"])
        yield Draft(cls, declaration.id, fields, declaration.origin)

    def refusals(self, topology: "Topology") -> Iterable[Problem]:
        for position, association in enumerate(self.associations):
            yield from self._faults(association, topology)
            yield from self._overlaps(association, self.associations[:position], topology)
        yield from self._overlapping_vpcs(topology)
        kinds = {found.kind for a in self.associations if (found := topology.resources.get(a.associated_gateway_id))}
        interfaces = [i for i in topology.of_kind("virtual_interface") if getattr(i, "direct_connect_gateway_id", "") == self.id]
        kinds |= {{"transit": "transit_gateway"}.get(getattr(i, "virtual_interface_type", ""), "vpn_gateway") for i in interfaces}
        if len(kinds) > 1:
            message = f"{self.id}: it serves virtual private gateways and private virtual interfaces, or transit gateways and "
            yield refuse(message + "transit virtual interfaces, not both", "DirectConnectClientException", self)

    def _overlapping_vpcs(self, topology: "Topology") -> Iterator[Problem]:
        """Source: https://docs.aws.amazon.com/directconnect/latest/UserGuide/virtualgateways.html (rules)"""
        taken: list[tuple[Prefix, str]] = []
        for association in self.associations:
            gateway = topology.resources.get(association.associated_gateway_id)
            vpc = topology.get(Vpc, getattr(gateway, "vpc_id", None))
            blocks = vpc.blocks if vpc else ()
            known = next(((b, other, id) for b in blocks for other, id in taken if b.overlaps(other)), None)
            if vpc is not None and known is not None and known[2] != vpc.id:
                message = f"{self.id}: {known[0]} of {vpc.id} overlaps {known[1]} of {known[2]}, and both are behind it"
                yield refuse(message, "DirectConnectClientException", association if association.origin else self)
            taken += ((block, vpc.id) for block in blocks if vpc)

    def _overlaps(
        self, association: GatewayAssociation, earlier: tuple[GatewayAssociation, ...], topology: "Topology"
    ) -> Iterator[Problem]:
        """Allowed prefixes of several transit gateways. Source: the page on allowed prefixes, Transit Gateway associations."""
        kinds = {a: getattr(topology.resources.get(a.associated_gateway_id), "kind", "") for a in (association, *earlier)}
        others = [a for a in earlier if "vpn_gateway" not in (kinds[a], kinds[association])]
        for other in others:
            shared = next((p for p in association.allowed for q in other.allowed if p.overlaps(q)), None)
            if shared is not None and other.associated_gateway_id != association.associated_gateway_id:
                message = f"{self.id}: the allowed prefix {shared} of {association.associated_gateway_id} overlaps one of "
                where = association if association.origin else self
                yield refuse(message + other.associated_gateway_id, "DirectConnectClientException", where)

    def _faults(self, association: GatewayAssociation, topology: "Topology") -> Iterator[Problem]:
        id, place = association.associated_gateway_id, association if association.origin else self
        found = topology.resources.get(id)
        skipped = {known.id for known in topology.settings.skipped}
        if found is None and id not in skipped and not _AWS_ID.fullmatch(id):
            close = nearest(id, [r.id for kind in KINDS for r in topology.of_kind(kind)])
            hint = f"; did you mean `{close}`?" if close else ""
            yield Problem(f"{self.id}: no gateway is called `{id}`{hint}", place.origin)
        elif found is not None and found.kind not in KINDS:
            yield Problem(f"{self.id}: `{id}` is neither a virtual private nor a transit gateway", place.origin)
        elif (found is None or found.kind == "transit_gateway") and not association.allowed:
            message = f"{self.id}: the association with {id} needs allowed prefixes"
            yield refuse(message, "DirectConnectClientException", place)

    @classmethod
    def check(cls, topology: "Topology") -> Iterable[Problem]:
        yield from super().check(topology)
        owners: dict[str, DirectConnectGateway] = {}
        for gateway in topology.of(cls):
            for association in gateway.associations:
                associated = topology.resources.get(association.associated_gateway_id)
                if associated is not None and associated.kind == "vpn_gateway":
                    owner = owners.setdefault(associated.id, gateway)
                    if owner is gateway:
                        continue
                    message = f"{gateway.id}: {associated.id} is associated with {owner.id} already"
                    yield refuse(message, "DirectConnectClientException", gateway)

    def register(self, index: "Index") -> None:
        index.places[self.id] = self
        for association in self.associations:
            join(index, self.id, association.associated_gateway_id)

    def announces(self, to: str, net: "Network") -> Iterator[Announcement]:
        interfaces = self._interfaces(net)
        if to not in interfaces:
            yield from (a for interface in interfaces for a in announcements(interface, self.id, net))
            return
        for association in self.associations:
            yield from map(Announcement, self._let_through(association, net))
        for attachment in self._core_networks(net):
            yield from announcements(attachment, self.id, net)
        for other in interfaces:
            if other != to and all(getattr(net.places[i], "enable_site_link", False) for i in (other, to)):
                yield from announcements(other, self.id, net)

    def announced(self, net: "Network") -> tuple[Prefix, ...]:
        return tuple(dict.fromkeys(a.prefix for a in self.announces("", net) if a.up))

    def _interfaces(self, net: "Network") -> tuple[str, ...]:
        ends = {*(association.associated_gateway_id for association in self.associations), *self._core_networks(net)}
        return tuple(place for place in net.index.neighbours.get(self.id, ()) if place not in ends)

    def _core_networks(self, net: "Network") -> tuple[str, ...]:
        """The attachments by which core networks have it."""
        neighbours = net.index.neighbours.get(self.id, ())
        return tuple(p for p in neighbours if p in net.places and net.places[p].kind == "core_network_attachment")

    def _let_through(self, association: GatewayAssociation, net: "Network") -> Iterator[Prefix]:
        gateway = net.places.get(association.associated_gateway_id)
        if gateway is None or not hasattr(gateway, "vpc_id"):
            yield from association.allowed
            return
        for block in net.blocks_of(gateway.vpc_id) if gateway.vpc_id else ():
            if not association.allowed or any(prefix.covers(block) for prefix in association.allowed):
                yield block

    def receive(self, packet: Packet, came_from: str | None, net: "Network") -> Iterator[Step]:
        interfaces = self._interfaces(net)
        association = self._association_for(packet.dst, came_from, net)
        to = association or way_to(packet.dst, self.id, net, tuple(i for i in interfaces if i != came_from))
        if to is None:
            because = "{at}: nothing behind it announces {packet.destination}"
            code = Code.NO_ROUTE_TO_DESTINATION
            yield Step(self.id, because, packet, None, None, Disposition.NO_ROUTE, code)
            return
        entrance = to if to in net.places and to in interfaces else self._entrance(to, net)
        if entrance is None:
            because = "{at}: how {about} takes it is not in the model"
            yield Step(self.id, because, packet, None, None, Disposition.UNDECIDED, Code.VPCSIM_NOT_MODELLED, None, to)
        else:
            yield Step(self.id, "{at}: {packet.destination} is announced by {about}", packet, None, entrance, about=to)

    def _entrance(self, gateway: str, net: "Network") -> str | None:
        if gateway in self._core_networks(net):
            return gateway
        return gateway if hasattr(net.places.get(gateway), "vpc_id") else attachment_of(self.id, net, gateway)

    def _association_for(self, number: int, came_from: str | None, net: "Network") -> str | None:
        """The gateway whose VPC, or allowed prefix, is narrowest around the address.

        One virtual private gateway reaches another only by a prefix of the network around both, which it was announced.
        Source: https://docs.aws.amazon.com/directconnect/latest/UserGuide/direct-connect-gateways-intro.html
        """
        from_transit = came_from is not None and getattr(net.places[came_from], "resource_id", None) == self.id
        found = [
            (prefix.size, association.associated_gateway_id)
            for association in self.associations
            if association.associated_gateway_id != came_from and not from_transit
            for prefix in self._let_through(association, net)
            if prefix.holds(number)
        ]
        for attachment in () if from_transit else self._core_networks(net):
            found += ((a.prefix.size, attachment) for a in announcements(attachment, self.id, net) if a.prefix.holds(number))
        return min(found)[1] if found else None

    def links(self, net: "Network") -> Iterable[Link]:
        return (Link(association.associated_gateway_id, self.id, "associated with") for association in self.associations)
