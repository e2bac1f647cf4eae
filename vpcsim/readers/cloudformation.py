"""CloudFormation templates: evaluates the intrinsics, and hands every resource to the classes that know its type.

A resource is known by its logical id. A type that no class knows is listed as skipped, never fatal; so is a resource that
needs a value which the template does not hold.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from vpcsim import services
from vpcsim.errors import InputError, Origin, Problem, Skipped, nearest
from vpcsim.readers.document import List, Map
from vpcsim.readers.intrinsics import ResourceDeclaration, Stack, StackContext, Unknown
from vpcsim.readers.reading import Reading, joined
from vpcsim.resource import Declaration, Draft, Patch, Resource
from vpcsim.shapes import SHAPES
from vpcsim.topology import Settings

REGION = "us-east-1"
ACCOUNT = "123456789012"


FILES = ("template.yaml", "template.yml", "template.json")


def recognises(document: Map) -> bool:
    """Whether a document is a template."""
    return "AWSTemplateFormatVersion" in document or "Resources" in document


def read(documents: Sequence[Map], parameters: Mapping[str, str]) -> Reading:
    """What templates declare. Raises InputError with every problem found."""
    return joined(_read(document, parameters) for document in documents)


def _read(document: Map, parameters: Mapping[str, str]) -> Reading:
    region = parameters.get("AWS::Region", REGION)
    if region not in services.regions():
        close = nearest(region, services.regions())
        hint = f", did you mean `{close}`?" if close else ""
        raise InputError(Problem(f"`{region}` is not a Region{hint}", Origin("--param")))
    context = StackContext(
        region=region,
        account=ACCOUNT,
        partition=services.partition_of(region),
        parameters={name: value for name, value in parameters.items() if not name.startswith("AWS::")},
        availability_zones=lambda name: [zone.name for zone in services.availability_zones(name)],
        ref=lambda id, resource: _ref(_declaration(id, resource, region)),
        attribute=lambda id, resource, attribute: _attribute(_declaration(id, resource, region), attribute),
    )
    stack = Stack(document, context)
    skipped: list[Skipped] = []
    declared = list(_declared(stack, region, skipped))
    if stack.problems:
        raise InputError(stack.problems)
    settings = Settings(SHAPES, region, ACCOUNT, document.file, skipped=tuple(skipped), assumptions=tuple(stack.assumptions))
    return Reading(settings, declared)


def shapes_of(type: str) -> list[type[Resource]]:
    """The classes that take resources of a CloudFormation type."""
    return _SHAPES_OF.get(type, [])


_SHAPES_OF: dict[str, list[type[Resource]]] = {}
for _shape in SHAPES:
    for _type in _shape.cloudformation_types:
        _SHAPES_OF.setdefault(_type, []).append(_shape)


def _declaration(id: str, resource: ResourceDeclaration, region: str) -> Declaration:
    origin = resource.origin._replace(path=id) if resource.origin else None
    return Declaration(id, resource.type, resource.properties, origin, region, ACCOUNT)


def _ref(declaration: Declaration) -> Any:
    shapes = shapes_of(declaration.type)
    return shapes[0].cloudformation_ref(declaration) if shapes else declaration.id


def _attribute(declaration: Declaration, attribute: str) -> Any:
    for shape in shapes_of(declaration.type):
        if attribute in ("Id", shape.fields["id"].api):
            return declaration.id
        if (value := shape.cloudformation_attribute(declaration, attribute)) is not None:
            return value
    return Unknown(f"the attribute `{attribute}` of {declaration.id} is not modelled", declaration.origin)


def _declared(stack: Stack, region: str, skipped: list[Skipped]) -> Iterator[Draft | Patch]:
    for id, resource in stack.resources.items():
        shapes = shapes_of(resource.type)
        unknown = _unknown(resource.properties)
        if not shapes:
            skipped.append(Skipped(id, resource.type, resource.origin))
        elif unknown is not None:
            skipped.append(Skipped(id, resource.type, resource.origin, f"needs a value that is not known: {unknown.reason}"))
        else:
            yield from _taken(id, resource, shapes, region, skipped)


def _taken(
    id: str, resource: ResourceDeclaration, shapes: list[type[Resource]], region: str, skipped: list[Skipped]
) -> Iterator[Draft | Patch]:
    declaration = _declaration(id, resource, region)
    taken = [item for shape in shapes for item in shape.cloudformation(declaration)]
    if not taken:
        skipped.append(Skipped(id, resource.type, resource.origin, "this form of it is not modelled"))
    yield from taken


def _unknown(value: Any) -> Unknown | None:
    """The first value inside that the template does not hold."""
    if isinstance(value, Unknown):
        return value
    inside = value.values() if isinstance(value, Map) else value if isinstance(value, List) else ()
    return next((found for item in inside if (found := _unknown(item)) is not None), None)
