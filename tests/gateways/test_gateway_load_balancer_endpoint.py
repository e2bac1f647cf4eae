"""Gateway Load Balancer endpoints: packets take the way through an appliance, there and back."""

from __future__ import annotations

import pytest
from networks import API, PRIVATELINK, Refusal, Row, ask, changed, check, end_of, names, refused, way

ENDPOINT = f"{PRIVATELINK}gateway-load-balancer-endpoints.html"
ROUTING = f"{PRIVATELINK}vpce-gateway-load-balancer.html"
SERVICE = f"{PRIVATELINK}create-gateway-load-balancer-endpoint-service.html"
CREATE = f"{API}API_CreateVpcEndpoint.html"
TARGETS = "https://docs.aws.amazon.com/elasticloadbalancing/latest/gateway/target-groups.html"
HEALTH = "https://docs.aws.amazon.com/elasticloadbalancing/latest/gateway/health-checks.html"
ZONES = "https://docs.aws.amazon.com/elasticloadbalancing/latest/gateway/gateway-load-balancers.html"
BPA = "https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa-basics.html"
DETAILS = "https://docs.aws.amazon.com/vpc/latest/reachability/additional-detail-codes.html"

BASE = """
vpcs: {vpc: 10.0.0.0/16, guard: 10.9.0.0/16}
subnets:
  app: {vpc: vpc, cidr: 10.0.0.0/24, az: us-east-1a}
  db: {vpc: vpc, cidr: 10.0.1.0/24, az: us-east-1a}
  mid: {vpc: vpc, cidr: 10.0.2.0/24, az: us-east-1a}
  mid-b: {vpc: vpc, cidr: 10.0.3.0/24, az: us-east-1b}
  guard-a: {vpc: guard, cidr: 10.9.0.0/24, az: us-east-1a}
  guard-b: {vpc: guard, cidr: 10.9.1.0/24, az: us-east-1b}
route_tables:
  app-table: {vpc: vpc, subnets: app, routes: {10.0.1.0/24: wall}}
  db-table: {vpc: vpc, subnets: db, routes: {10.0.0.0/24: wall}}
  mid-table: {vpc: vpc, subnets: [mid, mid-b]}
security_groups:
  open: {vpc: vpc, ingress: all from 10.0.0.0/16}
  fw-sg: {vpc: guard, ingress: udp 6081 from 10.9.0.0/16}
instances:
  web: {subnet: app, ip: 10.0.0.10, security_groups: open}
  store: {subnet: db, ip: 10.0.1.10, security_groups: open}
  fw: {subnet: guard-a, ip: 10.9.0.10, security_groups: fw-sg, forwards: pass}
  fw-b: {subnet: guard-b, ip: 10.9.1.10, security_groups: fw-sg, forwards: drop}
load_balancers: {gwlb: {type: gateway, subnets: [guard-a, guard-b], listeners: walls}}
target_groups: {walls: {vpc: guard, protocol: GENEVE, port: 6081, targets: [fw, fw-b]}}
endpoint_services: {inspection: {load_balancers: gwlb, acceptance_required: false}}
endpoints: {wall: {vpc: vpc, type: GatewayLoadBalancer, service: inspection, subnets: mid}}
"""

ACROSS = "load_balancers: {gwlb: {cross_zone: true}}"
IN_B = "endpoints: {wall: {subnets: mid-b}}"
DROPS = "instances: {fw: {forwards: drop}}"
DIRECT_BACK = "route_tables: {db-table: {routes: {10.0.0.0/24: null}}}"
DIRECT_THERE = "route_tables: {app-table: {routes: {10.0.1.0/24: null}}}"
DECLARED = "target_groups: {walls: {targets: []}}\nload_balancers: {gwlb: {inspection: %s}}"
NOBODY = """
endpoint_services: {inspection: {load_balancers: [], inspection: %s}}
"""
ELSEWHERE = """
endpoint_services: {inspection: null}
endpoints: {wall: {service: com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0}}
"""
SAME = """
instances: {web: {subnet: mid, ip: 10.0.2.10}}
route_tables: {mid-table: {subnets: mid-b}, own: {vpc: vpc, subnets: mid, routes: {10.0.1.0/24: wall}}, db-table: {routes: {}}}
"""

