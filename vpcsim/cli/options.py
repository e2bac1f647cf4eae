"""Arguments and options that several commands share."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from vpcsim.errors import InputError, Origin, Problem

if TYPE_CHECKING:
    from vpcsim.calling import Call
    from vpcsim.network import Network
    from vpcsim.renderers.reports import Report
    from vpcsim.trace import Verdict

Command = Callable[..., Any]
PATIENCE = 1.0
"""Seconds before a command says that it is at work."""


class Inputs(NamedTuple):
    """What a command line says of the model: its files, and the parameters of templates."""

    paths: tuple[str, ...]
    parameters: Mapping[str, str]

    def load(self) -> Network:
        """The compiled model."""
        from vpcsim.loading import load

        with waiting("reading the model"):
            return load(*self.paths, parameters=self.parameters)


@contextmanager
def waiting(what: str) -> Iterator[None]:
    """Something that moves on the terminal while what takes longer than a second is done."""
    if not sys.stderr.isatty():
        yield
        return
    from threading import Timer

    shown: list[Any] = []
    timer = Timer(PATIENCE, lambda: shown.append(_moving(what)))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        for status in shown:
            status.stop()


def _moving(what: str) -> Any:
    from rich.console import Console

    status = Console(stderr=True).status(f"{what} ...")
    status.start()
    return status


def model(command: Command) -> Command:
    """The model as the command's `model: Inputs`: MODEL, what `--with` adds, and the parameters of its templates."""

    @wraps(command)
    def given(model: str, others: tuple[str, ...], parameters: tuple[str, ...], **words: Any) -> Any:
        given = {name: value for text in parameters for name, value in _parameters(text).items()}
        return command(model=Inputs((model, *others), given), **words)

    for option in (
        click.option(
            "--param", "parameters", multiple=True, metavar="NAME=VALUE", help="A parameter of a template, or a file of some."
        ),
        click.option("--with", "others", multiple=True, metavar="FILE", help="One more input, such as a native file of changes."),
        click.argument("model", metavar="MODEL"),
    ):
        given = option(given)
    return given


def output(*formats: str) -> Callable[[Command], Command]:
    """The form of the answer."""
    return click.option(
        "--format", "form", type=click.Choice(formats), default=formats[0], show_default=True, help="Output form."
    )


REPORTS = ("text", "json", "jsonl", "junit", "sarif", "github", "markdown", "auto")
"""The forms of what a program or a build server may read; `auto` is `github` on GitHub Actions and else `text`."""


def settled(form: str) -> str:
    """The form that is meant: `auto` is one of the others."""
    import os

    if form != "auto":
        return form
    return "github" if os.environ.get("GITHUB_ACTIONS") == "true" else "text"


def tell_report(form: str, text: Callable[[], str], report: Callable[[], Report]) -> None:
    """Print an answer in one of REPORTS."""
    form = settled(form)
    if form == "text":
        told = text()
    else:
        from vpcsim.renderers.reports import render

        told = render(report(), form)
    click.echo(encodable(told), nl=bool(told))


def encodable(text: str) -> str:
    """The text with half characters escaped, as JSON writes them: only what a question brings along has any."""
    return text.encode(errors="backslashreplace").decode()


def terms(command: Command) -> Command:
    """As whom a call is made, and what the model cannot know about it."""
    told = "A condition key of the request that the model cannot know."
    command = click.option("--context", "context", multiple=True, metavar="KEY=VALUE", help=told)(command)
    command = click.option("--user", default="", metavar="USER", help="Call with the access keys of this user.")(command)
    return click.option("--role", default="", metavar="ROLE[/SESSION]", help="Call as this role, not as that of FROM.")(command)


def pairs(texts: tuple[str, ...], option: str) -> dict[str, str]:
    """NAME=VALUE texts as a mapping. Raises InputError."""
    return dict(_pair(text, option) for text in texts)


def _pair(text: str, option: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise InputError(Problem(f"`{text}` is not a pair such as NAME=VALUE", Origin(option)))
    return name, value


def _parameters(text: str) -> Mapping[str, str]:
    name, equals, value = text.partition("=")
    if not equals and text.endswith((".json", ".yaml", ".yml")):
        from vpcsim.readers.parameter_file import parameters_of

        return parameters_of(text)
    if not equals or not name:
        raise InputError(Problem(f"`{text}` is neither a parameter such as NAME=VALUE nor a file of some", Origin("--param")))
    return {name: value}


def exit_code(verdict: Verdict) -> int:
    """0 as wanted, 1 blocked, 3 undecided."""
    return {"reachable": 0, "blocked": 1, "refused": 1, "undecided": 3}[str(verdict)]


def tell(answer: Call, form: str, model: Inputs) -> int:
    """Print the answer to a call or a task, and return its exit code."""
    from vpcsim.renderers.reports import of_call

    tell_report(form, lambda: str(answer), lambda: of_call(answer, model.paths[0]))
    return exit_code(answer.verdict)


def echo_json(value: Any) -> None:
    import json

    click.echo(json.dumps(value, ensure_ascii=False, indent=2))
