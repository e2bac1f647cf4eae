"""vpcsim lint FILE..."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

import click

from vpcsim.cli import options
from vpcsim.errors import InputError, Problem

if TYPE_CHECKING:
    from vpcsim.renderers.reports import Entry

_DECLARES_A_VPC = re.compile(
    rb"AWS::EC2::VPC(?![:\w])|^[\"']?vpcs[\"']?\s*:|\"Vpcs\"\s*:|\"(aws_vpc|aws_default_vpc)\"|^\x1f\x8b", re.MULTILINE
)
"""In templates, native files, output of AWS's API and Terraform's forms. What is compressed is left to its reader."""


@click.command("lint")
@click.argument("paths", metavar="FILE...", nargs=-1, required=True)
@click.option("--exit-zero", is_flag=True, help="Exit with 0 whatever is found.")
@options.output(*options.REPORTS)
def command(paths: tuple[str, ...], exit_zero: bool, form: str) -> int:
    """Load models: print what AWS refuses, and what is legal and yet probably not meant.

    A file that holds no network is passed over without a word. Exit code: 0 nothing but notes, 1 a refusal or a warning, 2
    unusable input.

    \b
    vpcsim lint models/*/network.yaml
    vpcsim lint template.yaml --format sarif
    """
    from vpcsim.renderers.reports import of_linting

    entries, problems = [], list[Problem]()
    for path in filter(_holds_a_network, paths):
        found, unusable = _lint(path)
        entries += found
        problems += unusable
    lines = [f"{entry.origin or entry.suite}: {entry.level}: {entry.message}\n" for entry in entries]
    options.tell_report(form, lambda: "".join(lines).rstrip("\n"), lambda: of_linting(entries))
    if problems:
        raise InputError(problems)
    return int(any(entry.level != "note" for entry in entries) and not exit_zero)


def _lint(path: str) -> tuple[list[Entry], list[Problem]]:
    """What is wrong with a model, and why it cannot be judged."""
    from vpcsim.findings import findings
    from vpcsim.loading import load
    from vpcsim.renderers.reports import of_finding, of_refusal

    try:
        return [of_finding(path, finding) for finding in findings(load(path))], []
    except InputError as error:
        refused = [of_refusal(path, problem) for problem in error.problems if problem.refused]
        return refused, [problem for problem in error.problems if not problem.refused]


def _holds_a_network(path: str) -> bool:
    """Whether a file declares a VPC, in any spelling; a file that cannot be read is left to the reader's error."""
    if os.path.isdir(path):
        return True
    try:
        with open(path, "rb") as file:
            return bool(_DECLARES_A_VPC.search(file.read()))
    except OSError:
        return True
