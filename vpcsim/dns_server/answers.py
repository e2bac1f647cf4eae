"""From the bytes of a query to the bytes of the reply, as the resolver of one vantage point, with a bounded memory.

Every reply is made once. It is kept under all bytes of the query behind the id, so that the letter case of the name, the
flags and the EDNS options need no thought, and given again with another id until the model changes.

A reply for a name that the model would have to invent may be left to an `upstream`, which is asked without holding
up anybody else: `reply` gives a `Forward` then.

Where AWS documents nothing, the reply follows the RFCs: without RD only what the VPC itself answers is given and the
rest is REFUSED (RFC 8906), CD is copied (RFC 4035 section 3.2.2), ANY is in `resolving` (RFC 8482).

Sources: RFC 1035 section 4, RFC 2181 section 9, RFC 5936, RFC 6891, RFC 8906,
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSBehavior.html (the sizes).
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from threading import Lock
from typing import NamedTuple

from vpcsim.dns_server import questions
from vpcsim.dns_server.questions import MalformedError, Question
from vpcsim.errors import one_line
from vpcsim.network import Network
from vpcsim.resolution import NO_REPLY, RECURSION, Query, Resolution, Vantage
from vpcsim.resolving import best_zone, resolve
from vpcsim.wire import CD, HEADER, QR, RA, RD, TC, UDP_SIZE, message, opt

FORMERR, SERVFAIL, NOTIMP, REFUSED, BADVERS = 1, 2, 4, 5, 16
MOST_KEPT = 16 << 20
"""Bytes of queries and replies in one generation of the memory; there are two."""
ENTRY = 250
"""About what the interpreter adds to a query and a reply that are kept."""
TCP_SIZE = 0xFFFF
MOST_COMPLAINTS = 50
SILENCE = b""

Upstream = Callable[[Resolution], Resolution]
Log = Callable[[Resolution, Network, str], None]


class View(NamedTuple):
    """A network as one vantage point sees it."""

    net: Network
    vantage: Vantage

    def resolve(self, query: Query) -> Resolution:
        return resolve(self.net, self.vantage, query, told=False)

    def leaves(self, resolution: Resolution) -> bool:
        """Whether a name of the chain is one that the resolver asks others for."""
        targets = (record.data.rstrip(".").lower() for record in resolution.records if record.type == "CNAME")
        return any(best_zone(self.net, self.vantage, name).by == RECURSION for name in (resolution.query.name, *targets))


class Forward(NamedTuple):
    """A reply that has to be asked for. Calling `finish` may take as long as the upstream does."""

    finish: Callable[[], bytes]


class Answers:
    """What one view replies over one transport."""

    def __init__(self, view: View, over_tcp: bool, upstream: Upstream | None = None, log: Log | None = None) -> None:
        self.view, self.over_tcp, self.upstream, self.log = view, over_tcp, upstream, log
        self.known: dict[bytes, bytes] = {}
        """By the bytes of a query behind the id: those of the reply. Look here first, then ask `reply`."""
        self._older: dict[bytes, bytes] = {}
        self._size = self.complaints = 0
        self._lock = Lock()

    def renew(self, view: View) -> None:
        """Answer from another network from now on."""
        with self._lock:
            self.view, self._size, self._older = view, 0, {}
            self.known.clear()

    def reply(self, data: bytes) -> bytes | Forward:
        """The reply without its id; SILENCE for what must not be answered."""
        with self._lock:
            key = data[2:]
            if (found := self.known.get(key)) is not None:
                return found
            made = self._older.get(key) or self._made(data)
            if isinstance(made, bytes) and made != SILENCE:
                self._keep(key, made)
            return made

    def _keep(self, key: bytes, reply: bytes) -> None:
        size = len(key) + len(reply) + ENTRY
        if self._size + size > MOST_KEPT:
            self._older, self._size = self.known.copy(), 0
            self.known.clear()
        self.known[key] = reply
        self._size += size

    def _made(self, data: bytes) -> bytes | Forward:
        if len(data) < HEADER.size or data[2] & 0x80:
            return SILENCE
        question: Question | None = None
        try:
            question = questions.read(data)
            refusal = NOTIMP if data[2] & 0x78 else _refusal(question)
            return refused(data, refusal, question) if refusal else self._answered(data, question)
        except MalformedError:
            return refused(data, NOTIMP if data[2] & 0x78 else FORMERR)
        except Exception as error:
            self._complain(question, error)
            return refused(data, SERVFAIL, question)

    def _complain(self, question: Question | None, error: Exception) -> None:
        """Say that something cannot be answered, for example because a record's data is none of its type; not forever."""
        self.complaints += 1
        if self.complaints <= MOST_COMPLAINTS:
            asked = " ".join(question.asked.query) if question else "a query"
            print(f"vpcsim: cannot answer {asked}: {one_line(f'{type(error).__name__}: {error}')}", file=sys.stderr, flush=True)

    def _answered(self, data: bytes, question: Question) -> bytes | Forward:
        resolution = self.view.resolve(question.asked.query)
        if resolution.rcode == NO_REPLY:
            return SILENCE
        if not question.asked.recursion_desired and self.view.leaves(resolution):
            return refused(data, REFUSED, question)
        upstream = self.upstream
        if upstream and resolution.assumptions and resolution.owner == RECURSION:
            return Forward(lambda: self._forwarded(data, question, upstream, resolution))
        return self._packed(data, question, resolution)

    def _forwarded(self, data: bytes, question: Question, upstream: Upstream, resolution: Resolution) -> bytes:
        try:
            return self._packed(data, question, upstream(resolution))
        except Exception as error:
            self._complain(question, error)
            return refused(data, SERVFAIL, question)

    def _packed(self, data: bytes, question: Question, resolution: Resolution) -> bytes:
        if self.log is not None:
            self.log(resolution, self.view.net, "TCP" if self.over_tcp else "UDP")
        reply = message(resolution, question.asked)
        if len(reply) <= (TCP_SIZE if self.over_tcp else min(UDP_SIZE, question.size)):
            return reply[2:]
        return refused(data, reply[3] & 0x0F, question, truncated=True)


def _refusal(question: Question) -> int:
    if question.version > 0:
        return BADVERS
    if question.asked.type in questions.NO_QUESTIONS:
        return FORMERR
    return REFUSED if question.dns_class != questions.IN or question.asked.type in questions.TRANSFERS else 0


def refused(data: bytes, rcode: int, question: Question | None = None, truncated: bool = False) -> bytes:
    """A reply without records and without its id: opcode, RD and CD of the query, its question, and OPT if it had one."""
    flags = int.from_bytes(data[2:4]) & (questions.OPCODE | RD | CD)
    flags |= QR | RA | (TC if truncated else 0) | (rcode & 0x0F)
    edns = question is not None and question.asked.edns
    reply = HEADER.pack(0, flags, 1 if question else 0, 0, 0, int(edns)) + (question.wire if question else b"")
    return (reply + (opt(rcode >> 4) if edns else b""))[2:]
