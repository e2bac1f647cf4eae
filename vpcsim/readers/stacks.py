"""Stacks that are deployed together: exports and imports among them, nested stacks, and one reading of them all.

A resource is known by its logical id; in a nested stack by the stack's id before it (`Network.myVPC`), and by the stack's name
if several stacks use the same logical id.

Sources: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-nested-stacks.html,
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, NamedTuple

from vpcsim import services
from vpcsim.errors import InputError, Origin, Problem, Skipped, nearest
from vpcsim.readers.assumed_vpc import with_default_vpc, with_real_zones
from vpcsim.readers.document import Map
from vpcsim.readers.intrinsics import ResourceDeclaration, Stack, StackContext, Unknown
from vpcsim.readers.launch import TEMPLATE, whole_properties
from vpcsim.readers.nested import NESTED, SET, Child, children, labels, with_includes
from vpcsim.readers.other_types import ACTING, REASONS
from vpcsim.readers.reading import Reading, elsewhere
from vpcsim.readers.sam import is_sam, translated
from vpcsim.readers.unknowns import Taken, doubt_all, leave_out, left_out, skip, take
from vpcsim.resource import Declaration, Draft, Patch, Resource
from vpcsim.shapes import SHAPES
from vpcsim.stable import stable_hex
from vpcsim.topology import Settings

ABOUT_THE_TOOL = ("AWS::CDK::Metadata",)
"""Types that describe how the template was made."""
DEEPEST = 10
MODULE = "what a module holds is in the registry of the account: read the template that CloudFormation processed"
GROUPS_QUOTA = "quota:SecurityGroupsPerInterface"
"""The parameter by which a caller says that AWS raised this quota."""
MISSPELT = 0.93
"""How much a type looks like the one that it is meant to be, of 1."""
OF_THE_NETWORK = ("AWS::CloudFormation::", "AWS::EC2::", "Custom::")
"""Types whose ids resources of the network may need: one that is not modelled gives an id that is not known."""

STORED = ("secretsmanager:", "ssm:", "ssm-secure:")
"""What stands before the names of values in Secrets Manager and Parameter Store."""


class Source(NamedTuple):
    """A template with the name of its stack and where that is deployed."""

    template: Map
    name: str
    region: str
    account: str


def shapes_of(type: str) -> list[type[Resource]]:
    """The classes that take resources of a CloudFormation type."""
    return _SHAPES_OF.get(type, [])


_SHAPES_OF: dict[str, list[type[Resource]]] = {}
for _shape in SHAPES:
    for _type in _shape.cloudformation_types:
        _SHAPES_OF.setdefault(_type, []).append(_shape)


def _not_modelled(type: str) -> str:
    """Why a type is skipped that the model does not know; one that is only miswritten is none of AWS's."""
    meant = nearest(type, [known for known in (*_SHAPES_OF, *REASONS) if known.count("::") == 2], MISSPELT)
    return f"not modelled; did you mean `{meant}`?" if meant else "not modelled"


def read_stacks(sources: Sequence[Source], given: Mapping[str, str], declared: Sequence[Draft | Patch] = ()) -> Reading:
    """What stacks declare, beside what is `declared` already. Raises InputError with every problem found."""
    deployment = _Deployment(sources, given)
    taken = Taken(declared=list(declared))
    for stack in deployment.every:
        for id, resource in stack.resources.items():
            stack.take(id, resource, taken)
    default, told = with_default_vpc(taken.declared, sources[0].region, sources[0].template.file)
    taken.declared += default
    problems = [problem for stack in deployment.every for problem in stack.problems]
    if problems:
        raise InputError(dict.fromkeys(problems))
    first = sources[0]
    settings = Settings(
        SHAPES,
        first.region,
        first.account,
        first.template.file,
        notices=(*(notice for stack in deployment.every for notice in stack.notices), *taken.notices, *deployment.notices(taken)),
        skipped=tuple(dict.fromkeys(taken.skipped)),
        assumptions=(*told, *dict.fromkeys(line for stack in deployment.every for line in stack.assumptions)),
        doubts=tuple(taken.doubts),
        groups_per_interface=_quota(given),
    )
    return Reading(settings, taken.declared)


def _quota(given: Mapping[str, str]) -> int:
    """Security groups at an interface: five for a new account, up to sixteen after a request.

    Source: https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html
    """
    asked = given.get(GROUPS_QUOTA, "5")
    if not asked.isdecimal() or not 1 <= int(asked) <= 16:
        raise InputError(Problem(f"`{asked}` is not a quota of security groups: from 1 to 16", Origin("--param")))
    return int(asked)


