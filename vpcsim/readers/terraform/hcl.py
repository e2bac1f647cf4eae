"""The sources themselves, read by tfparse (`pip install 'vpcsim[terraform]'`): modules, variables and functions evaluated.

Every resource gets a made-up id there, and references become those ids, so that sources look like a state. What it cannot
evaluate, such as an output of a module that is not here, stands as `{"__attribute__": "module.vpc.vpc_id"}`.

Source: https://github.com/cloud-custodian/tfparse
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from vpcsim import services
from vpcsim.errors import InputError, Origin, Problem
from vpcsim.readers.document import Map
from vpcsim.readers.intrinsics.values import Unknown
from vpcsim.readers.terraform import core_network_document, data_sources, policy_document
from vpcsim.readers.terraform.instances import Instance, Key, Place, tokens
from vpcsim.readers.terraform.plan import Attribute
from vpcsim.readers.terraform.spelling import is_policy, lacks_parts, shapes_of, stem_of
from vpcsim.readers.terraform.written import META, Written, items, may_be_null

FOLDER = "terraform_sources"
"""The only key of the document that stands for a folder of sources."""
OPEN = Unknown("an item of the list could not be evaluated")
NULL = Unknown("it could not be evaluated")
_ZONE = "availability_zone"
_META, _NOT_KNOWN = META, "__attribute__"
_ANY_REGION = "current-region"
"""What tfparse has for the name of every `data.aws_region`."""
DOCUMENTS: Mapping[str, Callable[[Mapping[str, Any]], str | Unknown]] = {
    policy_document.TYPE: policy_document.json_of,
    core_network_document.TYPE: core_network_document.json_of,
}
"""Data sources that make a text of their blocks."""
_INSIDE = re.compile(r"\$\{([^}]*)\}")
_KEY = re.compile(r"\[(?:count\.index|each\.key)\]")
_NO_ATTRIBUTES = (_META, "count", "depends_on", "provider", "lifecycle")
_PLACE = re.compile(
    r"(?:(?:[\w ]+: )?(?P<file>[^\s:;,]+\.tf):(?P<line>\d+)(?:,(?P<column>\d+))?[^\s;]*[;:]?\s*)?(?P<said>.*)", re.DOTALL
)


class Sources(NamedTuple):
    """What a folder of sources holds: its instances, the places of its providers, and what had to be assumed."""

    instances: list[Instance]
    providers: Mapping[str, Place]
    assumptions: list[str]


def document_of(path: str) -> Map:
    """The document that stands for the sources in a folder, or beside a file of it."""
    document = Map(path, 1, 1)
    document[FOLDER] = path if os.path.isdir(path) else os.path.dirname(path) or "."
    return document


def sources_of(folder: str) -> Sources:
    """What the sources in a folder declare. Raises InputError if they cannot be read, or if tfparse is missing."""
    blocks = _parsed(folder)
    written = Written(folder, blocks)
    assumptions: list[str] = []
    instances = [
        instance
        for blocks_of_type in blocks.values()
        for block in (blocks_of_type if isinstance(blocks_of_type, list) else ())
        if isinstance(block, dict) and (instance := _instance(block, folder, written)) is not None
    ]
    for instance in instances:
        instance.provider = written.provider_of(instance)
    _mend_subnets(instances, assumptions)
    return Sources(instances, written.providers, assumptions)


def fill(instances: list[Instance], attribute: Attribute, assumptions: list[str]) -> None:
    """Put what is known of attributes that are decided at deployment: a service's name, an address."""
    filling = _Filling(instances, attribute)
    for instance in sorted(instances, key=lambda instance: not _is_document(instance)):
        known = {key: filling.filled(value, instance, key) for key, value in instance.values.items()}
        instance.values = {key: value for key, value in known.items() if key != "for_each"}
        if isinstance(instance.values.get(_ZONE), Unknown) and instance.type == "aws_subnet":
            zone = instance.values[_ZONE] = _zone(instance, instances)
            assumptions.append(f"{instance.address}: availability_zone could not be evaluated and is taken to be {zone}")
    instances[:] = [i for i in instances if not i.type.startswith("data.") or i.type == data_sources.ZONE]


