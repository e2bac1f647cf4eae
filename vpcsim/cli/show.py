"""vpcsim show MODEL"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from vpcsim.cli import options
from vpcsim.errors import InputError

if TYPE_CHECKING:
    from vpcsim.errors import Problem


@click.command("show")
@options.model
@options.output("text", "json", "jsonl", "markdown")
@click.option("--lint", is_flag=True, help="Add what cfn-lint finds in the templates.")
def command(model: options.Inputs, form: str, lint: bool) -> int:
    """List what MODEL holds, what was assumed where AWS would choose, what is in doubt, and what was skipped.

    \b
    vpcsim show models/sqs-private
    """
    from vpcsim.renderers import inventory

    found = _findings(model) if lint else []
    try:
        net = model.load()
    except InputError:
        inventory.draw_findings(found)
        raise
    if form == "text":
        inventory.draw(net)
        inventory.draw_findings(found)
    else:
        _tell(inventory.to_dict(net, found if lint else None), form)
    return 0


def _tell(held: dict[str, Any], form: str) -> None:
    from vpcsim.renderers.reports import inventories

    click.echo(inventories.render(held, form))


def _findings(model: options.Inputs) -> list[Problem]:
    from vpcsim.readers.linting import findings

    return findings(model.paths, model.parameters)
