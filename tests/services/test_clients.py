"""The host that each client calls: pinned rows, and boto3 itself for what it builds in this process."""

from __future__ import annotations

from typing import Any

import pytest

from vpcsim.errors import InputError
from vpcsim.services.clients import CLIENTS, Client, action_of, endpoint_of

ACCOUNT = "123456789012"
RANDE = "https://docs.aws.amazon.com/general/latest/gr/rande.html"
LEGACY = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-internetwork-traffic-privacy.html"
MIGRATION = "https://docs.aws.amazon.com/cli/latest/userguide/cliv2-migration-changes.html"
OVERRIDE = "https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html"
VARIANTS = "https://docs.aws.amazon.com/sdkref/latest/guide/feature-endpoints.html"
STS = "https://docs.aws.amazon.com/sdkref/latest/guide/feature-sts-regionalized-endpoints.html"
HOSTING = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html"
VPCE = "https://vpce-0a1.sqs.us-east-1.vpce.amazonaws.com"


def env(**variables: str) -> Client:
    return Client(environment=variables)


# action, Region, bucket, client, URL, page
ROWS: list[tuple[str, str, str, Client, str, str]] = [
    ("sqs:SendMessage", "us-east-1", "", Client(), "https://sqs.us-east-1.amazonaws.com", RANDE),
    ("sqs:SendMessage", "us-east-1", "", Client("cli-v2"), "https://sqs.us-east-1.amazonaws.com", RANDE),
    ("sqs:SendMessage", "us-east-1", "", Client("cli-v1"), "https://queue.amazonaws.com", LEGACY),
    ("sqs:SendMessage", "eu-west-1", "", Client("cli-v1"), "https://eu-west-1.queue.amazonaws.com", LEGACY),
    ("sqs:SendMessage", "cn-north-1", "", Client("cli-v1"), "https://cn-north-1.queue.amazonaws.com.cn", LEGACY),
    ("sqs:SendMessage", "us-gov-east-1", "", Client("cli-v1"), "https://sqs.us-gov-east-1.amazonaws.com", LEGACY),
    ("rds:DescribeDBInstances", "us-east-1", "", Client("cli-v1"), "https://rds.amazonaws.com", LEGACY),
    (
        "elasticmapreduce:ListClusters",
        "eu-west-1",
        "",
        Client("cli-v1"),
        "https://eu-west-1.elasticmapreduce.amazonaws.com",
        LEGACY,
    ),
    ("sns:Publish", "us-east-1", "", Client("cli-v1"), "https://sns.us-east-1.amazonaws.com", RANDE),
    # S3: the bucket stands in the host; us-east-1 is special.
    ("s3:GetObject", "us-east-1", "photos", Client(), "https://photos.s3.amazonaws.com", MIGRATION),
    ("s3:GetObject", "us-east-1", "photos", Client("cli-v1"), "https://photos.s3.amazonaws.com", MIGRATION),
    ("s3:GetObject", "us-east-1", "photos", Client("cli-v2"), "https://photos.s3.us-east-1.amazonaws.com", MIGRATION),
    ("s3:GetObject", "eu-west-1", "photos", Client(), "https://photos.s3.eu-west-1.amazonaws.com", HOSTING),
    ("s3:GetObject", "eu-west-1", "pho.tos", Client(), "https://s3.eu-west-1.amazonaws.com/pho.tos", HOSTING),
    ("s3:ListAllMyBuckets", "us-east-1", "", Client("cli-v2"), "https://s3.us-east-1.amazonaws.com", HOSTING),
    (
        "s3:GetObject",
        "us-east-1",
        "photos",
        env(AWS_S3_US_EAST_1_REGIONAL_ENDPOINT="regional"),
        "https://photos.s3.us-east-1.amazonaws.com",
        MIGRATION,
    ),
    (
        "s3:GetObject",
        "us-east-1",
        "photos",
        Client(dual_stack=True),
        "https://photos.s3.dualstack.us-east-1.amazonaws.com",
        HOSTING,
    ),
    # Dual stack and FIPS.
    ("sqs:SendMessage", "us-east-1", "", Client(fips=True), "https://sqs-fips.us-east-1.amazonaws.com", VARIANTS),
    ("sqs:SendMessage", "us-east-1", "", Client(dual_stack=True), "https://sqs.us-east-1.api.aws", VARIANTS),
    ("sqs:SendMessage", "us-east-1", "", Client("cli-v2", "", True, True), "https://sqs-fips.us-east-1.api.aws", VARIANTS),
    ("sqs:SendMessage", "us-east-1", "", env(AWS_USE_FIPS_ENDPOINT="true"), "https://sqs-fips.us-east-1.amazonaws.com", VARIANTS),
    ("sqs:SendMessage", "us-east-1", "", env(AWS_USE_DUALSTACK_ENDPOINT="true"), "https://sqs.us-east-1.api.aws", VARIANTS),
    # Overrides: the option, then the service's variable, then everybody's.
    ("sqs:SendMessage", "us-east-1", "", Client(endpoint_url=VPCE), VPCE, OVERRIDE),
    ("sqs:SendMessage", "us-east-1", "", Client("cli-v1", endpoint_url=VPCE), VPCE, OVERRIDE),
    ("sqs:SendMessage", "us-east-1", "", env(AWS_ENDPOINT_URL="https://a.example"), "https://a.example", OVERRIDE),
    (
        "sqs:SendMessage",
        "us-east-1",
        "",
        env(AWS_ENDPOINT_URL="https://a.example", AWS_ENDPOINT_URL_SQS="https://b.example"),
        "https://b.example",
        OVERRIDE,
    ),
    (
        "sqs:SendMessage",
        "us-east-1",
        "",
        env(AWS_ENDPOINT_URL_STS="https://b.example"),
        "https://sqs.us-east-1.amazonaws.com",
        OVERRIDE,
    ),
    (
        "logs:PutLogEvents",
        "us-east-1",
        "",
        env(AWS_ENDPOINT_URL_CLOUDWATCH_LOGS="https://b.example"),
        "https://b.example",
        OVERRIDE,
    ),
    (
        "sqs:SendMessage",
        "us-east-1",
        "",
        Client(endpoint_url=VPCE, environment={"AWS_ENDPOINT_URL_SQS": "https://b.example"}),
        VPCE,
        OVERRIDE,
    ),
    (
        "sqs:SendMessage",
        "us-east-1",
        "",
        env(AWS_ENDPOINT_URL="https://a.example", AWS_IGNORE_CONFIGURED_ENDPOINT_URLS="true"),
        "https://sqs.us-east-1.amazonaws.com",
        OVERRIDE,
    ),
    ("s3:GetObject", "us-east-1", "photos", Client(endpoint_url="https://a.example"), "https://a.example/photos", OVERRIDE),
    # STS, services without a Region, operations with a label of their own, services without a client.
    ("sts:GetCallerIdentity", "us-east-1", "", Client(), "https://sts.us-east-1.amazonaws.com", STS),
    ("sts:GetCallerIdentity", "eu-west-1", "", env(AWS_STS_REGIONAL_ENDPOINTS="legacy"), "https://sts.amazonaws.com", STS),
    (
        "sts:GetCallerIdentity",
        "af-south-1",
        "",
        env(AWS_STS_REGIONAL_ENDPOINTS="legacy"),
        "https://sts.af-south-1.amazonaws.com",
        STS,
    ),
    ("iam:ListUsers", "eu-west-1", "", Client(), "https://iam.amazonaws.com", RANDE),
    ("cloudwatch:PutMetricData", "eu-west-1", "", Client(), "https://monitoring.eu-west-1.amazonaws.com", RANDE),
    ("ecr:GetAuthorizationToken", "eu-west-1", "", Client(), "https://api.ecr.eu-west-1.amazonaws.com", RANDE),
    ("states:StartSyncExecution", "us-east-1", "", Client(), "https://sync-states.us-east-1.amazonaws.com", RANDE),
    ("bedrock:InvokeModel", "us-east-1", "", Client(), "https://bedrock-runtime.us-east-1.amazonaws.com", RANDE),
    ("s3:CreateJob", "us-east-1", "", Client(), "https://123456789012.s3-control.us-east-1.amazonaws.com", RANDE),
    ("ssmmessages:OpenDataChannel", "us-east-1", "", Client(), "https://ssmmessages.us-east-1.amazonaws.com", RANDE),
    ("sqs:NoSuchOperation", "us-east-1", "", Client(), "https://sqs.us-east-1.amazonaws.com", RANDE),
]