class _Deployment:
    """All stacks of one reading, the nested ones too, and what they export."""

    def __init__(self, sources: Sequence[Source], given: Mapping[str, str]) -> None:
        self.given, self.place = given, (sources[0].region, sources[0].account)
        self.exports: dict[tuple[str, str], _Exports] = {}
        self.asking: set[tuple[str, str]] = set()
        self.stored = {name: value for name, value in given.items() if name.startswith(STORED)}
        self.top = [_Deployed(self, source, _for_template(given, source, sources)) for source in sources]
        for stack, label in zip(self.top, labels([(s.name, s.region, s.account) for s in sources]), strict=True):
            stack.label = label
        counts = Counter(
            id for stack in self.top for id, r in stack.resources.items() if shapes_of(r.type) or r.type in (NESTED, SET)
        )
        self.shared = {id for id, count in counts.items() if count > 1}

    @property
    def every(self) -> Iterator[_Deployed]:
        for stack in self.top:
            yield from stack.with_nested()

    def exports_of(self, region: str, account: str) -> _Exports:
        """What the stacks of a Region and an account export to each other."""
        return self.exports.setdefault((region, account), _Exports(self, region, account))

    def output(self, asking: Source, name: str, output: str, region: str, account: str) -> Any:
        """An output of a stack here, or what a caller gives for it.

        Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getstackoutput.html
        """
        if f"output:{name}.{output}" in self.given:
            return self.given[f"output:{name}.{output}"]
        place = (name, region or asking.region, account or asking.account)
        stack = next((s for s in self.every if (s.source.name, s.source.region, s.source.account) == place), None)
        if stack is None:
            return Unknown(f"no stack `{name}` in {place[1]} is here; `--param output:{name}.{output}=VALUE` gives its output")
        if (stack.label, output) in self.asking:
            return Unknown(f"the output `{output}` of `{name}` needs itself")
        self.asking.add((stack.label, output))
        try:
            found = stack.stack.output(output)
        finally:
            self.asking.discard((stack.label, output))
        return Unknown(f"the stack `{name}` has no output `{output}`") if found is None else found.value

    def notices(self, taken: Taken) -> Iterator[Problem]:
        if not taken.declared:
            yield Problem("the template describes no part of a network", Origin(self.top[0].stack.template.file))


class _Exports(Mapping[str, Any]):
    """What stacks of one place export, evaluated when it is first asked for; what a caller gives goes before."""

    def __init__(self, deployment: _Deployment, region: str, account: str) -> None:
        self.deployment, self.place = deployment, (region, account)
        self.given = {name.removeprefix("export:"): v for name, v in deployment.given.items() if name.startswith("export:")}
        self.asking = False
        self.known: dict[str, Any] | None = None

    def _all(self) -> dict[str, Any]:
        if self.known is None and not self.asking:
            self.asking = True
            stacks = [s for s in self.deployment.every if (s.source.region, s.source.account) == self.place]
            found = [o for stack in stacks for o in stack.stack.outputs.values() if isinstance(o.export, str)]
            self.known = {output.export: output.value for output in found} | self.given
            self.asking = False
        return self.known if self.known is not None else self.given

    def __getitem__(self, name: str) -> Any:
        return self._all()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())


