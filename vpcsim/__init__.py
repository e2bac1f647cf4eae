"""Offline simulator of AWS VPC routing and split-horizon DNS.

    net = vpcsim.load("models/sqs-private")
    print(net.trace("AppServer", "https://sqs.us-east-1.amazonaws.com"))
    net.resolve("AppServer", "sqs.us-east-1.amazonaws.com").addresses

Names are imported when they are first used, so that the command line starts fast.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vpcsim.codes import Code
    from vpcsim.errors import InputError, Origin, Problem, RefusedError, Undecided, UnknownName, VpcsimError
    from vpcsim.guest import inside
    from vpcsim.loading import load
    from vpcsim.network import Network
    from vpcsim.packet import Packet
    from vpcsim.reachability import Reachability
    from vpcsim.resolution import Query, Record, Resolution
    from vpcsim.topology import Topology
    from vpcsim.trace import Disposition, Flow, Hop, RoundTrip, Step, Trace, Verdict

__version__ = "0.1.0"

_HOME = {
    "Code": "codes",
    "InputError": "errors", "Origin": "errors", "Problem": "errors", "RefusedError": "errors", "Undecided": "errors",
    "UnknownName": "errors", "VpcsimError": "errors",
    "inside": "guest",
    "load": "loading",
    "Network": "network",
    "Packet": "packet",
    "Reachability": "reachability",
    "Query": "resolution", "Record": "resolution", "Resolution": "resolution",
    "Topology": "topology",
    "Disposition": "trace", "Flow": "trace", "Hop": "trace", "RoundTrip": "trace", "Step": "trace", "Trace": "trace",
    "Verdict": "trace",
}  # fmt: skip

__all__ = [
    "Code", "Disposition", "Flow", "Hop", "InputError", "Network", "Origin", "Packet", "Problem", "Query", "Reachability",
    "Record", "RefusedError", "Resolution", "RoundTrip", "Step", "Topology", "Trace", "Undecided", "UnknownName",
    "Verdict", "VpcsimError", "inside", "load",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module `vpcsim` has no attribute `{name}`")
    from importlib import import_module

    return getattr(import_module(f"vpcsim.{_HOME[name]}"), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
