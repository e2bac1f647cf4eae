"""Records: what is read into their fields and dumped out of them again, and what makes two of them one."""

from collections.abc import Mapping
from typing import Annotated, Any

import pytest
from pydantic_core import ValidationError

from vpcsim.errors import Origin
from vpcsim.prefixes import address, address_text
from vpcsim.references import Reference, reference_fields, references_of, refers, refers_to
from vpcsim.resource import Tag
from vpcsim.shape import Read, Shape, api_name, field, field_name, without_defaults


class Part(Shape):
    """One record inside another."""

    subnet_id: Annotated[str | None, refers_to("subnet")] = None
    note: str = ""
    weight: int = 1

    @classmethod
    def read_text(cls, text: str) -> Mapping[str, Any]:
        return {"SubnetId": text}


class Whole(Shape):
    """A record of every kind of field."""

    id: str
    size: int = field(default=1, ge=1, le=9)
    word: str | None = field(default=None, pattern="^[a-z]+$")
    on: bool = False
    ip: Annotated[int, Read(address, address_text)] | None = None
    parts: tuple[Part, ...] = ()
    best: Part | None = None
    tags: tuple[Tag, ...] = ()
    seen: frozenset[str] = field(default=frozenset(), dumped=False)
    listed: list[str] = field(default_factory=list, api="List")
    vpc_ids: Annotated[tuple[str, ...], refers_to("vpc")] = ()


HERE, THERE = Origin("a.yaml", 3, 5), Origin("a.yaml", 9, 1)


class Written(dict[str, Any]):
    """Fields that know where they are written."""

    origin = THERE


READ = [
    ("the API's names", {"Id": "x", "Size": 2, "Ip": "10.0.0.1"}, {"Id": "x", "Size": 2, "Ip": "10.0.0.1"}),
    ("the fields' names", {"id": "x", "ip": "fd00::1"}, {"Id": "x", "Size": 1, "Ip": "fd00::1"}),
    ("the API's name goes first", {"Id": "x", "id": "y"}, {"Id": "x", "Size": 1}),
    ("a name of its own", {"Id": "x", "List": ["a"]}, {"Id": "x", "Size": 1, "List": ["a"]}),
    ("a number is text where text is wanted", {"Id": 7}, {"Id": "7", "Size": 1}),
    ("None is nothing", {"Id": "x", "Word": None}, {"Id": "x", "Size": 1}),
    ("what is not known is left", {"Id": "x", "Else": 1}, {"Id": "x", "Size": 1}),
    ("records inside", {"Id": "x", "Parts": [{"SubnetId": "s"}]}, {"Id": "x", "Size": 1, "Parts": [{"SubnetId": "s"}]}),
    ("text of a record", {"Id": "x", "Parts": [{"Text": "s"}]}, {"Id": "x", "Size": 1, "Parts": [{"SubnetId": "s"}]}),
    ("text and a field", {"Id": "x", "Parts": [{"Text": "s", "Note": "n"}]},
        {"Id": "x", "Size": 1, "Parts": [{"SubnetId": "s", "Note": "n"}]}),
    ("what is not dumped", {"Id": "x", "Seen": frozenset({"size"})}, {"Id": "x", "Size": 1}),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "given", "dumped"), READ, ids=[row[0] for row in READ])
def test_what_is_read_is_dumped(rule: str, given: dict[str, Any], dumped: dict[str, Any]) -> None:
    told = Whole.read(given).dump()
    defaults = {"On": False, "Parts": [], "Tags": [], "List": [], "VpcIds": []}
    parts = [{"Note": "", "Weight": 1, **part} for part in dumped.get("Parts", [])]
    assert told == {**defaults, **dumped, "Parts": parts}
    assert Whole.read(told) == Whole.read({k: v for k, v in given.items() if k != "Seen"})


