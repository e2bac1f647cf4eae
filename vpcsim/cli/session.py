"""vpcsim session MODEL INSTANCE"""

from __future__ import annotations

import click

from vpcsim.cli import options


@click.command("session")
@options.model
@click.argument("instance", metavar="INSTANCE")
@options.output(*options.REPORTS)
def command(model: options.Inputs, instance: str, form: str) -> int:
    """Decide whether Session Manager can open a session on INSTANCE: both hosts of its agent, and its role.

    Exit code: 0 yes, 1 no, 2 unusable input, 3 undecided.

    \b
    vpcsim session models/sqs-private AppServer
    """
    from vpcsim.calling import session

    return options.tell(session(model.load(), instance), form, model)
