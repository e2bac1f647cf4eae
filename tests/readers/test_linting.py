"""cfn-lint's findings beside ours."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from vpcsim.cli.show import command
from vpcsim.errors import RefusedError

pytest.importorskip("cfnlint", reason="needs the extra `lint`")

NETWORK = "Resources:\n  myVPC: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16, Purpose: true}}\n"


def show(*words: str) -> str:
    return CliRunner().invoke(command, list(words), standalone_mode=False, catch_exceptions=False).output


def test_findings_stand_below_the_inventory(tmp_path: Path) -> None:
    file = tmp_path / "template.yaml"
    file.write_text(NETWORK)
    assert show(str(file), "--lint").partition("\ncfn-lint\n")[2].startswith(f"  {file}:2:69: E3002: ")
    assert "cfn-lint" not in show(str(file))
    (found,) = json.loads(show(str(file), "--lint", "--format", "json"))["lint"]
    assert (found["rule"], found["origin"]) == ("E3002", f"{file}:2:69")
    assert "lint" not in json.loads(show(str(file), "--format", "json"))


def test_findings_are_told_of_a_template_that_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "template.yaml"
    file.write_text(NETWORK.replace("10.0.0.0/16", "10.0.0.0/8"))
    runner = CliRunner()
    result = runner.invoke(command, [str(file), "--lint"], standalone_mode=False)
    assert isinstance(result.exception, RefusedError)
    assert "E3002" in result.output


def test_an_application_of_cdk_has_no_findings() -> None:
    assert "cfn-lint" not in show(str(Path(__file__).parents[2] / "models" / "cdk-shop"), "--lint")
