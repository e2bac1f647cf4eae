"""The record of a name's resolution: a query, the zones that were looked into, and the answer.

NXDOMAIN and NODATA are values, not errors. Sources for the meaning of both: RFC 2308 section 2, RFC 8020.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from vpcsim.network import Network

NOERROR, NXDOMAIN, SERVFAIL = "NOERROR", "NXDOMAIN", "SERVFAIL"
NO_REPLY = "TIMEOUT"
"""Stands for the rcode where nobody answers."""
UNDECIDED = "UNDECIDED"
"""Stands for the rcode where the answer depends on what is not in the model."""
RECURSION = "public DNS"
"""Decides in the sentences where an answer came from outside the VPC."""

TYPES = tuple("A AAAA CAA CNAME DS HTTPS MX NAPTR NS PTR SOA SPF SRV SSHFP SVCB TLSA TXT ANY".split())


class Query(NamedTuple):
    """A name without the final dot, in lower case, and a record type."""

    name: str
    type: str = "A"


class Record(NamedTuple):
    """A resource record in presentation form. `ttl` is in seconds."""

    name: str
    type: str
    ttl: int
    data: str


class Answer(NamedTuple):
    """What one zone says: records, or none with the zone's SOA record as `authority`.

    An UNDECIDED answer says why in `because`; one that hands over to other servers has their NS records as `authority`.
    `owner` is the id of the resource that answers, where the zone stands for several.
    """

    rcode: str
    records: tuple[Record, ...] = ()
    authority: tuple[Record, ...] = ()
    assumption: str = ""
    owner: str = ""
    because: str = ""


class Vantage(NamedTuple):
    """From where a question is asked: a VPC, or the public internet (None)."""

    vpc: str | None
    asker: str


class Zone(NamedTuple):
    """One source's best match for a name: the domain that it answers for, the resource that it belongs to, and the answer."""

    domain: str
    by: str
    source: str
    answer: Callable[[Query, Vantage, Network], Answer]


class Lookup(NamedTuple):
    """One decision of the resolver, as a sentence that starts with the id that decided."""

    at: str
    because: str


class Resolution(NamedTuple):
    """What the asker learns. `owner` is the id of the resource whose zone gave the last word."""

    vantage: Vantage
    query: Query
    rcode: str
    records: tuple[Record, ...]
    authority: tuple[Record, ...]
    steps: tuple[Lookup, ...]
    owner: str
    assumptions: tuple[str, ...] = ()

    @property
    def addresses(self) -> tuple[str, ...]:
        """The addresses in the answer, in its order."""
        return tuple(record.data for record in self.records if record.type in ("A", "AAAA"))

    def to_dict(self) -> dict[str, object]:
        """A JSON-ready mapping."""
        return {
            "name": self.query.name,
            "type": self.query.type,
            "rcode": self.rcode,
            "answers": [record._asdict() for record in self.records],
            "owner": self.owner,
            "steps": [step._asdict() for step in self.steps],
            "assumptions": list(self.assumptions),
        }

    def __repr__(self) -> str:
        data = ", ".join(record.data for record in self.records) or self.rcode
        return f"<Resolution {self.query.name} {self.query.type}: {data}>"

    def _repr_html_(self) -> str:
        from vpcsim.renderers.html import resolution

        return resolution(self)


@lru_cache(1024)
def domains_of(name: str) -> tuple[str, ...]:
    """The name and its parents on label boundaries, longest first; the root `` comes last."""
    labels = name.split(".")
    return (*(".".join(labels[i:]) for i in range(len(labels))), "")


def negative(zone: str, rcode: str, primary: str = "ns-1536.awsdns-00.co.uk", ttl: int = 900) -> Answer:
    """A negative answer with the zone's SOA record. Its TTL is the smaller of the record's own and its minimum field.

    Sources: RFC 2308 section 5, https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/SOA-NSrecords.html
    """
    soa = Record(zone, "SOA", ttl, f"{primary}. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400")
    return Answer(rcode, (), (soa,))
