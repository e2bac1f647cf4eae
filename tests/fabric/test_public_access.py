"""Block Public Access: what stops at the internet gateways, in which mode, and what exclusions free."""

from __future__ import annotations

import pytest
from networks import VPC, Refusal, Row, changed, check, names, refused

from vpcsim import InputError

BPA = f"{VPC}security-vpc-bpa.html"
BASICS = f"{VPC}security-vpc-bpa-basics.html"

BASE = """
vpcs: {vpc: {cidr: 10.0.0.0/16, Ipv6CidrBlockAssociationSet: [{Ipv6CidrBlock: "2001:db8:a::/56"}]}}
subnets:
  public: {cidr: 10.0.0.0/24, ipv6_cidr: "2001:db8:a::/64"}
  private: {cidr: 10.0.1.0/24, ipv6_cidr: "2001:db8:a:1::/64"}
internet_gateways: {igw: vpc}
egress_only_internet_gateways: {eigw: vpc}
elastic_ips: {nat-ip: {ip: 198.51.100.5}, web-ip: {instance: web, ip: 198.51.100.10}}
nat_gateways: {nat: {subnet: public, ip: 10.0.0.5, elastic_ip: nat-ip}}
route_tables:
  public-table: {subnets: public, routes: {0.0.0.0/0: igw, "::/0": igw}}
  private-table: {subnets: private, routes: {0.0.0.0/0: nat, "::/0": eigw}}
security_groups: {open: {ingress: [all from 0.0.0.0/0, "all from ::/0"], egress: [all to 0.0.0.0/0, "all to ::/0"]}}
network_interfaces:
  web-eni: {subnet: public, ip: 10.0.0.10, Ipv6Addresses: [{Ipv6Address: "2001:db8:a::10"}], security_groups: open, instance: web}
  app-eni:
    {subnet: private, ip: 10.0.1.10, Ipv6Addresses: [{Ipv6Address: "2001:db8:a:1::10"}], security_groups: open, instance: app}
instances: {web: {}, app: {}}
"""
WEB, NAT, SIX = "web -> 192.0.2.9 443/tcp", "app -> 192.0.2.9 443/tcp", "app -> 2001:db8:99::1 443/tcp"
IN, IN6 = "internet -> 198.51.100.10 443/tcp", "internet -> 2001:db8:a::10 443/tcp"
WEB_OUT, WEB_IN = "web web-eni public igw internet", "internet igw web-eni web"
NAT_OUT = "app app-eni private nat/public nat public igw internet"
NAT_IN = "internet igw nat/public nat public app-eni app"
SIX_OUT, SIX_IN = "app app-eni private eigw internet", "internet eigw app-eni app"
IN_THERE, IN_BACK = "internet igw web-eni web", "web web-eni public igw internet"
STOPPED, STOPPED6 = "denied VPC_BLOCK_PUBLIC_ACCESS_ENABLED igw", "denied VPC_BLOCK_PUBLIC_ACCESS_ENABLED eigw"


def mode(name: str, *exclusions: str) -> str:
    listed = ", ".join(f"x{n}: {{{exclusion}}}" for n, exclusion in enumerate(exclusions))
    return f"block_public_access: {{account: {name}}}\nblock_public_access_exclusions: {{{listed}}}"


OFF, BOTH, INGRESS = mode("off"), mode("block-bidirectional"), mode("block-ingress")
FREE_VPC = mode("block-bidirectional", "vpc: vpc, mode: allow-bidirectional")
FREE_PUBLIC = mode("block-bidirectional", "subnet: public, mode: allow-bidirectional")
FREE_PRIVATE = mode("block-bidirectional", "subnet: private, mode: allow-bidirectional")
EGRESS = mode("block-bidirectional", "vpc: vpc, mode: allow-egress")
INGRESS_EGRESS = mode("block-ingress", "vpc: vpc, mode: allow-egress")
INGRESS_FREE = mode("block-ingress", "subnet: public, mode: allow-bidirectional")
FIREWALL = """
subnets: {walls: 10.0.2.0/24}
firewall_policies: {policy: {}}
network_firewalls: {wall: {policy: policy, subnets: walls}}
route_tables:
  edge: {gateway: igw, routes: {10.0.0.0/24: wall/walls}}
  public-table: {routes: {0.0.0.0/0: wall/walls}}
  wall-table: {subnets: walls, routes: {0.0.0.0/0: igw}}
"""
FREE_WALLS = FIREWALL + mode("block-bidirectional", "subnet: walls, mode: allow-bidirectional")
WALL_IN = "internet igw wall/walls/walls wall/walls walls web-eni web"
WALL_OUT = "web web-eni public wall/walls/walls wall/walls walls igw"

