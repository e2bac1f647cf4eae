"""An IAM role: what a caller on an instance may do.

Sources: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-role.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from vpcsim import services
from vpcsim.resource import Declaration, Declared, Draft, Patch, Resource, TerraformSpelling, as_list
from vpcsim.shape import Shape, field

if TYPE_CHECKING:
    from vpcsim.network import Index
    from vpcsim.policy import PolicyDocument

VERSION = "2012-10-17"


class RolePolicy(Shape):
    """An inline policy."""

    policy_name: str
    policy_document: Any


class Role(Resource):
    """See the module."""

    kind: ClassVar[str] = "role"
    section: ClassVar[str] = "Roles"
    cloudformation_types: ClassVar[tuple[str, ...]] = (
        "AWS::IAM::Role",
        "AWS::IAM::Policy",
        "AWS::IAM::RolePolicy",
        "AWS::IAM::ManagedPolicy",
    )
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={
            "aws_iam_role": "AWS::IAM::Role",
            "aws_iam_role_policy": "AWS::IAM::RolePolicy",
            "aws_iam_role_policy_attachment": "aws_iam_role_policy_attachment",
            "aws_iam_policy": "",
        },
        names={"name": "RoleName", "inline_policy": "Policies", "policy": "PolicyDocument"},
        ids={"name": "{id}"},
        refers={"role": ("aws_iam_role",), "policy_arn": ("aws_iam_policy",)},
        owner="policy_arn",
    )
    native_names: ClassVar[Mapping[str, str]] = {
        "managed_policies": "ManagedPolicyArns",
        "policies": "Policies",
        "allow": "Allow",
    }

    id: str = field(api="RoleId")
    role_name: str = ""
    path: str = "/"
    policies: tuple[RolePolicy, ...] = ()
    managed_policy_arns: tuple[str, ...] = ()

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        if declaration.type == "AWS::IAM::Role":
            fields.setdefault("RoleName", declaration.id)
            yield Draft(cls, declaration.id, fields, declaration.origin)
            return
        roles = fields.get("Roles") or ([fields["RoleName"]] if "RoleName" in fields else ())
        name = fields.get("PolicyName") or fields.get("ManagedPolicyName") or declaration.id
        policy = {"PolicyName": name, "PolicyDocument": fields.get("PolicyDocument"), "WrittenAt": declaration.origin}
        for role in roles:
            yield Patch(str(role), {"Policies": [policy]}, declaration.origin)

    @classmethod
    def terraform(cls, declaration: Declaration) -> Declared:
        """Policies stand inside, as their own, or are attached: those of AWS by their ARN, others by their document.

        Sources: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_role,
        https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_role_policy_attachment
        """
        fields, origin = dict(declaration.fields), declaration.origin
        if declaration.type == "AWS::IAM::Role":
            given = [p for p in as_list(fields.get("Policies")) if isinstance(p, Mapping) and "PolicyDocument" in p]
            fields["Policies"] = [{"PolicyName": p.get("RoleName", ""), "PolicyDocument": p["PolicyDocument"]} for p in given]
            yield from cls.cloudformation(declaration._replace(fields=fields))
        elif declaration.type == "AWS::IAM::RolePolicy":
            policy = {
                "PolicyName": fields.get("RoleName", declaration.id),
                "PolicyDocument": fields.get("PolicyDocument"),
                "WrittenAt": origin,
            }
            yield Patch(fields.get("Role", ""), {"Policies": [policy]}, origin, key="role")
        elif document := declaration.existing.get("policy"):
            policy = {"PolicyName": declaration.existing.get("name", ""), "PolicyDocument": document, "WrittenAt": origin}
            yield Patch(fields.get("Role", ""), {"Policies": [policy]}, origin, key="role")
        else:
            yield Patch(fields.get("Role", ""), {"ManagedPolicyArns": [fields.get("PolicyArn")]}, origin, key="role")

    @classmethod
    def cloudformation_attribute(cls, declaration: Declaration, attribute: str) -> Any:
        name = declaration.fields.get("RoleName", declaration.id)
        return {"Arn": f"arn:aws:iam::{declaration.account}:role/{name}", "RoleId": declaration.id}.get(attribute)

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        fields = {"RoleName": declaration.id, **declaration.fields}
        if "ManagedPolicyArns" in fields:
            names = map(str, as_list(fields["ManagedPolicyArns"]))
            fields["ManagedPolicyArns"] = [n if n.startswith("arn:") else f"arn:aws:iam::aws:policy/{n}" for n in names]
        if "Policies" in fields or "Allow" in fields:
            policies = fields.pop("Policies", {})
            inline = [{"PolicyName": name, "PolicyDocument": document} for name, document in dict(policies).items()]
            if actions := fields.pop("Allow", None):
                statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
                inline.append({"PolicyName": "allow", "PolicyDocument": {"Version": VERSION, "Statement": [statement]}})
            fields["Policies"] = inline
        yield Draft(cls, declaration.id, fields, declaration.origin)

    def arn(self, account: str) -> str:
        return f"arn:aws:iam::{account}:role{self.path}{self.role_name or self.id}"

    def inline(self) -> "list[PolicyDocument]":
        """The inline policies. Raises InputError for a document that is none."""
        from vpcsim.policy import PolicyDocument

        return [
            PolicyDocument.parse(policy.policy_document, f"{self.id}/{policy.policy_name}", policy.origin or self.origin)
            for policy in self.policies
        ]

    def managed(self) -> "tuple[list[PolicyDocument], list[str]]":
        """The managed policies whose text is known, and the names of the others."""
        from vpcsim.policy import PolicyDocument

        texts = {arn.rpartition("/")[2]: services.managed_policy(arn) for arn in self.managed_policy_arns}
        known = [PolicyDocument.parse(text, name, self.origin) for name, text in texts.items() if text is not None]
        return known, [name for name, text in texts.items() if text is None]

    def register(self, index: "Index") -> None:
        """Not a place of the packet's way."""
