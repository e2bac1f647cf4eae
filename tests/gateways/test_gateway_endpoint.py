"""Gateway endpoints: a route to S3 or DynamoDB."""

from __future__ import annotations

import pytest
from networks import ANALYZER, API, ERRORS, PRIVATELINK, VPC, Refusal, Row, ask, changed, check, names, refused

from vpcsim import InputError, services

GATEWAY = f"{PRIVATELINK}gateway-endpoints.html"
S3 = f"{PRIVATELINK}vpc-endpoints-s3.html"
DYNAMODB = f"{PRIVATELINK}vpc-endpoints-ddb.html"
ACL = f"{VPC}custom-network-acl.html"
STATES = f"{API}API_VpcEndpoint.html"

BASE = """
vpcs: {vpc: 10.0.0.0/16}
subnets: {app-net: 10.0.1.0/24, public: 10.0.0.0/24}
internet_gateways: {igw: vpc}
elastic_ips: {app-ip: {instance: app, ip: 198.51.100.10}, nat-ip: {ip: 198.51.100.5}}
nat_gateways: {nat: {subnet: public, ip: 10.0.0.5, elastic_ip: nat-ip}}
route_tables: {app-table: {subnets: app-net}, public-table: {subnets: public, routes: {0.0.0.0/0: igw}}}
security_groups: {app-sg: {}}
endpoints: {s3: {service: s3, route_tables: app-table}, ddb: {service: dynamodb, route_tables: app-table}}
instances: {app: {subnet: app-net, ip: 10.0.1.10, security_groups: app-sg}}
"""
START = "app app/app-net app-net"
TO, BACK = f"{START} s3", "s3 app/app-net app"
PUBLIC, PUBLIC_BACK = f"{START} igw aws", "aws igw app/app-net app"
BUCKET, TABLE, FAR = "app -> 52.216.8.1 443/tcp", "app -> 52.94.0.1 443/tcp", "app -> 52.218.1.1 443/tcp"
TO_IGW = "route_tables: {app-table: {routes: {0.0.0.0/0: igw}}}"
TO_NAT = "route_tables: {app-table: {routes: {0.0.0.0/0: nat}}}"
NO_ROUTE = "no_route NO_ROUTE_TO_DESTINATION app-table"
ELSEWHERE = "endpoints: {s3: {route_tables: public-table}}"
NO, NO_ACL = "denied ENI_SG_RULES_MISMATCH app-sg", "denied SUBNET_ACL_RESTRICTION acl"
PROTOCOL = "denied VPCE_GATEWAY_PROTOCOL_RESTRICTION s3"


def egress(rule: str) -> str:
    return f"security_groups: {{app-sg: {{egress: {rule}}}}}"


def acl(ingress: str, egress: str) -> str:
    return f"network_acls: {{acl: {{subnets: app-net, ingress: {ingress}, egress: {egress}}}}}"


def state(name: str) -> str:
    return f"endpoints: {{s3: {{state: {name}}}}}"


