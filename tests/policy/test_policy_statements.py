"""Actions, resources and principals. Every row is one rule of a page in https://docs.aws.amazon.com/IAM/latest/UserGuide/:

ACTION    reference_policies_elements_action.html and reference_policies_elements_notaction.html
RESOURCE  reference_policies_elements_resource.html, reference_policies_elements_notresource.html and
          reference_policies_variables.html
PRINCIPAL reference_policies_elements_principal.html and reference_policies_elements_notprincipal.html
"""

from __future__ import annotations

import pytest

from vpcsim.policy import UNKNOWN, ContextValue, PolicyDocument, PolicySet, Request, evaluate

ACCOUNT, OTHER = "111122223333", "444455556666"
USER = f"arn:aws:iam::{ACCOUNT}:user/ops/nia"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/app/i-1"
QUEUE = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:jobs"


def by_identity(
    part: dict[str, object], action: str, resource: str, context: dict[str, ContextValue] | None = None
) -> bool | None:
    document = PolicyDocument.parse({"Version": "2012-10-17", "Statement": {"Effect": "Allow"} | part})
    return evaluate(Request(USER, action, resource, context or {}), PolicySet(identity=[document])).allowed


ACTION = [
    ({"Action": "sqs:SendMessage"}, True),
    ({"Action": "SQS:sendmessage"}, True),
    ({"Action": ["sqs:ReceiveMessage", "sqs:SendMessage"]}, True),
    ({"Action": "sqs:*"}, True),
    ({"Action": "sqs:Send*"}, True),
    ({"Action": "sqs:SendMessag?"}, True),
    ({"Action": "sqs:Send?"}, False),
    ({"Action": "sqs:*Message*"}, True),
    ({"Action": "s3:*"}, False),
    ({"Action": "*"}, True),
    ({"Action": "sqs:Send.essage"}, False),
    ({"NotAction": "sqs:SendMessage"}, False),
    ({"NotAction": "SQS:Send*"}, False),
    ({"NotAction": ["iam:*", "s3:*"]}, True),
    ({"NotAction": "*"}, False),
]


@pytest.mark.parametrize(("part", "expected"), ACTION)
def test_action(part: dict[str, object], expected: bool) -> None:
    assert by_identity({"Resource": "*"} | part, "sqs:SendMessage", QUEUE) is expected


KEY = "arn:aws:s3:::shop/"
RESOURCE = [
    ({"Resource": QUEUE}, QUEUE, True),
    ({"Resource": QUEUE}, QUEUE.upper(), False),
    ({"Resource": f"arn:aws:sqs:*:{ACCOUNT}:*"}, QUEUE, True),
    ({"Resource": "arn:aws:sqs:*"}, QUEUE, True),
    ({"Resource": "arn:aws:sqs:*:jobs"}, QUEUE, True),
    ({"Resource": f"arn:aws:sqs:eu-*-1:{ACCOUNT}:jobs"}, QUEUE, True),
    ({"Resource": "arn:aws:sqs:eu*1:jobs"}, QUEUE, False),
    ({"Resource": f"arn:aws:sqs:eu-*b-1:{ACCOUNT}:jobs"}, f"arn:aws:sqs:eu-1:{ACCOUNT}:b-1:{ACCOUNT}:jobs", False),
    ({"Resource": f"arn:aws:sqs:eu-west-?:{ACCOUNT}:job?"}, QUEUE, True),
    ({"Resource": f"arn:aws:sqs:eu-west-1?{ACCOUNT}:jobs"}, QUEUE, False),
    ({"Resource": KEY + "*/test/*"}, KEY + "1/2/test/3/a.jpg", True),
    ({"Resource": KEY + "*/test/*"}, KEY + "/test/a.jpg", True),
    ({"Resource": KEY + "*/test/*"}, KEY + "1/test/", True),
    ({"Resource": KEY + "*/test/*"}, KEY + "1-test/a.jpg", False),
    ({"Resource": KEY + "*/test/*"}, KEY + "test/a.jpg", False),
    ({"Resource": KEY + "*/test/*"}, KEY + "1/2/test.jpg", False),
    ({"Resource": KEY + "*.log"}, KEY + "12:30/a.log", True),
    ({"Resource": KEY + "**a*a"}, KEY + "bananas", False),
    ({"Resource": KEY + "**a*a"}, KEY + "banana", True),
    ({"Resource": "arn:aws:s3:::*"}, "*", False),
    ({"Resource": "*"}, "*", True),
    ({"NotResource": [QUEUE, KEY + "*"]}, QUEUE, False),
    ({"NotResource": [QUEUE, KEY + "*"]}, QUEUE + "2", True),
    ({"Resource": KEY + "${aws:username}/*"}, KEY + "nia/a", True),
    ({"Resource": KEY + "${aws:username}/*"}, KEY + "leo/a", False),
    ({"Resource": "arn:aws:s3:::shop-${aws:PrincipalTag/team, 'all'}"}, "arn:aws:s3:::shop-all", True),
    ({"Resource": KEY + "${aws:PrincipalTag/team}*"}, KEY + "a", False),
    ({"NotResource": KEY + "${aws:PrincipalTag/team}*"}, KEY + "a", True),
    ({"Resource": KEY + "a${*}"}, KEY + "ab", False),
    ({"Resource": KEY + "a${*}"}, KEY + "a*", True),
    ({"Resource": "arn:aws:sqs:eu-west-1:${aws:PrincipalAccount}:jobs"}, QUEUE, None),
]


@pytest.mark.parametrize(("part", "resource", "expected"), RESOURCE)
def test_resource(part: dict[str, object], resource: str, expected: bool | None) -> None:
    assert by_identity({"Action": "*"} | part, "sqs:SendMessage", resource) is expected


