"""Terraform's statements under the names of their `Name` tags, so that two spellings of a network can be compared."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vpcsim.gateways.vpc_endpoint_service import service_name
from vpcsim.readers import terraform
from vpcsim.readers.document import Map
from vpcsim.readers.document import read as read_document
from vpcsim.readers.terraform.hcl import document_of
from vpcsim.resource import Draft, Patch
from vpcsim.topology import Topology

MODELS = Path(__file__).parents[1] / "models"


def topology_of(path: Path) -> Topology:
    """The topology of a plan, a state or a folder of sources, its resources known by their names."""
    document = document_of(str(path)) if path.is_dir() else read_document(path)
    assert isinstance(document, Map)
    reading = terraform.read([document], {})
    names = {item.id: name for item in reading.declared if isinstance(item, Draft) and (name := _name(item))}
    for address, name in list(names.items()):
        names[service_name(address, "us-east-1")] = service_name(name, "us-east-1")
    return Topology.build(reading.settings, [_renamed(item, names) for item in reading.declared])


def _name(draft: Draft) -> str | None:
    tags = draft.fields.get("Tags") or ()
    return next((tag["Value"] for tag in tags if tag["Key"] == "Name"), None)


def _renamed(item: Draft | Patch, names: Mapping[str, str]) -> Draft | Patch:
    fields: dict[str, Any] = _value(item.fields, sorted(names.items(), key=lambda pair: -len(pair[0])))
    if isinstance(item, Patch):
        return item._replace(target=names.get(item.target, item.target), fields=fields)
    return Draft(item.shape, names.get(item.id, item.id), fields, item.origin, item.assumed)


def _value(value: Any, names: list[tuple[str, str]]) -> Any:
    if isinstance(value, str):
        for address, name in names:
            value = value.replace(address, name)
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
