"""What holds of every network holds between VPCs too: gateways, firewalls, load balancers and appliances on the way."""

from __future__ import annotations

import random
import re
from functools import lru_cache
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import ask, changed, end_of
from test_properties import fate, renamed, shuffled

from vpcsim import Network
from vpcsim.tracing import reaches

FEW = settings(max_examples=8, deadline=None)

BASE = """
vpcs: {id-hub: 10.0.0.0/16, id-spoke: 10.1.0.0/16, id-peer: 10.2.0.0/16}
subnets:
  id-public: {vpc: id-hub, cidr: 10.0.0.0/24, az: us-east-1a}
  id-walls: {vpc: id-hub, cidr: 10.0.1.0/24, az: us-east-1a}
  id-apps: {vpc: id-hub, cidr: 10.0.2.0/24, az: us-east-1a}
  id-balancers: {vpc: id-hub, cidr: 10.0.3.0/24, az: us-east-1a}
  id-joint: {vpc: id-hub, cidr: 10.0.9.0/28, az: us-east-1a}
  id-far: {vpc: id-spoke, cidr: 10.1.0.0/24, az: us-east-1a}
  id-data: {vpc: id-peer, cidr: 10.2.0.0/24, az: us-east-1a}
  id-guarded: {vpc: id-peer, cidr: 10.2.1.0/24, az: us-east-1a}
  id-doors: {vpc: id-peer, cidr: 10.2.2.0/24, az: us-east-1a}
internet_gateways: {id-igw: id-hub}
elastic_ips: {id-nat-ip: {ip: 198.51.100.5}}
nat_gateways: {id-nat: {subnet: id-public, ip: 10.0.0.5, elastic_ip: id-nat-ip}}
vpc_peering_connections: {id-pcx: {requester: id-hub, accepter: id-peer}}
transit_gateways: {id-tgw: {}}
transit_gateway_attachments:
  id-att-hub: {transit_gateway: id-tgw, vpc: id-hub, subnets: id-joint}
  id-att-spoke: {transit_gateway: id-tgw, vpc: id-spoke, subnets: id-far}
on_premises: {id-office: {prefixes: 192.168.0.0/16, ip: 192.168.1.5}}
customer_gateways: {id-router: {network: id-office, ip: 198.51.100.1}}
vpn_gateways: {id-vgw: {vpc: id-spoke, propagates_to: id-far-table}}
vpn_connections: {id-vpn: {vpn_gateway: id-vgw, customer_gateway: id-router, static_routes: 192.168.0.0/16}}
firewall_rule_groups: {id-rules: {stateful: [pass tcp any any -> any 443, drop udp any any -> any 53]}}
firewall_policies: {id-policy: {stateful: [id-rules]}}
network_firewalls: {id-wall: {vpc: id-hub, policy: id-policy, subnets: [id-walls]}}
endpoint_services: {id-inspection: {acceptance_required: false, inspection: pass}}
endpoints: {id-door: {vpc: id-peer, type: GatewayLoadBalancer, service: id-inspection, subnets: id-doors}}
route_tables:
  id-public-table:
    {vpc: id-hub, subnets: [id-public], routes: {0.0.0.0/0: id-igw, 10.0.2.0/24: id-wall/id-walls, 10.1.0.0/16: id-tgw}}
  id-wall-table: {vpc: id-hub, subnets: [id-walls], routes: {0.0.0.0/0: id-nat}}
  id-app-table: {vpc: id-hub, subnets: [id-apps], routes: {0.0.0.0/0: id-wall/id-walls, 10.1.0.0/16: id-tgw, 10.2.0.0/16: id-pcx}}
  id-joint-table: {vpc: id-hub, subnets: [id-joint], routes: {0.0.0.0/0: id-nat}}
  id-far-table: {vpc: id-spoke, subnets: [id-far], routes: {0.0.0.0/0: id-tgw}}
  id-data-table: {vpc: id-peer, subnets: [id-data], routes: {10.0.0.0/16: id-pcx, 10.2.1.0/24: id-door}}
  id-guarded-table: {vpc: id-peer, subnets: [id-guarded], routes: {10.2.0.0/24: id-door}}
  id-door-table: {vpc: id-peer, subnets: [id-doors]}
security_groups:
  id-app-sg: {vpc: id-hub, ingress: [tcp 443 from 10.0.0.0/8], egress: [all to 0.0.0.0/0]}
  id-nlb-sg: {vpc: id-hub, ingress: [tcp 443 from 10.0.0.0/8], egress: [all to 0.0.0.0/0]}
  id-far-sg: {vpc: id-spoke, ingress: [tcp 443 from 192.168.0.0/16], egress: [all to 0.0.0.0/0]}
  id-data-sg: {vpc: id-peer, ingress: [tcp 443 from id-app-sg, tcp 443 from 10.2.0.0/16], egress: [all to 0.0.0.0/0]}
network_acls:
  id-app-acl: {vpc: id-hub, subnets: [id-apps], ingress: [100 allow all from 0.0.0.0/0], egress: [100 allow all to 0.0.0.0/0]}
  id-far-acl: {vpc: id-spoke, subnets: [id-far], ingress: [100 allow all from 0.0.0.0/0], egress: [100 allow all to 0.0.0.0/0]}
  id-data-acl: {vpc: id-peer, subnets: [id-data], ingress: [100 allow all from 0.0.0.0/0], egress: [100 allow all to 0.0.0.0/0]}
load_balancers:
  id-nlb: {type: network, scheme: internal, subnets: id-balancers, security_groups: id-nlb-sg, listeners: {443: id-webs}}
classic_load_balancers:
  id-elb: {scheme: internal, subnets: id-balancers, security_groups: id-nlb-sg, listeners: {443: 443}, instances: id-app}
target_groups: {id-webs: {vpc: id-hub, protocol: TCP, port: 443, targets: id-more}}
instances:
  id-app: {subnet: id-apps, ip: 10.0.2.10, security_groups: [id-app-sg]}
  id-more: {subnet: id-apps, ip: 10.0.2.11, security_groups: [id-app-sg]}
  id-remote: {subnet: id-far, ip: 10.1.0.10, security_groups: [id-far-sg]}
  id-store: {subnet: id-data, ip: 10.2.0.10, security_groups: [id-data-sg]}
  id-vault: {subnet: id-guarded, ip: 10.2.1.10, security_groups: [id-data-sg]}
"""
GROUPS = st.sampled_from(["id-app-sg", "id-nlb-sg", "id-far-sg", "id-data-sg"])
ACLS = st.sampled_from(["id-app-acl", "id-far-acl", "id-data-acl"])
BLOCKS = st.sampled_from(
    ["0.0.0.0/0", "10.0.0.0/8", "10.0.0.0/16", "10.1.0.0/16", "10.2.0.0/24", "192.168.0.0/16", "192.0.2.0/24"]
)
SERVICES = st.sampled_from(["all", "tcp", "tcp 443", "tcp 1024-65535", "udp", "icmp"])
WAYS = st.sampled_from([("ingress", "from"), ("egress", "to")])
FIREWALL = st.sampled_from(
    ["pass tcp any any -> any 5432", "pass udp any any -> any 53", "drop tcp any any -> any 443", "drop ip any any -> any any"]
)
FLOWS = [
    f"{source} -> {to} {service}"
    for source, tos in {
        "id-app": ["id-more", "id-remote", "id-store", "id-vault", "192.0.2.9", "id-nlb", "id-elb", "192.168.1.5"],
        "id-remote": ["id-app", "id-nlb", "192.0.2.9", "192.168.1.5", "id-store"],
        "id-store": ["id-app", "id-vault", "192.0.2.9"],
        "id-vault": ["id-store", "id-app"],
        "192.168.1.5": ["id-remote", "id-app"],
        "internet": ["id-nlb", "198.51.100.5"],
    }.items()
    for to in tos
    for service in ("443/tcp", "53/udp", "icmp")
]


