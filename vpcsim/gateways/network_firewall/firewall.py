"""A Network Firewall: one endpoint in each of its subnets, to which routes lead what is to be inspected.

A packet that the policy lets through leaves from the endpoint's subnet, whose table applies. The stateful engine
remembers what it let through and takes the answer; each endpoint remembers for itself, so an answer of a TCP connection
that comes through another endpoint, or whose request never came this way, meets the policy's stream exception policy
(drop, unless it says continue). Nothing is addressed to an endpoint, and it has no security group.

A firewall that is attached to a transit gateway has no VPC of the account and no subnets. The routes of the gateway lead to its
attachment, of which appliance mode is always on, and it hands back there what it lets through.

AWS does not support traffic that goes on over a VPC peering connection behind an endpoint: what becomes of it is not known.

Not modelled here: traffic between a VPC and its resolver (never inspected), TLS inspection, Suricata text, IP set references.

Sources: https://docs.aws.amazon.com/network-firewall/latest/developerguide/architectures.html,
https://docs.aws.amazon.com/network-firewall/latest/developerguide/vpc-config.html (VPC peering),
https://docs.aws.amazon.com/network-firewall/latest/developerguide/vpc-config-route-tables.html,
https://docs.aws.amazon.com/network-firewall/latest/developerguide/tgw-firewall-considerations.html,
https://docs.aws.amazon.com/network-firewall/latest/developerguide/stream-exception-policy.html,
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-networkfirewall-firewall.html.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from vpcsim.codes import Code
from vpcsim.errors import Problem
from vpcsim.fabric.network_interface import NetworkInterface
from vpcsim.fabric.subnet import Subnet
from vpcsim.gateways.network_firewall.policy import FirewallPolicy, Outcome
from vpcsim.packet import TCP, Packet
from vpcsim.prefixes import Prefix
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
from vpcsim.shape import Shape, field
from vpcsim.trace import HAND_OVER, Disposition, Step, onward

if TYPE_CHECKING:
    from vpcsim.network import Index, Network
    from vpcsim.topology import Topology


class SubnetMapping(Shape):
    """A subnet that gets an endpoint."""

    subnet_id: Annotated[str, refers_to("subnet")]


class NetworkFirewall(Resource):
    """See the module."""

    kind: ClassVar[str] = "network_firewall"
    section: ClassVar[str] = "Firewalls"
    described_as: ClassVar[tuple[str, ...]] = ("Firewall",)
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::NetworkFirewall::Firewall",)
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={"aws_networkfirewall_firewall": "AWS::NetworkFirewall::Firewall"},
        names={"name": "FirewallName", "subnet_mapping": "SubnetMappings"},
        refers={"firewall_policy_arn": ("aws_networkfirewall_firewall_policy",)},
    )
    native_names: ClassVar[Mapping[str, str]] = {
        "policy": "FirewallPolicyArn",
        "subnets": "SubnetMappings",
        "vpc": "VpcId",
        "transit_gateway": "TransitGatewayId",
    }

    id: str = field(api="FirewallName")
    firewall_policy_arn: Annotated[str, refers_to("firewall_policy")]
    vpc_id: Annotated[str | None, refers_to("vpc")] = None
    transit_gateway_id: Annotated[str | None, refers_to("transit_gateway")] = None
    subnet_mappings: tuple[SubnetMapping, ...] = ()

    @classmethod
    def described(cls, declaration: Declaration) -> Declared:
        """`{"Firewall": {...}, "FirewallStatus": {"SyncStates": {zone: {"Attachment": {...}}}}}`, with the real endpoints."""
        fields = dict(declaration.fields)
        if "FirewallPolicyArn" not in fields:
            return
        fields["FirewallPolicyArn"] = fields["FirewallPolicyArn"].rpartition("/")[2]
        status = declaration.page.get("FirewallStatus") or {}
        if attachment := (status.get("TransitGatewayAttachmentSyncState") or {}).get("AttachmentId"):
            behind = {"ResourceId": fields["FirewallName"], "ResourceType": "network-function"}
            yield Patch(attachment, behind, declaration.origin)
        states = status.get("SyncStates") or {}
        for attachment in (state["Attachment"] for state in states.values() if state.get("Attachment", {}).get("EndpointId")):
            more = {"Firewall": fields["FirewallName"], "VpcId": fields["VpcId"], "SubnetId": attachment["SubnetId"]}
            yield Draft(FirewallEndpoint, attachment["EndpointId"], more, declaration.origin)
        yield Draft(cls, fields["FirewallName"], fields, declaration.origin)

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        fields = {**declaration.fields, "Name": declaration.fields.get("FirewallName")}
        yield Draft(cls, declaration.id, {k: v for k, v in fields.items() if v is not None}, declaration.origin)

    @classmethod
    def terraform_ids(cls, id: str, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Its endpoints too, of which a state tells the subnets.

        Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/networkfirewall_firewall
        """
        yield from super().terraform_ids(id, values)
        for status in as_list(values.get("firewall_status")):
            for state in as_list(status.get("sync_states") if isinstance(status, Mapping) else None):
                for endpoint in as_list(state.get("attachment") if isinstance(state, Mapping) else None):
                    if isinstance(endpoint, Mapping):
                        yield str(endpoint.get("endpoint_id", "")), f"{id}/{endpoint.get('subnet_id', '')}"

    @classmethod
    def terraform_attribute(cls, declaration: Declaration, attribute: str) -> Any:
        """The endpoint that `firewall_status` will tell, if there is one subnet only."""
        mappings = [m for m in as_list(declaration.fields.get("SubnetMappings")) if isinstance(m, Mapping)]
        if attribute == "firewall_status" and len(mappings) == 1 and isinstance(subnet := mappings[0].get("SubnetId"), str):
            return f"{declaration.id}/{subnet}"
        return None if attribute == "firewall_status" else super().terraform_attribute(declaration, attribute)

    @classmethod
    def cloudformation_attribute(cls, declaration: Declaration, attribute: str) -> Any:
        """The endpoints as `zone:endpoint`. AWS gives them in no order; here it is that of the subnet mappings."""
        if attribute != "EndpointIds":
            return declaration.id if attribute in ("FirewallArn", "FirewallId") else None
        subnets = [str(m.get("SubnetId")) for m in as_list(declaration.fields.get("SubnetMappings")) if isinstance(m, Mapping)]
        return [f"{later(subnet, 'AvailabilityZone')}:{declaration.id}/{subnet}" for subnet in subnets]

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        if "TransitGatewayId" in fields:
            fields.pop("VpcId", None)
        fields["SubnetMappings"] = [
            {"SubnetId": subnet} if isinstance(subnet, str) else subnet for subnet in as_list(fields.get("SubnetMappings"))
        ]
        yield Draft(cls, declaration.id, fields, declaration.origin)

    def implied(self, topology: "Topology") -> Iterable[Resource]:
        for mapping in self.subnet_mappings:
            id = f"{self.id}/{mapping.subnet_id}"
            yield FirewallEndpoint(
                id=id, name=id, firewall=self.id, vpc_id=self.vpc_id or "", subnet_id=mapping.subnet_id, origin=self.origin
            )

    def refusals(self, topology: "Topology") -> Iterable[Problem]:
        if (self.vpc_id is None) == (self.transit_gateway_id is None):
            message = f"{self.id}: a firewall is in a VPC or attached to a transit gateway"
            yield refuse(message, "InvalidRequestException", self)
        elif self.transit_gateway_id and self.subnet_mappings:
            message = f"{self.id}: a firewall that is attached to a transit gateway has no subnets"
            yield refuse(message, "InvalidRequestException", self)
        zones: dict[str, str] = {}
        for mapping in self.subnet_mappings if self.vpc_id else ():
            subnet = topology.need(Subnet, mapping.subnet_id)
            if subnet.vpc_id != self.vpc_id:
                yield refuse(f"{self.id}: {subnet.id} is not in {self.vpc_id}", "InvalidRequestException", self)
            if (first := zones.setdefault(subnet.availability_zone, subnet.id)) != subnet.id:
                message = f"{self.id}: {first} and {subnet.id} are both in {subnet.availability_zone}; one subnet per zone"
                yield refuse(message, "InvalidRequestException", self)

    def register(self, index: "Index") -> None:
        """Its endpoints are on the way of packets, or itself where a transit gateway leads to it."""
        if self.transit_gateway_id:
            index.places[self.id] = self

    def receive(self, packet: Packet, came_from: str | None, net: "Network") -> Iterator[Step]:
        if came_from is None or not hasattr(net.places[came_from], "transit_gateway_id"):
            because = "{at}: a firewall sends and takes nothing itself"
            yield Step(self.id, because, packet, None, None, Disposition.DENIED, Code.VPCSIM_NO_SERVICE)
            return
        yield from _inspected(self.id, self.policy(net), None, packet, came_from, net)

    def policy(self, net: "Network") -> FirewallPolicy:
        return net.topology.need(FirewallPolicy, self.firewall_policy_arn)

    def links(self, net: "Network") -> Iterable[Link]:
        endpoints = (e for e in net.topology.of(FirewallEndpoint) if e.firewall == self.id)
        yield from (Link(self.id, endpoint.id, "inspects at") for endpoint in endpoints)
        yield Link(self.id, self.firewall_policy_arn, "follows")


