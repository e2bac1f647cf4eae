"""What is behind a core network beside VPCs: VPN connections, Direct Connect, transit gateways, Connect tunnels."""

from __future__ import annotations

import json
from typing import Any

import pytest
from networks import Refusal, Row, ask, changed, check, names, refused

WAN = "https://docs.aws.amazon.com/network-manager/latest/cloudwan/"
VPN, DIRECT, CONNECT = (
    f"{WAN}cloudwan-s2s-vpn-attachment.html",
    f"{WAN}cloudwan-dxattach-about.html",
    f"{WAN}cloudwan-connect-attachment.html",
)
PEERING, EVALUATION, POLICY = (
    f"{WAN}cloudwan-peerings.html",
    f"{WAN}cloudwan-route-evaluation.html",
    f"{WAN}cloudwan-policies-json.html",
)
STATIC = "https://docs.aws.amazon.com/vpn/latest/s2svpn/vpn-edit-static-routes.html"
HOW = "https://docs.aws.amazon.com/vpc/latest/tgw/how-transit-gateways-work.html"

DOCUMENT: dict[str, Any] = {
    "version": "2021.12",
    "core-network-configuration": {
        "asn-ranges": ["64520-64599"],
        "edge-locations": [{"location": "us-east-1"}, {"location": "eu-west-1"}],
    },
    "segments": [
        {"name": "prod", "require-attachment-acceptance": False},
        {"name": "hybrid", "require-attachment-acceptance": False},
        {"name": "dev", "require-attachment-acceptance": False},
    ],
    "segment-actions": [{"action": "share", "mode": "attachment-route", "segment": "hybrid", "share-with": ["prod"]}],
    "attachment-policies": [
        {
            "rule-number": 100,
            "conditions": [{"type": "tag-exists", "key": "segment"}],
            "action": {"association-method": "tag", "tag-value-of-key": "segment"},
        }
    ],
}
BASE = f"""
region: us-east-1
vpcs: {{one: 10.1.0.0/16, far: {{cidr: 10.3.0.0/16, region: eu-west-1}}, dev: 10.5.0.0/16}}
subnets:
  one-net: {{vpc: one, cidr: 10.1.1.0/24, az: us-east-1a}}
  far-net: {{vpc: far, cidr: 10.3.1.0/24, az: eu-west-1a}}
  dev-net: {{vpc: dev, cidr: 10.5.1.0/24, az: us-east-1a}}
on_premises: {{office: {{prefixes: 192.168.0.0/16, ip: 192.168.1.5}}}}
core_networks: {{wan: {{policy: {json.dumps(DOCUMENT)}}}}}
core_network_attachments:
  att-one: {{core_network: wan, vpc: one, subnets: one-net, tags: {{segment: prod}}}}
  att-far: {{core_network: wan, vpc: far, subnets: far-net, tags: {{segment: prod}}}}
  att-dev: {{core_network: wan, vpc: dev, subnets: dev-net, tags: {{segment: dev}}}}
route_tables:
  table-one: {{vpc: one, subnets: one-net, routes: {{0.0.0.0/0: wan}}}}
  table-far: {{vpc: far, subnets: far-net, routes: {{0.0.0.0/0: wan}}}}
  table-dev: {{vpc: dev, subnets: dev-net, routes: {{0.0.0.0/0: wan}}}}
security_groups:
  one-sg: {{vpc: one, ingress: all from 0.0.0.0/0}}
  far-sg: {{vpc: far, ingress: all from 0.0.0.0/0}}
  dev-sg: {{vpc: dev, ingress: all from 0.0.0.0/0}}
instances:
  app: {{subnet: one-net, ip: 10.1.1.10, security_groups: one-sg}}
  eu: {{subnet: far-net, ip: 10.3.1.10, security_groups: far-sg}}
  dev-app: {{subnet: dev-net, ip: 10.5.1.10, security_groups: dev-sg}}
"""
WITH_VPN = f"""{BASE}
customer_gateways: {{router: office}}
vpn_connections: {{vpn: {{customer_gateway: router}}}}
"""
WITH_VPN = WITH_VPN.replace("  att-dev:", "  att-vpn: {core_network: wan, vpn: vpn, tags: {segment: hybrid}}\n  att-dev:")
WITH_DX = f"""{BASE}
direct_connect_gateways: {{dxgw: []}}
virtual_interfaces: {{vif: {{type: transit, direct_connect_gateway: dxgw, network: office}}}}
""".replace("  att-dev:", "  att-dx: {core_network: wan, direct_connect_gateway: dxgw, tags: {segment: hybrid}}\n  att-dev:")


