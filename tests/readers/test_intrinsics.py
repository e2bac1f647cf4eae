"""CloudFormation's intrinsic functions, one table per function; the pages are AWS's reference of each.

Base of the page names: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/
"""

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vpcsim.errors import InputError, Origin, UnknownName
from vpcsim.readers.document import List, Map, origin_of, parse
from vpcsim.readers.intrinsics import ResourceDeclaration, Stack, StackContext, Unknown

BASE = """
Transform: AWS::LanguageExtensions
Parameters:
  Env: {Type: String, Default: prod}
  Port: {Type: Number, Default: 443}
  Zones: {Type: CommaDelimitedList, Default: "a, b,c"}
Mappings:
  Sizes:
    us-east-1: {small: t3.small, zones: [a, b], count: 2}
    "123456789012": {small: t3.micro}
Conditions:
  Yes: !Equals [!Ref Env, prod]
  No: !Not [!Condition Yes]
  Foggy: !Equals [!ImportValue nowhere, x]
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  Gone: {Type: AWS::EC2::VPC, Condition: No}
"""


def stack(text: str, **context: Any) -> Stack:
    return Stack(parse(text, "net.yaml"), StackContext(**context))


def evaluated(expression: str, **context: Any) -> tuple[Any, Stack]:
    text = f"{BASE}  X: {{Type: AWS::EC2::Subnet, Properties: {{Value: {expression}}}}}\n"
    made = stack(text, **context)
    return made.resources["X"].properties.get("Value"), made


def value_of(expression: str, **context: Any) -> Any:
    value, made = evaluated(expression, **context)
    assert made.problems == ()
    return value


def problem_of(expression: str, **context: Any) -> str:
    value, made = evaluated(expression, **context)
    assert isinstance(value, Unknown)
    (problem,) = made.problems
    assert problem.origin
    assert problem.origin.line == 18
    assert problem.message == value.reason
    return problem.message


def unknown_of(expression: str, **context: Any) -> str:
    value = value_of(expression, **context)
    assert isinstance(value, Unknown)
    assert value.origin
    assert str(value) == f"unknown: {value.reason}"
    return value.reason


def messages(text: str, **context: Any) -> list[str]:
    return [str(problem) for problem in stack(text, **context).problems]


# Ref: intrinsic-function-reference-ref.html
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("!Ref Env", "prod"),
        ("!Ref Port", "443"),
        ("!Ref Zones", ["a", "b", "c"]),
        ("!Ref Vpc", "Vpc"),
        ("!Ref AWS::Region", "us-east-1"),
        ("!Ref AWS::AccountId", "123456789012"),
        ("!Ref AWS::Partition", "aws"),
        ("!Ref AWS::URLSuffix", "amazonaws.com"),
        ("!Ref AWS::StackName", "stack"),
        ("!Ref AWS::StackId", "arn:aws:cloudformation:us-east-1:123456789012:stack/stack/00000000-0000-0000-0000-000000000000"),
        ("!Ref AWS::NotificationARNs", []),
        ("{Ref: !Sub '${Env}x'}", None),
        ("{Ref: !Join ['', [V, pc]]}", "Vpc"),
    ],
)
def test_ref(expression: str, value: Any) -> None:
    if value is None:
        assert problem_of(expression) == "no parameter or resource `prodx`"
    else:
        assert value_of(expression) == value


@pytest.mark.parametrize(
    ("region", "partition", "suffix"),
    [
        ("cn-north-1", "aws-cn", "amazonaws.com.cn"),
        ("us-gov-west-1", "aws-us-gov", "amazonaws.com"),
        ("eu-west-1", "aws", "amazonaws.com"),
    ],
)
def test_partitions(region: str, partition: str, suffix: str) -> None:
    assert value_of('!Sub "${AWS::Partition} ${AWS::URLSuffix}"', region=region) == f"{partition} {suffix}"
    assert value_of("!Ref AWS::Partition", region=region, partition="aws-iso") == "aws-iso"


# Fn::GetAtt: intrinsic-function-reference-getatt.html


@pytest.mark.parametrize(
    "expression",
    ["!GetAtt Vpc.CidrBlock", "!GetAtt [Vpc, CidrBlock]", "{Fn::GetAtt: Vpc.CidrBlock}", "{Fn::GetAtt: [Vpc, !Sub CidrBlock]}"],
)
def test_get_att(expression: str) -> None:
    assert value_of(expression) == "${Vpc.CidrBlock}"


def test_the_caller_decides_what_names_of_resources_give() -> None:
    def ref(logical_id: str, resource: ResourceDeclaration) -> Any:
        return f"{resource.type}/{logical_id}"

    def attribute(logical_id: str, resource: ResourceDeclaration, name: str) -> Any:
        if name not in resource.properties:
            raise UnknownName(f"attribute of {logical_id}", name, list(resource.properties))
        return resource.properties[name]

    hooks = {"ref": ref, "attribute": attribute}
    assert value_of("!Ref Vpc", **hooks) == "AWS::EC2::VPC/Vpc"
    assert value_of('!Sub "${Vpc.CidrBlock} ${Vpc}"', **hooks) == "10.0.0.0/16 AWS::EC2::VPC/Vpc"
    assert value_of("!Select [3, !Cidr [!GetAtt Vpc.CidrBlock, 4, 8]]", **hooks) == "10.0.3.0/24"
    assert problem_of("!GetAtt Vpc.CidrBlok", **hooks) == "no attribute of Vpc `CidrBlok`, did you mean `CidrBlock`?"


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("!Ref Vpcc", "no parameter or resource `Vpcc`, did you mean `Vpc`?"),
        ("!Ref AWS::Regio", "no parameter or resource `AWS::Regio`, did you mean `AWS::Region`?"),
        ("!Ref [a]", "`Ref` takes the name of a parameter or a resource, not a list"),
        ("!Ref Gone", "resource `Gone` is not created here: its condition `No` is false"),
        ("!GetAtt Gone.CidrBlock", "resource `Gone` is not created here: its condition `No` is false"),
        ("!GetAtt VPC.CidrBlock", "no resource `VPC` for `VPC.CidrBlock`, did you mean `Vpc`?"),
        ("!GetAtt Env.x", "no resource `Env` for `Env.x`"),
        ("!GetAtt Vpc", "`Fn::GetAtt` takes a resource and an attribute, as in `Resource.Attribute`"),
        ("!GetAtt [Vpc, a, b]", "`Fn::GetAtt` takes a resource and an attribute, as in `Resource.Attribute`"),
        ("!GetAtt {a: b}", "`Fn::GetAtt` takes a resource and an attribute, as in `Resource.Attribute`"),
    ],
)
def test_names_that_are_not_there(expression: str, said: str) -> None:
    assert problem_of(expression) == said


