"""The core network itself: takes a packet in at an edge, and sends it out at the same or another one.

A packet enters by the attachment of its VPC, or of the place that sends it, and is routed by the table of the attachment's
segment in that Region. A route that leads to another Region brings it to the edge there, where the table of the segment in
that Region decides again. It leaves into a VPC by the rules of all attachments (see `attaching`). Groups of other VPCs count
in inbound rules, and their public names give private addresses, if the policy and both attachments say so and both VPCs are
at one edge.

Not modelled here: AS paths that no attachment tells, MED, NAT of attachments, addresses of edges.

Sources: https://docs.aws.amazon.com/network-manager/latest/cloudwan/cloudwan-route-evaluation.html,
https://docs.aws.amazon.com/network-manager/latest/cloudwan/cloudwan-policies-json.html,
https://docs.aws.amazon.com/network-manager/latest/cloudwan/cloudwan-vpc-attachment.html (DNS, security groups).
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, NamedTuple

from vpcsim.codes import Code
from vpcsim.errors import Problem
from vpcsim.gateways.attaching import appliance_zones, join_vpcs, zone_of
from vpcsim.gateways.core_network.attachment import PENDING, CoreNetworkAttachment
from vpcsim.gateways.core_network.policy import PolicyDocument
from vpcsim.gateways.core_network.policy_faults import faults_of
from vpcsim.gateways.core_network.route_table import CoreNetworkRoute, CoreNetworkRouteTable
from vpcsim.gateways.core_network.spellings import id_of
from vpcsim.packet import Packet
from vpcsim.prefixes import Prefix
from vpcsim.resource import Declaration, Declared, Draft, Finding, Link, Patch, Resource, TerraformSpelling, refers_to, refuse
from vpcsim.shape import Shape, field
from vpcsim.trace import Disposition, Step, onward

if TYPE_CHECKING:
    from vpcsim.network import Index, Network
    from vpcsim.topology import Topology

POLICY = "https://docs.aws.amazon.com/network-manager/latest/cloudwan/cloudwan-policies-json.html"
ACCEPTANCE = "https://docs.aws.amazon.com/network-manager/latest/cloudwan/cloudwan-attachments-acceptance.html"
LIST_ASSOCIATION = "AWS::NetworkManager::CoreNetworkPrefixListAssociation"
POLICY_ATTACHMENT = "aws_networkmanager_core_network_policy_attachment"


class Joined(NamedTuple):
    """What is attached: by id and by VPC."""

    attachments: dict[str, CoreNetworkAttachment]
    of_vpc: dict[str, CoreNetworkAttachment]


class PrefixListAssociation(Shape):
    """A prefix list, and the name by which the routing policies of the core network know it.

    Source: https://docs.aws.amazon.com/networkmanager/latest/APIReference/API_PrefixListAssociation.html
    """

    prefix_list_alias: str
    prefix_list_id: Annotated[str, refers_to("prefix_list")]

    @classmethod
    def read_text(cls, text: str) -> Mapping[str, Any]:
        alias, arrow, listed = text.partition("->")
        if not arrow:
            raise ValueError(f"`{text}` is not an alias and a prefix list such as `offices -> myPrefixList`")
        return {"PrefixListAlias": alias.strip(), "PrefixListId": listed.strip()}

    def line(self, name: str) -> str:
        return f"{self.prefix_list_alias} -> {self.prefix_list_id}"


class CoreNetwork(Resource):
    """See the module."""

    kind: ClassVar[str] = "core_network"
    section: ClassVar[str] = "CoreNetworks"
    described_as: ClassVar[tuple[str, ...]] = ("CoreNetwork", "CoreNetworkPolicy", "PrefixListAssociations")
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::NetworkManager::CoreNetwork", LIST_ASSOCIATION)
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={
            "aws_networkmanager_core_network": "AWS::NetworkManager::CoreNetwork",
            POLICY_ATTACHMENT: POLICY_ATTACHMENT,
            "aws_networkmanager_prefix_list_association": LIST_ASSOCIATION,
        },
        refers={
            "core_network_id": ("aws_networkmanager_core_network",),
            "prefix_list_arn": ("aws_ec2_managed_prefix_list",),
        },
    )
    native_names: ClassVar[Mapping[str, str]] = {
        "policy": "PolicyDocument",
        "state": "State",
        "prefix_lists": "PrefixListAssociations",
    }
    native_text: ClassVar[tuple[str, ...]] = ("PrefixListAssociations",)
    route_target: ClassVar[str] = "CoreNetworkArn"
    permissions: ClassVar[tuple[str, ...]] = ()

    id: str = field(api="CoreNetworkId")
    description: str = ""
    state: str = "AVAILABLE"
    policy_document: PolicyDocument = None
    prefix_list_associations: tuple[PrefixListAssociation, ...] = ()
    attached_vpcs: tuple[str, ...] = field(default=(), dumped=False)
    """The VPCs with an attachment, once the topology is complete."""
    other_vpc: str = field(default="", dumped=False)
    """An attachment whose VPC is not known, so that it may be any."""

    @classmethod
    def described(cls, declaration: Declaration) -> Declared:
        """A core network, a prefix list of it, or with `get-core-network-policy` its policy, of which the one in use counts."""
        fields = dict(declaration.fields)
        if declaration.type == "PrefixListAssociations":
            yield cls._with_list(declaration)
        elif declaration.type == "CoreNetworkPolicy":
            if fields.get("Alias", "LIVE") == "LIVE" and fields.get("PolicyDocument"):
                policy = {"PolicyDocument": fields["PolicyDocument"]}
                yield Patch(str(fields.get("CoreNetworkId")), policy, declaration.origin)
        elif fields.get("State") != "DELETING":
            yield Draft(cls, declaration.id, fields, declaration.origin)

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        if declaration.type == LIST_ASSOCIATION:
            yield cls._with_list(declaration)
        else:
            yield Draft(cls, declaration.id, dict(declaration.fields), declaration.origin)

    @classmethod
    def _with_list(cls, declaration: Declaration) -> Patch:
        fields = declaration.fields
        listed = {"PrefixListAlias": fields.get("PrefixListAlias"), "PrefixListId": id_of(fields.get("PrefixListArn"))}
        listed["WrittenAt"] = declaration.origin
        core = id_of(fields.get("CoreNetworkId", ""))
        return Patch(core, {"PrefixListAssociations": [listed]}, declaration.origin, key="CoreNetworkId")

    @classmethod
    def cloudformation_attribute(cls, declaration: Declaration, attribute: str) -> Any:
        return declaration.id if attribute in ("CoreNetworkId", "CoreNetworkArn") else None

    @classmethod
    def terraform(cls, declaration: Declaration) -> Declared:
        """The policy is attached by a statement of its own; a base policy is for the time until then.

        Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/networkmanager_core_network
        """
        fields = dict(declaration.fields)
        if declaration.type == POLICY_ATTACHMENT:
            policy = {"PolicyDocument": fields.get("PolicyDocument")}
            yield Patch(id_of(fields.get("CoreNetworkId", "")), policy, declaration.origin, key="core_network_id")
        elif declaration.type == LIST_ASSOCIATION:
            yield cls._with_list(declaration)
        else:
            fields.setdefault("PolicyDocument", fields.get("BasePolicyDocument"))
            yield Draft(cls, declaration.id, fields, declaration.origin)

    @classmethod
    def complete(cls, topology: "Topology") -> None:
        """Note which VPCs are attached, and add the route tables of the policy."""
        for core in topology.of(cls):
            attachments = [a for a in topology.of(CoreNetworkAttachment) if a.core_network_id == core.id]
            other = next((a.id for a in attachments if a.is_of_a_vpc and not a.vpc_id), "") or _left_out(topology)
            topology.put(core.replaced(attached_vpcs=tuple(a.vpc_id for a in attachments if a.vpc_id), other_vpc=other))
            for table in core._tables():
                topology.put(table)

    def _tables(self) -> Iterator[CoreNetworkRouteTable]:
        policy = self.policy_document
        for name in policy.domains if policy else ():
            for edge in policy.edges_of(name) if policy else ():
                id = CoreNetworkRouteTable.name_of(self.id, name, edge)
                table = CoreNetworkRouteTable(id=id, name=id, core_network_id=self.id, segment_name=name, edge_location=edge)
                yield table.replaced(region=edge, origin=self.origin)

    def refusals(self, topology: "Topology") -> Iterable[Problem]:
        policy = self.policy_document
        for fault in faults_of(policy) if policy else ():
            yield refuse(f"{self.id}: {fault}", "CoreNetworkPolicyException", self)
        for action in policy.segment_actions if policy else ():
            for id in action.destinations:
                attachment = topology.get(CoreNetworkAttachment, id)
                if attachment is not None and not attachment.takes_static_routes:
                    message = f"{self.id}: {id} learns its routes over BGP, and a static route cannot lead there"
                    yield refuse(message, "CoreNetworkPolicyException", self)

    def register(self, index: "Index") -> None:
        index.places[self.id] = self
        policy = self.policy_document
        attachments = [a for a in index.topology.of(CoreNetworkAttachment) if a.core_network_id == self.id]
        joined = [a for a in attachments if a.vpc_id and a.carries]
        keeps = policy is not None and policy.core_network_configuration.security_group_referencing_support
        join_vpcs(index, tuple(a.vpc_id for a in joined if a.vpc_id), ())
        for edge in policy.edges if policy and keeps else ():
            keeping = tuple(a.vpc_id for a in joined if a.vpc_id and a.keeps_groups and edge in a.edge_locations)
            for vpc in keeping:
                index.senders_of.setdefault(vpc, []).append(keeping)

    def shows_names_to(self, vpc: str | None, topology: "Topology") -> Iterator[str]:
        """The other VPCs at the same edge, if the policy and both attachments have DNS support.

        Source: https://docs.aws.amazon.com/network-manager/latest/cloudwan/cloudwan-vpc-attachment.html (DNS support)
        """
        policy = self.policy_document
        if policy is None or not policy.core_network_configuration.dns_support:
            return
        attachments = [a for a in topology.of(CoreNetworkAttachment) if a.core_network_id == self.id and a.vpc_id and a.carries]
        shown = [a for a in attachments if a.options.dns_support]
        edges = {edge for a in shown if a.vpc_id == vpc for edge in a.edge_locations}
        yield from (a.vpc_id for a in shown if a.vpc_id and a.vpc_id != vpc and edges.intersection(a.edge_locations))

    def takes_from(self, vpc_id: str) -> bool:
        return vpc_id in self.attached_vpcs or bool(self.other_vpc)

    def joined(self, net: "Network") -> Joined:
        """What is attached to it."""
        known: Joined | None = net.compiled(("joined", self.id))
        if known is None:
            attachments = {a.id: a for a in net.topology.of(CoreNetworkAttachment) if a.core_network_id == self.id}
            of_vpc = {a.vpc_id: a for a in attachments.values() if a.vpc_id}
            known = net.compile(("joined", self.id), Joined(attachments, of_vpc))
        return known

    def attachments(self, net: "Network") -> Iterable[CoreNetworkAttachment]:
        return self.joined(net).attachments.values()

    def lists(self, net: "Network") -> Mapping[str, tuple[Prefix, ...]]:
        """The entries of its prefix lists by their alias, without those that nobody knows."""
        told = {known.prefix_list_alias: known.prefix_list_id for known in self.prefix_list_associations}
        lists = {alias: net.topology.resources.get(id) for alias, id in told.items()}
        known = ((a, found) for a, found in lists.items() if found and not getattr(found, "undescribed", False))
        return {alias: net.index.prefixes[found.id] for alias, found in known}

    def left_out(self, net: "Network") -> str:
        """An attachment of the input that is not in the model; empty if all are."""
        return _left_out(net.topology)

    def receive(self, packet: Packet, came_from: str | None, net: "Network") -> Iterator[Step]:
        joined = self.joined(net)
        entered = joined.attachments.get(came_from or "") or joined.of_vpc.get(net.vpc_of(came_from or "") or "")
        if entered is None and self.other_vpc:
            because, undecided = "{at}: which VPC {about} attaches is not in the model", Disposition.UNDECIDED
            code = Code.VPCSIM_NOT_MODELLED
            yield Step(self.id, because, packet, None, None, undecided, code, None, self.other_vpc)
            return
        if entered is None:
            because = "{at}: starts no connections of its own, and nothing is attached from where {packet} comes"
            yield _denied(self.id, because, packet, Code.VPCSIM_UNSOLICITED)
            return
        if (fault := self._not_in(entered, packet)) is not None:
            yield fault
            return
        zone = zone_of(came_from, net)
        for step in entered.take_in(zone, self.id, packet, net):
            yield step
            if step.code in (entered.zone_code, Code.VPCSIM_NOT_MODELLED):
                return
        yield from self._route(entered, zone, packet, net)

    def _not_in(self, entered: CoreNetworkAttachment, packet: Packet) -> Step | None:
        """Why an attachment takes nothing in, if so."""
        policy, undecided = self.policy_document, Disposition.UNDECIDED
        if not entered.carries:
            because = "{at}: is in state {about} and carries no traffic"
            fix = "{at}: accept it" if entered.state == PENDING else ""
            null, code = Disposition.NULL_ROUTED, Code.BAD_STATE_ATTACHMENT
            return Step(entered.id, because, packet, None, None, null, code, None, entered.state, fix)
        if policy is None:
            because = "{at}: its policy is not in the model"
            return Step(self.id, because, packet, None, None, undecided, Code.VPCSIM_NOT_MODELLED)
        if entered.doubt:
            return Step(entered.id, "{at}: {about}", packet, None, None, undecided, Code.VPCSIM_NOT_MODELLED, None, entered.doubt)
        if entered.belongs_to is None:
            because = "{at}: no rule of {about} puts it into a segment"
            fix = "{at}: tags, or a rule of {about}, that put it into a segment"
            return _denied(entered.id, because, packet, Code.VPCSIM_NO_SEGMENT, self.id, fix)
        return None

    def _route(self, entered: CoreNetworkAttachment, zone: str, packet: Packet, net: "Network") -> Iterator[Step]:
        """From table to table, Region by Region, until the packet leaves or is lost."""
        segment = entered.belongs_to or ""
        edge = self._edge_of(entered, packet, net)
        if (step := self._untold(entered, edge, packet, net)) is not None:
            yield step
            return
        seen: list[str] = []
        while True:
            table = self._table(segment, edge, net)
            if table is None:
                because = "{at}: the segment of {about} is not in that Region"
                yield _denied(self.id, because, packet, Code.VPCSIM_NO_SEGMENT, entered.id)
                return
            route = self._chosen(table.lookup(packet.dst, net), net)
            if route is None or route.attachment_id is None or route.doubt or self._is_in_doubt(table, packet, net):
                yield self._no_way(table, route, packet, net)
                return
            leaves = self.joined(net).attachments.get(route.attachment_id)
            yield onward(table.id, "{at}: {rule}", packet, route, route.attachment_id)
            seen.append(edge)
            if leaves is None:
                because = "{at}: {about} is not in the model, so what it does with {packet} is not known"
                undecided, code = Disposition.UNDECIDED, Code.NO_POSSIBLE_DESTINATION
                yield Step(table.id, because, packet, route, None, undecided, code, None, route.attachment_id)
                return
            redirected = leaves.network_function_group_name is not None
            if redirected or not route.is_remote or self._table(segment, route.edge_location, net) is None:
                yield from leaves.send_out(zone, self.joined(net).of_vpc, self.id, packet, net)
                return
            edge = route.edge_location
            if edge in seen:
                because = "{at}: the Regions send {packet.destination} to one another"
                yield Step(table.id, because, packet, route, None, Disposition.LOOP, Code.VPCSIM_LOOP)
                return

    def _untold(self, entered: CoreNetworkAttachment, edge: str, packet: Packet, net: "Network") -> Step | None:
        """What comes from routers that routing policies do not tell of the destination: they send it here only by routes of
        their own, which are not in the model.
        """
        table = None if entered.is_of_a_vpc else self._table(entered.belongs_to or "", edge, net)
        untold = table.untold(entered, packet.dst, net) if table else None
        if untold is None:
            return None
        because = (
            "{at}: the routing policy {about} does not tell the other side of {packet.destination}; it may send it all the same"
        )
        if untold.passes is None:
            because = "{at}: whether the routing policy {about} tells the other side of {packet.destination} is not known"
        undecided, code = Disposition.UNDECIDED, Code.VPCSIM_NOT_MODELLED
        return Step(entered.id, because, packet, None, None, undecided, code, None, untold.by)

    def _edge_of(self, entered: CoreNetworkAttachment, packet: Packet, net: "Network") -> str:
        """The Region where a packet enters: of several, the one that tells the narrowest prefix around the destination."""
        if len(entered.edge_locations) == 1:
            return entered.edge_locations[0]
        found = []
        for edge in entered.edge_locations:
            table = self._table(entered.belongs_to or "", edge, net)
            prefixes = table.told_to(entered, table.local_prefixes(net, entered.id), net) if table else ()
            told = [p.size for p in prefixes if p.holds(packet.dst)]
            found.append((min(told), edge) if told else (1 << 200, edge))
        return min(found, key=lambda pair: pair[0])[1] if found else ""

    def _table(self, segment: str, edge: str, net: "Network") -> CoreNetworkRouteTable | None:
        return net.topology.get(CoreNetworkRouteTable, CoreNetworkRouteTable.name_of(self.id, segment, edge))

    def _chosen(self, route: CoreNetworkRoute | None, net: "Network") -> CoreNetworkRoute | None:
        """The route, to the one of several attachments alike that the running walk takes."""
        chosen = net.chosen.get(self.id, "").rpartition(" ")[2]
        return route.replaced(attachment_id=chosen) if route and chosen in route.ties else route

    def branches(self, packet: Packet, net: "Network") -> tuple[str, ...]:
        """The zones between which appliance mode chooses for a flow, and VPN connections that share it."""
        joined = self.joined(net)
        appliances = [attachment for attachment in joined.attachments.values() if attachment.appliance_mode]
        zones = sorted({zone for a in appliances for zone in appliance_zones(a, joined.of_vpc, packet, net)})
        tables = [t for t in net.topology.of(CoreNetworkRouteTable) if t.core_network_id == self.id]
        routes = [route for table in tables if (route := table.lookup(packet.dst, net)) and not route.doubt]
        ties = sorted({tie for route in routes for tie in route.ties})
        return tuple(f"{zone} {tie}".strip() for zone in zones or [""] for tie in ties or [""] if zone or tie)

    def _is_in_doubt(self, table: CoreNetworkRouteTable, packet: Packet, net: "Network") -> bool:
        """Whether an unknown prefix may be the longest one: no attached VPC has the address."""
        return bool(table.unknown(net)) and not any(a.leads_to(packet.dst, net) for a in self.joined(net).of_vpc.values())

    def _no_way(self, table: CoreNetworkRouteTable, route: CoreNetworkRoute | None, packet: Packet, net: "Network") -> Step:
        undecided = Disposition.UNDECIDED
        if self._is_in_doubt(table, packet, net):
            because = "{at}: what {about} propagates decides where {packet.destination} is, and is not in the model"
            code = Code.VPCSIM_NOT_MODELLED
            return Step(table.id, because, packet, None, None, undecided, code, None, table.unknown(net))
        if route is not None and route.doubt:
            because = f"{{at}}: {{packet.destination}} is told by {{about}}; {route.doubt}" if route.ties else "{at}: {about}"
            about = " and ".join(route.ties) or route.doubt
            return Step(table.id, because, packet, route, None, undecided, Code.VPCSIM_NOT_MODELLED, None, about)
        if route is not None:
            because = "{at}: {rule} drops {packet.destination}"
            return Step(table.id, because, packet, route, None, Disposition.NULL_ROUTED, Code.BAD_STATE_ROUTE)
        return self._no_route(table, packet, net)

    def _no_route(self, table: CoreNetworkRouteTable, packet: Packet, net: "Network") -> Step:
        no_route, code = Disposition.NO_ROUTE, Code.NO_ROUTE_TO_DESTINATION
        holder = next((a for a in self.attachments(net) if a.leads_to(packet.dst, net)), None)
        if holder is None:
            because, fix = "{at}: no route for {packet.destination}", "{at}: a route that covers {packet.destination}"
            return Step(table.id, because, packet, None, None, no_route, code, None, None, fix)
        why, fix = self._why_hidden(table, holder)
        if by := table.dropped_by(holder, packet.dst, net):
            why, fix = f"the routing policy {by} drops its route", f"{self.id}: a rule of {by} that allows its route"
        because = f"{{at}}: no route for {{packet.destination}}, which {{about}} leads to: {why}"
        return Step(table.id, because, packet, None, None, no_route, code, None, holder.id, fix)

    def _why_hidden(self, table: CoreNetworkRouteTable, holder: CoreNetworkAttachment) -> tuple[str, str]:
        """Why an attachment is not in a table, and what would put it there."""
        other, name = holder.segment_name, table.segment_name
        if not holder.carries:
            return f"it is in state {holder.state}", f"{holder.id}: accept it" if holder.state == PENDING else ""
        if other is None:
            return "it is in no segment", f"{holder.id}: tags, or a rule of {self.id}, that put it into a segment"
        if other == name:
            return f"the attachments of {name} are isolated", f"{self.id}: a segment for {holder.id} that is shared with {name}"
        policy = self.policy_document
        if policy is not None and policy.shares(name, other):
            return f"a filter of {name} keeps {other} out", f"{self.id}: a filter of {name} that lets {other} in"
        return f"{name} and {other} share nothing", f"{self.id}: an action that shares {other} with {name}"

    def findings(self, net: "Network") -> Iterable[Finding]:
        """Attachments that nothing passes: in no segment, or waiting for somebody to accept them."""
        for attachment in self.attachments(net) if self.policy_document else ():
            if attachment.carries and attachment.belongs_to is None and not attachment.doubt:
                because = f"no rule of {self.id} puts it into a segment, so nothing passes it"
                yield Finding("attachment-in-no-segment", attachment.id, because, POLICY, attachment.origin)
            elif attachment.state == PENDING:
                because = "waits for somebody to accept it, and carries nothing until then"
                yield Finding("attachment-not-accepted", attachment.id, because, ACCEPTANCE, attachment.origin, "note")

    def links(self, net: "Network") -> Iterable[Link]:
        return ()


def _left_out(topology: "Topology") -> str:
    return next((s.id for s in topology.settings.skipped if s.type == CoreNetworkAttachment.kind), "")


def _denied(at: str, because: str, packet: Packet, code: Code, about: str = "", fix: str = "") -> Step:
    return Step(at, because, packet, None, None, Disposition.DENIED, code, None, about, fix)
