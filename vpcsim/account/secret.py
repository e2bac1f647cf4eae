"""A secret of Secrets Manager. Its ARN ends in six characters that the service draws, here from the name.

Sources: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-secretsmanager-secret.html,
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-secretsmanager-resourcepolicy.html,
https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html (the ARN).
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from vpcsim.account.service_resource import ServiceResource, policy_patch, policy_patches
from vpcsim.resource import Declaration, Declared, TerraformSpelling
from vpcsim.shape import field
from vpcsim.stable import stable_hex


class Secret(ServiceResource):
    """See the module."""

    kind: ClassVar[str] = "secret"
    section: ClassVar[str] = "Secrets"
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::SecretsManager::Secret", "AWS::SecretsManager::ResourcePolicy")
    native_names: ClassVar[Mapping[str, str]] = {"value": "SecretString", "policy": "Policy", "key": "KmsKeyId"}
    native_scalar: ClassVar[str] = "SecretString"
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={
            "aws_secretsmanager_secret": "AWS::SecretsManager::Secret",
            "aws_secretsmanager_secret_policy": "AWS::SecretsManager::ResourcePolicy",
            "aws_secretsmanager_secret_version": "",
            "data.aws_secretsmanager_secret": "AWS::SecretsManager::Secret",
        },
        refers={"secret_arn": ("aws_secretsmanager_secret",)},
    )
    service: ClassVar[str] = "secretsmanager"
    named_by: ClassVar[str] = "Name"
    resource_type: ClassVar[str] = "secret:"

    id: str = field(api="SecretId")
    secret_string: str | None = None
    generate_secret_string: Any = None
    kms_key_id: str = ""

    @property
    def encryption_key(self) -> str:
        return self.kms_key_id

    @classmethod
    def arn_of(cls, name: str, region: str, account: str) -> str:
        return f"{super().arn_of(name, region, account)}-{stable_hex(name, 6)}"

    @classmethod
    def name_in(cls, text: str) -> str:
        return super().name_in(text)[:-7] if text.startswith("arn:") else text

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        if declaration.type == "AWS::SecretsManager::Secret":
            yield cls.as_draft(declaration)
        else:
            fields = declaration.fields
            yield from policy_patches(cls, fields.get("SecretId"), fields.get("ResourcePolicy"), declaration)

    @classmethod
    def terraform(cls, declaration: Declaration) -> Declared:
        """A version's text is a secret, and is not read.

        Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/secretsmanager_secret_policy
        """
        if declaration.type == "AWS::SecretsManager::Secret":
            yield from cls.cloudformation(declaration)
        else:
            yield policy_patch(declaration.fields.get("SecretArn", ""), "secret_arn", declaration)

    @classmethod
    def cloudformation_ref(cls, declaration: Declaration) -> str:
        return cls.declared_arn(declaration) if declaration.type == "AWS::SecretsManager::Secret" else declaration.id

    @classmethod
    def cloudformation_attribute(cls, declaration: Declaration, attribute: str) -> Any:
        return cls.cloudformation_ref(declaration) if attribute == "Id" else None
