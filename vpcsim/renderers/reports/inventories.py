"""What a model holds, for other programs: as JSON, as JSON Lines, or as Markdown."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from vpcsim.renderers.reports.markdown import cell
from vpcsim.renderers.reports.report import FORMAT_VERSION

Held = Mapping[str, Any]


def render(held: Held, form: str) -> str:
    """The text of an inventory: json, jsonl or markdown."""
    return {"json": _json, "jsonl": _jsonl, "markdown": _markdown}[form](held)


def _json(held: Held) -> str:
    return json.dumps({"format_version": FORMAT_VERSION, **held}, ensure_ascii=False, indent=2)


def _jsonl(held: Held) -> str:
    """A line for each resource, and for each thing that is assumed, skipped, in doubt, noticed or found."""
    return "\n".join(
        json.dumps({"format_version": FORMAT_VERSION, "entry": entry, **found}, ensure_ascii=False)
        for entry, section in (
            ("resource", "resources"),
            ("assumption", "assumptions"),
            ("skipped", "skipped"),
            ("doubt", "doubts"),
            ("notice", "notices"),
            ("lint", "lint"),
        )
        for found in ({"text": item} if isinstance(item, str) else item for item in held.get(section, ()))
    )


def _markdown(held: Held) -> str:
    return "\n".join(_lines(held))


def _lines(held: Held) -> Iterator[str]:
    yield from (f"### Region {cell(held['region'])}, account {cell(held['account'])}", "")
    yield from ("| kind | resource | name | where |", "|--|--|--|--|")
    for found in held["resources"]:
        name = found["name"] if found["name"] != found["id"] else ""
        words = (found["kind"].replace("_", " "), found["id"], name, found["origin"] or "")
        yield f"| {' | '.join(cell(word) or '-' for word in words)} |"
    yield from _list("assumed", held["assumptions"])
    yield from _list("skipped", [f"{s['origin']}: {s['id']} ({s['type']}): {s['reason']}" for s in held["skipped"]])
    yield from _list("in doubt", [f"{d['origin']}: {d['about']}: {d['reason']}".removeprefix("None: ") for d in held["doubts"]])
    yield from _list("notices", held["notices"])
    yield from _list("cfn-lint", [f"{f['origin']}: {f['rule']}: {f['message']}" for f in held.get("lint", ())])


def _list(title: str, items: list[str]) -> Iterator[str]:
    if items:
        yield from ("", f"**{title}**", "")
        yield from (f"- {cell(item)}" for item in items)
