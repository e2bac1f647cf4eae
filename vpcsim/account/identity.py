"""What roles, users and groups have in common: policies of their own, and managed ones that are attached.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from vpcsim import services
from vpcsim.resource import Declaration, Declared, Draft, Resource, as_list
from vpcsim.shape import Shape

if TYPE_CHECKING:
    from vpcsim.network import Index
    from vpcsim.topology import Topology

VERSION = "2012-10-17"


class InlinePolicy(Shape):
    """A policy that belongs to one identity."""

    policy_name: str
    policy_document: Any


class Identity(Resource):
    """A subclass says which field holds its name, which is the id if that is empty."""

    named_by: ClassVar[str] = ""
    """The API's name of the field that holds its name: `RoleName`."""

    path: str = "/"
    policies: tuple[InlinePolicy, ...] = ()
    managed_policy_arns: tuple[str, ...] = ()

    @property
    def identity_name(self) -> str:
        """The name that IAM knows it by."""
        return str(getattr(self, f"{self.kind}_name") or self.id)

    @classmethod
    def inline(cls, declaration: Declaration) -> dict[str, Any]:
        """The policy that a template writes apart from whose it is."""
        fields = declaration.fields
        name = fields.get("PolicyName") or declaration.id
        return {"PolicyName": name, "PolicyDocument": fields.get("PolicyDocument"), "WrittenAt": declaration.origin}

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        fields = {cls.named_by: declaration.id, **declaration.fields}
        if "ManagedPolicyArns" in fields:
            fields["ManagedPolicyArns"] = list(map(_policy_arn, as_list(fields["ManagedPolicyArns"])))
        if "PermissionsBoundary" in fields:
            fields["PermissionsBoundary"] = _policy_arn(fields["PermissionsBoundary"])
        if "Policies" in fields or "Allow" in fields:
            inline = named_policies(fields.pop("Policies", {}))
            if actions := fields.pop("Allow", None):
                statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
                inline.append({"PolicyName": "allow", "PolicyDocument": {"Version": VERSION, "Statement": [statement]}})
            fields["Policies"] = inline
        yield Draft(cls, declaration.id, fields, declaration.origin)

    def spelled(self, topology: "Topology") -> dict[str, Any]:
        fields = super().spelled(topology)
        if self.policies and len({policy.policy_name for policy in self.policies}) == len(self.policies):
            fields["policies"] = {policy.policy_name: policy.policy_document for policy in self.policies}
        if fields.get(f"{self.kind}_name") == self.id:
            del fields[f"{self.kind}_name"]
        return fields

    @classmethod
    def declared_arn(cls, declaration: Declaration) -> str:
        """The ARN of one that a template declares."""
        fields = declaration.fields
        name, path = str(fields.get(cls.named_by) or declaration.id), str(fields.get("Path", "/"))
        return cls._arn_of(declaration.region, declaration.account, path, name)

    def arn(self, region: str, account: str) -> str:
        return self._arn_of(region, account, self.path, self.identity_name)

    @classmethod
    def _arn_of(cls, region: str, account: str, path: str, name: str) -> str:
        return f"arn:{services.partition_of(region)}:iam::{account}:{cls.kind}{path}{name}"

    def register(self, index: "Index") -> None:
        """Not a place of the packet's way."""


def named_policies(policies: Any) -> list[dict[str, Any]]:
    """Policies by name, as the API lists them; a list is left as it is."""
    if isinstance(policies, list):
        return list(policies)
    return [{"PolicyName": name, "PolicyDocument": document} for name, document in dict(policies).items()]


def boundary_arn(boundary: Any) -> Any:
    """The ARN of a permissions boundary, which the API wraps."""
    return boundary.get("PermissionsBoundaryArn", "") if isinstance(boundary, Mapping) else boundary


def _policy_arn(name: Any) -> str:
    return name if str(name).startswith("arn:") else f"arn:aws:iam::aws:policy/{name}"
