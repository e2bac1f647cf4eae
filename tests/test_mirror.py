"""A network and its image in IPv6 agree, as long as nothing translates: one table, one filter, one code for both families."""

from __future__ import annotations

import re
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from networks import ask, changed

from vpcsim import Network

PLACES = {
    "web": ("a", 0, 10),
    "app": ("a", 1, 10),
    "fw": ("a", 2, 10),
    "db": ("b", 0, 10),
    "log": ("b", 1, 10),
    "far": ("c", 0, 10),
}
"""By instance: its VPC, its subnet and the last part of its address; `a` is 10.0.0.0/16, `b` 10.1.0.0/16 and `c` 10.2.0.0/16."""
NUMBER = {"a": 0, "b": 1, "c": 2}
ENDS = {"a8": ("a", 8), "a9": ("a", 9), "c9": ("c", 9)}
"""Subnets with both families in the image: one of a firewall, two of the transit gateway's attachments."""
LENGTHS = {"0": "0", "16": "56", "24": "64", "32": "128"}
OUTSIDE = "192.0.2.9"
_ADDRESS = re.compile(r"\b(\d+)\.(\d+)\.(\d+)\.(\d+)(?:/(\d+))?")

BLOCKS = st.sampled_from(
    ["0.0.0.0/0", "10.0.0.0/16", "10.1.0.0/16", "10.0.1.0/24", "10.0.0.10/32", "10.1.0.10/32", f"{OUTSIDE}/32"]
)
SERVICES = st.sampled_from(["all", "tcp 443", "tcp 1024-65535", "tcp", "udp 53", "icmp 8", "icmp 0", "icmp"])
PEERS = BLOCKS | st.sampled_from(["a-sg", "b-sg"])
ROUTES_OF_A = st.dictionaries(
    st.sampled_from(["0.0.0.0/0", "10.1.0.0/16", "10.1.0.0/24", "10.1.0.10/32", "10.2.0.0/16", "10.2.0.10/32", f"{OUTSIDE}/32"]),
    st.sampled_from(["igw", "ab", "fw-eni", "tgw", "wall/a8"]),
)
ROUTES_OF_C = st.dictionaries(st.sampled_from(["0.0.0.0/0", "10.0.1.0/24", "10.1.0.0/16"]), st.just("tgw"))
FIREWALL = st.lists(
    st.builds(
        lambda action, protocol, block, port: f"{action} {protocol} {block} any -> any {port}",
        st.sampled_from(["pass", "drop"]),
        st.sampled_from(["tcp", "udp"]),
        st.sampled_from(["10.0.0.0/24", "10.0.1.10/32", "10.2.0.0/16", f"{OUTSIDE}/32"]),
        st.sampled_from(["443", "53"]),
    ),
    min_size=1,
    max_size=3,
    unique=True,
)
ROUTES_OF_B = st.dictionaries(st.sampled_from(["0.0.0.0/0", "10.0.0.0/16", "10.0.1.0/24"]), st.just("ab"))
EDGE = st.dictionaries(st.sampled_from(["10.0.0.0/24", "10.0.1.0/24", "10.0.0.0/16"]), st.sampled_from(["fw-eni", "local"]))


def rules(word: str) -> st.SearchStrategy[list[str]]:
    return st.lists(st.builds(lambda service, peer: f"{service} {word} {peer}", SERVICES, PEERS), max_size=3)


def entries(word: str) -> st.SearchStrategy[list[str]]:
    lines = st.builds(
        lambda action, service, block: f"{action} {service} {word} {block}", st.sampled_from(["allow", "deny"]), SERVICES, BLOCKS
    )
    return st.lists(lines, max_size=3).map(
        lambda made: [f"{number} {line}" for number, line in enumerate([*made, f"allow all {word} 0.0.0.0/0"], 1)]
    )


