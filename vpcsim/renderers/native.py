"""A model as the native format spells it: every input can be written as one readable file.

What a model was told is written, and not what AWS adds to it, so that the file says as little as a person would.
"""

from __future__ import annotations

from typing import Any

from vpcsim.errors import Doubt, Skipped
from vpcsim.network import Network
from vpcsim.readers.native import sections
from vpcsim.resolution import DEFAULT_SWITCHES
from vpcsim.topology import Topology

ACCOUNT = "123456789012"
WIDTH = 120


def text(net: Network) -> str:
    """The model as a document in YAML, with what is assumed and what was left out as comments at its head."""
    import yaml

    topology = net.topology
    head = "".join(f"# {line}\n" for line in _remarks(topology))
    parts = [_yaml(yaml, {key: value}) for key, value in document(topology).items()]
    return head + ("\n" if head else "") + "\n".join(parts)


def document(topology: Topology) -> dict[str, Any]:
    """The model as the mapping that the native format writes down."""
    settings = topology.settings
    made: dict[str, Any] = {"region": settings.region}
    if settings.account != ACCOUNT:
        made["account"] = settings.account
    switches = {k: v for k, v in settings.dns._asdict().items() if v != getattr(DEFAULT_SWITCHES, k)}
    if switches:
        made["dns"] = switches
    if unknown := [*map(_doubt, settings.doubts), *(_left_out(s) for s in settings.skipped if s.unknown)]:
        made["unknown"] = unknown
    section_of = {shape: name for name, shapes in sections().items() for shape in shapes}
    for shape in settings.shapes:
        for resource in topology.declared:
            if type(resource) is shape and shape in section_of:
                made.setdefault(section_of[shape], {})[resource.id] = _entry(resource, topology)
    return made


def _doubt(doubt: Doubt) -> dict[str, Any]:
    """What is not known of a resource, in the words of `unknown`."""
    told = {"fields": sorted(doubt.properties), "adds": doubt.adds, "names": list(doubt.names), "vpcs": list(doubt.vpcs)}
    known = {} if doubt.part is None else {"known": doubt.part}
    return {"about": doubt.about, "reason": doubt.reason, **known, **{word: value for word, value in told.items() if value}}


def _left_out(skip: Skipped) -> dict[str, Any]:
    return {"about": skip.id, "reason": skip.reason, "left_out": skip.type}


def _entry(resource: Any, topology: Topology) -> Any:
    """The fields of a resource; its lone value where the format lets one stand for them."""
    fields = resource.spelled(topology)
    words = {word for word, api in resource.native_names.items() if api == resource.native_scalar}
    if len(fields) == 1 and (only := next(iter(fields))) in words and isinstance(fields[only], str | int):
        return fields[only]
    return fields or None


def _remarks(topology: Topology) -> list[str]:
    settings = topology.settings
    told = [f"assumed: {line}" for line in settings.assumptions]
    for resource in topology.declared:
        values = resource.dump()
        told += [f"assumed: {resource.id}: {n} = {values.get(resource.fields[n].api)}" for n in sorted(resource.assumed)]
    told += [f"left out: {s.id} ({s.type}): {s.reason}" for s in settings.skipped]
    told += [f"notice: {notice.message}" for notice in settings.notices]
    return [" ".join(line.split()) for line in told]


def _plain(value: Any) -> Any:
    """The value in the containers that YAML knows."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | frozenset):
        return [_plain(item) for item in value]
    return value if isinstance(value, str | int | float | None) else str(value)


def _yaml(yaml: Any, value: Any) -> str:
    class Dumper(yaml.SafeDumper):  # type: ignore[misc]
        """Indents the items of lists, and writes short containers on one line."""

        def increase_indent(self, flow: bool = False, indentless: bool = False) -> Any:
            return super().increase_indent(flow, False)

        def represent_none(self, data: Any) -> Any:
            return self.represent_scalar("tag:yaml.org,2002:null", "")

    Dumper.add_representer(type(None), Dumper.represent_none)
    dumped: str = yaml.dump(
        _plain(value), Dumper=Dumper, sort_keys=False, width=WIDTH, allow_unicode=True, default_flow_style=False
    )
    return dumped
