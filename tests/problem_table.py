"""The table of docs/problems.md: a line for each scenario file of scenarios/problems, made from the file itself."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from vpcsim.scenarios import Check, Scenario, load

ROOT = Path(__file__).resolve().parents[1]
PROBLEMS = sorted((ROOT / "scenarios" / "problems").glob("*.yaml"))
_TABLE = re.compile(r"(?<=<!-- problems -->\n).*?(?=<!-- end of problems -->)", re.DOTALL)
_HEAD = ("| | what somebody sees | why | what helps | ask |", "|--|--|--|--|--|")


def with_table(page: str) -> str:
    """A page with the table as it is now, in the place that is marked for it."""
    return _TABLE.sub(lambda _: "\n".join([*_HEAD, *_lines()]) + "\n", page)


def _lines() -> Iterator[str]:
    for path in PROBLEMS:
        scenario = load(str(path))
        number, file = path.stem.partition("-")[0], path.relative_to(ROOT)
        story = [scenario.story.get("symptom", scenario.title), *(scenario.story.get(word, "") for word in ("cause", "fix"))]
        cells = [f"[{number}](../{file})", *(" ".join(told.split()).replace("|", "\\|") for told in story)]
        yield f"| {' | '.join([*cells, f'`vpcsim {shlex.join(command(scenario))}`'])} |"


def command(scenario: Scenario) -> list[str]:
    """The arguments that show the problem: the first check's question to the model as it stands, or else the whole run."""
    first = scenario.steps[0]
    plain = len(scenario.models) == 1 and not (first.create or first.delete or scenario.parameters)
    checks = sorted(first.checks, key=lambda check: check.kind == "dns") if plain else []
    questions = (asked for check in checks if (asked := _question(check)))
    verb, *rest = next(questions, ["run", ""])
    return [verb, _relative(scenario.file if verb == "run" else scenario.models[0]), *filter(None, rest)]


def _relative(path: str) -> str:
    return str(Path(path).resolve().relative_to(ROOT))


def _question(check: Check) -> list[str]:
    """The command of a check, without its model; empty for one that no command asks in the same way."""
    match check.kind:
        case "flow":
            asked = check.asked("to")
            options = [part for word in ("protocol", "port") if word in asked for part in (f"--{word}", str(asked[word]))]
            return ["trace", check.source, str(asked["to"]), *options]
        case "call":
            return ["call", check.source, *_call(check.asked("action"))]
        case "task":
            asked = check.asked("name")
            return ["task", check.source, str(asked["name"]), str(asked.get("about", ""))]
        case "session":
            return ["session", check.source]
        case "dns":
            asked = check.asked("name")
            return ["dig", check.source, str(asked["name"]), str(asked.get("type", ""))]
        case "findings":
            return ["lint"]
    return []


def _call(asked: Mapping[str, Any]) -> Iterator[str]:
    yield from str(asked["action"]).split()
    yield str(asked.get("resource", ""))
    yield from ("--client", str(asked["client"])) if "client" in asked else ()
    for name, value in dict(asked.get("env", {})).items():
        yield from ("--env", f"{name}={value}")
