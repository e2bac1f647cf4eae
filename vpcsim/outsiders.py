"""References to what is not in the model: to ids that AWS gives, `vpc-0a1b2c3d`, that no input holds, and to what was left out.

A resource that has its place there or cannot be without it is left out, and with it whatever needs it; from any other the
reference is taken out, with a doubt about the field.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import Any, NamedTuple

from vpcsim.errors import Doubt, Skipped
from vpcsim.references import RefersTo, annotations_inside, fields_naming
from vpcsim.resource import Draft, Resource

GIVEN_BY_AWS = re.compile(r"(?:vpc|subnet|sg|acl|rtb)-[0-9a-f]{8,17}").fullmatch
OUTSIDE = "outside"
"""The type of what an input refers to and does not hold, where another input may."""
PLACING = ("vpc_id", "subnet_id")
"""Where a resource names what it is in."""
BYSTANDERS = ("instance_profile", "role", "security_group", "subnet", "vpc")
"""What stays as it is, whoever else is in it or uses it."""


class Settled(NamedTuple):
    """The drafts that need nothing from outside, and what became of the others."""

    drafts: list[Draft]
    skipped: list[Skipped]
    doubts: list[Doubt]

    def without(self, lost: Set[str], resources: Iterable[Resource]) -> Settled:
        """The same without drafts that turned out to need what was taken from them."""
        reason = "it cannot be without what is not in the model"
        gone = [Skipped(d.id, d.shape.kind, d.origin, reason, unknown=True) for d in self.drafts if d.id in lost]
        again = settled([d for d in self.drafts if d.id not in lost], resources, [*self.skipped, *gone])
        return again._replace(doubts=[*self.doubts, *again.doubts])


def settled(drafts: Sequence[Draft], resources: Iterable[Resource], skipped: Sequence[Skipped]) -> Settled:
    """The drafts without references to what none of them declares. `resources` are their validated forms.

    What is `skipped` of one input and held by another one is there.
    """
    held = {draft.id for draft in drafts}
    skipped = [skip for skip in skipped if skip.type != OUTSIDE or skip.id not in held]
    lacking = {s.id: f"`{s.id}` is not in the model" if s.type == OUTSIDE else f"`{s.id}` is left out" for s in skipped}
    lacking = {id: why for id, why in lacking.items() if id not in held}
    by_id = {resource.id: resource for resource in resources}
    references = {id: _references(resource, held, lacking) for id, resource in by_id.items()}
    named = {id for found in references.values() for id in found}
    outside = {id: lacking.get(id, f"`{id}` is not in the model") for id in sorted(named - held)}
    result = Settled([], [*skipped], [])
    if not outside:
        result.drafts.extend(drafts)
        return result
    waiting = list(drafts)
    while lost := [(d, id) for d in waiting if (id := _why_lost(references.get(d.id, {}), outside))]:
        for draft, id in lost:
            away = outside[id].endswith("is not in the model")
            outside[draft.id] = outside[id] if away else f"`{draft.id}` is left out"
            reason = f"has its place elsewhere: {outside[id]}" if away else f"needs `{id}`, which is left out"
            name = str(draft.fields.get("Name", ""))
            result.skipped.append(Skipped(draft.id, draft.shape.kind, draft.origin, reason, name, unknown=True))
            result.doubts.extend(Doubt(about, f"{draft.id} {reason}", draft.origin, which) for about, which in acted_on(draft))
        waiting = [draft for draft in waiting if draft.id not in outside]
    for draft in waiting:
        absent = references.get(draft.id, {}).keys() & outside.keys()
        rest = draft.with_fields(_without(draft.fields, absent)) if absent else draft
        for id in sorted(absent):
            fields = fields_naming(by_id[draft.id], id)
            adds = all(rest.fields.get(name) for name in fields)
            result.doubts.append(
                Doubt(draft.id, f"depends on something elsewhere: {outside[id]}", draft.origin, fields, None, adds)
            )
        result.drafts.append(rest)
    return result


def acted_on(draft: Draft) -> Iterator[tuple[str, frozenset[str]]]:
    """The ids of what a resource acts on by being there; what it is associated with has another one of its kind without it."""
    for known in draft.shape.fields.values():
        marks = [mark for mark in annotations_inside(known.annotation) if isinstance(mark, RefersTo)]
        if marks and not set(marks[0].kinds) & set(BYSTANDERS):
            value = draft.fields.get(known.api)
            yield from ((id, frozenset()) for id in (value if isinstance(value, list) else [value]) if isinstance(id, str))
    associations = draft.fields.get("Associations")
    for part in associations if isinstance(associations, list | tuple) else ():
        ends = part.values() if isinstance(part, Mapping) else ()
        yield from ((id, frozenset((draft.shape.kind,))) for id in ends if isinstance(id, str))


def _references(resource: Resource, held: Set[str], lacking: Mapping[str, str]) -> dict[str, bool]:
    """By the id of what a resource refers to, as far as that may lead outside: whether it cannot be without it."""
    found: dict[str, bool] = {}
    for ref in resource.references():
        if ref.id in held or ref.id in lacking or GIVEN_BY_AWS(ref.id):
            known = resource.fields.get(ref.field)
            own = known is not None and getattr(resource, ref.field) == ref.id
            placing = ref.field in PLACING and not {"vpc", "subnet"}.isdisjoint(ref.kinds)
            found[ref.id] = placing or (own and known is not None and known.required) or found.get(ref.id, False)
    return found


def _why_lost(references: Mapping[str, bool], outside: Mapping[str, str]) -> str:
    return next((id for id, needed in references.items() if needed and id in outside), "")


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
