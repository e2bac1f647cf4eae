"""A program's stay on an instance: what it is told when it looks a name up, connects somewhere, or calls a service.

Every answer is the network's own (`trace`, `resolve`, `call`); nothing is decided here a second time.
"""

from __future__ import annotations

import time
from functools import cached_property
from typing import Any, NamedTuple

from vpcsim.asking import Sender, sender_of, trace
from vpcsim.calling.signing import Home, Signer, home_of, signer_of
from vpcsim.cloud import Cloud
from vpcsim.cloud.environment import settings
from vpcsim.errors import Undecided
from vpcsim.guest.hosts import Hosts, Server
from vpcsim.guest.listeners import listening
from vpcsim.network import Network
from vpcsim.prefixes import Prefix, address, address_text, family
from vpcsim.resolution import NO_REPLY, UNDECIDED, Query, Resolution
from vpcsim.resolving import resolve
from vpcsim.services import is_customer_service
from vpcsim.trace import Verdict

KERNEL_TIMEOUT = 127.0
"""Seconds for which Linux repeats the first packet of a connection when the program sets no time-out (tcp_syn_retries 6)."""
METADATA = ("169.254.169.254", "fd00:ec2::254")
PATIENCE = "30"
"""Seconds for which clients wait for the metadata service: it always answers, but this machine may be busy."""
_LOOPBACK = (Prefix.parse("127.0.0.0/8"), Prefix.parse("::1/128"))


class Silence(NamedTuple):
    """Nothing answers."""

    because: str


class NoAddress(NamedTuple):
    """The instance has no address of this family."""

    because: str


class Closed(NamedTuple):
    """The host answers that nothing listens on the port."""

    because: str


class Local(NamedTuple):
    """A socket of this process listens there."""

    port: int


class Answered(NamedTuple):
    """A host that is served takes the connection, and sees it come from this address."""

    server: Server
    seen: int


Met = Silence | NoAddress | Closed | Local | Answered


class Guest:
    """See the module. `waited` counts the seconds for which the program would have waited on the instance."""

    def __init__(
        self, net: Network, source: str, cloud: Cloud, hosts: Hosts, real_time: bool = False, programs: bool = False
    ) -> None:
        self.net, self.cloud, self.real_time, self.programs = net, cloud, real_time, programs
        self.sender: Sender = sender_of(net, source)
        self.id = self.sender.id
        self.source = source
        self.hosts = hosts
        self.environment = {**settings(self.region), "AWS_METADATA_SERVICE_TIMEOUT": PATIENCE, **self._of_function()}
        self.waited = 0.0
        self.looked_up: dict[int, str] = {}
        self.sessions: dict[str, Any] = {}

    def _of_function(self) -> dict[str, str]:
        """What Lambda sets for the code of a function, which has no metadata service.

        Source: https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
        """
        if self.net.places[self.id].kind != "lambda_function" or self.signer.role is None:
            return {}
        from vpcsim.guest.metadata import credentials_of

        keys = credentials_of(self)
        told = {"AWS_ACCESS_KEY_ID": keys.access_key_id, "AWS_SECRET_ACCESS_KEY": keys.secret_access_key}
        return {**told, "AWS_SESSION_TOKEN": keys.token, "AWS_LAMBDA_FUNCTION_NAME": self.id}

    @property
    def region(self) -> str:
        """The Region of the instance."""
        return self.home.region

    @cached_property
    def home(self) -> Home:
        """Where the instance is."""
        return home_of(self.net, self.source)

    @cached_property
    def signer(self) -> Signer:
        """Who signs what the instance sends."""
        return signer_of(self.net, self.source)

    @property
    def addresses(self) -> tuple[int, ...]:
        """The instance's own private addresses."""
        return self.sender.addresses

    @cached_property
    def families(self) -> set[int]:
        return {family(number) for number in self.addresses}

    def wait(self, seconds: float) -> None:
        """Let time pass: simulated, or real."""
        self.waited += seconds
        if self.real_time:
            time.sleep(seconds)

    def look_up(self, name: str, type: str) -> Resolution:
        """Ask the resolver of the instance. Raises Undecided."""
        found = resolve(self.net, self.sender.vantage, Query(name.rstrip(".").lower(), type))
        if found.rcode == UNDECIDED:
            raise Undecided(found.steps[-1].because)
        for text in found.addresses:
            self.looked_up[address(text)] = found.query.name
        return found

    def meet(self, number: int, port: int, protocol: str = "tcp") -> Met:
        """Who answers a connection to an address. Raises Undecided."""
        text = address_text(number)
        if text in METADATA:
            return self._metadata() if port == 80 else Closed(f"{text}: nothing listens on port {port}")
        if number in self.addresses or any(block.holds(number) for block in _LOOPBACK):
            return self._on(self.id, port)
        host = self.looked_up.get(number, "")
        answer = trace(self.net.asked_for(host), self.source, text, protocol, port)
        if answer.verdict is Verdict.UNDECIDED:
            raise Undecided(answer.because)
        if answer.unaddressed:
            return NoAddress(answer.because)
        if answer.trip is None or not answer.reachable:
            return Silence(answer.because)
        return self._at(answer.trip.there.at, host, number, port, answer.trip.there.arrived.src)

    def _at(self, place: str, host: str, number: int, port: int, seen: int) -> Met:
        server = self.hosts.at(place, host, address_text(number), port)
        if server is not None:
            return Answered(server, seen)
        resource = self.net.places[place]
        service = str(getattr(resource, "service_name", ""))
        if place == "aws" or (service and not is_customer_service(service)):
            from vpcsim.guest.services import service_server

            return Answered(service_server(self, place), seen)
        if place == "internet":
            return Silence(f"internet: no host is given for {host or address_text(number)}; `hosts` of `inside` takes one")
        return self._on(place, port)

    def _on(self, place: str, port: int) -> Met:
        bound = listening(self.cloud, place, port)
        return Closed(f"{place}: nothing listens on port {port}") if bound is None else Local(bound)

    def _metadata(self) -> Met:
        if self.net.places[self.id].kind != "instance":
            return Silence(f"{self.id}: is no instance, and has no metadata service")
        from vpcsim.guest.metadata import metadata_server

        return Answered(metadata_server(self), self.addresses[0])

    def standing_on(self, place: str) -> Guest:
        """The guest as which a host runs that this one connects to: on its instance, or outside of the network."""
        there = Guest if place and self.net.interfaces_of(place) else Elsewhere
        return there(self.net, place if there is Guest else self.source, self.cloud, self.hosts, self.real_time)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} on {self.id}>"


class Elsewhere(Guest):
    """A program that the model does not hold: a host on the internet, or a service of AWS. It reaches nobody."""

    def look_up(self, name: str, type: str) -> Resolution:
        return Resolution(self.sender.vantage, Query(name, type), NO_REPLY, (), (), (), "")

    def meet(self, number: int, port: int, protocol: str = "tcp") -> Met:
        return Silence("a host that is not in the model reaches nothing")
