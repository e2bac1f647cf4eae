"""Route tables: which table, which route, and what AWS does not let into one."""

from __future__ import annotations

import pytest
from networks import API, ERRORS, VPC, Refusal, Row, ask, changed, check, names, network, refused

from vpcsim import InputError, RefusedError

PRIORITY = f"{VPC}route-tables-priority.html"
LATTICE = "https://docs.aws.amazon.com/vpc-lattice/latest/ug/security-groups.html"
SUBNET = f"{VPC}subnet-route-tables.html"
ROUTE = f"{API}API_CreateRoute.html"
STATE = f"{API}API_Route.html"
VPN = "https://docs.aws.amazon.com/vpn/latest/s2svpn/vpn-route-priority.html"
OPTIONS = f"{VPC}route-table-options.html"

BASE = """
vpcs: {vpc: {cidr: 10.0.0.0/16, Ipv6CidrBlockAssociationSet: [{Ipv6CidrBlock: "2001:db8:1:a00::/56"}]}}
subnets:
  app-net: {cidr: 10.0.1.0/24, ipv6_cidr: "2001:db8:1:a01::/64", az: us-east-1a}
  db-net: {cidr: 10.0.2.0/24, az: us-east-1b}
  edge-net: {cidr: 10.0.3.0/24, az: us-east-1a}
internet_gateways: {igw: vpc}
elastic_ips: {nat-ip: {ip: 198.51.100.5}, app-ip: {instance: app, ip: 198.51.100.10}}
nat_gateways: {nat: {subnet: edge-net, ip: 10.0.3.5, elastic_ip: nat-ip}}
route_tables:
  app-table: {subnets: app-net}
  edge-table: {subnets: edge-net, routes: {0.0.0.0/0: igw}}
security_groups: {open: {ingress: [all from 0.0.0.0/0, "all from ::/0"], egress: [all to 0.0.0.0/0, "all to ::/0"]}}
network_interfaces:
  app-eni:
    {subnet: app-net, ip: 10.0.1.10, Ipv6Addresses: [{Ipv6Address: "2001:db8:1:a01::10"}], security_groups: open, instance: app}
instances:
  app: {}
  db: {subnet: db-net, ip: 10.0.2.10, security_groups: open}
  router: {subnet: edge-net, ip: 10.0.3.20, security_groups: open, source_dest_check: false}
"""
OUT, IN = "app app-eni app-net igw internet", "internet igw app-eni app"
OUT_NAT = "app app-eni app-net nat/edge-net nat edge-net igw internet"
IN_NAT = "internet igw nat/edge-net nat edge-net app-eni app"
TO_DB, FROM_DB = "app app-eni app-net db/db-net db", "db db/db-net db-net app-eni app"
TO_ROUTER = "app app-eni app-net router/edge-net router"
STOP = "app app-eni app-net"
HTTPS = "app -> 192.0.2.9 443/tcp"
HTTPS6 = "app -> 2001:db8:2::9 443/tcp"
POSTGRES = "app -> db 5432/tcp"
NO_ROUTE = "no_route NO_ROUTE_TO_DESTINATION app-table"
BLACKHOLE = "null_routed BAD_STATE_ROUTE app-table"
RESERVED = "no_route VPCSIM_RESERVED_DESTINATION app-table"


def routes(*lines: str, more: str = "") -> str:
    return f"route_tables: {{app-table: {{routes: [{', '.join(lines)}]}}}}{more}"


def propagated(block: str) -> str:
    """A route of a VPN that is down, so that winning shows."""
    return f"{{DestinationCidrBlock: {block}, GatewayId: vgw, Propagated: true, State: blackhole}}"


