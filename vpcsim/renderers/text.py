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
            owner = answer.net.topology.resources.get(step.at)
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
    """A call or a task: the verdict and the layer that decided, then one line per leg, then why and what would help."""
    lines = [_call_headline(answer), *_legs(answer)]
    lines += list(_decisions(answer))
    if answer.verdict is not Verdict.REACHABLE:
        lines.append(f"why    {answer.layer}: {answer.because}")
        lines += [f"fix    {fix}" for fix in answer.deciding.fixes]
    lines += [f"note   {note}" for note in answer.notes]
    if len(answer.legs) > 1 or answer.deciding.page:
        lines += [f"page   {page}" for page in dict.fromkeys(leg.page for leg in answer.legs)]
    lines.append(f"not checked: {NOT_CHECKED_OF_CALLS}")
    return "\n".join(lines)


NOT_CHECKED_OF_CALLS = "what the model does not hold, the client's and the agent's software, host firewalls, quotas"


def _call_headline(answer: Call) -> str:
    headline = f"{answer.task} from {answer.source}: {WORDS[answer.verdict]}"
    if answer.verdict is Verdict.REACHABLE:
        return headline
    failed = sum(leg.verdict is not Verdict.REACHABLE for leg in answer.needed)
    legs = f" ({failed} of {len(answer.needed)} legs)" if len(answer.needed) > 1 else ""
    return f"{headline} by {answer.layer}{legs}"


def _legs(answer: Call) -> Iterator[str]:
    width = max(len(leg.host) + len(leg.port) for leg in answer.legs) + 1
    for leg in answer.legs:
        word = "ok" if leg.verdict is Verdict.REACHABLE else WORDS[leg.verdict]
        purpose = f" (only for {leg.optional})" if leg.optional else ""
        yield f"  {f'{leg.host}:{leg.port}':<{width}}  {word:<9}  {leg.because}{purpose}"


def _decisions(answer: Call) -> Iterator[str]:
    """What each policy decided, with the place of its statement, and the keys that the request has by its way."""
    legs = answer.legs if len(answer.legs) == 1 else [leg for leg in answer.needed if leg.decided]
    pairs = [(action, decision) for leg in legs for action, decision in leg.decisions]
    width = max((len(action) for action, _ in pairs), default=0)
    for action, decision in pairs:
        place = next((statement.origin for statement in decision.determining if statement.origin), None)
        yield f"  policy  {action:<{width}}  {decision.reason}{f'  {place}' if place else ''}"
        yield from (f"          {note}" for note in decision.notes if decision.allowed is not True)
    context = answer.deciding.context if len(answer.legs) == 1 else {}
    if context:
        yield f"  context  {', '.join(f'{key}={value}' for key, value in context.items())}"
