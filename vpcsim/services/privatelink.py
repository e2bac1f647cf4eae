"""PrivateLink services: what they are called, and the names their endpoints answer.

https://docs.aws.amazon.com/vpc/latest/privatelink/aws-services-privatelink-support.html lists the services,
https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html describes the names.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

from vpcsim.errors import UnknownName
from vpcsim.services._data import load
from vpcsim.services.regions import dns_suffix, dualstack_suffix, regions


class _Service(NamedTuple):
    short: str
    region: str
    entry: dict[str, Any]


def full_service_name(short: str, region: str) -> str:
    """`sqs` -> `com.amazonaws.us-east-1.sqs`; in China often `cn.com.amazonaws.cn-north-1.sqs`. Raises UnknownName.

    A name that is already full comes back unchanged.
    """
    entry = _services().get(short)
    if entry is None:
        return _known(short, region) or _raise_unknown(short, region)
    china = load("privatelink")["china"].get(region, ())
    prefix = entry.get("prefix") or ("cn.com.amazonaws" if short in china else "com.amazonaws")
    if entry.get("global"):
        return f"{prefix}.{short}"
    return f"{prefix}.{region}.{short}" + (".cn" if region.startswith("cn-") and short == "transcribe" else "")


def service_names(region: str) -> tuple[str, ...]:
    """The full names of all AWS services that PrivateLink may offer in a Region, sorted. Raises UnknownName for the Region."""
    dns_suffix(region)
    return tuple(sorted(full_service_name(short, region) for short in _services()))


def private_dns_names(service_name: str) -> tuple[str, ...]:
    """The names that an interface endpoint's private DNS answers; `*.name` stands for every name below. Raises UnknownName.

    An endpoint service that somebody else provides has whatever name its provider proved to own, so it has none here.
    """
    if is_customer_service(service_name):
        return ()
    found = _parse(service_name)
    default = [_reversed(found.short) + ".{r}.{s}"]
    suffix, dual = dns_suffix(found.region), dualstack_suffix(found.region)
    names = found.entry.get("names", default)
    return tuple(name.format(r=found.region, s=suffix, d=dual) for name in names)


def endpoint_dns_suffix(service_name: str) -> str:
    """What follows the endpoint id in endpoint-specific names: `api.ecr.us-east-1.vpce.amazonaws.com`. Raises UnknownName."""
    if is_customer_service(service_name):
        region, service_id = service_name.split(".")[-2:]
        return f"{service_id}.{region}.vpce.{dns_suffix(region)}"
    found = _parse(service_name)
    return f"{_reversed(found.short)}.{found.region}.vpce.{dns_suffix(found.region)}"


def endpoint_types(service_name: str) -> tuple[str, ...]:
    """Which of `Gateway`, `GatewayLoadBalancer`, `Interface` the service can have, as DescribeVpcEndpointServices spells them.

    Raises UnknownName. https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html
    """
    if is_customer_service(service_name):
        return ("GatewayLoadBalancer", "Interface")
    return tuple(_parse(service_name).entry.get("types", ("Interface",)))


def is_customer_service(service_name: str) -> bool:
    """Whether the name is that of an endpoint service outside AWS: `com.amazonaws.vpce.us-east-1.vpce-svc-0123456789abcdef0`."""
    return ".vpce-svc-" in service_name


def _services() -> dict[str, dict[str, Any]]:
    services: dict[str, dict[str, Any]] = load("privatelink")["services"]
    return services


def _reversed(short: str) -> str:
    return ".".join(reversed(short.split(".")))


def _parse(service_name: str) -> _Service:
    region = next((label for label in service_name.split(".") if label in regions()), "us-east-1")
    known = _full_names(region)
    if service_name not in known:
        _raise_unknown(service_name, region)
    short = known[service_name]
    return _Service(short, region, _services()[short])


def _known(name: str, region: str) -> str | None:
    return name if name in _full_names(region) else None


@cache
def _full_names(region: str) -> dict[str, str]:
    return {full_service_name(short, region): short for short in _services()}


def _raise_unknown(name: str, region: str) -> str:
    known = _full_names(region)
    raise UnknownName("PrivateLink service", name, [*known, *known.values()])
