"""Addresses, prefixes, and the two tables that decide by them.

An address is an `int` on one number line that holds both families: IPv4 keeps its own value, IPv6 is shifted up by
2**32. So a prefix is one closed interval, `0.0.0.0/0` and `::/0` never overlap, and everything below is written once.

Both tables decide when they are built, once per interval of addresses: a lookup is one bisect that already yields the
route or the rule. They see addresses only through prefixes that are known when the network is compiled, so every
address of one interval is treated alike.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Generic, NamedTuple, TypeVar

IPV6 = 1 << 32
Ports = tuple[int, int]
ANY_PORT: Ports = (0, 65535)

T = TypeVar("T")
R = TypeVar("R")


def address(text: str) -> int:
    """The address written as `text`. Raises ValueError with a sentence for people."""
    try:
        parsed = ip_address(str(text))
    except ValueError:
        raise ValueError(f"`{text}` is not an address") from None
    return int(parsed) + (IPV6 if parsed.version == 6 else 0)


def address_text(number: int) -> str:
    """How people write the address `number`."""
    return str(IPv4Address(number)) if number < IPV6 else str(IPv6Address(number - IPV6))


def family(number: int) -> int:
    """4 or 6."""
    return 4 if number < IPV6 else 6


def first_of_each_family(numbers: Iterable[int]) -> Iterator[int]:
    """The first IPv4 address and the first IPv6 address, in their order."""
    first: dict[int, int] = {}
    for number in numbers:
        first.setdefault(family(number), number)
    yield from first.values()


class Prefix(NamedTuple):
    """A CIDR block as the closed interval of its addresses."""

    first: int
    last: int

    @classmethod
    def parse(cls, text: str) -> Prefix:
        """Read a CIDR block, or a lone address as a block of one. Host bits are cleared, as EC2 does.

        Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRoute.html
        Raises ValueError with a sentence for people.
        """
        try:
            network = ip_network(text, strict=False)
        except ValueError:
            raise ValueError(f"`{text}` is not a CIDR block such as 10.0.0.0/16") from None
        shift = IPV6 if network.version == 6 else 0
        return cls(int(network.network_address) + shift, int(network.broadcast_address) + shift)

    @property
    def size(self) -> int:
        """How many addresses the block holds."""
        return self.last - self.first + 1

    @property
    def family(self) -> int:
        return family(self.first)

    def covers(self, other: Prefix) -> bool:
        return self.first <= other.first and other.last <= self.last

    def overlaps(self, other: Prefix) -> bool:
        return self.first <= other.last and other.first <= self.last

    def holds(self, number: int) -> bool:
        return self.first <= number <= self.last

    def __str__(self) -> str:
        width = 32 if self.first < IPV6 else 128
        return f"{address_text(self.first)}/{width - self.size.bit_length() + 1}"


PRIVATE = tuple(map(Prefix.parse, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
"""Source: RFC 1918."""
UNIQUE_LOCAL = Prefix.parse("fc00::/7")
"""IPv6 addresses that no internet gateway announces.