class FirewallEndpoint(Resource):
    """See the module."""

    kind: ClassVar[str] = "firewall_endpoint"
    section: ClassVar[str] = "FirewallEndpoints"
    route_target: ClassVar[str] = "VpcEndpointId"
    works_over_peerings: ClassVar[bool] = False

    id: str = field(api="VpcEndpointId")
    firewall: str
    vpc_id: str
    subnet_id: str

    def as_given(self, topology: "Topology") -> "FirewallEndpoint":
        """The declared endpoint of the same firewall in the same subnet."""
        given = topology.kept("firewall endpoints", lambda: [r for r in topology.declared if isinstance(r, FirewallEndpoint)])
        return next((e for e in given if (e.firewall, e.subnet_id) == (self.firewall, self.subnet_id)), self)

    def implied(self, topology: "Topology") -> Iterable[Resource]:
        yield NetworkInterface.behind(
            self,
            self.subnet_id,
            interface_type="gateway_load_balancer_endpoint",
            source_dest_check=False,
            default_group=False,
        )

    def entrance(self, net: "Network") -> str | None:
        return next(iter(net.interfaces_of(self.id)), None)

    @property
    def needs_public_address(self) -> bool:
        """Source: https://docs.aws.amazon.com/network-firewall/latest/developerguide/arch-single-zone-igw.html"""
        return False

    def takes_from(self, vpc_id: str) -> bool:
        return vpc_id == self.vpc_id

    def receive(self, packet: Packet, came_from: str | None, net: "Network") -> Iterator[Step]:
        if came_from is None or net.holds(self.entrance(net), packet.dst):
            because = "{at}: a firewall endpoint sends and takes nothing itself"
            yield Step(self.id, because, packet, None, None, Disposition.DENIED, Code.VPCSIM_NO_SERVICE)
            return
        policy = net.topology.need(NetworkFirewall, self.firewall).policy(net)
        yield from _inspected(self.id, policy, net.blocks_of(self.vpc_id), packet, self.subnet_id, net)

    def links(self, net: "Network") -> Iterable[Link]:
        yield Link(self.subnet_id, self.id, "contains")
        yield Link(self.id, self.subnet_id, "leaves by")


