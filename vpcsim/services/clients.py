"""The host that a client calls: that of boto3, of the AWS CLI version 2, and of the AWS CLI version 1.

boto3 and both versions of the CLI follow the endpoint rules that botocore ships, and differ in three things. boto3 and version 1
call S3 in us-east-1 by the global name, version 2 by the regional one. Version 1 calls SQS, and a few other services, by the
names of old certificates that botocore lists, whatever else is asked for. Settings are those of the client in the model: they
are given, and never read from the machine.

Not modelled here: account endpoints of DynamoDB, access points, S3 Express, S3 Transfer Acceleration.

Sources: https://docs.aws.amazon.com/general/latest/gr/rande.html (the forms of the names),
https://docs.aws.amazon.com/cli/latest/userguide/cliv2-migration-changes.html (S3 in us-east-1),
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-internetwork-traffic-privacy.html (legacy names),
https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html (overrides, and which of them wins),
https://docs.aws.amazon.com/sdkref/latest/guide/feature-endpoints.html (dual stack and FIPS),
https://docs.aws.amazon.com/sdkref/latest/guide/feature-sts-regionalized-endpoints.html.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from vpcsim.errors import InputError, Problem, nearest
from vpcsim.services._data import load
from vpcsim.services.hosts import service_of_host
from vpcsim.services.regions import dns_suffix

CLIENTS = ("boto3", "cli-v2", "cli-v1")
SETTINGS = (
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_<SERVICE>",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_USE_FIPS_ENDPOINT",
    "AWS_USE_DUALSTACK_ENDPOINT",
    "AWS_STS_REGIONAL_ENDPOINTS",
    "AWS_S3_US_EAST_1_REGIONAL_ENDPOINT",
)
ACTIONS = {
    "s3": {
        "ListObjects": "ListBucket",
        "ListObjectsV2": "ListBucket",
        "HeadBucket": "ListBucket",
        "ListBuckets": "ListAllMyBuckets",
        "HeadObject": "GetObject",
        "CopyObject": "PutObject",
        "CreateMultipartUpload": "PutObject",
        "UploadPart": "PutObject",
        "CompleteMultipartUpload": "PutObject",
        "UploadPartCopy": "PutObject",
        "ListObjectVersions": "ListBucketVersions",
        "ListMultipartUploads": "ListBucketMultipartUploads",
        "ListParts": "ListMultipartUploadParts",
        "DeleteObjects": "DeleteObject",
    },
    "sqs": {
        "SendMessageBatch": "SendMessage",
        "DeleteMessageBatch": "DeleteMessage",
        "ChangeMessageVisibilityBatch": "ChangeMessageVisibility",
    },
    "sns": {"PublishBatch": "Publish"},
    "lambda": {"Invoke": "InvokeFunction"},
}
"""The actions of policies whose names are not those of the operations.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""
LEGACY_STS_REGIONS = frozenset(
    "ap-northeast-1 ap-south-1 ap-southeast-1 ap-southeast-2 aws-global ca-central-1 eu-central-1 eu-north-1 eu-west-1 "
    "eu-west-2 eu-west-3 sa-east-1 us-east-1 us-east-2 us-west-1 us-west-2".split()
)
"""Where `AWS_STS_REGIONAL_ENDPOINTS=legacy` means the global name."""


@dataclass(frozen=True)
class Client:
    """A client: its `name` of CLIENTS, its options, and the environment that it has in the model. Raises InputError."""

    name: str = "boto3"
    endpoint_url: str = ""
    fips: bool = False
    dual_stack: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.name not in CLIENTS:
            raise _mistake(f"`{self.name}` is not a client: {', '.join(CLIENTS)}")
        for name in self.environment:
            if name not in SETTINGS and not name.startswith("AWS_ENDPOINT_URL_"):
                close = nearest(name, SETTINGS)
                hint = f"did you mean `{close}`?" if close else f"known: {', '.join(SETTINGS)}"
                raise _mistake(f"`{name}` does not decide which host a client calls; {hint}")
        urls = [self.endpoint_url, *(url for name, url in self.environment.items() if name.startswith("AWS_ENDPOINT_URL"))]
        for url in filter(None, urls):
            if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
                raise _mistake(f"`{url}` is not a URL such as https://sqs.us-east-1.amazonaws.com")

    def is_set(self, name: str, value: str = "true") -> bool:
        return self.environment.get(name, "").lower() == value


