"""Every model of this repository loads, and two of them that are alike are equal."""

from __future__ import annotations

from pathlib import Path

import pytest

import vpcsim

MODELS = Path(__file__).parent.parent / "models"
FILES = sorted([*MODELS.glob("*/network.yaml"), *MODELS.glob("*/template.yaml")])


OPEN = ("central-inspection/template.yaml", "hybrid-direct-connect/template.yaml")
"""What an appliance lets through and what a customer's router announces stands in no template."""


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_model_loads(path: Path) -> None:
    net = vpcsim.load(path)
    assert net.topology.settings.skipped == ()
    decided = ("reachable", "blocked") if f"{path.parent.name}/{path.name}" not in OPEN else ("undecided",)
    assert net.trace("AppServer", "https://example.com").verdict in decided


def test_equal_spellings_make_equal_topologies() -> None:
    template = vpcsim.load(MODELS / "sqs-private/template.yaml").topology
    native = vpcsim.load(MODELS / "sqs-private/network.yaml").topology
    assert template == native
    assert template.dump() == native.dump()


def test_a_difference_makes_topologies_unequal() -> None:
    net = vpcsim.load(MODELS / "sqs-private")
    changed = net.with_changes({"vpcs": {"myVPC": {"dns_hostnames": True, "tags": {"Owner": "ops"}}}})
    assert changed.topology != net.topology
    assert net.with_changes({}).topology == net.topology


def test_every_resource_knows_where_it_was_written() -> None:
    for name in ("template.yaml", "network.yaml"):
        path = MODELS / "sqs-private" / name
        lines = path.read_text().splitlines()
        for resource in vpcsim.load(path).topology.declared:
            assert resource.origin is not None
            assert resource.origin.file == str(path)
            assert resource.id in lines[resource.origin.line - 1]
