"""Sockets and plain libraries on an instance: names, connections, TLS, and what the other end is."""

from __future__ import annotations

import errno
import http.server
import json
import socket
import ssl
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import pytest
import requests
from standing import ENDPOINTS, QUEUE, because, network

import vpcsim
from vpcsim import InputError, Undecided
from vpcsim.guest import Tcp

TIMED_OUT = "[Errno 110] Connection timed out"
REFUSED = "[Errno 111] Connection refused"


def echo(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Tells what it was asked."""
    start_response("200 OK", [("Content-Type", "application/json")])
    asked = {name: environ[name] for name in ("REQUEST_METHOD", "wsgi.url_scheme", "PATH_INFO", "HTTP_HOST", "REMOTE_ADDR")}
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)).decode()
    return [json.dumps({**asked, "body": body}).encode()]


class Met(NamedTuple):
    """What a program on an instance meets when it connects: the exception, its text, and the model's reason."""

    what: str
    instance: str
    to: tuple[str, int]
    error: type[OSError]
    text: str
    reason: str
    changes: str = ""
    timeout: float | None = None


MET = [
    Met("no route", "dark", ("198.51.100.10", 80), TimeoutError, TIMED_OUT, "rt-closed: no route"),
    Met("no route, own time-out", "dark", ("198.51.100.10", 80), TimeoutError, "timed out", "rt-closed: no route", timeout=3),
    Met("security group", "app", ("10.0.2.20", 22), TimeoutError, TIMED_OUT, "all: no inbound rule admits"),
    Met("nothing listens", "app", ("10.0.2.20", 5432), ConnectionRefusedError, REFUSED, "db: nothing listens"),
    Met("own port", "app", ("10.0.1.10", 80), ConnectionRefusedError, REFUSED, "app: nothing listens"),
    Met("loopback", "app", ("127.0.0.1", 9), ConnectionRefusedError, REFUSED, "app: nothing listens"),
    Met("no IPv6", "app", ("2001:db8::1", 80), OSError, "[Errno 101] Network is unreachable", "has no address of the family"),
    Met("nobody on the internet", "app", ("198.51.100.10", 80), TimeoutError, TIMED_OUT, "no host is given for 198.51.100.10"),
    Met("nobody in the VPC", "app", ("10.0.2.99", 443), TimeoutError, TIMED_OUT, "no interface in the VPC has 10.0.2.99"),
    Met("metadata, another port", "app", ("169.254.169.254", 443), ConnectionRefusedError, REFUSED, ""),
]  # fmt: skip


@pytest.mark.parametrize("row", MET, ids=[row.what for row in MET])
def test_a_connection_that_fails_fails_as_on_linux(row: Met) -> None:
    started = time.monotonic()
    with vpcsim.inside(network(row.changes), row.instance) as here, pytest.raises(row.error) as caught:
        socket.create_connection(row.to, timeout=row.timeout)
    assert type(caught.value) is row.error
    assert str(caught.value) == row.text
    assert row.reason in because(caught.value)
    if row.error is TimeoutError:
        assert here.waited == (row.timeout or 127)
    assert time.monotonic() - started < 60


class Named(NamedTuple):
    """What a program on an instance meets when it looks a name up."""

    what: str
    name: str
    code: int
    text: str
    changes: str = ""


NAMED = [
    Named("no such name", "nothing.internal", socket.EAI_NONAME, "Name or service not known"),
    Named("no address of the family", "only6.example.com", socket.EAI_NODATA, "No address associated with hostname",
          'hosts: {only6.example.com: "2001:db8::7"}'),
    Named("no resolver", "example.com", socket.EAI_AGAIN, "Temporary failure in name resolution",
          "vpcs: {v: {cidr: 10.0.0.0/16, dns_support: false, dns_hostnames: false}}"),
]  # fmt: skip


@pytest.mark.parametrize("row", NAMED, ids=[row.what for row in NAMED])
def test_a_name_that_fails_fails_as_with_glibc(row: Named) -> None:
    with vpcsim.inside(network(row.changes), "web"), pytest.raises(socket.gaierror) as caught:
        socket.getaddrinfo(row.name, 80, socket.AF_INET)
    assert (caught.value.errno, caught.value.strerror) == (row.code, row.text)
    assert because(caught.value)


def test_names_are_those_of_the_vpc() -> None:
    net = network(ENDPOINTS + "hosted_zones: {corp.example.com: {vpcs: v, records: {db: 10.0.2.20}}}")
    with vpcsim.inside(net, "app"):
        assert socket.gethostbyname("db.corp.example.com") == "10.0.2.20"
        assert socket.gethostbyname_ex("db.corp.example.com") == ("db.corp.example.com", [], ["10.0.2.20"])
        assert socket.gethostbyname("sqs.eu-west-1.amazonaws.com").startswith("10.0.2.")
        assert socket.gethostbyname("localhost") == "127.0.0.1"
        assert socket.gethostbyaddr("10.0.2.20")[0] == "ip-10-0-2-20.eu-west-1.compute.internal"
        assert socket.getnameinfo(("10.0.2.20", 80), socket.NI_NUMERICSERV)[0] == "ip-10-0-2-20.eu-west-1.compute.internal"
        assert socket.getaddrinfo("10.0.0.7", "http", type=socket.SOCK_STREAM)[0][4] == ("10.0.0.7", 80)


HTTP = {
    "urllib": lambda url: json.loads(urllib.request.urlopen(url, timeout=30).read()),
    "requests": lambda url: requests.get(url, timeout=30).json(),
}


@pytest.mark.parametrize("get", HTTP.values(), ids=HTTP)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_host_on_the_internet_answers_and_sees_the_address_behind_which_the_instance_stands(
    get: Callable[[str], Any], scheme: str
) -> None:
    with vpcsim.inside(network(), "app", hosts={"api.example.com": echo}):
        told = get(f"{scheme}://api.example.com/orders")
    assert told["wsgi.url_scheme"] == scheme
    assert (told["HTTP_HOST"], told["PATH_INFO"], told["REMOTE_ADDR"]) == ("api.example.com", "/orders", "203.0.113.5")


@pytest.mark.parametrize("get", HTTP.values(), ids=HTTP)
def test_a_host_behind_a_closed_way_does_not(get: Callable[[str], Any]) -> None:
    with (
        vpcsim.inside(network(), "dark", hosts={"api.example.com": echo}),
        pytest.raises(OSError, match=r"[Tt]imed out|Max retries") as caught,
    ):
        get("https://api.example.com/")
    assert "rt-closed: no route" in because(caught.value)


def test_bodies_go_both_ways() -> None:
    with vpcsim.inside(
        network(), "app", hosts={"api.example.com": echo, "text.example.com": "Olá", "json.example.com": {"a": 1}}
    ):
        assert requests.post("https://api.example.com/", data="x" * 300_000, timeout=60).json()["body"] == "x" * 300_000
        assert requests.post("http://api.example.com/", data=iter([b"a", b"b"]), timeout=60).json()["body"] == "ab"
        assert requests.get("https://text.example.com/", timeout=60).text == "Olá"
        assert requests.get("https://json.example.com/", timeout=60).json() == {"a": 1}


def test_httpx_with_and_without_tasks() -> None:
    httpx = pytest.importorskip("httpx", reason="httpx is not installed")
    asyncio = pytest.importorskip("asyncio")

    async def get() -> Any:
        async with httpx.AsyncClient() as client:
            return (await client.get("https://api.example.com/a")).json()

    with vpcsim.inside(network(), "app", hosts={"api.example.com": echo}):
        assert httpx.get("https://api.example.com/a").json()["PATH_INFO"] == "/a"
        assert asyncio.run(get())["PATH_INFO"] == "/a"
    with vpcsim.inside(network(), "dark"), pytest.raises(httpx.ConnectTimeout):
        httpx.get("https://example.com/")


def test_the_name_on_a_certificate_is_verified() -> None:
    with vpcsim.inside(network(), "app", hosts={"api.example.com": echo}), pytest.raises(urllib.error.URLError) as caught:
        urllib.request.urlopen(f"https://{socket.gethostbyname('sqs.eu-west-1.amazonaws.com')}/", timeout=60)
    assert isinstance(caught.value.reason, ssl.SSLCertVerificationError)
    assert "IP address mismatch" in str(caught.value)


def test_a_context_of_the_program_stays_as_it_is() -> None:
    context = ssl.create_default_context()
    before = context.get_ca_certs(binary_form=True)
    with vpcsim.inside(network(), "app", hosts={"api.example.com": echo}):
        urllib.request.urlopen("https://api.example.com/", context=context, timeout=60).close()
    assert context.get_ca_certs(binary_form=True) == before


def test_a_host_in_the_vpc_speaks_what_it_likes() -> None:
    def shout(connection: socket.socket) -> None:
        connection.sendall(connection.recv(100).upper())

    with vpcsim.inside(network(), "app", hosts={"db:5432": Tcp(shout)}):
        with socket.create_connection(("10.0.2.20", 5432)) as connection:
            assert connection.getpeername() == ("10.0.2.20", 5432)
            assert connection.getsockname()[0] == "10.0.1.10"
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.sendall(b"hello")
            assert connection.recv(100) == b"HELLO"
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("10.0.2.20", 443))


