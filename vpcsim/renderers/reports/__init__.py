"""Reports for other programs: one list of entries, in the form that each of them reads."""

from vpcsim.renderers.reports.entries import (
    of_call,
    of_finding,
    of_linting,
    of_reachability,
    of_refusal,
    of_resolution,
    of_results,
)
from vpcsim.renderers.reports.report import Entry, Report, Rule


def render(report: Report, form: str) -> str:
    """The text of a report: json, jsonl, junit, sarif, github or markdown."""
    from importlib import import_module

    text: str = import_module(f"vpcsim.renderers.reports.{form}").render(report)
    return text


__all__ = [
    "Entry", "Report", "Rule", "of_call", "of_finding", "of_linting", "of_reachability", "of_refusal", "of_resolution",
    "of_results", "render",
]  # fmt: skip
