"""An IAM role: what a caller on an instance may do.

Sources: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-role.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html.
"""

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from vpcsim import services
from vpcsim.resource import Declaration, Declared, Draft, Patch, Resource, TerraformSpelling, as_list, decoded
from vpcsim.shape import Shape, field

if TYPE_CHECKING:
    from vpcsim.network import Index
    from vpcsim.topology import Topology

VERSION = "2012-10-17"
_AWS_ID = re.compile(r"AROA[A-Z0-9]{12,}|[a-z0-9]{20}|")


class RolePolicy(Shape):
    """An inline policy."""

    policy_name: str
    policy_document: Any


class Role(Resource):
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
    }

    id: str = field(api="RoleId")
    role_name: str = ""
    path: str = "/"
    policies: tuple[RolePolicy, ...] = ()
    managed_policy_arns: tuple[str, ...] = ()
    permissions_boundary: str = ""
    session_policies: tuple[RolePolicy, ...] = ()
    """What whoever assumes the role passes along; an instance and a function pass nothing."""

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
            if isinstance(boundary := fields.get("PermissionsBoundary"), Mapping):
                fields["PermissionsBoundary"] = boundary.get("PermissionsBoundaryArn", "")
            id = described_id(fields["RoleName"]) if _AWS_ID.fullmatch(declaration.id) else declaration.id
            yield Draft(cls, id, {"Name": id, **fields}, declaration.origin)

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        if declaration.type == "AWS::IAM::Role":
            fields.setdefault("RoleName", declaration.id)
            yield Draft(cls, declaration.id, fields, declaration.origin)
            return
        roles = fields.get("Roles") or ([fields["RoleName"]] if "RoleName" in fields else ())
        name = fields.get("PolicyName") or declaration.id
        policy = {"PolicyName": name, "PolicyDocument": fields.get("PolicyDocument"), "WrittenAt": declaration.origin}
        for role in roles:
            yield Patch(str(role), {"Policies": [policy]}, declaration.origin)

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
        fields = declaration.fields
        name, path = str(fields.get("RoleName", declaration.id)), str(fields.get("Path", "/"))
        return {"Arn": _arn(declaration.region, declaration.account, path, name), "RoleId": declaration.id}.get(attribute)

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        fields = {"RoleName": declaration.id, **declaration.fields}
        if "ManagedPolicyArns" in fields:
            fields["ManagedPolicyArns"] = list(map(_policy_arn, as_list(fields["ManagedPolicyArns"])))
        if "PermissionsBoundary" in fields:
            fields["PermissionsBoundary"] = _policy_arn(fields["PermissionsBoundary"])
        if "SessionPolicies" in fields:
            fields["SessionPolicies"] = _named(fields["SessionPolicies"])
        if "Policies" in fields or "Allow" in fields:
            inline = _named(fields.pop("Policies", {}))
            if actions := fields.pop("Allow", None):
                statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
                inline.append({"PolicyName": "allow", "PolicyDocument": {"Version": VERSION, "Statement": [statement]}})
            fields["Policies"] = inline
        yield Draft(cls, declaration.id, fields, declaration.origin)

    def spelled(self, topology: "Topology") -> dict[str, Any]:
        fields = super().spelled(topology)
        if self.policies and len({policy.policy_name for policy in self.policies}) == len(self.policies):
            fields["policies"] = {policy.policy_name: policy.policy_document for policy in self.policies}
        if fields.get("role_name") == self.id:
            del fields["role_name"]
        return fields

    def arn(self, region: str, account: str) -> str:
        return _arn(region, account, self.path, self.role_name or self.id)

    def session_arn(self, region: str, account: str, session: str) -> str:
        """The ARN of a session of the role, as AWS STS makes it: without the role's path."""
        name = self.role_name or self.id
        return f"arn:{services.partition_of(region)}:sts::{account}:assumed-role/{name}/{session}"

    def register(self, index: "Index") -> None:
        """Not a place of the packet's way."""


def _arn(region: str, account: str, path: str, name: str) -> str:
    return f"arn:{services.partition_of(region)}:iam::{account}:role{path}{name}"


def _policy_arn(name: Any) -> str:
    return name if str(name).startswith("arn:") else f"arn:aws:iam::aws:policy/{name}"


def _named(policies: Any) -> list[dict[str, Any]]:
    """Policies by name, as the API lists them; a list is left as it is."""
    if isinstance(policies, list):
        return list(policies)
    return [{"PolicyName": name, "PolicyDocument": document} for name, document in dict(policies).items()]


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
