"""vpcsim snapshot"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

INCOMPLETE = 1


@click.command("snapshot")
@click.option("--profile", metavar="NAME", help="A profile of the AWS configuration; its default chain if not given.")
@click.option("--regions", metavar="REGION,...", help="The Regions; the profile's own if not given.")
@click.option("-o", "--output", metavar="FOLDER", required=True, help="Where the answers are written.")
@click.option("--endpoint-url", metavar="URL", help="Ask this server instead of AWS, for example moto's.")
@click.option("--force", is_flag=True, help="Replace a snapshot that is there already.")
def command(profile: str | None, regions: str | None, output: str, endpoint_url: str | None, force: bool) -> int:
    """Write down what an AWS account holds, by read-only calls: a folder that every command takes as MODEL.

    Exit code: 0 every call was answered, 1 some were not and are listed, 2 nothing could be read.

    \b
    vpcsim snapshot --profile audit --regions us-east-1,eu-west-1 -o snapshot
    vpcsim show snapshot
    """
    from vpcsim.snapshot import take

    chosen = [name.strip() for name in (regions or "").split(",") if name.strip()]
    with _progress() as progress:
        taken = take(output, profile, chosen, endpoint_url, force, progress)
    for report in taken.reports:
        click.echo(f"vpcsim: {report}", err=True)
    lacking = f", {len(taken.reports)} without an answer" if taken.reports else ""
    click.echo(f"{taken.folder}: account {taken.account}, {', '.join(taken.regions)}: {taken.answered} answers{lacking}")
    return INCOMPLETE if taken.reports else 0


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None] | None]:
    """A bar on a terminal, and nothing elsewhere."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=None)
        yield lambda done, planned: bar.update(task, completed=done, total=planned)
