"""Security groups: rules that allow, at the interface, with memory."""

from __future__ import annotations

import pytest
from networks import API, EC2, ERRORS, VPC, Refusal, Row, ask, changed, check, end_of, names, refused

from vpcsim import InputError

GROUPS = f"{VPC}vpc-security-groups.html"
RULES = f"{VPC}security-group-rules.html"
DEFAULT = f"{VPC}default-security-group.html"
TRACKING = f"{EC2}security-group-connection-tracking.html"
PERMISSION = f"{API}API_IpPermission.html"

BASE = """
vpcs: {vpc: {cidr: 10.0.0.0/16, Ipv6CidrBlockAssociationSet: [{Ipv6CidrBlock: "2001:db8:1:a00::/56"}]}}
subnets:
  app-net: {cidr: 10.0.1.0/24, ipv6_cidr: "2001:db8:1:a01::/64"}
  db-net: {cidr: 10.0.2.0/24, ipv6_cidr: "2001:db8:1:a02::/64"}
security_groups: {app-sg: {}, db-sg: {}, more-sg: {}}
network_interfaces:
  app-eni:
    {subnet: app-net, ip: 10.0.1.10, Ipv6Addresses: [{Ipv6Address: "2001:db8:1:a01::10"}], security_groups: app-sg, instance: app}
  db-eni:
    {subnet: db-net, ip: 10.0.2.10, Ipv6Addresses: [{Ipv6Address: "2001:db8:1:a02::10"}], security_groups: db-sg, instance: db}
instances: {app: {}, db: {}}
"""
TO, BACK = "app app-eni app-net db-eni db", "db db-eni db-net app-eni app"
IN, OUT = "app app-eni app-net db-eni", "app app-eni"
HTTPS, HTTPS6 = "app -> 10.0.2.10 443/tcp", "app -> 2001:db8:1:a02::10 443/tcp"
PING, PING6 = "app -> 10.0.2.10 icmp", "app -> 2001:db8:1:a02::10 icmp"
NO, NONE = "denied ENI_SG_RULES_MISMATCH db-sg", "denied SG_HAS_NO_RULES db-sg"
NO_OUT, NONE_OUT = "denied ENI_SG_RULES_MISMATCH app-sg", "denied SG_HAS_NO_RULES app-sg"


def ingress(*rules: str, more: str = "") -> str:
    return f"security_groups: {{db-sg: {{ingress: [{', '.join(rules)}]}}{more}}}"


def egress(*rules: str) -> str:
    return (
        f"security_groups: {{app-sg: {{egress: [{', '.join(rules)}]}}, db-sg: {{ingress: [all from 0.0.0.0/0, "
        f"'all from ::/0']}}}}"
    )


def groups(held: str, text: str) -> str:
    return f"network_interfaces: {{db-eni: {{security_groups: {held}}}}}\n{text}"


ANY = "all from 0.0.0.0/0"
API_RULE = "{{IpProtocol: '{0}', FromPort: {1}, ToPort: {2}, IpRanges: [{{CidrIp: 0.0.0.0/0}}]}}"
STATELESS = (
    "security_groups: {app-sg: {ingress: [], egress: [all to 0.0.0.0/0]}, db-sg: {ingress: [all from 0.0.0.0/0], egress: []}}"
)
LIST = "\nprefix_lists: {pl-app: {entries: [10.0.9.0/24, 10.0.1.0/24]}}"
SAME_NET = (
    "\nsubnets: {app-net: {}}\nnetwork_interfaces: {two-eni: {subnet: app-net, ip: 10.0.1.11, security_groups: db-sg, "
    "instance: two}}\ninstances: {two: {}}"
)
BY_DEFAULT = "\nnetwork_interfaces: {db-eni: {security_groups: null}}"
BOTH_BY_DEFAULT = "\nnetwork_interfaces: {app-eni: {security_groups: null}, db-eni: {security_groups: null}}"
NO_DEFAULT = "denied ENI_SG_RULES_MISMATCH vpc/default-security-group"
NO_GROUPS = "\nnetwork_interfaces: {db-eni: {security_groups: []}}"
NO_GROUPS_TWO = "\ninstances: {two: {subnet: db-net, ip: 10.0.2.11, security_groups: []}}"
OUT_TWO = "app app-eni app-net two/db-net"

