"""EKS: the API server's name and interfaces, nodes, and pods whose packets leave the VPC as their node's."""

from __future__ import annotations

import pytest
import yaml
from networks import Refusal, Row, changed, check, names, refused

EKS = "https://docs.aws.amazon.com/eks/latest/userguide/"
ENDPOINT, SNAT, GROUP = f"{EKS}cluster-endpoint.html", f"{EKS}external-snat.html", f"{EKS}sec-group-reqs.html"
BASE = """
vpcs: {vpc: {cidr: 10.0.0.0/16, dns_hostnames: true}}
subnets:
  a: {cidr: 10.0.0.0/24, az: us-east-1a}
  b: {cidr: 10.0.1.0/24, az: us-east-1b}
  pub: {cidr: 10.0.2.0/24, az: us-east-1b}
internet_gateways: {igw: vpc}
nat_gateways: {nat: {subnet: pub}}
route_tables: {table: {subnets: [a, b], routes: {0.0.0.0/0: nat}}, public: {subnets: pub, routes: {0.0.0.0/0: igw}}}
security_groups: {open: {ingress: all from 0.0.0.0/0}}
instances: {app: {subnet: a, ip: 10.0.0.10, security_groups: open}}
eks_clusters: {k: {subnets: [a, b], private_access: true}}
eks_nodegroups: {nodes: {cluster: k, subnets: a, pods: [10.0.0.77]}}
"""
OUT, BACK = "nat/pub nat pub igw internet", "internet igw nat/pub nat pub nodes/a nodes"
CIDRS = "https://docs.aws.amazon.com/eks/latest/APIReference/API_VpcConfigRequest.html"
IMDS = "https://docs.aws.amazon.com/eks/latest/best-practices/identity-and-access-management.html"
GUARDED = """
elastic_ips: {nat-ip: {ip: 198.51.100.5}}
nat_gateways: {nat: {elastic_ip: nat-ip}}
eks_clusters: {k: {private_access: false, public_cidrs: [192.0.2.0/24, 198.51.100.5/32]}}
"""
ROWS = [
    Row("nodes to the API server", GROUP, "", "nodes -> k 443/tcp", "nodes nodes/a a k/a k", "k k/a a nodes/a nodes"),
    Row(
        "the cluster's group takes members only",
        GROUP,
        "",
        "app -> k 443/tcp",
        "app app/a a k/a",
        "",
        "denied ENI_SG_RULES_MISMATCH k/cluster-security-group",
    ),
    Row(
        "without private access by the public address",
        ENDPOINT,
        "eks_clusters: {k: {private_access: false}}",
        "nodes -> k 443/tcp",
        "nodes nodes/a a nat/pub nat pub igw aws",
        "aws igw nat/pub nat pub nodes/a nodes",
    ),
    Row(
        "public access for the NAT gateway's address only",
        CIDRS,
        GUARDED,
        "nodes -> k 443/tcp",
        "nodes nodes/a a nat/pub nat pub igw aws",
        "aws igw nat/pub nat pub nodes/a nodes",
    ),
    Row(
        "and not for others",
        CIDRS,
        GUARDED,
        "internet -> k 443/tcp",
        "internet aws",
        "",
        "denied VPCSIM_NO_SERVICE k",
    ),
    Row("everybody by default", CIDRS, "", "internet -> k 443/tcp", "internet aws", "aws internet"),
    Row(
        "nodes need to be among them without private access",
        ENDPOINT,
        "eks_clusters: {k: {private_access: false, public_cidrs: 192.0.2.0/24}}",
        "nodes -> k 443/tcp",
        "nodes nodes/a a nat/pub nat pub igw aws",
        "",
        "denied VPCSIM_NO_SERVICE k",
    ),
    Row(
        "private access is not limited by them",
        CIDRS,
        "eks_clusters: {k: {public_cidrs: 192.0.2.0/24}}",
        "nodes -> k 443/tcp",
        "nodes nodes/a a k/a k",
        "k k/a a nodes/a nodes",
    ),
    Row("a pod leaves the VPC as its node", SNAT, "", "10.0.0.77 -> 192.0.2.9 443/tcp", f"nodes nodes/a a {OUT}", BACK),
    Row(
        "or as itself with external SNAT",
        SNAT,
        "eks_nodegroups: {nodes: {external_snat: true}}",
        "10.0.0.77 -> 192.0.2.9 443/tcp",
        f"nodes nodes/a a {OUT}",
        BACK,
    ),
    Row("a node has instance metadata", IMDS, "", "nodes -> 169.254.169.254 80/tcp", "nodes nodes/a", "nodes/a nodes"),
    Row("a pod may have it", IMDS, "", "10.0.0.77 -> 169.254.169.254 80/tcp", "nodes", "", "undecided VPCSIM_NOT_MODELLED nodes"),
    Row(
        "a pod's credentials come from an agent",
        f"{EKS}pod-identities.html",
        "",
        "10.0.0.77 -> 169.254.170.23 80/tcp",
        "nodes nodes/a",
        "",
        "undecided VPCSIM_NOT_MODELLED nodes",
    ),
    Row(
        "a pod inside the VPC is itself",
        SNAT,
        "",
        "10.0.0.77 -> app 443/tcp",
        "nodes nodes/a a app/a app",
        "app app/a a nodes/a nodes",
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=names(ROWS))
def test_clusters(row: Row) -> None:
    check(BASE, row)


@pytest.mark.parametrize(("external", "translated"), [("false", True), ("true", False)])
def test_only_the_node_s_address_leaves(external: str, translated: bool) -> None:
    net = changed(BASE, f"eks_nodegroups: {{nodes: {{external_snat: {external}}}}}")
    there = net.trace("10.0.0.77", "192.0.2.9").trips[0].there
    at_nat = next(hop for hop in there.hops if hop.at == "a").steps[0].packet.source
    assert (at_nat != "10.0.0.77") is translated


def test_the_public_name_outside() -> None:
    net = changed(BASE, "")
    name = net.index.host_of["k"]
    assert net.resolve("app", name).addresses[0].startswith("10.0.")
    assert not net.resolve("public", name).addresses[0].startswith("10.")
    only_private = changed(BASE, "eks_clusters: {k: {public_access: false}}")
    assert only_private.resolve("public", name).addresses[0].startswith("10.0.")


def test_the_private_name_needs_both_dns_attributes() -> None:
    """https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html#cluster-endpoint-private"""
    net = changed(BASE, "vpcs: {vpc: {dns_hostnames: false}}")
    assert not net.resolve("app", net.index.host_of["k"]).addresses[0].startswith("10.0.")
    only_private = changed(BASE, "vpcs: {vpc: {dns_hostnames: false}}\neks_clusters: {k: {public_access: false}}")
    assert only_private.resolve("app", only_private.index.host_of["k"]).addresses[0].startswith("10.0.")


def test_a_cluster_of_ipv6() -> None:
    """https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html#cluster-endpoint-ipv6"""
    six = (
        'vpcs: {vpc: {ipv6: "2001:db8:a::/56"}}\n'
        'subnets: {a: {ipv6_cidr: "2001:db8:a:1::/64"}, b: {ipv6_cidr: "2001:db8:a:2::/64"}}\n'
        "eks_clusters: {k: {ip_family: ipv6}}"
    )
    net = changed(BASE, six)
    assert net.index.host_of["k"].endswith(".us-east-1.api.aws")
    assert {address.partition(":")[0] for address in net.resolve("app", net.index.host_of["k"], "AAAA").addresses} == {"2001"}
    four = changed(BASE, six.replace("ip_family: ipv6", "ip_family: ipv4"))
    assert four.resolve("app", four.index.host_of["k"], "AAAA").addresses == ()


REFUSALS = [
    Refusal(
        "a block of IPv6 for a cluster of IPv4",
        ENDPOINT,
        'eks_clusters: {k: {public_cidrs: "2001:db8::/32"}}',
        "InvalidParameterException",
        "k",
    ),
    Refusal("two zones", f"{EKS}network-reqs.html", "eks_clusters: {k: {subnets: [a]}}", "InvalidParameterException", "k"),
    Refusal(
        "some access",
        ENDPOINT,
        "eks_clusters: {k: {public_access: false, private_access: false}}",
        "InvalidParameterException",
        "k",
    ),
]


@pytest.mark.parametrize("row", REFUSALS, ids=names(REFUSALS))
def test_what_aws_refuses(row: Refusal) -> None:
    refused(BASE, row)


def test_clusters_have_public_addresses_of_their_own() -> None:
    clusters = {f"k{number}": {"subnets": ["a", "b"]} for number in range(40)}
    net = changed(BASE, yaml.safe_dump({"eks_clusters": clusters}))
    addresses = [net.topology.resources[id].public_ip for id in clusters]  # type: ignore[attr-defined]
    assert len({*addresses}) == len(addresses)
