"""EC2 Instance Connect Endpoints: TCP from their interface into the VPC, nothing the other way."""

from __future__ import annotations

import pytest
from networks import Row, check, names

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


@pytest.mark.parametrize("row", ROWS, ids=names(ROWS))
def test_endpoints(row: Row) -> None:
    check(BASE, row)
