"""From files to a topology. The kind of a file is recognised by its content."""

from __future__ import annotations

import os
from collections.abc import Mapping

from vpcsim.errors import InputError, Origin, Problem
from vpcsim.readers.document import Map, read
from vpcsim.topology import Topology


def load(path: str | os.PathLike[str], parameters: Mapping[str, str] | None = None) -> Topology:
    """Read a model: a file, or a folder that holds `network.yaml` or `template.yaml`.

    `parameters` are those of a CloudFormation template. Raises InputError with every problem found, RefusedError if AWS
    itself would reject the configuration.
    """
    file = _file(os.fspath(path))
    document = read(file)
    if not isinstance(document, Map):
        raise InputError(Problem("a model is a mapping of sections, or a CloudFormation template", Origin(file, 1, 1)))
    if _is_template(document):
        from vpcsim.readers import cloudformation

        return cloudformation.read(document, parameters or {})
    from vpcsim.readers import native

    if native.is_native(document):
        if parameters:
            raise InputError(Problem("parameters belong to CloudFormation templates; this is a native model", Origin(file)))
        return native.read(document)
    keys = ", ".join(f"`{key}`" for key in list(document)[:5])
    hint = "expected sections such as `vpcs` and `subnets`, or a template's `Resources`"
    raise InputError(
        Problem(f"neither the native format nor a CloudFormation template: it has {keys}; {hint}", Origin(file, 1, 1))
    )


def _is_template(document: Map) -> bool:
    return "AWSTemplateFormatVersion" in document or "Resources" in document


def _file(path: str) -> str:
    if not os.path.isdir(path):
        return path
    for name in ("network.yaml", "network.yml", "template.yaml", "template.yml", "template.json"):
        if os.path.exists(os.path.join(path, name)):
            return os.path.join(path, name)
    raise InputError(Problem("the folder holds neither `network.yaml` nor `template.yaml`", Origin(path)))
