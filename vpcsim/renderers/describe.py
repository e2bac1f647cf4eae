"""A model as describe output: what AWS's API would say of it, completed by what AWS makes and chooses itself."""

from __future__ import annotations

from typing import Any

from vpcsim.network import Network
from vpcsim.resolution import DEFAULT_SWITCHES
from vpcsim.topology import Topology


def lists(net: Network) -> dict[str, list[dict[str, Any]]]:
    """The model's resources by the names of their lists. `Assumed` of an item names the fields that AWS would choose."""
    topology = net.topology
    dumped = topology.dump()
    ids = {shape.section: shape.fields["id"].api for shape in topology.settings.shapes}
    for section, items in dumped.items():
        for item in items:
            if assumed := topology.resources[item[ids[section]]].assumed:
                item["Assumed"] = sorted(assumed)
    return dumped


def head(topology: Topology) -> dict[str, Any]:
    """What stands beside the lists: whose they are, and what the model says of points that AWS leaves open."""
    settings = topology.settings
    switches = {k: v for k, v in settings.dns._asdict().items() if v != getattr(DEFAULT_SWITCHES, k)}
    about: dict[str, Any] = {"Account": settings.account, "Region": settings.region}
    return {**about, "DnsSwitches": switches} if switches else about


def document(net: Network) -> dict[str, Any]:
    """The model as one object."""
    return {**head(net.topology), **lists(net)}
