"""Statements with values that the input does not hold: what can be kept of them, and what they leave in doubt.

A value that its resource does not use is dropped with a notice. One without which a resource has no place in the network (its
VPC, its subnet, its block) leaves the resource out, and with it whatever needs it. Any other is left out of the resource, with a
doubt about the fields that it goes into; of a rule or a route in a list the doubt keeps what is known. An id that is not known
is one of something outside the model: AWS gives ids at deployment, so that a value from outside cannot be the id of what is
declared here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from vpcsim.errors import Doubt, InputError, Problem, Skipped
from vpcsim.outsiders import acted_on
from vpcsim.readers.document import List, Map
from vpcsim.readers.intrinsics import Unknown
from vpcsim.references import kinds_named, reference_fields
from vpcsim.resource import Declaration, Draft, Patch, Resource

PLACING = ("SubnetId", "VpcEndpointType", "VpcId")
"""Without these a resource has no place in the network."""
BLOCK = "CidrBlock"
"""Nor without this, where it is a property of its own."""

JOINING = ("Association", "Attachment", "Propagation")
"""How the types end that join two things."""
OPEN = "value-that-is-not-known"
"""Stands for a value to see where it would go."""

OTHER_FORM = "this form of it is not modelled"

Says = Callable[[type[Resource], Declaration], Iterable[Draft | Patch]]
"""What a statement comes to for one class."""


def in_cloudformation(shape: type[Resource], declaration: Declaration) -> Iterable[Draft | Patch]:
    return shape.cloudformation(declaration)


@dataclass
class Taken:
    """What some statements came to. `anywhere` holds what is open of one resource of a class, and nobody knows of which.

    `own`: a value that is not known may be the id of what is declared here, as in a plan of Terraform.
    """

    declared: list[Draft | Patch] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    notices: list[Problem] = field(default_factory=list)
    anywhere: list[tuple[type[Resource], Doubt]] = field(default_factory=list)
    own: bool = False

    def add(self, other: Taken) -> None:
        """Take in what another statement came to."""
        for name in ("declared", "skipped", "doubts", "notices", "anywhere"):
            getattr(self, name).extend(getattr(other, name))


class _Hole(NamedTuple):
    """The values below one property that are not known: the last names of their paths, and the first of them."""

    names: frozenset[str]
    unknown: Unknown


def left_out(declaration: Declaration, shapes: Sequence[type[Resource]], says: Says = in_cloudformation) -> Unknown | None:
    """Why a resource cannot be part of the model, if it cannot."""
    statements = (_Statement(declaration, shape, says) for shape in shapes)
    return next((why for statement in statements if (why := statement.missing()) is not None), None)


def take(declaration: Declaration, shapes: Sequence[type[Resource]], taken: Taken, says: Says = in_cloudformation) -> None:
    """Add what a statement comes to, seen by each class that knows its type. Raises InputError if it is not well written."""
    statements = [_Statement(declaration, shape, says) for shape in shapes]
    unknown = left_out(declaration, shapes, says)
    if unknown is not None:
        leave_out(declaration, shapes, unknown, taken, says)
        return
    before = len(taken.declared)
    for statement in statements:
        statement.take(taken)
    if len(taken.declared) == before and not (statements and statements[0].holes):
        skip(declaration, OTHER_FORM, shapes[0].acts_by if shapes else (), taken)


def leave_out(
    declaration: Declaration, shapes: Sequence[type[Resource]], unknown: Unknown, taken: Taken, says: Says = in_cloudformation
) -> None:
    """Leave a resource out, and doubt what it would act on."""
    reason = _needs(unknown)
    taken.skipped.append(Skipped(declaration.id, declaration.type, declaration.origin, reason, unknown=True))
    for shape in shapes:
        _Statement(declaration, shape, says).leave_out(reason, taken)


def skip(declaration: Declaration, reason: str, acts_by: Sequence[str], taken: Taken) -> None:
    """Leave out a statement of a type that no class takes, and doubt what its properties `acts_by` name."""
    taken.skipped.append(Skipped(declaration.id, declaration.type, declaration.origin, reason))
    about = f"{declaration.id} ({declaration.type}) acts on it: {reason}"
    for key in acts_by:
        value = _kept(declaration.fields.get(key), filled=False)
        for id in _texts(value):
            names = (str(declaration.fields.get("Name", "")).rstrip(".").lower(),) if "Route53" in declaration.type else ()
            taken.doubts.append(Doubt(id, about, declaration.origin, names=names))


def doubt_all(
    declaration: Declaration, shapes: Sequence[type[Resource]], made: Sequence[Draft | Patch], unknown: Unknown, taken: Taken
) -> list[Draft | Patch]:
    """Doubt everything that a statement came to, because nobody knows whether it holds at all; a part is not taken then."""
    for shape in shapes:
        names, vpcs = _Statement(declaration, shape, in_cloudformation).names(frozenset())
        for item in made:
            if isinstance(item, Patch):
                reason = f"{declaration.id}: {unknown.reason}"
                doubts = _parts(item.target, item.fields, reason, declaration)
                taken.doubts += [doubt._replace(names=names, vpcs=vpcs) for doubt in doubts]
            elif item.shape is shape:
                taken.doubts.append(Doubt(item.id, unknown.reason, declaration.origin, names=names, vpcs=vpcs))
                taken.doubts += [Doubt(id, unknown.reason, declaration.origin, which) for id, which in acted_on(item)]
    return [item for item in made if isinstance(item, Draft)]


def _parts(target: str, fields: Mapping[str, Any], reason: str, declaration: Declaration) -> list[Doubt]:
    """What a part of a resource leaves open about it: each item of a list by itself."""
    doubts = []
    for name, value in fields.items():
        name = name.partition(".")[0]
        for part in value if isinstance(value, list) and value else [None]:
            known = _known_part(part) if isinstance(part, Mapping) else None
            doubts.append(Doubt(target, reason, declaration.origin, frozenset((name,)), known, isinstance(value, list)))
    return doubts


class _Statement:
    """A statement as one class sees it."""

    def __init__(self, declaration: Declaration, shape: type[Resource], says: Says) -> None:
        self.declaration, self.shape, self.says = declaration, shape, says

    @cached_property
    def holes(self) -> dict[str, _Hole]:
        holes: dict[str, _Hole] = {}
        for key, value in self.declaration.fields.items():
            found = list(_unknowns(value, key))
            if found:
                holes[key] = _Hole(frozenset(name for name, _ in found), found[0][1])
        return holes

    @cached_property
    def known(self) -> Declaration:
        return _filled(self.declaration, (), self.idle) if self.holes else self.declaration

    @cached_property
    def idle(self) -> frozenset[str]:
        """The properties whose unknown values go nowhere."""
        return frozenset(key for key in self.holes if self._is_idle(key))

    def _is_idle(self, key: str) -> bool:
        if key not in self.shape.idle and self.holes[key].names <= {*self.shape.idle}:
            return True
        without = self._tried((), (key,))
        tried = [self._tried((key,), ())]
        if isinstance(self.declaration.fields[key], Unknown):
            tried += [self._tried((), (), {key: value}) for value in (_Record(), [_Record()])]
        return without is not None and all(with_it is not None and _same(with_it, without) for with_it in tried)

    def _tried(self, keys: Sequence[str], bare: Collection[str], given: Mapping[str, Any] = {}) -> list[Draft | Patch] | None:
        """What it would come to with text in place of what is not known of these properties; None if that is no use."""
        filled = _filled(self.declaration, keys, bare)
        try:
            return list(self.says(self.shape, filled._replace(fields={**filled.fields, **given}) if given else filled))
        except (AttributeError, KeyError, TypeError, ValueError, IndexError):
            return None

    @cached_property
    def made(self) -> list[Draft | Patch] | None:
        """What it comes to without its unknown values; None if that makes no sense because of them."""
        try:
            return list(self.says(self.shape, self.known))
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            if self.holes:
                return None
            message = f"{self.declaration.id}: this is not how {self.declaration.type} is written ({error})"
            raise InputError(Problem(message, self.declaration.origin)) from None

    @property
    def drafts(self) -> list[Draft]:
        return [item for item in self.made or () if isinstance(item, Draft)]

    def standing(self, key: str) -> list[Draft | Patch] | None:
        """What it would come to with text in place of what is not known of a property; None if that is no use."""
        return self._tried((key,), self.idle)

    def missing(self) -> Unknown | None:
        """The unknown value without which the resource has no place, or makes no sense."""
        if not self.holes:
            return None
        if self.made is None:
            return next(iter(self.holes.values())).unknown
        return next((why for draft in self.drafts if (why := self._missing(draft)) is not None), None)

    def _missing(self, draft: Draft) -> Unknown | None:
        required = {f.api for f in self.shape.fields.values() if f.required} - {self.shape.fields["id"].api}
        absent = required - {name for name, value in draft.fields.items() if value is not None}
        for key, hole in self.holes.items():
            if hole.names & {*PLACING} or key == BLOCK:
                return hole.unknown
            standing = self.standing(key) if absent else ()
            if absent and (standing is None or any(isinstance(d, Draft) and absent & d.fields.keys() for d in standing)):
                return hole.unknown
        return None

    def names(self, changed: frozenset[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The names that it may answer if these fields are not known, all of them if there are none; and from where."""
        names = tuple(name.rstrip(".").lower() for name in self.shape.names_in_doubt(self.known, changed))
        vpc = self.declaration.id if self.shape.kind == "vpc" else self.known.fields.get("VpcId")
        return names, (vpc,) if names and isinstance(vpc, str) else ()

    def leave_out(self, reason: str, taken: Taken) -> None:
        origin = self.declaration.origin
        names, vpcs = self.names(frozenset())
        if names and (self.drafts or self.made is None):
            taken.doubts.append(Doubt(self.declaration.id, reason, origin, names=names, vpcs=vpcs))
        for draft in self.drafts:
            taken.doubts += [Doubt(id, reason, origin, which) for id, which in acted_on(draft)]
        if self.made is None:
            taken.doubts += [Doubt(id, reason, origin) for id in _texts(self.known.fields)]

    def take(self, taken: Taken) -> None:
        made = self.made or []
        for key, hole in self.holes.items():
            made = self._with_hole(key, hole, made, taken)
        taken.declared += made

    def _with_hole(self, key: str, hole: _Hole, made: list[Draft | Patch], taken: Taken) -> list[Draft | Patch]:
        """What remains of the statements that one open property goes into, with what it leaves in doubt."""
        standing = self.standing(key)
        if key in self.idle:
            self._tell(f"{key} is not known, and nothing here depends on it", hole, taken)
            return made
        alike = standing is not None and len(standing) == len(made)
        kept: list[Draft | Patch] = []
        for item, other in zip(made, standing or [] if alike else [None] * len(made), strict=True):
            if isinstance(item, Draft):
                kept.append(item)
                taken.doubts += self._about(item, other if isinstance(other, Draft) else None, hole)
            elif isinstance(other, Patch) and other.target != item.target:
                self._elsewhere(other, hole, taken)
            else:
                kept += self._certain(item, other if isinstance(other, Patch) else item, hole, taken)
        for other in standing or () if not made else ():
            if isinstance(other, Patch) and OPEN in str(other.target):
                self._elsewhere(other, hole, taken)
            elif isinstance(other, Patch):
                self._certain(other._replace(fields={}), other, hole, taken)
        return kept

    def _certain(self, patch: Patch, other: Patch, hole: _Hole, taken: Taken) -> list[Patch]:
        """What is certain of a part with open values, of which the rest is left in doubt."""
        names, vpcs = self.names(frozenset())
        lists = {name: value for name, value in other.fields.items() if isinstance(value, list)}
        open = {name: [item for item in value if _holds_open(item)] for name, value in lists.items()}
        whole = len(lists) < len(other.fields) or not any(open.values())
        doubts = _parts(other.target, other.fields if whole else open, self._reason(hole), self.declaration)
        taken.doubts += [doubt._replace(names=names, vpcs=vpcs) for doubt in doubts]
        sure = {name: [i for i in patch.fields.get(name) or () if i in lists[name]] for name in lists}
        return [] if whole or not any(sure.values()) else [patch._replace(fields=sure)]

    def _about(self, draft: Draft, other: Draft | None, hole: _Hole) -> Iterator[Doubt]:
        """What is open about a draft: of a list the items that it lacks, each by what is known of it."""
        changed = _changed(draft, other)
        names, vpcs = self.names(changed)
        reason, origin = _needs(hole.unknown), self.declaration.origin
        lists = other is not None and all(isinstance(other.fields.get(name), list) for name in changed)
        adds = bool(changed) and lists and all(draft.fields.get(name) for name in changed)
        if lists and (inside := _changed_inside(draft, other, changed)):
            yield Doubt(draft.id, reason, origin, inside, None, adds, names, vpcs)
            return
        parts: list[Any] = []
        if len(changed) == 1 and lists and other is not None:
            parts = [item for item in other.fields[next(iter(changed))] if _holds_open(item)]
            parts = [_known_part(part) for part in parts] if all(isinstance(part, Mapping) for part in parts) else []
        for part in parts or [None]:
            yield Doubt(draft.id, reason, origin, changed, part, adds, names, vpcs)

    def _elsewhere(self, patch: Patch, hole: _Hole, taken: Taken) -> None:
        """A part of something that is not known, and so outside the model, unless its input says what it may be."""
        reason, choices = self._reason(hole), hole.unknown.choices
        for target in choices or ("",):
            doubts = _parts(target, patch.fields, reason, self.declaration)
            if target:
                taken.doubts += doubts
            elif taken.own:
                taken.anywhere += [(self.shape, doubt) for doubt in doubts]
        if self.declaration.type.endswith(JOINING) or any(name == "Associations" for name in patch.fields):
            names, vpcs = self.names(frozenset())
            which = frozenset((self.shape.kind,)) if "Associations" in patch.fields else frozenset[str]()
            ends = [value for value in self.known.fields.values() if isinstance(value, str)]
            origin = self.declaration.origin
            taken.doubts += [Doubt(end, reason, origin, which, names=names, vpcs=vpcs) for end in ends]
        if not taken.own:
            self._tell("changes something outside the model", hole, taken)

    def _reason(self, hole: _Hole) -> str:
        return f"{self.declaration.id} {_needs(hole.unknown)}"

    def _tell(self, what: str, hole: _Hole, taken: Taken) -> None:
        message = f"{self.declaration.id}: {what}: {hole.unknown.reason}"
        taken.notices.append(Problem(message, hole.unknown.origin or self.declaration.origin))


