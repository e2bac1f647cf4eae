"""CloudFormation templates as people write them, with questions whose answers follow from AWS's documentation.

Each `templates/NAME.yaml` or `.json` has a `NAME.questions.jsonl` beside it: one question a line, in the words of
`vpcsim ask`, with what is expected, `why`, and often the page that says so (`see`). `param` holds the template's parameters;
`load` asks about the template as a whole: `ok`, `error` (it cannot be used) or `refused` (AWS would reject it).
"""

from __future__ import annotations

import functools
import ipaddress
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import vpcsim
from vpcsim.cli.ask import answer
from vpcsim.errors import InputError, RefusedError, VpcsimError

TEMPLATES = Path(__file__).parent / "templates"
FILES = sorted(path for path in TEMPLATES.iterdir() if path.suffix in (".yaml", ".yml", ".json", ".template"))
Question = dict[str, Any]


def questions(path: Path) -> list[Question]:
    lines = path.with_name(f"{path.stem}.questions.jsonl").read_text(encoding="utf-8").splitlines()
    return [{"id": number, **json.loads(line)} for number, line in enumerate(lines, 1) if line.strip()]


def label(path: Path, question: Question) -> str:
    return f"{path.stem}:{question['id']}"


CASES = [pytest.param(path, question, id=label(path, question)) for path in FILES for question in questions(path)]
THROUGH_THE_COMMAND = [path for path in FILES if path.stem in ("single-instance", "private-hosted-zones", "refused-endpoints")]


@functools.cache
def load(path: Path, parameters: tuple[tuple[str, str], ...]) -> Any:
    """The network of a template, or the exception that says why there is none."""
    try:
        return vpcsim.load(path, parameters=dict(parameters))
    except VpcsimError as error:
        return error


def network(path: Path, question: Question) -> Any:
    return load(path, tuple(question.get("param", {}).items()))


@pytest.mark.parametrize(("path", "question"), CASES)
def test_a_template_answers_as_documented(path: Path, question: Question) -> None:
    net, expected = network(path, question), question["expect"]
    if "load" in question:
        check_load(net, question["load"], expected)
    elif expected.get("verdict") == "refused":
        assert isinstance(net, RefusedError)
    else:
        assert not isinstance(net, Exception), str(net)
        check(ask(net, question), expected)


def ask(net: Any, question: Question) -> dict[str, Any]:
    try:
        return answer(net, {key: question[key] for key in ("id", "flow", "dns") if key in question})
    except VpcsimError as error:
        return {"error": str(error)}


def check_load(net: Any, wanted: str, expected: dict[str, Any]) -> None:
    if wanted == "ok":
        assert not isinstance(net, Exception), str(net)
        if "skipped" in expected:
            assert [skipped.id for skipped in net.topology.settings.skipped] == expected["skipped"]
        for word in expected.get("notices", ()):
            assert any(word in str(notice) for notice in net.notices)
        return
    assert isinstance(net, RefusedError if wanted == "refused" else VpcsimError), f"not {wanted}: {net}"
    assert wanted == "refused" or not isinstance(net, RefusedError), str(net)
    for word in expected.get("says", ()):
        assert word.lower() in str(net).lower()
    if isinstance(net, InputError):
        assert set(expected.get("codes", ())) <= {problem.code for problem in net.problems}


def check(told: dict[str, Any], expected: dict[str, Any]) -> None:
    if "error" in expected:
        for word in expected["error"]:
            assert word in told.get("error", ""), told
        return
    assert "error" not in told, told["error"]
    about = told.get("because")
    for key, wanted in expected.items():
        assert seen(told, key, wanted) == wanted, f"{key}: {about}"


def seen(told: dict[str, Any], key: str, wanted: Any) -> Any:
    """What the answer holds under an expectation's key; the expected value itself if a condition holds."""
    answers = told.get("answers", ())
    data = [record["data"] for record in answers if record["type"] not in ("CNAME", "SOA")]
    match key:
        case "code":
            return wanted if wanted in told["codes"] else told["codes"]
        case "through":
            places = [step["at"] for hop in told["forward"]["hops"] for step in hop["steps"]]
            places += [hop["at"] for hop in told["forward"]["hops"]]
            return wanted if set(wanted) <= set(places) else places
        case "return_blocked":
            return told["return"] is not None and told["forward"]["disposition"] in ("accepted", "delivered", "exits")
        case "source_outside":
            arrived = told["forward"]["packet"]["arrived"]["src"]
            return wanted if ipaddress.ip_address(arrived) not in ipaddress.ip_network(wanted) else arrived
        case "count":
            return len(answers)
        case "data":
            return sorted(data)
        case "names":
            return [record["name"] for record in answers]
        case "ttl":
            return answers[0]["ttl"] if answers else None
        case "inside" | "outside":
            block = ipaddress.ip_network(wanted)
            good = data and all((ipaddress.ip_address(text) in block) is (key == "inside") for text in data)
            return wanted if good else data
        case _:
            return told[key]


@pytest.mark.parametrize("path", THROUGH_THE_COMMAND, ids=lambda path: path.stem)
def test_the_command_answers_as_the_library_does(path: Path) -> None:
    every = [question for question in questions(path) if "load" not in question]
    parameters = every[0].get("param", {}) if every else {}
    chosen = [question for question in every if question.get("param", {}) == parameters]
    lines = [json.dumps({key: question[key] for key in ("id", "flow", "dns") if key in question}) for question in chosen]
    options = [word for name, value in parameters.items() for word in ("--param", f"{name}={value}")]
    command = [sys.executable, "-c", "from vpcsim.cli import main; main()", "ask", str(path), *options]
    done = subprocess.run(command, input="\n".join(lines) + "\n", capture_output=True, text=True, timeout=60, check=False)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [reply["id"] for reply in told] == [question["id"] for question in chosen], done.stderr
    for reply, question in zip(told, chosen, strict=True):
        check(reply, question["expect"])


def test_every_template_has_questions_with_a_reason() -> None:
    for path in FILES:
        asked = questions(path)
        assert len(asked) >= 3, path
        for question in asked:
            assert question["why"], question
            assert question["expect"] or "load" in question, question
