"""Packets that atheris makes by what they reach in the code: `python -m benchmarks.dns_atheris -runs=1000000`.

A program of its own, because libFuzzer takes over the process and ends it. Options are those of libFuzzer.
"""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["vpcsim.dns_server.answers", "vpcsim.dns_server.questions", "vpcsim.wire"]):
    from vpcsim.dns_server.answers import Answers, View

import vpcsim
from benchmarks.dns_fuzz import MODEL, check
from vpcsim.asking import vantage_of
from vpcsim.wire import UDP_SIZE


def main() -> None:
    net = vpcsim.load(MODEL)
    view = View(net, vantage_of(net, "AppServer"))
    answers = [(Answers(view, over_tcp=size > UDP_SIZE), size) for size in (UDP_SIZE, 0xFFFF)]

    def one(data: bytes) -> None:
        for served, size in answers:
            check(data, served.reply(data), size)
            assert not served.complaints

    atheris.Setup(sys.argv, one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
