"""`aws_networkmanager_core_network_policy_document`: the policy of a core network written as blocks, as the provider's JSON.

Source: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/networkmanager_core_network_policy_document
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from vpcsim.readers.intrinsics.values import Unknown
from vpcsim.readers.terraform.spelling import first_unknown

TYPE = "data.aws_networkmanager_core_network_policy_document"
_MADE = ("id", "json", "minified_json")
_ALONE = ("core_network_configuration", "action", "via", "when_sent_to", "rule_definition", "edge_location_association")
"""Blocks of which there is one at most, and which are no list in the policy."""
_RENAMED = {"with_edge_override": "with-edge-overrides"}


def json_of(values: Mapping[str, Any]) -> str | Unknown:
    """The policy of a data source with these attributes."""
    written = {name: value for name, value in values.items() if name not in _MADE}
    unknown = first_unknown([*written.values()])
    return unknown if unknown is not None else json.dumps({"version": "2021.12", **_block(written)})


def _block(block: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for name, value in block.items():
        if value is None or value in ("", [], {}):
            continue
        if name == "share_with_except":
            made["share-with"] = {"except": value}
        elif name in _ALONE and not isinstance(value, str):
            made[name.replace("_", "-")] = _part(value[0] if isinstance(value, list) else value)
        else:
            made[_RENAMED.get(name, name.replace("_", "-"))] = _several(value)
    return made


def _several(value: Any) -> Any:
    """Blocks that may be there several times: one alone is no list in Terraform's sources. All segments are one text."""
    if value == ["*"]:
        return "*"
    return [_part(value)] if isinstance(value, Mapping) else [_part(i) for i in value] if isinstance(value, list) else value


def _part(value: Any) -> Any:
    return _block(value) if isinstance(value, Mapping) else value
