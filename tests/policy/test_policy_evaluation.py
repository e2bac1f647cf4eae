"""Which policy decides. Every row is one rule of the page in https://docs.aws.amazon.com/ that its table names."""

from __future__ import annotations

from typing import Any

import pytest

from vpcsim.policy import UNKNOWN, ContextValue, Decision, PolicyDocument, PolicySet, Request, evaluate

LOGIC = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html"
ACROSS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html"
PRINCIPAL = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html"
BOUNDARY = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html"
SESSIONS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html#policies_session"
KMS = "https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html"
SCP = "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html"
RCP = "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html"
GATE = "https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-access.html"

ACCOUNT, OTHER = "111122223333", "444455556666"
USER = f"arn:aws:iam::{ACCOUNT}:user/nia"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/app"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/app/i-1"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
LINKED = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/x.amazonaws.com/AWSServiceRoleForX"


def policy(name: str, *statements: tuple[str, str] | tuple[str, str, Any], **condition: Any) -> PolicyDocument:
    parts = [{"Effect": effect, "Action": action, "Resource": "*"} | condition for effect, action, *_ in statements]
    for part, (_, _, *principal) in zip(parts, statements, strict=True):
        part |= {"Principal": principal[0]} if principal else {}
    return PolicyDocument.parse({"Version": "2012-10-17", "Statement": parts}, name)


def grant(principal: Any, name: str = "queue") -> PolicyDocument:
    return policy(name, ("Allow", "sqs:SendMessage", principal))


def decide(principal: str, owner: str = ACCOUNT, context: dict[str, ContextValue] | None = None, **policies: Any) -> Decision:
    request = Request(principal, "sqs:SendMessage", f"arn:aws:sqs:eu-west-1:{owner}:jobs", context or {})
    return evaluate(request, PolicySet(**policies))


ALL = policy("all", ("Allow", "*"))
DENY = policy("deny", ("Deny", "*"))
NONE = policy("none", ("Allow", "s3:*"))
EVERYONE = policy("everyone", ("Allow", "*", "*"))
NOBODY = policy("nobody", ("Deny", "*", "*"))

