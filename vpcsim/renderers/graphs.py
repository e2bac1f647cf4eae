"""The network as a picture: GraphML for tools that work on graphs, DOT for Graphviz, Mermaid for Markdown pages.

All three come from `Network.graph`. In DOT and Mermaid a VPC and a subnet enclose what they contain; that relation is
told by the nesting alone, every other one by an arrow. Output is the same for the same network.

Sources: http://graphml.graphdrawing.org/specification.html, https://graphviz.org/doc/info/lang.html (quoting),
https://graphviz.org/docs/attr-types/escString/, https://graphviz.org/docs/attrs/compound/,
https://mermaid.js.org/syntax/flowchart.html (subgraphs, entity codes),
https://mermaid.js.org/config/schema-docs/config.html (limits).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import TYPE_CHECKING, NamedTuple

from vpcsim.graph import CONTAINS
from vpcsim.network import Network
from vpcsim.renderers.printable import printable

if TYPE_CHECKING:
    import networkx


class Look(NamedTuple):
    """How a kind is drawn: the style class, Graphviz's shape, Mermaid's brackets, the colour of the line."""

    style: str
    shape: str
    brackets: tuple[str, str]
    color: str
    encloses: bool = False


_NETWORK = Look("network", "box", ("[", "]"), "#8C4FFF")
_GUARD = Look("guard", "octagon", ("{{", "}}"), "#DD344C")
_GATEWAY = Look("gateway", "cds", ("[/", "/]"), "#1E8900")
_COMPUTE = Look("compute", "box3d", ("[[", "]]"), "#ED7100")
_ACCOUNT = Look("account", "note", ("([", "])"), "#E7157B")
_NAMES = Look("names", "tab", ("[(", ")]"), "#01A88D")
_BEYOND = Look("beyond", "ellipse", ("((", "))"), "#5A6B86")
OTHER = Look("other", "box", ("[", "]"), "#7D8998")
"""The look of every kind that is not in `LOOKS`."""

LOOKS = {
    "vpc": _NETWORK._replace(encloses=True),
    "subnet": _NETWORK._replace(encloses=True),
    "route_table": _NETWORK,
    "network_interface": _NETWORK,
    "elastic_ip": _NETWORK,
    "prefix_list": _NETWORK,
    "security_group": _GUARD,
    "network_acl": _GUARD,
    "internet_gateway": _GATEWAY,
    "nat_gateway": _GATEWAY,
    "interface_endpoint": _GATEWAY,
    "gateway_endpoint": _GATEWAY,
    "vpn_gateway": _GATEWAY,
    "customer_gateway": _GATEWAY,
    "vpn_connection": _GATEWAY,
    "vpn_concentrator": _GATEWAY,
    "direct_connect_gateway": _GATEWAY,
    "virtual_interface": _GATEWAY,
    "client_vpn_endpoint": _GATEWAY,
    "core_network": _GATEWAY,
    "carrier_gateway": _GATEWAY,
    "local_gateway": _GATEWAY,
    "on_premises_network": _BEYOND,
    "instance": _COMPUTE,
    "role": _ACCOUNT,
    "instance_profile": _ACCOUNT,
    "queue": _ACCOUNT,
    "hosted_zone": _NAMES,
    "host": _NAMES,
    "internet": _BEYOND,
    "service": _BEYOND,
}


def graphml(net: Network) -> str:
    """As GraphML, with every attribute of `Network.graph` as text. Ids are those of the input."""
    import networkx

    graph = net.graph()
    ids = _distinct(graph)
    plain = networkx.MultiDiGraph()
    for id, attributes in graph.nodes(data=True):
        plain.add_node(ids[id], **_texts(attributes))
    for number, (source, target, attributes) in enumerate(graph.edges(data=True)):
        plain.add_edge(ids[source], ids[target], key=f"e{number}", **_texts(attributes))
    written = BytesIO()
    networkx.write_graphml_xml(plain, written, named_key_ids=True)
    return written.getvalue().decode() + "\n"


def _distinct(ids: Iterable[str]) -> dict[str, str]:
    """Every id as printable text, with a mark behind it where two would become one."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for id in ids:
        text = printable(id)
        while text in taken:
            text += "\ufffd"
        taken.add(text)
        found[id] = text
    return found


