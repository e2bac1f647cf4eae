"""From the statements of an input to validated resources: patches applied, late text filled in, every fault reported."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from copy import copy
from dataclasses import dataclass, field
from typing import Any

from vpcsim.errors import Origin, Problem, Skipped, nearest, one_line
from vpcsim.resource import LATER, RESERVED_IDS, Declared, Draft, Fields, Patch, Resource

Fill = Callable[[str, str], str | None]
"""(id, attribute) -> the text that a late attribute turned out to be, or None."""


def PLACEHOLDER(id: str, attribute: str) -> str | None:  # noqa: N802
    """Fills late attributes with something valid, to complete a topology from which the real ones are then read."""
    return "192.0.2.1" if attribute.endswith("Ip") else "later"


@dataclass
class Gathered:
    """Drafts with their patches applied, and what could not be used."""

    drafts: list[Draft] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)


def gather(declared: Declared, known: Callable[[str], Draft | None], left_out: Container[str] = ()) -> Gathered:
    """Sort statements into drafts and patches, and apply the patches; `known` gives drafts that were declared elsewhere.

    A patch of something that is left out is left out too.
    """
    gathered = Gathered()
    drafts: dict[str, Draft] = {}
    patches: list[Patch] = []
    for item in declared:
        if isinstance(item, Patch):
            patches.append(item)
        elif item.id in RESERVED_IDS:
            gathered.problems.append(Problem(f"`{item.id}` is a word of its own here; give the resource another id", item.origin))
        elif item.id in drafts:
            first = drafts[item.id].origin
            where = f", first at {first}" if first else ""
            gathered.problems.append(Problem(f"`{item.id}` is declared twice{where}", item.origin))
        else:
            drafts[item.id] = item
    for patch in patches:
        target = patch.target if isinstance(patch.target, str) and patch.named is None else ""
        if target in left_out and target not in drafts:
            who = patch.origin.path if patch.origin else patch.key
            gathered.skipped.append(Skipped(who, "part", patch.origin, f"belongs to `{patch.target}`, which is left out"))
            continue
        draft = _target(patch, drafts, known, gathered)
        if draft is not None:
            drafts[draft.id] = draft
            _apply(patch.fields, draft.fields)
    gathered.drafts = list(drafts.values())
    return gathered


def _target(patch: Patch, drafts: Mapping[str, Draft], known: Callable[[str], Draft | None], gathered: Gathered) -> Draft | None:
    if not isinstance(patch.target, str) or not patch.target:
        who = patch.origin.path if patch.origin and patch.origin.path else "a statement"
        given = f"`{patch.target}` is not an id" if patch.target else "it is missing"
        gathered.problems.append(Problem(f"{who}: {patch.key or 'the id of what it belongs to'}: {given}", patch.origin))
        return None
    if patch.named is None:
        draft = drafts.get(patch.target) or known(patch.target)
        if draft is None:
            close = nearest(patch.target, drafts)
            hint = f", did you mean `{close}`?" if close else ""
            gathered.problems.append(Problem(f"no resource `{patch.target}`{hint}", patch.origin))
        return draft
    named = [d for d in drafts.values() if d.shape is patch.named and _name(d) == patch.target]
    if len(named) > 1:
        message = f"`{patch.target}` is the name of several: {', '.join(f'`{d.id}`' for d in named)}; name one by its id"
        gathered.problems.append(Problem(message, patch.origin))
    elif not named:
        reason = f"belongs to `{patch.target}`, which this model does not hold"
        id = patch.origin.path if patch.origin else ""
        gathered.skipped.append(Skipped(id, patch.named.kind, patch.origin, reason))
    return named[0] if len(named) == 1 else None


def _name(draft: Draft) -> str:
    return str(draft.fields.get("Name", "")).rstrip(".").lower()


def _apply(changes: Mapping[str, Any], fields: Fields) -> None:
    for name, value in changes.items():
        outer, dot, inner = name.partition(".")
        if dot:
            fields[outer] = {**(fields.get(outer) or {}), inner: value}
        else:
            fields[name] = [*(fields.get(name) or ()), *value] if isinstance(value, list) else value


def needs_later(value: Any) -> bool:
    """Whether text inside stands for an attribute that is only known later."""
    if isinstance(value, str):
        return "${" in value and LATER.search(value) is not None
    if isinstance(value, Mapping):
        return any(map(needs_later, value.values()))
    return isinstance(value, list | tuple) and any(map(needs_later, value))


def filled(value: Any, fill: Fill) -> Any:
    """The value with late attributes filled in. Containers without one stay the same objects, with their places."""
    if not needs_later(value):
        return value
    if isinstance(value, str):
        return LATER.sub(lambda match: fill(match[1], match[2]) or match[0], value)
    if isinstance(value, Mapping):
        changed: Any = copy(value)
        changed.update({key: filled(item, fill) for key, item in value.items()})
        return changed
    changed = copy(value) if isinstance(value, list) else list(value)
    changed[:] = [filled(item, fill) for item in value]
    return changed


def validated(drafts: Iterable[Draft], problems: list[Problem]) -> list[Resource]:
    """The resources of the drafts; what is wrong with the others is added to `problems`."""
    return [resource for draft in drafts if (resource := _validate(draft, problems)) is not None]


def _validate(draft: Draft, problems: list[Problem]) -> Resource | None:
    from pydantic_core import ValidationError

    tags = draft.fields.get("Tags") or ()
    if not isinstance(tags, list | tuple):
        problems.append(Problem(f"{draft.id}: Tags: a list of keys and values is expected, not `{tags}`", draft.origin))
        return None
    named = next((t.get("Value") for t in tags if isinstance(t, Mapping) and t.get("Key") == "Name"), None)
    values = {
        **draft.fields,
        draft.shape.fields["id"].api: draft.id,
        "Name": draft.fields.get("Name") or named or draft.id,
        "Tags": [t for t in tags if not (isinstance(t, Mapping) and t.get("Key") == "Name")],
        "WrittenAt": draft.origin,
        "Assumed": frozenset(draft.assumed),
    }
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
        inner = written or getattr(values, "origin", None)
        if isinstance(inner, Origin):
            origin = inner if inner.path or not origin else inner._replace(path=origin.path)
    who = origin.path if origin and origin.path else draft.id
    return Problem(f"{who}: {'.'.join(path)}: {_message(fault, path)}", origin)


_EXPECTED = {
    "dict_type": "a mapping of fields is expected",
    "tuple_type": "a list is expected",
    "string_type": "a text is expected",
    "bool_type": "true or false is expected",
    "bool_parsing": "true or false is expected",
    "int_type": "a whole number is expected",
    "int_parsing": "a whole number is expected",
    "int_from_float": "a whole number is expected",
    "finite_number": "a whole number is expected",
}
"""By the validator's name for a fault: what people would call it."""


def _message(fault: Any, path: list[str]) -> str:
    if fault["type"] == "missing":
        return f"`{path[-1]}` is missing"
    message = str(fault["msg"]).removeprefix("Value error, ")
    message = _EXPECTED.get(fault["type"], message[:1].lower() + message[1:])
    shown = as_written(fault.get("input"))
    return message if not shown or f"`{shown}`" in message else f"`{shown}`: {message}"


def as_written(value: Any, longest: int = 60) -> str:
    """A value of an input as people write it, on one line; nothing for what they cannot have written."""
    shown = one_line(_spelled(value))
    return shown if len(shown) <= longest else f"{shown[: longest - 3]}..."


def _spelled(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, Mapping):
        told = {str(key): _spelled(item) for key, item in value.items() if key != "WrittenAt"}
        return told["Text"] if told.keys() == {"Text"} else f"{{{', '.join(map(': '.join, told.items()))}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_spelled, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int | float) else ""


def _inside(values: Any, part: Any) -> Any:
    try:
        return values[part]
    except (KeyError, IndexError, TypeError):
        return None
