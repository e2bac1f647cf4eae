"""vpcsim schema NAME"""

from __future__ import annotations

import click

from vpcsim.schemas import SCHEMAS, text_of


@click.command("schema")
@click.argument("name", type=click.Choice(list(SCHEMAS)))
def command(name: str) -> int:
    """Print a JSON Schema: of scenario files, or of what the program answers as JSON.

    \b
    vpcsim schema scenario > .vscode/vpcsim-scenario.json
    vpcsim schema trace
    """
    click.echo(text_of(name), nl=False)
    return 0
