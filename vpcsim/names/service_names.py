"""Names that services give to what they keep in a VPC: endpoints of databases, file systems, clusters.

Each is a name of AWS's own, with the address that the resource says for the asker: private inside its VPC, and outside
what is public about it, if anything is.

Sources: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html,
https://docs.aws.amazon.com/efs/latest/ug/mounting-fs-mount-cmd-dns-name.html,
https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html.
"""

from __future__ import annotations

from collections.abc import Iterator

from vpcsim.network import Network
from vpcsim.prefixes import address_text, family
from vpcsim.resolution import NOERROR, NXDOMAIN, Answer, Lookup, Query, Record, Vantage, Zone, negative

TTL = 60


class ServiceNames:
    """Every such name is a zone by itself."""

    def zones(self, vantage: Vantage, net: Network) -> Iterator[Zone]:
        for name, owner in net.index.named.items():
            yield Zone(name, owner.id, "the name of the resource", _answer)

    def passed_over(self, name: str, vantage: Vantage, net: Network) -> Iterator[Lookup]:
        yield from ()


def _answer(query: Query, vantage: Vantage, net: Network) -> Answer:
    owner = net.index.named.get(query.name)
    numbers = tuple(owner.answers(query.name, vantage, net)) if owner else ()
    wanted = {"A": 4, "AAAA": 6}.get(query.type)
    records = tuple(Record(query.name, query.type, TTL, address_text(n)) for n in numbers if family(n) == wanted)
    parent = query.name.partition(".")[2]
    return Answer(NOERROR, records) if records else negative(parent, NOERROR if numbers else NXDOMAIN, ttl=TTL)
