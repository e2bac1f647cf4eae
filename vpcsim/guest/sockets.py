"""`socket` as on the instance: connections are decided by the network, and made inside of this process.

A connection that is answered becomes one end of a socket pair under the program's own file descriptor; the other end is
served by a thread. So event loops, TLS and every library above work as they are. What is not answered raises what Linux
raises, with the reason as a note; a wait passes at once unless the guest lives in real time.

Sources: connect(2), tcp(7), https://docs.python.org/3/library/socket.html.
"""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Iterator
from typing import Any
from weakref import WeakKeyDictionary

from vpcsim.cloud.fates import noted
from vpcsim.errors import Undecided
from vpcsim.guest import resolver
from vpcsim.guest.context import current
from vpcsim.guest.guest import KERNEL_TIMEOUT, Answered, Closed, Guest, Local, NoAddress, Silence
from vpcsim.guest.hosts import Server
from vpcsim.guest.listeners import bound
from vpcsim.guest.serving import serve
from vpcsim.offline import offline
from vpcsim.patches import Replacement
from vpcsim.prefixes import address, address_text, family

_INTERNET = (socket.AF_INET, socket.AF_INET6)
_LEVELS = (socket.IPPROTO_TCP, socket.IPPROTO_IP, socket.IPPROTO_IPV6)
_own: dict[str, Any] = {
    name: getattr(socket.SocketType, name)
    for name in ("connect", "connect_ex", "bind", "sendto", "getpeername", "getsockname", "setsockopt", "getsockopt")
}
_ends: dict[int, tuple[Any, Any]] = {}
"""By the inode of a simulated connection's socket: the addresses of both ends. The oldest are forgotten."""
_MOST_ENDS = 4096
_asked: WeakKeyDictionary[Any, tuple[Any, ...]] = WeakKeyDictionary()
"""By socket: the address that it was bound to, where it really has one of the loopback."""


def replacements() -> Iterator[Replacement]:
    """What stands in place of the methods of `socket.socket`."""
    kind = socket.socket
    methods = (connect, connect_ex, bind, sendto, getpeername, getsockname, setsockopt, getsockopt)
    yield from (Replacement(kind, method.__name__, method) for method in methods)


def connect(self: socket.socket, to: Any) -> None:
    guest = current()
    if guest is None or self.family not in _INTERNET:
        return _own["connect"](self, to)  # type: ignore[no-any-return]
    number, port = _target(self, to)
    if self.type & 0xF == socket.SOCK_DGRAM:
        _paired(self, guest, (number, port), socket.SOCK_DGRAM).close()
        return None
    _connect(self, guest, number, port)
    return None


def connect_ex(self: socket.socket, to: Any) -> int:
    if current() is None or self.family not in _INTERNET:
        return int(_own["connect_ex"](self, to))
    try:
        connect(self, to)
    except OSError as error:
        return error.errno or errno.ETIMEDOUT
    return 0


def _target(self: socket.socket, to: Any) -> tuple[int, int]:
    """The address in `(host, port)`; a host name is looked up first."""
    found = resolver.getaddrinfo(to[0], to[1], self.family, self.type & 0xF)
    host, port = found[0][4][:2]
    return address(str(host).partition("%")[0]), int(port)


def _connect(self: socket.socket, guest: Guest, number: int, port: int) -> None:
    try:
        met = guest.meet(number, port)
    except Undecided:
        self.close()
        raise
    match met:
        case Silence(because):
            raise noted(_waited(self, guest), because)
        case NoAddress(because):
            raise noted(OSError(errno.ENETUNREACH, os.strerror(errno.ENETUNREACH)), because)
        case Closed(because):
            raise noted(ConnectionRefusedError(errno.ECONNREFUSED, os.strerror(errno.ECONNREFUSED)), because)
        case Local(real):
            with offline(False):
                _own["connect"](self, ("127.0.0.1" if self.family == socket.AF_INET else "::1", real))
        case Answered(server, seen):
            _join(self, guest, server, seen, (number, port))


