"""Transit gateways: which attachment a packet enters by, which table routes it, and where it leaves."""

from __future__ import annotations

import pytest
from networks import ANALYZER, API, ERRORS, Refusal, Row, ask, changed, check, names, refused

from vpcsim import InputError, RefusedError, Trace
from vpcsim.graph import graph
from vpcsim.readers import topology_of
from vpcsim.readers.document import parse

TGW = "https://docs.aws.amazon.com/vpc/latest/tgw/"
HOW, VPC, TABLES = f"{TGW}how-transit-gateways-work.html", f"{TGW}tgw-vpc-attachments.html", f"{TGW}tgw-route-tables.html"
LISTS, ACLS, PEERING = f"{TGW}create-prefix-list-reference.html", f"{TGW}tgw-nacls.html", f"{TGW}tgw-peering.html"
APPLIANCE, EGRESS = f"{TGW}tgw-vpc-attachments.html", f"{TGW}how-transit-gateways-work.html#transit-gateway-nat-igw"
NAT = "https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html"
STATES = f"{API}API_TransitGatewayAttachment.html"
GATEWAY_ENDPOINTS = "https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-s3.html"

BASE = """
vpcs: {one: 10.0.0.0/16, two: 10.1.0.0/16}
subnets:
  app-net: {vpc: one, cidr: 10.0.1.0/24, az: us-east-1a}
  app-net-b: {vpc: one, cidr: 10.0.2.0/24, az: us-east-1b}
  out-one: {vpc: one, cidr: 10.0.9.0/28, az: us-east-1a}
  db-net: {vpc: two, cidr: 10.1.1.0/24, az: us-east-1a}
  db-net-b: {vpc: two, cidr: 10.1.2.0/24, az: us-east-1b}
  out-two: {vpc: two, cidr: 10.1.9.0/28, az: us-east-1a}
transit_gateways: {tgw: {}}
transit_gateway_attachments:
  att-one: {transit_gateway: tgw, vpc: one, subnets: out-one}
  att-two: {transit_gateway: tgw, vpc: two, subnets: out-two}
transit_gateway_route_tables: {}
route_tables:
  table-one: {vpc: one, subnets: [app-net, app-net-b], routes: {10.0.0.0/8: tgw}}
  table-two: {vpc: two, subnets: [db-net, db-net-b], routes: {10.0.0.0/8: tgw}}
  out-table: {vpc: two, subnets: out-two}
security_groups:
  app-sg: {vpc: one, egress: [tcp 443 to 10.0.0.0/8, "all to ::/0"]}
  db-sg: {vpc: two, ingress: [tcp 443 from 10.0.0.0/8, "all from ::/0"]}
instances:
  app: {subnet: app-net, ip: 10.0.1.10, security_groups: app-sg}
  app-b: {subnet: app-net-b, ip: 10.0.2.10, security_groups: app-sg}
  db: {subnet: db-net, ip: 10.1.1.10, security_groups: db-sg}
  db-b: {subnet: db-net-b, ip: 10.1.2.10, security_groups: db-sg}
"""
ASKED = "app -> db 443/tcp"
AT_TGW = "app app/app-net app-net tgw"
OUT, BACK = f"{AT_TGW} out-two db/db-net db", "db db/db-net db-net tgw out-one app/app-net app"
OUT_B, BACK_B = f"{AT_TGW} out-two db-b/db-net-b db-b", "db-b db-b/db-net-b db-net-b tgw"
DEFAULT = "tgw/default-route-table"
NO_ACL, NULL_ROUTE = "denied SUBNET_ACL_RESTRICTION acl", f"null_routed TGW_RTB_BAD_STATE_ROUTE {DEFAULT}"
NO_ATTACHMENT = "null_routed BAD_STATE_ROUTE table-one"
NOTHING_PROPAGATED = "transit_gateways: {tgw: {default_propagation: false}}"
OWN_TABLES = "transit_gateways: {tgw: {default_association: false, default_propagation: false}}"


def table(routes: str, **more: str) -> str:
    words = "".join(f", {word}: {value}" for word, value in more.items())
    flags = "default_association: true, default_propagation: true"
    return f"transit_gateway_route_tables: {{{DEFAULT}: {{transit_gateway: tgw, {flags}, routes: {routes}{words}}}}}"


def acl(subnet: str, vpc: str, ingress: str = "", egress: str = "") -> str:
    return f"network_acls: {{acl: {{vpc: {vpc}, subnets: {subnet}, ingress: [{ingress}], egress: [{egress}]}}}}"


def attachment(text: str, which: str = "att-two") -> str:
    return f"transit_gateway_attachments: {{{which}: {{{text}}}}}"


def own_tables(one: str, two: str) -> str:
    tables = f"one-way: {{transit_gateway: tgw, {one}}}, other-way: {{transit_gateway: tgw, {two}}}"
    return f"{OWN_TABLES}\ntransit_gateway_route_tables: {{{tables}}}"


THREE = "vpcs: {three: 10.1.0.0/20}\nsubnets: {net-three: {vpc: three, cidr: 10.1.4.0/24}}\n"
TO_TWO, TO_THREE = "transit_gateway: tgw, vpc: two, subnets: out-two", "transit_gateway: tgw, vpc: three, subnets: net-three"
IN_ALL, OUT_ALL = "100 allow all from 0.0.0.0/0", "100 allow all to 0.0.0.0/0"

LOOP = table("{10.7.0.0/16: END}") + "\nroute_tables: {LEADS: {routes: {10.7.0.0/16: tgw}}}"

