"""Every model written as native and as describe output, and read again, is the same model; files are never lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings

import vpcsim
from tests.test_hostile import MODEL, RICH, mutated
from vpcsim.cli.convert import command
from vpcsim.errors import InputError, VpcsimError
from vpcsim.network import Network
from vpcsim.readers import load
from vpcsim.renderers import describe, native, schema
from vpcsim.topology import Topology

ROOT = Path(__file__).parent.parent
FILES = sorted(
    [*ROOT.glob("models/**/network.yaml"), *ROOT.glob("models/**/template.yaml"), *ROOT.glob("tests/templates/*.yaml")]
)


def loaded(path: Path) -> Network:
    try:
        return vpcsim.load(path)
    except InputError as error:
        pytest.skip(f"refused on purpose: {error.problems[0].code}")


def again(text: str, folder: Path, name: str) -> Topology:
    (folder / name).write_text(text)
    return load(folder / name)


def assert_same(net: Network, folder: Path) -> None:
    """Both forms give the same network, the same switches, and the same values that AWS would choose."""
    settings = net.topology.settings
    for name, text in (("n.yaml", native.text(net)), ("d.json", json.dumps(describe.document(net)))):
        read = again(text, folder, name)
        assert read == net.topology, name
        assert read.settings.dns == settings.dns
    assert read.settings.notices == ()
    assumed = {r.id: r.assumed for r in net.topology.resources.values() if r.assumed}
    assert {r.id: r.assumed for r in read.resources.values() if r.assumed} == assumed


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_model_survives_both_forms(path: Path, tmp_path: Path) -> None:
    assert_same(loaded(path), tmp_path)


def test_a_folder_of_describe_output_survives_both_forms(tmp_path: Path) -> None:
    net = vpcsim.load(ROOT / "models/described-account")
    assert again(native.text(net), tmp_path, "n.yaml") == net.topology
    assert again(json.dumps(describe.document(net)), tmp_path, "d.json") == net.topology


@pytest.mark.parametrize("base", [RICH, MODEL.read_text()], ids=["rich", "small"])
def test_models_that_nobody_wrote_survive_both_forms(base: str, tmp_path: Path) -> None:
    @settings(max_examples=60, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(document=mutated(yaml.safe_load(base)))
    def check(document: Any) -> None:
        (tmp_path / "made.json").write_text(json.dumps(document))
        try:
            net = vpcsim.load(tmp_path / "made.json")
        except VpcsimError:
            return
        assert_same(net, tmp_path)

    check()


def test_the_native_form_is_readable() -> None:
    text = native.text(vpcsim.load(ROOT / "models/three-tier"))
    for line in ("- tcp 443 from 0.0.0.0/0", "- 100 allow tcp 5432 from 10.0.10.0/23", "myVPC:", "dns_hostnames: true"):
        assert line in text


def test_what_was_assumed_and_left_out_is_told_in_comments() -> None:
    text = native.text(vpcsim.load(ROOT / "models/described-account"))
    assert "# left out: Volumes (describe output): not modelled (1 of them)" in text
    assert "# notice: rtb-00000000000000001: pl-63a5400a, a prefix list, is not described" in text


# the command


def convert(*words: str) -> Any:
    return CliRunner().invoke(command, [str(ROOT / "models/sqs-private"), *words], standalone_mode=False)


def test_the_command_writes_a_file_and_never_over_one(tmp_path: Path) -> None:
    target = tmp_path / "new" / "network.yaml"
    assert convert("-o", str(target)).return_value == 0
    assert load(target) == load(ROOT / "models/sqs-private")
    target.write_text("mine")
    refused = convert("-o", str(target)).exception
    assert isinstance(refused, InputError)
    assert "is there already; `--force` replaces it" in str(refused)
    assert target.read_text() == "mine"
    assert convert("-o", str(target), "--force").return_value == 0
    assert [path.name for path in target.parent.iterdir()] == ["network.yaml"]


def test_the_command_writes_a_folder_of_describe_output(tmp_path: Path) -> None:
    assert convert("--to", "describe", "-o", str(tmp_path / "out")).return_value == 0
    assert {"Vpcs.json", "Subnets.json", "NetworkInterfaces.json"} < {path.name for path in (tmp_path / "out").iterdir()}
    assert load(tmp_path / "out") == load(ROOT / "models/sqs-private")
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "Vpcs.json").mkdir()
    assert "it is no file" in str(convert("--to", "describe", "-o", str(tmp_path / "taken"), "--force").exception)
    assert len(list((tmp_path / "taken").iterdir())) == 1


def test_the_command_prints_what_it_does_not_write() -> None:
    assert yaml.safe_load(convert().output)["vpcs"]
    assert json.loads(convert("--to", "describe").output)["Vpcs"]


# the schema


def test_every_model_fits_the_schema(tmp_path: Path) -> None:
    import jsonschema

    made = schema.native()
    validator = jsonschema.Draft202012Validator(made)
    validator.check_schema(made)
    for path in FILES:
        if path.name == "network.yaml":
            assert list(validator.iter_errors(yaml.safe_load(path.read_text()))) == [], path
    wrong = {"vpcs": {"v": {"cidr": "10.0.0.0/16"}}, "dns": {"no_such_switch": True}}
    assert list(validator.iter_errors(wrong))
