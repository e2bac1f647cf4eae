"""What every AWS resource of a model has in common: an id, a name, tags, and the place where it was written.

A resource class is the shape of one construct, with boto3's field names in snake case and the API's names as aliases, so
that describe JSON validates straight into it and dumps back out. It also says how the construct is spelled in the input
formats (`cloudformation`, `native`), what AWS adds to it unasked (`implied`), what AWS refuses (`refusals`), and how it
is found on the packet's way (`register`, `receive`, `links`). Everything else that knows a construct by name is wrong.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, NamedTuple, get_args, get_origin

from vpcsim.errors import Origin, Problem
from vpcsim.prefixes import Ports, Prefix, address, address_text
from vpcsim.shape import Read, Shape, api_name, field

if TYPE_CHECKING:
    from vpcsim.network import Index, Network
    from vpcsim.packet import Packet
    from vpcsim.resolution import Vantage
    from vpcsim.topology import Topology
    from vpcsim.trace import Step

Address = Annotated[int, Read(address, address_text)]
Cidr = Annotated[Prefix, Read(lambda v: v if isinstance(v, Prefix) else Prefix.parse(str(v)), str)]


class RefersTo(NamedTuple):
    """Marks a field that holds the id of another resource, of one of these kinds."""

    kinds: tuple[str, ...]


def refers_to(*kinds: str) -> Any:
    """`Annotated[str, refers_to("subnet")]`: the id of a subnet of the model."""
    return RefersTo(kinds)


class Reference(NamedTuple):
    """One id that a resource holds of another one."""

    kinds: tuple[str, ...]
    id: str
    field: str
    origin: Origin | None


class Link(NamedTuple):
    """An edge of the derived graph: `relation` says what leads from `source` to `target`."""

    source: str
    target: str
    relation: str


_REFERENCE_FIELDS: dict[type[Shape], tuple[tuple[str, tuple[str, ...], bool], ...]] = {}


def references_of(record: Shape) -> Iterator[Reference]:
    """Every id of another resource that a record or one inside it holds."""
    for name, kinds, nested in _reference_fields(type(record)):
        value = getattr(record, name)
        values = value if isinstance(value, tuple) else (value,) if value is not None else ()
        for item in values:
            if nested:
                yield from (r._replace(origin=r.origin or record.origin) for r in references_of(item))
            else:
                yield Reference(kinds, item, name, record.origin)


def refers(shape: type[Shape], name: str) -> bool:
    """Whether a field of the class holds ids of other resources, or records that do."""
    return any(name == field_name for field_name, *_ in _reference_fields(shape))


def _reference_fields(shape: type[Shape]) -> tuple[tuple[str, tuple[str, ...], bool], ...]:
    known = _REFERENCE_FIELDS.get(shape)
    if known is None:
        found: list[tuple[str, tuple[str, ...], bool]] = []
        for name, known_field in shape.fields.items():
            inside = list(_inside(known_field.annotation))
            marks = [mark for mark in inside if isinstance(mark, RefersTo)]
            if marks:
                found.append((name, marks[0].kinds, False))
            elif any(isinstance(t, type) and get_origin(t) is None and issubclass(t, Shape) for t in inside):
                found.append((name, (), True))
        known = _REFERENCE_FIELDS[shape] = tuple(found)
    return known


def _inside(annotation: Any) -> Iterator[Any]:
    yield annotation
    for argument in get_args(annotation):
        yield from _inside(argument)


class Tag(Shape):
    """A tag. Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Tag.html"""

    key: str
    value: str = ""


Fields = dict[str, Any]


class Draft:
    """A resource on its way in: API-shaped fields that are not validated yet. Patches of other statements land here."""

    __slots__ = ("assumed", "fields", "id", "origin", "shape")

    def __init__(
        self, shape: "type[Resource]", id: str, fields: Fields, origin: Origin | None, assumed: Iterable[str] = ()
    ) -> None:
        self.shape, self.id, self.fields, self.origin, self.assumed = shape, id, fields, origin, set(assumed)

    def with_fields(self, fields: "Fields") -> "Draft":
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
    named: "type[Resource] | None" = None
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
    """Attributes that name another resource, with the provider's types for it, where the attribute's name does not say so."""
    open: tuple[str, ...] = ()
    """Properties of a part that may stay unknown: what happens there is undecided then."""
    defaults: Mapping[str, Any] = {}
    """What the provider sets where nothing is said, and AWS would not."""
    adopts: Mapping[str, tuple[str, str]] = {}
    """Types that take over what AWS made, with the attribute that says of which, and the model's id for that."""
    owner: str = ""
    """The attribute that names the resource of which the statement is a part, if its fields are needed: `existing`."""


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


