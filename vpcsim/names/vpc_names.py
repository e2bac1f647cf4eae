"""Names of instances: by address and by id, public names that answer privately inside, reverse names, localhost.

The resolver makes these rules for a VPC with both DNS attributes on. A name by address answers A only; the reply for
another type is NODATA. A name by id answers the types that the options of the instance allow. Inside the VPC a public
name of an interface of that VPC answers with its private address, and in a peered VPC if the peering connection says so
on the side of the name, or if both are attached to a transit gateway with DNS support. Reverse names of private addresses
can be switched off. Where the model does not hold an instance's id, it is made up from the logical one. A public name of
an address that the model does not hold is undecided: somebody else may have it.

Not modelled here: names under ip.aws, reverse names of IPv6 addresses, and names of instances in other Regions.

Sources: https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html,
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/hostname-types.html,
https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-dns.html,
https://docs.aws.amazon.com/Route53/latest/APIReference/API_route53resolver_UpdateResolverConfig.html,
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-overview-forward-vpc-to-network-autodefined-rules.html.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from vpcsim import services
from vpcsim.fabric import Instance
from vpcsim.network import Network, PublicHolder
from vpcsim.prefixes import Prefix, address, address_text, family
from vpcsim.resolution import (
    NOERROR,
    NXDOMAIN,
    UNDECIDED,
    Answer,
    Lookup,
    Query,
    Record,
    Vantage,
    Zone,
    domains_of,
    negative,
    resolver_setting,
)
from vpcsim.stable import stable_hex

TTL = 60
LOOPBACK6 = ".".join("1" + "0" * 31) + ".ip6.arpa"
UNSPECIFIED6 = ".".join("0" * 32) + ".ip6.arpa"
LATTICE = ("vpc-lattice-svcs", "vpc-lattice-rsc")
"""In the names of services and of resources of VPC Lattice, before the Region.

