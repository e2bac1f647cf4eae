"""Plays a scenario step by step: the network changes, what is in the queues stays."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from vpcsim.cloud import Fate, Plane
from vpcsim.errors import InputError, Origin, Problem, RefusedError, VpcsimError
from vpcsim.expectations import Status
from vpcsim.loading import load as load_model
from vpcsim.network import Network
from vpcsim.scenarios.kinds import KINDS, Bench, decide, judge
from vpcsim.scenarios.scenario import Check, Result, Scenario, Step, name_of


def run(scenario: Scenario, wanted: Collection[str] | None = None, strict: bool = False) -> Iterator[Result]:
    """Run a scenario step by step, all of it or the checks with these names; if `strict`, what is undecided fails.

    Raises InputError for a model or a change that cannot be used.
    """
    bench = Bench(load_model(*scenario.models, parameters=scenario.parameters))
    settings = bench.net.topology.settings

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
    for check in step.checks:
        kind, asked = KINDS[check.kind], _is_wanted(step, check, wanted)
        if not asked and not kind.leaves_something:
            continue
        bench.source = check.source
        with _placed(check.origin):
            answered = kind.ask(check, bench)
        if asked:
            yield judge(step, check, answered)


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
