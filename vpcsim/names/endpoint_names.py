"""Names that interface endpoints bring: the service's own names inside the VPC, and the endpoint-specific ones everywhere.

With private DNS on, a hidden private zone for each of the service's names answers with the addresses of the endpoint's
interfaces, in that VPC only; a name below that the zone lacks does not exist. For a customer's endpoint service the zone
holds a CNAME to the endpoint's regional name. The endpoint-specific names are public records of private addresses:
regional (all zones) and zonal (one). Every interface is in one answer, with a TTL of 60 seconds as observed.

A gateway endpoint for S3 may say which records S3's names have in its VPC, whichever name is called: their addresses stay
the public ones.

Sources: https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html,
https://docs.aws.amazon.com/vpc/latest/privatelink/manage-dns-names.html,
https://docs.aws.amazon.com/AmazonS3/latest/userguide/privatelink-interface-endpoints.html.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from vpcsim import services
from vpcsim.gateways.interface_endpoint import InterfaceEndpoint
from vpcsim.network import Network
from vpcsim.prefixes import address_text, family
from vpcsim.resolution import NOERROR, NXDOMAIN, RECURSION, Answer, Lookup, Query, Record, Vantage, Zone, domains_of, negative

TTL = 60
PRIVATE = "the private DNS of the endpoint"
PENDING = "pendingacceptance"
PUBLIC_API = (
    f"{RECURSION}: is not asked, so {{}} is taken for a private API: a public one answers 403 through an endpoint, and is "
    "reached by a custom domain name"
)
"""Source: https://repost.aws/knowledge-center/api-gateway-vpc-connections"""


class _HiddenZone(NamedTuple):
    """One name of a service: whether it answers itself, and whether everything below it does."""

    domain: str
    interfaces: Sequence[str]
    apex: bool
    wildcard: bool
    families: tuple[int, ...]
    alias: str = ""
    taken: bool = False
    """Whether names below may be those of others, which are not reached by the endpoint."""

    def answer(self, query: Query, vantage: Vantage, net: Network) -> Answer:
        answers = self.apex if query.name == self.domain else self.wildcard
        if not answers:
            return negative(self.domain, NOERROR if query.name == self.domain else NXDOMAIN, ttl=TTL)
        if self.alias:
            return Answer(NOERROR, (Record(query.name, "CNAME", TTL, f"{self.alias}."),))
        records = tuple(address_records(query, self.interfaces, self.families, net))
        if not records:
            return negative(self.domain, NOERROR, ttl=TTL)
        return Answer(NOERROR, records, steps=(Lookup(RECURSION, PUBLIC_API.format(query.name)),) if self.taken else ())


class EndpointNames:
    """Both kinds of names as one source: they are zones of AWS's own."""

    def zones(self, vantage: Vantage, net: Network) -> Iterator[Zone]:
        for endpoint in net.topology.of(InterfaceEndpoint):
            if endpoint.vpc_id == vantage.vpc and _names_work(endpoint, net, vantage.came_in(net)):
                yield from _private_zones(endpoint, net)
            yield from _public_zones(endpoint, net)
        for gateway in net.topology.of_kind("gateway_endpoint") if vantage.vpc else ():
            if getattr(gateway, "vpc_id", None) == vantage.vpc:
                yield from _customised_zones(gateway, net)

    def passed_over(self, name: str, vantage: Vantage, net: Network) -> Iterator[Lookup]:
        for domain, endpoint in _might_own(name, net) if vantage.vpc else ():
            because, fix = _unused(endpoint, name, domain, vantage, net)
            if because:
                yield Lookup(endpoint.id, f"{endpoint.id}: {because}", fix)


def private_zones(endpoint: InterfaceEndpoint, net: Network) -> Iterator[Zone]:
    """The hidden zones of one endpoint, for a Profile that brings them to other VPCs."""
    if _names_work(endpoint, net):
        yield from _private_zones(endpoint, net)


def address_records(query: Query, interfaces: Sequence[str], families: Sequence[int], net: Network) -> Iterator[Record]:
    """The A or AAAA records of interfaces, in their order, if the name has records of that family."""
    wanted = {"A": 4, "AAAA": 6}.get(query.type)
    if wanted not in families:
        return
    for interface in interfaces:
        for number in net.index.addresses_of.get(interface, ()):
            if family(number) == wanted:
                yield Record(query.name, query.type, TTL, address_text(number))


def _might_own(name: str, net: Network) -> Iterable[tuple[str, InterfaceEndpoint]]:
    """The endpoints to which a name would belong if they answered it privately, each with the domain, in the model's order."""
    found: dict[int, tuple[str, InterfaceEndpoint]] = {}
    for domain in domains_of(name):
        for number, endpoint in _by_domain(net).get(domain, ()):
            found.setdefault(number, (domain, endpoint))
    return (found[number] for number in sorted(found))


def _by_domain(net: Network) -> dict[str, list[tuple[int, InterfaceEndpoint]]]:
    known: dict[str, list[tuple[int, InterfaceEndpoint]]] | None = net.compiled("endpoints by domain")
    if known is None:
        known = net.compile("endpoints by domain", {})
        for number, endpoint in enumerate(net.topology.of(InterfaceEndpoint)):
            names = endpoint.replaced(private_dns_enabled=True).private_dns_names
            for domain in dict.fromkeys(name.removeprefix("*.") for name in names):
                known.setdefault(domain, []).append((number, endpoint))
    return known