ROWS = [
    Row("a new group lets nothing in", GROUPS, "", HTTPS, IN, "", NONE),
    Row("a new group lets everything out", GROUPS, ingress(ANY), HTTPS, TO, BACK),
    Row("a new group lets IPv6 out", GROUPS, ingress("'all from ::/0'"), HTTPS6, TO, BACK),
    Row("no rule out", RULES, egress(), HTTPS, OUT, "", NONE_OUT),
    Row("rules remember: the reply needs none", TRACKING, STATELESS, HTTPS, TO, BACK),
    Row("rules remember: UDP", TRACKING, STATELESS, "app -> db 53/udp", TO, BACK),
    Row("rules remember: ICMP", TRACKING, STATELESS, PING, TO, BACK),
    Row("rules remember: other protocols", TRACKING, STATELESS, "app -> 10.0.2.10 47", TO, BACK),
    Row("untracked: both ways open to everybody", TRACKING, egress("all to 0.0.0.0/0"), HTTPS, TO, BACK),
    Row("a rule that matches", RULES, ingress("tcp 443 from 10.0.1.0/24"), HTTPS, TO, BACK),
    Row("another port", RULES, ingress("tcp 80 from 10.0.1.0/24"), HTTPS, IN, "", NO),
    Row("another protocol", RULES, ingress("udp 443 from 10.0.1.0/24"), HTTPS, IN, "", NO),
    Row("another source", RULES, ingress("tcp 443 from 10.0.2.0/24"), HTTPS, IN, "", NO),
    Row("one address", RULES, ingress("tcp 443 from 10.0.1.10/32"), HTTPS, TO, BACK),
    Row("the address beside it", RULES, ingress("tcp 443 from 10.0.1.11/32"), HTTPS, IN, "", NO),
    Row("all rules count", RULES, ingress("tcp 80 from 10.0.1.0/24", "tcp 443 from 10.0.1.0/24"), HTTPS, TO, BACK),
    Row("out: a rule that matches", RULES, egress("tcp 443 to 10.0.2.0/24"), HTTPS, TO, BACK),
    Row("out: another port", RULES, egress("tcp 80 to 10.0.2.0/24"), HTTPS, OUT, "", NO_OUT),
    Row("out: another destination", RULES, egress("tcp 443 to 10.0.3.0/24"), HTTPS, OUT, "", NO_OUT),
    Row(
        "union of groups", GROUPS,
        groups("[db-sg, more-sg]", ingress("tcp 80 from 0.0.0.0/0", more=", more-sg: {ingress: tcp 443 from 0.0.0.0/0}")), HTTPS,
        TO, BACK,
    ),
    Row(
        "union of groups, one empty", GROUPS,
        groups("[db-sg, more-sg]", ingress(more=", more-sg: {ingress: tcp 443 from 0.0.0.0/0}")), HTTPS, TO, BACK,
    ),
    Row(
        "union of groups, none matches", GROUPS,
        groups("[db-sg, more-sg]", ingress(more=", more-sg: {ingress: tcp 80 from 0.0.0.0/0}")), HTTPS, IN, "", NO,
    ),
    Row("union of groups, all empty", GROUPS, groups("[db-sg, more-sg]", ""), HTTPS, IN, "", NONE),
    Row(
        "union of groups over a range of ports", GROUPS,
        groups("[db-sg, more-sg]", ingress("tcp 8000-8049 from app-sg", more=", more-sg: {ingress: tcp 8050-8100 from app-sg}")),
        "app -> db 8000-8100/tcp", TO, BACK,
    ),
    Row(
        "union of a block and a group over a range of ports", GROUPS,
        ingress("tcp 8000-8049 from 0.0.0.0/0", "tcp 8050-8100 from app-sg"), "app -> db 8000-8100/tcp", TO, BACK,
    ),
    Row("by reference", RULES, ingress("tcp 443 from app-sg"), HTTPS, TO, BACK),
    Row("by reference, spelled out", RULES, ingress("tcp 443 from group app-sg"), HTTPS, TO, BACK),
    Row("by reference: not a member", RULES, ingress("tcp 443 from more-sg"), HTTPS, IN, "", NO),
    Row("by reference: another port", RULES, ingress("tcp 80 from app-sg"), HTTPS, IN, "", NO),
    Row(
        "by reference: one group of several", RULES,
        ingress("tcp 443 from more-sg") + "\nnetwork_interfaces: {app-eni: {security_groups: [app-sg, more-sg]}}", HTTPS, TO,
        BACK,
    ),
    Row(
        "by reference: itself", RULES,
        ingress("tcp 443 from db-sg") + "\nnetwork_interfaces: {app-eni: {security_groups: [app-sg, db-sg]}}", HTTPS, TO, BACK,
    ),
    Row("by reference: itself, from outside", RULES, ingress("tcp 443 from db-sg"), HTTPS, IN, "", NO),
    Row("by reference, out", RULES, egress("tcp 443 to db-sg"), HTTPS, TO, BACK),
    Row("by reference, out: not a member", RULES, egress("tcp 443 to more-sg"), HTTPS, OUT, "", NO_OUT),
    Row("prefix list", RULES, ingress("tcp 443 from pl-app") + LIST, HTTPS, TO, BACK),
    Row("prefix list, spelled out", RULES, ingress("tcp 443 from prefix list pl-app") + LIST, HTTPS, TO, BACK),
    Row(
        "prefix list: not in it", RULES, ingress("tcp 443 from pl-app") + "\nprefix_lists: {pl-app: {entries: [10.0.9.0/24]}}",
        HTTPS, IN, "", NO,
    ),
    Row(
        "prefix list without entries", RULES, ingress("tcp 443 from pl-app") + "\nprefix_lists: {pl-app: {entries: []}}", HTTPS,
        IN, "", NO,
    ),
    Row("protocol -1", PERMISSION, ingress("-1 from 10.0.1.0/24"), "app -> 10.0.2.10 47", TO, BACK),
    Row("protocol -1 with ports takes all ports", PERMISSION, ingress(API_RULE.format(-1, 80, 80)), HTTPS, TO, BACK),
    Row("protocol -1 takes ICMP", PERMISSION, ingress(ANY), PING, TO, BACK),
    Row("protocol by number", PERMISSION, ingress("6 443 from 10.0.1.0/24"), HTTPS, TO, BACK),
    Row("protocol 47", PERMISSION, ingress("47 from 10.0.1.0/24"), "app -> 10.0.2.10 47", TO, BACK),
    Row(
        "protocol 47 with ports takes all of it", PERMISSION, ingress(API_RULE.format(47, 1, 2)), "app -> 10.0.2.10 47", TO, BACK,
    ),
    Row("protocol 50 is not 47", PERMISSION, ingress("47 from 10.0.1.0/24"), "app -> 10.0.2.10 50", IN, "", NO),
    Row("tcp without ports takes all ports", PERMISSION, ingress("tcp from 10.0.1.0/24"), HTTPS, TO, BACK),
    Row("tcp does not take ICMP", PERMISSION, ingress("tcp from 10.0.1.0/24"), PING, IN, "", NO),
    Row("ports: inside of a range", PERMISSION, ingress("tcp 400-500 from 10.0.1.0/24"), HTTPS, TO, BACK),
    Row("ports: first of a range", PERMISSION, ingress("tcp 443-500 from 10.0.1.0/24"), HTTPS, TO, BACK),
    Row("ports: last of a range", PERMISSION, ingress("tcp 400-443 from 10.0.1.0/24"), HTTPS, TO, BACK),
    Row("ports: one below a range", PERMISSION, ingress("tcp 444-500 from 10.0.1.0/24"), HTTPS, IN, "", NO),
    Row("ports: one above a range", PERMISSION, ingress("tcp 400-442 from 10.0.1.0/24"), HTTPS, IN, "", NO),
    Row("ports: the highest", PERMISSION, ingress("tcp 65535 from 10.0.1.0/24"), "app -> db 65535/tcp", TO, BACK),
    Row("ports: zero to all", PERMISSION, ingress("tcp 0-65535 from 10.0.1.0/24"), HTTPS, TO, BACK),
    Row("a range asked of a wider rule", RULES, ingress("tcp 8000-9000 from 10.0.1.0/24"), "app -> db 8000-8100/tcp", TO, BACK),
    Row(
        "a range asked of a narrower rule", RULES, ingress("tcp 8000-8050 from 10.0.1.0/24"), "app -> db 8000-8100/tcp", IN, "",
        NO,
    ),
    Row(
        "a range asked of two rules that meet", RULES, ingress("tcp 8000-8050 from 10.0.1.0/24", "tcp 8051-8100 from 0.0.0.0/0"),
        "app -> db 8000-8100/tcp", TO, BACK,
    ),
    Row(
        "a range asked of two rules with a gap", RULES, ingress("tcp 8000-8050 from 10.0.1.0/24", "tcp 8052-8100 from 0.0.0.0/0"),
        "app -> db 8000-8100/tcp", IN, "", NO,
    ),
    Row("icmp, every type", PERMISSION, ingress("icmp from 10.0.1.0/24"), PING, TO, BACK),
    Row("icmp, type -1", PERMISSION, ingress(API_RULE.format("icmp", -1, -1)), PING, TO, BACK),
    Row("icmp, the type of echo", PERMISSION, ingress("icmp 8 from 10.0.1.0/24"), PING, TO, BACK),
    Row("icmp, the type and the code of echo", PERMISSION, ingress("icmp 8/0 from 10.0.1.0/24"), PING, TO, BACK),
    Row("icmp, echo with every code", PERMISSION, ingress("icmp 8/* from 10.0.1.0/24"), PING, TO, BACK),
    Row("icmp, echo with code -1", PERMISSION, ingress(API_RULE.format("icmp", 8, -1)), PING, TO, BACK),
    Row("icmp, echo with another code", PERMISSION, ingress("icmp 8/1 from 10.0.1.0/24"), PING, IN, "", NO),
    Row("icmp, echo reply is not echo", PERMISSION, ingress("icmp 0 from 10.0.1.0/24"), PING, IN, "", NO),
    Row("icmp, unreachable is not echo", PERMISSION, ingress("icmp 3/4 from 10.0.1.0/24"), PING, IN, "", NO),
    Row("icmp does not take tcp", PERMISSION, ingress("icmp from 10.0.1.0/24"), HTTPS, IN, "", NO),
    Row("icmpv6 of IPv6", PERMISSION, egress("'icmpv6 128 to ::/0'"), PING6, TO, BACK),
    Row("icmp is not icmpv6", PERMISSION, egress("icmp to 0.0.0.0/0", "'icmp to ::/0'"), PING6, OUT, "", NO_OUT),
    Row("IPv4 rules leave IPv6 out", RULES, egress("all to 0.0.0.0/0"), HTTPS6, OUT, "", NO_OUT),
    Row("IPv6 rules leave IPv4 out", RULES, egress("'all to ::/0'"), HTTPS, OUT, "", NO_OUT),
    Row("IPv6 rule", RULES, egress("'tcp 443 to 2001:db8:1:a02::/64'"), HTTPS6, TO, BACK),
    Row(
        "inside a subnet they apply as well", RULES, ingress() + SAME_NET, "app -> two 443/tcp", "app app-eni app-net two-eni",
        "", NONE,
    ),
    Row(
        "inside a subnet, by reference", RULES, ingress("tcp 443 from app-sg") + SAME_NET, "app -> two 443/tcp",
        "app app-eni app-net two-eni two", "two two-eni app-net app-eni app",
    ),
    Row("default group: its members reach each other", DEFAULT, BOTH_BY_DEFAULT, HTTPS, TO, BACK),
    Row("default group: nobody else comes in", DEFAULT, BY_DEFAULT, HTTPS, IN, "", NO_DEFAULT),
    Row(
        "default group: everything goes out", DEFAULT, "network_interfaces: {app-eni: {security_groups: null}}\n" + ingress(ANY),
        HTTPS, TO, BACK,
    ),
    Row(
        "default group: IPv6 goes out", DEFAULT,
        "network_interfaces: {app-eni: {security_groups: null}}\n" + ingress("'all from ::/0'"), HTTPS6, TO, BACK,
    ),
    Row(
        "default group with other rules", DEFAULT,
        BY_DEFAULT + "\nsecurity_groups: {default: {ingress: tcp 443 from 10.0.1.0/24}}", HTTPS, TO, BACK,
    ),
    Row("default group: for an empty list of groups", DEFAULT, NO_GROUPS, HTTPS, IN, "", NO_DEFAULT),
    Row(
        "default group: for an instance with an empty list", DEFAULT, NO_GROUPS_TWO, "app -> two 443/tcp", OUT_TWO, "",
        NO_DEFAULT,
    ),
]  # fmt: skip

