"""Attributes of load balancers and target groups: pairs of a key and a value, as the API keeps them.

Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html
"""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from vpcsim.packet import TCP, UDP
from vpcsim.shape import Read, Shape

CROSS_ZONE = "load_balancing.cross_zone.enabled"
DENY_ALL_IGW_TRAFFIC = "ipv6.deny_all_igw_traffic"
PRESERVE_CLIENT_IP = "preserve_client_ip.enabled"
TRANSPORTS: Mapping[str, tuple[int, ...]] = {
    "HTTP": (TCP,),
    "HTTPS": (TCP,),
    "SSL": (TCP,),
    "TCP": (TCP,),
    "TLS": (TCP,),
    "UDP": (UDP,),
    "QUIC": (UDP,),
    "GENEVE": (UDP,),
    "TCP_UDP": (TCP, UDP),
    "TCP_QUIC": (TCP, UDP),
}
"""The IP protocols that a listener's or a target group's protocol stands for."""


class Attribute(Shape):
    """One attribute."""

    key: str
    value: Annotated[str, Read(lambda v: str(v).lower() if isinstance(v, bool) else v)] = ""


def attribute(attributes: Iterable[Attribute], key: str) -> bool | None:
    """Whether a switch is on; None if nothing is said or the value is neither true nor false."""
    value = next((a.value for a in attributes if a.key == key), "")
    return {"true": True, "false": False}.get(value)


def with_switch(existing: Any, key: str, value: Any) -> list[dict[str, Any]]:
    """API-shaped attributes with one switch set."""
    kept = [dict(a) for a in existing or () if isinstance(a, Mapping) and a.get("Key") != key]
    return [*kept, {"Key": key, "Value": str(value).lower()}]
