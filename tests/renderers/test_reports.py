"""Reports in every format: what each standard asks, on answers that are as wanted, that are not, and that are undecided."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as SarifLog

from vpcsim.cli import vpcsim_command
from vpcsim.errors import Origin
from vpcsim.expectations import Status
from vpcsim.renderers.reports import Entry, Report, Rule, render
from vpcsim.renderers.reports.github import SUMMARY_BYTES

ROOT = Path(__file__).parent.parent.parent
FORMS = ("text", "json", "jsonl", "junit", "sarif", "github", "markdown", "auto")
DOUBT = {
    "doubt/network.yaml": "vpcs: {v: 10.0.0.0/16}\nsubnets: {s: 10.0.0.0/24}\ninstances: {app: {subnet: s}}\n"
    "route_tables: {t: {subnets: s, routes: {0.0.0.0/0: lgw-0123456789abcdef0}}}\n",
    "good.yaml": f"model: {ROOT}/models/sqs-private\nfrom: AppServer\nchecks: [{{flow: example.com, verdict: blocked}}]\n",
    "bad.yaml": f"model: {ROOT}/models/sqs-private\nfrom: AppServer\nchecks: [{{flow: example.com, verdict: reachable}}]\n",
    "silent/network.yaml": "vpcs: {v: {cidr: 10.0.0.0/16, enable_dns_support: false}}\nsubnets: {s: 10.0.0.0/24}\n"
    "instances: {app: {subnet: s}}\n",
    "refused.yaml": "vpcs: {v: 10.0.0.0/16}\nsubnets: {s: 10.9.0.0/24}\n",
    "questions": '{"id": "\\ud800<", "flow": {"from": "AppServer", "to": "example.com"}}\nnonsense\n'
    '{"id": 3, "dns": {"from": "AppServer", "name": "nowhere.ec2.internal"}}\n{"flow": {"from": "|\\ud800`", "to": "x"}}\n',
    "doubt.yaml": "model: doubt\nfrom: app\nchecks: [{flow: 203.0.113.9, verdict: reachable}]\n",
}
COMMANDS = [
    (f"trace {ROOT}/models/sqs-private AppServer https://ssm.us-east-1.amazonaws.com", 0),
    (f"trace {ROOT}/models/sqs-private AppServer https://sqs.us-east-1.amazonaws.com", 1),
    ("trace doubt app 203.0.113.9", 3),
    (f"trace {ROOT}/models/sqs-private AppServer nowhere.ec2.internal", 1),
    (f"call {ROOT}/models/sqs-nat AppServer sqs:SendMessage FilaTeste", 0),
    (f"call {ROOT}/models/sqs-nat AppServer sns:Publish", 1),
    (f"session {ROOT}/models/sqs-private AppServer", 0),
    (f"session {ROOT}/models/sqs-public PrivateServer", 1),
    (f"task {ROOT}/models/sqs-private AppServer ecr-pull", 1),
    (f"dig {ROOT}/models/sqs-private AppServer ssm.us-east-1.amazonaws.com", 0),
    (f"dig {ROOT}/models/sqs-private AppServer nowhere.ec2.internal", 0),
    ("dig silent app example.com", 9),
    (f"ask {ROOT}/models/sqs-private --input questions", 0),
    ("ask refused.yaml --input questions", 2),
    ("run good.yaml", 0),
    ("run good.yaml bad.yaml doubt.yaml", 1),
    ("run doubt.yaml good.yaml", 3),
    ("run doubt.yaml --strict", 1),
    ("run good.yaml -k nothing", 3),
]


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in DOUBT.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)


def asked(command: str, form: str) -> Result:
    return CliRunner().invoke(vpcsim_command, [*command.split(), "--format", form], standalone_mode=False)


def entry(status: Status = Status.FAILED, **given: Any) -> Entry:
    told = {
        "suite": "a.yaml",
        "group": "a",
        "name": "a, b: c",
        "rule": Rule("R", "t", "h", "https://docs.aws.amazon.com/"),
        "message": "100% wrong\nindeed",
        "origin": Origin("a.yaml", 3, 5),
    }
    return Entry(status=status, **{**told, **given})


@pytest.mark.parametrize(("command", "code"), COMMANDS, ids=[command.replace(str(ROOT), "") for command, _ in COMMANDS])
@pytest.mark.parametrize("form", FORMS)
def test_the_exit_code_does_not_depend_on_the_format(command: str, code: int, form: str) -> None:
    done = asked(command, form)
    assert done.exception is None
    assert done.return_value == code


@pytest.mark.parametrize(("command", "code"), COMMANDS, ids=[command.replace(str(ROOT), "") for command, _ in COMMANDS])
def test_sarif_is_valid(command: str, code: int) -> None:
    text = asked(command, "sarif").stdout
    SarifLog.model_validate_json(text)
    document = json.loads(text)
    (run,) = document["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert document["version"] == "2.1.0"
    assert len(set(rules)) == len(rules)
    faults = [result for result in run["results"] if result["level"] != "note"]
    assert bool(faults) is ((code != 0 and "nothing" not in command) or command.startswith("ask"))
    for result in faults:
        assert rules[result["ruleIndex"]] == result["ruleId"]
        undecided = "203.0.113.9" in result["message"]["text"] and "--strict" not in command
        assert result["level"] == ("warning" if undecided else "error")
        assert re.fullmatch(r"[0-9a-f]{16}:1", result["partialFingerprints"]["primaryLocationLineHash"])
    for location in _all(document, "artifactLocation"):
        relative = location.get("uriBaseId") == "%SRCROOT%"
        assert relative is not location["uri"].startswith("file:///")
        assert not location["uri"].startswith(("..", "/"))


def _all(value: Any, key: str) -> list[Any]:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    found = [value[key]] if isinstance(value, dict) and key in value else []
    return [*found, *(item for each in inside for item in _all(each, key))]


def test_sarif_tells_the_way_with_the_places_of_its_decisions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    document = json.loads(asked("trace models/sqs-private AppServer https://example.com", "sarif").stdout)
    (result,) = document["runs"][0]["results"]
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "models/sqs-private/network.yaml", "uriBaseId": "%SRCROOT%"}
    assert place["region"] == {"startLine": 7, "startColumn": 3}
    (flow,) = result["codeFlows"][0]["threadFlows"]
    assert flow["locations"][-1]["location"]["message"]["text"].startswith("myRouteTable: no route for")


def test_sarif_tells_twins_apart_and_quotes_names_of_files() -> None:
    twin = entry(suite="a b.yaml", origin=Origin("a b.yaml", 3, 5))
    document = json.loads(render(Report("t", [twin, twin, entry(Status.PASSED)]), "sarif"))
    prints = [r["partialFingerprints"]["primaryLocationLineHash"] for r in document["runs"][0]["results"]]
    assert [text[-2:] for text in prints] == [":1", ":2"]
    assert {location["uri"] for location in _all(document, "artifactLocation")} == {"a%20b.yaml"}
    SarifLog.model_validate(document)


@pytest.mark.parametrize(("command", "code"), COMMANDS, ids=[command.replace(str(ROOT), "") for command, _ in COMMANDS])
def test_junit_has_the_documented_shape(command: str, code: int) -> None:
    root = ElementTree.fromstring(asked(command, "junit").stdout)
    assert root.tag == "testsuites"
    cases, failures, skipped = (root.findall(path) for path in ("*/testcase", "*/testcase/failure", "*/testcase/skipped"))
    counts = {"tests": len(cases), "failures": len(failures), "errors": 0, "skipped": len(skipped)}
    assert {name: int(root.attrib[name]) for name in counts} == counts
    assert {name: sum(int(suite.attrib[name]) for suite in root) for name in counts} == counts
    assert bool(failures) is (code in (1, 2, 9) or command.startswith("ask"))
    assert bool(skipped) is ((code == 3 and "nothing" not in command) or "bad.yaml doubt" in command)
    assert all({"classname", "name"} <= case.attrib.keys() for case in cases)
    assert all(failure.attrib["message"] and failure.text and "\n" not in failure.attrib["message"] for failure in failures)


def test_junit_holds_only_characters_that_xml_can_hold() -> None:
    text = render(Report("t", [entry(name="\x1b[31m\ud800<&>", detail="\x00")]), "junit")
    (case,) = ElementTree.fromstring(text).findall("*/testcase")
    assert case.attrib["name"] == "?[31m?<&>"


def test_annotations_of_github_escape_what_commands_mean() -> None:
    first, total = render(Report("t", [entry()]), "github").splitlines()
    assert first == "::error file=a.yaml,line=3,col=5,title=a%2C b%3A c::100%25 wrong%0Aindeed"
    assert total == "0 passed, 1 failed"
    assert render(Report("t", [entry(Status.UNDECIDED)]), "github").startswith("::warning ")


def test_github_gets_ten_annotations_of_a_kind_and_the_rest_in_the_summary(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary.md"))
    report = Report("t", [entry(name=f"n{number}") for number in range(13)] + [entry(Status.UNDECIDED)])
    lines = render(report, "github").splitlines()
    assert [line[:8] for line in lines] == ["::error "] * 10 + ["::notice", "::warnin", "0 passed"]
    assert lines[10] == "::notice::3 more of level error are left to the job summary"
    assert (tmp_path / "summary.md").read_text().count("**FAILED**") == 13
    render(report, "github")
    assert (tmp_path / "summary.md").read_text().count("### t") == 2


def test_the_summary_of_a_job_stays_within_its_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "summary.md"
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(file))
    render(Report("t", [entry(name=f"n{number}", detail="x" * 1000) for number in range(2000)]), "github")
    assert SUMMARY_BYTES - 3000 < file.stat().st_size <= SUMMARY_BYTES
    assert "more lines have no room here" in file.read_text()


def test_auto_is_github_on_its_machines_only(monkeypatch: pytest.MonkeyPatch) -> None:
    assert asked("run bad.yaml", "auto").stdout == asked("run bad.yaml", "text").stdout
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert asked("run bad.yaml", "auto").stdout.startswith("::error file=bad.yaml,line=3,col=10,title=flow example.com::")
    assert "::error" not in asked("run bad.yaml", "text").stdout


def test_markdown_shows_names_as_they_are() -> None:
    text = render(Report("a|b", [entry(name="<script>|*x*", detail="```\nfence")]), "markdown")
    assert "### a\\|b" in text
    assert "| &lt;script&gt;\\|\\*x\\* | - | **FAILED** |" in text
    assert "<summary>&lt;script&gt;|*x*: 100% wrong" in text
    assert "````text\n```\nfence\n````" in text


def test_json_lines_are_one_object_for_each_check() -> None:
    lines = asked("run good.yaml bad.yaml", "jsonl").stdout.splitlines()
    assert [json.loads(line)["status"] for line in lines] == ["passed", "failed"]
    assert asked("run good.yaml -k nothing", "jsonl").stdout == ""


def test_nothing_but_the_format_is_on_standard_output() -> None:
    (Path("broken.yaml")).write_text("model: missing\nfrom: a\nchecks: [{flow: b}]\n")
    done = asked("run good.yaml broken.yaml", "json")
    assert len(json.loads(done.stdout)["scenarios"]) == 1
    assert "missing: no such file" in str(done.exception)
