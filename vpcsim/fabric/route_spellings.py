"""How the input formats write a route and what it belongs to.

Sources: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Route.html,
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/route
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from vpcsim.errors import Origin
from vpcsim.prefixes import Prefix
from vpcsim.shape import api_name

TARGETS = (
    "gateway_id",
    "nat_gateway_id",
    "instance_id",
    "network_interface_id",
    "vpc_endpoint_id",
    "transit_gateway_id",
    "vpc_peering_connection_id",
    "egress_only_internet_gateway_id",
    "carrier_gateway_id",
    "local_gateway_id",
    "core_network_arn",
)
"""The fields of a route that may hold its target, in the order in which they are looked at."""


def native_routes(routes: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """`destination: target`, or `destination: {target: ..., state: blackhole}`."""
    places = getattr(routes, "places", {})
    for destination, value in routes.items():
        if destination == "WrittenAt":
            continue
        more = dict(value) if isinstance(value, Mapping) else {"target": value}
        place = places.get(destination)
        origin = Origin(getattr(routes, "file", ""), place[0], place[1]) if place else None
        yield {**native_route(destination, str(more.pop("target", ""))), **more, "WrittenAt": origin}


def native_route(destination: str, target: str) -> dict[str, Any]:
    try:
        block = Prefix.parse(destination)
    except ValueError:
        return {"DestinationPrefixListId": destination, "To": target}
    return {"DestinationCidrBlock" if block.family == 4 else "DestinationIpv6CidrBlock": destination, "To": target}


def is_associated(association: Mapping[str, Any]) -> bool:
    state = association.get("AssociationState")
    return not isinstance(state, Mapping) or str(state.get("State", "associated")).startswith("associat")


def described_route(route: Mapping[str, Any]) -> Mapping[str, Any]:
    """A route as EC2 shows it: by `Origin` it propagates, with an interface stands its instance, an endpoint is a gateway.

    Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Route.html
    """
    changed = dict(route)
    if changed.pop("Origin", "") == "EnableVgwRoutePropagation":
        changed["Propagated"] = True
    if changed.get("NetworkInterfaceId"):
        changed.pop("InstanceId", None)
    if str(changed.get("GatewayId")).startswith("vpce-") and not changed.get("DestinationPrefixListId"):
        changed["VpcEndpointId"] = changed.pop("GatewayId")
    return changed


_INSTANCE = re.compile(r"(?:^|[.:])aws_(?:instance|spot_instance_request)\.[^/]*$")
"""The address of an instance, which stands for its `primary_network_interface_id`."""


def terraform_route(fields: Mapping[str, Any], origin: Origin | None) -> dict[str, Any]:
    """A route of Terraform. A target that is not known yet stays open: what happens there is undecided."""
    wanted = ("DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId", *map(api_name, TARGETS))
    route = {name: fields[name] for name in wanted if fields.get(name)}
    if "NetworkInterfaceId" in route:
        route.pop("InstanceId", None)
        if _INSTANCE.search(str(route["NetworkInterfaceId"])):
            route["InstanceId"] = route.pop("NetworkInterfaceId")
    return {**route, "WrittenAt": origin}
