"""Keeps a context on this machine: whatever would open a connection there, or look a name up, is refused.

This stands behind everything else, as an audit hook of the interpreter: it also sees what nobody thought of. Such a hook
cannot be taken out again; where no context is offline it lets everything pass.

Source: https://docs.python.org/3/library/audit_events.html
"""

from __future__ import annotations

import errno
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any

_EVENTS = frozenset(
    (
        *("socket.connect", "socket.sendto", "socket.sendmsg", "socket.bind"),
        *("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo"),
    )
)
_offline: ContextVar[bool] = ContextVar("vpcsim_offline", default=False)


@contextmanager
def offline(value: bool = True) -> Iterator[None]:
    """Refuse connections and look-ups in this context, or with False let one pass that stays on this machine."""
    _install()
    token = _offline.set(value)
    try:
        yield
    finally:
        _offline.reset(token)


@cache
def _install() -> None:
    sys.addaudithook(_guard)


def _guard(event: str, arguments: tuple[Any, ...]) -> None:
    if event not in _EVENTS or not _offline.get():
        return
    if isinstance(arguments[0], socket.SocketType) and arguments[0].family not in (socket.AF_INET, socket.AF_INET6):
        return
    raise OSError(errno.ENETUNREACH, f"Network is unreachable: nothing leaves this machine ({event} {arguments[-1]!r})")
