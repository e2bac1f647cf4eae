"""Whole tasks as lists of legs, each with the page of AWS that says that it is needed.

The names of buckets and registries that AWS owns are those of its documentation; the account of the registry of EKS images
is the one of most Regions, and the path to it is the same for every account.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from vpcsim import services
from vpcsim.asking import sender_of
from vpcsim.calling.legs import Want
from vpcsim.calling.signing import Home, home_of
from vpcsim.errors import InputError, Problem, nearest
from vpcsim.network import Network

GUIDE = "https://docs.aws.amazon.com/"
PREREQUISITES = f"{GUIDE}systems-manager/latest/userguide/session-manager-prerequisites.html"
MESSAGES = f"{GUIDE}systems-manager/latest/userguide/systems-manager-setting-up-messageAPIs.html"
SESSION_LOGS = f"{GUIDE}systems-manager/latest/userguide/session-manager-logging-cloudwatch-logs.html"
ECR = f"{GUIDE}AmazonECR/latest/userguide/vpc-endpoints.html"
CLOUDFORMATION = f"{GUIDE}AWSCloudFormation/latest/UserGuide/vpc-interface-endpoints.html"
CFN_SIGNAL = f"{GUIDE}AWSCloudFormation/latest/UserGuide/cfn-signal.html"
AMAZON_LINUX = "https://repost.aws/knowledge-center/ec2-al1-al2-update-yum-without-internet"
AGENT = f"{GUIDE}AmazonCloudWatch/latest/monitoring/create-iam-roles-for-cloudwatch-agent-commandline.html"
METRICS = f"{GUIDE}AmazonCloudWatch/latest/monitoring/cloudwatch-and-interface-VPC.html"
LOGS = f"{GUIDE}AmazonCloudWatch/latest/logs/cloudwatch-logs-and-interface-VPC.html"
EKS = f"{GUIDE}eks/latest/userguide/private-clusters.html"
RDS = f"{GUIDE}lambda/latest/dg/services-rds.html"
SECRETS = f"{GUIDE}secretsmanager/latest/userguide/vpc-endpoint-overview.html"
EKS_REGISTRY = "602401143452"

Build = Callable[[Network, str, Home, str], tuple[Want, ...]]
"""(network, source, where that is, what the task is about) -> its legs."""


def wants_of(net: Network, source: str, name: str, about: str) -> tuple[Want, ...]:
    """The legs of a task. Raises InputError for a task that does not exist."""
    if name not in TASKS:
        close = nearest(name, TASKS)
        hint = f"did you mean `{close}`?" if close else f"tasks: {', '.join(TASKS)}"
        raise InputError(Problem(f"no task `{name}`; {hint}"))
    return TASKS[name](net, source, home_of(net, source), about)


def _bucket(home: Home, name: str, label: str = "s3") -> str:
    return f"{name}.{home.host(label)}"


def _objects(home: Home, bucket: str) -> str:
    return f"arn:{services.partition_of(home.region)}:s3:::{bucket}/*"


def _session_manager(net: Network, source: str, home: Home, about: str) -> tuple[Want, ...]:
    """ec2messages is for agents older than 3.3.40.0, and newer Regions do not have it; logs is for logged sessions."""
    channels = ("CreateControlChannel", "CreateDataChannel", "OpenControlChannel", "OpenDataChannel")
    legs = [
        Want(home.host("ssm"), ("ssm:UpdateInstanceInformation",), page=PREREQUISITES),
        Want(home.host("ssmmessages"), tuple(f"ssmmessages:{name}" for name in channels), page=MESSAGES),
    ]
    if any(name.endswith(".ec2messages") for name in services.service_names(home.region)):
        old = "agents older than 3.3.40.0"
        legs.append(Want(home.host("ec2messages"), ("ec2messages:GetMessages",), page=MESSAGES, optional=old))
    logged = "sessions that are logged to CloudWatch Logs"
    legs.append(Want(home.host("logs"), ("logs:PutLogEvents",), page=SESSION_LOGS, optional=logged))
    return tuple(legs)


def _ecr_pull(net: Network, source: str, home: Home, about: str) -> tuple[Want, ...]:
    """`about` is the ARN of a repository, or its name in the caller's account."""
    if about and not about.startswith("arn:"):
        about = home.arn("ecr", f"repository/{about}")
    account = about.split(":")[4] if about.count(":") >= 5 else home.account
    logs, logged = ("logs:CreateLogStream", "logs:PutLogEvents"), "containers with the awslogs log driver"
    return (
        *_pull(home, about or "*", account, "execution"),
        Want(home.host("logs"), logs, page=ECR, optional=logged, signer="execution"),
    )


