"""A snapshot of an account that moto plays: what is written is what was answered, and the folder is a model."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

pytest.importorskip("flask", reason="moto's server needs flask")

import boto3
from moto.server import ThreadedMotoServer

import vpcsim
from vpcsim.cli.snapshot import command
from vpcsim.errors import InputError
from vpcsim.readers import describe, load
from vpcsim.snapshot import calls, take, taking

ACCOUNT, REGION = "123456789012", "us-east-1"
SERVICES = ("ec2", "elbv2", "route53", "iam", "sqs")


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in (("ACCESS_KEY_ID", "x"), ("SECRET_ACCESS_KEY", "x"), ("CONFIG_FILE", str(tmp_path / "none"))):
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)
    monkeypatch.setattr(taking, "REGIONAL", tuple(call for call in calls.REGIONAL if known(call)))
    monkeypatch.setattr(taking, "GLOBAL", tuple(call for call in calls.GLOBAL if known(call)))


def known(call: calls.Call) -> bool:
    """Calls that moto has, of some services, so that the test is short."""
    from moto.ec2.responses import EC2Response

    return call.service in SERVICES and (call.service != "ec2" or hasattr(EC2Response, call.method))


@pytest.fixture(scope="module")
def account(url: str) -> dict[str, str]:
    """A VPC with what most accounts have."""
    made = {"aws_access_key_id": "x", "aws_secret_access_key": "x", "region_name": REGION, "endpoint_url": url}
    ec2, route53, sqs = (boto3.client(service, **made) for service in ("ec2", "route53", "sqs"))
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24", AvailabilityZone="us-east-1a")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(GroupName="app", Description="app", VpcId=vpc)["GroupId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    elastic = ec2.allocate_address(Domain="vpc")["AllocationId"]
    nat = ec2.create_nat_gateway(SubnetId=subnet, AllocationId=elastic)["NatGateway"]["NatGatewayId"]
    tags = [{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "AppServer"}]}]
    launched = ec2.run_instances(
        ImageId="ami-12c6146b", MinCount=1, MaxCount=1, SubnetId=subnet, SecurityGroupIds=[group], TagSpecifications=tags
    )
    endpoint = ec2.create_vpc_endpoint(
        VpcId=vpc, ServiceName="com.amazonaws.us-east-1.sqs", VpcEndpointType="Interface", SubnetIds=[subnet]
    )
    zone = {"VPCRegion": REGION, "VPCId": vpc}
    route53.create_hosted_zone(
        Name="corp.example", CallerReference="1", VPC=zone, HostedZoneConfig={"PrivateZone": True, "Comment": ""}
    )
    sqs.create_queue(QueueName="orders")
    ids = {"vpc": vpc, "subnet": subnet, "group": group, "nat": nat, "elastic": elastic}
    ids |= {"instance": launched["Instances"][0]["InstanceId"], "endpoint": endpoint["VpcEndpoint"]["VpcEndpointId"]}
    return ids


@pytest.fixture(scope="module")
def snapshot(url: str, account: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patch:
        credentials.__wrapped__(patch, tmp_path_factory.mktemp("config"))  # type: ignore[attr-defined]
        folder = tmp_path_factory.mktemp("taken") / "snapshot"
        taken = take(str(folder), regions=[REGION], endpoint_url=url)
        assert (taken.account, taken.regions, taken.reports) == (ACCOUNT, (REGION,), ())
        yield folder


@pytest.mark.parametrize(
    "method", ["describe_vpcs", "describe_network_interfaces", "describe_security_groups", "describe_route_tables"]
)
def test_what_is_written_is_what_was_answered(url: str, snapshot: Path, method: str) -> None:
    client = boto3.client("ec2", region_name=REGION, endpoint_url=url)
    answer = client.get_paginator(method).paginate().build_full_result()
    file = snapshot / ACCOUNT / REGION / f"ec2-{method.replace('_', '-')}.json"
    assert json.loads(file.read_text()) == json.loads(json.dumps(answer, default=str))


def test_the_folder_is_a_model(snapshot: Path, account: dict[str, str]) -> None:
    net = vpcsim.load(snapshot)
    resources: Any = net.topology.resources
    assert set(account.values()) <= resources.keys()
    assert resources[account["vpc"]].enable_dns_hostnames
    assert {i.attached_to for i in net.topology.of_kind("network_interface")} == {  # type: ignore[attr-defined]
        account["instance"],
        account["nat"],
        account["endpoint"],
    }
    assert [zone.vpcs[0].vpc_id for zone in net.topology.of_kind("hosted_zone")] == [account["vpc"]]  # type: ignore[attr-defined]
    assert net.trace("AppServer", "203.0.113.9:443").verdict in ("reachable", "blocked")


def test_a_call_that_is_refused_is_a_line_and_the_rest_goes_on(
    url: str, account: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from botocore.exceptions import ClientError

    answer = taking._answer

    def denying(client: Any, method: str, parameters: dict[str, Any]) -> dict[str, Any]:
        if method == "describe_network_acls":
            raise ClientError({"Error": {"Code": "UnauthorizedOperation", "Message": "secret reasons"}}, method)
        return answer(client, method, parameters)

    monkeypatch.setattr(taking, "_answer", denying)
    words = ["--regions", REGION, "--endpoint-url", url, "-o", str(tmp_path / "s")]
    result = CliRunner().invoke(command, words, standalone_mode=False)
    assert result.return_value == 1
    assert f"vpcsim: {REGION}: ec2 describe-network-acls: not allowed (UnauthorizedOperation)\n" in result.stderr
    notices = [notice.message for notice in load(tmp_path / "s").settings.notices]
    assert f"the snapshot lacks ec2 describe-network-acls of {REGION}: not allowed (UnauthorizedOperation)" in notices
    assert len(load(tmp_path / "s").of_kind("vpc")) == 2


def test_a_folder_is_replaced_only_if_it_is_a_snapshot_and_one_says_so(url: str, snapshot: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds a snapshot; `--force` replaces it"):
        take(str(snapshot), regions=[REGION], endpoint_url=url)
    (tmp_path / "mine").write_text("mine")
    with pytest.raises(InputError, match="holds something else than a snapshot"):
        take(str(tmp_path), regions=[REGION], endpoint_url=url, force=True)
    before = {path.name for path in snapshot.parent.iterdir()}
    take(str(snapshot), regions=[REGION], endpoint_url=url, force=True)
    assert {path.name for path in snapshot.parent.iterdir()} == before


def test_without_credentials_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    with pytest.raises(InputError, match=r"no credentials that work: .*could not be found"):
        take(str(tmp_path / "s"), profile="nobody", regions=[REGION], endpoint_url=url)
    with pytest.raises(InputError, match="no Region: the profile has none"):
        take(str(tmp_path / "s"), endpoint_url=url)
    assert not (tmp_path / "s").exists()


def test_secrets_of_tunnels_are_not_written() -> None:
    answer = {"VpnConnections": [{"CustomerGatewayConfiguration": "x", "Options": {"TunnelOptions": [{"PreSharedKey": "x"}]}}]}
    assert taking._without_secrets(answer) == {"VpnConnections": [{"Options": {"TunnelOptions": [{}]}}]}


@pytest.mark.parametrize("call", [*calls.GLOBAL, *calls.REGIONAL], ids=lambda call: call.name)
def test_every_call_reads_exists_and_gives_what_the_reader_knows(call: calls.Call) -> None:
    assert call.method.startswith(("describe_", "list_", "get_", "search_"))
    client = boto3.client(call.service, region_name=REGION)
    operation = client.meta.method_to_api_mapping[call.method]
    output = client.meta.service_model.operation_model(operation).output_shape.members
    parameters = client.meta.service_model.operation_model(operation).input_shape
    given = {*call.parameters, *(call.each.parameters if call.each else ())}
    assert given <= set(parameters.members if parameters else ())
    only_names = {"clusterArns", "serviceArns", "taskArns", "clusters"}
    assert any(describe._is_known(key) or key in only_names for key in output), list(output)
    if call.each:
        of = client.meta.service_model.operation_model(client.meta.method_to_api_mapping[call.each.method])
        assert call.each.items in of.output_shape.members


def test_a_call_may_be_about_some_items_only() -> None:
    call = next(call for call in calls.GLOBAL if call.method == "get_vpc_attachment")
    items = [{"AttachmentId": id, "AttachmentType": type} for id, type in (("attachment-1", "VPC"), ("attachment-2", "CONNECT"))]
    asked = [*taking._askings(call, {"list_attachments": [{"Attachments": items}]})]
    assert asked == [{"AttachmentId": "attachment-1"}]
