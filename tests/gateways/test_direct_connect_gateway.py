"""Direct Connect gateways: between virtual interfaces and gateways, and not between gateways."""

from __future__ import annotations

from pathlib import Path

import pytest
from networks import Refusal, Row, changed, check, names, refused

import vpcsim

INTRO = "https://docs.aws.amazon.com/directconnect/latest/UserGuide/direct-connect-gateways-intro.html"
ALLOWED = "https://docs.aws.amazon.com/directconnect/latest/UserGuide/allowed-to-prefixes.html"
VGW = "https://docs.aws.amazon.com/directconnect/latest/UserGuide/virtualgateways.html"
TRANSIT = "https://docs.aws.amazon.com/directconnect/latest/UserGuide/direct-connect-transit-gateways.html"
SITELINK = "https://docs.aws.amazon.com/directconnect/latest/UserGuide/WorkingWithVirtualInterfaces.html"
API = "https://docs.aws.amazon.com/directconnect/latest/APIReference/API_CreateDirectConnectGatewayAssociation.html"

BASE = """
vpcs: {vpc: 10.0.0.0/16, far: 10.1.0.0/16}
subnets: {net: {vpc: vpc, cidr: 10.0.1.0/24}, far-net: {vpc: far, cidr: 10.1.1.0/24}}
on_premises: {center: {prefixes: 192.168.0.0/16, ip: 192.168.1.5}, site: {prefixes: 172.16.0.0/16, ip: 172.16.1.5}}
vpn_gateways: {vgw: {vpc: vpc, propagates_to: table}, far-vgw: {vpc: far, propagates_to: far-table}}
direct_connect_gateways: {dxgw: [vgw, far-vgw]}
virtual_interfaces:
  vif: {direct_connect_gateway: dxgw, network: center}
  site-vif: {direct_connect_gateway: dxgw, network: site}
route_tables: {table: {vpc: vpc, subnets: net}, far-table: {vpc: far, subnets: far-net}}
security_groups: {open: {vpc: vpc, ingress: all from 0.0.0.0/0}, far-open: {vpc: far, ingress: all from 0.0.0.0/0}}
instances:
  app: {subnet: net, ip: 10.0.1.10, security_groups: open}
  far-app: {subnet: far-net, ip: 10.1.1.10, security_groups: far-open}
"""
APP, FAR = "app app/net net", "far-app far-app/far-net far-net"
OUT, IN = f"{APP} vgw dxgw vif center", "center vif dxgw vgw app/net app"
FAR_OUT, FAR_IN = f"{FAR} far-vgw dxgw vif center", "center vif dxgw far-vgw far-app/far-net far-app"
ASK = "center -> app 443/tcp"
NO_ROUTE = "no_route NO_ROUTE_TO_DESTINATION"
SUPERNET = "on_premises: {center: {prefixes: [192.168.0.0/16, 10.0.0.0/8]}}"
LINKED = "virtual_interfaces: {vif: {sitelink: true}, site-vif: {sitelink: true}}"


def gateways(text: str) -> str:
    return f"direct_connect_gateways: {{dxgw: [{text}]}}"


ROWS = [
    Row("in to the first VPC", INTRO, "", ASK, IN, OUT),
    Row("in to the second VPC", INTRO, "", "center -> far-app 443/tcp", FAR_IN, FAR_OUT),
    Row("out of the first VPC", INTRO, "", "app -> center 443/tcp", OUT, IN),
    Row("out to the other network", INTRO, "", "app -> site 443/tcp", f"{APP} vgw dxgw site-vif site",
        "site site-vif dxgw vgw app/net app"),
    Row("not between its associations", INTRO, "", "app -> far-app 443/tcp", APP, "", f"{NO_ROUTE} table"),
    Row("not between its associations, with a route", INTRO, "route_tables: {table: {routes: {10.1.0.0/16: vgw}}}",
        "app -> far-app 443/tcp", f"{APP} vgw", "", f"{NO_ROUTE} vgw"),
    Row("between its associations around which a network announces a prefix", INTRO, SUPERNET, "app -> far-app 443/tcp",
        f"{APP} vgw dxgw far-vgw far-app/far-net far-app", f"{FAR} far-vgw dxgw vgw app/net app"),
    Row("not between its virtual interfaces", INTRO, "", "center -> site 443/tcp", "center", "", f"{NO_ROUTE} center"),
    Row("between its virtual interfaces with SiteLink", SITELINK, LINKED, "center -> site 443/tcp",
        "center vif dxgw site-vif site", "site site-vif dxgw vif center"),
    Row("SiteLink on one side only", SITELINK, "virtual_interfaces: {vif: {sitelink: true}}", "center -> site 443/tcp", "center",
        "", f"{NO_ROUTE} center"),
    Row("an allowed prefix as wide as the VPC", ALLOWED, gateways("vgw 10.0.0.0/16, far-vgw"), ASK, IN, OUT),
    Row("a wider allowed prefix", ALLOWED, gateways("vgw 10.0.0.0/15, far-vgw"), ASK, IN, OUT),
    Row("a wider allowed prefix announces the VPC only", ALLOWED, gateways("vgw 10.0.0.0/8"), "center -> 10.200.1.1 443/tcp",
        "center", "", f"{NO_ROUTE} center"),
    Row("a narrower allowed prefix", ALLOWED, gateways("vgw 10.0.0.0/24"), ASK, "center", "", f"{NO_ROUTE} center"),
    Row("another allowed prefix", ALLOWED, gateways("vgw 22.0.0.0/24"), ASK, "center", "", f"{NO_ROUTE} center"),
    Row("without the association", VGW, gateways("far-vgw"), ASK, "center", "", f"{NO_ROUTE} center"),
    Row("a virtual private gateway without a VPC", VGW, "vpn_gateways: {vgw: {vpc: [], propagates_to: null}}", ASK, "center", "",
        f"{NO_ROUTE} center"),
    Row("the virtual interface is down", INTRO, "virtual_interfaces: {vif: {state: down}}", ASK, "center vif", "",
        "denied BAD_STATE vif"),
    Row("nothing propagates from what is down", INTRO, "virtual_interfaces: {vif: {state: down}}", "app -> center 443/tcp", APP,
        "", f"{NO_ROUTE} table"),
]  # fmt: skip

