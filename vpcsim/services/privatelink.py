"""PrivateLink services: what they are called, and the names their endpoints answer.

https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html lists the services,
https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html describes the names.
AWS does not publish which service has an endpoint in which Region: every Region gets every service, but for documented gaps.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from vpcsim.errors import UnknownName
from vpcsim.services._data import load
from vpcsim.services.regions import dns_suffix, dualstack_suffix, is_region

_HOME = "us-east-1"  # where the services without a Region are reached; the names they answer say no Region


def full_service_name(short: str, region: str) -> str:
    """`sqs` -> `com.amazonaws.us-east-1.sqs`; in China often `cn.com.amazonaws.cn-north-1.sqs`.

    A name that is already full, or is a customer's endpoint service, comes back unchanged. Raises UnknownName.
    """
    names = _names(region)
    if short in names:
        return names[short]
    if is_customer_service(short) or short in names.values():
        return short
    raise _unknown(short, region)


def service_names(region: str) -> tuple[str, ...]:
    """The full names of the AWS services that PrivateLink may offer in a Region, sorted. Raises UnknownName for the Region."""
    return tuple(sorted(_names(region).values()))


def private_dns_names(service_name: str) -> tuple[str, ...]:
    """The names that private DNS answers for an interface endpoint; `*.name` stands for every name below. Raises UnknownName.

    () where private DNS is not offered, and for a customer's endpoint service, whose name is whatever its provider proved to own.
    https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html
    """
    if is_customer_service(service_name):
        return ()
    return _filled_names(*_parse(service_name))


def names_are_assumed(service_name: str) -> bool:
    """Whether no page and no SDK confirms `private_dns_names`: they follow from the general rule. Raises UnknownName."""
    return not is_customer_service(service_name) and bool(_services()[_parse(service_name)[0]].get("assumed"))


def endpoint_dns_suffix(service_name: str) -> str:
    """What follows the endpoint's id in its own names: `sqs.us-east-1.vpce.amazonaws.com`. Raises UnknownName.

    It repeats the service's private name, or where there is none, the short name from right to left (`data.iot` for `iot.data`).
    https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html
    """
    if is_customer_service(service_name):
        region, service_id = service_name.split(".")[-2:]
        return f"{service_id}.{region}.vpce.{dns_suffix(region)}"
    short, region = _parse(service_name)
    return _filled(_services()[short].get("vpce") or _base(short, region) + ".{r}.vpce.{s}", region)


def endpoint_types(service_name: str) -> tuple[str, ...]:
    """Which of `Gateway`, `GatewayLoadBalancer`, `Interface` the service can have, as DescribeVpcEndpointServices spells them.

    Raises UnknownName. https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html
    """
    if is_customer_service(service_name):
        return ("GatewayLoadBalancer", "Interface")
    return tuple(_services()[_parse(service_name)[0]].get("types", ("Interface",)))


def is_customer_service(service_name: str) -> bool:
    """Whether this names an endpoint service outside AWS: `com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0`."""
    return ".vpce-svc-" in service_name and is_region(service_name.split(".")[-2])


def _services() -> dict[str, dict[str, Any]]:
    services: dict[str, dict[str, Any]] = load("privatelink")["services"]
    return services


@cache
def _parse(service_name: str) -> tuple[str, str]:
    """`com.amazonaws.us-east-1.sqs` -> (`sqs`, `us-east-1`)."""
    region = next((label for label in service_name.split(".") if is_region(label)), _HOME)
    short = _shorts(region).get(service_name)
    if short is None:
        raise _unknown(service_name, region)
    return short, region


@cache
def _names(region: str) -> dict[str, str]:
    dns_suffix(region)
    china = load("privatelink")["china"].get(region, ())
    return {
        short: _full(short, entry, region, short in china)
        for short, entry in _services().items()
        if region not in entry.get("absent", ())
    }


@cache
def _shorts(region: str) -> dict[str, str]:
    return {name: short for short, name in _names(region).items()}


def _full(short: str, entry: dict[str, Any], region: str, china: bool) -> str:
    prefix = entry.get("prefix") or ("cn.com.amazonaws" if china else "com.amazonaws")
    if entry.get("global"):
        return f"{prefix}.{short}"
    return f"{prefix}.{region}.{short}" + (entry.get("china", {}).get("suffix", "") if china else "")


def _unknown(name: str, region: str) -> UnknownName:
    names = _names(region)
    tail = name.partition(f".{region}.")[2]
    if tail in names:  # the service is right and the prefix is not
        return UnknownName("PrivateLink service", name, [names[tail]])
    return UnknownName("PrivateLink service", name, [*names.values()] if "." in name else [*names])


@cache
def _filled_names(short: str, region: str) -> tuple[str, ...]:
    return tuple(_filled(name, region) for name in _templates(short, region))


def _templates(short: str, region: str) -> list[str]:
    entry = _services()[short]
    china: list[str] | None = entry.get("china", {}).get("names") if region.startswith("cn-") else None
    names: list[str] = entry.get("names", [_reversed(short) + ".{r}.{s}"])
    return china or names


def _base(short: str, region: str) -> str:
    first = next(iter(_templates(short, region)), "")
    label, shape, _ = first.removeprefix("*.").partition(".{")
    return label if shape and "{" not in label else _reversed(short)


def _reversed(short: str) -> str:
    return ".".join(reversed(short.split(".")))


def _filled(template: str, region: str) -> str:
    return template.format(r=region, s=dns_suffix(region), d=dualstack_suffix(region))
