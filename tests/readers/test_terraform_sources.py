"""Terraform's sources, read by tfparse, whose known traps are handled here: https://github.com/cloud-custodian/tfparse"""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import vpcsim
from vpcsim.errors import InputError, VpcsimError
from vpcsim.services import prefix_list

needs_tfparse = pytest.mark.skipif(
    not __import__("importlib.util").util.find_spec("tfparse"), reason="the extra `terraform` is not installed"
)
PROVIDER = 'provider "aws" {\n  region = "eu-west-3"\n}\n'
VPC = PROVIDER + 'resource "aws_vpc" "main" {\n  cidr_block = "10.0.0.0/16"\n}\n'


def written(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_tf", ".tf")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


@needs_tfparse
def test_a_folder_of_sources_is_a_model(tmp_path: Path) -> None:
    folder = written(tmp_path, network_tf=VPC)
    for path in (folder, folder / "network.tf"):
        topology = vpcsim.load(path).topology
        assert topology.settings.region == "eu-west-3"
        assert topology.resources["aws_vpc.main"].origin == (str(folder / "network.tf"), 4, 1, "aws_vpc.main")


@needs_tfparse
def test_variables_are_read_from_tfvars(tmp_path: Path) -> None:
    text = PROVIDER + 'variable "block" {}\nresource "aws_vpc" "main" {\n  cidr_block = var.block\n}\n'
    folder = written(tmp_path, main_tf=text, terraform_tfvars='block = "10.7.0.0/16"\n')
    assert vpcsim.load(folder).topology.resources["aws_vpc.main"].dump()["CidrBlock"] == "10.7.0.0/16"


@needs_tfparse
def test_a_variable_without_a_value_is_named(tmp_path: Path) -> None:
    text = PROVIDER + 'variable "block" {}\nresource "aws_vpc" "main" {\n  cidr_block = var.block\n}\n'
    skipped = vpcsim.load(written(tmp_path, main_tf=text)).topology.settings.skipped
    assert [s.reason for s in skipped] == [
        "needs a value that is not known: `var.block` has no value; terraform.tfvars gives one"
    ]


@needs_tfparse
@pytest.mark.parametrize("text", ['resource "aws_vpc" {', 'resource "aws_vpc" "main" {\n  cidr_block = \n}\n', "}", "\x00"])
def test_broken_sources_end_with_clear_lines(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError) as caught:
        vpcsim.load(written(tmp_path, main_tf=text))
    assert str(tmp_path) in str(caught.value)
    assert "\n" not in str(caught.value)


@needs_tfparse
def test_a_broken_source_is_told_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"main.tf:2") as caught:
        vpcsim.load(written(tmp_path, main_tf='resource "aws_vpc" "main" {\n  cidr_block = \n}\n'))
    assert caught.value.problems[0].origin is not None


@needs_tfparse
def test_a_block_that_does_not_end_is_told_with_its_line_and_column(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"main.tf:2:24: unclosed configuration block"):
        vpcsim.load(written(tmp_path, main_tf='\nresource "aws_vpc" "m" {\n'))


@needs_tfparse
def test_an_output_with_the_name_of_an_input_leads_to_subnets(tmp_path: Path) -> None:
    module = (
        'variable "vpc" {}\nvariable "subnets" {}\n'
        'resource "aws_subnet" "s" {\n  count = length(var.subnets)\n  vpc_id = var.vpc\n'
        "  cidr_block = var.subnets[count.index]\n}\n"
        'output "subnets" {\n  value = aws_subnet.s[*].id\n}\n'
    )
    root = VPC + (
        'module "net" {\n  source = "./net"\n  vpc = aws_vpc.main.id\n  subnets = ["10.0.1.0/24", "10.0.2.0/24"]\n}\n'
        'resource "aws_instance" "app" {\n  ami = "ami-0f2c9a4fe5edc5bd3"\n  subnet_id = module.net.subnets[1]\n}\n'
    )
    topology = vpcsim.load(written(tmp_path, main_tf=root, net__main_tf=module)).topology
    assert topology.resources["aws_instance.app"].dump()["SubnetId"] == "module.net.aws_subnet.s[1]"


