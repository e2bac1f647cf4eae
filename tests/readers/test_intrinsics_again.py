"""The intrinsic functions evaluated a second time, by cloud-radar, on templates that are made up at random.

Its habits are evened out: it fetches the zones of a Region from the internet, takes an empty text for AWS::NoValue, knows
Fn::Cidr for IPv4 with three arguments only, refuses an index that is written as text, and gives Fn::GetAtt as its words.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vpcsim import services
from vpcsim.readers.document import Map, parse
from vpcsim.readers.intrinsics import Stack, StackContext

functions = pytest.importorskip("cloud_radar.cf.unit.functions", reason="needs cloud-radar")

HEAD: dict[str, Any] = {
    "Transform": "AWS::LanguageExtensions",
    "Parameters": {
        "Env": {"Type": "String", "Default": "prod"},
        "Zones": {"Type": "CommaDelimitedList", "Default": "a,b,c"},
        "Block": {"Type": "String", "Default": "10.0.0.0/16"},
    },
    "Mappings": {
        "Sizes": {
            "us-east-1": {"small": "t3", "zones": ["x", "y"]},
            "eu-west-1": {"small": "c8", "zones": ["v", "w"]},
            "prod": {"small": "m7", "zones": ["z"]},
        }
    },
    "Conditions": {
        "Prod": {"Fn::Equals": [{"Ref": "Env"}, "prod"]},
        "Not": {"Fn::Not": [{"Condition": "Prod"}]},
        "Both": {"Fn::And": [{"Condition": "Prod"}, {"Fn::Equals": [{"Ref": "AWS::Region"}, "us-east-1"]}]},
        "Either": {"Fn::Or": [{"Condition": "Not"}, {"Condition": "Both"}]},
    },
}
EXPORTS = {"vpc": "vpc-1", "prod-net": "net", "us-east-1-net": "other"}
SUBSTITUTIONS = ("${Env}", "a${Vpc}b", "${Vpc.CidrBlock}", "${!Env}", "${AWS::Region}/x")
BLOCKS = st.sampled_from([{"Ref": "Block"}, "10.1.0.0/20"])
WORDS = st.sampled_from(["", "a", "b-c", "prod", "us-east-1", "small", "x y"])
CONDITIONS = st.sampled_from(sorted(HEAD["Conditions"]))


def call(name: str, *arguments: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.tuples(*arguments).map(lambda given: {name: list(given)})


TEXTS: st.SearchStrategy[Any] = st.deferred(
    lambda: st.one_of(
        WORDS,
        st.sampled_from([{"Ref": name} for name in ("Env", "Block", "Vpc", "AWS::Region", "AWS::Partition", "AWS::AccountId")]),
        st.just({"Fn::GetAtt": ["Vpc", "CidrBlock"]}),
        st.sampled_from([{"Fn::ImportValue": "vpc"}, {"Fn::ImportValue": {"Fn::Sub": "${Env}-net"}}]),
        st.sampled_from([{"Fn::FindInMap": ["Sizes", {"Ref": name}, "small"]} for name in ("AWS::Region", "Env")]),
        call("Fn::FindInMap", st.just("Sizes"), WORDS, st.just("small"), st.fixed_dictionaries({"DefaultValue": WORDS})),
        st.sampled_from(
            [{"Fn::Sub": text} for text in ("${Env}", "a${Vpc}b", "${Vpc.CidrBlock}", "${!Env}", "${AWS::Region}/x")]
        ),
        st.builds(lambda value: {"Fn::Sub": ["<${Value}|${Env}>", {"Value": value}]}, TEXTS),
        call("Fn::Join", st.sampled_from(["", ",", "::"]), LISTS),
        call("Fn::Select", st.just(0), LISTS),
        call("Fn::If", CONDITIONS, TEXTS, TEXTS),
        TEXTS.map(lambda value: {"Fn::Base64": value}),
    )
)
LISTS: st.SearchStrategy[Any] = st.deferred(
    lambda: st.one_of(
        st.lists(TEXTS, min_size=1, max_size=3),
        st.just({"Ref": "Zones"}),
        st.sampled_from([{"Fn::GetAZs": ""}, {"Fn::GetAZs": {"Ref": "AWS::Region"}}, {"Fn::GetAZs": "eu-west-1"}]),
        st.sampled_from([{"Fn::FindInMap": ["Sizes", {"Ref": "AWS::Region"}, "zones"]}]),
        call(
            "Fn::Cidr",
            st.sampled_from([{"Ref": "Block"}, "10.1.0.0/20"]),
            st.sampled_from([1, 3, "4"]),
            st.sampled_from([8, "6"]),
        ),
        call("Fn::Split", st.sampled_from(["-", "a"]), TEXTS),
        call("Fn::If", CONDITIONS, LISTS, LISTS),
    )
)
REGIONS, ENVIRONMENTS = st.sampled_from(["us-east-1", "eu-west-1"]), st.sampled_from(["prod", "us-east-1"])
NOTHING = st.just({"Ref": "AWS::NoValue"})
VALUES = st.one_of(TEXTS, LISTS, LISTS.map(lambda items: {"Fn::Length": items}), call("Fn::If", CONDITIONS, TEXTS, NOTHING))


@pytest.fixture(autouse=True, scope="module")
def _offline() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(functions, "get_region_azs", zones)
        patch.setattr("cloud_radar.cf.unit.Template.NoValue", "no value")
        yield


def zones(region: str) -> list[str]:
    return [zone.name for zone in services.availability_zones(region)]


def ours(template: dict[str, Any], region: str, env: str) -> Any:
    context = StackContext(
        region=region,
        account="555555555555",
        parameters={"Env": env},
        exports=EXPORTS,
        availability_zones=zones,
        attribute=lambda id, resource, attribute: f"{id}.{attribute}",
    )
    document = parse(json.dumps(template), "t.json")
    assert isinstance(document, Map)
    stack = Stack(document, context)
    assert stack.problems == ()
    return json.loads(json.dumps(stack.resources["X"].properties))


def theirs(template: dict[str, Any], region: str, env: str) -> Any:
    from cloud_radar.cf.unit import Template

    stack = Template(copy.deepcopy(template), imports=dict(EXPORTS)).create_stack({"Env": env}, region=region)
    return json.loads(json.dumps(stack.data["Resources"]["X"]["Properties"]))


@given(
    st.lists(VALUES, min_size=1, max_size=3), st.sampled_from(["us-east-1", "eu-west-1"]), st.sampled_from(["prod", "us-east-1"])
)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_both_evaluate_alike(values: list[Any], region: str, env: str) -> None:
    resources = {
        "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}},
        "X": {"Type": "AWS::EC2::Subnet", "Properties": {f"P{number}": value for number, value in enumerate(values)}},
    }
    template = {**HEAD, "Resources": resources}
    assert ours(template, region, env) == theirs(template, region, env)


def test_both_write_out_loops_alike() -> None:
    properties = {"V": {"Ref": "Name"}, "W": {"Fn::Sub": "x${Name}"}}
    loop = ["Name", ["A", {"Ref": "Env"}], {"S${Name}": {"Type": "T", "Properties": properties}}]
    template = {**HEAD, "Resources": {"X": {"Type": "T", "Properties": {}}, "Fn::ForEach::All": loop}}
    from cloud_radar.cf.unit import Template

    made = Template(copy.deepcopy(template)).create_stack({}).data["Resources"]
    document = parse(json.dumps(template), "t.json")
    assert isinstance(document, Map)
    mine = Stack(document, StackContext()).resources
    assert {id: dict(r.properties) for id, r in mine.items()} == {id: r.get("Properties", {}) for id, r in made.items()}
