"""From a question in the user's words to an answer: finds the ends, resolves the name, traces every address."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from vpcsim import services
from vpcsim.doubts import left_out
from vpcsim.errors import InputError, Problem, UnknownName, with_article
from vpcsim.network import Network
from vpcsim.packet import ECHO_REQUEST, ECHO_REQUEST6, ICMP, ICMPV6, TCP, UDP, Packet, port_text, protocol_number
from vpcsim.prefixes import ANY_PORT, Ports, address, address_text, family, first_of_each_family
from vpcsim.reachability import Reachability
from vpcsim.resolution import NXDOMAIN, TYPES, Query, Resolution, Vantage
from vpcsim.resolving import resolve as resolve_query
from vpcsim.resource import Resource
from vpcsim.trace import Flow, RoundTrip
from vpcsim.tracing import trace as trace_flow

SOMEBODY = ("198.51.100.99", "2001:db8:ffff::99")
"""The addresses of a client on the internet, when none is given."""
SCHEMES = {"http": 80, "https": 443, "ssh": 22, "mysql": 3306, "postgres": 5432, "postgresql": 5432, "redis": 6379}
_HOST = re.compile(
    r"(?=.{1,253}$)(?:[a-z0-9_*](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?", re.IGNORECASE
)
_PORTS = re.compile(r"([0-9]{1,5})(?:-([0-9]{1,5}))?")
_URL = re.compile(r"([a-z][a-z0-9+.-]*)://(?:[^/@]*@)?(\[[^\]]+\]|[^/:?#]+)(?::(\d+))?(?:[/?#].*)?", re.IGNORECASE)


class Sender(NamedTuple):
    """Who asks: the place where packets start, its addresses, and from where it resolves names."""

    id: str
    addresses: tuple[int, ...]
    vantage: Vantage


class Target(NamedTuple):
    """What is asked for: addresses, or a name to resolve first."""

    text: str
    addresses: tuple[int, ...] = ()
    host: str = ""
    port: int | None = None
    usual_port: int | None = None


def trace(
    net: Network,
    source: str,
    to: str,
    protocol: str | int = "tcp",
    port: int | str | None = None,
    source_port: int | str | None = None,
    every: bool = False,
) -> Reachability:
    """Decide whether `source` reaches `to`, and whether the answer comes back.

    `source` is a resource's id or name, an address, `internet` or `internet:ADDRESS`; `to` is an id, a name, an address,
    a host name, a URL, with `:PORT` if wanted, or `internet`. Without a port it is 443. Raises UnknownName, or InputError.
    """
    unknown = left_out(source, net) or left_out(to, net)
    if unknown is not None:
        service = port_text(number := protocol_of(protocol), ports_of(port, number))
        return Reachability(source, to, service, None, (), left_out=unknown, net=net)
    sender, *others = senders_of(net, source)
    target = target_of(net, to, sender)
    number = protocol_of(protocol)
    asked_port = _one_port(to, target.port, port)
    ports = ports_of(asked_port if asked_port is not None else target.usual_port, number)
    resolution = _resolution(net, sender, target)
    addresses = target.addresses if resolution is None else tuple(map(address, resolution.addresses))
    client_ports = ports_of(source_port, number) if source_port is not None else net.places[sender.id].ephemeral_ports
    packets = [p for each in (sender, *others) for p in _packets(each, addresses, number, client_ports, ports)]
    asked = net.asked_for(target.host)
    trips = tuple(trip for packet in packets for trip in _every_branch(asked, Flow(sender.id, packet, to), every))
    return Reachability(
        source=net.places[sender.id].known_as,
        to=target.text if "://" in target.text or target.port is None else target.text.rpartition(":")[0],
        service=port_text(number, ports),
        found=resolution,
        trips=trips,
        sender=sender.id,
        unaddressed=address_text(addresses[0]) if addresses and not trips else "",
        net=net,
    )


def resolve(net: Network, source: str, name: str, type: str = "A") -> Resolution:
    """What `source` learns about a name. `source` is a resource, an address, a VPC's id, or `public`.

    Raises UnknownName, or InputError for something that is no host name or no record type.
    """
    wanted = type.upper()
    numbered = re.fullmatch(r"TYPE([0-9]{1,5})", wanted)
    if wanted not in TYPES and not (numbered and 0 < int(numbered[1]) <= 65535):
        raise _mistake(f"`{type}` is not a record type: {', '.join(TYPES)}")
    return resolve_query(net, vantage_of(net, source), Query(host_of(name), wanted))


def search(net: Network, source: str, name: str, type: str = "A") -> Resolution:
    """As `resolve`, but a name without a dot is completed, as programs on an instance do; the last try is the name itself.

    The domains are those of the VPC's DHCP option set, or that of its instances' names if it has none.
    Source: https://docs.aws.amazon.com/vpc/latest/userguide/DHCPOptionSetConcepts.html
    """
    for completed in _completed(net, vantage_of(net, source), name):
        found = resolve(net, source, completed, type)
        if found.rcode != NXDOMAIN:
            return found
    return resolve(net, source, name, type)


def _completed(net: Network, vantage: Vantage, name: str) -> Iterator[str]:
    if vantage.vpc is not None and "." not in name:
        usual = (services.instance_domain(net.topology.settings.region),)
        yield from (f"{name}.{domain}" for domain in net.index.search_domains_of.get(vantage.vpc, usual))


def vantage_of(net: Network, source: str) -> Vantage:
    """From where `source` asks names."""
    if source in ("public", "internet") or source.startswith("internet:"):
        return Vantage(None, "public")
    resource = _find(net, source)
    if resource is not None and resource.id in net.index.blocks:
        return Vantage(resource.id, resource.id)
    if resource is not None and (vpc := net.vpc_of(resource.id)):
        return Vantage(vpc, resource.id)
    if resource is not None and hasattr(resource, "answer_query"):
        return Vantage(None, resource.id)
    return sender_of(net, source).vantage


def senders_of(net: Network, source: str) -> list[Sender]:
    """As `sender_of`; one for each interface if a connection may start from any of them."""
    resource = _find(net, source)
    interfaces = net.interfaces_of(resource.id) if resource is not None and resource.spread else ()
    senders = [_sender(net, interface, net.index.addresses_of[interface]) for interface in interfaces]
    return senders or [sender_of(net, source)]


def sender_of(net: Network, source: str) -> Sender:
    """The place from which packets of `source` start."""
    if source == "internet" or source.startswith("internet:"):
        text = source.partition(":")[2]
        return _outside(net, *map(_address, (text,) if text else SOMEBODY))
    resource = _find(net, source)
    if resource is None:
        number = _address_or_none(source)
        if number is None:
            raise UnknownName("resource", source, _known(net))
        interfaces = list(net.interfaces_at(number))
        if len(interfaces) > 1:
            raise _mistake(f"`{source}` is the address of several interfaces: {', '.join(f'`{i}`' for i in interfaces)}")
        if not interfaces:
            return _outside(net, number)
        return _sender(net, interfaces[0], (number,))
    interfaces = [resource.id] if resource.id in net.index.addresses_of else list(net.interfaces_of(resource.id))
    if not interfaces:
        raise _mistake(f"`{source}` is {_a(resource)}, which sends no packets; name an instance or an address")
    return _sender(net, interfaces[0], net.index.addresses_of[interfaces[0]])


def _sender(net: Network, interface: str, addresses: tuple[int, ...]) -> Sender:
    attached_to = getattr(net.places[interface], "attached_to", None)
    place = attached_to if attached_to in net.places else interface
    return Sender(place, addresses, Vantage(net.vpc_of(interface), place))


def _outside(net: Network, *numbers: int) -> Sender:
    place = (
        "internet"
        if net.gateway_to(numbers[0]) or net.holder_of_public(numbers[0])
        else net.outside(numbers[0]) or net.beyond(numbers[0])
    )
    return Sender(place, numbers, Vantage(None, place))


def target_of(net: Network, to: str, sender: Sender) -> Target:
    """What `to` names: a resource of the model first, then an address, then a host name or a URL."""
    if to == "internet" or to.startswith("internet:"):
        text = to.partition(":")[2]
        return Target(to, tuple(map(_address, (text,) if text else SOMEBODY[:1])))
    url = _URL.fullmatch(to.strip())
    if url is not None:
        scheme, host, written = url.groups()
        number, usual = _address_or_none(host.strip("[]")), None if written else _usual_port(scheme)
        port = _port(written) if written else None
        return Target(to, (), _target_host(host), port, usual) if number is None else Target(to, (number,), "", port, usual)
    if "://" in to:
        raise _mistake(f"`{to}` is not a URL with a host, such as https://example.com:443/")
    for text, port in _with_port(to.strip()):
        resource = _find(net, text)
        if resource is not None:
            return _target(net, resource, sender)._replace(text=to, port=port, usual_port=net.index.port_of.get(resource.id))
        number = _address_or_none(text.strip("[]"))
        if number is not None:
            return Target(to, (number,), "", port)
    text, port = list(_with_port(to.strip()))[-1]
    if not text:
        raise _mistake(f"`{to}` names no target; expected an id, a name, an address or a host name")
    if "." not in text.strip("."):
        names = _completed(net, sender.vantage, host_of(text)) if _HOST.fullmatch(text) else ()
        found = (name for name in names if resolve_query(net, sender.vantage, Query(name), told=False).records)
        if (completed := next(found, None)) is None:
            raise UnknownName("resource", text, _known(net))
        text = completed
    return Target(to, (), _target_host(text), port)


def _target_host(text: str) -> str:
    """A host name, which no address that is miswritten is: a top-level domain has more than digits.

    Source: https://datatracker.ietf.org/doc/html/rfc3696#section-2
    """
    if text.rstrip(".").rpartition(".")[2].isdigit():
        raise _mistake(f"`{text}` is not an address: an IPv4 address has four numbers from 0 to 255")
    if "/" in text:
        raise _mistake(f"`{text}` is not a host name; ask for one address or one host, `{text.partition('/')[0]}` for example")
    return host_of(text)


def _target(net: Network, resource: Resource, sender: Sender) -> Target:
    if host := net.index.host_of.get(resource.id):
        return Target(resource.id, (), host)
    if (public := net.index.public_target.get(resource.id)) is not None:
        return Target(resource.id, (public,))
    interfaces = [resource.id] if resource.id in net.index.addresses_of else list(net.interfaces_of(resource.id))
    numbers = [net.index.addresses_of[interface] for interface in interfaces]
    if not interfaces:
        raise _mistake(f"`{resource.id}` is {_a(resource)}, which takes no packets; name an instance or an address")
    if sender.vantage.vpc is None and not net.is_outside(sender.id):
        return Target(resource.id, tuple(_seen_from_outside(net, i, n) for i, n in zip(interfaces, numbers, strict=True)))
    return Target(resource.id, tuple(n for held in numbers for n in first_of_each_family(held)))


def _seen_from_outside(net: Network, interface: str, numbers: tuple[int, ...]) -> int:
    vpc = net.vpc_of(interface)
    public = (net.public_address(vpc, number) or net.edge_address("carrier", vpc, number) for number in numbers)
    return next((number for number in public if number is not None), numbers[0])


def _with_port(text: str) -> Iterator[tuple[str, int | None]]:
    yield text, None
    head, colon, tail = text.rpartition(":")
    if colon and tail.isascii() and tail.isdigit() and (":" not in head or head.endswith("]")):
        yield head, _port(tail)


def _one_port(to: str, named: int | None, port: int | str | None) -> int | str | None:
    """The port that was asked for, which two words of a question may not tell differently."""
    if named is not None and port is not None and str(named) != str(port):
        raise _mistake(f"`{to}` names port {named}, and `port` is {port}; leave one of them out")
    return named if port is None else port


def _port(text: str) -> int:
    if len(text) > 5:
        raise _mistake(f"`{text}` is not a port from 0 to 65535")
    return int(text)


def _usual_port(scheme: str) -> int:
    if scheme.lower() not in SCHEMES:
        raise _mistake(f"`{scheme}` has no known port; write it, as in {scheme}://HOST:PORT")
    return SCHEMES[scheme.lower()]


def host_of(text: str) -> str:
    """A host name in lower case without the final dot. Raises InputError if it is none."""
    name = text.rstrip(".").lower() if text != "." else text
    if not _HOST.fullmatch(name):
        raise _mistake(f"`{text}` is not a host name")
    return name


def protocol_of(protocol: str | int) -> int:
    try:
        return protocol_number(protocol)
    except ValueError as error:
        raise _mistake(str(error)) from None


def ports_of(port: int | str | None, protocol: int) -> Ports:
    """The port range of a question: `443`, `1024-2048`; nothing to say for protocols without ports."""
    if protocol not in (TCP, UDP):
        return ANY_PORT
    match = _PORTS.fullmatch(str(443 if port is None else port))
    low, high = (int(match[1]), int(match[2] or match[1])) if match else (1, 0)
    if not 0 <= low <= high <= 65535:
        raise _mistake(f"`{port}` is not a port from 0 to 65535")
    return (low, high)


def _packets(sender: Sender, addresses: Iterable[int], protocol: int, source: Ports, ports: Ports) -> Iterator[Packet]:
    for number in addresses:
        src = next((a for a in sender.addresses if family(a) == family(number)), None)
        if src is None:
            continue
        if protocol in (ICMP, ICMPV6):
            asked, echo = (ICMP, ECHO_REQUEST) if family(number) == 4 else (ICMPV6, ECHO_REQUEST6)
            yield Packet(src, number, asked, (0, 0), echo)
        elif protocol in (TCP, UDP):
            yield Packet(src, number, protocol, source, ports)
        else:
            yield Packet(src, number, protocol, (0, 0), (0, 0))


def _every_branch(net: Network, flow: Flow, every: bool) -> Iterator[RoundTrip]:
    """The round trips of a flow: one, or one for each branch of a place on the way that has a choice."""
    trip = trace_flow(net, flow, every)
    for hop in trip.there.hops:
        branches = net.places[hop.at].branches(hop.steps[0].packet, net)
        if hop.at not in net.chosen and len(branches) > 1:
            for branch in branches:
                yield from _every_branch(net.choosing({**net.chosen, hop.at: branch}), flow, every)
            return
    yield trip


def _resolution(net: Network, sender: Sender, target: Target) -> Resolution | None:
    if not target.host:
        return None
    types = [type for version, type in ((4, "A"), (6, "AAAA")) if any(family(a) == version for a in sender.addresses)]
    first = None
    for type in types if "A" in types else (*types, "A"):
        resolution = resolve_query(net, sender.vantage, Query(target.host, type), told=False)
        if resolution.addresses:
            return resolution
        first = resolution if first is None or type == "A" else first
    return first


def _find(net: Network, text: str) -> Resource | None:
    return net.places.get(text) or net.topology.found(text)


def _a(resource: Resource) -> str:
    return with_article(resource.kind.replace("_", " "))


def _known(net: Network) -> list[str]:
    return ["internet", *net.topology.resources, *(r.name for r in net.topology.resources.values())]


def _address(text: str) -> int:
    try:
        return address(text)
    except ValueError as error:
        raise _mistake(str(error)) from None


def _address_or_none(text: str) -> int | None:
    try:
        return address(text)
    except ValueError:
        return None


def _mistake(message: str) -> InputError:
    return InputError(Problem(message))
