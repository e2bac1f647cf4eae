"""A scenario as read from its file, and what became of its checks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from vpcsim.errors import Origin
from vpcsim.expectations import Status

STORY = ("symptom", "cause", "fix")
"""What a scenario may tell of itself: what somebody sees, why it is so, and what helps."""


@dataclass(frozen=True)
class Check:
    """One line of a scenario: what is asked (`kind` and `subject`), and what is expected of the answer."""

    kind: str
    subject: Any
    title: str
    source: str
    expected: Mapping[str, Any]
    origin: Origin

    def asked(self, word: str) -> Mapping[str, Any]:
        """The fields of what is asked; a lone text is the field `word`."""
        return self.subject if isinstance(self.subject, Mapping) else {word: self.subject}


@dataclass(frozen=True)
class Step:
    """Changes to the network, then checks."""

    name: str
    create: Mapping[str, Any]
    delete: tuple[str, ...]
    checks: tuple[Check, ...]
    origin: Origin
    refused: Check | None = None
    """That AWS refuses the changes: the network stays as it is."""


@dataclass(frozen=True)
class Scenario:
    """A scenario as read from its file."""

    title: str
    file: str
    models: tuple[str, ...]
    parameters: Mapping[str, str]
    steps: tuple[Step, ...]

    variables: tuple[str, ...] = ()
    """The names of its variables."""
    story: Mapping[str, str] = field(default_factory=dict)
    """The words of STORY that it has."""

    @property
    def checks(self) -> list[tuple[Step, Check]]:
        """Every check with its step, in order; that a change is refused is a check too."""
        return [(step, check) for step in self.steps for check in ((step.refused,) if step.refused else ()) + step.checks]

    @property
    def names(self) -> list[str]:
        """The name of every check, in order."""
        return [name_of(step, check) for step, check in self.checks]


def name_of(step: Step, check: Check) -> str:
    """The step and the check."""
    return f"{step.name}: {check.title}" if step.name else check.title


class Result(NamedTuple):
    """What became of a check. `observed` is empty where nothing but the network can be asked."""

    step: Step
    check: Check
    predicted: str
    observed: str
    failure: str
    """Why it failed, or why it is undecided."""
    detail: str = ""
    status: Status = Status.PASSED

    @property
    def passed(self) -> bool:
        return self.status is Status.PASSED

    @property
    def name(self) -> str:
        return name_of(self.step, self.check)
