"""What an instance has from its launch template, where it does not say so itself.

Sources: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html (what is said goes before the template),
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/launch_template
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from vpcsim.readers.intrinsics.values import Unknown

TEMPLATE = "launch_template"
_INTERFACE = {
    "subnet_id": "subnet_id",
    "security_groups": "vpc_security_group_ids",
    "private_ip_address": "private_ip",
    "associate_public_ip_address": "associate_public_ip_address",
    "ipv6_addresses": "ipv6_addresses",
    "ipv6_address_count": "ipv6_address_count",
}
"""What a template says of its first interface, in the words of an instance."""


def launched(values: Mapping[str, Any], template_of: Callable[[str], Mapping[str, Any] | None]) -> dict[str, Any]:
    """The attributes of an instance with those of its template; `template_of` gives a template's by its address."""
    named = first(values.get(TEMPLATE))
    if not named:
        return dict(values)
    id = named.get("id") or named.get("name")
    template = template_of(id) if isinstance(id, str) else None
    taken = _taken(template) if template is not None else _open(id)
    return {**{name: value for name, value in taken.items() if value not in (None, "", [])}, **_said(values)}


def _said(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value not in (None, "", [])}


def _taken(template: Mapping[str, Any]) -> dict[str, Any]:
    taken = {"ami": template.get("image_id"), "vpc_security_group_ids": template.get("vpc_security_group_ids")}
    profile = first(template.get("iam_instance_profile"))
    taken["iam_instance_profile"] = profile.get("name") or profile.get("arn")
    interface = first(template.get("network_interfaces"))
    taken |= {word: interface[name] for name, word in _INTERFACE.items() if interface.get(name) not in (None, "", [])}
    if isinstance(public := taken.get("associate_public_ip_address"), str):
        taken["associate_public_ip_address"] = public == "true"
    if names := template.get("private_dns_name_options"):
        taken["private_dns_name_options"] = names
    return taken


def _open(id: Any) -> dict[str, Any]:
    """What may be in a template that is not here: not whether there is a subnet, which the VPC's default one would be."""
    reason = id if isinstance(id, Unknown) else Unknown(f"the launch template `{id}` is not in these files")
    return dict.fromkeys(("subnet_id", "vpc_security_group_ids", "iam_instance_profile"), reason)


def first(value: Any) -> Mapping[str, Any]:
    """The only block of a kind; nothing if there is none."""
    block = value[0] if isinstance(value, list) and value else value
    return block if isinstance(block, Mapping) else {}
