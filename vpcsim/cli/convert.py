"""vpcsim convert MODEL"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from vpcsim.cli import options

if TYPE_CHECKING:
    from vpcsim.network import Network


@click.command("convert")
@options.model
@click.option("--to", "form", type=click.Choice(["native", "describe"]), default="native", show_default=True, help="The format.")
@click.option("-o", "--output", metavar="PATH", help="A file, or a folder for describe output; standard output if not given.")
@click.option("--force", is_flag=True, help="Replace files that are there already.")
def command(model: options.Inputs, form: str, output: str | None, force: bool) -> int:
    """Write MODEL, whatever it was written in, as a native file or as describe output of AWS's API.

    What was assumed or left out stands in the comments of the native file; `Assumed` marks it in describe output.

    \b
    vpcsim convert template.yaml -o network.yaml
    vpcsim convert network.yaml --to describe -o snapshot/
    """
    from vpcsim.writing import write

    net = model.load()
    if form == "describe" and (doubts := net.topology.settings.doubts):
        what = "a value is not known that" if len(doubts) == 1 else f"{len(doubts)} values are not known that"
        click.echo(f"vpcsim: {what} answers may depend on, and describe output cannot say so", err=True)
    if output is None:
        click.echo(_text(net, form), nl=False)
    else:
        write(_files(net, form, output), force)
    return 0


def _text(net: Network, form: str) -> str:
    if form == "native":
        from vpcsim.renderers import native

        return native.text(net)
    from vpcsim.renderers import describe

    return _json(describe.document(net))


def _files(net: Network, form: str, output: str) -> dict[str, str]:
    """By path: one file, or for describe output in a folder one for every list."""
    if form == "native" or output.endswith(".json"):
        return {output: _text(net, form)}
    from vpcsim.renderers import describe

    head = describe.head(net.topology)
    return {os.path.join(output, f"{name}.json"): _json({**head, name: items}) for name, items in describe.lists(net).items()}


def _json(value: object) -> str:
    import json

    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"
