"""Service names and the names of endpoints, row by row from AWS's pages."""

from __future__ import annotations

import pytest

from vpcsim.errors import UnknownName
from vpcsim.services import (
    endpoint_dns_suffix,
    endpoint_types,
    full_service_name,
    is_customer_service,
    names_are_assumed,
    private_dns_names,
    regions,
    service_names,
)

PRIVATELINK = "https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html"
NAMES = "https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html"
CHINA = "https://docs.amazonaws.cn/en_us/vpc/latest/privatelink/aws-services-cross-region-privatelink-support.html"
S3 = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/privatelink-interface-endpoints.html"
CODEARTIFACT = "https://docs.aws.amazon.com/codeartifact/latest/ug/use-codeartifact-from-vpc.html"
IOT = "https://docs.aws.amazon.com/iot/latest/developerguide/IoTCore-VPC.html"
GRAFANA = "https://docs.aws.amazon.com/grafana/latest/userguide/VPC-endpoints.html"
CUSTOMER = "com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0"


@pytest.mark.parametrize(
    ("short", "region", "full", "page"),
    [
        ("sqs", "us-east-1", "com.amazonaws.us-east-1.sqs", PRIVATELINK),
        ("ecr.dkr", "eu-west-1", "com.amazonaws.eu-west-1.ecr.dkr", PRIVATELINK),
        ("bcm-data-exports", "us-east-1", "aws.api.us-east-1.bcm-data-exports", PRIVATELINK),
        ("cassandra-streams", "us-east-1", "api.aws.us-east-1.cassandra-streams", PRIVATELINK),
        ("notebook", "us-east-1", "aws.sagemaker.us-east-1.notebook", PRIVATELINK),
        ("iam", "eu-west-1", "com.amazonaws.iam", PRIVATELINK),
        ("route53", "us-east-1", "com.amazonaws.route53", PRIVATELINK),
        ("s3", "cn-north-1", "cn.com.amazonaws.cn-north-1.s3", CHINA),
        ("lambda", "cn-northwest-1", "cn.com.amazonaws.cn-northwest-1.lambda", CHINA),
        ("kms", "cn-north-1", "com.amazonaws.cn-north-1.kms", CHINA),
        ("ecs", "cn-north-1", "com.amazonaws.cn-north-1.ecs", CHINA),
        ("sqs", "us-gov-east-1", "com.amazonaws.us-gov-east-1.sqs", PRIVATELINK),
        ("com.amazonaws.us-east-1.sqs", "us-east-1", "com.amazonaws.us-east-1.sqs", PRIVATELINK),
        (CUSTOMER, "us-east-1", CUSTOMER, NAMES),
    ],
)
def test_full_service_name(short: str, region: str, full: str, page: str) -> None:
    assert full_service_name(short, region) == full, page


@pytest.mark.parametrize(
    ("service_name", "suffix", "names", "page"),
    [
        (
            "com.amazonaws.us-east-2.monitoring",
            "monitoring.us-east-2.vpce.amazonaws.com",
            "monitoring.us-east-2.amazonaws.com monitoring.us-east-2.api.aws"
            " monitoring-fips.us-east-2.amazonaws.com monitoring-fips.us-east-2.api.aws",
            PRIVATELINK,
        ),
        (
            "com.amazonaws.us-east-1.sqs",
            "sqs.us-east-1.vpce.amazonaws.com",
            "sqs.us-east-1.amazonaws.com sqs.us-east-1.api.aws",
            "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-internetwork-traffic-privacy.html",
        ),
        (
            "com.amazonaws.us-east-1.s3",
            "s3.us-east-1.vpce.amazonaws.com",
            "s3.us-east-1.amazonaws.com *.s3.us-east-1.amazonaws.com"
            " s3-control.us-east-1.amazonaws.com *.s3-control.us-east-1.amazonaws.com"
            " s3-accesspoint.us-east-1.amazonaws.com *.s3-accesspoint.us-east-1.amazonaws.com",
            S3,
        ),
        (
            "com.amazonaws.us-east-1.dynamodb",
            "dynamodb.us-east-1.vpce.amazonaws.com",
            "",
            "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/privatelink-interface-endpoints.html",
        ),
        ("com.amazonaws.us-east-1.ecr.api", "api.ecr.us-east-1.vpce.amazonaws.com", "api.ecr.us-east-1.amazonaws.com", NAMES),
        ("com.amazonaws.us-east-1.ecr.dkr", "dkr.ecr.us-east-1.vpce.amazonaws.com", "*.dkr.ecr.us-east-1.amazonaws.com", NAMES),
        (
            "com.amazonaws.us-west-2.execute-api",
            "execute-api.us-west-2.vpce.amazonaws.com",
            "*.execute-api.us-west-2.amazonaws.com",
            "https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-private-apis.html",
        ),
        (
            "com.amazonaws.us-east-1.kinesis-streams",
            "kinesis.us-east-1.vpce.amazonaws.com",
            "kinesis.us-east-1.amazonaws.com",
            "https://docs.aws.amazon.com/streams/latest/dev/vpc.html",
        ),
        (
            "com.amazonaws.us-west-2.codeartifact.repositories",
            "d.codeartifact.us-west-2.vpce.amazonaws.com",
            "*.d.codeartifact.us-west-2.amazonaws.com",
            CODEARTIFACT,
        ),
        ("com.amazonaws.us-east-1.iot.data", "data.iot.us-east-1.vpce.amazonaws.com", "", IOT),
        (
            "com.amazonaws.us-east-1.grafana-workspace",
            "grafana-workspace.us-east-1.vpce.amazonaws.com",
            "*.grafana-workspace.us-east-1.amazonaws.com",
            GRAFANA,
        ),
        (
            "com.amazonaws.us-east-1.sqs-fips",
            "sqs-fips.us-east-1.vpce.amazonaws.com",
            "sqs-fips.us-east-1.amazonaws.com",
            "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-internetwork-traffic-privacy.html",
        ),
        (
            "cn.com.amazonaws.cn-north-1.ec2",
            "ec2.cn-north-1.vpce.amazonaws.com.cn",
            "ec2.cn-north-1.amazonaws.com.cn",
            "https://docs.amazonaws.cn/en_us/vpc/latest/privatelink/privatelink-access-aws-services.html",
        ),
        ("com.amazonaws.iam", "iam.us-east-1.vpce.amazonaws.com", "iam.amazonaws.com", PRIVATELINK),
        (CUSTOMER, "vpce-svc-0123456789abcdef0.us-east-1.vpce.amazonaws.com", "", NAMES),
    ],
)
def test_names_of_an_endpoint(service_name: str, suffix: str, names: str, page: str) -> None:
    assert endpoint_dns_suffix(service_name) == suffix, page
    assert list(private_dns_names(service_name)) == names.split(), page