def _texts(attributes: dict[str, object]) -> dict[str, str]:
    return {name: printable(str(value)) for name, value in attributes.items()}


class Picture:
    """The graph, nested: which container encloses a node, and the edges that remain to be drawn."""

    def __init__(self, graph: networkx.MultiDiGraph) -> None:
        self.nodes: dict[str, dict[str, str]] = dict(graph.nodes(data=True))
        self.id = _distinct(self.nodes)
        """For DOT, whose ids may be any text."""
        self.number = {id: f"n{number}" for number, id in enumerate(self.nodes)}
        """For Mermaid, whose ids may not."""
        self.parent: dict[str, str] = {}
        self.edges: list[tuple[str, str, str]] = []
        for source, target, relation in graph.edges(data="relation"):
            if relation == CONTAINS and self.encloses(source) and target not in self.parent:
                self.parent[target] = source
            else:
                self.edges.append((source, target, relation))
        self.children: dict[str | None, list[str]] = {}
        for id in self.nodes:
            self.children.setdefault(self.parent.get(id), []).append(id)

    def look(self, id: str) -> Look:
        return LOOKS.get(self.nodes[id]["kind"], OTHER)

    def encloses(self, id: str) -> bool:
        return self.look(id).encloses

    def text(self, id: str) -> str:
        """What is written on a node: its kind, and its label on the next line."""
        return f"{self.nodes[id]['kind'].replace('_', ' ')}\n{self.nodes[id]['label']}"

    def meets_border(self, id: str, other: str) -> bool:
        """Whether an edge between the two ends at the border of `id`: it is a container, and the other end is outside."""
        place: str | None = other
        while place is not None and place != id:
            place = self.parent.get(place)
        return self.encloses(id) and place is None


def dot(net: Network) -> str:
    """As a DOT file: one cluster for a VPC, and one for each subnet inside it.

    An edge of a VPC or a subnet ends at the border of its cluster; an invisible point inside carries it.
    """
    picture = Picture(net.graph())
    return "\n".join(("digraph vpcsim {", *_DOT_SETTINGS, *_dot_nodes(picture, None, "  "), *_dot_edges(picture), "}", ""))


_DOT_SETTINGS = (
    '  graph [compound=true, rankdir=LR, fontname="sans-serif", bgcolor="transparent"];',
    '  node [fontname="sans-serif", fontsize=11, style="filled", fillcolor="white"];',
    '  edge [fontname="sans-serif", fontsize=9, color="#7D8998", fontcolor="#7D8998"];',
)


def _dot_nodes(picture: Picture, parent: str | None, indent: str) -> Iterator[str]:
    for id in picture.children.get(parent, ()):
        look, origin = picture.look(id), picture.nodes[id].get("origin", "")
        drawn = {"label": _shown(picture.text(id)), "tooltip": _shown(origin), "color": _quoted(look.color)}
        if look.encloses:
            drawn |= {"fontcolor": _quoted(look.color), "style": "rounded"}
            yield f"{indent}subgraph {_cluster(picture.id[id])} {{"
            yield f"{indent}  graph [{_listed(drawn)}];"
            yield f"{indent}  {_quoted(picture.id[id])} [shape=point, style=invis];"
            yield from _dot_nodes(picture, id, f"{indent}  ")
            yield f"{indent}}}"
        else:
            yield f"{indent}{_quoted(picture.id[id])} [{_listed({'shape': look.shape, **drawn})}];"


