"""botocore as on the instance: every operation is decided before the cloud answers it, and signed with the role's credentials.

The place is the one where an endpoint hands a signed request to its HTTP session. What comes before and after is botocore's
own: endpoint rules, signatures, parsing, retries. Requests that are not for AWS go on to real sockets, which are the
simulated ones. Clients and sessions that were made outside ask with the credentials of the instance, never with theirs.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextvars import ContextVar
from importlib.util import find_spec
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from vpcsim.calling.signing import Home
from vpcsim.cloud import Denied, Elsewhere, Reached, TimesOut, response
from vpcsim.cloud.console import KEEPS_CREDENTIALS, Straight
from vpcsim.cloud.denials import denial, unmeant
from vpcsim.cloud.fates import exception_of
from vpcsim.guest.context import current
from vpcsim.guest.guest import Guest
from vpcsim.guest.operations import asked, owner_of, signed_by
from vpcsim.guest.polling import look, receive
from vpcsim.guest.verdicts import fate_at
from vpcsim.patches import Replacement


class Operation(NamedTuple):
    """What a client is doing."""

    model: Any
    params: Any
    region: str


operation: ContextVar[Operation | None] = ContextVar("vpcsim_operation", default=None)


def replacements() -> Iterator[Replacement]:
    """What stands in place of parts of botocore, boto3 and moto, and of aiobotocore where it is installed."""
    import boto3
    import botocore.endpoint
    import botocore.session
    import botocore.waiter
    from botocore.client import BaseClient
    from botocore.signers import RequestSigner
    from moto.core.botocore_stubber import BotocoreStubber

    yield Replacement(BotocoreStubber, "__call__", _stubbing(BotocoreStubber.__call__))
    yield Replacement(BaseClient, "_make_api_call", _calling(BaseClient._make_api_call))
    yield Replacement(botocore.endpoint.Endpoint, "_send", _sending(botocore.endpoint.Endpoint._send))
    yield Replacement(botocore.endpoint, "time", _Clock())
    yield Replacement(botocore.waiter, "time", _Clock())
    yield from _credentials(botocore.session.Session, RequestSigner)
    yield Replacement(boto3, "_get_default_session", _default_session(boto3))
    yield Replacement(boto3, "setup_default_session", _setup_default_session(boto3))
    if find_spec("aiobotocore"):
        from vpcsim.guest import async_clients

        yield from async_clients.replacements()


def _stubbing(own: Any) -> Any:
    """A program's own `mock_aws` does not answer before the network has decided."""

    def __call__(self: Any, *arguments: Any, **options: Any) -> Any:  # noqa: N807
        return own(self, *arguments, **options) if current() is None else None

    return __call__


def _calling(own: Any) -> Any:
    def _make_api_call(self: Any, operation_name: str, api_params: Any) -> Any:
        model = self.meta.service_model.operation_model(operation_name)
        token = operation.set(Operation(model, api_params, self.meta.region_name))
        try:
            return own(self, operation_name, api_params)
        finally:
            operation.reset(token)

    return _make_api_call


def _sending(own: Any) -> Any:
    def _send(self: Any, request: Any) -> Any:
        guest, asking = current(), operation.get()
        if guest is None or asking is None or isinstance(self.http_session, Straight):
            return own(self, request)
        answered = answer(guest, asking, request, patience(self.http_session))
        return own(self, request) if answered is None else response(request.url, *answered)

    return _send


def patience(session: Any) -> float:
    """The seconds for which a client waits for a connection."""
    timeout = getattr(session, "_timeout", None)
    limit = getattr(timeout, "connect_timeout", timeout)
    return float(limit) if isinstance(limit, int | float) else 60.0


