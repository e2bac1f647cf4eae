"""Output of AWS's API as a model: an account's folder as AWS writes it, its parts in every form, and what goes wrong with it."""

from __future__ import annotations

import gzip
import json
import random
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

import vpcsim
from vpcsim.calling import call
from vpcsim.errors import InputError, RefusedError
from vpcsim.readers import load
from vpcsim.readers.document import MAX_DEPTH
from vpcsim.topology import Topology

FOLDER = Path(__file__).parent.parent.parent / "models/described-account"
VPC = {"VpcId": "vpc-0123456789abcdef0", "CidrBlock": "10.0.0.0/16", "OwnerId": "111122223333"}
SUBNET = {
    "SubnetId": "subnet-0123456789abcdef0",
    "VpcId": VPC["VpcId"],
    "CidrBlock": "10.0.0.0/24",
    "AvailabilityZone": "eu-west-1a",
}
GROUP = {"GroupId": "sg-0123456789abcdef0", "GroupName": "web", "VpcId": VPC["VpcId"], "IpPermissionsEgress": []}
INTERFACE = {
    "NetworkInterfaceId": "eni-0123456789abcdef0",
    "SubnetId": SUBNET["SubnetId"],
    "PrivateIpAddress": "10.0.0.9",
    "Groups": [{"GroupId": GROUP["GroupId"]}],
    "Status": "in-use",
    "Description": "RDSNetworkInterface",
}
BASE = {"Vpcs": [VPC], "Subnets": [SUBNET], "SecurityGroups": [GROUP], "NetworkInterfaces": [INTERFACE]}


def read(folder: Path, content: Any, name: str = "all.json") -> Topology:
    path = folder / name
    path.write_text(content if isinstance(content, str) else json.dumps(content, indent=1))
    return load(path)


def told(topology: Topology) -> list[str]:
    settings = topology.settings
    return [*(n.message for n in settings.notices), *(f"{s.id}: {s.reason}" for s in settings.skipped), *settings.assumptions]


# the folder of an account


@pytest.fixture(scope="module")
def net() -> vpcsim.Network:
    return vpcsim.load(FOLDER)


@pytest.mark.parametrize(
    ("to", "verdict", "at"),
    [
        ("https://sqs.us-east-1.amazonaws.com", "reachable", "vpce-00000000000000059"),
        ("203.0.113.200:443", "reachable", "nat-0e0e0e0e0e0e0e0e0"),
        ("10.0.0.60:5432", "reachable", "eni-0000000000000000b"),
        ("10.0.0.60:80", "blocked", "sg-0000000000000000b"),
        ("10.50.0.9:443", "undecided", "rtb-00000000000000001"),
        ("10.0.1.90:443", "blocked", "sg-0000000000000000a"),
    ],
)
def test_verdicts_stand_on_what_the_account_holds(net: vpcsim.Network, to: str, verdict: str, at: str) -> None:
    answer = net.trace("AppServer", to)
    assert (answer.verdict, at in json.dumps(answer.to_dict())) == (verdict, True)


def test_interfaces_keep_their_ids_and_addresses(net: vpcsim.Network) -> None:
    owners = {r.id: (r.attached_to, r.in_use_by) for r in net.topology.of_kind("network_interface")}  # type: ignore[attr-defined]
    balancer = "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/front/0123456789abcdef"
    assert {id: owner for id, (owner, _) in owners.items()} == {
        "eni-00000000000000001": "i-0123456789abcdef0",
        "eni-0000000000000000a": "nat-0e0e0e0e0e0e0e0e0",
        "eni-0000000000000000e": "vpce-00000000000000059",
        "eni-0000000000000000b": None,
        "eni-0000000000000000c": balancer,
        "eni-0000000000000000f": balancer,
    }
    assert owners["eni-0000000000000000b"][1] == "RDSNetworkInterface"
    assert not any(resource.assumed for resource in net.topology.of_kind("network_interface"))


def test_what_aws_made_is_not_made_again(net: vpcsim.Network) -> None:
    for kind, count in (("route_table", 2), ("network_acl", 1), ("security_group", 5), ("elastic_ip", 1)):
        assert len(net.topology.of_kind(kind)) == count, kind


