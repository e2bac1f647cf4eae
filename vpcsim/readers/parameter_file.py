"""Files of parameters, in the forms of AWS's own commands: a list of keys and values, or a mapping.

Sources: https://docs.aws.amazon.com/cli/latest/reference/cloudformation/create-stack.html (--parameters),
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/continuous-delivery-codepipeline-cfn-artifacts.html.
"""

from __future__ import annotations

from typing import Any

from vpcsim.errors import InputError, Origin, Problem
from vpcsim.readers.document import List, Map, read


def parameters_of(path: str) -> dict[str, str]:
    """The parameters of a file by name. Raises InputError."""
    document = read(path)
    if isinstance(document, Map):
        inner = document.get("Parameters", document)
        return {name: _text(value, document.origin) for name, value in inner.items()} if isinstance(inner, Map) else {}
    if isinstance(document, List):
        return {name: value for item in document for name, value in _entry(item, document).items()}
    raise InputError(Problem("a file of parameters holds a list of keys and values, or a mapping", Origin(path, 1, 1)))


def _entry(item: Any, document: List) -> dict[str, str]:
    if isinstance(item, str) and "=" in item:
        name, _, value = item.partition("=")
        return {name: value}
    if isinstance(item, Map) and "ParameterKey" in item and "ParameterValue" in item:
        return {str(item["ParameterKey"]): _text(item["ParameterValue"], item.origin)}
    origin = item.origin if isinstance(item, Map) else document.origin
    raise InputError(Problem("an entry has `ParameterKey` and `ParameterValue`, or is `NAME=VALUE`", origin))


def _text(value: Any, origin: Origin) -> str:
    if isinstance(value, list):
        return ",".join(map(str, value))
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float):
        return str(value)
    raise InputError(Problem("the value of a parameter is text, a number or a list of them", origin))
