"""Networks that CDK's own constructs describe: counts, routes and reachability as their sources and CDK's documentation say.

The sources stand beside the templates, see cdk/README.md. Constructs: https://docs.aws.amazon.com/cdk/api/v2/docs/.
"""

from __future__ import annotations

import functools
import json
import shutil
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import vpcsim
from vpcsim.calling import session
from vpcsim.errors import InputError

CDK = Path(__file__).parent / "cdk"
SHOP = Path(__file__).parents[2] / "models" / "cdk-shop"
WEB = "192.0.2.50"


def host(service: str) -> str:
    return f"https://{service}.us-east-1.amazonaws.com"


class Flow(NamedTuple):
    """From a construct to a target: the verdict, what the way there passes or what decides, and the code."""

    source: str
    to: str
    verdict: str
    at: str = ""
    code: str = ""


class Stack(NamedTuple):
    name: str
    counts: dict[str, int]
    flows: tuple[Flow, ...]


R, B, U = "reachable", "blocked", "undecided"
NO_ROUTE, GROUP, ACL = "NO_ROUTE_TO_DESTINATION", "ENI_SG_RULES_MISMATCH", "SUBNET_ACL_RESTRICTION"
STACKS = [
    Stack("DefaultVpc", {"subnet": 4, "nat_gateway": 2, "internet_gateway": 1, "route_table": 5, "elastic_ip": 2}, (
        Flow("App", WEB, R, "Vpc/PublicSubnet1/NATGateway"),
        Flow("Web", WEB, R, "Vpc/IGW"),
        Flow("internet", "Web", B, "Web/InstanceSecurityGroup", "SG_HAS_NO_RULES"),
        Flow("internet", "App", B, "", "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS"),
    )),
    Stack("OneNat", {"subnet": 9, "nat_gateway": 1, "route_table": 10}, (
        Flow("App", WEB, R, "Vpc/PublicSubnet1/NATGateway"),
        Flow("Store", WEB, B, "Vpc/IsolatedSubnet1/RouteTable", NO_ROUTE),
    )),
    Stack("PrivateEndpoints", {"interface_endpoint": 3, "nat_gateway": 0, "internet_gateway": 0, "subnet": 2}, (
        Flow("App", host("sqs"), R, "Vpc/SQS"),
        Flow("App", host("ssmmessages"), R, "Vpc/SSMMESSAGES"),
        Flow("App", host("sns"), B, "Vpc/IsolatedSubnet1/RouteTable", NO_ROUTE),
    )),
    Stack("ClosedEndpoint", {"interface_endpoint": 1, "security_group": 4}, (
        Flow("Known", host("kms"), R, "Kms"),
        Flow("Unknown", host("kms"), B, "Kms/SecurityGroup", GROUP),
    )),
    Stack("GatewayEndpoints", {"gateway_endpoint": 2, "interface_endpoint": 1, "nat_gateway": 0}, (
        Flow("App", host("s3"), R, "Vpc/S3"),
        Flow("App", host("dynamodb"), R, "Vpc/Dynamo"),
        Flow("App", host("sns"), B, "Vpc/IsolatedSubnet1/RouteTable", NO_ROUTE),
    )),
    Stack("NatInstance", {"nat_gateway": 0, "instance": 2}, (
        Flow("App", WEB, U, "Vpc/PublicSubnet1/NatInstance", "VPCSIM_NOT_MODELLED"),
    )),
    Stack("FargateBehindAlb", {"ecs_service": 1, "load_balancer": 1, "nat_gateway": 1}, (
        Flow("internet", "Shop/LB:80", R, "Shop/Service/Service"),
        Flow("internet", "Shop/LB:8080", B, "Shop/LB/SecurityGroup", GROUP),
        Flow("Shop/Service/Service", WEB, R, "Vpc/PublicSubnet1/NATGateway"),
    )),
    Stack("FargateIsolated", {"ecs_service": 1, "interface_endpoint": 3, "gateway_endpoint": 1}, (
        Flow("Service/Service", host("api.ecr"), R, "Vpc/Api"),
        Flow("Service/Service", "https://123456789012.dkr.ecr.us-east-1.amazonaws.com", R, "Vpc/Dkr"),
        Flow("Service/Service", host("s3"), R, "Vpc/S3"),
        Flow("Service/Service", host("secretsmanager"), B, "", NO_ROUTE),
    )),
    Stack("InternalAlb", {"load_balancer": 1, "target_group": 1, "instance": 3}, (
        # CDK registers an instance as a target and leaves its groups as they are.
        Flow("Client", "Alb:80", B, "Alb/SecurityGroup", GROUP),
        Flow("Stranger", "Alb:80", B, "Alb/SecurityGroup", GROUP),
        Flow("Client", "Backend:8080", B, "Backend/InstanceSecurityGroup", "SG_HAS_NO_RULES"),
    )),
    Stack("PrivateLink", {"vpc": 2, "vpc_endpoint_service": 1, "interface_endpoint": 1, "load_balancer": 1}, (
        Flow("App", "Backend:443", B, "", NO_ROUTE),
    )),
    Stack("Peering", {"vpc": 2, "vpc_peering_connection": 1, "subnet": 3}, (
        Flow("Routed", "Far:5432", R, "Peering"),
        Flow("Unrouted", "Far:5432", B, "One/IsolatedSubnet2/RouteTable", NO_ROUTE),
        Flow("Routed", "Far:22", B, "Far/InstanceSecurityGroup", GROUP),
    )),
    Stack("DualStack", {"egress_only_internet_gateway": 1, "subnet": 4, "nat_gateway": 1}, (
        Flow("Web", "2001:db8:ffff::50", R, "Vpc/IGW"),
        Flow("App", "2001:db8:ffff::50", R, "Vpc/EIGW6"),
        Flow("App", WEB, R, "Vpc/PublicSubnet1/NATGateway"),
        # allowAllOutbound is about IPv4 only.
        Flow("Old", "2001:db8:ffff::50", B, "Old/InstanceSecurityGroup", GROUP),
        Flow("internet:2001:db8:ffff::50", "App", B),
    )),
    Stack("Functions", {"lambda_function": 2, "queue": 1}, (
        Flow("Inside", host("sqs"), B, "", NO_ROUTE),
    )),
    Stack("Data", {"db_instance": 1, "file_system": 1, "mount_target": 2, "subnet": 6}, (
        Flow("App", "Database", R),
        Flow("Other", "Database", B, "Database/SecurityGroup", GROUP),
        Flow("Other", "Files:2049", R),
        Flow("App", "Files:2049", B, "Files/EfsSecurityGroup", GROUP),
    )),
    Stack("PrivateZone", {"hosted_zone": 1, "load_balancer": 1}, ()),
    Stack("TransitHub", {"transit_gateway": 1, "transit_gateway_attachment": 2, "nat_gateway": 1}, (
        Flow("Here", "There:8443", R, "Tgw"),
        Flow("Here", "There:443", B, "There/InstanceSecurityGroup", GROUP),
        Flow("There", "Here:443", B, "Here/InstanceSecurityGroup", "SG_HAS_NO_RULES"),
        Flow("Here", WEB, B, "Spoke/IsolatedSubnet1/RouteTable", NO_ROUTE),
    )),
    Stack("Acls", {"network_acl": 2, "subnet": 1}, (
        Flow("Web", "198.51.100.7", R, "Acl"),
        Flow("Web", WEB, B, "Acl", ACL),
        Flow("Web", "198.51.100.7:22", B, "Acl", ACL),
    )),
    Stack("Vpn", {"vpn_gateway": 1, "vpn_connection": 1, "customer_gateway": 1}, (
        Flow("192.168.10.5", "App:22", R),
        Flow("192.168.10.5", "App:80", B, "App/InstanceSecurityGroup", GROUP),
        Flow("App", "192.168.11.5", B, "Vpc/IsolatedSubnet1/RouteTable", NO_ROUTE),
    )),
]  # fmt: skip
FLOWS = [pytest.param(stack, flow, id=f"{stack.name}:{flow.source}-{flow.to}") for stack in STACKS for flow in stack.flows]