# Fn::Sub: intrinsic-function-reference-sub.html


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ('!Sub "${Env}-${AWS::Region}"', "prod-us-east-1"),
        ('!Sub "${Vpc} ${Vpc.CidrBlock}"', "Vpc ${Vpc.CidrBlock}"),
        ('!Sub "${!Literal} ${Env}"', "${Literal} prod"),
        ('!Sub "$ {Env} $Env {Env} ${"', "$ {Env} $Env {Env} ${"),
        ('!Sub ["${A}.${Env}", {A: !Ref Port}]', "443.prod"),
        ('!Sub ["${Env}", {Env: mine}]', "mine"),
        ('!Sub ["${A}", {A: true}]', "true"),
        ('!Sub ["${A.B}", {A.B: 1}]', "1"),
        ("!Sub plain", "plain"),
    ],
)
def test_sub(expression: str, value: str) -> None:
    assert value_of(expression) == value


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ('!Sub "${Enw}"', "no parameter or resource `Enw`, did you mean `Env`?"),
        ('!Sub "${VAR:-x}"', "`${VAR:-x}` in `Fn::Sub` is no name: to keep it as text, write `${!VAR:-x}`"),
        ('!Sub "${}"', "`${}` in `Fn::Sub` is no name: to keep it as text, write `${!}`"),
        ('!Sub "${Zones}"', "`${Zones}` in `Fn::Sub` must be text, not a list"),
        ("!Sub [a]", "`Fn::Sub` takes text or [text, {name: value}]"),
        ("!Sub [a, b]", "`Fn::Sub` takes text or [text, {name: value}]"),
        ("!Sub {a: b}", "`Fn::Sub` takes text or [text, {name: value}]"),
        ('!Sub ["${A}", {A: !Ref AWS::NoValue}]', "`${A}` in `Fn::Sub` must be text, not nothing"),
    ],
)
def test_wrong_sub(expression: str, said: str) -> None:
    assert problem_of(expression) == said


# intrinsic-function-reference-join.html, -split.html, -select.html, -base64.html, -length.html, -ToJsonString.html


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("!Join [':', [a, b, c]]", "a:b:c"),
        ("!Join ['', [arn, 1, true]]", "arn1true"),
        ("!Join [',', !Ref Zones]", "a,b,c"),
        ("!Join [',', []]", ""),
        ("!Join [',', [a, !Ref AWS::NoValue, b]]", "a,b"),
        ("!Split ['|', 'a|b||c']", ["a", "b", "", "c"]),
        ("!Split [',', !Join [',', !Ref Zones]]", ["a", "b", "c"]),
        ("!Select [1, [apples, grapes]]", "grapes"),
        ("!Select ['1', [apples, grapes]]", "grapes"),
        ("!Select [2, !Ref Zones]", "c"),
        ("!Select [0, [known, !ImportValue nowhere]]", "known"),
        ("{Fn::Base64: !Sub '${Env}'}", "cHJvZA=="),
        ("!Base64 é", "w6k="),
        ("!Length [1, !ImportValue nowhere, 3]", 3),
        ("!Length !Ref Zones", None),
        ("{Fn::Length: !Ref Zones}", 3),
        ("!ToJsonString {a: [1, !Ref Env], b: !Ref AWS::NoValue}", '{"a":[1,"prod"]}'),
        ("!ToJsonString [é]", '["é"]'),
    ],
)
def test_text_and_lists(expression: str, value: Any) -> None:
    if value is None:
        with pytest.raises(InputError, match="two short forms cannot follow each other"):
            value_of(expression)
    else:
        assert value_of(expression) == value


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("!Join [a]", "`Fn::Join` takes [delimiter, [text, ...]]"),
        ("!Join a", "`Fn::Join` takes [delimiter, [text, ...]]"),
        ("!Join [',', a]", "`Fn::Join` takes a list to join, not text"),
        ("!Join [',', [[a]]]", "each item of `Fn::Join` must be text, not a list"),
        ("!Join [[], [a]]", "the delimiter of `Fn::Join` must be text, not a list"),
        ("!Split ['', a]", "the delimiter of `Fn::Split` is empty"),
        ("!Split [',', [a]]", "what `Fn::Split` splits must be text, not a list"),
        ("!Select [2, [a, b]]", "`Fn::Select` asks for item 2, counted from 0, of a list of 2"),
        ("!Select [-1, [a, b]]", "`Fn::Select` asks for item -1, counted from 0, of a list of 2"),
        ("!Select [x, [a, b]]", "the index of `Fn::Select` must be a whole number, not `x`"),
        ("!Select [0, a]", "`Fn::Select` takes a list to select from, not text"),
        ("!Select [0]", "`Fn::Select` takes [index, list]"),
        ("!Base64 [a]", "what `Fn::Base64` encodes must be text, not a list"),
        ("!Length a", "`Fn::Length` takes a list, not text"),
        ("!ToJsonString a", "`Fn::ToJsonString` takes a mapping or a list, not text"),
        ("{Fn::Jion: [',', [a]]}", "no function `Fn::Jion`, did you mean `Fn::Join`?"),
        ("{Fn::Join: [',', [a]], Other: 1}", "`Fn::Join` cannot stand beside other keys"),
        ("!Equals [a, b]", "`Fn::Equals` is only for conditions"),
    ],
)
def test_wrong_arguments(expression: str, said: str) -> None:
    assert problem_of(expression) == said


# Fn::FindInMap: intrinsic-function-reference-findinmap.html, intrinsic-function-reference-findinmap-enhancements.html


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("!FindInMap [Sizes, !Ref AWS::Region, small]", "t3.small"),
        ("!FindInMap [Sizes, !Ref AWS::AccountId, small]", "t3.micro"),
        ("!FindInMap [Sizes, us-east-1, zones]", ["a", "b"]),
        ("!Select [1, !FindInMap [Sizes, us-east-1, zones]]", "b"),
        ("!FindInMap [Sizes, us-east-1, large, {DefaultValue: m5.large}]", "m5.large"),
        ("!FindInMap [Sizes, eu-west-1, small, {DefaultValue: !Ref Env}]", "prod"),
        ("!FindInMap [Sizes, us-east-1, small, {DefaultValue: !Ref Nothing}]", "t3.small"),
        ("!FindInMap [!Select [0, [Sizes]], us-east-1, !Join ['', [sm, all]]]", "t3.small"),
    ],
)
def test_find_in_map(expression: str, value: Any) -> None:
    assert value_of(expression) == value


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("!FindInMap [Size, a, b]", "no map `Size` in `Mappings`, did you mean `Sizes`?"),
        ("!FindInMap [Sizes, us-east-2, small]", "no key `us-east-2` in `Sizes`, did you mean `us-east-1`?"),
        ("!FindInMap [Sizes, us-east-1, smal]", "no key `smal` in `Sizes.us-east-1`, did you mean `small`?"),
        ("!FindInMap [Size, a, b, {DefaultValue: c}]", "no map `Size` in `Mappings`, did you mean `Sizes`?"),
        ("!FindInMap [Sizes, a]", "`Fn::FindInMap` takes [map, first key, second key] and perhaps {DefaultValue: value}"),
        ("!FindInMap [Sizes, a, b, c]", "`Fn::FindInMap` takes [map, first key, second key] and perhaps {DefaultValue: value}"),
        ("!FindInMap [Sizes, [a], b]", "each key of `Fn::FindInMap` must be text, not a list"),
    ],
)
def test_wrong_find_in_map(expression: str, said: str) -> None:
    assert problem_of(expression) == said