def policy(*actions: dict[str, Any], **segments: dict[str, Any]) -> str:
    """The policy with more actions, and with segments changed."""
    document = json.loads(json.dumps(DOCUMENT))
    for segment in document["segments"]:
        segment.update(segments.get(segment["name"], {}))
    document["segment-actions"] += actions
    return f"core_networks: {{wan: {{policy: {json.dumps(document)}}}}}\n"


def route(to: str, *destinations: str, segment: str = "prod") -> dict[str, Any]:
    return {"action": "create-route", "segment": segment, "destination-cidr-blocks": [to], "destinations": [*destinations]}


APP, EU = "app app/one-net one-net wan", "eu eu/far-net far-net wan"
ASK = "app -> office 443/tcp"
OUT, IN = f"{APP} att-vpn vpn office", "office vpn att-vpn wan one-net app/one-net app"
EU_OUT, EU_IN = f"{EU} att-vpn vpn office", "office vpn att-vpn wan far-net eu/far-net eu"
PROD, HYBRID = "wan/prod/us-east-1", "wan/hybrid/us-east-1"
STATIC_VPN = "vpn_connections: {vpn: {static_routes: 192.168.0.0/16}}\n"
TWO = """vpn_connections: {more: {customer_gateway: router}}
core_network_attachments: {att-more: {core_network: wan, vpn: more, tags: {segment: hybrid}}}
"""
TWO_TOLD = TWO.replace("vpn: more,", "vpn: more, as_path: {},").replace("att-more:", "att-vpn: {{as_path: {}}}, att-more:")
TWO_TOLD = TWO_TOLD.replace("{core", "{{core").replace("hybrid}}}", "hybrid}}}}}}").replace("attachments: {", "attachments: {{")
TWO_TOLD = TWO_TOLD.replace(
    "connections: {more: {customer_gateway: router}}", "connections: {{more: {{customer_gateway: router}}}}"
)
TWO_TOLD = TWO_TOLD.replace("tags: {segment", "tags: {{segment")
VPNS = [
    Row("VPN: out", VPN, "", ASK, OUT, IN),
    Row("VPN: in", VPN, "", "office -> app 22/tcp", IN, OUT),
    Row("VPN: from another Region", POLICY, "", "eu -> office 443/tcp", EU_OUT, EU_IN),
    Row("VPN: to another Region", POLICY, "", "office -> eu 443/tcp", EU_IN, EU_OUT),
    Row("VPN: not for a segment that shares nothing", POLICY, "", "dev-app -> office 443/tcp",
        "dev-app dev-app/dev-net dev-net wan", "",
        "no_route NO_ROUTE_TO_DESTINATION wan/dev/us-east-1"),
    Row("VPN: nor from there", POLICY, "", "office -> dev-app 443/tcp", "office vpn att-vpn wan", "",
        f"no_route NO_ROUTE_TO_DESTINATION {HYBRID}"),
    Row("VPN: isolation is about the own segment", POLICY, policy(hybrid={"isolate-attachments": True}), ASK, OUT, IN),
    Row("VPN: static routes do not propagate", STATIC, STATIC_VPN, ASK, APP, "", f"no_route NO_ROUTE_TO_DESTINATION {PROD}"),
    Row("VPN: a static route of the segment", POLICY, STATIC_VPN + policy(route("192.168.0.0/16", "att-vpn")), ASK, OUT, IN),
    Row("VPN: a static route in another Region", POLICY, STATIC_VPN + policy(route("192.168.0.0/16", "att-vpn")),
        "eu -> office 443/tcp",
        EU_OUT, EU_IN),
    Row("VPN: down", VPN, "vpn_connections: {vpn: {tunnels: [DOWN, DOWN]}}", ASK, APP, "",
        f"no_route NO_ROUTE_TO_DESTINATION {PROD}"),
    Row("VPN: a static route to one that is down", VPN,
        "vpn_connections: {vpn: {tunnels: [DOWN, DOWN]}}\n" + policy(route("192.168.0.0/16", "att-vpn")), ASK,
        f"{APP} att-vpn vpn", "",
        "denied BAD_STATE_VPN vpn"),
    Row("VPN: what it announces is not in the model", VPN, "on_premises: {office: null}\ncustomer_gateways: {router: {}}",
        "app -> 192.168.1.5 443/tcp", f"{APP} att-vpn vpn router/network", "", "undecided VPCSIM_NOT_MODELLED router/network"),
    Row("two VPNs that tell no AS path", EVALUATION, TWO, ASK, APP, "", f"undecided VPCSIM_NOT_MODELLED {PROD}"),
    Row("the shorter AS path", EVALUATION, TWO_TOLD.format(1, 2), ASK, OUT, IN),
    Row("the shorter AS path of the other one", EVALUATION, TWO_TOLD.format(3, 2), ASK, f"{APP} att-more more office", IN),
    Row("equal AS paths share the traffic", POLICY, TWO_TOLD.format(1, 1), ASK, f"{APP} att-more more office", IN),
    Row("equal AS paths without sharing", POLICY,
        TWO_TOLD.format(1, 1) + policy().replace('"asn-ranges"', '"vpn-ecmp-support": false, "asn-ranges"'), ASK, APP, "",
        f"undecided VPCSIM_NOT_MODELLED {PROD}"),
    Row("static before what is learned", EVALUATION, TWO + policy(route("192.168.0.0/16", "att-more")), ASK,
        f"{APP} att-more more office", IN),
]  # fmt: skip
DX_OUT, DX_IN = f"{APP} att-dx dxgw vif office", "office vif dxgw att-dx wan one-net app/one-net app"
EU_DX_OUT, EU_DX_IN = f"{EU} att-dx dxgw vif office", "office vif dxgw att-dx wan far-net eu/far-net eu"
EAST = "core_network_attachments: {att-dx: {edges: us-east-1}}\n"
BY_VPN_TOO = """customer_gateways: {router: office}
vpn_connections: {vpn: {customer_gateway: router}}
core_network_attachments:
  {att-vpn: {core_network: wan, vpn: vpn, as_path: 1, tags: {segment: hybrid}}, """
