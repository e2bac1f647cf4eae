"""The network as a graph: what contains, guards, routes and serves what. It is derived for pictures and for searches; the
packet's way is decided by the indexes of `Network`, never by this graph.

Nodes and edges come from every resource's `links`. Their order follows the kinds and the ids, so that two spellings of
one network give one graph, in every run.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from vpcsim.network import Network
from vpcsim.resource import Link, Resource

if TYPE_CHECKING:
    import networkx

CONTAINS = "contains"
"""The relation of what encloses to what is inside."""
SERVES = "serves"
"""The relation of an endpoint to its service."""


def graph(net: Network) -> networkx.MultiDiGraph:
    """Every resource as a node, every link as an edge with its `relation` as attribute and key.

    A node has the attributes `id`, `kind`, `name` and `label`, and `origin` (`file:line:column`) where that is known, all of
    them text. Besides the kinds of the model there are `internet`, `service` for a service that an endpoint leads to, and
    `unknown` for what a route leads to and the model does not hold.
    """
    import networkx

    resources = list(_resources(net))
    made = networkx.MultiDiGraph()
    for resource in resources:
        made.add_node(resource.id, **_attributes(resource))
    for link in sorted(link for resource in resources for link in resource.links(net)):
        _add(made, link)
    return made


def _resources(net: Network) -> Iterable[Resource]:
    shapes = net.topology.settings.shapes
    position = {shape.kind: number for number, shape in enumerate(shapes)}
    found = {resource.id: resource for shape in shapes for resource in shape.always()} | net.topology.resources
    return sorted(found.values(), key=lambda resource: (position.get(resource.kind, len(position)), resource.id))


def _attributes(resource: Resource) -> dict[str, str]:
    origin = {"origin": str(resource.origin)} if resource.origin else {}
    return _told(resource.id, resource.kind, resource.name) | origin


def _told(id: str, kind: str, name: str) -> dict[str, str]:
    return {"id": id, "kind": kind, "name": name, "label": f"{name} ({id})" if name not in ("", id) else id}


def _add(made: networkx.MultiDiGraph, link: Link) -> None:
    kind = "service" if link.relation == SERVES else "unknown"
    for end in (link.source, link.target):
        if end not in made:
            made.add_node(end, **_told(end, kind, end))
    made.add_edge(link.source, link.target, key=link.relation, relation=link.relation)
