"""Answers for notebooks: fragments of HTML that need nothing else, no script and no network.

Colours are the page's own, so that they hold on light and on dark; every word of the input is escaped. Long tables fold.

Source: https://ipython.readthedocs.io/en/stable/config/integrating.html (`_repr_html_`)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from itertools import count

from vpcsim.codes import Code
from vpcsim.errors import Origin
from vpcsim.reachability import CHECKED, NOT_CHECKED, Reachability
from vpcsim.renderers import text
from vpcsim.renderers.printable import printable
from vpcsim.resolution import Lookup, Record, Resolution
from vpcsim.trace import Disposition, Step, Trace

MOST_ROWS = 50
"""Rows beyond these are folded."""

STYLE = """<style>
.vpcsim { color: inherit; background: transparent; }
.vpcsim .verdict { border-left: 0.3em solid currentColor; padding-left: 0.6em; margin: 0.5em 0; font-weight: bold; }
.vpcsim .reachable, .vpcsim .NOERROR { border-color: #2e9e4f; }
.vpcsim .blocked, .vpcsim .refused { border-color: #d1434b; }
.vpcsim .undecided { border-color: #b7791f; }
.vpcsim table { border-collapse: collapse; margin: 0.5em 0; color: inherit; background: transparent; }
.vpcsim table tr, .vpcsim table tr:hover { background: transparent; }
.vpcsim table th, .vpcsim table td { text-align: left; vertical-align: top; padding: 0.15em 0.7em 0.15em 0; }
.vpcsim table th, .vpcsim table td { border: 0; white-space: pre-wrap; overflow-wrap: anywhere; color: inherit; }
.vpcsim table tr.part td { font-weight: bold; }
.vpcsim table tr.stop td { background: color-mix(in srgb, #d1434b 15%, transparent); }
.vpcsim dl { display: grid; grid-template-columns: max-content auto; gap: 0.15em 0.8em; margin: 0.5em 0; }
.vpcsim dt { font-weight: bold; }
.vpcsim dd { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
</style>"""


def reachability(answer: Reachability) -> str:
    """The verdict, a table of the decisions there and back, then why, what would help, and what was not checked."""
    headline = text.reachability(answer, short=True)
    steps = _table(("", "what", "decision", "written at"), _steps(answer))
    return _fragment(str(answer.verdict), headline, steps, _facts(answer))


def resolution(found: Resolution) -> str:
    """The answer to a query, its records, and what the resolver decided on the way."""
    headline = f"{found.query.name} {found.query.type}   {found.rcode}, asked from {found.vantage.asker}"
    records = _table(("", "name", "seconds", "type", "data"), _records(found))
    steps = _table(("", "decision"), (_row((number, step.because)) for number, step in enumerate(found.steps, 1)))
    facts = [("answered by", found.owner), *(("assumed", assumption) for assumption in found.assumptions)]
    return _fragment(found.rcode, headline, records + steps, facts)


def _fragment(verdict: str, headline: str, tables: str, facts: Iterable[tuple[str, str]]) -> str:
    told = "".join(f"<dt>{_escaped(term)}</dt><dd>{_escaped(fact)}</dd>" for term, fact in facts)
    title = f'<p class="verdict {_escaped(verdict)}">{_escaped(headline)}</p>'
    return f'<div class="vpcsim">{STYLE}\n{title}\n{tables}<dl>{told}</dl>\n</div>'


def _escaped(value: object) -> str:
    return escape(printable(str(value)))


def _table(columns: Iterable[str], rows: Iterable[str]) -> str:
    lines = list(rows)
    head = "".join(f'<th scope="col">{_escaped(column)}</th>' for column in columns)
    return _lines(head, lines[:MOST_ROWS]) + _folded(head, lines[MOST_ROWS:])


def _lines(head: str, rows: list[str]) -> str:
    body = "\n".join(rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table>\n" if rows else ""


def _folded(head: str, rows: list[str]) -> str:
    return f"<details><summary>{len(rows)} more rows</summary>{_lines(head, rows)}</details>\n" if rows else ""


def _row(cells: Iterable[object], style: str = "") -> str:
    written = "".join(f"<td>{_escaped(cell)}</td>" for cell in cells)
    return f'<tr class="{style}">{written}</tr>' if style else f"<tr>{written}</tr>"


def _steps(answer: Reachability) -> Iterator[str]:
    """The rows of a reachability: the name's resolution, the way there, the way back, numbered through."""
    numbers = count(1)
    for part, rows in _parts(answer):
        yield _row(("", part, "", ""), "part")
        yield from (_row((next(numbers), *cells), style) for style, *cells in rows)


Cells = tuple[str, str, str, str]
"""The style of a row, then what decided, its sentence, and where that is written."""


def _parts(answer: Reachability) -> Iterator[tuple[str, Iterable[Cells]]]:
    if answer.resolution is not None:
        yield "name", (_name(answer, step) for step in answer.resolution.steps)
    if answer.trip is not None:
        yield "there", _way(answer, answer.trip.there)
        if answer.trip.back is not None:
            yield "back", _way(answer, answer.trip.back)


def _name(answer: Reachability, step: Lookup) -> Cells:
    resource = answer.net.topology.resources.get(step.at)
    return "", "dns", step.because, _origin(resource.origin if resource else None)


def _way(answer: Reachability, trace: Trace) -> Iterator[Cells]:
    for step in answer.told(trace):
        style = "stop" if step.code else ""
        yield style, answer.kind_of(step.at).replace("_", " "), f"{_mark(step)}{step.sentence}", _origin(answer.origin_of(step))


def _mark(step: Step) -> str:
    return "" if not step.code else "UNDECIDED  " if step.disposition is Disposition.UNDECIDED else "BLOCKED  "


def _origin(origin: Origin | None) -> str:
    return str(origin) if origin else ""


def _facts(answer: Reachability) -> Iterator[tuple[str, str]]:
    yield "why", answer.because
    yield from (("code", f"{code}: {Code[code].value}") for code in answer.codes)
    yield from (("fix", fix) for fix in answer.fixes)
    yield from (("note", note) for note in answer.notes)
    yield from (("assumed", assumption) for assumption in answer.assumptions)
    yield "checked", CHECKED
    yield "not checked", NOT_CHECKED


def _records(found: Resolution) -> Iterator[str]:
    sections: tuple[tuple[str, tuple[Record, ...]], ...] = (("answer", found.records), ("authority", found.authority))
    for section, records in sections:
        yield from (_row((section, record.name, record.ttl, record.type, record.data)) for record in records)
