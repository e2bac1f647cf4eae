"""An interface endpoint: a service of AWS or of a partner, present in the VPC as one network interface per zone.

Its interfaces hold security groups (the default group when none is given) and take TCP and UDP; they do not answer ping.
Connections start on the consumer's side only. Any subnet of the VPC can use it, in any zone.

An endpoint of an endpoint service of the model hands on to its provider.

The service may be in another Region, if the endpoint says so: a customer's, or one of the few of AWS that allow it. Such an
endpoint has no zonal names.

In which zones a service of AWS is offered, the model says (`ServiceDetail`) or nobody.

Sources: https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html,
https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html,
https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-cross-region-privatelink-support.html,
https://docs.aws.amazon.com/vpc/latest/privatelink/concepts.html (states, protocols, direction),
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpcEndpoint.html.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from vpcsim import services
from vpcsim.codes import Code
from vpcsim.errors import Problem, UnknownName
from vpcsim.fabric.interface_parts import Group
from vpcsim.fabric.network_interface import NetworkInterface
from vpcsim.fabric.subnet import Subnet
from vpcsim.fabric.vpc import Vpc
from vpcsim.gateways.vpc_endpoint import FAMILIES, DnsOptions, VpcEndpoint, is_gateway_load_balancer, spelled, with_service_name
from vpcsim.packet import TCP, UDP, Packet
from vpcsim.resource import (
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
from vpcsim.stable import stable_hex
from vpcsim.trace import Disposition, Step, accepted

if TYPE_CHECKING:
    from vpcsim.network import Network
    from vpcsim.topology import Topology


ACROSS_REGIONS = ("s3", "ecr.api", "ecr.dkr", "kms", "ecs", "lambda", "kinesis-firehose", "kinesisanalytics", "route53")
"""Services of AWS with endpoints in other Regions than their own."""
NOT_ACROSS_REGIONS = ("use1-az3", "usw1-az2", "apne1-az3", "apne2-az2", "apne2-az4")
"""Zones that have no such endpoint."""
DUALSTACK_SUFFIXES = (".api.aws", ".api.amazonwebservices.com.cn")
RECORDS_OF = {"ipv4": ("ipv4",), "ipv6": ("ipv6",), "dualstack": ("dualstack", "ipv4", "ipv6", "service-defined")}
"""By the type of the endpoint's addresses: the types of DNS records that go with it. By default there is one for every address.