ROWS = [
    Row("S3", S3, "", BUCKET, TO, BACK),
    Row("DynamoDB", DYNAMODB, "", TABLE, f"{START} ddb", "ddb app/app-net app"),
    Row("without a public address", GATEWAY, "elastic_ips: {app-ip: null}", BUCKET, TO, BACK),
    Row("it beats the way to the internet gateway", GATEWAY, TO_IGW, BUCKET, TO, BACK),
    Row("it beats the way to the NAT gateway", GATEWAY, TO_NAT, BUCKET, TO, BACK),
    Row(
        "a longer route beats it", GATEWAY, "route_tables: {app-table: {routes: {52.216.8.1/32: igw}}}", BUCKET, PUBLIC,
        PUBLIC_BACK,
    ),
    Row(
        "a longer route elsewhere does not", GATEWAY, "route_tables: {app-table: {routes: {52.216.9.1/32: igw}}}", BUCKET, TO,
        BACK,
    ),
    Row("another Region's bucket", GATEWAY, "", FAR, START, "", NO_ROUTE),
    Row("another Region's bucket takes the internet gateway", GATEWAY, TO_IGW, FAR, PUBLIC, PUBLIC_BACK),
    Row("another service takes the internet gateway", GATEWAY, f"{TO_IGW}\nendpoints: {{ddb: null}}", TABLE, PUBLIC, PUBLIC_BACK),
    Row("not on this table", GATEWAY, ELSEWHERE, BUCKET, START, "", NO_ROUTE),
    Row(
        "not on this table, but on that of the NAT gateway", GATEWAY, f"{ELSEWHERE}\n{TO_NAT}", BUCKET,
        f"{START} nat/public nat public s3", "s3 nat/public nat public app/app-net app",
    ),
    Row("tcp on another port", ANALYZER, "", "app -> 52.216.8.1 80/tcp", TO, BACK),
    Row("ping", ANALYZER, "", "app -> 52.216.8.1 icmp", TO, BACK),
    Row("udp", ANALYZER, "", "app -> 52.216.8.1 443/udp", TO, "", PROTOCOL),
    Row("another protocol", ANALYZER, "", "app -> 52.216.8.1 47", TO, "", PROTOCOL),
    Row("the group admits the prefix list", GATEWAY, egress("tcp 443 to pl-63a5400a"), BUCKET, TO, BACK),
    Row("the group admits the other prefix list", GATEWAY, egress("tcp 443 to pl-02cd2c6b"), BUCKET, "app app/app-net", "", NO),
    Row("the group admits the VPC only", GATEWAY, egress("tcp 443 to 10.0.0.0/16"), BUCKET, "app app/app-net", "", NO),
    Row("the group has no rules", GATEWAY, egress("[]"), BUCKET, "app app/app-net", "", "denied SG_HAS_NO_RULES app-sg"),
    Row(
        "the ACL: what is needed", ACL, acl("100 allow tcp 32768-60999 from 52.216.0.0/15", "100 allow tcp 443 to 52.216.0.0/15"),
        BUCKET, TO, BACK,
    ),
    Row("the ACL, out", ACL, acl("100 allow all from 0.0.0.0/0", "100 allow all to 10.0.0.0/16"), BUCKET, START, "", NO_ACL),
    Row(
        "the ACL, the reply in", ACL, acl("100 allow all from 10.0.0.0/16", "100 allow all to 0.0.0.0/0"), BUCKET, TO,
        "s3 app/app-net", NO_ACL,
    ),
    Row("state available", STATES, state("available"), BUCKET, TO, BACK),
    Row("state pending", STATES, state("pending"), BUCKET, START, "", "null_routed BAD_STATE_ROUTE app-table"),
    Row(
        "state deleted does not fall through", STATES, f"{state('deleted')}\n{TO_IGW}", BUCKET, START, "",
        "null_routed BAD_STATE_ROUTE app-table",
    ),
]  # fmt: skip

OTHER = (
    "vpcs: {far: 10.9.0.0/16}\nsubnets: {app-net: {vpc: vpc, cidr: 10.0.1.0/24}, public: {vpc: vpc, cidr: 10.0.0.0/24}}\n"
    "route_tables: {app-table: {vpc: vpc}, public-table: {vpc: vpc}, far-table: {vpc: far}}\n"
    "security_groups: {app-sg: {vpc: vpc}}\n"
)

REFUSALS = [
    Refusal(
        "a service that has none", GATEWAY, "endpoints: {sqs: {service: sqs, route_tables: app-table}}", "InvalidServiceName",
        "sqs",
    ),
    Refusal(
        "another Region", GATEWAY, "endpoints: {west: {service: com.amazonaws.us-west-2.s3, route_tables: public-table}}",
        "InvalidServiceName", "west",
    ),
    Refusal(
        "a table of another VPC", ERRORS, OTHER + "endpoints: {s3: {vpc: vpc, route_tables: far-table}, ddb: {vpc: vpc}}",
        "InvalidParameter", "s3",
    ),
    Refusal(
        "two for one service on one table", GATEWAY, "endpoints: {twin: {service: s3, route_tables: app-table}}",
        "RouteAlreadyExists", "",
    ),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=names(ROWS))
