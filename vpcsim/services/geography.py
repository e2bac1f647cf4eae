"""Where Regions are: continent, country and state as AWS names them, and roughly where on the globe.

AWS says in which country a Region lies, in the United States and Canada also in which state; the coordinates are those of the
city that the Region is named for, or of the state's middle, and no page confirms them.

Source: https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html
"""

from __future__ import annotations

from math import asin, cos, radians, sin, sqrt
from typing import NamedTuple

from vpcsim.errors import UnknownName

EARTH_RADIUS = 6371.0


class Place(NamedTuple):
    """Codes as geolocation records use them (ISO 3166 but for the continents), and degrees."""

    continent: str
    country: str
    state: str
    latitude: float
    longitude: float


_PLACES = {
    "af-south-1": Place("AF", "ZA", "", -33.9, 18.4),
    "ap-east-1": Place("AS", "HK", "", 22.3, 114.2),
    "ap-east-2": Place("AS", "TW", "", 25.0, 121.5),
    "ap-northeast-1": Place("AS", "JP", "", 35.7, 139.7),
    "ap-northeast-2": Place("AS", "KR", "", 37.6, 127.0),
    "ap-northeast-3": Place("AS", "JP", "", 34.7, 135.5),
    "ap-south-1": Place("AS", "IN", "", 19.1, 72.9),
    "ap-south-2": Place("AS", "IN", "", 17.4, 78.5),
    "ap-southeast-1": Place("AS", "SG", "", 1.35, 103.8),
    "ap-southeast-2": Place("OC", "AU", "", -33.9, 151.2),
    "ap-southeast-3": Place("AS", "ID", "", -6.2, 106.8),
    "ap-southeast-4": Place("OC", "AU", "", -37.8, 145.0),
    "ap-southeast-5": Place("AS", "MY", "", 3.1, 101.7),
    "ap-southeast-6": Place("OC", "NZ", "", -36.8, 174.8),
    "ap-southeast-7": Place("AS", "TH", "", 13.8, 100.5),
    "ca-central-1": Place("NA", "CA", "", 45.5, -73.6),
    "ca-west-1": Place("NA", "CA", "", 51.0, -114.1),
    "cn-north-1": Place("AS", "CN", "", 39.9, 116.4),
    "cn-northwest-1": Place("AS", "CN", "", 37.5, 105.2),
    "eu-central-1": Place("EU", "DE", "", 50.1, 8.7),
    "eu-central-2": Place("EU", "CH", "", 47.4, 8.5),
    "eu-north-1": Place("EU", "SE", "", 59.3, 18.1),
    "eu-south-1": Place("EU", "IT", "", 45.5, 9.2),
    "eu-south-2": Place("EU", "ES", "", 41.6, -0.9),
    "eu-west-1": Place("EU", "IE", "", 53.3, -6.3),
    "eu-west-2": Place("EU", "GB", "", 51.5, -0.1),
    "eu-west-3": Place("EU", "FR", "", 48.9, 2.3),
    "il-central-1": Place("AS", "IL", "", 32.1, 34.8),
    "me-central-1": Place("AS", "AE", "", 24.5, 54.4),
    "me-south-1": Place("AS", "BH", "", 26.2, 50.6),
    "mx-central-1": Place("NA", "MX", "", 20.6, -100.4),
    "sa-east-1": Place("SA", "BR", "", -23.6, -46.6),
    "us-east-1": Place("NA", "US", "VA", 38.9, -77.4),
    "us-east-2": Place("NA", "US", "OH", 40.0, -83.0),
    "us-gov-east-1": Place("NA", "US", "", 40.0, -83.0),
    "us-gov-west-1": Place("NA", "US", "", 45.8, -119.7),
    "us-west-1": Place("NA", "US", "CA", 37.4, -121.9),
    "us-west-2": Place("NA", "US", "OR", 45.8, -119.7),
}


def place_of(region: str) -> Place | None:
    """Where a Region is, or None for one whose place is not known."""
    return _PLACES.get(region)


def distance(first: tuple[float, float], second: tuple[float, float]) -> float:
    """The kilometres between two places, each a latitude and a longitude in degrees."""
    (north, east), (north2, east2) = (tuple(map(radians, place)) for place in (first, second))
    half = sin((north2 - north) / 2) ** 2 + cos(north) * cos(north2) * sin((east2 - east) / 2) ** 2
    return 2 * EARTH_RADIUS * asin(sqrt(half))


def distance_of_regions(first: str, second: str) -> float:
    """The kilometres between two Regions. Raises UnknownName for one whose place is not known."""
    places = [place_of(region) for region in (first, second)]
    if places[0] is None or places[1] is None:
        raise UnknownName("place for the Region", second if places[1] is None else first, tuple(_PLACES))
    return distance(places[0][3:], places[1][3:])
