"""UDP and TCP as hostile and as hasty clients use them, over real sockets of the loopback."""

from __future__ import annotations

import resource
import socket
import struct
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from served import (
    ZONE,
    connected,
    first_reply,
    framed,
    load,
    opt,
    over_udp,
    program,
    query,
    receive,
    serving,
    view,
    write_model,
)

from vpcsim.dns_server import Endpoint, Server, streams
from vpcsim.errors import InputError
from vpcsim.network import Network

FLOOD = 10_000


@pytest.fixture(scope="module")
def net(tmp_path_factory: pytest.TempPathFactory) -> Network:
    return load(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def endpoint(net: Network) -> Iterator[Endpoint]:
    with serving(net) as endpoints:
        yield endpoints[0]


def test_udp_answers_with_the_id_of_each_query(endpoint: Endpoint) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(5)
        for id in range(150):
            client.sendto(query(id=id), endpoint)
        assert {int.from_bytes(client.recv(600)[:2]) for _ in range(150)} == set(range(150))


@pytest.mark.parametrize("data", [b"", b"a", query()[:11], query(flags=0x8180)], ids=["empty", "short", "11 bytes", "a reply"])
def test_udp_is_silent_and_goes_on(endpoint: Endpoint, data: bytes) -> None:
    assert first_reply(endpoint, data) is None


def test_udp_survives_a_client_that_is_gone(endpoint: Endpoint) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        for _ in range(50):
            client.sendto(query(), endpoint)
    assert over_udp(endpoint, query()) is not None


def test_a_flood_of_garbage_is_survived(endpoint: Endpoint) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        for n in range(5000):
            client.sendto(struct.pack("!HHHHHH", n, n * 7919 & 0xFFFF, n % 3, n % 5, n % 2, n % 4) + bytes(n % 97), endpoint)
    assert any(over_udp(endpoint, query(), timeout=1) for _ in range(10))


def test_a_truncated_reply_is_whole_over_tcp(endpoint: Endpoint) -> None:
    data = query(f"many.{ZONE}", opt=opt(1232))
    short = over_udp(endpoint, data)
    with connected(endpoint) as client:
        client.sendall(framed(data))
        whole = receive(client)
    assert short is not None
    assert (short[2] & 2, whole[2] & 2) == (2, 0)
    assert len(short) == len(query(f"many.{ZONE}")) + 11
    assert struct.unpack_from("!H", whole, 6) == (100,)


def test_tcp_serves_pipelined_queries_in_order(endpoint: Endpoint) -> None:
    """RFC 7766 section 6.2.1.1."""
    with connected(endpoint) as client:
        client.sendall(b"".join(framed(query(f"x{n}.wild.{ZONE}", id=n)) for n in range(500)))
        assert [int.from_bytes(receive(client)[:2]) for _ in range(500)] == list(range(500))
        client.sendall(framed(query(id=9)))
        assert receive(client)[:2] == b"\0\x09"


def test_tcp_takes_messages_in_any_pieces(endpoint: Endpoint) -> None:
    with connected(endpoint) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in framed(query()):
            client.sendall(bytes((byte,)))
        assert receive(client)[:2] == b"\0\7"


@pytest.mark.parametrize("data", [b"", b"abc", query(flags=0x8180)], ids=["empty", "short", "a reply"])
def test_tcp_ignores_what_must_not_be_answered(endpoint: Endpoint, data: bytes) -> None:
    with connected(endpoint) as client:
        client.sendall(framed(data) + framed(query(id=3)))
        assert receive(client)[:2] == b"\0\3"


def test_tcp_tells_what_is_malformed_and_goes_on(endpoint: Endpoint) -> None:
    with connected(endpoint) as client:
        client.sendall(framed(query()[:-1]) + framed(query(id=3)))
        assert receive(client)[3] & 0x0F == 1
        assert receive(client)[:2] == b"\0\3"


def test_a_client_that_closes_its_side_still_gets_its_replies(endpoint: Endpoint) -> None:
    with connected(endpoint) as client:
        client.sendall(framed(query(id=1)) + framed(query(id=2)) + b"\0")
        client.shutdown(socket.SHUT_WR)
        assert [receive(client)[:2] for _ in range(3)] == [b"\0\1", b"\0\2", b""]


@pytest.mark.parametrize("sent", [b"", b"\0", framed(query())[:-1]], ids=["nothing", "half a length", "half a query"])
def test_an_idle_connection_is_closed(net: Network, sent: bytes) -> None:
    with serving(net, idle=0.1) as (endpoint,), connected(endpoint) as client:
        client.sendall(sent)
        assert client.recv(1) == b""


def test_a_client_that_reads_nothing_holds_up_nobody(net: Network) -> None:
    with serving(net, idle=0.3) as (endpoint,), connected(endpoint) as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.settimeout(0.2)
        try:
            for _ in range(200):
                slow.sendall(framed(query(f"many.{ZONE}")) * 50)
        except OSError:
            pass
        assert over_udp(endpoint, query()) is not None
        with connected(endpoint) as client:
            client.sendall(framed(query()))
            assert receive(client)


def test_connections_beyond_the_limit_are_closed_and_the_others_served(net: Network) -> None:
    with serving(net) as (endpoint,):
        held = [connected(endpoint) for _ in range(streams.MOST_CONNECTIONS)]
        for client in held:
            client.sendall(framed(query()))
            assert receive(client)
        for _ in range(100):
            with connected(endpoint) as refused:
                assert refused.recv(1) == b"", "closed, not reset"
        held[0].sendall(framed(query()))
        assert receive(held[0])
        assert over_udp(endpoint, query()) is not None
        held.pop().close()
        assert any(_served(endpoint) for _ in range(50)), "a place that is free again is taken"
        for client in held:
            client.close()


def test_ten_thousand_connections_are_refused_and_nobody_else_suffers(tmp_path: Path) -> None:
    """The server has the 1,024 files that a login usually gives."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < FLOOD + 500:
        pytest.skip(f"this machine lets a process open {hard} files, and {FLOOD} connections are to be opened")
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    flood = []
    try:
        with program(str(write_model(tmp_path)), "--as", "AppServer", "--listen", "127.0.0.1:0") as (process, (port,)):
            resource.prlimit(process.pid, resource.RLIMIT_NOFILE, (1024, 1024))
            endpoint = Endpoint("127.0.0.1", port)
            with connected(endpoint) as before:
                for _ in range(FLOOD):
                    flood.append(socket.socket())
                    flood[-1].setblocking(False)
                    flood[-1].connect_ex(endpoint)
                assert over_udp(endpoint, query()) is not None
                before.sendall(framed(query()))
                assert receive(before), "who was there before is served"
            for client in flood:
                client.close()
            assert any(_served(endpoint) for _ in range(200)), "and so is who comes after"
            process.terminate()
            assert process.wait(10) == 0
            assert process.stderr is not None
            assert process.stderr.read() == ""
    finally:
        for client in flood:
            client.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def _served(endpoint: Endpoint) -> bool:
    with connected(endpoint) as client:
        try:
            client.sendall(framed(query()))
            return bool(receive(client))
        except OSError:
            time.sleep(0.02)
            return False


def test_views_differ_and_do_not_mix(net: Network) -> None:
    with serving(net, "AppServer", "public", "Mute") as (inside, outside, mute):
        replies = [over_udp(e, query(), timeout) for e, timeout in ((inside, 5), (outside, 5), (mute, 0.1))]
    assert replies[0] is not None
    assert replies[1] is not None
    assert (replies[0][3] & 15, replies[1][3] & 15, replies[2]) == (0, 3, None)
    assert replies[0].endswith(bytes((10, 0, 0, 20)))


def test_the_network_changes_under_running_queries(net: Network) -> None:
    """No reply is lost, and behind the change none is from before it."""
    changed = net.with_changes({"hosted_zones": {"myZone": {"records": {"db": "10.0.0.99"}}}})
    server = Server(net, [(Endpoint("127.0.0.1", 0), view(net).vantage)])
    server.start()
    endpoint = server.endpoints[0]
    try:
        with ThreadPoolExecutor(4) as pool:
            running = [pool.submit(over_udp, endpoint, query()) for _ in range(200)]
            server.renew(changed, [view(changed).vantage])
            after = over_udp(endpoint, query())
            assert {(future.result() or b"")[-1:] for future in running} <= {b"\x14", b"\x63"}
        assert after is not None
        assert after[-1] == 99
    finally:
        server.stop()


def test_stopping_sends_what_is_answered_and_closes(net: Network) -> None:
    server = Server(net, [(Endpoint("127.0.0.1", 0), view(net).vantage)])
    server.start()
    with connected(server.endpoints[0]) as client:
        client.sendall(b"".join(framed(query(f"many.{ZONE}", id=n)) for n in range(200)))
        first = receive(client)
        server.stop()
        rest = []
        while message := receive(client):
            rest.append(message)
    assert {len(message) for message in rest} <= {len(first)}, "nothing half sent"
    with pytest.raises(OSError, match="refused"):
        connected(server.endpoints[0])


def test_ipv6_and_a_port_that_is_taken(net: Network) -> None:
    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    try:
        server = Server(net, [(Endpoint("::1", 0), view(net).vantage)])
    except InputError:
        pytest.skip("this machine has no IPv6 loopback")
    server.start()
    endpoint = server.endpoints[0]
    try:
        assert str(endpoint) == f"[::1]:{endpoint.port}"
        with socket.create_connection(endpoint, 5) as client:
            client.sendall(framed(query()))
            assert receive(client)
        with pytest.raises(InputError, match=rf"cannot listen on \[::1\]:{endpoint.port}: address already in use"):
            Server(net, [(endpoint, view(net).vantage)])
    finally:
        server.stop()


@pytest.mark.parametrize(
    ("text", "endpoint"),
    [("127.0.0.1:53", ("127.0.0.1", 53)), ("[::1]:5353", ("::1", 5353)), ("0.0.0.0:0", ("0.0.0.0", 0))],
)
def test_endpoints_are_read(text: str, endpoint: tuple[str, int]) -> None:
    assert Endpoint.parse(text) == endpoint
    assert str(Endpoint.parse(text)) == text
    assert Endpoint.parse(text).is_loopback == (endpoint[0] != "0.0.0.0")


@pytest.mark.parametrize(
    "text", ["", "127.0.0.1", "localhost:53", "127.0.0.1:65536", "127.0.0.1:-1", "127.0.0.1:", "1:2:3", ":53"]
)
def test_what_is_no_endpoint_is_said(text: str) -> None:
    with pytest.raises(InputError, match="is not an address such as"):
        Endpoint.parse(text)


@pytest.mark.parametrize(
    ("text", "endpoint"),
    [
        ("192.0.2.1", ("192.0.2.1", 53)),
        ("192.0.2.1:54", ("192.0.2.1", 54)),
        ("2001:db8::1", ("2001:db8::1", 53)),
        ("[::1]:5", ("::1", 5)),
    ],
)
def test_an_upstream_needs_no_port(text: str, endpoint: tuple[str, int]) -> None:
    assert Endpoint.parse(text, port="53") == endpoint
