"""Stacks that are deployed together: imports, nested stacks, parameters from outside, and the account's default VPC.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html,
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-nested-stacks.html.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

import vpcsim
from vpcsim.cli.show import command as show
from vpcsim.errors import InputError
from vpcsim.readers.parameter_file import parameters_of

SQS = "https://sqs.us-east-1.amazonaws.com"
NETWORK = """
Parameters: {Cidr: {Type: String, Default: 10.0.0.0/16}}
Resources:
  myVPC: {Type: AWS::EC2::VPC, Properties: {CidrBlock: !Ref Cidr, EnableDnsHostnames: true}}
  mySubnet: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref myVPC, CidrBlock: 10.0.0.0/24}}
Outputs:
  Vpc: {Value: !Ref myVPC, Export: {Name: !Sub "${AWS::StackName}-vpc"}}
  Subnets: {Value: !Join [",", [!Ref mySubnet]], Export: {Name: subnets}}
"""
APP = """
Parameters: {Network: {Type: String, Default: network}}
Resources:
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties: {GroupDescription: x, VpcId: !ImportValue {"Fn::Sub": "${Network}-vpc"}}
  App:
    Type: AWS::EC2::Instance
    Properties: {SubnetId: !Select [0, !Split [",", !ImportValue subnets]], SecurityGroupIds: [!Ref Group]}
  Endpoint:
    Type: AWS::EC2::VPCEndpoint
    Properties: {VpcEndpointType: Interface, VpcId: !ImportValue {"Fn::Sub": "${Network}-vpc"}, PrivateDnsEnabled: true,
      ServiceName: com.amazonaws.us-east-1.sqs, SubnetIds: !Split [",", !ImportValue subnets]}
"""


def write(folder: Path, **files: str) -> list[Path]:
    paths = []
    for name, text in files.items():
        paths.append(folder / f"{name}.yaml")
        paths[-1].write_text(text)
    return paths


@pytest.mark.parametrize("order", [("network", "app"), ("app", "network")])
def test_a_stack_imports_what_another_exports(order: tuple[str, str], tmp_path: Path) -> None:
    write(tmp_path, network=NETWORK, app=APP)
    net = vpcsim.load(*(tmp_path / f"{name}.yaml" for name in order))
    assert net.trace("App", SQS).at == "myVPC/default-security-group"
    assert net.topology.resources["App"].subnet_id == "mySubnet"  # type: ignore[attr-defined]
    assert not net.topology.settings.doubts


def test_a_parameter_belongs_to_the_stacks_that_declare_it(tmp_path: Path) -> None:
    paths = write(tmp_path, network=NETWORK, app=APP)
    net = vpcsim.load(*paths, parameters={"Cidr": "10.0.0.0/20"})
    assert str(net.topology.resources["myVPC"].cidr_block) == "10.0.0.0/20"  # type: ignore[attr-defined]
    with pytest.raises(InputError, match="no parameter `Cdir`, did you mean `Cidr`"):
        vpcsim.load(*paths, parameters={"Cdir": "10.0.0.0/20"})


def test_an_import_that_nobody_exports_can_be_given(tmp_path: Path) -> None:
    (app,) = write(tmp_path, app=APP)
    assert vpcsim.load(app).trace("App", SQS).verdict == "undecided"
    network = tmp_path / "network.yaml"
    network.write_text(NETWORK)
    given = {"export:net-vpc": "myVPC", "Network": "net"}
    assert vpcsim.load(app, network, parameters=given).trace("App", SQS).at == "myVPC/default-security-group"


def test_stacks_that_import_from_each_other_are_an_error(tmp_path: Path) -> None:
    """AWS cannot create two such stacks: each waits for the other's export."""
    one = NETWORK.replace("!Ref Cidr", "!ImportValue cidr")
    two = (
        "Resources: {Topic: {Type: AWS::SNS::Topic}}\n"
        "Outputs: {C: {Value: !If [A, !ImportValue subnets, 10.0.0.0/16], Export: {Name: cidr}}}\n"
        'Conditions: {A: !Equals ["1", "1"]}\n'
    )
    with pytest.raises(InputError, match=r"network\.yaml:5:58: these need each other's properties: `myVPC` -> `mySubnet`"):
        vpcsim.load(*write(tmp_path, network=one, two=two))


