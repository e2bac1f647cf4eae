"""Calls, layer by layer: the name, the path, the certificate, the service that answers, the policies in their context."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from asked import BASE, NAT, built, end_of, sent
from networks import network

import vpcsim
from vpcsim.calling import Client
from vpcsim.errors import InputError, UnknownName

PRIVATELINK = "https://docs.aws.amazon.com/vpc/latest/privatelink/"
NAMES = f"{PRIVATELINK}privatelink-access-aws-services.html"
POLICY = f"{PRIVATELINK}vpc-endpoints-access.html"
LEGACY = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-internetwork-traffic-privacy.html"
OVERRIDE = "https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html"
S3 = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/privatelink-interface-endpoints.html"
HOSTING = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html"
IAM = "https://docs.aws.amazon.com/IAM/latest/UserGuide/"
KEYS = f"{IAM}reference_policies_condition-keys.html"
BOUNDARY = f"{IAM}access_policies_boundaries.html"
SESSIONS = f"{IAM}access_policies.html#policies_session"
KMS = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html"
ORGANIZATION = "https://docs.aws.amazon.com/organizations/latest/userguide/"
SCP = f"{ORGANIZATION}orgs_manage_policies_scps_evaluation.html"
RCP = f"{ORGANIZATION}orgs_manage_policies_rcps.html"
RFC9525 = "https://www.rfc-editor.org/rfc/rfc9525#section-6.3"

PUBLIC = "endpoints: {vpce-sqs: {private_dns: false}}"


def zone(domain: str, record: str) -> str:
    return f"hosted_zones: {{z: {{domain: {domain}, vpcs: v, records: {{{record}}}}}}}"


def endpoint_name(changes: str = PUBLIC) -> str:
    place: Any = built(changes).places["vpce-sqs"]
    return str(place.regional_name)


OWN = f"https://{endpoint_name()}"

# rule, page, changes, options of the call, how it ends, what the reason says
LAYERS: list[tuple[str, str, str, dict[str, Any], str, str]] = [
    ("through the endpoint", NAMES, "", {}, "reachable", "vpce-sqs"),
    ("no such name", NAMES, "", {"host": "nothing.v.example"}, "blocked name", "no address"),
    ("without private DNS the name is public", NAMES, PUBLIC, {}, "blocked path", "no route"),
    ("without private DNS, by a NAT gateway", NAMES, f"{PUBLIC}\n{NAT}", {}, "reachable", "aws"),
    ("the group of the endpoint", NAMES, "security_groups: {ep: {ingress: tcp 80 from 10.0.0.0/16}}", {}, "blocked path", "ep"),
    ("legacy names are public", LEGACY, "", {"client": Client("cli-v1")}, "blocked path", "no route"),
    ("legacy names, by a NAT gateway", LEGACY, NAT, {"client": Client("cli-v1")}, "reachable", "aws"),
    ("FIPS is another service", NAMES, "", {"client": Client(fips=True)}, "blocked path", "no route"),
    ("the dual-stack name is private, too", LEGACY, "", {"client": Client(dual_stack=True)}, "reachable", "vpce-sqs"),
    ("the endpoint's own name", NAMES, PUBLIC, {"client": Client(endpoint_url=OWN)}, "reachable", "vpce-sqs"),
    # TLS
    (
        "an alias of one's own is not in the certificate",
        NAMES,
        zone("corp.example", "sqs: 'CNAME sqs.us-east-1.amazonaws.com'"),
        {"client": Client(endpoint_url="https://sqs.corp.example")},
        "blocked TLS",
        "vpce-sqs: the certificate there is for sqs.us-east-1.amazonaws.com",
    ),
    (
        "nor is it on the public side",
        NAMES,
        f"{zone('corp.example', 'sqs: CNAME sqs.us-east-1.amazonaws.com')}\n{PUBLIC}\n{NAT}",
        {"client": Client(endpoint_url="https://sqs.corp.example")},
        "blocked TLS",
        "aws: the certificate there is for sqs.us-east-1.amazonaws.com, not for sqs.corp.example",
    ),
    (
        "without TLS nobody looks at it",
        NAMES,
        zone("corp.example", "sqs: CNAME sqs.us-east-1.amazonaws.com")
        + "\nsecurity_groups: {ep: {ingress: tcp 80 from 10.0.0.0/16}}",
        {"client": Client(endpoint_url="http://sqs.corp.example")},
        "reachable",
        "vpce-sqs",
    ),
    (
        "whether a legacy name is in the certificate is not documented",
        LEGACY,
        zone("queue.amazonaws.com", "'@': {alias: '${vpce-sqs.DnsName}'}"),
        {"client": Client("cli-v1")},
        "undecided TLS",
        "not documented",
    ),
    (
        "what else answers is not in the model",
        NAMES,
        "instances: {proxy: {subnet: a, ip: 10.0.0.99, security_groups: ep}}\n" + zone("corp.example", "sqs: 10.0.0.99"),
        {"client": Client(endpoint_url="https://sqs.corp.example")},
        "undecided TLS",
        "proxy: who answers there for sqs.corp.example, and with which certificate, is not in the model",
    ),
    (
        "what answers in the clear is not in the model either",
        NAMES,
        "instances: {proxy: {subnet: a, ip: 10.0.0.99, security_groups: http}}\n"
        "security_groups: {http: {ingress: tcp 4566 from 10.0.0.0/16}}",
        {"client": Client(endpoint_url="http://10.0.0.99:4566")},
        "undecided service",
        "is not in the model",
    ),
]


@pytest.mark.parametrize(("rule", "page", "changes", "options", "end", "told"), LAYERS, ids=[row[0] for row in LAYERS])
def test_layer(rule: str, page: str, changes: str, options: dict[str, Any], end: str, told: str) -> None:
    answer = sent(changes, **options)
    assert (end_of(answer), told in answer.because) == (end, True), (page, answer.because)
    first = str(answer).splitlines()[0]
    assert answer.reachable or first.endswith(f"{str(answer.verdict).upper()} by {answer.layer}")
    assert json.loads(json.dumps(answer.to_dict()))["layer"] == answer.layer


def test_one_endpoint_url_for_every_service_reaches_the_wrong_one() -> None:
    everywhere = Client(environment={"AWS_ENDPOINT_URL": OWN})
    net = built(PUBLIC)
    assert net.call("i", "sqs:SendMessage", "jobs", client=everywhere).reachable, OVERRIDE
    answer = net.call("i", "sts:GetCallerIdentity", client=everywhere)
    assert end_of(answer) == "blocked service", OVERRIDE
    assert answer.because == "vpce-sqs: leads to com.amazonaws.us-east-1.sqs, and the request is one for sts"
    assert (
        end_of(
            built(f"{PUBLIC}\n{NAT}").call(
                "i", "sts:GetCallerIdentity", client=Client(endpoint_url="https://sns.us-east-1.amazonaws.com")
            )
        )
        == "blocked service"
    )


BUCKETS: list[tuple[str, str, str, Client, str]] = [
    ("boto3 calls S3 in us-east-1 by a name that is not private", S3, "photos", Client(), "blocked path"),
    ("version 2 of the CLI calls the regional name", S3, "photos", Client("cli-v2"), "reachable"),
    ("dots in the bucket's name: the client asks by path", HOSTING, "pho.tos", Client("cli-v2"), "reachable"),
    ("the dual-stack name is not private", S3, "photos", Client("cli-v2", dual_stack=True), "blocked path"),
]


@pytest.mark.parametrize(("rule", "page", "bucket", "client", "end"), BUCKETS, ids=[row[0] for row in BUCKETS])
def test_bucket(rule: str, page: str, bucket: str, client: Client, end: str) -> None:
    everywhere = "dns_options: {private_dns_only_for_inbound_resolver_endpoint: false}"
    net = built(
        "roles: {app: {allow: ['s3:*']}}\n"
        f"endpoints: {{vpce-s3: {{service: s3, subnets: a, security_groups: ep, private_dns: true, {everywhere}}}}}"
    )
    assert end_of(net.call("i", "s3:GetObject", f"arn:aws:s3:::{bucket}/k", client=client)) == end, page


def test_a_bucket_with_dots_before_the_host_is_not_in_the_certificate() -> None:
    net = built(f"roles: {{app: {{allow: ['s3:*']}}}}\n{NAT}")
    answer = net.call("i", "s3:GetObject", "arn:aws:s3:::pho.tos/k", host="pho.tos.s3.us-east-1.amazonaws.com")
    assert end_of(answer) == "blocked TLS", HOSTING


# policies

ALLOW = '{Effect: Allow, Principal: "*", Action: "*", Resource: "*"}'
ONLY_VPCE = '{Effect: Deny, Principal: "*", Action: "sqs:*", Resource: "*", Condition: {StringNotEquals: {"aws:SourceVpce": X}}}'


def endpoint_policy(*statements: str) -> str:
    return f"endpoints: {{vpce-sqs: {{policy: {{Version: '2012-10-17', Statement: [{', '.join(statements)}]}}}}}}"


def queue_policy(*statements: str) -> str:
    return f"queues: {{jobs: {{policy: {{Version: '2012-10-17', Statement: [{', '.join(statements)}]}}}}}}"


def on(condition: str, effect: str = "Deny") -> str:
    return queue_policy(f'{{Effect: {effect}, Principal: "*", Action: "sqs:*", Resource: "*", Condition: {{{condition}}}}}')


def key(grant: str, alias: str = "") -> str:
    """A queue that a key encrypts, whose policy has one more clause; the role may use every key."""
    statement = f'{{Effect: Allow, Action: "kms:*", Resource: "*", {grant}}}'
    named = f"alias: {alias}, " if alias else ""
    document = f"{named}policy: {{Version: '2012-10-17', Statement: [{statement}]}}"
    used = f"alias/{alias}" if alias else "k"
    return f"queues: {{jobs: {{key: {used}}}}}\nkeys: {{k: {{{document}}}}}\n{BOTH}"


BOTH = "roles: {app: {allow: ['sqs:*', 'kms:*']}}"
VIA = 'Principal: {AWS: "*"}, Condition: {StringEquals: {"kms:ViaService": sqs.us-east-1.amazonaws.com}}'


def role(text: str) -> str:
    return f"roles: {{app: {{allow: null, policies: {{p: {{Version: '2012-10-17', Statement: [{text}]}}}}}}}}"


NOT_HERE = 'StringNotEquals: {"aws:SourceVpce": vpce-sqs}'
IS = "arn:aws:sqs:us-east-1:123456789012:jobs"
MANAGED = "managed_policies: {limits: {document: {Version: '2012-10-17', Statement: [%s]}}}\nroles: {app: {%s}}"
SQS_ONLY = '{Effect: Allow, Action: "sqs:*", Resource: "*"}'
S3_ONLY = '{Effect: Allow, Action: "s3:*", Resource: "*"}'
DENY_SEND = '{Effect: Deny, Action: "sqs:SendMessage", Resource: "*"}'


def organized(type: str, target: str, statement: str, more: str = "") -> str:
    content = f"content: {{Version: '2012-10-17', Statement: [{statement}]}}"
    return f"organization_policies: {{limit: {{type: {type}, targets: {target}, {content}}}}}\n{more}"


# rule, page, changes, how it ends, what the reason says
POLICIES: list[tuple[str, str, str, str, str]] = [
    ("the role allows", IAM, "", "reachable", ""),
    ("no role", IAM, "instances: {i: {role: null}}", "blocked policy", "i has no role, so its calls are not signed"),
    ("the role allows something else", IAM, "roles: {app: {allow: ['s3:*']}}", "blocked policy", "no statement of the identity"),
    ("one queue only", IAM, role(f'{{Effect: Allow, Action: "sqs:*", Resource: "{IS}"}}'), "reachable", ""),
    ("another queue only", IAM, role(f'{{Effect: Allow, Action: "sqs:*", Resource: "{IS}2"}}'), "blocked policy", "identity"),
    ("AWS's own policy", IAM, "roles: {app: {allow: null, managed_policies: AmazonSQSFullAccess}}", "reachable", ""),
    (
        "AWS's own policy, read only",
        IAM,
        "roles: {app: {allow: null, managed_policies: AmazonSQSReadOnlyAccess}}",
        "blocked policy",
        "",
    ),
    (
        "a customer's policy that the model holds",
        IAM,
        MANAGED % (SQS_ONLY, "allow: null, managed_policies: limits"),
        "reachable",
        "",
    ),
    (
        "a customer's policy that it does not hold",
        IAM,
        "roles: {app: {allow: null, managed_policies: 'arn:aws:iam::123456789012:policy/mine'}}",
        "undecided policy",
        "the text of the managed policy mine is not known",
    ),
    # boundary and session policies
    ("a boundary that allows it", BOUNDARY, MANAGED % (SQS_ONLY, "permissions_boundary: limits"), "reachable", ""),
    (
        "a boundary that does not",
        BOUNDARY,
        MANAGED % (S3_ONLY, "permissions_boundary: limits"),
        "blocked policy",
        "permissions boundary",
    ),
    (
        "AWS's own policy as a boundary",
        BOUNDARY,
        "roles: {app: {permissions_boundary: ReadOnlyAccess}}",
        "blocked policy",
        "boundary",
    ),
    (
        "a boundary of unknown text",
        BOUNDARY,
        "roles: {app: {permissions_boundary: 'arn:aws:iam::123456789012:policy/mine'}}",
        "undecided policy",
        "the text of the permissions boundary mine is not known",
    ),
    (
        "a session policy",
        SESSIONS,
        f"roles: {{app: {{session_policies: {{s: {{Version: '2012-10-17', Statement: [{S3_ONLY}]}}}}}}}}",
        "blocked policy",
        "session policies",
    ),
    # the endpoint's policy
    ("full access is the default", POLICY, "", "reachable", ""),
    ("an endpoint policy that allows", POLICY, endpoint_policy(ALLOW), "reachable", ""),
    (
        "a deny alone refuses every request",
        POLICY,
        endpoint_policy('{Effect: Deny, Principal: "*", Action: "sqs:DeleteQueue", Resource: "*"}'),
        "blocked policy",
        "it has no Allow, so it refuses every request",
    ),
    (
        "an explicit deny at the door",
        POLICY,
        endpoint_policy(ALLOW, '{Effect: Deny, Principal: "*", Action: "sqs:Send*", Resource: "*"}'),
        "blocked policy",
        "explicit deny in `vpce-sqs` statement 2",
    ),
    # the context of the path
    ("aws:SourceVpce", KEYS, on(NOT_HERE), "reachable", ""),
    (
        "aws:SourceVpce of another endpoint",
        KEYS,
        on('StringNotEquals: {"aws:SourceVpce": vpce-1}'),
        "blocked policy",
        "explicit deny",
    ),
    (
        "aws:SourceVpce is absent on the public path",
        KEYS,
        f"{on(NOT_HERE)}\n{PUBLIC}\n{NAT}",
        "blocked policy",
        "explicit deny",
    ),
    ("aws:SourceVpc", KEYS, on('StringNotEquals: {"aws:SourceVpc": v}'), "reachable", ""),
    ("aws:VpcSourceIp", KEYS, on('NotIpAddress: {"aws:VpcSourceIp": 10.0.0.0/24}'), "reachable", ""),
    (
        "aws:VpcSourceIp of another subnet",
        KEYS,
        on('NotIpAddress: {"aws:VpcSourceIp": 10.0.1.0/24}'),
        "blocked policy",
        "explicit deny",
    ),
    (
        "aws:SourceIp is absent through an endpoint",
        KEYS,
        on('NotIpAddress: {"aws:SourceIp": 203.0.113.9/32}'),
        "blocked policy",
        "explicit deny",
    ),
    (
        "aws:SourceIp is the NAT gateway's",
        KEYS,
        on('NotIpAddress: {"aws:SourceIp": 203.0.113.9/32}') + f"\n{PUBLIC}\n{NAT}",
        "reachable",
        "",
    ),
    (
        "aws:SourceIp of somebody else",
        KEYS,
        on('NotIpAddress: {"aws:SourceIp": 203.0.113.8/32}') + f"\n{PUBLIC}\n{NAT}",
        "blocked policy",
        "deny",
    ),
    (
        "aws:SourceIp that nobody knows before AWS chooses it",
        KEYS,
        on('NotIpAddress: {"aws:SourceIp": 203.0.113.8/32}') + f"\n{PUBLIC}\n{NAT}\nelastic_ips: {{eip: {{ip: null}}}}",
        "undecided policy",
        "`aws:SourceIp` is not known",
    ),
    ("aws:SecureTransport", KEYS, on('Bool: {"aws:SecureTransport": "false"}'), "reachable", ""),
    ("aws:RequestedRegion", KEYS, on('StringNotEquals: {"aws:RequestedRegion": us-east-1}'), "reachable", ""),
    (
        "aws:PrincipalArn is the role's",
        KEYS,
        on('ArnNotEquals: {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/app"}'),
        "reachable",
        "",
    ),
    (
        "aws:PrincipalArn has the role's path",
        KEYS,
        on('ArnNotEquals: {"aws:PrincipalArn": "arn:aws:iam::123456789012:role/team/app"}') + "\nroles: {app: {path: /team/}}",
        "reachable",
        "",
    ),
    (
        "aws:PrincipalTag",
        KEYS,
        on('StringNotEquals: {"aws:PrincipalTag/team": shop}') + "\nroles: {app: {tags: {team: shop}}}",
        "reachable",
        "",
    ),
    (
        "aws:ResourceTag",
        KEYS,
        on('StringNotEquals: {"aws:ResourceTag/team": shop}').replace("jobs: {", "jobs: {tags: {team: shop}, "),
        "reachable",
        "",
    ),
    ("aws:ViaAWSService", KEYS, on('Bool: {"aws:ViaAWSService": "true"}'), "reachable", ""),
    (
        "aws:CurrentTime is not in the model",
        KEYS,
        on('DateLessThan: {"aws:CurrentTime": "2020-01-01"}'),
        "undecided policy",
        "`aws:CurrentTime` is not known",
    ),
    ("aws:Ec2InstanceSourceVpc", KEYS, on('StringNotEquals: {"aws:Ec2InstanceSourceVpc": "${aws:SourceVpc}"}'), "reachable", ""),
    (
        "aws:PrincipalOrgID is not in the model",
        KEYS,
        on('StringNotEquals: {"aws:PrincipalOrgID": o-a}'),
        "undecided policy",
        "`aws:PrincipalOrgID` is not known",
    ),
    ("aws:PrincipalOrgID", KEYS, on('StringNotEquals: {"aws:PrincipalOrgID": o-a}') + "\norganizations: o-a", "reachable", ""),
    (
        "aws:PrincipalOrgPaths",
        KEYS,
        on('"ForAllValues:StringNotLike": {"aws:PrincipalOrgPaths": "o-a/r-1/ou-b/*"}')
        + "\norganizations: {o-a: {root: r-1}}\norganizational_units: {ou-b: {parent: r-1}}\n"
        + "organization_accounts: {'123456789012': ou-b}",
        "reachable",
        "",
    ),
    # what the queue's policy grants
    (
        "the queue's policy alone names the role",
        IAM,
        queue_policy('{Effect: Allow, Principal: {AWS: "arn:aws:iam::123456789012:role/app"}, Action: "sqs:*", Resource: "*"}')
        + "\nroles: {app: {allow: null}}",
        "reachable",
        "",
    ),
    # organizations
    (
        "a service control policy",
        SCP,
        organized("scp", "account", DENY_SEND),
        "blocked policy",
        "explicit deny in `limit` statement 1",
    ),
    ("it says nothing about this", SCP, organized("scp", "root", DENY_SEND.replace("Send", "Receive")), "reachable", ""),
    ("an allow beside FullAWSAccess limits nothing", SCP, organized("scp", "root", S3_ONLY), "reachable", ""),
    (
        "an allow in its place does",
        SCP,
        organized("scp", "root", S3_ONLY).replace("targets", "replaces_full_access: true, targets"),
        "blocked policy",
        "service control policies of level 1",
    ),
    ("one of another account", SCP, organized("scp", "'444455556666'", DENY_SEND), "reachable", ""),
    (
        "one of the unit above",
        SCP,
        organized(
            "scp",
            "ou-a",
            DENY_SEND,
            "organizational_units: {ou-b: {parent: ou-a}, ou-a: {}}\norganization_accounts: {'123456789012': ou-b}",
        ),
        "blocked policy",
        "explicit deny",
    ),
    (
        "one of another unit",
        SCP,
        organized(
            "scp", "ou-c", DENY_SEND, "organizational_units: {ou-b: {}, ou-c: {}}\norganization_accounts: {'123456789012': ou-b}"
        ),
        "reachable",
        "",
    ),
    (
        "one of a unit that may be above",
        SCP,
        organized("scp", "ou-x", DENY_SEND),
        "undecided policy",
        "whether the account 123456789012 is where limit is attached",
    ),
    (
        "the management account is not limited",
        SCP,
        organized("scp", "root", DENY_SEND, "organizations: {o-a: {management_account: '123456789012'}}"),
        "reachable",
        "",
    ),
    (
        "a resource control policy",
        RCP,
        organized("rcp", "root", '{Effect: Deny, Principal: "*", Action: "sqs:*", Resource: "*"}'),
        "blocked policy",
        "explicit deny in `limit`",
    ),
    # KMS
    (
        "the key's default policy leaves it to the role",
        KMS,
        f"queues: {{jobs: {{key: k}}}}\nkeys: k\n{BOTH}",
        "reachable",
        "",
    ),
    (
        "the role must be allowed to use the key",
        KMS,
        "queues: {jobs: {key: k}}\nkeys: k",
        "blocked policy",
        "kms:GenerateDataKey",
    ),
    ("the key of SQS itself asks nothing", KMS, "queues: {jobs: {key: alias/aws/sqs}}", "reachable", ""),
    (
        "a key policy that names somebody else",
        KMS,
        key('Principal: {AWS: "arn:aws:iam::123456789012:role/other"}', "mine"),
        "blocked policy",
        "kms:GenerateDataKey: no statement of the resource policy",
    ),
    (
        "by way of SQS only",
        KMS,
        key(VIA),
        "reachable",
        "",
    ),
    ("a key that the model does not hold is a note", KMS, "queues: {jobs: {key: alias/theirs}}", "reachable", ""),
]


@pytest.mark.parametrize(("rule", "page", "changes", "end", "told"), POLICIES, ids=[row[0] for row in POLICIES])
def test_policy(rule: str, page: str, changes: str, end: str, told: str) -> None:
    answer = sent(changes)
    assert (end_of(answer), told in answer.because) == (end, True), (page, answer.because)
    assert str(answer)


def test_what_is_not_known_may_be_given() -> None:
    changes = on('StringNotEquals: {"aws:PrincipalOrgID": o-a}')
    assert sent(changes).verdict == "undecided"
    assert sent(changes, context={"aws:PrincipalOrgID": "o-a"}).reachable, KEYS
    assert not sent(changes, context={"aws:PrincipalOrgID": "o-b"}).reachable, KEYS


def test_a_statement_is_named_by_file_and_line(tmp_path: Path) -> None:
    text = BASE.replace(
        "queues: {jobs: {}}",
        "queues:\n  jobs:\n    policy:\n      Statement:\n"
        '        - {Effect: Allow, Principal: "*", Action: "sqs:*"}\n'
        '        - {Effect: Deny, Principal: "*", Action: "sqs:Send*"}\n',
    )
    path = tmp_path / "network.yaml"
    path.write_text(text)
    answer = vpcsim.load(str(path)).call("i", "sqs:SendMessage", "jobs")
    ((_, decision),) = answer.legs[0].decisions
    (statement,) = decision.determining
    line = 1 + next(number for number, written in enumerate(text.splitlines()) if "Deny" in written)
    assert statement.origin is not None
    assert (statement.origin.file, statement.origin.line) == (str(path), line)
    assert f"network.yaml:{line}:" in str(answer)


def test_another_role_may_be_named() -> None:
    more = "roles: {app: {allow: null}, other: {allow: ['sqs:*']}}"
    assert end_of(sent(more)) == "blocked policy"
    assert sent(more, role="other").reachable
    with pytest.raises(UnknownName, match="did you mean `other`"):
        sent(more, role="othr")


def test_who_signs_elsewhere_is_not_known() -> None:
    net = network(BASE)
    answer = net.call("10.0.0.10", "sqs:SendMessage", "jobs")
    assert answer.reachable
    functions = built("lambda_functions: null\nfunctions: {fn: {subnets: a, security_groups: web}}")
    answer = functions.call("fn", "sqs:SendMessage", "jobs")
    assert end_of(answer) == "undecided policy"
    assert answer.because.endswith("the model does not say which role signs the calls of fn")
    assert functions.call("fn", "sqs:SendMessage", "jobs", role="app").reachable


def test_a_resource_is_known_by_id_and_by_arn() -> None:
    denied = on(NOT_HERE.replace("vpce-sqs", "vpce-1"))
    for resource in ("jobs", "arn:aws:sqs:us-east-1:123456789012:jobs"):
        assert end_of(built(denied).call("i", "sqs:SendMessage", resource)) == "blocked policy"
    with pytest.raises(UnknownName, match="did you mean `jobs`"):
        built().call("i", "sqs:SendMessage", "job")


def test_a_resource_that_the_model_does_not_hold_never_blocks() -> None:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html"""
    theirs, ours = "arn:aws:sqs:us-east-1:444455556666:q", "arn:aws:sqs:us-east-1:123456789012:q"
    assert end_of(built().call("i", "sqs:SendMessage", theirs)) == "undecided policy"
    answer = built().call("i", "sqs:SendMessage", ours)
    assert answer.reachable
    assert f"{ours} is not in the model, and so nor is its policy" in answer.legs[0].notes
    refused = "roles: {app: {allow: null}}"
    assert end_of(built(refused).call("i", "sqs:SendMessage", ours)) == "undecided policy"
    denied = role('{Effect: Deny, Action: "*", Resource: "*"}')
    assert end_of(built(denied).call("i", "sqs:SendMessage", theirs)) == "blocked policy"


