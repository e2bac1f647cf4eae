"""An endpoint service: what a provider offers over AWS PrivateLink, from behind load balancers of its own VPC.

Network Load Balancers serve interface endpoints, Gateway Load Balancers serve Gateway Load Balancer endpoints. Every
request of a consumer is pending until the provider accepts it, unless acceptance is not required. An endpoint reaches a
load balancer of its own zone; the provider sees the load balancer's private address. A private name works once the
provider proved to own it.

Accounts other than the provider's need its permission. A service is offered over IPv4, IPv6 or both: over IPv6 if all its
load balancers are dual-stack.

What AWS says of a service of its own (`ServiceDetail`) is in which zones it is offered.

Not modelled here: permissions for single users and roles, the zone in which a service of another Region is reached.

Sources: https://docs.aws.amazon.com/vpc/latest/privatelink/create-endpoint-service.html,
https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-share-your-services.html,
https://docs.aws.amazon.com/vpc/latest/privatelink/configure-endpoint-service.html (permissions),
https://docs.aws.amazon.com/vpc/latest/privatelink/manage-dns-names.html,
https://docs.aws.amazon.com/vpc/latest/privatelink/create-gateway-load-balancer-endpoint-service.html,
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ServiceConfiguration.html,
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ServiceDetail.html.
"""

from collections.abc import Container, Iterable, Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from vpcsim import services
from vpcsim.codes import Code
from vpcsim.errors import Problem, UnknownName
from vpcsim.packet import Packet
from vpcsim.prefixes import family
from vpcsim.resource import Declaration, Declared, Draft, Link, Patch, Resource, TerraformSpelling, as_list, refers_to, refuse
from vpcsim.shape import Shape, field
from vpcsim.stable import stable_hex
from vpcsim.trace import Disposition, Step, onward

if TYPE_CHECKING:
    from vpcsim.network import Index, Network
    from vpcsim.topology import Topology

CONSUMERS = ("interface_endpoint", "gateway_load_balancer_endpoint")


class PrivateDnsNameConfiguration(Shape):
    """Whether the provider proved to own the name."""

    state: str = field(default="pendingVerification", pattern="^(pendingVerification|verified|failed)$")