ROUTES = [
    Row("one default table, all associated and propagating", HOW, "", ASKED, OUT, BACK),
    Row(
        "every subnet of a zone with an attachment", HOW, attachment("subnets: db-net"), ASKED, f"{AT_TGW} db-net db/db-net db",
        BACK,
    ),
    Row(
        "no association", ANALYZER, "transit_gateways: {tgw: {default_association: false}}", ASKED, AT_TGW, "",
        "denied TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION att-one",
    ),
    Row(
        "no propagation", ANALYZER, NOTHING_PROPAGATED, ASKED, AT_TGW, "",
        f"no_route TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT {DEFAULT}",
    ),
    Row(
        "taken out of the default table", HOW, attachment("default_association: false", "att-one"), ASKED, AT_TGW, "",
        "denied TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION att-one",
    ),
    Row(
        "taken out of its propagations", HOW, attachment("default_propagation: false"), ASKED, AT_TGW, "",
        f"no_route TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT {DEFAULT}",
    ),
    Row(
        "a destination that nobody has", ANALYZER, "", "app -> 10.7.7.7 443/tcp", AT_TGW, "",
        f"no_route TGW_RTB_CANNOT_ROUTE {DEFAULT}",
    ),
    Row(
        "no route to the gateway", HOW, "route_tables: {table-one: {routes: []}}", ASKED, "app app/app-net app-net", "",
        "no_route NO_ROUTE_TO_DESTINATION table-one",
    ),
    Row(
        "no route back", HOW, "route_tables: {table-two: {routes: []}}", ASKED, OUT, "db db/db-net db-net",
        "no_route NO_ROUTE_TO_DESTINATION table-two",
    ),
    Row(
        "each attachment has its table", TABLES,
        own_tables("associations: att-one, propagations: att-two", "associations: att-two, propagations: att-one"), ASKED, OUT,
        BACK,
    ),
    Row(
        "static routes instead of propagation", TABLES,
        own_tables("associations: att-one, routes: {10.1.0.0/16: att-two}", "associations: att-two, routes: 10.0.0.0/8->att-one"),
        ASKED, OUT, BACK,
    ),
    Row(
        "the answer has its own table", TABLES,
        own_tables("associations: att-one, propagations: att-two", "associations: att-two"), ASKED, OUT,
        "db db/db-net db-net tgw", "no_route TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT other-way",
    ),
    Row(
        "a table that the attachment only propagates to does not route it", TABLES,
        own_tables("associations: att-one, propagations: att-two", "propagations: att-one"), ASKED, OUT,
        "db db/db-net db-net tgw", "denied TGW_ATTACH_MISSING_TGW_RTB_ASSOCIATION att-two",
    ),
    Row("static before propagated", HOW, table("{10.1.0.0/16: blackhole}"), ASKED, AT_TGW, "", NULL_ROUTE),
    Row("a longer static route", HOW, table("{10.1.1.0/24: blackhole}"), ASKED, AT_TGW, "", NULL_ROUTE),
    Row("a longer propagated route", HOW, table("{10.0.0.0/8: blackhole}"), ASKED, OUT, BACK),
    Row("a blackhole for the answer", HOW, table("{10.0.1.0/24: blackhole}"), ASKED, OUT, "db db/db-net db-net tgw", NULL_ROUTE),
    Row(
        "a prefix list", LISTS,
        f"{NOTHING_PROPAGATED}\nprefix_lists: {{all: [10.1.0.0/16, 10.0.0.0/16]}}\n" + table("{all: blackhole}"), ASKED, AT_TGW,
        "", NULL_ROUTE,
    ),
    Row(
        "a prefix list before propagated", HOW, "prefix_lists: {all: 10.1.0.0/16}\n" + table("{all: blackhole}"), ASKED, AT_TGW,
        "", NULL_ROUTE,
    ),
    Row(
        "static before a prefix list", HOW,
        "prefix_lists: {all: 10.1.0.0/16}\n" + table("{all: blackhole, 10.1.0.0/16: att-two}"), ASKED, OUT, BACK,
    ),
    Row(
        "back into the VPC from where it came", HOW, table("{10.7.0.0/16: att-one}"), "app -> 10.7.7.7 443/tcp",
        f"{AT_TGW} out-one", "", "no_route NO_ROUTE_TO_DESTINATION one/main-route-table",
    ),
    Row(
        "a loop through the VPC behind it", HOW, LOOP.replace("END", "att-two").replace("LEADS", "out-table"),
        "app -> 10.7.7.7 443/tcp", f"{AT_TGW} out-two tgw out-two", "", "loop VPCSIM_LOOP out-two",
    ),
    Row(
        "a loop through the sender's own VPC", HOW,
        LOOP.replace("END", "att-one").replace("LEADS: {", "back: {vpc: one, subnets: out-one, "),
        "app -> 10.7.7.7 443/tcp", f"{AT_TGW} out-one tgw out-one", "", "loop VPCSIM_LOOP out-one",
    ),
    Row(
        "an overlapping VPC that comes later does not propagate", VPC, THREE + attachment(TO_THREE, "att-three"), ASKED, OUT,
        BACK,
    ),
    Row(
        "an overlapping VPC that came earlier propagates", VPC,
        THREE + f"transit_gateway_attachments: {{att-two: null, att-three: {{{TO_THREE}}}, late: {{{TO_TWO}}}}}", ASKED,
        f"{AT_TGW} net-three", "", "no_route NO_POSSIBLE_DESTINATION three/main-route-table",
    ),
]  # fmt: skip

