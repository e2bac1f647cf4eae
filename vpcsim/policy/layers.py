"""What the policies of one kind say of a request: the statements that speak of it, and whether each applies.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html (statements, and policies, are alternatives;
resource-based policies name their principal, identity-based ones are about the identity that they are attached to).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple, TypeAlias

from vpcsim.policy.conditions import conjunction, disjunction
from vpcsim.policy.document import PolicyDocument
from vpcsim.policy.principals import Reach, reach_of
from vpcsim.policy.request import Request
from vpcsim.policy.statement import Effect, Statement

LayerName: TypeAlias = Literal["identity", "boundary", "session", "resource", "gate", "scp", "rcp"]
_NAMING: frozenset[LayerName] = frozenset({"resource", "gate"})


class Finding(NamedTuple):
    """A statement that speaks of the request. `applies` is None if that is undecided; `why` says why it does not apply."""

    statement: Statement
    applies: bool | None
    reach: Reach
    why: str


class Layer(NamedTuple):
    """All findings in the policies of one kind, or in those of one level of the organization."""

    name: LayerName
    findings: tuple[Finding, ...]
    level: int = 0

    def allows(self, *reaches: Reach) -> bool | None:
        """Whether a statement allows the request: any statement, or any that names the caller as closely as one of `reaches`."""
        return disjunction(
            each.applies for each in self.findings if each.statement.effect == "Allow" and (not reaches or each.reach in reaches)
        )

    def those(self, effect: Effect, applies: bool | None) -> list[Finding]:
        """The findings with this effect of which this is known."""
        return [each for each in self.findings if each.applies is applies and each.statement.effect == effect]


def judge(name: LayerName, documents: Iterable[PolicyDocument], request: Request, bounded: bool = False, level: int = 0) -> Layer:
    """Find the statements of `documents` that speak of `request`. `bounded`: whether the caller has a permissions boundary."""
    found = [
        _finding(statement, request, _reach(name, statement, request, bounded))
        for document in documents
        for statement in document.statements
        if statement.covers_action(request.action)
    ]
    return Layer(name, tuple(filter(None, found)), level)


def _reach(name: LayerName, statement: Statement, request: Request, bounded: bool) -> Reach | None:
    if name not in _NAMING:
        return Reach.DIRECT
    if statement.principals is None and statement.not_principals is None:
        return None
    return reach_of(statement, request.caller, bounded)


def _finding(statement: Statement, request: Request, reach: Reach | None) -> Finding | None:
    resource = statement.covers_resource(request)
    if reach is Reach.NONE or resource is False:
        return None
    if reach is None:
        return Finding(statement, False, Reach.NONE, "it has no `Principal`, so it names nobody")
    holds, why = statement.verdict(request)
    applies = conjunction((resource, None if reach is Reach.UNCLEAR else True, holds))
    if applies is not None:
        return Finding(statement, applies, reach, why)
    doubts = (_of_resource(resource), _of_principal(statement, reach), why)
    return Finding(statement, None, reach, "; ".join(filter(None, doubts)))


def _of_resource(covers: bool | None) -> str:
    return "" if covers else "its resource has a variable that is not known, or one before the fifth colon"


def _of_principal(statement: Statement, reach: Reach) -> str:
    if reach is not Reach.UNCLEAR:
        return ""
    if statement.not_principals is not None:
        return "`NotPrincipal` lists only a part of the caller's account, role, and session or user"
    return "it names a session or a canonical user that may or may not be the caller"
