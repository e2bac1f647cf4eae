"""A real resolver for the names that the model would have to invent. Nothing is asked unless the user names one.

The question for the last name of the chain goes there, and what comes back stands behind the CNAME records of the model:
flags, sections and sizes stay those of the VPC resolver. No useful reply within TIMEOUT seconds is SERVFAIL.
"""

from __future__ import annotations

import secrets
import socket
from typing import Any

from dnslib import QTYPE, DNSError, DNSRecord

from vpcsim.resolution import SERVFAIL, Query, Record, Resolution
from vpcsim.wire import TYPE_NUMBERS, UDP_SIZE, asked_of, name_of

TIMEOUT = 2.0
DNS_PORT = 53
Endpoint = tuple[str, int]


class Upstream:
    """A resolver at an address. Calling it gives a resolution with that resolver's records instead of invented ones."""

    def __init__(self, endpoint: Endpoint, timeout: float = TIMEOUT) -> None:
        self.endpoint, self.timeout = endpoint, timeout

    def __call__(self, resolution: Resolution) -> Resolution:
        chain = tuple(record for record in resolution.records if record.type == "CNAME")
        last = chain[-1].data.rstrip(".").lower() if chain else resolution.query.name
        try:
            reply = self._ask(Query(last, resolution.query.type))
            rcode = {0: "NOERROR", 3: "NXDOMAIN"}.get(reply.header.rcode, SERVFAIL)
            records, authority = tuple(map(_record, reply.rr)), tuple(map(_record, reply.auth))
        except (OSError, DNSError, ValueError, KeyError):
            return resolution._replace(rcode=SERVFAIL, records=(), authority=())
        soa = tuple(record for record in authority if record.type == "SOA")
        return resolution._replace(rcode=rcode, records=chain + records, authority=soa)

    def _ask(self, query: Query) -> Any:
        asked = asked_of(query)
        question = DNSRecord.question(".")
        question.header.id = secrets.randbits(16)
        question.q.qname.label, question.q.qtype = asked.labels, asked.type
        question.add_ar(_edns())
        reply = self._over_udp(question)
        return self._over_tcp(question) if reply.header.tc else reply

    def _over_udp(self, question: Any) -> Any:
        with socket.socket(_family(self.endpoint), socket.SOCK_DGRAM) as client:
            client.settimeout(self.timeout)
            client.connect(self.endpoint)
            client.send(question.pack())
            for _ in range(8):
                reply = DNSRecord.parse(client.recv(0xFFFF))
                if _belongs(reply, question):
                    return reply
        raise TimeoutError("no reply that belongs to the question")

    def _over_tcp(self, question: Any) -> Any:
        data = question.pack()
        with socket.create_connection(self.endpoint, self.timeout) as client, client.makefile("rb") as stream:
            client.sendall(len(data).to_bytes(2) + data)
            reply = DNSRecord.parse(stream.read(int.from_bytes(stream.read(2))))
        if not _belongs(reply, question):
            raise ValueError("a reply to another question")
        return reply


def _belongs(reply: Any, question: Any) -> bool:
    same = reply.header.id == question.header.id and reply.header.qr and len(reply.questions) == 1
    return bool(same and reply.q.qname == question.q.qname and reply.q.qtype == question.q.qtype)


def _record(record: Any) -> Record:
    type = QTYPE.get(record.rtype)
    if type not in TYPE_NUMBERS:
        raise KeyError(type)
    return Record(name_of(record.rname.label), type, record.ttl, str(record.rdata))


def _edns() -> Any:
    from dnslib import EDNS0

    return EDNS0(udp_len=UDP_SIZE)


def _family(endpoint: Endpoint) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in endpoint[0] else socket.AF_INET