def answer(guest: Guest, asking: Operation, request: Any, limit: float) -> tuple[int, dict[str, Any], bytes] | None:
    """What the service answers; None where something else than AWS answers. Raises what the client raises, and Undecided."""
    parts, model = urlsplit(request.url), asking.model
    port = parts.port or (443 if parts.scheme == "https" else 80)
    service = model.service_model
    needed = asked(service.signing_name, model.name, asking.params, Home(asking.region, guest.signer.account))
    fate = fate_at(guest, needed, parts.hostname or "", port, signed_by(request))
    if fate is None:
        return None
    if isinstance(fate, TimesOut):
        guest.wait(limit)
    if error := exception_of(fate, request.url):
        raise error
    if isinstance(fate, Elsewhere):
        return unmeant(fate.service, request.headers)
    if isinstance(fate, Denied):
        return denial(service.endpoint_prefix, service.resolved_protocol, fate.message, request.method)
    assert isinstance(fate, Reached)
    if needed.action == "sqs:ReceiveMessage":
        return receive(guest, request, needed.resources[0])
    return look(guest, request, owner_of(needed))


class _Clock:
    """The module `time` for what waits between attempts: a guest's time passes at once."""

    def sleep(self, seconds: float) -> None:
        guest = current()
        if guest is None:
            time.sleep(seconds)
        else:
            guest.wait(seconds)

    def __getattr__(self, name: str) -> Any:
        return getattr(time, name)


_MADE_BY = "_vpcsim_guest"


def _credentials(session: Any, signer: Any) -> Iterator[Replacement]:
    """Whoever was made outside of an instance, or on another one, signs with the credentials of this one."""
    made_session, made_signer, get_credentials = session.__init__, signer.__init__, session.get_credentials

    def init_session(self: Any, *arguments: Any, **options: Any) -> None:
        vars(self)[_MADE_BY] = current()
        made_session(self, *arguments, **options)

    def init_signer(self: Any, *arguments: Any, **options: Any) -> None:
        vars(self)[_MADE_BY] = current()
        made_signer(self, *arguments, **options)

    def get(self: Any) -> Any:
        guest = current()
        return get_credentials(self) if is_own(self, guest) else credentials_of(guest)

    yield Replacement(session, "__init__", init_session)
    yield Replacement(session, "get_credentials", get)
    yield Replacement(signer, "__init__", init_signer)
    yield Replacement(signer, "_credentials", _SignerCredentials())


def is_own(made: Any, guest: Guest | None) -> bool:
    """Whether a session or a signer was made where it is used, or nobody stands on an instance."""
    return guest is None or vars(made).get(_MADE_BY) is guest or KEEPS_CREDENTIALS in vars(made)


class _SignerCredentials:
    """The attribute of a signer: its own value, but on an instance where it was not made."""

    def __get__(self, signer: Any, kind: Any = None) -> Any:
        if signer is None:
            return self
        guest = current()
        own = vars(signer).get("_credentials")
        if is_own(signer, guest):
            return own
        found = credentials_of(guest)
        return awaitable(found) if type(signer).__module__.startswith("aiobotocore") else found

    def __set__(self, signer: Any, value: Any) -> None:
        vars(signer)["_credentials"] = value


def awaitable(credentials: Any) -> Any:
    """The same credentials, as aiobotocore takes them."""
    if credentials is None:
        return None
    from aiobotocore.credentials import AioCredentials

    frozen = credentials.get_frozen_credentials()
    return AioCredentials(frozen.access_key, frozen.secret_key, frozen.token)


def credentials_of(guest: Guest | None) -> Any:
    """What the chain of providers finds on the instance: the metadata service's answer, or None without a role."""
    assert guest is not None
    if "botocore" not in guest.sessions:
        import botocore.session

        guest.sessions["botocore"] = botocore.session.Session()
    return guest.sessions["botocore"].get_credentials()


def _default_session(boto3: Any) -> Any:
    own = boto3._get_default_session

    def _get_default_session() -> Any:
        guest = current()
        if guest is None:
            return own()
        if "boto3" not in guest.sessions:
            guest.sessions["boto3"] = boto3.session.Session()
        return guest.sessions["boto3"]

    return _get_default_session


def _setup_default_session(boto3: Any) -> Any:
    own = boto3.setup_default_session

    def setup_default_session(**options: Any) -> None:
        guest = current()
        if guest is None:
            own(**options)
        else:
            guest.sessions["boto3"] = boto3.session.Session(**options)

    return setup_default_session