def _zone(subnet: Instance, instances: list[Instance]) -> str:
    """A zone for each subnet of a block in turn, as `names[count.index]` has it."""
    keys = [i.key for i in instances if (i.module, i.block) == (subnet.module, subnet.block)]
    zones = services.availability_zones(subnet.place.region)
    return zones[keys.index(subnet.key) % len(zones)].name


def _is_document(instance: Instance) -> bool:
    return instance.type in DOCUMENTS


class _Filling:
    """What references and templates lead to that tfparse left open."""

    def __init__(self, instances: list[Instance], attribute: Attribute) -> None:
        self._by_address = {instance.address: instance for instance in instances}
        self._documents = {str(i.values.get("id")): i for i in instances if _is_document(i)}
        self._data = {str(i.values.get("id")): i for i in instances if i.type.startswith("data.") and not _is_document(i)}
        self._attribute = attribute
        self._open: set[str] = set()

    def filled(self, value: Any, asking: Instance, name: str) -> Any:
        if isinstance(value, dict) and isinstance(text := value.get(_NOT_KNOWN), str):
            found = self._template(text, asking) if text.startswith('"') else self._reference(text, asking)
            return Unknown(f"`{text[:80]}` {_why(text)}") if found is None else found
        if isinstance(value, dict):
            return {key: self.filled(item, asking, key) for key, item in value.items()}
        if isinstance(value, list):
            return [self.filled(item, asking, name) for item in value]
        return self._text(value, asking, name) if isinstance(value, str) else value

    def _text(self, text: str, asking: Instance, name: str) -> Any:
        if text in self._documents and name != "id":
            return self._document(text)
        if text in self._data and name != "id":
            return data_sources.told(self._data[text], "id")
        if is_policy(name) and lacks_parts(text):
            return Unknown("a part of the policy could not be evaluated")
        return text.replace(_ANY_REGION, asking.place.region)

    def _document(self, id: str) -> Any:
        if id in self._open:
            return Unknown("the policy document contains itself")
        self._open.add(id)
        document = self._documents[id]
        values = {key: self.filled(value, document, key) for key, value in document.values.items()}
        made = DOCUMENTS[document.type](values)
        self._open.discard(id)
        return made

    def _template(self, text: str, asking: Instance) -> str | None:
        """`"${aws_eip.nat.public_ip}/32"`, if every part of it is known."""
        parts = _INSIDE.split(text[1:-1])
        known = [self._reference(part, asking) if position % 2 else part for position, part in enumerate(parts)]
        return "".join(map(str, known)) if all(isinstance(part, str | int) for part in known) else None

    def _reference(self, text: str, asking: Instance) -> Any:
        if (own := _of_each(text, asking)) is not None:
            return own
        text = _KEY.sub(f"[{json.dumps(asking.key)}]", text.strip())
        prefix = f"{asking.module}." if asking.module else ""
        for address, name in _split(text):
            found = self._by_address.get(prefix + address)
            if found and _is_document(found) and name in ("json", "minified_json"):
                return self._document(str(found.values.get("id")))
            if found and found.type.startswith("data.") and not _is_document(found):
                return data_sources.told(found, name)
            if found and (known := self._attribute(found, name)) is not None:
                return known
        return None


def _why(reference: str) -> str:
    if reference.startswith("var."):
        return "has no value; terraform.tfvars gives one"
    if reference.startswith("module."):
        return "is of a module that is not here; `terraform init` brings it, or read a plan"
    return "could not be evaluated" if re.search(r"[^\w.\[\]\"-]", reference) else "is not known before apply"


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
    said = match["said"]
    return Problem(said[:1].lower() + said[1:], Origin(file, int(match["line"]), int(match["column"] or 0)))


