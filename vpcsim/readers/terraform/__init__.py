"""Terraform: a plan or a state, from `terraform show -json` or as the raw `terraform.tfstate`, of the AWS provider.

A resource is known by its address, as `module.vpc.aws_subnet.private["a"]`. Where a state names others by the ids that AWS gave
them, and a plan by references to what is not known yet, both become addresses. What the resource classes make of the provider's
attributes is said by their `terraform_spelling` and `terraform`.

Source: https://developer.hashicorp.com/terraform/internals/json-format
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

from vpcsim.errors import Doubt, InputError, Origin, Problem, Skipped
from vpcsim.outsiders import OUTSIDE
from vpcsim.readers.document import Map, origin_of
from vpcsim.readers.reading import Reading, elsewhere, joined
from vpcsim.readers.terraform import data_sources, hcl, launching
from vpcsim.readers.terraform.instances import Instance, Place, of_state, of_values
from vpcsim.readers.terraform.other_types import OTHERS, Other
from vpcsim.readers.terraform.plan import Configuration
from vpcsim.readers.terraform.regions import ACCOUNT, REGION, place_all
from vpcsim.readers.terraform.spelling import is_policy, shapes_of, spelled, with_texts
from vpcsim.readers.unknowns import OTHER_FORM, Taken, skip, take
from vpcsim.references import refers
from vpcsim.resource import Declaration, Draft, Patch, Resource, TerraformSpelling
from vpcsim.shapes import SHAPES
from vpcsim.topology import Settings

FILES = ("plan.json", "terraform.tfstate")
STATE_FORMAT = 4
EXTERNAL = re.compile(r"(?:[a-z]+-)+[0-9a-f]{8,17}|arn:aws[a-z-]*:.+|Z[0-9A-Z]{8,32}")
"""Ids that AWS gives."""
MADE_UP = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""Ids that stand in sources for those."""


def recognises(document: Map) -> bool:
    """Whether a document is a plan or a state, or stands for sources."""
    return hcl.FOLDER in document or (
        "terraform_version" in document and bool({"format_version", "version", "serial", "lineage"} & document.keys())
    )


def read(documents: Sequence[Map], parameters: Mapping[str, str]) -> Reading:
    """What plans and states declare; they have no parameters. Raises InputError with every problem found."""
    sources = [_source(document) for document in documents]
    _tell_apart(sources)
    for source in sources:
        if isinstance(source.document.get("configuration"), Map):
            source.configuration = Configuration(source.document, source.instances, _attribute)
        source.place = place_all(source.document, source.instances, source.configuration, source.providers)
    everything = [instance for source in sources for instance in source.instances]
    return joined(_declared(source, _Known([*source.instances, *everything])) for source in sources)


@dataclass
class _Source:
    """One plan or state: its instances, and what else it says."""

    document: Map
    instances: list[Instance]
    configuration: Configuration | None = None
    providers: Mapping[str, Place] = field(default_factory=dict)
    assumptions: list[str] = field(default_factory=list)
    place: Place | None = None


