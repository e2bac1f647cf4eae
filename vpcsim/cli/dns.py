"""vpcsim dns MODEL --as AppServer"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from vpcsim.cli import options
from vpcsim.errors import InputError, Problem, VpcsimError

if TYPE_CHECKING:
    from vpcsim.dns_server import Endpoint, Server

DEFAULT = "127.0.0.1:5353"
LOOK_AGAIN = 1.0
"""Seconds between two looks at the model's files."""


@click.command("dns")
@options.model
@click.option("--as", "source", metavar="FROM", help="Whose resolver to be: a resource, a VPC's id, or `public`.")
@click.option("--listen", metavar="ADDRESS:PORT", help=f"Where FROM is served; {DEFAULT} by default. Port 0: any free one.")
@click.option("--view", "views", multiple=True, metavar="FROM=ADDRESS:PORT", help="One more view on one more address.")
@click.option("--upstream", metavar="ADDRESS[:PORT]", help="Ask this resolver for names that would be invented; off by default.")
@click.option("--query-log", "log", metavar="FILE", help="Append the records that Resolver query logging writes, as JSON lines.")
def command(
    model: options.Inputs,
    source: str | None,
    listen: str | None,
    views: tuple[str, ...],
    upstream: str | None,
    log: str | None,
) -> int:
    """Serve MODEL's names over UDP and TCP, as the resolver of FROM answers them.

    The model is read again when its files change. Nothing leaves the machine without --upstream. Ends with exit code 0 on
    an interrupt (Ctrl-C) or a termination signal.

    \b
    vpcsim dns models/sqs-private --as AppServer --listen 127.0.0.1:5353
    vpcsim dns models/sqs-private --view AppServer=127.0.0.2:5353 --view public=127.0.0.3:5353
    """
    from vpcsim.asking import vantage_of
    from vpcsim.dns_server import Endpoint, Server
    from vpcsim.dns_server.query_log import QueryLog
    from vpcsim.dns_server.upstream import Upstream
    from vpcsim.dns_server.watch import Watch

    wanted = list(_wanted(source, listen, views))
    endpoints = [Endpoint.parse(where) for _, where in wanted]
    asked = Upstream(Endpoint.parse(upstream, port="53")) if upstream else None
    watch = Watch(model.paths)
    net = model.load()
    vantages = [vantage_of(net, who) for who, _ in wanted]
    written = QueryLog(log) if log else None
    server = Server(net, list(zip(endpoints, vantages, strict=True)), asked, written)
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    server.start()
    _announce([who for who, _ in wanted], server.endpoints)
    while not stopping.wait(LOOK_AGAIN):
        if watch.changed():
            _renew(server, model, [who for who, _ in wanted])
    server.stop()
    if written is not None:
        written.close()
    return 0


def _wanted(source: str | None, listen: str | None, views: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Who is served where."""
    if source:
        yield source, listen or DEFAULT
    elif listen or not views:
        raise InputError(Problem("nobody to answer as; expected --as FROM, or --view FROM=ADDRESS:PORT"))
    for view in views:
        name, equals, where = view.rpartition("=")
        if not equals or not name:
            raise InputError(Problem(f"`{view}` is not a view such as AppServer=127.0.0.2:5353"))
        yield name, where


def _announce(names: Sequence[str], endpoints: Sequence[Endpoint]) -> None:
    for name, endpoint in zip(names, endpoints, strict=True):
        if not endpoint.is_loopback:
            click.echo(f"vpcsim: {endpoint} is reached from other machines", err=True)
        click.echo(f"{name} resolves at {endpoint}")


def _renew(server: Server, model: options.Inputs, names: Sequence[str]) -> None:
    """Serve the changed model; if it cannot be used, say why and go on with the one before."""
    from vpcsim.asking import vantage_of

    try:
        net = model.load()
        server.renew(net, [vantage_of(net, name) for name in names])
    except (VpcsimError, OSError) as error:
        problems: Sequence[Any] = error.problems if isinstance(error, InputError) else [error]
        for problem in problems:
            click.echo(f"vpcsim: {problem}", err=True)
        click.echo("vpcsim: the model before this change is still served", err=True)
        return
    click.echo(f"vpcsim: {', '.join(model.paths)} was read again", err=True)
