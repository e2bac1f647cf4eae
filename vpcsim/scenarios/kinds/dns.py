"""What a name answers to `from`."""

from __future__ import annotations

from typing import Any

from vpcsim.asking import resolve
from vpcsim.prefixes import PRIVATE, UNIQUE_LOCAL, Prefix, address
from vpcsim.resolution import UNDECIDED, Resolution
from vpcsim.scenarios.kinds.kind import Answered, Bench, Kind
from vpcsim.scenarios.scenario import Check

_PRIVATE = (*PRIVATE, UNIQUE_LOCAL)


def _ask(check: Check, bench: Bench) -> Answered:
    asked = check.asked("name")
    found = resolve(bench.net, check.source, str(asked["name"]), str(asked.get("type", "A")))
    told = ", ".join(record.data for record in found.records) or found.rcode
    story = "\n".join(lookup.because for lookup in found.steps)
    undecided = found.steps[-1].because if found.rcode == UNDECIDED else ""
    return Answered(told, _faults(check, found, told, story), story, undecided=undecided)


def _faults(check: Check, found: Resolution, told: str, story: str) -> list[str]:
    expected, faults = check.expected, []
    wanted = expected.get("answers")
    if wanted is not None and not _answers(found, wanted):
        faults.append(f"expected answers {wanted}, got {told}")
    if (rcode := expected.get("rcode")) and rcode != found.rcode:
        faults.append(f"expected {rcode}, got {found.rcode}")
    if (at := expected.get("at")) and at != found.owner:
        faults.append(f"expected at {at}, answered at {found.owner}")
    if (because := expected.get("because")) and str(because) not in story:
        faults.append(f"expected a reason to say `{because}`, they say `{story}`")
    return faults


def _answers(found: Resolution, wanted: Any) -> bool:
    """`public`, `private`, a CIDR block that holds every address, or the exact list."""
    numbers = [address(text) for text in found.addresses]
    if wanted in ("public", "private"):
        return bool(numbers) and all(_is_private(number) == (wanted == "private") for number in numbers)
    if isinstance(wanted, str) and "/" in wanted:
        return bool(numbers) and all(Prefix.parse(wanted).holds(number) for number in numbers)
    data = [record.data for record in found.records]
    return sorted(data) == sorted(map(str, wanted if isinstance(wanted, list) else [wanted]))


def _is_private(number: int) -> bool:
    return any(block.holds(number) for block in _PRIVATE)


DNS = Kind("what a name answers", _ask, ("answers", "rcode", "at", "because"), ("name", "type"), ("name",))
