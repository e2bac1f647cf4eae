"""NAT gateways: out under their own address, and only what answers comes back in."""

from __future__ import annotations

import pytest
from networks import ANALYZER, ERRORS, VPC, Refusal, Row, ask, changed, check, names, refused, told

from vpcsim import services
from vpcsim.gateways.nat_gateway import NatGateway
from vpcsim.resource import Declaration, Draft

NAT = f"{VPC}vpc-nat-gateway.html"
BASICS = f"{VPC}nat-gateway-basics.html"
TROUBLE = f"{VPC}nat-gateway-troubleshooting.html"
NAT64 = f"{VPC}nat-gateway-nat64-dns64.html"
ACL = f"{VPC}custom-network-acl.html"
RULES = f"{VPC}security-group-rules.html"
BPA = f"{VPC}security-vpc-bpa-basics.html"
STATES = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NatGateway.html"

BASE = """
vpcs: {vpc: {cidr: 10.0.0.0/16, Ipv6CidrBlockAssociationSet: [{Ipv6CidrBlock: "2001:db8:1:a00::/56"}]}}
subnets: {public: 10.0.0.0/24, private: {cidr: 10.0.1.0/24, ipv6_cidr: "2001:db8:1:a01::/64"}, db-net: 10.0.2.0/24}
internet_gateways: {igw: vpc}
elastic_ips: {nat-ip: {ip: 198.51.100.5}, web-ip: {instance: web, ip: 198.51.100.10}}
nat_gateways: {nat: {subnet: public, ip: 10.0.0.5, elastic_ip: nat-ip}}
route_tables:
  public-table: {subnets: public, routes: {0.0.0.0/0: igw}}
  private-table: {subnets: private, routes: {0.0.0.0/0: nat}}
security_groups:
  app-sg: {egress: [all to 0.0.0.0/0, "all to ::/0"]}
  open: {ingress: all from 0.0.0.0/0}
network_interfaces:
  app-eni:
    {subnet: private, ip: 10.0.1.10, Ipv6Addresses: [{Ipv6Address: "2001:db8:1:a01::10"}], security_groups: app-sg, instance: app}
instances:
  app: {}
  web: {subnet: public, ip: 10.0.0.10, security_groups: open}
  db: {subnet: db-net, ip: 10.0.2.10, security_groups: open}
"""
START, AT_NAT = "app app-eni private", "app app-eni private nat/public nat"
OUT, IN = f"{AT_NAT} public igw internet", "internet igw nat/public nat public app-eni app"
TO_DB, FROM_DB = f"{AT_NAT} public db/db-net db", "db db/db-net db-net nat/public nat public app-eni app"
VIA_NAT = "route_tables: {private-table: {routes: {10.0.2.0/24: nat}}}"
HTTPS = "app -> 192.0.2.9 443/tcp"
UNSOLICITED = "denied VPCSIM_UNSOLICITED nat"
PRIVATE = "nat_gateways: {nat: {type: private, elastic_ip: null}}"
NO_ACL = "denied SUBNET_ACL_RESTRICTION acl"
IN_CLIENT, IN_ANSWER = "100 allow tcp 443 from 10.0.1.0/24", "110 allow tcp 1024-65535 from 0.0.0.0/0"
OUT_SERVER, OUT_ANSWER = "100 allow tcp 443 to 0.0.0.0/0", "110 allow tcp 32768-60999 to 10.0.1.0/24"

HAIRPIN = f"{AT_NAT} public igw igw web/public web"
HAIRPIN_BACK = "web web/public public igw igw nat/public nat public app-eni app"


def state(name: str) -> str:
    return f"nat_gateways: {{nat: {{state: {name}}}}}"


def acl(*entries: str, subnet: str = "public") -> str:
    ways = {way: ", ".join(e for e in entries if f" {word} " in e) for way, word in (("ingress", "from"), ("egress", "to"))}
    return f"network_acls: {{acl: {{subnets: {subnet}, ingress: [{ways['ingress']}], egress: [{ways['egress']}]}}}}"


