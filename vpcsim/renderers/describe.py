"""A model as describe output: what AWS's API would say of it, completed by what AWS makes and chooses itself."""

from __future__ import annotations

from typing import Any

from vpcsim.network import Network
from vpcsim.resolution import DEFAULT_SWITCHES
from vpcsim.resource import Resource
from vpcsim.topology import Topology


def lists(net: Network) -> dict[str, list[dict[str, Any]]]:
    """The model's resources by the names of their lists. `Assumed` of an item names the fields that AWS would choose.

    Whose an item is stands in it where the answer around it says otherwise.
    """
    topology = net.topology
    dumped = topology.dump()
    ids = {shape.section: shape.fields["id"].api for shape in topology.settings.shapes}
    for section, items in dumped.items():
        for item in items:
            resource = topology.resources[item[ids[section]]]
            if resource.assumed:
                item["Assumed"] = sorted(resource.assumed)
            item |= _whose(resource, topology)
    return dumped


def _whose(resource: Resource, topology: Topology) -> dict[str, str]:
    """The Region and the account of a resource, as far as they are not those of the model."""
    settings = topology.settings
    told = {
        "Region": (topology.region_of(resource), settings.region),
        "OwnerId": (topology.account_of(resource), settings.account),
    }
    return {name: own for name, (own, usual) in told.items() if own != usual}


def head(topology: Topology) -> dict[str, Any]:
    """What stands beside the lists: whose they are, and what the model says of points that AWS leaves open."""
    settings = topology.settings
    switches = {k: v for k, v in settings.dns._asdict().items() if v != getattr(DEFAULT_SWITCHES, k)}
    about: dict[str, Any] = {"Account": settings.account, "Region": settings.region}
    return {**about, "DnsSwitches": switches} if switches else about


def document(net: Network) -> dict[str, Any]:
    """The model as one object."""
    return {**head(net.topology), **lists(net)}
