"""AWS managed policies by name or ARN, as documents.

https://docs.aws.amazon.com/aws-managed-policy/latest/reference/about-managed-policy-reference.html
"""

from __future__ import annotations

from functools import cache
from typing import Any

from vpcsim.services._data import load


def managed_policy(arn_or_name: str) -> dict[str, Any] | None:
    """The policy document of an AWS managed policy, or None. `arn:aws:iam::aws:policy/service-role/Name` and `Name` both do."""
    name = arn_or_name.rpartition("/")[2]
    document: dict[str, Any] | None = load("managed_policies")["policies"].get(name) or _installed().get(name)
    return document


@cache
def _installed() -> dict[str, Any]:
    """The documents that an installed moto carries; {} without it."""
    import json
    from importlib.util import find_spec
    from pathlib import Path

    spec = find_spec("moto")
    if spec is None or spec.origin is None:
        return {}
    text = Path(spec.origin).with_name("iam").joinpath("aws_managed_policies.py").read_text()
    return {name: entry["Document"] for name, entry in json.loads(text.split('"""')[1]).items()}
