"""Makes the calls of a snapshot, several at a time, and writes the answers down once all of them are there.

A call that is refused, or that a Region does not offer, is a line of the report, and the rest goes on. Secrets that answers
may hold, the keys of VPN tunnels, are not written.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import Any, NamedTuple

from vpcsim.errors import InputError, Origin, Problem
from vpcsim.snapshot.calls import GLOBAL, REGIONAL, Call

WORKERS = 8
REPORT = "snapshot.json"
SECRETS = ("CustomerGatewayConfiguration", "PreSharedKey")
DENIED = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError", "NotAuthorized", "Forbidden")
Progress = Callable[[int, int], None]
"""Told how many calls are done, and how many there are."""


class Report(NamedTuple):
    """A call that gave no answer, and why."""

    call: str
    region: str
    problem: str

    def __str__(self) -> str:
        return f"{self.region}: {self.call}: {self.problem}"


class Taken(NamedTuple):
    """A finished snapshot: its folder, whose it is, how many calls answered, and those that did not."""

    folder: str
    account: str
    regions: tuple[str, ...]
    answered: int
    reports: tuple[Report, ...]


def take(
    folder: str,
    profile: str | None = None,
    regions: Sequence[str] = (),
    endpoint_url: str | None = None,
    force: bool = False,
    progress: Progress | None = None,
) -> Taken:
    """Write a snapshot of an account into a folder.

    Raises InputError if the folder is there already (and is no snapshot that `force` may replace), or if there are no
    credentials that work.
    """
    _free(folder, force)
    account = _Account(profile, endpoint_url)
    chosen = tuple(dict.fromkeys(regions)) or account.usual_regions()
    parent = os.path.dirname(os.path.abspath(folder))
    os.makedirs(parent, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".snapshot-", dir=parent) as made:
        inside = os.path.join(made, "snapshot")
        taken = _Taking(account, inside, progress).all(chosen)
        taken.write_report()
        os.chmod(inside, 0o755)
        if os.path.exists(folder):
            os.rename(folder, os.path.join(made, "former"))
        os.rename(inside, folder)
    return Taken(folder, account.id, chosen, taken.answered, tuple(sorted(taken.reports)))


def _free(folder: str, force: bool) -> None:
    """Refuse a folder that holds something. `force` replaces a snapshot, and nothing else."""
    if not os.path.lexists(folder):
        return
    if not os.path.isdir(folder):
        raise InputError(Problem(f"`{folder}` is a file; name a folder", Origin("--output")))
    if not os.listdir(folder):
        return
    if not os.path.exists(os.path.join(folder, REPORT)):
        raise InputError(Problem(f"`{folder}` holds something else than a snapshot; name another folder", Origin("--output")))
    if not force:
        raise InputError(Problem(f"`{folder}` holds a snapshot; `--force` replaces it", Origin("--output")))


class _Account:
    """The credentials in use, and a client of each service."""

    def __init__(self, profile: str | None, endpoint_url: str | None) -> None:
        import boto3
        from botocore.config import Config
        from botocore.exceptions import BotoCoreError, ClientError

        self.endpoint_url = endpoint_url
        self.config = Config(retries={"mode": "standard", "max_attempts": 6}, max_pool_connections=WORKERS)
        try:
            self.session = boto3.Session(profile_name=profile)
            self.id = str(self.client("sts", self.session.region_name or "us-east-1").get_caller_identity()["Account"])
        except (BotoCoreError, ClientError) as error:
            message = f"no credentials that work: {_told(error)}; name a profile, or log in"
            raise InputError(Problem(message, Origin("--profile"))) from None

    def usual_regions(self) -> tuple[str, ...]:
        if not self.session.region_name:
            message = "no Region: the profile has none; name one or several, `--regions us-east-1,eu-west-1`"
            raise InputError(Problem(message, Origin("--regions")))
        return (str(self.session.region_name),)

    def client(self, service: str, region: str) -> Any:
        return self.session.client(service, region_name=region, endpoint_url=self.endpoint_url, config=self.config)


class _Taking:
    """The calls of one snapshot."""

    def __init__(self, account: _Account, folder: str, progress: Progress | None) -> None:
        self.account, self.folder, self.progress = account, folder, progress
        self.reports: list[Report] = []
        self.answered = self.done = self.planned = 0

    def all(self, regions: Sequence[str]) -> _Taking:
        chains = [("global", regions[0], chain) for chain in _chains(GLOBAL)]
        chains += [(region, region, chain) for region in regions for chain in _chains(REGIONAL)]
        self.planned = sum(len(chain) for _, _, chain in chains)
        clients = {(c.service, at): self.account.client(c.service, at) for _, at, chain in chains for c in chain}
        with ThreadPoolExecutor(WORKERS) as pool:
            waiting = [pool.submit(self.chain, name, at, chain, clients) for name, at, chain in chains]
            for finished in as_completed(waiting):
                finished.result()
        return self

    def chain(self, name: str, at: str, calls: Sequence[Call], clients: Any) -> None:
        """Calls one after another, those that go through the items of an answer behind the one that gives it."""
        answers: dict[str, list[Any]] = {}
        for call in calls:
            client = clients[call.service, at]
            found = [self.ask(call, name, client, more) for more in _askings(call, answers)]
            answers[call.method] = [answer for answer in found if answer is not None]
            if answers[call.method]:
                self.write(name, call, answers[call.method])
            self.done += 1
            if self.progress:
                self.progress(self.done, self.planned)

    def ask(self, call: Call, region: str, client: Any, more: dict[str, Any]) -> dict[str, Any] | None:
        from botocore.exceptions import BotoCoreError, ClientError
        from botocore.parsers import ResponseParserError

        try:
            answer = _answer(client, call.method, {**call.parameters, **more})
        except (BotoCoreError, ClientError, ResponseParserError) as error:
            about = f" ({', '.join(map(str, more.values()))})" if more else ""
            self.reports.append(Report(call.name + about, region, _told(error)))
            return None
        self.answered += 1
        return {**more, **answer}

    def write(self, region: str, call: Call, answers: list[Any]) -> None:
        path = os.path.join(self.folder, self.account.id, region, call.file)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as stream:
            for answer in answers:
                indent = None if call.each else 2
                stream.write(json.dumps(_without_secrets(answer), default=str, ensure_ascii=False, indent=indent) + "\n")

    def write_report(self) -> None:
        os.makedirs(self.folder, exist_ok=True)
        lacking = [{"Call": r.call, "Region": r.region, "Problem": r.problem} for r in sorted(self.reports)]
        report = {"Account": self.account.id, "SnapshotReport": lacking}
        with open(os.path.join(self.folder, REPORT), "w", encoding="utf-8") as stream:
            json.dump(report, stream, indent=2)
            stream.write("\n")


def _chains(calls: Sequence[Call]) -> Iterator[list[Call]]:
    """Every call that stands for itself, with the calls that go through its answer."""
    for first in calls:
        if first.each is None:
            yield [first, *_after(first, calls)]


def _after(first: Call, calls: Sequence[Call]) -> Iterator[Call]:
    for call in calls:
        if call.each and (call.service, call.each.method) == (first.service, first.method):
            yield call
            yield from _after(call, calls)


def _askings(call: Call, answers: dict[str, list[Any]]) -> Iterator[dict[str, Any]]:
    """The parameters of each asking. A parameter without a field's name stands for the item itself."""
    if call.each is None:
        yield {}
        return
    for answer in answers.get(call.each.method, ()):
        for item in answer.get(call.each.items) or ():
            if any(item.get(name) != value for name, value in call.each.only.items()):
                continue
            given = {}
            for parameter, field in call.each.parameters.items():
                value = item if not field else item[field] if isinstance(item, dict) else answer[field]
                given[parameter] = [value] if parameter == "services" else value
            yield given


def _answer(client: Any, method: str, parameters: dict[str, Any]) -> dict[str, Any]:
    if client.can_paginate(method):
        answer = client.get_paginator(method).paginate(**parameters).build_full_result()
    else:
        answer = getattr(client, method)(**parameters)
    return {key: value for key, value in answer.items() if key != "ResponseMetadata"}


def _told(error: Exception) -> str:
    """The error in one line; what a credential may not do in few words."""
    response = getattr(error, "response", None) or {}
    code = str(response.get("Error", {}).get("Code", ""))
    if code in DENIED:
        return f"not allowed ({code})"
    message = str(response.get("Error", {}).get("Message") or error)
    if "<html" in message:
        return f"no answer of AWS's API{f' (HTTP {code})' if code else ''}"
    return " ".join(f"{code}: {message}".removeprefix(": ").split())[:200]


def _without_secrets(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_secrets(item) for key, item in value.items() if key not in SECRETS}
    return [_without_secrets(item) for item in value] if isinstance(value, list) else value
