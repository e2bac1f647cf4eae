"""Files and questions that are malformed, enormous or hostile end with clear lines, and never with anything else.

What AWS itself would refuse is `refused`, with AWS's error code: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import vpcsim
from vpcsim.cli.ask import command as ask
from vpcsim.errors import InputError, RefusedError, VpcsimError
from vpcsim.loading import load
from vpcsim.readers.document import read
from vpcsim.scenarios import load as load_scenario
from vpcsim.scenarios import run

ROOT = Path(__file__).parent.parent
MODEL = ROOT / "models/sqs-private/network.yaml"
VPC = "vpcs: {v: 10.0.0.0/16}\n"
NET = VPC + "subnets: {a: 10.0.0.0/24, b: 10.0.1.0/24}\n"

RICH = """\
vpcsim: 1
region: us-east-1
vpcs:
  myVPC: {cidr: 10.0.0.0/16, dns_hostnames: true, more_cidrs: [10.1.0.0/16], ipv6: true}
  other: 192.168.0.0/16
subnets:
  mySubnet: {cidr: 10.0.0.0/24, vpc: myVPC, az: us-east-1a}
  publicSubnet: {cidr: 10.0.1.0/24, az: us-east-1b, vpc: myVPC, public_addresses: true}
internet_gateways: {myInternetGateway: myVPC}
nat_gateways: {myNatGateway: publicSubnet}
route_tables:
  myRouteTable: {vpc: myVPC, subnets: mySubnet, routes: {0.0.0.0/0: myNatGateway}}
  publicRouteTable: {vpc: myVPC, subnets: [publicSubnet], main: true, routes: [0.0.0.0/0 -> myInternetGateway]}
security_groups:
  AppGroup:
    vpc: myVPC
    ingress: [tcp 443 from 10.0.0.0/16, tcp 22 from group AppGroup]
    egress: [all to 0.0.0.0/0, tcp 443 to prefix list partners]
network_acls:
  acl: {vpc: myVPC, subnets: [mySubnet], ingress: [100 allow all from 0.0.0.0/0], egress: [100 allow all to 0.0.0.0/0]}
prefix_lists: {partners: {entries: [192.0.2.0/24]}}
endpoints:
  s3: {service: s3, type: Gateway, vpc: myVPC, route_tables: [myRouteTable]}
  ssm: {service: ssm, vpc: myVPC, subnets: [mySubnet], security_groups: [AppGroup], private_dns: true}
hosted_zones:
  zone: {domain: corp.example, vpcs: [myVPC], records: {"www.corp.example A": 10.0.0.10}}
roles: {appRole: {managed_policies: AmazonSSMManagedInstanceCore, policies: {p: {allow: "sqs:*"}}}}
instances:
  AppServer: {subnet: mySubnet, ip: 10.0.0.10, security_groups: AppGroup, role: appRole}
  winServer: {subnet: publicSubnet, public_address: true, platform: windows}
