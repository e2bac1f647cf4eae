"""Names that the VPC resolver defines itself: those of instances, reverse names, localhost.

It makes these rules for a VPC with both DNS attributes on. An IP-based name answers A only; the reply for another type is
NODATA. Inside the VPC a public name of an interface of that VPC answers with its private address, and from a peer if the
peering connection says so on the side of the name. Reverse names are those of the private ranges and of the VPC's own
blocks, one zone for each /24; they can be switched off.

Not modelled here: resource-based names and their flags, and names of instances in other Regions.

Sources: https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html,
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/hostname-types.html,
https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-dns.html,
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-overview-forward-vpc-to-network-autodefined-rules.html,
https://docs.aws.amazon.com/Route53/latest/APIReference/API_route53resolver_UpdateResolverConfig.html.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from vpcsim import services
from vpcsim.network import Network
from vpcsim.prefixes import Prefix, address, address_text
from vpcsim.resolution import NOERROR, NXDOMAIN, Answer, Query, Record, Vantage, Zone, domains_of, negative

TTL = 60
_IN_LABEL = re.compile(r"(ip|ec2)-(\d+)-(\d+)-(\d+)-(\d+)")
LOOPBACK6 = "1" + ".0" * 31 + ".ip6.arpa"
UNSPECIFIED6 = "0" + ".0" * 31 + ".ip6.arpa"
PRIVATE_REVERSE = ("10", *(f"{second}.172" for second in range(16, 32)), "168.192", "254.169.254.169")
"""The reverse zones that every VPC has, without their ending."""

Answers = Callable[[Query, Vantage, Network], Answer]


class VpcNames:
    """The autodefined rules of a VPC as one source."""

    def zone_for(self, name: str, vantage: Vantage, net: Network) -> Zone | None:
        if vantage.vpc is None or not _on(net, vantage.vpc):
            return None
        known = _rules(net, vantage.vpc)
        for domain in domains_of(name):
            if answer := known.get(domain):
                return Zone(domain, vantage.vpc, "the VPC resolver", answer)
        return None

    def passed_over(self, name: str, vantage: Vantage, net: Network) -> Iterator[tuple[str, str]]:
        if vantage.vpc and not _on(net, vantage.vpc):
            region = net.topology.settings.region
            if {services.instance_domain(region), services.public_instance_domain(region)} & set(domains_of(name)):
                yield vantage.vpc, "enable_dns_hostnames is off, so names of instances do not resolve"
        elif vantage.vpc and name.endswith(".in-addr.arpa") and not _reverse_on(net, vantage.vpc):
            yield vantage.vpc, "its autodefined reverse rules are off, so reverse names are asked elsewhere"


def _rules(net: Network, vpc: str) -> dict[str, Answers]:
    """The domains that the resolver defines in a VPC, and who answers for each."""
    known: dict[str, Answers] | None = net.compiled(("autodefined", vpc))
    if known is None:
        region = net.topology.settings.region
        known = {services.instance_domain(region): _forward, services.public_instance_domain(region): _public}
        if region == "us-east-1":
            known["compute-1.internal"] = _nothing
        known |= dict.fromkeys(("localhost", "localdomain", "127.in-addr.arpa", LOOPBACK6, UNSPECIFIED6), _localhost)
        if _reverse_on(net, vpc):
            known |= {f"{block}.in-addr.arpa": _reverse for block in PRIVATE_REVERSE}
            known |= {zone: _reverse for of in (vpc, *connected(net, vpc)) for b in net.blocks_of(of) for zone in _zones_of(b)}
        net.compile(("autodefined", vpc), known)
    return known


def _zones_of(block: Prefix) -> Iterator[str]:
    """The reverse zones of an IPv4 block, one for each /24 that it touches."""
    if block.family == 4:
        for number in range(block.first & ~0xFF, block.last + 1, 256):
            yield ".".join(reversed(address_text(number).split(".")[:3])) + ".in-addr.arpa"


def connected(net: Network, vpc: str) -> tuple[str, ...]:
    """The VPCs that a peering connection or a transit gateway connects."""
    return net.index.peers_of.get(vpc, ())


def _reverse_on(net: Network, vpc: str) -> bool:
    configs: list[Any] = net.topology.of_kind("resolver_config")
    return not any(c.resource_id == vpc and c.autodefined_reverse == "DISABLE" for c in configs)


def _seen_privately(net: Network, owner: str | None, vpc: str | None) -> bool:
    """Whether public names of `owner` answer with private addresses in `vpc`: its own, or allowed by a peering."""
    if owner == vpc:
        return True
    peerings = net.topology.of_kind("vpc_peering_connection")
    return owner is not None and _on(net, owner) and any(_allows(peering, owner, vpc) for peering in peerings)


def _allows(peering: Any, owner: str, vpc: str | None) -> bool:
    """Whether the side of the owner lets the other side see its private addresses."""
    sides = {
        getattr(side, "vpc_id", None): getattr(side, "peering_options", None)
        for side in (getattr(peering, f"{who}_vpc_info", None) for who in ("requester", "accepter"))
    }
    return (
        getattr(peering, "is_active", True)
        and vpc in sides
        and bool(getattr(sides.get(owner), "allow_dns_resolution_from_remote_vpc", False))
    )


def _on(net: Network, vpc: str) -> bool:
    resource: Any = net.topology.resources[vpc]
    return bool(resource.enable_dns_support and resource.enable_dns_hostnames)


def in_label(name: str, kind: str) -> int | None:
    """The address in the first label of `ip-10-0-0-5...` or `ec2-203-0-113-25...`."""
    match = _IN_LABEL.fullmatch(name.partition(".")[0])
    if match is None or match[1] != kind or name.count(".") < 1:
        return None
    try:
        return address(".".join(match.groups()[1:]))
    except ValueError:
        return None


def _one(query: Query, domain: str, type: str, data: str | None) -> Answer:
    if data is None:
        return negative(domain, NOERROR if query.name == domain else NXDOMAIN, ttl=TTL)
    if query.type != type:
        return negative(domain, NOERROR, ttl=TTL)
    return Answer(NOERROR, (Record(query.name, type, TTL, data),))


def _forward(query: Query, vantage: Vantage, net: Network) -> Answer:
    domain = services.instance_domain(net.topology.settings.region)
    number = in_label(query.name, "ip") if query.name.partition(".")[2] == domain else None
    held = number is not None and any((vpc, number) in net.index.interface_at for vpc in net.index.blocks)
    held = held or net.topology.settings.dns.synthesize_ip_names
    return _one(query, domain, "A", address_text(number) if held and number is not None else None)


def _public(query: Query, vantage: Vantage, net: Network) -> Answer:
    domain = services.public_instance_domain(net.topology.settings.region)
    number = in_label(query.name, "ec2") if query.name.partition(".")[2] == domain else None
    holder = net.holder_of_public(number) if number is not None else None
    if holder is None or number is None:
        return _one(query, domain, "A", None)
    inside = _seen_privately(net, net.vpc_of(holder.interface), vantage.vpc)
    return _one(query, domain, "A", address_text(holder.private if inside else number))


def _nothing(query: Query, vantage: Vantage, net: Network) -> Answer:
    return _one(query, "compute-1.internal", "A", None)


def _reverse(query: Query, vantage: Vantage, net: Network) -> Answer:
    labels = query.name.removesuffix(".in-addr.arpa").split(".")
    try:
        number = address(".".join(reversed(labels)))
    except ValueError:
        return negative("in-addr.arpa", NOERROR, ttl=TTL)
    zone = query.name.partition(".")[2]
    if not any(net.interface_at(vpc, number) for vpc in (vantage.vpc, *connected(net, vantage.vpc or ""))):
        return negative(zone, NXDOMAIN, ttl=TTL)
    name = f"ip-{address_text(number).replace('.', '-')}.{services.instance_domain(net.topology.settings.region)}."
    return _one(query, zone, "PTR", name)


LOCAL = {
    ("localhost", "A"): "127.0.0.1",
    ("localhost", "AAAA"): "::1",
    ("1.0.0.127.in-addr.arpa", "PTR"): "localhost.",
    (LOOPBACK6, "PTR"): "localhost.",
}
"""Source: RFC 6303 section 3, RFC 6761 section 6.3."""


def _localhost(query: Query, vantage: Vantage, net: Network) -> Answer:
    data = LOCAL.get((query.name, query.type))
    if data is not None:
        return Answer(NOERROR, (Record(query.name, query.type, TTL, data),))
    if query.type in ("A", "AAAA") and query.name.endswith(".localhost"):
        return Answer(NOERROR, (Record(query.name, query.type, TTL, LOCAL["localhost", query.type]),))
    exists = query.name in {name for name, _ in LOCAL} or query.name in ("localdomain", "127.in-addr.arpa", UNSPECIFIED6)
    return negative(query.name, NOERROR if exists else NXDOMAIN, ttl=TTL)
