"""The JSON Schema of scenario files, made from the kinds of checks: editors complete and check with it."""

from __future__ import annotations

from typing import Any

from vpcsim.codes import Code
from vpcsim.expectations import VERDICTS
from vpcsim.scenarios.kinds import KINDS, LAYERS, Kind
from vpcsim.scenarios.scenario import STORY

_TEXT = {"type": "string", "minLength": 1}
_TEXTS = {"anyOf": [{"type": ["string", "number"]}, {"type": "array", "items": {"type": ["string", "number"]}}]}
_OBJECT = {"type": "object"}
_NAMED = {"anyOf": [_OBJECT, {"type": "string", "pattern": r"\$\{"}]}
"""A mapping, or a variable that stands for one."""


def _one_of(*values: str) -> dict[str, Any]:
    """One of these values, or a variable that stands for one."""
    return {"anyOf": [{"enum": list(values)}, {"type": "string", "pattern": r"\$\{"}]}


_CODE = {"$ref": "#/$defs/code"}
_WORDS: dict[str, dict[str, Any]] = {
    "verdict": _one_of(*VERDICTS),
    "code": {"anyOf": [_CODE, {"type": "array", "items": _CODE}]},
    "layer": _one_of(*LAYERS),
    "rcode": _TEXT,
    "because": _TEXTS,
    "messages": {"type": "array"},
}
"""What a word takes, if it is not one text or several."""
_FIELDS: dict[str, dict[str, Any]] = {"parameters": _NAMED, "env": _NAMED, "body": {}, "from": _TEXTS}
_SEVERAL = {("matrix", "to"): _TEXTS}


def scenario_schema() -> dict[str, Any]:
    """The schema as JSON-ready values."""
    step = {"name": _TEXT, "create": _OBJECT, "delete": _TEXTS, "refused": _TEXT, "checks": _list_of("check")}
    file = {
        "scenario": _TEXT,
        **dict.fromkeys(STORY, _TEXT),
        "model": {"anyOf": [_TEXT, {"type": "array", "items": _TEXT, "minItems": 1}]},
        "parameters": _OBJECT,
        "variables": _OBJECT,
        "from": _TEXT,
        "steps": _list_of("step"),
        "checks": _list_of("check"),
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A scenario of vpcsim",
        **_closed(file, ["model"]),
        "oneOf": [{"required": ["steps"]}, {"required": ["checks"]}],
        "$defs": {
            "step": _closed(step),
            "check": {"oneOf": [{"$ref": f"#/$defs/{name}"} for name in KINDS]},
            **{name: _check(name, kind) for name, kind in KINDS.items()},
            "code": _one_of(*Code.__members__),
        },
    }


def _list_of(name: str) -> dict[str, Any]:
    return {"type": "array", "items": {"$ref": f"#/$defs/{name}"}}


def _closed(properties: dict[str, Any], required: list[str] | None = None) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required or [], "additionalProperties": False}


def _check(name: str, kind: Kind) -> dict[str, Any]:
    words = {word: _WORDS.get(word, _TEXTS) for word in kind.words}
    properties = {name: _subject(name, kind), "title": _TEXT, "from": _TEXT, **words}
    return {"description": kind.about, **_closed(properties, [name])}


def _subject(name: str, kind: Kind) -> dict[str, Any]:
    if not kind.fields:
        return _one_of(*VERDICTS) if name == "session" else _TEXT
    fields = {field: _SEVERAL.get((name, field)) or _FIELDS.get(field, {"type": ["string", "integer"]}) for field in kind.fields}
    asked = _closed(fields, list(kind.needed))
    return asked if len(kind.needed) != 1 else {"anyOf": [_TEXT, asked]}
