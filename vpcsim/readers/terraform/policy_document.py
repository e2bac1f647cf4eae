"""`aws_iam_policy_document`: a policy written as blocks, as the JSON that the provider makes of it.

Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from vpcsim.readers.intrinsics.values import Unknown
from vpcsim.readers.terraform.spelling import first_unknown

TYPE = "data.aws_iam_policy_document"
_LISTS = {"Action": "actions", "NotAction": "not_actions", "Resource": "resources", "NotResource": "not_resources"}


def json_of(values: Mapping[str, Any]) -> str | Unknown:
    """The policy of a data source with these attributes, whose `source_policy_documents` and the like are JSON already."""
    if (
        unknown := first_unknown([value for name, value in values.items() if name not in ("id", "json", "minified_json")])
    ) is not None:
        return unknown
    statements = [*_of_documents(values, "source"), *map(_statement, _blocks(values.get("statement")))]
    for statement in _of_documents(values, "override"):
        kept = [other for other in statements if not statement.get("Sid") or other.get("Sid") != statement["Sid"]]
        statements = [*kept, statement]
    return json.dumps({"Version": values.get("version") or "2012-10-17", "Statement": statements})


def _of_documents(values: Mapping[str, Any], kind: str) -> Iterator[dict[str, Any]]:
    """The statements of whole policies that a document starts from, or that go over its own by their ids."""
    several = values.get(f"{kind}_policy_documents")
    for text in [values.get(f"{kind}_json"), *(several if isinstance(several, list) else ())]:
        document = json.loads(text) if isinstance(text, str) and text else {}
        written = document.get("Statement", []) if isinstance(document, dict) else []
        yield from (written if isinstance(written, list) else [written])


def _statement(block: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"Effect": block.get("effect") or "Allow"}
    if block.get("sid"):
        made["Sid"] = block["sid"]
    made |= {name: _texts(block[word]) for name, word in _LISTS.items() if block.get(word)}
    for name, word in (("Principal", "principals"), ("NotPrincipal", "not_principals")):
        if who := _principals(_blocks(block.get(word))):
            made[name] = who
    conditions: dict[str, dict[str, Any]] = {}
    for condition in _blocks(block.get("condition")):
        tested = conditions.setdefault(str(condition.get("test")), {})
        tested.setdefault(str(condition.get("variable")), []).extend(_texts(condition.get("values")))
    return {**made, "Condition": conditions} if conditions else made


def _principals(blocks: list[Mapping[str, Any]]) -> Any:
    """Everyone is one text, others stand by their kind."""
    found: dict[str, list[str]] = {}
    for block in blocks:
        found.setdefault(str(block.get("type")), []).extend(_texts(block.get("identifiers")))
    return "*" if found.get("*") == ["*"] and len(found) == 1 else found


def _texts(value: Any) -> list[str]:
    """`&{aws:username}` is how a variable of policies is written that is none of Terraform's."""
    return [str(item).replace("&{", "${") for item in (value if isinstance(value, list) else [value])]


def _blocks(value: Any) -> list[Mapping[str, Any]]:
    return [block for block in (value if isinstance(value, list) else [value]) if isinstance(block, Mapping)]
