"""EC2 Instance Connect Endpoints: TCP from their interface into the VPC, nothing the other way."""

from __future__ import annotations

import pytest
from networks import Refusal, Row, changed, check, names, refused

from vpcsim.prefixes import family

GUIDE = "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/"
GROUPS = f"{GUIDE}eice-security-groups.html"
CONNECT = f"{GUIDE}connect-with-ec2-instance-connect-endpoint.html"
CREATE = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateInstanceConnectEndpoint.html"
BASE = """
vpcs: {vpc: 10.0.0.0/16}
subnets: {a: 10.0.0.0/24, b: 10.0.1.0/24}
security_groups:
  door: {egress: tcp 22 to group ssh}
  ssh: {ingress: tcp 22 from group door}
  open: {ingress: all from 0.0.0.0/0}
instances: {app: {subnet: b, ip: 10.0.1.10, security_groups: ssh}}
instance_connect_endpoints: {eice: {subnet: a, security_groups: door, preserve_client_ip: false}}
"""
TO = "eice eice/a a app/b app"
ROWS = [
    Row("SSH by its group", GROUPS, "", "eice -> app 22/tcp", TO, "app app/b b eice/a eice"),
    Row(
        "its group lets nothing else out",
        GROUPS,
        "",
        "eice -> app 3389/tcp",
        "eice eice/a",
        "",
        "denied ENI_SG_RULES_MISMATCH door",
    ),
    Row(
        "the instance's group",
        GROUPS,
        "security_groups: {ssh: {ingress: tcp 22 from 10.9.0.0/16}}",
        "eice -> app 22/tcp",
        "eice eice/a a app/b",
        "",
        "denied ENI_SG_RULES_MISMATCH ssh",
    ),
    Row("TCP only", CONNECT, "", "eice -> app 22/udp", "eice", "", "denied PROTOCOL_RESTRICTION eice"),
    Row(
        "the client's address",
        CREATE,
        "instance_connect_endpoints: {eice: {preserve_client_ip: true}}",
        "eice -> app 22/tcp",
        "eice",
        "",
        "undecided VPCSIM_NOT_MODELLED eice",
    ),
    Row(
        "takes no connections",
        CONNECT,
        "instance_connect_endpoints: {eice: {security_groups: open}}\nsecurity_groups: {ssh: {egress: all to 0.0.0.0/0}}",
        "app -> eice 22/tcp",
        "app app/b b eice/a eice",
        "",
        "denied VPCSIM_NO_SERVICE eice",
    ),
]


MORE = [
    Row("unless said it uses its own address", CREATE, "instance_connect_endpoints: {eice: {preserve_client_ip: null}}",
        "eice -> app 22/tcp", TO, "app app/b b eice/a eice"),
    Row("with the client's address it serves its VPC only", CONNECT,
        "instance_connect_endpoints: {eice: {preserve_client_ip: true}}",
        "eice -> 10.9.0.10 22/tcp", "eice", "", "denied CANNOT_ROUTE eice"),
]  # fmt: skip
SIX = """
vpcs: {vpc: {cidr: 10.0.0.0/16, ipv6: "2001:db8:a::/56"}}
subnets: {a: {cidr: 10.0.0.0/24, ipv6_cidr: "2001:db8:a:1::/64"}}
instance_connect_endpoints: {eice: {%s}}
"""


@pytest.mark.parametrize("row", MORE, ids=names(MORE))
def test_whose_address_arrives(row: Row) -> None:
    check(BASE, row)


@pytest.mark.parametrize(("type", "count"), [("", 1), ("ip_address_type: ipv4", 0), ("ip_address_type: dualstack", 1)])
def test_its_address_type_is_that_of_its_subnet_unless_said(type: str, count: int) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateInstanceConnectEndpoint.html"""
    numbers = changed(BASE, SIX % type).index.addresses_of["eice/a"]
    assert sum(family(number) == 6 for number in numbers) == count


REFUSALS = [
    Refusal("the client's address by IPv4 only", CREATE, SIX % "preserve_client_ip: true", "InvalidParameterCombination", "eice"),
    Refusal("a type without its block", CREATE, "instance_connect_endpoints: {eice: {ip_address_type: dualstack}}",
            "InvalidParameter", "eice"),
]  # fmt: skip


@pytest.mark.parametrize("row", REFUSALS, ids=names(REFUSALS))
def test_what_aws_refuses(row: Refusal) -> None:
    refused(BASE, row)


@pytest.mark.parametrize("row", ROWS, ids=names(ROWS))
def test_endpoints(row: Row) -> None:
    check(BASE, row)