def test_what_takes_the_endpoint(row: Row) -> None:
    check(BASE, row)


@pytest.mark.parametrize("row", REFUSALS, ids=names(REFUSALS))
def test_what_aws_refuses(row: Refusal) -> None:
    refused(BASE, row)


def test_two_for_one_service_on_two_tables() -> None:
    """https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html: several are fine, one for each table."""
    net = changed(BASE, "endpoints: {twin: {service: s3, route_tables: public-table}}")
    assert ask(net, BUCKET).passes("s3")


def test_it_starts_no_connection() -> None:
    """https://docs.aws.amazon.com/vpc/latest/reachability/explanation-codes.html"""
    with pytest.raises(InputError, match="sends no packets"):
        ask(changed(BASE, ""), "s3 -> app 443/tcp")


def test_the_source_stays_private() -> None:
    """https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-s3.html"""
    answer = ask(changed(BASE, TO_IGW), BUCKET)
    assert answer.trip is not None
    assert answer.trip.there.arrived.source == "10.0.1.10"


RECORDS = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/privatelink-interface-endpoints.html"
BOTH = """
vpcs: {vpc: {cidr: 10.0.0.0/16, ipv6: "2001:db8::/56", dns_hostnames: true}}
subnets: {app-net: {cidr: 10.0.1.0/24, ipv6_cidr: "2001:db8::/64"}}
security_groups: {app-sg: {egress: [all to 0.0.0.0/0, "all to ::/0"]}}
instances: {app: {ipv6: "2001:db8::10"}}
route_tables: {app-table: {routes: {"::/0": igw}}}
"""


def both(type: str, records: str = "") -> str:
    told = f", dns_options: {{dns_record_ip_type: {records}}}" if records else ""
    return BOTH + f"endpoints: {{s3: {{ip_type: {type}{told}}}, ddb: {{ip_type: {type}}}}}"


BUCKET6, TABLE6 = "app -> 2600:1f60:8000::1 443/tcp", "app -> 2600:1ffc:81ff:ffff:ffff::1 443/tcp"
FAMILY_ROWS = [
    Row("of type IPv4: IPv6 goes another way", GATEWAY, both("ipv4"), BUCKET6, f"{START} igw aws", "aws igw app/app-net app"),
    Row("dual-stack: S3 over IPv6", GATEWAY, both("dualstack"), BUCKET6, TO, BACK),
    Row("dual-stack: S3 over IPv4", GATEWAY, both("dualstack"), BUCKET, TO, BACK),
    Row("dual-stack: DynamoDB over IPv6", GATEWAY, both("dualstack"), TABLE6, f"{START} ddb", "ddb app/app-net app"),
    Row("dual-stack: ping", ANALYZER, both("dualstack"), "app -> 2600:1f60:8000::1 icmp", TO, BACK),
    Row("dual-stack: no UDP", ANALYZER, both("dualstack"), "app -> 2600:1f60:8000::1 443/udp", TO, "", PROTOCOL),
]


@pytest.mark.parametrize("row", FAMILY_ROWS, ids=names(FAMILY_ROWS))
def test_every_rule_of_families_there_and_back(row: Row) -> None:
    check(BASE, row)


