"""A user's own Python on an instance of the model: unmodified boto3 and plain libraries meet the simulated network.

    with vpcsim.inside(net, "AppServer"):
        boto3.client("sqs").send_message(QueueUrl=url, MessageBody="Olá mundo!")

While such a block runs, some functions of the standard library and of botocore are replaced; they look which instance the
running context stands on, and do what they always did where it stands on none. Nothing of it remains after the last block.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

from vpcsim.cloud import Cloud
from vpcsim.guest.context import PATCHES, current, entered
from vpcsim.guest.guest import Guest
from vpcsim.guest.hosts import Hosts, Tcp, with_hosts
from vpcsim.network import Network

__all__ = ["Guest", "Tcp", "cloud_of", "inside"]

_clouds: WeakKeyDictionary[Network, Cloud] = WeakKeyDictionary()


def cloud_of(net: Network) -> Cloud:
    """The services of a network's account: what programs on its instances have sent stays there as long as the network."""
    if net not in _clouds:
        settings = net.topology.settings
        _clouds[net] = Cloud(net.topology.dump(), settings.region, settings.account)
    return _clouds[net]


@contextmanager
def inside(
    net: Network,
    instance: str,
    *,
    hosts: Mapping[str, Any] | None = None,
    cloud: Cloud | None = None,
    real_time: bool = False,
    programs: bool = False,
) -> Iterator[Guest]:
    """Run a block of code on an instance of the model.

    `hosts` gives handlers to hosts on the internet or in the VPC, see `vpcsim.guest.hosts`; a block inside of another one
    has those of the outer one too. `cloud` is the network's own unless one is given, to share it between two states of a
    network. Waits pass at once unless `real_time` is set. `programs` lets the code start programs, which run on this
    machine with its network and its settings; without it that is a PermissionError. Raises UnknownName for an instance
    that the model does not hold, and Undecided where the model cannot answer what the code does.
    """
    outer = current()
    cloud = cloud or cloud_of(net)
    net = with_hosts(net, hosts or {})
    given = Hosts(hosts or {}, net, outer.hosts if outer is not None and outer.cloud is cloud else None)
    guest = Guest(net, instance, cloud, given, real_time, programs)
    with PATCHES, entered(guest):
        yield guest