OTHER = (
    "vpcs: {vpc: {}, other: 10.9.0.0/16}\nsubnets: {app-net: {vpc: vpc}, db-net: {vpc: vpc}}\n"
    "security_groups: {app-sg: {vpc: vpc}, db-sg: {vpc: vpc}, more-sg: {vpc: other}}\n"
)
SEVENTEEN = (
    f"security_groups: {{{', '.join(f'sg{n}: {{}}' for n in range(17))}}}\n"
    f"network_interfaces: {{db-eni: {{security_groups: [{', '.join(f'sg{n}' for n in range(17))}]}}}}"
)

REFUSALS = [
    Refusal("a type of ICMP beyond 255", ERRORS, ingress("icmp 256 from 10.0.1.0/24"), "InvalidParameterValue", "db-sg"),
    Refusal("ports in the wrong order", ERRORS, ingress("tcp 500-400 from 10.0.1.0/24"), "InvalidParameterValue", "db-sg"),
    Refusal(
        "a group of another VPC at an interface", ERRORS, OTHER + "network_interfaces: {db-eni: {security_groups: more-sg}}",
        "InvalidParameter", "db-eni",
    ),
    Refusal("more than 16 groups at an interface", ERRORS, SEVENTEEN, "SecurityGroupsPerInterfaceLimitExceeded", "db-eni"),
    Refusal("two groups of one name", ERRORS, "security_groups: {more-sg: {group_name: db-sg}}", "InvalidGroup.Duplicate", ""),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=names(ROWS))
