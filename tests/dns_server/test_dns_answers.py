"""Replies byte by byte, without sockets: one row for each documented rule, and no packet that breaks them."""

from __future__ import annotations

import struct
from ipaddress import IPv4Address, IPv6Address

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from served import ZONE, load, opt, query, view

from vpcsim import wire
from vpcsim.dns_server import answers as module
from vpcsim.dns_server.answers import Answers, Forward
from vpcsim.network import Network
from vpcsim.resolution import TYPES, Query, Record, Resolution, Vantage
from vpcsim.wire import asked_of, message

SOA, OPT = 6, 41


@pytest.fixture(scope="module")
def net(tmp_path_factory: pytest.TempPathFactory) -> Network:
    return load(tmp_path_factory.mktemp("model"))


@pytest.fixture
def answers(net: Network) -> Answers:
    return Answers(view(net), over_tcp=False)


def asked(answers: Answers, data: bytes) -> dns.message.Message:
    """The reply, read by another implementation, which checks id and question."""
    reply = answers.reply(data)
    assert isinstance(reply, bytes)
    assert reply
    return dns.message.from_wire(data[:2] + reply)


# RFC 2308, 4592, 6604, 8020, 8482: (name, type, rcode, records, SOA in the authority)
RESOLVED = [
    (f"db.{ZONE}", "A", "NOERROR", 1, 0),
    (f"two.{ZONE}", "A", "NOERROR", 2, 0),
    (f"six.{ZONE}", "AAAA", "NOERROR", 1, 0),
    (f"far.{ZONE}", "A", "NOERROR", 3, 0),
    (f"far.{ZONE}", "CNAME", "NOERROR", 1, 0),
    (f"x.wild.{ZONE}", "A", "NOERROR", 1, 0),
    (f"mail.{ZONE}", "MX", "NOERROR", 1, 0),
    (f"text.{ZONE}", "TXT", "NOERROR", 1, 0),
    (f"_sip._udp.{ZONE}", "SRV", "NOERROR", 1, 0),
    (ZONE, "SOA", "NOERROR", 1, 0),
    (ZONE, "NS", "NOERROR", 1, 0),
    (f"db.{ZONE}", "AAAA", "NOERROR", 0, 1),
    (f"very.deep.{ZONE}", "A", "NOERROR", 0, 1),
    (f"deep.{ZONE}", "A", "NOERROR", 0, 1),
    (f"db.{ZONE}", "TYPE1234", "NOERROR", 0, 1),
    (f"db.{ZONE}", "HTTPS", "NOERROR", 0, 1),
    (f"db.{ZONE}", "ANY", "NOERROR", 1, 0),
    (f"text.{ZONE}", "ANY", "NOERROR", 1, 0),
    (f"alias.{ZONE}", "ANY", "NOERROR", 1, 0),
    (f"nobody.{ZONE}", "ANY", "NXDOMAIN", 0, 1),
    (f"nobody.{ZONE}", "A", "NXDOMAIN", 0, 1),
    (f"below.db.{ZONE}", "A", "NXDOMAIN", 0, 1),
    (f"dangling.{ZONE}", "A", "NXDOMAIN", 1, 1),
    (f"dangling.{ZONE}", "CNAME", "NOERROR", 1, 0),
    (f"loop.{ZONE}", "A", "SERVFAIL", 0, 0),
    ("ip-10-0-0-10.ec2.internal", "A", "NOERROR", 1, 0),
    ("10.0.0.10.in-addr.arpa", "PTR", "NOERROR", 1, 0),
    ("localhost", "A", "NOERROR", 1, 0),
    ("partner.example.com", "A", "NOERROR", 1, 0),
    (".", "A", "NOERROR", 0, 1),
]


@pytest.mark.parametrize(("text", "kind", "rcode", "records", "soa"), RESOLVED, ids=lambda v: str(v))
def test_answers(answers: Answers, text: str, kind: str, rcode: str, records: int, soa: int) -> None:
    data = query(text, dns.rdatatype.from_text(kind), opt=opt())
    reply = asked(answers, data)
    assert dns.rcode.to_text(reply.rcode()) == rcode
    assert len(reply.answer) == records if rcode != "NOERROR" or records != 2 else len(reply.answer[0]) == 2
    assert [rrset.rdtype for rrset in reply.authority] == [SOA] * soa
    assert dns.flags.to_text(reply.flags) == "QR RD RA"
    assert (reply.edns, reply.ednsflags, reply.payload, reply.options) == (0, 0, 4096, ())
    assert reply.question == dns.message.from_wire(data).question


