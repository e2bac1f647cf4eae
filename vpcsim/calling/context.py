"""The condition keys of a request, as far as the model tells: by its way, by who signs it, by what it is about.

A key that depends on the moment or on the program has the value UNKNOWN, and so has what only an account tells, such as a tag of
a resource that the model does not hold. Service-specific keys of the request are UNKNOWN, too.

Sources, in https://docs.aws.amazon.com/IAM/latest/UserGuide/:
    reference_policies_condition-keys.html          the keys, and which requests have them
    reference_policies_iam-condition-keys.html      the keys of credentials that were given to an instance
    id_session-tags.html                            tags of a session, and of the role
    access_forward_access_sessions.html             requests that a service makes on behalf of the caller
"""

from __future__ import annotations

from vpcsim import services
from vpcsim.account import Identity, Role, organization
from vpcsim.asking import sender_of
from vpcsim.network import Network
from vpcsim.policy import UNKNOWN, ContextValue
from vpcsim.prefixes import address_text
from vpcsim.reachability import Reachability
from vpcsim.resource import Resource

OF_THE_REQUEST = ("aws:CurrentTime", "aws:EpochTime", "aws:TokenIssueTime", "aws:UserAgent", "aws:Referer", "aws:TagKeys")
"""Keys that depend on the moment, on the program and on what it asks for."""

OF_THE_WAY = ("aws:SourceVpce", "aws:SourceVpc", "aws:VpcSourceIp", "aws:SourceIp")

Context = dict[str, ContextValue]


def of_request(action: str, region: str, tls: bool) -> Context:
    """What every request has. The keys of its service depend on its parameters."""
    own: Context = {f"{action.partition(':')[0]}:*": UNKNOWN, "aws:RequestTag/*": UNKNOWN, "kms:ViaService": ()}
    told = {"aws:RequestedRegion": region, "aws:SecureTransport": str(tls).lower(), "aws:ViaAWSService": "false"}
    return {**dict.fromkeys(OF_THE_REQUEST, UNKNOWN), **own, **told}


def of_identity(net: Network, identity: Identity, account: str) -> Context:
    """What follows from the role or user that signs. A tag of the session takes the place of the role's.

    Credentials of a role are temporary, and here without MFA; access keys of a user are not, so that some keys are absent.
    """
    role = identity if isinstance(identity, Role) else None
    tags = {f"aws:PrincipalTag/{tag.key}": tag.value for tag in (*identity.tags, *(role.session_tags if role else ()))}
    own: Context = {**tags, **_of_organization(net, "aws:Principal", account)}
    if role is None:
        return {**own, "aws:TokenIssueTime": (), "aws:MultiFactorAuthPresent": ()}
    arn = role.arn(net.topology.region_of(role), account)
    return {
        **own,
        "aws:MultiFactorAuthPresent": "false",
        "aws:SourceIdentity": role.source_identity or (),
        "aws:PrincipalArn": arn,
    }


def of_service_request() -> Context:
    """What is not known of a request that a service makes on behalf of the caller, of whose way it keeps a part."""
    return {"aws:ViaAWSService": "true", "aws:CalledVia*": UNKNOWN, **dict.fromkeys(OF_THE_WAY, UNKNOWN)}


def of_nobody() -> Context:
    """What is not known of a caller whose role is not in the model."""
    return {"aws:Principal*": UNKNOWN, "aws:PrincipalType": UNKNOWN, "aws:userid": UNKNOWN}


def of_source(net: Network, source: str) -> Context:
    """What the credentials say that an instance or a function was given."""
    place = net.places[sender_of(net, source).id]
    if place.kind == "instance":
        interface = net.interfaces_of(place.id)[0]
        numbers = {"aws:Ec2InstanceSourcePrivateIPv4": address_text(net.address_of(interface))}
        return {**numbers, "aws:Ec2InstanceSourceVpc": net.vpc_of(interface) or "", "ec2:*": UNKNOWN}
    return {"lambda:SourceFunctionArn": UNKNOWN} if place.kind == "lambda_function" else {}


def of_resource(net: Network, resource: Resource | None, account: str) -> Context:
    """What follows from the resource of a request."""
    if resource is None:
        return {"aws:ResourceTag/*": UNKNOWN, "aws:ResourceOrgID": UNKNOWN, "aws:ResourceOrgPaths": UNKNOWN}
    tags = {f"aws:ResourceTag/{tag.key}": tag.value for tag in resource.tags}
    return {**tags, **_of_organization(net, "aws:Resource", account)}


def of_path(net: Network, path: Reachability) -> Context:
    """What follows from the way: `aws:SourceVpce` and its like through an endpoint, or else `aws:SourceIp`."""
    if path.trip is None:
        return {}
    end = path.trip.there
    context: Context = dict(net.places[end.at].request_context(end.arrived, net))
    if "aws:SourceVpce" in context:
        return {**context, "aws:SourceVpcArn": UNKNOWN, "aws:VpceAccount": UNKNOWN, "aws:VpceOrg*": UNKNOWN}
    if "aws:SourceIp" in context and _is_invented(net, end.arrived.src):
        context["aws:SourceIp"] = UNKNOWN
    return context


def told(net: Network, path: Reachability) -> dict[str, str]:
    """The keys of the way, for people."""
    keys = of_path(net, path)
    return {key: "not known" if keys.get(key) is UNKNOWN else str(keys.get(key, "absent")) for key in OF_THE_WAY}


def region_of(host: str, default: str) -> str:
    """The Region for which a request to a host is signed."""
    found = services.service_of_host(host)
    return found.region if found else default


def _of_organization(net: Network, prefix: str, account: str) -> Context:
    id, path = organization.path_of(net.topology, account)
    return {f"{prefix}OrgID": id or UNKNOWN, f"{prefix}OrgPaths": (path,) if path else UNKNOWN}


def _is_invented(net: Network, number: int) -> bool:
    """Whether a public address was chosen for the model, as AWS would choose another one."""
    for resource in net.topology.resources.values():
        association = getattr(resource, "association", None)
        chosen = {"public_ip": getattr(resource, "public_ip", None), "association": getattr(association, "public_ip", None)}
        if number in [chosen[name] for name in resource.assumed & chosen.keys()]:
            return True
    return False
