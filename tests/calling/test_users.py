"""Users and groups as callers: their policies, their context, and how templates and the native format write them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from asked import built, end_of

import vpcsim
from vpcsim import Network
from vpcsim.account import Group, User
from vpcsim.calling.signing import signer_of
from vpcsim.errors import InputError, UnknownName

IAM = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
USERS = f"{IAM}id_users.html"
GROUPS = f"{IAM}id_groups.html"
LOGIC = f"{IAM}reference_policies_evaluation-logic_policy-eval-denyallow.html"
BOUNDARY = f"{IAM}access_policies_boundaries.html"
VARIABLES = f"{IAM}reference_policies_variables.html"
KEYS = f"{IAM}reference_policies_condition-keys.html"
PRINCIPAL = f"{IAM}reference_policies_elements_principal.html"
TAGS = f"{IAM}id_session-tags.html"
SOURCE_IDENTITY = f"{IAM}id_credentials_temp_control-access_monitor.html"

ACCOUNT = "123456789012"
NIA = f"arn:aws:iam::{ACCOUNT}:user/nia"
SESSION = f"arn:aws:sts::{ACCOUNT}:assumed-role/app/deploy"


def document(effect: str, action: str, resource: str = "*", **more: Any) -> str:
    statement = {"Effect": effect, "Action": action, "Resource": resource, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def user(text: str) -> str:
    return f"users: {{nia: {{{text}}}}}"


def queue(principal: str, effect: str = "Allow", **more: Any) -> str:
    return f"queues: {{jobs: {{policy: {document(effect, 'sqs:*', Principal={'AWS': principal}, **more)}}}}}"


SQS_KMS = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html"
SECRETS_KMS = "https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html"


def denied_if(operator: str, key: str, value: str) -> str:
    """A queue that denies to everybody what the condition holds for."""
    return queue("*", "Deny", **when(operator, key, value))


def when(operator: str, key: str, value: str) -> dict[str, Any]:
    return {"Condition": {operator: {key: value}}}


MINE = document("Allow", "sqs:*", f"arn:aws:sqs:*:{ACCOUNT}:${{aws:username}}*")
SENDERS = "user_groups: {senders: {allow: 'sqs:SendMessage'}}"
IN = user("groups: senders")

# rule, page, changes, how it ends, what the reason says
ROWS: list[tuple[str, str, str, str, str]] = [
    ("no policy", USERS, user(""), "blocked policy", "no statement of the identity policies"),
    ("an inline policy", USERS, user("allow: 'sqs:*'"), "reachable", ""),
    ("a managed policy", USERS, user("managed_policies: AmazonSQSFullAccess"), "reachable", ""),
    ("one of a group", GROUPS, f"{IN}\n{SENDERS}", "reachable", ""),
    (
        "one that a group has attached",
        GROUPS,
        f"{IN}\nuser_groups: {{senders: {{managed_policies: AmazonSQSFullAccess}}}}",
        "reachable",
        "",
    ),
    (
        "a deny of a group",
        GROUPS,
        user("groups: senders, allow: '*'") + f"\nuser_groups: {{senders: {{policies: {{shut: {document('Deny', 'sqs:*')}}}}}}}",
        "blocked policy",
        "explicit deny in `senders/shut`",
    ),
    ("a group of somebody else", GROUPS, f"{user('')}\n{SENDERS}", "blocked policy", "no statement"),
    ("a group outside the model", GROUPS, IN, "undecided policy", "the group senders is not in the model"),
    ("a group outside the model makes no difference", GROUPS, user("groups: senders, allow: 'sqs:*'"), "reachable", ""),
    (
        "a boundary limits",
        BOUNDARY,
        user("allow: '*', permissions_boundary: AmazonS3FullAccess"),
        "blocked policy",
        "the permissions boundary",
    ),
    (
        "a boundary does not limit what the user's ARN is granted",
        BOUNDARY,
        user("permissions_boundary: AmazonS3FullAccess") + "\n" + queue(NIA),
        "reachable",
        "",
    ),
    ("the account is not the user", PRINCIPAL, f"{user('')}\n{queue(ACCOUNT)}", "blocked policy", "no statement"),
    ("another user is granted", PRINCIPAL, f"{user('')}\n{queue(NIA + 'a')}", "blocked policy", "no statement"),
    ("the user's name is a variable", VARIABLES, user(f"policies: {{own: {MINE}}}"), "blocked policy", "no statement"),
    (
        "long-term keys have no key of MFA",
        KEYS,
        user("allow: '*'") + "\n" + denied_if("BoolIfExists", "aws:MultiFactorAuthPresent", "false"),
        "blocked policy",
        "explicit deny",
    ),
    (
        "which BoolIfExists finds and Bool does not",
        KEYS,
        user("allow: '*'") + "\n" + denied_if("Bool", "aws:MultiFactorAuthPresent", "false"),
        "reachable",
        "",
    ),
    (
        "nor a token's time",
        KEYS,
        user("allow: '*'") + "\n" + denied_if("Null", "aws:TokenIssueTime", "true"),
        "blocked policy",
        "explicit deny",
    ),
    (
        "a user's tag",
        KEYS,
        user("allow: '*', tags: {team: blue}") + "\n" + denied_if("StringNotEquals", "aws:PrincipalTag/team", "blue"),
        "reachable",
        "",
    ),
    (
        "it is an instance, but not its credentials",
        KEYS,
        user("allow: '*'") + "\n" + denied_if("Null", "aws:Ec2InstanceSourceVpc", "true"),
        "blocked policy",
        "explicit deny",
    ),
]


@pytest.mark.parametrize(("rule", "page", "changes", "end", "told"), ROWS, ids=[row[0] for row in ROWS])
def test_a_user(rule: str, page: str, changes: str, end: str, told: str) -> None:
    answer = built(changes).call("i", "sqs:SendMessage", "jobs", user="nia")
    assert (end_of(answer), told in answer.because) == (end, True), (page, answer.because)
    assert answer.deciding.principal == NIA


SESSIONS: list[tuple[str, str, str, str, str]] = [
    ("it may be the one that is named", PRINCIPAL, "app", queue(SESSION, "Deny"), "undecided policy"),
    ("it is the one", PRINCIPAL, "app/deploy", queue(SESSION, "Deny"), "blocked policy"),
    ("by its ARN", PRINCIPAL, SESSION, queue(SESSION, "Deny"), "blocked policy"),
    ("it is another one", PRINCIPAL, "app/nightly", queue(SESSION, "Deny"), "reachable"),
    (
        "granted by name, a boundary does not limit it",
        LOGIC,
        "app/deploy",
        queue(SESSION) + "\nroles: {app: {permissions_boundary: AmazonS3FullAccess}}",
        "reachable",
    ),
    (
        "granted as a role, it does",
        LOGIC,
        "app/deploy",
        queue(f"arn:aws:iam::{ACCOUNT}:role/app") + "\nroles: {app: {permissions_boundary: AmazonS3FullAccess}}",
        "blocked policy",
    ),
    (
        "a tag of the session replaces the role's",
        TAGS,
        "app",
        "roles: {app: {tags: {team: red}, session_tags: {team: blue}}}\n"
        + denied_if("StringNotEquals", "aws:PrincipalTag/team", "blue"),
        "reachable",
    ),
    (
        "the source identity",
        SOURCE_IDENTITY,
        "app",
        "roles: {app: {source_identity: nia}}\n" + denied_if("StringNotEquals", "aws:SourceIdentity", "nia"),
        "reachable",
    ),
    ("no source identity", SOURCE_IDENTITY, "app", denied_if("StringNotEquals", "aws:SourceIdentity", "nia"), "blocked policy"),
    (
        "the principal's ARN is the role's, with its path",
        KEYS,
        "app/deploy",
        "roles: {app: {path: /team/}}\n" + denied_if("ArnNotEquals", "aws:PrincipalArn", f"arn:aws:iam::{ACCOUNT}:role/team/app"),
        "reachable",
    ),
]


@pytest.mark.parametrize(("rule", "page", "role", "changes", "end"), SESSIONS, ids=[row[0] for row in SESSIONS])
def test_a_session(rule: str, page: str, role: str, changes: str, end: str) -> None:
    answer = built(changes).call("i", "sqs:SendMessage", "jobs", role=role)
    assert end_of(answer) == end, (page, answer.because)


def test_who_signs_is_one() -> None:
    net = built(user(""))
    with pytest.raises(InputError, match="signed by one: the role `app` or the user `nia`"):
        signer_of(net, "i", role="app", user="nia")
    with pytest.raises(UnknownName, match="did you mean `nia`"):
        signer_of(net, "i", user="nai")
    with pytest.raises(UnknownName, match="no role `ap`"):
        signer_of(net, "i", role="ap/deploy")


TEMPLATE = """
Resources:
  V: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  A: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref V, CidrBlock: 10.0.0.0/24}}
  I: {Type: AWS::EC2::Instance, Properties: {SubnetId: !Ref A}}
  Nia: {Type: AWS::IAM::User, Properties: {UserName: nia, Path: /ops/, Groups: [!Ref Senders]}}
  Ron: {Type: AWS::IAM::User, Properties: {PermissionsBoundary: !Ref Limit}}
  Senders: {Type: AWS::IAM::Group, Properties: {ManagedPolicyArns: ["arn:aws:iam::aws:policy/AmazonSQSFullAccess"]}}
  Added: {Type: AWS::IAM::UserToGroupAddition, Properties: {GroupName: !Ref Senders, Users: [!Ref Ron]}}
  Own: {Type: AWS::IAM::UserPolicy, Properties: {UserName: !Ref Ron, PolicyName: own, PolicyDocument: DOCUMENT}}
  Its: {Type: AWS::IAM::GroupPolicy, Properties: {GroupName: !Ref Senders, PolicyName: its, PolicyDocument: DOCUMENT}}
  Both:
    Type: AWS::IAM::Policy
    Properties: {Users: [!Ref Nia], Groups: [!Ref Senders], PolicyName: both, PolicyDocument: DOCUMENT}
  Limit: {Type: AWS::IAM::ManagedPolicy, Properties: {Users: [!Ref Nia], Groups: [!Ref Senders], PolicyDocument: DOCUMENT}}
