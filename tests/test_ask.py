"""`vpcsim ask`: the machine interface, field by field."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
FLOW_KEYS = {
    "id", "verdict", "codes", "at", "because", "forward", "return", "rcode", "answers", "assumptions",
    "fixes", "from", "to", "notes", "not_checked",
}  # fmt: skip


def ask(*questions: Any, model: str = "models/sqs-private", lines: str = "", exit_code: int = 0) -> list[dict[str, Any]]:
    """The answers of a real process."""
    given = lines or "\n".join(map(json.dumps, questions))
    command = [sys.executable, "-m", "vpcsim", "ask", model]
    done = subprocess.run(command, cwd=ROOT, input=given, capture_output=True, text=True, check=False)
    assert done.returncode == exit_code, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def flow(id: Any, source: str, to: str, **more: Any) -> dict[str, Any]:
    return {"id": id, "flow": {"from": source, "to": to, **more}}


def test_a_flow_that_arrives_and_one_that_does_not() -> None:
    blocked, reached = ask(
        flow(1, "AppServer", "sqs.us-east-1.amazonaws.com", protocol="tcp", port=443),
        flow("two", "AppServer", "https://ssm.us-east-1.amazonaws.com"),
    )
    assert blocked.keys() == reached.keys() == FLOW_KEYS
    assert (blocked["id"], blocked["verdict"], blocked["at"]) == (1, "blocked", "myRouteTable")
    assert blocked["codes"] == ["NO_ROUTE_TO_DESTINATION"]
    assert blocked["forward"]["disposition"] == "no_route"
    assert blocked["return"] is None
    assert (reached["id"], reached["verdict"], reached["at"], reached["codes"]) == ("two", "reachable", "SSMVPCEndpoint", [])
    assert reached["rcode"] == "NOERROR"
    address = reached["answers"][0]["data"]
    assert reached["answers"] == [{"name": "ssm.us-east-1.amazonaws.com", "type": "A", "ttl": 60, "data": address}]
    assert address.startswith("10.0.0.")
    there, back = reached["forward"], reached["return"]
    assert there["disposition"] == back["disposition"] == "accepted"
    assert there["packet"]["left"] == there["packet"]["arrived"]
    assert there["packet"]["left"]["dst"] == back["packet"]["left"]["src"] == address
    assert there["packet"]["left"]["src_port"] == "32768-60999"
    places = ["AppServer", "AppServer/mySubnet", "mySubnet", "SSMVPCEndpoint/mySubnet", "SSMVPCEndpoint"]
    kinds = ["instance", "network_interface", "subnet", "network_interface", "interface_endpoint"]
    assert [(hop["at"], hop["kind"]) for hop in there["hops"]] == list(zip(places, kinds, strict=True))
    assert [hop["at"] for hop in back["hops"]] == places[::-1]
    step = there["hops"][3]["steps"][0]
    assert (step["at"], step["kind"]) == ("VPCEndpointSecurityGroup", "security_group")
    assert step["rule"] == "rule 1 allow 443/tcp from 0.0.0.0/0"
    assert step["origin"].startswith("models/sqs-private/network.yaml:11")


def test_translation_shows_in_the_packet_as_it_left_and_as_it_arrived() -> None:
    (answer,) = ask(flow(1, "AppServer", "198.51.100.10", port=443), model="models/sqs-nat")
    left, arrived = answer["forward"]["packet"]["left"], answer["forward"]["packet"]["arrived"]
    assert left["src"].startswith("10.0.0.")
    assert arrived["src"].startswith("203.0.113.")
    assert arrived["src_port"] == "1024-65535"
    assert answer["return"]["packet"]["arrived"]["dst"] == left["src"]


DNS = [
    ("AppServer", "ssm.us-east-1.amazonaws.com", "A", "NOERROR", True, "10.0."),
    ("myVPC", "ssm.us-east-1.amazonaws.com", "A", "NOERROR", True, "10.0."),
    ("public", "ssm.us-east-1.amazonaws.com", "A", "NOERROR", True, ""),
    ("AppServer", "ssm.us-east-1.amazonaws.com", "AAAA", "NOERROR", False, ""),
    ("AppServer", "nowhere.ec2.internal", "A", "NXDOMAIN", False, ""),
    ("public", "example.com", "A", "NOERROR", True, "198.51.100."),
    ("AppServer", "EXAMPLE.COM.", "A", "NOERROR", True, "198.51.100."),
]


def test_names_from_every_vantage_point() -> None:
    questions = [{"id": n, "dns": {"from": source, "name": name, "type": kind}} for n, (source, name, kind, *_) in enumerate(DNS)]
    for (source, name, _, rcode, answered, start), answer in zip(DNS, ask(*questions), strict=True):
        assert answer["rcode"] == rcode, (source, name, answer)
        assert bool(answer["answers"]) is answered
        assert all(record["data"].startswith(start) for record in answer["answers"])
    private, public = (ask({"id": 1, "dns": {"from": who, "name": DNS[0][1]}})[0] for who in ("AppServer", "public"))
    assert private["answers"] != public["answers"]


BAD = [
    ('{"id": 1', "not a JSON value: column 9: expected `,` or the closing bracket"),
    ("{bad", "not a JSON value: column 2: expected a key in double quotes"),
    ("[]", "a question is an object"),
    ('{"id": 3}', "a question has one object, `flow` or `dns`"),
    ('{"id": 4, "flow": {"from": "AppServer"}}', "`to` is missing"),
    ('{"id": 5, "flow": {"from": "AppServr", "to": "10.0.0.9"}}', "did you mean `AppServer`?"),
    ('{"id": 6, "flow": {"from": "AppServer", "to": "10.0.0.9", "port": 70000}}', "`70000` is not a port"),
    ('{"id": 7, "flow": {"from": "AppServer", "to": "10.0.0.9", "protocol": "tpc"}}', "`tpc` is not a protocol"),
    ('{"id": 8, "flow": {"from": "AppServer", "to": "10.0.0.9", "prot": 6}}', "did you mean `port`"),
    ('{"id": 9, "dns": {"from": "AppServer", "name": "a b"}}', "`a b` is not a host name"),
    ('{"id": 10, "dns": {"from": "AppServer", "name": "example.com", "type": "QQ"}}', "`QQ` is not a record type"),
    ('{"id": 11, "flow": {"from": "myVPC", "to": "10.0.0.9"}}', "sends no packets"),
    ('{"id": 12, "flow": {"from": 5, "to": "10.0.0.9"}}', "`from` is not a string"),
]


def test_a_bad_question_is_answered_and_the_run_goes_on() -> None:
    good = json.dumps(flow("last", "AppServer", "example.com"))
    *errors, last = ask(lines="\n".join([*(line for line, _ in BAD), good, ""]))
    for (line, told), answer in zip(BAD, errors, strict=True):
        assert answer.keys() == {"id", "error"}, line
        assert told in answer["error"], (line, answer["error"])
    assert (last["id"], last["verdict"]) == ("last", "blocked")


def test_a_model_that_aws_refuses_answers_refused(tmp_path: Path) -> None:
    model = tmp_path / "network.yaml"
    model.write_text("vpcs: {v: 10.0.0.0/16}\nsubnets: {a: 10.0.0.0/24, b: 10.0.0.128/25}\ninstances: {i: {subnet: a}}\n")
    (answer,) = ask(flow(1, "i", "10.0.0.9"), model=str(model), exit_code=2)
    assert (answer["id"], answer["verdict"], answer["codes"]) == (1, "refused", ["InvalidSubnet.Conflict"])
    assert "overlaps" in answer["because"]


def test_a_model_that_cannot_be_read_answers_nothing(tmp_path: Path) -> None:
    model = tmp_path / "network.yaml"
    model.write_text("vpcs: {v: 10.0.0.0/99}\n")
    assert ask(flow(1, "i", "10.0.0.9"), model=str(model), exit_code=2) == []


@pytest.mark.parametrize("protocol", ["icmp", "udp", 47])
def test_other_protocols(protocol: str | int) -> None:
    (answer,) = ask(flow(1, "AppServer", "SSMVPCEndpoint", protocol=protocol))
    assert (answer["verdict"], answer["forward"]["disposition"]) == ("blocked", "denied")