PARENT = """
Resources:
  Network: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: parts/network.yaml, Parameters: {Cidr: 10.0.0.0/20}}}
  App:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: ./app.yaml
      Parameters: {Subnets: [!GetAtt Network.Outputs.Subnets], VpcId: !GetAtt Network.Outputs.Vpc}
Outputs: {Server: {Value: !GetAtt App.Outputs.Server}}
"""
CHILD = """
Parameters: {Subnets: {Type: "List<AWS::EC2::Subnet::Id>"}, VpcId: {Type: AWS::EC2::VPC::Id}}
Resources:
  Group: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: x, VpcId: !Ref VpcId}}
  App: {Type: AWS::EC2::Instance, Properties: {SubnetId: !Select [0, !Ref Subnets], SecurityGroupIds: [!Ref Group]}}
Outputs: {Server: {Value: !Ref App}}
"""


def nested(folder: Path, parent: str = PARENT, child: str = CHILD) -> Path:
    (folder / "parts").mkdir()
    (folder / "parts" / "network.yaml").write_text(NETWORK)
    (folder / "app.yaml").write_text(child)
    (folder / "template.yaml").write_text(parent)
    return folder


def test_nested_stacks_are_read_from_beside_the_template(tmp_path: Path) -> None:
    net = vpcsim.load(nested(tmp_path))
    app = net.topology.resources["App.App"]
    assert (app.subnet_id, app.origin) == ("Network.mySubnet", (str(tmp_path / "app.yaml"), 5, 3, "App.App"))  # type: ignore[attr-defined]
    assert str(net.topology.resources["Network.myVPC"].cidr_block) == "10.0.0.0/20"  # type: ignore[attr-defined]
    assert net.trace("App.App", "192.0.2.50").at == "Network.myVPC/main-route-table"


@pytest.mark.parametrize(
    ("parent", "said"),
    [
        (PARENT.replace("./app.yaml", "./ap.yaml"), "template.yaml:4:3: App: .*ap.yaml: no such file, did you mean"),
        (PARENT.replace("App.Outputs.Server", "App.Outputs.Servr"), "App has no output `Servr`, did you mean `Server`"),
        (PARENT.replace("{Cidr: 10", "{Cdir: 10"), "network.yaml:2:13: no parameter `Cdir`, did you mean `Cidr`"),
    ],
)
def test_what_is_wrong_in_nested_stacks_is_said_where_it_is(parent: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=said):
        vpcsim.load(nested(tmp_path, parent))


def test_a_nested_stack_that_is_elsewhere_is_skipped(tmp_path: Path) -> None:
    url = "https://s3.us-east-1.amazonaws.com/templates/elsewhere.yaml"
    net = vpcsim.load(nested(tmp_path, PARENT.replace("./app.yaml", url)))
    assert [(s.id, s.reason) for s in net.topology.settings.skipped] == [
        ("App", f"its template `{url}` is not a file beside this one")
    ]