Sources: https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-service-networks.html,
https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-resources.html
"""
NOT_PUBLIC = tuple(
    map(Prefix.parse, "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 127.0.0.0/8 169.254.0.0/16 fc00::/7 ::/127".split())
)
PRIVATE_REVERSE = ("10", *(f"{number}.172" for number in range(16, 32)), "168.192", "254.169.254.169")
_IN_LABEL = re.compile(r"(ip|ec2)-(\d+)-(\d+)-(\d+)-(\d+)")
_INSTANCE_ID = re.compile(r"i-(?:[0-9a-f]{8}|[0-9a-f]{17})")

Answerer = Callable[[Query, Vantage, Network], Answer]


class VpcNames:
    """The autodefined rules of a VPC as one source."""

    def zones(self, vantage: Vantage, net: Network) -> Iterator[Zone]:
        if vantage.vpc is not None and _on(net, vantage.vpc):
            for domain, answer in _rules(net, vantage.vpc).items():
                yield Zone(domain, vantage.vpc, "the VPC resolver", answer)

    def passed_over(self, name: str, vantage: Vantage, net: Network) -> Iterator[Lookup]:
        if vantage.vpc and not _on(net, vantage.vpc):
            region = net.topology.region_of(vantage.vpc)
            if {services.instance_domain(region), services.public_instance_domain(region)} & set(domains_of(name)):
                because = f"{vantage.vpc}: enable_dns_hostnames is off, so names of instances do not resolve"
                yield Lookup(vantage.vpc, because, f"{vantage.vpc}: enable_dns_hostnames on")
        elif vantage.vpc and name.endswith(".in-addr.arpa") and not _reverse_on(net, vantage.vpc):
            because = f"{vantage.vpc}: its autodefined reverse rules are off, so reverse names are asked elsewhere"
            yield Lookup(vantage.vpc, because)
        elif vantage.vpc and (found := holder_of_name(name, net)) is not None:
            yield from _not_shown(found[0], vantage.vpc, net)


def _rules(net: Network, vpc: str) -> dict[str, Answerer]:
    """By domain: who answers below it. The most specific domain decides."""
    known: dict[str, Answerer] | None = net.compiled(("autodefined rules", vpc))
    if known is None:
        region = net.topology.region_of(vpc)
        reverse = [f"{number}.in-addr.arpa" for number in PRIVATE_REVERSE]
        seen = (vpc, *_shown_to(net, vpc))
        blocks = [block for owner in seen for block in net.blocks_of(owner) if block.family == 4]
        reverse += [_reverse_zone(number) for block in blocks for number in _networks(block)]
        forward = {services.public_instance_domain(net.topology.region_of(owner)): _public for owner in seen}
        forward[services.instance_domain(region)] = _forward
        if region == "us-east-1":
            forward["compute-1.internal"] = _nothing
        for other in _regions_of_peers(net, vpc):
            theirs = dict.fromkeys((services.instance_domain(other), services.public_instance_domain(other)), _elsewhere)
            forward = {**theirs, **forward}
        local = dict.fromkeys(("localhost", "localdomain"), _localhost)
        loopback = dict.fromkeys(("127.in-addr.arpa", LOOPBACK6, UNSPECIFIED6), _loopback)
        known = net.compile(
            ("autodefined rules", vpc),
            {**dict.fromkeys(reverse if _reverse_on(net, vpc) else (), _reverse), **forward, **local, **loopback},
        )
    return known


def _reverse_on(net: Network, vpc: str) -> bool:
    return resolver_setting(vpc, "autodefined_reverse", net) != "DISABLE"


def _shown_to(net: Network, vpc: str | None) -> tuple[str, ...]:
    """The VPCs that show a VPC the private addresses behind their public names; both need their DNS attributes.

    They are peers of it, or attached to the same transit gateway or the same edge of a core network.
    Sources: https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-dns.html,
    https://docs.aws.amazon.com/vpc/latest/tgw/create-tgw.html,
    https://docs.aws.amazon.com/network-manager/latest/cloudwan/cloudwan-vpc-attachment.html
    """
    known: tuple[str, ...] | None = net.compiled(("shown to", vpc))
    if known is None:
        kinds = ("vpc_peering_connection", "transit_gateway", "core_network")
        ways: list[Any] = [way for kind in kinds for way in net.topology.of_kind(kind)]
        owners = dict.fromkeys(owner for way in ways for owner in way.shows_names_to(vpc, net.topology))
        shown = tuple(owner for owner in owners if owner in net.index.blocks and _on(net, owner))
        known = net.compile(("shown to", vpc), shown)
    return known


def _not_shown(holder: PublicHolder, vpc: str, net: Network) -> Iterator[Lookup]:
    """The active peerings by which the private address behind a public name could be shown, and is not.

    Source: https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-dns.html
    """
    owner = net.vpc_of(holder.interface) or ""
    peerings: list[Any] = net.topology.of_kind("vpc_peering_connection") if owner not in (vpc, *_shown_to(net, vpc)) else []
    for peering in peerings:
        if peering.is_active and {owner, vpc} == {*peering.vpc_ids}:
            because = f"{peering.id}: DNS resolution is off for {owner}, so its public names keep their public addresses in {vpc}"
            fix = f"{peering.id}: DNS resolution on for {owner}, so that the name leads to {address_text(holder.private)}"
            yield Lookup(peering.id, because, fix)


def _regions_of_peers(net: Network, vpc: str) -> set[str]:
    """Other Regions with a peer whose names the VPC resolves."""
    peerings: list[Any] = net.topology.of_kind("vpc_peering_connection")
    found = {region for peering in peerings for region in peering.regions_shown_to(vpc, net.topology)}
    return {region for region in found - {net.topology.region_of(vpc)} if services.is_region(region)}


def _networks(block: Prefix) -> range:
    """The first address of every /24 that a block touches."""
    return range(block.first & ~0xFF, block.last + 1, 256)


def _reverse_zone(number: int) -> str:
    return ".".join(reversed(address_text(number).split(".")[:3])) + ".in-addr.arpa"


def _on(net: Network, vpc: str) -> bool:
    resource: Any = net.topology.resources[vpc]
    return bool(resource.enable_dns_support and resource.enable_dns_hostnames)


def is_public(number: int) -> bool:
    """Whether an address is of the public internet, as far as its range tells."""
    return not any(block.holds(number) for block in NOT_PUBLIC)


def in_label(name: str, kind: str) -> int | None:
    """The address in the first label of `ip-10-0-0-5...` or `ec2-203-0-113-25...`."""
    match = _IN_LABEL.fullmatch(name.partition(".")[0])
    if match is None or match[1] != kind or name.count(".") < 1:
        return None
    try:
        return address(".".join(match.groups()[1:]))
    except ValueError:
        return None


def holder_of_name(name: str, net: Network) -> tuple[PublicHolder, int] | None:
    """The interface that a public name of an instance belongs to, and its public address.

    Only a VPC with both DNS attributes gives its instances such names.
    """
    number = in_label(name, "ec2")
    holder = net.holder_of_public(number) if number is not None else None
    vpc = net.vpc_of(holder.interface) if holder else None
    named = vpc is not None and name.partition(".")[2] == services.public_instance_domain(net.topology.region_of(vpc))
    return (holder, number) if holder and number is not None and vpc and named and _on(net, vpc) else None


def public_name(number: int, net: Network) -> str | None:
    """The public name of an instance by its public address, if it has one."""
    holder = net.holder_of_public(number)
    if holder is None or family(number) != 4:
        return None
    domain = services.public_instance_domain(net.topology.region_of(net.vpc_of(holder.interface)))
    name = f"ec2-{address_text(number).replace('.', '-')}.{domain}"
    return name if holder_of_name(name, net) else None


def _one(query: Query, domain: str, type: str, data: str | None) -> Answer:
    if data is None:
        return negative(domain, NOERROR if query.name == domain else NXDOMAIN, ttl=TTL)
    if query.type != type:
        return negative(domain, NOERROR, ttl=TTL)
    return Answer(NOERROR, (Record(query.name, type, TTL, data),))


def not_in_the_model(name: str, net: Network) -> Answer | None:
    """That a public name of an instance, of whatever Region, is of an address that the model does not hold."""
    domain = name.partition(".")[2]
    if domain.endswith(".ip.aws") and services.is_region(domain.removesuffix(".ip.aws")):
        return Answer(UNDECIDED, because=f"names under ip.aws are not modelled, so {name} is not known")
    if domain.endswith(".on.aws") and any(f".{kind}." in domain for kind in LATTICE):
        return Answer(UNDECIDED, because=f"{name} is a name of VPC Lattice, whose services and resources are not in the model")
    number = in_label(name, "ec2") if domain in _public_instance_domains() else None
    if number is None or not is_public(number) or net.holder_of_public(number) is not None:
        return None
    return Answer(UNDECIDED, because=f"whether an instance of somebody else has {address_text(number)} is not in the model")


@cache
def _public_instance_domains() -> frozenset[str]:
    return frozenset(map(services.public_instance_domain, services.regions()))


def _elsewhere(query: Query, vantage: Vantage, net: Network) -> Answer:
    """A name of a Region where a peer is. Its interfaces are known if the model holds that VPC."""
    number = in_label(query.name, "ip")
    if number is not None and any((vpc, number) in net.index.interface_at for vpc in _shown_to(net, vantage.vpc)):
        return _one(query, query.name.partition(".")[2], "A", address_text(number))
    return Answer(UNDECIDED, because=f"the peer's Region is not in the model, so {query.name} is not known")


def _nothing(query: Query, vantage: Vantage, net: Network) -> Answer:
    return _one(query, "compute-1.internal", "A", None)


def _forward(query: Query, vantage: Vantage, net: Network) -> Answer:
    domain = services.instance_domain(net.topology.region_of(vantage.vpc))
    if query.name.partition(".")[2] == domain and (instance := _by_id(net).get(query.name.partition(".")[0])):
        return _named_by_id(instance, query, domain, vantage, net)
    number = in_label(query.name, "ip") if query.name.partition(".")[2] == domain else None
    held = number is not None and any((vpc, number) in net.index.interface_at for vpc in _of_the_region(vantage.vpc, net))
    held = held or net.topology.settings.dns.synthesize_ip_names
    return _one(query, domain, "A", address_text(number) if held and number is not None else None)


def _of_the_region(vpc: str | None, net: Network) -> Iterator[str]:
    region = net.topology.region_of(vpc)
    return (other for other in net.index.blocks if net.topology.region_of(other) == region)


def resource_name(instance: str) -> str:
    """The first label of an instance's name by id: the id, or one made up from a logical id."""
    return instance if _INSTANCE_ID.fullmatch(instance) else f"i-{stable_hex(instance)}"


