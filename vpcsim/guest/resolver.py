"""Names as the resolver of the instance answers them, through the functions of `socket`.

The order of addresses is that of RFC 6724: what the instance has a source address for comes first, IPv6 before IPv4.

Sources: getaddrinfo(3), gai.conf(5), https://docs.aws.amazon.com/vpc/latest/userguide/AmazonDNS-concepts.html.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from vpcsim.cloud.fates import noted
from vpcsim.guest.context import current
from vpcsim.guest.guest import Guest
from vpcsim.offline import offline
from vpcsim.patches import Replacement
from vpcsim.resolution import NO_REPLY, NOERROR, NXDOMAIN, Resolution

NAMES = ("getaddrinfo", "gethostbyname", "gethostbyname_ex", "gethostbyaddr", "getnameinfo")
_own: dict[str, Any] = {name: getattr(socket, name) for name in NAMES}
_FAMILY_OF = {"A": socket.AF_INET, "AAAA": socket.AF_INET6}
_HERE = {"localhost": ("127.0.0.1", "::1"), "ip6-localhost": ("::1",), "localhost.localdomain": ("127.0.0.1",)}


def replacements() -> Iterator[Replacement]:
    """What stands in place of the functions of `socket`."""
    functions = (getaddrinfo, gethostbyname, gethostbyname_ex, gethostbyaddr, getnameinfo)
    yield from (Replacement(socket, function.__name__, function) for function in functions)


def getaddrinfo(
    host: Any, port: Any, family: int = 0, type: int = 0, proto: int = 0, flags: int = 0
) -> list[tuple[Any, Any, int, str, Any]]:
    guest = current()
    if guest is None:
        return _own["getaddrinfo"](host, port, family, type, proto, flags)  # type: ignore[no-any-return]
    name = host.decode() if isinstance(host, bytes) else host
    if name is None or name == "" or flags & socket.AI_NUMERICHOST or _is_numeric(name):
        return _numeric(name or None, port, family, type, proto, flags)
    if name.lower() in _HERE:
        texts: tuple[str, ...] = _HERE[name.lower()]
    else:
        texts = _look_up(guest, name, family)
    found = [entry for text in texts for entry in _entries(text, port, family, type, proto, flags)]
    if not found:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    return found


def _is_numeric(name: str) -> bool:
    for read in (socket.inet_aton, lambda text: socket.inet_pton(socket.AF_INET6, text.partition("%")[0])):
        with suppress(OSError, UnicodeError):
            read(name)
            return True
    return False


def _numeric(host: str | None, port: Any, family: int, type: int, proto: int, flags: int) -> list[Any]:
    """Text that is an address already: nobody is asked."""
    wanted = flags | (socket.AI_NUMERICHOST if host is not None else 0)
    with offline(False):
        return _own["getaddrinfo"](host, port, family, type, proto, wanted)  # type: ignore[no-any-return]


def _entries(text: str, port: Any, family: int, type: int, proto: int, flags: int) -> list[Any]:
    if family not in (0, socket.AF_INET6 if ":" in text else socket.AF_INET):
        return []
    return _numeric(text, port, family, type, proto, flags & ~socket.AI_CANONNAME)


def _look_up(guest: Guest, name: str, family: int) -> tuple[str, ...]:
    types = [type for type, wanted in _FAMILY_OF.items() if family in (0, wanted)]
    found = [guest.look_up(name, type) for type in types]
    addresses = [text for resolution in found for text in resolution.addresses]
    if not addresses:
        raise noted(_failure(found), found[0].steps[-1].because if found[0].steps else f"{name} has no address")
    return tuple(sorted(addresses, key=lambda text: _rank(guest, text)))


def _rank(guest: Guest, text: str) -> tuple[bool, bool]:
    number = 6 if ":" in text else 4
    return number not in guest.families, number == 4


def _failure(found: list[Resolution]) -> socket.gaierror:
    """How glibc tells it."""
    rcodes = {resolution.rcode for resolution in found}
    if NO_REPLY in rcodes or not rcodes & {NOERROR, NXDOMAIN}:
        return socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
    if NXDOMAIN in rcodes:
        return socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    return socket.gaierror(socket.EAI_NODATA, "No address associated with hostname")


def gethostbyname(name: str) -> str:
    if current() is None:
        return str(_own["gethostbyname"](name))
    return str(getaddrinfo(name, None, socket.AF_INET, socket.SOCK_STREAM)[0][4][0])


def gethostbyname_ex(name: str) -> tuple[str, list[str], list[str]]:
    if current() is None:
        return _own["gethostbyname_ex"](name)  # type: ignore[no-any-return]
    found = getaddrinfo(name, None, socket.AF_INET, socket.SOCK_STREAM)
    return name, [], [str(entry[4][0]) for entry in found]


def gethostbyaddr(host: str) -> tuple[str, list[str], list[str]]:
    guest = current()
    if guest is None:
        return _own["gethostbyaddr"](host)  # type: ignore[no-any-return]
    address = str(getaddrinfo(host, None, 0, socket.SOCK_STREAM)[0][4][0])
    name = _name_of(guest, address)
    if name is None:
        raise socket.herror(1, "Unknown host")
    return name, [], [address]


def getnameinfo(sockaddr: Any, flags: int) -> tuple[str, str]:
    guest = current()
    if guest is None:
        return _own["getnameinfo"](sockaddr, flags)  # type: ignore[no-any-return]
    with offline(False):
        host, port = _own["getnameinfo"](sockaddr, flags | socket.NI_NUMERICHOST)
    name = None if flags & socket.NI_NUMERICHOST else _name_of(guest, host)
    return name or host, port


def _name_of(guest: Guest, address: str) -> str | None:
    import ipaddress

    if ipaddress.ip_address(address).is_loopback:
        return "localhost"
    found = guest.look_up(ipaddress.ip_address(address).reverse_pointer, "PTR")
    return next((record.data.rstrip(".") for record in found.records if record.type == "PTR"), None)
