"""Statements with values that the input does not hold: what can be kept of them, and what they leave in doubt.

A value that its resource does not use is dropped with a notice. One without which a resource has no place in the network (its
VPC, its subnet, its block) leaves the resource out, and with it whatever needs it. Any other is left out of the resource, and a
doubt about the resource makes answers that depend on it undecided. An id that is not known is one of something outside the
model: AWS gives ids at deployment, so that a value from outside cannot be the id of what is declared here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from vpcsim.errors import Doubt, InputError, Problem, Skipped
from vpcsim.readers.document import List, Map
from vpcsim.readers.intrinsics import Unknown
from vpcsim.readers.intrinsics.values import first_unknown
from vpcsim.references import RefersTo, annotations_inside
from vpcsim.resource import Declaration, Draft, Patch, Resource

PLACING = ("CidrBlock", "SubnetId", "VpcEndpointType", "VpcId")
"""Without these a resource has no place in the network."""
BYSTANDERS = ("instance_profile", "role", "security_group", "subnet", "vpc")
"""What stays as it is, whoever else is in it or uses it."""

JOINING = ("Association", "Attachment", "Propagation")
"""How the types end that join two things."""


@dataclass
class Taken:
    """What some statements came to."""

    declared: list[Draft | Patch] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    notices: list[Problem] = field(default_factory=list)


class _Hole(NamedTuple):
    """The values below one property that are not known: the last names of their paths, and the first of them."""

    names: frozenset[str]
    unknown: Unknown
    emptied: bool


def left_out(declaration: Declaration, shapes: Sequence[type[Resource]]) -> Unknown | None:
    """Why a resource cannot be part of the model, if it cannot."""
    holes = _holes(declaration)
    if not holes:
        return None
    known = _filled(declaration, ())
    reasons = (_missing(shape, draft, known, declaration, holes) for shape in shapes for draft in _drafts(shape, known))
    return next((reason for reason in reasons if reason is not None), None)


def take(declaration: Declaration, shapes: Sequence[type[Resource]], taken: Taken) -> None:
    """Add what a statement comes to, seen by each class that knows its type."""
    holes = _holes(declaration)
    known = _filled(declaration, ())
    unknown = left_out(declaration, shapes) if holes else None
    if unknown is not None:
        _leave_out(declaration, known, shapes, unknown, taken)
        return
    before = len(taken.declared)
    for shape in shapes:
        _take(shape, declaration, known, holes, taken)
    if len(taken.declared) == before and not holes:
        reason = "this form of it is not modelled"
        taken.skipped.append(Skipped(declaration.id, declaration.type, declaration.origin, reason))


def statements(shape: type[Resource], declaration: Declaration) -> list[Draft | Patch]:
    """What a statement comes to for one class. Raises InputError if it is not written as it should be."""
    try:
        return list(shape.cloudformation(declaration))
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        message = f"{declaration.id}: this is not how {declaration.type} is written ({error})"
        raise InputError(Problem(message, declaration.origin)) from None


def skip(declaration: Declaration, reason: str, acts_by: Sequence[str], taken: Taken) -> None:
    """Leave out a statement of a type that no class takes, and doubt what its properties `acts_by` name."""
    taken.skipped.append(Skipped(declaration.id, declaration.type, declaration.origin, reason))
    about = f"{declaration.id} ({declaration.type}) acts on it: {reason}"
    for key in acts_by:
        value = _kept(declaration.fields.get(key), filled=False)
        for id in _texts(value):
            names = (str(declaration.fields.get("Name", "")).rstrip(".").lower(),) if "Route53" in declaration.type else ()
            taken.doubts.append(Doubt(id, about, declaration.origin, names=names))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for item in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(item)


def doubt_all(
    declaration: Declaration, shapes: Sequence[type[Resource]], made: Sequence[Draft | Patch], unknown: Unknown, taken: Taken
) -> None:
    """Doubt everything that a statement came to, because nobody knows whether it holds at all."""
    for shape in shapes:
        names, vpcs = _names(shape, declaration)
        for item in made:
            if isinstance(item, Patch):
                taken.doubts.append(Doubt(item.target, unknown.reason, declaration.origin, names=names, vpcs=vpcs))
            elif item.shape is shape:
                taken.doubts.append(Doubt(item.id, unknown.reason, declaration.origin, names=names, vpcs=vpcs))
                taken.doubts += [Doubt(id, unknown.reason, declaration.origin) for id in _others(shape, item)]


def _take(shape: type[Resource], declaration: Declaration, known: Declaration, holes: dict[str, _Hole], taken: Taken) -> None:
    made = statements(shape, known)
    for key, hole in holes.items():
        if key in shape.outward:
            known = known._replace(fields={**known.fields, key: f"unknown {key}"})
            taken.skipped.append(Skipped(f"unknown {key}", declaration.type, declaration.origin, _needs(hole.unknown)))
            made = statements(shape, known)
    for key, hole in holes.items():
        if key not in shape.outward:
            made = _with_hole(shape, declaration, key, hole, made, taken)
    taken.declared += made


def _with_hole(
    shape: type[Resource], declaration: Declaration, key: str, hole: _Hole, made: list[Draft | Patch], taken: Taken
) -> list[Draft | Patch]:
    """What remains of the statements that one open property goes into, with what it leaves in doubt."""
    standing = _standing_in(shape, declaration, key)
    if standing is not None and _same(standing, made):
        message = f"{declaration.id}: {key} is not known, and nothing here depends on it: {hole.unknown.reason}"
        taken.notices.append(Problem(message, hole.unknown.origin or declaration.origin))
        return made
    kept: list[Draft | Patch] = []
    for position, item in enumerate(made):
        other = standing[position] if standing is not None and len(standing) == len(made) else None
        if isinstance(item, Draft):
            changed = _changed(item, other)
            kept.append(item)
            if not all(name in shape.permissions for name in changed):
                _doubt(item.id, shape, declaration, hole, taken, changed)
            else:
                taken.doubts.append(Doubt(item.id, _needs(hole.unknown), declaration.origin, packets=False))
        elif other is not None and isinstance(other, Patch) and other.target != item.target:
            _outside(shape, declaration, hole, taken)
        else:
            _doubt(item.target, shape, declaration, hole, taken, set(item.fields))
    return kept


def _outside(shape: type[Resource], declaration: Declaration, hole: _Hole, taken: Taken) -> None:
    """A part of something outside the model; what it joins to that may still be in the model."""
    if declaration.type.endswith(JOINING):
        names, vpcs = _names(shape, declaration)
        ends = [value for value in declaration.fields.values() if isinstance(value, str)]
        reason = _needs(hole.unknown)
        taken.doubts += [Doubt(end, reason, declaration.origin, names=names, vpcs=vpcs) for end in ends]
    message = f"{declaration.id}: changes something outside the model: {hole.unknown.reason}"
    taken.notices.append(Problem(message, hole.unknown.origin or declaration.origin))


def _doubt(about: str, shape: type[Resource], declaration: Declaration, hole: _Hole, taken: Taken, changed: set[str]) -> None:
    only_allows = bool(changed) and changed <= set(shape.only_allowing) and not hole.emptied
    taken.doubts.append(Doubt(about, _needs(hole.unknown), declaration.origin, only_allows, *_names(shape, declaration)))


def _leave_out(
    declaration: Declaration, known: Declaration, shapes: Sequence[type[Resource]], unknown: Unknown, taken: Taken
) -> None:
    reason = _needs(unknown)
    taken.skipped.append(Skipped(declaration.id, declaration.type, declaration.origin, reason, unknown=True))
    for shape in shapes:
        for draft in _drafts(shape, known):
            names, vpcs = _names(shape, declaration)
            if names:
                taken.doubts.append(Doubt(declaration.id, reason, declaration.origin, names=names, vpcs=vpcs))
            taken.doubts += [Doubt(id, reason, declaration.origin) for id in _others(shape, draft)]


def _others(shape: type[Resource], draft: Draft) -> Iterator[str]:
    """The ids of the resources that a resource acts on by being there."""
    for known in shape.fields.values():
        marks = [mark for mark in annotations_inside(known.annotation) if isinstance(mark, RefersTo)]
        if marks and not set(marks[0].kinds) & set(BYSTANDERS):
            value = draft.fields.get(known.api)
            yield from (id for id in (value if isinstance(value, list) else [value]) if isinstance(id, str))


def _names(shape: type[Resource], declaration: Declaration) -> tuple[tuple[str, ...], tuple[str, ...]]:
    known = _filled(declaration, ())
    names = tuple(name.rstrip(".").lower() for name in shape.names_in_doubt(known))
    vpc = known.fields.get("VpcId")
    return names, (vpc,) if names and isinstance(vpc, str) else ()


def _needs(unknown: Unknown) -> str:
    return f"needs a value that is not known: {unknown.reason}"


def _missing(
    shape: type[Resource], draft: Draft, known: Declaration, declaration: Declaration, holes: Mapping[str, _Hole]
) -> Unknown | None:
    """The unknown value without which a resource has no place."""
    required = {f.api for f in shape.fields.values() if f.required} - {shape.fields["id"].api}
    absent = required - {name for name, value in draft.fields.items() if value is not None}
    for key, hole in holes.items():
        if any(name in PLACING for name in hole.names):
            return hole.unknown
        standing = _standing_in(shape, declaration, key) if absent else ()
        if absent and (standing is None or any(isinstance(d, Draft) and absent & d.fields.keys() for d in standing)):
            return hole.unknown
    return None


def _drafts(shape: type[Resource], declaration: Declaration) -> list[Draft]:
    return [item for item in statements(shape, declaration) if isinstance(item, Draft)]


def _standing_in(shape: type[Resource], declaration: Declaration, key: str) -> list[Draft | Patch] | None:
    """What the statement would come to with text in place of what is not known of a property; None if that is no use."""
    try:
        return list(shape.cloudformation(_filled(declaration, (key,))))
    except (AttributeError, KeyError, TypeError, ValueError, IndexError):
        return None


def _same(one: list[Draft | Patch], other: list[Draft | Patch]) -> bool:
    return len(one) == len(other) and all(
        first.fields == second.fields and first.target == second.target
        if isinstance(first, Patch) and isinstance(second, Patch)
        else isinstance(first, Draft) and isinstance(second, Draft) and not _changed(first, second)
        for first, second in zip(one, other, strict=True)
    )


def _changed(draft: Draft, other: Draft | Patch | None) -> set[str]:
    """The fields that the class knows and that differ; all of them without another draft to compare with."""
    known = {f.api for f in draft.shape.fields.values()} | set(draft.shape.fields)
    if not isinstance(other, Draft):
        return known
    return {name for name in known - {"Tags", "tags"} if draft.fields.get(name) != other.fields.get(name)}


# values


def _holes(declaration: Declaration) -> dict[str, _Hole]:
    holes: dict[str, _Hole] = {}
    for key, value in declaration.fields.items():
        found = list(_unknowns(value, key))
        if found:
            kept = _kept(value, filled=False)
            holes[key] = _Hole(frozenset(name for name, _ in found), found[0][1], kept in ((), [], {}))
    return holes


def _unknowns(value: Any, name: str) -> Iterator[tuple[str, Unknown]]:
    if isinstance(value, Unknown):
        yield name, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _unknowns(item, key)
    elif isinstance(value, list):
        for item in value:
            yield from _unknowns(item, "")


def _filled(declaration: Declaration, keys: Sequence[str]) -> Declaration:
    """The statement without what is not known, but with text in its place below these properties."""
    fields = declaration.fields
    if first_unknown(fields) is None:
        return declaration
    copy = Map(*_place(fields))
    copy.places = getattr(fields, "places", {})
    for key, value in fields.items():
        kept = _kept(value, key in keys)
        if kept is not _NOTHING:
            copy[key] = kept
    return declaration._replace(fields=copy)


_NOTHING: Any = object()


def _kept(value: Any, filled: bool) -> Any:
    if isinstance(value, Unknown):
        return "unknown" if filled else _NOTHING
    if isinstance(value, Map):
        copy = Map(*_place(value))
        copy.places = value.places
        copy.update({key: kept for key, item in value.items() if (kept := _kept(item, filled)) is not _NOTHING})
        return copy
    if isinstance(value, List):
        items = List(*_place(value))
        items.extend(_kept(item, filled) for item in value if filled or not _open(item))
        return items
    return value


def _open(item: Any) -> bool:
    """Whether an item of a list holds an unknown value that is not one of a list inside."""
    if isinstance(item, Mapping):
        return any(_open(value) for value in item.values() if not isinstance(value, list))
    return isinstance(item, Unknown)


def _place(value: Any) -> tuple[str, int, int]:
    return getattr(value, "file", ""), getattr(value, "line", 0), getattr(value, "column", 0)
