"""Every row is one rule of a page in https://docs.aws.amazon.com/IAM/latest/UserGuide/, named by the URL in the row."""

from __future__ import annotations

import pytest

from vpcsim.policy import OPERATORS, UNKNOWN, ContextValue, PolicyDocument, PolicySet, Request, evaluate

GUIDE = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
OPERATOR = GUIDE + "reference_policies_elements_condition_operators.html"
SETS = GUIDE + "reference_policies_condition-single-vs-multi-valued-context-keys.html"
LOGIC = GUIDE + "reference_policies_condition-logic-multiple-context-keys-or-values.html"
NAMES = GUIDE + "reference_policies_elements_condition.html"
VARIABLES = GUIDE + "reference_policies_variables.html"
VERSION = GUIDE + "reference_policies_elements_version.html"

Context = dict[str, ContextValue]
Row = tuple[dict[str, object], Context, bool | None, str]
USER = "arn:aws:iam::111122223333:user/ops/nia"


def holds(condition: dict[str, object], context: Context, version: str = "2012-10-17") -> bool | None:
    statement = {"Effect": "Allow", "Action": "sqs:*", "Resource": "*", "Condition": condition}
    document = PolicyDocument.parse({"Version": version, "Statement": statement})
    request = Request(USER, "sqs:SendMessage", "arn:aws:sqs:eu-west-1:111122223333:jobs", context)
    return evaluate(request, PolicySet(identity=[document])).allowed


