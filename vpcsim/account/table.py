"""A DynamoDB table, as far as calls need it: its keys and its policy.

Sources: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-dynamodb-table.html,
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_CreateTable.html.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from vpcsim.account.service_resource import ServiceResource, policy_patch
from vpcsim.resource import Declaration, Declared, Draft, TerraformSpelling, as_list
from vpcsim.shape import Shape, field

TYPES = ("S", "N", "B")


class KeyPart(Shape):
    """One attribute of a key: HASH is the partition key, RANGE the sort key."""

    attribute_name: str
    key_type: str = field(default="HASH", pattern="^(HASH|RANGE)$")


class AttributeDefinition(Shape):
    """The type of an attribute that is part of a key."""

    attribute_name: str
    attribute_type: str = field(default="S", pattern="^[SNB]$")


class Table(ServiceResource):
    """See the module."""

    kind: ClassVar[str] = "table"
    section: ClassVar[str] = "Tables"
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::DynamoDB::Table",)
    native_names: ClassVar[Mapping[str, str]] = {"policy": "Policy", "key": "KeySchema"}
    native_scalar: ClassVar[str] = "KeySchema"
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={
            "aws_dynamodb_table": "AWS::DynamoDB::Table",
            "aws_dynamodb_resource_policy": "aws_dynamodb_resource_policy",
            "data.aws_dynamodb_table": "AWS::DynamoDB::Table",
        },
        names={
            "attribute.name": "AttributeName",
            "attribute.type": "AttributeType",
            "attribute": "AttributeDefinitions",
            "name": "TableName",
        },
        refers={"resource_arn": ("aws_dynamodb_table",)},
    )
    service: ClassVar[str] = "dynamodb"
    named_by: ClassVar[str] = "TableName"
    resource_type: ClassVar[str] = "table/"

    id: str = field(api="TableId")
    table_name: str = ""
    key_schema: tuple[KeyPart, ...] = ()
    attribute_definitions: tuple[AttributeDefinition, ...] = ()
    global_secondary_indexes: Any = None

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        draft = cls.as_draft(declaration)
        written = draft.fields.pop("ResourcePolicy", None)
        if isinstance(written, Mapping):
            draft.fields["Policy"] = written.get("PolicyDocument")
        yield draft

    @classmethod
    def terraform(cls, declaration: Declaration) -> Declared:
        """Sources: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/dynamodb_table,
        https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/dynamodb_resource_policy
        """
        fields = declaration.fields
        if declaration.type == "aws_dynamodb_resource_policy":
            yield policy_patch(fields.get("ResourceArn", ""), "resource_arn", declaration)
            return
        keys = {"HASH": fields.get("HashKey"), "RANGE": fields.get("RangeKey")}
        own = {name: fields[name] for name in ("TableName", "AttributeDefinitions", "Tags") if name in fields}
        own["KeySchema"] = [{"AttributeName": name, "KeyType": kind} for kind, name in keys.items() if name]
        yield from cls.cloudformation(declaration._replace(fields=own))

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        """`key: order_id`, or `key: [customer, "placed N"]`: the partition key and the sort key, of strings if not told."""
        for draft in super().native(declaration):
            assert isinstance(draft, Draft)
            written = draft.fields.get("KeySchema", "id")
            if all(isinstance(part, str) for part in as_list(written)):
                parts = [str(part).partition(" ") for part in as_list(written)]
                draft.fields["KeySchema"] = [
                    {"AttributeName": name, "KeyType": "RANGE" if position else "HASH"}
                    for position, (name, _, _) in enumerate(parts)
                ]
                draft.fields["AttributeDefinitions"] = [
                    {"AttributeName": name, "AttributeType": type or "S"} for name, _, type in parts
                ]
            yield draft

    @classmethod
    def cloudformation_ref(cls, declaration: Declaration) -> str:
        return cls.spelled_name(declaration)

    @classmethod
    def cloudformation_attribute(cls, declaration: Declaration, attribute: str) -> Any:
        return cls.declared_arn(declaration) if attribute == "Arn" else None
