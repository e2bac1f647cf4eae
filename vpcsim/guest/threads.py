"""Threads that code on an instance starts are on that instance too; work that others hand to a shared pool is theirs.

Contexts follow tasks by themselves, but not threads.

Source: https://docs.python.org/3/library/contextvars.html
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from vpcsim.guest.context import as_guest, current, entered
from vpcsim.patches import Replacement

_start, _submit = threading.Thread.start, ThreadPoolExecutor.submit


def replacements() -> Iterator[Replacement]:
    """What stands in place of starting a thread and of handing work to a pool."""
    yield Replacement(threading.Thread, "start", start)
    yield Replacement(ThreadPoolExecutor, "submit", submit)


def start(self: threading.Thread) -> None:
    guest = current()
    if guest is not None:
        self.run = as_guest(guest, self.run, lasting=True)  # type: ignore[method-assign]
    _start(self)


def submit(self: ThreadPoolExecutor, function: Any, /, *arguments: Any, **options: Any) -> Any:
    guest = current()
    if guest is None:
        return _submit(self, function, *arguments, **options)
    with entered(None):
        return _submit(self, as_guest(guest, function, lasting=True), *arguments, **options)
