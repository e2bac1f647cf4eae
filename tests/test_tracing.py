"""The walk itself: long ways, loops, and what it remembers."""

from __future__ import annotations

from typing import Any

import pytest
from networks import ask, end_of, network

from vpcsim import Network
from vpcsim.tracing import reaches


def chain(length: int, back_to: int | None = None) -> Network:
    """Appliances, each in a subnet of its own, that hand on to the next; the last one to the internet or to another one."""
    numbers = range(length)
    targets = [f"eni-{n + 1}" for n in numbers[:-1]] + ["igw" if back_to is None else f"eni-{back_to}"]
    model: dict[str, Any] = {
        "vpcs": {"myVPC": "10.0.0.0/16"},
        "internet_gateways": {"igw": "myVPC"},
        "subnets": {f"net-{n}": f"10.0.{n}.0/24" for n in numbers},
        "security_groups": {"open": {"ingress": "all from 0.0.0.0/0"}},
        "network_interfaces": {f"eni-{n}": {"subnet": f"net-{n}", "security_groups": "open"} for n in numbers},
        "instances": {
            f"host-{n}": {
                "NetworkInterfaces": [{"NetworkInterfaceId": f"eni-{n}"}],
                "source_dest_check": False,
                "forwards": "pass",
            }
            for n in numbers
        },
        "elastic_ips": {"ip": {"instance": "host-0", "ip": "198.51.100.1"}},
        "route_tables": {f"table-{n}": {"subnets": [f"net-{n}"], "routes": {"0.0.0.0/0": targets[n]}} for n in numbers},
    }
    return network("{}", **model)


@pytest.mark.parametrize(
    ("length", "end"),
    [(12, "reachable"), (30, "reachable"), (40, "loop VPCSIM_TOO_MANY_HOPS host-32")],
)
def test_a_long_way_is_no_loop(length: int, end: str) -> None:
    net = chain(length)
    answer = ask(net, "host-0 -> 192.0.2.9 443/tcp")
    assert answer.trip is not None
    assert end_of(answer) == end
    assert reaches(net, answer.trip.flow) is answer.reachable


@pytest.mark.parametrize(
    ("length", "back_to", "because"),
    [
        (3, 1, "host-1: a loop, the packet is here again by way of eni-1, net-1, eni-2, host-2, net-2"),
    ],
)
def test_a_loop_is_told_with_who_is_in_it(length: int, back_to: int, because: str) -> None:
    net = chain(length, back_to)
    answer = ask(net, "host-0 -> 192.0.2.9 443/tcp")
    assert answer.trip is not None
    assert (answer.codes, answer.because) == (("VPCSIM_LOOP",), because)
    assert not reaches(net, answer.trip.flow)


def test_by_which_places_and_rules_a_way_goes() -> None:
    answer = ask(chain(2), "host-0 -> 192.0.2.9 443/tcp")
    assert answer.trip is not None
    there, back = answer.trip.there, answer.trip.back
    assert back is not None
    assert [place for place in ("host-0", "eni-1", "table-0", "open", "igw", "host-9", "table-9") if there.passes(place)] == [
        "host-0", "eni-1", "table-0", "open", "igw",
    ]  # fmt: skip
    assert (there.at, back.at) == ("internet", "host-0")
    assert str(there.arrived) != str(there.packet)
    assert (back.packet, back.arrived) == (there.arrived.reversed(), there.packet.reversed())
