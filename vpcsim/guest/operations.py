"""What an operation of a service needs by IAM's words: the action, and the resources that it is about.

Most operations are an action of the same name; the exceptions stand here. Where the resource of a request is not known, a
policy that names resources leaves it undecided.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html,
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-api-permissions-reference.html,
https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-language-api-permissions-reference.html,
https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html (no permissions),
https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from vpcsim.account import Bucket, Queue, Secret, ServiceResource, SsmParameter, Table, Topic
from vpcsim.services.clients import action_of
from vpcsim.topology import Topology

PREFIXES = {"monitoring": "cloudwatch", "email": "ses", "tagging": "tag"}
"""Signing names that are not the prefix of the actions."""
FREE = {("sts", "GetCallerIdentity")}
"""Operations that need no permission."""


_SIGNATURE = re.compile(r"(?:Credential=|AWSAccessKeyId=|AWS )([A-Z0-9]{16,})")


def signed_by(request: Any) -> str | None:
    """The access key of a request's signature, in its header or in its URL."""
    header = request.headers.get("Authorization", "")
    told = f"{header.decode() if isinstance(header, bytes) else header} {request.url}"
    found = _SIGNATURE.search(told)
    return found[1] if found else None


class Asked(NamedTuple):
    """An operation as IAM sees it. `action` is empty if it needs none; `resources` is empty if they are not known."""

    action: str
    resources: tuple[str, ...]


def asked(prefix: str, operation: str, params: Mapping[str, Any], topology: Topology) -> Asked:
    """What a call needs. `prefix` is the service's signing name, `params` are those of boto3."""
    if (prefix, operation) in FREE:
        return Asked("", ("*",))
    service = PREFIXES.get(prefix, prefix)
    find = RESOURCES.get(service)
    found = tuple(find(params, topology)) if find else ()
    return Asked(action_of(f"{service}:{operation}"), found)


def _arn(shape: type[ServiceResource], name: str, topology: Topology) -> str:
    settings = topology.settings
    return name if name.startswith("arn:") else shape.arn_of(name, settings.region, settings.account)


def _queue(params: Mapping[str, Any], topology: Topology) -> Iterable[str]:
    text = str(params.get("QueueUrl") or params.get("QueueName") or "")
    if text:
        yield _arn(Queue, Queue.name_in(text), topology)


def _topic(params: Mapping[str, Any], topology: Topology) -> Iterable[str]:
    text = str(params.get("TopicArn") or params.get("TargetArn") or params.get("Name") or "")
    if text:
        yield _arn(Topic, text, topology)


def _object(params: Mapping[str, Any], topology: Topology) -> Iterable[str]:
    if "Bucket" not in params:
        return
    bucket = _arn(Bucket, str(params["Bucket"]), topology)
    keys = [params["Key"]] if "Key" in params else [each["Key"] for each in params.get("Delete", {}).get("Objects", ())]
    yield from (f"{bucket}/{key}" for key in keys) if keys else (bucket,)


def _table(params: Mapping[str, Any], topology: Topology) -> Iterable[str]:
    names = [params["TableName"]] if "TableName" in params else params.get("RequestItems", ())
    for name in names:
        table = _arn(Table, str(name), topology)
        yield f"{table}/index/{params['IndexName']}" if "IndexName" in params else table


def _parameter(params: Mapping[str, Any], topology: Topology) -> Iterable[str]:
    names = [params[key] for key in ("Name", "Path") if key in params] or params.get("Names", ())
    yield from (_arn(SsmParameter, str(name), topology) for name in names)


def _secret(params: Mapping[str, Any], topology: Topology) -> Iterable[str]:
    name = str(params.get("SecretId") or params.get("Name") or "")
    if name:
        yield _arn(Secret, name, topology)


RESOURCES: Mapping[str, Callable[[Mapping[str, Any], Topology], Iterable[str]]] = {
    "sqs": _queue,
    "sns": _topic,
    "s3": _object,
    "dynamodb": _table,
    "ssm": _parameter,
    "secretsmanager": _secret,
}