Source: https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html
"""


class DnsEntry(Shape):
    """A name of the endpoint."""

    dns_name: str


class InterfaceEndpoint(VpcEndpoint):
    """See the module."""

    kind: ClassVar[str] = "interface_endpoint"
    endpoint_type: ClassVar[str] = "Interface"
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::EC2::VPCEndpoint",)
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={
            "aws_vpc_endpoint": "AWS::EC2::VPCEndpoint",
            "data.aws_vpc_endpoint": "AWS::EC2::VPCEndpoint",
            "aws_vpc_endpoint_subnet_association": "SubnetIds",
            "aws_vpc_endpoint_security_group_association": "Groups",
            "aws_vpc_endpoint_policy": "PolicyDocument",
            "aws_vpc_endpoint_private_dns": "PrivateDnsEnabled",
        },
        names={"policy": "PolicyDocument"},
        once=("dns_options",),
    )
    native_names: ClassVar[Mapping[str, str]] = {
        "vpc": "VpcId",
        "service": "ServiceName",
        "type": "VpcEndpointType",
        "subnets": "SubnetIds",
        "security_groups": "Groups",
        "private_dns": "PrivateDnsEnabled",
        "policy": "PolicyDocument",
        "state": "State",
        "ip_type": "IpAddressType",
        "service_region": "ServiceRegion",
        "private_name": "PrivateDnsName",
    }

    naming: ClassVar[tuple[str, ...]] = ("PrivateDnsEnabled", "PrivateDnsName", "DnsOptions")

    vpc_endpoint_type: str = "Interface"
    subnet_ids: tuple[Annotated[str, refers_to("subnet")], ...] = ()
    groups: tuple[Group, ...] | None = None
    private_dns_enabled: bool = False
    private_dns_name: str = ""
    """The name that the provider of a customer's endpoint service has proved to own."""
    ip_address_type: Annotated[str, Read(spelled)] = field(default="", pattern="^(ipv4|ipv6|dualstack|)$")
    dns_options: DnsOptions = field(default_factory=DnsOptions)
    dns_entries: tuple[DnsEntry, ...] = ()
    """The names that AWS gave it, the regional one first, where the input tells them."""

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        fields = with_service_name(declaration)
        if fields.get("VpcEndpointType", "Gateway") == cls.endpoint_type:
            if "SecurityGroupIds" in fields:
                fields["Groups"] = fields.pop("SecurityGroupIds")
            fields["AwaitsAcceptance"] = "State" not in {**declaration.existing, **fields}
            yield Draft(cls, declaration.id, fields, declaration.origin)

    @classmethod
    def terraform(cls, declaration: Declaration) -> Declared:
        """Subnets, groups, the policy and private DNS may be statements of their own. Private DNS is off unless it is asked for.

        Sources: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/vpc_endpoint,
        https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/vpc_endpoint_security_group_association
        """
        fields = dict(declaration.fields)
        if declaration.type == "AWS::EC2::VPCEndpoint":
            yield from cls.cloudformation(declaration)
            return
        part = fields.get({"SubnetIds": "SubnetId", "Groups": "SecurityGroupId"}.get(declaration.type, declaration.type))
        told = {declaration.type: [part] if declaration.type in ("SubnetIds", "Groups") else part}
        yield Patch(fields.get("VpcEndpointId", ""), told, declaration.origin, key="vpc_endpoint_id")

    @classmethod
    def terraform_attribute(cls, declaration: Declaration, attribute: str) -> Any:
        if attribute == "dns_entry":
            return later(declaration.id, "DnsName")
        return super().terraform_attribute(declaration, attribute)

    @classmethod
    def cloudformation_attribute(cls, declaration: Declaration, attribute: str) -> Any:
        """The DNS entries in AWS's order, each as `zone:name`: regional, zonal, private.

        Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-vpcendpoint.html
        """
        fields = with_service_name(declaration)
        if attribute != "DnsEntries" or fields.get("VpcEndpointType") != cls.endpoint_type:
            return None
        service = str(fields.get("ServiceName"))
        head, _, tail = regional_name(declaration.id, service).partition(".")
        zones = [later(str(subnet), "AvailabilityZone") for subnet in as_list(fields.get("SubnetIds"))]
        private = _private_names(service) if fields.get("PrivateDnsEnabled") in (True, "true") else ()
        names = [f"{head}.{tail}", *(f"{head}-{zone}.{tail}" for zone in zones), *private]
        return [f"Z{stable_hex(declaration.id, 12).upper()}:{name}" for name in names]

    def late_attribute(self, attribute: str, topology: "Topology") -> str | None:
        """`DnsName`: the regional name, for an alias record that leads here."""
        return self.regional_name if attribute == "DnsName" else None

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        known = {**declaration.existing, **fields}
        is_gateway = str(known.get("VpcEndpointType", "")).lower() == "gateway" or "RouteTableIds" in known
        if is_gateway or is_gateway_load_balancer(known):
            return
        for name in ("SubnetIds", "Groups"):
            if name in fields:
                fields[name] = as_list(fields[name])
        fields["VpcEndpointType"] = str(fields.get("VpcEndpointType", "interface")).capitalize()
        yield from cls.cloudformation(declaration._replace(fields=fields))

    def implied(self, topology: "Topology") -> Iterable[Resource]:
        groups = None if not self.groups else [group.group_id for group in self.groups]
        wants = self.ip_address_type == "dualstack"
        for id in self.subnet_ids:
            subnet = topology.get(Subnet, id)
            six = subnet is not None and any(block.family == 6 for block in subnet.blocks)
            yield NetworkInterface.behind(
                self, id, groups, interface_type="vpc_endpoint", deny_all_igw_traffic=six, wants_ipv6_address=wants
            )

    def refusals(self, topology: "Topology") -> Iterable[Problem]:
        yield from self._unknown_service()
        yield from self._region_refusals(topology)
        yield from self._ip_type_refusals(topology)
        zones: dict[str, str] = {}
        for id in self.subnet_ids:
            subnet = topology.need(Subnet, id)
            if subnet.vpc_id != self.vpc_id:
                yield refuse(f"{self.id}: subnet {id} is not in {self.vpc_id}", "InvalidParameter", self)
            if (first := zones.setdefault(subnet.availability_zone, id)) != id:
                message = (
                    f"{self.id}: {first} and {id} are both in {subnet.availability_zone}; an endpoint has one subnet per zone"
                )
                yield refuse(message, "DuplicateSubnetsInSameZone", self)
        if self.private_dns_enabled:
            yield from self._private_dns_refusals(topology)

    def _unknown_service(self) -> Iterable[Problem]:
        try:
            services.private_dns_names(self.service_name)
        except UnknownName as error:
            if error.nearest:
                yield refuse(f"{self.id}: {error}", "InvalidServiceName", self)

    @property
    def across_regions(self) -> bool:
        """Whether its service may be in another Region."""
        return self.service_region is not None

    def _region_refusals(self, topology: "Topology") -> Iterable[Problem]:
        """Source: https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-cross-region-privatelink-support.html"""
        own = topology.region_of(self)
        there = next((part for part in self.service_name.split(".") if services.is_region(part)), own)
        if self.service_region not in (None, there) or (there != own and self.service_region is None):
            unsaid = f"not in {own}; say so by ServiceRegion"
            asked = f"and ServiceRegion says {self.service_region}" if self.service_region else unsaid
            message = f"{self.id}: {self.service_name} is in {there}, {asked}"
            yield refuse(message, "InvalidServiceName", self)
        elif there != own:
            if not services.is_customer_service(self.service_name) and not self.service_name.endswith(ACROSS_REGIONS):
                yield refuse(f"{self.id}: {self.service_name} has endpoints in {there} only", "InvalidServiceName", self)
            ids = {zone.name: zone.id for zone in services.availability_zones(own)}
            for subnet in self.subnet_ids:
                zone = topology.need(Subnet, subnet).availability_zone
                if ids.get(zone) in NOT_ACROSS_REGIONS:
                    yield refuse(f"{self.id}: {zone} has no endpoints for other Regions", "InvalidParameter", self)

    def _ip_type_refusals(self, topology: "Topology") -> Iterable[Problem]:
        """Source: https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html"""
        yield from self.subnet_refusals(self.subnet_ids, topology)
        records, chosen = self.dns_options.dns_record_ip_type, self.chosen_ip_type(topology)
        if records and records not in RECORDS_OF[chosen]:
            message = f"{self.id}: DNS records of type {records} do not go with the address type {chosen}"
            yield refuse(message, "InvalidParameter", self)

    def _private_dns_refusals(self, topology: "Topology") -> Iterable[Problem]:
        vpc = topology.need(Vpc, self.vpc_id)
        for attribute in ("enable_dns_support", "enable_dns_hostnames"):
            if not getattr(vpc, attribute):
                name = vpc.fields[attribute].api
                needs = f"{self.id}: private DNS needs EnableDnsSupport and EnableDnsHostnames of {vpc.id}"
                message = f"{needs}, and {name} is off; turn it on"
                yield refuse(message, "InvalidParameter", self)
        if not services.is_customer_service(self.service_name) and self._offers_no_private_dns():
            yield refuse(f"{self.id}: {self.service_name} offers no private DNS name", "InvalidParameter", self)
        if self.for_inbound_resolvers_only and not any(
            getattr(e, "service_name", "") == self.service_name and getattr(e, "vpc_id", "") == self.vpc_id
            for e in topology.of_kind("gateway_endpoint")
        ):
            needs = f"{self.id}: private DNS for inbound resolver endpoints only needs a gateway endpoint for S3 in {vpc.id}"
            message = f"{needs}; add one, which is free, or turn PrivateDnsOnlyForInboundResolverEndpoint off"
            yield refuse(message, "InvalidParameter", self)

    @classmethod
    def check(cls, topology: "Topology") -> Iterable[Problem]:
        yield from super().check(topology)
        owners: dict[tuple[str, str], InterfaceEndpoint] = {}
        for endpoint in topology.of(cls):
            for name in endpoint.private_dns_names:
                first = owners.setdefault((endpoint.vpc_id, name), endpoint)
                if first is not endpoint:
                    has = f"{endpoint.id}: {first.id} already has the conflicting DNS domain {name} in {endpoint.vpc_id}"
                    message = f"{has}; keep one endpoint, or leave private DNS off on {endpoint.id}"
                    yield refuse(message, "InvalidParameter", endpoint)
                    break

    @property
    def for_inbound_resolvers_only(self) -> bool:
        """S3 only, and its default: names answer privately for inbound resolver endpoints alone.

        Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/privatelink-interface-endpoints.html
        """
        asked = self.dns_options.private_dns_only_for_inbound_resolver_endpoint
        return self.private_dns_enabled and self.service_name.endswith(".s3") and asked is not False

    def _offers_no_private_dns(self) -> bool:
        try:
            return not services.private_dns_names(self.service_name) and not services.names_are_assumed(self.service_name)
        except UnknownName:
            return False

    @property
    def private_dns_names(self) -> tuple[str, ...]:
        """The service's own names that answer with this endpoint's addresses inside the VPC; wildcards as `*.name`."""
        if not self.private_dns_enabled:
            return ()
        if services.is_customer_service(self.service_name):
            return (self.private_dns_name.rstrip(".").lower(),) if self.private_dns_name else ()
        return _private_names(self.service_name)

    def record_families(self, name: str, private: bool) -> tuple[int, ...]:
        """The families of the records that one of its names has; what a service defines depends on which name is called.

        Source: https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html
        """
        records = self.dns_options.dns_record_ip_type or "dualstack"
        if records == "service-defined":
            records = "ipv4" if private and not name.endswith(DUALSTACK_SUFFIXES) else "dualstack"
        return tuple(sorted(FAMILIES[records]))

    @property
    def regional_name(self) -> str:
        """The endpoint-specific name that answers with the addresses of all zones."""
        return self.dns_entries[0].dns_name if self.dns_entries else regional_name(self.id, self.service_name)

    def zonal_name(self, zone: str) -> str:
        """The endpoint-specific name that answers with the address of one zone."""
        head, _, tail = self.regional_name.partition(".")
        return f"{head}-{zone}.{tail}"

    def entrance(self, net: "Network") -> str | None:
        return None

    def receive(self, packet: Packet, came_from: str | None, net: "Network") -> Iterator[Step]:
        provider = net.index.provider_of.get(self.service_name)
        if came_from is None or came_from == provider:
            yield from self._answer(packet, net)
            return
        if not self.carries:
            until = " until the provider accepts it" if self.state.lower() == "pendingacceptance" else ""
            because = f"{{at}}: the endpoint is in state {{about}} and carries no traffic{until}"
            yield self._deny(
                because, packet, Code.BAD_STATE, self.state, "the provider of the service accepts {at}" if until else ""
            )
        if packet.protocol not in (TCP, UDP):
            because = "{at}: an interface endpoint takes TCP and UDP and does not answer {packet.service}"
            yield self._deny(because, packet, Code.PROTOCOL_RESTRICTION)
        if self.vpc_id in net.index.encrypted and packet.dst_port != (443, 443):
            because = "{at}: {about} enforces encryption, and whether the application encrypts {packet.service} is not known"
            undecided = Disposition.UNDECIDED
            yield Step(self.id, because, packet, None, None, undecided, Code.VPCSIM_NOT_MODELLED, None, self.vpc_id)
        because = "{at}: to {about} over AWS PrivateLink: the traffic stays on the AWS network"
        if provider is None:
            yield accepted(self.id, because, packet, packet, self.service_name)
        else:
            yield Step(self.id, because, packet, None, provider, None, None, packet, self.service_name)

    def _answer(self, packet: Packet, net: "Network") -> Iterator[Step]:
        interface = net.interface_at(self.vpc_id, packet.src)
        if net.session(self.id, packet) is None:
            because = "{at}: an endpoint starts no connections: nothing asked for {packet}"
            yield self._deny(because, packet, Code.VPCE_INTRA_VPC_TRAFFIC)
        yield Step(self.id, "{at}: the answer of {about}", packet, None, interface, None, None, None, self.service_name)

    def _deny(self, because: str, packet: Packet, code: Code, about: str = "", fix: str = "") -> Step:
        return Step(self.id, because, packet, None, None, Disposition.DENIED, code, None, about, fix)

    def links(self, net: "Network") -> Iterable[Link]:
        yield Link(self.vpc_id, self.id, "contains")
        yield Link(self.id, self.service_name, "serves")


def _private_names(service_name: str) -> tuple[str, ...]:
    try:
        return services.private_dns_names(service_name)
    except UnknownName:
        return ()


def regional_name(id: str, service_name: str) -> str:
    """The endpoint-specific regional name; its random part is made up from the id where the input does not hold it.

    Source: https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html
    """
    vpce = id if id.startswith("vpce-") else f"vpce-{stable_hex(id)}"
    return f"{vpce}-{stable_hex(f'{id}/dns', 8)}.{services.endpoint_dns_suffix(service_name)}"
