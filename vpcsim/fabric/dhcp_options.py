"""A DHCP option set: which DNS servers the instances of a VPC ask.

With AmazonProvidedDNS, and without a set, that is the VPC resolver. Servers of one's own are asked in its place, over the
network, in their order until one replies: private zones, rules and private DNS count only for what they hand on to the
resolver. A set that names no server leaves the instances without any. Its domain name completes short names; several stand
in it with spaces between, as some systems take them.

Not modelled here: the time until a changed set reaches an instance.

Sources: https://docs.aws.amazon.com/vpc/latest/userguide/DHCPOptionSetConcepts.html,
https://docs.aws.amazon.com/vpc/latest/userguide/DHCPOptionSet.html,
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateDhcpOptions.html.
"""

from collections.abc import Iterable, Iterator, Mapping, Set
from typing import TYPE_CHECKING, Any, ClassVar

from vpcsim.errors import Problem
from vpcsim.fabric.host_services import RESOLVER
from vpcsim.prefixes import address, family
from vpcsim.resolution import NO_REPLY, Answer, Lookup, Query, Vantage
from vpcsim.resource import Declaration, Declared, Draft, Link, Patch, Resource, TerraformSpelling, as_list, refuse
from vpcsim.shape import Shape, field

if TYPE_CHECKING:
    from vpcsim.network import Index, Network
    from vpcsim.topology import Topology

AMAZON_PROVIDED = "AmazonProvidedDNS"
SERVERS, DOMAIN = "domain-name-servers", "domain-name"
NO_SET = "default"


class AttributeValue(Shape):
    """One value of an option."""

    value: str

    @classmethod
    def read_text(cls, text: str) -> Mapping[str, Any]:
        return {"Value": text}


class DhcpConfiguration(Shape):
    """One option."""

    key: str
    values: tuple[AttributeValue, ...] = ()


