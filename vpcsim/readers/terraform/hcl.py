"""The sources themselves, read by tfparse (`pip install 'vpcsim[terraform]'`): modules, variables and functions evaluated.

Every resource gets a made-up id there, and references become those ids, so that sources look like a state. What it cannot
evaluate, such as an output of a module that is not here, stands as `{"__attribute__": "module.vpc.vpc_id"}`.

Source: https://github.com/cloud-custodian/tfparse
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from vpcsim.errors import InputError, Origin, Problem
from vpcsim.readers.document import Map
from vpcsim.readers.intrinsics.values import Unknown
from vpcsim.readers.terraform.instances import Instance, Key, tokens
from vpcsim.readers.terraform.plan import Attribute
from vpcsim.readers.terraform.spelling import shapes_of, stem_of

FOLDER = "terraform_sources"
"""The only key of the document that stands for a folder of sources."""
OPEN = Unknown("an item of the list could not be evaluated")
NULL = Unknown("it could not be evaluated")
_META, _NOT_KNOWN = "__tfmeta", "__attribute__"
_NO_ATTRIBUTES = (_META, "count", "depends_on", "provider", "lifecycle")
_PLACE = re.compile(r"(?:(?P<file>[^\s:;,]+\.tf):(?P<line>\d+)(?:,(?P<column>\d+))?[^\s;]*[;:]?\s*)?(?P<said>.*)", re.DOTALL)


class Sources(NamedTuple):
    """What a folder of sources holds: its instances, the Regions of its providers, and what had to be assumed."""

    instances: list[Instance]
    regions: Mapping[str, str]
    assumptions: list[str]


def document_of(path: str) -> Map:
    """The document that stands for the sources in a folder, or beside a file of it."""
    document = Map(path, 1, 1)
    document[FOLDER] = path if os.path.isdir(path) else os.path.dirname(path) or "."
    return document


def sources_of(folder: str) -> Sources:
    """What the sources in a folder declare. Raises InputError if they cannot be read, or if tfparse is missing."""
    blocks = _parsed(folder)
    assumptions: list[str] = []
    instances = [
        instance
        for blocks_of_type in blocks.values()
        for block in (blocks_of_type if isinstance(blocks_of_type, list) else ())
        if isinstance(block, dict) and (instance := _instance(block, folder)) is not None
    ]
    _mend_subnets(instances, assumptions)
    providers = [p for p in blocks.get("provider") or () if isinstance(p, dict)]
    regions = {_provider(p): p["region"] for p in providers if isinstance(p.get("region"), str)}
    return Sources(instances, regions, assumptions)


def fill(instances: list[Instance], attribute: Attribute) -> None:
    """Put what is known of attributes that are decided at deployment: a service's name, an address."""
    by_address = {instance.address: instance for instance in instances}
    for instance in instances:
        known = {key: _filled(value, instance, by_address, attribute) for key, value in instance.values.items()}
        instance.values = {key: value for key, value in known.items() if key != "for_each"}


def _filled(value: Any, asking: Instance, by_address: Mapping[str, Instance], attribute: Attribute) -> Any:
    if isinstance(value, dict) and isinstance(text := value.get(_NOT_KNOWN), str):
        if (own := _of_each(text, asking)) is not None:
            return own
        prefix = f"{asking.module}." if asking.module else ""
        for address, name in _split(text):
            if (found := by_address.get(prefix + address)) and (known := attribute(found, name)) is not None:
                return known
        return Unknown(f"`{text}` {_why(text)}")
    if isinstance(value, dict):
        return {key: _filled(item, asking, by_address, attribute) for key, item in value.items()}
    return [_filled(item, asking, by_address, attribute) for item in value] if isinstance(value, list) else value


def _why(reference: str) -> str:
    if reference.startswith("var."):
        return "has no value; terraform.tfvars gives one"
    if reference.startswith("module."):
        return "is of a module that is not here; `terraform init` brings it, or read a plan"
    return "is not known before apply"


def _of_each(reference: str, asking: Instance) -> Any:
    """What `each.value.name` is, where tfparse left it open."""
    value = asking.values.get("for_each")
    each, _, path = reference.partition(".value")
    value = value.get(str(asking.key)) if each == "each" and isinstance(value, dict) else None
    for word in tokens(path):
        value = value.get(str(word)) if isinstance(value, dict) else None
    return value if isinstance(value, str | int) else None


def _split(reference: str) -> Iterator[tuple[str, str]]:
    """Where an address in a reference may end: `aws_lb.api[0].dns_name` is `aws_lb.api[0]` and `dns_name`."""
    for dot in [match.start() for match in re.finditer(r"\.", reference)][::-1]:
        name = tokens(reference[dot + 1 :])
        if name:
            yield reference[:dot], str(name[0])
            yield f"{reference[:dot]}[0]", str(name[0])


