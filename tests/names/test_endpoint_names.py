"""The names that interface endpoints bring, one row for each documented rule."""

from __future__ import annotations

import pytest
from answers import R53, NameRow, asked, check, told
from networks import PRIVATELINK, Refusal, changed, names, refused

ACCESS = f"{PRIVATELINK}privatelink-access-aws-services.html"
CREATE = f"{PRIVATELINK}create-interface-endpoint.html"
MANAGE = f"{PRIVATELINK}manage-dns-names.html"
CONCEPTS = f"{PRIVATELINK}concepts.html"
PRIVATE = f"{R53}hosted-zone-private-considerations.html"
S3 = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/privatelink-interface-endpoints.html"
DYNAMODB = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/privatelink-interface-endpoints.html"
SQS = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-internetwork-traffic-privacy.html"
STS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_temp_region-endpoints.html"
API = "https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-apis.html"
ECR = "https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html"
ATTRIBUTES = "https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html"
CHINA = "https://docs.amazonaws.cn/en_us/vpc/latest/privatelink/privatelink-access-aws-services.html"

BASE = """
region: us-east-1
vpcs:
  myVPC: {cidr: 10.0.0.0/16, dns_hostnames: true, Ipv6CidrBlockAssociationSet: [{Ipv6CidrBlock: "2001:db8:1:a00::/56"}]}
  otherVPC: {cidr: 10.1.0.0/16, dns_hostnames: true}
subnets:
  a: {vpc: myVPC, cidr: 10.0.1.0/24, az: us-east-1a, ipv6_cidr: "2001:db8:1:a01::/64"}
  b: {vpc: myVPC, cidr: 10.0.2.0/24, az: us-east-1b, ipv6_cidr: "2001:db8:1:a02::/64"}
  four: {vpc: myVPC, cidr: 10.0.4.0/24, az: us-east-1a}
  six: {vpc: myVPC, ipv6_cidr: "2001:db8:1:a06::/64", az: us-east-1a}
  c: {vpc: otherVPC, cidr: 10.1.1.0/24}
instances:
  app: {subnet: a, ip: 10.0.1.10}
  other: {subnet: c, ip: 10.1.1.10}
endpoints:
  e: {vpc: myVPC, service: sqs, subnets: [a, b], private_dns: true}
"""


def endpoint(text: str) -> str:
    """The endpoint, with these words, as changes."""
    return f"endpoints: {{e: {{{text}}}}}"


def answer(row: NameRow) -> str:
    """As `told`, with the chosen addresses replaced by what they are: `a` and `b`, or with `6` those of IPv6."""
    net = changed(BASE, row.changes)
    shown = {}
    for interface in net.interfaces_of("e"):
        zone = (net.subnet_of(interface) or "")[:1]
        for number in net.index.addresses_of[interface]:
            shown[number] = zone if number < 2**32 else f"{zone}6"
    from vpcsim.prefixes import address_text

    words = {address_text(number): word for number, word in shown.items()}
    answer = " ".join(words.get(word, word) for word in told(asked(BASE, row.changes, row.query)).split())
    return answer.replace(net.topology.resources["e"].regional_name, "REGIONAL")  # type: ignore[attr-defined]


