"""The models under the names of their `Name` tags, so that several spellings of a network can be compared."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vpcsim.gateways.interface_endpoint import regional_name
from vpcsim.gateways.vpc_endpoint_service import service_name
from vpcsim.readers import cloudformation, describe, documents_of, terraform
from vpcsim.readers.reading import Reading
from vpcsim.resource import Draft, Patch
from vpcsim.topology import Topology

SQS = "com.amazonaws.us-east-1.sqs"
MODELS = Path(__file__).parents[1] / "models"


def topology_of(path: Path, names: Mapping[str, str] = {}) -> Topology:
    """The topology of an input, its resources known by their `Name` tags or by these names."""
    reading = reading_of(path)
    found = {item.id: name for item in reading.declared if isinstance(item, Draft) and (name := _name(item))}
    found |= names
    for id, name in list(found.items()):
        found[service_name(id, "us-east-1")] = service_name(name, "us-east-1")
        found[regional_name(id, SQS)] = regional_name(name, SQS)
    declared = _renamed(reading.declared, sorted(found.items(), key=lambda pair: -len(pair[0])))
    return Topology.build(reading.settings, declared)


def reading_of(path: Path) -> Reading:
    documents = documents_of([path])
    reader = next(reader for reader in (terraform, cloudformation, describe) if reader.recognises(documents[0]))
    return reader.read(documents, {})


def _name(draft: Draft) -> str | None:
    tags = draft.fields.get("Tags") or ()
    return next((tag["Value"] for tag in tags if tag["Key"] == "Name"), None)


def _renamed(declared: Any, names: list[tuple[str, str]]) -> list[Draft | Patch]:
    known = dict(names)
    made: list[Draft | Patch] = []
    for item in declared:
        fields = _value(item.fields, names)
        if isinstance(item, Patch):
            made.append(item._replace(target=known.get(item.target, item.target), fields=fields))
        else:
            made.append(Draft(item.shape, known.get(item.id, item.id), fields, item.origin, item.assumed))
    return made


def _value(value: Any, names: list[tuple[str, str]]) -> Any:
    if isinstance(value, str):
        for id, name in names:
            value = value.replace(id, name)
        return value
    if isinstance(value, dict):
        return {key: _value(item, names) for key, item in value.items()}
    return [_value(item, names) for item in value] if isinstance(value, list) else value


NO_NETWORK = ("Name", "Description", "ImageId", "InstanceType", "LoadBalancerName")


def canonical(topology: Topology, without: tuple[str, ...] = ()) -> dict[str, Any]:
    """The topology without the order of sets, the grouping of rules, what is no part of a network, and these fields."""
    left_out = {*NO_NETWORK, *without}
    return {section: sorted((_canonical(r, left_out) for r in records), key=str) for section, records in topology.dump().items()}


def _canonical(value: Any, left_out: set[str]) -> Any:
    if isinstance(value, dict):
        return {key: _canonical(_split(item), left_out) for key, item in sorted(value.items()) if key not in left_out}
    return sorted((_canonical(item, left_out) for item in value), key=str) if isinstance(value, list) else value


def _split(permissions: Any) -> Any:
    """Permissions with one peer each."""
    if not (isinstance(permissions, list) and permissions and isinstance(permissions[0], dict) and "IpRanges" in permissions[0]):
        return permissions
    peers = ("IpRanges", "Ipv6Ranges", "PrefixListIds", "UserIdGroupPairs")
    return [{**p, **{key: [] for key in peers}, name: [peer]} for p in permissions for name in peers for peer in p[name]]
