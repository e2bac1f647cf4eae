"""Public addresses of AWS: managed prefix lists, the published ranges, and invented addresses of services.

https://docs.aws.amazon.com/vpc/latest/userguide/aws-ip-ranges.html and
https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

from vpcsim.errors import UnknownName
from vpcsim.services._data import load
from vpcsim.services.hosts import service_of_host
from vpcsim.services.regions import dns_suffix, regions

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address

GATEWAY_SERVICES = ("dynamodb", "s3")


class ManagedPrefixList(NamedTuple):
    """One of AWS's own prefix lists. `assumed`: the id is unconfirmed or made up here. `cidrs` holds networks of one family."""

    id: str
    name: str
    region: str
    cidrs: tuple[str, ...]
    assumed: bool = False


def prefixes_as_of() -> str:
    """The date of the shipped ranges, YYYY-MM-DD."""
    return str(load("prefixes")["as_of"])


def prefix_list(region: str, service: str) -> ManagedPrefixList:
    """The list that a gateway endpoint routes: `service` is `s3` or `dynamodb`. Raises UnknownName for another Region or service.

    The networks are those AWS publishes for the service in ip-ranges.json, adjacent ones merged; the list in an account may be
    shorter. https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html
    """
    if service not in GATEWAY_SERVICES:
        raise UnknownName("prefix list for the service", service, GATEWAY_SERVICES)
    entry, name = _entry(region)[service], f"com.amazonaws.{region}.{service}"
    known = entry.get("id") or _made_up_id(name)
    return ManagedPrefixList(known, name, region, tuple(entry["cidrs"]), "assumed" in entry)


def ipv6_prefix_list(region: str, service: str) -> ManagedPrefixList:
    """The list that a gateway endpoint with IPv6 routes as well. Raises UnknownName like `prefix_list`.

    AWS does not publish its id, its name is formed like those of other lists, and DynamoDB's networks are made up.
    https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html
    """
    if service not in GATEWAY_SERVICES:
        raise UnknownName("prefix list for the service", service, GATEWAY_SERVICES)
    name, entry = f"com.amazonaws.{region}.ipv6.{service}", _entry(region)
    if service == "dynamodb":
        return ManagedPrefixList(_made_up_id(name), name, region, (_dynamodb6(entry),), True)
    published: str = load("ranges")["S3"][region]
    return ManagedPrefixList(_made_up_id(name), name, region, tuple(c for c in published.split() if ":" in c), True)


def prefix_lists(region: str) -> tuple[ManagedPrefixList, ...]:
    """The Region's lists for gateway endpoints, DynamoDB's first. Raises UnknownName."""
    return tuple(prefix_list(region, service) for service in GATEWAY_SERVICES)


def prefix_list_by_id(prefix_list_id: str, region: str | None = None) -> ManagedPrefixList | None:
    """The list with this id, or None. Without a Region a confirmed id wins, then the first Region in the alphabet.

    Name the Region if you know it, because an id can mean several lists: `pl-6fa54006` is S3 in ap-southeast-1 and DynamoDB in
    eu-west-1. Raises UnknownName for a Region that is not known.
    """
    searched = [region] if region else regions()
    found = [pl for name in searched for pl in prefix_lists(name) if pl.id == prefix_list_id]
    if found:
        return min(found, key=lambda pl: pl.assumed)
    pairs = ((name, service) for name in searched for service in GATEWAY_SERVICES)
    named = (pair for pair in pairs if _made_up_id("com.amazonaws.{}.ipv6.{}".format(*pair)) == prefix_list_id)
    return next((ipv6_prefix_list(*pair) for pair in named), None)


def public_addresses(hostname: str) -> tuple[str, ...]:
    """Invented public IPv4 addresses for an AWS service's host name, always the same; () for a name that is no service's.

    The address lies in a real AWS range of the Region (S3's or DynamoDB's own where it is theirs), but nothing says that AWS
    ever gave it to this service.
    """
    found = service_of_host(hostname)
    if found is None:
        return ()
    entry = _entry(found.region)
    own = _gateway_service(found.service)
    return _pick(hostname, entry[own]["cidrs"] if own else entry["other"])


def public_addresses6(hostname: str) -> tuple[str, ...]:
    """Invented public IPv6 addresses of a dual-stack service name, chosen like `public_addresses`; () for any other name."""
    found = service_of_host(hostname)
    if found is None or "dualstack" not in found.kind:
        return ()
    entry = _entry(found.region)
    own = _gateway_service(found.service)
    return _pick(hostname, entry["s3_6"] if own == "s3" else [_dynamodb6(entry)] if own else entry["other6"])


def aws_region_of(address: int | str) -> tuple[str, str] | None:
    """(Region, service) of a public address in the published ranges, or None if AWS does not publish it as its own.

    The service is the most telling of S3, DYNAMODB, CLOUDFRONT, GLOBALACCELERATOR, EC2 and AMAZON; the Region may be `GLOBAL`.
    An int below 2**32 is IPv4. Ranges that customers bring to AWS are not published. Raises ValueError for what is no address.
    """
    from ipaddress import ip_address

    return _lookup(ip_address(address))


def _lookup(address: IPv4Address | IPv6Address) -> tuple[str, str] | None:
    number, bits = int(address), address.max_prefixlen
    for service, by_length in _ranges(address.version):
        for length, regions_by_start in by_length.items():
            region = regions_by_start.get(number >> (bits - length))
            if region:
                return region, service
    return None


@cache
def _ranges(version: int) -> list[tuple[str, dict[int, dict[int, str]]]]:
    """Per service: prefix length, the longest first, -> the network's leading bits -> Region."""
    table: dict[str, Any] = load("ranges")
    return [(service, _by_length(version, table[service])) for service in list(table)[2:]]


def _by_length(version: int, lines: dict[str, str]) -> dict[int, dict[int, str]]:
    from socket import AF_INET, AF_INET6, inet_pton

    family, mark, bits = (AF_INET, ".", 32) if version == 4 else (AF_INET6, ":", 128)
    found: dict[int, dict[int, str]] = {}
    for region, line in lines.items():
        for cidr in line.split():
            if mark in cidr:
                network, _, length = cidr.partition("/")
                start = int.from_bytes(inet_pton(family, network), "big") >> (bits - int(length))
                found.setdefault(int(length), {})[start] = region
    return dict(sorted(found.items(), reverse=True))


def _entry(region: str) -> dict[str, Any]:
    dns_suffix(region)
    entry: dict[str, Any] = load("prefixes")["regions"][region]
    return entry


def _dynamodb6(entry: dict[str, Any]) -> str:
    """A block for DynamoDB alone: the last one of a block of the Region, where no other invented address lies."""
    from ipaddress import ip_network

    whole = ip_network(entry["other6"][0])
    return str(ip_network((int(whole.broadcast_address) >> 80 << 80, 48)))


def _gateway_service(service: str) -> str | None:
    return "s3" if service in ("s3", "s3control") else "dynamodb" if service in ("dynamodb", "dynamodbstreams") else None


def _pick(hostname: str, cidrs: list[str]) -> tuple[str, ...]:
    from ipaddress import ip_network

    number = _number(hostname.rstrip(".").lower())
    network = ip_network(cidrs[number % len(cidrs)])
    offset = (number >> 8) % network.num_addresses // 4 * 4 + 1  # never the first or the last of any block of 256
    return (str(network[offset]),)


def _made_up_id(name: str) -> str:
    return f"pl-{_number(name) >> 32:08x}"


def _number(text: str) -> int:
    from hashlib import sha256

    return int.from_bytes(sha256(text.encode()).digest()[:8], "big")