def _waited(self: socket.socket, guest: Guest) -> OSError:
    """The time-out of the program, or the kernel's if it has none."""
    limit = self.gettimeout()
    if limit is None or limit == 0 or limit > KERNEL_TIMEOUT:
        guest.wait(KERNEL_TIMEOUT)
        return TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
    guest.wait(limit)
    return TimeoutError("timed out")


def _join(self: socket.socket, guest: Guest, server: Server, seen: int, to: tuple[int, int]) -> None:
    """A thread serves the other end of the connection."""
    number, _ = to
    asked = guest.looked_up.get(number) or address_text(number)
    serve(_paired(self, guest, to, socket.SOCK_STREAM), server, guest, asked, (address_text(seen), 0))


def _paired(self: socket.socket, guest: Guest, to: tuple[int, int], kind: int) -> socket.socket:
    """Put one end of a socket pair under the descriptor of the socket, and give back the other end."""
    mine, other = socket.socketpair(socket.AF_UNIX, kind)
    limit = self.gettimeout()
    with mine:
        os.dup2(mine.fileno(), self.fileno(), inheritable=False)
    os.set_blocking(self.fileno(), limit is None)
    _note_ends(self, guest, *to)
    return other


def _note_ends(self: socket.socket, guest: Guest, number: int, port: int) -> None:
    inode = os.fstat(self.fileno()).st_ino
    mine = address_text(_own_address(guest, number))
    start, last = guest.net.places[guest.id].ephemeral_ports
    ends = (mine, start + inode % (last - start)), (address_text(number), port)
    while len(_ends) >= _MOST_ENDS:
        _ends.pop(next(iter(_ends)))
    _ends[inode] = ends if self.family == socket.AF_INET else ((*ends[0], 0, 0), (*ends[1], 0, 0))


def _own_address(guest: Guest, number: int) -> int:
    return next((own for own in guest.addresses if family(own) == family(number)), guest.addresses[0])


def bind(self: socket.socket, to: Any) -> None:
    guest = current()
    if guest is None or self.family not in _INTERNET:
        return _own["bind"](self, to)  # type: ignore[no-any-return]
    host, port = str(to[0]), int(to[1])
    loopback = "127.0.0.1" if self.family == socket.AF_INET else "::1"
    if host not in ("", "0.0.0.0", "::", "localhost", "127.0.0.1", "::1") and address(host) not in guest.addresses:
        raise OSError(errno.EADDRNOTAVAIL, os.strerror(errno.EADDRNOTAVAIL))
    with offline(False):
        try:
            _own["bind"](self, (loopback, port))
        except OSError:
            _own["bind"](self, (loopback, 0))
    real = _own["getsockname"](self)
    if self.type & 0xF == socket.SOCK_STREAM:
        _asked[self] = (host or "0.0.0.0", port or real[1], *real[2:])
        bound(guest.cloud, guest.id, port or real[1], self.fileno(), real[1])
    return None


def sendto(self: socket.socket, data: Any, *arguments: Any) -> int:
    if current() is None or self.family not in _INTERNET:
        return int(_own["sendto"](self, data, *arguments))
    return len(data)


def getpeername(self: socket.socket) -> Any:
    return _name(self, "getpeername", 1)


def getsockname(self: socket.socket) -> Any:
    return _asked.get(self) or _name(self, "getsockname", 0)


def _name(self: socket.socket, method: str, end: int) -> Any:
    own = _own[method](self)
    if self.family in _INTERNET and not isinstance(own, tuple):
        return _ends.get(os.fstat(self.fileno()).st_ino, ((own, 0), (own, 0)))[end]
    return own


def setsockopt(self: socket.socket, level: int, *arguments: Any) -> None:
    try:
        _own["setsockopt"](self, level, *arguments)
    except OSError as error:
        if error.errno != errno.EOPNOTSUPP or level not in _LEVELS or self.family not in _INTERNET:
            raise


def getsockopt(self: socket.socket, level: int, *arguments: Any) -> Any:
    try:
        return _own["getsockopt"](self, level, *arguments)
    except OSError as error:
        if error.errno != errno.EOPNOTSUPP or level not in _LEVELS or self.family not in _INTERNET:
            raise
        return 0 if len(arguments) < 2 else bytes(arguments[1])
