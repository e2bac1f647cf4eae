"""JSON Schemas of what the program reads and writes, for editors and for readers of its JSON.

`scenario` is generated from the kinds of checks; the others are the form of `--format json`, version 1.x: later versions may
add keys, so that readers ignore those that they do not know, and refuse another first number of `format_version`.
"""

from __future__ import annotations

from importlib.resources import files

SCHEMAS = {
    "scenario": "scenario files",
    "trace": "the answer of `vpcsim trace --format json`",
    "call": "the answer of `vpcsim call` and `vpcsim session --format json`",
    "run": "the answer of `vpcsim run --format json`",
    "lint": "the answer of `vpcsim lint --format json`",
    "dig": "the answer of `vpcsim dig --format json`",
    "ask": "the answers of `vpcsim ask --format json`, and its lines",
    "show": "the answer of `vpcsim show --format json`",
    "result": "a line of `vpcsim run --format jsonl`",
}


def text_of(name: str) -> str:
    """The schema with this name, as JSON text."""
    return (files("vpcsim.schemas") / f"{name}.schema.json").read_text(encoding="utf-8")