NAMES = [
    NameRow("every interface in one answer", ACCESS, "", "app sqs.us-east-1.amazonaws.com", "a b", "e"),
    NameRow("the dual-stack name", SQS, "", "app sqs.us-east-1.api.aws", "a b", "e"),
    NameRow("not the family that it lacks", ACCESS, "", "app sqs.us-east-1.api.aws AAAA", "NODATA", "e"),
    NameRow("not another type", ACCESS, "", "app sqs.us-east-1.amazonaws.com TXT", "NODATA", "e"),
    NameRow("a name below that the zone lacks", PRIVATE, "", "app x.sqs.us-east-1.amazonaws.com", "NXDOMAIN", "e"),
    NameRow("only one subnet", ACCESS, endpoint("subnets: [b]"), "app sqs.us-east-1.amazonaws.com", "b", "e"),
    NameRow(
        "fips has a service of its own", SQS, endpoint("service: sqs-fips"), "app sqs-fips.us-east-1.amazonaws.com", "a b", "e"
    ),
    NameRow("multi-part: the login", ECR, endpoint("service: ecr.api"), "app api.ecr.us-east-1.amazonaws.com", "a b", "e"),
    NameRow(
        "multi-part: the registry",
        ECR,
        endpoint("service: ecr.dkr"),
        "app 123456789012.dkr.ecr.us-east-1.amazonaws.com",
        "a b",
        "e",
    ),
    NameRow("a wildcard's own parent", ECR, endpoint("service: ecr.dkr"), "app dkr.ecr.us-east-1.amazonaws.com", "NODATA", "e"),
    NameRow("every api", API, endpoint("service: execute-api"), "app abc123.execute-api.us-east-1.amazonaws.com", "a b", "e"),
    NameRow(
        "a service called otherwise",
        ACCESS,
        endpoint("service: kinesis-streams"),
        "app kinesis.us-east-1.amazonaws.com",
        "a b",
        "e",
    ),
    NameRow(
        "s3, switched on",
        S3,
        endpoint("service: s3, dns_options: {private_dns_only_for_inbound_resolver_endpoint: AllResolvers}"),
        "app myBucket.s3.us-east-1.amazonaws.com",
        "a b",
        "e",
    ),
]
PUBLIC = [
    NameRow("private dns off", CREATE, endpoint("private_dns: false"), "app sqs.us-east-1.amazonaws.com", "public DNS"),
    NameRow("another vpc", ACCESS, "", "other sqs.us-east-1.amazonaws.com", "public DNS"),
    NameRow("outside", ACCESS, "", "public sqs.us-east-1.amazonaws.com", "public DNS"),
    NameRow("the legacy name", SQS, "", "app queue.amazonaws.com", "public DNS"),
    NameRow("the regional legacy name", SQS, "", "app us-east-1.queue.amazonaws.com", "public DNS"),
    NameRow("another region", ACCESS, "", "app sqs.us-west-2.amazonaws.com", "public DNS"),
    NameRow("another service", ACCESS, "", "app sns.us-east-1.amazonaws.com", "public DNS"),
    NameRow("sts without a region", STS, endpoint("service: sts"), "app sts.amazonaws.com", "public DNS"),
    NameRow(
        "s3 as it comes",
        S3,
        f"{endpoint('service: s3')[:-1]}, g: {{type: gateway, vpc: myVPC, service: s3}}}}",
        "app s3.us-east-1.amazonaws.com",
        "public DNS",
    ),
    NameRow(
        "s3 without a region",
        S3,
        endpoint("service: s3, dns_options: {private_dns_only_for_inbound_resolver_endpoint: false}"),
        "app s3.amazonaws.com",
        "public DNS",
    ),
    NameRow(
        "dynamodb",
        DYNAMODB,
        endpoint("service: dynamodb, private_dns: false"),
        "app dynamodb.us-east-1.amazonaws.com",
        "public DNS",
    ),
    NameRow(
        "an endpoint that is not accepted",
        CONCEPTS,
        endpoint("state: pendingAcceptance"),
        "app sqs.us-east-1.amazonaws.com",
        "public DNS",
    ),
]
TYPES = [
    NameRow("dual-stack", ACCESS, endpoint("ip_type: dualstack"), "app sqs.us-east-1.amazonaws.com AAAA", "a6 b6"),
    NameRow("and IPv4", ACCESS, endpoint("ip_type: dualstack"), "app sqs.us-east-1.amazonaws.com", "a b"),
    NameRow(
        "dual-stack, IPv4 records",
        ACCESS,
        endpoint("ip_type: dualstack, dns_options: {dns_record_ip_type: ipv4}"),
        "app sqs.us-east-1.amazonaws.com AAAA",
        "NODATA",
    ),
    NameRow(
        "dual-stack, IPv6 records",
        ACCESS,
        endpoint("ip_type: dualstack, dns_options: {dns_record_ip_type: ipv6}"),
        "app sqs.us-east-1.amazonaws.com",
        "NODATA",
    ),
    NameRow(
        "as the service defines",
        ACCESS,
        endpoint("ip_type: dualstack, dns_options: {dns_record_ip_type: service-defined}"),
        "app sqs.us-east-1.amazonaws.com AAAA",
        "NODATA",
    ),
    NameRow(
        "by the name that is called",
        ACCESS,
        endpoint("ip_type: dualstack, dns_options: {dns_record_ip_type: service-defined}"),
        "app sqs.us-east-1.api.aws AAAA",
        "a6 b6",
    ),
    NameRow("IPv6 only", ACCESS, endpoint("ip_type: ipv6, subnets: [six]"), "app sqs.us-east-1.amazonaws.com AAAA", "s6"),
    NameRow("IPv6 only, for A", ACCESS, endpoint("ip_type: ipv6, subnets: [six]"), "app sqs.us-east-1.amazonaws.com", "NODATA"),
]
CUSTOMER = "service: com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0"
PROVIDED = [
    NameRow(
        "a CNAME to the regional name",
        MANAGE,
        endpoint(f"{CUSTOMER}, private_name: api.example.com"),
        "app api.example.com",
        "REGIONAL. a b",
    ),
    NameRow(
        "in its own vpc only", MANAGE, endpoint(f"{CUSTOMER}, private_name: api.example.com"), "other api.example.com", "NXDOMAIN"
    ),
    NameRow(
        "below a name that it lacks",
        MANAGE,
        endpoint(f"{CUSTOMER}, private_name: api.example.com"),
        "app x.api.example.com",
        "NXDOMAIN",
    ),
    NameRow(
        "a wildcard", MANAGE, endpoint(f'{CUSTOMER}, private_name: "*.api.example.com"'), "app x.api.example.com", "REGIONAL. a b"
    ),
    NameRow(
        "private dns off",
        MANAGE,
        endpoint(f"{CUSTOMER}, private_name: api.example.com, private_dns: false"),
        "app api.example.com",
        "NXDOMAIN",
    ),
]


