"""What AWS refuses of an application, network or gateway load balancer.

Sources: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html,
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html (zones of one type),
https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/how-elastic-load-balancing-works.html (IP address types),
https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-target-groups.html.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from vpcsim.errors import Problem
from vpcsim.fabric.edges import zone_type
from vpcsim.gateways.load_balancer.listener import Listener
from vpcsim.gateways.load_balancer.target_group import TargetGroup
from vpcsim.packet import UDP
from vpcsim.resource import refuse

if TYPE_CHECKING:
    from vpcsim.gateways.load_balancer.load_balancer import LoadBalancer
    from vpcsim.topology import Topology

WITHOUT_PUBLIC_IPV4 = "dualstack-without-public-ipv4"
NETWORK_GROUPS = {
    "TCP": ("TCP", "TCP_UDP", "TCP_QUIC"),
    "TLS": ("TCP", "TLS"),
    "UDP": ("UDP", "TCP_UDP"),
    "TCP_UDP": ("TCP_UDP",),
    "QUIC": ("QUIC", "TCP_QUIC"),
    "TCP_QUIC": ("TCP_QUIC",),
}
"""By the protocol of a listener of a Network Load Balancer: the protocols that its target groups may have.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-target-groups.html
"""


def refusals(balancer: "LoadBalancer", topology: "Topology") -> Iterable[Problem]:
    """Every rule that a load balancer breaks."""
    subnets: list[Any] = [topology.resources[id] for id in balancer.subnet_ids]
    zones = [subnet.availability_zone for subnet in subnets]
    types = {"Outpost" if subnet.outpost_arn else zone_type(subnet.availability_zone) for subnet in subnets}
    if not zones:
        yield refuse(f"{balancer.id}: at least one subnet is needed", "ValidationError", balancer)
    elif balancer.type == "application" and len(types) > 1:
        message = f"{balancer.id}: its subnets are in zones of several types: {', '.join(sorted(types))}"
        yield refuse(message, "InvalidConfigurationRequest", balancer)
    elif balancer.type == "application" and types == {"Availability Zone"} and len(set(zones)) < 2:
        message = f"{balancer.id}: an Application Load Balancer needs subnets in at least two Availability Zones"
        yield refuse(message, "ValidationError", balancer)
    if len(set(zones)) < len(zones):
        message = f"{balancer.id}: two subnets are in the same Availability Zone"
        yield refuse(message, "InvalidConfigurationRequest", balancer)
    if len({subnet.vpc_id for subnet in subnets}) > 1:
        yield refuse(f"{balancer.id}: its subnets belong to several VPCs", "InvalidConfigurationRequest", balancer)
    if balancer.type == "gateway" and balancer.security_groups:
        yield refuse(f"{balancer.id}: a Gateway Load Balancer has no security groups", "InvalidConfigurationRequest", balancer)
    if balancer.type == "application" and not balancer.cross_zone:
        message = (
            f"{balancer.id}: cross-zone balancing of an Application Load Balancer is always on; turn it off in a target group"
        )
        yield refuse(message, "InvalidConfigurationRequest", balancer)
    if balancer.public and not _has_internet_gateway(balancer.vpc_id, topology):
        yield refuse(f"{balancer.id}: {balancer.vpc_id} has no internet gateway", "InvalidSubnet", balancer)
    listeners = [each for each in topology.of(Listener) if each.load_balancer_arn == balancer.id]
    yield from _family_refusals(balancer, subnets, listeners)
    if balancer.type == "network":
        yield from _quic_refusals(balancer, listeners)
        yield from _rule_refusals(balancer, listeners, topology)
    yield from _group_refusals(balancer, listeners, topology)


def _family_refusals(balancer: "LoadBalancer", subnets: list[Any], listeners: list[Listener]) -> Iterable[Problem]:
    for subnet in subnets if balancer.dual_stack else ():
        if {block.family for block in subnet.blocks} != {4, 6}:
            lacking = "IPv6" if subnet.cidr_block else "IPv4"
            message = f"{balancer.id}: {balancer.ip_address_type} needs IPv4 and IPv6, and {subnet.id} has no {lacking} block"
            yield refuse(message, "ValidationError", balancer)
    if balancer.ip_address_type == WITHOUT_PUBLIC_IPV4 and not (balancer.type == "application" and balancer.public):
        message = f"{balancer.id}: {WITHOUT_PUBLIC_IPV4} is for internet-facing Application Load Balancers only"
        yield refuse(message, "ValidationError", balancer)
    for listener in listeners if balancer.type == "network" and balancer.dual_stack else ():
        if UDP in listener.transports and balancer.enable_prefix_for_ipv6_source_nat == "off":
            message = f"{listener.id}: {listener.protocol} on a dualstack load balancer needs its prefix for IPv6 source NAT"
            yield refuse(message, "InvalidConfigurationRequest", listener if listener.origin else balancer)


def _quic_refusals(balancer: "LoadBalancer", listeners: list[Listener]) -> Iterable[Problem]:
    """Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-listeners.html"""
    quic = [listener for listener in listeners if "QUIC" in listener.protocol.upper()]
    others = [listener for listener in listeners if listener.protocol.upper() in ("UDP", "TCP_UDP")]
    against = {
        "on a dualstack load balancer": balancer.dual_stack,
        "on a load balancer with security groups": bool(balancer.security_groups),
        "beside another listener of QUIC": len(quic) > 1,
        "beside a listener of UDP": bool(others),
    }
    for reason in (reason for reason, holds in against.items() if quic and holds):
        message = f"{quic[-1].id}: {quic[-1].protocol} cannot be {reason}"
        yield refuse(message, "InvalidConfigurationRequest", quic[-1] if quic[-1].origin else balancer)


def _rule_refusals(balancer: "LoadBalancer", listeners: list[Listener], topology: "Topology") -> Iterable[Problem]:
    """Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-listeners.html"""
    for listener in listeners:
        at = listener if listener.origin else balancer
        if listener.rules and not balancer.dual_stack:
            message = f"{listener.id}: only dualstack Network Load Balancers have rules, and {balancer.id} is not"
            yield refuse(message, "InvalidConfigurationRequest", at)
        for action in listener.default_actions:
            groups = [topology.need(TargetGroup, id) for id in action.groups]
            if len({group.family for group in groups}) > 1 or len({group.protocol for group in groups} & {"TCP", "TLS"}) > 1:
                message = f"{listener.id}: {' and '.join(action.groups)} differ in protocol or address type"
                yield refuse(message, "InvalidConfigurationRequest", at)


def _group_refusals(balancer: "LoadBalancer", listeners: list[Listener], topology: "Topology") -> Iterable[Problem]:
    for listener, id in ((each, id) for each in listeners for id in each.groups):
        group = topology.need(TargetGroup, id)
        fits = {
            "application": group.protocol in ("", "HTTP", "HTTPS") and group.target_type != "alb",
            "network": group.protocol in ("", *NETWORK_GROUPS.get(listener.protocol.upper(), ()))
            and group.target_type != "lambda"
            and (group.target_type != "alb" or (listener.protocol.upper(), group.protocol) in (("TCP", ""), ("TCP", "TCP"))),
            "gateway": group.protocol in ("", "GENEVE") and group.target_type in ("instance", "ip"),
        }[balancer.type]
        if not fits:
            message = f"{listener.id}: {id} ({group.protocol or group.target_type}) is not for {balancer.type} load balancers"
            yield refuse(message, "IncompatibleProtocols", listener if listener.origin else balancer)
        elif group.target_type != "lambda" and group.vpc_id and balancer.vpc_id and group.vpc_id != balancer.vpc_id:
            message = f"{listener.id}: {id} belongs to {group.vpc_id}, and {balancer.id} to {balancer.vpc_id}"
            yield refuse(message, "InvalidConfigurationRequest", listener if listener.origin else balancer)
        elif group.ip_address_type == "ipv6" and not balancer.dual_stack:
            message = f"{listener.id}: {id} holds IPv6 targets, and {balancer.id} is not dualstack"
            yield refuse(message, "InvalidConfigurationRequest", listener if listener.origin else balancer)
        elif group.ip_address_type != "ipv6" and balancer.dual_stack and listener.protocol.upper() == "UDP":
            message = f"{listener.id}: {id} holds IPv4 targets, which UDP on a dualstack load balancer cannot have"
            yield refuse(message, "InvalidConfigurationRequest", listener if listener.origin else balancer)


def _has_internet_gateway(vpc: str, topology: "Topology") -> bool:
    return any(getattr(gateway, "vpc_id", None) == vpc for gateway in topology.of_kind("internet_gateway"))
