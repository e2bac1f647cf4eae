"""Regions, zones and the domains that follow from a Region."""

from __future__ import annotations

import pytest
from botocore.loaders import create_loader

from vpcsim.errors import UnknownName
from vpcsim.services import (
    availability_zones,
    dns_suffix,
    dualstack_suffix,
    instance_domain,
    is_region,
    partition_of,
    public_instance_domain,
    regions,
)

HOSTNAMES = "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/hostname-types.html"
AZ_IDS = "https://docs.aws.amazon.com/global-infrastructure/latest/regions/az-ids.html"


@pytest.mark.parametrize(
    ("region", "partition", "suffix", "dualstack", "private", "public"),
    [
        ("us-east-1", "aws", "amazonaws.com", "api.aws", "ec2.internal", "compute-1.amazonaws.com"),
        ("us-west-2", "aws", "amazonaws.com", "api.aws", "us-west-2.compute.internal", "us-west-2.compute.amazonaws.com"),
        (
            "cn-north-1",
            "aws-cn",
            "amazonaws.com.cn",
            "api.amazonwebservices.com.cn",
            "cn-north-1.compute.internal",
            "cn-north-1.compute.amazonaws.com.cn",
        ),
        (
            "us-gov-west-1",
            "aws-us-gov",
            "amazonaws.com",
            "api.aws",
            "us-gov-west-1.compute.internal",
            "us-gov-west-1.compute.amazonaws.com",
        ),
    ],
)
def test_domains(region: str, partition: str, suffix: str, dualstack: str, private: str, public: str) -> None:
    assert partition_of(region) == partition
    assert (dns_suffix(region), dualstack_suffix(region)) == (suffix, dualstack)
    assert (instance_domain(region), public_instance_domain(region)) == (private, public), HOSTNAMES


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov"])
def test_the_regions_are_botocores(partition: str) -> None:
    data = create_loader().load_data("partitions")
    (known,) = (p for p in data["partitions"] if p["id"] == partition)
    assert set(regions(partition)) >= {r for r in known["regions"] if not r.endswith("-global")}


def test_all_regions_are_the_three_partitions() -> None:
    assert sorted(regions()) == sorted(r for p in ("aws", "aws-cn", "aws-us-gov") for r in regions(p))
    assert regions("aws-iso") == ()
    assert is_region("eu-west-1")
    assert not is_region("eu-west-1a")


@pytest.mark.parametrize("region", regions())
def test_zones_belong_to_their_region(region: str) -> None:
    zones = availability_zones(region)
    assert len(zones) >= 2
    assert [zone.name for zone in zones] == sorted({zone.name for zone in zones})
    assert all(zone.name[:-1] == region and zone.name[-1].isalpha() for zone in zones)
    assert len({zone.id for zone in zones}) == len(zones)
    assert len({zone.id.rpartition("-az")[0] for zone in zones}) == 1, AZ_IDS
    assert all(zone.assumed for zone in zones)


def test_the_largest_region() -> None:
    assert [zone.name for zone in availability_zones("us-east-1")] == [f"us-east-1{letter}" for letter in "abcdef"]


@pytest.mark.parametrize(
    "ask", [availability_zones, dns_suffix, dualstack_suffix, instance_domain, partition_of, public_instance_domain]
)
def test_an_unknown_region_names_the_nearest(ask: object) -> None:
    assert callable(ask)
    with pytest.raises(UnknownName, match="no Region `us-west-22`, did you mean `us-west-2`"):
        ask("us-west-22")
