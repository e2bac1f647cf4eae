"""A KMS key: its policy must allow whatever is done with it, the account's own identities included.

A key whose policy is not given has the default one, which leaves the decision to the account's identity policies.

Sources: https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html,
https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html,
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-kms-key.html.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from vpcsim import services
from vpcsim.resource import Declaration, Declared, Draft, Patch, Resource, TerraformSpelling, as_list
from vpcsim.shape import field

if TYPE_CHECKING:
    from vpcsim.network import Index


class Key(Resource):
    """See the module."""

    kind: ClassVar[str] = "key"
    section: ClassVar[str] = "Keys"
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::KMS::Key", "AWS::KMS::Alias")
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={
            "aws_kms_key": "AWS::KMS::Key",
            "aws_kms_key_policy": "aws_kms_key_policy",
            "aws_kms_alias": "AWS::KMS::Alias",
            "data.aws_kms_key": "AWS::KMS::Key",
        },
        names={"name": "AliasName", "policy": "KeyPolicy"},
        refers={"target_key_id": ("aws_kms_key",), "aws_kms_key_policy.key_id": ("aws_kms_key",)},
    )
    native_names: ClassVar[Mapping[str, str]] = {"policy": "Policy", "alias": "Aliases"}

    id: str = field(api="KeyId")
    policy: Any = None
    aliases: tuple[str, ...] = ()

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        if declaration.type == "AWS::KMS::Key":
            yield Draft(cls, declaration.id, {**fields, "Policy": fields.get("KeyPolicy")}, declaration.origin)
            return
        target = str(fields.get("TargetKeyId", "")).rpartition("/")[2]
        yield Patch(target, {"Aliases": [str(fields.get("AliasName"))]}, declaration.origin, key="TargetKeyId")

    @classmethod
    def terraform(cls, declaration: Declaration) -> Declared:
        """Sources: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/kms_key_policy,
        https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/kms_alias
        """
        fields, origin = declaration.fields, declaration.origin
        if declaration.type == "aws_kms_key_policy":
            yield Patch(fields.get("KeyId", ""), {"Policy": fields.get("KeyPolicy")}, origin, key="key_id")
        elif declaration.type == "AWS::KMS::Alias":
            name = fields.get("AliasName")
            yield Patch(fields.get("TargetKeyId", ""), {"Aliases": [name]} if name else {}, origin, key="target_key_id")
        else:
            yield from cls.cloudformation(declaration)

    @classmethod
    def cloudformation_ref(cls, declaration: Declaration) -> str:
        return str(declaration.fields.get("AliasName")) if declaration.type == "AWS::KMS::Alias" else declaration.id

    @classmethod
    def cloudformation_attribute(cls, declaration: Declaration, attribute: str) -> Any:
        found = {"Arn": _arn(declaration.id, declaration.region, declaration.account), "KeyId": declaration.id}
        return found.get(attribute) if declaration.type == "AWS::KMS::Key" else None

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        named = map(str, as_list(declaration.fields.get("Aliases")))
        aliases = [name if name.startswith("alias/") else f"alias/{name}" for name in named]
        yield Draft(cls, declaration.id, {**declaration.fields, "Aliases": aliases}, declaration.origin)

    def arn(self, region: str, account: str) -> str:
        return _arn(self.id, region, account)

    def resource_policy(self, region: str, account: str) -> Any:
        """The key's policy, or the default one."""
        root = f"arn:{services.partition_of(region)}:iam::{account}:root"
        default = {"Effect": "Allow", "Principal": {"AWS": root}, "Action": "kms:*", "Resource": "*"}
        return self.policy or {"Version": "2012-10-17", "Statement": [default]}

    def register(self, index: "Index") -> None:
        """Not a place of the packet's way."""


def _arn(id: str, region: str, account: str) -> str:
    return f"arn:{services.partition_of(region)}:kms:{region}:{account}:key/{id}"
