"""Who answers at the end of a path, and whether its certificate is for the host name that the client asked for.

A client verifies the name that it looked up, not the one that an alias led to. An interface endpoint answers with a certificate
for the service's private names and for its own ones; on the public side the service answers for its public names. A wildcard
covers one label. What else a certificate may cover is not documented, so another name of the same service is undecided. A
name of somebody else's is not covered.

Sources: https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html (the names of an endpoint),
https://docs.aws.amazon.com/AmazonS3/latest/userguide/privatelink-interface-endpoints.html (those of S3's),
https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html (buckets with dots in their names),
RFC 9525 section 6.3 (wildcards).
"""

from __future__ import annotations

from vpcsim import services
from vpcsim.calling.answers import Stop
from vpcsim.errors import UnknownName
from vpcsim.network import Network
from vpcsim.reachability import Reachability
from vpcsim.resource import Resource
from vpcsim.trace import Verdict


def stop_at(net: Network, path: Reachability, host: str, client: str, tls: bool) -> Stop | None:
    """What stops a request of `client` for `host` at the other end of its path; None: nothing does."""
    assert path.trip is not None
    place = net.places[path.trip.there.at]
    kind, service = str(getattr(place, "endpoint_type", "")), str(getattr(place, "service_name", ""))
    if kind == "Interface" and not services.is_customer_service(service):
        return _at_endpoint(place, service, host, client, tls)
    name = _canonical(path, host)
    if (kind == "Gateway" or place.id == "aws") and services.service_of_host(name) is not None:
        return _at_service(place, name, host, client, tls)
    because = f"{place.known_as}: who answers there for {host}, and with which certificate, is not in the model"
    return Stop("TLS" if tls else "service", Verdict.UNDECIDED, because)


def covered(pattern: str, host: str) -> bool:
    """Whether a name of a certificate covers a host: `*` is one whole label."""
    head, dot, rest = host.partition(".")
    return pattern == host or bool(pattern.startswith("*.") and dot and head and pattern[2:] == rest)


def _at_endpoint(place: Resource, service: str, host: str, client: str, tls: bool) -> Stop | None:
    try:
        private, own = services.private_dns_names(service), services.endpoint_dns_suffix(service)
    except UnknownName:
        because = f"{place.known_as}: the names of {service} are not known, so nor is its certificate"
        return Stop("TLS", Verdict.UNDECIDED, because) if tls else None
    clients = _clients(private)
    names = (*private, *_own_names(host, own))
    if tls and not any(covered(name, host) for name in names):
        return _uncovered(place.known_as, host, (*private, f"*.{own}"), clients, host.endswith(f".{own}"))
    return _wrong_service(f"{place.known_as}: leads to {service}", clients, client)


def _own_names(host: str, own: str) -> tuple[str, ...]:
    """The endpoint's own names. S3's have `bucket`, `accesspoint` or `control` before the endpoint's label."""
    if not own.startswith("s3."):
        return (f"*.{own}",)
    label = host.removesuffix(f".{own}").rpartition(".")[2]
    return tuple(f"{kind}.{label}.{own}" for kind in ("bucket", "accesspoint", "control")) if label.startswith("vpce-") else ()


def _at_service(place: Resource, name: str, host: str, client: str, tls: bool) -> Stop | None:
    found = services.service_of_host(name)
    assert found is not None
    if tls and host != name:
        return _uncovered(place.known_as, host, (name,), found.clients, False)
    bucket = name.partition(".s3.")[0] if ".s3." in name else ""
    if tls and "." in bucket:
        because = f"the certificate of S3 covers one label before `s3`, and the bucket's name `{bucket}` has dots"
        return Stop("TLS", Verdict.BLOCKED, f"{place.known_as}: {because}")
    return _wrong_service(f"{place.known_as}: {name} is a name of {found.service}", found.clients, client)


def _uncovered(at: str, host: str, names: tuple[str, ...], clients: tuple[str, ...], own: bool) -> Stop:
    told = ", ".join(names[:3])
    other = services.service_of_host(host)
    if own or (other is not None and set(other.clients) & set(clients)):
        because = f"{at}: whether the certificate there covers {host} too is not documented; it is for {told}"
        return Stop("TLS", Verdict.UNDECIDED, because)
    return Stop("TLS", Verdict.BLOCKED, f"{at}: the certificate there is for {told}, not for {host}")


def _wrong_service(where: str, clients: tuple[str, ...], client: str) -> Stop | None:
    if not client or not clients or client in clients:
        return None
    fix = f"let {client} use its own name: an endpoint of one service is set by AWS_ENDPOINT_URL_<SERVICE>, not for all of them"
    return Stop("service", Verdict.BLOCKED, f"{where}, and the request is one for {client}", fix, clients[0])


def _canonical(path: Reachability, host: str) -> str:
    """The name that has the addresses, at the end of every alias that a client follows."""
    records = path.resolution.records if path.resolution else ()
    return next((record.name.rstrip(".").lower() for record in reversed(records) if record.type in ("A", "AAAA")), host)


def _clients(names: tuple[str, ...]) -> tuple[str, ...]:
    """The clients whose requests the holder of these names takes."""
    hosts = (services.service_of_host(name.replace("*.", "any.")) for name in names)
    return tuple(dict.fromkeys(client for host in hosts if host for client in host.clients))
