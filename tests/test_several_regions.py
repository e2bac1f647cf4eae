"""Several Regions and accounts in one model: who inherits from whom, what follows from it, what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.networks import VPC, Refusal, Row, ask, changed, check, names, refused, told
from vpcsim import InputError, Network
from vpcsim.fabric import Vpc
from vpcsim.resource import Draft
from vpcsim.shapes import SHAPES
from vpcsim.topology import Settings, Topology

BASE = """
region: us-east-1
account: "123456789012"
vpcs:
  east: {cidr: 10.0.0.0/16, dns_hostnames: true}
  west: {cidr: 10.1.0.0/16, dns_hostnames: true, region: us-west-2, account: "111122223333"}
internet_gateways: {east-igw: {vpc: east}, west-igw: {vpc: west}}
subnets:
  east-net: {vpc: east, cidr: 10.0.1.0/24}
  west-net: {vpc: west, cidr: 10.1.1.0/24}
route_tables:
  east-table: {vpc: east, subnets: east-net, routes: {10.1.0.0/16: pcx, 0.0.0.0/0: east-igw}}
  west-table: {vpc: west, subnets: west-net, routes: {10.0.0.0/16: pcx, 0.0.0.0/0: west-igw}}
security_groups:
  east-sg: {vpc: east, ingress: all from 10.0.0.0/8}
  west-sg: {vpc: west, ingress: all from 10.0.0.0/8}
instances:
  app: {subnet: east-net, ip: 10.0.1.10, public_address: true, security_groups: east-sg}
  db: {subnet: west-net, ip: 10.1.1.10, public_address: true, security_groups: west-sg}
endpoints:
  sqs: {vpc: west, service: sqs, subnets: west-net, private_dns: true, security_groups: west-sg}
  s3: {vpc: west, service: s3, type: gateway, route_tables: west-table}
vpc_peering_connections: {pcx: {requester: east, accepter: west}}
"""
PEERING = "https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-dns.html"
ZONES = "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-regions-availability-zones.html"
BPA = f"{VPC}security-vpc-bpa-basics.html"
WEST, ACCOUNT = "us-west-2", "111122223333"


@pytest.fixture
def net() -> Network:
    return changed(BASE, "")


@pytest.mark.parametrize("id", ["west", "west-net", "west-sg", "db", "db/west-net", "west-igw", "sqs", "s3", "west-table"])
def test_what_is_inside_a_vpc_has_its_region_and_its_owner(net: Network, id: str) -> None:
    assert (net.topology.region_of(id), net.topology.account_of(id)) == (WEST, ACCOUNT)


@pytest.mark.parametrize("id", ["east", "east-net", "app", "pcx", "east-igw", "nobody"])
def test_everything_else_has_those_of_the_model(net: Network, id: str) -> None:
    assert (net.topology.region_of(id), net.topology.account_of(id)) == ("us-east-1", "123456789012")


def test_an_instance_and_its_interface_name_each_other() -> None:
    made = "network_interfaces: {eni: {subnet: west-net}}\ninstances: {two: {network_interfaces: [{network_interface_id: eni}]}}"
    topology = changed(BASE, made).topology
    assert [topology.region_of(id) for id in ("two", "eni")] == [WEST, WEST]


def test_an_instance_of_another_account_in_a_shared_subnet_owns_its_interface() -> None:
    """https://docs.aws.amazon.com/vpc/latest/userguide/vpc-sharing.html"""
    net = changed(BASE, "instances: {app: {account: '444455556666'}}")
    assert [net.topology.account_of(id) for id in ("app", "app/east-net", "east-net")] == ["444455556666"] * 2 + ["123456789012"]


SHARING = f"{VPC}vpc-share-limitations.html"
GUEST = "account: '444455556666'"
SHARED = f"""
security_groups: {{guest-sg: {{vpc: east, {GUEST}, ingress: tcp 22 from east-sg}}}}
instances: {{guest: {{subnet: east-net, ip: 10.0.1.20, {GUEST}, security_groups: guest-sg}}}}
"""
REFUSALS = [
    Refusal("a participant's table", SHARING, f"route_tables: {{t: {{vpc: east, {GUEST}}}}}", "", "t"),
    Refusal("a participant's ACL", SHARING, f"network_acls: {{t: {{vpc: east, {GUEST}}}}}", "", "t"),
    Refusal("a participant's NAT gateway", SHARING, f"nat_gateways: {{t: {{subnet: east-net, {GUEST}}}}}", "", "t"),
    Refusal(
        "a participant's endpoint", SHARING,
        f"endpoints: {{t: {{vpc: east, service: sqs, subnets: east-net, {GUEST}, security_groups: east-sg}}}}", "", "t",
    ),
    Refusal("the owner's default group", SHARING, f"instances: {{t: {{subnet: east-net, {GUEST}}}}}", "", "t"),
]  # fmt: skip


@pytest.mark.parametrize("row", REFUSALS, ids=names(REFUSALS))
def test_what_a_participant_cannot_have(row: Refusal) -> None:
    refused(BASE, row)


