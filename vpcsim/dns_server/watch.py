"""Notices that the files of a model changed: by their times and sizes, and then by their content, so that a `touch` is none."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from hashlib import blake2b


class Watch:
    """The files of a model: those that were named, or those that stand directly in the folders."""

    def __init__(self, paths: Iterable[str]) -> None:
        self.paths = tuple(paths)
        self._stamps = self._stamped()
        self._content = self._digest()

    def changed(self) -> bool:
        """Whether the content differs from the last time that this was asked. A missing file counts as no change yet."""
        stamps = self._stamped()
        if stamps == self._stamps or not stamps:
            return False
        content = self._digest()
        self._stamps, before = stamps, self._content
        self._content = content or before
        return self._content != before

    def _files(self) -> Iterator[str]:
        for path in self.paths:
            yield from self._files_of(path)

    @staticmethod
    def _files_of(path: str) -> Iterator[str]:
        if not os.path.isdir(path):
            yield path
            return
        with os.scandir(path) as entries:
            yield from sorted(entry.path for entry in entries if entry.is_file() and not entry.name.startswith("."))

    def _stamped(self) -> tuple[tuple[str, int, int, int], ...]:
        try:
            found = [(file, os.stat(file)) for file in self._files()]
        except OSError:
            return ()
        return tuple((file, status.st_mtime_ns, status.st_size, status.st_ino) for file, status in found)

    def _digest(self) -> bytes:
        digest = blake2b()
        try:
            for file in self._files():
                with open(file, "rb") as stream:
                    content = stream.read()
                digest.update(f"{file}\0{len(content)}\0".encode() + content)
        except OSError:
            return b""
        return digest.digest()
