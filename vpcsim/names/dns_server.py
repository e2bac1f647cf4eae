"""A DNS server of one's own, on premises or on an instance: not a construct of AWS, so the model declares what it knows.

It answers from its zones, hands the names below some domains on to other servers (over the network, from where it
stands), and asks the public DNS for the rest if it is `recursive`. What that does not cover is undecided.

    dns_servers:
      corp-dns:
        address: 192.168.0.53
        zones: {corp.example: {wiki: 192.168.0.80}}
        forwards: {us-east-1.amazonaws.com: [10.0.1.53, 10.0.2.53]}
        recursive: true

Sources: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resolver-overview-forward-network-to-vpc.html (what
such a server is set up to do), RFC 1034 section 4.3.2, RFC 1035 section 4.1.1 (REFUSED).
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from vpcsim.names.hosted_zone import HostedZone
from vpcsim.network import Network
from vpcsim.prefixes import address_text
from vpcsim.resolution import SERVFAIL, UNDECIDED, Answer, Lookup, Query, Vantage, domains_of
from vpcsim.resource import Address, Declaration, Declared, Draft, Resource, as_list
from vpcsim.shape import Shape, field

if TYPE_CHECKING:
    from vpcsim.network import Index

REFUSED = "REFUSED"
MAX_CHAIN = 16


class Forward(Shape):
    """The names below a domain, and the servers that are asked about them."""

    domain: str
    servers: tuple[Address, ...]


class DnsServer(Resource):
    """See the module."""

    kind: ClassVar[str] = "dns_server"
    section: ClassVar[str] = "DnsServers"
    native_names: ClassVar[Mapping[str, str]] = {
        "address": "Address",
        "zones": "Zones",
        "forwards": "Forwards",
        "recursive": "Recursive",
    }
    native_scalar: ClassVar[str] = "Address"

    id: str = field(api="DnsServerId")
    address: Address
    zones: tuple[HostedZone, ...] = ()
    forwards: tuple[Forward, ...] = ()
    recursive: bool | None = None

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        fields = dict(declaration.fields)
        if isinstance(fields.get("Zones"), Mapping):
            fields["Zones"] = list(_zones(fields["Zones"], declaration))
        if isinstance(fields.get("Forwards"), Mapping):
            fields["Forwards"] = [{"Domain": d, "Servers": as_list(servers)} for d, servers in fields["Forwards"].items()]
        yield Draft(cls, declaration.id, fields, declaration.origin)

    def register(self, index: "Index") -> None:
        """The address, where queries are answered; packets are taken by the place that holds it."""
        index.dns_server_at[self.address] = self

    def answer(self, query: Query, vantage: Vantage, net: Network) -> Answer:
        """What somebody beside the server is told."""
        interface = next(iter(net.interfaces_at(self.address)), None)
        place = (
            net.outside(self.address) or net.beyond(self.address)
            if interface is None
            else getattr(net.places[interface], "attached_to", None)
        )
        told = self.answer_query(query, vantage, net, place or interface or "internet")
        return told._replace(server=address_text(self.address))

    def answer_query(self, query: Query, vantage: Vantage, net: Network, place: str) -> Answer:
        """What it answers, standing at a place from which it asks others."""
        if self.id in vantage.passed:
            because = f"{self.id}: the query for {query.name} is here again, so servers send it in a circle"
            return Answer(SERVFAIL, steps=(Lookup(self.id, because),), owner=self.id)
        inside = Vantage(None, self.id, (*vantage.passed, self.id))
        answer = self._ask(query, inside, net, place)
        steps, records = list(answer.steps), list(answer.records)
        while records and records[-1].type == "CNAME" and query.type not in ("CNAME", "ANY") and len(records) < MAX_CHAIN:
            if answer.owner != self.id:
                break
            target = records[-1].data.rstrip(".").lower()
            answer = self._ask(Query(target, query.type), inside, net, place)
            steps += answer.steps
            records += answer.records
        return answer._replace(records=tuple(records), steps=tuple(steps))

    def _ask(self, query: Query, inside: Vantage, net: Network, place: str) -> Answer:
        from vpcsim.forwarding import PORT, answer_of, ask_first
        from vpcsim.resolving import resolve

        domains = domains_of(query.name)
        zones, forwards = {z.name: z for z in self.zones}, {f.domain.rstrip(".").lower(): f for f in self.forwards}
        owner = next((domain for domain in domains if domain in zones or domain in forwards), None)
        if owner in zones:
            found = zones[owner].answer(query, inside, net)._replace(owner=self.id)
            return self._told(found, f"answers {query.name} from its zone {owner}")
        if owner is not None:
            targets = [(number, PORT) for number in forwards[owner].servers]
            found = ask_first(net, [(place, self.address)], targets, query, inside)
            return self._told(found, f"forwards {owner or '.'}")
        if self.recursive:
            found = answer_of(resolve(net, Vantage(None, "public"), query))
            return self._told(found, f"asks the public DNS for {query.name}")
        if self.recursive is None:
            because = f"does not hold {query.name}, and whether it asks others (`recursive`) is not in the model"
            return self._told(Answer(UNDECIDED, owner=self.id), because)
        return self._told(Answer(REFUSED, owner=self.id), f"holds no zone for {query.name} and asks nobody")

    def _told(self, found: Answer, because: str) -> Answer:
        owner = found.owner or self.id
        told = Lookup(self.id, f"{self.id}: {found.because or because}")
        return found._replace(steps=(told, *found.steps), owner=owner, because="")


def _zones(zones: Mapping[str, Any], declaration: Declaration) -> Iterator[Mapping[str, Any]]:
    for domain, records in zones.items():
        fields = {"Name": domain, "Records": records or {}}
        for draft in HostedZone.native(declaration._replace(id=f"{declaration.id}/{domain}", fields=fields, existing={})):
            if isinstance(draft, Draft):
                yield {**draft.fields, "HostedZoneId": draft.id}
