"""Reading queries: what RFC 1035, 6891 and 9619 allow, and nothing but `MalformedError` for the rest."""

from __future__ import annotations

import contextlib
import struct

import dns.message
import dns.name
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from served import name, opt, query

from vpcsim.dns_server.questions import MalformedError, read
from vpcsim.wire import labels_of, name_of


def test_a_query_is_read() -> None:
    question = read(query("Db.Corp.example.net", 28, flags=0x0130, opt=opt(1232)))
    assert question.asked.labels == (b"Db", b"Corp", b"example", b"net")
    assert question.asked.query == ("db.corp.example.net", "AAAA")
    assert (question.dns_class, question.size, question.version) == (1, 1232, 0)
    assert question.asked.recursion_desired
    assert question.asked.checking_disabled
    assert question.asked.edns
    assert question.wire == query("Db.Corp.example.net", 28)[12:]


@pytest.mark.parametrize(("size", "taken"), [(0, 512), (511, 512), (512, 512), (1232, 1232), (65535, 65535)])
def test_sizes_below_512_mean_512(size: int, taken: int) -> None:
    """RFC 6891 section 6.2.3."""
    assert read(query(opt=opt(size))).size == taken


def test_without_an_opt_record_the_size_is_512() -> None:
    """RFC 1035 section 4.2.1."""
    assert read(query()).size == 512


def _counts(questions: int = 1, answers: int = 0, authorities: int = 0, additionals: int = 0, flags: int = 0x0100) -> bytes:
    return struct.pack("!HHHHHH", 7, flags, questions, answers, authorities, additionals)


A = name("x.example") + struct.pack("!HH", 1, 1)
RECORD = name("x.example") + struct.pack("!HHIH", 1, 1, 60, 4) + bytes(4)
MALFORMED = {
    "no question": _counts(0),
    "no question, a cookie": _counts(0, additionals=1) + opt(data=struct.pack("!HH", 10, 8) + bytes(8)),
    "two questions (RFC 9619)": _counts(2) + A + A,
    "TC in a query": query(flags=0x0300),
    "an answer in a query": _counts(answers=1) + A + RECORD,
    "an authority record": _counts(authorities=1) + A + RECORD,
    "the header only": _counts(),
    "no type": _counts() + name("x.example"),
    "half a type": _counts() + name("x.example") + b"\0",
    "no end of the name": _counts() + b"\1a",
    "half a label": _counts() + b"\5ab",
    "a label of 64 bytes": _counts() + b"\x40" + b"a" * 64 + b"\0\0\1\0\1",
    "label type 10": _counts() + b"\x80" + b"a" * 64 + b"\0\0\1\0\1",
    "a pointer to itself": _counts() + b"\xc0\x0c\0\1\0\1",
    "a pointer to the header": _counts() + b"\xc0\0\0\1\0\1",
    "a name of 256 bytes": _counts() + (b"\x3f" + b"a" * 63) * 3 + b"\x3e" + b"a" * 62 + b"\0\0\1\0\1",
    "two OPT records (RFC 6891 6.1.1)": _counts(additionals=2) + A + opt() + opt(),
    "an OPT record with a name": _counts(additionals=1) + A + name("x") + opt()[1:],
    "an additional record that is not there": _counts(additionals=1) + A,
    "an OPT record that does not end": _counts(additionals=1) + A + opt(data=b"abcd")[:-1],
    "a record whose name is no name": _counts(additionals=1) + A + b"\x80" + opt(),
}


@pytest.mark.parametrize("data", MALFORMED.values(), ids=MALFORMED)
def test_it_is_malformed(data: bytes) -> None:
    with pytest.raises(MalformedError):
        read(data)


WELL_FORMED = {
    "a name of 255 bytes": _counts() + (b"\x3f" + b"a" * 63) * 3 + b"\x3d" + b"a" * 61 + b"\0\0\1\0\1",
    "the root": _counts() + b"\0\0\1\0\1",
    "bytes behind the end": query() + b"junk",
    "unknown EDNS options": query(opt=opt(data=struct.pack("!HH", 65001, 3) + b"abc")),
    "a record behind the OPT record": _counts(additionals=2) + A + opt() + RECORD,
    "a compressed name in front of the OPT record": _counts(additionals=2) + A + b"\xc0\x0c" + RECORD[11:] + opt(),
    "the question of IXFR with its SOA record": _counts(authorities=1) + name("x.example") + b"\0\xfb\0\1" + RECORD,
}


@pytest.mark.parametrize("data", WELL_FORMED.values(), ids=WELL_FORMED)
def test_it_is_well_formed(data: bytes) -> None:
    assert read(data).asked.edns == (b"\0\0\x29" in data)


@given(st.binary(min_size=12, max_size=80))
@example(bytes(12))
def test_any_bytes_are_read_or_malformed(data: bytes) -> None:
    with contextlib.suppress(MalformedError):
        read(data)


LABEL = st.binary(min_size=1, max_size=20)
NAME = st.lists(LABEL, max_size=8).map(tuple)


@given(NAME, st.integers(1, 65535), st.booleans())
def test_what_another_implementation_writes_is_read(labels: tuple[bytes, ...], kind: int, edns: bool) -> None:
    made = dns.message.make_query(dns.name.Name((*labels, b"")), kind, use_edns=0 if edns else False)
    if kind in (41, 250):
        return
    question = read(made.to_wire())
    assert (question.asked.labels, question.asked.type, question.asked.edns) == (labels, kind, edns)


@given(NAME)
def test_names_in_presentation_form_keep_their_labels(labels: tuple[bytes, ...]) -> None:
    text = name_of(labels)
    assert text.isascii()
    assert text.isprintable()
    assert labels_of(text) == tuple(label.lower() for label in labels)
    assert text.count(".") == max(len(labels) - 1, 0) + (not labels)


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        (".", ()),
        ("a.b.", (b"a", b"b")),
        (r"\052.b", (b"*", b"b")),
        (r"a\.b.c", (b"a.b", b"c")),
        ("münchen.example", (b"xn--mnchen-3ya", b"example")),
    ],
)
def test_escapes_in_names_are_octal_as_in_route_53(text: str, labels: tuple[bytes, ...]) -> None:
    """https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html"""
    assert labels_of(text) == labels
