"""The metadata service of an instance, in both versions, as plain clients and as botocore ask it."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from typing import Any

import boto3
import pytest
from networks import changed
from standing import ACCOUNT, network

import vpcsim

BASE = "http://169.254.169.254/latest/"
TOKENS = "instances: {app: {subnet: private, ip: 10.0.1.10, role: Worker, metadata: {http_tokens: required}}}"
OFF = TOKENS.replace("http_tokens: required", "http_endpoint: disabled")


def ask(path: str, method: str = "GET", **headers: str) -> Any:
    """The body, or the status of an error."""
    told = {f"X-aws-ec2-metadata-{name.replace('_', '-')}": value for name, value in headers.items()}
    try:
        with urllib.request.urlopen(urllib.request.Request(BASE + path, method=method, headers=told), timeout=30) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_version_1_answers_without_a_token_unless_the_model_requires_one() -> None:
    with vpcsim.inside(network(), "app"):
        assert ask("meta-data/local-ipv4") == "10.0.1.10"
    with vpcsim.inside(network(TOKENS), "app"):
        assert ask("meta-data/local-ipv4") == 401


def test_version_2_answers_with_a_token() -> None:
    with vpcsim.inside(network(TOKENS), "app"):
        token = ask("api/token", "PUT", token_ttl_seconds="60")
        assert ask("meta-data/local-ipv4", token=token) == "10.0.1.10"
        assert ask("meta-data/local-ipv4", token="made-up") == 401


REFUSED = [
    ("PUT", {}, 400),
    ("PUT", {"token_ttl_seconds": "0"}, 400),
    ("PUT", {"token_ttl_seconds": "21601"}, 400),
    ("GET", {}, 405),
]


@pytest.mark.parametrize(("method", "headers", "status"), REFUSED, ids=["no ttl", "too short", "too long", "get"])
def test_a_token_is_given_for_a_time_that_is_allowed(method: str, headers: dict[str, str], status: int) -> None:
    with vpcsim.inside(network(), "app"):
        assert ask("api/token", method, **headers) == status


def test_the_service_can_be_switched_off() -> None:
    with vpcsim.inside(network(OFF), "app"):
        assert ask("meta-data/") == 403
        assert boto3.Session().get_credentials() is None


def test_the_data_is_that_of_the_model() -> None:
    with vpcsim.inside(network(), "web"):
        assert ask("meta-data/placement/availability-zone") == "eu-west-1a"
        assert ask("meta-data/placement/region") == "eu-west-1"
        assert ask("meta-data/instance-type") == "t3.micro"
        assert str(ask("meta-data/public-ipv4")).count(".") == 3
        assert "local-ipv4" in str(ask("meta-data/")).splitlines()
        document = json.loads(str(ask("dynamic/instance-identity/document")))
        assert (document["accountId"], document["privateIp"]) == (ACCOUNT, "10.0.0.10")
        assert ask("meta-data/nothing") == 404
    with vpcsim.inside(network(), "app"):
        assert ask("meta-data/public-ipv4") == 404


def test_the_credentials_are_those_that_boto3_signs_with() -> None:
    with vpcsim.inside(network(), "app"):
        assert ask("meta-data/iam/security-credentials/") == "Worker"
        told = json.loads(str(ask("meta-data/iam/security-credentials/Worker")))
        credentials = boto3.Session().get_credentials()
        assert (told["AccessKeyId"], told["SecretAccessKey"], told["Token"]) == tuple(credentials.get_frozen_credentials()[:3])
        assert credentials.method == "iam-role"


def test_an_instance_without_a_role_has_none() -> None:
    with vpcsim.inside(network(), "nobody"):
        assert ask("meta-data/iam/security-credentials/") == 404


def test_the_service_is_reached_whatever_the_routes_and_rules_say() -> None:
    with vpcsim.inside(network("security_groups: {all: {egress: []}}"), "dark"):
        assert ask("meta-data/local-ipv4") == "10.0.2.10"


@pytest.mark.parametrize("where", ["", "subnets: net, "])
def test_a_function_has_its_credentials_in_the_environment(where: str) -> None:
    """https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html"""
    model = f"""
vpcs: {{v: {{cidr: 10.0.0.0/16}}}}
subnets: {{net: 10.0.0.0/24, pub: 10.0.1.0/24}}
internet_gateways: {{igw: {{}}}}
nat_gateways: {{nat: pub}}
route_tables: {{out: {{subnets: net, routes: {{0.0.0.0/0: nat}}}}, rt: {{subnets: pub, routes: {{0.0.0.0/0: igw}}}}}}
roles: {{Worker: {{}}}}
functions: {{fn: {{{where}role: Worker}}}}
"""
    with vpcsim.inside(changed(model, ""), "fn"):
        assert os.environ["AWS_LAMBDA_FUNCTION_NAME"] == "fn"
        assert os.environ["AWS_ACCESS_KEY_ID"] == boto3.Session().get_credentials().access_key
        assert ":assumed-role/Worker/" in boto3.client("sts").get_caller_identity()["Arn"]
    assert "AWS_LAMBDA_FUNCTION_NAME" not in os.environ
