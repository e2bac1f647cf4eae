"""aiobotocore as on the instance, as `clients` for botocore."""

from __future__ import annotations

from collections.abc import Iterator
from inspect import isawaitable
from typing import Any

from vpcsim.guest import clients
from vpcsim.guest.context import current
from vpcsim.patches import Replacement


def replacements() -> Iterator[Replacement]:
    """What stands in place of parts of aiobotocore."""
    from aiobotocore.client import AioBaseClient
    from aiobotocore.endpoint import AioEndpoint
    from aiobotocore.session import AioSession

    yield Replacement(AioBaseClient, "_make_api_call", _calling(AioBaseClient._make_api_call))
    yield Replacement(AioEndpoint, "_send", _sending(AioEndpoint._send))
    yield Replacement(AioEndpoint, "_sleep", _sleeping(AioEndpoint._sleep))
    yield Replacement(AioSession, "get_credentials", _getting(AioSession.get_credentials))


def _calling(own: Any) -> Any:
    async def _make_api_call(self: Any, operation_name: str, api_params: Any) -> Any:
        model = self.meta.service_model.operation_model(operation_name)
        token = clients.operation.set(clients.Operation(model, api_params, self.meta.region_name))
        try:
            return await own(self, operation_name, api_params)
        finally:
            clients.operation.reset(token)

    return _make_api_call


def _sending(own: Any) -> Any:
    async def _send(self: Any, request: Any) -> Any:
        guest, operation = current(), clients.operation.get()
        if guest is None or operation is None:
            return await own(self, request)
        request.body = await _read(request.body)
        answered = clients.answer(guest, operation, request, clients.patience(self.http_session))
        return await own(self, request) if answered is None else _response(request.url, *answered)

    return _send


async def _read(body: Any) -> Any:
    """A body that has to be awaited, as bytes."""
    if not hasattr(body, "read"):
        return body
    read = body.read()
    return await read if isawaitable(read) else read


def _sleeping(own: Any) -> Any:
    async def _sleep(self: Any, sleep_amount: float) -> None:
        guest = current()
        if guest is None or guest.real_time:
            await own(self, sleep_amount)
        else:
            guest.wait(sleep_amount)

    return _sleep


def _getting(own: Any) -> Any:
    async def get_credentials(self: Any) -> Any:
        guest = current()
        if clients.is_own(self, guest):
            return await own(self)
        return clients.awaitable(clients.credentials_of(guest))

    return get_credentials


class _Body:
    """A body as aiohttp gives it: read by whoever awaits it."""

    def __init__(self, body: bytes) -> None:
        self._rest = body
        self.content = self

    async def read(self, amount: int = -1) -> bytes:
        end = len(self._rest) if amount is None or amount < 0 else amount
        taken, self._rest = self._rest[:end], self._rest[end:]
        return taken

    def at_eof(self) -> bool:
        return not self._rest

    def close(self) -> None:
        """Nothing is open."""

    async def __aenter__(self) -> _Body:
        return self

    async def __aexit__(self, *exception: object) -> None:
        """Nothing is open."""


def _response(url: str, status: int, headers: dict[str, Any], body: bytes) -> Any:
    from aiobotocore.awsrequest import AioAWSResponse
    from botocore.compat import HTTPHeaders

    told = HTTPHeaders()
    for name, value in headers.items():
        told[name] = str(value)
    return AioAWSResponse(url, status, told, _Body(body))
