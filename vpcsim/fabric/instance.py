"""An EC2 instance: what sends and takes packets behind its network interfaces.

The primary interface gets a public IPv4 address at launch if the request or the subnet says so.

Sources: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-instance-addressing.html,
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-instance.html,
https://docs.aws.amazon.com/vpc/latest/userguide/custom-network-acl.html (ephemeral ports of clients).
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from vpcsim import services
from vpcsim.account.instance_profile import InstanceProfile
from vpcsim.codes import Code
from vpcsim.errors import Problem
from vpcsim.fabric.host_services import METADATA
from vpcsim.fabric.interface_parts import Group, InterfaceAssociation, Ipv6
from vpcsim.fabric.network_interface import NetworkInterface
from vpcsim.fabric.private_dns_name import PrivateDnsNameOptions
from vpcsim.fabric.subnet import Subnet
from vpcsim.packet import TCP, UDP, Packet
from vpcsim.prefixes import Ports, family
from vpcsim.resource import Address, Declaration, Declared, Draft, Link, Resource, TerraformSpelling, later, refers_to, refuse
from vpcsim.shape import Shape, field
from vpcsim.trace import Disposition, Step, accepted, onward

if TYPE_CHECKING:
    from vpcsim.network import Network
    from vpcsim.topology import Topology

LINUX_PORTS: Ports = (32768, 60999)
WINDOWS_PORTS: Ports = (49152, 65535)


class InstanceNetworkInterface(Shape):
    """One interface of the launch request."""

    device_index: int = 0
    network_interface_id: Annotated[str | None, refers_to("network_interface")] = None
    subnet_id: Annotated[str | None, refers_to("subnet")] = None
    private_ip_address: Address | None = None
    groups: tuple[Group, ...] | None = None
    associate_public_ip_address: bool | None = None
    associate_carrier_ip_address: bool = False
    ipv6_addresses: tuple[Ipv6, ...] = ()
    ipv6_address_count: int = field(default=0, ge=0)


class MetadataOptions(Shape):
    """Which version of the metadata service answers.

    Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_InstanceMetadataOptionsRequest.html
    """

    http_tokens: str = field(default="optional", pattern="^(optional|required)$")
    http_endpoint: str = field(default="enabled", pattern="^(enabled|disabled)$")
    http_protocol_ipv6: str = field(default="disabled", pattern="^(enabled|disabled)$")

    def answers(self, version: int) -> bool:
        """Whether it answers over an IP version."""
        return "disabled" not in (self.http_endpoint, *((self.http_protocol_ipv6,) if version == 6 else ()))


class Instance(Resource):
    """See the module."""

    kind: ClassVar[str] = "instance"
    looks_at_zones: ClassVar[bool] = False
    permissions: ClassVar[tuple[str, ...]] = (*Resource.permissions, "ImageId", "InstanceType")
    section: ClassVar[str] = "Instances"
    described_as: ClassVar[tuple[str, ...]] = ("Reservations",)
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::EC2::Instance",)
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={
            "aws_instance": "AWS::EC2::Instance",
            "aws_spot_instance_request": "AWS::EC2::Instance",
            "data.aws_instance": "AWS::EC2::Instance",
            "aws_launch_template": "",
        },
        names={
            "ami": "ImageId",
            "private_ip": "PrivateIpAddress",
            "public_ip": "PublicIpAddress",
            "vpc_security_group_ids": "SecurityGroupIds",
            "network_interface": "NetworkInterfaces",
        },
        once=("private_dns_name_options", "metadata_options"),
        ids={"primary_network_interface_id": "{id}"},
        refers={
            "iam_instance_profile": ("aws_iam_instance_profile",),
            "aws_instance.id": ("aws_launch_template",),
            "aws_instance.name": ("aws_launch_template",),
            "aws_launch_template.name": ("aws_iam_instance_profile",),
            "aws_launch_template.arn": ("aws_iam_instance_profile",),
        },
    )
    native_names: ClassVar[Mapping[str, str]] = {
        "subnet": "SubnetId",
        "ip": "PrivateIpAddress",
        "ipv6": "Ipv6Addresses",
        "security_groups": "SecurityGroups",
        "public_address": "AssociatePublicIpAddress",
        "carrier_address": "AssociateCarrierIpAddress",
        "role": "Role",
        "instance_profile": "IamInstanceProfile",
        "source_dest_check": "SourceDestCheck",
        "platform": "Platform",
        "image": "ImageId",
        "forwards": "Forwards",
        "private_dns_name": "PrivateDnsNameOptions",
        "metadata": "MetadataOptions",
    }
    route_target: ClassVar[str] = "InstanceId"

    id: str = field(api="InstanceId")
    image_id: str = ""
    instance_type: str = ""
    platform: str = ""
    subnet_id: Annotated[str | None, refers_to("subnet")] = None
    private_ip_address: Address | None = None
    public_ip_address: Address | None = None
    """The public address that it got at launch, if the input tells it."""
    ipv6_addresses: tuple[Ipv6, ...] = ()
    ipv6_address_count: int = field(default=0, ge=0)
    security_groups: tuple[Group, ...] | None = None
    associate_public_ip_address: bool | None = None
    associate_carrier_ip_address: bool = False
    network_interfaces: tuple[InstanceNetworkInterface, ...] = ()
    source_dest_check: bool = True
    forwards: str | None = field(default=None, pattern="^(pass|drop|nat)$")
    """What the instance does with packets that are not for it: not a fact of AWS, so the model has to say it."""
    private_dns_name_options: PrivateDnsNameOptions | None = None
    metadata_options: MetadataOptions | None = None
    iam_instance_profile: Annotated[str | None, refers_to("instance_profile")] = None

    @classmethod
    def described(cls, declaration: Declaration) -> Declared:
        """The instances of a reservation, each with its interfaces."""
        if declaration.type != cls.section:
            owner = {k: v for k, v in declaration.fields.items() if k == "OwnerId"}
            for item in declaration.fields.get("Instances", ()):
                again = declaration._replace(type=cls.section, id=item.get("InstanceId", ""), fields={**owner, **item})
                yield from cls.described(again)
            return
        fields = dict(declaration.fields)
        state, placement = fields.pop("State", None), fields.pop("Placement", None)
        if isinstance(state, Mapping) and state.get("Name") in ("terminated", "shutting-down"):
            return
        profile = fields.get("IamInstanceProfile")
        if isinstance(profile, Mapping):
            fields["IamInstanceProfile"] = profile.get("Id") or str(profile.get("Arn")).rpartition("/")[2]
        zone = placement.get("AvailabilityZone") if isinstance(placement, Mapping) else None
        attached = [i for i in fields.get("NetworkInterfaces") or () if "Attachment" in i]
        if attached:
            del fields["NetworkInterfaces"]
        for interface in attached:
            more = {"Attachment": {**interface["Attachment"], "InstanceId": declaration.id}, "AvailabilityZone": zone}
            id = interface.get("NetworkInterfaceId", "")
            yield from NetworkInterface.described(declaration._replace(id=id, fields={**interface, **more}))
        yield Draft(cls, declaration.id, fields, declaration.origin)

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        fields["SecurityGroups"] = fields.pop("SecurityGroupIds", None) or fields.pop("SecurityGroups", None)
        fields["NetworkInterfaces"] = [
            {**spec, "Groups": spec.get("GroupSet")} for spec in fields.get("NetworkInterfaces", ()) if isinstance(spec, Mapping)
        ]
        yield Draft(cls, declaration.id, fields, declaration.origin)

    @classmethod
    def terraform(cls, declaration: Declaration) -> Declared:
        """Groups of a VPC are `vpc_security_group_ids`; `security_groups` holds names. With an interface that was made before,
        that interface says the subnet, the addresses and the groups.

        Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/instance
        """
        fields = {k: v for k, v in declaration.fields.items() if k != "SecurityGroups"}
        if isinstance(options := fields.get("PrivateDnsNameOptions"), Mapping):
            told = {name: value for name, value in options.items() if value and name != "EnableResourceNameDnsAaaaRecord"}
            if options.get("EnableResourceNameDnsAaaaRecord"):
                told["EnableResourceNameDnsAAAARecord"] = True
            fields["PrivateDnsNameOptions"] = told
        yield from cls.cloudformation(declaration._replace(fields=fields))

    @classmethod
    def cloudformation_attribute(cls, declaration: Declaration, attribute: str) -> Any:
        return later(declaration.id, attribute) if attribute in ("PrivateIp", "PublicIp") else declaration.fields.get(attribute)

    def late_attribute(self, attribute: str, topology: "Topology") -> str | None:
        interface = next((i for i in topology.of(NetworkInterface) if i.attached_to == self.id), None)
        return interface.late_attribute(attribute, topology) if interface else None

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        for name in ("SecurityGroups", "Ipv6Addresses"):
            if isinstance(fields.get(name), str):
                fields[name] = [fields[name]]
        if str(fields.get("ImageId", "")).startswith("/aws/service/"):
            fields["ImageId"] = services.assumed_image_id(declaration.region, fields["ImageId"])
        if role := fields.pop("Role", None):
            fields["IamInstanceProfile"] = f"{declaration.id}/instance-profile"
            yield Draft(InstanceProfile, fields["IamInstanceProfile"], {"Roles": [role]}, declaration.origin)
        yield Draft(cls, declaration.id, fields, declaration.origin)

    @property
    def ephemeral_ports(self) -> Ports:
        """The range from which the operating system takes a client's port."""
        return WINDOWS_PORTS if self.platform.lower() == "windows" else LINUX_PORTS

    def role_for(self, purpose: str, topology: "Topology") -> str | None:
        profile = topology.get(InstanceProfile, self.iam_instance_profile)
        return profile.roles[0] if profile and profile.roles else ""

    def implied(self, topology: "Topology") -> Iterable[Resource]:
        specs = self.network_interfaces or (InstanceNetworkInterface(),)
        for spec in specs:
            if spec.network_interface_id:
                existing = topology.get(NetworkInterface, spec.network_interface_id)
                if existing is not None:
                    yield existing.replaced(attached_to=self.id, source_dest_check=self.source_dest_check)
            elif subnet := topology.get(Subnet, spec.subnet_id or self.subnet_id):
                yield self._interface(spec, subnet)

    def _interface(self, spec: InstanceNetworkInterface, subnet: Subnet) -> NetworkInterface:
        groups = spec.groups if spec.groups is not None else self.security_groups
        asked = spec.associate_public_ip_address
        if asked is None:
            asked = self.associate_public_ip_address
        made = NetworkInterface.behind(
            self,
            subnet.id,
            None if groups is None else [group.group_id for group in groups],
            private_ip_address=spec.private_ip_address or (self.private_ip_address if spec.device_index == 0 else None),
            ipv6_addresses=spec.ipv6_addresses or (self.ipv6_addresses if spec.device_index == 0 else ()),
            ipv6_address_count=spec.ipv6_address_count or (self.ipv6_address_count if spec.device_index == 0 else 0),
            source_dest_check=self.source_dest_check,
            device_index=spec.device_index,
            association=self._association if spec.device_index == 0 else None,
            wants_public_address=subnet.map_public_ip_on_launch if asked is None else asked,
            wants_carrier_address=spec.associate_carrier_ip_address or self.associate_carrier_ip_address,
        )
        suffix = f"/{spec.device_index}" if spec.device_index else ""
        return made.replaced(id=made.id + suffix, name=made.name + suffix)

    @property
    def _association(self) -> InterfaceAssociation | None:
        return None if self.public_ip_address is None else InterfaceAssociation(public_ip=self.public_ip_address)

    @classmethod
    def check(cls, topology: "Topology") -> Iterable[Problem]:
        attached = {interface.attached_to for interface in topology.of(NetworkInterface)}
        for instance in topology.of(cls):
            if instance.id not in attached:
                message = f"{instance.id}: no subnet is named, and the model has no default VPC"
                yield refuse(message, "VPCIdNotSpecified", instance)

    def entrance(self, net: "Network") -> str | None:
        interfaces = net.interfaces_of(self.id)
        return interfaces[0] if len(interfaces) == 1 else None

    def receive(self, packet: Packet, came_from: str | None, net: "Network") -> Iterator[Step]:
        if came_from is None:
            yield self._send(packet, net)
        elif (original := net.session(self.id, packet)) is not None:
            answer = original.reversed()
            yield onward(self.id, "{at}: restores {packet.destination}", answer, None, came_from)
        elif net.holds(came_from, packet.dst):
            yield accepted(self.id, "{at}: takes {packet}", packet)
        elif self.forwards is None:
            because = "{at}: what it does with a packet for {packet.destination} is not in the model"
            yield Step(self.id, because, packet, disposition=Disposition.UNDECIDED, code=Code.VPCSIM_NOT_MODELLED)
        else:
            yield self._forward(packet, came_from, net)

    def _forward(self, packet: Packet, came_from: str, net: "Network") -> Step:
        """What an appliance or a NAT instance is declared to do: it hands the packet back out of the same interface.

        Source: https://docs.aws.amazon.com/vpc/latest/userguide/work-with-nat-instances.html
        """
        if self.forwards == "drop":
            because = "{at}: the appliance drops it"
            return Step(self.id, because, packet, None, None, Disposition.DENIED, Code.VPCSIM_APPLIANCE)
        if self.forwards == "pass":
            return onward(self.id, "{at}: passes it on", packet.passed_on(), None, came_from)
        own = next((a for a in net.index.addresses_of[came_from] if family(a) == family(packet.dst)), None)
        if own is None:
            because = "{at}: has no address of the family of {packet.destination} to translate to"
            return Step(self.id, because, packet, None, None, Disposition.DENIED, Code.VPCSIM_NO_ADDRESS)
        translated = packet.sent_by(own, (1024, 65535) if packet.protocol in (TCP, UDP) else None)
        because = "{at}: translates the source {about} to {packet.source}"
        return Step(self.id, because, translated, None, came_from, None, None, packet, packet.source)

    def _send(self, packet: Packet, net: "Network") -> Step:
        interfaces = net.interfaces_of(self.id)
        service = net.index.host_services_of[net.vpc_of(interfaces[0]) or ""].get(packet.dst)
        if service == METADATA and not (self.metadata_options or MetadataOptions()).answers(family(packet.dst)):
            because, fix = "{at}: {about} does not answer at {packet.destination}", "{at}: MetadataOptions with it enabled"
            denied, code = Disposition.DENIED, Code.VPCSIM_NO_SERVICE
            return Step(self.id, because, packet, None, None, denied, code, None, METADATA, fix)
        for interface in interfaces[1:]:
            if net.holds(interface, packet.src):
                return onward(self.id, "{at}: sends {packet}", packet, None, interface)
        return onward(self.id, "{at}: sends {packet}", packet, None, interfaces[0])

    def links(self, net: "Network") -> Iterable[Link]:
        yield Link(net.index.subnet_of[net.interfaces_of(self.id)[0]], self.id, "contains")
        if self.iam_instance_profile:
            yield Link(self.id, self.iam_instance_profile, "runs as")
