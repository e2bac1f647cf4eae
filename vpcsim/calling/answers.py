"""The answer to a call or a task: its legs, each with what became of it, and which layer decided."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, TypeAlias

from vpcsim.calling.policies import KINDS
from vpcsim.errors import with_article
from vpcsim.policy import Decision
from vpcsim.reachability import Reachability
from vpcsim.trace import Verdict

Layer: TypeAlias = Literal["name", "path", "TLS", "service", "policy"]
"""What a call passes, in this order: the host's name, the way there and back, the certificate, what answers, the policies."""


class Stop(NamedTuple):
    """What ends a leg, or leaves it open, between its path and its policies."""

    layer: Layer
    verdict: Verdict
    because: str
    fix: str = ""
    answers: str = ""
    """The client whose service it is that answers, where that is not the one that was asked."""


@dataclass(frozen=True)
class Leg:
    """One host of a call or a task: how it is reached, who answers there, and what the policies decide about each action.

    `page` is where AWS says that the host is needed. A task goes on without an `optional` leg.
    """

    host: str
    reachability: Reachability
    decisions: tuple[tuple[str, Decision], ...] = ()
    principal: str = ""
    resource: str = "*"
    notes: tuple[str, ...] = ()
    port: str = "443"
    stop: Stop | None = None
    page: str = ""
    optional: str = ""
    """What the host is for, if the task goes on without it."""
    context: Mapping[str, str] = field(default_factory=dict)
    """The condition keys that a request gets by its way."""

    @property
    def verdict(self) -> Verdict:
        if not self.reachability.reachable:
            return self.reachability.verdict
        if self.stop is not None:
            return self.stop.verdict
        return {True: Verdict.REACHABLE, False: Verdict.BLOCKED, None: Verdict.UNDECIDED}[self._allowed]

    @property
    def _allowed(self) -> bool | None:
        answers = {decision.allowed for _, decision in self.decisions}
        return False if False in answers else None if None in answers else True

    @property
    def layer(self) -> Layer:
        """What decided."""
        if self.reachability.reachable:
            return self.stop.layer if self.stop else "policy"
        return "path" if self.reachability.trip else "name"

    @property
    def decided(self) -> tuple[str, Decision] | None:
        """The action that decides, and its decision: the first denied, or else the first undecided one."""
        for wanted in (False, None):
            found = next((pair for pair in self.decisions if pair[1].allowed is wanted), None)
            if found is not None and not self.stop and self.reachability.reachable:
                return found
        return None

    @property
    def because(self) -> str:
        if not self.reachability.reachable:
            return self.reachability.because
        if self.stop is not None:
            return self.stop.because
        if self.decided is not None:
            action, decision = self.decided
            return f"{action}: {decision.reason}"
        return self.reachability.because

    @property
    def hangs(self) -> bool:
        """Whether packets are lost, so that a client waits for its time-out."""
        return self.layer == "path" and self.verdict is Verdict.BLOCKED

    @property
    def fixes(self) -> tuple[str, ...]:
        """What would help."""
        if self.decided is not None:
            action, decision = self.decided
            return tuple(_remedy(action, decision, self.principal, self.resource)) if decision.allowed is False else ()
        return (self.stop.fix,) if self.stop and self.stop.fix else self.reachability.fixes

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready mapping."""
        return {
            "host": self.host,
            "port": int(self.port) if self.port.isdigit() else self.port,
            "verdict": str(self.verdict),
            "layer": self.layer,
            "because": self.because,
            "optional": bool(self.optional),
            "purpose": self.optional,
            "page": self.page,
            "principal": self.principal,
            "resource": self.resource,
            "context": dict(self.context),
            "decisions": [_decision(action, decision) for action, decision in self.decisions],
            "notes": list(self.notes),
            "path": self.reachability.to_dict(),
        }


def _remedy(action: str, decision: Decision, principal: str, resource: str) -> Iterator[str]:
    """What has to change in the policies for one denied action."""
    if decision.determining:
        yield f"{decision.determining[0]}: narrow it, so that it does not deny {action}"
    elif decision.layer == "identity" and not principal:
        yield f"a role of the caller that is allowed {action}"
    else:
        kind = KINDS[decision.layer]
        yield f"{with_article(kind)} that allows {action} on {resource}"


def _decision(action: str, decision: Decision) -> dict[str, Any]:
    determining = [
        {"statement": str(statement), "effect": statement.effect, "origin": str(statement.origin) if statement.origin else None}
        for statement in decision.determining
    ]
    told = {"action": action, "allowed": decision.allowed, "layer": decision.layer, "reason": decision.reason}
    return {**told, "determining": determining, "notes": list(decision.notes)}


@dataclass(frozen=True, repr=False)
class Call:
    """A task of one or more legs; the first needed leg that fails decides."""

    source: str
    task: str
    legs: tuple[Leg, ...]

    @property
    def needed(self) -> tuple[Leg, ...]:
        """The legs without which the task fails."""
        return tuple(leg for leg in self.legs if not leg.optional)

    @property
    def deciding(self) -> Leg:
        failed = [leg for verdict in (Verdict.BLOCKED, Verdict.UNDECIDED) for leg in self.needed if leg.verdict is verdict]
        return failed[0] if failed else self.needed[-1]

    @property
    def verdict(self) -> Verdict:
        return self.deciding.verdict

    @property
    def reachable(self) -> bool:
        return self.verdict is Verdict.REACHABLE

    @property
    def layer(self) -> Layer:
        """The layer that decided."""
        return self.deciding.layer

    @property
    def because(self) -> str:
        return self.deciding.because

    @property
    def notes(self) -> tuple[str, ...]:
        """What is to be known of the needed legs, and which others let whoever tries them wait."""
        lost = [leg.host.partition(".")[0] for leg in self.legs if leg.optional and leg.hangs]
        delay = f"whoever tries {' or '.join(lost)} all the same waits for a time-out"
        return (*dict.fromkeys(note for leg in self.needed for note in leg.notes), *([delay] if lost else []))

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready mapping."""
        verdict = {"verdict": str(self.verdict), "layer": self.layer, "because": self.because}
        return {**verdict, "from": self.source, "task": self.task, "legs": [leg.to_dict() for leg in self.legs]}

    def __str__(self) -> str:
        from vpcsim.renderers.text import call

        return call(self)

    def __repr__(self) -> str:
        return f"<Call {self.task} from {self.source}: {self.verdict}>"
