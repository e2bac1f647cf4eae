"""Regions, their Availability Zones, and the domain names that follow from them.

Sources: https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html and
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/hostname-types.html. Local Zones and the ISO partitions are left out.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from vpcsim.errors import UnknownName
from vpcsim.services._data import load

_SUFFIX = {"aws": "amazonaws.com", "aws-cn": "amazonaws.com.cn", "aws-us-gov": "amazonaws.com"}
_DUALSTACK_SUFFIX = {"aws": "api.aws", "aws-cn": "api.amazonwebservices.com.cn", "aws-us-gov": "api.aws"}


class AvailabilityZone(NamedTuple):
    """A zone: the name an account uses and the id all accounts share. `assumed`: no page confirms that they belong together."""

    name: str
    id: str
    assumed: bool = True


def regions(partition: str | None = None) -> tuple[str, ...]:
    """The names of all known Regions, or of one partition's (`aws`, `aws-cn`, `aws-us-gov`), in alphabetical order."""
    table = _table()
    return tuple(r for r in sorted(table) if partition in (None, table[r]["partition"]))


def is_region(name: str) -> bool:
    """Whether this is the name of a known Region."""
    return name in _table()


def partition_of(region: str) -> str:
    """`aws`, `aws-cn` or `aws-us-gov`. Raises UnknownName for a Region that is not known."""
    return str(_entry(region)["partition"])


def dns_suffix(region: str) -> str:
    """The end of the Region's IPv4 service names: `amazonaws.com`, in China `amazonaws.com.cn`. Raises UnknownName."""
    return _SUFFIX[partition_of(region)]


def dualstack_suffix(region: str) -> str:
    """The end of its dual-stack service names: `api.aws`, in China `api.amazonwebservices.com.cn`. Raises UnknownName."""
    return _DUALSTACK_SUFFIX[partition_of(region)]


def availability_zones(region: str) -> tuple[AvailabilityZone, ...]:
    """The Region's zones in the order of their names. Raises UnknownName.

    In the Regions opened before November 2012 each older account has its own mapping of names to ids, so theirs is one account's
    example; the later Regions have one mapping for everybody. Both come from moto's collection and are not confirmed by a page.
    https://docs.aws.amazon.com/global-infrastructure/latest/regions/az-ids.html
    """
    return tuple(AvailabilityZone(name, zone_id) for name, zone_id in sorted(_entry(region)["zones"].items()))


def instance_domain(region: str) -> str:
    """The domain of private instance names: `ec2.internal` in us-east-1, `us-west-2.compute.internal` elsewhere.

    Raises UnknownName. https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/hostname-types.html
    """
    _entry(region)
    return "ec2.internal" if region == "us-east-1" else f"{region}.compute.internal"


def public_instance_domain(region: str) -> str:
    """The domain of public instance names: `compute-1.amazonaws.com` in us-east-1, `us-west-2.compute.amazonaws.com` elsewhere.

    Raises UnknownName. https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html
    """
    suffix = dns_suffix(region)
    return f"compute-1.{suffix}" if region == "us-east-1" else f"{region}.compute.{suffix}"


def _table() -> dict[str, dict[str, Any]]:
    table: dict[str, dict[str, Any]] = load("regions")["regions"]
    return table


def _entry(region: str) -> dict[str, Any]:
    table = _table()
    if region not in table:
        raise UnknownName("Region", region, tuple(table))
    return table[region]
