"""The same packets to this server and to unbound with the same zone: the same behaviour, but for what is listed.

Compared are the rcode (the extended one too) and the opcode; of a reply that is no refusal also QR, RD, RA, AD, CD, TC, the
number of records in each section and the question's bytes. AA differs by design: unbound sets it for its own data, and the
VPC resolver does not. To what it refuses unbound gives back the query's own bytes, which is not copied here.
"""

from __future__ import annotations

import contextlib
import shutil
import socket
import struct
import subprocess
import time
from collections.abc import Iterator

import dns.rdatatype
import pytest
from served import ZONE, first_reply, load, name, opt, query, serving
from test_dns_answers import RESOLVED
from test_dns_questions import MALFORMED, WELL_FORMED

from vpcsim.dns_server import Endpoint
from vpcsim.names.hosted_zone.zone import NAME_SERVERS

pytestmark = pytest.mark.skipif(not shutil.which("unbound"), reason="unbound is not installed")

DATA = f"""
{ZONE}. 900 SOA ns-1536.awsdns-00.co.uk. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400
{ZONE}. 300 A 10.0.0.1
{"".join(f"{ZONE}. 172800 NS {server}{chr(10)}" for server in NAME_SERVERS)}
db.{ZONE}. 300 A 10.0.0.20
two.{ZONE}. 300 A 10.0.0.21
two.{ZONE}. 300 A 10.0.0.22
six.{ZONE}. 300 AAAA 2001:db8::6
a.very.deep.{ZONE}. 300 A 10.0.0.30
mail.{ZONE}. 300 MX 10 db.{ZONE}.
mail.{ZONE}. 300 MX 20 two.{ZONE}.
_sip._udp.{ZONE}. 300 SRV 1 2 5060 db.{ZONE}.
{"".join(f"many.{ZONE}. 300 A 10.0.8.{n}{chr(10)}" for n in range(1, 101))}
"""
SETTINGS = """
server:
  interface: 127.0.0.1@{port}
  num-threads: 1
  use-syslog: no
  verbosity: 0
  chroot: ""
  username: ""
  pidfile: ""
  directory: "{folder}"
  module-config: "iterator"
  edns-buffer-size: 4096
  max-udp-size: 4096
  minimal-responses: yes
  do-not-query-localhost: yes
  local-zone: "{zone}." static
{data}
remote-control:
  control-enable: no
"""


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    folder = tmp_path_factory.mktemp("unbound")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    data = "\n".join(f"  local-data: '{line}'" for line in DATA.splitlines() if line)
    (folder / "unbound.conf").write_text(SETTINGS.format(port=port, folder=folder, zone=ZONE, data=data))
    process = subprocess.Popen(["unbound", "-d", "-c", str(folder / "unbound.conf")], stderr=subprocess.DEVNULL)
    try:
        yield _ready(Endpoint("127.0.0.1", port))
    finally:
        process.terminate()
        process.wait(10)


def _ready(endpoint: Endpoint) -> Endpoint:
    for _ in range(200):
        with contextlib.suppress(OSError):
            socket.create_connection(endpoint, 1).close()
            return endpoint
        time.sleep(0.02)
    raise TimeoutError("unbound does not listen")


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    with serving(load(tmp_path_factory.mktemp("model"))) as endpoints:
        yield endpoints[0]


AA = 0x0400
REFUSALS = (1, 4, 5)


def behaviour(data: bytes, reply: bytes | None) -> tuple[object, ...]:
    """What is compared of a reply."""
    if reply is None:
        return ("silent",)
    _, flags, *counts = struct.unpack_from("!HHHHHH", reply)
    extended = reply[-6] if counts[3] else 0
    rcode, opcode = extended << 4 | flags & 0x0F, flags & 0x7800
    if rcode in REFUSALS:
        return (rcode, opcode)
    question = reply[12:].startswith(data[12:].removesuffix(b"junk").partition(b"\0\0\x29")[0])
    return (rcode, opcode, flags & ~AA, counts, question)


NOT_IN_UNBOUND = ("far", "alias", "dangling", "loop", "x.wild", "text")
KINDS = [(text, kind) for text, kind, *_ in RESOLVED if text.endswith(ZONE) and not text.startswith(NOT_IN_UNBOUND)]
PROBES = {
    **{f"{text} {kind}": query(text, dns.rdatatype.from_text(kind), opt=opt()) for text, kind in KINDS},
    **{f"malformed: {what}": data for what, data in MALFORMED.items()},
    "bytes behind the end": WELL_FORMED["bytes behind the end"],
    "without EDNS": query(),
    "mixed case": query(f"dB.{ZONE.upper()}"),
    "RD=0": query(flags=0),
    "CD": query(flags=0x0110),
    "AD": query(flags=0x0120),
    "reserved bit": query(flags=0x0140),
    "AA and RA in the query": query(flags=0x0580),
    "cookie": query(opt=opt(data=struct.pack("!HH", 10, 8) + bytes(8))),
    "client subnet": query(opt=opt(data=struct.pack("!HHHBB", 8, 7, 1, 24, 0) + bytes(3))),
    "unknown option": query(opt=opt(data=struct.pack("!HH", 65001, 1) + b"x")),
    "EDNS version 1": query(opt=opt(version=1)),
    "too large for 512": query(f"many.{ZONE}"),
    "too large for 1232": query(f"many.{ZONE}", opt=opt(1232)),
    "not too large": query(f"many.{ZONE}", opt=opt(4096)),
    "class CH": query(dns_class=3),
    "class ANY": query(dns_class=255),
    "AXFR": query(ZONE, 252),
    "IXFR": query(ZONE, 251),
    "STATUS": query(flags=0x1000),
    "UPDATE": query(flags=0x2800),
    "NOTIFY": query(flags=0x2000),
    "opcode 15": query(flags=0x7800),
    "type 0": query(type=0),
    "type OPT": query(type=41),
    "type TSIG": query(type=250),
    "type TKEY": query(type=249),
    "type MAILA": query(type=254),
    "a reply": query(flags=0x8180),
    "11 bytes": query()[:11],
    "the name twice in one label": query().replace(b"\2db", b"\2d."),
    "a zero byte in a label": query().replace(b"\2db", b"\2d\0"),
    "a class of a name outside": struct.pack("!HHHHHH", 7, 0x0100, 1, 0, 0, 0) + name("x") + b"\0\1\0\3",
}
INTENDED = {
    f"db.{ZONE} ANY": "one record set (RFC 8482), not an empty answer",
    "class ANY": "REFUSED like every class but IN, not silence",
    "NOTIFY": "NOTIMP like every opcode but QUERY (RFC 8906), not REFUSED",
}


@pytest.mark.parametrize("probe", PROBES)
def test_unbound_behaves_the_same(ours: Endpoint, theirs: Endpoint, probe: str) -> None:
    data = PROBES[probe]
    one, other = (behaviour(data, first_reply(endpoint, data)) for endpoint in (ours, theirs))
    assert (one == other) == (probe not in INTENDED)