class VpcEndpointService(Resource):
    """See the module."""

    kind: ClassVar[str] = "vpc_endpoint_service"
    section: ClassVar[str] = "ServiceConfigurations"
    described_as: ClassVar[tuple[str, ...]] = ("VpcEndpointConnections",)
    native_section: ClassVar[str] = "endpoint_services"
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::EC2::VPCEndpointService",)
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={
            "aws_vpc_endpoint_service": "AWS::EC2::VPCEndpointService",
            "aws_vpc_endpoint_connection_accepter": "aws_vpc_endpoint_connection_accepter",
            "aws_vpc_endpoint_service_private_dns_verification": "aws_vpc_endpoint_service_private_dns_verification",
        },
        once=("private_dns_name_configuration",),
        refers={
            "network_load_balancer_arns": ("aws_lb", "aws_alb"),
            "gateway_load_balancer_arns": ("aws_lb", "aws_alb"),
            "service_id": ("aws_vpc_endpoint_service",),
        },
    )
    native_names: ClassVar[Mapping[str, str]] = {
        "load_balancers": "LoadBalancers",
        "acceptance_required": "AcceptanceRequired",
        "accepted": "Accepted",
        "allowed": "AllowedPrincipals",
        "private_dns_name": "PrivateDnsName",
        "verified": "Verified",
        "inspection": "Inspection",
        "service": "ServiceName",
        "ip_types": "SupportedIpAddressTypes",
    }
    native_scalar: ClassVar[str] = "LoadBalancers"

    id: str = field(api="ServiceId")
    service_name: str = ""
    load_balancers: tuple[Annotated[str, refers_to("load_balancer")], ...] = ()
    acceptance_required: bool = True
    accepted: tuple[str, ...] = ()
    """Ids of endpoints whose requests the provider accepted."""
    allowed_principals: tuple[str, ...] = ()
    """Who may ask for it besides its own account: ARNs, account numbers, or `*`."""
    supported_ip_address_types: tuple[str, ...] = ("ipv4",)
    private_dns_name: str = ""
    private_dns_name_configuration: PrivateDnsNameConfiguration = field(default_factory=PrivateDnsNameConfiguration)
    inspection: str | None = field(default=None, pattern="^(pass|drop)$")
    """What the appliances do, where the model holds no Gateway Load Balancer: not a fact of AWS, the model has to say it."""

    @classmethod
    def described(cls, declaration: Declaration) -> Declared:
        """A service, and the endpoints whose requests its provider answered: `{"VpcEndpointConnections": [...]}`."""
        fields = dict(declaration.fields)
        if declaration.type != cls.section:
            if str(fields.get("VpcEndpointState", "")).lower() == "available":
                yield Patch(fields["ServiceId"], {"Accepted": [fields["VpcEndpointId"]]}, declaration.origin)
            return
        arns = (fields.pop(f"{type}LoadBalancerArns", None) or () for type in ("Network", "Gateway"))
        fields["LoadBalancers"] = [*(fields.get("LoadBalancers") or ()), *(arn for listed in arns for arn in listed)]
        yield Draft(cls, declaration.id, fields, declaration.origin)

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        known = as_list(fields.get("LoadBalancers"))
        of_types = (as_list(fields.pop(f"{type}LoadBalancerArns", None)) for type in ("Network", "Gateway"))
        fields["LoadBalancers"] = [*known, *(arn for arns in of_types for arn in arns)]
        fields.setdefault("ServiceName", service_name(declaration.id, declaration.region))
        yield Draft(cls, declaration.id, fields, declaration.origin)

    @classmethod
    def terraform(cls, declaration: Declaration) -> Declared:
        """Sources: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/vpc_endpoint_service,
        https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/vpc_endpoint_connection_accepter,
        https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/vpc_endpoint_service_private_dns_verification
        """
        fields = declaration.fields
        if declaration.type == "AWS::EC2::VPCEndpointService":
            yield from cls.cloudformation(declaration)
        elif declaration.type == "aws_vpc_endpoint_service_private_dns_verification":
            verified = {"PrivateDnsNameConfiguration": {"State": "verified"}}
            yield Patch(fields.get("ServiceId", ""), verified, declaration.origin, key="service_id")
        else:
            endpoint = {"Accepted": [fields.get("VpcEndpointId")]}
            yield Patch(fields.get("VpcEndpointServiceId", ""), endpoint, declaration.origin, key="vpc_endpoint_service_id")

    @classmethod
    def terraform_attribute(cls, declaration: Declaration, attribute: str) -> Any:
        if attribute == "service_name":
            return service_name(declaration.id, declaration.region)
        return super().terraform_attribute(declaration, attribute)

    @classmethod
    def cloudformation_ref(cls, declaration: Declaration) -> str:
        """The id that stands in the service's name: `com.amazonaws.vpce.REGION.ID`."""
        return service_id(declaration.id)

    @classmethod
    def cloudformation_attribute(cls, declaration: Declaration, attribute: str) -> Any:
        return service_id(declaration.id) if attribute == "ServiceId" else None

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        fields, existing = dict(declaration.fields), declaration.existing
        for name in ("LoadBalancers", "Accepted", "AllowedPrincipals", "SupportedIpAddressTypes"):
            if name in fields:
                fields[name] = as_list(fields[name])
        if "Verified" in fields:
            fields["PrivateDnsNameConfiguration"] = {"State": "verified" if fields.pop("Verified") else "pendingVerification"}
        if existing:
            yield Draft(cls, declaration.id, fields, declaration.origin)
        else:
            yield from cls.cloudformation(declaration._replace(fields=fields))

    def implied(self, topology: "Topology") -> Iterable[Resource]:
        """The endpoints that name this service by its id, wait for its provider, or get its private name."""
        for kind in CONSUMERS:
            for endpoint in topology.of_kind(kind):
                if getattr(endpoint, "service_name", "") in (self.service_name, self.id):
                    yield self._completed(endpoint)

    def _completed(self, endpoint: Any) -> Resource:
        changed: Resource = endpoint.replaced(service_name=self.service_name)
        if endpoint.awaits_acceptance and self.acceptance_required and endpoint.id not in self.accepted:
            changed = changed.but(state="pendingAcceptance")
        if endpoint.kind == "interface_endpoint" and self.named:
            changed = changed.replaced(private_dns_name=self.private_dns_name)
        return changed

    @property
    def named(self) -> bool:
        """Whether it has a private name that its provider proved to own."""
        return bool(self.private_dns_name) and self.private_dns_name_configuration.state == "verified"

    def register(self, index: "Index") -> None:
        index.places[self.id] = self
        index.provider_of[self.service_name] = self.id

    def refusals(self, topology: "Topology") -> Iterable[Problem]:
        balancers: list[Any] = [topology.resources[id] for id in self.load_balancers]
        types = {balancer.type for balancer in balancers}
        if not balancers and self.inspection is None:
            yield refuse(f"{self.id}: an endpoint service needs a load balancer", "MissingParameter", self)
        if "application" in types or len(types) > 1:
            message = f"{self.id}: its load balancers must be Network Load Balancers, or Gateway Load Balancers, only"
            yield refuse(message, "InvalidParameter", self)
        yield from self._family_refusals(balancers)
        if "gateway" in types and self.private_dns_name:
            message = f"{self.id}: a service of a Gateway Load Balancer has no private DNS name"
            yield refuse(message, "InvalidParameter", self)
        for kind in CONSUMERS:
            for endpoint in topology.of_kind(kind):
                if getattr(endpoint, "service_name", "") == self.service_name:
                    yield from self._endpoint_refusals(endpoint, types, topology)

    def _family_refusals(self, balancers: list[Any]) -> Iterable[Problem]:
        """Source: https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-share-your-services.html"""
        for type in self.supported_ip_address_types:
            if type not in ("ipv4", "ipv6"):
                yield refuse(f"{self.id}: `{type}` is not an address type of services: ipv4, ipv6", "InvalidParameter", self)
        for balancer in balancers if "ipv6" in self.supported_ip_address_types else ():
            if balancer.ip_address_type == "ipv4":
                message = f"{self.id}: offers IPv6, and {balancer.id} is not dualstack"
                yield refuse(message, "InvalidParameter", self)

    def allows(self, account: str, topology: "Topology") -> bool:
        """Whether an account may ask for the service.

        Source: https://docs.aws.amazon.com/vpc/latest/privatelink/configure-endpoint-service.html
        """
        known = (topology.account_of(self.load_balancers[0]) if self.load_balancers else "", topology.account_of(self))
        return account in known or any(p == "*" or account in p.split(":") for p in self.allowed_principals)

    def _endpoint_refusals(self, endpoint: Any, types: set[str], topology: "Topology") -> Iterable[Problem]:
        if not self.allows(account := topology.account_of(endpoint), topology):
            message = f"{endpoint.id}: {self.id} does not allow account {account}; name it in `allowed`"
            yield refuse(message, "InvalidServiceName", endpoint)
        wanted = "gateway" if endpoint.kind == "gateway_load_balancer_endpoint" else "network"
        if types and wanted not in types:
            message = f"{endpoint.id}: {self.id} does not serve endpoints of type {endpoint.vpc_endpoint_type}"
            yield refuse(message, "InvalidParameter", endpoint)
        if getattr(endpoint, "private_dns_enabled", False) and not self.named:
            said = f"domain {self.private_dns_name} is not verified by the provider"
            message = f"{endpoint.id}: private DNS: {said if self.private_dns_name else f'{self.id} has no private name'}"
            yield refuse(message, "InvalidParameter", endpoint)
        for version in (4, 6) if endpoint.awaits_acceptance else ():
            if version in endpoint.families(topology) and f"ipv{version}" not in self.supported_ip_address_types:
                message = f"{endpoint.id}: {self.id} does not serve IPv{version}"
                yield refuse(message, "InvalidParameter", endpoint)
        zones = {_zone(id, topology) for balancer in self.load_balancers for id in _subnets(balancer, topology)}
        near = self._region(topology) == topology.region_of(endpoint)
        if near and zones and endpoint.awaits_acceptance:
            yield from zone_refusals(endpoint, self.service_name, zones, topology)

    def branches(self, packet: Packet, net: "Network") -> tuple[str, ...]:
        """The load balancers of the zone where a packet arrives: AWS picks one for an endpoint and keeps to it.

        Source: https://docs.aws.amazon.com/vpc/latest/privatelink/create-endpoint-service.html
        """
        nodes = {node: id for id in self.load_balancers for node in net.interfaces_of(id)}
        zones = {_zone_of(node, net) for node in nodes if net.holds(node, packet.dst)}
        return tuple(dict.fromkeys(id for node, id in nodes.items() if _zone_of(node, net) in zones))

    def branches_for(self, endpoint: str, net: "Network") -> tuple[str, ...]:
        labels = (label for id in self._balancers(endpoint, net) for label in net.places[id].branches_for(endpoint, net))
        return tuple(dict.fromkeys(labels))

    def receive(self, packet: Packet, came_from: str | None, net: "Network") -> Iterator[Step]:
        original = net.session(self.id, packet)
        if original is not None and came_from in self.load_balancers:
            answer = original.reversed()
            endpoint = next(id for id in self._consumers(net) if net.session(id, answer) is not None)
            yield onward(self.id, "{at}: back to {to}", answer, None, endpoint)
            return
        if came_from is None:
            because = "{at}: a provider starts no connections to its consumers"
            yield self._deny(because, packet, Code.VPCE_INTRA_VPC_TRAFFIC)
            return
        if self.inspection is not None and not self.load_balancers:
            yield from self._inspect(packet)
            return
        if self._region(net.topology) != net.topology.region_of(came_from):
            because = "{at}: which load balancer of another Region serves {about} is not documented"
            undecided = Disposition.UNDECIDED
            yield Step(self.id, because, packet, None, None, undecided, Code.VPCSIM_NOT_MODELLED, None, came_from)
            return
        balancer = self._balancer(came_from, net, packet)
        if balancer is None:
            because = "{at}: the service is not in {about}"
            zone = _zone_of(self._interface(came_from, packet, net), net)
            yield self._deny(because, packet, Code.VPCE_SERVICE_NOT_INSTALLED_IN_AZ, zone)
        elif getattr(net.places[balancer], "type", "") == "gateway":
            yield from net.places[balancer].receive(packet, came_from, net)
        else:
            node = self._node(balancer, self._interface(came_from, packet, net), net)
            inside = packet.sent_to(net.address_of(node, family(packet.dst)))
            yield Step(
                self.id, "{at}: to {to} of the provider as {packet.destination}", inside, None, balancer, None, None, packet
            )

    def _inspect(self, packet: Packet) -> Iterator[Step]:
        if self.inspection == "pass":
            yield onward(self.id, "{at}: lets {packet} pass and hands it back", packet, None, None)
        else:
            yield self._deny("{at}: the appliance drops it", packet, Code.VPCSIM_APPLIANCE)

    def _region(self, topology: "Topology") -> str:
        return topology.region_of(next(iter(self.load_balancers), self.id))

    def _consumers(self, net: "Network") -> list[str]:
        return [e.id for e in net.topology.of_kind("interface_endpoint") if getattr(e, "service_name", "") == self.service_name]

    def _interface(self, endpoint: str, packet: Packet, net: "Network") -> str:
        """The interface of an endpoint by which a packet came."""
        interfaces = net.interfaces_of(endpoint)
        return next((each for each in interfaces if net.holds(each, packet.dst)), interfaces[0])

    def _balancer(self, endpoint: str, net: "Network", packet: Packet | None = None) -> str | None:
        """The load balancer that takes what comes by an endpoint: of several, the one that the running walk takes."""
        found = self._balancers(endpoint, net, packet)
        if (chosen := net.chosen.get(self.id)) in found:
            return chosen
        wanted = net.chosen.get(endpoint)
        leading = (id for id in found if wanted and wanted in net.places[id].branches_for(endpoint, net))
        return next(leading, next(iter(found), None))

    def _balancers(self, endpoint: str, net: "Network", packet: Packet | None = None) -> list[str]:
        """Those with a node in the zone of the endpoint's interface."""
        interface = self._interface(endpoint, packet, net) if packet else net.interfaces_of(endpoint)[0]
        return [id for id in self.load_balancers if self._node(id, interface, net)]

    def _node(self, balancer: str, interface: str, net: "Network") -> str:
        zone = _zone_of(interface, net)
        return next((node for node in net.interfaces_of(balancer) if _zone_of(node, net) == zone), "")

    def _deny(self, because: str, packet: Packet, code: Code, about: str = "") -> Step:
        return Step(self.id, because, packet, None, None, Disposition.DENIED, code, None, about)

    def links(self, net: "Network") -> Iterable[Link]:
        for balancer in self.load_balancers:
            yield Link(self.id, balancer, "served by")


