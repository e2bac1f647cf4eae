"""Who reaches whom: every pair of ends by the ordinary trace, so that all pairs have no second semantics.

print(matrix(net, port=5432).reachable)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from vpcsim.asking import trace
from vpcsim.network import Network
from vpcsim.reachability import Reachability
from vpcsim.trace import Verdict

ENDS = ("interface", "lambda")
"""The kinds of interfaces behind which programs of the account run."""


@dataclass(frozen=True)
class Matrix:
    """The answer for every pair of a source and a target."""

    answers: Mapping[tuple[str, str], Reachability]

    def having(self, verdict: Verdict) -> list[str]:
        """The pairs with this verdict, as `AppServer -> DbServer`."""
        return [f"{source} -> {to}" for (source, to), answer in self.answers.items() if answer.verdict is verdict]

    @property
    def reachable(self) -> list[str]:
        return self.having(Verdict.REACHABLE)


def matrix(
    net: Network,
    sources: Iterable[str] | None = None,
    targets: Iterable[str] | None = None,
    protocol: str | int = "tcp",
    port: int | str | None = None,
) -> Matrix:
    """Trace every source to every target but itself. Both are all ends of the network if they are not given.

    Raises as `trace`.
    """
    known = ends(net)
    pairs = [(source, to) for source in sources or known for to in targets or known if source != to]
    return Matrix({(source, to): trace(net, source, to, protocol=protocol, port=port) for source, to in pairs})


def ends(net: Network) -> list[str]:
    """The resources in which programs of the account run, in the order in which they are written."""
    return [owner for owner, held in net.index.interfaces_of.items() if any(_is_end(net, interface) for interface in held)]


def _is_end(net: Network, interface: str) -> bool:
    return getattr(net.places[interface], "interface_type", "") in ENDS