def test_a_host_in_the_vpc_stands_on_its_own_instance() -> None:
    def relay(environ: Any, start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [])
        try:
            socket.create_connection(("198.51.100.10", 443), timeout=1)
        except OSError as error:
            return [str(error).encode(), because(error).encode()]
        return [b"reached"]

    with vpcsim.inside(network(), "app", hosts={"db:8080": relay, "198.51.100.10": "here"}):
        assert b"rt-closed: no route" in urllib.request.urlopen("http://10.0.2.20:8080/", timeout=60).read()


def test_a_server_of_the_program_is_reached_over_the_network_of_the_model() -> None:
    net = network()

    class Hello(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"hello")

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    with vpcsim.inside(net, "db"):
        server = http.server.HTTPServer(("0.0.0.0", 8080), Hello)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        assert urllib.request.urlopen("http://127.0.0.1:8080/", timeout=60).read() == b"hello"
        with vpcsim.inside(net, "app"):
            assert urllib.request.urlopen("http://10.0.2.20:8080/", timeout=60).read() == b"hello"
            with pytest.raises(urllib.error.URLError, match="refused"):
                urllib.request.urlopen("http://127.0.0.1:8080/", timeout=60)
        with vpcsim.inside(network(), "app"), pytest.raises(urllib.error.URLError, match="refused"):
            urllib.request.urlopen("http://10.0.2.20:8080/", timeout=60)
    server.shutdown()
    server.server_close()


