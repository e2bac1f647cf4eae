"""An SQS queue: its URL names the host that clients call.

Sources: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-message-identifiers.html,
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-sqs-queue.html,
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-sqs-queuepolicy.html.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from vpcsim import services
from vpcsim.account.service_resource import ServiceResource, policy_patch, policy_patches
from vpcsim.resource import Declaration, Declared, Draft, TerraformSpelling, decoded
from vpcsim.shape import field

DEFAULTS = {
    "VisibilityTimeout": 30,
    "DelaySeconds": 0,
    "ReceiveMessageWaitTimeSeconds": 0,
    "ContentBasedDeduplication": False,
    "KmsMasterKeyId": "",
    "RedrivePolicy": "",
}
"""What holds where nothing is said, and what Terraform writes there.

Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
"""


class Queue(ServiceResource):
    """See the module."""

    kind: ClassVar[str] = "queue"
    section: ClassVar[str] = "Queues"
    described_as: ClassVar[tuple[str, ...]] = ("QueueUrls", "Attributes")
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::SQS::Queue", "AWS::SQS::QueuePolicy")
    native_names: ClassVar[Mapping[str, str]] = {
        "policy": "Policy",
        "visibility_timeout": "VisibilityTimeout",
        "delay": "DelaySeconds",
        "wait": "ReceiveMessageWaitTimeSeconds",
        "redrive": "RedrivePolicy",
        "key": "KmsMasterKeyId",
    }
    service: ClassVar[str] = "sqs"
    named_by: ClassVar[str] = "QueueName"
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={
            "aws_sqs_queue": "AWS::SQS::Queue",
            "aws_sqs_queue_policy": "AWS::SQS::QueuePolicy",
            "data.aws_sqs_queue": "AWS::SQS::Queue",
        },
        names={"name": "QueueName", "url": "QueueUrl"},
        ids={"url": "{id}"},
        refers={"queue_url": ("aws_sqs_queue",)},
    )

    id: str = field(api="QueueId")
    queue_name: str = ""
    visibility_timeout: int | None = field(default=None, ge=0, le=43200)
    delay_seconds: int | None = field(default=None, ge=0, le=900)
    receive_message_wait_time_seconds: int | None = field(default=None, ge=0, le=20)
    content_based_deduplication: bool | None = None
    redrive_policy: Any = None
    kms_master_key_id: str = ""
    """The key of AWS KMS that encrypts the messages, by id, ARN or alias; none for the encryption that SQS manages."""

    @classmethod
    def described(cls, declaration: Declaration) -> Declared:
        """`{"QueueUrls": [...]}`, and `{"QueueUrl": ..., "Attributes": {"QueueArn": ..., "Policy": ...}}`."""
        fields = dict(declaration.fields)
        if declaration.type == cls.section:
            yield Draft(cls, declaration.id, fields, declaration.origin)
        elif declaration.type == "QueueUrls":
            name = str(fields["Value"]).rpartition("/")[2]
            yield Draft(cls, name, {"QueueName": name}, declaration.origin)
        elif "QueueArn" in fields:
            name = str(fields["QueueArn"]).rpartition(":")[2]
            made = {"QueueName": name, "Policy": decoded(fields.get("Policy"))}
            yield Draft(cls, name, made, declaration.origin)

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        if declaration.type == "AWS::SQS::Queue":
            yield cls.as_draft(declaration)
        else:
            fields = declaration.fields
            yield from policy_patches(cls, fields.get("Queues", ()), fields.get("PolicyDocument"), declaration)

    @classmethod
    def name_in(cls, text: str) -> str:
        return text.rpartition("/")[2] if "://" in text else super().name_in(text)

    @classmethod
    def terraform(cls, declaration: Declaration) -> Declared:
        """Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/sqs_queue_policy"""
        fields = declaration.fields
        if declaration.type == "AWS::SQS::Queue":
            said = {name: value for name, value in fields.items() if name not in DEFAULTS or value not in (DEFAULTS[name], None)}
            yield from cls.cloudformation(declaration._replace(fields=said))
        else:
            yield policy_patch(fields.get("QueueUrl", ""), "queue_url", declaration)

    @classmethod
    def cloudformation_ref(cls, declaration: Declaration) -> str:
        if declaration.type != "AWS::SQS::Queue":
            return declaration.id
        return queue_url(cls.spelled_name(declaration), declaration.region, declaration.account)

    @classmethod
    def cloudformation_attribute(cls, declaration: Declaration, attribute: str) -> Any:
        name, arn = cls.spelled_name(declaration), cls.declared_arn(declaration)
        return {"Arn": arn, "QueueName": name, "QueueUrl": cls.cloudformation_ref(declaration)}.get(attribute)


def queue_url(name: str, region: str, account: str) -> str:
    """The URL by which clients name a queue."""
    return f"https://sqs.{region}.{services.dns_suffix(region)}/{account}/{name}"
