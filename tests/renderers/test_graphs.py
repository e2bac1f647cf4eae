"""GraphML, DOT and Mermaid: what they hold, and that no name of the input can break them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from typing import Any

import networkx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vpcsim.network import Network
from vpcsim.readers import topology_of
from vpcsim.readers.document import parse
from vpcsim.renderers import graphs
from vpcsim.renderers.printable import printable

TEXT = """
vpcs: {net: 10.0.0.0/16, lone: 10.1.0.0/16}
subnets: {inside: {vpc: net, cidr: 10.0.0.0/24}, outside: {vpc: net, cidr: 10.0.1.0/24}, empty: {vpc: lone, cidr: 10.1.0.0/24}}
internet_gateways: {igw: net}
nat_gateways: {nat: outside}
route_tables:
  private: {vpc: net, subnets: inside, routes: {0.0.0.0/0: nat}}
  public: {vpc: net, subnets: outside, routes: {0.0.0.0/0: igw}}
instances: {app: {subnet: inside}}
"""
HOSTILE = (
    'say "no"', "it's", "a\nb", "a\r\nb", "tab\there", "back\\slash", "ends with \\", '\\"', "\\N \\l \\G", "\\'", "'';--",
    "<script>alert(1)</script>", "&amp; &lt; &", "]]>", "<!--", "a]b", "a[b", "(c)", "{d}", "{{x}}", "|e|", "a;b", "a-->b",
    "end", "subgraph", "graph", "digraph", "class", "default", "0", "true", "x:::y", "style x:#1;", "key: value", "---",
    "%% comment", "%%{init: {}}%%", "`code`", "**bold**", "_it_", "1. one", "- item", "# head", "$$x^2$$", "fa:fa-user",
    "www.example.com", "https://example.com/", "a@example.com", "#35;", "&#35;", "ﬂ°°35¶ß", "@{ shape: rect }", " leading",
    "trailing ", "two  spaces", "ação", "日本語", "🙂", "\u202eright to left", "\u2028line", "\x00", "\x07bell", "\x7f", "\x85",
    "\ufffe",
)  # fmt: skip
names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40) | st.sampled_from(HOSTILE)


def network() -> Network:
    return Network.of(topology_of([parse(TEXT, "network.yaml")]))


def named(id: str, name: str) -> Network:
    """The network with an instance of this id and name, in a subnet and a VPC with this name."""
    tagged = {"tags": {"Name": name}}
    changes = {"vpcs": {"net": tagged}, "subnets": {"inside": tagged}, "instances": {f"{id}!": {"subnet": "inside", **tagged}}}
    return network().with_changes(changes)


def hostile() -> Network:
    return network().with_changes(
        {
            "instances": {f"{name}!": {"subnet": "inside", "name": name} for name in HOSTILE},
            "subnets": {"inside": {"name": 'x"<&]\n'}},
        }
    )


# GraphML


def read_back(net: Network) -> tuple[list[tuple[str, dict[str, Any]]], list[tuple[str, str, str]]]:
    found = networkx.parse_graphml(graphs.graphml(net), force_multigraph=True)
    return list(found.nodes(data=True)), list(found.edges(data="relation"))


def as_text(net: Network) -> tuple[list[tuple[str, dict[str, Any]]], list[tuple[str, str, str]]]:
    graph = net.graph()
    ids = graphs._distinct(graph)
    nodes = [(ids[id], {k: printable(v) for k, v in data.items()}) for id, data in graph.nodes(data=True)]
    return nodes, [(ids[a], ids[b], printable(relation)) for a, b, relation in graph.edges(data="relation")]


def test_graphml_reads_back_as_it_was() -> None:
    assert read_back(network()) == as_text(network())


def test_graphml_has_ids_of_its_own_for_edges() -> None:
    ids = re.findall(r'<edge [^>]*\bid="([^"]*)"', graphs.graphml(network()))
    assert len(ids) == len(set(ids)) == network().graph().number_of_edges()


@given(names, names)
@settings(max_examples=60, deadline=None)
def test_graphml_holds_any_name(id: str, name: str) -> None:
    net = named(id, name)
    assert read_back(net) == as_text(net)


def test_ids_that_would_become_one_stay_apart() -> None:
    assert graphs._distinct(["\x85", "\ufffe", "a"]) == {"\x85": "\ufffd", "\ufffe": "\ufffd\ufffd", "a": "a"}
    assert read_back(hostile()) == as_text(hostile())


# DOT

QUOTED = r'"(?:[^"\\]|\\.)*"'
ATTRIBUTES = rf"\[[a-z]+=(?:{QUOTED}|\w+)(?:, [a-z]+=(?:{QUOTED}|\w+))*\]"
DOT_LINES = (
    r"digraph vpcsim \{",
    rf"subgraph {QUOTED} \{{",
    r"\}",
    rf"(?:graph|node|edge) {ATTRIBUTES};",
    rf"{QUOTED} {ATTRIBUTES};",
    rf"{QUOTED} -> {QUOTED} {ATTRIBUTES};",
)


def kinds_of_lines(text: str, patterns: tuple[str, ...]) -> list[int]:
    """For each line the number of the pattern that it is an instance of. Every line is one of exactly one pattern."""
    assert text.endswith("\n")
    found = [
        [n for n, pattern in enumerate(patterns) if re.fullmatch(pattern, line.strip(" "))] for line in text[:-1].split("\n")
    ]
    assert all(len(numbers) == 1 for numbers in found), text
    return [numbers[0] for numbers in found]


@given(names, names)
@settings(max_examples=60, deadline=None)
def test_no_name_changes_the_form_of_a_dot_file(id: str, name: str) -> None:
    harmless = kinds_of_lines(graphs.dot(named("x", "x")), DOT_LINES)
    assert sorted(kinds_of_lines(graphs.dot(named(id, name)), DOT_LINES)) == sorted(harmless)


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ('say "no"', r'"say \"no\""'),
        ("ends with \\", r'"ends with \\"'),
        ('\\"', r'"\\\""'),
        ("a\nb", r'"a\nb"'),
        ("\x00", '"␀"'),
        ("end", '"end"'),
        ("", '""'),
    ],
)
def test_quoted_strings_of_dot(text: str, quoted: str) -> None:
    assert graphs._quoted(text) == quoted


def test_dot_nests_subnets_in_vpcs() -> None:
    outer: list[str] = []
    found: dict[str, str] = {}
    for line in graphs.dot(network()).splitlines():
        if cluster := re.fullmatch(r'\s*subgraph "cluster_(.*)" \{', line):
            found[cluster[1]] = "/".join([*outer, cluster[1]])
            outer.append(cluster[1])
        elif line.strip() == "}" and outer:
            outer.pop()
        elif node := re.match(r'\s+"([^"]*)" \[shape=(?!point)', line):
            found[node[1]] = "/".join([*outer, node[1]])
    assert found["app"] == "net/inside/app"
    assert found["nat"] == "net/outside/nat"
    assert found["public"] == "net/public"
    assert found["empty"] == "lone/empty"
    assert found["igw"] == "igw"


def test_edges_of_clusters_end_at_their_border() -> None:
    lines = graphs.dot(network()).splitlines()
    assert '  "net" -> "igw" [label="attached to", ltail="cluster_net"];' in lines
    assert '  "inside" -> "private" [label="routed by", ltail="cluster_inside"];' in lines
    assert '  "nat" -> "outside" [label="leaves by"];' in lines, "an edge from inside has no border to meet"


needs_graphviz = pytest.mark.skipif(not shutil.which("dot"), reason="Graphviz's `dot` is not installed")


def drawn(net: Network) -> dict[str, Any]:
    """What Graphviz makes of it. It complains on standard error."""
    done = subprocess.run(["dot", "-Tjson0"], input=graphs.dot(net), capture_output=True, text=True, check=True)
    assert done.stderr == ""
    read: dict[str, Any] = json.loads(done.stdout)
    return read


@needs_graphviz
@pytest.mark.parametrize("net", [network, hostile])
def test_graphviz_draws_every_node_and_edge(net: Callable[[], Network]) -> None:
    graph = net().graph()
    picture = drawn(net())
    clusters = [item for item in picture["objects"] if item["name"].startswith("cluster_")]
    assert len(clusters) == sum(kind in ("vpc", "subnet") for _, kind in graph.nodes(data="kind"))
    assert len(picture["objects"]) - len(clusters) == graph.number_of_nodes()
    nested = {id for _, id, relation in graph.edges(data="relation") if relation == "contains"}
    assert len(picture["edges"]) == graph.number_of_edges() - len(nested)


@needs_graphviz
def test_graphviz_shows_names_as_they_are() -> None:
    done = subprocess.run(["dot", "-Tsvg"], input=graphs.dot(hostile()), capture_output=True, text=True, check=True)
    from xml.etree import ElementTree

    shown = {
        " ".join((node.text or "").split())
        for node in ElementTree.fromstring(done.stdout).iter("{http://www.w3.org/2000/svg}text")
    }
    for name in ('say "no"', "back\\slash", "\\N \\l \\G", "<script>alert(1)</script>", "&amp; &lt; &", "#35;", "日本語", "␀"):
        assert f"{name} ({name}!)" in shown


# Mermaid

LABEL = r'"(?:[\w ./()-]|#\d+;|<br/>)*"'
MERMAID_LINES = (
    r"flowchart LR",
    rf"subgraph n\d+\[{LABEL}\]",
    r"end",
    rf"n\d+i?(?:\[{LABEL}\]|\(\[{LABEL}\]\)|\{{\{{{LABEL}\}}\}}|\[/{LABEL}/\]|\[\[{LABEL}\]\]|\[\({LABEL}\)\]|\(\({LABEL}\)\))",
    rf"n\d+i? -->\|{LABEL}\| n\d+i?",
    r"classDef [a-z]+ stroke:#[0-9A-F]{6},stroke-width:2px",
    r"class n\d+(?:,n\d+)* [a-z]+",
)


@given(names, names)
@settings(max_examples=60, deadline=None)
def test_no_name_changes_the_form_of_a_mermaid_chart(id: str, name: str) -> None:
    harmless = kinds_of_lines(graphs.mermaid(named("x", "x")), MERMAID_LINES)
    assert sorted(kinds_of_lines(graphs.mermaid(named(id, name)), MERMAID_LINES)) == sorted(harmless)


@pytest.mark.parametrize(
    ("text", "coded"),
    [
        ("app", '"app"'),
        ("com.amazonaws.us-east-1.sqs", '"com.amazonaws.us-east-1.sqs"'),
        ("my_subnet 10.0.0.0/24 (main)", '"my_subnet 10.0.0.0/24 (main)"'),
        ("end", '"end"'),
        ('"', '"#34;"'),
        ("#35;", '"#35;35#59;"'),
        ("<b>", '"#60;b#62;"'),
        ("`x`", '"#96;x#96;"'),
        ("1. one", '"1#46; one"'),
        ("- item", '"#45; item"'),
        ("_it_ **b**", '"#95;it#95; #42;#42;b#42;#42;"'),
        ("www.example.com", '"www#46;example.com"'),
        ("style x:#1;", '"style x#58;#35;1#59;"'),
        ("a\n\n b ", '"a<br/>b"'),
        ("\n", '" "'),
        ("ação 日本語", '"ação 日本語"'),
        ("🙂", '"#128578;"'),
        ("$$x$$", '"#36;#8288;#36;x#36;#8288;#36;"'),
        ("fa:fa-user", '"fa#58;#8288;fa-user"'),
    ],
)
def test_texts_of_mermaid(text: str, coded: str) -> None:
    assert graphs._mermaid_text(text) == coded


def test_the_mermaid_chart_of_a_small_network() -> None:
    net = Network.of(
        topology_of(
            [
                parse(
                    "vpcs: {net: 10.0.0.0/16}\nsubnets: {s: 10.0.0.0/24}\nnat_gateways: {nat: {subnet: s, type: private}}",
                    "n.yaml",
                )
            ]
        )
    )
    lines = [re.sub(r"\bn\d+", "n", line) for line in graphs.mermaid(net).splitlines()]
    assert lines[:2] == ["flowchart LR", '  subgraph n["vpc<br/>net"]']
    subnet = lines.index('    subgraph n["subnet<br/>s"]')
    assert lines[subnet + 1 : lines.index("    end")] == [
        '      ni((" "))',
        '      n[/"nat gateway<br/>nat"/]',
        '      n["network interface<br/>nat/s"]',
    ]
    inside = lines[: lines.index("  end")]
    assert '    n{{"security group<br/>default (net/default-security-group)"}}' in inside
    assert '    n["route table<br/>main (net/main-route-table)"]' in inside
    outside = lines[lines.index("  end") :]
    assert '  n(("internet<br/>the AWS network (aws)"))' in outside
    assert '  n -->|"leaves by"| ni' in outside
    assert "  class n gateway" in outside


def test_no_subgraph_is_empty() -> None:
    assert not re.search(r"subgraph [^\n]*\n\s*end\n", graphs.mermaid(network()))


# all of them


@pytest.mark.parametrize("draw", [graphs.graphml, graphs.dot, graphs.mermaid])
def test_a_kind_that_nobody_gave_a_look_is_drawn(draw: Callable[[Network], str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graphs, "LOOKS", {})
    assert "nat gateway" in draw(network()).replace("_", " ")


@pytest.mark.parametrize("draw", [graphs.graphml, graphs.dot, graphs.mermaid])
def test_the_same_network_gives_the_same_text(draw: Callable[[Network], str]) -> None:
    assert draw(network()) == draw(network())


def test_every_look_is_of_a_kind_that_exists() -> None:
    from vpcsim.shapes import SHAPES

    assert graphs.LOOKS.keys() - {"service"} <= {shape.kind for shape in SHAPES}


@pytest.mark.parametrize(
    ("text", "shown"), [("a\tb\nc", "a\tb\nc"), ("\x00\x07\r\x7f", "␀␇␍␡"), ("\x85\ud800\ufffe", "���"), ("ação 🙂", "ação 🙂")]
)
def test_printable(text: str, shown: str) -> None:
    assert printable(text) == shown
