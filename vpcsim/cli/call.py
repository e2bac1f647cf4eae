"""vpcsim call MODEL FROM ACTION [RESOURCE]"""

from __future__ import annotations

import click

from vpcsim.cli import options


@click.command("call")
@options.model
@click.argument("source", metavar="FROM")
@click.argument("action", metavar="ACTION")
@click.argument("resource", metavar="[RESOURCE]", default="*")
@options.output(*options.REPORTS)
def command(model: options.Inputs, source: str, action: str, resource: str, form: str) -> int:
    """Decide whether a call of ACTION by FROM succeeds: the name of the service, the path to it, then the policies.

    RESOURCE is a queue of the model, or an ARN. Exit code: 0 yes, 1 no, 2 unusable input, 3 undecided.

    \b
    vpcsim call models/sqs-nat AppServer sqs:SendMessage FilaTeste
    """
    from vpcsim.calling import call

    return options.tell(call(model.load(), source, action, resource), form, model)