@functools.cache
def load(name: str) -> vpcsim.Network:
    return vpcsim.load(CDK / "singles" / f"{name}.template.json")


def construct(net: vpcsim.Network, stack: str, path: str) -> str:
    """The id of the construct with this path, in a stack; anything else as it is."""
    head, colon, port = path.partition(":") if "://" not in path else (path, "", "")
    named = [r.id for r in net.topology.resources.values() if r.name == f"{stack}/{head}"]
    return f"{named[0]}{colon}{port}" if len(named) == 1 else path


@pytest.mark.parametrize("stack", STACKS, ids=lambda stack: stack.name)
def test_a_stack_of_cdk_is_read_whole(stack: Stack) -> None:
    net = load(stack.name)
    assert {kind: len(net.topology.of_kind(kind)) for kind in stack.counts} == stack.counts
    assert not net.topology.settings.doubts
    assert not any(skipped.unknown for skipped in net.topology.settings.skipped)


@pytest.mark.parametrize(("stack", "flow"), FLOWS)
def test_a_construct_reaches_what_it_should(stack: Stack, flow: Flow) -> None:
    net = load(stack.name)
    at = construct(net, stack.name, flow.at)
    answer = net.trace(construct(net, stack.name, flow.source), construct(net, stack.name, flow.to))
    assert answer.verdict == flow.verdict, str(answer)
    assert not flow.code or flow.code in answer.codes, str(answer)
    assert not at or answer.at == at or answer.passes(at), str(answer)


def test_every_template_has_a_row() -> None:
    assert {stack.name for stack in STACKS} == {path.name.partition(".")[0] for path in (CDK / "singles").iterdir()}
    assert len(STACKS) >= 15


def test_a_session_needs_what_ssm_session_permissions_gives() -> None:
    net = load("PrivateEndpoints")
    assert session(net, construct(net, "PrivateEndpoints", "App")).verdict == "reachable"


