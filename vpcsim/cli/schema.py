"""vpcsim schema"""

from __future__ import annotations

import click

from vpcsim.cli import options


@click.command("schema")
@click.argument("form", metavar="FORMAT", type=click.Choice(["native"]))
def command(form: str) -> int:
    """Print the JSON Schema of a format, with which editors complete and check files.

    \b
    vpcsim schema native > native.schema.json
    """
    from vpcsim.renderers import schema

    options.echo_json(schema.native())
    return 0
