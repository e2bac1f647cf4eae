"""A service call, or a task of several, as one verdict: the name, the way to every address, who answers, and the policies.

    call(net, "AppServer", "sqs:SendMessage", "FilaTeste")
    task(net, "AppServer", "session-manager")

What the model does not hold is a note or leaves the answer undecided; it never blocks.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from vpcsim.asking import sender_of
from vpcsim.calling.answers import Call, Layer, Leg, Stop
from vpcsim.calling.legs import Terms, Want, leg_of
from vpcsim.calling.policies import denial
from vpcsim.calling.signing import home_of, region_of, subject_of
from vpcsim.calling.tasks import TASKS, wants_of
from vpcsim.errors import InputError, Problem
from vpcsim.network import Network
from vpcsim.services.clients import Client, action_of, client_of, endpoint_of, misspelt

__all__ = ["TASKS", "Call", "Client", "Layer", "Leg", "Stop", "call", "denial", "session", "task"]


def call(
    net: Network,
    source: str,
    action: str,
    resource: str = "*",
    host: str = "",
    port: int = 443,
    client: Client | None = None,
    role: str = "",
    context: Mapping[str, str] | None = None,
    user: str = "",
) -> Call:
    """Decide a call such as `sqs:SendMessage` on a resource of the model, or on an ARN.

    `client` says who calls, and by which endpoint; a `host` and `port` that are given are called instead. `role` is another
    role than that of `source`, `ROLE/SESSION` a session of it, and `user` a user whose access keys it has; `context` gives
    condition keys that the model cannot know.
    Raises UnknownName, and InputError for something that is not an action.
    """
    terms = Terms(role, context or {}, user)
    want = _want(net, source, action, resource, client) if not host else _at(host, port, action, resource)
    leg = leg_of(net, source, want, terms)
    if meant := misspelt(action):
        leg = replace(leg, notes=(*leg.notes, f"no client knows `{action}`; did you mean `{meant}`?"))
    return Call(sender_of(net, source).id, action, (leg,))


def _at(host: str, port: int, action: str, resource: str) -> Want:
    if ":" not in action:
        raise InputError(Problem(f"`{action}` is not an action such as `sqs:SendMessage`"))
    return Want(host, (action_of(action),), resource, client=client_of(action), port=port, tls=port != 80)


def _want(net: Network, source: str, action: str, resource: str, client: Client | None) -> Want:
    """A client is set up for the Region of what it asks for, or else for its own one."""
    home, subject = home_of(net, source), subject_of(net, resource)
    bucket = subject.arn.partition(":::")[2].partition("/")[0] if action.startswith("s3:") else ""
    asked = endpoint_of(action, region_of(net, subject) or home.region, home.account, client, bucket)
    decided = action_of(action)
    return Want(asked.host, (decided,), resource, client=asked.service, port=asked.port, tls=asked.is_https)


def task(
    net: Network,
    source: str,
    name: str,
    about: str = "",
    role: str = "",
    context: Mapping[str, str] | None = None,
    user: str = "",
) -> Call:
    """Decide a task of TASKS; `about` is the repository, database, cluster or secret that it is about.

    Raises UnknownName, and InputError for a task that does not exist.
    """
    sender = sender_of(net, source).id
    terms = Terms(role, context or {}, user)
    return Call(sender, name, tuple(leg_of(net, source, want, terms) for want in wants_of(net, source, name, about)))


def session(net: Network, source: str) -> Call:
    """Decide whether Session Manager can open a session on an instance: the agent there must reach its hosts."""
    return task(net, source, "session-manager")
