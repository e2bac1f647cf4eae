"""Names of load balancers: public records of the addresses of their nodes.

An internet-facing load balancer answers with public addresses, inside its VPC too; an internal one with private
addresses, outside too. A dual-stack one has AAAA records as well. A node whose zone has no healthy target is left out,
unless no zone has one. The time-to-live is 60 seconds.

Sources: https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/how-elastic-load-balancing-works.html,
https://docs.aws.amazon.com/elasticloadbalancing/latest/network/target-group-health-checks.html,
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/routing-to-elb-load-balancer.html (`dualstack.`).
"""

from __future__ import annotations

from collections.abc import Iterator

from vpcsim.gateways.load_balancer.balancer import INTERNET_FACING, Balancer
from vpcsim.network import Network
from vpcsim.prefixes import address_text, family
from vpcsim.resolution import NOERROR, NXDOMAIN, Answer, Lookup, Query, Record, Vantage, Zone, negative

TTL = 60
DUALSTACK = "dualstack."


class LoadBalancerNames:
    """The names of all load balancers of the model as one source."""

    def zones(self, vantage: Vantage, net: Network) -> Iterator[Zone]:
        for name, balancer in _by_name(net).items():
            yield Zone(name, balancer.id, "the load balancer's name", _answer)

    def passed_over(self, name: str, vantage: Vantage, net: Network) -> Iterator[Lookup]:
        yield from ()


def _by_name(net: Network) -> dict[str, Balancer]:
    known: dict[str, Balancer] | None = net.compiled("load balancer names")
    if known is None:
        found = (place for place in net.places.values() if isinstance(place, Balancer) and place.id in net.index.host_of)
        names = {f"{prefix}{place.dns_name}": place for place in found for prefix in ("", DUALSTACK)}
        known = net.compile("load balancer names", names)
    return known


def _answer(query: Query, vantage: Vantage, net: Network) -> Answer:
    balancer = _by_name(net).get(query.name)
    if balancer is None:
        return negative(query.name.partition(".")[2], NXDOMAIN, ttl=TTL)
    wanted = {"A": 4, "AAAA": 6}.get(query.type)
    numbers = [n for node in balancer.named_nodes(net) for n in _addresses(balancer, node, net) if family(n) == wanted]
    records = tuple(Record(query.name, query.type, TTL, address_text(number)) for number in numbers)
    return Answer(NOERROR, records) if records else negative(query.name, NOERROR, ttl=TTL)


def _addresses(balancer: Balancer, node: str, net: Network) -> Iterator[int]:
    for number in net.index.addresses_of[node]:
        public = net.public_address(net.vpc_of(node), number)
        if balancer.scheme != INTERNET_FACING:
            yield number
        elif public is not None:
            yield public
