"""VPC peering connections: from a block of one VPC to a block of the other, and by no other way."""

from __future__ import annotations

import pytest
from networks import ANALYZER, API, VPC, Refusal, Row, ask, changed, check, names, refused

from vpcsim import InputError

PEERING = "https://docs.aws.amazon.com/vpc/latest/peering/"
BASICS = f"{PEERING}vpc-peering-basics.html"
ROUTING = f"{PEERING}vpc-peering-routing.html"
GROUPS = f"{PEERING}vpc-peering-security-groups.html"
ANSWERS = f"{PEERING}peering-configurations-partial-access.html"
NAT = f"{VPC}nat-gateway-basics.html"
CREATE = f"{API}API_CreateVpcPeeringConnection.html"
NAMES, NO_HOSTNAMES = f"{PEERING}vpc-peering-dns.html", "InvalidVpcPeeringConnectionState.DnsHostnamesDisabled"
ENDPOINTS = "https://docs.aws.amazon.com/systems-manager/latest/userguide/setup-create-vpc.html"

BASE = """
vpcs:
  a: {cidr: 10.0.0.0/16, Ipv6CidrBlockAssociationSet: [{Ipv6CidrBlock: "2001:db8:a::/56"}], dns_hostnames: true}
  b: {cidr: 10.1.0.0/16, Ipv6CidrBlockAssociationSet: [{Ipv6CidrBlock: "2001:db8:b::/56"}], dns_hostnames: true}
  c: 10.2.0.0/16
  twin: 10.1.0.0/16
subnets:
  a-net: {vpc: a, cidr: 10.0.0.0/24, ipv6_cidr: "2001:db8:a::/64"}
  a-nat: {vpc: a, cidr: 10.0.1.0/24}
  b-net: {vpc: b, cidr: 10.1.0.0/24, ipv6_cidr: "2001:db8:b::/64"}
  c-net: {vpc: c, cidr: 10.2.0.0/24}
  twin-net: {vpc: twin, cidr: 10.1.0.0/24}
vpc_peering_connections:
  ab: {requester: a, accepter: b}
  bc: {requester: b, accepter: c}
internet_gateways: {b-igw: b}
route_tables:
  a-table: {vpc: a, subnets: a-net, routes: {10.1.0.0/16: ab, "2001:db8:b::/56": ab}}
  nat-table: {vpc: a, subnets: a-nat, routes: {10.1.0.0/16: ab}}
  b-table: {vpc: b, subnets: b-net, routes: {10.0.0.0/16: ab, 10.2.0.0/16: bc, "2001:db8:a::/56": ab, 0.0.0.0/0: b-igw}}
  c-table: {vpc: c, subnets: c-net, routes: {10.1.0.0/16: bc}}
  twin-table: {vpc: twin, subnets: twin-net}
nat_gateways: {nat: {subnet: a-nat, type: private, ip: 10.0.1.5}}
security_groups:
  a-sg: {vpc: a, ingress: [all from 0.0.0.0/0, "all from ::/0"]}
  b-sg: {vpc: b, ingress: [all from 0.0.0.0/0, "all from ::/0"]}
  c-sg: {vpc: c, ingress: all from 0.0.0.0/0}
  twin-sg: {vpc: twin, ingress: all from 0.0.0.0/0}
network_interfaces:
  app-eni: {subnet: a-net, ip: 10.0.0.10, Ipv6Addresses: [{Ipv6Address: "2001:db8:a::10"}], security_groups: a-sg, instance: app}
  db-eni: {subnet: b-net, ip: 10.1.0.10, Ipv6Addresses: [{Ipv6Address: "2001:db8:b::10"}], security_groups: b-sg, instance: db}
instances:
  app: {}
  db: {}
  far: {subnet: c-net, ip: 10.2.0.10, security_groups: c-sg}
  double: {subnet: twin-net, ip: 10.1.0.10, security_groups: twin-sg}
"""
THERE, BACK = "app app-eni a-net ab db-eni db", "db db-eni b-net ab app-eni app"
STOPPED = "app app-eni a-net ab"
AB = "app -> 10.1.0.10 5432/tcp"
NOT_OF_THE_PEER = "denied PCX_REQUIRES_ADDRESS_IN_VPC_CIDR ab"
VIA_NAT = "route_tables: {a-table: {routes: {10.1.0.0/16: nat}}, b-table: {routes: {10.0.0.0/16: null}}}"
TO_NAT = "app app-eni a-net nat/a-nat nat a-nat ab db-eni"
FROM_NAT = "db db-eni b-net ab nat/a-nat nat a-nat app-eni app"
BLACKHOLE = "null_routed BAD_STATE_ROUTE a-table"
TWIN = """
vpc_peering_connections: {at: {requester: a, accepter: twin}}
route_tables: {twin-table: {routes: {10.0.0.0/16: at}}}
"""
OFFICE = """
on_premises: {office: {prefixes: 192.168.0.0/16, ip: 192.168.1.5}}
customer_gateways: {router: office}
vpn_gateways: {vgw: {vpc: b, propagates_to: b-table}}
vpn_connections: {vpn: {vpn_gateway: vgw, customer_gateway: router}}
route_tables: {a-table: {routes: {192.168.0.0/16: ab}}}
"""
TRANSIT = """
transit_gateways: {tgw: {}}
transit_gateway_attachments:
  att-b: {transit_gateway: tgw, vpc: b, subnets: b-net}
  att-c: {transit_gateway: tgw, vpc: c, subnets: c-net}
route_tables: {a-table: {routes: {10.2.0.0/16: ab}}, b-table: {routes: {10.2.0.0/16: tgw}}, c-table: {routes: {10.0.0.0/8: tgw}}}
"""
NAMED = "security_groups: {b-sg: {ingress: tcp 5432 from a-sg}}"


