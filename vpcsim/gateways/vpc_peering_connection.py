"""A VPC peering connection: two VPCs reach each other's interfaces by their private addresses.

It carries packets from a block of one VPC to a block of the other and nothing else: no third VPC, no gateway, NAT device,
gateway endpoint or resolver of the peer. Each side needs its own route, and an answer follows the table of the subnet that
sends it, even to the wrong peer. Only what answers a NAT gateway comes back to it without a route. Inside one Region the
security groups of both sides may name each other's groups.

A peer that is not in the model, such as another account's VPC, leaves the packet undecided.

Sources: https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-basics.html,
https://docs.aws.amazon.com/vpc/latest/peering/peering-configurations-partial-access.html (the way of answers),
https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-security-groups.html,
https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html (answers to NAT gateways),
https://docs.aws.amazon.com/vpc/latest/reachability/explanation-codes.html (PCX_*).
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from vpcsim.codes import Code
from vpcsim.errors import Problem
from vpcsim.fabric.route_targets import is_aws_id
from vpcsim.fabric.vpc import Vpc
from vpcsim.packet import Packet
from vpcsim.resource import Declaration, Declared, Draft, Link, Patch, Reference, Resource, TerraformSpelling, refuse
from vpcsim.shape import Shape, field
from vpcsim.trace import Disposition, Step

if TYPE_CHECKING:
    from vpcsim.network import Index, Network
    from vpcsim.topology import Topology

OWN_ROUTE_NOT_NEEDED = "nat_gateway"
"""The type of the interfaces to which answers come back without a route."""
UNSUPPORTED = ("subnets of", "what does not work over peerings")
OF_THEIR_OWN = "a peering connection, or a transit gateway, between the VPCs of {packet.source} and {packet.destination}"
A_WAY_OUT = "a gateway or an endpoint for {packet.destination} in the VPC of {packet.source}: the peer's own serve the peer only"


class PeeringOptions(Shape):
    """Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_PeeringConnectionOptions.html"""

    allow_dns_resolution_from_remote_vpc: bool = False


class PeeringVpcInfo(Shape):
    """One side. Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcPeeringConnectionVpcInfo.html"""

    vpc_id: str
    owner_id: str | None = None
    region: str | None = None
    peering_options: PeeringOptions | None = None


class PeeringStatus(Shape):
    """Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcPeeringConnectionStateReason.html"""

    code: str = "active"


class VpcPeeringConnection(Resource):
    """See the module."""

    kind: ClassVar[str] = "vpc_peering_connection"
    looks_at_zones: ClassVar[bool] = False
    section: ClassVar[str] = "VpcPeeringConnections"
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::EC2::VPCPeeringConnection",)
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={
            "aws_vpc_peering_connection": "AWS::EC2::VPCPeeringConnection",
            "aws_vpc_peering_connection_accepter": "aws_vpc_peering_connection_accepter",
            "aws_vpc_peering_connection_options": "aws_vpc_peering_connection_options",
        },
        once=("accepter", "requester"),
        refers={"vpc_peering_connection_id": ("aws_vpc_peering_connection", "aws_vpc_peering_connection_accepter")},
    )
    native_names: ClassVar[Mapping[str, str]] = {
        "requester": "Requester",
        "accepter": "PeerVpcId",
        "peer_region": "PeerRegion",
        "peer_account": "PeerOwnerId",
        "state": "State",
        "requester_dns": "RequesterDns",
        "accepter_dns": "AccepterDns",
    }
    route_target: ClassVar[str] = "VpcPeeringConnectionId"

    id: str = field(api="VpcPeeringConnectionId")
    requester_vpc_info: PeeringVpcInfo
    accepter_vpc_info: PeeringVpcInfo
    status: PeeringStatus = field(default_factory=PeeringStatus)

    @classmethod
    def described(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        if fields.get("Status", {}).get("Code") not in ("deleted", "rejected", "failed", "expired"):
            yield Draft(cls, declaration.id, fields, declaration.origin)

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        accepter = {
            "VpcId": fields.pop("PeerVpcId", None),
            "OwnerId": fields.pop("PeerOwnerId", None),
            "Region": fields.pop("PeerRegion", None),
            "PeeringOptions": _options(fields.pop("AccepterDns", None)),
        }
        requester = {"VpcId": fields.pop("VpcId", None), "PeeringOptions": _options(fields.pop("RequesterDns", None))}
        sides = {"RequesterVpcInfo": requester, "AccepterVpcInfo": accepter}
        yield Draft(cls, declaration.id, {**fields, **_told(sides, declaration.existing)}, declaration.origin)

    @classmethod
    def terraform(cls, declaration: Declaration) -> Declared:
        """A request, which waits until somebody accepts it: `auto_accept`, or an accepter of its own. Options may stand in all.

        Sources: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/vpc_peering_connection,
        https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/vpc_peering_connection_accepter,
        https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/vpc_peering_connection_options
        """
        fields, origin = dict(declaration.fields), declaration.origin
        sides = {name: fields.pop(name, None) for name in ("Accepter", "Requester")}
        dns = {name: side.get("AllowRemoteVpcDnsResolution") for name, side in sides.items() if isinstance(side, Mapping)}
        accepted = fields.get("AutoAccept") is True or fields.get("AcceptStatus") == "active"
        if declaration.type == "AWS::EC2::VPCPeeringConnection":
            fields |= {f"{name}Dns": value for name, value in dns.items()}
            fields["Status"] = {"Code": "active" if accepted else fields.get("AcceptStatus", "pending-acceptance")}
            yield from cls.cloudformation(declaration._replace(fields=fields))
            return
        told: dict[str, Any] = {f"{name}VpcInfo.PeeringOptions": _options(value) for name, value in dns.items()}
        if accepted:
            told["Status"] = {"Code": "active"}
        yield Patch(fields.get("VpcPeeringConnectionId", ""), told, origin, key="vpc_peering_connection_id")

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        if "RequesterVpcInfo" in fields:
            yield Draft(cls, declaration.id, fields, declaration.origin)
            return
        if "Requester" in fields:
            fields["VpcId"] = fields.pop("Requester")
        if "State" in fields:
            fields["Status"] = {"Code": fields.pop("State")}
        yield from cls.cloudformation(declaration._replace(fields=fields))

    @property
    def vpc_ids(self) -> tuple[str, str]:
        return self.requester_vpc_info.vpc_id, self.accepter_vpc_info.vpc_id

    def peer_of(self, vpc: str | None) -> str:
        """The VPC on the other side."""
        requester, accepter = self.vpc_ids
        return accepter if vpc == requester else requester

    def shows_names_to(self, vpc: str | None, topology: "Topology") -> Iterator[str]:
        """The VPC whose side lets this one see the private addresses behind its public names.

        Source: https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-dns.html
        """
        yield from (side.vpc_id for side in self._shown(vpc))

    def regions_shown_to(self, vpc: str | None, topology: "Topology") -> Iterator[str]:
        """The Region of such a VPC."""
        yield from (_region(side, topology) for side in self._shown(vpc))

    def _shown(self, vpc: str | None) -> Iterator[PeeringVpcInfo]:
        for side in (self.requester_vpc_info, self.accepter_vpc_info):
            options = side.peering_options
            if self.is_active and self.peer_of(side.vpc_id) == vpc and options and options.allow_dns_resolution_from_remote_vpc:
                yield side

    @property
    def is_active(self) -> bool:
        return self.status.code == "active"

    def references(self) -> Iterator[Reference]:
        """The VPCs of the model; another account's VPC is known by AWS's id alone."""
        for side in (self.requester_vpc_info, self.accepter_vpc_info):
            if not is_aws_id(side.vpc_id):
                yield Reference(("vpc",), side.vpc_id, "VpcId", self.origin)

    def implied(self, topology: "Topology") -> Iterable[Resource]:
        """The Region and the account of a VPC are the VPC's own to say."""
        yield self.replaced(
            requester_vpc_info=_without_the_obvious(self.requester_vpc_info, topology),
            accepter_vpc_info=_without_the_obvious(self.accepter_vpc_info, topology),
        )

    def refusals(self, topology: "Topology") -> Iterable[Problem]:
        yield from self._name_refusals(topology)
        requester, accepter = (topology.get(Vpc, id) for id in self.vpc_ids)
        if self.vpc_ids[0] == self.vpc_ids[1]:
            yield refuse(f"{self.id}: a VPC cannot be its own peer", "InvalidParameterValue", self)
        for side in (self.requester_vpc_info, self.accepter_vpc_info):
            if side.vpc_id not in topology.resources:
                continue
            for word, said, own in (
                ("region", side.region, topology.region_of(side.vpc_id)),
                ("account", side.owner_id, topology.account_of(side.vpc_id)),
            ):
                if said not in (None, own):
                    message = f"{self.id}: {said} is not the {word} of {side.vpc_id}, {own} is; give the VPC its own `{word}`"
                    yield Problem(message, self.origin)
        if self.vpc_ids[0] != self.vpc_ids[1] and requester and accepter and self.status.code != "failed":
            for block in requester.blocks:
                if (other := next((b for b in accepter.blocks if b.overlaps(block)), None)) is not None:
                    message = f"{self.id}: {block} of {requester.id} overlaps {other} of {accepter.id}, so the peering fails"
                    yield refuse(message, "", self)

    def _name_refusals(self, topology: "Topology") -> Iterable[Problem]:
        """Source: https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-dns.html"""
        shown = any(side.vpc_id for vpc in self.vpc_ids for side in self._shown(vpc))
        for vpc in (topology.get(Vpc, id) for id in self.vpc_ids if shown):
            if vpc is not None and not (vpc.enable_dns_hostnames and vpc.enable_dns_support):
                missing = "host names" if vpc.enable_dns_support else "support"
                message = f"{self.id}: it shows names to the peer, which needs DNS {missing} of {vpc.id} enabled"
                yield refuse(message, "InvalidVpcPeeringConnectionState.DnsHostnamesDisabled", self)

    @classmethod
    def check(cls, topology: "Topology") -> Iterable[Problem]:
        yield from super().check(topology)
        first: dict[frozenset[str], VpcPeeringConnection] = {}
        for peering in topology.of(cls):
            if peering.is_active and (known := first.setdefault(frozenset(peering.vpc_ids), peering)) is not peering:
                message = f"{peering.id}: {known.id} joins the same two VPCs"
                yield refuse(message, "VpcPeeringConnectionAlreadyExists", peering)

    def register(self, index: "Index") -> None:
        index.places[self.id] = self
        if not self.is_active:
            return
        one, other = self.vpc_ids
        for vpc, peer in ((one, other), (other, one)):
            index.takes_back.setdefault(vpc, []).append(self.id)
            named = index.peers_of if self.is_inside_a_region(index.topology) else index.peers_apart
            named[vpc] = (*named.get(vpc, ()), peer)

    def is_inside_a_region(self, topology: "Topology") -> bool:
        """Whether both sides are in one Region, so that groups may be named across."""
        one, other = (_region(side, topology) for side in (self.requester_vpc_info, self.accepter_vpc_info))
        return one == other

    def takes_from(self, vpc_id: str) -> bool:
        return self.is_active and vpc_id in self.vpc_ids

    def receive(self, packet: Packet, came_from: str | None, net: "Network") -> Iterator[Step]:
        vpc = net.vpc_of(came_from or "") or ""
        peer = self.peer_of(vpc)
        if not any(block.holds(packet.src) for block in net.blocks_of(vpc)):
            because = "{at}: carries what comes from a block of {about} only, not from {packet.source}"
            yield self._deny(because, packet, vpc, OF_THEIR_OWN)
        if peer not in net.index.blocks:
            because = "{at}: {about} is not in the model, so what it does with {packet} is not known"
            undecided = Disposition.UNDECIDED
            yield Step(self.id, because, packet, None, None, undecided, Code.NO_POSSIBLE_DESTINATION, None, peer)
        elif not any(block.holds(packet.dst) for block in net.blocks_of(peer)):
            because = "{at}: carries what goes to a block of {about} only, not to {packet.destination}"
            in_a_vpc = any(block.holds(packet.dst) for blocks in net.index.blocks.values() for block in blocks)
            yield self._deny(because, packet, peer, OF_THEIR_OWN if in_a_vpc else A_WAY_OUT)
        elif (interface := net.interface_at(peer, packet.dst)) is None:
            because = "{at}: no interface in {about} has {packet.destination}"
            nowhere = Disposition.NO_ROUTE
            yield Step(self.id, because, packet, None, None, nowhere, Code.NO_POSSIBLE_DESTINATION, None, peer)
        elif (inspector := _unsupported(packet, came_from or "", net)) is not None:
            because = "{at}: AWS does not support that {packet} comes over it out of {about}, and does not say what becomes of it"
            undecided, code = Disposition.UNDECIDED, Code.VPCSIM_NOT_MODELLED
            yield Step(self.id, because, packet, None, None, undecided, code, None, inspector)
        else:
            sender: Any = net.places.get(net.interface_at(vpc, packet.src) or "")
            comes_back = getattr(sender, "interface_type", "") == OWN_ROUTE_NOT_NEEDED
            remembered = packet if comes_back else None
            yield Step(self.id, "{at}: carries it to {about}", packet, None, interface, None, None, remembered, peer)

    def _deny(self, because: str, packet: Packet, about: str, fix: str) -> Step:
        code = Code.PCX_REQUIRES_ADDRESS_IN_VPC_CIDR
        return Step(self.id, because, packet, None, None, Disposition.DENIED, code, None, about, fix)

    def links(self, net: "Network") -> Iterable[Link]:
        for vpc in self.vpc_ids:
            yield Link(self.id, vpc, "joins")


