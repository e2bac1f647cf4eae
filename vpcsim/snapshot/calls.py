"""The calls of a snapshot: every one reads, and its answer is describe output that the models are made of.

Sources: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
(every action here has the access level List or Read), and the API reference of each service.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


class Each(NamedTuple):
    """The items of another call's answer, for each of which a call is made: parameter by field of the item."""

    method: str
    items: str
    parameters: Mapping[str, str]
    only: Mapping[str, str] = {}
    """What the fields of an item must be."""


class Call(NamedTuple):
    """One call of a service, by the name of its method in boto3."""

    service: str
    method: str
    parameters: Mapping[str, Any] = {}
    each: Each | None = None

    @property
    def name(self) -> str:
        """As in `aws`: `ec2 describe-vpcs`."""
        return f"{self.service} {self.method.replace('_', '-')}"

    @property
    def file(self) -> str:
        told = "".join(f"-{value}" for value in self.parameters.values() if isinstance(value, str))
        return f"{self.service}-{self.method.replace('_', '-')}{told}.{'jsonl' if self.each else 'json'}"


def _each(service: str, method: str, of: str, items: str, **parameters: str) -> Call:
    return Call(service, method, {}, Each(of, items, parameters))


_EC2 = (
    "describe_vpcs",
    "describe_subnets",
    "describe_route_tables",
    "describe_security_groups",
    "describe_network_acls",
    "describe_instances",
    "describe_network_interfaces",
    "describe_addresses",
    "describe_dhcp_options",
    "describe_managed_prefix_lists",
    "describe_internet_gateways",
    "describe_egress_only_internet_gateways",
    "describe_nat_gateways",
    "describe_vpc_peering_connections",
    "describe_vpc_endpoints",
    "describe_vpc_endpoint_service_configurations",
    "describe_vpc_endpoint_connections",
    "describe_transit_gateways",
    "describe_transit_gateway_attachments",
    "describe_transit_gateway_vpc_attachments",
    "describe_transit_gateway_peering_attachments",
    "describe_transit_gateway_route_tables",
    "describe_vpn_gateways",
    "describe_customer_gateways",
    "describe_vpn_connections",
    "describe_vpn_concentrators",
    "describe_client_vpn_endpoints",
    "describe_carrier_gateways",
    "describe_local_gateways",
    "describe_local_gateway_route_table_vpc_associations",
    "describe_local_gateway_route_tables",
    "describe_local_gateway_route_table_virtual_interface_group_associations",
    "describe_local_gateway_virtual_interface_groups",
    "describe_coip_pools",
    "describe_transit_gateway_connects",
    "describe_transit_gateway_connect_peers",
    "describe_transit_gateway_multicast_domains",
    "describe_instance_connect_endpoints",
    "describe_vpc_block_public_access_options",
    "describe_vpc_block_public_access_exclusions",
)
_BALANCERS = ("describe_load_balancers", "LoadBalancers")
_GROUPS = ("describe_target_groups", "TargetGroups")
_VPC = Each("describe_vpcs", "Vpcs", {"VpcId": "VpcId"})
_TABLE = ("describe_transit_gateway_route_tables", "TransitGatewayRouteTables")
_LOCAL = ("describe_local_gateway_route_tables", "LocalGatewayRouteTables")
_DOMAIN = ("describe_transit_gateway_multicast_domains", "TransitGatewayMulticastDomains")
_CLIENTS = ("describe_client_vpn_endpoints", "ClientVpnEndpoints")

