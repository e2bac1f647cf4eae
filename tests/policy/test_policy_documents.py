"""Reading documents.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html, and the pages of its elements.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from vpcsim.errors import InputError, Origin
from vpcsim.policy import Condition, PolicyDocument
from vpcsim.readers.document import parse

ALLOW = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}


def faults(value: object, name: str = "P") -> list[str]:
    with pytest.raises(InputError) as raised:
        PolicyDocument.parse(value, name)  # type: ignore[arg-type]
    return [problem.message for problem in raised.value.problems]


def test_one_value_and_a_list_of_one_are_the_same() -> None:
    lists = {"Effect": "Allow", "Action": ["sqs:SendMessage"], "Resource": ["*"], "Principal": {"AWS": ["111122223333"]}}
    bare = ALLOW | {"Principal": {"AWS": "111122223333"}}
    assert PolicyDocument.parse({"Statement": [lists]}).statements == PolicyDocument.parse({"Statement": bare}).statements


def test_text_and_object_are_the_same() -> None:
    value = {"Version": "2012-10-17", "Id": "mine", "Statement": [ALLOW | {"Sid": "Send"}]}
    assert PolicyDocument.parse(json.dumps(value), "P") == PolicyDocument.parse(value, "P")


def test_statement_knows_where_it_is_from() -> None:
    text = json.dumps({"Statement": [ALLOW, "@", ALLOW]}).replace('"@"', json.dumps(ALLOW | {"Sid": "Send"}))
    written: Any = parse(text.replace('{"Effect"', '\n{"Effect"'), "stack.yaml")
    document = PolicyDocument.parse(written, "app/inline", Origin("stack.yaml", 10))
    first, second, _ = document.statements
    assert (first.index, first.sid, first.origin, str(first)) == (1, "", Origin("stack.yaml", 2, 1), "`app/inline` statement 1")
    assert (second.origin, str(second)) == (Origin("stack.yaml", 3, 1), "`app/inline` statement 2 (`Send`)")
    assert (second.document, document.name, document.origin) == ("app/inline", "app/inline", Origin("stack.yaml", 10))
    assert str(PolicyDocument.parse({"Statement": ALLOW}).statements[0]) == "statement 1"


def test_version_decides_on_variables() -> None:
    assert [
        PolicyDocument.parse({"Version": v, "Statement": ALLOW}).statements[0].variables for v in ("2012-10-17", "2008-10-17")
    ] == [
        True,
        False,
    ]
    assert PolicyDocument.parse({"Statement": ALLOW}).version == "2008-10-17"


def test_condition_values_become_text() -> None:
    condition = {"Bool": {"a": True}, "NumericLessThan": {"b": [1, 2.5]}, "ForAnyValue:StringLikeIfExists": {"c": "x"}}
    assert PolicyDocument.parse({"Statement": ALLOW | {"Condition": condition}}).statements[0].conditions == (
        Condition("Bool", "a", ("true",)),
        Condition("NumericLessThan", "b", ("1", "2.5")),
        Condition("ForAnyValue:StringLikeIfExists", "c", ("x",)),
    )


FAULTS = [
    ([], ["`P`: not an object"]),
    ({}, ["`P`: no `Statement`"]),
    ({"Statement": []}, ["`P`: no `Statement`"]),
    ({"Statement": "x"}, ["`P` statement 1: not an object"]),
    ({"Statment": ALLOW}, ["`P`: unknown element `Statment`, did you mean `Statement`?", "`P`: no `Statement`"]),
    ({"Version": "2012", "Statement": ALLOW}, ["`P`: `Version` is `2012`, not `2008-10-17` or `2012-10-17`"]),
    ("{", ["`P`: not JSON: expecting property name enclosed in double quotes at line 1"]),
    ('{"Statement": 1, "Statement": 2}', ["`P`: `Statement` is given twice", "`P` statement 1: not an object"]),
]
STATEMENT_FAULTS = [
    ({"Effect": "allow"}, "`Effect` is `allow`, not `Allow` or `Deny`"),
    ({"Effect": None}, "no `Effect`"),
    ({"Actions": "a:b"}, "unknown element `Actions`, did you mean `Action`?"),
    ({"Zzz": 1}, "unknown element `Zzz`"),
    ({"NotAction": "a:b"}, "both `Action` and `NotAction`"),
    ({"NotResource": "*"}, "both `Resource` and `NotResource`"),
    ({"Principal": "*", "NotPrincipal": "*"}, "both `Principal` and `NotPrincipal`"),
    ({"Action": "SendMessage"}, "`SendMessage` is not an action: write `service:Name`"),
    ({"Action": []}, "`Action` is not a string or a list of strings"),
    ({"Resource": {"Ref": "Queue"}}, "`Resource` is not a string or a list of strings"),
    ({"Principal": "111122223333"}, "`Principal` is not `*` or an object"),
    ({"Principal": {"Aws": "111122223333"}}, "unknown kind of `Principal` `Aws`, did you mean `AWS`?"),
    ({"Principal": {"AWS": None}}, "`AWS` is not a string or a list of strings"),
    (
        {"Principal": {"AWS": "arn:aws:iam::111122223333:user/*"}},
        "`arn:aws:iam::111122223333:user/*` has a wildcard, which cannot match a part of a principal",
    ),
    ({"Condition": []}, "`Condition` is not an object"),
    ({"Condition": {"StringEqual": {"k": "x"}}}, "unknown condition operator `StringEqual`, did you mean `StringEquals`?"),
    ({"Condition": {"ForAll:StringEquals": {"k": "x"}}}, None),
    ({"Condition": {"NullIfExists": {"k": "true"}}}, "`Null` stands alone: `NullIfExists` is not an operator"),
    ({"Condition": {"ForAnyValue:Null": {"k": "true"}}}, "`Null` stands alone: `ForAnyValue:Null` is not an operator"),
    ({"Condition": {"Bool": "true"}}, "`Bool` is not an object"),
    ({"Condition": {"Bool": {"k": {}}}}, "the values of `k` in `Bool` are not strings, numbers or booleans"),
    ({"Condition": {"Bool": {"k": "yes"}}}, "`k`: `yes` is not a value that `Bool` can compare"),
    ({"Condition": {"NumericEquals": {"k": "NaN"}}}, "`k`: `NaN` is not a value that `NumericEquals` can compare"),
    ({"Condition": {"DateLessThan": {"k": "soon"}}}, "`k`: `soon` is not a value that `DateLessThan` can compare"),
    ({"Condition": {"IpAddress": {"k": "10.0.0"}}}, "`k`: `10.0.0` is not a value that `IpAddress` can compare"),
    ({"Condition": {"BinaryEquals": {"k": "%"}}}, "`k`: `%` is not a value that `BinaryEquals` can compare"),
]


@pytest.mark.parametrize(("value", "expected"), FAULTS)
def test_faults_of_a_document(value: object, expected: list[str]) -> None:
    assert faults(value) == expected


@pytest.mark.parametrize(("change", "expected"), STATEMENT_FAULTS)
def test_fault_of_a_statement(change: dict[str, object], expected: str | None) -> None:
    (message,) = faults({"Statement": [ALLOW, ALLOW | change]})
    assert message.startswith("`P` statement 2: ")
    assert expected is None or message == f"`P` statement 2: {expected}"


def test_every_fault_is_reported_at_its_place() -> None:
    text = '{"Statement": [\n {},\n {"Effect": "Allow", "Action": "*", "Resource": "*"},\n {"Effect": "Deny"}]}'
    written: Any = parse(text, "f.json")
    with pytest.raises(InputError) as raised:
        PolicyDocument.parse(written, "P")
    found = [(problem.origin.line if problem.origin else 0, problem.message) for problem in raised.value.problems]
    action, resource = (
        "no `Action` and no `NotAction`",
        "no `Resource` and no `NotResource`, which only a policy with `Principal` may leave out",
    )
    assert found == [
        (2, f"`P` statement 1: {action}"),
        (2, f"`P` statement 1: {resource}"),
        (2, "`P` statement 1: no `Effect`"),
        (4, f"`P` statement 3: {action}"),
        (4, f"`P` statement 3: {resource}"),
    ]


def test_only_a_policy_that_names_principals_may_leave_out_resource() -> None:
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}
    assert PolicyDocument.parse({"Statement": trust}).statements[0].resources == ()
