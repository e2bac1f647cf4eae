"""Where a thing was written, what is wrong with it, and the exceptions that say so.

VpcsimError                 everything this package raises on purpose
├── InputError              a file or a question that cannot be used; carries `problems`
├── RefusedError            a configuration that AWS itself rejects; carries `problems`
├── UnknownName             a name that the model does not hold; carries the nearest one
└── Undecided               what the model does not hold decides what a program would experience
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple


class Origin(NamedTuple):
    """The place in the user's input that a resource or a rule comes from. Lines and columns count from 1; 0 is unknown."""

    file: str
    line: int = 0
    column: int = 0
    path: str = ""

    def __str__(self) -> str:
        place = self.file
        if self.line:
            place += f":{self.line}"
            if self.column:
                place += f":{self.column}"
        return place


def one_line(text: str) -> str:
    """A message as a terminal may show it: on one line, without what would command it, very long words shortened."""
    line = " ".join(text.split())
    if not line.isprintable():
        line = "".join(character if character.isprintable() else "?" for character in line)
    return _LONG_WORD.sub(lambda match: f"{match[0][:80]}...", line)


_LONG_WORD = re.compile(r"[^\s`]{120,}")


class Problem(NamedTuple):
    """One thing that is wrong, in one line. `code` is AWS's own error code where AWS would refuse the configuration."""

    message: str
    origin: Origin | None = None
    code: str = ""
    refused: bool = False

    def __str__(self) -> str:
        text = one_line(f"refused: {self.message}" if self.refused else self.message)
        return f"{self.origin}: {text}" if self.origin else text


class Skipped(NamedTuple):
    """A statement of the input that is left out, and why."""

    id: str
    type: str
    origin: Origin | None
    reason: str = "not modelled"
    name: str = ""
    unknown: bool = False
    """Whether it is left out because a value of it is not known, so that questions about it are undecided."""


class Doubt(NamedTuple):
    """A value that the input needs and does not hold: what it leaves open about the resource `about`."""

    about: str
    reason: str
    origin: Origin | None = None
    properties: frozenset[str] = frozenset()
    """The API's names of the fields that it may change: all of them if empty. `network_acl` on what has one: which one it is."""
    part: Mapping[str, Any] | None = None
    """What is known of an item that such a list lacks; `{}` in place of an item inside. None: nothing is."""
    adds: bool = False
    """Whether it could only add to what is known of a list."""
    names: tuple[str, ...] = ()
    """The domains for which the resource may answer; an empty one stands for all names."""
    vpcs: tuple[str, ...] = ()
    """From where the names are asked: everywhere if empty."""

    def __str__(self) -> str:
        return self.reason


class VpcsimError(Exception):
    """The root of every exception that vpcsim raises on purpose."""


class InputError(VpcsimError):
    """A file or a question that cannot be used. `problems` holds one line per thing that is wrong."""

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = (problems,) if isinstance(problems, Problem) else tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


class RefusedError(InputError):
    """A configuration that AWS itself rejects: each problem names AWS's rule and, where it has one, AWS's error code."""


class UnknownName(VpcsimError):
    """A name that the model does not hold."""

    def __init__(self, what: str, name: str, known: Sequence[str] = ()) -> None:
        self.name = name
        self.nearest = nearest(name, known)
        hint = f", did you mean `{self.nearest}`?" if self.nearest else ""
        super().__init__(one_line(f"no {what} `{name}`{hint}"))


class Undecided(VpcsimError):
    """A program on an instance did what the model cannot answer: the reason says what is missing."""


def with_article(noun: str) -> str:
    """`an instance`, `a route table`."""
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun}"


def nearest(name: str, known: Iterable[str], close: float = 0.6) -> str | None:
    """The known name that looks most like `name`, or None if none is `close`. Letter case does not count."""
    from difflib import get_close_matches

    folded: dict[str, str] = {}
    for candidate in known:
        folded.setdefault(candidate.lower(), candidate)
    matches = get_close_matches(name.lower(), list(folded), n=1, cutoff=close)
    return folded[matches[0]] if matches else None
