"""An application, network or gateway load balancer.

An Application Load Balancer always has security groups and ends the client's connection: its targets see the node. A
Network Load Balancer has groups if the model gives it some, and can keep the client's address. Then the target must be
reached directly, in the same VPC or a peer of the same Region, and a client cannot reach itself. Its groups also filter
what comes over AWS PrivateLink, by the client's own address, unless that is turned off. A Gateway Load Balancer hands
packets to appliances, for its endpoints only. Cross-zone balancing is on for application, off for the other two; target
groups may say otherwise.

A dual-stack one has IPv6 addresses too; the internet gateway turns away what is for those of an internal one. Towards
targets of the other family it sends from its own address. With UDP over both, how the client's address is put into the
prefix for source NAT is not documented: undecided.

Not modelled here: zonal shift, health checks, capacity.

Sources: https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/how-elastic-load-balancing-works.html,
https://docs.aws.amazon.com/elasticloadbalancing/latest/network/network-load-balancers.html (IP address type),
https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-security-groups.html,
https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html,
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-update-security-groups.html,
https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from vpcsim.codes import Code
from vpcsim.errors import Problem
from vpcsim.fabric.elastic_ip import ElasticIp
from vpcsim.fabric.interface_parts import Ipv6Address
from vpcsim.gateways.load_balancer.attributes import CROSS_ZONE, DENY_ALL_IGW_TRAFFIC, Attribute, attribute, with_switch
from vpcsim.gateways.load_balancer.balancer import INTERNET_FACING, Balancer, Denial, Led, best, dns_name
from vpcsim.gateways.load_balancer.inspection import appliances, inspect
from vpcsim.gateways.load_balancer.listener import Listener, Way, actions, listeners_of
from vpcsim.gateways.load_balancer.refusals import WITHOUT_PUBLIC_IPV4, refusals
from vpcsim.gateways.load_balancer.target_group import Target, TargetGroup, zone_of
from vpcsim.packet import UDP, Packet
from vpcsim.prefixes import family
from vpcsim.resource import Address, Declaration, Declared, Draft, Patch, Resource, TerraformSpelling, as_list, refers_to
from vpcsim.shape import Shape, field
from vpcsim.trace import Disposition, Step, onward

if TYPE_CHECKING:
    from vpcsim.network import Index, Network
    from vpcsim.topology import Topology

DEFAULT_PROTOCOLS = {"application": "HTTP", "network": "TCP"}


class LoadBalancerAddress(Shape):
    """An address that was asked for."""

    allocation_id: Annotated[str | None, refers_to("elastic_ip")] = None
    private_ipv4_address: Address | None = field(default=None, api="PrivateIPv4Address")
    ipv6_address: Address | None = field(default=None, api="IPv6Address")


class AvailabilityZone(Shape):
    """A zone in which the load balancer has a node."""

    subnet_id: Annotated[str, refers_to("subnet")]
    load_balancer_addresses: tuple[LoadBalancerAddress, ...] = ()

    @property
    def address(self) -> LoadBalancerAddress:
        return self.load_balancer_addresses[0] if self.load_balancer_addresses else LoadBalancerAddress()


class LoadBalancer(Balancer):
    """See the module."""

    kind: ClassVar[str] = "load_balancer"
    section: ClassVar[str] = "LoadBalancers"
    described_as: ClassVar[tuple[str, ...]] = ("Attributes", "TagDescriptions")
    described_interfaces: ClassVar[str] = r"ELB ((?:app|net|gwy)/.+)"
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::ElasticLoadBalancingV2::LoadBalancer",)
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={
            "aws_lb": "AWS::ElasticLoadBalancingV2::LoadBalancer",
            "aws_alb": "AWS::ElasticLoadBalancingV2::LoadBalancer",
            "data.aws_lb": "AWS::ElasticLoadBalancingV2::LoadBalancer",
        },
        names={
            "dns_name": "DNSName",
            "load_balancer_type": "Type",
            "subnet_mapping": "SubnetMappings",
            "private_ipv4_address": "PrivateIPv4Address",
            "ipv6_address": "IPv6Address",
        },
        refers={"allocation_id": ("aws_eip",)},
    )
    native_names: ClassVar[Mapping[str, str]] = {
        "type": "Type",
        "scheme": "Scheme",
        "subnets": "Subnets",
        "elastic_ips": "ElasticIps",
        "security_groups": "SecurityGroups",
        "filter_privatelink": "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic",
        "cross_zone": "CrossZone",
        "listeners": "Listeners",
        "inspection": "Inspection",
        "ip_type": "IpAddressType",
        "source_nat_prefix": "EnablePrefixForIpv6SourceNat",
        "state": "State",
    }

    id: str = field(api="LoadBalancerArn")
    load_balancer_name: str = ""
    dns_name: str = field(default="", api="DNSName")
    type: str = field(default="application", pattern="^(application|network|gateway)$")
    scheme: str = field(default=INTERNET_FACING, pattern="^(internet-facing|internal)$")
    ip_address_type: str = field(default="ipv4", pattern="^(ipv4|dualstack|dualstack-without-public-ipv4)$")
    enable_prefix_for_ipv6_source_nat: str = field(default="off", pattern="^(on|off)$")
    """Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancer.html"""
    availability_zones: tuple[AvailabilityZone, ...] = ()
    security_groups: tuple[Annotated[str, refers_to("security_group")], ...] = ()
    enforce_security_group_inbound_rules_on_private_link_traffic: str = field(default="on", pattern="^(on|off)$")
    load_balancer_attributes: tuple[Attribute, ...] = ()
    state: str = "active"
    inspection: str | None = field(default=None, pattern="^(pass|drop)$")
    """What the appliances behind a Gateway Load Balancer do: not a fact of AWS, so the model has to say it."""

    @classmethod
    def described(cls, declaration: Declaration) -> Declared:
        """A load balancer; its attributes come in an answer of their own."""
        fields = dict(declaration.fields)
        if declaration.type == "Attributes":
            yield Patch(
                str(declaration.page.get("LoadBalancerArn", "")), {"LoadBalancerAttributes": [fields]}, declaration.origin
            )
        elif declaration.type == "TagDescriptions":
            yield Patch(str(fields.get("ResourceArn", "")), {"Tags": fields.get("Tags") or []}, declaration.origin)
        else:
            if isinstance(state := fields.get("State"), Mapping):
                fields["State"] = state.get("Code", "active")
            fields.setdefault("Name", fields.get("LoadBalancerName"))
            yield Draft(cls, declaration.id, fields, declaration.origin)

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        plain = [{"SubnetId": subnet} for subnet in as_list(fields.pop("Subnets", None))]
        mapped = [_zone(mapping) for mapping in as_list(fields.pop("SubnetMappings", None)) if isinstance(mapping, Mapping)]
        if plain or mapped:
            fields["AvailabilityZones"] = [*plain, *mapped]
        if "LoadBalancerName" not in fields:
            fields["LoadBalancerName"] = fields.pop("Name", "")
        yield Draft(cls, declaration.id, fields, declaration.origin)

    @classmethod
    def terraform(cls, declaration: Declaration) -> Declared:
        """A state shows subnets and their mappings both; a mapping says more only with an address.

        Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/lb
        """
        fields = dict(declaration.fields)
        fields["Scheme"] = "internal" if fields.pop("Internal", False) is True else INTERNET_FACING
        mappings = [m for m in as_list(fields.get("SubnetMappings")) if isinstance(m, Mapping)]
        if any({"AllocationId", "PrivateIPv4Address", "IPv6Address"} & m.keys() for m in mappings) or "Subnets" not in fields:
            fields.pop("Subnets", None)
        else:
            fields.pop("SubnetMappings", None)
        if fields.get("EnableCrossZoneLoadBalancing") is True and fields.get("Type") != "application":
            fields["LoadBalancerAttributes"] = with_switch((), CROSS_ZONE, True)
        yield from cls.cloudformation(declaration._replace(fields=fields))

    @classmethod
    def cloudformation_attribute(cls, declaration: Declaration, attribute: str) -> Any:
        fields = declaration.fields
        name, type = str(fields.get("Name", "")), str(fields.get("Type", "application"))
        known = {"LoadBalancerName": name or declaration.id, "LoadBalancerArn": declaration.id}
        if attribute == "DNSName":
            return dns_name(declaration.id, name, type, str(fields.get("Scheme", INTERNET_FACING)), declaration.region)
        return known.get(attribute)

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        fields, existing = dict(declaration.fields), declaration.existing
        type = str(fields.get("Type", existing.get("Type", "application")))
        for name in ("SecurityGroups", "Subnets"):
            if name in fields:
                fields[name] = as_list(fields[name])
        if "CrossZone" in fields:
            known = fields.get("LoadBalancerAttributes", existing.get("LoadBalancerAttributes"))
            fields["LoadBalancerAttributes"] = with_switch(known, CROSS_ZONE, fields.pop("CrossZone"))
        for switch in ("EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic", "EnablePrefixForIpv6SourceNat"):
            if isinstance(fields.get(switch), bool):
                fields[switch] = "on" if fields[switch] else "off"
        allocations = as_list(fields.pop("ElasticIps", None))
        listeners = fields.pop("Listeners", None)
        if allocations:
            pairs = zip(fields.pop("Subnets", []), allocations, strict=False)
            fields["SubnetMappings"] = [{"SubnetId": subnet, "AllocationId": allocation} for subnet, allocation in pairs]
        yield from cls.cloudformation(declaration._replace(fields=fields)) if fields or not existing else ()
        yield from _listeners(declaration, type, listeners)

    @property
    def subnet_ids(self) -> tuple[str, ...]:
        return tuple(zone.subnet_id for zone in self.availability_zones)

    @property
    def cross_zone(self) -> bool:
        asked = attribute(self.load_balancer_attributes, CROSS_ZONE)
        return self.type == "application" if asked is None else asked

    def implied(self, topology: "Topology") -> Iterable[Resource]:
        region = topology.region_of(self)
        name = self.dns_name or dns_name(self.id, self.load_balancer_name, self.type, self.scheme, region)
        yield self.replaced(vpc_id=self.vpc_of_nodes(topology), dns_name=name)
        public = self.public and self.ip_address_type != WITHOUT_PUBLIC_IPV4
        for zone in self.availability_zones:
            six = zone.address.ipv6_address
            node = self.node(
                zone.subnet_id,
                self.security_groups or None,
                private_ip_address=zone.address.private_ipv4_address,
                default_group=self.type == "application",
                keeps_sources=self.type == "network",
                wants_public_address=public and zone.address.allocation_id is None,
                wants_ipv6_address=self.dual_stack,
                ipv6_addresses=() if six is None else (Ipv6Address(ipv6_address=six),),
                deny_all_igw_traffic=self.denies_internet,
            )
            yield node
            if elastic := topology.get(ElasticIp, zone.address.allocation_id):
                yield elastic.replaced(network_interface_id=node.as_given(topology).id)

    @property
    def public(self) -> bool:
        """Whether its nodes have public addresses."""
        return self.scheme == INTERNET_FACING and self.type != "gateway"

    @property
    def dual_stack(self) -> bool:
        """Whether its nodes have IPv6 addresses."""
        return self.ip_address_type != "ipv4"

    @property
    def denies_internet(self) -> bool:
        """Whether the internet gateway keeps away from its IPv6 addresses: by default from those of an internal one."""
        asked = attribute(self.load_balancer_attributes, DENY_ALL_IGW_TRAFFIC)
        return self.dual_stack and (self.scheme != INTERNET_FACING if asked is None else asked)

    def register(self, index: "Index") -> None:
        super().register(index)
        if self.type == "gateway":
            index.host_of.pop(self.id, None)

    def receive(self, packet: Packet, came_from: str | None, net: "Network") -> Iterator[Step]:
        if self.state not in ("active", "active_impaired"):
            yield self.deny(packet, Denial("{at}: is in state {about} and takes no traffic", Code.BAD_STATE, self.state))
        if self.type != "gateway":
            yield from super().receive(packet, came_from, net)
        elif came_from is not None and came_from not in net.interfaces_of(self.id):
            yield from inspect(self, packet, came_from, net)
        else:
            because = "{at}: takes packets from its endpoints only"
            yield self.deny(packet, Denial(because, Code.ELBV2_LISTENERS_MISMATCH))

    def branches_for(self, place: str, net: "Network") -> tuple[str, ...]:
        found = appliances(self, place, net) if self.inspection is None else ()
        return () if isinstance(found, Denial) else tuple(dict.fromkeys(target.label for target in found))

    def admit(self, packet: Packet, net: "Network") -> Iterator[Step]:
        """The groups of a Network Load Balancer see the private address of the client of an endpoint, but not its groups."""
        if not self.security_groups or self.enforce_security_group_inbound_rules_on_private_link_traffic == "off":
            return
        for group in self.security_groups:
            rule = net.group(group).match(packet, False, net, ())
            if rule is not None:
                yield onward(group, "{at}: {rule} (inbound, over PrivateLink)", packet, rule, None)
                return
        because = "{at}: no inbound rule admits {packet.service} from {packet.source}, which comes over PrivateLink"
        fix = "{at}: inbound {packet.service} from {packet.source}"
        group, code = self.security_groups[0], Code.ENI_SG_RULES_MISMATCH
        yield Step(group, because, packet, None, None, Disposition.DENIED, code, None, None, fix)

    def led(self, packet: Packet, zone: str, net: "Network") -> Led | Denial:
        listeners = listeners_of(self.id, net)
        listener = next((each for each in listeners if each.takes(packet)), None)
        if listener is None:
            known = ", ".join(f"{each.protocol} {each.port}" for each in listeners) or "none"
            because = "{at}: no listener takes {packet.service}; it has {about}"
            pinned = len(listeners) == 1 and packet.protocol in listeners[0].transports
            code = Code.ELBV2_LISTENER_PORT_RESTRICTION if pinned else Code.ELBV2_LISTENERS_MISMATCH
            return Denial(because, code, known)
        ways = listener.ways(packet, "" if net.host == self.dns_name else net.host)
        found = [self._led_by(way, zone, net) for way in ways]
        return found[0] if len(found) == 1 else _any_of(listener, ways, found)

    def _led_by(self, way: Way, zone: str, net: "Network") -> Led | Denial:
        return self.targets(way, zone, net) if way.groups else Led(way.told, (), way.answer or "response of its own")

    def targets(self, way: Way | Listener, zone: str, net: "Network") -> Led | Denial:
        """The targets that the node of a zone may choose."""
        taking = [net.topology.need(TargetGroup, id) for id in way.groups]
        registered = [target for group in taking for target in group.found(net)]
        if not registered:
            names = ", ".join(group.id for group in taking)
            return Denial("{at}: no target is registered with {about}", Code.ELBV2_LISTENER_HAS_NO_TG, names)
        near = [self.near(group, zone, net) for group in taking]
        found = tuple(target for targets in near for target in best(targets))
        if not found:
            because = "{at}: no target in {about}, and it sends to no other zone"
            across = any(self.crosses(group) for group in taking)
            about = f"its zones ({', '.join(sorted(self.zones(net)))})" if across else zone
            return Denial(because, Code.ELBV2_NO_TARGETS_IN_AZ, about)
        return Led(way.told if isinstance(way, Way) else way, found)

    def crosses(self, group: TargetGroup) -> bool:
        """Whether a node sends to targets of this group in other zones."""
        return self.cross_zone if group.cross_zone is None else group.cross_zone

    def near(self, group: TargetGroup, zone: str, net: "Network") -> list[Target]:
        """The targets of a group that the node of a zone may use: those of enabled zones, or of its own only."""
        zones = self.zones(net) if self.crosses(group) else {zone}
        return [target for target in group.found(net) if not target.zone or target.zone in zones]

    def zones(self, net: "Network") -> set[str]:
        """The zones in which it has a node."""
        return {zone_of(node, net) for node in net.interfaces_of(self.id)}

    def named_nodes(self, net: "Network") -> tuple[str, ...]:
        """Those in whose zone every target group has a healthy target; all of them, if there is no such zone.

        Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/network/target-group-health-checks.html
        """
        nodes = net.interfaces_of(self.id)
        groups = {id for listener in listeners_of(self.id, net) for id in listener.groups}
        used = [group for group in (net.topology.need(TargetGroup, id) for id in sorted(groups)) if group.targets]
        good = [
            node for node in nodes if all(any(t.healthy for t in self.near(g, zone_of(node, net), net)) for g in used)
        ]  # fmt: skip
        return tuple(good) or nodes

    def sent(self, packet: Packet, target: Target, node: str, private: bool, net: "Network") -> Packet | Denial:
        assert target.address is not None
        assert target.group is not None
        one_family = family(packet.src) == family(target.address)
        if packet.protocol == UDP and not one_family:
            because = "{at}: how the prefix for source NAT stands for {about} in another family is not documented"
            return Denial(because, Code.VPCSIM_NOT_MODELLED, packet.source)
        keeps = self.type == "network" and not private and one_family and target.group.preserves(packet.protocol)
        if packet.protocol == UDP and not private and net.interface_at(self.vpc_id, target.address) is None:
            because = "{at}: {about} is outside its VPC, and such a target of UDP may be unable to answer"
            return Denial(because, Code.VPCSIM_NOT_MODELLED, target.label)
        if not keeps:
            return self.translated(packet, target, node, net)
        code = Code.ELBV2_SOURCE_ADDRESS_PRESERVATION
        if packet.src == target.address:
            because = "{at}: keeps the client's address, so {about} would get a packet from itself, which it drops"
            return Denial(because, code, target.label)
        if not self._directly(node, target.address, net):
            because = "{at}: keeps the client's address, so it must reach {about} directly, in its VPC or a peer of it"
            return Denial(because, code, target.label)
        return self.translated(packet, target, node, net, packet.src)

    def _directly(self, node: str, number: int, net: "Network") -> bool:
        subnet = net.subnet_of(node) or ""
        neighbour = net.interface_at(self.vpc_id, number)
        if neighbour is not None and net.subnet_of(neighbour) == subnet:
            return True
        route, to = net.route_table_of(subnet).lookup(number, net)
        place = net.places.get(to)
        return route is None or place is None or place.kind == "vpc_peering_connection"

    def refusals(self, topology: "Topology") -> Iterable[Problem]:
        yield from refusals(self, topology)


def _zone(mapping: Mapping[str, Any]) -> dict[str, Any]:
    """A subnet mapping of a request as the zone that the API describes."""
    address = {name: mapping[name] for name in ("AllocationId", "PrivateIPv4Address", "IPv6Address") if name in mapping}
    return {"SubnetId": mapping.get("SubnetId"), "LoadBalancerAddresses": [address] if address else []}


def _any_of(listener: Listener, ways: Sequence[Way], found: Sequence[Led | Denial]) -> Led:
    """What rules may do with a connection between which the request decides: each is a branch."""
    targets: list[Target] = []
    denials: dict[str, Denial] = {}
    for way, led in zip(ways, found, strict=True):
        if isinstance(led, Led) and led.targets:
            targets += led.targets
            continue
        name = led.answer if isinstance(led, Led) else way.told
        targets.append(Target(name, None, 0, "", True))
        if isinstance(led, Denial):
            denials[name] = led
    rules = ", ".join(way.told.rpartition("rule ")[2] for way in ways[:-1])
    default = " or none of them" if ways[-1].told == str(listener) else f" or {ways[-1].told.rpartition('rule ')[2]}"
    return Led(f"{listener}, by what the request says rule {rules}{default},", tuple(targets), "", denials)


def _listeners(declaration: Declaration, type: str, value: Any) -> Declared:
    """Listeners as the native format writes them: `{80: web, 53/udp: dns}`, for a gateway its only target group."""
    if value is None:
        return
    ports = value if isinstance(value, Mapping) else {"": value}
    for key, action in ports.items():
        if key == "WrittenAt":
            continue
        port, _, protocol = str(key).partition("/")
        fields: dict[str, Any] = {"LoadBalancerArn": declaration.id, "DefaultActions": actions(action)}
        if port:
            default = "HTTPS" if (type, port) == ("application", "443") else DEFAULT_PROTOCOLS.get(type, "")
            fields |= {"Port": port, "Protocol": protocol.upper() or default}
        suffix = str(key).replace("/", "-")
        yield Draft(Listener, f"{declaration.id}/listener{'-' if suffix else ''}{suffix}", fields, declaration.origin)
