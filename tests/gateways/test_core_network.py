"""Core networks: in which segment an attachment is, what that segment reaches, and where a packet leaves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from networks import Refusal, Row, ask, changed, check, names, refused

import vpcsim
from vpcsim import Network

WAN = "https://docs.aws.amazon.com/network-manager/latest/cloudwan/"
POLICY, EVALUATION = f"{WAN}cloudwan-policies-json.html", f"{WAN}cloudwan-route-evaluation.html"
ACTIONS, VPC, STATES = (
    f"{WAN}cloudwan-policy-network-actions-routes.html",
    f"{WAN}cloudwan-vpc-attachment.html",
    f"{WAN}cloudwan-attachments-acceptance.html",
)
ZONES = "https://docs.aws.amazon.com/vpc/latest/tgw/tgw-vpc-attachments.html"
ACLS = "https://docs.aws.amazon.com/vpc/latest/tgw/tgw-nacls.html"
API = "https://docs.aws.amazon.com/networkmanager/latest/APIReference/"

BASE = """
region: us-east-1
vpcs:
  one: {cidr: 10.1.0.0/16, dns_hostnames: true}
  two: {cidr: 10.2.0.0/16, dns_hostnames: true}
  far: {cidr: 10.3.0.0/16, dns_hostnames: true, region: eu-west-1}
  hub: {cidr: 10.9.0.0/16, dns_hostnames: true}
subnets:
  one-net: {vpc: one, cidr: 10.1.1.0/24, az: us-east-1a}
  one-net-b: {vpc: one, cidr: 10.1.2.0/24, az: us-east-1b}
  one-out: {vpc: one, cidr: 10.1.9.0/28, az: us-east-1a}
  two-net: {vpc: two, cidr: 10.2.1.0/24, az: us-east-1a}
  two-out: {vpc: two, cidr: 10.2.9.0/28, az: us-east-1a}
  far-net: {vpc: far, cidr: 10.3.1.0/24, az: eu-west-1a}
  far-out: {vpc: far, cidr: 10.3.9.0/28, az: eu-west-1a}
  hub-net: {vpc: hub, cidr: 10.9.1.0/24, az: us-east-1a}
  hub-out: {vpc: hub, cidr: 10.9.9.0/28, az: us-east-1a}
core_networks:
  wan:
    policy:
      version: "2021.12"
      core-network-configuration: {asn-ranges: [64512-65534], edge-locations: [us-east-1, eu-west-1]}
      segments:
        - {name: prod, require-attachment-acceptance: false}
        - {name: dev, require-attachment-acceptance: false}
        - {name: shared, require-attachment-acceptance: false}
      segment-actions:
        - {action: share, mode: attachment-route, segment: shared, share-with: [prod, dev]}
      attachment-policies:
        - rule-number: 100
          conditions: [{type: tag-exists, key: segment}]
          action: {association-method: tag, tag-value-of-key: segment}
core_network_attachments:
  att-one: {core_network: wan, vpc: one, subnets: one-out, tags: {segment: prod}}
  att-two: {core_network: wan, vpc: two, subnets: two-out, tags: {segment: prod}}
  att-far: {core_network: wan, vpc: far, subnets: far-out, tags: {segment: prod}}
  att-hub: {core_network: wan, vpc: hub, subnets: hub-out, tags: {segment: shared}}
route_tables:
  table-one: {vpc: one, subnets: [one-net, one-net-b], routes: {10.0.0.0/8: wan, "2001:db8::/32": wan}}
  table-two: {vpc: two, subnets: two-net, routes: {10.0.0.0/8: wan, "2001:db8::/32": wan}}
  table-far: {vpc: far, subnets: far-net, routes: {10.0.0.0/8: wan}}
  table-hub: {vpc: hub, subnets: hub-net, routes: {10.0.0.0/8: wan}}
security_groups:
  one-sg: {vpc: one, ingress: [all from 10.0.0.0/8, "all from ::/0"], egress: [all to 0.0.0.0/0, "all to ::/0"]}
  two-sg: {vpc: two, ingress: [all from 10.0.0.0/8, "all from ::/0"]}
  far-sg: {vpc: far, ingress: all from 10.0.0.0/8}
  hub-sg: {vpc: hub, ingress: all from 10.0.0.0/8}
instances:
  app: {subnet: one-net, ip: 10.1.1.10, security_groups: one-sg}
  app-b: {subnet: one-net-b, ip: 10.1.2.10, security_groups: one-sg}
  db: {subnet: two-net, ip: 10.2.1.10, security_groups: two-sg}
  eu: {subnet: far-net, ip: 10.3.1.10, security_groups: far-sg}
  svc: {subnet: hub-net, ip: 10.9.1.10, security_groups: hub-sg}