@pytest.mark.parametrize("given", [
    {}, {"Id": None}, {"Id": "x", "Size": 0}, {"Id": "x", "Size": 10}, {"Id": "x", "Word": "A1"}, {"Id": "x", "Ip": "nowhere"},
    {"Id": "x", "Parts": [{"Note": []}]}, {"Id": "x", "On": "perhaps"}, {"Id": "x", "Parts": "s"},
], ids=str)  # fmt: skip
def test_what_a_field_cannot_be(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Whole.read(given)


def test_the_limits_are_allowed() -> None:
    assert [Whole.read({"Id": "x", "Size": size}).size for size in (1, 9)] == [1, 9]


def test_a_record_is_made_of_its_fields() -> None:
    made = Whole(id="x")
    assert (made.id, made.size, made.word, made.parts, made.listed, made.origin) == ("x", 1, None, (), [], None)
    assert made.listed is not Whole(id="y").listed
    with pytest.raises(TypeError, match="Whole needs id"):
        Whole()
    with pytest.raises(TypeError, match="Whole has no field colour, shade"):
        Whole(id="x", shade=1, colour=2)


def test_a_record_stays_as_it_is() -> None:
    made = Whole(id="x")
    with pytest.raises(AttributeError, match="a Whole is frozen: `size` stays as it is"):
        made.size = 2
    other = made.replaced(size=2)
    assert (made.size, other.size, other.id) == (1, 2, "x")


def test_where_it_is_written_makes_no_difference() -> None:
    one, other = Part(subnet_id="s", origin=HERE), Part(subnet_id="s", origin=THERE)
    assert (one, hash(one)) == (other, hash(other))
    assert one != Part(subnet_id="t", origin=HERE)
    assert one != Tag(key="s", value="")
    assert repr(one) == "Part(subnet_id='s', weight=1)"


def test_fields_bring_their_place_along() -> None:
    whole = Whole.read({"Id": "x", "WrittenAt": HERE, "Parts": [Written(SubnetId="s"), {"SubnetId": "t"}]})
    assert [record.origin for record in (whole, *whole.parts)] == [HERE, THERE, None]


def test_without_defaults_only_what_differs_is_told() -> None:
    parts, best = (Part(note="n", origin=THERE),), Part(weight=2)
    assert without_defaults(Whole(id="x", size=1, ip=1, parts=parts, best=best, vpc_ids=("v",), origin=HERE)) == {
        "Id": "x", "Ip": "0.0.0.1", "Parts": [{"Note": "n"}], "Best": {"Weight": 2}, "VpcIds": ["v"],
    }  # fmt: skip


def test_no_text_stands_for_a_record_that_has_no_line() -> None:
    assert Tag(key="k", value="v").line("Tags") == ""
    with pytest.raises(ValueError, match="`k` is not a mapping"):
        Tag.read_text("k")


@pytest.mark.parametrize(("name", "api"), [("cidr_block", "CidrBlock"), ("id", "Id"), ("ipv6_cidr_block", "Ipv6CidrBlock")])
def test_a_field_is_spelled_as_the_api_spells_it(name: str, api: str) -> None:
    assert (api_name(name), field_name(api)) == (api, name)


def test_references_are_those_of_every_record_inside_with_the_nearest_place() -> None:
    parts = (Part(subnet_id="s", origin=THERE), Part(subnet_id="t"), Part(note="none"), Part(subnet_id=""))
    whole = Whole(id="x", vpc_ids=("a", "b"), parts=parts, tags=(Tag(key="k", value="v"),), origin=HERE)
    assert list(references_of(whole)) == [
        Reference(("subnet",), "s", "subnet_id", THERE),
        Reference(("subnet",), "t", "subnet_id", HERE),
        Reference(("subnet",), "", "subnet_id", HERE),
        Reference(("vpc",), "a", "vpc_ids", HERE),
        Reference(("vpc",), "b", "vpc_ids", HERE),
    ]


def test_the_fields_that_refer() -> None:
    assert [name for name, _, _ in reference_fields(Whole)] == ["parts", "best", "tags", "vpc_ids"]
    assert (refers(Whole, "parts"), refers(Whole, "vpc_ids"), refers(Whole, "word")) == (True, True, False)
