"""Prefixes delegated to an interface: each address of them is the interface's, inside its VPC and, for IPv6, on the internet."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from networks import Refusal, Row, changed, check, names, refused

import vpcsim

PREFIX = "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-prefix-eni.html"
PODS = "https://docs.aws.amazon.com/eks/latest/userguide/cni-increase-ip-addresses.html"
CREATE = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateNetworkInterface.html"
BASE = """
vpcs: {vpc: {cidr: 10.0.0.0/16, Ipv6CidrBlockAssociationSet: [{Ipv6CidrBlock: "2001:db8:1:a00::/56"}]}}
subnets:
  net: {cidr: 10.0.0.0/24, ipv6_cidr: "2001:db8:1:a00::/64", az: us-east-1a}
  far: {cidr: 10.0.1.0/24, ipv6_cidr: "2001:db8:1:a01::/64", az: us-east-1b}
internet_gateways: {igw: {}}
route_tables: {main: {main: true, routes: {0.0.0.0/0: igw, "::/0": igw}}}
security_groups: {node-sg: {ingress: [tcp 8080 from 0.0.0.0/0, "tcp 8080 from ::/0"]}, db-sg: {ingress: tcp 5432 from node-sg}}
network_interfaces:
  eni: {subnet: net, ip: 10.0.0.10, ipv6: "2001:db8:1:a00::10", security_groups: node-sg, instance: node,
        ipv4_prefixes: 10.0.0.32/28, ipv6_prefixes: "2001:db8:1:a00:1::/80"}
instances:
  node: {network_interfaces: [{NetworkInterfaceId: eni}]}
  db: {subnet: far, ip: 10.0.1.10, ipv6: "2001:db8:1:a01::10", security_groups: db-sg}
