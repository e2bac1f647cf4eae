"""The published schemas hold for what the program reads and writes. `python tests/test_schemas.py --write` makes them again."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from click.testing import CliRunner

from vpcsim.cli import vpcsim_command
from vpcsim.errors import InputError
from vpcsim.scenarios import load
from vpcsim.scenarios.schema import scenario_schema
from vpcsim.schemas import SCHEMAS, text_of

ROOT = Path(__file__).parent.parent
SCENARIOS = sorted((ROOT / "scenarios").rglob("*.yaml"))
GENERATED = ROOT / "vpcsim/schemas/scenario.schema.json"


def generated() -> str:
    return json.dumps(scenario_schema(), indent=2) + "\n"


def schema(name: str) -> Any:
    return json.loads(text_of(name))


def output(*words: str) -> str:
    return CliRunner().invoke(vpcsim_command, words, standalone_mode=False).output


def test_the_generated_schema_is_as_it_was_written() -> None:
    assert GENERATED.read_text() == generated()


@pytest.mark.parametrize("name", SCHEMAS)
def test_a_schema_is_one_and_is_printed(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(schema(name))
    assert json.loads(output("schema", name)) == schema(name)


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_the_scenarios_of_this_repository_are_valid(path: Path) -> None:
    jsonschema.validate(yaml.load(path.read_text(), yaml.BaseLoader), _texts(schema("scenario")))


def _texts(value: Any) -> Any:
    """The schema for a document whose scalars are all read as text."""
    if isinstance(value, dict) and value.get("type") in (["string", "integer"], ["string", "number"]):
        return {**value, "type": "string"}
    if isinstance(value, dict):
        return {key: _texts(item) for key, item in value.items()}
    return [_texts(item) for item in value] if isinstance(value, list) else value


WRONG = [
    "{model: x, steps: [], checks: []}",
    "{model: x}",
    "{steps: []}",
    "{model: x, checks: [{flow: x, verdict: maybe, from: a}]}",
    "{model: x, checks: [{flow: x, vai: y, from: a}]}",
    "{model: x, checks: [{flow: x, code: NO_ROUTE, from: a}]}",
    "{model: x, checks: [{flow: x, dns: y, from: a}]}",
    "{model: x, checks: [{flow: {port: 443}, from: a}]}",
    "{model: x, checks: [{flow: {to: a, prot: 443}, from: a}]}",
    "{model: x, checks: [{send: FilaTeste, from: a}]}",
    "{model: x, checks: [{session: maybe, from: a}]}",
    "{model: x, checks: [{poll: x, messages: y}]}",
    "{model: x, checks: [{call: {resource: x}, from: a}]}",
    "{model: x, checks: [{call: 'a:B', layer: snow, from: a}]}",
    "{model: [], checks: []}",
    "{model: x, steps: [{nmae: x}]}",
    "{model: x, steps: [{create: []}]}",
    "{model: x, variables: [], checks: []}",
]


@pytest.mark.parametrize("text", WRONG)
def test_the_schema_and_the_reader_refuse_the_same(tmp_path: Path, text: str) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(yaml.safe_load(text), schema("scenario"))
    file = tmp_path / "scenario.yaml"
    file.write_text(text)
    with pytest.raises(InputError):
        load(str(file))


ANSWERS = [
    ("trace", "trace models/sqs-private AppServer https://sqs.us-east-1.amazonaws.com"),
    ("trace", "trace models/sqs-private AppServer https://ssm.us-east-1.amazonaws.com"),
    ("trace", "trace models/sqs-private AppServer nowhere.ec2.internal"),
    ("call", "call models/sqs-nat AppServer sqs:SendMessage FilaTeste"),
    ("call", "session models/sqs-private AppServer"),
    ("run", "run scenarios/sqs-interface-endpoint.yaml"),
    ("lint", "lint models/described-account models/sqs-private"),
    ("lint", "lint models/problems/20-second-endpoint.yaml"),
    ("result", "run scenarios/problems"),
    ("dig", "dig models/sqs-private AppServer ssm.us-east-1.amazonaws.com"),
    ("dig", "dig models/sqs-private public nowhere.example AAAA"),
    ("show", "show models/sqs-private"),
    ("show", "show models/described-account"),
]


@pytest.mark.parametrize(("name", "command"), ANSWERS, ids=[command for _, command in ANSWERS])
def test_answers_are_valid(monkeypatch: pytest.MonkeyPatch, name: str, command: str) -> None:
    monkeypatch.chdir(ROOT)
    form = "jsonl" if name == "result" else "json"
    text = output(*command.split(), "--format", form)
    documents = [json.loads(line) for line in text.splitlines()] if form == "jsonl" else [json.loads(text)]
    assert documents
    for document in documents:
        jsonschema.validate(document, schema(name))
        assert set(schema(name)["required"]) <= set(document)


QUESTIONS = """\
{"id": 1, "flow": {"from": "AppServer", "to": "https://sqs.us-east-1.amazonaws.com"}}
{"id": "two", "dns": {"from": "AppServer", "name": "ssm.us-east-1.amazonaws.com"}}
{"flow": {"from": "AppServr", "to": "example.com"}}
nonsense
"""
REFUSED = "vpcs: {myVPC: 10.0.0.0/16}\nsubnets: {mySubnet: 10.9.0.0/24}\n"


@pytest.mark.parametrize("form", ["text", "json", "jsonl"])
def test_answers_to_questions_are_valid(tmp_path: Path, form: str) -> None:
    (tmp_path / "refused.yaml").write_text(REFUSED)
    whole = schema("ask")
    one = {"$ref": "#/$defs/answer", "$defs": whole["$defs"]}
    for model, errors in ((str(ROOT / "models/sqs-private"), 2), (str(tmp_path / "refused.yaml"), 1)):
        told = CliRunner().invoke(vpcsim_command, ["ask", model, "--format", form], input=QUESTIONS, standalone_mode=False).stdout
        if form == "json":
            jsonschema.validate(json.loads(told), whole)
        answers = json.loads(told)["answers"] if form == "json" else [json.loads(line) for line in told.splitlines()]
        assert [("error" in answer) for answer in answers].count(True) == errors
        assert [answer["id"] for answer in answers] == [1, "two", None, None]
        assert all(("format_version" in answer) is (form == "jsonl") for answer in answers)
        for answer in answers:
            jsonschema.validate(answer, one)


if __name__ == "__main__" and "--write" in sys.argv:
    GENERATED.write_text(generated())
