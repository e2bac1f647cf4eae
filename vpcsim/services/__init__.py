"""What AWS offers: host names, PrivateLink services, public prefixes, Regions and managed policies, as shipped tables."""

from vpcsim.services.hosts import ServiceHost, matches, service_of_host
from vpcsim.services.images import assumed_image_id
from vpcsim.services.managed_policies import managed_policy
from vpcsim.services.privatelink import (
    endpoint_dns_suffix,
    endpoint_types,
    full_service_name,
    is_customer_service,
    names_are_assumed,
    private_dns_names,
    service_names,
)
from vpcsim.services.properties import properties_of
from vpcsim.services.public_prefixes import (
    ManagedPrefixList,
    aws_region_of,
    ipv6_prefix_list,
    prefix_list,
    prefix_list_by_id,
    prefix_lists,
    prefixes_as_of,
    public_addresses,
    public_addresses6,
)
from vpcsim.services.regions import (
    AvailabilityZone,
    availability_zones,
    dns_suffix,
    dualstack_suffix,
    instance_domain,
    is_region,
    partition_of,
    public_instance_domain,
    regions,
)

__all__ = [
    "AvailabilityZone",
    "ManagedPrefixList",
    "ServiceHost",
    "assumed_image_id",
    "availability_zones",
    "aws_region_of",
    "dns_suffix",
    "dualstack_suffix",
    "endpoint_dns_suffix",
    "endpoint_types",
    "full_service_name",
    "instance_domain",
    "ipv6_prefix_list",
    "is_customer_service",
    "is_region",
    "managed_policy",
    "matches",
    "names_are_assumed",
    "partition_of",
    "prefix_list",
    "prefix_list_by_id",
    "prefix_lists",
    "prefixes_as_of",
    "private_dns_names",
    "properties_of",
    "public_addresses",
    "public_addresses6",
    "public_instance_domain",
    "regions",
    "service_names",
    "service_of_host",
]