def state(code: str) -> str:
    return f"vpc_peering_connections: {{ab: {{state: {code}}}}}"


ROWS = [
    Row("there and back", BASICS, "", AB, THERE, BACK),
    Row(
        "the accepter starts", BASICS, "", "db -> 10.0.0.10 22/tcp", "db db-eni b-net ab app-eni app",
        "app app-eni a-net ab db-eni db",
    ),
    Row("IPv6", ROUTING, "", "app -> 2001:db8:b::10 5432/tcp", THERE, BACK),
    Row("icmp", BASICS, "", "app -> 10.1.0.10 icmp", THERE, BACK),
    Row(
        "no route there", ROUTING, "route_tables: {a-table: {routes: {10.1.0.0/16: null}}}", AB, "app app-eni a-net", "",
        "no_route NO_ROUTE_TO_DESTINATION a-table",
    ),
    Row(
        "no route back", ROUTING, "route_tables: {b-table: {routes: {10.0.0.0/16: null, 0.0.0.0/0: null}}}", AB, THERE,
        "db db-eni b-net", "no_route NO_ROUTE_TO_DESTINATION b-table",
    ),
    Row(
        "IPv4 routes are none for IPv6", ROUTING, 'route_tables: {a-table: {routes: {"2001:db8:b::/56": null}}}',
        "app -> 2001:db8:b::10 5432/tcp", "app app-eni a-net", "", "no_route NO_ROUTE_TO_DESTINATION a-table",
    ),
    Row(
        "a route for one host", ANSWERS, "route_tables: {a-table: {routes: {10.1.0.0/16: null, 10.1.0.10/32: ab}}}", AB,
        THERE, BACK,
    ),
    Row("pending", ROUTING, state("pending-acceptance"), AB, "app app-eni a-net", "", BLACKHOLE),
    Row("deleted", ROUTING, state("deleted"), AB, "app app-eni a-net", "", BLACKHOLE),
    Row("rejected", BASICS, state("rejected"), AB, "app app-eni a-net", "", BLACKHOLE),
    Row("expired", BASICS, state("expired"), AB, "app app-eni a-net", "", BLACKHOLE),
    Row(
        "of two other VPCs", BASICS, "route_tables: {a-table: {routes: {10.2.0.0/16: bc}}}", "app -> 10.2.0.10 22/tcp",
        "app app-eni a-net", "", BLACKHOLE,
    ),
    Row(
        "not transitive", BASICS, "route_tables: {a-table: {routes: {10.2.0.0/16: ab}}}", "app -> 10.2.0.10 22/tcp", STOPPED,
        "", NOT_OF_THE_PEER,
    ),
    Row(
        "not the peer's internet gateway", BASICS, "route_tables: {a-table: {routes: {0.0.0.0/0: ab}}}",
        "app -> 192.0.2.9 443/tcp", STOPPED, "", NOT_OF_THE_PEER,
    ),
    Row("not the peer's VPN", ROUTING, OFFICE, "app -> 192.168.1.5 443/tcp", STOPPED, "", NOT_OF_THE_PEER),
    Row("not from the peer's VPN", ROUTING, OFFICE, "office -> 10.0.0.10 443/tcp", "office", "",
        "no_route NO_ROUTE_TO_DESTINATION office"),
    Row(
        "the peer's VPN for the peer", ROUTING, OFFICE, "office -> 10.1.0.10 443/tcp", "office vpn vgw db-eni db",
        "db db-eni b-net vgw vpn office",
    ),
    Row(
        "not the peer's transit gateway", ROUTING, TRANSIT, "app -> 10.2.0.10 443/tcp", STOPPED, "", NOT_OF_THE_PEER,
    ),
    Row(
        "not the peer's gateway endpoint", BASICS,
        "route_tables: {a-table: {routes: {0.0.0.0/0: ab}}}\nendpoints: {s3: {vpc: b, service: s3, route_tables: b-table}}",
        "app -> 52.216.8.1 443/tcp", STOPPED, "", NOT_OF_THE_PEER,
    ),
    Row("not the peer's resolver", BASICS, "", "app -> 10.1.0.2 53/udp", STOPPED, "", "no_route NO_POSSIBLE_DESTINATION ab"),
    Row("nobody has the address", ANALYZER, "", "app -> 10.1.0.99 443/tcp", STOPPED, "", "no_route NO_POSSIBLE_DESTINATION ab"),
    Row(
        "the peer's group", BASICS, "security_groups: {b-sg: {ingress: tcp 22 from 10.0.0.0/16}}", AB,
        "app app-eni a-net ab db-eni", "", "denied ENI_SG_RULES_MISMATCH b-sg",
    ),
    Row(
        "the peer's network ACL", BASICS, "network_acls: {acl: {vpc: b, subnets: b-net}}", AB, "app app-eni a-net ab db-eni",
        "", "denied SUBNET_ACL_RESTRICTION acl",
    ),
    Row("a group of the peer", GROUPS, NAMED, AB, THERE, BACK),
    Row("a group of the peer, outbound", GROUPS, "security_groups: {a-sg: {egress: tcp 5432 to b-sg}}", AB, THERE, BACK),
    Row(
        "another group of the peer", GROUPS, "security_groups: {b-sg: {ingress: tcp 5432 from other}, other: {vpc: a}}", AB,
        "app app-eni a-net ab db-eni", "", "denied ENI_SG_RULES_MISMATCH b-sg",
    ),
    Row(
        "a group of the peer in another Region", GROUPS,
        f"{NAMED}\nvpcs: {{b: {{region: eu-west-1}}}}", AB, "app app-eni a-net ab db-eni", "",
        "denied SG_REFERENCES_NOT_PRESERVED b-sg",
    ),
    Row(
        "a group of the peer in another Region, outbound", GROUPS,
        "security_groups: {a-sg: {egress: tcp 5432 to b-sg}}\nvpcs: {b: {region: eu-west-1}}", AB, "app app-eni", "",
        "denied SG_REFERENCES_NOT_PRESERVED a-sg",
    ),
    Row(
        "a group of the peer of another account", GROUPS,
        f"{NAMED}\nvpcs: {{b: {{account: '210987654321'}}}}", AB, THERE, BACK,
    ),
    Row("addresses in another Region", BASICS, "vpcs: {b: {region: eu-west-1}}", AB, THERE, BACK),
    Row(
        "the answer goes to the twin", ANSWERS, TWIN, "double -> 10.0.0.10 22/tcp",
        "double double/twin-net twin-net at app-eni app", "app app-eni a-net ab db-eni db db",
        "denied VPCSIM_EXPIRED_SESSION db",
    ),
    Row(
        "the answer goes to where nobody is", ANSWERS, f"{TWIN}\nnetwork_interfaces: {{db-eni: {{ip: 10.1.0.11}}}}",
        "double -> 10.0.0.10 22/tcp", "double double/twin-net twin-net at app-eni app", "app app-eni a-net ab",
        "no_route NO_POSSIBLE_DESTINATION ab",
    ),
    Row(
        "a longer route tells the twins apart", ANSWERS, TWIN.replace("}}}", "}}, a-table: {routes: {10.1.0.10/32: at}}}"),
        "double -> 10.0.0.10 22/tcp", "double double/twin-net twin-net at app-eni app",
        "app app-eni a-net at double/twin-net double",
    ),
    Row("a NAT gateway needs no route back", NAT, VIA_NAT, AB, f"{TO_NAT} db", FROM_NAT),
    Row(
        "the ACL sees the answer to a NAT gateway", NAT,
        f"{VIA_NAT}\nnetwork_acls: {{acl: {{vpc: b, subnets: b-net, ingress: 100 allow all from 0.0.0.0/0}}}}", AB,
        f"{TO_NAT} db", "db db-eni b-net", "denied SUBNET_ACL_RESTRICTION acl",
    ),
    Row(
        "nobody else does", NAT, "route_tables: {b-table: {routes: {10.0.0.0/16: null}}}", AB, THERE, "db db-eni b-net b-igw",
        "denied IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS b-igw",
    ),
    Row(
        "not the peer's NAT gateway", NAT, "route_tables: {b-table: {routes: {192.0.2.0/24: ab}}}", "db -> 192.0.2.9 443/tcp",
        "db db-eni b-net ab", "", NOT_OF_THE_PEER,
    ),
    Row(
        "a peer that is not in the model", ANALYZER,
        "vpc_peering_connections: {out: {requester: a, accepter: vpc-0123456789abcdef0}}\n"
        "route_tables: {a-table: {routes: {10.9.0.0/16: out}}}",
        "app -> 10.9.0.1 443/tcp", "app app-eni a-net out", "", "undecided NO_POSSIBLE_DESTINATION out",
    ),
    Row(
        "the peer's interface endpoint", ENDPOINTS,
        "endpoints: {sqs: {vpc: b, service: sqs, subnets: b-net, security_groups: b-sg}}\n"
        "network_interfaces: {sqs/b-net: null}",
        "app -> sqs 443/tcp", "app app-eni a-net ab sqs/b-net sqs", "sqs sqs/b-net b-net ab app-eni app",
    ),
]  # fmt: skip

