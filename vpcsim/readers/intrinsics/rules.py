"""The Rules section: what the parameters must be together, checked before a stack is created.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/rules-section-structure.html,
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-rules.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from vpcsim.readers.document import List, Map
from vpcsim.readers.intrinsics.conditions import CONDITIONS
from vpcsim.readers.intrinsics.values import Evaluator, Invalid, Unknown, arguments, first_unknown, kind, place

BOOTSTRAP = "CheckBootstrapVersion"
"""The rule of CDK about the account that it deploys to, which is no matter of the network."""


def contains(stack: Evaluator, argument: Any) -> bool | Unknown:
    """Fn::Contains: whether a list holds a text."""
    items, wanted = arguments(stack, argument, "`Fn::Contains` takes [list, text]", 2)
    return first_unknown(items, wanted) or wanted in _list(items)


def each_member_equals(stack: Evaluator, argument: Any) -> bool | Unknown:
    """Fn::EachMemberEquals: whether every item of a list is this text."""
    items, wanted = arguments(stack, argument, "`Fn::EachMemberEquals` takes [list, text]", 2)
    return first_unknown(items, wanted) or all(item == wanted for item in _list(items))


def each_member_in(stack: Evaluator, argument: Any) -> bool | Unknown:
    """Fn::EachMemberIn: whether every item of the first list is in the second one."""
    items, others = arguments(stack, argument, "`Fn::EachMemberIn` takes [list, list]", 2)
    return first_unknown(items, others) or all(item in _list(others) for item in _list(items))


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise Invalid(f"a list is expected, not {kind(value)}")
    return value


ASSERTIONS: dict[str, Callable[[Evaluator, Any], bool | Unknown]] = {
    **{name: function for name, function in CONDITIONS.items() if name != "Condition"},
    "Fn::Contains": contains,
    "Fn::EachMemberEquals": each_member_equals,
    "Fn::EachMemberIn": each_member_in,
}
"""In place of what parameters of AWS's types stand for (Fn::RefAll, Fn::ValueOf, Fn::ValueOfAll), nothing is known."""


def check_rules(rules: Map, stack: Any) -> None:
    """Report every assertion that does not hold, and every one that cannot be judged."""
    for name, rule in rules.items():
        if isinstance(rule, Map) and name != BOOTSTRAP:
            stack.attempt(lambda name=name, rule=rule: _check(name, rule, stack), place(rules, name))
        elif not isinstance(rule, Map):
            stack.report.problem(f"the rule `{name}` must be a mapping, not {kind(rule)}", place(rules, name))


def _check(name: str, rule: Map, stack: Any) -> None:
    if "RuleCondition" in rule:
        applies = stack.assertion(rule["RuleCondition"])
        if isinstance(applies, Unknown):
            stack.report.notice(
                f"nobody can say whether the rule `{name}` applies: {applies.reason}", place(rule, "RuleCondition")
            )
        if applies is not True:
            return
    assertions = rule.get("Assertions")
    for item in assertions if isinstance(assertions, List) else []:
        if not isinstance(item, Map) or "Assert" not in item:
            raise Invalid(f"the rule `{name}` has an assertion without `Assert`")
        holds = stack.assertion(item["Assert"])
        if isinstance(holds, Unknown):
            stack.report.notice(f"nobody can say whether the rule `{name}` holds: {holds.reason}", place(item, "Assert"))
        elif not holds:
            stack.report.problem(
                f"the rule `{name}` is broken: {item.get('AssertDescription', 'it has no description')}", item.origin
            )