@pytest.mark.parametrize(
    ("service_name", "types"),
    [
        ("com.amazonaws.us-east-1.s3", ("Gateway", "Interface")),
        ("com.amazonaws.us-east-1.dynamodb", ("Gateway", "Interface")),
        ("cn.com.amazonaws.cn-north-1.s3", ("Gateway", "Interface")),
        ("com.amazonaws.us-east-1.sqs", ("Interface",)),
        (CUSTOMER, ("GatewayLoadBalancer", "Interface")),
    ],
)
def test_endpoint_types(service_name: str, types: tuple[str, ...]) -> None:
    assert endpoint_types(service_name) == types, "https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html"


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("com.amazonaws.us-east-1.sqss", "com.amazonaws.us-east-1.sqs"),
        ("com.amazonaws.us-east-1.ecr", "com.amazonaws.us-east-1.ecs"),
        ("com.amazonaws.cn-north-1.sqs", "cn.com.amazonaws.cn-north-1.sqs"),
        ("com.amazonaws.us-esat-1.sqs", "com.amazonaws.us-east-1.sqs"),
        ("com.amazonaws.mx-central-1.ec2messages", "com.amazonaws.mx-central-1.ssmmessages"),
    ],
)
def test_an_unknown_service_names_the_nearest(name: str, nearest: str) -> None:
    for ask in (private_dns_names, endpoint_dns_suffix, endpoint_types, names_are_assumed):
        with pytest.raises(UnknownName, match=f"no PrivateLink service `{name}`") as caught:
            ask(name)
    assert caught.value.nearest == nearest


def test_an_unknown_short_name_is_answered_in_kind() -> None:
    with pytest.raises(UnknownName, match="no PrivateLink service `sqz`, did you mean `sqs`") as caught:
        full_service_name("sqz", "us-east-1")
    assert caught.value.nearest == "sqs"


def test_an_unknown_region_is_not_taken_for_an_unknown_service() -> None:
    with pytest.raises(UnknownName, match="no Region `us-east-11`, did you mean `us-east-1`"):
        full_service_name("sqs", "us-east-11")
    with pytest.raises(UnknownName, match="no Region"):
        service_names("us-esat-1")


@pytest.mark.parametrize(
    "service_name", ["vpce-svc-0123", "com.amazonaws.us-east-1.sqs", "", "com.amazonaws.vpce.us-esat-1.vpce-svc-1"]
)
def test_what_is_no_customers_service(service_name: str) -> None:
    assert not is_customer_service(service_name)


@pytest.mark.parametrize("region", regions())
def test_every_service_of_every_region_has_sound_names(region: str) -> None:
    names = service_names(region)
    assert len(set(names)) == len(names) > 470
    for name in names:
        assert full_service_name(name, region) == name
        assert ".vpce." in endpoint_dns_suffix(name)
        assert not any(set("{} ") & set(private) for private in private_dns_names(name))


def test_no_two_services_of_a_region_answer_one_name() -> None:
    answered = [private for name in service_names("us-east-1") for private in private_dns_names(name)]
    assert len(answered) == len(set(answered))


def test_what_only_the_general_rule_says_is_marked() -> None:
    assert names_are_assumed("com.amazonaws.us-east-1.ecs-agent")
    assert not names_are_assumed("com.amazonaws.us-east-1.sqs")
    assert not names_are_assumed(CUSTOMER)
