"""Frozen records that are read from API-shaped values and dumped back, validated by pydantic's core.

The records of this package are many and small, and a command must start at once. pydantic's own classes take longer to be
made than a whole trace takes (see `benchmarks/cold_start.py`), so the annotations are turned into a schema for its core
here, and only when the first record of a class is read. Annotations may use str, int, bool, Any, other shapes, tuples of
those, `| None`, and `Annotated` with `Read`.

Source: https://docs.pydantic.dev/latest/api/pydantic_core_schema/
"""

from collections.abc import Callable, Mapping
from types import NoneType, UnionType
from typing import (
    Annotated,
    Any,
    ClassVar,
    NamedTuple,
    Self,
    Union,
    dataclass_transform,
    get_args,
    get_origin,
)

from vpcsim.errors import Origin

_REQUIRED: Any = object()


class Read(NamedTuple):
    """How a value of a field is read before its type is checked, and how it is dumped if not by its type."""

    read: Callable[[Any], Any]
    dump: Callable[[Any], Any] | None = None


class Field(NamedTuple):
    """What is known of a field. `api` is the API's name; the limits are those of a number or a text."""

    name: str
    api: str
    annotation: Any
    default: Any
    make_default: Callable[[], Any] | None
    limits: Mapping[str, Any]
    dumped: bool

    @property
    def required(self) -> bool:
        return self.default is _REQUIRED and self.make_default is None


class _Given(NamedTuple):
    default: Any
    make_default: Callable[[], Any] | None
    api: str
    dumped: bool
    limits: Mapping[str, Any]


def field(
    default: Any = _REQUIRED,
    *,
    default_factory: Callable[[], Any] | None = None,
    api: str = "",
    dumped: bool = True,
    **limits: Any,
) -> Any:
    """A field with an API name of its own, a default that is made, or limits: `ge`, `le` of a number, `pattern` of a text."""
    return _Given(default, default_factory, api, dumped, limits)


def api_name(name: str) -> str:
    """The API's spelling of a field: `cidr_block` is `CidrBlock`."""
    return "".join(word[:1].upper() + word[1:] for word in name.split("_"))


def field_name(api_name: str) -> str:
    """The field's spelling of an API name: `CidrBlock` is `cidr_block`."""
    letters = (
        f"_{c.lower()}" if c.isupper() and i and not api_name[i - 1].isupper() else c.lower() for i, c in enumerate(api_name)
    )
    return "".join(letters)


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
class Record:
    """A frozen record with named fields."""

    fields: ClassVar[dict[str, Field]] = {}

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.fields = dict(cls.fields)
        for name, annotation in cls.__dict__.get("__annotations__", {}).items():  # noqa: RUF063
            if get_origin(annotation) is not ClassVar:
                cls.fields[name] = _field_of(name, annotation, cls.__dict__.get(name, _REQUIRED))
                if name in cls.__dict__:
                    delattr(cls, name)

    def __init__(self, **values: Any) -> None:
        """Make a record of values that are right already. Raises TypeError for a field that is missing or not known."""
        if unknown := values.keys() - self.fields.keys():
            raise TypeError(f"{type(self).__name__} has no field {', '.join(sorted(unknown))}")
        for name, known in self.fields.items():
            if name not in values:
                if known.required:
                    raise TypeError(f"{type(self).__name__} needs {name}")
                values[name] = known.make_default() if known.make_default else known.default
        self.__dict__.update(values)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"a {type(self).__name__} is frozen: `{name}` stays as it is")

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> Self:
        """A record of API-shaped values. Raises pydantic_core.ValidationError."""
        made: Self = validator_of(cls).validate_python(values)
        return made

    def dump(self, without: frozenset[str] = frozenset()) -> dict[str, Any]:
        """The record as API-shaped plain values; fields without a value, and those named, are left out."""
        dumped: dict[str, Any] = {}
        for known, dump in dumpers_of(type(self)):
            value = self.__dict__[known.name]
            if value is not None and known.name not in without:
                dumped[known.api] = dump(value)
        return dumped

    def replaced(self, **changes: Any) -> Self:
        """A copy with these fields changed."""
        copy = object.__new__(type(self))
        copy.__dict__.update(self.__dict__)
        copy.__dict__.update(changes)
        return copy

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self._compared() == other._compared()

    def __hash__(self) -> int:
        return hash(tuple(self._compared().values()))

    def _compared(self) -> dict[str, Any]:
        return {known.name: self.__dict__[known.name] for known in self.fields.values() if known.dumped}

    def __repr__(self) -> str:
        told = (f"{name}={value!r}" for name, value in self._compared().items() if value not in (None, (), "", False))
        return f"{type(self).__name__}({', '.join(told)})"


def _field_of(name: str, annotation: Any, given: Any) -> Field:
    if isinstance(given, _Given):
        return Field(name, given.api or api_name(name), annotation, given.default, given.make_default, given.limits, given.dumped)
    return Field(name, api_name(name), annotation, given, None, {}, True)


class Shape(Record):
    """A record that remembers where it was written; that is not part of what it is equal to."""

    origin: Origin | None = field(default=None, api="WrittenAt", dumped=False)

    def line(self, name: str) -> str:
        """A one-line spelling of the native format, in the field of this API name, or nothing if it has none."""
        return ""

    @classmethod
    def read_text(cls, text: str) -> Mapping[str, Any]:
        """The fields that a one-line spelling of the native format stands for. Raises ValueError with a sentence."""
        raise ValueError(f"`{text}` is not a mapping")