REFUSALS = [
    Refusal("overlapping blocks", BASICS, "vpc_peering_connections: {bad: {requester: b, accepter: twin}}", "", "bad"),
    Refusal(
        "overlapping IPv6 blocks", BASICS,
        'vpcs: {c: {cidr: 10.2.0.0/16, Ipv6CidrBlockAssociationSet: [{Ipv6CidrBlock: "2001:db8:b::/56"}]}}', "", "bc",
    ),
    Refusal("with itself", CREATE, "vpc_peering_connections: {bad: {requester: a, accepter: a}}", "InvalidParameterValue", "bad"),
    Refusal(
        "names shown by a VPC without host names", NAMES,
        "vpcs: {b: {dns_hostnames: false}}\nvpc_peering_connections: {ab: {accepter_dns: true}}", NO_HOSTNAMES, "ab",
    ),
    Refusal(
        "names shown to a VPC without host names", NAMES,
        "vpcs: {a: {dns_hostnames: false}}\nvpc_peering_connections: {ab: {accepter_dns: true}}", NO_HOSTNAMES, "ab",
    ),
    Refusal(
        "names shown by the requester to a VPC without DNS support", NAMES,
        "vpcs: {b: {dns_support: false}}\nvpc_peering_connections: {ab: {requester_dns: true}}", NO_HOSTNAMES, "ab",
    ),
    Refusal(
        "twice", CREATE, "vpc_peering_connections: {bad: {requester: b, accepter: a}}", "VpcPeeringConnectionAlreadyExists", "bad"
    ),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=names(ROWS))
