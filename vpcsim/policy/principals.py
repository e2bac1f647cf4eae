"""How closely the Principal element of a statement names the caller.

Naming an account delegates to it: its own policies must allow too. Naming a role allows its sessions, within the role's
permissions boundary and the session policies. Naming the user or the session itself, or everyone, needs nothing else within
the account. A role's ARN matches its sessions whatever its path is, because a role's name is unique in its account.

Sources, in https://docs.aws.amazon.com/IAM/latest/UserGuide/:
    reference_policies_elements_principal.html
    reference_policies_elements_notprincipal.html
    reference_policies_evaluation-logic_policy-eval-denyallow.html
    access_policies_boundaries.html  (a Deny with NotPrincipal always applies to a principal that has a boundary)
"""

from __future__ import annotations

from enum import IntEnum

from vpcsim.policy.request import Caller
from vpcsim.policy.statement import Principals, Statement


class Reach(IntEnum):
    """How closely a statement names the caller, from not at all to itself. UNCLEAR: AWS's documentation does not settle it."""

    NONE = 0
    UNCLEAR = 1
    ACCOUNT = 2
    ROLE = 3
    DIRECT = 4


_LEVELS = {
    "user": {Reach.ACCOUNT, Reach.DIRECT},
    "federated-user": {Reach.ACCOUNT, Reach.DIRECT},
    "role": {Reach.ACCOUNT, Reach.ROLE},
    "session": {Reach.ACCOUNT, Reach.ROLE, Reach.DIRECT},
}


def reach_of(statement: Statement, caller: Caller, bounded: bool) -> Reach:
    """How closely a statement names the caller. `bounded`: whether the caller has a permissions boundary."""
    if statement.not_principals is not None:
        return Reach.DIRECT if bounded and statement.effect == "Deny" else _all_but(statement.not_principals, caller)
    return max((_reach(kind, name, caller) for kind, name in statement.principals or ()), default=Reach.NONE)


def _all_but(principals: Principals, caller: Caller) -> Reach:
    """NotPrincipal excepts a caller for sure only if it lists the account, the role and the session or the user.

    An account that is listed along with others of its principals is there for their sake, and excepts nobody else.
    """
    needed = _LEVELS.get(caller.kind, {Reach.DIRECT})
    listed = {_reach(kind, name, caller) for kind, name in principals} - {Reach.NONE}
    if needed <= listed or any(name == "*" for _, name in principals):
        return Reach.NONE
    others = any(f"::{caller.account}:" in name and not name.endswith(":root") for _, name in principals)
    return Reach.UNCLEAR if listed - {Reach.ACCOUNT} or (listed and not others) else Reach.DIRECT


def _reach(kind: str, name: str, caller: Caller) -> Reach:
    if kind == "*":
        return Reach.DIRECT
    if kind == "AWS":
        return _reach_of_arn(name, caller) if caller.in_account or caller.kind == "anonymous" else Reach.NONE
    if kind == "CanonicalUser" and caller.in_account:
        return Reach.UNCLEAR
    return Reach.DIRECT if name == caller.arn else Reach.NONE


def _reach_of_arn(name: str, caller: Caller) -> Reach:
    if name == "*" or (name == caller.arn and caller.kind != "role"):
        return Reach.DIRECT
    head, _, resource = name.rpartition(":")
    if name == caller.account or (resource == "root" and head.endswith(f":iam::{caller.account}")):
        return Reach.DIRECT if caller.kind == "root" else Reach.ACCOUNT
    if caller.kind not in ("role", "session") or not head.endswith(f"::{caller.account}"):
        return Reach.NONE
    return _reach_of_role(resource.split("/"), caller)


def _reach_of_role(path: list[str], caller: Caller) -> Reach:
    if path[0] == "role" and path[-1] == caller.name:
        return Reach.ROLE
    # A caller given by its role may be the session that the statement names, or another one.
    is_session = path[0] == "assumed-role" and path[1:2] == [caller.name] and caller.kind == "role"
    return Reach.UNCLEAR if is_session else Reach.NONE
