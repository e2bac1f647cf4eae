"""Virtual private gateways: between interfaces of one VPC and what was announced, and nothing else."""

from __future__ import annotations

import pytest
from networks import ANALYZER, ERRORS, VPC, Refusal, Row, changed, check, names, network, refused

PRIORITY = "https://docs.aws.amazon.com/vpn/latest/s2svpn/vpn-route-priority.html"
SETUP = "https://docs.aws.amazon.com/vpn/latest/s2svpn/SetUpVPNConnections.html"
HUB = "https://docs.aws.amazon.com/vpn/latest/s2svpn/VPN_CloudHub.html"
NAT = f"{VPC}nat-gateway-basics.html"
ENDPOINT = "https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html"
S3 = "https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-s3.html"

BASE = """
vpcs: {vpc: 10.0.0.0/16}
subnets: {net: 10.0.1.0/24, public: 10.0.0.0/24}
on_premises: {office: {prefixes: 192.168.0.0/16, ip: 192.168.1.5}, branch: {prefixes: 172.16.0.0/16, ip: 172.16.1.5}}
customer_gateways: {router: office, branch-router: branch}
vpn_gateways: {vgw: {vpc: vpc, propagates_to: table}}
vpn_connections:
  vpn: {vpn_gateway: vgw, customer_gateway: router}
  branch-vpn: {vpn_gateway: vgw, customer_gateway: branch-router}
virtual_interfaces: {}
internet_gateways: {igw: vpc}
elastic_ips: {nat-ip: {ip: 198.51.100.5}, app-ip: {instance: app, ip: 198.51.100.10}}
nat_gateways: {nat: {subnet: public, ip: 10.0.0.5, elastic_ip: nat-ip}}
route_tables: {table: {subnets: net, routes: {0.0.0.0/0: nat}}, public-table: {subnets: public, routes: {0.0.0.0/0: igw}}}
endpoints: {s3: {type: gateway, service: s3, route_tables: table}}
security_groups: {open: {ingress: all from 0.0.0.0/0}}
instances: {app: {subnet: net, ip: 10.0.1.10, security_groups: open}}
"""
APP = "app app/net net"
OUT, IN = f"{APP} vgw vpn office", "office vpn vgw app/net app"
OUT_NAT = f"{APP} nat/public nat public igw internet"
IN_NAT = "internet igw nat/public nat public app/net app"
HTTPS = "app -> 192.168.1.5 443/tcp"
ASK = "office -> app 443/tcp"
DOWN = "vpn_connections: {vpn: {tunnels: [DOWN, DOWN]}}"
STATIC_ROUTE = "route_tables: {table: {routes: {192.168.0.0/16: vgw}}}"
NO_PROPAGATION = "vpn_gateways: {vgw: {propagates_to: null}}"
SECOND = "on_premises: {office: {prefixes: 192.168.0.0/16}}\ncustomer_gateways: {second-router: office}\n"
QUEUE = (
    "vpcs: {vpc: {cidr: 10.0.0.0/16, dns_hostnames: true}}\n"
    "endpoints: {queue: {service: sqs, subnets: net, security_groups: open}}"
)
INGRESS = "denied VGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS vgw"
NO_ROUTE = "no_route NO_ROUTE_TO_DESTINATION"


def second(options: str, first: str = "{}") -> str:
    """Another connection of the same office."""
    more = f"{{vpn_gateway: vgw, customer_gateway: second-router, {options}}}"
    return f"customer_gateways: {{second-router: office}}\nvpn_connections: {{vpn: {first}, a-second: {more}}}"


