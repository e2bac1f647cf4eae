"""The services of a model, in moto: its queues, topics, buckets, tables, parameters and secrets, under their own names.

Nothing here decides who gets through: a cloud answers requests that have arrived. Each account has a console in each Region,
which looks from beside the network.
"""

from __future__ import annotations

import threading
from typing import Any, NamedTuple

from vpcsim import services
from vpcsim.cloud.addressing import canonical
from vpcsim.cloud.console import Console
from vpcsim.cloud.contents import Dump, create
from vpcsim.cloud.environment import environment, settings
from vpcsim.cloud.state import State
from vpcsim.errors import InputError, Problem
from vpcsim.offline import offline
from vpcsim.stable import stable_hex


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
        self.state = State()
        self._missing: Dump | None = dump
        self.filling = threading.RLock()
        self._consoles: dict[tuple[str, str], Console] = {}
        self._sessions: dict[Credentials, tuple[str, str]] = {}

    def _fill(self) -> None:
        with self.filling:
            dump, self._missing = self._missing, None
            if dump is not None:
                create(dump, self)

    def console(self, region: str | None = None, account: str | None = None) -> Console:
        """What an account sees in a Region, those of the model unless others are given."""
        where = (region or self.region, account or self.account)
        return self._consoles.setdefault(where, Console(self, *where))

    def poll(self, queue: str) -> list[str]:
        """The bodies of the messages in a queue of the model's account and Region, which stay there."""
        return self.console().poll(queue)

    def answer(self, request: Any, account: str = "") -> tuple[int, dict[str, Any], bytes]:
        """What the service says to a request that has reached it, a botocore AWSPreparedRequest: status, headers, body.

        `account` is whose resources it is about, unless that is the account of whoever signed it.
        """
        from moto.core.botocore_stubber import BotocoreStubber

        self._fill()
        with offline(), environment(settings(self.region)), self.state.in_place():
            self._introduce()
            try:
                answered: Any = BotocoreStubber().process_request(_copy(request, account, self.account))
            except ImportError as error:
                host = request.url.split("/")[2]
                extra = "install vpcsim[cloudformation]" if host.startswith("cloudformation.") else "see the extras of moto"
                message = f"moto cannot answer for `{host}`, since `{error.name}` is not installed: {extra}"
                raise InputError(Problem(message)) from None
        if answered is None:
            return 404, {}, b"Not yet implemented"
        status, headers, body = answered
        return status, dict(headers), body.encode() if isinstance(body, str) else bytes(body)

    def assume(self, role_arn: str, session: str) -> Credentials:
        """Credentials of a session of a role: made up, the same in every run. The services know them when they are asked."""
        key, secret = f"ASIA{stable_hex(role_arn, 16).upper()}", stable_hex(f"secret of {role_arn}", 40)
        made = Credentials(key, secret, stable_hex(f"token of {role_arn}", 120))
        with self.filling:
            self._sessions.setdefault(made, (role_arn, session))
        return made

    def _introduce(self) -> None:
        """Let moto know the sessions that it has not seen yet."""
        from moto.iam.models import iam_backends
        from moto.sts.models import sts_backends

        partition = services.partition_of(self.region)
        for made, (role_arn, session) in list(self._sessions.items()):
            account = role_arn.split(":")[4]
            keys = iam_backends[account][partition].access_keys
            if made.access_key_id not in keys:
                sts = sts_backends[account][partition]
                role = sts.assume_role(self.region, session, role_arn, "", 21600, "")
                keys.pop(role.access_key_id)
                role.access_key.access_key_id = role.access_key_id = made.access_key_id
                role.access_key.secret_access_key = role.secret_access_key = made.secret_access_key
                role.session_token = made.token
                keys[made.access_key_id] = role.access_key


def _copy(request: Any, account: str, usual: str) -> Any:
    """The request as moto takes it; whoever no credentials of this cloud tell is of the usual account."""
    from botocore.awsrequest import AWSPreparedRequest
    from botocore.compat import HTTPHeaders
    from moto.iam.models import iam_backends

    headers = HTTPHeaders()
    for name, value in request.headers.items():
        headers[name] = value.decode() if isinstance(value, bytes) else value
    keys = {key for partitions in iam_backends.values() for backend in partitions.values() for key in backend.access_keys}
    if account or not any(key in f"{headers.get('Authorization', '')} {request.url}" for key in keys):
        headers["x-moto-account-id"] = account or usual
    return AWSPreparedRequest(request.method, canonical(request.url), headers, request.body, request.stream_output)
