"""SARIF 2.1.0: a result for each entry that is not as wanted, and the rules that these are about.

Places are relative to %SRCROOT%, the folder in which the program runs. What is undecided is a warning.

Sources: https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/sarif-v2.1.0-os.html,
https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

import vpcsim
from vpcsim.errors import Origin
from vpcsim.renderers.reports.report import Entry, Report, Rule, local

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def render(report: Report) -> str:
    rules = list({entry.rule.id: entry.rule for entry in report.faults}.values())
    driver = {"name": "vpcsim", "version": vpcsim.__version__, "rules": [_rule(rule) for rule in rules]}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "the folder in which vpcsim ran"}}},
        "results": list(_results(report, [rule.id for rule in rules])),
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=2)


def _rule(rule: Rule) -> dict[str, Any]:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.help},
        "help": {"text": rule.help, "markdown": f"{rule.help}\n\n{rule.page}".strip()},
        **({"helpUri": rule.page} if rule.page else {}),
        "defaultConfiguration": {"level": "error"},
    }


def _results(report: Report, rules: list[str]) -> Iterator[dict[str, Any]]:
    seen: Counter[str] = Counter()
    for entry in report.faults:
        print_of = sha256(f"{entry.rule.id}|{local(entry.suite)}|{entry.name}".encode()).hexdigest()[:16]
        seen[print_of] += 1
        yield {
            "ruleId": entry.rule.id,
            "ruleIndex": rules.index(entry.rule.id),
            "level": entry.level,
            "message": {"text": f"{entry.name}: {entry.message}"},
            "locations": [_location(entry.origin or Origin(entry.suite))],
            "partialFingerprints": {"primaryLocationLineHash": f"{print_of}:{seen[print_of]}"},
            **_way(entry),
        }


def _way(entry: Entry) -> dict[str, Any]:
    """The decisions on the way as a code flow, as far as they have places."""
    steps = [
        {"location": {**_location(origin), "message": {"text": sentence}}} for sentence, origin in entry.way if origin is not None
    ]
    return {"codeFlows": [{"threadFlows": [{"locations": steps}]}]} if steps else {}


def _location(origin: Origin) -> dict[str, Any]:
    path = local(origin.file)
    relative = {"uri": quote(path), "uriBaseId": "%SRCROOT%"}
    artifact = {"uri": PurePath(path).as_uri()} if PurePath(path).is_absolute() else relative
    region = {"region": {"startLine": origin.line, **({"startColumn": origin.column} if origin.column else {})}}
    return {"physicalLocation": {"artifactLocation": artifact, **(region if origin.line else {})}}