EDGE = """
internet_gateways: {igw: vpc}
instances: {web: {public_address: true}}
route_tables:
  app-table: {routes: {0.0.0.0/0: wall}}
  mid-table: {routes: {0.0.0.0/0: igw}}
  edge: {vpc: vpc, gateway: igw, routes: {10.0.0.0/24: wall}}
security_groups: {open: {ingress: all from 0.0.0.0/0}}
"""

ROWS = [
    Row(
        "through the appliance, both ways", ROUTING, "", "web -> store 5432/tcp",
        "web web/app app wall/mid wall mid store/db store", "store store/db db wall/mid wall mid web/app web",
    ),
    Row(
        "the appliance drops", ROUTING, DROPS, "web -> store 5432/tcp", "web web/app app wall/mid wall", "",
        "denied VPCSIM_APPLIANCE fw",
    ),
    Row(
        "what the appliance does is not known", DETAILS, "instances: {fw: {forwards: null}}", "web -> store 5432/tcp",
        "web web/app app wall/mid wall", "", "undecided VPCSIM_NOT_MODELLED fw",
    ),
    Row(
        "declared of the load balancer: pass", DETAILS, DECLARED % "pass", "web -> store 5432/tcp",
        "web web/app app wall/mid wall mid store/db store", "store store/db db wall/mid wall mid web/app web",
    ),
    Row(
        "declared of the load balancer: drop", DETAILS, DECLARED % "drop", "web -> store 5432/tcp",
        "web web/app app wall/mid wall", "", "denied VPCSIM_APPLIANCE gwlb",
    ),
    Row(
        "declared of the service: pass", DETAILS, NOBODY % "pass", "web -> store 5432/tcp",
        "web web/app app wall/mid wall mid store/db store", "store store/db db wall/mid wall mid web/app web",
    ),
    Row(
        "declared of the service: drop", DETAILS, NOBODY % "drop", "web -> store 5432/tcp", "web web/app app wall/mid wall",
        "", "denied VPCSIM_APPLIANCE inspection",
    ),
    Row(
        "a service that the model does not hold", DETAILS, ELSEWHERE, "web -> store 5432/tcp", "web web/app app wall/mid wall",
        "", "undecided VPCSIM_NOT_MODELLED wall",
    ),
    Row(
        "the answer takes another way", ROUTING, DIRECT_BACK, "web -> store 5432/tcp",
        "web web/app app wall/mid wall mid store/db store", "store store/db db web/app web",
    ),
    Row(
        "only the answer comes here", ROUTING, DIRECT_THERE, "web -> store 5432/tcp", "web web/app app store/db store",
        "store store/db db wall/mid wall", "undecided VPCSIM_NOT_MODELLED wall",
    ),
    Row(
        "after it the table of its subnet decides", ROUTING,
        "route_tables: {mid-table: {routes: {10.0.1.0/24: box}}}\n"
        "subnets: {box-net: {vpc: vpc, cidr: 10.0.4.0/24, az: us-east-1a}}\n"
        "instances: {box: {subnet: box-net, security_groups: open, source_dest_check: false, forwards: drop}}",
        "web -> store 5432/tcp", "web web/app app wall/mid wall mid box/box-net box", "", "denied VPCSIM_APPLIANCE box",
    ),
    Row(
        "its own table leads back to it", ROUTING, "route_tables: {mid-table: {routes: {10.0.1.0/24: wall}}}",
        "web -> store 5432/tcp", "web web/app app wall/mid wall mid wall/mid wall", "", "loop VPCSIM_LOOP wall",
    ),
    Row(
        "pending, nothing passes", ENDPOINT, "endpoints: {wall: {state: pendingAcceptance}}", "web -> store 5432/tcp",
        "web web/app app wall/mid wall", "", "denied BAD_STATE wall",
    ),
    Row(
        "a request that nobody accepted", SERVICE, "endpoint_services: {inspection: {acceptance_required: true}}",
        "web -> store 5432/tcp", "web web/app app wall/mid wall", "", "denied BAD_STATE wall",
    ),
    Row(
        "appliances of its zone only", ZONES, IN_B, "web -> store 5432/tcp", "web web/app app wall/mid-b wall", "",
        "denied VPCSIM_APPLIANCE fw-b",
    ),
    Row(
        "no appliance in its zone", ZONES, "target_groups: {walls: {targets: fw-b}}", "web -> store 5432/tcp",
        "web web/app app wall/mid wall", "", "denied ELBV2_NO_TARGETS_IN_AZ gwlb",
    ),
    Row(
        "an appliance in another zone", ZONES,
        ACROSS + "\ntarget_groups: {walls: {targets: fw-b}}\ninstances: {fw-b: {forwards: pass}}", "web -> store 5432/tcp",
        "web web/app app wall/mid wall mid store/db store", "store store/db db wall/mid wall mid web/app web",
    ),
    Row(
        "an appliance that is not healthy gets nothing", HEALTH,
        ACROSS + "\ntarget_groups: {walls: {health: {fw: unhealthy}}}", "web -> store 5432/tcp",
        "web web/app app wall/mid wall", "", "denied VPCSIM_APPLIANCE fw-b",
    ),
    Row(
        "no appliance at all", TARGETS, "target_groups: {walls: {targets: []}}", "web -> store 5432/tcp",
        "web web/app app wall/mid wall", "", "denied ELBV2_LISTENER_HAS_NO_TG gwlb",
    ),
    Row(
        "no listener", TARGETS, "load_balancers: {gwlb: {listeners: null}}", "web -> store 5432/tcp",
        "web web/app app wall/mid wall", "", "denied ELBV2_LISTENERS_MISMATCH gwlb",
    ),
    Row(
        "the appliance's group must admit GENEVE", TARGETS, "security_groups: {fw-sg: {ingress: tcp 5432 from 0.0.0.0/0}}",
        "web -> store 5432/tcp", "web web/app app wall/mid wall", "", "denied ENI_SG_RULES_MISMATCH fw-sg",
    ),
    Row(
        "the appliance by its address", TARGETS, "target_groups: {walls: {targets: 10.9.0.10, type: ip}}",
        "web -> store 5432/tcp", "web web/app app wall/mid wall mid store/db store",
        "store store/db db wall/mid wall mid web/app web",
    ),
    Row(
        "the ACL of its subnet filters what comes in", ENDPOINT,
        "network_acls: {acl: {vpc: vpc, subnets: mid, ingress: [], egress: [100 allow all to 0.0.0.0/0]}}",
        "web -> store 5432/tcp", "web web/app app wall/mid", "", "denied SUBNET_ACL_RESTRICTION acl",
    ),
    Row(
        "the ACL of its subnet filters what goes out", ENDPOINT,
        "network_acls: {acl: {vpc: vpc, subnets: mid, ingress: [100 allow all from 0.0.0.0/0], egress: []}}",
        "web -> store 5432/tcp", "web web/app app wall/mid wall mid", "", "denied SUBNET_ACL_RESTRICTION acl",
    ),
    Row(
        "the ACL filters inside one subnet too", ENDPOINT,
        SAME + "network_acls: {acl: {vpc: vpc, subnets: mid, ingress: [100 allow all from 0.0.0.0/0], egress: []}}",
        "web -> store 5432/tcp", "web web/mid mid", "", "denied SUBNET_ACL_RESTRICTION acl",
    ),
    Row(
        "nothing is for itself", ENDPOINT, "", "web -> wall 443/tcp", "web web/app app wall/mid wall", "",
        "denied VPCE_INTRA_VPC_TRAFFIC wall",
    ),
    Row("it starts nothing", ENDPOINT, "", "wall -> web 443/tcp", "wall", "", "denied VPCE_INTRA_VPC_TRAFFIC wall"),
    Row(
        "nothing gets to the load balancer but by its endpoints", TARGETS, "", "fw -> gwlb/guard-a 6081/udp",
        "fw fw/guard-a guard-a gwlb/guard-a gwlb", "", "denied ELBV2_LISTENERS_MISMATCH gwlb",
    ),
    Row(
        "in from the internet by the table of the gateway", ROUTING, EDGE, "internet -> web 443/tcp",
        "internet igw wall/mid wall mid web/app web", "web web/app app wall/mid wall mid igw internet",
    ),
    Row(
        "out to the internet, and the answer comes back through it", ROUTING, EDGE, "web -> 192.0.2.7 443/tcp",
        "web web/app app wall/mid wall mid igw internet", "internet igw wall/mid wall mid web/app web",
    ),
    Row(
        "Block Public Access: an exclusion of its subnet", BPA,
        f"{EDGE}block_public_access: {{x: block-bidirectional}}\n"
        "block_public_access_exclusions: {free: {subnet: mid, mode: allow-bidirectional}}",
        "internet -> web 443/tcp", "internet igw wall/mid wall mid web/app web", "web web/app app wall/mid wall mid igw internet",
    ),
    Row(
        "Block Public Access: not of another subnet", BPA,
        f"{EDGE}block_public_access: {{x: block-bidirectional}}\n"
        "block_public_access_exclusions: {free: {subnet: app, mode: allow-bidirectional}}",
        "internet -> web 443/tcp", "internet igw", "", "denied VPC_BLOCK_PUBLIC_ACCESS_ENABLED igw",
    ),
    Row(
        "out past it, although what comes in is led to it", ROUTING,
        EDGE.replace("app-table: {routes: {0.0.0.0/0: wall}}", "app-table: {routes: {0.0.0.0/0: igw}}"),
        "web -> 192.0.2.7 443/tcp", "web web/app app igw", "", "denied INGRESS_RTB_TRAFFIC_REDIRECTION edge",
    ),
    Row(
        "a group that is named does not count behind it", ROUTING,
        "security_groups: {ask: {vpc: vpc}, open: {ingress: all from ask}}\ninstances: {web: {security_groups: ask}}",
        "web -> store 5432/tcp", "web web/app app wall/mid wall mid store/db", "", "denied SG_REFERENCES_NOT_PRESERVED open",
    ),
]  # fmt: skip

