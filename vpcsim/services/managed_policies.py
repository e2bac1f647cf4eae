"""AWS managed policies by name or ARN, as documents.

https://docs.aws.amazon.com/aws-managed-policy/latest/reference/about-managed-policy-reference.html
"""

from __future__ import annotations

from functools import cache
from typing import Any

from vpcsim.services._data import load


def managed_policy(arn_or_name: str) -> dict[str, Any] | None:
    """The document of an AWS managed policy's default version, or None; not to be changed by the caller.

    Both `arn:aws:iam::aws:policy/service-role/Name` and `Name` do; the ARN of a customer's own policy gives None. The common
    policies are shipped, the others are read from an installed moto (about 0.3 s, once).
    """
    if arn_or_name.startswith("arn:") and ":iam::aws:policy/" not in arn_or_name:
        return None
    name = arn_or_name.rpartition("/")[2]
    document: dict[str, Any] | None = load("managed_policies")["policies"].get(name) or _from_moto().get(name)
    return document


@cache
def _from_moto() -> dict[str, Any]:
    """Every policy of an installed moto, read from its file because importing its package takes a second; {} without moto."""
    import json
    from importlib.util import find_spec
    from pathlib import Path

    spec = find_spec("moto")
    if spec is None or spec.origin is None:
        return {}
    file = Path(spec.origin).with_name("iam") / "aws_managed_policies.py"
    text = file.read_text() if file.exists() else ""
    data = json.loads(text.partition('"""')[2].rpartition('"""')[0] or "{}")
    return {name: entry["Document"] for name, entry in data.items()}