ZONES = [
    Row(
        "a zone without an attachment", VPC, "", "app-b -> db 443/tcp", "app-b app-b/app-net-b app-net-b tgw", "",
        "denied TGW_ROUTE_AZ_RESTRICTION att-one",
    ),
    Row(
        "another zone of the receiver, and its answer", VPC, "", "app -> db-b 443/tcp", OUT_B, BACK_B,
        "denied TGW_ROUTE_AZ_RESTRICTION att-two",
    ),
    Row(
        "out in the sender's zone", HOW, attachment("subnets: [out-two, db-net-b]"), "app -> db-b 443/tcp", OUT_B,
        f"{BACK_B} out-one app/app-net app",
    ),
    Row(
        "out in the receiver's zone where the sender's is not served", HOW,
        "transit_gateway_attachments: {att-one: {subnets: [out-one, app-net-b]}, att-two: {subnets: [out-two]}}",
        "app-b -> db 443/tcp", "app-b app-b/app-net-b app-net-b tgw out-two db/db-net db",
        "db db/db-net db-net tgw out-one app-b/app-net-b app-b",
    ),
]  # fmt: skip

EDGES = [
    Row(
        "the sender's subnet: out", ACLS, acl("app-net", "one", IN_ALL, "90 deny all to 10.1.0.0/16"), ASKED,
        "app app/app-net app-net", "", NO_ACL,
    ),
    Row(
        "the sender's subnet: the answer in", ACLS, acl("app-net", "one", "100 allow tcp 1024-65535 from 10.1.0.0/16", OUT_ALL),
        ASKED, OUT, BACK,
    ),
    Row("the attachment's subnet: in from the sender", ACLS, acl("out-one", "one", "", OUT_ALL), ASKED, AT_TGW, "", NO_ACL),
    Row(
        "the attachment's subnet: not out from the sender", ACLS,
        acl("out-two", "two", IN_ALL, "100 allow tcp 443 to 10.1.0.0/16"), ASKED, OUT, BACK,
    ),
    Row(
        "the attachment's subnet: out to the receiver", ACLS, acl("out-two", "two", IN_ALL, ""), ASKED, f"{AT_TGW} out-two", "",
        NO_ACL,
    ),
    Row(
        "the attachment's subnet: not in to the receiver", ACLS,
        acl("out-two", "two", "100 allow tcp 1024-65535 from 10.1.0.0/16", OUT_ALL), ASKED, OUT, BACK,
    ),
    Row(
        "the receiver's subnet: in", ACLS, acl("db-net", "two", "90 deny all from 10.0.0.0/16", OUT_ALL), ASKED,
        f"{AT_TGW} out-two db/db-net", "", NO_ACL,
    ),
    Row(
        "one subnet: in and out from the sender", ACLS,
        attachment("subnets: app-net", "att-one") + "\n" + acl("app-net", "one", "100 allow all from 10.1.0.0/16", OUT_ALL),
        ASKED, AT_TGW, "", NO_ACL,
    ),
    Row(
        "one subnet: neither to the receiver", ACLS,
        attachment("subnets: db-net") + "\n" + acl("db-net", "two", "100 allow tcp 443 from 10.1.0.0/16", ""), ASKED,
        f"{AT_TGW} db-net db/db-net db", "db db/db-net db-net", NO_ACL,
    ),
]  # fmt: skip

STATE_ROWS = [
    Row(
        "the gateway is gone", STATES, "transit_gateways: {tgw: {state: deleted}}", ASKED, "app app/app-net app-net", "",
        NO_ATTACHMENT,
    ),
    Row(
        "the VPC is not attached", HOW, attachment("state: deleted", "att-one"), ASKED, "app app/app-net app-net", "",
        NO_ATTACHMENT,
    ),
    Row(
        "the attachment waits", STATES, attachment("state: pendingAcceptance", "att-one"), ASKED, "app app/app-net app-net", "",
        NO_ATTACHMENT,
    ),
    Row("the attachment changes", STATES, attachment("state: modifying"), ASKED, OUT, BACK),
    Row(
        "what is gone does not propagate", STATES, attachment("state: deleted"), ASKED, AT_TGW, "",
        f"no_route TGW_RTB_NO_ROUTE_TO_TGW_ATTACHMENT {DEFAULT}",
    ),
    Row(
        "a static route to what is gone", ANALYZER, attachment("state: deleted") + "\n" + table("{10.1.0.0/16: att-two}"),
        ASKED, AT_TGW, "", "null_routed BAD_STATE_ATTACHMENT att-two",
    ),
]  # fmt: skip

KEEP = "transit_gateways: {tgw: {security_group_referencing: true}}"
BY_GROUP = "security_groups: {db-sg: {ingress: tcp 443 from app-sg}}"
BY_EGRESS = "security_groups: {app-sg: {egress: tcp 443 to db-sg}}"
AT_DB = f"{AT_TGW} out-two db/db-net"
LOST = "denied SG_REFERENCING_SUPPORT db-sg"
ENDPOINT = "endpoints: {ep: {vpc: two, service: sqs, subnets: db-net, security_groups: db-sg}}"

GROUPS = [
    Row("off by default", VPC, BY_GROUP, ASKED, AT_DB, "", LOST),
    Row("on at the gateway and at both attachments", VPC, f"{KEEP}\n{BY_GROUP}", ASKED, OUT, BACK),
    Row(
        "off at the receiver's attachment", VPC, f"{KEEP}\n{BY_GROUP}\n" + attachment("security_group_referencing: false"),
        ASKED, AT_DB, "", LOST,
    ),
    Row(
        "off at the sender's attachment", VPC,
        f"{KEEP}\n{BY_GROUP}\n" + attachment("security_group_referencing: false", "att-one"), ASKED, AT_DB, "", LOST,
    ),
    Row(
        "a rule for other ports", VPC, "security_groups: {db-sg: {ingress: tcp 22 from app-sg}}", ASKED, AT_DB, "",
        "denied ENI_SG_RULES_MISMATCH db-sg",
    ),
    Row(
        "inbound rules only", VPC, f"{KEEP}\n{BY_EGRESS}", ASKED, "app app/app-net", "",
        "denied SG_REFERENCES_NOT_PRESERVED app-sg",
    ),
    Row(
        "not at endpoints", VPC, f"{KEEP}\n{BY_GROUP}\n{ENDPOINT}", "app -> ep 443/tcp", f"{AT_TGW} out-two ep/db-net", "",
        "denied SG_REFERENCES_NOT_PRESERVED db-sg",
    ),
]  # fmt: skip