def test_a_ttl_of_a_negative_answer_is_the_smaller_one(answers: Answers) -> None:
    """RFC 2308 section 5."""
    (soa,) = asked(answers, query(f"nobody.{ZONE}")).authority
    assert soa.ttl == 900 == min(soa.ttl, soa[0].minimum)


NAMED = [(f"text.{ZONE}", "TXT", ['"a b" "c"', '"d"']), (f"mail.{ZONE}", "MX", [f"10 db.{ZONE}.", f"20 two.{ZONE}."])]


@pytest.mark.parametrize(("text", "kind", "data"), NAMED)
def test_data_is_what_the_model_says(answers: Answers, text: str, kind: str, data: list[str]) -> None:
    (rrset,) = asked(answers, query(text, dns.rdatatype.from_text(kind))).answer
    assert [str(record) for record in rrset] == data


@pytest.mark.parametrize("text", [f"dB.cOrP.eXaMpLe.NeT{dot}" for dot in ("", ".")])
def test_the_question_is_echoed_byte_for_byte(answers: Answers, text: str) -> None:
    """RFC 4343; resolvers put random letter case into names and compare it (0x20)."""
    data = query(text)
    reply = b"\0\7" + answers.reply(data)  # type: ignore[operator]
    assert reply[12 : len(data)] == data[12:]
    assert reply[len(data) : len(data) + 2] == b"\xc0\x0c"


# RFC 1035, 5936, 6891, 8906: (query, rcode, whether the question is echoed, whether OPT is there)
REFUSALS = {
    "STATUS": (query(flags=0x1000), "NOTIMP", True, False),
    "IQUERY": (query(flags=0x0900), "NOTIMP", True, False),
    "NOTIFY": (query(flags=0x2000, opt=opt()), "NOTIMP", True, True),
    "UPDATE": (query(flags=0x2800), "NOTIMP", True, False),
    "opcode 15, garbage behind the header": (struct.pack("!HHHHHH", 7, 0x7800, 9, 9, 9, 9) + b"\xff", "NOTIMP", False, False),
    "class CH": (query(dns_class=3), "REFUSED", True, False),
    "class HS": (query(dns_class=4), "REFUSED", True, False),
    "class ANY": (query(dns_class=255, opt=opt()), "REFUSED", True, True),
    "AXFR": (query(type=252), "REFUSED", True, False),
    "IXFR": (query(type=251), "REFUSED", True, False),
    "two questions": (struct.pack("!HHHHHH", 7, 0x100, 2, 0, 0, 0) + query()[12:] * 2, "FORMERR", False, False),
    "no question": (struct.pack("!HHHHHH", 7, 0x100, 0, 0, 0, 0), "FORMERR", False, False),
    "the type OPT": (query(type=41), "FORMERR", True, False),
    "the type MAILA": (query(type=254), "FORMERR", True, False),
    "EDNS version 1": (query(opt=opt(version=1)), "BADVERS", True, True),
    "EDNS version 255": (query(opt=opt(version=255)), "BADVERS", True, True),
    "EDNS version 1, class CH": (query(dns_class=3, opt=opt(version=1)), "BADVERS", True, True),
    "RD=0 for a public name": (query("unheard-of.example.edu", flags=0), "REFUSED", True, False),
    "RD=0 for an alias that leads outside": (query(f"outside.{ZONE}", flags=0, opt=opt()), "REFUSED", True, True),
}


@pytest.mark.parametrize(("data", "rcode", "question", "edns"), REFUSALS.values(), ids=REFUSALS)
def test_refusals(answers: Answers, data: bytes, rcode: str, question: bool, edns: bool) -> None:
    reply = answers.reply(data)
    assert isinstance(reply, bytes)
    flags, *counts = struct.unpack_from("!HHHHH", reply)
    assert flags & 0x8000
    assert flags & 0x7800 == int.from_bytes(data[2:4]) & 0x7800, "the opcode is echoed"
    assert flags & 0x0100 == int.from_bytes(data[2:4]) & 0x0100, "so is RD"
    assert counts == [int(question), 0, 0, int(edns)]
    extended = struct.unpack_from("!HHB", reply, len(reply) - 10)[2] if edns else 0
    assert dns.rcode.to_text(dns.rcode.Rcode(extended << 4 | flags & 0x0F)) == rcode
    assert not question or data[12:].startswith(reply[10 : len(reply) - (11 if edns else 0)])


SILENT = {
    "a reply (RFC 8906)": query(flags=0x8180),
    "a reply that is malformed": struct.pack("!HHHHHH", 7, 0x8000, 0, 9, 9, 9),
    "11 bytes": query()[:11],
    "1 byte": b"a",
    "nothing": b"",
}


@pytest.mark.parametrize("data", SILENT.values(), ids=SILENT)
def test_silence(answers: Answers, data: bytes) -> None:
    assert answers.reply(data) == b""
    assert not answers.known


