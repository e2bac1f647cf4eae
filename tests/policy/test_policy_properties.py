"""What holds of every set of policies, by https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from vpcsim.policy import UNKNOWN, PolicyDocument, PolicySet, Request, evaluate
from vpcsim.policy.patterns import like, mark, resource_like

ACCOUNT = "111122223333"
PRINCIPALS = [f"arn:aws:iam::{ACCOUNT}:user/a", f"arn:aws:sts::{ACCOUNT}:assumed-role/r/s", f"arn:aws:iam::{ACCOUNT}:root", "*"]
NAMED = st.sampled_from(["*", *({"AWS": principal} for principal in PRINCIPALS[:3]), {"AWS": "444455556666"}])
CONDITIONS = st.sampled_from(
    [{}, {"StringEquals": {"k": "x"}}, {"StringNotEquals": {"k": "x"}}, {"Null": {"k": "true"}}, {"Bool": {"u": "true"}}]
)
STATEMENTS = st.fixed_dictionaries(
    {
        "Effect": st.sampled_from(["Allow", "Allow", "Deny"]),
        "Action": st.lists(st.sampled_from(["*", "sqs:*", "SQS:sendmessage", "s3:*"]), min_size=1, max_size=2),
        "Resource": st.sampled_from(["*", "arn:aws:sqs:*", "arn:aws:s3:::b"]),
        "Principal": NAMED,
        "Condition": CONDITIONS,
    }
)
DOCUMENTS = st.lists(STATEMENTS, min_size=1, max_size=4)
LISTS = st.lists(DOCUMENTS, max_size=2)
SETS = st.fixed_dictionaries(
    {
        "identity": LISTS,
        "boundary": st.none() | LISTS,
        "session": st.none() | LISTS,
        "resource": st.none() | DOCUMENTS,
        "gate": st.none() | DOCUMENTS,
        "scp": st.none() | st.lists(LISTS, max_size=2),
        "rcp": st.none() | st.lists(LISTS, max_size=2),
        "resource_policy_required": st.booleans(),
    }
)
REQUESTS = st.builds(
    Request,
    st.sampled_from(PRINCIPALS),
    st.just("sqs:SendMessage"),
    st.sampled_from([f"arn:aws:sqs:eu-west-1:{ACCOUNT}:q", "arn:aws:sqs:eu-west-1:444455556666:q"]),
    st.sampled_from([{}, {"k": "x"}, {"k": UNKNOWN}, {"u": UNKNOWN}]),
)
ALLOW_ALL = {"Effect": "Allow", "Action": "*", "Resource": "*", "Principal": "*"}
DENY_ALL = ALLOW_ALL | {"Effect": "Deny"}


def parsed(value: Any) -> Any:
    """Documents in place of their lists of statements, at any depth."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return PolicyDocument.parse({"Version": "2012-10-17", "Statement": value})
    return [parsed(each) for each in value] if isinstance(value, list) else value


def policy_set(value: dict[str, Any]) -> PolicySet:
    return PolicySet(**{key: parsed(each) for key, each in value.items()})


def reversed_deep(value: Any) -> Any:
    return [reversed_deep(each) for each in reversed(value)] if isinstance(value, list) else value


def without_deny(value: Any) -> Any:
    if isinstance(value, list):
        return [without_deny(each) for each in value]
    return value | {"Effect": "Allow"} if isinstance(value, dict) else value


@settings(deadline=None)
@given(SETS, REQUESTS, st.sampled_from(["identity", "resource", "gate", "boundary", "session"]))
def test_a_deny_of_everything_never_leaves_the_request_allowed(value: dict[str, Any], request: Request, where: str) -> None:
    changed = value | {where: [DENY_ALL] if where in ("resource", "gate") else [*(value[where] or []), [DENY_ALL]]}
    assert evaluate(request, policy_set(changed)).allowed is False


@settings(deadline=None)
@given(SETS, REQUESTS, STATEMENTS)
def test_one_more_deny_never_allows_more(value: dict[str, Any], request: Request, statement: dict[str, Any]) -> None:
    more = value | {"identity": [*value["identity"], [statement | {"Effect": "Deny"}]]}
    before, after = evaluate(request, policy_set(value)).allowed, evaluate(request, policy_set(more)).allowed
    assert after is before or after is False or (before is True and after is None)


@settings(deadline=None)
@given(SETS, REQUESTS, STATEMENTS)
def test_one_more_allow_never_allows_less(value: dict[str, Any], request: Request, statement: dict[str, Any]) -> None:
    more = value | {"identity": [*value["identity"], [statement | {"Effect": "Allow"}]]}
    before, after = evaluate(request, policy_set(value)).allowed, evaluate(request, policy_set(more)).allowed
    assert after is before or after is True or (before is False and after is None)


