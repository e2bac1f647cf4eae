"""A resolution as a DNS message, by dnslib, with the flags and sections that the VPC resolver sends.

Observed through real resolvers: `qr rd ra`, never `aa` or `ad`, no authority on success, the zone's SOA record on a
negative answer, and an OPT record with a size of 4096 where the query had one. The question is echoed byte for byte.

Sources: RFC 1035 section 4, RFC 2308, RFC 4343, RFC 6891,
https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html,
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DomainNameFormat.html (escapes in names are octal).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from functools import lru_cache
from socket import AF_INET, AF_INET6, inet_pton
from typing import Any, NamedTuple

from dnslib import (
    AAAA,
    CLASS,
    CNAME,
    HTTPS,
    NS,
    PTR,
    QTYPE,
    RCODE,
    RR,
    TXT,
    A,
    DNSBuffer,
    DNSLabel,
)

from vpcsim.resolution import NOERROR, NXDOMAIN, SERVFAIL, TYPES, UNDECIDED, Query, Record, Resolution

UDP_SIZE = 4096
HEADER = struct.Struct("!HHHHHH")
QR, TC, RD, RA, CD = 0x8000, 0x0200, 0x0100, 0x0080, 0x0010
"""Flags of the header."""
RCODES: dict[str, int] = {rcode: getattr(RCODE, rcode) for rcode in (NOERROR, NXDOMAIN, SERVFAIL)}
RCODES[UNDECIDED] = RCODES[SERVFAIL]
TYPE_NUMBERS: dict[str, int] = {type: getattr(QTYPE, type) for type in TYPES}
TYPE_NAMES = {number: type for type, number in TYPE_NUMBERS.items()}
FARTHEST_POINTER = 0x3FFF
"""The highest offset to which a compressed name can point (RFC 1035 section 4.1.4)."""
Labels = tuple[bytes, ...]

_PLAIN = re.compile(rb"[a-z0-9_*-]+(?:\.[a-z0-9_*-]+)*")
_ESCAPE = re.compile(r"\\(?:([0-7]{3})|(.))")
_OPT = struct.Struct("!BHHBBHH")
_RECORD = struct.Struct("!HHIH")
_QUESTION = struct.Struct("!BHH")
_POINTER = (0xC000 | HEADER.size).to_bytes(2)
"""To the name of the question."""
_ADDRESSES = {"A": AF_INET, "AAAA": AF_INET6}
_LENGTH = [bytes((length,)) for length in range(64)]
_ONE_NAME = {"CNAME": CNAME, "NS": NS, "PTR": PTR}


class Asked(NamedTuple):
    """What the reply repeats of a query: the question as it was spelled, two flags, and whether there was an OPT record."""

    labels: Labels
    type: int
    edns: bool = True
    recursion_desired: bool = True
    checking_disabled: bool = False

    @property
    def query(self) -> Query:
        """The question in lower case, in presentation form."""
        return Query(name_of(self.labels), TYPE_NAMES.get(self.type) or f"TYPE{self.type}")


def asked_of(query: Query) -> Asked:
    """The question that a plain `dig` would send for a query."""
    number = TYPE_NUMBERS.get(query.type)
    return Asked(labels_of(query.name), int(query.type.removeprefix("TYPE")) if number is None else number)


def message(resolution: Resolution, asked: Asked | None = None, id: int = 0) -> bytes:
    """The reply to a question, by default to that of a plain `dig`; SERVFAIL for an undecided one. Not without a reply."""
    asked = asked or asked_of(resolution.query)
    failed = resolution.rcode in (SERVFAIL, UNDECIDED)
    answer = () if failed else resolution.records
    authority = () if failed else authority_of(resolution)
    header = HEADER.pack(id, _flags(resolution, asked), 1, len(answer), len(authority), int(asked.edns))
    records = () if authority else _addresses(answer, resolution.query.name)
    if records:
        body = b"".join((header, _question(asked), *records))
    else:
        body = _written(header, asked, answer + authority, resolution.query.name)
    return body + (opt() if asked.edns else b"")


def opt(extended_rcode: int = 0) -> bytes:
    """The OPT record of a reply: version 0, no flags, no options."""
    return _OPT.pack(0, QTYPE.OPT, UDP_SIZE, extended_rcode, 0, 0, 0)


def _flags(resolution: Resolution, asked: Asked) -> int:
    flags = QR | RA | (RD if asked.recursion_desired else 0) | (CD if asked.checking_disabled else 0)
    return flags | RCODES[resolution.rcode]


def _question(asked: Asked) -> bytes:
    labels = [part for label in asked.labels for part in (_LENGTH[len(label)], label)]
    return b"".join((*labels, _QUESTION.pack(0, asked.type, CLASS.IN)))


def _addresses(records: tuple[Record, ...], asked: str) -> Sequence[bytes]:
    """Records as bytes if all are addresses of the name that was asked: most replies are, and need no compression."""
    if asked == "." or any(record.name != asked or record.type not in _ADDRESSES for record in records):
        return ()
    return [_POINTER + _packed_address(record.type, record.ttl, record.data) for record in records]


@lru_cache(4096)
def _packed_address(type: str, ttl: int, data: str) -> bytes:
    packed = inet_pton(_ADDRESSES[type], data)
    return _RECORD.pack(TYPE_NUMBERS[type], CLASS.IN, ttl, len(packed)) + packed


def _written(header: bytes, asked: Asked, records: tuple[Record, ...], name: str) -> bytes:
    buffer = _begun(header, asked)
    owner = DNSLabel(asked.labels)
    for record in records:
        _write(record, owner if record.name == name else DNSLabel(labels_of(record.name)), buffer)
    return bytes(buffer.data)


def _begun(header: bytes, asked: Asked) -> Any:
    """A buffer with header and question, in which later names can point to the question."""
    labels, at = asked.labels, len(header)
    offsets: dict[Labels, int] = {}
    for number, label in enumerate(labels):
        offsets[labels[number:]] = at
        at += 1 + len(label)
    buffer = DNSBuffer(header + _question(asked))
    buffer.offset, buffer.names = len(buffer.data), _Offsets(offsets)
    return buffer


class _Offsets(dict[Labels, int]):
    """Where names stand. dnslib keeps places too that no pointer reaches, and would point elsewhere."""

    def __setitem__(self, name: Labels, offset: int) -> None:
        if offset <= FARTHEST_POINTER:
            super().__setitem__(name, offset)


def authority_of(resolution: Resolution) -> tuple[Record, ...]:
    """The authority section: the zone's SOA record if the last name of the chain has no answer, otherwise nothing."""
    records = resolution.records
    answered = records and (records[-1].type != "CNAME" or resolution.query.type in ("CNAME", "ANY"))
    return () if answered else resolution.authority