LONE = (
    "\nsubnets: {lone-net: 10.0.4.0/24}\ninstances: {lone: {subnet: lone-net, ip: 10.0.4.10, public_address: true, "
    "security_groups: open}}"
)
LIST = "\nprefix_lists: {pl-docs: {entries: [192.0.2.0/24]}}"
LISTS = "\nprefix_lists: {pl-docs: {entries: [192.0.2.0/24]}, pl-half: {entries: [192.0.2.0/25]}}"
LIST_25 = "\nprefix_lists: {pl-docs: {entries: [192.0.2.0/25]}}"
MORE = (
    "vpcs: {vpc: {more_cidrs: 10.1.0.0/16}}\nsubnets: {far-net: 10.1.1.0/24}\ninstances: {far: {subnet: far-net, "
    "ip: 10.1.1.10, security_groups: open}}"
)
GONE6 = '{DestinationIpv6CidrBlock: "::/0", GatewayId: gone, State: blackhole}'
WALL = """
endpoint_services: {inspection: {inspection: pass, acceptance_required: false}}
endpoints: {wall: {vpc: vpc, type: GatewayLoadBalancer, service: inspection, subnets: edge-net}}
"""
TO_WALL = "app app-eni app-net wall/edge-net wall edge-net db/db-net db"
APP2 = "\ninstances: {app2: {subnet: app-net, ip: 10.0.1.11, security_groups: open}}"