# Fn::GetAZs: intrinsic-function-reference-getavailabilityzones.html


@pytest.mark.parametrize("expression", ['!GetAZs ""', "{Fn::GetAZs: !Ref AWS::Region}", "!GetAZs us-east-1"])
def test_get_azs(expression: str) -> None:
    assert value_of(expression) == ["us-east-1a", "us-east-1b", "us-east-1c"]


def test_the_caller_gives_the_zones() -> None:
    def zones(region: str) -> list[str]:
        return [f"{region}-z{number}" for number in range(2)]

    assert value_of("!Select [1, !GetAZs eu-west-1]", availability_zones=zones) == "eu-west-1-z1"
    assert problem_of("!Select [2, !GetAZs '']", availability_zones=zones).endswith("of a list of 2")


# Fn::Cidr: intrinsic-function-reference-cidr.html


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("!Cidr [192.168.0.0/24, 6, 5]", [f"192.168.0.{32 * number}/27" for number in range(6)]),
        ('!Cidr ["192.168.0.0/24", "6", "5"]', [f"192.168.0.{32 * number}/27" for number in range(6)]),
        ("!Cidr [10.0.0.0/16, 1, 8]", ["10.0.0.0/24"]),
        ("!Cidr [10.0.0.0/24, 1, 8]", ["10.0.0.0/24"]),
        ("!Cidr ['2001:db8:1234:1a00::/56', 2, 64]", ["2001:db8:1234:1a00::/64", "2001:db8:1234:1a01::/64"]),
        ("!Select [255, !Cidr [10.0.0.0/8, 256, 8]]", "10.0.255.0/24"),
    ],
)
def test_cidr(expression: str, value: Any) -> None:
    assert value_of(expression) == value


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("!Cidr [10.0.0.0/16, 0, 8]", "the count of `Fn::Cidr` is from 1 to 256, not 0"),
        ("!Cidr [10.0.0.0/16, 257, 8]", "the count of `Fn::Cidr` is from 1 to 256, not 257"),
        ("!Cidr [10.0.0.0/16, 1, 17]", "`Fn::Cidr` cannot make blocks with 17 host bits in `10.0.0.0/16`"),
        ("!Cidr [10.0.0.0/16, 1, 0]", "`Fn::Cidr` cannot make blocks with 0 host bits in `10.0.0.0/16`"),
        ("!Cidr [10.0.0.0/24, 3, 7]", "`10.0.0.0/24` holds only 2 blocks of /25, not 3"),
        ("!Cidr [ten, 3, 7]", "`Fn::Cidr` takes an address block such as `10.0.0.0/16`, not `ten`"),
        ("!Cidr [10.0.0.0/24]", "`Fn::Cidr` takes [block, count, cidrBits]"),
        ("!Cidr [10.0.0.0/24, many, 7]", "the count of `Fn::Cidr` must be a whole number, not `many`"),
    ],
)
def test_wrong_cidr(expression: str, said: str) -> None:
    assert problem_of(expression) == said


# Conditions: intrinsic-function-reference-conditions.html


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("!Equals [a, a]", True),
        ("!Equals [a, A]", False),
        ("!Equals [!Ref Port, 443]", True),
        ("!Equals [true, 'true']", True),
        ("!Equals [!Ref Zones, [a, b, c]]", True),
        ("!Not [!Equals [a, a]]", False),
        ("!And [!Condition Yes, !Equals [a, a]]", True),
        ("!And [!Condition Yes, {Condition: No}]", False),
        ("!Or [!Condition No, !Condition Yes]", True),
        ("!Or [!Condition No, !Condition No]", False),
        ("!And [!Condition Foggy, !Condition No]", False),
        ("!Or [!Condition Foggy, !Condition Yes]", True),
        ("!And [!Condition Foggy, !Condition Yes]", None),
        ("!Or [!Condition Foggy, !Condition No]", None),
        ("!Not [!Condition Foggy]", None),
    ],
)
def test_conditions(condition: str, holds: bool | None) -> None:
    text = BASE.replace("Conditions:", f"Conditions:\n  It: {condition}")
    made = stack(f"{text}  X: {{Type: X, Properties: {{Value: !If [It, then, else]}}}}\n")
    value = made.resources["X"].properties["Value"]
    assert made.problems == ()
    if holds is None:
        assert isinstance(value, Unknown)
        assert value.reason.startswith("condition `It` cannot be known: condition `Foggy` cannot be known: the export `nowhere`")
    else:
        assert value == ("then" if holds else "else")


def test_if_looks_only_at_what_it_chooses() -> None:
    assert value_of("!If [Yes, a, !Ref Nothing]") == "a"
    assert value_of("!If [No, !Select [9, []], [b, !If [Yes, !Ref AWS::NoValue, c]]]") == ["b"]
    assert value_of("!If [Yes, !Ref AWS::NoValue, c]") is None
    assert problem_of("!If [Other, a, b]") == "no condition `Other`"
    assert problem_of("!If [Yess, a, b]") == "no condition `Yess`, did you mean `Yes`?"
    assert problem_of("!If [!Condition Yes, a, b]") == "a condition is referred to by its name, not by a mapping"
    assert problem_of("!If [Yes, a]") == "`Fn::If` takes [condition name, value if true, value if false]"


@pytest.mark.parametrize(
    ("conditions", "said"),
    [
        ("A: !Condition A", "3:6: these conditions depend on each other: `A` -> `A`"),
        ("A: !Not [!Condition B]\n  B: !Not [!Condition A]", "4:12: these conditions depend on each other: `A` -> `B` -> `A`"),
        ("A: !Condition Bee\n  Be: !Equals [a, b]", "3:6: no condition `Bee`, did you mean `Be`?"),
        ("A: !Equals [!Ref Vpc, b]", "3:15: a condition cannot refer to a resource: `Vpc`"),
        ("A: yes", "3:3: a condition is one of `Condition`, `Fn::And`, `Fn::Equals`, `Fn::Not`, `Fn::Or`, not text"),
        ("A: !And [!Equals [a, a]]", "3:6: `Fn::And` takes a list of 2 to 10 conditions"),
        ("A: !Not [!Equals [a, a], b]", "3:6: `Fn::Not` takes a list of one condition"),
        ("A: !Equals [a]", "3:6: `Fn::Equals` takes [value, value]"),
        ("A: !Or [a, b]", "3:6: a condition is one of `Condition`, `Fn::And`, `Fn::Equals`, `Fn::Not`, `Fn::Or`, not text"),
    ],
)
def test_wrong_conditions(conditions: str, said: str) -> None:
    assert messages(f"\nConditions:\n  {conditions}\nResources:\n  Vpc: {{Type: AWS::EC2::VPC}}\n") == [f"net.yaml:{said}"]