ROWS = [
    Row("out to the internet", NAT, "", HTTPS, OUT, IN),
    Row("to AWS", NAT, "", "app -> 52.94.0.1 443/tcp", f"{AT_NAT} public igw aws", "aws igw nat/public nat public app-eni app"),
    Row("udp", BASICS, "", "app -> 192.0.2.9 53/udp", OUT, IN),
    Row("icmp", BASICS, "", "app -> 192.0.2.9 icmp", OUT, IN),
    Row("no other protocol", BASICS, "", "app -> 192.0.2.9 47", AT_NAT, "", "denied PROTOCOL_RESTRICTION nat"),
    Row("no ESP", BASICS, "", "app -> 192.0.2.9 50", AT_NAT, "", "denied PROTOCOL_RESTRICTION nat"),
    Row(
        "its subnet has no way out", TROUBLE, "route_tables: {public-table: {routes: {0.0.0.0/0: null}}}", HTTPS,
        f"{AT_NAT} public", "", "no_route NO_ROUTE_TO_DESTINATION public-table",
    ),
    Row(
        "its subnet leads back to it", TROUBLE, "route_tables: {public-table: {routes: {0.0.0.0/0: nat}}}", HTTPS,
        f"{AT_NAT} public nat/public nat", "", "loop VPCSIM_LOOP nat",
    ),
    Row(
        "in the private subnet that leads to it", TROUBLE, "nat_gateways: {nat: {subnet: private, ip: 10.0.1.5}}", HTTPS,
        "app app-eni private nat/private nat private nat/private nat", "", "loop VPCSIM_LOOP nat",
    ),
    Row(
        "private, and the internet gateway drops it", NAT, PRIVATE, HTTPS, f"{AT_NAT} public igw", "",
        "denied IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS igw",
    ),
    Row("private, inside the VPC", NAT, f"{PRIVATE}\n{VIA_NAT}", "app -> db 5432/tcp", TO_DB, FROM_DB),
    Row("public, inside the VPC", NAT, VIA_NAT, "app -> db 5432/tcp", TO_DB, FROM_DB),
    Row(
        "the other end's group sees its address", RULES,
        f"{VIA_NAT}\nsecurity_groups: {{open: {{ingress: tcp 5432 from 10.0.0.5/32}}}}", "app -> db 5432/tcp", TO_DB, FROM_DB,
    ),
    Row(
        "the other end's group does not see the client", RULES,
        f"{VIA_NAT}\nsecurity_groups: {{open: {{ingress: tcp 5432 from 10.0.1.0/24}}}}", "app -> db 5432/tcp",
        f"{AT_NAT} public db/db-net", "", "denied ENI_SG_RULES_MISMATCH open",
    ),
    Row(
        "references do not pass it", RULES, f"{VIA_NAT}\nsecurity_groups: {{open: {{ingress: tcp 5432 from app-sg}}}}",
        "app -> db 5432/tcp", f"{AT_NAT} public db/db-net", "", "denied ENI_SG_RULES_MISMATCH open",
    ),
    Row(
        "the client's group applies", BASICS, "security_groups: {app-sg: {egress: tcp 80 to 0.0.0.0/0}}", HTTPS, "app app-eni",
        "", "denied ENI_SG_RULES_MISMATCH app-sg",
    ),
    Row("pending", STATES, state("pending"), HTTPS, START, "", "null_routed BAD_STATE_ROUTE private-table"),
    Row("failed", STATES, state("failed"), HTTPS, START, "", "null_routed BAD_STATE_ROUTE private-table"),
    Row("deleted", STATES, state("deleted"), HTTPS, START, "", "null_routed BAD_STATE_ROUTE private-table"),
    Row("deleting may still forward", STATES, state("deleting"), HTTPS, OUT, IN),
    Row(
        "nobody comes in from the internet", NAT, "", "internet -> 198.51.100.5 443/tcp", "internet igw nat/public nat", "",
        UNSOLICITED,
    ),
    Row(
        "nobody comes in from the VPC", NAT, "", "web -> 10.0.0.5 443/tcp", "web web/public public nat/public nat", "",
        UNSOLICITED,
    ),
    Row("it does not answer ping", TROUBLE, "", "app -> 10.0.0.5 icmp", AT_NAT, "", UNSOLICITED),
    Row(
        "it does not answer ping from outside", TROUBLE, "", "internet -> 198.51.100.5 icmp", "internet igw nat/public nat", "",
        UNSOLICITED,
    ),
    Row(
        "nobody reaches the client from outside", NAT, "", "internet -> 10.0.1.10 443/tcp", "internet", "",
        "no_route IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS internet",
    ),
    Row("its subnet's ACL: what is needed", ACL, acl(IN_CLIENT, IN_ANSWER, OUT_SERVER, OUT_ANSWER), HTTPS, OUT, IN),
    Row(
        "its subnet's ACL: the client comes in", ACL,
        acl(IN_ANSWER, OUT_SERVER, OUT_ANSWER).replace("1024-65535 from 0.0.0.0/0", "1024-65535 from 192.0.2.0/24"), HTTPS,
        "app app-eni private nat/public", "", NO_ACL,
    ),
    Row("its subnet's ACL: it goes out", ACL, acl(IN_CLIENT, IN_ANSWER, OUT_ANSWER), HTTPS, f"{AT_NAT} public", "", NO_ACL),
    Row(
        "its subnet's ACL: the answer comes in", ACL, acl(IN_CLIENT, OUT_SERVER, OUT_ANSWER), HTTPS, OUT,
        "internet igw nat/public", NO_ACL,
    ),
    Row(
        "its subnet's ACL: the answer to every port of it", BASICS,
        acl(IN_CLIENT, IN_ANSWER.replace("1024", "32768"), OUT_SERVER, OUT_ANSWER), HTTPS, OUT, "internet igw nat/public", NO_ACL,
    ),
    Row(
        "its subnet's ACL: the answer goes to the client", ACL, acl(IN_CLIENT, IN_ANSWER, OUT_SERVER), HTTPS, OUT,
        "internet igw nat/public nat public", NO_ACL,
    ),
    Row(
        "its subnet's ACL sees its private address", ACL,
        acl(IN_CLIENT, IN_ANSWER, OUT_SERVER, OUT_ANSWER, "90 deny all from 198.51.100.5/32"), HTTPS, OUT, IN,
    ),
    Row(
        "the client's ACL: what is needed", ACL,
        acl("100 allow tcp 32768-60999 from 192.0.2.9/32", "100 allow tcp 443 to 192.0.2.9/32", subnet="private"), HTTPS, OUT, IN,
    ),
    Row(
        "the client's ACL: the answer is not from the NAT gateway", ACL,
        acl("100 allow all from 10.0.0.5/32", "100 allow all to 0.0.0.0/0", subnet="private"), HTTPS, OUT,
        "internet igw nat/public nat public app-eni", NO_ACL,
    ),
    Row("it starts no connection", NAT, "", "nat -> db 5432/tcp", "nat", "", UNSOLICITED),
    Row("it starts no connection to the internet", NAT, "", "nat -> 192.0.2.9 443/tcp", "nat", "", UNSOLICITED),
    Row("a neighbour's Elastic IP address through it", NAT, "", "app -> 198.51.100.10 443/tcp", HAIRPIN, HAIRPIN_BACK),
    Row(
        "its own Elastic IP address through it", NAT, "", "app -> 198.51.100.5 443/tcp",
        f"{AT_NAT} public igw igw nat/public nat", "", UNSOLICITED,
    ),
    Row(
        "IPv6 elsewhere", NAT64, 'route_tables: {private-table: {routes: {"::/0": nat}}}', "app -> 2001:4860::8 443/tcp", AT_NAT,
        "", "denied PROTOCOL_RESTRICTION nat",
    ),
    Row(
        "NAT64", NAT64, 'route_tables: {private-table: {routes: {"64:ff9b::/96": nat}}}', "app -> 64:ff9b::c000:209 443/tcp", OUT,
        IN,
    ),
]  # fmt: skip