ROWS = [
    Row("local route", SUBNET, "", POSTGRES, TO_DB, FROM_DB),
    Row(
        "a local route for every block", SUBNET, MORE, "app -> far 22/tcp", "app app-eni app-net far/far-net far",
        "far far/far-net far-net app-eni app",
    ),
    Row("nobody has the address", SUBNET, "", "app -> 10.0.2.99 22/tcp", STOP, "", "no_route NO_POSSIBLE_DESTINATION app-table"),
    Row("the local route spelled out", SUBNET, routes("10.0.0.0/16 -> local"), POSTGRES, TO_DB, FROM_DB),
    Row("no route", PRIORITY, "", HTTPS, STOP, "", NO_ROUTE),
    Row("default route", PRIORITY, routes("0.0.0.0/0 -> igw"), HTTPS, OUT, IN),
    Row("longest prefix", PRIORITY, routes("0.0.0.0/0 -> igw", "192.0.2.0/24 -> nat"), HTTPS, OUT_NAT, IN_NAT),
    Row("longest prefix, in any order", PRIORITY, routes("192.0.2.0/24 -> nat", "0.0.0.0/0 -> igw"), HTTPS, OUT_NAT, IN_NAT),
    Row("longest of three", PRIORITY, routes("192.0.2.0/24 -> nat", "192.0.2.9/32 -> igw", "0.0.0.0/0 -> nat"), HTTPS, OUT, IN),
    Row("a longer prefix beside it", PRIORITY, routes("0.0.0.0/0 -> igw", "192.0.2.128/25 -> nat"), HTTPS, OUT, IN),
    Row("host bits are cleared", ROUTE, routes("192.0.2.77/24 -> igw"), HTTPS, OUT, IN),
    Row("IPv4 default leaves IPv6 out", SUBNET, routes("0.0.0.0/0 -> igw"), HTTPS6, STOP, "", NO_ROUTE),
    Row("IPv6 default leaves IPv4 out", SUBNET, routes('"::/0 -> igw"'), HTTPS, STOP, "", NO_ROUTE),
    Row("IPv6 default", SUBNET, routes('"::/0 -> igw"'), HTTPS6, OUT, IN),
    Row(
        "longest prefix of IPv6", PRIORITY,
        routes(GONE6, '"2001:db8:2::/48 -> igw"'),
        HTTPS6, OUT, IN,
    ),
    Row(
        "main table for the rest", SUBNET, f"route_tables: {{main: {{main: true, routes: {{0.0.0.0/0: igw}}}}}}{LONE}",
        "lone -> 192.0.2.9 443/tcp", "lone lone/lone-net lone-net igw internet", "internet igw lone/lone-net lone",
    ),
    Row(
        "implied main table", SUBNET, LONE, "lone -> 192.0.2.9 443/tcp", "lone lone/lone-net lone-net", "",
        "no_route NO_ROUTE_TO_DESTINATION vpc/main-route-table",
    ),
    Row(
        "main table, local route", SUBNET, "", "db -> app 22/tcp", "db db/db-net db-net app-eni app",
        "app app-eni app-net db/db-net db",
    ),
    Row(
        "explicit association beats main", SUBNET, "route_tables: {main: {main: true, routes: {0.0.0.0/0: igw}}}", HTTPS, STOP,
        "", NO_ROUTE,
    ),
    Row(
        "the main table itself associated", SUBNET, "route_tables: {app-table: {main: true, routes: {0.0.0.0/0: igw}}}", HTTPS,
        OUT, IN,
    ),
    Row("prefix list", PRIORITY, routes("pl-docs -> igw", more=LIST), HTTPS, OUT, IN),
    Row(
        "outside of the prefix list", PRIORITY, routes("pl-docs -> igw", more=LIST), "app -> 192.0.3.9 443/tcp", STOP, "",
        NO_ROUTE,
    ),
    Row("static beats prefix list", PRIORITY, routes("pl-docs -> nat", "192.0.2.0/24 -> igw", more=LIST), HTTPS, OUT, IN),
    Row(
        "longer prefix list beats static", PRIORITY, routes("pl-docs -> igw", "192.0.2.0/24 -> nat", more=LIST_25), HTTPS, OUT,
        IN,
    ),
    Row("longer static beats prefix list", PRIORITY, routes("pl-docs -> nat", "192.0.2.9/32 -> igw", more=LIST), HTTPS, OUT, IN),
    Row(
        "prefix list beats propagated", PRIORITY, routes(propagated("192.0.2.0/24"), "pl-docs -> igw", more=LIST), HTTPS, OUT, IN,
    ),
    Row(
        "two prefix lists that overlap", PRIORITY, routes("pl-docs -> igw", "pl-half -> nat", more=LISTS), HTTPS, STOP, "",
        "undecided VPCSIM_NOT_MODELLED app-table",
    ),
    Row(
        "two prefix lists, where one of them is alone", PRIORITY, routes("pl-docs -> igw", "pl-half -> nat", more=LISTS),
        "app -> 192.0.2.200 443/tcp", OUT, IN,
    ),
    Row("two prefix lists to one target", PRIORITY, routes("pl-docs -> igw", "pl-half -> igw", more=LISTS), HTTPS, OUT, IN),
    Row(
        "a static route beats two prefix lists", PRIORITY,
        routes("pl-docs -> nat", "pl-half -> igw", "192.0.2.0/25 -> igw", more=LISTS), HTTPS, OUT, IN,
    ),
    Row("static beats propagated", PRIORITY, routes(propagated("192.0.2.0/24"), "192.0.2.0/24 -> igw"), HTTPS, OUT, IN),
    Row(
        "longer propagated beats static", PRIORITY, routes("0.0.0.0/0 -> igw", propagated("192.0.2.0/24")), HTTPS, STOP, "",
        BLACKHOLE,
    ),
    Row(
        "propagated inside the VPC is ignored", VPN, routes("0.0.0.0/0 -> igw", propagated("10.0.2.0/24")), POSTGRES, TO_DB,
        FROM_DB,
    ),
    Row(
        "propagated host inside the VPC is ignored", VPN, routes("0.0.0.0/0 -> igw", propagated("10.0.2.10/32")), POSTGRES, TO_DB,
        FROM_DB,
    ),
    Row("propagated VPC block is ignored", VPN, routes("0.0.0.0/0 -> igw", propagated("10.0.0.0/16")), POSTGRES, TO_DB, FROM_DB),
    Row(
        "propagated around the VPC: local is longer", PRIORITY, routes("0.0.0.0/0 -> igw", propagated("10.0.0.0/8")), POSTGRES,
        TO_DB, FROM_DB,
    ),
    Row(
        "propagated around the VPC: the rest", PRIORITY, routes("0.0.0.0/0 -> igw", propagated("10.0.0.0/8")),
        "app -> 10.9.0.1 443/tcp", STOP, "", BLACKHOLE,
    ),
    Row(
        "a blackhole does not fall through", STATE,
        routes("0.0.0.0/0 -> igw", "{DestinationCidrBlock: 192.0.2.0/24, NatGatewayId: gone, State: blackhole}"), HTTPS, STOP, "",
        BLACKHOLE,
    ),
    Row(
        "beside the blackhole", STATE,
        routes("0.0.0.0/0 -> igw", "{DestinationCidrBlock: 192.0.3.0/24, NatGatewayId: gone, State: blackhole}"), HTTPS, OUT, IN,
    ),
    Row(
        "local replaced by an instance", OPTIONS, routes("10.0.0.0/16 -> router", "0.0.0.0/0 -> igw"), POSTGRES, TO_ROUTER, "",
        "undecided VPCSIM_NOT_MODELLED router",
    ),
    Row(
        "local replaced by a NAT gateway", OPTIONS, routes("10.0.0.0/16 -> nat", "0.0.0.0/0 -> igw"), POSTGRES,
        "app app-eni app-net nat/edge-net nat edge-net db/db-net db", "db db/db-net db-net nat/edge-net nat edge-net app-eni app",
    ),
    Row("local replaced by an endpoint", OPTIONS, routes("10.0.0.0/16 -> wall", more=WALL), POSTGRES, TO_WALL, FROM_DB),
    Row(
        "local replaced: not inside the subnet", OPTIONS,
        routes("10.0.0.0/16 -> router", "0.0.0.0/0 -> igw", more=APP2),
        "app -> app2 22/tcp", "app app-eni app-net app2/app-net app2", "app2 app2/app-net app-net app-eni app",
    ),
    Row(
        "more specific than local: instance", SUBNET, routes("10.0.2.0/24 -> router", "0.0.0.0/0 -> igw"), POSTGRES, TO_ROUTER,
        "", "undecided VPCSIM_NOT_MODELLED router",
    ),
    Row(
        "more specific than local: interface", SUBNET, routes("10.0.2.0/24 -> router/edge-net", "0.0.0.0/0 -> igw"), POSTGRES,
        TO_ROUTER, "", "undecided VPCSIM_NOT_MODELLED router",
    ),
    Row(
        "more specific than local: an interface outside the model", SUBNET,
        routes("{DestinationCidrBlock: 10.0.2.0/24, NetworkInterfaceId: eni-0123456789abcdef0}"), POSTGRES, STOP, "",
        "undecided VPCSIM_NOT_MODELLED app-table",
    ),
    Row(
        "more specific than local: NAT gateway", SUBNET, routes("10.0.2.0/24 -> nat", "0.0.0.0/0 -> igw"), POSTGRES,
        "app app-eni app-net nat/edge-net nat edge-net db/db-net db", "db db/db-net db-net nat/edge-net nat edge-net app-eni app",
    ),
    Row("more specific than local: endpoint", SUBNET, routes("10.0.2.0/24 -> wall", more=WALL), POSTGRES, TO_WALL, FROM_DB),
    Row(
        "more specific than local: other subnets stay", SUBNET, routes("10.0.2.0/24 -> router", "0.0.0.0/0 -> igw"),
        "app -> router 22/tcp", TO_ROUTER, "router router/edge-net edge-net app-eni app",
    ),
    Row("reserved range, first", SUBNET, routes("0.0.0.0/0 -> igw"), "app -> 169.254.168.0 80/tcp", STOP, "", RESERVED),
    Row("reserved range, before VPC Lattice's", SUBNET, routes("0.0.0.0/0 -> igw"),
        "app -> 169.254.170.255 80/tcp", STOP, "", RESERVED),
    Row("VPC Lattice, last of the reserved range", LATTICE, routes("0.0.0.0/0 -> igw"),
        "app -> 169.254.171.255 80/tcp", STOP, "", "undecided VPCSIM_NOT_MODELLED app-table"),
    Row("VPC Lattice over IPv6", LATTICE, routes('"::/0 -> igw"'),
        "app -> fd00:ec2:80::1 443/tcp", STOP, "", "undecided VPCSIM_NOT_MODELLED app-table"),
    Row("reserved range beside VPC Lattice's", SUBNET, routes('"::/0 -> igw"'),
        "app -> fd00:ec2:80:1::1 443/tcp", STOP, "", RESERVED),
    Row("VPC Lattice: the client's group comes first", LATTICE, "security_groups: {open: {egress: [], ingress: []}}",
        "app -> 169.254.171.5 443/tcp", "app app-eni", "", "denied SG_HAS_NO_RULES open"),
    Row("VPC Lattice: the ACL of the client's subnet comes first", LATTICE.replace("security-groups", "network-acls"),
        "network_acls: {acl: {subnets: app-net, ingress: [], egress: []}}",
        "app -> 169.254.171.5 443/tcp", "app app-eni app-net", "", "denied SUBNET_ACL_RESTRICTION acl"),
    Row(
        "reserved range under a wider route", SUBNET, routes("169.254.0.0/16 -> igw", "0.0.0.0/0 -> igw"),
        "app -> 169.254.169.1 80/tcp", STOP, "", RESERVED,
    ),
    Row("reserved range of IPv6", SUBNET, routes('"::/0 -> igw"'), "app -> fd00:ec2::1 80/tcp", STOP, "", RESERVED),
    Row("one route as the API describes it", STATE, routes("{DestinationCidrBlock: 0.0.0.0/0, GatewayId: igw}"), HTTPS, OUT, IN),
    Row(
        "routes as the API describes them", STATE,
        routes("{DestinationCidrBlock: 0.0.0.0/0, GatewayId: igw}", "{DestinationCidrBlock: 192.0.2.0/24, NatGatewayId: nat}"),
        HTTPS, OUT_NAT, IN_NAT,
    ),
]  # fmt: skip

