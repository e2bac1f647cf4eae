"""A Resolver endpoint: the interfaces by which queries leave a VPC (outbound) or come in (inbound).

An outbound endpoint sends what FORWARD rules hand to it, and takes the replies. An inbound endpoint answers as the VPC
resolver of its VPC does: private zones, rules, private DNS. Both hold security groups, and their packets are traced like
any other: UDP and TCP to port 53.

Not modelled here: DNS over HTTPS as a protocol of queries, and the servers that an inbound delegation stands for.

Sources: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-choose-vpc.html,
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-overview-DSN-queries-to-vpc.html,
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-overview-forward-network-to-vpc.html,
https://docs.aws.amazon.com/Route53/latest/APIReference/API_route53resolver_CreateResolverEndpoint.html.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from vpcsim.codes import Code
from vpcsim.errors import Problem
from vpcsim.fabric.interface_parts import Group
from vpcsim.fabric.network_interface import NetworkInterface
from vpcsim.fabric.subnet import Subnet
from vpcsim.packet import TCP, UDP, Packet
from vpcsim.resolution import SERVFAIL, Answer, Lookup, Query, Vantage
from vpcsim.resource import (
    Address,
    Declaration,
    Declared,
    Draft,
    Link,
    Patch,
    Resource,
    TerraformSpelling,
    as_list,
    later,
    refers_to,
    refuse,
)
from vpcsim.shape import Read, Shape, field
from vpcsim.trace import Disposition, Step, accepted

if TYPE_CHECKING:
    from vpcsim.network import Index, Network
    from vpcsim.topology import Topology

DNS = (53, 53)


class IpAddressRequest(Shape):
    """One address of the endpoint: a subnet, and the address in it if it is chosen."""

    subnet_id: Annotated[str, refers_to("subnet")]
    ip: Address | None = None

    @classmethod
    def read_text(cls, text: str) -> Mapping[str, Any]:
        subnet, _, ip = text.partition(" ")
        return {"SubnetId": subnet, "Ip": ip.strip() or None}


class ResolverEndpoint(Resource):
    """See the module."""

    kind: ClassVar[str] = "resolver_endpoint"
    of_vpc_owner: ClassVar[bool] = True
    section: ClassVar[str] = "ResolverEndpoints"
    described_as: ClassVar[tuple[str, ...]] = ("IpAddresses",)
    described_interfaces: ClassVar[str] = r"Route 53 Resolver: (rslvr-[a-z]+-[0-9a-f]+):.*"
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::Route53Resolver::ResolverEndpoint",)
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={"aws_route53_resolver_endpoint": "AWS::Route53Resolver::ResolverEndpoint"},
        names={"ip_address": "IpAddresses"},
    )
    native_names: ClassVar[Mapping[str, str]] = {
        "direction": "Direction",
        "addresses": "IpAddresses",
        "security_groups": "SecurityGroupIds",
    }
    native_text: ClassVar[tuple[str, ...]] = ("IpAddresses",)

    id: str = field(api="Id")
    direction: Annotated[str, Read(lambda v: str(v).upper())] = field(pattern="^(INBOUND|OUTBOUND|INBOUND_DELEGATION)$")
    ip_addresses: tuple[IpAddressRequest, ...] = ()
    security_group_ids: tuple[Group, ...] = ()

    @classmethod
    def described(cls, declaration: Declaration) -> Declared:
        """An endpoint; its addresses come in an answer that is about one endpoint."""
        if declaration.type == cls.section:
            yield from cls.cloudformation(declaration)
        elif owner := declaration.page.get("ResolverEndpointId"):
            address = {k: v for k, v in declaration.fields.items() if k in ("SubnetId", "Ip")}
            yield Patch(owner, {"IpAddresses": [address]}, declaration.origin)

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        fields = {k: v for k, v in declaration.fields.items() if k != "Protocols"}
        yield Draft(cls, declaration.id, fields, declaration.origin)

    @classmethod
    def cloudformation_attribute(cls, declaration: Declaration, attribute: str) -> Any:
        """Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-route53resolver-resolverendpoint.html"""
        if attribute == "Arn":
            return f"arn:aws:route53resolver:{declaration.region}:{declaration.account}:resolver-endpoint/{declaration.id}"
        named = {"ResolverEndpointId": declaration.id, "HostVPCId": later(declaration.id, "HostVPCId")}
        return named.get(attribute) or declaration.fields.get(attribute)

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        if "SecurityGroupIds" in fields:
            fields["SecurityGroupIds"] = as_list(fields["SecurityGroupIds"])
        yield Draft(cls, declaration.id, fields, declaration.origin)

    def late_attribute(self, attribute: str, topology: "Topology") -> str | None:
        return self.vpc_in(topology) if attribute == "HostVPCId" else None

    @property
    def inbound(self) -> bool:
        return self.direction != "OUTBOUND"

    def vpc_in(self, topology: "Topology") -> str:
        """The VPC of its subnets."""
        found = (topology.get(Subnet, address.subnet_id) for address in self.ip_addresses)
        return next((subnet.vpc_id for subnet in found if subnet is not None), "")

    def implied(self, topology: "Topology") -> Iterable[Resource]:
        groups = [group.group_id for group in self.security_group_ids] or None
        seen: dict[str, int] = {}
        for address in self.ip_addresses:
            made = NetworkInterface.behind(self, address.subnet_id, groups, private_ip_address=address.ip)
            number = seen[address.subnet_id] = seen.get(address.subnet_id, 0) + 1
            suffix = f"/{number}" if number > 1 else ""
            yield made.replaced(id=made.id + suffix, name=made.name + suffix)

    def refusals(self, topology: "Topology") -> Iterable[Problem]:
        if len(self.ip_addresses) < 2:
            yield refuse(f"{self.id}: an endpoint needs at least two addresses", "InvalidRequestException", self)
        if not self.security_group_ids:
            yield refuse(f"{self.id}: an endpoint needs a security group", "InvalidParameterException", self)
        vpc = self.vpc_in(topology)
        for address in self.ip_addresses:
            if topology.need(Subnet, address.subnet_id).vpc_id != vpc:
                yield refuse(f"{self.id}: subnet {address.subnet_id} is not in {vpc}", "InvalidRequestException", self)

    def register(self, index: "Index") -> None:
        super().register(index)
        index.vpc_of[self.id] = self.vpc_in(index.topology)

    def entrance(self, net: "Network") -> str | None:
        return None

    def receive(self, packet: Packet, came_from: str | None, net: "Network") -> Iterator[Step]:
        if came_from is None:
            yield self._send(packet, net)
        elif net.session(self.id, packet) is not None:
            yield accepted(self.id, "{at}: takes the reply {packet}", packet)
        elif not self.inbound:
            because = "{at}: an outbound endpoint takes replies only, and nothing asked for {packet}"
            yield self._deny(because, packet, Code.VPCSIM_UNSOLICITED)
        elif packet.protocol not in (TCP, UDP) or packet.dst_port != DNS:
            because = "{at}: an inbound endpoint takes DNS on port 53, not {packet.service}"
            yield self._deny(because, packet, Code.VPCSIM_NO_SERVICE)
        else:
            because = "{at}: the VPC resolver of {about} takes {packet}"
            yield accepted(self.id, because, packet, packet, net.vpc_of(self.id))

    def _send(self, packet: Packet, net: "Network") -> Step:
        interface = net.interface_at(net.vpc_of(self.id), packet.src)
        if net.session(self.id, packet) is not None:
            return Step(self.id, "{at}: the answer of the VPC resolver", packet, None, interface)
        if self.inbound:
            because = "{at}: an inbound endpoint starts no connections: nothing asked for {packet}"
            return self._deny(because, packet, Code.VPCSIM_UNSOLICITED)
        return Step(self.id, "{at}: sends {packet}", packet, None, interface, original=packet)

    def _deny(self, because: str, packet: Packet, code: Code) -> Step:
        return Step(self.id, because, packet, None, None, Disposition.DENIED, code)

    def answer_query(self, query: Query, vantage: Vantage, net: "Network", place: str) -> Answer:
        """What the VPC resolver answers to a query that came in here."""
        from vpcsim.forwarding import answer_of
        from vpcsim.resolving import resolve

        if self.id in vantage.passed:
            because = f"{self.id}: the query for {query.name} is here again, so rules send it in a circle"
            return Answer(SERVFAIL, steps=(Lookup(self.id, because),), owner=self.id)
        return answer_of(resolve(net, Vantage(net.vpc_of(self.id), self.id, (*vantage.passed, self.id)), query))

    def links(self, net: "Network") -> Iterable[Link]:
        yield Link(net.vpc_of(self.id) or "", self.id, "contains")
