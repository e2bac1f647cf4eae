"""Each row is a documented name; the page stands beside it."""

from __future__ import annotations

import pytest
from client_hosts import UNCOVERED, Row, every_client_host

from vpcsim.services import full_service_name, matches, private_dns_names, regions, service_names, service_of_host

SQS = "https://docs.aws.amazon.com/general/latest/gr/sqs-service.html"
ECR_PUBLIC = "https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html"
SQS_VPC = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-internetwork-traffic-privacy.html"
S3 = "https://docs.aws.amazon.com/general/latest/gr/s3.html"
S3_HOSTS = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html"
S3_PL = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/privatelink-interface-endpoints.html"
DYNAMODB_PL = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/privatelink-interface-endpoints.html"
ACCOUNT_HOSTS = "https://docs.aws.amazon.com/sdkref/latest/guide/feature-account-endpoints.html"
STS = "https://docs.aws.amazon.com/general/latest/gr/sts.html"
SSM = "https://docs.aws.amazon.com/systems-manager/latest/userguide/setup-create-vpc.html"
SSM_CALLS = "https://docs.aws.amazon.com/systems-manager/latest/userguide/systems-manager-setting-up-messageAPIs.html"
ECR = "https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html"
API_GATEWAY = "https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-apis.html"
CHINA = "https://docs.amazonaws.cn/en_us/aws/latest/userguide/endpoints-arns.html"
GENERAL = "https://docs.aws.amazon.com/general/latest/gr/rande.html"
IAM = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_interface_vpc_endpoints.html"
PRIVATELINK = "https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html"

