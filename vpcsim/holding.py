"""Tables of who holds an address, where some hold whole prefixes that are too large to list.

An interface may have IPv6 prefixes of 2^48 addresses delegated to it. A network without them keeps plain dictionaries.

Source: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-prefix-eni.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from vpcsim.prefixes import Prefix

K = TypeVar("K")
V = TypeVar("V")


class Addresses(tuple[int, ...]):
    """Addresses in their order, and beside them every address of some prefixes."""

    prefixes: tuple[Prefix, ...]

    def __new__(cls, numbers: Iterable[int], prefixes: Iterable[Prefix]) -> Addresses:
        made = super().__new__(cls, numbers)
        made.prefixes = tuple(prefixes)
        return made

    def __contains__(self, number: object) -> bool:
        return super().__contains__(number) or (isinstance(number, int) and any(p.holds(number) for p in self.prefixes))


class Holders(dict[K, V]):
    """A table that asks `otherwise` for the keys that it does not list."""

    def __init__(self, listed: Mapping[K, V], otherwise: Callable[[K], V | None]) -> None:
        super().__init__(listed)
        self.otherwise = otherwise

    def get(self, key: K, default: Any = None) -> Any:
        found = super().get(key)
        if found is None:
            found = self.otherwise(key)
        return default if found is None else found

    def __contains__(self, key: Any) -> bool:
        return self.get(key) is not None
