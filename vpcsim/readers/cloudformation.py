"""CloudFormation templates: evaluates the intrinsics, and hands every resource to the classes that know its type.

A type that no class knows is listed as skipped, never fatal. What a template needs and does not hold leaves answers in doubt,
see `unknowns`. Several templates are stacks that are deployed together, see `stacks`.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence

from vpcsim import services
from vpcsim.errors import InputError, Origin, Problem, nearest
from vpcsim.readers.document import Map
from vpcsim.readers.reading import Reading
from vpcsim.readers.stacks import GROUPS_QUOTA, STORED, Source, read_stacks

REGION = "us-east-1"
ACCOUNT = "123456789012"
PSEUDO = ("AWS::AccountId", "AWS::Region", "AWS::StackName", GROUPS_QUOTA)
"""Parameters of no template that a caller may give."""
ELSEWHERE = ("export:", "output:", *STORED)
"""What stands before the names of values that live outside templates."""

FILES = ("template.yaml", "template.yml", "template.json")


def recognises(document: Map) -> bool:
    """Whether a document is a template."""
    return "AWSTemplateFormatVersion" in document or "Resources" in document


def read(documents: Sequence[Map], parameters: Mapping[str, str]) -> Reading:
    """What templates declare. Raises InputError with every problem found."""
    region, account = place_of(parameters)
    files = [document.file for document in documents]
    stems = [stack_name(file) for file in files]
    names = [_with_folder(stem, file) if stems.count(stem) > 1 else stem for stem, file in zip(stems, files, strict=True)]
    if "AWS::StackName" in parameters:
        names[0] = parameters["AWS::StackName"]
    places = [place_of_stack(name, parameters, region, account) for name in names]
    sources = [Source(document, name, *place) for document, name, place in zip(documents, names, places, strict=True)]
    _known(names, parameters)
    return read_stacks(sources, parameters)


def place_of_stack(name: str, parameters: Mapping[str, str], region: str, account: str) -> tuple[str, str]:
    """Where one of several stacks is deployed: `network.AWS::Region` goes before what holds for all. Raises InputError."""
    own = {key.removeprefix(f"{name}."): value for key, value in parameters.items() if key.startswith(f"{name}.AWS::")}
    return place_of(own, region, account)


def _known(names: Sequence[str], parameters: Mapping[str, str]) -> None:
    """Raises InputError for the place of a stack that is not here."""
    for given in parameters:
        stack, dot, _ = given.rpartition(".AWS::")
        if dot and stack not in names and not given.startswith(ELSEWHERE):
            close = nearest(stack, names)
            hint = f", did you mean `{close}`?" if close else f"; here are {', '.join(f'`{name}`' for name in names)}"
            raise InputError(Problem(f"no stack `{stack}` for `{given}`{hint}", Origin("--param")))


def _with_folder(name: str, file: str) -> str:
    return f"{stack_name(os.path.dirname(os.path.abspath(file)))}-{name}"


def place_of(parameters: Mapping[str, str], region: str = REGION, account: str = ACCOUNT) -> tuple[str, str]:
    """The Region and the account of stacks. Raises InputError."""
    region = parameters.get("AWS::Region", region)
    if region not in services.regions():
        close = nearest(region, services.regions())
        hint = f", did you mean `{close}`?" if close else ""
        raise InputError(Problem(f"`{region}` is not a Region{hint}", Origin("--param")))
    account = parameters.get("AWS::AccountId", account)
    if not re.fullmatch("[0-9]{12}", account):
        raise InputError(Problem(f"`{account}` is not an account: twelve digits", Origin("--param")))
    for name in parameters:
        own = name.rpartition(".AWS::")[2] in ("Region", "AccountId")
        if ":" in name and name not in PSEUDO and not own and not name.startswith(ELSEWHERE):
            close = nearest(name, PSEUDO)
            hint = f", did you mean `{close}`?" if close else f"; known: {', '.join((*PSEUDO, *(f'{e}NAME' for e in ELSEWHERE)))}"
            raise InputError(Problem(f"`{name}` cannot be given{hint}", Origin("--param")))
    return region, account


def stack_name(file: str) -> str:
    """The name of a stack that nobody names: that of its file, as far as AWS allows it."""
    stem = os.path.basename(file).partition(".")[0]
    return re.sub("[^A-Za-z0-9]+", "-", stem).strip("-") or "stack"
