"""AWS managed policies: the shipped ones are moto's, and moto answers for the rest."""

from __future__ import annotations

import pytest
from moto.iam.aws_managed_policies import aws_managed_policies_data

from vpcsim.services import managed_policy
from vpcsim.services._data import load

REFERENCE = "https://docs.aws.amazon.com/aws-managed-policy/latest/reference/policy-list.html"


@pytest.mark.parametrize(
    "name",
    [
        "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore",
        "arn:aws-cn:iam::aws:policy/AmazonSSMManagedInstanceCore",
        "AmazonSSMManagedInstanceCore",
    ],
)
def test_by_name_or_by_arn(name: str) -> None:
    document = managed_policy(name)
    assert document is not None
    actions = {action for statement in document["Statement"] for action in statement["Action"]}
    assert {"ssmmessages:OpenControlChannel", "ssm:UpdateInstanceInformation", "ec2messages:GetMessages"} <= actions, REFERENCE


def test_a_path_does_not_matter() -> None:
    assert managed_policy("arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole") == managed_policy(
        "AWSLambdaBasicExecutionRole"
    )


@pytest.mark.parametrize("name", ["", "NoSuchPolicy", "arn:aws:iam::123456789012:policy/AmazonSQSFullAccess"])
def test_what_is_no_managed_policy(name: str) -> None:
    assert managed_policy(name) is None


def test_a_policy_that_is_not_shipped_comes_from_moto() -> None:
    assert "AmazonVPCReadOnlyAccess" not in load("managed_policies")["policies"]
    assert managed_policy("AmazonVPCReadOnlyAccess") is not None


def test_without_moto_there_are_the_shipped_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    from vpcsim.services.managed_policies import _from_moto

    _from_moto.cache_clear()
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    try:
        assert managed_policy("AmazonVPCReadOnlyAccess") is None
        assert managed_policy("AmazonSQSFullAccess") is not None
    finally:
        _from_moto.cache_clear()


@pytest.mark.parametrize("name", sorted(load("managed_policies")["policies"]))
def test_shipped_policies_are_motos(name: str) -> None:
    document = managed_policy(name)
    assert document is not None
    assert document["Version"] == "2012-10-17"
    assert f'"{name}":{{' in aws_managed_policies_data