"""
THERE, BACK = "node eni net db/far db", "db db/far far eni node"
IN, OUT = "internet igw eni node", "node eni net igw internet"
POD6 = "2001:db8:1:a00:1::77"
ROWS = [
    Row("sends from an address of a prefix", PREFIX, "", "10.0.0.35 -> db 5432/tcp", THERE, BACK),
    Row("from the last address of a prefix", PREFIX, "", "10.0.0.47 -> db 5432/tcp", THERE, BACK),
    Row("from an address of an IPv6 prefix", PREFIX, "", f"{POD6} -> db 5432/tcp", THERE, BACK),
    Row("takes at an address of a prefix", PREFIX, "", "db -> 10.0.0.32 8080/tcp", BACK, THERE),
    Row(
        "nobody has the next address", PREFIX, "", "db -> 10.0.0.48 8080/tcp", "db db/far far", "",
        "no_route NO_POSSIBLE_DESTINATION main",
    ),
    Row("takes at an IPv6 address", PREFIX, "", f"db -> {POD6} 8080/tcp", BACK, THERE),
    Row(
        "nobody has what is beside an IPv6 prefix", PREFIX, "", "db -> 2001:db8:1:a00:2::1 8080/tcp", "db db/far far", "",
        "no_route NO_POSSIBLE_DESTINATION main",
    ),
    Row("IPv6 addresses of a prefix are public", PREFIX, "", f"internet -> {POD6} 8080/tcp", IN, OUT),
    Row("and reach the internet", PREFIX, "", f"{POD6} -> 2001:db8:ffff::1 443/tcp", OUT, IN),
    Row(
        "IPv4 addresses of a prefix are not", PREFIX, "", "10.0.0.35 -> 198.51.100.10 443/tcp", "node eni net igw", "",
        "denied IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS igw",
    ),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=names(ROWS))
def test_what_has_an_address_of_a_prefix(row: Row) -> None:
    check(BASE, row)


REFUSALS = [
    Refusal("another length", PREFIX, "network_interfaces: {eni: {ipv4_prefixes: 10.0.0.32/27}}", "InvalidParameterValue", "eni"),
    Refusal("another subnet", PREFIX, "network_interfaces: {eni: {ipv4_prefixes: 10.0.1.32/28}}", "InvalidParameterValue", "eni"),
    Refusal(
        "with reserved addresses", CREATE, "network_interfaces: {eni: {ipv4_prefixes: 10.0.0.0/28}}",
        " ".join(["InvalidParameterValue"] * 4), "eni",
    ),
    Refusal(
        "with an address of somebody", PREFIX, "instances: {db: {subnet: net, ip: 10.0.0.33, ipv6: null}}",
        "InvalidIPAddress.InUse", "db",
    ),
    Refusal("more than there are", PREFIX, "network_interfaces: {eni: {ipv4_prefix_count: 15}}", "InsufficientCidrBlocks", "eni"),
]  # fmt: skip


@pytest.mark.parametrize("row", REFUSALS, ids=names(REFUSALS))
def test_what_aws_refuses(row: Refusal) -> None:
    refused(BASE, row)


def test_aws_chooses_prefixes_that_are_free() -> None:
    counted = "network_interfaces: {eni: {ipv4_prefix_count: 3, ipv6_prefix_count: 1, ipv6_prefixes: []}}"
    interface = changed(BASE, counted).topology.resources["eni"]
    blocks = [str(prefix) for prefix in interface.delegated_prefixes]  # type: ignore[attr-defined]
    assert [block.rpartition("/")[2] for block in blocks] == ["28", "28", "28", "80"]
    assert len(set(blocks)) == 4
    assert {"ipv4_prefixes", "ipv6_prefixes"} <= interface.assumed
    assert not {"10.0.0.0/28", "10.0.0.240/28"} & {*blocks}


CLUSTER = """
eks_clusters: {k: {subnets: [net, far], private_access: true}}
eks_nodegroups: {nodes: {cluster: k, subnets: far, pods: [10.0.1.64/28, "2001:db8:1:a01:5::/80"]}}
subnets: {far: {map_public_ip_on_launch: true}}
"""


def test_pods_of_a_node_group_have_the_addresses_of_its_prefixes() -> None:
    """Outside of the VPC as the node, inside as themselves: https://docs.aws.amazon.com/eks/latest/userguide/external-snat.html"""
    net = changed(BASE, CLUSTER)
    outside = net.trace("10.0.1.70", "198.51.100.10:443")
    assert outside.verdict == "reachable"
    assert "in the place of the pod's 10.0.1.70" in str(outside)
    assert net.trace("10.0.1.70", "10.0.0.10:8080").verdict == "reachable"
    assert net.trace("2001:db8:1:a01:5::9", "[2001:db8:ffff::1]:443").verdict == "reachable"
    node = net.topology.resources["nodes/far"]
    assert not 64 <= node.private_ip_address - (10 << 24) - 256 < 80  # type: ignore[attr-defined]


def test_every_spelling_tells_the_same(tmp_path: Path) -> None:
    interface = {"NetworkInterfaceId": "eni-0000000000000000a", "SubnetId": "subnet-0000000000000000a"}
    delegated = {"Ipv4Prefixes": [{"Ipv4Prefix": "10.0.0.32/28"}], "Ipv6Prefixes": []}
    described = {
        "Vpcs": [{"VpcId": "vpc-0000000000000000a", "CidrBlock": "10.0.0.0/16"}],
        "Subnets": [{"SubnetId": "subnet-0000000000000000a", "VpcId": "vpc-0000000000000000a", "CidrBlock": "10.0.0.0/24"}],
        "NetworkInterfaces": [{**interface, **delegated}],
    }
    template = {
        "Resources": {
            "myVPC": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
            "mySubnet": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "myVPC"}, "CidrBlock": "10.0.0.0/24"}},
            "myInterface": {
                "Type": "AWS::EC2::NetworkInterface",
                "Properties": {"SubnetId": {"Ref": "mySubnet"}, "Ipv4Prefixes": delegated["Ipv4Prefixes"]},
            },
        }
    }
    for name, document in (("described.json", described), ("template.json", template)):
        (tmp_path / name).write_text(json.dumps(document))
        net = vpcsim.load(tmp_path / name)
        (found,) = net.topology.of_kind("network_interface")
        assert [str(prefix) for prefix in found.delegated_prefixes] == ["10.0.0.32/28"]  # type: ignore[attr-defined]