def test_names_of_the_account_answer(net: vpcsim.Network) -> None:
    assert [r.data for r in net.resolve("AppServer", "db.internal.example", "A").records][-1] == "10.0.0.10"
    real = "vpce-00000000000000059-abcdefgh.sqs.us-east-1.vpce.amazonaws.com"
    assert [r.data for r in net.resolve("AppServer", real, "A").records] == ["10.0.0.50"]


def test_a_call_uses_the_policies_of_the_account(net: vpcsim.Network) -> None:
    assert call(net, "AppServer", "sqs:SendMessage", "orders").verdict == "reachable"
    role: Any = net.topology.resources["role/AppServerRole"]
    assert [policy.policy_name for policy in role.policies] == ["queue", "own"]
    assert role.managed_policy_arns == ("arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore",)


def test_every_loss_is_told(net: vpcsim.Network) -> None:
    lines = told(net.topology)
    for part in (
        "sg-0000000000000000a: sg-09999999999999999, a security group, is not described",
        "rtb-00000000000000001: pl-63a5400a, a prefix list, is not described",
        "dopt-0123456789abcdef0, a dhcp options, is not described; what names it is left out",
        "Z0999999999999999: the zone is private, and `get-hosted-zone` with its VPCs is not in the files",
        "Volumes: not modelled (1 of them)",
    ):
        assert any(part in line for line in lines), part
    assert len(lines) == 5


def test_origins_are_lines_of_the_files(net: vpcsim.Network) -> None:
    for resource in net.topology.declared:
        assert resource.origin is not None
        if not resource.origin.file.endswith((".gz", ".jsonl")) and resource.origin.line > 1:
            line = Path(resource.origin.file).read_text().splitlines()[resource.origin.line - 1]
            assert line.strip()[:1] in ("{", '"'), resource.origin


def test_names_of_files_and_their_order_do_not_matter(tmp_path: Path, net: vpcsim.Network) -> None:
    files = [path for path in FOLDER.rglob("*") if path.is_file() and not path.name.startswith(("records", "README"))]
    random.Random(1).shuffle(files)
    for number, path in enumerate(files):
        kind = "".join(path.suffixes)
        target = tmp_path / "111122223333" / f"{number:02d}{kind}"
        target.parent.mkdir(exist_ok=True)
        shutil.copy(path, target)
    shutil.copy(next(FOLDER.rglob("records*")), tmp_path / "Z0123456789ABCDEF")
    assert load(tmp_path) == net.topology


# forms


def test_one_file_holds_everything(tmp_path: Path) -> None:
    topology = read(tmp_path, BASE)
    assert (topology.settings.region, topology.settings.account) == ("eu-west-1", "111122223333")
    assert str(topology.resources["eni-0123456789abcdef0"].origin).endswith("all.json:26:3")


