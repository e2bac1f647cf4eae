"""One leg of a call or a task: the name, the path to every address, who answers, and the policies, in this order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from vpcsim.account import Key, ServiceResource
from vpcsim.asking import trace
from vpcsim.calling import context
from vpcsim.calling.answers import Leg
from vpcsim.calling.certificates import stop_at
from vpcsim.calling.policies import Case
from vpcsim.calling.signing import Signer, Subject, home_of, signer_of, subject_of
from vpcsim.network import Network
from vpcsim.policy import ContextValue, Decision
from vpcsim.reachability import Reachability

KEY_ACTIONS = {
    "sqs:SendMessage": ("kms:GenerateDataKey", "kms:Decrypt"),
    "sqs:ReceiveMessage": ("kms:Decrypt",),
    "sns:Publish": ("kms:GenerateDataKey", "kms:Decrypt"),
    "s3:PutObject": ("kms:GenerateDataKey",),
    "s3:GetObject": ("kms:Decrypt",),
    "secretsmanager:GetSecretValue": ("kms:Decrypt",),
}
"""What a service does with the key of an encrypted resource, on behalf of the caller.

Sources: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html,
https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html,
https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html,
https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html.
"""


@dataclass(frozen=True)
class Want:
    """What a leg asks for: `actions` on a `resource` at a host, or, with `to`, a connection to a resource of the model.

    `client` is whose request it is, where that can be told; `signer` is what the caller's role is for, or `nobody`.
    """

    host: str = ""
    actions: tuple[str, ...] = ()
    resource: str = "*"
    page: str = ""
    optional: str = ""
    signer: str = "calls"
    client: str = ""
    port: int = 443
    tls: bool = True
    to: str = ""
    public: bool = False
    """Whether the resource is AWS's own, and its policy lets everybody."""

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.tls else 'http'}://{host}"


@dataclass(frozen=True)
class Terms:
    """What the asker says of every leg: as which role or user, and which condition keys have which values."""

    role: str = ""
    context: Mapping[str, ContextValue] = field(default_factory=dict)
    user: str = ""


def leg_of(net: Network, source: str, want: Want, terms: Terms) -> Leg:
    """What becomes of one leg. Raises UnknownName and InputError."""
    path = trace(net, source, want.to or want.url, port=None if want.to else want.port)
    host = want.host or net.index.host_of.get(want.to, want.to)
    port = str(want.port) if want.host else path.service.partition("/")[0]
    subject = subject_of(net, want.resource)
    signer = _signer(net, source, want, terms)
    leg = Leg(
        host,
        path,
        port=port,
        page=want.page,
        optional=want.optional,
        resource=subject.arn,
        notes=path.notes,
    )
    if not path.reachable or want.to:
        return leg
    stop = stop_at(net, path, host, want.client, want.tls)
    leg = replace(leg, stop=stop, context=context.told(net, path))
    return leg if stop else _decided(net, source, leg, want, Asked(signer, subject, path, terms))


@dataclass(frozen=True)
class Asked:
    """Whose request it is, what it is about, and how it goes."""

    signer: Signer
    subject: Subject
    path: Reachability
    terms: Terms


def _signer(net: Network, source: str, want: Want, terms: Terms) -> Signer:
    if want.signer == "nobody" or not want.actions:
        return Signer(home_of(net, source))
    return signer_of(net, source, want.signer, terms.role, terms.user)


def _decided(net: Network, source: str, leg: Leg, want: Want, asked: Asked) -> Leg:
    region = context.region_of(leg.host, asked.signer.home.region)
    given: dict[str, ContextValue] = {"aws:RequestedRegion": region, "aws:SecureTransport": str(want.tls).lower()}
    given |= {} if asked.terms.role or asked.terms.user else context.of_source(net, source)
    anyone = want.signer == "nobody"
    case = Case(net, region, asked.signer, asked.subject, asked.path, {**given, **asked.terms.context}, anyone, want.public)
    decisions = [(action, case.decide(action)) for action in want.actions]
    notes = [*leg.notes, *case.notes]
    for action in want.actions if asked.subject.resource and not anyone else ():
        decisions += _of_key(net, action, asked, notes)
    return replace(leg, decisions=tuple(decisions), principal=case.principal, notes=tuple(dict.fromkeys(notes)))


def _of_key(net: Network, action: str, asked: Asked, notes: list[str]) -> Iterator[tuple[str, Decision]]:
    """What the key's policy and the caller's decide about the encryption, which the service asks for and not the caller."""
    resource = asked.subject.resource
    wanted = resource.encryption_key if isinstance(resource, ServiceResource) else ""
    if not wanted or action not in KEY_ACTIONS or "alias/aws/" in wanted:
        return
    key = _key(net, wanted)
    service, region = action.partition(":")[0], net.topology.region_of(asked.subject.resource)
    if key is None:
        notes.append(f"the key {wanted} of {asked.subject.arn} is not in the model: its policy must allow the caller, too")
        return
    via = f"{service}.{region}.amazonaws.com"
    given = {**context.of_service_request(), "kms:ViaService": via, "kms:CallerAccount": asked.signer.account}
    subject = Subject(net.topology.arn_of(key), key)
    case = Case(net, region, asked.signer, subject, None, {**given, **asked.terms.context})
    yield from ((wanted_action, case.decide(wanted_action)) for wanted_action in KEY_ACTIONS[action])


def _key(net: Network, text: str) -> Key | None:
    found = ((key, {key.id, net.topology.arn_of(key), *key.aliases}) for key in net.topology.of(Key))
    return next((key for key, names in found if text in names or text.rpartition(":")[2] in names), None)
