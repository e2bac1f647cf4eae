"""One JSON object."""

from __future__ import annotations

import json

from vpcsim.renderers.reports.report import FORMAT_VERSION, Report


def render(report: Report) -> str:
    return json.dumps({"format_version": FORMAT_VERSION, **report.json}, ensure_ascii=False, indent=2)
