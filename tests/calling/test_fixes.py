"""What would help a call that fails, layer by layer, and the actions that need no permission."""

from __future__ import annotations

from typing import Any

import pytest
from asked import NAT, built, end_of

from vpcsim.services.clients import Client

GUIDE = "https://docs.aws.amazon.com/"
IAM = f"{GUIDE}IAM/latest/UserGuide/reference_policies_evaluation-logic.html"
GATE = f"{GUIDE}vpc/latest/privatelink/vpc-endpoints-access.html"
OVERRIDE = f"{GUIDE}sdkref/latest/guide/feature-ss-endpoints.html"
IDENTITY = f"{GUIDE}STS/latest/APIReference/API_GetCallerIdentity.html"
QUEUE = "arn:aws:sqs:us-east-1:123456789012:jobs"
NOT_SQS = "https://sns.us-east-1.amazonaws.com"


def policy(effect: str, action: str, more: str = "") -> str:
    return f"{{Version: '2012-10-17', Statement: [{{Effect: {effect}, Action: '{action}', Resource: '*'{more}}}]}}"


EVERYBODY = ", Principal: '*'"
FIXES: list[tuple[str, str, str, dict[str, Any], str, tuple[str, ...]]] = [
    (
        "the identity policies lack it",
        IAM,
        "roles: {app: {allow: 's3:*'}}",
        {},
        "blocked policy",
        (f"an identity-based policy that allows sqs:SendMessage on {QUEUE}",),
    ),
    (
        "nobody signs",
        IAM,
        "instances: {i: {role: null}}",
        {},
        "blocked policy",
        ("a role of the caller that is allowed sqs:SendMessage",),
    ),
    (
        "a statement denies",
        IAM,
        f"queues: {{jobs: {{policy: {policy('Deny', 'sqs:*', EVERYBODY)}}}}}",
        {},
        "blocked policy",
        ("`jobs` statement 1: narrow it, so that it does not deny sqs:SendMessage",),
    ),
    (
        "the endpoint's policy lacks it",
        GATE,
        f"endpoints: {{vpce-sqs: {{policy: {policy('Allow', 'sqs:ReceiveMessage', EVERYBODY)}}}}}",
        {},
        "blocked policy",
        (f"a VPC endpoint policy that allows sqs:SendMessage on {QUEUE}",),
    ),
    (
        "another service answers",
        OVERRIDE,
        NAT,
        {"client": Client(endpoint_url=NOT_SQS)},
        "blocked service",
        ("let sqs use its own name: an endpoint of one service is set by AWS_ENDPOINT_URL_<SERVICE>, not for all of them",),
    ),
    ("what succeeds needs nothing", IAM, "", {}, "reachable", ()),
]


@pytest.mark.parametrize(("rule", "page", "changes", "options", "end", "fixes"), FIXES, ids=[row[0] for row in FIXES])
def test_fix(rule: str, page: str, changes: str, options: dict[str, Any], end: str, fixes: tuple[str, ...]) -> None:
    answer = built(changes).call("i", "sqs:SendMessage", "jobs", **options)
    assert (end_of(answer), answer.deciding.fixes) == (end, fixes), page
    assert all(f"\nfix    {fix}\n" in str(answer) for fix in fixes)


STS = "endpoints: {vpce-sts: {service: sts, subnets: a, security_groups: ep, private_dns: true%s}}"
FREE = [
    ("no policy needs to allow it", "", "reachable"),
    ("a policy that denies it is not asked", f"roles: {{app: {{policies: {{p: {policy('Deny', '*')}}}}}}}", "reachable"),
    ("it is signed all the same", "instances: {i: {role: null}}", "blocked policy"),
]


@pytest.mark.parametrize(("rule", "changes", "end"), FREE, ids=[row[0] for row in FREE])
def test_who_one_is_needs_no_permission(rule: str, changes: str, end: str) -> None:
    for way in (NAT, STS % ""):
        assert end_of(built(f"{way}\n{changes}").call("i", "sts:GetCallerIdentity")) == end, IDENTITY


def test_whether_an_endpoint_policy_limits_it_is_not_documented() -> None:
    answer = built(STS % f", policy: {policy('Allow', 'sts:AssumeRole', EVERYBODY)}").call("i", "sts:GetCallerIdentity")
    assert (end_of(answer), answer.deciding.fixes) == ("undecided policy", ()), IDENTITY
    assert "whether the endpoint's policy limits it is not documented" in answer.because
