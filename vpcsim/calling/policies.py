"""Which policies decide about a request of a call, and what they decide.

A policy that the model does not hold is taken once as granting everything and once as granting nothing: if that makes no
difference it is a note, otherwise the decision is open. A request that is about no named resource is open as well if a
statement would allow it for some resources.

Sources, in https://docs.aws.amazon.com/:
    IAM/latest/UserGuide/reference_policies_evaluation-logic.html   the kinds of policies
    IAM/latest/UserGuide/troubleshoot_access-denied.html            the words of a denial
    vpc/latest/privatelink/vpc-endpoints-access.html                endpoint policies, and that they limit anonymous calls too
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any, NamedTuple

from vpcsim import errors, services
from vpcsim.account import Group, Identity, ManagedPolicy, User, organization
from vpcsim.calling import context
from vpcsim.calling.signing import Signer, Subject, owner_of
from vpcsim.errors import with_article
from vpcsim.network import Network
from vpcsim.policy import ContextValue, Decision, PolicyDocument, PolicySet, Request, Statement, evaluate
from vpcsim.reachability import Reachability

VERSION = "2012-10-17"
EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}
FULL_ACCESS = PolicyDocument.parse({"Version": VERSION, "Statement": EVERYTHING}, "FullAWSAccess")
EVERYONE = PolicyDocument.parse({"Version": VERSION, "Statement": {**EVERYTHING, "Principal": "*"}}, "everyone")
KINDS = {
    "identity": "identity-based policy",
    "boundary": "permissions boundary",
    "session": "session policy",
    "resource": "resource-based policy",
    "gate": "VPC endpoint policy",
    "scp": "service control policy",
    "rcp": "resource control policy",
}
"""What AWS's messages call the layers of policies."""
FREE = ("sts:getcalleridentity",)
"""Actions that need no permission, whatever a policy of the caller says.

Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
"""


class Doubt(NamedTuple):
    """What the model does not hold, and the policies in case that it grants as much, or as little, as it can."""

    why: str
    most: Mapping[str, Any]
    least: Mapping[str, Any]