def test_what_a_group_lets_through(row: Row) -> None:
    check(BASE, row)


@pytest.mark.parametrize("row", REFUSALS, ids=names(REFUSALS))
def test_what_aws_refuses(row: Refusal) -> None:
    refused(BASE, row)


@pytest.mark.parametrize(
    "rule",
    [
        "tcp 443",
        "tcp 443 from nobody",
        "tcp 70000 from 10.0.0.0/8",
        "tcp 80- from 10.0.0.0/8",
        "tcp 80/443 from 10.0.0.0/8",
        "icmp 300 from 10.0.0.0/8",
        "icmp 8/999 from 10.0.0.0/8",
        "tpc 443 from 10.0.0.0/8",
        "tcp x from 10.0.0.0/8",
        "tcp 443 from 10.0.0.0/33",
    ],
)
def test_what_is_no_rule(rule: str) -> None:
    with pytest.raises(InputError):
        changed(BASE, ingress(rule))


APPLIANCE = """
vpcs: {vpc: 10.0.0.0/16}
subnets: {app-net: 10.0.0.0/24, fw-net: 10.0.1.0/24, db-net: 10.0.2.0/24}
security_groups: {app-sg: {}, fw-sg: {ingress: all from app-sg}, db-sg: {ingress: tcp 5432 from app-sg}}
instances:
  app: {subnet: app-net, ip: 10.0.0.10, security_groups: app-sg}
  fw: {subnet: fw-net, ip: 10.0.1.10, security_groups: fw-sg, source_dest_check: false, forwards: pass}
  db: {subnet: db-net, ip: 10.0.2.10, security_groups: db-sg}
route_tables: {app-table: {subnets: app-net, routes: {10.0.2.0/24: fw}}, db-table: {subnets: db-net, routes: {10.0.0.0/24: fw}}}
"""
BEHIND = [
    ("without an appliance", "route_tables: {app-table: null, db-table: null}", "reachable"),
    ("behind an appliance", "", "denied SG_REFERENCES_NOT_PRESERVED db-sg"),
    (
        "by address behind an appliance",
        "security_groups: {db-sg: {ingress: [tcp 5432 from app-sg, tcp 5432 from 10.0.0.0/24]}}",
        "reachable",
    ),
    ("another port", "security_groups: {db-sg: {ingress: tcp 22 from app-sg}}", "denied ENI_SG_RULES_MISMATCH db-sg"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "end"), [row[1:] for row in BEHIND], ids=[row[0] for row in BEHIND])
