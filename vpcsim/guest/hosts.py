"""What stands at the other end of a connection: hosts that the caller gives, each with a handler.

    hosts={"api.example.com": app, "Database:5432": Tcp(handler), "10.0.1.9:80": "hello"}

A key is a host name, an address, or a resource of the model, with a port if the host answers on that one only. A value is a
WSGI application, text, bytes, or a mapping that is answered as JSON; `Tcp` takes a function of the connected socket.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from vpcsim.errors import InputError, Problem, UnknownName
from vpcsim.names.public_names import HOSTS_RANGE, Host
from vpcsim.network import Network
from vpcsim.prefixes import address_text
from vpcsim.resolution import NXDOMAIN, Query, Vantage, domains_of
from vpcsim.resolving import resolve
from vpcsim.services import service_of_host

Wsgi = Callable[..., Iterable[bytes]]


@dataclass(frozen=True)
class Tcp:
    """A host that speaks something else than HTTP: the function gets the connected socket, in a thread of its own."""

    handler: Callable[[Any], None]


@dataclass(frozen=True)
class Server:
    """Who takes a connection: a WSGI application or a function of the socket, and the names on its certificate.

    `place` is the resource on which it runs, if the model has it.
    """

    app: Wsgi | None
    handler: Callable[[Any], None] | None = None
    names: Callable[[str], tuple[str, ...]] = lambda asked: (asked,)
    place: str = ""


class Hosts:
    """The handlers by what names them. Raises InputError for a value that cannot answer, and UnknownName."""

    def __init__(self, given: Mapping[str, Any], net: Network, outer: Hosts | None = None) -> None:
        self._servers: dict[tuple[str, int | None], Server] = dict(outer._servers) if outer else {}
        self.net = net
        for key, value in given.items():
            name, port = _split(str(key))
            if "." not in name and ":" not in name and name not in net.topology.resources:
                raise UnknownName("resource", name, list(net.topology.resources))
            self._servers[name, port] = _server(key, value, name if name in net.places else "")

    def at(self, place: str, host: str, address: str, port: int) -> Server | None:
        """The handler for a connection that arrives at a place."""
        known = self.net.places.get(place)
        names = (host, address, place, known.known_as if known else "", str(getattr(known, "attached_to", "") or ""))
        found = ((name.lower() if name == host else name, number) for name in names if name for number in (port, None))
        return next((self._servers[key] for key in found if key in self._servers), None)


def _split(key: str) -> tuple[str, int | None]:
    head, colon, tail = key.removeprefix("https://").removeprefix("http://").rstrip("/").rpartition(":")
    if colon and tail.isdigit() and (":" not in head or head.endswith("]")):
        return head.strip("[]"), int(tail)
    name = f"{head}{colon}{tail}"
    return (name.strip("[]").lower() if "." in name else name.strip("[]")), None


def _server(key: str, value: Any, place: str) -> Server:
    if isinstance(value, Tcp):
        return Server(None, value.handler, place=place)
    if isinstance(value, Mapping | list):
        return Server(_fixed(json.dumps(value).encode(), "application/json"), place=place)
    if isinstance(value, str | bytes):
        return Server(_fixed(value.encode() if isinstance(value, str) else value, "text/plain; charset=utf-8"), place=place)
    if callable(value):
        return Server(value, place=place)
    raise InputError(Problem(f"`{key}`: `{value!r}` is no handler; give a WSGI application, text, a mapping, or `Tcp`"))


def _fixed(body: bytes, kind: str) -> Wsgi:
    def app(environ: Any, start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [("Content-Type", kind), ("Content-Length", str(len(body)))])
        return [body]

    return app


def with_hosts(net: Network, given: Mapping[str, Any]) -> Network:
    """The network with those hosts on the internet that only their handlers tell of, each with a made-up address.

    A name that the model answers, or that belongs to a hosted zone of it, is left alone.
    """
    names = [name for name, _ in map(_split, map(str, given)) if _is_unknown_name(net, name)]
    if not names:
        return net
    taken = {number for host in net.topology.of(Host) for number in host.addresses}
    free = (number for number in range(HOSTS_RANGE.last - 1, HOSTS_RANGE.first, -1) if number not in taken)
    return net.with_changes({"hosts": {name: address_text(next(free)) for name in names}})


def _is_unknown_name(net: Network, name: str) -> bool:
    if "." not in name or ":" in name or name.replace(".", "").isdigit() or name in net.places or service_of_host(name):
        return False
    zones = {str(getattr(zone, "name", "")).rstrip(".").lower() for zone in net.topology.of_kind("hosted_zone")}
    if zones & set(domains_of(name)):
        return False
    found = resolve(net, Vantage(None, "public"), Query(name, "A"))
    return found.rcode == NXDOMAIN