"""
DOCUMENT = yaml.safe_load(BASE)["core_networks"]["wan"]["policy"]
IN_ONE, IN_HUB = "app app/one-net one-net wan", "svc svc/hub-net hub-net wan"
OUT, BACK = f"{IN_ONE} two-out db/two-net db", "db db/two-net two-net wan one-out app/one-net app"
TO_HUB, FROM_HUB = f"{IN_ONE} hub-out svc/hub-net svc", f"{IN_HUB} one-out app/one-net app"
TO_FAR, FROM_FAR = f"{IN_ONE} far-out eu/far-net eu", "eu eu/far-net far-net wan one-out app/one-net app"
ASK, ASK_HUB, ASK_FAR = "app -> db 443/tcp", "app -> svc 443/tcp", "app -> eu 443/tcp"
NO_ROUTE = "no_route NO_ROUTE_TO_DESTINATION wan/prod/us-east-1"
BLACKHOLE = "null_routed BAD_STATE_ROUTE wan/prod/us-east-1"
NOT_SAID = "undecided VPCSIM_NOT_MODELLED wan/prod/us-east-1"


def policy(**changes: Any) -> str:
    """The policy with parts of it changed; `dev={...}` changes the segment of that name."""
    document = json.loads(json.dumps(DOCUMENT))
    for segment in document["segments"]:
        segment.update(changes.pop(segment["name"], {}))
    for name, value in changes.items():
        if name == "configuration":
            document["core-network-configuration"].update(value)
        else:
            document[name.replace("_", "-")] = value
    return f"core_networks: {{wan: {{policy: {json.dumps(document)}}}}}\n"


def tagged(**segments: str) -> str:
    """Attachments with other segments."""
    told = ", ".join(f"att-{name}: {{tags: {{segment: {segment}}}}}" for name, segment in segments.items())
    return f"core_network_attachments: {{{told}}}\n"


def rule(*conditions: dict[str, str], logic: str = "", **action: Any) -> str:
    """A policy whose first rule puts what meets the conditions into `dev`, and the rest by their tags."""
    made = {"rule-number": 10, "conditions": [*conditions], "action": action or {"segment": "dev"}}
    made |= {"condition-logic": logic} if logic else {}
    return policy(attachment_policies=[*DOCUMENT["attachment-policies"], made])


def shares(*actions: dict[str, Any], **changes: Any) -> str:
    return policy(segment_actions=[{"action": "share", "mode": "attachment-route", **action} for action in actions], **changes)


def routes(*destinations: str, to: str = "10.77.0.0/16", **changes: Any) -> str:
    made = {"action": "create-route", "segment": "prod", "destination-cidr-blocks": [to], "destinations": [*destinations]}
    return policy(segment_actions=[*DOCUMENT["segment-actions"], made], **changes)


DEV = tagged(two="dev")
SEGMENTS = [
    Row("one segment, one Region", POLICY, "", ASK, OUT, BACK),
    Row("one segment, two Regions", POLICY, "", ASK_FAR, TO_FAR, FROM_FAR),
    Row("another segment", POLICY, DEV, ASK, IN_ONE, "", NO_ROUTE),
    Row("a segment that is shared with", POLICY, "", ASK_HUB, TO_HUB, FROM_HUB),
    Row("a share works both ways round", POLICY, "", "svc -> app 443/tcp", FROM_HUB, TO_HUB),
    Row("a share joins other Regions", POLICY, "", "svc -> eu 443/tcp", f"{IN_HUB} far-out eu/far-net eu",
        "eu eu/far-net far-net wan hub-out svc/hub-net svc"),
    Row("those shared with do not reach each other", POLICY, DEV, ASK, IN_ONE, "", NO_ROUTE),
    Row("shared with all", POLICY, shares({"segment": "shared", "share-with": "*"}), ASK_HUB, TO_HUB, FROM_HUB),
    Row("shared with all but one", POLICY, shares({"segment": "shared", "share-with": {"except": ["prod"]}}), ASK_HUB, IN_ONE, "",
        NO_ROUTE),
    Row("shared with all but another", POLICY, shares({"segment": "shared", "share-with": {"except": ["dev"]}}), ASK_HUB, TO_HUB,
        FROM_HUB),
    Row("isolated attachments", POLICY, policy(prod={"isolate-attachments": True}), ASK, IN_ONE, "", NO_ROUTE),
    Row("isolated attachments reach what is shared", POLICY, policy(prod={"isolate-attachments": True}), ASK_HUB, TO_HUB,
        FROM_HUB),
    Row("isolation holds between Regions", POLICY, policy(prod={"isolate-attachments": True}), ASK_FAR, IN_ONE, "", NO_ROUTE),
    Row("a deny filter", POLICY, policy(prod={"deny-filter": ["shared"]}), ASK_HUB, IN_ONE, "", NO_ROUTE),
    Row("a deny filter is about one way", ACTIONS, policy(shared={"deny-filter": ["prod"]}), ASK_HUB, TO_HUB, IN_HUB,
        "no_route NO_ROUTE_TO_DESTINATION wan/shared/us-east-1"),
    Row("a deny filter about another segment", POLICY, policy(prod={"deny-filter": ["dev"]}), ASK_HUB, TO_HUB, FROM_HUB),
    Row("an allow filter", POLICY, policy(prod={"allow-filter": ["shared"]}), ASK_HUB, TO_HUB, FROM_HUB),
    Row("an allow filter without it", POLICY, policy(prod={"allow-filter": ["dev"]}), ASK_HUB, IN_ONE, "", NO_ROUTE),
    Row("an allow filter shares nothing by itself", POLICY, policy(prod={"allow-filter": ["dev"]}) + DEV, ASK, IN_ONE, "",
        NO_ROUTE),
    Row("a segment that is not in the Region", POLICY, policy(prod={"edge-locations": ["eu-west-1"]}), ASK, IN_ONE, "",
        "denied VPCSIM_NO_SEGMENT wan"),
    Row("a segment of the sender's Region only", POLICY, policy(prod={"edge-locations": ["us-east-1"]}), ASK, OUT, BACK),
    Row("a destination that nobody has", POLICY, "", "app -> 10.200.0.1 443/tcp", IN_ONE, "", NO_ROUTE),
    Row("without a policy", POLICY, "core_networks: {wan: {policy: null}}", ASK, IN_ONE, "", "undecided VPCSIM_NOT_MODELLED wan"),
]  # fmt: skip
VPC_TYPE = {"type": "attachment-type", "operator": "equals", "value": "vpc"}
TWO = {"type": "resource-id", "operator": "equals", "value": "two"}
DEV_TWO = IN_ONE, "", NO_ROUTE
NOT_KNOWN = IN_ONE, "", "undecided VPCSIM_NOT_MODELLED att-one"
RULES = [
    Row("no rule", POLICY, policy(attachment_policies=[]), ASK, IN_ONE, "", "denied VPCSIM_NO_SEGMENT att-one"),
    Row("a tag that names no segment", POLICY, tagged(one="prd"), ASK, IN_ONE, "", "denied VPCSIM_NO_SEGMENT att-one"),
    Row("the lowest number counts", POLICY, rule(TWO), ASK, *DEV_TWO),
    Row("any", POLICY, rule({"type": "any"}), ASK, OUT, BACK),
    Row("by a tag's value", POLICY,
        rule({"type": "tag-value", "key": "stage", "operator": "begins-with", "value": "te"})
        + "core_network_attachments: {att-two: {tags: {segment: prod, stage: test}}}", ASK, *DEV_TWO),
    Row("by another value", POLICY,
        rule({"type": "tag-value", "key": "stage", "operator": "equals", "value": "te"})
        + "core_network_attachments: {att-two: {tags: {segment: prod, stage: test}}}", ASK, OUT, BACK),
    Row("a value that contains", POLICY,
        rule({"type": "tag-value", "key": "segment", "operator": "contains", "value": "ro"}), ASK, OUT, BACK),
    Row("a value that is not", POLICY,
        rule({"type": "tag-value", "key": "segment", "operator": "not-equals", "value": "prod"}), ASK_HUB, *DEV_TWO),
    Row("by the type", POLICY, rule(VPC_TYPE), ASK, OUT, BACK),
    Row("by another type", POLICY, rule({**VPC_TYPE, "value": "connect"}), ASK_HUB, TO_HUB, FROM_HUB),
    Row("by the Region", POLICY, rule({"type": "region", "operator": "equals", "value": "eu-west-1"}), ASK_FAR, *DEV_TWO),
    Row("by the account", POLICY, rule({"type": "account-id", "operator": "equals", "value": "111122223333"})
        + "core_network_attachments: {att-two: {account: '111122223333'}}\nvpcs: {two: {account: '111122223333'}}", ASK,
        *DEV_TWO),
    Row("all of several conditions", POLICY, rule(VPC_TYPE, {"type": "region", "value": "eu-west-1"}, logic="and"), ASK, OUT,
        BACK),
    Row("one of several conditions", POLICY, rule(TWO, {"type": "region", "value": "ap-south-1"}, logic="or"), ASK, *DEV_TWO),
    Row("an id of AWS's in a model without them", POLICY, rule({**TWO, "value": "vpc-0123456789abcdef0"}), ASK, *NOT_KNOWN),
    Row("a condition that AWS does not describe", POLICY, rule({"type": "tag-name", "value": "x"}), ASK, *NOT_KNOWN),
    Row("the segment that AWS tells", f"{API}API_Attachment.html",
        policy(attachment_policies=[]) + "core_network_attachments: {att-one: {segment: prod}, att-two: {segment: prod}}", ASK,
        OUT, BACK),
]  # fmt: skip
ASKS = policy(prod={"require-attachment-acceptance": True})
WAITS = IN_ONE, "", "null_routed BAD_STATE_ATTACHMENT att-one"
IN_STATE = "core_network_attachments: {{att-two: {{state: {}}}}}"
ACCEPTED = [
    Row("it waits to be accepted", STATES, ASKS, ASK, *WAITS),
    Row("acceptance is the default", POLICY, ASKS.replace(', "require-attachment-acceptance": true', ""), ASK, *WAITS),
    Row("a rule may ask for it", POLICY, rule(VPC_TYPE, segment="prod", **{"require-acceptance": True}), ASK, *WAITS),
    Row("accepted", STATES, ASKS + "core_network_attachments: {att-one: {accepted: true}, att-two: {accepted: true}}", ASK, OUT,
        BACK),
    Row("the other end waits", STATES, IN_STATE.format("PENDING_ATTACHMENT_ACCEPTANCE"), ASK, IN_ONE, "", NO_ROUTE),
    Row("the other end is being made", f"{API}API_Attachment.html", IN_STATE.format("CREATING"), ASK, IN_ONE, "", NO_ROUTE),
    Row("the other end is updated", f"{API}API_Attachment.html", IN_STATE.format("UPDATING"), ASK, OUT, BACK),
    Row("not attached", f"{API}API_CreateVpcAttachment.html", "core_network_attachments: {att-one: null}", ASK,
        "app app/one-net one-net",
        "", "null_routed BAD_STATE_ROUTE table-one"),
]  # fmt: skip
TO_77 = "app -> 10.77.0.1 443/tcp"
THREE = (
    policy(configuration={"edge-locations": ["us-east-1", "eu-west-1", "sa-east-1"]})
    + """