def test_what_passes_a_peering(row: Row) -> None:
    check(BASE, row)


@pytest.mark.parametrize("row", REFUSALS, ids=names(REFUSALS))
def test_what_aws_refuses(row: Refusal) -> None:
    refused(BASE, row)


def test_a_failed_peering_may_overlap() -> None:
    changed(BASE, "vpc_peering_connections: {bad: {requester: b, accepter: twin, state: failed}}")


def test_a_group_stands_for_the_addresses_of_its_members_in_every_peer() -> None:
    """https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html"""
    net = changed(BASE, f"{TWIN}\nsecurity_groups: {{a-sg: {{ingress: tcp 22 from twin-sg}}}}")
    assert ask(net, "db -> 10.0.0.10 22/tcp").reachable


def test_a_peer_is_a_vpc_of_the_model_or_an_id_of_aws() -> None:
    with pytest.raises(InputError, match=r"`bb`.*did you mean `b`"):
        changed(BASE, "vpc_peering_connections: {ab: {accepter: bb}}")


def test_a_change_keeps_the_rest_of_a_peering() -> None:
    net = changed(BASE, "")
    assert not ask(net.with_changes({"vpc_peering_connections": {"ab": {"state": "deleted"}}}), AB).reachable
    shown = net.with_changes({"vpc_peering_connections": {"ab": {"accepter_dns": True}}})
    options = {"AllowDnsResolutionFromRemoteVpc": True}
    assert shown.topology.resources["ab"].dump()["AccepterVpcInfo"] == {"VpcId": "b", "PeeringOptions": options}


def test_deny_all_igw_traffic_does_not_close_a_peering() -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NetworkInterface.html"""
    net = changed(BASE, "network_interfaces: {db-eni: {DenyAllIgwTraffic: true}}")
    assert ask(net, "app -> 2001:db8:b::10 5432/tcp").reachable
