"""Answers as text for people: the verdict and its place first, then one line per decision, then why and what would help."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from vpcsim.codes import Code
from vpcsim.reachability import CHECKED, NOT_CHECKED, Reachability
from vpcsim.trace import Disposition, Step, Trace, Verdict

if TYPE_CHECKING:
    from vpcsim.calling import Call

WORDS = {
    Verdict.REACHABLE: "REACHABLE",
    Verdict.BLOCKED: "BLOCKED",
    Verdict.REFUSED: "REFUSED",
    Verdict.UNDECIDED: "UNDECIDED",
}


def reachability(answer: Reachability, short: bool = False, verbose: bool = False) -> str:
    """The whole answer, or its first line alone, or with every rule that was looked at."""
    lines = [_headline(answer)]
    if not short:
        lines += _body(answer)
    if verbose:
        lines += _rules(answer)
    return "\n".join(lines)


def _rules(answer: Reachability) -> Iterator[str]:
    trip = answer.trip
    steps = [*trip.there.steps, *(trip.back.steps if trip.back else ())] if trip else []
    for at, step in {step.at: step for step in steps}.items():
        if rules := answer.rules_looked_at(step):
            yield f"rules of {at}"
            yield from (f"  {rule}" for rule in rules)


def _headline(answer: Reachability) -> str:
    place = f" at {answer.at}" if answer.verdict is not Verdict.REACHABLE else _by_way_of(answer)
    back = " on the way back" if answer.trip and answer.trip.back and answer.trip.end in answer.trip.back.blockers else ""
    return f"{answer.source} -> {answer.to} {answer.service}   {WORDS[answer.verdict]}{back}{place}"


def _by_way_of(answer: Reachability) -> str:
    assert answer.trip is not None
    last = [hop.at for hop in answer.trip.there.hops][-1]
    return f" via {last}" if last not in (answer.to, answer.source) else ""


def _body(answer: Reachability) -> Iterator[str]:
    rows = list(_name_rows(answer))
    trip = answer.trip
    if trip is not None:
        rows += list(_rows(answer, trip.there))
        if trip.back is not None:
            rows += [("back", "", ""), *_rows(answer, trip.back)]
    yield from _columns(rows)
    yield f"why    {answer.because}"
    for code in answer.codes:
        yield f"code   {code}: {Code[code].value}"
    yield from (f"fix    {fix}" for fix in answer.fixes)
    yield from (f"note   {note}" for note in answer.notes)
    yield from (f"assumed  {assumption}" for assumption in answer.assumptions)
    yield f"checked: {CHECKED}"
    yield f"not checked: {NOT_CHECKED}"


Row = tuple[str, str, str]


def _name_rows(answer: Reachability) -> Iterator[Row]:
    resolution = answer.resolution
    if resolution is None:
        return
    for step in resolution.steps:
        if step.at == resolution.owner:
            owner = answer.net.topology.resources.get(step.at) if answer.net else None
            yield "dns", step.because, str(owner.origin) if owner and owner.origin else ""


def _rows(answer: Reachability, trace: Trace) -> Iterator[Row]:
    for step in answer.told(trace):
        origin = answer.origin_of(step)
        yield _kind(answer, step), f"{_mark(step)}{step.sentence}", str(origin) if origin else ""


def _kind(answer: Reachability, step: Step) -> str:
    return answer.kind_of(step.at).replace("_", " ")


def _mark(step: Step) -> str:
    if step.disposition is Disposition.UNDECIDED:
        return "UNDECIDED  "
    return "BLOCKED  " if step.code else ""


def _columns(rows: Iterable[Row]) -> Iterator[str]:
    rows = list(rows)
    kinds = max((len(kind) for kind, *_ in rows), default=0)
    sentences = max((len(sentence) for _, sentence, _ in rows if len(sentence) <= 90), default=0)
    number = 0
    for kind, sentence, origin in rows:
        if not sentence:
            yield f"  {kind}"
            continue
        number += 1
        yield f"{number:3} {kind:<{kinds}}  {sentence:<{sentences}}  {origin}".rstrip()


def call(answer: Call) -> str:
    """A task: the verdict, then one line per leg."""
    lines = [f"{answer.task} from {answer.source}: {WORDS[answer.verdict]}"]
    width = max(len(leg.host) for leg in answer.legs) + 4
    for leg in answer.legs:
        word = "ok" if leg.verdict is Verdict.REACHABLE else WORDS[leg.verdict]
        lines.append(f"  {leg.host + ':443':<{width}}  {word:<9}  {leg.because}")
    if answer.verdict is not Verdict.REACHABLE:
        lines.append(f"why    {answer.deciding.layer}: {answer.because}")
        lines += [f"fix    {fix}" for fix in answer.deciding.reachability.fixes]
    lines += [f"note   {note}" for note in dict.fromkeys(note for leg in answer.legs for note in leg.notes)]
    agent = "agent version, whether the agent runs, " if len(answer.legs) > 1 else ""
    lines.append(f"not checked: {agent}service control policies, permission boundaries, host firewalls")
    return "\n".join(lines)
