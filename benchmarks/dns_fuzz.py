"""A million packets at the DNS server: changed queries and noise, each to a real server over UDP and each checked here too.

Not run unless it is named: `python -m benchmarks dns_fuzz`. Fails with an assertion and the packet, or with the server.
"""

from __future__ import annotations

import os
import random
import socket
import struct
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import vpcsim
from vpcsim.asking import vantage_of
from vpcsim.dns_server.answers import Answers, View
from vpcsim.wire import UDP_SIZE

ROOT = Path(__file__).parent.parent
MODEL = ROOT / "models" / "sqs-private"
COUNT, SEED = 1_000_000, 20
NAMES = (
    b"ssm.us-east-1.amazonaws.com",
    b"nowhere.ec2.internal",
    b"10.0.0.10.in-addr.arpa",
    b"www.example.com",
    b"localhost",
    b"",
)
OPT = b"\0\0\x29\x10\0\0\0\0\0\0\0"


def run() -> Iterator[str]:
    """How many replies of which rcode, and that the server still answers and ends as it should."""
    chance = random.Random(SEED)
    net = vpcsim.load(MODEL)
    view = View(net, vantage_of(net, "AppServer"))
    answers = {size: Answers(view, over_tcp=size > UDP_SIZE) for size in (UDP_SIZE, 0xFFFF)}
    seen: Counter[str] = Counter()
    started = time.perf_counter()
    process, endpoint = _server()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.setblocking(False)
        for _ in range(COUNT):
            data = packet(chance)
            for size, one in answers.items():
                seen[check(data, one.reply(data), size)] += 1
            replies = _exchange(client, endpoint, data)
            seen["replies over UDP"] += replies
        client.setblocking(True)
        assert _answers_still(client, endpoint), "the server does not answer any more"
    assert not any(one.complaints for one in answers.values())
    process.terminate()
    assert process.wait(10) == 0
    assert process.stderr is not None
    told = process.stderr.read()
    assert not told, told
    yield f"{COUNT:,} packets in {time.perf_counter() - started:.0f} s: " + ", ".join(
        f"{n:,} {what}" for what, n in seen.most_common()
    )
    yield "the server answered to the end, said nothing, and ended with 0"


def packet(chance: random.Random) -> bytes:
    """A query, a query with some bytes changed, cut or repeated, or noise."""
    if chance.random() < 0.05:
        return chance.randbytes(chance.randrange(0, 600))
    name = chance.choice(NAMES)
    labels = b"".join(bytes((len(label),)) + label for label in name.split(b".") if label) + b"\0"
    flags = 0x0100 if chance.random() < 0.7 else chance.getrandbits(16)
    opt = OPT if chance.random() < 0.5 else b""
    header = struct.pack("!HHHHHH", chance.getrandbits(16), flags, 1, 0, 0, 1 if opt else 0)
    data = bytearray(header + labels + struct.pack("!HH", chance.choice((1, 28, 5, 255, 12, chance.getrandbits(16))), 1) + opt)
    for _ in range(chance.choice((0, 1, 1, 2, 3, 8))):
        data[chance.randrange(len(data))] = chance.choice((0, 1, 63, 64, 192, 255, chance.getrandbits(8)))
    if chance.random() < 0.2:
        data = data[: chance.randrange(len(data) + 1)]
    return bytes(data + data[12:] * chance.choice((0, 0, 0, 1, 5)))


def check(data: bytes, reply: object, size: int) -> str:
    """What kind of reply it is. Raises AssertionError for one that is not lawful."""
    assert isinstance(reply, bytes), data
    if not reply:
        assert len(data) < 12 or data[2] & 0x80, data
        return "silent"
    flags, questions, answer, authority, additional = struct.unpack_from("!HHHHH", reply)
    assert flags & 0x8000, data
    assert not flags & 0x0460, data
    assert flags & 0x7800 == int.from_bytes(data[2:4]) & 0x7800, data
    assert questions <= 1, data
    assert additional <= 1, data
    assert len(reply) + 2 <= size, data
    rcode = flags & 0x0F
    assert rcode in (0, 1, 2, 3, 4, 5), data
    assert rcode in (0, 3) or not answer + authority, data
    return f"rcode {rcode}"


def _server() -> tuple[subprocess.Popen[str], tuple[str, int]]:
    words = [sys.executable, "-m", "vpcsim", "dns", str(MODEL), "--as", "AppServer", "--listen", "127.0.0.1:0"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = subprocess.Popen(words, cwd=ROOT, env=environment, text=True, **streams)  # type: ignore[call-overload]
    return process, ("127.0.0.1", int(process.stdout.readline().rpartition(":")[2]))


def _exchange(client: socket.socket, endpoint: tuple[str, int], data: bytes) -> int:
    """Send, and take what has come by now."""
    replies = 0
    try:
        client.sendto(data, endpoint)
        while client.recv(0xFFFF):
            replies += 1
    except BlockingIOError:
        pass
    return replies


def _answers_still(client: socket.socket, endpoint: tuple[str, int]) -> bool:
    client.settimeout(1)
    wanted = b"\xab\xcd"
    for _ in range(20):
        client.sendto(wanted + b"\1\0\0\1\0\0\0\0\0\0\0\0\1\0\1", endpoint)
        try:
            while (reply := client.recv(0xFFFF))[:2] != wanted:
                pass
            return bool(reply)
        except TimeoutError:
            continue
    return False
