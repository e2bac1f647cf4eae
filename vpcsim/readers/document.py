"""YAML or JSON text as plain Python values that remember where they were written.

`read` and `parse` give a `Map`, a `List` or a scalar (str, int, float, bool, None). Only `true`, `false`, `null`, `~`, nothing
at all, decimal integers without leading zeros and plain decimal fractions are converted; `012345678901`, `2010-09-09`, `22:22`,
`yes`, `0x10` and `1e3` stay the text they are. CloudFormation's short forms become the long ones, `!Ref x` is `{"Ref": "x"}`:
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html

Values are built from the parser's events, so that no tag ever runs code and every limit below is checked while reading.
"""

from __future__ import annotations

import gc
import json
import os
import re
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NoReturn, TypeAlias

from vpcsim.errors import InputError, Origin, Problem
from vpcsim.readers.plain_words import MAX_DEPTH, TOO_DEEP, did_you_mean, json_problem, one_line, place_of, yaml_problem

MAX_BYTES = 64 * 2**20
MAX_VALUES = 2_000_000
MAX_EXPANDED = 1_000_000

_FN = (
    "And", "Base64", "Cidr", "Contains", "EachMemberEquals", "EachMemberIn", "Equals", "FindInMap", "GetAZs", "GetAtt",
    "GetStackOutput", "If", "ImportValue", "Join", "Length", "Not", "Or", "RefAll", "Select", "Split", "Sub", "ToJsonString",
    "Transform", "ValueOf", "ValueOfAll",
)  # fmt: skip
FUNCTIONS = {f"!{name}": f"Fn::{name}" for name in _FN} | {"!Ref": "Ref", "!Condition": "Condition"}

_YAML = "tag:yaml.org,2002:"
_CORE_SCALARS = {_YAML + name for name in ("int", "float", "bool", "null")}
_CORE_OTHERS = {_YAML + name for name in ("str", "map", "seq")}
_WORDS: dict[str, bool | None] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,38})").fullmatch
_FRACTION = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,38})\.[0-9]{1,38}").fullmatch
_NUMBER_START = frozenset("-+0123456789")


class Map(dict[str, Any]):
    """A mapping and the places of its entries: `places[key]` is (line, column) of the key, then (line, column) of the value."""

    __slots__ = ("column", "file", "line", "places")

    def __init__(self, file: str = "", line: int = 0, column: int = 0) -> None:
        self.file, self.line, self.column = file, line, column
        self.places: dict[str, tuple[int, int, int, int]] = {}

    @property
    def origin(self) -> Origin:
        return Origin(self.file, self.line, self.column)


class Answer(Map):
    """An answer of AWS's API: its lists are in place, and plain values inside them."""

    __slots__ = ()


class List(list[Any]):
    """A sequence and the places of its items: `places[i]` is (line, column) of item `i`."""

    __slots__ = ("column", "file", "line", "places")

    def __init__(self, file: str = "", line: int = 0, column: int = 0) -> None:
        self.file, self.line, self.column = file, line, column
        self.places: list[tuple[int, int]] = []

    @property
    def origin(self) -> Origin:
        return Origin(self.file, self.line, self.column)


Node: TypeAlias = Map | List | str | int | float | bool | None


def origin_of(container: Map | List, key: str | int) -> Origin:
    """Where the entry `key` is written: its key in a Map, the item in a List. The container's own place if the entry has none."""
    if isinstance(container, Map):
        place = container.places.get(key) if isinstance(key, str) else None
        return Origin(container.file, place[0], place[1]) if place else container.origin
    if isinstance(key, int) and 0 <= key < len(container.places):
        return Origin(container.file, *container.places[key])
    return container.origin


def value_origin_of(container: Map | List, key: str | int) -> Origin:
    """Where the value of the entry `key` is written: in a Map that is behind the key."""
    if isinstance(container, Map):
        place = container.places.get(key) if isinstance(key, str) else None
        return Origin(container.file, place[2], place[3]) if place else container.origin
    return origin_of(container, key)


def read(path: str | os.PathLike[str]) -> Node:
    """The one document in the file `path`. Raises InputError for a file that is missing, unreadable or not one document."""
    return parse(content_of(os.fspath(path)), os.fspath(path))