# values from elsewhere: intrinsic-function-reference-importvalue.html, -transform.html
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html


def test_import_value() -> None:
    assert value_of("!ImportValue net-vpc", exports={"net-vpc": "vpc-1"}) == "vpc-1"
    assert value_of("{Fn::ImportValue: !Sub '${Env}-vpc'}", exports={"prod-vpc": "vpc-1"}) == "vpc-1"
    said = "the export `net-vpcc` of another stack was not given, did you mean `net-vpc`?"
    assert unknown_of("!ImportValue net-vpcc", exports={"net-vpc": "vpc-1"}) == said
    assert problem_of("!ImportValue [a]") == "the name of an export must be text, not a list"


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("'{{resolve:ssm:/net/cidr}}'", "10.1.0.0/16"),
        ("'{{resolve:ssm:/net/cidr:3}}'", "10.1.0.0/16"),
        ("'{{resolve:ssm:/net/cidr:4}}'", "10.4.0.0/16"),
        ("'a {{resolve:ssm:/net/cidr}} b {{resolve:secretsmanager:db:SecretString:user}}'", "a 10.1.0.0/16 b root"),
        ("!Sub '{{resolve:ssm:/${Env}/cidr}}'", "10.9.0.0/16"),
        ("!Join ['', ['{{resolve:ssm:', '/net/cidr}}']]", "10.1.0.0/16"),
        ("'{{resolve:other:x}}'", "{{resolve:other:x}}"),
        ("'{{resolve:secretsmanager:db:SecretString:user::}}'", "root"),
    ],
)
def test_dynamic_references(expression: str, value: str) -> None:
    given = {
        "ssm:/net/cidr": "10.1.0.0/16",
        "ssm:/net/cidr:4": "10.4.0.0/16",
        "{{resolve:ssm:/prod/cidr}}": "10.9.0.0/16",
        "secretsmanager:db:SecretString:user": "root",
    }
    assert value_of(expression, dynamic_references=given) == value


def test_dynamic_references_that_are_not_given() -> None:
    assert unknown_of("'{{resolve:ssm:/x}}'") == "`ssm:/x` is not part of the template and was not given"
    value = value_of("['{{resolve:ssm-secure:/x:1}}', 2]")
    assert value[0].reason == "`ssm-secure:/x:1` is not part of the template and was not given"
    assert value[0].origin == Origin("net.yaml", 18, 52)


@pytest.mark.parametrize(
    "expression",
    [
        "!Join [',', [a, !ImportValue x]]",
        "!Join [!ImportValue x, [a]]",
        "!Sub ['${A}', {A: !ImportValue x}]",
        "!Split [',', !ImportValue x]",
        "!Select [0, !ImportValue x]",
        "!Select [!ImportValue x, [a]]",
        "!Select [0, [!ImportValue x]]",
        "{Fn::Base64: !ImportValue x}",
        "{Fn::Length: !ImportValue x}",
        "{Fn::GetAZs: !ImportValue x}",
        "{Ref: !ImportValue x}",
        "{Fn::ImportValue: !ImportValue x}",
        "{Fn::GetAtt: [Vpc, !ImportValue x]}",
        "!FindInMap [Sizes, !ImportValue x, small]",
        "!Cidr [!ImportValue x, 1, 8]",
        "!ToJsonString {a: [!ImportValue x]}",
    ],
)
def test_unknowns_spread(expression: str) -> None:
    assert unknown_of(expression) == "the export `x` of another stack was not given"


def test_what_is_not_run() -> None:
    assert unknown_of("!Transform {Name: Odd}") == MACRO.format("Odd")
    assert unknown_of("!GetStackOutput {StackName: a, OutputName: b}") == "no stack `a` is here"
    assert unknown_of("!Cidr [10.0.0.0/16, 2]") == "`Fn::Cidr` without cidrBits: AWS does not say how large the blocks are"
    value, made = evaluated("{Fn::Transform: {Name: M}, Kept: 1}")
    assert isinstance(value, Unknown)
    assert (value.reason, made.assumptions) == (MACRO.format("M"), ())


MACRO = "the macro `{}` makes it, and is not run here: read the template that CloudFormation processed"


# Parameters: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html

PATTERN = r"'^(([0-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5])\.){3}([0-9]|[1-9][0-9]|1[0-9]{2})\/(1[6-9]|2[0-8])$'"


def parameter(definition: str, given: str | None = None) -> Stack:
    text = f"Parameters:\n  P: {definition}\nResources:\n  X: {{Type: X, Properties: {{Value: !Ref P}}}}\n"
    return stack(text, parameters={} if given is None else {"P": given})


@pytest.mark.parametrize(
    ("definition", "given", "value"),
    [
        ("{Type: String, Default: a}", None, "a"),
        ("{Type: String, Default: a}", "b", "b"),
        ("{Type: String, Default: ''}", None, ""),
        ("{Type: String, Default: true}", None, "true"),
        ("{Type: Number, Default: 8080}", None, "8080"),
        ("{Type: Number}", "1.5", "1.5"),
        ("{Type: CommaDelimitedList}", "a, b ,c", ["a", "b", "c"]),
        ("{Type: List<Number>}", "1,2", ["1", "2"]),
        ("{Type: AWS::EC2::VPC::Id}", "vpc-1", "vpc-1"),
        ("{Type: 'List<AWS::EC2::Subnet::Id>'}", "subnet-1,subnet-2", ["subnet-1", "subnet-2"]),
        ("{Type: String, AllowedValues: [a, 1, true]}", "1", "1"),
        ("{Type: String, AllowedPattern: '[a-z]+'}", "abc", "abc"),
        (f"{{Type: String, AllowedPattern: {PATTERN}}}", "10.0.0.0/16", "10.0.0.0/16"),
        ("{Type: String, MinLength: 1, MaxLength: '3'}", "abc", "abc"),
        ("{Type: Number, MinValue: 1, MaxValue: 65535}", "65535", "65535"),
        ("{Type: CommaDelimitedList, AllowedValues: [a, b]}", "a,b", ["a", "b"]),
    ],
)
def test_parameters(definition: str, given: str | None, value: Any) -> None:
    made = parameter(definition, given)
    assert made.problems == ()
    assert made.assumptions == ()
    assert made.resources["X"].properties["Value"] == value


