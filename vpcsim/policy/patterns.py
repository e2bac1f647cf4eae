"""Wildcards and policy variables.

`*` is any run of characters and `?` any one. In a resource's ARN each stays inside its colon-separated component, except that
a `*` that ends a component may run on past the colon; the sixth component, the resource itself, may hold any character.
A text is first marked: its wildcards become characters of the private use area, so that the `*` of `${*}` or of a variable's
value stays a plain character.

Sources, in https://docs.aws.amazon.com/IAM/latest/UserGuide/:
    reference_policies_elements_resource.html             wildcards in ARNs
    reference_policies_elements_condition_operators.html  wildcards of StringLike and ArnLike
    reference_policies_variables.html                     variables, default values, `${*}`, and variables with no value
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from vpcsim.policy.request import UNKNOWN, Unknown

STAR, ANY = "\ue000", "\ue001"
_MARKS = str.maketrans({"*": STAR, "?": ANY})
_UNMARKS = str.maketrans({STAR: "*", ANY: "?"})
_VARIABLE = re.compile(r"\$\{(?:(?P<literal>[*?$])|\s*(?P<key>[^{},'*?$]+?)\s*(?:,\s*'(?P<default>[^']*)'\s*)?)\}")


class Variable(NamedTuple):
    """A policy variable: the context key whose value takes its place, and what does if the request has no such key."""

    key: str
    default: str | None


Values: TypeAlias = Callable[[str], tuple[str, ...] | Unknown]


@lru_cache(maxsize=4096)
def mark(text: str) -> str:
    """`text` with its wildcards marked."""
    return text.translate(_MARKS)


def plain(marked: str) -> str:
    """The text that `marked` was made from, wildcards being plain characters."""
    return marked.translate(_UNMARKS)


@lru_cache(maxsize=4096)
def template(text: str) -> tuple[str | Variable, ...]:
    """The marked pieces of `text` and the variables between them."""
    pieces: list[str | Variable] = []
    end = 0
    for found in _VARIABLE.finditer(text):
        literal, key, default = found.group("literal", "key", "default")
        pieces += [mark(text[end : found.start()]), literal or Variable(key, default)]
        end = found.end()
    return (*pieces, mark(text[end:]))


def resolve(text: str, values: Values) -> str | Unknown | None:
    """`text` marked, each variable replaced by its value: None if a variable has no value, UNKNOWN if its value is not known.

    A multivalued key cannot be used as a variable.
    """
    resolved = [piece if isinstance(piece, str) else _value(piece, values) for piece in template(text)]
    if None in resolved:
        return None
    return UNKNOWN if UNKNOWN in resolved else "".join(map(str, resolved))


def _value(variable: Variable, values: Values) -> str | Unknown | None:
    found = values(variable.key)
    if isinstance(found, Unknown):
        return found
    return found[0] if len(found) == 1 else variable.default


def resolve_resource(text: str, values: Values) -> str | Unknown | None:
    """`resolve` for the Resource element, where variables stand only after the fifth colon: before it, UNKNOWN."""
    if "${" not in text:
        return mark(text)
    return UNKNOWN if text.partition("${")[0].count(":") < 5 else resolve(text, values)


@lru_cache(maxsize=4096)
def _glob(marked: str) -> re.Pattern[str]:
    return re.compile(_runs(marked), re.DOTALL)


def _runs(marked: str) -> str:
    first, *rest = marked.split(STAR)
    if not rest:
        return _letters(first, ".")
    # An atomic group tries no second place for a piece that was found, which would be of no use and can take forever.
    middle = "".join(f"(?>.*?{_letters(piece, '.')})" for piece in rest[:-1] if piece)
    return f"{_letters(first, '.')}{middle}.*{_letters(rest[-1], '.')}"


def _letters(piece: str, one: str) -> str:
    return one.join(re.escape(part) for part in piece.split(ANY))


def like(marked: str, text: str) -> bool:
    """Whether `text` matches, wildcards standing for any character."""
    if STAR in marked or ANY in marked:
        return marked == STAR or _glob(marked).fullmatch(text) is not None
    return marked == text


@lru_cache(maxsize=4096)
def _resource_glob(marked: str) -> re.Pattern[str]:
    *fields, resource = marked.split(":", 5)
    return re.compile("".join(_field(each) + ":" for each in fields) + _runs(resource), re.DOTALL)


def _field(marked: str) -> str:
    inner = re.sub(f"{STAR}+$", "", marked)
    expression = "[^:]*".join(_letters(piece, "[^:]") for piece in re.split(f"{STAR}+", inner))
    return expression if inner == marked else expression + ".*"


def resource_like(marked: str, arn: str) -> bool:
    """Whether a resource matches a pattern of the Resource element."""
    if STAR in marked or ANY in marked:
        return marked == STAR or _resource_glob(marked).fullmatch(arn) is not None
    return marked == arn


@lru_cache(maxsize=4096)
def _components(marked: str) -> tuple[str, ...]:
    parts = marked.split(":", 5)
    return (*parts, *[STAR] * (6 - len(parts))) if parts[-1].endswith(STAR) else tuple(parts)


def arn_like(marked: str, arn: str) -> bool:
    """Whether an ARN matches, each of its six components by itself. A final `*` also covers the components after it."""
    wanted, given = _components(marked), arn.split(":", 5)
    return len(given) == 6 and len(wanted) == 6 and all(map(like, wanted, given))