def _dot_edges(picture: Picture) -> Iterator[str]:
    for source, target, relation in picture.edges:
        drawn = {"label": _shown(relation)}
        if picture.meets_border(source, target):
            drawn["ltail"] = _cluster(picture.id[source])
        if picture.meets_border(target, source):
            drawn["lhead"] = _cluster(picture.id[target])
        yield f"  {_quoted(picture.id[source])} -> {_quoted(picture.id[target])} [{_listed(drawn)}];"


def _listed(attributes: dict[str, str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in attributes.items())


def _cluster(id: str) -> str:
    return _quoted(f"cluster_{id}")


def _quoted(text: str) -> str:
    """A quoted string of DOT. A backslash is doubled, so that none reaches the closing quote or means something."""
    escaped = printable(text).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _shown(text: str) -> str:
    """A quoted string that is shown: Graphviz reads HTML entities in it, so that `&` has to be one."""
    return _quoted(text.replace("&", "&amp;"))


def mermaid(net: Network) -> str:
    """As a Mermaid flowchart with subgraphs for VPCs and subnets. Ids are numbers: words such as `end` are reserved.

    An edge from inside a subgraph to itself, and a subgraph that is empty, would fail: both get a small circle inside.
    Mermaid draws at most 500 edges unless its `maxEdges` says otherwise.
    """
    picture = Picture(net.graph())
    inner = {id for id in picture.nodes if picture.encloses(id) and id not in picture.children}
    edges = list(_mermaid_edges(picture, inner))
    return "\n".join(("flowchart LR", *_mermaid_nodes(picture, None, inner, "  "), *edges, *_mermaid_styles(picture), ""))


def _mermaid_edges(picture: Picture, inner: set[str]) -> Iterator[str]:
    for source, target, relation in picture.edges:
        ends = []
        for id, other in ((source, target), (target, source)):
            if picture.encloses(id) and not picture.meets_border(id, other):
                inner.add(id)
                ends.append(f"{picture.number[id]}i")
            else:
                ends.append(picture.number[id])
        yield f"  {ends[0]} -->|{_mermaid_text(relation)}| {ends[1]}"


def _mermaid_nodes(picture: Picture, parent: str | None, inner: set[str], indent: str) -> Iterator[str]:
    for id in picture.children.get(parent, ()):
        number, text, (opening, closing) = picture.number[id], _mermaid_text(picture.text(id)), picture.look(id).brackets
        if not picture.encloses(id):
            yield f"{indent}{number}{opening}{text}{closing}"
            continue
        yield f"{indent}subgraph {number}[{text}]"
        if id in inner:
            yield f'{indent}  {number}i((" "))'
        yield from _mermaid_nodes(picture, id, inner, f"{indent}  ")
        yield f"{indent}end"


def _mermaid_styles(picture: Picture) -> Iterator[str]:
    members: dict[tuple[str, str], list[str]] = {}
    for id, number in picture.number.items():
        look = picture.look(id)
        members.setdefault((look.style, look.color), []).append(number)
    for (style, color), numbers in members.items():
        yield f"  classDef {style} stroke:{color},stroke-width:2px"
        yield f"  class {','.join(numbers)} {style}"


_HOSTILE = re.compile(r"[^\w ./()-]|(?<![^\W_])[_./-]|[_./-](?![^\W_])|(?<=www)\.| (?= )", re.IGNORECASE)
"""Characters that may mean something to Mermaid, or to the Markdown that it reads in labels; not the dots of an address."""
_DECODED = re.compile(r"(?<=\$)(?=\$)|(?<=:)(?=fa-)", re.IGNORECASE)
"""Inside `$$` and `:fa-`, which Mermaid looks for after it has decoded entities: formulas and icons."""
WORD_JOINER = "\u2060"


def _mermaid_text(text: str) -> str:
    """A quoted text. What is hostile becomes an entity code, a line end `<br/>`."""
    lines = (line.strip() for line in _DECODED.sub(WORD_JOINER, printable(text)).splitlines())
    coded = (_HOSTILE.sub(lambda match: f"#{ord(match[0])};", line) for line in lines if line)
    return f'"{"<br/>".join(coded) or " "}"'