def _region(side: PeeringVpcInfo, topology: "Topology") -> str:
    """The Region of a side: that of the VPC, if the model holds it."""
    return topology.region_of(side.vpc_id) if side.vpc_id in topology.resources else side.region or topology.settings.region


def _unsupported(packet: Packet, subnet: str, net: "Network") -> str | None:
    """What has sent a packet on from this subnet, if AWS does not support that it goes over a peering.

    Source: https://docs.aws.amazon.com/network-firewall/latest/developerguide/vpc-config.html (Unsupported architectures)
    """
    if not packet.is_passed_on:
        return None
    known: dict[str, str] | None = net.compiled(UNSUPPORTED)
    if known is None:
        owners = ((s, net.places.get(getattr(net.places[i], "attached_to", None) or "")) for i, s in net.index.subnet_of.items())
        known = net.compile(UNSUPPORTED, {s: owner.id for s, owner in owners if owner and not owner.works_over_peerings})
    return known.get(subnet)


def _without_the_obvious(side: PeeringVpcInfo, topology: "Topology") -> PeeringVpcInfo:
    if side.vpc_id not in topology.resources:
        return side
    known = {"region": topology.region_of(side.vpc_id), "owner_id": topology.account_of(side.vpc_id)}
    return side.replaced(**{name: None for name, value in known.items() if getattr(side, name) == value})


def _options(dns: bool | None) -> Mapping[str, Any] | None:
    return None if dns is None else {"AllowDnsResolutionFromRemoteVpc": dns}


def _told(sides: Mapping[str, Mapping[str, Any]], existing: Mapping[str, Any]) -> dict[str, Any]:
    """The sides with what a statement says of them, over what is known of them already."""
    told: dict[str, Any] = {}
    for name, side in sides.items():
        said = {key: value for key, value in side.items() if value is not None}
        if said or (name not in existing):
            told[name] = {**existing.get(name, {}), **said}
    return told
