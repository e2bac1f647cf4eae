"""The command line. A command's module is imported when the command runs, so that `--help` and completion stay fast."""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module

import click

import vpcsim
from vpcsim.errors import InputError, VpcsimError, nearest

COMMANDS = {
    "trace": "Decide whether an instance reaches a name, an address or a resource, and say why.",
    "dig": "Answer a name as an instance's resolver would, in dig's form.",
    "dns": "Serve a model's names as an instance's resolver answers them, over UDP and TCP.",
    "session": "Decide whether Session Manager can open a session on an instance.",
    "call": "Decide a service call: the name, the path and the policies in one verdict.",
    "task": "Decide a whole task of several calls, such as pulling an image or joining a cluster.",
    "run": "Run scenario files and compare what is expected, predicted and observed.",
    "lint": "Print what AWS refuses in a model, and what is probably not meant.",
    "show": "List what a model holds, what was assumed and what was skipped.",
    "convert": "Write a model as a native file or as describe output of AWS's API.",
    "snapshot": "Write down what an AWS account holds, by read-only calls.",
    "schema": "Print the JSON Schema of the native format, for editors.",
    "graph": "Export the network as GraphML, DOT or Mermaid.",
    "ask": "Answer questions in JSON Lines from standard input.",
    "completion": "Print the script that makes a shell complete commands, options and files.",
}
UNUSABLE_INPUT, UNDECIDED, NO_REPLY, INTERRUPTED = 2, 3, 9, 130


class Commands(click.Group):
    """The group of commands, by name and help line, without their modules."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        command: click.Command = import_module(f"vpcsim.cli.{name}").command
        return command

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            close = nearest(args[0], COMMANDS)
            hint = f", did you mean `{close}`?" if close else f"; commands: {', '.join(COMMANDS)}"
            raise click.UsageError(f"no command `{args[0]}`{hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.command(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="A model is a native file, a CloudFormation template, output of AWS's API, or a folder that holds one.",
)
@click.version_option(vpcsim.__version__, prog_name="vpcsim", message="%(prog)s %(version)s")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", show_default=True, help="Use colours.")
@click.option("--debug", is_flag=True, help="Show the traceback of an error; may stand anywhere.")
@click.pass_context
def vpcsim_command(context: click.Context, color: str, debug: bool) -> None:
    """Simulate AWS VPC routing and split-horizon DNS offline.

    \b
    vpcsim trace models/sqs-private AppServer https://sqs.us-east-1.amazonaws.com
    vpcsim dig models/sqs-private AppServer sqs.us-east-1.amazonaws.com +short
    vpcsim run scenarios/sqs-interface-endpoint.yaml
    """
    context.color = {"always": True, "never": False}.get(color, colours_wanted())


FEW_COLLECTIONS = 100_000
"""What a command imports and reads lives to its end: to look for cycles in it meanwhile takes a tenth of a short run."""


def main() -> None:
    """The `vpcsim` program: runs a command and turns errors into lines for people and exit codes."""
    gc.set_threshold(FEW_COLLECTIONS)
    words = [word for word in sys.argv[1:] if word != "--debug"]
    debug = len(words) < len(sys.argv) - 1
    try:
        code = _run(words)
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except (KeyboardInterrupt, click.Abort):
        code = INTERRUPTED
    except (click.ClickException, VpcsimError, OSError) as error:
        if debug:
            import traceback

            traceback.print_exc()
        code = _tell(error)
    except Exception:
        import traceback

        traceback.print_exc()
        click.echo("vpcsim: this is a fault of vpcsim, not of its input", err=True)
        code = UNUSABLE_INPUT
    gc.freeze()  # nor is what is left at the end worth a search
    sys.exit(code)


def _run(words: list[str]) -> int:
    if "_VPCSIM_COMPLETE" in os.environ:
        vpcsim_command.main(words, prog_name="vpcsim")
    try:
        with vpcsim_command.make_context("vpcsim", words) as context:
            code = vpcsim_command.invoke(context)
    except click.exceptions.Exit as asked:
        code = asked.exit_code
    return code if isinstance(code, int) else 0


def colours_wanted() -> bool:
    """Whether the terminal shows colours and nobody objects. Source: https://no-color.org"""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


MOST_PROBLEMS = 50


def _tell(error: Exception) -> int:
    """Say what is wrong on standard error, one line per problem."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show()
        return UNUSABLE_INPUT
    if isinstance(error, click.ClickException):
        from vpcsim.cli import mistakes

        lines = list(mistakes.lines(error))
    elif isinstance(error, OSError):
        lines = [f"cannot write: {(error.strerror or str(error)).lower()}"]
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    else:
        lines = [str(problem) for problem in error.problems] if isinstance(error, InputError) else [str(error)]
    for line in lines[:MOST_PROBLEMS]:
        click.echo(f"vpcsim: {line}", err=True)
    if len(lines) > MOST_PROBLEMS:
        click.echo(f"vpcsim: and {len(lines) - MOST_PROBLEMS} more problems", err=True)
    return UNUSABLE_INPUT
