"""EKS: the interfaces and the name of a cluster's API server, and the nodes of managed node groups with their pods.

The cluster keeps interfaces in its subnets; with private access on, its name answers with them inside the VPC, otherwise
with a public address, which takes the clients of `PublicAccessCidrs`. EKS makes a cluster security group that lets its
members talk to each other and out; nodes and the cluster's interfaces hold it. A pod has an address of its node's subnet.
For a destination outside the VPC the node puts its own address in the place of the pod's, unless the network plugin was
told not to (`external_snat`).

Not modelled here: how many nodes a group has (one stands for all of them in each subnet), what pods listen on, custom
networking, security groups for pods, Fargate profiles.

Sources: https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html,
https://docs.aws.amazon.com/eks/latest/userguide/sec-group-reqs.html (the cluster security group),
https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html (interfaces, subnets in two zones),
https://docs.aws.amazon.com/eks/latest/userguide/external-snat.html.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from vpcsim.codes import Code
from vpcsim.errors import Problem
from vpcsim.fabric.delegated_prefixes import DelegatedIpv4, DelegatedIpv6
from vpcsim.fabric.host_services import METADATA
from vpcsim.fabric.interface_parts import Group, PrivateAddress
from vpcsim.fabric.network_interface import NetworkInterface
from vpcsim.fabric.requester_managed import RequesterManaged, choose_aws_address, has_private_names
from vpcsim.fabric.security_group import IpPermission, SecurityGroup, UserIdGroupPair
from vpcsim.fabric.subnet import Subnet
from vpcsim.packet import ICMP, ICMPV6, TCP, UDP, Packet
from vpcsim.prefixes import Ports, family
from vpcsim.resource import (
    Address,
    Cidr,
    Declaration,
    Declared,
    Draft,
    Resource,
    TerraformSpelling,
    as_list,
    capitalized,
    refers_to,
    refuse,
)
from vpcsim.shape import field
from vpcsim.stable import stable_hash, stable_hex
from vpcsim.trace import Disposition, Step, accepted

if TYPE_CHECKING:
    from vpcsim.network import Index, Network
    from vpcsim.resolution import Vantage
    from vpcsim.topology import Topology


class EksCluster(RequesterManaged):
    """See the module."""

    kind: ClassVar[str] = "eks_cluster"
    section: ClassVar[str] = "Clusters"
    described_as: ClassVar[tuple[str, ...]] = ("cluster",)
    described_interfaces: ClassVar[str] = r"Amazon EKS (.+)"
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::EKS::Cluster",)
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={"aws_eks_cluster": "AWS::EKS::Cluster"},
        names={"vpc_config": "ResourcesVpcConfig"},
        once=("vpc_config",),
    )
    native_names: ClassVar[Mapping[str, str]] = {
        "subnets": "SubnetIds",
        "security_groups": "Groups",
        "public_access": "EndpointPublicAccess",
        "private_access": "EndpointPrivateAccess",
        "public_cidrs": "PublicAccessCidrs",
        "ip_family": "IpFamily",
    }

    id: str = field(api="ClusterName")
    subnet_ids: tuple[Annotated[str, refers_to("subnet")], ...] = ()
    groups: tuple[Group, ...] | None = None
    endpoint_public_access: bool = True
    endpoint_private_access: bool = False
    public_access_cidrs: tuple[Cidr, ...] = ()
    """Who may use the public addresses; everybody if it is empty."""
    ip_family: str = field(default="ipv4", pattern="^(ipv4|ipv6)$")
    public_ip: Address | None = None
    """Of its public addresses one, which AWS chooses."""

    @classmethod
    def described(cls, declaration: Declaration) -> Declared:
        """`{"cluster": {"name": ..., "resourcesVpcConfig": {"subnetIds": [...], ...}}}`."""
        if declaration.type == cls.section:
            if "ClusterName" in declaration.fields:
                yield Draft(cls, declaration.id, dict(declaration.fields), declaration.origin)
            return
        if "name" not in declaration.fields:
            return  # the parameter of a call of ECS
        fields = capitalized(declaration.fields)
        tags = fields.get("Tags")
        listed = [{"Key": key, "Value": value} for key, value in tags.items()] if isinstance(tags, Mapping) else tags
        for made in cls.cloudformation(declaration._replace(id=fields["Name"], fields=fields)):
            if isinstance(made, Draft):
                made.fields["Tags"] = listed or []
            yield made

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        config = declaration.fields.get("ResourcesVpcConfig")
        config = dict(config) if isinstance(config, Mapping) else {}
        about = {name: declaration.fields.get(name) for name in ("Name", "Tags")}
        network = declaration.fields.get("KubernetesNetworkConfig")
        about["IpFamily"] = network.get("IpFamily") if isinstance(network, Mapping) else None
        fields = {**config, "Groups": config.pop("SecurityGroupIds", None), **about}
        yield Draft(cls, declaration.id, {k: v for k, v in fields.items() if v is not None}, declaration.origin)

    @classmethod
    def cloudformation_attribute(cls, declaration: Declaration, attribute: str) -> Any:
        if attribute == "ClusterSecurityGroupId":
            return cluster_group(declaration.id)
        network = declaration.fields.get("KubernetesNetworkConfig")
        ip_family = str(network.get("IpFamily")) if isinstance(network, Mapping) else ""
        return f"https://{cluster_name(declaration.id, declaration.region, ip_family)}" if attribute == "Endpoint" else None

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        fields = _listed(declaration.fields, "SubnetIds", "Groups", "PublicAccessCidrs")
        yield Draft(cls, declaration.id, fields, declaration.origin)

    def implied(self, topology: "Topology") -> Iterable[Resource]:
        group = cluster_group(self.id)
        vpc = next((s.vpc_id for id in self.subnet_ids if (s := topology.get(Subnet, id))), "")
        members = IpPermission(user_id_group_pairs=(UserIdGroupPair(group_id=group),))
        yield SecurityGroup(id=group, name=group, group_name=group, vpc_id=vpc, ip_permissions=(members,), origin=self.origin)
        more = [held.group_id for held in self.groups or ()]
        for subnet in self.subnet_ids:
            yield NetworkInterface.behind(self, subnet, [group, *more], wants_ipv6_address=self.takes_ipv6())

    def families(self) -> tuple[int, ...]:
        return (4, 6) if self.ip_family == "ipv6" else (4,)

    def chosen_subnets(self, topology: "Topology") -> tuple[str, ...]:
        return self.subnet_ids

    def listens(self) -> tuple[int, int] | None:
        return (TCP, 443)

    def refusals(self, topology: "Topology") -> Iterable[Problem]:
        yield from super().refusals(topology)
        if len({topology.need(Subnet, id).availability_zone for id in self.subnet_ids}) < 2:
            message = f"{self.id}: a cluster has subnets in at least two Availability Zones"
            yield refuse(message, "InvalidParameterException", self)
        if not (self.endpoint_public_access or self.endpoint_private_access):
            message = f"{self.id}: private and public access to the API server cannot both be off"
            yield refuse(message, "InvalidParameterException", self)
        for block in self.public_access_cidrs:
            if block.family not in self.families():
                message = f"{self.id}: {block} is no block for the public access of a cluster with the IP family ipv4"
                yield refuse(message, "InvalidParameterException", self)

    def register(self, index: "Index") -> None:
        super().register(index)
        name = cluster_name(self.id, index.topology.region_of(self), self.ip_family)
        index.host_of[self.id] = name
        index.named[name] = self
        if self.endpoint_public_access and self.public_ip is not None:
            index.guards[self.public_ip] = self

    def answers(self, name: str, vantage: "Vantage", net: "Network") -> Iterable[int]:
        interfaces = net.interfaces_of(self.id)
        inside = vantage.vpc == net.vpc_of(interfaces[0]) and has_private_names(vantage.vpc, net)
        if self.endpoint_private_access and (inside or not self.endpoint_public_access):
            return [number for interface in interfaces for number in net.index.addresses_of[interface]]
        return [] if self.public_ip is None else [self.public_ip]

    @classmethod
    def complete(cls, topology: "Topology") -> None:
        super().complete(topology)
        for cluster in sorted(topology.of(cls), key=lambda cluster: cluster.id):
            if cluster.public_ip is None:
                topology.put(cluster.but(public_ip=choose_aws_address("eks", cluster, topology)))

    def turned_away(self, packet: Packet) -> Step | None:
        """Why its public address does not take a packet.

        Source: https://docs.aws.amazon.com/eks/latest/APIReference/API_VpcConfigRequest.html
        """
        if packet.protocol != TCP or packet.dst_port != (443, 443):
            return self._refusal(packet)
        if not self.public_access_cidrs or any(block.holds(packet.src) for block in self.public_access_cidrs):
            return None
        because = "{at}: its public access is for {about} only, and not for {packet.source}"
        allowed = ", ".join(map(str, self.public_access_cidrs))
        code, fix = Code.VPCSIM_NO_SERVICE, "{at}: PublicAccessCidrs with {packet.source}"
        return Step(self.id, because, packet, None, None, Disposition.DENIED, code, None, allowed, fix)


class EksNodegroup(RequesterManaged):
    """See the module. A node stands in each subnet; `pods` gives addresses of pods by subnet, or the prefixes that
    they have them from: https://docs.aws.amazon.com/eks/latest/userguide/cni-increase-ip-addresses.html"""

    kind: ClassVar[str] = "eks_nodegroup"
    section: ClassVar[str] = "Nodegroups"
    sends: ClassVar[tuple[int, ...]] = (TCP, UDP, ICMP, ICMPV6)
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::EKS::Nodegroup",)
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={"aws_eks_node_group": "AWS::EKS::Nodegroup"},
        names={"subnet_ids": "Subnets", "node_role_arn": "NodeRole"},
        refers={"cluster_name": ("aws_eks_cluster",)},
    )
    native_names: ClassVar[Mapping[str, str]] = {
        "cluster": "ClusterName",
        "subnets": "SubnetIds",
        "security_groups": "Groups",
        "external_snat": "ExternalSnat",
        "role": "NodeRole",
        "pods": "Pods",
    }

    id: str = field(api="NodegroupName")
    cluster_name: Annotated[str, refers_to("eks_cluster")]
    subnet_ids: tuple[Annotated[str, refers_to("subnet")], ...] = ()
    groups: tuple[Group, ...] | None = None
    external_snat: bool = False
    pods: tuple[PrivateAddress, ...] = ()
    ipv4_prefixes: tuple[DelegatedIpv4, ...] = ()
    ipv6_prefixes: tuple[DelegatedIpv6, ...] = ()
    node_role: str = ""

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        given = declaration.fields
        fields = {name: given.get(name) for name in ("ClusterName", "NodeRole")} | {"SubnetIds": given.get("Subnets")}
        tags = given.get("Tags")
        fields["Tags"] = [{"Key": key, "Value": tags[key]} for key in tags] if isinstance(tags, Mapping) else tags
        yield Draft(cls, declaration.id, {k: v for k, v in fields.items() if v is not None}, declaration.origin)

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        fields = _listed(declaration.fields, "SubnetIds", "Groups", "Pods", "Ipv4Prefixes", "Ipv6Prefixes")
        pods = fields.pop("Pods", [])
        for pod in pods:
            if isinstance(pod, str) and "/" in pod:
                name = "Ipv6Prefixes" if ":" in pod else "Ipv4Prefixes"
                fields[name] = [*fields.get(name, ()), pod]
        single = [pod for pod in pods if not (isinstance(pod, str) and "/" in pod)]
        if single:
            fields["Pods"] = [{"PrivateIpAddress": pod} if isinstance(pod, str) else pod for pod in single]
        yield Draft(cls, declaration.id, fields, declaration.origin)

    def role_for(self, purpose: str, topology: "Topology") -> str | None:
        """Every node group has a node role: https://docs.aws.amazon.com/eks/latest/userguide/create-node-role.html"""
        return self.node_role or None

    @property
    def ephemeral_ports(self) -> Ports:
        """Nodes and pods run Linux, as far as the model knows."""
        return (32768, 60999)

    def implied(self, topology: "Topology") -> Iterable[Resource]:
        groups = [cluster_group(self.cluster_name), *(held.group_id for held in self.groups or ())]
        for id in self.subnet_ids:
            if subnet := topology.get(Subnet, id):
                pods = tuple(pod for pod in self.pods if _holds(subnet, pod.private_ip_address))
                prefixes = tuple(p for p in self.ipv4_prefixes if _holds(subnet, p.ipv4_prefix.first))
                taken = [*((pod.private_ip_address,) * 2 for pod in pods), *(p.ipv4_prefix for p in prefixes)]
                primary: dict[str, Any] = {"private_ip_address": _beside(subnet, taken, f"{self.id}/{id}")} if taken else {}
                ipv6 = tuple(p for p in self.ipv6_prefixes if _holds(subnet, p.ipv6_prefix.first))
                made = NetworkInterface.behind(
                    self, id, groups, private_ip_addresses=pods, ipv4_prefixes=prefixes, ipv6_prefixes=ipv6, **primary
                )
                made = made.replaced(wants_public_address=subnet.map_public_ip_on_launch)
                yield made.replaced(assumed=made.assumed | primary.keys())

    def chosen_subnets(self, topology: "Topology") -> tuple[str, ...]:
        return self.subnet_ids

    def receive(self, packet: Packet, came_from: str | None, net: "Network") -> Iterator[Step]:
        vpc = net.vpc_of(net.interfaces_of(self.id)[0]) or ""
        if came_from is None and packet.dst not in net.index.host_services_of[vpc] and self._translates(packet, vpc, net):
            interface = net.interface_at(vpc, packet.src)
            translated = packet.sent_by(net.address_of(interface), (1024, 65535) if packet.protocol in (TCP, UDP) else None)
            because = "{at}: the node puts its own address {packet.source} in the place of the pod's {about}"
            yield Step(self.id, because, translated, None, interface, None, None, packet, packet.source)
        elif came_from is not None and (original := net.session(self.id, packet)) is not None:
            answer = original.reversed()
            yield accepted(self.id, "{at}: takes the answer {packet}", answer)
        elif came_from is None:
            yield self._send(packet, net)
        else:
            yield accepted(self.id, "{at}: takes {packet}", packet)

    def answered_by(self, service: str, packet: Packet, net: "Network") -> bool:
        """A node has what every instance has. Whether metadata answers a pod depends on how far the answer may go.

        Source: https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html
        """
        interfaces = net.interfaces_of(self.id)
        return service != METADATA or any(packet.src == net.address_of(interface) for interface in interfaces)

    def families(self) -> None:
        """Nodes are instances: as their subnet says."""

    def _translates(self, packet: Packet, vpc: str, net: "Network") -> bool:
        interface = net.interface_at(vpc, packet.src)
        if self.external_snat or family(packet.src) == 6 or net.session(interface or "", packet) is not None:
            return False
        outside = not any(block.holds(packet.dst) for block in net.blocks_of(vpc))
        return outside and packet.src != net.address_of(interface)


def cluster_group(cluster: str) -> str:
    """The id of the group that EKS makes for a cluster."""
    return f"{cluster}/cluster-security-group"


def cluster_name(cluster: str, region: str, ip_family: str = "ipv4") -> str:
    """The host name of the API server; the part that AWS chooses is made up.

    Source: https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html
    """
    made_up = stable_hex(f"{cluster}/eks", 32)
    return f"{made_up}.{region}.api.aws" if ip_family == "ipv6" else f"{made_up}.gr7.{region}.eks.amazonaws.com"


def _listed(given: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: as_list(value) if name in names else value for name, value in given.items()}


def _holds(subnet: Subnet, number: int) -> bool:
    return any(block.holds(number) for block in subnet.blocks)


def _beside(subnet: Subnet, taken: Sequence[tuple[int, int]], seed: str) -> int:
    """A node's address that is none of its pods': AWS chooses it, and it has to be known before theirs are taken."""
    block = subnet.cidr_block
    assert block is not None
    free = block.size - 5
    numbers = (block.first + 4 + (stable_hash(seed) + n) % free for n in range(free))
    return next(number for number in numbers if not any(first <= number <= last for first, last in taken))
