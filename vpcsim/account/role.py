"""An IAM role: what a caller on an instance may do.

Sources: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-role.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from vpcsim import services
from vpcsim.resource import Declaration, Declared, Draft, Patch, Resource, as_list
from vpcsim.shape import Shape, field

if TYPE_CHECKING:
    from vpcsim.network import Index

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
