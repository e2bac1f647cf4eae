"""The resources that the input describes, by id and by kind, completed by what AWS adds, and checked by AWS's rules.

A Topology knows no kind by name: every resource class says for itself what it implies, what it refers to, and what AWS
would refuse. Two topologies are equal when they describe the same network, wherever and however that was written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any, NamedTuple, TypeVar

from vpcsim.errors import InputError, Origin, Problem, RefusedError, UnknownName, nearest
from vpcsim.prefixes import Prefix
from vpcsim.resource import Declared, Draft, Fields, Patch, Resource
from vpcsim.stable import stable_hash

R = TypeVar("R", bound=Resource)


class Skipped(NamedTuple):
    """A statement of the input that vpcsim does not model, and why it was left out."""

    id: str
    type: str
    origin: Origin | None
    reason: str = "not modelled"


@dataclass(frozen=True)
class Settings:
    """What holds for the whole model. `shapes` is the ordered list of resource classes."""

    shapes: Sequence[type[Resource]] = ()
    region: str = "us-east-1"
    account: str = "123456789012"
    file: str = ""
    notices: tuple[Problem, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    assumptions: tuple[str, ...] = ()


@dataclass
class Topology:
    """Resources by id. Build one with `Topology.build`; it is not changed afterwards."""

    settings: Settings
    declared: tuple[Resource, ...] = ()
    resources: dict[str, Resource] = field(default_factory=dict)
    _by_kind: dict[str, dict[str, Resource]] = field(default_factory=dict, repr=False)
    _claims: dict[str, dict[int, str]] = field(default_factory=dict, repr=False)

    @classmethod
    def build(cls, settings: Settings, declared: Declared) -> Topology:
        """Validate what a reader declared, complete it and check it.

        Raises InputError with every problem found, RefusedError if AWS itself would refuse the configuration.
        """
        drafts, problems = _drafts(declared)
        made = [resource for draft in drafts if (resource := _validate(draft, problems)) is not None]
        if problems:
            raise InputError(problems)
        return cls._of(settings, made)

    @classmethod
    def _of(cls, settings: Settings, declared: Iterable[Resource]) -> Topology:
        topology = cls(settings, tuple(declared))
        for resource in topology.declared:
            topology.put(resource)
        for shape in settings.shapes:
            shape.complete(topology)
        topology._check_references()
        refusals = [problem for shape in settings.shapes for problem in shape.check(topology)]
        if refusals:
            raise RefusedError(sorted(set(refusals), key=lambda p: (p.origin or Origin(""), p.message)))
        return topology

    def changed(self, declared: Declared = (), deleted: Iterable[str] = ()) -> Topology:
        """A new topology with these statements added, and these resources and everything that refers to them deleted.

        Declaring an id again replaces that resource; a Patch changes one. Raises as `build`, and UnknownName.
        """
        gone = {self.find(name).id for name in deleted}
        drafts, problems = _drafts(declared, self._draft_of)
        made = [resource for draft in drafts if (resource := _validate(draft, problems)) is not None]
        if problems:
            raise InputError(problems)
        gone |= {resource.id for resource in made}
        kept = [r for r in self.declared if r.id not in gone]
        removed = {self.find(name).id for name in deleted} - {resource.id for resource in made}
        return self._of(self.settings, [*_without(kept, removed), *made])

    def _draft_of(self, id: str) -> Draft | None:
        for resource in self.declared:
            if resource.id == id:
                return Draft(type(resource), id, resource.dump(), resource.origin)
        return None

    def put(self, resource: Resource) -> None:
        """Add a resource, or the completed form of one."""
        self.resources[resource.id] = resource
        self._by_kind.setdefault(resource.kind, {})[resource.id] = resource

    def of(self, shape: type[R]) -> list[R]:
        """The resources of this class, in the order in which they were declared."""
        return [r for r in self._by_kind.get(shape.kind, {}).values() if isinstance(r, shape)]

    def of_kind(self, kind: str) -> list[Resource]:
        return list(self._by_kind.get(kind, {}).values())

    def get(self, shape: type[R], id: str | None) -> R | None:
        """The resource of this class with this id, or None."""
        found = self.resources.get(id) if id else None
        return found if isinstance(found, shape) else None

    def need(self, shape: type[R], id: str) -> R:
        """The resource of this class with this id. The id was checked when the topology was built."""
        found = self.resources[id]
        assert isinstance(found, shape), f"`{id}` is a {found.kind}"
        return found

    def find(self, text: str) -> Resource:
        """The resource with this id, or else the only one with this name. Raises UnknownName with the nearest one."""
        if text in self.resources:
            return self.resources[text]
        named = [r for r in self.resources.values() if r.name == text]
        if len(named) == 1:
            return named[0]
        if named:
            raise UnknownName("single resource", text, [r.id for r in named])
        raise UnknownName("resource", text, list(chain(self.resources, (r.name for r in self.resources.values()))))

    def claim(self, scope: str, number: int, by: str) -> bool:
        """Take an address of a scope for a resource. False if another one has it."""
        return self._claims.setdefault(scope, {}).setdefault(number, by) == by

    def holder(self, scope: str, number: int) -> str | None:
        """The id of the resource that took this address of the scope."""
        return self._claims.get(scope, {}).get(number)

    def choose(self, scope: str, block: Prefix, by: str) -> int | None:
        """Take a free address of the block, where AWS would draw one: the same for the same resource. None if it is full."""
        start = stable_hash(by) % block.size
        taken = self._claims.setdefault(scope, {})
        for offset in range(min(block.size, len(taken) + 1)):
            number = block.first + (start + offset) % block.size
            if number not in taken:
                taken[number] = by
                return number
        return None

    def dump(self) -> dict[str, list[dict[str, Any]]]:
        """The completed topology as plain describe-shaped values: what independent second opinions read."""
        return {
            shape.section: [r.dump() for r in sorted(self.of(shape), key=lambda r: r.id)]
            for shape in sorted(self.settings.shapes, key=lambda s: s.section)
            if self.of(shape)
        }

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Topology):
            return NotImplemented
        mine, theirs = self.settings, other.settings
        return (mine.region, mine.account, self.dump()) == (theirs.region, theirs.account, other.dump())

    __hash__ = None  # type: ignore[assignment]

    def with_notices(self, notices: Iterable[Problem]) -> Topology:
        return replace(self, settings=replace(self.settings, notices=(*self.settings.notices, *notices)))

    def _check_references(self) -> None:
        problems = [p for r in self.resources.values() for p in self._broken(r)]
        if problems:
            raise InputError(problems)

    def _broken(self, resource: Resource) -> Iterator[Problem]:
        for kinds, id, name, origin in resource.references():
            target = self.resources.get(id)
            if target is None or (kinds and target.kind not in kinds):
                known = [r.id for kind in kinds for r in self.of_kind(kind)]
                close = nearest(id, known)
                hint = f"did you mean `{close}`?" if close else f"the model has {_listed(known)}"
                what = " or ".join(kind.replace("_", " ") for kind in kinds)
                yield Problem(f"{resource.id}: `{id}` ({name}) is not a {what} of this model; {hint}", origin or resource.origin)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names[:5]) if names else "none"


def _without(resources: list[Resource], removed: set[str]) -> list[Resource]:
    while dependents := {r.id for r in resources if any(ref.id in removed for ref in r.references())}:
        removed = removed | dependents
        resources = [r for r in resources if r.id not in removed]
    return [r for r in resources if r.id not in removed]


def _drafts(declared: Declared, known: Callable[[str], Draft | None] = lambda _: None) -> tuple[list[Draft], list[Problem]]:
    drafts: dict[str, Draft] = {}
    patches: list[Patch] = []
    problems: list[Problem] = []
    for item in declared:
        if isinstance(item, Patch):
            patches.append(item)
        elif item.id in drafts:
            first = drafts[item.id].origin
            problems.append(Problem(f"`{item.id}` is declared twice" + (f", first at {first}" if first else ""), item.origin))
        else:
            drafts[item.id] = item
    for patch in patches:
        draft = drafts.get(patch.target) or known(patch.target)
        if draft is None:
            close = nearest(patch.target, drafts)
            hint = f", did you mean `{close}`?" if close else ""
            problems.append(Problem(f"no resource `{patch.target}`{hint}", patch.origin))
        else:
            drafts[draft.id] = draft
            _apply(patch.fields, draft.fields)
    return list(drafts.values()), problems


def _apply(changes: Mapping[str, Any], fields: Fields) -> None:
    for name, value in changes.items():
        fields[name] = [*(fields.get(name) or ()), *value] if isinstance(value, list) else value


def _validate(draft: Draft, problems: list[Problem]) -> Resource | None:
    tags = draft.fields.get("Tags") or ()
    named = next((t.get("Value") for t in tags if isinstance(t, Mapping) and t.get("Key") == "Name"), None)
    values = {
        **draft.fields,
        draft.shape.fields["id"].api: draft.id,
        "Name": draft.fields.get("Name") or named or draft.id,
        "Tags": [t for t in tags if not (isinstance(t, Mapping) and t.get("Key") == "Name")],
        "WrittenAt": draft.origin,
        "Assumed": frozenset(draft.assumed),
    }
    from pydantic_core import ValidationError

    try:
        return draft.shape.read(values)
    except ValidationError as error:
        problems.extend(_problem(draft, values, fault) for fault in error.errors())
        return None


def _problem(draft: Draft, values: Any, fault: Any) -> Problem:
    origin, path = draft.origin, []
    for part in fault["loc"]:
        path.append(str(part))
        values = _inside(values, part)
        written = values.get("WrittenAt") if isinstance(values, Mapping) else None
        origin = written or getattr(values, "origin", None) or origin
    message = str(fault["msg"]).removeprefix("Value error, ")
    message = message[:1].lower() + message[1:]
    given = fault.get("input")
    if fault["type"] == "missing":
        message = f"`{path[-1]}` is missing"
    elif isinstance(given, str | int | float) and f"`{given}`" not in message:
        message = f"`{given}`: {message}"
    return Problem(f"{draft.id}: {'.'.join(path)}: {message}", origin)


def _inside(values: Any, part: Any) -> Any:
    try:
        return values[part]
    except (KeyError, IndexError, TypeError):
        return None