REFUSALS = [
    Refusal(
        "virtual private gateways and a transit virtual interface", TRANSIT, "virtual_interfaces: {vif: {type: transit}}",
        "DirectConnectClientException", "dxgw",
    ),
    Refusal(
        "a virtual private gateway of two", API, "direct_connect_gateways: {dxgw-2: vgw}", "DirectConnectClientException",
        "dxgw-2",
    ),
    Refusal(
        "VPCs that overlap", VGW,
        "vpcs: {twin: 10.1.128.0/17}\nvpn_gateways: {twin-vgw: twin}\ndirect_connect_gateways: {dxgw: [vgw, far-vgw, twin-vgw]}",
        "DirectConnectClientException", "dxgw",
    ),
    Refusal(
        "allowed prefixes of two transit gateways that overlap", ALLOWED,
        "direct_connect_gateways: {dxgw-2: [tgw-0123456789abcdef0 10.1.0.0/16, tgw-0123456789abcdef1 10.2.0.0/16 0.0.0.0/0]}",
        "DirectConnectClientException", "dxgw-2",
    ),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=names(ROWS))
def test_through_the_gateway(row: Row) -> None:
    check(BASE, row)


@pytest.mark.parametrize("row", REFUSALS, ids=names(REFUSALS))
def test_what_aws_refuses(row: Refusal) -> None:
    refused(BASE, row)


TRANSIT_BASE = """
vpcs: {vpc: 10.0.0.0/16}
on_premises: {center: 192.168.0.0/16}
direct_connect_gateways: {dxgw: tgw-0123456789abcdef0 10.0.0.0/8}
virtual_interfaces: {vif: {type: transit, direct_connect_gateway: dxgw, network: center}}
"""


def test_a_transit_gateway_of_elsewhere() -> None:
    """It announces exactly the allowed prefixes; what the transit gateway does with a packet is not in the model."""
    inside = "undecided VPCSIM_NOT_MODELLED dxgw"
    check(TRANSIT_BASE, Row("allowed", ALLOWED, "", "center -> 10.200.1.1 443/tcp", "center vif dxgw", "", inside))
    check(TRANSIT_BASE, Row("not allowed", ALLOWED, "", "center -> 172.16.1.1 443/tcp", "center", "", f"{NO_ROUTE} center"))


def test_what_no_gateway_is() -> None:
    with pytest.raises(vpcsim.InputError, match="no gateway is called `vgv`; did you mean `vgw`"):
        changed(BASE, gateways("vgv"))
    with pytest.raises(vpcsim.InputError, match="`vpc` is neither"):
        changed(BASE, gateways("vpc"))
    with pytest.raises(vpcsim.InputError, match="needs allowed prefixes"):
        changed(TRANSIT_BASE, gateways("tgw-0123456789abcdef0"))


TEMPLATE = """
Resources:
  VPC: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  Net: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref VPC, CidrBlock: 10.0.1.0/24}}
  Gateway: {Type: AWS::EC2::VPNGateway, Properties: {Type: ipsec.1}}
  Attachment: {Type: AWS::EC2::VPCGatewayAttachment, Properties: {VpcId: !Ref VPC, VpnGatewayId: !Ref Gateway}}
  Direct: {Type: AWS::DirectConnect::DirectConnectGateway, Properties: {DirectConnectGatewayName: direct}}
  Association:
    Type: AWS::DirectConnect::DirectConnectGatewayAssociation
    Properties:
      DirectConnectGatewayId: !GetAtt Direct.DirectConnectGatewayId
      AssociatedGatewayId: !Ref Gateway
      AllowedPrefixesToDirectConnectGateway: [10.0.0.0/16]
  Interface:
    Type: AWS::DirectConnect::PrivateVirtualInterface
    Properties:
      ConnectionId: dxcon-1
      DirectConnectGatewayId: !Ref Direct
      Vlan: 100
      VirtualInterfaceName: interface
      BgpPeers: [{AddressFamily: ipv4, Asn: "65000"}]
  App: {Type: AWS::EC2::Instance, Properties: {SubnetId: !Ref Net, PrivateIpAddress: 10.0.1.10, ImageId: ami-1}}
"""


def test_a_template(tmp_path: Path) -> None:
    """What the customer announces is not in a template; that nothing propagates to the main table is."""
    path = tmp_path / "template.yaml"
    path.write_text(TEMPLATE)
    net = vpcsim.load(path)
    assert net.topology.settings.skipped == ()
    assert net.trace("192.168.1.5", "App").at == "VPC/default-security-group"
    assert net.trace("App", "192.168.1.5").at == "VPC/main-route-table"
