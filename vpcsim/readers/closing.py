"""Makes drafts that were told by somebody else whole: what they name and nobody describes is left out, or something stands in.

An answer of AWS's API is right, and yet names things that the other answers do not describe: what a credential may not see,
what belongs to another account, what was deleted meanwhile. Every such loss is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from vpcsim.errors import Problem, Skipped, with_article
from vpcsim.resource import Draft, reference_fields
from vpcsim.shape import Shape
from vpcsim.shapes import SHAPES

BY_KIND = {shape.kind: shape for shape in SHAPES}


@dataclass
class Closing:
    """Drafts whose references all lead to one another, and what it took."""

    drafts: list[Draft] = field(default_factory=list)
    notices: list[Problem] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    assumptions: list[str] = field(default_factory=list)


class _Lost(NamedTuple):
    """A reference to what is not there, inside these fields under this name."""

    fields: Any
    name: str
    needed: bool
    kinds: tuple[str, ...]
    id: str


def closed(drafts: list[Draft]) -> Closing:
    """The drafts without what they cannot be whole with. The ones given are changed."""
    closing = Closing()
    known = {draft.id: draft for draft in drafts}
    while True:
        left_out = [draft.id for draft in list(known.values()) if not _is_whole(draft, known, closing)]
        if not left_out:
            break
        for id in left_out:
            del known[id]
    closing.drafts = list(known.values())
    return closing


def _is_whole(draft: Draft, known: dict[str, Draft], closing: Closing) -> bool:
    """Whether a draft can stay; references that it can do without are taken out of it."""
    for lost in [*_lost(draft.shape, draft.fields, known)]:
        made = _stand_in(lost, draft, known)
        what = f"{lost.id}, {_kind(lost.kinds)},"
        if made is not None:
            known[made.id] = made
            closing.notices.append(Problem(f"{draft.id}: {what} is not described", draft.origin))
        elif lost.needed and lost.fields is draft.fields:
            reason = f"{what} is not described"
            closing.skipped.append(Skipped(draft.id, draft.shape.kind, draft.origin, reason))
            return False
        else:
            _leave_out(lost, draft.fields)
            message = f"{draft.id}: {what} is not described; what names it is left out"
            closing.notices.append(Problem(message, draft.origin))
    return True


def _kind(kinds: tuple[str, ...]) -> str:
    name = kinds[0].replace("_", " ") if len(kinds) == 1 else "resource"
    return with_article(name)


def _stand_in(lost: _Lost, draft: Draft, known: Mapping[str, Draft]) -> Draft | None:
    shapes = (BY_KIND[kind] for kind in lost.kinds if kind in BY_KIND)
    return next((made for shape in shapes if (made := shape.stand_in(lost.id, draft, known)) is not None), None)


def _lost(shape: type[Shape], fields: Any, known: Mapping[str, Draft]) -> Iterator[_Lost]:
    for api, kinds, needed, inner in _plan(shape):
        value = fields.get(api)
        if not value:
            if value == "" and kinds:
                fields[api] = None
            continue
        for item in value if isinstance(value, list | tuple) else (value,):
            if isinstance(item, str):
                id, kinds = item, kinds or (_plan(inner)[0][1] if inner and _plan(inner) else ())
            elif isinstance(item, Mapping) and inner is not None:
                yield from _lost(inner, item, known)
                continue
            else:
                continue
            target = known.get(id)
            if kinds and (target is None or target.shape.kind not in kinds):
                yield _Lost(fields, api, needed, kinds, id)


def _leave_out(lost: _Lost, whole: Any) -> None:
    """Take a reference out: of a list, or with the record that cannot be without it."""
    value = lost.fields.get(lost.name)
    if isinstance(value, list | tuple):
        lost.fields[lost.name] = [item for item in value if item != lost.id]
    elif lost.needed:
        _remove(lost.fields, whole)
    else:
        lost.fields[lost.name] = None


def _remove(record: Any, inside: Any) -> bool:
    """Take a record out of the list that holds it."""
    for name, value in inside.items():
        if isinstance(value, list | tuple):
            if any(item is record for item in value):
                inside[name] = [item for item in value if item is not record]
                return True
            if any(_remove(record, item) for item in value if isinstance(item, Mapping)):
                return True
        elif value is record:
            inside[name] = None
            return True
        elif isinstance(value, Mapping) and _remove(record, value):
            return True
    return False


Plan = tuple[tuple[str, tuple[str, ...], bool, type[Shape] | None], ...]
_PLANS: dict[type[Shape], Plan] = {}


def _plan(shape: type[Shape]) -> Plan:
    """The fields that hold ids of others or records with such: the API's name, the kinds, whether one is needed."""
    known = _PLANS.get(shape)
    if known is None:
        known = _PLANS[shape] = tuple(
            (shape.fields[name].api, kinds, shape.fields[name].required, inner) for name, kinds, inner in reference_fields(shape)
        )
    return known
