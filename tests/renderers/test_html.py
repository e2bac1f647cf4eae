"""Fragments for notebooks: what they tell, that they are well-formed, and that no name of the input becomes markup."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vpcsim.network import Network
from vpcsim.reachability import Reachability
from vpcsim.readers import topology_of
from vpcsim.readers.document import parse
from vpcsim.renderers import html
from vpcsim.renderers.printable import printable
from vpcsim.trace import RoundTrip, Trace

TEXT = """
vpcs: {net: {cidr: 10.0.0.0/16, dns_support: true, dns_hostnames: true}}
subnets: {inside: 10.0.0.0/24, outside: 10.0.1.0/24}
internet_gateways: {igw: net}
route_tables:
  public: {subnets: outside, routes: {0.0.0.0/0: igw}}
security_groups: {shut: {egress: []}, open: {ingress: tcp 443 from 0.0.0.0/0}}
instances:
  app: {subnet: inside, ip: 10.0.0.10, security_groups: open}
  web: {subnet: outside, public_address: true, security_groups: open}
  mute: {subnet: inside, security_groups: shut}
  router: {subnet: inside, security_groups: open, source_dest_check: false}
hosts: {many.example.org: [HOSTS]}
""".replace("HOSTS", ", ".join(f"203.0.113.{number}" for number in range(1, 71)))
TAGS = frozenset("div style p table thead tbody tr th td dl dt dd details summary".split())


def network() -> Network:
    return Network.of(topology_of([parse(TEXT, "network.yaml")]))


class Page(HTMLParser):
    """Reads a fragment: every tag is one of `TAGS` and closed where it should be; the text outside of the style stays."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.opened: list[tuple[str, dict[str, str | None]]] = []
        self.cells: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS, tag
        assert {name for name, _ in attrs} <= {"class", "scope"}
        self.open.append(tag)
        self.opened.append((tag, dict(attrs)))
        self.cells.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1] != "style":
            self.cells[-1] += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(data)

    handle_decl = unknown_decl = handle_pi = handle_comment

    def of(self, tag: str, style: str | None = None) -> list[str]:
        """The texts of the elements with this tag and class."""
        pairs = zip(self.opened, self.cells, strict=True)
        return [text.strip() for (name, attrs), text in pairs if name == tag and style in (None, attrs.get("class"))]


def page(answer: Reachability) -> Page:
    return Page(answer._repr_html_())


# a reachability


def test_what_a_blocked_answer_tells() -> None:
    found = page(network().trace("mute", "app"))
    assert found.of("p") == ["mute -> app 443/tcp   BLOCKED at shut"]
    assert ("p", {"class": "verdict blocked"}) in found.opened
    assert found.of("th") == ["", "what", "decision", "written at"]
    told = dict(zip(found.of("dt"), found.of("dd"), strict=True))
    assert told["why"] == "shut: no outbound rule at all"
    assert told["code"] == "SG_HAS_NO_RULES: the SG has no rules in that direction"
    assert told["fix"] == "shut: outbound 443/tcp to 10.0.0.10"
    assert told["not checked"].startswith("IAM")
    assert "BLOCKED  shut: no outbound rule at all" in found.of("td")
    assert len(found.of("tr", "stop")) == 1
    assert "network.yaml:7:19" in found.of("td")


def test_what_a_reachable_answer_tells() -> None:
    answer = network().trace("web", "https://example.com")
    found = page(answer)
    assert ("p", {"class": "verdict reachable"}) in found.opened
    assert found.of("tr", "stop") == []
    cells = found.of("td")
    assert [part for part in cells if part in ("name", "there", "back")] == ["name", "there", "back"]
    numbers = [int(cell) for cell in cells if re.fullmatch(r"\d+", cell)]
    assert numbers == list(range(1, len(numbers) + 1)), "numbered through, there and back"
    assert answer.trip is not None
    assert answer.trip.back is not None
    sentences = [step.sentence for trace in (answer.trip.there, answer.trip.back) for step in answer.told(trace)]
    assert [cell for cell in cells if cell in sentences] == sentences


def test_every_kind_of_fact_is_told() -> None:
    elsewhere = {"vpcs": {"other": "10.9.0.0/16"}, "hosted_zones": {"example.com": {"vpcs": "other"}, "com": {"vpcs": "other"}}}
    terms = page(network().with_changes(elsewhere).trace("web", "https://example.com")).of("dt")
    assert terms == ["why", "note", "note", "assumed", "checked", "not checked"]


