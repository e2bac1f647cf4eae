"""Small networks in the native format, and what a row of a table says about them.

A row names the rule it pins and AWS's page, changes a base network, asks one question, and tells the hops there, the
hops back and the end: `reachable`, or `disposition CODE deciding-id`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import pytest
import yaml

from vpcsim import Network, Reachability, RefusedError, Trace
from vpcsim.readers import topology_of
from vpcsim.readers.document import parse
from vpcsim.tracing import reaches

VPC = "https://docs.aws.amazon.com/vpc/latest/userguide/"
EC2 = "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/"
API = "https://docs.aws.amazon.com/AWSEC2/latest/APIReference/"
PRIVATELINK = "https://docs.aws.amazon.com/vpc/latest/privatelink/"
ERRORS = f"{API}errors-overview.html"
ANALYZER = "https://docs.aws.amazon.com/vpc/latest/reachability/explanation-codes.html"


class Row(NamedTuple):
    """One rule of AWS. `changes` is YAML that is laid over the base network; `null` takes a key away."""

    rule: str
    page: str
    changes: str
    flow: str
    there: str
    back: str = ""
    end: str = "reachable"


class Refusal(NamedTuple):
    """A configuration that AWS rejects: the error code of each problem, and the id that its message starts with."""

    rule: str
    page: str
    changes: str
    codes: str
    about: str


def network(text: str, **changes: Any) -> Network:
    """The network that native YAML describes, with sections changed: `network(BASE, instances={"web": None})`."""
    return _compiled(text, yaml.safe_dump(changes, sort_keys=False))


def changed(text: str, changes: str) -> Network:
    """As `network`, with the changes written as YAML."""
    return _compiled(text, changes)


@lru_cache(maxsize=256)
def _compiled(text: str, changes: str) -> Network:
    sections = re.findall(r"^(\w+):", changes, re.MULTILINE)
    assert len(sections) == len(set(sections)), "YAML keeps the last of two sections with one name"
    document = merged(yaml.safe_load(text), yaml.safe_load(changes) or {})
    return Network.of(topology_of([parse(yaml.safe_dump(document, sort_keys=False), "network.yaml")]))


def merged(base: Any, changes: Any) -> Any:
    """`changes` laid over `base`, mapping by mapping; a key with null is gone."""
    if not isinstance(base, Mapping) or not isinstance(changes, Mapping):
        return changes
    result = {key: merged(value, changes[key]) if key in changes else value for key, value in base.items()}
    result |= {key: value for key, value in changes.items() if key not in base}
    return {key: value for key, value in result.items() if value is not None or key not in changes}


def ask(net: Network, flow: str, **options: Any) -> Reachability:
    """Ask `app -> db 5432/tcp`, `app -> db icmp` or `app -> db 47`: a protocol, with a port before it if it has ports."""
    source, _, rest = flow.partition(" -> ")
    to, _, service = rest.partition(" ")
    port, slash, protocol = service.rpartition("/")
    return net.trace(source, to, protocol=protocol, port=port if slash else None, **options)


def way(trace: Trace | None) -> str:
    """The ids of the hops."""
    return " ".join(hop.at for hop in trace.hops) if trace else ""


def end_of(answer: Reachability) -> str:
    """`reachable`, or the disposition, the code and the id of what decided."""
    if answer.reachable:
        return "reachable"
    assert answer.trip is not None
    step = answer.trip.end
    return f"{step.disposition} {step.code} {answer.at}"


def told(answer: Reachability) -> tuple[str, str, str]:
    """What a row tells: the way there, the way back, the end."""
    assert answer.trip is not None
    return way(answer.trip.there), way(answer.trip.back), end_of(answer)


def check(base: str, row: Row) -> None:
    """Ask the row's question, and look at every form of its answer."""
    net = changed(base, row.changes)
    answer = ask(net, row.flow)
    assert told(answer) == (row.there, row.back, row.end)
    disposition = row.end.split()[0]
    verdict = {"reachable": "reachable", "undecided": "undecided"}.get(disposition, "blocked")
    assert answer.verdict == verdict
    assert answer.to_dict()["verdict"] == verdict
    assert answer.because.startswith(f"{answer.at}: ") or answer.because.startswith(f"{answer.at} "), answer.because
    if len(answer.trips) == 1 and answer.found is None:  # what a firewall decides by a name, it does not by a bare flow
        assert reaches(net, answer.trips[0].flow) is answer.reachable
    thorough = ask(net, row.flow, every=True)
    assert (thorough.verdict, end_of(thorough)) == (verdict, row.end)


def refused(base: str, row: Refusal) -> None:
    """Compile the row's network, and look at why it is refused."""
    with pytest.raises(RefusedError) as caught:
        changed(base, row.changes)
    problems = caught.value.problems
    assert " ".join(sorted(problem.code for problem in problems)) == row.codes
    assert all(problem.refused for problem in problems)
    assert all(problem.origin and problem.origin.line for problem in problems)
    assert all(row.about in problem.message.split(": ")[0] for problem in problems), str(caught.value)


def names(rows: list[Any]) -> list[str]:
    """The ids of a table's tests."""
    return [row.rule for row in rows]
