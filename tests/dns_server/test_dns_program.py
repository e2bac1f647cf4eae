"""`vpcsim dns` as a process, asked by the clients that people use."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import dns.message
import dns.query
import pytest
from served import MODEL, PROGRAM, ROOT, ZONE, over_udp, program, query, write_model

from vpcsim.dns_server import Endpoint


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    model = write_model(tmp_path_factory.mktemp("model"))
    with program(str(model), "--as", "AppServer", "--listen", "127.0.0.1:0") as (_, ports):
        yield ports[0]


def ask(client: str, port: int, *words: str) -> str:
    """The output of a command-line client; skips where it is not installed."""
    if not shutil.which(client):
        pytest.skip(f"{client} is not installed")
    done = subprocess.run(
        [client, "@127.0.0.1", "-p", str(port), *words], capture_output=True, text=True, timeout=20, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


FLAGS = ";; flags: qr rd ra; QUERY: 1, ANSWER: {}, AUTHORITY: {}, ADDITIONAL: 1\n"


@pytest.mark.parametrize("transport", ["+notcp", "+tcp"])
def test_dig_sees_what_it_sees_in_a_vpc(port: int, transport: str) -> None:
    told = ask("dig", port, f"db.{ZONE}", transport)
    assert FLAGS.format(1, 0) in told
    assert "; EDNS: version: 0, flags:; udp: 4096\n" in told
    assert re.search(rf"^db\.{re.escape(ZONE)}\.\s+300\s+IN\s+A\s+10\.0\.0\.20$", told, re.MULTILINE)
    assert "WARNING" not in told


def test_dig_sees_a_name_that_does_not_exist(port: int) -> None:
    told = ask("dig", port, f"nobody.{ZONE}")
    assert "status: NXDOMAIN" in told
    assert FLAGS.format(0, 1) in told
    assert re.search(
        r"\s900\s+IN\s+SOA\s+ns-1536\.awsdns-00\.co\.uk\. awsdns-hostmaster\.amazon\.com\. 1 7200 900 1209600 86400$", told, re.M
    )


DIG = [
    ((f"far.{ZONE}", "+short"), f"alias.{ZONE}.\ndb.{ZONE}.\n10.0.0.20\n"),
    (("dB.cOrP.example.NET", "+short"), "10.0.0.20\n"),
    (("-x", "10.0.0.10", "+short"), "ip-10-0-0-10.ec2.internal.\n"),
    ((f"text.{ZONE}", "TXT", "+short"), '"a b" "c"\n"d"\n'),
    ((f"text.{ZONE}", "ANY", "+short"), '"a b" "c"\n"d"\n'),
    ((f"db.{ZONE}", "+noedns", "+short"), "10.0.0.20\n"),
    ((f"db.{ZONE}", "+dnssec", "+subnet=10.9.0.0/16", "+short"), "10.0.0.20\n"),
    ((f"db.{ZONE}", "TYPE65280", "+short"), ""),
]


@pytest.mark.parametrize(("words", "output"), DIG, ids=lambda v: " ".join(v) if isinstance(v, tuple) else "")
def test_dig_prints(port: int, words: tuple[str, ...], output: str) -> None:
    assert ask("dig", port, *words) == output


STATUS = [
    ((f"db.{ZONE}", "+opcode=STATUS"), "NOTIMP"),
    ((f"db.{ZONE}", "-c", "CH"), "REFUSED"),
    ((f"db.{ZONE}", "+edns=1", "+noednsnegotiation"), "BADVERS"),
    ((f"db.{ZONE}", "+ednsopt=100"), "NOERROR"),
    ((f"db.{ZONE}", "+ednsflags=0x80"), "NOERROR"),
    ((f"db.{ZONE}", "+norecurse"), "NOERROR"),
    ((f"loop.{ZONE}",), "SERVFAIL"),
    (("+header-only",), "FORMERR"),
]


@pytest.mark.parametrize(("words", "status"), STATUS, ids=lambda v: " ".join(v) if isinstance(v, tuple) else v)
def test_dig_gets_the_status_of_rfc_8906(port: int, words: tuple[str, ...], status: str) -> None:
    assert f"status: {status}," in ask("dig", port, *words)


def test_dig_goes_to_tcp_when_a_reply_is_cut(port: int) -> None:
    told = ask("dig", port, f"many.{ZONE}")
    assert ";; Truncated, retrying in TCP mode." in told
    assert FLAGS.format(100, 0) in told


def test_dig_is_refused_a_transfer(port: int) -> None:
    assert "; Transfer failed." in ask("dig", port, ZONE, "AXFR")


def test_kdig_asks_several_queries_on_one_connection(port: int) -> None:
    told = ask("kdig", port, "+tcp", "+keepopen", "+short", f"db.{ZONE}", f"two.{ZONE}")
    assert told.split() == ["10.0.0.20", "10.0.0.21", "10.0.0.22"]


def test_delv_takes_the_answer_unvalidated(port: int) -> None:
    told = ask("delv", port, "+noroot", "-i", f"db.{ZONE}")
    assert "; unvalidated answer" in told or "; answer not validated" in told
    assert "10.0.0.20" in told


@pytest.mark.parametrize("ask_by", [dns.query.udp, dns.query.tcp])
def test_dnspython_checks_id_question_and_case(port: int, ask_by: object) -> None:
    asked = dns.message.make_query("Two.cORP.example.net", "A")
    reply = ask_by(asked, "127.0.0.1", 5, port)  # type: ignore[operator]
    assert sorted(str(record) for record in reply.answer[0]) == ["10.0.0.21", "10.0.0.22"]
    assert reply.answer[0].name.labels == asked.question[0].name.labels


def test_the_dig_command_prints_what_dig_prints(port: int, tmp_path: Path) -> None:
    """The size too: the bytes are the same."""
    ours = subprocess.run(
        [*PROGRAM, "dig", str(write_model(tmp_path)), "AppServer", f"far.{ZONE}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    theirs = ask("dig", port, f"far.{ZONE}", "+nocookie")
    for pattern in (r"flags: .*", r"MSG SIZE  rcvd: \d+", r"EDNS: .*", r"status: \w+"):
        assert re.findall(pattern, ours) == re.findall(pattern, theirs)


# life of the process


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_zero_and_without_a_word(tmp_path: Path, number: signal.Signals) -> None:
    with program(str(write_model(tmp_path)), "--as", "AppServer", "--listen", "127.0.0.1:0") as (process, _):
        process.send_signal(number)
        assert process.wait(10) == 0
        assert process.stderr is not None
        assert process.stderr.read() == ""


def test_it_says_where_each_view_is(tmp_path: Path) -> None:
    words = ("--view", "AppServer=127.0.0.1:0", "--view", "public=127.0.0.2:0")
    with program(str(write_model(tmp_path)), "--as", "myVPC", "--listen", "127.0.0.1:0", *words, lines=3) as (_, ports):
        found = [over_udp(Endpoint(f"127.0.0.{n}", port), query()) for n, port in zip((1, 1, 2), ports, strict=True)]
    assert [reply[3] & 15 for reply in found if reply] == [0, 0, 3]


def test_a_changed_model_is_read_again_and_a_broken_one_is_not_served(tmp_path: Path) -> None:
    model = write_model(tmp_path)
    with program(str(tmp_path), "--as", "AppServer", "--listen", "127.0.0.1:0") as (process, (port,)):
        endpoint = Endpoint("127.0.0.1", port)
        assert process.stderr is not None
        assert (over_udp(endpoint, query()) or b"")[-1] == 20
        write_model(tmp_path, MODEL.replace("db: 10.0.0.20", "db: 10.0.0.77"))
        assert "was read again" in process.stderr.readline()
        assert (over_udp(endpoint, query()) or b"")[-1] == 77
        write_model(tmp_path, "vpcs: {")
        assert str(model) in process.stderr.readline()
        assert "before this change is still served" in process.stderr.readline()
        assert (over_udp(endpoint, query()) or b"")[-1] == 77


def test_it_logs_what_resolver_query_logging_would(tmp_path: Path) -> None:
    """Each query once: one that is answered again from memory is not logged, as AWS logs no cache hit."""
    log = tmp_path / "queries.jsonl"
    words = (str(write_model(tmp_path)), "--view", "AppServer=127.0.0.1:0", "--view", "public=127.0.0.1:0")
    with program(*words, "--query-log", str(log), lines=2) as (process, (inside, outside)):
        for port in (inside, inside, outside):
            assert over_udp(Endpoint("127.0.0.1", port), query())
        dns.query.tcp(dns.message.make_query(f"nobody.{ZONE}", "AAAA"), "127.0.0.1", port=inside, timeout=5)
        process.terminate()
        process.wait(10)
    first, second = map(json.loads, log.read_text().splitlines())
    assert (first["query_name"], first["transport"], first["srcaddr"]) == (f"db.{ZONE}.", "UDP", "10.0.0.10")
    assert first["answers"] == [{"Rdata": "10.0.0.20", "Type": "A", "Class": "IN"}]
    assert (second["query_type"], second["rcode"], second["transport"]) == ("AAAA", "NXDOMAIN", "TCP")


def test_an_address_that_others_reach_is_said(tmp_path: Path) -> None:
    with program(str(write_model(tmp_path)), "--as", "AppServer", "--listen", "0.0.0.0:0") as (process, (port,)):
        assert over_udp(Endpoint("127.0.0.1", port), query()) is not None
        process.terminate()
        assert process.wait(10) == 0
        assert process.stderr is not None
        assert process.stderr.read() == f"vpcsim: 0.0.0.0:{port} is reached from other machines\n"


ABOVE = """
vpcs: {v: 10.0.0.0/16}
subnets: {s: 10.0.0.0/24}
instances: {i: {subnet: s}}
hosts: {unheard-of.example.edu: 192.0.2.44, partner.example.com: 192.0.2.55, www.example.edu: [192.0.2.1, 192.0.2.2]}
"""


def test_invented_names_go_to_the_upstream_and_no_others(tmp_path: Path) -> None:
    """The upstream is a second server whose model declares what the first one would invent."""
    above = tmp_path / "above"
    above.mkdir()
    write_model(above, ABOVE)
    with program(str(above), "--as", "public", "--listen", "127.0.0.1:0") as (upstream, (far,)):
        words = ("--as", "AppServer", "--listen", "127.0.0.1:0", "--upstream", f"127.0.0.1:{far}")
        with program(str(write_model(tmp_path)), *words) as (_, (port,)):
            for transport in ("+notcp", "+tcp"):
                assert ask("dig", port, "+short", transport, "www.example.edu").split() == ["192.0.2.1", "192.0.2.2"]
                assert ask("dig", port, "+short", transport, f"outside.{ZONE}").split() == [
                    "unheard-of.example.edu.",
                    "192.0.2.44",
                ]
            assert ask("dig", port, "+short", "partner.example.com") == "203.0.113.9\n"
            assert FLAGS.format(0, 1) in ask("dig", port, "www.example.edu", "AAAA")
            upstream.kill()
            upstream.wait()
            started = time.monotonic()
            assert "status: SERVFAIL" in ask("dig", port, "www.example.edu")
            assert time.monotonic() - started < 10


UNUSABLE = [
    ((), "nobody to answer as; expected --as FROM, or --view FROM=ADDRESS:PORT"),
    (("--listen", "127.0.0.1:0"), "nobody to answer as"),
    (("--as", "AppServer", "--listen", "localhost"), "`localhost` is not an address such as 127.0.0.1:5353 or [::1]:5353"),
    (("--as", "AppSrever", "--listen", "127.0.0.1:0"), "no resource `AppSrever`, did you mean `AppServer`?"),
    (("--view", "AppServer"), "`AppServer` is not a view such as AppServer=127.0.0.2:5353"),
    (("--as", "AppServer", "--listen", "192.0.2.1:0"), "cannot listen on 192.0.2.1:0: cannot assign requested address"),
    (("--as", "AppServer", "--upstream", "resolver"), "`resolver` is not an address"),
]


@pytest.mark.parametrize(("words", "message"), UNUSABLE, ids=lambda v: " ".join(v) if isinstance(v, tuple) else "")
def test_what_cannot_be_served_is_said_with_exit_code_two(words: tuple[str, ...], message: str) -> None:
    done = subprocess.run(
        [*PROGRAM, "dns", "models/sqs-private", *words], cwd=ROOT, capture_output=True, text=True, timeout=20, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
