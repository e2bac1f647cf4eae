"""An SNS topic, with its subscriptions.

Sources: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-sns-topic.html,
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-sns-topicpolicy.html,
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-sns-subscription.html.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from vpcsim.account.service_resource import ServiceResource, policy_patch, policy_patches
from vpcsim.resource import Declaration, Declared, Patch, TerraformSpelling
from vpcsim.shape import Shape, field


class Subscription(Shape):
    """Where a topic sends on to: the ARN of a queue, for example."""

    protocol: str
    endpoint: str
    raw_message_delivery: bool = False

    @classmethod
    def read_text(cls, text: str) -> Mapping[str, Any]:
        protocol, _, endpoint = text.strip().partition(" ")
        if not endpoint:
            raise ValueError(f"`{text}` is not a subscription such as `sqs arn:aws:sqs:us-east-1:123456789012:FilaTeste`")
        return {"Protocol": protocol, "Endpoint": endpoint.strip()}


class Topic(ServiceResource):
    """See the module."""

    kind: ClassVar[str] = "topic"
    section: ClassVar[str] = "Topics"
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::SNS::Topic", "AWS::SNS::TopicPolicy", "AWS::SNS::Subscription")
    native_names: ClassVar[Mapping[str, str]] = {"policy": "Policy", "subscriptions": "Subscription", "key": "KmsMasterKeyId"}
    native_text: ClassVar[tuple[str, ...]] = ("Subscription",)
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={
            "aws_sns_topic": "AWS::SNS::Topic",
            "aws_sns_topic_policy": "AWS::SNS::TopicPolicy",
            "aws_sns_topic_subscription": "AWS::SNS::Subscription",
            "data.aws_sns_topic": "AWS::SNS::Topic",
        },
        names={"name": "TopicName"},
        refers={"aws_sns_topic_policy.arn": ("aws_sns_topic",), "topic_arn": ("aws_sns_topic",)},
        arns=("endpoint",),
    )
    service: ClassVar[str] = "sns"
    named_by: ClassVar[str] = "TopicName"

    id: str = field(api="TopicId")
    topic_name: str = ""
    subscriptions: tuple[Subscription, ...] = field(default=(), api="Subscription")
    kms_master_key_id: str = ""

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        fields = declaration.fields
        if declaration.type == "AWS::SNS::Topic":
            yield cls.as_draft(declaration)
        elif declaration.type == "AWS::SNS::TopicPolicy":
            yield from policy_patches(cls, fields.get("Topics", ()), fields.get("PolicyDocument"), declaration)
        else:
            changes = {"Subscription": [{**fields, "WrittenAt": declaration.origin}]}
            yield Patch(cls.name_in(str(fields.get("TopicArn"))).lower(), changes, declaration.origin, cls)

    @classmethod
    def terraform(cls, declaration: Declaration) -> Declared:
        """Sources: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/sns_topic_policy,
        https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/sns_topic_subscription
        """
        fields = declaration.fields
        if declaration.type == "AWS::SNS::TopicPolicy":
            yield policy_patch(fields.get("Arn", ""), "arn", declaration)
        elif declaration.type == "AWS::SNS::Subscription":
            told = {name: fields[name] for name in ("Protocol", "Endpoint", "RawMessageDelivery") if name in fields}
            changes = {"Subscription": [{**told, "WrittenAt": declaration.origin}]}
            yield Patch(fields.get("TopicArn", ""), changes, declaration.origin, key="topic_arn")
        else:
            yield from cls.cloudformation(declaration)

    @classmethod
    def cloudformation_ref(cls, declaration: Declaration) -> str:
        return cls.declared_arn(declaration) if declaration.type == "AWS::SNS::Topic" else declaration.id

    @classmethod
    def cloudformation_attribute(cls, declaration: Declaration, attribute: str) -> Any:
        return {"TopicArn": cls.declared_arn(declaration), "TopicName": cls.spelled_name(declaration)}.get(attribute)