ROWS = [
    # host name, client, Region, kind, short PrivateLink name, answered by private DNS, page
    ("sqs.us-east-1.amazonaws.com", "sqs", "us-east-1", "regional", "sqs", True, SQS),
    ("SQS.US-EAST-1.amazonaws.com.", "sqs", "us-east-1", "regional", "sqs", True, SQS),
    ("sqs.eu-west-1.api.aws", "sqs", "eu-west-1", "dualstack", "sqs", True, SQS_VPC),
    ("sqs-fips.us-east-1.amazonaws.com", "sqs", "us-east-1", "fips", "sqs-fips", True, SQS_VPC),
    ("public.ecr.aws", "ecr-public.registry", "us-east-1", "global", None, False, ECR_PUBLIC),
    ("queue.amazonaws.com", "sqs", "us-east-1", "legacy", "sqs", False, SQS_VPC),
    ("us-west-1.queue.amazonaws.com", "sqs", "us-west-1", "legacy", "sqs", False, SQS_VPC),
    ("sqs.cn-north-1.amazonaws.com.cn", "sqs", "cn-north-1", "regional", "sqs", True, CHINA),
    ("sqs.us-gov-west-1.amazonaws.com", "sqs", "us-gov-west-1", "regional", "sqs", True, SQS),
    ("s3.us-east-1.amazonaws.com", "s3", "us-east-1", "regional", "s3", True, S3_PL),
    ("my.bucket.s3.us-east-1.amazonaws.com", "s3", "us-east-1", "regional", "s3", True, S3_PL),
    ("my-fips.s3.us-east-1.amazonaws.com", "s3", "us-east-1", "regional", "s3", True, S3_PL),
    ("us-west-2.s3.us-east-1.amazonaws.com", "s3", "us-east-1", "regional", "s3", True, S3_PL),
    ("123456789012.s3-control.us-east-1.amazonaws.com", "s3control", "us-east-1", "regional", "s3", True, S3_PL),
    ("ap-123456789012.s3-accesspoint.us-east-1.amazonaws.com", "s3", "us-east-1", "regional", "s3", True, S3_PL),
    ("s3.amazonaws.com", "s3", "us-east-1", "legacy", "s3", False, S3_PL),
    ("us-west-2.s3.amazonaws.com", "s3", "us-east-1", "legacy", "s3", False, S3_HOSTS),
    ("b.s3-us-west-2.amazonaws.com", "s3", "us-west-2", "legacy", "s3", False, S3_HOSTS),
    ("b.s3.dualstack.eu-west-1.amazonaws.com", "s3", "eu-west-1", "dualstack", "s3", False, S3_PL),
    ("b.s3-website-us-east-1.amazonaws.com", "s3", "us-east-1", "website", "s3", False, S3),
    ("b.s3-website.us-east-2.amazonaws.com", "s3", "us-east-2", "website", "s3", False, S3),
    ("b.s3-fips.us-east-2.amazonaws.com", "s3", "us-east-2", "fips", None, False, S3_PL),
    ("dynamodb.us-west-2.amazonaws.com", "dynamodb", "us-west-2", "regional", "dynamodb", False, DYNAMODB_PL),
    ("123456789012.ddb.us-west-2.amazonaws.com", "dynamodb", "us-west-2", "regional", "dynamodb", False, ACCOUNT_HOSTS),
    ("sts.amazonaws.com", "sts", "us-east-1", "global", "sts", False, STS),
    ("sts.eu-central-1.amazonaws.com", "sts", "eu-central-1", "regional", "sts", True, STS),
    ("ssm.us-east-1.amazonaws.com", "ssm", "us-east-1", "regional", "ssm", True, SSM),
    ("ssmmessages.us-east-1.amazonaws.com", "ssmmessages", "us-east-1", "regional", "ssmmessages", True, SSM),
    ("ssmmessages.us-east-1.api.aws", "ssmmessages", "us-east-1", "dualstack", "ssmmessages", True, SSM),
    ("ec2messages.us-east-1.amazonaws.com", "ec2messages", "us-east-1", "regional", "ec2messages", True, SSM),
    ("ec2messages.mx-central-1.amazonaws.com", "ec2messages", "mx-central-1", "regional", None, False, SSM_CALLS),
    ("api.ecr.us-east-1.amazonaws.com", "ecr", "us-east-1", "regional", "ecr.api", True, ECR),
    ("123456789012.dkr.ecr.us-east-1.amazonaws.com", "ecr.dkr", "us-east-1", "regional", "ecr.dkr", True, ECR),
    ("abc123.execute-api.us-east-1.amazonaws.com", "execute-api", "us-east-1", "regional", "execute-api", True, API_GATEWAY),
    ("monitoring.us-east-1.amazonaws.com", "cloudwatch", "us-east-1", "regional", "monitoring", True, PRIVATELINK),
    ("monitoring-fips.us-east-1.api.aws", "cloudwatch", "us-east-1", "fips-dualstack", "monitoring", True, PRIVATELINK),
    ("elasticloadbalancing.us-east-1.amazonaws.com", "elb", "us-east-1", "regional", "elasticloadbalancing", True, GENERAL),
    ("ec2.amazonaws.com", "ec2", "us-east-1", "global", "ec2", False, GENERAL),
    ("iam.amazonaws.com", "iam", "us-east-1", "global", "iam", True, IAM),
]


@pytest.mark.parametrize(("host", "client", "region", "kind", "short", "covered", "page"), ROWS)
def test_a_documented_name(host: str, client: str, region: str, kind: str, short: str | None, covered: bool, page: str) -> None:
    found = service_of_host(host)
    assert found is not None, page
    assert (found.service, found.region, found.kind, found.private_dns) == (client, region, kind, covered), page
    assert found.service_name == (full_service_name(short, region) if short else None), page


@pytest.mark.parametrize(
    "host",
    [
        "",
        ".",
        "example.com",
        "amazonaws.com",
        "us-east-1.amazonaws.com",
        "nothing.us-east-1.amazonaws.com",
        "x.sqs.us-east-1.amazonaws.com",
        "dkr.ecr.us-east-1.amazonaws.com",
        "sqs.us-east-1.example.com",
        "sqs.us-east-1.amazonaws.com.cn",
        "sqs.cn-north-1.amazonaws.com",
        "sqs.xx-east-1.amazonaws.com",
        "notsqs.amazonaws.com",
        "ec2-203-0-113-25.compute-1.amazonaws.com",
        "vpce-0123-abcd.sqs.us-east-1.vpce.amazonaws.com",
        "bucket.vpce-0123-abcd.s3.us-east-1.vpce.amazonaws.com",
        "vpce-0123-abcd.sqs.cn-north-1.vpce.amazonaws.com.cn",
    ],
)
def test_no_service_answers(host: str) -> None:
    assert service_of_host(host) is None


