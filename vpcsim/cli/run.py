"""vpcsim run SCENARIO..."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from vpcsim.cli import UNDECIDED, options
from vpcsim.errors import InputError, Problem

if TYPE_CHECKING:
    from vpcsim.scenarios import Result, Scenario


@click.command("run")
@click.argument("paths", metavar="SCENARIO...", nargs=-1, required=True)
@click.option("-v", "--verbose", is_flag=True, help="Show the trace of every check.")
@click.option("-q", "--quiet", is_flag=True, help="A dot for every check, and what failed.")
@click.option("-k", "expression", metavar="EXPRESSION", default="", help="Only checks whose names match: `sqs and not nat`.")
@click.option("--lf", "--last-failed", "last", is_flag=True, help="Only what failed in the last run; everything if nothing did.")
@click.option("--strict", is_flag=True, help="What is undecided fails.")
@click.option("--var", "variables", multiple=True, metavar="NAME=VALUE", help="A variable of the scenario files.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 whatever became of the checks.")
@options.output(*options.REPORTS)
def command(
    paths: tuple[str, ...],
    verbose: bool,
    quiet: bool,
    expression: str,
    last: bool,
    strict: bool,
    variables: tuple[str, ...],
    exit_zero: bool,
    form: str,
) -> int:
    """Run scenario files: what is expected, what the network predicts, what a real client observes.

    SCENARIO is a file, or a folder that holds some. Exit code: 0 all as expected, 1 a check failed, 2 unusable input, 3
    something is undecided or nothing was checked.

    \b
    vpcsim run scenarios/sqs-interface-endpoint.yaml
    vpcsim run scenarios -q -k "endpoint and not dns"
    vpcsim run scenarios --format junit > reachability.xml
    """
    from vpcsim.renderers import results
    from vpcsim.renderers.reports import of_results

    given = options.pairs(variables, "--var")
    played, problems = _played(paths, given, expression, last, strict)
    colours = bool(click.get_current_context().color)
    options.tell_report(form, lambda: results.text(played, verbose, quiet, colours), lambda: of_results(played))
    if problems:
        raise InputError(problems)
    return 0 if exit_zero else _exit_code([result.status.value for _, found in played for result in found])


def _played(
    paths: tuple[str, ...], variables: dict[str, str], expression: str, last: bool, strict: bool
) -> tuple[list[tuple[Scenario, list[Result]]], list[Problem]]:
    """Every wanted check of every file, and what could not be used. All files are read before anything runs."""
    from vpcsim.scenarios import load_all, run
    from vpcsim.scenarios.gathering import LastFailed, files, selector

    cache, matches = LastFailed(), selector(expression)
    scenarios = load_all(files(paths), variables)
    again = last and any(cache.names(scenario.file) for scenario in scenarios)
    played, problems = [], list[Problem]()
    for scenario in scenarios:
        failed = set(cache.names(scenario.file))
        wanted = [name for name in scenario.names if matches(name) and (name in failed or not again)]
        try:
            found = list(run(scenario, wanted, strict)) if wanted else []
        except InputError as error:
            problems += error.problems
            continue
        cache.remember(scenario.file, [r.name for r in found], [r.name for r in found if not r.passed])
        played += [(scenario, found)] if found or not (expression or again) else []
    cache.save()
    return played, problems


def _exit_code(statuses: list[str]) -> int:
    if "failed" in statuses:
        return 1
    return UNDECIDED if "undecided" in statuses or not statuses else 0
