"""Results of scenarios as pytest would print them: what was predicted and observed, then what failed, a summary last."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

import click

from vpcsim.expectations import Status
from vpcsim.scenarios import Result, Scenario

WIDTH_IN_PIPES = 120
_MARKS = {Status.PASSED: "ok", Status.FAILED: "FAILED", Status.UNDECIDED: "UNDECIDED"}
_DOTS = {Status.PASSED: ".", Status.FAILED: "F", Status.UNDECIDED: "?"}
_STYLES = {Status.PASSED: "green", Status.FAILED: "bold red", Status.UNDECIDED: "bold yellow"}

Played = Sequence[tuple[Scenario, Sequence[Result]]]


def text(played: Played, verbose: bool = False, quiet: bool = False, colours: bool = False) -> str:
    """A table for each step, or a dot for each check; then the stories of what failed, and the summary."""
    lines = _dots(played) if quiet else (line for one in played for line in _tables(*one, verbose, colours))
    results = [result for _, found in played for result in found]
    faults = [result for result in results if not result.passed]
    told = [] if verbose and not quiet else _stories(faults)
    return "\n".join([*lines, *told, *_summary(results, faults)])


def _dots(played: Played) -> Iterator[str]:
    for scenario, results in played:
        yield f"{scenario.file} {''.join(_DOTS[result.status] for result in results)}"
    yield ""


def _tables(scenario: Scenario, results: Sequence[Result], verbose: bool, colours: bool) -> Iterator[str]:
    yield click.style(scenario.title, bold=True)
    yield from (f"{word:<8} {' '.join(told.split())}" for word, told in scenario.story.items())
    for name, found in groupby(results, key=lambda result: result.step.name):
        checked = list(found)
        yield ""
        yield from [click.style(name, bold=True)] if name else []
        yield _table(checked, colours)
        for result in checked if verbose else ():
            yield from _story(result)
    yield ""


def _table(results: Sequence[Result], colours: bool) -> str:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for column in ("check", "predicted", "observed", ""):
        table.add_column(column, overflow="fold")
    for result in results:
        mark = Text(_MARKS[result.status], style=_STYLES[result.status])
        table.add_row(Text(result.check.title), result.predicted or "-", result.observed or "-", mark)
    width = None if Console().is_terminal else WIDTH_IN_PIPES
    console = Console(width=width, force_terminal=colours, color_system="standard" if colours else None)
    with console.capture() as captured:
        console.print(table)
    return "\n".join(line.rstrip() for line in captured.get().splitlines())


def _stories(faults: Sequence[Result]) -> Iterator[str]:
    for result in faults:
        yield from _story(result)


def _story(result: Result) -> Iterator[str]:
    if not result.passed:
        yield _headline(result)
    yield from ("", result.detail, "") if result.detail else ("",)


def _headline(result: Result) -> str:
    return f"{_MARKS[result.status]} {result.check.origin}: {result.name}: {result.failure}"


def _summary(results: Sequence[Result], faults: Sequence[Result]) -> Iterator[str]:
    if len(faults) > 1:
        yield from map(_headline, faults)
    counts = Counter(result.status for result in results)
    doubt = f", {counts[Status.UNDECIDED]} undecided" if counts[Status.UNDECIDED] else ""
    observed = sum(bool(result.observed) for result in results)
    seen = f"({observed} observed with a real client)"
    yield f"{counts[Status.PASSED]} passed, {counts[Status.FAILED]} failed{doubt} {seen}"
