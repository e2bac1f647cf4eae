"""The scenarios of known problems are all of one kind: a story, a network that is broken, and one that is repaired."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner
from problem_table import PROBLEMS, ROOT, command, with_table

from vpcsim.cli import vpcsim_command
from vpcsim.scenarios import Check, Scenario, load
from vpcsim.scenarios.scenario import STORY

SCENARIOS = [load(str(path)) for path in PROBLEMS]


UNOBSERVED = {
    1: "the agent's calls to ssmmessages are none that boto3 or moto knows",
    7: "the agent's calls to ec2messages are none that boto3 or moto knows",
    20: "the refused endpoint changes nothing, and the first one serves on",
    26: "an API of API Gateway is no service with a client",
    27: "a web site",
    28: "a record",
    30: "a server of one's own",
    31: "a server of one's own",
    32: "who signs the calls of an office or a laptop is not in the model",
    39: "the buckets are AWS's own, and moto has none of them",
    42: "nothing is blocked: the bill is the problem",
    43: "a server of one's own",
    44: "a partner's service has no client",
    45: "Glue looks at routes before a job makes any call",
}
"""Problems without a call that is blocked, or without one that succeeds, and why that is so."""


def problem(scenario: Scenario) -> str:
    return Path(scenario.file).stem


@pytest.mark.parametrize("scenario", SCENARIOS, ids=problem)
def test_a_problem_is_broken_and_repaired(scenario: Scenario) -> None:
    words = {word for _, check in scenario.checks for word in check.expected}
    assert len(scenario.steps) > 1
    assert all(scenario.story.get(word) for word in STORY)
    assert "because" in words or any(step.refused for step in scenario.steps)


def observed(scenario: Scenario) -> list[Check]:
    """The checks that a real client makes."""
    calls = [check for _, check in scenario.checks if check.kind in ("send", "call")]
    return [check for check in calls if check.kind == "send" or "parameters" in check.asked("action")]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=problem)
def test_a_call_of_a_problem_is_observed_where_it_is_broken_and_where_it_is_repaired(scenario: Scenario) -> None:
    """A call that is only predicted is none; whoever lacks one of both is named, with the reason."""
    seen = observed(scenario)
    assert [check.title for _, check in scenario.checks if check.kind == "call" and check not in seen] == []
    both = {"blocked", "reachable"} <= {str(check.expected.get("verdict")) for check in seen}
    assert both != (int(problem(scenario)[:2]) in UNOBSERVED)


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