# rules-section-structure.html, intrinsic-function-reference-rules.html


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("{Assertions: [{Assert: !Contains [[a, b], !Ref P]}]}", ""),
        ("{Assertions: [{Assert: !Contains [[b], !Ref P], AssertDescription: only b}]}", "the rule `R` is broken: only b"),
        ("{Assertions: [{Assert: !EachMemberEquals [[a, a], !Ref P]}]}", ""),
        ("{Assertions: [{Assert: !EachMemberEquals [[a, b], !Ref P]}]}", "the rule `R` is broken: it has no description"),
        ("{Assertions: [{Assert: !EachMemberIn [[a, b], [b, a, c]]}]}", ""),
        ("{Assertions: [{Assert: !EachMemberIn [[a, b], [b]]}]}", "the rule `R` is broken: it has no description"),
        ("{Assertions: [{Assert: !Not [!Equals [!Ref P, a]]}]}", "the rule `R` is broken: it has no description"),
        ("{RuleCondition: !Equals [!Ref P, b], Assertions: [{Assert: !Equals [a, b]}]}", ""),
        ("{RuleCondition: !Equals [!Ref P, a], Assertions: [{Assert: !Equals [a, b]}]}", "the rule `R` is broken"),
        ("{Assertions: [{Assert: !Contains [a, b]}]}", "a list is expected, not text"),
        ("{Assertions: [{Assert: !Condition C}]}", "a condition is one of `Fn::And`"),
        ("{Assertions: [a]}", "the rule `R` has an assertion without `Assert`"),
        ("a", "the rule `R` must be a mapping, not text"),
    ],
)
def test_rules(rule: str, said: str) -> None:
    text = f"Parameters: {{P: {{Type: String, Default: a}}}}\nRules: {{R: {rule}}}\nResources: {{X: {{Type: T}}}}"
    told = messages(text)
    assert said in told[0] if said else told == []


def test_a_rule_that_cannot_be_judged_is_a_notice() -> None:
    text = "Rules: {R: {Assertions: [{Assert: !Contains [!RefAll AWS::EC2::VPC::Id, a]}]}}\nResources: {X: {Type: T}}"
    assert [notice.message for notice in stack(text).notices] == [
        "nobody can say whether the rule `R` holds: `Fn::RefAll` looks at what is in the account, and that is not in the template"
    ]
    assert stack(text).problems == ()


def test_a_parameter_without_a_value_is_unknown() -> None:
    made = stack("Parameters: {P: {Type: String}}\nResources: {X: {Type: T, Properties: {Value: !Ref P}}}")
    reason = "parameter `P` has no value and no default; give one with `--param P=VALUE`"
    assert made.resources["X"].properties["Value"] == Unknown(reason, Origin("net.yaml", 1, 14))
    assert made.problems == ()


@pytest.mark.parametrize(
    ("definition", "given", "said"),
    [
        ("{Type: Strin}", "a", "parameter `P` has no known type: `Strin`, did you mean `String`?"),
        ("{Type: [String]}", "a", "parameter `P` has no known type: a list"),
        ("{Default: a}", None, "parameter `P` has no known type: nothing"),
        ("{Type: String, Defualt: a}", None, "parameter `P` has no attribute `Defualt`, did you mean `Default`?"),
        ("String", None, "parameter `P` must be a mapping, not text"),
        ("{Type: String, Default: [a]}", None, "the value of `P` must be text, not a list"),
        ("{Type: Number}", "many", "parameter `P` must be a number, not `many`"),
        ("{Type: List<Number>}", "1,b", "parameter `P` must be a number, not `b`"),
        ("{Type: String, AllowedValues: [prod, dev]}", "pro", "parameter `P` cannot be `pro`, did you mean `prod`?"),
        ("{Type: String, AllowedValues: [prod, dev]}", "x", "parameter `P` cannot be `x`, only `prod`, `dev`"),
        ("{Type: CommaDelimitedList, AllowedValues: [a]}", "a,z", "parameter `P` cannot be `z`, only `a`"),
        ("{Type: String, AllowedValues: a}", "a", "the allowed values of parameter `P` must be a list"),
        ("{Type: String, AllowedPattern: '[a-z]'}", "ab", "parameter `P` does not match `[a-z]`: `ab`"),
        (f"{{Type: String, AllowedPattern: {PATTERN}, ConstraintDescription: a CIDR}}", "10.0.0.0/30", None),
        ("{Type: String, MinLength: 2}", "a", "parameter `P` is shorter than 2 characters: `a`"),
        ("{Type: String, MaxLength: 2}", "abc", "parameter `P` is longer than 2 characters: `abc`"),
        ("{Type: Number, MinValue: 1}", "0", "parameter `P` is less than 1: `0`"),
        ("{Type: Number, MaxValue: 65535}", "70000", "parameter `P` is more than 65535: `70000`"),
        ("{Type: Number, MaxValue: x}", "1", "`MaxValue` of parameter `P` must be a number, not `x`"),
    ],
)
def test_wrong_parameters(definition: str, given: str | None, said: str | None) -> None:
    (problem,) = parameter(definition, given).problems
    assert problem.origin == Origin("net.yaml", 2, 3)
    if said is None:
        assert problem.message.startswith("parameter `P` does not match `^((")
        assert problem.message.endswith("`10.0.0.0/30`: a CIDR")
    else:
        assert problem.message == said


def test_parameters_that_are_not_there() -> None:
    made = stack(BASE, parameters={"Evn": "dev", "Prot": "1"})
    assert [str(problem) for problem in made.problems] == [
        "net.yaml:4:3: no parameter `Evn`, did you mean `Env`?",
        "net.yaml:4:3: no parameter `Prot`, did you mean `Port`?",
    ]


@pytest.mark.parametrize(
    ("pattern", "given"),
    [
        ("(a+)+$", "a" * 60 + "b"),
        ("(a|a)*$", "a" * 60 + "b"),
        ("((((a+)+)+)+)+$", "a" * 19 + "b"),
        ("a*a*a*a*a*a*$", "a" * 4000 + "b"),
        ("(a{0,99}){5}$", "a" * 4000 + "b"),
        ("a?" * 60 + "a" * 60, "a" * 60),
        ("(?=" * 500, "a"),
        ("\\p{Alpha}+", "abc"),
        ("[[:alpha:]--x]", "a"),
        ("(((a{9999}){9999}){9999}){9999}", "a" * 4000),
    ],
)
def test_patterns_that_are_not_checked(pattern: str, given: str) -> None:
    made = stack(
        f"Parameters:\n  P: {{Type: String, AllowedPattern: {json.dumps(pattern)}}}\nResources: {{X: {{Type: X}}}}\n",
        parameters={"P": given},
    )
    assert made.problems == ()
    assert made.assumptions in ((), ("parameter `P` matches its pattern, which is not checked",))


# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-supplied-parameter-types.html

IMAGE = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"


def test_parameters_out_of_parameter_store() -> None:
    definition = f"{{Type: 'AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>', Default: {IMAGE}}}"
    made = parameter(definition)
    image = made.resources["X"].properties["Value"]
    assert image == parameter(definition).resources["X"].properties["Value"]
    assert image.startswith("ami-")
    assert len(image) == 21
    assert made.assumptions == (f"the image of `{IMAGE}` is taken to be `{image}`",)
    assert made.problems == ()


