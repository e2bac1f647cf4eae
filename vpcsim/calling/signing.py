"""Who signs a request, and what it is about.

The credentials of an instance, a function or a task are those of its role. Where the model does not tell the role, nobody can
say what is allowed; what is known to have none sends unsigned requests, which clients refuse to make. A user's access keys sign
wherever they are. A session of a role is known by its name if the asker tells it, or if it is that of a real instance.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_switch-role-ec2.html,
https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html,
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html.
"""

from __future__ import annotations

from typing import NamedTuple

from vpcsim import services
from vpcsim.account import Identity, Role, User
from vpcsim.asking import sender_of
from vpcsim.errors import InputError, Problem, UnknownName
from vpcsim.network import Network
from vpcsim.resource import Resource

SESSION = "i-0123456789abcdef0"
"""The name of a session, where the model does not tell it."""


class Home(NamedTuple):
    """Where a caller is: the Region that its client is set up for, and the account that it belongs to."""

    region: str
    account: str

    def host(self, label: str) -> str:
        """The host of a service in this Region: `ssm.us-east-1.amazonaws.com` of `ssm`."""
        return f"{label}.{self.region}.{services.dns_suffix(self.region)}"

    def arn(self, service: str, rest: str) -> str:
        """The ARN of something here."""
        return f"arn:{services.partition_of(self.region)}:{service}:{self.region}:{self.account}:{rest}"


def home_of(net: Network, source: str) -> Home:
    """The Region and the account of what sends. Raises UnknownName."""
    place = sender_of(net, source).id
    return Home(net.topology.region_of(place), net.topology.account_of(place))


class Signer(NamedTuple):
    """Who signs a request, and from where. `problem` says why nobody does; `known` is False where the model does not tell.

    `session` is the name of the role's session; empty if it is not known.
    """

    home: Home
    identity: Identity | None = None
    problem: str = ""
    known: bool = True
    session: str = ""

    @property
    def role(self) -> Role | None:
        """The role, if it is one that signs."""
        return self.identity if isinstance(self.identity, Role) else None

    @property
    def account(self) -> str:
        """The account of the role or user: that of the caller, unless the model says another one."""
        return (self.identity.owner_id if self.identity else None) or self.home.account

    @property
    def arn(self) -> str:
        """The ARN of the role or user; empty if nobody signs."""
        return self.identity.arn(self.home.region, self.account) if self.identity else ""

    @property
    def session_arn(self) -> str:
        """The ARN of the user or of the role's session, its name made up if it is not known; empty if nobody signs."""
        return self.role.session_arn(self.home.region, self.account, self.session or SESSION) if self.role else self.arn

    @property
    def principal(self) -> str:
        """Whom policies see: the session of a role if its name is known, or else the role or the user."""
        return self.session_arn if self.session else self.arn


def signer_of(net: Network, source: str, purpose: str = "calls", role: str = "", user: str = "") -> Signer:
    """Who signs what is sent from `source`: the role or the user named, or the role of the place's resource.

    `ROLE/SESSION`, or the session's ARN, names a session too. Raises UnknownName, and InputError for a role and a user.
    """
    home = home_of(net, source)
    if role and user:
        raise InputError(Problem(f"a call is signed by one: the role `{role}` or the user `{user}`"))
    if user:
        return Signer(home, _user_named(net, user))
    if role:
        return _signer_named(net, home, role)
    topology = net.topology
    resource = topology.resources.get(sender_of(net, source).id)
    text = resource.role_for(purpose, topology) if resource else None
    if resource is None or text is None:
        return Signer(home, None, f"the model does not say which role signs the calls of {source}", False)
    if not text:
        return Signer(home, None, f"{source} has no role, so its calls are not signed")
    found = role_named(net, text)
    session = resource.id if resource.id.startswith("i-") else ""
    return Signer(home, found, "" if found else f"the role {text} is not in the model", found is not None, session)


def _signer_named(net: Network, home: Home, text: str) -> Signer:
    if (role := role_named(net, text)) is not None:
        return Signer(home, role)
    name, _, session = text.rpartition("/")
    role = role_named(net, name.rpartition(":assumed-role/")[2])
    if role is None or not session:
        raise UnknownName("role", name or text, [role.id for role in net.topology.of(Role)])
    return Signer(home, role, session=session)


def role_named(net: Network, text: str) -> Role | None:
    """The role with this id, name or ARN."""
    names = (({role.id, role.identity_name, net.topology.arn_of(role)}, role) for role in net.topology.of(Role))
    return next((role for known, role in names if text in known), None)


def _user_named(net: Network, text: str) -> User:
    users = net.topology.of(User)
    for user in users:
        if text in (user.id, user.identity_name, net.topology.arn_of(user)):
            return user
    raise UnknownName("user", text, [user.id for user in users])


class Subject(NamedTuple):
    """What a request is about: its ARN, and the resource of the model, if it is one."""

    arn: str = "*"
    resource: Resource | None = None


def region_of(net: Network, subject: Subject) -> str:
    """The Region of what a request is about; empty if neither the model nor the ARN tells it."""
    if subject.resource is not None:
        return net.topology.region_of(subject.resource)
    return subject.arn.split(":")[3] if subject.arn.count(":") >= 5 else ""


def owner_of(net: Network, subject: Subject) -> str:
    """The account of what a request is about; empty if neither the model nor the ARN tells it."""
    if subject.resource is not None:
        return net.topology.account_of(subject.resource)
    return subject.arn.split(":")[4] if subject.arn.count(":") >= 5 else ""


def subject_of(net: Network, text: str) -> Subject:
    """The resource with this id, name or ARN; `bucket/key` is an object of a bucket. Raises UnknownName, and InputError."""
    if text in ("", "*"):
        return Subject()
    known = {arn: r for r in net.topology.resources.values() if (arn := net.topology.arn_of(r))}
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
