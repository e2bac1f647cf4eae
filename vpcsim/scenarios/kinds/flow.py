"""Whether `from` reaches a target, as `vpcsim trace` decides it."""

from __future__ import annotations

from vpcsim.asking import trace
from vpcsim.expectations import WORDS, faults
from vpcsim.reachability import Reachability
from vpcsim.scenarios.kinds.kind import Answered, Bench, Kind, doubt
from vpcsim.scenarios.scenario import Check
from vpcsim.trace import Verdict


def _ask(check: Check, bench: Bench) -> Answered:
    asked = check.asked("to")
    answer = trace(bench.net, check.source, str(asked["to"]), asked.get("protocol", "tcp"), asked.get("port"))
    return Answered(_predicted(answer), faults(answer, check.expected), str(answer), undecided=doubt(answer))


def _predicted(answer: Reachability) -> str:
    words = {Verdict.REACHABLE: "reachable", Verdict.BLOCKED: "times out" if answer.trip else "name fails"}
    return words.get(answer.verdict, "undecided")


FLOW = Kind("whether `from` reaches a target", _ask, tuple(WORDS), ("to", "protocol", "port"), ("to",))
