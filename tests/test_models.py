"""Every model of this repository loads, and one network in two spellings is one topology."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import vpcsim

MODELS = Path(__file__).parent.parent / "models"
FILES = sorted([*MODELS.glob("*/network.yaml"), *MODELS.glob("*/template.yaml")])


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_model_loads(path: Path) -> None:
    net = vpcsim.load(path)
    assert net.topology.settings.skipped == ()
    assert net.trace("AppServer", "https://example.com").verdict in ("reachable", "blocked")


RENAMED = {
    "public-private": {"myNatGatewayAddress": "myNatGateway/elastic-ip"},
    "three-tier": {f"natGateway{zone}Address": f"natGateway{zone}/elastic-ip" for zone in "AB"},
    "dual-stack": {"myNatGatewayAddress": "myNatGateway/elastic-ip"},
    "hub-and-spoke": {"myNatGatewayAddress": "myNatGateway/elastic-ip"},
    "privatelink-provider-consumer": {"ApiListener": "ApiBalancer/listener-443"},
}
"""What the native format makes unasked has an id of its own in a template."""
UNSAID: dict[str, dict[str, Any]] = {
    "dual-stack": {"elastic_ips": {"webAddress": {"ip": "198.51.100.10"}}},
    "private-eks": {"eks_nodegroups": {"myNodes": {"pods": "10.0.0.77"}}},
    "privatelink-provider-consumer": {
        "endpoint_services": {
            "ApiService": {"accepted": "ApiEndpoint", "private_dns_name": "api.partner.example", "verified": True}
        },
        "endpoints": {"ApiEndpoint": {"private_dns": True}},
    },
}
"""What no template can say, in the words of the native format: chosen addresses, and what others have agreed to."""
TEMPLATES = sorted(path.parent.name for path in MODELS.glob("*/template.yaml"))


def spelled(name: str, file: str) -> str:
    """The topology of a file without the values that were chosen by id, and what templates must say besides."""
    net = vpcsim.load(MODELS / name / file)
    topology = net.with_changes(UNSAID.get(name, {})).topology if file == "template.yaml" else net.topology
    resources = [r.dump(without=r.assumed | {"description", "image_id", "instance_type"}) for r in topology.resources.values()]
    text = json.dumps(sorted(resources, key=str), sort_keys=True)
    for written, made in RENAMED.get(name, {}).items():
        text = text.replace(f'"{written}"', f'"{made}"').replace(f"{written}/", f"{made}/")
    return text


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_template_and_the_native_file_give_the_same_topology(name: str) -> None:
    template, native = (sorted(json.loads(spelled(name, file)), key=str) for file in ("template.yaml", "network.yaml"))
    assert template == native


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