@pytest.mark.parametrize("row", [*NAMES, *TYPES, *PROVIDED], ids=names([*NAMES, *TYPES, *PROVIDED]))
def test_names(row: NameRow) -> None:
    assert answer(row) == row.answer, row.page
    assert row.owner in ("", asked(BASE, row.changes, row.query).owner)


@pytest.mark.parametrize("row", PUBLIC, ids=names(PUBLIC))
def test_names_that_stay_public(row: NameRow) -> None:
    found = asked(BASE, row.changes, row.query)
    assert (found.owner, found.rcode) == (row.answer, "NOERROR"), row.page
    assert found.addresses
    assert not any(address.startswith("10.") for address in found.addresses)


@pytest.mark.parametrize("support", [True, False])
@pytest.mark.parametrize("hostnames", [True, False])
def test_private_dns_needs_both_attributes(support: bool, hostnames: bool) -> None:
    changes = f"vpcs: {{myVPC: {{dns_support: {str(support).lower()}, dns_hostnames: {str(hostnames).lower()}}}}}"
    if not (support and hostnames):
        refused(BASE, Refusal("", ATTRIBUTES, changes, " ".join(["InvalidParameter"] * (2 - support - hostnames)), "e"))


@pytest.mark.parametrize("asker", ["app", "other", "public"])
@pytest.mark.parametrize("service", ["sqs", "s3", "ecr.api", "com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0"])
def test_the_endpoints_own_names_answer_everywhere_with_private_addresses(asker: str, service: str) -> None:
    changes = endpoint(f"service: {service}, private_dns: false")
    net = changed(BASE, changes)
    e = net.topology.resources["e"]
    regional, zonal = e.regional_name, e.zonal_name("us-east-1b")  # type: ignore[attr-defined]
    assert len(asked(BASE, changes, f"{asker} {regional}").addresses) == 2, ACCESS
    assert [a.rpartition(".")[0] for a in asked(BASE, changes, f"{asker} {zonal}").addresses] == ["10.0.2"], ACCESS
    below = asked(BASE, changes, f"{asker} bucket.{zonal}")
    assert told(below) == (asked(BASE, changes, f"{asker} {zonal}").addresses[0] if service == "s3" else "NXDOMAIN"), S3
    assert asked(BASE, changes, f"{asker} vpce-0-0.sqs.us-east-1.vpce.amazonaws.com").rcode == "NXDOMAIN"