def test_a_group_as_peer_behind_an_appliance(changes: str, end: str) -> None:
    """https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html"""
    assert end_of(ask(changed(APPLIANCE, changes), "app -> db 5432/tcp")) == end


def test_a_range_of_ports_behind_an_appliance() -> None:
    """https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html"""
    rules = "security_groups: {db-sg: {ingress: [tcp 5432 from app-sg, tcp 5433 from 10.0.0.0/24]}}"
    assert end_of(ask(changed(APPLIANCE, rules), "app -> db 5432-5433/tcp")) == "denied ENI_SG_RULES_MISMATCH db-sg"


SHARED = f"{VPC}security-group-assoc.html"
TWO = """
vpcs: {one: 10.0.0.0/16, two: {cidr: 10.1.0.0/16}}
subnets: {net: {vpc: one, cidr: 10.0.1.0/24}, far-net: {vpc: two, cidr: 10.1.1.0/24}}
security_groups: {shared: {vpc: one, more_vpcs: two, ingress: tcp 443 from shared}, own: {vpc: two}}
instances:
  a: {subnet: far-net, ip: 10.1.1.10, security_groups: shared}
  b: {subnet: far-net, ip: 10.1.1.11, security_groups: shared}
  c: {subnet: far-net, ip: 10.1.1.12, security_groups: own}
"""
WITH = "a a/far-net far-net b/far-net b", "b b/far-net far-net a/far-net a"
NOT_SHARED = "denied ENI_SG_RULES_MISMATCH shared"
SHARED_ROWS = [
    Row("its members in another VPC", SHARED, "", "a -> b 443/tcp", *WITH),
    Row("its rules there", SHARED, "", "a -> b 80/tcp", "a a/far-net far-net b/far-net", "", NOT_SHARED),
    Row("who is no member", SHARED, "", "c -> b 443/tcp", "c c/far-net far-net b/far-net", "", NOT_SHARED),
]  # fmt: skip
SHARED_REFUSALS = [
    Refusal("not associated", SHARED, "security_groups: {shared: {more_vpcs: []}}", "InvalidParameter InvalidParameter", ""),
    Refusal("a VPC of another Region", SHARED, "vpcs: {two: {region: us-west-2}}", "InvalidParameter", "shared"),
    Refusal("a default VPC", SHARED, "vpcs: {two: {is_default: true}}", "InvalidParameter", "shared"),
    Refusal(
        "a default group", SHARED, "security_groups: {d: {vpc: one, more_vpcs: two, GroupName: default}}",
        "InvalidParameter", "d",
    ),
]  # fmt: skip