REFUSALS = [
    Refusal("two subnets", ENDPOINT, "endpoints: {wall: {subnets: [mid, mid-b]}}", "InvalidParameter", "wall"),
    Refusal("no subnet", ENDPOINT, "endpoints: {wall: {subnets: []}}", "InvalidParameter", "wall"),
    Refusal("a subnet of another VPC", CREATE, "endpoints: {wall: {subnets: guard-a}}",
            "InvalidParameter InvalidParameterValue InvalidParameterValue", ""),
    Refusal(
        "a prefix list that leads there", ROUTING,
        "prefix_lists: {pl-docs: {entries: [192.0.2.0/24]}}\nroute_tables: {app-table: {routes: {pl-docs: wall}}}",
        "InvalidParameterValue", "app-table",
    ),
    Refusal("a service of AWS", CREATE, "endpoints: {wall: {service: sqs}}", "InvalidServiceName", "wall"),
    Refusal(
        "a zone without the service", ENDPOINT, f"{IN_B}\nload_balancers: {{gwlb: {{subnets: guard-a}}}}", "InvalidParameter",
        "wall",
    ),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=names(ROWS))
def test_every_rule_there_and_back(row: Row) -> None:
    check(BASE, row)


@pytest.mark.parametrize("row", REFUSALS, ids=names(REFUSALS))
def test_what_aws_refuses(row: Refusal) -> None:
    refused(BASE, row)


