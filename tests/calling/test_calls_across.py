"""Calls from and to other Regions and accounts than the model's: whose names, whose ARNs, and whose policies decide."""

from __future__ import annotations

import json

import boto3
import pytest
from networks import changed, network

import vpcsim
from vpcsim.guest import cloud_of

OTHER = "111122223333"
CROSS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html"
SCP = "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html"
RCP = "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html"
KEYS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html"
QUEUE = "https://sqs.us-east-1.amazonaws.com/123456789012/Central"

MODEL = f"""
vpcs: {{spoke: {{cidr: 10.1.0.0/16, region: us-west-2, account: "{OTHER}"}}}}
internet_gateways: {{igw: {{vpc: spoke}}}}
route_tables: {{rt: {{vpc: spoke, main: true, routes: {{0.0.0.0/0: igw}}}}}}
subnets: {{net: {{vpc: spoke, cidr: 10.1.0.0/24, public_addresses: true}}}}
roles: {{worker: {{allow: "sqs:*"}}, idle: {{allow: "s3:*"}}}}
instances: {{app: {{subnet: net, role: worker}}, mute: {{subnet: net, role: idle}}}}
queues:
  Own: {{account: "{OTHER}", region: us-west-2}}
  Central: {{}}
"""


def allowing(principal: str, **condition: object) -> str:
    statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sqs:*", "Resource": "*", **condition}
    return f"queues: {{Central: {{policy: {json.dumps({'Statement': statement})}}}}}"


def organized(kind: str, target: str, accounts: str = "") -> str:
    document = json.dumps({"Statement": {"Effect": "Deny", "Action": "sqs:*", "Resource": "*", "Principal": "*"}})
    if kind == "scp":
        document = json.dumps({"Statement": {"Effect": "Deny", "Action": "sqs:*", "Resource": "*"}})
    policy = f"organization_policies: {{limit: {{type: {kind}, targets: ['{target}'], content: {document}}}}}"
    return f"{policy}\n{accounts}"


PLACED = f'organization_accounts: {{"{OTHER}": {{parent: ou-workloads}}}}\norganizational_units: {{ou-workloads: root}}'
ROLE = f"arn:aws:iam::{OTHER}:role/worker"
ACROSS = allowing(OTHER)

ROWS = [
    ("within an account the identity policy is enough", CROSS, "", "app", "Own", "reachable", ""),
    ("between accounts the resource must allow it, too", CROSS, "", "app", "Central", "blocked", "the resource policy"),
    ("the resource allows the account", CROSS, ACROSS, "app", "Central", "reachable", ""),
    ("the resource allows the role", CROSS, allowing(ROLE), "app", "Central", "reachable", ""),
    ("the resource allows another account", CROSS, allowing("444455556666"), "app", "Central", "blocked", "the resource policy"),
    ("the caller's own account must allow it", CROSS, ACROSS, "mute", "Central", "blocked", "the identity policies"),
    ("even if the resource names the role", CROSS, allowing(ROLE.replace("worker", "idle")), "mute", "Central", "blocked", ""),
    (
        "the key of the caller's account",
        KEYS,
        allowing("*", Condition={"StringEquals": {"aws:PrincipalAccount": OTHER}}),
        "app",
        "Central",
        "reachable",
        "",
    ),
    (
        "the key of the resource's account",
        KEYS,
        allowing("*", Condition={"StringEquals": {"aws:ResourceAccount": OTHER}}),
        "app",
        "Central",
        "blocked",
        "the resource policy",
    ),
    ("a policy of the caller's unit", SCP, f"{organized('scp', 'ou-workloads', PLACED)}", "app", "Own", "blocked", "limit"),
    ("a policy of the root", SCP, organized("scp", "root", PLACED), "app", "Own", "blocked", "limit"),
    ("a policy of the caller's account by number", SCP, organized("scp", OTHER), "app", "Own", "blocked", "limit"),
    ("the same, in an organization", SCP, organized("scp", OTHER, PLACED), "app", "Own", "blocked", "limit"),
    ("a policy of the model's account", SCP, organized("scp", "account", PLACED), "app", "Own", "reachable", ""),
    ("an account without a place", SCP, organized("scp", "root"), "app", "Own", "undecided", f"the account {OTHER} is where"),
    (
        "the resource's account is limited",
        RCP,
        f"{ACROSS}\n{organized('rcp', 'account', PLACED)}",
        "app",
        "Central",
        "blocked",
        "limit",
    ),
    (
        "the caller's account limits no resource of another one",
        RCP,
        f"{ACROSS}\n{organized('rcp', OTHER, PLACED)}",
        "app",
        "Central",
        "reachable",
        "",
    ),
]


