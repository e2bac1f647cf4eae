"""What click says of a wrong command line, in the words of every other message."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import click

from vpcsim.errors import nearest, one_line


def lines(error: click.ClickException) -> Iterator[str]:
    """What is wrong, and how the command is written."""
    yield one_line(_said(error))
    context = error.ctx if isinstance(error, click.UsageError) else None
    if context is not None:
        words = " ".join(context.command.collect_usage_pieces(context))
        yield f"expected: {context.command_path} {words}; `{context.command_path} --help` tells more"


def _said(error: click.ClickException) -> str:
    if isinstance(error, click.NoSuchOption):
        return f"no option `{error.option_name}`{_hint(error.option_name, error.possibilities or ())}"
    if isinstance(error, click.MissingParameter) and error.param is not None:
        return f"`{error.param.human_readable_name}` is missing"
    if isinstance(error, click.BadParameter) and error.param is not None:
        choices = getattr(error.param.type, "choices", ())
        given = error.message.partition("'")[2].partition("'")[0]
        name = error.param.opts[0] if isinstance(error.param, click.Option) else error.param.human_readable_name
        return f"{name}: {_plain(error.message)}{_hint(given, choices)}"
    return _plain(error.format_message())


def _plain(message: str) -> str:
    text = _IN_BRACKETS.sub(r"`\1`", message.rstrip(".").replace("'", "`"))
    return text[:1].lower() + text[1:]


def _hint(given: str, known: Iterable[str]) -> str:
    close = nearest(given, known)
    return f"; did you mean `{close}`?" if close else ""


_IN_BRACKETS = re.compile(r"\((.*)\)$")