@st.composite
def changes(draw: st.DrawFn, action: str = "allow|deny") -> dict[str, Any]:
    """The base network with more rules, entries before and behind the base's 100, and rules of the firewall."""
    model: dict[str, Any] = yaml.safe_load(BASE)
    for _ in range(draw(st.integers(0, 3))):
        way, word = draw(WAYS)
        model["security_groups"][draw(GROUPS)][way].append(f"{draw(SERVICES)} {word} {draw(BLOCKS)}")
    for number in draw(st.lists(st.integers(1, 99), max_size=3, unique=True)):
        way, word = draw(WAYS)
        entry = f"{number} {draw(st.sampled_from(action.split('|')))} {draw(SERVICES)} {word} {draw(BLOCKS)}"
        model["network_acls"][draw(ACLS)][way].append(entry)
    model["firewall_rule_groups"]["id-rules"]["stateful"] += draw(st.lists(FIREWALL, max_size=1))
    return model


def compiled(model: dict[str, Any]) -> Network:
    return changed(yaml.safe_dump(model, sort_keys=False), "")


def open_flows(net: Network) -> set[str]:
    return {flow for flow in FLOWS if ask(net, flow).reachable}


@lru_cache(maxsize=1)
def base_flows() -> frozenset[str]:
    return frozenset(open_flows(changed(BASE, "")))