def parse(text: bytes | str, file: str) -> Node:
    """The one document in `text`; `file` is the name that origins carry. Raises InputError."""
    if len(text) > MAX_BYTES:
        raise _too_large(file, len(text))
    text = decoded(text, file)
    with without_gc():
        return _parsed(text, file)


# files and characters


def content_of(path: str, at_most: int = MAX_BYTES) -> bytes:
    """The bytes of a file. Raises InputError if it cannot be read or is too large."""
    try:
        status = os.stat(path)
        if stat.S_ISDIR(status.st_mode):
            raise _error(f"`{path}` is a folder, not a file", Origin(path))
        if status.st_size > at_most:
            raise _too_large(path, status.st_size, at_most)
        with open(path, "rb") as stream:
            return stream.read(at_most + 1)
    except FileNotFoundError:
        raise _error(_missing(path), Origin(path)) from None
    except OSError as error:
        raise _error(f"cannot read the file: {(error.strerror or 'unknown reason').lower()}", Origin(path)) from None
    except ValueError:
        raise _error("no file can have this name", Origin(path.replace("\0", "\\0"))) from None


def _missing(path: str) -> str:
    folder, name = os.path.split(path)
    try:
        known = os.listdir(folder or ".")
    except OSError:
        return f"no such file: the folder `{one_line(folder)}` does not exist or cannot be read"
    return "no such file" + did_you_mean(name, known, os.path.join(folder, ""))


def _too_large(file: str, size: int, at_most: int = MAX_BYTES) -> InputError:
    return _error(f"the file has {size:,} bytes or more; at most {at_most // 2**20} MiB are read", Origin(file))


def decoded(text: bytes | str, file: str) -> str:
    """The characters of a text file. Raises InputError with the place of what is none."""
    if isinstance(text, bytes):
        text = _from_bytes(text, file)
    text = text.removeprefix("\ufeff")
    zero = text.find("\0")
    if zero >= 0:
        raise _error("not a text file: it holds a NUL byte", place_of(text, zero, file))
    return text


def _from_bytes(text: bytes, file: str) -> str:
    utf_16 = text.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        return text.decode("utf-16" if utf_16 else "utf-8")
    except UnicodeDecodeError as error:
        if utf_16:
            raise _error("not a text file: broken UTF-16", Origin(file)) from None
        before = text[: error.start].decode("utf-8")
        message = f"not a text file in UTF-8: the byte 0x{text[error.start]:02x} is not part of a character"
        raise _error(message, place_of(before, len(before), file)) from None


def _error(message: str, origin: Origin) -> InputError:
    return InputError(Problem(message, origin))


