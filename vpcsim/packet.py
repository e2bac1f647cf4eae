"""The packet, as much of it as AWS's network looks at."""

from __future__ import annotations

from typing import NamedTuple

from vpcsim.prefixes import ANY_PORT, Ports, Prefix, address_text, ports_text

ICMP, TCP, UDP, ICMPV6 = 1, 6, 17, 58
ANY_PROTOCOL = -1
PROTOCOL_NAMES = {ANY_PROTOCOL: "all", ICMP: "icmp", TCP: "tcp", UDP: "udp", ICMPV6: "icmpv6"}
PROTOCOL_NUMBERS = {name: number for number, name in PROTOCOL_NAMES.items()} | {"-1": ANY_PROTOCOL, "any": ANY_PROTOCOL}
HAVE_PORTS = frozenset((ICMP, TCP, UDP, ICMPV6))
"""Protocols whose rules look at a port range; ICMP's type and code take the place of the port."""

ECHO_REQUEST, ECHO_REPLY = (8 << 8, 8 << 8), (0, 0)
ECHO_REQUEST6, ECHO_REPLY6 = (128 << 8, 128 << 8), (129 << 8, 129 << 8)
_ANSWERED_BY = {ECHO_REQUEST: ECHO_REPLY, ECHO_REPLY: ECHO_REQUEST, ECHO_REQUEST6: ECHO_REPLY6, ECHO_REPLY6: ECHO_REQUEST6}

MULTICAST, MULTICAST6 = Prefix.parse("224.0.0.0/4"), Prefix.parse("ff00::/8")

_packet = tuple.__new__
"""Makes a named tuple without the cost of naming its fields."""


class Packet(NamedTuple):
    """Addresses are ints as in `vpcsim.prefixes`; ports are closed ranges, since the kernel chooses a client's port.

    For ICMP the destination port holds the type and the code, `type * 256 + code`, and the source port is (0, 0).
    """

    src: int
    dst: int
    protocol: int
    src_port: Ports
    dst_port: Ports

    def reversed(self) -> Packet:
        """The answer to this packet: an echo reply for an echo request, otherwise both ends exchanged."""
        src, dst, protocol, src_port, dst_port = self
        if protocol in (ICMP, ICMPV6):
            return Packet(dst, src, protocol, src_port, _ANSWERED_BY.get(dst_port, dst_port))
        return _packet(Packet, (dst, src, protocol, dst_port, src_port))

    def sent_by(self, src: int, src_port: Ports | None = None) -> Packet:
        """The same packet from another source."""
        return _packet(Packet, (src, self.dst, self.protocol, src_port or self.src_port, self.dst_port))

    def sent_to(self, dst: int) -> Packet:
        """The same packet to another destination address."""
        return _packet(Packet, (self.src, dst, self.protocol, self.src_port, self.dst_port))

    def passed_on(self) -> Packet:
        """The same packet, sent on by somebody else than its sender: equal to it, and yet `is_passed_on`."""
        return _packet(PassedOn, self)

    @property
    def is_multicast(self) -> bool:
        """Whether it goes to a group of receivers, of which none answers.

        Source: RFC 5771, RFC 4291
        """
        return MULTICAST.first <= self.dst <= MULTICAST.last or self.dst >= MULTICAST6.first

    @property
    def is_passed_on(self) -> bool:
        """Whether an appliance on the way has sent it on under its sender's own address."""
        return False

    @property
    def source(self) -> str:
        """The source address as text."""
        return address_text(self.src)

    @property
    def destination(self) -> str:
        """The destination address as text."""
        return address_text(self.dst)

    @property
    def service(self) -> str:
        """What the packet asks for: `443/tcp`, `icmp 8/0`, `protocol 47`."""
        return port_text(self.protocol, self.dst_port)

    def to_dict(self) -> dict[str, str | int]:
        """A JSON-ready mapping. A port is a number where it is one port, otherwise `first-last`."""
        return {
            "src": self.source,
            "dst": self.destination,
            "protocol": protocol_name(self.protocol),
            "src_port": _port(self.src_port),
            "dst_port": _port(self.dst_port),
        }

    def __str__(self) -> str:
        if self.protocol in (TCP, UDP):
            return f"{_end(self.src, self.src_port)} -> {_end(self.dst, self.dst_port)} {protocol_name(self.protocol)}"
        return f"{self.source} -> {self.destination} {self.service}"


class PassedOn(Packet):
    """A packet behind an appliance. A translated one is a packet of whoever translates it."""

    __slots__ = ()

    @property
    def is_passed_on(self) -> bool:
        return True


def _end(number: int, ports: Ports) -> str:
    text = address_text(number)
    return f"[{text}]:{ports_text(ports)}" if ":" in text else f"{text}:{ports_text(ports)}"


def _port(ports: Ports) -> str | int:
    return ports[0] if ports[0] == ports[1] else ports_text(ports)


def port_text(protocol: int, ports: Ports) -> str:
    """How people write a protocol with its ports: `443/tcp`, `tcp`, `icmp 8/0`, `protocol 47`, `all traffic`."""
    name = protocol_name(protocol)
    if protocol == ANY_PROTOCOL:
        return "all traffic"
    if ports == ANY_PORT:
        return name
    if protocol in (TCP, UDP):
        return f"{ports_text(ports)}/{name}"
    if protocol in (ICMP, ICMPV6):
        kind, code = divmod(ports[0], 256)
        return f"{name} {kind}/{code}" if ports[0] == ports[1] else f"{name} {kind}"
    return name


def protocol_name(number: int) -> str:
    return PROTOCOL_NAMES.get(number) or f"protocol {number}"


def protocol_number(text: str | int) -> int:
    """Read a protocol given by name or IANA number. Raises ValueError with a sentence for people."""
    folded = str(text).strip().lower()
    if folded in PROTOCOL_NUMBERS:
        return PROTOCOL_NUMBERS[folded]
    if folded.isascii() and folded.isdigit() and int(folded) <= 255:
        return int(folded)
    raise ValueError(f"`{text}` is not a protocol: tcp, udp, icmp, icmpv6, all or a number from 0 to 255")