def test_other_parameters_out_of_parameter_store() -> None:
    definition = "{Type: 'AWS::SSM::Parameter::Value<List<AWS::EC2::Subnet::Id>>', Default: /net/subnets}"
    value = parameter(definition).resources["X"].properties["Value"]
    assert value == Unknown(
        "parameter `P` stands for what Parameter Store holds under `/net/subnets`, which was not given", value.origin
    )
    assert value.origin == Origin("net.yaml", 4, 36)
    text = f"Parameters: {{P: {definition}}}\nResources: {{X: {{Type: X, Properties: {{Value: !Ref P}}}}}}"
    assert stack(text, dynamic_references={"ssm:/net/subnets": "a,b"}).resources["X"].properties["Value"] == ["a", "b"]


def test_images_in_dynamic_references_are_assumed() -> None:
    value, made = evaluated("'{{resolve:ssm:" + IMAGE + "}}'")
    assert value.startswith("ami-")
    assert len(made.assumptions) == 1
    other, _ = evaluated("'{{resolve:ssm:" + IMAGE + "}}'", region="eu-west-1")
    assert other != value


# Fn::ForEach: intrinsic-function-reference-foreach.html

LOOP = """
Transform: [AWS::LanguageExtensions]
Parameters:
  Names: {Type: CommaDelimitedList, Default: "A,B"}
Conditions:
  Fn::ForEach::Conditions:
    - Name
    - !Ref Names
    - Is${Name}: !Equals [!Ref Name, A]
Resources:
  Fn::ForEach::Subnets:
    - Name
    - !Ref Names
    - Subnet${Name}:
        Type: AWS::EC2::Subnet
        Condition: Is${Name}
        Properties:
          CidrBlock: !Sub 10.0.0.0/${Name}
          Tags: [{Key: Name, Value: !Ref Name}]
          Fn::ForEach::Properties:
            - Property
            - [One, Two]
            - Is${Property}: ${Name}-${Property}-${!Name}
  Fn::ForEach::Outer:
    - X
    - [a, b]
    - Fn::ForEach::Inner:
        - Y
        - ["10.0.1.0/24"]
        - R${X}&{Y}:
            Type: R
            Properties: {Block: "${Y}", Plain: "&{Y}", At: !GetAtt SubnetA.Id, List: ["${X}", 1]}
Outputs:
  Fn::ForEach::Outputs:
    - Name
    - [A]
    - Out${Name}: {Value: !Ref "Subnet${Name}"}
"""


def test_for_each() -> None:
    made = stack(LOOP)
    assert made.problems == ()
    assert list(made.resources) == ["SubnetA", "Ra1001024", "Rb1001024"]
    assert made.resources["SubnetA"].properties == {
        "CidrBlock": "10.0.0.0/A",
        "Tags": [{"Key": "Name", "Value": "A"}],
        "IsOne": "A-One-${!Name}",
        "IsTwo": "A-Two-${!Name}",
    }
    assert made.resources["Rb1001024"].properties == {
        "Block": "10.0.1.0/24",
        "Plain": "1001024",
        "At": "${SubnetA.Id}",
        "List": ["b", 1],
    }
    assert made.outputs["OutA"].value == "SubnetA"
    assert made.resources["SubnetA"].origin == Origin("net.yaml", 14, 7)
    assert origin_of(made.resources["SubnetA"].properties, "IsTwo") == Origin("net.yaml", 23, 15)


@pytest.mark.parametrize(
    ("loop", "said"),
    [
        (
            "Fn::ForEach::A: [X, [a], {'R${X}': {Type: R}, Vpc: {Type: R}}]",
            "`Vpc` is written twice, at least once by a `Fn::ForEach`",
        ),
        ("Fn::ForEach::A: [X, [a, a], {'R${X}': {Type: R}}]", "`Ra` is written twice, at least once by a `Fn::ForEach`"),
        ("Fn::ForEach::A: [X, [a]]", "`Fn::ForEach::A` takes [identifier, collection, {key: value}]"),
        ("Fn::ForEach::A: a", "`Fn::ForEach::A` takes [identifier, collection, {key: value}]"),
        ("Fn::ForEach: [X, [a], {'R${X}': {Type: R}}]", "a loop is named `Fn::ForEach::Name`, not `Fn::ForEach`"),
        ("Fn::ForEach::A: [X, a, {'R${X}': {Type: R}}]", "the collection of `Fn::ForEach::A` must be a list, not text"),
        ("Fn::ForEach::A: [X, [[a]], {'R${X}': {Type: R}}]", "each item of `Fn::ForEach::A` must be text, not a list"),
        ("Fn::ForEach::A: [X, !Ref Y, {'R${X}': {Type: R}}]", "no parameter or resource `Y`"),
        (
            "Fn::ForEach::A: [X, {Fn::Split: [',', !ImportValue y]}, {'R${X}': {Type: R}}]",
            "the collection of `Fn::ForEach::A` cannot be known: the export `y` of another stack was not given",
        ),
    ],
)
def test_wrong_for_each(loop: str, said: str) -> None:
    found = messages(f"Transform: AWS::LanguageExtensions\nResources:\n  Vpc: {{Type: R}}\n  {loop}\n")
    assert any(message.endswith(said) for message in found)
    assert all(message.startswith("net.yaml:4:") for message in found)


def test_loops_are_bounded(monkeypatch) -> None:
    from vpcsim.readers.intrinsics import loops

    monkeypatch.setattr(loops, "MAX_COPIED", 1000)
    inner = "{'R${A}${B}${C}': {Type: R}}"
    for name in "CBA":
        inner = f"{{Fn::ForEach::{name}: [{name}, [{','.join(map(str, range(30)))}], {inner}]}}"
    said = messages(f"Transform: AWS::LanguageExtensions\nResources: {inner}\n")
    assert said[0].endswith("the loops of this template write out more than 1,000 values")


def test_language_extensions_must_be_named() -> None:
    text = """
Resources:
  Fn::ForEach::A: [X, [a], {"R${X}": {Type: R, Properties: {L: !Length [1], J: !ToJsonString [1]}}}]
"""
    assert messages(text) == [
        "net.yaml:2:1: `Fn::ForEach` needs `Transform: AWS::LanguageExtensions` in the template",
        "net.yaml:2:1: `Fn::Length` needs `Transform: AWS::LanguageExtensions` in the template",
        "net.yaml:2:1: `Fn::ToJsonString` needs `Transform: AWS::LanguageExtensions` in the template",
    ]


# templates: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html


