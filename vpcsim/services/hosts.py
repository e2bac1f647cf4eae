"""Which AWS service a public host name belongs to.

The tables come from the endpoint rules that AWS publishes with its SDKs; the general form of the names is described on
https://docs.aws.amazon.com/general/latest/gr/rande.html
"""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Literal, NamedTuple, TypeVar

from vpcsim.services._data import load
from vpcsim.services.privatelink import endpoint_dns_suffix, private_dns_names, service_names
from vpcsim.services.regions import dns_suffix, dualstack_suffix, is_region

Kind = Literal["regional", "dualstack", "fips", "fips-dualstack", "legacy", "website", "global"]
V = TypeVar("V")


class ServiceHost(NamedTuple):
    """The service behind a host name.

    `service` is the SDK client's name (`sqs`, `cloudwatch`), or the PrivateLink short name of a host that no client calls
    (`ecr.dkr`, `ssmmessages`); `clients` are all the clients that use the host. `region` signs the requests.
    `kind` is `legacy` for names that AWS keeps for old clients, `global` for names without a Region, `website` for S3 websites.
    `service_name` is the PrivateLink service, None where AWS offers none; `private_dns` says whether that service's private DNS
    answers this very name (it never answers a legacy one).
    """

    service: str
    region: str
    kind: Kind
    clients: tuple[str, ...]
    service_name: str | None
    private_dns: bool


@lru_cache(1024)
def service_of_host(hostname: str) -> ServiceHost | None:
    """The AWS service that answers at `hostname`, or None, also for the endpoint-specific names below `vpce.amazonaws.com`.

    Letter case and a final dot do not count. Names of users' own resources (`i-...`, load balancers, databases) are no services'.
    https://docs.aws.amazon.com/general/latest/gr/rande.html
    """
    host = hostname.rstrip(".").lower()
    if ".vpce.amazonaws.com" in f".{host}":
        return None
    return _regional(host) or _fixed(host)


def matches(pattern: str, hostname: str) -> bool:
    """Whether a private DNS name, perhaps `*.name`, answers for `hostname`. `*.name` does not answer for `name` itself."""
    host, wanted = hostname.rstrip(".").lower(), pattern.lower()
    return host.endswith(wanted[1:]) and host != wanted[2:] if wanted.startswith("*.") else host == wanted


def _fixed(host: str) -> ServiceHost | None:
    found = _find(load("hosts")["fixed"], host)
    if found is None:
        return None
    clients, region, kind = found[1]
    return _answer(host, clients, region, kind)


def _regional(host: str) -> ServiceHost | None:
    labels = host.split(".")
    for i in reversed(range(len(labels))):
        region, templated = _templated(labels[i])
        if region:
            left, right = labels[:i], labels[i + 1 :]
            found = _patterned(host, ".".join([*left, templated, *right]), region)
            return found or (_labelled(host, left, region, ".".join(right)) if templated == "{r}" else None)
    return None


def _templated(label: str) -> tuple[str, str]:
    """`us-east-1` -> (`us-east-1`, `{r}`), `s3-us-west-2` -> (`us-west-2`, `s3-{r}`), anything else -> (``, label)."""
    if is_region(label):
        return label, "{r}"
    for head in ("s3-website-", "s3-"):
        if label.startswith(head) and is_region(label[len(head) :]):
            return label[len(head) :], f"{head}{{r}}"
    return "", label


def _patterned(host: str, pattern: str, region: str) -> ServiceHost | None:
    found = _find(load("hosts")["patterns"], pattern)
    return _answer(host, found[1][0], region, found[1][1]) if found else None


def _labelled(host: str, left: list[str], region: str, suffix: str) -> ServiceHost | None:
    if suffix not in (dns_suffix(region), dualstack_suffix(region)):
        return None
    table: dict[str, str] = load("hosts")["labels"]
    found = _find(table, ".".join(left)) or _find(table, ".".join(label.removesuffix("-fips") for label in left))
    if found is None:
        return None
    own = found[0].removeprefix("*.").count(".") + 1
    kind = _kind(left[-own:], suffix == dualstack_suffix(region))
    return _answer(host, found[1], region, kind)


def _kind(labels: list[str], dualstack: bool) -> Kind:
    fips = any(label == "fips" or label.endswith("-fips") for label in labels)
    if dualstack or "dualstack" in labels:
        return "fips-dualstack" if fips else "dualstack"
    return "fips" if fips else "regional"


def _find(table: dict[str, V], name: str) -> tuple[str, V] | None:
    """The entry for the name itself, or the nearest wildcard above it."""
    if name in table:
        return name, table[name]
    while "." in name:
        name = name.partition(".")[2]
        if (key := f"*.{name}") in table:
            return key, table[key]
    return None


def _answer(host: str, clients: str, region: str, kind: Kind) -> ServiceHost:
    every = tuple(clients.split())
    name = _private_service(host, every, region, kind)
    covered = name is not None and any(matches(p, host) for p in private_dns_names(name))
    return ServiceHost(every[0], region, kind, every, name, covered)


def _private_service(host: str, clients: tuple[str, ...], region: str, kind: Kind) -> str | None:
    found = _find(_private_index(region), host)
    if found:
        return found[1]
    if "fips" in kind:
        return None
    return next((name for client in clients if (name := _client_index(region).get(client))), None)


@cache
def _private_index(region: str) -> dict[str, str]:
    """Private DNS name -> the service whose endpoints answer it."""
    return {private: name for name in service_names(region) for private in private_dns_names(name)}


@cache
def _client_index(region: str) -> dict[str, str]:
    """SDK client -> the service that PrivateLink offers for it, by the host the client calls."""
    table: dict[str, str] = load("hosts")["labels"]
    found: dict[str, str] = {}
    for name in service_names(region):
        label = endpoint_dns_suffix(name).partition(f".{region}.vpce.")[0]
        for client in table.get(label, label).split():
            found.setdefault(client, name)
    return found
