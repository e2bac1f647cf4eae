"""An IAM role: what a caller on an instance may do.

Sources: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-role.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from vpcsim import services
from vpcsim.account.identity import Identity, InlinePolicy, boundary_arn, named_policies
from vpcsim.resource import Declaration, Declared, Draft, Patch, Tag, TerraformSpelling, as_list, decoded
from vpcsim.shape import field

_AWS_ID = re.compile(r"AROA[A-Z0-9]{12,}|[a-z0-9]{20}|")


class Role(Identity):
    """See the module."""

    kind: ClassVar[str] = "role"
    section: ClassVar[str] = "Roles"
    described_as: ClassVar[tuple[str, ...]] = ("RoleDetailList", "Policies", "AttachedPolicies", "PolicyDocument")
    cloudformation_types: ClassVar[tuple[str, ...]] = (
        "AWS::IAM::Role",
        "AWS::IAM::Policy",
        "AWS::IAM::RolePolicy",
    )
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={
            "aws_iam_role": "AWS::IAM::Role",
            "aws_iam_role_policy": "AWS::IAM::RolePolicy",
            "aws_iam_role_policy_attachment": "aws_iam_role_policy_attachment",
            "data.aws_iam_role": "",
        },
        names={"name": "RoleName", "inline_policy": "Policies", "policy": "PolicyDocument"},
        ids={"name": "{id}"},
        refers={"role": ("aws_iam_role",)},
        arns=("policy_arn", "permissions_boundary", "managed_policy_arns"),
    )
    native_names: ClassVar[Mapping[str, str]] = {
        "managed_policies": "ManagedPolicyArns",
        "policies": "Policies",
        "allow": "Allow",
        "permissions_boundary": "PermissionsBoundary",
        "session_policies": "SessionPolicies",
        "session_tags": "SessionTags",
        "source_identity": "SourceIdentity",
    }
    named_by: ClassVar[str] = "RoleName"

    id: str = field(api="RoleId")
    role_name: str = ""
    permissions_boundary: str = ""
    session_policies: tuple[InlinePolicy, ...] = ()
    """What whoever assumes the role passes along; an instance and a function pass nothing."""
    session_tags: tuple[Tag, ...] = ()
    source_identity: str = ""

    @classmethod
    def described(cls, declaration: Declaration) -> Declared:
        """A role of `list-roles` or of `get-account-authorization-details`, or one of its policies.

        Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
        """
        fields, page = dict(declaration.fields), declaration.page
        if declaration.type == "Policies":
            return
        if declaration.type == "AttachedPolicies":
            yield Patch(_role_of(page), {"ManagedPolicyArns": [fields["PolicyArn"]]}, declaration.origin)
        elif declaration.type == "PolicyDocument":
            document = fields.get("Value", fields)
            policy = {"PolicyName": page.get("PolicyName", ""), "PolicyDocument": decoded(document)}
            yield Patch(_role_of(page), {"Policies": [policy]}, declaration.origin)
        else:
            if declaration.type == "RoleDetailList":
                fields |= _policies_of(fields, page.get("Policies") or ())
            if "PermissionsBoundary" in fields:
                fields["PermissionsBoundary"] = boundary_arn(fields["PermissionsBoundary"])
            id = described_id(fields["RoleName"]) if _AWS_ID.fullmatch(declaration.id) else declaration.id
            yield Draft(cls, id, {"Name": id, **fields}, declaration.origin)

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        if declaration.type == "AWS::IAM::Role":
            fields.setdefault("RoleName", declaration.id)
            yield Draft(cls, declaration.id, fields, declaration.origin)
            return
        listed = (as_list(fields.get(key)) for key in ("Roles", "RoleName", "Users", "Groups"))
        for identity in (each for names in listed for each in names):
            yield Patch(str(identity), {"Policies": [cls.inline(declaration)]}, declaration.origin)

    @classmethod
    def terraform(cls, declaration: Declaration) -> Declared:
        """Policies stand inside, as their own, or are attached by their ARN.

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
        else:
            yield Patch(fields.get("Role", ""), {"ManagedPolicyArns": [fields.get("PolicyArn")]}, origin, key="role")

    @classmethod
    def cloudformation_attribute(cls, declaration: Declaration, attribute: str) -> Any:
        return {"Arn": cls.declared_arn(declaration), "RoleId": declaration.id}.get(attribute)

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        if "SessionPolicies" in fields:
            fields["SessionPolicies"] = named_policies(fields["SessionPolicies"])
        if isinstance(tags := fields.get("SessionTags"), Mapping):
            fields["SessionTags"] = [{"Key": str(key), "Value": str(value)} for key, value in tags.items()]
        yield from super().native(declaration._replace(fields=fields))

    def session_arn(self, region: str, account: str, session: str) -> str:
        """The ARN of a session of the role, as AWS STS makes it: without the role's path."""
        return f"arn:{services.partition_of(region)}:sts::{account}:assumed-role/{self.identity_name}/{session}"


def _role_of(page: Mapping[str, Any]) -> str:
    return described_id(page.get("RoleName", ""))


def described_id(name: object) -> str:
    """The id of a role that output of AWS's API names: people give one name to a role and to an instance."""
    return f"role/{name}"


def _policies_of(role: Mapping[str, Any], managed: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The policies of a role, those that the account manages itself as if they were inline: their text is beside the roles."""
    own = {policy.get("Arn"): policy for policy in managed}
    inline, arns = list(role.get("RolePolicyList") or ()), []
    for attached in role.get("AttachedManagedPolicies") or ():
        versions = own.get(attached["PolicyArn"], {}).get("PolicyVersionList") or ()
        current = next((version["Document"] for version in versions if version.get("IsDefaultVersion")), None)
        if current is None:
            arns.append(attached["PolicyArn"])
        else:
            inline.append({"PolicyName": attached["PolicyName"], "PolicyDocument": current})
    policies = [{"PolicyName": p["PolicyName"], "PolicyDocument": decoded(p["PolicyDocument"])} for p in inline]
    return {"Policies": policies, "ManagedPolicyArns": arns}
