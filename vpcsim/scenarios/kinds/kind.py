"""What a kind of check is: the fields of what it asks, what may be expected of the answer, and how it asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from vpcsim.cloud import Plane
from vpcsim.expectations import Status
from vpcsim.network import Network
from vpcsim.scenarios.scenario import Check, Result, Step
from vpcsim.trace import Verdict

if TYPE_CHECKING:
    from vpcsim.expectations import Answer


class Bench:
    """The network as it stands in the running step, and the services that outlive the steps."""

    plane: Plane

    def __init__(self, net: Network) -> None:
        self.net = net
        self.source, self.resource = "", "*"
        """Who makes the running call, and on what."""
        self.named: set[str] = set()
        """The ids that some step has, this one or another."""


class Answered(NamedTuple):
    """What the network answers to a check, in words, and how that differs from what is expected."""

    predicted: str
    faults: list[str]
    detail: str = ""
    observed: str = ""
    undecided: str = ""
    """Why the network cannot tell, where it cannot."""


class Kind(NamedTuple):
    """A kind of check. A lone text is the first of the fields that it needs."""

    about: str
    """What it asks, in a few words."""
    ask: Callable[[Check, Bench], Answered]
    words: tuple[str, ...]
    """What may be expected of its answer."""
    fields: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()
    asks_from: bool = True
    """Whether it asks from somewhere, so that the file must say from where."""
    leaves_something: bool = False
    """Whether later checks may find what it leaves."""


def doubt(answer: Answer) -> str:
    """Why an answer is undecided, if it is."""
    return answer.because if answer.verdict == Verdict.UNDECIDED else ""


def judge(step: Step, check: Check, answered: Answered) -> Result:
    """Whether a check holds. A difference between the prediction and the observation fails, whatever is expected."""
    predicted, faults, detail, observed, undecided = answered
    if observed and predicted and observed != predicted:
        faults = [*faults, f"predicted {predicted}, observed {observed}"]
    elif undecided and check.expected.get("verdict") != Verdict.UNDECIDED:
        return Result(step, check, predicted, observed, f"undecided: {undecided}", detail, Status.UNDECIDED)
    return Result(step, check, predicted, observed, "; ".join(faults), detail, Status.FAILED if faults else Status.PASSED)