def test_an_action_on_no_named_resource_is_open_if_a_statement_names_some() -> None:
    limited = role(f'{{Effect: Allow, Action: "sqs:*", Resource: "{IS}"}}')
    answer = built(limited).call("i", "sqs:SendMessage")
    assert (end_of(answer), "name the one that is asked for" in answer.because) == ("undecided policy", True)


def test_a_policy_that_is_none_is_told() -> None:
    with pytest.raises(InputError, match="did you mean `Effect`"):
        sent(role('{Efect: Allow, Action: "*", Resource: "*"}'))


def test_a_host_may_be_an_address() -> None:
    for host in ("10.0.0.99", "2001:db8::1"):
        assert sent(host=host).verdict == "blocked"


def test_every_address_is_asked() -> None:
    """https://docs.aws.amazon.com/vpc/latest/privatelink/privatelink-access-aws-services.html"""
    both = "subnets: {b: {cidr: 10.0.1.0/24, az: us-east-1b}}\nendpoints: {vpce-sqs: {subnets: [a, b]}}\n"
    acl = "network_acls: {no: {subnets: b, ingress: []}}"
    leg = sent(both + acl).legs[0]
    assert len(leg.reachability.trips) == 2
    assert leg.verdict == "reachable"
    assert any("a client that tries it first waits for a timeout" in note for note in leg.notes)


@pytest.mark.parametrize(
    ("action", "meant"),
    [
        ("sqs:SendMesage", "sqs:SendMessage"),
        ("sqs:SendMessage", ""),
        ("s3:GetObjectVersion", ""),
        ("ssmmessages:OpenDataChanel", ""),
    ],
)
def test_an_action_that_is_nearly_an_operation_is_told(action: str, meant: str) -> None:
    """https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html"""
    notes = network(BASE).call("i", action).legs[0].notes
    told = [note for note in notes if "did you mean" in note]
    assert told == ([f"no client knows `{action}`; did you mean `{meant}`?"] if meant else [])
