"""A resolution as a DNS message, by dnslib, with the flags and sections that the VPC resolver sends.

Observed through real resolvers: `qr rd ra`, never `aa` or `ad`, no authority on success, the zone's SOA record on a
negative answer, and an OPT record with a size of 4096 where the query had one.

Sources: RFC 1035 section 4, RFC 2308, RFC 6891, https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html.
"""

from __future__ import annotations

from typing import Any

from vpcsim.resolution import SERVFAIL, UNDECIDED, Record, Resolution

UDP_SIZE = 4096


def message(resolution: Resolution, id: int = 0, edns: bool = True) -> Any:
    """The reply as a dnslib DNSRecord; SERVFAIL for an undecided one. Not for a resolution without a reply."""
    from dnslib import CLASS, EDNS0, QTYPE, RCODE, DNSHeader, DNSQuestion, DNSRecord

    rcode = SERVFAIL if resolution.rcode == UNDECIDED else resolution.rcode
    header = DNSHeader(id=id, qr=1, rd=1, ra=1, aa=0, rcode=getattr(RCODE, rcode))
    asked = resolution.query.type
    number = int(asked.removeprefix("TYPE")) if asked.startswith("TYPE") else getattr(QTYPE, asked)
    question = DNSQuestion(resolution.query.name, number, CLASS.IN)
    reply = DNSRecord(header, q=question)
    reply.add_answer(*(resource_record(record) for record in resolution.records))
    if not resolution.records or resolution.records[-1].type == "CNAME":
        reply.add_auth(*(resource_record(record) for record in resolution.authority))
    if edns:
        reply.add_ar(EDNS0(udp_len=UDP_SIZE))
    return reply


def resource_record(record: Record) -> Any:
    """One record as a dnslib RR, read from its presentation form."""
    from dnslib import RR

    data = record.data
    if record.type in ("TXT", "SPF") and not data.startswith('"'):
        data = f'"{data}"'
    return RR.fromZone(f"{record.name or '.'}. {record.ttl} IN {record.type} {data}".replace("..", "."))[0]
