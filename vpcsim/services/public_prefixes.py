"""Public addresses of AWS: managed prefix lists, the shipped part of the published ranges, and invented service addresses.

https://docs.aws.amazon.com/vpc/latest/userguide/aws-ip-ranges.html and
https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from vpcsim.errors import UnknownName
from vpcsim.services._data import load
from vpcsim.services.hosts import service_of_host
from vpcsim.services.regions import dns_suffix, regions

if TYPE_CHECKING:
    from ipaddress import IPv4Network, IPv6Network

GATEWAY_SERVICES = ("dynamodb", "s3")


class ManagedPrefixList(NamedTuple):
    """One of AWS's own prefix lists. `assumed` marks an id that is derived here and not AWS's."""

    id: str
    name: str
    region: str
    cidrs: tuple[str, ...]
    assumed: bool = False


def prefix_list(region: str, service: str) -> ManagedPrefixList:
    """The list a gateway endpoint routes: `service` is `s3` or `dynamodb`. Raises UnknownName for another Region or service."""
    dns_suffix(region)
    if service not in GATEWAY_SERVICES:
        raise UnknownName("prefix list service", service, GATEWAY_SERVICES)
    entry = load("prefixes")["lists"].get(region, {}).get(service, {})
    name = f"com.amazonaws.{region}.{service}"
    known = entry.get("id")
    return ManagedPrefixList(known or _derived_id(name), name, region, tuple(entry.get("cidrs", ())), known is None)


def prefix_lists(region: str) -> tuple[ManagedPrefixList, ...]:
    """The Region's lists for gateway endpoints, DynamoDB first. Raises UnknownName."""
    return tuple(prefix_list(region, service) for service in GATEWAY_SERVICES)


def prefix_list_by_id(prefix_list_id: str, region: str | None = None) -> ManagedPrefixList | None:
    """The list with this id, or None. AWS uses some ids in several Regions for different services, so name the Region if you can."""
    found = [pl for r in ([region] if region else regions()) for pl in prefix_lists(r) if pl.id == prefix_list_id]
    return found[0] if found else None


def public_addresses(hostname: str) -> tuple[str, ...]:
    """Invented public IPv4 addresses for an AWS service's host name, always the same; () for a name that is no service's.

    The address lies in a real AWS prefix of the Region (S3's or DynamoDB's own where it is theirs), but no claim is made that
    AWS ever gave it to this service.
    """
    found = service_of_host(hostname)
    if found is None:
        return ()
    service = "s3" if found.service.startswith("s3") else found.service
    if service in GATEWAY_SERVICES:
        return _pick(hostname, prefix_list(found.region, service).cidrs)
    return _pick(hostname, tuple(load("prefixes")["general"].get(found.region, ())))


def public_addresses6(hostname: str) -> tuple[str, ...]:
    """Invented public IPv6 addresses of a dual-stack host name, () for any other."""
    return ()


def aws_region_of(address: int | str) -> tuple[str, str] | None:
    """(Region, service) of a public address in the shipped prefix table; the service is `S3`, `DYNAMODB` or `AMAZON`. None: not known to be AWS."""
    from ipaddress import ip_address

    wanted = ip_address(address)
    for network, region, service in _networks():
        if wanted in network:
            return region, service
    return None


@cache
def _networks() -> list[tuple[IPv4Network | IPv6Network, str, str]]:
    from ipaddress import ip_network

    table = load("prefixes")
    found = [(ip_network(c), r, s.upper()) for r, lists in table["lists"].items() for s, e in lists.items() for c in e["cidrs"]]
    return found + [(ip_network(c), r, "AMAZON") for r, cidrs in table["general"].items() for c in cidrs]


def _pick(hostname: str, cidrs: tuple[str, ...]) -> tuple[str, ...]:
    if not cidrs:
        return ()
    from hashlib import sha256
    from ipaddress import ip_network

    number = int.from_bytes(sha256(hostname.rstrip(".").lower().encode()).digest()[:8], "big")
    network = ip_network(cidrs[number % len(cidrs)])
    return (str(network[1 + number % (network.num_addresses - 2)]),)


def _derived_id(name: str) -> str:
    from hashlib import sha256

    return "pl-" + sha256(name.encode()).hexdigest()[:8]