REGIONAL = f"{VPC}nat-gateways-regional.html"
AUTO = """
subnets: {private: {az: us-east-1a}, db-net: {cidr: 10.0.2.0/24, az: us-east-1b}, public: {cidr: 10.0.0.0/24, az: us-east-1a}}
nat_gateways: {nat: {subnet: null, ip: null, elastic_ip: null, vpc: vpc, mode: regional}}
route_tables: {db-table: {subnets: db-net, routes: {0.0.0.0/0: nat}}}
elastic_ips: {b-ip: {ip: 198.51.100.6}}
"""
ZONES = "zones: {us-east-1a: nat-ip, us-east-1b: b-ip}"
MANUAL = AUTO.replace("mode: regional", f"mode: regional, {ZONES}")
ONE_ZONE = AUTO.replace("mode: regional", "mode: regional, zones: {us-east-1a: nat-ip}")
DB_HTTPS = "db -> 192.0.2.9 443/tcp"
REGIONAL_OUT, REGIONAL_IN = "app app-eni private nat igw internet", "internet igw nat app-eni app"
DB_OUT, DB_IN = "db db/db-net db-net nat igw internet", "internet igw nat db/db-net db"
OWN_TABLE = MANUAL.replace("mode: regional", "mode: regional, route_table: own").replace(
    "db-table:", "own: {vpc: vpc}, db-table:"
)
TO_PEER = (
    MANUAL.replace("mode: regional", "mode: regional, route_table: own").replace(
        "db-table:", "own: {vpc: vpc, routes: {192.0.2.0/24: tgw}}, db-table:"
    )
    + "transit_gateways: {tgw: {}}\ntransit_gateway_attachments: {att: {transit_gateway: tgw, vpc: vpc, subnets: private}}"
)
REGIONAL_ROWS = [
    Row("automatic: one zone", REGIONAL, AUTO, HTTPS, REGIONAL_OUT, REGIONAL_IN),
    Row("automatic: another zone, the same gateway", REGIONAL, AUTO, DB_HTTPS, DB_OUT, DB_IN),
    Row("manual: one zone", REGIONAL, MANUAL, HTTPS, REGIONAL_OUT, REGIONAL_IN),
    Row("manual: another zone", REGIONAL, MANUAL, DB_HTTPS, DB_OUT, DB_IN),
    Row("manual: a zone with an address", ANALYZER, ONE_ZONE, HTTPS, REGIONAL_OUT, REGIONAL_IN),
    Row(
        "manual: a zone without one", ANALYZER, ONE_ZONE, DB_HTTPS, "db db/db-net db-net nat", "",
        "denied REGIONAL_NGW_ROUTE_AZ_RESTRICTION nat",
    ),
    Row(
        "its own table has no way out", REGIONAL, OWN_TABLE, HTTPS, "app app-eni private nat", "",
        "no_route NO_ROUTE_TO_DESTINATION own",
    ),
    Row(
        "its own address takes nothing from inside", TROUBLE, MANUAL, "app -> 198.51.100.6 443/tcp", "app app-eni private nat",
        "", UNSOLICITED,
    ),
    Row(
        "its own table leads elsewhere", REGIONAL, TO_PEER, HTTPS, "app app-eni private nat", "",
        "undecided VPCSIM_NOT_MODELLED own",
    ),
    Row("nobody comes in", REGIONAL, MANUAL, "internet -> 198.51.100.5 443/tcp", "internet igw nat", "", UNSOLICITED),
    Row(
        "no other protocol", BASICS, MANUAL, "app -> 192.0.2.9 47", "app app-eni private nat", "",
        "denied PROTOCOL_RESTRICTION nat",
    ),
    Row(
        "the public subnet's ACL sees nothing of it", REGIONAL, f"{MANUAL}\n{acl(subnet='public')}", HTTPS, REGIONAL_OUT,
        REGIONAL_IN,
    ),
    Row(
        "the client's ACL sees the answer", ACL, MANUAL + acl("100 allow tcp 443 to 192.0.2.9/32", subnet="private"), HTTPS,
        REGIONAL_OUT, "internet igw nat app-eni", NO_ACL,
    ),
    Row("it starts no connection", REGIONAL, MANUAL, "nat -> db 5432/tcp", "nat", "", UNSOLICITED),
    Row("Block Public Access", BPA, f"{MANUAL}\nblock_public_access: {{x: block-ingress}}", HTTPS, REGIONAL_OUT, REGIONAL_IN),
    Row(
        "Block Public Access both ways", BPA, f"{MANUAL}\nblock_public_access: {{x: block-bidirectional}}", HTTPS,
        "app app-eni private nat igw", "", "denied VPC_BLOCK_PUBLIC_ACCESS_ENABLED igw",
    ),
    Row("NAT64", NAT64, MANUAL.replace("{db-table:", '{private-table: {routes: {"64:ff9b::/96": nat}}, db-table:'),
        "app -> 64:ff9b::c000:209 443/tcp", REGIONAL_OUT, REGIONAL_IN),
]  # fmt: skip