SIX = """
vpcs:
  one: {cidr: 10.0.0.0/16, Ipv6CidrBlockAssociationSet: [{Ipv6CidrBlock: "2001:db8:1::/56"}]}
  two: {cidr: 10.1.0.0/16, Ipv6CidrBlockAssociationSet: [{Ipv6CidrBlock: "2001:db8:2::/56"}]}
subnets: {app-net: {ipv6_cidr: "2001:db8:1::/64"}, db-net: {ipv6_cidr: "2001:db8:2::/64"}}
route_tables: {table-one: {routes: {"2001:db8:2::/56": tgw}}, table-two: {routes: {"2001:db8:1::/56": tgw}}}
instances: {app: {subnet: null}, db: {subnet: null}}
network_interfaces:
  app-eni: {subnet: app-net, security_groups: app-sg, instance: app, Ipv6Addresses: [{Ipv6Address: "2001:db8:1::10"}]}
  db-eni: {subnet: db-net, security_groups: db-sg, instance: db, Ipv6Addresses: [{Ipv6Address: "2001:db8:2::10"}]}
"""
SIX_ON = SIX + "transit_gateway_attachments: {att-one: {ipv6: true}, att-two: {ipv6: true}}"
SIX_HALF = SIX + table('{"2001:db8:2::/56": att-two}') + "\n" + attachment("ipv6: true", "att-one")
SIX_STATIC = SIX + table('{"2001:db8:1::/56": att-one, "2001:db8:2::/56": att-two}')
ASKED_SIX, SIX_AT = "app -> 2001:db8:2::10 443/tcp", "app app-eni app-net tgw"
SIX_NET = """
vpcs: {two: {cidr: 10.1.0.0/16, Ipv6CidrBlockAssociationSet: [{Ipv6CidrBlock: "2001:db8:2::/56"}]}}
subnets: {six: {vpc: two, ipv6_cidr: "2001:db8:2:1::/64"}}
"""
IPV6 = f"{API}API_CreateTransitGatewayVpcAttachmentRequestOptions.html"

FAMILIES = [
    Row(
        "IPv6 blocks do not propagate by default", IPV6, SIX, ASKED_SIX, SIX_AT, "",
        "no_route TGW_RTB_CANNOT_ROUTE tgw/default-route-table",
    ),
    Row("IPv6 is on at both", IPV6, SIX_ON, ASKED_SIX, f"{SIX_AT} out-two db-eni db", "db db-eni db-net tgw out-one app-eni app"),
    Row(
        "a rule by group over IPv6 is not kept either", VPC, f"{SIX_ON}\n{BY_GROUP}", ASKED_SIX,
        f"{SIX_AT} out-two db-eni", "", LOST,
    ),
    Row(
        "a static route needs no IPv6 support at the receiver", IPV6, SIX_HALF, ASKED_SIX, f"{SIX_AT} out-two db-eni db",
        "db db-eni db-net tgw out-one app-eni app",
    ),
    Row(
        "nor at the sender", IPV6, SIX_STATIC, ASKED_SIX, f"{SIX_AT} out-two db-eni db",
        "db db-eni db-net tgw out-one app-eni app",
    ),
]  # fmt: skip

HUB = """
internet_gateways: {igw: two}
elastic_ips: {nat-ip: {ip: 198.51.100.5}}
nat_gateways: {nat: {subnet: db-net, ip: 10.1.1.5, elastic_ip: nat-ip}}
route_tables:
  table-one: {routes: {0.0.0.0/0: tgw}}
  table-two: {routes: {0.0.0.0/0: igw, 10.0.0.0/16: tgw}}
  out-table: {routes: {0.0.0.0/0: nat}}
security_groups: {app-sg: {egress: all to 0.0.0.0/0}}
"""
TO_HUB = table("{0.0.0.0/0: att-two}")
CENTRAL = HUB + TO_HUB
TO_WEB, VIA_NAT = "app -> 192.0.2.9 443/tcp", f"{AT_TGW} out-two nat/db-net nat db-net igw internet"
NO_PUBLIC = "denied IGW_PUBLIC_IP_ASSOCIATION_FOR_EGRESS igw"
PRIVATE_NAT = """
nat_gateways: {nat: {subnet: out-one, type: private, ip: 10.0.9.5}}
route_tables: {table-one: {routes: {10.0.0.0/8: nat}}, nat-table: {vpc: one, subnets: out-one, routes: {10.1.0.0/16: tgw}}}
security_groups: {db-sg: {ingress: tcp 443 from 10.0.9.5/32}}
"""
S3 = "endpoints: {s3: {vpc: two, service: s3, type: gateway, route_tables: out-table}}"

