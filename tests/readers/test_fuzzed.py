"""Templates that are cut off, garbled or odd are errors of the input or models, never faults of this package."""

from __future__ import annotations

import copy
import json
import random
import re
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml

import vpcsim
from vpcsim.errors import VpcsimError
from vpcsim.readers import topology_of
from vpcsim.readers.document import parse
from vpcsim.readers.native import _names, sections

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
TEMPLATES = sorted([*(HERE / "cdk/singles").iterdir(), *(ROOT / "models").glob("*/template.yaml")])
JSON = [path for path in TEMPLATES if path.suffix == ".json"]
ODD: list[Any] = [
    None, "", 0, -1, True, [], {}, "a", ["a"], {"a": "b"}, {"Ref": "X"}, {"Ref": "AWS::NoValue"}, {"Fn::GetAtt": ["X", "Y"]},
    {"Fn::ImportValue": "x"}, {"Fn::If": ["C", 1, 2]}, "10.0.0.0/8", "vpc-01234567", "${X.PrivateIp}", [[]], [{}], 1.5, "\u0000x",
    {"Fn::Transform": {"Name": "M"}}, {"Fn::Transform": []}, {"Fn::Transform": {"Name": "AWS::Include", "Parameters": 1}},
    {"Fn::GetStackOutput": {"StackName": {"Ref": "X"}, "OutputName": 1}}, {"Fn::Split": [",", {"Fn::ImportValue": "x"}]},
    "My::A::B::MODULE", "AWS::CloudFormation::StackSet", "AWS::CloudFormation::Stack", ["sg-01234567", {"Fn::ImportValue": "x"}],
    {"Fn::ForEach::L": ["I", ["a", "b"], {"X${I}": 1}]},
]  # fmt: skip


EXTRA = ("Condition", "DependsOn", "Fn::Transform", "Fn::If", "Properties", "Type", "VpcId", "SubnetId", "SecurityGroupIngress")
"""Keys that are put where they have no business."""


def survives(path: Path) -> None:
    """Load and ask: every fault of the input is a VpcsimError."""
    with suppress(VpcsimError):
        net = vpcsim.load(path)
        for instance in net.topology.of_kind("instance")[:2]:
            with suppress(VpcsimError):
                assert str(net.trace(instance.id, "https://sqs.us-east-1.amazonaws.com"))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.parent.name + "/" + path.name.partition(".")[0])
def test_a_template_that_is_cut_off(path: Path, tmp_path: Path) -> None:
    text, chance = path.read_text(), random.Random(path.name)
    for number in range(4):
        file = tmp_path / f"{number}{path.suffix}"
        file.write_text(text[: chance.randrange(len(text))])
        survives(file)


def places(node: Any) -> list[tuple[Any, Any]]:
    entries = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    return [pair for key, child in entries for pair in [(node, key), *places(child)]]


@pytest.mark.parametrize("path", JSON, ids=lambda path: path.name.partition(".")[0])
def test_a_template_with_odd_values(path: Path, tmp_path: Path) -> None:
    whole, chance = json.loads(path.read_text()), random.Random(path.name)
    for number in range(12):
        made = copy.deepcopy(whole)
        for _ in range(chance.randint(1, 3)):
            container, key = chance.choice([pair for pair in places(made["Resources"]) if "Metadata" not in str(pair[1])])
            key = chance.choice(EXTRA) if isinstance(container, dict) and chance.random() < 0.25 else key
            container[key] = copy.deepcopy(chance.choice(ODD))
        file = tmp_path / f"{number}.json"
        file.write_text(json.dumps(made))
        survives(file)


@pytest.mark.parametrize("name", ["manifest.json", "cdk.context.json"])
def test_an_application_with_odd_values(name: str, tmp_path: Path) -> None:
    chance = random.Random(name)
    for number in range(40):
        folder = tmp_path / str(number)
        shutil.copytree(ROOT / "models" / "cdk-shop", folder)
        file = folder / name if (folder / name).exists() else folder / "cdk.out" / name
        whole = json.loads(file.read_text())
        container, key = chance.choice(places(whole))
        container[key] = copy.deepcopy(chance.choice(ODD))
        file.write_text(json.dumps(whole))
        survives(folder)


PLAIN: list[Any] = [
    None, [], [None], {}, {"x": None}, 7, -1, 3.5, "nonsense", "", True, [[1]], [7], ["nonsense"], {"x": {"y": 1}}, [{}],
    [{"x": 1}], float("inf"),
]  # fmt: skip
AROUND = {
    "vpcs": {"v": "10.0.0.0/16"},
    "subnets": {"s": {"cidr": "10.0.0.0/24", "az": "us-east-1a"}, "t": {"cidr": "10.0.1.0/24", "az": "us-east-1b"}},
    "internet_gateways": {"igw": "v"},
    "security_groups": {"g": {}},
    "instances": {"i": {"subnet": "s"}},
}
WORDS_OF_PYTHON = re.compile(
    r"NoneType|has no attribute|not iterable|'\w+' object|unpack|valid (dict|tuple)|literal|argument|sequence"
)


@pytest.mark.parametrize("section", sections())
def test_every_field_of_the_native_format_with_odd_values(section: str) -> None:
    chance, raw = random.Random(section), []
    for word in sorted(_names(sections()[section])):
        for value in [[None], *chance.sample(PLAIN, 2)]:
            document = {**AROUND, section: {**AROUND.get(section, {}), "thing": {word: value}}}
            try:
                vpcsim.Network.of(topology_of([parse(yaml.safe_dump(document, sort_keys=False), "network.yaml")]))
            except VpcsimError as error:
                raw += [(word, value, str(error))] if WORDS_OF_PYTHON.search(str(error)) else []
    assert not raw


def test_an_odd_value_is_named_with_its_place() -> None:
    text = "vpcs: {v: 10.0.0.0/16}\nnetwork_acls:\n  acl:\n    ingress:\n      - 100 allow all from 0.0.0.0/0\n      - null\n"
    with pytest.raises(VpcsimError) as caught:
        topology_of([parse(text, "network.yaml")])
    assert str(caught.value) == "network.yaml:6:9: acl: ingress: `null` is not expected here"
