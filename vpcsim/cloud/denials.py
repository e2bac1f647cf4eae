"""How services say that a request is not allowed: the code of each, in the form of its protocol.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html (the sentence),
https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html,
https://docs.aws.amazon.com/sns/latest/api/CommonErrors.html, https://docs.aws.amazon.com/sns/latest/api/API_Publish.html,
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html (UnauthorizedOperation),
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-json-api-error-responses.html,
https://docs.aws.amazon.com/secretsmanager/latest/apireference/CommonErrors.html (400 in JSON protocols),
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html.
"""

from __future__ import annotations

import json
from xml.sax.saxutils import escape

Response = tuple[int, dict[str, str], bytes]
CODES = {"ec2": "UnauthorizedOperation", "sns": "AuthorizationError"}
"""Where a service has a code of its own for it."""
DENIED = frozenset({"AccessDenied", "AccessDeniedException", *CODES.values()})
"""Every code by which a client learns that it is not allowed."""
REQUEST_ID = "00000000-0000-4000-8000-000000000000"


def denial(service: str, protocol: str, message: str, method: str = "POST") -> Response:
    """The answer of a service, by its endpoint prefix and its botocore protocol, to a request that is not allowed."""
    if protocol in ("json", "rest-json", "smithy-rpc-v2-cbor"):
        return _json(service, protocol, message)
    code = CODES.get(service, "AccessDenied")
    if method == "HEAD":
        return 403, {}, b""
    error = f"<Code>{code}</Code><Message>{escape(message)}</Message>"
    if protocol == "ec2":
        body = f"<Response><Errors><Error>{error}</Error></Errors><RequestID>{REQUEST_ID}</RequestID></Response>"
    elif service == "s3":
        body = f"<Error>{error}<RequestId>{REQUEST_ID}</RequestId></Error>"
    else:
        told = f"<Error><Type>Sender</Type>{error}</Error><RequestId>{REQUEST_ID}</RequestId>"
        body = f"<ErrorResponse>{told}</ErrorResponse>"
    return 403, {"content-type": "text/xml"}, b'<?xml version="1.0" encoding="UTF-8"?>\n' + body.encode()


def _json(service: str, protocol: str, message: str) -> Response:
    """SQS keeps the status and the code of its older protocol, in a header that clients go by."""
    code = CODES.get(service, "AccessDeniedException")
    headers = {"content-type": "application/x-amz-json-1.0", "x-amzn-errortype": code}
    status = 400 if protocol == "json" else 403
    if service == "sqs":
        status, headers["x-amzn-query-error"] = 403, "AccessDenied;Sender"
    return status, headers, json.dumps({"__type": code, "message": message}).encode()
