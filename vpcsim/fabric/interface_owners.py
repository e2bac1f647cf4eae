"""What stands behind network interfaces, where the input describes the interfaces themselves.

Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/requester-managed-eni.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vpcsim.topology import Topology

OWNERS = (
    "instance",
    "lambda_function",
    "ecs_service",
    "db_instance",
    "db_cluster",
    "db_proxy",
    "mount_target",
    "eks_cluster",
    "eks_nodegroup",
    "instance_connect_endpoint",
    "glue_connection",
    "nat_gateway",
    "interface_endpoint",
    "gateway_load_balancer_endpoint",
    "lattice_endpoint",
    "client_vpn_endpoint",
    "firewall_endpoint",
    "load_balancer",
    "classic_load_balancer",
    "resolver_endpoint",
)
"""The kinds of what may stand behind an interface."""


def by_owner(topology: Topology) -> dict[tuple[str | None, str], list[Any]]:
    """The declared interfaces, by what is behind them and by subnet."""
    found: dict[tuple[str | None, str], list[Any]] = {}
    for resource in topology.declared:
        if resource.kind == "network_interface" and (owner := getattr(resource, "attached_to", None)):
            found.setdefault((owner, getattr(resource, "subnet_id", "")), []).append(resource)
    return found


def device_index(id: str, topology: Topology) -> int:
    """Which of an instance's interfaces this is; 0 where nobody says."""
    return getattr(topology.resources.get(id), "device_index", None) or 0
