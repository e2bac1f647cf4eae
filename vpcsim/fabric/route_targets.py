"""Where AWS lets a route lead: inside a VPC, to interfaces, and in the table of a gateway.

The table of an internet gateway or a virtual private gateway routes what enters the VPC. Its destinations are the whole of a
block of the VPC or of a subnet, its targets interfaces and Gateway Load Balancer endpoints.

Sources: https://docs.aws.amazon.com/vpc/latest/userguide/subnet-route-tables.html,
https://docs.aws.amazon.com/vpc/latest/userguide/gateway-route-tables.html,
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateRouteTable.html.
"""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

from vpcsim.errors import Problem, nearest
from vpcsim.fabric.edges import is_wavelength
from vpcsim.prefixes import Prefix
from vpcsim.resource import refuse
from vpcsim.shape import Read

if TYPE_CHECKING:
    from vpcsim.fabric.route_table import Route, RouteTable, RouteTableAssociation
    from vpcsim.topology import Topology

LOCAL = "local"
CoreNetworkId = Annotated[str | None, Read(lambda arn: arn.rpartition("/")[2] if str(arn).startswith("arn:") else arn)]
"""A core network, which routes name by its ARN."""
INSIDE_TARGETS = ("nat_gateway_id", "network_interface_id", "instance_id", "vpc_endpoint_id", "local_gateway_id")
"""Targets that may replace or refine the local route; a local gateway may only refine it."""
EDGE_TARGETS = ("network_interface_id", "instance_id", "vpc_endpoint_id")
"""Targets of the table of a gateway; an instance stands for its only interface."""
EDGE_GATEWAYS = ("internet_gateway", "vpn_gateway")
"""Gateways that may have a table."""
_AWS_ID = re.compile(r"(?:core-network|[a-z]+)-[0-9a-f]{8,17}|arn:.+")


def may_lead_to(target: str, topology: "Topology") -> bool:
    """Whether a target is in the model, was left out of it, or is an id of AWS's from elsewhere."""
    left_out = (skipped.id == target for skipped in topology.settings.skipped)
    return target in topology.resources or is_aws_id(target) or any(left_out)


def is_aws_id(text: str) -> bool:
    """Whether this is an id that AWS gave, so that it can stand for something outside the model."""
    return _AWS_ID.fullmatch(text) is not None


def target_refusals(table: "RouteTable", route: "Route", topology: "Topology") -> Iterable[Problem]:
    """AWS's rules for routes inside the VPC, and for targets that are interfaces."""
    destination, vpc = route.destination, topology.resources[table.vpc_id]
    blocks = getattr(vpc, "blocks", ())
    if isinstance(destination, Prefix) and any(block.covers(destination) for block in blocks):
        if destination not in blocks and (vpc.id, destination) not in topology.kept("blocks", lambda: _subnet_blocks(topology)):
            message = f"{table.id}: {destination} is inside {vpc.id} but not the whole of a subnet"
            yield refuse(message, "InvalidParameterValue", route)
        elif not any(getattr(route, name) for name in INSIDE_TARGETS[: None if destination not in blocks else -1]) and (
            route.target != LOCAL
        ):
            message = f"{table.id}: {destination} is inside {vpc.id}, and {route.target} cannot take it"
            yield refuse(message, "InvalidParameterValue", route)
    if route.carrier_gateway_id and not _in_wavelength(vpc.id, topology):
        message = f"{table.id}: no subnet of {vpc.id} is in a Wavelength Zone, which a route to {route.target} needs"
        yield refuse(message, "InvalidParameterValue", route)
    interfaces = interfaces_by_target(topology).get(route.target, ())
    if len(interfaces) > 1 and route.instance_id:
        message = f"{table.id}: {route.target} has {len(interfaces)} interfaces; name one of them"
        yield refuse(message, "InvalidInstanceID", route)
    elif any(getattr(interface, "vpc_id", "") != vpc.id for interface in interfaces):
        yield refuse(f"{table.id}: {route.target} belongs to another VPC", "InvalidParameterValue", route)


def _in_wavelength(vpc: str, topology: "Topology") -> bool:
    """Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRoute.html"""
    subnets = (subnet for subnet in topology.of_kind("subnet") if getattr(subnet, "vpc_id", "") == vpc)
    return any(is_wavelength(getattr(subnet, "availability_zone", "")) for subnet in subnets)