class DhcpOptions(Resource):
    """See the module."""

    kind: ClassVar[str] = "dhcp_options"
    section: ClassVar[str] = "DhcpOptions"
    native_section: ClassVar[str] = "dhcp_options"
    cloudformation_types: ClassVar[tuple[str, ...]] = ("AWS::EC2::DHCPOptions", "AWS::EC2::VPCDHCPOptionsAssociation")
    terraform_spelling: ClassVar[TerraformSpelling] = TerraformSpelling(
        types={
            "aws_vpc_dhcp_options": "AWS::EC2::DHCPOptions",
            "data.aws_vpc_dhcp_options": "AWS::EC2::DHCPOptions",
            "aws_vpc_dhcp_options_association": "AWS::EC2::VPCDHCPOptionsAssociation",
        },
        refers={"dhcp_options_id": ("aws_vpc_dhcp_options",)},
    )
    native_names: ClassVar[Mapping[str, str]] = {
        "servers": "DomainNameServers",
        "domain": "DomainName",
        "ntp_servers": "NtpServers",
    }
    native_scalar: ClassVar[str] = "DomainNameServers"

    id: str = field(api="DhcpOptionsId")
    dhcp_configurations: tuple[DhcpConfiguration, ...] = ()

    @classmethod
    def names_in_doubt(cls, declaration: Declaration, changed: Set[str]) -> Iterable[str]:
        return ("",)

    @classmethod
    def cloudformation(cls, declaration: Declaration) -> Declared:
        fields = declaration.fields
        if declaration.type == "AWS::EC2::DHCPOptions":
            yield cls._draft(declaration)
        else:
            options = None if fields.get("DhcpOptionsId") == NO_SET else fields.get("DhcpOptionsId")
            yield Patch(fields.get("VpcId", ""), {"DhcpOptionsId": options}, declaration.origin, key="VpcId")

    @classmethod
    def native(cls, declaration: Declaration) -> Declared:
        yield cls._draft(declaration)

    @classmethod
    def _draft(cls, declaration: Declaration) -> Draft:
        fields = {k: v for k, v in declaration.fields.items() if k in ("DhcpConfigurations", "Tags", "Name")}
        options = {"DomainName": DOMAIN, "DomainNameServers": SERVERS, "NtpServers": "ntp-servers"}
        written = {key: as_list(declaration.fields[name]) for name, key in options.items() if name in declaration.fields}
        if written:
            fields["DhcpConfigurations"] = [
                {"Key": key, "Values": [{"Value": str(value)} for value in values]} for key, values in written.items()
            ]
        return Draft(cls, declaration.id, fields, declaration.origin)

    @property
    def servers(self) -> tuple[str, ...]:
        """The DNS servers in their order: addresses, or AmazonProvidedDNS."""
        return tuple(self._values(SERVERS))

    @property
    def search_domains(self) -> tuple[str, ...]:
        """The domains that complete short names, in their order."""
        return tuple(domain.rstrip(".").lower() for value in self._values(DOMAIN) for domain in value.split())

    def _values(self, key: str) -> Iterator[str]:
        yield from (v.value for option in self.dhcp_configurations if option.key == key for v in option.values)

    def refusals(self, topology: "Topology") -> Iterable[Problem]:
        families = []
        for server in self.servers:
            if server != AMAZON_PROVIDED:
                try:
                    families.append(family(address(server)))
                except ValueError:
                    yield refuse(f"{self.id}: `{server}` is not the address of a DNS server", "InvalidParameterValue", self)
        if max(families.count(4) + (AMAZON_PROVIDED in self.servers), families.count(6)) > 4:
            yield refuse(f"{self.id}: more than four DNS servers of one family", "InvalidParameterValue", self)

    def register(self, index: "Index") -> None:
        for vpc in index.topology.of_kind("vpc"):
            if getattr(vpc, "dhcp_options_id", None) == self.id:
                index.search_domains_of[vpc.id] = self.search_domains
                if self.servers[:1] != (AMAZON_PROVIDED,):
                    index.dns_servers_of[vpc.id] = self

    def answer(self, query: Query, vantage: Vantage, net: "Network") -> Answer:
        """What the first server of the set answers that the asker reaches."""
        if not self.servers:
            because = f"{self.id}: names no DNS server, so {vantage.asker} has none to ask"
            return Answer(NO_REPLY, steps=(Lookup(self.id, because),), owner=self.id)
        steps: list[Lookup] = []
        for server in self.servers:
            amazon = self._is_resolver(server, vantage, net)
            told = "the VPC resolver" if amazon else f"{server}, not the VPC resolver"
            steps.append(Lookup(self.id, f"{self.id}: {vantage.asker} asks {told}"))
            found = self._asked("" if amazon else server, query, vantage, net)
            steps += found.steps
            if found.rcode != NO_REPLY:
                owner = found.owner or steps[-1].at
                return found._replace(steps=tuple(steps), server="" if amazon else server, owner=owner)
        return Answer(NO_REPLY, steps=tuple(steps), owner=steps[-1].at)

    def _is_resolver(self, server: str, vantage: Vantage, net: "Network") -> bool:
        if server == AMAZON_PROVIDED:
            return True
        service = net.index.host_services_of[vantage.vpc or ""].get(address(server), "")
        return service == RESOLVER

    def _asked(self, server: str, query: Query, vantage: Vantage, net: "Network") -> Answer:
        from vpcsim.forwarding import PORT, answer_of, ask_first, senders_of
        from vpcsim.resolving import resolve

        if not server:
            return answer_of(resolve(net, vantage._replace(passed=(*vantage.passed, self.id)), query))
        return ask_first(net, senders_of(net, vantage.asker), [(address(server), PORT)], query, vantage)

    def links(self, net: "Network") -> Iterable[Link]:
        for vpc in net.topology.of_kind("vpc"):
            if getattr(vpc, "dhcp_options_id", None) == self.id:
                yield Link(vpc.id, self.id, "configured by")
