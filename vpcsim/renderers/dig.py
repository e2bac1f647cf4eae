"""A resolution in the form in which dig prints it, without times, so that the output is the same in every run.

Source: https://bind9.readthedocs.io/en/latest/manpages.html#dig-dns-lookup-utility
"""

from __future__ import annotations

from vpcsim.network import Network
from vpcsim.prefixes import address_text
from vpcsim.resolution import NO_REPLY, UNDECIDED, Record, Resolution
from vpcsim.wire import UDP_SIZE, authority_of, message


def short(resolution: Resolution) -> str:
    """As `dig +short`: the data of the answer, one line each."""
    return "\n".join(_data(record) for record in resolution.records)


def full(resolution: Resolution, net: Network) -> str:
    """As `dig`: header, question, answer, authority."""
    query = resolution.query
    if resolution.rcode == NO_REPLY:
        return f"; <<>> vpcsim <<>> {query.name} {query.type}\n;; no servers could be reached"
    if resolution.rcode == UNDECIDED:
        return f"; <<>> vpcsim <<>> {query.name} {query.type}\n;; undecided: {resolution.steps[-1].because}"
    authority = authority_of(resolution)
    counts = f"QUERY: 1, ANSWER: {len(resolution.records)}, AUTHORITY: {len(authority)}, ADDITIONAL: 1"
    lines = [
        f"; <<>> vpcsim <<>> {query.name} {query.type}",
        ";; Got answer:",
        f";; ->>HEADER<<- opcode: QUERY, status: {resolution.rcode}, id: 0",
        f";; flags: qr rd ra; {counts}",
        "",
        ";; OPT PSEUDOSECTION:",
        f"; EDNS: version: 0, flags:; udp: {UDP_SIZE}",
        ";; QUESTION SECTION:",
        f";{query.name}.\t\tIN\t{query.type}",
        "",
    ]
    for title, records in (("ANSWER", resolution.records), ("AUTHORITY", authority)):
        if records:
            lines += [f";; {title} SECTION:", *(_line(record) for record in records), ""]
    lines.append(f";; SERVER: {_server(resolution, net)}")
    lines.append(f";; MSG SIZE  rcvd: {len(message(resolution))}")
    return "\n".join(lines)


def _line(record: Record) -> str:
    return f"{record.name}.\t{record.ttl}\tIN\t{record.type}\t{_data(record)}"


def _data(record: Record) -> str:
    if record.type in ("CNAME", "NS", "PTR") and not record.data.endswith("."):
        return f"{record.data}."
    return f'"{record.data}"' if record.type in ("TXT", "SPF") and not record.data.startswith('"') else record.data


def _server(resolution: Resolution, net: Network) -> str:
    vpc = resolution.vantage.vpc
    if vpc is None and not resolution.server:
        return "public recursion"
    resolver = resolution.server or address_text(net.blocks_of(vpc or "")[0].first + 2)
    return f"{resolver}#53({resolver}) (UDP)"
