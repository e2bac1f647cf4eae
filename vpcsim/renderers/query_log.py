"""A resolution as the record that Resolver query logging would write.

Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-query-logs-format.html
"""

from __future__ import annotations

from typing import Any

from vpcsim.network import Network
from vpcsim.prefixes import address_text
from vpcsim.resolution import NO_REPLY, UNDECIDED, Resolution

VERSION = "1.100000"


def query_log(
    resolution: Resolution, net: Network, timestamp: str, source_port: int | None = None, transport: str = "UDP"
) -> dict[str, Any] | None:
    """The log record of a query, JSON-ready. None for one that a VPC resolver never answered: there is nothing to log.

    Time is not simulated, so the caller gives it; without a port it is the first ephemeral one of the asker. The rule group
    stands in the record for an alert or a block only.
    """
    vpc, query = resolution.vantage.vpc, resolution.query
    if vpc is None or resolution.server or resolution.rcode in (NO_REPLY, UNDECIDED):
        return None
    record: dict[str, Any] = {
        "version": VERSION,
        "account_id": net.topology.account_of(vpc),
        "region": net.topology.region_of(vpc),
        "vpc_id": vpc,
        "query_timestamp": timestamp,
        "query_name": f"{query.name}.",
        "query_type": query.type,
        "query_class": "IN",
        "rcode": resolution.rcode,
        "answers": [{"Rdata": r.data, "Type": r.type, "Class": "IN"} for r in resolution.records],
        "srcaddr": _source(resolution, net),
        "srcport": str(_port(resolution, net) if source_port is None else source_port),
        "transport": transport,
        "srcids": _ids(resolution, net),
    }
    if (judgement := resolution.judgement) is not None:
        record["firewall_rule_group_id"] = judgement.by
        record["firewall_rule_action"] = judgement.action
        record["firewall_domain_list_id"] = judgement.domain_list
    return record


def _interface(resolution: Resolution, net: Network) -> str:
    asker = resolution.vantage.asker
    return asker if asker in net.index.addresses_of else next(iter(net.interfaces_of(asker)), "")


def _port(resolution: Resolution, net: Network) -> int:
    place = net.places.get(resolution.vantage.asker) or net.places.get(_interface(resolution, net))
    return place.ephemeral_ports[0] if place is not None else 1024


def _source(resolution: Resolution, net: Network) -> str:
    interface = _interface(resolution, net)
    return address_text(net.address_of(interface)) if interface else ""


def _ids(resolution: Resolution, net: Network) -> dict[str, str]:
    asker = net.topology.resources.get(resolution.vantage.asker)
    if getattr(asker, "inbound", False) and asker is not None:
        return {"resolver_endpoint": asker.id, "resolver_network_interface": _interface(resolution, net)}
    return {"instance": asker.id} if asker is not None and asker.kind == "instance" else {}
