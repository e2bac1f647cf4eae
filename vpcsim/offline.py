"""Keeps a context on this machine: whatever would open a connection there, look a name up or start a program, is refused.

A program of its own would have this machine's network and its settings, credentials among them.

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
FRESH_PROCESS = "multiprocessing.Process.start"
"""The event of a process that does not come from a fork: the standard library raises none for it."""
_PROGRAMS = frozenset(("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "pty.spawn", FRESH_PROCESS))
_offline: ContextVar[bool] = ContextVar("vpcsim_offline", default=False)
_programs: ContextVar[bool] = ContextVar("vpcsim_programs", default=False)


@contextmanager
def offline(value: bool = True, programs: bool = False) -> Iterator[None]:
    """Refuse connections and look-ups in this context, or with False let one pass that stays on this machine.

    `programs` lets the context start programs, which nothing keeps on this machine.
    """
    _install()
    tokens = _offline.set(value), _programs.set(programs)
    try:
        yield
    finally:
        _offline.reset(tokens[0])
        _programs.reset(tokens[1])


@cache
def _install() -> None:
    sys.addaudithook(_guard)


def _guard(event: str, arguments: tuple[Any, ...]) -> None:
    if not _offline.get():
        return
    if event in _PROGRAMS and not _programs.get():
        reason = f"a program would run on this machine, outside of the network ({event} {arguments[0]!r})"
        raise PermissionError(errno.EPERM, reason)
    if event not in _EVENTS:
        return
    if isinstance(arguments[0], socket.SocketType) and arguments[0].family not in (socket.AF_INET, socket.AF_INET6):
        return
    raise OSError(errno.ENETUNREACH, f"Network is unreachable: nothing leaves this machine ({event} {arguments[-1]!r})")
