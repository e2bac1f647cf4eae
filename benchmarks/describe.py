"""A hundred thousand resources of describe output: from the files of a folder to the first answer."""

from __future__ import annotations

import gc
import json
import resource
import tempfile
import time
from collections.abc import Iterator
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import vpcsim

ACCOUNT, REGION, ZONES = "111122223333", "us-east-1", ("us-east-1a", "us-east-1b", "us-east-1c")
VPCS, SUBNETS, INSTANCES, GROUPS, RULES = 100, 10, 49, 10, 12
BASE = int(IPv4Address("10.0.0.0"))


def run() -> Iterator[str]:
    """Writes the files, loads them, and tells the processor time and the memory of the loading."""
    with tempfile.TemporaryDirectory() as folder:
        written, size = write(Path(folder))
        yield f"{written:,} resources in {size / 2**20:.0f} MiB of JSON, as `aws` prints it"
        gc.collect()
        before = time.process_time()
        net = vpcsim.load(folder)
        loaded = time.process_time() - before
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
        held = len(net.topology.resources)
        yield f"read and compiled in {loaded:.1f} s of processor time, {peak:,.0f} MiB at most: {held:,} resources"
        before = time.process_time()
        answer = net.trace("i-0000000000000000f", "10.1.1.20", port=443)
        yield f"the first answer, {answer.verdict}, after {(time.process_time() - before) * 1000:.1f} ms more"


def write(folder: Path) -> tuple[int, int]:
    """The files of an account, one for every call, and how many resources and bytes they hold."""
    count = size = 0
    lists: dict[str, list[Any]] = {}
    for name, item in _items():
        lists.setdefault(name, []).append(item)
    place = folder / ACCOUNT / REGION
    place.mkdir(parents=True)
    for name, items in lists.items():
        text = json.dumps({name: items}, indent=4)
        (place / f"{name}.json").write_text(text)
        count, size = count + len(items), size + len(text)
    return count, size


def _items() -> Iterator[tuple[str, dict[str, Any]]]:
    number = 0
    for v in range(VPCS):
        vpc, block = _id("vpc", v), BASE + (v << 16)
        yield "Vpcs", {"VpcId": vpc, "CidrBlock": f"{IPv4Address(block)}/16", "IsDefault": False, "OwnerId": ACCOUNT, "Tags": []}
        yield "InternetGateways", {"InternetGatewayId": _id("igw", v), "Attachments": [{"State": "available", "VpcId": vpc}]}
        yield "RouteTables", _table(v, vpc, block)
        yield "NetworkAcls", _acl(v, vpc)
        groups = [_id("sg", v * GROUPS + g) for g in range(GROUPS)]
        for group in groups:
            yield "SecurityGroups", _group(group, vpc, groups)
        for s in range(SUBNETS):
            subnet = _id("subnet", v * SUBNETS + s)
            yield "Subnets", _subnet(subnet, vpc, block + (s << 8), ZONES[s % 3])
            for i in range(INSTANCES):
                address = str(IPv4Address(block + (s << 8) + 10 + i))
                interface = _interface(number, subnet, vpc, address, groups[i % GROUPS], ZONES[s % 3])
                yield "Reservations", {"OwnerId": ACCOUNT, "Instances": [_instance(number, subnet, vpc, interface)]}
                yield "NetworkInterfaces", interface
                number += 1


def _id(kind: str, number: int) -> str:
    return f"{kind}-{number:017x}"


def _table(v: int, vpc: str, block: int) -> dict[str, Any]:
    local = {
        "DestinationCidrBlock": f"{IPv4Address(block)}/16",
        "GatewayId": "local",
        "Origin": "CreateRouteTable",
        "State": "active",
    }
    out = {"DestinationCidrBlock": "0.0.0.0/0", "GatewayId": _id("igw", v), "Origin": "CreateRoute", "State": "active"}
    main = {"Main": True, "RouteTableAssociationId": _id("rtbassoc", v), "AssociationState": {"State": "associated"}}
    return {"RouteTableId": _id("rtb", v), "VpcId": vpc, "OwnerId": ACCOUNT, "Routes": [local, out], "Associations": [main]}