def _by_id(net: Network) -> dict[str, Instance]:
    known: dict[str, Instance] | None = net.compiled("instances by name")
    return known or net.compile("instances by name", {resource_name(i.id): i for i in net.topology.of(Instance)})


def _named_by_id(instance: Instance, query: Query, domain: str, vantage: Vantage, net: Network) -> Answer:
    """Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/hostname-types.html"""
    interface = net.interfaces_of(instance.id)[0]
    if net.vpc_of(interface) != vantage.vpc:
        because = (
            f"AWS's pages do not say whether {vantage.vpc} resolves the name by id of an instance in {net.vpc_of(interface)}"
        )
        return Answer(UNDECIDED, because=because)
    wanted = {"A": 4, "AAAA": 6}.get(query.type)
    found = next((a for a in net.index.addresses_of[interface] if family(a) == wanted), None)
    if found is None or not _answers(instance, net.subnet_of(interface) or "", query.type, net):
        return negative(domain, NOERROR, ttl=TTL)
    return _one(query, domain, query.type, address_text(found))


def _answers(instance: Instance, subnet_id: str, type: str, net: Network) -> bool:
    """Whether the options of the instance, or else of its subnet, allow a type: AAAA is on where there is no IPv4."""
    subnet: Any = net.topology.resources[subnet_id]
    field = f"enable_resource_name_dns_{type.lower()}_record"
    for options in (instance.private_dns_name_options, subnet.private_dns_name_options_on_launch):
        asked = getattr(options, field, None)
        if asked is not None:
            return bool(asked)
    return type == "AAAA" and subnet.cidr_block is None


