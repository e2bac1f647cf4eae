"""The sources of names, one file each, in AWS's order of precedence.

The most specific domain wins wherever it lives; between equals this order decides. A source says which zones it has from
where a question is asked (`zones`), and why one that people might expect is none of them (`passed_over`).

Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zone-private-considerations.html
"""

from collections.abc import Iterable, Iterator
from typing import Any, Protocol

from vpcsim.names.dns_firewall import DnsFirewall, FirewallDomainList, FirewallRuleGroup
from vpcsim.names.dns_server import DnsServer
from vpcsim.names.endpoint_names import EndpointNames
from vpcsim.names.hosted_zone import HealthCheck, HostedZone, HostedZones
from vpcsim.names.load_balancer_names import LoadBalancerNames
from vpcsim.names.profile import Profile, ProfileRules, ProfileZones
from vpcsim.names.public_names import Host, PublicNames
from vpcsim.names.query_log_config import QueryLogConfig
from vpcsim.names.resolver_config import ResolverConfig
from vpcsim.names.resolver_endpoint import ResolverEndpoint
from vpcsim.names.resolver_rule import ResolverRule, ResolverRules
from vpcsim.names.service_names import ServiceNames
from vpcsim.names.vpc_names import VpcNames
from vpcsim.network import Network
from vpcsim.resolution import Judgement, Lookup, Query, Vantage, Zone


class NameSource(Protocol):
    """What `resolving` asks of a source of names."""

    def zones(self, vantage: Vantage, net: Network) -> Iterable[Zone]:
        """The zones of this source, one for each domain: the same for every asker in a VPC, but for an inbound endpoint."""

    def passed_over(self, name: str, vantage: Vantage, net: Network) -> Iterator[Lookup]:
        """Resources that would be expected to own a name but have no zone from here, each with the reason."""


class Filter(Protocol):
    """What looks at a query before any source does."""

    def judge(self, query: Query, vantage: Vantage, net: Network) -> Judgement | None:
        """The decision about a query, or None if nothing matches it."""

    def assumptions(self, query: Query, vantage: Vantage, net: Network) -> Iterator[str]:
        """What had to be taken for granted about it."""


FILTERS: tuple[Filter, ...] = (DnsFirewall(),)
NAMES: tuple[NameSource, ...] = (
    ResolverRules(),
    HostedZones(),
    EndpointNames(),
    LoadBalancerNames(),
    ProfileRules(),
    ProfileZones(),
    ServiceNames(),
    VpcNames(),
    PublicNames(),
)
ZONES: tuple[Any, ...] = (
    HostedZone,
    HealthCheck,
    Host,
    ResolverEndpoint,
    ResolverRule,
    ResolverConfig,
    FirewallDomainList,
    FirewallRuleGroup,
    Profile,
    DnsServer,
    QueryLogConfig,
)
