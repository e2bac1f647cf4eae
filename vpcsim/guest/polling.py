"""A receiver that waits for messages: the wait passes at once, or in real time while others may send.

Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html
"""

from __future__ import annotations

import json
import time
from typing import Any

from vpcsim.account import Queue
from vpcsim.calling.signing import subject_of
from vpcsim.guest.context import entered
from vpcsim.guest.guest import Guest

INTERVAL = 0.1
"""Seconds between two looks in real time."""

Answer = tuple[int, dict[str, Any], bytes]


def receive(guest: Guest, request: Any, queue: str) -> Answer:
    """The answer to ReceiveMessage: a look without waiting, and others until the time is over or something is there."""
    asked = json.loads(request.body)
    known = subject_of(guest.net, queue).resource
    usual = known.receive_message_wait_time_seconds if isinstance(known, Queue) else None
    seconds = float(asked.get("WaitTimeSeconds", usual or 0))
    request.body = json.dumps({**asked, "WaitTimeSeconds": 0}).encode()
    owner = queue.split(":")[4]
    answer, until = look(guest, request, owner), time.monotonic() + seconds
    while guest.real_time and not _found(answer) and time.monotonic() < until:
        time.sleep(INTERVAL)
        answer = look(guest, request, owner)
    if not _found(answer) and not guest.real_time:
        guest.wait(seconds)
    return answer


def look(guest: Guest, request: Any, owner: str) -> Answer:
    """What the cloud answers about what an account owns, beyond the network of the guest."""
    with entered(guest.standing_on("")):
        return guest.cloud.answer(request, owner)


def _found(answer: Answer) -> bool:
    status, _, body = answer
    return status != 200 or b'"Messages"' in body
