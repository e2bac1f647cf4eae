"""The scenarios of known problems are all of one kind: a story, a network that is broken, and one that is repaired."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from problem_table import PROBLEMS, ROOT, command, with_table

from vpcsim.cli import vpcsim_command
from vpcsim.scenarios import Scenario, load
from vpcsim.scenarios.scenario import STORY

SCENARIOS = [load(str(path)) for path in PROBLEMS]


def problem(scenario: Scenario) -> str:
    return Path(scenario.file).stem


@pytest.mark.parametrize("scenario", SCENARIOS, ids=problem)
def test_a_problem_is_broken_and_repaired(scenario: Scenario) -> None:
    words = {word for _, check in scenario.checks for word in check.expected}
    assert len(scenario.steps) > 1
    assert all(scenario.story.get(word) for word in STORY)
    assert "because" in words or any(step.refused for step in scenario.steps)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=problem)
def test_the_command_of_the_table_has_an_answer(scenario: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    arguments = command(scenario)
    if arguments[0] != "run":
        assert CliRunner().invoke(vpcsim_command, arguments, standalone_mode=False).return_value in (0, 1, 3)


def test_a_line_for_each_problem() -> None:
    table = with_table("<!-- problems -->\n<!-- end of problems -->\n").splitlines()[3:-1]
    assert [line.split("]")[0] for line in table] == [f"| [{path.stem[:2]}" for path in PROBLEMS]


def test_every_problem_is_there_once() -> None:
    assert [int(path.stem.partition("-")[0]) for path in PROBLEMS] == list(range(1, 47))