@pytest.mark.parametrize(("action", "region", "bucket", "client", "url", "page"), ROWS)
def test_host(action: str, region: str, bucket: str, client: Client, url: str, page: str) -> None:
    assert endpoint_of(action, region, ACCOUNT, client, bucket).url == url, page


MISTAKES = [
    (lambda: Client("cli-v3"), "`cli-v3` is not a client: boto3, cli-v2, cli-v1"),
    (lambda: env(AWS_USE_FIPS_ENDPONT="true"), "did you mean `AWS_USE_FIPS_ENDPOINT`?"),
    (lambda: env(HOME="/root"), "`HOME` does not decide which host a client calls; known: AWS_ENDPOINT_URL"),
    (lambda: endpoint_of("SendMessage", "us-east-1", ACCOUNT), "`SendMessage` is not an action such as `sqs:SendMessage`"),
    (lambda: endpoint_of("sqs:", "us-east-1", ACCOUNT), "`sqs:` is not an action"),
    (
        lambda: endpoint_of("sqss:SendMessage", "us-east-1", ACCOUNT),
        "`sqss` is the prefix of no known service, did you mean `sqs`?",
    ),
    (
        lambda: endpoint_of("s3:GetObject", "cn-north-1", ACCOUNT, Client(fips=True)),
        "boto3 cannot call s3 in cn-north-1: partition does not support FIPS",
    ),
    (
        lambda: endpoint_of("sqs:SendMessage", "us-east-1", ACCOUNT, Client(endpoint_url=VPCE, fips=True)),
        "FIPS and custom endpoint are not supported",
    ),
]


