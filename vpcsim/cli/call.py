"""vpcsim call MODEL FROM ACTION [RESOURCE]"""

from __future__ import annotations

import click

from vpcsim.cli import options


@click.command("call")
@options.model
@click.argument("source", metavar="FROM")
@click.argument("action", metavar="ACTION")
@click.argument("resource", metavar="[RESOURCE]", default="*")
@click.option("--client", default="boto3", show_default=True, help="Who calls: boto3, cli-v2 or cli-v1.")
@click.option("--endpoint-url", default="", metavar="URL", help="Call this endpoint, not the service's own.")
@click.option("--fips", is_flag=True, help="Call the FIPS endpoint.")
@click.option("--dual-stack", is_flag=True, help="Call the dual-stack endpoint.")
@click.option("--env", multiple=True, metavar="NAME=VALUE", help="An AWS_... variable of the client in the model.")
@options.terms
@options.output(*options.REPORTS)
def command(
    model: options.Inputs,
    source: str,
    action: str,
    resource: str,
    client: str,
    endpoint_url: str,
    fips: bool,
    dual_stack: bool,
    env: tuple[str, ...],
    role: str,
    user: str,
    context: tuple[str, ...],
    form: str,
) -> int:
    """Decide whether a call of ACTION by FROM succeeds: name, path, certificate, then policies.

    RESOURCE is a resource of the model, BUCKET/KEY, or an ARN. Exit code: 0 yes, 1 no, 2 unusable input, 3 undecided.

    \b
    vpcsim call models/sqs-nat AppServer sqs:SendMessage FilaTeste
    vpcsim call models/sqs-private AppServer sqs:SendMessage FilaTeste --client cli-v1
    """
    from vpcsim.calling import Client, call

    who = Client(client, endpoint_url, fips, dual_stack, options.pairs(env, "--env"))
    keys = options.pairs(context, "--context")
    return options.tell(call(model.load(), source, action, resource, client=who, role=role, context=keys, user=user), form, model)