class ServiceDetail(Resource):
    """What AWS says of a service that endpoints may ask for: in which zones it is offered.

    Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ServiceDetail.html
    """

    kind: ClassVar[str] = "service_detail"
    section: ClassVar[str] = "ServiceDetails"
    native_names: ClassVar[Mapping[str, str]] = {"zones": "AvailabilityZones"}
    native_scalar: ClassVar[str] = "AvailabilityZones"

    id: str = field(api="ServiceName")
    availability_zones: tuple[str, ...] = ()

    @classmethod
    def described(cls, declaration: Declaration) -> Declared:
        zones = list(declaration.fields.get("AvailabilityZones") or ())
        yield Draft(cls, str(declaration.fields["ServiceName"]), {"AvailabilityZones": zones}, declaration.origin)

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        fields = {**declaration.fields, "AvailabilityZones": as_list(declaration.fields.get("AvailabilityZones"))}
        with suppress(UnknownName):
            yield Draft(cls, _full_name(declaration), fields, declaration.origin)
            return
        yield Draft(cls, declaration.id, fields, declaration.origin)

    def register(self, index: "Index") -> None:
        """It is not on the way of packets."""

    def refusals(self, topology: "Topology") -> Iterable[Problem]:
        for kind in CONSUMERS:
            for endpoint in topology.of_kind(kind):
                if getattr(endpoint, "service_name", "") == self.id and getattr(endpoint, "awaits_acceptance", False):
                    yield from zone_refusals(endpoint, self.id, self.availability_zones, topology)


