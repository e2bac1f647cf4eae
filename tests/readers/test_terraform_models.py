"""One network in several spellings is one topology: the native file, a plan, a state, and the Terraform sources."""

from __future__ import annotations

from pathlib import Path

import pytest
from terraform_names import MODELS, canonical, topology_of

import vpcsim
from vpcsim.topology import Topology

NAMES = sorted(path.parent.parent.name for path in MODELS.glob("*/terraform/plan.json"))
STATES = sorted(MODELS.glob("*/terraform/*state*"))
DIFFERENT = {
    "dual-stack": "{subnets: {ipv6Subnet: {AssignIpv6AddressOnCreation: true}}}",
}
"""What Terraform's provider demands, as changes to the native model."""
AFTER_APPLY = {"dual-stack": ("PublicIp",)}
"""What no plan can hold: an Elastic IP address is known when it is allocated."""
FILLED_IN = (
    "Association",
    "AssociatePublicIpAddress",
    "MetadataOptions",
    "OwnerId",
    "PeeringOptions",
    "PolicyDocument",
    "PrivateDnsNameOptionsOnLaunch",
    "PrivateIpAddress",
    "Region",
    "WantsPublicAddress",
)
"""What a state shows of the choices of whoever made the network, here a server of moto."""


def native(name: str, tmp_path: Path) -> Topology:
    change = tmp_path / "change.yaml"
    change.write_text(DIFFERENT.get(name, "instances: {}"))
    return vpcsim.load(MODELS / name / "network.yaml", change).topology


@pytest.mark.parametrize("name", NAMES)
def test_a_plan_is_the_native_model(name: str, tmp_path: Path) -> None:
    unknown = AFTER_APPLY.get(name, ())
    plan = topology_of(MODELS / name / "terraform/plan.json")
    assert plan.settings.skipped == ()
    assert canonical(plan, unknown) == canonical(native(name, tmp_path), unknown)


@pytest.mark.parametrize("name", NAMES)
def test_sources_are_the_native_model(name: str, tmp_path: Path) -> None:
    pytest.importorskip("tfparse", reason="the extra `terraform` is not installed")
    unknown = AFTER_APPLY.get(name, ())
    sources = topology_of(MODELS / name / "terraform")
    assert sources.settings.skipped == ()
    assert canonical(sources, unknown) == canonical(native(name, tmp_path), unknown)


@pytest.mark.parametrize("path", STATES, ids=lambda path: f"{path.parent.parent.name}/{path.name}")
def test_a_state_is_the_native_model_with_what_was_chosen(path: Path, tmp_path: Path) -> None:
    state, model = topology_of(path), native(path.parent.parent.name, tmp_path)
    assert state.settings.skipped == ()
    assert canonical(state, FILLED_IN) == canonical(model, FILLED_IN)


def test_a_difference_in_a_plan_is_seen(tmp_path: Path) -> None:
    text = (MODELS / "three-tier/terraform/plan.json").read_text()
    changed = tmp_path / "plan.json"
    changed.write_text(text.replace('"from_port": 8080', '"from_port": 8079'))
    assert canonical(topology_of(changed)) != canonical(native("three-tier", tmp_path))


def test_the_models_of_terraform_are_asked_by_address() -> None:
    net = vpcsim.load(MODELS / "hub-and-spoke/terraform/plan.json")
    assert net.trace("aws_instance.app", "https://example.com").verdict == "reachable"
    answer = net.trace("aws_instance.app", "aws_instance.database")
    assert (answer.verdict, answer.at) == ("blocked", "aws_ec2_transit_gateway_route_table.spoke")
    assert net.resolve('module.spoke["data"].aws_vpc.this', "example.com").rcode == "NOERROR"


def test_a_state_is_asked_by_the_ids_of_aws() -> None:
    net = vpcsim.load(MODELS / "peered-vpcs/terraform/terraform.tfstate")
    ids = [text for text, address in net.topology.settings.aliases.items() if address == 'aws_instance.each["my"]']
    assert any(text.startswith("i-") for text in ids)
    by_id = net.trace(next(text for text in ids if text.startswith("i-")), 'aws_instance.each["data"]:5432')
    assert by_id.verdict == net.trace('aws_instance.each["my"]', 'aws_instance.each["data"]:5432').verdict == "reachable"
