"""The resources of a plan or a state as they stand in its JSON: every instance of every module, with its attributes.

Sources: https://developer.hashicorp.com/terraform/internals/json-format (plan and state as `terraform show -json` gives them),
https://github.com/hashicorp/terraform/blob/main/internal/states/statefile/version4.go (`terraform.tfstate`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from vpcsim.errors import Origin
from vpcsim.readers.document import List, Map
from vpcsim.readers.intrinsics.values import Unknown

Key = str | int | None
"""What stands in the brackets of an address: a name of `for_each`, a number of `count`, or nothing."""
SENSITIVE = Unknown("it is sensitive")
_TOKEN = re.compile(r'([A-Za-z_][\w-]*)|\[(?:"((?:[^"\\]|\\.)*)"|(\d+))\]')


class Place(NamedTuple):
    """Where a resource is; an empty text is not known."""

    region: str
    account: str


NOWHERE = Place("", "")


@dataclass
class Instance:
    """One resource: `type` starts with `data.` for a data source, `block` is its address without module and key.

    `provider` is the key of the configuration of its provider, and `written` the address in its file, where several have it.
    """

    address: str
    type: str
    block: str
    module: str
    key: Key
    values: dict[str, Any]
    origin: Origin
    provider: str = ""
    written: str = ""
    place: Place = NOWHERE


def tokens(text: str) -> list[Key]:
    """The words and the keys of an address or a reference: `a.b["c"][0]` is `a`, `b`, `c`, 0. Keys of text stay quoted."""
    return [
        word or (int(number[:9]) if number else json.dumps(key))
        for word, key, number in (m.groups() for m in _TOKEN.finditer(text))
    ]


def of_values(document: Map) -> Iterator[Instance]:
    """The instances of a plan or a state that `terraform show -json` wrote. Those of a plan that has read data have that too."""
    seen: set[str] = set()
    prior = document.get("prior_state")
    for tree in (document.get("planned_values"), document.get("values"), prior.get("values") if isinstance(prior, Map) else None):
        for instance in _of_module(tree.get("root_module") if isinstance(tree, Map) else None, ""):
            if instance.address not in seen and (tree is not None) and not _gone(instance, tree, prior):
                seen.add(instance.address)
                yield instance


def _gone(instance: Instance, tree: Any, prior: Any) -> bool:
    """Whether it is a managed resource of the state before a plan: the plan itself says what becomes of it."""
    return isinstance(prior, Map) and tree is prior.get("values") and not instance.type.startswith("data.")


def _of_module(root: Any, path: str) -> Iterator[Instance]:
    waiting = [(root, path)]
    while waiting:
        module, path = waiting.pop(0)
        if not isinstance(module, Map):
            continue
        for resource in mappings(module.get("resources")):
            if (instance := _instance(resource, path)) is not None:
                yield instance
        waiting += [(child, str(child.get("address", path))) for child in mappings(module.get("child_modules"))]


def _instance(resource: Map, module: str) -> Instance | None:
    address, type, name, values = (resource.get(key) for key in ("address", "type", "name", "values"))
    if not (isinstance(address, str) and isinstance(type, str) and isinstance(name, str)) or not address:
        return None
    prefix = "data." if resource.get("mode") == "data" else ""
    known = masked(values if isinstance(values, Map) else {}, resource.get("sensitive_values"))
    origin = resource.origin._replace(path=address)
    return Instance(address, prefix + type, f"{prefix}{type}.{name}", module, resource.get("index"), known, origin)


def of_state(document: Map) -> Iterator[Instance]:
    """The instances of a raw state of format 4."""
    for resource in mappings(document.get("resources")):
        type, name, module = (resource.get(key, "") for key in ("type", "name", "module"))
        if not all(isinstance(text, str) for text in (type, name, module)):
            continue
        prefix = "data." if resource.get("mode") == "data" else ""
        block = f"{prefix}{type}.{name}"
        for instance in mappings(resource.get("instances")):
            key = instance.get("index_key")
            address = f"{module}.{block}" if module else block
            address += "" if key is None else f"[{json.dumps(key, ensure_ascii=False)}]"
            attributes = instance.get("attributes")
            values = dict(attributes) if isinstance(attributes, Map) else {}
            marked = instance.get("sensitive_attributes")
            for path in marked if isinstance(marked, List) else ():
                step = path[0] if isinstance(path, List) and path else path
                if isinstance(step, Map) and isinstance(name := step.get("value"), str) and name in values:
                    values[name] = SENSITIVE
            origin = instance.origin._replace(path=address)
            yield Instance(address, prefix + type, block, module, key, values, origin, str(resource.get("provider", "")))


def masked(values: Mapping[str, Any], marks: Any) -> dict[str, Any]:
    """The values without those that are marked as sensitive."""
    shown = _masked(values, marks)
    return shown if isinstance(shown, dict) else {}


def _masked(value: Any, marks: Any) -> Any:
    if marks is True:
        return SENSITIVE
    if isinstance(value, Mapping):
        return {key: _masked(item, marks.get(key) if isinstance(marks, Mapping) else None) for key, item in value.items()}
    if isinstance(value, list) and isinstance(marks, list):
        return [_masked(item, marks[n] if n < len(marks) else None) for n, item in enumerate(value)]
    return value


def mappings(value: Any) -> Iterable[Map]:
    """The mappings of a list; nothing of what is no list."""
    return (item for item in value if isinstance(item, Map)) if isinstance(value, list) else ()