def test_resources_and_outputs() -> None:
    made = stack(
        """
Conditions: {Yes: !Equals [a, a], No: !Equals [a, b], Foggy: !Equals [!ImportValue a, b]}
Resources:
  Vpc: {Type: AWS::EC2::VPC}
  Gateway: {Type: AWS::EC2::InternetGateway, DependsOn: Vpc, Condition: Yes}
  Gone: {Type: AWS::EC2::VPC, Condition: No, Properties: {A: !Ref Vpc}}
  Perhaps: {Type: AWS::EC2::VPC, Condition: Foggy, DependsOn: [Vpc, Gateway]}
Outputs:
  VpcId: {Value: !Ref Vpc, Export: {Name: !Sub "${AWS::StackName}-vpc"}}
  GoneId: {Value: !Ref Gone, Condition: No}
""",
        stack_name="net",
    )
    assert made.problems == ()
    assert list(made.resources) == ["Vpc", "Gateway", "Perhaps"]
    assert made.resources["Perhaps"].depends_on == ("Vpc", "Gateway")
    assert made.resources["Gateway"].type == "AWS::EC2::InternetGateway"
    assert made.resources["Vpc"].properties == {}
    assert repr(made.resources["Vpc"]) == "ResourceDeclaration('Vpc', 'AWS::EC2::VPC')"
    assert made.resources["Vpc"].origin == Origin("net.yaml", 4, 3)
    assert (made.outputs["VpcId"].value, made.outputs["VpcId"].export) == ("Vpc", "net-vpc")
    assert list(made.outputs) == ["VpcId"]
    assert made.assumptions == ("resource `Perhaps` is created: its condition `Foggy` cannot be known",)


def test_evaluated_properties_keep_their_places() -> None:
    made = stack(BASE + "  X:\n    Type: X\n    Properties:\n      A: !If [Yes, [{B: !Ref Env}], no]\n      C: !GetAZs ''\n")
    properties = made.resources["X"].properties
    assert origin_of(properties, "A") == Origin("net.yaml", 21, 7)
    assert isinstance(properties["A"], List)
    assert isinstance(properties["A"][0], Map)
    assert origin_of(properties["A"], 0) == Origin("net.yaml", 21, 21)
    assert origin_of(properties["A"][0], "B") == Origin("net.yaml", 21, 22)
    assert properties["C"].origin.line == 22


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "Resource: {}",
            ["1:1: no section `Resource` in a template, did you mean `Resources`?", "1:1: the template has no resources"],
        ),
        ("Resources: []", ["1:1: `Resources` must be a mapping, not a list", "1:1: the template has no resources"]),
        ("Resources: {}", ["1:1: the template has no resources"]),
        ("Resources: {A: {}}", ["1:13: resource `A` has no `Type`"]),
        ("Resources: {A: {Type: [x]}}", ["1:13: resource `A` has no `Type`"]),
        ("Resources: {A: x}", ["1:13: resource `A` must be a mapping, not text"]),
        ("Resources: {a-b: {Type: X}}", ["1:13: the logical id `a-b` may only have letters and digits"]),
        (
            "Resources: {A: {Type: X, Propertys: {}}}",
            ["1:26: resource `A` has no attribute `Propertys`, did you mean `Properties`?"],
        ),
        ("Resources: {A: {Type: X, Properties: [a]}}", ["1:13: the properties of `A` must be a mapping, not a list"]),
        ("Resources: {A: {Type: X, Condition: C}}", ["1:26: no condition `C`"]),
        (
            "Resources: {Ab: {Type: X}, B: {Type: X, DependsOn: AB}}",
            ["1:41: no resource `AB` for `B` to depend on, did you mean `Ab`?"],
        ),
        ("Resources: {A: {Type: X, DependsOn: {a: b}}}", ["1:26: no resource `{'a': 'b'}` for `A` to depend on"]),
        ("Resources: {A: {Type: X}}\nOutputs: {O: x}", ["2:11: output `O` must be a mapping with a `Value`"]),
        ("Resources: {A: {Type: X}}\nOutputs: {O: {Value: !Ref B}}", ["2:22: no parameter or resource `B`"]),
        ("Resources: {A: {Type: X}}\nOutputs: {O: {Value: a, Condition: C}}", ["2:25: no condition `C`"]),
        ("Resources: {A: {Type: X}}\nParameters: []", ["2:1: `Parameters` must be a mapping, not a list"]),
        ("Resources: {A: {Type: X, Properties: {B: !Ref A}}}", ["1:13: circular dependency: `A` -> `A`"]),
    ],
)
def test_wrong_templates(text: str, said: list[str]) -> None:
    assert messages(text) == [f"net.yaml:{line}" for line in said]


@pytest.mark.parametrize("text", ["[]", "text", "12"])
def test_a_template_must_be_a_mapping(text: str) -> None:
    with pytest.raises(InputError, match="a template must be a mapping, not"):
        stack(text)


def test_all_problems_are_reported_together() -> None:
    made = stack(
        BASE + "  X: {Type: X, Properties: {A: !Ref B, C: !GetAtt D.E, F: !FindInMap [G, h, i], J: !If [K, 1, 2], L: !Ref Vpc}}\n"
    )
    assert [problem.message for problem in made.problems] == [
        "no parameter or resource `B`",
        "no resource `D` for `D.E`",
        "no map `G` in `Mappings`",
        "no condition `K`",
    ]
    assert made.resources["X"].properties["L"] == "Vpc"


def test_circular_dependencies() -> None:
    text = """
Resources:
  A: {Type: X, Properties: {V: !Ref B}}
  B: {Type: X, Properties: {V: !Sub "${C.Id}"}}
  C: {Type: X, DependsOn: A}
  D: {Type: X, Properties: {V: !Ref A}}
"""
    assert messages(text) == ["net.yaml:3:3: circular dependency: `A` -> `B` -> `C` -> `A`"]


def test_attributes_that_need_each_other() -> None:
    def attribute(logical_id: str, resource: ResourceDeclaration, name: str) -> Any:
        return resource.properties[name]

    made = stack(
        "Resources: {A: {Type: X, Properties: {V: !GetAtt B.V}}, B: {Type: X, Properties: {V: !GetAtt A.V}}}", attribute=attribute
    )
    assert [problem.message for problem in made.problems] == [
        "circular dependency: `A` -> `B` -> `A`",
        "these need each other's properties: `A` -> `B` -> `A`",
    ]


