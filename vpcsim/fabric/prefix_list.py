"""A prefix list: CIDR blocks under one id, for routes and security group rules. AWS manages some itself.

Sources: https://docs.aws.amazon.com/vpc/latest/userguide/managed-prefix-lists.html,
https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from vpcsim import services
from vpcsim.prefixes import Prefix
from vpcsim.resource import Cidr, Declaration, Declared, Draft, Resource
from vpcsim.shape import Shape, field

if TYPE_CHECKING:
    from vpcsim.network import Index
    from vpcsim.topology import Topology


class PrefixListEntry(Shape):
    """One block of a list."""

    cidr: Cidr

    @classmethod
    def read_text(cls, text: str) -> Mapping[str, Any]:
        return {"Cidr": text}


class PrefixList(Resource):
    """See the module."""

    kind: ClassVar[str] = "prefix_list"
    section: ClassVar[str] = "PrefixLists"
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::EC2::PrefixList",)
    native_names: ClassVar[Mapping[str, str]] = {"entries": "Entries"}
    native_text: ClassVar[tuple[str, ...]] = ("Entries",)
    native_scalar: ClassVar[str] = "Entries"

    id: str = field(api="PrefixListId")
    prefix_list_name: str = ""
    entries: tuple[PrefixListEntry, ...] = ()

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
            for resource in topology.resources.values()
            for r in resource.references()
            if cls.kind in r.kinds and r.id not in topology.resources
        }
        for id, region in sorted(named):
            listed = services.prefix_list_by_id(id, region)
            if listed is not None:
                topology.put(cls.managed(listed))

    def register(self, index: "Index") -> None:
        index.prefixes[self.id] = tuple(entry.cidr for entry in self.entries)