NAMES = [
    ("as the service defines: the regional name", GATEWAY, both("dualstack"), "s3.us-east-1", "A"),
    ("as the service defines: the dual-stack name", GATEWAY, both("dualstack"), "s3.dualstack.us-east-1", "A AAAA"),
    ("both records", RECORDS, both("dualstack", "dualstack"), "bucket.s3.us-east-1", "A AAAA"),
    ("IPv6 records", GATEWAY, both("dualstack", "ipv6"), "s3.us-east-1", "AAAA"),
    ("IPv4 records", GATEWAY, both("dualstack", "ipv4"), "s3.dualstack.us-east-1", "A"),
    ("another service", GATEWAY, both("dualstack", "ipv6"), "dynamodb.us-east-1", "A"),
    ("another Region", GATEWAY, both("dualstack", "ipv6"), "s3.us-west-2", "A"),
]


@pytest.mark.parametrize("row", NAMES, ids=[row[0] for row in NAMES])
def test_the_records_of_the_names_in_its_vpc(row: tuple[str, str, str, str, str]) -> None:
    net, name = changed(BASE, row[2]), f"{row[3]}.amazonaws.com"
    assert " ".join(kind for kind in ("A", "AAAA") if net.resolve("app", name, kind).addresses) == row[4]
    assert net.trace("app", f"https://{name}").reachable is (row[3] != "s3.us-west-2")
    assert not net.resolve("public", "s3.us-east-1.amazonaws.com", "AAAA").addresses


FAMILIES = [
    Refusal("dual-stack where there is IPv4 only", GATEWAY, "endpoints: {s3: {ip_type: dualstack}}", "InvalidParameter", "s3"),
    Refusal("IPv6 where there is IPv4", GATEWAY, both("ipv6"), "InvalidParameter InvalidParameter", ""),
    Refusal("records of a family without addresses", GATEWAY, both("ipv4", "ipv6"), "InvalidParameter", "s3"),
    Refusal(
        "DynamoDB has the records that it defines", GATEWAY,
        BOTH + "endpoints: {ddb: {ip_type: dualstack, dns_options: {dns_record_ip_type: ipv6}}}", "InvalidParameter", "ddb",
    ),
    Refusal(
        "records of one's own without DNS host names", GATEWAY,
        both("dualstack", "dualstack").replace("dns_hostnames: true", "dns_hostnames: false"), "InvalidParameter", "s3",
    ),
]  # fmt: skip


@pytest.mark.parametrize("row", FAMILIES, ids=names(FAMILIES))
def test_families_that_aws_refuses(row: Refusal) -> None:
    refused(BASE, row)


def test_ipv6_alone_in_subnets_of_ipv6_alone() -> None:
    """Source: https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html"""
    text = """
vpcs: {vpc: {cidr: 10.0.0.0/16, ipv6: "2001:db8::/56"}}
subnets: {six: {ipv6_cidr: "2001:db8::/64", ipv6_native: true}}
route_tables: {six-table: {subnets: six}}
endpoints: {s3: {service: s3, route_tables: six-table, ip_type: ipv6}}
instances: {app: {subnet: six}}
"""
    net = changed(text, "")
    assert ask(net, "app -> https://s3.dualstack.us-east-1.amazonaws.com 443/tcp").reachable
    assert [route.destination_prefix_list_id for route in net.added_routes("six-table")] == [
        services.ipv6_prefix_list("us-east-1", "s3").id
    ]


def test_a_group_that_admits_no_public_address_is_told_the_list() -> None:
    """Source: GATEWAY"""
    net = changed(BASE, egress("tcp 443 to 10.0.0.0/16"))
    assert ask(net, BUCKET).fixes == ("app-sg: outbound 443/tcp to pl-63a5400a (com.amazonaws.us-east-1.s3)",)
    assert ask(net, "app -> 192.0.2.9 443/tcp").fixes == ("app-sg: outbound 443/tcp to 192.0.2.9",)
    others = f"prefix_lists: {{mine: [52.216.0.0/15]}}\nendpoints: {{s3: null}}\n{egress('tcp 80 to prefix list mine')}"
    assert ask(changed(BASE, others), BUCKET).fixes == ("app-sg: outbound 443/tcp to 52.216.8.1",)
