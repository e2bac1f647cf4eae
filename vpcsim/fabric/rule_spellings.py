"""How Terraform writes the rules of a security group.

Sources: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/security_group,
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from vpcsim.errors import Origin
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