def test_a_nat_instance_that_forwards_is_a_way_out() -> None:
    """https://docs.aws.amazon.com/vpc/latest/userguide/VPC_NAT_Instance.html"""
    net = load("NatInstance")
    nat, app = (construct(net, "NatInstance", path) for path in ("Vpc/PublicSubnet1/NatInstance", "App"))
    assert net.with_changes({"instances": {nat: {"forwards": "nat"}}}).trace(app, WEB).verdict == "reachable"


def test_an_endpoint_of_an_endpoint_service_leads_to_the_backend() -> None:
    net = load("PrivateLink")
    endpoint = net.topology.of_kind("interface_endpoint")[0]
    answer = net.trace(construct(net, "PrivateLink", "App"), f"{endpoint.id}:443")
    assert answer.passes(construct(net, "PrivateLink", "Backend")), str(answer)


def test_names_of_a_private_zone() -> None:
    net = load("PrivateZone")
    app = construct(net, "PrivateZone", "App")
    addresses = net.resolve(app, "api.corp.example").addresses
    assert len(addresses) == 2
    assert net.resolve(app, "old.corp.example").addresses == addresses
    assert net.resolve(app, "none.corp.example").rcode == "NXDOMAIN"
    assert net.resolve("public", "api.corp.example").addresses == ()


# a whole application: several stacks, one of them nested, and a VPC that was looked up


@functools.cache
def shop() -> vpcsim.Network:
    return vpcsim.load(SHOP / "cdk.out")


def test_stacks_of_an_application_see_each_other() -> None:
    net = shop()
    assert net.trace("Shop/Client", "Shop/Alb:80").verdict == "reachable"
    assert net.trace("Shop/Backend", host("sqs")).passes(net.topology.find("Shop/Endpoints/Sqs").id)
    assert net.trace("Shop/Client", host("sqs")).codes == (GROUP,)
    assert (
        net.trace("Shop/Client", host("s3")).passes("VpcS390C89F08")
        or net.trace("Shop/Client", host("s3")).verdict == "reachable"
    )
    assert not net.topology.settings.doubts


def test_the_folder_of_an_application_stands_for_what_it_synthesised() -> None:
    assert vpcsim.load(SHOP).topology == shop().topology


def test_a_resource_of_a_nested_stack_says_where_it_comes_from() -> None:
    endpoint = shop().topology.find("Shop/Endpoints/Sqs")
    assert endpoint.id == "EndpointsNestedStackEndpointsNestedStackResourceEB780E7F.Sqs8EBAA112"
    assert endpoint.origin is not None
    assert (Path(endpoint.origin.file).name, endpoint.origin.path) == ("ShopEndpointsA8A7B9B7.nested.template.json", endpoint.id)


def test_a_vpc_that_was_looked_up_is_built_from_the_context() -> None:
    net = shop()
    vpc = net.topology.resources["vpc-0a1b2c3d4e5f60718"]
    assert "cidr_block" in vpc.assumed
    assert str(vpc.origin).endswith("cdk.context.json:3:3")
    assert net.trace("Tools/Bastion", WEB).verdict == "reachable"
    assert net.trace("Tools/Runner", WEB).codes == (NO_ROUTE,)
    assert any("as cdk.context.json says" in line for line in net.topology.settings.assumptions)


def test_the_way_out_of_a_private_subnet_that_was_looked_up_is_not_known(tmp_path: Path) -> None:
    """CDK says Private for a subnet with a default route to something other than an internet gateway."""
    shutil.copytree(SHOP, tmp_path / "app")
    context = tmp_path / "app" / "cdk.context.json"
    context.write_text(context.read_text().replace('"type": "Isolated"', '"type": "Private"'))
    assert vpcsim.load(tmp_path / "app").trace("Tools/Runner", WEB).verdict == "undecided"


def edited(tmp_path: Path, change: Any) -> Path:
    shutil.copytree(SHOP / "cdk.out", tmp_path / "cdk.out")
    shutil.copy(SHOP / "cdk.context.json", tmp_path)
    file = tmp_path / "cdk.out" / "manifest.json"
    manifest = json.loads(file.read_text())
    change(manifest)
    file.write_text(json.dumps(manifest))
    return file.parent


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda m: m["artifacts"].clear(), "manifest.json:1:1: the manifest names no stack"),
        (lambda m: m["artifacts"]["Shop"]["properties"].pop("templateFile"), "the stack `Shop` names no template"),
        (
            lambda m: m["artifacts"]["Shop"]["properties"].update(templateFile="Sho.json"),
            "Sho.json: no such file",
        ),
        (lambda m: m["artifacts"]["Shop"].update(environment="aws://123456789012/us-east-9"), "`us-east-9` is not a Region"),
    ],
)
def test_a_manifest_that_cannot_be_used(change: Any, said: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        vpcsim.load(edited(tmp_path, change))
    assert said in str(error.value)


def test_a_lookup_that_was_not_made_is_a_notice(tmp_path: Path) -> None:
    folder = edited(tmp_path, lambda m: m.update(missing=[{"key": "availability-zones:x", "provider": "availability-zones"}]))
    assert any("CDK did not look up `availability-zones:x`" in str(notice) for notice in vpcsim.load(folder).notices)
