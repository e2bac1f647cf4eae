"""What holds of every network: ways back, more rules, other names, another order; and the tables against plain scans."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import ask, changed, end_of, merged, told, way

from vpcsim import Network, Reachability
from vpcsim.prefixes import ANY_PORT, Clause, Prefix, PrefixTable, RuleTable, address
from vpcsim.tracing import reaches

FEW = settings(max_examples=12, deadline=None)
MANY = settings(max_examples=80, deadline=None)

BASE = """
vpcs: {id-vpc: {cidr: 10.0.0.0/16, dns_support: true, dns_hostnames: true}}
subnets:
  id-public: {cidr: 10.0.0.0/24, az: us-east-1a}
  id-private: {cidr: 10.0.1.0/24, az: us-east-1a}
  id-deep: {cidr: 10.0.2.0/24, az: us-east-1b}
internet_gateways: {id-igw: id-vpc}
elastic_ips: {id-nat-ip: {ip: 198.51.100.5}, id-web-ip: {instance: id-web, ip: 198.51.100.10}}
nat_gateways: {id-nat: {subnet: id-public, ip: 10.0.0.5, elastic_ip: id-nat-ip}}
route_tables:
  id-public-table: {subnets: [id-public], routes: {0.0.0.0/0: id-igw}}
  id-private-table: {subnets: [id-private], routes: {0.0.0.0/0: id-nat, 10.0.2.0/24: id-nat}}
security_groups:
  id-web-sg: {ingress: [tcp 443 from 0.0.0.0/0], egress: [all to 0.0.0.0/0]}
  id-app-sg: {ingress: [tcp 1-65535 from id-web-sg], egress: [all to 0.0.0.0/0]}
  id-db-sg: {ingress: [tcp 5432 from id-app-sg, tcp 5432 from 10.0.0.5/32], egress: [all to 0.0.0.0/0]}
network_acls:
  id-public-acl: {subnets: [id-public], ingress: [100 allow all from 0.0.0.0/0], egress: [100 allow all to 0.0.0.0/0]}
  id-deep-acl: {subnets: [id-deep], ingress: [100 allow all from 10.0.0.0/16], egress: [100 allow tcp 1024-65535 to 10.0.0.0/16]}
endpoints:
  id-s3: {service: s3, route_tables: [id-private-table]}
  id-sqs: {service: sqs, subnets: [id-deep], security_groups: [id-web-sg], private_dns: true}
instances:
  id-web: {subnet: id-public, ip: 10.0.0.10, security_groups: [id-web-sg]}
  id-app: {subnet: id-private, ip: 10.0.1.10, security_groups: [id-app-sg]}
  id-db: {subnet: id-deep, ip: 10.0.2.10, security_groups: [id-db-sg]}
"""
ENDS = ["id-web", "id-app", "id-db"]
FLOWS = [
    f"{source} -> {to} {service}"
    for source, tos in {
        "id-web": ["id-app", "id-db", "192.0.2.9", "198.51.100.5", "198.51.100.10", "id-sqs", "10.0.0.2"],
        "id-app": ["id-web", "id-db", "192.0.2.9", "52.216.8.1", "198.51.100.10", "id-sqs", "10.0.0.5"],
        "id-db": ["id-web", "id-app", "192.0.2.9", "id-sqs"],
        "internet": ["id-web", "id-app", "198.51.100.5"],
    }.items()
    for to in tos
    for service in ("443/tcp", "5432/tcp", "53/udp", "icmp")
]

BLOCKS = st.sampled_from(
    ["0.0.0.0/0", "10.0.0.0/16", "10.0.0.0/24", "10.0.1.0/24", "10.0.2.10/32", "192.0.2.0/24", "52.216.0.0/15"]
)
SERVICES = st.sampled_from(
    [
        "all",
        "tcp",
        "tcp 443",
        "tcp 5432",
        "tcp 400-6000",
        "tcp 32768-65535",
        "tcp 1024-65535",
        "udp",
        "udp 53",
        "icmp",
        "icmp 8",
        "icmp 0/0",
    ]
)
PEERS = BLOCKS | st.sampled_from(["id-web-sg", "id-app-sg", "id-db-sg"])
GROUPS, ACLS = st.sampled_from(["id-web-sg", "id-app-sg", "id-db-sg"]), st.sampled_from(["id-public-acl", "id-deep-acl"])
WAYS = st.sampled_from([("ingress", "from"), ("egress", "to")])


@st.composite
def group_rules(draw: st.DrawFn) -> tuple[str, str, str]:
    """A group, a direction, and one more rule for it."""
    way, word = draw(WAYS)
    return draw(GROUPS), way, f"{draw(SERVICES)} {word} {draw(PEERS)}"


@st.composite
def entries(draw: st.DrawFn, action: str = "allow|deny") -> tuple[str, str, str]:
    """An ACL, a direction, and one more entry for it. The number is added when it is entered."""
    way, word = draw(WAYS)
    return draw(ACLS), way, f"{draw(st.sampled_from(action.split('|')))} {draw(SERVICES)} {word} {draw(BLOCKS)}"


Rules, Entries = list[tuple[str, str, str]], list[tuple[int, tuple[str, str, str]]]
RULES = st.lists(group_rules(), max_size=4)
NUMBERED = st.lists(st.tuples(st.integers(1, 99), entries()), max_size=4, unique_by=lambda item: item[0])


def document(rules: Rules, numbered: Entries) -> dict[str, Any]:
    """The base network with rules and entries added, the first numbers before the base's 100."""
    model = yaml.safe_load(BASE)
    for group, way_, rule in rules:
        model["security_groups"][group][way_].append(rule)
    for number, (acl, way_, entry) in numbered:
        model["network_acls"][acl][way_].append(f"{number} {entry}")
    return model