def test_the_packet_stays_as_it_was() -> None:
    arrived = ask(changed(BASE, ""), "web -> store 5432/tcp").trips[0].there.arrived
    assert (arrived.source, arrived.destination, arrived.dst_port) == ("10.0.0.10", "10.0.1.10", (5432, 5432))


def test_every_appliance_is_tried_and_the_one_that_drops_is_noted() -> None:
    answer = ask(changed(BASE, ACROSS), "web -> store 5432/tcp")
    assert [end.disposition for end in (trip.end for trip in answer.trips)] == ["accepted", "denied"]
    assert answer.notes == ("10.0.1.10: fw-b: the appliance drops it; a connection that is handed there fails",)


def test_the_way_to_the_appliance_is_told() -> None:
    text = str(ask(changed(BASE, ""), "web -> store 5432/tcp"))
    for line in (
        "gwlb: carries 10.0.0.10:32768-60999 -> 10.0.1.10:5432 tcp to fw:6081",
        "fw-sg: rule 1 allow 6081/udp from 10.9.0.0/16 (inbound)",
        "fw: lets 10.0.0.10:32768-60999 -> 10.0.1.10:5432 tcp pass and hands it back",
        "wall: comes out in mid as it was",
        "app-table: 10.0.1.0/24 -> wall",
    ):
        assert line in text


