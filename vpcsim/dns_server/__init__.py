"""A DNS server that answers as the resolver of a VPC does, each vantage point on an address of its own.

`Server` binds the sockets, starts a thread for UDP and one for TCP, and changes the network under them. What a reply is
stands in `answers`, how one is read from the wire in `questions`, how one is written in `vpcsim.wire`.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from ipaddress import ip_address
from typing import NamedTuple

from vpcsim.dns_server.answers import Answers, Log, Upstream, View
from vpcsim.dns_server.datagrams import Datagrams
from vpcsim.dns_server.streams import IDLE, Streams
from vpcsim.errors import InputError, Problem
from vpcsim.network import Network
from vpcsim.resolution import Vantage

__all__ = ["Endpoint", "Server", "View"]

ATTEMPTS = 20


class Endpoint(NamedTuple):
    """An address and a port. Port 0 is any free one."""

    address: str
    port: int

    @classmethod
    def parse(cls, text: str, port: str = "") -> Endpoint:
        """From `127.0.0.1:5353` or `[::1]:5353`, or without a port if there is a default. Raises InputError."""
        host, colon, number = text.rpartition(":")
        if port and (not colon or (":" in host and not host.endswith("]"))):
            host, number = text, port
        try:
            address = ip_address(host.removeprefix("[").removesuffix("]"))
            if not (number.isascii() and number.isdigit() and int(number) <= 0xFFFF):
                raise ValueError
        except ValueError:
            raise InputError(Problem(f"`{text}` is not an address such as 127.0.0.1:5353 or [::1]:5353")) from None
        return cls(str(address), int(number))

    @property
    def is_loopback(self) -> bool:
        return ip_address(self.address).is_loopback

    def __str__(self) -> str:
        return f"[{self.address}]:{self.port}" if ":" in self.address else f"{self.address}:{self.port}"


class Server:
    """Serves views on endpoints from `start` to `stop`. Binding happens when it is made; raises InputError if it fails."""

    def __init__(
        self,
        net: Network,
        views: Sequence[tuple[Endpoint, Vantage]],
        upstream: Upstream | None = None,
        log: Log | None = None,
        idle: float = IDLE,
    ) -> None:
        self._answers = [[Answers(View(net, v), over_tcp, upstream, log) for over_tcp in (False, True)] for _, v in views]
        bound: list[tuple[socket.socket, socket.socket]] = []
        try:
            for endpoint, _ in views:
                bound.append(bind(endpoint))
        except InputError:
            for pair in bound:
                _close(*pair)
            raise
        self.endpoints = [Endpoint(*udp.getsockname()[:2]) for udp, _ in bound]
        """Where the views are served, in their order, with the ports that were free."""
        self._datagrams = [Datagrams(udp, answers[0]) for (udp, _), answers in zip(bound, self._answers, strict=True)]
        self._streams = Streams([(tcp, answers[1]) for (_, tcp), answers in zip(bound, self._answers, strict=True)], idle)

    def start(self) -> None:
        self._streams.start()
        for datagrams in self._datagrams:
            datagrams.start()

    def stop(self) -> None:
        """End after the replies that are being made."""
        for datagrams in self._datagrams:
            datagrams.stop()
        self._streams.stop()

    def renew(self, net: Network, vantages: Sequence[Vantage]) -> None:
        """Answer from another network from now on."""
        for vantage, pair in zip(vantages, self._answers, strict=True):
            for answers in pair:
                answers.renew(View(net, vantage))


def bind(endpoint: Endpoint) -> tuple[socket.socket, socket.socket]:
    """Sockets for UDP and TCP on one port. Raises InputError."""
    for attempt in range(ATTEMPTS):
        family = socket.AF_INET6 if ":" in endpoint.address else socket.AF_INET
        udp, tcp = socket.socket(family, socket.SOCK_DGRAM), socket.socket(family, socket.SOCK_STREAM)
        try:
            tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tcp.bind(endpoint)
            udp.bind((endpoint.address, tcp.getsockname()[1]))
            tcp.setblocking(False)
            return udp, tcp
        except OSError as error:
            _close(udp, tcp)
            if endpoint.port or attempt == ATTEMPTS - 1:
                raise InputError(Problem(f"cannot listen on {endpoint}: {(error.strerror or str(error)).lower()}")) from None
    raise AssertionError("the last attempt raises")


def _close(*sockets: socket.socket) -> None:
    for one in sockets:
        one.close()