class _Record(dict[str, Any]):
    """Stands for a record that is not known as a whole: it has every name."""

    def __contains__(self, name: object) -> bool:
        return True

    def __getitem__(self, name: str) -> str:
        return OPEN

    def get(self, name: str, default: Any = None) -> str:
        """Text, whatever is asked for."""
        return OPEN


def _needs(unknown: Unknown) -> str:
    return f"needs a value that is not known: {unknown.reason}"


def _same(one: list[Draft | Patch], other: list[Draft | Patch]) -> bool:
    return len(one) == len(other) and all(
        first.fields == second.fields and first.target == second.target
        if isinstance(first, Patch) and isinstance(second, Patch)
        else isinstance(first, Draft) and isinstance(second, Draft) and not _changed(first, second)
        for first, second in zip(one, other, strict=True)
    )


def _changed(draft: Draft, other: Draft | None) -> frozenset[str]:
    """The fields that the class knows and that differ; none, which stands for all, without another draft to compare with."""
    if other is None:
        return frozenset()
    known = {f.api for f in draft.shape.fields.values()} | set(draft.shape.fields)
    return frozenset(name for name in known - {"Tags", "tags"} if draft.fields.get(name) != other.fields.get(name))


def _changed_inside(draft: Draft, other: Draft | None, changed: frozenset[str]) -> frozenset[str]:
    """Of records that are all there, the only field that differs, `Interfaces.Groups`, if it names other resources."""
    name = next(iter(changed), "")
    inner = next((s for field, _, s in reference_fields(draft.shape) if s and draft.shape.fields[field].api == name), None)
    mine, theirs = draft.fields.get(name), other.fields.get(name) if other else None
    if (
        len(changed) != 1
        or inner is None
        or not isinstance(mine, list)
        or not isinstance(theirs, list)
        or len(mine) != len(theirs)
    ):
        return frozenset()
    known = [field.api for field in inner.fields.values()]
    pairs = [(one, two) for one, two in zip(mine, theirs, strict=True) if isinstance(one, Mapping) and isinstance(two, Mapping)]
    differ = {api for api in known for one, two in pairs if one.get(api) != two.get(api)}
    return frozenset(f"{name}.{api}" for api in differ if kinds_named(inner, api)) if len(differ) == 1 else frozenset()


