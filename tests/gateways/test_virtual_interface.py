"""Virtual interfaces: private ones to gateways, public ones to AWS itself."""

from __future__ import annotations

import pytest
from networks import Refusal, Row, check, names, refused

TYPES = "https://docs.aws.amazon.com/directconnect/latest/UserGuide/WorkingWithVirtualInterfaces.html"
BGP = "https://docs.aws.amazon.com/directconnect/latest/UserGuide/routing-and-bgp.html"
API = "https://docs.aws.amazon.com/directconnect/latest/APIReference/API_CreatePrivateVirtualInterface.html"
PUBLIC_API = "https://docs.aws.amazon.com/directconnect/latest/APIReference/API_CreatePublicVirtualInterface.html"
BPA = "https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa-basics.html"

BASE = """
vpcs: {vpc: 10.0.0.0/16}
subnets: {net: 10.0.1.0/24}
on_premises: {center: {prefixes: [192.168.0.0/16, 203.0.113.0/24], ip: 192.168.1.5}}
vpn_gateways: {vgw: {propagates_to: table}}
virtual_interfaces:
  vif: {vpn_gateway: vgw, network: center, announces: 192.168.0.0/16}
  public: {type: public, network: center, prefixes: 203.0.113.0/24}
internet_gateways: {igw: vpc}
route_tables: {table: {subnets: net, routes: {0.0.0.0/0: igw}}}
security_groups: {open: {ingress: all from 0.0.0.0/0}}
elastic_ips: {app-ip: {instance: app, ip: 198.51.100.10}}
instances: {app: {subnet: net, ip: 10.0.1.10, security_groups: open}}
"""
APP = "app app/net net"
OUT, IN = f"{APP} vgw vif center", "center vif vgw app/net app"
PUBLIC_OUT, PUBLIC_IN = f"{APP} igw public center", "center public igw app/net app"
S3 = "52.216.8.1 443/tcp"

ROWS = [
    Row("private, in", TYPES, "", "center -> app 443/tcp", IN, OUT),
    Row("private, out", TYPES, "", "app -> center 443/tcp", OUT, IN),
    Row("private, down", TYPES, "virtual_interfaces: {vif: {state: down}}", "center -> app 443/tcp", "center vif", "",
        "denied BAD_STATE vif"),
    Row("public, to AWS", TYPES, "", f"203.0.113.7 -> {S3}", "center public aws", "aws public center"),
    Row(
        "public, to a public address of a VPC, and Block Public Access", BPA, "block_public_access: {x: block-bidirectional}",
        "203.0.113.7 -> 198.51.100.10 443/tcp", "center public igw", "", "denied VPC_BLOCK_PUBLIC_ACCESS_ENABLED igw",
    ),
    Row("public, to a public address of a VPC", TYPES, "", "203.0.113.7 -> 198.51.100.10 443/tcp", PUBLIC_IN, PUBLIC_OUT),
    Row("public, from a VPC", BGP, "", "app -> 203.0.113.7 443/tcp", PUBLIC_OUT, PUBLIC_IN),
    Row("public, not to the internet", TYPES, "", "203.0.113.7 -> 192.0.2.9 443/tcp", "center", "",
        "undecided VPCSIM_NOT_MODELLED center"),
    Row("public, from a prefix that it does not announce", BGP, "virtual_interfaces: {public: {prefixes: 203.0.113.128/25}}",
        f"203.0.113.7 -> {S3}", "center public", "", "denied GATEWAY_REJECTS_SPOOFED_TRAFFIC public"),
    Row("public, from a private address", BGP, "", f"192.168.1.5 -> {S3}", "center", "", "undecided VPCSIM_NOT_MODELLED center"),
    Row("public, down: over the internet", BGP, "virtual_interfaces: {public: {state: down}}", "app -> 203.0.113.7 443/tcp",
        f"{APP} igw internet", "internet igw app/net app"),
    Row("the internet does not use it", TYPES, "", "internet -> 203.0.113.7 443/tcp", "internet", "",
        "undecided VPCSIM_NOT_MODELLED internet"),
    Row("without a public one", TYPES, "virtual_interfaces: {public: null}", f"203.0.113.7 -> {S3}", "center", "",
        "undecided VPCSIM_NOT_MODELLED center"),
]  # fmt: skip

REFUSALS = [
    Refusal("private to nothing", API, "virtual_interfaces: {vif: {vpn_gateway: null}}", "DirectConnectClientException", "vif"),
    Refusal(
        "private to two", API, "direct_connect_gateways: {dxgw: []}\nvirtual_interfaces: {vif: {direct_connect_gateway: dxgw}}",
        "DirectConnectClientException", "vif",
    ),
    Refusal("transit to a VPC", TYPES, "virtual_interfaces: {vif: {type: transit}}", "DirectConnectClientException", "vif"),
    Refusal("public to a gateway", PUBLIC_API, "virtual_interfaces: {public: {vpn_gateway: vgw}}",
            "DirectConnectClientException", "public"),
    Refusal("private prefixes over a public one", PUBLIC_API, "virtual_interfaces: {public: {prefixes: 10.0.0.0/8}}",
            "DirectConnectClientException", "public"),
    Refusal("SiteLink to a virtual private gateway", TYPES, "virtual_interfaces: {vif: {sitelink: true}}",
            "DirectConnectClientException", "vif"),
    Refusal("SiteLink of a public one", TYPES, "virtual_interfaces: {public: {sitelink: true}}", "DirectConnectClientException",
            "public"),
    Refusal("prefixes over a private one", API, "virtual_interfaces: {vif: {prefixes: 203.0.113.0/24}}",
            "DirectConnectClientException", "vif"),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=names(ROWS))
def test_over_direct_connect(row: Row) -> None:
    check(BASE, row)


@pytest.mark.parametrize("row", REFUSALS, ids=names(REFUSALS))
def test_what_aws_refuses(row: Refusal) -> None:
    refused(BASE, row)