REFUSALS = [
    Refusal("no internet gateway", TROUBLE, "internet_gateways: {igw: {vpc: []}}", "Gateway.NotAttached", "nat"),
    Refusal("regional in a subnet", REGIONAL, MANUAL.replace("subnet: null, ", ""), "InvalidParameter", "nat"),
    Refusal(
        "regional and private", REGIONAL,
        "nat_gateways: {nat: {subnet: null, ip: null, elastic_ip: null, vpc: vpc, mode: regional, type: private}}",
        "InvalidParameter", "nat",
    ),
    Refusal("zonal without a subnet", ERRORS, "nat_gateways: {nat: {subnet: null, ip: null}}", "InvalidParameter", "nat"),
    Refusal(
        "public without an address", ERRORS, "nat_gateways: {more: {subnet: public, elastic_ip: null}}", "MissingParameter",
        "more",
    ),
    Refusal(
        "nine addresses", BASICS, f"nat_gateways: {{nat: {{type: private, elastic_ip: null, ips: "
        f"[{', '.join(f'10.0.0.{n}' for n in range(100, 109))}], ip: null}}}}", "ResourceLimitExceeded", "nat",
    ),
    Refusal("private with an address", ERRORS, "nat_gateways: {nat: {type: private}}", "InvalidParameter", "nat"),
    Refusal("an address that another one has", ERRORS, "nat_gateways: {nat: {ip: 10.0.0.10}}", "InvalidIPAddress.InUse", ""),
    Refusal("an address outside of its subnet", ERRORS, "nat_gateways: {nat: {ip: 10.0.1.5}}", "InvalidParameterValue", "nat"),
    Refusal(
        "an Elastic IP address that another one has", ERRORS, "nat_gateways: {twin: {subnet: public, elastic_ip: nat-ip}}",
        "Resource.AlreadyAssociated", "",
    ),
]  # fmt: skip