subnets: {south-out: {vpc: south, cidr: 10.4.9.0/28, az: sa-east-1a}}
core_network_attachments: {att-south: {core_network: wan, vpc: south, subnets: south-out, tags: {segment: prod}}}
"""
)
ROUTES = [
    Row("a static route to another segment's attachment", POLICY, routes("att-two", to="10.2.1.0/24") + DEV, ASK, OUT,
        "db db/two-net two-net wan",
        "no_route NO_ROUTE_TO_DESTINATION wan/dev/us-east-1"),
    Row("a static route is not shared", ACTIONS, routes("att-hub"), "db -> 10.77.0.1 443/tcp",
        "db db/two-net two-net wan hub-out",
        "", "no_route NO_ROUTE_TO_DESTINATION hub/main-route-table"),
    Row("a static route is not in a segment that shares", ACTIONS,
        routes("att-hub").replace('"segment": "prod", "destination', '"segment": "shared", "destination'), TO_77, IN_ONE, "",
        NO_ROUTE),
    Row("a Region without its own takes another one's", POLICY, routes("att-hub"), "eu -> 10.77.0.1 443/tcp",
        "eu eu/far-net far-net wan hub-out", "", "no_route NO_ROUTE_TO_DESTINATION hub/main-route-table"),
    Row("a Region with its own takes that", POLICY, routes("att-hub", "att-far"), "eu -> 10.77.0.1 443/tcp",
        "eu eu/far-net far-net wan far-out", "", "no_route NO_ROUTE_TO_DESTINATION far/main-route-table"),
    Row("static before what a VPC propagates", EVALUATION, routes("att-hub", to="10.2.0.0/16"), ASK, f"{IN_ONE} hub-out", "",
        "no_route NO_ROUTE_TO_DESTINATION hub/main-route-table"),
    Row("the longest prefix first", EVALUATION, routes("att-hub", to="10.2.0.0/15"), ASK, OUT, BACK),
    Row("a blackhole", POLICY, routes("blackhole", to="10.2.1.0/24"), ASK, IN_ONE, "", BLACKHOLE),
    Row("a blackhole is in every Region", POLICY, routes("blackhole", to="10.2.1.0/24"), "eu -> db 443/tcp",
        "eu eu/far-net far-net wan", "", "null_routed BAD_STATE_ROUTE wan/prod/eu-west-1"),
    Row("a blackhole is not propagated", POLICY, routes("blackhole", to="10.2.1.0/24"), "svc -> eu 443/tcp",
        f"{IN_HUB} far-out eu/far-net eu",
        "eu eu/far-net far-net wan hub-out svc/hub-net svc"),
    Row("a static route to an attachment that is not here", POLICY, routes("attachment-0123456789abcdef0"), TO_77, IN_ONE, "",
        "undecided NO_POSSIBLE_DESTINATION wan/prod/us-east-1"),
    Row("static beats isolation", POLICY, routes("att-two", "att-far", to="10.2.0.0/16", prod={"isolate-attachments": True}),
        ASK, OUT,
        "db db/two-net two-net wan", NO_ROUTE),
    Row("the VPC of the same Region first", EVALUATION, "vpcs: {far: {more_cidrs: 10.2.0.0/16}}", ASK, OUT, BACK),
    Row("of two other Regions AWS takes one", EVALUATION,
        THREE
        + "vpcs: {south: {cidr: 10.4.0.0/16, region: sa-east-1, more_cidrs: 10.77.0.0/16}, far: {more_cidrs: 10.77.0.0/16}}",
        TO_77, IN_ONE, "", NOT_SAID),
    Row("of two other Regions the longer prefix", EVALUATION,
        THREE
        + "vpcs: {south: {cidr: 10.4.0.0/16, region: sa-east-1, more_cidrs: 10.77.0.0/24}, far: {more_cidrs: 10.77.0.0/16}}",
        TO_77, f"{IN_ONE} south-out", "",
        "no_route NO_POSSIBLE_DESTINATION south/main-route-table"),
    Row("VPCs at one edge that overlap", ZONES, "vpcs: {two: {more_cidrs: 10.44.0.0/16}, hub: {more_cidrs: 10.44.0.0/20}}",
        "app -> 10.44.0.9 443/tcp", IN_ONE, "", NOT_SAID),
]  # fmt: skip
IPV6 = """
vpcs: {one: {ipv6: "2001:db8:1::/56"}, two: {ipv6: "2001:db8:2::/56"}}
subnets: {one-net: {ipv6_cidr: "2001:db8:1:1::/64"}, two-net: {ipv6_cidr: "2001:db8:2:1::/64"}}
instances: {app: {ipv6: "2001:db8:1:1::10"}, db: {ipv6: "2001:db8:2:1::10"}}
"""
V6 = "app -> 2001:db8:2:1::10 443/tcp"
BOTH_V6 = "core_network_attachments: {att-one: {ipv6: true}, att-two: {ipv6: true}}"


def acl(subnet: str, vpc: str, ingress: str, egress: str) -> str:
    return f"network_acls: {{acl: {{vpc: {vpc}, subnets: {subnet}, ingress: {ingress}, egress: {egress}}}}}"


ALL_IN, ALL_OUT = "100 allow all from 0.0.0.0/0", "100 allow all to 0.0.0.0/0"
ENDS = [
    Row("a zone without a subnet", VPC, "", "app-b -> db 443/tcp", "app-b app-b/one-net-b one-net-b wan", "",
        "denied VPCSIM_ATTACHMENT_ZONE att-one"),
    Row("a subnet for every zone", VPC, "core_network_attachments: {att-one: {subnets: [one-out, one-net-b]}}",
        "app-b -> db 443/tcp",
        "app-b app-b/one-net-b one-net-b wan two-out db/two-net db", "db db/two-net two-net wan one-out app-b/one-net-b app-b"),
    Row("the ACL on the way in", ACLS, acl("one-out", "one", "[]", ALL_OUT), ASK, IN_ONE, "",
        "denied SUBNET_ACL_RESTRICTION acl"),
    Row("the ACL on the way out", ACLS, acl("two-out", "two", ALL_IN, "[]"), ASK, f"{IN_ONE} two-out", "",
        "denied SUBNET_ACL_RESTRICTION acl"),
    Row("the table of the attachment's subnet decides", ZONES,
        routes("att-hub", to="0.0.0.0/0") + "route_tables: {table-one: {routes: {0.0.0.0/0: wan}}}",
        "app -> 198.51.100.9 443/tcp",
        f"{IN_ONE} hub-out", "", "no_route NO_ROUTE_TO_DESTINATION hub/main-route-table"),
    Row("no route to it", POLICY, "route_tables: {table-one: {routes: []}}", ASK, "app app/one-net one-net", "",
        "no_route NO_ROUTE_TO_DESTINATION table-one"),
    Row("no route back", POLICY, "route_tables: {table-two: {routes: []}}", ASK, OUT, "db db/two-net two-net",
        "no_route NO_ROUTE_TO_DESTINATION table-two"),
    Row("IPv6 is propagated if the attachment says so", f"{API}API_VpcOptions.html", IPV6 + BOTH_V6, V6, OUT, BACK),
    Row("IPv6 is not propagated by default", f"{API}API_VpcOptions.html", IPV6, V6, IN_ONE, "", NO_ROUTE),
]  # fmt: skip
EGRESS = """
internet_gateways: {igw: hub}
nat_gateways: {nat: {subnet: hub-net, ip: 10.9.1.5}}
route_tables:
  table-one: {routes: {0.0.0.0/0: wan}}
  table-hub: {routes: {0.0.0.0/0: igw, 10.0.0.0/8: wan}}
  table-out: {vpc: hub, subnets: hub-out, routes: {0.0.0.0/0: nat}}