Source: https://docs.aws.amazon.com/vpc/latest/userguide/vpc-ip-addressing.html
"""
CARRIER_GRADE = Prefix.parse("100.64.0.0/10")
"""Source: RFC 6598."""
EVERYWHERE = {4: Prefix.parse("0.0.0.0/0"), 6: Prefix.parse("::/0")}
NOT_PUBLIC = (*PRIVATE, CARRIER_GRADE, Prefix.parse("169.254.0.0/16"), UNIQUE_LOCAL)
"""What no packet reaches from outside of the networks that have it."""


class PrefixTable(Generic[T]):
    """Longest-prefix match. Of two entries with one prefix the first given wins.

    Source: https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html
    """

    __slots__ = ("_answers", "_starts")

    def __init__(self, entries: Iterable[tuple[Prefix, T]]) -> None:
        self._starts: list[int] = [-1]
        self._answers: list[T | None] = [None]
        # Prefixes nest or are apart, so sorting by start, widest first, visits every prefix before those inside it.
        unique: dict[Prefix, T] = {}
        for prefix, answer in entries:
            unique.setdefault(prefix, answer)
        open_prefixes: list[tuple[int, T]] = []
        for prefix in sorted(unique, key=lambda p: (p.first, -p.last)):
            self._close(open_prefixes, prefix.first)
            self._start(prefix.first, unique[prefix])
            open_prefixes.append((prefix.last, unique[prefix]))
        self._close(open_prefixes, None)

    def _close(self, open_prefixes: list[tuple[int, T]], before: int | None) -> None:
        while open_prefixes and (before is None or open_prefixes[-1][0] < before):
            last, _ = open_prefixes.pop()
            self._start(last + 1, open_prefixes[-1][1] if open_prefixes else None)

    def _start(self, first: int, answer: T | None) -> None:
        if self._starts[-1] == first:
            self._answers[-1] = answer
        else:
            self._starts.append(first)
            self._answers.append(answer)

    def lookup(self, number: int) -> T | None:
        """The entry of the longest prefix that holds the address, or None."""
        return self._answers[bisect_right(self._starts, number) - 1]


class PassedOver(Enum):
    """Why an entry of a table does not decide about an address."""

    ELSEWHERE = "its prefix does not hold the address"
    LONGER = "a longer prefix does"
    EARLIER = "the same prefix was given before"


def passed_over(entries: Iterable[tuple[Prefix, T]], number: int) -> Iterator[tuple[Prefix, T, PassedOver | None]]:
    """Every entry of a `PrefixTable`, the longest prefix first, with why it does not decide; None for the one that does."""
    decided: Prefix | None = None
    for prefix, answer in sorted(entries, key=lambda entry: (entry[0].size, entry[0].first)):
        if not prefix.holds(number):
            yield prefix, answer, PassedOver.ELSEWHERE
        elif decided is None:
            decided = prefix
            yield prefix, answer, None
        else:
            yield prefix, answer, PassedOver.EARLIER if prefix == decided else PassedOver.LONGER


class Clause(NamedTuple, Generic[R]):
    """What a rule asks of a packet: one of these prefixes, and a port inside this range."""

    prefixes: Sequence[Prefix]
    ports: Ports
    rule: R


class RuleTable(Generic[R]):
    """First match over (address, ports). The clauses come in the order in which they are tried."""

    __slots__ = ("_clauses", "_ports", "_starts")

    def __init__(self, clauses: Sequence[Clause[R]]) -> None:
        self._clauses = clauses
        edges = {-1}
        for clause in clauses:
            for prefix in clause.prefixes:
                edges.add(prefix.first)
                edges.add(prefix.last + 1)
        self._starts = sorted(edges)
        self._ports: list[PortTable[R] | tuple[R | None] | None] = [None] * len(self._starts)

    def match(self, number: int, ports: Ports) -> tuple[R | None, ...]:
        """The deciding rules for the ports of this range, in port order; None stands where no rule matches.

        One value, unless different rules decide about different ports of the range.
        """
        at = bisect_right(self._starts, number) - 1
        table = self._ports[at]
        if table is None:
            table = self._ports[at] = self._compile(self._starts[at])
        return table if isinstance(table, tuple) else table.match(ports)

    def _compile(self, number: int) -> PortTable[R] | tuple[R | None]:
        """The rules by port for one interval of addresses; the rule itself if the ports do not matter."""
        rules = [(c.ports, c.rule) for c in self._clauses if any(p.first <= number <= p.last for p in c.prefixes)]
        if not rules or rules[0][0] == ANY_PORT:
            return (rules[0][1] if rules else None,)
        return PortTable(rules)


class PortTable(Generic[R]):
    """First match over ports: the port-wise half of a RuleTable."""

    __slots__ = ("_answers", "_starts")

    def __init__(self, rules: Sequence[tuple[Ports, R]]) -> None:
        edges = sorted({0, *(ports[0] for ports, _ in rules), *(ports[1] + 1 for ports, _ in rules)})
        self._starts = edges
        self._answers: list[tuple[R | None, ...]] = [
            (next((rule for (first, last), rule in rules if first <= edge <= last), None),) for edge in edges
        ]

    def match(self, ports: Ports) -> tuple[R | None, ...]:
        """As RuleTable.match."""
        first, last = ports
        starts = self._starts
        low = bisect_right(starts, first) - 1
        if low + 1 == len(starts) or starts[low + 1] > last:
            return self._answers[low]
        high = bisect_right(starts, last)
        distinct: dict[int, R | None] = {id(rule): rule for (rule,) in self._answers[low:high]}
        return tuple(distinct.values())


def ports_text(ports: Ports) -> str:
    """`443`, or `1024-65535`."""
    first, last = ports
    return str(first) if first == last else f"{first}-{last}"
