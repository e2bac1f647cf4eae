"""Resource and service-network endpoints: groups, TCP, one way, and what is behind is unknown."""

from __future__ import annotations

import pytest
from networks import PRIVATELINK, Refusal, Row, changed, check, names, refused

from vpcsim.prefixes import family

RESOURCE = f"{PRIVATELINK}privatelink-access-resources.html"
NETWORK = f"{PRIVATELINK}privatelink-access-service-networks.html"
ARN = "arn:aws:vpc-lattice:us-east-1:111122223333"
BASE = f"""
vpcs: {{vpc: 10.0.0.0/16}}
subnets: {{a: 10.0.0.0/24}}
security_groups: {{open: {{ingress: all from 0.0.0.0/0}}, sql: {{ingress: tcp 5432 from 0.0.0.0/0}}}}
instances: {{app: {{subnet: a, ip: 10.0.0.10, security_groups: open}}}}
endpoints:
  rsc: {{type: resource, subnets: a, security_groups: sql, resource: "{ARN}:resourceconfiguration/rcfg-1"}}
  sn: {{type: service_network, subnets: a, security_groups: open, service_network: "{ARN}:servicenetwork/sn-1"}}
"""
TO_RSC, TO_SN = "app app/a a rsc/a", "app app/a a sn/a sn"
ROWS = [
    Row(
        "what is behind a resource endpoint",
        RESOURCE,
        "",
        "app -> rsc 5432/tcp",
        f"{TO_RSC} rsc",
        "",
        "undecided VPCSIM_NOT_MODELLED rsc",
    ),
    Row("its group", RESOURCE, "", "app -> rsc 443/tcp", TO_RSC, "", "denied ENI_SG_RULES_MISMATCH sql"),
    Row("what is behind a service network", NETWORK, "", "app -> sn 443/tcp", TO_SN, "", "undecided VPCSIM_NOT_MODELLED sn"),
    Row("TCP only", RESOURCE, "", "app -> sn 53/udp", TO_SN, "", "denied PROTOCOL_RESTRICTION sn"),
    Row("one way", RESOURCE, "", "rsc -> app 443/tcp", "rsc", "", "denied VPCE_INTRA_VPC_TRAFFIC rsc"),
    Row("state", RESOURCE, "endpoints: {sn: {state: pending}}", "app -> sn 443/tcp", TO_SN, "", "denied BAD_STATE sn"),
]


@pytest.mark.parametrize("row", ROWS, ids=names(ROWS))
def test_endpoints(row: Row) -> None:
    check(BASE, row)


SIX = """
vpcs: {vpc: {cidr: 10.0.0.0/16, ipv6: "2001:db8:a::/56"}}
subnets: {a: {cidr: 10.0.0.0/24, ipv6_cidr: "2001:db8:a:1::/64", AssignIpv6AddressOnCreation: true}}
endpoints: {rsc: {ip_type: %s}}
"""


@pytest.mark.parametrize(("type", "count"), [("ipv4", 0), ("dualstack", 1)])
def test_its_address_type(type: str, count: int) -> None:
    net = changed(BASE.replace("vpc: 10.0.0.0/16", "vpc: {}").replace("a: 10.0.0.0/24", "a: {}"), SIX % type)
    assert sum(family(number) == 6 for number in net.index.addresses_of["rsc/a"]) == count
    assert net.places["rsc/a"].deny_all_igw_traffic


@pytest.mark.parametrize(
    "name",
    [
        "vpce-0123-snsa-0123.7d67968.vpc-lattice-svcs.us-east-1.on.aws",
        "vpce-0123-snra-0123.rcfg-0123.4232ccc.vpc-lattice-rsc.us-east-1.on.aws",
        "orders-0123.7d67968.vpc-lattice-svcs.us-east-1.on.aws",
    ],
)
def test_its_names_lead_to_what_is_not_in_the_model(name: str) -> None:
    """https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-service-networks.html"""
    net = changed(BASE, "")
    assert net.trace("app", f"https://{name}").verdict == "undecided"
    assert net.trace("internet", f"https://{name}").verdict == "undecided"


REFUSALS = [
    Refusal("it leads somewhere", RESOURCE, "endpoints: {rsc: {resource: null}}", "MissingParameter", "rsc"),
    Refusal("an address type without its block", RESOURCE, "endpoints: {rsc: {ip_type: dualstack}}", "InvalidParameter", "rsc"),
]


@pytest.mark.parametrize("row", REFUSALS, ids=names(REFUSALS))
def test_what_aws_refuses(row: Refusal) -> None:
    refused(BASE, row)