"""
ENDS += [
    Row("one NAT gateway for all", "https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html",
        routes("att-hub", to="0.0.0.0/0") + EGRESS, "app -> 198.51.100.9 443/tcp",
        f"{IN_ONE} hub-out nat/hub-net nat hub-net igw internet",
        "internet igw nat/hub-net nat hub-net wan one-out app/one-net app"),
]  # fmt: skip
GROUP = "security_groups: {two-sg: {ingress: all from one-sg}, far-sg: {ingress: all from one-sg}}\n"
KEEPS = policy(configuration={"security-group-referencing-support": True})
GROUPS = [
    Row("a group of another VPC", VPC, GROUP + KEEPS, ASK, OUT, BACK),
    Row("not by default", VPC, GROUP, ASK, f"{IN_ONE} two-out db/two-net", "", "denied SG_REFERENCING_SUPPORT two-sg"),
    Row("one attachment does not say so", VPC,
        GROUP + KEEPS + "core_network_attachments: {att-one: {security_group_referencing: false}}", ASK,
        f"{IN_ONE} two-out db/two-net", "", "denied SG_REFERENCING_SUPPORT two-sg"),
    Row("not between Regions", VPC, GROUP + KEEPS, ASK_FAR, f"{IN_ONE} far-out eu/far-net", "",
        "denied SG_REFERENCING_SUPPORT far-sg"),
]  # fmt: skip
ALL = [*SEGMENTS, *RULES, *ACCEPTED, *ROUTES, *ENDS, *GROUPS]


@pytest.mark.parametrize("row", ALL, ids=names(ALL))
def test_a_rule(row: Row) -> None:
    check(BASE, row)


EXCEPTION, INVALID = "CoreNetworkPolicyException", "ValidationException"
PUT, CREATE = f"{API}API_PutCoreNetworkPolicy.html", f"{API}API_CreateVpcAttachment.html"
REFUSALS = [
    Refusal("a share with nobody", PUT, shares({"segment": "shared", "share-with": ["prd"]}), EXCEPTION, "wan"),
    Refusal("a share of nobody", PUT, shares({"segment": "prd", "share-with": "*"}), EXCEPTION, "wan"),
    Refusal("a route of nobody", PUT, routes("blackhole").replace('"segment": "prod", "destination',
        '"segment": "no", "destination'),
            EXCEPTION, "wan"),
    Refusal("a route without an end", PUT, routes(), EXCEPTION, "wan"),
    Refusal("a blackhole and an attachment", PUT, routes("blackhole", "att-two"), EXCEPTION, "wan"),
    Refusal("both filters", POLICY, policy(prod={"allow-filter": ["dev"], "deny-filter": ["shared"]}), EXCEPTION, "wan"),
    Refusal("a segment beyond the core network", POLICY, policy(prod={"edge-locations": ["sa-east-1"]}), EXCEPTION, "wan"),
    Refusal("two segments of a name", PUT, policy(segments=[{"name": "prod"}, {"name": "prod"}], segment_actions=[]), EXCEPTION,
        "wan"),
    Refusal("two rules of a number", PUT, policy(attachment_policies=DOCUMENT["attachment-policies"] * 2), EXCEPTION, "wan"),
    Refusal("conditions without their logic", POLICY, rule(VPC_TYPE, TWO), EXCEPTION, "wan"),
    Refusal("a rule for no segment", PUT, rule(VPC_TYPE, segment="prd"), EXCEPTION, "wan"),
    Refusal("no action of a segment", PUT, policy(segment_actions=[{"action": "shares", "segment": "prod"}]), EXCEPTION, "wan"),
    Refusal("no edge in the VPC's Region", CREATE, policy(configuration={"edge-locations": ["us-east-1"]}), INVALID, "att-far"),
    Refusal("a subnet of another VPC", CREATE, "core_network_attachments: {att-one: {subnets: two-net}}", INVALID, "att-one"),
    Refusal("two subnets of a zone", CREATE, "core_network_attachments: {att-one: {subnets: [one-net, one-out]}}", INVALID,
        "att-one"),
    Refusal("no subnet", CREATE, "core_network_attachments: {att-one: {subnets: []}}", INVALID, "att-one"),
    Refusal("attached twice", CREATE, "core_network_attachments: {again: {core_network: wan, vpc: one, subnets: one-out}}",
            "ConflictException", "again"),
]  # fmt: skip


@pytest.mark.parametrize("row", REFUSALS, ids=names(REFUSALS))
def test_a_refusal(row: Refusal) -> None:
    refused(BASE, row)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        (
            policy(prod={"isolate-attachment": True}),
            "`isolate-attachment` is not a parameter of a segment; did you mean `isolate-attachments`",
        ),
        (policy(segmentz=[]), "`segmentz` is not a parameter of a core network policy; did you mean `segments`"),
        ("core_networks: {wan: {policy: hello}}", "a core network policy is a mapping, or the text of one"),
        (policy(prod={"name": "my prod"}), "wan: PolicyDocument.segments.0.name"),
        ("core_network_attachments: {att-one: {core_network: wam}}", "`wam` (core_network_id) is not a core network"),
        ("core_network_attachments: {att-one: {segmnt: x}}", "att-one: no field `segmnt`; did you mean `segment`"),
    ],
)
def test_what_people_write_wrong(changes: str, told: str) -> None:
    with pytest.raises(vpcsim.InputError) as caught:
        changed(BASE, changes)
    assert told in str(caught.value)


def test_it_says_why_there_is_no_route() -> None:
    cases = {
        DEV: "prod and dev share nothing",
        policy(prod={"isolate-attachments": True}): "the attachments of prod are isolated",
        IN_STATE.format("PENDING_ATTACHMENT_ACCEPTANCE"): "it is in state PENDING_ATTACHMENT_ACCEPTANCE",
        tagged(two="none"): "it is in no segment",
    }
    for changes, why in cases.items():
        answer = ask(changed(BASE, changes), ASK)
        assert answer.because == f"wan/prod/us-east-1: no route for 10.2.1.10, which att-two leads to: {why}"
        assert answer.fixes
    filtered = ask(changed(BASE, policy(prod={"deny-filter": ["shared"]})), ASK_HUB)
    assert filtered.because.endswith("which att-hub leads to: a filter of prod keeps shared out")


def test_the_policy_may_be_text() -> None:
    as_text = f"core_networks: {{wan: {{policy: {json.dumps(json.dumps(DOCUMENT))}}}}}"
    assert changed(BASE, as_text).topology == changed(BASE, "").topology


@pytest.mark.parametrize(
    ("asker", "changes", "private"),
    [
        ("app", "", True),
        ("app", policy(configuration={"dns-support": False}), False),
        ("app", "core_network_attachments: {att-two: {dns_support: false}}", False),
        ("eu", "", False),
    ],
)
def test_public_names_of_instances_at_one_edge(asker: str, changes: str, private: bool) -> None:
    """https://docs.aws.amazon.com/network-manager/latest/cloudwan/cloudwan-vpc-attachment.html (DNS support)"""
    public = "internet_gateways: {igw: two}\nelastic_ips: {eip: {instance: db, ip: 203.0.113.7}}\n"
    found = changed(BASE, public + changes).resolve(asker, "ec2-203-0-113-7.compute-1.amazonaws.com")
    assert found.addresses == (("10.2.1.10",) if private else ("203.0.113.7",))


