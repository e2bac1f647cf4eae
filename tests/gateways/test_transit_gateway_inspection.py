"""What stands between two VPCs of a transit gateway: appliances of a third VPC, and firewalls that are attached natively."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from networks import Refusal, Row, check, names, refused

from vpcsim import load

TGW = "https://docs.aws.amazon.com/vpc/latest/tgw/"
RULES = "https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html"
FIREWALL = "https://docs.aws.amazon.com/network-firewall/latest/developerguide/tgw-firewall-considerations.html"
FUNCTIONS, HOW = f"{TGW}route-traffic-nf-attachment.html", f"{TGW}how-transit-gateways-work.html"
HOME_NET = "https://docs.aws.amazon.com/network-firewall/latest/developerguide/suricata-limitations-caveats.html"

BASE = """
vpcs: {one: 10.0.0.0/16, two: 10.1.0.0/16, between: 10.2.0.0/16}
subnets:
  app-net: {vpc: one, cidr: 10.0.1.0/24}
  db-net: {vpc: two, cidr: 10.1.1.0/24}
  in-net: {vpc: between, cidr: 10.2.9.0/28}
  box-net: {vpc: between, cidr: 10.2.1.0/24}
transit_gateways: {tgw: {security_group_referencing: true, default_association: false, default_propagation: false}}
transit_gateway_attachments:
  att-one: {transit_gateway: tgw, vpc: one, subnets: app-net}
  att-two: {transit_gateway: tgw, vpc: two, subnets: db-net}
  att-between: {transit_gateway: tgw, vpc: between, subnets: in-net, appliance_mode: true}
transit_gateway_route_tables:
  before: {transit_gateway: tgw, associations: [att-one, att-two], routes: {0.0.0.0/0: att-between}}
  after: {transit_gateway: tgw, associations: [att-between], propagations: [att-one, att-two]}
route_tables:
  table-one: {vpc: one, subnets: app-net, routes: {10.0.0.0/8: tgw}}
  table-two: {vpc: two, subnets: db-net, routes: {10.0.0.0/8: tgw}}
  in-table: {vpc: between, subnets: in-net, routes: {0.0.0.0/0: box}}
  box-table: {vpc: between, subnets: box-net, routes: {0.0.0.0/0: tgw}}
security_groups:
  app-sg: {vpc: one}
  db-sg: {vpc: two, ingress: tcp 443 from app-sg}
  box-sg: {vpc: between, ingress: all from 0.0.0.0/0}
instances:
  app: {subnet: app-net, ip: 10.0.1.10, security_groups: app-sg}
  db: {subnet: db-net, ip: 10.1.1.10, security_groups: db-sg}
  box: {subnet: box-net, ip: 10.2.1.5, security_groups: box-sg, source_dest_check: false, forwards: pass}
"""
ASKED = "app -> db 443/tcp"
OUT = "app app/app-net app-net tgw"
THROUGH = "in-net box/box-net box box/box-net box-net tgw db-net db/db-net"
BACK = "db db/db-net db-net tgw in-net box/box-net box box/box-net box-net tgw app-net app/app-net app"
PAST = """
transit_gateway_route_tables: {before: {routes: null, propagations: [att-one, att-two]}}
"""
BY_ADDRESS = "security_groups: {db-sg: {ingress: tcp 443 from 10.0.1.10/32}}"

GROUPS = [
    Row("by address, behind an appliance of a third VPC", RULES, BY_ADDRESS, ASKED, f"{OUT} {THROUGH} db", BACK),
    Row("by group, behind an appliance of a third VPC", RULES, "", ASKED, f"{OUT} {THROUGH}", "",
        "denied SG_REFERENCES_NOT_PRESERVED db-sg"),
    Row("by group, past it", RULES, PAST, ASKED, f"{OUT} db-net db/db-net db", "db db/db-net db-net tgw app-net app/app-net app"),
]  # fmt: skip


@pytest.mark.parametrize("row", GROUPS, ids=names(GROUPS))
def test_a_group_does_not_count_behind_an_appliance_of_a_third_vpc(row: Row) -> None:
    check(BASE, row)


NATIVE = """
vpcs: {between: null}
subnets: {in-net: null, box-net: null}
transit_gateway_attachments: {att-between: null}
route_tables: {in-table: null, box-table: null}
instances: {box: null}
security_groups: {box-sg: null, db-sg: {ingress: tcp 0-65535 from 10.0.0.0/8}}
network_firewalls: {fw: {policy: fw-policy, transit_gateway: tgw}}
firewall_policies: {fw-policy: {stateful: rules, order: strict, stateful_default: drop_strict}}
firewall_rule_groups: {rules: {stateful: [pass tcp any any -> any 443]}}
transit_gateway_route_tables:
  before: {routes: {0.0.0.0/0: fw/attachment}}
  after: {associations: [fw/attachment]}
