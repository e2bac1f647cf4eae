"""Fn::ForEach: a fragment once per item of a collection, with the identifier replaced.

`${Identifier}` and `Ref: Identifier` become the item, `&{Identifier}` the item without whatever is not a letter or a digit.
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-foreach.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from vpcsim.readers.document import List, Map
from vpcsim.readers.intrinsics.values import Invalid, Report, Unknown, kind, place, text

PREFIX = "Fn::ForEach::"
MAX_COPIED = 1_000_000


def has_loops(node: Map) -> bool:
    return any(key.startswith("Fn::ForEach") for key in node)


class Loops:
    """Writes out the loops of one template. `evaluate` gives the value of a collection."""

    def __init__(self, evaluate: Callable[[Any], Any], report: Report) -> None:
        self.evaluate, self.report = evaluate, report
        self.copied = 0

    def written_out(self, node: Map) -> Map:
        """The mapping with each loop replaced by what it stands for; the same mapping if it holds none."""
        if not has_loops(node):
            return node
        result = Map(node.file, node.line, node.column)
        self._add(result, node)
        return result

    def _add(self, result: Map, node: Map) -> None:
        for key, body in node.items():
            if key.startswith("Fn::ForEach"):
                self._add_loop(result, node, key)
            elif key in result:
                self.report.problem(f"`{key}` is written twice, at least once by a `Fn::ForEach`", place(node, key))
            else:
                result[key] = body
                if key in node.places:
                    result.places[key] = node.places[key]

    def _add_loop(self, result: Map, node: Map, key: str) -> None:
        try:
            for copy in self._copies(key, node[key]):
                self._add(result, copy)
        except Invalid as error:
            self.report.invalid(error, place(node, key))

    def _copies(self, key: str, body: Any) -> Iterator[Map]:
        if not key.startswith(PREFIX) or key == PREFIX:
            raise Invalid(f"a loop is named `{PREFIX}Name`, not `{key}`")
        if not isinstance(body, list) or len(body) != 3 or not isinstance(body[0], str) or not isinstance(body[2], Map):
            raise Invalid(f"`{key}` takes [identifier, collection, {{key: value}}]")
        items = self.evaluate(body[1])
        if isinstance(items, Unknown):
            raise Invalid(f"the collection of `{key}` cannot be known: {items.reason}")
        if not isinstance(items, list):
            raise Invalid(f"the collection of `{key}` must be a list, not {kind(items)}")
        for item in items:
            yield self._copy(body[2], body[0], text(item, f"each item of `{key}`"))

    def _copy(self, node: Any, identifier: str, item: str) -> Any:
        self.copied += 1
        if self.copied > MAX_COPIED:
            raise Invalid(f"the loops of this template write out more than {MAX_COPIED:,} values")
        if isinstance(node, str):
            return _replaced(node, identifier, item)
        if isinstance(node, Map):
            return self._copied_map(node, identifier, item)
        if isinstance(node, List):
            result = List(node.file, node.line, node.column)
            result.places = node.places
            for child in node:
                result.append(self._copy(child, identifier, item))
            return result
        return node

    def _copied_map(self, node: Map, identifier: str, item: str) -> Any:
        if len(node) == 1 and node.get("Ref") == identifier:
            return item
        result = Map(node.file, node.line, node.column)
        for key, child in node.items():
            name = _replaced(key, identifier, item)
            result[name] = self._copy(child, identifier, item)
            if key in node.places:
                result.places[name] = node.places[key]
        return result


def _replaced(written: str, identifier: str, item: str) -> str:
    if f"{{{identifier}}}" not in written:
        return written
    plain = "".join(filter(str.isalnum, item))
    return written.replace(f"${{{identifier}}}", item).replace(f"&{{{identifier}}}", plain)