@pytest.mark.parametrize("row", SHARED_ROWS, ids=names(SHARED_ROWS))
def test_a_group_in_several_vpcs(row: Row) -> None:
    check(TWO, row)


@pytest.mark.parametrize("row", SHARED_REFUSALS, ids=names(SHARED_REFUSALS))
def test_which_vpcs_share_no_group(row: Refusal) -> None:
    refused(TWO, row)


VAIN = """
vpcs: {myVPC: 10.0.0.0/16, farVPC: {cidr: 10.9.0.0/16, region: us-west-2}}
subnets: {mySubnet: {vpc: myVPC, cidr: 10.0.0.0/24}, farSubnet: {vpc: farVPC, cidr: 10.9.0.0/24, az: us-west-2a}}
vpc_peering_connections: {peering: {requester: myVPC, accepter: farVPC}}
internet_gateways: {myInternetGateway: myVPC}
route_tables:
  near: {vpc: myVPC, subnets: mySubnet, routes: {10.9.0.0/16: peering, 0.0.0.0/0: myInternetGateway}}
  far: {vpc: farVPC, subnets: farSubnet, routes: {10.0.0.0/16: peering}}
security_groups:
  appGroup: {vpc: myVPC, egress: [tcp 443 to 0.0.0.0/0, tcp 5432 to farGroup]}
  dataGroup: {vpc: myVPC, ingress: tcp 443 from appGroup}
  farGroup: {vpc: farVPC, ingress: tcp 443 from appGroup}
instances:
  AppServer: {subnet: mySubnet, ip: 10.0.0.10, security_groups: appGroup, public_ip_address: 203.0.113.10}
  DataServer: {subnet: mySubnet, ip: 10.0.0.20, security_groups: dataGroup, public_ip_address: 203.0.113.20}
  FarServer: {subnet: farSubnet, ip: 10.9.0.10, security_groups: farGroup}
"""