class Endpoint(NamedTuple):
    """Where a request goes. `service` is the client's name; `overridden`: a setting says where, and not the service's rules."""

    url: str
    service: str
    overridden: bool = False

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    @property
    def is_https(self) -> bool:
        return urlsplit(self.url).scheme == "https"

    @property
    def port(self) -> int:
        return urlsplit(self.url).port or (443 if self.is_https else 80)


def action_of(operation: str) -> str:
    """The action that policies know an operation by: `sqs:SendMessage` of `sqs:SendMessageBatch`."""
    prefix, _, name = operation.partition(":")
    return f"{prefix}:{ACTIONS.get(prefix, {}).get(name, name)}"


def misspelt(action: str) -> str:
    """The action that is probably meant, where the client of a service knows no such operation, or an empty text.

    There are actions without an operation, such as `s3:GetObjectVersion`, so that only what is nearly one is told.
    """
    prefix, _, name = action.partition(":")
    model = _model_of(prefix, name)
    if model is None or model.operation or name in ACTIONS.get(prefix, {}).values():
        return ""
    close = nearest(name, _read_whole(model.client)["operations"], 0.9)
    return f"{prefix}:{close}" if close else ""


def client_of(action: str) -> str:
    """The client that sends an action; empty if no client is known to."""
    prefix, _, name = action.partition(":")
    model = _model_of(prefix, name)
    return model.client if model else ""


def signing_of(client: str) -> tuple[str, str, tuple[str, ...]]:
    """The first label of a service's host, its name in signatures, and the protocols that it takes, the usual one first.

    SQS takes its older protocol beside the one of its clients:
    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-making-api-requests-xml.html
    """
    told = _read_whole(client)["metadata"]
    prefix = str(told["endpointPrefix"])
    older = ("query",) if client == "sqs" else ()
    return prefix, str(told.get("signingName", prefix)), (*told.get("protocols", [told["protocol"]]), *older)


def endpoint_of(action: str, region: str, account: str, client: Client | None = None, bucket: str = "") -> Endpoint:
    """Where a client sends an action such as `sqs:SendMessage`.

    Raises InputError for an action of no known service, and for what the client itself refuses.
    """
    client = client or Client()
    prefix, colon, name = action.partition(":")
    if not colon or not prefix or not name:
        raise _mistake(f"`{action}` is not an action such as `sqs:SendMessage`")
    model = _model_of(prefix, name)
    return _of_agent(prefix, region) if model is None else _Request(model, region, account, client, bucket).endpoint()


def _of_agent(prefix: str, region: str) -> Endpoint:
    """The endpoint of a service that has no client of its own, such as `ssmmessages`."""
    host = f"{prefix}.{region}.{dns_suffix(region)}"
    if service_of_host(host) is None:
        known = {*load("clients")["clients"], *load("hosts")["labels"].values()}
        close = nearest(prefix, known)
        raise _mistake(f"`{prefix}` is the prefix of no known service" + (f", did you mean `{close}`?" if close else ""))
    return Endpoint(f"https://{host}", prefix)


class _Model(NamedTuple):
    """What botocore says of a client and of one of its operations."""

    client: str
    metadata: Mapping[str, Any]
    operation: Mapping[str, Any]


@lru_cache(maxsize=256)
def _model_of(prefix: str, name: str) -> _Model | None:
    """The client that has this operation, or else the first one for the prefix."""
    others = load("clients")["clients"].get(prefix, "").split()
    found = [model for client in dict.fromkeys([prefix, *others]) if (model := _read(client, name))]
    return next((model for model in found if model.operation), found[0] if found else None)


def _read(client: str, name: str) -> _Model | None:
    from botocore.exceptions import UnknownServiceError

    try:
        model = _read_whole(client)
    except UnknownServiceError:
        return None
    return _Model(client, model["metadata"], model["operations"].get(name, {}))


def _read_whole(client: str) -> Any:
    return _loader().load_service_model(client, "service-2")


@cache
def _loader() -> Any:
    """botocore's own data, and none of what the user keeps in the home folder."""
    from botocore.loaders import Loader

    return Loader(include_default_search_paths=False, extra_search_paths=[Loader.BUILTIN_DATA_PATH])


