"""The service data plane behind reachable calls: real boto3 clients, answered by moto, with a network in front.

Reads a topology's dump, plain describe-shaped values, and asks a caller's function what becomes of each request; it
knows no room. moto holds the queues, never the network.
"""

from vpcsim.cloud.plane import Denied, Fate, NameFails, Plane, Reached, TimesOut, WrongName

__all__ = ["Denied", "Fate", "NameFails", "Plane", "Reached", "TimesOut", "WrongName"]
