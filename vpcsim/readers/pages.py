"""JSON as AWS's API answers it: objects of lists of items, many to a file perhaps, packed by gzip perhaps.

    {"Vpcs": [{"VpcId": "vpc-1", ...}, ...], "NextToken": "..."}

The json module reads it, twenty times faster than a YAML parser that marks every value. Every item remembers its line and
column; what is inside an item does not.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any

from vpcsim.errors import InputError, Origin, Problem
from vpcsim.readers.document import Answer, List, Map, decoded, without_gc
from vpcsim.readers.plain_words import TOO_DEEP, json_problem, one_line, place_of

MAX_UNPACKED = 2**30
_HALF = re.compile(r"\\u[dD][89a-fA-F]").search
_SPACE = re.compile(r"[ \t\n\r]*").match
_GZIP = b"\x1f\x8b"


def unpacked(content: bytes, file: str) -> bytes:
    """The content without gzip's packing. Raises InputError if it is damaged, or larger than anything that is read."""
    if not content.startswith(_GZIP):
        return content
    try:
        with gzip.GzipFile(fileobj=BytesIO(content)) as stream:
            plain = stream.read(MAX_UNPACKED + 1)
    except (OSError, EOFError, zlib.error):
        raise InputError(Problem("a gzip file that is damaged or cut off", Origin(file))) from None
    if len(plain) > MAX_UNPACKED:
        raise InputError(Problem(f"more than {MAX_UNPACKED // 2**20} MiB when unpacked", Origin(file)))
    return plain


def pages(content: bytes, file: str, known: Callable[[str], bool]) -> list[Map]:
    """The objects in a file one of which has a `known` key; none if it is something else.

    Raises InputError for text that starts as such an object and then is not JSON.
    """
    if content[:200].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] != b"{":
        return []
    text = decoded(content, file)
    with without_gc():
        scanner = _Scanner(text, file)
        try:
            found = list(scanner.objects())
        except json.JSONDecodeError as error:
            if any(map(known, scanner.keys)):
                problem = Problem("not JSON", Origin(file, error.lineno, error.colno))
                raise InputError(json_problem(error, text, file, problem)) from None
            return []
        except RecursionError:
            raise InputError(Problem(TOO_DEEP, place_of(text, scanner.at, file))) from None
    if not any(map(known, scanner.keys)) or "Resources" in scanner.keys:
        return []
    if _HALF(text):
        _refuse_halves(found, file)
    return found


def _refuse_halves(found: list[Map], file: str) -> None:
    try:
        json.dumps(found, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise InputError(Problem("half of a surrogate pair is not a character", Origin(file))) from None


class _Scanner:
    """Goes through a text value by value, and counts its lines on the way."""

    def __init__(self, text: str, file: str) -> None:
        self.text, self.file = text, file
        decoder: Any = json.JSONDecoder(parse_constant=str)
        self.scan = decoder.scan_once
        self.keys: set[str] = set()
        self.at = self.counted = 0
        self.line, self.line_start = 1, 0

    def objects(self) -> Iterator[Map]:
        self.skip()
        while self.at < len(self.text):
            yield self.object()
            self.skip()

    def skip(self) -> str:
        """Go to the next token, and give its first character."""
        match = _SPACE(self.text, self.at)
        self.at = match.end() if match else self.at
        return self.text[self.at : self.at + 1]

    def take(self, character: str, message: str) -> None:
        if self.skip() != character:
            raise json.JSONDecodeError(message, self.text, self.at)
        self.at += 1

    def place(self) -> tuple[int, int]:
        """The line and the column that this has come to."""
        self.line += self.text.count("\n", self.counted, self.at)
        self.line_start = self.text.rfind("\n", 0, self.at) + 1 if self.line > 1 else 0
        self.counted = self.at
        return self.line, self.at - self.line_start + 1

    def value(self) -> Any:
        self.skip()
        try:
            value, self.at = self.scan(self.text, self.at)
        except StopIteration as end:
            raise json.JSONDecodeError("Expecting value", self.text, end.value) from None
        except json.JSONDecodeError:
            raise
        except ValueError:
            raise InputError(Problem("a number of thousands of digits", Origin(self.file, *self.place()))) from None
        return value

    def object(self) -> Map:
        found = Answer(self.file, *self.place())
        self.take("{", "Expecting value")
        while self.skip() != "}":
            if found:
                self.take(",", "Expecting ',' delimiter")
            if self.skip() != '"':
                raise json.JSONDecodeError("Expecting property name enclosed in double quotes", self.text, self.at)
            self.entry(found)
        self.at += 1
        return found

    def entry(self, found: Map) -> None:
        start = self.place()
        key = self.value()
        self.keys.add(key)
        self.take(":", "Expecting ':' delimiter")
        first = self.skip()
        if key in found:
            raise InputError(Problem(f"duplicate key `{one_line(key)}`", Origin(self.file, *start)))
        found.places[key] = (*start, *self.place())
        found[key] = self.items() if first == "[" else self.value()

    def items(self) -> List:
        found = List(self.file, *self.place())
        self.at += 1
        while self.skip() != "]":
            if found:
                self.take(",", "Expecting ',' delimiter")
                self.skip()
            found.places.append(self.place())
            found.append(self.value())
        self.at += 1
        return found
