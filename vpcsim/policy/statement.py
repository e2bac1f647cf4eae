"""One statement of a policy document, and which actions, resources and contexts it speaks of.

Action names are case-insensitive, resources are not. A statement without Resource is about the resource that its policy is
attached to.

Sources, in https://docs.aws.amazon.com/IAM/latest/UserGuide/:
    reference_policies_elements_action.html       reference_policies_elements_notaction.html
    reference_policies_elements_resource.html     reference_policies_elements_notresource.html
    reference_policies_elements_condition.html    reference_policies_variables.html
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from vpcsim.errors import Origin
from vpcsim.policy.conditions import Condition, Verdict, disjunction, verdict
from vpcsim.policy.patterns import like, mark, resolve_resource, resource_like
from vpcsim.policy.request import Request, Unknown

Effect = Literal["Allow", "Deny"]
Principals = tuple[tuple[str, str], ...]
"""Pairs of a kind (`AWS`, `Service`, `Federated`, `CanonicalUser`, or `*` for everyone) and an identifier."""


@dataclass(frozen=True)
class Statement:
    """A statement: number `index`, from 1, of the policy named `document`. `variables`: whether `${...}` is a variable in it."""

    document: str
    index: int
    effect: Effect
    sid: str = ""
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    not_resources: tuple[str, ...] = ()
    principals: Principals | None = None
    not_principals: Principals | None = None
    conditions: tuple[Condition, ...] = ()
    variables: bool = True
    origin: Origin | None = None

    def __str__(self) -> str:
        place = f"`{self.document}` statement {self.index}" if self.document else f"statement {self.index}"
        return f"{place} (`{self.sid}`)" if self.sid else place

    @cached_property
    def _action_patterns(self) -> tuple[frozenset[str], tuple[str, ...]]:
        lowered = {action.lower() for action in self.actions or self.not_actions}
        wild = sorted(action for action in lowered if "*" in action or "?" in action)
        return frozenset(lowered.difference(wild)), tuple(map(mark, wild))

    def covers_action(self, action: str) -> bool:
        """Whether the statement speaks of an action."""
        if self.actions == ("*",):
            return True
        names, patterns = self._action_patterns
        lowered = action.lower()
        listed = lowered in names or any(like(pattern, lowered) for pattern in patterns)
        return listed is bool(self.actions)

    def covers_resource(self, request: Request) -> bool | None:
        """Whether the statement speaks of the request's resource. None: it depends on a variable that is not known."""
        if self.resources == ("*",) or not (self.resources or self.not_resources):
            return True
        listed = disjunction(self._matches(text, request) for text in self.resources or self.not_resources)
        return listed if self.resources or listed is None else not listed

    def _matches(self, text: str, request: Request) -> bool | None:
        marked = resolve_resource(text, request.values) if self.variables else mark(text)
        return None if isinstance(marked, Unknown) else marked is not None and resource_like(marked, request.resource)

    def verdict(self, request: Request) -> Verdict:
        """Whether every condition holds. If not, `why` tells of the first that does not, or else of those undecided."""
        if not self.conditions:
            return Verdict(True)
        verdicts = [verdict(condition, request, self.variables) for condition in self.conditions]
        failed = next((each for each in verdicts if each.holds is False), None)
        undecided = [each.why for each in verdicts if each.holds is None]
        return failed or Verdict(None if undecided else True, "; ".join(undecided))
