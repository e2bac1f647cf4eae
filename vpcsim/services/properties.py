"""The properties of CloudFormation's types that a model takes.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
"""

from __future__ import annotations

from collections.abc import Sequence

from vpcsim.services._data import load


def properties_of(type: str) -> Sequence[str]:
    """The names of a type's properties, in order; none for a type that the table lacks."""
    known: Sequence[str] = load("properties")["types"].get(type, ())
    return known
