"""A Site-to-Site VPN connection: two tunnels between an on-premises network and a virtual private or a transit gateway.

It may end at a VPN concentrator of a transit gateway instead, with BGP only. With static routes it announces those,
otherwise what the network tells over BGP. It is up while one tunnel is. It carries IPv4, or IPv6
if its tunnels are made for that, which a virtual private gateway does not support.

Not modelled here: acceleration, traffic outside the networks of the options, addresses of tunnels, which
tunnel is taken.

Sources: https://docs.aws.amazon.com/vpn/latest/s2svpn/VPNRoutingTypes.html,
https://docs.aws.amazon.com/vpn/latest/s2svpn/vpn-route-priority.html,
https://docs.aws.amazon.com/vpn/latest/s2svpn/ipv4-ipv6.html,
https://docs.aws.amazon.com/vpc/latest/reachability/explanation-codes.html (BAD_STATE_VPN).
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from vpcsim.codes import Code
from vpcsim.errors import Problem
from vpcsim.gateways.announcing import VPN_BGP, VPN_STATIC, Announcement, Announcing, announcements, attachment_of, join
from vpcsim.packet import Packet
from vpcsim.prefixes import EVERYWHERE, Prefix, family
from vpcsim.resource import Cidr, Declaration, Declared, Draft, Link, Patch, TerraformSpelling, as_list, refers_to, refuse
from vpcsim.shape import Shape, field
from vpcsim.trace import Disposition, Step, onward

if TYPE_CHECKING:
    from vpcsim.network import Index, Network
    from vpcsim.topology import Topology


class VpnStaticRoute(Shape):
    """A prefix behind the customer gateway."""

    destination_cidr_block: Cidr

    @classmethod
    def read_text(cls, text: str) -> Mapping[str, Any]:
        return {"DestinationCidrBlock": text}


class VpnConnectionOptions(Shape):
    """How the tunnels are made."""

    static_routes_only: bool = False
    tunnel_inside_ip_version: str = field(default="ipv4", pattern="^(ipv4|ipv6)$")
    local_ipv4_network_cidr: Cidr = EVERYWHERE[4]
    """The customer's side of the traffic that the tunnels take."""
    remote_ipv4_network_cidr: Cidr = EVERYWHERE[4]
    """The AWS side of it."""


class VgwTelemetry(Shape):
    """The state of one tunnel."""

    status: str = field(default="UP", pattern="^(UP|DOWN)$")

    @classmethod
    def read_text(cls, text: str) -> Mapping[str, Any]:
        return {"Status": text.upper()}


