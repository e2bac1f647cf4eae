"""An IAM role: what a caller on an instance may do.

Sources: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-role.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html.
"""

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from vpcsim import services
from vpcsim.resource import Declaration, Declared, Draft, Patch, Resource, as_list, decoded
from vpcsim.shape import Shape, field

if TYPE_CHECKING:
    from vpcsim.network import Index
    from vpcsim.policy import PolicyDocument
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
        "AWS::IAM::ManagedPolicy",
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
        name = fields.get("PolicyName") or fields.get("ManagedPolicyName") or declaration.id
        policy = {"PolicyName": name, "PolicyDocument": fields.get("PolicyDocument"), "WrittenAt": declaration.origin}
        for role in roles:
            yield Patch(str(role), {"Policies": [policy]}, declaration.origin)

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
            listed = policies if isinstance(policies, list) else None
            inline = listed or [{"PolicyName": name, "PolicyDocument": document} for name, document in dict(policies).items()]
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