def _unused(endpoint: InterfaceEndpoint, name: str, domain: str, vantage: Vantage, net: Network) -> tuple[str, str]:
    """Why the private DNS of an endpoint does not answer for a name of its service, and what would help.

    Source: https://docs.aws.amazon.com/whitepapers/latest/building-scalable-secure-multi-vpc-network-infrastructure/
    centralized-access-to-vpc-private-endpoints.html (a private hosted zone in place of private DNS, for other VPCs)
    """
    inbound, id, vpc = vantage.came_in(net), endpoint.id, endpoint.vpc_id
    if vpc != vantage.vpc:
        if not _names_work(endpoint, net):
            return "", ""
        fix = f"a private hosted zone {domain} for {vpc} and {vantage.vpc} with an alias to {id}, in place of its private DNS"
        return f"its private DNS answers in {vpc} only", fix
    if not endpoint.private_dns_enabled:
        because = f"serves {endpoint.service_name}, but its private DNS is off, so {name} is not its name"
        return because, f"{id}: private DNS on, or {endpoint.regional_name} in place of {name}"
    if not endpoint.carries:
        because, pending = f"is in state {endpoint.state}, so its private DNS does not answer", endpoint.state.lower() == PENDING
        return because, f"{endpoint.service_name}: its provider accepts {id}" if pending else ""
    if endpoint.for_inbound_resolvers_only and not inbound:
        because = f"its private DNS answers inbound resolver endpoints only, so {name} stays public inside the VPC"
        return because, f"{id}: private_dns_only_for_inbound_resolver_endpoint off"
    if not _names_work(endpoint, net, inbound):
        return f"its private DNS needs both DNS attributes of {vpc}", f"{vpc}: both DNS attributes on"
    return "", ""


def _names_work(endpoint: InterfaceEndpoint, net: Network, inbound: bool = False) -> bool:
    vpc: Any = net.topology.resources[endpoint.vpc_id]
    usable: bool = vpc.enable_dns_support and vpc.enable_dns_hostnames and endpoint.carries
    return usable and (inbound or not endpoint.for_inbound_resolvers_only)


def _private_zones(endpoint: InterfaceEndpoint, net: Network) -> Iterator[Zone]:
    """Source for the CNAME: https://docs.aws.amazon.com/vpc/latest/privatelink/manage-dns-names.html"""
    alias = endpoint.regional_name if services.is_customer_service(endpoint.service_name) else ""
    names, interfaces = endpoint.private_dns_names, net.interfaces_of(endpoint.id)
    for domain in dict.fromkeys(name.removeprefix("*.") for name in names):
        families = endpoint.record_families(domain, True)
        taken = endpoint.service_name.endswith(".execute-api")
        zone = _HiddenZone(domain, interfaces, domain in names, f"*.{domain}" in names, families, alias, taken)
        yield Zone(domain, endpoint.id, PRIVATE, zone.answer)


def _customised_zones(endpoint: Any, net: Network) -> Iterator[Zone]:
    """Source: https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html (DNS record IP type)"""
    region, families = endpoint.served_region(net.topology), endpoint.record_families
    end = f"{region}.{services.dns_suffix(region)}"
    for domain in (f"s3.{end}", f"s3.dualstack.{end}") if families else ():
        zone = _Customised(domain, f"s3.dualstack.{end}", families)
        yield Zone(domain, endpoint.id, "public DNS, as the gateway endpoint customises it,", zone.answer)


class _Customised(NamedTuple):
    """A name of S3 and all below it, with records of these families alone."""

    domain: str
    dual_stack: str
    families: tuple[int, ...]

    def answer(self, query: Query, vantage: Vantage, net: Network) -> Answer:
        wanted = {"A": 4, "AAAA": 6}.get(query.type)
        told = {4: services.public_addresses(query.name), 6: services.public_addresses6(self._with_ipv6(query.name))}
        records = tuple(Record(query.name, query.type, TTL, a) for a in told.get(wanted or 0, ()) if wanted in self.families)
        if not records:
            return negative(self.domain, NOERROR if told[4] else NXDOMAIN, ttl=TTL)
        return Answer(NOERROR, records, assumption=f"the public address of {query.name} is invented, inside AWS's prefixes")

    def _with_ipv6(self, name: str) -> str:
        return name.removesuffix(self.domain) + self.dual_stack


def _public_zones(endpoint: InterfaceEndpoint, net: Network) -> Iterator[Zone]:
    interfaces = net.interfaces_of(endpoint.id)
    yield _specific_zone(endpoint, endpoint.regional_name, interfaces)
    for interface in () if endpoint.across_regions else interfaces:
        subnet: Any = net.topology.resources[net.subnet_of(interface) or ""]
        yield _specific_zone(endpoint, endpoint.zonal_name(subnet.availability_zone), (interface,))


def _specific_zone(endpoint: InterfaceEndpoint, name: str, interfaces: Sequence[str]) -> Zone:
    """S3's names stand below: `bucket.vpce-...`.

    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/privatelink-interface-endpoints.html
    """
    below = endpoint.service_name.endswith(".s3")
    zone = _HiddenZone(name, interfaces, True, below, endpoint.record_families(name, False))
    return Zone(name, endpoint.id, "the endpoint-specific name", zone.answer)