@settings(deadline=None)
@given(SETS, REQUESTS)
def test_order_never_matters(value: dict[str, Any], request: Request) -> None:
    turned = {key: reversed_deep(each) for key, each in value.items()}
    assert evaluate(request, policy_set(value)).allowed is evaluate(request, policy_set(turned)).allowed


@settings(deadline=None)
@given(SETS, REQUESTS)
def test_allowing_everything_everywhere_without_a_deny_allows(value: dict[str, Any], request: Request) -> None:
    full = {key: without_deny(each) for key, each in value.items()} | {"resource": [ALLOW_ALL], "identity": [[ALLOW_ALL]]}
    for key in ("boundary", "session", "gate"):
        full[key] = [[ALLOW_ALL], *(full[key] or [])] if key != "gate" else [ALLOW_ALL, *(full[key] or [])]
    full["scp"] = [[[ALLOW_ALL], *level] for level in full["scp"] or []]
    assert evaluate(request, policy_set(full)).allowed is True


@settings(deadline=None)
@given(SETS, REQUESTS)
def test_nothing_is_allowed_without_an_allow(value: dict[str, Any], request: Request) -> None:
    denied = replace(policy_set(value), identity=(), resource=None)
    own = request.principal.endswith(":root") and request.same_account and not denied.resource_policy_required
    assert evaluate(request, denied).allowed is False or own


@settings(deadline=None)
@given(SETS, REQUESTS, st.sampled_from(["x", "true", "y"]))
def test_what_is_decided_holds_for_every_value_of_what_is_unknown(value: dict[str, Any], request: Request, known: str) -> None:
    policies = policy_set(value)
    decided = evaluate(request, policies).allowed
    context = {key: known if each is UNKNOWN else each for key, each in request.context.items()}
    absent = {key: each for key, each in request.context.items() if each is not UNKNOWN}
    for settled in (context, absent):
        answer = evaluate(replace(request, context=settled), policies).allowed
        assert answer is not None
        assert decided is None or answer is decided


TEXTS = st.text("ab:/*?.", max_size=8)


def expression(pattern: str) -> str:
    return "".join({"*": ".*", "?": "."}.get(each, re.escape(each)) for each in pattern)


@settings(deadline=None)
@given(TEXTS, TEXTS)
def test_wildcards_are_any_run_and_any_one_character(pattern: str, text: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html"""
    assert like(mark(pattern), text) is (re.fullmatch(expression(pattern), text, re.DOTALL) is not None)


@settings(deadline=None)
@given(TEXTS, TEXTS)
def test_the_resource_part_of_an_arn_has_the_same_wildcards(pattern: str, text: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html"""
    arn = "arn:aws:s3:::"
    assert resource_like(mark(arn + pattern), arn + text) is like(mark(pattern), text)


@settings(deadline=None)
@given(SETS, REQUESTS, st.sampled_from(["boundary", "session", "gate", "scp", "rcp"]))
def test_what_limits_never_grants(value: dict[str, Any], request: Request, where: str) -> None:
    """Boundaries, session policies, the gate's policy and those of organizations allow nothing by themselves."""
    limited, free = evaluate(request, policy_set(value)), evaluate(request, policy_set(value | {where: None}))
    assert limited.allowed is not True or free.allowed is True


@settings(deadline=None)
@given(SETS, REQUESTS, STATEMENTS, st.sampled_from(["resource", "gate"]))
def test_one_more_deny_of_a_resource_or_a_gate_never_allows_more(
    value: dict[str, Any], request: Request, statement: dict[str, Any], where: str
) -> None:
    """A document with a statement more; where there was none, one that allowed everything."""
    before = value[where] or [ALLOW_ALL]
    given = value | {where: before}
    more = value | {where: [*before, statement | {"Effect": "Deny"}]}
    first, then = evaluate(request, policy_set(given)).allowed, evaluate(request, policy_set(more)).allowed
    assert then is first or then is False or (first is True and then is None)


@settings(deadline=None)
@given(SETS, REQUESTS)
def test_what_determines_was_considered_and_has_the_effect(value: dict[str, Any], request: Request) -> None:
    decision = evaluate(request, policy_set(value))
    assert {id(each) for each in decision.determining} <= {id(each) for each in decision.considered}
    if decision.allowed is not None:
        assert {each.effect for each in decision.determining} <= {"Allow" if decision.allowed else "Deny"}