def test_a_vpc_without_dns_support_is_silent(net: Network) -> None:
    assert Answers(view(net, "Mute"), over_tcp=False).reply(query()) == b""


FLAGS = {
    "AD is no promise": (query(flags=0x0120), "QR RD RA"),
    "CD is copied (RFC 4035 3.2.2)": (query(flags=0x0110), "QR RD RA CD"),
    "RD=0 for the VPC's own names": (query(flags=0), "QR RA"),
    "reserved bits are cleared": (query(flags=0x0140), "QR RD RA"),
    "AA and RA in a query mean nothing": (query(flags=0x0580), "QR RD RA"),
}


@pytest.mark.parametrize(("data", "flags"), FLAGS.values(), ids=FLAGS)
def test_flags(answers: Answers, data: bytes, flags: str) -> None:
    reply = asked(answers, data)
    assert dns.flags.to_text(reply.flags) == flags
    assert reply.flags & 0x0040 == 0
    assert reply.answer


COOKIE, SUBNET = struct.pack("!HH", 10, 8) + bytes(8), struct.pack("!HHHBB", 8, 7, 1, 24, 0) + bytes(3)
OPTS = {
    "a cookie": opt(data=COOKIE),
    "a client subnet": opt(data=SUBNET),
    "DO": opt(flags=0x8000),
    "an option cut short": opt(data=b"\0"),
}


@pytest.mark.parametrize("record", OPTS.values(), ids=OPTS)
def test_options_and_do_are_ignored(answers: Answers, record: bytes) -> None:
    """RFC 7873 and 7871; the VPC resolver has no client subnet, and does not sign."""
    reply = asked(answers, query(opt=record))
    assert (reply.edns, reply.ednsflags, reply.payload, reply.options) == (0, 0, 4096, ())
    assert reply.answer


def test_no_opt_record_without_one_in_the_query(answers: Answers) -> None:
    """RFC 6891 section 7."""
    assert asked(answers, query()).edns == -1


# RFC 1035 4.2.1, RFC 6891 6.2.5, RFC 2181 9: 100 addresses take 1,650 bytes with OPT
SIZES = [(None, True), (512, True), (0, True), (1232, True), (1649, True), (1650, False), (4096, False), (65535, False)]


@pytest.mark.parametrize(("size", "truncated"), SIZES)
def test_truncation_keeps_question_and_opt(answers: Answers, size: int | None, truncated: bool) -> None:
    data = query(f"many.{ZONE}", opt=b"" if size is None else opt(size))
    reply = asked(answers, data)
    assert bool(reply.flags & dns.flags.TC) == truncated
    assert (sum(map(len, reply.answer)), len(reply.question)) == (0 if truncated else 100, 1)
    assert (reply.edns == 0) == (size is not None)


def test_tcp_has_room(net: Network) -> None:
    reply = asked(Answers(view(net), over_tcp=True), query(f"many.{ZONE}"))
    assert len(reply.answer[0]) == 100
    assert not reply.flags & dns.flags.TC


@pytest.mark.parametrize("count", [300, 4000])
def test_no_pointer_leads_beyond_its_reach(count: int) -> None:
    """A pointer has 14 bits. Names behind that offset are not pointed to."""
    records = tuple(Record("x.example", "MX", 60, f"10 host-{n}.some-long-label-{n}.example") for n in range(count))
    found = Resolution(Vantage(None, "public"), Query("x.example", "MX"), "NOERROR", records, (), (), "")
    data = message(found)
    read = dns.message.from_wire(data)
    assert (len(data) > 0x4000, len(read.answer[0])) == (count == 4000 or len(data) > 0x4000, count)
    assert {str(r.exchange) for r in read.answer[0]} == {f"host-{n}.some-long-label-{n}.example." for n in range(count)}


@pytest.mark.parametrize(("text", "kind"), [(text, kind) for text, kind, *_ in RESOLVED if kind in TYPES and text != "."])
def test_the_dig_command_and_the_server_give_the_same_bytes(net: Network, answers: Answers, text: str, kind: str) -> None:
    found = net.resolve("AppServer", text, kind)
    number = dns.rdatatype.from_text(kind)
    assert answers.reply(query(text, number, opt=opt(4096), id=0)) == message(found)[2:]
    assert asked_of(found.query).type == number


