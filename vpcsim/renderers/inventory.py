"""What a model holds: its resources by kind, the values that were assumed, what was skipped, and notices."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from vpcsim.errors import Doubt, Problem, one_line
from vpcsim.network import Network
from vpcsim.resource import Resource
from vpcsim.shape import field_name


def to_dict(net: Network, found: list[Problem] | None = None) -> dict[str, Any]:
    """A JSON-ready mapping, with what cfn-lint found if it was asked."""
    settings = net.topology.settings
    return {
        "region": settings.region,
        "account": settings.account,
        "counts": {kind: len(found) for kind, found in _by_kind(net)},
        "resources": [
            {"id": r.id, "kind": r.kind, "name": r.name, "origin": str(r.origin) if r.origin else None}
            for _, found in _by_kind(net)
            for r in found
        ],
        "assumptions": list(_assumptions(net)),
        "skipped": [{"id": s.id, "type": s.type, "reason": s.reason, "origin": str(s.origin)} for s in settings.skipped],
        "doubts": [{"about": d.about, "reason": d.reason, "origin": str(d.origin)} for d in settings.doubts],
        "notices": [str(notice) for notice in settings.notices],
        "tables": net.topology.dump(),
        **({} if found is None else {"lint": [{"rule": f.code, "message": f.message, "origin": str(f.origin)} for f in found]}),
    }


def draw(net: Network) -> None:
    """Print the inventory to standard output."""
    settings = net.topology.settings
    click.echo(f"Region {settings.region}, account {settings.account}")
    for kind, found in _by_kind(net):
        click.echo(f"\n{len(found)} {kind.replace('_', ' ')}{'s' if len(found) > 1 else ''}")
        width = max(len(resource.id) for resource in found)
        for resource in found:
            click.echo(f"  {resource.id:<{width}}  {_told(resource)}".rstrip())
    _list("assumed", list(_assumptions(net)))
    _list("skipped", [f"{s.origin}: {s.id} ({s.type}): {s.reason}" for s in settings.skipped])
    _list("in doubt", [_doubted(doubt) for doubt in settings.doubts])
    _list("notices", [str(notice) for notice in settings.notices])


def draw_findings(found: list[Problem]) -> None:
    """Print what cfn-lint found."""
    _list("cfn-lint", [f"{problem.origin}: {problem.code}: {one_line(problem.message)}" for problem in found])


def _doubted(doubt: Doubt) -> str:
    return f"{doubt.origin}: {doubt.about}: {doubt.reason}" if doubt.origin else f"{doubt.about}: {doubt.reason}"


def _list(title: str, lines: list[str]) -> None:
    if lines:
        click.echo(f"\n{title}")
        for line in lines:
            click.echo(f"  {line}")


def _by_kind(net: Network) -> Iterator[tuple[str, list[Resource]]]:
    for shape in net.topology.settings.shapes:
        found: list[Resource] = list(net.topology.of(shape))
        if found:
            yield shape.kind, found


def _told(resource: Resource) -> str:
    """The fields that say most: what is short, set and not an id of its own."""
    parts = []
    for name, value in resource.dump(without=frozenset(("id", "name", "tags"))).items():
        if isinstance(value, str | int | bool) and value not in ("", False) and len(f"{value}") <= 60:
            parts.append(f"{field_name(name)}={value}")
    return "  ".join(parts)


def _assumptions(net: Network) -> Iterator[str]:
    yield from net.topology.settings.assumptions
    for resource in net.topology.resources.values():
        dumped = resource.dump()
        for name in sorted(resource.assumed):
            yield f"{resource.id}: {name} = {_short(dumped.get(resource.fields[name].api))}"


def _short(value: Any) -> str:
    text = ", ".join(map(_short, value.values())) if isinstance(value, dict) else str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