@contextmanager
def without_gc() -> Iterator[None]:
    """A large document is nothing but containers: looking for cycles in them again and again doubles the time.

    What was made meanwhile counts as old afterwards, or else the next small thing would cause a search through all of it.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            if not gc.get_freeze_count():
                gc.freeze()
                gc.unfreeze()
            gc.enable()


# events


def _parsed(text: str, file: str) -> Node:
    import yaml

    like_json = text.lstrip()[:1] in ("{", "[")
    loader_class: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    if like_json and loader_class is yaml.SafeLoader:
        text = text.replace("\t", " ")  # the parser in Python knows no tabs between tokens; strings of JSON cannot hold any
    try:
        loader = loader_class(text)
        try:
            return _Builder(loader.get_event, file).document()
        finally:
            loader.dispose()
    except yaml.YAMLError as error:
        problem = yaml_problem(error, text, file)
    except UnicodeEncodeError as error:
        raise _error("half of a surrogate pair is not a character", place_of(text, error.start, file)) from None
    return _from_json(text, file, problem) if like_json else _refuse(problem)


def _refuse(problem: Problem) -> NoReturn:
    raise InputError(problem)


class _Builder:
    """Turns the events of one document into a Node."""

    def __init__(self, get: Callable[[], Any], file: str) -> None:
        import yaml

        events: Any = yaml.events
        self.get, self.file = get, file
        self.scalar_event, self.alias_event = events.ScalarEvent, events.AliasEvent
        self.mapping_end, self.sequence_end = events.MappingEndEvent, events.SequenceEndEvent
        self.builders = {events.MappingStartEvent: self.mapping, events.SequenceStartEvent: self.sequence}
        self.anchors: dict[str, tuple[Any, int, int]] = {}
        self.open: set[str] = set()
        self.words: dict[str, str] = {}
        self.values = self.expanded = self.deepest = 0

    def document(self) -> Node:
        from yaml import StreamEndEvent

        self.get()
        if isinstance(self.get(), StreamEndEvent):
            raise _error("the document is empty", Origin(self.file))
        root: Node = self.node(self.get(), 1)
        self.get()
        after: Any = self.get()
        if not isinstance(after, StreamEndEvent):
            self.stop("a second document starts here; only one document per file is read", after)
        if root is None:
            raise _error("the document is empty", Origin(self.file))
        return root

    def stop(self, message: str, event: Any) -> NoReturn:
        raise _error(message, self.place(event))

    def place(self, event: Any) -> Origin:
        return Origin(self.file, event.start_mark.line + 1, event.start_mark.column + 1)

    def node(self, event: Any, depth: int) -> Any:
        self.values += 1
        if self.values > MAX_VALUES:
            self.stop(f"the document has more than {MAX_VALUES:,} values", event)
        if event.anchor is None and event.__class__ is self.scalar_event:
            return self.scalar(event)
        if event.__class__ is self.alias_event:
            return self.alias(event, depth)
        return self.collection(event, depth) if event.anchor is None else self.anchored(event, depth)

    def collection(self, event: Any, depth: int) -> Any:
        tag = event.tag
        function = self.function(tag, event) if tag else ""
        inner = depth + 1 if function else depth
        if inner > self.deepest:
            self.deepest = inner
            if inner > MAX_DEPTH:
                self.stop(TOO_DEEP, event)
        value = self.builders[event.__class__](event, inner)
        return self.call(function, value, event) if function else value

    def mapping(self, start: Any, depth: int) -> Map:
        get, scalar_event, words = self.get, self.scalar_event, self.words
        result = Map(self.file, start.start_mark.line + 1, start.start_mark.column + 1)
        places, merges = result.places, False
        event = get()
        while event.__class__ is not self.mapping_end:
            if event.__class__ is not scalar_event or event.tag:
                self.stop("a key must be plain text, not a list, a mapping, a function or an alias", event)
            key = words.setdefault(event.value, event.value)
            if key in places:
                self.stop(f"duplicate key `{one_line(key)}`, first written on line {places[key][0]}", event)
            merges |= key == "<<" and event.implicit[0]
            mark, value = event.start_mark, get()
            behind = value.start_mark
            places[key] = (mark.line + 1, mark.column + 1, behind.line + 1, behind.column + 1)
            result[key] = self.node(value, depth + 1)
            event = get()
        if merges:
            self.merge(result, start)
        return result

    def sequence(self, start: Any, depth: int) -> List:
        get, sequence_end = self.get, self.sequence_end
        result = List(self.file, start.start_mark.line + 1, start.start_mark.column + 1)
        event = get()
        while event.__class__ is not sequence_end:
            result.places.append((event.start_mark.line + 1, event.start_mark.column + 1))
            result.append(self.node(event, depth + 1))
            event = get()
        return result

    def merge(self, result: Map, start: Any) -> None:
        """YAML's merge key: the entries of other mappings, where this one has none. https://yaml.org/type/merge.html"""
        line, column = result.places.pop("<<")[:2]
        given = result.pop("<<")
        for source in given if isinstance(given, List) else [given]:
            if not isinstance(source, Map):
                raise _error("`<<` takes a mapping or a list of mappings", Origin(self.file, line, column))
            self.expand(len(source), start)
            for key in source:
                if key not in result:
                    result[key], result.places[key] = source[key], source.places[key]

    def scalar(self, event: Any) -> Any:
        value, tag = event.value, event.tag
        if not tag:
            return _resolved(value) if event.implicit[0] else value
        if tag in _CORE_SCALARS:
            return _resolved(value)
        function = self.function(tag, event)
        if function == "Fn::GetAtt":
            return self.call(function, self.halves(value, event), event)
        return self.call(function, value, event) if function else value

    def halves(self, value: str, event: Any) -> List:
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        result = List(self.file, line, column)
        result.extend(value.split(".", 1))
        result.places.extend((line, column) for _ in result)
        return result

    def function(self, tag: str, event: Any) -> str:
        """The long form of a short tag; nothing for YAML's own tags that change no value."""
        if tag in FUNCTIONS:
            return FUNCTIONS[tag]
        if tag == "!" or tag in _CORE_OTHERS:
            return ""
        shown = one_line(tag.replace(_YAML, "!!"))
        raise _error(f"unknown tag `{shown}`{did_you_mean(tag, FUNCTIONS)}", self.place(event))

    def call(self, function: str, argument: Any, event: Any) -> Map:
        self.values += 1
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        result = Map(self.file, line, column)
        result[function] = argument
        result.places[function] = (line, column, line, column)
        return result

    def anchored(self, event: Any, depth: int) -> Any:
        name, before, outer = event.anchor, self.values + self.expanded, self.deepest
        self.open.add(name)
        self.deepest = depth
        value = self.scalar(event) if event.__class__ is self.scalar_event else self.collection(event, depth)
        self.open.discard(name)
        self.anchors[name] = (value, self.values + self.expanded - before + 1, self.deepest - depth)
        self.deepest = max(outer, self.deepest)
        return value

    def alias(self, event: Any, depth: int) -> Any:
        name = event.anchor
        if name in self.open:
            self.stop(f"the alias `*{one_line(name)}` stands inside the value that it repeats", event)
        if name not in self.anchors:
            hint = did_you_mean(name, self.anchors)
            self.stop(f"no anchor `&{one_line(name)}` before this alias{hint}", event)
        value, size, height = self.anchors[name]
        self.expand(size, event)
        self.deepest = max(self.deepest, depth + height)
        if depth + height > MAX_DEPTH:
            self.stop(f"nested deeper than {MAX_DEPTH} levels once `*{one_line(name)}` is put in", event)
        return value

    def expand(self, size: int, event: Any) -> None:
        self.expanded += size
        if self.expanded > MAX_EXPANDED:
            self.stop(f"the aliases of this document stand for more than {MAX_EXPANDED:,} values", event)