SEEN = [
    ("the internet sees its Elastic IP address", "", HTTPS, "198.51.100.5"),
    ("the VPC sees its private address", VIA_NAT, "app -> db 5432/tcp", "10.0.0.5"),
    ("the VPC sees the client by a local route", "", "app -> db 5432/tcp", "10.0.1.10"),
]


@pytest.mark.parametrize("row", ROWS, ids=names(ROWS))
def test_what_passes_the_gateway(row: Row) -> None:
    check(BASE, row)


@pytest.mark.parametrize("row", REGIONAL_ROWS, ids=names(REGIONAL_ROWS))
def test_what_passes_a_regional_gateway(row: Row) -> None:
    check(BASE, row)


def test_a_gateway_that_is_led_to_itself_says_what_would_help() -> None:
    """Source: TROUBLE"""
    answer = ask(changed(BASE, "nat_gateways: {nat: {subnet: private, ip: 10.0.1.5}}"), HTTPS)
    assert answer.because == "nat: a loop, its own route in private leads 192.0.2.9 back to it"
    assert answer.fixes == ("nat: a subnet with a route to an internet gateway in place of private",)


def test_each_zone_has_addresses_of_its_own() -> None:
    """https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateways-regional.html"""
    net = changed(BASE, MANUAL)
    seen = [answer.trip.there.arrived.source for flow in (HTTPS, DB_HTTPS) if (answer := ask(net, flow)).trip]
    assert seen == ["198.51.100.5", "198.51.100.6"]


def test_in_automatic_mode_another_zone_serves_a_new_one() -> None:
    """https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateways-regional.html"""
    addresses = "NatGatewayAddresses: [{AllocationId: nat-ip, AvailabilityZone: us-east-1a}]"
    described = f"mode: regional, AutoProvisionZones: enabled, {addresses}"
    net = changed(BASE, AUTO.replace("mode: regional", described))
    assert told(ask(net, DB_HTTPS)) == (DB_OUT, DB_IN, "reachable")


