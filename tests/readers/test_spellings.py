"""One network in several spellings is one topology: every model as a native file, a template, a plan, sources, and answers.

The plans are Terraform's own, the answers have AWS's ids and what AWS chose. What a format cannot say, such as what an appliance
does with packets, is added natively; what it says besides is left out of the comparison, by name.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from spellings import MODELS, canonical, topology_of

import vpcsim
from vpcsim.network import Network
from vpcsim.scenarios import Scenario, load
from vpcsim.scenarios.kinds import KINDS, Bench

SPELLINGS = {"template": "template.yaml", "plan": "terraform/plan.json", "sources": "terraform", "describe": "describe"}
SEVERAL_REGIONS = ("cloud-wan",)
"""Models of several Regions, which one template cannot make: they are written natively."""
NAMES = sorted(path.parent.name for path in MODELS.glob("*/network.yaml") if path.parent.name not in SEVERAL_REGIONS)
CASES = [(name, spelling) for name in NAMES for spelling in SPELLINGS]
STATES = sorted(MODELS.glob("*/terraform/*state*"))

OFFICE: dict[str, Any] = {
    "on_premises": {"office": {"prefixes": "192.168.0.0/16", "ip": "192.168.1.5"}, "branch": "172.16.0.0/16"},
    "customer_gateways": {"officeRouter": {"network": "office"}, "branchRouter": {"network": "branch"}},
}
DATA_CENTER: dict[str, Any] = {
    "on_premises": {"dataCenter": {"prefixes": ["192.168.0.0/16", "203.0.113.0/24"], "ip": "192.168.1.5"}},
    "customer_gateways": {"backupRouter": {"network": "dataCenter"}},
    "virtual_interfaces": {"privateInterface": {"network": "dataCenter"}, "publicInterface": {"network": "dataCenter"}},
}
APPLIANCES: dict[str, Any] = {"instances": {"ApplianceA": {"forwards": "pass"}, "ApplianceB": {"forwards": "pass"}}}
FIREWALL: dict[str, Any] = {"instances": {"Firewall": {"forwards": "pass"}}}
UNSAID = {
    "central-inspection": APPLIANCES, "gwlb-inspection": FIREWALL, "hybrid-direct-connect": DATA_CENTER, "hybrid-vpn": OFFICE,
}  # fmt: skip
"""What only the native format says: what an appliance does, and what is behind a customer's router."""
UNSAID_BY_TEMPLATES: dict[str, Any] = {
    "dual-stack": {"elastic_ips": {"webAddress": {"ip": "198.51.100.10"}}},
    "private-eks": {"eks_nodegroups": {"myNodes": {"pods": "10.0.0.77"}}},
    "privatelink-provider-consumer": {
        "endpoint_services": {
            "ApiService": {"accepted": "ApiEndpoint", "private_dns_name": "api.partner.example", "verified": True}
        },
        "endpoints": {"ApiEndpoint": {"private_dns": True}},
    },
}
"""What is chosen at deployment, and what others have agreed to."""
UNSAID_BY_TERRAFORM = {name: UNSAID_BY_TEMPLATES[name] for name in ("dual-stack", "private-eks")}
DEMANDED = {
    "dual-stack": {"subnets": {"ipv6Subnet": {"AssignIpv6AddressOnCreation": True}}},
    "ipv6-only-nat64": {"subnets": {"mySubnet": {"AssignIpv6AddressOnCreation": True}}},
}
"""What Terraform's provider demands, as changes to the native model."""
MADE: dict[str, dict[str, str]] = {
    "hybrid-direct-connect": {"aws_dx_gateway.main": "myDirectConnectGateway"},
    "gwlb-inspection": {"InspectionListener": "InspectionBalancer/listener"},
    "privatelink-provider-consumer": {"ApiListener": "ApiBalancer/listener-443"},
    "three-tier": {f"natGateway{zone}Address": f"natGateway{zone}/elastic-ip" for zone in "AB"},
}
FOUND = {
    "myNatGatewayAddress": "myNatGateway/elastic-ip",
    "AppServerProfile": "AppServer/instance-profile",
    "PrivateServerProfile": "PrivateServer/instance-profile",
}
"""What the native format makes unasked has an id of its own in a template, and what cannot be tagged has its address."""
NOT_COMPARED = ("Association", "HostedZoneId", "PolicyDocument")
DESCRIBED = ("DeviceIndex", "InUseBy", "WantsPublicAddress")
"""What AWS says of interfaces besides."""
ELSEWHERE = {("sqs-public", "template"): "Instances"}
"""Where instances tell of their interfaces, these are compared alone."""