@given(
    st.lists(
        st.tuples(st.sampled_from(["A", "AAAA"]), st.integers(0, 2**31 - 1), st.integers(0, 2**32 - 1)), min_size=1, max_size=9
    ),
    st.lists(st.sampled_from(["a", "Bc", "x" * 63]), min_size=1, max_size=3),
)
@settings(max_examples=100, deadline=None)
def test_addresses_are_written_as_dnslib_writes_them(rows: list[tuple[str, int, int]], labels: list[str]) -> None:
    name = ".".join(labels).lower()
    texts = {"A": lambda n: str(IPv4Address(n)), "AAAA": lambda n: str(IPv6Address(n << 64 | n))}
    records = tuple(Record(name, type, ttl, texts[type](number)) for type, ttl, number in rows)
    asked = wire.Asked(tuple(label.encode() for label in labels), 1)
    reply = message(Resolution(Vantage(None, "public"), Query(name), "NOERROR", records, (), (), ""), asked)
    assert reply == wire._written(reply[: wire.HEADER.size], asked, records, name) + wire.opt()


def test_a_reply_is_made_once_and_forgotten_when_the_model_changes(net: Network, answers: Answers) -> None:
    first = answers.reply(query(id=1))
    assert answers.reply(query(id=2)) is first
    assert answers.known == {query()[2:]: first}
    answers.renew(view(net.with_changes({"hosted_zones": {"myZone": {"records": {"db": "10.0.0.99"}}}})))
    assert not answers.known
    (changed,) = asked(answers, query()).answer
    assert str(changed[0]) == "10.0.0.99"


def test_what_is_kept_has_a_bound(answers: Answers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_KEPT", 20_000)
    often = query(f"often.wild.{ZONE}")
    for number in range(500):
        answers.reply(query(f"x{number}.wild.{ZONE}"))
        answers.reply(often)
        kept = sum(len(k) + len(v) for held in (answers.known, answers._older) for k, v in held.items())
        assert kept < 2 * 20_000
    assert often[2:] in answers.known, "what is asked for often stays"


def test_an_invented_name_is_left_to_the_upstream(net: Network) -> None:
    def upstream(found: Resolution) -> Resolution:
        return found._replace(records=(Record(found.query.name, "A", 5, "192.0.2.7"),))

    answers = Answers(view(net), False, upstream)
    for text, forwarded in ((f"db.{ZONE}", False), ("partner.example.com", False), ("unheard-of.example.edu", True)):
        reply = answers.reply(query(text))
        assert isinstance(reply, Forward) == forwarded
        if isinstance(reply, Forward):
            assert str(dns.message.from_wire(b"\0\7" + reply.finish()).answer[0][0]) == "192.0.2.7"
            assert query(text)[2:] not in answers.known


def test_data_that_cannot_be_written_is_servfail_and_said(net: Network, capsys: pytest.CaptureFixture[str]) -> None:
    def upstream(found: Resolution) -> Resolution:
        return found._replace(records=(Record(found.query.name, "MX", 5, "no preference"),))

    reply = Answers(view(net), False, upstream).reply(query("unheard-of.example.edu", 15))
    assert isinstance(reply, Forward)
    assert dns.message.from_wire(b"\0\7" + reply.finish()).rcode() == dns.rcode.SERVFAIL
    assert capsys.readouterr().err.startswith("vpcsim: cannot answer unheard-of.example.edu MX: ValueError: ")


# fuzz

VALID = st.builds(
    query,
    text=st.sampled_from([text for text, *_ in RESOLVED]),
    type=st.integers(0, 65535) | st.sampled_from([1, 5, 28, 255]),
    flags=st.integers(0, 65535) | st.just(0x0100),
    dns_class=st.just(1) | st.integers(0, 65535),
    opt=st.just(b"") | st.builds(opt, size=st.integers(0, 65535), version=st.integers(0, 3), data=st.binary(max_size=20)),
)


@st.composite
def spoiled(draw: st.DrawFn) -> bytes:
    data = bytearray(draw(VALID))
    for _ in range(draw(st.integers(1, 4))):
        data[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))
    return bytes(data[: draw(st.integers(0, len(data)))] if draw(st.booleans()) else data)


@given(VALID | spoiled() | st.binary(max_size=600))
@settings(max_examples=400, deadline=None)
def test_every_packet_has_a_lawful_reply_or_none(net: Network, data: bytes) -> None:
    answers = Answers(view(net), over_tcp=False)
    reply = answers.reply(data)
    assert isinstance(reply, bytes)
    if not reply:
        assert len(data) < 12 or data[2] & 0x80
        return
    assert not answers.complaints
    assert len(reply) + 2 <= 4096
    flags = int.from_bytes(reply[:2])
    assert flags & 0x8000
    assert flags & 0x0460 == 0, "no AA, no AD, nothing reserved"
    assert flags & 0x7800 == int.from_bytes(data[2:4]) & 0x7800
    if not flags & 0x7800:
        dns.message.from_wire(data[:2] + reply)
