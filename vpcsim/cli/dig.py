"""vpcsim dig MODEL FROM NAME [TYPE] [+short] [+search]"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from vpcsim.cli import NO_REPLY, UNDECIDED, options
from vpcsim.errors import InputError, Problem

if TYPE_CHECKING:
    from vpcsim.network import Network
    from vpcsim.renderers.reports import Report
    from vpcsim.resolution import Resolution


@click.command("dig")
@options.model
@click.argument("source", metavar="FROM")
@click.argument("name", metavar="NAME")
@click.argument("words", metavar="[TYPE] [+short] [+search]", nargs=-1)
@click.option("--why", is_flag=True, help="Tell which zone owned the name, and what was not asked and why.")
@click.option("--query-log", "log", is_flag=True, help="Print the record that Resolver query logging writes of the query.")
@options.output(*options.REPORTS)
def command(model: options.Inputs, source: str, name: str, words: tuple[str, ...], why: bool, log: bool, form: str) -> int:
    """Answer a name as the resolver of FROM would.

    FROM is a resource, an address, a VPC's id, or `public`. With +search a name without a dot is completed, by the domain
    of the DHCP option set, as programs on an instance do. Exit code: 0 answered (NXDOMAIN is an answer), 3 undecided,
    9 no reply.

    \b
    vpcsim dig network.yaml AppServer sqs.us-east-1.amazonaws.com +short
    vpcsim dig network.yaml public example.com AAAA
    """
    from vpcsim.asking import resolve, search

    types = [word for word in words if not word.startswith("+")]
    unknown = [word for word in words if word.startswith("+") and word not in ("+short", "+search")]
    if unknown or len(types) > 1:
        raise InputError(Problem(f"`{(unknown or types[1:])[0]}` is not understood; expected NAME [TYPE] [+short] [+search]"))
    net = model.load()
    ask = search if "+search" in words else resolve
    found = ask(net, source, name, types[0] if types else "A")
    if log:
        _log(found, net)
    else:
        _tell(found, net, "+short" in words, why, form, model)
    return {"TIMEOUT": NO_REPLY, "UNDECIDED": UNDECIDED}.get(found.rcode, 0)


def _tell(found: Resolution, net: Network, short: bool, why: bool, form: str, model: options.Inputs) -> None:
    from vpcsim.renderers import dig

    def text() -> str:
        told = dig.short(found) if short else dig.full(found, net)
        reasons = [f";; {step.because}" for step in found.steps] if why else []
        return "\n".join([*([told] if told else []), *reasons])

    def report() -> Report:
        from vpcsim.renderers.reports import of_resolution

        return of_resolution(found, net, model.paths[0])

    options.tell_report(form, text, report)


def _log(found: Resolution, net: Network) -> None:
    import json
    from datetime import UTC, datetime

    from vpcsim.names.query_log_config import logged_by
    from vpcsim.renderers.query_log import query_log

    record = query_log(found, net, datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    vpc = found.vantage.vpc or ""
    if record is None:
        click.echo("vpcsim: nothing is logged of a query that no VPC resolver answers", err=True)
        return
    if not any(logged_by(vpc, net)):
        click.echo(f"vpcsim: no query logging configuration of {vpc} is in the model; one would write", err=True)
    click.echo(json.dumps(record))