def _inspected(
    at: str, policy: FirewallPolicy, home: tuple[Prefix, ...] | None, packet: Packet, to: str, net: "Network"
) -> Iterator[Step]:
    """What a policy does with a packet that goes on `to` a place. `home`: the blocks of HOME_NET, if they are known."""
    stateless = policy.stateless(packet, net.topology)
    if stateless.action != "forward":
        yield from _judged(at, stateless, packet, to, None)
    elif net.session(at, packet) is not None:
        yield onward(at, "{at}: an answer to what it let through", packet.passed_on(), None, to)
    elif net.sessions and packet.protocol == TCP and _drops_strays(policy):
        because = "{at}: drops an answer whose request did not come through here (stream exception policy)"
        yield Step(at, because, packet, None, None, Disposition.DENIED, Code.FIREWALL_RULES_RESTRICTION)
        yield onward(at, HAND_OVER, packet.passed_on(), None, to)
    else:
        yield from _judged(at, policy.stateful(packet, net.host, home, net.topology), packet, to, packet)


def _drops_strays(policy: FirewallPolicy) -> bool:
    return policy.firewall_policy.stateful_engine_options.stream_exception_policy != "CONTINUE"


def _judged(at: str, outcome: Outcome, packet: Packet, to: str, original: Packet | None) -> Iterator[Step]:
    if outcome.action == "pass":
        yield Step(at, "{at}: pass ({rule})", packet.passed_on(), outcome.rule, to, None, None, original)
        return
    if outcome.action == "unknown":
        because = "{at}: whether {rule} applies is not in the model"
        yield Step(at, because, packet, outcome.rule, None, Disposition.UNDECIDED, Code.VPCSIM_NOT_MODELLED)
    else:
        fix = "{at}: a rule that lets {packet.service} to {packet.destination} pass"
        because, code = "{at}: {about} ({rule})", Code.FIREWALL_RULES_RESTRICTION
        yield Step(at, because, packet, outcome.rule, None, Disposition.DENIED, code, None, outcome.action, fix)
    yield onward(at, HAND_OVER, packet.passed_on(), None, to, original)