class _Known:
    """The model's ids of what the files name by the ids of AWS, by names or by addresses. The first with a name has it."""

    def __init__(self, instances: Iterable[Instance]) -> None:
        self._instances = {instance.address: instance for instance in instances}
        self._ids: dict[str, str] = {}
        self._names: dict[tuple[str, str], str] = {}
        for instance in sorted(self._instances.values(), key=lambda i: i.type.startswith("data.")):
            for shape in shapes_of(instance.type):
                for text, id in shape.terraform_ids(instance.address, _own(instance, shape.terraform_spelling)):
                    self._ids.setdefault(text, id)
                    self._names.setdefault((instance.type, text), id)
            if isinstance(name := instance.values.get("name"), str):
                self._names.setdefault((instance.type, name), instance.address)
        self._names = {key: self._of_parts(id) for key, id in self._names.items()}
        self._ids = {text: self._of_parts(id) for text, id in self._ids.items()}

    def _of_parts(self, id: str) -> str:
        """The id of a part, `firewall/subnet-0a1b`, with the address of what it is named after."""
        head, slash, tail = id.rpartition("/")
        return f"{head}/{self._ids[tail]}" if slash and tail in self._ids else id

    def instance(self, address: Any) -> Instance | None:
        return self._instances.get(address) if isinstance(address, str) else None

    def template(self, shape: type[Resource], id: str) -> Mapping[str, Any] | None:
        """The attributes of a launch template, by its address."""
        found = self.instance(id)
        return self.named(found.values, shape, found.type) if found else None

    def adopted(self, instances: Iterable[Instance]) -> dict[str, str]:
        """What AWS makes with a VPC, with the addresses of the resources that take it over."""
        found = {}
        for instance in instances:
            for shape in shapes_of(instance.type):
                attribute, id = shape.terraform_spelling.adopts.get(instance.type, ("", ""))
                value = self.named(instance.values.get(attribute), shape, instance.type, attribute)
                if attribute and isinstance(value, str):
                    found[id.format(value)] = instance.address
        return found

    def stands(self, instance: Instance) -> bool:
        """Whether it is the resource itself, and no data source that reads one of the files."""
        id = instance.values.get("id")
        return not isinstance(id, str) or self._ids.get(id, instance.address) == instance.address

    @property
    def aliases(self) -> dict[str, str]:
        """What AWS calls things, with the model's ids."""
        return {text: id for text, id in self._ids.items() if EXTERNAL.fullmatch(text)}

    def named(self, value: Any, shape: type[Resource], type: str, attribute: str = "") -> Any:
        """The value with the model's ids for those of AWS, and for names in attributes that name a resource."""
        if isinstance(value, str):
            return self._named_text(value, shape.terraform_spelling, type, attribute)
        if isinstance(value, Mapping):
            return {key: self.named(item, shape, type, str(key)) for key, item in value.items()}
        return [self.named(item, shape, type, attribute) for item in value] if isinstance(value, list) else value

    def _named_text(self, text: str, spelling: TerraformSpelling, type: str, attribute: str) -> str:
        for other in spelling.named_by(type, attribute):
            if (other, text) in self._names:
                return self._names[other, text]
        if is_policy(attribute):
            return with_texts(text, self._in_policy)
        if attribute in spelling.arns:
            return self._in_policy(text)
        named = EXTERNAL.fullmatch(text) or MADE_UP.fullmatch(text) or "://" in text
        return self._ids.get(text, text) if named else text

    def _in_policy(self, text: str) -> str:
        """What the model calls something that a policy or an ARN names: by the ARN there if it has one, else by its id."""
        for real, arn in self._arns.items():
            text = text.replace(real, arn)
        return self._ids.get(text, text) if EXTERNAL.fullmatch(text) or MADE_UP.fullmatch(text) else text

    @cached_property
    def _arns(self) -> dict[str, str]:
        """The ARNs of the model for the real ones that differ, and for the ids that stand for them in sources."""
        found: dict[str, str] = {}
        for instance in self._instances.values():
            texts = [text for text in (instance.values.get("arn"), instance.values.get("id")) if isinstance(text, str)]
            arn = _attribute(instance, "Arn") if texts else None
            found |= {text: arn for text in texts if arn and text != arn and (text.startswith("arn:") or MADE_UP.fullmatch(text))}
        return dict(sorted(found.items(), key=lambda pair: -len(pair[0])))


def _own(instance: Instance, spelling: TerraformSpelling) -> dict[str, Any]:
    """The attributes of an instance but for those that name another: a record has the id of its zone."""
    type = instance.type.removeprefix("data.")
    named = {name: spelling.named_by(instance.type, name) for name in spelling.ids}
    others = {name for name, types in named.items() if types and type not in types}
    return {name: value for name, value in instance.values.items() if name not in others}


def _renamed(item: Draft | Patch, names: Mapping[str, str]) -> Draft | Patch:
    if not names:
        return item
    fields = {key: _with_names(value, names) for key, value in item.fields.items()}
    if isinstance(item, Draft):
        return item.with_fields(fields)
    return item._replace(fields=fields, target=names.get(item.target, item.target))