network_interfaces: {eni: {subnet: mySubnet, ip: 10.0.0.99, instance: AppServer, security_groups: [AppGroup]}}
elastic_ips: {eip: {instance: AppServer, ip: 198.51.100.7}}
queues: [{id: FilaTeste}]
"""


def written(folder: Path, text: str | bytes, name: str = "model.yaml") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def problems(folder: Path, text: str | bytes, kind: type[InputError] = InputError) -> list[str]:
    """The lines that a model ends with, without the name of the file."""
    path = written(folder, text)
    with pytest.raises(InputError) as caught:
        load(path)
    assert isinstance(caught.value, RefusedError) == (kind is RefusedError), str(caught.value)
    assert caught.value.problems
    for problem in caught.value.problems:
        assert_clear(str(problem), path)
    return [str(problem).removeprefix(str(path)) for problem in caught.value.problems]


def assert_clear(line: str, path: Path) -> None:
    """One printable line of a bearable length that starts with the place and goes on in lower case."""
    assert line.startswith(f"{path}:"), f"no place: {line[:200]}"
    assert line.isprintable(), f"a terminal would be led by {line[:200]!r}"
    assert len(line) <= len(str(path)) + 1000, f"{len(line)} characters: {line[:200]}"
    for foreign in ("Map(", "NoneType", "object has no attribute", "dictionary or instance", "Traceback"):
        assert foreign not in line


def assert_told(error: InputError, path: Path) -> None:
    assert error.problems
    for problem in error.problems:
        assert_clear(str(problem), path)


def assert_said(error: VpcsimError) -> None:
    assert str(error)


# enormous, deep, binary, empty


BOMB = "vpcs: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"k{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 10)
)
UNREADABLE = {
    "alias bomb": (BOMB, "aliases of this document stand for more than"),
    "cyclic alias": ("vpcs: &a {v: *a}\n", "stands inside the value that it repeats"),
    "deep list": ("vpcs: " + "[" * 100_000, "nested deeper than"),
    "deep mapping": ("\n".join(" " * i + "a:" for i in range(2000)), "nested deeper than"),
    "binary": (bytes(range(256)) * 100, "not a text file"),
    "NUL bytes": (b"\0" * 1000, "not a text file"),
    "empty": ("", "the document is empty"),
    "only spaces": (" \n\n ", "the document is empty"),
    "only comments": ("# nothing\n# here\n", "the document is empty"),
    "only null": ("~\n", "the document is empty"),
    "a list": ("- vpcs\n", "a model is a mapping"),
    "a word": ("vpcs\n", "a model is a mapping"),
    "a long word": ("a" * 1_000_000, "a model is a mapping"),
    "two documents": (f"{VPC}---\n{VPC}", "only one document per file is read"),
    "a tag that runs code": ("vpcs: !!python/object/apply:os.system [ls]\n", "unknown tag"),
    "duplicate key": ("vpcs: {v: 10.0.0.0/16, v: 10.1.0.0/16}\n", "duplicate key `v`"),
    "broken": ("vpcs: {v: 10.0.0.0/16\n", "never closed"),
    "other keys": ("services: {web: {}}\n", "neither the native format nor a CloudFormation template"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_an_unreadable_model_ends_with_one_line(tmp_path: Path, name: str) -> None:
    text, message = UNREADABLE[name]
    [line] = problems(tmp_path, text)
    assert message in line


def test_a_file_of_100_megabytes_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "model.yaml"
    with path.open("wb") as stream:
        stream.truncate(100 * 2**20)
    with pytest.raises(InputError) as caught:
        load(path)
    assert "at most 64 MiB are read" in str(caught.value)


def test_a_scenario_given_as_a_model_is_recognised() -> None:
    path = ROOT / "scenarios/sqs-nat-gateway.yaml"
    with pytest.raises(InputError) as caught:
        load(path)
    [problem] = caught.value.problems
    assert_clear(str(problem), path)
    assert "scenario" in problem.message


def test_a_model_given_as_a_scenario_is_recognised_in_one_line() -> None:
    with pytest.raises(InputError) as caught:
        load_scenario(str(MODEL))
    [problem] = caught.value.problems
    assert_clear(str(problem), MODEL)
    assert "model" in problem.message


# wrong types and unknown references


WRONG = {
    "a section is a number": ("vpcs: 7\n", ":1:1: ", "`vpcs`"),
    "a section is a list of numbers": ("vpcs: [1]\n", ":1:8: ", "`vpcs`"),
    "an entry is a list": (VPC + "subnets: {a: [10.0.0.0/24, 10.0.1.0/24]}\n", ":2:", "a: "),
    "an instance is a word": (NET + "instances: {i: a}\n", ":3:13: ", "not `a`"),
    "an entry is a number": ("vpcs: {v: 7}\n", ":1:", "`7` is not a CIDR block"),
    "no block": ("vpcs: {v: }\n", ":1:8: ", "is missing"),
    "a broken block": ("vpcs: {v: 10.0.0.0/99}\n", ":1:", "`10.0.0.0/99` is not a CIDR block such as"),
    "a huge prefix length": ("vpcs: {v: 10.0.0.0/" + "9" * 5000 + "}\n", ":1:", "is not a CIDR block"),
    "tags are a word": ("vpcs: {v: {cidr: 10.0.0.0/16, tags: x}}\n", ":1:", "v: "),
    "tags are true": ("vpcs: {v: {cidr: 10.0.0.0/16, tags: true}}\n", ":1:", "v: "),
    "a tag is a number": ("vpcs: {v: {cidr: 10.0.0.0/16, tags: [7]}}\n", ":1:", "v: "),
    "the name is a list": ("vpcs: {v: {cidr: 10.0.0.0/16, name: [x]}}\n", ":1:", "v: "),
    "a switch is a word": ("vpcs: {v: {cidr: 10.0.0.0/16, dns_support: perhaps}}\n", ":1:", "`perhaps`"),
    "an unknown section": (VPC + "subnts: {}\n", ":2:1: ", "did you mean `subnets`?"),
    "an unknown field": (NET + "instances: {i: {subnett: a}}\n", ":3:17: ", "did you mean `subnet`?"),
    "an unknown Region": ("region: us-east-11\n" + VPC, ":1:1: ", "did you mean `us-east-1`?"),
    "an unknown format": ("vpcsim: 9\n" + VPC, ":1:1: ", "`9` is not a version"),
    "an unknown subnet": (NET + "instances: {i: {subnet: aa}}\n", ":3:", "did you mean `a`?"),
    "an unknown VPC": (VPC + "subnets: {a: {cidr: 10.0.0.0/24, vpc: w}}\n", ":2:", "the model has `v`"),
    "an unknown group": (NET + "instances: {i: {subnet: a, security_groups: g}}\n", ":3:", "`g`"),
    "a reference of the wrong kind": (NET + "instances: {i: {subnet: v}}\n", ":3:", "`v` (subnet_id) is not a subnet"),
    "an unknown route target": (NET + "route_tables: {r: {routes: {0.0.0.0/0: nat}}}\n", ":3:", "`nat`"),
    "a reference that is a list": (NET + "instances: {i: {subnet: [a, b]}}\n", ":3:", "i: "),
    "a reference that is a mapping": (NET + "instances: {i: {subnet: {a: b}}}\n", ":3:", "i: "),
    "an id declared twice": (VPC + "subnets: {v: 10.0.0.0/24}\n", ":2:11: ", "`v` is declared twice"),
    "an address that is none": (NET + "instances: {i: {subnet: a, ip: 10.0.0.300}}\n", ":3:", "`10.0.0.300`"),
    "a rule that is a number": (VPC + "security_groups: {g: {ingress: 443}}\n", ":2:", "`443`"),
    "a rule that is empty": (VPC + "security_groups: {g: {ingress: ['']}}\n", ":2:", "is not a rule such as"),
    "a rule for a huge port": (VPC + f"security_groups: {{g: {{ingress: tcp {'9' * 30} from 0.0.0.0/0}}}}\n", ":2:", "65535"),
    "a rule with an unknown protocol": (VPC + "security_groups: {g: {ingress: tcpp 1 from 0.0.0.0/0}}\n", ":2:", "`tcpp`"),
    "an ACL entry that is none": (VPC + "network_acls: {x: {ingress: [allow]}}\n", ":2:", "is not an entry such as"),
    "an ACL entry with a huge number": (VPC + "network_acls: {x: {ingress: [99999 allow all from 0.0.0.0/0]}}\n", ":2:", "32767"),
    "a rule for the other direction": (VPC + "security_groups: {g: {ingress: tcp 443 to 0.0.0.0/0}}\n", ":2:", "`tcp 443 to"),
    "an IPv6 block as the only one": ("vpcs: {v: 'fe80::/16'}\n", ":1:8: ", "`fe80::/16`"),
    "a route to a subnet": (NET + "route_tables: {r: {routes: {0.0.0.0/0: a}}}\n", ":3:", "`a` is a subnet"),
    "an address below zero": (NET + "instances: {i: {subnet: a, ip: -1}}\n", ":3:", "`-1` is not an address"),
    "an interface attached to a VPC": (NET + "network_interfaces: {e: {subnet: a, instance: v}}\n", ":3:", "`v`"),
    "template: a misspelt property": (
        "Resources:\n  A: {Type: AWS::EC2::VPC, Properties: {CidrBlok: 10.0.0.0/16}}\n",
        ":2:",
        "`CidrBlok` of `A` is not a property of AWS::EC2::VPC; did you mean `CidrBlock`?",
    ),
    "template: an association with a number": (
        "Resources:\n  A: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {SubnetId: x, RouteTableId: 65536}}\n",
        ":2:",
        "`65536`",
    ),
    "template: no mapping": ("Resources: []\n", ":1:", "`Resources` must be a mapping"),
    "template: empty": ("Resources: {}\n", ":1:1: ", "the template has no resources"),
    "template: a number": ("Resources: {A: 7}\n", ":1:13: ", "must be a mapping, not a number"),
    "template: an unknown reference": (
        "Resources:\n  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}\n"
        "  A: {Type: AWS::EC2::Subnet, Properties: {CidrBlock: 10.0.0.0/24, VpcId: !Ref Vpcc}}\n",
        ":3:",
        "did you mean `Vpc`?",
    ),
    "template: an association without a table": (
        "Resources:\n  A: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {SubnetId: x}}\n",
        ":2:3: ",
        "RouteTableId",
    ),
    "template: an association with a mapping": (
        "Resources:\n  A: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {SubnetId: x, RouteTableId: {a: b}}}\n",
        ":2:3: ",
        "A",
    ),
    "template: a reserved word": (
        "Resources:\n  A: {Type: AWS::EC2::VPC, Properties: {CidrBlock: [], WrittenAt: x}}\n",
        ":2:",
        "CidrBlock",
    ),
    "template: an internal set": (
        "Resources:\n  A: {Type: AWS::EC2::VPC, Properties: {CidrBlock: [], Assumed: 7}}\n",
        ":2:",
        "CidrBlock",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_model_says_where_and_what(tmp_path: Path, name: str) -> None:
    text, place, message = WRONG[name]
    lines = problems(tmp_path, text)
    assert any(line.startswith(place) and message in line for line in lines), lines


def test_a_circle_of_references_is_told(tmp_path: Path) -> None:
    text = (
        "Resources:\n  A: {Type: AWS::EC2::VPC, Properties: {CidrBlock: !GetAtt B.CidrBlock}}\n"
        "  B: {Type: AWS::EC2::VPC, Properties: {CidrBlock: !GetAtt A.CidrBlock}}\n"
    )
    assert any("`A` -> `B` -> `A`" in line for line in problems(tmp_path, text))


def test_every_problem_of_a_reading_is_told_at_once(tmp_path: Path) -> None:
    text = "region: mars\nacount: 7\nvpcsim: 9\nvpcs: {v: {cidrr: 10.0.0.0/16}}\n"
    assert len(problems(tmp_path, text)) == 4


LONG = "x" * 5000
NAMES = {
    "long ids": f"vpcs: {{? {LONG}\n  : 10.0.0.0/99}}\n",
    "long references": f"{VPC}subnets: {{a: {{cidr: 10.0.0.0/24, vpc: {LONG}}}}}\n",
    "long values": f"vpcs: {{v: {LONG}}}\n",
    "long Regions": f"region: {LONG}\n{VPC}",
    "long fields": f"vpcs: {{v: {{? {LONG}\n  : 1}}}}\n",
    "long rules": f"{VPC}security_groups: {{g: {{ingress: {LONG}}}}}\n",
    "long entries": f"{NET}instances: {{i: {LONG}}}\n",
    "line breaks in ids": 'vpcs: {"a\\nb": 10.0.0.0/99}\n',
    "line breaks in fields": 'vpcs: {v: {"a\\nb": 3}}\n',
    "line breaks in references": f'{VPC}subnets: {{a: {{cidr: 10.0.0.0/24, vpc: "x\\nforged: line"}}}}\n',
    "terminal commands in ids": 'vpcs: {"a\\e[2Jb": 10.0.0.0/99}\n',
    "terminal commands in values": 'vpcs: {v: "\\e[31m"}\n',
    "terminal commands in sections": f'{VPC}"\\e[2Jzz": {{}}\n',
    "reversed writing": 'vpcs: {"a\\u202eb": 10.0.0.0/99}\n',
}


@pytest.mark.parametrize("name", NAMES)
def test_names_are_shown_on_one_short_line_without_commands_for_the_terminal(tmp_path: Path, name: str) -> None:
    assert len(problems(tmp_path, NAMES[name])) == 1


# the format is forgiving


FORGIVEN = {
    "null sections": "vpcs:\nsubnets: ~\nroute_tables: null\n",
    "unicode": "vpcs: {réseau🎉: 10.0.0.0/16}\nsubnets: {子网: 10.0.0.0/24}\ninstances: {сервер: {subnet: 子网}}\n",
    "numbers as ids": "vpcs: {1: 10.0.0.0/16}\nsubnets: {2: {cidr: 10.0.0.0/24, vpc: 1}}\ninstances: {3: {subnet: 2}}\n",
    "a number as the account": "account: 111122223333\n" + VPC,
    "singular sections": "vpc: {v: 10.0.0.0/16}\nsubnet: {a: 10.0.0.0/24}\n",
    "API names": "Vpcs: {v: {CidrBlock: 10.0.0.0/16, EnableDnsSupport: true}}\n",
    "lists of mappings": "vpcs: [{id: v, cidr: 10.0.0.0/16}]\n",
    "dashes and capitals": "VPCs: {v: {CIDR: 10.0.0.0/16, dns-support: true}}\n",
    "booleans as words": "vpcs: {v: {cidr: 10.0.0.0/16, dns_support: 'true'}}\n",
    "a lone prefix list entry": VPC + "prefix_lists: {p: 192.0.2.0/24}\n",
    "prefix list entries without their word": VPC + "prefix_lists: {p: [192.0.2.0/24, 198.51.100.0/24]}\n",
    "JSON": json.dumps({"vpcs": {"v": "10.0.0.0/16"}}),
    "a byte order mark": b"\xef\xbb\xbf" + VPC.encode(),
    "UTF-16": VPC.encode("utf-16"),
}


@pytest.mark.parametrize("name", FORGIVEN)
def test_the_native_format_is_forgiving(tmp_path: Path, name: str) -> None:
    assert load(written(tmp_path, FORGIVEN[name])).topology


# what AWS would refuse


REFUSED = {
    "overlapping subnets": (VPC + "subnets: {a: 10.0.0.0/24, b: 10.0.0.128/25}\n", "InvalidSubnet.Conflict"),
    "two subnets on one block": (VPC + "subnets: {a: 10.0.0.0/24, b: 10.0.0.0/24}\n", "InvalidSubnet.Conflict"),
    "a subnet outside of its VPC": (VPC + "subnets: {a: 10.9.0.0/24}\n", "InvalidSubnet.Range"),
    "a subnet that is too small": (VPC + "subnets: {a: 10.0.0.0/29}\n", "InvalidSubnet.Range"),
    "a VPC that is too large": ("vpcs: {v: 10.0.0.0/8}\n", "InvalidVpcRange"),
    "a VPC that is too small": ("vpcs: {v: 10.0.0.0/29}\n", "InvalidVpcRange"),
    "two interfaces on one address": (
        NET + "instances: {i: {subnet: a, ip: 10.0.0.10}, j: {subnet: a, ip: 10.0.0.10}}\n",
        "InvalidIPAddress.InUse",
    ),
    "an address that AWS keeps": (NET + "instances: {i: {subnet: a, ip: 10.0.0.1}}\n", "InvalidParameterValue"),
    "an address outside of the subnet": (NET + "instances: {i: {subnet: a, ip: 10.0.9.1}}\n", "InvalidParameterValue"),
    "a full subnet": (
        VPC + "subnets: {a: 10.0.0.0/28}\ninstances: {" + ", ".join(f"i{n}: {{subnet: a}}" for n in range(12)) + "}\n",
        "InsufficientFreeAddressesInSubnet",
    ),
    "two internet gateways": (NET + "internet_gateways: {g: v, h: v}\n", "Resource.AlreadyAssociated"),
    "two route tables for one subnet": (NET + "route_tables: {r: {subnets: a}, q: {subnets: a}}\n", "Resource.AlreadyAssociated"),
    "a subnet without a block": (VPC + "subnets: {a: }\n", "MissingParameter"),
    "two routes for one destination": (
        NET + "internet_gateways: {g: v}\nroute_tables: {r: {routes: [0.0.0.0/0 -> g, 0.0.0.0/0 -> local]}}\n",
        "",
    ),
    "two ACL entries with one number": (
        VPC + "network_acls: {x: {ingress: [100 allow all from 0.0.0.0/0, 100 deny all from 0.0.0.0/0]}}\n",
        "NetworkAclEntryAlreadyExists",
    ),
    "a port range upside down": (VPC + "security_groups: {g: {ingress: tcp 5-1 from 0.0.0.0/0}}\n", ""),
    "a zone of another Region": (VPC + "subnets: {a: {cidr: 10.0.0.0/24, az: eu-west-1a}}\n", "InvalidParameterValue"),
    "blocks of one VPC that overlap": (
        "vpcs: {v: {cidr: 10.0.0.0/16, more_cidrs: [10.0.128.0/17]}}\n",
        "",
    ),
    "an instance without a subnet": (NET + "instances: {i: {}}\n", "VPCIdNotSpecified"),
    "groups of another VPC": (
        "vpcs: {v: 10.0.0.0/16, w: 10.1.0.0/16}\nsubnets: {a: {cidr: 10.0.0.0/24, vpc: v}}\n"
        "security_groups: {g: {vpc: w}}\ninstances: {i: {subnet: a, security_groups: g}}\n",
        "",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_aws_would_refuse_is_refused_with_its_code(tmp_path: Path, name: str) -> None:
    text, code = REFUSED[name]
    lines = problems(tmp_path, text, RefusedError)
    assert all(re.fullmatch(r":\d+:\d+: refused: .+", line) for line in lines), lines
    assert any(f"({code})" in line or not code for line in lines), lines


def test_one_public_address_stands_for_one_interface(tmp_path: Path) -> None:
    text = (
        f"{NET}internet_gateways: {{g: v}}\ninstances: {{i: {{subnet: a}}, j: {{subnet: a}}}}\n"
        "elastic_ips: {x: {instance: i, ip: 198.51.100.1}, y: {instance: j, ip: 198.51.100.1}}\n"
    )
    with pytest.raises(InputError, match=r"198\.51\.100\.1"):
        load(written(tmp_path, text))


# models, mutated: only VpcsimError ever comes out


SCALARS: list[Any] = [
    None, True, False, 0, -1, 1.5, 10**30, "", "x", "10.0.0.0/16", "::/0", "10.0.0.10", "tcp", "all", "local", "myVPC",
    "mySubnet", "AppServer", "AppGroup", "é🎉", "a\nb", "\u202e", "${AWS::Region}", "${x}", "x" * 3000,
]  # fmt: skip
SHAPES: list[Any] = [
    [], {}, [None], [[]], [1], ["x"], {"x": 1}, {"x": None}, [{"x": []}], {"Key": 1}, [{"Key": "Name"}], {"Ref": "myVPC"},
    {"Ref": 3}, {"Ref": "nothing"}, {"Ref": "AppServer"}, {"Fn::GetAtt": ["AppServer", 1]}, {"Fn::GetAtt": "AppServer"},
    {"Fn::Sub": "${x}"}, {"Fn::Sub": [1, 2]}, {"Fn::Select": [9, []]}, {"Fn::If": ["x", 1, 2]}, {"Text": "x"}, {"Text": 1},
    ["x", "x", "x"],
]  # fmt: skip
KEYS = [
    "", "x", "id", "Id", "name", "Name", "Tags", "Type", "Ref", "Properties", "WrittenAt", "Assumed", "Text", "vpcs", "vpc",
    "cidr", "subnet", "routes", "ip", "VpcId", "Fn::Sub", "<<", "é",
]  # fmt: skip


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value inside, shortest first in its branch."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*path, key)
        yield from paths(item, (*path, key))


def inside(value: Any, path: tuple[Any, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


@st.composite
def mutated(draw: st.DrawFn, base: Any) -> Any:
    """The document with up to four values deleted, replaced, renamed or copied somewhere else."""
    made = copy.deepcopy(base)
    for _ in range(draw(st.integers(1, 4))):
        ways = list(paths(made))
        if not ways:
            break
        way = draw(st.sampled_from(ways))
        holder, key = inside(made, way[:-1]), way[-1]
        match draw(st.sampled_from(["delete", "scalar", "scalar", "shape", "shape", "rename", "copy"])):
            case "delete":
                del holder[key]
            case "scalar":
                holder[key] = draw(st.sampled_from(SCALARS))
            case "shape":
                holder[key] = copy.deepcopy(draw(st.sampled_from(SHAPES)))
            case "rename" if isinstance(holder, dict):
                holder[draw(st.sampled_from(KEYS))] = holder.pop(key)
            case _:
                holder[key] = copy.deepcopy(inside(made, draw(st.sampled_from(ways))))
    return made


def plain(text: str | Path, folder: Path) -> Any:
    path = text if isinstance(text, Path) else written(folder, text)
    return json.loads(json.dumps(read(path)))


@pytest.fixture(scope="module")
def bases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("bases")
    return {
        "native": plain(RICH, folder),
        "small": plain(MODEL, folder),
        "template": plain(ROOT / "models/sqs-private/template.yaml", folder),
        "scenario": plain(ROOT / "scenarios/sqs-interface-endpoint.yaml", folder),
    }


def fuzzed(examples: int) -> Any:
    """The same examples in every run, so that a failure is one for everybody."""
    return settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
    )


FLOWS = (("AppServer", "https://sqs.us-east-1.amazonaws.com"), ("internet", "AppServer:22"), ("AppServer", "AppServer"))


def use(net: vpcsim.Network) -> None:
    """Put the questions of a user to a network that was accepted."""
    from vpcsim.renderers import dig, inventory, text

    for source, to in FLOWS:
        try:
            answer = net.trace(source, to)
        except VpcsimError:
            continue
        text.reachability(answer)
        json.dumps(answer.to_dict(), allow_nan=False)
    for name, type in (("ssm.us-east-1.amazonaws.com", "A"), ("www.corp.example", "ANY"), ("nothing.example", "SOA")):
        try:
            found = net.resolve("AppServer", name, type)
        except VpcsimError:
            continue
        dig.full(found, net)
        json.dumps(found.to_dict(), allow_nan=False)
    for task in ("session-manager", "ecr-pull"):
        with suppress(VpcsimError):
            str(net.task("AppServer", task))
    with suppress(VpcsimError):
        json.dumps(net.call("AppServer", "sqs:SendMessage", "FilaTeste").to_dict(), allow_nan=False)
    json.dumps(inventory.to_dict(net), allow_nan=False)


def only_clear_errors(path: Path) -> None:
    try:
        net = load(path)
    except InputError as error:
        assert_told(error, path)
    else:
        use(net)


@pytest.mark.parametrize("kind", ["native", "template"])
def test_a_mutated_model_is_accepted_or_told_clearly(tmp_path: Path, bases: dict[str, Any], kind: str) -> None:
    @fuzzed(200)
    @given(document=mutated(bases[kind]))
    def check(document: Any) -> None:
        only_clear_errors(written(tmp_path, json.dumps(document), "model.json"))

    check()


def test_mutated_describe_output_is_accepted_or_told_clearly(tmp_path: Path) -> None:
    account = ROOT / "models/described-account/111122223333"
    files = [*account.glob("us-east-1/*.json"), *account.glob("global/*.json")]
    answers = [json.loads(line) for path in files for line in _objects(path.read_text())]
    base: dict[str, Any] = {}
    for answer in answers:
        for key, value in answer.items():
            base[key] = [*base.get(key, []), *value] if isinstance(value, list) else value

    @fuzzed(400)
    @given(document=mutated(base))
    def check(document: Any) -> None:
        only_clear_errors(written(tmp_path, json.dumps(document), "account.json"))

    check()


def _objects(text: str) -> list[str]:
    """The objects that follow one another in a text, as texts."""
    found, decoder = [], json.JSONDecoder()
    while text := text.strip():
        _, end = decoder.raw_decode(text)
        found.append(text[:end])
        text = text[end:]
    return found


TOKENS = [b"", b"\n", b": ", b"- ", b"{", b"[", b"&a ", b"*a", b"!Ref "]


TABLES = ROOT / "models/described-account/111122223333/us-east-1/tables.json"


@pytest.mark.parametrize(
    "path", [MODEL, ROOT / "models/sqs-private/template.yaml", TABLES], ids=["native", "template", "describe"]
)
def test_a_model_with_other_bytes_is_accepted_or_told_clearly(tmp_path: Path, path: Path) -> None:
    text = path.read_bytes()

    @fuzzed(150)
    @given(data=st.data())
    def check(data: st.DataObject) -> None:
        made = bytearray(text)
        for _ in range(data.draw(st.integers(1, 4))):
            at = data.draw(st.integers(0, len(made) - 1))
            end = min(len(made), at + data.draw(st.integers(0, 20)))
            made[at:end] = data.draw(st.one_of(st.binary(max_size=4), st.sampled_from(TOKENS)))
            if not made:
                return
        only_clear_errors(written(tmp_path, bytes(made)))

    check()


# changes


def test_mutated_changes_are_accepted_or_told(bases: dict[str, Any]) -> None:
    net = load(MODEL)

    @fuzzed(100)
    @given(changes=mutated(bases["small"]))
    def check(changes: Any) -> None:
        try:
            net.with_changes({key: value for key, value in changes.items() if key != "region"})
        except VpcsimError as error:
            assert_said(error)

    check()


# scenarios


def ends(folder: Path, text: str) -> list[str]:
    """The problems of a scenario, found when it is read or when it runs."""
    path = written(folder, text, "scenario.yaml")
    with pytest.raises(VpcsimError) as caught:
        list(run(load_scenario(str(path))))
    assert isinstance(caught.value, InputError), f"without its place: {caught.value!r}"
    for problem in caught.value.problems:
        assert str(problem).isprintable()
        assert problem.origin, f"no place: {problem.message}"
    return [str(problem).removeprefix(str(path)) for problem in caught.value.problems]


def steps(text: str) -> str:
    return f"model: {MODEL}\nfrom: AppServer\nsteps:\n  - {{{text}}}\n"


def check_of(text: str) -> str:
    return steps(f"checks: [{{{text}}}]")


SCENARIOS = {
    "a missing model": ("model: nothing.yaml\nfrom: a\nsteps: []\n", "no such file"),
    "a model that is a list": ("model: [7]\nfrom: a\nsteps: []\n", "`model`"),
    "a model that is null": ("model:\nfrom: a\nsteps: []\n", "`model`"),
    "steps that are a word": (f"model: {MODEL}\nfrom: a\nsteps: abc\n", "`steps`"),
    "steps that are a mapping": (f"model: {MODEL}\nfrom: a\nsteps: {{a: b}}\n", "`steps`"),
    "a step that is a list": (f"model: {MODEL}\nfrom: a\nsteps: [[]]\n", "a step is a mapping"),
    "checks that are a number": (steps("checks: 7"), "checks"),
    "checks that are a word": (steps("checks: abc"), "checks"),
    "checks that are a mapping": (steps("checks: {flow: x}"), "check"),
    "a check of no kind": (check_of("flwo: x"), "a check is a mapping with one of"),
    "a check of two kinds": (check_of("flow: x, dns: y"), "a check is a mapping with one of"),
    "created: a list": (steps("create: [1], checks: [{session: reachable}]"), "create"),
    "created: a word": (steps("create: abc, checks: [{session: reachable}]"), "create"),
    "created: an unknown section": (steps("create: {subnts: {}}, checks: [{session: reachable}]"), "did you mean `subnets`?"),
    "created: refused": (steps("create: {subnets: {z: 10.9.0.0/24}}, checks: [{session: reachable}]"), "InvalidSubnet.Range"),
    "deleted: a number": (steps("delete: 7, checks: [{session: reachable}]"), "7"),
    "deleted: a list of lists": (steps("delete: [[1]], checks: [{session: reachable}]"), "delete"),
    "deleted: unknown": (steps("delete: [AppServe], checks: [{dns: a.example}]"), "did you mean `AppServer`?"),
    "parameters: a list": (f"model: {MODEL}\nparameters: [1]\nsteps: []\n", "parameters"),
    "parameters: a word": (f"model: {MODEL}\nparameters: abc\nsteps: []\n", "parameters"),
    "from: unknown": (check_of("session: reachable").replace("from: AppServer", "from: AppServr"), "did you mean `AppServer`?"),
    "flow: without a target": (check_of("flow: {port: 7}"), "`to`"),
    "flow: null": (check_of("flow: "), "flow"),
    "flow: an unknown word": (check_of("flow: {to: 10.0.0.1, prt: 443}"), "did you mean `port`?"),
    "flow: an unknown target": (check_of("flow: AppServr"), "did you mean `AppServer`?"),
    "flow: a port too large": (check_of("flow: {to: 10.0.0.1, port: 70000}"), "`70000`"),
    "flow: an unknown protocol": (check_of("flow: {to: 10.0.0.1, protocol: tpc}"), "`tpc`"),
    "flow: an unknown code": (check_of("flow: https://example.com, code: NO_ROUTE_TO_DESTINATON"), "NO_ROUTE_TO_DESTINATION"),
    "dns: without a name": (check_of("dns: {type: A}"), "`name`"),
    "dns: an unknown type": (check_of("dns: {name: a.example, type: Q}"), "`Q` is not a record type"),
    "dns: a broken block": (check_of("dns: a.example, answers: 10.0.0/99"), "`10.0.0/99`"),
    "flow: an unknown place": (check_of("flow: https://example.com, via: myRouteTabel"), "did you mean `myRouteTable`?"),
    "flow: an unknown place to avoid": (check_of("flow: https://example.com, not_via: SSMVPCEndpint"), "`not_via` names no"),
    "send: a word": (check_of("send: FilaTeste"), "send"),
    "send: null": (check_of("send: "), "send"),
    "send: without a body": (check_of("send: {queue: FilaTeste}"), "`body`"),
    "send: without a queue": (check_of("send: {body: x}"), "`queue`"),
    "send: an unknown queue": (check_of("send: {queue: FilaTest, body: x}"), "did you mean `FilaTeste`?"),
    "poll: an unknown queue": (check_of("poll: FilaTest"), "did you mean `FilaTeste`?"),
    "poll: a list": (check_of("poll: [1]"), "poll"),
    "poll: messages that are a number": (check_of("poll: FilaTeste, messages: 7"), "messages"),
    "session: an unknown verdict": (check_of("session: reachble"), "reachable"),
    "session: a list": (check_of("session: [1]"), "session"),
    "verdict: a list": (check_of("flow: https://example.com, verdict: [reachable]"), "is not one of"),
}


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_wrong_scenario_says_where_and_what(tmp_path: Path, name: str) -> None:
    text, message = SCENARIOS[name]
    lines = ends(tmp_path, text)
    assert any(message in line for line in lines), lines


@pytest.mark.parametrize("name", ["alias bomb", "deep list", "binary", "empty", "only comments"])
def test_an_unreadable_scenario_ends_with_one_line(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, UNREADABLE[name][0], "scenario.yaml")
    with pytest.raises(InputError) as caught:
        load_scenario(str(path))
    [problem] = caught.value.problems
    assert_clear(str(problem), path)


def test_a_mutated_scenario_is_read_or_told_clearly(tmp_path: Path, bases: dict[str, Any]) -> None:
    @fuzzed(150)
    @given(document=mutated(bases["scenario"]))
    def check(document: Any) -> None:
        path = written(tmp_path, json.dumps(document), "scenario.json")
        try:
            load_scenario(str(path))
        except InputError as error:
            assert_told(error, path)

    check()


def test_a_mutated_scenario_runs_or_is_told(tmp_path: Path, bases: dict[str, Any]) -> None:
    base = bases["scenario"] | {"model": str(MODEL)}

    @fuzzed(8)
    @given(wanted=mutated({"steps": base["steps"]}))
    def check(wanted: Any) -> None:
        path = written(tmp_path, json.dumps(base | wanted), "scenario.json")
        try:
            list(run(load_scenario(str(path))))
        except VpcsimError as error:
            assert_said(error)

    check()


# questions


def answers(*lines: str | bytes) -> list[dict[str, Any]]:
    """The answers to these lines; a good question stands behind them, so that the run has to go on."""
    good = b'{"id": "last", "flow": {"from": "AppServer", "to": "10.0.0.99"}}'
    given_lines = [line if isinstance(line, bytes) else line.encode() for line in lines]
    done = CliRunner().invoke(ask, [str(MODEL)], input=b"\n".join([*given_lines, good]), standalone_mode=False)
    assert done.exception is None, repr(done.exception)
    assert done.return_value == 0

    def no_constant(text: str) -> None:
        raise AssertionError(f"`{text}` is not JSON")

    found = [json.loads(line, parse_constant=no_constant) for line in done.stdout.splitlines()]
    assert found[-1]["id"] == "last"
    assert found[-1]["verdict"] == "blocked"
    assert len(found) == len(lines) + 1
    return found[:-1]


def flow(**more: Any) -> str:
    return json.dumps({"id": 1, "flow": {"from": "AppServer", "to": "10.0.0.99", **more}})


def dns(**more: Any) -> str:
    return json.dumps({"id": 1, "dns": {"from": "AppServer", "name": "a.example", **more}})


BAD_QUESTIONS = {
    "not JSON": ("flow", "not a JSON value"),
    "not UTF-8": (b"\xff", "not a JSON value"),
    "half an object": ('{"id": 1, "flow": {', "not a JSON value"),
    "a list": ("[]", "a question is an object"),
    "null": ("null", "a question is an object"),
    "a number": ("7", "a question is an object"),
    "nothing asked": ('{"id": 1}', "`flow` or `dns`"),
    "both asked": ('{"flow": {"from": "AppServer", "to": "x"}, "dns": {"from": "AppServer", "name": "x"}}', "`flow` or `dns`"),
    "flow is null": ('{"id": 1, "flow": null}', "`flow` or `dns`"),
    "flow is a list": ('{"id": 1, "flow": [["from"]]}', "`flow` or `dns`"),
    "misspelled kind": ('{"id": 1, "flw": {"from": "AppServer", "to": "x"}}', "did you mean `flow`?"),
    "an unknown word beside": ('{"id": 1, "flow": {"from": "AppServer", "to": "10.0.0.99"}, "prot": 1}', "`prot`"),
    "no from": ('{"id": 1, "flow": {"to": "x"}}', "`from` is missing"),
    "no to": ('{"id": 1, "flow": {"from": "AppServer"}}', "`to` is missing"),
    "no name": ('{"id": 1, "dns": {"from": "AppServer"}}', "`name` is missing"),
    "from is a number": (flow(**{"from": 7}), "`from` is not a string"),
    "from is nested": (flow(**{"from": [["AppServer"]]}), "`from` is not a string"),
    "from is unknown": (flow(**{"from": "AppServr"}), "did you mean `AppServer`?"),
    "to is unknown": (flow(to="AppServr"), "did you mean `AppServer`?"),
    "to is empty": (flow(to=""), "``"),
    "to is a block": (flow(to="10.0.0.0/24"), "`10.0.0.0/24`"),
    "unicode": (flow(**{"from": "сервер🎉"}), "`сервер🎉`"),
    "half a surrogate pair": ('{"id": 1, "flow": {"from": "\\ud800", "to": "x"}}', ""),
    "half a surrogate pair as the id": ('{"id": "\\ud800", "flow": {"from": "x", "to": "x"}}', ""),
    "a port that is a word": (flow(port="abc"), "`abc` is not a port"),
    "a port too large": (flow(port=70000), "`70000` is not a port"),
    "a port below zero": (flow(port=-1), "`-1` is not a port"),
    "a port that is a fraction": (flow(port=1.5), "`1.5` is not a port"),
    "a port that is a list": (flow(port=[443]), "is not a port"),
    "a port of 5,000 digits": (flow(port="9" * 5000), "is not a port"),
    "a port of 5,000 digits behind the target": (flow(to="10.0.0.99:" + "9" * 5000), ""),
    "a port of 5,000 digits in a URL": (flow(to="https://a.example:" + "9" * 5000), ""),
    "a port range upside down": (flow(port="5-1"), "`5-1` is not a port"),
    "a source port that is a word": (flow(source_port="x"), "`x` is not a port"),
    "an unknown protocol": (flow(protocol="sctpp"), "`sctpp` is not a protocol"),
    "a protocol too large": (flow(protocol=256), "`256` is not a protocol"),
    "a protocol that is a mapping": (flow(protocol={}), "is not a protocol"),
    "an unknown word": (flow(prt=1), "did you mean `port`?"),
    "all that is a word": (flow(all="no"), "`all`"),
    "an unknown record type": (dns(type="Q"), "`Q` is not a record type"),
    "a record type too large": (dns(type="TYPE99999"), "`TYPE99999` is not a record type"),
    "a record type in other digits": (dns(type="TYPE\u0663"), "is not a record type"),
    "a record type that is a number": (dns(type=7), "`7` is not a record type"),
    "a name that is none": (dns(name="a..b"), "`a..b` is not a host name"),
    "a name too long": (dns(name="a." * 5000), "is not a host name"),
    "a name in unicode": (dns(name="é.example"), "`é.example` is not a host name"),
    "a deep list": ("[" * 100_000, ""),
    "a deep object": ('{"a":' * 50_000, ""),
    "a number of 5,000 digits": ('{"id": 1, "flow": {"from": "AppServer", "to": "x", "port": ' + "9" * 5000 + "}}", ""),
    "not a number": ('{"id": NaN, "flow": {"from": "AppServer", "to": "10.0.0.99"}}', ""),
    "a number without end": ('{"id": 1e999, "flow": {"from": "AppServer", "to": "10.0.0.99"}}', ""),
}


@pytest.mark.parametrize("name", BAD_QUESTIONS)
def test_a_bad_question_is_answered_and_the_run_goes_on(name: str) -> None:
    line, message = BAD_QUESTIONS[name]
    [answer] = answers(line)
    assert set(answer) == {"id", "error"}
    assert message in answer["error"]
    assert len(answer["error"]) < 1000


IDS = [None, 0, "é🎉", [1, [2]], {"a": {"b": None}}, 10**3000, "x" * 100_000, True]


@pytest.mark.parametrize("id", IDS, ids=lambda id: str(id)[:20])
def test_an_id_of_any_type_is_given_back(id: Any) -> None:
    question = {"id": id, "flow": {"from": "AppServer", "to": "10.0.0.99"}}
    [answer] = answers(json.dumps(question))
    assert answer["id"] == id
    assert answer["verdict"] == "blocked"


def test_empty_lines_are_no_questions() -> None:
    done = CliRunner().invoke(ask, [str(MODEL)], input="\n  \n\t\n", standalone_mode=False)
    assert (done.stdout, done.return_value) == ("", 0)


def test_ten_thousand_questions_are_one_run() -> None:
    line = flow(to="10.0.0.99")
    assert [answer["verdict"] for answer in answers(*[line] * 10_000)] == ["blocked"] * 10_000


def test_a_refused_model_answers_every_question_with_refused(tmp_path: Path) -> None:
    path = written(tmp_path, VPC + "subnets: {a: 10.9.0.0/24}\n")
    done = CliRunner().invoke(ask, [str(path)], input=f"{flow()}\n[]\n{dns()}\n", standalone_mode=False)
    first, bad, last = map(json.loads, done.stdout.splitlines())
    assert done.return_value == 2
    assert first["verdict"] == last["verdict"] == "refused"
    assert first["codes"] == ["InvalidSubnet.Range"]
    assert "error" in bad
    assert "refused" in done.stderr


VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=8), st.sampled_from(SCALARS)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(KEYS), inner, max_size=3)),
    max_leaves=5,
)


def test_questions_of_any_form_are_answered() -> None:
    good = [json.loads(flow(port=443, protocol="tcp", all=True, source_port=1)), json.loads(dns(type="A"))]

    @fuzzed(40)
    @given(asked=st.lists(st.one_of(VALUES, *(mutated(question) for question in good)), min_size=1, max_size=20))
    def check(asked: list[Any]) -> None:
        for answer in answers(*map(json.dumps, asked)):
            assert "id" in answer
            assert ("verdict" in answer) != ("error" in answer)
            assert not [key for key in ("codes", "fixes", "answers", "notes", "assumptions") if answer.get(key, []) is None]

    check()