def test_appliance_mode_holds_one_zone_both_ways() -> None:
    """https://docs.aws.amazon.com/network-manager/latest/cloudwan/cloudwan-vpc-attachment.html (Appliance mode)"""
    two_zones = """
subnets: {two-net-b: {vpc: two, cidr: 10.2.2.0/24, az: us-east-1b}, hub-out-b: {vpc: hub, cidr: 10.9.8.0/28, az: us-east-1b}}
instances: {db: {subnet: two-net-b, ip: 10.2.2.10}}
core_network_attachments:
  att-two: {subnets: [two-out, two-net-b]}
  att-hub: {subnets: [hub-out, hub-out-b], appliance_mode: true}
"""
    net = changed(BASE, routes("att-hub", to="10.2.2.0/24") + two_zones)
    packet = ask(net, ASK).trips[0].flow.packet
    assert net.places["wan"].branches(packet, net) == ("us-east-1a", "us-east-1b")
    assert net.places["wan"].branches(packet.reversed(), net) == ("us-east-1a", "us-east-1b")
    assert {hop.at for trip in ask(net, ASK).trips for hop in trip.there.hops} >= {"hub-out", "hub-out-b"}


def test_findings() -> None:
    net = changed(BASE, policy(dev={"require-attachment-acceptance": True}) + tagged(one="prd", two="dev"))
    found = [(f.rule, f.at, f.level) for f in net.places["wan"].findings(net)]
    assert found == [("attachment-in-no-segment", "att-one", "warning"), ("attachment-not-accepted", "att-two", "note")]
    assert [*changed(BASE, "").places["wan"].findings(changed(BASE, ""))] == []


