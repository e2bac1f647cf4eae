"""The DNS server under dnsperf, beside unbound with the same zone in the same run.

Server and client have a core each. A second figure counts the queries for each second of the server's processor time, which
other work on the machine disturbs less.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

ROOT = Path(__file__).parent.parent
NAMES, COLD_NAMES = 1000, 300_000
ROUNDS, SECONDS = 3, 3
ZONE = "corp.example.net"
WANTED = {"asked before": 100_000, "never asked": 15_000}


class Measured(NamedTuple):
    """Queries a second, and queries for a second of the server's processor time."""

    per_second: float
    per_cpu_second: float


def run() -> Iterator[str]:
    """Medians of interleaved rounds; a server is new in each round."""
    missing = [program for program in ("dnsperf", "unbound", "taskset") if not shutil.which(program)]
    if missing:
        yield f"skipped: {' and '.join(missing)} not installed"
        return
    with tempfile.TemporaryDirectory() as folder:
        _write(Path(folder))
        found: dict[tuple[str, str], list[Measured]] = {}
        for _ in range(ROUNDS):
            for server, command in SERVERS.items():
                with _running(command, Path(folder)) as (process, port):
                    for names in WANTED:
                        found.setdefault((server, names), []).append(_measure(process, port, Path(folder) / names))
    for names, wanted in WANTED.items():
        ours, theirs = (_median(found[server, names]) for server in SERVERS)
        ratio, of_cpu = ours.per_second / theirs.per_second, ours.per_cpu_second / theirs.per_cpu_second
        yield f"{f'names {names}':<20} {_told(ours)}  (wanted: {wanted:,} q/s)"
        yield f"{'  unbound, 1 thread':<20} {_told(theirs)}"
        yield f"{'  ratio':<20} {ratio:9.2f} x    {of_cpu:9.2f} x" + ("  (wanted: 0.5 x)" if names == "asked before" else "")


def _vpcsim(folder: Path, port: int) -> list[str]:
    return [sys.executable, "-m", "vpcsim", "dns", str(folder / "network.yaml"), "--as", "i", "--listen", f"127.0.0.1:{port}"]


def _unbound(folder: Path, port: int) -> list[str]:
    settings = f"""server:
  interface: 127.0.0.1@{port}
  num-threads: 1
  use-syslog: no
  logfile: ""
  verbosity: 0
  chroot: ""
  username: ""
  pidfile: ""
  directory: "{folder}"
  module-config: "iterator"
  local-zone: "any.{ZONE}." redirect
  local-data: "any.{ZONE}. 300 IN A 10.0.9.9"
  local-zone: "{ZONE}." static
"""
    data = "".join(f'  local-data: "{host}.{ZONE}. 300 IN A {address}"\n' for host, address in _hosts())
    (folder / "unbound.conf").write_text(f"{settings}{data}remote-control:\n  control-enable: no\n")
    return ["unbound", "-d", "-c", str(folder / "unbound.conf")]


SERVERS: dict[str, Callable[[Path, int], list[str]]] = {"vpcsim": _vpcsim, "unbound": _unbound}


def _hosts() -> Iterator[tuple[str, str]]:
    for number in range(NAMES):
        yield f"host{number}", f"10.0.{number // 250}.{number % 250 + 4}"


def _write(folder: Path) -> None:
    records = "".join(f"      {host}: {address}\n" for host, address in _hosts())
    (folder / "network.yaml").write_text(
        "vpcs: {v: {cidr: 10.0.0.0/16, dns_support: true, dns_hostnames: true}}\nsubnets: {a: 10.0.0.0/24}\n"
        f"instances: {{i: {{subnet: a}}}}\nhosted_zones:\n  zone:\n    domain: {ZONE}\n    vpcs: v\n    records:\n{records}"
        "      '*.any': 10.0.9.9\n"
    )
    (folder / "asked before").write_text("".join(f"{host}.{ZONE} A\n" for host, _ in _hosts()))
    (folder / "never asked").write_text("".join(f"x{number}.any.{ZONE} A\n" for number in range(COLD_NAMES)))


@contextmanager
def _running(command: Callable[[Path, int], list[str]], folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    core = str(min(os.sched_getaffinity(0)))
    words = ["taskset", "-c", core, *command(folder, port)]
    process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield process, port
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(port: int) -> None:
    for _ in range(400):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError("the server does not listen")


def _measure(process: subprocess.Popen[bytes], port: int, names: Path) -> Measured:
    core = str(max(os.sched_getaffinity(0)))
    once = ["-n", "1"] if names.name == "never asked" else []
    command = ["taskset", "-c", core, "dnsperf", "-s", "127.0.0.1", "-p", str(port), "-d", str(names), "-c", "4", *once]
    before = _cpu_seconds(process.pid)
    told = subprocess.run([*command, "-l", str(SECONDS)], capture_output=True, text=True, check=True).stdout
    spent = _cpu_seconds(process.pid) - before
    completed = int(re.findall(r"Queries completed:\s+(\d+)", told)[0])
    return Measured(float(re.findall(r"Queries per second:\s+([\d.]+)", told)[0]), completed / max(spent, 0.01))


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _told(measured: Measured) -> str:
    return f"{measured.per_second:9,.0f} q/s  {measured.per_cpu_second:9,.0f} q per CPU s"


def _median(measured: list[Measured]) -> Measured:
    return Measured(median(m.per_second for m in measured), median(m.per_cpu_second for m in measured))