def _pull(home: Home, repository: str, account: str, signer: str) -> tuple[Want, ...]:
    """The layers come from a bucket of AWS, by addresses that ECR has signed."""
    layers = f"prod-{home.region}-starport-layer-bucket"
    images, public = ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"), account == EKS_REGISTRY
    return (
        Want(home.host("api.ecr"), ("ecr:GetAuthorizationToken",), page=ECR, signer=signer, client="ecr"),
        Want(f"{account}.{home.host('dkr.ecr')}", images, repository, ECR, signer=signer, public=public),
        Want(_bucket(home, layers), ("s3:GetObject",), _objects(home, layers), ECR, signer="nobody"),
    )


def _cfn_signal(net: Network, source: str, home: Home, about: str) -> tuple[Want, ...]:
    """CloudFormation takes a signal from an instance of the stack without credentials."""
    bucket = f"cloudformation-waitcondition-{home.region}"
    waits = "wait conditions with a handle"
    return (
        Want(home.host("cloudformation"), ("cloudformation:SignalResource",), signer="nobody", page=CFN_SIGNAL),
        Want(_bucket(home, bucket), ("s3:PutObject",), _objects(home, bucket), CLOUDFORMATION, waits, "nobody"),
    )


def _amazon_linux_repos(net: Network, source: str, home: Home, about: str) -> tuple[Want, ...]:
    """Of Amazon Linux 2023, or of Amazon Linux 2 if the task is about `al2`."""
    buckets = {"": f"al2023-repos-{home.region}-de612dc2", "al2023": f"al2023-repos-{home.region}-de612dc2"}
    buckets["al2"] = f"amazonlinux-2-repos-{home.region}"
    if about not in buckets:
        raise InputError(Problem(f"`{about}` is not al2023 or al2"))
    bucket = buckets[about]
    host = _bucket(home, bucket, "s3.dualstack")
    return (Want(host, ("s3:GetObject",), _objects(home, bucket), AMAZON_LINUX, signer="nobody"),)


def _cloudwatch_agent(net: Network, source: str, home: Home, about: str) -> tuple[Want, ...]:
    logs = ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents")
    return (
        Want(home.host("monitoring"), ("cloudwatch:PutMetricData",), page=METRICS),
        Want(home.host("logs"), logs, page=LOGS),
        Want(home.host("ec2"), ("ec2:DescribeTags",), page=AGENT, optional="dimensions from an instance's tags"),
        Want(home.host("ssm"), ("ssm:GetParameter",), page=AGENT, optional="a configuration in Parameter Store"),
    )


def _eks_node_join(net: Network, source: str, home: Home, about: str) -> tuple[Want, ...]:
    group = net.topology.resources.get(sender_of(net, source).id)
    clusters = [cluster.id for cluster in net.topology.of_kind("eks_cluster")]
    cluster = about or str(getattr(group, "cluster_name", "")) or (clusters[0] if len(clusters) == 1 else "")
    images = Home(home.region, EKS_REGISTRY).arn("ecr", "repository/*")
    known = "nodes that ask EKS for the cluster's address"
    return (
        Want(to=_named(cluster, "cluster", clusters), page=EKS),
        Want(home.host("ec2"), ("ec2:DescribeInstances",), page=EKS),
        *(replace(want, page=EKS) for want in _pull(home, images, EKS_REGISTRY, "calls")),
        Want(home.host("eks"), ("eks:DescribeCluster",), page=EKS, optional=known),
        Want(home.host("sts"), ("sts:AssumeRoleWithWebIdentity",), page=EKS, optional="pods with IAM roles", signer="nobody"),
    )


def _lambda_to_rds(net: Network, source: str, home: Home, about: str) -> tuple[Want, ...]:
    databases = [database.id for database in net.topology.of_kind("db_instance")]
    database = about or (databases[0] if len(databases) == 1 else "")
    return (Want(to=_named(database, "database", databases), page=RDS),)


def _secrets_manager(net: Network, source: str, home: Home, about: str) -> tuple[Want, ...]:
    want = ("secretsmanager:GetSecretValue",)
    return (Want(home.host("secretsmanager"), want, about or "*", page=SECRETS, client="secretsmanager"),)


def _named(id: str, what: str, known: list[str]) -> str:
    if not id:
        listed = ", ".join(f"`{name}`" for name in known) or "none"
        raise InputError(Problem(f"name the {what} that the task is about; the model has {listed}"))
    return id


TASKS: Mapping[str, Build] = {
    "session-manager": _session_manager,
    "ecr-pull": _ecr_pull,
    "cfn-signal": _cfn_signal,
    "amazon-linux-repos": _amazon_linux_repos,
    "cloudwatch-agent": _cloudwatch_agent,
    "eks-node-join": _eks_node_join,
    "lambda-to-rds": _lambda_to_rds,
    "secrets-manager": _secrets_manager,
}
"""Every task by its name."""
