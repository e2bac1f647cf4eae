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
from vpcsim.names.vpc_names import in_label
from vpcsim.network import Network
from vpcsim.prefixes import Prefix, address_text
from vpcsim.resolution import NOERROR, NXDOMAIN, Answer, Query, Record, Vantage, Zone, domains_of, negative
from vpcsim.resource import Address, Declaration, Declared, Draft, Resource
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
    addresses: Annotated[tuple[Address, ...], Read(lambda v: (v,) if isinstance(v, str) else tuple(v))]

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        yield Draft(cls, declaration.id, dict(declaration.fields), declaration.origin)

    def register(self, index: Any) -> None:
        """A host is beyond the model: nothing is handed to it."""


class PublicNames:
    """Recursion from the root: the source that always has a zone."""

    def zone_for(self, name: str, vantage: Vantage, net: Network) -> Zone | None:
        return Zone("", "public DNS", "recursion", _answer)

    def passed_over(self, name: str, vantage: Vantage, net: Network) -> Iterator[tuple[str, str]]:
        yield from ()


def _answer(query: Query, vantage: Vantage, net: Network) -> Answer:
    domains = domains_of(query.name)
    if found := public_answer(query, vantage._replace(vpc=None), net):
        return found[1]._replace(by=found[0])
    declared = net.topology.get(Host, query.name)
    if declared is not None:
        return _records(query, [address_text(number) for number in declared.addresses])
    if services.service_of_host(query.name):
        return _service(query)
    if query.name in KNOWN_HOSTS:
        return _records(query, [KNOWN_HOSTS[query.name]])
    if (number := in_label(query.name, "ec2")) is not None and net.holder_of_public(number):
        return _records(query, [address_text(number)])
    if query.name.count(".") < 1 or NEVER_PUBLIC & set(domains):
        return negative(_closest(query.name), NXDOMAIN)
    number = HOSTS_RANGE.first + 100 + stable_hash(query.name) % 150
    return _records(query, [address_text(number)])._replace(assumption=f"the public address of {query.name} is invented")


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
