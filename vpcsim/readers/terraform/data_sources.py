"""What data sources of the sources tell without an account to ask, and what those of others leave open.

Sources: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/prefix_list,
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/vpc_endpoint_service,
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/route53_zone
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vpcsim import services
from vpcsim.errors import Doubt
from vpcsim.readers.intrinsics.values import Unknown
from vpcsim.readers.terraform.instances import Instance

TABLE, ZONE = "data.aws_route_table", "data.aws_route53_zone"


def told(instance: Instance, attribute: str) -> Any:
    """An attribute of a data source that nobody has read, if it follows from what is written; otherwise Unknown."""
    region, account = instance.place
    known: Mapping[tuple[str, str], Any] = {
        ("data.aws_region", "name"): region,
        ("data.aws_region", "id"): region,
        ("data.aws_caller_identity", "account_id"): account,
        ("data.aws_partition", "partition"): services.partition_of(region),
        ("data.aws_partition", "dns_suffix"): services.dns_suffix(region),
        ("data.aws_ami", "id"): services.assumed_image_id(region, instance.address),
        ("data.aws_ssm_parameter", "value"): _image(instance),
        ("data.aws_prefix_list", "id"): _prefix_list(instance),
        ("data.aws_ec2_managed_prefix_list", "id"): _prefix_list(instance),
        ("data.aws_vpc_endpoint_service", "service_name"): _service_name(instance),
    }
    found = known.get((instance.type, attribute))
    return Unknown(f"`{instance.address}` is read from AWS; a plan or a state has it") if found is None else found


def _image(instance: Instance) -> str | None:
    """The image behind a public parameter, of which nothing depends on which one it is."""
    name = str(instance.values.get("name"))
    return services.assumed_image_id(instance.place.region, name) if name.startswith("/aws/service/ami-") else None


def _prefix_list(instance: Instance) -> str | None:
    """The id of a list of AWS's own, by its name."""
    name = str(instance.values.get("name") or instance.values.get("prefix_list_id") or "")
    lists = services.prefix_lists(instance.place.region)
    return next((known.id for known in lists if name in (known.name, known.id)), None)


def _service_name(instance: Instance) -> str | None:
    written, service = instance.values.get("service_name"), instance.values.get("service")
    if isinstance(written, str):
        return written
    region = instance.place.region
    prefix = ".".join(reversed(services.dns_suffix(region).split(".")))
    return f"{prefix}.{region}.{service}" if isinstance(service, str) else None


def doubts(instance: Instance) -> list[Doubt]:
    """What a data source leaves open that stands for something with more in it: a private zone answers with its records."""
    name, private = instance.values.get("name"), instance.values.get("private_zone")
    if instance.type != ZONE or not isinstance(name, str) or private is not True:
        return []
    reason = "a data source does not tell what records a zone has, nor for which VPCs"
    return [Doubt(instance.address, reason, instance.origin, names=(name.rstrip(".").lower(),))]