@needs_tfparse
def test_a_module_that_is_not_here_is_named(tmp_path: Path) -> None:
    root = VPC + (
        'module "net" {\n  source = "terraform-aws-modules/vpc/aws"\n}\n'
        'resource "aws_subnet" "s" {\n  vpc_id = module.net.vpc_id\n  cidr_block = "10.0.0.0/24"\n}\n'
    )
    reasons = [skip.reason for skip in vpcsim.load(written(tmp_path, main_tf=root)).topology.settings.skipped]
    assert reasons == [
        "needs a value that is not known: `module.net.vpc_id` is of a module that is not here; `terraform init` brings it, "
        "or read a plan"
    ]


def test_without_the_extra_its_name_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tfparse", None)
    with pytest.raises(InputError, match=r"pip install 'vpcsim\[terraform\]'"):
        vpcsim.load(written(tmp_path, main_tf=VPC))


ALIAS = PROVIDER + (
    'provider "aws" {\n  alias  = "far"\n  region = "ap-southeast-2"\n'
    '  assume_role {\n    role_arn = "arn:aws:iam::111122223333:role/deploy"\n  }\n}\n'
)
NET = 'resource "aws_vpc" "main" {\n  cidr_block = "10.1.0.0/16"\n}\n'
FAR = ("ap-southeast-2", "111122223333")
PLACES = [
    ("its own word", 'resource "aws_vpc" "main" {\n  provider = aws.far\n  cidr_block = "10.1.0.0/16"\n}\n', "", "aws_vpc.main"),
    (
        "handed to a module",
        'module "net" {\n  source = "./net"\n  providers = {\n    aws = aws.far # here\n  }\n}\n',
        NET,
        "module.net.aws_vpc.main",
    ),
    (
        "handed on by a name of the module's",
        'module "net" {\n  count = 1\n  source = "./net"\n  providers = { aws.other = aws.far }\n}\n',
        NET.replace("{\n", "{\n  provider = aws.other\n", 1),
        "module.net[0].aws_vpc.main",
    ),
]


@needs_tfparse
@pytest.mark.parametrize(("told", "root", "module", "id"), PLACES, ids=[row[0] for row in PLACES])
def test_a_resource_is_where_its_provider_is(tmp_path: Path, told: str, root: str, module: str, id: str) -> None:
    """https://developer.hashicorp.com/terraform/language/meta-arguments/module-providers"""
    topology = vpcsim.load(written(tmp_path, main_tf=ALIAS + root, net__main_tf=module)).topology
    assert (topology.region_of(id), topology.account_of(id)) == FAR
    assert topology.settings.region == "eu-west-3"


DATA = (
    PROVIDER
    + """
data "aws_region" "here" {}
data "aws_caller_identity" "me" {}
data "aws_availability_zones" "all" {}
locals {
  zones = slice(data.aws_availability_zones.all.names, 0, 2)
}
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}
resource "aws_subnet" "s" {
  count             = 2
  vpc_id            = aws_vpc.main.id
  cidr_block        = cidrsubnet("10.0.0.0/16", 8, count.index)
  availability_zone = local.zones[count.index]
}
resource "aws_subnet" "t" {
  count             = 2
  vpc_id            = aws_vpc.main.id
  cidr_block        = cidrsubnet("10.0.0.0/16", 8, count.index + 2)
  availability_zone = length(regexall("-", local.zones[count.index])) > 0 ? local.zones[count.index] : null
}
resource "aws_vpc_endpoint" "s3" {
  vpc_id       = aws_vpc.main.id
  service_name = "com.amazonaws.${data.aws_region.here.name}.s3"
}
resource "aws_eip" "nat" {
  domain = "vpc"
}
resource "aws_security_group" "app" {
  vpc_id = aws_vpc.main.id
  egress {
    protocol    = "tcp"
    from_port   = 443
    to_port     = 443
    cidr_blocks = ["10.0.0.0/16", "${aws_eip.nat.public_ip}/32"]
  }
}
resource "aws_sqs_queue" "jobs" {
  name   = "jobs"
  policy = data.aws_iam_policy_document.jobs.json
}
resource "aws_sqs_queue" "open" {
  name   = "open"
  policy = jsonencode({ Statement = [{ Effect = "Deny", Resource = "${data.aws_caller_identity.me.account_id}:open" }] })
}
data "aws_iam_policy_document" "jobs" {
  source_policy_documents = [data.aws_iam_policy_document.base.json]
  statement {
    effect    = "Deny"
    actions   = ["sqs:SendMessage", "sqs:DeleteMessage"]
    resources = [aws_sqs_queue.jobs.arn]
    principals {
      type        = "*"
      identifiers = ["*"]
    }
    condition {
      test     = "StringNotEquals"
      variable = "aws:SourceVpce"
      values   = [aws_vpc_endpoint.s3.id]
    }
  }
}
data "aws_iam_policy_document" "base" {
  statement {
    sid       = "read"
    actions   = ["sqs:ReceiveMessage"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::123456789012:root"]
    }
  }
}
"""
)