ONWARD = [
    Row(
        "to the internet by a NAT gateway of the hub", EGRESS, CENTRAL, TO_WEB, VIA_NAT,
        "internet igw nat/db-net nat db-net tgw out-one app/app-net app",
    ),
    Row(
        "attached in the public subnet", EGRESS, CENTRAL + "\n" + attachment("subnets: db-net"), TO_WEB, f"{AT_TGW} db-net igw",
        "", NO_PUBLIC,
    ),
    Row(
        "no way out of the attachment's subnet", EGRESS, HUB.replace("{0.0.0.0/0: nat}", "[]") + TO_HUB, TO_WEB,
        f"{AT_TGW} out-two", "", "no_route NO_ROUTE_TO_DESTINATION out-table",
    ),
    Row(
        "no way back from the NAT gateway's subnet", EGRESS, HUB.replace("10.0.0.0/16: tgw", "10.0.0.0/8: null") + TO_HUB,
        TO_WEB, VIA_NAT, "internet igw nat/db-net nat db-net igw", "denied IGW_DESTINATION_ADDRESS_NOT_IN_RFC1918_EGRESS igw",
    ),
    Row(
        "by a private NAT gateway of the sender's VPC", NAT, PRIVATE_NAT, ASKED,
        "app app/app-net app-net nat/out-one nat out-one tgw out-two db/db-net db",
        "db db/db-net db-net tgw out-one nat/out-one nat out-one app/app-net app",
    ),
    Row(
        "an interface endpoint of the hub", GATEWAY_ENDPOINTS, ENDPOINT, "app -> ep 443/tcp", f"{AT_TGW} out-two ep/db-net ep",
        "ep ep/db-net db-net tgw out-one app/app-net app",
    ),
    Row(
        "no gateway endpoint of the hub", GATEWAY_ENDPOINTS, f"{CENTRAL}\n{S3}", "app -> 52.216.0.1 443/tcp",
        f"{AT_TGW} out-two s3", "", "denied GATEWAY_REJECTS_SPOOFED_TRAFFIC s3",
    ),
]  # fmt: skip

PEERED = """
transit_gateways: {tgw: {}, far: {}}
transit_gateway_attachments:
  att-two: {transit_gateway: far}
  peering: {transit_gateway: tgw, peer: far}
route_tables: {table-two: {routes: {10.0.0.0/8: far}}}
"""
FAR = """
transit_gateway_route_tables:
  tgw/default-route-table:
    {transit_gateway: tgw, default_association: true, default_propagation: true, routes: {10.1.0.0/16: peering}}
  far/default-route-table:
    {transit_gateway: far, default_association: true, default_propagation: true, routes: {10.0.0.0/16: peering}}
"""
UNKNOWN_VPN = attachment("transit_gateway: tgw, type: vpn, resource: vpn-0123456789abcdef0", "vpn")
KEPT = "{security_group_referencing: true}"
BETWEEN = [
    Row(
        "static routes on both sides", PEERING, PEERED + FAR, ASKED, f"{AT_TGW} peering far out-two db/db-net db",
        "db db/db-net db-net far peering tgw out-one app/app-net app",
    ),
    Row("nothing propagates between gateways", PEERING, PEERED, ASKED, AT_TGW, "", f"no_route TGW_RTB_CANNOT_ROUTE {DEFAULT}"),
    Row(
        "a static route back is missing", PEERING, PEERED + FAR.replace("{10.0.0.0/16: peering}", "[]"), ASKED,
        f"{AT_TGW} peering far out-two db/db-net db", "db db/db-net db-net far",
        "no_route TGW_RTB_CANNOT_ROUTE far/default-route-table",
    ),
    Row(
        "groups are not kept", VPC, PEERED.replace("{}", KEPT) + FAR + BY_GROUP, ASKED,
        f"{AT_TGW} peering far out-two db/db-net", "", "denied ENI_SG_RULES_MISMATCH db-sg",
    ),
    Row(
        "a peer outside of the model", PEERING,
        attachment("transit_gateway: tgw, peer: tgw-0123456789abcdef0", "peering") + "\n" + table("{10.7.0.0/16: peering}"),
        "app -> 10.7.7.7 443/tcp", f"{AT_TGW} peering", "", "undecided NO_POSSIBLE_DESTINATION peering",
    ),
    Row(
        "a VPN outside of the model may announce anything", HOW, UNKNOWN_VPN, "app -> 10.7.7.7 443/tcp", AT_TGW, "",
        f"undecided TGW_RTB_ROUTES_ARE_UNKNOWN {DEFAULT}",
    ),
    Row(
        "it may know better than a blackhole", HOW, UNKNOWN_VPN + "\n" + table("{10.7.0.0/16: blackhole}"),
        "app -> 10.7.7.7 443/tcp", AT_TGW, "", f"undecided TGW_RTB_ROUTES_ARE_UNKNOWN {DEFAULT}",
    ),
    Row("but the blocks of a VPC are known", HOW, UNKNOWN_VPN, ASKED, OUT, BACK),
    Row(
        "a static route to a VPN outside of the model", HOW,
        f"{NOTHING_PROPAGATED}\n{UNKNOWN_VPN}\n" + table("{10.7.0.0/16: vpn}"), "app -> 10.7.7.7 443/tcp", f"{AT_TGW} vpn", "",
        "undecided NO_POSSIBLE_DESTINATION vpn",
    ),
]  # fmt: skip

TABLE_ROWS = [*ROUTES, *ZONES, *EDGES, *STATE_ROWS, *GROUPS, *FAMILIES, *ONWARD, *BETWEEN]

