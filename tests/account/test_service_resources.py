"""Queues, topics, buckets, tables, parameters and secrets: how both input formats spell them, and what names them."""

from __future__ import annotations

import pytest

from vpcsim import InputError, Network, RefusedError
from vpcsim.account.service_resource import ServiceResource
from vpcsim.calling import call
from vpcsim.calling.signing import subject_of
from vpcsim.readers import topology_of
from vpcsim.readers.document import parse

TEMPLATE = """
AWSTemplateFormatVersion: "2010-09-09"
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: FilaTeste, VisibilityTimeout: 10}}
  QueuePolicy: {Type: AWS::SQS::QueuePolicy, Properties: {Queues: [!Ref Queue], PolicyDocument: &policy {Statement: []}}}
  Topic: {Type: AWS::SNS::Topic, Properties: {TopicName: Orders}}
  TopicPolicy: {Type: AWS::SNS::TopicPolicy, Properties: {Topics: [!Ref Topic], PolicyDocument: *policy}}
  Subscription:
    {Type: AWS::SNS::Subscription, Properties: {TopicArn: !Ref Topic, Protocol: sqs, Endpoint: !GetAtt Queue.Arn}}
  Bucket: {Type: AWS::S3::Bucket, Properties: {BucketName: order-files}}
  BucketPolicy: {Type: AWS::S3::BucketPolicy, Properties: {Bucket: !Ref Bucket, PolicyDocument: *policy}}
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: Orders
      KeySchema: [{AttributeName: order_id, KeyType: HASH}]
      AttributeDefinitions: [{AttributeName: order_id, AttributeType: S}]
      ResourcePolicy: {PolicyDocument: *policy}
  Parameter: {Type: AWS::SSM::Parameter, Properties: {Name: /orders/table, Type: String, Value: !GetAtt Table.Arn}}
  Secret: {Type: AWS::SecretsManager::Secret, Properties: {Name: database, SecretString: hidden}}
  SecretPolicy: {Type: AWS::SecretsManager::ResourcePolicy, Properties: {SecretId: !Ref Secret, ResourcePolicy: *policy}}
"""
NATIVE = """
vpcs: {Vpc: 10.0.0.0/16}
queues: {FilaTeste: {visibility_timeout: 10, policy: &policy {Statement: []}}}
topics: {Orders: {policy: *policy, subscriptions: "sqs arn:aws:sqs:us-east-1:123456789012:FilaTeste"}}
buckets: {order-files: {policy: *policy}}
tables: {OrderTable: {table_name: Orders, key: order_id, policy: *policy}}
ssm_parameters: {/orders/table: "arn:aws:dynamodb:us-east-1:123456789012:table/Orders"}
secrets: {database: {value: hidden, policy: *policy}}
"""
ARNS = [
    "arn:aws:sqs:us-east-1:123456789012:FilaTeste",
    "arn:aws:sns:us-east-1:123456789012:Orders",
    "arn:aws:s3:::order-files",
    "arn:aws:dynamodb:us-east-1:123456789012:table/Orders",
    "arn:aws:ssm:us-east-1:123456789012:parameter/orders/table",
    "arn:aws:secretsmanager:us-east-1:123456789012:secret:database-5a7c3d",
]


def template(text: str = TEMPLATE) -> Network:
    return Network.of(topology_of([parse(text, "template.yaml")]))


def model(text: str = NATIVE) -> Network:
    return Network.of(topology_of([parse(text, "network.yaml")]))


def resources(net: Network) -> list[ServiceResource]:
    return [r for r in net.topology.resources.values() if isinstance(r, ServiceResource)]


@pytest.mark.parametrize("net", [template(), model()], ids=["template", "native"])
def test_both_formats_give_the_same_names_arns_and_policies(net: Network) -> None:
    found = resources(net)
    assert [r.arn("us-east-1", "123456789012")[:-6] for r in found] == [arn[:-6] for arn in ARNS]
    assert [r.kind for r in found if r.policy is None] == ["ssm_parameter"]


def test_both_formats_give_the_same_fields() -> None:
    different = {"id", "name"}
    for written, short in zip(resources(template()), resources(model()), strict=True):
        for field in written.fields.keys() - different:
            mine, theirs = getattr(written, field), getattr(short, field)
            assert mine == theirs or field in ("origin", "assumed"), f"{written.kind}.{field}"


def test_what_a_template_does_not_name_is_named_after_its_id_and_assumed() -> None:
    text = """
Resources:
  myVPC: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  OrderFiles: {Type: AWS::S3::Bucket}
  Work: {Type: AWS::SQS::Queue}
"""
    bucket, queue = resources(template(text))
    assert (bucket.resource_name, bucket.assumed) == ("orderfiles", {"bucket_name"})
    assert (queue.resource_name, queue.assumed) == ("Work", {"queue_name"})


def test_a_policy_for_something_outside_of_the_template_is_skipped_with_a_reason() -> None:
    text = TEMPLATE.replace("Queues: [!Ref Queue]", "Queues: [https://sqs.us-east-1.amazonaws.com/123456789012/Other]")
    (skipped,) = template(text).topology.settings.skipped
    assert "`other`" in skipped.reason


def test_a_call_finds_the_resource_by_id_by_arn_and_by_the_arn_of_an_object() -> None:
    net = template()
    for text in ("Bucket", "arn:aws:s3:::order-files", "arn:aws:s3:::order-files/2026/1.json"):
        assert subject_of(net, text).resource is net.topology.resources["Bucket"]
    assert subject_of(net, "arn:aws:s3:::order-files-2").resource is None


DENYING = """
internet_gateways: {igw: {vpc: Vpc}}
route_tables: {rt: {subnets: s, routes: {0.0.0.0/0: igw}}}
subnets: {s: 10.0.0.0/24}
roles: {R: {allow: "s3:*"}}
instances: {app: {subnet: s, public_address: true, role: R}}
"""


def test_a_bucket_policy_decides_about_its_objects() -> None:
    deny = '{Statement: [{Effect: Deny, Principal: "*", Action: "s3:GetObject", Resource: "arn:aws:s3:::order-files/*"}]}'
    net = model(
        NATIVE.replace("buckets: {order-files: {policy: *policy}}", f"buckets: {{order-files: {{policy: {deny}}}}}") + DENYING
    )
    assert call(net, "app", "s3:GetObject", "arn:aws:s3:::order-files/a").verdict == "blocked"
    assert call(net, "app", "s3:PutObject", "arn:aws:s3:::order-files/a").verdict == "reachable"


REFUSED = [
    ("buckets: Order_Files", RefusedError, "`Order_Files` is not the name of a bucket"),
    ("topics: {t: {subscriptions: sqs}}", InputError, "`sqs` is not a subscription such as"),
    ("ssm_parameters: {p: {type: Text}}", InputError, "`Text`"),
]


@pytest.mark.parametrize(("text", "error", "message"), REFUSED, ids=["bucket", "subscription", "parameter"])
def test_what_cannot_be_used_is_refused_with_its_place(text: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error) as caught:
        model(f"vpcs: {{v: 10.0.0.0/16}}\n{text}\n")
    assert message in str(caught.value)
    assert "network.yaml:2" in str(caught.value)