def _public(query: Query, vantage: Vantage, net: Network) -> Answer:
    domain = query.name.partition(".")[2]
    found = holder_of_name(query.name, net)
    if found is None:
        return not_in_the_model(query.name, net) or _one(query, domain, "A", None)
    holder, number = found
    inside = net.vpc_of(holder.interface) in (vantage.vpc, *_shown_to(net, vantage.vpc))
    return _one(query, domain, "A", address_text(holder.private if inside else number))


def _reverse(query: Query, vantage: Vantage, net: Network) -> Answer:
    labels = query.name.removesuffix(".in-addr.arpa").split(".")
    zone = query.name.partition(".")[2]
    try:
        number = address(".".join(reversed(labels)))
    except ValueError:
        return negative(zone, NOERROR, ttl=TTL)
    owner = next((v for v in (vantage.vpc, *_shown_to(net, vantage.vpc)) if net.interface_at(v, number)), None)
    if owner is None:
        return negative(zone, NXDOMAIN, ttl=TTL)
    name = f"ip-{address_text(number).replace('.', '-')}.{services.instance_domain(net.topology.region_of(owner))}."
    return _one(query, zone, "PTR", name)


def _localhost(query: Query, vantage: Vantage, net: Network) -> Answer:
    return _one(query, "localhost", "AAAA" if query.type == "AAAA" else "A", "::1" if query.type == "AAAA" else "127.0.0.1")


def _loopback(query: Query, vantage: Vantage, net: Network) -> Answer:
    named = query.name in ("1.0.0.127.in-addr.arpa", LOOPBACK6)
    return _one(query, query.name.partition(".")[2], "PTR", "localhost." if named else None)