class _Request:
    """One operation of one client, on its way to a host."""

    def __init__(self, model: _Model, region: str, account: str, client: Client, bucket: str) -> None:
        self.model, self.region, self.account, self.client, self.bucket = model, region, account, client, bucket
        self.override = self._override()

    def endpoint(self) -> Endpoint:
        """The endpoint that the rules give, after what the client does by itself."""
        url = ("" if self.override else self._legacy()) or self._by_rules()
        return Endpoint(self._with_prefix(url), self.model.client, bool(self.override))

    def _override(self) -> str:
        """The option first, then the variable of the service, then that of every service."""
        client = self.client
        if client.endpoint_url or client.is_set("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"):
            return client.endpoint_url
        own = str(self.model.metadata["serviceId"]).replace(" ", "_").replace("-", "_").upper()
        return client.environment.get(f"AWS_ENDPOINT_URL_{own}") or client.environment.get("AWS_ENDPOINT_URL", "")

    def _legacy(self) -> str:
        """The name of an old certificate that version 1 of the CLI calls."""
        if self.client.name != "cli-v1":
            return ""
        from botocore.regions import EndpointResolver

        resolver = EndpointResolver(_loader().load_data("endpoints"))
        found = resolver.construct_endpoint(self.model.metadata["endpointPrefix"], self.region) or {}
        return f"https://{found['sslCommonName']}" if found.get("sslCommonName") else ""

    def _by_rules(self) -> str:
        from botocore.endpoint_provider import EndpointProvider
        from botocore.exceptions import EndpointProviderError, UnknownServiceError

        loader = _loader()
        try:
            rules = loader.load_service_model(self.model.client, "endpoint-rule-set-1")
            asked = self._parameters(rules["parameters"])
            return str(EndpointProvider(rules, loader.load_data("partitions")).resolve_endpoint(**asked).url)
        except UnknownServiceError:
            return _of_agent(self.model.metadata["endpointPrefix"], self.region).url
        except EndpointProviderError as error:
            raise _mistake(f"{self.client.name} cannot call {self.model.client} in {self.region}: {_told(error)}") from None

    def _parameters(self, known: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        static = self.model.operation.get("staticContextParams", {})
        asked = {name: given["value"] for name, given in static.items()}
        if "Bucket" in known and self.bucket:
            asked["Bucket"] = self.bucket
        if "AccountId" in known and "builtIn" not in known["AccountId"]:
            asked["AccountId"] = self.account
        values = self._built_in()
        asked |= {name: values[given["builtIn"]] for name, given in known.items() if given.get("builtIn") in values}
        return {name: value for name, value in asked.items() if name in known}

    def _built_in(self) -> dict[str, Any]:
        client = self.client
        regional_s3 = client.name == "cli-v2" or client.is_set("AWS_S3_US_EAST_1_REGIONAL_ENDPOINT", "regional")
        legacy_sts = client.is_set("AWS_STS_REGIONAL_ENDPOINTS", "legacy") and self.region in LEGACY_STS_REGIONS
        values: dict[str, Any] = {
            "AWS::Region": self.region,
            "AWS::UseFIPS": client.fips or client.is_set("AWS_USE_FIPS_ENDPOINT"),
            "AWS::UseDualStack": client.dual_stack or client.is_set("AWS_USE_DUALSTACK_ENDPOINT"),
            "AWS::S3::UseGlobalEndpoint": self.region == "us-east-1" and not regional_s3,
            "AWS::STS::UseGlobalEndpoint": legacy_sts,
            "AWS::S3::ForcePathStyle": bool(self.override),
        }
        return values | ({"SDK::Endpoint": self.override} if self.override else {})

    def _with_prefix(self, url: str) -> str:
        """The label that some operations put before the host: `data-`, `sync-`, an account's number."""
        prefix = str(self.model.operation.get("endpoint", {}).get("hostPrefix", "")).replace("{AccountId}", self.account)
        if not prefix or "{" in prefix or urlsplit(url).netloc.startswith(prefix):
            return url
        return url.replace("://", f"://{prefix}", 1)


def _told(error: Exception) -> str:
    text = str(error).removeprefix("Invalid Configuration: ").rstrip(".")
    return text[:1].lower() + text[1:]


def _mistake(message: str) -> InputError:
    return InputError(Problem(message))
