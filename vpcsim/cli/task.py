"""vpcsim task MODEL FROM [NAME [ABOUT]]"""

from __future__ import annotations

import click

from vpcsim.cli import options


@click.command("task")
@options.model
@click.argument("source", metavar="FROM")
@click.argument("name", metavar="[NAME]", default="")
@click.argument("about", metavar="[ABOUT]", default="")
@options.terms
@options.output(*options.REPORTS)
def command(
    model: options.Inputs,
    source: str,
    name: str,
    about: str,
    role: str,
    user: str,
    context: tuple[str, ...],
    form: str,
) -> int:
    """Decide whether a task of several calls succeeds from FROM; without NAME, list the tasks.

    Tasks: session-manager, ecr-pull, cfn-signal, amazon-linux-repos, cloudwatch-agent, eks-node-join, lambda-to-rds,
    secrets-manager. ABOUT is the repository, database, cluster or secret. Exit code: 0 yes, 1 no, 2 unusable input, 3 undecided.

    \b
    vpcsim task models/sqs-private AppServer session-manager
    vpcsim task models/private-eks myNodes eks-node-join
    """
    from vpcsim.calling import TASKS, task

    if not name:
        click.echo("\n".join(TASKS))
        return 0
    keys = options.pairs(context, "--context")
    return options.tell(task(model.load(), source, name, about, role=role, context=keys, user=user), form, model)