class Case:
    """The policies that decide about the requests of one leg, and the context that they share.

    `region` is the one that the request is for. `anyone`: the request is not signed by the caller, so that only the endpoint's
    policy decides here. `public`: the resource is AWS's own, and its policy lets everybody.
    """

    def __init__(
        self,
        net: Network,
        region: str,
        signer: Signer,
        subject: Subject,
        path: Reachability | None,
        given: Mapping[str, ContextValue],
        anyone: bool = False,
        public: bool = False,
    ) -> None:
        self.net, self.signer, self.subject, self.path, self.anyone, self.given = net, signer, subject, path, anyone, given
        self.public = public
        self.region, self.account, self.owner = region, signer.account, owner_of(net, subject) or signer.account
        self.notes: list[str] = []
        self.left_open = self._left_open()
        self.doubts = [] if anyone or self.left_open else list(self._doubts())
        self.policies = PolicySet() if self.left_open else self._policies()

    @property
    def principal(self) -> str:
        """The ARN of the session that signs."""
        return "" if self.anyone else self.signer.session_arn

    @cached_property
    def identities(self) -> tuple[Identity, ...]:
        """Whose policies are those of the caller: the role or the user itself, and the groups of the user."""
        identity = self.signer.identity
        named = identity.groups if isinstance(identity, User) else ()
        groups = [group for group in self.net.topology.of(Group) if group.id in named or group.identity_name in named]
        return (identity, *groups) if identity else ()

    @property
    def _groups_outside(self) -> list[str]:
        named = self.signer.identity.groups if isinstance(self.signer.identity, User) else ()
        known = {name for identity in self.identities for name in (identity.id, identity.identity_name)}
        return [name for name in named if name not in known]

    @property
    def _attached(self) -> list[str]:
        return [arn for identity in self.identities for arn in identity.managed_policy_arns]

    @property
    def _bound(self) -> str:
        return str(getattr(self.signer.identity, "permissions_boundary", ""))

    def decide(self, action: str) -> Decision:
        """What the policies decide about an action."""
        if self.left_open is not None:
            return Decision(None, (), (), f"{self.left_open.about}: {self.left_open.reason}", "identity", ())
        if self.signer.identity is None and not self.anyone:
            allowed = False if self.signer.known else None
            return Decision(allowed, (), (), self.signer.problem, "identity", ())
        request = self._request(action)
        if action.lower() in FREE:
            return self._free(request)
        sure = evaluate(request, self.policies)
        most = evaluate(request, self._with([doubt.most for doubt in self.doubts]))
        least = evaluate(request, self._with([doubt.least for doubt in self.doubts]))
        if most.allowed is least.allowed:
            return self._named(action, sure if sure.allowed is most.allowed else least)
        why = self.doubts[0].why if self.doubts else ""
        reason = f"{least.reason}, but {why}" if least.allowed is False else why
        return least._replace(allowed=None, reason=reason)

    def _free(self, request: Request) -> Decision:
        """The decision about an action that needs no permission. Whether an endpoint's policy limits it is not documented."""
        decision = evaluate(request, PolicySet(identity=[FULL_ACCESS], gate=self.policies.gate))
        if decision.allowed is True:
            return Decision(True, (), (), f"{request.action} needs no permission", "identity", ())
        reason = f"{request.action} needs no permission, and whether the endpoint's policy limits it is not documented"
        return decision._replace(allowed=None, reason=reason)

    def _left_open(self) -> errors.Doubt | None:
        """What the input does not tell of how the caller, the resource or the endpoint on the path are allowed to act."""
        resource, path = self.subject.resource, self.path
        asked = {*(each.id for each in self.identities), resource.id if resource else ""}
        passed = {path.source, path.trip.there.at if path.trip else ""} if path is not None else set()
        for doubt in self.net.topology.settings.doubts:
            about = self.net.topology.resources.get(doubt.about)
            permits = not doubt.properties or (about is not None and doubt.properties & set(about.permissions))
            if doubt.about in asked or (doubt.about in passed and permits):
                return doubt
        return None

    def _named(self, action: str, decision: Decision) -> Decision:
        """A denial that only lacks a resource's name is open; one by a policy that allows nothing says so."""
        if decision.allowed is not False or decision.determining:
            return decision
        documents = self._lacking(decision)
        limited = [s for s in _allowing(documents) if s.covers_action(action) and s.resources != ("*",)]
        if self.subject.arn == "*" and limited:
            reason = f"{limited[0]} is about some resources only: name the one that is asked for"
            return decision._replace(allowed=None, reason=reason)
        if documents and decision.layer == "gate" and not list(_allowing(documents)):
            return decision._replace(reason=f"{decision.reason}: it has no Allow, so it refuses every request")
        return decision

    def _lacking(self, decision: Decision) -> list[PolicyDocument]:
        """The policies of the layer that lacks an allow."""
        gate = [self.policies.gate] if self.policies.gate else []
        return {"identity": list(self.policies.identity), "gate": gate}.get(decision.layer, [])

    def _with(self, changes: list[Mapping[str, Any]]) -> PolicySet:
        changed: dict[str, Any] = {}
        for change in changes:
            changed |= {k: [*changed.get(k, self.policies.identity), *v] if k == "identity" else v for k, v in change.items()}
        return replace(self.policies, **changed)

    def _request(self, action: str) -> Request:
        identity = None if self.anyone else self.signer.identity
        keys = context.of_request(action, self.region, True)
        keys |= context.of_identity(self.net, identity, self.account) if identity else context.of_nobody()
        keys |= context.of_resource(self.net, self.subject.resource, self.owner)
        keys |= context.of_path(self.net, self.path) if self.path else {}
        account, owner = (self.account, self.owner) if identity else ("", "")
        return Request(
            self.signer.principal if identity else "*", action, self.subject.arn, {**keys, **self.given}, account, owner
        )

    def _policies(self) -> PolicySet:
        gate = self._gate()
        if self.anyone:
            return PolicySet(resource=EVERYONE, gate=gate)
        role, topology = self.signer.role, self.net.topology
        own = [document for identity in self.identities for document in _documents(identity, "policies")]
        return PolicySet(
            identity=[*own, *self._managed()],
            boundary=self._boundary(),
            session=_documents(role, "session_policies") or None if role else None,
            resource=self._resource_policy(),
            gate=gate,
            scp=_organization(topology, organization.SERVICE_CONTROL, self.account),
            rcp=_organization(topology, organization.RESOURCE_CONTROL, self.owner),
            resource_policy_required=self._required,
        )

    @property
    def _required(self) -> bool:
        return self.subject.arn.split(":")[2:3] == ["kms"]

    def _resource_policy(self) -> PolicyDocument | None:
        resource = self.subject.resource
        if self.public:
            return EVERYONE
        text = self.net.topology.policy_of(resource) if resource else None
        return PolicyDocument.parse(text, resource.id, resource.origin) if resource and text else None

    def _gate(self) -> PolicyDocument | None:
        place = self.net.places[self.path.trip.there.at] if self.path and self.path.trip else None
        text = getattr(place, "policy_document", None)
        return PolicyDocument.parse(text, place.id, place.origin) if place and text else None

    def _managed(self) -> Iterator[PolicyDocument]:
        for arn in self._attached:
            if (document := self._managed_text(arn)) is not None:
                yield document

    def _managed_text(self, arn: str) -> PolicyDocument | None:
        name = arn.rpartition("/")[2]
        for policy in self.net.topology.of(ManagedPolicy):
            if arn in (policy.id, self.net.topology.arn_of(policy)) or arn == f"arn:aws:iam::aws:policy/{policy.id}":
                return PolicyDocument.parse(policy.policy_document, policy.id, policy.origin)
        text = services.managed_policy(arn)
        return PolicyDocument.parse(text, name, self.signer.identity.origin if self.signer.identity else None) if text else None

    def _boundary(self) -> list[PolicyDocument] | None:
        arn = self._bound
        return [document for document in (self._managed_text(arn),) if document] if arn else None

    def _doubts(self) -> Iterator[Doubt]:
        for name in self._groups_outside:
            why = f"the group {name} is not in the model, and so nor are its policies"
            self.notes.append(why)
            yield Doubt(why, {"identity": [FULL_ACCESS]}, {})
        for arn in self._attached:
            if self._managed_text(arn) is None:
                why = f"the text of the managed policy {arn.rpartition('/')[2]} is not known"
                self.notes.append(why)
                yield Doubt(why, {"identity": [FULL_ACCESS]}, {})
        if self._bound and self._managed_text(self._bound) is None:
            why = f"the text of the permissions boundary {self._bound.rpartition('/')[2]} is not known"
            self.notes.append(why)
            yield Doubt(why, {"boundary": [FULL_ACCESS]}, {"boundary": []})
        if self.subject.resource is None and self.subject.arn != "*" and not self.public:
            why = f"{self.subject.arn} is not in the model, and so nor is its policy"
            self.notes.append(why)
            yield Doubt(why, {"resource": EVERYONE}, {"resource": None})
        yield from self._unclear()

    def _unclear(self) -> Iterator[Doubt]:
        topology = self.net.topology
        asked = (("scp", organization.SERVICE_CONTROL, self.account), ("rcp", organization.RESOURCE_CONTROL, self.owner))
        for field, kind, account in asked:
            if found := organization.unclear(topology, kind, account):
                why = f"whether the account {account} is where {found[0].id} is attached is not in the model"
                self.notes.append(why)
                known = _organization(topology, kind, account) or []
                yield Doubt(why, {field: known or None}, {field: [*known, [FULL_ACCESS, *map(_content, found)]]})


def _documents(identity: Identity, field: str) -> list[PolicyDocument]:
    """The identity's own policies. Raises InputError for a document that is none."""
    return [
        PolicyDocument.parse(policy.policy_document, f"{identity.id}/{policy.policy_name}", policy.origin or identity.origin)
        for policy in getattr(identity, field)
    ]


def _organization(topology: Any, kind: str, account: str) -> list[list[PolicyDocument]] | None:
    found = organization.levels(topology, kind, account)
    return [[*([FULL_ACCESS] if level.full_access else []), *map(_content, level.policies)] for level in found] or None


def _content(policy: organization.OrganizationPolicy) -> PolicyDocument:
    return PolicyDocument.parse(policy.content, policy.id, policy.origin)


def _allowing(documents: list[PolicyDocument]) -> Iterator[Statement]:
    return (statement for document in documents for statement in document.statements if statement.effect == "Allow")


def denial(principal: str, action: str, resource: str, decision: Decision) -> str:
    """What a service says when it refuses a request.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
    """
    kind = KINDS[decision.layer]
    denied = f"with an explicit deny in {with_article(kind)}"
    why = denied if decision.determining else f"because no {kind} allows the {action} action"
    return f"User: {principal} is not authorized to perform: {action} on resource: {resource} {why}"