@st.composite
def networks(draw: st.DrawFn) -> dict[str, Any]:
    """What is said with addresses in it: routes, groups and ACLs."""
    groups = {
        g: {
            "vpc": g[0],
            "ingress": draw(rules("from")) + draw(st.sampled_from([[], ["all from 0.0.0.0/0"]])),
            "egress": [*draw(rules("to")), "all to 0.0.0.0/0"],
        }
        for g in ("a-sg", "b-sg", "c-sg")
    }
    tables = {
        "a-table": {
            "vpc": "a",
            "subnets": ["a0", "a1"],
            "routes": {"0.0.0.0/0": "igw", "10.1.0.0/16": "ab", "10.2.0.0/16": "tgw", **draw(ROUTES_OF_A)},
        },
        "fw-table": {
            "vpc": "a",
            "subnets": ["a2", "a8"],
            "routes": {"0.0.0.0/0": "igw", "10.1.0.0/16": "ab", "10.2.0.0/16": "tgw"},
        },
        "c-table": {"vpc": "c", "subnets": ["c0"], "routes": {"10.0.0.0/16": "tgw", **draw(ROUTES_OF_C)}},
        "edge": {"vpc": "a", "gateway": "igw", "routes": draw(EDGE)},
        "b-table": {"vpc": "b", "subnets": ["b0", "b1"], "routes": {"10.0.0.0/16": "ab", **draw(ROUTES_OF_B)}},
    }
    acl = {"vpc": "a", "subnets": ["a1"], "ingress": draw(entries("from")), "egress": draw(entries("to"))}
    firewall = {"rules": {"stateful": draw(FIREWALL)}}
    return {"security_groups": groups, "route_tables": tables, "network_acls": {"acl": acl}, "firewall_rule_groups": firewall}


def mirrored(text: str) -> str:
    """The text with every IPv4 address and block, and every type of ICMP, replaced by its image."""

    def image(match: re.Match[str]) -> str:
        first, vpc, subnet, host, length = match.groups()
        known = f"2001:db8:{vpc}:{subnet}::{host}" if first == "10" else "2001:4860::9" if first == "192" else "::"
        return f"{known}/{LENGTHS[length]}" if length else known

    return _ADDRESS.sub(image, text.replace("icmp 8", "icmpv6 128").replace("icmp 0", "icmpv6 129").replace("icmp ", "icmpv6 "))


def compiled(said: dict[str, Any], six: bool) -> Network:
    document = yaml.safe_load(mirrored(yaml.safe_dump(said))) if six else said
    return changed(yaml.safe_dump({**document, **_places(six)}, sort_keys=False), "")


def _places(six: bool) -> dict[str, Any]:
    subnets: dict[str, Any] = {}
    interfaces: dict[str, Any] = {}
    for name, (vpc, number, host) in PLACES.items():
        block, own = f"10.{NUMBER[vpc]}.{number}.0/24", f"10.{NUMBER[vpc]}.{number}.{host}"
        where = {"ipv6_cidr": mirrored(block), "ipv6_native": True} if six else {"cidr": block}
        subnets[f"{vpc}{number}"] = {"vpc": vpc, **where}
        held = {"Ipv6Addresses": [{"Ipv6Address": mirrored(own)}]} if six else {"ip": own}
        interfaces[f"{name}-eni"] = {"subnet": f"{vpc}{number}", "security_groups": f"{vpc}-sg", **held}
    for name, (vpc, number) in ENDS.items():
        block = f"10.{NUMBER[vpc]}.{number}.0/24"
        subnets[name] = {"vpc": vpc, "cidr": block, **({"ipv6_cidr": mirrored(block)} if six else {})}
    launched: dict[str, Any] = {name: {"NetworkInterfaces": [{"NetworkInterfaceId": f"{name}-eni"}]} for name in PLACES}
    launched["fw"] |= {"source_dest_check": False, "forwards": "pass"}
    blocks = {vpc: f"10.{number}.0.0/16" for vpc, number in NUMBER.items()}
    six_blocks = {vpc: [{"Ipv6CidrBlock": mirrored(block)}] for vpc, block in blocks.items()} if six else {}
    return {
        "vpcs": {vpc: {"cidr": block, "Ipv6CidrBlockAssociationSet": six_blocks.get(vpc, [])} for vpc, block in blocks.items()},
        "subnets": subnets,
        "network_interfaces": interfaces,
        "instances": launched,
        "internet_gateways": {"igw": "a"},
        "vpc_peering_connections": {"ab": {"requester": "a", "accepter": "b"}},
        "transit_gateways": {"tgw": {}},
        "transit_gateway_attachments": {
            f"att-{vpc}": {"transit_gateway": "tgw", "vpc": vpc, "subnets": f"{vpc}9", "ipv6": six} for vpc in "ac"
        },
        "firewall_policies": {"policy": {"stateful": ["rules"]}},
        "network_firewalls": {"wall": {"vpc": "a", "policy": "policy", "subnets": ["a8"]}},
        "elastic_ips": {} if six else {f"{n}-ip": {"instance": n, "ip": f"198.51.100.{i + 1}"} for i, n in enumerate(PLACES)},
    }


