"""Load balancers: one address per zone in front of many targets, there and back."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from networks import ANALYZER, Refusal, Row, ask, changed, check, end_of, names, refused, way

import vpcsim
from vpcsim.prefixes import address_text

ELB = "https://docs.aws.amazon.com/elasticloadbalancing/latest/"
HOW = f"{ELB}userguide/how-elastic-load-balancing-works.html"
ALB_GROUPS = f"{ELB}application/load-balancer-update-security-groups.html"
ALB_LISTENERS = f"{ELB}application/load-balancer-listeners.html"
ALB_TARGETS = f"{ELB}application/load-balancer-target-groups.html"
ALB_SUBNETS = f"{ELB}application/application-load-balancers.html"
NLB_GROUPS_OF = f"{ELB}network/load-balancer-target-groups.html"
TARGET = f"{ELB}APIReference/API_TargetDescription.html"
ALB_ZONES = f"{ELB}application/disable-cross-zone.html"
LAMBDA = f"{ELB}application/lambda-functions.html"
NLB_GROUPS = f"{ELB}network/load-balancer-security-groups.html"
NLB_TARGETS = f"{ELB}network/target-group-register-targets.html"
NLB_LISTENERS = f"{ELB}network/load-balancer-listeners.html"
NLB_ZONES = f"{ELB}network/target-group-cross-zone.html"
PRESERVE = f"{ELB}network/edit-target-group-attributes.html"
HAIRPIN = f"{ELB}network/load-balancer-troubleshooting.html"
ALB_BEHIND = f"{ELB}network/application-load-balancer-target.html"
HEALTH = f"{ELB}application/target-group-health-checks.html"
CLASSIC = f"{ELB}classic/enable-disable-crosszone-lb.html"
CLASSIC_GROUPS = f"{ELB}classic/elb-vpc-security-groups.html"
CREATE = f"{ELB}APIReference/API_CreateLoadBalancer.html"
CREATE_GROUP = f"{ELB}APIReference/API_CreateTargetGroup.html"
CREATE_LISTENER = f"{ELB}APIReference/API_CreateListener.html"
TARGET = f"{ELB}APIReference/API_TargetDescription.html"
REGISTER = f"{ELB}APIReference/API_RegisterTargets.html"
ACL = "https://docs.aws.amazon.com/vpc/latest/userguide/custom-network-acl.html"
BPA = "https://docs.aws.amazon.com/vpc/latest/userguide/security-vpc-bpa-basics.html"

BASE = """
vpcs: {vpc: {cidr: 10.0.0.0/16, dns_hostnames: true}}
subnets:
  lb-a: {cidr: 10.0.0.0/24, az: us-east-1a}
  lb-b: {cidr: 10.0.1.0/24, az: us-east-1b}
  app-a: {cidr: 10.0.10.0/24, az: us-east-1a}
  app-c: {cidr: 10.0.12.0/24, az: us-east-1c}
  client-b: {cidr: 10.0.21.0/24, az: us-east-1b}
internet_gateways: {igw: vpc}
route_tables: {public: {subnets: [lb-a, lb-b], routes: {0.0.0.0/0: igw}}, private: {subnets: [app-a, app-c, client-b]}}
security_groups:
  lb-sg: {ingress: tcp 80-81 from 0.0.0.0/0, egress: tcp 8080 to 10.0.0.0/16}
  web-sg: {ingress: tcp 8080 from lb-sg}
  far-sg: {ingress: tcp 8080 from 0.0.0.0/0}
  client-sg: {}
instances:
  web: {subnet: app-a, ip: 10.0.10.10, security_groups: web-sg}
  far: {subnet: app-c, ip: 10.0.12.10, security_groups: far-sg}
  client: {subnet: client-b, ip: 10.0.21.10, security_groups: client-sg}
load_balancers:
  alb: {subnets: [lb-a, lb-b], security_groups: lb-sg, scheme: internal, listeners: {80: webs}}
  nlb: {type: network, subnets: [lb-a, lb-b], security_groups: lb-sg, scheme: internal, listeners: {80: flows}}
classic_load_balancers:
  elb: {subnets: [lb-a, lb-b], security_groups: lb-sg, scheme: internal, listeners: {80: 8080}, instances: web}
target_groups:
  webs: {vpc: vpc, protocol: HTTP, port: 8080, targets: web}
  flows: {vpc: vpc, protocol: TCP, port: 8080, targets: web}
