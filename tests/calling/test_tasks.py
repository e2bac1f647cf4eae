"""Every task, broken one leg at a time and repaired; the rows name the page that says that the leg is needed."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from networks import merged, network

from vpcsim import Network
from vpcsim.calling import TASKS
from vpcsim.errors import InputError

AWS = "https://docs.aws.amazon.com/"
BASE = """
vpcs: {v: {cidr: 10.0.0.0/16, dns_hostnames: true}}
subnets: {a: {cidr: 10.0.0.0/24, az: us-east-1a}, b: {cidr: 10.0.1.0/24, az: us-east-1b}}
route_tables: {priv: {subnets: [a, b]}}
security_groups: {web: {}, ep: {ingress: all from 10.0.0.0/16}}
roles:
  node: {allow: ["*"]}
  pull: {managed_policies: AmazonECSTaskExecutionRolePolicy}
instances: {i: {subnet: a, security_groups: web, role: node}}
task_definitions: {td: {execution_role: pull}}
ecs_services: {svc: {subnets: a, security_groups: web, task_definition: td}}
functions: {fn: {subnets: [a, b], security_groups: web, role: node}}
eks_clusters: {k: {subnets: [a, b], private_access: true, public_access: false}}
eks_nodegroups: {nodes: {cluster: k, subnets: [a, b], role: node}}
db_subnet_groups: {dbs: [a, b]}
db_instances: {db: {engine: postgres, subnet_group: dbs, security_groups: ep}}
endpoints:
  s3: {type: gateway, service: s3, route_tables: priv}