def zone_refusals(endpoint: Any, service: str, zones: Container[str], topology: "Topology") -> Iterable[Problem]:
    """The subnets of an endpoint in zones that have no such service.

    Source: https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html
    """
    for subnet in endpoint.subnet_ids:
        if (zone := _zone(subnet, topology)) not in zones:
            message = f"{endpoint.id}: {service} does not support the Availability Zone of {subnet}, {zone}"
            yield refuse(message, "InvalidParameter", endpoint)


def _full_name(declaration: Declaration) -> str:
    known = declaration.id.startswith(("com.", "cn.com.", "aws."))
    return declaration.id if known else services.full_service_name(declaration.id, declaration.region)


def service_id(id: str) -> str:
    """The id that AWS gives the service; made up from the model's own id."""
    return id if id.startswith("vpce-svc-") else f"vpce-svc-{stable_hex(id)}"


def service_name(id: str, region: str) -> str:
    """The name by which consumers ask for the service."""
    prefix = ".".join(reversed(services.dns_suffix(region).split(".")))
    return f"{prefix}.vpce.{region}.{service_id(id)}"


def _zone(subnet: str, topology: "Topology") -> str:
    return str(getattr(topology.resources.get(subnet), "availability_zone", ""))


def _zone_of(interface: str, net: "Network") -> str:
    return _zone(net.subnet_of(interface) or "", net.topology)


def _subnets(balancer: str, topology: "Topology") -> tuple[str, ...]:
    return tuple(getattr(topology.resources[balancer], "subnet_ids", ()))