OTHER = (
    "\nvpcs: {vpc: {}, other: 10.9.0.0/16}\nsubnets: {app-net: {vpc: vpc}, db-net: {vpc: vpc}, edge-net: {vpc: vpc}, "
    "other-net: {vpc: other, cidr: 10.9.1.0/24}}\nroute_tables: {app-table: {vpc: vpc, routes: ROUTES}, "
    "edge-table: {vpc: vpc}}\nsecurity_groups: {open: {vpc: vpc}, theirs: {vpc: other}}\n"
    "instances: {their: {subnet: other-net, security_groups: theirs}}\ninternet_gateways: {other-igw: other}\n"
    "nat_gateways: {their-nat: other-net}"
)
TWO_ENI = (
    "\ninstances: {two: {}}\nnetwork_interfaces: {e1: {subnet: edge-net, instance: two}, e2: {subnet: edge-net, instance: two}}"
)

REFUSALS = [
    Refusal(
        "a route without a target", ROUTE, routes("{DestinationCidrBlock: 192.0.2.0/24}", "0.0.0.0/0 -> igw"), "MissingParameter",
        "app-table",
    ),
    Refusal(
        "a route without a destination", ROUTE, routes("{GatewayId: igw}", "0.0.0.0/0 -> igw"), "MissingParameter", "app-table",
    ),
    Refusal(
        "two routes for one block", ERRORS, routes("192.0.2.0/24 -> igw", "192.0.2.0/24 -> nat"), "RouteAlreadyExists",
        "app-table",
    ),
    Refusal(
        "two routes for one block, written differently", ERRORS, routes("192.0.2.0/24 -> igw", "192.0.2.1/24 -> nat"),
        "RouteAlreadyExists", "app-table",
    ),
    Refusal(
        "two routes for one prefix list", ERRORS, routes("pl-docs -> igw", "pl-docs -> nat", more=LIST), "RouteAlreadyExists",
        "app-table",
    ),
    Refusal("a route for the reserved range", SUBNET, routes("169.254.168.0/22 -> igw"), "InvalidParameterValue", "app-table"),
    Refusal(
        "a route inside the reserved range", SUBNET, routes("169.254.169.254/32 -> igw"), "InvalidParameterValue", "app-table",
    ),
    Refusal(
        "a route for the reserved range of IPv6", SUBNET, routes('"fd00:ec2::/32 -> igw"'), "InvalidParameterValue", "app-table",
    ),
    Refusal("a part of a subnet inside the VPC", SUBNET, routes("10.0.2.0/25 -> nat"), "InvalidParameterValue", "app-table"),
    Refusal(
        "a block inside the VPC that is no subnet", SUBNET, routes("10.0.7.0/24 -> nat"), "InvalidParameterValue", "app-table",
    ),
    Refusal(
        "an internet gateway for a subnet of the VPC", SUBNET, routes("10.0.2.0/24 -> igw"), "InvalidParameterValue", "app-table",
    ),
    Refusal(
        "an internet gateway for the local route", OPTIONS, routes("10.0.0.0/16 -> igw"), "InvalidParameterValue", "app-table",
    ),
    Refusal(
        "an instance with two interfaces", ROUTE, routes("192.0.2.0/24 -> two", more=TWO_ENI), "InvalidInstanceID", "app-table",
    ),
    Refusal(
        "an instance of another VPC", ROUTE, OTHER.replace("ROUTES", "{192.0.2.0/24: their}"), "InvalidParameterValue",
        "app-table",
    ),
    Refusal(
        "a NAT gateway of another VPC", ROUTE, OTHER.replace("ROUTES", "{192.0.2.0/24: their-nat}"), "InvalidParameterValue",
        "app-table",
    ),
    Refusal(
        "a subnet of another VPC", SUBNET,
        OTHER.replace("{vpc: vpc, routes: ROUTES}", "{vpc: vpc, subnets: [app-net, other-net]}"), "InvalidParameterValue",
        "app-table",
    ),
    Refusal(
        "a subnet with two tables", SUBNET, "route_tables: {edge-table: {subnets: [edge-net, app-net]}}",
        "Resource.AlreadyAssociated", "edge-table",
    ),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=names(ROWS))
