"""The record of a packet's way: steps, hops, a trace, and the round trip that answers a flow.

Steps are named tuples with a sentence template: a walk that nobody reads formats nothing. A verdict without its reason
cannot be written, because both are one value.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum, StrEnum
from typing import Any, NamedTuple

from vpcsim.codes import Code
from vpcsim.errors import Origin
from vpcsim.packet import Packet

__all__ = ["Code", "Disposition", "Flow", "Hop", "RoundTrip", "Step", "Trace", "Verdict"]


HAND_OVER = "{at}: to {to}"
"""The sentence of a step that only names the next place."""


class Disposition(StrEnum):
    """The coarse fate of a packet. `code` on the last step is the fine reason."""

    ACCEPTED = "accepted"
    DENIED = "denied"
    NO_ROUTE = "no_route"
    NULL_ROUTED = "null_routed"
    LOOP = "loop"
    UNDECIDED = "undecided"

    @property
    def success(self) -> bool:
        return self is Disposition.ACCEPTED


class Verdict(StrEnum):
    """The four words in which every question is answered."""

    REACHABLE = "reachable"
    BLOCKED = "blocked"
    REFUSED = "refused"
    UNDECIDED = "undecided"


class Step(NamedTuple):
    """One decision. `packet` is the packet after it; `because` and `fix` are templates that `sentence` fills in.

    A step with an `original` makes the place remember it: that packet, as it came, is what an answer to `packet` is for.

    A template may use {at}, {packet}, {rule}, {to} and {about}, and starts with the id that decided.
    """

    at: str
    because: str
    packet: Packet
    rule: Any = None
    to: str | None = None
    disposition: Disposition | None = None
    code: Code | None = None
    original: Packet | None = None
    about: Any = None
    fix: str = ""

    @property
    def sentence(self) -> str:
        return self._fill(self.because)

    @property
    def remedy(self) -> str:
        """One change that would lift this blocker, or an empty string."""
        return self._fill(self.fix)

    @property
    def origin(self) -> Origin | None:
        """Where the deciding rule is written, if a rule decided and its place is known."""
        return getattr(self.rule, "origin", None)

    def _fill(self, template: str) -> str:
        return template.format(at=self.at, packet=self.packet, rule=self.rule, to=self.to, about=self.about)


_step = tuple.__new__
_ACCEPTED = Disposition.ACCEPTED


def onward(
    at: str, because: str, packet: Packet, rule: Any, to: str | None, original: Packet | None = None, about: Any = None
) -> Step:
    """A step that lets the packet on: what most steps are, made at the least cost."""
    return _step(Step, (at, because, packet, rule, to, None, None, original, about, ""))


def accepted(at: str, because: str, packet: Packet, original: Packet | None = None, about: Any = None) -> Step:
    """The step at which a packet has arrived, made at the least cost."""
    return _step(Step, (at, because, packet, None, None, _ACCEPTED, None, original, about, ""))


class Dependence(Enum):
    """How far a decision depends on a value that is not known: not at all, whether the packet passes, or wholly."""

    NONE = 0
    PASSAGE = 1
    WHOLE = 2


class Decided(NamedTuple):
    """A decision where it was taken: the place, who had handed the packet over to it (None: it started there), the step."""

    at: str
    came_from: str | None
    step: Step

    @property
    def passed(self) -> bool:
        return self.step.disposition is None or self.step.disposition.success


class Hop(NamedTuple):
    """The decisions taken at one place."""

    at: str
    steps: tuple[Step, ...]


class Trace(NamedTuple):
    """One direction: the packet as it left, and what happened to it. Build it with `Trace.of`, which checks its shape."""

    packet: Packet
    hops: tuple[Hop, ...]
    disposition: Disposition
    blockers: tuple[Step, ...] = ()

    @classmethod
    def of(cls, packet: Packet, hops: Sequence[Hop], blockers: Sequence[Step]) -> Trace:
        """Raises AssertionError for a trace without hops, or one that ends without a disposition."""
        assert hops, "a trace has at least one hop"
        assert hops[-1].steps, "the last hop decides"
        end = blockers[0].disposition if blockers else hops[-1].steps[-1].disposition
        assert end is not None, f"the walk stopped at {hops[-1].at} without a disposition"
        return cls(packet, tuple(hops), end, tuple(blockers))

    @property
    def steps(self) -> Iterator[Step]:
        return (step for hop in self.hops for step in hop.steps)

    @property
    def end(self) -> Step:
        """The step that decided the packet's fate."""
        return self.blockers[0] if self.blockers else self.hops[-1].steps[-1]

    @property
    def arrived(self) -> Packet:
        """The packet as it was at the end."""
        return self.hops[-1].steps[-1].packet

    @property
    def at(self) -> str:
        """The place where the walk ended."""
        return self.hops[-1].at

    def passes(self, place: str) -> bool:
        """Whether a hop or a deciding resource on the way has this id."""
        return any(hop.at == place or any(step.at == place for step in hop.steps) for hop in self.hops)


class Flow(NamedTuple):
    """The question: this packet, sent by this place. `to` is what the user wrote."""

    source: str
    packet: Packet
    to: str = ""


class RoundTrip(NamedTuple):
    """The answer: the way there, and the reply's way back if the packet arrived."""

    flow: Flow
    there: Trace
    back: Trace | None

    @property
    def verdict(self) -> Verdict:
        for trace in (self.there, self.back):
            if trace is None or trace.disposition is Disposition.UNDECIDED:
                return Verdict.UNDECIDED if trace else Verdict.BLOCKED
            if not trace.disposition.success:
                return Verdict.BLOCKED
        return Verdict.REACHABLE

    @property
    def blockers(self) -> tuple[Step, ...]:
        return self.there.blockers + (self.back.blockers if self.back else ())

    @property
    def end(self) -> Step:
        """The step that decided the verdict."""
        if self.back is not None and self.back.blockers:
            return self.back.blockers[0] if not self.there.blockers else self.there.end
        return self.there.end
