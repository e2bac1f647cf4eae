"""From Terraform's attributes to the properties that the resource classes know, and from the provider's types to classes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from vpcsim.readers.intrinsics.values import Unknown
from vpcsim.resource import Resource, TerraformSpelling
from vpcsim.shape import api_name
from vpcsim.shapes import SHAPES

_SHAPES_OF: dict[str, list[type[Resource]]] = {}
for _shape in SHAPES:
    for _type in _shape.terraform_spelling.types:
        _SHAPES_OF.setdefault(_type, []).append(_shape)


def shapes_of(type: str) -> list[type[Resource]]:
    """The classes that take resources of one of the provider's types."""
    return _SHAPES_OF.get(type, [])


def spelled(values: Mapping[str, Any], spelling: TerraformSpelling) -> dict[str, Any]:
    """The attributes with their properties' names. What is null, empty text or an empty list is not set in Terraform."""
    fields: dict[str, Any] = _spelled(values, spelling, "")
    if isinstance(tags := values.get("tags"), Mapping):
        fields["Tags"] = [{"Key": key, "Value": str(value)} for key, value in tags.items() if isinstance(value, str)]
    return {name: value for name, value in fields.items() if name != "TagsAll"}


def _spelled(value: Any, spelling: TerraformSpelling, within: str) -> Any:
    if isinstance(value, Mapping):
        fields = {}
        for key, item in value.items():
            if item is None or item == "" or (isinstance(item, list | dict) and not item):
                continue
            name = spelling.names.get(f"{within}.{key}") or spelling.names.get(key) or api_name(str(key))
            if key in spelling.once and isinstance(item, list):
                item = item[0]
            text = isinstance(item, str) and is_policy(str(key))
            fields[name] = _policy(item) if text else _spelled(item, spelling, str(key))
        return fields
    if isinstance(value, list):
        return [_spelled(item, spelling, within) for item in value if item is not None]
    return value


def _policy(value: str) -> Any:
    """A policy stands as JSON text in an attribute; what is no JSON is left to whoever reads policies."""
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


def is_policy(attribute: str) -> bool:
    """Whether an attribute holds a policy as JSON text."""
    return attribute.endswith("policy")


def lacks_parts(policy: str) -> bool:
    """Whether a policy has null where something could not be evaluated: policies have no such value."""
    return _has_null(_policy(policy))


def _has_null(value: Any) -> bool:
    inside = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return value is None or any(map(_has_null, inside))


def with_texts(policy: str, change: Callable[[str], str]) -> str:
    """A policy with its texts changed; what is no JSON is a text itself."""
    document = _policy(policy)
    return change(policy) if isinstance(document, str) else json.dumps(_changed(document, change))


def _changed(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Mapping):
        return {key: _changed(item, change) for key, item in value.items()}
    return [_changed(item, change) for item in value] if isinstance(value, list) else value


def first_unknown(value: Any) -> Unknown | None:
    """The first value inside that is not known."""
    if isinstance(value, Unknown):
        return value
    inside = value.values() if isinstance(value, Mapping) else value if isinstance(value, list | tuple) else ()
    return next((found for item in inside if (found := first_unknown(item)) is not None), None)


def answers_to(type: str, wanted: tuple[str, ...], attribute: str) -> bool:
    """Whether a resource of this type can be what an attribute names: `aws_default_subnet` for `subnet_ids`."""
    if wanted:
        return type.removeprefix("data.") in wanted
    stem, core = stem_of(attribute), type.removeprefix("data.").removeprefix("aws_").removeprefix("default_").removeprefix("ec2_")
    return bool(stem) and (core == stem or stem.endswith(f"_{core}") or core.endswith(f"_{stem}"))


def stem_of(attribute: str) -> str:
    """What the name of an attribute says that it names: `subnet` for `subnet_ids` and for `subnets`."""
    for ending in ("_id", "_ids", "_arn", "_arns"):
        if attribute.endswith(ending):
            return attribute.removesuffix(ending)
    return attribute.removesuffix("s") if attribute.endswith(("groups", "subnets", "instances", "gateways")) else ""


def is_many(attribute: str) -> bool:
    """Whether an attribute holds a list, as far as its name says so."""
    return attribute.endswith("s") and not attribute.endswith(("status", "address", "dns", "ss"))
