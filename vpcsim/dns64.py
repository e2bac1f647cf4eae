"""DNS64: an address for those who only speak IPv6, made from the IPv4 address of a name that has no other.

It is switched on for a subnet, so the answer depends on where the asker is. A name with AAAA records keeps them. The
query for A is one of its own, also for DNS Firewall: a rule that blocks AAAA with NXDOMAIN does not touch what is made.

Sources: https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-nat64-dns64.html,
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-dns-firewall-rule-settings.html,
RFC 6052 section 2.1, RFC 6147 section 5.1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from vpcsim.gateways.nat_gateway import NAT64
from vpcsim.network import Network
from vpcsim.prefixes import address, address_text
from vpcsim.resolution import NOERROR, NXDOMAIN, UNDECIDED, Lookup, Query, Record, Resolution, Vantage


def subnet_with_dns64(net: Network, vantage: Vantage) -> str | None:
    """The subnet of the asker, if it has DNS64."""
    interfaces = (vantage.asker,) if vantage.asker in net.index.addresses_of else net.interfaces_of(vantage.asker)
    subnet: Any = net.topology.resources.get(net.subnet_of(interfaces[0]) or "") if interfaces else None
    return subnet.id if subnet is not None and subnet.enable_dns64 else None


def synthesized(found: Resolution, subnet: str, resolve: Callable[[Query], Resolution]) -> Resolution:
    """The answer to a query for AAAA in a subnet with DNS64; `resolve` answers the query for A."""
    blocked = found.judgement is not None and found.judgement.action == "BLOCK"
    if found.addresses or not (found.rcode == NOERROR or (found.rcode == NXDOMAIN and blocked)):
        return found
    other = resolve(found.query._replace(type="A"))
    if not other.addresses:
        return found
    if blocked and found.rcode == NOERROR:
        because = f"{subnet}: AWS's pages do not say whether DNS64 passes over a rule that blocks AAAA with NODATA"
        return found._replace(rcode=UNDECIDED, records=(), steps=(*found.steps, Lookup(subnet, because)), owner=subnet)
    because = f"{subnet}: has DNS64, so the AAAA record of {found.query.name} is made from its A record"
    steps = (*other.steps, Lookup(subnet, because))
    return other._replace(query=found.query, records=tuple(map(_made, other.records)), steps=steps)


def _made(record: Record) -> Record:
    if record.type != "A":
        return record
    return record._replace(type="AAAA", data=address_text(NAT64.first + address(record.data)))
