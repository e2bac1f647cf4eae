"""How the rules of a security group are written: in text, in templates, by Terraform.

Sources: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/security_group,
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from vpcsim.errors import Origin
from vpcsim.prefixes import Prefix
from vpcsim.resource import as_list


def terraform_permissions(rule: Any, group: Any, origin: Origin | None) -> Iterator[dict[str, Any]]:
    """One permission for each peer of a rule. All protocols and those without ports have none, whatever is written."""
    if not isinstance(rule, Mapping):
        yield rule
        return
    base: dict[str, Any] = {"IpProtocol": rule.get("IpProtocol", "-1"), "WrittenAt": origin}
    if str(base["IpProtocol"]).lower() not in ("-1", "all"):
        base |= {name: rule[name] for name in ("FromPort", "ToPort") if name in rule}
    for names, field_name, key in _PEERS:
        for peer in (peer for name in names for peer in as_list(rule.get(name))):
            yield {**base, field_name: [{key: peer}]}
    if rule.get("Self") is True:
        yield {**base, "UserIdGroupPairs": [{"GroupId": group}]}


_PEERS = (
    (("CidrBlocks", "CidrIpv4"), "IpRanges", "CidrIp"),
    (("Ipv6CidrBlocks", "CidrIpv6"), "Ipv6Ranges", "CidrIpv6"),
    (("PrefixListIds", "PrefixListId"), "PrefixListIds", "PrefixListId"),
    (("SecurityGroups", "SourceSecurityGroupId", "ReferencedSecurityGroupId"), "UserIdGroupPairs", "GroupId"),
)
"""Where Terraform writes the peers of a rule, and where EC2 keeps them."""


def peer_of(text: str) -> dict[str, Any]:
    """The peer that a text names: a block, a group or a prefix list."""
    kind, _, name = text.rpartition(" ")
    if kind in ("prefix list", "prefix_list") or text.startswith("pl-"):
        return {"PrefixListIds": [{"PrefixListId": name}]}
    if kind in ("group", "security group", "security_group"):
        return {"UserIdGroupPairs": [{"GroupId": name}]}
    if kind:
        raise ValueError(f"`{text}` is not a peer: a CIDR block, a group or a prefix list")
    try:
        block = Prefix.parse(text)
    except ValueError:
        if "/" in text:
            raise
        return {"UserIdGroupPairs": [{"GroupId": text}]}
    return {"Ipv6Ranges": [{"CidrIpv6": text}]} if block.family == 6 else {"IpRanges": [{"CidrIp": text}]}


def flat_permission(rule: Mapping[str, Any], origin: Origin | None) -> dict[str, Any]:
    """A flat rule of CloudFormation as the permission that EC2 makes of it."""
    fields: dict[str, Any] = {k: rule[k] for k in ("IpProtocol", "FromPort", "ToPort") if k in rule}
    fields["WrittenAt"] = getattr(rule, "origin", None) or origin
    if "CidrIp" in rule:
        fields["IpRanges"] = [{"CidrIp": rule["CidrIp"]}]
    if "CidrIpv6" in rule:
        fields["Ipv6Ranges"] = [{"CidrIpv6": rule["CidrIpv6"]}]
    for name in ("SourcePrefixListId", "DestinationPrefixListId"):
        if name in rule:
            fields["PrefixListIds"] = [{"PrefixListId": rule[name]}]
    for name in ("SourceSecurityGroupId", "DestinationSecurityGroupId", "SourceSecurityGroupName"):
        if name in rule:
            fields["UserIdGroupPairs"] = [{"GroupId": rule[name]}]
    return fields
