"""Nothing leaves the machine: in a network namespace without links, and with every real connection refused."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from standing import network

import vpcsim
from vpcsim.offline import offline

ROOT = Path(__file__).parents[2]
PROGRAM = """
import socket, sys, urllib.request
sys.path[:0] = ["tests", "tests/guest"]
import boto3, requests
from standing import QUEUE, network
import vpcsim
from vpcsim.guest import cloud_of
net = network()
hosts = {"api.example.com": "answered"}
with vpcsim.inside(net, "app", hosts=hosts):
    boto3.client("sqs").send_message(QueueUrl=QUEUE, MessageBody="arrived")
    print(urllib.request.urlopen("https://api.example.com/", timeout=60).read().decode())
    print(requests.get("http://169.254.169.254/latest/meta-data/local-ipv4", timeout=60).text)
with vpcsim.inside(net, "dark", hosts=hosts):
    try:
        socket.create_connection(("api.example.com", 443), timeout=1)
    except TimeoutError as error:
        print(error)
print(*cloud_of(net).poll("Orders"))
"""
TOLD = "answered\n10.0.1.10\ntimed out\narrived\n"


def in_a_namespace() -> list[str]:
    """How to start a program without any network, or a skip with its reason."""
    command = ["unshare", "--user", "--map-root-user", "--net"]
    if shutil.which("unshare") is None:
        pytest.skip("there is no unshare here")
    tried = subprocess.run([*command, "true"], capture_output=True, text=True, check=False)
    if tried.returncode:
        pytest.skip(f"network namespaces are not allowed here: {tried.stderr.strip()}")
    return command


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}


def test_everything_works_with_the_network_unplugged() -> None:
    command = [*in_a_namespace(), sys.executable, "-c", PROGRAM]
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=300, check=False)
    assert (done.stdout, done.returncode) == (TOLD, 0), done.stderr


def test_the_namespace_has_no_link_at_all() -> None:
    told = "import socket; s = socket.socket(); print(s.connect_ex(('198.51.100.10', 80)), s.connect_ex(('127.0.0.1', 80)))"
    done = subprocess.run([*in_a_namespace(), sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert done.stdout == "101 101\n"


REFUSING = """
import sys
def refuse(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg", "socket.gethostbyname", "socket.gethostbyaddr"):
        raise SystemExit(f"{event} {arguments}")
    if event == "socket.getaddrinfo" and not str(arguments[0] or "0").replace(".", "").isdigit():
        raise SystemExit(f"{event} {arguments}")
sys.addaudithook(refuse)
"""


def test_no_real_connection_is_tried() -> None:
    """An audit hook of the interpreter sees every connection of the process, whoever opens it."""
    command = [sys.executable, "-c", REFUSING + PROGRAM]
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True, timeout=300, check=False)
    assert (done.stdout, done.returncode) == (TOLD, 0), done.stderr


def test_what_gets_around_the_replacements_is_refused_too() -> None:
    import _socket

    with vpcsim.inside(network(), "app"):
        raw = _socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        with pytest.raises(OSError, match="nothing leaves this machine"):
            raw.connect(("198.51.100.10", 80))
        raw.close()
        with pytest.raises(OSError, match="nothing leaves this machine"):
            _socket.getaddrinfo("example.com", 80)


def test_a_context_that_is_offline_still_uses_sockets_of_the_machine_itself() -> None:
    one, other = socket.socketpair()
    with offline(), one, other:
        one.sendall(b"x")
        assert other.recv(1) == b"x"


def started(method: str) -> None:
    process = multiprocessing.get_context(method).Process(target=os.getpid)
    process.start()
    process.join()


STARTED = {
    "subprocess": lambda: subprocess.run(["true"], check=True),
    "a shell": lambda: os.system("true"),
    "os.popen": lambda: os.popen("true").close(),
    "a spawned process": lambda: started("spawn"),
    "a process of the fork server": lambda: started("forkserver"),
    "posix_spawn": lambda: os.waitpid(os.posix_spawn(shutil.which("true") or "", ["true"], {}), 0),
}


@pytest.mark.parametrize("start", STARTED.values(), ids=STARTED)
def test_no_program_starts_unless_it_may(start: Callable[[], object]) -> None:
    with vpcsim.inside(network(), "app"), pytest.raises(PermissionError, match="would run on this machine"):
        start()
    with vpcsim.inside(network(), "app", programs=True):
        start()
    start()


def tried(pipe: Any) -> None:
    try:
        socket.create_connection(("198.51.100.10", 443), timeout=1)
    except OSError as error:
        pipe.send(str(error))


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*:DeprecationWarning")
def test_a_forked_process_is_on_the_instance_too() -> None:
    here, there = multiprocessing.Pipe()
    with vpcsim.inside(network(), "dark"):
        process = multiprocessing.get_context("fork").Process(target=tried, args=(there,))
        process.start()
        process.join()
    assert here.recv() == "timed out"