def _column(file: str, line: int) -> int:
    """The column in which a line begins, as tfparse tells lines only; 0 if the file is not there."""
    try:
        text = Path(file).read_text(encoding="utf-8", errors="replace").splitlines()[line - 1]
    except (OSError, IndexError):
        return 0
    return len(text) - len(text.lstrip()) + 1 if line else 0


def _instance(block: dict[str, Any], folder: str, written: Written) -> Instance | None:
    meta = block.get(_META)
    if not isinstance(meta, dict) or meta.get("type") not in ("resource", "data"):
        return None
    address, type = str(meta.get("path", "")), str(meta.get("label", ""))
    prefix = "data." if meta["type"] == "data" else ""
    module, _, rest = address.rpartition(f"{prefix}{type}.")
    words = tokens(rest)
    key: Key = words[1] if len(words) > 1 else None
    file = os.path.normpath(os.path.join(folder, str(meta.get("filename", ""))))
    line = int(meta.get("line_start", 0))
    origin = Origin(file, line, _column(file, line), address)
    block = _reopened(block, written) if shapes_of(prefix + type) or prefix + type in DOCUMENTS else block
    values = {name: _value(item) for name, item in block.items() if name not in _NO_ATTRIBUTES}
    if type == "aws_subnet" and values.get(_ZONE, "") is None and not values.get(f"{_ZONE}_id"):
        values[_ZONE] = NULL  # modules ask whether it is a name or an id, of which nothing is known
    needed = {"cidr_block", *(f.name for shape in shapes_of(prefix + type) for f in shape.fields.values() if f.required)}
    values |= {name: NULL for name in needed & values.keys() if values[name] is None}
    block_address = f"{prefix}{type}.{words[0] if words else ''}"
    key = json.loads(key) if isinstance(key, str) else key
    return Instance(
        address, prefix + type, block_address, module.rstrip("."), key, values, origin, _provider(block.get("provider"))
    )


def _provider(value: Any) -> str:
    """What a resource says of its provider: `aws.west` is no value to tfparse."""
    text = value.get(_NOT_KNOWN) if isinstance(value, dict) else value
    return text if isinstance(text, str) else ""


def _reopened(block: dict[str, Any], written: Written) -> dict[str, Any]:
    """A block with the expressions of what tfparse could not evaluate, for null would say that it is not set."""
    open = [name for name, value in block.items() if value is None or (isinstance(value, list) and None in value)]
    expressions = written.expressions(block[_META]) if open else {}
    made = dict(block)
    for name in open:
        if block[name] is None:
            made[name] = _left(expressions.get(name, "null"))
        elif len(shown := items(expressions.get(name, ""))) == len(block[name]):
            made[name] = [_left(text) if item is None else item for item, text in zip(block[name], shown, strict=True)]
    for name, value in block.items():
        if isinstance(value, dict) and _META in value:
            made[name] = _reopened(_with_own_id(value, written), written)
        elif isinstance(value, list):
            inside = [_reopened(item, written) if isinstance(item, dict) and _META in item else item for item in made[name]]
            made[name] = inside
    return made


def _with_own_id(block: dict[str, Any], written: Written) -> dict[str, Any]:
    """A block inside a resource has an id that tfparse made up, in the place of one that it may say."""
    said = written.expressions(block[_META]).get("id") if block[_META].get("references") else None
    return {**block, "id": {_NOT_KNOWN: said}} if said else block


def _left(expression: str) -> Any:
    return None if may_be_null(expression) else {_NOT_KNOWN: expression}


def _value(value: Any) -> Any:
    if isinstance(value, dict):
        made_up = _META in value and isinstance(value.get("id"), str)
        inside = {k: _value(v) for k, v in value.items() if k != _META and not (k == "id" and made_up)}
        return [inside] if _META in value else inside
    if isinstance(value, list):
        items: list[Any] = [OPEN if item is None else _value(item) for item in value]
        return [item[0] if isinstance(was, dict) and _META in was else item for was, item in zip(value, items, strict=True)]
    return value


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