# values


def _unknowns(value: Any, name: str) -> Iterator[tuple[str, Unknown]]:
    if isinstance(value, Unknown):
        yield name, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _unknowns(item, key)
    elif isinstance(value, list):
        for item in value:
            yield from _unknowns(item, "")


def _filled(declaration: Declaration, keys: Collection[str], bare: Collection[str]) -> Declaration:
    """The statement without what is not known, but with text in its place below some properties.

    An item of a list with an unknown value goes with it, but not below the properties that are `bare`.
    """
    copy = Map(*_place(declaration.fields))
    copy.places = getattr(declaration.fields, "places", {})
    for key, value in declaration.fields.items():
        kept = _kept(value, key in keys, key, key in bare)
        if kept is not _NOTHING:
            copy[key] = kept
    return declaration._replace(fields=copy, existing=_kept(declaration.existing, filled=False))


_NOTHING: Any = object()


def _kept(value: Any, filled: bool, key: str = "", bare: bool = False) -> Any:
    """The value without what is not known, or with text in its place: in a list where its name says that it is one."""
    if isinstance(value, Unknown):
        return ([OPEN] if key.endswith("s") else OPEN) if filled else _NOTHING
    if isinstance(value, Mapping):
        copy: Any = Map(*_place(value)) if isinstance(value, Map) else {}
        if isinstance(value, Map):
            copy.places = value.places
        copy.update({k: kept for k, item in value.items() if (kept := _kept(item, filled, k, bare)) is not _NOTHING})
        return copy
    if isinstance(value, list):
        items: Any = List(*_place(value)) if isinstance(value, List) else []
        items.extend(_kept(i, filled, bare=bare) for i in value if filled or not _open(i) or (bare and isinstance(i, Mapping)))
        return items
    return value


def _open(item: Any) -> bool:
    """Whether an item of a list holds an unknown value that is not one of a list inside."""
    if isinstance(item, Mapping):
        return any(_open(value) for value in item.values() if not isinstance(value, list))
    return isinstance(item, Unknown)


def _holds_open(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(map(_holds_open, value.values()))
    return any(map(_holds_open, value)) if isinstance(value, list) else isinstance(value, str) and OPEN in value.lower()


def _known_part(value: Any) -> Any:
    """What is known of a part: `{}` in place of an item of a list of which nothing is."""
    if isinstance(value, Mapping):
        known = {k: _known_part(v) for k, v in value.items() if k != "WrittenAt" and v is not None}
        return {k: v for k, v in known.items() if not (isinstance(v, str) and OPEN in v.lower())}
    if isinstance(value, list):
        return [{} if isinstance(item, str) and OPEN in item.lower() else _known_part(item) for item in value]
    return value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(item)


def _place(value: Any) -> tuple[str, int, int]:
    return getattr(value, "file", ""), getattr(value, "line", 0), getattr(value, "column", 0)
