"""Policy documents: JSON text, or the dict made from it, into statements. Every fault of a document is reported at once.

Sources, in https://docs.aws.amazon.com/IAM/latest/UserGuide/:
    reference_policies_grammar.html             the elements, their types, and one or a list of them
    reference_policies_elements_version.html    a document without Version is of 2008-10-17, which has no policy variables
    reference_policies_elements_principal.html  no wildcard in a part of a principal
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from vpcsim.errors import InputError, Origin, Problem, nearest
from vpcsim.policy.conditions import OPERATORS, Condition, form_of, value_problem
from vpcsim.policy.statement import Effect, Principals, Statement

_ELEMENTS = ("Version", "Id", "Statement")
_PARTS = ("Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition")
_PRINCIPALS = ("AWS", "Service", "Federated", "CanonicalUser")
_VERSIONS = ("2008-10-17", "2012-10-17")
_QUANTIFIERS = ("", "ForAllValues:", "ForAnyValue:")


class PolicyDocument(NamedTuple):
    """A policy document: its name, for people, and its statements in the order they were written."""

    name: str
    statements: tuple[Statement, ...]
    version: str = "2008-10-17"
    origin: Origin | None = None

    @classmethod
    def parse(cls, value: Mapping[str, Any] | str, name: str = "", origin: Origin | None = None) -> PolicyDocument:
        """Read a document from JSON text or from the dict made from it.

        A statement that knows its own place (an attribute `origin`) keeps it; another one has the document's `origin`.
        Raises InputError with one problem per fault.
        """
        parser = _Parser(name, origin)
        document = parser.document(parser.loaded(value) if isinstance(value, str) else value)
        if parser.problems:
            raise InputError(parser.problems)
        return document


def _listed(value: object) -> Sequence[object]:
    return value if isinstance(value, list | tuple) else [value]


class _Parser:
    def __init__(self, name: str, origin: Origin | None) -> None:
        self.name, self.origin = name, origin
        self.problems: list[Problem] = []
        self.where, self.place = f"`{name}`" if name else "the policy", origin

    def fault(self, message: str) -> None:
        self.problems.append(Problem(f"{self.where}: {message}", self.place))

    def loaded(self, text: str) -> object:
        try:
            return json.loads(text, object_pairs_hook=self._once)
        except json.JSONDecodeError as error:
            message = f"{self.where}: not JSON: {error.msg.lower()} at line {error.lineno}"
            raise InputError(Problem(message, self.place)) from error

    def _once(self, pairs: list[tuple[str, object]]) -> dict[str, object]:
        found = dict(pairs)
        for key in found:
            if sum(1 for other, _ in pairs if other == key) > 1:
                self.fault(f"`{key}` is given twice")
        return found

    def document(self, value: object) -> PolicyDocument:
        if not isinstance(value, Mapping):
            self.fault("not an object")
            return PolicyDocument(self.name, ())
        self.known(value, _ELEMENTS)
        version = str(value.get("Version", _VERSIONS[0]))
        if version not in _VERSIONS:
            self.fault(f"`Version` is `{version}`, not `{_VERSIONS[0]}` or `{_VERSIONS[1]}`")
        listed = _listed(value.get("Statement", []))
        if not listed:
            self.fault("no `Statement`")
        statements = [self.statement(each, index, version == _VERSIONS[1]) for index, each in enumerate(listed, 1)]
        return PolicyDocument(self.name, tuple(filter(None, statements)), version, self.origin)

    def known(self, value: Mapping[str, Any], names: tuple[str, ...]) -> None:
        for key in value:
            if key not in names:
                self.unknown("element", str(key), names)

    def unknown(self, what: str, name: str, names: Iterable[str]) -> None:
        close = nearest(name, names)
        self.fault(f"unknown {what} `{name}`" + (f", did you mean `{close}`?" if close else ""))

    def statement(self, value: object, index: int, variables: bool) -> Statement | None:
        self.where = f"`{self.name}` statement {index}" if self.name else f"statement {index}"
        written = getattr(value, "origin", None)
        self.place = written if isinstance(written, Origin) else self.origin
        if not isinstance(value, Mapping):
            self.fault("not an object")
            return None
        self.known(value, _PARTS)
        self.pairs(value)
        return self.parts(value, Statement(self.name, index, self.effect(value), variables=variables, origin=self.place))

    def effect(self, value: Mapping[str, Any]) -> Effect:
        effect = value.get("Effect")
        if effect not in ("Allow", "Deny"):
            self.fault(f"`Effect` is `{effect}`, not `Allow` or `Deny`" if effect else "no `Effect`")
        return "Allow" if effect == "Allow" else "Deny"

    def parts(self, value: Mapping[str, Any], statement: Statement) -> Statement:
        return replace(
            statement,
            sid=str(value.get("Sid") or ""),
            actions=self.actions(value, "Action"),
            not_actions=self.actions(value, "NotAction"),
            resources=self.strings(value, "Resource"),
            not_resources=self.strings(value, "NotResource"),
            principals=self.principals(value, "Principal"),
            not_principals=self.principals(value, "NotPrincipal"),
            conditions=tuple(self.conditions(value.get("Condition", {}))),
        )

    def pairs(self, value: Mapping[str, Any]) -> None:
        for part in ("Action", "Resource", "Principal"):
            if part in value and f"Not{part}" in value:
                self.fault(f"both `{part}` and `Not{part}`")
        if not value.keys() & {"Action", "NotAction"}:
            self.fault("no `Action` and no `NotAction`")
        if not value.keys() & {"Resource", "NotResource", "Principal", "NotPrincipal"}:
            self.fault("no `Resource` and no `NotResource`, which only a policy with `Principal` may leave out")

    def strings(self, value: Mapping[str, Any], key: str) -> tuple[str, ...]:
        if key not in value:
            return ()
        listed = _listed(value[key])
        if not listed or not all(isinstance(each, str) and each for each in listed):
            self.fault(f"`{key}` is not a string or a list of strings")
        return tuple(each for each in listed if isinstance(each, str))

    def actions(self, value: Mapping[str, Any], key: str) -> tuple[str, ...]:
        actions = self.strings(value, key)
        for action in actions:
            if action != "*" and not all(action.partition(":")[::2]):
                self.fault(f"`{action}` is not an action: write `service:Name`")
        return actions

    def principals(self, value: Mapping[str, Any], key: str) -> Principals | None:
        written = value.get(key)
        if written is None or written == "*":
            return None if written is None else (("*", "*"),)
        if not isinstance(written, Mapping):
            self.fault(f"`{key}` is not `*` or an object")
            return None
        for kind in written:
            if kind not in _PRINCIPALS:
                self.unknown(f"kind of `{key}`", str(kind), _PRINCIPALS)
        return tuple((kind, name) for kind in written if kind in _PRINCIPALS for name in self.names(written, kind))

    def names(self, value: Mapping[str, Any], kind: str) -> tuple[str, ...]:
        if kind == "AWS":
            value = {kind: [f"{each:012d}" if type(each) is int else each for each in _listed(value[kind])]}
        names = self.strings(value, kind)
        for name in names:
            if kind == "AWS" and name != "*" and ("*" in name or "?" in name):
                self.fault(f"`{name}` has a wildcard, which cannot match a part of a principal")
        return names

    def conditions(self, value: object) -> Iterable[Condition]:
        if not isinstance(value, Mapping):
            self.fault("`Condition` is not an object")
            return
        for operator in filter(self.is_operator, map(str, value)):
            tests = value[operator]
            if not isinstance(tests, Mapping):
                self.fault(f"`{operator}` is not an object")
                continue
            for key, written in tests.items():
                yield Condition(operator, str(key), self.values(operator, str(key), written))

    def is_operator(self, operator: str) -> bool:
        form = form_of(operator)
        if form.name not in OPERATORS or form.quantifier not in _QUANTIFIERS:
            names = (quantifier + name for quantifier in _QUANTIFIERS for name in OPERATORS)
            self.unknown("condition operator", operator, names)
        elif form.name == "Null" and operator != "Null":
            self.fault(f"`Null` stands alone: `{operator}` is not an operator")
        else:
            return True
        return False

    def values(self, operator: str, key: str, written: object) -> tuple[str, ...]:
        listed = _listed(written)
        if not all(isinstance(each, str | bool | int | float) for each in listed):
            self.fault(f"the values of `{key}` in `{operator}` are not strings, numbers or booleans")
            return ()
        values = tuple(str(each).lower() if isinstance(each, bool) else str(each) for each in listed)
        for problem in filter(None, (value_problem(operator, value) for value in values)):
            self.fault(f"`{key}`: {problem}")
        return values
