"""What the rules of a VPC decide where one of them is not known wholly: whether that one could have decided otherwise.

What is known of such a rule has the form of EC2's API; `{}` stands for an item inside a list of which nothing is known.

Sources: https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html (rules only allow),
https://docs.aws.amazon.com/vpc/latest/userguide/nacl-rules.html (the lowest number that matches decides),
https://docs.aws.amazon.com/vpc/latest/userguide/route-tables-priority.html (the longest prefix decides).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from vpcsim.codes import Code
from vpcsim.packet import ANY_PROTOCOL, HAVE_PORTS, Packet, protocol_number
from vpcsim.prefixes import Prefix
from vpcsim.resource import Decided, Dependence, as_list

if TYPE_CHECKING:
    from vpcsim.network import Network

Known = Mapping[str, Any] | None
NONE, PASSAGE, WHOLE = Dependence.NONE, Dependence.PASSAGE, Dependence.WHOLE
PEERS = (("IpRanges", "CidrIp"), ("Ipv6Ranges", "CidrIpv6"), ("PrefixListIds", ""), ("UserIdGroupPairs", ""))


def leaves(decided: Decided, net: Network) -> bool:
    """Whether an interface decided about what its owner sends."""
    return decided.came_from is None or decided.came_from == getattr(net.places[decided.at], "attached_to", None)


def of_group(part: Known, adds: bool, decided: Decided, outbound: bool) -> Dependence:
    """A rule of a security group that may be there: it lets more through, or takes the place of AWS's default ones."""
    step = decided.step
    if decided.passed:
        reply = step.rule is None
        return NONE if reply or adds else PASSAGE
    packet = step.packet
    return PASSAGE if part is None or _may_admit(part, packet, packet.dst if outbound else packet.src) else NONE


def _may_admit(rule: Mapping[str, Any], packet: Packet, peer: int) -> bool:
    ranges = [(item.get(key), key) for name, key in PEERS for item in as_list(rule.get(name)) if isinstance(item, Mapping)]
    peers = not ranges or any(not key or _may_hold(block, peer) for block, key in ranges)
    return peers and _may_be_about(rule.get("IpProtocol"), rule.get("FromPort"), rule.get("ToPort"), packet)


def of_acl(entry: Known, decided: Decided, outbound: bool) -> Dependence:
    """An entry of a network ACL that may be there: it decides if no entry with a lower number does, and not the same."""
    if entry is None:
        return PASSAGE
    packet, rule, number = decided.step.packet, decided.step.rule, _number(entry.get("RuleNumber"))
    ports = entry.get("PortRange") if isinstance(entry.get("PortRange"), Mapping) else {}
    assert isinstance(ports, Mapping)
    low, high = packet.dst_port
    wholly = rule is not None and (low == high or (rule.ports[0] <= low and high <= rule.ports[1]))
    blocks = [entry[name] for name in ("CidrBlock", "Ipv6CidrBlock") if entry.get(name)]
    if _flag(entry.get("Egress", outbound)) is not outbound:
        return NONE
    if entry.get("RuleAction") == ("allow" if decided.passed else "deny"):
        return NONE
    if number is not None and wholly and number > rule.rule_number:
        return NONE
    if blocks and not any(_may_hold(block, packet.dst if outbound else packet.src) for block in blocks):
        return NONE
    about = _may_be_about(entry.get("Protocol"), ports.get("From"), ports.get("To"), packet)
    return PASSAGE if about else NONE


def of_table(route: Known, decided: Decided, net: Network) -> Dependence:
    """A route that may be there: it decides if its destination is not wider than that of the route which did."""
    step = decided.step
    if step.code is Code.VPCSIM_RESERVED_DESTINATION:
        return NONE
    if route is None:
        return WHOLE
    named = route.get("DestinationPrefixListId")
    blocks = net.prefixes_of(named) if named else [route.get("DestinationCidrBlock") or route.get("DestinationIpv6CidrBlock")]
    chosen = getattr(step.rule, "destination", None)
    if chosen is not None and not isinstance(chosen, Prefix):
        chosen = min((p for p in net.prefixes_of(chosen) or () if p.holds(step.packet.dst)), key=lambda p: p.size, default=None)
    for block in blocks or [None]:
        prefix = _prefix(block)
        if prefix is None or (prefix.holds(step.packet.dst) and (chosen is None or prefix.size <= chosen.size)):
            return WHOLE
    return NONE


def _may_be_about(protocol: Any, first: Any, last: Any, packet: Packet) -> bool:
    """Whether a rule can be about the packet's protocol and ports; what is not known of it may be."""
    try:
        number = ANY_PROTOCOL if protocol is None else protocol_number(str(protocol))
    except ValueError:
        return True
    if number not in (ANY_PROTOCOL, packet.protocol):
        return False
    low, high = _number(first), _number(last)
    if number not in HAVE_PORTS or (low is not None and low < 0):
        return True
    return (low is None or low <= packet.dst_port[1]) and (high is None or packet.dst_port[0] <= high)


def _may_hold(block: Any, number: int) -> bool:
    prefix = _prefix(block)
    return prefix is None or prefix.holds(number)


def _prefix(block: Any) -> Prefix | None:
    try:
        return Prefix.parse(str(block)) if block else None
    except ValueError:
        return None


def _number(value: Any) -> int | None:
    try:
        return int(value)
    except (TypeError, ValueError):
        return None


def _flag(value: Any) -> bool:
    return str(value).lower() == "true"
