"""An instance profile: hands a role to an instance.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_switch-role-ec2_instance-profiles.html
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from vpcsim.account.role import described_id
from vpcsim.errors import Problem
from vpcsim.resource import Declaration, Declared, Draft, Link, Resource, TerraformSpelling, as_list, refers_to, refuse
from vpcsim.shape import field

if TYPE_CHECKING:
    from vpcsim.network import Index, Network
    from vpcsim.topology import Topology


class InstanceProfile(Resource):
    """See the module."""

    kind: ClassVar[str] = "instance_profile"
    section: ClassVar[str] = "InstanceProfiles"
    described_as: ClassVar[tuple[str, ...]] = ("RoleDetailList",)
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::IAM::InstanceProfile",)
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={"aws_iam_instance_profile": "AWS::IAM::InstanceProfile"},
        names={"role": "Roles"},
        ids={"name": "{id}"},
        refers={"role": ("aws_iam_role",)},
    )
    native_names: ClassVar[Mapping[str, str]] = {"role": "Roles", "roles": "Roles"}

    id: str = field(api="InstanceProfileId")
    roles: tuple[Annotated[str, refers_to("role")], ...] = ()

    @classmethod
    def terraform(cls, declaration: Declaration) -> Declared:
        """Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/iam_instance_profile"""
        roles = as_list(declaration.fields.get("Roles"))
        fields = {"Roles": roles, "Tags": declaration.fields.get("Tags") or ()}
        yield Draft(cls, declaration.id, fields, declaration.origin)

    @classmethod
    def cloudformation_attribute(cls, declaration: Declaration, attribute: str) -> Any:
        arn = f"arn:aws:iam::{declaration.account}:instance-profile/{declaration.id}"
        return arn if attribute == "Arn" else None

    @classmethod
    def described(cls, declaration: Declaration) -> Declared:
        """A profile, also inside a role of `get-account-authorization-details`."""
        fields = dict(declaration.fields)
        for profile in fields.get("InstanceProfileList", ()):
            yield from cls.described(declaration._replace(type=cls.section, id=profile["InstanceProfileId"], fields=profile))
        if declaration.type == cls.section:
            fields["Roles"] = [
                described_id(role["RoleName"]) if isinstance(role, Mapping) else role for role in fields.get("Roles", ())
            ]
            yield Draft(cls, declaration.id, fields, declaration.origin)

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        if isinstance(fields.get("Roles"), str):
            fields["Roles"] = [fields["Roles"]]
        yield Draft(cls, declaration.id, fields, declaration.origin)

    def refusals(self, topology: "Topology") -> Iterable[Problem]:
        if len(self.roles) > 1:
            yield refuse(f"{self.id}: an instance profile holds one role", "LimitExceeded", self)

    def register(self, index: "Index") -> None:
        """Not a place of the packet's way."""

    def links(self, net: "Network") -> Iterable[Link]:
        for role in self.roles:
            yield Link(self.id, role, "hands out")
