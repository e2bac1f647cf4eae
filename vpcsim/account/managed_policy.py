"""A managed policy of the account's own: identities have it attached, or for their permissions boundary.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html,
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-managedpolicy.html.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from vpcsim import services
from vpcsim.resource import Declaration, Declared, Draft, Patch, Resource, TerraformSpelling, as_list
from vpcsim.shape import field

if TYPE_CHECKING:
    from vpcsim.network import Index


class ManagedPolicy(Resource):
    """See the module."""

    kind: ClassVar[str] = "managed_policy"
    section: ClassVar[str] = "ManagedPolicies"
    native_section: ClassVar[str] = "managed_policies"
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::IAM::ManagedPolicy",)
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={
            "aws_iam_policy": "AWS::IAM::ManagedPolicy",
            "aws_iam_policy_attachment": "aws_iam_policy_attachment",
            "data.aws_iam_policy": "AWS::IAM::ManagedPolicy",
        },
        names={"name": "ManagedPolicyName", "policy": "PolicyDocument"},
        refers={"roles": ("aws_iam_role",)},
        arns=("policy_arn",),
    )
    native_names: ClassVar[Mapping[str, str]] = {"document": "PolicyDocument", "path": "Path"}

    id: str = field(api="PolicyId")
    managed_policy_name: str = ""
    path: str = "/"
    policy_document: Any

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        yield Draft(cls, declaration.id, dict(declaration.fields), declaration.origin)
        listed = (as_list(declaration.fields.get(key)) for key in ("Roles", "Users", "Groups"))
        for identity in (each for names in listed for each in names):
            yield Patch(str(identity), {"ManagedPolicyArns": [cls.cloudformation_ref(declaration)]}, declaration.origin)

    @classmethod
    def terraform(cls, declaration: Declaration) -> Declared:
        """Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_policy_attachment"""
        fields = declaration.fields
        if declaration.type == "aws_iam_policy_attachment":
            for role in as_list(fields.get("Roles")):
                yield Patch(role, {"ManagedPolicyArns": [fields.get("PolicyArn")]}, declaration.origin, key="roles")
        elif not str(fields.get("PolicyArn", "")).startswith("arn:aws:iam::aws:"):
            yield from cls.cloudformation(declaration)

    @classmethod
    def terraform_arn(cls, declaration: Declaration) -> str | None:
        return cls.cloudformation_ref(declaration) if declaration.type == cls.cloudformation_types[0] else None

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