def test_a_server_outside_is_not_reached_from_inside() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        with vpcsim.inside(network(), "app"), pytest.raises(ConnectionRefusedError):
            socket.create_connection(server.getsockname())
        socket.create_connection(server.getsockname()).close()


def test_only_own_addresses_can_be_bound() -> None:
    with (
        vpcsim.inside(network(), "app"),
        socket.socket() as one,
        pytest.raises(OSError, match="Cannot assign requested address") as caught,
    ):
        one.bind(("10.0.2.20", 8080))
    assert caught.value.errno == errno.EADDRNOTAVAIL


def test_connect_ex_gives_the_number() -> None:
    with vpcsim.inside(network(), "app"), socket.socket() as one:
        assert one.connect_ex(("10.0.2.20", 5432)) == errno.ECONNREFUSED


def test_datagrams_go_nowhere_but_know_their_own_address() -> None:
    with vpcsim.inside(network(), "app"), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        assert one.sendto(b"x", ("198.51.100.10", 53)) == 1
        one.connect(("198.51.100.10", 53))
        assert one.getsockname()[0] == "10.0.1.10"
        assert one.getpeername() == ("198.51.100.10", 53)


def test_a_presigned_url_is_decided_like_a_call() -> None:
    import boto3

    with vpcsim.inside(network(), "app"):
        s3 = boto3.client("s3")
        s3.put_object(Bucket="order-files", Key="a.txt", Body="Olá".encode())
        url = s3.generate_presigned_url("get_object", Params={"Bucket": "order-files", "Key": "a.txt"})
        assert requests.get(url, timeout=60).content.decode() == "Olá"
        assert requests.get(url.partition("?")[0], timeout=60).status_code == 403
    with vpcsim.inside(network("roles: {Worker: {allow: 'sqs:*'}}"), "app"):
        denied = requests.get(url, timeout=60)
    assert denied.status_code == 403
    assert "s3:GetObject" in denied.text


def test_what_the_model_cannot_answer_is_an_error_of_its_own() -> None:
    net = network("route_tables: {rt-private: {subnets: private, routes: {0.0.0.0/0: box}}}\n"
                  "instances: {box: {subnet: public, ip: 10.0.0.99, source_dest_check: false, security_groups: all}}\n"
                  "nat_gateways: null\nelastic_ips: null\n"
                  "security_groups: {all: {ingress: all from 0.0.0.0/0}}")  # fmt: skip
    with vpcsim.inside(net, "app"), pytest.raises(Undecided, match="is not in the model"):
        socket.create_connection(("198.51.100.10", 80))


def test_a_handler_that_cannot_answer_is_refused() -> None:
    with (
        pytest.raises(InputError, match=r"`api\.example\.com`: `5` is no handler"),
        vpcsim.inside(network(), "app", hosts={"api.example.com": 5}),
    ):
        pass


def test_an_unknown_instance_is_told_with_the_nearest_name() -> None:
    with pytest.raises(vpcsim.UnknownName, match="did you mean `web`"), vpcsim.inside(network(), "wep"):
        pass


def test_the_queue_is_asked_over_plain_https_too() -> None:
    with vpcsim.inside(network(), "app"):
        assert requests.get(QUEUE, timeout=60).status_code == 403


def test_a_handler_for_a_resource_that_is_not_in_the_model_is_told_at_once() -> None:
    with pytest.raises(vpcsim.UnknownName, match="did you mean `db`"), vpcsim.inside(network(), "app", hosts={"dbb:5432": "x"}):
        pass
