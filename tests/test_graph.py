"""The derived graph: its nodes and edges for small networks, and that it is the same in every run and every spelling."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from vpcsim.network import Network
from vpcsim.readers import topology_of
from vpcsim.readers.document import parse

ROOT = Path(__file__).parent.parent

PRIVATE = """
vpcs: {net: {cidr: 10.0.0.0/16, dns_support: true, dns_hostnames: true}}
subnets: {inside: 10.0.0.0/24}
route_tables: {table: {subnets: inside}}
security_groups: {door: {ingress: tcp 443 from 10.0.0.0/16}}
endpoints:
  sqs: {service: sqs, subnets: inside, security_groups: door, private_dns: true}
  s3: {service: s3, route_tables: table}
roles: {worker: {allow: "sqs:*"}}
instances: {app: {subnet: inside, role: worker, name: Application}}
queues: jobs
"""
PUBLIC = """
vpcs: {net: 10.0.0.0/16}
subnets: {inside: 10.0.0.0/24, outside: 10.0.1.0/24}
internet_gateways: {igw: net}
nat_gateways: {nat: outside}
route_tables:
  private: {subnets: inside, routes: {0.0.0.0/0: nat}}
  public: {subnets: outside, routes: {0.0.0.0/0: igw, 192.0.2.0/24: {target: pcx-gone, state: blackhole}}}
instances: {app: {subnet: inside}}
hosted_zones: {zone: {name: corp.internal, vpcs: net, records: {db: 10.0.0.9}}}
"""
PUBLIC_TURNED = """
hosted_zones: {zone: {name: corp.internal, records: {db: 10.0.0.9}, vpcs: net}}
instances: {app: {subnet: inside}}
nat_gateways: {nat: outside}
route_tables:
  public: {routes: {192.0.2.0/24: {target: pcx-gone, state: blackhole}, 0.0.0.0/0: igw}, subnets: outside}
  private: {routes: {0.0.0.0/0: nat}, subnets: inside}
subnets: {outside: 10.0.1.0/24, inside: 10.0.0.0/24}
internet_gateways: {igw: net}
vpcs: {net: 10.0.0.0/16}
"""


def network(text: str) -> Network:
    return Network.of(topology_of([parse(text, "network.yaml")]))


def told(net: Network) -> set[str]:
    """The edges, one line each."""
    return {f"{source} -{relation}-> {target}" for source, target, relation in net.graph().edges(data="relation")}


def test_a_private_network() -> None:
    assert told(network(PRIVATE)) == {
        "net -contains-> inside",
        "net -contains-> table",
        "net -contains-> door",
        "net -contains-> sqs",
        "net -contains-> s3",
        "net -contains-> net/default-security-group",
        "net -contains-> net/default-network-acl",
        "net -contains-> net/main-route-table",
        "inside -contains-> app",
        "inside -contains-> app/inside",
        "inside -contains-> sqs/inside",
        "inside -routed by-> table",
        "inside -guarded by-> net/default-network-acl",
        "table -pl-63a5400a-> s3",
        "s3 -serves-> com.amazonaws.us-east-1.s3",
        "sqs -serves-> com.amazonaws.us-east-1.sqs",
        "sqs/inside -attached to-> sqs",
        "sqs/inside -guarded by-> door",
        "app/inside -attached to-> app",
        "app/inside -guarded by-> net/default-security-group",
        "app -runs as-> app/instance-profile",
        "app/instance-profile -hands out-> worker",
    }


def test_a_network_with_ways_out() -> None:
    edges = told(network(PUBLIC))
    assert edges >= {
        "net -attached to-> igw",
        "net -resolves by-> zone",
        "igw -leads to-> internet",
        "igw -leads to-> aws",
        "outside -contains-> nat",
        "nat -leaves by-> outside",
        "nat/elastic-ip -associated with-> nat/outside",
        "private -0.0.0.0/0-> nat",
        "public -0.0.0.0/0-> igw",
        "public -192.0.2.0/24-> pcx-gone",
    }


@pytest.mark.parametrize("text", [PRIVATE, PUBLIC], ids=["private", "public"])
def test_every_resource_is_a_node_and_every_node_tells_the_same_things(text: str) -> None:
    net = network(text)
    nodes: dict[str, dict[str, Any]] = dict(net.graph().nodes(data=True))
    assert nodes.keys() >= net.topology.resources.keys() | {"internet", "aws"}
    for id, attributes in nodes.items():
        assert {"id", "kind", "name", "label"} <= attributes.keys() <= {"id", "kind", "name", "label", "origin"}
        assert all(isinstance(value, str) for value in attributes.values())
        assert attributes["id"] == id


def test_what_a_node_tells() -> None:
    nodes = network(PRIVATE).graph().nodes
    assert nodes["app"] == {
        "id": "app",
        "kind": "instance",
        "name": "Application",
        "label": "Application (app)",
        "origin": "network.yaml:10:13",
    }
    assert nodes["internet"] == {
        "id": "internet",
        "kind": "internet",
        "name": "the internet",
        "label": "the internet (internet)",
    }
    assert nodes["jobs"]["kind"] == "queue"
    service = "com.amazonaws.us-east-1.sqs"
    assert nodes[service] == {"id": service, "kind": "service", "name": service, "label": service}


def test_the_target_of_a_dead_route_is_unknown() -> None:
    assert network(PUBLIC).graph().nodes["pcx-gone"]["kind"] == "unknown"


def test_an_edge_is_found_by_its_relation() -> None:
    graph = network(PRIVATE).graph()
    assert graph.has_edge("inside", "table", key="routed by")
    assert all(key == relation for _, _, key, relation in graph.edges(keys=True, data="relation"))


def test_the_same_network_written_in_another_order_is_the_same_graph() -> None:
    one, other = network(PUBLIC).graph(), network(PUBLIC_TURNED).graph()
    assert list(one.edges(keys=True)) == list(other.edges(keys=True))
    assert list(one.nodes(data="kind")) == list(other.nodes(data="kind"))


@pytest.mark.parametrize("seed", ["1", "2"])
def test_the_order_does_not_depend_on_hash_seeds(seed: str) -> None:
    code = "import vpcsim; g = vpcsim.load('models/sqs-nat').graph(); print(list(g.nodes), list(g.edges))"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        check=True,
    )
    import vpcsim

    graph = vpcsim.load(ROOT / "models/sqs-nat").graph()
    assert done.stdout.strip() == f"{list(graph.nodes)} {list(graph.edges)}"


def test_a_search_along_the_graph_finds_the_way_out() -> None:
    import networkx

    way = networkx.shortest_path(network(PUBLIC).graph(), "inside", "internet")
    assert way == ["inside", "private", "nat", "outside", "public", "igw", "internet"]
