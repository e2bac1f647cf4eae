"""What every AWS resource of a model has in common: an id, a name, tags, and the place where it was written.

A resource class is the shape of one construct, with boto3's field names in snake case and the API's names as aliases, so
that describe JSON validates straight into it and dumps back out. It also says how the construct is spelled in the input
formats (`cloudformation`, `native`), what AWS adds to it unasked (`implied`), what AWS refuses (`refusals`), and how it
is found on the packet's way (`register`, `receive`, `links`). Everything else that knows a construct by name is wrong.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Set
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, NamedTuple, get_args, get_origin

from vpcsim.errors import Doubt, Origin, Problem
from vpcsim.prefixes import Ports, Prefix, address, address_text
from vpcsim.references import Reference as Reference
from vpcsim.references import annotations_inside, references_of
from vpcsim.references import reference_fields as reference_fields
from vpcsim.references import refers_to as refers_to
from vpcsim.shape import Read, Shape, api_name, field, without_defaults
from vpcsim.statements import Declaration as Declaration
from vpcsim.statements import Declared as Declared
from vpcsim.statements import Draft as Draft
from vpcsim.statements import Fields as Fields
from vpcsim.statements import Patch as Patch
from vpcsim.statements import TerraformSpelling as TerraformSpelling
from vpcsim.trace import Decided as Decided
from vpcsim.trace import Dependence as Dependence

if TYPE_CHECKING:
    from vpcsim.network import Index, Network
    from vpcsim.packet import Packet
    from vpcsim.resolution import Vantage
    from vpcsim.topology import Topology
    from vpcsim.trace import Step

Address = Annotated[int, Read(address, address_text)]
Cidr = Annotated[Prefix, Read(lambda v: v if isinstance(v, Prefix) else Prefix.parse(str(v)), str)]


class Link(NamedTuple):
    """An edge of the derived graph: `relation` says what leads from `source` to `target`."""

    source: str
    target: str
    relation: str


class Finding(NamedTuple):
    """What is legal and yet probably not meant: `rule` names the kind, `at` the resource, `page` is where AWS says so.

    `level` is `warning`, or `note` for what harms nobody.
    """

    rule: str
    at: str
    because: str
    page: str
    origin: Origin | None
    level: str = "warning"

    def __str__(self) -> str:
        return f"{self.at}: {self.because}"


class Tag(Shape):
    """A tag. Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Tag.html"""

    key: str
    value: str = ""


class Resource(Shape):
    """One thing of the model. Subclasses give `kind` (snake case, singular) and the names of the input formats."""

    kind: ClassVar[str] = ""
    section: ClassVar[str] = ""
    """Describe JSON's name for many of these: `Subnets`."""
    described_as: ClassVar[tuple[str, ...]] = ()
    """Further names under which describe output holds these, or parts of them."""
    described_interfaces: ClassVar[str] = ""
    """The pattern of the descriptions that AWS gives to interfaces of these; its group is the id, or the end of an ARN."""
    acts_by: ClassVar[tuple[str, ...]] = ()
    """The properties that name what one changes, so that answers about that are in doubt where its form is not modelled."""
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
    takes_public_addresses: ClassVar[bool] = True
    """Whether its interfaces may have public addresses, if they are in a VPC."""
    works_over_peerings: ClassVar[bool] = True
    """Whether AWS supports it where what passes it goes on over a VPC peering connection."""
    of_vpc_owner: ClassVar[bool] = False
    """Whether only the account that owns a VPC can have one there, and not one that a subnet is shared with."""
    permissions: ClassVar[tuple[str, ...]] = ("PolicyDocument", "IamInstanceProfile")
    """API names of fields that no packet depends on, such as those of the calls of a service."""
    idle: ClassVar[tuple[str, ...]] = ()
    """API names of what nothing depends on inside its records."""
    naming: ClassVar[tuple[str, ...]] = ()
    """API names of fields that decide about names; of a class that decides about nothing else, none."""
    decides: ClassVar[bool] = False
    """Whether it decides about packets at places that are not its own, as a route table does, by steps with its id."""
    filters: ClassVar[bool] = False
    """Whether all that it decides is whether a packet passes."""

    id: str
    name: str = ""
    tags: tuple[Tag, ...] = ()
    region: str | None = None
    """Where it is, unless that is where the VPC or the subnet around it is, or the model. See `Topology.region_of`."""
    owner_id: str | None = None
    """The account that owns it, unless the same account owns what is around it. See `Topology.account_of`."""
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
    def names_in_doubt(cls, declaration: Declaration, changed: Set[str]) -> Iterable[str]:
        """The domains that a resource may answer for, as far as its statement tells; an empty one stands for all names.

        `changed` are the fields that are not known, all of them if there are none.
        """
        return ()

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

    @classmethod
    def terraform_arn(cls, declaration: Declaration) -> str | None:
        """The ARN by which policies name a Terraform resource, if that is modelled."""
        arn = cls.cloudformation_attribute(declaration, "Arn")
        return arn if isinstance(arn, str) and arn.startswith("arn:") else None

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
    def described(cls, declaration: Declaration) -> Declared:
        """What an item of describe output means; `type` is the name of its list. Its fields, as they are, by default."""
        yield Draft(cls, declaration.id, dict(declaration.fields), declaration.origin)

    @classmethod
    def presumed(cls, fields: "Fields") -> Mapping[str, Any]:
        """AWS's defaults for what describe output tells in an answer of its own, which may be missing."""
        return {}

    @classmethod
    def stand_in(cls, id: str, named_by: "Draft", drafts: Mapping[str, "Draft"]) -> "Draft | None":
        """What takes the place of one of these that describe output names and does not describe; None: nothing can."""
        return None

    @classmethod
    def lacking(cls, fields: "Fields") -> str:
        """What describe output must still say of one of these before it can be judged, or nothing."""
        return ""

    def spelled(self, topology: "Topology") -> "Fields":
        """The fields as the native format spells them: short words, and lines of text where it has them."""
        words = {api: word for word, api in reversed(list(self.native_names.items()))}
        fields = without_defaults(self)
        fields.pop(self.fields["id"].api, None)
        if self.name == self.id:
            fields.pop("Name", None)
        for name in self.native_text:
            if name in fields:
                records = getattr(self, self.word_of(name))
                pairs = zip(records, fields[name], strict=True)
                fields[name] = [self.line_of(record, name, topology) or dumped for record, dumped in pairs]
        for name, value in fields.items():
            if _takes_text(self.fields[self.word_of(name)].annotation) and all(
                isinstance(i, dict) and len(i) == 1 for i in value
            ):
                fields[name] = [next(iter(item.values())) for item in value]
        tags = fields.pop("Tags", None)
        spelled = {words.get(name, self.word_of(name)): value for name, value in fields.items()}
        return {**spelled, "tags": {tag["Key"]: tag["Value"] for tag in tags}} if tags else spelled

    @classmethod
    def word_of(cls, api: str) -> str:
        """The field's name for an API's name."""
        return next((known.name for known in cls.fields.values() if known.api == api), api)

    def line_of(self, record: Shape, name: str, topology: "Topology") -> str:
        """The line of the native format for a record of the field `name`, or nothing if no line says the same."""
        line = record.line(name)
        try:
            again = type(record).read({"Text": line}) if line else None
        except ValueError:
            return ""
        return line if again is not None and self.means(again, topology) == self.means(record, topology) else ""

    def means(self, record: Shape, topology: "Topology") -> Shape:
        """What a record that was read from a line is, once the topology is complete."""
        return record

    @classmethod
    def complete(cls, topology: "Topology") -> None:
        """Add what every resource of this class implies."""
        for resource in topology.of(cls):
            for made in resource.implied(topology):
                topology.put(made.as_given(topology))

    def as_given(self, topology: "Topology") -> "Resource":
        """What the input itself says of this implied resource, which it may know by another id."""
        return self

    def references(self) -> Iterable[Reference]:
        """Every id of another resource that this one holds."""
        return references_of(self)

    def parts_of(self) -> list[str]:
        """The ids of what it is inside, the nearest first: it shares their Region and account unless it says otherwise."""
        found = [reference for reference in self.references() if reference.field in INSIDE]
        found.sort(key=lambda reference: INSIDE.index(reference.field))
        return [reference.id for reference in found]

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

    def depends(self, doubt: Doubt, decided: "Decided", net: "Network") -> Dependence:
        """How far a decision that this resource had a part in depends on a value of it that is not known."""
        if doubt.properties and doubt.properties <= {*self.permissions, *self.naming}:
            return Dependence.NONE
        return Dependence.PASSAGE if self.filters else Dependence.WHOLE

    def without(self, removed: Set[str]) -> "Resource":
        """The resource after others were deleted that it only names, and does not need."""
        return self

    def request_context(self, packet: "Packet", net: "Network") -> Mapping[str, str]:
        """The condition keys that a request gets by arriving here: `aws:SourceVpce`, `aws:SourceIp`.

        Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
        """
        return {}

    def arn(self, region: str, account: str) -> str:
        """The ARN by which policies know this resource; empty for one that nobody asks for by ARN."""
        return ""

    def resource_policy(self, region: str, account: str) -> Any:
        """The policy document of the resource itself, or None: it has none."""
        return getattr(self, "policy", None)

    def role_for(self, purpose: str, topology: "Topology") -> str | None:
        """The role, by id or ARN, that signs what is sent from here: `calls`, or `execution` for what starts a task.

        Empty: it has none. None: the model does not say.
        """
        return None

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

    def findings(self, net: "Network") -> Iterable[Finding]:
        """What is legal and yet probably not meant."""
        return ()

    def links(self, net: "Network") -> Iterable[Link]:
        """This resource's edges of the derived graph."""
        return ()

    def but(self, **changes: Any) -> Any:
        """A copy with these fields changed, marked as assumed."""
        return self.replaced(**changes, assumed=self.assumed | changes.keys())