"""
FW = "tgw fw/attachment fw fw/attachment tgw"
THERE = "app app/app-net app-net"
HERE = f"db db/db-net db-net {FW} app-net app/app-net app"


def native(old: str = "", new: str = "") -> str:
    assert old in NATIVE
    return NATIVE.replace(old, new)


FUNCTION_ROWS = [
    Row("it passes, there and back", FUNCTIONS, NATIVE, ASKED, f"{THERE} {FW} db-net db/db-net db", HERE),
    Row("it drops", FIREWALL, NATIVE, "app -> db 80/tcp", f"{THERE} tgw fw/attachment fw", "",
        "denied FIREWALL_RULES_RESTRICTION fw"),
    Row("an answer that its request did not go through", FIREWALL, native("before: {routes: {0.0.0.0/0: fw/attachment}}",
        "before: {routes: {0.0.0.0/0: null, 10.0.0.0/16: fw/attachment}, propagations: [att-two]}"), ASKED,
        f"{THERE} tgw db-net db/db-net db",
        "db db/db-net db-net tgw fw/attachment fw", "denied FIREWALL_RULES_RESTRICTION fw"),
    Row("groups do not count behind it", f"{TGW}tgw-vpc-attachments.html",
        native("tcp 0-65535 from 10.0.0.0/8", "tcp 443 from app-sg"), ASKED, f"{THERE} {FW} db-net db/db-net", "",
        "denied SG_REFERENCES_NOT_PRESERVED db-sg"),
    Row("HOME_NET without a value of its own", HOME_NET, native("any any -> any 443", "$HOME_NET any -> any 443"), ASKED,
        f"{THERE} tgw fw/attachment fw", "", "undecided VPCSIM_NOT_MODELLED fw"),
    Row("HOME_NET with a value", HOME_NET, native("{rules: {stateful", "{rules: {home_net: 10.0.0.0/8, stateful").replace(
        "any any -> any 443", "$HOME_NET any -> any 443"), ASKED, f"{THERE} {FW} db-net db/db-net db", HERE),
    Row("its attachment without a table", HOW, native("associations: [fw/attachment]", "associations: []"), ASKED,
        f"{THERE} tgw fw/attachment fw fw/attachment tgw", "", "denied TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION fw/attachment"),
]  # fmt: skip


@pytest.mark.parametrize("row", FUNCTION_ROWS, ids=names(FUNCTION_ROWS))
def test_a_firewall_that_is_attached_natively(row: Row) -> None:
    check(BASE, row)


REFUSALS = [
    Refusal("in a VPC and attached", FIREWALL, native("transit_gateway: tgw}", "transit_gateway: tgw, subnets: app-net}"),
            "InvalidRequestException", "fw"),
    Refusal("neither", FIREWALL, native(", transit_gateway: tgw}", "}").replace("[fw/attachment]", "[]").replace(
            "fw/attachment", "att-two"),
            "InvalidRequestException", "fw"),
    Refusal("nothing propagates from it", HOW, native("associations: [fw/attachment]",
            "associations: [fw/attachment], propagations: [fw/attachment, att-one]"), "", "after"),
]  # fmt: skip


@pytest.mark.parametrize("row", REFUSALS, ids=names(REFUSALS))
def test_what_aws_refuses(row: Refusal) -> None:
    refused(BASE, row)


PAGE = {"FirewallArn": "arn:aws:network-firewall:us-east-1:111122223333:firewall/fw", "FirewallName": "fw"}
SYNC = {"AttachmentId": "tgw-attach-0cc", "TransitGatewayAttachmentStatus": "READY"}
ANSWERS = [
    {"Firewall": {**PAGE, "FirewallPolicyArn": "arn:aws:network-firewall:us-east-1:111122223333:firewall-policy/p",
                  "TransitGatewayId": "tgw-0aa"}, "FirewallStatus": {"TransitGatewayAttachmentSyncState": SYNC}},
    {"FirewallPolicyResponse": {"FirewallPolicyName": "p", "FirewallPolicyId": "x",
                                "FirewallPolicyArn": "arn:aws:network-firewall:us-east-1:111122223333:firewall-policy/p"},
     "FirewallPolicy": {"StatelessDefaultActions": ["aws:pass"], "StatelessFragmentDefaultActions": ["aws:pass"]}},
    {"TransitGateways": [{"TransitGatewayId": "tgw-0aa", "State": "available"}],
     "TransitGatewayAttachments": [{"TransitGatewayAttachmentId": "tgw-attach-0cc", "TransitGatewayId": "tgw-0aa",
                                    "ResourceType": "network-function", "State": "available"}]},
]  # fmt: skip


def test_the_spelling_of_an_account(tmp_path: Path) -> None:
    for number, answer in enumerate(ANSWERS):
        (tmp_path / f"{number}.json").write_text(json.dumps(answer))
    resources = load(tmp_path).topology.resources
    assert resources["tgw-attach-0cc"].dump()["ResourceId"] == "fw"
    assert [id for id, resource in resources.items() if resource.kind == "transit_gateway_attachment"] == ["tgw-attach-0cc"]


TEMPLATE = """
Resources:
  Gateway: {Type: AWS::EC2::TransitGateway, Properties: {}}
  Policy:
    Type: AWS::NetworkFirewall::FirewallPolicy
    Properties:
      FirewallPolicyName: p
      FirewallPolicy: {StatelessDefaultActions: [aws:pass], StatelessFragmentDefaultActions: [aws:pass]}
  Firewall:
    Type: AWS::NetworkFirewall::Firewall
    Properties:
      FirewallName: fw
      FirewallPolicyArn: !Ref Policy
      TransitGatewayId: !Ref Gateway
      AvailabilityZoneMappings: [{AvailabilityZone: us-east-1a}]
"""


def test_the_spelling_in_templates(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    attachment = load(tmp_path / "template.yaml").topology.resources["Firewall/attachment"]
    assert (attachment.dump()["ResourceType"], attachment.dump()["ResourceId"]) == ("network-function", "Firewall")
