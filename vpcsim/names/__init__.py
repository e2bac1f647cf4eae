"""The sources of names, one file each, in AWS's order of precedence.

The most specific domain wins wherever it lives; between equals this order decides. A source says which zone of its own
matches a name best (`zone_for`), and why one that people might expect does not come into question (`passed_over`).

Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/hosted-zone-private-considerations.html
"""

from collections.abc import Iterator
from typing import Protocol

from vpcsim.names.endpoint_names import EndpointNames
from vpcsim.names.hosted_zone import HealthCheck, HostedZone, HostedZones
from vpcsim.names.load_balancer_names import LoadBalancerNames
from vpcsim.names.public_names import Host, PublicNames
from vpcsim.names.service_names import ServiceNames
from vpcsim.names.vpc_names import VpcNames
from vpcsim.network import Network
from vpcsim.resolution import Vantage, Zone


class NameSource(Protocol):
    """What `resolving` asks of a source of names."""

    def zone_for(self, name: str, vantage: Vantage, net: Network) -> Zone | None:
        """The zone of this source whose domain matches the name best, or None."""

    def passed_over(self, name: str, vantage: Vantage, net: Network) -> Iterator[tuple[str, str]]:
        """Ids of resources that would be expected to answer but cannot, each with the reason."""


NAMES: tuple[NameSource, ...] = (HostedZones(), EndpointNames(), LoadBalancerNames(), ServiceNames(), VpcNames(), PublicNames())
ZONES = (HostedZone, HealthCheck, Host)