def test_the_base_network_uses_every_gateway() -> None:
    open_, net = base_flows(), changed(BASE, "")
    assert 8 < len(open_) < len(FLOWS) - 8
    ways = {hop.at for flow in open_ for trip in ask(net, flow).trips for hop in trip.there.hops}
    assert {"id-nat", "id-pcx", "id-tgw", "id-vgw", "id-wall/id-walls", "id-door", "id-nlb", "id-elb", "id-igw"} <= ways


@FEW
@given(changes())
def test_there_and_back_restores_the_addresses_and_every_way_of_asking_agrees(model: dict[str, Any]) -> None:
    net = compiled(model)
    for flow in FLOWS:
        answer = ask(net, flow)
        assert ask(net, flow, every=True).verdict == answer.verdict, flow
        for trip in answer.trips:
            assert reaches(net, trip.flow) is (trip.verdict == "reachable") or len(answer.trips) > 1, flow
            if trip.verdict == "reachable":
                assert trip.back is not None
                assert trip.back.at == trip.flow.source, flow
                assert trip.back.arrived == trip.there.packet.reversed(), flow


@FEW
@given(changes(), GROUPS, WAYS, SERVICES, BLOCKS)
def test_one_more_allow_closes_nothing(model: dict[str, Any], group: str, way: tuple[str, str], service: str, block: str) -> None:
    before = open_flows(compiled(model))
    model["security_groups"][group][way[0]].append(f"{service} {way[1]} {block}")
    assert before <= open_flows(compiled(model))


@FEW
@given(changes(), ACLS, WAYS, SERVICES, BLOCKS)
def test_one_more_deny_opens_nothing(model: dict[str, Any], acl: str, way: tuple[str, str], service: str, block: str) -> None:
    before = open_flows(compiled(model))
    taken = {int(entry.split()[0]) for entry in model["network_acls"][acl][way[0]]}
    free = next(number for number in range(1, 100) if number not in taken)
    model["network_acls"][acl][way[0]].append(f"{free} deny {service} {way[1]} {block}")
    assert open_flows(compiled(model)) <= before


@FEW
@given(changes(), st.sampled_from(["drop tcp any any -> any 443", "drop ip any any -> any any"]))
def test_one_more_drop_of_a_firewall_opens_nothing(model: dict[str, Any], rule: str) -> None:
    before = open_flows(compiled(model))
    model["firewall_rule_groups"]["id-rules"]["stateful"].append(rule)
    assert open_flows(compiled(model)) <= before


@FEW
@given(changes(), st.randoms(use_true_random=False))
def test_other_names_and_another_order_change_no_verdict(model: dict[str, Any], dice: random.Random) -> None:
    text = yaml.safe_dump(model, sort_keys=False)
    ids = sorted(set(re.findall(r"\bid-[a-z0-9-]*[a-z0-9]", text)))
    names = {id: f"n{number}" for id, number in zip(ids, dice.sample(range(1000), len(ids)), strict=True)}
    one, other, shaken = changed(text, ""), changed(renamed(text, names), ""), compiled(shuffled(model, dice))
    for flow in FLOWS:
        before, after, moved = ask(one, flow), ask(other, renamed(flow, names)), ask(shaken, flow)
        assert tuple(renamed(line, names) for line in fate(before)) == fate(after), flow
        assert renamed(end_of(before), names) == end_of(after), flow
        assert (fate(before), end_of(before)) == (fate(moved), end_of(moved)), flow
