"""What cfn-lint finds in templates; it comes with `vpcsim[lint]` and asks nobody else.

cfn-lint checks a template against the schemas of its types, which says nothing about packets; this package does the opposite.

Source: https://github.com/aws-cloudformation/cfn-lint
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping

from vpcsim.errors import InputError, Origin, Problem
from vpcsim.readers import cdk, cloudformation, documents_of


def findings(paths: Iterable[str | os.PathLike[str]], parameters: Mapping[str, str]) -> list[Problem]:
    """The findings in every template of these inputs, in the order of the files. Raises InputError without cfn-lint."""
    try:
        from cfnlint.api import ManualArgs, lint_file
    except ImportError:
        raise InputError(Problem("`--lint` needs cfn-lint: pip install 'vpcsim[lint]'")) from None
    found: list[Problem] = []
    for file, region in _templates(paths, parameters):
        for match in lint_file(_path(file), config=ManualArgs(regions=[region])):
            origin = Origin(str(match.filename), match.linenumber, match.columnnumber)
            found.append(Problem(match.message, origin, match.rule.id))
    return sorted(set(found), key=lambda problem: (problem.origin or Origin(""), problem.code))


def _templates(paths: Iterable[str | os.PathLike[str]], parameters: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for document in documents_of(paths):
        if cloudformation.recognises(document):
            yield document.file, cloudformation.place_of(parameters)[0]
        elif cdk.recognises(document):
            yield from ((source.template.file, source.region) for source in cdk.sources(document, parameters))


def _path(file: str) -> object:
    from pathlib import Path

    return Path(file)
