"""Reads a query, and says what is wrong with one: stricter than dnslib, which takes names and sections that no DNS allows.

Sources: RFC 1035 sections 3.1 and 4.1, RFC 6891 section 6.1, RFC 6895 (types that no query may ask for), RFC 8906,
RFC 9619 (one question).
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from vpcsim.wire import CD, HEADER, RD, TC, Asked, Labels

_FIXED = struct.Struct("!HHIH")
_TYPE_AND_CLASS = struct.Struct("!HH")

OPCODE = 0x7800
IN = 1
OPT, TKEY, TSIG, IXFR, AXFR, MAILB, MAILA = 41, 249, 250, 251, 252, 253, 254
TRANSFERS = (IXFR, AXFR)
NO_QUESTIONS = (OPT, TKEY, TSIG, MAILB, MAILA)
LONGEST_LABEL, LONGEST_NAME = 63, 255
LEAST_SIZE = 512


class Opt(NamedTuple):
    """An OPT record: the size that the client takes over UDP, and the version of EDNS. Options are not read."""

    size: int
    version: int


class Question(NamedTuple):
    """A query that can be read. `size` is what the client takes over UDP."""

    asked: Asked
    dns_class: int
    wire: bytes
    size: int
    version: int


class MalformedError(ValueError):
    """A query that cannot be read."""


def read(data: bytes) -> Question:
    """Read a query with a whole header. Raises MalformedError."""
    _, flags, questions, answers, authorities, additionals = HEADER.unpack_from(data)
    if questions != 1 or answers or flags & TC:
        raise MalformedError("not one question alone")
    labels, at = read_name(data, HEADER.size)
    kind, dns_class = _unpack(_TYPE_AND_CLASS, data, at)
    at += 4
    wire = data[HEADER.size : at]
    if authorities and kind != IXFR:
        raise MalformedError("an authority section in a query")
    opt = _opt(data, at, authorities, additionals) if authorities or additionals else None
    asked = Asked(labels, kind, opt is not None, bool(flags & RD), bool(flags & CD))
    return Question(asked, dns_class, wire, max(opt.size, LEAST_SIZE) if opt else LEAST_SIZE, opt.version if opt else 0)


def read_name(data: bytes, at: int) -> tuple[Labels, int]:
    """The labels of a name that is not compressed, and where it ends."""
    start, labels = at, []
    while True:
        if at >= len(data):
            raise MalformedError("the name does not end")
        length = data[at]
        at += 1
        if length == 0:
            break
        if length > LONGEST_LABEL or at + length > len(data):
            raise MalformedError("not a label")
        labels.append(data[at : at + length])
        at += length
    if at - start > LONGEST_NAME:
        raise MalformedError("the name is too long")
    return tuple(labels), at


def _opt(data: bytes, at: int, authorities: int, additionals: int) -> Opt | None:
    """The OPT record of the sections that start here. Bytes behind the last record do not matter."""
    found: Opt | None = None
    for number in range(authorities + additionals):
        owner, at = at, _skip_name(data, at)
        kind, size, ttl, length = _unpack(_FIXED, data, at)
        at += _FIXED.size + length
        if at > len(data):
            raise MalformedError("the record does not end")
        if kind == OPT:
            if found is not None or number < authorities or data[owner] != 0:
                raise MalformedError("a misplaced OPT record")
            found = Opt(size, ttl >> 16 & 0xFF)
    return found


def _skip_name(data: bytes, at: int) -> int:
    while at < len(data) and data[at]:
        if data[at] >= 0xC0:
            return at + 2
        if data[at] > LONGEST_LABEL:
            raise MalformedError("not a label")
        at += 1 + data[at]
    return at + 1


def _unpack(form: struct.Struct, data: bytes, at: int) -> tuple[int, ...]:
    if at + form.size > len(data):
        raise MalformedError("too short")
    return form.unpack_from(data, at)
