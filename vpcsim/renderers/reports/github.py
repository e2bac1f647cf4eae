"""Annotations of GitHub Actions, and a table in the summary of the job.

GitHub shows ten annotations of a kind for each step, so that those beyond are counted and left to the summary, which is the
report as Markdown in the file that GITHUB_STEP_SUMMARY names, at most one mebibyte of it.

Sources: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands,
https://docs.github.com/en/rest/checks/runs (limits)
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from vpcsim.renderers.reports import markdown
from vpcsim.renderers.reports.report import Entry, Report, local

SHOWN = 10
SUMMARY_BYTES = 1024 * 1024


def render(report: Report) -> str:
    _summarise(report)
    return "\n".join(_lines(report))


def _lines(report: Report) -> Iterator[str]:
    for level, command in (("error", "error"), ("warning", "warning"), ("note", "notice")):
        entries = [entry for entry in report.entries if entry.level == level]
        yield from (_annotation(command, entry) for entry in entries[:SHOWN])
        if len(entries) > SHOWN:
            yield f"::notice::{len(entries) - SHOWN} more of level {level} are left to the job summary"
    yield markdown.totals(report)


def _annotation(kind: str, entry: Entry) -> str:
    place = {"title": entry.name}
    if origin := entry.origin:
        place = {
            "file": local(origin.file),
            **{k: str(v) for k, v in (("line", origin.line), ("col", origin.column)) if v},
            **place,
        }
    return f"::{kind} {','.join(f'{name}={_property(value)}' for name, value in place.items())}::{_data(entry.message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _summarise(report: Report) -> None:
    """Add the report to the summary of the job, if there is one; what has no room is left out and counted."""
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if not path:
        return
    room = SUMMARY_BYTES - (os.path.getsize(path) if os.path.exists(path) else 0)
    text = markdown.render(report, room)
    with open(path, "a", encoding="utf-8") as summary:
        summary.write(f"{text}\n\n")