class _Deployed:
    """One stack: its evaluated template, the ids of its resources, and its nested stacks."""

    def __init__(
        self, deployment: _Deployment, source: Source, parameters: Mapping[str, Any], above: _Deployed | None = None, id: str = ""
    ) -> None:
        self.deployment, self.source, self.above, self.id = deployment, source, above, id
        self.label, self.told = source.name, list[str]()
        inserted = with_includes(source.template, parameters)
        self.lacking = inserted.missing
        source = self.source = source._replace(template=inserted.template)
        if is_sam(source.template):
            source = self.source = source._replace(template=translated(source.template, source.region, parameters))
        self.guessed = with_real_zones(source.template, source.region)
        self.nested: dict[str, list[_Deployed] | Unknown] = {}
        self.left_out: dict[str, Unknown | None] = {}
        context = StackContext(
            region=source.region,
            account=source.account,
            partition=services.partition_of(source.region),
            stack_name=source.name,
            parameters=parameters,
            exports=deployment.exports_of(source.region, source.account),
            dynamic_references=deployment.stored,
            stack_output=partial(deployment.output, source),
            incomplete=bool(self.lacking),
            availability_zones=lambda name: [zone.name for zone in services.availability_zones(name)],
            ref=self.ref,
            attribute=self.attribute,
        )
        self.stack = Stack(source.template, context)
        self.resources = self.stack.resources

    @property
    def problems(self) -> tuple[Problem, ...]:
        return self.stack.problems

    @property
    def notices(self) -> tuple[Problem, ...]:
        return (*self.lacking, *self.stack.notices)

    @property
    def assumptions(self) -> tuple[str, ...]:
        zones = f"the zones of {self.source.name} are the first ones of {self.source.region}: CDK did not look them up"
        return (*((zones,) if self.guessed else ()), *self.told, *self.stack.assumptions)

    def with_nested(self) -> Iterator[_Deployed]:
        yield self
        for id, resource in self.resources.items():
            found = self.children(id, resource) if resource.type in (NESTED, SET) else []
            for child in found if isinstance(found, list) else ():
                yield from child.with_nested()

    def full_id(self, id: str) -> str:
        """The id by which the model knows a resource of this stack."""
        if self.above is not None:
            return f"{self.above.full_id(self.id)}.{id}"
        return f"{self.label}.{id}" if id in self.deployment.shared else id

    # what a resource comes to

    def declaration(self, id: str, resource: ResourceDeclaration) -> Declaration:
        full = self.full_id(id)
        origin = resource.origin._replace(path=full) if resource.origin else None
        properties = whole_properties(resource, self._by_full_id)
        return Declaration(full, resource.type, properties, origin, self.source.region, self.source.account)

    def _by_full_id(self, full: str) -> ResourceDeclaration | None:
        return next((resource for id, resource in self.resources.items() if self.full_id(id) == full), None)

    def take(self, id: str, resource: ResourceDeclaration, taken: Taken) -> None:
        """Add what a resource of this stack comes to."""
        shapes = shapes_of(resource.type)
        if shapes:
            self._take(id, resource, shapes, taken)
        elif resource.type in ABOUT_THE_TOOL:
            return
        elif resource.type not in (NESTED, SET):
            reason = MODULE if resource.type.endswith("::MODULE") else REASONS.get(resource.type) or _not_modelled(resource.type)
            acts_by = tuple(resource.properties) if reason is MODULE else ACTING.get(resource.type, ())
            count = len(taken.doubts)
            skip(self.declaration(id, resource), reason, acts_by, taken)
            if reason is MODULE:
                taken.doubts[count:] = [doubt for doubt in taken.doubts[count:] if not self._stays(doubt.about)]
        elif isinstance(found := self.children(id, resource), Unknown):
            taken.skipped.append(Skipped(self.full_id(id), resource.type, resource.origin, found.reason))

    def _stays(self, full: str) -> bool:
        """Whether a resource stays as it is, whatever is put into it."""
        found = self._by_full_id(full)
        shapes = shapes_of(found.type) if found is not None else []
        return bool(shapes) and shapes[0].kind in ("subnet", "vpc")

    def _take(self, id: str, resource: ResourceDeclaration, shapes: Sequence[type[Resource]], taken: Taken) -> None:
        count = len(taken.declared)
        declaration = self.declaration(id, resource)
        if (unknown := self.stack.shapeless.get(id)) is not None:
            leave_out(declaration, shapes, unknown, taken)
            return
        take(declaration, shapes, taken)
        made = taken.declared[count:]
        for item in made:
            _name_by_construct(item, resource)
            if isinstance(item, Draft):
                item.fields |= elsewhere((self.source.region, self.source.account), self.deployment.place)
        if (unknown := self.stack.uncertain.get(id) or self.stack.rewritten) is not None:
            taken.declared[count:] = doubt_all(declaration, shapes, made, unknown, taken)

    # names

    def ref(self, id: str, resource: ResourceDeclaration) -> Any:
        shapes = shapes_of(resource.type)
        if not shapes:
            unknown = resource.type.startswith(OF_THE_NETWORK) and resource.type != TEMPLATE
            return Unknown(f"{self.full_id(id)} ({resource.type}) is not modelled") if unknown else self.full_id(id)
        absent = self.absent(id, resource, shapes)
        return absent or shapes[0].cloudformation_ref(self.declaration(id, resource))

    def absent(self, id: str, resource: ResourceDeclaration, shapes: Sequence[type[Resource]]) -> Unknown | None:
        """Why a resource is not in the model."""
        if id not in self.left_out:
            declaration = self.declaration(id, resource)
            self.left_out[id] = self.stack.shapeless.get(id) or left_out(declaration, shapes)
        return self.left_out[id]

    def attribute(self, id: str, resource: ResourceDeclaration, attribute: str) -> Any:
        if resource.type == NESTED:
            return self._output(id, resource, attribute)
        shapes = shapes_of(resource.type)
        if shapes and (absent := self.absent(id, resource, shapes)):
            return absent
        declaration = self.declaration(id, resource)
        for shape in shapes:
            if attribute in ("Id", shape.fields["id"].api):
                return declaration.id
            with suppress(AttributeError, IndexError, KeyError, TypeError, ValueError):
                if (value := shape.cloudformation_attribute(declaration, attribute)) is not None:
                    return value
        if attribute.endswith("Arn"):
            return self._arn(declaration)
        if shapes and attribute.endswith(("HostedZoneID", "HostedZoneNameID")):
            return f"Z{stable_hex(f'{declaration.type} {declaration.region}', 13).upper()}"
        return Unknown(f"the attribute `{attribute}` of {declaration.id} is not modelled", declaration.origin)

    def _arn(self, declaration: Declaration) -> str:
        """A name that only has to differ from those of other resources."""
        service = declaration.type.split("::")[1].lower() if declaration.type.count("::") > 1 else "custom"
        partition = services.partition_of(declaration.region)
        return f"arn:{partition}:{service}:{declaration.region}:{declaration.account}:{declaration.id}"

    # nested stacks

    def _output(self, id: str, resource: ResourceDeclaration, attribute: str) -> Any:
        found = self.children(id, resource)
        if isinstance(found, Unknown):
            return found
        outputs = found[0].stack.outputs
        name = attribute.removeprefix("Outputs.")
        if name not in outputs:
            message = f"{self.full_id(id)} has no output `{name}`"
            return self.stack.report.problem(message, resource.origin, name, outputs)
        return outputs[name].value

    def children(self, id: str, resource: ResourceDeclaration) -> list[_Deployed] | Unknown:
        """The stacks that a resource makes, or why they are not known."""
        if id not in self.nested:
            self.nested[id] = Unknown(f"the nested stack {self.full_id(id)} needs itself", resource.origin)
            self.nested[id] = self._children(id, resource)
        return self.nested[id]

    def _children(self, id: str, resource: ResourceDeclaration) -> list[_Deployed] | Unknown:
        if self._depth() >= DEEPEST:
            return Unknown(f"more than {DEEPEST} stacks stand in each other", resource.origin)
        try:
            found = children(resource, self.source.template.file)
        except InputError as error:
            for problem in error.problems:
                self.stack.report.problem(f"{self.full_id(id)}: {problem}", resource.origin)
            return Unknown("its template cannot be read", resource.origin)
        return found if isinstance(found, Unknown) else [self._child(id, resource, found, child) for child in found]

    def _child(self, id: str, resource: ResourceDeclaration, all: Sequence[Child], child: Child) -> _Deployed:
        region, account = child.region or self.source.region, child.account or self.source.account
        if region not in services.regions():
            self.stack.report.problem(f"{self.full_id(id)}: `{region}` is not a Region", resource.origin)
            region = self.source.region
        name = f"{self.source.name}-{id}"
        (label,) = [
            label for label, one in zip(labels([(id, c.region, c.account) for c in all]), all, strict=True) if one is child
        ]
        made = _Deployed(self.deployment, Source(child.template, name, region, account), child.parameters, self, label)
        made.told += [f"{self.full_id(id)}: {child.told}"] if child.told else []
        return made

    def _depth(self) -> int:
        return 0 if self.above is None else 1 + self.above._depth()


