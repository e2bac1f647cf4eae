"""A task definition of ECS, as far as calls need it: the role of the tasks, and the one that starts them.

The execution role pulls images, fetches secrets and writes logs; the task role signs the calls of the containers.

Sources: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html,
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from vpcsim.resource import Declaration, Resource, TerraformSpelling
from vpcsim.shape import field

if TYPE_CHECKING:
    from vpcsim.network import Index


class TaskDefinition(Resource):
    """See the module."""

    kind: ClassVar[str] = "task_definition"
    section: ClassVar[str] = "TaskDefinitions"
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::ECS::TaskDefinition",)
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={"aws_ecs_task_definition": "AWS::ECS::TaskDefinition", "data.aws_ecs_task_definition": ""},
        ids={"arn_without_revision": "{id}", "family": "{id}"},
        refers={"task_role_arn": ("aws_iam_role",), "execution_role_arn": ("aws_iam_role",)},
    )
    native_names: ClassVar[Mapping[str, str]] = {"role": "TaskRoleArn", "execution_role": "ExecutionRoleArn"}

    id: str = field(api="TaskDefinitionId")
    task_role_arn: str = ""
    execution_role_arn: str = ""

    @classmethod
    def cloudformation_attribute(cls, declaration: Declaration, attribute: str) -> Any:
        return declaration.id if attribute == "TaskDefinitionArn" else declaration.fields.get(attribute)

    def register(self, index: "Index") -> None:
        """Not a place of the packet's way."""
