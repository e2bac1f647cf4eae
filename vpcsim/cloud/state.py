"""The state of moto's services, one for every cloud: moto itself keeps a single one for the whole process.

A state is in place only while one of its requests is answered; what a program of its own keeps in moto (`mock_aws`) is
put aside meanwhile, and put back.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

_ANSWERING = threading.RLock()


class _Held(NamedTuple):
    """What one of moto's services holds: its accounts, and the indexes beside them."""

    backends: Any
    accounts: dict[str, Any]
    indexes: dict[str, dict[Any, Any]]


class State:
    """What the services of one cloud hold."""

    def __init__(self) -> None:
        self._held: list[_Held] = []
        weakref.finalize(self, _close, self._held)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Let moto work on this state; one request at a time."""
        with _ANSWERING:
            others = _take_out()
            _put_in(self._held)
            try:
                yield
            finally:
                self._held[:] = _take_out()
                _put_in(others)


def _take_out() -> list[_Held]:
    from moto.core.base_backend import BackendDict

    held = []
    for backends in BackendDict._instances:
        indexes = {name: dict(value) for name, value in vars(backends).items() if isinstance(value, dict)}
        held.append(_Held(backends, dict(dict.items(backends)), indexes))
        dict.clear(backends)
        for name in indexes:
            vars(backends)[name].clear()
    BackendDict._instances.clear()
    return held


def _close(held: list[_Held]) -> None:
    """Close what nobody will ask for any more: moto keeps the objects of S3 in temporary files, and forgets to."""
    for each in held:
        for regions in each.accounts.values():
            buckets = (bucket for backend in regions.values() for bucket in getattr(backend, "buckets", {}).values())
            for bucket in buckets:
                for _, keys in bucket.keys.iterlists():
                    for key in keys:
                        getattr(key, "dispose", lambda: None)()
                for upload in bucket.multiparts.values():
                    upload.dispose()


def _put_in(held: list[_Held]) -> None:
    from moto.core.base_backend import BackendDict

    for backends, accounts, indexes in held:
        dict.update(backends, accounts)
        for name, index in indexes.items():
            vars(backends)[name].update(index)
        BackendDict._instances.append(backends)