def _write(record: Record, owner: Any, buffer: Any) -> None:
    buffer.encode_name(owner)
    start = buffer.offset + _RECORD.size
    buffer.append(_RECORD.pack(TYPE_NUMBERS[record.type], CLASS.IN, record.ttl, 0))
    _data(record.type, record.data).pack(buffer)
    buffer.update(start - 2, "!H", buffer.offset - start)


@lru_cache(4096)
def _data(type: str, data: str) -> Any:
    if type == "A":
        return A(data)
    if type == "AAAA":
        return AAAA(data)
    if type in _ONE_NAME:
        return _ONE_NAME[type](DNSLabel(labels_of(data)))
    if type in ("TXT", "SPF"):
        return RR.fromZone(f". 0 IN TXT {data}")[0].rdata if data.startswith('"') else TXT(_strings(data.encode()))
    if type == "SVCB":
        return HTTPS.fromZone(data.split())
    return RR.fromZone(f". 0 IN {type} {data}")[0].rdata


def _strings(text: bytes) -> list[bytes]:
    """Character strings of at most 255 bytes (RFC 1035 section 3.3)."""
    return [text[i : i + 255] for i in range(0, len(text), 255)] or [b""]


def name_of(labels: Labels) -> str:
    """Labels as a name in lower case without the final dot, what is not plain as octal escapes; the root is `.`."""
    text = b".".join(labels).lower()
    if text.count(b".") == len(labels) - 1 and _PLAIN.fullmatch(text):
        return text.decode()
    return ".".join("".join(map(_escaped, label.lower())) for label in labels) or "."


def _escaped(byte: int) -> str:
    return chr(byte) if _PLAIN.fullmatch(bytes((byte,))) else f"\\{byte:03o}"


def labels_of(name: str) -> Labels:
    """The labels of a name in presentation form."""
    text = name.rstrip(".")
    if "\\" not in text and text.isascii():
        return tuple(text.encode().split(b".")) if text else ()
    labels = re.findall(r"(?:\\.|[^.\\])+", text)
    return tuple(
        _ESCAPE.sub(_unescaped, label).encode("latin-1") if label.isascii() else label.encode("idna") for label in labels
    )


def _unescaped(match: re.Match[str]) -> str:
    return chr(int(match[1], 8) & 0xFF) if match[1] else match[2]
