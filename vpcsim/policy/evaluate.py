"""Whether a request is allowed by all the policies that apply to it, and which statement decides.

An explicit deny in any policy wins. Then each of these must hold, in this order:

    scp                 service control policies: every level of the organization allows the action
    gate                the policy of the door the request comes through, if it has one, allows it
    resource, identity, within one account: the identity policies allow it, within the boundary and the session policies; or
    boundary, session   the resource policy allows the role, within the boundary and the session policies; or it allows the
                        user, the session or everyone. A KMS key's and a role's trust policy must allow in any case.
                        Between accounts: the resource policy allows it, and the identity policies do, within boundary and
                        session policies.

A resource control policy can only deny: RCPFullAWSAccess, which allows everything, cannot be detached. Neither kind of
organization policy applies to service-linked roles. AWS services, identity providers and anonymous callers have no identity
policies: the resource policy must allow them. The account root user has full access to its account. What depends on a value
that is not known stays undecided, unless the rest decides the request.

Sources, in https://docs.aws.amazon.com/:
    IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-denyallow.html
    IAM/latest/UserGuide/reference_policies_evaluation-logic_policy-eval-basics.html
    IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html
    IAM/latest/UserGuide/access_policies_boundaries.html
    IAM/latest/UserGuide/access_policies.html#policies_session
    kms/latest/developerguide/key-policies.html
    organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html
    organizations/latest/userguide/orgs_manage_policies_rcps.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from vpcsim.policy.conditions import conjunction, disjunction
from vpcsim.policy.document import PolicyDocument
from vpcsim.policy.layers import Finding, Layer, LayerName, judge
from vpcsim.policy.principals import Reach
from vpcsim.policy.request import Request
from vpcsim.policy.statement import Effect, Statement

Levels: TypeAlias = Sequence[Sequence[PolicyDocument]]


@dataclass(frozen=True)
class PolicySet:
    """The policies that apply to a request. None: there is no such policy, so it limits nothing and grants nothing.

    `gate` is the policy of the door the request came through. `scp` and `rcp` hold one sequence of policies per level, from the
    organization's root down to the account. `resource_policy_required`: the resource policy must allow even within one account,
    as a KMS key's policy and a role's trust policy must.
    """

    identity: Sequence[PolicyDocument] = ()
    boundary: Sequence[PolicyDocument] | None = None
    session: Sequence[PolicyDocument] | None = None
    resource: PolicyDocument | None = None
    gate: PolicyDocument | None = None
    scp: Levels | None = None
    rcp: Levels | None = None
    resource_policy_required: bool = False


class Decision(NamedTuple):
    """What was decided. `allowed` is None if it depends on a value that is not known.

    `determining`: the statements that decided, none for an implicit deny. `considered`: every statement that speaks of this
    principal, action and resource. `layer`: the kind of policy that decided. `notes`: why considered statements do not apply.
    """

    allowed: bool | None
    determining: tuple[Statement, ...]
    considered: tuple[Statement, ...]
    reason: str
    layer: LayerName
    notes: tuple[str, ...]


class _Outcome(NamedTuple):
    allowed: bool | None
    layer: LayerName
    reason: str
    findings: Sequence[Finding] = ()


class _Stage(NamedTuple):
    """One thing that must hold, the layer at fault if it does not, and what lacks an allow then."""

    holds: bool | None
    layer: LayerName
    lacking: str


def evaluate(request: Request, policies: PolicySet) -> Decision:
    """Decide a request. The module says by which rules, Decision what the answer holds."""
    layers = tuple(_layers(request, policies))
    outcome = _decide(request, policies, layers)
    findings = [finding for layer in layers for finding in layer.findings]
    return Decision(
        allowed=outcome.allowed,
        determining=tuple(finding.statement for finding in outcome.findings),
        considered=tuple(finding.statement for finding in findings),
        reason=outcome.reason,
        layer=outcome.layer,
        notes=tuple(f"{finding.statement}: {finding.why}" for finding in findings if finding.why),
    )


def _layers(request: Request, policies: PolicySet) -> Iterator[Layer]:
    limited = not request.service_linked
    bounded = policies.boundary is not None
    for level, documents in enumerate((policies.rcp if limited else None) or (), 1):
        yield judge("rcp", documents, request, level=level)
    for level, documents in enumerate((policies.scp if limited and request.caller.in_account else None) or (), 1):
        yield judge("scp", documents, request, level=level)
    yield judge("gate", () if policies.gate is None else [policies.gate], request, bounded)
    yield judge("resource", () if policies.resource is None else [policies.resource], request, bounded)
    yield judge("identity", policies.identity, request)
    yield judge("boundary", policies.boundary or (), request)
    yield judge("session", policies.session or (), request)


def _decide(request: Request, policies: PolicySet, layers: Sequence[Layer]) -> _Outcome:
    denials = _those(layers, "Deny", True)
    if denials:
        layer, first = denials[0]
        return _Outcome(False, layer.name, f"explicit deny in {first.statement}", [each for _, each in denials])
    grants = _Grants(request, policies, {layer.name: layer for layer in layers})
    stages = [*_gates(policies, layers), *grants.stages()]
    failed = next((stage for stage in stages if stage.holds is False), None)
    if failed:
        return _Outcome(False, failed.layer, f"no statement of {failed.lacking} allows {request.action}")
    granted = all(stage.holds for stage in stages)
    doubts = _those(layers, "Deny", None) or ([] if granted else _doubts(layers))
    return _undecided(doubts) if doubts else grants.outcome()


def _those(layers: Sequence[Layer], effect: Effect, applies: bool | None) -> list[tuple[Layer, Finding]]:
    return [(layer, finding) for layer in layers if layer.findings for finding in layer.those(effect, applies)]


def _doubts(layers: Sequence[Layer]) -> list[tuple[Layer, Finding]]:
    """The undecided allows, those first of layers where nothing else allows."""
    return _those([each for each in layers if each.allows() is None], "Allow", None) or _those(layers, "Allow", None)


def _undecided(doubts: list[tuple[Layer, Finding]]) -> _Outcome:
    layer, first = doubts[0]
    return _Outcome(None, layer.name, f"undecided by {first.statement}: {first.why}", [finding for _, finding in doubts])


def _gates(policies: PolicySet, layers: Sequence[Layer]) -> Iterator[_Stage]:
    for layer in layers:
        if layer.name == "scp":
            yield _Stage(layer.allows(), "scp", f"the service control policies of level {layer.level}")
        elif layer.name == "gate" and policies.gate:
            yield _Stage(layer.allows(), "gate", f"`{policies.gate.name}`" if policies.gate.name else "the gate's policy")


class _Grants:
    """What grants the request, and what limits the grant."""

    def __init__(self, request: Request, policies: PolicySet, layers: dict[LayerName, Layer]) -> None:
        outside, named = not request.caller.in_account, layers["resource"]
        self.request, self.layers = request, layers
        self.named = named.allows()
        self.direct = named.allows(Reach.DIRECT, Reach.UNCLEAR)
        self.role = named.allows(Reach.ROLE)
        self.identity = True if outside or request.caller.kind == "root" else layers["identity"].allows()
        self.boundary = True if outside or policies.boundary is None else layers["boundary"].allows()
        self.session = True if outside or policies.session is None else layers["session"].allows()
        self.required = policies.resource_policy_required
        self.across = outside or not request.same_account

    @property
    def limits(self) -> bool | None:
        return conjunction((self.boundary, self.session))

    def stages(self) -> Iterator[_Stage]:
        """In one account the limits do not reach what the resource policy grants to the caller itself."""
        if self.across or self.required:
            yield _Stage(self.named, "resource", "the resource policy")
        free = False if self.across else self.direct
        granted = self.identity if self.across else disjunction((self.identity, self.role))
        yield _Stage(disjunction((free, granted)), "identity", self._grantors())
        yield _Stage(disjunction((free, self.boundary)), "boundary", "the permissions boundary")
        yield _Stage(disjunction((free, self.session)), "session", "the session policies")

    def _grantors(self) -> str:
        both = not self.across and not self.required and self.layers["resource"].findings
        return "the identity policies or the resource policy" if both else "the identity policies"

    def outcome(self) -> _Outcome:
        """The answer when the request is allowed."""
        named, own = self._resource(), self._identity()
        by_resource = bool(named) and (self.across or self.required or not own)
        findings = [*named, *own] if by_resource else [*own, *named]
        if not findings:
            return _Outcome(True, "identity", "the account root user has full access to its account")
        reason = f"{findings[0].statement} allows {self.request.action}"
        return _Outcome(True, "resource" if by_resource else "identity", reason, findings)

    def _identity(self) -> list[Finding]:
        return self.layers["identity"].those("Allow", True) if self.limits else []

    def _resource(self) -> list[Finding]:
        allowing = self.layers["resource"].those("Allow", True)
        if self.across or self.required:
            return allowing
        return [each for each in allowing if each.reach is Reach.DIRECT or (each.reach is Reach.ROLE and self.limits)]
