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
from urllib.parse import unquote

from vpcsim.account import Bucket, Queue, Secret, ServiceResource, SsmParameter, Table, Topic
from vpcsim.calling.signing import Home
from vpcsim.services.clients import action_of

PREFIXES = {"monitoring": "cloudwatch", "email": "ses", "tagging": "tag"}
"""Signing names that are not the prefix of the actions."""
FREE = {("sts", "GetCallerIdentity")}
"""Operations that need no permission."""


_SIGNATURE = re.compile(r"(?:Credential=|AWSAccessKeyId=|AWS )([A-Z0-9]{16,})")

_SCOPE = re.compile(r"Credential=[^/\s]+/[0-9]{8}/[^/\s]+/([^/\s]+)/aws4_request")


def signed_by(request: Any) -> str | None:
    """The access key of a request's signature, in its header or in its URL."""
    header = request.headers.get("Authorization", "")
    told = f"{header.decode() if isinstance(header, bytes) else header} {request.url}"
    found = _SIGNATURE.search(told)
    return found[1] if found else None


def signed_for(request: Any) -> str:
    """The service that a request is signed for, or an empty text.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
    """
    found = _SCOPE.search(f"{request.headers.get('Authorization', '')} {unquote(request.url)}")
    return found[1] if found else ""


class Asked(NamedTuple):
    """An operation as IAM sees it. `action` is empty if it needs none; `resources` is empty if they are not known."""

    action: str
    resources: tuple[str, ...]


def owner_of(asked: Asked) -> str:
    """The account of what a call is about; empty if its ARN does not tell it."""
    arn = asked.resources[0] if asked.resources else ""
    return arn.split(":")[4] if arn.count(":") >= 5 else ""


def asked(prefix: str, operation: str, params: Mapping[str, Any], home: Home) -> Asked:
    """What a call needs. `prefix` is the service's signing name, `params` are those of boto3, `home` is where it asks."""
    if (prefix, operation) in FREE:
        return Asked("", ("*",))
    service = PREFIXES.get(prefix, prefix)
    find = RESOURCES.get(service)
    found = tuple(find(params, home)) if find else ()
    return Asked(action_of(f"{service}:{operation}"), found)


def _arn(shape: type[ServiceResource], name: str, home: Home) -> str:
    return name if name.startswith("arn:") else shape.arn_of(name, home.region, home.account)


def _queue(params: Mapping[str, Any], home: Home) -> Iterable[str]:
    """The path of a queue's URL holds its account and its name."""
    text = str(params.get("QueueUrl") or params.get("QueueName") or "")
    *_, account, name = ["", "", *text.split("/")]
    owner = home._replace(account=account) if account.isdigit() else home
    if name:
        yield _arn(Queue, name, owner)


def _topic(params: Mapping[str, Any], home: Home) -> Iterable[str]:
    text = str(params.get("TopicArn") or params.get("TargetArn") or params.get("Name") or "")
    if text:
        yield _arn(Topic, text, home)


def _object(params: Mapping[str, Any], home: Home) -> Iterable[str]:
    if "Bucket" not in params:
        return
    bucket = _arn(Bucket, str(params["Bucket"]), home)
    keys = [params["Key"]] if "Key" in params else [each["Key"] for each in params.get("Delete", {}).get("Objects", ())]
    yield from (f"{bucket}/{key}" for key in keys) if keys else (bucket,)


def _table(params: Mapping[str, Any], home: Home) -> Iterable[str]:
    names = [params["TableName"]] if "TableName" in params else params.get("RequestItems", ())
    for name in names:
        table = _arn(Table, str(name), home)
        yield f"{table}/index/{params['IndexName']}" if "IndexName" in params else table


def _parameter(params: Mapping[str, Any], home: Home) -> Iterable[str]:
    names = [params[key] for key in ("Name", "Path") if key in params] or params.get("Names", ())
    yield from (_arn(SsmParameter, str(name), home) for name in names)


def _secret(params: Mapping[str, Any], home: Home) -> Iterable[str]:
    name = str(params.get("SecretId") or params.get("Name") or "")
    if name:
        yield _arn(Secret, name, home)


RESOURCES: Mapping[str, Callable[[Mapping[str, Any], Home], Iterable[str]]] = {
    "sqs": _queue,
    "sns": _topic,
    "s3": _object,
    "dynamodb": _table,
    "ssm": _parameter,
    "secretsmanager": _secret,
}
