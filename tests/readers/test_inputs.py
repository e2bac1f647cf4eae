"""Several inputs in one model: a native file after another input changes it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

import vpcsim
from vpcsim.cli.trace import command
from vpcsim.errors import InputError, UnknownName

ROOT = Path(__file__).parent.parent.parent
TEMPLATE = ROOT / "models" / "sqs-private" / "template.yaml"
SQS = "https://sqs.us-east-1.amazonaws.com"


def test_a_native_file_after_a_template_is_a_change_to_it(tmp_path: Path) -> None:
    change = tmp_path / "change.yaml"
    change.write_text("instances: {Second: {subnet: mySubnet}}\n")
    net = vpcsim.load(TEMPLATE, change)
    assert "Second" in net.topology.resources
    assert net.topology.resources["Second"].origin == (str(change), 1, 13, "")
    assert "Second" not in vpcsim.load(TEMPLATE).topology.resources


def test_the_order_of_kinds_does_not_matter(tmp_path: Path) -> None:
    change = tmp_path / "change.yaml"
    change.write_text("instances: {Second: {subnet: mySubnet}}\n")
    assert vpcsim.load(change, TEMPLATE).topology == vpcsim.load(TEMPLATE, change).topology


def test_a_second_native_file_changes_the_first(tmp_path: Path) -> None:
    base, change = tmp_path / "base.yaml", tmp_path / "change.yaml"
    base.write_text("vpcs: {myVPC: 10.0.0.0/16}\nsubnets: {mySubnet: 10.0.0.0/24}\ninstances: {AppServer: {subnet: mySubnet}}\n")
    change.write_text("subnets: {mySubnet: {az: us-east-1c}}\n")
    subnet = vpcsim.load(base, change).topology.resources["mySubnet"]
    assert (subnet.availability_zone, str(subnet.cidr_block)) == ("us-east-1c", "10.0.0.0/24")  # type: ignore[attr-defined]


def test_two_stacks_may_use_one_logical_id(tmp_path: Path) -> None:
    for name in ("one", "two"):
        text = "Resources: {myVPC: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}}\n"
        (tmp_path / f"{name}.yaml").write_text(text)
    net = vpcsim.load(tmp_path / "one.yaml", tmp_path / "two.yaml")
    assert [vpc.id for vpc in net.topology.of_kind("vpc")] == ["one.myVPC", "two.myVPC"]


def test_two_inputs_may_not_declare_one_id(tmp_path: Path) -> None:
    (tmp_path / "one.yaml").write_text("Resources: {myVPC: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}}\n")
    with pytest.raises(InputError, match=r"one\.yaml:1:13: `.*myVPC` is declared twice, first at .*one\.yaml:1:13"):
        vpcsim.load(tmp_path / "one.yaml", tmp_path / "one.yaml")


def test_parameters_without_a_template_are_an_error(tmp_path: Path) -> None:
    base = tmp_path / "base.yaml"
    base.write_text("vpcs: {myVPC: 10.0.0.0/16}\n")
    with pytest.raises(InputError, match=r"base\.yaml: parameters belong to CloudFormation templates; there is none"):
        vpcsim.load(base, parameters={"Size": "1"})


def test_the_command_takes_more_inputs(tmp_path: Path) -> None:
    change = tmp_path / "change.yaml"
    change.write_text("instances: {Second: {subnet: mySubnet, security_groups: []}}\n")
    asked = [str(TEMPLATE), "Second", SQS, "--short"]
    with pytest.raises(UnknownName, match="Second"):
        CliRunner().invoke(command, asked, standalone_mode=False, catch_exceptions=False)
    answer = CliRunner().invoke(command, [*asked, "--with", str(change)], standalone_mode=False)
    assert (answer.return_value, answer.output.split()[0]) == (1, "Second")


TWO_VPCS = """
vpcs: {myVPC: 10.0.0.0/16, otherVPC: 10.1.0.0/16}
subnets: {mySubnet: {vpc: myVPC, cidr: 10.0.0.0/24}, otherSubnet: {vpc: otherVPC, cidr: 10.1.0.0/24}}
route_tables: {myRouteTable: {subnets: mySubnet}, otherRouteTable: {vpc: otherVPC}}
"""


def test_what_names_its_subnets_is_in_their_vpc(tmp_path: Path) -> None:
    (tmp_path / "network.yaml").write_text(TWO_VPCS)
    net = vpcsim.load(tmp_path / "network.yaml")
    assert net.topology.resources["myRouteTable"].vpc_id == "myVPC"  # type: ignore[attr-defined]
    with pytest.raises(vpcsim.InputError, match="mySubnet"):
        net.with_changes({"route_tables": {"otherRouteTable": {"subnets": "mySubnet"}}})


def test_what_could_be_in_several_vpcs_has_to_say_in_which(tmp_path: Path) -> None:
    (tmp_path / "network.yaml").write_text(TWO_VPCS + "security_groups:\n  appGroup: {ingress: all from 10.0.0.0/8}\n")
    with pytest.raises(vpcsim.InputError, match=r"network.yaml:6:3: appGroup: `vpc` is missing"):
        vpcsim.load(tmp_path / "network.yaml")