def test_what_is_not_known_says_so() -> None:
    answer = ask(changed(BASE, "instances: {fw: {forwards: null}}"), "web -> store 5432/tcp")
    assert "PATH_THROUGH_GWLB_NOT_CHECKED" in answer.because
    assert end_of(answer) == "undecided VPCSIM_NOT_MODELLED fw"


def test_an_endpoint_of_the_other_type_stays_what_it_is() -> None:
    net = changed(BASE, "endpoints: {api: {vpc: vpc, service: sqs, subnets: mid, security_groups: open}}")
    assert net.places["api"].kind == "interface_endpoint"
    moved = net.with_changes({"endpoints": {"wall": {"state": "pendingAcceptance"}}})
    assert end_of(ask(moved, "web -> store 5432/tcp")) == "denied BAD_STATE wall"


def test_all_blockers_are_found() -> None:
    changes = "security_groups: {fw-sg: {ingress: tcp 22 from 10.9.0.0/16}, open: {ingress: tcp 22 from 10.0.0.0/16}}"
    answer = ask(changed(BASE, changes), "web -> store 5432/tcp", every=True)
    assert [step.at for step in answer.trip.there.blockers] == ["fw-sg"]  # type: ignore[union-attr]
    assert way(answer.trip.there) == "web web/app app wall/mid wall"  # type: ignore[union-attr]


def test_an_answer_by_another_way_is_noted() -> None:
    answer = ask(changed(BASE, DIRECT_BACK), "web -> store 5432/tcp")
    expected = "asymmetric: there by wall only; an appliance that remembers connections drops those of which it sees one way"
    assert answer.notes == (expected,)
    assert ask(changed(BASE, ""), "web -> store 5432/tcp").notes == ()


BOTH = """
vpcs: {vpc: {cidr: 10.0.0.0/16, ipv6: "2001:db8::/56"}, guard: {cidr: 10.9.0.0/16, ipv6: "2001:db8:9::/56"}}
subnets:
  app: {ipv6_cidr: "2001:db8::/64"}
  db: {ipv6_cidr: "2001:db8:0:1::/64"}
  mid: {ipv6_cidr: "2001:db8:0:2::/64"}
  guard-a: {ipv6_cidr: "2001:db8:9::/64"}
  guard-b: {ipv6_cidr: "2001:db8:9:1::/64"}
route_tables: {app-table: {routes: {"2001:db8:0:1::/64": wall}}, db-table: {routes: {"2001:db8::/64": wall}}}
security_groups: {open: {ingress: [all from 10.0.0.0/16, "all from ::/0"], egress: ["all to ::/0"]}}
instances: {web: {ipv6: "2001:db8::10"}, store: {ipv6: "2001:db8:0:1::10"}}
load_balancers: {gwlb: {ip_type: dualstack}}
endpoint_services: {inspection: {ip_types: [ipv4, ipv6]}}
endpoints: {wall: {ip_type: TYPE}}
"""
FAMILY = [("dualstack", "reachable", "store"), ("ipv4", "blocked", "wall")]


