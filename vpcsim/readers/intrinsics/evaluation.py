"""How the values and the conditions of a template are evaluated: functions replaced, AWS::NoValue removed, places kept."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any

from vpcsim.errors import Origin, UnknownName
from vpcsim.readers.document import List, Map
from vpcsim.readers.intrinsics.conditions import CONDITIONS
from vpcsim.readers.intrinsics.functions import FUNCTIONS
from vpcsim.readers.intrinsics.loops import Loops, has_loops
from vpcsim.readers.intrinsics.references import MARK, resolve_references
from vpcsim.readers.intrinsics.rules import ASSERTIONS
from vpcsim.readers.intrinsics.values import NO_VALUE, Invalid, Report, StackContext, Unknown, kind, place

LANGUAGE_EXTENSIONS = "AWS::LanguageExtensions"
MAX_CHAIN = 25


class Evaluation:
    """Evaluates parts of one template; what names stand for is up to the Stack, which is built on this."""

    def __init__(self, template: Map, context: StackContext) -> None:
        self.template, self.context = template, context
        self.report = Report()
        self.loops = Loops(self.value, self.report)
        self.extended = False
        self.mappings = self.conditions = Map()
        self.evaluating: list[str] = []
        self.tests = CONDITIONS
        self._holds: dict[str, bool | Unknown] = {}

    def ref(self, name: str) -> Any:
        raise NotImplementedError

    def attribute(self, logical_id: str, name: str) -> Any:
        raise NotImplementedError

    def value(self, node: Any) -> Any:
        """The value of a part of the template: functions replaced, AWS::NoValue removed."""
        if isinstance(node, Map):
            if len(node) == 1:
                (name,) = node
                if name in FUNCTIONS:
                    return self._call(node, name, FUNCTIONS)
            return self._map(node)
        if isinstance(node, List):
            return self._list(node)
        if isinstance(node, str) and MARK in node:
            return resolve_references(node, self.context, self.report, None)
        return node

    def _map(self, node: Map) -> Any:
        result = Map(node.file, node.line, node.column)
        result.places = node.places
        for key, child in node.items():
            if key.startswith("Fn::"):
                return self._irregular(node)
            value = self.value(child)
            if value is not NO_VALUE:
                result[key] = _placed(value, node, key) if isinstance(value, Unknown) else value
        return result

    def _irregular(self, node: Map) -> Any:
        """A mapping with a loop in it, one that a macro changes, or one with a function that has no business there."""
        if has_loops(node):
            self.needs_language_extensions("`Fn::ForEach`")
            return self.value(self.loops.written_out(node))
        if "Fn::Transform" in node:
            return self._call(node, "Fn::Transform", FUNCTIONS)
        key = next(key for key in node if key.startswith("Fn::"))
        return self.report.problem(_misplaced(key), place(node, key), *_hint(key))

    def _list(self, node: List) -> List:
        result = List(node.file, node.line, node.column)
        result.places = node.places
        for index, child in enumerate(node):
            value = self.value(child)
            if value is not NO_VALUE:
                result.append(_placed(value, node, index) if isinstance(value, Unknown) else value)
        if len(result) < len(node):
            result.places = []
        return result

    def _call(self, node: Map, name: str, table: dict[str, Any]) -> Any:
        try:
            result = table[name](self, node[name])
        except (Invalid, UnknownName) as error:
            return self.report.invalid(error, place(node, name))
        if isinstance(result, Unknown):
            return _placed(result, node, name)
        if isinstance(result, str) and MARK in result:
            return resolve_references(result, self.context, self.report, place(node, name))
        if type(result) is list:
            listed = List(node.file, node.line, node.column)
            listed.extend(result)
            return listed
        return result

    def needs_language_extensions(self, what: str) -> None:
        if not self.extended:
            message = f"{what} needs `Transform: {LANGUAGE_EXTENSIONS}` in the template"
            self.report.problem(message, self.template.origin)

    # conditions

    def condition(self, node: Any) -> bool | Unknown:
        """Whether a condition as it is written holds. Raises Invalid if it is no condition."""
        if isinstance(node, Map) and len(node) == 1:
            (name,) = node
            if name in self.tests:
                holds: bool | Unknown = self._call(node, name, self.tests)
                return holds
        raise Invalid(f"a condition is one of {', '.join(f'`{name}`' for name in self.tests)}, not {kind(node)}")

    def assertion(self, node: Any) -> bool | Unknown:
        """Whether an assertion of a rule holds, which may use more functions than a condition. Raises Invalid."""
        self.tests = ASSERTIONS
        try:
            return self.condition(node)
        finally:
            self.tests = CONDITIONS

    def named_condition(self, name: Any) -> bool | Unknown:
        """Whether the condition of this name holds. Raises Invalid if there is none, or if it depends on itself."""
        if not isinstance(name, str):
            raise Invalid(f"a condition is referred to by its name, not by {kind(name)}")
        if name not in self.conditions:
            raise Invalid(f"no condition `{name}`", name, self.conditions)
        if name not in self._holds:
            label = f"condition {name}"
            if label in self.evaluating:
                raise Invalid(f"these conditions depend on each other: {chain(self.evaluating, label)}")
            with self.inside(label):
                self._holds[name] = self._evaluated_condition(name)
        return self._holds[name]

    def _evaluated_condition(self, name: str) -> bool | Unknown:
        try:
            holds = self.condition(self.conditions[name])
        except Invalid as error:
            return self.report.invalid(error, place(self.conditions, name))
        if isinstance(holds, Unknown):
            return Unknown(f"condition `{name}` cannot be known: {holds.reason}", holds.origin)
        return holds

    # evaluating without losing the way

    def attempt(self, evaluate: Callable[[], Any], origin: Origin | None) -> Any:
        """Evaluates something that nothing else is waiting for."""
        try:
            return evaluate()
        except Invalid as error:
            return self.report.invalid(error, origin)
        except RecursionError:
            return self.report.problem("too many values refer to each other in a row", origin)

    @contextmanager
    def inside(self, name: str) -> Iterator[None]:
        """While the value of `name` is evaluated. Raises Invalid if it is the last of very many that need each other."""
        if len(self.evaluating) >= MAX_CHAIN:
            raise Invalid(f"more than {MAX_CHAIN} names need each other in a row, up to `{name.removeprefix('condition ')}`")
        self.evaluating.append(name)
        try:
            yield
        finally:
            self.evaluating.pop()


def _placed(unknown: Unknown, node: Any, key: str | int) -> Unknown:
    return unknown if unknown.origin else Unknown(unknown.reason, place(node, key))


def chain(evaluating: list[str], name: str) -> str:
    names = [*evaluating[evaluating.index(name) :], name]
    return " -> ".join(f"`{label.removeprefix('condition ')}`" for label in names)


def _misplaced(key: str) -> str:
    if key in FUNCTIONS:
        return f"`{key}` cannot stand beside other keys"
    if key in CONDITIONS:
        return f"`{key}` is only for conditions"
    return f"no function `{key}`"


def _hint(key: str) -> tuple[str, Collection[str]]:
    return ("", ()) if key in FUNCTIONS or key in CONDITIONS else (key, FUNCTIONS)
