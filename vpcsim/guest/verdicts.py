"""From the verdict of a call to what the client experiences, in the words of the service.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

from __future__ import annotations

from vpcsim.calling import Call, call, denial
from vpcsim.calling.signing import subject_of
from vpcsim.cloud import Denied, Elsewhere, Fate, NameFails, Reached, TimesOut, WrongName
from vpcsim.errors import Undecided
from vpcsim.guest.guest import Guest
from vpcsim.guest.metadata import credentials_of
from vpcsim.guest.operations import Asked
from vpcsim.services import is_customer_service
from vpcsim.trace import Verdict


def fate_at(guest: Guest, asked: Asked, host: str, port: int, signed: str | None) -> Fate | None:
    """What becomes of a request for a service; None if something else than AWS stands at the end of the path.

    `signed` is the access key of its signature, or None. Raises Undecided.
    """
    for resource in asked.resources or ("*",):
        answer = call(guest.net, guest.source, asked.action or "sts:GetCallerIdentity", resource, host=host, port=port)
        leg = answer.deciding
        if leg.layer == "name":
            _decided(answer)
            return NameFails(leg.because)
        if leg.layer == "path":
            _decided(answer)
            return NameFails(leg.because) if leg.reachability.unaddressed else TimesOut(leg.because)
        if not _is_aws(guest, answer, host, port):
            return None
        if leg.layer == "TLS":
            _decided(answer)
            return WrongName(leg.because)
        if leg.stop is not None and leg.stop.answers:
            return Elsewhere(leg.stop.answers, leg.because)
        if asked.action and signed != access_key(guest):
            return _by_somebody_else(guest, asked, resource, signed)
        if (denied := _denied(answer, asked)) is not None:
            return denied
    return Reached()


def access_key(guest: Guest) -> str | None:
    """The access key with which the role of the instance signs."""
    return credentials_of(guest).access_key_id if guest.signer.role is not None else None


def _by_somebody_else(guest: Guest, asked: Asked, resource: str, signed: str | None) -> Denied:
    """Without a signature only a resource policy could allow it; who signs with other credentials is not in the model."""
    if signed is not None:
        raise Undecided(f"{asked.action}: the request is signed by {signed}, which is not the role of {guest.id}")
    known = subject_of(guest.net, resource).resource
    if known is not None and guest.net.topology.policy_of(known):
        raise Undecided(f"{asked.action}: the request has no signature, and what the policy of {known.id} allows anybody is open")
    return Denied("Access Denied", "the request has no signature")


def _decided(answer: Call) -> None:
    if answer.verdict is Verdict.UNDECIDED:
        raise Undecided(answer.because)


def _is_aws(guest: Guest, answer: Call, host: str, port: int) -> bool:
    trip = answer.deciding.reachability.trip
    assert trip is not None
    place = trip.there.at
    if guest.hosts.at(place, host, trip.there.packet.destination, port) is not None:
        return False
    service = str(getattr(guest.net.places[place], "service_name", ""))
    return place == "aws" or bool(service and not is_customer_service(service))


def _denied(answer: Call, asked: Asked) -> Denied | None:
    leg = answer.deciding
    if not asked.action or answer.verdict is Verdict.REACHABLE:
        return None
    _decided(answer)
    if leg.decided is None:
        raise Undecided(leg.because)
    action, decision = leg.decided
    service = action.partition(":")[0]
    resource = f'"{leg.resource}"' if service == "s3" else leg.resource
    return Denied(denial(leg.principal, _spelled(service, action), resource, decision), leg.because)


def _spelled(service: str, action: str) -> str:
    """SQS writes actions in lower case, SNS its own name in upper case."""
    if service == "sqs":
        return action.lower()
    return action.replace("sns:", "SNS:") if service == "sns" else action
