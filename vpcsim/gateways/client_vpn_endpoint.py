"""A Client VPN endpoint: lets people's computers into a VPC, each under an address of the client range.

A client's packet needs an authorization rule for its destination (the narrowest one decides), then a route of the endpoint
(the VPC's block has one for every associated subnet). It enters the VPC through the endpoint's interface in the route's
target subnet, under that interface's address and its security groups. Connections start at clients only. Names are asked
at the DNS servers of the endpoint, by packets of the same kind; the resolver of the VPC may be one of them.

An endpoint of a transit gateway has no subnets: a route of its own leads to the gateway, under the client's address, and the
client range propagates to the gateway's tables. No group of its own applies. Whether anything may start a connection to a
client there is not documented, and undecided.

Not modelled here: IPv6 of clients, clients among themselves, who is in which access group, split tunnels.

Sources: https://docs.aws.amazon.com/vpn/latest/clientvpn-admin/how-it-works.html,
https://docs.aws.amazon.com/vpn/latest/clientvpn-admin/client-authorization.html (security groups),
https://docs.aws.amazon.com/vpn/latest/clientvpn-admin/cvpn-working-rules.html (the narrowest rule),
https://docs.aws.amazon.com/vpn/latest/clientvpn-admin/cvpn-tgw.html (endpoints of transit gateways),
https://docs.aws.amazon.com/vpc/latest/tgw/tgw-client-vpn-attachments.html (their attachments),
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateClientVpnEndpoint.html (DNS servers),
https://docs.aws.amazon.com/vpn/latest/clientvpn-admin/what-is-best-practices.html (translation, ranges, zones).
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from vpcsim.codes import Code
from vpcsim.errors import Problem
from vpcsim.fabric.network_interface import NetworkInterface
from vpcsim.fabric.subnet import Subnet
from vpcsim.fabric.vpc import Vpc
from vpcsim.gateways.announcing import attachment_of
from vpcsim.packet import Packet
from vpcsim.prefixes import EVERYWHERE, Prefix, family
from vpcsim.resolution import Answer, Query, Vantage
from vpcsim.resource import (
    Address,
    Cidr,
    Declaration,
    Declared,
    Draft,
    Link,
    Patch,
    Resource,
    TerraformSpelling,
    as_list,
    refers_to,
    refuse,
)
from vpcsim.shape import Read, Shape, field
from vpcsim.trace import Disposition, Step, accepted

if TYPE_CHECKING:
    from vpcsim.network import Index, Network
    from vpcsim.topology import Topology

PART_OF = {
    "AWS::EC2::ClientVpnTargetNetworkAssociation": ("AssociatedTargetNetworks", {"SubnetId": "TargetNetworkId"}),
    "AWS::EC2::ClientVpnRoute": ("Routes", {"DestinationCidrBlock": "DestinationCidr", "TargetVpcSubnetId": "TargetSubnet"}),
    "AWS::EC2::ClientVpnAuthorizationRule": (
        "AuthorizationRules",
        {"TargetNetworkCidr": "DestinationCidr", "AuthorizeAllGroups": "AccessAll", "AccessGroupId": "GroupId"},
    ),
}
"""Statements of CloudFormation that are parts of an endpoint: the list they belong to, and the API's names."""


class TargetNetwork(Shape):
    """A subnet through which clients enter."""

    target_network_id: Annotated[str, refers_to("subnet")]

    @classmethod
    def read_text(cls, text: str) -> Mapping[str, Any]:
        return {"TargetNetworkId": text}


class ClientVpnRoute(Shape):
    """A route of the endpoint: `192.168.0.0/16 -> mySubnet`. Between clients it leads to no subnet: `172.20.0.0/22 -> local`.

    A route of an endpoint of a transit gateway tells no target: `10.0.0.0/8`.
    """

    destination_cidr: Cidr
    target_subnet: Annotated[str | None, Read(lambda value: None if value == "local" else value), refers_to("subnet")] = None

    @classmethod
    def read_text(cls, text: str) -> Mapping[str, Any]:
        destination, arrow, subnet = text.partition("->")
        if not arrow and "/" not in text:
            raise ValueError(f"`{text}` is not a route such as `192.168.0.0/16 -> mySubnet`")
        return {"DestinationCidr": destination.strip(), "TargetSubnet": subnet.strip() or None}