def test_a_template_that_nests_itself_ends(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(
        "Resources: {Me: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: template.yaml}}}\n"
    )
    skipped = vpcsim.load(tmp_path).topology.settings.skipped
    assert [s.reason for s in skipped] == ["more than 10 stacks stand in each other"]


def test_values_of_parameter_store_can_be_given(tmp_path: Path) -> None:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-ssm.html"""
    text = NETWORK.replace("!Ref Cidr", "'{{resolve:ssm:/net/cidr:2}}'")
    (path,) = write(tmp_path, network=text)
    assert [s.id for s in vpcsim.load(path).topology.settings.skipped] == ["myVPC", "mySubnet"]
    vpc = vpcsim.load(path, parameters={"ssm:/net/cidr": "10.0.0.0/18"}).topology.resources["myVPC"]
    assert str(vpc.cidr_block) == "10.0.0.0/18"  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"AWS::Regio": "eu-west-1"}, "`AWS::Regio` cannot be given, did you mean `AWS::Region`"),
        ({"AWS::Region": "eu-west-9"}, "`eu-west-9` is not a Region, did you mean `eu-west-"),
        ({"AWS::AccountId": "12"}, "`12` is not an account: twelve digits"),
        ({"vault:x": "12"}, "`vault:x` cannot be given; known: AWS::AccountId, AWS::Region"),
    ],
)
def test_what_cannot_be_given(given: dict[str, str], said: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=said):
        vpcsim.load(*write(tmp_path, network=NETWORK), parameters=given)


# https://docs.aws.amazon.com/vpc/latest/userguide/default-vpc-components.html

DEFAULT = """
Resources:
  Group: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: web,
    SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 80, ToPort: 80, CidrIp: 0.0.0.0/0}]}}
  Web: {Type: AWS::EC2::Instance, Properties: {SecurityGroupIds: [!Ref Group], AvailabilityZone: us-east-1b}}
"""


def test_what_names_no_vpc_is_in_the_default_vpc(tmp_path: Path) -> None:
    net = vpcsim.load(*write(tmp_path, template=DEFAULT))
    vpc = net.topology.resources["default-vpc"]
    assert (str(vpc.cidr_block), vpc.is_default, vpc.enable_dns_hostnames) == ("172.31.0.0/16", True, True)  # type: ignore[attr-defined]
    subnets = {s.availability_zone: s for s in net.topology.of_kind("subnet")}  # type: ignore[attr-defined]
    assert str(subnets["us-east-1b"].cidr_block) == "172.31.16.0/20"  # type: ignore[attr-defined]
    assert all(s.map_public_ip_on_launch and "cidr_block" in s.assumed for s in subnets.values())  # type: ignore[attr-defined]
    assert net.topology.resources["Web"].subnet_id == "default-vpc/us-east-1b"  # type: ignore[attr-defined]
    assert net.trace("internet", "Web:80").verdict == "reachable"
    assert net.trace("internet", "Web:443").codes == ("ENI_SG_RULES_MISMATCH",)
    assert net.trace("Web", "192.0.2.50").verdict == "reachable"
    assert net.topology.settings.assumptions == (
        "Group, Web: in the default VPC, as AWS makes one in every Region (172.31.0.0/16)",
    )


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("p.json", '[{"ParameterKey": "Cidr", "ParameterValue": "10.0.0.0/20"}]'),
        ("p.json", '{"Parameters": {"Cidr": "10.0.0.0/20"}, "Tags": {"a": "b"}}'),
        ("p.yaml", "Cidr: 10.0.0.0/20\n"),
        ("p.json", '["Cidr=10.0.0.0/20"]'),
    ],
)
def test_a_file_of_parameters(name: str, text: str, tmp_path: Path) -> None:
    """https://docs.aws.amazon.com/cli/latest/reference/cloudformation/create-stack.html"""
    (tmp_path / name).write_text(text)
    (network,) = write(tmp_path, network=NETWORK)
    shown = CliRunner().invoke(show, [str(network), "--param", str(tmp_path / name)], standalone_mode=False).output
    assert "cidr_block=10.0.0.0/20" in shown


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[{Key: a}]", r"p\.yaml:1:2: an entry has `ParameterKey` and `ParameterValue`, or is `NAME=VALUE`"),
        ("{Cidr: {a: b}}", "the value of a parameter is text, a number or a list of them"),
        ("a", "a file of parameters holds a list of keys and values, or a mapping"),
    ],
)
def test_a_file_of_parameters_that_is_none(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "p.yaml").write_text(text)
    with pytest.raises(InputError, match=said):
        parameters_of(str(tmp_path / "p.yaml"))
