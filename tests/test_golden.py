"""Answers as people read them, compared with files. Write them again with `python tests/test_golden.py --write`."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from vpcsim.cli import vpcsim_command

ROOT = Path(__file__).parent.parent
GOLDEN = ROOT / "tests" / "golden"

COMMANDS = {
    "trace-blocked": "trace models/sqs-private AppServer https://sqs.us-east-1.amazonaws.com",
    "trace-endpoint": "trace models/sqs-private AppServer https://ssm.us-east-1.amazonaws.com",
    "trace-nat": "trace models/sqs-nat AppServer https://sqs.us-east-1.amazonaws.com",
    "trace-internet": "trace models/sqs-nat AppServer https://example.com",
    "trace-no-public-address": "trace models/sqs-public PrivateServer https://example.com --all",
    "trace-inbound": "trace models/sqs-public internet AppServer:22",
    "trace-verbose": "trace models/sqs-private AppServer https://ssm.us-east-1.amazonaws.com -v",
    "trace-short": "trace models/sqs-private AppServer https://example.com --short",
    "trace-json": "trace models/sqs-private AppServer https://ssm.us-east-1.amazonaws.com --format json",
    "dig-public": "dig models/sqs-private AppServer sqs.us-east-1.amazonaws.com",
    "dig-private-short": "dig models/sqs-private AppServer ssm.us-east-1.amazonaws.com +short",
    "dig-nxdomain": "dig models/sqs-private AppServer nowhere.ec2.internal --why",
    "session": "session models/sqs-private AppServer",
    "session-blocked": "session models/sqs-public PrivateServer",
    "call-reachable": "call models/sqs-nat AppServer sqs:SendMessage FilaTeste",
    "call-denied": "call models/sqs-nat AppServer sns:Publish",
    "call-wrong-service": "call models/sqs-private AppServer sts:GetCallerIdentity "
    "--env AWS_ENDPOINT_URL=https://ssm.us-east-1.amazonaws.com",
    "task": "task models/private-eks myNodes eks-node-join",
    "show": "show models/sqs-nat",
    "help": "--help",
}


def output(command: str) -> str:
    done = CliRunner().invoke(vpcsim_command, command.split(), prog_name="vpcsim", standalone_mode=False)
    assert done.exception is None, done.exception
    return f"$ vpcsim {command}\n{done.output}[exit {done.return_value or 0}]\n"


@pytest.mark.parametrize("name", COMMANDS)
def test_the_output_is_as_it_was_reviewed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert output(COMMANDS[name]) == (GOLDEN / f"{name}.txt").read_text()


def test_no_golden_file_is_left_over() -> None:
    assert {path.stem for path in GOLDEN.glob("*.txt")} == set(COMMANDS)


if __name__ == "__main__" and "--write" in sys.argv:
    GOLDEN.mkdir(exist_ok=True)
    for name, command in COMMANDS.items():
        (GOLDEN / f"{name}.txt").write_text(output(command))