ROWS = [
    Row("out to the office", PRIORITY, "", HTTPS, OUT, IN),
    Row("in from the office", PRIORITY, "", ASK, IN, OUT),
    Row("in from an address of the office", PRIORITY, "", "192.168.77.7 -> app 443/tcp", IN, OUT),
    Row("icmp", PRIORITY, "", "office -> app icmp", IN, OUT),
    Row("in to an interface endpoint", ENDPOINT, QUEUE, "office -> queue 443/tcp", "office vpn vgw queue/net queue",
        "queue queue/net net vgw vpn office"),
    Row("the rest goes elsewhere", PRIORITY, "", "app -> 192.0.2.9 443/tcp", OUT_NAT, IN_NAT),
    Row(
        "nothing propagates unasked", SETUP, f"{NO_PROPAGATION}\nroute_tables: {{table: {{routes: {{0.0.0.0/0: null}}}}}}", HTTPS,
        APP, "", f"{NO_ROUTE} table",
    ),
    Row("the answer finds no way without propagation", SETUP, NO_PROPAGATION, ASK, IN, f"{APP} nat/public nat public igw",
        "denied IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS igw"),
    Row("a route instead of propagation", SETUP, f"{NO_PROPAGATION}\n{STATIC_ROUTE}", HTTPS, OUT, IN),
    Row("a static route beats the propagated one", PRIORITY, "route_tables: {table: {routes: {192.168.0.0/16: nat}}}", HTTPS,
        f"{APP} nat/public nat public igw", "", "denied IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS igw"),
    Row("a longer propagated route beats a static one", PRIORITY, "route_tables: {table: {routes: {192.0.0.0/8: nat}}}", HTTPS,
        OUT, IN),
    Row("a longer static route beats a propagated one", PRIORITY, "route_tables: {table: {routes: {192.168.1.0/24: nat}}}",
        HTTPS, f"{APP} nat/public nat public igw", "", "denied IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS igw"),
    Row("local beats what is announced inside the VPC", PRIORITY,
        "on_premises: {office: {prefixes: [192.168.0.0/16, 10.0.0.0/25]}}",
        "app -> 10.0.0.5 icmp", f"{APP} nat/public nat", "", "denied VPCSIM_UNSOLICITED nat"),
    Row("local beats a longer prefix that is announced", PRIORITY,
        "on_premises: {office: {prefixes: [192.168.0.0/16, 10.0.9.0/24]}}", "app -> 10.0.9.9 443/tcp", APP, "",
        "no_route NO_POSSIBLE_DESTINATION table"),
    Row("announced beside the VPC", PRIORITY, "on_premises: {office: {prefixes: [192.168.0.0/16, 10.0.0.0/8]}}",
        "app -> 10.9.9.9 443/tcp", OUT, IN),
    Row("a VPN that is down propagates nothing", SETUP, f"{DOWN}\nroute_tables: {{table: {{routes: {{0.0.0.0/0: null}}}}}}",
        HTTPS, APP, "", f"{NO_ROUTE} table"),
    Row("a VPN that is down, and a route", ANALYZER, f"{DOWN}\n{STATIC_ROUTE}", HTTPS, f"{APP} vgw vpn", "",
        "denied BAD_STATE_VPN vpn"),
    Row("in over a VPN that is down", ANALYZER, DOWN, ASK, "office vpn", "", "denied BAD_STATE_VPN vpn"),
    Row("a route for what nobody announces", PRIORITY, "route_tables: {table: {routes: {192.0.2.0/24: vgw}}}",
        "app -> 192.0.2.9 443/tcp", f"{APP} vgw", "", f"{NO_ROUTE} vgw"),
    Row("static VPN before BGP", PRIORITY, second("static_routes: 192.168.0.0/16"), HTTPS, OUT.replace("vpn", "a-second"),
        IN.replace("vpn", "a-second")),
    Row("a longer prefix over BGP before static", PRIORITY,
        second("static_routes: 192.168.0.0/16", "{announces: 192.168.1.0/24}"), HTTPS, OUT, IN.replace("vpn", "a-second")),
    Row("the static VPN is down", PRIORITY, second("static_routes: 192.168.0.0/16, tunnels: DOWN"), HTTPS, OUT, IN),
    Row("one tunnel is enough", PRIORITY, second("static_routes: 192.168.0.0/16, tunnels: [DOWN, UP]"), HTTPS,
        OUT.replace("vpn", "a-second"), IN.replace("vpn", "a-second")),
    Row("Direct Connect before a static VPN", PRIORITY,
        "vpn_connections: {vpn: {static_routes: 192.168.0.0/16}}\nvirtual_interfaces: {vif: {vpn_gateway: vgw, network: office}}",
        HTTPS, f"{APP} vgw vif office", "office vif vgw app/net app"),
    Row("Direct Connect is down", PRIORITY,
        "virtual_interfaces: {vif: {vpn_gateway: vgw, network: office, state: down}}", HTTPS, OUT, IN),
    Row("a longer prefix over the VPN before Direct Connect", PRIORITY,
        "vpn_connections: {vpn: {announces: 192.168.1.0/24}}\nvirtual_interfaces: {vif: {vpn_gateway: vgw, network: office}}",
        HTTPS, OUT, "office vif vgw app/net app"),
    Row("not from a NAT gateway's interface onwards", NAT, "", "office -> 10.0.0.5 443/tcp", "office vpn vgw nat/public nat", "",
        "denied VPCSIM_UNSOLICITED nat"),
    Row("not on to the internet", ANALYZER, "on_premises: {office: {prefixes: [192.168.0.0/16]}}", "office -> 10.0.7.7 443/tcp",
        "office vpn vgw", "", INGRESS),
    Row("not on to a gateway endpoint", S3, "", "office -> 52.216.8.1 443/tcp", "office", "",
        "undecided VPCSIM_NOT_MODELLED office"),
    Row("a NAT gateway may send to it under its own address", NAT,
        "route_tables: {public-table: {routes: {192.168.0.0/16: vgw}}, table: {routes: {192.168.1.0/24: nat}}}", HTTPS,
        f"{APP} nat/public nat public vgw vpn office", "office vpn vgw nat/public nat public app/net app"),
    Row("sites with BGP reach each other", HUB, "", "office -> branch 443/tcp", "office vpn vgw branch-vpn branch",
        "branch branch-vpn vgw vpn office"),
    Row("sites with static routes do not", HUB, "vpn_connections: {branch-vpn: {static_routes: 172.16.0.0/16}}",
        "office -> branch 443/tcp", "office", "", f"{NO_ROUTE} office"),
    Row("without a VPC, in", ANALYZER, "vpn_gateways: {vgw: {vpc: [], propagates_to: null}}", ASK, "office", "",
        f"{NO_ROUTE} office"),
    Row("without a VPC, out", SETUP, f"vpn_gateways: {{vgw: {{vpc: [], propagates_to: null}}}}\n{STATIC_ROUTE}", HTTPS, APP, "",
        "null_routed BAD_STATE_ROUTE table"),
    Row("the groups apply", PRIORITY, "security_groups: {open: {ingress: tcp 443 from 192.168.2.0/24}}", ASK,
        "office vpn vgw app/net", "", "denied ENI_SG_RULES_MISMATCH open"),
    Row("the subnet's ACL applies", PRIORITY,
        "network_acls: {acl: {subnets: net, ingress: [100 allow tcp 443 from 172.16.0.0/12], egress: []}}", ASK,
        "office vpn vgw app/net", "", "denied SUBNET_ACL_RESTRICTION acl"),
    Row("the answer to every port of the client", PRIORITY,
        "network_acls: {acl: {subnets: net, ingress: [100 allow tcp 443 from 192.168.0.0/16],"
        " egress: [100 allow tcp 32768-60999 to 192.168.0.0/16]}}", ASK, IN, APP, "denied SUBNET_ACL_RESTRICTION acl"),
]  # fmt: skip

