"""Which host names a certificate covers.

https://www.rfc-editor.org/rfc/rfc9525#section-6.3 (wildcards),
https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html (names of endpoints),
https://docs.aws.amazon.com/AmazonS3/latest/userguide/privatelink-interface-endpoints.html (names of S3's endpoints).
"""

from __future__ import annotations

from typing import Any

import pytest
from asked import built, end_of

from vpcsim import Network, services
from vpcsim.calling.certificates import covered

WILDCARDS = [
    ("sqs.us-east-1.amazonaws.com", "sqs.us-east-1.amazonaws.com", True),
    ("*.sqs.us-east-1.vpce.amazonaws.com", "vpce-1.sqs.us-east-1.vpce.amazonaws.com", True),
    ("*.sqs.us-east-1.vpce.amazonaws.com", "sqs.us-east-1.vpce.amazonaws.com", False),
    ("*.sqs.us-east-1.vpce.amazonaws.com", "a.b.sqs.us-east-1.vpce.amazonaws.com", False),
    ("*.dkr.ecr.us-east-1.amazonaws.com", "123456789012.dkr.ecr.us-east-1.amazonaws.com", True),
    ("*.s3.us-east-1.amazonaws.com", "my.bucket.s3.us-east-1.amazonaws.com", False),
    ("sqs.us-east-1.amazonaws.com", "sns.us-east-1.amazonaws.com", False),
]


@pytest.mark.parametrize(("pattern", "host", "is_covered"), WILDCARDS)
def test_a_wildcard_is_one_label(pattern: str, host: str, is_covered: bool) -> None:
    assert covered(pattern, host) is is_covered


def s3(more: str = "") -> Network:
    options = "dns_options: {private_dns_only_for_inbound_resolver_endpoint: false}"
    return built(
        "roles: {app: {allow: ['s3:*']}}\n"
        f"endpoints: {{vpce-0s3: {{service: s3, subnets: a, security_groups: ep, private_dns: true, {options}}}}}\n{more}"
    )


@pytest.mark.parametrize(
    ("kind", "end"),
    [("bucket.", "reachable"), ("accesspoint.", "reachable"), ("control.", "reachable"), ("", "undecided TLS")],
)
def test_the_own_names_of_an_s3_endpoint(kind: str, end: str) -> None:
    net = s3()
    place: Any = net.places["vpce-0s3"]
    host = f"{kind}{place.regional_name}"
    if kind and not net.resolve("i", host).addresses:
        zone = f"hosted_zones: {{z: {{domain: {host}, vpcs: v, records: {{'@': {{alias: '${{vpce-0s3.DnsName}}'}}}}}}}}"
        net = s3(zone)
    assert end_of(net.call("i", "s3:GetObject", "arn:aws:s3:::photos/k", host=host)) == end


@pytest.mark.parametrize("short", ["sqs", "ssm", "ecr.dkr", "secretsmanager", "kms", "logs", "monitoring", "sts", "execute-api"])
def test_the_private_and_the_own_names_of_an_endpoint_are_covered(short: str) -> None:
    """What private DNS answers one label below a wildcard, AWS's certificate covers: clients use these names."""
    net = built(
        f"endpoints: {{vpce-0x: {{service: {short}, subnets: a, security_groups: ep, private_dns: true}}}}".replace(
            "{vpce-0x", "{vpce-sqs: null, vpce-0x"
        )
    )
    place: Any = net.places["vpce-0x"]
    for name in (*services.private_dns_names(place.service_name), place.regional_name, place.zonal_name("us-east-1a")):
        answer = net.call("i", "sqs:SendMessage", "jobs", host=name.replace("*.", "any."))
        assert answer.layer != "TLS", (name, answer.because)