def test_the_routes_that_do_not_decide() -> None:
    net = changed(BASE, routes("att-hub", to="10.2.1.0/24"))
    packet = ask(net, ASK).trips[0].flow.packet
    assert [*net.topology.resources["wan/prod/us-east-1"].rules_looked_at(packet, net)] == [
        "10.2.1.0/24 -> att-hub",
        "10.1.0.0/16 -> att-one (propagated) (CANNOT_ROUTE)",
        "10.2.0.0/16 -> att-two (propagated) (MORE_SPECIFIC_ROUTE)",
        "10.3.0.0/16 -> att-far by eu-west-1 (propagated) (CANNOT_ROUTE)",
        "10.9.0.0/16 -> att-hub (propagated) (CANNOT_ROUTE)",
    ]


def test_the_graph_leads_from_vpc_to_vpc() -> None:
    import networkx

    graph = changed(BASE, "").graph()
    assert networkx.has_path(graph, "one", "far-out")
    assert graph.has_edge("wan/prod/us-east-1", "att-far")


TEMPLATE = """
Parameters: {Other: {Type: String, Default: x}}
Resources:
  VPC: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  Net: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref VPC, CidrBlock: 10.0.1.0/24}}
  Peer: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.9.0.0/16}}
  PeerNet: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Peer, CidrBlock: 10.9.1.0/24}}
  Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref VPC}}
  Association: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {SubnetId: !Ref Net, RouteTableId: !Ref Table}}
  Global: {Type: AWS::NetworkManager::GlobalNetwork, Properties: {Description: all}}
  Core:
    Type: AWS::NetworkManager::CoreNetwork
    Properties:
      GlobalNetworkId: !Ref Global
      PolicyDocument:
        version: "2021.12"
        core-network-configuration:
          asn-ranges: [64512-65534]
          edge-locations: [{location: us-east-1, asn: 64512}]
        segments: [{name: all, require-attachment-acceptance: false}]
        attachment-policies:
          - {rule-number: 1, conditions: [{type: any}], action: {association-method: constant, segment: all}}
  Attachment:
    Type: AWS::NetworkManager::VpcAttachment
    Properties:
      CoreNetworkId: !Ref Core
      VpcArn: !Sub "arn:aws:ec2:${AWS::Region}:${AWS::AccountId}:vpc/${VPC}"
      SubnetArns: [!Sub "arn:aws:ec2:${AWS::Region}:${AWS::AccountId}:subnet/${Net}"]
      Options: {ApplianceModeSupport: true}
      Tags: [{Key: Name, Value: first}]
  PeerAttachment:
    Type: AWS::NetworkManager::VpcAttachment
    Properties:
      CoreNetworkId: !GetAtt Core.CoreNetworkId
      VpcArn: !Sub "arn:aws:ec2:${AWS::Region}:${AWS::AccountId}:vpc/${Peer}"
      SubnetArns: [!Sub "arn:aws:ec2:${AWS::Region}:${AWS::AccountId}:subnet/${PeerNet}"]
  Route:
    Type: AWS::EC2::Route
    Properties: {RouteTableId: !Ref Table, DestinationCidrBlock: 10.9.0.0/16, CoreNetworkArn: !GetAtt Core.CoreNetworkArn}
  App: {Type: AWS::EC2::Instance, Properties: {SubnetId: !Ref Net, PrivateIpAddress: 10.0.1.10, ImageId: ami-1}}
"""


def test_a_template(tmp_path: Path) -> None:
    path = tmp_path / "template.yaml"
    path.write_text(TEMPLATE)
    net = vpcsim.load(path)
    assert [skip.type for skip in net.topology.settings.skipped] == ["AWS::NetworkManager::GlobalNetwork"]
    attachment: Any = net.topology.resources["Attachment"]
    assert (attachment.vpc_id, attachment.subnet_ids, attachment.appliance_mode, attachment.name) == (
        "VPC",
        ("Net",),
        True,
        "first",
    )
    answer = net.trace("App", "10.9.1.10")
    assert answer.trip is not None
    assert [hop.at for hop in answer.trip.there.hops][-2:] == ["Core", "PeerNet"]


