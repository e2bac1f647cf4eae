"""The policy of a core network as blocks of Terraform: sources make of it what the provider does, as a plan has it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import vpcsim
from vpcsim.readers.intrinsics.values import Unknown
from vpcsim.readers.terraform import core_network_document

FOLDER = Path(__file__).parent / "core_network_document"
CORE = "aws_networkmanager_core_network.main"


def policy_of(path: Path) -> Any:
    core: Any = vpcsim.load(path).topology.resources[CORE]
    return core.policy_document


def test_sources_and_plan_agree(tmp_path: Path) -> None:
    pytest.importorskip("tfparse", reason="the extra `terraform` is not installed")
    (tmp_path / "main.tf").write_text((FOLDER / "main.tf").read_text())
    planned = policy_of(FOLDER / "plan.json")
    assert planned.domains == ("prod", "shared", "dev", "inspection")
    assert policy_of(tmp_path) == planned


def test_a_value_that_is_not_known() -> None:
    open_ = Unknown("a variable has no value")
    assert core_network_document.json_of({"segments": [{"name": open_}], "id": "x"}) == open_
