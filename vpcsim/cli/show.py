"""vpcsim show MODEL"""

from __future__ import annotations

import click

from vpcsim.cli import options


@click.command("show")
@options.model
@options.output("text", "json")
def command(model: options.Inputs, form: str) -> int:
    """List what MODEL holds, what was assumed where AWS would choose, and what was skipped.

    \b
    vpcsim show models/sqs-private
    """
    from vpcsim.renderers import inventory

    net = model.load()
    if form == "json":
        options.echo_json({"format_version": "1.0", **inventory.to_dict(net)})
    else:
        inventory.draw(net)
    return 0
