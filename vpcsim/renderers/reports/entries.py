"""Answers and expectations as entries of a report."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from vpcsim.codes import Code
from vpcsim.errors import Origin, Problem
from vpcsim.expectations import Status
from vpcsim.findings import RULES
from vpcsim.reachability import Reachability
from vpcsim.renderers.reports.report import Entry, Report, Rule
from vpcsim.resolution import NO_REPLY, UNDECIDED, Resolution
from vpcsim.trace import Step, Verdict

if TYPE_CHECKING:
    from vpcsim.calling import Call
    from vpcsim.network import Network
    from vpcsim.resource import Finding
    from vpcsim.scenarios import Result, Scenario

CODES_PAGE = "https://docs.aws.amazon.com/vpc/latest/reachability/explanation-codes.html"
ERRORS_PAGE = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html"
_STATUS = {Verdict.REACHABLE: Status.PASSED, Verdict.UNDECIDED: Status.UNDECIDED}
_RCODES = {NO_REPLY: Status.FAILED, UNDECIDED: Status.UNDECIDED}
_NO_ANSWER = "no resolver replies, or what it would say is open"
_REACHABLE = Rule("REACHABLE", "the target is reachable", "The packet arrives, and so does its answer.")
_POLICY = Rule(
    "POLICY", "a policy denies the call", "The request arrives, and the policies that the model holds do not allow it."
)


def of_reachability(answer: Reachability, model: str) -> Report:
    """The answer to `vpcsim trace`."""
    entry = Entry(
        suite=model,
        group="trace",
        name=f"{answer.source} -> {answer.to} {answer.service}",
        status=_STATUS.get(answer.verdict, Status.FAILED),
        rule=_rule(answer),
        message=f"{answer.verdict}: {answer.because}",
        detail=str(answer),
        origin=_origin(answer),
        predicted=str(answer.verdict),
        way=[(step.sentence, answer.origin_of(step)) for step in _steps(answer)],
        data=answer.to_dict(),
    )
    return Report(entry.name, [entry], entry.data)


def of_call(answer: Call, model: str) -> Report:
    """The answer to a call or a task: an entry for each leg. One that the task goes on without is a note at most."""
    entries = [
        Entry(
            suite=model,
            group=f"{answer.task} from {answer.source}",
            name=f"{answer.task} from {answer.source} to {leg.host}",
            status=Status.PASSED if leg.optional else _STATUS.get(leg.verdict, Status.FAILED),
            severity="note" if leg.optional and leg.verdict is not Verdict.REACHABLE else "",
            rule=_POLICY if leg.layer == "policy" and leg.verdict is not Verdict.REACHABLE else _rule(leg.reachability),
            message=f"{leg.verdict} by {leg.layer}: {leg.because}",
            detail=str(answer),
            origin=_origin(leg.reachability),
            predicted=str(leg.verdict),
            way=[(step.sentence, leg.reachability.origin_of(step)) for step in _steps(leg.reachability)],
            data={"from": answer.source, "task": answer.task, **data},
        )
        for leg, data in zip(answer.legs, answer.to_dict()["legs"], strict=True)
    ]
    return Report(f"{answer.task} from {answer.source}", entries, answer.to_dict())


def of_resolution(found: Resolution, net: Network, model: str) -> Report:
    """The answer to `vpcsim dig`. NXDOMAIN is one, too."""
    from vpcsim.renderers import dig

    place = net.places.get(found.owner)
    entry = Entry(
        suite=model,
        group="dig",
        name=f"{found.vantage.asker or 'public'} ? {found.query.name} {found.query.type}",
        status=_RCODES.get(found.rcode, Status.PASSED),
        rule=Rule(found.rcode, _NO_ANSWER, f"{_NO_ANSWER.capitalize()}."),
        message=f"{found.rcode}: {found.steps[-1].because}" if found.steps else found.rcode,
        detail=dig.full(found, net),
        origin=place.origin if place else None,
        predicted=", ".join(record.data for record in found.records) or found.rcode,
        data=found.to_dict(),
    )
    return Report(entry.name, [entry], entry.data)


def of_results(finished: Iterable[tuple[Scenario, list[Result]]]) -> Report:
    """What became of scenarios: an entry for each check."""
    finished = list(finished)
    entries = [_expectation(scenario, result) for scenario, results in finished for result in results]
    scenarios = [
        {"scenario": scenario.title, "file": scenario.file, "results": [_data(result) for result in results]}
        for scenario, results in finished
    ]
    title = finished[0][0].title if len(finished) == 1 else "Expectations"
    return Report(title, entries, {"scenarios": scenarios})


def of_linting(entries: Sequence[Entry]) -> Report:
    """What was found in models: refusals and findings."""
    return Report("Findings", entries, {"findings": [entry.data for entry in entries]})


def of_finding(file: str, finding: Finding) -> Entry:
    """What is legal and yet probably not meant. A note is not as bad as a failure."""
    return Entry(
        suite=file,
        group=finding.rule,
        name=f"{finding.rule} at {finding.at}",
        status=Status.PASSED if finding.level == "note" else Status.FAILED,
        rule=Rule(finding.rule, RULES[finding.rule], f"{RULES[finding.rule].capitalize()}.", finding.page),
        message=str(finding),
        origin=finding.origin,
        predicted=finding.because,
        data=_found(file, finding.rule, finding.level, finding.at, str(finding), finding.origin),
        severity="note" if finding.level == "note" else "warning",
    )


def of_refusal(file: str, problem: Problem) -> Entry:
    """What AWS refuses."""
    code = problem.code or "REFUSED"
    return Entry(
        suite=file,
        group="refused",
        name=f"refused: {code}",
        status=Status.FAILED,
        rule=Rule(code, "AWS refuses this configuration", "A call that creates it fails with this error code.", ERRORS_PAGE),
        message=problem.message,
        origin=problem.origin,
        predicted=problem.message,
        data=_found(file, code, "error", "", problem.message, problem.origin),
        severity="error",
    )


def _found(file: str, rule: str, level: str, at: str, because: str, origin: Origin | None) -> dict[str, object]:
    place = str(origin) if origin else None
    return {"file": file, "rule": rule, "level": level, "at": at, "because": because, "origin": place}


def _expectation(scenario: Scenario, result: Result) -> Entry:
    kind = result.check.kind
    title = f"an expectation of a {kind} check is not met"
    help = "What the network predicts, or what a client observed, differs from what the scenario file expects."
    return Entry(
        suite=scenario.file,
        group=scenario.title,
        name=result.name,
        status=result.status,
        rule=Rule(f"EXPECTATION_{kind.upper()}", title, help),
        message=result.failure or "as expected",
        detail=result.detail,
        origin=result.check.origin,
        predicted=result.predicted,
        observed=result.observed,
        data={"scenario": scenario.title, "file": scenario.file, **_data(result)},
    )


def _data(result: Result) -> dict[str, object]:
    return {
        "step": result.step.name,
        "check": result.check.title,
        "kind": result.check.kind,
        "status": result.status.value,
        "expected": dict(result.check.expected),
        "predicted": result.predicted,
        "observed": result.observed,
        "passed": result.passed,
        "failure": result.failure,
        "origin": str(result.check.origin),
    }


def _rule(answer: Reachability) -> Rule:
    if not answer.codes:
        return _REACHABLE
    code = Code[answer.codes[0]]
    page = "" if code.name.startswith("VPCSIM_") else CODES_PAGE
    return Rule(code.name, code.value, f"{code.value[0].upper()}{code.value[1:]}.", page)


def _steps(answer: Reachability) -> list[Step]:
    trip = answer.trip
    return [*answer.told(trip.there), *(answer.told(trip.back) if trip.back else ())] if trip else []


def _origin(answer: Reachability) -> Origin | None:
    """Where the deciding rule is written, or the resource that it belongs to."""
    if answer.trip is not None:
        return answer.origin_of(answer.trip.end)
    place = answer.net.places.get(answer.at)
    return place.origin if place else None
