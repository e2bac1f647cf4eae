"""What the sources say where tfparse does not: expressions that it could not evaluate, and who hands which provider to modules.

Source: https://developer.hashicorp.com/terraform/language/syntax/configuration
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import Any

from vpcsim.readers.terraform.instances import Instance, Place
from vpcsim.readers.terraform.regions import DEFAULT, account_in, known_region

META = "__tfmeta"
_PARTS = re.compile(
    r"""(?P<comment>\#[^\n]*|//[^\n]*|/\*.*?\*/)
    |(?P<heredoc><<-?(?P<mark>\w+)\n.*?\n\s*(?P=mark)\b)
    |(?P<text>"(?:[^"\\$]|\\.|\$(?!\{)|\$\{[^}]*\})*")
    |(?P<open>[\[{(])|(?P<close>[\]})])|(?P<end>\n)|(?P<other>[^\n\[\](){}"\#/<]+|.)""",
    re.DOTALL | re.VERBOSE,
)
_NAMED = re.compile(r"\s*([A-Za-z_][\w-]*)\s*=(?!=)\s*(.*)", re.DOTALL)
_HANDED = re.compile(r"([\w.-]+)\s*=\s*([\w.-]+)")
_OPTIONAL = re.compile(r"null|\?|^var\.\w+$|^each\.value\b|^lookup\(|^try\(|^coalesce\(")
"""What may well be null on purpose."""


class Written:
    """The sources in a folder, and the places of the providers that they configure."""

    def __init__(self, folder: str, blocks: Mapping[str, Any]) -> None:
        self._folder = folder
        self._files: dict[str, list[str]] = {}
        self._handed = {str(b[META].get("path")): self._of_module(b) for b in _blocks(blocks, "module")}
        self.providers = dict(map(_configured, _blocks(blocks, "provider")))

    def expressions(self, meta: Mapping[str, Any]) -> dict[str, str]:
        """The expressions of a block's own attributes, as they are written."""
        first, last = meta.get("line_start"), meta.get("line_end")
        if not (isinstance(first, int) and isinstance(last, int)):
            return {}
        return dict(_attributes("\n".join(self._lines(str(meta.get("filename", "")))[first - 1 : last])))

    def provider_of(self, instance: Instance) -> str:
        """The key of the configuration that a resource's provider has in the end, through the modules around it."""
        name, module = instance.provider or DEFAULT, re.sub(r"\[[^\]]*\]", "", instance.module)
        while module and f"{module}:{name}" not in self.providers:
            handed = next((h for path, h in self._handed.items() if re.sub(r"\[[^\]]*\]", "", path) == module), {})
            if name != DEFAULT and name not in handed:
                break
            name, module = handed.get(name, DEFAULT), module.rpartition(".module.")[0]
        return f"{module}:{name}" if module else name

    def _lines(self, name: str) -> list[str]:
        if name not in self._files:
            try:
                with open(os.path.join(self._folder, name), encoding="utf-8") as file:
                    self._files[name] = file.read().split("\n")
            except (OSError, UnicodeDecodeError):
                self._files[name] = []
        return self._files[name]

    def _of_module(self, block: Mapping[str, Any]) -> dict[str, str]:
        return dict(_HANDED.findall(self.expressions(block[META]).get("providers", "")))


def may_be_null(expression: str) -> bool:
    """Whether an expression may well mean that an attribute is not set."""
    return _OPTIONAL.search(expression) is not None


def items(expression: str) -> list[str]:
    """The items of a list as they are written; none if it is no list."""
    text = expression.strip()
    if not (text.startswith("[") and text.endswith("]")) or text.startswith("[for "):
        return []
    found, depth = [""], 0
    for part in _PARTS.finditer(text[1:-1]):
        depth += (part["open"] is not None) - (part["close"] is not None)
        pieces = part[0].split(",") if part["other"] and not depth else [part[0]] if not part["comment"] else [""]
        found[-1] += pieces[0]
        found += pieces[1:]
    return [item.strip() for item in found if item.strip()]


def _attributes(block: str) -> Iterator[tuple[str, str]]:
    """The attributes directly inside a block."""
    depth, line = 0, ""
    for part in _PARTS.finditer(block):
        depth += (part["open"] is not None) - (part["close"] is not None)
        if (part["end"] and depth == 1) or depth == 0:
            if match := _NAMED.match(line):
                yield match[1], match[2].strip()
            line = ""
        elif depth == 1 and part["open"]:
            line = ""
        elif not part["comment"]:
            line += part[0]


def _configured(block: Mapping[str, Any]) -> tuple[str, Place]:
    label, alias = str(block[META].get("label", DEFAULT)), block.get("alias")
    module = str(block[META].get("path", "")).rpartition("provider.")[0].rstrip(".")
    key = f"{label}.{alias}" if isinstance(alias, str) else label
    role = block.get("assume_role")
    arn = role.get("role_arn") if isinstance(role, Mapping) else None
    place = Place(known_region(block.get("region")), account_in(arn) or account_in(block.get("allowed_account_ids")))
    return f"{module}:{key}" if module else key, place


def _blocks(blocks: Mapping[str, Any], kind: str) -> list[dict[str, Any]]:
    found = blocks.get(kind)
    listed = found if isinstance(found, list) else []
    return [block for block in listed if isinstance(block, dict) and isinstance(block.get(META), dict)]
