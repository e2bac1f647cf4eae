"""How services say that a request is not allowed, or not meant for them: the code of each, in the form of its protocol.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html (the sentence),
https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html,
https://docs.aws.amazon.com/sns/latest/api/CommonErrors.html, https://docs.aws.amazon.com/sns/latest/api/API_Publish.html,
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html (UnauthorizedOperation),
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-json-api-error-responses.html,
https://docs.aws.amazon.com/secretsmanager/latest/apireference/CommonErrors.html (400 in JSON protocols),
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html (a signature for another service),
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html (the service in a signature's scope).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from xml.sax.saxutils import escape

from vpcsim.services.clients import signing_of

Response = tuple[int, dict[str, str], bytes]
CODES = {"ec2": "UnauthorizedOperation", "sns": "AuthorizationError"}
"""Where a service has a code of its own for it."""
DENIED = frozenset({"AccessDenied", "AccessDeniedException", *CODES.values()})
"""Every code by which a client learns that it is not allowed."""
UNREAD = "Unknown"
"""What a client of XML says instead of a code that it does not find."""
UNMEANT = frozenset({"SignatureDoesNotMatch", "InvalidSignatureException", "AuthorizationHeaderMalformed", "403", UNREAD})
"""Every code by which a client learns that another service took its request; `403` where one of JSON cannot read the answer."""
REQUEST_ID = "00000000-0000-4000-8000-000000000000"


def denial(service: str, protocol: str, message: str, method: str = "POST") -> Response:
    """The answer of a service, by its endpoint prefix and its botocore protocol, to a request that is not allowed."""
    if protocol in ("json", "rest-json", "smithy-rpc-v2-cbor"):
        return _json(service, protocol, message)
    if method == "HEAD":
        return 403, {}, b""
    return _xml(service, protocol, CODES.get(service, "AccessDenied"), message)


def unmeant(client: str, headers: Mapping[str, str]) -> Response:
    """The answer of a service, by the name of its client, to a request with these headers that is signed for another one.

    It is in the protocol of the request, if the service has it, and in its own one otherwise.
    """
    service, scope, protocols = signing_of(client)
    message = f"Credential should be scoped to correct service: '{scope}'."
    if service == "s3":
        return _xml(service, "rest-xml", "AuthorizationHeaderMalformed", f"The authorization header is malformed; {message}", 400)
    spoken = next((known for known in protocols if ("json" in known) == ("X-Amz-Target" in headers)), protocols[0])
    if spoken in ("query", "ec2", "rest-xml"):
        return _xml(service, spoken, "SignatureDoesNotMatch", message)
    told = {"content-type": "application/x-amz-json-1.0", "x-amzn-errortype": "InvalidSignatureException"}
    body = json.dumps({"__type": "InvalidSignatureException", "message": message}).encode()
    return 403 if spoken == "rest-json" else 400, told, body


def _xml(service: str, protocol: str, code: str, message: str, status: int = 403) -> Response:
    error = f"<Code>{code}</Code><Message>{escape(message)}</Message>"
    if protocol == "ec2":
        body = f"<Response><Errors><Error>{error}</Error></Errors><RequestID>{REQUEST_ID}</RequestID></Response>"
    elif service == "s3":
        body = f"<Error>{error}<RequestId>{REQUEST_ID}</RequestId></Error>"
    else:
        told = f"<Error><Type>Sender</Type>{error}</Error><RequestId>{REQUEST_ID}</RequestId>"
        body = f"<ErrorResponse>{told}</ErrorResponse>"
    return status, {"content-type": "text/xml"}, b'<?xml version="1.0" encoding="UTF-8"?>\n' + body.encode()


def _json(service: str, protocol: str, message: str) -> Response:
    """SQS keeps the status and the code of its older protocol, in a header that clients go by."""
    code = CODES.get(service, "AccessDeniedException")
    headers = {"content-type": "application/x-amz-json-1.0", "x-amzn-errortype": code}
    status = 400 if protocol == "json" else 403
    if service == "sqs":
        status, headers["x-amzn-query-error"] = 403, "AccessDenied;Sender"
    return status, headers, json.dumps({"__type": code, "message": message}).encode()