def test_clients_that_share_a_host_are_all_named() -> None:
    found = service_of_host("elasticloadbalancing.us-east-1.amazonaws.com")
    assert found is not None
    assert found.clients == ("elb", "elbv2")


@pytest.mark.parametrize(
    ("pattern", "host", "answer"),
    [
        ("sqs.us-east-1.amazonaws.com", "SQS.us-east-1.amazonaws.com.", True),
        ("sqs.us-east-1.amazonaws.com", "x.sqs.us-east-1.amazonaws.com", False),
        ("*.dkr.ecr.us-east-1.amazonaws.com", "1.dkr.ecr.us-east-1.amazonaws.com", True),
        ("*.s3.us-east-1.amazonaws.com", "a.b.s3.us-east-1.amazonaws.com", True),
        ("*.dkr.ecr.us-east-1.amazonaws.com", "dkr.ecr.us-east-1.amazonaws.com", False),
        ("*.dkr.ecr.us-east-1.amazonaws.com", "1.xdkr.ecr.us-east-1.amazonaws.com", False),
    ],
)
def test_matches(pattern: str, host: str, answer: bool) -> None:
    assert matches(pattern, host) is answer


@pytest.fixture(scope="module")
def every_host() -> list[Row]:
    return list(every_client_host())


def test_every_client_in_every_region_comes_back(every_host: list[Row]) -> None:
    assert len(every_host) > 17_000
    lost = [row for row in every_host if row[3] is None or row[0] not in row[3].clients]
    assert lost == []


def test_a_name_with_a_region_says_so(every_host: list[Row]) -> None:
    wrong = [row for row in every_host if row[1] in row[2].split(".") and row[3] is not None and row[3].region != row[1]]
    assert wrong == []


def test_private_dns_contains_the_host_wherever_there_is_an_endpoint(every_host: list[Row]) -> None:
    offered = [(client, host, found) for client, _, host, found in every_host if found and found.service_name]
    uncovered = {
        client
        for client, host, found in offered
        if not any(matches(name, host) for name in private_dns_names(found.service_name or ""))
    }
    assert len({client for client, _, _ in offered}) > 280
    assert uncovered == set(UNCOVERED)


VARIANTS = [
    # FIPS, dual stack, kinds of the hosts that clients then call
    (True, False, {"fips", "fips-dualstack", "global", "regional", "dualstack"}),
    (False, True, {"dualstack", "fips-dualstack", "global", "regional"}),
    (True, True, {"fips-dualstack", "fips", "dualstack", "global"}),
]


@pytest.mark.parametrize(("fips", "dualstack", "kinds"), VARIANTS)
def test_the_other_variants_of_every_client_in_every_region(fips: bool, dualstack: bool, kinds: set[str]) -> None:
    """Every host of every client comes back with that client, and with the Region if it names one."""
    rows = list(every_client_host(UseFIPS=fips, UseDualStack=dualstack))
    assert len(rows) > 17_000
    assert [row for row in rows if row[3] is None or row[0] not in row[3].clients] == []
    assert [row for row in rows if row[1] in row[2].split(".") and row[3] is not None and row[3].region != row[1]] == []
    assert {row[3].kind for row in rows if row[3]} == kinds


@pytest.mark.parametrize("region", regions())
def test_every_private_name_leads_back_to_its_service(region: str) -> None:
    """Service name -> the names that its endpoints answer -> the same service name, and only where private DNS answers."""
    private = [(service, name.replace("*", "x")) for service in service_names(region) for name in private_dns_names(service)]
    found = [(service, host, service_of_host(host)) for service, host in private]
    assert len(private) > 450
    assert [(s, h) for s, h, back in found if back is None or back.service_name != s or not back.private_dns] == []
