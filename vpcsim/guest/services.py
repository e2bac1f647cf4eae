"""A service of AWS as a host: what plain HTTP finds there, with the certificate of the service.

Requests that are signed, in a header or in the URL, are taken for the role of the instance.

Sources: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ShareObjectPreSignedURL.html,
https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

from vpcsim import services
from vpcsim.calling.context import region_of
from vpcsim.calling.signing import Home
from vpcsim.cloud import Denied, Reached
from vpcsim.cloud.denials import Response, denial, unmeant
from vpcsim.errors import Undecided, UnknownName
from vpcsim.guest.hosts import Server
from vpcsim.guest.operations import asked, owner_of, signed_by, signed_for
from vpcsim.guest.polling import look
from vpcsim.services.clients import signing_of

if TYPE_CHECKING:
    from vpcsim.guest.guest import Guest


def service_server(guest: Guest, place: str) -> Server:
    """The service at the end of a path: an endpoint's, or that of whatever public host was looked up."""

    def app(environ: Mapping[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        status, headers, body = _answered(guest, environ)
        phrase = HTTPStatus(status).phrase
        told = {name: str(value) for name, value in headers.items() if name.lower() not in ("content-length", "date", "server")}
        start_response(f"{status} {phrase}", [*told.items(), ("Content-Length", str(len(body)))])
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    return Server(app, names=lambda asked_for: _names(guest, place, asked_for))


def _names(guest: Guest, place: str, asked_for: str) -> tuple[str, ...]:
    """The names on the certificate: the one that was asked for if it is the service's own, or else those of the service."""
    found = services.service_of_host(asked_for)
    service = str(getattr(guest.net.places[place], "service_name", ""))
    if found is not None and (not service or service in (found.service_name, "")):
        return (asked_for,)
    own = _private_names(service) or (f"s3.{guest.region}.{services.dns_suffix(guest.region)}",)
    suffix = f".{_suffix(service)}"
    return (*own, asked_for) if service and asked_for.endswith(suffix) else own


def _private_names(service: str) -> tuple[str, ...]:
    try:
        return services.private_dns_names(service) if service else ()
    except UnknownName:
        return ()


def _suffix(service: str) -> str:
    try:
        return services.endpoint_dns_suffix(service)
    except UnknownName:
        return "invalid"


def _answered(guest: Guest, environ: Mapping[str, Any]) -> Response:
    from vpcsim.guest.verdicts import fate_at

    request = _request(environ)
    parts = urlsplit(request.url)
    name = _service(parts.hostname or "")
    query = parse_qs(parts.query, keep_blank_values=True)
    protocol = "rest-xml" if name == "s3" else "json" if "X-Amz-Target" in request.headers else "query"
    signed = signed_by(request)
    if signed is None and name != "s3":
        return denial(name, protocol, "Missing Authentication Token", request.method)
    if (scope := signed_for(request)) and scope not in _scopes(parts.hostname or "", scope):
        return unmeant(name, request.headers)
    operation, params = _operation(name, request, query)
    if not operation:
        return 501, {}, b"vpcsim: which operation this request is for is not known\n"
    needed = asked(name, operation, params, Home(region_of(parts.hostname or "", guest.region), guest.signer.account))
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        fate = fate_at(guest, needed, parts.hostname or "", port, signed)
    except Undecided as error:
        return 501, {}, f"vpcsim: undecided: {error}\n".encode()
    if isinstance(fate, Denied):
        return denial(name, protocol, fate.message, request.method)
    if not isinstance(fate, Reached):
        return 501, {}, b"vpcsim: the path to this host has changed\n"
    return look(guest, request, owner_of(needed))


def _scopes(host: str, unknown: str) -> tuple[str, ...]:
    """The services that the service of a host may be called in a signature, or `unknown` if that cannot be told."""
    found = services.service_of_host(host)
    return tuple(signing_of(client)[1] for client in found.clients) if found and found.clients else (unknown,)


def _request(environ: Mapping[str, Any]) -> Any:
    from botocore.awsrequest import AWSPreparedRequest
    from botocore.compat import HTTPHeaders

    headers = HTTPHeaders()
    for key, value in environ.items():
        if key.startswith("HTTP_"):
            headers[key[5:].replace("_", "-").title()] = value
    for key in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        if environ.get(key):
            headers[key.replace("_", "-").title()] = environ[key]
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    path = environ.get("RAW_URI") or environ["PATH_INFO"]
    query = f"?{environ['QUERY_STRING']}" if environ.get("QUERY_STRING") else ""
    url = f"{environ['wsgi.url_scheme']}://{environ['HTTP_HOST']}{path}{query}"
    return AWSPreparedRequest(environ["REQUEST_METHOD"], url, headers, body, False)


def _service(host: str) -> str:
    found = services.service_of_host(host)
    if found is not None:
        return found.clients[0] if found.clients else found.service
    labels = host.split(".")
    return labels[-5] if host.endswith(".vpce.amazonaws.com") and len(labels) > 5 else labels[0]


def _operation(name: str, request: Any, query: Mapping[str, list[str]]) -> tuple[str, dict[str, Any]]:
    """The operation and the parameters that tell its resource."""
    if name == "s3":
        return _of_s3(request)
    if target := request.headers.get("X-Amz-Target"):
        import json

        return str(target).rpartition(".")[2], dict(json.loads(request.body or b"{}"))
    form = {**query, **parse_qs(bytes(request.body or b"").decode("utf-8", "replace"))}
    return form.get("Action", [""])[0], {key: values[0] for key, values in form.items()}


def _of_s3(request: Any) -> tuple[str, dict[str, Any]]:
    parts = urlsplit(request.url)
    labels = (parts.hostname or "").split(".s3", 1)
    path = unquote(parts.path).lstrip("/")
    bucket, key = (labels[0], path) if len(labels) == 2 else tuple(path.partition("/")[::2])
    kind = "Object" if key else "Bucket"
    operations = {"GET": "GetObject" if key else "ListObjectsV2", "HEAD": f"Head{kind}", "PUT": f"Put{kind}"}
    operation = {**operations, "DELETE": f"Delete{kind}", "POST": "PutObject"}.get(request.method, "")
    return operation, {"Bucket": bucket, **({"Key": key} if key else {})} if bucket else {}
