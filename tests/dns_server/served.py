"""A model with a zone that has every shape of answer, servers on free ports, and the smallest of clients."""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import vpcsim
from vpcsim.asking import vantage_of
from vpcsim.dns_server import Endpoint, Server, View
from vpcsim.network import Network

ROOT = Path(__file__).parents[2]
PROGRAM = [sys.executable, "-c", "from vpcsim.cli import main; main()"]
MANY = ", ".join(f"10.0.8.{n}" for n in range(1, 101))
MODEL = f"""
region: us-east-1
vpcs:
  myVPC: {{cidr: 10.0.0.0/16, dns_support: true, dns_hostnames: true}}
  silentVPC: {{cidr: 10.1.0.0/16, dns_support: false}}
subnets:
  mySubnet: {{vpc: myVPC, cidr: 10.0.0.0/24}}
  silentSubnet: {{vpc: silentVPC, cidr: 10.1.0.0/24}}
instances:
  AppServer: {{subnet: mySubnet, ip: 10.0.0.10}}
  Mute: {{subnet: silentSubnet}}
hosts:
  partner.example.com: 203.0.113.9
hosted_zones:
  myZone:
    domain: corp.example.net
    vpcs: myVPC
    records:
      "@": 10.0.0.1
      db: 10.0.0.20
      two: [10.0.0.21, 10.0.0.22]
      six: "2001:db8::6"
      alias: CNAME db.corp.example.net
      far: CNAME alias.corp.example.net
      dangling: CNAME nobody.corp.example.net
      outside: CNAME unheard-of.example.edu
      loop: CNAME pool.corp.example.net
      pool: CNAME loop.corp.example.net
      a.very.deep: 10.0.0.30
      "*.wild": 10.0.0.40
      many: [{MANY}]
      mail: {{type: MX, values: ["10 db.corp.example.net", "20 two.corp.example.net"]}}
      text: {{type: TXT, values: ['"a b" "c"', '"d"']}}
      _sip._udp: {{type: SRV, values: "1 2 5060 db.corp.example.net"}}
"""
ZONE = "corp.example.net"


def write_model(folder: Path, text: str = MODEL) -> Path:
    """Written at once, so that a server never sees a half of it."""
    (folder / ".written").write_text(text)
    return (folder / ".written").replace(folder / "network.yaml")


def load(folder: Path) -> Network:
    return vpcsim.load(write_model(folder))


def view(net: Network, source: str = "AppServer") -> View:
    return View(net, vantage_of(net, source))


@contextlib.contextmanager
def serving(net: Network, *sources: str, idle: float = 10.0) -> Iterator[list[Endpoint]]:
    """A server in this process, a view for each source, on free ports of the loopback."""
    wanted = [(Endpoint("127.0.0.1", 0), vantage_of(net, source)) for source in sources or ("AppServer",)]
    server = Server(net, wanted, idle=idle)
    server.start()
    try:
        yield server.endpoints
    finally:
        server.stop()


@contextlib.contextmanager
def program(*words: str, lines: int = 1) -> Iterator[tuple[subprocess.Popen[str], list[int]]]:
    """`vpcsim dns` as people start it, once it has said where it listens: the process and its ports."""
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    command = [*PROGRAM, "dns", *words]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        ports = [int(process.stdout.readline().rpartition(":")[2]) for _ in range(lines)]
        yield process, ports
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()


def name(text: str) -> bytes:
    """A name as it is written in a message."""
    return b"".join(bytes((len(label),)) + label.encode() for label in text.split(".") if label) + b"\0"


def query(
    text: str = f"db.{ZONE}", type: int = 1, flags: int = 0x0100, dns_class: int = 1, opt: bytes = b"", id: int = 7
) -> bytes:
    """A query message, with the bytes of an OPT record behind it if any."""
    header = struct.pack("!HHHHHH", id, flags, 1, 0, 0, 1 if opt else 0)
    return header + name(text) + struct.pack("!HH", type, dns_class) + opt


def opt(size: int = 1232, version: int = 0, data: bytes = b"", flags: int = 0) -> bytes:
    return b"\0" + struct.pack("!HHBBHH", 41, size, 0, version, flags, len(data)) + data


def over_udp(endpoint: Endpoint, data: bytes, timeout: float = 5.0) -> bytes | None:
    """The reply to a datagram, or None if there is none in time."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(timeout)
        client.sendto(data, endpoint)
        try:
            return client.recv(0xFFFF)
        except TimeoutError:
            return None


LAST = query(id=0xBEEF)


def first_reply(endpoint: Endpoint, data: bytes) -> bytes | None:
    """The reply to a datagram, or None if the server passed over it and replied to the next one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(10)
        client.sendto(data, endpoint)
        client.sendto(LAST, endpoint)
        reply = client.recv(0xFFFF)
    return None if reply[:2] == LAST[:2] else reply


def framed(data: bytes) -> bytes:
    return len(data).to_bytes(2) + data


def connected(endpoint: Endpoint) -> socket.socket:
    return socket.create_connection(endpoint, 5)


def receive(client: socket.socket) -> bytes:
    """One message of a connection; nothing if it was closed."""
    length = _exactly(client, 2)
    return _exactly(client, int.from_bytes(length)) if length else b""


def _exactly(client: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count and (more := client.recv(count - len(data))):
        data += more
    return data
