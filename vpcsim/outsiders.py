"""References to what is outside of the model, by the ids that AWS gives: `vpc-0a1b2c3d`.

An input may name what no input holds. A resource that has its place there is left out, and with it whatever needs it; from any
other the reference is taken out, with a doubt about it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Any, NamedTuple

from vpcsim.errors import Doubt, Skipped
from vpcsim.resource import Draft, Resource

OUTSIDE = re.compile(r"(?:vpc|subnet|sg|acl|rtb)-[0-9a-f]{8,17}").fullmatch


class Settled(NamedTuple):
    """The drafts that need nothing from outside, and what became of the others."""

    drafts: list[Draft]
    skipped: list[Skipped]
    doubts: list[Doubt]


def settled(drafts: Sequence[Draft], resources: Iterable[Resource]) -> Settled:
    """The drafts without references to what none of them declares. `resources` are their validated forms."""
    known = {draft.id for draft in drafts}
    references = {resource.id: _references(resource, known) for resource in resources}
    named = {id for found in references.values() for id in found}
    outside = {id: f"`{id}` is not in the model" for id in sorted(named - known)}
    result = Settled([], [], [])
    if not outside:
        result.drafts.extend(drafts)
        return result
    waiting = list(drafts)
    while lost := [(d, why) for d in waiting if (why := _why_lost(references.get(d.id, {}), outside))]:
        for draft, why in lost:
            outside[draft.id] = why
            reason = f"has its place elsewhere: {why}"
            name = str(draft.fields.get("Name", ""))
            result.skipped.append(Skipped(draft.id, draft.shape.kind, draft.origin, reason, name, unknown=True))
        waiting = [draft for draft in waiting if draft.id not in outside]
    for draft in waiting:
        absent = references.get(draft.id, {}).keys() & outside.keys()
        reasons = (f"depends on something elsewhere: {outside[id]}" for id in sorted(absent))
        result.doubts.extend(Doubt(draft.id, reason, draft.origin) for reason in reasons)
        result.drafts.append(draft.with_fields(_without(draft.fields, absent)) if absent else draft)
    return result


def _references(resource: Resource, known: set[str]) -> dict[str, bool]:
    """By the id of what a resource refers to, as far as that may lead outside: whether it has its place there."""
    placing = [name for name in ("vpc_id", "subnet_id") if name in resource.fields]
    return {
        ref.id: ref.field in placing and bool(set(ref.kinds) & {"vpc", "subnet"})
        for ref in resource.references()
        if ref.id in known or OUTSIDE(ref.id)
    }


def _why_lost(references: Mapping[str, bool], outside: Mapping[str, str]) -> str:
    return next((outside[id] for id, placing in references.items() if placing and id in outside), "")


def _without(value: Any, absent: Set[str]) -> Any:
    if isinstance(value, Mapping):
        return {key: _without(item, absent) for key, item in value.items() if not (isinstance(item, str) and item in absent)}
    if isinstance(value, list):
        return [_without(item, absent) for item in value if not _holds(item, absent)]
    return value


def _holds(item: Any, absent: Set[str]) -> bool:
    if isinstance(item, Mapping):
        return any(isinstance(value, str) and value in absent for value in item.values())
    return isinstance(item, str) and item in absent
