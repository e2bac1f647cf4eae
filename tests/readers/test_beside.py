"""What a template takes from beside itself: files that it includes, nested stacks and stack sets, outputs, other Regions.

Sources: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/transform-aws-include.html,
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudformation-stackset.html,
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getstackoutput.html.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import vpcsim
from vpcsim.errors import InputError

VPC = "Resources:\n  myVPC: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}\n"
SUBNET = "{Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref myVPC, CidrBlock: 10.0.0.0/24}}"
SERVER = "{Type: AWS::EC2::Instance, Properties: {SubnetId: !Ref mySubnet}}"


def loaded(folder: Path, parameters: dict[str, str] | None = None, **files: str) -> vpcsim.Network:
    """The network of the first file; the others, `net__vpc_yaml`, lie beside it."""
    paths = [folder / name.replace("__", "/").replace("_", ".") for name in files]
    for path, text in zip(paths, files.values(), strict=True):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return vpcsim.load(paths[0], parameters=parameters)


INCLUDE = "Name: AWS::Include, Parameters: {Location: %s}"
PLACES = [
    ("the whole template", "Transform: {%s}\n" + VPC + "  Server: " + SERVER + "\n", "Resources:\n  mySubnet: " + SUBNET),
    ("a section", VPC + "  Fn::Transform: {%s}\n  Server: " + SERVER + "\n", "mySubnet: " + SUBNET),
    ("a resource", VPC + "  mySubnet: {Fn::Transform: {%s}}\n  Server: " + SERVER + "\n", SUBNET),
    ("properties", VPC + "  mySubnet: {Type: AWS::EC2::Subnet, Properties: {CidrBlock: 10.0.0.0/24, Fn::Transform: {%s}}}\n"
        "  Server: " + SERVER + "\n", "VpcId: !Ref myVPC"),
]  # fmt: skip


@pytest.mark.parametrize(("told", "text", "part"), PLACES, ids=[row[0] for row in PLACES])
@pytest.mark.parametrize("location", ["part.yaml", "s3://snippets/net/part.yaml"])
def test_a_file_is_included(told: str, text: str, part: str, location: str, tmp_path: Path) -> None:
    net = loaded(tmp_path, template_yaml=text % (INCLUDE % location), part_yaml=part)
    assert net.vpc_of("Server/mySubnet") == "myVPC"
    assert net.notices == ()


def test_a_file_that_is_not_here_is_a_notice_and_what_it_may_declare_is_not_known(tmp_path: Path) -> None:
    text = "Parameters: {Where: {Type: String, Default: 's3://b/x.yaml'}}\n" + PLACES[1][1] % (INCLUDE % "{Ref: Where}")
    net = loaded(tmp_path, template_yaml=text)
    assert "`s3://b/x.yaml`, which AWS::Include inserts, is not a file beside the template" in str(net.notices[0])
    assert net.trace("internet", "Server").verdict == "undecided"
    text = PLACES[3][1] % (INCLUDE % "x.yaml")
    (tmp_path / "more").mkdir()
    skipped = loaded(tmp_path / "more", template_yaml=text).topology.settings.skipped
    assert [skip.id for skip in skipped] == ["mySubnet", "Server"]


def test_what_a_macro_makes_is_undecided_and_names_it(tmp_path: Path) -> None:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-macros.html"""
    more = f"  mySubnet: {SUBNET}\n  Server: {SERVER}\n  Client: {SERVER}\n"
    assert loaded(tmp_path, template_yaml=VPC + more).trace("Client", "Server").verdict == "reachable"
    answer = loaded(tmp_path, template_yaml=f"Transform: Odd\n{VPC}{more}").trace("Client", "Server")
    assert (str(answer.verdict), answer.codes) == ("undecided", ("VPCSIM_UNKNOWN_VALUE",))
    assert "the macro `Odd` makes it" in answer.because
    one = more.replace("Server: {Type", "Server: {Fn::Transform: {Name: Odd}, Type")
    net = loaded(tmp_path, template_yaml=f"{VPC}{one}  Other: {SERVER}\n")
    assert net.trace("Client", "Server").verdict == "undecided"
    assert net.trace("Client", "Other").verdict == "reachable"