@pytest.mark.parametrize(("rule", "page", "changes", "source", "queue", "verdict", "told"), ROWS, ids=[row[0] for row in ROWS])
def test_accounts(rule: str, page: str, changes: str, source: str, queue: str, verdict: str, told: str) -> None:
    answer = changed(MODEL, changes).call(source, "sqs:SendMessage", queue)
    assert (answer.verdict, told in answer.because) == (verdict, True), (page, answer.because)


HOSTS = [
    ("sqs:ListQueues", "*", "sqs.us-west-2.amazonaws.com"),
    ("sqs:SendMessage", "Own", "sqs.us-west-2.amazonaws.com"),
    ("sqs:SendMessage", "Central", "sqs.us-east-1.amazonaws.com"),
    ("sqs:SendMessage", "arn:aws:sqs:eu-west-1:123456789012:Away", "sqs.eu-west-1.amazonaws.com"),
    ("s3:GetObject", "arn:aws:s3:::files/a", "files.s3.us-west-2.amazonaws.com"),
]


@pytest.mark.parametrize(("action", "resource", "host"), HOSTS)
def test_a_client_is_set_up_for_the_region_of_what_it_asks_for_or_for_its_own(action: str, resource: str, host: str) -> None:
    """https://docs.aws.amazon.com/sdkref/latest/guide/feature-region.html"""
    assert network(MODEL).call("app", action, resource).legs[0].host == host


def test_a_task_asks_in_the_region_of_the_instance_and_for_what_its_account_owns() -> None:
    net = network(MODEL)
    assert {leg.host for leg in net.task("app", "session-manager").needed} == {
        "ssm.us-west-2.amazonaws.com",
        "ssmmessages.us-west-2.amazonaws.com",
    }
    pull = net.task("app", "ecr-pull", "orders").legs[1]
    assert (pull.host, pull.resource) == (
        f"{OTHER}.dkr.ecr.us-west-2.amazonaws.com",
        f"arn:aws:ecr:us-west-2:{OTHER}:repository/orders",
    )


def test_the_principal_is_of_the_instances_account() -> None:
    answer = network(MODEL).call("app", "sqs:SendMessage", "Own")
    assert answer.legs[0].principal.startswith(f"arn:aws:sts::{OTHER}:assumed-role/worker/")


def test_inside_a_program_is_of_the_instances_region_and_account() -> None:
    net = changed(MODEL, ACROSS)
    with vpcsim.inside(net, "app"):
        me = boto3.client("sts").get_caller_identity()
        sqs = boto3.client("sqs")
        own = sqs.get_queue_url(QueueName="Own")["QueueUrl"]
        sqs.send_message(QueueUrl=own, MessageBody="mine")
        boto3.client("sqs", region_name="us-east-1").send_message(QueueUrl=QUEUE, MessageBody="theirs")
    assert (me["Account"], me["Arn"].split("/")[1]) == (OTHER, "worker")
    assert own == f"https://sqs.us-west-2.amazonaws.com/{OTHER}/Own"
    assert cloud_of(net).console("us-west-2", OTHER).poll("Own") == ["mine"]
    assert cloud_of(net).poll("Central") == ["theirs"]


def test_inside_another_accounts_queue_says_who_may_not() -> None:
    with vpcsim.inside(network(MODEL), "app"), pytest.raises(boto3.client("sqs", "us-east-1").exceptions.ClientError) as caught:
        boto3.client("sqs", region_name="us-east-1").send_message(QueueUrl=QUEUE, MessageBody="theirs")
    assert "no resource-based policy allows the sqs:sendmessage action" in str(caught.value)