def compiled(model: Mapping[str, Any]) -> Network:
    return changed(yaml.safe_dump(model, sort_keys=False), "")


def open_flows(net: Network) -> set[str]:
    return {flow for flow in FLOWS if ask(net, flow).reachable}


@lru_cache(maxsize=1)
def base_flows() -> frozenset[str]:
    return frozenset(open_flows(compiled(document([], []))))


def test_the_base_network_has_open_and_closed_flows() -> None:
    assert 10 < len(base_flows()) < len(FLOWS) - 10


@FEW
@given(RULES, NUMBERED)
def test_there_and_back_restores_the_addresses(rules: Rules, numbered: Entries) -> None:
    net = compiled(document(rules, numbered))
    for flow in FLOWS:
        answer = ask(net, flow)
        for trip in answer.trips:
            if trip.verdict != "reachable":
                continue
            assert trip.back is not None
            assert trip.back.at == trip.flow.source
            assert trip.back.arrived == trip.there.packet.reversed()
            assert trip.back.packet == trip.there.arrived.reversed()


@FEW
@given(RULES, NUMBERED)
def test_every_way_of_asking_agrees(rules: Rules, numbered: Entries) -> None:
    net = compiled(document(rules, numbered))
    for flow in FLOWS:
        answer, thorough = ask(net, flow), ask(net, flow, every=True)
        assert thorough.verdict == answer.verdict, flow
        assert [reaches(net, trip.flow) for trip in answer.trips] == [trip.verdict == "reachable" for trip in answer.trips], flow
        assert told(ask(net, flow)) == told(answer)
        if not answer.reachable:
            assert answer.trip is not None
            assert thorough.trip is not None
            assert thorough.trip.blockers[0][:3] == answer.trip.end[:3], flow


@FEW
@given(RULES, NUMBERED, group_rules())
def test_one_more_allow_rule_of_a_group_closes_nothing(rules: Rules, numbered: Entries, more: tuple[str, str, str]) -> None:
    assert open_flows(compiled(document(rules, numbered))) <= open_flows(compiled(document([*rules, more], numbered)))


@FEW
@given(RULES, NUMBERED, st.integers(101, 199), entries("allow"))
def test_one_more_allow_entry_of_an_acl_closes_nothing(
    rules: Rules, numbered: Entries, number: int, more: tuple[str, str, str]
) -> None:
    before = open_flows(compiled(document(rules, numbered)))
    assert before <= open_flows(compiled(document(rules, [*numbered, (number, more)])))


@FEW
@given(RULES, NUMBERED, st.integers(101, 199) | st.just(0), entries("deny"))
def test_one_more_deny_entry_of_an_acl_opens_nothing(
    rules: Rules, numbered: Entries, number: int, more: tuple[str, str, str]
) -> None:
    free = number or next(n for n in range(1, 100) if n not in {taken for taken, _ in numbered})
    before = open_flows(compiled(document(rules, numbered)))
    assert open_flows(compiled(document(rules, [*numbered, (free, more)]))) <= before


def renamed(text: str, names: Mapping[str, str]) -> str:
    return re.sub(r"\bid-[a-z0-9-]*[a-z0-9]", lambda match: names[match[0]], text)


def fate(answer: Reachability) -> tuple[str, ...]:
    return tuple(f"{trip.verdict}: {way(trip.there)}: {way(trip.back)}" for trip in answer.trips)


@FEW
@given(RULES, NUMBERED, st.randoms(use_true_random=False))
def test_other_names_change_no_verdict(rules: Rules, numbered: Entries, dice: random.Random) -> None:
    text = yaml.safe_dump(document(rules, numbered), sort_keys=False)
    ids = sorted(set(re.findall(r"\bid-[a-z0-9-]*[a-z0-9]", text)))
    numbers = dice.sample(range(1000), len(ids))
    names = {id: f"n{number}" for id, number in zip(ids, numbers, strict=True)}
    one, other = changed(text, ""), changed(renamed(text, names), "")
    for flow in FLOWS:
        before, after = ask(one, flow), ask(other, renamed(flow, names))
        assert tuple(renamed(line, names) for line in fate(before)) == fate(after), flow
        assert renamed(end_of(before), names) == end_of(after), flow


def shuffled(value: Any, dice: random.Random) -> Any:
    """The same, with every mapping and every list in another order."""
    if isinstance(value, dict):
        return {key: shuffled(value[key], dice) for key in dice.sample(list(value), len(value))}
    if isinstance(value, list):
        return [shuffled(item, dice) for item in dice.sample(value, len(value))]
    return value