REFUSALS = [
    Refusal("two subnets of one zone", ERRORS, attachment("subnets: [out-two, db-net]"), "DuplicateSubnetsInSameZone", "att-two"),
    Refusal("a subnet of another VPC", ERRORS, attachment("subnets: out-one"), "InvalidSubnetID.NotFound", "att-two"),
    Refusal("no subnet", ERRORS, attachment("subnets: []"), "MissingParameter", "att-two"),
    Refusal(
        "one VPC attached twice", ERRORS, attachment("transit_gateway: tgw, vpc: two, subnets: db-net", "again"),
        "DuplicateTransitGatewayAttachment", "again",
    ),
    Refusal("an IPv6-only subnet", VPC, SIX_NET + attachment("subnets: six"), "InvalidParameterValue", "att-two"),
    Refusal(
        "a gateway as its own peer", PEERING, attachment("transit_gateway: tgw, peer: tgw", "peering"), "InvalidParameterValue",
        "peering",
    ),
    Refusal(
        "a peering that propagates", PEERING, PEERED + FAR.replace("routes: {10.1.0.0/16: peering}", "propagations: peering"),
        "", DEFAULT,
    ),
    Refusal(
        "two tables", API + "API_AssociateTransitGatewayRouteTable.html",
        own_tables("associations: att-one", "associations: [att-one, att-two]"), "Resource.AlreadyAssociated", "other-way",
    ),
    Refusal(
        "two routes for one prefix", ERRORS, table("[10.7.0.0/16 -> att-one, 10.7.0.0/16 -> att-two]"), "RouteAlreadyExists",
        DEFAULT,
    ),
    Refusal("a route to nothing", ERRORS, table("[{DestinationCidrBlock: 10.7.0.0/16}]"), "MissingParameter", DEFAULT),
    Refusal(
        "an attachment of another gateway", ERRORS,
        PEERED + "transit_gateway_route_tables: {far-table: {transit_gateway: far, associations: att-one}}",
        "InvalidTransitGatewayAttachmentID.NotFound", "far-table",
    ),
]  # fmt: skip


@pytest.mark.parametrize("row", TABLE_ROWS, ids=names(TABLE_ROWS))
def test_what_passes_the_gateway(row: Row) -> None:
    check(BASE, row)


@pytest.mark.parametrize("row", REFUSALS, ids=names(REFUSALS))
def test_what_aws_refuses(row: Refusal) -> None:
    refused(BASE, row)


INSPECTION = """
vpcs: {one: 10.0.0.0/16, two: 10.1.0.0/16, between: 10.2.0.0/16}
subnets:
  one-a: {vpc: one, cidr: 10.0.1.0/24, az: us-east-1a}
  one-b: {vpc: one, cidr: 10.0.2.0/24, az: us-east-1b}
  one-c: {vpc: one, cidr: 10.0.3.0/24, az: us-east-1c}
  two-a: {vpc: two, cidr: 10.1.1.0/24, az: us-east-1a}
  two-b: {vpc: two, cidr: 10.1.2.0/24, az: us-east-1b}
  two-c: {vpc: two, cidr: 10.1.3.0/24, az: us-east-1c}
  in-a: {vpc: between, cidr: 10.2.1.0/24, az: us-east-1a}
  in-b: {vpc: between, cidr: 10.2.2.0/24, az: us-east-1b}
  fw-net-a: {vpc: between, cidr: 10.2.11.0/24, az: us-east-1a}
  fw-net-b: {vpc: between, cidr: 10.2.12.0/24, az: us-east-1b}
transit_gateways: {tgw: {default_association: false, default_propagation: false}}
transit_gateway_attachments:
  att-one: {transit_gateway: tgw, vpc: one, subnets: [one-a, one-b, one-c]}
  att-two: {transit_gateway: tgw, vpc: two, subnets: [two-a, two-b, two-c]}
  att-between: {transit_gateway: tgw, vpc: between, subnets: [in-a, in-b], appliance_mode: true}
transit_gateway_route_tables:
  spokes: {transit_gateway: tgw, associations: [att-one, att-two], routes: {0.0.0.0/0: att-between}}
  inspected: {transit_gateway: tgw, associations: att-between, propagations: [att-one, att-two]}
route_tables:
  table-one: {vpc: one, subnets: [one-a, one-b, one-c], routes: {0.0.0.0/0: tgw}}
  table-two: {vpc: two, subnets: [two-a, two-b, two-c], routes: {0.0.0.0/0: tgw}}
  table-a: {vpc: between, subnets: in-a, routes: {0.0.0.0/0: fw-a}}
  table-b: {vpc: between, subnets: in-b, routes: {0.0.0.0/0: fw-b}}
  table-fw: {vpc: between, subnets: [fw-net-a, fw-net-b], routes: {0.0.0.0/0: tgw}}
security_groups:
  sg-one: {vpc: one, ingress: all from 0.0.0.0/0}
  sg-two: {vpc: two, ingress: all from 0.0.0.0/0}
  sg-fw: {vpc: between, ingress: all from 0.0.0.0/0}
instances:
  x-a: {subnet: one-a, ip: 10.0.1.10, security_groups: sg-one}
  x-b: {subnet: one-b, ip: 10.0.2.10, security_groups: sg-one}
  x-c: {subnet: one-c, ip: 10.0.3.10, security_groups: sg-one}
  y-a: {subnet: two-a, ip: 10.1.1.10, security_groups: sg-two}
  y-b: {subnet: two-b, ip: 10.1.2.10, security_groups: sg-two}
  y-c: {subnet: two-c, ip: 10.1.3.10, security_groups: sg-two}
  fw-a: {subnet: fw-net-a, ip: 10.2.11.10, security_groups: sg-fw, source_dest_check: false, forwards: pass}
  fw-b: {subnet: fw-net-b, ip: 10.2.12.10, security_groups: sg-fw, source_dest_check: false, forwards: pass}
"""
MODE_OFF = "transit_gateway_attachments: {att-between: {appliance_mode: false}}"
FLOWS = [f"{one} -> {two}" for one in ("x-a", "x-b", "x-c") for two in ("y-a", "y-b", "y-c")]