ROWS = [
    Row("off", BPA, OFF, WEB, WEB_OUT, WEB_IN),
    Row("both: a public address out", BPA, BOTH, WEB, "web web-eni public igw", "", STOPPED),
    Row("both: in", BPA, BOTH, IN, "internet igw", "", STOPPED),
    Row("both: in by IPv6", BPA, BOTH, IN6, "internet igw", "", STOPPED),
    Row("both: by a NAT gateway", BASICS, BOTH, NAT, "app app-eni private nat/public nat public igw", "", STOPPED),
    Row("both: by an egress-only internet gateway", BASICS, BOTH, SIX, "app app-eni private eigw", "", STOPPED6),
    Row("both: to AWS", BASICS, BOTH, "web -> 52.94.0.1 443/tcp", "web web-eni public igw", "", STOPPED),
    Row(
        "both: inside the VPC", BPA, BOTH, "web -> 10.0.1.10 22/tcp", "web web-eni public app-eni app",
        "app app-eni private web-eni web",
    ),
    Row("ingress: a public address out", BPA, INGRESS, WEB, "web web-eni public igw", "", STOPPED),
    Row("ingress: in", BPA, INGRESS, IN, "internet igw", "", STOPPED),
    Row("ingress: by a NAT gateway", BPA, INGRESS, NAT, NAT_OUT, NAT_IN),
    Row("ingress: by an egress-only internet gateway", BPA, INGRESS, SIX, SIX_OUT, SIX_IN),
    Row("a free VPC: out", BPA, FREE_VPC, WEB, WEB_OUT, WEB_IN),
    Row("a free VPC: in", BPA, FREE_VPC, IN, IN_THERE, IN_BACK),
    Row("a free VPC: IPv6 out", BPA, FREE_VPC, SIX, SIX_OUT, SIX_IN),
    Row("a free subnet", BPA, FREE_PUBLIC, WEB, WEB_OUT, WEB_IN),
    Row("a free subnet: its NAT gateway serves the others", BASICS, FREE_PUBLIC, NAT, NAT_OUT, NAT_IN),
    Row("a free subnet: not the others", BPA, FREE_PUBLIC, SIX, "app app-eni private eigw", "", STOPPED6),
    Row(
        "a free subnet: the NAT gateway's is not", BASICS, FREE_PRIVATE, NAT, "app app-eni private nat/public nat public igw",
        "", STOPPED,
    ),
    Row("free for egress: by a NAT gateway", BPA, EGRESS, NAT, NAT_OUT, NAT_IN),
    Row("free for egress: IPv6", BPA, EGRESS, SIX, SIX_OUT, SIX_IN),
    Row("free for egress: in", BPA, EGRESS, IN, "internet igw", "", STOPPED),
    Row(
        "free for egress: an address of its own", BPA, EGRESS, WEB, "web web-eni public igw", "",
        "undecided VPCSIM_NOT_MODELLED igw",
    ),
    Row("ingress: an exclusion for egress says nothing", BPA, INGRESS_EGRESS, WEB, "web web-eni public igw", "", STOPPED),
    Row("a free subnet of a firewall: out", BASICS, FREE_WALLS, WEB, f"{WALL_OUT} internet", WALL_IN),
    Row("a free subnet of a firewall: in", BASICS, FREE_WALLS, IN, WALL_IN, f"{WALL_OUT} internet"),
    Row("a free subnet behind a firewall: out", BASICS, FIREWALL + FREE_PUBLIC, WEB, WALL_OUT, "", STOPPED),
    Row("a free subnet behind a firewall: in", BASICS, FIREWALL + FREE_PUBLIC, IN, "internet igw", "", STOPPED),
    Row(
        "ingress: a NAT gateway behind a firewall", BPA, FIREWALL + INGRESS, NAT,
        "app app-eni private nat/public nat public wall/walls/walls wall/walls walls igw internet",
        "internet igw wall/walls/walls wall/walls walls nat/public nat public app-eni app",
    ),
    Row("ingress: a public address behind a firewall", BPA, FIREWALL + INGRESS, WEB, WALL_OUT, "", STOPPED),
    Row(
        "a free subnet: what is in the subnet of a firewall itself", BASICS,
        f"firewall_policies: {{policy: {{}}}}\nnetwork_firewalls: {{wall: {{policy: policy, subnets: public}}}}\n{FREE_PUBLIC}",
        WEB, WEB_OUT, WEB_IN,
    ),
    Row(
        "a free VPC: through a firewall", BASICS, FIREWALL + FREE_VPC, WEB, f"{WALL_OUT} internet", WALL_IN,
    ),
    Row("ingress: a free subnet", BPA, INGRESS_FREE, IN, IN_THERE, IN_BACK),
]  # fmt: skip
REFUSALS = [
    Refusal("an exclusion of nothing", BASICS, mode("block-ingress", "mode: allow-egress"), "MissingParameter", "x0"),
    Refusal(
        "an exclusion of two", BASICS, mode("block-ingress", "mode: allow-egress, vpc: vpc, subnet: public"),
        "InvalidParameterCombination", "x0",
    ),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=names(ROWS))
def test_what_passes_the_gateways(row: Row) -> None:
    check(BASE, row)


@pytest.mark.parametrize("row", REFUSALS, ids=names(REFUSALS))
def test_what_aws_refuses(row: Refusal) -> None:
    refused(BASE, row)


@pytest.mark.parametrize(
    "changes",
    [
        mode("on"),
        mode("block-ingress", "vpc: vpc, mode: allow"),
        "block_public_access: {account: block-ingress, more: block-ingress}",
    ],
)
def test_what_is_no_mode(changes: str) -> None:
    with pytest.raises(InputError):
        changed(BASE, changes)