class AuthorizationRule(Shape):
    """Who may reach a network: `10.0.0.0/16`, or `10.0.0.0/16 for Engineers`."""

    destination_cidr: Cidr
    access_all: bool = False
    group_id: str = ""

    @classmethod
    def read_text(cls, text: str) -> Mapping[str, Any]:
        destination, _, group = text.partition(" for ")
        return {"DestinationCidr": destination.strip(), "AccessAll": not group, "GroupId": group.strip()}


class TransitGatewayConfiguration(Shape):
    """The transit gateway that an endpoint is attached to instead of subnets."""

    transit_gateway_id: str | None = None


class ClientVpnEndpoint(Resource):
    """See the module."""

    kind: ClassVar[str] = "client_vpn_endpoint"
    section: ClassVar[str] = "ClientVpnEndpoints"
    described_as: ClassVar[tuple[str, ...]] = ("ClientVpnTargetNetworks", "Routes", "AuthorizationRules")
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::EC2::ClientVpnEndpoint", *PART_OF)
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={
            "aws_ec2_client_vpn_endpoint": "AWS::EC2::ClientVpnEndpoint",
            "aws_ec2_client_vpn_network_association": "AWS::EC2::ClientVpnTargetNetworkAssociation",
            "aws_ec2_client_vpn_route": "AWS::EC2::ClientVpnRoute",
            "aws_ec2_client_vpn_authorization_rule": "AWS::EC2::ClientVpnAuthorizationRule",
        },
    )
    native_names: ClassVar[Mapping[str, str]] = {
        "cidr": "ClientCidrBlock",
        "transit_gateway": "TransitGatewayId",
        "subnets": "AssociatedTargetNetworks",
        "security_groups": "SecurityGroupIds",
        "routes": "Routes",
        "authorize": "AuthorizationRules",
        "dns_servers": "DnsServers",
    }
    native_text: ClassVar[tuple[str, ...]] = ("AssociatedTargetNetworks", "Routes", "AuthorizationRules")

    id: str = field(api="ClientVpnEndpointId")
    client_cidr_block: Cidr
    associated_target_networks: tuple[TargetNetwork, ...] = ()
    security_group_ids: tuple[Annotated[str, refers_to("security_group")], ...] = ()
    routes: tuple[ClientVpnRoute, ...] = ()
    authorization_rules: tuple[AuthorizationRule, ...] = ()
    dns_servers: tuple[Address, ...] = ()
    """Whom clients ask for names while they are connected; without any they go on asking those of their own."""
    transit_gateway_configuration: TransitGatewayConfiguration | None = None

    @classmethod
    def described(cls, declaration: Declaration) -> Declared:
        """An endpoint; its networks, routes and rules come in answers of their own, each naming the endpoint."""
        fields, type = dict(declaration.fields), declaration.type
        if type == cls.section:
            yield Draft(cls, declaration.id, fields, declaration.origin)
        elif owner := fields.get("ClientVpnEndpointId"):
            name = "AssociatedTargetNetworks" if type == "ClientVpnTargetNetworks" else type
            state = str((fields.get("Status") or {}).get("Code", ""))
            if not state.startswith(("disassoc", "delet", "revok", "fail")):
                yield Patch(owner, {name: [fields]}, declaration.origin)

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        if declaration.type not in PART_OF:
            yield Draft(cls, declaration.id, fields, declaration.origin)
            return
        name, words = PART_OF[declaration.type]
        part = {words.get(key, key): value for key, value in fields.items()}
        owner = fields.get("ClientVpnEndpointId", "")
        yield Patch(owner, {name: [{**part, "WrittenAt": declaration.origin}]}, declaration.origin, key="ClientVpnEndpointId")

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        names = ("AssociatedTargetNetworks", "SecurityGroupIds", "Routes", "AuthorizationRules", "DnsServers")
        lists = {name: as_list(declaration.fields[name]) for name in names if name in declaration.fields}
        fields = {**declaration.fields, **lists}
        if gateway := fields.pop("TransitGatewayId", None):
            fields["TransitGatewayConfiguration"] = {"TransitGatewayId": gateway}
        yield Draft(cls, declaration.id, fields, declaration.origin)

    @property
    def transit_gateway_id(self) -> str | None:
        """The transit gateway that it is attached to, if it is none of a VPC."""
        configuration = self.transit_gateway_configuration
        return configuration.transit_gateway_id if configuration else None

    def announced(self, net: "Network") -> tuple[Prefix, ...]:
        """The client range, which propagates to the tables of a transit gateway."""
        return (self.client_cidr_block,)

    @property
    def subnet_ids(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(network.target_network_id for network in self.associated_target_networks))

    def implied(self, topology: "Topology") -> Iterable[Resource]:
        for subnet in self.subnet_ids:
            yield NetworkInterface.behind(
                self, subnet, self.security_group_ids or None, interface_type="client_vpn_endpoint", source_dest_check=False
            )

    def refusals(self, topology: "Topology") -> Iterable[Problem]:
        clients = self.client_cidr_block
        if self.transit_gateway_id and self.subnet_ids:
            message = f"{self.id}: an endpoint has subnets or the transit gateway {self.transit_gateway_id}, not both"
            yield refuse(message, "InvalidParameterCombination", self)
        if len(self.dns_servers) > 2:
            yield refuse(f"{self.id}: more than two DNS servers", "InvalidParameterValue", self)
        if clients.family == 4 and not 1 << 10 <= clients.size <= 1 << 20:
            message = f"{self.id}: {clients}: a client range is between /12 and /22"
            yield refuse(message, "InvalidParameterValue", self)
        subnets = [topology.need(Subnet, id) for id in self.subnet_ids]
        zones: dict[str, str] = {}
        for subnet in subnets:
            if (first := zones.setdefault(subnet.availability_zone, subnet.id)) != subnet.id:
                message = f"{self.id}: {first} and {subnet.id} are both in {subnet.availability_zone}"
                yield refuse(message, "InvalidClientVpnSubnetId.DuplicateAz", self)
            if subnet.vpc_id != subnets[0].vpc_id:
                message = f"{self.id}: {subnet.id} is not in {subnets[0].vpc_id}, where the first subnet is"
                yield refuse(message, "InvalidClientVpnSubnetId.NotFound", self)
        for vpc in dict.fromkeys(subnet.vpc_id for subnet in subnets):
            if any(block.overlaps(clients) for block in topology.need(Vpc, vpc).blocks):
                message = f"{self.id}: {clients} overlaps a block of {vpc}"
                yield refuse(message, "InvalidClientVpnSubnetId.OverlappingCidr", self)
        for route in self.routes:
            where = route if route.origin else self
            if route.target_subnet is None:
                if route.destination_cidr != clients and not self.transit_gateway_id:
                    message = (
                        f"{self.id}: `local` is the target for {clients}, where the clients are, not for {route.destination_cidr}"
                    )
                    yield refuse(message, "InvalidParameterValue", where)
                continue
            if route.target_subnet not in self.subnet_ids:
                message = f"{self.id}: {route.target_subnet} is not associated with the endpoint"
                yield refuse(message, "InvalidParameterValue", where)
            if route.destination_cidr not in EVERYWHERE.values() and route.destination_cidr.overlaps(clients):
                message = f"{self.id}: {clients}, the range of the clients, overlaps the route for {route.destination_cidr}"
                yield refuse(message, "InvalidParameterValue", where)

    def register(self, index: "Index") -> None:
        index.places[self.id] = self
        index.outside.append((self.client_cidr_block, self.id))
        index.addresses_of[self.id] = (self.client_cidr_block.first + 10,)
        if self.dns_servers:
            index.dns_servers_of[self.id] = self

    def answer(self, query: Query, vantage: Vantage, net: "Network") -> Answer:
        """What the first of its DNS servers answers that a client reaches."""
        from vpcsim.forwarding import ask_servers, senders_of

        return ask_servers(net, self.id, senders_of(net, self.id), self.dns_servers, query, vantage)

    def branches(self, packet: Packet, net: "Network") -> tuple[str, ...]:
        """The subnets through which the narrowest route for the destination leads."""
        vpc = net.vpc_of(self.subnet_ids[0]) if self.subnet_ids else None
        local = [(block, subnet) for block in (net.blocks_of(vpc) if vpc else ()) for subnet in self.subnet_ids]
        routes = [*((route.destination_cidr, route.target_subnet) for route in self.routes if route.target_subnet), *local]
        found = [(prefix.size, subnet) for prefix, subnet in routes if prefix.holds(packet.dst)]
        narrowest = min(found, default=(0, ""))[0]
        return tuple(dict.fromkeys(subnet for size, subnet in found if size == narrowest))

    def receive(self, packet: Packet, came_from: str | None, net: "Network") -> Iterator[Step]:
        if came_from is None:
            yield from self._let_in(packet, net)
        elif (original := net.session(self.id, packet)) is not None:
            answer = original.reversed()
            yield accepted(self.id, "{at}: to the client {packet.destination}", answer)
        elif self.transit_gateway_id:
            because = "{at}: whether a client takes {packet}, which none has asked for, is not documented"
            yield self._end(because, packet, Disposition.UNDECIDED, Code.VPCSIM_NOT_MODELLED)
        else:
            because = "{at}: no client asked for {packet}, and connections start at clients only"
            yield self._end(because, packet, Disposition.DENIED, Code.VPCSIM_UNSOLICITED)

    def _let_in(self, packet: Packet, net: "Network") -> Iterator[Step]:
        if family(packet.dst) == 6 or self.client_cidr_block.holds(packet.dst):
            because = "{at}: IPv6, and traffic between clients are not modelled"
            yield self._end(because, packet, Disposition.UNDECIDED, Code.VPCSIM_NOT_MODELLED)
            return
        yield self._authorized(packet)
        subnets = self.branches(packet, net)
        if self.transit_gateway_id and any(route.destination_cidr.holds(packet.dst) for route in self.routes):
            yield self._into_transit_gateway(packet, net)
            return
        if not subnets:
            because = "{at}: no route for {packet.destination}"
            yield self._end(because, packet, Disposition.NO_ROUTE, Code.NO_ROUTE_TO_DESTINATION)
            return
        interface = self._interface(net.chosen.get(self.id, subnets[0]), net)
        translated = packet.sent_by(net.address_of(interface))
        because = "{at}: translates the client {about} to {packet.source}"
        yield Step(self.id, because, translated, None, interface, None, None, packet, packet.source)

    def _into_transit_gateway(self, packet: Packet, net: "Network") -> Step:
        """On to the gateway under the client's own address.

        Source: https://docs.aws.amazon.com/vpn/latest/clientvpn-admin/cvpn-tgw.html
        """
        if (to := attachment_of(self.id, net)) is None:
            because, undecided = "{at}: its transit gateway is not in the model", Disposition.UNDECIDED
            return self._end(because, packet, undecided, Code.VPCSIM_NOT_MODELLED)
        return Step(self.id, "{at}: sends {packet}, from the client's own address", packet, None, to, None, None, packet)

    def _authorized(self, packet: Packet) -> Step:
        rules = [rule for rule in self.authorization_rules if rule.destination_cidr.holds(packet.dst)]
        narrowest = min((rule.destination_cidr.size for rule in rules), default=0)
        deciding = [rule for rule in rules if rule.destination_cidr.size == narrowest]
        if not deciding:
            because, fix = (
                "{at}: no authorization rule for {packet.destination}",
                "{at}: an authorization rule for {packet.destination}",
            )
            code = Code.NO_POSSIBLE_DESTINATION
            return Step(self.id, because, packet, None, None, Disposition.DENIED, code, None, None, fix)
        for rule in deciding:
            if rule.access_all:
                because = "{at}: {about} is authorized for everybody"
                return Step(self.id, because, packet, rule, about=rule.destination_cidr)
        because = "{at}: only members of {about} are authorized, and who asks is not in the model"
        groups = ", ".join(rule.group_id for rule in deciding)
        undecided = Disposition.UNDECIDED
        return Step(self.id, because, packet, deciding[0], None, undecided, Code.VPCSIM_NOT_MODELLED, None, groups)

    def _end(self, because: str, packet: Packet, disposition: Disposition, code: Code) -> Step:
        return Step(self.id, because, packet, None, None, disposition, code)

    def _interface(self, subnet: str, net: "Network") -> str:
        """Its interface in a subnet."""
        return next(id for id in net.interfaces_of(self.id) if net.subnet_of(id) == subnet)

    def links(self, net: "Network") -> Iterable[Link]:
        if self.transit_gateway_id:
            return (Link(self.id, self.transit_gateway_id, "attached to"),)
        return (Link(self.id, self._interface(subnet, net), "enters by") for subnet in self.subnet_ids)
