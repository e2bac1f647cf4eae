"""A managed policy of the account's own: roles have it attached, or for their permissions boundary.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html,
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-managedpolicy.html.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from vpcsim import services
from vpcsim.resource import Declaration, Declared, Draft, Patch, Resource, as_list
from vpcsim.shape import field

if TYPE_CHECKING:
    from vpcsim.network import Index


class ManagedPolicy(Resource):
    """See the module."""

    kind: ClassVar[str] = "managed_policy"
    section: ClassVar[str] = "ManagedPolicies"
    native_section: ClassVar[str] = "managed_policies"
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::IAM::ManagedPolicy",)
    native_names: ClassVar[Mapping[str, str]] = {"document": "PolicyDocument", "path": "Path"}

    id: str = field(api="PolicyId")
    managed_policy_name: str = ""
    path: str = "/"
    policy_document: Any

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        yield Draft(cls, declaration.id, dict(declaration.fields), declaration.origin)
        for role in as_list(declaration.fields.get("Roles")):
            yield Patch(str(role), {"ManagedPolicyArns": [cls.cloudformation_ref(declaration)]}, declaration.origin)

    @classmethod
    def cloudformation_ref(cls, declaration: Declaration) -> str:
        fields = declaration.fields
        name = str(fields.get("ManagedPolicyName", declaration.id))
        return _arn(declaration.region, declaration.account, str(fields.get("Path", "/")), name)

    @classmethod
    def cloudformation_attribute(cls, declaration: Declaration, attribute: str) -> Any:
        return cls.cloudformation_ref(declaration) if attribute == "PolicyArn" else declaration.fields.get(attribute)

    def arn(self, region: str, account: str) -> str:
        return _arn(region, account, self.path, self.managed_policy_name or self.id)

    def register(self, index: "Index") -> None:
        """Not a place of the packet's way."""


def _arn(region: str, account: str, path: str, name: str) -> str:
    return f"arn:{services.partition_of(region)}:iam::{account}:policy{path}{name}"
