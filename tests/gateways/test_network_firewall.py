"""Network Firewall: what the engines let through, in which order, and what an answer needs."""

from __future__ import annotations

from pathlib import Path

import pytest
from networks import Refusal, Row, ask, changed, check, names, refused

import vpcsim

NFW = "https://docs.aws.amazon.com/network-firewall/latest/developerguide/"
PROCESSING = f"{NFW}firewall-policy-processing.html"
ORDER = f"{NFW}suricata-rule-evaluation-order.html"
ROUTES = f"{NFW}vpc-config-route-tables.html"
SINGLE_ZONE = f"{NFW}arch-single-zone-igw.html"
DOMAINS = f"{NFW}stateful-rule-groups-domain-names.html"
VARIABLES = "https://docs.aws.amazon.com/network-firewall/latest/APIReference/API_PolicyVariables.html"
CAVEATS = f"{NFW}suricata-limitations-caveats.html"
STREAM = f"{NFW}stream-exception-policy.html"
HEADER = "https://docs.aws.amazon.com/network-firewall/latest/APIReference/API_Header.html"
CREATE = "https://docs.aws.amazon.com/network-firewall/latest/APIReference/API_CreateFirewall.html"

BASE = """
vpcs: {vpc: 10.0.0.0/16}
subnets:
  apps: {cidr: 10.0.1.0/24, az: us-east-1a}
  walls: {cidr: 10.0.2.0/24, az: us-east-1a}
  public: {cidr: 10.0.3.0/24, az: us-east-1a}
  dbs: {cidr: 10.0.4.0/24, az: us-east-1a}
internet_gateways: {igw: vpc}
nat_gateways: {nat: {subnet: public, ip: 10.0.3.5}}
firewall_rule_groups: {rules: {stateful: [pass tcp any any -> any 443]}}
firewall_policies: {policy: {stateful: [rules]}}
network_firewalls: {wall: {policy: policy, subnets: [walls]}}
route_tables:
  app-table: {subnets: apps, routes: {0.0.0.0/0: wall/walls, 10.0.4.0/24: wall/walls}}
  wall-table: {subnets: walls, routes: {0.0.0.0/0: nat}}
  public-table: {subnets: public, routes: {0.0.0.0/0: igw, 10.0.1.0/24: wall/walls}}
  db-table: {subnets: dbs, routes: {10.0.1.0/24: wall/walls}}
security_groups: {open: {ingress: all from 0.0.0.0/0}}
instances:
  app: {subnet: apps, ip: 10.0.1.10, security_groups: open}
  db: {subnet: dbs, ip: 10.0.4.10, security_groups: open}
"""
IN = "app app/apps apps wall/walls/walls wall/walls"
DB, DB_BACK = f"{IN} walls db/dbs db", "db db/dbs dbs wall/walls/walls wall/walls walls app/apps app"
OUT = f"{IN} walls nat/public nat public igw internet"
BACK = "internet igw nat/public nat public wall/walls/walls wall/walls walls app/apps app"
BLOCKED = "denied FIREWALL_RULES_RESTRICTION wall/walls"
UNKNOWN = "undecided VPCSIM_NOT_MODELLED wall/walls"
SQL = "app -> db 5432/tcp"
EDGE = """
elastic_ips: {app-ip: {instance: app, ip: 198.51.100.10}}
route_tables: {edge: {gateway: igw, routes: {10.0.1.0/24: wall/walls}}, wall-table: {routes: {0.0.0.0/0: igw}}}
"""
SETUP = f"{NFW}vpc-config.html"
PEER = """
vpcs: {peer: 10.9.0.0/16}
subnets:
  apps: {vpc: vpc}
  walls: {vpc: vpc}
  public: {vpc: vpc}
  dbs: {vpc: vpc}
  far-net: {vpc: peer, cidr: 10.9.1.0/24}
vpc_peering_connections: {pcx: {requester: vpc, accepter: peer}}
internet_gateways: {igw: vpc}
network_firewalls: {wall: {vpc: vpc}}
route_tables:
  app-table: {vpc: vpc, routes: {10.9.0.0/16: wall/walls}}
  wall-table: {vpc: vpc, routes: {10.9.0.0/16: pcx}}
  public-table: {vpc: vpc}
  db-table: {vpc: vpc, routes: {10.9.0.0/16: pcx}}
  far-table: {vpc: peer, subnets: far-net, routes: {10.0.0.0/16: pcx}}
security_groups: {open: {vpc: vpc}, far-sg: {vpc: peer, ingress: all from 0.0.0.0/0}}
instances: {far: {subnet: far-net, ip: 10.9.1.10, security_groups: far-sg}}
"""
TO_IGW, FROM_IGW = f"{IN} walls igw internet", "internet igw wall/walls/walls wall/walls walls app/apps app"


