"""Variables of a scenario file: `${name}` stands for a value that is written once, or given on the command line.

A text that is nothing but `${name}` becomes the value itself, a list for example. `$${` is a plain `${`; names with a colon
or a dot, such as `${aws:username}`, are those of policies and stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from vpcsim.errors import Origin, Problem, nearest
from vpcsim.readers.document import List, Map, value_origin_of

_USE = re.compile(r"(\$?)\$\{([A-Za-z_][A-Za-z0-9_-]*)\}")


def filled(value: Any, variables: Mapping[str, Any], problems: list[Problem]) -> Any:
    """The value with its variables filled in, its places kept. Unknown names are added to the problems."""
    if isinstance(value, Map):
        made = Map(value.file, value.line, value.column)
        made.places = value.places
        for key, item in value.items():
            made[key] = _filled(item, variables, problems, value_origin_of(value, key))
        return made
    if isinstance(value, List):
        listed = List(value.file, value.line, value.column)
        listed.places = value.places
        listed += [_filled(item, variables, problems, value_origin_of(value, at)) for at, item in enumerate(value)]
        return listed
    return value


def _filled(value: Any, variables: Mapping[str, Any], problems: list[Problem], origin: Origin) -> Any:
    if not isinstance(value, str):
        return filled(value, variables, problems)
    if (whole := _USE.fullmatch(value)) and not whole[1] and whole[2] in variables:
        return variables[whole[2]]

    def replaced(use: re.Match[str]) -> str:
        if use[1]:
            return use[0][1:]
        if use[2] not in variables:
            problems.append(Problem(f"no variable `{use[2]}`{_hint(use[2], variables)}", origin))
            return use[0]
        return str(variables[use[2]])

    return _USE.sub(replaced, value)


def _hint(name: str, variables: Mapping[str, Any]) -> str:
    close = nearest(name, variables)
    return f", did you mean `{close}`?" if close else "; `variables` gives each a value, `$${` is a plain `${`"
