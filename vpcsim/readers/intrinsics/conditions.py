"""Condition functions and Fn::If.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-conditions.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from vpcsim.readers.intrinsics.values import NO_VALUE, Evaluator, Invalid, Unknown, arguments, first_unknown, text


def if_(stack: Evaluator, argument: Any) -> Any:
    """Fn::If: only the chosen value is evaluated. Page: intrinsic-function-reference-conditions."""
    if not isinstance(argument, list) or len(argument) != 3:
        raise Invalid("`Fn::If` takes [condition name, value if true, value if false]")
    holds = stack.named_condition(argument[0])
    return holds if isinstance(holds, Unknown) else stack.value(argument[1 if holds else 2])


def equals(stack: Evaluator, argument: Any) -> bool | Unknown:
    """Fn::Equals compares texts with their case; numbers and booleans as they are written."""
    left, right = arguments(stack, argument, "`Fn::Equals` takes [value, value]", 2)
    return first_unknown(left, right) or _comparable(left) == _comparable(right)


def _comparable(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _comparable(child) for key, child in value.items()}
    if isinstance(value, list):
        return [_comparable(child) for child in value]
    return value if value is None or value is NO_VALUE else text(value, "a compared value")


def _conditions(argument: Any, name: str) -> list[Any]:
    if not isinstance(argument, list) or not 2 <= len(argument) <= 10:
        raise Invalid(f"`{name}` takes a list of 2 to 10 conditions")
    return argument


def and_(stack: Evaluator, argument: Any) -> bool | Unknown:
    values = [stack.condition(node) for node in _conditions(argument, "Fn::And")]
    return False if False in values else first_unknown(*values) or True


def or_(stack: Evaluator, argument: Any) -> bool | Unknown:
    values = [stack.condition(node) for node in _conditions(argument, "Fn::Or")]
    return True if True in values else first_unknown(*values) or False


def not_(stack: Evaluator, argument: Any) -> bool | Unknown:
    if not isinstance(argument, list) or len(argument) != 1:
        raise Invalid("`Fn::Not` takes a list of one condition")
    holds = stack.condition(argument[0])
    return holds if isinstance(holds, Unknown) else not holds


CONDITIONS: dict[str, Callable[[Evaluator, Any], bool | Unknown]] = {
    "Condition": lambda stack, argument: stack.named_condition(argument),
    "Fn::And": and_,
    "Fn::Equals": equals,
    "Fn::Not": not_,
    "Fn::Or": or_,
}