def stateful(*rules: str, policy: str = "", more: str = "") -> str:
    group = f"firewall_rule_groups: {{rules: {{stateful: [{', '.join(rules)}]{more}}}}}"
    return group + (f"\nfirewall_policies: {{policy: {{{policy}}}}}" if policy else "")


def stateless(*rules: str, default: str = "forward") -> str:
    group = f"firewall_rule_groups: {{early: {{stateless: [{', '.join(rules)}]}}}}"
    return f"{group}\nfirewall_policies: {{policy: {{stateless: [early], stateless_default: {default}}}}}"


def domains(kind: str, targets: str, policy: str = "", more: str = "") -> str:
    group = f"firewall_rule_groups: {{rules: {{stateful: null, {kind}: [{targets}]{more}}}}}"
    return group + (f"\nfirewall_policies: {{policy: {{{policy}}}}}" if policy else "")


STRICT = "order: strict, stateful_default: [drop_strict]"
ESTABLISHED = "order: strict, stateful_default: [drop_established]"

APPLICATION = "order: strict, stateful_default: [drop_established_app_layer_to_server]"

ROWS = [
    Row("on over a peering", SETUP, PEER, "app -> far 443/tcp", f"{IN} walls pcx", "", "undecided VPCSIM_NOT_MODELLED pcx"),
    Row(
        "on over a peering, what it blocks",
        SETUP,
        PEER.replace("routes: {10.0.0.0/16: pcx}", "routes: {}") + stateful("drop tcp any any -> any 22"),
        "app -> far 22/tcp",
        IN,
        "",
        BLOCKED,
    ),
    Row(
        "back over a peering, UDP",
        SETUP,
        f"{PEER}{stateful('pass udp any any -> any 443', 'pass udp any 443 -> any any')}",
        "far -> app 443/udp",
        "far far/far-net far-net pcx app/apps app",
        f"{IN} walls pcx",
        "undecided VPCSIM_NOT_MODELLED pcx",
    ),
    Row(
        "a peering beside it",
        SETUP,
        PEER,
        "db -> far 443/tcp",
        "db db/dbs dbs pcx far/far-net far",
        "far far/far-net far-net pcx db/dbs db",
    ),
    Row("out and back", ROUTES, "", "app -> 192.0.2.9 443/tcp", OUT, BACK),
    Row("east and west", ROUTES, "", SQL, DB, DB_BACK),
    Row("in from the internet by the table of the gateway", SINGLE_ZONE, EDGE, "internet -> app 443/tcp", FROM_IGW, TO_IGW),
    Row("out to the internet without a NAT gateway", SINGLE_ZONE, EDGE, "app -> 192.0.2.9 443/tcp", TO_IGW, FROM_IGW),
    Row(
        "out past the firewall that takes what comes in",
        SINGLE_ZONE,
        EDGE.replace("wall-table:", "app-table: {routes: {0.0.0.0/0: igw}}, wall-table:"),
        "app -> 192.0.2.9 443/tcp",
        "app app/apps apps igw",
        "",
        "denied INGRESS_RTB_TRAFFIC_REDIRECTION edge",
    ),
    Row("no rule: action order passes", ORDER, stateful(), SQL, DB, DB_BACK),
    Row("drop", ORDER, stateful("drop tcp any any -> any 5432"), SQL, IN, "", BLOCKED),
    Row("reject", ORDER, stateful("reject tcp any any -> any 5432"), SQL, IN, "", BLOCKED),
    Row("alert lets it through", ORDER, stateful("alert tcp any any -> any 5432"), SQL, DB, DB_BACK),
    Row("another port", HEADER, stateful("drop tcp any any -> any 3306"), SQL, DB, DB_BACK),
    Row("another protocol", HEADER, stateful("drop udp any any -> any any"), SQL, DB, DB_BACK),
    Row("IP is every protocol", HEADER, stateful("drop ip any any -> any any"), "app -> db icmp", IN, "", BLOCKED),
    Row("source", HEADER, stateful("drop tcp 10.0.1.0/24 any -> any any"), SQL, IN, "", BLOCKED),
    Row("another source", HEADER, stateful("drop tcp 10.0.4.0/24 any -> any any"), SQL, DB, DB_BACK),
    Row("both ways", HEADER, stateful("drop tcp 10.0.4.0/24 any <> any any"), SQL, IN, "", BLOCKED),
    Row("port range", HEADER, stateful('"drop tcp any any -> any 5000:6000"'), SQL, IN, "", BLOCKED),
    Row("all but a port", HEADER, stateful('"drop tcp any any -> any !443"'), SQL, IN, "", BLOCKED),
    Row("list of blocks", HEADER, stateful('"drop tcp any any -> [10.0.4.0/24,!10.0.4.10/32] any"'), SQL, DB, DB_BACK),
    Row("home network", HEADER, stateful('"drop tcp $HOME_NET any -> $HOME_NET any"'), SQL, IN, "", BLOCKED),
    Row("external network", HEADER, stateful('"drop tcp any any -> $EXTERNAL_NET any"'), SQL, DB, DB_BACK),
    Row("unknown variable", HEADER, stateful('"drop tcp any any -> $OTHERS any"'), SQL, IN, "", UNKNOWN),
    Row("some of the client's ports", HEADER, stateful('"drop tcp any 40000:50000 -> any any"'), SQL, IN, "", UNKNOWN),
    Row(
        "action order: pass before drop",
        ORDER,
        stateful("drop tcp any any -> any any", "pass tcp any any -> any 5432"),
        SQL,
        DB,
        DB_BACK,
    ),
    Row(
        "strict order: drop first",
        ORDER,
        stateful("drop tcp any any -> any any", "pass tcp any any -> any 5432", policy=STRICT),
        SQL,
        IN,
        "",
        BLOCKED,
    ),
    Row(
        "strict order: pass first",
        ORDER,
        stateful("pass tcp any any -> any 5432", "drop tcp any any -> any any", policy=STRICT),
        SQL,
        DB,
        DB_BACK,
    ),
    Row("strict default drops", ORDER, stateful("pass tcp any any -> any 443", policy=STRICT), SQL, IN, "", BLOCKED),
    Row("drop established drops too", ORDER, stateful("pass tcp any any -> any 443", policy=ESTABLISHED), SQL, IN, "", BLOCKED),
    Row("strict order without a default passes", ORDER, stateful(policy="order: strict"), SQL, DB, DB_BACK),
    Row("an unknown default", ORDER, stateful(policy="order: strict, stateful_default: [drop_strangely]"), SQL, IN, "", UNKNOWN),
    Row("application protocol", HEADER, stateful("drop tls any any -> any any"), SQL, IN, "", UNKNOWN),
    Row(
        "application protocol by name",
        HEADER,
        stateful("drop tls any any -> any any"),
        "app -> example.com 443/tcp",
        IN,
        "",
        BLOCKED,
    ),
    Row("another application", HEADER, stateful("drop http any any -> any any"), "app -> example.com 443/tcp", OUT, BACK),
    Row(
        "a pass rule of the handshake passes the flow",
        ORDER,
        stateful("drop tls any any -> any any", "pass tcp any any -> any 443", policy=STRICT),
        "app -> example.com 443/tcp",
        OUT,
        BACK,
    ),
    Row("Suricata text", PROCESSING, "firewall_rule_groups: {rules: {stateful: null, suricata: anything}}", SQL, IN, "", UNKNOWN),
    Row(
        "a pass rule before Suricata text",
        ORDER,
        "firewall_rule_groups: {more: {suricata: anything}}\nfirewall_policies: {policy: {stateful: [more, rules]}}",
        "app -> db 443/tcp",
        DB,
        DB_BACK,
    ),
    Row(
        "a drop rule before Suricata text",
        ORDER,
        "firewall_rule_groups: {rules: {stateful: [drop ip any any -> any any]}, more: {suricata: anything}}\n"
        f"firewall_policies: {{policy: {{stateful: [rules, more], {STRICT}}}}}",
        SQL,
        IN,
        "",
        BLOCKED,
    ),
    Row(
        "a group that is elsewhere",
        PROCESSING,
        "firewall_policies: {policy: {stateful: ['arn:aws:network-firewall:us-east-1:aws-managed:stateful-rulegroup/X']}}",
        SQL,
        IN,
        "",
        UNKNOWN,
    ),
    Row("stateless drop", PROCESSING, stateless("1 drop tcp any any -> any 5432"), SQL, IN, "", BLOCKED),
    Row(
        "stateless pass needs no stateful rule",
        PROCESSING,
        stateless("1 pass tcp any any -> any any", default="drop"),
        SQL,
        DB,
        DB_BACK,
    ),
    Row(
        "stateless priority",
        PROCESSING,
        stateless("2 drop tcp any any -> any any", "1 pass tcp any any -> any any"),
        SQL,
        DB,
        DB_BACK,
    ),
    Row(
        "stateless rules see the answer by itself",
        PROCESSING,
        stateless("1 pass tcp any any -> any 5432", default="drop"),
        SQL,
        DB,
        "db db/dbs dbs wall/walls/walls wall/walls",
        BLOCKED,
    ),
    Row(
        "a stateless pass leaves the stateful engine without the request",
        STREAM,
        stateless("1 pass tcp any any -> any 5432"),
        SQL,
        DB,
        "db db/dbs dbs wall/walls/walls wall/walls",
        BLOCKED,
    ),
    Row("stateless default drop", PROCESSING, stateless(default="drop"), SQL, IN, "", BLOCKED),
    Row(
        "the answer alone comes through it",
        STREAM,
        "route_tables: {app-table: {routes: {10.0.4.0/24: null}}}",
        SQL,
        "app app/apps apps db/dbs db",
        "db db/dbs dbs wall/walls/walls wall/walls",
        BLOCKED,
    ),
    Row(
        "such an answer, with the policy to continue",
        STREAM,
        "route_tables: {app-table: {routes: {10.0.4.0/24: null}}}\nfirewall_policies: {policy: {stream_exceptions: continue}}",
        SQL,
        "app app/apps apps db/dbs db",
        DB_BACK,
    ),
    Row("allowed domain", DOMAINS, domains("allow_domains", ".example.com"), "app -> www.example.com 443/tcp", OUT, BACK),
    Row(
        "a dot stands for the domain too",
        DOMAINS,
        domains("allow_domains", ".example.com"),
        "app -> example.com 443/tcp",
        OUT,
        BACK,
    ),
    Row(
        "without a dot only itself",
        DOMAINS,
        domains("allow_domains", "example.com"),
        "app -> www.example.com 443/tcp",
        IN,
        "",
        BLOCKED,
    ),
    Row("another domain", DOMAINS, domains("allow_domains", ".example.com"), "app -> example.org 443/tcp", IN, "", BLOCKED),
    Row(
        "another domain by HTTP", DOMAINS, domains("allow_domains", ".example.com"), "app -> example.org 80/tcp", IN, "", BLOCKED
    ),
    Row("denied domain", DOMAINS, domains("deny_domains", "example.org"), "app -> example.org 443/tcp", IN, "", BLOCKED),
    Row("not denied", DOMAINS, domains("deny_domains", "example.org"), "app -> example.com 443/tcp", OUT, BACK),
    Row(
        "an address shows no name", DOMAINS, domains("allow_domains", ".example.com"), "app -> 192.0.2.9 443/tcp", IN, "", UNKNOWN
    ),
    Row(
        "a port of unknown use", DOMAINS, domains("allow_domains", ".example.com"), "app -> example.com 8443/tcp", IN, "", UNKNOWN
    ),
    Row("domain lists see no UDP", DOMAINS, domains("allow_domains", ".example.com"), "app -> example.org 443/udp", OUT, BACK),
    Row(
        "inside the home network nothing is inspected",
        DOMAINS,
        domains("allow_domains", ".example.com"),
        "app -> db 443/tcp",
        DB,
        DB_BACK,
    ),
    Row(
        "a home network that is elsewhere",
        DOMAINS,
        domains("allow_domains", ".example.com", more=", home_net: 192.168.0.0/16"),
        "app -> example.org 443/tcp",
        OUT,
        BACK,
    ),
    Row(
        "a home network of the policy",
        VARIABLES,
        domains("allow_domains", ".example.com", policy="home_net: 192.168.0.0/16"),
        "app -> example.org 443/tcp",
        OUT,
        BACK,
    ),
    Row(
        "what is outside of the policy's home network",
        VARIABLES,
        stateful('"drop tcp any any -> $EXTERNAL_NET any"', policy="home_net: 192.168.0.0/16"),
        SQL,
        IN,
        "",
        BLOCKED,
    ),
    Row(
        "a group's home network goes before the policy's",
        CAVEATS,
        stateful('"drop tcp $HOME_NET any -> any any"', policy="home_net: 10.0.0.0/16", more=", home_net: 192.168.0.0/16"),
        SQL,
        DB,
        DB_BACK,
    ),
    Row(
        "a group's home network leaves the external one as the policy has it",
        CAVEATS,
        stateful('"drop tcp any any -> $EXTERNAL_NET any"', more=", home_net: 192.168.0.0/16"),
        SQL,
        DB,
        DB_BACK,
    ),
    Row(
        "alerts of every sort let pass",
        ORDER,
        stateful(policy="order: strict, stateful_default: [alert_strict, alert_established_app_layer_to_server]"),
        SQL,
        DB,
        DB_BACK,
    ),
    Row(
        "drop all drops the handshake before the name is seen",
        ORDER,
        domains("allow_domains", ".example.com", policy=STRICT),
        "app -> example.com 443/tcp",
        IN,
        "",
        BLOCKED,
    ),
    Row(
        "so does drop established of the application layer",
        ORDER,
        domains("allow_domains", ".example.com", policy=APPLICATION),
        "app -> example.com 443/tcp",
        OUT,
        BACK,
    ),
    Row("and drops what no rule lets pass", ORDER, stateful(policy=APPLICATION), SQL, IN, "", BLOCKED),
    Row("of UDP it is not said", ORDER, stateful(policy=APPLICATION), "app -> db 53/udp", IN, "", UNKNOWN),
    Row("drop established drops UDP", ORDER, stateful(policy=ESTABLISHED), "app -> db 53/udp", IN, "", BLOCKED),
    Row(
        "drop established waits for the name",
        ORDER,
        domains("allow_domains", ".example.com", policy=ESTABLISHED),
        "app -> example.com 443/tcp",
        OUT,
        BACK,
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=names(ROWS))
def test_traffic_through_a_firewall(row: Row) -> None:
    check(BASE, row)


REFUSALS = [
    Refusal(
        "default actions without strict order",
        ORDER,
        "firewall_policies: {policy: {stateful_default: [drop_strict]}}",
        "InvalidRequestException",
        "policy",
    ),
    Refusal(
        "two drops by default",
        ORDER,
        "firewall_policies: {policy: {order: strict, stateful_default: [drop_strict, drop_established]}}",
        "InvalidRequestException",
        "policy",
    ),
    Refusal(
        "established connections by both sorts",
        ORDER,
        "firewall_policies: {policy: {order: strict, stateful_default: [drop_established, alert_established_app_layer]}}",
        "InvalidRequestException",
        "policy",
    ),
    Refusal(
        "one subnet per zone", CREATE, "network_firewalls: {wall: {subnets: [walls, public]}}", "InvalidRequestException", "wall"
    ),
    Refusal(
        "subnets of its VPC",
        CREATE,
        "vpcs: {other: 10.1.0.0/16}\nsubnets: {far: {cidr: 10.1.0.0/24, vpc: other}, "
        "apps: {vpc: vpc}, walls: {vpc: vpc}, public: {vpc: vpc}, dbs: {vpc: vpc}}\nsecurity_groups: {open: {vpc: vpc}}\n"
        "route_tables: {app-table: {vpc: vpc, routes: null}, wall-table: {vpc: vpc}, public-table: {vpc: vpc, routes: null}, "
        "db-table: {vpc: vpc, routes: null}}\nnetwork_firewalls: {wall: {vpc: vpc, subnets: [far]}}",
        "InvalidRequestException",
        "wall",
    ),
]


@pytest.mark.parametrize("row", REFUSALS, ids=names(REFUSALS))
def test_what_aws_refuses(row: Refusal) -> None:
    refused(BASE, row)


def test_options_that_look_inside_are_not_guessed() -> None:
    rule = "{Action: DROP, Header: {Protocol: TCP}, RuleOptions: [{Keyword: sid, Settings: ['1']}%s]}"
    inside = ask(changed(BASE, stateful(rule % ", {Keyword: content, Settings: [x]}")), SQL)
    assert (inside.verdict, inside.at) == ("undecided", "wall/walls")
    assert ask(changed(BASE, stateful(rule % "")), SQL).codes == ("FIREWALL_RULES_RESTRICTION",)


def test_every_blocker_behind_a_denial_is_found() -> None:
    changes = stateful("drop ip any any -> any any") + "\nsecurity_groups: {open: {ingress: []}}"
    assert ask(changed(BASE, changes), SQL, every=True).codes == ("FIREWALL_RULES_RESTRICTION", "SG_HAS_NO_RULES")


TEMPLATE = """
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  Apps: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.1.0/24}}
  Walls: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.2.0/24}}
  Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Vpc}}
  Use: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {SubnetId: !Ref Apps, RouteTableId: !Ref Table}}
  Route:
    Type: AWS::EC2::Route
    Properties:
      RouteTableId: !Ref Table
      DestinationCidrBlock: 0.0.0.0/0
      VpcEndpointId: !Select [1, !Split [":", !Select [0, !GetAtt Wall.EndpointIds]]]
  Rules:
    Type: AWS::NetworkFirewall::RuleGroup
    Properties:
      RuleGroupName: rules
      Type: STATEFUL
      Capacity: 10
      RuleGroup:
        RulesSource:
          RulesSourceList: {Targets: [.example.com], TargetTypes: [TLS_SNI], GeneratedRulesType: DENYLIST}
  Policy:
    Type: AWS::NetworkFirewall::FirewallPolicy
    Properties:
      FirewallPolicyName: policy
      FirewallPolicy:
        StatelessDefaultActions: [aws:forward_to_sfe]
        StatelessFragmentDefaultActions: [aws:forward_to_sfe]
        StatefulRuleGroupReferences: [{ResourceArn: !Ref Rules}]
  Wall:
    Type: AWS::NetworkFirewall::Firewall
    Properties:
      FirewallName: wall
      FirewallPolicyArn: !Ref Policy
      VpcId: !Ref Vpc
      SubnetMappings: [{SubnetId: !Ref Walls}]
  App: {Type: AWS::EC2::Instance, Properties: {SubnetId: !Ref Apps, ImageId: ami-1}}
"""


def test_a_template_with_a_firewall(tmp_path: Path) -> None:
    file = tmp_path / "template.yaml"
    file.write_text(TEMPLATE)
    answer = vpcsim.load(file).trace("App", "https://www.example.com")
    assert (answer.at, answer.codes) == ("Wall/Walls", ("FIREWALL_RULES_RESTRICTION",))
    assert answer.because == "Wall/Walls: drop (denylist .example.com)"
    assert vpcsim.load(file).trace("App", "https://example.org").codes == ("NO_ROUTE_TO_DESTINATION",)
