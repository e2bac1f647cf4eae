"""What a reader makes of the documents of its kind."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from vpcsim.resource import Draft, Patch
from vpcsim.topology import Settings


class Reading(NamedTuple):
    """The statements of some documents, and what holds for all of them."""

    settings: Settings
    declared: Sequence[Draft | Patch]


def joined(readings: Iterable[Reading]) -> Reading:
    """Several readings as one: the Region, the account and the switches of the first, everything else of all."""
    first, *others = readings
    settings, declared = first.settings, list(first.declared)
    for other in others:
        settings = replace(
            settings,
            notices=(*settings.notices, *other.settings.notices),
            skipped=(*settings.skipped, *other.settings.skipped),
            assumptions=(*settings.assumptions, *other.settings.assumptions),
            observed=settings.observed | other.settings.observed,
            doubts=(*settings.doubts, *other.settings.doubts),
            aliases={**settings.aliases, **other.settings.aliases},
        )
        declared.extend(other.declared)
    return Reading(settings, declared)


def elsewhere(place: tuple[str, str], model: tuple[str, str]) -> dict[str, str]:
    """What says of a resource in this Region and account that it is not where the model is."""
    told = zip(("Region", "OwnerId"), place, model, strict=True)
    return {name: mine for name, mine, others in told if mine != others}