"""

PUBLIC = "load_balancers: {alb: {scheme: internet-facing}}"
BARE = "load_balancers: {nlb: {security_groups: []}}"
BY_CLIENT = "security_groups: {web-sg: {ingress: tcp 8080 from 10.0.21.10/32}}"
BY_CLIENT_GROUP = "security_groups: {web-sg: {ingress: tcp 8080 from client-sg}}"
BY_NODES = "security_groups: {web-sg: {ingress: [tcp 8080 from 10.0.0.0/24, tcp 8080 from 10.0.1.0/24]}}"
UNDER_OWN = "target_groups: {flows: {preserve_client_ip: false}}"
QUIC = """
target_groups: {fast: {vpc: vpc, protocol: QUIC, port: 443}}
load_balancers: {nlb: {listeners: {443/quic: fast}}}
"""
BY_ADDRESS = "target_groups: {flows: {type: ip, targets: 10.0.10.10}}"
APPLIANCE = """
subnets: {mid-a: {cidr: 10.0.30.0/24, az: us-east-1a}}
instances: {box: {subnet: mid-a, security_groups: far-sg, source_dest_check: false, forwards: pass}}
route_tables: {public: {routes: {10.0.10.0/24: box}}}
"""


def acl(subnets: str, *entries: str) -> str:
    ways = {way: ", ".join(e for e in entries if f" {word} " in e) for way, word in (("ingress", "from"), ("egress", "to"))}
    return f"network_acls: {{acl: {{subnets: {subnets}, ingress: [{ways['ingress']}], egress: [{ways['egress']}]}}}}"


ROWS = [
    Row(
        "ALB, inside the VPC", HOW, "", "client -> alb 80/tcp",
        "client client/client-b client-b alb/lb-a alb alb/lb-a lb-a web/app-a web",
        "web web/app-a app-a alb/lb-a alb alb/lb-a lb-a client/client-b client",
    ),
    Row(
        "ALB, from the internet", HOW, PUBLIC, "internet -> alb 80/tcp",
        "internet igw alb/lb-a alb alb/lb-a lb-a web/app-a web", "web web/app-a app-a alb/lb-a alb alb/lb-a lb-a igw internet",
    ),
    Row(
        "ALB: an internet-facing one has public addresses for its VPC too", HOW, PUBLIC, "client -> alb 80/tcp",
        "client client/client-b client-b", "", "no_route NO_ROUTE_TO_DESTINATION private",
    ),
    Row(
        "ALB: an internal one has no public address", HOW, "", "internet -> alb 80/tcp", "internet", "",
        "no_route IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS internet",
    ),
    Row(
        "ALB: targets see its node, so their group may name its group", ALB_GROUPS, "", "client -> alb/lb-b 80/tcp",
        "client client/client-b client-b alb/lb-b alb alb/lb-b lb-b web/app-a web",
        "web web/app-a app-a alb/lb-b alb alb/lb-b lb-b client/client-b client",
    ),
    Row(
        "NLB: TCP to a group of TCP and QUIC", NLB_GROUPS_OF, "target_groups: {flows: {protocol: TCP_QUIC}}",
        "client -> nlb 80/tcp", "client client/client-b client-b nlb/lb-a nlb nlb/lb-a web/app-a web",
        "web web/app-a app-a nlb/lb-a nlb nlb/lb-a lb-a client/client-b client",
    ),
    Row(
        "ALB: a target for all zones", TARGET,
        "target_groups: {webs: {type: ip, cross_zone: false, targets: [{id: 10.0.10.10, az: all}]}}", "client -> alb/lb-b 80/tcp",
        "client client/client-b client-b alb/lb-b alb alb/lb-b lb-b web/app-a web",
        "web web/app-a app-a alb/lb-b alb alb/lb-b lb-b client/client-b client",
    ),
    Row(
        "ALB: and nobody else gets to them", ALB_GROUPS, "", "client -> web 8080/tcp",
        "client client/client-b client-b web/app-a", "", "denied ENI_SG_RULES_MISMATCH web-sg",
    ),
    Row(
        "ALB: targets do not see the client", ALB_GROUPS, BY_CLIENT, "client -> alb 80/tcp",
        "client client/client-b client-b alb/lb-a alb alb/lb-a lb-a web/app-a", "", "denied ENI_SG_RULES_MISMATCH web-sg",
    ),
    Row(
        "ALB: its group must admit the listener's port", ALB_GROUPS,
        "security_groups: {lb-sg: {ingress: tcp 443 from 0.0.0.0/0}}", "client -> alb 80/tcp",
        "client client/client-b client-b alb/lb-a", "", "denied ENI_SG_RULES_MISMATCH lb-sg",
    ),
    Row(
        "ALB: its group must let out to targets", ALB_GROUPS, "security_groups: {lb-sg: {egress: tcp 80 to 10.0.0.0/16}}",
        "client -> alb 80/tcp", "client client/client-b client-b alb/lb-a alb alb/lb-a", "",
        "denied ENI_SG_RULES_MISMATCH lb-sg",
    ),
    Row(
        "ALB: the only listener takes its port", ANALYZER, "", "client -> alb 81/tcp",
        "client client/client-b client-b alb/lb-a alb", "", "denied ELBV2_LISTENER_PORT_RESTRICTION alb",
    ),
    Row(
        "ALB: no listener takes it", ANALYZER, "load_balancers: {alb: {listeners: {80: webs, 443: webs}}}",
        "client -> alb 81/tcp", "client client/client-b client-b alb/lb-a alb", "", "denied ELBV2_LISTENERS_MISMATCH alb",
    ),
    Row(
        "ALB: no UDP", ALB_LISTENERS, "security_groups: {lb-sg: {ingress: all from 0.0.0.0/0}}", "client -> alb 80/udp",
        "client client/client-b client-b alb/lb-a alb", "", "denied ELBV2_LISTENERS_MISMATCH alb",
    ),
    Row(
        "ALB: no target at all", ANALYZER, "target_groups: {webs: {targets: []}}", "client -> alb 80/tcp",
        "client client/client-b client-b alb/lb-a alb", "", "denied ELBV2_LISTENER_HAS_NO_TG alb",
    ),
    Row(
        "ALB: a target in a zone without a node", HOW, "target_groups: {webs: {targets: far}}", "client -> alb 80/tcp",
        "client client/client-b client-b alb/lb-a alb", "", "denied ELBV2_NO_TARGETS_IN_AZ alb",
    ),
    Row(
        "ALB: across zones by default", ALB_ZONES, "", "client -> alb/lb-b 80/tcp",
        "client client/client-b client-b alb/lb-b alb alb/lb-b lb-b web/app-a web",
        "web web/app-a app-a alb/lb-b alb alb/lb-b lb-b client/client-b client",
    ),
    Row(
        "ALB: not across zones if the target group says so", ALB_ZONES, "target_groups: {webs: {cross_zone: false}}",
        "client -> alb/lb-b 80/tcp", "client client/client-b client-b alb/lb-b alb", "", "denied ELBV2_NO_TARGETS_IN_AZ alb",
    ),
    Row(
        "ALB: within a zone", ALB_ZONES, "target_groups: {webs: {cross_zone: false}}", "client -> alb/lb-a 80/tcp",
        "client client/client-b client-b alb/lb-a alb alb/lb-a lb-a web/app-a web",
        "web web/app-a app-a alb/lb-a alb alb/lb-a lb-a client/client-b client",
    ),
    Row(
        "ALB: a port of the target's own", ALB_TARGETS, "target_groups: {webs: {targets: web:9090}}", "client -> alb 80/tcp",
        "client client/client-b client-b alb/lb-a alb alb/lb-a", "", "denied ENI_SG_RULES_MISMATCH lb-sg",
    ),
    Row(
        "ALB: nobody is healthy, so everybody is asked", HEALTH, "target_groups: {webs: {health: {web: unhealthy}}}",
        "client -> alb 80/tcp", "client client/client-b client-b alb/lb-a alb alb/lb-a lb-a web/app-a web",
        "web web/app-a app-a alb/lb-a alb alb/lb-a lb-a client/client-b client",
    ),
    Row(
        "ALB: a draining target gets nothing new", HEALTH, "target_groups: {webs: {health: {web: draining}}}",
        "client -> alb 80/tcp", "client client/client-b client-b alb/lb-a alb", "", "denied ELBV2_LISTENER_HAS_NO_TG alb",
    ),
    Row(
        "ALB: a redirect comes from itself", ALB_LISTENERS, "load_balancers: {alb: {listeners: {80: redirect}}}",
        "client -> alb 80/tcp", "client client/client-b client-b alb/lb-a alb", "alb alb/lb-a lb-a client/client-b client",
    ),
    Row(
        "ALB: a function", LAMBDA,
        "target_groups: {webs: {type: lambda, targets: [{id: 'arn:aws:lambda:us-east-1:123456789012:function:f'}]}}",
        "client -> alb 80/tcp", "client client/client-b client-b alb/lb-a alb", "alb alb/lb-a lb-a client/client-b client",
    ),
    Row(
        "ALB: an address", ALB_TARGETS, "target_groups: {webs: {type: ip, targets: 10.0.10.10}}", "client -> alb 80/tcp",
        "client client/client-b client-b alb/lb-a alb alb/lb-a lb-a web/app-a web",
        "web web/app-a app-a alb/lb-a alb alb/lb-a lb-a client/client-b client",
    ),
    Row(
        "ALB: an address on premises, without a route", ALB_TARGETS,
        "target_groups: {webs: {type: ip, targets: {id: 192.168.7.7, az: all}}}\n"
        "security_groups: {lb-sg: {egress: all to 0.0.0.0/0}}\n"
        "route_tables: {public: {routes: {0.0.0.0/0: null}}}",
        "client -> alb 80/tcp", "client client/client-b client-b alb/lb-a alb alb/lb-a lb-a", "",
        "no_route NO_ROUTE_TO_DESTINATION public",
    ),
    Row(
        "ALB: the ACL of its subnet lets answers of targets in", ACL,
        acl("lb-a", "100 allow tcp 80 from 0.0.0.0/0", "100 allow all to 0.0.0.0/0"), "client -> alb/lb-a 80/tcp",
        "client client/client-b client-b alb/lb-a alb alb/lb-a lb-a web/app-a web", "web web/app-a app-a alb/lb-a",
        "denied SUBNET_ACL_RESTRICTION acl",
    ),
    Row(
        "ALB: the ACL of its subnet, what is needed", ACL,
        acl(
            "lb-a", "100 allow tcp 80 from 10.0.21.0/24", "110 allow tcp 1024-65535 from 10.0.10.0/24",
            "100 allow tcp 8080 to 10.0.10.0/24", "110 allow tcp 32768-60999 to 10.0.21.0/24",
        ),
        "client -> alb/lb-a 80/tcp", "client client/client-b client-b alb/lb-a alb alb/lb-a lb-a web/app-a web",
        "web web/app-a app-a alb/lb-a alb alb/lb-a lb-a client/client-b client",
    ),
    Row(
        "ALB: the ACL of targets lets answers out to every port of a node", ACL,
        acl("app-a", "100 allow tcp 8080 from 10.0.0.0/23", "100 allow tcp 32768-60999 to 10.0.0.0/23"),
        "client -> alb/lb-a 80/tcp", "client client/client-b client-b alb/lb-a alb alb/lb-a lb-a web/app-a web",
        "web web/app-a app-a", "denied SUBNET_ACL_RESTRICTION acl",
    ),
    Row(
        "ALB: the ACL of targets, what is needed", ACL,
        acl("app-a", "100 allow tcp 8080 from 10.0.0.0/23", "100 allow tcp 1024-65535 to 10.0.0.0/23"),
        "client -> alb/lb-a 80/tcp", "client client/client-b client-b alb/lb-a alb alb/lb-a lb-a web/app-a web",
        "web web/app-a app-a alb/lb-a alb alb/lb-a lb-a client/client-b client",
    ),
    Row("ALB: starts no connections", ALB_GROUPS, "", "alb -> web 8080/tcp", "alb", "", "denied NO_PATH alb"),
    Row(
        "ALB: a state that takes nothing", CREATE, "load_balancers: {alb: {state: failed}}", "client -> alb 80/tcp",
        "client client/client-b client-b alb/lb-a alb", "", "denied BAD_STATE alb",
    ),
    Row(
        "NLB: a group may name the load balancer's, although the client's address is kept", NLB_GROUPS, "",
        "client -> nlb 80/tcp", "client client/client-b client-b nlb/lb-a nlb nlb/lb-a web/app-a web",
        "web web/app-a app-a nlb/lb-a nlb nlb/lb-a lb-a client/client-b client",
    ),
    Row(
        "NLB: instances see the client", PRESERVE, f"{BARE}\n{BY_CLIENT}", "client -> nlb 80/tcp",
        "client client/client-b client-b nlb/lb-a nlb nlb/lb-a web/app-a web",
        "web web/app-a app-a nlb/lb-a nlb nlb/lb-a lb-a client/client-b client",
    ),
    Row(
        "NLB: instances do not see the node", PRESERVE, f"{BARE}\n{BY_NODES}", "client -> nlb 80/tcp",
        "client client/client-b client-b nlb/lb-a nlb nlb/lb-a web/app-a", "", "denied ENI_SG_RULES_MISMATCH web-sg",
    ),
    Row(
        "NLB: kept off, targets see the node", PRESERVE, f"{BARE}\n{BY_NODES}\n{UNDER_OWN}", "client -> nlb 80/tcp",
        "client client/client-b client-b nlb/lb-a nlb nlb/lb-a lb-a web/app-a web",
        "web web/app-a app-a nlb/lb-a nlb nlb/lb-a lb-a client/client-b client",
    ),
    Row(
        "NLB: kept off, targets do not see the client", PRESERVE, f"{BARE}\n{BY_CLIENT}\n{UNDER_OWN}", "client -> nlb 80/tcp",
        "client client/client-b client-b nlb/lb-a nlb nlb/lb-a lb-a web/app-a", "", "denied ENI_SG_RULES_MISMATCH web-sg",
    ),
    Row(
        "NLB: addresses see the node", PRESERVE, f"{BARE}\n{BY_NODES}\n{BY_ADDRESS}", "client -> nlb 80/tcp",
        "client client/client-b client-b nlb/lb-a nlb nlb/lb-a lb-a web/app-a web",
        "web web/app-a app-a nlb/lb-a nlb nlb/lb-a lb-a client/client-b client",
    ),
    Row(
        "NLB: addresses do not see the client", PRESERVE, f"{BARE}\n{BY_CLIENT}\n{BY_ADDRESS}", "client -> nlb 80/tcp",
        "client client/client-b client-b nlb/lb-a nlb nlb/lb-a lb-a web/app-a", "", "denied ENI_SG_RULES_MISMATCH web-sg",
    ),
    Row(
        "NLB: addresses see the client if asked", PRESERVE,
        f"{BARE}\n{BY_CLIENT}\ntarget_groups: {{flows: {{type: ip, targets: 10.0.10.10, preserve_client_ip: true}}}}",
        "client -> nlb 80/tcp", "client client/client-b client-b nlb/lb-a nlb nlb/lb-a web/app-a web",
        "web web/app-a app-a nlb/lb-a nlb nlb/lb-a lb-a client/client-b client",
    ),
    Row(
        "NLB: with UDP addresses see the client", PRESERVE,
        "load_balancers: {nlb: {security_groups: [], listeners: {80: null, 53/udp: flows}}}\n"
        "target_groups: {flows: {type: ip, protocol: UDP, targets: 10.0.10.10}}\n"
        "security_groups: {web-sg: {ingress: udp 8080 from 10.0.21.10/32}}",
        "client -> nlb 53/udp", "client client/client-b client-b nlb/lb-a nlb nlb/lb-a web/app-a web",
        "web web/app-a app-a nlb/lb-a nlb nlb/lb-a lb-a client/client-b client",
    ),
    Row(
        "NLB: with UDP addresses do not see the node", PRESERVE,
        "load_balancers: {nlb: {security_groups: [], listeners: {80: null, 53/udp: flows}}}\n"
        "target_groups: {flows: {type: ip, protocol: UDP, targets: 10.0.10.10}}\n"
        "security_groups: {web-sg: {ingress: udp 8080 from 10.0.0.0/23}}",
        "client -> nlb 53/udp", "client client/client-b client-b nlb/lb-a nlb nlb/lb-a web/app-a", "",
        "denied ENI_SG_RULES_MISMATCH web-sg",
    ),
    Row(
        "NLB: one listener for TCP and UDP", NLB_LISTENERS,
        "load_balancers: {nlb: {security_groups: [], listeners: {80: null, 80/tcp_udp: flows}}}\n"
        "target_groups: {flows: {protocol: TCP_UDP}}\n"
        f"{BY_CLIENT}",
        "client -> nlb 80/tcp", "client client/client-b client-b nlb/lb-a nlb nlb/lb-a web/app-a web",
        "web web/app-a app-a nlb/lb-a nlb nlb/lb-a lb-a client/client-b client",
    ),
    Row(
        "NLB: without a group everybody gets to it", NLB_GROUPS, f"{BARE}\n{BY_CLIENT}", "client -> nlb 80/tcp",
        "client client/client-b client-b nlb/lb-a nlb nlb/lb-a web/app-a web",
        "web web/app-a app-a nlb/lb-a nlb nlb/lb-a lb-a client/client-b client",
    ),
    Row(
        "NLB: its group filters", NLB_GROUPS, "security_groups: {lb-sg: {ingress: tcp 80 from 192.0.2.0/24}}",
        "client -> nlb 80/tcp", "client client/client-b client-b nlb/lb-a", "", "denied ENI_SG_RULES_MISMATCH lb-sg",
    ),
    Row(
        "NLB: its group filters what leaves", NLB_GROUPS, "security_groups: {lb-sg: {egress: tcp 80 to 0.0.0.0/0}}",
        "client -> nlb 80/tcp", "client client/client-b client-b nlb/lb-a nlb nlb/lb-a", "",
        "denied ENI_SG_RULES_MISMATCH lb-sg",
    ),
    Row(
        "NLB: Block Public Access", BPA,
        "load_balancers: {nlb: {scheme: internet-facing}}\nblock_public_access: {x: block-bidirectional}",
        "internet -> nlb 80/tcp", "internet igw", "", "denied VPC_BLOCK_PUBLIC_ACCESS_ENABLED igw",
    ),
    Row(
        "NLB: Block Public Access frees its subnet, and the target's is not asked", BPA,
        "load_balancers: {nlb: {scheme: internet-facing}}\nblock_public_access: {x: block-bidirectional}\n"
        "block_public_access_exclusions: {free: {subnet: lb-a, mode: allow-bidirectional}}",
        "internet -> nlb 80/tcp", "internet igw nlb/lb-a nlb nlb/lb-a web/app-a web",
        "web web/app-a app-a nlb/lb-a nlb nlb/lb-a lb-a igw internet",
    ),
    Row(
        "NLB: from the internet to a target without a route there", HOW, "load_balancers: {nlb: {scheme: internet-facing}}",
        "internet -> nlb 80/tcp", "internet igw nlb/lb-a nlb nlb/lb-a web/app-a web",
        "web web/app-a app-a nlb/lb-a nlb nlb/lb-a lb-a igw internet",
    ),
    Row(
        "NLB: from the internet, the target sees the client", PRESERVE,
        "load_balancers: {nlb: {scheme: internet-facing, security_groups: []}}\n"
        "security_groups: {web-sg: {ingress: tcp 8080 from 198.51.100.0/24}}",
        "internet -> nlb 80/tcp", "internet igw nlb/lb-a nlb nlb/lb-a web/app-a web",
        "web web/app-a app-a nlb/lb-a nlb nlb/lb-a lb-a igw internet",
    ),
    Row(
        "NLB: a client that is its own target", HAIRPIN, "load_balancers: {nlb: {security_groups: []}}", "web -> nlb 80/tcp",
        "web web/app-a app-a nlb/lb-a nlb", "", "denied ELBV2_SOURCE_ADDRESS_PRESERVATION nlb",
    ),
    Row(
        "NLB: a client that is its own target, by address", HAIRPIN, f"{BARE}\n{BY_NODES}\n{BY_ADDRESS}", "web -> nlb 80/tcp",
        "web web/app-a app-a nlb/lb-a nlb nlb/lb-a lb-a web/app-a web",
        "web web/app-a app-a nlb/lb-a nlb nlb/lb-a lb-a web/app-a web",
    ),
    Row(
        "NLB: with the client's address, nothing may stand between", PRESERVE, APPLIANCE, "client -> nlb/lb-a 80/tcp",
        "client client/client-b client-b nlb/lb-a nlb", "", "denied ELBV2_SOURCE_ADDRESS_PRESERVATION nlb",
    ),
    Row(
        "NLB: with its own address, something may", PRESERVE,
        APPLIANCE + (
            "\n"
            "security_groups: {web-sg: {ingress: tcp 8080 from 10.0.0.0/23}}\n"
            "target_groups: {flows: {preserve_client_ip: false}}"
        ),
        "client -> nlb/lb-a 80/tcp",
        "client client/client-b client-b nlb/lb-a nlb nlb/lb-a lb-a box/mid-a box box/mid-a mid-a web/app-a web",
        "web web/app-a app-a nlb/lb-a nlb nlb/lb-a lb-a client/client-b client",
    ),
    Row(
        "NLB: not across zones by default", NLB_ZONES, "", "client -> nlb/lb-b 80/tcp",
        "client client/client-b client-b nlb/lb-b nlb", "", "denied ELBV2_NO_TARGETS_IN_AZ nlb",
    ),
    Row(
        "NLB: across zones if it says so", NLB_ZONES, "load_balancers: {nlb: {cross_zone: true}}", "client -> nlb/lb-b 80/tcp",
        "client client/client-b client-b nlb/lb-b nlb nlb/lb-b web/app-a web",
        "web web/app-a app-a nlb/lb-b nlb nlb/lb-b lb-b client/client-b client",
    ),
    Row(
        "NLB: across zones if the target group says so", NLB_ZONES, "target_groups: {flows: {cross_zone: true}}",
        "client -> nlb/lb-b 80/tcp", "client client/client-b client-b nlb/lb-b nlb nlb/lb-b web/app-a web",
        "web web/app-a app-a nlb/lb-b nlb nlb/lb-b lb-b client/client-b client",
    ),
    Row(
        "NLB: the target group has the last word", NLB_ZONES,
        "load_balancers: {nlb: {cross_zone: true}}\ntarget_groups: {flows: {cross_zone: false}}", "client -> nlb/lb-b 80/tcp",
        "client client/client-b client-b nlb/lb-b nlb", "", "denied ELBV2_NO_TARGETS_IN_AZ nlb",
    ),
    Row(
        "NLB: a target in a zone without a node", HOW,
        "load_balancers: {nlb: {cross_zone: true}}\ntarget_groups: {flows: {targets: far}}", "client -> nlb/lb-b 80/tcp",
        "client client/client-b client-b nlb/lb-b nlb", "", "denied ELBV2_NO_TARGETS_IN_AZ nlb",
    ),
    Row(
        "NLB: the only listener takes its port", ANALYZER, "", "client -> nlb 81/tcp",
        "client client/client-b client-b nlb/lb-a nlb", "", "denied ELBV2_LISTENER_PORT_RESTRICTION nlb",
    ),
    Row(
        "NLB: the ACL of targets sees the client", NLB_TARGETS,
        acl("app-a", "100 allow tcp 8080 from 10.0.21.0/24", "100 allow tcp 1024-65535 to 10.0.21.0/24"),
        "client -> nlb 80/tcp", "client client/client-b client-b nlb/lb-a nlb nlb/lb-a web/app-a web",
        "web web/app-a app-a nlb/lb-a nlb nlb/lb-a lb-a client/client-b client",
    ),
    Row(
        "NLB: the ACL of targets lets answers out to the client", NLB_TARGETS,
        acl("app-a", "100 allow tcp 8080 from 10.0.0.0/16", "100 allow tcp 1024-65535 to 10.0.0.0/23"), "client -> nlb 80/tcp",
        "client client/client-b client-b nlb/lb-a nlb nlb/lb-a web/app-a web", "web web/app-a app-a",
        "denied SUBNET_ACL_RESTRICTION acl",
    ),
    Row(
        "NLB: the ACL of targets sees the node with its own address", NLB_TARGETS,
        (f"{UNDER_OWN}\n"
        "")
        + acl(
            "app-a", "100 allow tcp 8080 from 10.0.0.0/23", "100 allow tcp 1024-65535 to 10.0.0.0/23",
        ),
        "client -> nlb 80/tcp", "client client/client-b client-b nlb/lb-a nlb nlb/lb-a lb-a web/app-a web",
        "web web/app-a app-a nlb/lb-a nlb nlb/lb-a lb-a client/client-b client",
    ),
    Row(
        "NLB: the ACL of its own subnet sees answers of targets", NLB_TARGETS,
        acl("lb-a", "100 allow tcp 80 from 10.0.21.0/24", "100 allow all to 0.0.0.0/0"), "client -> nlb 80/tcp",
        "client client/client-b client-b nlb/lb-a nlb nlb/lb-a web/app-a web", "web web/app-a app-a nlb/lb-a",
        "denied SUBNET_ACL_RESTRICTION acl",
    ),
    Row(
        "NLB: an ALB behind it", ALB_BEHIND,
        "target_groups: {flows: {type: alb, port: 80, targets: alb}}\n"
        "security_groups: {lb-sg: {egress: all to 0.0.0.0/0}}",
        "client -> nlb/lb-a 80/tcp",
        "client client/client-b client-b nlb/lb-a nlb nlb/lb-a alb/lb-a alb alb/lb-a lb-a web/app-a web",
        "web web/app-a app-a alb/lb-a alb alb/lb-a lb-a nlb/lb-a nlb nlb/lb-a lb-a client/client-b client",
    ),
    Row(
        "NLB: an ALB behind it sees the client", ALB_BEHIND,
        "target_groups: {flows: {type: alb, port: 80, targets: alb}}\n"
        "security_groups: {lb-sg: {egress: all to 0.0.0.0/0, ingress: tcp 80 from 10.0.21.0/24}}",
        "client -> nlb/lb-a 80/tcp",
        "client client/client-b client-b nlb/lb-a nlb nlb/lb-a alb/lb-a alb alb/lb-a lb-a web/app-a web",
        "web web/app-a app-a alb/lb-a alb alb/lb-a lb-a nlb/lb-a nlb nlb/lb-a lb-a client/client-b client",
    ),
    Row(
        "NLB: a group cannot name the client's", NLB_TARGETS, f"{BARE}\n{BY_CLIENT_GROUP}", "client -> nlb 80/tcp",
        "client client/client-b client-b nlb/lb-a nlb nlb/lb-a web/app-a", "", "denied ENI_SG_RULES_MISMATCH web-sg",
    ),
    Row(
        "without a load balancer a group can name the client's", NLB_TARGETS, BY_CLIENT_GROUP, "client -> web 8080/tcp",
        "client client/client-b client-b web/app-a web", "web web/app-a app-a client/client-b client",
    ),
    Row(
        "classic: inside the VPC", CLASSIC_GROUPS, "", "client -> elb/lb-a 80/tcp",
        "client client/client-b client-b elb/lb-a elb elb/lb-a lb-a web/app-a web",
        "web web/app-a app-a elb/lb-a elb elb/lb-a lb-a client/client-b client",
    ),
    Row(
        "classic: from the internet", HOW, "classic_load_balancers: {elb: {scheme: internet-facing, cross_zone: true}}",
        "internet -> elb 80/tcp", "internet igw elb/lb-a elb elb/lb-a lb-a web/app-a web",
        "web web/app-a app-a elb/lb-a elb elb/lb-a lb-a igw internet",
    ),
    Row(
        "classic: not across zones by default", CLASSIC, "", "client -> elb/lb-b 80/tcp",
        "client client/client-b client-b elb/lb-b elb", "", "denied ELB_NOT_CROSSZONE elb",
    ),
    Row(
        "classic: across zones", CLASSIC, "classic_load_balancers: {elb: {cross_zone: true}}", "client -> elb/lb-b 80/tcp",
        "client client/client-b client-b elb/lb-b elb elb/lb-b lb-b web/app-a web",
        "web web/app-a app-a elb/lb-b elb elb/lb-b lb-b client/client-b client",
    ),
    Row(
        "classic: an instance in a zone without a node", ANALYZER,
        "classic_load_balancers: {elb: {cross_zone: true, instances: far}}", "client -> elb/lb-a 80/tcp",
        "client client/client-b client-b elb/lb-a elb", "", "denied ELB_INSTALLED_AZ_RESTRICTION elb",
    ),
    Row(
        "classic: the only listener takes its port", ANALYZER, "", "client -> elb/lb-a 81/tcp",
        "client client/client-b client-b elb/lb-a elb", "", "denied ELB_LISTENER_PORT_RESTRICTION elb",
    ),
    Row(
        "classic: no listener takes it", ANALYZER, "classic_load_balancers: {elb: {listeners: {80: 8080, 443: 8443}}}",
        "client -> elb/lb-a 81/tcp", "client client/client-b client-b elb/lb-a elb", "", "denied ELB_LISTENERS_MISMATCH elb",
    ),
    Row(
        "classic: the ACL of one subnet applies inside it", ANALYZER,
        ("instances: {web: {subnet: lb-a, ip: 10.0.0.10}}\n"
        "")
        + acl(
            "lb-a", "100 allow tcp 80 from 0.0.0.0/0", "100 allow all to 0.0.0.0/0",
        ),
        "client -> elb/lb-a 80/tcp", "client client/client-b client-b elb/lb-a elb", "", "denied ELB_ACL_RESTRICTION acl",
    ),
    Row(
        "classic: the ACL of one subnet applies to the answer too", ANALYZER,
        ("instances: {web: {subnet: lb-a, ip: 10.0.0.10}}\n"
        "")
        + acl(
            "lb-a", "100 allow tcp 80 from 0.0.0.0/0", "110 allow tcp 8080 from 10.0.0.0/24",
            "100 allow all to 0.0.0.0/0",
        ),
        "client -> elb/lb-a 80/tcp", "client client/client-b client-b elb/lb-a elb elb/lb-a lb-a web/lb-a web",
        "web web/lb-a lb-a elb/lb-a elb", "denied ELB_ACL_RESTRICTION acl",
    ),
    Row(
        "classic: the ACL of one subnet, what is needed", ANALYZER,
        ("instances: {web: {subnet: lb-a, ip: 10.0.0.10}}\n"
        "")
        + acl(
            "lb-a", "100 allow tcp 80 from 0.0.0.0/0", "110 allow tcp 8080 from 10.0.0.0/24",
            "120 allow tcp 1024-65535 from 10.0.0.0/24", "100 allow all to 0.0.0.0/0",
        ),
        "client -> elb/lb-a 80/tcp", "client client/client-b client-b elb/lb-a elb elb/lb-a lb-a web/lb-a web",
        "web web/lb-a lb-a elb/lb-a elb elb/lb-a lb-a client/client-b client",
    ),
    Row(
        "an ALB in the same subnet meets no ACL", ACL,
        ("instances: {web: {subnet: lb-a, ip: 10.0.0.10}}\n"
        "")
        + acl(
            "lb-a", "100 allow tcp 80 from 0.0.0.0/0", "100 allow all to 0.0.0.0/0",
        ),
        "client -> alb/lb-a 80/tcp", "client client/client-b client-b alb/lb-a alb alb/lb-a lb-a web/lb-a web",
        "web web/lb-a lb-a alb/lb-a alb alb/lb-a lb-a client/client-b client",
    ),
    Row(
        "classic: an instance out of service is asked if none is in", HEALTH,
        "classic_load_balancers: {elb: {health: {web: unhealthy}}}", "client -> elb/lb-a 80/tcp",
        "client client/client-b client-b elb/lb-a elb elb/lb-a lb-a web/app-a web",
        "web web/app-a app-a elb/lb-a elb elb/lb-a lb-a client/client-b client",
    ),
]  # fmt: skip

REFUSALS = [
    Refusal("an ALB in one zone", CREATE, "load_balancers: {alb: {subnets: lb-a}}", "ValidationError", "alb"),
    Refusal(
        "an ALB in zones of two types", ALB_SUBNETS,
        "subnets: {bos: {cidr: 10.0.40.0/24, az: us-east-1-bos-1a}}\nload_balancers: {alb: {subnets: [lb-a, lb-b, bos]}}",
        "InvalidConfigurationRequest", "alb",
    ),
    Refusal(
        "subnets of two VPCs", CREATE,
        "vpcs: {other: 10.1.0.0/16}\nsubnets: {there: {vpc: other, cidr: 10.1.0.0/24, az: us-east-1c}, lb-a: {vpc: vpc}, "
        "lb-b: {vpc: vpc}, app-a: {vpc: vpc}, app-c: {vpc: vpc}, client-b: {vpc: vpc}}\n"
        "security_groups: {lb-sg: {vpc: vpc}, web-sg: {vpc: vpc}, far-sg: {vpc: vpc}, client-sg: {vpc: vpc}}\n"
        "route_tables: {public: {vpc: vpc}, private: {vpc: vpc}}\n"
        "load_balancers: {nlb: {subnets: [lb-a, there], security_groups: []}}",
        "InvalidConfigurationRequest", "nlb",
    ),
    Refusal(
        "two subnets of one zone", CREATE, "load_balancers: {nlb: {subnets: [lb-a, app-a]}}",
        "InvalidConfigurationRequest", "nlb",
    ),
    Refusal("no subnet", CREATE, "load_balancers: {nlb: {subnets: []}}", "ValidationError", "nlb"),
    Refusal(
        "internet-facing without an internet gateway", CREATE,
        "load_balancers: {alb: {scheme: internet-facing}}\ninternet_gateways: {igw: {vpc: []}}", "InvalidSubnet", "alb",
    ),
    Refusal(
        "a GWLB with groups", CREATE, "load_balancers: {gwlb: {type: gateway, subnets: app-a, security_groups: web-sg}}",
        "InvalidConfigurationRequest", "gwlb",
    ),
    Refusal(
        "an ALB without cross-zone balancing", ALB_ZONES, "load_balancers: {alb: {cross_zone: false}}",
        "InvalidConfigurationRequest", "alb",
    ),
    Refusal(
        "a listener of the other type", CREATE_LISTENER, "load_balancers: {alb: {listeners: {80: webs, 81/tcp: webs}}}",
        "UnsupportedProtocol", "alb/listener-81-tcp",
    ),
    Refusal(
        "a target group of the other type", CREATE_LISTENER, "load_balancers: {nlb: {listeners: {80: webs}}}",
        "IncompatibleProtocols", "nlb/listener-80",
    ),
    Refusal(
        "a target group of another protocol", PRESERVE, "load_balancers: {nlb: {listeners: {53/udp: flows}}}",
        "IncompatibleProtocols", "nlb/listener-53-udp",
    ),
    Refusal(
        "an ALB behind TLS", ALB_BEHIND,
        "target_groups: {more: {vpc: vpc, type: alb, protocol: TCP, port: 80, targets: alb}}\n"
        "load_balancers: {nlb: {listeners: {443/tls: more}}}", "IncompatibleProtocols", "nlb/listener-443-tls",
    ),
    Refusal(
        "QUIC behind security groups", NLB_LISTENERS, QUIC, "InvalidConfigurationRequest", "nlb/listener-443-quic",
    ),
    Refusal(
        "QUIC beside UDP", NLB_LISTENERS,
        QUIC.replace("{fast", "{dns: {vpc: vpc, protocol: UDP, port: 53}, fast").replace(
            "listeners: {", "security_groups: [], listeners: {53/udp: dns, "
        ),
        "InvalidConfigurationRequest", "nlb/listener-443-quic",
    ),
    Refusal(
        "two listeners on one port", CREATE_LISTENER, "load_balancers: {alb: {listeners: {80: webs, 80/https: webs}}}",
        "DuplicateListener", "alb/listener-80-https",
    ),
    Refusal("no port", CREATE_GROUP, "target_groups: {flows: {port: null}}", "ValidationError", "flows"),
    Refusal(
        "UDP without the client's address", PRESERVE,
        "target_groups: {more: {vpc: vpc, protocol: UDP, port: 53, preserve_client_ip: false}}", "InvalidConfigurationRequest",
        "more",
    ),
    Refusal(
        "a GWLB's target group on another port", CREATE_GROUP, "target_groups: {more: {vpc: vpc, protocol: GENEVE, port: 80}}",
        "ValidationError", "more",
    ),
    Refusal("an unknown instance", REGISTER, "target_groups: {flows: {targets: wep}}", "InvalidTarget", "flows"),
    Refusal(
        "a public address", NLB_TARGETS, "target_groups: {flows: {targets: 192.0.2.7, type: ip}}", "ValidationError", "flows",
    ),
    Refusal(
        "an address outside the VPC without a zone", TARGET, "target_groups: {flows: {targets: 192.168.7.7, type: ip}}",
        "ValidationError", "flows",
    ),
    Refusal(
        "an address of the VPC and of none of its subnets without a zone", TARGET,
        "target_groups: {flows: {targets: 10.0.200.7, type: ip}}", "ValidationError", "flows",
    ),
    Refusal(
        "a zone for an instance", TARGET, "target_groups: {flows: {targets: {id: web, az: us-east-1a}}}", "ValidationError",
        "flows",
    ),
    Refusal(
        "a zone for a function", TARGET, "target_groups: {calls: {type: lambda, targets: {id: fn, az: us-east-1a}}}",
        "ValidationError", "calls",
    ),
    Refusal(
        "two ALBs in one target group", ALB_BEHIND,
        "target_groups: {more: {vpc: vpc, type: alb, port: 80, targets: [alb, alb:81]}}",
        "TooManyTargets", "more",
    ),
    Refusal(
        "a classic one without a listener", CREATE, "classic_load_balancers: {elb: {listeners: null}}", "ValidationError", "elb",
    ),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=names(ROWS))
def test_every_rule_there_and_back(row: Row) -> None:
    check(BASE, row)


@pytest.mark.parametrize("row", REFUSALS, ids=names(REFUSALS))
def test_what_aws_refuses(row: Refusal) -> None:
    refused(BASE, row)


@pytest.mark.parametrize("subnet", ["az: us-east-1-bos-1a", "outpost: op-0123456789abcdef0, az: us-east-1a"])
def test_one_local_zone_or_outpost_is_enough(subnet: str) -> None:
    """Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html"""
    changed(BASE, f"subnets: {{edge: {{cidr: 10.0.40.0/24, {subnet}}}}}\nload_balancers: {{alb: {{subnets: edge}}}}")


def test_every_target_gets_a_trip_and_what_fails_is_noted() -> None:
    net = changed(BASE, "instances: {more: {subnet: app-a, ip: 10.0.10.11, security_groups: client-sg}}\n"
                        "target_groups: {webs: {targets: [web, more]}}")  # fmt: skip
    answer = ask(net, "client -> alb/lb-a 80/tcp")
    assert [way(trip.there).split()[-1] for trip in answer.trips] == ["web", "more/app-a"]
    assert answer.reachable
    node = address_text(net.address_of("alb/lb-a"))
    why = "client-sg: no inbound rule at all; a connection that is handed there fails"
    assert answer.notes == (f"{node}, then 10.0.10.11: {why}",)


def test_the_healthy_ones_are_asked() -> None:
    net = changed(BASE, "instances: {more: {subnet: app-a, ip: 10.0.10.11, security_groups: client-sg}}\n"
                        "target_groups: {webs: {targets: [web, more], health: {more: unhealthy}}}")  # fmt: skip
    answer = ask(net, "client -> alb/lb-a 80/tcp")
    assert [way(trip.there).split()[-1] for trip in answer.trips] == ["web"]
    assert answer.notes == ()


def test_targets_of_several_groups_and_ports_are_several_ways() -> None:
    net = changed(BASE, "load_balancers: {alb: {listeners: {80: [webs, more]}}}\n"
                        "target_groups: {more: {vpc: vpc, protocol: HTTP, port: 8081, targets: [web, web:8082]}}")  # fmt: skip
    answer = ask(net, "client -> alb/lb-a 80/tcp")
    assert [trip.there.arrived.dst_port[0] for trip in answer.trips] == [8080, 8081, 8082]


def test_ports_of_a_node_and_of_a_client_that_is_kept() -> None:
    seen = [ask(changed(BASE, ""), f"client -> {to} 80/tcp").trips[0].there.arrived for to in ("alb/lb-a", "nlb/lb-a")]
    assert [packet.src_port for packet in seen] == [(1024, 65535), (32768, 60999)]
    assert [packet.source == "10.0.21.10" for packet in seen] == [False, True]


NAMES = [
    ("internal", "", "client", ["10.0.0.", "10.0.1."]),
    ("internal, asked outside", "", "public", ["10.0.0.", "10.0.1."]),
    ("internet-facing", PUBLIC, "public", ["203.0.113.", "203.0.113."]),
    ("internet-facing, asked inside", PUBLIC, "client", ["203.0.113.", "203.0.113."]),
]


@pytest.mark.parametrize(("rule", "changes", "source", "starts"), NAMES, ids=[row[0] for row in NAMES])
def test_names_answer_with_the_nodes(rule: str, changes: str, source: str, starts: list[str]) -> None:
    net = changed(BASE, changes)
    name = net.topology.resources["alb"].dns_name  # type: ignore[attr-defined]
    for asked in (name, f"dualstack.{name}"):
        found = net.resolve(source, asked)
        assert found.owner == "alb"
        assert [address.startswith(start) for address, start in zip(found.addresses, starts, strict=True)] == [True, True]
        assert {record.ttl for record in found.records} == {60}
    assert net.resolve(source, name, "AAAA").rcode == "NOERROR"
    assert net.resolve(source, f"more.{name}").rcode == "NXDOMAIN"


def test_the_form_of_names() -> None:
    net = changed(BASE, PUBLIC + "\nclassic_load_balancers: {elb: {scheme: internal}}")
    forms = {"alb": r"alb-\d{10}\.us-east-1\.elb\.amazonaws\.com", "nlb": r"nlb-[0-9a-f]{16}\.elb\.us-east-1\.amazonaws\.com",
             "elb": r"internal-elb-\d{10}\.us-east-1\.elb\.amazonaws\.com"}  # fmt: skip
    for id, form in forms.items():
        assert re.fullmatch(form, net.topology.resources[id].dns_name)  # type: ignore[attr-defined]


def test_a_zone_without_a_healthy_target_is_not_in_the_name() -> None:
    net = changed(BASE, "")
    assert len(net.resolve("client", net.topology.resources["nlb"].dns_name).addresses) == 1  # type: ignore[attr-defined]
    every = changed(BASE, "target_groups: {flows: {health: {web: unhealthy}}}")
    assert len(every.resolve("client", every.topology.resources["nlb"].dns_name).addresses) == 2  # type: ignore[attr-defined]


def test_an_alias_and_a_cname_lead_to_the_nodes(tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text(json.dumps(TEMPLATE))
    net = vpcsim.load(tmp_path / "t.json")
    balancer = net.topology.resources["Alb"]
    for name in ("alias.example.internal", "cname.example.internal"):
        assert len(net.resolve("Client", name).addresses) == 2
        assert net.trace("Client", f"http://{name}").reachable
    assert net.trace("Client", f"http://{balancer.dns_name}").reachable  # type: ignore[attr-defined]


def _in_zone(number: int) -> dict[str, object]:
    zone = {"Fn::Select": [number, {"Fn::GetAZs": ""}]}
    return {"VpcId": {"Ref": "Vpc"}, "CidrBlock": f"10.0.{number}.0/24", "AvailabilityZone": zone}


def _record(kind: str, **fields: object) -> dict[str, object]:
    return {
        "Type": "AWS::Route53::RecordSet",
        "Properties": {"HostedZoneId": {"Ref": "Zone"}, "Name": f"{kind}.example.internal", **fields},
    }


ZONE = {"Name": "example.internal", "VPCs": [{"VPCId": {"Ref": "Vpc"}, "VPCRegion": "us-east-1"}]}
FORWARD = {"Type": "forward", "TargetGroupArn": {"Ref": "Webs"}}
TEMPLATE = {
    "Resources": {
        "Vpc": {
            "Type": "AWS::EC2::VPC",
            "Properties": {"CidrBlock": "10.0.0.0/16", "EnableDnsHostnames": True, "EnableDnsSupport": True},
        },
        "A": {"Type": "AWS::EC2::Subnet", "Properties": _in_zone(0)},
        "B": {"Type": "AWS::EC2::Subnet", "Properties": _in_zone(1)},
        "Client": {"Type": "AWS::EC2::Instance", "Properties": {"SubnetId": {"Ref": "A"}}},
        "Web": {"Type": "AWS::EC2::Instance", "Properties": {"SubnetId": {"Ref": "B"}}},
        "Alb": {
            "Type": "AWS::ElasticLoadBalancingV2::LoadBalancer",
            "Properties": {"Scheme": "internal", "Name": "front", "Subnets": [{"Ref": "A"}, {"Ref": "B"}]},
        },
        "Listen": {
            "Type": "AWS::ElasticLoadBalancingV2::Listener",
            "Properties": {
                "LoadBalancerArn": {"Ref": "Alb"},
                "Port": 80,
                "Protocol": "HTTP",
                "DefaultActions": [FORWARD],
            },
        },
        "Rule": {
            "Type": "AWS::ElasticLoadBalancingV2::ListenerRule",
            "Properties": {
                "ListenerArn": {"Ref": "Listen"},
                "Priority": 1,
                "Actions": [{"Type": "forward", "TargetGroupArn": {"Ref": "Webs"}}],
                "Conditions": [{"Field": "path-pattern", "Values": ["/api/*"]}],
            },
        },
        "Webs": {
            "Type": "AWS::ElasticLoadBalancingV2::TargetGroup",
            "Properties": {
                "VpcId": {"Ref": "Vpc"},
                "Port": 80,
                "Protocol": "HTTP",
                "Targets": [{"Id": {"Ref": "Web"}}],
                "TargetGroupAttributes": [{"Key": "stickiness.enabled", "Value": True}],
            },
        },
        "Zone": {"Type": "AWS::Route53::HostedZone", "Properties": ZONE},
        "Alias": _record("alias", Type="A", AliasTarget={"DNSName": {"Fn::GetAtt": ["Alb", "DNSName"]}, "HostedZoneId": "Z35"}),
        "Cname": _record("cname", Type="CNAME", TTL="60", ResourceRecords=[{"Fn::GetAtt": "Alb.DNSName"}]),
    }
}


def test_rules_of_a_listener_in_a_template(tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text(json.dumps(TEMPLATE))
    answer = vpcsim.load(tmp_path / "t.json").trace("Client", "Alb:80")
    assert "Alb: listener HTTP 80, by what the request says rule 1 or none of them, takes it" in str(answer)


RULES = f"{ELB}application/listener-rules.html"
CONDITIONS = f"{ELB}application/rule-condition-types.html"
RULED = """
load_balancers: {alb: {listeners: null}}
target_groups: {fars: {vpc: vpc, protocol: HTTP, port: 8080, targets: "web:8081"}, empty: {vpc: vpc, protocol: HTTP, port: 8080}}
hosted_zones: {example.com: {vpcs: vpc, records: {api: {alias: "${alb.DNSName}"}, www: {alias: "${alb.DNSName}"}}}}
listeners: {web-listener: {load_balancer: alb, port: 80, protocol: HTTP, forward: webs, rules: [%s]}}
"""
BY_RULES = [
    ("the host decides", CONDITIONS, "{host: api.example.com, forward: fars}", "api.example.com", ["web:8081"]),
    ("another host", CONDITIONS, "{host: api.example.com, forward: fars}", "www.example.com", ["web:8080"]),
    ("a wildcard", CONDITIONS, '{host: "*.example.com", forward: fars}', "www.example.com", ["web:8081"]),
    ("one of several hosts", CONDITIONS, "{host: [a.com, www.example.com], forward: fars}", "www.example.com", ["web:8081"]),
    ("a path may be asked for", CONDITIONS, "{path: /v1/*, forward: fars}", "api.example.com", ["web:8080", "web:8081"]),
    ("host and path", CONDITIONS, "{host: api.example.com, path: /v1/*, forward: fars}", "www.example.com", ["web:8080"]),
    ("the client's address", CONDITIONS, "{source: 10.0.21.0/24, forward: fars}", "api.example.com", ["web:8081"]),
    ("another client's address", CONDITIONS, "{source: 10.0.99.0/24, forward: fars}", "api.example.com", ["web:8080"]),
    ("the first rule that applies", RULES, "{host: api.example.com, forward: fars}, {path: /*, forward: empty}",
     "api.example.com", ["web:8081"]),
    ("by priority", RULES,
     "{priority: 9, path: /*, forward: empty}, {priority: 2, host: api.example.com, forward: fars}", "api.example.com",
     ["web:8081"]),
    ("an answer of its own", RULES, "{path: /old/*, forward: redirect}", "api.example.com", ["redirect", "web:8080"]),
    ("the client may ask for any host", RULES, "{host: api.example.com, forward: fars}", "alb", ["web:8080", "web:8081"]),
]  # fmt: skip


@pytest.mark.parametrize(("rules", "to", "labels"), [row[2:] for row in BY_RULES], ids=[row[0] for row in BY_RULES])
def test_rules_of_a_listener_decide_who_may_get_a_request(rules: str, to: str, labels: list[str]) -> None:
    net = changed(BASE, RULED % rules)
    answer = ask(net, f"client -> {to}:80 80/tcp")
    steps = [step for trip in answer.trips for step in trip.there.steps if step.at == "alb" and step.about]
    assert sorted({str(step.about) for step in steps}) == labels


def test_a_rule_that_leads_to_nobody_is_noted() -> None:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-rules.html"""
    answer = ask(changed(BASE, RULED % "{path: /v1/*, forward: empty}"), "client -> api.example.com:80 80/tcp")
    assert answer.reachable
    assert any("alb: no target is registered with empty" in note for note in answer.notes)


