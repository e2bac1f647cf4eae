"""What a template counts on and does not hold: the account's default VPC, a VPC and the zones that CDK looks up.

Sources: https://docs.aws.amazon.com/vpc/latest/userguide/default-vpc.html,
https://docs.aws.amazon.com/cdk/v2/guide/context.html.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from vpcsim import services
from vpcsim.errors import Origin
from vpcsim.fabric import Instance, RouteTable, SecurityGroup, Subnet, Vpc
from vpcsim.gateways.internet_gateway import InternetGateway
from vpcsim.prefixes import Prefix, address_text
from vpcsim.readers.document import List, Map
from vpcsim.resource import Draft, Patch

DEFAULT_VPC = "default-vpc"
DEFAULT_BLOCK = "172.31.0.0/16"
PRIVATE_GATEWAY = "the NAT gateway that CDK did not look up"
"""Where the default route of a private subnet leads: it has one, and nothing says to what."""

_DUMMY_ZONE = re.compile("dummy1([a-z])")


class AssumedSubnet(NamedTuple):
    """A subnet of such a VPC; `kind` is CDK's word: Public, Private or Isolated."""

    id: str
    cidr: str
    zone: str
    table: str
    kind: str = "Public"


def assumed_vpc(id: str, cidr: str, subnets: Sequence[AssumedSubnet], origin: Origin, default: bool = False) -> list[Draft]:
    """The VPC with its subnets, one table for each name of a table, and an internet gateway if a subnet is public."""
    gateway = f"{id}/internet-gateway"
    fields = {"CidrBlock": cidr, "IsDefault": default, "EnableDnsHostnames": True}
    drafts = [Draft(Vpc, id, fields, origin, ("cidr_block", "enable_dns_hostnames"))]
    if any(subnet.kind == "Public" for subnet in subnets):
        drafts.append(Draft(InternetGateway, gateway, {"Attachments": [{"VpcId": id}]}, origin, ("attachments",)))
    tables: dict[str, list[AssumedSubnet]] = {}
    for subnet in subnets:
        made = {
            "VpcId": id,
            "CidrBlock": subnet.cidr,
            "AvailabilityZone": subnet.zone,
            "MapPublicIpOnLaunch": subnet.kind == "Public",
        }
        drafts.append(Draft(Subnet, subnet.id, made, origin, ("cidr_block", "map_public_ip_on_launch")))
        tables.setdefault(subnet.table, []).append(subnet)
    for table, users in tables.items():
        to = {"Public": {"GatewayId": gateway}, "Private": {"NatGatewayId": PRIVATE_GATEWAY}}.get(users[0].kind)
        routes = [{"DestinationCidrBlock": "0.0.0.0/0", **to}] if to else []
        uses = [{"Main": True}] if default else [{"SubnetId": subnet.id} for subnet in users]
        drafts.append(Draft(RouteTable, table, {"VpcId": id, "Routes": routes, "Associations": uses}, origin, ("routes",)))
    return drafts


def with_default_vpc(declared: Sequence[Draft | Patch], region: str, file: str) -> tuple[list[Draft], list[str]]:
    """The default VPC of each Region, for what is declared there without a VPC and without a subnet."""
    lonely: dict[str, list[Draft]] = {}
    for item in declared:
        if isinstance(item, Draft) and _without_place(item):
            lonely.setdefault(str(item.fields.get("Region", region)), []).append(item)
    made: list[Draft] = []
    told: list[str] = []
    for where, drafts in lonely.items():
        id = DEFAULT_VPC if where == region else f"{DEFAULT_VPC}-{where}"
        more = _default_vpc(id, where, drafts, file)
        for draft in more if where != region else ():
            draft.fields["Region"] = where
        made += more
        named = ", ".join(draft.id for draft in drafts)
        told.append(f"{named}: in the default VPC, as AWS makes one in every Region ({DEFAULT_BLOCK})")
    return made, told


def _default_vpc(id: str, region: str, users: Sequence[Draft], file: str) -> list[Draft]:
    zones = [zone.name for zone in services.availability_zones(region)]
    block = Prefix.parse(DEFAULT_BLOCK)
    table = f"{id}/main-route-table"
    subnets = [
        AssumedSubnet(f"{id}/{zone}", f"{address_text(block.first + (number << 12))}/20", zone, table)
        for number, zone in enumerate(zones)
    ]
    for draft in users:
        _place(draft, id, zones)
    return assumed_vpc(id, DEFAULT_BLOCK, subnets, Origin(file), default=True)


def _without_place(draft: Draft) -> bool:
    if draft.shape is SecurityGroup:
        return not draft.fields.get("VpcId")
    return draft.shape is Instance and not draft.fields.get("SubnetId") and not any(_placed(draft.fields))


def _placed(fields: dict[str, Any]) -> Iterator[bool]:
    specs: Iterable[Any] = fields.get("NetworkInterfaces") or ()
    yield from (bool(spec.get("SubnetId") or spec.get("NetworkInterfaceId")) for spec in specs)


def _place(draft: Draft, vpc: str, zones: Sequence[str]) -> None:
    """Without a zone, AWS chooses one: here the first."""
    if draft.shape is SecurityGroup:
        draft.fields["VpcId"] = vpc
        return
    zone = draft.fields.get("AvailabilityZone")
    draft.fields["SubnetId"] = f"{vpc}/{zone if zone in zones else zones[0]}"
    draft.assumed.add("subnet_id")


def with_real_zones(value: Any, region: str) -> bool:
    """Put the Region's own zones in place of those that CDK makes up where it did not look; whether there were any."""
    entries: Any = value.items() if isinstance(value, Map) else enumerate(value) if isinstance(value, List) else ()
    found = False
    for key, item in list(entries):
        if isinstance(item, str) and (dummy := _DUMMY_ZONE.fullmatch(item)):
            value[key] = f"{region}{dummy[1]}"
            found = True
        else:
            found |= with_real_zones(item, region)
    return found