ROWS: list[tuple[str, str, dict[str, Any], bool, str, str]] = [
    # One account: identity policies, or the resource policy.
    (USER, ACCOUNT, {}, False, "identity", LOGIC),
    (USER, ACCOUNT, {"identity": [ALL]}, True, "identity", LOGIC),
    (USER, ACCOUNT, {"identity": [NONE]}, False, "identity", LOGIC),
    (USER, ACCOUNT, {"identity": [NONE, ALL]}, True, "identity", LOGIC),
    (USER, ACCOUNT, {"resource": grant({"AWS": USER})}, True, "resource", LOGIC),
    (USER, ACCOUNT, {"resource": grant("*")}, True, "resource", PRINCIPAL),
    (USER, ACCOUNT, {"resource": grant({"AWS": ACCOUNT})}, False, "identity", PRINCIPAL),
    (USER, ACCOUNT, {"resource": grant({"AWS": SESSION}), "identity": [ALL]}, True, "identity", LOGIC),
    (SESSION, ACCOUNT, {"resource": grant({"AWS": ROLE})}, True, "resource", LOGIC),
    (SESSION, ACCOUNT, {"resource": grant({"AWS": SESSION})}, True, "resource", LOGIC),
    # An explicit deny wins wherever it is.
    (USER, ACCOUNT, {"identity": [ALL, DENY]}, False, "identity", LOGIC),
    (USER, ACCOUNT, {"identity": [ALL], "boundary": [ALL, DENY]}, False, "boundary", LOGIC),
    (SESSION, ACCOUNT, {"identity": [ALL], "session": [DENY]}, False, "session", LOGIC),
    (USER, ACCOUNT, {"identity": [ALL], "resource": NOBODY}, False, "resource", LOGIC),
    (USER, ACCOUNT, {"identity": [ALL], "gate": NOBODY}, False, "gate", LOGIC),
    (USER, ACCOUNT, {"identity": [ALL], "scp": [[ALL], [ALL, DENY]]}, False, "scp", SCP),
    (USER, ACCOUNT, {"identity": [ALL], "rcp": [[EVERYONE], [NOBODY]]}, False, "rcp", RCP),
    (USER, ACCOUNT, {"identity": [DENY], "resource": grant({"AWS": USER})}, False, "identity", LOGIC),
    (ROOT, ACCOUNT, {"resource": NOBODY}, False, "resource", LOGIC),
    # Boundaries and session policies limit what identity policies and a role's ARN grant, not what the caller's own ARN does.
    (USER, ACCOUNT, {"identity": [ALL], "boundary": [ALL]}, True, "identity", BOUNDARY),
    (USER, ACCOUNT, {"identity": [ALL], "boundary": [NONE]}, False, "boundary", BOUNDARY),
    (USER, ACCOUNT, {"identity": [ALL], "boundary": []}, False, "boundary", BOUNDARY),
    (USER, ACCOUNT, {"boundary": [ALL]}, False, "identity", BOUNDARY),
    (USER, ACCOUNT, {"boundary": [NONE], "resource": grant({"AWS": USER})}, True, "resource", LOGIC),
    (USER, ACCOUNT, {"boundary": [NONE], "identity": [ALL], "resource": grant({"AWS": USER})}, True, "resource", LOGIC),
    (SESSION, ACCOUNT, {"identity": [ALL], "session": [ALL]}, True, "identity", SESSIONS),
    (SESSION, ACCOUNT, {"identity": [ALL], "session": [NONE]}, False, "session", SESSIONS),
    (SESSION, ACCOUNT, {"session": [ALL]}, False, "identity", SESSIONS),
    (SESSION, ACCOUNT, {"resource": grant({"AWS": ROLE}), "boundary": [NONE]}, False, "boundary", LOGIC),
    (SESSION, ACCOUNT, {"resource": grant({"AWS": ROLE}), "session": [NONE]}, False, "session", SESSIONS),
    (SESSION, ACCOUNT, {"resource": grant({"AWS": ROLE}), "session": [ALL], "boundary": [ALL]}, True, "resource", SESSIONS),
    (SESSION, ACCOUNT, {"resource": grant({"AWS": SESSION}), "session": [NONE], "boundary": [NONE]}, True, "resource", LOGIC),
    (SESSION, ACCOUNT, {"resource": grant("*"), "session": [NONE], "boundary": [NONE]}, True, "resource", LOGIC),
    (ROLE, ACCOUNT, {"resource": grant({"AWS": ROLE}), "boundary": [NONE]}, False, "boundary", LOGIC),
    # Organization policies: every level must allow; a resource control policy only denies.
    (USER, ACCOUNT, {"identity": [ALL], "scp": [[ALL], [NONE, ALL]]}, True, "identity", SCP),
    (USER, ACCOUNT, {"identity": [ALL], "scp": [[ALL], [NONE]]}, False, "scp", SCP),
    (USER, ACCOUNT, {"identity": [ALL], "scp": [[], [ALL]]}, False, "scp", SCP),
    (USER, ACCOUNT, {"scp": [[ALL]]}, False, "identity", SCP),
    (USER, ACCOUNT, {"resource": grant({"AWS": USER}), "scp": [[NONE]]}, False, "scp", LOGIC),
    (ROOT, ACCOUNT, {"scp": [[NONE]]}, False, "scp", LOGIC),
    (USER, ACCOUNT, {"identity": [ALL], "rcp": [[EVERYONE], []]}, True, "identity", RCP),
    (USER, ACCOUNT, {"rcp": [[EVERYONE]]}, False, "identity", RCP),
    (LINKED, ACCOUNT, {"identity": [ALL], "scp": [[DENY]], "rcp": [[NOBODY]]}, True, "identity", RCP),
    ("sns.amazonaws.com", ACCOUNT, {"resource": EVERYONE, "rcp": [[NOBODY]]}, False, "rcp", RCP),
    # The gate must allow too, and grants nothing.
    (USER, ACCOUNT, {"identity": [ALL], "gate": EVERYONE}, True, "identity", GATE),
    (USER, ACCOUNT, {"identity": [ALL], "gate": grant({"AWS": ACCOUNT}, "door")}, True, "identity", GATE),
    (USER, ACCOUNT, {"identity": [ALL], "gate": grant({"AWS": OTHER}, "door")}, False, "gate", GATE),
    (USER, ACCOUNT, {"gate": EVERYONE}, False, "identity", GATE),
    (USER, ACCOUNT, {"resource": grant({"AWS": USER}), "gate": policy("door", ("Allow", "s3:*", "*"))}, False, "gate", GATE),
    # Between accounts both sides must allow, and boundaries and session policies always limit.
    (USER, OTHER, {"identity": [ALL]}, False, "resource", ACROSS),
    (USER, OTHER, {"resource": grant({"AWS": USER})}, False, "identity", ACROSS),
    (USER, OTHER, {"identity": [ALL], "resource": grant({"AWS": USER})}, True, "resource", ACROSS),
    (USER, OTHER, {"identity": [ALL], "resource": grant({"AWS": ROOT})}, True, "resource", ACROSS),
    (USER, OTHER, {"identity": [ALL], "resource": grant({"AWS": OTHER})}, False, "resource", ACROSS),
    (USER, OTHER, {"resource": grant("*")}, False, "identity", PRINCIPAL),
    (SESSION, OTHER, {"resource": grant({"AWS": ROLE})}, False, "identity", ACROSS),
    (USER, OTHER, {"identity": [ALL], "boundary": [NONE], "resource": grant({"AWS": USER})}, False, "boundary", ACROSS),
    (SESSION, OTHER, {"identity": [ALL], "session": [NONE], "resource": grant({"AWS": SESSION})}, False, "session", ACROSS),
    # KMS keys and role trust policies must allow in any case.
    (USER, ACCOUNT, {"identity": [ALL], "resource_policy_required": True}, False, "resource", KMS),
    (
        USER,
        ACCOUNT,
        {"identity": [ALL], "resource": grant({"AWS": ROOT}), "resource_policy_required": True},
        True,
        "resource",
        KMS,
    ),
    (USER, ACCOUNT, {"resource": grant({"AWS": ROOT}), "resource_policy_required": True}, False, "identity", KMS),
    (USER, ACCOUNT, {"resource": grant({"AWS": USER}), "resource_policy_required": True}, True, "resource", KMS),
    (ROOT, ACCOUNT, {"resource": grant({"AWS": USER}), "resource_policy_required": True}, False, "resource", KMS),
    # Callers without identity policies, and the root user.
    (
        "sns.amazonaws.com",
        ACCOUNT,
        {"resource": grant({"Service": "sns.amazonaws.com"}), "scp": [[DENY]]},
        True,
        "resource",
        PRINCIPAL,
    ),
    ("sns.amazonaws.com", ACCOUNT, {"identity": [ALL]}, False, "resource", PRINCIPAL),
    ("sns.amazonaws.com", ACCOUNT, {"resource": EVERYONE, "boundary": [NONE], "session": [NONE]}, True, "resource", PRINCIPAL),
    ("*", ACCOUNT, {"resource": EVERYONE}, True, "resource", PRINCIPAL),
    (ROOT, ACCOUNT, {}, True, "identity", LOGIC),
    (ROOT, OTHER, {}, False, "resource", ACROSS),
    (ROOT, OTHER, {"resource": grant({"AWS": ACCOUNT})}, True, "resource", ACROSS),
]