REFUSALS = [
    Refusal("a second one for a VPC", ERRORS, "vpn_gateways: {vgw-2: vpc}", "InvalidVpcState", "vgw-2"),
    Refusal("propagation without attachment", ERRORS, "vpn_gateways: {vgw: {vpc: []}}", "Gateway.NotAttached", "vgw"),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=names(ROWS))
def test_between_the_vpc_and_the_office(row: Row) -> None:
    check(BASE, row)


@pytest.mark.parametrize("row", REFUSALS, ids=names(REFUSALS))
def test_what_aws_refuses(row: Refusal) -> None:
    refused(BASE, row)


def test_one_vpc_at_a_time() -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AttachVpnGateway.html"""
    two = "vpcs: {a: 10.0.0.0/16, b: 10.1.0.0/16}\nvpn_gateways: {vgw: {vpc: [a, b]}}"
    refused(two, Refusal("two VPCs", ERRORS, "", "VpnGatewayAttachmentLimitExceeded", "vgw"))


def test_spoofed_packets_do_not_leave() -> None:
    """https://docs.aws.amazon.com/vpc/latest/reachability/explanation-codes.html (VGW_PRIVATE_IP_ASSOCIATION_FOR_EGRESS)"""
    from vpcsim.packet import Packet
    from vpcsim.prefixes import address

    net = network(BASE)
    packet = Packet(address("10.0.1.99"), address("192.168.1.5"), 6, (1024, 1024), (443, 443))
    steps = list(net.places["vgw"].receive(packet, "net", net))
    assert [str(step.code) for step in steps if step.code] == ["VGW_PRIVATE_IP_ASSOCIATION_FOR_EGRESS"]


