"""Results of scenarios: a table for each step with the predicted and the observed column, then one summary line."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import click

from vpcsim.scenarios import Result, Scenario

WIDTH_IN_PIPES = 120


def draw(scenario: Scenario, results: Sequence[Result], verbose: bool = False, colours: bool = False) -> None:
    """Print the tables to standard output."""
    click.echo(click.style(scenario.title, bold=True))
    for step, found in groupby(results, key=lambda result: result.step):
        checked = list(found)
        click.echo(f"\n{click.style(step, bold=True)}\n{_table(checked, colours)}")
        for result in checked:
            if not result.passed:
                click.echo(f"FAILED {result.check.origin}: {result.failure}")
            if result.detail and (verbose or not result.passed):
                click.echo(f"\n{result.detail}\n")
    click.echo(_summary(results))


def _table(results: Sequence[Result], colours: bool) -> str:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for column in ("check", "predicted", "observed", ""):
        table.add_column(column, overflow="fold")
    for result in results:
        mark = Text("ok", style="green") if result.passed else Text("FAILED", style="bold red")
        table.add_row(Text(result.check.title), result.predicted or "-", result.observed or "-", mark)
    width = None if Console().is_terminal else WIDTH_IN_PIPES
    console = Console(width=width, force_terminal=colours, color_system="standard" if colours else None)
    with console.capture() as captured:
        console.print(table)
    return "\n".join(line.rstrip() for line in captured.get().splitlines())


def _summary(results: Sequence[Result]) -> str:
    failed = sum(not result.passed for result in results)
    observed = sum(bool(result.observed) for result in results)
    return f"\n{len(results) - failed} passed, {failed} failed ({observed} observed with a real client)"


def to_dict(scenario: Scenario, results: Sequence[Result]) -> dict[str, Any]:
    """A JSON-ready mapping."""
    return {
        "scenario": scenario.title,
        "file": scenario.file,
        "results": [
            {
                "step": result.step,
                "check": result.check.title,
                "kind": result.check.kind,
                "predicted": result.predicted,
                "observed": result.observed,
                "passed": result.passed,
                "failure": result.failure,
                "origin": str(result.check.origin),
            }
            for result in results
        ],
    }
