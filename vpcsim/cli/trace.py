"""vpcsim trace MODEL FROM TO[:PORT]"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from vpcsim.cli import options

if TYPE_CHECKING:
    from vpcsim.renderers.reports import Report


@click.command("trace")
@options.model
@click.argument("source", metavar="FROM")
@click.argument("to", metavar="TO[:PORT]")
@click.option("--protocol", default="tcp", show_default=True, help="tcp, udp, icmp, icmpv6 or a protocol number.")
@click.option("--port", help="The port, or a range such as 1024-2048, if TO does not name one.")
@click.option("--all", "every", is_flag=True, help="Find every blocker, not only the first one.")
@click.option("--short", is_flag=True, help="One line only.")
@click.option("-v", "--verbose", is_flag=True, help="Add every rule that was looked at.")
@options.output(*options.REPORTS)
def command(
    model: options.Inputs,
    source: str,
    to: str,
    protocol: str,
    port: str | None,
    every: bool,
    short: bool,
    verbose: bool,
    form: str,
) -> int:
    """Decide whether FROM reaches TO, and whether the answer comes back.

    FROM is a resource's id or name, an address, `internet` or `internet:ADDRESS`. TO is an id, a name, an address, a host
    name or a URL; without a port it is 443. Exit code: 0 reachable, 1 blocked, 2 unusable input, 3 undecided.

    \b
    vpcsim trace network.yaml AppServer https://sqs.us-east-1.amazonaws.com
    vpcsim trace network.yaml AppServer 10.0.1.20:5432 --all
    vpcsim trace network.yaml internet AppServer:22
    """
    from vpcsim.renderers.text import reachability

    answer = model.load().trace(source, to, protocol=protocol, port=port, every=every)

    def report() -> Report:
        from vpcsim.renderers.reports import of_reachability

        return of_reachability(answer, model.paths[0])

    options.tell_report(form, lambda: reachability(answer, short, verbose), report)
    return options.exit_code(answer.verdict)