@pytest.mark.parametrize(("principal", "owner", "policies", "allowed", "layer", "url"), ROWS)
def test_rule(principal: str, owner: str, policies: dict[str, Any], allowed: bool, layer: str, url: str) -> None:
    decision = decide(principal, owner, **policies)
    assert (decision.allowed, decision.layer) == (allowed, layer), (url, decision.reason)


REASONS: list[tuple[dict[str, Any], str, list[str]]] = [
    (
        {"identity": [policy("app/inline", ("Allow", "*"), ("Deny", "sqs:*"))]},
        "explicit deny in `app/inline` statement 2",
        ["deny"],
    ),
    ({}, "no statement of the identity policies allows sqs:SendMessage", []),
    ({"resource": NONE}, "no statement of the identity policies allows sqs:SendMessage", []),
    (
        {"resource": grant({"AWS": ROOT})},
        "no statement of the identity policies or the resource policy allows sqs:SendMessage",
        [],
    ),
    ({"identity": [ALL], "boundary": [NONE]}, "no statement of the permissions boundary allows sqs:SendMessage", []),
    (
        {"identity": [ALL], "scp": [[ALL], []]},
        "no statement of the service control policies of level 2 allows sqs:SendMessage",
        [],
    ),
    ({"identity": [ALL], "gate": grant({"AWS": OTHER}, "door")}, "no statement of `door` allows sqs:SendMessage", []),
    ({"identity": [NONE, ALL]}, "`all` statement 1 allows sqs:SendMessage", ["all"]),
]


@pytest.mark.parametrize(("policies", "reason", "determining"), REASONS)
def test_reason(policies: dict[str, Any], reason: str, determining: list[str]) -> None:
    decision = decide(USER, **policies)
    assert decision.reason == reason
    assert len(decision.determining) == len(determining)


def test_every_deny_determines() -> None:
    decision = decide(USER, identity=[ALL, DENY], resource=NOBODY)
    assert [statement.document for statement in decision.determining] == ["nobody", "deny"]
    assert decision.reason == "explicit deny in `nobody` statement 1"


def test_both_sides_determine_between_accounts() -> None:
    decision = decide(USER, OTHER, identity=[ALL], resource=grant({"AWS": USER}))
    assert [statement.document for statement in decision.determining] == ["queue", "all"]


