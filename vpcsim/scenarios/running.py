"""Plays a scenario step by step: the network changes, what is in the queues stays."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from vpcsim.cloud import Fate, Plane
from vpcsim.errors import InputError, Origin, Problem, RefusedError, VpcsimError, nearest
from vpcsim.expectations import Status, as_texts
from vpcsim.loading import load as load_model
from vpcsim.network import Network
from vpcsim.scenarios.kinds import KINDS, Bench, decide, judge
from vpcsim.scenarios.scenario import Check, Result, Scenario, Step, name_of

SLIP = 0.85
"""How much two ids are alike if one is a slip of the other, of 1."""


def run(scenario: Scenario, wanted: Collection[str] | None = None, strict: bool = False) -> Iterator[Result]:
    """Run a scenario step by step, all of it or the checks with these names; if `strict`, what is undecided fails.

    Raises InputError for a model or a change that cannot be used.
    """
    bench = Bench(load_model(*scenario.models, parameters=scenario.parameters))
    settings = bench.net.topology.settings
    bench.named = {str(id) for step in scenario.steps for held in step.create.values() for id in _ids(held)}

    def decided(service: str, host: str, port: int, operation: str) -> Fate:
        return decide(bench, service, host, port, operation)

    with Plane(bench.net.topology.dump(), settings.region, settings.account, decided) as plane:
        bench.plane = plane
        for step in scenario.steps:
            for result in _play(step, bench, wanted):
                doubtful = strict and result.status is Status.UNDECIDED
                yield result._replace(status=Status.FAILED) if doubtful else result


def _play(step: Step, bench: Bench, wanted: Collection[str] | None) -> Iterator[Result]:
    """The checks of a step that are wanted; others are made too if they leave something behind."""
    with _placed(step.origin):
        if step.refused:
            yield from (_refusal(step, step.refused, bench.net),) if _is_wanted(step, step.refused, wanted) else ()
        elif step.create or step.delete:
            bench.net = bench.net.with_changes(step.create, step.delete)
    bench.named.update(bench.net.places, bench.net.topology.resources)
    for check in step.checks:
        kind, asked = KINDS[check.kind], _is_wanted(step, check, wanted)
        if not asked and not kind.leaves_something:
            continue
        bench.source = check.source
        with _placed(check.origin):
            _know_the_places(check, bench.named)
            answered = kind.ask(check, bench)
        if asked:
            yield judge(step, check, answered)


def _ids(held: Any) -> Iterable[Any]:
    """The ids in a section of changes: those of a mapping or of a list, or a lone one."""
    if isinstance(held, (Mapping, list)):
        return [each.get("id") if isinstance(each, Mapping) else each for each in held]
    return (held,)


def _know_the_places(check: Check, named: Collection[str]) -> None:
    """Raises InputError for a place that no step has, and that is meant to be another: `not_via` would hold of it."""
    for word in ("via", "not_via"):
        for wanted in as_texts(check.expected.get(word)):
            if wanted not in named and (close := nearest(wanted, named, SLIP)):
                raise InputError(Problem(f"`{word}` names no resource `{wanted}`; did you mean `{close}`?"))


def _is_wanted(step: Step, check: Check, wanted: Collection[str] | None) -> bool:
    return wanted is None or name_of(step, check) in wanted


def _refusal(step: Step, check: Check, net: Network) -> Result:
    """Whether AWS refuses the changes of a step, and says so."""
    try:
        net.with_changes(step.create, step.delete)
    except RefusedError as error:
        said = str(error)
        failure = "" if str(check.subject) in said else f"expected the refusal to say `{check.subject}`, it says `{said}`"
        return Result(step, check, "refused", "", failure, said, Status.FAILED if failure else Status.PASSED)
    return Result(step, check, "accepted", "", "expected the changes to be refused", status=Status.FAILED)


@contextmanager
def _placed(origin: Origin) -> Iterator[None]:
    """Give an error that knows no place the place of the check or the step that it comes from."""
    try:
        yield
    except RefusedError:
        raise
    except InputError as error:
        raise InputError(problem if problem.origin else problem._replace(origin=origin) for problem in error.problems) from None
    except VpcsimError as error:
        raise InputError(Problem(str(error), origin)) from None
