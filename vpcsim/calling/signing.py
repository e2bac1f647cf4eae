"""Who signs a request, and what it is about.

The credentials of an instance, a function or a task are those of its role. Where the model does not tell the role, nobody can
say what is allowed; what is known to have none sends unsigned requests, which clients refuse to make.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_switch-role-ec2.html,
https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html,
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html.
"""

from __future__ import annotations

from typing import NamedTuple

from vpcsim.account import Role
from vpcsim.asking import sender_of
from vpcsim.errors import InputError, Problem, UnknownName
from vpcsim.network import Network
from vpcsim.resource import Resource

SESSION = "i-0123456789abcdef0"
"""The name of a session, where the model does not tell it."""


class Signer(NamedTuple):
    """Who signs a request. `problem` says why nobody does; `known` is False where the model does not tell."""

    role: Role | None = None
    problem: str = ""
    known: bool = True
    session: str = SESSION


def signer_of(net: Network, source: str, purpose: str = "calls", name: str = "") -> Signer:
    """Who signs what is sent from `source`: the role named, or the one that the place's resource has. Raises UnknownName."""
    topology = net.topology
    if name:
        role = role_named(net, name)
        if role is None:
            raise UnknownName("role", name, [role.id for role in topology.of(Role)])
        return Signer(role)
    resource = topology.resources.get(sender_of(net, source).id)
    text = resource.role_for(purpose, topology) if resource else None
    if resource is None or text is None:
        return Signer(None, f"the model does not say which role signs the calls of {source}", False)
    if not text:
        return Signer(None, f"{source} has no role, so its calls are not signed")
    role = role_named(net, text)
    session = resource.id if resource.id.startswith("i-") else SESSION
    return Signer(role, "" if role else f"the role {text} is not in the model", role is not None, session)


def role_of(net: Network, source: str) -> tuple[Role | None, list[str]]:
    """The role whose credentials are at hand on `source`, or why there is none."""
    signer = signer_of(net, source)
    return signer.role, [signer.problem] if signer.problem else []


def role_named(net: Network, text: str) -> Role | None:
    """The role with this id, name or ARN."""
    where = net.topology.settings
    names = (({role.id, role.role_name, role.arn(where.region, where.account)}, role) for role in net.topology.of(Role))
    return next((role for known, role in names if text in known), None)


class Subject(NamedTuple):
    """What a request is about: its ARN, and the resource of the model, if it is one."""

    arn: str = "*"
    resource: Resource | None = None


def subject_of(net: Network, text: str) -> Subject:
    """The resource with this id, name or ARN; `bucket/key` is an object of a bucket. Raises UnknownName, and InputError."""
    if text in ("", "*"):
        return Subject()
    where = net.topology.settings
    known = {arn: r for r in net.topology.resources.values() if (arn := r.arn(where.region, where.account))}
    for arn, resource in known.items():
        if text in (arn, resource.id, resource.name, arn.rpartition(":")[2]):
            return Subject(arn, resource)
    for arn, resource in known.items():
        for name in (arn, resource.id, resource.name):
            if text.startswith(f"{name}/"):
                return Subject(arn + text[len(name) :], resource)
    if text.startswith("arn:"):
        if text.count(":") < 5:
            raise InputError(Problem(f"`{text}` is not an ARN such as arn:aws:sqs:us-east-1:123456789012:FilaTeste"))
        return Subject(text)
    raise UnknownName("resource with an ARN", text, [n for r in known.values() for n in (r.id, r.name)])
