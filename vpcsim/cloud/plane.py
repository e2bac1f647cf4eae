"""boto3 clients whose every request a caller's function decides before the cloud answers it. Time-outs pass at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from vpcsim.cloud.cloud import Cloud
from vpcsim.cloud.console import response
from vpcsim.cloud.contents import Dump
from vpcsim.cloud.denials import denial, unmeant
from vpcsim.cloud.fates import Denied, Elsewhere, Fate, exception_of

Decide = Callable[[str, str, int, str], Fate]
"""(service, host, port, operation) -> what becomes of the request."""


class Plane:
    """The services of a model. Use it as a context manager; `client` gives boto3 clients of an instance."""

    def __init__(self, dump: Dump, region: str, account: str, decide: Decide) -> None:
        self.cloud = Cloud(dump, region, account)
        self.decide = decide

    def __enter__(self) -> Plane:
        return self

    def __exit__(self, *exception: object) -> None:
        """Nothing outlives the plane itself."""

    def client(
        self, service: str, region: str | None = None, account: str | None = None, variables: Mapping[str, str] | None = None
    ) -> Any:
        """A boto3 client as a program on the instance would make it, for a Region, with what an account owns there.

        `variables` are those of the program's environment.
        """
        client = self.cloud.console(region, account).made(service, variables)

        def decide(request: Any, event_name: str, **_: Any) -> Any:
            parts = urlsplit(request.url)
            port = parts.port or (443 if parts.scheme == "https" else 80)
            fate = self.decide(service, parts.hostname or "", port, event_name.rpartition(".")[2])
            if error := exception_of(fate, request.url):
                raise error
            if isinstance(fate, Elsewhere):
                return response(request.url, *unmeant(fate.service, request.headers))
            if isinstance(fate, Denied):
                protocol = client.meta.service_model.resolved_protocol
                return response(request.url, *denial(service, protocol, fate.message, request.method))
            return None

        client.meta.events.register_first("before-send", decide)
        return client