def test_only_what_no_limit_holds_back_determines() -> None:
    both = policy("queue", ("Allow", "sqs:*", {"AWS": ROLE}), ("Allow", "sqs:*", {"AWS": SESSION}))
    decision = decide(SESSION, resource=both, identity=[ALL], session=[NONE])
    assert [(statement.document, statement.index) for statement in decision.determining] == [("queue", 2)], SESSIONS


def test_a_service_is_no_principal_of_the_account_it_acts_for() -> None:
    request = Request("sns.amazonaws.com", "sqs:SendMessage", f"arn:aws:sqs:eu-west-1:{ACCOUNT}:jobs", {}, ACCOUNT)
    assert evaluate(request, PolicySet(identity=[ALL])).allowed is False, PRINCIPAL


def test_considered_statements_and_why_they_do_not_apply() -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition.html"""
    limited = policy("app", ("Allow", "sqs:*"), ("Allow", "s3:*"), Condition={"StringEquals": {"aws:SourceVpce": "vpce-1"}})
    decision = decide(USER, identity=[limited], context={"aws:SourceVpce": "vpce-2"})
    assert [statement.index for statement in decision.considered] == [1]
    assert decision.notes == ("`app` statement 1: `StringEquals` of `aws:SourceVpce` does not hold: the request has `vpce-2`",)
    assert decide(USER, identity=[limited]).notes[0].endswith("the request has no such key")


def test_deny_with_not_principal_always_denies_who_has_a_boundary() -> None:
    part = {"Effect": "Deny", "Action": "*", "Resource": "*", "NotPrincipal": {"AWS": [ROOT, USER]}}
    resource = PolicyDocument.parse({"Statement": part})
    assert decide(USER, identity=[ALL], resource=resource).allowed is True, BOUNDARY
    assert decide(USER, identity=[ALL], resource=resource, boundary=[ALL]).allowed is False, BOUNDARY


ORG = {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}
MAYBE = policy("maybe", ("Allow", "*"), Condition=ORG)
MAYBE_NOT = policy("maybe-not", ("Deny", "*"), Condition=ORG)
MAYBE_GRANT = policy("maybe-grant", ("Allow", "*", {"AWS": USER}), Condition=ORG)
UNDECIDED: list[tuple[dict[str, Any], bool | None, str]] = [
    ({"identity": [MAYBE]}, None, "identity"),
    ({"identity": [MAYBE, ALL]}, True, "identity"),
    ({"identity": [MAYBE, DENY]}, False, "identity"),
    ({"identity": [ALL, MAYBE_NOT]}, None, "identity"),
    ({"identity": [MAYBE_NOT]}, False, "identity"),
    ({"identity": [ALL], "gate": policy("door", ("Allow", "*", "*"), Condition=ORG)}, None, "gate"),
    ({"identity": [ALL], "scp": [[MAYBE]]}, None, "scp"),
    ({"identity": [ALL], "scp": [[MAYBE], [NONE]]}, False, "scp"),
    ({"identity": [MAYBE], "boundary": [NONE]}, False, "boundary"),
    ({"identity": [ALL], "boundary": [NONE], "resource": MAYBE_GRANT}, None, "resource"),
    ({"identity": [ALL], "boundary": [ALL], "resource": MAYBE_GRANT}, True, "identity"),
    ({"identity": [MAYBE, NONE], "resource": MAYBE_GRANT}, None, "resource"),
]


@pytest.mark.parametrize(("policies", "allowed", "layer"), UNDECIDED)
def test_an_unknown_value_is_undecided_unless_the_rest_decides(
    policies: dict[str, Any], allowed: bool | None, layer: str
) -> None:
    decision = decide(USER, context={"aws:PrincipalOrgID": UNKNOWN}, **policies)
    assert (decision.allowed, decision.layer) == (allowed, layer)
    if allowed is None:
        assert decision.reason.startswith("undecided by `maybe") or decision.reason.startswith("undecided by `door`")
        assert decision.reason.endswith("`aws:PrincipalOrgID` is not known")
        assert any("`aws:PrincipalOrgID` is not known" in note for note in decision.notes)


def test_a_principal_that_may_be_the_caller_is_undecided() -> None:
    decision = decide(USER, resource=grant({"CanonicalUser": "79a5"}))
    assert (decision.allowed, decision.layer) == (None, "resource"), PRINCIPAL
    assert decision.reason.endswith("it names a session or a canonical user that may or may not be the caller")


def test_resource_without_account_belongs_to_the_principal_s_account() -> None:
    bucket = Request(USER, "s3:ListBucket", "arn:aws:s3:::shop")
    assert evaluate(bucket, PolicySet(identity=[ALL])).allowed is True
    assert (
        evaluate(Request(USER, "s3:ListBucket", "arn:aws:s3:::shop", {}, "", OTHER), PolicySet(identity=[ALL])).allowed is False
    )