def test_a_transform_may_change_everything() -> None:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-macros.html"""
    made = stack("Transform: [AWS::SecretsManager-2024-09-16, Odd]\nResources: {A: {Type: X, Properties: {V: !Ref Made}}}\n")
    assert made.rewritten is not None
    assert made.rewritten.reason == MACRO.format("Odd")
    assert made.resources["A"].properties["V"].reason == made.rewritten.reason
    assert made.assumptions == (
        "the transform `AWS::SecretsManager-2024-09-16` is not run: it is taken to change nothing of the network",
    )
    assert stack("Resources: {Fn::Transform: {Name: Odd}, A: {Type: X}}").rewritten is not None
    assert stack("Resources: {A: {Type: X}}").rewritten is None


def test_a_macro_changes_what_it_stands_in() -> None:
    made = stack("Resources: {A: {Type: X, Properties: {Fn::Transform: {Name: M}}}, B: {Type: X, Fn::Transform: {Name: M}}}")
    assert made.resources["A"].properties == {}
    assert made.shapeless["A"].reason == made.uncertain["B"].reason == MACRO.format("M")
    assert made.problems == ()


def test_names_of_a_module_are_not_known() -> None:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/module-ref-resources.html"""
    text = "Resources: {M: {Type: 'My::Net::Vpc::MODULE'}, A: {Type: X, Properties: {V: !Ref M.Vpc, W: !GetAtt MVpc.Id}}}"
    made = stack(text)
    values = made.resources["A"].properties.values()
    assert [value.reason.split(", ")[0] for value in values] == ["`M.Vpc` is in the module `M`", "`MVpc` is in the module `M`"]
    assert made.problems == ()


# hostile templates


def doubling(logical_id: str, resource: ResourceDeclaration, name: str) -> Any:
    return resource.properties[name]


def chain(link: str, count: int, last: str) -> str:
    rows = [f"  R{number}: {{Type: X, Properties: {{V: {link.format(f'R{number + 1}')}}}}}\n" for number in range(count)]
    return f"Resources:\n{''.join(rows)}  R{count}: {{Type: X, Properties: {{V: {last}}}}}\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (chain('!Sub "${{{0}.V}}${{{0}.V}}"', 22, "xxxxxxxx"), "the text grows beyond 1,000,000 characters"),
        (chain("!ToJsonString [!GetAtt {0}.V, !GetAtt {0}.V]", 22, "xxxxxxxx"), "the text grows beyond 1,000,000 characters"),
        (chain("!Join ['', [!Select [0, [!GetAtt {0}.V]]]]", 2000, "x"), "more than 25 names need each other in a row, up to `"),
        (
            "Conditions:\n"
            + "".join(f"  C{n}: !Not [!Condition C{n + 1}]\n" for n in range(3000))
            + "  C3000: !Equals [a, a]\nResources: {A: {Type: X}}",
            "more than 25 names need each other in a row, up to `",
        ),
        (
            "Resources:\n" + "".join(f"  R{n}: {{Type: X, Properties: {{V: !Ref Q{n}}}}}\n" for n in range(3000)),
            "no parameter or resource `Q1`",
        ),
        (
            "Resources:\n" + "".join(f"  R{n}: {{Type: X, DependsOn: R{(n + 1) % 3000}}}\n" for n in range(3000)),
            "circular dependency: `R",
        ),
        ("Resources: {A: {Type: X, Properties: {B: !Ref " + "x" * 100_000 + "}}}", "no parameter or resource `xxx"),
        (
            '{"Resources": {"A": {"Type": "X", "Properties": {"B": {"Ref": "\\u001b[31m\\n"}}}}}',
            "no parameter or resource `?[31m `",
        ),
        ("Resources: {A: {Type: X, Properties: " + "{V: !If [a, b, " * 20 + "1" + "]}" * 20 + "}}", "no condition `a`"),
    ],
)
def test_hostile_templates(text: str, said: str) -> None:
    if "ToJsonString" in text:
        text = "Transform: AWS::LanguageExtensions\n" + text
    template = parse(text, "f")
    made = Stack(template, StackContext(attribute=doubling))
    assert any(said in problem.message for problem in made.problems)
    assert all(len(problem.message) <= 500 and str(problem).isprintable() for problem in made.problems)


def test_five_hundred_resources_are_evaluated() -> None:
    row = """  R{0}:
    Type: AWS::EC2::Subnet
    Properties:
      VpcId: !Ref Vpc
      CidrBlock: !Select [{0}, !Cidr [10.0.0.0/8, 256, 8]]
      AvailabilityZone: !Select [0, !GetAZs ""]
      Tags: [{{Key: Name, Value: !Sub "${{AWS::StackName}}-${{Env}}-{0}"}}, !If [No, {{Key: a}}, !Ref AWS::NoValue]]
"""
    text = BASE + "".join(row.format(number).replace(f"[{number},", f"[{number % 256},") for number in range(500))
    template = parse(text, "f")
    made = Stack(template)
    assert made.problems == ()
    assert len(made.resources) == 501


# whatever is in a template, evaluation ends and says what it found

WHOLE = parse(
    BASE + LOOP[LOOP.index("  Fn::ForEach::Subnets:") : LOOP.index("Outputs:")] + "Outputs: {O: {Value: !Ref Vpc}}\n", "net.yaml"
)
ODD = [None, True, 0, -1, "", "x", "Vpc", "Yes", "${Env}", "${", "{{resolve:ssm:/x}}", "AWS::NoValue"]
FUNCTIONS = ["Ref", "Fn::Sub", "Fn::Join", "Fn::If", "Fn::Select", "Fn::Cidr", "Fn::GetAtt", "Fn::Split", "Fn::And", "Condition"]
FUNCTIONS += ["Fn::ForEach::Z", "Fn::FindInMap", "Fn::Odd", "Fn::Length", "Fn::Equals", "Fn::Transform"]


def listed(values: list[Any]) -> List:
    result = List("f", 1, 1)
    result.extend(values)
    return result


def mapped(values: dict[str, Any]) -> Map:
    result = Map("f", 1, 1)
    result.update(values)
    return result


ODD_LEAVES = st.sampled_from(ODD)
ODD_LISTS: st.SearchStrategy[Any] = st.deferred(lambda: st.lists(ODD_VALUES, max_size=4).map(listed))
ODD_CALLS: st.SearchStrategy[Any] = st.deferred(
    lambda: st.tuples(st.sampled_from(FUNCTIONS), ODD_VALUES | ODD_LISTS).map(lambda pair: mapped(dict([pair])))
)
ODD_VALUES = ODD_LEAVES | ODD_LEAVES | ODD_LISTS | ODD_CALLS
"""`st.recursive` would read this file again while it draws, and take an edit in between for a mistake."""


def containers_of(node: Any) -> list[Any]:
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else []
    return [node, *(found for child in children if isinstance(child, (dict, list)) for found in containers_of(child))]


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_mutated_templates(data: st.DataObject) -> None:
    template = copy.deepcopy(WHOLE)
    for _ in range(data.draw(st.integers(1, 3))):
        container = data.draw(st.sampled_from([node for node in containers_of(template) if node]))
        key = data.draw(st.sampled_from(list(container) if isinstance(container, dict) else range(len(container))))
        container[key] = data.draw(ODD_VALUES)
    made = Stack(template, StackContext(parameters={"Port": "22"}))
    for resource in made.resources.values():
        assert isinstance(resource.properties, Map)
        json.dumps(resource.properties, default=str)
    assert all(str(problem).isprintable() for problem in made.problems)
    assert list(made.outputs) in ([], ["O"])