def test_accounts_that_share_a_subnet_are_neighbours() -> None:
    """Groups name each other whoever owns them: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-share-limitations.html"""
    net = changed(BASE, SHARED)
    assert told(ask(net, "app -> guest 22/tcp")) == (
        "app app/east-net east-net guest/east-net guest",
        "guest guest/east-net east-net app/east-net app",
        "reachable",
    )
    assert not ask(net, "app -> guest 23/tcp").reachable


def test_saying_the_obvious_changes_nothing(net: Network) -> None:
    said = changed(BASE, "subnets: {west-net: {region: us-west-2, account: '111122223333'}, east-net: {region: us-east-1}}")
    assert said.topology == net.topology
    assert changed(BASE, "vpcs: {west: {account: '444455556666'}}").topology != net.topology
    assert "Region" not in net.topology.resources["west-net"].dump()
    assert net.topology.resources["west"].dump()["Region"] == WEST


def test_api_shaped_values_bring_their_region_and_their_owner() -> None:
    fields: dict[str, Any] = {"CidrBlock": "10.0.0.0/16", "OwnerId": ACCOUNT, "Region": WEST}
    topology = Topology.build(Settings(SHAPES), [Draft(Vpc, "vpc-1", fields, None)])
    assert (topology.region_of("vpc-1"), topology.account_of("vpc-1")) == (WEST, ACCOUNT)


def test_zones_names_and_prefix_lists_are_those_of_the_region(net: Network) -> None:
    resources = net.topology.resources
    assert resources["west-net"].dump()["AvailabilityZone"] == "us-west-2a"
    assert resources["sqs"].dump()["ServiceName"] == "com.amazonaws.us-west-2.sqs"
    assert resources["s3"].dump()["ServiceName"] == "com.amazonaws.us-west-2.s3"
    assert [r.name for r in net.topology.of_kind("prefix_list")] == ["com.amazonaws.us-west-2.s3"]