STRINGS: list[Row] = [
    ({"StringEquals": {"k": "blue"}}, {"k": "blue"}, True, OPERATOR),
    ({"StringEquals": {"k": "blue"}}, {"k": "Blue"}, False, OPERATOR),
    ({"StringEquals": {"k": "bl*"}}, {"k": "blue"}, False, OPERATOR),
    ({"StringEquals": {"k": "bl*"}}, {"k": "bl*"}, True, OPERATOR),
    ({"StringNotEquals": {"k": "blue"}}, {"k": "red"}, True, OPERATOR),
    ({"StringNotEquals": {"k": "blue"}}, {"k": "blue"}, False, OPERATOR),
    ({"StringEqualsIgnoreCase": {"k": "Blue"}}, {"k": "bLUE"}, True, OPERATOR),
    ({"StringNotEqualsIgnoreCase": {"k": "Blue"}}, {"k": "bLUE"}, False, OPERATOR),
    ({"StringLike": {"k": "b?u*"}}, {"k": "blue/sky"}, True, OPERATOR),
    ({"StringLike": {"k": "lu"}}, {"k": "blue"}, False, OPERATOR),
    ({"StringLike": {"k": "B*"}}, {"k": "blue"}, False, OPERATOR),
    ({"StringLike": {"k": ""}}, {"k": ""}, True, OPERATOR),
    ({"StringLike": {"k": "*"}}, {"k": ""}, True, OPERATOR),
    ({"StringLike": {"k": "a.c"}}, {"k": "abc"}, False, OPERATOR),
    ({"StringNotLike": {"k": "b*"}}, {"k": "blue"}, False, OPERATOR),
    ({"StringNotLike": {"k": "b*"}}, {"k": "red"}, True, OPERATOR),
]
NUMBERS: list[Row] = [
    ({"NumericEquals": {"k": "10"}}, {"k": "10.0"}, True, OPERATOR),
    ({"NumericEquals": {"k": 10}}, {"k": "10"}, True, OPERATOR),
    ({"NumericNotEquals": {"k": "10"}}, {"k": "10"}, False, OPERATOR),
    ({"NumericLessThan": {"k": "10"}}, {"k": "9"}, True, OPERATOR),
    ({"NumericLessThan": {"k": "10"}}, {"k": "10"}, False, OPERATOR),
    ({"NumericLessThanEquals": {"k": "10"}}, {"k": "10"}, True, OPERATOR),
    ({"NumericGreaterThan": {"k": "9"}}, {"k": "10"}, True, OPERATOR),
    ({"NumericGreaterThan": {"k": "10"}}, {"k": "10"}, False, OPERATOR),
    ({"NumericGreaterThanEquals": {"k": "-2.5"}}, {"k": "-2.5"}, True, OPERATOR),
    ({"NumericEquals": {"k": "10"}}, {"k": "ten"}, False, OPERATOR),
    ({"NumericNotEquals": {"k": "10"}}, {"k": "ten"}, True, OPERATOR),
]
DATES: list[Row] = [
    ({"DateEquals": {"k": "2024-05-01T10:00:00Z"}}, {"k": "2024-05-01T12:00:00+02:00"}, True, OPERATOR),
    ({"DateEquals": {"k": "1714557600"}}, {"k": "2024-05-01T10:00:00Z"}, True, OPERATOR),
    ({"DateNotEquals": {"k": "2024"}}, {"k": "2024-01-01T00:00:00Z"}, False, OPERATOR),
    ({"DateLessThan": {"k": "2024-05"}}, {"k": "2024-04-30"}, True, OPERATOR),
    ({"DateLessThanEquals": {"k": "2024-05-01"}}, {"k": "2024-05-01T00:00:01Z"}, False, OPERATOR),
    ({"DateGreaterThan": {"k": "2020-01-01T00:00:01Z"}}, {"k": "2020-01-01T00:00:02Z"}, True, OPERATOR),
    ({"DateGreaterThanEquals": {"k": "2020-01-01"}}, {"k": "2019-12-31T23:59:59.5Z"}, False, OPERATOR),
    ({"DateEquals": {"k": "2020-01-01"}}, {"k": "not a date"}, False, OPERATOR),
]
TYPED: list[Row] = [
    ({"Bool": {"k": "true"}}, {"k": "true"}, True, OPERATOR),
    ({"Bool": {"k": True}}, {"k": "True"}, True, OPERATOR),
    ({"Bool": {"k": "false"}}, {"k": "true"}, False, OPERATOR),
    ({"Bool": {"k": "${aws:MultiFactorAuthPresent}"}}, {"k": "true", "aws:MultiFactorAuthPresent": "true"}, True, OPERATOR),
    ({"BinaryEquals": {"k": "dnBj"}}, {"k": "dnBj"}, True, OPERATOR),
    ({"BinaryEquals": {"k": "dnBj"}}, {"k": "dnBk"}, False, OPERATOR),
    ({"BinaryEquals": {"k": "dnBj"}}, {"k": "?"}, False, OPERATOR),
    ({"IpAddress": {"k": "203.0.113.0/24"}}, {"k": "203.0.113.255"}, True, OPERATOR),
    ({"IpAddress": {"k": "203.0.113.0/24"}}, {"k": "203.0.114.0"}, False, OPERATOR),
    ({"IpAddress": {"k": "203.0.113.9/24"}}, {"k": "203.0.113.1"}, True, OPERATOR),
    ({"IpAddress": {"k": "203.0.113.7"}}, {"k": "203.0.113.8"}, False, OPERATOR),
    ({"IpAddress": {"k": ["10.0.0.0/8", "2001:DB8::/32"]}}, {"k": "2001:db8::1"}, True, OPERATOR),
    ({"IpAddress": {"k": "0.0.0.0/0"}}, {"k": "2001:db8::1"}, False, OPERATOR),
    ({"IpAddress": {"k": "0.0.0.0/0"}}, {"k": "elsewhere"}, False, OPERATOR),
    ({"NotIpAddress": {"k": "203.0.113.0/24"}}, {"k": "203.0.113.1"}, False, OPERATOR),
    ({"NotIpAddress": {"k": "203.0.113.0/24"}}, {"k": "198.51.100.1"}, True, OPERATOR),
]
ARNS: list[Row] = [
    ({"ArnEquals": {"k": "arn:aws:sns:*:111122223333:t"}}, {"k": "arn:aws:sns:eu-west-1:111122223333:t"}, True, OPERATOR),
    ({"ArnLike": {"k": "arn:aws:sns:eu-west-?:*:t"}}, {"k": "arn:aws:sns:eu-west-1:111122223333:t"}, True, OPERATOR),
    ({"ArnLike": {"k": "arn:aws:sns:*:t"}}, {"k": "arn:aws:sns:eu-west-1:111122223333:t"}, False, OPERATOR),
    ({"StringLike": {"k": "arn:aws:sns:*:t"}}, {"k": "arn:aws:sns:eu-west-1:111122223333:t"}, True, OPERATOR),
    ({"ArnLike": {"k": "arn:aws:iam::111122223333:role/*"}}, {"k": "arn:aws:iam::111122223333:role/a/b"}, True, OPERATOR),
    ({"ArnLike": {"k": "arn:aws:iam::111122223333:role/*"}}, {"k": "arn:aws:iam::111122223333:Role/a"}, False, OPERATOR),
    ({"ArnLike": {"k": "arn:aws:iam::*"}}, {"k": "arn:aws:iam::111122223333:role/a"}, True, OPERATOR),
    ({"ArnLike": {"k": "*"}}, {"k": "no arn"}, False, OPERATOR),
    ({"ArnNotLike": {"k": "arn:aws:iam::*:user/n*"}}, {"k": USER}, True, OPERATOR),
    ({"ArnNotEquals": {"k": "arn:aws:iam::*:user/*/n*"}}, {"k": USER}, False, OPERATOR),
]


