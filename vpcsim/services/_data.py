"""Loads the shipped JSON files, each once and only when somebody asks."""

from __future__ import annotations

import os
from functools import cache
from typing import Any


@cache
def load(name: str) -> dict[str, Any]:
    """The parsed `vpcsim/services/NAME.json`. Treat it as read-only."""
    import json

    with open(f"{os.path.dirname(__file__)}/{name}.json", "rb") as file:
        table: dict[str, Any] = json.load(file)
    return table