def appliances(flow: str, changes: str = "") -> list[tuple[str, str]]:
    """The appliances of each round trip of a flow, there and back."""
    answer = ask(changed(INSPECTION, changes), f"{flow} 443/tcp")
    assert answer.reachable
    return [(_appliance(trip.there), _appliance(trip.back)) for trip in answer.trips if trip.back]


def _appliance(trace: Trace) -> str:
    return " ".join(hop.at for hop in trace.hops if hop.at in ("fw-a", "fw-b"))


@pytest.mark.parametrize("flow", FLOWS)
def test_appliance_mode_keeps_one_zone_both_ways(flow: str) -> None:
    """https://docs.aws.amazon.com/vpc/latest/tgw/tgw-vpc-attachments.html (scenarios 1, 2 and 4)"""
    found = appliances(flow)
    assert all(there == back for there, back in found)
    zones = {end[-1] for end in flow.split(" -> ")} & {"a", "b"}
    assert {there for there, _ in found} == ({f"fw-{zone}" for zone in zones} or {"fw-a", "fw-b"})


@pytest.mark.parametrize("flow", FLOWS)
@pytest.mark.parametrize("changes", [
    "transit_gateway_route_tables: {inspected: {propagations: [], routes: {10.0.0.0/16: att-one, 10.1.0.0/16: att-two}}}",
])  # fmt: skip
def test_appliance_mode_takes_any_zone_for_what_does_not_propagate(flow: str, changes: str) -> None:
    """https://docs.aws.amazon.com/vpc/latest/tgw/tgw-vpc-attachments.html (Prerequisites for AZ-aware routing)"""
    assert appliances(flow, changes) == [("fw-a", "fw-a"), ("fw-b", "fw-b")]


def test_appliance_mode_takes_the_one_zone_that_it_knows() -> None:
    """https://docs.aws.amazon.com/vpc/latest/tgw/tgw-vpc-attachments.html (scenario 3)"""
    half = "transit_gateway_route_tables: {inspected: {propagations: att-one, routes: {10.1.0.0/16: att-two}}}"
    assert appliances("x-a -> y-b", half) == [("fw-a", "fw-a")]
    assert appliances("y-b -> x-a", half) == [("fw-a", "fw-a")]


@pytest.mark.parametrize(
    ("flow", "found"),
    [
        ("x-a -> y-a", "fw-a fw-a"),
        ("x-b -> y-b", "fw-b fw-b"),
        ("x-a -> y-b", "fw-a fw-b"),
        ("x-b -> y-a", "fw-b fw-a"),
        ("x-c -> y-b", "fw-a fw-b, fw-b fw-b"),
        ("x-a -> y-c", "fw-a fw-a, fw-a fw-b"),
        ("x-c -> y-c", "fw-a fw-a, fw-b fw-b"),
    ],
)
def test_without_appliance_mode_each_way_keeps_its_own_zone(flow: str, found: str) -> None:
    """https://docs.aws.amazon.com/vpc/latest/tgw/how-transit-gateways-work.html (Availability Zones)

    A zone that the attachment does not serve is as good as any other.
    """
    assert ", ".join(" ".join(trip) for trip in appliances(flow, MODE_OFF)) == found


def test_an_answer_that_takes_another_way_is_noted() -> None:
    net = changed(INSPECTION, MODE_OFF)
    assert [note for note in ask(net, "x-a -> y-b 443/tcp").notes if "asymmetric: there by fw-a, back by fw-b;" in note]
    assert not ask(net, "x-a -> y-a 443/tcp").notes
    around = changed(
        INSPECTION, "transit_gateway_route_tables: {spokes: {routes: {0.0.0.0/0: att-between, 10.0.0.0/16: att-one}}}"
    )
    assert [note for note in ask(around, "x-a -> y-a 443/tcp").notes if "asymmetric: there by fw-a only;" in note]


def test_two_gateways_are_noted_too() -> None:
    more = (
        "transit_gateways: {other: {}}\n"
        "transit_gateway_attachments: {other-one: {transit_gateway: other, vpc: one, subnets: out-one}, "
        "other-two: {transit_gateway: other, vpc: two, subnets: out-two}}\n"
        "route_tables: {table-two: {routes: {10.0.0.0/8: other}}}"
    )
    answer = ask(changed(BASE, more), ASKED)
    assert answer.reachable
    assert answer.notes == (
        "asymmetric: there by tgw, back by other; an appliance that remembers connections drops those of which it sees one way",
    )