@pytest.mark.parametrize("value", ["segments: [{name: ", "vpc/${Peer}", "vpc/${VPC}"])
def test_a_template_that_leaves_something_open(tmp_path: Path, value: str) -> None:
    """A value of the policy, or a VPC that is attached: nothing is decided by what is left."""
    open_value = {"segments: [{name: ": "segments: [{name: !Ref Other, description: "}.get(value, "vpc/${Other}")
    path = tmp_path / "template.yaml"
    path.write_text(TEMPLATE.replace("{Type: String, Default: x}", "{Type: String}").replace(value, open_value))
    assert vpcsim.load(path).trace("App", "10.9.1.10").verdict == "undecided"


ARN = "arn:aws:ec2:us-east-1:123456789012"
ATTACHED = {
    "AttachmentId": "attachment-0aaaaaaaaaaaaaaa1",
    "CoreNetworkId": "core-network-0123456789abcdef0",
    "AttachmentType": "VPC",
    "State": "AVAILABLE",
    "EdgeLocation": "us-east-1",
    "SegmentName": "all",
    "ResourceArn": f"{ARN}:vpc/vpc-0aaaaaaaaaaaaaaa1",
    "OwnerAccountId": "123456789012",
}
PEER = {**ATTACHED, "AttachmentId": "attachment-0aaaaaaaaaaaaaaa2", "ResourceArn": f"{ARN}:vpc/vpc-0bbbbbbbbbbbbbbb2"}
ALL_POLICY = {
    "version": "2021.12",
    "core-network-configuration": {"asn-ranges": ["64512-65534"], "edge-locations": [{"location": "us-east-1"}]},
    "segments": [{"name": "all"}],
}
CORE_ARN = "arn:aws:networkmanager::123456789012:core-network/core-network-0123456789abcdef0"
DESCRIBED: list[dict[str, Any]] = [
    {"Vpcs": [{"VpcId": "vpc-0aaaaaaaaaaaaaaa1", "CidrBlock": "10.0.0.0/16"}, {"VpcId": "vpc-0bbbbbbbbbbbbbbb2",
    "CidrBlock": "10.9.0.0/16"}]},
    {
        "Subnets": [
            {"SubnetId": "subnet-0aaaaaaaaaaaaaaa1", "VpcId": "vpc-0aaaaaaaaaaaaaaa1", "CidrBlock": "10.0.1.0/24",
            "AvailabilityZone": "us-east-1a"},
            {"SubnetId": "subnet-0bbbbbbbbbbbbbbb2", "VpcId": "vpc-0bbbbbbbbbbbbbbb2", "CidrBlock": "10.9.1.0/24",
            "AvailabilityZone": "us-east-1a"},
        ]
    },
    {
        "RouteTables": [
            {
                "RouteTableId": "rtb-0aaaaaaaaaaaaaaa1",
                "VpcId": "vpc-0aaaaaaaaaaaaaaa1",
                "Associations": [{"Main": True}],
                "Routes": [{"DestinationCidrBlock": "10.9.0.0/16", "CoreNetworkArn": CORE_ARN, "State": "active"}],
            }
        ]
    },
    {
        "NetworkInterfaces": [
            {
                "NetworkInterfaceId": "eni-0aaaaaaaaaaaaaaa1",
                "SubnetId": "subnet-0aaaaaaaaaaaaaaa1",
                "VpcId": "vpc-0aaaaaaaaaaaaaaa1",
                "PrivateIpAddress": "10.0.1.10",
                "Groups": [],
            }
        ]
    },
    {"CoreNetworks": [{"CoreNetworkId": "core-network-0123456789abcdef0", "CoreNetworkArn": CORE_ARN, "State": "AVAILABLE"}]},
    {"Attachments": [ATTACHED, PEER]},
]  # fmt: skip
GOT = {
    "CoreNetworkPolicy": {
        "CoreNetworkId": "core-network-0123456789abcdef0",
        "Alias": "LIVE",
        "PolicyDocument": json.dumps(ALL_POLICY),
    }
}
GOT_ATTACHMENTS = [
    {"VpcAttachment": {"Attachment": ATTACHED, "SubnetArns": [f"{ARN}:subnet/subnet-0aaaaaaaaaaaaaaa1"], "Options": {}}},
    {"VpcAttachment": {"Attachment": PEER, "SubnetArns": [f"{ARN}:subnet/subnet-0bbbbbbbbbbbbbbb2"], "Options": {}}},
]


def described(tmp_path: Path, *answers: Any) -> Network:
    for number, answer in enumerate(answers):
        (tmp_path / f"{number}.json").write_text(json.dumps(answer))
    return vpcsim.load(tmp_path)


def test_an_account_that_is_described(tmp_path: Path) -> None:
    net = described(tmp_path, *DESCRIBED, GOT, *GOT_ATTACHMENTS)
    answer = net.trace("eni-0aaaaaaaaaaaaaaa1", "10.9.1.10")
    assert answer.trip is not None
    assert [hop.at for hop in answer.trip.there.hops][-2:] == ["core-network-0123456789abcdef0", "subnet-0bbbbbbbbbbbbbbb2"]


@pytest.mark.parametrize(
    ("answers", "at"),
    [
        ([*DESCRIBED, *GOT_ATTACHMENTS], "core-network-0123456789abcdef0: its policy is not in the model"),
        ([*DESCRIBED, GOT], "attachment-0aaaaaaaaaaaaaaa1: which subnets it has is not in the model"),
        (
            [*DESCRIBED[:4], DESCRIBED[4], GOT, GOT_ATTACHMENTS[0], {"Attachments": [{**PEER,
            "ResourceArn": f"{ARN}:vpc/vpc-0cccccccccccccccc"}]}],
            "core-network-0123456789abcdef0/all/us-east-1: what "
            "attachment-0aaaaaaaaaaaaaaa2 propagates decides where 10.9.1.10 is, and "
            "is not in the model",
        ),
    ],
    ids=["no policy", "no subnets", "a VPC of another account"],
)  # fmt: skip
def test_an_account_that_is_described_in_part(tmp_path: Path, answers: list[Any], at: str) -> None:
    answer = described(tmp_path, *answers).trace("eni-0aaaaaaaaaaaaaaa1", "10.9.1.10")
    assert (answer.verdict, answer.because) == ("undecided", at)