FORMS = {
    "on one line": lambda: json.dumps(BASE).encode(),
    "a byte order mark": lambda: b"\xef\xbb\xbf" + json.dumps(BASE).encode(),
    "gzip": lambda: gzip.compress(json.dumps(BASE).encode()),
    "an object on each line": lambda: "\n".join(json.dumps({k: v}) for k, v in BASE.items()).encode(),
    "an object for each page": lambda: "".join(
        json.dumps({k: [i], "NextToken": "x"}) for k, v in BASE.items() for i in v
    ).encode(),
    "the same page twice": lambda: (json.dumps(BASE) * 2).encode(),
    "yaml": lambda: __import__("yaml").safe_dump(BASE).encode(),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_the_same_model(tmp_path: Path, form: str) -> None:
    (tmp_path / "other").mkdir()
    path = tmp_path / "other" / "file.json"
    path.write_bytes(FORMS[form]())
    assert load(path) == read(tmp_path, BASE)


def test_several_accounts_and_regions_make_one_model(tmp_path: Path) -> None:
    for account, region, number in (("111122223333", "us-east-1", 1), ("444455556666", "eu-west-1", 2)):
        place = tmp_path / account / region
        place.mkdir(parents=True)
        vpc = {"VpcId": f"vpc-{number:017d}", "CidrBlock": f"10.{number}.0.0/16"}
        functions = [{"FunctionName": "report", "VpcConfig": {}}]
        (place / "a.json").write_text(json.dumps({"Vpcs": [vpc], "Functions": functions}))
    topology = load(tmp_path)
    assert [r.id for r in topology.of_kind("vpc")] == ["vpc-00000000000000001", "vpc-00000000000000002"]
    assert any("report: another one of this name, of 111122223333 us-east-1, is in the model" in line for line in told(topology))


def test_a_native_file_changes_what_the_account_holds(tmp_path: Path) -> None:
    (tmp_path / "all.json").write_text(json.dumps(BASE))
    (tmp_path / "change.yaml").write_text(f"security_groups: {{{GROUP['GroupId']}: {{ingress: [tcp 5432 from 10.0.0.0/16]}}}}\n")
    changed: Any = load(tmp_path / "all.json", tmp_path / "change.yaml").resources[GROUP["GroupId"]]
    assert [str(block) for block in changed.ip_permissions[0].blocks] == ["10.0.0.0/16"]


def test_a_template_beside_it_is_still_refused_and_the_account_is_not(tmp_path: Path) -> None:
    overlapping = {**SUBNET, "SubnetId": "subnet-0fffffffffffffff0"}
    (tmp_path / "all.json").write_text(json.dumps({"Vpcs": [VPC], "Subnets": [SUBNET, overlapping]}))
    template = tmp_path / "template.yaml"
    vpc = "Resources: {more: {Type: AWS::EC2::VPC, Properties: {CidrBlock: %s}}}\n"
    template.write_text(vpc % "10.1.0.0/16")
    topology = load(template, tmp_path / "all.json")
    assert {"more", VPC["VpcId"]} == {resource.id for resource in topology.of_kind("vpc")}
    template.write_text(vpc % "10.1.0.0/8")
    with pytest.raises(RefusedError, match=r"template\.yaml:1:13: refused: more: 10\.0\.0\.0/8"):
        load(template, tmp_path / "all.json")


def test_clusters_of_eks_and_services_of_ecs_are_told_apart(tmp_path: Path) -> None:
    config = {"subnetIds": [SUBNET["SubnetId"]], "securityGroupIds": [], "endpointPublicAccess": True}
    network = {"awsvpcConfiguration": {"subnets": [SUBNET["SubnetId"]], "securityGroups": [], "assignPublicIp": "DISABLED"}}
    services = [{"serviceName": "web", "launchType": "FARGATE", "networkConfiguration": network}]
    pages = [BASE, {"cluster": {"name": "main", "resourcesVpcConfig": config, "tags": {"Team": "a"}}}]
    pages += [{"cluster": "arn:aws:ecs:eu-west-1:111122223333:cluster/x", "services": services}]
    topology = read(tmp_path, "".join(map(json.dumps, pages)))
    assert [r.id for kind in ("eks_cluster", "ecs_service") for r in topology.of_kind(kind)] == ["main", "web"]
    assert topology.settings.skipped == ()


def test_tasks_tell_which_interfaces_are_those_of_a_service(tmp_path: Path) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Attachment.html"""
    network = {"awsvpcConfiguration": {"subnets": [SUBNET["SubnetId"]], "securityGroups": [GROUP["GroupId"]]}}
    services = [{"serviceName": "web", "networkConfiguration": network}]
    details = [{"name": "subnetId", "value": "x"}, {"name": "networkInterfaceId", "value": INTERFACE["NetworkInterfaceId"]}]
    attachments = [{"type": "Service Connect", "details": []}, {"type": "ElasticNetworkInterface", "details": details}]
    tasks = [{"group": "service:web", "attachments": attachments}, {"group": "family:job"}]
    topology: Any = read(tmp_path, {**BASE, "services": services, "tasks": tasks})
    interfaces = [r.id for r in topology.of_kind("network_interface") if r.attached_to == "web"]
    assert interfaces == [INTERFACE["NetworkInterfaceId"]]


# what is missing, and what is wrong


def test_defaults_of_answers_that_are_missing_are_told(tmp_path: Path) -> None:
    lines = told(read(tmp_path, {"Vpcs": [{**VPC, "IsDefault": True}]}))
    assert f"{VPC['VpcId']}: EnableDnsHostnames is true, AWS's default: nothing in the files tells it" in lines
    assert "the Region is us-east-1: nothing in the files tells it" in lines


def test_what_stands_in_something_unknown_is_left_out(tmp_path: Path) -> None:
    topology = read(tmp_path, {"Vpcs": [VPC], "NetworkInterfaces": [INTERFACE], "Subnets": []})
    assert topology.of_kind("network_interface") == []
    assert "eni-0123456789abcdef0: subnet-0123456789abcdef0, a subnet, is not described" in told(topology)


def test_an_interface_with_an_unknown_group_is_undecided(tmp_path: Path) -> None:
    content = {**BASE, "SecurityGroups": []}
    (tmp_path / "all.json").write_text(json.dumps(content))
    assert vpcsim.load(tmp_path / "all.json").trace("internet", "eni-0123456789abcdef0", port=443).verdict != "reachable"
    answer = vpcsim.load(tmp_path / "all.json").trace("eni-0123456789abcdef0", "10.0.0.200", port=443)
    assert answer.verdict == "undecided"


def test_what_aws_runs_is_not_refused(tmp_path: Path) -> None:
    overlapping = {**SUBNET, "SubnetId": "subnet-0fffffffffffffff0"}
    topology = read(tmp_path, {"Vpcs": [VPC], "Subnets": [SUBNET, overlapping]})
    assert any("overlaps" in line for line in told(topology))
    with pytest.raises(RefusedError, match="overlaps"):
        read(tmp_path, "vpcs: {v: 10.0.0.0/16}\nsubnets: {a: 10.0.0.0/24, b: 10.0.0.0/24}\n", "network.yaml")


BROKEN = {
    "cut off": (json.dumps(BASE)[:-40], r"all\.json:1:\d+: "),
    "a comma missing": ('{"Vpcs": [{"VpcId": "v"} {}]}', r"all\.json:1:26: expected `,` or the closing bracket"),
    "twice the same list": ('{"Vpcs": [],\n "Vpcs": []}', r"all\.json:2:2: duplicate key `Vpcs`"),
    "too deep": ('{"Vpcs": ' + "[" * 200_000 + "]" * 200_000 + "}", rf"nested deeper than {MAX_DEPTH} levels"),
    "half a surrogate": ('{"Vpcs": [{"VpcId": "\\ud800", "CidrBlock": "10.0.0.0/16"}]}', "half of a surrogate pair"),
    "an enormous number": ('{"Vpcs": [{"VpcId": ' + "1" * 5000 + "}]}", "a number of thousands of digits"),
    "a wrong block": (
        '{"Vpcs": [{"VpcId": "vpc-1", "CidrBlock": "10.0.0/16"}]}',
        r"all\.json:1:11: Vpcs\[0\]: CidrBlock",
    ),
    "a list without its name": ('[{"VpcId": "vpc-1"}]', "a model is a mapping of sections"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_says_where_and_what(tmp_path: Path, name: str) -> None:
    text, message = BROKEN[name]
    with pytest.raises(InputError, match=message):
        read(tmp_path, text)


def test_a_file_cut_off_anywhere_is_told(tmp_path: Path) -> None:
    text = (FOLDER / "111122223333/us-east-1/tables.json").read_text().rstrip()
    for end in range(1, len(text), 61):
        with pytest.raises(InputError) as caught:
            read(tmp_path, text[:end])
        assert all(problem.origin and problem.origin.line for problem in caught.value.problems), text[:end][-60:]


def test_a_damaged_gzip_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "all.json.gz"
    path.write_bytes(gzip.compress(json.dumps(BASE).encode())[:-20])
    with pytest.raises(InputError, match="a gzip file that is damaged or cut off"):
        load(path)


@pytest.mark.parametrize("item", [None, 1, "text", [], {}, {"VpcId": 5}, {"VpcId": []}, [[]]])
def test_items_of_any_form_are_read_or_left_out(tmp_path: Path, item: Any) -> None:
    for key in ("Vpcs", "Reservations", "NetworkInterfaces", "ResourceRecordSets", "Firewall", "QueueUrls", "Routes", "Rules"):
        with suppress(InputError):
            read(tmp_path, {**BASE, key: [*BASE.get(key, ()), item]})