DIRECTS = [
    Row("Direct Connect: out", DIRECT, "", ASK, DX_OUT, DX_IN),
    Row("Direct Connect: in", DIRECT, "", "office -> app 22/tcp", DX_IN, DX_OUT),
    Row("Direct Connect: each Region by itself", DIRECT, "", "office -> eu 22/tcp", EU_DX_IN, EU_DX_OUT),
    Row("Direct Connect: an edge tells its local routes only", DIRECT, EAST, "office -> eu 22/tcp", "office", "",
        "no_route NO_ROUTE_TO_DESTINATION office"),
    Row("Direct Connect: the other Region has no way back", DIRECT, EAST, "eu -> office 22/tcp", EU_DX_OUT, "office",
        "no_route NO_ROUTE_TO_DESTINATION office"),
    Row("Direct Connect: nothing of a segment that shares nothing", DIRECT, "", "office -> dev-app 22/tcp", "office", "",
        "no_route NO_ROUTE_TO_DESTINATION office"),
    Row("Direct Connect: no VIF announces it", DIRECT, "virtual_interfaces: {vif: null}", ASK, APP, "",
        f"no_route NO_ROUTE_TO_DESTINATION {PROD}"),
    Row("Direct Connect before a VPN", EVALUATION,
        BY_VPN_TOO + "att-dx: {as_path: 1}}",
        ASK, DX_OUT, DX_IN),
    Row("a shorter AS path before Direct Connect", EVALUATION,
        BY_VPN_TOO + "att-dx: {as_path: 2}}",
        ASK, OUT, DX_IN),
]  # fmt: skip
WITH_TGW = f"""{BASE}
transit_gateways: {{tgw: {{default_association: false, default_propagation: false}}}}
transit_gateway_attachments: {{att-old: {{transit_gateway: tgw, vpc: old, subnets: old-net}}}}
transit_gateway_route_tables: {{rtb: {{transit_gateway: tgw, associations: att-old, propagations: att-old}}}}
core_network_peerings: {{peer: {{core_network: wan, transit_gateway: tgw}}}}
""".replace(
    "  att-dev:",
    "  att-rtb: {core_network: wan, peering: peer, transit_gateway_route_table: rtb, tags: {segment: prod}}\n  att-dev:",
)
WITH_TGW = WITH_TGW.replace("dev: 10.5.0.0/16}", "dev: 10.5.0.0/16, old: 10.7.0.0/16}")
WITH_TGW = WITH_TGW.replace("  dev-net:", "  old-net: {vpc: old, cidr: 10.7.1.0/24, az: us-east-1a}\n  dev-net:")
WITH_TGW = WITH_TGW.replace("  table-dev:", "  table-old: {vpc: old, subnets: old-net, routes: {10.0.0.0/8: tgw}}\n  table-dev:")
WITH_TGW = WITH_TGW.replace("  dev-sg:", "  old-sg: {vpc: old, ingress: all from 0.0.0.0/0}\n  dev-sg:")
WITH_TGW = WITH_TGW.replace("  dev-app:", "  old: {subnet: old-net, ip: 10.7.1.10, security_groups: old-sg}\n  dev-app:").replace(
    "  old: {subnet", "  legacy: {subnet"
)
BY_TGW = f"{APP} att-rtb att-rtb/attachment tgw old-net legacy/old-net legacy"
FROM_TGW = "legacy legacy/old-net old-net tgw att-rtb/attachment att-rtb wan one-net app/one-net app"
PEERED = [
    Row("a transit gateway: out", PEERING, "", "app -> legacy 443/tcp", BY_TGW, FROM_TGW),
    Row("a transit gateway: in", PEERING, "", "legacy -> app 443/tcp", FROM_TGW, BY_TGW),
    Row("a transit gateway: from another Region", PEERING, "", "eu -> legacy 443/tcp",
        f"{EU} att-rtb att-rtb/attachment tgw old-net legacy/old-net legacy",
        FROM_TGW.replace("one-net app/one-net app", "far-net eu/far-net eu")),
    Row("a transit gateway: not for another segment", PEERING, "", "dev-app -> legacy 443/tcp",
        "dev-app dev-app/dev-net dev-net wan", "",
        "no_route NO_ROUTE_TO_DESTINATION wan/dev/us-east-1"),
    Row("a transit gateway: a table that is not attached", PEERING,
        "transit_gateway_route_tables: {rtb: {associations: [], propagations: []}, "
        "more: {transit_gateway: tgw, associations: att-old}}",
        "legacy -> app 443/tcp", "legacy legacy/old-net old-net tgw", "", "no_route TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT more"),
    Row("a transit gateway: isolation does not hide its routes", POLICY, policy(prod={"isolate-attachments": True}),
        "app -> legacy 443/tcp",
        BY_TGW, "legacy legacy/old-net old-net tgw", "no_route TGW_RTB_CANNOT_ROUTE rtb"),
    Row("a transit gateway: a table's own routes first", HOW,
        "transit_gateway_route_tables: {rtb: {routes: {10.1.0.0/16: blackhole}}}",
        "legacy -> app 443/tcp", "legacy legacy/old-net old-net tgw", "", "null_routed TGW_RTB_BAD_STATE_ROUTE rtb"),
    Row("a transit gateway: the default table", PEERING,
        "transit_gateways: {tgw: {default_association: true, default_propagation: true}}\n"
        "transit_gateway_route_tables: {rtb: null}\n"
        "core_network_attachments: {att-rtb: {transit_gateway_route_table: tgw/default-route-table}}", "app -> legacy 443/tcp",
        BY_TGW, FROM_TGW),
    Row("a transit gateway: a peering that is being made", PEERING, "core_network_peerings: {peer: {state: CREATING}}",
        "app -> legacy 443/tcp", APP, "", f"no_route NO_ROUTE_TO_DESTINATION {PROD}"),
]  # fmt: skip
CONNECTED = [
    Row("Connect: what its appliances announce is not in the model", CONNECT,
        "core_network_attachments: {att-sdwan: {core_network: wan, transport: att-one, tags: {segment: hybrid}}}", ASK, APP, "",
        f"undecided VPCSIM_NOT_MODELLED {PROD}"),
    Row("Connect: a VPC is known", CONNECT,
        "core_network_attachments: {att-sdwan: {core_network: wan, transport: att-one, tags: {segment: hybrid}}}",
        "app -> eu 443/tcp",
        f"{APP} far-net eu/far-net eu", f"{EU} one-net app/one-net app"),
]  # fmt: skip


