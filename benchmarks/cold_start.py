"""Whole processes from a cold start, beside the bare imports of what the command line stands on."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parent.parent
VPCSIM = str(Path(sys.executable).with_name("vpcsim"))
ASKED = ["AppServer", "https://sqs.us-east-1.amazonaws.com"]
BASE = [sys.executable, "-c", "import click, pydantic, yaml"]
COMMANDS = {
    "bare interpreter": ([sys.executable, "-c", "pass"], None),
    "import click, pydantic, yaml": (BASE, None),
    "vpcsim --help": ([VPCSIM, "--help"], 0.08),
    "vpcsim completion bash": ([VPCSIM, "completion", "bash"], 0.08),
    "vpcsim trace, native model": ([VPCSIM, "trace", "models/sqs-private/network.yaml", *ASKED], 0.15),
    "vpcsim trace, template": ([VPCSIM, "trace", "models/sqs-private/template.yaml", *ASKED], 0.25),
}
ROUNDS = 15


def run() -> Iterator[str]:
    """Medians of interleaved rounds, in seconds, and as multiples of the bare imports."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    taken: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(ROUNDS + 1):
        for name, (command, _) in COMMANDS.items():
            started = time.perf_counter()
            subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
            taken[name].append(time.perf_counter() - started)
    base = median(taken["import click, pydantic, yaml"][1:])
    for name, (_, limit) in COMMANDS.items():
        seconds = median(taken[name][1:])
        wanted = f"  (wanted: at most {limit:.2f} s)" if limit else ""
        yield f"{name:<30} {seconds:.3f} s  {seconds / base:.2f} x the imports{wanted}"
