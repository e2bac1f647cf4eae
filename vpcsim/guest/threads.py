"""Threads that code on an instance starts are on that instance too; work that others hand to a shared pool is theirs.

Contexts follow tasks by themselves, but not threads. A process that is forked keeps everything; a fresh one is a program.

Sources: https://docs.python.org/3/library/contextvars.html, https://docs.python.org/3/library/multiprocessing.html
"""

from __future__ import annotations

import multiprocessing
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.process import BaseProcess
from typing import Any

from vpcsim.guest.context import as_guest, current, entered
from vpcsim.offline import FRESH_PROCESS
from vpcsim.patches import Replacement

_start, _submit, _start_process = threading.Thread.start, ThreadPoolExecutor.submit, BaseProcess.start


def replacements() -> Iterator[Replacement]:
    """What stands in place of starting a thread or a process, and of handing work to a pool."""
    yield Replacement(threading.Thread, "start", start)
    yield Replacement(ThreadPoolExecutor, "submit", submit)
    yield Replacement(BaseProcess, "start", start_process)


def start(self: threading.Thread) -> None:
    guest = current()
    if guest is not None:
        self.run = as_guest(guest, self.run, lasting=True)  # type: ignore[method-assign]
    _start(self)


def start_process(self: BaseProcess) -> None:
    method = getattr(self, "_start_method", None) or multiprocessing.get_start_method()
    if method != "fork":
        sys.audit(FRESH_PROCESS, method)
    _start_process(self)


def submit(self: ThreadPoolExecutor, function: Any, /, *arguments: Any, **options: Any) -> Any:
    guest = current()
    if guest is None:
        return _submit(self, function, *arguments, **options)
    with entered(None):
        return _submit(self, as_guest(guest, function, lasting=True), *arguments, **options)
