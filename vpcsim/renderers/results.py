"""Results of scenarios: a table for each step with the predicted and the observed column, then one summary line."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import click

from vpcsim.scenarios import Result, Scenario

WIDTH_IN_PIPES = 120


def draw(scenario: Scenario, results: Sequence[Result], verbose: bool = False) -> None:
    """Print the tables to standard output."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    if not console.is_terminal:
        console = Console(highlight=False, width=WIDTH_IN_PIPES)
    console.print(Text(scenario.title, style="bold"))
    for step, found in groupby(results, key=lambda result: result.step):
        checked = list(found)
        table = Table(
            box=box.SIMPLE, pad_edge=False, show_edge=False, title=Text(f"\n{step}", style="bold"), title_justify="left"
        )
        for column in ("check", "predicted", "observed", ""):
            table.add_column(column, overflow="fold")
        for result in checked:
            mark = Text("ok", style="green") if result.passed else Text("FAILED", style="bold red")
            table.add_row(Text(result.check.title), result.predicted or "-", result.observed or "-", mark)
        console.print(table)
        for result in checked:
            if not result.passed:
                console.print(Text(f"FAILED {result.check.origin}: {result.failure}"))
            if result.detail and (verbose or not result.passed):
                console.print(Text(f"\n{result.detail}\n"))
    click.echo(_summary(results))


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
