"""What is legal and probably not meant: each rule on a network that has the fault, and on one that has not."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from networks import VPC, changed

from vpcsim.cli import vpcsim_command
from vpcsim.findings import RULES, findings

ROOT = Path(__file__).parent.parent
PRIVATELINK = "https://docs.aws.amazon.com/vpc/latest/privatelink/"
ACM = "https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html"
GLUE = "https://docs.aws.amazon.com/glue/latest/dg/glue-troubleshooting-errors.html"
ISOLATED = "route_tables: {private: {routes: {0.0.0.0/0: null}}}\n"

BASE = """
vpcs: {v: {cidr: 10.0.0.0/16, dns_hostnames: true}}
subnets: {open: {cidr: 10.0.0.0/24}, closed: {cidr: 10.0.1.0/24}}
internet_gateways: {igw: v}
nat_gateways: {nat: {subnet: open}}
route_tables:
  public: {subnets: [open], routes: {0.0.0.0/0: igw}}
  private: {subnets: [closed], routes: {0.0.0.0/0: nat}}
security_groups: {group: {ingress: [tcp 443 from 10.0.0.0/16]}}
network_acls: {acl: {subnets: [closed], ingress: [100 allow all from 0.0.0.0/0], egress: [100 allow all to 0.0.0.0/0]}}
instances: {app: {subnet: closed, security_groups: group}}
"""

ROWS = [
    ("nothing to say", VPC, "", ""),
    (
        "a route that leads nowhere",
        f"{VPC}route-table-options.html",
        "route_tables: {private: {routes: {0.0.0.0/0: {target: nat, state: blackhole}}}}",
        "blackhole-route private",
    ),
    (
        "a table without subnets",
        f"{VPC}subnet-route-tables.html",
        "route_tables: {spare: {routes: {}}}",
        "unused-route-table spare",
    ),
    (
        "a subnet on a main table with routes",
        f"{VPC}subnet-route-tables.html",
        "route_tables: {private: {main: true, subnets: []}}",
        "subnet-on-main-table closed",
    ),
    (
        "a main table without routes",
        f"{VPC}subnet-route-tables.html",
        "route_tables: {private: {main: true, routes: {0.0.0.0/0: null}, subnets: []}}",
        "",
    ),
    (
        "a subnet that was put on the main table",
        f"{VPC}subnet-route-tables.html",
        "route_tables: {private: {main: true, subnets: [closed]}}",
        "",
    ),
    (
        "a rule that allows what an earlier one denies",
        f"{VPC}nacl-rules.html",
        'network_acls: {acl: {ingress: ["90 deny tcp 443 from 10.0.0.0/8", "100 allow tcp 443 from 10.1.0.0/16"]}}',
        "shadowed-acl-rule acl",
    ),
    (
        "an earlier rule for a part only",
        f"{VPC}nacl-rules.html",
        'network_acls: {acl: {ingress: ["90 deny tcp 443 from 10.0.0.0/8", "100 allow tcp 400-500 from 10.1.0.0/16"]}}',
        "",
    ),
    (
        "an earlier rule for another protocol",
        f"{VPC}nacl-rules.html",
        'network_acls: {acl: {ingress: ["90 deny udp 443 from 10.0.0.0/8", "100 allow all from 10.1.0.0/16"]}}',
        "",
    ),
    ("the other direction", f"{VPC}nacl-rules.html", 'network_acls: {acl: {egress: ["110 deny all to 10.0.0.0/8"]}}', ""),
    ("an ACL without subnets", f"{VPC}nacl-rules.html", "network_acls: {spare: {}}", "unused-network-acl spare"),
    ("a group of nobody", f"{VPC}vpc-security-groups.html", "security_groups: {spare: {}}", "unused-security-group spare"),
    (
        "a group that a rule names",
        f"{VPC}vpc-security-groups.html",
        "security_groups: {spare: {}, group: {ingress: [tcp 443 from spare]}}",
        "",
    ),
    (
        "a group that names only itself",
        f"{VPC}vpc-security-groups.html",
        "security_groups: {spare: {ingress: [all from spare]}}",
        "unused-security-group spare",
    ),
    (
        "the table of a regional NAT gateway",
        f"{VPC}nat-gateways-regional.html",
        "nat_gateways: {regional: {mode: regional, vpc: v}}",
        "",
    ),
    (
        "a NAT gateway in the private subnet",
        f"{VPC}nat-gateway-troubleshooting.html",
        "nat_gateways: {nat: {subnet: closed}}",
        "nat-gateway-in-private-subnet nat",
    ),
    (
        "a NAT gateway in an isolated subnet",
        f"{VPC}nat-gateway-troubleshooting.html",
        "route_tables: {public: {routes: {0.0.0.0/0: null}}}",
        "nat-gateway-in-private-subnet nat",
    ),
    (
        "a private NAT gateway",
        f"{VPC}nat-gateway-basics.html",
        "nat_gateways: {nat: {subnet: open, ConnectivityType: private}}\nroute_tables: {public: {routes: {0.0.0.0/0: null}}}",
        "",
    ),
    (
        "a gateway endpoint on one of two tables",
        f"{PRIVATELINK}gateway-endpoints.html",
        "endpoints: {s3: {service: s3, type: Gateway, route_tables: [private]}}",
        "gateway-endpoint-not-on-table s3",
    ),
    (
        "S3 and DynamoDB by a NAT gateway",
        f"{PRIVATELINK}gateway-endpoints.html",
        "buckets: [shop]\ntables: [orders]",
        "gateway-service-by-nat-gateway nat",
    ),
    (
        "S3 by a gateway endpoint, DynamoDB by a NAT gateway",
        f"{PRIVATELINK}gateway-endpoints.html",
        "buckets: [shop]\ntables: [orders]\nendpoints: {s3: {service: s3, type: Gateway, route_tables: [private, public]}}",
        "gateway-service-by-nat-gateway nat",
    ),
    (
        "a bucket by a gateway endpoint",
        f"{PRIVATELINK}gateway-endpoints.html",
        "buckets: [shop]\nendpoints: {s3: {service: s3, type: Gateway, route_tables: [private, public]}}",
        "",
    ),
    (
        "an endpoint policy with a Deny only",
        f"{PRIVATELINK}vpc-endpoints-access.html",
        "endpoints: {sqs: {service: sqs, subnets: closed, security_groups: group, policy: "
        '{Statement: [{Effect: Deny, Principal: "*", Action: "sqs:DeleteQueue", Resource: "*"}]}}}',
        "endpoint-policy-allows-nothing sqs",
    ),
    (
        "an endpoint policy with an Allow",
        f"{PRIVATELINK}vpc-endpoints-access.html",
        "endpoints: {s3: {service: s3, type: Gateway, route_tables: [private, public], policy: "
        '{Statement: {Effect: Allow, Principal: "*", Action: "s3:GetObject", Resource: "*"}}}}',
        "",
    ),
    (
        "a gateway endpoint's policy with a Deny only",
        f"{PRIVATELINK}vpc-endpoints-access.html",
        "endpoints: {s3: {service: s3, type: Gateway, route_tables: [private, public], policy: "
        '{Statement: {Effect: Deny, Principal: "*", Action: "s3:PutObject", Resource: "*"}}}}',
        "endpoint-policy-allows-nothing s3",
    ),
    (
        "the record of an ACME challenge in the private zone of two",
        ACM,
        "hosted_zones: {in: {domain: shop.example, vpcs: v, records: {_acme-challenge.www: {type: TXT, values: x}}}, "
        "out: {domain: shop.example, records: {www: 192.0.2.1}}}",
        "validation-record-in-private-zone in",
    ),
    (
        "the record of ACM in both",
        ACM,
        "hosted_zones: {in: {domain: shop.example, vpcs: v, records: {_a1: CNAME _b2.acm-validations.aws}}, "
        "out: {domain: shop.example, records: {_a1: CNAME _b2.acm-validations.aws}}}",
        "",
    ),
    (
        "the record of ACM in the private zone of two",
        ACM,
        "hosted_zones: {in: {domain: shop.example, vpcs: v, records: {_a1: CNAME _b2.acm-validations.aws}}, "
        "out: {domain: shop.example, records: {_a1: 192.0.2.1}}}",
        "validation-record-in-private-zone in",
    ),
    (
        "another record of a private zone",
        ACM,
        "hosted_zones: {in: {domain: shop.example, vpcs: v, records: {db: 10.0.0.9}}, "
        "out: {domain: shop.example, records: {www: 192.0.2.1}}}",
        "",
    ),
    (
        "a Glue connection without a way to S3",
        GLUE,
        f"{ISOLATED}glue_connections: {{jobs: closed}}",
        "glue-connection-without-s3 jobs",
    ),
    (
        "a Glue connection with an internet gateway, for which it has no address",
        GLUE,
        "glue_connections: {jobs: open}",
        "glue-connection-without-s3 jobs",
    ),
    ("a Glue connection with a NAT gateway", GLUE, "glue_connections: {jobs: closed}", ""),
    (
        "a Glue connection with a gateway endpoint",
        GLUE,
        f"{ISOLATED}glue_connections: {{jobs: closed}}\n"
        "endpoints: {s3: {service: s3, type: Gateway, route_tables: [private, public]}}",
        "",
    ),
    ("a Glue connection without a subnet", GLUE, "glue_connections: {catalog: {}}", ""),
    (
        "a gateway endpoint on all tables",
        f"{PRIVATELINK}gateway-endpoints.html",
        "endpoints: {s3: {service: s3, type: Gateway, route_tables: [private, public]}}",
        "",
    ),
]


@pytest.mark.parametrize(("rule", "page", "changes", "found"), ROWS, ids=[rule for rule, *_ in ROWS])
def test_what_is_found(rule: str, page: str, changes: str, found: str) -> None:
    assert page.startswith("https://docs.aws.amazon.com/")
    told = findings(changed(BASE, changes))
    assert "; ".join(f"{finding.rule} {finding.at}" for finding in told) == found
    assert all(finding.origin and finding.origin.line and finding.page.startswith("https://") for finding in told)


def test_every_rule_has_a_row_that_finds_it() -> None:
    assert {row[3].split()[0] for row in ROWS if row[3]} == set(RULES)


def lint(*words: str) -> Result:
    return CliRunner().invoke(vpcsim_command, ["lint", *words], standalone_mode=False)


def written(folder: Path, text: str, name: str = "net.yaml") -> str:
    file = folder / name
    file.write_text(text)
    return str(file)


def test_a_warning_is_a_failure_and_a_note_is_none(tmp_path: Path) -> None:
    assert (lint(written(tmp_path, BASE)).return_value, lint(written(tmp_path, BASE)).stdout) == (0, "")
    note = lint(written(tmp_path, BASE.replace("network_acls: {", "network_acls: {spare: {}, ")))
    assert (note.return_value, note.stdout.count("note: spare: no subnet uses it")) == (0, 1)
    warning = lint(written(tmp_path, BASE.replace("{subnet: open}", "{subnet: closed}")))
    assert warning.return_value == 1
    assert ": warning: nat: its subnet closed has no route to an internet gateway" in warning.stdout


def test_what_aws_refuses_is_an_error_with_its_code(tmp_path: Path) -> None:
    text = BASE.replace("10.0.1.0/24", "10.0.0.0/25")
    done = lint(written(tmp_path, text), "--format", "json")
    assert done.return_value == 1
    (found,) = json.loads(done.stdout)["findings"]
    assert (found["level"], found["rule"]) == ("error", "InvalidSubnet.Conflict")


@pytest.mark.parametrize(
    "text",
    [
        "jobs: {build: {steps: []}}\n",
        "{{ broken: [template\n",
        "Parameters: {Vpc: {Type: 'AWS::EC2::VPC::Id'}}\nResources: {}\n",
        "endpoints: {e: {service: sqs}}\n",
        "model: x\nsteps: [{create: {vpcs: {v: 10.0.0.0/16}}}]\n",
    ],
)
def test_a_file_without_a_network_is_passed_over(tmp_path: Path, text: str) -> None:
    done = lint(written(tmp_path, text))
    assert done.exception is None
    assert (done.return_value, done.stdout.strip()) == (0, "")


def test_a_network_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    assert "`nowhere` (subnet_id) is not a subnet" in str(
        lint(written(tmp_path, BASE.replace("subnet: closed,", "subnet: nowhere,"))).exception
    )
    assert "no such file" in str(lint(str(tmp_path / "missing.yaml")).exception)


@pytest.mark.parametrize("name", ["network.yaml", "template.yaml", "terraform/terraform.tfstate", "terraform/plan.json"])
def test_every_form_of_a_model_is_recognised(tmp_path: Path, name: str) -> None:
    text = (ROOT / "models/sqs-private" / name).read_text().replace("10.0.0.0/16", "10.0.0.0/8")
    assert "InvalidVpcRange" in lint(written(tmp_path, text, Path(name).name)).stdout


def test_sources_of_terraform_and_compressed_files_are_recognised(tmp_path: Path) -> None:
    page = {"Vpcs": [{"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16"}], "SecurityGroups": [{"GroupId": "sg-1", "VpcId": "vpc-1"}]}
    (tmp_path / "vpcs.json.gz").write_bytes(gzip.compress(json.dumps(page).encode()))
    for file in (str(tmp_path / "vpcs.json.gz"), written(tmp_path, json.dumps(page), "page.json")):
        assert "sg-1: nothing has it" in lint(file).stdout
    pytest.importorskip("tfparse", reason="tfparse reads sources of Terraform")
    source = 'resource "aws_vpc" "main" {\n  cidr_block = "10.0.0.0/8"\n}\n'
    assert "InvalidVpcRange" in lint(written(tmp_path, source, "main.tf")).stdout


def test_templates_are_recognised_in_yaml_and_json(tmp_path: Path) -> None:
    vpc = {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/8"}}
    one_line = written(tmp_path, json.dumps({"Resources": {"v": vpc}}), "a.json")
    indented = written(tmp_path, json.dumps({"Resources": {"v": vpc}}, indent=1), "b.json")
    yaml = written(tmp_path, "Resources:\n  v:\n    Type: AWS::EC2::VPC\n    Properties: {CidrBlock: 10.0.0.0/8}\n", "c.yaml")
    for file in (one_line, indented, yaml):
        assert "InvalidVpcRange" in lint(file, "--format", "json").stdout
