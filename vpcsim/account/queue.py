"""An SQS queue: its URL names the host that clients call.

Sources: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-message-identifiers.html,
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-sqs-queue.html.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from vpcsim import services
from vpcsim.resource import Declaration, Declared, Draft, Patch, Resource, TerraformSpelling
from vpcsim.shape import field

if TYPE_CHECKING:
    from vpcsim.network import Index


class Queue(Resource):
    """See the module."""

    kind: ClassVar[str] = "queue"
    section: ClassVar[str] = "Queues"
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::SQS::Queue", "AWS::SQS::QueuePolicy")
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={"aws_sqs_queue": "AWS::SQS::Queue", "aws_sqs_queue_policy": "AWS::SQS::QueuePolicy"},
        names={"name": "QueueName", "url": "QueueUrl"},
        ids={"url": "{id}"},
        refers={"queue_url": ("aws_sqs_queue",)},
    )
    native_names: ClassVar[Mapping[str, str]] = {"policy": "Policy"}

    id: str = field(api="QueueId")
    queue_name: str = ""
    policy: Any = None

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        if declaration.type == "AWS::SQS::Queue":
            assumed = () if "QueueName" in fields else ("queue_name",)
            fields.setdefault("QueueName", declaration.id)
            yield Draft(cls, declaration.id, fields, declaration.origin, assumed)
            return
        for url in fields.get("Queues", ()):
            yield Patch(str(url).rpartition("/")[2], {"Policy": fields.get("PolicyDocument")}, declaration.origin)

    @classmethod
    def terraform(cls, declaration: Declaration) -> Declared:
        """Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/sqs_queue_policy"""
        fields = declaration.fields
        if declaration.type == "AWS::SQS::Queue":
            yield from cls.cloudformation(declaration)
        else:
            yield Patch(fields.get("QueueUrl", ""), {"Policy": fields.get("Policy")}, declaration.origin, key="queue_url")

    @classmethod
    def cloudformation_ref(cls, declaration: Declaration) -> str:
        return queue_url(str(declaration.fields.get("QueueName", declaration.id)), declaration.region, declaration.account)

    @classmethod
    def cloudformation_attribute(cls, declaration: Declaration, attribute: str) -> Any:
        name = str(declaration.fields.get("QueueName", declaration.id))
        arn = queue_arn(name, declaration.region, declaration.account)
        return {"Arn": arn, "QueueName": name, "QueueUrl": cls.cloudformation_ref(declaration)}.get(attribute)

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        yield Draft(cls, declaration.id, {"QueueName": declaration.id, **declaration.fields}, declaration.origin)

    def register(self, index: "Index") -> None:
        """Not a place of the packet's way: the service's host is."""
        index.host_of[self.id] = self.host(index.topology.settings.region)

    def host(self, region: str) -> str:
        """The host name of the queue's URL."""
        return f"sqs.{region}.{services.dns_suffix(region)}"


def queue_url(name: str, region: str, account: str) -> str:
    return f"https://sqs.{region}.{services.dns_suffix(region)}/{account}/{name}"


def queue_arn(name: str, region: str, account: str) -> str:
    return f"arn:{services.partition_of(region)}:sqs:{region}:{account}:{name}"
