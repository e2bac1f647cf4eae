"""The services of a model, in moto: its queues, topics, buckets, tables, parameters and secrets, under their own names.

Nothing here decides who gets through: a cloud answers requests that have arrived. Its own clients ask from beside the
network, as the owner of the account in front of the console.
"""

from __future__ import annotations

import threading
from functools import cache
from typing import Any, NamedTuple

from vpcsim import services
from vpcsim.account import Secret
from vpcsim.cloud.addressing import canonical
from vpcsim.cloud.contents import Dump, create
from vpcsim.cloud.environment import environment, settings
from vpcsim.cloud.state import State
from vpcsim.offline import offline
from vpcsim.stable import stable_hex

OWNER = {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}
KEEPS_CREDENTIALS = "_vpcsim_keeps_credentials"
"""Marks the signer of a client that signs with its own credentials wherever it is used."""


class Credentials(NamedTuple):
    """What the metadata service of an instance hands out."""

    access_key_id: str
    secret_access_key: str
    token: str


class Cloud:
    """Takes a topology's dump, plain describe-shaped values. Clouds share nothing, whatever their accounts are called.

    What the model holds is created when a service is first asked.
    """

    def __init__(self, dump: Dump, region: str, account: str) -> None:
        self.region, self.account = region, account
        self._state = State()
        self._missing: Dump | None = dump
        self._filling = threading.RLock()
        self._clients: dict[str, Any] = {}
        self._sessions: dict[Credentials, tuple[str, str]] = {}

    def _fill(self) -> None:
        with self._filling:
            dump, self._missing = self._missing, None
            if dump is not None:
                create(dump, self)

    def answer(self, request: Any) -> tuple[int, dict[str, Any], bytes]:
        """What the service says to a request that has reached it, a botocore AWSPreparedRequest: status, headers, body."""
        from moto.core.botocore_stubber import BotocoreStubber

        self._fill()
        with offline(), environment(settings(self.region)), self._state.in_place():
            self._introduce()
            answered: Any = BotocoreStubber().process_request(_copy(request, self.account))
        if answered is None:
            return 404, {}, b"Not yet implemented"
        status, headers, body = answered
        return status, dict(headers), body.encode() if isinstance(body, str) else bytes(body)

    def assume(self, role_arn: str, session: str) -> Credentials:
        """Credentials of a session of a role: made up, the same in every run. The services know them when they are asked."""
        key, secret = f"ASIA{stable_hex(role_arn, 16).upper()}", stable_hex(f"secret of {role_arn}", 40)
        made = Credentials(key, secret, stable_hex(f"token of {role_arn}", 120))
        with self._filling:
            self._sessions.setdefault(made, (role_arn, session))
        return made

    def _introduce(self) -> None:
        """Let moto know the sessions that it has not seen yet."""
        from moto.iam.models import iam_backends
        from moto.sts.models import sts_backends

        partition = services.partition_of(self.region)
        keys = iam_backends[self.account][partition].access_keys
        for made, (role_arn, session) in list(self._sessions.items()):
            if made.access_key_id not in keys:
                sts = sts_backends[self.account][partition]
                role = sts.assume_role(self.region, session, role_arn, "", 21600, "")
                keys.pop(role.access_key_id)
                role.access_key.access_key_id = role.access_key_id = made.access_key_id
                role.access_key.secret_access_key = role.secret_access_key = made.secret_access_key
                role.session_token = made.token
                keys[made.access_key_id] = role.access_key

    def name_secret(self, name: str) -> None:
        """Give a secret the ARN that the model knows it by, in place of a random one."""
        from moto.secretsmanager.models import secretsmanager_backends

        with self._state.in_place():
            secret = secretsmanager_backends[self.account][self.region].secrets[name]
            secret.arn = Secret.arn_of(name, self.region, self.account)

    def client(self, service: str, shared: bool = True) -> Any:
        """A boto3 client that nothing on the way stops, for a look from outside of the network."""
        if not shared:
            return self._made(service)
        with self._filling:
            if service not in self._clients:
                self._clients[service] = self._made(service)
            return self._clients[service]

    def _made(self, service: str) -> Any:
        from botocore.config import Config
        from moto.core.models import botocore_stubber

        with environment(settings(self.region)):
            config = Config(retries={"total_max_attempts": 1})
            client = _session().client(service, region_name=self.region, config=config, **OWNER)
        vars(client._request_signer)[KEEPS_CREDENTIALS] = True
        client._endpoint.http_session = Straight(self)
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


class Straight:
    """An HTTP session of botocore that hands every request to a cloud."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud

    def send(self, request: Any) -> Any:
        return response(request.url, *self.cloud.answer(request))

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


def _copy(request: Any, account: str) -> Any:
    """The request as moto takes it; whoever no credentials of this cloud tell is of the model's account."""
    from botocore.awsrequest import AWSPreparedRequest
    from botocore.compat import HTTPHeaders
    from moto.iam.models import iam_backends

    headers = HTTPHeaders()
    for name, value in request.headers.items():
        headers[name] = value.decode() if isinstance(value, bytes) else value
    keys = {key for partitions in iam_backends.values() for backend in partitions.values() for key in backend.access_keys}
    if not any(key in f"{headers.get('Authorization', '')} {request.url}" for key in keys):
        headers["x-moto-account-id"] = account
    return AWSPreparedRequest(request.method, canonical(request.url), headers, request.body, request.stream_output)
