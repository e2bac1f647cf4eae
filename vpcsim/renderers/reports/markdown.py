"""Markdown, as GitHub and GitLab show it: the totals, a table of everything, and what is not as wanted in full."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

from vpcsim.expectations import Status
from vpcsim.renderers.reports.report import Entry, Report

_MARKS = {Status.PASSED: "ok", Status.FAILED: "**FAILED**", Status.UNDECIDED: "UNDECIDED"}
_SEVERITIES = {"error": "**error**", "warning": "**warning**", "note": "note"}
_SPECIAL = re.compile(r"([\\`*_\[\]|#~])")


def render(report: Report, room: int | None = None) -> str:
    """The report, or as many of its lines as have room in so many bytes."""
    lines = [f"### {cell(report.title)}", "", totals(report), "", *_table(report), *_stories(report)]
    return "\n".join(lines if room is None else _fitting(lines, room - 200))


def totals(report: Report) -> str:
    """How many entries ended in each way."""
    counts = report.counts
    doubt = f", {counts[Status.UNDECIDED]} undecided" if counts["undecided"] else ""
    return f"{counts[Status.PASSED]} passed, {counts[Status.FAILED]} failed{doubt}"


def _table(report: Report) -> Iterator[str]:
    observed = any(entry.observed for entry in report.entries)
    yield "| check | predicted |" + (" observed |" if observed else "") + " |"
    yield "|--|--|" + ("--|" if observed else "") + "--|"
    for entry in report.entries:
        seen = f" {cell(entry.observed) or '-'} |" if observed else ""
        mark = _SEVERITIES.get(entry.severity) or _MARKS[entry.status]
        yield f"| {cell(entry.name)} | {cell(entry.predicted) or '-'} |{seen} {mark} |"


def _stories(report: Report) -> Iterator[str]:
    for entry in report.faults:
        yield from ("", f"<details><summary>{escape(f'{entry.name}: {entry.message}')}</summary>", "")
        yield from _story(entry)
        yield from ("", "</details>")


def _story(entry: Entry) -> Iterator[str]:
    longest = max((len(run) for run in re.findall("`+", entry.detail)), default=0)
    fence = "`" * max(3, longest + 1)
    if entry.origin:
        yield from (f"{cell(str(entry.origin))}", "")
    if entry.detail:
        yield from (f"{fence}text", entry.detail, fence)


def cell(text: str) -> str:
    """A text as a line of Markdown that shows it as it is."""
    return escape(_SPECIAL.sub(r"\\\1", " ".join(text.split())), quote=False)


def _fitting(lines: list[str], room: int) -> list[str]:
    """The lines that have room; a block that is open then is closed."""
    kept: list[str] = []
    used = 0
    for number, line in enumerate(lines):
        used += len(line.encode()) + 1
        if used > room:
            return [*kept, "", f"{len(lines) - number} more lines have no room here"]
        kept.append(line)
    return kept
