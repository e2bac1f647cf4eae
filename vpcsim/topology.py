"""The resources that the input describes, by id and by kind, completed by what AWS adds, and checked by AWS's rules.

A Topology knows no kind by name: every resource class says for itself what it implies, what it refers to, and what AWS
would refuse. Two topologies are equal when they describe the same network, wherever and however that was written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any, TypeVar

from vpcsim.drafts import PLACEHOLDER, filled, gather, needs_later, validated
from vpcsim.errors import InputError, Origin, Problem, RefusedError, Skipped, UnknownName, nearest
from vpcsim.prefixes import Prefix
from vpcsim.resolution import DEFAULT_SWITCHES, Switches
from vpcsim.resource import Declared, Draft, Resource, references_of
from vpcsim.stable import stable_hash

R = TypeVar("R", bound=Resource)


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
    dns: Switches = DEFAULT_SWITCHES
    aliases: Mapping[str, str] = field(default_factory=dict)
    """Other words for resources, such as the ids that AWS gave them, with the model's ids."""


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
        left_out = {skip.id for skip in settings.skipped}
        gathered = gather(declared, lambda id: _unspelled(settings.shapes, id), left_out)
        drafts = gathered.drafts
        if any(needs_later(draft.fields) for draft in drafts):
            rough = cls._completed(
                settings, validated([d.with_fields(filled(d.fields, PLACEHOLDER)) for d in drafts], gathered.problems)
            )
            drafts = [draft.with_fields(filled(draft.fields, rough.late_attribute)) for draft in drafts]
        resources = validated(drafts, gathered.problems)
        if gathered.problems:
            raise InputError(gathered.problems)
        kept, skipped = _without_left_out(resources, (*settings.skipped, *gathered.skipped))
        return cls._of(replace(settings, skipped=skipped), kept)

    @classmethod
    def _of(cls, settings: Settings, declared: Iterable[Resource]) -> Topology:
        topology = cls._completed(settings, declared)
        topology._check_references()
        refusals = [problem for shape in settings.shapes for problem in shape.check(topology)]
        if refusals:
            refused = sorted(set(refusals), key=lambda p: (p.origin or Origin(""), p.message))
            raise RefusedError(refused) if all(p.refused for p in refused) else InputError(refused)
        return topology

    @classmethod
    def _completed(cls, settings: Settings, declared: Iterable[Resource]) -> Topology:
        topology = cls(settings, tuple(declared))
        for resource in topology.declared:
            topology.put(resource)
        for shape in settings.shapes:
            shape.complete(topology)
        return topology

    def late_attribute(self, id: str, attribute: str) -> str | None:
        """An attribute that had to wait for the topology's completion, or None."""
        resource = self.resources.get(id)
        return resource.late_attribute(attribute, self) if resource else None

    def changed(self, declared: Declared = (), deleted: Iterable[str] = ()) -> Topology:
        """A new topology with these statements added, and these resources and everything that refers to them deleted.

        Declaring an id again replaces that resource; a Patch changes one. Raises as `build`, and UnknownName.
        """
        gathered = gather(declared, self._draft_of)
        filled_in = [draft.with_fields(filled(draft.fields, self.late_attribute)) for draft in gathered.drafts]
        made = validated(filled_in, gathered.problems)
        if gathered.problems:
            raise InputError(gathered.problems)
        new = {resource.id for resource in made}
        removed = {self.find(name).id for name in deleted} - new
        kept = [r for r in self.declared if r.id not in removed | new]
        return self._of(self.settings, [*_without(kept, removed), *made])

    def _draft_of(self, id: str) -> Draft | None:
        resource = self.resources.get(id)
        return Draft(type(resource), id, resource.dump(without=resource.assumed), resource.origin) if resource else None

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
        text = text if text in self.resources else self.settings.aliases.get(text, text)
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
        problems = [p for r in self.declared for p in self._broken(r)]
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


def _unspelled(shapes: Sequence[type[Resource]], id: str) -> Draft | None:
    return next((draft for shape in shapes if (draft := shape.unspelled(id)) is not None), None)


def _without_left_out(
    resources: Sequence[Resource], skipped: Sequence[Skipped]
) -> tuple[Sequence[Resource], tuple[Skipped, ...]]:
    """The resources that need none of what was left out, and what is left out in the end. What another input holds is there."""
    held = {resource.id for resource in resources}
    left_out = {skip.id: skip for skip in skipped if skip.id not in held}
    kept = [*resources] if left_out else resources
    while lost := [(r, ref.id) for r in kept if left_out for ref in r.references() if ref.id in left_out]:
        for resource, id in lost:
            reason = f"needs `{id}`, which is left out"
            left_out[resource.id] = Skipped(resource.id, resource.kind, resource.origin, reason, tuple(_parts_of(resource)))
        kept = [resource for resource in kept if resource.id not in left_out]
    return kept, tuple(left_out.values())


def _parts_of(resource: Resource) -> Iterator[str]:
    """What a resource is associated with, so that it would be another thing without it."""
    for part in getattr(resource, "associations", ()):
        yield from (reference.id for reference in references_of(part))


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names[:5]) if names else "none"


def _without(resources: list[Resource], removed: set[str]) -> list[Resource]:
    while dependents := {r.id for r in resources if any(ref.id in removed for ref in r.references())}:
        removed = removed | dependents
        resources = [r for r in resources if r.id not in removed]
    return [r for r in resources if r.id not in removed]
