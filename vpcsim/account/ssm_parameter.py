"""A parameter in Systems Manager's Parameter Store.

Sources: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ssm-parameter.html,
https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html,
https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-access.html (the ARN).
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from vpcsim.account.service_resource import ServiceResource
from vpcsim.resource import Declaration, Declared, TerraformSpelling
from vpcsim.shape import field


class SsmParameter(ServiceResource):
    """See the module."""

    kind: ClassVar[str] = "ssm_parameter"
    section: ClassVar[str] = "SsmParameters"
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::SSM::Parameter",)
    native_names: ClassVar[Mapping[str, str]] = {"value": "Value", "type": "Type"}
    native_scalar: ClassVar[str] = "Value"
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={"aws_ssm_parameter": "AWS::SSM::Parameter", "data.aws_ssm_parameter": "AWS::SSM::Parameter"}
    )
    service: ClassVar[str] = "ssm"
    named_by: ClassVar[str] = "Name"

    id: str = field(api="ParameterId")
    value: str = ""
    type: str = field(default="String", pattern="^(String|StringList|SecureString)$")

    @classmethod
    def arn_of(cls, name: str, region: str, account: str) -> str:
        """The slash before a path stands once."""
        return super().arn_of(f"parameter/{name.removeprefix('/')}", region, account)

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        yield cls.as_draft(declaration)

    @classmethod
    def terraform(cls, declaration: Declaration) -> Declared:
        """Terraform marks every value as sensitive, and shows only `insecure_value`.

        Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ssm_parameter
        """
        fields = {name: declaration.fields[name] for name in ("Name", "Type", "Tags") if name in declaration.fields}
        if isinstance(shown := declaration.fields.get("InsecureValue"), str):
            fields["Value"] = shown
        yield from cls.cloudformation(declaration._replace(fields=fields))

    @classmethod
    def cloudformation_ref(cls, declaration: Declaration) -> str:
        return cls.spelled_name(declaration)

    @classmethod
    def cloudformation_attribute(cls, declaration: Declaration, attribute: str) -> Any:
        return declaration.fields.get(attribute) if attribute in ("Type", "Value") else None
