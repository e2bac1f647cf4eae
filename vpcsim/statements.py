"""The statements of an input on their way to resources: what is declared, how it is spelled, what else changes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from vpcsim.errors import Origin

if TYPE_CHECKING:
    from vpcsim.resource import Resource

Fields = dict[str, Any]


class Draft:
    """A resource on its way in: API-shaped fields that are not validated yet. Patches of other statements land here."""

    __slots__ = ("assumed", "fields", "id", "origin", "shape")

    def __init__(
        self, shape: type[Resource], id: str, fields: Fields, origin: Origin | None, assumed: Iterable[str] = ()
    ) -> None:
        self.shape, self.id, self.fields, self.origin, self.assumed = shape, id, fields, origin, set(assumed)

    def with_fields(self, fields: Fields) -> Draft:
        """The same draft with other fields."""
        return Draft(self.shape, self.id, fields, self.origin, self.assumed)


class Patch(NamedTuple):
    """A statement that is not a resource of its own but a part of one: a route, an association, an attachment.

    A list extends the target's list, anything else sets the field; `Outer.Inner` sets a field inside one. With `named` the
    target is not an id but the name of a resource of that class. `key` is the property that names the target, for messages.
    """

    target: str
    fields: Fields
    origin: Origin | None
    named: type[Resource] | None = None
    key: str = ""


Declared = Iterable[Draft | Patch]


class TerraformSpelling(NamedTuple):
    """How a class is spelled for Terraform's AWS provider, where that is not CloudFormation's word in snake case.

    Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs
    """

    types: Mapping[str, str] = {}
    """The provider's types, each with the CloudFormation type that says the same. Data sources are `data.aws_vpc`.

    A type with nothing beside it says nothing by itself.
    """
    names: Mapping[str, str] = {}
    """Attributes with the property that they are. `block.attribute` goes before `attribute`."""
    once: tuple[str, ...] = ()
    """Blocks of which there is at most one. They stand in lists all the same."""
    ids: Mapping[str, str] = {}
    """Attributes by which other resources name this one, or what is made with it, with the model's id for that."""
    refers: Mapping[str, tuple[str, ...]] = {}
    """Attributes that name another resource, with the provider's types for it, where the attribute's name does not say so.

    `aws_sns_topic_policy.arn` is the attribute of that type alone, and goes before `arn`.
    """
    arns: tuple[str, ...] = ()
    """Attributes that hold ARNs and are kept as such, though they may name a resource of the model."""
    defaults: Mapping[str, Any] = {}
    """What the provider sets where nothing is said, and AWS would not."""
    adopts: Mapping[str, tuple[str, str]] = {}
    """Types that take over what AWS made, with the attribute that says of which, and the model's id for that."""
    owner: str = ""
    """The attribute that names the resource of which the statement is a part, if its fields are needed: `existing`."""

    def named_by(self, type: str, attribute: str) -> tuple[str, ...]:
        """The provider's types for what an attribute of a type names, if `refers` says so."""
        return self.refers.get(f"{type}.{attribute}") or self.refers.get(attribute, ())


class Declaration(NamedTuple):
    """One statement of an input file: its id, its type in that format, and its fields with their places.

    `existing` holds the API-shaped fields of the resource that a change of the native format is about.
    """

    id: str
    type: str
    fields: Mapping[str, Any]
    origin: Origin | None
    region: str
    account: str
    existing: Mapping[str, Any] = {}
    page: Mapping[str, Any] = {}
    """What stands beside it in a file of describe output: the rest of the answer, and the parameters of the call."""
