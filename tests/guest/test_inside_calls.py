"""boto3 on an instance: each exception is the one that the real client raises, and an answer is moto's."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import boto3
import botocore.exceptions
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from standing import ACCOUNT, ENDPOINTS, QUEUE, REGION, because, network

import vpcsim
from vpcsim import Undecided
from vpcsim.guest import cloud_of

SENT: Callable[[], Any] = lambda: boto3.client("sqs").send_message(QueueUrl=QUEUE, MessageBody="Olá mundo!")  # noqa: E731


def test_a_call_that_arrives_is_answered_by_the_cloud_of_the_network() -> None:
    net = network()
    with vpcsim.inside(net, "app"):
        sqs = boto3.client("sqs")
        sent = sqs.send_message(QueueUrl=sqs.get_queue_url(QueueName="Orders")["QueueUrl"], MessageBody="Olá mundo!")
    assert sent["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert cloud_of(net).poll("Orders") == ["Olá mundo!"]


def test_what_one_instance_sends_another_receives() -> None:
    net = network()
    with vpcsim.inside(net, "app"):
        SENT()
    with vpcsim.inside(net, "reader"):
        (message,) = boto3.client("sqs").receive_message(QueueUrl=QUEUE)["Messages"]
    assert message["Body"] == "Olá mundo!"


def test_another_network_has_another_cloud_unless_one_is_given() -> None:
    before, after = network(), network("instances: {app: {subnet: private, ip: 10.0.1.10, role: Worker, security_groups: all}}")
    cloud = cloud_of(before)
    with vpcsim.inside(before, "app"):
        SENT()
    assert cloud_of(after).poll("Orders") == []
    with vpcsim.inside(after, "app", cloud=cloud):
        SENT()
    assert len(cloud.poll("Orders")) == 2


def test_no_way_out_is_a_connect_timeout_after_every_attempt_without_waiting() -> None:
    started = time.monotonic()
    with vpcsim.inside(network(), "dark") as here, pytest.raises(botocore.exceptions.ConnectTimeoutError) as caught:
        SENT()
    assert str(caught.value) == 'Connect timeout on endpoint URL: "https://sqs.eu-west-1.amazonaws.com/"'
    assert because(caught.value).startswith("vpcsim: rt-closed: no route for ")
    assert here.waited > 3 * 60
    assert time.monotonic() - started < 30


def test_retries_and_timeouts_are_those_of_the_clients_configuration() -> None:
    config = Config(connect_timeout=7, retries={"total_max_attempts": 1})
    with vpcsim.inside(network(), "dark") as here, pytest.raises(botocore.exceptions.ConnectTimeoutError):
        boto3.client("sqs", config=config).send_message(QueueUrl=QUEUE, MessageBody="x")
    assert here.waited == 7


def test_real_time_waits() -> None:
    config = Config(connect_timeout=0.2, retries={"total_max_attempts": 1})
    started = time.monotonic()
    with vpcsim.inside(network(), "dark", real_time=True), pytest.raises(botocore.exceptions.ConnectTimeoutError):
        boto3.client("sqs", config=config).list_queues()
    assert time.monotonic() - started >= 0.2


def test_a_name_without_an_address_is_an_endpoint_connection_error() -> None:
    net = network("vpcs: {v: {cidr: 10.0.0.0/16, dns_support: false, dns_hostnames: false}}")
    with vpcsim.inside(net, "web"), pytest.raises(botocore.exceptions.EndpointConnectionError) as caught:
        boto3.client("sqs", config=Config(retries={"total_max_attempts": 1})).list_queues()
    assert str(caught.value) == 'Could not connect to the endpoint URL: "https://sqs.eu-west-1.amazonaws.com/"'
    assert "enable_dns_support is off" in because(caught.value)


def test_the_endpoint_makes_the_difference() -> None:
    with vpcsim.inside(network(ENDPOINTS), "dark"):
        SENT()
        boto3.client("s3").put_object(Bucket="order-files", Key="1.json", Body=b"{}")
        assert boto3.client("s3").get_object(Bucket="order-files", Key="1.json")["Body"].read() == b"{}"
        with pytest.raises(botocore.exceptions.ConnectTimeoutError):
            boto3.client("sns", config=Config(retries={"total_max_attempts": 1})).list_topics()


def test_without_a_role_there_are_no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "made-up")
    with vpcsim.inside(network(), "nobody"), pytest.raises(botocore.exceptions.NoCredentialsError):
        SENT()


def test_an_error_of_the_service_itself_is_the_services_answer() -> None:
    with vpcsim.inside(network(), "app"):
        sqs = boto3.client("sqs")
        with pytest.raises(sqs.exceptions.QueueDoesNotExist):
            sqs.get_queue_url(QueueName="Missing")


DENY = '{Statement: [{Effect: Deny, Principal: "*", Action: "*", Resource: "*"}]}'
ALLOW_READING = '{Statement: [{Effect: Allow, Principal: "*", Action: "sqs:ReceiveMessage", Resource: "*"}]}'


class Refused(NamedTuple):
    """A call that policies refuse: what the service says."""

    what: str
    changes: str
    instance: str
    call: Callable[[], Any]
    status: int
    code: str
    message: str


WORKER = f"User: arn:aws:sts::{ACCOUNT}:assumed-role/Worker/i-"
READER = WORKER.replace("Worker", "Reader")
SENDING = f"not authorized to perform: sqs:sendmessage on resource: arn:aws:sqs:{REGION}:{ACCOUNT}:Orders"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:Placed"
REFUSED = [
    Refused("identity", "", "reader", SENT, 403, "AccessDenied",
            f"{SENDING} because no identity-based policy allows the sqs:sendmessage action"),
    Refused("queue policy", f"queues: {{Orders: {{policy: {DENY}}}}}", "app", SENT, 403, "AccessDenied",
            f"{SENDING} with an explicit deny in a resource-based policy"),
    Refused("endpoint policy", ENDPOINTS.replace("private_dns: true", f"private_dns: true, policy: {ALLOW_READING}"), "dark",
            SENT, 403, "AccessDenied",
            f"{SENDING} because no VPC endpoint policy allows the sqs:sendmessage action"),
    Refused("bucket", "", "reader", lambda: boto3.client("s3").put_object(Bucket="order-files", Key="a b", Body=b""), 403,
            "AccessDenied", 'not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::order-files/a b" because no '
            "identity-based policy allows the s3:PutObject action"),
    Refused("bucket policy", f"buckets: {{order-files: {{policy: {DENY}}}}}", "app",
            lambda: boto3.client("s3").list_objects_v2(Bucket="order-files"), 403, "AccessDenied",
            'not authorized to perform: s3:ListBucket on resource: "arn:aws:s3:::order-files" with an explicit deny'),
    Refused("bucket without a body", "", "reader", lambda: boto3.client("s3").head_object(Bucket="order-files", Key="a"), 403,
            "403", "Forbidden"),
    Refused("topic", "", "reader",
            lambda: boto3.client("sns").publish(TopicArn=TOPIC, Message="x"), 403, "AuthorizationError",
            f"not authorized to perform: SNS:Publish on resource: {TOPIC} because"),
    Refused("table", "", "reader", lambda: boto3.client("dynamodb").put_item(TableName="Stock", Item={"item": {"S": "x"}}), 400,
            "AccessDeniedException", f"dynamodb:PutItem on resource: arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/Stock because"),
    Refused("parameter", "", "reader", lambda: boto3.client("ssm").get_parameter(Name="/orders/mode"), 400,
            "AccessDeniedException", f"ssm:GetParameter on resource: arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/orders/mode"),
    Refused("secret", f"secrets: {{database: {{value: x, policy: {DENY}}}}}", "app",
            lambda: boto3.client("secretsmanager").get_secret_value(SecretId="database"), 400, "AccessDeniedException",
            "with an explicit deny in a resource-based policy"),
    Refused("function", "", "app", lambda: boto3.client("lambda").list_functions(), 403, "AccessDeniedException",
            "lambda:ListFunctions on resource: * because no identity-based policy allows the lambda:ListFunctions action"),
    Refused("instances", "", "app", lambda: boto3.client("ec2").describe_instances(), 403, "UnauthorizedOperation",
            "not authorized to perform: ec2:DescribeInstances"),
]  # fmt: skip


@pytest.mark.parametrize("row", REFUSED, ids=[row.what for row in REFUSED])
def test_a_refused_call_is_told_in_the_services_own_words(row: Refused) -> None:
    with vpcsim.inside(network(row.changes), row.instance), pytest.raises(botocore.exceptions.ClientError) as caught:
        row.call()
    response = caught.value.response
    assert (response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]) == (row.code, row.status)
    assert row.message in response["Error"]["Message"]
    if row.message != "Forbidden":
        assert response["Error"]["Message"].startswith((WORKER, READER))


def test_a_refused_message_does_not_land() -> None:
    net = network(f"queues: {{Orders: {{policy: {DENY}}}}}")
    with vpcsim.inside(net, "app"), pytest.raises(botocore.exceptions.ClientError):
        SENT()
    assert cloud_of(net).poll("Orders") == []


def test_who_is_asked_needs_no_permission() -> None:
    with vpcsim.inside(network(), "reader"):
        told = boto3.client("sts").get_caller_identity()
    assert told["Account"] == ACCOUNT
    assert told["Arn"].startswith(f"arn:aws:sts::{ACCOUNT}:assumed-role/Reader/i-")


def test_what_the_model_does_not_hold_is_undecided_not_denied() -> None:
    policy = "{P: {Statement: [{Effect: Allow, Action: 'kms:*', Resource: 'arn:aws:kms:eu-west-1:222222222222:key/k'}]}}"
    net = network(f"roles: {{Worker: {{allow: null, policies: {policy}}}}}")
    with vpcsim.inside(net, "app"), pytest.raises(Undecided, match="is about some resources only"):
        boto3.client("kms").encrypt(KeyId="alias/k", Plaintext=b"x")


def test_everything_of_the_model_exists_under_its_name_in_its_region_and_account() -> None:
    with vpcsim.inside(network(), "app"):
        assert boto3.Session().region_name == REGION
        assert boto3.client("sqs").get_queue_url(QueueName="Orders")["QueueUrl"] == QUEUE
        sns = boto3.client("sns")
        assert [topic["TopicArn"] for topic in sns.list_topics()["Topics"]] == [f"arn:aws:sns:{REGION}:{ACCOUNT}:Placed"]
        assert [bucket["Name"] for bucket in boto3.client("s3").list_buckets()["Buckets"]] == ["order-files"]
        table = boto3.client("dynamodb").describe_table(TableName="Stock")["Table"]
        assert table["TableArn"] == f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/Stock"
        assert boto3.client("ssm").get_parameter(Name="/orders/mode")["Parameter"]["Value"] == "fast"
        secret = boto3.client("secretsmanager").get_secret_value(SecretId="database")
        assert json.loads(secret["SecretString"]) == {"password": "made-up"}
        assert secret["ARN"].startswith(f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:database-")
        sns.publish(TopicArn=f"arn:aws:sns:{REGION}:{ACCOUNT}:Placed", Message="an order")
        assert "an order" in boto3.client("sqs").receive_message(QueueUrl=QUEUE)["Messages"][0]["Body"]


def test_a_secret_is_found_by_the_arn_that_the_model_gives() -> None:
    net = network()
    arn = net.topology.resources["database"].arn(REGION, ACCOUNT)  # type: ignore[attr-defined]
    with vpcsim.inside(net, "app"):
        assert boto3.client("secretsmanager").get_secret_value(SecretId=arn)["ARN"] == arn


def test_a_long_poll_passes_at_once() -> None:
    started = time.monotonic()
    with vpcsim.inside(network(), "app") as here:
        assert "Messages" not in boto3.client("sqs").receive_message(QueueUrl=QUEUE, WaitTimeSeconds=20)
    assert here.waited == 20
    assert time.monotonic() - started < 15


def test_an_address_family_that_the_instance_lacks_is_an_endpoint_connection_error() -> None:
    with vpcsim.inside(network(), "app"):
        sqs = boto3.client("sqs", endpoint_url="https://[2001:db8::1]/", config=Config(retries={"total_max_attempts": 1}))
        with pytest.raises(botocore.exceptions.EndpointConnectionError):
            sqs.list_queues()


@pytest.mark.parametrize(
    "host",
    [
        "{name}.sqs.eu-west-1.vpce.amazonaws.com",
        "{name}-eu-west-1a.sqs.eu-west-1.vpce.amazonaws.com",
        "sqs.eu-west-1.api.aws",
        "sqs.eu-west-1.amazonaws.com",
    ],
)
def test_every_host_of_a_service_leads_to_the_same_queues(host: str) -> None:
    net = network(ENDPOINTS)
    name = net.topology.resources["e-sqs"].regional_name.partition(".")[0]  # type: ignore[attr-defined]
    with vpcsim.inside(net, "app"):
        sqs = boto3.client("sqs", endpoint_url=f"https://{host.format(name=name)}")
        assert sqs.send_message(QueueUrl=QUEUE, MessageBody="x")["MessageId"]
    assert cloud_of(net).poll("Orders") == ["x"]


def test_other_credentials_than_the_roles_are_undecided() -> None:
    with vpcsim.inside(network(), "app"), pytest.raises(Undecided, match="signed by AKIAIOSFODNN7EXAMPLE"):
        boto3.client("sqs", aws_access_key_id="AKIAIOSFODNN7EXAMPLE", aws_secret_access_key="made-up").list_queues()


def test_a_request_without_a_signature_is_denied_unless_a_resource_policy_might_allow_it() -> None:
    unsigned = Config(signature_version=UNSIGNED)
    with vpcsim.inside(network(), "app"), pytest.raises(botocore.exceptions.ClientError, match="AccessDenied"):
        boto3.client("s3", config=unsigned).list_objects_v2(Bucket="order-files")
    public = '{Statement: [{Effect: Allow, Principal: "*", Action: "s3:*", Resource: "*"}]}'
    net = network(f"buckets: {{order-files: {{policy: {public}}}}}")
    with vpcsim.inside(net, "app"), pytest.raises(Undecided, match="the request has no signature"):
        boto3.client("s3", config=unsigned).list_objects_v2(Bucket="order-files")


ONCE = Config(retries={"total_max_attempts": 1})
ALIASED = ENDPOINTS + "hosted_zones: {corp.example.com: {vpcs: v, records: {queue: CNAME sqs.eu-west-1.amazonaws.com}}}"


def test_a_name_that_is_not_on_the_certificate_is_an_ssl_error() -> None:
    with vpcsim.inside(network(ALIASED), "app"), pytest.raises(botocore.exceptions.SSLError) as caught:
        boto3.client("sqs", endpoint_url="https://queue.corp.example.com", config=ONCE).list_queues()
    assert "not for queue.corp.example.com" in because(caught.value)
