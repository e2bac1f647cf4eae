"""The native format: one section per kind of resource, ids as keys, short words for the fields that matter.

    region: us-east-1
    vpcs: {myVPC: 10.0.0.0/16}
    subnets:
      mySubnet: {cidr: 10.0.0.0/24, az: us-east-1a}

A resource that belongs to a VPC need not name it while the model has one VPC only. A field may be written in its short
form, in snake case or as the API names it. What a section's entries mean is said by the resource classes themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from vpcsim.drafts import as_written
from vpcsim.errors import Doubt, InputError, Origin, Problem, Skipped, nearest
from vpcsim.readers.document import List, Map, origin_of
from vpcsim.readers.reading import Reading, joined
from vpcsim.resolution import Switches
from vpcsim.resource import Declaration, Draft, Patch, Resource, as_list
from vpcsim.shapes import SHAPES
from vpcsim.topology import Settings, Topology

FILES = ("network.yaml", "network.yml")
SETTINGS = ("region", "account", "vpcsim", "description", "dns", "unknown")
FORMAT = 1
UNKNOWN = ("about", "reason", "fields", "known", "adds", "names", "vpcs", "left_out")
"""What an entry of `unknown` may say."""
USUAL = ("vpcs", "subnets", "route_tables", "security_groups", "instances", "endpoints")
"""Sections that an error names when nothing is near to what was written; docs/native.md has all."""


def sections() -> dict[str, list[type[Resource]]]:
    """The section names of the format, with the classes that take their entries."""
    found: dict[str, list[type[Resource]]] = {}
    for shape in SHAPES:
        if shape.section:
            found.setdefault(shape.native_section or f"{shape.kind}s", []).append(shape)
    return found


def recognises(document: Any) -> bool:
    """Whether a document looks like the native format: some of its keys are sections or settings."""
    known = {*sections(), *SETTINGS}
    return isinstance(document, Map) and any(_word(key) in known or f"{_word(key)}s" in known for key in document)


def is_plain(document: Map) -> bool:
    """Whether every key is one of the format as it is written, so that no other reader needs to be asked."""
    return bool(document) and document.keys() <= {*sections(), *SETTINGS}


def read(documents: Sequence[Map], parameters: Mapping[str, str]) -> Reading:
    """What native documents declare; the format has no parameters. Raises InputError with every problem found."""
    return joined(map(_read, documents))


def _read(document: Map) -> Reading:
    problems: list[Problem] = []
    settings = _settings(document, problems)
    entries = list(_entries(document, settings, problems))
    drafts = list(_drafts(entries, _only_vpc(entries), problems))
    if problems:
        raise InputError(problems)
    return Reading(settings, drafts)


def declarations_of(changes: Mapping[str, Any], topology: Topology) -> Iterable[Draft | Patch]:
    """Sections of the native format as changes to a topology: a known id keeps the fields that are not named.

    Raises InputError with every problem found.
    """
    problems: list[Problem] = []
    document = changes if isinstance(changes, Map) else _as_map(changes)
    entries = list(_entries(document, topology.settings, problems))
    vpcs = [resource.id for resource in topology.of_kind("vpc")]
    drafts = list(_drafts(entries, vpcs[0] if len(vpcs) == 1 else None, problems, topology))
    if problems:
        raise InputError(problems)
    for draft in drafts:
        if isinstance(draft, Draft):
            draft.fields = {**_existing(topology, draft.id, draft.shape), **draft.fields}
    return drafts


def _existing(topology: Topology, id: str, *shapes: type[Resource]) -> dict[str, Any]:
    """The API-shaped fields of a resource of one of these classes, without what was chosen for it."""
    resource = topology.resources.get(id)
    if resource is None or not isinstance(resource, shapes):
        return {}
    return resource.dump(without=resource.assumed)


Entry = tuple[list[type[Resource]], str, Any, Origin, Settings]


def _settings(document: Map, problems: list[Problem]) -> Settings:
    from vpcsim import services

    region = str(document.get("region", "us-east-1"))
    if region not in services.regions():
        close = nearest(region, services.regions())
        hint = f", did you mean `{close}`?" if close else ""
        problems.append(Problem(f"`{region}` is not a Region{hint}", origin_of(document, "region")))
        region = "us-east-1"
    version = document.get("vpcsim", FORMAT)
    if version != FORMAT:
        problems.append(
            Problem(f"`{version}` is not a version of the native format; this is {FORMAT}", origin_of(document, "vpcsim"))
        )
    account = str(document.get("account", "123456789012"))
    doubts, skipped = _unknown(document, problems)
    return Settings(
        SHAPES, region, account, document.file, dns=_switches(document, problems), doubts=tuple(doubts), skipped=tuple(skipped)
    )


def _unknown(document: Map, problems: list[Problem]) -> tuple[list[Doubt], list[Skipped]]:
    """What the model does not know: of a resource, or that there is one of this id, which is `left_out`."""
    doubts: list[Doubt] = []
    skipped: list[Skipped] = []
    for item in as_list(document.get("unknown")):
        about, reason = (str(item.get(key) or "") if isinstance(item, Map) else "" for key in ("about", "reason"))
        if not isinstance(item, Map) or not about or not reason or not item.keys() <= {*UNKNOWN}:
            message = f"an entry of `unknown` has `about` and `reason`, and perhaps {', '.join(UNKNOWN[2:])}"
            problems.append(Problem(message, origin_of(document, "unknown")))
        elif item.get("left_out"):
            skipped.append(Skipped(about, str(item["left_out"]), item.origin, reason, unknown=True))
        else:
            fields, names, vpcs = (tuple(map(str, as_list(item.get(key)))) for key in ("fields", "names", "vpcs"))
            known = item.get("known")
            part = known if isinstance(known, Map) else None
            doubts.append(Doubt(about, reason, item.origin, frozenset(fields), part, item.get("adds") is True, names, vpcs))
    return doubts, skipped


def _switches(document: Map, problems: list[Problem]) -> Switches:
    """What the model says about points that AWS leaves open: `dns: {synthesize_ip_names: true}`."""
    written = document.get("dns")
    if written is None:
        return Switches()
    if not isinstance(written, Map):
        problems.append(Problem("`dns` holds a mapping of switches", origin_of(document, "dns")))
        return Switches()
    given: dict[str, Any] = {}
    for key, value in written.items():
        known = Switches._field_defaults.get(_word(key))
        if known is None:
            close = nearest(_word(key), Switches._fields)
            hint = f"did you mean `{close}`?" if close else f"known: {', '.join(Switches._fields)}"
            problems.append(Problem(f"`{key}` is not a switch of `dns`; {hint}", origin_of(written, key)))
        elif type(value) is not type(known):
            expected = "true or false" if isinstance(known, bool) else "a number"
            problems.append(Problem(f"`{value}`: `{key}` is {expected}", origin_of(written, key)))
        else:
            given[_word(key)] = value
    return Switches(**given)


def _entries(document: Map, settings: Settings, problems: list[Problem]) -> Iterator[Entry]:
    known = sections()
    for key, content in document.items():
        word = _word(key)
        shapes = known.get(word) or known.get(f"{word}s")
        if shapes is None:
            if word not in SETTINGS:
                close = nearest(word, [*known, *SETTINGS])
                hint = f"did you mean `{close}`?" if close else f"expected one such as {', '.join(USUAL)}"
                problems.append(Problem(f"`{key}` is not a section; {hint}", origin_of(document, key)))
            continue
        for id, fields, origin in _items(key, content, document, problems):
            yield shapes, id, fields, origin, settings


def _items(section: str, content: Any, document: Map, problems: list[Problem]) -> Iterator[tuple[str, Any, Origin]]:
    """The entries of a section: a mapping by id, a list of ids or of mappings with an id, or a lone id."""
    if isinstance(content, Map):
        yield from ((id, fields, origin_of(content, id)) for id, fields in content.items())
    elif isinstance(content, str):
        yield content, None, origin_of(document, section)
    elif isinstance(content, List):
        for position, item in enumerate(content):
            origin = origin_of(content, position)
            if isinstance(item, str):
                yield item, None, origin
            elif isinstance(item, Map) and isinstance(item.get("id"), str):
                yield item["id"], _without_id(item), origin
            else:
                problems.append(Problem(f"an entry of `{section}` is an id, or a mapping with an `id`", origin))
    elif content is not None:
        problems.append(Problem(f"`{section}` holds a mapping of ids, not `{content}`", origin_of(document, section)))


def _without_id(item: Map) -> Map:
    copy = Map(item.file, item.line, item.column)
    copy.update({key: value for key, value in item.items() if key != "id"})
    copy.places = item.places
    return copy


def _only_vpc(entries: list[Entry]) -> str | None:
    vpcs = [id for shapes, id, *_ in entries if shapes[0].kind == "vpc"]
    return vpcs[0] if len(vpcs) == 1 else None


def _drafts(
    entries: Iterable[Entry], only_vpc: str | None, problems: list[Problem], topology: Topology | None = None
) -> Iterator[Draft | Patch]:
    read = [(e, fields) for e in entries if (fields := _fields(e[0], e[1], e[2], e[3], problems)) is not None]
    written = {entry[1]: fields for entry, fields in read}
    for (shapes, id, _, origin, settings), fields in read:
        existing = _existing(topology, id, *shapes) if topology else {}
        if "VpcId" not in existing | fields and any("VpcId" in shape.native_names.values() for shape in shapes):
            vpc = only_vpc or _vpc_around(fields, written, topology)
            if not vpc and any(map(_needs_vpc, shapes)):
                problems.append(Problem(f"{id}: `vpc` is missing; it is known by itself in a model of one VPC only", origin))
                continue
            fields |= {"VpcId": vpc} if vpc else {}
        region = _around(id, "Region", written, topology) or settings.region
        account = _around(id, "OwnerId", written, topology) or settings.account
        declaration = Declaration(id, "", fields, origin, region, account, existing)
        for shape in shapes:
            try:
                yield from shape.native(declaration)
            except InputError as error:
                problems.extend(error.problems)
            except FAULTS as error:
                problems.append(_odd(shape, declaration, error))


def _needs_vpc(shape: type[Resource]) -> bool:
    return "vpc_id" in shape.fields and shape.fields["vpc_id"].required and "vpc" in shape.native_names


def _vpc_around(fields: Mapping[str, Any], written: Mapping[str, Mapping[str, Any]], topology: Topology | None) -> str | None:
    """The VPC of the subnets that an entry names, if it says none itself."""
    for subnet in (str(id) for key in INSIDE for id in as_list(fields.get(key))):
        held = topology.resources.get(subnet) if topology else None
        vpc = written.get(subnet, {}).get("VpcId") or getattr(held, "vpc_id", None)
        if vpc:
            return str(vpc)
    return None


INSIDE = ("SubnetId", "SubnetIds", "Subnets")
"""The fields by which an entry names the subnets that it is in."""

FAULTS = (TypeError, ValueError, AttributeError, LookupError)
"""What a class may stumble over in an entry that is not written as it expects."""


def _odd(shape: type[Resource], declaration: Declaration, fault: Exception) -> Problem:
    """What is wrong with an entry that a class cannot read: a sentence of its own, or the field without which it could."""
    if isinstance(fault, ValueError) and "`" in str(fault):
        return Problem(f"{declaration.id}: {fault}", declaration.origin)
    for name, value in declaration.fields.items():
        if _readable(shape, declaration, {k: v for k, v in declaration.fields.items() if k != name}):
            words = {api: word for word, api in shape.native_names.items()}
            item, origin = _odd_item(shape, declaration, name, value)
            said = f"{declaration.id}: {words.get(name, shape.word_of(name))}: `{as_written(item)}` is not expected here"
            return Problem(said, origin)
    return Problem(f"{declaration.id}: this is not how a {shape.kind.replace('_', ' ')} is written", declaration.origin)


def _odd_item(shape: type[Resource], declaration: Declaration, name: str, value: Any) -> tuple[Any, Origin | None]:
    """The item of a list that cannot be read alone, or else the whole value, and where it is written."""
    place = value.origin if isinstance(value, Map | List) else declaration.origin
    if isinstance(value, list | tuple):
        for position, item in enumerate(value):
            if not _readable(shape, declaration, {**declaration.fields, name: [item]}):
                return item, origin_of(value, position) if isinstance(value, List) else place
    return value, place


def _readable(shape: type[Resource], declaration: Declaration, fields: dict[str, Any]) -> bool:
    try:
        list(shape.native(declaration._replace(fields=fields)))
    except FAULTS:
        return False
    except InputError:
        return True
    return True


def _around(
    id: str, name: str, written: Mapping[str, Mapping[str, Any]], topology: Topology | None, seen: frozenset[str] = frozenset()
) -> str | None:
    """The Region or the owner that an entry has, of its own or of the subnet or the VPC that it names."""
    fields = written.get(id)
    if fields is None:
        if topology is None or id not in topology.resources:
            return None
        return topology.region_of(id) if name == "Region" else topology.account_of(id)
    if own := fields.get(name):
        return str(own)
    seen = seen | {id}
    inside = (str(other) for key in (*INSIDE, "VpcId") for other in as_list(fields.get(key)))
    found = (_around(other, name, written, topology, seen) for other in inside if other not in seen)
    return next(filter(None, found), None)


def _fields(
    shapes: list[type[Resource]], id: str, content: Any, origin: Origin, problems: list[Problem]
) -> dict[str, Any] | None:
    if content is None:
        return {}
    if not isinstance(content, Map):
        scalar = next((shape.native_scalar for shape in shapes if shape.native_scalar), "")
        if scalar:
            as_text = any(scalar in shape.native_text for shape in shapes)
            return {scalar: _lines(content, origin) if as_text else content}
        problems.append(Problem(f"{id}: a mapping of fields is expected, not `{content}`", origin))
        return None
    names = _names(shapes)
    fields: dict[str, Any] = {}
    for key, value in content.items():
        api = names.get(_word(key))
        if api is None:
            close = nearest(_word(key), names)
            short = sorted(word for shape in shapes for word in shape.native_names)
            hint = f"did you mean `{close}`?" if close else f"known: {', '.join(short)}"
            problems.append(Problem(f"{id}: no field `{key}`; {hint}", origin_of(content, key)))
        elif api == "Tags" and isinstance(value, Map):
            fields[api] = [{"Key": tag, "Value": str(text)} for tag, text in value.items()]
        else:
            as_text = any(api in shape.native_text for shape in shapes)
            fields[api] = _lines(value, origin_of(content, key)) if as_text else value
    return fields


def _lines(value: Any, origin: Origin) -> Any:
    """The items of a field that is written as lines of text, each with its place."""
    if isinstance(value, List):
        lines = List(value.file, value.line, value.column)
        lines.places = value.places
        for position, item in enumerate(value):
            lines.append({"Text": item, "WrittenAt": origin_of(value, position)} if isinstance(item, str) else item)
        return lines
    return [{"Text": value, "WrittenAt": origin}] if isinstance(value, str) else value


_NAMES: dict[tuple[type[Resource], ...], dict[str, str]] = {}


def _names(shapes: list[type[Resource]]) -> dict[str, str]:
    """Every accepted word for a field of these classes, in lower case, with the API's name for it."""
    key = tuple(shapes)
    if key not in _NAMES:
        words: dict[str, str] = {"name": "Name", "tags": "Tags", "account": "OwnerId"}
        for shape in shapes:
            known = [f for name, f in shape.fields.items() if name not in ("id", "origin", "assumed")]
            words |= {f.name: f.api for f in known} | {f.api.lower(): f.api for f in known}
            words |= shape.native_names
        _NAMES[key] = words
    return _NAMES[key]


def _word(key: str) -> str:
    return key.strip().lower().replace("-", "_").replace(" ", "_")


def _as_map(value: Any) -> Any:
    """Plain values of a caller in Python as a document without places."""
    if isinstance(value, Mapping):
        made = Map("<changes>")
        made.update({str(key): _as_map(item) for key, item in value.items()})
        return made
    if isinstance(value, list | tuple):
        items = List("<changes>")
        items.extend(_as_map(item) for item in value)
        return items
    return value
