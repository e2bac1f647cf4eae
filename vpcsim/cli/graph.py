"""vpcsim graph MODEL"""

from __future__ import annotations

import click

from vpcsim.cli import options


@click.command("graph")
@options.model
@options.output("mermaid", "dot", "graphml")
def command(model: options.Inputs, form: str) -> int:
    """Export MODEL as a graph of typed nodes and edges.

    \b
    vpcsim graph models/sqs-private --format dot | dot -Tsvg > network.svg
    """
    from vpcsim.renderers import graphs

    click.echo({"mermaid": graphs.mermaid, "dot": graphs.dot, "graphml": graphs.graphml}[form](model.load()))
    return 0