def test_a_module_is_left_out_with_what_it_may_change(tmp_path: Path) -> None:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/modules.html"""
    group = "{Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: g, VpcId: !Ref myVPC}}"
    guarded = "{Type: AWS::EC2::Instance, Properties: {SubnetId: !Ref mySubnet, SecurityGroupIds: [!Ref Group]}}"
    module = "{Type: 'My::Net::App::MODULE', Properties: {Group: !Ref Group, Subnets: [!Ref mySubnet]}}"
    more = (
        f"  mySubnet: {SUBNET}\n  Server: {SERVER}\n  Client: {SERVER}\n  Group: {group}\n  Guarded: {guarded}\n  M: {module}\n"
    )
    inside = "  Inside: {Type: AWS::EC2::Instance, Properties: {SubnetId: !GetAtt M.Subnet.Id}}\n"
    net = loaded(tmp_path, template_yaml=VPC + more + inside)
    assert [skip.id for skip in net.topology.settings.skipped] == ["M", "Inside"]
    verdicts = {to: str(net.trace("Client", to).verdict) for to in ("Server", "Guarded", "Inside")}
    assert verdicts == {"Server": "reachable", "Guarded": "undecided", "Inside": "undecided"}


NESTED = "Resources:\n  Net: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: %s}}\n"


@pytest.mark.parametrize(
    "url",
    ["net/vpc.yaml", "https://templates.s3.amazonaws.com/v1/net/vpc.yaml", "https://s3.eu-west-1.amazonaws.com/b/vpc.yaml?versionId=1",
     "!Sub 'https://${AWS::AccountId}-templates.s3.${AWS::URLSuffix}/net/vpc.yaml'", "s3://b/net/vpc.yaml"],
)  # fmt: skip
def test_a_nested_stack_of_a_bucket_is_read_from_beside(url: str, tmp_path: Path) -> None:
    net = loaded(tmp_path, template_yaml=NESTED % url, net__vpc_yaml=VPC, vpc_yaml=VPC)
    assert "Net.myVPC" in net.topology.resources
    told = [line for line in net.topology.settings.assumptions if "is the file" in line]
    assert bool(told) is ("://" in url)


SET = (
    "Resources:\n  Set: {Type: AWS::CloudFormation::StackSet, Properties: {PermissionModel: SELF_MANAGED, StackSetName: s,"
    " TemplateURL: vpc.yaml, Parameters: [{ParameterKey: Block, ParameterValue: 10.0.0.0/16}], StackInstancesGroup: ["
    "{DeploymentTargets: {Accounts: ['111122223333', '444455556666']}, Regions: [us-east-1]},"
    " {DeploymentTargets: {Accounts: ['111122223333']}, Regions: [eu-west-1], ParameterOverrides:"
    " [{ParameterKey: Block, ParameterValue: 10.9.0.0/16}]}]}}\n"
)
BLOCK = "Parameters: {Block: {Type: String}}\n" + VPC.replace("10.0.0.0/16", "!Ref Block")


def test_a_stack_set_has_a_stack_in_each_account_and_region(tmp_path: Path) -> None:
    topology = loaded(tmp_path, template_yaml=SET, vpc_yaml=BLOCK).topology
    found = {v.id: (topology.region_of(v), topology.account_of(v), v.dump()["CidrBlock"]) for v in topology.of_kind("vpc")}
    assert found == {
        "Set-us-east-1-111122223333.myVPC": ("us-east-1", "111122223333", "10.0.0.0/16"),
        "Set-us-east-1-444455556666.myVPC": ("us-east-1", "444455556666", "10.0.0.0/16"),
        "Set-eu-west-1-111122223333.myVPC": ("eu-west-1", "111122223333", "10.9.0.0/16"),
    }


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("[us-east-1]", "[us-east-9]"), "`us-east-9` is not a Region"),
        (("{Accounts: ['111122223333', '444455556666']}", "{OrganizationalUnitIds: [ou-1]}"), "organizational units"),
        (("vpc.yaml", "https://b.s3.amazonaws.com/lost.yaml"), "is not a file beside this one"),
    ],
)
def test_what_a_stack_set_does_not_tell(change: tuple[str, str], said: str, tmp_path: Path) -> None:
    try:
        told = str(loaded(tmp_path, template_yaml=SET.replace(*change), vpc_yaml=BLOCK).topology.settings.skipped)
    except InputError as error:
        told = str(error)
    assert said in told


OUTPUTS = VPC + "Outputs: {Vpc: {Value: !Ref myVPC}}\n"
USER = (
    "Resources:\n  mySubnet: {Type: AWS::EC2::Subnet, Properties: {CidrBlock: 10.0.0.0/24, VpcId:\n"
    "    {Fn::GetStackOutput: %s}}}\n"
)


def test_an_output_of_another_stack_is_found(tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(OUTPUTS)
    (tmp_path / "app.yaml").write_text(USER % "{StackName: net, OutputName: Vpc}")
    topology = vpcsim.load(tmp_path / "app.yaml", tmp_path / "net.yaml").topology
    assert topology.resources["mySubnet"].dump()["VpcId"] == "myVPC"


def test_an_output_of_a_stack_of_another_region_is_that_of_its_place(tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(OUTPUTS)
    (tmp_path / "app.yaml").write_text(USER % "{StackName: net, OutputName: Vpc, Region: eu-west-1}")
    files = (tmp_path / "app.yaml", tmp_path / "net.yaml")
    settings = vpcsim.load(*files).topology.settings
    assert "no stack `net` in eu-west-1 is here; `--param output:net.Vpc=VALUE`" in settings.skipped[0].reason
    where = {"app.AWS::Region": "eu-west-1", "net.AWS::Region": "eu-west-1"}
    assert vpcsim.load(*files, parameters=where).topology.region_of("mySubnet") == "eu-west-1"
    given = vpcsim.load(*files, parameters={"output:net.Vpc": "myVPC"}).topology
    assert given.resources["mySubnet"].dump()["VpcId"] == "myVPC"


def test_outputs_that_need_each_other_end(tmp_path: Path) -> None:
    text = VPC + "Outputs: {X: {Value: {Fn::GetStackOutput: {StackName: %s, OutputName: X}}}}\n"
    (tmp_path / "a.yaml").write_text((text % "b").replace("Resources:\n", "Resources:\n  Q: {Type: AWS::SQS::Queue, Properties: "
        "{QueueName: {Fn::GetStackOutput: {StackName: b, OutputName: X}}}}\n"))  # fmt: skip
    (tmp_path / "b.yaml").write_text(text % "a")
    assert "needs itself" in str(vpcsim.load(tmp_path / "a.yaml", tmp_path / "b.yaml").topology.settings)


def test_stacks_of_several_regions_are_given_together(tmp_path: Path) -> None:
    for name in ("here", "there"):
        (tmp_path / f"{name}.yaml").write_text(VPC)
    files = (tmp_path / "here.yaml", tmp_path / "there.yaml")
    topology = vpcsim.load(*files, parameters={"there.AWS::Region": "eu-west-1", "there.AWS::AccountId": "111122223333"}).topology
    places = {vpc.id: (topology.region_of(vpc), topology.account_of(vpc)) for vpc in topology.of_kind("vpc")}
    assert places == {"here.myVPC": ("us-east-1", "123456789012"), "there.myVPC": ("eu-west-1", "111122223333")}
    with pytest.raises(InputError, match=r"no stack `ther` for `ther\.AWS::Region`, did you mean `there`"):
        vpcsim.load(*files, parameters={"ther.AWS::Region": "eu-west-1"})


def test_exports_stay_in_their_region(tmp_path: Path) -> None:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html"""
    (tmp_path / "net.yaml").write_text(VPC + "Outputs: {Vpc: {Value: !Ref myVPC, Export: {Name: vpc}}}\n")
    (tmp_path / "app.yaml").write_text(
        "Resources:\n  mySubnet: {Type: AWS::EC2::Subnet, Properties: {CidrBlock: 10.0.0.0/24, VpcId: !ImportValue vpc}}\n"
    )
    files = (tmp_path / "app.yaml", tmp_path / "net.yaml")
    assert vpcsim.load(*files).topology.settings.skipped == ()
    skipped = vpcsim.load(*files, parameters={"net.AWS::Region": "eu-west-1"}).topology.settings.skipped
    assert "the export `vpc` of another stack was not given" in skipped[0].reason


