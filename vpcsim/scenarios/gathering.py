"""Which files are scenarios, and which of their checks are wanted."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress

from vpcsim.errors import InputError, Origin, Problem

_FOREIGN = ("__pycache__", "node_modules", "venv")
ENDINGS = (".yaml", ".yml")
_LOOKS_LIKE_ONE = re.compile(
    r"^(?:model|[\"']model[\"'])\s*:.*^(?:steps|checks)\s*:|^(?:steps|checks)\s*:.*^model\s*:", re.M | re.S
)


def files(paths: Iterable[str]) -> Iterator[str]:
    """The scenario files that are named, and those in the folders that are named.

    In a folder these are every `*.vpcsim.yaml`, and other YAML files that have a `model` and `steps` or `checks`.
    Raises InputError for a folder without any.
    """
    for path in paths:
        if not os.path.isdir(path):
            yield path
            continue
        found = [file for file in _yaml_files(path) if _is_scenario(file)]
        if not found:
            hint = "no `*.vpcsim.yaml`, and no YAML file with `model` and `steps`"
            raise InputError(Problem(f"the folder holds no scenario: {hint}", Origin(path)))
        yield from found


def _yaml_files(folder: str) -> Iterator[str]:
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(
            name for name in folders if not name.startswith(".") and name not in ("node_modules", "__pycache__", "venv")
        )
        yield from (os.path.normpath(os.path.join(parent, name)) for name in sorted(names) if name.endswith(ENDINGS))


def _is_scenario(file: str) -> bool:
    if file.endswith((".vpcsim.yaml", ".vpcsim.yml")):
        return True
    with suppress(OSError, UnicodeDecodeError), open(file, encoding="utf-8") as text:
        return bool(_LOOKS_LIKE_ONE.search(text.read()))
    return False


def selector(expression: str) -> Callable[[str], bool]:
    """Whether a name is wanted by `-k`: words joined by `and`, `or`, `not`, `and` before `or`; letter case does not count.

    An empty expression wants everything. Raises InputError for one that lacks a word.
    """
    if not expression:
        return lambda name: True
    terms = [[_term(part, expression) for part in _split(term, "and")] for term in _split(expression.lower().split(), "or")]

    def wanted(name: str) -> bool:
        folded = name.lower()
        return any(all((text in folded) is present for text, present in term) for term in terms)

    return wanted


def _split(words: list[str], at: str) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    for word in words:
        if word == at:
            parts.append([])
        else:
            parts[-1].append(word)
    return parts


def _term(words: list[str], expression: str) -> tuple[str, bool]:
    """A text, and whether it must be there. Words that stand side by side are one text."""
    texts = [word for word in words if word != "not"]
    if not texts:
        raise InputError(Problem(f"`{expression}` lacks a word beside `and`, `or` or `not`", Origin("-k")))
    return " ".join(texts), words.count("not") % 2 == 0


class LastFailed:
    """The checks that failed in the last run from this folder, by file and name; kept in `.vpcsim_cache`."""

    FOLDER = ".vpcsim_cache"

    def __init__(self) -> None:
        self.path = os.path.join(self.FOLDER, "lastfailed.json")
        self.known: dict[str, list[str]] = {}
        with suppress(OSError, ValueError), open(self.path, encoding="utf-8") as text:
            known = json.load(text)
            self.known = known if isinstance(known, dict) else {}

    def names(self, file: str) -> list[str]:
        """The names of the checks of a file that failed."""
        return self.known.get(_key(file), [])

    def remember(self, file: str, ran: Iterable[str], failed: Iterable[str]) -> None:
        """Take note of a run: what ran and did not fail is forgotten."""
        kept = {*self.names(file)} - {*ran} | {*failed}
        self.known.pop(_key(file), None)
        if kept:
            self.known[_key(file)] = sorted(kept)

    def save(self) -> None:
        """Write it down. A folder that cannot be written is no reason to fail, and one without failures stays as it is."""
        if not self.known and not os.path.exists(self.path):
            return
        with suppress(OSError):
            os.makedirs(self.FOLDER, exist_ok=True)
            with open(os.path.join(self.FOLDER, ".gitignore"), "w", encoding="utf-8") as ignored:
                ignored.write("*\n")
            with open(self.path, "w", encoding="utf-8") as text:
                json.dump(self.known, text, indent=1, sort_keys=True)


def _key(file: str) -> str:
    return os.path.relpath(file).replace(os.sep, "/")