@needs_tfparse
def test_what_only_data_sources_know_is_found_or_taken_or_open(tmp_path: Path) -> None:
    topology = vpcsim.load(written(tmp_path, main_tf=DATA)).topology
    dumps = {id: resource.dump() for id, resource in topology.resources.items()}
    assert [dumps[f"aws_subnet.s[{n}]"]["AvailabilityZone"] for n in (0, 1)] == ["eu-west-3a", "eu-west-3b"]
    assert [dumps[f"aws_subnet.t[{n}]"]["AvailabilityZone"] for n in (0, 1)] == ["eu-west-3a", "eu-west-3b"]
    taken = "aws_subnet.s[1]: availability_zone could not be evaluated and is taken to be eu-west-3b"
    assert taken in topology.settings.assumptions
    assert dumps["aws_vpc_endpoint.s3"]["ServiceName"] == "com.amazonaws.eu-west-3.s3"
    address = dumps["aws_eip.nat"]["PublicIp"]
    ranges = dumps["aws_security_group.app"]["IpPermissionsEgress"]
    assert [r["CidrIp"] for permission in ranges for r in permission["IpRanges"]] == ["10.0.0.0/16", f"{address}/32"]
    assert [(doubt.about, *doubt.properties) for doubt in topology.settings.doubts] == [("aws_sqs_queue.open", "Policy")]


@needs_tfparse
def test_a_policy_document_is_the_policy_that_it_makes(tmp_path: Path) -> None:
    """https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document"""
    topology = vpcsim.load(written(tmp_path, main_tf=DATA)).topology
    assert topology.resources["aws_sqs_queue.jobs"].dump()["Policy"] == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "read",
                "Effect": "Allow",
                "Action": ["sqs:ReceiveMessage"],
                "Resource": ["*"],
                "Principal": {"AWS": ["arn:aws:iam::123456789012:root"]},
            },
            {
                "Effect": "Deny",
                "Action": ["sqs:SendMessage", "sqs:DeleteMessage"],
                "Resource": ["arn:aws:sqs:eu-west-3:123456789012:jobs"],
                "Principal": "*",
                "Condition": {"StringNotEquals": {"aws:SourceVpce": ["aws_vpc_endpoint.s3"]}},
            },
        ],
    }


WHOLE = """
resource "aws_lb" "web" {
  load_balancer_type = "network"
  internal           = true
  subnets            = [aws_subnet.s.id]
  security_groups    = %s
}
"""
LEFT = [
    ("null", "null", []),
    ("a condition", "var.groups ? [] : null", []),
    ("a call", 'concat(["sg-1"], module.net.groups)', ["aws_lb.web"]),
    ("an output", "module.net.groups", ["aws_lb.web"]),
]