TEMPLATE = """
Resources:
  one: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  two: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.1.0.0/16}}
  net: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref one, CidrBlock: 10.0.1.0/24, AvailabilityZone: us-east-1a}}
  farNet: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref two, CidrBlock: 10.1.1.0/24, AvailabilityZone: us-east-1a}}
  tgw:
    Type: AWS::EC2::TransitGateway
    Properties: {DefaultRouteTableAssociation: disable, DefaultRouteTablePropagation: disable}
  far: {Type: AWS::EC2::TransitGateway, Properties: {SecurityGroupReferencingSupport: enable}}
  att:
    Type: AWS::EC2::TransitGatewayAttachment
    Properties: {TransitGatewayId: !Ref tgw, VpcId: !Ref one, SubnetIds: [!Ref net], Options: {ApplianceModeSupport: enable}}
  farAtt:
    Type: AWS::EC2::TransitGatewayVpcAttachment
    Properties: {TransitGatewayId: !GetAtt far.Id, VpcId: !Ref two, SubnetIds: [], AddSubnetIds: [!Ref farNet]}
  peering:
    Type: AWS::EC2::TransitGatewayPeeringAttachment
    Properties: {TransitGatewayId: !Ref tgw, PeerTransitGatewayId: !Ref far}
  table: {Type: AWS::EC2::TransitGatewayRouteTable, Properties: {TransitGatewayId: !Ref tgw}}
  route:
    Type: AWS::EC2::TransitGatewayRoute
    Properties:
      TransitGatewayRouteTableId: !Ref table
      DestinationCidrBlock: 10.1.0.0/16
      TransitGatewayAttachmentId: !GetAtt peering.TransitGatewayAttachmentId
  hole:
    Type: AWS::EC2::TransitGatewayRoute
    Properties: {TransitGatewayRouteTableId: !Ref table, DestinationCidrBlock: 10.9.0.0/16, Blackhole: true}
  association:
    Type: AWS::EC2::TransitGatewayRouteTableAssociation
    Properties: {TransitGatewayRouteTableId: !Ref table, TransitGatewayAttachmentId: !Ref att}
  propagation:
    Type: AWS::EC2::TransitGatewayRouteTablePropagation
    Properties: {TransitGatewayRouteTableId: !Ref table, TransitGatewayAttachmentId: !GetAtt att.Id}
"""
NATIVE = """
vpcs: {one: 10.0.0.0/16, two: 10.1.0.0/16}
subnets: {net: {vpc: one, cidr: 10.0.1.0/24, az: us-east-1a}, farNet: {vpc: two, cidr: 10.1.1.0/24, az: us-east-1a}}
transit_gateways: {tgw: {default_association: false, default_propagation: false}, far: {security_group_referencing: true}}
transit_gateway_attachments:
  att: {transit_gateway: tgw, vpc: one, subnets: net, appliance_mode: true}
  farAtt: {transit_gateway: far, vpc: two, subnets: farNet}
  peering: {transit_gateway: tgw, peer: far}
transit_gateway_route_tables:
  table: {transit_gateway: tgw, associations: att, propagations: att, routes: {10.1.0.0/16: peering, 10.9.0.0/16: blackhole}}
"""


def test_a_template_and_the_native_format_say_the_same() -> None:
    template = topology_of([parse(TEMPLATE, "template.yaml")])
    assert template == changed(NATIVE, "").topology


def test_a_template_cannot_give_a_second_table_to_an_attachment() -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateTransitGatewayRouteTable.html"""
    with pytest.raises(RefusedError) as caught:
        topology_of([parse(TEMPLATE.replace("DefaultRouteTableAssociation: disable, ", ""), "template.yaml")])
    assert [problem.code for problem in caught.value.problems] == ["Resource.AlreadyAssociated"]


def test_a_change_keeps_what_it_does_not_name() -> None:
    net = changed(NATIVE, "").with_changes({"transit_gateways": {"tgw": {"dns_support": False}}})
    options = net.topology.resources["tgw"].dump()["Options"]
    assert (options["DnsSupport"], options["DefaultRouteTableAssociation"]) == ("disable", "disable")
    net = net.with_changes({"transit_gateway_attachments": {"att": {"ipv6": True}}})
    attachment = net.topology.resources["att"].dump()
    assert (attachment["Options"]["ApplianceModeSupport"], attachment["Options"]["Ipv6Support"]) == ("enable", "enable")
    assert attachment["SubnetIds"] == ["net"]


def test_a_misspelled_resource_is_named() -> None:
    with pytest.raises(InputError, match="nothing is called `app-bb`; did you mean `app-b`"):
        changed(BASE, "transit_gateway_attachments: {vpn: {transit_gateway: tgw, type: vpn, resource: app-bb}}")


def test_the_gateway_starts_nothing() -> None:
    with pytest.raises(InputError, match="sends no packets"):
        changed(BASE, "").trace("tgw", "db")


def test_the_graph_leads_from_a_vpc_through_the_gateway() -> None:
    edges = {(source, target) for source, target in graph(changed(BASE, "")).edges()}
    assert {("one", "att-one"), ("att-one", "tgw"), ("tgw", DEFAULT), (DEFAULT, "att-two"), ("att-two", "out-two")} <= edges


def test_a_table_tells_its_routes() -> None:
    answer = ask(changed(BASE, ""), ASKED)
    assert answer.trip is not None
    step = next(step for step in answer.trip.there.steps if step.at == DEFAULT)
    told = ["10.0.0.0/16 -> att-one (propagated) (TGW_RTB_CANNOT_ROUTE)", "10.1.0.0/16 -> att-two (propagated)"]
    assert answer.rules_looked_at(step) == told


def test_why_a_route_of_the_gateway_does_not_decide() -> None:
    """https://docs.aws.amazon.com/vpc/latest/reachability/explanation-codes.html"""
    answer = ask(changed(BASE, table("{10.0.0.0/8: att-one, 10.1.0.0/16: att-two}")), ASKED)
    step = next(step for step in answer.trip.there.steps if step.at == DEFAULT) if answer.trip else None
    assert step is not None
    assert answer.rules_looked_at(step) == [
        "10.0.0.0/16 -> att-one (propagated) (TGW_RTB_CANNOT_ROUTE)",
        "10.1.0.0/16 -> att-two",
        "10.1.0.0/16 -> att-two (propagated) (TGW_RTB_HIGHER_PRIORITY_ROUTE)",
        "10.0.0.0/8 -> att-one (TGW_RTB_MORE_SPECIFIC_ROUTE)",
    ]


def test_an_endpoint_of_the_hub_sees_the_client() -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html"""
    answer = ask(changed(BASE, ENDPOINT), "app -> ep 443/tcp")
    assert answer.trip is not None
    assert answer.trip.there.arrived.source == "10.0.1.10"
