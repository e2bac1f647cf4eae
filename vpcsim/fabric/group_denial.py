"""Why the security groups of an interface do not admit a packet: no rule, no rule at all, or one whose group does not count here.

Sources: https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html (a group stands for private addresses),
https://docs.aws.amazon.com/vpc/latest/peering/vpc-peering-security-groups.html (not in another Region),
https://docs.aws.amazon.com/vpc/latest/tgw/tgw-vpc-attachments.html (over a transit gateway inbound only, where it is on).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from vpcsim.codes import Code
from vpcsim.fabric.interface_parts import to_list_of_aws
from vpcsim.packet import Packet
from vpcsim.trace import Disposition, Step

if TYPE_CHECKING:
    from vpcsim.fabric.network_interface import NetworkInterface
    from vpcsim.fabric.security_group import Rule
    from vpcsim.network import Network


NOT_PRESERVED = Code.SG_REFERENCES_NOT_PRESERVED


def denial(interface: NetworkInterface, packet: Packet, egress: bool, net: Network) -> Step:
    """What stops a packet that no rule admits; undecided if not all rules are known."""
    groups = interface.group_ids
    if unknown := next((group for group in groups if net.group(group).is_unknown(egress, net)), None):
        because = "{at}: no rule that is known admits {packet}, and not all of this group are in the input"
        return Step(unknown, because, packet, None, None, Disposition.UNDECIDED, Code.VPCSIM_NOT_MODELLED)
    way, end = ("outbound", "to {packet.destination}") if egress else ("inbound", "from {packet.source}")
    empty = not any(True for group in groups for _ in net.group(group).rules(egress))
    others = f" and {len(groups) - 1} more" if len(groups) > 1 else ""
    because = f"{{at}}{others}: no {way} rule" + (" at all" if empty else f" admits {{packet.service}} {end}")
    code = Code.SG_HAS_NO_RULES if empty else Code.ENI_SG_RULES_MISMATCH
    fix = f"{{at}}: {way} {{packet.service}} {(egress and to_list_of_aws(packet.dst, net)) or end}"
    rule = _vain_reference(interface, packet, egress, net)
    if rule is not None:
        because, code = _in_vain(interface, packet, egress, net)
    return Step(groups[0], because, packet, rule, None, Disposition.DENIED, code, packet, None, fix)


def unknown_sender(group: str, packet: Packet) -> Step:
    """What stops a packet whose sender's groups AWS does not know any more, behind an appliance."""
    because = "{at}: names a group of {packet.source}, which does not count behind an appliance"
    denied = Disposition.DENIED
    fix = "{at}: inbound {packet.service} from {packet.source}"
    return Step(group, because, packet, None, None, denied, NOT_PRESERVED, packet, None, fix)


def _vain_reference(interface: NetworkInterface, packet: Packet, egress: bool, net: Network) -> Rule | None:
    """A rule that would admit the packet if the other end's groups counted on this way."""
    lost = net.groups_lost(interface.vpc_id, packet.dst if egress else packet.src)
    rules = (rule for group in interface.group_ids if lost for rule in net.group(group).rules(egress))
    return next((rule for rule in rules if rule.peer in lost and rule.covers(packet)), None)


def _in_vain(interface: NetworkInterface, packet: Packet, egress: bool, net: Network) -> tuple[str, Code]:
    other, end = (packet.dst, "{packet.destination}") if egress else (packet.src, "{packet.source}")
    holder = net.holder_of_public(other)
    if holder is not None and holder.private != other:
        return f"{{at}}: {{rule}} names a group, which stands for private addresses and not for {end}", Code.ENI_SG_RULES_MISMATCH
    if egress:
        return f"{{at}}: {{rule}} names a group of {end}, which does not count on the way there", NOT_PRESERVED
    because = "{at}: {rule} names a group of {packet.source}, but the way here does not keep it"
    apart = any(net.interface_at(peer, packet.src) for peer in net.index.peers_apart.get(interface.vpc_id, ()))
    switched_off = not (interface.private_link or apart) and interface.vpc_id in net.index.joined_to
    return because, Code.SG_REFERENCING_SUPPORT if switched_off else NOT_PRESERVED