def test_resource_that_depends_on_an_unknown_value() -> None:
    context: dict[str, ContextValue] = {"aws:PrincipalTag/*": UNKNOWN}
    part: dict[str, object] = {"Action": "*", "Resource": KEY + "${aws:PrincipalTag/team}"}
    assert by_identity(part, "s3:GetObject", KEY + "a", context) is None
    assert by_identity(part | {"Resource": [part["Resource"], KEY + "a"]}, "s3:GetObject", KEY + "a", context) is True


def test_many_wildcards_do_not_take_for_ever() -> None:
    assert by_identity({"Action": "*", "Resource": KEY + "*a" * 40 + "b"}, "s3:GetObject", KEY + "a" * 300) is False
    assert by_identity({"Action": "s3:" + "*e" * 40 + "x", "Resource": "*"}, "s3:" + "e" * 300, KEY) is False


def by_trust(part: dict[str, object], principal: str, effect: str = "Allow") -> bool | None:
    """Between accounts, so that every way to name the caller counts: does a statement of the resource policy apply to it?"""
    allow = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    statements = [{"Effect": effect, "Action": "*"} | part, *([] if effect == "Allow" else [allow | {"Principal": "*"}])]
    resource = PolicyDocument.parse({"Statement": statements})
    request = Request(principal, "sqs:SendMessage", f"arn:aws:sqs:eu-west-1:{OTHER}:jobs")
    return evaluate(request, PolicySet(identity=[PolicyDocument.parse({"Statement": allow})], resource=resource)).allowed


ROOT = f"arn:aws:iam::{ACCOUNT}:root"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/app"
PRINCIPAL = [
    ("*", USER, True),
    ("*", "*", True),
    ("*", "sns.amazonaws.com", True),
    ({"AWS": "*"}, SESSION, True),
    ({"AWS": "*"}, "*", True),
    ({"AWS": "*"}, "sns.amazonaws.com", False),
    ({"AWS": ACCOUNT}, USER, True),
    ({"AWS": int(ACCOUNT)}, USER, True),
    ({"AWS": OTHER}, USER, False),
    ({"AWS": [OTHER, ROOT]}, SESSION, True),
    ({"AWS": f"arn:aws:iam::{OTHER}:root"}, SESSION, False),
    ({"AWS": USER}, USER, True),
    ({"AWS": USER.replace("nia", "Nia")}, USER, False),
    ({"AWS": USER}, SESSION, False),
    ({"AWS": ROLE}, SESSION, True),
    ({"AWS": f"arn:aws:iam::{ACCOUNT}:role/team/app"}, SESSION, True),
    ({"AWS": f"arn:aws:iam::{ACCOUNT}:role/app/other"}, SESSION, False),
    ({"AWS": f"arn:aws:iam::{OTHER}:role/app"}, SESSION, False),
    ({"AWS": SESSION}, SESSION, True),
    ({"AWS": SESSION}, SESSION + "2", False),
    ({"AWS": ROLE}, ROLE, True),
    ({"AWS": SESSION}, ROLE, None),
    ({"AWS": f"arn:aws:sts::{ACCOUNT}:assumed-role/web/i-1"}, ROLE, False),
    ({"AWS": ROOT}, ROOT, True),
    ({"AWS": f"arn:aws:sts::{ACCOUNT}:federated-user/bo"}, f"arn:aws:sts::{ACCOUNT}:federated-user/bo", True),
    ({"AWS": "AROAEXAMPLEEXAMPLE"}, SESSION, False),
    ({"Service": ["ecs.amazonaws.com", "sns.amazonaws.com"]}, "sns.amazonaws.com", True),
    ({"Service": "sns.amazonaws.com"}, "sqs.amazonaws.com", False),
    ({"Service": "sns.amazonaws.com"}, USER, False),
    ({"Federated": "accounts.google.com"}, "accounts.google.com", True),
    ({"Federated": f"arn:aws:iam::{ACCOUNT}:saml-provider/idp"}, f"arn:aws:iam::{ACCOUNT}:saml-provider/idp", True),
    ({"Federated": "accounts.google.com"}, "graph.facebook.com", False),
    ({"CanonicalUser": "79a5"}, "79a5", True),
    ({"CanonicalUser": "79a5"}, USER, None),
    ({"CanonicalUser": "79a5", "AWS": USER}, USER, True),
]


@pytest.mark.parametrize(("named", "principal", "expected"), PRINCIPAL)
def test_principal(named: object, principal: str, expected: bool | None) -> None:
    assert by_trust({"Principal": named}, principal) is expected


NOT_PRINCIPAL = [
    ({"AWS": [ROOT, USER]}, USER, True),
    ({"AWS": [ROOT, ROLE, SESSION]}, SESSION, True),
    ({"AWS": [ROOT, ROLE, SESSION]}, USER, False),
    ({"AWS": [ROOT]}, USER, None),
    ({"AWS": [ROOT, ROLE]}, SESSION, None),
    ({"AWS": [USER]}, USER, None),
    ({"AWS": [ROLE, SESSION]}, SESSION, None),
    ({"AWS": [f"arn:aws:iam::{OTHER}:root"]}, USER, False),
    ({"Service": "sns.amazonaws.com"}, "sns.amazonaws.com", True),
    ({"Service": "sns.amazonaws.com"}, USER, False),
]


@pytest.mark.parametrize(("named", "principal", "spared"), NOT_PRINCIPAL)
def test_deny_with_not_principal_spares_whom_it_lists_in_full(named: object, principal: str, spared: bool | None) -> None:
    assert by_trust({"NotPrincipal": named}, principal, "Deny") is spared


def test_statement_without_principal_names_nobody_in_a_resource_policy() -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html"""
    assert by_trust({"Resource": "*"}, USER) is False
