"""What a report holds, whatever its format: an entry for each answer or expectation."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from vpcsim.errors import Origin
from vpcsim.expectations import Status

FORMAT_VERSION = "1.0"


class Rule(NamedTuple):
    """The kind of thing that an entry is about; `id` never changes its meaning."""

    id: str
    title: str
    help: str
    page: str = ""


@dataclass(frozen=True)
class Entry:
    """One answer or one expectation. `message` is one line, `detail` the whole story."""

    suite: str
    """The file that it belongs to."""
    group: str
    """What the file, or the part of it, is called."""
    name: str
    status: Status
    rule: Rule
    message: str
    detail: str = ""
    origin: Origin | None = None
    predicted: str = ""
    observed: str = ""
    way: Sequence[tuple[str, Origin | None]] = ()
    """The decisions on the way, each with its place."""
    data: Mapping[str, Any] = field(default_factory=dict)
    """The entry as JSON."""
    severity: Literal["", "error", "warning", "note"] = ""
    """How bad it is, if its status does not say so."""

    @property
    def level(self) -> str:
        """`error`, `warning`, `note`, or nothing for what is as wanted."""
        return self.severity or {Status.FAILED: "error", Status.UNDECIDED: "warning"}.get(self.status, "")


@dataclass(frozen=True)
class Report:
    """What a command found. `title` names it, `json` is the whole of it."""

    title: str
    entries: Sequence[Entry]
    json: Mapping[str, Any] = field(default_factory=dict)

    @property
    def faults(self) -> list[Entry]:
        """The entries that are not as wanted."""
        return [entry for entry in self.entries if entry.level]

    @property
    def counts(self) -> Counter[str]:
        return Counter(entry.status for entry in self.entries)


def local(file: str) -> str:
    """A file as reports name it: from the current folder, with forward slashes; absolute if it lies elsewhere."""
    path = os.path.relpath(file) if os.path.isabs(file) else os.path.normpath(file)
    return (os.path.abspath(file) if path.startswith("..") else path).replace(os.sep, "/")