class Resource(Shape):
    """One thing of the model. Subclasses give `kind` (snake case, singular) and the names of the input formats."""

    kind: ClassVar[str] = ""
    section: ClassVar[str] = ""
    """Describe JSON's name for many of these: `Subnets`."""
    cloudformation_types: ClassVar[tuple[str, ...]] = ()
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling()
    native_names: ClassVar[Mapping[str, str]] = {}
    """Short spellings of the native format: `cidr` for `CidrBlock`."""
    native_text: ClassVar[tuple[str, ...]] = ()
    """API names of list fields whose items the native format writes as one line of text."""
    native_section: ClassVar[str] = ""
    """The native format's name for many of these, where it is not simply the kind's plural."""
    native_scalar: ClassVar[str] = ""
    """API name of the field that a lone value stands for in the native format."""
    route_target: ClassVar[str] = ""
    """The field of a route that leads here, for constructs that can be a route's target."""
    spread: ClassVar[bool] = False
    """Whether any of its interfaces may be the one that a connection starts from, as with a function in several subnets."""

    id: str
    name: str = ""
    tags: tuple[Tag, ...] = ()
    assumed: frozenset[str] = field(default=frozenset(), dumped=False)
    """Fields that AWS would choose at deployment and that were filled in here."""

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        """What a CloudFormation resource of one of `cloudformation_types` means. Its properties, as they are, by default."""
        yield Draft(cls, declaration.id, dict(declaration.fields), declaration.origin)

    @classmethod
    def cloudformation_ref(cls, declaration: Declaration) -> str:
        """What `Ref` gives: the logical id, by which this simulator knows the resource."""
        return declaration.id

    @classmethod
    def cloudformation_attribute(cls, declaration: Declaration, attribute: str) -> Any:
        """What `Fn::GetAtt` gives, or None for an attribute that is not modelled."""
        return declaration.fields.get(attribute)

    @classmethod
    def terraform(cls, declaration: Declaration) -> Declared:
        """What a Terraform resource of one of the spelling's types means; its attributes come with CloudFormation's names.

        By default the same as in CloudFormation.
        """
        yield from cls.cloudformation(declaration)

    @classmethod
    def terraform_ids(cls, id: str, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """The texts by which a Terraform resource or a part of it is named elsewhere, each with the model's id for it."""
        for attribute, stands_for in {"id": "{id}", "arn": "{id}", **cls.terraform_spelling.ids}.items():
            if isinstance(text := values.get(attribute), str) and text:
                yield text, stands_for.format(id=id)

    @classmethod
    def terraform_attribute(cls, declaration: Declaration, attribute: str) -> Any:
        """What a reference to an attribute stands for that is known after apply only, or None if that is not modelled."""
        if attribute in ("", "id", "arn", "name"):
            return declaration.id
        if stands_for := cls.terraform_spelling.ids.get(attribute):
            return stands_for.format(id=declaration.id)
        known = cls.cloudformation_attribute(declaration, api_name(attribute))
        renamed = cls.terraform_spelling.names.get(attribute)
        return known if known is not None or not renamed else cls.cloudformation_attribute(declaration, renamed)

    def late_attribute(self, attribute: str, topology: "Topology") -> str | None:
        """What `later` stands for, once the topology is complete: an address that had to be chosen first."""
        return None

    @classmethod
    def unspelled(cls, id: str) -> "Draft | None":
        """The draft of what AWS makes unasked under this id, for statements that change it."""
        return None

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        """What an entry of the native format means. Its fields under their API names, by default."""
        yield Draft(cls, declaration.id, dict(declaration.fields), declaration.origin)

    @classmethod
    def complete(cls, topology: "Topology") -> None:
        """Add what every resource of this class implies."""
        for resource in topology.of(cls):
            for made in resource.implied(topology):
                topology.put(made)

    def references(self) -> Iterator[Reference]:
        """Every id of another resource that this one holds."""
        return references_of(self)

    def implied(self, topology: "Topology") -> "Iterable[Resource]":
        """What AWS makes along with this resource and the input did not spell out, or this resource completed."""
        return ()

    @classmethod
    def check(cls, topology: "Topology") -> Iterable[Problem]:
        """AWS's own rules that the resources of this class break."""
        for resource in topology.of(cls):
            yield from resource.refusals(topology)

    def refusals(self, topology: "Topology") -> Iterable[Problem]:
        """AWS's own rules that this resource breaks, each with AWS's error code."""
        return ()

    @classmethod
    def always(cls) -> "Iterable[Resource]":
        """Places of this class that every network has without being told."""
        return ()

    def register(self, index: "Index") -> None:
        """Enter the indexes of the compiled network: as a place of the packet's way, unless overridden."""
        index.places[self.id] = self

    @property
    def known_as(self) -> str:
        """The id by which people know this place: of what it belongs to, if it was only implied."""
        return self.id

    def receive(self, packet: "Packet", came_from: str | None, net: "Network") -> "Iterator[Step]":
        """Decide about a packet that `came_from` hands over; None: it comes from beyond the model, or starts here."""
        raise TypeError(f"a {self.kind} is not on the way of packets")

    @property
    def ephemeral_ports(self) -> Ports:
        """The range from which a client here takes its port.

        Source: https://docs.aws.amazon.com/vpc/latest/userguide/custom-network-acl.html
        """
        return (1024, 65535)

    def entrance(self, net: "Network") -> str | None:
        """The place that takes a packet which a route leads to this resource. None: it cannot be a route's target."""
        return self.id

    @property
    def behind_acl(self) -> bool:
        """Whether a network ACL filters what a route leads here, even inside one subnet."""
        return False

    def takes_from(self, vpc_id: str) -> bool:
        """Whether it is in a state to take packets that a route of this VPC leads here."""
        return True

    def request_context(self, packet: "Packet", net: "Network") -> Mapping[str, str]:
        """The condition keys that a request gets by arriving here: `aws:SourceVpce`, `aws:SourceIp`.

        Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
        """
        return {}

    def rules_looked_at(self, packet: "Packet", net: "Network") -> Iterable[Any]:
        """Every rule or route that this resource tries for a packet, in its order, for people who want to see them all."""
        return ()

    def answers(self, name: str, vantage: "Vantage", net: "Network") -> Iterable[int]:
        """The addresses with which a name that it registered in `index.named` answers somebody; none: there is no such name."""
        return ()

    @property
    def needs_public_address(self) -> bool:
        """Whether the table of an internet gateway leads here only if the interface has a public address."""
        return True

    def branches(self, packet: "Packet", net: "Network") -> tuple[str, ...]:
        """Where this place may hand a packet, if it has a choice, as a load balancer has: `receive` takes `net.chosen[id]`."""
        return ()

    def announced(self, net: "Network") -> tuple[Prefix, ...]:
        """The prefixes that this place announces to what it is attached to, from where routes propagate."""
        return ()

    def branches_for(self, place: str, net: "Network") -> tuple[str, ...]:
        """The branches of another place that hands its packets to this one for a while, as an endpoint for inspection does."""
        return ()

    def links(self, net: "Network") -> Iterable[Link]:
        """This resource's edges of the derived graph."""
        return ()

    def but(self, **changes: Any) -> Any:
        """A copy with these fields changed, marked as assumed."""
        return self.replaced(**changes, assumed=self.assumed | changes.keys())


RESERVED_IDS = ("local", "internet", "aws")
"""Words that stand for something in routes and questions, and so cannot be the id of a resource."""
LATER = re.compile(r"\$\{([^${}]+)\.([A-Za-z]+)\}")


def later(id: str, attribute: str) -> str:
    """Text that stands for an attribute which is only known when the topology is complete; see `late_attribute`."""
    return f"${{{id}.{attribute}}}"


def refuse(message: str, code: str, resource: Shape) -> Problem:
    """A rule of AWS that the configuration breaks, with AWS's error code."""
    return Problem(f"{message} ({code})" if code else message, resource.origin, code, refused=True)


def association_refusals(associated: "Iterable[tuple[Resource, str, Shape]]", topology: "Topology") -> Iterable[Problem]:
    """What AWS refuses about subnets that are associated with a table or an ACL: two of a kind, or one of another VPC."""
    owners: dict[str, Resource] = {}
    for owner, subnet, association in associated:
        first = owners.setdefault(subnet, owner)
        if first is not owner:
            message = f"{owner.id}: {subnet} already has the {owner.kind.replace('_', ' ')} {first.id}"
            yield refuse(message, "Resource.AlreadyAssociated", association if association.origin else owner)
        elif getattr(topology.resources[subnet], "vpc_id", "") != getattr(owner, "vpc_id", ""):
            message = f"{owner.id}: {subnet} belongs to another VPC"
            yield refuse(message, "InvalidParameterValue", association if association.origin else owner)


def as_list(value: Any) -> list[Any]:
    """A lone value as a list of one: the input formats let people leave the brackets out."""
    return list(value) if isinstance(value, list | tuple) else [] if value is None else [value]