class VpnConnection(Announcing):
    """See the module."""

    kind: ClassVar[str] = "vpn_connection"
    section: ClassVar[str] = "VpnConnections"
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::EC2::VPNConnection", "AWS::EC2::VPNConnectionRoute")
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={"aws_vpn_connection": "AWS::EC2::VPNConnection", "aws_vpn_connection_route": "AWS::EC2::VPNConnectionRoute"},
    )
    native_names: ClassVar[Mapping[str, str]] = {
        "vpn_gateway": "VpnGatewayId",
        "transit_gateway": "TransitGatewayId",
        "vpn_concentrator": "VpnConcentratorId",
        "customer_gateway": "CustomerGatewayId",
        "static_routes": "Routes",
        "announces": "AnnouncedPrefixes",
        "tunnels": "VgwTelemetry",
        "state": "State",
        "ip_version": "TunnelInsideIpVersion",
    }
    native_text: ClassVar[tuple[str, ...]] = ("Routes", "VgwTelemetry")

    id: str = field(api="VpnConnectionId")
    customer_gateway_id: Annotated[str, refers_to("customer_gateway")]
    vpn_gateway_id: Annotated[str | None, refers_to("vpn_gateway")] = None
    transit_gateway_id: str | None = None
    vpn_concentrator_id: Annotated[str | None, refers_to("vpn_concentrator")] = None
    type: str = "ipsec.1"
    options: VpnConnectionOptions = field(default_factory=VpnConnectionOptions)
    routes: tuple[VpnStaticRoute, ...] = ()
    announced_prefixes: tuple[Cidr, ...] | None = None
    """What the network announces over this connection with BGP, where that is not everything it has."""
    vgw_telemetry: tuple[VgwTelemetry, ...] = ()
    state: str = "available"

    @classmethod
    def described(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        if fields.get("State") != "deleted":
            fields["Routes"] = [route for route in fields.get("Routes") or () if route.get("State") != "deleted"]
            yield Draft(cls, declaration.id, fields, declaration.origin)

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        if declaration.type == "AWS::EC2::VPNConnectionRoute":
            route = {"DestinationCidrBlock": fields.get("DestinationCidrBlock"), "WrittenAt": declaration.origin}
            yield Patch(fields.get("VpnConnectionId", ""), {"Routes": [route]}, declaration.origin, key="VpnConnectionId")
            return
        names = ("StaticRoutesOnly", "LocalIpv4NetworkCidr", "RemoteIpv4NetworkCidr", "TunnelInsideIpVersion")
        options = {name: fields.pop(name) for name in names if name in fields}
        yield Draft(cls, declaration.id, {**fields, "Options": options}, declaration.origin)

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        options = dict(fields.get("Options") or declaration.existing.get("Options") or {})
        if "TunnelInsideIpVersion" in fields:
            options["TunnelInsideIpVersion"] = fields.pop("TunnelInsideIpVersion")
        if "Routes" in fields:
            fields["Routes"] = as_list(fields["Routes"])
            options.setdefault("StaticRoutesOnly", True)
        for name in fields.keys() & {"VgwTelemetry", "AnnouncedPrefixes"}:
            fields[name] = as_list(fields[name])
        yield Draft(cls, declaration.id, {**fields, "Options": options}, declaration.origin)

    @property
    def is_static(self) -> bool:
        return self.options.static_routes_only

    @property
    def static_prefixes(self) -> tuple[Prefix, ...]:
        """The prefixes of its static routes."""
        return tuple(route.destination_cidr_block for route in self.routes)

    @property
    def is_up(self) -> bool:
        tunnels = [tunnel.status == "UP" for tunnel in self.vgw_telemetry]
        return self.state == "available" and (any(tunnels) or not tunnels)

    @property
    def joins_hub(self) -> bool:  # type: ignore[override]
        """Only BGP passes on what another site announces (VPN CloudHub).

        Source: https://docs.aws.amazon.com/vpn/latest/s2svpn/VPN_CloudHub.html
        """
        return not self.is_static

    @property
    def carries(self) -> int:
        """The family of addresses inside the tunnels."""
        return 6 if self.options.tunnel_inside_ip_version == "ipv6" else 4

    def refusals(self, topology: "Topology") -> Iterable[Problem]:
        if self.vpn_gateway_id and self.transit_gateway_id:
            message = f"{self.id}: a VPN connection ends at a virtual private gateway or at a transit gateway, not at both"
            yield refuse(message, "InvalidParameterCombination", self)
        if self.vpn_concentrator_id and (self.vpn_gateway_id or self.is_static):
            message = f"{self.id}: {self.vpn_concentrator_id} takes connections with BGP only, none of a virtual gateway"
            yield refuse(message, "InvalidParameterCombination", self)
        if self.vpn_gateway_id and self.carries == 6:
            yield refuse(f"{self.id}: a virtual private gateway does not support IPv6 in a VPN", "InvalidParameterValue", self)
        yield from self._customer_faults(topology)
        if self.routes and not self.is_static:
            message = f"{self.id}: it speaks BGP, and takes static routes only with StaticRoutesOnly"
            yield refuse(message, "InvalidVpnConnection.InvalidType", self)

    def _customer_faults(self, topology: "Topology") -> Iterable[Problem]:
        """What a virtual private gateway asks of the customer gateway.

        Sources: https://docs.aws.amazon.com/vpn/latest/s2svpn/cgw-options.html (IPv6),
        https://docs.aws.amazon.com/vpn/latest/s2svpn/SetUpVPNConnections.html (its ASN)
        """
        customer, gateway = topology.resources.get(self.customer_gateway_id), topology.resources.get(self.vpn_gateway_id or "")
        outside, asn = getattr(customer, "ip_address", None), getattr(customer, "bgp_asn", None)
        if self.vpn_gateway_id and outside is not None and family(outside) == 6:
            message = (
                f"{self.id}: {self.customer_gateway_id} has an IPv6 address, which needs a transit gateway or a core network"
            )
            yield refuse(message, "InvalidParameterValue", self)
        if gateway is not None and asn == str(getattr(gateway, "amazon_side_asn", "")):
            message = f"{self.id}: {self.customer_gateway_id} and {self.vpn_gateway_id} have the same ASN, {asn}"
            yield refuse(message, "AsnConflict", self)

    def register(self, index: "Index") -> None:
        index.places[self.id] = self
        customer = index.topology.resources[self.customer_gateway_id]
        join(index, self.id, getattr(customer, "network", ""))
        if hub := self.vpn_gateway_id or self.vpn_concentrator_id:
            join(index, self.id, hub)

    def network(self, net: "Network") -> str:
        """The id of the on-premises network at the far end."""
        customer = net.topology.resources[self.customer_gateway_id]
        return str(getattr(customer, "network", ""))

    def announces(self, to: str, net: "Network") -> Iterator[Announcement]:
        network = self.network(net)
        rank = VPN_STATIC if self.is_static else VPN_BGP
        if to == network and self.vpn_gateway_id is None:
            prefixes: Iterable[Prefix] = EVERYWHERE.values()
        elif to == network:
            prefixes = (a.prefix for a in announcements(self.vpn_gateway_id or "", self.id, net))
        elif self.is_static:
            prefixes = self.static_prefixes
        elif self.announced_prefixes is not None:
            prefixes = self.announced_prefixes
        else:
            prefixes = (a.prefix for a in announcements(network, self.id, net))
        yield from (Announcement(prefix, rank, self.is_up) for prefix in prefixes if prefix.family == self.carries)

    def announced(self, net: "Network") -> tuple[Prefix, ...]:
        """What a transit gateway learns: BGP only, static routes are entered into its own tables.

        Source: https://docs.aws.amazon.com/vpn/latest/s2svpn/vpn-edit-static-routes.html
        """
        return () if self.is_static or not self.is_up else tuple(a.prefix for a in self.announces("", net))

    def receive(self, packet: Packet, came_from: str | None, net: "Network") -> Iterator[Step]:
        network = self.network(net)
        outbound = came_from != network
        if not self.is_up:
            because = "{at}: the VPN connection is down ({about})"
            about = "both tunnels" if self.state == "available" else self.state
            code = Code.TGW_BAD_STATE_VPN if self.transit_gateway_id or self.vpn_concentrator_id else Code.BAD_STATE_VPN
            yield Step(self.id, because, packet, None, None, Disposition.DENIED, code, None, about)
        if family(packet.src) != self.carries:
            because = f"{{at}}: its tunnels carry IPv{self.carries} only"
            yield Step(self.id, because, packet, None, None, Disposition.DENIED, Code.PROTOCOL_RESTRICTION)
        elif not self._selected(packet, outbound):
            because = "{at}: whether tunnels take traffic outside the networks of their options is not modelled"
            yield Step(self.id, because, packet, None, None, Disposition.UNDECIDED, Code.VPCSIM_NOT_MODELLED)
        to = network if outbound else self.vpn_gateway_id or self.vpn_concentrator_id or attachment_of(self.id, net)
        if to is None:
            because = "{at}: what the gateway at its AWS end does is not in the model"
            yield Step(self.id, because, packet, None, None, Disposition.UNDECIDED, Code.VPCSIM_NOT_MODELLED)
        else:
            yield onward(self.id, "{at}: through the tunnel to {to}", packet, None, to)

    def _selected(self, packet: Packet, outbound: bool) -> bool:
        if self.carries == 6:
            return True
        there, here = (packet.dst, packet.src) if outbound else (packet.src, packet.dst)
        return self.options.local_ipv4_network_cidr.holds(there) and self.options.remote_ipv4_network_cidr.holds(here)

    def links(self, net: "Network") -> Iterable[Link]:
        yield Link(self.id, self.customer_gateway_id, "leads to")
        if gateway := self.vpn_gateway_id or self.vpn_concentrator_id or self.transit_gateway_id:
            yield Link(gateway, self.id, "leads to")