@cache
def native(name: str, demanded: bool = False) -> Network:
    net = vpcsim.load(MODELS / name / "network.yaml")
    return net.with_changes(DEMANDED[name]) if demanded and name in DEMANDED else net


@cache
def spelled(name: str, spelling: str) -> Network:
    if spelling == "sources":
        pytest.importorskip("tfparse", reason="the extra `terraform` is not installed")
    net = Network.of(topology_of(MODELS / name / SPELLINGS[spelling], {**FOUND, **MADE.get(name, {})}))
    assert net.topology.settings.skipped == ()
    unsaid = {"template": UNSAID_BY_TEMPLATES, "plan": UNSAID_BY_TERRAFORM, "sources": UNSAID_BY_TERRAFORM}.get(spelling, {})
    for changes in (UNSAID, unsaid):
        net = net.with_changes(changes[name]) if name in changes else net
    return net


@pytest.mark.parametrize(("name", "spelling"), CASES)
def test_one_topology(name: str, spelling: str) -> None:
    left_out = (*NOT_COMPARED, *(DESCRIBED if spelling == "describe" else ()))
    found, wanted = (
        {
            section: items
            for section, items in canonical(net.topology, left_out).items()
            if section != ELSEWHERE.get((name, spelling))
        }
        for net in (spelled(name, spelling), native(name, spelling in ("plan", "sources")))
    )
    assert found == wanted


def links(net: Network) -> set[tuple[str, str, str]]:
    return {tuple(link) for place in net.places.values() for link in place.links(net)}


@pytest.mark.parametrize(("name", "spelling"), CASES)
def test_the_same_links(name: str, spelling: str) -> None:
    assert links(spelled(name, spelling)) == links(native(name))


@cache
def scenario_of(name: str) -> Scenario:
    """The scenario that is about a model."""
    files = (MODELS.parent / "scenarios").glob("*.yaml")
    return next(s for s in map(load, map(str, files)) if any(name in Path(model).parts for model in s.models))


AS_IT_IS = {("privatelink-provider-consumer", "describe")}
"""Where AWS itself says what a step tries to undo: that the endpoint was accepted."""


@pytest.mark.parametrize(("name", "spelling"), CASES)
def test_the_same_verdicts(name: str, spelling: str) -> None:
    """What is asked of names and flows, step by step; what calls do besides depends on nothing else."""
    net = spelled(name, spelling)
    for step in scenario_of(name).steps[: 1 if (name, spelling) in AS_IT_IS else None]:
        net = net.with_changes(step.create, step.delete) if step.create or step.delete else net
        for check in step.checks:
            if check.kind in ("flow", "dns"):
                bench = Bench(net)
                bench.source = check.source
                answered = KINDS[check.kind].ask(check, bench)
                assert answered.faults == [], (step.name, check.title)


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


@pytest.mark.parametrize("path", STATES, ids=lambda path: f"{path.parent.parent.name}/{path.name}")
def test_a_state_is_the_model_with_what_was_chosen(path: Path) -> None:
    state = topology_of(path)
    assert state.settings.skipped == ()
    assert canonical(state, FILLED_IN) == canonical(native(path.parent.parent.name, True).topology, FILLED_IN)


DIFFERENCES = [
    ("three-tier/terraform/plan.json", '"from_port": 8080', '"from_port": 8079'),
    ("sqs-public/describe/answers.json", '"DestinationCidrBlock": "0.0.0.0/0"', '"DestinationCidrBlock": "0.0.0.0/1"'),
    ("sqs-nat/template.yaml", "CidrBlock: 10.0.1.0/24", "CidrBlock: 10.0.2.0/24"),
]


@pytest.mark.parametrize(("file", "was", "becomes"), DIFFERENCES, ids=[row[0] for row in DIFFERENCES])
def test_a_difference_is_seen(file: str, was: str, becomes: str, tmp_path: Path) -> None:
    text = (MODELS / file).read_text()
    assert was in text
    changed = tmp_path / Path(file).name
    changed.write_text(text.replace(was, becomes, 1))
    found = topology_of(changed, {**FOUND, **MADE.get(file.partition("/")[0], {})})
    assert canonical(found, (*NOT_COMPARED, *DESCRIBED)) != canonical(
        topology_of(MODELS / file, FOUND), (*NOT_COMPARED, *DESCRIBED)
    )


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
