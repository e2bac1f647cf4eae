"""A prefix list: CIDR blocks under one id, for routes and security group rules. AWS manages some itself.

Sources: https://docs.aws.amazon.com/vpc/latest/userguide/managed-prefix-lists.html,
https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from vpcsim import services
from vpcsim.prefixes import Prefix
from vpcsim.references import may_name
from vpcsim.resource import Cidr, Declaration, Declared, Draft, Patch, Resource, TerraformSpelling
from vpcsim.shape import Shape, field

if TYPE_CHECKING:
    from vpcsim.network import Index
    from vpcsim.topology import Topology


class PrefixListEntry(Shape):
    """One block of a list."""

    cidr: Cidr

    def line(self, name: str) -> str:
        return str(self.cidr)

    @classmethod
    def read_text(cls, text: str) -> Mapping[str, Any]:
        return {"Cidr": text}


class PrefixList(Resource):
    """See the module."""

    kind: ClassVar[str] = "prefix_list"
    section: ClassVar[str] = "PrefixLists"
    described_as: ClassVar[tuple[str, ...]] = ("ManagedPrefixLists", "Entries")
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::EC2::PrefixList",)
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={
            "aws_ec2_managed_prefix_list": "AWS::EC2::PrefixList",
            "data.aws_ec2_managed_prefix_list": "AWS::EC2::PrefixList",
            "aws_ec2_managed_prefix_list_entry": "aws_ec2_managed_prefix_list_entry",
        },
        names={"name": "PrefixListName", "entry": "Entries"},
        refers={"prefix_list_id": ("aws_ec2_managed_prefix_list",)},
    )
    native_names: ClassVar[Mapping[str, str]] = {"entries": "Entries"}
    native_text: ClassVar[tuple[str, ...]] = ("Entries",)
    native_scalar: ClassVar[str] = "Entries"

    id: str = field(api="PrefixListId")
    prefix_list_name: str = ""
    entries: tuple[PrefixListEntry, ...] = ()
    undescribed: bool = False
    """Whether the input only names the list, so that nobody knows its entries."""

    @classmethod
    def stand_in(cls, id: str, named_by: Draft, drafts: Mapping[str, Draft]) -> Draft | None:
        """A list of AWS's own from the shipped table, or else one without entries."""
        region = named_by.fields.get("Region")
        listed = services.prefix_list_by_id(id, str(region)) if region else None
        if listed is None:
            return Draft(cls, id, {"Undescribed": True}, named_by.origin)
        entries = [{"Cidr": cidr} for cidr in listed.cidrs]
        about = {"PrefixListName": listed.name, "Name": listed.name, "OwnerId": "AWS", "Entries": entries}
        return Draft(cls, id, about, named_by.origin, ("entries",))

    @classmethod
    def described(cls, declaration: Declaration) -> Declared:
        """A list, and its entries from an answer of their own: `{"PrefixListId": ..., "Entries": [{"Cidr": ...}]}`."""
        fields = dict(declaration.fields)
        if declaration.type == "Entries":
            entries = [{"Cidr": fields["Cidr"]}]
            yield Patch(str(declaration.page.get("PrefixListId", "")), {"Entries": entries}, declaration.origin)
            return
        if "Cidrs" in fields:
            fields["Entries"] = [{"Cidr": cidr} for cidr in fields.pop("Cidrs")]
        yield Draft(cls, declaration.id, fields, declaration.origin)

    @classmethod
    def cloudformation_attribute(cls, declaration: Declaration, attribute: str) -> Any:
        """Its ARN, for what takes no id. Source: the return values of AWS::EC2::PrefixList."""
        named = {"Arn": declaration.id, "PrefixListId": declaration.id}
        return named.get(attribute) or super().cloudformation_attribute(declaration, attribute)

    @classmethod
    def lacking(cls, fields: Mapping[str, Any]) -> str:
        return "" if fields.get("Entries") else "its entries are not in the files"

    @classmethod
    def terraform(cls, declaration: Declaration) -> Declared:
        """Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/ec2_managed_prefix_list_entry"""
        if declaration.type == "aws_ec2_managed_prefix_list_entry":
            entry = {"Cidr": declaration.fields.get("Cidr"), "WrittenAt": declaration.origin}
            yield Patch(
                declaration.fields.get("PrefixListId", ""), {"Entries": [entry]}, declaration.origin, key="prefix_list_id"
            )
        else:
            yield from cls.cloudformation(declaration)

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        yield Draft(cls, declaration.id, {"PrefixListName": declaration.id, **declaration.fields}, declaration.origin)

    @classmethod
    def managed(cls, listed: services.ManagedPrefixList) -> "PrefixList":
        """A list of AWS's own, from the shipped table."""
        entries = tuple(PrefixListEntry(cidr=Prefix.parse(cidr)) for cidr in listed.cidrs)
        assumed = frozenset({"id"} if listed.assumed else ())
        return cls(id=listed.id, name=listed.name, prefix_list_name=listed.name, owner_id="AWS", entries=entries, assumed=assumed)

    @classmethod
    def complete(cls, topology: "Topology") -> None:
        """Bring in those of AWS's lists that the model names by their id."""
        named = {
            (r.id, topology.region_of(resource))
            for shape in topology.settings.shapes
            if may_name(shape, cls.kind)
            for resource in topology.of(shape)
            for r in resource.references()
            if cls.kind in r.kinds and r.id not in topology.resources
        }
        for id, region in sorted(named):
            listed = services.prefix_list_by_id(id, region)
            if listed is not None:
                topology.put(cls.managed(listed))

    def register(self, index: "Index") -> None:
        index.prefixes[self.id] = tuple(entry.cidr for entry in self.entries)
