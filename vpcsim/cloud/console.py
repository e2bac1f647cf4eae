"""What an account sees of its services in one Region: a look from outside of the network, which nothing on the way stops."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from vpcsim.account import Secret
from vpcsim.cloud.environment import environment, settings

if TYPE_CHECKING:
    from vpcsim.cloud.cloud import Cloud

OWNER = {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}
KEEPS_CREDENTIALS = "_vpcsim_keeps_credentials"
"""Marks the signer of a client that signs with its own credentials wherever it is used."""


class Console:
    """See the module."""

    def __init__(self, cloud: Cloud, region: str, account: str) -> None:
        self.cloud, self.region, self.account = cloud, region, account
        self._clients: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        """A boto3 client of the account's owner, the same one every time."""
        with self.cloud.filling:
            if service not in self._clients:
                self._clients[service] = self.made(service)
            return self._clients[service]

    def made(self, service: str, variables: Mapping[str, str] | None = None) -> Any:
        """A new one, by a program with these variables in its environment."""
        from botocore.config import Config
        from moto.core.models import botocore_stubber

        with environment({**settings(self.region), **(variables or {})}):
            config = Config(retries={"total_max_attempts": 1})
            client = _session().client(service, region_name=self.region, config=config, **OWNER)
        vars(client._request_signer)[KEEPS_CREDENTIALS] = True
        client._endpoint.http_session = Straight(self.cloud, self.account)
        client.meta.events.unregister("before-send", botocore_stubber)
        return client

    def queue_url(self, name: str) -> str:
        """The URL of a queue."""
        url: str = self.client("sqs").get_queue_url(QueueName=name)["QueueUrl"]
        return url

    def poll(self, queue: str) -> list[str]:
        """The bodies of the messages in a queue, which stay there."""
        sqs = self.client("sqs")
        found = sqs.receive_message(QueueUrl=self.queue_url(queue), MaxNumberOfMessages=10, VisibilityTimeout=0)
        return [message["Body"] for message in found.get("Messages", ())]

    def name_secret(self, name: str) -> None:
        """Give a secret the ARN that the model knows it by, in place of a random one."""
        from moto.secretsmanager.models import secretsmanager_backends

        with self.cloud.state.in_place():
            secret = secretsmanager_backends[self.account][self.region].secrets[name]
            secret.arn = Secret.arn_of(name, self.region, self.account)


class Straight:
    """An HTTP session of botocore that hands every request to a cloud, as those of an account."""

    def __init__(self, cloud: Cloud, account: str) -> None:
        self.cloud, self.account = cloud, account

    def send(self, request: Any) -> Any:
        return response(request.url, *self.cloud.answer(request, self.account))

    def close(self) -> None:
        """Nothing is open."""


def response(url: str, status: int, headers: dict[str, Any], body: bytes) -> Any:
    """An answer as botocore's HTTP session gives it."""
    from botocore.awsrequest import AWSResponse
    from botocore.compat import HTTPHeaders
    from moto.core.botocore_stubber import MockRawResponse

    told = HTTPHeaders()
    for name, value in headers.items():
        told[name] = str(value)
    return AWSResponse(url, status, told, MockRawResponse(body))


@cache
def _session() -> Any:
    """One for all clouds: the models of services that it reads are the costly part of a client."""
    import boto3

    return boto3.Session()
