"""The packet: its answer, and how it is written. Source: RFC 792 and RFC 4443 (echo and echo reply), IANA's numbers."""

from __future__ import annotations

import pytest

from vpcsim import Packet
from vpcsim.packet import ICMP, ICMPV6, TCP, UDP, port_text, protocol_number
from vpcsim.prefixes import ANY_PORT, address

A, B, A6, B6 = address("10.0.0.1"), address("10.0.0.2"), address("fd00::1"), address("fd00::2")
CLIENT, HTTPS = (32768, 60999), (443, 443)
ECHO, REPLY, ECHO6, REPLY6 = (8 << 8,) * 2, (0, 0), (128 << 8,) * 2, (129 << 8,) * 2

ANSWERS = [
    ("tcp swaps ports and addresses", Packet(A, B, TCP, CLIENT, HTTPS), Packet(B, A, TCP, HTTPS, CLIENT)),
    ("udp swaps ports and addresses", Packet(A, B, UDP, CLIENT, (53, 53)), Packet(B, A, UDP, (53, 53), CLIENT)),
    ("an echo is answered by a reply", Packet(A, B, ICMP, (0, 0), ECHO), Packet(B, A, ICMP, (0, 0), REPLY)),
    ("a reply answers an echo", Packet(B, A, ICMP, (0, 0), REPLY), Packet(A, B, ICMP, (0, 0), ECHO)),
    ("an echo of IPv6 has its own reply", Packet(A6, B6, ICMPV6, (0, 0), ECHO6), Packet(B6, A6, ICMPV6, (0, 0), REPLY6)),
    ("other protocols swap addresses", Packet(A, B, 47, (0, 0), (0, 0)), Packet(B, A, 47, (0, 0), (0, 0))),
]
WRITTEN = [
    (Packet(A, B, TCP, (50000, 50000), HTTPS), "10.0.0.1:50000 -> 10.0.0.2:443 tcp", "443/tcp"),
    (Packet(A, B, UDP, CLIENT, (1000, 2000)), "10.0.0.1:32768-60999 -> 10.0.0.2:1000-2000 udp", "1000-2000/udp"),
    (Packet(A6, B6, TCP, (50000, 50000), HTTPS), "[fd00::1]:50000 -> [fd00::2]:443 tcp", "443/tcp"),
    (Packet(A, B, ICMP, (0, 0), ECHO), "10.0.0.1 -> 10.0.0.2 icmp 8/0", "icmp 8/0"),
    (Packet(A6, B6, ICMPV6, (0, 0), REPLY6), "fd00::1 -> fd00::2 icmpv6 129/0", "icmpv6 129/0"),
    (Packet(A, B, 47, (0, 0), (0, 0)), "10.0.0.1 -> 10.0.0.2 protocol 47", "protocol 47"),
]
PROTOCOLS = [
    ("tcp", 6),
    ("UDP", 17),
    (" icmp ", 1),
    ("icmpv6", 58),
    ("all", -1),
    ("-1", -1),
    (-1, -1),
    (47, 47),
    ("0", 0),
    ("255", 255),
]


@pytest.mark.parametrize(("packet", "answer"), [row[1:] for row in ANSWERS], ids=[row[0] for row in ANSWERS])
def test_the_answer_to_a_packet(packet: Packet, answer: Packet) -> None:
    assert packet.reversed() == answer
    assert answer.reversed() == packet
    assert isinstance(answer, Packet)


@pytest.mark.parametrize(("packet", "text", "service"), WRITTEN)
def test_how_a_packet_is_written(packet: Packet, text: str, service: str) -> None:
    assert str(packet) == text
    assert packet.service == service


def test_a_packet_as_json() -> None:
    packet = Packet(A, B6, TCP, CLIENT, HTTPS)
    assert packet.to_dict() == {
        "src": "10.0.0.1",
        "dst": "fd00::2",
        "protocol": "tcp",
        "src_port": "32768-60999",
        "dst_port": 443,
    }


@pytest.mark.parametrize(("text", "number"), PROTOCOLS)
def test_protocols_by_name_and_number(text: str | int, number: int) -> None:
    assert protocol_number(text) == number


@pytest.mark.parametrize("text", ["", "256", "-2", "tcpp", "6.0", "٦"])
def test_what_is_no_protocol(text: str) -> None:
    with pytest.raises(ValueError, match="is not a protocol"):
        protocol_number(text)


@pytest.mark.parametrize(
    ("protocol", "ports", "text"),
    [
        (-1, ANY_PORT, "all traffic"),
        (6, ANY_PORT, "tcp"),
        (6, (22, 22), "22/tcp"),
        (1, ANY_PORT, "icmp"),
        (1, (3 << 8, 3 << 8 | 255), "icmp 3"),
    ],
)
def test_how_ports_are_written(protocol: int, ports: tuple[int, int], text: str) -> None:
    assert port_text(protocol, ports) == text