def test_what_if_a_segment_is_shared() -> None:
    net = changed(BASE, DEV)
    assert ask(net, ASK).verdict == "blocked"
    shared = yaml.safe_load(shares({"segment": "dev", "share-with": ["prod"]}))
    assert ask(net.with_changes(shared), ASK).verdict == "reachable"
    assert ask(net.with_changes({}, delete=["att-two"]), ASK).verdict == "blocked"


SOURCES = """
provider "aws" { region = "us-east-1" }
resource "aws_vpc" "app" { cidr_block = "10.0.0.0/16" }
resource "aws_vpc" "data" { cidr_block = "10.9.0.0/16" }
resource "aws_subnet" "app" {
  vpc_id            = aws_vpc.app.id
  cidr_block        = "10.0.1.0/24"
  availability_zone = "us-east-1a"
}
resource "aws_subnet" "data" {
  vpc_id            = aws_vpc.data.id
  cidr_block        = "10.9.1.0/24"
  availability_zone = "us-east-1a"
}
resource "aws_networkmanager_global_network" "main" {}
resource "aws_networkmanager_core_network" "main" {
  global_network_id = aws_networkmanager_global_network.main.id
}
resource "aws_networkmanager_core_network_policy_attachment" "main" {
  core_network_id = aws_networkmanager_core_network.main.id
  policy_document = jsonencode({
    version                    = "2021.12"
    core-network-configuration = { asn-ranges = ["64512-65534"], edge-locations = [{ location = "us-east-1" }] }
    segments                   = [{ name = "all" }]
    attachment-policies = [
      { rule-number = 1, conditions = [{ type = "any" }], action = { association-method = "constant", segment = "all" } },
    ]
  })
}
resource "aws_networkmanager_vpc_attachment" "app" {
  core_network_id = aws_networkmanager_core_network_policy_attachment.main.core_network_id
  vpc_arn         = aws_vpc.app.arn
  subnet_arns     = [aws_subnet.app.arn]
  options { appliance_mode_support = true }
}
resource "aws_networkmanager_vpc_attachment" "data" {
  core_network_id = aws_networkmanager_core_network.main.id
  vpc_arn         = aws_vpc.data.arn
  subnet_arns     = [aws_subnet.data.arn]
}
resource "aws_networkmanager_attachment_accepter" "app" {
  attachment_id   = aws_networkmanager_vpc_attachment.app.id
  attachment_type = "VPC"
}
resource "aws_networkmanager_transit_gateway_peering" "main" {
  core_network_id     = aws_networkmanager_core_network.main.id
  transit_gateway_arn = aws_ec2_transit_gateway.main.arn
}
resource "aws_networkmanager_transit_gateway_route_table_attachment" "main" {
  peering_id                      = aws_networkmanager_transit_gateway_peering.main.id
  transit_gateway_route_table_arn = aws_ec2_transit_gateway_route_table.main.arn
}
resource "aws_ec2_transit_gateway" "main" {}
resource "aws_ec2_transit_gateway_route_table" "main" { transit_gateway_id = aws_ec2_transit_gateway.main.id }
resource "aws_networkmanager_dx_gateway_attachment" "main" {
  core_network_id            = aws_networkmanager_core_network.main.id
  direct_connect_gateway_arn = aws_dx_gateway.main.arn
  edge_locations             = ["us-east-1"]
}
resource "aws_dx_gateway" "main" {
  name            = "main"
  amazon_side_asn = "64000"
}
resource "aws_networkmanager_site_to_site_vpn_attachment" "main" {
  core_network_id    = aws_networkmanager_core_network.main.id
  vpn_connection_arn = aws_vpn_connection.main.arn
}
resource "aws_customer_gateway" "office" {
  bgp_asn    = 65000
  ip_address = "192.0.2.1"
  type       = "ipsec.1"
}
resource "aws_vpn_connection" "main" {
  customer_gateway_id = aws_customer_gateway.office.id
  type                = "ipsec.1"
}
"""
MAIN = "aws_networkmanager_core_network.main"
OF_TERRAFORM = [
    ("vpc_attachment.app", {"core_network_id": MAIN, "vpc_id": "aws_vpc.app", "subnet_ids": ("aws_subnet.app",),
    "state": "AVAILABLE"}),
    ("vpc_attachment.data", {"core_network_id": MAIN, "segment_name": "all", "state": "PENDING_ATTACHMENT_ACCEPTANCE"}),
    ("transit_gateway_peering.main", {"core_network_id": MAIN, "transit_gateway_id": "aws_ec2_transit_gateway.main"}),
    ("transit_gateway_route_table_attachment.main",
     {"core_network_id": MAIN, "resource_id": "aws_ec2_transit_gateway_route_table.main", "edge_locations": ("us-east-1",)}),
    ("dx_gateway_attachment.main", {"resource_id": "aws_dx_gateway.main", "edge_locations": ("us-east-1",)}),
    ("site_to_site_vpn_attachment.main", {"attachment_type": "SITE_TO_SITE_VPN", "resource_id": "aws_vpn_connection.main"}),
]  # fmt: skip


def test_terraform(tmp_path: Path) -> None:
    pytest.importorskip("tfparse", reason="the extra `terraform` is not installed")
    (tmp_path / "main.tf").write_text(SOURCES)
    topology = vpcsim.load(tmp_path / "main.tf").topology
    for id, wanted in OF_TERRAFORM:
        found = topology.resources[f"aws_networkmanager_{id}"]
        assert {name: getattr(found, name) for name in wanted} == wanted, id
    attachment: Any = topology.resources["aws_networkmanager_vpc_attachment.app"]
    assert attachment.appliance_mode


def test_a_change_of_an_attachment_keeps_the_rest_of_it() -> None:
    """What was told stays, and what follows from the policy follows again."""
    net = changed(BASE, "core_network_attachments: {att-one: {accepted: true}}")
    moved = net.with_changes({"core_network_attachments": {"att-one": {"tags": {"segment": "dev"}}}})
    found: Any = moved.topology.resources["att-one"]
    assert (found.core_network_id, found.segment_name, found.state, found.vpc_id) == ("wan", "dev", "AVAILABLE", "one")
    assert ask(moved, ASK).at == "wan/dev/us-east-1"
