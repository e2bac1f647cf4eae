"""Checks of the whole network: who reaches whom, and what is probably not meant."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from vpcsim.errors import InputError, Problem, nearest
from vpcsim.expectations import as_texts
from vpcsim.findings import RULES, findings
from vpcsim.matrix import matrix
from vpcsim.scenarios.kinds.kind import Answered, Bench, Kind
from vpcsim.scenarios.scenario import Check
from vpcsim.trace import Verdict

NONE = "none"


def _ask_findings(check: Check, bench: Bench) -> Answered:
    """`none`, or a rule: there is such a finding, or with `at` there are exactly those at these resources."""
    rule = str(check.asked("rule")["rule"])
    if rule not in (NONE, *RULES):
        close = nearest(rule, (NONE, *RULES))
        raise InputError(Problem(f"no rule `{rule}`; " + (f"did you mean `{close}`?" if close else f"rules: {', '.join(RULES)}")))
    found = [finding for finding in findings(bench.net) if rule in (NONE, finding.rule)]
    wanted = [] if rule == NONE else check.expected.get("at")
    told = [f"{finding.rule} at {finding.at}" if rule == NONE else finding.at for finding in found]
    faults = [] if found or wanted is not None else [f"expected {rule}, found none"]
    faults += _differences("findings:" if rule == NONE else f"{rule} at", wanted, told) if wanted is not None else []
    because = check.expected.get("because")
    if because and not any(str(because) in finding.because for finding in found):
        faults.append(f"expected a finding to say `{because}`")
    return Answered(", ".join(told) or "none", faults, "\n".join(f"{finding.rule}: {finding}" for finding in found))


def _ask_matrix(check: Check, bench: Bench) -> Answered:
    asked = check.subject
    sources, targets = (as_texts(asked[word]) if asked.get(word) else None for word in ("from", "to"))
    answer = matrix(bench.net, sources, targets, asked.get("protocol", "tcp"), asked.get("port"))
    told, doubtful = answer.reachable, answer.having(Verdict.UNDECIDED)
    wanted = check.expected.get("reachable")
    faults = _differences("reachable", wanted, told) if wanted is not None else []
    predicted = f"{len(told)} of {len(answer.answers)} pairs reachable"
    return Answered(predicted, faults, "\n".join(told), undecided=", ".join(doubtful))


def _differences(what: str, wanted: Any, told: Iterable[str]) -> list[str]:
    """What is expected and missing, and what is there and not expected."""
    expected, there = [" ".join(text.split()) for text in as_texts(wanted)], list(told)
    missing = [text for text in expected if text not in there]
    beyond = [text for text in there if text not in expected]
    return [f"expected {what} {text}" for text in missing] + [f"not expected: {what} {text}" for text in beyond]


FINDINGS = Kind("what is probably not meant", _ask_findings, ("at", "because"), ("rule",), ("rule",), asks_from=False)
MATRIX = Kind("which pairs reach each other", _ask_matrix, ("reachable",), ("from", "to", "protocol", "port"), asks_from=False)