def _acl(v: int, vpc: str) -> dict[str, Any]:
    entries = [
        {"CidrBlock": "0.0.0.0/0", "Egress": egress, "Protocol": "-1", "RuleAction": action, "RuleNumber": number}
        for egress in (False, True)
        for action, number in (("allow", 100), ("deny", 32767))
    ]
    return {"NetworkAclId": _id("acl", v), "VpcId": vpc, "IsDefault": True, "OwnerId": ACCOUNT, "Entries": entries}


def _group(group: str, vpc: str, groups: list[str]) -> dict[str, Any]:
    rules = [
        {
            "IpProtocol": "tcp",
            "FromPort": 400 + r,
            "ToPort": 443 + r,
            "IpRanges": [{"CidrIp": f"10.{r}.0.0/16", "Description": "a rule"}],
            "Ipv6Ranges": [],
            "PrefixListIds": [],
            "UserIdGroupPairs": [{"GroupId": groups[r % len(groups)], "UserId": ACCOUNT}],
        }
        for r in range(RULES)
    ]
    everything = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}], "UserIdGroupPairs": []}
    about = {"GroupId": group, "GroupName": group, "Description": "a group", "VpcId": vpc, "OwnerId": ACCOUNT}
    return {**about, "IpPermissions": rules, "IpPermissionsEgress": [everything]}


def _subnet(subnet: str, vpc: str, block: int, zone: str) -> dict[str, Any]:
    cidr = f"{IPv4Address(block)}/24"
    return {
        "SubnetId": subnet,
        "VpcId": vpc,
        "CidrBlock": cidr,
        "AvailabilityZone": zone,
        "OwnerId": ACCOUNT,
        "State": "available",
    }


def _interface(number: int, subnet: str, vpc: str, address: str, group: str, zone: str) -> dict[str, Any]:
    attachment = {"AttachmentId": _id("eni-attach", number), "DeviceIndex": 0, "Status": "attached"}
    return {
        "Attachment": {**attachment, "InstanceId": _id("i", number), "InstanceOwnerId": ACCOUNT, "NetworkCardIndex": 0},
        "AvailabilityZone": zone,
        "Description": "",
        "Groups": [{"GroupName": group, "GroupId": group}],
        "InterfaceType": "interface",
        "Ipv6Addresses": [],
        "MacAddress": "0e:00:00:00:00:01",
        "NetworkInterfaceId": _id("eni", number),
        "OwnerId": ACCOUNT,
        "PrivateDnsName": f"ip-{address.replace('.', '-')}.ec2.internal",
        "PrivateIpAddress": address,
        "PrivateIpAddresses": [{"Primary": True, "PrivateIpAddress": address}],
        "RequesterManaged": False,
        "SourceDestCheck": True,
        "Status": "in-use",
        "SubnetId": subnet,
        "TagSet": [{"Key": "Name", "Value": f"interface {number}"}],
        "VpcId": vpc,
    }


def _instance(number: int, subnet: str, vpc: str, interface: dict[str, Any]) -> dict[str, Any]:
    return {
        "InstanceId": _id("i", number),
        "ImageId": "ami-00000000000000001",
        "InstanceType": "m5.large",
        "State": {"Code": 16, "Name": "running"},
        "Placement": {"AvailabilityZone": interface["AvailabilityZone"], "Tenancy": "default"},
        "PrivateIpAddress": interface["PrivateIpAddress"],
        "SubnetId": subnet,
        "VpcId": vpc,
        "SecurityGroups": interface["Groups"],
        "SourceDestCheck": True,
        "NetworkInterfaces": [interface],
        "Tags": [{"Key": "Name", "Value": f"instance {number}"}, {"Key": "Team", "Value": "network"}],
    }