def manifest(**stacks: str) -> dict[str, Any]:
    artifacts = {
        name: {
            "type": "aws:cloudformation:stack",
            "environment": f"aws://123456789012/{region}",
            "properties": {"templateFile": f"{name}.json"},
        }
        for name, region in stacks.items()
    }
    return {"version": "48.0.0", "artifacts": artifacts}


def test_cdk_stacks_of_several_regions_are_one_model(tmp_path: Path) -> None:
    """https://docs.aws.amazon.com/cdk/v2/guide/environments.html"""
    template = {"Resources": {"Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}}}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest(Near="us-east-1", Far="eu-west-1")))
    for name in ("Near", "Far"):
        (tmp_path / f"{name}.json").write_text(json.dumps(template))
    topology = vpcsim.load(tmp_path).topology
    assert {v.id: topology.region_of(v) for v in topology.of_kind("vpc")} == {"Near.Vpc": "us-east-1", "Far.Vpc": "eu-west-1"}
    assert topology.settings.skipped == ()
    one = vpcsim.load(tmp_path, parameters={"AWS::Region": "eu-west-1"}).topology
    assert [skip.reason for skip in one.settings.skipped] == [
        "in us-east-1, and `--param AWS::Region=eu-west-1` asks for one Region"
    ]
    with pytest.raises(InputError, match="no stack is deployed in `eu-west-2`; there are some in `eu-west-1`, `us-east-1`"):
        vpcsim.load(tmp_path, parameters={"AWS::Region": "eu-west-2"})


VERSIONS = [("$Latest", ["Group"]), ("1", ["Group"]), ("!GetAtt T.LatestVersionNumber", ["Group"]), ("'7'", None)]


@pytest.mark.parametrize(("version", "groups"), VERSIONS)
def test_the_version_of_a_launch_template(version: str, groups: list[str] | None, tmp_path: Path) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/manage-launch-template-versions.html"""
    group = "{Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: g, VpcId: !Ref myVPC}}"
    launch = "{Type: AWS::EC2::LaunchTemplate, Properties: {LaunchTemplateData: {SecurityGroupIds: [!Ref Group]}}}"
    server = SERVER.replace("mySubnet}", f"mySubnet, LaunchTemplate: {{LaunchTemplateId: !Ref T, Version: {version}}}}}")
    net = loaded(tmp_path, template_yaml=f"{VPC}  mySubnet: {SUBNET}\n  Group: {group}\n  T: {launch}\n  Server: {server}\n")
    held = net.topology.resources["Server"].dump().get("SecurityGroups")
    assert ([item["GroupId"] for item in held] if held else None) == groups
    reasons = [doubt.reason for doubt in net.topology.settings.doubts]
    assert any("version 7 of its launch template is not the one" in reason for reason in reasons) is (groups is None)


def test_the_order_of_resources_and_depends_on_change_nothing(tmp_path: Path) -> None:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-dependson.html"""
    template = json.loads((Path(__file__).parent / "cdk/singles/OneNat.template.json").read_text())
    for name, order in (("there", 1), ("back", -1)):
        resources = dict(list(template["Resources"].items())[::order])
        for resource in resources.values() if order < 0 else ():
            resource.pop("DependsOn", None)
        (tmp_path / f"{name}.json").write_text(json.dumps({**template, "Resources": resources}))
    assert vpcsim.load(tmp_path / "there.json").topology == vpcsim.load(tmp_path / "back.json").topology
