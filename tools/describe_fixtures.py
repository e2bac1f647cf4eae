"""Write the models as AWS would describe them, from their native files: with ids such as AWS gives, and names in tags.

    python tools/describe_fixtures.py [MODEL...]

Whatever the native format adds for itself is left out: what was assumed, what an appliance does, networks on premises.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import vpcsim
from vpcsim.gateways.interface_endpoint import regional_name
from vpcsim.gateways.vpc_endpoint_service import service_name
from vpcsim.renderers import describe
from vpcsim.resource import Resource
from vpcsim.stable import stable_hex

ROOT = Path(__file__).resolve().parent.parent
PREFIXES = {
    "carrier_gateway": "cagw", "customer_gateway": "cgw", "egress_only_internet_gateway": "eigw", "elastic_ip": "eipalloc",
    "gateway_endpoint": "vpce", "gateway_load_balancer_endpoint": "vpce", "instance": "i", "interface_endpoint": "vpce",
    "internet_gateway": "igw", "nat_gateway": "nat", "network_acl": "acl", "network_interface": "eni", "prefix_list": "pl",
    "route_table": "rtb", "security_group": "sg", "subnet": "subnet", "transit_gateway": "tgw",
    "transit_gateway_attachment": "tgw-attach", "transit_gateway_route_table": "tgw-rtb", "vpc": "vpc",
    "vpc_endpoint_service": "vpce-svc", "vpc_peering_connection": "pcx", "vpn_connection": "vpn", "vpn_gateway": "vgw",
}  # fmt: skip
"""By kind: what AWS's ids begin with. Others go by names."""
OWN = ("Assumed", "DefaultGroup", "Forwards", "InUseBy", "Name", "Undescribed", "WantsIpv6Address", "WantsPublicAddress")


def main() -> int:
    for path in sorted(ROOT.glob("models/*/network.yaml")):
        if len(sys.argv) == 1 or path.parent.name in sys.argv[1:]:
            folder = path.parent / "describe"
            folder.mkdir(exist_ok=True)
            (folder / "answers.json").write_text(json.dumps(_document(path), indent=1) + "\n")
    return 0


def _document(path: Path) -> dict[str, Any]:
    net = vpcsim.load(path)
    topology = net.topology
    ids = {id: made for id, resource in topology.resources.items() if (made := _id(resource))}
    texts = {service_name(id, topology.region_of(id)): service_name(made, topology.region_of(id)) for id, made in ids.items()}
    for endpoint in topology.of_kind("interface_endpoint"):
        service = str(getattr(endpoint, "service_name", ""))
        texts[regional_name(endpoint.id, service)] = regional_name(ids[endpoint.id], service)
    lists = describe.document(net)
    own = {key: value for key, value in lists.items() if key != "OnPremisesNetworks"}
    written = {key: [*_items(key, value)] if isinstance(value, list) else value for key, value in own.items()}
    renamed: dict[str, Any] = _renamed(written, ids, texts)
    return renamed


def _id(resource: Resource) -> str:
    """An id such as AWS gives, always the same one; those that are such ids already stay."""
    prefix = PREFIXES.get(resource.kind, "")
    return f"{prefix}-0{stable_hex(resource.id, 16)}" if prefix and not resource.id.startswith(f"{prefix}-") else ""


def _items(section: str, items: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for item in items:
        made = {key: value for key, value in item.items() if key not in OWN or (key == "Name" and section == "HostedZones")}
        if "Tags" in made:
            made["Tags"] = [*made["Tags"], {"Key": "Name", "Value": next(iter(item.values()))}]
        if section == "NetworkInterfaces":
            yield _interface(made)
        elif section in ("CustomerGateways", "VirtualInterfaces"):
            yield {key: value for key, value in made.items() if key != "OnPremisesNetworkId"}
        elif section == "Instances":
            yield {**made, "State": {"Code": 16, "Name": "running"}}
        else:
            yield made


def _interface(made: dict[str, Any]) -> dict[str, Any]:
    owner = made.pop("AttachedTo", "")
    index = made.pop("DeviceIndex", 0)
    attached = {"DeviceIndex": index, "Status": "attached"}
    if made.get("InterfaceType") == "interface":
        attached["InstanceId"] = owner
    return {**made, "Attachment": attached, "Status": "in-use"}


def _renamed(value: Any, ids: Mapping[str, str], texts: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        for text, made in texts.items():
            value = value.replace(text, made)
        return ids.get(value, value)
    if isinstance(value, dict):
        return {k: item if k == "Tags" else _renamed(item, ids, texts) for k, item in value.items()}
    return [_renamed(item, ids, texts) for item in value] if isinstance(value, list) else value


if __name__ == "__main__":
    raise SystemExit(main())
