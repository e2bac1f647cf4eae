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


class Lookup(NamedTuple):
    """One decision of the resolver, as a sentence that starts with the id that decided.

    `fix` is a change by which the name would lead to the resource `at`, which it does not from here.
    """

    at: str
    because: str
    fix: str = ""


class Answer(NamedTuple):
    """What one zone says: records, or none with the zone's SOA record as `authority`.

    An UNDECIDED answer says why in `because`; a referral to other servers is one, with their NS records as `authority`.
    `owner` is the id of the resource that answers, where the zone stands for several.
    An answer that was fetched from elsewhere brings the `steps` that led there and the id of its `owner`.
    """

    rcode: str
    records: tuple[Record, ...] = ()
    authority: tuple[Record, ...] = ()
    assumption: str = ""
    owner: str = ""
    because: str = ""
    steps: tuple[Lookup, ...] = ()
    server: str = ""
    glue: tuple[Record, ...] = ()
    """With a referral: the addresses that the zone itself holds for those servers."""

    @property
    def is_referral(self) -> bool:
        """Whether the zone only names the servers that would know."""
        return self.rcode == UNDECIDED and bool(self.authority)


class Vantage(NamedTuple):
    """From where a question is asked: a VPC, or the public internet (None).

    `asker` is who sends it: an instance, the inbound endpoint by which it came, or the VPC's own id for its resolver
    itself. `passed` holds the servers that have handed the question on.
    """

    vpc: str | None
    asker: str
    passed: tuple[str, ...] = ()

    def came_in(self, net: Network) -> bool:
        """Whether the question came by an inbound endpoint."""
        return bool(getattr(net.topology.resources.get(self.asker), "inbound", False))


class Zone(NamedTuple):
    """What one source has for a domain and the names below: the resource that it belongs to, and the answer."""

    domain: str
    by: str
    source: str
    answer: Callable[[Query, Vantage, Network], Answer]


class Judgement(NamedTuple):
    """What a filter decides about a query: the rule group and the list that matched, the action, and its own answer if it blocks.

    `trusts` lets the names to which the answer redirects pass unseen.
    """

    by: str
    action: str
    domain_list: str
    because: str
    answer: Answer | None = None
    trusts: bool = False


class Switches(NamedTuple):
    """What AWS's pages leave open about names, as settings of the model: `dns: {synthesize_ip_names: true}`."""

    synthesize_ip_names: bool = False
    """Whether `ip-10-0-0-99.ec2.internal` answers although no interface has that address."""
    private_zones_without_hostnames: bool = False
    """Whether private hosted zones answer in a VPC whose `enable_dns_hostnames` is off."""
    firewall_domain_covers_subdomains: bool = False
    """Whether `example.com` in a domain list matches `www.example.com` too."""
    firewall_wildcard_covers_domain: bool = False
    """Whether `*.example.com` in a domain list matches `example.com` too."""
    firewall_unknown_lists_are_empty: bool = False
    """Whether a domain list that the model does not hold (one of AWS's managed lists) counts as empty."""
    firewall_fails: bool = False
    """Whether DNS Firewall gives no reply, so that a VPC that has it fails closed or open."""
    firewall_soa: bool = False
    """Whether a blocked answer without records brings an SOA record."""
    firewall_override_resolved: bool = True
    """Whether the name that a blocked query is redirected to is resolved into the answer."""
    chain_limit: int = 16
    """CNAME records that are followed before the answer is SERVFAIL."""


DEFAULT_SWITCHES = Switches()


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
    judgement: Judgement | None = None
    """The alert or the block of a DNS firewall."""
    server: str = ""
    """The address that was asked, where it is not that of the VPC resolver."""

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
            "steps": [{"at": step.at, "because": step.because} for step in self.steps],
            "assumptions": list(self.assumptions),
        }

    def __repr__(self) -> str:
        data = ", ".join(record.data for record in self.records) or self.rcode
        return f"<Resolution {self.query.name} {self.query.type}: {data}>"

    def _repr_html_(self) -> str:
        from vpcsim.renderers.html import resolution

        return resolution(self)


def resolver_setting(vpc: str, name: str, net: Network) -> str:
    """What a VPC's Profile, or else the VPC, says about a setting of its resolver: ENABLE, DISABLE, or nothing."""
    settings = net.index.resolver_settings
    return settings.get((net.index.profile_of.get(vpc, ""), name)) or settings.get((vpc, name), "")


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
