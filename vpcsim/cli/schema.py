"""vpcsim schema NAME"""

from __future__ import annotations

import click

from vpcsim.schemas import SCHEMAS, text_of


@click.command("schema")
@click.argument("name", type=click.Choice([*SCHEMAS, "native"]))
def command(name: str) -> int:
    """Print a JSON Schema: of the native format or of scenario files, for editors, or of what the program answers as JSON.

    \b
    vpcsim schema native > native.schema.json
    vpcsim schema trace
    """
    if name == "native":
        from vpcsim.cli import options
        from vpcsim.renderers import schema

        options.echo_json(schema.native())
    else:
        click.echo(text_of(name), nl=False)
    return 0