def _parsed(folder: str) -> dict[str, Any]:
    try:
        import tfparse
    except ImportError:
        message = "Terraform sources need tfparse: pip install 'vpcsim[terraform]', or give the JSON of `terraform show -json`"
        raise InputError(Problem(message, Origin(folder))) from None
    try:
        parsed: dict[str, Any] = tfparse.load_from_path(
            os.path.abspath(folder), stop_on_hcl_error=True, vars_paths=_files_of_values(folder)
        )
    except (tfparse.ParseError, ValueError) as error:
        raise InputError(_problem(str(error), folder)) from None
    if not parsed:
        raise InputError(Problem("no Terraform source here could be read", Origin(folder)))
    return parsed


def _files_of_values(folder: str) -> list[str]:
    """The files that Terraform takes the values of variables from by itself, in its order.

    Source: https://developer.hashicorp.com/terraform/language/values/variables#variable-definitions-tfvars-files
    """
    names = sorted(os.listdir(folder))
    usual = [name for name in ("terraform.tfvars", "terraform.tfvars.json") if name in names]
    return [*usual, *(name for name in names if name.endswith((".auto.tfvars", ".auto.tfvars.json")))]


def _problem(text: str, folder: str) -> Problem:
    match = _PLACE.search(" ".join(text.split()))
    assert match is not None, "the pattern takes every text"
    if not match["file"]:
        return Problem(f"Terraform sources: {match['said']}", Origin(folder))
    file = os.path.join(folder, match["file"])
    return Problem(match["said"], Origin(file, int(match["line"]), int(match["column"] or 0)))


def _instance(block: dict[str, Any], folder: str) -> Instance | None:
    meta = block.get(_META)
    if not isinstance(meta, dict) or meta.get("type") not in ("resource", "data"):
        return None
    address, type = str(meta.get("path", "")), str(meta.get("label", ""))
    prefix = "data." if meta["type"] == "data" else ""
    module, _, rest = address.rpartition(f"{prefix}{type}.")
    words = tokens(rest)
    key: Key = words[1] if len(words) > 1 else None
    file = os.path.normpath(os.path.join(folder, str(meta.get("filename", ""))))
    origin = Origin(file, int(meta.get("line_start", 0)), 0, address)
    values = {name: _value(item) for name, item in block.items() if name not in _NO_ATTRIBUTES}
    needed = {"cidr_block", *(f.name for shape in shapes_of(prefix + type) for f in shape.fields.values() if f.required)}
    values |= {name: NULL for name in needed & values.keys() if values[name] is None}
    block_address = f"{prefix}{type}.{words[0] if words else ''}"
    key = json.loads(key) if isinstance(key, str) else key
    return Instance(
        address, prefix + type, block_address, module.rstrip("."), key, values, origin, str(block.get("provider") or "")
    )


def _value(value: Any) -> Any:
    if isinstance(value, dict):
        inside = {k: _value(v) for k, v in value.items() if k != _META and not (k == "id" and _META in value)}
        return [inside] if _META in value else inside
    if isinstance(value, list):
        items: list[Any] = [OPEN if item is None else _value(item) for item in value]
        return [item[0] if isinstance(was, dict) and _META in was else item for was, item in zip(value, items, strict=True)]
    return value


def _provider(block: dict[str, Any]) -> str:
    label = str(block[_META].get("label", "aws")) if isinstance(block.get(_META), dict) else "aws"
    return f"{label}.{block['alias']}" if isinstance(block.get("alias"), str) else label


def _mend_subnets(instances: list[Instance], assumptions: list[str]) -> None:
    """A module's output that has the name of an input comes back from tfparse as that input: subnets as their blocks."""
    by_block: dict[str, list[str]] = {}
    for instance in instances:
        if instance.type == "aws_subnet":
            by_block.setdefault(str(instance.values.get("cidr_block")), []).append(str(instance.values.get("id")))
    for instance in instances:
        for name, value in instance.values.items():
            if stem_of(name).endswith("subnet"):
                mended = [_mended(item, by_block) for item in value] if isinstance(value, list) else _mended(value, by_block)
                if mended != value:
                    instance.values[name] = mended
                    assumptions.append(
                        f"{instance.address}: {name} is given as blocks, {value}, and taken to be the subnets with them"
                    )


def _mended(value: Any, by_block: Mapping[str, list[str]]) -> Any:
    found = by_block.get(value, []) if isinstance(value, str) and "/" in value else []
    return found[0] if len(found) == 1 else value