def _subnet_blocks(topology: "Topology") -> set[tuple[str, Any]]:
    """The blocks of all subnets, each with its VPC."""
    subnets = topology.of_kind("subnet")
    return {(getattr(subnet, "vpc_id", ""), block) for subnet in subnets for block in getattr(subnet, "blocks", ())}


def interfaces_by_target(topology: "Topology") -> dict[str, list[Any]]:
    """As `_by_target`, for the completed topology."""
    return topology.kept("interfaces by target", lambda: _by_target(topology))


def _by_target(topology: "Topology") -> dict[str, list[Any]]:
    """The interfaces by their ids, and by the id of what they are attached to."""
    found: dict[str, list[Any]] = {}
    for interface in topology.of_kind("network_interface"):
        found.setdefault(interface.id, []).append(interface)
        if owner := getattr(interface, "attached_to", None):
            found.setdefault(owner, []).append(interface)
    return found


def gateway_refusals(tables: "Iterable[RouteTable]", topology: "Topology") -> Iterable[Problem]:
    """What AWS refuses about tables that are associated with gateways.

    Source: https://docs.aws.amazon.com/vpc/latest/userguide/gateway-route-tables.html
    """
    owners: dict[str, RouteTable] = {}
    for table in tables:
        edge = [a for a in table.associations if a.gateway_id]
        for association in edge:
            first = owners.setdefault(str(association.gateway_id), table)
            if first is not table:
                message = f"{table.id}: {association.gateway_id} already has the route table {first.id}"
                yield refuse(message, "Resource.AlreadyAssociated", association if association.origin else table)
            yield from _gateway_problems(table, association, topology)
        if edge:
            if table.is_main:
                yield refuse(f"{table.id}: the main route table cannot be a gateway's", "InvalidParameterValue", table)
            if table.propagating_vgws:
                message = f"{table.id}: a gateway's route table takes no propagated routes"
                yield refuse(message, "InvalidParameterValue", table)
            yield from (problem for route in table.routes for problem in _edge_route_refusals(table, route, topology))


def _gateway_problems(table: "RouteTable", association: "RouteTableAssociation", topology: "Topology") -> Iterable[Problem]:
    gateway = str(association.gateway_id)
    origin = association.origin or table.origin
    found = topology.resources.get(gateway)
    if found is None and not may_lead_to(gateway, topology):
        known = [r.id for kind in EDGE_GATEWAYS for r in topology.of_kind(kind)]
        close = nearest(gateway, known)
        hint = f"; did you mean `{close}`?" if close else ""
        yield Problem(f"{table.id}: no gateway `{gateway}`{hint}", origin)
    elif found is not None and found.kind not in EDGE_GATEWAYS:
        yield Problem(f"{table.id}: `{gateway}` is a {found.kind.replace('_', ' ')}, and has no route table", origin)
    elif found is not None and getattr(found, "vpc_id", None) != table.vpc_id:
        yield refuse(f"{table.id}: {gateway} is not attached to {table.vpc_id}", "InvalidParameterValue", table)


def _edge_route_refusals(table: "RouteTable", route: "Route", topology: "Topology") -> Iterable[Problem]:
    blocks = getattr(topology.resources[table.vpc_id], "blocks", ())
    destination = route.destination
    if route.propagated:
        yield refuse(f"{table.id}: a gateway's route table takes no propagated routes", "InvalidParameterValue", table)
    elif not isinstance(destination, Prefix):
        message = f"{table.id}: a gateway's route table takes no prefix list, and {destination} is one"
        yield refuse(message, "InvalidParameterValue", route)
    elif not any(block.covers(destination) for block in blocks):
        message = f"{table.id}: {destination} is not inside {table.vpc_id}, and this is a gateway's route table"
        yield refuse(message, "InvalidParameterValue", route)
    elif route.target != LOCAL and not any(getattr(route, name) for name in EDGE_TARGETS):
        message = f"{table.id}: a gateway's route leads to an interface or stays local, not to {route.target}"
        yield refuse(message, "InvalidParameterValue", route)