@FEW
@given(RULES, NUMBERED, st.randoms(use_true_random=False))
def test_another_order_changes_no_verdict(rules: Rules, numbered: Entries, dice: random.Random) -> None:
    model = document(rules, numbered)
    one, other = compiled(model), compiled(shuffled(model, dice))
    assert one.topology.resources.keys() == other.topology.resources.keys()
    for flow in FLOWS:
        before, after = ask(one, flow), ask(other, flow)
        assert (fate(before), end_of(before)) == (fate(after), end_of(after)), flow


@settings(max_examples=8, deadline=None)
@given(RULES, NUMBERED, group_rules())
def test_a_changed_network_is_the_network_written_that_way(rules: Rules, numbered: Entries, more: tuple[str, str, str]) -> None:
    group, way_, _ = more
    model = document([*rules, more], numbered)
    section = {"security_groups": {group: {way_: model["security_groups"][group][way_]}}}
    one, other = compiled(model), compiled(document(rules, numbered)).with_changes(section)
    assert one.topology == other.topology
    assert open_flows(one) == open_flows(other)


ADDRESSES = st.integers(0, 2**32 - 1).map(lambda n: str(ip_address(n))) | st.integers(0, 2**128 - 1).map(
    lambda n: str(ip_address(n | 1 << 127))
)
NEAR = st.sampled_from(
    [
        "0.0.0.0",
        "10.0.0.0",
        "10.0.0.1",
        "10.0.0.127",
        "10.0.0.128",
        "10.0.1.0",
        "10.255.255.255",
        "255.255.255.255",
        "::",
        "2001:db8::",
        "2001:db8::ff",
    ]
)
SPOTS = NEAR | ADDRESSES


@st.composite
def blocks(draw: st.DrawFn) -> str:
    text = draw(SPOTS)
    longest = 128 if ":" in text else 32
    return str(ip_network(f"{text}/{draw(st.integers(0, longest))}", strict=False))


def holds(block: str, text: str) -> bool:
    return ip_address(text) in ip_network(block)


@MANY
@given(st.lists(blocks(), max_size=12), SPOTS, st.integers(-1, 1))
def test_the_prefix_table_agrees_with_a_plain_scan(listed: list[str], spot: str, step: int) -> None:
    table = PrefixTable((Prefix.parse(block), place) for place, block in enumerate(listed))
    number = int(ip_address(spot)) + step
    targets = [spot] if not 0 <= number < 2 ** ip_address(spot).max_prefixlen else [spot, str(type(ip_address(spot))(number))]
    for target in targets:
        fitting = [(-ip_network(block).prefixlen, place) for place, block in enumerate(listed) if holds(block, target)]
        assert table.lookup(address(target)) == (min(fitting)[1] if fitting else None)


PORTS = st.integers(0, 12) | st.integers(65530, 65535)
RANGES = st.tuples(PORTS, PORTS).map(lambda pair: (min(pair), max(pair))) | st.just(ANY_PORT)
NARROW = st.tuples(st.integers(0, 14), st.integers(0, 6)).map(lambda pair: (pair[0], pair[0] + pair[1])) | st.tuples(
    st.integers(65525, 65535), st.just(65535)
)
CLAUSES = st.lists(st.tuples(st.lists(blocks(), min_size=1, max_size=3), RANGES), max_size=8)


@MANY
@given(CLAUSES, SPOTS, NARROW)
def test_the_rule_table_agrees_with_a_plain_scan(
    clauses: list[tuple[list[str], tuple[int, int]]], spot: str, ports: tuple[int, int]
) -> None:
    names = [f"rule {n}" for n in range(len(clauses))]
    table = RuleTable(
        [Clause(tuple(map(Prefix.parse, listed)), range_, name) for (listed, range_), name in zip(clauses, names, strict=True)]
    )
    deciding: list[str | None] = []
    for port in range(ports[0], ports[1] + 1):
        matching = (
            name
            for (listed, (first, last)), name in zip(clauses, names, strict=True)
            if first <= port <= last and any(holds(block, spot) for block in listed)
        )
        deciding.append(next(matching, None))
    assert table.match(address(spot), ports) == tuple(dict.fromkeys(deciding))


@MANY
@given(blocks(), blocks())
def test_blocks_agree_with_ipaddress(one: str, other: str) -> None:
    a, b = Prefix.parse(one), Prefix.parse(other)
    first, second = ip_network(one), ip_network(other)
    same = first.version == second.version
    assert str(a) == one
    assert a.size == first.num_addresses
    assert a.overlaps(b) == (same and first.overlaps(second))
    assert a.covers(b) == (same and second.subnet_of(first))


def test_merging_changes_is_what_the_tables_think_it_is() -> None:
    assert merged({"a": {"b": 1, "c": 2}, "d": 3}, {"a": {"b": None, "e": [4]}, "d": {"f": 5}}) == {
        "a": {"c": 2, "e": [4]},
        "d": {"f": 5},
    }
