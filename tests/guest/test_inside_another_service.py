"""A request that another service takes than the one it is signed for: what that service says, and what the client makes of it.

Pages: https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html (one endpoint for every service),
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html (SignatureDoesNotMatch),
https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html (AuthorizationHeaderMalformed).
"""

from __future__ import annotations

from typing import NamedTuple

import boto3
import botocore.exceptions
import pytest
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.parsers import ResponseParserError
from standing import REGION, because, network

import vpcsim


class Unmeant(NamedTuple):
    """A client, whose operation goes to the host of another service, and the error that it raises."""

    client: str
    operation: str
    host: str
    status: int
    code: str
    scope: str


ROWS = [
    Unmeant("sts", "get_caller_identity", "sqs", 403, "SignatureDoesNotMatch", "'sqs'"),
    Unmeant("sns", "list_topics", "sqs", 403, "SignatureDoesNotMatch", "'sqs'"),
    Unmeant("dynamodb", "list_tables", "sqs", 400, "InvalidSignatureException", "'sqs'"),
    Unmeant("secretsmanager", "list_secrets", "ssm", 400, "InvalidSignatureException", "'ssm'"),
    Unmeant("sts", "get_caller_identity", "sns", 403, "SignatureDoesNotMatch", "'sns'"),
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.client} at {row.host}")
def test_the_service_says_that_the_signature_is_for_another_one(row: Unmeant) -> None:
    url = f"https://{row.host}.{REGION}.amazonaws.com"
    with vpcsim.inside(network(), "app"), pytest.raises(botocore.exceptions.ClientError) as caught:
        getattr(boto3.client(row.client, endpoint_url=url), row.operation)()
    response = caught.value.response
    assert (response["ResponseMetadata"]["HTTPStatusCode"], response["Error"]["Code"]) == (row.status, row.code)
    assert f"scoped to correct service: {row.scope}" in response["Error"]["Message"]


def test_a_client_that_cannot_read_the_other_services_protocol_says_so() -> None:
    """A client of JSON takes the status for the code; one of XML does not get as far."""
    with vpcsim.inside(network(), "app"):
        with pytest.raises(botocore.exceptions.ClientError, match=r"\(403\)"):
            boto3.client("sqs", endpoint_url=f"https://sts.{REGION}.amazonaws.com").list_queues()
        with pytest.raises(botocore.exceptions.ClientError, match=r"\(Unknown\)"):
            boto3.client("sts", endpoint_url=f"https://s3.{REGION}.amazonaws.com").get_caller_identity()
        with pytest.raises(ResponseParserError, match="invalid XML"):
            boto3.client("sts", endpoint_url=f"https://ssm.{REGION}.amazonaws.com").get_caller_identity()


def test_what_cannot_be_reached_says_nothing() -> None:
    with vpcsim.inside(network(), "dark"), pytest.raises(botocore.exceptions.ConnectTimeoutError) as caught:
        boto3.client("sts", endpoint_url=f"https://sqs.{REGION}.amazonaws.com").get_caller_identity()
    assert "no route for" in because(caught.value)


@pytest.mark.parametrize(("scope", "status"), [("sqs", 200), ("sts", 403)])
def test_plain_https_with_a_signature_is_told_the_same(scope: str, status: int) -> None:
    url = f"https://sqs.{REGION}.amazonaws.com/"
    with vpcsim.inside(network(), "app"):
        asked = AWSRequest("POST", url, data="Action=ListQueues&Version=2012-11-05")
        asked.headers["Content-Type"] = "application/x-www-form-urlencoded"
        SigV4Auth(boto3.Session().get_credentials(), scope, REGION).add_auth(asked)
        answer = requests.post(url, asked.data, headers=dict(asked.headers), timeout=60)
    assert answer.status_code == status, answer.text
    assert ("SignatureDoesNotMatch" in answer.text) == (status == 403)
