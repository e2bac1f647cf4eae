"""The condition operators, and whether one condition of a statement holds for a request.

A condition is true, false, or None: undecided, because a value it needs is UNKNOWN. A key that is absent makes a condition
false and a negated one true; `...IfExists` and `ForAllValues:` make it true and `ForAnyValue:` false. The values of one key are
alternatives (of a negated operator: none of them may match). A key with several values needs `ForAllValues:` or `ForAnyValue:`;
without, only what all its values agree on is decided.

Sources, in https://docs.aws.amazon.com/IAM/latest/UserGuide/:
    reference_policies_elements_condition_operators.html                  every operator, and absent keys
    reference_policies_condition-single-vs-multi-valued-context-keys.html ForAllValues and ForAnyValue
    reference_policies_condition-logic-multiple-context-keys-or-values.html  several values, and negated operators
"""

from __future__ import annotations

import base64
import operator as compare
import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any, NamedTuple, TypeAlias

from vpcsim.policy.patterns import arn_like, like, mark, plain, resolve
from vpcsim.policy.request import Request, Unknown

Parse: TypeAlias = Callable[[str], Any]
Test: TypeAlias = Callable[[Any, Any], bool]


class Condition(NamedTuple):
    """One key of one operator of a Condition element, with the values it is compared with."""

    operator: str
    key: str
    values: tuple[str, ...]


class Verdict(NamedTuple):
    """Whether a condition holds (None: undecided) and, unless it does, why in a few words."""

    holds: bool | None
    why: str = ""


class Operator(NamedTuple):
    """One row of the table. `parse` gives None for a text that is not of the operator's type."""

    parse: Parse
    test: Test
    negated: bool = False
    variables: bool = False
    wildcards: bool = False

    def matches(self, wanted: str, given: str) -> bool:
        """Whether the request's value matches the policy's, which is marked."""
        if self.wildcards:
            return self.test(wanted, given)
        value, bound = self.parse(given), self.parse(plain(wanted))
        return value is not None and bound is not None and self.test(value, bound)


def conjunction(values: Iterable[bool | None]) -> bool | None:
    """All of them, where None is undecided."""
    seen = set(values)
    return False if False in seen else None if None in seen else True


def disjunction(values: Iterable[bool | None]) -> bool | None:
    """Any of them, where None is undecided."""
    undecided = False
    for value in values:
        if value:
            return True
        undecided = undecided or value is None
    return None if undecided else False


@lru_cache(maxsize=1024)
def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


_SHORT_DATE = {r"\d{4}": "-01-01", r"\d{4}-\d{2}": "-01"}


