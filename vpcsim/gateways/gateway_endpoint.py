"""A gateway endpoint: a route to S3 or DynamoDB that AWS puts into the route tables one chooses.

Names do not change: traffic still goes to the service's public addresses, and the route for the service's prefix list
takes it. It takes TCP and ICMP echo, from interfaces of its own VPC, for its own Region, and never starts a connection.
Its address type says whether the route is for the service's IPv4 addresses, its IPv6 addresses, or both.

Sources: https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html,
https://docs.aws.amazon.com/AmazonS3/latest/userguide/privatelink-interface-endpoints.html (address and record types),
https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-s3.html,
https://docs.aws.amazon.com/vpc/latest/reachability/explanation-codes.html (VPCE_GATEWAY_*).
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from vpcsim import services
from vpcsim.codes import Code
from vpcsim.errors import Problem
from vpcsim.fabric.prefix_list import PrefixList
from vpcsim.fabric.route_table import Route, RouteTable
from vpcsim.fabric.subnet import Subnet
from vpcsim.fabric.vpc import Vpc
from vpcsim.gateways.vpc_endpoint import FAMILIES, DnsOptions, VpcEndpoint, spelled, with_service_name
from vpcsim.packet import ECHO_REQUEST, ECHO_REQUEST6, ICMP, ICMPV6, TCP, Packet
from vpcsim.resource import Declaration, Declared, Draft, Finding, Link, Patch, Resource, TerraformSpelling, refers_to, refuse
from vpcsim.shape import Read, field
from vpcsim.trace import Disposition, Step, accepted

if TYPE_CHECKING:
    from vpcsim.network import Index, Network
    from vpcsim.topology import Topology

ECHOES = ((ICMP, ECHO_REQUEST), (ICMPV6, ECHO_REQUEST6))
RECORDS_OF = {"ipv4": ("ipv4",), "ipv6": ("ipv6",), "dualstack": ("ipv4", "ipv6", "dualstack")}
"""By the address type: the types of DNS records that go with it, besides those that the service defines."""
PAGE = "https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html"


class GatewayEndpoint(VpcEndpoint):
    """See the module."""

    kind: ClassVar[str] = "gateway_endpoint"
    looks_at_zones: ClassVar[bool] = False
    endpoint_type: ClassVar[str] = "Gateway"
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::EC2::VPCEndpoint",)
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={
            "aws_vpc_endpoint": "AWS::EC2::VPCEndpoint",
            "data.aws_vpc_endpoint": "AWS::EC2::VPCEndpoint",
            "aws_vpc_endpoint_route_table_association": "aws_vpc_endpoint_route_table_association",
        },
        names={"policy": "PolicyDocument"},
    )
    native_names: ClassVar[Mapping[str, str]] = {"route_tables": "RouteTableIds"}
    route_target: ClassVar[str] = "GatewayId"

    vpc_endpoint_type: str = "Gateway"
    route_table_ids: tuple[Annotated[str, refers_to("route_table")], ...] = ()
    ip_address_type: Annotated[str, Read(spelled)] = field(default="", pattern="^(ipv4|ipv6|dualstack|)$")
    dns_options: DnsOptions = field(default_factory=DnsOptions)

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        fields = with_service_name(declaration)
        if fields.get("VpcEndpointType", "Gateway") == cls.endpoint_type:
            yield Draft(cls, declaration.id, fields, declaration.origin)

    @classmethod
    def terraform(cls, declaration: Declaration) -> Declared:
        """Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/vpc_endpoint_route_table_association"""
        fields = declaration.fields
        if declaration.type == "AWS::EC2::VPCEndpoint":
            yield from cls.cloudformation(declaration)
        else:
            tables = {"RouteTableIds": [fields.get("RouteTableId")]}
            yield Patch(fields.get("VpcEndpointId", ""), tables, declaration.origin, key="vpc_endpoint_id")

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        known = {**declaration.existing, **fields}
        if str(known.get("VpcEndpointType", "")).lower() == "gateway" or "RouteTableIds" in known:
            fields["VpcEndpointType"] = cls.endpoint_type
            if isinstance(fields.get("RouteTableIds"), str):
                fields["RouteTableIds"] = [fields["RouteTableIds"]]
            yield from cls.cloudformation(declaration._replace(fields=fields))

    @property
    def service(self) -> str:
        """`s3` or `dynamodb`."""
        return self.service_name.rpartition(".")[2]

    def served_region(self, topology: "Topology") -> str:
        """The Region that its service's name holds, or else its own."""
        return self.service_name.split(".")[-2] if self.service_name.count(".") >= 3 else topology.region_of(self)

    def lists(self, topology: "Topology") -> list[services.ManagedPrefixList]:
        """The prefix lists of its service that it routes."""
        makers = {4: services.prefix_list, 6: services.ipv6_prefix_list}
        region = self.served_region(topology)
        return [makers[version](region, self.service) for version in sorted(FAMILIES[self.ip_address_type or "ipv4"])]

    @property
    def record_families(self) -> tuple[int, ...]:
        """The families of the records that the service's names have in its VPC; none: as the service defines.

        Source: https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html
        """
        asked = self.dns_options.dns_record_ip_type
        return tuple(sorted(FAMILIES[asked])) if asked in FAMILIES and self.service == "s3" and self.carries else ()

    def implied(self, topology: "Topology") -> Iterable[Resource]:
        if self.service in ("s3", "dynamodb"):
            yield from map(PrefixList.managed, self.lists(topology))

    @classmethod
    def check(cls, topology: "Topology") -> Iterable[Problem]:
        yield from super().check(topology)
        owners: dict[tuple[str, str], str] = {}
        for endpoint in topology.of(cls):
            for table in endpoint.route_table_ids:
                owner = owners.setdefault((table, endpoint.service_name), endpoint.id)
                if owner != endpoint.id:
                    message = f"{endpoint.id}: {table} already has the route of {owner} to {endpoint.service_name}"
                    yield refuse(message, "RouteAlreadyExists", endpoint)

    def refusals(self, topology: "Topology") -> Iterable[Problem]:
        if self.service not in ("s3", "dynamodb"):
            message = f"{self.id}: {self.service_name} has no gateway endpoint, only S3 and DynamoDB have"
            yield refuse(message, "InvalidServiceName", self)
        elif self.served_region(topology) != topology.region_of(self):
            yield refuse(f"{self.id}: a gateway endpoint serves its own Region only", "InvalidServiceName", self)
        yield from self._family_refusals(topology)
        for id in self.route_table_ids:
            if topology.need(RouteTable, id).vpc_id != self.vpc_id:
                yield refuse(f"{self.id}: route table {id} is not in {self.vpc_id}", "InvalidParameter", self)

    def _family_refusals(self, topology: "Topology") -> Iterable[Problem]:
        chosen, records = self.ip_address_type or "ipv4", self.dns_options.dns_record_ip_type
        wanted = FAMILIES[chosen]
        for subnet in self._subnets(topology) if self.ip_address_type else ():
            families = {block.family for block in subnet.blocks}
            if not wanted <= families or (chosen == "ipv6" and families != wanted):
                message = f"{self.id}: the address type {chosen} does not go with the blocks of {subnet.id}"
                yield refuse(message, "InvalidParameter", self)
        if records in ("", "service-defined"):
            return
        if records not in RECORDS_OF[chosen]:
            message = f"{self.id}: DNS records of type {records} do not go with the address type {chosen}"
            yield refuse(message, "InvalidParameter", self)
        if self.service == "dynamodb":
            message = f"{self.id}: DynamoDB has DNS records of type service-defined only"
            yield refuse(message, "InvalidParameter", self)
        vpc = topology.need(Vpc, self.vpc_id)
        if not (vpc.enable_dns_support and vpc.enable_dns_hostnames):
            message = f"{self.id}: DNS records of type {records} need EnableDnsSupport and EnableDnsHostnames of {vpc.id}"
            yield refuse(message, "InvalidParameter", self)

    def _subnets(self, topology: "Topology") -> list[Subnet]:
        """The subnets that use its route tables, the main one without an association."""
        tables = topology.of(RouteTable)
        table_of = {a.subnet_id: table.id for table in tables for a in table.associations if a.subnet_id}
        mains = {table.vpc_id: table.id for table in tables for a in table.associations if a.main}
        used = {s.id: table_of.get(s.id, mains.get(s.vpc_id)) for s in topology.of(Subnet)}
        return [subnet for subnet in topology.of(Subnet) if used[subnet.id] in self.route_table_ids]

    def register(self, index: "Index") -> None:
        index.places[self.id] = self
        lists = self.lists(index.topology)
        routes = [Route(destination_prefix_list_id=listed.id, gateway_id=self.id, origin=self.origin) for listed in lists]
        for table in self.route_table_ids:
            index.added_routes.setdefault(table, []).extend(routes)

    def takes_from(self, vpc_id: str) -> bool:
        return self.vpc_id == vpc_id and self.carries

    def receive(self, packet: Packet, came_from: str | None, net: "Network") -> Iterator[Step]:
        if came_from is None:
            yield from self._answer(packet, net)
            return
        if packet.protocol != TCP and (packet.protocol, packet.dst_port) not in ECHOES:
            because = "{at}: a gateway endpoint takes TCP and ICMP echo, not {packet.service}"
            yield self._deny(because, packet, Code.VPCE_GATEWAY_PROTOCOL_RESTRICTION)
        if net.interface_at(self.vpc_id, packet.src) is None:
            because = "{at}: serves interfaces of {about} only, and {packet.source} is none"
            yield self._deny(because, packet, Code.GATEWAY_REJECTS_SPOOFED_TRAFFIC, self.vpc_id)
            return
        because = "{at}: to {about} inside its Region: the traffic stays on the AWS network"
        yield accepted(self.id, because, packet, packet, self.service_name)

    def _answer(self, packet: Packet, net: "Network") -> Iterator[Step]:
        if not any(prefix.holds(packet.src) for prefix in self._prefixes(net)):
            because = "{at}: sends only from addresses of {about}, and {packet.source} is none"
            yield self._deny(because, packet, Code.VPCE_GATEWAY_EGRESS_SOURCE_ADDRESS_RESTRICTION, self.service_name)
        if net.session(self.id, packet) is None:
            yield self._deny(
                "{at}: an endpoint starts no connections: nothing asked for {packet}", packet, Code.VPCE_INTRA_VPC_TRAFFIC
            )
        interface = net.interface_at(self.vpc_id, packet.dst)
        yield Step(self.id, "{at}: the answer of {about}", packet, to=interface, about=self.service_name)

    def _prefixes(self, net: "Network") -> Iterable[Any]:
        return [prefix for listed in self.lists(net.topology) for prefix in net.prefixes_of(listed.id) or ()]

    def _deny(self, because: str, packet: Packet, code: Code, about: str = "") -> Step:
        return Step(self.id, because, packet, None, None, Disposition.DENIED, code, None, about)

    def findings(self, net: "Network") -> Iterable[Finding]:
        """Tables in use that the endpoint has no routes in: their subnets do not reach the service by it."""
        yield from super().findings(net)
        used = dict.fromkeys(table for subnet, table in net.index.table_of.items() if net.vpc_of(subnet) == self.vpc_id)
        missing = [table for table in used if table not in self.route_table_ids]
        if missing:
            because = f"covers {len(used) - len(missing)} of {len(used)} route tables in use; without it: {', '.join(missing)}"
            yield Finding("gateway-endpoint-not-on-table", self.id, because, PAGE, self.origin, "note")

    def links(self, net: "Network") -> Iterable[Link]:
        yield Link(self.vpc_id, self.id, "contains")
        yield Link(self.id, self.service_name, "serves")