@needs_tfparse
@pytest.mark.parametrize(("told", "groups", "doubts"), LEFT, ids=[row[0] for row in LEFT])
def test_what_could_not_be_evaluated_is_not_what_is_not_set(tmp_path: Path, told: str, groups: str, doubts: list[str]) -> None:
    subnet = 'resource "aws_subnet" "s" {\n  vpc_id = aws_vpc.main.id\n  cidr_block = "10.0.0.0/24"\n}\n'
    module = 'module "net" {\n  source = "example/net/aws"\n}\n'
    topology = vpcsim.load(written(tmp_path, main_tf=VPC + subnet + module + WHOLE % groups)).topology
    assert [doubt.about for doubt in topology.settings.doubts] == doubts


ASKED = (
    PROVIDER
    + """
data "aws_security_group" "shared" {
  name = "shared"
}
data "aws_prefix_list" "s3" {
  name = "com.amazonaws.eu-west-3.s3"
}
data "aws_vpc_endpoint_service" "sqs" {
  service = "sqs"
}
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}
resource "aws_security_group" "app" {
  vpc_id = aws_vpc.main.id
  egress {
    protocol        = "tcp"
    from_port       = 443
    to_port         = 443
    prefix_list_ids = [data.aws_prefix_list.s3.id]
  }
  ingress {
    protocol        = "tcp"
    from_port       = 443
    to_port         = 443
    security_groups = [data.aws_security_group.shared.id]
  }
}
resource "aws_vpc_endpoint" "s3" {
  vpc_id       = aws_vpc.main.id
  service_name = "com.amazonaws.eu-west-3.s3"
}
resource "aws_vpc_endpoint" "sqs" {
  vpc_id            = aws_vpc.main.id
  vpc_endpoint_type = "Interface"
  service_name      = data.aws_vpc_endpoint_service.sqs.service_name
}
"""
)


@needs_tfparse
def test_what_only_aws_knows_is_open_and_what_follows_is_known(tmp_path: Path) -> None:
    topology = vpcsim.load(written(tmp_path, main_tf=ASKED)).topology
    group = topology.resources["aws_security_group.app"].dump()
    assert [p["PrefixListIds"] for p in group["IpPermissionsEgress"]] == [[{"PrefixListId": prefix_list("eu-west-3", "s3").id}]]
    assert topology.resources["aws_vpc_endpoint.sqs"].dump()["ServiceName"] == "com.amazonaws.eu-west-3.sqs"
    reasons = [doubt.reason for doubt in topology.settings.doubts if doubt.about == "aws_security_group.app"]
    assert len(reasons) == 1
    assert "`data.aws_security_group.shared` is read from AWS" in reasons[0]


@needs_tfparse
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cut=st.integers(0, len(DATA)),
    size=st.integers(0, 200),
    junk=st.sampled_from(["", "null", "[]", "{", '"', '"${', "\n", "each.key", "aws_vpc.none.id", "/*", "<<EOT\n", "é"]),
)
def test_sources_of_any_form_end_with_clear_lines(tmp_path: Path, cut: int, size: int, junk: str) -> None:
    with suppress(VpcsimError):
        vpcsim.load(written(tmp_path, main_tf=DATA[:cut] + junk + DATA[cut + size :]))


IMAGE = (
    PROVIDER
    + """
data "aws_ami" "newest" {
  most_recent = true
  owners      = ["amazon"]
}
resource "aws_vpc" "main" {
  cidr_block = "10.0.0.0/16"
}
resource "aws_subnet" "s" {
  vpc_id     = aws_vpc.main.id
  cidr_block = "10.0.0.0/24"
}
resource "aws_instance" "app" {
  count         = 2
  ami           = data.aws_ami.newest.id
  instance_type = "t3.micro"
  subnet_id     = aws_subnet.s.id
}
"""
)


@needs_tfparse
def test_which_image_an_instance_has_leaves_nothing_open(tmp_path: Path) -> None:
    net = vpcsim.load(written(tmp_path, main_tf=IMAGE))
    assert net.trace("aws_instance.app[0]", "aws_instance.app[1]:22").verdict == "reachable"