def test_a_condition_that_is_no_block_is_refused() -> None:
    with pytest.raises(vpcsim.RefusedError, match="`everywhere` is not a CIDR block"):
        changed(BASE, RULED % "{source: everywhere, forward: fars}")


def test_a_load_balancer_in_a_template_and_in_the_native_format_is_one(tmp_path: Path) -> None:
    (tmp_path / "t.json").write_text(json.dumps({"Resources": {
        **{name: TEMPLATE["Resources"][name] for name in ("Vpc", "A", "B")},
        "Elb": {"Type": "AWS::ElasticLoadBalancing::LoadBalancer", "Properties": {
            "Scheme": "internal", "Subnets": [{"Ref": "A"}], "CrossZone": True,
            "Listeners": [{"LoadBalancerPort": "80", "InstancePort": "8080", "Protocol": "TCP"}]}},
        "Nlb": {"Type": "AWS::ElasticLoadBalancingV2::LoadBalancer", "Properties": {
            "Type": "network", "Scheme": "internal",
            "SubnetMappings": [{"SubnetId": {"Ref": "A"}, "PrivateIPv4Address": "10.0.0.9"}]}},
    }}))  # fmt: skip
    net = vpcsim.load(tmp_path / "t.json")
    assert net.index.addresses_of["Nlb/A"] == (0x0A000009,)
    (tmp_path / "n.yaml").write_text("""
vpcs: {Vpc: {cidr: 10.0.0.0/16, dns_hostnames: true}}
subnets: {A: {cidr: 10.0.0.0/24, az: us-east-1a}, B: {cidr: 10.0.1.0/24, az: us-east-1b}}
classic_load_balancers: {Elb: {scheme: internal, subnets: A, cross_zone: true, listeners: {80: 8080}}}
load_balancers:
  Nlb:
    type: network
    scheme: internal
    AvailabilityZones: [{SubnetId: A, LoadBalancerAddresses: [{PrivateIPv4Address: 10.0.0.9}]}]
""")
    assert vpcsim.load(tmp_path / "n.yaml").topology == net.topology