PARTITIONS = [
    ("cn-north-1", "sqs", "sqs.cn-north-1.amazonaws.com.cn", ".sqs.cn-north-1.vpce.amazonaws.com.cn"),
    ("us-gov-west-1", "sqs", "sqs.us-gov-west-1.amazonaws.com", ".sqs.us-gov-west-1.vpce.amazonaws.com"),
]


@pytest.mark.parametrize(("region", "service", "name", "suffix"), PARTITIONS, ids=[row[0] for row in PARTITIONS])
def test_other_partitions(region: str, service: str, name: str, suffix: str) -> None:
    base = BASE.replace("us-east-1", region)
    assert asked(base, "", f"app {name}").owner == "e", CHINA
    endpoint = changed(base, "").topology.resources["e"]
    assert endpoint.regional_name.endswith(suffix)  # type: ignore[attr-defined]
    assert len(asked(base, "", f"public {endpoint.regional_name}").addresses) == 2  # type: ignore[attr-defined]


def test_it_says_why_an_endpoint_does_not_answer() -> None:
    for changes, because in (
        ("private_dns: false", "its private DNS is off"),
        ("state: rejected", "is in state rejected"),
        ("service: s3, dns_options: {private_dns_only_for_inbound_resolver_endpoint: true}", "inbound resolver endpoints only"),
    ):
        gateway = ", g: {type: gateway, vpc: myVPC, service: s3}}"
        host = "s3" if "s3" in changes else "sqs"
        found = asked(BASE, endpoint(changes)[:-1] + gateway, f"app {host}.us-east-1.amazonaws.com")
        assert any(because in step.because for step in found.steps if step.at == "e"), found.steps


INVALID = "InvalidParameter"
REFUSALS = [
    Refusal("dynamodb has no private dns", DYNAMODB, endpoint("service: dynamodb"), INVALID, "e"),
    Refusal("dual-stack where there is no IPv6", CREATE, endpoint("ip_type: dualstack, subnets: [four]"), INVALID, "e"),
    Refusal("IPv6 where there is IPv4", CREATE, endpoint("ip_type: ipv6, subnets: [a]"), INVALID, "e"),
    Refusal("IPv4 where there is none", CREATE, endpoint("ip_type: ipv4, subnets: [six]"), INVALID, "e"),
    Refusal("records of another family", ACCESS, endpoint("dns_options: {dns_record_ip_type: ipv6}"), INVALID, "e"),
    Refusal("s3 without a gateway endpoint", S3, endpoint("service: s3"), INVALID, "e"),
    Refusal(
        "a second endpoint of one name",
        CREATE,
        "endpoints: {f: {vpc: myVPC, service: sqs, subnets: [a], private_dns: true}}",
        INVALID,
        "f",
    ),
]


@pytest.mark.parametrize("row", REFUSALS, ids=names(REFUSALS))
def test_refusals(row: Refusal) -> None:
    refused(BASE, row)


def test_a_row_of_the_table_says_what_it_says() -> None:
    check(BASE, NameRow("owner", ACCESS, endpoint("private_dns: false"), "app x.sqs.us-east-1.vpce.amazonaws.com", "NXDOMAIN"))
