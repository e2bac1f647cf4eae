"""The shapes of a hosted zone's records.

Source: https://docs.aws.amazon.com/Route53/latest/APIReference/API_ResourceRecordSet.html
"""

from collections.abc import Mapping
from typing import Annotated, Any

from vpcsim.shape import Read, Shape, field

DomainName = Annotated[str, Read(lambda v: str(v).rstrip(".").lower().replace("\\052", "*"))]


class ResourceRecord(Shape):
    """One value."""

    value: str

    @classmethod
    def read_text(cls, text: str) -> Mapping[str, Any]:
        return {"Value": text}


class AliasTarget(Shape):
    """Another name whose addresses answer in this name's place."""

    dns_name: DomainName = field(api="DNSName")
    hosted_zone_id: str = ""
    evaluate_target_health: bool = False


class GeoLocation(Shape):
    """Where a query comes from: a continent, a country (`*` is everywhere else), or a state of a country."""

    continent_code: str = ""
    country_code: str = ""
    subdivision_code: str = ""

    def __str__(self) -> str:
        return "-".join(filter(None, (self.continent_code, self.country_code, self.subdivision_code)))


class Coordinates(Shape):
    """A place on the globe, in degrees."""

    latitude: Annotated[str, Read(str)]
    longitude: Annotated[str, Read(str)]


class GeoProximityLocation(Shape):
    """Where a resource is, and how much nearer it is to be taken for: 50 halves every distance, -50 doubles it."""

    aws_region: str = field(default="", api="AWSRegion")
    local_zone_group: str = ""
    coordinates: Coordinates | None = None
    bias: int = field(default=0, ge=-99, le=99)


class ResourceRecordSet(Shape):
    """All values of one name and type, or with a routing policy one choice of them."""

    name: DomainName
    type: str = "A"
    ttl: int = field(default=300, api="TTL", ge=0, le=2147483647)
    resource_records: tuple[ResourceRecord, ...] = ()
    alias_target: AliasTarget | None = None
    set_identifier: str = field(default="", max_length=128)
    weight: int | None = field(default=None, ge=0, le=255)
    region: str = ""
    failover: str = field(default="", pattern="^(PRIMARY|SECONDARY|)$")
    multi_value_answer: bool = False
    geo_location: GeoLocation | None = None
    geo_proximity_location: GeoProximityLocation | None = None
    cidr_routing_config: Any = None
    health_check_id: str = ""

    @property
    def policy(self) -> str:
        """The routing policy."""
        policies = {
            "weighted": self.weight is not None,
            "latency": bool(self.region),
            "failover": bool(self.failover),
            "multivalue answer": self.multi_value_answer,
            "geolocation": self.geo_location is not None,
            "geoproximity": self.geo_proximity_location is not None,
            "IP-based": self.cidr_routing_config is not None,
        }
        return " and ".join(name for name, chosen in policies.items() if chosen) or "simple"
