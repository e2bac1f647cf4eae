"""The request that policies are evaluated against: who asks, for what, on which resource, in which context.

Sources, in https://docs.aws.amazon.com/IAM/latest/UserGuide/:
    reference_policies_condition-keys.html      what the global keys hold, and when a request has them
    reference_policies_variables.html           aws:username, aws:userid and aws:PrincipalType for each type of principal
    reference_policies_elements_principal.html  the forms of a principal's ARN
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property, lru_cache
from typing import Final, Literal, NamedTuple, TypeAlias


class Unknown(Enum):
    """The type of UNKNOWN."""

    UNKNOWN = "unknown"

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown.UNKNOWN
"""The value of a context key that a real request may hold, but whose value, or even presence, cannot be told here."""

ContextValue: TypeAlias = str | Sequence[str] | Unknown
Kind: TypeAlias = Literal["root", "user", "role", "session", "federated-user", "service", "other", "anonymous"]

_KINDS: dict[str, Kind] = {"user": "user", "role": "role", "assumed-role": "session", "federated-user": "federated-user"}
_TYPES = {"root": "Account", "user": "User", "role": "AssumedRole", "session": "AssumedRole", "federated-user": "FederatedUser"}


class Caller(NamedTuple):
    """What a principal's ARN says of it. `name` is the user's name, or the role's name for a role and for its sessions."""

    arn: str
    kind: Kind
    account: str = ""
    name: str = ""
    partition: str = "aws"

    @property
    def in_account(self) -> bool:
        """Whether this is a principal of an account, so that identity policies and service control policies apply to it."""
        return self.kind in _TYPES

    @property
    def principal_arn(self) -> str:
        """The value of aws:PrincipalArn. A session's ARN does not tell its role's path, so a session gets no path here."""
        return f"arn:{self.partition}:iam::{self.account}:role/{self.name}" if self.kind == "session" else self.arn


@lru_cache(maxsize=1024)
def caller_of(principal: str, account: str = "") -> Caller:
    """Read a principal: an ARN, a 12-digit account id (its root user), a service's name, a provider, or `*` for anonymous."""
    if principal.isdigit() and len(principal) == 12:
        return Caller(f"arn:aws:iam::{principal}:root", "root", principal)
    if principal.startswith("arn:") and principal.count(":") >= 5:
        return _caller_of_arn(principal, account)
    if principal in ("", "*"):
        return Caller("*", "anonymous")
    is_service = principal.endswith((".amazonaws.com", ".amazonaws.com.cn")) and not principal.startswith("cognito-identity.")
    return Caller(principal, "service" if is_service else "other", account)


def _caller_of_arn(arn: str, account: str) -> Caller:
    _, partition, _, _, owner, resource = arn.split(":", 5)
    account = account or owner
    if resource == "root":
        return Caller(arn, "root", account, partition=partition)
    head, *names = resource.split("/")
    kind = _KINDS.get(head, "other")
    name = names[0] if kind == "session" and names else resource.rsplit("/", 1)[-1]
    return Caller(arn, kind, account, name, partition)


@dataclass(frozen=True)
class Request:
    """One request.

    `principal` is an ARN (user, role, assumed-role session, federated user or root), a service's name such as
    `sns.amazonaws.com`, an identity provider, or `*` for an anonymous caller. `context` holds the condition keys: a string,
    several strings for a multivalued key, no strings for a key that is absent, or UNKNOWN. A key that ends in `*` and is
    UNKNOWN stands for every key that begins so and is not given. A key that is not given is absent from the request, except
    for those that follow from the other fields (aws:PrincipalArn, aws:PrincipalAccount, aws:PrincipalType,
    aws:PrincipalIsAWSService, aws:username, aws:ResourceAccount) and for aws:userid, which every signed request has.

    An account that is not given is read from the ARN; a resource whose ARN has no account belongs to the principal's account.
    """

    principal: str
    action: str
    resource: str
    context: Mapping[str, ContextValue] = field(default_factory=dict)
    principal_account: str = ""
    resource_account: str = ""

    @cached_property
    def caller(self) -> Caller:
        """What the principal is."""
        return caller_of(self.principal, self.principal_account)

    @cached_property
    def owner(self) -> str:
        """The account that owns the resource."""
        parts = self.resource.split(":", 5)
        return self.resource_account or (parts[4] if len(parts) == 6 else "") or self.caller.account

    @property
    def same_account(self) -> bool:
        """Whether the principal and the resource belong to one account."""
        return self.owner == self.caller.account

    @property
    def service_linked(self) -> bool:
        """Whether the principal is a service-linked role, as the path of its role tells."""
        found = self.values("aws:PrincipalArn")
        arns = (self.principal,) if isinstance(found, Unknown) else (self.principal, *found)
        return any(":role/aws-service-role/" in arn for arn in arns)

    def values(self, key: str) -> tuple[str, ...] | Unknown:
        """The values of a context key, whose name is case-insensitive. An absent key has none."""
        lowered = key.lower()
        found = self._known.get(lowered)
        if found is None:
            return UNKNOWN if lowered.startswith(self._unknown_prefixes) else ()
        return found

    @cached_property
    def _known(self) -> dict[str, tuple[str, ...] | Unknown]:
        return {key.lower(): _as_values(value) for key, value in (_implied(self) | dict(self.context)).items()}

    @cached_property
    def _unknown_prefixes(self) -> tuple[str, ...]:
        return tuple(key[:-1].lower() for key, value in self.context.items() if key.endswith("*") and value is UNKNOWN)


def _as_values(value: ContextValue) -> tuple[str, ...] | Unknown:
    if isinstance(value, Unknown):
        return value
    return (value,) if isinstance(value, str) else tuple(value)


def _implied(request: Request) -> dict[str, ContextValue]:
    caller = request.caller
    keys: dict[str, ContextValue] = {"aws:ResourceAccount": request.owner} if request.owner else {}
    if caller.in_account:
        keys |= {"aws:PrincipalArn": caller.principal_arn, "aws:PrincipalAccount": caller.account}
        keys |= {"aws:PrincipalType": _TYPES[caller.kind], "aws:PrincipalIsAWSService": "false"}
        keys["aws:userid"] = caller.account if caller.kind == "root" else UNKNOWN
    if caller.kind == "user":
        keys["aws:username"] = caller.name
    if caller.kind == "service":
        keys |= {"aws:PrincipalIsAWSService": "true", "aws:PrincipalServiceName": caller.arn}
        keys["aws:PrincipalServiceNamesList"] = UNKNOWN
    if caller.kind == "anonymous":
        keys |= {"aws:PrincipalType": "Anonymous", "aws:userid": "anonymous"}
    return keys