def _with_names(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return names.get(value, value)
    if isinstance(value, Mapping):
        return {key: _with_names(item, names) for key, item in value.items()}
    return [_with_names(item, names) for item in value] if isinstance(value, list) else value


def _source(document: Map) -> _Source:
    if hcl.FOLDER in document:
        instances, providers, assumptions = hcl.sources_of(document[hcl.FOLDER])
        return _Source(document, instances, None, providers, assumptions)
    if "version" in document and "format_version" not in document:
        if document["version"] != STATE_FORMAT:
            message = (
                f"this is a state of format {document['version']}; {STATE_FORMAT} is read, which Terraform writes since 0.12"
            )
            raise InputError(Problem(message, origin_of(document, "version")))
        return _Source(document, list(of_state(document)))
    if not str(document.get("format_version")).startswith(("0.", "1.")):
        message = f"`{document.get('format_version')}` is not a format of plans and states that is read; 1 is"
        raise InputError(Problem(message, origin_of(document, "format_version")))
    return _Source(document, list(of_values(document)))


def _attribute(instance: Instance, name: str) -> Any:
    """What a reference to an attribute stands for; `Arn` is the ARN itself, where `arn` is the resource."""
    for shape in shapes_of(instance.type):
        declaration = _declaration(instance, shape, instance.values, {})
        value = shape.terraform_arn(declaration) if name == "Arn" else shape.terraform_attribute(declaration, name)
        if value is not None:
            return value
    return instance.address if name in ("", "id", "arn", "name") else None


def _tell_apart(sources: Sequence[_Source]) -> None:
    """Addresses that several files have are led by the file's name: every root module may have an `aws_vpc.main`."""
    counts = Counter(instance.address for source in sources for instance in source.instances)
    for number, source in enumerate(sources):
        if number and any(counts[instance.address] > 1 for instance in source.instances):
            prefix = source.document.file.replace("\\", "/").rpartition("/")[2].partition(".")[0] or str(number)
            for instance in source.instances:
                instance.written, instance.address = instance.address, f"{prefix}:{instance.address}"


def _declared(source: _Source, known: _Known) -> Reading:
    if source.configuration:
        source.configuration.fill()
    elif hcl.FOLDER in source.document:
        hcl.fill(source.instances, _attribute, source.assumptions)
    place = source.place or Place(REGION, ACCOUNT)
    taken = Taken(own=True)
    for instance in source.instances:
        _take(instance, known, place, taken)
    adopted = known.adopted(source.instances)
    declared = _once_each([_renamed(item, adopted) for item in taken.declared])
    notices, assumptions = _told(source)
    settings = Settings(
        SHAPES,
        place.region,
        place.account,
        source.document.file,
        notices=(*notices, *taken.notices),
        skipped=(*taken.skipped, *_outside(declared, known)),
        doubts=tuple(_doubts(taken, declared, adopted)),
        assumptions=tuple(assumptions),
        aliases=known.aliases,
    )
    return Reading(settings, declared)


def _told(source: _Source) -> tuple[list[Problem], list[str]]:
    notices, origin = [], Origin(source.document.file)
    if not any(shapes_of(instance.type) for instance in source.instances):
        notices.append(Problem("there is no resource in it that a network is made of", origin))
    assumed = [f"the Region is taken to be {REGION}: the files do not say"] if source.place is None else []
    tables = [i.address for i in source.instances if i.type == data_sources.TABLE]
    assumed += [f"{table}: has no propagated routes: a data source does not tell them" for table in tables]
    return notices, [*assumed, *source.assumptions, *(source.configuration.assumptions if source.configuration else ())]


def _declaration(
    instance: Instance, shape: type[Resource], values: Mapping[str, Any], existing: Mapping[str, Any]
) -> Declaration:
    spelling = shape.terraform_spelling
    fields = {**spelling.defaults, **spelled(values, spelling)}
    return Declaration(instance.address, spelling.types[instance.type], fields, instance.origin, *instance.place, existing)


def _take(instance: Instance, known: _Known, place: Place, taken: Taken) -> None:
    """Add what an instance comes to, seen by each class that knows its type. One that is not well written is left out."""
    shapes = shapes_of(instance.type)
    data = instance.type.startswith("data.")
    if data and not known.stands(instance):
        return
    told = Taken(own=True)
    for shape in shapes:
        if not shape.terraform_spelling.types[instance.type]:
            return
        kept = instance.values.keys() - {"id", "tags_all"}
        if not shape.terraform_spelling.named_by(instance.type, "arn"):
            kept.discard("arn")
        values = known.named({k: v for k, v in instance.values.items() if k in kept}, shape, instance.type)
        if values.get(launching.TEMPLATE):
            values = launching.launched(values, partial(known.template, shape))
        owner = known.instance(values.get(shape.terraform_spelling.owner))
        declaration = _declaration(instance, shape, values, owner.values if owner else {})
        try:
            take(declaration, [shape], told, _in_terraform)
        except InputError:
            reason = f"this is not how a {shape.kind.replace('_', ' ')} is written"
            told.skipped.append(Skipped(declaration.id, shape.kind, declaration.origin, reason))
    skipped = [skip._replace(type=instance.type) for skip in dict.fromkeys(told.skipped)]
    told.skipped = [skip for skip in skipped if skip.reason != OTHER_FORM or not (told.declared or data)]
    _settle(told, instance, place)
    taken.add(told)
    if not shapes:
        _leave_out(instance, known, taken)


def _leave_out(instance: Instance, known: _Known, taken: Taken) -> None:
    """Tell of a resource that no class takes, and of what that leaves open; a data source is no resource."""
    taken.doubts += data_sources.doubts(instance)
    if instance.type.startswith("data."):
        return
    other = OTHERS.get(instance.type, Other(""))
    fields = spelled(known.named(instance.values, Resource, instance.type), Resource.terraform_spelling)
    skip(
        Declaration(instance.address, instance.type, fields, instance.origin, *instance.place), other.reason, other.acts_by, taken
    )


def _settle(told: Taken, instance: Instance, place: Place) -> None:
    """Say where resources are that are not where the model is, and leave out parts of nothing."""
    for item in list(told.declared):
        if isinstance(item, Draft):
            item.fields |= elsewhere(instance.place, place)
        elif not isinstance(item.target, str) or not item.target:
            told.declared.remove(item)
            told.skipped.append(Skipped(instance.address, instance.type, item.origin, f"`{item.key}` names nothing"))


def _in_terraform(shape: type[Resource], declaration: Declaration) -> Iterable[Draft | Patch]:
    return shape.terraform(declaration)


def _once_each(items: Sequence[Draft | Patch]) -> list[Draft | Patch]:
    """The last of what is declared twice, and no part that its resource has already."""
    drafts = {item.id: item for item in items if isinstance(item, Draft)}
    patches = (item for item in items if isinstance(item, Patch))
    return [*drafts.values(), *(once for patch in patches for once in _once(patch, drafts.get(patch.target)))]


def _doubts(taken: Taken, declared: Iterable[Draft | Patch], adopted: Mapping[str, str]) -> Iterator[Doubt]:
    """What is open, under the names that resources have here; a part of one that nobody knows may be one of any."""
    for doubt in taken.doubts:
        yield doubt._replace(about=adopted.get(doubt.about, doubt.about))
    drafts = [item for item in declared if isinstance(item, Draft)] if taken.anywhere else []
    for shape, doubt in taken.anywhere:
        yield from (doubt._replace(about=draft.id) for draft in drafts if draft.shape is shape)


def _outside(declared: Iterable[Draft | Patch], known: _Known) -> Iterator[Skipped]:
    """What is named by an id of AWS's and in none of the files. Another input may hold it."""
    inside = known.aliases
    for item in declared:
        name, named = (item.id, _named_in(item)) if isinstance(item, Draft) else (item.origin, [item.target])
        who = name if isinstance(name, str) else name.path if name else "a part"
        for id in named:
            if EXTERNAL.fullmatch(id) and not id.startswith("pl-") and id not in inside:
                yield Skipped(id, OUTSIDE, item.origin, f"{who} needs it, and these files do not hold it")


def _named_in(draft: Draft) -> Iterator[str]:
    for known in draft.shape.fields.values():
        if refers(draft.shape, known.name):
            yield from _mentioned(draft.fields.get(known.api))


def _mentioned(value: Any) -> Iterator[str]:
    """The texts inside, ids of resources among them."""
    if isinstance(value, str):
        yield value
    else:
        for item in value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ():
            yield from _mentioned(item)


def _once(patch: Patch, draft: Draft | None) -> Iterator[Patch]:
    """The patch without the items that the resource has already: a state shows parts both there and as their own."""
    fields: dict[str, Any] = {}
    for name, value in patch.fields.items():
        if isinstance(value, list) and draft is not None:
            held = [_plain(item) for item in draft.fields.get(name) or ()]
            value = [item for item in value if _plain(item) not in held]
            if not value:
                continue
        fields[name] = value
    if fields:
        yield patch._replace(fields=fields)


def _plain(item: Any) -> Any:
    if isinstance(item, Mapping):
        return {key: _plain(value) for key, value in item.items() if key not in ("WrittenAt", "State") and value is not None}
    return item
