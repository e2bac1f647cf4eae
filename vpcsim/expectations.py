"""What may be expected of an answer, and how an answer differs from it: one set of words for files, tests and Python.

faults(answer, {"verdict": "blocked", "code": "NO_ROUTE_TO_DESTINATION", "at": "myRouteTable"})
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, Protocol

from vpcsim.codes import Code
from vpcsim.errors import VpcsimError, nearest

VERDICTS = ("reachable", "blocked", "undecided")


class Status(StrEnum):
    """How an expectation ended."""

    PASSED = "passed"
    FAILED = "failed"
    UNDECIDED = "undecided"


class Unexpected(VpcsimError, AssertionError):
    """An answer that is not as a test expects; its text is the difference and the trace."""


class Answer(Protocol):
    """What an answer tells about itself."""

    @property
    def verdict(self) -> str: ...
    @property
    def codes(self) -> tuple[str, ...]: ...
    @property
    def at(self) -> str: ...
    @property
    def because(self) -> str: ...
    @property
    def fixes(self) -> tuple[str, ...]: ...
    @property
    def notes(self) -> tuple[str, ...]: ...
    def passes(self, place: str) -> bool: ...


def as_texts(value: Any) -> list[str]:
    """One value or several, as a list of texts."""
    if value is None:
        return []
    return [str(item) for item in value] if isinstance(value, list | tuple) else [str(value)]


def _verdict(answer: Answer, wanted: str) -> str:
    return "" if wanted == answer.verdict else f"expected {wanted}, predicted {answer.verdict}"


def _code(answer: Answer, wanted: str) -> str:
    return "" if wanted in answer.codes else f"expected code {wanted}, got {', '.join(answer.codes) or 'none'}"


def _at(answer: Answer, wanted: str) -> str:
    return "" if wanted == answer.at else f"expected at {wanted}, decided at {answer.at}"


def _via(answer: Answer, wanted: str) -> str:
    return "" if answer.passes(wanted) else f"expected via {wanted}"


def _not_via(answer: Answer, wanted: str) -> str:
    return f"expected not via {wanted}" if answer.passes(wanted) else ""


def _because(answer: Answer, wanted: str) -> str:
    return "" if wanted in answer.because else f"expected the reason to say `{wanted}`, it says `{answer.because}`"


def _fix(answer: Answer, wanted: str) -> str:
    return _among("fix", answer.fixes, wanted)


def _note(answer: Answer, wanted: str) -> str:
    return _among("note", answer.notes, wanted)


def _among(what: str, told: Sequence[str], wanted: str) -> str:
    said = "; ".join(f"`{text}`" for text in told) or "none"
    return "" if any(wanted in text for text in told) else f"expected a {what} to say `{wanted}`, got {said}"


WORDS: Mapping[str, Callable[[Any, str], str]] = {
    "verdict": _verdict,
    "code": _code,
    "at": _at,
    "via": _via,
    "not_via": _not_via,
    "because": _because,
    "fix": _fix,
    "note": _note,
}
"""What may be expected of the answer to a flow or a call. Each word takes one value; several must all be met."""


def faults(answer: Answer, expected: Mapping[str, Any]) -> list[str]:
    """How an answer differs from what is expected of it, a sentence for each difference. Other words are left alone."""
    found = (WORDS[word](answer, wanted) for word, value in expected.items() if word in WORDS for wanted in as_texts(value))
    return [fault for fault in found if fault]


def require(answer: Answer, **expected: Any) -> None:
    """Raise Unexpected, with the differences and the trace as its text, unless the answer is as expected."""
    __tracebackhide__ = True
    if unknown := next((word for word in expected if word not in WORDS), None):
        raise TypeError(f"`{unknown}` is nothing that can be expected: {', '.join(WORDS)}")
    if mistaken := [message for _, message in mistakes(expected)]:
        raise ValueError("; ".join(mistaken))
    if differences := faults(answer, expected):
        raise Unexpected("\n".join([*differences, "", str(answer)]))


def mistakes(expected: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What can be no expectation, with the word that it stands under."""
    verdict = expected.get("verdict")
    if verdict not in (None, *VERDICTS):
        yield "verdict", f"`{verdict}` is not one of {', '.join(VERDICTS)}"
    for code in as_texts(expected.get("code")):
        if code not in Code.__members__:
            close = nearest(code, Code.__members__)
            yield "code", f"`{code}` is not a code" + (f"; did you mean `{close}`?" if close else "")
