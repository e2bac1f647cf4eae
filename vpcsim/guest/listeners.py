"""Sockets with which programs on instances listen: they are really bound, to the loopback of this machine.

So a server that runs inside is reached from inside, over the network of the model, and nothing else of this machine is.
"""

from __future__ import annotations

import os
from typing import NamedTuple
from weakref import WeakKeyDictionary

from vpcsim.cloud import Cloud


class Listener(NamedTuple):
    """A bound socket, told by its descriptor and inode: objects around it come and go. `port` is the one of the loopback."""

    descriptor: int
    inode: int
    port: int


_bound: WeakKeyDictionary[Cloud, dict[tuple[str, int], Listener]] = WeakKeyDictionary()
"""By cloud: by instance and port."""


def bound(cloud: Cloud, place: str, port: int, descriptor: int, real: int) -> None:
    """Note that a socket of this process has a port of an instance."""
    _bound.setdefault(cloud, {})[place, port] = Listener(descriptor, os.fstat(descriptor).st_ino, real)


def listening(cloud: Cloud, place: str, port: int) -> int | None:
    """The port on the loopback of this machine behind a port of an instance."""
    listener = _bound.get(cloud, {}).get((place, port))
    try:
        return listener.port if listener and os.fstat(listener.descriptor).st_ino == listener.inode else None
    except OSError:
        return None
