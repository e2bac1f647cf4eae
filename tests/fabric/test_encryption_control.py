"""VPC encryption controls: what a VPC that enforces encryption holds, and what passes its endpoints."""

from __future__ import annotations

import pytest
from networks import API, VPC, Refusal, Row, changed, check, names, refused

from vpcsim import InputError
from vpcsim.fabric.encryption_control import VpcEncryptionControl
from vpcsim.resource import Declaration, Draft

CONTROLS = f"{VPC}vpc-encryption-controls.html"
CONFIGURATION = f"{API}API_VpcEncryptionControlConfiguration.html"

BASE = """
vpcs: {vpc: 10.0.0.0/16, other: 10.1.0.0/16}
subnets: {net: {vpc: vpc, cidr: 10.0.1.0/24}, other-net: {vpc: other, cidr: 10.1.1.0/24}}
security_groups: {open: {vpc: vpc, ingress: all from 0.0.0.0/0}}
instances:
  app: {subnet: net, ip: 10.0.1.10, security_groups: open}
  web: {subnet: net, ip: 10.0.1.11, security_groups: open}
endpoints: {sqs: {vpc: vpc, service: sqs, subnets: net, security_groups: open}}
encryption_controls: {control: {vpc: vpc, mode: enforce}}
"""
MONITOR = "encryption_controls: {control: {mode: monitor}}"
ENDPOINT = "app app/net net sqs/net sqs"
IGW = "internet_gateways: {igw: vpc}"
NLB = (
    "target_groups: {flows: {vpc: vpc, protocol: TCP, port: 443, targets: web}}\n"
    "load_balancers: {nlb: {type: network, scheme: internal, subnets: net, listeners: "
)
PEERING = "vpc_peering_connections: {pcx: {requester: vpc, accepter: other}}"
BOTH = f"{PEERING}\nencryption_controls: {{other-control: {{vpc: other, mode: enforce}}}}"

ROWS = [
    Row("inside the VPC", CONTROLS, "", "app -> web 80/tcp", "app app/net net web/net web", "web web/net net app/net app"),
    Row(
        "an endpoint: what counts as encrypted", CONTROLS, "", "app -> sqs 443/tcp", ENDPOINT, "sqs sqs/net net app/net app",
    ),
    Row(
        "an endpoint: what may be clear text", CONTROLS, "", "app -> sqs 80/tcp", ENDPOINT, "",
        "undecided VPCSIM_NOT_MODELLED sqs",
    ),
    Row("monitored only", CONTROLS, MONITOR, "app -> sqs 80/tcp", ENDPOINT, "sqs sqs/net net app/net app"),
]  # fmt: skip

REFUSALS = [
    Refusal("an internet gateway", CONTROLS, IGW, "", "control"),
    Refusal("an egress-only internet gateway", CONTROLS, "egress_only_internet_gateways: {eigw: vpc}", "", "control"),
    Refusal("a virtual private gateway", CONTROLS, "vpn_gateways: {vgw: {vpc: vpc}}", "", "control"),
    Refusal("a private NAT gateway", CONTROLS, "nat_gateways: {nat: {subnet: net, type: private}}", "", "control"),
    Refusal(
        "a subnet in a Local Zone", CONTROLS, "subnets: {bos: {vpc: vpc, cidr: 10.0.9.0/24, az: us-east-1-bos-1a}}", "",
        "control",
    ),
    Refusal("a TLS listener", CONTROLS, f"{NLB}{{443/tls: flows}}}}}}", "", "control"),
    Refusal("a function", CONTROLS, "functions: {f: {subnets: net, security_groups: open}}", "", "control"),
    Refusal("a peering with a VPC that does not enforce it", CONTROLS, PEERING, "", "control"),
    Refusal(
        "a peering with a VPC of another Region", CONTROLS, f"{BOTH}\nvpcs: {{other: {{cidr: 10.1.0.0/16, region: us-west-2}}}}",
        " ", "control",
    ),
    Refusal("two controls", CONFIGURATION, "encryption_controls: {more: {vpc: vpc, mode: monitor}}", "", "more"),
]  # fmt: skip

ALLOWED = [
    ("an excluded gateway", f"{IGW}\nencryption_controls: {{control: {{exclusions: internet_gateway}}}}"),
    ("as the API spells it", f"{IGW}\nencryption_controls: {{control: {{exclusions: [InternetGateway]}}}}"),
    ("TLS that the targets end", f"{NLB}{{443: flows}}}}}}"),
    ("a gateway of another VPC", "internet_gateways: {igw: other}"),
    ("a monitored VPC", f"{IGW}\n{MONITOR}"),
    ("a peering of two that enforce it", BOTH),
]


@pytest.mark.parametrize("row", ROWS, ids=names(ROWS))
def test_what_passes(row: Row) -> None:
    check(BASE, row)


@pytest.mark.parametrize("row", REFUSALS, ids=names(REFUSALS))
def test_what_cannot_be_in_the_vpc(row: Refusal) -> None:
    refused(BASE, row)


@pytest.mark.parametrize("changes", [row[1] for row in ALLOWED], ids=[row[0] for row in ALLOWED])
def test_what_can_be_in_the_vpc(changes: str) -> None:
    assert changed(BASE, changes).topology.resources["control"]


def test_what_is_no_exclusion() -> None:
    with pytest.raises(InputError, match="`vpn` is not an exclusion"):
        changed(BASE, "encryption_controls: {control: {exclusions: vpn}}")


@pytest.mark.parametrize(
    "fields",
    [
        {"InternetGatewayExclusionInput": "enable", "LambdaExclusionInput": "disable"},
        {"ResourceExclusions": {"InternetGateway": {"State": "enabled"}, "Lambda": {"State": "disabled"}}},
    ],
)
def test_templates_and_descriptions_name_exclusions(fields: dict[str, object]) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcEncryptionControlExclusions.html"""
    told = {"VpcId": "vpc", "Mode": "enforce", **fields}
    (draft,) = VpcEncryptionControl.cloudformation(Declaration("c", "AWS::EC2::VPCEncryptionControl", told, None, "", ""))
    assert isinstance(draft, Draft)
    assert draft.fields["Exclusions"] == ["InternetGateway"]