@pytest.mark.parametrize(
    ("to", "because"),
    [
        ("10.0.0.20:443", ""),
        ("10.9.0.10:443", "rule 1 allow 443/tcp from appGroup names a group of 10.0.0.10, but the way here does not keep it"),
        ("10.9.0.10:5432", "rule 2 allow 5432/tcp to farGroup names a group of 10.9.0.10, which does not count on the way there"),
        (
            "203.0.113.20:443",
            "rule 1 allow 443/tcp from appGroup names a group, which stands for private addresses and not for 203.0.113.10",
        ),
    ],
)
def test_a_reference_that_does_not_count_is_named(to: str, because: str) -> None:
    answer = changed(VAIN, "").trace("AppServer", to)
    assert answer.because.partition(": ")[2] == because if because else answer.verdict == "reachable"


@pytest.mark.parametrize(
    ("text", "ports"),
    [("icmp 3", (768, 1023)), ("icmp 3/*", (768, 1023)), ("icmp 3/4", (772, 772)), ("icmp", (0, 65535)), ("tcp 443", (443, 443))],
)
def test_a_type_of_icmp_without_a_code_is_all_its_codes(text: str, ports: tuple[int, int]) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html"""
    net = changed(BASE, ingress(f"{text} from 10.0.1.0/24"))
    (rule,) = net.topology.resources["db-sg"].rules(egress=False)
    assert rule.permission.ports == ports


def test_a_transit_gateway_beside_the_peering_is_not_what_loses_the_reference() -> None:
    beside = """
vpcs: {thirdVPC: {cidr: 10.8.0.0/16, region: us-west-2}}
subnets: {thirdSubnet: {vpc: thirdVPC, cidr: 10.8.0.0/24, az: us-west-2a}}
transit_gateways: {myTransitGateway: {region: us-west-2}}
transit_gateway_attachments:
  farAttachment: {transit_gateway: myTransitGateway, vpc: farVPC, subnets: farSubnet}
  thirdAttachment: {transit_gateway: myTransitGateway, vpc: thirdVPC, subnets: thirdSubnet}
"""
    assert changed(VAIN, beside).trace("AppServer", "10.9.0.10:443").codes == ("SG_REFERENCES_NOT_PRESERVED",)
