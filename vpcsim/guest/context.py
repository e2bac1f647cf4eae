"""Which instance the running code stands on: a context variable, so that threads and tasks each have their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from functools import wraps
from typing import TYPE_CHECKING, Any

from vpcsim.cloud.environment import environment
from vpcsim.offline import offline
from vpcsim.patches import Patches, Replacement

if TYPE_CHECKING:
    from vpcsim.guest.guest import Guest

_current: ContextVar[Guest | None] = ContextVar("vpcsim_guest", default=None)


def current() -> Guest | None:
    """The guest whose code is running, or None outside of every instance."""
    return _current.get()


@contextmanager
def entered(guest: Guest | None) -> Iterator[None]:
    """Run as this guest, or as nobody."""
    token = _current.set(guest)
    try:
        if guest is None:
            with offline(False):
                yield
        else:
            with environment(guest.environment), offline(programs=guest.programs):
                yield
    finally:
        _current.reset(token)


def as_guest(guest: Guest, function: Callable[..., Any], lasting: bool = False) -> Callable[..., Any]:
    """The function, run as this guest wherever it is called. `lasting`: even after the block in which it was made."""

    @wraps(function)
    def run(*arguments: Any, **options: Any) -> Any:
        with PATCHES if lasting else nullcontext(), entered(guest):
            return function(*arguments, **options)

    return run


def _replacements() -> Iterator[Replacement]:
    from vpcsim.guest import certificates, clients, resolver, sockets, threads

    for part in (resolver, sockets, certificates, threads, clients):
        yield from part.replacements()


PATCHES = Patches(_replacements)
"""Everything that is replaced while code runs on an instance."""
