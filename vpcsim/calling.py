"""A service call as one verdict: the host that a client asks, the path to it, and what the policies say.

The client is the AWS CLI version 2 or an SDK of today: it calls the service's regional host name. Policies on the way are
the role's identity policies, the endpoint's and the resource's; what the model does not hold is a note, never a denial.

Sources: https://docs.aws.amazon.com/general/latest/gr/rande.html (hosts),
https://docs.aws.amazon.com/systems-manager/latest/userguide/systems-manager-setting-up-messageAPIs.html,
https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-prerequisites.html (Session Manager),
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from vpcsim import services
from vpcsim.account import InstanceProfile, Queue, Role
from vpcsim.account.queue import queue_arn
from vpcsim.asking import sender_of, trace
from vpcsim.errors import Doubt, InputError, Problem
from vpcsim.network import Network
from vpcsim.policy import Decision, PolicyDocument, PolicySet, Request, evaluate
from vpcsim.reachability import Reachability
from vpcsim.trace import Verdict

SESSION_MANAGER = (
    ("ssm", ("ssm:UpdateInstanceInformation",)),
    (
        "ssmmessages",
        (
            "ssmmessages:CreateControlChannel",
            "ssmmessages:CreateDataChannel",
            "ssmmessages:OpenControlChannel",
            "ssmmessages:OpenDataChannel",
        ),
    ),
)
"""The hosts that the SSM Agent asks for a session, and the actions that its role needs there."""


@dataclass(frozen=True)
class Leg:
    """One host of a task: how it is reached, and what the policies decide about each action."""

    host: str
    reachability: Reachability
    decisions: tuple[tuple[str, Decision], ...]
    principal: str = ""
    resource: str = "*"
    notes: tuple[str, ...] = ()

    @property
    def verdict(self) -> Verdict:
        if not self.reachability.reachable:
            return self.reachability.verdict
        if any(decision.allowed is False for _, decision in self.decisions):
            return Verdict.BLOCKED
        undecided = any(decision.allowed is None for _, decision in self.decisions)
        return Verdict.UNDECIDED if undecided else Verdict.REACHABLE

    @property
    def layer(self) -> str:
        """What decided: `name`, `path` or `policy`."""
        if self.reachability.reachable:
            return "policy"
        return "path" if self.reachability.trip else "name"

    @property
    def because(self) -> str:
        if self.layer != "policy":
            return self.reachability.because
        for action, decision in self.decisions:
            if not decision.allowed:
                return f"{action}: {decision.reason}"
        return self.reachability.because


@dataclass(frozen=True, repr=False)
class Call:
    """A task of one or more legs; the first leg that fails decides."""

    source: str
    task: str
    legs: tuple[Leg, ...]

    @property
    def deciding(self) -> Leg:
        failed = [leg for verdict in (Verdict.BLOCKED, Verdict.UNDECIDED) for leg in self.legs if leg.verdict is verdict]
        return failed[0] if failed else self.legs[-1]

    @property
    def verdict(self) -> Verdict:
        return self.deciding.verdict

    @property
    def because(self) -> str:
        return self.deciding.because

    def to_dict(self) -> dict[str, Any]:
        """A JSON-ready mapping."""
        legs = [
            {
                "host": leg.host,
                "verdict": str(leg.verdict),
                "layer": leg.layer,
                "because": leg.because,
                "decisions": [{"action": a, "allowed": d.allowed, "reason": d.reason} for a, d in leg.decisions],
                "notes": list(leg.notes),
                "path": leg.reachability.to_dict(),
            }
            for leg in self.legs
        ]
        verdict = {"verdict": str(self.verdict), "layer": self.deciding.layer, "because": self.because}
        return {**verdict, "from": self.source, "task": self.task, "legs": legs}

    def __str__(self) -> str:
        from vpcsim.renderers.text import call

        return call(self)

    def __repr__(self) -> str:
        return f"<Call {self.task} from {self.source}: {self.verdict}>"


def call(net: Network, source: str, action: str, resource: str = "*", host: str = "", port: int = 443) -> Call:
    """Decide a call such as `sqs:SendMessage` on a resource of the model, or on an ARN.

    `host` and `port` are those of the service's regional endpoint if they are not given.
    Raises UnknownName, and InputError for something that is not an action.
    """
    prefix, colon, _ = action.partition(":")
    if not colon or not prefix:
        raise InputError(Problem(f"`{action}` is not an action such as `sqs:SendMessage`"))
    host = host or service_host(prefix, net.topology.settings.region)
    return Call(sender_of(net, source).id, action, (_leg(net, source, host, port, (action,), resource),))


def session(net: Network, source: str) -> Call:
    """Decide whether Session Manager can open a session on an instance: the agent there must reach both of its hosts."""
    region = net.topology.settings.region
    legs = tuple(_leg(net, source, service_host(prefix, region), 443, actions, "*") for prefix, actions in SESSION_MANAGER)
    return Call(sender_of(net, source).id, "session-manager", legs)


def service_host(prefix: str, region: str) -> str:
    """The host name that clients of today call for a service in a Region."""
    return f"{prefix}.{region}.{services.dns_suffix(region)}"


def _leg(net: Network, source: str, host: str, port: int, actions: tuple[str, ...], resource: str) -> Leg:
    path = trace(net, source, host, port=port)
    role, notes = role_of(net, source)
    arn = _arn(net, resource)
    decisions = tuple((action, decide(net, role, action, resource, path, notes)) for action in actions)
    principal = _principal(role, net.topology.settings.account) if role else ""
    return Leg(host, path, decisions, principal, arn, tuple(dict.fromkeys(notes)))


def _arn(net: Network, resource: str) -> str:
    queue, settings = net.topology.get(Queue, resource), net.topology.settings
    return queue_arn(queue.queue_name, settings.region, settings.account) if queue else resource


def role_of(net: Network, source: str) -> tuple[Role | None, list[str]]:
    """The role that an instance's profile hands out, and a note if there is none."""
    instance: Any = net.topology.resources.get(sender_of(net, source).id)
    profile = net.topology.get(InstanceProfile, getattr(instance, "iam_instance_profile", None))
    role = net.topology.get(Role, profile.roles[0]) if profile and profile.roles else None
    return role, [] if role else [f"{source} has no role, so its calls are not signed"]