FLOWS = [(one, other) for one in PLACES for other in PLACES if one != other]
FLOWS += [(one, OUTSIDE) for one in PLACES] + [(OUTSIDE, one) for one in PLACES]


def fate(net: Network, one: str, other: str, service: str, six: bool) -> tuple[str, str]:
    """The verdict, and by which places the packet comes when it arrives."""
    if OUTSIDE in (one, other):
        outside = mirrored(OUTSIDE) if six else OUTSIDE
        one, other = (f"internet:{outside}", other) if one == OUTSIDE else (one, outside)
    answer = ask(net, f"{one} -> {other} {service}")
    (trip,) = answer.trips
    ways = " ".join(hop.at for trace in (trip.there, trip.back) if trace for hop in trace.hops)
    return answer.verdict, ways if answer.reachable else ""


@settings(max_examples=25, deadline=None)
@given(networks())
def test_a_network_and_its_image_agree(said: dict[str, Any]) -> None:
    four, six = compiled(said, False), compiled(said, True)
    for one, other in FLOWS:
        for service in ("443/tcp", "53/udp", "icmp"):
            assert fate(four, one, other, service, False) == fate(six, one, other, service, True), (one, other, service)


def test_the_image_goes_by_every_construct() -> None:
    said: dict[str, Any] = {
        "security_groups": {
            g: {"vpc": g[0], "ingress": ["all from 0.0.0.0/0"], "egress": ["all to 0.0.0.0/0"]} for g in ("a-sg", "b-sg", "c-sg")
        },
        "route_tables": {
            "a-table": {"vpc": "a", "subnets": ["a0", "a1"], "routes": {"0.0.0.0/0": "fw-eni", "10.2.0.0/16": "wall/a8"}},
            "fw-table": {
                "vpc": "a",
                "subnets": ["a2", "a8"],
                "routes": {"0.0.0.0/0": "igw", "10.1.0.0/16": "ab", "10.2.0.0/16": "tgw"},
            },
            "inside": {"vpc": "a", "subnets": ["a9"], "routes": {"10.0.0.0/24": "wall/a8"}},
            "edge": {"vpc": "a", "gateway": "igw", "routes": {"10.0.0.0/16": "fw-eni"}},
            "b-table": {"vpc": "b", "subnets": ["b0", "b1"], "routes": {"10.0.0.0/16": "ab"}},
            "c-table": {"vpc": "c", "subnets": ["c0"], "routes": {"10.0.0.0/16": "tgw"}},
        },
        "firewall_rule_groups": {"rules": {"stateful": ["pass tcp 10.0.0.0/24 any -> 10.2.0.0/16 443"]}},
    }
    ways = {
        ("web", "db"): "fw-eni fw fw-eni a2 ab",
        ("web", OUTSIDE): "fw-eni fw fw-eni a2 igw",
        ("web", "far"): "wall/a8/a8 wall/a8 a8 tgw c9",
    }
    for six in (False, True):
        net = compiled(said, six)
        for (one, other), way in ways.items():
            assert f" {way} " in fate(net, one, other, "443/tcp", six)[1], (one, other, six)


def test_the_image_of_an_address() -> None:
    assert mirrored("10.1.2.0/24 10.0.1.10 0.0.0.0/0 192.0.2.9/32") == "2001:db8:1:2::0/64 2001:db8:0:1::10 ::/0 2001:4860::9/128"
    assert mirrored("icmp 8 from 10.0.1.0/24") == "icmpv6 128 from 2001:db8:0:1::0/64"
    assert mirrored("- icmp from 0.0.0.0/0") == "- icmpv6 from ::/0"