"""


@pytest.fixture(scope="module")
def templated(tmp_path_factory: pytest.TempPathFactory) -> Network:
    path: Path = tmp_path_factory.mktemp("users") / "template.yaml"
    path.write_text(TEMPLATE.replace("DOCUMENT", document("Allow", "sqs:*")))
    return vpcsim.load(str(path))


def test_a_template_writes_policies_in_four_places(templated: Network) -> None:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-policy.html"""
    nia, ron = templated.topology.need(User, "Nia"), templated.topology.need(User, "Ron")
    group = templated.topology.need(Group, "Senders")
    assert [[policy.policy_name for policy in each.policies] for each in (nia, ron, group)] == [
        ["both"],
        ["own"],
        ["its", "both"],
    ]
    limit = f"arn:aws:iam::{ACCOUNT}:policy/Limit"
    assert (nia.groups, ron.groups, ron.permissions_boundary) == (("Senders",), ("Senders",), limit)
    assert nia.managed_policy_arns == (limit,)
    assert group.managed_policy_arns == ("arn:aws:iam::aws:policy/AmazonSQSFullAccess", limit)


def test_the_arn_of_a_user_has_its_path_and_its_name(templated: Network) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html"""
    assert signer_of(templated, "I", user="nia").principal == f"arn:aws:iam::{ACCOUNT}:user/ops/nia"
    assert signer_of(templated, "I", user="nia").identity == signer_of(templated, "I", user="Nia").identity


def test_from_the_internet_the_way_is_open() -> None:
    """The network of somebody at home is not in the model."""
    assert end_of(built(user("allow: '*'")).call("internet", "sqs:SendMessage", "jobs", user="nia")) == "undecided path"


SEALED: list[tuple[str, str, str, str]] = [
    ("sqs:SendMessage", "jobs", "queues: {jobs: {key: K}}", SQS_KMS),
    ("sns:Publish", "news", "topics: {news: {key: K}}", "https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html"),
    (
        "s3:PutObject",
        "files/a",
        "buckets: {files: {key: K}}",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html",
    ),
    ("secretsmanager:GetSecretValue", "word", "secrets: {word: {value: x, key: K}}", SECRETS_KMS),
]


@pytest.mark.parametrize(("action", "resource", "changes", "page"), SEALED, ids=[row[0] for row in SEALED])
@pytest.mark.parametrize("may", [True, False])
def test_the_key_of_what_is_asked_for(action: str, resource: str, changes: str, page: str, may: bool) -> None:
    service = action.partition(":")[0]
    key = when("StringEquals", "kms:ViaService", f"{service}.us-east-1.amazonaws.com")
    own = document("Allow", "kms:*", **key) if may else document("Allow", "kms:Encrypt", **key)
    role = f"roles: {{app: {{allow: ['{action}'], policies: {{key: {own}}}}}}}"
    public = "route_tables: {priv: {routes: {0.0.0.0/0: nat}}}"
    answer = built(f"{changes}\nkeys: {{K: {{}}}}\n{role}\n{public}").call("i", action, resource)
    assert end_of(answer) == ("reachable" if may else "blocked policy"), (page, answer.because)
    assert may or "kms:" in answer.because


@pytest.mark.parametrize("key", ["aws:SourceVpce", "aws:SourceVpc", "aws:SourceIp"])
def test_what_a_service_says_of_the_way_of_its_caller_is_not_known(key: str) -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/access_forward_access_sessions.html"""
    shut = document("Deny", "kms:*", **when("Null", key, "true"))
    role = f"roles: {{app: {{policies: {{shut: {shut}, open: {document('Allow', '*')}}}}}}}"
    answer = built(f"queues: {{jobs: {{key: K}}}}\nkeys: {{K: {{}}}}\n{role}").call("i", "sqs:SendMessage", "jobs")
    assert (end_of(answer), f"`{key}` is not known" in answer.because) == ("undecided policy", True)