def _resolved(text: str) -> str | int | float | bool | None:
    if text in _WORDS:
        return _WORDS[text]
    if text[0] in _NUMBER_START:
        if _INTEGER(text):
            return int(text)
        if _FRACTION(text):
            return float(text)
    return text


# JSON that the YAML parser does not take: surrogate pairs as escapes, very long keys, a line break before `:`


def _from_json(text: str, file: str, problem: Problem) -> Node:
    if text.count(",") > MAX_VALUES:
        raise _error(f"the document has more than {MAX_VALUES:,} values", Origin(file))
    try:
        pairs = json.loads(text, object_pairs_hook=_Pairs, parse_int=_resolved, parse_float=_resolved, parse_constant=str)
        root: Node = _with_file(pairs, file, 1)
    except json.JSONDecodeError as error:
        _refuse(json_problem(error, text, file, problem))
    except RecursionError:
        _refuse(problem._replace(message=TOO_DEEP))
    return root


class _Pairs(list[tuple[str, Any]]):
    """An object of JSON before its keys are compared."""


def _with_file(value: Any, file: str, depth: int) -> Any:
    if isinstance(value, str):
        return _whole(value, file)
    if not isinstance(value, list):
        return value
    if depth > MAX_DEPTH:
        raise _error(TOO_DEEP, Origin(file))
    if not isinstance(value, _Pairs):
        items = List(file)
        items.extend(_with_file(item, file, depth + 1) for item in value)
        return items
    entries = Map(file)
    for key, item in value:
        if key in entries:
            raise _error(f"duplicate key `{one_line(key)}`", Origin(file))
        entries[_whole(key, file)] = _with_file(item, file, depth + 1)
    return entries


def _whole(text: str, file: str) -> str:
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise _error("half of a surrogate pair is not a character", Origin(file))
    return text
