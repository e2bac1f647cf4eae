"""VPC Block Public Access: an account's switch, for one Region, that stands before every internet gateway.

Bidirectional, it stops what passes internet gateways and egress-only internet gateways; for ingress, it leaves what NAT
gateways and egress-only internet gateways let out. An exclusion frees a VPC or a subnet from it, for both directions or,
in bidirectional mode, for what starts inside. What counts is the subnet of the interface that has the address: behind an
appliance that of the workload, not of the appliance. Only what passes an endpoint of a firewall or of a Gateway Load Balancer
is free where that endpoint's subnet is.

Whether an exclusion for egress lets an interface with a public address of its own out, AWS does not say: that is undecided.

Sources: https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa.html,
https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa-basics.html,
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcBlockPublicAccessExclusion.html.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, ClassVar

from vpcsim.codes import Code
from vpcsim.errors import Problem
from vpcsim.resource import Declaration, Declared, Draft, Link, Resource, TerraformSpelling, refers_to, refuse
from vpcsim.shape import Read, field
from vpcsim.trace import Disposition, Step

if TYPE_CHECKING:
    from vpcsim.network import Index, Network
    from vpcsim.packet import Packet
    from vpcsim.topology import Topology

OFF, INGRESS, BIDIRECTIONAL = "off", "block-ingress", "block-bidirectional"
ALLOW_EGRESS, ALLOW_BIDIRECTIONAL = "allow-egress", "allow-bidirectional"
ONE_WAY = ("nat_gateway", "regional_nat_gateway")
"""Types of interfaces into which no connection starts from outside."""
INSPECTS = "gateway_load_balancer_endpoint"
"""The type of the interfaces of endpoints that inspect, which are those of Network Firewall too."""
ENDPOINTS = ("subnets with", INSPECTS)


def _off(value: object) -> object:
    """YAML reads a bare `off` as false."""
    return OFF if value is False else value


class VpcBlockPublicAccessOptions(Resource):
    """The account's mode."""

    kind: ClassVar[str] = "vpc_block_public_access_options"
    section: ClassVar[str] = "VpcBlockPublicAccessOptions"
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::EC2::VPCBlockPublicAccessOptions",)
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={"aws_vpc_block_public_access_options": "AWS::EC2::VPCBlockPublicAccessOptions"},
    )
    native_section: ClassVar[str] = "block_public_access"
    native_names: ClassVar[Mapping[str, str]] = {"mode": "InternetGatewayBlockMode"}
    native_scalar: ClassVar[str] = "InternetGatewayBlockMode"

    id: str = field(api="OptionsId")
    internet_gateway_block_mode: Annotated[str, Read(_off)] = field(default=OFF, pattern=f"^({OFF}|{INGRESS}|{BIDIRECTIONAL})$")

    @classmethod
    def described(cls, declaration: Declaration) -> Declared:
        """One object, without an id."""
        id = declaration.id or f"{declaration.account}/{declaration.region}/block-public-access"
        yield Draft(cls, id, dict(declaration.fields), declaration.origin)

    @classmethod
    def check(cls, topology: "Topology") -> Iterable[Problem]:
        first: dict[str, VpcBlockPublicAccessOptions] = {}
        for options in topology.of(cls):
            if (known := first.setdefault(_scope(options.id, topology), options)) is not options:
                message = f"{options.id}: an account has one mode in a Region, and {known.id} gives it"
                yield Problem(message, options.origin)

    def register(self, index: "Index") -> None:
        index.public_access[_scope(self.id, index.topology)] = self.internet_gateway_block_mode