def test_the_route_that_decides(row: Row) -> None:
    check(BASE, row)


@pytest.mark.parametrize("row", REFUSALS, ids=names(REFUSALS))
def test_what_aws_refuses(row: Refusal) -> None:
    refused(BASE, row)


@pytest.mark.parametrize("target", ["nowhere", "app-net", "open", "sqs"])
def test_a_target_that_is_none(target: str) -> None:
    """Of VPC endpoints only those of a Gateway Load Balancer are targets."""
    with pytest.raises(InputError, match=f"app-table: .*{target}"):
        changed(BASE, routes(f"192.0.2.0/24 -> {target}", more="\nendpoints: {sqs: {service: sqs, subnets: app-net}}"))


def test_a_vpc_has_one_main_table() -> None:
    with pytest.raises(InputError):
        changed(BASE, "route_tables: {first: {main: true}, second: {main: true}}")


def test_a_mistyped_target_is_not_refused_by_aws_but_by_the_reader() -> None:
    with pytest.raises(InputError) as caught:
        changed(BASE, routes("192.0.2.0/24 -> nta"))
    assert not isinstance(caught.value, RefusedError)


def test_why_a_route_does_not_decide() -> None:
    """https://docs.aws.amazon.com/vpc/latest/reachability/explanation-codes.html"""
    net = changed(BASE, routes("0.0.0.0/0 -> nat", "192.0.2.0/24 -> igw", "198.51.100.0/24 -> nat", "pl-docs -> nat", more=LIST))
    answer = ask(net, HTTPS)
    assert answer.trip is not None
    step = next(step for step in answer.trip.there.steps if step.at == "app-table")
    told = [text for text in answer.rules_looked_at(step) if ":" not in text]
    assert told == [
        "192.0.2.0/24 -> igw",
        "192.0.2.0/24 -> nat (HIGHER_PRIORITY_ROUTE)",
        "198.51.100.0/24 -> nat (CANNOT_ROUTE)",
        "10.0.0.0/16 -> local (VPC_LOCAL_ROUTE_CIDR_RESTRICTION)",
        "0.0.0.0/0 -> nat (MORE_SPECIFIC_ROUTE)",
    ]


def test_routes_outlive_their_target() -> None:
    """Sources: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteNatGateway.html, API_Route.html there."""
    net = network(
        "vpcs: {v: 10.0.0.0/16}\nsubnets: {pub: 10.0.0.0/24, priv: 10.0.1.0/24}\ninternet_gateways: {igw: v}\n"
        "nat_gateways: {nat: pub}\ninstances: {app: {subnet: priv}}\n"
        "route_tables: {p: {subnets: pub, routes: {0.0.0.0/0: igw}}, q: {subnets: priv, routes: {0.0.0.0/0: nat}}}\n"
    )
    assert ask(net, "app -> 192.0.2.9 443/tcp").reachable
    without = net.with_changes(delete=["nat"])
    answer = ask(without, "app -> 192.0.2.9 443/tcp")
    assert (answer.verdict, answer.at, "blackhole" in answer.because) == ("blocked", "q", True)
    assert ask(without.with_changes({"nat_gateways": {"nat": "pub"}}), "app -> 192.0.2.9 443/tcp").verdict == "blocked"