"""
SERVICES = "ssm ssmmessages ecr.api ecr.dkr cloudformation monitoring logs ec2 secretsmanager"
DENY_ALL = "{Version: '2012-10-17', Statement: [{Effect: Deny, Principal: '*', Action: '*', Resource: '*'}]}"


def built(changes: str = "") -> Network:
    """A network with everything that the tasks need, and YAML laid over it."""
    document = yaml.safe_load(BASE)
    document["endpoints"] |= {
        name: {"service": name, "subnets": ["a", "b"], "security_groups": "ep", "private_dns": True} for name in SERVICES.split()
    }
    return network(yaml.safe_dump(merged(document, yaml.safe_load(changes) or {}), sort_keys=False))


def without(endpoint: str) -> str:
    return f"endpoints: {{{endpoint}: null}}"


def role(text: str, name: str = "node") -> str:
    return f"roles: {{{name}: {{{text}}}}}"


def s3_policy(statement: str) -> str:
    return f"endpoints: {{s3: {{policy: {{Version: '2012-10-17', Statement: [{statement}]}}}}}}"


OWN_BUCKETS = "{Effect: Allow, Principal: '*', Action: 's3:*', Resource: ['arn:aws:s3:::mine', 'arn:aws:s3:::mine/*']}"
LAYERS = "{Effect: Allow, Principal: '*', Action: s3:GetObject, Resource: 'arn:aws:s3:::prod-us-east-1-starport-layer-bucket/*'}"
MINE = "{Effect: Allow, Principal: {AWS: '123456789012'}, Action: '*', Resource: '*'}"
OURS = (
    MINE.replace("{AWS: '123456789012'}", "'*'")[:-1] + ", Condition: {StringEquals: {'aws:PrincipalAccount': '123456789012'}}}"
)

# task, source, what is wrong, changes, how it ends, the host that decides
BROKEN: list[tuple[str, str, str, str, str, str]] = [
    ("session-manager", "i", "no endpoint for ssm", without("ssm"), "blocked path", "ssm.us-east-1"),
    ("session-manager", "i", "no endpoint for ssmmessages", without("ssmmessages"), "blocked path", "ssmmessages.us-east-1"),
    ("session-manager", "i", "no role", "instances: {i: {role: null}}", "blocked policy", "ssm.us-east-1"),
    (
        "session-manager",
        "i",
        "the role may not open channels",
        role("allow: ['ssm:*']"),
        "blocked policy",
        "ssmmessages.us-east-1",
    ),
    (
        "session-manager",
        "i",
        "the group",
        "security_groups: {ep: {ingress: tcp 80 from 10.0.0.0/16}}",
        "blocked path",
        "ssm.us-east-1",
    ),
    ("ecr-pull", "svc", "no endpoint for ecr.api", without("ecr.api"), "blocked path", "api.ecr"),
    ("ecr-pull", "svc", "no endpoint for ecr.dkr", without("ecr.dkr"), "blocked path", "123456789012.dkr.ecr"),
    ("ecr-pull", "svc", "no endpoint for S3", without("s3"), "blocked path", "prod-us-east-1-starport-layer-bucket.s3"),
    ("ecr-pull", "svc", "no execution role", "task_definitions: {td: {execution_role: null}}", "blocked policy", "api.ecr"),
    ("ecr-pull", "svc", "S3 for own buckets only", s3_policy(OWN_BUCKETS), "blocked policy", "prod-us-east-1-starport"),
    ("ecr-pull", "svc", "S3 for the own account only", s3_policy(MINE), "blocked policy", "prod-us-east-1-starport"),
    ("ecr-pull", "svc", "S3 on condition of the account", s3_policy(OURS), "undecided policy", "prod-us-east-1-starport"),
    ("cfn-signal", "i", "no endpoint", without("cloudformation"), "blocked path", "cloudformation.us-east-1"),
    (
        "cfn-signal",
        "i",
        "an endpoint policy that denies",
        f"endpoints: {{cloudformation: {{policy: {DENY_ALL}}}}}",
        "blocked policy",
        "cloudformation.us-east-1",
    ),
    (
        "amazon-linux-repos",
        "i",
        "no endpoint for S3",
        without("s3"),
        "blocked path",
        "al2023-repos-us-east-1-de612dc2.s3.dualstack",
    ),
    ("amazon-linux-repos", "i", "S3 for own buckets only", s3_policy(OWN_BUCKETS), "blocked policy", "al2023-repos"),
    (
        "amazon-linux-repos",
        "i",
        "an interface endpoint for S3 instead",
        "endpoints: {s3: null, i3: {service: s3, subnets: a, security_groups: ep, private_dns: true, "
        "dns_options: {private_dns_only_for_inbound_resolver_endpoint: false}}}",
        "blocked path",
        "al2023-repos",
    ),
    ("cloudwatch-agent", "i", "no endpoint for metrics", without("monitoring"), "blocked path", "monitoring.us-east-1"),
    ("cloudwatch-agent", "i", "no endpoint for logs", without("logs"), "blocked path", "logs.us-east-1"),
    ("cloudwatch-agent", "i", "the role", role("allow: ['logs:*']"), "blocked policy", "monitoring.us-east-1"),
    (
        "eks-node-join",
        "nodes",
        "no way to the API server",
        "eks_clusters: {k: {private_access: false, public_access: true}}",
        "blocked path",
        "",
    ),
    ("eks-node-join", "nodes", "no endpoint for EC2", without("ec2"), "blocked path", "ec2.us-east-1"),
    ("eks-node-join", "nodes", "no endpoint for images", without("ecr.dkr"), "blocked path", "602401143452.dkr.ecr"),
    ("eks-node-join", "nodes", "no endpoint for layers", without("s3"), "blocked path", "prod-us-east-1-starport"),
    ("eks-node-join", "nodes", "the node role", role("allow: ['ec2:*']"), "blocked policy", "api.ecr"),
    ("lambda-to-rds", "fn", "the database's group", "db_instances: {db: {security_groups: web}}", "blocked path", ""),
    ("secrets-manager", "fn", "no endpoint", without("secretsmanager"), "blocked path", "secretsmanager.us-east-1"),
    ("secrets-manager", "fn", "the role", role("allow: ['sqs:*']"), "blocked policy", "secretsmanager.us-east-1"),
    ("secrets-manager", "fn", "a role that the model does not hold", "functions: {fn: {role: null}}", "undecided policy", ""),
]

SOURCES = {task: source for task, source, *_ in BROKEN}


@pytest.mark.parametrize("task", TASKS)
def test_every_task_succeeds_where_everything_is_there(task: str) -> None:
    answer = built().task(SOURCES[task], task)
    assert answer.reachable, str(answer)
    assert all(leg.page.startswith("https://") for leg in answer.legs)
    first, *rest = str(answer).splitlines()
    assert first == f"{task} from {SOURCES[task]}: REACHABLE"
    assert any(line.startswith("page   https://") for line in rest)


@pytest.mark.parametrize(("task", "source", "fault", "changes", "end", "host"), BROKEN, ids=[f"{r[0]}: {r[2]}" for r in BROKEN])
def test_a_task_without_one_thing(task: str, source: str, fault: str, changes: str, end: str, host: str) -> None:
    answer = built(changes).task(source, task)
    assert (f"{answer.verdict} {answer.layer}", answer.deciding.host.startswith(host)) == (end, True), str(answer)
    assert str(answer).splitlines()[0].startswith(f"{task} from {source}: {str(answer.verdict).upper()} by {answer.layer}")
    told = json.loads(json.dumps(answer.to_dict()))
    assert (told["verdict"], told["task"], len(told["legs"])) == (str(answer.verdict), task, len(answer.legs))


def test_the_policy_of_the_endpoint_for_s3_needs_the_bucket_of_the_layers() -> None:
    """https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html"""
    assert built(s3_policy(f"{OWN_BUCKETS}, {LAYERS}")).task("svc", "ecr-pull").reachable


def test_every_task_is_broken_somewhere() -> None:
    assert set(SOURCES) == set(TASKS)


def test_a_leg_that_is_not_needed_is_a_delay_and_no_failure() -> None:
    """https://docs.aws.amazon.com/systems-manager/latest/userguide/systems-manager-setting-up-messageAPIs.html"""
    answer = built(without("logs")).task("i", "session-manager")
    assert answer.reachable
    optional = {leg.host.partition(".")[0]: leg for leg in answer.legs if leg.optional}
    assert set(optional) == {"ec2messages", "logs"}
    assert optional["ec2messages"].verdict == "blocked"
    assert "note   whoever tries ec2messages or logs all the same waits for a time-out" in str(answer)


