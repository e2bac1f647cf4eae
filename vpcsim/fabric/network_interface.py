"""A network interface: addresses in one subnet, and the place where security groups act.

What leaves passes the groups outbound, then the router of the subnet. What arrives from another subnet or a gateway
passes the subnet's network ACL inbound first, then the groups inbound. Groups remember what they let through, so a reply
needs no rule. With the source/destination check on (the default), packets are only sent from and taken for the
interface's own addresses. Services on the host (DNS, metadata, time) are reached before any of that.

Whether a flow is tracked makes no difference to a verdict: an untracked reply needs a rule for everything in its
direction, and being untracked presupposes that rule.

Sources: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-eni.html,
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/security-group-connection-tracking.html,
https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html (traffic that groups do not see),
https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html (traffic that ACLs do not see),
https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html (reserved addresses).
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from vpcsim.codes import Code
from vpcsim.errors import Problem
from vpcsim.fabric.delegated_prefixes import (
    DelegatedIpv4,
    DelegatedIpv6,
    Ipv4Prefix,
    Ipv6Prefix,
    choose_prefixes,
    prefix_refusals,
)
from vpcsim.fabric.edges import beside_the_vpc
from vpcsim.fabric.group_denial import denial, unknown_sender
from vpcsim.fabric.host_services import answered_on_the_host
from vpcsim.fabric.interface_owners import OWNERS, by_owner, device_index
from vpcsim.fabric.interface_parts import (
    PUBLIC_SCOPE,
    Group,
    GroupIdentifier,
    InterfaceAssociation,
    Ipv6,
    Ipv6Address,
    PrivateAddress,
    choose_address,
    choose_public_address,
    default_groups,
    is_block,
)
from vpcsim.fabric.route_targets import is_aws_id
from vpcsim.fabric.subnet import Subnet
from vpcsim.holding import Addresses
from vpcsim.packet import Packet
from vpcsim.prefixes import UNIQUE_LOCAL, PortTable, Prefix, address_text
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
from vpcsim.shape import field
from vpcsim.trace import HAND_OVER, Disposition, Step, accepted, onward

if TYPE_CHECKING:
    from vpcsim.network import Index, Network
    from vpcsim.topology import Topology


class NetworkInterface(Resource):
    """See the module. `attached_to` is the id of the instance, gateway or endpoint behind it."""

    kind: ClassVar[str] = "network_interface"
    section: ClassVar[str] = "NetworkInterfaces"
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::EC2::NetworkInterface", "AWS::EC2::NetworkInterfaceAttachment")
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={
            "aws_network_interface": "AWS::EC2::NetworkInterface",
            "data.aws_network_interface": "AWS::EC2::NetworkInterface",
            "aws_network_interface_attachment": "AWS::EC2::NetworkInterfaceAttachment",
            "aws_network_interface_sg_attachment": "aws_network_interface_sg_attachment",
        },
        names={"security_groups": "GroupSet", "private_ip": "PrivateIpAddress"},
        once=("attachment",),
        refers={"instance": ("aws_instance",), "instance_id": ("aws_instance",)},
    )
    native_names: ClassVar[Mapping[str, str]] = {
        "subnet": "SubnetId",
        "ip": "PrivateIpAddress",
        "ipv6": "Ipv6Addresses",
        "ipv4_prefixes": "Ipv4Prefixes",
        "ipv6_prefixes": "Ipv6Prefixes",
        "security_groups": "Groups",
        "source_dest_check": "SourceDestCheck",
        "instance": "AttachedTo",
    }
    route_target: ClassVar[str] = "NetworkInterfaceId"

    id: str = field(api="NetworkInterfaceId")
    subnet_id: Annotated[str, refers_to("subnet")]
    vpc_id: str = ""
    private_ip_address: Address | None = None
    private_ip_addresses: tuple[PrivateAddress, ...] = ()
    secondary_private_ip_address_count: int = field(default=0, ge=0, dumped=False)
    ipv6_addresses: tuple[Ipv6, ...] = ()
    ipv6_address_count: int = field(default=0, ge=0, dumped=False)
    ipv4_prefixes: tuple[DelegatedIpv4, ...] = ()
    ipv4_prefix_count: int = field(default=0, ge=0, dumped=False)
    ipv6_prefixes: tuple[DelegatedIpv6, ...] = ()
    ipv6_prefix_count: int = field(default=0, ge=0, dumped=False)
    groups: tuple[Group, ...] | None = None
    interface_type: str = "interface"
    source_dest_check: bool = True
    association: InterfaceAssociation | None = None
    wants_public_address: bool = False
    wants_carrier_address: bool = False
    carrier_ip: Address | None = None
    deny_all_igw_traffic: bool = False
    """Whether what comes from an internet gateway is dropped, although the interface has an IPv6 address.

    Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkInterface.html
    """
    wants_ipv6_address: bool | None = None
    """None: as the subnet says."""
    attached_to: Annotated[str | None, refers_to(*OWNERS)] = None
    device_index: int | None = field(default=None, ge=0)
    """Which of an instance's interfaces it is, where that is known; 0 is the primary one."""
    in_use_by: str = ""
    """What is behind it according to AWS, where the model does not hold that."""
    default_group: bool = True
    """Whether it gets the default group of its VPC when it holds no other."""
    keeps_sources: bool = field(default=False, dumped=False)
    """Whether it forwards packets of others under their own address, as a load balancer does, and takes back the answers."""

    @classmethod
    def behind(cls, owner: Resource, subnet: str, groups: Iterable[str] | None = None, **fields: Any) -> "NetworkInterface":
        """The interface that AWS makes for `owner` in a subnet. Its addresses are chosen when the topology is completed."""
        held = None if groups is None else tuple(GroupIdentifier(group_id=group) for group in groups)
        id = f"{owner.id}/{subnet}"
        return cls(id=id, name=id, subnet_id=subnet, groups=held, attached_to=owner.id, origin=owner.origin, **fields)

    @classmethod
    def described(cls, declaration: Declaration) -> Declared:
        """An interface as EC2 shows it: its attachment and its Elastic IP address inside it."""
        fields = dict(declaration.fields)
        attachment, association = fields.pop("Attachment", None) or {}, fields.pop("Association", None) or {}
        if instance := attachment.get("InstanceId"):
            fields |= {"AttachedTo": instance, "DeviceIndex": max(0, attachment.get("DeviceIndex") or 0)}
        if attachment or fields.get("Status") == "in-use":
            fields.setdefault("InUseBy", instance or fields.get("Description") or fields.get("RequesterId") or "a service")
        if "PublicIp" in association and not association.get("AllocationId"):
            fields["Association"] = {"PublicIp": association["PublicIp"]}
        elif not association.get("AllocationId"):
            fields["CarrierIp"] = association.get("CarrierIp")
        yield Draft(cls, declaration.id, fields, declaration.origin)

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        if declaration.type == "AWS::EC2::NetworkInterface":
            fields["Groups"] = fields.pop("GroupSet", None)
            yield Draft(cls, declaration.id, fields, declaration.origin)
        else:
            attachment = {"AttachedTo": fields.get("InstanceId")}
            yield Patch(fields.get("NetworkInterfaceId", ""), attachment, declaration.origin, key="NetworkInterfaceId")

    @classmethod
    def terraform(cls, declaration: Declaration) -> Declared:
        """Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/network_interface"""
        fields, origin = dict(declaration.fields), declaration.origin
        if declaration.type == "aws_network_interface_sg_attachment":
            interface, group = fields.get("NetworkInterfaceId", ""), fields.get("SecurityGroupId")
            yield Patch(interface, {"Groups": [group]}, origin, key="network_interface_id")
            return
        if declaration.type == "AWS::EC2::NetworkInterface":
            primary = fields.get("PrivateIpAddress")
            others = [ip for ip in as_list(fields.pop("PrivateIps", None)) if ip != primary]
            fields["PrivateIpAddresses"] = [{"PrivateIpAddress": ip} for ip in others]
            attachment = fields.pop("Attachment", None)
            holder = attachment.get("Instance") if isinstance(attachment, Mapping) else None
            if holder is not None and not is_aws_id(str(holder)):
                fields["AttachedTo"] = holder
            fields.pop("PrivateDnsName", None)
        yield from cls.cloudformation(declaration._replace(fields=fields))

    @classmethod
    def cloudformation_attribute(cls, declaration: Declaration, attribute: str) -> Any:
        return later(declaration.id, "PrivateIp") if attribute in ("PrimaryPrivateIpAddress", "PrivateIpAddress") else None

    def late_attribute(self, attribute: str, topology: "Topology") -> str | None:
        public = self.association.public_ip if self.association else None
        number = {"PrivateIp": self.private_ip_address, "PublicIp": public}.get(attribute)
        return None if number is None else address_text(number)

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        for name in ("Groups", "Ipv6Addresses", "Ipv4Prefixes", "Ipv6Prefixes"):
            if isinstance(fields.get(name), str):
                fields[name] = [fields[name]]
        yield Draft(cls, declaration.id, fields, declaration.origin)

    def as_given(self, topology: "Topology") -> "NetworkInterface":
        """The declared interface of the same owner in the same subnet, with what follows from what its owner is."""
        given = topology.kept("interfaces of owners", lambda: by_owner(topology)).get((self.attached_to, self.subnet_id), ())
        at_address = (i for i in given if self.private_ip_address in i.addresses)
        found = next(at_address, None) or next((i for i in given if i.device_index == self.device_index), None)
        if found is None or not self.id.startswith(f"{self.attached_to}/"):
            return self
        whole: NetworkInterface = found.replaced(
            interface_type=self.interface_type if found.interface_type == "interface" else found.interface_type,
            keeps_sources=self.keeps_sources,
            default_group=self.default_group,
        )
        return whole

    @property
    def addresses(self) -> tuple[int, ...]:
        """Every private and IPv6 address, the primary one first, then those of delegated IPv4 prefixes."""
        first = () if self.private_ip_address is None else (self.private_ip_address,)
        more = (a.private_ip_address for a in self.private_ip_addresses)
        delegated = (number for p in self.ipv4_prefixes for number in range(p.ipv4_prefix.first, p.ipv4_prefix.last + 1))
        return tuple(dict.fromkeys((*first, *more, *(a.ipv6_address for a in self.ipv6_addresses), *delegated)))

    @property
    def delegated_prefixes(self) -> tuple[Prefix, ...]:
        return (*(p.ipv4_prefix for p in self.ipv4_prefixes), *(p.ipv6_prefix for p in self.ipv6_prefixes))

    @property
    def group_ids(self) -> tuple[str, ...]:
        return tuple(group.group_id for group in self.groups or ())

    @property
    def private_link(self) -> bool:
        """Whether it is one of an endpoint: its groups cannot name those of senders behind another gateway.

        Source: https://docs.aws.amazon.com/vpc/latest/tgw/tgw-vpc-attachments.html
        """
        return self.interface_type == "vpc_endpoint"

    @classmethod
    def complete(cls, topology: "Topology") -> None:
        """Give every interface what AWS would choose: addresses, the default group, a public address where one is due."""
        interfaces = topology.of(cls)
        elastic = {getattr(address, "public_ip", None) for address in topology.of_kind("elastic_ip")}
        for interface in interfaces:
            for number in interface.addresses:
                topology.claim(interface.subnet_id, number, interface.id)
            if interface.association and interface.association.public_ip not in elastic:
                topology.claim(PUBLIC_SCOPE, interface.association.public_ip, interface.id)
        for interface in sorted(interfaces, key=lambda i: i.id):
            if interface.association and interface.association.public_ip in elastic:
                interface = interface.replaced(association=None)
            subnet = topology.get(Subnet, interface.subnet_id)
            if subnet is not None:
                topology.put(interface._completed(subnet, topology))

    def _completed(self, subnet: Subnet, topology: "Topology") -> "NetworkInterface":
        chosen: dict[str, Any] = {}
        if self.private_ip_address is None:
            first = next((a.private_ip_address for a in self.private_ip_addresses), None)
            chosen["private_ip_address"] = (
                first if first is not None else choose_address(subnet.cidr_block, subnet.id, self.id, topology)
            )
        more = [
            choose_address(subnet.cidr_block, subnet.id, self.id, topology)
            for _ in range(self.secondary_private_ip_address_count)
        ]
        if more:
            added = (PrivateAddress(private_ip_address=number) for number in more if number is not None)
            chosen["private_ip_addresses"] = (*self.private_ip_addresses, *added)
        ipv6 = next((block for block in subnet.blocks if block.family == 6), None)
        if ipv6 is not None and not self.ipv6_addresses and (subnet.cidr_block is None or self.wants_ipv6(subnet)):
            numbers = [choose_address(ipv6, subnet.id, self.id, topology) for _ in range(max(1, self.ipv6_address_count))]
            chosen["ipv6_addresses"] = tuple(Ipv6Address(ipv6_address=number) for number in numbers if number is not None)
        if (missing := self.ipv4_prefix_count - len(self.ipv4_prefixes)) > 0:
            found = choose_prefixes(missing, subnet.cidr_block, subnet.id, self.id, topology)
            chosen["ipv4_prefixes"] = (*self.ipv4_prefixes, *(Ipv4Prefix(ipv4_prefix=prefix) for prefix in found))
        if (missing := self.ipv6_prefix_count - len(self.ipv6_prefixes)) > 0:
            found = choose_prefixes(missing, ipv6, subnet.id, self.id, topology)
            chosen["ipv6_prefixes"] = (*self.ipv6_prefixes, *(Ipv6Prefix(ipv6_prefix=prefix) for prefix in found))
        if self.wants_public_address and self.association is None:
            public = choose_public_address(self.id, topology)
            chosen["association"] = None if public is None else InterfaceAssociation(public_ip=public)
        completed: NetworkInterface = self.but(**{k: v for k, v in chosen.items() if v is not None})
        groups = self.groups
        if not groups and self.default_group:
            default = topology.kept("default groups", lambda: default_groups(topology)).get(subnet.vpc_id, "")
            groups = (GroupIdentifier(group_id=default),) if default else ()
        return completed.replaced(vpc_id=subnet.vpc_id, groups=groups or ())

    def wants_ipv6(self, subnet: Subnet) -> bool:
        """Whether AWS gives the interface an IPv6 address of its choice."""
        if self.wants_ipv6_address is not None:
            return self.wants_ipv6_address
        return subnet.assign_ipv6_address_on_creation or self.ipv6_address_count > 0

    def refusals(self, topology: "Topology") -> Iterable[Problem]:
        subnet = topology.need(Subnet, self.subnet_id)
        wrong = list(prefix_refusals(self, subnet))
        yield from wrong
        for number in () if wrong else self.addresses:
            block = next((b for b in subnet.blocks if b.holds(number)), None)
            if block is None:
                yield refuse(f"{self.id}: {address_text(number)} is not in {subnet.id}", "InvalidParameterValue", self)
            elif block.family == 4 and (number < block.first + 4 or number == block.last):
                yield refuse(f"{self.id}: {address_text(number)} is reserved by AWS in {block}", "InvalidParameterValue", self)
            holder = topology.holder(self.subnet_id, number)
            if holder not in (self.id, None):
                yield refuse(f"{self.id}: {address_text(number)} belongs to {holder}", "InvalidIPAddress.InUse", self)
        if self.private_ip_address is None and subnet.cidr_block is not None:
            yield refuse(f"{self.id}: no free address in {subnet.id}", "InsufficientFreeAddressesInSubnet", self)
        if len(self.group_ids) > (quota := topology.settings.groups_per_interface):
            yield refuse(f"{self.id}: more than {quota} security groups", "SecurityGroupsPerInterfaceLimitExceeded", self)
        for group in self.group_ids:
            yield from self._foreign_default(topology.resources[group], topology)
            if self.vpc_id not in getattr(topology.resources[group], "vpc_ids", (self.vpc_id,)):
                yield refuse(f"{self.id}: group {group} belongs to another VPC", "InvalidParameter", self)

    def _foreign_default(self, group: Resource, topology: "Topology") -> Iterable[Problem]:
        """Source: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-share-limitations.html"""
        if group.id != topology.kept("default groups", lambda: default_groups(topology)).get(self.vpc_id):
            return
        mine, owner = topology.account_of(self), topology.account_of(group)
        if mine != owner:
            message = f"{self.known_as}: the default group of {self.vpc_id} belongs to {owner}; give it a group of {mine}"
            yield refuse(message, "", self)

    @property
    def known_as(self) -> str:
        return self.attached_to if self.attached_to and self.id.startswith(f"{self.attached_to}/") else self.id

    def register(self, index: "Index") -> None:
        index.places[self.id] = self
        index.vpc_of[self.id] = self.vpc_id
        index.subnet_of[self.id] = self.subnet_id
        index.groups_of[self.id] = self.group_ids
        delegated = tuple(prefix.ipv6_prefix for prefix in self.ipv6_prefixes)
        index.addresses_of[self.id] = Addresses(self.addresses, delegated) if delegated else self.addresses
        index.delegated += [(self.vpc_id, prefix, self.id) for prefix in delegated]
        if self.attached_to:
            held = (*index.interfaces_of.get(self.attached_to, ()), self.id)
            launched_with = f"{self.attached_to}/"
            order = {id: (not id.startswith(launched_with), device_index(id, index.topology)) for id in held}
            index.interfaces_of[self.attached_to] = tuple(sorted(held, key=order.__getitem__))
        for number in self.addresses:
            index.interface_at[self.vpc_id, number] = self.id
        for ipv6 in self.ipv6_addresses:
            if not UNIQUE_LOCAL.holds(ipv6.ipv6_address):
                index.publish(ipv6.ipv6_address, self.id, ipv6.ipv6_address)
        if self.association and self.private_ip_address is not None:
            index.publish(self.association.public_ip, self.id, self.private_ip_address)
        for vpc in index.topology.of_kind("vpc") if self.keeps_sources else ():
            index.takes_back.setdefault(vpc.id, []).append(self.id)

    def receive(self, packet: Packet, came_from: str | None, net: "Network") -> Iterator[Step]:
        if came_from is None and packet.src in net.index.host_services_of[self.vpc_id] and self.attached_to:
            yield Step(self.known_as, "{at}: the host answers", packet, None, self.attached_to)
            return
        if self.id in net.index.local_interfaces:
            yield beside_the_vpc(self.known_as, packet)
            return
        leaving = came_from is None or came_from == self.attached_to
        service = net.index.host_services_of[self.vpc_id].get(packet.dst) if leaving else None
        if service is not None and (step := answered_on_the_host(self.known_as, packet, service)) is not None:
            yield step
            return
        if leaving and self.keeps_sources and packet.src not in net.index.addresses_of[self.id]:
            yield from self._forward(packet, net)
            return
        if not leaving and came_from != self.subnet_id and net.subnet_of(came_from or "") != self.subnet_id:
            yield net.acl_of(self.subnet_id).filter(packet, False, net)
        if self.source_dest_check and (packet.src if leaving else packet.dst) not in net.index.addresses_of[self.id]:
            yield self._checked(packet, leaving)
        to = self.subnet_id if leaving else self.attached_to
        if self.groups:
            step = self.filtered(packet, None if leaving else came_from, to, net)
            yield step
            if step.to is not None:
                return
        if to is None and self.in_use_by:
            because = "{at}: takes {packet}; what is behind it, {about}, is not in the model"
            yield accepted(self.id, because, packet, packet, self.in_use_by)
        elif to is None:
            because = "{at}: the interface is attached to nothing"
            yield Step(self.id, because, packet, None, None, Disposition.NULL_ROUTED, Code.BAD_STATE)
        else:
            yield onward(self.id, HAND_OVER, packet, None, to)

    def _forward(self, packet: Packet, net: "Network") -> Iterator[Step]:
        """Send a packet under its sender's own address. Inside the VPC the receiver's groups may name those of this interface,
        and not those of the sender.

        Sources: https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-security-groups.html,
        https://docs.aws.amazon.com/elasticloadbalancing/latest/network/target-group-register-targets.html.
        """
        if self.groups:
            yield self.filtered(packet, None, self.subnet_id, net)
        yield onward(self.id, HAND_OVER, packet, None, self.subnet_id, packet)
        if net.interface_at(self.vpc_id, packet.dst) is not None:
            yield from net.places[self.subnet_id].receive(packet, self.id, net)

    def _checked(self, packet: Packet, leaving: bool) -> Step:
        which = "sent from" if leaving else "addressed to"
        because = f"{{at}}: the source/destination check drops what is not {which} its own address"
        code = Code.ENI_SOURCE_DEST_CHECK_RESTRICTION
        return Step(self.known_as, because, packet, None, None, Disposition.DENIED, code, None, None, "{at}: SourceDestCheck off")

    def filtered(self, packet: Packet, came_from: str | None, to: str | None, net: "Network") -> Step:
        """What the groups say, inbound of what `came_from` brings, and outbound if that is None."""
        groups, egress, lost = net.index.groups_of[self.id], came_from is None, False
        if net.sessions and (self.id, packet) in net.sessions:
            return onward(groups[0], "{at}: a reply to what it let through", packet, None, to)
        handed_by = None if came_from is None else net.index.groups_of.get(came_from)
        for group in groups:
            rule = net.group(group).match(packet, egress, net, handed_by, self.vpc_id)
            if rule is not None and self._lost(rule, packet, came_from, net):
                lost = True
            elif rule is not None:
                because = "{at}: {rule} (outbound)" if egress else "{at}: {rule} (inbound)"
                return onward(group, because, packet, rule, to, packet)
        if packet.dst_port[0] < packet.dst_port[1] and (step := self._union(packet, came_from, to, net)) is not None:
            return step
        return unknown_sender(self.group_ids[0], packet) if lost else denial(self, packet, egress, net)

    def _lost(self, rule: Any, packet: Packet, came_from: str | None, net: "Network") -> bool:
        """Whether a rule names a group, and an appliance on the way has made AWS forget who holds it.

        Source: https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
        """
        if came_from is None or is_block(rule.peer, net):
            return False
        if packet.is_passed_on:
            return True
        sender = net.interface_at(self.vpc_id, packet.src) if came_from in net.index.table_of else None
        return sender is not None and net.subnet_of(sender) != came_from

    def _union(self, packet: Packet, came_from: str | None, to: str | None, net: "Network") -> Step | None:
        """A range of ports may be admitted by several rules together, of one group or of several."""
        egress = came_from is None
        admitting = (rule for group in self.group_ids for rule in net.group(group).admitting(packet, egress, net, self.vpc_id))
        rules = [rule for rule in admitting if not self._lost(rule, packet, came_from, net)]
        matches = PortTable([(rule.permission.ports, rule) for rule in rules]).match(packet.dst_port)
        if None in matches or not rules:
            return None
        because = "{at}: {rule} and others (outbound)" if egress else "{at}: {rule} and others (inbound)"
        return onward(self.group_ids[0], because, packet, matches[0], to, packet)

    def links(self, net: "Network") -> Iterable[Link]:
        yield Link(self.subnet_id, self.id, "contains")
        if self.attached_to:
            yield Link(self.id, self.attached_to, "attached to")
        for group in self.group_ids:
            yield Link(self.id, group, "guarded by")
