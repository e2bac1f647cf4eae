"""How the native format spells the records of a hosted zone.

    records:
      app: 10.0.0.10                                   # A, or AAAA
      www: CNAME app.internal.example
      "@": {type: TXT, values: hello, ttl: 60}         # the zone itself
      blue: [{value: 10.0.0.1, weight: 3, health: check}, {value: 10.0.0.2, weight: 1}]

Names are relative to the zone, unless they end with its name.

Source: https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-values.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from vpcsim.errors import InputError, Origin, Problem, nearest
from vpcsim.resource import as_list

_SPELLED = {
    "evaluate_target_health": "EvaluateTargetHealth",
    "id": "SetIdentifier",
    "weight": "Weight",
    "region": "Region",
    "failover": "Failover",
    "multivalue": "MultiValueAnswer",
    "geolocation": "GeoLocation",
    "geoproximity": "GeoProximityLocation",
    "health": "HealthCheckId",
}
_WORDS = ("type", "values", "value", "ttl", "alias", *_SPELLED)
_PLACES = {"continent": "ContinentCode", "country": "CountryCode", "state": "SubdivisionCode"}
_ROUTED = ("Weight", "Region", "Failover", "MultiValueAnswer", "GeoLocation", "GeoProximityLocation")


def record_sets(records: Any, zone: str) -> Iterator[dict[str, Any]]:
    """The record sets, API-shaped, of the `records` of a zone. Raises InputError for a word that is not known."""
    zone = zone.rstrip(".").lower()
    for key, value in dict(records).items():
        name = str(key).rstrip(".").lower()
        full = zone if name == "@" else name if name == zone or name.endswith(f".{zone}") else f"{name}.{zone}"
        several = isinstance(value, list) and any(isinstance(item, Mapping) for item in value)
        written_at = _place(records, key)
        for number, item in enumerate(value if several else [value]):
            entry = item if isinstance(item, Mapping) else {"values": item}
            made = _record_set(entry, full, number)
            yield {**made, "WrittenAt": getattr(item, "origin", None) or written_at}


def _place(records: Any, key: str) -> Origin | None:
    place = getattr(records, "places", {}).get(key)
    return Origin(records.file, place[0], place[1]) if place else None


def _record_set(entry: Mapping[str, Any], name: str, number: int) -> dict[str, Any]:
    for word in entry:
        if word not in _WORDS:
            close = nearest(word, _WORDS)
            hint = f"did you mean `{close}`?" if close else f"known: {', '.join(_WORDS)}"
            raise InputError(Problem(f"{name}: no word `{word}` in a record; {hint}", getattr(entry, "origin", None)))
    made: dict[str, Any] = {"Name": name, "TTL": entry.get("ttl", 300)}
    made |= {api: entry[word] for word, api in _SPELLED.items() if word in entry and word != "evaluate_target_health"}
    if any(api in made for api in _ROUTED):
        made["SetIdentifier"] = str(entry.get("id", number + 1))
    if "Failover" in made:
        made["Failover"] = str(made["Failover"]).upper()
    made |= _places(made)
    return {**made, **_answer(entry)}


def _places(made: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    if (location := made.get("GeoLocation")) is not None:
        area = location if isinstance(location, Mapping) else {"country": location}
        yield "GeoLocation", {_PLACES.get(word, word): code for word, code in area.items()}
    if (location := made.get("GeoProximityLocation")) is not None:
        given = location if isinstance(location, Mapping) else {"region": location}
        degrees = {word.capitalize(): str(given[word]) for word in ("latitude", "longitude") if word in given}
        place = {"Coordinates": degrees} if degrees else {"AWSRegion": given.get("region", "")}
        yield "GeoProximityLocation", {**place, "Bias": given.get("bias", 0)}


def _answer(entry: Mapping[str, Any]) -> dict[str, Any]:
    """The type, and the values or the alias target."""
    if alias := entry.get("alias"):
        health = {"EvaluateTargetHealth": entry.get("evaluate_target_health", False)}
        return {"Type": entry.get("type", "A"), "AliasTarget": {"DNSName": alias, **health}}
    texts = [str(text) for text in as_list(entry.get("values", entry.get("value")))]
    kind, _, rest = texts[0].partition(" ") if texts else ("", "", "")
    if kind.isupper() and kind.isalpha() and rest and "type" not in entry:
        texts = [rest, *(text.removeprefix(f"{kind} ") for text in texts[1:])]
    else:
        kind = str(entry.get("type", "AAAA" if texts and ":" in texts[0] else "A")).upper()
    if kind in ("TXT", "SPF"):
        texts = [text if text.startswith('"') else f'"{text}"' for text in texts]
    return {"Type": kind, "ResourceRecords": [{"Value": text} for text in texts]}