@pytest.mark.parametrize(("ask", "told"), MISTAKES, ids=[told for _, told in MISTAKES])
def test_a_mistake_is_told(ask: Any, told: str) -> None:
    with pytest.raises(InputError) as caught:
        ask()
    assert told.lower() in str(caught.value).lower()


ACTIONS = [
    ("sqs:SendMessageBatch", "sqs:SendMessage"),
    ("s3:ListObjectsV2", "s3:ListBucket"),
    ("s3:GetObject", "s3:GetObject"),
    ("s3:HeadObject", "s3:GetObject"),
    ("lambda:Invoke", "lambda:InvokeFunction"),
    ("sns:PublishBatch", "sns:Publish"),
    ("secretsmanager:GetSecretValue", "secretsmanager:GetSecretValue"),
]


@pytest.mark.parametrize(("operation", "action"), ACTIONS)
def test_the_action_of_an_operation(operation: str, action: str) -> None:
    """https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html"""
    assert action_of(operation) == action


CALLS = {
    ("sqs", "SendMessage"): {"QueueUrl": "https://queue.amazonaws.com/1/q", "MessageBody": "x"},
    ("s3", "GetObject"): {"Bucket": "photos", "Key": "k"},
    ("s3", "ListBuckets"): {},
    ("sts", "GetCallerIdentity"): {},
    ("dynamodb", "ListTables"): {},
    ("iam", "ListUsers"): {},
    ("s3control", "ListJobs"): {"AccountId": ACCOUNT},
    ("servicediscovery", "DiscoverInstances"): {"NamespaceName": "a", "ServiceName": "b"},
    ("stepfunctions", "StartSyncExecution"): {"stateMachineArn": "arn"},
    ("secretsmanager", "GetSecretValue"): {"SecretId": "s"},
}
OPTIONS: list[dict[str, Any]] = [
    {},
    {"use_fips_endpoint": True},
    {"use_dualstack_endpoint": True},
    {"use_fips_endpoint": True, "use_dualstack_endpoint": True},
    {"endpoint_url": VPCE},
]


def real_host(service: str, operation: str, region: str, options: dict[str, Any]) -> str:
    """The host of the request that boto3 prepares and, stopped by an event, does not send; or the type of its error."""
    import boto3
    from botocore import xform_name
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError

    met: list[str] = []

    class Stopped(Exception):
        pass

    def stop(request: Any, **_: Any) -> None:
        met.append(request.url)
        raise Stopped

    settings = {key: value for key, value in options.items() if key != "endpoint_url"}
    session = boto3.Session(aws_access_key_id="a", aws_secret_access_key="b", region_name=region)
    try:
        client = session.client(service, config=Config(**settings), endpoint_url=options.get("endpoint_url"))
        client.meta.events.register("before-send.*.*", stop)
        getattr(client, xform_name(operation))(**CALLS[service, operation])
    except Stopped:
        return met[0].partition("://")[2].partition("/")[0]
    except BotoCoreError:
        return "refused"
    return "sent"


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1", "cn-north-1", "us-gov-west-1"])
@pytest.mark.parametrize(("service", "operation"), CALLS)
def test_boto3_calls_the_same_host(service: str, operation: str, region: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/dev/null")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    bucket = CALLS[service, operation].get("Bucket", "")
    action = f"s3:{operation}" if service == "s3control" else f"{service}:{operation}"
    for options in OPTIONS:
        client = Client(
            endpoint_url=options.get("endpoint_url", ""),
            fips=options.get("use_fips_endpoint", False),
            dual_stack=options.get("use_dualstack_endpoint", False),
        )
        try:
            told = endpoint_of(action.replace("stepfunctions", "states"), region, ACCOUNT, client, bucket).host
        except InputError:
            told = "refused"
        assert told == real_host(service, operation, region, options), options


def test_the_machine_s_settings_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_SQS"):
        monkeypatch.setenv(name, "https://elsewhere.example")
    monkeypatch.setenv("AWS_USE_FIPS_ENDPOINT", "true")
    monkeypatch.setenv("AWS_DATA_PATH", "/nowhere")
    for client in CLIENTS:
        assert "fips" not in endpoint_of("sqs:SendMessage", "us-east-1", ACCOUNT, Client(client)).url
        assert "elsewhere" not in endpoint_of("sqs:SendMessage", "us-east-1", ACCOUNT, Client(client)).url
