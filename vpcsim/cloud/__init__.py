"""The service data plane behind reachable calls: the model's queues, buckets and so on, kept by moto.

Reads a topology's dump, plain describe-shaped values, and knows no room. moto holds what services hold, never the network.
"""

from vpcsim.cloud.cloud import Cloud, Credentials
from vpcsim.cloud.console import response
from vpcsim.cloud.fates import Denied, Elsewhere, Fate, NameFails, Reached, TimesOut, WrongName
from vpcsim.cloud.plane import Plane

__all__ = [
    "Cloud",
    "Credentials",
    "Denied",
    "Elsewhere",
    "Fate",
    "NameFails",
    "Plane",
    "Reached",
    "TimesOut",
    "WrongName",
    "response",
]
