"""`vpcsim run` as people and build servers use it: what is selected, what is printed, how it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from vpcsim.cli import vpcsim_command
from vpcsim.errors import InputError
from vpcsim.scenarios.gathering import selector

ROOT = Path(__file__).parent.parent
MODEL = f"model: {ROOT}/models/sqs-private\nfrom: AppServer\n"
SSM = "https://ssm.us-east-1.amazonaws.com"
SCENARIO = f"""\
scenario: Two steps
{MODEL}variables: {{verdict: blocked}}
steps:
  - name: first
    checks:
      - {{title: the way out, flow: example.com, verdict: "${{verdict}}"}}
      - {{title: the endpoint, flow: "{SSM}", verdict: reachable}}
  - name: second
    create:
      endpoints:
        e: {{service: sqs, subnets: mySubnet, security_groups: VPCEndpointSecurityGroup, private_dns: true}}
    checks:
      - {{title: a message, send: {{queue: FilaTeste, body: b}}, verdict: reachable}}
      - {{title: the queue, poll: FilaTeste, messages: [b]}}
"""


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("two.yaml").write_text(SCENARIO)


def run(*words: str) -> Result:
    return CliRunner().invoke(vpcsim_command, ["run", *words], standalone_mode=False)


def names(*words: str) -> list[str]:
    """The checks that ran."""
    done = run(*words, "--format", "jsonl")
    assert done.exception is None, done.exception
    return [json.loads(line)["check"] for line in done.stdout.splitlines()]


def test_dots_and_the_summary_last() -> None:
    assert run("two.yaml", "-q").stdout == "two.yaml ....\n\n4 passed, 0 failed (2 observed with a real client)\n"
    done = run("two.yaml", "-q", "--var", "verdict=reachable")
    lines = done.stdout.splitlines()
    assert done.return_value == 1
    assert lines[:3] == [
        "two.yaml F...",
        "",
        "FAILED two.yaml:8:9: first: the way out: expected reachable, predicted blocked",
    ]
    assert "BLOCKED at myRouteTable" in done.stdout
    assert lines[-1] == "3 passed, 1 failed (2 observed with a real client)"


def test_several_failures_are_listed_again_before_the_summary() -> None:
    Path("three.yaml").write_text(SCENARIO.replace("verdict: blocked", "verdict: reachable"))
    lines = run("two.yaml", "three.yaml", "-q", "--var", "verdict=reachable").stdout.splitlines()
    assert [line.split()[:2] for line in lines[-3:-1]] == [["FAILED", "two.yaml:8:9:"], ["FAILED", "three.yaml:8:9:"]]


SELECTED = {
    "queue": ["the queue"],
    "THE and not queue": ["the way out", "the endpoint"],
    "second or endpoint": ["the endpoint", "a message", "the queue"],
    "first and endpoint or queue": ["the endpoint", "the queue"],
    "not not queue": ["the queue"],
    "second: a message": ["a message"],
    "not second": ["the way out", "the endpoint"],
}


@pytest.mark.parametrize(("expression", "selected"), SELECTED.items(), ids=SELECTED)
def test_checks_are_selected_by_their_names(expression: str, selected: list[str]) -> None:
    assert names("two.yaml", "-k", expression) == selected


def test_what_is_not_selected_still_leaves_its_messages() -> None:
    assert run("two.yaml", "-k", "queue").return_value == 0


@pytest.mark.parametrize("expression", ["and", "a and", "or b", "a or or b", "not", "a and not"])
def test_an_expression_that_lacks_a_word(expression: str) -> None:
    with pytest.raises(InputError, match="lacks a word"):
        selector(expression)


def test_words_inside_others_are_no_operators() -> None:
    wanted = selector("sandbox and notes")
    assert wanted("the sandbox has notes")
    assert not wanted("the sandbox")


def test_the_last_failures_run_again() -> None:
    assert len(names("two.yaml", "--lf")) == 4
    assert not Path(".vpcsim_cache").exists()
    names("two.yaml", "--var", "verdict=reachable")
    assert Path(".vpcsim_cache/.gitignore").read_text() == "*\n"
    assert names("two.yaml", "--lf", "-k", "queue") == []
    assert names("two.yaml", "--lf") == ["the way out"]
    assert len(names("two.yaml", "--lf")) == 4


def test_a_check_that_did_not_run_keeps_its_failure() -> None:
    names("two.yaml", "--var", "verdict=reachable")
    names("two.yaml", "-k", "endpoint")
    assert names("two.yaml", "--lf") == ["the way out"]


def test_a_spoiled_memory_of_failures_is_forgotten() -> None:
    Path(".vpcsim_cache").mkdir()
    Path(".vpcsim_cache/lastfailed.json").write_text("[")
    assert len(names("two.yaml", "--lf")) == 4


def test_a_folder_gives_its_scenarios() -> None:
    folder = Path("tests/deep")
    folder.mkdir(parents=True)
    (folder / "a.vpcsim.yaml").write_text(f"{MODEL}checks: [{{title: a, flow: example.com}}]")
    (folder / "b.yml").write_text(f"checks: [{{title: b, flow: example.com}}]\n{MODEL}")
    (folder / "ci.yaml").write_text("steps: [{script: make}]\n")
    (folder / "net.yaml").write_text("vpcs: {v: 10.0.0.0/16}\n")
    (folder / ".hidden").mkdir()
    (folder / ".hidden/c.vpcsim.yaml").write_text("broken")
    assert names("tests") == ["a", "b"]
    assert names("tests", "two.yaml", "-k", "not second") == ["a", "b", "the way out", "the endpoint"]


def test_a_folder_without_scenarios_is_told() -> None:
    Path("empty").mkdir()
    done = run("empty")
    assert "empty: the folder holds no scenario" in str(done.exception)


def test_a_broken_expectation_file_in_a_folder_is_an_error() -> None:
    Path("t").mkdir()
    Path("t/a.vpcsim.yaml").write_text("chekcs: []\n")
    assert "`chekcs` is not known here; did you mean `checks`?" in str(run("t").exception)


def test_every_problem_of_every_file_is_told_before_anything_runs() -> None:
    Path("a.yaml").write_text("chekcs: []\n")
    Path("b.yaml").write_text("mdoel: x\n")
    done = run("two.yaml", "a.yaml", "b.yaml")
    assert done.stdout == ""
    assert "a.yaml:1:1" in str(done.exception)
    assert "b.yaml:1:1" in str(done.exception)


def test_a_model_that_cannot_be_used_does_not_hide_the_others() -> None:
    Path("a.yaml").write_text("model: missing\nfrom: a\nchecks: [{flow: b}]\n")
    done = run("a.yaml", "two.yaml", "-q")
    assert done.stdout.startswith("two.yaml ....")
    assert "missing: no such file" in str(done.exception)


def test_the_run_can_be_told_to_end_well() -> None:
    assert run("two.yaml", "--var", "verdict=reachable", "--exit-zero").return_value == 0


def test_the_traces_of_all_checks() -> None:
    done = run("two.yaml", "-v", "--var", "verdict=reachable")
    assert done.stdout.count("BLOCKED at myRouteTable") == 1
    assert done.stdout.count("REACHABLE via SSMVPCEndpoint") == 1
    assert done.stdout.count("FAILED two.yaml:8:9") == 1
