"""All pairs are the ordinary trace, pair by pair; and the checks of scenarios on whole networks."""

from __future__ import annotations

from pathlib import Path

import pytest

import vpcsim
from vpcsim.errors import InputError
from vpcsim.expectations import Status
from vpcsim.matrix import ends, matrix
from vpcsim.scenarios import Result, load, run
from vpcsim.trace import Verdict

ROOT = Path(__file__).parent.parent
MODELS = ("three-tier", "peered-vpcs", "dual-stack", "private-eks", "hub-and-spoke")


@pytest.mark.parametrize("model", MODELS)
def test_every_pair_is_its_own_trace(model: str) -> None:
    net = vpcsim.load(ROOT / "models" / model)
    found = matrix(net, port=443)
    names = ends(net)
    assert len(names) > 1
    assert list(found.answers) == [(a, b) for a in names for b in names if a != b]
    for (source, to), answer in found.answers.items():
        assert answer.verdict is net.trace(source, to, port=443).verdict
    assert sum(len(found.having(verdict)) for verdict in Verdict) == len(found.answers)


def test_gateways_and_endpoints_are_no_ends() -> None:
    assert ends(vpcsim.load(ROOT / "models/three-tier")) == [
        "WebServer", "WebServerB", "AppServer", "AppServerB", "DataServer", "DataServerB",
    ]  # fmt: skip
    assert ends(vpcsim.load(ROOT / "models/private-eks")) == ["AppServer", "myCluster", "myNodes"]


def test_ends_can_be_chosen() -> None:
    net = vpcsim.load(ROOT / "models/three-tier")
    found = matrix(net, ["internet"], ["WebServer", "DataServer"], port=443)
    assert list(found.answers) == [("internet", "WebServer"), ("internet", "DataServer")]


def check(tmp_path: Path, line: str, model: str = "three-tier") -> Result:
    file = tmp_path / "scenario.yaml"
    file.write_text(f"model: {ROOT}/models/{model}\nchecks:\n  - {line}\n")
    (result,) = run(load(str(file)))
    return result


APP = "matrix: {from: [WebServer, DataServer], to: [AppServer, DataServer], port: PORT}"


def test_a_matrix_is_expected_exactly(tmp_path: Path) -> None:
    net = vpcsim.load(ROOT / "models/three-tier")
    pairs = matrix(net, ["WebServer", "DataServer"], ["AppServer", "DataServer"], port=8080).reachable
    assert pairs == ["WebServer -> AppServer"]
    line = f"{APP.replace('PORT', '8080')}, reachable"
    assert check(tmp_path, f"{{{line}: [WebServer  ->  AppServer]}}").passed
    result = check(tmp_path, f"{{{line}: [DataServer -> AppServer]}}")
    assert result.failure == ("expected reachable DataServer -> AppServer; not expected: reachable WebServer -> AppServer")
    assert check(tmp_path, f"{{{line}: []}}").failure == "not expected: reachable WebServer -> AppServer"
    assert check(tmp_path, f"{{{line}: []}}").predicted == "1 of 3 pairs reachable"


FINDINGS = {
    "findings: none": "",
    "findings: unused-security-group": "expected unused-security-group, found none",
    "{findings: unused-security-group, at: []}": "",
    "{findings: {rule: blackhole-route}, at: [x]}": "expected blackhole-route at x",
}


@pytest.mark.parametrize(("line", "failure"), FINDINGS.items(), ids=FINDINGS)
def test_findings_are_expected(tmp_path: Path, line: str, failure: str) -> None:
    assert check(tmp_path, line).failure == failure


SPARE = {
    "findings: none": "not expected: findings: unused-security-group at endpointGroup",
    "{findings: unused-security-group, at: endpointGroup, because: no rule names it}": "",
    "{findings: unused-security-group, because: snow}": "expected a finding to say `snow`",
    "{findings: unused-security-group, at: []}": "not expected: unused-security-group at endpointGroup",
}


@pytest.mark.parametrize(("line", "failure"), SPARE.items(), ids=SPARE)
def test_findings_that_are_there(tmp_path: Path, line: str, failure: str) -> None:
    assert check(tmp_path, line, "problems/04-dns-attributes.yaml").failure == failure


def test_an_unknown_rule_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no rule `unused-group`; did you mean `unused-security-group`"):
        check(tmp_path, "findings: unused-group")


def test_a_pair_that_cannot_be_decided_leaves_the_matrix_undecided(tmp_path: Path) -> None:
    (tmp_path / "network.yaml").write_text(
        "vpcs: {v: 10.0.0.0/16}\nsubnets: {s: 10.0.0.0/24}\ninstances: {app: {subnet: s}}\n"
        "route_tables: {t: {subnets: s, routes: {0.0.0.0/0: lgw-0123456789abcdef0}}}\n"
    )
    file = tmp_path / "scenario.yaml"
    file.write_text("model: network.yaml\nchecks: [{matrix: {to: 203.0.113.9}, reachable: []}]\n")
    (result,) = run(load(str(file)))
    assert (result.status, result.failure) == (Status.UNDECIDED, "undecided: app -> 203.0.113.9")