class VpcBlockPublicAccessExclusion(Resource):
    """A VPC or a subnet that the mode does not hold for."""

    kind: ClassVar[str] = "vpc_block_public_access_exclusion"
    section: ClassVar[str] = "VpcBlockPublicAccessExclusions"
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::EC2::VPCBlockPublicAccessExclusion",)
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={"aws_vpc_block_public_access_exclusion": "AWS::EC2::VPCBlockPublicAccessExclusion"},
    )
    native_section: ClassVar[str] = "block_public_access_exclusions"
    native_names: ClassVar[Mapping[str, str]] = {
        "mode": "InternetGatewayExclusionMode",
        "subnet": "SubnetId",
    }

    id: str = field(api="ExclusionId")
    internet_gateway_exclusion_mode: str = field(pattern=f"^({ALLOW_EGRESS}|{ALLOW_BIDIRECTIONAL})$")
    vpc: Annotated[str | None, refers_to("vpc")] = field(default=None, api="VpcId")
    subnet_id: Annotated[str | None, refers_to("subnet")] = None

    @classmethod
    def described(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        kind, _, id = str(fields.get("ResourceArn", "")).rpartition(":")[2].partition("/")
        if id:
            fields["SubnetId" if kind == "subnet" else "VpcId"] = id
        if not str(fields.get("State", "")).startswith(("delete", "disabl")):
            yield Draft(cls, declaration.id, fields, declaration.origin)

    def refusals(self, topology: "Topology") -> Iterable[Problem]:
        if (self.vpc is None) == (self.subnet_id is None):
            message = f"{self.id}: an exclusion is for one VPC or for one subnet"
            yield refuse(message, "InvalidParameterCombination" if self.vpc else "MissingParameter", self)

    def register(self, index: "Index") -> None:
        index.public_access[self.vpc or self.subnet_id or self.id] = self.internet_gateway_exclusion_mode

    def links(self, net: "Network") -> Iterable[Link]:
        yield Link(self.id, self.vpc or self.subnet_id or "", "excludes")


def _scope(of: str, topology: "Topology") -> str:
    """The account and the Region for which a mode holds."""
    return f"{topology.account_of(of)} {topology.region_of(of)}"


def _mode(gateway: str, net: "Network") -> str:
    """The mode where a gateway is. Of a shared subnet the owner's holds, who also has the gateway.

    Source: https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa-basics.html
    """
    key = ("public access", gateway)
    known: str | None = net.compiled(key)
    return known or str(net.compile(key, net.index.public_access.get(_scope(gateway, net.topology), OFF)))


def blocked(
    gateway: str, packet: "Packet", subnet: str | None, interface: str | None, inbound: bool, net: "Network"
) -> Step | None:
    """What Block Public Access says about a packet that a gateway has from this subnet, or for this interface by way of it.

    None: nothing, the packet may pass. Of a gateway that lets nothing in on its own, `interface` is the gateway itself.
    """
    modes = net.index.public_access
    mode = _mode(gateway, net) if modes else OFF
    if mode == OFF:
        return None
    vpc = net.vpc_of(subnet or interface or "") or ""
    counted = _counted(packet, subnet, interface, inbound, net)
    exclusions = {modes.get(vpc), modes.get(counted or "")}
    if ALLOW_BIDIRECTIONAL in exclusions:
        return None
    one_way = interface == gateway or getattr(net.places.get(interface or ""), "interface_type", "") in ONE_WAY
    egress = mode == BIDIRECTIONAL and ALLOW_EGRESS in exclusions
    if one_way and (egress or mode == INGRESS):
        return None
    if egress and inbound == net.answering:
        because = "{at}: whether the exclusion for egress of {about} lets an address of its own out is not documented"
        return Step(gateway, because, packet, None, None, Disposition.UNDECIDED, Code.VPCSIM_NOT_MODELLED, None, counted)
    because = f"{{at}}: Block Public Access ({mode}) stops what {'enters' if inbound else 'leaves'} {{about}}"
    fix = f"an exclusion of {{about}} from Block Public Access ({ALLOW_BIDIRECTIONAL})"
    denied, code = Disposition.DENIED, Code.VPC_BLOCK_PUBLIC_ACCESS_ENABLED
    return Step(gateway, because, packet, None, None, denied, code, None, counted, fix)


def _counted(packet: "Packet", subnet: str | None, interface: str | None, inbound: bool, net: "Network") -> str | None:
    """The subnet whose exclusion counts.

    Source: https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa-basics.html (AWS service impact and support)
    """
    if subnet in endpoint_subnets(net):
        return subnet
    end = interface if inbound else net.interface_at(net.vpc_of(subnet or ""), packet.src)
    return net.subnet_of(end or "") or subnet


def endpoint_subnets(net: "Network") -> frozenset[str]:
    """The subnets with endpoints that inspect."""
    known: frozenset[str] | None = net.compiled(ENDPOINTS)
    if known is None:
        of_type = (i for i in net.index.subnet_of if getattr(net.places.get(i), "interface_type", "") == INSPECTS)
        known = frozenset(net.compile(ENDPOINTS, frozenset(net.index.subnet_of[i] for i in of_type)))
    return known