@pytest.mark.parametrize(("type", "verdict", "at"), FAMILY, ids=[row[0] for row in FAMILY])
def test_ipv6_passes_an_endpoint_whose_type_includes_it(type: str, verdict: str, at: str) -> None:
    """Source: https://docs.aws.amazon.com/vpc/latest/privatelink/vpce-gateway-load-balancer.html"""
    answer = ask(changed(BASE, BOTH.replace("TYPE", type)), "web -> 2001:db8:0:1::10 443/tcp")
    assert (answer.verdict, answer.trips[0].there.end.at) == (verdict, at), answer.because


FAMILIES = [
    Refusal(
        "a service over IPv6 behind an IPv4 load balancer", ROUTING,
        BOTH.replace("TYPE", "dualstack").replace("gwlb: {ip_type: dualstack}", "gwlb: {}"), "InvalidParameter", "inspection",
    ),
    Refusal(
        "dual-stack where there is no IPv6", ROUTING, "endpoints: {wall: {ip_type: dualstack}}",
        "InvalidParameter InvalidParameter", "wall",
    ),
]  # fmt: skip


@pytest.mark.parametrize("row", FAMILIES, ids=names(FAMILIES))
def test_families_that_aws_refuses(row: Refusal) -> None:
    refused(BASE, row)


APART = """
load_balancers: {gwlb: {cross_zone: true}}
target_groups: {walls: {targets: [fw-b]}}
instances: {fw-b: {forwards: pass}}
"""
SQL, THROUGH = "web -> store 5432/tcp", "web web/app app wall/mid wall"
RETURN = "store store/db db wall/mid wall mid web/app web"


def returning(egress: str, subnet: str = "guard-b", ingress: str = "100 allow all from 0.0.0.0/0") -> str:
    """A network ACL on the way back."""
    acl = f"{{vpc: guard, subnets: {subnet}, ingress: [{ingress}], egress: [{egress}]}}"
    return f"{APART}\nnetwork_acls: {{acl: {acl}}}"


BACK = [
    Row("an appliance in another subnet", TARGETS, APART, SQL, f"{THROUGH} mid store/db store", RETURN),
    Row("its subnet's ACL holds its answers back", TARGETS, returning(""), SQL, THROUGH, "",
        "denied SUBNET_ACL_RESTRICTION acl"),
    Row("the ACL of the node's subnet does", TARGETS, returning("100 allow all to 0.0.0.0/0", "guard-a", ""), SQL,
        THROUGH, "", "denied SUBNET_ACL_RESTRICTION acl"),
    Row("an ACL that lets one of two ports through", TARGETS, returning("100 allow udp 6081 to 0.0.0.0/0"), SQL, THROUGH, "",
        "undecided VPCSIM_NOT_MODELLED fw-b"),
    Row("an ACL that lets both through", TARGETS, returning("100 allow udp 1024-65535 to 0.0.0.0/0"), SQL,
        f"{THROUGH} mid store/db store", RETURN),
    Row("a group without outbound rules", TARGETS, "security_groups: {fw-sg: {egress: []}}", SQL, THROUGH, "",
        "undecided VPCSIM_NOT_MODELLED fw"),
    Row("no way back to the node", TARGETS, APART
        + "route_tables: {away: {vpc: guard, subnets: guard-b, routes: {10.9.0.0/24: fw/guard-a}}}", SQL, THROUGH, "",
        "denied ENI_SOURCE_DEST_CHECK_RESTRICTION fw"),
]  # fmt: skip


@pytest.mark.parametrize("row", BACK, ids=names(BACK))
def test_the_way_back_to_the_node(row: Row) -> None:
    check(BASE, row)