def of_absent_key(operator: str, expected: bool) -> Row:
    return {operator: {"absent": "1"}}, {}, expected, OPERATOR


TEXTUAL = [name for name in OPERATORS if name.startswith(("String", "Numeric", "Arn"))]
ABSENT: list[Row] = [
    *[of_absent_key(name, "Not" in name) for name in TEXTUAL],
    *[of_absent_key(f"{name}IfExists", True) for name in TEXTUAL],
    ({"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, {}, True, OPERATOR),
    ({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, {}, False, OPERATOR),
    ({"Bool": {"aws:SecureTransport": "false"}}, {}, False, OPERATOR),
    ({"ArnNotEquals": {"aws:SourceArn": "arn:aws:sns:::t"}}, {}, True, OPERATOR),
    ({"DateGreaterThan": {"aws:TokenIssueTime": "2020-01-01"}}, {}, False, OPERATOR),
    ({"StringLikeIfExists": {"k": "t1.*"}}, {"k": "t1.micro"}, True, OPERATOR),
    ({"StringLikeIfExists": {"k": "t1.*"}}, {"k": "m2.micro"}, False, OPERATOR),
    ({"Null": {"k": "true"}}, {}, True, OPERATOR),
    ({"Null": {"k": "true"}}, {"k": "x"}, False, OPERATOR),
    ({"Null": {"k": "false"}}, {"k": "x"}, True, OPERATOR),
    ({"Null": {"k": False}}, {}, False, OPERATOR),
    ({"Null": {"k": "true"}}, {"k": []}, True, OPERATOR),
]
TAGS: Context = {"aws:TagKeys": ["env", "cost"]}
SETS_OF_VALUES: list[Row] = [
    ({"ForAllValues:StringEquals": {"aws:TagKeys": ["env", "cost", "team"]}}, TAGS, True, SETS),
    ({"ForAllValues:StringEquals": {"aws:TagKeys": ["env"]}}, TAGS, False, SETS),
    ({"ForAllValues:StringEquals": {"aws:TagKeys": ["env"]}}, {}, True, SETS),
    ({"ForAllValues:StringEquals": {"aws:TagKeys": ["env"]}}, {"aws:TagKeys": ""}, True, OPERATOR),
    ({"ForAllValues:StringEquals": {"k": "env"}, "Null": {"k": "false"}}, {}, False, SETS),
    ({"ForAnyValue:StringEquals": {"aws:TagKeys": ["env", "dept"]}}, TAGS, True, SETS),
    ({"ForAnyValue:StringEquals": {"aws:TagKeys": ["dept"]}}, TAGS, False, SETS),
    ({"ForAnyValue:StringEquals": {"aws:TagKeys": ["Env"]}}, TAGS, False, OPERATOR),
    ({"ForAnyValue:StringEquals": {"aws:TagKeys": ["env"]}}, {}, False, SETS),
    ({"ForAnyValue:StringNotEquals": {"aws:TagKeys": ["env"]}}, {}, False, SETS),
    ({"ForAnyValue:StringNotEquals": {"aws:TagKeys": ["env"]}}, TAGS, True, OPERATOR),
    ({"ForAnyValue:StringNotEquals": {"aws:TagKeys": ["env", "cost"]}}, TAGS, False, OPERATOR),
    ({"ForAllValues:StringNotEquals": {"aws:TagKeys": ["env"]}}, TAGS, False, OPERATOR),
    ({"ForAllValues:StringNotLike": {"aws:TagKeys": ["d*", "t*"]}}, TAGS, True, OPERATOR),
    ({"ForAllValues:ArnLike": {"k": "arn:aws:s3:::a*"}}, {"k": ["arn:aws:s3:::ab", "arn:aws:s3:::b"]}, False, OPERATOR),
    ({"ForAnyValue:Bool": {"k": "true"}}, {"k": ["false", "true"]}, True, OPERATOR),
    ({"ForAnyValue:StringEqualsIfExists": {"aws:TagKeys": ["env"]}}, {}, True, OPERATOR),
    ({"StringEquals": {"aws:TagKeys": ["env", "cost"]}}, TAGS, True, SETS),
    ({"StringEquals": {"aws:TagKeys": ["env"]}}, TAGS, None, SETS),
]
COMBINED: list[Row] = [
    ({"StringEquals": {"a": ["x", "y"]}}, {"a": "y"}, True, LOGIC),
    ({"StringEquals": {"a": "x", "b": "y"}}, {"a": "x", "b": "y"}, True, LOGIC),
    ({"StringEquals": {"a": "x", "b": "y"}}, {"a": "x", "b": "z"}, False, LOGIC),
    ({"StringEquals": {"a": "x"}, "StringLike": {"b": "y*"}}, {"a": "x"}, False, LOGIC),
    ({"StringNotEquals": {"a": ["x", "y"]}}, {"a": "y"}, False, LOGIC),
    ({"StringNotEquals": {"a": ["x", "y"]}}, {"a": "z"}, True, LOGIC),
    ({"StringEquals": {"AWS:sourceVPC": "v"}}, {"aws:SourceVpc": "v"}, True, NAMES),
    ({"StringEquals": {"a": []}}, {"a": "x"}, False, LOGIC),
]
OF_VARIABLES: list[Row] = [
    ({"StringEquals": {"k": "${aws:username}"}}, {"k": "nia"}, True, VARIABLES),
    ({"StringLike": {"k": "home/${AWS:UserName}/*"}}, {"k": "home/nia/x"}, True, VARIABLES),
    ({"StringLike": {"k": "home/${aws:username}/*"}}, {"k": "home/leo/x"}, False, VARIABLES),
    ({"ArnLike": {"k": "arn:aws:s3:::${aws:username}"}}, {"k": "arn:aws:s3:::nia"}, True, VARIABLES),
    ({"StringLike": {"k": "a${*}c"}}, {"k": "a*c"}, True, VARIABLES),
    ({"StringLike": {"k": "a${*}c"}}, {"k": "abc"}, False, VARIABLES),
    ({"StringLike": {"k": "a${?}c"}}, {"k": "abc"}, False, VARIABLES),
    ({"StringEquals": {"k": "a${?}${$}"}}, {"k": "a?$"}, True, VARIABLES),
    ({"StringLike": {"k": "${t}"}}, {"k": "abc", "t": "a*"}, False, VARIABLES),
    ({"StringEquals": {"k": "${aws:PrincipalTag/team, 'all'}"}}, {"k": "all"}, True, VARIABLES),
    ({"StringEquals": {"k": "${t, 'all'}"}}, {"k": "all", "t": "red"}, False, VARIABLES),
    ({"StringEquals": {"k": "${t, 'all'}"}}, {"k": "red", "t": "red"}, True, VARIABLES),
    ({"StringEquals": {"k": "${t}"}}, {"k": ""}, False, VARIABLES),
    ({"StringNotEquals": {"k": "${t}"}}, {"k": "x"}, True, VARIABLES),
    ({"StringEquals": {"k": ["${t}", "x"]}}, {"k": "x"}, True, VARIABLES),
    ({"StringEquals": {"k": "${t}"}}, {"k": "x", "t": ["x", "y"]}, False, SETS),
    ({"StringEquals": {"k": "${t}"}}, {"k": "x", "t": UNKNOWN}, None, VARIABLES),
]


@pytest.mark.parametrize(
    ("condition", "context", "expected", "url"),
    STRINGS + NUMBERS + DATES + TYPED + ARNS + ABSENT + SETS_OF_VALUES + COMBINED + OF_VARIABLES,
)
def test_condition_holds_as_documented(condition: dict[str, object], context: Context, expected: bool | None, url: str) -> None:
    assert holds(condition, context) is expected, url


def test_variables_are_plain_text_before_2012() -> None:
    assert holds({"StringEquals": {"k": "${aws:username}"}}, {"k": "nia"}, "2008-10-17") is False, VERSION
    assert holds({"StringEquals": {"k": "${aws:username}"}}, {"k": "${aws:username}"}, "2008-10-17") is True, VERSION


UNKNOWNS: list[tuple[dict[str, object], Context, bool | None]] = [
    ({"StringEquals": {"k": "x"}}, {"k": UNKNOWN}, None),
    ({"StringNotEquals": {"k": "x"}}, {"k": UNKNOWN}, None),
    ({"StringEqualsIfExists": {"k": "x"}}, {"k": UNKNOWN}, None),
    ({"ForAllValues:StringEquals": {"k": "x"}}, {"k": UNKNOWN}, None),
    ({"Null": {"k": "true"}}, {"k": UNKNOWN}, None),
    ({"StringEquals": {"k": "x", "sure": "no"}}, {"k": UNKNOWN, "sure": "yes"}, False),
    ({"StringEquals": {"s3:prefix": "x"}}, {"s3:*": UNKNOWN}, None),
    ({"StringEquals": {"s3:prefix": "x"}}, {"s3:*": UNKNOWN, "S3:Prefix": "x"}, True),
    ({"StringEquals": {"s3:prefix": "x"}}, {"S3:*": UNKNOWN, "s3:prefix": ()}, False),
    ({"StringEquals": {"sqs:x": "x"}}, {"s3:*": UNKNOWN}, False),
    ({"StringEquals": {"aws:userid": "AIDA"}}, {}, None),
    ({"StringEquals": {"aws:userid": "AIDA"}}, {"aws:userid": "AIDA"}, True),
]


@pytest.mark.parametrize(("condition", "context", "expected"), UNKNOWNS)
def test_an_unknown_value_is_never_guessed(condition: dict[str, object], context: Context, expected: bool | None) -> None:
    assert holds(condition, context) is expected


IMPLIED = [
    (USER, {"aws:PrincipalArn": USER, "aws:username": "nia", "aws:PrincipalType": "User"}),
    (USER, {"aws:PrincipalAccount": "111122223333", "aws:ResourceAccount": "444455556666", "aws:PrincipalIsAWSService": "false"}),
    (
        "arn:aws:sts::111122223333:assumed-role/app/i-1",
        {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/app", "aws:PrincipalType": "AssumedRole"},
    ),
    ("111122223333", {"aws:userid": "111122223333", "aws:PrincipalType": "Account"}),
    ("sns.amazonaws.com", {"aws:PrincipalIsAWSService": "true", "aws:PrincipalServiceName": "sns.amazonaws.com"}),
    ("*", {"aws:PrincipalType": "Anonymous", "aws:userid": "anonymous"}),
]


@pytest.mark.parametrize(("principal", "keys"), IMPLIED)
def test_keys_that_follow_from_the_request(principal: str, keys: dict[str, str]) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html"""
    request = Request(principal, "sqs:SendMessage", "arn:aws:sqs:eu-west-1:444455556666:jobs")
    assert {key: request.values(key) for key in keys} == {key: (value,) for key, value in keys.items()}
    assert Request(principal, "a:b", "*", dict.fromkeys(keys, "mine")).values(next(iter(keys))) == ("mine",)
