"""The answers to questions that another program asked, as entries of a report."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from vpcsim.expectations import Status
from vpcsim.network import Network
from vpcsim.reachability import Reachability
from vpcsim.renderers.reports.entries import of_reachability, of_resolution
from vpcsim.renderers.reports.report import Entry, Report, Rule
from vpcsim.resolution import Resolution

Reply = Mapping[str, Any]
_BAD = Rule("QUESTION", "a question cannot be answered", "The line is not a question, or it asks about what is not in the model.")
_REFUSED = Rule("REFUSED", "AWS refuses this configuration", "AWS would not accept the model, so that no question has an answer.")


def of_questions(replies: Iterable[tuple[Reply, Reachability | Resolution | None]], net: Network | None, model: str) -> Report:
    """The answers to `vpcsim ask`: an entry for each question."""
    entries = [_entry(number, *reply, net, model) for number, reply in enumerate(replies, 1)]
    return Report("Answers", entries, {"answers": [entry.data for entry in entries]})


def _entry(number: int, reply: Reply, found: Reachability | Resolution | None, net: Network | None, model: str) -> Entry:
    asked = f"question number {number}" if reply["id"] is None else f"question {json.dumps(reply['id'])}"
    if found is None or net is None:
        return _unanswered(reply, asked, model)
    told = of_reachability(found, model) if isinstance(found, Reachability) else of_resolution(found, net, model)
    entry = told.entries[0]
    return replace(entry, group="ask", name=f"{asked}: {entry.name}", data=reply)


def _unanswered(reply: Reply, asked: str, model: str) -> Entry:
    message = str(reply["error"] if "error" in reply else reply["because"])
    rule = _BAD if "error" in reply else _REFUSED
    return Entry(model, "ask", asked, Status.FAILED, rule, message, predicted=rule.title, data=reply)
