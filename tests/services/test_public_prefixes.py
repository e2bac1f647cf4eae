"""Prefix lists, the published ranges, and the invented addresses."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vpcsim.errors import UnknownName
from vpcsim.services import (
    aws_region_of,
    prefix_list,
    prefix_list_by_id,
    prefix_lists,
    prefixes_as_of,
    public_addresses,
    public_addresses6,
    regions,
    service_of_host,
)
from vpcsim.services._data import load

PREFIX_LISTS = "https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html"


@pytest.mark.parametrize(
    ("region", "service", "prefix_list_id", "inside"),
    [
        # ids and networks as DescribePrefixLists prints them
        ("us-east-1", "s3", "pl-63a5400a", "52.216.0.0/15"),
        ("us-east-1", "dynamodb", "pl-02cd2c6b", "52.94.0.0/22"),
        ("us-west-2", "s3", "pl-68a54001", "52.218.128.0/17"),
        ("us-west-2", "dynamodb", "pl-00a54069", "52.94.28.0/23"),
        ("eu-west-1", "s3", "pl-6da54004", "52.218.0.0/17"),
        ("eu-west-1", "dynamodb", "pl-6fa54006", "52.94.24.0/23"),
        ("ap-southeast-1", "s3", "pl-6fa54006", "52.219.32.0/21"),
    ],
)
def test_known_prefix_lists(region: str, service: str, prefix_list_id: str, inside: str) -> None:
    found = prefix_list(region, service)
    assert (found.id, found.name, found.assumed) == (prefix_list_id, f"com.amazonaws.{region}.{service}", False)
    assert any(IPv4Network(inside).subnet_of(IPv4Network(cidr)) for cidr in found.cidrs)
    assert prefix_list_by_id(prefix_list_id, region) == found


def test_one_id_can_mean_two_lists() -> None:
    named = [prefix_list_by_id("pl-6fa54006", region) for region in ("eu-west-1", "ap-southeast-1", "us-east-1")]
    assert [found and found.name for found in named] == [
        "com.amazonaws.eu-west-1.dynamodb",
        "com.amazonaws.ap-southeast-1.s3",
        None,
    ]
    assert prefix_list_by_id("pl-63a5400a") == prefix_list("us-east-1", "s3")
    assert prefix_list_by_id("pl-0123456789abcdef0") is None


def test_a_confirmed_id_wins_over_a_reported_one() -> None:
    """pl-64a5400d was seen once in several Regions that come before eu-south-2 in the alphabet, and confirmed there."""
    found = prefix_list_by_id("pl-64a5400d")
    assert found is not None
    assert (found.region, found.assumed) == ("eu-south-2", False)


@pytest.mark.parametrize("region", regions())
def test_every_region_has_both_lists(region: str) -> None:
    lists = prefix_lists(region)
    assert [pl.name for pl in lists] == [f"com.amazonaws.{region}.dynamodb", f"com.amazonaws.{region}.s3"]
    assert len({pl.id for pl in lists}) == 2
    for pl in lists:
        assert pl.id.startswith("pl-")
        assert len(pl.id) == 11
        assert pl.cidrs
        assert all(aws_region_of(str(IPv4Network(cidr)[0])) == (region, pl.name.rpartition(".")[2].upper()) for cidr in pl.cidrs)


def test_unknown_lists() -> None:
    with pytest.raises(UnknownName, match="`dynamo`, did you mean `dynamodb`"):
        prefix_list("us-east-1", "dynamo")
    with pytest.raises(UnknownName, match="no Region `us-east-9`"):
        prefix_list("us-east-9", "s3")


@pytest.mark.parametrize(
    ("address", "answer"),
    [
        ("52.216.0.1", ("us-east-1", "S3")),
        ("52.94.0.1", ("us-east-1", "DYNAMODB")),
        ("52.4.0.1", ("us-east-1", "EC2")),
        ("2600:1f60:8000::1", ("us-east-1", "S3")),
        # documentation, private, link-local, shared and others' space
        ("192.0.2.1", None),
        ("198.51.100.1", None),
        ("203.0.113.1", None),
        ("10.0.0.2", None),
        ("172.31.0.2", None),
        ("169.254.169.253", None),
        ("100.64.0.1", None),
        ("8.8.8.8", None),
        ("2001:db8::1", None),
        ("fd00:ec2::253", None),
        ("::1", None),
    ],
)
def test_whose_address_it_is(address: str, answer: tuple[str, str] | None) -> None:
    assert aws_region_of(address) == answer
    if ":" not in address or int(IPv6Address(address)) >= 2**32:
        assert aws_region_of(int(ip_address(address))) == answer


def test_what_is_no_address_is_an_error() -> None:
    with pytest.raises(ValueError, match="localhost"):
        aws_region_of("localhost")


@given(st.integers(0, 2**32 - 1))
def test_the_table_agrees_with_a_plain_search(number: int) -> None:
    address = IPv4Address(number)
    table = {service: lines for service, lines in load("ranges").items() if isinstance(lines, dict)}
    homes = {(r, service) for service in table for r, line in NETWORKS[service] if any(address in n for n in line)}
    found = aws_region_of(number)
    assert found in homes if found else not homes


NETWORKS = {
    service: [(region, [IPv4Network(c) for c in line.split() if "." in c]) for region, line in lines.items()]
    for service, lines in load("ranges").items()
    if isinstance(lines, dict)
}

HOSTS = [
    ("sqs.us-east-1.amazonaws.com", "us-east-1", "AMAZON"),
    ("queue.amazonaws.com", "us-east-1", "AMAZON"),
    ("b.s3.eu-west-1.amazonaws.com", "eu-west-1", "S3"),
    ("1.s3-control.eu-west-1.amazonaws.com", "eu-west-1", "S3"),
    ("s3.amazonaws.com", "us-east-1", "S3"),
    ("dynamodb.eu-west-1.amazonaws.com", "eu-west-1", "DYNAMODB"),
    ("streams.dynamodb.eu-west-1.amazonaws.com", "eu-west-1", "DYNAMODB"),
    ("kms.cn-north-1.amazonaws.com.cn", "cn-north-1", "AMAZON"),
]


@pytest.mark.parametrize(("host", "region", "service"), HOSTS)
def test_a_service_points_into_its_regions_ranges(host: str, region: str, service: str) -> None:
    addresses = public_addresses(host)
    assert [aws_region_of(address) for address in addresses] == [(region, service)]
    assert addresses == public_addresses(host.upper() + ".")


@pytest.mark.parametrize("region", regions())
@pytest.mark.parametrize("label", ["sqs", "s3", "dynamodb"])
def test_every_region_has_addresses(region: str, label: str) -> None:
    suffix = ".cn" if region.startswith("cn-") else ""
    (address,) = public_addresses(f"{label}.{region}.amazonaws.com{suffix}")
    assert (aws_region_of(address) or ("", ""))[0] == region
    assert address.rpartition(".")[2] not in ("0", "255")


@pytest.mark.parametrize("host", ["sqs.us-east-1.api.aws", "b.s3.dualstack.us-east-1.amazonaws.com", "ssm.eu-west-1.api.aws"])
def test_dual_stack_names_have_both_families(host: str) -> None:
    found = service_of_host(host)
    assert found is not None
    for address in (*public_addresses(host), *public_addresses6(host)):
        assert (aws_region_of(address) or ("", ""))[0] == found.region
    assert ip_address(public_addresses6(host)[0]).version == 6


@pytest.mark.parametrize("host", ["sqs.us-east-1.amazonaws.com", "example.com", "vpce-1-2.sqs.us-east-1.vpce.amazonaws.com"])
def test_other_names_have_no_ipv6(host: str) -> None:
    assert public_addresses6(host) == ()


def test_a_name_that_is_no_services_has_no_address() -> None:
    assert public_addresses("example.com") == ()


def test_the_ranges_say_how_old_they_are() -> None:
    assert prefixes_as_of() == load("ranges")["as_of"] >= "2026-10-26"
    assert all(
        ip_network(c)
        for lines in load("ranges").values()
        if isinstance(lines, dict)
        for line in lines.values()
        for c in line.split()
    )
