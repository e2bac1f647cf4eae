"""An IAM user, and the groups that give it their policies.

A user calls with access keys of its own, wherever it is: on an instance, at home or in a data center. Its permissions are those
of its own policies and of the groups that it is in, within its permissions boundary. A group is no principal.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_users.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_groups.html,
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-user.html,
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-group.html,
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-usertogroupaddition.html.
"""

from collections.abc import Mapping
from typing import Any, ClassVar

from vpcsim.account.identity import Identity
from vpcsim.resource import Declaration, Declared, Draft, Patch, as_list
from vpcsim.shape import field


class Group(Identity):
    """See the module."""

    kind: ClassVar[str] = "group"
    section: ClassVar[str] = "UserGroups"
    native_section: ClassVar[str] = "user_groups"
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::IAM::Group", "AWS::IAM::GroupPolicy")
    native_names: ClassVar[Mapping[str, str]] = {
        "managed_policies": "ManagedPolicyArns",
        "policies": "Policies",
        "allow": "Allow",
    }
    named_by: ClassVar[str] = "GroupName"

    id: str = field(api="GroupId")
    group_name: str = ""

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        yield from _declared(cls, declaration)

    @classmethod
    def cloudformation_attribute(cls, declaration: Declaration, attribute: str) -> Any:
        return cls.declared_arn(declaration) if attribute == "Arn" else None


class User(Identity):
    """See the module."""

    kind: ClassVar[str] = "user"
    section: ClassVar[str] = "IamUsers"
    native_section: ClassVar[str] = "users"
    cloudformation_types: ClassVar[tuple[str, ...]] = (
        "AWS::IAM::User",
        "AWS::IAM::UserPolicy",
        "AWS::IAM::UserToGroupAddition",
    )
    native_names: ClassVar[Mapping[str, str]] = {
        "managed_policies": "ManagedPolicyArns",
        "policies": "Policies",
        "allow": "Allow",
        "permissions_boundary": "PermissionsBoundary",
        "groups": "Groups",
    }
    named_by: ClassVar[str] = "UserName"

    id: str = field(api="UserId")
    user_name: str = ""
    groups: tuple[str, ...] = ()
    """By id or name. What the policies of a group outside the model allow is not known."""
    permissions_boundary: str = ""

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        fields = declaration.fields
        if declaration.type == "AWS::IAM::UserToGroupAddition":
            for user in as_list(fields.get("Users")):
                yield Patch(str(user), {"Groups": [str(fields.get("GroupName"))]}, declaration.origin, key="Users")
        else:
            yield from _declared(cls, declaration)

    @classmethod
    def cloudformation_attribute(cls, declaration: Declaration, attribute: str) -> Any:
        return cls.declared_arn(declaration) if attribute == "Arn" else None

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        if "Groups" in fields:
            fields["Groups"] = as_list(fields["Groups"])
        yield from super().native(declaration._replace(fields=fields))


def _declared(cls: type[Identity], declaration: Declaration) -> Declared:
    """The user or group itself, or a policy that is written apart."""
    fields = declaration.fields
    if declaration.type == cls.cloudformation_types[0]:
        yield Draft(cls, declaration.id, {cls.named_by: declaration.id, **fields}, declaration.origin)
    else:
        target = str(fields.get(cls.named_by))
        yield Patch(target, {"Policies": [cls.inline(declaration)]}, declaration.origin, key=cls.named_by)
