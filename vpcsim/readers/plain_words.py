"""What is wrong with a text, in plain words and on one line: the messages of libyaml, PyYAML and the json module."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from vpcsim.errors import Origin, Problem, nearest

if TYPE_CHECKING:
    from json import JSONDecodeError

MAX_DEPTH = 100
TOO_DEEP = f"nested deeper than {MAX_DEPTH} levels"
_QUOTED = "a quote that is opened here is never closed"
_SPACING = "`: ` is not expected here: quote a value that holds `: `, or correct the indentation"
_YAML_WORDS = (
    ("maximum nesting depth", TOO_DEEP),
    ("cannot start any token", "a tab is not expected here: put spaces, or the value in quotes"),
    ("mapping values are not allowed", _SPACING),
    ("block sequence entries are not allowed", "`- ` is not expected here: a list starts on a line of its own"),
    ("mapping keys are not allowed", "`? ` is not expected here: quote a value that starts with `? `"),
    ("could not find expected ':'", "not expected here: `: ` is missing behind a key, or the indentation is wrong"),
    ("unexpected end of stream", _QUOTED),
    ("unexpected document indicator", _QUOTED),
    ("expected key", "not expected here: wrong indentation, or text behind a complete value"),
    ("expected <block end>", "not expected here: wrong indentation, or text behind a complete value"),
    ("expected '-' indicator", "wrong indentation: the next `- ` of the list is expected here"),
    ("expected ',' or", "expected `,` or the closing bracket"),
    ("document start", "text follows the end of the document"),
    ("unknown escape character", "unknown escape: in double quotes a backslash is written `\\\\`, or use single quotes"),
    ("alphabetic or numeric character", "`*` and `&` start an alias or an anchor: put the value in quotes"),
    ("comment or line break", "nothing but a comment may follow `|` or `>` on its line"),
    ("comment or a line break", "nothing but a comment may follow `|` or `>` on its line"),
    ("undefined tag handle", "unknown tag"),
    ("incompatible YAML document", "this version of YAML is not known: write `%YAML 1.1`, or leave the line out"),
)
_OPENED = ("while scanning a quoted scalar", "while scanning a simple key")
_JSON_WORDS = (
    ("Expecting property name", "expected a key in double quotes"),
    ("Expecting ':' delimiter", "expected `:` after the key"),
    ("Expecting ',' delimiter", "expected `,` or the closing bracket"),
    ("Expecting value", "expected a value"),
    ("Illegal trailing comma", "a comma without anything behind it"),
    ("Extra data", "text follows the end of the document"),
    ("Invalid control character", "a line break or a control character inside a string: write it as an escape"),
    ("Invalid \\u", "`\\u` needs four hexadecimal digits"),
    ("Invalid \\escape", "unknown escape: in a string a backslash is written `\\\\`"),
    ("Unterminated string", _QUOTED),
)
_UNPRINTABLE = "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"


def one_line(text: str, longest: int = 60) -> str:
    """What the user wrote, for a message: without line breaks, and without what a terminal would take as a command."""
    line = " ".join(text[: 10 * longest].split())
    if not line.isprintable():
        line = "".join(character if character.isprintable() else "?" for character in line)
    return line if len(line) <= longest else line[: longest - 3] + "..."


def did_you_mean(name: str, known: Collection[str], before: str = "") -> str:
    """The end of a message about a name that is not known. Nothing among very many names: to compare them takes long."""
    near = nearest(name, known) if len(name) <= 100 and len(known) <= 2000 else None
    return f", did you mean `{before}{one_line(near)}`?" if near else ""


def place_of(text: str, offset: int, file: str) -> Origin:
    """The line and the column of a character."""
    return Origin(file, text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset))


def json_problem(error: JSONDecodeError, text: str, file: str, problem: Problem) -> Problem:
    """The json module's error, or the YAML parser's `problem` if the text is not meant to be JSON."""
    if not re.match(r'\s*(?:\{\s*["}]|\[)', text):
        return problem
    return Problem(json_words(error), Origin(file, error.lineno, error.colno))


def json_words(error: JSONDecodeError) -> str:
    """The json module's error in plain words."""
    return next((words for part, words in _JSON_WORDS if error.msg.startswith(part)), one_line(error.msg.lower()))


def yaml_problem(error: Any, text: str, file: str) -> Problem:
    """The problem that libyaml or PyYAML reports, in plain words."""
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        return _control_character(text, file)
    if (error.context or "") in _OPENED:
        mark = error.context_mark or mark
    message = _yaml_words(str(error.problem), text, mark)
    if "flow" in (error.context or "") and error.context_mark and mark.index >= len(text.rstrip()):
        mark, message = error.context_mark, "a bracket that is opened here is never closed"
    return Problem(message, Origin(file, mark.line + 1, mark.column + 1))


def _control_character(text: str, file: str) -> Problem:
    found = re.search(_UNPRINTABLE, text)
    if not found:
        return Problem("not a text file", Origin(file))
    return Problem(f"the control character U+{ord(found[0]):04X} cannot be in a text file", place_of(text, found.start(), file))


def _yaml_words(problem: str, text: str, mark: Any) -> str:
    at = text[mark.index : mark.index + 1]
    line = text[text.rfind("\n", 0, mark.index) + 1 : mark.index + 1]
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return "a tab indents this line: YAML is indented with spaces"
    if at == "!" and "expected" in problem:
        return "two short forms cannot follow each other: write the outer one in its long form, as in `Fn::Base64: !Sub ...`"
    if "cannot start any token" in problem and at != "\t":
        return f"a value cannot start with `{one_line(at)}`: put it in quotes"
    for part, words in _YAML_WORDS:
        if part in problem:
            return words
    return one_line(problem[:1].lower() + problem[1:])
