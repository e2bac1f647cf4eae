"""Creates what a model holds of services, through their own APIs.

Sources: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html,
https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html,
https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html,
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html,
https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html,
https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html,
https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vpcsim.cloud.cloud import Cloud
    from vpcsim.cloud.console import Console

Dump = Mapping[str, list[dict[str, Any]]]
QUEUE_ATTRIBUTES = ("VisibilityTimeout", "DelaySeconds", "ReceiveMessageWaitTimeSeconds", "ContentBasedDeduplication")
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


def create(dump: Dump, cloud: Cloud) -> None:
    """Create everything of the kinds that are known here."""
    for section, make in CREATED:
        for fields in dump.get(section, ()):
            make(fields, cloud.console(fields.get("Region"), fields.get("OwnerId")))


def _role(fields: dict[str, Any], console: Console) -> None:
    name = fields.get("RoleName") or fields["RoleId"]
    path = fields.get("Path") or "/"
    console.client("iam").create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=json.dumps(TRUST))


def _queue(fields: dict[str, Any], console: Console) -> None:
    name = fields["QueueName"]
    attributes = {key: str(fields[key]).lower() for key in QUEUE_ATTRIBUTES if fields.get(key) is not None}
    if name.endswith(".fifo"):
        attributes["FifoQueue"] = "true"
    console.client("sqs").create_queue(QueueName=name, Attributes=attributes)


def _redrive(fields: dict[str, Any], console: Console) -> None:
    if policy := fields.get("RedrivePolicy"):
        text = policy if isinstance(policy, str) else json.dumps(policy)
        url = console.queue_url(fields["QueueName"])
        console.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": text})


def _topic(fields: dict[str, Any], console: Console) -> None:
    sns, name = console.client("sns"), fields["TopicName"]
    arn = sns.create_topic(Name=name, Attributes={"FifoTopic": "true"} if name.endswith(".fifo") else {})["TopicArn"]
    for subscription in fields.get("Subscription", ()):
        raw = {"RawMessageDelivery": "true"} if subscription.get("RawMessageDelivery") else {}
        sns.subscribe(TopicArn=arn, Protocol=subscription["Protocol"], Endpoint=subscription["Endpoint"], Attributes=raw)


def _bucket(fields: dict[str, Any], console: Console) -> None:
    s3, name = console.client("s3"), fields["BucketName"]
    elsewhere = {"CreateBucketConfiguration": {"LocationConstraint": console.region}} if console.region != "us-east-1" else {}
    s3.create_bucket(Bucket=name, **elsewhere)
    if fields.get("VersioningConfiguration"):
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration=dict(fields["VersioningConfiguration"]))


def _table(fields: dict[str, Any], console: Console) -> None:
    given = {key: fields[key] for key in ("KeySchema", "AttributeDefinitions", "GlobalSecondaryIndexes") if fields.get(key)}
    console.client("dynamodb").create_table(TableName=fields["TableName"], BillingMode="PAY_PER_REQUEST", **given)


def _parameter(fields: dict[str, Any], console: Console) -> None:
    value = fields.get("Value") or " "
    console.client("ssm").put_parameter(Name=fields["Name"], Value=value, Type=fields.get("Type") or "String")


def _secret(fields: dict[str, Any], console: Console) -> None:
    value = fields.get("SecretString")
    if value is None:
        value = _generated(fields)
    console.client("secretsmanager").create_secret(Name=fields["Name"], SecretString=value)
    console.name_secret(fields["Name"])


def _generated(fields: dict[str, Any]) -> str:
    """A password in place of the random one, the same in every run.

    Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-secretsmanager-secret-generatesecretstring.html
    """
    from vpcsim.stable import stable_hex

    asked = fields.get("GenerateSecretString") or {}
    password = stable_hex(str(fields["Name"]), int(asked.get("PasswordLength", 32)))
    if "SecretStringTemplate" not in asked:
        return password
    return json.dumps({**json.loads(asked["SecretStringTemplate"]), asked.get("GenerateStringKey", "password"): password})


CREATED: tuple[tuple[str, Callable[[dict[str, Any], Any], None]], ...] = (
    ("Roles", _role),
    ("Queues", _queue),
    ("Queues", _redrive),
    ("Topics", _topic),
    ("Buckets", _bucket),
    ("Tables", _table),
    ("SsmParameters", _parameter),
    ("Secrets", _secret),
)
"""By the sections of a dump, in the order of creation: what is named comes before what names it."""
