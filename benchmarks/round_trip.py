"""Round trips on a network of 50,000 interfaces: the full record, the verdict alone, and a whole question."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from ipaddress import ip_address, ip_network

from benchmarks.networks import network
from vpcsim.network import Network
from vpcsim.trace import Flow
from vpcsim.tracing import reaches, trace

ROUNDS, CALLS = 21, 500
SERVICE = "https://sqs.us-east-1.amazonaws.com"
WANTED = {"full record": 50, "verdict alone": 20}


def run() -> Iterator[str]:
    """Best of many rounds, in microseconds, and as multiples of one `ipaddress` membership test of the same run."""
    started = time.perf_counter()
    net = network()
    interfaces = len(net.index.addresses_of)
    yield f"{interfaces:,} interfaces compiled in {time.perf_counter() - started:.1f} s"
    block, number = ip_network("10.0.0.0/16"), ip_address("10.0.3.7")
    unit = _best(lambda: number in block)
    yield f"{'one `address in network` of ipaddress':<48} {unit:6.2f} us"
    for name, flow in _flows(net):
        assert trace(net, flow).verdict == "reachable", trace(net, flow)
        for what, function in (("full record", trace), ("verdict alone", reaches)):
            taken = _best(lambda function=function, flow=flow: function(net, flow))  # type: ignore[misc]
            yield f"{f'{what}, {name}':<48} {taken:6.2f} us  {taken / unit:5.1f} x  (wanted: at most {WANTED[what]} us)"
    for what, function in (
        ("a whole question, name included", lambda: net.trace("vpc-7-i-3-4", SERVICE).verdict),
        ("the same with every line of its text", lambda: str(net.trace("vpc-7-i-3-4", SERVICE))),
    ):
        taken = _best(function, calls=50)
        yield f"{what:<48} {taken:6.2f} us  {taken / unit:5.1f} x"


def _flows(net: Network) -> Iterator[tuple[str, Flow]]:
    for name, source, to in (
        ("to an endpoint in the same subnet", "vpc-7-i-1-4", "vpc-7-sqs"),
        ("to an endpoint in another subnet", "vpc-7-i-3-4", "vpc-7-sqs"),
        ("to the internet through NAT", "vpc-7-i-3-4", "198.51.100.10"),
    ):
        answer = net.trace(source, to)
        assert answer.trip is not None
        yield name, answer.trip.flow


def _best(function: Callable[[], object], calls: int = CALLS) -> float:
    function()
    best = float("inf")
    for _ in range(ROUNDS):
        started = time.perf_counter()
        for _ in range(calls):
            function()
        best = min(best, (time.perf_counter() - started) / calls)
    return best * 1e6