@lru_cache(maxsize=1024)
def _date(text: str) -> datetime | None:
    rest = next((rest for form, rest in _SHORT_DATE.items() if re.fullmatch(form, text)), "")
    try:
        moment = datetime.fromisoformat(text + rest) if rest or "-" in text[1:] else datetime.fromtimestamp(float(text), UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _boolean(text: str) -> bool | None:
    return {"true": True, "false": False}.get(text.lower())


def _binary(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return None


@lru_cache(maxsize=1024)
def _network(text: str) -> IPv4Network | IPv6Network | None:
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


def _within(given: IPv4Network | IPv6Network, wanted: IPv4Network | IPv6Network) -> bool:
    if isinstance(given, IPv4Network):
        return isinstance(wanted, IPv4Network) and given.subnet_of(wanted)
    return isinstance(wanted, IPv6Network) and given.subnet_of(wanted)


_ORDERED: dict[str, tuple[Test, bool]] = {
    "Equals": (compare.eq, False),
    "NotEquals": (compare.eq, True),
    "LessThan": (compare.lt, False),
    "LessThanEquals": (compare.le, False),
    "GreaterThan": (compare.gt, False),
    "GreaterThanEquals": (compare.ge, False),
}
_EQUAL = Operator(str, compare.eq, variables=True)
_EQUAL_FOLDED = Operator(str.lower, compare.eq, variables=True)
_LIKE = Operator(str, like, variables=True, wildcards=True)
_ARN = Operator(str, arn_like, variables=True, wildcards=True)
_IP = Operator(_network, _within)

OPERATORS: dict[str, Operator] = {
    "StringEquals": _EQUAL,
    "StringNotEquals": _EQUAL._replace(negated=True),
    "StringEqualsIgnoreCase": _EQUAL_FOLDED,
    "StringNotEqualsIgnoreCase": _EQUAL_FOLDED._replace(negated=True),
    "StringLike": _LIKE,
    "StringNotLike": _LIKE._replace(negated=True),
    **{f"Numeric{name}": Operator(_number, test, negated) for name, (test, negated) in _ORDERED.items()},
    **{f"Date{name}": Operator(_date, test, negated) for name, (test, negated) in _ORDERED.items()},
    "Bool": Operator(_boolean, compare.eq, variables=True),
    "BinaryEquals": Operator(_binary, compare.eq),
    "IpAddress": _IP,
    "NotIpAddress": _IP._replace(negated=True),
    "ArnEquals": _ARN,
    "ArnLike": _ARN,
    "ArnNotEquals": _ARN._replace(negated=True),
    "ArnNotLike": _ARN._replace(negated=True),
    "Null": Operator(_boolean, compare.eq),
}
"""Every operator by its name, without the `ForAllValues:` or `ForAnyValue:` before it and the `IfExists` after it."""


class Form(NamedTuple):
    """An operator as a policy writes it, taken apart."""

    quantifier: str
    name: str
    if_exists: bool


@lru_cache(maxsize=256)
def form_of(written: str) -> Form:
    """Take an operator's name apart. The part in the middle need not be one of OPERATORS."""
    quantifier, colon, name = written.rpartition(":")
    return Form(quantifier + colon, name.removesuffix("IfExists"), name.endswith("IfExists"))


def value_problem(written: str, value: str) -> str:
    """What is wrong with a value of a condition whose operator exists, or nothing."""
    operator = OPERATORS[form_of(written).name]
    if operator.parse(value) is not None or (operator.variables and "${" in value):
        return ""
    return f"`{value}` is not a value that `{written}` can compare"


def verdict(condition: Condition, request: Request, variables: bool) -> Verdict:
    """Whether a condition holds. `variables`: whether the document's version has policy variables."""
    given, form = request.values(condition.key), form_of(condition.operator)
    if isinstance(given, Unknown):
        return Verdict(None, f"`{condition.key}` is not known")
    if form.name == "Null":
        absent = "false" if given else "true"
        return _explained(condition, given, absent in map(str.lower, condition.values))
    values = tuple(filter(None, given)) if form.quantifier else given
    if not values:
        return _explained(condition, given, _of_absent_key(form, absent=not given))
    return _of_values(condition, form, values, request, variables)


def _of_absent_key(form: Form, absent: bool) -> bool:
    if form.if_exists and absent:
        return True
    return form.quantifier == "ForAllValues:" if form.quantifier else OPERATORS[form.name].negated


def _of_values(condition: Condition, form: Form, values: tuple[str, ...], request: Request, variables: bool) -> Verdict:
    operator = OPERATORS[form.name]
    wanted = [_wanted(value, operator, request, variables) for value in condition.values]
    each = [_of_value(operator, wanted, value) for value in values]
    if form.quantifier == "ForAnyValue:":
        return _explained(condition, values, disjunction(each))
    if form.quantifier or len(set(each)) == 1:
        return _explained(condition, values, conjunction(each))
    return Verdict(None, f"`{condition.key}` has several values, and `{condition.operator}` no `ForAllValues:` or `ForAnyValue:`")


def _wanted(value: str, operator: Operator, request: Request, variables: bool) -> str | Unknown | None:
    return resolve(value, request.values) if variables and operator.variables else mark(value)


def _of_value(operator: Operator, wanted: list[str | Unknown | None], value: str) -> bool | None:
    """A variable with no value matches nothing, so it leaves a negated operator true."""
    matched = disjunction(
        None if isinstance(text, Unknown) else text is not None and operator.matches(text, value) for text in wanted
    )
    return not matched if operator.negated and matched is not None else matched


def _explained(condition: Condition, values: tuple[str, ...], holds: bool | None) -> Verdict:
    if holds:
        return Verdict(True)
    if holds is None:
        return Verdict(None, f"a variable in `{condition.operator}` of `{condition.key}` is not known")
    has = " and ".join(f"`{value}`" for value in values)
    return Verdict(False, f"`{condition.operator}` of `{condition.key}` does not hold: the request has {has or 'no such key'}")
