"""Terraform's sources, read by tfparse, whose known traps are handled here: https://github.com/cloud-custodian/tfparse"""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import vpcsim
from vpcsim.errors import InputError

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
        assert topology.resources["aws_vpc.main"].origin == (str(folder / "network.tf"), 4, 0, "aws_vpc.main")


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
