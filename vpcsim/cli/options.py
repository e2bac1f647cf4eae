"""Arguments and options that several commands share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from vpcsim.errors import InputError, Origin, Problem

if TYPE_CHECKING:
    from vpcsim.calling import Call
    from vpcsim.network import Network
    from vpcsim.trace import Verdict

Command = Callable[..., Any]


class Inputs(NamedTuple):
    """What a command line says of the model: its files, and the parameters of templates."""

    paths: tuple[str, ...]
    parameters: Mapping[str, str]

    def load(self) -> Network:
        """The compiled model."""
        from vpcsim.loading import load

        return load(*self.paths, parameters=self.parameters)


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


def tell(answer: Call, form: str) -> int:
    """Print the answer to a call or a task, and return its exit code."""
    if form == "json":
        echo_json({"format_version": "1.0", **answer.to_dict()})
    else:
        click.echo(str(answer))
    return exit_code(answer.verdict)


def echo_json(value: Any) -> None:
    import json

    click.echo(json.dumps(value, ensure_ascii=False, indent=2))
