"""The kinds of checks: each says what it asks, what may be expected of the answer, and how it asks."""

from collections.abc import Mapping

from vpcsim.scenarios.kinds.calls import CALL, LAYERS, POLL, SEND, SESSION, TASK, decide
from vpcsim.scenarios.kinds.dns import DNS
from vpcsim.scenarios.kinds.flow import FLOW
from vpcsim.scenarios.kinds.kind import Answered, Bench, Kind, judge
from vpcsim.scenarios.kinds.whole import FINDINGS, MATRIX

KINDS: Mapping[str, Kind] = {
    "flow": FLOW,
    "session": SESSION,
    "dns": DNS,
    "call": CALL,
    "task": TASK,
    "send": SEND,
    "poll": POLL,
    "findings": FINDINGS,
    "matrix": MATRIX,
}

__all__ = ["KINDS", "LAYERS", "Answered", "Bench", "Kind", "decide", "judge"]