def test_without_a_vpc_it_takes_nothing_in() -> None:
    """https://docs.aws.amazon.com/vpc/latest/reachability/explanation-codes.html (BAD_STATE_ATTACHMENT)"""
    from vpcsim.packet import Packet
    from vpcsim.prefixes import address

    net = changed(BASE, "vpn_gateways: {vgw: {vpc: [], propagates_to: null}}")
    packet = Packet(address("192.168.1.5"), address("10.0.1.10"), 6, (1024, 1024), (443, 443))
    steps = list(net.places["vgw"].receive(packet, "vpn", net))
    assert [str(step.code) for step in steps if step.code] == ["BAD_STATE_ATTACHMENT"]


def test_a_route_says_that_it_propagated() -> None:
    answer = changed(BASE, "").trace("app", "192.168.1.5")
    assert answer.trip is not None
    assert "table: 192.168.0.0/16 -> vgw (propagated)" in [step.sentence for step in answer.trip.there.steps]


EDGE = """
subnets: {inspection: 10.0.5.0/24}
instances: {firewall: {subnet: inspection, ip: 10.0.5.10, security_groups: open, source_dest_check: false, forwards: pass}}
route_tables:
  edge: {gateway: vgw, routes: {10.0.1.0/24: firewall}}
  inspection-table: {subnets: inspection}
  table: {routes: {192.168.0.0/16: firewall}}
vpn_gateways: {vgw: {propagates_to: [table, inspection-table]}}
"""
WALL = """
subnets: {guard: 10.0.6.0/24}
endpoint_services: {inspection: {inspection: pass, acceptance_required: false}}
endpoints: {wall: {vpc: vpc, type: GatewayLoadBalancer, service: inspection, subnets: guard}}
route_tables:
  edge: {gateway: vgw, routes: {10.0.1.0/24: wall}}
  guard-table: {subnets: guard}
  table: {routes: {192.168.0.0/16: wall}}
vpn_gateways: {vgw: {propagates_to: [table, guard-table]}}
"""
FIREWALL = "firewall/inspection firewall firewall/inspection inspection"
TABLE = f"{VPC}gateway-route-tables.html"
EDGE_ROWS = [
    Row("by the appliance of its own route table", TABLE, EDGE, ASK, f"office vpn vgw {FIREWALL} app/net app",
        f"{APP} {FIREWALL} vgw vpn office"),
    Row("by the endpoint of its own route table", TABLE, WALL, ASK, "office vpn vgw wall/guard wall guard app/net app",
        f"{APP} wall/guard wall guard vgw vpn office"),
    Row("local in its own route table", TABLE, "route_tables: {edge: {gateway: vgw}}", ASK, IN, OUT),
    Row("to a subnet that its own route table leaves alone", TABLE, EDGE, "office -> 10.0.0.5 443/tcp",
        "office vpn vgw nat/public nat", "", "denied VPCSIM_UNSOLICITED nat"),
    Row("the appliance drops it", TABLE, EDGE.replace("pass", "drop"), ASK,
        "office vpn vgw firewall/inspection firewall", "", "denied VPCSIM_APPLIANCE firewall"),
]  # fmt: skip


@pytest.mark.parametrize("row", EDGE_ROWS, ids=names(EDGE_ROWS))
def test_a_route_table_of_its_own(row: Row) -> None:
    check(BASE, row)


def test_a_route_table_of_its_own_takes_no_propagation() -> None:
    """https://docs.aws.amazon.com/vpc/latest/userguide/gateway-route-tables.html"""
    both = "route_tables: {edge: {gateway: vgw}}\nvpn_gateways: {vgw: {propagates_to: [table, edge]}}"
    refused(BASE, Refusal("propagation", TABLE, both, "InvalidParameterValue", "edge"))
