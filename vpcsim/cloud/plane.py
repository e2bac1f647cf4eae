"""boto3 as on the instance: every request is decided by the network before moto sees it.

A request that the network drops raises what botocore raises when a connect times out, a name that does not resolve what it
raises then, a denied one gets the service's own error document; everything else lands in moto. Time-outs pass at once.
Environment, profiles and credentials of the machine are never read: inside, they are made up.

Sources: https://boto3.amazonaws.com/v1/documentation/api/latest/guide/error-handling.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html (wording of a denial),
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-json-api-error-responses.html.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any, NamedTuple
from urllib.parse import urlsplit

Dump = Mapping[str, list[dict[str, Any]]]


class Reached(NamedTuple):
    """The request arrives."""


class TimesOut(NamedTuple):
    """Nothing answers: the client waits until its own time-out."""

    because: str


class NameFails(NamedTuple):
    """The host name has no address."""

    because: str


class WrongName(NamedTuple):
    """Somebody answers whose certificate is not for the host name."""

    because: str


class Denied(NamedTuple):
    """The service refuses the request. `message` is what it says."""

    message: str


Fate = Reached | TimesOut | NameFails | WrongName | Denied
Decide = Callable[[str, str, int, str], Fate]
"""(service, host, port, operation) -> what becomes of the request."""

NOWHERE = {"http": "http://127.0.0.1:9", "https": "http://127.0.0.1:9"}
"""A proxy on a closed port: a request that neither the network nor moto answered cannot leave the machine."""


class Plane:
    """The services of a model. Use it as a context manager; `client` gives boto3 clients of an instance."""

    def __init__(self, dump: Dump, region: str, account: str, decide: Decide) -> None:
        self.dump, self.region, self.account, self.decide = dump, region, account, decide
        self._stack = ExitStack()

    def __enter__(self) -> Plane:
        self._stack.enter_context(_made_up_environment(self.region, self.account))
        from moto import mock_aws

        self._stack.enter_context(mock_aws())
        self._create_queues()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stack.close()

    def client(self, service: str) -> Any:
        """A boto3 client as a program on the instance would make it."""
        client = self._client(service)
        client.meta.events.register_first(f"before-call.{service}", self._before_call(service))
        return client

    def queue_url(self, name: str) -> str:
        """The URL of a queue of the model."""
        url: str = self._client("sqs").get_queue_url(QueueName=name)["QueueUrl"]
        return url

    def poll(self, name: str) -> list[str]:
        """The bodies of the messages in a queue, which stay there: a look from outside the instance."""
        sqs = self._client("sqs")
        found = sqs.receive_message(QueueUrl=self.queue_url(name), MaxNumberOfMessages=10, VisibilityTimeout=0)
        return [message["Body"] for message in found.get("Messages", ())]

    def _client(self, service: str) -> Any:
        import boto3
        from botocore.config import Config

        config = Config(retries={"total_max_attempts": 1}, proxies=NOWHERE)
        return boto3.Session(region_name=self.region).client(service, config=config)

    def _create_queues(self) -> None:
        sqs = self._client("sqs")
        for queue in self.dump.get("Queues", ()):
            name = queue["QueueName"]
            attributes = {"FifoQueue": "true"} if name.endswith(".fifo") else {}
            sqs.create_queue(QueueName=name, Attributes=attributes)

    def _before_call(self, service: str) -> Callable[..., Any]:
        def decide(model: Any, params: Any, **_: Any) -> Any:
            parts = urlsplit(params["url"])
            port = parts.port or (443 if parts.scheme == "https" else 80)
            return _meet(self.decide(service, parts.hostname or "", port, model.name), params["url"])

        return decide


def _meet(fate: Fate, url: str) -> Any:
    """None lets moto answer; an exception is what the real client raises; a response is the service's."""
    from botocore.awsrequest import AWSResponse
    from botocore.exceptions import ConnectTimeoutError, EndpointConnectionError, SSLError

    match fate:
        case TimesOut(because):
            raise ConnectTimeoutError(endpoint_url=url, error=because)
        case NameFails(because):
            raise EndpointConnectionError(endpoint_url=url, error=because)
        case WrongName(because):
            raise SSLError(endpoint_url=url, error=because)
        case Denied(message):
            metadata = {"HTTPStatusCode": 403, "HTTPHeaders": {}, "RetryAttempts": 0}
            return AWSResponse(url, 403, {}, None), {
                "Error": {"Type": "Sender", "Code": "AccessDenied", "Message": message},
                "ResponseMetadata": metadata,
            }
        case Reached():
            return None


HIDDEN = ("AWS_", "BOTO_", "MOTO_", "TEST_SERVER_", "TEST_PROXY_")
"""What settings of the machine begin with that would change a client or moto."""


@contextmanager
def _made_up_environment(region: str, account: str) -> Iterator[None]:
    """Hide the machine's AWS settings, and restore them."""
    from botocore.loaders import Loader

    saved, models = dict(os.environ), Loader.CUSTOMER_DATA_PATH
    for name in [name for name in os.environ if name.upper().startswith(HIDDEN)]:
        del os.environ[name]
    os.environ.update(
        AWS_CONFIG_FILE=os.devnull,
        AWS_SHARED_CREDENTIALS_FILE=os.devnull,
        AWS_EC2_METADATA_DISABLED="true",
        AWS_DEFAULT_REGION=region,
        MOTO_ACCOUNT_ID=account,
        AWS_ACCESS_KEY_ID="AKIAIOSFODNN7EXAMPLE",
        AWS_SECRET_ACCESS_KEY="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    )
    Loader.CUSTOMER_DATA_PATH = os.devnull
    try:
        yield
    finally:
        Loader.CUSTOMER_DATA_PATH = models
        os.environ.clear()
        os.environ.update(saved)
