"""States, as `terraform show -json` gives them and as the raw file of format 4: ids become addresses, parts are found once."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vpcsim
from vpcsim.errors import InputError, VpcsimError
from vpcsim.network import Network
from vpcsim.readers import topology_of
from vpcsim.readers.document import Map, parse
from vpcsim.topology import Topology

ARN = "arn:aws:ec2:eu-central-1:111122223333"
VPC = {"id": "vpc-0a1b2c3d4e5f60718", "cidr_block": "10.0.0.0/16", "arn": f"{ARN}:vpc/vpc-0a1b2c3d4e5f60718",
       "default_security_group_id": "sg-00000000000000001", "dhcp_options_id": "dopt-00000001"}  # fmt: skip
SUBNET = {"id": "subnet-0a1b2c3d4e5f60718", "vpc_id": VPC["id"], "cidr_block": "10.0.0.0/24"}


def state(*resources: tuple[str, dict[str, Any]], **more: Any) -> Topology:
    """The topology of a raw state with these resources, by address."""
    listed = []
    for address, attributes in resources:
        type, _, name = address.rpartition(".")
        mode = "data" if type.startswith("data.") else "managed"
        instance = {"attributes": attributes, "sensitive_attributes": more.get("sensitive", [])}
        provider = 'provider["registry.terraform.io/hashicorp/aws"]'
        listed.append(
            {"mode": mode, "type": type.removeprefix("data."), "name": name, "provider": provider, "instances": [instance]}
        )
    text = {"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "x", "resources": listed}
    document = parse(json.dumps(text), "terraform.tfstate")
    assert isinstance(document, Map)
    return topology_of([document])


def test_ids_of_aws_become_addresses() -> None:
    instance = {"id": "i-0a1b2c3d4e5f60718", "subnet_id": SUBNET["id"], "vpc_security_group_ids": ["sg-00000000000000001"]}
    topology = state(("aws_vpc.main", VPC), ("aws_subnet.a", SUBNET), ("aws_instance.app", instance))
    app = topology.resources["aws_instance.app"].dump()
    assert (app["SubnetId"], app["SecurityGroups"]) == ("aws_subnet.a", [{"GroupId": "aws_vpc.main/default-security-group"}])
    assert topology.find("i-0a1b2c3d4e5f60718").id == "aws_instance.app"
    assert (topology.settings.region, topology.settings.account) == ("eu-central-1", "111122223333")


def test_rules_that_a_state_shows_twice_are_one() -> None:
    inline = {"protocol": "tcp", "from_port": 443, "to_port": 443, "cidr_blocks": ["10.0.0.0/8"], "self": False}
    group = {"id": "sg-0a1b2c3d4e5f60718", "vpc_id": VPC["id"], "ingress": [inline], "egress": []}
    rule = {**inline, "type": "ingress", "security_group_id": group["id"]}
    topology = state(("aws_vpc.main", VPC), ("aws_security_group.g", group), ("aws_security_group_rule.r", rule))
    assert len(topology.resources["aws_security_group.g"].dump()["IpPermissions"]) == 1


def test_routes_that_a_state_shows_twice_are_one() -> None:
    gateway = {"id": "igw-0a1b2c3d4e5f60718", "vpc_id": VPC["id"]}
    inline = {"cidr_block": "0.0.0.0/0", "gateway_id": gateway["id"], "nat_gateway_id": ""}
    table = {"id": "rtb-0a1b2c3d4e5f60718", "vpc_id": VPC["id"], "route": [inline]}
    route = {"route_table_id": table["id"], "destination_cidr_block": "0.0.0.0/0", "gateway_id": gateway["id"], "state": "active"}
    resources = [("aws_internet_gateway.g", gateway), ("aws_route_table.t", table), ("aws_route.r", route)]
    topology = state(("aws_vpc.main", VPC), *resources)
    assert len(topology.resources["aws_route_table.t"].dump()["Routes"]) == 1


def test_routes_lead_to_the_endpoints_of_a_firewall() -> None:
    attachment = {"endpoint_id": "vpce-0a1b2c3d4e5f60718", "subnet_id": SUBNET["id"]}
    policy = {"id": f"{ARN}:firewall-policy/p", "arn": f"{ARN}:firewall-policy/p", "name": "p",
              "firewall_policy": [{"stateless_default_actions": ["aws:pass"]}]}  # fmt: skip
    firewall = {"id": f"{ARN}:firewall/f", "arn": f"{ARN}:firewall/f", "name": "f", "vpc_id": VPC["id"],
                "firewall_policy_arn": policy["arn"], "subnet_mapping": [{"subnet_id": SUBNET["id"]}],
                "firewall_status": [{"sync_states": [{"attachment": [attachment]}]}]}  # fmt: skip
    table = {"id": "rtb-0a1b2c3d4e5f60718", "vpc_id": VPC["id"], "route": []}
    route = {"route_table_id": table["id"], "destination_cidr_block": "0.0.0.0/0", "vpc_endpoint_id": attachment["endpoint_id"]}
    topology = state(
        ("aws_vpc.main", VPC),
        ("aws_subnet.a", SUBNET),
        ("aws_networkfirewall_firewall_policy.p", policy),
        ("aws_networkfirewall_firewall.f", firewall),
        ("aws_route_table.t", table),
        ("aws_route.r", route),
    )
    routes = topology.resources["aws_route_table.t"].dump()["Routes"]
    assert [r["VpcEndpointId"] for r in routes] == ["aws_networkfirewall_firewall.f/aws_subnet.a"]
    assert topology.settings.skipped == ()


def test_data_sources_are_resources_that_were_there() -> None:
    data = {"id": SUBNET["id"], "vpc_id": VPC["id"], "cidr_block": "10.0.0.0/24", "availability_zone": "eu-central-1a"}
    instance = {"id": "i-0a1b2c3d4e5f60718", "subnet_id": SUBNET["id"]}
    topology = state(("data.aws_vpc.main", VPC), ("data.aws_subnet.a", data), ("aws_instance.app", instance))
    assert topology.resources["aws_instance.app"].dump()["SubnetId"] == "data.aws_subnet.a"


def test_a_data_source_does_not_stand_beside_the_resource_that_it_reads() -> None:
    topology = state(("aws_vpc.main", VPC), ("data.aws_vpc.again", VPC), ("aws_subnet.a", SUBNET))
    assert [vpc.id for vpc in topology.of_kind("vpc")] == ["aws_vpc.main"]


def test_what_is_outside_of_the_state_is_left_out_and_what_names_it_is_open() -> None:
    instance = {"id": "i-0a1b2c3d4e5f60718", "subnet_id": SUBNET["id"], "vpc_security_group_ids": ["sg-0fffffffffffffff1"]}
    other = {"id": "i-0a1b2c3d4e5f60719", "subnet_id": SUBNET["id"]}
    given = [("aws_vpc.main", VPC), ("aws_subnet.a", SUBNET), ("aws_instance.app", instance), ("aws_instance.db", other)]
    topology = state(*given)
    assert {skip.id: skip.reason for skip in topology.settings.skipped} == {
        "sg-0fffffffffffffff1": "aws_instance.app needs it, and these files do not hold it",
    }
    answer = Network.of(topology).trace("aws_instance.app", "aws_instance.db")
    assert (str(answer.verdict), "sg-0fffffffffffffff1" in answer.because) == ("undecided", True)


def test_another_state_brings_what_is_outside(tmp_path: Path) -> None:
    for file, type, attributes in (("network", "aws_vpc", VPC), ("app", "aws_subnet", SUBNET)):
        resource = {"mode": "managed", "type": type, "name": "main", "instances": [{"attributes": attributes, "index_key": "a"}]}
        text = {"version": 4, "terraform_version": "1.11.4", "resources": [resource]}
        (tmp_path / f"{file}.tfstate").write_text(json.dumps(text))
    topology = vpcsim.load(tmp_path / "app.tfstate", tmp_path / "network.tfstate").topology
    assert topology.resources['aws_subnet.main["a"]'].dump()["VpcId"] == 'aws_vpc.main["a"]'
    assert topology.settings.skipped == ()


def test_sensitive_attributes_are_neither_used_nor_shown() -> None:
    secret = [[{"type": "get_attr", "value": "cidr_block"}]]
    topology = state(("aws_vpc.main", VPC), sensitive=secret)
    assert [skip.reason for skip in topology.settings.skipped] == ["needs a value that is not known: it is sensitive"]


@pytest.mark.parametrize("version", [3, 5, "x", None])
def test_another_format_is_refused(version: Any) -> None:
    document = parse(json.dumps({"version": version, "terraform_version": "0.11.0", "serial": 1}), "terraform.tfstate")
    assert isinstance(document, Map)
    with pytest.raises(InputError, match=r"terraform.tfstate:1:2: this is a state of format .*; 4 is read"):
        topology_of([document])


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-1, 99) | st.sampled_from(["", "x", "10.0.0.0/8", "vpc-0a1b2c3d4e5f60718"]),
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["id", "vpc_id", "route", "x"]), inner, max_size=2)
    ),
    max_leaves=5,
)
TYPES = ["aws_vpc", "aws_subnet", "aws_route_table", "aws_security_group", "aws_lb", "aws_instance", "aws_route53_record"]
ATTRIBUTES = [
    "vpc_id",
    "cidr_block",
    "route",
    "ingress",
    "subnet_ids",
    "tags",
    "name",
    "alias",
    "subnet_mapping",
    "security_groups",
]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(TYPES), st.dictionaries(st.sampled_from(ATTRIBUTES), JUNK, max_size=5)), max_size=4))
def test_attributes_of_any_form_end_with_clear_lines(resources: list[tuple[str, dict[str, Any]]]) -> None:
    with suppress(VpcsimError):
        state(*((f"{type}.r{number}", values) for number, (type, values) in enumerate(resources)))


ELASTIC = {"id": "eipalloc-0a1b2c3d4e5f60718", "public_ip": "198.51.100.7", "allocation_id": "eipalloc-0a1b2c3d4e5f60718"}
SECOND = {"id": "eipalloc-0b1b2c3d4e5f60718", "public_ip": "198.51.100.8", "allocation_id": "eipalloc-0b1b2c3d4e5f60718"}


def test_a_public_address_that_a_state_holds_is_not_invented() -> None:
    instance = {"id": "i-0a1b2c3d4e5f60718", "subnet_id": SUBNET["id"], "associate_public_ip_address": True}
    held = {**instance, "public_ip": "198.51.100.77"}
    topology = state(("aws_vpc.main", VPC), ("aws_subnet.a", SUBNET), ("aws_instance.app", held))
    interface = topology.resources["aws_instance.app/aws_subnet.a"]
    assert interface.dump()["Association"] == {"PublicIp": "198.51.100.77"}
    assert "association" not in interface.assumed


def test_an_elastic_address_of_an_instance_is_there_once() -> None:
    instance = {"id": "i-0a1b2c3d4e5f60718", "subnet_id": SUBNET["id"], "public_ip": ELASTIC["public_ip"]}
    elastic = {**ELASTIC, "instance": instance["id"]}
    topology = state(("aws_vpc.main", VPC), ("aws_subnet.a", SUBNET), ("aws_instance.app", instance), ("aws_eip.app", elastic))
    assert "Association" not in topology.resources["aws_instance.app/aws_subnet.a"].dump()
    assert topology.resources["aws_eip.app"].dump()["InstanceId"] == "aws_instance.app"


def test_a_nat_gateway_has_its_secondary_addresses() -> None:
    """https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/nat_gateway"""
    nat = {"id": "nat-0a1b2c3d4e5f60718", "subnet_id": SUBNET["id"], "allocation_id": ELASTIC["id"], "private_ip": "10.0.0.5",
           "secondary_allocation_ids": [SECOND["id"]], "secondary_private_ip_addresses": ["10.0.0.6"],
           "secondary_private_ip_address_count": 0}  # fmt: skip
    gateway = {"id": "igw-0a1b2c3d4e5f60718", "vpc_id": VPC["id"]}
    parts = [("aws_eip.one", ELASTIC), ("aws_eip.two", SECOND), ("aws_internet_gateway.g", gateway), ("aws_nat_gateway.n", nat)]
    topology = state(("aws_vpc.main", VPC), ("aws_subnet.a", SUBNET), *parts)
    addresses = topology.resources["aws_nat_gateway.n"].dump()["NatGatewayAddresses"]
    assert [(a["AllocationId"], a["PrivateIp"]) for a in addresses] == [("aws_eip.one", "10.0.0.5"), ("aws_eip.two", "10.0.0.6")]


def test_a_data_source_of_a_table_tells_its_routes() -> None:
    """https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/route_table"""
    gateway = {"id": "igw-0a1b2c3d4e5f60718", "vpc_id": VPC["id"]}
    routes = [{"cidr_block": "0.0.0.0/0", "gateway_id": gateway["id"]}, {"cidr_block": "10.0.0.0/16", "gateway_id": "local"}]
    associations = [{"subnet_id": SUBNET["id"], "main": False, "gateway_id": "", "route_table_id": "rtb-0a1b2c3d4e5f60718"}]
    table = {"id": "rtb-0a1b2c3d4e5f60718", "vpc_id": VPC["id"], "routes": routes, "associations": associations}
    topology = state(
        ("aws_vpc.main", VPC), ("aws_subnet.a", SUBNET), ("aws_internet_gateway.g", gateway), ("data.aws_route_table.t", table)
    )
    dump = topology.resources["data.aws_route_table.t"].dump()
    assert [(r["DestinationCidrBlock"], r["GatewayId"]) for r in dump["Routes"]] == [("0.0.0.0/0", "aws_internet_gateway.g")]
    assert [a["SubnetId"] for a in dump["Associations"]] == ["aws_subnet.a"]
    told = "data.aws_route_table.t: has no propagated routes: a data source does not tell them"
    assert told in topology.settings.assumptions


def test_a_data_source_of_a_group_leaves_its_rules_open() -> None:
    group = {"id": "sg-0a1b2c3d4e5f60718", "vpc_id": VPC["id"], "name": "app"}
    instance = {"id": "i-0a1b2c3d4e5f60718", "subnet_id": SUBNET["id"], "vpc_security_group_ids": [group["id"]]}
    other = {"id": "i-0b1b2c3d4e5f60718", "subnet_id": SUBNET["id"], "private_ip": "10.0.0.99"}
    topology = state(
        ("aws_vpc.main", VPC), ("aws_subnet.a", SUBNET), ("data.aws_security_group.g", group),
        ("aws_instance.app", instance), ("aws_instance.other", other),
    )  # fmt: skip
    answer = Network.of(topology).trace("aws_instance.app", "aws_instance.other:443")
    assert (str(answer.verdict), topology.settings.skipped) != ("reachable", ())
    assert "data.aws_security_group.g" in answer.because or answer.at == "aws_vpc.main/default-security-group"


def test_a_record_goes_to_its_zone_wherever_that_stands() -> None:
    zone = {"id": "Z0123456789ABC", "name": "corp.example", "vpc": [{"vpc_id": VPC["id"]}], "zone_id": "Z0123456789ABC"}
    record = {"id": "r", "zone_id": zone["id"], "name": "app.corp.example", "type": "A", "ttl": 60, "records": ["10.0.0.9"]}
    topology = state(("aws_vpc.main", VPC), ("aws_route53_record.r", record), ("aws_route53_zone.z", zone))
    assert [r["Name"] for r in topology.resources["aws_route53_zone.z"].dump()["ResourceRecordSets"]] == ["app.corp.example"]


def test_a_data_source_of_a_private_zone_leaves_its_names_open() -> None:
    zone = {"id": "Z0123456789ABC", "name": "corp.example", "private_zone": True, "zone_id": "Z0123456789ABC"}
    record = {"id": "r", "zone_id": zone["id"], "name": "app.corp.example", "type": "A", "ttl": 60, "records": ["10.0.0.9"]}
    resources = (("aws_vpc.main", VPC), ("data.aws_route53_zone.z", zone), ("aws_route53_record.r", record))
    net = Network.of(state(*resources))
    assert net.resolve("aws_vpc.main", "app.corp.example").rcode == "UNDECIDED"
    assert net.resolve("aws_vpc.main", "app.other.example").rcode != "UNDECIDED"
