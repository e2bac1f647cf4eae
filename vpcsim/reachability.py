"""The answer to "does this reach that": the name's resolution and a round trip for every address, as one value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from vpcsim.advising import advice
from vpcsim.codes import Code
from vpcsim.errors import Origin, Skipped
from vpcsim.expectations import require
from vpcsim.network import Network
from vpcsim.remarks import assumptions, notes
from vpcsim.resolution import NO_REPLY, UNDECIDED, Resolution
from vpcsim.resolving import resolve
from vpcsim.trace import HAND_OVER, Hop, RoundTrip, Step, Trace, Verdict

CHECKED = "names, routes, security groups, network ACLs, gateways, both directions"
NOT_CHECKED = "IAM, endpoint policies, whether anything listens, host firewalls, quotas"

_OF_NAMES = {Code.NO_ROUTE_TO_DESTINATION.name, Code.VPCSIM_NAME.name}
"""What blocks where the name may be the trouble."""


def _rank(trip: RoundTrip) -> int:
    return (Verdict.REACHABLE, Verdict.UNDECIDED, Verdict.BLOCKED).index(trip.verdict)


@dataclass(frozen=True, repr=False)
class Reachability:
    """What became of a question. `trips` has one round trip for every address of the target, in the resolver's order."""

    source: str
    to: str
    service: str
    found: Resolution | None
    """What the name resolves to, without the story of it, which `resolution` tells."""
    trips: tuple[RoundTrip, ...]
    sender: str = ""
    """The place from which packets start."""
    unaddressed: str = ""
    """An address of the target that the sender has no address for, of the same family."""
    left_out: Skipped | None = None
    """An end of the question that is not in the model, because a value of it is not known."""
    net: Network = field(kw_only=True, compare=False)

    @cached_property
    def resolution(self) -> Resolution | None:
        """How the name was resolved, step by step."""
        return resolve(self.net, self.found.vantage, self.found.query) if self.found is not None else None

    @cached_property
    def assumptions(self) -> tuple[str, ...]:
        """What was taken for granted."""
        return tuple(assumptions(self.net, self.sender, self.found, self.trips))

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What is worth knowing beside the verdict."""
        return tuple(notes(self.net, self.resolution, self.trips))

    @cached_property
    def advice(self) -> tuple[str, ...]:
        """What would help the name, if it leads nowhere."""
        resolution = self.resolution
        if resolution is None or any(trip.verdict is Verdict.REACHABLE for trip in self.trips):
            return ()
        return tuple(advice(self.net, resolution.vantage, resolution, self.trips))

    @cached_property
    def trip(self) -> RoundTrip | None:
        """The round trip that decides: a client goes through the addresses until one answers.

        Of a sender whose connections may start from any of several interfaces, the one that fares worst.
        """
        starts = {self._interface(trip): None for trip in self.trips}
        best = [min((t for t in self.trips if self._interface(t) == start), key=_rank) for start in starts]
        return max(best, key=_rank, default=None)

    def _interface(self, trip: RoundTrip) -> str | None:
        net, flow = self.net, trip.flow
        return next((i for i in net.interfaces_of(flow.source) if net.holds(i, flow.packet.src)), None)

    @property
    def verdict(self) -> Verdict:
        if self.trip is not None:
            return self.trip.verdict
        if self.left_out is not None:
            return Verdict.UNDECIDED
        undecided = self.found is not None and self.found.rcode == UNDECIDED
        return Verdict.UNDECIDED if undecided else Verdict.BLOCKED

    @property
    def reachable(self) -> bool:
        return self.verdict is Verdict.REACHABLE

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of everything that blocks."""
        if self.trip is None:
            if self.left_out is not None:
                return (Code.VPCSIM_UNKNOWN_VALUE.name,)
            if self.verdict is Verdict.UNDECIDED:
                return (Code.VPCSIM_NOT_MODELLED.name,)
            return ((Code.VPCSIM_NO_ADDRESS if self.unaddressed else Code.VPCSIM_NAME).name,)
        return tuple(dict.fromkeys(step.code.name for step in self.trip.blockers if step.code))

    @property
    def at(self) -> str:
        """The id of the resource that decided."""
        if self.trip is None:
            if self.left_out is not None:
                return self.left_out.id
            if self.resolution is None or self.unaddressed:
                return self.source
            return self.resolution.steps[-1].at if self.resolution.rcode in (NO_REPLY, UNDECIDED) else self.resolution.owner
        return self.trip.end.at

    @property
    def because(self) -> str:
        if self.trip is not None:
            return self.trip.end.sentence
        if self.left_out is not None:
            return f"{self.left_out.id}: {self.left_out.reason}"
        if self.unaddressed:
            return f"{self.source}: has no address of the family of {self.unaddressed}"
        assert self.resolution is not None
        if self.resolution.rcode in (NO_REPLY, UNDECIDED):
            return self.resolution.steps[-1].because
        query = self.resolution.query
        return f"{self.resolution.owner}: {query.name} has no address here ({self.resolution.rcode})"

    @property
    def fixes(self) -> tuple[str, ...]:
        """For each blocker one change that would lift it, and what would make the name lead elsewhere, if that is the trouble."""
        remedies = tuple(step.remedy for step in (self.trip.blockers if self.trip else ()) if step.fix)
        return (*remedies, *self.advice) if {*self.codes} & _OF_NAMES else remedies

    def passes(self, place: str) -> bool:
        """Whether the way there goes through a place, or a resource decided on it."""
        return self.trip is not None and self.trip.there.passes(place)

    def assert_reachable(self, **expected: Any) -> Reachability:
        """Raise Unexpected, with the trace as its text, unless the target is reachable.

        More may be expected in the words of scenario files: `via`, `not_via`, `at`, `because`, `note`.
        """
        __tracebackhide__ = True
        require(self, verdict="reachable", **expected)
        return self

    def assert_blocked(self, **expected: Any) -> Reachability:
        """As `assert_reachable`, unless the target is blocked; `code`, `at` and `fix` say more."""
        __tracebackhide__ = True
        require(self, verdict="blocked", **expected)
        return self

    def kind_of(self, id: str) -> str:
        """The kind of the resource with this id: `security_group`."""
        place = self.net.places.get(id)
        return place.kind if place else ""

    def origin_of(self, step: Step) -> Origin | None:
        """Where the deciding rule is written, or else the resource that decided."""
        place = self.net.places.get(step.at)
        return step.origin or (place.origin if place else None)

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready mapping; its form is that of `vpcsim ask`."""
        trip, found = self.trip, self.found
        return {
            "verdict": str(self.verdict),
            "codes": list(self.codes),
            "at": self.at,
            "because": self.because,
            "fixes": list(self.fixes),
            "from": self.source,
            "to": self.to,
            "forward": self._direction(trip.there) if trip else None,
            "return": self._direction(trip.back) if trip and trip.back else None,
            "rcode": found.rcode if found else None,
            "answers": [record._asdict() for record in found.records] if found else [],
            "notes": list(self.notes),
            "assumptions": list(self.assumptions),
            "not_checked": NOT_CHECKED,
        }

    def _direction(self, trace: Trace) -> dict[str, Any]:
        return {
            "disposition": str(trace.disposition),
            "packet": {"left": trace.packet.to_dict(), "arrived": trace.arrived.to_dict()},
            "hops": [self._hop(hop) for hop in trace.hops],
        }

    def _hop(self, hop: Hop) -> dict[str, Any]:
        return {"at": hop.at, "kind": self.kind_of(hop.at), "steps": [self._step(step) for step in hop.steps]}

    def _step(self, step: Step) -> dict[str, Any]:
        origin = self.origin_of(step)
        return {
            "at": step.at,
            "kind": self.kind_of(step.at),
            "because": step.sentence,
            "rule": str(step.rule) if step.rule is not None else None,
            "code": step.code.name if step.code else None,
            "disposition": str(step.disposition) if step.disposition else None,
            "origin": str(origin) if origin else None,
        }

    def rules_looked_at(self, step: Step) -> list[str]:
        """Every rule that the deciding resource tries, as text."""
        place = self.net.places.get(step.at)
        return [str(rule) for rule in place.rules_looked_at(step.packet, self.net)] if place else []

    def told(self, trace: Trace) -> Iterator[Step]:
        """The steps worth a line: all but those that only name the next place."""
        return (step for step in trace.steps if step.because is not HAND_OVER)

    def __str__(self) -> str:
        from vpcsim.renderers.text import reachability

        return reachability(self)

    def __repr__(self) -> str:
        return f"<Reachability {self.source} -> {self.to} {self.service}: {self.verdict} at {self.at}>"

    def _repr_html_(self) -> str:
        from vpcsim.renderers.html import reachability

        return reachability(self)
