"""A small order service: it charges a card, stores the order in S3 and queues it for a worker. Nothing in it knows vpcsim."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

import boto3

QUEUE_URL = "https://sqs.us-east-1.amazonaws.com/123456789012/orders"
BUCKET = "order-files"
PAYMENTS_URL = "https://payments.example.com/charges"


def place(order: dict[str, Any]) -> str:
    """Take an order: charge it, store it, queue it. Returns the id of the charge."""
    charge = _charge(order["total"])
    key = f"{order['id']}.json"
    boto3.client("s3").put_object(Bucket=BUCKET, Key=key, Body=json.dumps({**order, "charge": charge}))
    boto3.client("sqs").send_message(QueueUrl=QUEUE_URL, MessageBody=key)
    return charge


def next_order() -> dict[str, Any] | None:
    """The next order that is waiting for the worker, or None."""
    sqs = boto3.client("sqs")
    for message in sqs.receive_message(QueueUrl=QUEUE_URL, WaitTimeSeconds=20).get("Messages", ()):
        stored = boto3.client("s3").get_object(Bucket=BUCKET, Key=message["Body"])
        order: dict[str, Any] = json.load(stored["Body"])
        sqs.delete_message(QueueUrl=QUEUE_URL, ReceiptHandle=message["ReceiptHandle"])
        return order
    return None


def _charge(total: int) -> str:
    key = boto3.client("secretsmanager").get_secret_value(SecretId="payments/api-key")["SecretString"]
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    request = urllib.request.Request(PAYMENTS_URL, json.dumps({"total": total}).encode(), headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return str(json.load(answer)["charge"])
