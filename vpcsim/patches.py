"""Replacements inside of other modules, in force only while somebody needs them, and taken back exactly."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

_ABSENT = object()


class Replacement(NamedTuple):
    """One attribute of a module or a class, and what stands there meanwhile."""

    owner: Any
    name: str
    value: Any


class Patches:
    """Replacements that several blocks share: the first one puts them in place, the last one takes them out."""

    def __init__(self, make: Callable[[], Iterable[Replacement]]) -> None:
        self._make = make
        self._lock = threading.RLock()
        self._users = 0
        self._saved: list[Replacement] = []

    def __enter__(self) -> Patches:
        with self._lock:
            if self._users == 0:
                self._put_in_place()
            self._users += 1
        return self

    def __exit__(self, *exception: object) -> None:
        with self._lock:
            self._users -= 1
            if self._users == 0:
                self._take_out()

    def _put_in_place(self) -> None:
        try:
            for owner, name, value in self._make():
                self._saved.append(Replacement(owner, name, vars(owner).get(name, _ABSENT)))
                setattr(owner, name, value)
        except BaseException:
            self._take_out()
            raise

    def _take_out(self) -> None:
        while self._saved:
            owner, name, value = self._saved.pop()
            if value is _ABSENT:
                delattr(owner, name)
            else:
                setattr(owner, name, value)
