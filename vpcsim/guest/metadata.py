"""The metadata service of an instance, at 169.254.169.254: both versions, with the credentials of the role.

Sources: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html,
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html,
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-security-credentials.html,
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-identity-documents.html.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from vpcsim.calling.signing import SESSION
from vpcsim.guest.hosts import Server
from vpcsim.prefixes import address_text, family
from vpcsim.stable import stable_hex

if TYPE_CHECKING:
    from vpcsim.cloud import Credentials
    from vpcsim.guest.guest import Guest

VERSIONS = ("latest", "2021-07-15", "2016-09-02", "2014-11-05", "1.0")
TOKEN_HEADER, TTL_HEADER = "HTTP_X_AWS_EC2_METADATA_TOKEN", "HTTP_X_AWS_EC2_METADATA_TOKEN_TTL_SECONDS"
LONGEST = 21600
"""Seconds that a token may live."""
MOMENT = "%Y-%m-%dT%H:%M:%SZ"


def metadata_server(guest: Guest) -> Server:
    """The service as this guest sees it."""

    def app(environ: Mapping[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        status, body = answer(guest, environ)
        kind = "application/json" if body.startswith("{") else "text/plain"
        start_response(status, [("Content-Type", kind), ("Content-Length", str(len(body)))])
        return [body.encode()]

    return Server(app)


def answer(guest: Guest, environ: Mapping[str, Any]) -> tuple[str, str]:
    """The status and the body for a request."""
    options = getattr(guest.net.places[guest.id], "metadata_options", None)
    if options is not None and options.http_endpoint == "disabled":
        return "403 Forbidden", ""
    method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
    if path.rstrip("/") == "/latest/api/token":
        return _token(environ) if method == "PUT" else ("405 Not Allowed", "")
    if method not in ("GET", "HEAD"):
        return "405 Not Allowed", ""
    token = environ.get(TOKEN_HEADER)
    required = options is not None and options.http_tokens == "required"
    if (token is None and required) or (token is not None and not token.startswith(_TOKEN)):
        return "401 Unauthorized", ""
    version, _, item = path.lstrip("/").partition("/")
    found = _item(_items(guest), item.strip("/")) if version in VERSIONS else None
    return ("404 Not Found", "") if found is None else ("200 OK", found)


_TOKEN = "AQAEA"


def _token(environ: Mapping[str, Any]) -> tuple[str, str]:
    if "HTTP_X_FORWARDED_FOR" in environ:
        return "403 Forbidden", ""
    seconds = str(environ.get(TTL_HEADER, ""))
    if not seconds.isdigit() or not 1 <= int(seconds) <= LONGEST:
        return "400 Bad Request", ""
    return "200 OK", f"{_TOKEN}{stable_hex(seconds, 40)}=="


def _item(items: Mapping[str, Any], path: str) -> str | None:
    """The text at a path; a list of what is below, for a folder."""
    here: Any = items
    for part in path.split("/") if path else ():
        here = here.get(part) if isinstance(here, Mapping) else None
    if isinstance(here, Mapping):
        return "\n".join(f"{name}/" if isinstance(value, Mapping) else name for name, value in here.items())
    return str(here() if callable(here) else here) if here is not None else None


def _items(guest: Guest) -> dict[str, Any]:
    place: Any = guest.net.places[guest.id]
    four = next((number for number in guest.addresses if family(number) == 4), None)
    public = guest.net.public_address(guest.sender.vantage.vpc, four) if four is not None else None
    subnet = guest.net.places.get(guest.net.index.subnet_of.get(guest.net.interfaces_of(guest.id)[0], ""))
    zone = str(getattr(subnet, "availability_zone", ""))
    data: dict[str, Any] = {
        "ami-id": getattr(place, "image_id", "") or None,
        "instance-id": _id(guest),
        "instance-type": getattr(place, "instance_type", "") or None,
        "local-ipv4": address_text(four) if four is not None else None,
        "public-ipv4": address_text(public) if public is not None else None,
        "placement": {"availability-zone": zone, "region": guest.region},
        "services": {"domain": "amazonaws.com", "partition": "aws"},
        "iam": _iam(guest),
    }
    document = {
        "accountId": guest.home.account,
        "availabilityZone": zone,
        "imageId": data["ami-id"],
        "instanceId": _id(guest),
        "instanceType": data["instance-type"],
        "privateIp": data["local-ipv4"],
        "region": guest.region,
        "version": "2017-09-30",
    }
    known = {name: value for name, value in data.items() if value is not None}
    return {"meta-data": known, "dynamic": {"instance-identity": {"document": json.dumps(document, indent=2)}}}


def _iam(guest: Guest) -> dict[str, Any] | None:
    role = guest.signer.role
    if role is None:
        return None
    name, account = role.identity_name, guest.home.account
    info = {
        "Code": "Success",
        "LastUpdated": _moment(0),
        "InstanceProfileArn": f"arn:aws:iam::{account}:instance-profile/{name}",
        "InstanceProfileId": f"AIPA{stable_hex(name).upper()}",
    }
    return {"info": json.dumps(info, indent=2), "security-credentials": {name: lambda: _credentials(guest)}}


def _credentials(guest: Guest) -> str:
    made = credentials_of(guest)
    told = {
        "Code": "Success",
        "LastUpdated": _moment(0),
        "Type": "AWS-HMAC",
        "AccessKeyId": made.access_key_id,
        "SecretAccessKey": made.secret_access_key,
        "Token": made.token,
        "Expiration": _moment(6),
    }
    return json.dumps(told, indent=2)


def credentials_of(guest: Guest) -> Credentials:
    """What the role's session on the instance signs with: made up, and known to the cloud."""
    return guest.cloud.assume(guest.signer.arn, _id(guest))


def _id(guest: Guest) -> str:
    """The instance's id, which names the session of its role in policies too."""
    return guest.signer.session or SESSION


def _moment(hours: int) -> str:
    return (datetime.datetime.now(datetime.UTC) + datetime.timedelta(hours=hours)).strftime(MOMENT)