ELASTIC = """
elastic_ips: {ip-a: {ip: 198.51.100.1}, ip-b: {ip: 198.51.100.2}}
load_balancers: {nlb: {scheme: internet-facing, cross_zone: true, elastic_ips: [ip-a, ip-b]}}
"""


def test_an_elastic_ip_address_for_every_zone() -> None:
    net = changed(BASE, ELASTIC)
    name = net.topology.resources["nlb"].dns_name  # type: ignore[attr-defined]
    assert net.resolve("public", name).addresses == ("198.51.100.1", "198.51.100.2")
    assert end_of(ask(net, "internet -> nlb 80/tcp")) == "reachable"


def test_a_change_of_health_keeps_the_rest() -> None:
    net = changed(BASE, "").with_changes({"target_groups": {"flows": {"health": {"web": "draining"}}}})
    assert end_of(ask(net, "client -> nlb/lb-a 80/tcp")) == "denied ELBV2_LISTENER_HAS_NO_TG nlb"
    more = net.with_changes({"load_balancers": {"nlb": {"cross_zone": True}}})
    assert end_of(ask(more, "client -> nlb/lb-b 80/tcp")) == "denied ELBV2_LISTENER_HAS_NO_TG nlb"


def test_health_of_an_unknown_target_is_a_mistake() -> None:
    with pytest.raises(vpcsim.InputError, match="did you mean `web`"):
        changed(BASE, "target_groups: {flows: {health: {weg: unhealthy}}}")