@pytest.mark.parametrize(
    ("asker", "name", "addresses"),
    [
        ("db", "sqs.us-west-2.amazonaws.com", "private"),
        ("db", "sqs.us-east-1.amazonaws.com", "public"),
        ("app", "sqs.us-west-2.amazonaws.com", "public"),
        ("db", "ip-10-1-1-10.us-west-2.compute.internal", "private"),
        ("db", "ip-10-1-1-10.ec2.internal", "nothing"),
        ("app", "ip-10-0-1-10.ec2.internal", "private"),
        ("app", "ip-10-1-1-10.ec2.internal", "nothing"),
    ],
)
def test_names_are_those_of_the_asker_s_region(net: Network, asker: str, name: str, addresses: str) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/hostname-types.html"""
    found = net.resolve(asker, name).addresses
    kind = "nothing" if not found else "private" if found[0].startswith("10.") else "public"
    assert kind == addresses


def test_a_public_name_of_another_region_answers_privately_over_a_peering_that_allows_it(net: Network) -> None:
    """https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-dns.html"""
    public = net.topology.resources["db/west-net"].dump()["Association"]["PublicIp"]
    name = f"ec2-{public.replace('.', '-')}.us-west-2.compute.amazonaws.com"
    assert net.resolve("app", name).addresses == (public,)
    shown = changed(BASE, "vpc_peering_connections: {pcx: {accepter_dns: true}}")
    assert shown.resolve("app", name).addresses == ("10.1.1.10",)


ROWS = [
    Row(
        "addresses across Regions", PEERING, "", "app -> db 5432/tcp",
        "app app/east-net east-net pcx db/west-net db", "db db/west-net west-net pcx app/east-net app",
    ),
    Row(
        "groups do not cross Regions", f"{VPC}vpc-security-groups.html",
        "security_groups: {west-sg: {ingress: tcp 5432 from east-sg}}", "app -> db 5432/tcp",
        "app app/east-net east-net pcx db/west-net", "", "denied SG_REFERENCES_NOT_PRESERVED west-sg",
    ),
    Row(
        "groups cross accounts", f"{VPC}vpc-security-groups.html",
        "vpcs: {west: {region: us-east-1}}\nsecurity_groups: {west-sg: {ingress: tcp 5432 from east-sg}}", "app -> db 5432/tcp",
        "app app/east-net east-net pcx db/west-net db", "db db/west-net west-net pcx app/east-net app",
    ),
    Row(
        "Block Public Access of another Region", BPA, "block_public_access: {here: block-bidirectional}",
        "db -> 192.0.2.9 443/tcp", "db db/west-net west-net west-igw internet", "internet west-igw db/west-net db",
    ),
    Row(
        "Block Public Access of another account", BPA, "block_public_access: {x: {mode: block-bidirectional, region: us-west-2}}",
        "db -> 192.0.2.9 443/tcp", "db db/west-net west-net west-igw internet", "internet west-igw db/west-net db",
    ),
    Row(
        "Block Public Access of the VPC's account and Region", BPA,
        "block_public_access: {here: off, x: {mode: block-bidirectional, region: us-west-2, account: '111122223333'}}",
        "db -> 192.0.2.9 443/tcp", "db db/west-net west-net west-igw", "",
        "denied VPC_BLOCK_PUBLIC_ACCESS_ENABLED west-igw",
    ),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=names(ROWS))
def test_packets(row: Row) -> None:
    check(BASE, row)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ("vpcs: {west: {region: us-west-22}}", "west: `us-west-22` is not a Region, did you mean `us-west-2`?"),
        ("subnets: {west-net: {region: us-east-1}}", "west-net: it is in us-east-1, and west in us-west-2"),
        ("subnets: {west-net: {az: us-east-1a}}", "west-net: us-east-1a is not an Availability Zone of us-west-2"),
        ("vpc_peering_connections: {pcx: {peer_region: eu-west-1}}", "eu-west-1 is not the region of west, us-west-2 is"),
        ("vpc_peering_connections: {pcx: {peer_account: 1}}", f"1 is not the account of west, {ACCOUNT} is"),
    ],
)
def test_what_contradicts_itself_is_told(changes: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        changed(BASE, changes)
    assert message in str(caught.value)


def test_the_log_of_a_query_names_the_account_and_the_region_of_the_vpc(net: Network) -> None:
    from vpcsim.renderers.query_log import query_log

    record = query_log(net.resolve("db", "sqs.us-west-2.amazonaws.com"), net, "2026-01-01T00:00:00Z", 40000)
    assert record is not None
    assert (record["account_id"], record["region"]) == (ACCOUNT, WEST)


def test_a_change_of_a_vpc_s_region_moves_what_is_inside() -> None:
    net = changed(BASE, "subnets: {west-net: {az: null}}")
    moved = net.with_changes({"subnets": {"more": {"vpc": "west", "cidr": "10.1.2.0/24"}}})
    assert moved.topology.resources["more"].dump()["AvailabilityZone"] == "us-west-2a"
    assert ask(moved, "app -> db 5432/tcp").reachable


CROSS = "https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-cross-region-privatelink-support.html"
KMS = "endpoints: {kms: {vpc: east, service: kms, service_region: us-west-2, subnets: east-net, security_groups: east-sg%s}}"
ENDPOINT_REFUSALS = [
    Refusal(
        "a transit gateway of another Region", "https://docs.aws.amazon.com/vpc/latest/tgw/how-transit-gateways-work.html",
        "transit_gateways: {tgw: {}}\ntransit_gateway_attachments: {x: {transit_gateway: tgw, vpc: west, subnets: west-net}}",
        "InvalidVpcID.NotFound", "x",
    ),
    Refusal(
        "a service of another Region, unsaid", CROSS,
        "endpoints: {x: {vpc: east, service: com.amazonaws.us-west-2.kms, subnets: east-net}}", "InvalidServiceName", "x",
    ),
    Refusal(
        "a service that stays in its Region", CROSS,
        "endpoints: {x: {vpc: east, service: sqs, service_region: us-west-2, subnets: east-net}}", "InvalidServiceName", "x",
    ),
    Refusal(
        "another Region than the name's", CROSS,
        "endpoints: {x: {vpc: east, service: com.amazonaws.us-west-2.kms, service_region: eu-west-1, subnets: east-net}}",
        "InvalidServiceName", "x",
    ),
]  # fmt: skip


@pytest.mark.parametrize("row", ENDPOINT_REFUSALS, ids=names(ENDPOINT_REFUSALS))
def test_which_endpoints_stay_in_their_region(row: Refusal) -> None:
    refused(BASE, row)


def test_an_endpoint_for_a_service_of_another_region() -> None:
    """https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-cross-region-privatelink-support.html"""
    net = changed(BASE, KMS % ", private_dns: true")
    assert net.topology.resources["kms"].dump()["ServiceName"] == "com.amazonaws.us-west-2.kms"
    assert net.topology.region_of("kms") == "us-east-1"
    assert told(ask(net, "app -> kms.us-west-2.amazonaws.com 443/tcp")) == (
        "app app/east-net east-net kms/east-net kms",
        "kms kms/east-net east-net app/east-net app",
        "reachable",
    )
    assert not net.resolve("app", "kms.us-east-1.amazonaws.com").addresses[0].startswith("10.")
    endpoint: Any = net.topology.resources["kms"]
    assert net.resolve("app", endpoint.regional_name).addresses
    assert not net.resolve("app", endpoint.zonal_name("us-east-1a")).addresses


def test_some_zones_have_no_endpoints_for_other_regions() -> None:
    """https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-cross-region-privatelink-support.html"""
    from vpcsim import services

    zone = next(zone.name for zone in services.availability_zones("us-east-1") if zone.id == "use1-az3")
    with pytest.raises(InputError, match="has no endpoints for other Regions"):
        changed(BASE, f"{KMS % ''}\nsubnets: {{east-net: {{az: {zone}}}}}")


def test_a_customer_s_service_of_another_region() -> None:
    """https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-share-your-services.html"""
    name = "com.amazonaws.vpce.us-west-2.vpce-svc-0123456789abcdef0"
    door = f"door: {{vpc: east, service: {name}, service_region: us-west-2, subnets: east-net, security_groups: east-sg}}"
    assert ask(changed(BASE, f"endpoints: {{{door}}}"), "app -> door 443/tcp").reachable
