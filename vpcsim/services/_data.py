"""Loads the shipped JSON files, each once and only when somebody asks."""

from __future__ import annotations

from functools import cache
from typing import Any


@cache
def load(name: str) -> dict[str, Any]:
    """The parsed `vpcsim/services/NAME.json`. Treat it as read-only."""
    import json
    from pathlib import Path

    table: dict[str, Any] = json.loads(Path(__file__).with_name(f"{name}.json").read_bytes())
    return table