@pytest.mark.parametrize("more", ["", ", ips: [10.0.0.5, 10.0.0.77]"])
def test_a_gateway_with_several_addresses_takes_any_of_them(more: str) -> None:
    """https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html"""
    several = f"nat: {{elastic_ip: [nat-ip, b-ip]{more}}}"
    net = changed(BASE, f"elastic_ips: {{b-ip: {{ip: 198.51.100.6}}}}\nnat_gateways: {{{several}}}".replace(", ips", ", ip"))
    answer = ask(net, HTTPS)
    assert [told(answer)[:2], len(answer.trips)] == [(OUT, IN), 2]
    assert [trip.there.arrived.source for trip in answer.trips] == ["198.51.100.5", "198.51.100.6"]
    assert all(trip.back and trip.back.arrived == trip.there.packet.reversed() for trip in answer.trips)
    assert not ask(net, "internet -> 198.51.100.6 443/tcp").reachable


def test_templates_and_descriptions_know_regional_gateways_and_more_addresses() -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NatGateway.html"""
    declared = {"VpcId": "vpc", "AvailabilityMode": "regional"}
    told = {"AvailabilityZoneAddresses": [{"AvailabilityZoneId": "use1-az1", "AllocationIds": ["nat-ip"]}]}
    (draft,) = NatGateway.cloudformation(Declaration("nat", "AWS::EC2::NatGateway", {**declared, **told}, None, "us-east-1", ""))
    assert isinstance(draft, Draft)
    zones = {zone.id: zone.name for zone in services.availability_zones("us-east-1")}
    assert draft.fields["NatGatewayAddresses"] == [{"AllocationId": "nat-ip", "AvailabilityZone": zones["use1-az1"]}]
    assert draft.fields["AutoProvisionZones"] == "disabled"
    more = {
        "SubnetId": "public",
        "AllocationId": "a",
        "SecondaryAllocationIds": ["b"],
        "SecondaryPrivateIpAddresses": ["10.0.0.9"],
    }
    (draft,) = NatGateway.cloudformation(Declaration("nat", "AWS::EC2::NatGateway", more, None, "us-east-1", ""))
    assert isinstance(draft, Draft)
    assert [(a["AllocationId"], a["PrivateIp"]) for a in draft.fields["NatGatewayAddresses"]] == [("a", None), ("b", "10.0.0.9")]


@pytest.mark.parametrize("row", REFUSALS, ids=names(REFUSALS))
def test_what_aws_refuses(row: Refusal) -> None:
    refused(BASE, row)


@pytest.mark.parametrize(("changes", "flow", "source"), [row[1:] for row in SEEN], ids=[row[0] for row in SEEN])
def test_the_source_that_the_other_end_sees(changes: str, flow: str, source: str) -> None:
    answer = ask(changed(BASE, changes), flow)
    assert answer.trip is not None
    assert answer.trip.there.arrived.source == source
    assert answer.trip.back is not None
    assert answer.trip.back.arrived == answer.trip.there.packet.reversed()


def test_nat64_takes_the_address_out_of_the_prefix() -> None:
    """https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-nat64-dns64.html and RFC 6052"""
    answer = ask(
        changed(BASE, 'route_tables: {private-table: {routes: {"64:ff9b::/96": nat}}}'), "app -> 64:ff9b::c000:209 443/tcp"
    )
    assert answer.trip is not None
    assert (answer.trip.there.arrived.source, answer.trip.there.arrived.destination) == ("198.51.100.5", "192.0.2.9")
    assert answer.trip.back is not None
    assert answer.trip.back.arrived == answer.trip.there.packet.reversed()


@pytest.mark.parametrize(("protocol", "ports"), [("443/tcp", (1024, 65535)), ("53/udp", (1024, 65535)), ("icmp", (0, 0))])
def test_the_port_that_the_other_end_sees(protocol: str, ports: tuple[int, int]) -> None:
    """https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html"""
    answer = ask(changed(BASE, ""), f"app -> 192.0.2.9 {protocol}")
    assert answer.trip is not None
    assert answer.trip.there.arrived.src_port == ports


def test_a_public_gateway_without_an_address_of_the_model_gets_one() -> None:
    answer = ask(
        changed(BASE, "nat_gateways: {nat: {elastic_ip: null}}").with_changes({"nat_gateways": {"more": "public"}}),
        "app -> 10.0.0.5 icmp",
    )
    assert answer.at == "nat"