@pytest.mark.parametrize("row", VPNS, ids=names(VPNS))
def test_a_vpn(row: Row) -> None:
    check(WITH_VPN, row)


@pytest.mark.parametrize("row", DIRECTS, ids=names(DIRECTS))
def test_direct_connect(row: Row) -> None:
    check(WITH_DX, row)


@pytest.mark.parametrize("row", PEERED, ids=names(PEERED))
def test_a_transit_gateway(row: Row) -> None:
    check(WITH_TGW, row)


@pytest.mark.parametrize("row", CONNECTED, ids=names(CONNECTED))
def test_connect(row: Row) -> None:
    check(BASE, row)


API = "https://docs.aws.amazon.com/networkmanager/latest/APIReference/"
INVALID = "ValidationException"
REFUSALS = [
    (WITH_VPN, Refusal("a VPN that ends elsewhere", VPN,
        "transit_gateways: {tgw: {}}\nvpn_connections: {vpn: {transit_gateway: tgw}}", INVALID, "att-vpn")),
    (WITH_DX, Refusal("a Direct Connect gateway with other gateways", DIRECT,
        "vpn_gateways: {vgw: one}\nvirtual_interfaces: {vif: null}\ndirect_connect_gateways: {dxgw: vgw}", INVALID, "att-dx")),
    (WITH_DX, Refusal("a static route to Direct Connect", DIRECT, policy(route("192.168.0.0/16", "att-dx")),
        "CoreNetworkPolicyException", "wan")),
    (WITH_TGW, Refusal("a static route to a transit gateway", PEERING, policy(route("10.7.0.0/16", "att-rtb")),
        "CoreNetworkPolicyException", "wan")),
    (WITH_TGW, Refusal("a static route of the transit gateway", PEERING,
        "transit_gateway_route_tables: {rtb: {routes: {10.1.0.0/16: att-rtb/attachment}}}", "InvalidParameterValue", "rtb")),
    (WITH_TGW, Refusal("a table without a peering", PEERING,
    "core_network_attachments: {att-rtb: {peering: null, core_network: wan}}",
        INVALID, "att-rtb")),
    (WITH_TGW, Refusal("a table of another gateway", PEERING,
        "transit_gateways: {other: {}}\n"
        "core_network_attachments: {att-rtb: {transit_gateway_route_table: other/default-route-table}}",
        INVALID, "att-rtb")),
    (WITH_TGW, Refusal("a gateway of a Region without an edge", PEERING, "transit_gateways: {far-tgw: {region: sa-east-1}}\n"
        "core_network_peerings: {far-peer: {core_network: wan, transit_gateway: far-tgw}}", INVALID, "far-peer")),
    (WITH_TGW, Refusal("one ASN at both ends", PEERING,
        policy().replace('"location": "us-east-1"', '"location": "us-east-1", "asn": 64512'), INVALID, "peer")),
    (BASE, Refusal("a Connect attachment without a transport", CONNECT,
        "core_network_attachments: {sdwan: {core_network: wan, type: connect, tags: {segment: hybrid}}}", INVALID, "sdwan")),
]  # fmt: skip


@pytest.mark.parametrize(("base", "row"), REFUSALS, ids=[row.rule for _, row in REFUSALS])
def test_a_refusal(base: str, row: Refusal) -> None:
    refused(base, row)


def test_the_way_back_may_be_another_one() -> None:
    answer = ask(changed(WITH_VPN, TWO_TOLD.format(3, 2)), ASK)
    assert [note for note in answer.notes if note.startswith("asymmetric")] == [
        "asymmetric: there by att-more, more, back by vpn, att-vpn; "
        "an appliance that remembers connections drops those of which it sees one way"
    ]


def test_all_equal_ways_are_tried() -> None:
    answer = ask(changed(WITH_VPN, TWO_TOLD.format(1, 1)), ASK)
    assert sorted({hop.at for trip in answer.trips for hop in trip.there.hops} & {"vpn", "more"}) == ["more", "vpn"]
