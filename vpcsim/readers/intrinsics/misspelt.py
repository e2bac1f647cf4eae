"""Properties of CloudFormation's types, and which of them a misspelt one was meant to be.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from vpcsim.errors import nearest
from vpcsim.services import properties_of

CLOSE = 0.85
"""How much alike two names must be for one to be a slip of the other, of 1."""


def misspelt_properties(type: str, given: Collection[str]) -> Iterator[tuple[str, str]]:
    """What is given and is no property of the type, with the absent one that is meant.

    A property that AWS has added since the table was made is none of these: it is not written as another one by a slip.
    """
    known = properties_of(type)
    for name in given if known else ():
        if name not in known and not name.startswith("Fn::"):
            absent = [other for other in known if other not in given and _digits(other) == _digits(name)]
            if meant := nearest(name, absent, CLOSE):
                yield name, meant


def _digits(name: str) -> list[str]:
    return re.findall("[0-9]", name)
