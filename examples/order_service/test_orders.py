"""The order service on its instances: does the network that it is deployed into let it work?"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import boto3
import orders
import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError

import vpcsim

pytestmark = pytest.mark.vpcsim(model="network.yaml", instance="WebServer")
ORDER = {"id": "2026-0001", "total": 4200}


class Payments:
    """The payment provider on the internet: it knows the service by its address and its key."""

    def __init__(self) -> None:
        self.charged: list[int] = []

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        known = environ["REMOTE_ADDR"] == "203.0.113.25" and environ["HTTP_AUTHORIZATION"] == "Bearer made-up-key"
        start_response("200 OK" if known else "403 Forbidden", [("Content-Type", "application/json")])
        self.charged.append(json.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))["total"])
        return [json.dumps({"charge": f"ch_{len(self.charged)}"}).encode()]


def place(network: vpcsim.Network, payments: Payments) -> str:
    with vpcsim.inside(network, "WebServer", hosts={"payments.example.com": payments}):
        return orders.place(ORDER)


def test_an_order_is_charged_stored_and_handed_to_the_worker(network: vpcsim.Network) -> None:
    payments = Payments()
    assert place(network, payments) == "ch_1"
    assert payments.charged == [4200]
    with vpcsim.inside(network, "Worker"):
        assert orders.next_order() == {**ORDER, "charge": "ch_1"}
        assert orders.next_order() is None


def test_each_service_is_reached_by_its_own_endpoint(assert_reachable: Any) -> None:
    assert_reachable("https://sqs.us-east-1.amazonaws.com", via="sqsEndpoint", not_via="internet")
    assert_reachable("https://secretsmanager.us-east-1.amazonaws.com", not_via="internet")


def test_only_payments_need_the_internet(network: vpcsim.Network) -> None:
    without = network.with_changes({"route_tables": {"privateRouteTable": {"routes": {}}}})
    with vpcsim.inside(without, "WebServer"):
        boto3.client("sqs").send_message(QueueUrl=orders.QUEUE_URL, MessageBody="2026-0000.json")
    with pytest.raises(OSError, match="timed out") as caught:
        place(without, Payments())
    assert "privateRouteTable: no route" in caught.value.reason.__notes__[0]  # type: ignore[attr-defined]


def test_without_its_endpoint_the_queue_is_reached_through_the_nat_gateway(network: vpcsim.Network) -> None:
    assert place(network.with_changes(delete=["sqsEndpoint"]), Payments())


def test_a_security_group_that_forgets_the_service_stops_orders(network: vpcsim.Network) -> None:
    changed = network.with_changes({"security_groups": {"endpointGroup": {"ingress": "tcp 443 from 10.9.0.0/16"}}})
    with pytest.raises(ConnectTimeoutError) as caught:
        place(changed, Payments())
    assert "endpointGroup" in caught.value.__notes__[0]


def test_the_endpoint_keeps_orders_in_the_companys_own_bucket(network: vpcsim.Network, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orders, "BUCKET", "archive")
    allowed = {"roles": {"WebServerRole": {"policies": {}, "allow": ["s3:*", "secretsmanager:*", "sqs:*"]}}}
    with pytest.raises(ClientError, match="because no VPC endpoint policy allows the s3:PutObject action"):
        place(network.with_changes(allowed), Payments())


@pytest.mark.vpcsim(instance="Worker")
@pytest.mark.usefixtures("inside")
def test_the_worker_cannot_read_the_key_of_the_payments() -> None:
    with pytest.raises(ClientError, match="AccessDeniedException"):
        boto3.client("secretsmanager").get_secret_value(SecretId="payments/api-key")
