"""Packets made by what they reach in the code, from a few well-formed ones; `python -m benchmarks.dns_atheris` runs on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from served import ROOT, opt, query

pytest.importorskip("atheris", reason="atheris has no wheel for this Python, see docs/design.md")
RUNS = 20_000


def test_no_packet_that_atheris_finds_breaks_a_reply(tmp_path: Path) -> None:
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    for number, data in enumerate((query(), query(opt=opt()), query(type=255, opt=opt(512)), query(flags=0x2800), b"")):
        (seeds / str(number)).write_bytes(data)
    words = [f"-runs={RUNS}", "-seed=1", "-max_len=600", f"-artifact_prefix={tmp_path}/", str(seeds)]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.dns_atheris", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert f"Done {RUNS} runs" in done.stderr
