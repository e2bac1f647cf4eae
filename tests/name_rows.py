"""Rows about the resolver's parts: as `answers`, where the last reason is not always that of who owns the answer."""

from __future__ import annotations

from answers import R53, R53_API, NameRow, asked, told

__all__ = ["R53", "R53_API", "NameRow", "check_name", "why"]


def check_name(base: str, row: NameRow) -> None:
    """Ask the row's question, and look at the answer and its owner."""
    found = asked(base, row.changes, row.query)
    answer = "NODATA" if found.rcode == "NOERROR" and not found.records else told(found)
    assert (answer, found.owner) == (row.answer, row.owner), row.page
    assert found.to_dict()["rcode"] == found.rcode


def why(base: str, changes: str, query: str) -> str:
    """The reasons of an answer, one line each."""
    return "\n".join(step.because for step in asked(base, changes, query).steps)
