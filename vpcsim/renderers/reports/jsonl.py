"""JSON Lines: one object for each entry."""

from __future__ import annotations

import json

from vpcsim.renderers.reports.report import FORMAT_VERSION, Report


def render(report: Report) -> str:
    return "\n".join(json.dumps({"format_version": FORMAT_VERSION, **entry.data}, ensure_ascii=False) for entry in report.entries)
