"""Public names, as recursion from the root would find them: AWS's services, declared hosts, instances, the rest invented.

The public addresses are a labelled invention: AWS services answer inside the shipped prefixes of their Region, hosts on
the internet inside documentation ranges. A name that nobody declared gets an address too, and the answer says that it is
an assumption; names that cannot be public (reserved top-level domains, unknown names of AWS) do not exist.

Sources: https://docs.aws.amazon.com/general/latest/gr/rande.html, RFC 2606 and RFC 6761 (reserved names), RFC 5737.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar

from vpcsim import services
from vpcsim.names.hosted_zone import public_answer
from vpcsim.names.vpc_names import holder_of_name, is_public, not_in_the_model, public_name
from vpcsim.network import Network
from vpcsim.prefixes import Prefix, address, address_text, family
from vpcsim.resolution import (
    NOERROR,
    NXDOMAIN,
    RECURSION,
    UNDECIDED,
    Answer,
    Lookup,
    Query,
    Record,
    Vantage,
    Zone,
    domains_of,
    negative,
)
from vpcsim.resource import Address, Declaration, Declared, Draft, Resource, as_list
from vpcsim.shape import Read, field
from vpcsim.stable import stable_hash

TTL = 60
HOSTS_RANGE = Prefix.parse("198.51.100.0/24")
KNOWN_HOSTS = {
    f"{prefix}example.{end}": f"198.51.100.{number}"
    for end, number in (("com", 10), ("org", 20), ("net", 30))
    for prefix in ("", "www.")
}
AWS_DOMAINS = ("amazonaws.com", "amazonaws.com.cn", "aws", "aws.dev", "ec2.internal")
RESERVED = tuple("internal local localhost localdomain test invalid example onion corp home lan intranet private arpa".split())
NEVER_PUBLIC = frozenset((*RESERVED, "example.com", "example.org", "example.net", *AWS_DOMAINS))


class Host(Resource):
    """A host on the internet: a name and its addresses."""

    kind: ClassVar[str] = "host"
    section: ClassVar[str] = "Hosts"
    native_names: ClassVar[Mapping[str, str]] = {"addresses": "Addresses"}
    native_scalar: ClassVar[str] = "Addresses"

    id: str = field(api="HostName")
    addresses: Annotated[tuple[Address, ...], Read(as_list)]

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        yield Draft(cls, declaration.id, dict(declaration.fields), declaration.origin)

    def register(self, index: Any) -> None:
        """A host is beyond the model: nothing is handed to it."""


class PublicNames:
    """Recursion from the root: the source that always has a zone."""

    def zones(self, vantage: Vantage, net: Network) -> Iterator[Zone]:
        yield Zone("", RECURSION, "recursion", _answer)

    def passed_over(self, name: str, vantage: Vantage, net: Network) -> Iterator[Lookup]:
        yield from ()


def _answer(query: Query, vantage: Vantage, net: Network) -> Answer:
    domains = domains_of(query.name)
    if found := public_answer(query, vantage._replace(vpc=None), net):
        return found[1]._replace(owner=found[0])
    declared = net.topology.get(Host, query.name)
    if declared is not None:
        return _records(query, [address_text(number) for number in declared.addresses])
    if services.service_of_host(query.name):
        return _service(query)
    if query.name in KNOWN_HOSTS:
        return _records(query, [KNOWN_HOSTS[query.name]])
    if query.name == ".":
        return negative(query.name, NOERROR)
    if (held := holder_of_name(query.name, net)) is not None:
        return _records(query, [address_text(held[1])])
    if (unknown := not_in_the_model(query.name, net)) is not None:
        return unknown
    if domains[-2] == "arpa":
        return _reverse(query, net)
    if query.name.count(".") < 1 or NEVER_PUBLIC & set(domains) or domains[-2].isdigit():
        return negative(_closest(query.name), NXDOMAIN)
    number = HOSTS_RANGE.first + 100 + stable_hash(query.name) % 150
    return _records(query, [address_text(number)])._replace(assumption=f"the public address of {query.name} is invented")


def _reverse(query: Query, net: Network) -> Answer:
    """The reverse name of a public address of the model; what others have is not in the model."""
    labels, _, tree = query.name.removesuffix(".arpa").rpartition(".")
    parts = labels.split(".")
    try:
        number = address(".".join(reversed(parts))) if tree == "in-addr" else _from_nibbles(parts)
    except ValueError:
        return negative(_closest(query.name), NOERROR)
    holder = net.holder_of_public(number)
    if holder is None or family(number) == 6:
        if holder is None and not is_public(number):
            return negative(_closest(query.name), NXDOMAIN)
        return Answer(UNDECIDED, because=f"the reverse name of {address_text(number)} is not in the model")
    name = public_name(number, net)
    if name is None:
        return negative(_closest(query.name), NXDOMAIN)
    records = (Record(query.name, "PTR", TTL, f"{name}."),) if query.type == "PTR" else ()
    return Answer(NOERROR, records) if records else negative(_closest(query.name), NOERROR)


def _from_nibbles(parts: list[str]) -> int:
    text = "".join(reversed(parts))
    if len(parts) != 32 or len(text) != 32:
        raise ValueError(text)
    return address(":".join(text[n : n + 4] for n in range(0, 32, 4)))


def _service(query: Query) -> Answer:
    addresses = [*services.public_addresses(query.name), *services.public_addresses6(query.name)]
    return _records(query, addresses)._replace(
        assumption=f"the public address of {query.name} is invented, inside AWS's prefixes"
    )


def _records(query: Query, addresses: list[str]) -> Answer:
    wanted = {"A": False, "AAAA": True}.get(query.type)
    records = tuple(Record(query.name, query.type, TTL, a) for a in addresses if (":" in a) is wanted)
    return Answer(NOERROR, records) if records else negative(_closest(query.name), NOERROR)


def _closest(name: str) -> str:
    labels = name.split(".")
    return ".".join(labels[-2:])
