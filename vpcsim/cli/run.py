"""vpcsim run SCENARIO..."""

from __future__ import annotations

import click

from vpcsim.cli import UNDECIDED, options


@click.command("run")
@click.argument("scenarios", metavar="SCENARIO...", nargs=-1, required=True)
@click.option("-v", "--verbose", is_flag=True, help="Show the trace of every check.")
@options.output("text", "json")
def command(scenarios: tuple[str, ...], verbose: bool, form: str) -> int:
    """Run scenario files: what is expected, what the network predicts, what a real client observes.

    Exit code: 0 all as expected, 1 a check failed, 2 unusable input, 3 nothing was checked.

    \b
    vpcsim run scenarios/*.yaml
    """
    from vpcsim.renderers import results
    from vpcsim.scenarios import load, run

    finished = [(scenario, list(run(scenario))) for scenario in map(load, scenarios)]
    if form == "json":
        options.echo_json({"format_version": "1.0", "scenarios": [results.to_dict(s, found) for s, found in finished]})
    else:
        for scenario, found in finished:
            results.draw(scenario, found, verbose, bool(click.get_current_context().color))
    failed = [result for _, found in finished for result in found if not result.passed]
    return 1 if failed else 0 if any(found for _, found in finished) else UNDECIDED
