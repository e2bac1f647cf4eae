"""The resources that the input describes, by id and by kind, completed by what AWS adds, and checked by AWS's rules.

A Topology knows no kind by name: every resource class says for itself what it implies, what it refers to, and what AWS
would refuse. Two topologies are equal when they describe the same network, wherever and however that was written.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from vpcsim import services
from vpcsim.drafts import PLACEHOLDER, filled, gather, needs_later, validated
from vpcsim.errors import Doubt, InputError, Origin, Problem, RefusedError, Skipped, UnknownName, nearest, with_article
from vpcsim.outsiders import settled
from vpcsim.prefixes import Prefix
from vpcsim.resolution import DEFAULT_SWITCHES, Switches
from vpcsim.resource import Declared, Draft, Resource, refuse
from vpcsim.stable import stable_hash

R = TypeVar("R", bound=Resource)
T = TypeVar("T")


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
    doubts: tuple[Doubt, ...] = ()
    dns: Switches = DEFAULT_SWITCHES
    observed: frozenset[str] = frozenset()
    """Files that tell what exists at AWS: what would be refused there is a notice, for AWS did not refuse it."""
    groups_per_interface: int = 16
    """The quota of security groups at an interface: five, unless AWS raised it, and sixteen at most."""
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
    _kept: dict[str, Any] = field(default_factory=dict, repr=False)
    _inside: dict[str, tuple[Resource, list[str]]] = field(default_factory=dict, repr=False)

    @classmethod
    def build(cls, settings: Settings, declared: Declared) -> Topology:
        """Validate what a reader declared, complete it and check it.

        Raises InputError with every problem found, RefusedError if AWS itself would refuse the configuration.
        """
        left_out = {skip.id for skip in settings.skipped}
        gathered = gather(declared, lambda id: _unspelled(settings.shapes, id), left_out)
        drafts = gathered.drafts
        written = (draft for draft in drafts if not (draft.origin and draft.origin.file in settings.observed))
        if any(needs_later(draft.fields) for draft in written):
            rough = cls._completed(
                settings, validated([d.with_fields(filled(d.fields, PLACEHOLDER)) for d in drafts], gathered.problems)
            )
            drafts = [draft.with_fields(filled(draft.fields, rough.late_attribute)) for draft in drafts]
        resources = validated(drafts, gathered.problems)
        if gathered.problems:
            raise InputError(gathered.problems)
        inside = settled(drafts, resources, (*settings.skipped, *gathered.skipped))
        while inside.doubts or len(inside.drafts) < len(resources):
            lacking: list[Problem] = []
            resources = validated(inside.drafts, lacking)
            if not lacking:
                break
            lost = {draft.id: draft for draft in inside.drafts}.keys() - {resource.id for resource in resources}
            inside = inside.without(lost, resources)
        doubts = (*settings.doubts, *inside.doubts)
        return cls._of(replace(settings, skipped=tuple(inside.skipped), doubts=doubts), resources)

    @classmethod
    def _of(cls, settings: Settings, declared: Iterable[Resource]) -> Topology:
        topology = cls._completed(settings, declared)
        topology._check_references()
        refusals = [p for shape in settings.shapes for p in shape.check(topology) if p.origin not in topology._open]
        refusals += topology._strangers()
        refused = sorted(set(map(topology._placed, refusals)), key=lambda p: (p.origin or Origin(""), p.message))
        observed = [p for p in refused if p.origin and p.origin.file in settings.observed]
        refused = [p for p in refused if p not in observed]
        if refused:
            raise RefusedError(refused) if all(p.refused for p in refused) else InputError(refused)
        return topology.with_notices(observed) if observed else topology

    @property
    def _open(self) -> set[Origin | None]:
        """Where the resources are written about which a value is missing: AWS's rules cannot be judged there."""
        doubts = self.settings.doubts
        known = (self.resources[doubt.about].origin for doubt in doubts if doubt.about in self.resources)
        return {*known, *(doubt.origin for doubt in doubts)} - {None}

    @classmethod
    def _completed(cls, settings: Settings, declared: Iterable[Resource]) -> Topology:
        topology = cls(settings, tuple(declared))
        for resource in topology.declared:
            topology.put(resource)
        topology._check_regions()
        topology.declared = tuple(map(topology._without_the_obvious, topology.declared))
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
        deleted = tuple(deleted)
        gathered.problems += [problem for draft in gathered.drafts if (problem := self._other_kind(draft, deleted))]
        filled_in = [draft.with_fields(filled(draft.fields, self.late_attribute)) for draft in gathered.drafts]
        made = validated(filled_in, gathered.problems)
        if gathered.problems:
            raise InputError(gathered.problems)
        new = {resource.id for resource in made}
        removed = {self.find(name).id for name in deleted} - new
        kept = [r for r in self.declared if r.id not in removed | new]
        return self._of(self.settings, [*_without(kept, removed), *made])

    def _other_kind(self, draft: Draft, deleted: Container[str]) -> Problem | None:
        """That a statement takes the id of something else, which what refers to that would not find any more."""
        held = self.resources.get(draft.id)
        if held is None or draft.id in deleted or held.section == draft.shape.section:
            return None
        was, now = (kind.replace("_", " ") for kind in (held.kind, draft.shape.kind))
        where = f" ({held.origin})" if held.origin else ""
        return Problem(
            f"`{draft.id}` is the id of the {was}{where}; give the {now} another one, or delete that first", draft.origin
        )

    def _draft_of(self, id: str) -> Draft | None:
        resource = self.resources.get(id)
        return Draft(type(resource), id, resource.dump(without=resource.assumed), resource.origin) if resource else None

    def region_of(self, of: Resource | str | None) -> str:
        """The Region of a resource or of an id: its own, or that of what it is inside, or else the model's."""
        return self._inherited(of, "region") or self.settings.region

    def account_of(self, of: Resource | str | None) -> str:
        """The account that owns a resource or an id: its own, or that of what it is inside, or else the model's."""
        return self._inherited(of, "owner_id") or self.settings.account

    def arn_of(self, resource: Resource) -> str:
        """The ARN by which policies know a resource, in its own Region and account; empty for one without."""
        return resource.arn(self.region_of(resource), self.account_of(resource))

    def policy_of(self, resource: Resource) -> Any:
        """The policy document of a resource itself, or None."""
        return resource.resource_policy(self.region_of(resource), self.account_of(resource))

    def _inherited(self, of: Resource | str | None, name: str, seen: frozenset[str] = frozenset()) -> str | None:
        resource = self.resources.get(of) if isinstance(of, str) else of
        if resource is None or resource.id in seen:
            return None
        return getattr(resource, name) or self._around(resource, name, seen)

    def _around(self, resource: Resource, name: str, seen: frozenset[str] = frozenset()) -> str | None:
        """What a resource without a Region or an owner of its own has of what it is inside."""
        for id in self._inside_of(resource):
            if found := self._inherited(id, name, seen | {resource.id}):
                return found
        return None

    def _inside_of(self, resource: Resource) -> list[str]:
        """What a resource is inside, as it says itself: it is asked once."""
        known = self._inside.get(resource.id)
        if known is None or known[0] is not resource:
            known = self._inside[resource.id] = (resource, resource.parts_of())
        return known[1]

    def _without_the_obvious(self, resource: Resource) -> Resource:
        """The resource without a Region and an owner that it has anyway, so that both spellings mean the same."""
        obvious: dict[str, None] = {}
        for name, usual in (("region", self.settings.region), ("owner_id", self.settings.account)):
            if (own := getattr(resource, name)) is not None and own in ("", self._around(resource, name) or usual):
                obvious[name] = None
        return resource.replaced(**obvious) if obvious else resource

    def kept(self, name: str, make: Callable[[], T]) -> T:
        """A table about the topology as it is when it is first asked for: about declared resources while it is completed."""
        if name not in self._kept:
            self._kept[name] = make()
        made: T = self._kept[name]
        return made

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
        found = self.found(text)
        if found is None:
            raise UnknownName("resource", text, [*self.resources, *self.kept("named", self._named)])
        return found

    def found(self, text: str) -> Resource | None:
        """As `find`, but None if there is none. Raises UnknownName if several have the name."""
        text = text if text in self.resources else self.settings.aliases.get(text, text)
        if text in self.resources:
            return self.resources[text]
        named = self.kept("named", self._named)
        if text not in named:
            return None
        id = named[text]
        if id is None:
            several = [resource.id for resource in self.resources.values() if resource.name == text]
            raise UnknownName(f"single resource, for {', '.join(several[:5])} are called", text)
        return self.resources[id]

    def _named(self) -> dict[str, str | None]:
        """By name: the id of the resource that has it, None if several do."""
        named: dict[str, str | None] = {}
        for resource in self.resources.values():
            named[resource.name] = None if resource.name in named else resource.id
        return named

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

    def choose_block(self, scope: str, block: Prefix, size: int, by: str) -> Prefix | None:
        """Take a free part of the block with `size` addresses, as `choose` takes one address."""
        taken = self._claims.setdefault(scope, {})
        used = {(number - block.first) // size for number in taken if block.holds(number)}
        count = block.size // size
        slots = ((stable_hash(f"{by}/{size}") + offset) % count for offset in range(min(count, len(used) + 1)))
        slot = next((slot for slot in slots if slot not in used), None)
        if slot is None:
            return None
        first = block.first + slot * size
        taken |= dict.fromkeys(range(first, first + min(size, 256)), by)
        return Prefix(first, first + size - 1)

    def dump(self) -> dict[str, list[dict[str, Any]]]:
        """The completed topology as plain describe-shaped values: what independent second opinions read."""
        dumped: dict[str, list[Resource]] = {}
        for shape in sorted(self.settings.shapes, key=lambda s: s.section):
            if found := self.of(shape):
                dumped.setdefault(shape.section, []).extend(found)
        return {name: [r.dump() for r in sorted(found, key=lambda r: r.id)] for name, found in dumped.items()}

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Topology):
            return NotImplemented
        mine, theirs = self.settings, other.settings
        return (mine.region, mine.account, self.dump()) == (theirs.region, theirs.account, other.dump())

    def with_notices(self, notices: Iterable[Problem]) -> Topology:
        return replace(self, settings=replace(self.settings, notices=(*self.settings.notices, *notices)))

    def _placed(self, problem: Problem) -> Problem:
        """The problem with the place of the resource that it is about, if it has none of its own."""
        about = self.resources.get(problem.message.partition(": ")[0])
        return problem if problem.origin or about is None else problem._replace(origin=about.origin)

    def _check_references(self) -> None:
        problems = [p for r in self.declared for p in self._broken(r)]
        if problems:
            raise InputError(problems)

    def _check_regions(self) -> None:
        problems = []
        for resource in self.declared:
            own = resource.region
            if not own:
                continue
            around = self._around(resource, "region") or self.settings.region
            if not services.is_region(own):
                close = nearest(own, services.regions())
                hint = f", did you mean `{close}`?" if close else ""
                problems.append(Problem(f"{resource.id}: `{own}` is not a Region{hint}", resource.origin))
            elif own != around and (outer := next(iter(self._inside_of(resource)), "")) in self.resources:
                problems.append(Problem(f"{resource.id}: it is in {own}, and {outer} in {around}", resource.origin))
        if problems:
            raise InputError(problems)

    def _strangers(self) -> Iterator[Problem]:
        """What stands in the VPC of another account, and only its owner could make.

        Source: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-share-limitations.html
        """
        for resource in self.declared:
            if not resource.of_vpc_owner or not resource.owner_id:
                continue
            owner = self._around(resource, "owner_id") or self.settings.account
            if resource.owner_id != owner:
                kind = with_article(resource.kind.replace("_", " "))
                message = f"{resource.id}: {kind} belongs to the owner of its VPC, {owner}, not to {resource.owner_id}"
                yield refuse(message, "", resource)

    def _broken(self, resource: Resource) -> Iterator[Problem]:
        for kinds, id, name, origin in resource.references():
            target = self.resources.get(id)
            if target is None or (kinds and target.kind not in kinds):
                known = [r.id for kind in kinds for r in self.of_kind(kind)]
                close = nearest(id, known)
                hint = f"did you mean `{close}`?" if close else f"the model has {_listed(known)}"
                what = " or ".join(kind.replace("_", " ") for kind in kinds[:4]) + (" or the like" if len(kinds) > 4 else "")
                yield Problem(f"{resource.id}: `{id}` ({name}) is not a {what} of this model; {hint}", origin or resource.origin)


def _unspelled(shapes: Sequence[type[Resource]], id: str) -> Draft | None:
    return next((draft for shape in shapes if (draft := shape.unspelled(id)) is not None), None)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names[:5]) if names else "none"


def _without(resources: list[Resource], removed: set[str]) -> list[Resource]:
    while dependents := {r.id for r in resources if any(ref.id in removed for ref in r.references())}:
        removed = removed | dependents
        resources = [r for r in resources if r.id not in removed]
    return [r.without(removed) for r in resources if r.id not in removed] if removed else resources
