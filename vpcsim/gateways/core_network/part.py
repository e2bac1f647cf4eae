"""What the parts of a policy of a core network share.

Source: https://docs.aws.amazon.com/network-manager/latest/cloudwan/cloudwan-policies-json.html
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar

from vpcsim.errors import nearest
from vpcsim.resource import as_list
from vpcsim.shape import Read, Shape


def _plain(value: Any) -> Any:
    """A value as the reader gave it, without the places where it was written."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


Plain = Annotated[Any, Read(_plain)]


class Part(Shape):
    """A part of the document. Its parameters have the names that AWS gives them, or the same in snake case."""

    ignored: ClassVar[tuple[str, ...]] = ("description",)
    parts: ClassVar[Mapping[str, type["Part"]]] = {}
    """The parts inside, by their parameter."""

    @classmethod
    def unknown(cls, values: Any) -> Iterator[str]:
        """What is wrong with the names of the parameters, here and in the parts inside."""
        names = {known.api for known in cls.fields.values() if known.name != "origin"}
        for key, value in values.items() if isinstance(values, Mapping) else ():
            word = str(key).replace("_", "-")
            if word not in names and word not in cls.ignored and key != "WrittenAt":
                close = nearest(word, [*names, *cls.ignored])
                hint = f"; did you mean `{close}`?" if close else ""
                yield f"`{key}` is not a parameter of {cls.title()}{hint}"
            elif word in cls.parts:
                yield from (fault for item in as_list(value) for fault in cls.parts[word].unknown(item))

    @classmethod
    def title(cls) -> str:
        return "a core network policy"