_VALIDATORS: dict[type[Record], Any] = {}
_DUMPERS: dict[type[Record], tuple[tuple[Field, Callable[[Any], Any]], ...]] = {}


def validator_of(shape: type[Record]) -> Any:
    """The validator of a class, made when it is first asked for."""
    known = _VALIDATORS.get(shape)
    if known is None:
        from pydantic_core import SchemaValidator

        known = _VALIDATORS[shape] = SchemaValidator(_shape_schema(shape))
    return known


def dumpers_of(shape: type[Record]) -> tuple[tuple[Field, Callable[[Any], Any]], ...]:
    """The fields of a class that are dumped, each with the function that dumps its value."""
    known = _DUMPERS.get(shape)
    if known is None:
        fields = (f for f in shape.fields.values() if f.dumped)
        known = _DUMPERS[shape] = tuple((f, _dumper(f.annotation)) for f in fields)
    return known


def without_defaults(record: Record) -> dict[str, Any]:
    """The record as API-shaped plain values, without the fields that are as they are by default, in the records inside too."""
    told: dict[str, Any] = {}
    for known in type(record).fields.values():
        value = record.__dict__[known.name]
        default = known.make_default() if known.make_default else known.default
        if known.name not in ("origin", "assumed") and (known.required or value != default):
            told[known.api] = _plainly(value, known.annotation)
    return told


def _plainly(value: Any, annotation: Any) -> Any:
    if isinstance(value, Record):
        return without_defaults(value)
    if isinstance(value, tuple) and any(isinstance(item, Record) for item in value):
        return [without_defaults(item) for item in value]
    return None if value is None else _dumper(annotation)(value)


def _shape_schema(shape: type[Record]) -> dict[str, Any]:
    fields = {name: _field_schema(known) for name, known in shape.fields.items()}
    record = {"type": "typed-dict", "fields": fields, "extra_behavior": "ignore"}
    made = {"type": "function-after", "function": {"type": "no-info", "function": _maker(shape)}, "schema": record}
    return {"type": "function-before", "function": {"type": "no-info", "function": _spelled(shape)}, "schema": made}


def _field_schema(known: Field) -> dict[str, Any]:
    schema = _schema(known.annotation, known.limits)
    names = [[known.api], [known.name]]
    if known.required:
        return {"type": "typed-dict-field", "schema": schema, "required": True, "validation_alias": names}
    default = {"default_factory": known.make_default} if known.make_default else {"default": known.default}
    schema = {"type": "default", "schema": schema, **default}
    return {"type": "typed-dict-field", "schema": schema, "required": False, "validation_alias": names}


def _maker(shape: type[Record]) -> Callable[[dict[str, Any]], Record]:
    def make(values: dict[str, Any]) -> Record:
        record = object.__new__(shape)
        record.__dict__.update(values)
        return record

    return make


def _spelled(shape: Any) -> Callable[[Any], Any]:
    """Values that were written somewhere bring their place along; a line of text stands for the fields it means."""

    def spell(value: Any) -> Any:
        if not isinstance(value, Mapping):
            return value
        written_at = getattr(value, "origin", None)
        if "Text" in value:
            return {**shape.read_text(str(value["Text"])), **{k: v for k, v in value.items() if k != "Text"}}
        return {**value, "WrittenAt": written_at} if isinstance(written_at, Origin) else value

    return spell


_SIMPLE: dict[Any, dict[str, Any]] = {
    str: {"type": "str", "coerce_numbers_to_str": True},
    int: {"type": "int"},
    bool: {"type": "bool"},
}


def _schema(annotation: Any, limits: Mapping[str, Any]) -> dict[str, Any]:
    """pydantic's core schema for an annotation."""
    if annotation in _SIMPLE:
        return {**_SIMPLE[annotation], **limits}
    if annotation is Any:
        return {"type": "any"}
    origin, arguments = get_origin(annotation), get_args(annotation)
    if isinstance(annotation, type) and origin is None:
        return _shape_schema(annotation) if issubclass(annotation, Record) else {"type": "is-instance", "cls": annotation}
    if origin is Annotated:
        inner = _schema(arguments[0], limits)
        readers = [mark.read for mark in arguments[1:] if isinstance(mark, Read)]
        for read in readers:
            inner = {"type": "function-before", "function": {"type": "no-info", "function": read}, "schema": inner}
        return inner
    if origin in (Union, UnionType) and NoneType in arguments:
        return {"type": "nullable", "schema": _schema(_without_none(arguments), limits)}
    if origin is tuple:
        return {"type": "tuple", "items_schema": [_schema(arguments[0], limits)], "variadic_item_index": 0}
    return {"type": "any"}


def _without_none(arguments: tuple[Any, ...]) -> Any:
    return next(argument for argument in arguments if argument is not NoneType)


def _dumper(annotation: Any) -> Callable[[Any], Any]:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is None and isinstance(annotation, type) and issubclass(annotation, Record):
        return lambda value: value.dump()
    if origin is Annotated:
        dumps = [mark.dump for mark in arguments[1:] if isinstance(mark, Read) and mark.dump]
        return dumps[0] if dumps else _dumper(arguments[0])
    if origin in (Union, UnionType):
        return _dumper(_without_none(arguments))
    if origin is tuple:
        inner = _dumper(arguments[0])
        return lambda values: [inner(value) for value in values]
    return lambda value: value
