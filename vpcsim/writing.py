"""Puts files where nothing is lost: never over another one unless told to, and whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping

from vpcsim.errors import InputError, Origin, Problem


def write(files: Mapping[str, str], force: bool = False) -> None:
    """Write texts under their paths. Raises InputError, before anything is written, for a path that is taken.

    Every file is written beside its place first, and put there once all of them are complete.
    """
    taken = [path for path in files if os.path.lexists(path) and not (force and os.path.isfile(path))]
    if taken:
        hint = "it is no file" if os.path.isdir(taken[0]) else "`--force` replaces it"
        raise InputError(Problem(f"`{taken[0]}` is there already; {hint}", Origin("--output")))
    drafts: dict[str, str] = {}
    try:
        for path, text in files.items():
            folder = os.path.dirname(os.path.abspath(path))
            os.makedirs(folder, exist_ok=True)
            handle, drafts[path] = tempfile.mkstemp(prefix=".vpcsim-", dir=folder)
            with open(handle, "w", encoding="utf-8") as stream:
                stream.write(text)
            os.chmod(drafts[path], 0o666 & ~_umask())
        for path in list(drafts):
            os.replace(drafts.pop(path), path)
    finally:
        for draft in drafts.values():
            os.unlink(draft)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
