"""vpcsim dig MODEL FROM NAME [TYPE] [+short]"""

from __future__ import annotations

import click

from vpcsim.cli import NO_REPLY, UNDECIDED, options
from vpcsim.errors import InputError, Problem


@click.command("dig")
@options.model
@click.argument("source", metavar="FROM")
@click.argument("name", metavar="NAME")
@click.argument("words", metavar="[TYPE] [+short]", nargs=-1)
@click.option("--why", is_flag=True, help="Tell which zone owned the name, and what was not asked and why.")
@options.output("text", "json")
def command(model: options.Inputs, source: str, name: str, words: tuple[str, ...], why: bool, form: str) -> int:
    """Answer a name as the resolver of FROM would.

    FROM is a resource, an address, a VPC's id, or `public`. Exit code: 0 answered (NXDOMAIN is an answer), 3 undecided,
    9 no reply.

    \b
    vpcsim dig network.yaml AppServer sqs.us-east-1.amazonaws.com +short
    vpcsim dig network.yaml public example.com AAAA
    """
    from vpcsim.renderers import dig

    types = [word for word in words if not word.startswith("+")]
    unknown = [word for word in words if word.startswith("+") and word != "+short"]
    if unknown or len(types) > 1:
        raise InputError(Problem(f"`{(unknown or types[1:])[0]}` is not understood; expected NAME [TYPE] [+short]"))
    net = model.load()
    found = net.resolve(source, name, types[0] if types else "A")
    if form == "json":
        options.echo_json({"format_version": "1.0", **found.to_dict()})
    else:
        text = dig.short(found) if "+short" in words else dig.full(found, net)
        if text:
            click.echo(text)
        if why:
            click.echo("\n".join(f";; {step.because}" for step in found.steps))
    return {"TIMEOUT": NO_REPLY, "UNDECIDED": UNDECIDED}.get(found.rcode, 0)