REGIONAL = (
    *(Call("ec2", method) for method in _EC2),
    Call("ec2", "describe_vpc_attribute", {"Attribute": "enableDnsSupport"}, _VPC),
    Call("ec2", "describe_vpc_attribute", {"Attribute": "enableDnsHostnames"}, _VPC),
    _each("ec2", "get_managed_prefix_list_entries", "describe_managed_prefix_lists", "PrefixLists", PrefixListId="PrefixListId"),
    Call(
        "ec2",
        "search_transit_gateway_routes",
        {"Filters": [{"Name": "state", "Values": ["active", "blackhole"]}]},
        Each(*_TABLE, {"TransitGatewayRouteTableId": "TransitGatewayRouteTableId"}),
    ),
    *(
        _each("ec2", f"get_transit_gateway_route_table_{part}", *_TABLE, TransitGatewayRouteTableId="TransitGatewayRouteTableId")
        for part in ("associations", "propagations")
    ),
    _each("ec2", "search_local_gateway_routes", *_LOCAL, LocalGatewayRouteTableId="LocalGatewayRouteTableId"),
    *(
        _each("ec2", method, *_DOMAIN, TransitGatewayMulticastDomainId="TransitGatewayMulticastDomainId")
        for method in ("get_transit_gateway_multicast_domain_associations", "search_transit_gateway_multicast_groups")
    ),
    *(
        _each("ec2", f"describe_client_vpn_{part}", *_CLIENTS, ClientVpnEndpointId="ClientVpnEndpointId")
        for part in ("target_networks", "routes", "authorization_rules")
    ),
    Call("elbv2", "describe_load_balancers"),
    Call("elbv2", "describe_target_groups"),
    _each("elbv2", "describe_listeners", "describe_load_balancers", "LoadBalancers", LoadBalancerArn="LoadBalancerArn"),
    _each(
        "elbv2",
        "describe_load_balancer_attributes",
        "describe_load_balancers",
        "LoadBalancers",
        LoadBalancerArn="LoadBalancerArn",
    ),
    _each("elbv2", "describe_rules", "describe_listeners", "Listeners", ListenerArn="ListenerArn"),
    _each("elbv2", "describe_target_health", *_GROUPS, TargetGroupArn="TargetGroupArn"),
    _each("elbv2", "describe_target_group_attributes", *_GROUPS, TargetGroupArn="TargetGroupArn"),
    Call("elb", "describe_load_balancers"),
    *(
        _each("elb", method, "describe_load_balancers", "LoadBalancerDescriptions", LoadBalancerName="LoadBalancerName")
        for method in ("describe_load_balancer_attributes", "describe_instance_health")
    ),
    Call("lambda", "list_functions"),
    Call("ecs", "list_clusters"),
    _each("ecs", "list_services", "list_clusters", "clusterArns", cluster=""),
    Call("ecs", "describe_services", {}, Each("list_services", "serviceArns", {"services": "", "cluster": "cluster"})),
    _each("ecs", "list_tasks", "list_clusters", "clusterArns", cluster=""),
    Call("ecs", "describe_tasks", {}, Each("list_tasks", "taskArns", {"tasks": "", "cluster": "cluster"})),
    Call("eks", "list_clusters"),
    _each("eks", "describe_cluster", "list_clusters", "clusters", name=""),
    Call("rds", "describe_db_instances"),
    Call("rds", "describe_db_clusters"),
    Call("rds", "describe_db_proxies"),
    Call("efs", "describe_file_systems"),
    _each("efs", "describe_mount_targets", "describe_file_systems", "FileSystems", FileSystemId="FileSystemId"),
    Call("sqs", "list_queues"),
    Call("sqs", "get_queue_attributes", {"AttributeNames": ["All"]}, Each("list_queues", "QueueUrls", {"QueueUrl": ""})),
    Call("route53resolver", "list_resolver_endpoints"),
    _each(
        "route53resolver",
        "list_resolver_endpoint_ip_addresses",
        "list_resolver_endpoints",
        "ResolverEndpoints",
        ResolverEndpointId="Id",
    ),
    Call("route53resolver", "list_resolver_rules"),
    Call("route53resolver", "list_resolver_rule_associations"),
    Call("route53resolver", "list_resolver_configs"),
    Call("route53resolver", "list_resolver_dnssec_configs"),
    Call("route53resolver", "list_firewall_configs"),
    Call("route53resolver", "list_firewall_domain_lists"),
    _each(
        "route53resolver", "list_firewall_domains", "list_firewall_domain_lists", "FirewallDomainLists", FirewallDomainListId="Id"
    ),
    Call("route53resolver", "list_firewall_rule_groups"),
    _each("route53resolver", "list_firewall_rules", "list_firewall_rule_groups", "FirewallRuleGroups", FirewallRuleGroupId="Id"),
    Call("route53resolver", "list_firewall_rule_group_associations"),
    Call("route53profiles", "list_profiles"),
    Call("route53profiles", "list_profile_associations"),
    _each("route53profiles", "list_profile_resource_associations", "list_profiles", "ProfileSummaries", ProfileId="Id"),
    Call("network-firewall", "list_firewalls"),
    _each("network-firewall", "describe_firewall", "list_firewalls", "Firewalls", FirewallArn="FirewallArn"),
    Call("network-firewall", "list_firewall_policies"),
    _each("network-firewall", "describe_firewall_policy", "list_firewall_policies", "FirewallPolicies", FirewallPolicyArn="Arn"),
    Call("network-firewall", "list_rule_groups"),
    _each("network-firewall", "describe_rule_group", "list_rule_groups", "RuleGroups", RuleGroupArn="Arn"),
    Call("directconnect", "describe_virtual_interfaces"),
    Call("directconnect", "describe_direct_connect_gateways"),
    _each(
        "directconnect",
        "describe_direct_connect_gateway_associations",
        "describe_direct_connect_gateways",
        "directConnectGateways",
        directConnectGatewayId="directConnectGatewayId",
    ),
)
"""Calls made in every Region."""

GLOBAL = (
    Call("route53", "list_hosted_zones"),
    _each("route53", "get_hosted_zone", "list_hosted_zones", "HostedZones", Id="Id"),
    _each("route53", "list_resource_record_sets", "list_hosted_zones", "HostedZones", HostedZoneId="Id"),
    Call("route53", "list_health_checks"),
    _each("route53", "get_health_check_status", "list_health_checks", "HealthChecks", HealthCheckId="Id"),
    Call("networkmanager", "list_core_networks"),
    _each("networkmanager", "get_core_network_policy", "list_core_networks", "CoreNetworks", CoreNetworkId="CoreNetworkId"),
    *(
        _each("networkmanager", method, "list_core_networks", "CoreNetworks", CoreNetworkId="CoreNetworkId")
        for method in ("list_attachment_routing_policy_associations", "list_core_network_prefix_list_associations")
    ),
    Call("networkmanager", "list_attachments"),
    Call(
        "networkmanager",
        "get_vpc_attachment",
        {},
        Each("list_attachments", "Attachments", {"AttachmentId": "AttachmentId"}, {"AttachmentType": "VPC"}),
    ),
    Call("networkmanager", "list_peerings"),
    Call("iam", "get_account_authorization_details", {"Filter": ["Role", "LocalManagedPolicy"]}),
)
"""Calls made once, to services that an account has only one of."""
