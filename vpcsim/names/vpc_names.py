"""Names of instances: IP-based private names, public names that answer privately inside, reverse names, localhost.

The resolver makes these rules for a VPC with both DNS attributes on. An IP-based name answers A only; the reply for
another type is NODATA. Inside the VPC a public name of an interface of that VPC answers with its private address.

Not modelled here: resource-based names and their flags, DNS options of peerings.

Sources: https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html,
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/hostname-types.html,
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-overview-forward-vpc-to-network-autodefined-rules.html.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from vpcsim import services
from vpcsim.network import Network
from vpcsim.prefixes import address, address_text
from vpcsim.resolution import NOERROR, NXDOMAIN, Answer, Query, Record, Vantage, Zone, domains_of, negative

TTL = 60
_IN_LABEL = re.compile(r"(ip|ec2)-(\d+)-(\d+)-(\d+)-(\d+)")


class VpcNames:
    """The autodefined rules of a VPC as one source."""

    def zone_for(self, name: str, vantage: Vantage, net: Network) -> Zone | None:
        if vantage.vpc is None or not _on(net, vantage.vpc):
            return None
        region = net.topology.settings.region
        known = {
            services.instance_domain(region): _forward,
            services.public_instance_domain(region): _public,
            "in-addr.arpa": _reverse,
            "localhost": _localhost,
        }
        for domain in domains_of(name):
            if answer := known.get(domain):
                return Zone(domain, vantage.vpc, "the VPC resolver", answer)
        return None

    def passed_over(self, name: str, vantage: Vantage, net: Network) -> Iterator[tuple[str, str]]:
        if vantage.vpc and not _on(net, vantage.vpc):
            region = net.topology.settings.region
            if {services.instance_domain(region), services.public_instance_domain(region)} & set(domains_of(name)):
                yield vantage.vpc, "enable_dns_hostnames is off, so names of instances do not resolve"


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
    return _one(query, domain, "A", address_text(number) if held and number is not None else None)


def _public(query: Query, vantage: Vantage, net: Network) -> Answer:
    domain = services.public_instance_domain(net.topology.settings.region)
    number = in_label(query.name, "ec2") if query.name.partition(".")[2] == domain else None
    holder = net.holder_of_public(number) if number is not None else None
    if holder is None or number is None:
        return _one(query, domain, "A", None)
    inside = net.vpc_of(holder.interface) == vantage.vpc
    return _one(query, domain, "A", address_text(holder.private if inside else number))


def _reverse(query: Query, vantage: Vantage, net: Network) -> Answer:
    labels = query.name.removesuffix(".in-addr.arpa").split(".")
    try:
        number = address(".".join(reversed(labels)))
    except ValueError:
        return negative("in-addr.arpa", NOERROR, ttl=TTL)
    if net.interface_at(vantage.vpc, number) is None:
        return negative(query.name.partition(".")[2], NXDOMAIN, ttl=TTL)
    name = f"ip-{address_text(number).replace('.', '-')}.{services.instance_domain(net.topology.settings.region)}."
    return _one(query, query.name.partition(".")[2], "PTR", name)


def _localhost(query: Query, vantage: Vantage, net: Network) -> Answer:
    return _one(query, "localhost", "AAAA" if query.type == "AAAA" else "A", "::1" if query.type == "AAAA" else "127.0.0.1")
