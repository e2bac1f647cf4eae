"""AWS's own worked examples: the policies of one page each, and requests with their outcome."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from vpcsim.policy import OPERATORS, ContextValue, PolicyDocument, PolicySet, Request, evaluate

IAM = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
ORGANIZATIONS = "https://docs.aws.amazon.com/organizations/latest/userguide/"
ACCOUNT, OTHER = "111122223333", "444455556666"
CARLOS = f"arn:aws:iam::{ACCOUNT}:user/carlossalazar"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/app"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/app/one"


class Ask(NamedTuple):
    """A request with its outcome: allowed or not, and the layer that decides."""

    action: str
    resource: str
    allowed: bool
    layer: str
    context: dict[str, ContextValue] = {}  # noqa: RUF012
    principal: str = CARLOS


class Example(NamedTuple):
    """The policies of a page, and what they decide."""

    page: str
    policies: PolicySet
    asks: tuple[Ask, ...]


def statement(effect: str, action: Any, resource: Any = "*", **parts: Any) -> dict[str, Any]:
    return {"Effect": effect, **({"Action": action} if action else {}), **({"Resource": resource} if resource else {}), **parts}


def allow(action: Any, resource: Any = "*", **parts: Any) -> dict[str, Any]:
    return statement("Allow", action, resource, **parts)


def deny(action: Any, resource: Any = "*", **parts: Any) -> dict[str, Any]:
    return statement("Deny", action, resource, **parts)


def policy(name: str, *statements: dict[str, Any]) -> PolicyDocument:
    return PolicyDocument.parse({"Version": "2012-10-17", "Statement": list(statements)}, name)


def bucket(name: str) -> list[str]:
    return [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"]


FULL = policy("FullAWSAccess", allow("*"))
LIST = ["s3:GetBucketLocation", "s3:GetAccountPublicAccessBlock", "s3:ListAccessPoints", "s3:ListAllMyBuckets"]
EXAMPLES: dict[str, Example] = {
    "an own folder, and no logs": Example(
        f"{IAM}reference_policies_evaluation-logic.html",
        PolicySet(
            identity=[
                policy(
                    "carlos",
                    allow(LIST, "arn:aws:s3:::*"),
                    allow("s3:*", bucket("carlossalazar")),
                    deny("s3:*", "arn:aws:s3:::*log*"),
                )
            ],
            resource=policy("bucket", allow("s3:*", bucket("carlossalazar"), Principal={"AWS": CARLOS})),
        ),
        (
            Ask("s3:PutObject", "arn:aws:s3:::carlossalazar/a.txt", True, "identity"),
            Ask("s3:PutObject", "arn:aws:s3:::carlossalazar/blog/a.txt", False, "identity"),
            Ask("s3:ListAllMyBuckets", "arn:aws:s3:::any", True, "identity"),
            Ask("s3:GetObject", "arn:aws:s3:::other/a.txt", False, "identity"),
        ),
    ),
    "a boundary sets the maximum": Example(
        f"{IAM}access_policies_boundaries.html",
        PolicySet(
            identity=[policy("shirley", allow("iam:CreateUser"), allow("s3:ListBucket"))],
            boundary=[policy("boundary", allow(["s3:*", "cloudwatch:*", "ec2:*"]))],
        ),
        (
            Ask("iam:CreateUser", "*", False, "boundary"),
            Ask("s3:ListBucket", "arn:aws:s3:::any", True, "identity"),
            Ask("cloudwatch:PutMetricData", "*", False, "identity"),
        ),
    ),
    "a session has the intersection": Example(
        f"{IAM}access_policies.html#policies_session",
        PolicySet(
            identity=[policy("role", allow(["s3:*", "sqs:*"]))], session=[policy("session", allow(["s3:GetObject", "ec2:*"]))]
        ),
        (
            Ask("s3:GetObject", "arn:aws:s3:::b/k", True, "identity", {}, SESSION),
            Ask("s3:PutObject", "arn:aws:s3:::b/k", False, "session", {}, SESSION),
            Ask("ec2:StopInstances", "*", False, "identity", {}, SESSION),
        ),
    ),
    "both accounts must allow": Example(
        f"{IAM}reference_policies_evaluation-logic-cross-account.html",
        PolicySet(
            identity=[policy("caller", allow("sqs:*"))],
            resource=policy("queue", allow("sqs:SendMessage", "*", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"})),
        ),
        (
            Ask("sqs:SendMessage", f"arn:aws:sqs:us-east-1:{OTHER}:q", True, "resource"),
            Ask("sqs:ReceiveMessage", f"arn:aws:sqs:us-east-1:{OTHER}:q", False, "resource"),
        ),
    ),
    "every level of the organization must allow": Example(
        f"{ORGANIZATIONS}orgs_manage_policies_scps_evaluation.html",
        PolicySet(
            identity=[policy("admin", allow("*"))],
            scp=[[FULL], [policy("list", allow(["s3:*", "ec2:*"]))], [FULL, policy("deny", deny("s3:Delete*"))]],
        ),
        (
            Ask("s3:GetObject", "arn:aws:s3:::b/k", True, "identity"),
            Ask("s3:DeleteObject", "arn:aws:s3:::b/k", False, "scp"),
            Ask("sqs:SendMessage", f"arn:aws:sqs:us-east-1:{ACCOUNT}:q", False, "scp"),
        ),
    ),
    "Regions by a service control policy": Example(
        f"{ORGANIZATIONS}orgs_manage_policies_scps_examples_general.html",
        PolicySet(
            identity=[policy("admin", allow("*"))],
            scp=[
                [
                    FULL,
                    policy(
                        "regions",
                        deny(
                            None,
                            NotAction=["iam:*", "sts:*", "support:*"],
                            Condition={"StringNotEquals": {"aws:RequestedRegion": ["eu-central-1", "eu-west-1"]}},
                        ),
                    ),
                ]
            ],
        ),
        (
            Ask("sqs:ListQueues", "*", True, "identity", {"aws:RequestedRegion": "eu-west-1"}),
            Ask("sqs:ListQueues", "*", False, "scp", {"aws:RequestedRegion": "us-east-1"}),
            Ask("iam:ListUsers", "*", True, "identity", {"aws:RequestedRegion": "us-east-1"}),
        ),
    ),
    "resources for the own organization only": Example(
        f"{ORGANIZATIONS}orgs_manage_policies_rcps_examples.html",
        PolicySet(
            identity=[policy("admin", allow("*"))],
            rcp=[
                [
                    policy(
                        "perimeter",
                        deny(
                            ["sqs:*", "s3:*", "kms:*", "secretsmanager:*"],
                            Principal="*",
                            Condition={
                                "StringNotEqualsIfExists": {"aws:PrincipalOrgID": "o-mine"},
                                "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
                            },
                        ),
                    )
                ]
            ],
        ),
        (
            Ask("s3:GetObject", "arn:aws:s3:::b/k", True, "identity", {"aws:PrincipalOrgID": "o-mine"}),
            Ask("s3:GetObject", "arn:aws:s3:::b/k", False, "rcp", {"aws:PrincipalOrgID": "o-else"}),
            Ask(
                "dynamodb:GetItem",
                f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/t",
                True,
                "identity",
                {"aws:PrincipalOrgID": "o-else"},
            ),
        ),
    ),
    "everything but": Example(
        f"{IAM}reference_policies_elements_notaction.html",
        PolicySet(
            identity=[
                policy(
                    "but",
                    allow(None, NotAction="iam:*"),
                    deny(None, NotAction=["iam:*"], Condition={"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}),
                )
            ]
        ),
        (
            Ask("s3:GetObject", "arn:aws:s3:::b/k", True, "identity", {"aws:MultiFactorAuthPresent": "true"}),
            Ask("s3:GetObject", "arn:aws:s3:::b/k", False, "identity"),
            Ask("iam:ListUsers", "*", False, "identity", {"aws:MultiFactorAuthPresent": "true"}),
        ),
    ),
    "a deny of every other bucket": Example(
        f"{IAM}reference_policies_elements_notresource.html",
        PolicySet(identity=[policy("hr", allow("s3:*"), deny("s3:*", None, NotResource=bucket("HRBucket")))]),
        (
            Ask("s3:GetObject", "arn:aws:s3:::HRBucket/k", True, "identity"),
            Ask("s3:GetObject", "arn:aws:s3:::other/k", False, "identity"),
        ),
    ),
    "all but one user": Example(
        f"{IAM}reference_policies_elements_notprincipal.html",
        PolicySet(
            identity=[policy("admin", allow("*"))],
            resource=policy("bucket", deny("s3:*", bucket("b"), NotPrincipal={"AWS": [CARLOS, f"arn:aws:iam::{ACCOUNT}:root"]})),
        ),
        (
            Ask("s3:GetObject", "arn:aws:s3:::b/k", True, "identity"),
            Ask("s3:GetObject", "arn:aws:s3:::b/k", False, "resource", {}, f"arn:aws:iam::{ACCOUNT}:user/nia"),
        ),
    ),
    "an own home folder": Example(
        f"{IAM}reference_policies_variables.html",
        PolicySet(
            identity=[
                policy(
                    "home",
                    allow("s3:ListBucket", "arn:aws:s3:::b", Condition={"StringLike": {"s3:prefix": ["${aws:username}/*"]}}),
                    allow(["s3:GetObject", "s3:PutObject"], "arn:aws:s3:::b/${aws:username}/*"),
                )
            ]
        ),
        (
            Ask("s3:GetObject", "arn:aws:s3:::b/carlossalazar/k", True, "identity"),
            Ask("s3:GetObject", "arn:aws:s3:::b/nia/k", False, "identity"),
            Ask("s3:ListBucket", "arn:aws:s3:::b", True, "identity", {"s3:prefix": "carlossalazar/x"}),
            Ask("s3:ListBucket", "arn:aws:s3:::b", False, "identity", {"s3:prefix": ""}),
            Ask("s3:GetObject", "arn:aws:s3:::b//k", False, "identity", {}, SESSION),
        ),
    ),
    "instances of one's own": Example(
        f"{IAM}reference_policies_examples_ec2_tag-owner.html",
        PolicySet(
            identity=[
                policy(
                    "owner",
                    allow(
                        ["ec2:StartInstances", "ec2:StopInstances"],
                        "arn:aws:ec2:*:*:instance/*",
                        Condition={"StringEquals": {"aws:ResourceTag/Owner": "${aws:username}"}},
                    ),
                    allow("ec2:DescribeInstances"),
                )
            ]
        ),
        (
            Ask(
                "ec2:StopInstances",
                f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/i-1",
                True,
                "identity",
                {"aws:ResourceTag/Owner": "carlossalazar"},
            ),
            Ask(
                "ec2:StopInstances",
                f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/i-1",
                False,
                "identity",
                {"aws:ResourceTag/Owner": "nia"},
            ),
            Ask("ec2:StopInstances", f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/i-1", False, "identity"),
        ),
    ),
    "an office's addresses, or a service on one's behalf": Example(
        f"{IAM}reference_policies_examples_aws_deny-ip.html",
        PolicySet(
            identity=[
                policy("admin", allow("*")),
                policy(
                    "office",
                    deny(
                        "*",
                        Condition={
                            "NotIpAddress": {"aws:SourceIp": ["192.0.2.0/24", "203.0.113.0/24"]},
                            "Bool": {"aws:ViaAWSService": "false"},
                        },
                    ),
                ),
            ]
        ),
        (
            Ask(
                "s3:GetObject",
                "arn:aws:s3:::b/k",
                True,
                "identity",
                {"aws:SourceIp": "203.0.113.9", "aws:ViaAWSService": "false"},
            ),
            Ask(
                "s3:GetObject",
                "arn:aws:s3:::b/k",
                False,
                "identity",
                {"aws:SourceIp": "198.51.100.9", "aws:ViaAWSService": "false"},
            ),
            Ask("s3:GetObject", "arn:aws:s3:::b/k", True, "identity", {"aws:ViaAWSService": "true"}),
            Ask("s3:GetObject", "arn:aws:s3:::b/k", False, "identity", {"aws:ViaAWSService": "false"}),
        ),
    ),
    "one door only": Example(
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies-vpc-endpoint.html",
        PolicySet(
            identity=[policy("admin", allow("*"))],
            resource=policy(
                "bucket",
                deny("s3:*", bucket("b"), Principal="*", Condition={"StringNotEquals": {"aws:SourceVpce": "vpce-1a2b3c4d"}}),
            ),
        ),
        (
            Ask("s3:GetObject", "arn:aws:s3:::b/k", True, "identity", {"aws:SourceVpce": "vpce-1a2b3c4d"}),
            Ask("s3:GetObject", "arn:aws:s3:::b/k", False, "resource", {"aws:SourceVpce": "vpce-2"}),
            Ask("s3:GetObject", "arn:aws:s3:::b/k", False, "resource"),
        ),
    ),
    "encrypted transport only": Example(
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/example-bucket-policies.html",
        PolicySet(
            identity=[policy("admin", allow("*"))],
            resource=policy(
                "bucket", deny("s3:*", bucket("b"), Principal="*", Condition={"Bool": {"aws:SecureTransport": "false"}})
            ),
        ),
        (
            Ask("s3:GetObject", "arn:aws:s3:::b/k", True, "identity", {"aws:SecureTransport": "true"}),
            Ask("s3:GetObject", "arn:aws:s3:::b/k", False, "resource", {"aws:SecureTransport": "false"}),
        ),
    ),
    "the default policy of a key": Example(
        "https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html",
        PolicySet(
            identity=[policy("role", allow("kms:Decrypt"))],
            resource=policy("key", allow("kms:*", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"})),
            resource_policy_required=True,
        ),
        (
            Ask("kms:Decrypt", f"arn:aws:kms:us-east-1:{ACCOUNT}:key/k", True, "resource", {}, SESSION),
            Ask("kms:Encrypt", f"arn:aws:kms:us-east-1:{ACCOUNT}:key/k", False, "identity", {}, SESSION),
        ),
    ),
    "a topic may send to a queue": Example(
        "https://docs.aws.amazon.com/sns/latest/dg/subscribe-sqs-queue-to-sns-topic.html",
        PolicySet(
            resource=policy(
                "queue",
                allow(
                    "sqs:SendMessage",
                    Principal={"Service": "sns.amazonaws.com"},
                    Condition={"ArnEquals": {"aws:SourceArn": f"arn:aws:sns:us-east-1:{ACCOUNT}:t"}},
                ),
            )
        ),
        (
            Ask(
                "sqs:SendMessage",
                f"arn:aws:sqs:us-east-1:{ACCOUNT}:q",
                True,
                "resource",
                {"aws:SourceArn": f"arn:aws:sns:us-east-1:{ACCOUNT}:t"},
                "sns.amazonaws.com",
            ),
            Ask(
                "sqs:SendMessage",
                f"arn:aws:sqs:us-east-1:{ACCOUNT}:q",
                False,
                "resource",
                {"aws:SourceArn": f"arn:aws:sns:us-east-1:{OTHER}:t"},
                "sns.amazonaws.com",
            ),
        ),
    ),
    "only these tags": Example(
        f"{IAM}reference_policies_condition-single-vs-multi-valued-context-keys.html",
        PolicySet(
            identity=[
                policy(
                    "tags",
                    allow(
                        "ec2:CreateTags",
                        Condition={
                            "ForAllValues:StringEquals": {"aws:TagKeys": ["env", "cost"]},
                            "Null": {"aws:TagKeys": "false"},
                        },
                    ),
                )
            ]
        ),
        (
            Ask("ec2:CreateTags", "*", True, "identity", {"aws:TagKeys": ["env"]}),
            Ask("ec2:CreateTags", "*", False, "identity", {"aws:TagKeys": ["env", "team"]}),
            Ask("ec2:CreateTags", "*", False, "identity"),
        ),
    ),
}
ROWS = [(name, example, ask) for name, example in EXAMPLES.items() for ask in example.asks]


@pytest.mark.parametrize(("name", "example", "ask"), ROWS, ids=[f"{name}: {ask.action}" for name, _, ask in ROWS])
def test_example(name: str, example: Example, ask: Ask) -> None:
    decision = evaluate(Request(ask.principal, ask.action, ask.resource, ask.context), example.policies)
    assert (decision.allowed, decision.layer) == (ask.allowed, ask.layer), (example.page, decision.reason)


HOLDS: dict[str, tuple[str, str, str]] = {
    "StringEquals": ("blue", "blue", "red"),
    "StringNotEquals": ("blue", "red", "blue"),
    "StringEqualsIgnoreCase": ("blue", "BLUE", "red"),
    "StringNotEqualsIgnoreCase": ("blue", "red", "BLUE"),
    "StringLike": ("b*", "blue", "red"),
    "StringNotLike": ("b*", "red", "blue"),
    "NumericEquals": ("5", "5.0", "6"),
    "NumericNotEquals": ("5", "6", "5"),
    "NumericLessThan": ("5", "4", "5"),
    "NumericLessThanEquals": ("5", "5", "6"),
    "NumericGreaterThan": ("5", "6", "5"),
    "NumericGreaterThanEquals": ("5", "5", "4"),
    "DateEquals": ("2024-01-01", "2024-01-01T00:00:00Z", "2024-01-02"),
    "DateNotEquals": ("2024-01-01", "2024-01-02", "2024-01-01"),
    "DateLessThan": ("2024-01-01", "2023-12-31", "2024-01-01"),
    "DateLessThanEquals": ("2024-01-01", "2024-01-01", "2024-01-02"),
    "DateGreaterThan": ("2024-01-01", "2024-01-02", "2024-01-01"),
    "DateGreaterThanEquals": ("2024-01-01", "2024-01-01", "2023-12-31"),
    "Bool": ("true", "true", "false"),
    "BinaryEquals": ("QQ==", "QQ==", "Qg=="),
    "IpAddress": ("10.0.0.0/8", "10.1.2.3", "192.0.2.1"),
    "NotIpAddress": ("10.0.0.0/8", "192.0.2.1", "10.1.2.3"),
    "ArnEquals": ("arn:aws:sns:*:*:t", "arn:aws:sns:a:1:t", "arn:aws:sns:a:1:u"),
    "ArnLike": ("arn:aws:sns:*:*:t", "arn:aws:sns:a:1:t", "arn:aws:sns:a:1:u"),
    "ArnNotEquals": ("arn:aws:sns:*:*:t", "arn:aws:sns:a:1:u", "arn:aws:sns:a:1:t"),
    "ArnNotLike": ("arn:aws:sns:*:*:t", "arn:aws:sns:a:1:u", "arn:aws:sns:a:1:t"),
}


def holds(operator: str, wanted: str, given: ContextValue | None) -> bool | None:
    document = policy("p", allow("*", Condition={operator: {"k": wanted}}))
    context = {} if given is None else {"k": given}
    return evaluate(Request(CARLOS, "a:b", "*", context), PolicySet(identity=[document])).allowed


def test_every_operator_has_a_row() -> None:
    assert set(HOLDS) | {"Null"} == set(OPERATORS)


@pytest.mark.parametrize("operator", HOLDS)
def test_every_form_of_an_operator(operator: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html"""
    wanted, good, bad = HOLDS[operator]
    negated = "Not" in operator
    for form in (operator, f"{operator}IfExists"):
        assert (holds(form, wanted, good), holds(form, wanted, bad)) == (True, False)
    assert (holds(operator, wanted, None), holds(f"{operator}IfExists", wanted, None)) == (negated, True)
    every, some = f"ForAllValues:{operator}", f"ForAnyValue:{operator}"
    assert (holds(every, wanted, [good, good]), holds(every, wanted, [good, bad]), holds(every, wanted, None)) == (
        True,
        False,
        True,
    )
    assert (holds(some, wanted, [bad, good]), holds(some, wanted, [bad, bad]), holds(some, wanted, None)) == (True, False, False)
