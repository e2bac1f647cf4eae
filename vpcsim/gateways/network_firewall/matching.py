"""Whether a packet matches what a rule says, in three values: yes, no, and None where the model cannot tell.

Addresses and ports are written as in Suricata: `ANY`, a block, a list in brackets, `!` before what is excluded, `$NAME`
for a variable.

Sources: https://docs.aws.amazon.com/network-firewall/latest/APIReference/API_Header.html,
https://docs.aws.amazon.com/network-firewall/latest/developerguide/stateful-rule-groups-domain-names.html.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from vpcsim.packet import ICMP, ICMPV6, TCP, UDP, Packet
from vpcsim.prefixes import Ports, Prefix

Match = bool | None
TRANSPORT = {"IP": (), "TCP": (TCP,), "UDP": (UDP,), "ICMP": (ICMP, ICMPV6)}
APPLICATION_AT = {443: "TLS", 80: "HTTP"}
"""What a client that looks for a host name speaks on these ports."""


class Traffic(NamedTuple):
    """What a rule looks at. `opening`: the first packet, before the client has sent any data."""

    packet: Packet
    host: str
    opening: bool

    @property
    def application(self) -> str | None:
        """The application protocol: empty if there is none to see, None if the model cannot tell."""
        if self.packet.protocol != TCP:
            return ""
        low, high = self.packet.dst_port
        return APPLICATION_AT.get(low) if low == high and self.host else None


class Variables(NamedTuple):
    """The variables of a rule group: its sets of addresses and of ports, and HOME_NET of the policy.

    What a group does not set it has from the policy, of which EXTERNAL_NET is all that is not in HOME_NET: a HOME_NET of the
    group's own changes nothing about that.

    Source: https://docs.aws.amazon.com/network-firewall/latest/developerguide/suricata-limitations-caveats.html
    """

    home: tuple[str, ...] | None
    addresses: Mapping[str, tuple[str, ...]]
    ports: Mapping[str, tuple[str, ...]]


def any_of(matches: Iterable[Match]) -> Match:
    """Whether one of them matches."""
    found = list(matches)
    return True if True in found else None if None in found else False


def all_of(matches: Iterable[Match]) -> Match:
    """Whether all of them match."""
    found = list(matches)
    return False if False in found else None if None in found else True


def opposite(match: Match) -> Match:
    """What `!` makes of it."""
    return None if match is None else not match


def address_matches(text: str, number: int, variables: Variables) -> Match:
    """Whether an address is one of those that the text stands for. Raises ValueError for something that is no block."""
    text = text.strip()
    if text.upper() == "ANY":
        return True
    if text.startswith("!"):
        return opposite(address_matches(text[1:], number, variables))
    if text.startswith("["):
        return _list_matches(_items(text), lambda item: address_matches(item, number, variables))
    if text.startswith("$"):
        return _variable_matches(text[1:], number, variables)
    return None if text.startswith("@") else Prefix.parse(text).holds(number)


def _variable_matches(name: str, number: int, variables: Variables) -> Match:
    if (definition := variables.addresses.get(name)) is not None:
        return _list_matches(list(definition), lambda item: address_matches(item, number, variables))
    if variables.home is None or name not in ("HOME_NET", "EXTERNAL_NET"):
        return None
    inside = _list_matches(list(variables.home), lambda item: address_matches(item, number, variables))
    return inside if name == "HOME_NET" else opposite(inside)


def ports_match(text: str, ports: Ports, variables: Variables) -> Match:
    """Whether every port of a range is one of those that the text stands for; None if only some are."""
    text = text.strip()
    if text.upper() == "ANY":
        return True
    if text.startswith("!"):
        return opposite(ports_match(text[1:], ports, variables))
    if text.startswith("["):
        return _list_matches(_items(text), lambda item: ports_match(item, ports, variables))
    if text.startswith("$"):
        definition = variables.ports.get(text[1:])
        return None if definition is None else _list_matches(list(definition), lambda item: ports_match(item, ports, variables))
    first, colon, last = text.partition(":")
    return covers((int(first or 0), int(last or 65535) if colon else int(first)), ports)


def covers(rule: Ports, ports: Ports) -> Match:
    """Whether a rule's range holds all ports (True), none (False), or some of them (None)."""
    if rule[0] <= ports[0] and ports[1] <= rule[1]:
        return True
    return False if ports[1] < rule[0] or rule[1] < ports[0] else None


def protocol_matches(name: str, traffic: Traffic) -> Match:
    """Whether the traffic is of a protocol: a transport, or an application that only data shows."""
    name = name.upper()
    if name in TRANSPORT:
        return not TRANSPORT[name] or traffic.packet.protocol in TRANSPORT[name]
    if traffic.packet.protocol == UDP:
        return None
    if traffic.packet.protocol != TCP or traffic.opening:
        return False
    return None if traffic.application is None else traffic.application == name


def domain_matches(domain: str, host: str) -> bool:
    """Whether a host name is the domain, or with a dot in front the domain or below it."""
    domain = domain.lower()
    return f".{host}".endswith(domain) if domain.startswith(".") else host == domain


def _list_matches(items: list[str], matches: "object") -> Match:
    assert callable(matches)
    wanted = [matches(item) for item in items if not item.startswith("!")]
    unwanted = [matches(item[1:]) for item in items if item.startswith("!")]
    return all_of([any_of(wanted) if wanted else True, opposite(any_of(unwanted)) if unwanted else True])


def _items(text: str) -> list[str]:
    return list(_split(text.strip()[1:-1]))


def _split(text: str) -> Iterator[str]:
    depth, item = 0, ""
    for character in text:
        depth += {"[": 1, "]": -1}.get(character, 0)
        if character == "," and not depth:
            yield item.strip()
            item = ""
        else:
            item += character
    yield item.strip()
