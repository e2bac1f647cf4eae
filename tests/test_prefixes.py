"""Addresses, CIDR blocks, and the tables that decide by them."""

from __future__ import annotations

import pytest

from vpcsim.prefixes import ANY_PORT, EVERYWHERE, Clause, Prefix, PrefixTable, RuleTable, address, address_text, family

ROUTES = "https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html"
CANONICAL = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRoute.html"


@pytest.mark.parametrize("text", ["0.0.0.0", "10.0.0.1", "255.255.255.255", "::", "::1", "fd00:ec2::253", "ffff::"])
def test_an_address_and_back(text: str) -> None:
    assert address_text(address(text)) == text
    assert family(address(text)) == (6 if ":" in text else 4)


@pytest.mark.parametrize("text", ["", "10.0.0", "10.0.0.256", "10.0.0.0/8", "example.com", "::g", " 10.0.0.1"])
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(ValueError, match="is not an address"):
        address(text)


@pytest.mark.parametrize(
    ("written", "block"),
    [
        ("10.0.0.0/16", "10.0.0.0/16"),
        ("100.68.0.18/18", "100.68.0.0/18"),
        ("10.1.2.3", "10.1.2.3/32"),
        ("0.0.0.0/0", "0.0.0.0/0"),
        ("::/0", "::/0"),
        ("2001:db8::1/56", "2001:db8::/56"),
        ("2001:db8::1", "2001:db8::1/128"),
    ],
)
def test_a_block_is_written_canonically(written: str, block: str) -> None:
    assert str(Prefix.parse(written)) == block


@pytest.mark.parametrize("text", ["", "10.0.0.0/33", "10.0.0.0/-1", "all", "10.0.0.0/16/8"])
def test_what_is_no_block(text: str) -> None:
    with pytest.raises(ValueError, match="is not a CIDR block"):
        Prefix.parse(text)


@pytest.mark.parametrize(
    ("outer", "inner", "covers", "overlaps"),
    [
        ("10.0.0.0/16", "10.0.1.0/24", True, True),
        ("10.0.1.0/24", "10.0.0.0/16", False, True),
        ("10.0.0.0/24", "10.0.1.0/24", False, False),
        ("10.0.0.0/24", "10.0.0.0/24", True, True),
        ("10.0.0.0/24", "10.0.0.0/32", True, True),
        ("10.0.0.0/24", "10.0.0.255/32", True, True),
        ("10.0.0.255/32", "10.0.0.0/24", False, True),
        ("10.0.0.0/32", "10.0.0.0/24", False, True),
        ("0.0.0.0/0", "::/0", False, False),
        ("0.0.0.0/0", "::ffff:0:0/96", False, False),
        ("::/0", "10.0.0.0/8", False, False),
    ],
)
def test_blocks_side_by_side(outer: str, inner: str, covers: bool, overlaps: bool) -> None:
    a, b = Prefix.parse(outer), Prefix.parse(inner)
    assert (a.covers(b), a.overlaps(b), b.overlaps(a)) == (covers, overlaps, overlaps)
    assert a.holds(b.first) is (covers or (overlaps and a.first <= b.first <= a.last))


def test_everywhere_of_one_family_is_nowhere_in_the_other() -> None:
    assert EVERYWHERE[4].holds(address("255.255.255.255"))
    assert not EVERYWHERE[4].holds(address("::"))
    assert EVERYWHERE[6].holds(address("::"))
    assert not EVERYWHERE[6].holds(address("255.255.255.255"))


LONGEST = [
    ("0.0.0.0", "all"), ("9.255.255.255", "all"), ("10.0.0.255", "16"), ("10.0.1.5", "24"), ("10.0.1.7", "32"),
    ("10.0.1.8", "24"), ("10.0.1.255", "24"), ("10.0.2.0", "16"), ("10.1.0.0", "all"), ("255.255.255.255", "all"),
    ("::1", None), ("2001:db8::1", "six"),
]  # fmt: skip


@pytest.mark.parametrize(("destination", "answer"), LONGEST)
def test_the_longest_prefix_decides(destination: str, answer: str | None) -> None:
    blocks = {"10.0.1.0/24": "24", "0.0.0.0/0": "all", "10.0.1.7/32": "32", "10.0.0.0/16": "16", "2001:db8::/32": "six"}
    for entries in (list(blocks.items()), list(reversed(blocks.items()))):
        assert PrefixTable((Prefix.parse(block), name) for block, name in entries).lookup(address(destination)) == answer


def test_of_equal_prefixes_the_first_given_wins() -> None:
    block = Prefix.parse("10.0.0.0/8")
    assert PrefixTable([(block, "first"), (block, "second")]).lookup(address("10.1.1.1")) == "first"


def test_a_table_without_entries_answers_nothing() -> None:
    assert PrefixTable[str]([]).lookup(address("10.0.0.1")) is None
    assert RuleTable[str]([]).match(address("10.0.0.1"), (443, 443)) == (None,)


RULES = [
    ("10.0.0.0/8", (443, 443), "https"),
    ("10.0.0.0/16", (0, 1023), "low"),
    ("0.0.0.0/0", (1000, 2000), "middle"),
    ("10.9.0.0/16", ANY_PORT, "any"),
]
MATCHES = [
    ("10.0.0.1", (443, 443), ("https",)),
    ("10.0.0.1", (22, 22), ("low",)),
    ("10.1.0.1", (22, 22), (None,)),
    ("10.0.0.1", (1023, 1024), ("low", "middle")),
    ("10.0.0.1", (442, 444), ("low", "https")),
    ("192.0.2.1", (0, 65535), (None, "middle")),
    ("10.9.1.1", (0, 65535), ("any", "https", "middle")),
    ("10.9.1.1", (3000, 4000), ("any",)),
    ("::1", (443, 443), (None,)),
]


@pytest.mark.parametrize(("peer", "ports", "rules"), MATCHES)
def test_the_rules_that_decide_about_a_range_of_ports(peer: str, ports: tuple[int, int], rules: tuple[str | None, ...]) -> None:
    table = RuleTable([Clause((Prefix.parse(block),), range_, name) for block, range_, name in RULES])
    assert table.match(address(peer), ports) == rules


def test_a_clause_with_many_blocks() -> None:
    clause = Clause((Prefix.parse("10.0.0.0/24"), Prefix.parse("10.0.2.0/24")), ANY_PORT, "both")
    table = RuleTable([clause])
    assert [table.match(address(f"10.0.{n}.1"), (1, 1)) for n in range(3)] == [("both",), (None,), ("both",)]