def _name_by_construct(item: Draft | Patch, resource: ResourceDeclaration) -> None:
    """A resource of CDK is named by its construct's path, which is how its author knows it, unless the author named it.

    CDK's own tag `Name` is the path of a construct around it, and so the same for several resources.
    """
    metadata = resource.body.get("Metadata")
    path = metadata.get("aws:cdk:path") if isinstance(metadata, Map) else None
    if isinstance(path, str) and isinstance(item, Draft) and not item.fields.get("Name") and path.startswith(_name_tag(item)):
        item.fields["Name"] = path.removesuffix("/Resource").removesuffix("/Default")


def _name_tag(draft: Draft) -> str:
    tags = draft.fields.get("Tags")
    tags = [tag for tag in tags if isinstance(tag, Mapping)] if isinstance(tags, list) else []
    return next((str(tag.get("Value")) for tag in tags if tag.get("Key") == "Name"), "")


def _for_template(given: Mapping[str, str], source: Source, sources: Sequence[Source]) -> dict[str, str]:
    """The given parameters that a template declares; the first one gets those that none declares, and says so."""
    named = {name: value for name, value in given.items() if ":" not in name}
    declares = [source.template.get("Parameters") for source in sources]
    own = source.template.get("Parameters")
    own = own if isinstance(own, Map) else {}
    nobody = {n for n in named if not any(isinstance(section, Map) and n in section for section in declares)}
    return {n: v for n, v in named.items() if n in own or (n in nobody and source is sources[0])}
