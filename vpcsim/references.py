"""How a resource refers to others: fields that hold ids are marked with the kinds of what they name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, get_args, get_origin

from vpcsim.errors import Origin
from vpcsim.shape import Shape


class RefersTo(NamedTuple):
    """Marks a field that holds the id of another resource, of one of these kinds."""

    kinds: tuple[str, ...]


def refers_to(*kinds: str) -> Any:
    """`Annotated[str, refers_to("subnet")]`: the id of a subnet of the model."""
    return RefersTo(kinds)


class Reference(NamedTuple):
    """One id that a resource holds of another one."""

    kinds: tuple[str, ...]
    id: str
    field: str
    origin: Origin | None


ReferenceFields = tuple[tuple[str, tuple[str, ...], type[Shape] | None], ...]
_REFERENCE_FIELDS: dict[type[Shape], ReferenceFields] = {}
_FOLLOWED: dict[type[Shape], ReferenceFields] = {}


def references_of(record: Shape) -> list[Reference]:
    """Every id of another resource that a record or one inside it holds, with the nearest place that is known of it."""
    found: list[Reference] = []
    _gather(record, None, found)
    return found


def _gather(record: Shape, around: Origin | None, found: list[Reference]) -> None:
    origin = record.origin or around
    for name, kinds, nested in _followed(type(record)):
        value = record.__dict__[name]
        if value is None:
            continue
        for item in value if isinstance(value, tuple) else (value,):
            if nested:
                _gather(item, origin, found)
            else:
                found.append(Reference(kinds, item, name, origin))


def _followed(shape: type[Shape]) -> ReferenceFields:
    """The fields that lead to an id: the records of the others hold none, however deep."""
    known = _FOLLOWED.get(shape)
    if known is None:
        leading = (field for field in reference_fields(shape) if field[2] is None or _followed(field[2]))
        known = _FOLLOWED[shape] = tuple(leading)
    return known


def reference_fields(shape: type[Shape]) -> ReferenceFields:
    """The fields of a record that hold ids, with their kinds, and those that hold other records, with their class."""
    known = _REFERENCE_FIELDS.get(shape)
    if known is None:
        known = _REFERENCE_FIELDS[shape] = tuple(_reference_fields(shape))
    return known


def _reference_fields(shape: type[Shape]) -> Iterator[tuple[str, tuple[str, ...], type[Shape] | None]]:
    for name, known_field in shape.fields.items():
        inside = list(annotations_inside(known_field.annotation))
        marks = [mark for mark in inside if isinstance(mark, RefersTo)]
        if marks:
            yield name, marks[0].kinds, None
            continue
        inner = [t for t in inside if isinstance(t, type) and get_origin(t) is None and issubclass(t, Shape)]
        if inner:
            yield name, (), inner[0]


def annotations_inside(annotation: Any) -> Iterator[Any]:
    """An annotation and everything that it is made of."""
    yield annotation
    for argument in get_args(annotation):
        yield from annotations_inside(argument)


def may_name(shape: type[Shape], kind: str) -> bool:
    """Whether a record of the class, or one inside it, may hold the id of a resource of this kind."""
    return any(kind in kinds or (inner is not None and may_name(inner, kind)) for _, kinds, inner in reference_fields(shape))


def refers(shape: type[Shape], name: str) -> bool:
    """Whether a field of the class holds ids of other resources, or records that do."""
    return any(name == field_name for field_name, *_ in reference_fields(shape))


def kinds_named(shape: type[Shape], api: str) -> frozenset[str]:
    """The kinds of what a field names by its API name, `Outer.Inner` for one of its records; none if it says anything else."""
    api, _, rest = api.partition(".")
    for name, kinds, inner in reference_fields(shape):
        if shape.fields[name].api == api and rest:
            return kinds_named(inner, rest) if inner else frozenset()
        if shape.fields[name].api == api:
            named = [kinds_named(inner, known.api) for known in inner.fields.values() if known.dumped] if inner else []
            return frozenset(kinds) if inner is None else frozenset().union(*named) if all(named) else frozenset()
    return frozenset()


def fields_naming(record: Shape, id: str) -> frozenset[str]:
    """The API names of a record's fields that name a resource, themselves or in a record inside."""
    found = set()
    for name, _, nested in reference_fields(type(record)):
        value = getattr(record, name)
        values = value if isinstance(value, tuple) else (value,) if value is not None else ()
        if any(any(ref.id == id for ref in references_of(item)) if nested else item == id for item in values):
            found.add(record.fields[name].api)
    return frozenset(found)