def decide(net: Network, role: Role | None, action: str, resource: str, path: Reachability, notes: list[str]) -> Decision:
    """What the policies that the model holds decide about one action on this path."""
    if (doubt := _doubt(net, role, resource, path)) is not None:
        return Decision(None, (), (), f"{doubt.about}: {doubt.reason}", "identity", ())
    if role is None:
        return Decision(False, (), (), "no instance profile gives the caller a role", "identity", ())
    managed, unknown = role.managed()
    queue = net.topology.get(Queue, resource)
    account = net.topology.settings.account
    request = Request(_principal(role, account), action, _arn(net, resource), _context(net, path), account)
    documents = PolicySet(identity=[*role.inline(), *managed], resource=_resource_policy(queue), gate=_gate(net, path))
    decision = evaluate(request, documents)
    if unknown and decision.allowed is False and not decision.determining:
        notes += [f"the text of the managed policy {name} is not known" for name in unknown]
        return decision._replace(allowed=None, reason=f"{decision.reason}, but {unknown[0]} is not known")
    return decision


def _doubt(net: Network, role: Role | None, resource: str, path: Reachability) -> Doubt | None:
    """What leaves open how the caller, the service or the endpoint on the path are allowed to act."""
    asked = {path.source, resource, role.id if role else "", path.trip.there.at if path.trip else ""}
    return next((doubt for doubt in net.topology.settings.doubts if doubt.about in asked), None)


def _principal(role: Role, account: str) -> str:
    return f"arn:aws:sts::{account}:assumed-role/{role.role_name or role.id}/i-0123456789abcdef0"


def _context(net: Network, path: Reachability) -> dict[str, str]:
    context = {"aws:SecureTransport": "true", "aws:RequestedRegion": net.topology.settings.region}
    if path.trip is not None:
        end = path.trip.there
        context |= net.places[end.at].request_context(end.arrived, net)
    return context


def _resource_policy(queue: Queue | None) -> PolicyDocument | None:
    return PolicyDocument.parse(queue.policy, queue.id, queue.origin) if queue and queue.policy else None


def _gate(net: Network, path: Reachability) -> PolicyDocument | None:
    place = net.places[path.trip.there.at] if path.trip else None
    text = getattr(place, "policy_document", None)
    return PolicyDocument.parse(text, place.id, place.origin) if place and text else None