def test_a_name_without_an_address_has_no_way() -> None:
    found = page(network().trace("web", "https://nowhere.ec2.internal"))
    assert [part for part in found.of("td") if part in ("name", "there", "back")] == ["name"]
    assert "VPCSIM_NAME" in found.of("dd")[1]


def test_an_undecided_step_is_not_called_blocked() -> None:
    net = network().with_changes({"route_tables": {"public": {"routes": {"192.0.2.0/24": "router"}}}})
    answer = net.trace("web", "192.0.2.7")
    assert answer.verdict == "undecided"
    found = page(answer)
    assert ("p", {"class": "verdict undecided"}) in found.opened
    assert [cell for cell in found.of("td") if cell.startswith("UNDECIDED  router: ")]


# a resolution


def test_what_a_resolution_tells() -> None:
    found = Page(network().resolve("app", "example.com")._repr_html_())
    assert found.of("p") == ["example.com A   NOERROR, asked from app"]
    assert found.of("td")[:5] == ["answer", "example.com", "60", "A", "198.51.100.10"]
    assert found.of("td")[5:] == ["1", "public DNS: recursion answers example.com A: 198.51.100.10"]
    assert dict(zip(found.of("dt"), found.of("dd"), strict=True)) == {"answered by": "public DNS"}


def test_a_negative_answer_shows_its_authority() -> None:
    found = Page(network().resolve("app", "nowhere.ec2.internal")._repr_html_())
    assert "NXDOMAIN" in found.of("p")[0]
    assert found.of("td")[0] == "authority"


# folding


def test_rows_beyond_fifty_are_folded() -> None:
    found = Page(network().resolve("app", "many.example.org")._repr_html_())
    assert found.of("summary") == ["20 more rows"]
    assert found.of("td").count("answer") == 70
    tags = [tag for tag, _ in found.opened]
    assert tags[: tags.index("details")].count("tr") == html.MOST_ROWS + 1


def test_fifty_rows_are_not_folded() -> None:
    assert html._folded("", []) == ""
    assert "<details>" not in html._table(("a",), ["<tr></tr>"] * html.MOST_ROWS)
    assert "<summary>1 more rows" in html._table(("a",), ["<tr></tr>"] * (html.MOST_ROWS + 1))


def test_a_long_way_is_folded() -> None:
    answer = network().trace("web", "app")
    assert answer.trip is not None
    flow, there, back = answer.trip
    longer = Trace.of(there.packet, there.hops * 12, ())
    found = page(replace(answer, trips=(RoundTrip(flow, longer, back),)))
    assert len(found.of("summary")) == 1


# safety


def test_the_fragment_needs_nothing_else() -> None:
    text = network().trace("web", "https://example.com")._repr_html_()
    assert text.startswith('<div class="vpcsim">')
    style = text[text.index("<style>") : text.index("</style>")]
    assert not re.search(r"url\(|@import|https?:|<script|on\w+=", style + text.replace("https://example.com", ""))
    selectors = re.findall(r"^([^{}\n]+)\{", style, re.MULTILINE)
    assert all(part.strip().startswith(".vpcsim") for selector in selectors for part in selector.split(","))


HOSTILE = (
    "<script>alert(1)</script>",
    "</style>",
    "</td></tr>",
    '" onmouseover="x',
    "&lt;",
    "<!--",
    "]]>",
    "a\nb",
    "\x00",
    "{at}",
    "{0}",
)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40) | st.sampled_from(HOSTILE))
@settings(max_examples=60, deadline=None)
def test_no_name_becomes_markup(text: str) -> None:
    name = f"i-{text}"
    net = network().with_changes({"instances": {name: {"subnet": "outside", "security_groups": "open", "name": text}}})
    found = page(net.trace(name, "app"))
    assert found.of("p")[0].startswith(printable(name).strip())
    assert any(cell.startswith(printable(name).strip()) for cell in found.of("td"))


@pytest.mark.parametrize("text", HOSTILE)
def test_no_answer_of_a_resolver_becomes_markup(text: str) -> None:
    resolution = network().resolve("app", "example.com")
    record = resolution.records[0]._replace(name=text, data=text)
    found = Page(html.resolution(resolution._replace(records=(record,), owner=text, assumptions=(text,))))
    assert found.of("td").count(printable(text).strip()) == 2
    assert found.of("dd") == [printable(text)] * 2