INSIDE = (
    "attached_to",
    "network_interface_id",
    "instance_id",
    "subnet_id",
    "subnet_ids",
    "subnets",
    "target_network_id",
    "db_subnet_group_name",
    "vpc_id",
    "vpc",
    "transit_gateway_id",
    "vpn_gateway_id",
    "load_balancer_arn",
)
"""Fields that name what a resource is a part of, the narrowest first."""
RESERVED_IDS = ("local", "internet", "aws")
"""Words that stand for something in routes and questions, and so cannot be the id of a resource."""
LATER = re.compile(r"\$\{([^${}]+)\.([A-Za-z]+)\}")


def later(id: str, attribute: str) -> str:
    """Text that stands for an attribute which is only known when the topology is complete; see `late_attribute`."""
    return f"${{{id}.{attribute}}}"


def refuse(message: str, code: str, resource: Shape) -> Problem:
    """A rule of AWS that the configuration breaks, with AWS's error code."""
    return Problem(f"{message} ({code})" if code else message, resource.origin, code, refused=True)


def _takes_text(annotation: Any) -> bool:
    """Whether a field is a list of records that a text may stand for."""
    marks = [t for t in annotations_inside(annotation) if get_origin(t) is Annotated and isinstance(get_args(t)[1], Read)]
    return any(isinstance(get_args(mark)[0], type) and issubclass(get_args(mark)[0], Shape) for mark in marks)


def capitalized(value: Any) -> Any:
    """An answer of a service that writes `subnetIds`, with EC2's way of naming: `SubnetIds`."""
    if isinstance(value, Mapping):
        return {str(key)[:1].upper() + str(key)[1:]: capitalized(item) for key, item in value.items()}
    return [capitalized(item) for item in value] if isinstance(value, list) else value


def decoded(document: Any) -> Any:
    """A policy that an API gave as text."""
    if not isinstance(document, str):
        return document
    import json

    try:
        return json.loads(document)
    except ValueError:
        return document


def as_list(value: Any) -> list[Any]:
    """A lone value as a list of one: the input formats let people leave the brackets out."""
    return list(value) if isinstance(value, list | tuple) else [] if value is None else [value]
