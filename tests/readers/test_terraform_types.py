"""Every type of Terraform's AWS provider that is read, in the plan and in the sources of one large configuration.

What the provider does where nothing is written: https://registry.terraform.io/providers/hashicorp/aws/latest/docs
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from spellings import canonical

import vpcsim
from vpcsim.readers.terraform.spelling import _SHAPES_OF
from vpcsim.topology import Topology

FOLDER = Path(__file__).parent / "terraform_every_type"
ALIASES = {"aws_alb", "aws_alb_listener", "aws_alb_listener_rule", "aws_alb_target_group", "aws_alb_target_group_attachment"}
"""Second names of types."""
ELSEWHERE = {
    "aws_ec2_transit_gateway_connect", "aws_ec2_transit_gateway_connect_peer", "aws_ec2_transit_gateway_multicast_domain",
    "aws_ec2_transit_gateway_multicast_domain_association", "aws_ec2_transit_gateway_multicast_group_member",
    "aws_ec2_transit_gateway_multicast_group_source",
    "aws_ec2_local_gateway_route", "aws_ec2_local_gateway_route_table_vpc_association",
    "aws_default_subnet", "aws_default_vpc", "aws_dx_public_virtual_interface", "aws_dx_transit_virtual_interface",
    "aws_ec2_transit_gateway_peering_attachment_accepter", "aws_ec2_transit_gateway_vpc_attachment_accepter",
    "aws_iam_role_policy", "aws_networkmanager_attachment_accepter", "aws_networkmanager_connect_attachment",
    "aws_networkmanager_attachment_routing_policy_label", "aws_networkmanager_core_network_policy_attachment",
    "aws_networkmanager_dx_gateway_attachment", "aws_networkmanager_prefix_list_association",
    "aws_networkmanager_site_to_site_vpn_attachment", "aws_networkmanager_transit_gateway_peering",
    "aws_networkmanager_transit_gateway_route_table_attachment", "aws_route53_health_check",
    "aws_route53_resolver_firewall_config", "aws_spot_instance_request",
    "aws_vpn_concentrator", "aws_vpc_endpoint_connection_accepter", "aws_vpc_endpoint_service_private_dns_verification",
    "aws_vpc_ipv6_cidr_block_association", "aws_vpc_peering_connection_accepter",
}  # fmt: skip
"""Types that exclude another one here: rows below and the models have them."""

DEFAULTS = ("FirewallDomainRedirectionAction",)
"""What the provider writes into a plan where nothing is said."""

ROWS: list[tuple[str, dict[str, Any]]] = [
    ("aws_vpc.main", {"EnableDnsSupport": True, "DhcpOptionsId": "aws_vpc_dhcp_options.main"}),
    ("aws_vpc.peer", {"EnableDnsHostnames": True}),
    ("aws_subnet.a", {"MapPublicIpOnLaunch": False, "AvailabilityZone": "eu-west-1a"}),
    ("aws_subnet.b", {"PrivateDnsNameOptionsOnLaunch": {"HostnameType": "resource-name", "EnableResourceNameDnsARecord": True}}),
    ("aws_default_route_table.main", {"VpcId": "aws_vpc.main", "Associations": [{"Main": True}]}),
    ("aws_default_network_acl.main", {"VpcId": "aws_vpc.main", "IsDefault": True}),
    ("aws_default_security_group.main", {"GroupName": "default", "IpPermissionsEgress": []}),
    ("aws_route_table.peer", {"Associations": [{"Main": True}], "PropagatingVgws": [{"GatewayId": "aws_vpn_gateway.peer"}]}),
    ("aws_route_table.b", {"PropagatingVgws": [{"GatewayId": "aws_vpn_gateway.main"}]}),
    ("aws_network_acl.b", {"Associations": [{"SubnetId": "aws_subnet.b"}]}),
    ("aws_ec2_managed_prefix_list.offices", {"Entries": [{"Cidr": "192.168.0.0/24"}, {"Cidr": "192.168.1.0/24"}]}),
    ("aws_internet_gateway.peer", {"Attachments": [{"State": "available", "VpcId": "aws_vpc.peer"}]}),
    ("aws_vpc_endpoint.s3", {"VpcEndpointType": "Gateway", "RouteTableIds": ["aws_route_table.b"]}),
    ("aws_vpc_endpoint.sqs", {"PrivateDnsEnabled": True, "SubnetIds": ["aws_subnet.a"]}),
    ("aws_vpc_endpoint.inspection", {"VpcEndpointType": "GatewayLoadBalancer"}),
    ("aws_vpc_endpoint.lattice", {"VpcEndpointType": "Resource"}),
    ("aws_elb.old", {"CrossZone": True, "Scheme": "internet-facing", "Instances": [{"InstanceId": "aws_instance.app"}]}),
    ("aws_lb_target_group.web", {"Targets": [{"Id": "aws_instance.app", "Port": 8080}]}),
    ("aws_lb.web", {"Scheme": "internal", "Type": "application"}),
    ("aws_lb.edge", {"AvailabilityZones": [{"LoadBalancerAddresses": [{"AllocationId": "aws_eip.edge"}]}]}),
    ("aws_db_instance.data", {"PubliclyAccessible": False, "DBSubnetGroupName": "aws_db_subnet_group.data"}),
    ("aws_rds_cluster.orders", {"Engine": "aurora-postgresql", "Groups": [{"GroupId": "aws_security_group.app"}]}),
    ("aws_rds_cluster_instance.orders", {"DBClusterIdentifier": "aws_rds_cluster.orders", "PubliclyAccessible": False}),
    ("aws_rds_cluster_instance.orders", {"DBSubnetGroupName": "aws_db_subnet_group.data", "Engine": "aurora-postgresql"}),
    ("aws_db_proxy.orders", {"VpcSubnetIds": ["aws_subnet.a", "aws_subnet.b"], "EngineFamily": "POSTGRESQL"}),
    ("aws_ecs_service.web", {"AssignPublicIp": "ENABLED"}),
    ("aws_eks_cluster.main", {"EndpointPublicAccess": False, "EndpointPrivateAccess": True}),
    ("aws_efs_mount_target.shared", {"IpAddress": "10.0.1.30"}),
    ("aws_instance.app", {"IamInstanceProfile": "aws_iam_instance_profile.app"}),
    (
        "aws_instance.worker",
        {
            "SubnetId": "aws_subnet.b",
            "SecurityGroups": [{"GroupId": "aws_security_group.app"}],
            "IamInstanceProfile": "aws_iam_instance_profile.app",
        },
    ),
    (
        "aws_instance.edge",
        {
            "SubnetId": "aws_subnet.a",
            "SecurityGroups": [{"GroupId": "aws_security_group.app"}],
            "AssociatePublicIpAddress": True,
        },
    ),
    ("aws_eip.appliance", {"NetworkInterfaceId": "aws_network_interface.appliance", "PrivateIpAddress": "10.0.1.21"}),
    ("aws_network_interface.appliance", {"SourceDestCheck": False, "AttachedTo": "aws_instance.appliance"}),
    ("aws_vpn_connection.office", {"Options": {"StaticRoutesOnly": True}}),
    ("aws_vpn_connection.office", {"Routes": [{"DestinationCidrBlock": "192.168.0.0/16"}]}),
    ("aws_dx_gateway.main", {"Associations": [{"AssociatedGatewayId": "aws_vpn_gateway.peer"}]}),
    ("aws_ec2_client_vpn_endpoint.main", {"AssociatedTargetNetworks": [{"TargetNetworkId": "aws_subnet.a"}]}),
    ("aws_ec2_transit_gateway_vpc_attachment.main", {"Options": {"ApplianceModeSupport": "enable"}}),
    ("aws_ec2_transit_gateway_peering_attachment.far", {"ResourceType": "peering"}),
    ("aws_networkmanager_vpc_attachment.peer", {"VpcId": "aws_vpc.peer", "SubnetIds": ["aws_subnet.peer"]}),
    ("aws_route53_resolver_config.main", {"AutodefinedReverse": "DISABLE", "ResourceId": "aws_vpc.main"}),
    ("aws_route53_resolver_rule.office", {"VPCs": [{"VPCId": "aws_vpc.main"}], "TargetIps": [{"Ip": "192.168.0.53"}]}),
    ("aws_route53profiles_profile.shared", {"ProfileAssociations": [{"ResourceId": "aws_vpc.peer"}]}),
    ("aws_sqs_queue.jobs", {"QueueName": "jobs"}),
    ("aws_sns_topic.news", {"Subscription": [{"Endpoint": "arn:aws:sqs:eu-west-1:123456789012:jobs"}]}),
    ("aws_sns_topic.news", {"Subscription": [{"Protocol": "sqs", "RawMessageDelivery": True}]}),
    ("aws_sns_topic.news", {"TopicName": "news", "Policy": {"Statement": [{"Action": "sns:Publish"}]}}),
    ("aws_s3_bucket.files", {"VersioningConfiguration": {"Status": "Enabled"}}),
    ("aws_s3_bucket.files", {"BucketName": "example-files", "Policy": {"Statement": [{"Action": "s3:PutObject"}]}}),
    ("aws_secretsmanager_secret.password", {"Name": "password", "Policy": {"Statement": [{"Action": "*"}]}}),
    ("aws_ssm_parameter.color", {"Name": "/app/color", "Value": "blue"}),
    ("aws_dynamodb_table.orders", {"TableName": "orders", "Policy": {"Statement": [{"Effect": "Deny"}]}}),
    ("aws_dynamodb_table.orders", {"KeySchema": [{"AttributeName": "customer", "KeyType": "HASH"}, {"KeyType": "RANGE"}]}),
    ("aws_kms_key.main", {"Aliases": ["alias/main"], "Policy": {"Statement": [{"Effect": "Allow"}]}}),
    ("aws_iam_policy.queues", {"ManagedPolicyName": "queues", "PolicyDocument": {"Statement": [{"Action": "sqs:*"}]}}),
    (
        "aws_iam_role.app",
        {"ManagedPolicyArns": ["arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess", "arn:aws:iam::123456789012:policy/queues"]},
    ),
    ("aws_ecs_task_definition.web", {"TaskRoleArn": "aws_iam_role.app"}),
    ("aws_ecs_service.web", {"TaskDefinition": "aws_ecs_task_definition.web"}),
    ("aws_vpc.far", {"Region": "us-west-2", "CidrBlock": "10.3.0.0/16"}),
]  # fmt: skip


@pytest.fixture(scope="module")
def plan() -> Topology:
    return vpcsim.load(FOLDER / "plan.json").topology


def holds(found: Any, wanted: Any) -> bool:
    """Whether what was found has everything that is wanted."""
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(holds(found.get(key), value) for key, value in wanted.items())
    if isinstance(wanted, list):
        return isinstance(found, list) and len(found) == len(wanted) and all(map(holds, found, wanted))
    return bool(found == wanted)


@pytest.mark.parametrize(("id", "wanted"), ROWS, ids=[id for id, _ in ROWS])
def test_a_resource_of_the_plan(plan: Topology, id: str, wanted: dict[str, Any]) -> None:
    assert holds(plan.resources[id].dump(), wanted), plan.resources[id].dump()


def test_every_type_is_in_the_configuration() -> None:
    written = set(re.findall(r'^resource "(\w+)"', (FOLDER / "main.tf").read_text(), re.MULTILINE))
    known = {type for type in _SHAPES_OF if not type.startswith("data.")}
    assert known - written == ALIASES | ELSEWHERE


def test_nothing_of_a_network_is_left_out(plan: Topology) -> None:
    assert [skip.type for skip in plan.settings.skipped] == ["aws_cloudwatch_log_group"]
    assert plan.settings.region == "eu-west-1"


def test_rules_of_their_own_have_one_peer_each(plan: Topology) -> None:
    rules = plan.resources["aws_security_group.app"].dump()["IpPermissionsEgress"]
    assert [r["IpRanges"] or r["PrefixListIds"] for r in rules] == [
        [{"CidrIp": "10.0.0.0/16"}],
        [{"CidrIp": "10.1.0.0/16"}],
        [{"PrefixListId": "aws_ec2_managed_prefix_list.offices"}],
        [{"CidrIp": "0.0.0.0/0"}],
    ]


def test_policies_are_found_wherever_they_stand(plan: Topology) -> None:
    role = plan.resources["aws_iam_role.app"].dump()
    assert [policy["PolicyName"] for policy in role["Policies"]] == ["topics"]
    assert plan.resources["aws_sqs_queue.jobs"].dump()["Policy"]["Statement"][0]["Effect"] == "Deny"


def test_records_get_the_name_of_their_zone(plan: Topology) -> None:
    records = plan.resources["aws_route53_zone.corp"].dump()["ResourceRecordSets"]
    assert {record["Name"] for record in records} == {"app.corp.example", "web.corp.example", "weighted.corp.example"}


def test_the_sources_say_the_same(plan: Topology) -> None:
    pytest.importorskip("tfparse", reason="the extra `terraform` is not installed")
    sources = vpcsim.load(FOLDER / "main.tf").topology
    left_out = [skip.id for skip in sources.settings.skipped]
    assert left_out == ["aws_cloudwatch_log_group.app"]
    assert canonical(sources, DEFAULTS) == canonical(plan, DEFAULTS)