def test_newer_regions_have_no_ec2messages() -> None:
    """https://docs.aws.amazon.com/systems-manager/latest/userguide/systems-manager-setting-up-messageAPIs.html"""
    net = network("region: mx-central-1\nvpcs: {v: 10.0.0.0/16}\nsubnets: {a: 10.0.0.0/24}\ninstances: {i: {subnet: a}}\n")
    assert not any("ec2messages" in leg.host for leg in net.task("i", "session-manager").legs)


def test_the_session_command_is_the_same_construction() -> None:
    from vpcsim.calling import session

    assert session(built(), "i") == built().task("i", "session-manager")


def test_a_task_about_something() -> None:
    net = built(role("allow: null, managed_policies: AmazonECSTaskExecutionRolePolicy"))
    answer = net.task("i", "ecr-pull", "arn:aws:ecr:us-east-1:444455556666:repository/shop")
    registry = answer.legs[1]
    assert registry.host == "444455556666.dkr.ecr.us-east-1.amazonaws.com"
    assert registry.verdict == "undecided", "the repository's policy must allow, too, and is not in the model"
    assert net.task("i", "ecr-pull", "shop").legs[1].resource == "arn:aws:ecr:us-east-1:123456789012:repository/shop"
    assert (
        built().task("i", "amazon-linux-repos", "al2").legs[0].host
        == "amazonlinux-2-repos-us-east-1.s3.dualstack.us-east-1.amazonaws.com"
    )


MISTAKES: list[tuple[str, tuple[str, ...], str]] = [
    ("", ("i", "ecr-pul"), "no task `ecr-pul`; did you mean `ecr-pull`?"),
    ("", ("i", "nonsense"), "tasks: session-manager, ecr-pull"),
    ("", ("i", "amazon-linux-repos", "al3"), "`al3` is not al2023 or al2"),
    ("db_instances: null", ("fn", "lambda-to-rds"), "name the database that the task is about; the model has none"),
    ("db_instances: {other: {engine: mysql, subnet_group: dbs}}", ("fn", "lambda-to-rds"), "the model has `db`, `other`"),
]


@pytest.mark.parametrize(("changes", "words", "told"), MISTAKES, ids=[told for *_, told in MISTAKES])
def test_a_mistake_is_told(changes: str, words: tuple[Any, ...], told: str) -> None:
    source, *rest = words
    with pytest.raises(InputError) as caught:
        built(changes).task(source, *rest)
    assert told in str(caught.value)
