"""The JSON Schema of the native format, made from the classes that read it.

It says what an editor can use: the sections, the words of each, the type of a value where only one is possible, and the
words of a field that has few. A file may be right for the schema and wrong for the network; `vpcsim show` says that.

Source: https://json-schema.org/draft/2020-12/schema
"""

from __future__ import annotations

import re
from types import NoneType
from typing import Annotated, Any, get_args, get_origin

from vpcsim.readers.native import FORMAT, UNKNOWN, sections
from vpcsim.resolution import Switches
from vpcsim.resource import Address, Resource
from vpcsim.shape import Field

DRAFT = "https://json-schema.org/draft/2020-12/schema"
_WORDS = re.compile(r"\^\(([a-zA-Z0-9_|-]*)\)\$")


def native() -> dict[str, Any]:
    """The schema of a native file."""
    switches = {name: {"type": "boolean" if isinstance(v, bool) else "integer"} for name, v in Switches._field_defaults.items()}
    settings: dict[str, Any] = {
        "vpcsim": {"const": FORMAT, "description": "The version of the format."},
        "region": {"type": "string", "description": "The Region."},
        "account": {"type": ["string", "integer"], "description": "The account's number."},
        "description": {"type": "string"},
        "unknown": {"type": "array", "items": _unknown(), "description": "What is not known of resources."},
        "dns": {"type": "object", "properties": switches, "additionalProperties": False},
    }
    return {
        "$schema": DRAFT,
        "title": "A network of vpcsim",
        "type": "object",
        "properties": {**settings, **{name: _section(name, shapes) for name, shapes in sections().items()}},
        "$defs": {name: _entry(shapes) for name, shapes in sections().items()},
    }


def _unknown() -> dict[str, Any]:
    texts = {"type": "array", "items": {"type": "string"}}
    kinds = {"known": {"type": "object"}, "adds": {"type": "boolean"}, "fields": texts, "names": texts, "vpcs": texts}
    words = {word: kinds.get(word, {"type": "string"}) for word in UNKNOWN}
    return {"type": "object", "properties": words, "required": ["about", "reason"], "additionalProperties": False}


def _section(name: str, shapes: list[type[Resource]]) -> dict[str, Any]:
    entry = {"$ref": f"#/$defs/{name}"}
    items = {"anyOf": [{"type": "string"}, {"type": "object", "required": ["id"]}]}
    return {
        "description": _told(shapes[0]),
        "anyOf": [
            {"type": "object", "additionalProperties": entry},
            {"type": "array", "items": items},
            {"type": ["string", "null"]},
        ],
    }


def _entry(shapes: list[type[Resource]]) -> dict[str, Any]:
    """What stands for one resource: its fields, a lone value where one is enough, or nothing."""
    words: dict[str, Any] = {"name": {"type": "string"}, "tags": {"type": ["object", "array"]}, "id": {"type": "string"}}
    for shape in shapes:
        fields = {f.api: f for name, f in shape.fields.items() if name not in ("id", "origin", "assumed", "tags", "name")}
        words |= {f.name: _value(f, f.api in shape.native_names.values()) for f in fields.values()}
        for word, api in shape.native_names.items():
            words[word] = _value(fields[api], True) if api in fields else {}
    whole: dict[str, Any] = {"type": "object", "properties": words}
    lone = any(shape.native_scalar for shape in shapes)
    return {"anyOf": [whole, {"type": ["string", "integer", "boolean", "array", "null"] if lone else "null"}]}


def _value(known: Field, shortened: bool) -> dict[str, Any]:
    """The schema of a value; nothing is said of fields that a class also takes in other forms."""
    annotation = _without_none(known.annotation)
    if annotation is bool and not shortened:
        return {"type": "boolean"}
    if annotation is int:
        return {"type": ["integer", "string"]}
    pattern = str(known.limits.get("pattern", ""))
    if annotation is str and (match := _WORDS.fullmatch(pattern)):
        words = [word for word in match[1].split("|") if word]
        return {"anyOf": [{"enum": words}, {"type": ["string", "boolean"]}]}
    if annotation is str or annotation == Address:
        return {"type": ["string", "integer", "boolean"]} if annotation is str else {"type": "string"}
    return {}


def _without_none(annotation: Any) -> Any:
    arguments = [a for a in get_args(annotation) if a is not NoneType]
    if NoneType in get_args(annotation) and len(arguments) == 1:
        return _without_none(arguments[0])
    is_reference = get_origin(annotation) is Annotated and get_args(annotation)[0] is str
    return str if is_reference else annotation


def _told(shape: type[Resource]) -> str:
    """The first sentence about a class, or about its module."""
    import sys

    text = shape.__doc__ or ""
    if text.startswith("See the"):
        text = sys.modules[shape.__module__].__doc__ or ""
    return " ".join(text.split("\n\n")[0].split())
